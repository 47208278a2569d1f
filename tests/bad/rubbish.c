/*
 * rubbish.c: prints what would garble a terminal: every byte there is, control sequences of each
 * family, 8-bit controls, and all that again in its trace, where a sound verdict closes it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const sequences[] = {
    "\033]2;owned title\007",    /* sets the window's title */
    "\033[5;31;45mEVIL\033[m",   /* attributes */
    "\033[2J\033[H",             /* clears the screen */
    "\033[?1049l\033[?25h",      /* leaves the alternate screen, shows the cursor */
    "\033[?1000l\033[?1003h",    /* mouse modes */
    "\033[3;5r\033[10;10HHERE",  /* scroll region, cursor address */
    "\033P+q544e\033\\",         /* a device control string */
    "\033(0lqqk\033(B\016x\017", /* other character sets */
    "\033c",                     /* full reset */
    "\23331mC1\2352;title\234",  /* 8-bit controls */
    "\302\23331mC1\302\2352;utf-8 title\302\234",   /* the same as UTF-8 */
    "over\rwrite\b\b\b\v\f\a",                      /* carriage return, backspace, bell */
    "\342\200\256right to left\342\200\254",        /* bidirectional override */
    "\377\376\300\257\355\240\200\364\220\200\200", /* no UTF-8 */
};

static void verdict(int fd)
{
    dprintf(fd,
            "{\"ph\":\"i\",\"cat\":\"verdict\",\"name\":\"it-holds\",\"ts\":1,\"pid\":1,"
            "\"tid\":0,\"args\":{\"result\":\"pass\",\"measured\":\"\\u001b]2;t\\u0007\\u009b\","
            "\"rule\":\"no \\u001b[5;31;45msequence\"}}\n");
}

int main(void)
{
    const char *trace = getenv("SYSTUTOR_TRACE_FD");
    char all[256];

    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    fwrite(all, 1, sizeof(all), stdout);
    for (size_t i = 0; i < sizeof(sequences) / sizeof(*sequences); i++) {
        fputs(sequences[i], stdout);
        fputs("\n", stdout);
        fputs(sequences[i], stderr);
    }
    puts("\nend of the rubbish");
    fflush(stdout);
    if (trace) {
        for (size_t i = 0; i < sizeof(sequences) / sizeof(*sequences); i++)
            dprintf(atoi(trace), "%s\n", sequences[i]);
        verdict(atoi(trace));
    }
    return 0;
}
