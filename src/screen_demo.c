/*
 * screen_demo.c: a demo: predict, choose parameters, run it live, see its verdicts and its source.
 *
 * One column of lines, top to bottom in the order of the work. The prediction is on disk before
 * the run starts, and is held against what the run measured, not against a constant.
 */
#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "param_form.h"
#include "predict_view.h"
#include "run_record.h"
#include "run_view.h"
#include "source_view.h"
#include "stage.h"
#include "ui.h"
#include "utf8.h"
#include "view/panel.h"

enum {
    ITEM_PREDICT = 0, /* plus the choice */
    ITEM_PARAM = 100, /* plus the parameter */
    ITEM_RUN = 200,
    ITEM_PICTURE,
    ITEM_REPORT = 300, /* plus the line of the lens's report */
};

struct demo_view {
    struct lesson *lesson;
    const struct demo *demo;
    struct param_form form;
    struct stage stage;
    char *lens_why; /* its lens does not work here; NULL if it does, as far as is known */
    bool show_source;
    struct source_view *source; /* NULL: not looked at yet */
};

static struct demo_view *view_of(const struct screen *s)
{
    return (struct demo_view *)s->state;
}

static struct stage *stage_of(const struct screen *s)
{
    return &view_of(s)->stage;
}

static bool is_running(const struct screen *s)
{
    return stage_is_running(stage_of(s));
}

static struct run_view run_of(const struct screen *s)
{
    const struct demo_view *v = view_of(s);

    return (struct run_view){v->lesson, v->demo, v->stage.run};
}

/* ---- running ---- */

/* What it came to stands at the top of the window; the output follows below. */
static void on_ended(struct screen *s)
{
    s->doc.follow = false;
    s->doc.top_focus = ITEM_RUN;
    if (stage_of(s)->at_moment) /* Enter goes on to where the page wants */
        s->doc.focus = ITEM_PICTURE;
}

static bool start_run(struct screen *s)
{
    struct demo_view *v = view_of(s);

    if (!stage_run(&v->stage, v->form.values))
        return false;
    v->show_source = false;
    s->doc.follow = true;
    s->doc.focus = ITEM_RUN;
    return true;
}

/* Says once that the prediction comes first; what is then asked for again is done. */
static bool may_run(struct screen *s)
{
    struct demo_view *v = view_of(s);

    if (!stage_prediction_is_open(&v->stage) || v->stage.warned)
        return true;
    v->stage.warned = true;
    v->show_source = v->stage.picture = false;
    doc_set_focus(&s->doc, ITEM_PREDICT);
    ui_say(s->app, text(TXT_PREDICT_OR_RUN), (int)v->demo->predict.n_choices);
    return false;
}

/* ---- opening: "lesson/demo k=v ...", "lesson/demo@MARK:N k=v ..." for a moment of its run ---- */

/* What the screen is asked for. */
struct request {
    long values[CONTENT_MAX_PARAMS];
    bool offers;     /* a prediction, see stage.h */
    struct moment m; /* m.nth 0: none */
};

/* args: "k=v ...", or "@MARK:N k=v ..." for a moment. */
static bool parse_request(const struct demo *d, const char *args, struct request *q, struct err *e)
{
    q->m.nth = 0;
    if (*args == '@') {
        if (!moment_parse(args + 1, &q->m, e))
            return false;
        args = q->m.args;
    }
    demo_args_default(d, q->values);
    if (!demo_args_parse(d, args, q->values, e))
        return false;
    q->offers = args[strspn(args, " ")] == '\0' || predict_is_about(d, q->values);
    return true;
}

static void take_request(struct screen *s, const struct request *q)
{
    struct demo_view *v = view_of(s);

    memcpy(v->form.values, q->values, v->demo->n_params * sizeof(*q->values));
    v->stage.offers = q->offers;
    if (q->m.nth > 0)
        stage_seek(&v->stage, &q->m, q->values, may_run(s));
}

static bool find_demo(struct screen *s, const char *arg, struct request *q, struct err *e)
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
    const size_t len = strcspn(name, " @");
    char *demo = xstrndup(name, len);
    v->demo = lesson_demo(v->lesson, demo);
    if (!v->demo)
        err_set(e, text(TXT_NO_SUCH_DEMO), demo);
    free(demo);
    if (!v->demo)
        return false;
    param_form_init(&v->form, v->demo, ITEM_PARAM);
    return parse_request(v->demo, name + len, q, e);
}

static void demo_close(struct screen *s)
{
    struct demo_view *v = view_of(s);

    stage_release(&v->stage);
    free(v->lens_why);
    param_form_release(&v->form);
    source_view_free(v->source);
    lesson_free(v->lesson);
}

static bool demo_open(struct screen *s, const char *arg, struct err *e)
{
    struct demo_view *v = view_of(s);
    struct request q;

    if (!find_demo(s, arg, &q, e)) {
        demo_close(s);
        return false;
    }
    stage_init(&v->stage, s, v->lesson, v->demo, on_ended);
    s->doc.focus = v->stage.predicted < 0 ? ITEM_PREDICT : ITEM_RUN;
    take_request(s, &q);
    return true;
}

