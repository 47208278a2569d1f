/*
 * options.c: the options that every command shares, --help and --version. See options.h.
 */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "text.h"

#define VERSION "0.1.0"

/* Seconds since 1970, or UTC as 2026-11-23 or 2026-11-23T08:30:00. */
static bool take_now(struct app_options *opt, const char *v)
{
    static const char *const formats[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"};
    char *end;

    errno = 0;
    const long long s = strtoll(v, &end, 10);
    if (v[0] < '0' || v[0] > '9')
        return false; /* both would pass over blanks and signs */
    if (*end == '\0' && !errno && s < 253402300800) {
        opt->now_ms = s * 1000;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        struct tm tm = {0};
        end = strptime(v, formats[i], &tm);
        if (!end || *end)
            continue;
        const int day = tm.tm_mday;
        opt->now_ms = (int64_t)timegm(&tm) * 1000;
        return opt->now_ms >= 0 && tm.tm_mday == day; /* else there is no such day */
    }
    return false;
}

static bool take_seed(struct app_options *opt, const char *v)
{
    char *end;

    errno = 0;
    opt->seed = strtoull(v, &end, 10);
    opt->has_seed = true;
    return v[0] >= '0' && v[0] <= '9' && *end == '\0' && !errno;
}

static bool take_lang(struct app_options *opt, const char *v)
{
    enum lang lang;

    if (!text_lang_parse(v, &lang))
        return false;
    text_set_lang(lang);
    opt->lang_given = true;
    return true;
}

static bool take_content(struct app_options *opt, const char *v)
{
    opt->content = v;
    return v[0] != '\0';
}

static bool take_db(struct app_options *opt, const char *v)
{
    opt->db = v;
    return v[0] != '\0';
}

static const struct value_option {
    const char *name;
    bool (*take)(struct app_options *opt, const char *v);
    const char *wants, *help;
} value_options[] = {
    {"--content", take_content, "DIR", "lessons from another folder"},
    {"--db", take_db, "FILE", "progress file; :memory: keeps nothing"},
    {"--lang", take_lang, "en|zh", "language"},
    {"--seed", take_seed, "N", "order of questions and choices"},
    {"--now", take_now, "TIME", "pretend it is TIME (seconds, or 2026-11-23T08:30:00)"},
};

static void print_help(void)
{
    size_t n;
    const struct command *const *all = cmd_all(&n);

    puts("usage: systutor [LESSON]");
    for (size_t i = 0; i < n; i++) {
        for (const char *at = all[i]->usage; *at;) {
            const size_t len = strcspn(at, "\n");
            printf("       systutor %.*s\n", (int)len, at);
            at += len + (at[len] == '\n');
        }
    }
    puts("\nA tutor and quiz for systems interviews, in the terminal.\n");
    for (size_t i = 0; i < n; i++)
        printf("  %-10s %s\n", all[i]->name, all[i]->summary);
    puts("\nOptions:");
    for (size_t i = 0; i < ARRAY_LEN(value_options); i++)
        printf("  %s %-*s %s\n", value_options[i].name, 18 - (int)strlen(value_options[i].name),
               value_options[i].wants, value_options[i].help);
    puts("  --no-color          no colours (also: NO_COLOR in the environment)\n"
         "  --ascii             draw with ASCII only\n"
         "  --help, --version");
}

static int wrong(const char *option, const char *wants)
{
    fprintf(stderr, "systutor: %s needs %s\n", option, wants);
    return 2;
}

/* Options may be given as "--db FILE" and "--db=FILE". used: how many words it took; 0: no. */
static bool take_value_option(struct app_options *opt, char **argv, int *used, int *status)
{
    for (size_t i = 0; i < ARRAY_LEN(value_options); i++) {
        const struct value_option *o = &value_options[i];
        const size_t n = strlen(o->name);
        if (strncmp(argv[0], o->name, n) != 0 || (argv[0][n] && argv[0][n] != '='))
            continue;
        *used = argv[0][n] == '=' ? 1 : 2;
        const char *v = argv[0][n] == '=' ? argv[0] + n + 1 : argv[1];
        if (v && o->take(opt, v))
            return true;
        *status = wrong(o->name, o->wants);
        return false;
    }
    return true;
}

static bool take_flag(struct app_options *opt, const char *word)
{
    if (strcmp(word, "--no-color") == 0)
        opt->no_color = true;
    else if (strcmp(word, "--ascii") == 0)
        opt->ascii = true;
    else
        return false;
    return true;
}

bool options_take(struct app_options *opt, int *argc, char **argv, int *status)
{
    int kept = 1;
    bool only_words = false;

    *status = 0;
    for (int i = 1; i < *argc; i++) {
        int used = 0;
        if (strcmp(argv[i], "--") == 0) {
            only_words = kept == 1;
            for (i += only_words; i < *argc; i++) /* a command must see it too */
                argv[kept++] = argv[i];
            break;
        }
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help();
            return false;
        }
        if (strcmp(argv[i], "--version") == 0) {
            puts("systutor " VERSION);
            return false;
        }
        if (take_flag(opt, argv[i]))
            continue;
        if (!take_value_option(opt, argv + i, &used, status))
            return false;
        if (used == 0)
            argv[kept++] = argv[i];
        i += used > 0 ? used - 1 : 0;
    }
    argv[kept] = NULL;
    *argc = kept;
    if (kept > 1 && argv[1][0] == '-' && !only_words) {
        fprintf(stderr, "systutor: unknown option %s\nTry `systutor --help`.\n", argv[1]);
        *status = 2;
        return false;
    }
    return true;
}

const struct command *options_command(const char *name)
{
    size_t n;
    const struct command *const *all = cmd_all(&n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}
