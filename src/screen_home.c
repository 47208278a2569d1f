/*
 * screen_home.c: where the tutor opens: go on, what is due, all tracks and lessons.
 *
 * The first frame is drawn from the cached index; the folder is looked through afterwards, a few
 * milliseconds at a time.
 */
#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "content/content.h"
#include "loop.h"
#include "store/store.h"
#include "ui.h"

enum {
    PROGRESS_MS = 250,
    REFRESH_MS = 6,        /* of looking through the folder between two frames */
    FIRST_REFRESH_MS = 40, /* when there was no cached index to draw */
    NARROW_COLS = 60,      /* below, only the most telling number is shown */
    ITEM_CONTINUE = 0,
    ITEM_REVIEW = 1,
    ITEM_LESSON = 2, /* plus the lesson's place in the index */
};

struct home {
    struct store_progress *progress; /* one for each lesson of the index; lesson is not used */
    size_t n_progress;
    char *last_lesson; /* NULL: none */
    int last_page;
    int due;
    bool refreshed;
    size_t done, total; /* of the refresh */
    int64_t told_ms;    /* when its progress was shown last; 0 before it began */
    bool telling;
};

static struct home *home_of(const struct screen *s)
{
    return (struct home *)s->state;
}

/* ---- what the store knows ---- */

struct collector {
    struct home *h;
    const struct content *content;
};

static void take_progress(void *user, const struct store_progress *p)
{
    const struct collector *c = user;
    size_t n;
    const struct lesson_info *all = content_lessons(c->content, &n);
    const struct lesson_info *info = content_find(c->content, p->lesson);

    if (!info)
        return;
    c->h->progress[info - all] = *p;
    c->h->due += p->due;
}

static void home_refresh(struct screen *s)
{
    struct home *h = home_of(s);
    struct collector c = {h, s->app->content};
    struct err e;

    content_lessons(s->app->content, &h->n_progress);
    free(h->progress);
    h->progress = x_array(h->n_progress, sizeof(*h->progress));
    h->due = 0;
    if (!store_progress_each(s->app->store, app_now_ms(s->app), take_progress, &c, &e))
        ui_say(s->app, "%s", e.text);
    free(h->last_lesson);
    h->last_lesson = NULL;
    if (!store_last_position(s->app->store, &h->last_lesson, &h->last_page))
        h->last_lesson = NULL;
}

static bool home_open(struct screen *s, const char *arg, struct err *e)
{
    struct home *h = home_of(s);
    size_t n;
    bool changed;

    (void)arg;
    (void)e;
    content_lessons(s->app->content, &n);
    if (n == 0)
        h->refreshed =
            content_refresh(s->app->content, FIRST_REFRESH_MS, &changed, &h->done, &h->total);
    home_refresh(s);
    return true;
}

static void home_close(struct screen *s)
{
    struct home *h = home_of(s);

    free(h->progress);
    free(h->last_lesson);
}

/* Looking through the folder is told only when it takes long enough to be noticed. */
static void tell_progress(struct screen *s)
{
    struct home *h = home_of(s);
    const int64_t now_ms = loop_now_ms();

    if (h->told_ms == 0)
        h->told_ms = now_ms;
    if (!h->refreshed && now_ms - h->told_ms < PROGRESS_MS)
        return;
    if (h->telling || !h->refreshed)
        ui_changed(s);
    h->telling = !h->refreshed;
    h->told_ms = now_ms;
}

static bool home_idle(struct screen *s)
{
    struct home *h = home_of(s);
    bool changed = false;

    if (h->refreshed)
        return false;
    h->refreshed = content_refresh(s->app->content, REFRESH_MS, &changed, &h->done, &h->total);
    if (changed)
        ui_changed_all(s->app);
    tell_progress(s);
    return !h->refreshed;
}

/* ---- drawing ---- */

static void home_title(const struct screen *s, struct buf *left, struct buf *right)
{
    const struct home *h = home_of(s);

    buf_puts(left, "systutor");
    if (h->telling)
        buf_printf(right, text(TXT_HOME_READING), h->done, h->total);
    else if (store_is_memory(s->app->store))
        buf_puts(right, text(TXT_NOT_SAVED));
}

