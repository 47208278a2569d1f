/*
 * check_lesson.c: claims, demos and predictions against the pages, code that is too wide, and
 * files nobody refers to. See check.h.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "content/check.h"
#include "content/pack.h"
#include "markdown.h"
#include "utf8.h"

enum { FIELD_MAX = 80 };

void check_report(struct loading *ld, const char *file, const char *field, const char *fmt, ...)
{
    char words[FINDING_MAX];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    findings_put(ld->found, LINT, lesson_rel(ld, file), field, words);
}

/* ---- code ---- */

/* Columns of a line as the pages show it: tabs to the next multiple of 8. */
static int line_cols(const char *line, size_t n)
{
    struct buf clean = {0};

    utf8_clean(&clean, line, n, false);
    const int cols = utf8_cols(buf_text(&clean), clean.len);
    buf_release(&clean);
    return cols;
}

void check_code_width(struct loading *ld, const char *file, const char *field, const char *code)
{
    size_t number = 1;

    for (const char *line = code; *line; number++) {
        const size_t n = strcspn(line, "\n");
        const int cols = line_cols(line, n);
        if (cols > MAX_CODE_COLS)
            check_report(ld, file, field, "line %zu has %d columns, code may have %d", number, cols,
                         MAX_CODE_COLS);
        line += n + (line[n] == '\n');
    }
}

/* A fence of CommonMark that is open: its character and length, and whether it holds code. */
struct fence {
    char mark; /* 0: none is open */
    size_t len;
    bool code;
};

static bool is_code(const char *info, size_t n)
{
    static const char *const LIVE[] = {"demo", "predict", "claim", "quiz", "at", "aside"};
    const size_t word = strcspn(info, " \t\r\n");

    for (size_t i = 0; i < ARRAY_LEN(LIVE); i++)
        if (size_min(word, n) == strlen(LIVE[i]) && strncmp(info, LIVE[i], strlen(LIVE[i])) == 0)
            return false;
    return true;
}

/* Whether the line opens or closes a fence; f follows. */
static bool fence_line(struct fence *f, const char *line, size_t n)
{
    size_t at = 0, len = 0;

    while (at < n && (line[at] == ' ' || line[at] == '\t' || line[at] == '>'))
        at++;
    const char mark = at < n ? line[at] : '\0';
    while (at + len < n && line[at + len] == mark)
        len++;
    if ((mark != '`' && mark != '~') || len < 3)
        return false;
    size_t info = at + len;
    while (info < n && (line[info] == ' ' || line[info] == '\t' || line[info] == '\r'))
        info++;
    if (f->mark == 0) {
        *f = (struct fence){mark, len, is_code(line + info, n - info)};
        return true;
    }
    if (mark != f->mark || len < f->len || info < n)
        return false;
    f->mark = 0;
    return true;
}

static void check_page_code(struct loading *ld, const char *file, const char *text)
{
    struct fence fence = {0};
    char field[FIELD_MAX];
    size_t number = 1;

    for (const char *line = text; *line; number++) {
        const size_t n = strcspn(line, "\n");
        if (!fence_line(&fence, line, n) && fence.mark && fence.code) {
            const int cols = line_cols(line, n - (n > 0 && line[n - 1] == '\r'));
            snprintf(field, sizeof(field), "line %zu", number);
            if (cols > MAX_CODE_COLS)
                check_report(ld, file, field, "%d columns, code may have %d", cols, MAX_CODE_COLS);
        }
        line += n + (line[n] == '\n');
    }
}

/* ---- pages ---- */

/* What stands below the heading. */
static const char *body_of(const char *page)
{
    page += strcspn(page, "\n");
    return page + strspn(page, " \t\r\n");
}

