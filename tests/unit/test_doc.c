/*
 * test_doc.c: the scrolling column: what its lines look like, that the focus reaches every item
 * and stays in view, that nothing scrolls out of range, and that a click finds what was drawn.
 *
 * Where something is drawn, it is on a curses screen that goes to /dev/null.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curses.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "doc.h"
#include "quiz.h"
#include "utf8.h"

/* ---- lines as text ---- */

static void put_line(struct buf *out, const struct doc_line *line)
{
    for (int i = 0; i < line->indent; i++)
        buf_putc(out, ' ');
    for (size_t i = 0; i < line->n; i++)
        buf_add(out, line->runs[i].text, line->runs[i].len);
}

/* All lines, indented, each with a newline. */
static char *text_of_doc(const struct doc *d)
{
    struct buf out = {0};

    for (size_t i = 0; i < d->n; i++) {
        put_line(&out, &d->lines[i]);
        buf_putc(&out, '\n');
    }
    return buf_take(&out);
}

static void expect_text(const struct doc *d, const char *wanted)
{
    char *text = text_of_doc(d);

    assert_string_equal(text, wanted);
    free(text);
}

static int cols_of(const struct doc_line *line)
{
    struct buf out = {0};

    put_line(&out, line);
    const int cols = utf8_cols_str(buf_text(&out));
    buf_release(&out);
    return cols;
}

/* ---- building ---- */

static void lines_are_made_of_runs(void **unused)
{
    (void)unused;
    struct doc d = {.cols = 40, .rows = 10};
    char changing[] = "two";

    doc_begin(&d);
    doc_run(&d, ST_ACCENT, "one ");
    doc_run(&d, ST_TEXT, changing);
    doc_end_line(&d, 2, 7);
    changing[0] = 'X'; /* text is copied */
    doc_blank(&d);
    doc_text(&d, 1, ST_DIM, "three");
    doc_end(&d);
    expect_text(&d, "  one two\n\n three\n");
    assert_int_equal(d.lines[0].n, 2);
    assert_int_equal(d.lines[0].runs[0].style, ST_ACCENT);
    assert_int_equal(d.lines[0].runs[1].style, ST_TEXT);
    assert_int_equal(d.lines[0].focus, 7);
    assert_int_equal(d.lines[1].focus, DOC_NO_FOCUS);
    assert_int_equal(d.lines[2].runs[0].style, ST_DIM);
    assert_int_equal(d.focus, 7);
    doc_begin(&d); /* all over again */
    doc_text(&d, 0, ST_TEXT, "only");
    doc_end(&d);
    expect_text(&d, "only\n");
    doc_release(&d);
    assert_int_equal(d.n, 0);
}

static void a_paragraph_wraps_and_hangs_under_its_text(void **unused)
{
    (void)unused;
    struct doc d = {.cols = 20, .rows = 10};

    doc_begin(&d);
    doc_item(&d, 2, ST_ACCENT, "1. ", ST_TEXT, "epoll tells which descriptors are ready", 0);
    doc_item(&d, 2, ST_ACCENT, "2. ", ST_TEXT, "不要在循环里阻塞。", 1);
    doc_item(&d, 0, ST_TEXT, "", ST_TEXT, "", 2);
    doc_end(&d);
    expect_text(&d, "  1. epoll tells\n"
                    "     which\n"
                    "     descriptors are\n"
                    "     ready\n"
                    "  2. 不要在循环里阻\n"
                    "     塞。\n"
                    "\n");
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(d.lines[i].focus, 0);
    assert_int_equal(d.lines[0].runs[0].style, ST_ACCENT);
    assert_int_equal(d.lines[1].runs[0].style, ST_TEXT);
    doc_release(&d);
}

