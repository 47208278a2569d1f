/*
 * stage.c: a demo on its stage. See stage.h.
 */
#include "stage.h"

#include <stdlib.h>
#include <string.h>

#include "loop.h"
#include "store/store.h"

enum { TICK_MS = 100 }; /* how often the running time is drawn anew */

void stage_init(struct stage *g, struct screen *owner, const struct lesson *lesson,
                const struct demo *demo, void (*ended)(struct screen *owner))
{
    struct err why;

    g->owner = owner;
    g->lesson = lesson;
    g->demo = demo;
    g->ended = ended;
    g->program = app_demo_program(owner->app, lesson->slug, demo->name, &why);
    if (!g->program)
        g->no_program = xstrdup(why.text);
    g->panel = panel_new(owner, lesson, demo->view);
    g->outcome = OUTCOME_NONE;
    g->measured = -1;
    g->predicted = store_predict_open(owner->app->store, demo->name);
    if (g->predicted >= (int)demo->predict.n_choices)
        g->predicted = -1;
}

void stage_release(struct stage *g)
{
    if (g->tick)
        loop_cancel(g->owner->app->loop, g->tick);
    panel_free(g->panel);
    run_free(g->run);
    run_free(g->before);
    free(g->program);
    free(g->no_program);
}

/* ---- the prediction ---- */

bool stage_prediction_is_open(const struct stage *g)
{
    return g->offers && g->predicted < 0 && !g->run;
}

struct predict_view stage_prediction(const struct stage *g)
{
    return (struct predict_view){
        .demo = g->demo,
        .open = stage_prediction_is_open(g),
        .about_other_run = g->run && g->predicted >= 0 && !g->scored_run,
        .predicted = g->predicted,
        .measured = g->measured,
        .outcome = g->outcome,
    };
}

bool stage_predict(struct stage *g, int choice)
{
    struct app *app = g->owner->app;
    struct err e;

    if (!store_predict_add(app->store, app_now_ms(app), g->demo->name, choice, &e)) {
        ui_say(app, "%s", e.text);
        return false;
    }
    g->predicted = choice;
    return true;
}

/* Holds it against the verdict, if this was the run it was about. */
static void decide(struct stage *g)
{
    if (g->outcome != OUTCOME_NONE || g->predicted < 0 || !g->scored_run)
        return;
    g->outcome = predict_decide(g->demo, g->run, g->predicted, &g->measured);
}

/* ---- the pictures ---- */

/* A moment of this run has been asked for, and not found yet. */
static bool seeks_here(const struct stage *g)
{
    return g->seeks && g->run && demo_args_equal(g->demo, g->run_values, g->moment_values);
}

/* To the moment that was asked for; false if the run has not come there. */
static bool seek(struct stage *g, bool show)
{
    if (!seeks_here(g) || !panel_go_to_note(g->panel, g->moment.mark, g->moment.nth))
        return false;
    panel_set_caption(g->panel,
                      lesson_moment_caption(g->lesson, g->demo, &g->moment, g->moment_values));
    g->seeks = false;
    g->picture |= show;
    g->at_moment = !g->picture;
    return true;
}

static void seek_live(struct stage *g)
{
    if (!g->scored_run) /* else it is held against the prediction first */
        seek(g, true);
}

static void seek_at_end(struct stage *g)
{
    /* How a prediction turned out comes before the picture. */
    if (seek(g, !g->scored_run) || !seeks_here(g))
        return;
    g->seeks = false;
    ui_say(g->owner->app, text(TXT_VIEW_NO_MARK), g->moment.mark);
}

/* What tells the latest run, or the one before it, from the other: "mode=lt". The caller frees. */
static char *run_name(const struct stage *g, bool latest)
{
    const long *values = latest ? g->run_values : g->before_values;
    const long *others = latest ? g->before_values : g->run_values;
    const enum lens seen = run_lens(latest ? g->run : g->before);
    struct buf out = {0};

    for (size_t i = 0; i < g->demo->n_params; i++) {
        const struct param *p = &g->demo->params[i];
        char word[64];
        if (values[i] != others[i])
            buf_printf(&out, "%s%s=%s", out.len ? " " : "", p->name,
                       param_format(p, values[i], word, sizeof(word)));
    }
    if (run_lens(g->run) != run_lens(g->before))
        buf_printf(&out, "%s%s", out.len ? "  " : "", text(lens_title(seen)));
    return out.len > 0 ? buf_take(&out) : xstrdup(g->demo->name);
}

static void show_both(struct stage *g)
{
    char *before = run_name(g, false), *latest = run_name(g, true);

    panel_show(g->panel, run_trace(g->before), before, false);
    panel_compare(g->panel, run_trace(g->run), latest);
    g->picture = true;
    free(before);
    free(latest);
}

/* ---- a run ---- */