/* A language that is missing has no lines: nothing is said of it. */
static bool page_report(struct loading *ld, size_t lang, size_t page, const char *words)
{
    static const char *const FILES[LANG_COUNT] = {[LANG_EN] = "en.md", [LANG_ZH] = "zh.md"};
    const size_t *lines = ld->page_line[lang];
    char field[FIELD_MAX];

    if (!lines)
        return false;
    snprintf(field, sizeof(field), "line %zu", lines[page]);
    check_report(ld, FILES[lang], field, "%s", words);
    return true;
}

static void check_page_text(struct loading *ld, size_t at)
{
    const struct page *p = &ld->l->pages[at];
    bool reported = false;

    for (size_t lang = 0; lang < LANG_COUNT; lang++) {
        if (*p->title.in[lang] == '\0')
            reported |= page_report(ld, lang, at, "the heading is empty");
        if (*body_of(p->md.in[lang]) == '\0')
            reported |= page_report(ld, lang, at, "nothing below the heading");
    }
    if (ld->both_sides && !reported &&
        strcmp(body_of(p->md.in[LANG_EN]), body_of(p->md.in[LANG_ZH])) == 0)
        page_report(ld, LANG_ZH, at, "not translated: the same as in en.md");
}

static void check_page_files(struct loading *ld)
{
    static const char *const FILES[] = {"en.md", "zh.md"};
    struct buf bytes = {0};

    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        buf_clear(&bytes);
        /* What is wrong with the file itself, pages_read has reported. */
        if (buf_read_file(&bytes, lesson_path(ld, FILES[i]), CONTENT_MAX_FILE, NULL))
            check_page_code(ld, FILES[i], buf_text(&bytes));
    }
    buf_release(&bytes);
}

/* ---- claims and demos on the pages ---- */

/* Where live blocks of each kind and name come first: their place among all blocks, 1 and up. */
struct places {
    struct md_doc **docs; /* one for each page */
    size_t n;
};

static struct places places_new(const struct lesson *l)
{
    struct places p = {x_array(l->n_pages, sizeof(struct md_doc *)), l->n_pages};

    for (size_t i = 0; i < p.n; i++)
        p.docs[i] = md_new(l->pages[i].md.in[LANG_EN], strlen(l->pages[i].md.in[LANG_EN]));
    return p;
}

static void places_free(struct places *p)
{
    for (size_t i = 0; i < p->n; i++)
        md_free(p->docs[i]);
    free(p->docs);
}

static size_t place_of(const struct places *p, enum md_live kind, const char *name)
{
    size_t place = 0, n;

    for (size_t i = 0; i < p->n; i++) {
        const struct md_live_block *blocks = md_live(p->docs[i], &n);
        for (size_t k = 0; k < n; k++) {
            place++;
            if (blocks[k].kind == kind && strcmp(blocks[k].name, name) == 0)
                return place;
        }
    }
    return 0;
}

static bool is_tested(const struct lesson *l, const char *claim)
{
    for (size_t i = 0; i < l->n_questions; i++)
        if (strcmp(l->questions[i].claim, claim) == 0)
            return true;
    return false;
}

static bool gives_verdict(const struct demo *d, const char *claim)
{
    for (size_t i = 0; i < d->n_claims; i++)
        if (strcmp(d->claims[i], claim) == 0)
            return true;
    return false;
}

static const struct demo *demo_of_claim(const struct lesson *l, const char *claim)
{
    for (size_t i = 0; i < l->n_demos; i++)
        if (gives_verdict(&l->demos[i], claim))
            return &l->demos[i];
    return NULL;
}

