/*
 * screen_stats.c: what was answered so far: totals, by track and lesson, hardest questions,
 * history of quizzes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "content/content.h"
#include "store/store.h"
#include "ui.h"
#include "utf8.h"

enum { MAX_HISTORY = 50, MAX_HARD = 8, BAR_COLS = 20, NAME_COLS = 30 };

struct lesson_row {
    char *lesson; /* slug */
    int answers, right;
    double score;
};

struct history_row {
    char *kind, *topic;
    int64_t start_ms;
    int items, answered, right;
    double score;
    bool open;
};

struct hard_row {
    char *item;  /* "lesson/question" */
    char *words; /* of the question, or the item if it is gone */
    int answers, wrong;
};

struct stats_view {
    struct store_totals totals;
    struct lesson_row *lessons;
    size_t n_lessons;
    struct history_row *history;
    size_t n_history;
    struct hard_row *hard;
    size_t n_hard;
};

static struct stats_view *view_of(const struct screen *s)
{
    return (struct stats_view *)s->state;
}

static void forget(struct stats_view *v)
{
    for (size_t i = 0; i < v->n_lessons; i++)
        free(v->lessons[i].lesson);
    for (size_t i = 0; i < v->n_history; i++) {
        free(v->history[i].kind);
        free(v->history[i].topic);
    }
    for (size_t i = 0; i < v->n_hard; i++)
        free(v->hard[i].words);
    for (size_t i = 0; i < v->n_hard; i++)
        free(v->hard[i].item);
    free(v->lessons);
    free(v->history);
    free(v->hard);
    *v = (struct stats_view){0};
}

static void take_lesson(void *user, const struct store_lesson_stat *r)
{
    struct stats_view *v = user;

    v->lessons = x_resize(v->lessons, v->n_lessons + 1, sizeof(*v->lessons));
    v->lessons[v->n_lessons++] = (struct lesson_row){
        .lesson = xstrdup(r->lesson), .answers = r->answers, .right = r->right, .score = r->score};
}

static void take_history(void *user, const struct store_history *r)
{
    struct stats_view *v = user;

    v->history = x_resize(v->history, v->n_history + 1, sizeof(*v->history));
    v->history[v->n_history++] = (struct history_row){.kind = xstrdup(r->kind),
                                                      .topic = xstrdup(r->topic),
                                                      .start_ms = r->start_ms,
                                                      .items = r->items,
                                                      .answered = r->answered,
                                                      .right = r->right,
                                                      .score = r->score,
                                                      .open = r->end_ms == 0};
}

static void take_hard(void *user, const struct store_hard *r)
{
    struct stats_view *v = user;

    v->hard = x_resize(v->hard, v->n_hard + 1, sizeof(*v->hard));
    v->hard[v->n_hard++] =
        (struct hard_row){.item = xstrdup(r->item), .answers = r->answers, .wrong = r->wrong};
}

/* The question itself, on one line; there are a handful of them. The caller frees. */
static char *question_words(const struct screen *s, const char *item)
{
    const size_t n = strcspn(item, "/");
    char *slug = xstrndup(item, n);
    const struct lesson_info *info = content_find(s->app->content, slug);
    struct lesson *l = info && !info->broken ? lesson_load(info, NULL) : NULL;
    const struct question *q = l && item[n] ? lesson_question(l, item + n + 1) : NULL;
    char *words = xstrdup(q ? text_of(&q->text) : item);

    for (char *at = words; *at; at++)
        if (*at == '\n')
            *at = ' ';
    lesson_free(l);
    free(slug);
    return words;
}

static void stats_refresh(struct screen *s)
{
    struct stats_view *v = view_of(s);
    struct store *store = s->app->store;
    struct err e;

    forget(v);
    if (!store_totals(store, &v->totals, &e) ||
        !store_lesson_stats_each(store, take_lesson, v, &e) ||
        !store_history_each(store, MAX_HISTORY, take_history, v, &e) ||
        !store_hard_each(store, MAX_HARD, take_hard, v, &e))
        ui_say(s->app, "%s", e.text);
    for (size_t i = 0; i < v->n_hard; i++)
        v->hard[i].words = question_words(s, v->hard[i].item);
}

