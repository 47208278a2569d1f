/*
 * strace.c: the lens on system calls: `strace -f` as a trace, one lane a thread, and a summary.
 *
 * A call is a span, with its arguments and its result in a note; signals and ends are notes; the
 * counters are "syscalls" and the errors by name. Of what the demo library does for its own trace
 * and output nothing is shown but the output's write. See lens.h.
 *
 * A call that another thread came between stays `held` until all bytes at hand have been read: has
 * it returned by then, its duration says whether it blocked; else it is shown as begun.
 */
#include <stdlib.h>
#include <string.h>

#include "lens/impl.h"
#include "lens/strace_line.h"
#include "lens/syscall.h"
#include "proc.h"

enum {
    MAX_THREADS = 4096,  /* calls of further ones are not shown */
    MAX_NAMES = 500,     /* of system calls */
    MAX_ERRORS = 48,     /* names of errors; the model has 64 counters */
    MAX_ROWS = 24,       /* of the summary */
    MAX_CALL_TEXT = 700, /* bytes of arguments and result */
};

_Static_assert(PROC_REPORT_FD == 250, "as the options have it");

/* ---- how it is started ---- */

static char *missing(void)
{
    return lens_tool_missing("strace", "strace", true);
}

static void plan(struct lens_plan *p, const struct paths *paths)
{
    /* Threads and children; paths and pipes of descriptors; 64 bytes of a string. */
    static const char *const options[] = {"-f",
                                          "-q",
                                          "-y",
                                          "-s64",
                                          "--absolute-timestamps=format:unix,precision:ns",
                                          "--syscall-times=ns",
                                          "-o/dev/fd/250",
                                          "--"};

    (void)paths;
    p->held[0] = proc_find("strace");
    argv_add(&p->tool, p->held[0]);
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        argv_add(&p->tool, options[i]);
    p->report = true;
}

/* ---- what is kept ---- */

enum phase {
    OUTSIDE, /* of a call */
    HELD,    /* inside, and not shown yet */
    SHOWN,   /* inside, its begin is shown */
    HIDDEN,  /* inside, and not to be shown */
};

struct thread {
    long tid;
    enum phase phase;
    bool in_library;          /* between the two calls around a write of the demo library */
    enum syscall_child makes; /* what the call it is inside of makes */
    int64_t begin_ns;
    char *name, *args; /* of the call it is inside of */
};

struct tally {
    char *name;
    size_t calls, errors;
    int64_t ns;
};

struct strace {
    bool started;
    int64_t zero_ns; /* when the demo was executed */
    struct thread *threads;
    size_t n_threads, last; /* last: found last */
    struct tally *calls;    /* by name */
    size_t n_calls;
    struct tally *errors;
    size_t n_errors;
    size_t total, failed, own, unread;
    size_t n_held;
    struct buf out; /* lines of trace */
    bool joined;    /* the demo has used its trace */
    int64_t demo_zero_ns;
    struct buf verdicts; /* lines, until the demo's zero is known */
};

static void release(void *state)
{
    struct strace *st = state;

    for (size_t i = 0; i < st->n_threads; i++) {
        free(st->threads[i].name);
        free(st->threads[i].args);
    }
    for (size_t i = 0; i < st->n_calls; i++)
        free(st->calls[i].name);
    for (size_t i = 0; i < st->n_errors; i++)
        free(st->errors[i].name);
    free(st->threads);
    free(st->calls);
    free(st->errors);
    buf_release(&st->out);
    buf_release(&st->verdicts);
}

/* ---- lines of trace ---- */

/* {"ph":"B","pid":1,"tid":0,"ts":12.345 */
static void begin_event(struct strace *st, char ph, size_t lane, int64_t at_ns)
{
    const long long ns = at_ns > st->zero_ns ? at_ns - st->zero_ns : 0;

    buf_printf(&st->out, "{\"ph\":\"%c\",\"pid\":1,\"tid\":%zu,\"ts\":%lld.%03d", ph, lane,
               ns / 1000, (int)(ns % 1000));
}

