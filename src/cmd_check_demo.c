/*
 * cmd_check_demo.c: proves one compiled demo: its parameters, its verdicts, its prediction, and the
 * moments that pages point at. See cmd_check_run.h.
 */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cmd_check_impl.h"
#include "content/findings.h"
#include "markdown.h"
#include "run.h"

enum {
    PARAMS_LIMIT_MS = 5 * 1000,
    MAX_MOMENTS = 50, /* of one demo */
};

/* ---- parameters ---- */

/* What lib/demo.c prints for this parameter: name, int, default, min, max, or name, choice,
 * default, a,b,c; tabs between. A flag is the whole number 0..1. The caller frees. */
static char *param_line(const struct param *pa)
{
    struct buf line = {0};
    char def[64];

    param_format(pa, pa->def, def, sizeof(def));
    buf_printf(&line, "%s\t%s\t%s\t", pa->name, pa->kind == PARAM_CHOICE ? "choice" : "int", def);
    if (pa->kind != PARAM_CHOICE)
        buf_printf(&line, "%ld\t%ld", pa->min, pa->max);
    for (size_t i = 0; pa->kind == PARAM_CHOICE && i < pa->n_choices; i++)
        buf_printf(&line, "%s%s", i ? "," : "", pa->choices[i]);
    return buf_take(&line);
}

static const struct param *find_param(const struct demo *d, const char *line)
{
    const size_t n = strcspn(line, "\t");

    for (size_t i = 0; i < d->n_params; i++)
        if (strlen(d->params[i].name) == n && memcmp(d->params[i].name, line, n) == 0)
            return &d->params[i];
    return NULL;
}

/* A line of --params against lesson.json; marks the parameter as seen. */
static void check_param_line(struct proof *p, const struct demo *d, const char *line, bool *seen)
{
    const struct param *pa = find_param(d, line);
    char clean[SHOWN_MAX], clean2[SHOWN_MAX];

    if (!pa) {
        proof_finding(p, "--params prints \"%s\", which lesson.json does not list",
                      shown(clean, line));
        return;
    }
    seen[pa - d->params] = true;
    char *expected = param_line(pa);
    if (strcmp(line, expected) != 0)
        proof_finding(p, "--params prints \"%s\", lesson.json says \"%s\"", shown(clean, line),
                      shown(clean2, expected));
    free(expected);
}

static void check_params_output(struct proof *p, const struct demo *d, const char *out)
{
    bool seen[CONTENT_MAX_PARAMS] = {false};

    for (const char *at = out; *at;) {
        const size_t n = strcspn(at, "\n");
        char *line = xstrndup(at, n);
        check_param_line(p, d, line, seen);
        free(line);
        at += n + (at[n] == '\n');
    }
    for (size_t i = 0; i < d->n_params; i++)
        if (!seen[i])
            proof_finding(p, "--params does not print %s, which lesson.json lists",
                          d->params[i].name);
}

static void check_params(struct proof *p, const struct demo *d, const char *program)
{
    const char *const argv[] = {program, "--params", NULL};
    struct tool_result r;
    char words[64];

    if (!proof_run_tool(p, argv, PARAMS_LIMIT_MS, &r))
        return;
    if (tool_succeeded(&r))
        check_params_output(p, d, buf_text(&r.out));
    else
        proof_finding(p, "--params: %s", proof_end_words(&r, words));
    tool_result_release(&r);
}

/* ---- running a demo ---- */

static void on_changed(void *user)
{
    (void)user;
}

static void on_ended(void *user)
{
    bool *ended = user;

    *ended = true;
}

static bool is_declared(const struct demo *d, const char *claim)
{
    for (size_t i = 0; i < d->n_claims; i++)
        if (strcmp(d->claims[i], claim) == 0)
            return true;
    return false;
}

static void check_verdicts(struct proof *p, const struct demo *d, const char *args,
                           const struct trace *t)
{
    size_t n;
    const struct trace_verdict *verdicts = trace_verdicts(t, &n);

    for (size_t i = 0; i < d->n_claims; i++)
        if (!trace_verdict(t, d->claims[i]))
            proof_finding(p, "[%s] gives no verdict on %s", args, d->claims[i]);
    for (size_t i = 0; i < n; i++) {
        const struct trace_verdict *v = &verdicts[i];
        if (!is_declared(d, v->claim))
            proof_finding(p, "[%s] gives a verdict on %s, which lesson.json does not list", args,
                          v->claim);
        if (v->result == TRACE_FAIL)
            proof_finding(p, "[%s] verdict on %s fails: measured %s; rule: %s", args, v->claim,
                          v->measured, v->rule);
    }
    if (trace_health(t)->bad_lines > 0)
        proof_finding(p, "[%s] writes %zu trace lines that cannot be read", args,
                      trace_health(t)->bad_lines);
}

