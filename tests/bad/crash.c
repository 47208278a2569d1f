/* crash.c: dies of SIGSEGV after its first line. */
#include <signal.h>
#include <stdio.h>

int main(void)
{
    puts("about to crash");
    fflush(stdout);
    return raise(SIGSEGV);
}
