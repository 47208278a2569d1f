/*
 * pages.c: en.md and zh.md as pages, whose live blocks agree with each other and with lesson.json.
 *
 * A language that is missing takes the pages of the other (LINT); both missing is FATAL.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "content/load.h"
#include "markdown.h"

/* One language of a lesson. */
struct side {
    const char *file; /* "en.md" */
    const char *rel;
    bool there; /* the file exists */
    struct buf text;
    struct md_page *pages;
    size_t n_pages;
};

enum { MAX_BLOCKS = 50 }; /* live blocks of one page */

static const char *const FILES[LANG_COUNT] = {[LANG_EN] = "en.md", [LANG_ZH] = "zh.md"};

static const char *const LIVE_WORDS[] = {
    [MD_LIVE_NONE] = "",       [MD_LIVE_DEMO] = "demo", [MD_LIVE_PREDICT] = "predict",
    [MD_LIVE_CLAIM] = "claim", [MD_LIVE_QUIZ] = "quiz", [MD_LIVE_AT] = "at",
};

size_t line_at(const char *text, size_t at)
{
    size_t line = 1;

    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    return line;
}

static void bad_line(struct loading *ld, const struct side *s, size_t at, const char *words)
{
    char place[40];

    if (findings_full(ld->found))
        return;
    snprintf(place, sizeof(place), "line %zu", line_at(buf_text(&s->text), at));
    findings_add(ld->found, FATAL, s->rel, place, "%s", words);
}

/* The error of md_split begins with "line N: ", which is the field. */
static void bad_split(struct loading *ld, const struct side *s, const struct err *e)
{
    char place[40] = "";
    const char *words = strncmp(e->text, "line ", 5) == 0 ? strstr(e->text, ": ") : NULL;

    if (words && (size_t)(words - e->text) < sizeof(place))
        snprintf(place, sizeof(place), "%.*s", (int)(words - e->text), e->text);
    findings_add(ld->found, FATAL, s->rel, place, "%s", *place ? words + 2 : e->text);
}

/* ---- reading one language ---- */

static bool read_side(struct loading *ld, struct side *s)
{
    const char *path = lesson_path(ld, s->file);
    struct err e;

    if (!buf_read_file(&s->text, path, CONTENT_MAX_FILE, &e)) {
        findings_add(ld->found, FATAL, s->rel, "", "%s", err_reason(&e, path));
        return false;
    }
    const size_t bad = text_bad_at(buf_text(&s->text), s->text.len, true);
    if (bad < s->text.len) {
        bad_line(ld, s, bad, "not UTF-8, or a control character");
        return false;
    }
    if (!md_split(buf_text(&s->text), s->text.len, &s->pages, &s->n_pages, &e)) {
        bad_split(ld, s, &e);
        return false;
    }
    if (s->n_pages == 0 || s->n_pages > CONTENT_MAX_PAGES) {
        findings_add(ld->found, FATAL, s->rel, "", "needs 1 to %d pages, has %zu",
                     CONTENT_MAX_PAGES, s->n_pages);
        return false;
    }
    return true;
}

static void release_side(struct side *s)
{
    md_pages_free(s->pages, s->n_pages);
    buf_release(&s->text);
}

/* ---- live blocks ---- */

static const char *page_text(const struct side *s, size_t page)
{
    return buf_text(&s->text) + s->pages[page].start;
}

static size_t page_len(const struct side *s, size_t page)
{
    return s->pages[page].end - s->pages[page].start;
}

/* The offset in the file of the next live block, looked for from `from` in its page; `from` again
 * if it is written in a way that is not found. For messages. */
static size_t block_offset(const struct side *s, size_t page, size_t from,
                           const struct md_live_block *b)
{
    const char *start = buf_text(&s->text) + from;
    const size_t n = s->pages[page].end - from;
    char *fence = xasprintf("```%s %s", LIVE_WORDS[b->kind], b->name);
    const char *at = memmem(start, n, fence, strlen(fence));

    free(fence);
    return at ? from + (size_t)(at - start) : from;
}

/* ---- references ---- */

