#include <stdio.h>
#include <unistd.h>

int main(void)
{
    char got[3] = "";
    int p[2];

    if (pipe(p) < 0 || write(p[1], "a", 1) != 1)
        return 1;
    if (write(p[1], "b", 1) != 1)
        return 1;
    const ssize_t n = read(p[0], got, 2);
    printf("%s\n%zd\n", got, n);
    return 0;
}
