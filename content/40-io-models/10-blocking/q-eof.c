#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    int p[2];
    char b[8];

    if (pipe2(p, O_NONBLOCK) == -1)
        return 1;
    int twin = dup(p[1]);
    if (write(p[1], "hi", 2) != 2)
        return 1;
    close(p[1]);
    int first = (int)read(p[0], b, sizeof(b));
    int second = (int)read(p[0], b, sizeof(b));
    close(twin);
    int third = (int)read(p[0], b, sizeof(b));
    printf("%d %d %d\n", first, second, third);
}