static const char *hint_of(struct loading *ld, const struct md_live_block *b)
{
    const struct lesson *l = ld->l;

    if (b->kind == MD_LIVE_CLAIM)
        return lesson_hint(ld, b->name, l->claims, l->n_claims, sizeof(*l->claims));
    if (b->kind == MD_LIVE_QUIZ)
        return lesson_hint(ld, b->name, l->questions, l->n_questions, sizeof(*l->questions));
    return lesson_hint(ld, b->name, l->demos, l->n_demos, sizeof(*l->demos));
}

/* Also true when the file that would have it could not be read. */
static bool is_known(const struct loading *ld, const struct md_live_block *b)
{
    const struct lesson *l = ld->l;

    if (b->kind == MD_LIVE_QUIZ)
        return !ld->has_quiz || lesson_question(l, b->name);
    if (b->kind == MD_LIVE_CLAIM)
        return !ld->has_lesson || lesson_claim(l, b->name);
    return !ld->has_lesson || lesson_demo(l, b->name);
}

static void check_args(struct loading *ld, const struct side *s, size_t at,
                       const struct md_live_block *b)
{
    const struct demo *d = lesson_demo(ld->l, b->name);
    const bool takes = b->kind == MD_LIVE_DEMO || b->kind == MD_LIVE_AT;
    long values[CONTENT_MAX_PARAMS];
    struct moment m = {.args = b->args};
    struct err e;

    if (!takes && *b->args)
        bad_line(ld, s, at, "only demo and at blocks take parameters");
    if (b->kind == MD_LIVE_AT && !moment_parse(b->args, &m, &e)) {
        bad_line(ld, s, at, e.text);
        return;
    }
    if (!takes || !d)
        return;
    demo_args_default(d, values);
    if (!demo_args_parse(d, m.args, values, &e))
        bad_line(ld, s, at, e.text);
}

static void bad_name(struct loading *ld, const struct side *s, size_t at,
                     const struct md_live_block *b)
{
    char clean[SHOWN_MAX];
    const char *what = b->kind == MD_LIVE_CLAIM  ? "claim"
                       : b->kind == MD_LIVE_QUIZ ? "question"
                                                 : "demo";

    bad_line(ld, s, at,
             arena_printf(&ld->l->mem, "no %s \"%s\" in this lesson%s", what, shown(clean, b->name),
                          hint_of(ld, b)));
}

static void check_block(struct loading *ld, const struct side *s, size_t at,
                        const struct md_live_block *b)
{
    if (is_known(ld, b))
        check_args(ld, s, at, b);
    else
        bad_name(ld, s, at, b);
}

static void check_blocks(struct loading *ld, const struct side *s, size_t page,
                         const struct md_doc *doc)
{
    size_t n, at = s->pages[page].start;
    const struct md_live_block *blocks = md_live(doc, &n);

    if (n > MAX_BLOCKS) {
        bad_line(ld, s, at, "too many live blocks on this page");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        at = block_offset(s, page, at, &blocks[i]);
        check_block(ld, s, at, &blocks[i]);
        at += at + 1 < s->pages[page].end;
    }
}

/* ---- both languages held against each other ---- */

static bool same_block(const struct md_live_block *a, const struct md_live_block *b)
{
    return a->kind == b->kind && strcmp(a->name, b->name) == 0 && strcmp(a->args, b->args) == 0;
}

static void compare_blocks(struct loading *ld, const struct side *zh, size_t page,
                           const struct md_doc *en_doc, const struct md_doc *zh_doc)
{
    size_t n_en, n_zh, at = zh->pages[page].start;
    const struct md_live_block *en_blocks = md_live(en_doc, &n_en);
    const struct md_live_block *zh_blocks = md_live(zh_doc, &n_zh);

    for (size_t i = 0; i < n_en && i < n_zh; i++) {
        const struct md_live_block *a = &en_blocks[i], *b = &zh_blocks[i];
        char name[SHOWN_MAX], args[SHOWN_MAX];
        at = block_offset(zh, page, at, b);
        if (same_block(a, b))
            continue;
        bad_line(ld, zh, at,
                 arena_printf(&ld->l->mem, "en.md has the block \"%s %s%s%s\" in this place",
                              LIVE_WORDS[a->kind], shown(name, a->name), *a->args ? " " : "",
                              shown(args, a->args)));
        return;
    }
    if (n_en != n_zh)
        bad_line(ld, zh, zh->pages[page].start,
                 arena_printf(&ld->l->mem, "this page has %zu live blocks, in en.md it has %zu",
                              n_zh, n_en));
}

