/*
 * screen_demo.c: a demo: predict, choose parameters, run it live, see its verdicts and its source.
 *
 * One column of lines, top to bottom in the order of the work. The prediction is on disk before
 * the run starts, and is held against what the run measured, not against a constant.
 */
#include <ctype.h>
#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "highlight.h"
#include "loop.h"
#include "run.h"
#include "store/store.h"
#include "ui.h"
#include "utf8.h"

enum {
    ITEM_PREDICT = 0, /* plus the choice */
    ITEM_PARAM = 100, /* plus the parameter */
    ITEM_RUN = 200,
    TICK_MS = 100, /* how often the running time is drawn anew */
    MAX_SOURCE_LINE = 400,
    MAX_RUNS = 64, /* of one highlighted line */
};

/* As store_run has it. */
enum outcome { OUTCOME_NONE = -1, OUTCOME_WRONG, OUTCOME_RIGHT, OUTCOME_UNDECIDED };

struct source_line {
    struct md_run *runs;
    size_t n;
};

struct demo_view {
    struct lesson *lesson;
    const struct demo *demo;
    long *values;
    char *program, *no_program; /* no_program: why it cannot be run */

    int predicted; /* the choice made and not yet decided or just decided, -1 none */
    int measured;  /* the choice the run decided, -1 none */
    enum outcome outcome;
    bool warned; /* "predict first" has been said once */

    struct run *run;
    bool scored_run; /* this run has the parameters of the prediction */
    struct timer *tick;

    bool editing; /* the focused number */
    char edit[16];

    bool show_source;
    struct source_line *source;
    size_t n_source;
    char *source_error;
    struct arena source_mem;
};

static struct demo_view *view_of(const struct screen *s)
{
    return (struct demo_view *)s->state;
}

static bool is_running(const struct screen *s)
{
    const struct demo_view *v = view_of(s);

    return v->run && run_state(v->run) == RUN_RUNNING;
}

/* ---- opening: "lesson/demo k=v ..." ---- */

static bool find_demo(struct screen *s, const char *arg, struct err *e)
{
    struct demo_view *v = view_of(s);
    const size_t name_at = strcspn(arg, "/");
    char *slug = xstrndup(arg, name_at);
    const struct lesson_info *info = content_find(s->app->content, slug);

    if (!info)
        err_set(e, text(TXT_NO_SUCH_LESSON), slug);
    else
        v->lesson = lesson_load(info, e);
    free(slug);
    if (!v->lesson || arg[name_at] == '\0')
        return false;
    const char *name = arg + name_at + 1;
    const size_t len = strcspn(name, " ");
    char *demo = xstrndup(name, len);
    v->demo = lesson_demo(v->lesson, demo);
    if (!v->demo)
        err_set(e, text(TXT_NO_SUCH_DEMO), demo);
    free(demo);
    if (!v->demo)
        return false;
    v->values = x_array(v->demo->n_params, sizeof(*v->values));
    demo_args_default(v->demo, v->values);
    return demo_args_parse(v->demo, name + len, v->values, e);
}

static void demo_close(struct screen *s)
{
    struct demo_view *v = view_of(s);

    run_free(v->run);
    free(v->values);
    free(v->program);
    free(v->no_program);
    free(v->source);
    free(v->source_error);
    arena_free(&v->source_mem);
    lesson_free(v->lesson);
}

static bool demo_open(struct screen *s, const char *arg, struct err *e)
{
    struct demo_view *v = view_of(s);
    struct err why;

    if (!find_demo(s, arg, e)) {
        demo_close(s);
        return false;
    }
    v->program = app_demo_program(s->app, v->lesson->slug, v->demo->name, &why);
    if (!v->program)
        v->no_program = xstrdup(why.text);
    v->outcome = OUTCOME_NONE;
    v->measured = -1;
    v->predicted = store_predict_open(s->app->store, v->demo->name);
    if (v->predicted >= (int)v->demo->predict.n_choices)
        v->predicted = -1;
    if (v->predicted < 0)
        s->doc.focus = ITEM_PREDICT;
    else
        s->doc.focus = ITEM_RUN;
    return true;
}

static bool demo_busy(const struct screen *s)
{
    return is_running(s);
}

/* ---- running ---- */