static void no_line_of_a_paragraph_is_wider_than_the_doc(void **unused)
{
    (void)unused;
    static const char words[] = "A descriptor that is ready, 一个就绪的文件描述符, is one on which "
                                "the call would not block: anextremelylongwordwithoutanyblank.";

    for (int cols = 12; cols < 90; cols++) {
        struct doc d = {.cols = cols, .rows = 10};
        struct buf joined = {0};
        doc_begin(&d);
        doc_item(&d, 2, ST_TEXT, "* ", ST_TEXT, words, 0);
        doc_end(&d);
        for (size_t i = 0; i < d.n; i++) {
            assert_true(cols_of(&d.lines[i]) <= cols);
            for (size_t k = i == 0; k < d.lines[i].n; k++)
                buf_add(&joined, d.lines[i].runs[k].text, d.lines[i].runs[k].len);
        }
        /* Nothing is lost but blanks where it breaks. */
        const char *at = buf_text(&joined);
        for (const char *w = words; *w; w++) {
            if (*at == *w)
                at++;
            else
                assert_int_equal(*w, ' ');
        }
        assert_int_equal(*at, '\0');
        buf_release(&joined);
        doc_release(&d);
    }
}

static void a_row_ends_at_the_right_edge(void **unused)
{
    (void)unused;
    struct doc d = {.cols = 20, .rows = 10};

    doc_begin(&d);
    doc_row(&d, 2, ST_GOOD, "* ", ST_TEXT, "Pipes", ST_DIM, "3/5", 0);
    doc_row(&d, 2, ST_GOOD, "* ", ST_TEXT, "管道", ST_DIM, "答对 1", 1);
    doc_row(&d, 0, ST_GOOD, "", ST_TEXT, "no right side", ST_DIM, "", 2);
    doc_end(&d);
    expect_text(&d, "  * Pipes        3/5\n"
                    "  * 管道      答对 1\n"
                    "no right side\n");
    doc_release(&d);
}

static void a_row_that_is_too_long_is_cut_and_shows_it(void **unused)
{
    (void)unused;
    static const char *const titles[] = {"Everything about processes and threads",
                                         "关于进程与线程的一切，以及更多"};

    for (size_t t = 0; t < ARRAY_LEN(titles); t++) {
        for (int cols = 14; cols < 60; cols++) {
            struct doc d = {.cols = cols, .rows = 10};
            doc_begin(&d);
            doc_row(&d, 2, ST_GOOD, "* ", ST_TEXT, titles[t], ST_DIM, "9/9", 0);
            doc_end(&d);
            char *text = text_of_doc(&d);
            assert_int_equal(cols_of(&d.lines[0]), cols);
            const bool whole = strstr(text, titles[t]) != NULL;
            const bool marked = strstr(text, term_glyph(GLYPH_MORE)) != NULL;
            assert_true(whole != marked);
            assert_non_null(strstr(text, "  9/9\n")); /* two blanks at least */
            assert_int_equal(whole, cols >= 2 + 2 + utf8_cols_str(titles[t]) + 2 + 3);
            free(text);
            doc_release(&d);
        }
    }
}

static void markdown_is_laid_out_behind_its_prefix(void **unused)
{
    (void)unused;
    struct doc d = {.cols = 24, .rows = 10};

    doc_begin(&d);
    doc_markdown(&d, 2, ST_ACCENT, "a) ", ST_DIM, "The call `epoll_wait` *may* return early.", 3);
    doc_end(&d);
    expect_text(&d, "  a) The call epoll_wait\n"
                    "     may return early.\n");
    for (size_t i = 0; i < d.n; i++)
        assert_int_equal(d.lines[i].focus, 3);
    assert_int_equal(d.lines[0].runs[0].style, ST_ACCENT);
    assert_int_equal(d.lines[0].runs[1].style, ST_DIM); /* plain text takes the style given */
    assert_int_equal(d.lines[0].runs[2].style, MD_CODE);
    assert_int_equal(d.lines[1].runs[0].style, MD_EMPH);
    doc_release(&d);
}

static void code_keeps_its_width(void **unused)
{
    (void)unused;
    static const char md[] =
        "Text that is long enough to be wrapped.\n\n```c\nint very_long_name = "
        "another_long_name + 1;\n```\n";
    static const struct md_run source = {"return 0; /* and a comment */", 29, MD_SRC_TEXT};
    struct doc d = {.cols = 20, .rows = 10};
    struct md_doc *md_doc = md_new(md, strlen(md));
    size_t n;
    const struct md_line *lines = md_layout(md_doc, 20, true, NULL, &n);
    int widest = 0;

    doc_begin(&d);
    doc_md(&d, 3, lines, n);
    doc_code(&d, 2, &source, 1);
    doc_end(&d);
    assert_int_equal(d.n, n + 1);
    for (size_t i = 0; i < d.n; i++) {
        assert_int_equal(d.lines[i].focus, DOC_NO_FOCUS);
        widest = int_max(widest, cols_of(&d.lines[i]));
        assert_true(d.lines[i].code || cols_of(&d.lines[i]) <= 20 + 3);
    }
    assert_true(widest > 40);
    assert_true(d.lines[d.n - 1].code);
    assert_int_equal(cols_of(&d.lines[d.n - 1]), 31);
    doc_release(&d);
    md_free(md_doc);
}

