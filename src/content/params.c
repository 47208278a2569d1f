/*
 * params.c: parameters of a demo, from text and back: "n=16 mode=et". See content.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "content/content.h"
#include "content/findings.h"

static bool bad_choice(const struct param *p, const char *text, struct err *e)
{
    struct buf all = {0};

    for (size_t i = 0; i < p->n_choices; i++)
        buf_printf(&all, "%s%s", i > 0 ? ", " : "", p->choices[i]);
    char clean[SHOWN_MAX];
    err_set(e, "%s: needs one of %s, not \"%s\"", p->name, buf_text(&all), shown(clean, text));
    buf_release(&all);
    return false;
}

static bool parse_choice(const struct param *p, const char *text, long *value, struct err *e)
{
    for (size_t i = 0; i < p->n_choices; i++)
        if (strcmp(text, p->choices[i]) == 0) {
            *value = (long)i;
            return true;
        }
    return bad_choice(p, text, e);
}

static bool parse_whole(const char *text, long *value)
{
    char *end;

    errno = 0;
    *value = strtol(text, &end, 10);
    /* strtol passes over blanks, which no one means. */
    return *text && text[strspn(text, "+-0123456789")] == '\0' && *end == '\0' && errno == 0;
}

bool param_parse(const struct param *p, const char *text, long *value, struct err *e)
{
    long v;

    if (p->kind == PARAM_CHOICE)
        return parse_choice(p, text, value, e);
    if (parse_whole(text, &v) && v >= p->min && v <= p->max) {
        *value = v;
        return true;
    }
    char clean[SHOWN_MAX];
    return err_set(e, "%s: needs a whole number from %ld to %ld, not \"%s\"", p->name, p->min,
                   p->max, shown(clean, text));
}

const char *param_format(const struct param *p, long value, char *out, size_t size)
{
    if (p->kind != PARAM_CHOICE)
        snprintf(out, size, "%ld", value);
    else if (value >= 0 && (size_t)value < p->n_choices)
        snprintf(out, size, "%s", p->choices[value]);
    else
        BUG("parameter %s has no choice %ld", p->name, value);
    return out;
}

void demo_args_default(const struct demo *d, long *v)
{
    for (size_t i = 0; i < d->n_params; i++)
        v[i] = d->params[i].def;
}

static bool unknown_param(const struct demo *d, const char *name, struct err *e)
{
    const char *names[CONTENT_MAX_PARAMS];
    struct buf all = {0};
    char clean[SHOWN_MAX];

    for (size_t i = 0; i < d->n_params; i++) {
        names[i] = d->params[i].name;
        buf_printf(&all, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    const char *near = nearest_word(name, names, d->n_params);
    if (near)
        err_set(e, "%s: no parameter \"%s\", did you mean \"%s\"", d->name, shown(clean, name),
                near);
    else
        err_set(e, "%s: no parameter \"%s\", it has %s", d->name, shown(clean, name),
                d->n_params > 0 ? buf_text(&all) : "none");
    buf_release(&all);
    return false;
}

/* One "k=v", cut at the '='. set marks the parameters given so far. */
static bool parse_pair(const struct demo *d, char *pair, long *v, bool *set, struct err *e)
{
    char *equals = strchr(pair, '=');

    if (!equals) {
        char clean[SHOWN_MAX];
        return err_set(e, "%s: \"%s\" needs the form name=value", d->name, shown(clean, pair));
    }
    *equals = '\0';
    for (size_t i = 0; i < d->n_params; i++) {
        if (strcmp(d->params[i].name, pair) != 0)
            continue;
        if (set[i])
            return err_set(e, "%s: %s is given twice", d->name, pair);
        set[i] = true;
        return param_parse(&d->params[i], equals + 1, &v[i], e);
    }
    return unknown_param(d, pair, e);
}

bool demo_args_parse(const struct demo *d, const char *args, long *v, struct err *e)
{
    long values[CONTENT_MAX_PARAMS];
    bool set[CONTENT_MAX_PARAMS] = {false};
    char *copy = xstrdup(args), *rest = copy;
    bool ok = true;

    memcpy(values, v, d->n_params * sizeof(*v));
    for (char *pair; ok && (pair = strsep(&rest, " \t\n"));)
        ok = *pair == '\0' || parse_pair(d, pair, values, set, e);
    if (ok)
        memcpy(v, values, d->n_params * sizeof(*v));
    free(copy);
    return ok;
}

bool demo_args_equal(const struct demo *d, const long *a, const long *b)
{
    return memcmp(a, b, d->n_params * sizeof(*a)) == 0;
}

/* ---- moments ---- */

bool moment_parse(const char *words, struct moment *m, struct err *e)
{
    const size_t n = strcspn(words, " \t"), name = strcspn(words, ": \t");
    const size_t sound = strspn(words, "abcdefghijklmnopqrstuvwxyz0123456789_-");

    if (name == 0 || name > CONTENT_MAX_SLUG || sound < name)
        return err_set(e,
                       "needs the name of a note after the demo: at most %d of a-z, 0-9, _ and -",
                       (int)CONTENT_MAX_SLUG);
    memcpy(m->mark, words, name);
    m->mark[name] = '\0';
    m->nth = 1;
    if (name < n) {
        char *end;
        const unsigned long nth = strtoul(words + name + 1, &end, 10);
        if (end != words + n || words[name + 1] < '1' || words[name + 1] > '9' || nth > 1000000)
            return err_set(e, "%s: needs a number from 1 after the colon", m->mark);
        m->nth = nth;
    }
    m->args = words + n + strspn(words + n, " \t");
    return true;
}