static void on_tick(void *user)
{
    struct screen *s = user;

    view_of(s)->tick = loop_after(s->app->loop, s, TICK_MS, on_tick, s);
    ui_changed(s);
}

static void on_changed(void *user)
{
    ui_changed(user);
}

/* Holds the prediction against the verdict, if this was the run it was about. */
static enum outcome decide(struct demo_view *v)
{
    if (v->predicted < 0 || !v->scored_run)
        return OUTCOME_NONE;
    v->measured = predict_outcome(&v->demo->predict, run_trace(v->run));
    if (v->measured < 0)
        return OUTCOME_UNDECIDED;
    return v->measured == v->predicted ? OUTCOME_RIGHT : OUTCOME_WRONG;
}

static void store_run(struct screen *s)
{
    const struct demo_view *v = view_of(s);
    size_t n;
    const struct trace_verdict *verdicts = trace_verdicts(run_trace(v->run), &n);
    struct store_verdict *rows = x_array(n, sizeof(*rows));
    char *args = run_args_text(v->demo, v->values);
    struct err e;

    for (size_t i = 0; i < n; i++)
        rows[i] = (struct store_verdict){.claim = verdicts[i].claim,
                                         .result = trace_result_name(verdicts[i].result),
                                         .measured = verdicts[i].measured,
                                         .rule = verdicts[i].rule};
    const struct store_run r = {.lesson = v->lesson->slug,
                                .demo = v->demo->name,
                                .args = args,
                                .status = run_state_name(run_state(v->run)),
                                .predicted = (int)v->outcome,
                                .verdicts = rows,
                                .n_verdicts = n};
    if (!store_run_add(s->app->store, app_now_ms(s->app), &r, &e))
        ui_say(s->app, "%s", e.text);
    free(args);
    free(rows);
}

static void on_ended(void *user)
{
    struct screen *s = user;
    struct demo_view *v = view_of(s);

    loop_cancel(s->app->loop, v->tick);
    v->tick = NULL;
    if (v->outcome == OUTCOME_NONE)
        v->outcome = decide(v);
    store_run(s);
    /* What it came to stands at the top of the window; the output follows below. */
    s->doc.follow = false;
    s->doc.top_focus = ITEM_RUN;
    ui_changed_all(s->app);
}

static bool has_prediction_values(const struct demo_view *v)
{
    for (size_t i = 0; i < v->demo->n_params; i++)
        if (v->values[i] != v->demo->predict.with[i])
            return false;
    return true;
}

static bool prediction_is_open(const struct demo_view *v)
{
    return v->predicted < 0 && v->outcome == OUTCOME_NONE && v->demo->predict.n_choices > 0;
}

static void start_run(struct screen *s)
{
    struct demo_view *v = view_of(s);
    const struct run_hooks hooks = {on_changed, on_ended, s};
    struct err e;

    if (v->no_program) {
        ui_say(s->app, "%s", v->no_program);
        return;
    }
    run_free(v->run);
    if (v->outcome != OUTCOME_NONE) { /* the run that decided it is over */
        v->outcome = OUTCOME_NONE;
        v->predicted = v->measured = -1;
        v->warned = true;
    }
    v->scored_run = v->predicted >= 0 && has_prediction_values(v);
    v->run = run_start(s->app->procs, v->demo, v->program, v->values, -1, &hooks, &e);
    if (!v->run) {
        ui_say(s->app, "%s", e.text);
        return;
    }
    v->show_source = false;
    v->tick = loop_after(s->app->loop, s, TICK_MS, on_tick, s);
    s->doc.follow = true;
    s->doc.focus = ITEM_RUN;
}

/* ---- the number being typed ---- */

static const struct param *focused_param(const struct screen *s)
{
    const struct demo_view *v = view_of(s);
    const int i = s->doc.focus - ITEM_PARAM;

    return i >= 0 && (size_t)i < v->demo->n_params ? &v->demo->params[i] : NULL;
}

static long *focused_value(const struct screen *s)
{
    return &view_of(s)->values[s->doc.focus - ITEM_PARAM];
}

static void end_edit(struct screen *s, bool keep)
{
    struct demo_view *v = view_of(s);
    const struct param *p = focused_param(s);
    struct err e;
    long value;

    if (v->editing && keep && p && v->edit[0]) {
        if (param_parse(p, v->edit, &value, &e))
            *focused_value(s) = value;
        else
            ui_say(s->app, "%s", e.text);
    }
    v->editing = false;
    v->edit[0] = '\0';
}

