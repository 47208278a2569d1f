/*
 * run.c: one run of a demo. See run.h.
 */
#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "utf8.h"

struct run {
    const struct demo *demo;
    struct run_hooks hooks;
    struct proc *proc; /* NULL once it has ended */
    struct trace *trace;
    int trace_fd;
    int trace_error; /* errno of the copy that failed, 0 if all went well */
    enum run_state state;
    int code;
    int64_t start_ms, end_ms;

    struct buf partial; /* raw bytes of the line that is not complete yet */
    char **lines;       /* clean */
    size_t n_lines;
    size_t kept; /* bytes in lines */
    uint64_t dropped;
};

const char *run_state_name(enum run_state s)
{
    static const char *const names[] = {
        [RUN_RUNNING] = "running", [RUN_OK] = "ok",           [RUN_FAILED] = "failed",
        [RUN_CRASHED] = "crashed", [RUN_STOPPED] = "stopped", [RUN_LIMIT] = "limit"};

    return names[s];
}

/* ---- output ---- */

static bool output_full(const struct run *r)
{
    return r->n_lines >= RUN_MAX_LINES || r->kept >= RUN_MAX_OUTPUT;
}

/* Of a character of UTF-8, but not its first byte. */
static bool is_continuation(char c)
{
    return (c & 0xc0) == 0x80;
}

static void keep_line(struct run *r)
{
    struct buf clean = {0};

    utf8_clean(&clean, buf_text(&r->partial), r->partial.len, false);
    r->kept += clean.len;
    if (r->n_lines % 64 == 0)
        r->lines = x_resize(r->lines, r->n_lines + 64, sizeof(*r->lines));
    r->lines[r->n_lines++] = buf_take(&clean);
    buf_clear(&r->partial);
}

/* Keeps what there is of a line that goes on with next; a character that next belongs to moves to
 * the line after. */
static void break_line(struct run *r, char next)
{
    size_t end = r->partial.len;
    char tail[4];

    while (is_continuation(next) && end > r->partial.len - 3 &&
           is_continuation(r->partial.text[end - 1]))
        end--;
    end -= is_continuation(next);
    const size_t n = r->partial.len - end;
    memcpy(tail, r->partial.text + end, n);
    r->partial.len = end;
    keep_line(r);
    buf_add(&r->partial, tail, n);
}

static void take_output(struct run *r, const char *bytes, size_t n)
{
    while (n > 0) {
        if (output_full(r)) {
            r->dropped += r->partial.len + n;
            buf_clear(&r->partial);
            return;
        }
        if (r->partial.len == RUN_MAX_LINE && *bytes != '\n') {
            break_line(r, *bytes);
            continue;
        }
        const size_t room = RUN_MAX_LINE - r->partial.len;
        const char *nl = memchr(bytes, '\n', size_min(n, room + 1));
        const size_t piece = nl ? (size_t)(nl - bytes) : size_min(n, room);
        buf_add(&r->partial, bytes, piece);
        if (nl)
            keep_line(r);
        bytes += piece + (nl != NULL);
        n -= piece + (nl != NULL);
    }
}

/* The trace is also copied out where that was asked for, until that fails. */
static void copy_trace(struct run *r, const char *bytes, size_t n)
{
    while (r->trace_fd >= 0 && n > 0) {
        const ssize_t w = write(r->trace_fd, bytes, n);
        if (w < 0) {
            r->trace_fd = -1;
            r->trace_error = errno;
            return;
        }
        bytes += w;
        n -= (size_t)w;
    }
}

static void on_data(void *user, enum proc_stream stream, const char *bytes, size_t n)
{
    struct run *r = user;

    if (stream == PROC_OUT) {
        take_output(r, bytes, n);
    } else {
        trace_feed(r->trace, bytes, n);
        copy_trace(r, bytes, n);
    }
    r->hooks.changed(r->hooks.user);
}

/* ---- the end ---- */

static bool verdicts_hold(const struct run *r)
{
    for (size_t i = 0; i < r->demo->n_claims; i++) {
        const struct trace_verdict *v = trace_verdict(r->trace, r->demo->claims[i]);
        if (!v || v->result == TRACE_FAIL)
            return false;
    }
    return true;
}

