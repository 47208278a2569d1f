/*
 * screen_quiz.c: a quiz: one question at a time, why after each answer, the score at the end.
 *
 * An answer is on disk before its feedback is shown. The choices of a question are shuffled by
 * the session's seed; what is stored does not depend on that.
 */
#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "feedback.h"
#include "line_edit.h"
#include "loop.h"
#include "session.h"
#include "ui.h"
#include "utf8.h"

enum phase { ASK, FEEDBACK, DONE };

struct quiz_view {
    struct session *session;
    enum phase phase;
    size_t at;                          /* the item on the screen */
    size_t perm[CONTENT_MAX_CHOICES];   /* perm[place on screen] = index in the file */
    bool chosen[CONTENT_MAX_CHOICES];   /* multi, by index in the file */
    size_t picked[CONTENT_MAX_CHOICES]; /* order: indexes in the order they were picked */
    size_t n_picked;
    struct buf typed;
    int64_t shown_ms;
    bool save_failed; /* the last answer could not be stored */
};

static struct quiz_view *view_of(const struct screen *s)
{
    return (struct quiz_view *)s->state;
}

static const struct session_item *item_of(const struct screen *s)
{
    const struct quiz_view *v = view_of(s);

    return &v->session->items[v->at];
}

static const struct question *question_of(const struct screen *s)
{
    return item_of(s)->q;
}

/* ---- going through the session ---- */

static void ask(struct screen *s)
{
    struct quiz_view *v = view_of(s);
    const struct question *q;

    if (v->session->at == v->session->n) {
        v->phase = DONE;
        doc_top(&s->doc);
        return;
    }
    v->phase = ASK;
    v->at = v->session->at;
    q = question_of(s);
    quiz_shuffle_options(v->session->seed, q, v->perm);
    memset(v->chosen, 0, sizeof(v->chosen));
    v->n_picked = 0;
    buf_clear(&v->typed);
    v->shown_ms = loop_now_ms();
    doc_top(&s->doc);
    s->doc.focus = DOC_NO_FOCUS; /* nothing is chosen for the learner */
}

/* arg: "lesson:SLUG", "track:SLUG", "single:LESSON/QUESTION", "mixed" or "review". The plan
 * borrows from it. */
static bool make_plan(const char *arg, struct session_plan *plan, struct err *e)
{
    *plan = (struct session_plan){.kind = arg, .topic = "", .resume = true};
    if (strncmp(arg, "lesson:", 7) == 0) {
        plan->kind = "lesson";
        plan->topic = arg + 7;
    } else if (strncmp(arg, "single:", 7) == 0) {
        plan->kind = "single";
        plan->topic = arg + 7;
    } else if (strncmp(arg, "track:", 6) == 0) {
        plan->kind = "mixed";
        plan->topic = arg + 6;
        plan->topics = &plan->topic;
        plan->n_topics = 1;
        plan->max = SESSION_MIXED;
    } else if (strcmp(arg, "mixed") == 0) {
        plan->max = SESSION_MIXED;
    } else if (strcmp(arg, "review") != 0) {
        return err_set(e, "no quiz is called \"%s\"", arg);
    }
    return true;
}

static bool quiz_open(struct screen *s, const char *arg, struct err *e)
{
    struct quiz_view *v = view_of(s);
    struct session_plan plan;

    if (!make_plan(arg, &plan, e))
        return false;
    plan.seed = app_seed(s->app);
    plan.unsaved_will_do = true; /* a full disk does not keep anybody from being asked */
    v->session = session_begin(s->app->content, s->app->store, app_now_ms(s->app), &plan, e);
    if (!v->session)
        return false;
    const struct session_score score = session_score(v->session);
    if (v->session->unsaved)
        ui_say(s->app, "%s", e->text);
    else if (score.answered > 0)
        ui_say(s->app, text(TXT_QUIZ_RESUMED), score.answered, v->session->n);
    ask(s);
    return true;
}

static void quiz_close(struct screen *s)
{
    struct quiz_view *v = view_of(s);

    session_free(v->session);
    buf_release(&v->typed);
}

/* ---- drawing ---- */

static void quiz_title(const struct screen *s, struct buf *left, struct buf *right)
{
    const struct quiz_view *v = view_of(s);
    const struct session_score score = session_score(v->session);

    if (v->phase == DONE)
        buf_puts(left, text(TXT_QUIZ_SCORE));
    else
        buf_puts(left, text_of(&item_of(s)->lesson->title));
    if (v->session->unsaved)
        buf_printf(right, "%s; ", text(TXT_NOT_SAVED));
    buf_printf(right, text(TXT_QUIZ_PLACE), v->phase == DONE ? v->session->n : v->at + 1,
               v->session->n, score.right);
}