/* A page asks for a moment of a run of this demo. */
static bool demo_turn_to(struct screen *s, const char *arg)
{
    struct demo_view *v = view_of(s);
    char *here = xasprintf("%s/%s@", v->lesson->slug, v->demo->name);
    const size_t n = strlen(here);
    const bool mine = strncmp(arg, here, n) == 0;
    struct request q;
    struct err e;

    free(here);
    if (!mine || !parse_request(v->demo, arg + n - 1, &q, &e) ||
        (is_running(s) && !demo_args_equal(v->demo, q.values, v->stage.run_values)))
        return false;
    v->show_source = false;
    take_request(s, &q);
    return true;
}

/* What cannot be seen does not run. */
static void demo_hide(struct screen *s)
{
    if (is_running(s))
        run_stop(stage_of(s)->run);
}

static bool demo_busy(const struct screen *s)
{
    return is_running(s);
}

/* ---- drawing ---- */

static void demo_title(const struct screen *s, struct buf *left, struct buf *right)
{
    const struct demo_view *v = view_of(s);
    const struct run_view run = run_of(s);

    buf_puts(left, text_of(&v->demo->title));
    buf_puts(right, v->show_source ? strrchr(v->demo->path, '/') + 1 : v->demo->name);
    if (v->stage.picture && run.run && !is_running(s)) /* the verdicts are not in view */
        run_view_add_verdicts(&run, right);
}

static void heading(struct screen *s, enum text_id id)
{
    doc_blank(&s->doc);
    doc_text(&s->doc, 0, ST_STRONG, text(id));
}

/* The way to the pictures stands where the run has ended or goes on. */
static void build_picture_link(struct screen *s)
{
    const struct trace *t = run_trace(stage_of(s)->run);
    char mark[8];

    if (trace_health(t)->events == 0)
        return;
    char *words = stage_of(s)->at_moment ? xstrdup(text(TXT_SEE_MOMENT))
                  : is_running(s)        ? xstrdup(text(TXT_SEE_LIVE))
                                         : xasprintf(text(TXT_SEE_RUN), trace_count(t));
    snprintf(mark, sizeof(mark), "%s ", term_glyph(GLYPH_NOTE));
    doc_item(&s->doc, 2, ST_ACCENT, mark, ST_TEXT, words, ITEM_PICTURE);
    free(words);
}

/* Only where one was chosen: most runs are of the program alone. */
static void build_lens(struct screen *s)
{
    const struct demo_view *v = view_of(s);

    if (v->stage.lens == LENS_NONE)
        return;
    char *words = xasprintf(text(TXT_SEEN_THROUGH), text(lens_title(v->stage.lens)));
    doc_item(&s->doc, 4, ST_TEXT, "", ST_ACCENT, words, DOC_NO_FOCUS);
    if (v->lens_why)
        doc_text(&s->doc, 4, ST_WARN, v->lens_why);
    free(words);
}

static void demo_build(struct screen *s)
{
    const struct demo_view *v = view_of(s);
    char mark[8];

    if (v->show_source) {
        source_view_build(v->source, &s->doc);
        return;
    }
    const struct predict_view predict = stage_prediction(&v->stage);
    doc_text(&s->doc, 0, ST_TEXT, text_of(&v->demo->summary));
    predict_view_build_question(&predict, &s->doc, ITEM_PREDICT);
    if (v->demo->n_params > 0)
        heading(s, TXT_PARAMETERS);
    param_form_build(&v->form, &s->doc);
    doc_blank(&s->doc);
    build_lens(s);
    snprintf(mark, sizeof(mark), "%s ", term_glyph(GLYPH_RUN));
    doc_item(&s->doc, 2, ST_ACCENT, mark, ST_TEXT, text(is_running(s) ? TXT_STOP : TXT_RUN),
             ITEM_RUN);
    if (!v->stage.run)
        return;
    const struct run_view run = run_of(s);
    run_view_build_state(&run, &s->doc);
    build_picture_link(s);
    predict_view_build_outcome(&predict, &s->doc);
    run_view_build_report(&run, &s->doc, ITEM_REPORT);
    run_view_build_output(&run, &s->doc);
    run_view_build_verdicts(&run, &s->doc);
}

/* ---- keys ---- */

static bool in_source(const struct screen *s)
{
    return view_of(s)->show_source;
}

static bool in_picture(const struct screen *s)
{
    return stage_of(s)->picture;
}

static bool in_lines(const struct screen *s)
{
    return !in_source(s) && !in_picture(s);
}

static bool can_run(const struct screen *s)
{
    return !is_running(s);
}

static void predict(struct screen *s, int choice)
{
    struct demo_view *v = view_of(s);

    if (!stage_prediction_is_open(&v->stage) || choice >= (int)v->demo->predict.n_choices ||
        !stage_predict(&v->stage, choice))
        return;
    memcpy(v->form.values, v->demo->predict.with, v->demo->n_params * sizeof(*v->form.values));
    s->doc.focus = ITEM_RUN;
    s->doc.show_focus = true;
    ui_changed_all(s->app); /* the page may state its claim now */
}

