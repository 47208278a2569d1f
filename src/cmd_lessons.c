/*
 * cmd_lessons.c: `lessons`: tracks and lessons, how far the learner is, what is due, what is
 * broken and why.
 *
 * --json: {"tracks": [{"track", "title", "lessons": [{"lesson", "title", "minutes", "pages",
 * "pages_seen", "questions", "answered", "right", "due", "demos", "broken"}]}]}. Titles are
 * {"en", "zh"}; "broken" is null or the reason.
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

struct progress {
    int pages_seen, answered, right, due;
};

/* Progress of each lesson, in the order of content_lessons. */
struct table {
    const struct content *content;
    const struct lesson_info *lessons;
    size_t n;
    struct progress *rows;
};

/* Progress of a lesson that has left the content is not shown. */
static void take_progress(void *user, const struct store_progress *p)
{
    const struct table *t = user;
    const struct lesson_info *info = content_find(t->content, p->lesson);

    if (!info)
        return;
    t->rows[info - t->lessons] = (struct progress){
        .pages_seen = p->pages_seen, .answered = p->answered, .right = p->right, .due = p->due};
}

static bool starts_track(const struct table *t, size_t i)
{
    return i == 0 || strcmp(t->lessons[i].track, t->lessons[i - 1].track) != 0;
}

/* ---- as JSON ---- */

static void add_lesson(cJSON *list, const struct lesson_info *l, const struct progress *p)
{
    cJSON *o = json_out_object(list, NULL);

    json_out_string(o, "lesson", l->slug);
    json_out_bitext(o, "title", &l->title);
    json_out_number(o, "minutes", l->minutes);
    json_out_number(o, "pages", l->pages);
    json_out_number(o, "pages_seen", p->pages_seen);
    json_out_number(o, "questions", l->questions);
    json_out_number(o, "answered", p->answered);
    json_out_number(o, "right", p->right);
    json_out_number(o, "due", p->due);
    json_out_number(o, "demos", l->demos);
    json_out_string(o, "broken", l->broken);
}

static void print_json(const struct table *t)
{
    cJSON *root = json_out_new();
    cJSON *tracks = json_out_array(root, "tracks");
    cJSON *lessons = NULL;

    for (size_t i = 0; i < t->n; i++) {
        if (starts_track(t, i)) {
            cJSON *track = json_out_object(tracks, NULL);
            json_out_string(track, "track", t->lessons[i].track);
            json_out_bitext(track, "title", &t->lessons[i].track_title);
            lessons = json_out_array(track, "lessons");
        }
        add_lesson(lessons, &t->lessons[i], &t->rows[i]);
    }
    json_out_print(root);
}

/* ---- as lines ---- */

/* A lesson is two lines: its name, and under it how far the learner is. */
static void print_lesson(const struct lesson_info *l, const struct progress *p)
{
    struct buf words = {0};

    fputs("  ", stdout);
    out_padded(l->slug, 18);
    if (l->broken) {
        out_line(text(TXT_CMD_BROKEN), l->broken);
        return;
    }
    out_line("  ", text_of(&l->title));
    buf_printf(&words, text(TXT_CMD_PROGRESS), p->pages_seen, l->pages, p->answered, l->questions,
               p->right);
    if (p->due > 0)
        buf_printf(&words, text(TXT_CMD_DUE), p->due);
    printf("%22s%s\n", "", buf_text(&words));
    buf_release(&words);
}

static void print_lines(const struct table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        if (starts_track(t, i)) {
            char *head =
                xasprintf("%s (%s)", text_of(&t->lessons[i].track_title), t->lessons[i].track);
            out_line(i > 0 ? "\n" : "", head);
            free(head);
        }
        print_lesson(&t->lessons[i], &t->rows[i]);
    }
    if (t->n == 0)
        out_line(text(TXT_CMD_NO_LESSONS), content_root(t->content));
}

static int run(struct app *app, int argc, char **argv)
{
    bool json = false;
    const struct cmd_option options[] = {{"--json", &json, NULL}};
    struct table t = {.content = app->content};
    struct err e;

    if (!cmd_options(&lessons_command, &argc, argv, options, ARRAY_LEN(options)))
        return 2;
    if (argc > 1)
        return cmd_usage(&lessons_command, "takes no \"%s\"", argv[1]);
    t.lessons = content_lessons(app->content, &t.n);
    t.rows = x_array(t.n, sizeof(*t.rows));
    const bool read = store_progress_each(app->store, app_now_ms(app), take_progress, &t, &e);
    if (read && json)
        print_json(&t);
    else if (read)
        print_lines(&t);
    free(t.rows);
    return read ? 0 : cmd_fail("%s", e.text);
}

const struct command lessons_command = {
    .name = "lessons",
    .usage = "lessons [--json]",
    .summary = "tracks, lessons, and how far you are",
    .needs = CMD_CONTENT | CMD_STORE_READ,
    .run = run,
};
