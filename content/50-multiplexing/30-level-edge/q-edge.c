/* Edge-triggered; after the first event one byte of two is read. */
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    struct epoll_event out, in = {.events = EPOLLIN | EPOLLET};
    int s[2], ep = epoll_create1(0), a, b, c;
    char byte;

    if (ep < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0)
        return 1;
    if (epoll_ctl(ep, EPOLL_CTL_ADD, s[0], &in) < 0)
        return 1;
    if (write(s[1], "ab", 2) != 2)
        return 1;
    a = epoll_wait(ep, &out, 1, 100);
    if (read(s[0], &byte, 1) != 1)
        return 1;
    b = epoll_wait(ep, &out, 1, 100);
    if (write(s[1], "c", 1) != 1)
        return 1;
    c = epoll_wait(ep, &out, 1, 100);
    printf("%d %d %d\n", a, b, c);
    return 0;
}
