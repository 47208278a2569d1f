/*
 * cmd.c: the table of subcommands, and how they all complain. See cmd.h.
 */
#include "cmd.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "content/findings.h"
#include "utf8.h"

static const struct command *const commands[] = {
#define COMMAND(name) &name##_command,
#include "commands.def"
#undef COMMAND
};

const struct command *const *cmd_all(size_t *n)
{
    *n = ARRAY_LEN(commands);
    return commands;
}

/* The words may quote what was typed: the terminal gets them harmless. */
static __attribute__((format(printf, 1, 0))) void say(const char *fmt, va_list ap)
{
    struct buf clean = {0};
    char *words;

    if (vasprintf(&words, fmt, ap) < 0)
        die("out of memory");
    utf8_clean(&clean, words, strlen(words), true);
    fprintf(stderr, "%s\n", buf_text(&clean));
    buf_release(&clean);
    free(words);
}

int cmd_fail(const char *fmt, ...)
{
    va_list ap;

    fputs("systutor: ", stderr);
    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
    return 1;
}

static void print_usage(const struct command *c)
{
    const char *start = "usage: ";

    for (const char *at = c->usage; *at;) {
        const size_t n = strcspn(at, "\n");
        fprintf(stderr, "%ssystutor %.*s\n", start, (int)n, at);
        start = "       ";
        at += n + (at[n] == '\n');
    }
}

int cmd_usage(const struct command *c, const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "systutor %s: ", c->name);
    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
    print_usage(c);
    return 2;
}

const char *cmd_nearest(const char *word, const char *const *list, size_t n)
{
    return nearest_word(word, list, n);
}
