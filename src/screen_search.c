/*
 * screen_search.c: words looked up in lessons, pages, demos, claims and questions, as they are
 * typed. Lessons are loaded one at a time between frames.
 */
#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "line_edit.h"
#include "search.h"
#include "ui.h"
#include "utf8.h"

enum { MAX_HITS = 200, MAX_QUERY = 100 };

struct search_view {
    struct search *search;
    bool loading;
    struct buf query;
    const struct search_hit *hits;
    size_t n_hits;
};

static struct search_view *view_of(const struct screen *s)
{
    return (struct search_view *)s->state;
}

static void look_up(struct screen *s)
{
    struct search_view *v = view_of(s);

    v->hits = search_find(v->search, buf_text(&v->query), MAX_HITS, &v->n_hits);
    ui_changed(s);
}

static bool search_open(struct screen *s, const char *arg, struct err *e)
{
    struct search_view *v = view_of(s);

    (void)e;
    v->search = search_new(s->app->content);
    v->loading = true;
    buf_puts(&v->query, arg);
    return true;
}

static void search_close(struct screen *s)
{
    search_free(view_of(s)->search);
    buf_release(&view_of(s)->query);
}

static void search_refresh(struct screen *s)
{
    view_of(s)->loading = true; /* the language may be another one now */
}

static bool search_idle(struct screen *s)
{
    struct search_view *v = view_of(s);

    if (!v->loading)
        return false;
    v->loading = search_load_step(v->search);
    look_up(s);
    return v->loading;
}

static void search_title(const struct screen *s, struct buf *left, struct buf *right)
{
    const struct search_view *v = view_of(s);

    buf_puts(left, text(TXT_SEARCH_TITLE));
    if (v->query.len > 0)
        buf_printf(right, text(TXT_SEARCH_HITS), v->n_hits);
}

static void build_hit(struct screen *s, const struct search_hit *hit, int focus)
{
    static const enum text_id kinds[] = {[SEARCH_LESSON] = TXT_KIND_LESSON,
                                         [SEARCH_PAGE] = TXT_KIND_PAGE,
                                         [SEARCH_DEMO] = TXT_KIND_DEMO,
                                         [SEARCH_CLAIM] = TXT_KIND_CLAIM,
                                         [SEARCH_QUESTION] = TXT_KIND_QUESTION};
    struct buf where = {0};

    buf_puts(&where, text(kinds[hit->kind]));
    if (hit->kind == SEARCH_PAGE)
        buf_printf(&where, " %d", hit->page + 1);
    doc_row(&s->doc, 2, ST_TEXT, "", ST_TEXT, hit->line, ST_DIM, buf_text(&where), focus);
    buf_release(&where);
}

static void search_build(struct screen *s)
{
    const struct search_view *v = view_of(s);

    line_edit_build(&s->doc, 0, "/ ", &v->query, "");
    doc_blank(&s->doc);
    if (v->query.len == 0)
        doc_text(&s->doc, 2, ST_DIM, text(TXT_SEARCH_HINT));
    else if (v->n_hits == 0)
        doc_text(&s->doc, 2, ST_DIM, text(v->loading ? TXT_SEARCH_LOADING : TXT_SEARCH_NONE));
    for (size_t i = 0; i < v->n_hits; i++) {
        if (i == 0 || strcmp(v->hits[i].lesson, v->hits[i - 1].lesson) != 0) {
            if (i > 0)
                doc_blank(&s->doc);
            doc_text(&s->doc, 0, ST_STRONG, text_of(&v->hits[i].title));
        }
        build_hit(s, &v->hits[i], (int)i);
    }
}

static bool search_type(struct screen *s, int key)
{
    if (!line_edit_key(&view_of(s)->query, MAX_QUERY, key))
        return false;
    doc_top(&s->doc);
    look_up(s);
    return true;
}

static bool search_typing(const struct screen *s)
{
    (void)s;
    return true;
}

static bool has_hit(const struct screen *s)
{
    const struct search_view *v = view_of(s);

    return s->doc.focus >= 0 && (size_t)s->doc.focus < v->n_hits;
}

static void act_jump(struct screen *s, int key)
{
    const struct search_hit *hit = &view_of(s)->hits[s->doc.focus];
    const char *name = "lesson";
    char *arg;

    (void)key;
    switch (hit->kind) {
    case SEARCH_DEMO:
        name = "demo";
        arg = xasprintf("%s/%s", hit->lesson, hit->name);
        break;
    case SEARCH_QUESTION:
        name = "quiz";
        arg = xasprintf("single:%s/%s", hit->lesson, hit->name);
        break;
    case SEARCH_LESSON:
        arg = xstrdup(hit->lesson);
        break;
    default:
        arg = xasprintf("%s:%d", hit->lesson, hit->page);
        break;
    }
    ui_open(s->app, name, arg);
    free(arg);
}

static const struct key_row search_keys[] = {
    {{'\n'}, "Enter", NULL, TXT_KEY_OPEN, true, has_hit, act_jump},
};

const struct screen_ops search_screen = {
    .name = "search",
    .size = sizeof(struct search_view),
    .open = search_open,
    .close = search_close,
    .title = search_title,
    .build = search_build,
    .refresh = search_refresh,
    .idle = search_idle,
    .type = search_type,
    .typing = search_typing,
    .keys = search_keys,
    .n_keys = ARRAY_LEN(search_keys),
};
