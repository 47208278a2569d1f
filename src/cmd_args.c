/*
 * cmd_args.c: the options of one subcommand. See cmd_args.h.
 */
#include "cmd_args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPTIONS = 8 };

/* Where the value starts in a word that gives this option ("" at its end: the next word is the
 * value); NULL if the word is not this option. */
static const char *match(const struct cmd_option *o, const char *word)
{
    const size_t n = strlen(o->name);
    const bool is_long = o->name[1] == '-';

    if (strncmp(word, o->name, n) != 0)
        return NULL;
    if (word[n] == '\0')
        return word + n;
    if (o->flag)
        return NULL;
    if (is_long)
        return word[n] == '=' ? word + n + 1 : NULL;
    return word + n;
}

static bool is_empty_value(const struct cmd_option *o, const char *word)
{
    return word[strlen(o->name)] == '\0';
}

/* Only long names are near one another: any letter is one step from any other. */
static void unknown_option(const struct command *c, const char *word,
                           const struct cmd_option *options, size_t n)
{
    const char *names[MAX_OPTIONS];
    size_t n_names = 0;

    for (size_t i = 0; i < n && n_names < MAX_OPTIONS; i++)
        if (options[i].name[1] == '-')
            names[n_names++] = options[i].name;
    cmd_unknown(c, "option", word, names, word[1] == '-' ? n_names : 0);
}

/* Takes the option at argv[at]; returns the words it took, 0 after a message. */
static int take(const struct command *c, int argc, char **argv, int at,
                const struct cmd_option *options, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct cmd_option *o = &options[i];
        const char *value = match(o, argv[at]);
        if (!value)
            continue;
        if (o->flag) {
            *o->flag = true;
            return 1;
        }
        if (!is_empty_value(o, argv[at])) {
            *o->value = value;
            return 1;
        }
        if (at + 1 < argc) {
            *o->value = argv[at + 1];
            return 2;
        }
        cmd_usage(c, "%s needs a value", o->name);
        return 0;
    }
    unknown_option(c, argv[at], options, n);
    return 0;
}

bool cmd_options(const struct command *c, int *argc, char **argv, const struct cmd_option *options,
                 size_t n)
{
    int words = 1;
    bool only_words = false;

    for (int i = 1; i < *argc;) {
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
            i++;
        } else if (only_words || argv[i][0] != '-' || argv[i][1] == '\0') {
            argv[words++] = argv[i++];
        } else {
            const int used = take(c, *argc, argv, i, options, n);
            if (used == 0)
                return false;
            i += used;
        }
    }
    *argc = words;
    return true;
}

bool cmd_number(const char *text, long min, long max, long *value)
{
    char *end;

    errno = 0;
    const long v = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || v < min || v > max)
        return false;
    *value = v;
    return true;
}

int cmd_unknown(const struct command *c, const char *what, const char *word,
                const char *const *names, size_t n)
{
    const char *near = cmd_nearest(word, names, n);

    if (near)
        return cmd_usage(c, "no %s is called \"%s\", did you mean \"%s\"", what, word, near);
    return cmd_usage(c, "no %s is called \"%s\"", what, word);
}
