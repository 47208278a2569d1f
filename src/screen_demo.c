/*
 * screen_demo.c: a demo: predict, choose parameters, run it live, see its verdicts and its source.
 *
 * One column of lines, top to bottom in the order of the work. The prediction is on disk before
 * the run starts, and is held against what the run measured, not against a constant.
 */
#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "loop.h"
#include "param_form.h"
#include "run.h"
#include "run_record.h"
#include "run_view.h"
#include "source_view.h"
#include "store/store.h"
#include "ui.h"
#include "utf8.h"

enum {
    ITEM_PREDICT = 0, /* plus the choice */
    ITEM_PARAM = 100, /* plus the parameter */
    ITEM_RUN = 200,
    TICK_MS = 100, /* how often the running time is drawn anew */
};

struct demo_view {
    struct lesson *lesson;
    const struct demo *demo;
    struct param_form form;
    char *program, *no_program; /* no_program: why it cannot be run */

    bool offers;   /* it was opened for the run that the prediction is about, or for none */
    int predicted; /* the choice made and not yet decided or just decided, -1 none */
    int measured;  /* the choice the run decided, -1 none */
    enum outcome outcome;
    bool warned; /* "predict first" has been said once */

    struct run *run;
    bool scored_run; /* this run has the parameters of the prediction */
    struct timer *tick;

    bool show_source;
    struct source_view *source; /* NULL: not looked at yet */
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
    param_form_init(&v->form, v->demo, ITEM_PARAM);
    if (!demo_args_parse(v->demo, name + len, v->form.values, e))
        return false;
    v->offers =
        name[len + strspn(name + len, " ")] == '\0' || predict_is_about(v->demo, v->form.values);
    return true;
}