static bool on_param(const struct screen *s)
{
    const struct demo_view *v = view_of(s);

    return param_form_has(&v->form, s->doc.focus) && in_lines(s) && !is_running(s);
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

static void act_run(struct screen *s, int key)
{
    (void)key;
    if (may_run(s))
        start_run(s);
}

/* The two runs that the lesson names, or the last two. */
static void act_compare(struct screen *s, int key)
{
    struct demo_view *v = view_of(s);

    (void)key;
    if (may_run(s))
        stage_compare(&v->stage, v->form.values);
}

static bool can_compare(const struct screen *s)
{
    return stage_can_compare(stage_of(s)) && !view_of(s)->show_source;
}

static void act_picture(struct screen *s, int key)
{
    struct stage *g = stage_of(s);

    (void)key;
    g->picture = !g->picture;
    g->at_moment = false;
}

static bool has_picture(const struct screen *s)
{
    const struct demo_view *v = view_of(s);

    return v->stage.run && !v->show_source && !v->stage.picture;
}

static void act_stop(struct screen *s, int key)
{
    (void)key;
    run_stop(stage_of(s)->run);
}

/* To the next lens, from the last one to none; one that does not work here says why. */
static void act_lens(struct screen *s, int key)
{
    struct demo_view *v = view_of(s);

    (void)key;
    v->stage.lens = (v->stage.lens + 1) % LENS_COUNT;
    free(v->lens_why);
    v->lens_why = lens_missing(v->stage.lens);
    ui_say(s->app, text(TXT_SEEN_THROUGH), text(lens_title(v->stage.lens)));
}

static bool can_choose_lens(const struct screen *s)
{
    return can_run(s) && in_lines(s);
}

/* The source, at the line that a report is about. */
static void show_line(struct screen *s, int line)
{
    struct demo_view *v = view_of(s);

    if (!v->source)
        v->source = source_view_new(v->demo->path);
    v->show_source = true;
    s->doc.follow = false;
    s->doc.scroll = int_max(0, line - 1 - s->doc.rows / 2);
    s->doc.hscroll = 0;
    ui_say(s->app, text(TXT_AT_LINE), line);
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

static void act_enter(struct screen *s, int key)
{
    const struct run_view run = run_of(s);
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
    else if (focus == ITEM_PICTURE)
        act_picture(s, key);
    else if (focus >= ITEM_REPORT)
        show_line(s, run_view_report_line(&run, focus - ITEM_REPORT));
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
    const struct demo_view *v = view_of(s);

    return stage_prediction_is_open(&v->stage) && in_lines(s);
}

static void act_predict(struct screen *s, int key)
{
    predict(s, key - '1');
}

static bool on_choice(const struct screen *s)
{
    return on_param(s) && !param_form_is_number(&view_of(s)->form, s->doc.focus);
}

static const struct key_row demo_keys[] = {
    {{KEY_ANY_DIGIT}, "1-9", NULL, TXT_KEY_PREDICT, true, can_predict, act_predict},
    {{'r'}, "r", NULL, TXT_KEY_RUN, true, can_run, act_run},
    {{'x'}, "x", NULL, TXT_KEY_STOP, true, is_running, act_stop},
    {{KEY_LEFT, 'h'}, "←→", "h l", TXT_KEY_CHANGE, true, on_param, act_less},
    {{KEY_RIGHT, 'l'}, "→", "l", TXT_KEY_CHANGE, false, on_param, act_more},
    {{' '}, "Space", NULL, TXT_KEY_CHANGE, false, on_choice, act_more},
    {{'v'}, "v", NULL, TXT_KEY_PICTURE, true, has_picture, act_picture},
    {{'o'}, "o", NULL, TXT_KEY_LENS, false, can_choose_lens, act_lens},
    {{'c'}, "c", NULL, TXT_KEY_COMPARE, true, can_compare, act_compare},
    {{'s'}, "s", NULL, TXT_KEY_SOURCE, true, in_lines, act_source},
    {{'q', KEY_ESC, 'v'}, "q", NULL, TXT_KEY_CLOSE_PICTURE, true, in_picture, act_picture},
    {{'q', KEY_ESC, 's'}, "q", NULL, TXT_KEY_CLOSE_SOURCE, true, in_source, act_source},
    {{'\n'}, "Enter", NULL, TXT_KEY_CHOOSE, false, in_lines, act_enter},
    {{KEY_CLICK}, "mouse", NULL, TXT_KEY_CHOOSE, false, NULL, act_click},
};

static struct panel *demo_panel(const struct screen *s)
{
    const struct stage *g = stage_of(s);

    return g->picture && g->run ? g->panel : NULL;
}

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
    .panel = demo_panel,
    .turn_to = demo_turn_to,
    .keys = demo_keys,
    .n_keys = ARRAY_LEN(demo_keys),
};
