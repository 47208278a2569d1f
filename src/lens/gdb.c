/*
 * gdb.c: the lens on stacks: the demo under gdb, which shows the stacks of all threads when the
 * demo crashes, and when it is held at its time limit or at the learner's stop. What gdb is to do
 * is in data/lens/stacks.gdb. See lens.h.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lens/impl.h"
#include "proc.h"

struct gdb {
    bool stopped; /* it has been, once at least */
    long thread;  /* whose signal it was */
    size_t head;  /* the line about the signal */
    long current; /* the thread whose stack is shown, 0: none */
    size_t current_head;
};

/* ---- how it is started ---- */

static char *missing(void)
{
    return lens_tool_missing("gdb", "gdb", true);
}

static void plan(struct lens_plan *p, const struct paths *paths)
{
    /* In English, and without asking a server for what is not installed. */
    static const char *const env[] = {"LC_ALL=C", "DEBUGINFOD_URLS=", NULL};

    p->held[0] = proc_find("gdb");
    p->held[1] = path_join(paths->data, "lens/stacks.gdb");
    argv_add(&p->tool, p->held[0]);
    argv_add(&p->tool, "-nx");
    argv_add(&p->tool, "-q");
    argv_add(&p->tool, "-batch");
    argv_add(&p->tool, "-x");
    argv_add(&p->tool, p->held[1]);
    argv_add(&p->tool, "--args");
    p->env = env;
    p->report = true;
    p->last_signal = SIGSTOP;
    p->last_words_ms = LENS_LAST_WORDS_MS;
}

/* ---- what it says ---- */

/* "Thread 1 "name" received signal SIGSEGV, ...", or "Program received ..." of a single thread. */
static bool take_signal(struct lens_reader *r, const char *s)
{
    static const char received[] = " received signal ";
    struct gdb *st = r->state;
    const char *at = strstr(s, received);

    if (!at || !(starts_with(s, "Thread ") || starts_with(s, "Program ")))
        return false;
    const char *name = at + sizeof(received) - 1;
    const int n = (int)strcspn(name, ", ");
    const bool held = strncmp(name, "SIGSTOP", (size_t)n) == 0;
    char *word = xstrndup(name, (size_t)n);
    st->stopped = true;
    st->thread = starts_with(s, "Thread ") ? strtol(s + 7, NULL, 10) : 1;
    st->current = 0;
    if (held)
        st->head = lens_add(r, 0, "%s", text(TXT_LENS_HELD));
    else
        st->head = lens_add(r, 0, text(TXT_LENS_SIGNAL), word);
    free(word);
    return true;
}

/* "Thread 2 (Thread 0x7ffff7dcf6c0 (LWP 21119) "name"):" */
static bool take_thread(struct lens_reader *r, const char *s)
{
    struct gdb *st = r->state;
    const char *lwp = strstr(s, "(LWP ");
    const char *quote = lwp ? strchr(lwp, '"') : NULL;
    char *end;

    if (!starts_with(s, "Thread ") || !strstr(s, "):"))
        return false;
    const long number = strtol(s + 7, &end, 10);
    if (number <= 0 || !starts_with(end, " ("))
        return false;
    const size_t n = quote ? strcspn(quote + 1, "\"") : 0;
    st->current = number;
    st->current_head =
        lens_add(r, 0, "thread %ld%s%.*s%s, LWP %ld", number, n ? " \"" : "", (int)n,
                 n ? quote + 1 : "", n ? "\"" : "", lwp ? strtol(lwp + 5, NULL, 10) : 0);
    return true;
}

/* At the quote that ends what the quote at s begins, or at the end of all. */
static const char *skip_quoted(const char *s)
{
    const char quote = *s++;

    while (*s && *s != quote)
        s += 1 + (*s == '\\' && s[1]);
    return s;
}

/* The bracket that closes the arguments that begin at s: strings and characters may hold others. */
static const char *find_close(const char *s)
{
    int depth = 0;

    for (; *s; s++) {
        if (*s == '"' || *s == '\'')
            s = skip_quoted(s);
        if (!*s)
            return NULL;
        depth += (*s == '(') - (*s == ')');
        if (depth < 0)
            return s;
    }
    return NULL;
}

/* "#4  two (arg=0x1) at dir/blocked.c:8", "#0  raise () from /lib/libc.so.6". */
static bool read_frame(const char *s, struct frame *f)
{
    char *end;

    if (*s++ != '#')
        return false;
    *f = (struct frame){.number = (int)strtol(s, &end, 10)};
    if (end == s || *end != ' ')
        return false;
    s = end + strspn(end, " ");
    const char *open = strstr(s, " (");
    const char *close = open ? find_close(open + 2) : NULL;
    f->function = (struct piece){s, open ? (size_t)(open - s) : strlen(s)};
    f->args = f->file = f->module = (struct piece){s, 0};
    if (!close)
        return true;
    f->args = piece_of(open + 1, close + 1);
    if (starts_with(close, ") at "))
        lens_read_place((struct piece){close + 5, strlen(close + 5)}, &f->file, &f->line);
    else if (starts_with(close, ") from "))
        f->module = (struct piece){close + 7, strlen(close + 7)};
    return true;
}

static void take_frame(struct lens_reader *r, const struct frame *f)
{
    const struct gdb *st = r->state;
    const int number = lens_add_frame(r, f);

    lens_link(r, st->current_head, number);
    if (st->current == st->thread)
        lens_link(r, st->head, number);
}

static void line(struct lens_reader *r, const char *words)
{
    struct gdb *st = r->state;
    struct frame f;

    if (starts_with(words, "@exited ") || starts_with(words, "@signal "))
        r->end = (struct lens_end){
            .known = true, .signaled = words[1] == 's', .code = (int)strtol(words + 8, NULL, 10)};
    else if (!take_signal(r, words) && !take_thread(r, words) && st->current > 0 &&
             read_frame(words, &f))
        take_frame(r, &f);
}

static void finish(struct lens_reader *r, int64_t elapsed_ms)
{
    const struct gdb *st = r->state;

    (void)elapsed_ms;
    if (!st->stopped)
        lens_add(r, 0, "%s", text(TXT_LENS_NO_STACK));
}

const struct lens_ops lens_gdb = {
    .name = "gdb",
    .title = TXT_LENS_GDB,
    .missing = missing,
    .plan = plan,
    .state_size = sizeof(struct gdb),
    .line = line,
    .finish = finish,
};