static void check_end(struct proof *p, const struct demo *d, const char *args, const struct run *r)
{
    switch (run_state(r)) {
    case RUN_CRASHED:
        proof_finding(p, "[%s] is killed by signal %d", args, run_code(r));
        break;
    case RUN_LIMIT:
        proof_finding(p, "[%s] runs longer than its limit_s of %d", args, d->limit_s);
        break;
    default:
        if (run_code(r) != 0)
            proof_finding(p, "[%s] ends with exit status %d", args, run_code(r));
        break;
    }
    if (run_dropped(r) > 0)
        proof_finding(p, "[%s] prints more than %d bytes or %d lines", args, (int)RUN_MAX_OUTPUT,
                      (int)RUN_MAX_LINES);
}

/* The prediction's verdict must pick one of its choices, and only one. */
static void check_prediction(struct proof *p, const struct demo *d, const char *args,
                             const struct trace *t)
{
    const struct trace_verdict *v = trace_verdict(t, d->predict.claim);
    size_t matching = 0;

    if (!v || v->result == TRACE_INCONCLUSIVE)
        return;
    for (size_t i = 0; i < d->predict.n_choices; i++) {
        struct predict alone = d->predict;
        alone.choices = &d->predict.choices[i];
        alone.n_choices = 1;
        matching += predict_outcome(&alone, t) == 0;
    }
    if (matching != 1)
        proof_finding(
            p, "[%s] measured %s for %s, which matches %zu choices of its prediction, not one",
            args, v->measured, v->claim, matching);
}

/* ---- moments that pages point at ---- */

struct moments {
    struct moment m[MAX_MOMENTS];
    long values[MAX_MOMENTS][CONTENT_MAX_PARAMS];
    size_t n;
};

/* Both languages have the same blocks: one is enough. */
static void find_moments(struct proof *p, const struct lesson *l, const struct demo *d,
                         struct moments *all)
{
    for (size_t i = 0; i < l->n_pages; i++) {
        const char *text = l->pages[i].md.in[LANG_EN];
        struct md_doc *doc = md_new(text, strlen(text));
        size_t n;
        const struct md_live_block *b = md_live(doc, &n);
        for (size_t k = 0; k < n && all->n < MAX_MOMENTS; k++) {
            struct moment *m = &all->m[all->n];
            long *values = all->values[all->n];
            demo_args_default(d, values);
            /* What cannot be parsed the lint has reported. */
            all->n += b[k].kind == MD_LIVE_AT && strcmp(b[k].name, d->name) == 0 &&
                      moment_parse(b[k].args, m, NULL) && demo_args_parse(d, m->args, values, NULL);
        }
        md_free(doc);
    }
    if (all->n == MAX_MOMENTS)
        proof_finding(p, "pages point at %d moments or more: too many to check", (int)MAX_MOMENTS);
}

static void check_moments(struct proof *p, const struct demo *d, const struct moments *all,
                          const long *values, const char *args, struct trace *t)
{
    trace_settle(t);
    for (size_t i = 0; i < all->n; i++) {
        const struct moment *m = &all->m[i];
        if (demo_args_equal(d, values, all->values[i]) &&
            trace_find(t, TRACE_NOTE, m->mark, m->nth) == TRACE_NONE)
            proof_finding(p, "[%s] has no note %s:%zu, which a page points at", args, m->mark,
                          m->nth);
    }
}

/* ---- the demo ---- */

static void run_demo(struct proof *p, const struct demo *d, const struct moments *moments,
                     const char *program, const long *values)
{
    bool ended = false;
    const struct run_spec spec = {
        .demo = d, .program = program, .values = values, .hooks = {on_changed, on_ended, &ended}};
    char *args = d->n_params > 0 ? run_args_text(d, values) : xstrdup("no parameters");
    struct err e;
    struct run *r = run_start(p->app->procs, &spec, &e);

    if (!r) {
        proof_finding(p, "[%s] %s", args, e.text);
    } else if (!tool_wait(p->app->loop, &ended)) {
        p->interrupted = true;
    } else {
        check_end(p, d, args, r);
        check_verdicts(p, d, args, run_trace(r));
        check_moments(p, d, moments, values, args, run_trace(r));
        if (demo_args_equal(d, values, d->predict.with))
            check_prediction(p, d, args, run_trace(r));
    }
    run_free(r);
    free(args);
}

void proof_demo(struct proof *p, const struct lesson *l, const struct demo *d, const char *program)
{
    struct moments moments = {.n = 0};
    const long *runs[MAX_MOMENTS + 2]; /* the values of each, all different */
    long defaults[CONTENT_MAX_PARAMS];
    size_t n = 0;

    check_params(p, d, program);
    find_moments(p, l, d, &moments);
    demo_args_default(d, defaults);
    for (size_t i = 0; i < moments.n + 2; i++) {
        const long *values = i == 0 ? defaults : i == 1 ? d->predict.with : moments.values[i - 2];
        size_t k = 0;
        while (k < n && !demo_args_equal(d, values, runs[k]))
            k++;
        if (k == n)
            runs[n++] = values;
    }
    for (size_t i = 0; i < n && !p->interrupted; i++)
        run_demo(p, d, &moments, program, runs[i]);
}