static void add_name(struct strace *st, struct piece name)
{
    buf_puts(&st->out, ",\"name\":");
    lens_json(&st->out, name.s, name.n, 80);
}

static void show_note(struct strace *st, size_t lane, int64_t at_ns, struct piece name,
                      struct piece words)
{
    begin_event(st, 'i', lane, at_ns);
    add_name(st, name);
    buf_puts(&st->out, ",\"s\":\"t\",\"args\":{\"text\":");
    lens_json(&st->out, words.s, words.n, MAX_CALL_TEXT);
    buf_puts(&st->out, "}}\n");
}

static void show_count(struct strace *st, int64_t at_ns, const char *name, size_t value)
{
    begin_event(st, 'C', 0, at_ns);
    add_name(st, (struct piece){name, strlen(name)});
    buf_printf(&st->out, ",\"args\":{\"value\":%zu}}\n", value);
}

static void name_lane(struct strace *st, size_t lane, const char *name)
{
    buf_printf(&st->out,
               "{\"ph\":\"M\",\"pid\":1,\"tid\":%zu,\"ts\":0.000,\"name\":\"thread_name\","
               "\"args\":{\"name\":\"%s\"}}\n",
               lane, name);
}

/* ---- threads ---- */

/* Whether one of those that are inside of a call now is making a thread, and not a process. */
static bool is_thread_being_made(const struct strace *st)
{
    for (size_t i = 0; i < st->n_threads; i++)
        if (st->threads[i].phase != OUTSIDE && st->threads[i].makes == SYSCALL_THREAD)
            return true;
    return false;
}

static struct thread *add_thread(struct strace *st, long tid, bool is_thread)
{
    if (st->n_threads >= MAX_THREADS)
        return NULL;
    if (st->n_threads % 64 == 0)
        st->threads = x_resize(st->threads, st->n_threads + 64, sizeof(*st->threads));
    st->last = st->n_threads++;
    st->threads[st->last] = (struct thread){.tid = tid};
    char *name = st->last == 0 ? xstrdup("main")
                               : xasprintf("%s %ld", is_thread ? "thread" : "process", tid);
    name_lane(st, st->last, name);
    free(name);
    return &st->threads[st->last];
}

static struct thread *find_thread(struct strace *st, long tid)
{
    for (size_t i = 0; i < st->n_threads; i++) {
        const size_t at = (st->last + i) % st->n_threads;
        if (st->threads[at].tid != tid)
            continue;
        st->last = at;
        return &st->threads[at];
    }
    return NULL;
}

static size_t lane_of(const struct strace *st, const struct thread *t)
{
    return (size_t)(t - st->threads);
}

/* ---- tallies ---- */

static struct tally *tally_of(struct tally **all, size_t *n, size_t max, struct piece name)
{
    for (size_t i = 0; i < *n; i++)
        if (piece_is(name, (*all)[i].name))
            return &(*all)[i];
    if (*n == max)
        return NULL;
    if (*n % 32 == 0)
        *all = x_resize(*all, *n + 32, sizeof(**all));
    (*all)[*n] = (struct tally){.name = xstrndup(name.s, name.n)};
    return &(*all)[(*n)++];
}

static void count_call(struct strace *st, const struct strace_line *l, struct piece name)
{
    struct tally *call = tally_of(&st->calls, &st->n_calls, MAX_NAMES, name);

    st->total++;
    st->failed += l->error.n > 0;
    if (call) {
        call->calls++;
        call->errors += l->error.n > 0;
        call->ns += l->took_ns > 0 ? l->took_ns : 0;
    }
}

static void show_counts(struct strace *st, const struct strace_line *l, int64_t at_ns)
{
    show_count(st, at_ns, "syscalls", st->total);
    if (l->error.n == 0)
        return;
    struct tally *error = tally_of(&st->errors, &st->n_errors, MAX_ERRORS, l->error);
    if (error)
        show_count(st, at_ns, error->name, ++error->calls);
}

/* ---- what a call is ---- */

