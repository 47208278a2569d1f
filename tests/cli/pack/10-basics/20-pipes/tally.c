/*
 * tally.c: writes n bytes into a pipe, at once or one by one, reads them back and compares.
 *
 * Proves fifo: pipe(7), DESCRIPTION.
 */
#include <string.h>
#include <unistd.h>

#include "demo.h"

static const char *const ways[] = {"once", "each", NULL};
static const struct demo_param params[] = {
    {"n", "bytes to write", 1, 64, 4, NULL},
    {"way", "in one call, or a call for each byte", 0, 0, 1, ways},
    {"quiet", "print nothing", 0, 1, 0, NULL},
    {NULL, NULL, 0, 0, 0, NULL},
};

int main(int argc, char **argv)
{
    char out[64], in[64] = "";
    int p[2];

    demo_start(argc, argv, "writes n bytes into a pipe and reads them back", params);
    const size_t n = (size_t)demo_int("n");
    const size_t step = strcmp(demo_choice("way"), "once") == 0 ? n : 1;
    CHECK_SYS(pipe(p));
    for (size_t i = 0; i < n; i++)
        out[i] = (char)('a' + i % 26);
    for (size_t i = 0; i < n; i += step)
        CHECK_SYS(write(p[1], out + i, step));
    const long got = CHECK_SYS(read(p[0], in, sizeof(in)));
    if (!demo_int("quiet"))
        demo_say("wrote %zu, read %ld", n, got);
    const bool same = got == (long)n && memcmp(in, out, n) == 0;
    demo_verdict("fifo", same ? DEMO_PASS : DEMO_FAIL, (double)got, "bytes",
                 "what is read is what was written");
    return demo_finish();
}