/* ---- moving: a doc given by the focus of each line ---- */

enum { MAX_LINES = 2000 };

/* What the lines of a doc belong to. */
struct plan {
    int focus[MAX_LINES];
    size_t n;
    int items;
};

static void build(struct doc *d, const struct plan *p)
{
    char words[32];

    doc_begin(d);
    for (size_t i = 0; i < p->n; i++) {
        snprintf(words, sizeof(words), "line %zu", i);
        doc_run(d, ST_TEXT, words);
        doc_end_line(d, 2, p->focus[i]);
    }
    doc_end(d);
}

static void add_lines(struct plan *p, int focus, int n)
{
    while (n-- > 0 && p->n < MAX_LINES)
        p->focus[p->n++] = focus;
}

/* Items of these heights with these gaps before and behind; their numbers go up by step. */
static void plan_list(struct plan *p, int items, int height, int gap, int step)
{
    *p = (struct plan){.items = items};
    add_lines(p, DOC_NO_FOCUS, gap);
    for (int i = 0; i < items; i++) {
        add_lines(p, i * step, height);
        add_lines(p, DOC_NO_FOCUS, gap);
    }
}

static int random_upto(uint64_t *state, int max)
{
    return (int)(quiz_random(state) % (uint64_t)(max + 1));
}

static void plan_random(struct plan *p, uint64_t *state)
{
    const int items = random_upto(state, 40);
    int focus = random_upto(state, 3);

    *p = (struct plan){.items = items};
    add_lines(p, DOC_NO_FOCUS, random_upto(state, 6));
    for (int i = 0; i < items; i++) {
        const bool tall = random_upto(state, 9) == 0;
        add_lines(p, focus, 1 + random_upto(state, tall ? 25 : 2));
        focus += 1 + random_upto(state, 2);
        const bool far = random_upto(state, 5) == 0;
        add_lines(p, DOC_NO_FOCUS, random_upto(state, far ? 40 : 1));
    }
    add_lines(p, DOC_NO_FOCUS, random_upto(state, 12));
}

static int first_line(const struct doc *d, int focus)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->lines[i].focus == focus)
            return (int)i;
    return -1;
}

static int height(const struct doc *d, int focus)
{
    int n = 0;

    for (size_t i = 0; i < d->n; i++)
        n += d->lines[i].focus == focus;
    return n;
}

static int most_scroll(const struct doc *d)
{
    return int_max(0, (int)d->n - d->rows);
}

static bool has_items(const struct doc *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->lines[i].focus >= 0)
            return true;
    return false;
}

static void assert_in_bounds(const struct doc *d)
{
    assert_in_range(d->scroll, 0, most_scroll(d));
    assert_true(d->focus == DOC_NO_FOCUS || first_line(d, d->focus) >= 0 || !has_items(d));
}

static void assert_focus_in_view(const struct doc *d)
{
    const int first = first_line(d, d->focus);
    const int shown = int_min(height(d, d->focus), d->rows);

    assert_true(first >= d->scroll);
    assert_true(first + shown <= d->scroll + d->rows);
}

/* The numbers of the items in order, in items; their number. */
static int list_items(const struct doc *d, int *items)
{
    int n = 0;

    for (size_t i = 0; i < d->n; i++)
        if (d->lines[i].focus >= 0 && (n == 0 || items[n - 1] != d->lines[i].focus))
            items[n++] = d->lines[i].focus;
    return n;
}

