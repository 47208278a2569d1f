/*
 * demo.c: parameters, output, trace and verdicts of a demo. See demo.h for the contract.
 *
 * A line of output leaves with one write(2). A line of the trace is put together on the caller's
 * stack and goes to a buffer, one a thread. Buffers, and what forked children must agree on (ids,
 * verdicts), live in memory that all processes of the demo share: lines of a child that was killed
 * are still there, and no line is there twice after a fork. Locks are only ever tried, never slept
 * on for good, so a child forked or killed while they are held harms nobody. Nothing allocates.
 */
#define _GNU_SOURCE 1
#include "demo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define TRACE_ENV      "SYSTUTOR_TRACE_FD"
#define PRINTF(fmt_at) __attribute__((format(printf, (fmt_at), (fmt_at) + 1)))

enum {
    MAX_PARAMS = 32,
    MAX_LANES = 1000,
    MAX_CLAIMS = 64,
    SAY_BYTES = 1024,
    STRING_BYTES = 800,    /* of a string in a trace, escaped and quoted: four fit one line */
    TEXT_BYTES = 2049,     /* of a message's content, NUL included */
    QUOTED_BYTES = 3002,   /* of it escaped and quoted */
    FRAME_BYTES = 256,     /* of a trace line without its strings, at most */
    TRACE_FD_LEAST = 1000, /* far above the descriptors a demo opens and talks about */
    BUFFERS = 64,          /* threads that trace at one time; more share them */
    CRASH_STACK_BYTES = 16384,
};

/* A thread whose last event is as old as QUIET_NS writes the next one at once. Lines as old as
 * OLD_NS leave with anybody's next event; others' buffers are looked at every SWEEP_NS. Nobody
 * waits longer than PATIENCE_NS for a buffer that somebody holds. */
static const int64_t QUIET_NS = 1000000;
static const int64_t OLD_NS = 5000000;
static const int64_t SWEEP_NS = 1000000;
static const int64_t PATIENCE_NS = 50000000;

/* How many milliseconds to wait for room in the pipe. */
enum { AT_ONCE = 0, CRASH_PATIENCE_MS = 100, FOR_GOOD = -1 };

/* Lines of one thread that are not written yet. Their text is beside, in a page of its own. Its
 * fields are its holder's, those that are atomic may be looked at by anybody. */
struct buffer {
    _Alignas(64) atomic_bool held;
    atomic_uint owner; /* a thread's number, 0: free. Empty, it may be taken from its owner */
    atomic_uint process;
    atomic_uint len;
    _Atomic int64_t oldest_ns; /* of its lines, when there are some */
    int64_t last_ns;           /* of the owner's last event */
};

/* One mapping, the same for this process and its forked children. */
struct shared {
    atomic_int newest_lane;
    atomic_bool failed;
    _Atomic uint64_t claims[MAX_CLAIMS]; /* hashes of the claims judged so far; 0: free */
    _Alignas(64) atomic_int newest_arrow;
    atomic_uint newest_thread, newest_process;
    struct buffer buffers[BUFFERS];
    _Alignas(4096) char text[BUFFERS][PIPE_BUF];
};

_Static_assert(4 * STRING_BYTES + FRAME_BYTES <= PIPE_BUF, "every event fits one line");
_Static_assert(QUOTED_BYTES + STRING_BYTES + FRAME_BYTES <= PIPE_BUF, "so does a message");

static struct shared *shared;
static const struct demo_param *params;
static long values[MAX_PARAMS]; /* a number, or the index of a choice */
static int64_t start_ns;
static atomic_int trace_fd = -1; /* -1: no trace, or its reader is gone */

/* Which of the demo's processes this is: 1 for the one that called demo_start, 0 for a forked one
 * that has not traced yet. */
static atomic_uint process;
static atomic_bool at_exit; /* what is not written by now never will be */
static _Atomic int64_t next_sweep_ns;

/* This thread. A child made by clone(2) with CLONE_VM and without CLONE_SETTLS has its maker's;
 * then two share a buffer, which its lock allows. */
static _Thread_local struct {
    unsigned process, number;
    struct buffer *buffer;
    volatile sig_atomic_t holds; /* some buffer: a signal handler that finds it set takes none */
} self;
static pthread_key_t thread_key; /* its destructor writes what an ended thread left */

/* ---- output ---- */

static int write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        const ssize_t done = write(fd, p, n);
        if (done >= 0) {
            p += done;
            n -= (size_t)done;
        } else if (errno == EAGAIN) { /* the demo made a description we share non-blocking */
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/* Whether a write of a line would not sleep, or would fail; wait_ms is how long to hope. */
static bool has_room(int fd, int wait_ms)
{
    return poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, wait_ms) == 1;
}

static bool is_pending(int sig)
{
    sigset_t pending;

    return sigpending(&pending) == 0 && sigismember(&pending, sig) == 1;
}

/* Returns 0 or the errno of what went wrong; EAGAIN: there was no room for wait_ms (FOR_GOOD: it
 * waits). The demo does not feel it: its errno stays, this is no cancellation point, and a trace
 * without a reader raises no SIGPIPE. write(2) sends that signal to the calling thread, so it can
 * be held back here and taken away. On stdout and stderr it does what the demo wants. */