static void demo_close(struct screen *s)
{
    struct demo_view *v = view_of(s);

    run_free(v->run);
    param_form_release(&v->form);
    free(v->program);
    free(v->no_program);
    source_view_free(v->source);
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

/* What cannot be seen does not run. */
static void demo_hide(struct screen *s)
{
    if (is_running(s))
        run_stop(view_of(s)->run);
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
    return predict_decide(v->demo, v->run, v->predicted, &v->measured);
}

static void keep_run(struct screen *s)
{
    const struct demo_view *v = view_of(s);
    struct err e;

    if (!run_record(s->app->store, app_now_ms(s->app), v->lesson, v->demo, v->form.values, v->run,
                    v->outcome, &e))
        ui_say(s->app, "%s", e.text);
}

static void on_ended(void *user)
{
    struct screen *s = user;
    struct demo_view *v = view_of(s);

    loop_cancel(s->app->loop, v->tick);
    v->tick = NULL;
    if (v->outcome == OUTCOME_NONE)
        v->outcome = decide(v);
    keep_run(s);
    /* What it came to stands at the top of the window; the output follows below. */
    s->doc.follow = false;
    s->doc.top_focus = ITEM_RUN;
    ui_changed_all(s->app);
}

static bool prediction_is_open(const struct demo_view *v)
{
    return v->offers && v->predicted < 0 && !v->run;
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
    v->scored_run = v->predicted >= 0 && predict_is_about(v->demo, v->form.values);
    v->run = run_start(s->app->procs, v->demo, v->program, v->form.values, -1, &hooks, &e);
    if (!v->run) {
        ui_say(s->app, "%s", e.text);
        return;
    }
    v->show_source = false;
    v->tick = loop_after(s->app->loop, s, TICK_MS, on_tick, s);
    s->doc.follow = true;
    s->doc.focus = ITEM_RUN;
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

    if (!prediction_is_open(v) && v->predicted < 0)
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

static void build_choice_told(struct screen *s, int choice)
{
    const struct demo_view *v = view_of(s);
    const bool truth = choice == v->measured;
    char mark[8];

    snprintf(mark, sizeof(mark), "%s ", term_glyph(truth ? GLYPH_GOOD : GLYPH_BAD));
    doc_markdown(&s->doc, 2, truth ? ST_GOOD : ST_BAD, mark, ST_TEXT,
                 text_of(&v->demo->predict.choices[choice].text), DOC_NO_FOCUS);
}

/* Stands with the run's state, so that it is in view when the run has ended. */
static void build_outcome(struct screen *s)
{
    const struct demo_view *v = view_of(s);

    if (v->predicted >= 0 && !v->scored_run) {
        char *args = run_args_text(v->demo, v->demo->predict.with);
        char *words = xasprintf(text(TXT_PREDICTION_OTHER), args);
        doc_blank(&s->doc);
        doc_text(&s->doc, 2, ST_WARN, words);
        free(words);
        free(args);
    }
    if (v->outcome == OUTCOME_NONE)
        return;
    doc_blank(&s->doc);
    if (v->outcome == OUTCOME_RIGHT)
        doc_text(&s->doc, 2, ST_GOOD, text(TXT_PREDICTION_RIGHT));
    else if (v->outcome == OUTCOME_WRONG)
        doc_text(&s->doc, 2, ST_BAD, text(TXT_PREDICTION_WRONG));
    else
        doc_text(&s->doc, 2, ST_WARN, text(TXT_PREDICTION_UNDECIDED));
    if (v->outcome == OUTCOME_UNDECIDED)
        return;
    build_choice_told(s, v->predicted);
    if (v->measured != v->predicted)
        build_choice_told(s, v->measured);
    doc_markdown(&s->doc, 2, ST_TEXT, "", ST_TEXT, text_of(&v->demo->predict.why), DOC_NO_FOCUS);
}

static void demo_build(struct screen *s)
{
    const struct demo_view *v = view_of(s);
    char mark[8];

    if (v->show_source) {
        source_view_build(v->source, &s->doc);
        return;
    }
    doc_text(&s->doc, 0, ST_TEXT, text_of(&v->demo->summary));
    build_prediction(s);
    if (v->demo->n_params > 0)
        heading(s, TXT_PARAMETERS);
    param_form_build(&v->form, &s->doc);
    doc_blank(&s->doc);
    snprintf(mark, sizeof(mark), "%s ", term_glyph(GLYPH_RUN));
    doc_item(&s->doc, 2, ST_ACCENT, mark, ST_TEXT, text(is_running(s) ? TXT_STOP : TXT_RUN),
             ITEM_RUN);
    if (!v->run)
        return;
    const struct run_view run = {v->lesson, v->demo, v->run};
    run_view_build_state(&run, &s->doc);
    build_outcome(s);
    run_view_build_output(&run, &s->doc);
    run_view_build_verdicts(&run, &s->doc);
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
    memcpy(v->form.values, v->demo->predict.with, v->demo->n_params * sizeof(*v->form.values));
    s->doc.focus = ITEM_RUN;
    s->doc.show_focus = true;
    ui_changed_all(s->app); /* the page may state its claim now */
}

static bool on_param(const struct screen *s)
{
    const struct demo_view *v = view_of(s);

    return param_form_has(&v->form, s->doc.focus) && !v->show_source && !is_running(s);
}

static bool demo_type(struct screen *s, int key)
{
    struct err e = {""};

    if (!on_param(s))
        return false;
    const bool mine = param_form_type(&view_of(s)->form, s->doc.focus, key, &e);
    if (e.text[0])
        ui_say(s->app, "%s", e.text);
    return mine;
}

static void act_less(struct screen *s, int key)
{
    (void)key;
    param_form_step(&view_of(s)->form, s->doc.focus, -1);
}

static void act_more(struct screen *s, int key)
{
    (void)key;
    param_form_step(&view_of(s)->form, s->doc.focus, 1);
}

static bool can_run(const struct screen *s)
{
    return !is_running(s);
}

static void act_run(struct screen *s, int key)
{
    struct demo_view *v = view_of(s);

    (void)key;
    if (prediction_is_open(v) && !v->warned) {
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
    else if (on_param(s) && !param_form_step_choice(&view_of(s)->form, focus))
        doc_step_focus(&s->doc, 1);
}

/* A click on a number only selects it: the next digit starts it. */
static void act_click(struct screen *s, int key)
{
    if (on_param(s))
        param_form_step_choice(&view_of(s)->form, s->doc.focus);
    else
        act_enter(s, key);
}

static bool can_predict(const struct screen *s)
{
    return prediction_is_open(view_of(s)) && !view_of(s)->show_source;
}

static void act_predict(struct screen *s, int key)
{
    predict(s, key - '1');
}

static void act_source(struct screen *s, int key)
{
    struct demo_view *v = view_of(s);

    (void)key;
    if (!v->source)
        v->source = source_view_new(v->demo->path);
    v->show_source = !v->show_source;
    s->doc.follow = false;
    s->doc.scroll = s->doc.hscroll = 0;
    if (!v->show_source)
        s->doc.focus = ITEM_RUN;
}

static bool in_source(const struct screen *s)
{
    return view_of(s)->show_source;
}

static bool on_choice(const struct screen *s)
{
    return on_param(s) && !param_form_is_number(&view_of(s)->form, s->doc.focus);
}

static bool not_in_source(const struct screen *s)
{
    return !in_source(s);
}

static const struct key_row demo_keys[] = {
    {{KEY_ANY_DIGIT}, "1-9", NULL, TXT_KEY_PREDICT, true, can_predict, act_predict},
    {{'r'}, "r", NULL, TXT_KEY_RUN, true, can_run, act_run},
    {{'x'}, "x", NULL, TXT_KEY_STOP, true, is_running, act_stop},
    {{KEY_LEFT, 'h'}, "←→", "h l", TXT_KEY_CHANGE, true, on_param, act_less},
    {{KEY_RIGHT, 'l'}, "→", "l", TXT_KEY_CHANGE, false, on_param, act_more},
    {{' '}, "Space", NULL, TXT_KEY_CHANGE, false, on_choice, act_more},
    {{'s'}, "s", NULL, TXT_KEY_SOURCE, true, not_in_source, act_source},
    {{'q', KEY_ESC, 's'}, "q", NULL, TXT_KEY_CLOSE_SOURCE, true, in_source, act_source},
    {{'\n'}, "Enter", NULL, TXT_KEY_CHOOSE, false, NULL, act_enter},
    {{KEY_CLICK}, "mouse", NULL, TXT_KEY_CHOOSE, false, NULL, act_click},
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
    .hide = demo_hide,
    .busy = demo_busy,
    .keys = demo_keys,
    .n_keys = ARRAY_LEN(demo_keys),
};