static void on_end(void *user, enum proc_end end, int code)
{
    struct run *r = user;

    r->proc = NULL;
    r->code = code;
    r->end_ms = loop_now_ms();
    if (r->partial.len > 0)
        keep_line(r);
    switch (end) {
    case PROC_EXITED:
        r->state = code == 0 && verdicts_hold(r) ? RUN_OK : RUN_FAILED;
        break;
    case PROC_SIGNALED:
        r->state = RUN_CRASHED;
        break;
    case PROC_STOPPED:
        r->state = RUN_STOPPED;
        break;
    case PROC_TIME_LIMIT:
        r->state = RUN_LIMIT;
        break;
    }
    r->hooks.changed(r->hooks.user);
    r->hooks.ended(r->hooks.user);
}

/* ---- the start ---- */

static char *arg_text(const struct param *p, long value)
{
    char v[32];

    return xasprintf("%s=%s", p->name, param_format(p, value, v, sizeof(v)));
}

char *run_args_text(const struct demo *demo, const long *values)
{
    struct buf out = {0};

    for (size_t i = 0; i < demo->n_params; i++) {
        char *arg = arg_text(&demo->params[i], values[i]);
        buf_printf(&out, "%s%s", i ? " " : "", arg);
        free(arg);
    }
    return buf_take(&out);
}

struct run *run_start(struct procs *ps, const struct demo *demo, const char *program,
                      const long *values, int trace_fd, const struct run_hooks *hooks,
                      struct err *e)
{
    struct run *r = x_array(1, sizeof(*r));
    const char *argv[CONTENT_MAX_PARAMS + 2] = {program};

    for (size_t i = 0; i < demo->n_params; i++)
        argv[i + 1] = arg_text(&demo->params[i], values[i]);
    *r = (struct run){.demo = demo, .hooks = *hooks, .trace_fd = trace_fd};
    r->trace = trace_new();
    r->start_ms = loop_now_ms();
    const struct proc_spec spec = {.argv = argv,
                                   .limit_ms = (int64_t)demo->limit_s * 1000,
                                   .trace = true,
                                   .on_data = on_data,
                                   .on_end = on_end,
                                   .user = r};
    r->proc = proc_start(ps, &spec, e);
    for (size_t i = 0; i < demo->n_params; i++)
        free((char *)argv[i + 1]);
    if (r->proc)
        return r;
    run_free(r);
    return NULL;
}

void run_stop(struct run *r)
{
    if (r->proc)
        proc_stop(r->proc);
}

void run_free(struct run *r)
{
    if (!r)
        return;
    if (r->proc)
        proc_abandon(r->proc);
    for (size_t i = 0; i < r->n_lines; i++)
        free(r->lines[i]);
    free(r->lines);
    buf_release(&r->partial);
    trace_free(r->trace);
    free(r);
}

/* ---- asking ---- */

int run_trace_error(const struct run *r)
{
    return r->trace_error;
}

enum run_state run_state(const struct run *r)
{
    return r->state;
}

int run_code(const struct run *r)
{
    return r->code;
}

int64_t run_elapsed_ms(const struct run *r)
{
    return (r->proc ? loop_now_ms() : r->end_ms) - r->start_ms;
}

size_t run_lines(const struct run *r)
{
    return r->n_lines;
}

const char *run_line(const struct run *r, size_t i)
{
    return r->lines[i];
}

uint64_t run_dropped(const struct run *r)
{
    return r->dropped;
}

const struct trace *run_trace(const struct run *r)
{
    return r->trace;
}

static bool choice_matches(const struct predict_choice *c, const struct trace_verdict *v)
{
    if (c->is)
        return !v->is_number && strcmp(c->is, v->measured) == 0;
    return v->is_number && v->number >= c->lo && v->number < c->hi;
}

int predict_outcome(const struct predict *p, const struct trace *t)
{
    const struct trace_verdict *v = trace_verdict(t, p->claim);

    if (!v || v->result == TRACE_INCONCLUSIVE)
        return -1;
    for (size_t i = 0; i < p->n_choices; i++)
        if (choice_matches(&p->choices[i], v))
            return (int)i;
    return -1;
}