/* The demo's clock starts just before it first looks at the descriptor of its trace. */
static void join_clocks(struct strace *st, int64_t at_ns)
{
    if (st->joined)
        return;
    st->joined = true;
    st->demo_zero_ns = at_ns;
}

/* Around each write the demo library holds SIGPIPE back: rt_sigprocmask(SIG_BLOCK, [PIPE]),
 * rt_sigpending, the write, perhaps rt_sigtimedwait, rt_sigprocmask(SIG_SETMASK). */
static bool is_of_library(struct thread *t)
{
    if (strcmp(t->name, "rt_sigprocmask") == 0) {
        const bool was_in = t->in_library;
        t->in_library = starts_with(t->args, "SIG_BLOCK, [PIPE]");
        return t->in_library || (was_in && starts_with(t->args, "SIG_SETMASK"));
    }
    if (!t->in_library)
        return false;
    if (strcmp(t->name, "rt_sigpending") == 0 || strcmp(t->name, "rt_sigtimedwait") == 0)
        return true;
    t->in_library = strcmp(t->name, "write") == 0;
    return false;
}

/* ---- a call, from its begin to its end ---- */

static void show_end(struct strace *st, const struct thread *t, int64_t at_ns)
{
    begin_event(st, 'E', lane_of(st, t), at_ns);
    buf_puts(&st->out, "}\n");
}

static void set_text(char **text, struct piece p)
{
    free(*text);
    *text = xstrndup(p.s, p.n);
}

/* The call it is inside of, if any, will not return. */
static void forget_call(struct strace *st, struct thread *t, int64_t at_ns)
{
    st->n_held -= t->phase == HELD;
    if (t->phase == SHOWN)
        show_end(st, t, at_ns);
    t->phase = OUTSIDE;
}

static void enter(struct lens_reader *r, struct thread *t, const struct strace_line *l)
{
    struct strace *st = r->state;

    forget_call(st, t, l->at_ns);
    set_text(&t->name, l->name);
    set_text(&t->args, l->args);
    t->begin_ns = l->at_ns;
    t->makes = syscall_child(t->name, t->args);
    const bool own = is_of_library(t), on_trace = syscall_is_on_pipe(t->args, r->hidden_pipe);
    if (on_trace)
        join_clocks(st, l->at_ns);
    t->phase = own || on_trace ? HIDDEN : HELD;
    st->n_held += t->phase == HELD;
}

static void show_begin(struct strace *st, const struct thread *t)
{
    begin_event(st, 'B', lane_of(st, t), t->begin_ns);
    add_name(st, (struct piece){t->name, strlen(t->name)});
    buf_printf(&st->out, ",\"cat\":\"%s\"}\n",
               syscall_category(t->name, t->args, SYSCALL_BLOCKED_NS));
}

static void show_whole(struct strace *st, const struct thread *t, int64_t took_ns)
{
    begin_event(st, 'X', lane_of(st, t), t->begin_ns);
    buf_printf(&st->out, ",\"dur\":%lld.%03d", (long long)took_ns / 1000, (int)(took_ns % 1000));
    add_name(st, (struct piece){t->name, strlen(t->name)});
    buf_printf(&st->out, ",\"cat\":\"%s\"}\n", syscall_category(t->name, t->args, took_ns));
}

/* "(3, "abc", 3) = 3"; where begin and end came apart, so do the arguments. */
static void show_text(struct strace *st, const struct thread *t, int64_t at_ns, struct piece rest,
                      struct piece result)
{
    struct buf words = {0};
    const bool parts = t->args[0] && rest.n > 0 && rest.s[0] != ',' && rest.s[0] != ' ';

    buf_printf(&words, "(%s%s", t->args, parts ? ", " : "");
    buf_add(&words, rest.s, rest.n);
    buf_puts(&words, ") = ");
    buf_add(&words, result.s, result.n);
    show_note(st, lane_of(st, t), at_ns, (struct piece){t->name, strlen(t->name)},
              (struct piece){buf_text(&words), words.len});
    buf_release(&words);
}