static void check_page(struct loading *ld, const struct side *sides, size_t page)
{
    struct md_doc *docs[LANG_COUNT] = {NULL};

    for (size_t lang = 0; lang < LANG_COUNT; lang++) {
        const struct side *s = &sides[lang];
        if (page >= s->n_pages)
            continue;
        docs[lang] = md_new(page_text(s, page), page_len(s, page));
        check_blocks(ld, s, page, docs[lang]);
    }
    if (docs[LANG_EN] && docs[LANG_ZH])
        compare_blocks(ld, &sides[LANG_ZH], page, docs[LANG_EN], docs[LANG_ZH]);
    for (size_t lang = 0; lang < LANG_COUNT; lang++)
        md_free(docs[lang]);
}

static void check_counts(struct loading *ld, const struct side *sides)
{
    const struct side *en = &sides[LANG_EN], *zh = &sides[LANG_ZH];

    if (en->n_pages > 0 && zh->n_pages > 0 && en->n_pages != zh->n_pages)
        findings_add(ld->found, FATAL, zh->rel, "", "has %zu pages, en.md has %zu", zh->n_pages,
                     en->n_pages);
}

/* ---- into the lesson ---- */

static void fill_page(struct lesson *l, const struct side *sides, size_t page)
{
    struct page *out = &l->pages[page];

    for (size_t lang = 0; lang < LANG_COUNT; lang++) {
        const struct side *other = &sides[lang == LANG_EN ? LANG_ZH : LANG_EN];
        const struct side *s = page < sides[lang].n_pages ? &sides[lang] : other;
        out->title.in[lang] = arena_strdup(&l->mem, s->pages[page].title);
        out->md.in[lang] = arena_strndup(&l->mem, page_text(s, page), page_len(s, page));
    }
}

/* Where each of n pages begins; those that a language lacks begin where its last one does. */
static size_t *page_lines(struct lesson *l, const struct side *s, size_t n)
{
    size_t *lines = arena_array(&l->mem, n, sizeof(*lines));
    size_t line = 1, at = 0;

    for (size_t i = 0; i < n; i++) {
        if (i >= s->n_pages) {
            lines[i] = line;
            continue;
        }
        line += line_at(buf_text(&s->text) + at, s->pages[i].start - at) - 1;
        at = s->pages[i].start;
        lines[i] = line;
    }
    return lines;
}

static bool exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

/* A language that is not there at all may be translated later; but one has to be. */
static bool find_sides(struct loading *ld, struct side *sides)
{
    bool any = false;

    for (size_t lang = 0; lang < LANG_COUNT; lang++) {
        struct side *s = &sides[lang];
        s->file = FILES[lang];
        s->rel = lesson_rel(ld, s->file);
        s->there = exists(lesson_path(ld, s->file));
        any |= s->there;
    }
    if (!any)
        findings_add(ld->found, FATAL, sides[LANG_EN].rel, "", "missing");
    for (size_t lang = 0; any && lang < LANG_COUNT; lang++)
        if (!sides[lang].there)
            findings_add(ld->found, LINT, sides[lang].rel, "", "missing translation");
    return any;
}

void pages_read(struct loading *ld)
{
    struct side sides[LANG_COUNT] = {0};
    struct lesson *l = ld->l;
    bool ok = find_sides(ld, sides);

    ld->both_sides = sides[LANG_EN].there && sides[LANG_ZH].there;

    for (size_t lang = 0; lang < LANG_COUNT; lang++)
        if (sides[lang].there)
            ok &= read_side(ld, &sides[lang]);
    if (ok) {
        const size_t n = size_max(sides[LANG_EN].n_pages, sides[LANG_ZH].n_pages);
        l->pages = arena_array(&l->mem, n, sizeof(*l->pages));
        l->n_pages = n;
        check_counts(ld, sides);
        for (size_t lang = 0; lang < LANG_COUNT; lang++)
            ld->page_line[lang] = sides[lang].there ? page_lines(l, &sides[lang], n) : NULL;
        for (size_t page = 0; page < n; page++) {
            check_page(ld, sides, page);
            fill_page(l, sides, page);
        }
        ld->has_pages = true;
    }
    for (size_t lang = 0; lang < LANG_COUNT; lang++)
        release_side(&sides[lang]);
}