static void check_claim(struct loading *ld, const struct places *places, size_t at)
{
    const struct lesson *l = ld->l;
    const struct claim *c = &l->claims[at];
    char field[FIELD_MAX];

    if (*c->id == '\0')
        return;
    snprintf(field, sizeof(field), "claims[%zu]", at);
    if (ld->has_pages && place_of(places, MD_LIVE_CLAIM, c->id) == 0)
        check_report(ld, "lesson.json", field, "no page has the block \"claim %s\"", c->id);
    if (ld->has_quiz && !is_tested(l, c->id))
        check_report(ld, "lesson.json", field, "no question tests \"%s\"", c->id);
    const struct demo *named = c->demo ? lesson_demo(l, c->demo) : NULL;
    const struct demo *giver = demo_of_claim(l, c->id);
    snprintf(field, sizeof(field), "claims[%zu].demo", at);
    if (named && !gives_verdict(named, c->id))
        check_report(ld, "lesson.json", field, "the claims of %s do not list \"%s\"", c->demo,
                     c->id);
    if (!c->demo && giver)
        check_report(ld, "lesson.json", field, "missing, but %s gives a verdict on \"%s\"",
                     giver->name, c->id);
}

static void check_demo_blocks(struct loading *ld, const struct places *places, size_t at)
{
    const struct demo *d = &ld->l->demos[at];
    char field[FIELD_MAX];

    if (*d->name == '\0' || !ld->has_pages)
        return;
    snprintf(field, sizeof(field), "demos[%zu]", at);
    const size_t predict = place_of(places, MD_LIVE_PREDICT, d->name);
    const size_t demo = place_of(places, MD_LIVE_DEMO, d->name);
    if (predict == 0)
        check_report(ld, "lesson.json", field, "no page has the block \"predict %s\"", d->name);
    if (demo == 0)
        check_report(ld, "lesson.json", field, "no page has the block \"demo %s\"", d->name);
    if (predict > 0 && demo > 0 && predict > demo)
        check_report(ld, "lesson.json", field, "\"predict %s\" needs to come before \"demo %s\"",
                     d->name, d->name);
}

/* ---- predictions ---- */

static int compare_lo(const void *va, const void *vb)
{
    const struct predict_choice *const *a = va, *const *b = vb;

    return ((*a)->lo > (*b)->lo) - ((*a)->lo < (*b)->lo);
}

/* Names what no range covers. sorted: n ranges by their lower ends, n > 0. */
static void check_gaps(struct loading *ld, const char *field,
                       const struct predict_choice *const *sorted, size_t n)
{
    double upto = sorted[0]->hi;

    if (sorted[0]->lo > -HUGE_VAL)
        check_report(ld, "lesson.json", field, "no choice for values below %g: null is an open end",
                     sorted[0]->lo);
    for (size_t i = 1; i < n; i++) {
        if (sorted[i]->lo > upto)
            check_report(ld, "lesson.json", field, "no choice for values from %g to %g", upto,
                         sorted[i]->lo);
        upto = fmax(upto, sorted[i]->hi);
    }
    if (upto < HUGE_VAL)
        check_report(ld, "lesson.json", field,
                     "no choice for values from %g on: null is an open end", upto);
}

static bool overlap(const struct predict_choice *a, const struct predict_choice *b)
{
    if (a->is || b->is)
        return a->is && b->is && strcmp(a->is, b->is) == 0;
    return fmax(a->lo, b->lo) < fmin(a->hi, b->hi);
}

static void check_predict(struct loading *ld, size_t at)
{
    const struct predict *p = &ld->l->demos[at].predict;
    const struct predict_choice *sorted[CONTENT_MAX_CHOICES];
    char field[FIELD_MAX];
    size_t ranges = 0;

    for (size_t i = 0; i < p->n_choices; i++) {
        const struct predict_choice *c = &p->choices[i];
        if (!c->is && c->lo < c->hi)
            sorted[ranges++] = c;
        for (size_t k = 0; k < i; k++) {
            if (!overlap(c, &p->choices[k]))
                continue;
            snprintf(field, sizeof(field), "demos[%zu].predict.choices[%zu]", at, i);
            check_report(ld, "lesson.json", field, "overlaps with choices[%zu]", k);
        }
    }
    if (ranges == 0 || ranges < p->n_choices)
        return;
    qsort(sorted, ranges, sizeof(struct predict_choice *), compare_lo);
    snprintf(field, sizeof(field), "demos[%zu].predict.choices", at);
    check_gaps(ld, field, sorted, ranges);
}