static int write_unfelt(int fd, const char *p, size_t n, int wait_ms)
{
    const int saved = errno;
    sigset_t sigpipe, before;
    int cancel;

    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
    const bool was_pending = sigismember(&before, SIGPIPE) && is_pending(SIGPIPE);
    const int error = wait_ms >= 0 && !has_room(fd, wait_ms) ? EAGAIN : write_all(fd, p, n);
    if (error == EPIPE && fd > STDERR_FILENO && !was_pending)
        sigtimedwait(&sigpipe, NULL, &(struct timespec){0});
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_setcancelstate(cancel, NULL);
    errno = saved;
    return error;
}

static int write_line(int fd, const char *start, const char *fmt, va_list ap)
{
    char line[SAY_BYTES];
    size_t n = (size_t)snprintf(line, sizeof(line), "%s", start);

    vsnprintf(line + n, sizeof(line) - n, fmt, ap);
    n = strlen(line);
    line[n++] = '\n'; /* over the NUL */
    return write_unfelt(fd, line, n, FOR_GOOD);
}

static void flush(int64_t until_ns, int wait_ms);

enum why { WRONG_USAGE = 2, CHECK_FAILED = 3, BUG };

/* Says why on stderr and ends the process. BUG is a mistake in the demo's own code. */
static _Noreturn PRINTF(2) void stop(enum why why, const char *fmt, ...)
{
    va_list ap;

    flush(INT64_MAX, FOR_GOOD);
    va_start(ap, fmt);
    write_line(STDERR_FILENO, why == BUG ? "demo: bug: " : "demo: ", fmt, ap);
    va_end(ap);
    if (why == BUG)
        abort();
    _exit((int)why);
}

void demo_say(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    const int error = write_line(STDOUT_FILENO, "", fmt, ap);
    va_end(ap);
    if (error)
        stop(CHECK_FAILED, "cannot write to standard output: %s", demo_errno_name(error));
}

/* ---- checks ---- */

const char *demo_errno_name(int error)
{
    static _Thread_local char nameless[32];
    const char *name = strerrorname_np(error);

    if (name)
        return name;
    snprintf(nameless, sizeof(nameless), "errno %d", error);
    return nameless;
}

void demo_check_pthread(int error, const char *what, const char *file, int line)
{
    const char *meaning = strerrordesc_np(error);

    if (error)
        stop(CHECK_FAILED, "%s:%d: %s: %s (%s)", basename(file), line, what, demo_errno_name(error),
             meaning ? meaning : "unknown error");
}

long demo_check_sys(long result, const char *what, const char *file, int line)
{
    if (result == -1)
        demo_check_pthread(errno, what, file, line);
    return result;
}

void demo_check(bool ok, const char *what, const char *file, int line)
{
    if (!ok)
        stop(CHECK_FAILED, "%s:%d: %s: does not hold (errno is %s)", basename(file), line, what,
             demo_errno_name(errno));
}

/* ---- parameters ---- */

/* Its index in params, the name being the first n bytes; -1 if there is none. */
static int find_param(const char *name, size_t n)
{
    for (int i = 0; params && params[i].name; i++)
        if (strlen(params[i].name) == n && memcmp(params[i].name, name, n) == 0)
            return i;
    return -1;
}

static bool is_legal(const struct demo_param *p, long value)
{
    if (!p->choices)
        return value >= p->min && value <= p->max;
    for (long i = 0; p->choices[i]; i++)
        if (i == value)
            return true;
    return false;
}

static void take_defaults(void)
{
    for (int i = 0; params[i].name; i++) {
        if (i == MAX_PARAMS)
            stop(BUG, "more than %d parameters", MAX_PARAMS);
        if (!is_legal(&params[i], params[i].def))
            stop(BUG, "parameter %s: its default is not one of its values", params[i].name);
        values[i] = params[i].def;
    }
}

/* Decimal digits, perhaps after a minus, and nothing else. */
static bool parse_long(const char *text, long *value)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    char *rest;

    if (digits[0] < '0' || digits[0] > '9')
        return false;
    errno = 0;
    *value = strtol(text, &rest, 10);
    return errno == 0 && *rest == '\0';
}

static bool parse_value(const struct demo_param *p, const char *text, long *value)
{
    if (!p->choices)
        return parse_long(text, value) && is_legal(p, *value);
    for (*value = 0; p->choices[*value]; ++*value)
        if (strcmp(p->choices[*value], text) == 0)
            return true;
    return false;
}

struct words {
    char range[SAY_BYTES], def[SAY_BYTES];
};

/* The legal values of a parameter and its default: "1", to, "9"; or "a", between, "b". */
static struct words describe(const struct demo_param *p, const char *to, const char *between)
{
    struct words w;
    size_t n = 0;

