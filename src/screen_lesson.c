/*
 * screen_lesson.c: the pages of a lesson, with their live blocks: predictions, demos, claims and
 * questions. On a wide terminal the demo of the page stands beside it.
 */
#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "content/content.h"
#include "store/store.h"
#include "ui.h"
#include "utf8.h"

struct lesson_view {
    struct lesson *lesson; /* NULL: broken, reason says why */
    char *reason;
    int page, saved_page; /* saved_page: as the store has it, -1 unknown */
    int side_failed;      /* the page whose demo could not be put at the side, -1 none */
    struct md_doc *md;    /* of this page in this language */
    enum lang md_lang;
    const struct md_live_block *live;
    size_t n_live;
    struct store_seen *seen; /* latest verdict of each claim; result "" for none */
    bool *predicted;         /* for each demo: a prediction has been made */
};

static struct lesson_view *view_of(const struct screen *s)
{
    return (struct lesson_view *)s->state;
}

/* ---- state ---- */

static void load_page(struct screen *s)
{
    struct lesson_view *v = view_of(s);
    const char *text_md = text_of(&v->lesson->pages[v->page].md);

    md_free(v->md);
    v->md = md_new(text_md, strlen(text_md));
    v->md_lang = text_lang();
    v->live = md_live(v->md, &v->n_live);
}

static void lesson_refresh(struct screen *s)
{
    struct lesson_view *v = view_of(s);

    if (!v->lesson)
        return;
    if (v->md_lang != text_lang())
        load_page(s);
    for (size_t i = 0; i < v->lesson->n_claims; i++)
        if (!store_verdict_last(s->app->store, v->lesson->slug, v->lesson->claims[i].id,
                                &v->seen[i]))
            v->seen[i] = (struct store_seen){.result = ""};
    for (size_t i = 0; i < v->lesson->n_demos; i++)
        v->predicted[i] |= store_predict_open(s->app->store, v->lesson->demos[i].name) >= 0;
}

/* arg: "slug", or "slug:page" with the first page 0. */
static bool lesson_open(struct screen *s, const char *arg, struct err *e)
{
    struct lesson_view *v = view_of(s);
    const char *colon = strchr(arg, ':');
    char *slug = xstrndup(arg, colon ? (size_t)(colon - arg) : strlen(arg));
    const struct lesson_info *info = content_find(s->app->content, slug);
    struct err why;

    if (!info) {
        err_set(e, text(TXT_NO_SUCH_LESSON), slug);
        free(slug);
        return false;
    }
    v->lesson = info->broken ? NULL : lesson_load(info, &why);
    if (!v->lesson) {
        v->reason = xstrdup(info->broken ? info->broken : why.text);
        free(slug);
        return true;
    }
    v->side_failed = -1;
    v->saved_page = store_position(s->app->store, slug);
    v->page = colon ? atoi(colon + 1) : v->saved_page;
    v->page = int_clamp(v->page, 0, (int)v->lesson->n_pages - 1);
    v->seen = x_array(v->lesson->n_claims, sizeof(*v->seen));
    v->predicted = x_array(v->lesson->n_demos, sizeof(*v->predicted));
    load_page(s);
    lesson_refresh(s);
    free(slug);
    return true;
}

static void lesson_close(struct screen *s)
{
    struct lesson_view *v = view_of(s);

    md_free(v->md);
    free(v->seen);
    free(v->predicted);
    free(v->reason);
    lesson_free(v->lesson);
}

/* "lesson/demo args": how the demo screen is asked for. The caller frees. */
static char *demo_arg(const struct lesson_view *v, const struct md_live_block *b)
{
    return xasprintf("%s/%s %s", v->lesson->slug, b->name, b->args);
}

static const struct md_live_block *page_demo(const struct lesson_view *v)
{
    for (size_t i = 0; i < v->n_live; i++)
        if (v->live[i].kind == MD_LIVE_DEMO)
            return &v->live[i];
    return NULL;
}

/* The page is on the screen: remember it, and put its demo beside it if there is room. */
static bool lesson_idle(struct screen *s)
{
    struct lesson_view *v = view_of(s);
    struct err e;

    if (!v->lesson)
        return false;
    if (v->saved_page != v->page) {
        v->saved_page = v->page;
        if (!store_position_set(s->app->store, app_now_ms(s->app), v->lesson->slug, v->page, &e))
            ui_say(s->app, "%s", e.text);
    }
    const bool wanted = ui_wide() && !s->side && v->side_failed != v->page;
    const struct md_live_block *demo = wanted ? page_demo(v) : NULL;
    if (demo) {
        char *arg = demo_arg(v, demo);
        if (!ui_open_side(s, "demo", arg, false))
            v->side_failed = v->page; /* said once, not at every turn of the loop */
        free(arg);
    }
    return false;
}