static bool stats_open(struct screen *s, const char *arg, struct err *e)
{
    (void)arg;
    (void)e;
    stats_refresh(s);
    return true;
}

static void stats_close(struct screen *s)
{
    forget(view_of(s));
}

/* ---- drawing ---- */

static void stats_title(const struct screen *s, struct buf *left, struct buf *right)
{
    (void)s;
    (void)right;
    buf_puts(left, text(TXT_STATS_TITLE));
}

/* "name   ███░░░  83 %   10 of 12": the name cut or filled to one width. */
static void build_bar(struct screen *s, int indent, enum style st, const char *name, double share,
                      const char *numbers)
{
    const int name_cols = int_min(NAME_COLS, int_max(10, s->doc.cols - 26));
    const size_t fit = utf8_fit(name, strlen(name), name_cols - indent);
    char *cut = xstrndup(name, fit);
    const int cells = s->doc.cols >= 70 ? BAR_COLS : 8;
    const int full = (int)(share * cells + 0.5);
    char percent[16];

    doc_run(&s->doc, st, cut);
    for (int i = utf8_cols_str(cut) + indent; i < name_cols + 1; i++)
        doc_run(&s->doc, ST_TEXT, " ");
    for (int i = 0; i < cells; i++)
        doc_run(&s->doc, i < full ? ST_ACCENT : ST_DIM,
                term_glyph(i < full ? GLYPH_FULL : GLYPH_EMPTY));
    snprintf(percent, sizeof(percent), " %3.0f%%  ", share * 100);
    doc_run(&s->doc, ST_TEXT, percent);
    doc_run(&s->doc, ST_DIM, numbers);
    doc_end_line(&s->doc, indent, DOC_NO_FOCUS);
    free(cut);
}

static const struct lesson_row *row_of(const struct stats_view *v, const char *slug)
{
    for (size_t i = 0; i < v->n_lessons; i++)
        if (strcmp(v->lessons[i].lesson, slug) == 0)
            return &v->lessons[i];
    return NULL;
}

static void build_scored(struct screen *s, int indent, enum style st, const char *name,
                         double score, int right, int answers)
{
    struct buf numbers = {0};

    buf_printf(&numbers, "%d/%d", right, answers);
    build_bar(s, indent, st, name, score, buf_text(&numbers));
    buf_release(&numbers);
}

/* A track is the mean of its lessons that were tried, weighted by their answers. */
static void build_track(struct screen *s, const struct lesson_info *all, size_t from, size_t to)
{
    const struct stats_view *v = view_of(s);
    int answers = 0, right = 0;
    double sum = 0;

    for (size_t i = from; i < to; i++) {
        const struct lesson_row *r = row_of(v, all[i].slug);
        if (!r)
            continue;
        answers += r->answers;
        right += r->right;
        sum += r->score * r->answers;
    }
    if (answers == 0)
        return;
    build_scored(s, 2, ST_STRONG, text_of(&all[from].track_title), sum / answers, right, answers);
    for (size_t i = from; i < to; i++) {
        const struct lesson_row *r = row_of(v, all[i].slug);
        if (r)
            build_scored(s, 4, ST_TEXT, text_of(&all[i].title), r->score, r->right, r->answers);
    }
}

static void build_tracks(struct screen *s)
{
    size_t n;
    const struct lesson_info *all = content_lessons(s->app->content, &n);

    doc_blank(&s->doc);
    doc_text(&s->doc, 0, ST_STRONG, text(TXT_STATS_BY_LESSON));
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && strcmp(all[to].track, all[from].track) == 0; to++)
            ;
        build_track(s, all, from, to);
    }
}