    if (!p->choices) {
        snprintf(w.range, sizeof(w.range), "%ld%s%ld", p->min, to, p->max);
        snprintf(w.def, sizeof(w.def), "%ld", p->def);
        return w;
    }
    for (int i = 0; p->choices[i] && n < sizeof(w.range); i++)
        n += (size_t)snprintf(w.range + n, sizeof(w.range) - n, "%s%s", i ? between : "",
                              p->choices[i]);
    snprintf(w.def, sizeof(w.def), "%s", p->choices[p->def]);
    return w;
}

static _Noreturn void print_help(const char *summary)
{
    demo_say("usage: %s [name=value]...\n%s", program_invocation_short_name, summary);
    for (const struct demo_param *p = params; p->name; p++) {
        const struct words w = describe(p, "..", "|");
        demo_say("  %s=%s (default %s)\n      %s", p->name, w.range, w.def, p->help);
    }
    exit(0);
}

/* For programs: name, int, default, min, max, or name, choice, default, a,b,c; tabs between. */
static _Noreturn void print_params(void)
{
    for (const struct demo_param *p = params; p->name; p++) {
        const struct words w = describe(p, "\t", ",");
        demo_say("%s\t%s\t%s\t%s", p->name, p->choices ? "choice" : "int", w.def, w.range);
    }
    exit(0);
}

static void parse_argument(const char *arg, const char *summary)
{
    if (strcmp(arg, "--help") == 0)
        print_help(summary);
    if (strcmp(arg, "--params") == 0)
        print_params();
    const size_t n = strcspn(arg, "=");
    const int i = find_param(arg, n);
    if (i < 0)
        stop(WRONG_USAGE, "%s: no such parameter (see --help)", arg);
    if (arg[n] != '=' || !parse_value(&params[i], arg + n + 1, &values[i]))
        stop(WRONG_USAGE, "%s: needs %s=%s", arg, params[i].name,
             describe(&params[i], "..", "|").range);
}

static int param_of_kind(const char *name, bool choice)
{
    const int i = find_param(name, strlen(name));

    if (i < 0 || choice != (params[i].choices != NULL))
        stop(BUG, "no %s parameter is called %s", choice ? "choice" : "number", name);
    return i;
}

long demo_int(const char *name)
{
    return values[param_of_kind(name, false)];
}

const char *demo_choice(const char *name)
{
    const int i = param_of_kind(name, true);

    return params[i].choices[values[i]];
}

/* ---- time ---- */

static int64_t clock_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t demo_now_ns(void)
{
    return clock_ns() - start_ns;
}

void demo_sleep_ns(int64_t ns)
{
    const int64_t end_ns = clock_ns() + ns;
    const struct timespec until = {.tv_sec = end_ns / 1000000000, .tv_nsec = end_ns % 1000000000};
    int error = ns > 0 ? EINTR : 0;

    while (error == EINTR)
        error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    CHECK_PTHREAD(error);
}

/* ---- putting a line together ---- */

/* Bytes of the well-formed UTF-8 character at text, 0 if it is malformed (RFC 3629, section 4). */
static int utf8_bytes(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    const int n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;

    for (int i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    const bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    const bool surrogate = s[0] == 0xED && s[1] > 0x9F;
    const bool too_large = s[0] > 0xF4 || (s[0] == 0xF4 && s[1] > 0x8F);
    return overlong || surrogate || too_large ? 0 : n;
}

/* Bytes put together in a place of fixed size. What does not fit is left out, and full says so. */
struct out {
    char *to;
    size_t len, size;
    bool full;
};

static inline void put(struct out *o, const char *bytes, size_t n)
{
    o->full = o->full || n > o->size - o->len;
    if (o->full)
        return;
    memcpy(o->to + o->len, bytes, n);
    o->len += n;
}

static inline void put_text(struct out *o, const char *text)
{
    put(o, text, strlen(text));
}

static void put_number(struct out *o, int64_t value)
{
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0)
        put(o, "-", 1);
    put(o, digits + at, sizeof(digits) - at);
}

/* Nanoseconds as microseconds, the unit of the format: 1234 is 1.234. */
static void put_time(struct out *o, int64_t ns)
{
    const int below = (int)(ns % 1000);
    const char fraction[] = {'.', (char)('0' + below / 100), (char)('0' + below / 10 % 10),
                             (char)('0' + below % 10)};

    put_number(o, ns / 1000);
    put(o, fraction, sizeof(fraction));
}

static bool is_whole(double value)
{
    return fabs(value) < 1e15 && value == (double)(int64_t)value;
}

/* value is finite. */
static void put_double(struct out *o, double value)
{
    char digits[32];

    if (is_whole(value)) {
        put_number(o, (int64_t)value);
        return;
    }
    snprintf(digits, sizeof(digits), "%.15g", value);
    put_text(o, digits);
}

/* Stands in a JSON string as it is. */
static inline bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* The character at s, which is not plain, as it stands in a JSON string: its bytes are put into to,
 * and their number is returned. *read: how many it has in s. What is no UTF-8 becomes U+FFFD. */
