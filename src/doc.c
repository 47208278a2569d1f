/*
 * doc.c: the scrolling column of lines. See doc.h.
 */
#include "doc.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

enum { WHEEL_LINES = 3, HSCROLL_STEP = 8 };

void doc_release(struct doc *d)
{
    arena_free(&d->mem);
    free(d->lines);
    free(d->pending);
    *d = (struct doc){0};
}

/* ---- building ---- */

void doc_begin(struct doc *d)
{
    arena_free(&d->mem);
    d->n = 0;
    d->n_pending = 0;
    d->builds++;
    d->cursor_line = -1;
}

static void add_line(struct doc *d, const struct doc_line *line)
{
    if (d->n == d->cap) {
        d->cap = size_max(64, d->cap * 2);
        d->lines = x_resize(d->lines, d->cap, sizeof(*d->lines));
    }
    d->lines[d->n++] = *line;
}

static void add_run(struct doc *d, enum style st, const char *text, size_t n)
{
    if (d->n_pending == d->cap_pending) {
        d->cap_pending = size_max(16, d->cap_pending * 2);
        d->pending = x_resize(d->pending, d->cap_pending, sizeof(*d->pending));
    }
    d->pending[d->n_pending++] = (struct md_run){
        .text = arena_strndup(&d->mem, text, n), .len = n, .style = (enum md_style)st};
}

static void add_blanks(struct doc *d, int n)
{
    static const char blanks[] = "                                        ";

    while (n > 0) {
        const int piece = int_min(n, (int)sizeof(blanks) - 1);
        add_run(d, ST_TEXT, blanks, (size_t)piece);
        n -= piece;
    }
}

void doc_run(struct doc *d, enum style st, const char *text)
{
    add_run(d, st, text, strlen(text));
}

void doc_end_line(struct doc *d, int indent, int focus)
{
    struct md_run *runs = arena_array(&d->mem, d->n_pending, sizeof(*runs));

    if (d->n_pending)
        memcpy(runs, d->pending, d->n_pending * sizeof(*runs));
    add_line(d,
             &(struct doc_line){.runs = runs, .n = d->n_pending, .indent = indent, .focus = focus});
    d->n_pending = 0;
}

void doc_item(struct doc *d, int indent, enum style prefix_style, const char *prefix, enum style st,
              const char *text, int focus)
{
    struct utf8_line *lines;
    const int hang = utf8_cols_str(prefix);
    const int cols = int_max(4, d->cols - indent - hang);
    const size_t n = utf8_wrap(text, strlen(text), cols, cols, &lines);

    for (size_t i = 0; i < n; i++) {
        if (i == 0 && hang > 0)
            doc_run(d, prefix_style, prefix);
        add_run(d, st, text + lines[i].start, lines[i].end - lines[i].start);
        doc_end_line(d, i == 0 ? indent : indent + hang, focus);
    }
    free(lines);
}

void doc_text(struct doc *d, int indent, enum style st, const char *text)
{
    doc_item(d, indent, st, "", st, text, DOC_NO_FOCUS);
}

void doc_blank(struct doc *d)
{
    doc_end_line(d, 0, DOC_NO_FOCUS);
}

void doc_md(struct doc *d, int indent, const struct md_line *lines, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add_line(d, &(struct doc_line){.runs = lines[i].runs,
                                       .n = lines[i].n,
                                       .indent = lines[i].indent + indent,
                                       .focus = DOC_NO_FOCUS,
                                       .code = lines[i].code});
}

void doc_code(struct doc *d, int indent, const struct md_run *runs, size_t n)
{
    add_line(d, &(struct doc_line){
                    .runs = runs, .n = n, .indent = indent, .focus = DOC_NO_FOCUS, .code = true});
}

void doc_markdown(struct doc *d, int indent, enum style prefix_style, const char *prefix,
                  enum style st, const char *md, int focus)
{
    const int hang = utf8_cols_str(prefix);
    const int cols = int_max(10, d->cols - indent - hang);
    struct md_doc *doc = md_new(md, strlen(md));
    size_t n;
    const struct md_line *lines = md_layout(doc, cols, term_is_ascii(), "", &n);