static void check_steps(struct doc *d)
{
    int items[MAX_LINES];
    const int n = list_items(d, items);

    doc_top(d);
    doc_end(d);
    for (int i = 0; i < n; i++) {
        assert_int_equal(d->focus, items[i]);
        if (i > 0)
            assert_focus_in_view(d);
        assert_int_equal(doc_step_focus(d, 1), i + 1 < n);
        assert_in_bounds(d);
    }
    for (int i = n - 1; i >= 0; i--) {
        assert_int_equal(d->focus, items[i]);
        assert_int_equal(doc_step_focus(d, -1), i > 0);
        if (i > 0)
            assert_focus_in_view(d);
        assert_in_bounds(d);
    }
    if (n == 0)
        assert_false(doc_step_focus(d, 1) || doc_step_focus(d, -1));
}

static void stepping_visits_every_item_once_and_shows_it(void **unused)
{
    (void)unused;
    static struct plan p;
    uint64_t state = 1;

    for (int round = 0; round < 300; round++) {
        struct doc d = {.cols = 40, .rows = 1 + random_upto(&state, 24)};
        plan_random(&p, &state);
        build(&d, &p);
        check_steps(&d);
        doc_release(&d);
    }
    plan_list(&p, 1000, 1, 0, 1);
    struct doc d = {.cols = 40, .rows = 20};
    build(&d, &p);
    check_steps(&d);
    doc_release(&d);
}

static void mark_shown(const struct doc *d, bool *shown)
{
    for (int i = d->scroll; i < d->scroll + d->rows && i < (int)d->n; i++)
        shown[i] = true;
}

/* Presses key until it does nothing any more: every line has been shown, every item has had the
 * focus, once and in order. */
static void check_walk(struct doc *d, int key, int way)
{
    bool shown[MAX_LINES] = {false};
    int items[MAX_LINES], presses = 0;
    const int n = list_items(d, items);
    int at = way > 0 ? 0 : n - 1;

    mark_shown(d, shown);
    for (;;) {
        if (n > 0 && d->focus != items[at]) {
            at += way;
            assert_in_range(at, 0, n - 1);
            assert_int_equal(d->focus, items[at]);
        }
        const int scroll = d->scroll, focus = d->focus;
        const bool moved = doc_key(d, key);
        assert_in_bounds(d);
        assert_int_equal(moved, d->scroll != scroll || d->focus != focus);
        mark_shown(d, shown);
        if (!moved)
            break;
        assert_true(++presses < 3 * MAX_LINES);
    }
    assert_int_equal(at, way > 0 ? int_max(0, n - 1) : n > 0 ? 0 : -1);
    assert_int_equal(d->scroll, way > 0 ? most_scroll(d) : 0);
    for (size_t i = 0; i < d->n; i++)
        assert_true(shown[i]);
}

static void walking_shows_every_line_and_visits_every_item(void **unused)
{
    (void)unused;
    static struct plan p;
    uint64_t state = 2;

    for (int round = 0; round < 300; round++) {
        struct doc d = {.cols = 40, .rows = 2 + random_upto(&state, 24)};
        plan_random(&p, &state);
        build(&d, &p);
        check_walk(&d, round % 2 ? 'j' : KEY_DOWN, 1);
        assert_true(doc_at_end(&d));
        check_walk(&d, round % 2 ? 'k' : KEY_UP, -1);
        doc_release(&d);
    }
}

static void a_page_keeps_one_line_and_covers_all(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10};

    plan_list(&p, 30, 1, 2, 1);
    build(&d, &p);
    for (int key = 0; key < 2; key++) {
        doc_top(&d);
        doc_end(&d);
        for (int scroll = 0; scroll < most_scroll(&d);) {
            assert_true(doc_key(&d, key ? ' ' : KEY_NPAGE));
            scroll = int_min(scroll + 9, most_scroll(&d));
            assert_int_equal(d.scroll, scroll);
            assert_focus_in_view(&d);
        }
        assert_true(doc_at_end(&d));
        assert_false(doc_key(&d, KEY_NPAGE));
    }
    for (int scroll = d.scroll; scroll > 0;) {
        assert_true(doc_key(&d, KEY_PPAGE));
        scroll = int_max(scroll - 9, 0);
        assert_int_equal(d.scroll, scroll);
        assert_focus_in_view(&d);
    }
    assert_false(doc_key(&d, KEY_PPAGE));
    doc_release(&d);
}

