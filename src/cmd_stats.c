/*
 * cmd_stats.c: `stats`: what was answered so far, by track and lesson, and the quizzes taken.
 *
 * --json: {"answers", "right", "items", "lessons", "sessions", "runs", "predictions",
 * "predictions_right", "first_ms", "last_ms", "time_ms", "by_track": [{"track", "title",
 * "answers", "right", "score"}], "by_lesson": [{"lesson", "track", "title", "answers", "right",
 * "score", "last_ms"}], "hard": [{"item", "answers", "wrong"}], "history": [{"session", "kind",
 * "topic", "start_ms", "end_ms", "items", "answered", "right", "score"}]}. Scores are 0 to 1; times
 * are milliseconds since 1970, null for none; a lesson that has left the content has track and
 * title null.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cmd.h"
#include "cmd_args.h"
#include "cmd_out.h"
#include "content/content.h"
#include "json_out.h"
#include "store/store.h"
#include "text.h"

enum { MAX_HISTORY = 50, MAX_HARD = 8, NAME_COLS = 36 };

struct row {
    char *lesson;
    const struct lesson_info *info; /* NULL: it has left the content */
    int answers, right;
    double score;
    int64_t last_ms;
};

struct stats {
    const struct content *content;
    struct store_totals totals;
    struct row *rows;
    size_t n;
    cJSON *hard, *history; /* NULL: printed as lines */
};

static void take_lesson(void *user, const struct store_lesson_stat *r)
{
    struct stats *s = user;

    s->rows = x_resize(s->rows, s->n + 1, sizeof(*s->rows));
    s->rows[s->n++] = (struct row){.lesson = xstrdup(r->lesson),
                                   .info = content_find(s->content, r->lesson),
                                   .answers = r->answers,
                                   .right = r->right,
                                   .score = r->score,
                                   .last_ms = r->last_ms};
}

static void stats_release(struct stats *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->rows[i].lesson);
    free(s->rows);
}

/* The order of the content; what has left it comes last. */
static int compare_rows(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (!x->info || !y->info)
        return !x->info - !y->info;
    return (x->info > y->info) - (x->info < y->info);
}

/* One past the last row of the track that row `from` is of. */
static size_t track_end(const struct stats *s, size_t from)
{
    size_t to = from + 1;

    while (to < s->n && s->rows[to].info &&
           strcmp(s->rows[to].info->track, s->rows[from].info->track) == 0)
        to++;
    return to;
}

/* A track is the mean of its lessons, weighted by their answers. */
static struct row sum_rows(const struct row *rows, size_t n)
{
    struct row sum = {0};

    for (size_t i = 0; i < n; i++) {
        sum.answers += rows[i].answers;
        sum.right += rows[i].right;
        sum.score += rows[i].score * rows[i].answers;
    }
    sum.score = sum.answers ? sum.score / sum.answers : 0;
    return sum;
}

/* ---- as JSON ---- */

static void add_hard(void *user, const struct store_hard *r)
{
    const struct stats *s = user;
    cJSON *o = json_out_object(s->hard, NULL);

    json_out_string(o, "item", r->item);
    json_out_number(o, "answers", r->answers);
    json_out_number(o, "wrong", r->wrong);
}

static void add_history(void *user, const struct store_history *r)
{
    const struct stats *s = user;
    cJSON *o = json_out_object(s->history, NULL);

    json_out_string(o, "session", r->session);
    json_out_string(o, "kind", r->kind);
    json_out_string(o, "topic", r->topic);
    json_out_time(o, "start_ms", r->start_ms);
    json_out_time(o, "end_ms", r->end_ms);
    json_out_number(o, "items", r->items);
    json_out_number(o, "answered", r->answered);
    json_out_number(o, "right", r->right);
    json_out_number(o, "score", r->score);
}

static void add_totals(cJSON *root, const struct store_totals *t)
{
    json_out_number(root, "answers", t->answers);
    json_out_number(root, "right", t->right);
    json_out_number(root, "items", t->items);
    json_out_number(root, "lessons", t->lessons);
    json_out_number(root, "sessions", t->sessions);
    json_out_number(root, "runs", t->runs);
    json_out_number(root, "predictions", t->predictions);
    json_out_number(root, "predictions_right", t->predictions_right);
    json_out_time(root, "first_ms", t->first_ms);
    json_out_time(root, "last_ms", t->last_ms);
    json_out_number(root, "time_ms", (double)t->time_ms);
}

static void add_score(cJSON *o, const struct row *r)
{
    json_out_number(o, "answers", r->answers);
    json_out_number(o, "right", r->right);
    json_out_number(o, "score", r->score);
}

static void add_tracks(cJSON *root, const struct stats *s)
{
    cJSON *list = json_out_array(root, "by_track");

    for (size_t i = 0, end; i < s->n && s->rows[i].info; i = end) {
        end = track_end(s, i);
        const struct row sum = sum_rows(&s->rows[i], end - i);
        cJSON *o = json_out_object(list, NULL);
        json_out_string(o, "track", s->rows[i].info->track);
        json_out_bitext(o, "title", &s->rows[i].info->track_title);
        add_score(o, &sum);
    }
}