static size_t escape(char to[6], const char *s, size_t *read)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char c = (unsigned char)*s;
    const int n = utf8_bytes(s);

    *read = n > 0 ? (size_t)n : 1;
    if (n == 0) {
        memcpy(to, "\xEF\xBF\xBD", 3);
        return 3;
    }
    if (n > 1) {
        memcpy(to, s, (size_t)n);
        return (size_t)n;
    }
    if (c == '\n') {
        memcpy(to, "\\n", 2);
        return 2;
    }
    memcpy(to, "\\u00", 4);
    to[4] = hex[c >> 4];
    to[5] = hex[c & 15];
    return 6;
}

/* s as a JSON string of at most size bytes, quotes included. False: it is cut, between characters.
 */
static bool put_string(struct out *o, const char *s, size_t size)
{
    size_t left = size - 2, read = 0;
    char piece[6];

    put(o, "\"", 1);
    for (;; s += read) {
        size_t n = 0;
        while (n < left && is_plain(s[n]))
            n++;
        put(o, s, n);
        left -= n;
        s += n;
        if (!*s || left == 0)
            break;
        n = escape(piece, s, &read);
        if (n > left)
            break;
        put(o, piece, n);
        left -= n;
    }
    put(o, "\"", 1);
    return !*s;
}

/* ,"key":"s" */
static void put_field(struct out *o, const char *key, const char *s)
{
    put_text(o, ",\"");
    put_text(o, key);
    put_text(o, "\":");
    put_string(o, s, STRING_BYTES);
}

/* ---- buffers ---- */

static struct shared *get_shared(void)
{
    if (!shared)
        stop(BUG, "call demo_start first");
    return shared;
}

static char *text_of(const struct buffer *b)
{
    return shared->text[b - shared->buffers];
}

/* Returns 0, EAGAIN if there was no room for wait_ms, or another errno: then the trace is over. */
static int write_trace(const char *p, size_t n, int wait_ms)
{
    const int fd = trace_fd;
    const int error = fd < 0 ? EBADF : write_unfelt(fd, p, n, wait_ms);

    if (error && error != EAGAIN)
        trace_fd = -1;
    return error;
}

static bool try_hold(struct buffer *b)
{
    self.holds++;
    atomic_signal_fence(memory_order_seq_cst);
    if (!atomic_exchange_explicit(&b->held, true, memory_order_acquire))
        return true;
    self.holds--;
    return false;
}

/* Another thread holds it for the time of one write(2) at most, and only when that has room. If it
 * lasts longer something is wrong, and a buffer is not worth waiting for. */
static bool hold(struct buffer *b)
{
    if (try_hold(b))
        return true;
    const int64_t until_ns = clock_ns() + PATIENCE_NS;
    do {
        sched_yield();
        if (try_hold(b))
            return true;
    } while (clock_ns() < until_ns);
    return false;
}