static void the_ends_are_one_key_away(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10};

    plan_list(&p, 30, 1, 0, 2);
    build(&d, &p);
    assert_true(doc_key(&d, 'G'));
    assert_true(doc_at_end(&d));
    assert_int_equal(d.focus, 58);
    assert_focus_in_view(&d);
    assert_false(doc_key(&d, KEY_END));
    assert_true(doc_key(&d, 'g'));
    assert_int_equal(d.scroll, 0);
    assert_int_equal(d.focus, 0);
    assert_false(doc_key(&d, KEY_HOME));
    assert_false(doc_key(&d, 'x'));
    assert_false(doc_key(&d, '\n'));
    doc_release(&d);
}

static void the_wheel_scrolls(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10};

    plan_list(&p, 30, 1, 0, 1);
    build(&d, &p);
    assert_true(doc_key(&d, KEY_WHEEL_DOWN));
    assert_int_equal(d.scroll, 3);
    assert_focus_in_view(&d);
    assert_true(doc_key(&d, KEY_WHEEL_UP));
    assert_int_equal(d.scroll, 0);
    assert_false(doc_key(&d, KEY_WHEEL_UP));
    doc_release(&d);
}

/* Whatever is pressed, and whatever becomes of the text meanwhile. */
static void no_key_leads_out_of_range(void **unused)
{
    (void)unused;
    static const int keys[] = {KEY_UP,   KEY_DOWN, 'j', 'k', KEY_PPAGE,    KEY_NPAGE,      ' ',
                               KEY_HOME, KEY_END,  'g', 'G', KEY_WHEEL_UP, KEY_WHEEL_DOWN, '<',
                               '>',      'x'};
    static struct plan p;
    uint64_t state = 3;
    struct doc d = {.cols = 40};

    for (int round = 0; round < 20000; round++) {
        if (round % 50 == 0) {
            d.rows = random_upto(&state, 30);
            plan_random(&p, &state);
            build(&d, &p);
            assert_in_bounds(&d);
        }
        const int scroll = d.scroll, focus = d.focus;
        const bool moved = doc_key(&d, keys[quiz_random(&state) % ARRAY_LEN(keys)]);
        assert_in_bounds(&d);
        assert_int_equal(moved, d.scroll != scroll || d.focus != focus);
    }
    doc_release(&d);
}

static void a_shorter_text_brings_scroll_and_focus_back(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10};

    plan_list(&p, 50, 1, 0, 1);
    build(&d, &p);
    doc_key(&d, 'G');
    plan_list(&p, 20, 1, 0, 1);
    build(&d, &p);
    assert_int_equal(d.scroll, 10);
    assert_int_equal(d.focus, 19);
    plan_list(&p, 3, 1, 0, 1);
    build(&d, &p);
    assert_int_equal(d.scroll, 0);
    assert_int_equal(d.focus, 2);
    doc_begin(&d);
    doc_end(&d);
    assert_int_equal(d.scroll, 0);
    assert_false(doc_key(&d, 'j'));
    assert_true(doc_at_end(&d));
    doc_release(&d);
}

/* A list that is still loading, a search without hits yet: no reason to press a key more. */
static void items_that_come_late_get_the_focus(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10};

    for (int round = 0; round < 2; round++) {
        plan_list(&p, 0, 0, 1, 1); /* one line, no item */
        build(&d, &p);
        plan_list(&p, 3, 1, 1, 1);
        build(&d, &p);
        assert_int_equal(d.focus, 0);
        doc_key(&d, 'G');
    }
    doc_release(&d);
}

static void nothing_has_the_focus_where_that_was_asked_for(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10};

    plan_list(&p, 3, 1, 1, 1);
    build(&d, &p);
    d.focus = DOC_NO_FOCUS;
    build(&d, &p);
    assert_int_equal(d.focus, DOC_NO_FOCUS);
    assert_false(doc_key(&d, 'k'));
    assert_int_equal(d.focus, DOC_NO_FOCUS);
    assert_true(doc_key(&d, 'j'));
    assert_int_equal(d.focus, 0);
    d.focus = DOC_NO_FOCUS;
    assert_true(doc_step_focus(&d, 1));
    assert_int_equal(d.focus, 0);
    doc_release(&d);
}