/* Digits (and a sign) on a number start typing it; Enter or moving on takes it, Esc does not. */
static bool demo_type(struct screen *s, int key)
{
    struct demo_view *v = view_of(s);
    const struct param *p = focused_param(s);
    const size_t n = strlen(v->edit);
    const bool number = p && p->kind == PARAM_INT && !v->show_source && !is_running(s);

    if (!number)
        return false;
    if (key < 128 && (isdigit(key) || (key == '-' && n == 0))) {
        v->editing = true;
        if (n + 1 < sizeof(v->edit)) {
            v->edit[n] = (char)key;
            v->edit[n + 1] = '\0';
        }
        return true;
    }
    if (!v->editing)
        return false;
    if (key == KEY_BACKSPACE && n > 0) {
        v->edit[n - 1] = '\0';
        return true;
    }
    end_edit(s, key != KEY_ESC);
    return key == KEY_ESC || key == '\n';
}

/* ---- drawing ---- */

static void demo_title(const struct screen *s, struct buf *left, struct buf *right)
{
    const struct demo_view *v = view_of(s);

    buf_puts(left, text_of(&v->demo->title));
    buf_puts(right, v->show_source ? strrchr(v->demo->path, '/') + 1 : v->demo->name);
}

static void heading(struct screen *s, enum text_id id)
{
    doc_blank(&s->doc);
    doc_text(&s->doc, 0, ST_STRONG, text(id));
}

static void build_prediction(struct screen *s)
{
    const struct demo_view *v = view_of(s);
    const struct predict *p = &v->demo->predict;
    char mark[32];

    if (p->n_choices == 0)
        return;
    heading(s, TXT_PREDICTION);
    doc_markdown(&s->doc, 0, ST_TEXT, "", ST_TEXT, text_of(&p->text), DOC_NO_FOCUS);
    for (size_t i = 0; i < p->n_choices; i++) {
        const bool mine = (int)i == v->predicted, truth = (int)i == v->measured;
        const enum glyph g = truth  ? GLYPH_GOOD
                             : mine ? (v->outcome == OUTCOME_WRONG ? GLYPH_BAD : GLYPH_RADIO_ON)
                                    : GLYPH_RADIO_OFF;
        snprintf(mark, sizeof(mark), "%zu %s ", i + 1, term_glyph(g));
        doc_markdown(&s->doc, 2,
                     g == GLYPH_GOOD  ? ST_GOOD
                     : g == GLYPH_BAD ? ST_BAD
                     : mine           ? ST_ACCENT
                                      : ST_DIM,
                     mark, ST_TEXT, text_of(&p->choices[i].text),
                     prediction_is_open(v) ? ITEM_PREDICT + (int)i : DOC_NO_FOCUS);
    }
    if (v->outcome == OUTCOME_NONE && v->predicted >= 0)
        doc_text(&s->doc, 2, ST_DIM, text(TXT_PREDICTION_KEPT));
}

/* Stands with the run's state, so that it is in view when the run has ended. */
static void build_outcome(struct screen *s)
{
    const struct demo_view *v = view_of(s);

    if (v->outcome == OUTCOME_NONE)
        return;
    doc_blank(&s->doc);
    if (v->outcome == OUTCOME_RIGHT)
        doc_text(&s->doc, 2, ST_GOOD, text(TXT_PREDICTION_RIGHT));
    else if (v->outcome == OUTCOME_WRONG)
        doc_text(&s->doc, 2, ST_BAD, text(TXT_PREDICTION_WRONG));
    else
        doc_text(&s->doc, 2, ST_WARN, text(TXT_PREDICTION_UNDECIDED));
    if (v->outcome != OUTCOME_UNDECIDED)
        doc_markdown(&s->doc, 2, ST_TEXT, "", ST_TEXT, text_of(&v->demo->predict.why),
                     DOC_NO_FOCUS);
}