/* rest: what of the arguments has not come with the begin. end_ns: when it returned. */
static void leave(struct lens_reader *r, struct thread *t, const struct strace_line *l,
                  struct piece rest, int64_t end_ns)
{
    struct strace *st = r->state;
    const enum phase phase = t->phase;

    t->phase = OUTSIDE;
    st->n_held -= phase == HELD;
    if (phase == HIDDEN) {
        st->own++;
        return;
    }
    count_call(st, l, (struct piece){t->name, strlen(t->name)});
    if (phase == HELD) {
        show_whole(st, t, end_ns - t->begin_ns);
        show_text(st, t, t->begin_ns, rest, l->result);
    } else {
        show_text(st, t, end_ns, rest, l->result);
        show_end(st, t, end_ns);
    }
    show_counts(st, l, end_ns);
}

/* What a call that has returned has made. */
static void meet_child(struct strace *st, const struct thread *t, const struct strace_line *l)
{
    const bool is_thread = t->makes == SYSCALL_THREAD;

    if (t->makes == SYSCALL_NO_CHILD || l->error.n > 0 || l->result.n == 0)
        return;
    const long tid = strtol(l->result.s, NULL, 10);
    if (tid > 0 && !find_thread(st, tid))
        add_thread(st, tid, is_thread);
}

static void take_call(struct lens_reader *r, struct thread *t, const struct strace_line *l)
{
    const int64_t took_ns = l->took_ns > 0 ? l->took_ns : 0;
    const struct piece nothing = {l->args.s, 0};

    enter(r, t, l);
    leave(r, t, l, nothing, t->begin_ns + took_ns);
    meet_child(r->state, t, l);
}

/* A call that is resumed without having begun came before the first line, or was cut. */
static void take_resumed(struct lens_reader *r, struct thread *t, const struct strace_line *l)
{
    if (t->phase == OUTSIDE || !piece_is(l->name, t->name))
        return;
    leave(r, t, l, l->args, l->at_ns > t->begin_ns ? l->at_ns : t->begin_ns);
    meet_child(r->state, t, l);
}

/* ---- other lines ---- */

static void take_end(struct lens_reader *r, struct thread *t, const struct strace_line *l)
{
    struct strace *st = r->state;
    const bool killed = l->kind == STRACE_KILLED;
    const int signo = killed ? syscall_signal(l->name) : 0;

    forget_call(st, t, l->at_ns);
    show_note(st, lane_of(st, t), l->at_ns, (struct piece){"end", 3}, l->args);
    if (lane_of(st, t) == 0 && !(killed && signo == 0))
        r->end =
            (struct lens_end){.known = true, .signaled = killed, .code = killed ? signo : l->code};
}

static void take_remark(struct strace *st, const struct thread *t, const struct strace_line *l)
{
    show_note(st, lane_of(st, t), l->at_ns, (struct piece){"strace", 6}, l->args);
}

/* ---- the lens ---- */

static void pass_on(struct lens_reader *r)
{
    struct strace *st = r->state;

    lens_emit(r, &st->out);
    buf_clear(&st->out);
}

/* A verdict comes with the demo's time, and goes on with strace's. */
static void show_verdict(struct strace *st, const char *s, size_t n)
{
    static const char mark[] = "\"ts\":";
    const char *ts = memmem(s, n, mark, sizeof(mark) - 1);
    char *end = NULL;
    const double us = ts ? strtod(ts + sizeof(mark) - 1, &end) : 0;

    if (end && us >= 0 && us < 1e12) {
        const int64_t ns = st->demo_zero_ns - st->zero_ns + (int64_t)(us * 1000);
        buf_add(&st->out, s, (size_t)(ts - s) + sizeof(mark) - 1);
        buf_printf(&st->out, "%lld.%03d", (long long)ns / 1000, (int)(ns % 1000));
        n -= (size_t)(end - s);
        s = end;
    }
    buf_add(&st->out, s, n);
    buf_putc(&st->out, '\n');
}

