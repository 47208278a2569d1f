/* One-shot, level-triggered; nothing is ever read. */
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    struct epoll_event out, in = {.events = EPOLLIN | EPOLLONESHOT};
    int s[2], ep = epoll_create1(0), a, b, c, d;

    if (ep < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0)
        return 1;
    if (epoll_ctl(ep, EPOLL_CTL_ADD, s[0], &in) < 0)
        return 1;
    if (write(s[1], "a", 1) != 1)
        return 1;
    a = epoll_wait(ep, &out, 1, 100);
    if (write(s[1], "b", 1) != 1)
        return 1;
    b = epoll_wait(ep, &out, 1, 100);
    epoll_ctl(ep, EPOLL_CTL_MOD, s[0], &in);
    c = epoll_wait(ep, &out, 1, 100);
    d = epoll_wait(ep, &out, 1, 100);
    printf("%d %d %d %d\n", a, b, c, d);
    return 0;
}
