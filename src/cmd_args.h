/*
 * cmd_args.h: the options of one subcommand, taken out of its arguments by a table.
 *
 * "--name", "--name VALUE", "--name=VALUE", "-l", "-l VALUE" and "-lVALUE", anywhere before "--".
 * What is left are the words, in order. Values are borrowed from argv.
 */
#ifndef CMD_ARGS_H
#define CMD_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd.h"

struct cmd_option {
    const char *name;   /* "--json" or "-n" */
    bool *flag;         /* set to true when it is given; NULL for an option with a value */
    const char **value; /* the last one given */
};

/* *argc and argv keep the words, argv[0] included. false after having said what is wrong: the
 * command's status is 2 then. */
bool cmd_options(const struct command *c, int *argc, char **argv, const struct cmd_option *options,
                 size_t n);

/* A whole number, min to max. */
bool cmd_number(const char *text, long min, long max, long *value);

/* Says that no `what` ("lesson", "demo") is called word, and which of the n names is the nearest;
 * returns 2. */
int cmd_unknown(const struct command *c, const char *what, const char *word,
                const char *const *names, size_t n);

#endif
