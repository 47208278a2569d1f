/* Edge-triggered; two writes before the first wait. */
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    struct epoll_event out[8], in = {.events = EPOLLIN | EPOLLET};
    int s[2], ep = epoll_create1(0), a, b;

    if (ep < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0)
        return 1;
    if (epoll_ctl(ep, EPOLL_CTL_ADD, s[0], &in) < 0)
        return 1;
    if (write(s[1], "a", 1) != 1 || write(s[1], "b", 1) != 1)
        return 1;
    a = epoll_wait(ep, out, 8, 100);
    b = epoll_wait(ep, out, 8, 100);
    printf("%d %d\n", a, b);
    return 0;
}
