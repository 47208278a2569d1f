/*
 * perf.c: the lens on counters: `perf stat`, as lines of the report and as counters of the trace at
 * the moment the demo ended. See lens.h.
 *
 * perf ends with status 0 also when the demo was killed by a signal: only the line that it prints
 * with psignal(3) tells of it.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lens/impl.h"
#include "proc.h"

enum { FIELDS = 3, MAX_COUNTERS = 32 };

_Static_assert(PROC_REPORT_FD == 250, "as the options have it");

struct perf {
    struct counter {
        char *name;
        double value;
    } counters[MAX_COUNTERS];
    size_t n;
};

static void release(void *state)
{
    struct perf *st = state;

    for (size_t i = 0; i < st->n; i++)
        free(st->counters[i].name);
}

/* ---- how it is started ---- */

/* Asks for the simplest counter there is: task-clock, of this process, user mode only. */
static bool may_count(int *error)
{
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                   .size = sizeof(attr),
                                   .config = PERF_COUNT_SW_TASK_CLOCK,
                                   .disabled = 1,
                                   .exclude_kernel = 1,
                                   .exclude_hv = 1};
    const int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

    *error = errno;
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static char *missing(void)
{
    char *why = lens_tool_missing("perf", "linux-perf", false);
    int error;

    if (why || may_count(&error))
        return why;
    struct buf words = {0};
    const char *name = strerrorname_np(error);
    buf_printf(&words, text(TXT_LENS_NO_COUNTERS), name ? name : "?");
    return buf_take(&words);
}

static void plan(struct lens_plan *p, const struct paths *paths)
{
    static const char *const options[] = {
        "stat", "-x;", "--log-fd",
        "250",  "-e",  "task-clock,context-switches,cpu-migrations,page-faults,instructions,cycles",
        "--"};
    static const char *const env[] = {"LC_ALL=C", NULL}; /* a point in its numbers */

    (void)paths;
    p->held[0] = proc_find("perf");
    argv_add(&p->tool, p->held[0]);
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        argv_add(&p->tool, options[i]);
    p->env = env;
    p->report = true;
    p->last_signal = SIGKILL; /* it counts to the end of its child, and tells then */
    p->last_words_ms = 500;
}

/* ---- what it says ---- */

/* The first fields of "84;;page-faults;78957837;100.00;1.064;K/sec". */
static bool read_fields(const char *s, struct piece *fields)
{
    for (int i = 0; i < FIELDS; i++) {
        const size_t n = strcspn(s, ";");
        if (s[n] != ';')
            return false;
        fields[i] = (struct piece){s, n};
        s += n + 1;
    }
    return fields[0].n > 0 && fields[2].n > 0;
}

/* "instructions:u": without the right to count what the kernel does. The caller frees. */
static char *counter_title(struct piece event)
{
    const char *colon = memchr(event.s, ':', event.n);
    struct buf words = {0};

    if (!colon || !memchr(colon, 'u', (size_t)(event.s + event.n - colon)))
        return xstrndup(event.s, event.n);
    char *name = xstrndup(event.s, (size_t)(colon - event.s));
    buf_printf(&words, text(TXT_LENS_USER_ONLY), name);
    free(name);
    return buf_take(&words);
}

static void keep(struct perf *st, struct piece event, double value)
{
    if (st->n == MAX_COUNTERS)
        return;
    const char *colon = memchr(event.s, ':', event.n);
    const size_t n = colon ? (size_t)(colon - event.s) : event.n;
    st->counters[st->n++] = (struct counter){xstrndup(event.s, n), value};
}

static void line(struct lens_reader *r, const char *words)
{
    struct piece fields[FIELDS]; /* value, unit, event */
    char *end;

    if (*words == '#' || !read_fields(words, fields))
        return;
    char *title = counter_title(fields[2]);
    const double value = strtod(words, &end);
    if (end != fields[0].s + fields[0].n || !isfinite(value)) {
        const bool known = piece_is(fields[0], "<not counted>");
        lens_add(r, 0, text(known ? TXT_LENS_UNCOUNTED : TXT_LENS_UNSUPPORTED), title);
    } else {
        const char *unit = piece_is(fields[1], "msec") ? " ms" : "";
        lens_add(r, 0, "%s: %.*s%s", title, (int)fields[0].n, fields[0].s, unit);
        keep(r->state, fields[2], value);
    }
    free(title);
}

/* "PROGRAM: Segmentation fault" */
static bool is_end(struct lens_reader *r, const char *line_of_output)
{
    const size_t n = strlen(r->program);

    if (strncmp(line_of_output, r->program, n) != 0 || !starts_with(line_of_output + n, ": "))
        return false;
    for (int i = 1; i < NSIG; i++) {
        const char *meaning = sigdescr_np(i);
        if (!meaning || strcmp(line_of_output + n + 2, meaning) != 0)
            continue;
        r->end = (struct lens_end){.known = true, .signaled = true, .code = i};
        return true;
    }
    return false;
}

static void finish(struct lens_reader *r, int64_t elapsed_ms)
{
    const struct perf *st = r->state;
    struct buf out = {0};

    for (size_t i = 0; i < st->n; i++) {
        buf_printf(&out, "{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":%lld.000,\"name\":",
                   (long long)elapsed_ms * 1000);
        lens_json(&out, st->counters[i].name, strlen(st->counters[i].name), 80);
        buf_printf(&out, ",\"args\":{\"value\":%.15g}}\n", st->counters[i].value);
    }
    lens_emit(r, &out);
    buf_release(&out);
}

const struct lens_ops lens_perf = {
    .name = "perf",
    .title = TXT_LENS_PERF,
    .missing = missing,
    .plan = plan,
    .state_size = sizeof(struct perf),
    .release = release,
    .line = line,
    .is_end = is_end,
    .finish = finish,
};