static void the_line_that_is_typed_in_comes_into_view(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10, .show_cursor = true};

    plan_list(&p, 0, 0, 50, 1);
    for (int line = 0; line < 50; line += 7) {
        build(&d, &p);
        d.cursor_line = line;
        d.show_cursor = true;
        d.scroll = line < 25 ? 40 : 0;
        doc_end(&d);
        assert_in_range(line, d.scroll, d.scroll + d.rows - 1);
        assert_in_bounds(&d);
        d.scroll = 20; /* who scrolls away is not called back */
        doc_end(&d);
        assert_int_equal(d.scroll, 20);
    }
    doc_release(&d);
}

static void a_focus_that_is_gone_goes_to_the_next_item(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10, .focus = 5};

    plan_list(&p, 10, 1, 0, 2); /* 0, 2, 4, 6 ... */
    build(&d, &p);
    assert_int_equal(d.focus, 6);
    doc_release(&d);
}

static void output_that_is_followed_stays_at_its_end(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10, .follow = true};

    for (int n = 1; n < 40; n++) {
        plan_list(&p, 0, 0, n, 1);
        build(&d, &p);
        assert_true(doc_at_end(&d));
    }
    assert_true(doc_key(&d, 'k')); /* who scrolls back stays there */
    const int scroll = d.scroll;
    plan_list(&p, 0, 0, 60, 1);
    build(&d, &p);
    assert_int_equal(d.scroll, scroll);
    doc_release(&d);
}

static void an_item_can_be_brought_to_the_top_once(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10};

    plan_list(&p, 20, 1, 1, 1);
    d.top_focus = 8;
    build(&d, &p);
    assert_int_equal(d.scroll, first_line(&d, 8));
    doc_key(&d, 'g');
    build(&d, &p);
    assert_int_equal(d.scroll, 0);
    doc_release(&d);
}

/* ---- sideways ---- */

static void build_code(struct doc *d, int width)
{
    static const char x[] =
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    static struct md_run run;

    run = (struct md_run){x, (size_t)width, MD_SRC_TEXT};
    doc_begin(d);
    doc_code(d, 0, &run, 1);
    doc_end(d);
}

static void wide_code_scrolls_sideways_to_its_end(void **unused)
{
    (void)unused;
    struct doc d = {.cols = 40, .rows = 10};

    build_code(&d, 70);
    assert_false(doc_key(&d, '<'));
    for (int at = 8; at < 30; at += 8) {
        assert_true(doc_key(&d, '>'));
        assert_int_equal(d.hscroll, at);
    }
    assert_true(doc_key(&d, '>'));
    assert_int_equal(d.hscroll, 30);
    assert_false(doc_key(&d, '>'));
    assert_true(doc_key(&d, '<'));
    assert_int_equal(d.hscroll, 22);
    doc_top(&d);
    assert_int_equal(d.hscroll, 0);
    build_code(&d, 40); /* it fits */
    assert_false(doc_key(&d, '>'));
    doc_release(&d);
}

static void code_that_fits_after_a_change_is_not_left_scrolled_away(void **unused)
{
    (void)unused;
    struct doc d = {.cols = 40, .rows = 10};

    build_code(&d, 100);
    while (doc_key(&d, '>'))
        ;
    assert_int_equal(d.hscroll, 60);
    build_code(&d, 50);
    assert_int_equal(d.hscroll, 10);
    d.cols = 80; /* the window has become wider */
    build_code(&d, 50);
    assert_int_equal(d.hscroll, 0);
    doc_release(&d);
}

/* ---- the mouse, and what is drawn ---- */

static void a_click_finds_the_item_in_its_row(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10};

    plan_list(&p, 8, 2, 1, 1);
    build(&d, &p);
    for (d.scroll = 0; d.scroll <= most_scroll(&d); d.scroll++)
        for (int row = 0; row < d.rows; row++)
            assert_int_equal(doc_focus_at(&d, row), p.focus[d.scroll + row]);
    d.scroll = most_scroll(&d);
    assert_int_equal(doc_focus_at(&d, (int)d.n - d.scroll), DOC_NO_FOCUS);
    assert_int_equal(doc_focus_at(&d, 1000), DOC_NO_FOCUS);
    d.scroll = 0;
    assert_int_equal(doc_focus_at(&d, -1), DOC_NO_FOCUS);
    doc_release(&d);
}

