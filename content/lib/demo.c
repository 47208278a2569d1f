/*
 * demo.c: parameters, output, trace and verdicts of a demo. See demo.h for the contract.
 *
 * A line of output or trace is put together on the caller's stack and leaves with one write(2), so
 * nothing here takes a lock or allocates: a child forked while other threads run may call all of
 * it. What forked children must agree on (ids, verdicts) lives in one shared page of atomics.
 */
#define _GNU_SOURCE 1
#include "demo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
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
    STRING_BYTES = 800,    /* of a string in a trace, escaped: four of them fit one line */
    FRAME_BYTES = 256,     /* of a trace line without its strings, at most */
    TRACE_FD_LEAST = 1000, /* far above the descriptors a demo opens and talks about */
};

/* One page, the same for this process and its forked children. */
struct shared {
    atomic_int newest_lane, newest_arrow;
    atomic_bool failed;
    _Atomic uint64_t claims[MAX_CLAIMS]; /* hashes of the claims judged so far; 0: free */
};

_Static_assert(4 * STRING_BYTES + FRAME_BYTES <= PIPE_BUF, "every event fits one line");

static struct shared *shared;
static const struct demo_param *params;
static long values[MAX_PARAMS]; /* a number, or the index of a choice */
static int64_t start_ns;
static atomic_int trace_fd = -1; /* -1: no trace, or its reader is gone */

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

/* Returns 0 or the errno of what went wrong. The demo does not feel it: its errno stays, this is
 * no cancellation point, and a trace without a reader raises no SIGPIPE. write(2) sends that
 * signal to the calling thread, so it can be held back here and taken away. On stdout and stderr
 * it does what the demo wants. */
static int write_unfelt(int fd, const char *p, size_t n)
{
    const int saved = errno;
    sigset_t sigpipe, before, pending;
    int cancel;

    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
    sigpending(&pending);
    const int error = write_all(fd, p, n);
    if (error == EPIPE && fd > STDERR_FILENO && !sigismember(&pending, SIGPIPE))
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
    return write_unfelt(fd, line, n);
}

enum why { WRONG_USAGE = 2, CHECK_FAILED = 3, BUG };

/* Says why on stderr and ends the process. BUG is a mistake in the demo's own code. */
static _Noreturn PRINTF(2) void stop(enum why why, const char *fmt, ...)
{
    va_list ap;

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

/* ---- trace ---- */

static struct shared *get_shared(void)
{
    if (!shared)
        stop(BUG, "call demo_start first");
    return shared;
}

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

struct json {
    char text[STRING_BYTES + 1];
};

/* s as a JSON string, cut to STRING_BYTES. It lives as long as the call it is made for:
 * f(quote(s).text). */
static struct json quote(const char *s)
{
    struct json j = {"\""};
    size_t len = 1;

    while (*s) {
        const unsigned char c = (unsigned char)*s;
        const int n = utf8_bytes(s);
        const char *piece = n > 0 ? s : "\xEF\xBF\xBD"; /* U+FFFD */
        size_t size = n > 0 ? (size_t)n : 3;
        char escape[8];

        if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F) {
            piece = escape;
            size = (size_t)snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)c);
        }
        if (len + size >= STRING_BYTES)
            break;
        memcpy(j.text + len, piece, size);
        len += size;
        s += n > 0 ? n : 1;
    }
    j.text[len] = '"';
    return j;
}

/* Writes one event; name may be NULL, fmt is the rest of its JSON. False if nobody reads it. */
static PRINTF(4) bool event(const char *ph, int lane, const char *name, const char *fmt, ...)
{
    char line[PIPE_BUF];
    va_list ap;

    if (lane < 0 || lane > get_shared()->newest_lane)
        stop(BUG, "no lane has the id %d", lane);
    const int fd = trace_fd;
    if (fd < 0)
        return false;
    const int64_t now = demo_now_ns();
    size_t n = (size_t)snprintf(line, sizeof(line),
                                "{\"ph\":\"%s\",\"pid\":1,\"tid\":%d,\"ts\":%lld.%03d%s%s", ph,
                                lane, (long long)now / 1000, (int)(now % 1000),
                                name ? ",\"name\":" : "", name ? quote(name).text : "");
    va_start(ap, fmt);
    n += (size_t)vsnprintf(line + n, sizeof(line) - n, fmt, ap);
    va_end(ap);
    if (n >= sizeof(line))
        stop(BUG, "a trace line is longer than %d bytes", PIPE_BUF);
    line[n++] = '\n'; /* over the NUL */
    if (write_unfelt(fd, line, n) == 0)
        return true;
    trace_fd = -1;
    return false;
}

int demo_lane(const char *name)
{
    const int lane = ++get_shared()->newest_lane;

    if (lane > MAX_LANES)
        stop(BUG, "more than %d lanes", MAX_LANES);
    event("M", lane, "thread_name", ",\"args\":{\"name\":%s}}", quote(name).text);
    return lane;
}

void demo_begin(int lane, enum demo_cat cat, const char *name)
{
    static const char *const cats[] = {
        [DEMO_RUN] = "run",     [DEMO_READY] = "ready", [DEMO_BLOCK] = "block",
        [DEMO_SLEEP] = "sleep", [DEMO_CALL] = "call",   [DEMO_HOLD] = "hold",
    };

    event("B", lane, name, ",\"cat\":\"%s\"}", cats[cat]);
}

void demo_end(int lane)
{
    event("E", lane, NULL, "}");
}

