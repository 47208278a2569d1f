/*
 * options.h: the options that every command shares, --help and --version.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "app.h"

struct command;

/* Takes the common options out of argv, wherever they stand before "--". false when the program is
 * to end now (--help, --version, a wrong option) with *status. */
bool options_take(struct app_options *opt, int *argc, char **argv, int *status);

/* The command of this name, NULL if there is none. */
const struct command *options_command(const char *name);

#endif
