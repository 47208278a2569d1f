/*
 * leaves.c: ends well, but leaves two children behind that hold its output: one in its group, one
 * in a session of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    const char *trace = getenv("SYSTUTOR_TRACE_FD");

    for (int own_session = 0; own_session < 2; own_session++) {
        if (fork() != 0)
            continue;
        if (own_session)
            setsid();
        for (;;)
            pause();
    }
    puts("two are left behind");
    fflush(stdout);
    if (trace)
        dprintf(atoi(trace),
                "{\"ph\":\"i\",\"cat\":\"verdict\",\"name\":\"it-holds\",\"ts\":1,"
                "\"pid\":1,\"tid\":0,\"args\":{\"result\":\"pass\",\"measured\":\"yes\","
                "\"rule\":\"left two\"}}\n");
    return 0;
}