static void on_tick(void *user)
{
    struct stage *g = user;

    g->tick = loop_after(g->owner->app->loop, g->owner, TICK_MS, on_tick, g);
    ui_changed(g->owner);
}

static void on_changed(void *user)
{
    struct stage *g = user;

    panel_changed(g->panel, stage_is_running(g));
    seek_live(g);
}

static void keep(const struct stage *g)
{
    struct app *app = g->owner->app;
    struct err e;

    if (!run_record(app->store, app_now_ms(app), g->lesson, g->demo, g->run_values, g->run,
                    g->outcome, &e))
        ui_say(app, "%s", e.text);
}

/* One after the other, so that they do not disturb each other. */
static void run_second(struct stage *g)
{
    long values[CONTENT_MAX_PARAMS];

    memcpy(values, g->run_values, sizeof(values));
    values[g->demo->compare_param] = g->demo->compare_values[1];
    if (stage_run(g, values))
        g->part = STAGE_SECOND;
}

/* What is to be compared goes on, unless the learner or the compiler has put an end to it. */
static void end_part(struct stage *g)
{
    const enum run_state state = run_state(g->run);
    const enum stage_part part = g->part;

    g->part = STAGE_ALONE;
    if (part == STAGE_FIRST && state != RUN_STOPPED && state != RUN_UNBUILT)
        run_second(g);
    else if (part == STAGE_SECOND)
        show_both(g);
}

static void on_ended(void *user)
{
    struct stage *g = user;

    loop_cancel(g->owner->app->loop, g->tick);
    g->tick = NULL;
    if (run_lens(g->run) == LENS_NONE) {
        decide(g);
        keep(g);
    }
    panel_changed(g->panel, false);
    if (trace_health(run_trace(g->run))->events == 0)
        g->picture = false; /* the lines say why there is nothing to see */
    seek_at_end(g);
    end_part(g);
    g->ended(g->owner);
    ui_changed_all(g->owner->app);
}

bool stage_is_running(const struct stage *g)
{
    return g->run && !run_is_over(g->run);
}

/* The latest run becomes the one before, and this the latest. */
static void take_run(struct stage *g, struct run *run, const long *values)
{
    panel_show(g->panel, run_trace(run), "", true); /* it shows the others no more */
    g->at_moment = false;
    run_free(g->before);
    g->before = g->run;
    g->run = run;
    memcpy(g->before_values, g->run_values, sizeof(g->run_values));
    memcpy(g->run_values, values, g->demo->n_params * sizeof(*values));
}

bool stage_run(struct stage *g, const long *values)
{
    struct app *app = g->owner->app;
    const struct run_spec spec = {.demo = g->demo,
                                  .program = g->program,
                                  .values = values,
                                  .lens = g->lens,
                                  .paths = &app->paths,
                                  .hooks = {on_changed, on_ended, g}};
    struct err e;

    g->part = STAGE_ALONE;
    if (g->no_program) {
        ui_say(app, "%s", g->no_program);
        return false;
    }
    struct run *run = run_start(app->procs, &spec, &e);
    if (!run) {
        ui_say(app, "%s", e.text);
        return false;
    }
    take_run(g, run, values);
    if (g->outcome != OUTCOME_NONE) { /* the run that decided it is over */
        g->outcome = OUTCOME_NONE;
        g->predicted = g->measured = -1;
        g->warned = true;
    }
    g->scored_run = g->predicted >= 0 && g->lens == LENS_NONE && predict_is_about(g->demo, values);
    g->tick = loop_after(app->loop, g->owner, TICK_MS, on_tick, g);
    return true;
}

/* ---- comparing ---- */

static bool has_pair(const struct stage *g)
{
    return g->demo->compare_param < g->demo->n_params;
}

bool stage_can_compare(const struct stage *g)
{
    return !stage_is_running(g) && (has_pair(g) || g->before);
}

void stage_compare(struct stage *g, const long *values)
{
    long first[CONTENT_MAX_PARAMS];

    if (!has_pair(g)) {
        show_both(g);
        return;
    }
    memcpy(first, values, g->demo->n_params * sizeof(*values));
    first[g->demo->compare_param] = g->demo->compare_values[0];
    if (stage_run(g, first))
        g->part = STAGE_FIRST;
}

/* ---- moments ---- */

void stage_seek(struct stage *g, const struct moment *m, const long *values, bool may_run)
{
    g->moment = *m;
    g->moment.args = NULL; /* they belong to the caller */
    memcpy(g->moment_values, values, g->demo->n_params * sizeof(*values));
    g->seeks = true;
    if (seeks_here(g)) {
        if (stage_is_running(g)) {
            seek_live(g);
            return;
        }
        panel_show(g->panel, run_trace(g->run), "", false);
        if (seek(g, true))
            return;
    }
    if (may_run)
        g->seeks = stage_run(g, values);
}
