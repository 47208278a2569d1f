/*
 * cmd.h: the subcommands. One file and one line of commands.def each.
 *
 * Data goes to stdout, words to stderr. Exit status: 0 done, 1 failed or not passed, 2 wrong
 * usage. Options that all commands share are taken out of argv by main.
 */
#ifndef CMD_H
#define CMD_H

#include <stdbool.h>

#include "app.h"

/* What main prepares before it calls run. */
enum {
    CMD_CONTENT = 1,    /* app->content, index up to date */
    CMD_STORE = 2,      /* app->store, made if missing; failing is the end: exit 1 */
    CMD_STORE_READ = 4, /* app->store of what is there; an empty one in memory if nothing is */
    CMD_PROCS = 8,      /* app->loop and app->procs; SIGINT and SIGTERM end the loop */
};

struct command {
    const char *name;
    const char *usage;   /* the lines of --help and of the man page's SYNOPSIS, without
                            "systutor "; several are separated by newlines */
    const char *summary; /* one line of English */
    unsigned needs;
    int (*run)(struct app *app, int argc, char **argv); /* argv[0] is the command's name */
};

#define COMMAND(name) extern const struct command name##_command;
#include "commands.def"
#undef COMMAND

/* All commands, in the order of --help. */
const struct command *const *cmd_all(size_t *n);

/* Prints "systutor COMMAND: words" and the usage on stderr; returns 2. */
int cmd_usage(const struct command *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Prints "systutor: words" on stderr; returns 1. */
int cmd_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The word of the list (n of them) that is nearest to word by edit distance, NULL if none is near
 * enough to be meant (distance at most length / 3, or 1). */
const char *cmd_nearest(const char *word, const char *const *list, size_t n);

#endif
