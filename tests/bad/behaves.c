/*
 * behaves.c: a demo as it should be, with an outcome that its parameters decide, so that tests
 * know what to expect: loaded=0|1 side=heads|tails times=N. It prints a line for each
 * throw and gives the verdict "coin-lands": measured side; fail when the coin is loaded.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *param(int argc, char **argv, const char *name, const char *fallback)
{
    const size_t n = strlen(name);

    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=')
            return argv[i] + n + 1;
    return fallback;
}

static void verdict(const char *side, const char *result)
{
    const char *fd = getenv("SYSTUTOR_TRACE_FD");

    if (!fd)
        return;
    dprintf(
        atoi(fd),
        "{\"ph\":\"i\",\"cat\":\"verdict\",\"name\":\"coin-lands\",\"ts\":1,\"pid\":1,\"tid\":0,"
        "\"args\":{\"result\":\"%s\",\"measured\":\"%s\",\"rule\":\"one side is up\"}}\n",
        result, side);
}

int main(int argc, char **argv)
{
    const char *side = param(argc, argv, "side", "heads");
    const int times = atoi(param(argc, argv, "times", "3"));
    const int loaded = atoi(param(argc, argv, "loaded", "0"));

    for (int i = 1; i <= times; i++)
        printf("throw %d shows %s\n", i, side);
    fflush(stdout);
    verdict(side, loaded ? "fail" : "pass");
    return loaded;
}
