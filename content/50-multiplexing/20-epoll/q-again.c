/* Waits twice before and once after reading; one epoll_ctl. */
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

int main(void)
{
    struct epoll_event out, in = {.events = EPOLLIN};
    int p[2], ep = epoll_create1(0), a, b, c;
    char byte;

    if (ep < 0 || pipe(p) < 0 || write(p[1], "x", 1) != 1)
        return 1;
    if (epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &in) < 0)
        return 1;
    a = epoll_wait(ep, &out, 1, 0);
    b = epoll_wait(ep, &out, 1, 0);
    if (read(p[0], &byte, 1) != 1)
        return 1;
    c = epoll_wait(ep, &out, 1, 0);
    printf("%d %d %d\n", a, b, c);
    return 0;
}