/* ---- drawing ---- */

static void lesson_title(const struct screen *s, struct buf *left, struct buf *right)
{
    const struct lesson_view *v = view_of(s);

    if (!v->lesson) {
        buf_puts(left, text(TXT_LESSON_BROKEN));
        return;
    }
    buf_puts(left, text_of(&v->lesson->title));
    buf_printf(right, "%d/%zu", v->page + 1, v->lesson->n_pages);
}

static void format_date(int64_t at_ms, char *out, size_t size)
{
    const time_t t = (time_t)(at_ms / 1000);
    struct tm tm;

    localtime_r(&t, &tm);
    strftime(out, size, "%Y-%m-%d", &tm);
}

static void build_seen(struct screen *s, const struct claim *c, const struct store_seen *seen)
{
    struct buf words = {0};
    char date[16];

    if (seen->result[0]) {
        const bool pass = strcmp(seen->result, "pass") == 0;
        const bool fail = strcmp(seen->result, "fail") == 0;
        char *measured = lesson_measured_text(view_of(s)->lesson, seen->measured);
        format_date(seen->at_ms, date, sizeof(date));
        buf_printf(&words,
                   text(pass   ? TXT_CLAIM_VERIFIED
                        : fail ? TXT_CLAIM_REFUTED
                               : TXT_CLAIM_INCONCLUSIVE),
                   date, measured);
        doc_item(&s->doc, 4, ST_TEXT, "",
                 pass   ? ST_GOOD
                 : fail ? ST_BAD
                        : ST_WARN,
                 buf_text(&words), DOC_NO_FOCUS);
        free(measured);
    } else if (c->demo) {
        const struct demo *d = lesson_demo(view_of(s)->lesson, c->demo);
        buf_printf(&words, text(TXT_CLAIM_NOT_YET), d ? text_of(&d->title) : c->demo);
        doc_text(&s->doc, 4, ST_DIM, buf_text(&words));
    } else {
        doc_text(&s->doc, 4, ST_DIM, text(TXT_CLAIM_NO_DEMO));
    }
    buf_release(&words);
}

static void build_sources(struct screen *s, const struct claim *c)
{
    char *words = claim_sources_text(c);

    doc_item(&s->doc, 4, ST_DIM, text(TXT_SOURCE), ST_DIM, words, DOC_NO_FOCUS);
    free(words);
}

static enum glyph seen_glyph(const struct store_seen *seen)
{
    if (strcmp(seen->result, "pass") == 0)
        return GLYPH_GOOD;
    if (strcmp(seen->result, "fail") == 0)
        return GLYPH_BAD;
    return seen->result[0] ? GLYPH_UNSURE : GLYPH_TODO;
}

/* The claim that a prediction of this page is about would be its answer. */
static bool is_spoiler(const struct lesson_view *v, const struct claim *c,
                       const struct store_seen *seen)
{
    for (size_t i = 0; i < v->n_live; i++) {
        const struct demo *d =
            v->live[i].kind == MD_LIVE_PREDICT ? lesson_demo(v->lesson, v->live[i].name) : NULL;
        if (d && strcmp(d->predict.claim, c->id) == 0)
            return !seen->result[0] && !v->predicted[d - v->lesson->demos];
    }
    return false;
}

static void build_claim(struct screen *s, const char *id)
{
    const struct lesson_view *v = view_of(s);
    const struct claim *c = lesson_claim(v->lesson, id);
    char mark[8];

    if (!c)
        BUG("lesson %s was loaded without its claim %s", v->lesson->slug, id);
    const struct store_seen *seen = &v->seen[c - v->lesson->claims];
    const enum glyph g = seen_glyph(seen);
    snprintf(mark, sizeof(mark), "%s ", term_glyph(g));
    if (is_spoiler(v, c, seen)) {
        doc_item(&s->doc, 2, ST_DIM, mark, ST_DIM, text(TXT_CLAIM_LATER), DOC_NO_FOCUS);
        return;
    }
    doc_markdown(&s->doc, 2,
                 g == GLYPH_GOOD  ? ST_GOOD
                 : g == GLYPH_BAD ? ST_BAD
                                  : ST_DIM,
                 mark, ST_TEXT, text_of(&c->text), DOC_NO_FOCUS);
    build_seen(s, c, seen);
    build_sources(s, c);
}