static const char *topic_title(const struct screen *s, const struct history_row *r)
{
    const struct lesson_info *info = content_find(s->app->content, r->topic);

    if (info)
        return text_of(&info->title);
    if (strcmp(r->kind, "review") == 0)
        return text(TXT_KIND_REVIEW);
    if (strcmp(r->kind, "retry") == 0)
        return text(TXT_KIND_RETRY);
    return r->topic[0] ? r->topic : text(TXT_KIND_MIXED);
}

static void build_history(struct screen *s)
{
    const struct stats_view *v = view_of(s);

    doc_blank(&s->doc);
    doc_text(&s->doc, 0, ST_STRONG, text(TXT_STATS_HISTORY));
    for (size_t i = 0; i < v->n_history; i++) {
        const struct history_row *r = &v->history[i];
        const time_t t = (time_t)(r->start_ms / 1000);
        struct buf right = {0};
        char date[32];
        struct tm tm;
        localtime_r(&t, &tm);
        strftime(date, sizeof(date), "%Y-%m-%d %H:%M  ", &tm);
        if (r->open)
            buf_printf(&right, text(TXT_STATS_OPEN), r->answered, r->items);
        else
            buf_printf(&right, "%d/%d", r->right, r->answered);
        doc_row(&s->doc, 2, ST_DIM, date, ST_TEXT, topic_title(s, r), ST_DIM, buf_text(&right),
                DOC_NO_FOCUS);
        buf_release(&right);
    }
}

static void build_hard(struct screen *s)
{
    const struct stats_view *v = view_of(s);
    struct buf numbers = {0};

    doc_blank(&s->doc);
    doc_text(&s->doc, 0, ST_STRONG, text(TXT_STATS_HARD));
    for (size_t i = 0; i < v->n_hard; i++) {
        buf_clear(&numbers);
        buf_printf(&numbers, text(TXT_STATS_WRONG_OF), v->hard[i].wrong, v->hard[i].answers);
        doc_row(&s->doc, 2, ST_TEXT, "", ST_TEXT, v->hard[i].words, ST_DIM, buf_text(&numbers),
                (int)i);
    }
    buf_release(&numbers);
}

static void stats_build(struct screen *s)
{
    const struct stats_view *v = view_of(s);
    const struct store_totals *t = &v->totals;
    struct buf words = {0};

    if (t->answers == 0) {
        doc_text(&s->doc, 2, ST_TEXT, text(TXT_STATS_EMPTY));
    } else {
        buf_printf(&words, text(TXT_STATS_TOTALS), t->answers, t->right, t->items,
                   (double)t->time_ms / 60000);
        doc_text(&s->doc, 2, ST_TEXT, buf_text(&words));
    }
    if (t->runs > 0) {
        buf_clear(&words);
        buf_printf(&words, text(TXT_STATS_RUNS), t->runs, t->predictions_right, t->predictions);
        doc_text(&s->doc, 2, ST_TEXT, buf_text(&words));
    }
    buf_release(&words);
    if (v->n_lessons > 0)
        build_tracks(s);
    if (v->n_hard > 0)
        build_hard(s);
    if (v->n_history > 0)
        build_history(s);
}

static bool on_hard(const struct screen *s)
{
    return s->doc.focus >= 0 && (size_t)s->doc.focus < view_of(s)->n_hard;
}

static void act_ask(struct screen *s, int key)
{
    char *arg = xasprintf("single:%s", view_of(s)->hard[s->doc.focus].item);

    (void)key;
    ui_open(s->app, "quiz", arg);
    free(arg);
}

static const struct key_row stats_keys[] = {
    {{'\n'}, "Enter", NULL, TXT_KEY_ASK_AGAIN, true, on_hard, act_ask},
};

const struct screen_ops stats_screen = {
    .name = "stats",
    .size = sizeof(struct stats_view),
    .open = stats_open,
    .close = stats_close,
    .title = stats_title,
    .build = stats_build,
    .refresh = stats_refresh,
    .keys = stats_keys,
    .n_keys = ARRAY_LEN(stats_keys),
};