static void build_param(struct screen *s, size_t i)
{
    const struct demo_view *v = view_of(s);
    const struct param *p = &v->demo->params[i];
    struct buf left = {0}, right = {0};
    char value[32];
    const bool editing = v->editing && s->doc.focus == ITEM_PARAM + (int)i;

    if (editing)
        snprintf(value, sizeof(value), "%s_", v->edit);
    else
        param_format(p, v->values[i], value, sizeof(value));
    buf_printf(&left, "%s", p->name);
    for (int pad = utf8_cols_str(p->name); pad < 10; pad++)
        buf_putc(&left, ' ');
    if (p->kind == PARAM_FLAG)
        buf_printf(&left, " %s ", term_glyph(v->values[i] ? GLYPH_ON : GLYPH_OFF));
    else
        buf_printf(&left, " %s %s %s", term_glyph(GLYPH_LEFT), value, term_glyph(GLYPH_RIGHT));
    if (s->doc.cols >= 56)
        buf_puts(&right, text_of(&p->label));
    if (p->kind == PARAM_INT && s->doc.cols >= 56)
        buf_printf(&right, " %ld–%ld", p->min, p->max);
    doc_row(&s->doc, 2, ST_TEXT, "", editing ? ST_ACCENT : ST_TEXT, buf_text(&left), ST_DIM,
            buf_text(&right), ITEM_PARAM + (int)i);
    buf_release(&left);
    buf_release(&right);
}

static size_t claims_held(const struct demo_view *v)
{
    size_t n = 0;

    for (size_t i = 0; i < v->demo->n_claims; i++) {
        const struct trace_verdict *r = trace_verdict(run_trace(v->run), v->demo->claims[i]);
        n += r && r->result == TRACE_PASS;
    }
    return n;
}

static void build_state(struct screen *s)
{
    const struct demo_view *v = view_of(s);
    const double secs = (double)run_elapsed_ms(v->run) / 1000;
    struct buf words = {0};
    enum style st = ST_DIM;

    switch (run_state(v->run)) {
    case RUN_RUNNING:
        buf_printf(&words, text(TXT_RUN_RUNNING), secs);
        st = ST_ACCENT;
        break;
    case RUN_OK:
        buf_printf(&words, text(TXT_RUN_OK), secs);
        break;
    case RUN_FAILED:
        buf_printf(&words, text(TXT_RUN_FAILED), run_code(v->run), secs);
        st = ST_BAD;
        break;
    case RUN_CRASHED:
        buf_printf(&words, text(TXT_RUN_CRASHED), run_code(v->run), strsignal(run_code(v->run)),
                   secs);
        st = ST_BAD;
        break;
    case RUN_STOPPED:
        buf_printf(&words, text(TXT_RUN_STOPPED), secs);
        st = ST_WARN;
        break;
    case RUN_LIMIT:
        buf_printf(&words, text(TXT_RUN_LIMIT), v->demo->limit_s);
        st = ST_WARN;
        break;
    }
    if (run_state(v->run) == RUN_OK || run_state(v->run) == RUN_FAILED)
        buf_printf(&words, text(TXT_VERDICTS_HOLD), claims_held(v), v->demo->n_claims);
    doc_text(&s->doc, 2, st, buf_text(&words));
    buf_release(&words);
}

static void build_output(struct screen *s)
{
    const struct demo_view *v = view_of(s);
    const size_t n = run_lines(v->run);
    struct buf words = {0};

    if (n > 0)
        heading(s, TXT_OUTPUT);
    for (size_t i = 0; i < n; i++) {
        const char *line = run_line(v->run, i);
        struct md_run *run = arena_alloc(&s->doc.mem, sizeof(*run));
        *run = (struct md_run){line, strlen(line), (enum md_style)ST_TEXT};
        doc_code(&s->doc, 0, run, 1);
    }
    if (run_dropped(v->run) > 0) {
        buf_printf(&words, text(TXT_RUN_TRUNCATED), (double)run_dropped(v->run) / 1024);
        doc_text(&s->doc, 2, ST_WARN, buf_text(&words));
    }
    buf_release(&words);
}