static size_t picked_place(const struct quiz_view *v, size_t index)
{
    for (size_t i = 0; i < v->n_picked; i++)
        if (v->picked[i] == index)
            return i + 1;
    return 0;
}

static void build_ask_option(struct screen *s, size_t place)
{
    const struct quiz_view *v = view_of(s);
    const struct question *q = question_of(s);
    const size_t index = v->perm[place];
    char mark[32];
    enum style st = ST_DIM;

    if (q->kind == Q_ORDER) {
        const size_t nth = picked_place(v, index);
        snprintf(mark, sizeof(mark), nth ? "%zu  [%zu] " : "%zu  [ ] ", place + 1, nth);
        st = nth ? ST_ACCENT : ST_DIM;
    } else {
        const bool on = q->kind == Q_MULTI ? v->chosen[index] : s->doc.focus == (int)place;
        const enum glyph g = q->kind == Q_MULTI ? (on ? GLYPH_ON : GLYPH_OFF)
                             : on               ? GLYPH_RADIO_ON
                                                : GLYPH_RADIO_OFF;
        snprintf(mark, sizeof(mark), "%zu  %s ", place + 1, term_glyph(g));
        st = on ? ST_ACCENT : ST_DIM;
    }
    doc_markdown(&s->doc, 2, st, mark, ST_TEXT, text_of(&q->options[index].text), (int)place);
}

static void build_typed(struct screen *s)
{
    const struct question *q = question_of(s);
    const char *unit = q->kind == Q_NUMBER && text_of(&q->unit) ? text_of(&q->unit) : "";
    char *suffix = unit[0] ? xasprintf("  %s", unit) : xstrdup("");

    line_edit_build(&s->doc, 2, "> ", &view_of(s)->typed, suffix);
    free(suffix);
}

static void build_question(struct screen *s)
{
    static const enum text_id hints[Q_KINDS] = {
        [Q_CHOICE] = TXT_HINT_CHOICE, [Q_MULTI] = TXT_HINT_MULTI, [Q_NUMBER] = TXT_HINT_NUMBER,
        [Q_TEXT] = TXT_HINT_TEXT,     [Q_ORDER] = TXT_HINT_ORDER, [Q_OUTPUT] = TXT_HINT_OUTPUT};
    const struct question *q = question_of(s);

    doc_markdown(&s->doc, 0, ST_TEXT, "", ST_TEXT, text_of(&q->text), DOC_NO_FOCUS);
    if (q->code[0]) {
        char *fenced = xasprintf("```c\n%s\n```", q->code);
        doc_blank(&s->doc);
        doc_markdown(&s->doc, 0, ST_TEXT, "", ST_TEXT, fenced, DOC_NO_FOCUS);
        free(fenced);
    }
    doc_blank(&s->doc);
    if (view_of(s)->phase != ASK)
        return;
    for (size_t i = 0; question_is_list(q) && i < q->n_options; i++)
        build_ask_option(s, i);
    if (!question_is_list(q))
        build_typed(s);
    doc_blank(&s->doc);
    doc_text(&s->doc, 2, ST_DIM, text(hints[q->kind]));
}

static void build_bar(struct screen *s, double share, enum style st)
{
    const int cells = int_min(40, s->doc.cols - 12);
    const int full = (int)(share * cells + 0.5);

    for (int i = 0; i < cells; i++)
        doc_run(&s->doc, i < full ? st : ST_DIM, term_glyph(i < full ? GLYPH_FULL : GLYPH_EMPTY));
    doc_end_line(&s->doc, 2, DOC_NO_FOCUS);
}

static void build_done(struct screen *s)
{
    const struct session *session = view_of(s)->session;
    const struct session_score score = session_score(session);
    struct buf words = {0};

    buf_printf(&words, text(TXT_QUIZ_RESULT), score.right, score.answered, score.mean * 100);
    doc_text(&s->doc, 2, ST_STRONG, buf_text(&words));
    buf_release(&words);
    build_bar(s, score.mean, ST_ACCENT);
    doc_blank(&s->doc);
    doc_text(&s->doc, 2, ST_DIM,
             text(score.right == score.answered ? TXT_QUIZ_ALL_RIGHT : TXT_QUIZ_MISSED));
    for (size_t i = 0; i < session->n; i++) {
        const struct session_item *it = &session->items[i];
        char mark[8];
        if (!it->response || it->grade.right)
            continue;
        snprintf(mark, sizeof(mark), "%s ", term_glyph(GLYPH_BAD));
        doc_markdown(&s->doc, 4, ST_BAD, mark, ST_TEXT, text_of(&it->q->text), DOC_NO_FOCUS);
    }
}