static void add_lessons(cJSON *root, const struct stats *s)
{
    cJSON *list = json_out_array(root, "by_lesson");

    for (size_t i = 0; i < s->n; i++) {
        const struct row *r = &s->rows[i];
        cJSON *o = json_out_object(list, NULL);
        json_out_string(o, "lesson", r->lesson);
        json_out_string(o, "track", r->info ? r->info->track : NULL);
        if (r->info)
            json_out_bitext(o, "title", &r->info->title);
        else
            json_out_string(o, "title", NULL);
        add_score(o, r);
        json_out_time(o, "last_ms", r->last_ms);
    }
}

static bool print_json(struct stats *s, struct store *store, struct err *e)
{
    cJSON *root = json_out_new();

    add_totals(root, &s->totals);
    add_tracks(root, s);
    add_lessons(root, s);
    s->hard = json_out_array(root, "hard");
    s->history = json_out_array(root, "history");
    if (store_hard_each(store, MAX_HARD, add_hard, s, e) &&
        store_history_each(store, MAX_HISTORY, add_history, s, e)) {
        json_out_print(root);
        return true;
    }
    cJSON_Delete(root);
    return false;
}

/* ---- as lines ---- */

static void print_score(const char *indent, const char *name, const struct row *r)
{
    fputs(indent, stdout);
    out_padded(name, NAME_COLS - (int)strlen(indent));
    printf(" %3.0f%%  %d/%d\n", r->score * 100, r->right, r->answers);
}

static void print_scores(const struct stats *s)
{
    printf("\n%s\n", text(TXT_STATS_BY_LESSON));
    for (size_t i = 0, end; i < s->n; i = end) {
        end = s->rows[i].info ? track_end(s, i) : i + 1;
        const struct row sum = sum_rows(&s->rows[i], end - i);
        if (s->rows[i].info)
            print_score("  ", text_of(&s->rows[i].info->track_title), &sum);
        for (size_t k = i; k < end; k++) {
            const struct row *r = &s->rows[k];
            print_score("    ", r->info ? text_of(&r->info->title) : r->lesson, r);
        }
    }
}

static void print_hard(void *user, const struct store_hard *r)
{
    (void)user;
    if (r->wrong == 0)
        return;
    fputs("  ", stdout);
    out_padded(r->item, NAME_COLS - 2);
    putchar(' ');
    printf(text(TXT_STATS_WRONG_OF), r->wrong, r->answers);
    putchar('\n');
}

static void print_history(void *user, const struct store_history *r)
{
    char time[OUT_TIME_SIZE];
    struct buf words = {0};

    (void)user;
    buf_printf(&words, "%s %s", r->kind, r->topic);
    printf("  %s  ", out_time(r->start_ms, time));
    out_padded(buf_text(&words), NAME_COLS - 20);
    buf_clear(&words);
    if (r->end_ms == 0)
        buf_printf(&words, text(TXT_STATS_OPEN), r->answered, r->items);
    else
        buf_printf(&words, "%3.0f%%  %d/%d", r->score * 100, r->right, r->answered);
    printf(" %s\n", buf_text(&words));
    buf_release(&words);
}

static bool print_lines(struct stats *s, struct store *store, struct err *e)
{
    const struct store_totals *t = &s->totals;

    if (t->answers == 0) {
        puts(text(TXT_CMD_NO_ANSWERS));
    } else {
        printf(text(TXT_STATS_TOTALS), t->answers, t->right, t->items, (double)t->time_ms / 60000);
        putchar('\n');
    }
    if (t->runs > 0) {
        printf(text(TXT_STATS_RUNS), t->runs, t->predictions_right, t->predictions);
        putchar('\n');
    }
    if (t->answers == 0)
        return true;
    print_scores(s);
    if (t->right < t->answers)
        printf("\n%s\n", text(TXT_STATS_HARD));
    if (!store_hard_each(store, MAX_HARD, print_hard, s, e))
        return false;
    printf("\n%s\n", text(TXT_STATS_HISTORY));
    return store_history_each(store, MAX_HISTORY, print_history, s, e);
}

static int run(struct app *app, int argc, char **argv)
{
    bool json = false;
    const struct cmd_option options[] = {{"--json", &json, NULL}};
    struct stats s = {.content = app->content};
    struct err e;

    if (!cmd_options(&stats_command, &argc, argv, options, ARRAY_LEN(options)))
        return 2;
    if (argc > 1)
        return cmd_usage(&stats_command, "takes no \"%s\"", argv[1]);
    bool ok = store_totals(app->store, &s.totals, &e) &&
              store_lesson_stats_each(app->store, take_lesson, &s, &e);
    if (s.n > 0)
        qsort(s.rows, s.n, sizeof(*s.rows), compare_rows);
    if (ok)
        ok = json ? print_json(&s, app->store, &e) : print_lines(&s, app->store, &e);
    stats_release(&s);
    return ok ? 0 : cmd_fail("%s", e.text);
}

const struct command stats_command = {
    .name = "stats",
    .usage = "stats [--json]",
    .summary = "your answers, scores and quizzes",
    .needs = CMD_CONTENT | CMD_STORE_READ,
    .run = run,
};