    for (size_t i = 0; i < n; i++) {
        if (i == 0 && hang > 0)
            doc_run(d, prefix_style, prefix);
        for (size_t k = 0; k < lines[i].n; k++) {
            const struct md_run *run = &lines[i].runs[k];
            add_run(d, run->style == MD_TEXT ? st : (enum style)run->style, run->text, run->len);
        }
        const bool first = i == 0 && hang > 0;
        doc_end_line(d, indent + (first ? 0 : hang) + lines[i].indent, focus);
        d->lines[d->n - 1].code = lines[i].code;
    }
    md_free(doc);
}

void doc_row(struct doc *d, int indent, enum style mark_style, const char *mark, enum style st,
             const char *left, enum style right_style, const char *right, int focus)
{
    const int gap = right[0] ? 2 : 0;
    const int room =
        int_max(4, d->cols - indent - utf8_cols_str(mark) - utf8_cols_str(right) - gap);
    const size_t n = strlen(left);
    size_t fit = utf8_fit(left, n, room);
    int cols;

    if (fit < n)
        fit = utf8_fit(left, n, room - 1);
    cols = utf8_cols(left, fit);
    doc_run(d, mark_style, mark);
    add_run(d, st, left, fit);
    if (fit < n) {
        doc_run(d, ST_DIM, term_glyph(GLYPH_MORE));
        cols++;
    }
    if (right[0])
        add_blanks(d, room - cols + gap);
    doc_run(d, right_style, right);
    doc_end_line(d, indent, focus);
}

void doc_stub(struct doc *d, int focus)
{
    add_line(d, &(struct doc_line){.focus = focus, .stub = true});
}

static void fill_stub(struct doc *d, size_t i)
{
    const int focus = d->lines[i].focus;

    d->fill(d, d->fill_user, focus);
    d->lines[i] = d->lines[--d->n]; /* the line it has added takes the stub's place */
    d->lines[i].focus = focus;
}

static int line_cols(const struct doc_line *line)
{
    int cols = line->indent;

    for (size_t i = 0; i < line->n; i++)
        cols += utf8_cols(line->runs[i].text, line->runs[i].len);
    return cols;
}

static int max_hscroll(const struct doc *d)
{
    int widest = 0;

    for (size_t i = 0; i < d->n; i++)
        if (d->lines[i].code)
            widest = int_max(widest, line_cols(&d->lines[i]));
    return int_max(0, widest - d->cols);
}

static int max_scroll(const struct doc *d)
{
    return int_max(0, (int)d->n - d->rows);
}

/* First line of a focus item, or of the first that is at least that; -1 if there is none. */
static int line_of_focus(const struct doc *d, int focus)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->lines[i].focus >= 0 && d->lines[i].focus >= focus)
            return (int)i;
    return -1;
}

static int last_line_of(const struct doc *d, int line)
{
    const int focus = d->lines[line].focus;

    while (line + 1 < (int)d->n && d->lines[line + 1].focus == focus)
        line++;
    return line;
}

static void clamp_scroll(struct doc *d)
{
    d->scroll = int_clamp(d->scroll, 0, max_scroll(d));
}

static void show_item(struct doc *d, int first)
{
    const int last = last_line_of(d, first);

    if (last >= d->scroll + d->rows)
        d->scroll = last - d->rows + 1;
    if (first < d->scroll)
        d->scroll = first;
    /* What stands above the first item belongs with it. */
    if (first == line_of_focus(d, 0) && last < d->rows)
        d->scroll = 0;
    clamp_scroll(d);
}

void doc_end(struct doc *d)
{
    const int line = d->focus >= 0 ? line_of_focus(d, d->focus) : -1;
    int top;

    if (line >= 0)
        d->focus = d->lines[line].focus;
    else if (d->focus >= 0) { /* the item is gone: the last one there is, or the first to come */
        d->focus = 0;
        for (size_t i = 0; i < d->n; i++)
            d->focus = int_max(d->focus, d->lines[i].focus);
    }
    if (d->follow)
        d->scroll = max_scroll(d);
    if (d->show_focus && line >= 0)
        show_item(d, line);
    d->show_focus = false;
    if (d->top_focus > 0 && (top = line_of_focus(d, d->top_focus)) >= 0)
        d->scroll = top;
    d->top_focus = 0;
    if (d->show_cursor && d->cursor_line >= 0)
        d->scroll = int_clamp(d->scroll, d->cursor_line - d->rows + 2, d->cursor_line);
    d->show_cursor = false;
    clamp_scroll(d);
    if (d->hscroll > 0)
        d->hscroll = int_min(d->hscroll, max_hscroll(d));
}