static void quiz_build(struct screen *s)
{
    const struct quiz_view *v = view_of(s);

    if (v->phase == DONE) {
        build_done(s);
        return;
    }
    if (v->phase == FEEDBACK)
        feedback_build_head(&s->doc, item_of(s));
    build_question(s);
    if (v->phase == FEEDBACK)
        feedback_build(&s->doc, item_of(s), v->perm);
}

/* ---- answering ---- */

static void add_index(struct buf *out, size_t index)
{
    buf_printf(out, "%s%zu", out->len ? "," : "", index);
}

/* The canonical response to what is on the screen. */
static void make_response(const struct screen *s, struct buf *out)
{
    const struct quiz_view *v = view_of(s);
    const struct question *q = question_of(s);

    switch (q->kind) {
    case Q_CHOICE:
        if (s->doc.focus >= 0 && (size_t)s->doc.focus < q->n_options)
            add_index(out, v->perm[s->doc.focus]);
        break;
    case Q_MULTI:
        for (size_t i = 0; i < q->n_options; i++)
            if (v->chosen[i])
                add_index(out, i);
        break;
    case Q_ORDER:
        for (size_t i = 0; i < v->n_picked; i++)
            add_index(out, v->picked[i]);
        break;
    default:
        buf_add(out, buf_text(&v->typed), v->typed.len);
        break;
    }
}

static enum text_id why_invalid(enum question_kind kind, bool empty)
{
    if (kind == Q_ORDER)
        return TXT_PICK_ALL;
    return kind == Q_NUMBER && !empty ? TXT_NO_NUMBER : TXT_ANSWER_INVALID;
}

static void submit(struct screen *s)
{
    struct quiz_view *v = view_of(s);
    struct buf response = {0};
    struct err e;

    v->save_failed = false;
    make_response(s, &response);
    const char *words = buf_text(&response);
    if (response.len == 0 && (question_of(s)->kind == Q_MULTI || question_of(s)->kind == Q_CHOICE))
        ui_say(s->app, "%s",
               text(question_of(s)->kind == Q_MULTI ? TXT_CHOOSE_SOME : TXT_CHOOSE_ONE));
    else if (!quiz_response_valid(question_of(s), words, &e))
        ui_say(s->app, "%s", text(why_invalid(question_of(s)->kind, response.len == 0)));
    else if (!session_answer(v->session, app_now_ms(s->app), v->at, words,
                             loop_now_ms() - v->shown_ms, &e)) {
        v->save_failed = true; /* the question stays, nothing is lost */
        ui_say(s->app, "%s", e.text);
    } else {
        v->phase = FEEDBACK;
        doc_top(&s->doc);
        s->doc.focus = DOC_NO_FOCUS;
    }
    buf_release(&response);
}

static void pick(struct quiz_view *v, size_t index)
{
    if (v->n_picked > 0 && v->picked[v->n_picked - 1] == index)
        v->n_picked--; /* the last one again: taken back */
    else if (picked_place(v, index) == 0)
        v->picked[v->n_picked++] = index;
}

static void choose(struct screen *s, size_t place)
{
    struct quiz_view *v = view_of(s);
    const struct question *q = question_of(s);

    if (place >= q->n_options)
        return;
    doc_set_focus(&s->doc, (int)place);
    if (q->kind == Q_MULTI)
        v->chosen[v->perm[place]] = !v->chosen[v->perm[place]];
    else if (q->kind == Q_ORDER)
        pick(v, v->perm[place]);
}

/* In a typed answer every character is text; in a list, digits and the letters a to h choose. */
static bool quiz_type(struct screen *s, int key)
{
    struct quiz_view *v = view_of(s);

    if (v->phase != ASK)
        return false;
    const struct question *q = question_of(s);
    if (!question_is_list(q)) {
        const bool mine = line_edit_key(&v->typed, QUIZ_MAX_RESPONSE, key);
        s->doc.show_cursor |= mine;
        return mine;
    }
    if (key >= '1' && key <= '9')
        choose(s, (size_t)(key - '1'));
    else if (key >= 'a' && key < 'a' + (int)q->n_options)
        choose(s, (size_t)(key - 'a'));
    else if (key == ' ' && q->kind != Q_CHOICE && s->doc.focus >= 0)
        choose(s, (size_t)s->doc.focus);
    else if (key == KEY_BACKSPACE && q->kind == Q_ORDER && v->n_picked > 0)
        v->n_picked--;
    else
        return false;
    return true;
}

