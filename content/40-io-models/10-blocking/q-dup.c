#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int nonblocking(int fd)
{
    return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
}

int main(void)
{
    int p[2];

    if (pipe(p) == -1)
        return 1;
    int twin = dup(p[0]);
    fcntl(twin, F_SETFL, O_NONBLOCK);
    close(twin);
    printf("%d %d\n", nonblocking(p[0]), nonblocking(p[1]));
}