/* ---- drawing ---- */

static bool is_first_of_item(const struct doc *d, int i)
{
    return i == 0 || d->lines[i - 1].focus != d->lines[i].focus;
}

static bool is_blank(const struct md_run *run)
{
    for (size_t i = 0; i < run->len; i++)
        if (run->text[i] != ' ')
            return false;
    return true;
}

static void draw_line(const struct doc *d, const struct rect *r, int row, int i, bool focused)
{
    const struct doc_line *line = &d->lines[i];
    const bool selected = line->focus >= 0 && line->focus == d->focus && focused;
    const struct rect clip = {r->y, r->x + line->indent, r->h, r->w - line->indent};
    int x = line->code ? -d->hscroll : 0;

    for (size_t k = 0; k < line->n; k++) {
        const struct md_run *run = &line->runs[k];
        const bool plain = (enum style)run->style == ST_TEXT;
        if (plain && is_blank(run)) { /* the row is blank already */
            x += (int)run->len;
            continue;
        }
        x = draw_text(&clip, row, x, selected && plain ? ST_SELECTED : (enum style)run->style,
                      run->text, run->len);
    }
    if (selected && is_first_of_item(d, i))
        draw_str(r, row, int_max(0, line->indent - 2), ST_SELECTED, term_glyph(GLYPH_POINTER));
    if (line->code && line_cols(line) - d->hscroll > r->w)
        draw_right(r, row, ST_ACCENT, term_glyph(GLYPH_RIGHT));
}

/* A thumb on the right edge, in the column the text leaves free. */
static void draw_scrollbar(const struct doc *d, const struct rect *r)
{
    const int most = max_scroll(d);

    if (most <= 0 || r->h < 3)
        return;
    const int thumb = int_max(1, r->h * r->h / (int)d->n);
    const int top = d->scroll * (r->h - thumb) / most;
    const struct rect bar = {r->y, r->x + r->w + 1, r->h, 1};
    for (int y = top; y < top + thumb; y++)
        draw_str(&bar, y, 0, ST_ACCENT, term_glyph(GLYPH_THUMB));
}

static void draw_row(struct doc *d, const struct rect *r, int row, bool focused)
{
    const int i = d->scroll + row;

    if (d->lines[i].stub)
        fill_stub(d, (size_t)i);
    draw_line(d, r, row, i, focused);
}

static int shown_rows(const struct doc *d, const struct rect *r)
{
    return int_min(r->h, (int)d->n - d->scroll);
}

static void draw_doc_cursor(const struct doc *d, const struct rect *r, bool focused)
{
    if (focused && d->cursor_line >= 0)
        draw_cursor(r, d->cursor_line - d->scroll, d->cursor_col);
}

void doc_draw(struct doc *d, const struct rect *r, bool focused)
{
    for (int row = 0; row < shown_rows(d, r); row++)
        draw_row(d, r, row, focused);
    draw_scrollbar(d, r);
    draw_doc_cursor(d, r, focused);
    d->drawn.scroll = d->scroll;
    d->drawn.hscroll = d->hscroll;
    d->drawn.focus = d->focus;
}

bool doc_draw_focus(struct doc *d, const struct rect *r, bool focused)
{
    if (d->scroll != d->drawn.scroll || d->hscroll != d->drawn.hscroll)
        return false;
    for (int row = 0; row < shown_rows(d, r); row++) {
        const int focus = d->lines[d->scroll + row].focus;
        if (focus < 0 || (focus != d->focus && focus != d->drawn.focus))
            continue;
        draw_blank_row(r, row);
        draw_row(d, r, row, focused);
    }
    draw_doc_cursor(d, r, focused);
    d->drawn.focus = d->focus;
    return true;
}

/* ---- moving ---- */

static bool visible(const struct doc *d, int line)
{
    return line >= d->scroll && line < d->scroll + d->rows;
}

void doc_set_focus(struct doc *d, int focus)
{
    const int line = line_of_focus(d, focus);

    d->focus = focus;
    if (line >= 0)
        show_item(d, line);
}

