/*
 * tool.c: a program run to its end by a command. See tool.h.
 */
#include "tool.h"

/* ---- waiting ---- */

struct wait {
    struct loop *loop;
    const bool *done;
};

static int before_wait(void *user)
{
    const struct wait *w = user;

    if (*w->done)
        loop_stop(w->loop);
    return -1;
}

bool tool_wait(struct loop *l, const bool *done)
{
    struct wait w = {l, done};

    loop_run(l, before_wait, &w);
    return *done;
}

/* ---- running ---- */

struct tool {
    struct tool_result *result;
    bool done;
};

static void on_data(void *user, enum proc_stream stream, const char *bytes, size_t n)
{
    const struct tool *t = user;
    struct buf *out = &t->result->out;
    const size_t room = TOOL_MAX_OUTPUT - out->len;

    (void)stream;
    buf_add(out, bytes, size_min(n, room));
    t->result->truncated |= n > room;
}

static void on_end(void *user, enum proc_end end, int code)
{
    struct tool *t = user;

    t->result->end = end;
    t->result->code = code;
    t->done = true;
}

bool tool_run(const struct app *app, const char *const *argv, const char *cwd, int64_t limit_ms,
              struct tool_result *r, struct err *e)
{
    *r = (struct tool_result){.end = PROC_STOPPED};
    struct tool t = {.result = r};
    const struct proc_spec spec = {.argv = argv,
                                   .cwd = cwd,
                                   .limit_ms = limit_ms,
                                   .on_data = on_data,
                                   .on_end = on_end,
                                   .user = &t};
    struct proc *p = proc_start(app->procs, &spec, e);

    if (!p)
        return false;
    if (!tool_wait(app->loop, &t.done))
        proc_abandon(p);
    return true;
}

void tool_result_release(struct tool_result *r)
{
    buf_release(&r->out);
}

bool tool_succeeded(const struct tool_result *r)
{
    return r->end == PROC_EXITED && r->code == 0;
}