static void a_click_on_an_item_in_view_does_not_move_the_text(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10};

    plan_list(&p, 20, 2, 1, 1);
    build(&d, &p);
    d.scroll = 16; /* begins with the first line of item 5 */
    for (int focus = 5; focus < 8; focus++) {
        doc_set_focus(&d, focus);
        assert_int_equal(d.focus, focus);
        assert_int_equal(d.scroll, 16);
    }
    doc_set_focus(&d, 0); /* what stands above the first item belongs with it */
    assert_int_equal(d.scroll, 0);
    doc_set_focus(&d, 19);
    assert_focus_in_view(&d);
    doc_release(&d);
}

/* A curses screen that nobody sees. */
static struct {
    SCREEN *screen;
    FILE *null;
} curses;

static int start_curses(void **unused)
{
    (void)unused;
    curses.null = fopen("/dev/null", "r+e");
    if (!curses.null)
        return -1;
    curses.screen = newterm("xterm", curses.null, curses.null);
    return curses.screen ? 0 : -1;
}

static int stop_curses(void **unused)
{
    (void)unused;
    endwin();
    delscreen(curses.screen);
    fclose(curses.null);
    return 0;
}

static const struct rect frame = {2, 5, 10, 40};

/* A row of the frame as it is on the screen, without blanks at its end; the caller frees. */
static char *screen_row(int row)
{
    wchar_t cells[64] = L"";
    char line[256];

    assert_true(mvinnwstr(frame.y + row, frame.x, cells, frame.w) >= 0);
    size_t n = wcstombs(line, cells, sizeof(line));
    assert_true(n < sizeof(line));
    while (n > 0 && line[n - 1] == ' ')
        line[--n] = '\0';
    return xstrdup(line);
}

static void expect_row(int row, const char *wanted)
{
    char *line = screen_row(row);

    assert_string_equal(line, wanted);
    free(line);
}

static void the_lines_in_view_are_drawn_and_the_focus_is_marked(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10};

    plan_list(&p, 30, 1, 0, 1);
    build(&d, &p);
    doc_set_focus(&d, 21);
    erase();
    doc_draw(&d, &frame, true);
    for (int row = 0; row < d.rows; row++) {
        const int line = d.scroll + row;
        char *wanted = xasprintf("%s line %d", line == 21 ? term_glyph(GLYPH_POINTER) : " ", line);
        expect_row(row, wanted);
        free(wanted);
    }
    erase();
    doc_draw(&d, &frame, false); /* the keys go elsewhere */
    for (int row = 0; row < d.rows; row++) {
        char *wanted = xasprintf("  line %d", d.scroll + row);
        expect_row(row, wanted);
        free(wanted);
    }
    doc_release(&d);
}

static void only_code_is_moved_sideways(void **unused)
{
    (void)unused;
    static const struct md_run run = {"0123456789012345678901234567890123456789abcdefgh", 48,
                                      MD_SRC_TEXT};
    struct doc d = {.cols = 40, .rows = 10};

    doc_begin(&d);
    doc_text(&d, 0, ST_TEXT, "words");
    doc_code(&d, 0, &run, 1);
    doc_end(&d);
    erase();
    doc_draw(&d, &frame, true);
    char *cut = screen_row(1);
    assert_memory_equal(cut, run.text, 39); /* and a sign in the last column */
    assert_string_equal(cut + 39, term_glyph(GLYPH_RIGHT));
    free(cut);
    assert_true(doc_key(&d, '>'));
    erase();
    doc_draw(&d, &frame, true);
    expect_row(0, "words");
    expect_row(1, run.text + 8);
    doc_release(&d);
}

struct filled {
    int calls;
    bool seen[1000];
};

static void fill_row(struct doc *d, void *user, int focus)
{
    struct filled *f = user;
    char words[32];

    f->calls++;
    f->seen[focus] = true;
    snprintf(words, sizeof(words), "row %d", focus);
    doc_row(d, 2, ST_TEXT, "", ST_TEXT, words, ST_TEXT, "", DOC_NO_FOCUS); /* the stub's stays */
}

