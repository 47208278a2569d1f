/* One read end, added twice, then its dup added. */
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

int main(void)
{
    struct epoll_event out[8], in = {.events = EPOLLIN};
    int p[2], ep = epoll_create1(0), a, b, c;

    if (ep < 0 || pipe(p) < 0)
        return 1;
    a = epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &in);
    b = epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &in);
    c = epoll_ctl(ep, EPOLL_CTL_ADD, dup(p[0]), &in);
    if (write(p[1], "x", 1) != 1)
        return 1;
    printf("%d %d %d\n", a, b, c);
    printf("%d\n", epoll_wait(ep, out, 8, 0));
    return 0;
}