static bool quiz_typing(const struct screen *s)
{
    return view_of(s)->phase == ASK && !question_is_list(question_of(s));
}

/* ---- keys ---- */

static bool is_asking(const struct screen *s)
{
    return view_of(s)->phase == ASK;
}

static bool cannot_save(const struct screen *s)
{
    return is_asking(s) && view_of(s)->save_failed;
}

static bool is_explaining(const struct screen *s)
{
    return view_of(s)->phase == FEEDBACK;
}

static bool is_done(const struct screen *s)
{
    return view_of(s)->phase == DONE;
}

static bool has_missed(const struct screen *s)
{
    const struct session_score score = session_score(view_of(s)->session);

    return is_done(s) && score.right < score.answered;
}

static void act_answer(struct screen *s, int key)
{
    (void)key;
    submit(s);
}

static void act_go_on_unsaved(struct screen *s, int key)
{
    (void)key;
    view_of(s)->session->unsaved = true;
    submit(s);
}

static void act_click(struct screen *s, int key)
{
    (void)key;
    if (is_asking(s) && question_is_list(question_of(s)) && s->doc.focus >= 0)
        choose(s, (size_t)s->doc.focus);
}

static void act_next(struct screen *s, int key)
{
    (void)key;
    ask(s);
}

static void act_leave(struct screen *s, int key)
{
    (void)key;
    ui_close(s);
}

static void act_retry(struct screen *s, int key)
{
    struct quiz_view *v = view_of(s);
    struct err e;

    (void)key;
    struct session *again = session_retry(v->session, app_now_ms(s->app), app_seed(s->app), &e);
    if (!again) {
        ui_say(s->app, "%s", e.text);
        return;
    }
    v->session = again;
    ask(s);
}

static const struct claim *claim_of(const struct screen *s)
{
    return lesson_claim(item_of(s)->lesson, question_of(s)->claim);
}

static bool has_proof(const struct screen *s)
{
    return is_explaining(s) && claim_of(s) && claim_of(s)->demo;
}

static void act_proof(struct screen *s, int key)
{
    char *arg = xasprintf("%s/%s", item_of(s)->lesson->slug, claim_of(s)->demo);

    (void)key;
    ui_open(s->app, "demo", arg);
    free(arg);
}

static void act_page(struct screen *s, int key)
{
    const struct lesson *l = item_of(s)->lesson;
    char *arg = xasprintf("%s:%d", l->slug, lesson_claim_page(l, question_of(s)->claim));

    (void)key;
    ui_open(s->app, "lesson", arg);
    free(arg);
}

static const struct key_row quiz_keys[] = {
    {{'\n'}, "Enter", NULL, TXT_KEY_ANSWER, true, is_asking, act_answer},
    {{KEY_F(2)}, "F2", NULL, TXT_KEY_UNSAVED, true, cannot_save, act_go_on_unsaved},
    {{'\n', ' ', KEY_RIGHT}, "Enter", NULL, TXT_KEY_NEXT, true, is_explaining, act_next},
    {{'\n'}, "Enter", NULL, TXT_KEY_FINISH, true, is_done, act_leave},
    {{'r'}, "r", NULL, TXT_KEY_RETRY, true, has_missed, act_retry},
    {{'d'}, "d", NULL, TXT_KEY_PROOF, true, has_proof, act_proof},
    {{'p'}, "p", NULL, TXT_KEY_READ_PAGE, true, is_explaining, act_page},
    {{KEY_ANY_DIGIT}, "1-9 a-h", NULL, TXT_KEY_CHOOSE, false, is_asking, NULL},
    {{KEY_CLICK}, "mouse", NULL, TXT_KEY_CHOOSE, false, is_asking, act_click},
};

const struct screen_ops quiz_screen = {
    .name = "quiz",
    .size = sizeof(struct quiz_view),
    .focus_shows = true,
    .open = quiz_open,
    .close = quiz_close,
    .title = quiz_title,
    .build = quiz_build,
    .type = quiz_type,
    .typing = quiz_typing,
    .keys = quiz_keys,
    .n_keys = ARRAY_LEN(quiz_keys),
};
