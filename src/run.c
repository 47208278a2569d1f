/*
 * run.c: one run of a demo. See run.h.
 */
#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "build.h"
#include "utf8.h"

/* How long a tool may go on when the demo has ended: for the children that the demo has left. */
enum { HURRY_MS = 200 };

struct run {
    struct procs *procs;
    const struct demo *demo;
    struct run_hooks hooks;
    enum lens lens;
    struct lens_plan plan;
    struct lens_reader *reader; /* also without a lens: it passes the trace on then */
    char *args[CONTENT_MAX_PARAMS];
    struct build *build; /* NULL: none, or over */
    struct proc *proc;   /* NULL before it starts, and once it has ended */
    bool demo_ended;     /* the tool says so, and goes on */
    struct trace *trace;
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
        [RUN_BUILDING] = "building", [RUN_RUNNING] = "running", [RUN_OK] = "ok",
        [RUN_FAILED] = "failed",     [RUN_CRASHED] = "crashed", [RUN_STOPPED] = "stopped",
        [RUN_LIMIT] = "limit",       [RUN_UNBUILT] = "unbuilt"};

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

/* What the lens passes on of the trace, or makes. */
static void take_trace(void *user, const char *bytes, size_t n)
{
    struct run *r = user;

    trace_feed(r->trace, bytes, n);
}

static void take_report(struct run *r, const char *bytes, size_t n)
{
    lens_reader_report(r->reader, bytes, n);
    if (!r->demo_ended && lens_reader_end(r->reader).known)
        r->demo_ended = proc_hurry(r->proc, HURRY_MS);
}