static void build_live(struct screen *s, int i)
{
    const struct lesson_view *v = view_of(s);
    const struct md_live_block *b = &v->live[i];
    const struct question *q;
    const struct demo *d;
    char mark[16];

    switch (b->kind) {
    case MD_LIVE_CLAIM:
        build_claim(s, b->name);
        return;
    case MD_LIVE_PREDICT:
        d = lesson_demo(v->lesson, b->name);
        snprintf(mark, sizeof(mark), "%s ", term_glyph(GLYPH_UNSURE));
        doc_item(&s->doc, 2, ST_ACCENT, mark, ST_ACCENT, text(TXT_PREDICT_FIRST), i);
        if (d)
            doc_markdown(&s->doc, 4, ST_TEXT, "", ST_TEXT, text_of(&d->predict.text), i);
        return;
    case MD_LIVE_DEMO:
        d = lesson_demo(v->lesson, b->name);
        snprintf(mark, sizeof(mark), "%s ", term_glyph(GLYPH_RUN));
        doc_item(&s->doc, 2, ST_ACCENT, mark, ST_ACCENT, d ? text_of(&d->title) : b->name, i);
        doc_item(&s->doc, 4, ST_TEXT, "", ST_DIM, b->args[0] ? b->args : b->name, i);
        return;
    case MD_LIVE_QUIZ:
        snprintf(mark, sizeof(mark), "%s ", term_glyph(GLYPH_UNSURE));
        doc_item(&s->doc, 2, ST_ACCENT, mark, ST_ACCENT, text(TXT_CHECK_YOURSELF), i);
        q = lesson_question(v->lesson, b->name);
        if (q)
            doc_markdown(&s->doc, 4, ST_TEXT, "", ST_TEXT, text_of(&q->text), i);
        return;
    case MD_LIVE_AT:
        snprintf(mark, sizeof(mark), "%s ", term_glyph(GLYPH_NOTE));
        doc_markdown(&s->doc, 2, ST_ACCENT, mark, ST_TEXT, b->body, i);
        return;
    case MD_LIVE_NONE:
        return;
    }
}

static int quiz_item(const struct lesson_view *v)
{
    return (int)v->n_live;
}

static void build_quiz_link(struct screen *s)
{
    const struct lesson_view *v = view_of(s);
    struct buf words = {0};
    char mark[8];

    doc_blank(&s->doc);
    snprintf(mark, sizeof(mark), "%s ", term_glyph(GLYPH_RUN));
    buf_printf(&words, text(TXT_TAKE_QUIZ), v->lesson->n_questions);
    doc_item(&s->doc, 2, ST_ACCENT, mark, ST_ACCENT, buf_text(&words), quiz_item(v));
    buf_release(&words);
}

static void lesson_build(struct screen *s)
{
    struct lesson_view *v = view_of(s);
    size_t n;

    if (!v->lesson) {
        struct buf clean = {0};
        utf8_clean(&clean, v->reason, strlen(v->reason), false);
        doc_text(&s->doc, 0, ST_TEXT, text(TXT_BROKEN_WHY));
        doc_blank(&s->doc);
        doc_text(&s->doc, 2, ST_BAD, buf_text(&clean));
        buf_release(&clean);
        return;
    }
    const struct md_line *lines =
        md_layout(v->md, s->doc.cols, term_is_ascii(), text(TXT_SOURCES), &n);
    for (size_t i = 0; i < n; i++) {
        if (lines[i].live >= 0)
            build_live(s, lines[i].live);
        else
            doc_md(&s->doc, 0, &lines[i], 1);
    }
    if (v->page + 1 == (int)v->lesson->n_pages && v->lesson->n_questions > 0)
        build_quiz_link(s);
}

/* ---- keys ---- */

static bool is_readable(const struct screen *s)
{
    return view_of(s)->lesson != NULL;
}

static void go_to_page(struct screen *s, int page)
{
    struct lesson_view *v = view_of(s);

    if (page < 0 || page >= (int)v->lesson->n_pages)
        return;
    v->page = page;
    load_page(s);
    doc_top(&s->doc);
    const struct md_live_block *demo = page_demo(v);
    if (demo && s->side && ui_wide()) {
        char *arg = demo_arg(v, demo);
        ui_open_side(s, "demo", arg, false);
        free(arg);
    }
    ui_changed(s);
}

static void act_next(struct screen *s, int key)
{
    const struct lesson_view *v = view_of(s);

    (void)key;
    if (v->page + 1 < (int)v->lesson->n_pages)
        go_to_page(s, v->page + 1);
    else
        ui_say(s->app, "%s", text(TXT_LAST_PAGE));
}

static void act_previous(struct screen *s, int key)
{
    (void)key;
    go_to_page(s, view_of(s)->page - 1);
}

/* Space reads on: the rest of this page, then the next one. */
static void act_space(struct screen *s, int key)
{
    if (doc_at_end(&s->doc))
        act_next(s, key);
    else
        doc_key(&s->doc, key);
}