/* First line of the item after (+1) or before (-1) the focused one, -1 for none. */
static int neighbour(const struct doc *d, int step)
{
    int best = -1;

    for (size_t i = 0; i < d->n; i++) {
        const int f = d->lines[i].focus;
        if (f < 0 || (step > 0 ? f <= d->focus : f >= d->focus))
            continue;
        if (best < 0 || (step > 0 ? f < d->lines[best].focus : f > d->lines[best].focus))
            best = (int)i;
    }
    return best;
}

bool doc_step_focus(struct doc *d, int step)
{
    const int line = neighbour(d, step);

    if (line < 0)
        return false;
    d->focus = d->lines[line].focus;
    show_item(d, line);
    return true;
}

/* Text that was scrolled away takes the focus with it only as far as an item is in view. */
static void focus_into_view(struct doc *d)
{
    const int line = line_of_focus(d, int_max(0, d->focus));

    if (d->focus < 0 || (line >= 0 && visible(d, line)))
        return;
    for (int i = d->scroll; i < d->scroll + d->rows && i < (int)d->n; i++) {
        if (d->lines[i].focus >= 0) {
            d->focus = d->lines[i].focus;
            return;
        }
    }
}

static bool scroll_by(struct doc *d, int lines)
{
    const int before = d->scroll, focus = d->focus;

    d->scroll += lines;
    clamp_scroll(d);
    focus_into_view(d);
    return d->scroll != before || d->focus != focus;
}

/* One step up or down: to the next item if it is in view, or comes into view by one line;
 * otherwise the text moves by one line. */
static bool step(struct doc *d, int way)
{
    int line = neighbour(d, way);

    if (line >= 0 && visible(d, line))
        return doc_step_focus(d, way);
    const int before = d->scroll, focus = d->focus;
    d->scroll += way;
    clamp_scroll(d);
    line = neighbour(d, way);
    if (line >= 0 && visible(d, line))
        return doc_step_focus(d, way);
    focus_into_view(d);
    return d->scroll != before || d->focus != focus;
}

void doc_top(struct doc *d)
{
    d->scroll = 0;
    d->hscroll = 0;
    d->focus = 0;
}

bool doc_at_end(const struct doc *d)
{
    return d->scroll >= max_scroll(d);
}

static bool go_top(struct doc *d)
{
    const int scroll = d->scroll, focus = d->focus;

    d->scroll = 0;
    if (d->focus >= 0)
        d->focus = 0;
    doc_end(d);
    return d->scroll != scroll || d->focus != focus;
}

static bool go_bottom(struct doc *d)
{
    const int scroll = d->scroll, focus = d->focus;

    d->scroll = max_scroll(d);
    for (size_t i = 0; d->focus >= 0 && i < d->n; i++)
        d->focus = int_max(d->focus, d->lines[i].focus);
    return d->scroll != scroll || d->focus != focus;
}

static bool scroll_sideways(struct doc *d, int cols)
{
    const int before = d->hscroll;

    d->hscroll = int_clamp(d->hscroll + cols, 0, max_hscroll(d));
    return d->hscroll != before;
}

bool doc_key(struct doc *d, int key)
{
    const int page = int_max(1, d->rows - 1);

    d->follow = false;
    switch (key) {
    case KEY_UP:
    case 'k':
        return step(d, -1);
    case KEY_DOWN:
    case 'j':
        return step(d, 1);
    case KEY_PPAGE:
        return scroll_by(d, -page);
    case KEY_NPAGE:
    case ' ':
        return scroll_by(d, page);
    case KEY_HOME:
    case 'g':
        return go_top(d);
    case KEY_END:
    case 'G':
        return go_bottom(d);
    case KEY_WHEEL_UP:
        return scroll_by(d, -WHEEL_LINES);
    case KEY_WHEEL_DOWN:
        return scroll_by(d, WHEEL_LINES);
    case '<':
        return scroll_sideways(d, -HSCROLL_STEP);
    case '>':
        return scroll_sideways(d, HSCROLL_STEP);
    default:
        return false;
    }
}

int doc_focus_at(const struct doc *d, int row)
{
    const int line = d->scroll + row;

    return line >= 0 && line < (int)d->n ? d->lines[line].focus : DOC_NO_FOCUS;
}