static void release(struct buffer *b)
{
    atomic_store_explicit(&b->held, false, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    self.holds--;
}

/* Writes the lines of a buffer that is held; false if they are lost. Without room they stay. */
static bool write_buffer(struct buffer *b, int wait_ms)
{
    const unsigned len = atomic_load_explicit(&b->len, memory_order_relaxed);
    const int error = len > 0 ? write_trace(text_of(b), len, wait_ms) : 0;

    if (error == EAGAIN)
        return true;
    atomic_store_explicit(&b->len, 0, memory_order_relaxed);
    return error == 0;
}

static bool is_of_here(const struct buffer *b)
{
    return atomic_load_explicit(&b->process, memory_order_relaxed) == process;
}

/* Buffers of other processes are written by the first one only: when a child is killed while it
 * holds a buffer, nobody else loses lines by it; and when the first one is, all of them are. */
static bool may_write(const struct buffer *b)
{
    return process == 1 || is_of_here(b);
}

/* Writes the buffers whose lines began at until_ns or before. wait_ms AT_ONCE: those that cost no
 * waiting. Who holds a buffer in another process is alive and will write it, or is dead and will
 * never let go; and a signal handler must not wait for the thread it interrupted. */
static void flush(int64_t until_ns, int wait_ms)
{
    for (int i = 0; trace_fd >= 0 && i < BUFFERS; i++) {
        struct buffer *b = &shared->buffers[i];
        if (atomic_load_explicit(&b->len, memory_order_relaxed) == 0 ||
            atomic_load_explicit(&b->oldest_ns, memory_order_relaxed) > until_ns || !may_write(b))
            continue;
        const bool wait = wait_ms != AT_ONCE && is_of_here(b) && self.holds == 0;
        if (wait ? hold(b) : try_hold(b)) {
            write_buffer(b, wait_ms);
            release(b);
        }
    }
}

void demo_flush(void)
{
    get_shared();
    flush(INT64_MAX, FOR_GOOD);
}

/* Old lines leave with anybody's next event, so that a thread that has gone silent is seen. */
static void sweep(int64_t now_ns)
{
    int64_t due_ns = atomic_load_explicit(&next_sweep_ns, memory_order_relaxed);

    if (now_ns >= due_ns &&
        atomic_compare_exchange_strong_explicit(&next_sweep_ns, &due_ns, now_ns + SWEEP_NS,
                                                memory_order_relaxed, memory_order_relaxed))
        flush(now_ns - OLD_NS, AT_ONCE);
}

/* A handler of a stack overflow needs a stack. One that the demo has set stays. */
static void need_crash_stack(const struct buffer *b)
{
    static _Alignas(16) char stacks[BUFFERS][CRASH_STACK_BYTES];
    const stack_t mine = {.ss_sp = stacks[b - shared->buffers], .ss_size = CRASH_STACK_BYTES};
    stack_t now;

    if (sigaltstack(NULL, &now) == 0 && (now.ss_flags & SS_DISABLE))
        sigaltstack(&mine, NULL);
}

/* Makes a buffer this thread's, and holds it: a free one, or if need be one of another thread,
 * which will look for a new one at its next event. */
static bool take(struct buffer *b, bool of_another)
{
    if ((b->owner != 0 && !of_another) || !try_hold(b))
        return false;
    if (b->owner != 0 && of_another && may_write(b))
        write_buffer(b, AT_ONCE);
    if (b->len > 0 || (b->owner != 0 && !of_another)) {
        release(b);
        return false;
    }
    if (b->owner == 0)
        need_crash_stack(b);
    b->owner = self.number;
    b->process = self.process;
    b->last_ns = INT64_MIN / 2;
    return true;
}

/* NULL: none can be had. */
static struct buffer *claim(void)
{
    const int saved = errno;
    struct buffer *found = NULL;

    for (unsigned i = 0; !found && i < 2 * BUFFERS; i++) {
        struct buffer *b = &shared->buffers[(self.number + i) % BUFFERS];
        if (take(b, i >= BUFFERS))
            found = b;
    }
    pthread_setspecific(thread_key, found);
    errno = saved;
    return found;
}

/* Gives the process, if it is a new one, and this thread their numbers. */
static void enlist(void)
{
    unsigned here = process;

    if (here == 0) {
        const unsigned fresh = ++shared->newest_process;
        if (atomic_compare_exchange_strong(&process, &here, fresh))
            here = fresh;
    }
    self.process = here;
    self.number = ++shared->newest_thread;
    self.buffer = NULL;
}

/* This thread's buffer, held. */
static struct buffer *hold_own(void)
{
    const unsigned here = atomic_load_explicit(&process, memory_order_relaxed);

    if (here == 0 || self.process != here)
        enlist();
    struct buffer *b = self.buffer;
    if (b && hold(b)) {
        if (atomic_load_explicit(&b->owner, memory_order_relaxed) == self.number)
            return b;
        release(b);
    }
    return self.buffer = claim();
}

/* The destructor of thread_key. */
static void leave(void *unused)
{
    struct buffer *b = self.buffer;

    (void)unused;
    self.buffer = NULL;
    if (!b || self.holds > 0 || !hold(b))
        return;
    if (b->owner == self.number) {
        write_buffer(b, FOR_GOOD);
        b->owner = 0;
    }
    release(b);
}

static void flush_at_exit(void)
{
    at_exit = true;
    flush(INT64_MAX, FOR_GOOD);
}

static void forget_parent(void)
{
    process = 0;
    memset(&self, 0, sizeof(self));
}

/* What can be had is written, then the default action takes its course (SA_RESETHAND). */
static void on_crash(int sig)
{
    flush(INT64_MAX, CRASH_PATIENCE_MS);
    raise(sig);
}

static void catch_crashes(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK | (int)SA_RESETHAND};
    struct sigaction now;

    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
            CHECK_SYS(sigaction(signals[i], &action, NULL));
}

/* ---- trace ---- */

struct line {
    int64_t ns;
    struct out out;
    char text[PIPE_BUF];
};

/* Begins the line of an event; name may be NULL. False: there is no trace to write it to. */
static bool begin_line(struct line *l, char ph, int lane, const char *name)
{
    static const char head[] = "{\"ph\":\"?\",\"pid\":1,\"tid\":";

    if (lane < 0 || lane > get_shared()->newest_lane)
        stop(BUG, "no lane has the id %d", lane);
    if (trace_fd < 0)
        return false;
    l->ns = demo_now_ns();
    l->out = (struct out){.to = l->text, .size = sizeof(l->text)};
    put(&l->out, head, sizeof(head) - 1);
    l->text[sizeof("{\"ph\":\"") - 1] = ph;
    put_number(&l->out, lane);
    put_text(&l->out, ",\"ts\":");
    put_time(&l->out, l->ns);
    if (name)
        put_field(&l->out, "name", name);
    return true;
}

/* Into this thread's buffer, and on if it is time. False if it is lost. */
static bool buffer_line(const struct line *l, bool at_once)
{
    const size_t n = l->out.len;

    sweep(l->ns);
    struct buffer *b = hold_own();
    if (!b)
        return write_trace(l->text, n, FOR_GOOD) == 0;
    bool taken = true;
    if (b->len + n > PIPE_BUF)
        taken = write_buffer(b, FOR_GOOD);
    const unsigned len = atomic_load_explicit(&b->len, memory_order_relaxed);
    if (len == 0)
        atomic_store_explicit(&b->oldest_ns, l->ns, memory_order_relaxed);
    memcpy(text_of(b) + len, l->text, n);
    atomic_store_explicit(&b->len, len + (unsigned)n, memory_order_relaxed);
    if (at_once || l->ns - b->last_ns > QUIET_NS || l->ns - b->oldest_ns > OLD_NS)
        taken = write_buffer(b, FOR_GOOD);
    b->last_ns = l->ns;
    release(b);
    return taken;
}

