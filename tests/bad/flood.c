/* flood.c: writes lines as fast as it can, for ever, to its output and to its trace. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    static char lines[1 << 16];
    const char *fd = getenv("SYSTUTOR_TRACE_FD");

    memset(lines, 'y', sizeof(lines));
    for (size_t i = 39; i < sizeof(lines); i += 40)
        lines[i] = '\n';
    for (;;) {
        if (write(STDOUT_FILENO, lines, sizeof(lines)) < 0)
            return 1;
        if (fd && write(atoi(fd), lines, 4000) < 0)
            return 1;
    }
}
