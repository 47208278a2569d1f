#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int p[2];
    char c;

    if (pipe2(p, O_NONBLOCK) == -1 || write(p[1], "x", 1) != 1)
        return 1;
    struct pollfd f = {.fd = p[0], .events = POLLIN};
    int ready = poll(&f, 1, -1);
    if (fork() == 0)
        _exit(read(p[0], &c, 1) == 1 ? 0 : 1);
    wait(NULL);
    int n = (int)read(p[0], &c, 1);
    printf("%d %d %d\n", ready, n, n < 0 && errno == EAGAIN);
}