/* The line is whole; at_once: nothing may be held back behind it. False if it is lost. */
static bool end_line(struct line *l, bool at_once)
{
    put(&l->out, "\n", 1);
    if (l->out.full)
        stop(BUG, "a trace line is longer than %d bytes", PIPE_BUF);
    if (self.holds > 0) /* a signal handler has come upon its own thread inside buffer_line */
        return write_trace(l->text, l->out.len, FOR_GOOD) == 0;
    return buffer_line(l, at_once || at_exit);
}

int demo_lane(const char *name)
{
    const int lane = ++get_shared()->newest_lane;
    struct line l;

    if (lane > MAX_LANES)
        stop(BUG, "more than %d lanes", MAX_LANES);
    if (begin_line(&l, 'M', lane, "thread_name")) {
        put_text(&l.out, ",\"args\":{\"name\":");
        put_string(&l.out, name, STRING_BYTES);
        put_text(&l.out, "}}");
        end_line(&l, true);
    }
    return lane;
}

void demo_begin(int lane, enum demo_cat cat, const char *name)
{
    static const char *const ends[] = {
        [DEMO_RUN] = ",\"cat\":\"run\"}",     [DEMO_READY] = ",\"cat\":\"ready\"}",
        [DEMO_BLOCK] = ",\"cat\":\"block\"}", [DEMO_SLEEP] = ",\"cat\":\"sleep\"}",
        [DEMO_CALL] = ",\"cat\":\"call\"}",   [DEMO_HOLD] = ",\"cat\":\"hold\"}",
    };
    struct line l;

    if (!begin_line(&l, 'B', lane, name))
        return;
    put_text(&l.out, ends[cat]);
    end_line(&l, cat == DEMO_BLOCK || cat == DEMO_SLEEP);
}

void demo_end(int lane)
{
    struct line l;

    if (!begin_line(&l, 'E', lane, NULL))
        return;
    put(&l.out, "}", 1);
    end_line(&l, false);
}

void demo_note(int lane, const char *name, const char *fmt, ...)
{
    char text[SAY_BYTES] = "";
    struct line l;
    va_list ap;

    if (!begin_line(&l, 'i', lane, name))
        return;
    va_start(ap, fmt);
    if (fmt)
        vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    put_text(&l.out, ",\"s\":\"t\",\"args\":{\"text\":");
    put_string(&l.out, text, STRING_BYTES);
    put_text(&l.out, "}}");
    end_line(&l, false);
}

int demo_send(int lane, const char *name)
{
    const int id = ++get_shared()->newest_arrow;
    struct line l;

    if (begin_line(&l, 's', lane, name)) {
        put_text(&l.out, ",\"id\":");
        put_number(&l.out, id);
        put_text(&l.out, "}");
        end_line(&l, true);
    }
    return id;
}

/* Takes away the rest of a character whose end was cut off. */
static void cut_at_character(char *text)
{
    const size_t n = strlen(text);
    size_t i = n;

    while (i > 0 && n - i < 3 && ((unsigned char)text[i - 1] & 0xC0) == 0x80)
        i--;
    if (i > 0 && (unsigned char)text[i - 1] >= 0xC0 && utf8_bytes(text + i - 1) == 0)
        text[i - 1] = '\0';
}

int demo_send_text(int lane, const char *name, const char *fmt, ...)
{
    const int id = ++get_shared()->newest_arrow;
    char text[TEXT_BYTES];
    struct line l;
    va_list ap;

    if (!begin_line(&l, 's', lane, name))
        return id;
    va_start(ap, fmt);
    const bool fits = (size_t)vsnprintf(text, sizeof(text), fmt, ap) < sizeof(text);
    va_end(ap);
    if (!fits)
        cut_at_character(text);
    put_text(&l.out, ",\"id\":");
    put_number(&l.out, id);
    put_text(&l.out, ",\"args\":{\"text\":");
    const bool whole = put_string(&l.out, text, QUOTED_BYTES);
    put_text(&l.out, whole && fits ? "}}" : ",\"cut\":true}}");
    end_line(&l, true);
    return id;
}

void demo_recv(int lane, const char *name, int id)
{
    struct line l;

    if (!begin_line(&l, 'f', lane, name))
        return;
    put_text(&l.out, ",\"bp\":\"e\",\"id\":");
    put_number(&l.out, id);
    put_text(&l.out, "}");
    end_line(&l, false);
}