static void build_verdict(struct screen *s, const char *id)
{
    const struct demo_view *v = view_of(s);
    const struct claim *c = lesson_claim(v->lesson, id);
    const struct trace_verdict *verdict = trace_verdict(run_trace(v->run), id);
    const bool over = run_state(v->run) != RUN_RUNNING;
    struct buf words = {0};
    char mark[8];

    const enum glyph g = !verdict                                ? (over ? GLYPH_BAD : GLYPH_TODO)
                         : verdict->result == TRACE_PASS         ? GLYPH_GOOD
                         : verdict->result == TRACE_INCONCLUSIVE ? GLYPH_UNSURE
                                                                 : GLYPH_BAD;
    snprintf(mark, sizeof(mark), "%s ", term_glyph(g));
    doc_markdown(&s->doc, 2,
                 g == GLYPH_GOOD  ? ST_GOOD
                 : g == GLYPH_BAD ? ST_BAD
                                  : ST_WARN,
                 mark, ST_TEXT, c ? text_of(&c->text) : id, DOC_NO_FOCUS);
    if (verdict) {
        buf_printf(&words, text(TXT_VERDICT), verdict->measured, verdict->rule);
        doc_text(&s->doc, 4, ST_DIM, buf_text(&words));
    } else if (over) {
        doc_text(&s->doc, 4, ST_DIM, text(TXT_NO_VERDICT));
    }
    buf_release(&words);
}

static void build_source_view(struct screen *s)
{
    const struct demo_view *v = view_of(s);

    if (v->source_error)
        doc_text(&s->doc, 0, ST_BAD, v->source_error);
    for (size_t i = 0; i < v->n_source; i++)
        doc_code(&s->doc, 0, v->source[i].runs, v->source[i].n);
}

static void demo_build(struct screen *s)
{
    const struct demo_view *v = view_of(s);
    char mark[8];

    if (v->show_source) {
        build_source_view(s);
        return;
    }
    doc_text(&s->doc, 0, ST_TEXT, text_of(&v->demo->summary));
    build_prediction(s);
    if (v->demo->n_params > 0)
        heading(s, TXT_PARAMETERS);
    for (size_t i = 0; i < v->demo->n_params; i++)
        build_param(s, i);
    doc_blank(&s->doc);
    snprintf(mark, sizeof(mark), "%s ", term_glyph(GLYPH_RUN));
    doc_item(&s->doc, 2, ST_ACCENT, mark, ST_TEXT, text(is_running(s) ? TXT_STOP : TXT_RUN),
             ITEM_RUN);
    if (!v->run)
        return;
    build_state(s);
    build_outcome(s);
    build_output(s);
    heading(s, TXT_VERDICTS);
    for (size_t i = 0; i < v->demo->n_claims; i++)
        build_verdict(s, v->demo->claims[i]);
}

/* ---- source ---- */

static void add_source_line(struct demo_view *v, struct hl_state *st, const char *line, size_t n)
{
    struct md_run runs[MAX_RUNS];
    struct buf clean = {0};

    utf8_clean(&clean, line, size_min(n, MAX_SOURCE_LINE), false);
    const char *kept = arena_strndup(&v->source_mem, buf_text(&clean), clean.len);
    const size_t n_runs = hl_c_line(st, kept, clean.len, runs, MAX_RUNS);
    buf_release(&clean);
    struct source_line *l = &v->source[v->n_source++];
    l->n = n_runs + 1;
    l->runs = arena_array(&v->source_mem, l->n, sizeof(*l->runs));
    char *number = arena_printf(&v->source_mem, "%4zu  ", v->n_source);
    l->runs[0] = (struct md_run){number, strlen(number), (enum md_style)ST_DIM};
    memcpy(l->runs + 1, runs, n_runs * sizeof(*runs));
}

static void load_source(struct demo_view *v)
{
    struct buf file = {0};
    struct hl_state st = {0};
    struct err e;
    size_t lines = 1;

    if (!buf_read_file(&file, v->demo->path, CONTENT_MAX_FILE, &e)) {
        v->source_error = xstrdup(e.text);
        return;
    }
    for (size_t i = 0; i < file.len; i++)
        lines += file.text[i] == '\n';
    v->source = x_array(lines, sizeof(*v->source));
    for (const char *at = buf_text(&file), *end = at + file.len; at < end;) {
        const char *nl = memchr(at, '\n', (size_t)(end - at));
        const size_t n = nl ? (size_t)(nl - at) : (size_t)(end - at);
        add_source_line(v, &st, at, n);
        at += n + 1;
    }
    buf_release(&file);
}

/* ---- keys ---- */