static void on_data(void *user, enum proc_stream stream, const char *bytes, size_t n)
{
    struct run *r = user;

    if (stream == PROC_OUT)
        take_output(r, bytes, n);
    else if (stream == PROC_TRACE)
        lens_reader_trace(r->reader, bytes, n);
    else
        take_report(r, bytes, n);
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

/* A line of the tool, at the end of the demo's output, is none of the demo's. */
static void take_back_last_line(struct run *r)
{
    if (r->n_lines == 0 || !lens_reader_is_end(r->reader, r->lines[r->n_lines - 1]))
        return;
    r->n_lines--;
    r->kept -= strlen(r->lines[r->n_lines]);
    free(r->lines[r->n_lines]);
}

static void end_as(struct run *r, enum run_state state)
{
    r->state = state;
    r->end_ms = loop_now_ms();
    r->hooks.changed(r->hooks.user);
    r->hooks.ended(r->hooks.user);
}

static void on_end(void *user, enum proc_end end, int code)
{
    struct run *r = user;

    r->proc = NULL;
    r->code = code;
    if (r->partial.len > 0)
        keep_line(r);
    take_back_last_line(r);
    lens_reader_finish(r->reader, loop_now_ms() - r->start_ms);
    const struct lens_end seen = lens_reader_end(r->reader);
    if (seen.known && (r->demo_ended || end == PROC_EXITED)) {
        end = seen.signaled ? PROC_SIGNALED : PROC_EXITED;
        r->code = seen.code;
    }
    switch (end) {
    case PROC_EXITED:
        end_as(r, r->code == 0 && verdicts_hold(r) ? RUN_OK : RUN_FAILED);
        break;
    case PROC_SIGNALED:
        end_as(r, RUN_CRASHED);
        break;
    case PROC_STOPPED:
        end_as(r, RUN_STOPPED);
        break;
    case PROC_TIME_LIMIT:
        end_as(r, RUN_LIMIT);
        break;
    }
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

static bool start_program(struct run *r, const char *program, struct err *e)
{
    struct argv argv = r->plan.tool;

    argv_add(&argv, program);
    for (size_t i = 0; i < r->demo->n_params; i++)
        argv_add(&argv, r->args[i]);
    const struct proc_spec spec = {.argv = argv.word,
                                   .env = r->plan.env,
                                   .limit_ms = (int64_t)r->demo->limit_s * 1000,
                                   .trace = true,
                                   .report = r->plan.report,
                                   .fixed_addresses = r->plan.fixed_addresses,
                                   .last_signal = r->plan.last_signal,
                                   .last_words_ms = r->plan.last_words_ms,
                                   .on_data = on_data,
                                   .on_end = on_end,
                                   .user = r};
    r->start_ms = loop_now_ms();
    r->state = RUN_RUNNING;
    r->proc = proc_start(r->procs, &spec, e);
    if (r->proc)
        lens_reader_hide_pipe(r->reader, proc_trace_inode(r->proc));
    return r->proc != NULL;
}

/* ---- compiled anew for its lens ---- */

static void report_messages(struct run *r)
{
    size_t n;
    const struct build_message *m = build_messages(r->build, &n);

    for (size_t i = 0; i < n; i++)
        lens_reader_say_at(r->reader, m[i].file, m[i].line, build_kind_name(m[i].kind), m[i].text);
}

static void on_built(void *user, enum build_end end)
{
    struct run *r = user;
    struct err e;

    if (end == BUILD_OK && start_program(r, build_program(r->build), &e)) {
        build_free(r->build);
        r->build = NULL;
        r->hooks.changed(r->hooks.user);
        return;
    }
    if (end == BUILD_OK)
        lens_reader_say(r->reader, 0, e.text);
    else
        report_messages(r);
    build_free(r->build);
    r->build = NULL;
    end_as(r, end == BUILD_STOPPED ? RUN_STOPPED : RUN_UNBUILT);
}

static bool start_build(struct run *r, const struct run_spec *spec, const char *source,
                        struct err *e)
{
    const struct build_spec build = {.paths = spec->paths,
                                     .source = source,
                                     .helper = r->plan.helper,
                                     .flags = r->plan.flags,
                                     .done = on_built,
                                     .user = r};

    r->state = RUN_BUILDING;
    r->start_ms = loop_now_ms();
    r->build = build_start(r->procs, &build, e);
    return r->build != NULL;
}

struct run *run_start(struct procs *ps, const struct run_spec *spec, struct err *e)
{
    const char *source = spec->source ? spec->source : spec->demo->path;
    struct run *r = x_array(1, sizeof(*r));
    const struct lens_spec lens = {.lens = spec->lens,
                                   .source = source,
                                   .program = spec->program,
                                   .trace = take_trace,
                                   .user = r};

    *r = (struct run){.procs = ps, .demo = spec->demo, .hooks = spec->hooks, .lens = spec->lens};
    r->trace = trace_new();
    r->reader = lens_reader_new(&lens);
    for (size_t i = 0; i < r->demo->n_params; i++)
        r->args[i] = arg_text(&r->demo->params[i], spec->values[i]);
    if (lens_plan_init(&r->plan, r->lens, spec->paths, e) &&
        (r->plan.flags ? start_build(r, spec, source, e) : start_program(r, spec->program, e)))
        return r;
    run_free(r);
    return NULL;
}

void run_stop(struct run *r)
{
    if (r->build)
        build_stop(r->build);
    if (r->proc)
        proc_stop(r->proc);
}

void run_free(struct run *r)
{
    if (!r)
        return;
    if (r->proc)
        proc_abandon(r->proc);
    build_free(r->build);
    lens_plan_release(&r->plan);
    lens_reader_free(r->reader);
    for (size_t i = 0; i < r->demo->n_params; i++)
        free(r->args[i]);
    for (size_t i = 0; i < r->n_lines; i++)
        free(r->lines[i]);
    free(r->lines);
    buf_release(&r->partial);
    trace_free(r->trace);
    free(r);
}

/* ---- asking ---- */

enum run_state run_state(const struct run *r)
{
    return r->state;
}

bool run_is_over(const struct run *r)
{
    return r->state != RUN_BUILDING && r->state != RUN_RUNNING;
}

int run_code(const struct run *r)
{
    return r->code;
}

int64_t run_elapsed_ms(const struct run *r)
{
    return (run_is_over(r) ? r->end_ms : loop_now_ms()) - r->start_ms;
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

enum lens run_lens(const struct run *r)
{
    return r->lens;
}

const struct lens_line *run_report(const struct run *r, size_t *n)
{
    return lens_reader_lines(r->reader, n);
}

struct trace *run_trace(const struct run *r)
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
