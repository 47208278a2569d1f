/*
 * badtrace.c: a trace that is anything but JSON lines: broken objects, other types, NaN and
 * infinity, names that do not exist, deep nesting, a line of megabytes, NUL bytes; then one sound
 * verdict, then more verdicts than any demo has, then a line that is never ended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERDICT "{\"ph\":\"i\",\"cat\":\"verdict\",\"name\":"

static const char *const lines[] = {
    "{",
    "}{",
    "[]",
    "null",
    "\"text\"",
    "{\"ph\":17}",
    "{\"ph\":\"i\",\"cat\":\"verdict\"}",
    VERDICT "\"it-holds\",\"args\":{\"result\":\"pass\",\"measured\":NaN,\"rule\":\"r\"}}",
    VERDICT "\"it-holds\",\"args\":{\"result\":\"pass\",\"measured\":1e999,\"rule\":\"r\"}}",
    VERDICT "\"it-holds\",\"args\":{\"result\":\"perhaps\",\"measured\":1,\"rule\":\"r\"}}",
    VERDICT "\"it-holds\",\"args\":{\"result\":\"fail\",\"measured\":[1],\"rule\":\"r\"}}",
    VERDICT "\"it-holds\",\"args\":[]}",
    VERDICT "[\"it-holds\"],\"args\":{\"result\":\"fail\",\"measured\":1,\"rule\":\"r\"}}",
    VERDICT "\"no-such-claim\",\"args\":{\"result\":\"fail\",\"measured\":1,\"rule\":\"r\"}}",
};

static void put(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        const ssize_t w = write(fd, bytes, n);
        if (w < 0)
            _exit(1);
        bytes += w;
        n -= (size_t)w;
    }
}

static void fill(int fd, char c, size_t n)
{
    char block[4096];

    memset(block, c, sizeof(block));
    for (; n > 0; n -= n < sizeof(block) ? n : sizeof(block))
        put(fd, block, n < sizeof(block) ? n : sizeof(block));
}

int main(void)
{
    const char *trace = getenv("SYSTUTOR_TRACE_FD");
    const int fd = trace ? atoi(trace) : STDOUT_FILENO;

    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        put(fd, lines[i], strlen(lines[i]));
        put(fd, "\n", 1);
    }
    fill(fd, '[', 100000);
    put(fd, "\n", 1);
    fill(fd, 'x', 4 << 20);
    put(fd, "\n", 1);
    fill(fd, '\0', 1000);
    put(fd, "\n", 1);
    put(STDOUT_FILENO, "end of the trace\n", 17);
    dprintf(fd,
            VERDICT "\"it-holds\",\"args\":{\"result\":\"pass\",\"measured\":42,\"unit\":\"us\","
                    "\"rule\":\"the sound one counts\"}}\n");
    for (int i = 0; i < 1000; i++)
        dprintf(fd,
                VERDICT "\"claim-%d\",\"args\":{\"result\":\"fail\",\"measured\":1,"
                        "\"rule\":\"r\"}}\n",
                i);
    put(fd, "{\"ph\":\"i\"", 9);
    return 0;
}