/* ---- files nobody refers to ---- */

static void mark_used(const struct pack_list *list, bool *used, const char *name, size_t len)
{
    for (size_t i = 0; i < list->n; i++)
        if (strlen(list->names[i].name) == len && memcmp(list->names[i].name, name, len) == 0)
            used[i] = true;
}

/* Marks what the text includes with quotes. */
static void mark_includes(const struct pack_list *list, bool *used, const char *text)
{
    for (const char *line = text; *line;) {
        const char *end = line + strcspn(line, "\n");
        const char *c = line + strspn(line, " \t");
        c += *c == '#';
        c += strspn(c, " \t");
        if (strncmp(c, "include", 7) == 0) {
            c += 7;
            c += strspn(c, " \t");
            if (*c == '"')
                mark_used(list, used, c + 1, strcspn(c + 1, "\"\n"));
        }
        line = end + (*end == '\n');
    }
}

static bool is_source(const struct pack_name *name)
{
    const size_t n = strlen(name->name);

    return name->type == PACK_FILE && n > 2 && name->name[n - 2] == '.' &&
           (name->name[n - 1] == 'c' || name->name[n - 1] == 'h');
}

/* Reads each used source once; includes of includes may add more. */
static void follow_includes(struct loading *ld, const struct pack_list *list, bool *used)
{
    bool *seen = x_array(list->n, sizeof(*seen));
    struct buf bytes = {0};

    for (size_t i = 0; i < list->n; i++) {
        if (!used[i] || seen[i] || !is_source(&list->names[i]))
            continue;
        seen[i] = true;
        buf_clear(&bytes);
        if (buf_read_file(&bytes, lesson_path(ld, list->names[i].name), CONTENT_MAX_FILE, NULL))
            mark_includes(list, used, buf_text(&bytes));
        i = SIZE_MAX; /* from the start: what it includes may stand before it */
    }
    buf_release(&bytes);
    free(seen);
}

static void mark_named(struct loading *ld, const struct pack_list *list, bool *used)
{
    static const char *const FILES[] = {"lesson.json", "quiz.json", "en.md", "zh.md"};
    const struct lesson *l = ld->l;

    for (size_t i = 0; i < ARRAY_LEN(FILES); i++)
        mark_used(list, used, FILES[i], strlen(FILES[i]));
    for (size_t i = 0; i < l->n_demos; i++) {
        const char *file = arena_printf(&ld->l->mem, "%s.c", l->demos[i].name);
        mark_used(list, used, file, strlen(file));
    }
    for (size_t i = 0; i < l->n_questions; i++) {
        const char *path = l->questions[i].program;
        const char *file = path ? strrchr(path, '/') + 1 : "";
        mark_used(list, used, file, strlen(file));
    }
}

/* Without lesson.json or quiz.json it cannot be told who refers to what. */
static void check_files(struct loading *ld)
{
    struct pack_list list;
    char clean[SHOWN_MAX];

    if (!ld->has_lesson || !ld->has_quiz || !pack_list(&list, ld->l->dir, NULL))
        return;
    bool *used = x_array(list.n, sizeof(*used));
    mark_named(ld, &list, used);
    follow_includes(ld, &list, used);
    for (size_t i = 0; i < list.n; i++)
        if (!used[i])
            check_report(ld, shown(clean, list.names[i].name), "", "nothing refers to it");
    free(used);
    pack_release(&list);
}

void check_lesson(struct loading *ld)
{
    const struct lesson *l = ld->l;
    struct places places = places_new(l);

    for (size_t i = 0; i < l->n_claims; i++)
        check_claim(ld, &places, i);
    for (size_t i = 0; i < l->n_demos; i++) {
        check_demo_blocks(ld, &places, i);
        check_predict(ld, i);
    }
    places_free(&places);
    for (size_t i = 0; i < l->n_pages; i++)
        check_page_text(ld, i);
    check_page_files(ld);
    check_files(ld);
}