void demo_point(const char *plot, const char *series, double x, double y)
{
    struct line l;

    if (!isfinite(x) || !isfinite(y))
        stop(BUG, "plot %s: (%g, %g) is not a point", plot, x, y);
    if (!begin_line(&l, 'C', 0, plot))
        return;
    put_text(&l.out, ",\"args\":{\"series\":");
    put_string(&l.out, series, STRING_BYTES);
    put_text(&l.out, ",\"x\":");
    put_double(&l.out, x);
    put_text(&l.out, ",\"y\":");
    put_double(&l.out, y);
    put_text(&l.out, "}}");
    end_line(&l, false);
}

void demo_count(const char *counter, double value)
{
    struct line l;

    if (!isfinite(value))
        stop(BUG, "counter %s: %g is not a value", counter, value);
    if (!begin_line(&l, 'C', 0, counter))
        return;
    put_text(&l.out, ",\"args\":{\"value\":");
    put_double(&l.out, value);
    put_text(&l.out, "}}");
    end_line(&l, false);
}

/* ---- snapshots ---- */

enum part { NODES, EDGES, LISTS, PARTS };

static struct snap {
    bool open, cut;
    size_t room;             /* bytes that still fit the line */
    struct out name;         /* quoted */
    struct out parts[PARTS]; /* JSON objects, a comma before each but the first */
    char text[PARTS + 1][PIPE_BUF];
} snap;

void demo_snap_begin(const char *name)
{
    if (snap.open)
        stop(BUG, "snapshot %s begins inside another", name);
    snap.open = true;
    snap.cut = false;
    for (int i = 0; i < PARTS; i++)
        snap.parts[i] = (struct out){.to = snap.text[i], .size = PIPE_BUF};
    snap.name = (struct out){.to = snap.text[PARTS], .size = PIPE_BUF};
    put_string(&snap.name, name, STRING_BYTES);
    snap.room = PIPE_BUF - FRAME_BYTES - 2 * snap.name.len;
}

/* Where to put the next object. */
static struct out *snap_part(enum part part)
{
    if (!snap.open)
        stop(BUG, "call demo_snap_begin first");
    if (snap.parts[part].len > 0)
        put(&snap.parts[part], ",", 1);
    return &snap.parts[part];
}

/* The object that began at byte len is whole. After the first that does not fit none is taken, so
 * that what is shown came first. */
static void snap_added(struct out *part, size_t len)
{
    snap.cut = snap.cut || part->full || part->len - len > snap.room;
    if (snap.cut)
        part->len = len;
    else
        snap.room -= part->len - len;
}

void demo_snap_node(const char *id, const char *label, const char *fields)
{
    const size_t len = snap.parts[NODES].len;
    struct out *o = snap_part(NODES);

    put_text(o, "{\"id\":");
    put_string(o, id, STRING_BYTES);
    put_field(o, "label", label);
    put_field(o, "fields", fields);
    put_text(o, "}");
    snap_added(o, len);
}

void demo_snap_edge(const char *from, const char *to, const char *label)
{
    const size_t len = snap.parts[EDGES].len;
    struct out *o = snap_part(EDGES);

    put_text(o, "{\"from\":");
    put_string(o, from, STRING_BYTES);
    put_field(o, "to", to);
    put_field(o, "label", label);
    put_text(o, "}");
    snap_added(o, len);
}

void demo_snap_list(const char *name, const char *const *ids, int n)
{
    const size_t len = snap.parts[LISTS].len;
    struct out *o = snap_part(LISTS);

    put_text(o, "{\"name\":");
    put_string(o, name, STRING_BYTES);
    put_text(o, ",\"ids\":[");
    for (int i = 0; i < n; i++) {
        put_text(o, i ? "," : "");
        put_string(o, ids[i], STRING_BYTES);
    }
    put_text(o, "]}");
    snap_added(o, len);
}

/* The id is the same in all snapshots: those with one name are states of one graph. */
void demo_snap_end(void)
{
    static const char *const heads[] = {
        [NODES] = ",\"nodes\":[", [EDGES] = "],\"edges\":[", [LISTS] = "],\"lists\":["};
    struct line l;

    if (!snap.open)
        stop(BUG, "call demo_snap_begin first");
    snap.open = false;
    if (!begin_line(&l, 'O', 0, NULL))
        return;
    put_text(&l.out, ",\"name\":");
    put(&l.out, snap.name.to, snap.name.len);
    put_text(&l.out, ",\"id\":1,\"args\":{\"snapshot\":{\"name\":");
    put(&l.out, snap.name.to, snap.name.len);
    for (int i = 0; i < PARTS; i++) {
        put_text(&l.out, heads[i]);
        put(&l.out, snap.parts[i].to, snap.parts[i].len);
    }
    put_text(&l.out, snap.cut ? "],\"cut\":true}}}" : "]}}}");
    end_line(&l, false);
}

/* ---- verdicts ---- */

/* FNV-1a, 64 bits; never 0. */
static uint64_t hash(const char *s)
{
    uint64_t h = 0xcbf29ce484222325;

    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3;
    return h ? h : 1;
}

/* A claim has one verdict, whichever process gives it. */
static void judge_once(const char *claim)
{
    const uint64_t h = hash(claim);

    for (int i = 0; i < MAX_CLAIMS; i++) {
        uint64_t found = 0;
        if (atomic_compare_exchange_strong(&get_shared()->claims[i], &found, h))
            return;
        if (found == h)
            stop(BUG, "claim %s has two verdicts", claim);
    }
    stop(BUG, "more than %d verdicts", MAX_CLAIMS);
}