static void show_verdicts(struct strace *st)
{
    const char *s = buf_text(&st->verdicts);

    for (size_t n; *s; s += n + 1) {
        n = strcspn(s, "\n");
        show_verdict(st, s, n);
    }
    buf_clear(&st->verdicts);
}

static void verdict(struct lens_reader *r, const char *words)
{
    struct strace *st = r->state;

    buf_printf(&st->verdicts, "%s\n", words);
    if (!st->joined)
        return;
    show_verdicts(st);
    pass_on(r);
}

static void line(struct lens_reader *r, const char *words)
{
    struct strace *st = r->state;
    struct strace_line l;

    if (!strace_line_read(words, &l)) {
        st->unread++;
        return;
    }
    if (!st->started) {
        st->started = true;
        st->zero_ns = l.at_ns;
    }
    struct thread *t = find_thread(st, l.tid);
    if (!t)
        t = add_thread(st, l.tid, is_thread_being_made(st));
    if (!t)
        return;
    switch (l.kind) {
    case STRACE_CALL:
        take_call(r, t, &l);
        break;
    case STRACE_UNFINISHED:
        enter(r, t, &l);
        break;
    case STRACE_RESUMED:
        take_resumed(r, t, &l);
        break;
    case STRACE_SIGNAL:
        show_note(st, lane_of(st, t), l.at_ns, l.name, l.args);
        break;
    case STRACE_EXITED:
    case STRACE_KILLED:
        take_end(r, t, &l);
        break;
    case STRACE_REMARK:
        take_remark(st, t, &l);
        break;
    }
    pass_on(r);
}

static void drained(struct lens_reader *r)
{
    struct strace *st = r->state;

    for (size_t i = 0; i < st->n_threads && st->n_held > 0; i++) {
        if (st->threads[i].phase != HELD)
            continue;
        show_begin(st, &st->threads[i]);
        st->threads[i].phase = SHOWN;
        st->n_held--;
    }
    if (st->joined)
        show_verdicts(st);
    pass_on(r);
}

/* ---- the summary ---- */

/* The longest first; then by name, so that the order is one. */
static int by_time(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;

    if (x->ns != y->ns)
        return x->ns < y->ns ? 1 : -1;
    return strcmp(x->name, y->name);
}

static void report_calls(struct lens_reader *r)
{
    struct strace *st = r->state;
    int64_t ns = 0;
    size_t others = 0;

    for (size_t i = 0; i < st->n_calls; i++)
        ns += st->calls[i].ns;
    lens_add(r, 0, text(TXT_LENS_CALLS), st->total, st->failed, (double)ns / 1e6);
    if (st->n_calls > 0)
        qsort(st->calls, st->n_calls, sizeof(*st->calls), by_time);
    for (size_t i = 0; i < st->n_calls; i++) {
        const struct tally *t = &st->calls[i];
        if (i < MAX_ROWS)
            lens_add(r, 0, text(TXT_LENS_CALL), t->name, t->calls, t->errors, (double)t->ns / 1e6);
        else
            others += t->calls;
    }
    if (others > 0)
        lens_add(r, 0, text(TXT_LENS_OTHER_CALLS), others);
}

static void finish(struct lens_reader *r, int64_t elapsed_ms)
{
    struct strace *st = r->state;

    (void)elapsed_ms;
    join_clocks(st, st->zero_ns);
    show_verdicts(st);
    pass_on(r);
    report_calls(r);
    for (size_t i = 0; i < st->n_errors; i++)
        lens_add(r, 0, "  %s: %zu", st->errors[i].name, st->errors[i].calls);
    if (st->own > 0)
        lens_add(r, 0, text(TXT_LENS_OWN_CALLS), st->own);
    if (st->unread > 0)
        lens_add(r, 0, text(TXT_LENS_UNREAD), st->unread);
}

const struct lens_ops lens_strace = {
    .name = "strace",
    .title = TXT_LENS_STRACE,
    .missing = missing,
    .plan = plan,
    .state_size = sizeof(struct strace),
    .release = release,
    .line = line,
    .drained = drained,
    .verdict = verdict,
    .finish = finish,
};