/* With any parameters, or at any moment of its run. */
static bool is_at_side(const struct screen *s, const struct md_live_block *b)
{
    char *name = xasprintf("%s/%s", view_of(s)->lesson->slug, b->name);
    const size_t n = strlen(name);
    const bool is = s->side && strncmp(s->side->arg, name, n) == 0 &&
                    (s->side->arg[n] == ' ' || s->side->arg[n] == '@');

    free(name);
    return is;
}

/* Without parameters the demo that stands at the side is the one meant, with what it has shown. */
static void open_demo(struct screen *s, const struct md_live_block *b)
{
    if (b->args[0] == '\0' && is_at_side(s, b)) {
        ui_focus_side(s, true);
        return;
    }
    char *arg = demo_arg(view_of(s), b);
    ui_open_side(s, "demo", arg, true);
    free(arg);
}

static void open_quiz(struct screen *s)
{
    char *arg = xasprintf("lesson:%s", view_of(s)->lesson->slug);

    ui_open(s->app, "quiz", arg);
    free(arg);
}

/* A prediction is made where its demo is run; without parameters the demo offers it. */
static void open_prediction(struct screen *s, const struct md_live_block *b)
{
    char *arg = xasprintf("%s/%s ", view_of(s)->lesson->slug, b->name);

    ui_open_side(s, "demo", arg, true);
    free(arg);
}

/* The demo beside the page goes to that moment of its run. */
static void open_moment(struct screen *s, const struct md_live_block *b)
{
    char *arg = xasprintf("%s/%s@%s", view_of(s)->lesson->slug, b->name, b->args);

    ui_open_side(s, "demo", arg, true);
    free(arg);
}

static void act_enter(struct screen *s, int key)
{
    const struct lesson_view *v = view_of(s);
    const int i = s->doc.focus;

    if (i == quiz_item(v) && v->page + 1 == (int)v->lesson->n_pages) {
        open_quiz(s);
        return;
    }
    if (i < 0 || i >= (int)v->n_live) {
        act_next(s, key);
        return;
    }
    const struct md_live_block *b = &v->live[i];
    if (b->kind == MD_LIVE_DEMO) {
        open_demo(s, b);
    } else if (b->kind == MD_LIVE_PREDICT) {
        open_prediction(s, b);
    } else if (b->kind == MD_LIVE_AT) {
        open_moment(s, b);
    } else if (b->kind == MD_LIVE_QUIZ) {
        char *arg = xasprintf("single:%s/%s", v->lesson->slug, b->name);
        ui_open(s->app, "quiz", arg);
        free(arg);
    }
}

/* The demo that proves the first provable claim of a page; NULL if there is none. */
static const char *page_proof(const struct lesson_view *v)
{
    for (size_t i = 0; i < v->n_live; i++) {
        const struct claim *c =
            v->live[i].kind == MD_LIVE_CLAIM ? lesson_claim(v->lesson, v->live[i].name) : NULL;
        if (c && c->demo)
            return c->demo;
    }
    return NULL;
}

static bool has_demo(const struct screen *s)
{
    const struct lesson_view *v = view_of(s);

    return v->lesson && (page_demo(v) || page_proof(v));
}

static void act_demo(struct screen *s, int key)
{
    const struct lesson_view *v = view_of(s);
    const struct md_live_block *demo = page_demo(v);
    const struct md_live_block proof = {
        .kind = MD_LIVE_DEMO, .name = demo ? "" : page_proof(v), .args = ""};

    (void)key;
    open_demo(s, demo ? demo : &proof);
}

static bool has_quiz(const struct screen *s)
{
    return is_readable(s) && view_of(s)->lesson->n_questions > 0;
}

static void act_quiz(struct screen *s, int key)
{
    (void)key;
    open_quiz(s);
}

static const struct key_row lesson_keys[] = {
    {{KEY_RIGHT, 'l', 'n'}, "→", "l", TXT_KEY_NEXT_PAGE, true, is_readable, act_next},
    {{KEY_LEFT, 'h', 'p'}, "←", "h", TXT_KEY_PREVIOUS_PAGE, true, is_readable, act_previous},
    {{' ', KEY_NPAGE}, "Space", NULL, TXT_KEY_READ_ON, false, is_readable, act_space},
    {{'\n'}, "Enter", NULL, TXT_KEY_OPEN, true, is_readable, act_enter},
    {{'d'}, "d", NULL, TXT_KEY_DEMO, true, has_demo, act_demo},
    {{'t'}, "t", NULL, TXT_KEY_QUIZ, true, has_quiz, act_quiz},
};

const struct screen_ops lesson_screen = {
    .name = "lesson",
    .size = sizeof(struct lesson_view),
    .open = lesson_open,
    .close = lesson_close,
    .title = lesson_title,
    .build = lesson_build,
    .refresh = lesson_refresh,
    .idle = lesson_idle,
    .keys = lesson_keys,
    .n_keys = ARRAY_LEN(lesson_keys),
};
