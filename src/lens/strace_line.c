/*
 * strace_line.c: one line of strace, taken apart. See strace_line.h.
 *
 * Where the arguments end is found from the left, with an eye on what may hold any bracket: strings
 * in quotes and the paths and pipes that -y writes behind a descriptor, 3</tmp/a>. strace escapes
 * quotes in the former and '<' and '>' in the latter. The time a call took is found from the right.
 */
#include "lens/strace_line.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_SECONDS_DIGITS = 10, NS_DIGITS = 9 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
    return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *skip_blanks(const char *s)
{
    return s + strspn(s, " ");
}

static bool ends_with(struct piece p, const char *words)
{
    const size_t n = strlen(words);

    return p.n >= n && memcmp(p.s + p.n - n, words, n) == 0;
}

static struct piece trimmed(struct piece p)
{
    while (p.n > 0 && (p.s[p.n - 1] == ' ' || p.s[p.n - 1] == ','))
        p.n--;
    return p;
}

/* "1795424446.614668144" as nanoseconds; returns what follows, NULL if it is no such number. */
static const char *read_ns(const char *s, int64_t *ns)
{
    int64_t v = 0;
    int digits = 0;

    for (; is_digit(*s) && digits <= MAX_SECONDS_DIGITS; s++, digits++)
        v = v * 10 + (*s - '0');
    if (digits == 0 || digits > MAX_SECONDS_DIGITS || *s++ != '.')
        return NULL;
    for (digits = 0; is_digit(*s) && digits < NS_DIGITS; s++, digits++)
        v = v * 10 + (*s - '0');
    if (digits != NS_DIGITS || is_digit(*s))
        return NULL;
    *ns = v;
    return s;
}

/* Behind the string whose opening quote is at s. */
static const char *skip_string(const char *s)
{
    for (s++; *s && *s != '"'; s++)
        if (*s == '\\' && s[1])
            s++;
    return *s ? s + 1 : s;
}

/* Behind the "<...>" at s; behind the '<' alone where it is none ("1<<CAP_KILL"). */
static const char *skip_angle(const char *s)
{
    const char *end = s[1] == '<' ? NULL : strchr(s, '>');

    return end ? end + 1 : s + 1 + (s[1] == '<');
}

/* The bracket that closes a call whose arguments begin at s; NULL if there is none. */
static const char *find_close(const char *s)
{
    int depth = 0;

    while (*s) {
        if (*s == '"') {
            s = skip_string(s);
        } else if (*s == '<') {
            s = skip_angle(s);
        } else if (*s == ')' && depth == 0) {
            return s;
        } else {
            depth += (*s == '(') - (*s == ')');
            s++;
        }
    }
    return NULL;
}

/* Cuts " <0.000250123>" off the end of a result. */
static void take_time(struct strace_line *l)
{
    const char *open = memrchr(l->result.s, '<', l->result.n);

    l->took_ns = -1;
    if (!open || !ends_with(l->result, ">"))
        return;
    const char *end = read_ns(open + 1, &l->took_ns);
    if (end == l->result.s + l->result.n - 1)
        l->result = trimmed(piece_of(l->result.s, open));
    else
        l->took_ns = -1;
}

static void take_error(struct strace_line *l)
{
    const char *s = l->result.s;
    const size_t skip = starts_with(s, "-1 E") ? 3 : starts_with(s, "? E") ? 2 : 0;
    size_t n = 0;

    while (skip > 0 && is_name(s[skip + n]))
        n++;
    l->error = (struct piece){s + skip, n};
}

static const char unfinished[] = "<unfinished ...>";

/* A thread that was killed inside a call has the mark within the brackets. */
static struct piece without_mark(struct piece args)
{
    if (ends_with(args, unfinished))
        args.n -= sizeof(unfinished) - 1;
    return trimmed(args);
}