static void predict(struct screen *s, int choice)
{
    struct demo_view *v = view_of(s);
    struct err e;

    if (!prediction_is_open(v) || choice >= (int)v->demo->predict.n_choices)
        return;
    if (!store_predict_add(s->app->store, app_now_ms(s->app), v->demo->name, choice, &e)) {
        ui_say(s->app, "%s", e.text);
        return;
    }
    v->predicted = choice;
    memcpy(v->values, v->demo->predict.with, v->demo->n_params * sizeof(*v->values));
    s->doc.focus = ITEM_RUN;
}

static void change_value(struct screen *s, int step)
{
    const struct param *p = focused_param(s);
    long *value = focused_value(s);

    if (p->kind == PARAM_INT) {
        /* Steps grow with the value, so that 1..100000 can be walked through. */
        long size = 1;
        while (p->max - p->min > 100 && *value / size >= 20)
            size *= 10;
        const long next = *value + step * size;
        *value = next < p->min ? p->min : next > p->max ? p->max : next;
        return;
    }
    const long n = p->kind == PARAM_FLAG ? 2 : (long)p->n_choices;
    *value = (*value + step + n) % n;
}

static bool on_param(const struct screen *s)
{
    return focused_param(s) && !view_of(s)->show_source && !is_running(s);
}

static void act_less(struct screen *s, int key)
{
    (void)key;
    change_value(s, -1);
}

static void act_more(struct screen *s, int key)
{
    (void)key;
    change_value(s, 1);
}

static bool can_run(const struct screen *s)
{
    return !is_running(s);
}

static void act_run(struct screen *s, int key)
{
    struct demo_view *v = view_of(s);

    (void)key;
    end_edit(s, true);
    if (prediction_is_open(v) && !v->warned && !v->run) {
        v->warned = true;
        v->show_source = false;
        doc_set_focus(&s->doc, ITEM_PREDICT);
        ui_say(s->app, text(TXT_PREDICT_OR_RUN), (int)v->demo->predict.n_choices);
        return;
    }
    start_run(s);
}

static void act_stop(struct screen *s, int key)
{
    (void)key;
    run_stop(view_of(s)->run);
}

static void act_enter(struct screen *s, int key)
{
    const struct demo_view *v = view_of(s);
    const int focus = s->doc.focus;

    if (v->show_source)
        return;
    if (focus < ITEM_PARAM)
        predict(s, focus - ITEM_PREDICT);
    else if (focus == ITEM_RUN && is_running(s))
        act_stop(s, key);
    else if (focus == ITEM_RUN)
        act_run(s, key);
    else if (on_param(s) && focused_param(s)->kind == PARAM_INT)
        doc_step_focus(&s->doc, 1);
    else if (on_param(s))
        change_value(s, 1);
}

static bool can_predict(const struct screen *s)
{
    return prediction_is_open(view_of(s)) && !view_of(s)->show_source && !is_running(s);
}

static void act_predict(struct screen *s, int key)
{
    predict(s, key - '1');
}

static void act_source(struct screen *s, int key)
{
    struct demo_view *v = view_of(s);

    (void)key;
    end_edit(s, true);
    if (!v->source && !v->source_error)
        load_source(v);
    v->show_source = !v->show_source;
    s->doc.scroll = s->doc.hscroll = 0;
    if (!v->show_source)
        s->doc.focus = ITEM_RUN;
}

static const struct key_row demo_keys[] = {
    {{KEY_ANY_DIGIT}, "1-9", NULL, TXT_KEY_PREDICT, true, can_predict, act_predict},
    {{'r'}, "r", NULL, TXT_KEY_RUN, true, can_run, act_run},
    {{'x'}, "x", NULL, TXT_KEY_STOP, true, is_running, act_stop},
    {{KEY_LEFT, 'h'}, "←→", "h l", TXT_KEY_CHANGE, true, on_param, act_less},
    {{KEY_RIGHT, 'l'}, "→", "l", TXT_KEY_CHANGE, false, on_param, act_more},
    {{'s'}, "s", NULL, TXT_KEY_SOURCE, true, NULL, act_source},
    {{'\n'}, "Enter", NULL, TXT_KEY_CHOOSE, false, NULL, act_enter},
};

const struct screen_ops demo_screen = {
    .name = "demo",
    .size = sizeof(struct demo_view),
    .focus_shows = true,
    .open = demo_open,
    .close = demo_close,
    .title = demo_title,
    .build = demo_build,
    .type = demo_type,
    .busy = demo_busy,
    .keys = demo_keys,
    .n_keys = ARRAY_LEN(demo_keys),
};
