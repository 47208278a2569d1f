/* The byte 'A' (65) is sent; poll reports it; then it is read. */
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    struct pollfd word = {.events = POLLIN};
    char desk = 0;
    int s[2], ready;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0)
        return 1;
    word.fd = s[0];
    if (write(s[1], "A", 1) != 1)
        return 1;
    ready = poll(&word, 1, -1);
    printf("%d %d", ready, desk);
    if (read(s[0], &desk, 1) != 1)
        return 1;
    printf(" %d\n", desk);
    return 0;
}