/* From the arguments on: "args) = result <time>" or "args <unfinished ...>". */
static bool read_call(const char *s, struct strace_line *l)
{
    const struct piece all = {s, strlen(s)};

    if (l->kind == STRACE_CALL && ends_with(all, unfinished)) {
        l->kind = STRACE_UNFINISHED;
        l->args = without_mark(all);
        return true;
    }
    const char *close = find_close(s);
    if (!close)
        return false;
    l->args = without_mark(piece_of(s, close));
    const char *equals = skip_blanks(close + 1);
    if (*equals != '=' || equals[1] != ' ')
        return false;
    l->result = trimmed(piece_of(equals + 2, s + all.n));
    take_time(l);
    take_error(l);
    return true;
}

/* "<... read resumed>"; returns what follows, NULL if it is none. */
static const char *read_resumed(const char *s, struct strace_line *l)
{
    static const char open[] = "<... ", close[] = " resumed>";
    const char *name = s + sizeof(open) - 1, *end = name;

    while (is_name(*end))
        end++;
    l->name = piece_of(name, end);
    return l->name.n > 0 && starts_with(end, close) ? end + sizeof(close) - 1 : NULL;
}

/* The words between two marks of three characters: "+++ words +++". */
static bool read_marked(const char *s, const char *mark, struct piece *words)
{
    const size_t n = strlen(s);

    if (n < 9 || memcmp(s + n - 3, mark, 3) != 0)
        return false;
    *words = piece_of(s + 4, s + n - 4);
    return true;
}

static bool read_signal(const char *s, struct strace_line *l)
{
    if (!read_marked(s, "---", &l->args))
        return false;
    const char *brace = memchr(l->args.s, ' ', l->args.n);
    l->kind =
        starts_with(l->args.s, "SIG") && brace && brace[1] == '{' ? STRACE_SIGNAL : STRACE_REMARK;
    if (l->kind == STRACE_REMARK)
        return true;
    const char *end = l->args.s + l->args.n;
    l->name = piece_of(l->args.s, brace);
    l->args = piece_of(brace + 1, end);
    return true;
}

static bool read_exit(const char *s, struct strace_line *l)
{
    static const char exited[] = "exited with ", killed[] = "killed by ";

    if (!read_marked(s, "+++", &l->args))
        return false;
    l->kind = STRACE_REMARK;
    if (starts_with(l->args.s, exited)) {
        l->kind = STRACE_EXITED;
        l->code = (int)(strtol(l->args.s + sizeof(exited) - 1, NULL, 10) & 0xff);
    } else if (starts_with(l->args.s, killed)) {
        const char *name = l->args.s + sizeof(killed) - 1;
        size_t n = 0;
        while (is_name(name[n]))
            n++;
        l->kind = STRACE_KILLED;
        l->name = (struct piece){name, n};
    }
    return true;
}

static bool read_what(const char *s, struct strace_line *l)
{
    const char *end = s;

    if (starts_with(s, "--- "))
        return read_signal(s, l);
    if (starts_with(s, "+++ "))
        return read_exit(s, l);
    if (starts_with(s, "<... ")) {
        l->kind = STRACE_RESUMED;
        const char *rest = read_resumed(s, l);
        return rest && read_call(rest, l);
    }
    while (is_name(*end))
        end++;
    l->kind = STRACE_CALL;
    l->name = piece_of(s, end);
    return l->name.n > 0 && *end == '(' && read_call(end + 1, l);
}

bool strace_line_read(const char *s, struct strace_line *l)
{
    char *end;

    *l = (struct strace_line){.name = {s, 0}, .result = {s, 0}, .error = {s, 0}, .took_ns = -1};
    l->args = l->name;
    if (!is_digit(*s))
        return false;
    l->tid = strtol(s, &end, 10);
    if (*end != ' ')
        return false;
    const char *rest = read_ns(skip_blanks(end), &l->at_ns);
    return rest && *rest == ' ' && read_what(rest + 1, l);
}