/* Where to go on: the page that was left; after the last page the quiz, until all of it is right;
 * then the next lesson that is not done. NULL: nowhere in particular. */
static const struct lesson_info *where_next(const struct screen *s, enum text_id *words)
{
    const struct home *h = home_of(s);
    size_t n;
    const struct lesson_info *all = content_lessons(s->app->content, &n);
    const struct lesson_info *last =
        h->last_lesson ? content_find(s->app->content, h->last_lesson) : NULL;

    if (!last || last->broken || (size_t)(last - all) >= h->n_progress)
        return NULL;
    const size_t at = (size_t)(last - all);
    *words = TXT_HOME_CONTINUE;
    if (h->last_page + 1 < last->pages)
        return last;
    *words = TXT_HOME_QUIZ;
    if (h->progress[at].right < last->questions)
        return last;
    *words = TXT_HOME_NEXT;
    for (size_t i = 1; i < n; i++) {
        const struct lesson_info *next = &all[(at + i) % n];
        if (!next->broken && h->progress[(at + i) % n].pages_seen < next->pages)
            return next;
    }
    return NULL;
}

static void build_start(struct screen *s)
{
    const struct home *h = home_of(s);
    enum text_id id;
    const struct lesson_info *next = where_next(s, &id);
    struct buf words = {0};

    if (next) {
        buf_printf(&words, text(id), text_of(&next->title), h->last_page + 1, next->pages);
        doc_item(&s->doc, 2, ST_ACCENT, "", ST_TEXT, buf_text(&words), ITEM_CONTINUE);
    } else {
        doc_text(&s->doc, 2, ST_TEXT, text(TXT_HOME_WELCOME));
    }
    if (h->due > 0) {
        buf_clear(&words);
        buf_printf(&words, text(TXT_HOME_DUE), h->due);
        doc_item(&s->doc, 2, ST_ACCENT, "", ST_TEXT, buf_text(&words), ITEM_REVIEW);
    }
    buf_release(&words);
}

static enum glyph lesson_mark(const struct lesson_info *info, const struct store_progress *p)
{
    if (info->broken)
        return GLYPH_BAD;
    if (p->pages_seen == 0 && p->answered == 0)
        return GLYPH_TODO;
    return p->pages_seen >= info->pages && p->right >= info->questions ? GLYPH_DONE : GLYPH_PART;
}

static void lesson_numbers(const struct screen *s, const struct lesson_info *info,
                           const struct store_progress *p, struct buf *out)
{
    if (info->broken) {
        buf_puts(out, text(TXT_HOME_BROKEN));
        return;
    }
    const int right = int_min(p->right, info->questions);
    if (s->doc.cols < NARROW_COLS) {
        buf_printf(out, "%d/%d", right, info->questions);
        return;
    }
    if (p->due > 0)
        buf_printf(out, text(TXT_HOME_N_DUE), p->due);
    buf_printf(out, text(TXT_HOME_PAGES), int_min(p->pages_seen, info->pages), info->pages);
    buf_printf(out, text(TXT_HOME_RIGHT), right, info->questions);
}

/* The row of one lesson, made when it comes into view. */
static void fill_lesson(struct doc *d, void *user, int focus)
{
    const struct screen *s = user;
    const struct home *h = home_of(s);
    const size_t i = (size_t)(focus - ITEM_LESSON);
    size_t n;
    const struct lesson_info *info = &content_lessons(s->app->content, &n)[i];
    const struct store_progress none = {0};
    const struct store_progress *p = i < h->n_progress ? &h->progress[i] : &none;
    const enum glyph g = lesson_mark(info, p);
    struct buf numbers = {0};
    char mark[8];

    snprintf(mark, sizeof(mark), "%s ", term_glyph(g));
    lesson_numbers(s, info, p, &numbers);
    doc_row(d, 2,
            g == GLYPH_DONE  ? ST_GOOD
            : g == GLYPH_BAD ? ST_BAD
                             : ST_DIM,
            mark, ST_TEXT, text_of(&info->title), ST_DIM, buf_text(&numbers), focus);
    buf_release(&numbers);
}