void demo_note(int lane, const char *name, const char *fmt, ...)
{
    char text[SAY_BYTES] = "";
    va_list ap;

    va_start(ap, fmt);
    if (fmt)
        vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    event("i", lane, name, ",\"s\":\"t\",\"args\":{\"text\":%s}}", quote(text).text);
}

int demo_send(int lane, const char *name)
{
    const int id = ++get_shared()->newest_arrow;

    event("s", lane, name, ",\"id\":%d}", id);
    return id;
}

void demo_recv(int lane, const char *name, int id)
{
    event("f", lane, name, ",\"bp\":\"e\",\"id\":%d}", id);
}

void demo_point(const char *plot, const char *series, double x, double y)
{
    if (!isfinite(x) || !isfinite(y))
        stop(BUG, "plot %s: (%g, %g) is not a point", plot, x, y);
    event("C", 0, plot, ",\"args\":{\"series\":%s,\"x\":%.15g,\"y\":%.15g}}", quote(series).text, x,
          y);
}

/* ---- snapshots ---- */

enum part { NODES, EDGES, LISTS, PARTS };

static struct snap {
    bool open, cut;
    size_t room; /* bytes that still fit the line */
    struct json name;
    char parts[PARTS][PIPE_BUF]; /* JSON objects, a comma before each but the first */
} snap;

void demo_snap_begin(const char *name)
{
    if (snap.open)
        stop(BUG, "snapshot %s begins inside another", name);
    snap.open = true;
    snap.cut = false;
    for (int i = 0; i < PARTS; i++)
        snap.parts[i][0] = '\0';
    snap.name = quote(name);
    snap.room = PIPE_BUF - FRAME_BYTES - 2 * strlen(snap.name.text);
}

/* Adds an object; after the first that does not fit none, so that what is shown came first. */
static PRINTF(2) void snap_add(enum part part, const char *fmt, ...)
{
    char *to = snap.parts[part];
    const size_t len = strlen(to), comma = len > 0;
    va_list ap;

    if (!snap.open)
        stop(BUG, "call demo_snap_begin first");
    if (comma)
        to[len] = ',';
    va_start(ap, fmt);
    const size_t n = (size_t)vsnprintf(to + len + comma, PIPE_BUF - len - comma, fmt, ap);
    va_end(ap);
    snap.cut = snap.cut || comma + n > snap.room;
    if (snap.cut)
        to[len] = '\0';
    else
        snap.room -= comma + n;
}

void demo_snap_node(const char *id, const char *label, const char *fields)
{
    snap_add(NODES, "{\"id\":%s,\"label\":%s,\"fields\":%s}", quote(id).text, quote(label).text,
             quote(fields).text);
}

void demo_snap_edge(const char *from, const char *to, const char *label)
{
    snap_add(EDGES, "{\"from\":%s,\"to\":%s,\"label\":%s}", quote(from).text, quote(to).text,
             quote(label).text);
}

void demo_snap_list(const char *name, const char *const *ids, int n)
{
    char all[PIPE_BUF] = ""; /* full: too long for the line, so that snap_add refuses it */
    size_t len = 0;

    for (int i = 0; i < n && len < sizeof(all); i++)
        len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s", i ? "," : "",
                                quote(ids[i]).text);
    snap_add(LISTS, "{\"name\":%s,\"ids\":[%s]}", quote(name).text, all);
}

/* The id is the same in all snapshots: those with one name are states of one graph. */
void demo_snap_end(void)
{
    if (!snap.open)
        stop(BUG, "call demo_snap_begin first");
    snap.open = false;
    event("O", 0, NULL,
          ",\"name\":%s,\"id\":1,\"args\":{\"snapshot\":{\"name\":%s,"
          "\"nodes\":[%s],\"edges\":[%s],\"lists\":[%s]%s}}}",
          snap.name.text, snap.name.text, snap.parts[NODES], snap.parts[EDGES], snap.parts[LISTS],
          snap.cut ? ",\"cut\":true" : "");
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

/* measured is JSON, shown the same for people. A verdict that no trace takes is printed. */
static void give_verdict(const char *claim, enum demo_result result, const char *measured,
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
    if (!event("i", 0, claim,
               ",\"s\":\"g\",\"cat\":\"verdict\",\"args\":{\"result\":\"%s\","
               "\"measured\":%s,\"unit\":%s,\"rule\":%s}}",
               names[result][0], measured, quote(unit).text, quote(rule).text))
        demo_say("%s %s: measured %s%s%s (rule: %s)", names[result][1], claim, shown,
                 *unit ? " " : "", unit, rule);
}

void demo_verdict(const char *claim, enum demo_result result, double measured, const char *unit,
                  const char *rule)
{
    char exact[32], shown[32];

    if (!isfinite(measured))
        stop(BUG, "claim %s: %g is not a measured value", claim, measured);
    const bool whole = fabs(measured) < 1e15 && measured == (double)(int64_t)measured;
    snprintf(exact, sizeof(exact), "%.15g", measured);
    snprintf(shown, sizeof(shown), whole ? "%.0f" : "%.4g", measured);
    give_verdict(claim, result, exact, shown, unit, rule);
}

void demo_verdict_word(const char *claim, enum demo_result result, const char *measured,
                       const char *rule)
{
    give_verdict(claim, result, quote(measured).text, measured, "", rule);
}

int demo_finish(void)
{
    return get_shared()->failed ? 1 : 0;
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
    trace_fd = take_trace_fd();
    event("M", 0, "thread_name", ",\"args\":{\"name\":\"main\"}}");
}