static bool trace_verdict(const char *claim, const char *result, const struct out *measured,
                          const char *unit, const char *rule)
{
    struct line l;

    if (!begin_line(&l, 'i', 0, claim))
        return false;
    put_text(&l.out, ",\"s\":\"g\",\"cat\":\"verdict\",\"args\":{\"result\":\"");
    put_text(&l.out, result);
    put_text(&l.out, "\",\"measured\":");
    put(&l.out, measured->to, measured->len);
    put_field(&l.out, "unit", unit);
    put_field(&l.out, "rule", rule);
    put_text(&l.out, "}}");
    return end_line(&l, true);
}

/* measured is JSON, shown the same for people. A verdict that no trace takes is printed. */
static void give_verdict(const char *claim, enum demo_result result, const struct out *measured,
                         const char *shown, const char *unit, const char *rule)
{
    static const char *const names[][2] = {
        [DEMO_FAIL] = {"fail", "FAIL"},
        [DEMO_PASS] = {"pass", "PASS"},
        [DEMO_INCONCLUSIVE] = {"inconclusive", "INCONCLUSIVE"},
    };

    judge_once(claim);
    if (result == DEMO_FAIL)
        get_shared()->failed = true;
    if (!trace_verdict(claim, names[result][0], measured, unit, rule))
        demo_say("%s %s: measured %s%s%s (rule: %s)", names[result][1], claim, shown,
                 *unit ? " " : "", unit, rule);
}

void demo_verdict(const char *claim, enum demo_result result, double measured, const char *unit,
                  const char *rule)
{
    char text[32], shown[32];
    struct out exact = {.to = text, .size = sizeof(text)};

    if (!isfinite(measured))
        stop(BUG, "claim %s: %g is not a measured value", claim, measured);
    put_double(&exact, measured);
    snprintf(shown, sizeof(shown), is_whole(measured) ? "%.0f" : "%.4g", measured);
    give_verdict(claim, result, &exact, shown, unit, rule);
}

void demo_verdict_word(const char *claim, enum demo_result result, const char *measured,
                       const char *rule)
{
    char text[STRING_BYTES];
    struct out quoted = {.to = text, .size = sizeof(text)};

    put_string(&quoted, measured, STRING_BYTES);
    give_verdict(claim, result, &quoted, measured, "", rule);
}

int demo_finish(void)
{
    const bool failed = get_shared()->failed;

    demo_flush();
    return failed ? 1 : 0;
}

/* ---- processes ---- */

/* The child dies with the thread that forked it, not only with the process: see prctl(2). */
int demo_fork(void)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();

    if (pid != 0)
        return pid;
    CHECK_SYS(prctl(PR_SET_PDEATHSIG, SIGKILL));
    if (getppid() != parent) /* it died before prctl, so no signal will come */
        _exit(CHECK_FAILED);
    return 0;
}

/* Takes the descriptor of the trace from the environment; -1 for none. It moves to a high number,
 * so that a traced demo sees the same descriptors as an untraced one. Forked children write to it
 * too; programs they exec get neither it nor the variable. */
static int take_trace_fd(void)
{
    const char *text = getenv(TRACE_ENV);
    long fd;

    if (!text)
        return -1;
    const bool number = parse_long(text, &fd) && fd >= 0 && fd <= INT_MAX;
    const int flags = number ? fcntl((int)fd, F_GETFL) : -1;
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
        stop(WRONG_USAGE, TRACE_ENV "=%s: not a descriptor open for writing", text);
    int high = fcntl((int)fd, F_DUPFD_CLOEXEC, TRACE_FD_LEAST);
    if (high < 0) /* RLIMIT_NOFILE is low */
        high = (int)CHECK_SYS(fcntl((int)fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (fd > STDERR_FILENO)
        CHECK_SYS(close((int)fd));
    CHECK_SYS(unsetenv(TRACE_ENV));
    return high;
}

/* Everything that an untraced run can do without. */
static void start_trace(void)
{
    struct line l;

    CHECK_PTHREAD(pthread_key_create(&thread_key, leave));
    CHECK_PTHREAD(pthread_atfork(demo_flush, NULL, forget_parent));
    CHECK(atexit(flush_at_exit) == 0);
    catch_crashes();
    if (begin_line(&l, 'M', 0, "thread_name")) {
        put_text(&l.out, ",\"args\":{\"name\":\"main\"}}");
        end_line(&l, true);
    }
}

void demo_start(int argc, char **argv, const char *summary, const struct demo_param *table)
{
    if (shared)
        stop(BUG, "demo_start is called twice");
    params = table;
    take_defaults();
    for (int i = 1; i < argc; i++)
        parse_argument(argv[i], summary);
    void *page =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    shared = page;
    start_ns = clock_ns();
    process = shared->newest_process = 1;
    trace_fd = take_trace_fd();
    if (trace_fd >= 0)
        start_trace();
}