static void home_build(struct screen *s)
{
    size_t n;
    const struct lesson_info *all = content_lessons(s->app->content, &n);

    s->doc.fill = fill_lesson;
    s->doc.fill_user = s;
    build_start(s);
    if (n == 0 && home_of(s)->refreshed) {
        doc_blank(&s->doc);
        doc_text(&s->doc, 2, ST_WARN, text(TXT_HOME_EMPTY));
        doc_text(&s->doc, 2, ST_DIM, content_root(s->app->content));
    }
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(all[i].track, all[i - 1].track) != 0) {
            doc_blank(&s->doc);
            doc_text(&s->doc, 0, ST_STRONG, text_of(&all[i].track_title));
        }
        doc_stub(&s->doc, ITEM_LESSON + (int)i);
    }
}

/* ---- keys ---- */

static const struct lesson_info *focused_lesson(const struct screen *s)
{
    size_t n;
    const struct lesson_info *all = content_lessons(s->app->content, &n);
    const int i = s->doc.focus - ITEM_LESSON;

    return i >= 0 && (size_t)i < n ? &all[i] : NULL;
}

static bool has_due(const struct screen *s)
{
    return home_of(s)->due > 0;
}

static bool on_lesson(const struct screen *s)
{
    const struct lesson_info *info = focused_lesson(s);

    return info && !info->broken && info->questions > 0;
}

static void go_on(struct screen *s)
{
    enum text_id id;
    const struct lesson_info *next = where_next(s, &id);

    if (next && id == TXT_HOME_QUIZ) {
        char *arg = xasprintf("lesson:%s", next->slug);
        ui_open(s->app, "quiz", arg);
        free(arg);
    } else if (next) {
        ui_open(s->app, "lesson", next->slug);
    }
}

static void act_open(struct screen *s, int key)
{
    const struct lesson_info *info = focused_lesson(s);

    (void)key;
    if (info)
        ui_open(s->app, "lesson", info->slug);
    else if (s->doc.focus == ITEM_REVIEW)
        ui_open(s->app, "quiz", "review");
    else if (s->doc.focus == ITEM_CONTINUE)
        go_on(s);
}

static void act_quiz(struct screen *s, int key)
{
    const struct lesson_info *info = focused_lesson(s);

    (void)key;
    if (!info)
        return;
    char *arg = xasprintf("lesson:%s", info->slug);
    ui_open(s->app, "quiz", arg);
    free(arg);
}

static void act_mixed(struct screen *s, int key)
{
    (void)key;
    ui_open(s->app, "quiz", "mixed");
}

static void act_review(struct screen *s, int key)
{
    (void)key;
    ui_open(s->app, "quiz", "review");
}

static void act_stats(struct screen *s, int key)
{
    (void)key;
    ui_open(s->app, "stats", "");
}

static const struct key_row home_keys[] = {
    {{'\n', KEY_RIGHT, 'l'}, "Enter", NULL, TXT_KEY_OPEN, true, NULL, act_open},
    {{'t'}, "t", NULL, TXT_KEY_QUIZ, true, on_lesson, act_quiz},
    {{'r'}, "r", NULL, TXT_KEY_REVIEW, true, has_due, act_review},
    {{'m'}, "m", NULL, TXT_KEY_MIXED, true, NULL, act_mixed},
    {{'s'}, "s", NULL, TXT_KEY_STATS, true, NULL, act_stats},
};

const struct screen_ops home_screen = {
    .name = "home",
    .size = sizeof(struct home),
    .open = home_open,
    .close = home_close,
    .title = home_title,
    .build = home_build,
    .refresh = home_refresh,
    .idle = home_idle,
    .keys = home_keys,
    .n_keys = ARRAY_LEN(home_keys),
};