static void a_stub_is_made_when_it_comes_into_view(void **unused)
{
    (void)unused;
    struct filled filled = {0};
    struct doc d = {.cols = 40, .rows = 10, .fill = fill_row, .fill_user = &filled};

    doc_begin(&d);
    for (int i = 0; i < 1000; i++)
        doc_stub(&d, i);
    doc_end(&d);
    assert_int_equal(filled.calls, 0);
    doc_set_focus(&d, 500);
    erase();
    doc_draw(&d, &frame, false);
    doc_draw(&d, &frame, false); /* nothing twice */
    assert_int_equal(filled.calls, d.rows);
    assert_int_equal(d.n, 1000);
    for (int row = 0; row < d.rows; row++) {
        assert_true(filled.seen[d.scroll + row]);
        assert_int_equal(doc_focus_at(&d, row), d.scroll + row);
        char *wanted = xasprintf("  row %d", d.scroll + row);
        expect_row(row, wanted);
        free(wanted);
    }
    check_steps(&d);
    doc_release(&d);
}

static void expect_same_screen_as_anew(struct doc *d)
{
    char *rows[10];

    for (int row = 0; row < d->rows; row++)
        rows[row] = screen_row(row);
    erase();
    doc_draw(d, &frame, true);
    for (int row = 0; row < d->rows; row++) {
        expect_row(row, rows[row]);
        free(rows[row]);
    }
}

static void moving_the_focus_draws_what_a_new_frame_would(void **unused)
{
    (void)unused;
    static struct plan p;
    struct doc d = {.cols = 40, .rows = 10};
    int kept = 0, moved = 0;

    plan_list(&p, 12, 2, 1, 1);
    build(&d, &p);
    erase();
    doc_draw(&d, &frame, true);
    while (doc_step_focus(&d, 1)) {
        if (doc_draw_focus(&d, &frame, true)) {
            kept++;
            expect_same_screen_as_anew(&d);
        } else {
            moved++;
            erase();
            doc_draw(&d, &frame, true);
        }
    }
    assert_true(kept > 1 && moved > 1);
    doc_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_made_of_runs),
        cmocka_unit_test(a_paragraph_wraps_and_hangs_under_its_text),
        cmocka_unit_test(no_line_of_a_paragraph_is_wider_than_the_doc),
        cmocka_unit_test(a_row_ends_at_the_right_edge),
        cmocka_unit_test(a_row_that_is_too_long_is_cut_and_shows_it),
        cmocka_unit_test(markdown_is_laid_out_behind_its_prefix),
        cmocka_unit_test(code_keeps_its_width),
        cmocka_unit_test(stepping_visits_every_item_once_and_shows_it),
        cmocka_unit_test(walking_shows_every_line_and_visits_every_item),
        cmocka_unit_test(a_page_keeps_one_line_and_covers_all),
        cmocka_unit_test(the_ends_are_one_key_away),
        cmocka_unit_test(the_wheel_scrolls),
        cmocka_unit_test(no_key_leads_out_of_range),
        cmocka_unit_test(a_shorter_text_brings_scroll_and_focus_back),
        cmocka_unit_test(items_that_come_late_get_the_focus),
        cmocka_unit_test(nothing_has_the_focus_where_that_was_asked_for),
        cmocka_unit_test(the_line_that_is_typed_in_comes_into_view),
        cmocka_unit_test(a_focus_that_is_gone_goes_to_the_next_item),
        cmocka_unit_test(output_that_is_followed_stays_at_its_end),
        cmocka_unit_test(an_item_can_be_brought_to_the_top_once),
        cmocka_unit_test(wide_code_scrolls_sideways_to_its_end),
        cmocka_unit_test(code_that_fits_after_a_change_is_not_left_scrolled_away),
        cmocka_unit_test(a_click_finds_the_item_in_its_row),
        cmocka_unit_test(a_click_on_an_item_in_view_does_not_move_the_text),
        cmocka_unit_test(the_lines_in_view_are_drawn_and_the_focus_is_marked),
        cmocka_unit_test(only_code_is_moved_sideways),
        cmocka_unit_test(a_stub_is_made_when_it_comes_into_view),
        cmocka_unit_test(moving_the_focus_draws_what_a_new_frame_would),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, start_curses, stop_curses);
}
