/*
 * ends.c: ends as its parameter how= says: "fail" gives a verdict that failed, "unsure" one that
 * is inconclusive, "none" gives none, "three" exits 3 after a verdict that passed, "late" passes
 * after more output than one screen holds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void verdict(const char *result)
{
    const char *trace = getenv("SYSTUTOR_TRACE_FD");

    if (trace)
        dprintf(atoi(trace),
                "{\"ph\":\"i\",\"cat\":\"verdict\",\"name\":\"it-holds\",\"ts\":1,"
                "\"pid\":1,\"tid\":0,\"args\":{\"result\":\"%s\",\"measured\":\"once\","
                "\"rule\":\"as it was told\"}}\n",
                result);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 && strncmp(argv[1], "how=", 4) == 0 ? argv[1] + 4 : "";

    printf("to end: %s\n", how);
    fflush(stdout);
    if (strcmp(how, "fail") == 0) {
        verdict("fail");
        return 1;
    }
    if (strcmp(how, "unsure") == 0)
        verdict("inconclusive");
    if (strcmp(how, "three") == 0) {
        verdict("pass");
        return 3;
    }
    if (strcmp(how, "late") == 0) {
        for (int i = 0; i < 100; i++)
            printf("line %d of a long output\n", i);
        fflush(stdout);
        verdict("pass");
    }
    return 0;
}
