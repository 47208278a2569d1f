/*
 * report_fd.c: compiled into a demo with the sanitizer that looks at it: what the sanitizer finds
 * goes to the descriptor REPORT_FD, apart from what the demo prints.
 */
#include <unistd.h>

void __sanitizer_set_report_fd(void *fd); /* of the sanitizer's library */

__attribute__((constructor)) static void report_apart(void)
{
    static const char started[] = "@started\n";

    __sanitizer_set_report_fd((void *)(long)REPORT_FD);
    if (write(REPORT_FD, started, sizeof(started) - 1) < 0)
        _exit(125);
}
