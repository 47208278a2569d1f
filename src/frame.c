/*
 * frame.c: one frame of the user interface: header, one or two panes, footer. See ui.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui_impl.h"
#include "utf8.h"
#include "view/panel.h"

enum {
    READING_COLS = 84, /* longer lines are hard to follow */
    MARGIN = 2,
    ROOMY_ROWS = 18, /* from here on there is room for a rule and blank rows */
};

static void build_if_dirty(struct screen *s)
{
    if (!s->dirty)
        return;
    s->dirty = false;
    doc_begin(&s->doc);
    s->ops->build(s);
    doc_end(&s->doc);
}

static void build(struct screen *s, int cols, int rows)
{
    if (cols != s->doc.cols || rows != s->doc.rows) {
        s->doc.cols = cols;
        s->doc.rows = rows;
        s->dirty = true;
    }
    build_if_dirty(s);
}

/* The title, and at the right what it says about the place, where that still fits. */
static void draw_header(const struct screen *s, const struct rect *r, bool focused)
{
    struct buf left = {0}, right = {0};
    const struct rect inner = {r->y, r->x + MARGIN, 1, r->w - 2 * MARGIN};

    s->ops->title(s, &left, &right);
    const int right_cols = utf8_cols_str(buf_text(&right));
    const struct rect title = {inner.y, inner.x, 1,
                               int_max(1, inner.w - (right_cols ? right_cols + 2 : 0))};
    draw_cut(&title, 0, 0, focused ? ST_TITLE : ST_DIM, buf_text(&left));
    draw_right(&inner, 0, ST_DIM, buf_text(&right));
    buf_release(&left);
    buf_release(&right);
}

/* Draws a screen into r and returns where its body is. */
static struct rect draw_pane(struct screen *s, const struct rect *r, bool focused)
{
    const bool roomy = r->h >= ROOMY_ROWS;
    const int top = roomy ? 2 : 1;
    const int room = r->w - 2 * MARGIN;
    const int w = s->ops->wide ? room : int_min(room, READING_COLS);
    const struct rect body = {r->y + top, r->x + MARGIN + (room - w) / 2, r->h - top, w};

    draw_header(s, r, focused);
    if (roomy)
        draw_hline(r, 1);
    if (ui_panel(s)) {
        const struct rect all = {body.y, r->x + MARGIN, body.h, room};
        s->dirty = false;
        panel_draw(ui_panel(s), &all, focused);
        return all;
    }
    build(s, body.w, body.h);
    doc_draw(&s->doc, &body, focused);
    return body;
}

static const char *shown_key(const struct key_row *row)
{
    return term_is_ascii() && row->shown_ascii ? row->shown_ascii : row->shown;
}

static int key_cols(const struct key_row *row)
{
    return utf8_cols_str(shown_key(row)) + 1 + utf8_cols_str(text(row->label));
}

/* Draws a key if it ends before `end`; returns where the next one starts. */
static int draw_footer_key(struct ui *ui, const struct rect *r, int x, int end,
                           const struct key_row *row)
{
    const int need = key_cols(row);

    if (x + need > end || ui->n_targets == ARRAY_LEN(ui->targets))
        return x;
    ui->targets[ui->n_targets++] = (struct footer_target){r->x + x, r->x + x + need, row};
    x = draw_str(r, 0, x, ST_ACCENT, shown_key(row));
    return draw_str(r, 0, x + 1, ST_BAR, text(row->label)) + 3;
}

static bool in_footer(const struct screen *s, const struct key_row *row)
{
    return row->in_footer && row->act && ui_row_applies(s, row);
}

/* Whether a row that applies takes the key first. */
static bool has_key(const struct screen *s, const struct key_row *rows, size_t n, int key)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < ARRAY_LEN(rows[i].keys); k++)
            if (rows[i].keys[k] == key && ui_row_applies(s, &rows[i]))
                return true;
    return false;
}

/* The keys of the screen, then those of all screens, as far as they fit; help, where the others
 * are found, always has its place at the right. */
static void draw_footer_keys(struct ui *ui, const struct rect *r, const struct screen *s)
{
    const struct key_row *help = NULL;
    int x = 0, end = r->w;
    size_t n, n_panel = 0;
    const struct key_row *global = ui_global_keys(&n);

    for (size_t i = 0; i < n; i++)
        if (global[i].label == TXT_KEY_HELP && ui_row_applies(s, &global[i]))
            help = &global[i];
    if (help) {
        end -= key_cols(help) + 3;
        draw_footer_key(ui, r, end + 3, r->w, help);
    }
    const struct key_row *of_panel = ui_panel(s) ? panel_keys(&n_panel) : NULL;
    for (size_t i = 0; i < n_panel; i++)
        if (in_footer(s, &of_panel[i]))
            x = draw_footer_key(ui, r, x, end, &of_panel[i]);
    for (size_t i = 0; i < s->ops->n_keys; i++)
        if (in_footer(s, &s->ops->keys[i]))
            x = draw_footer_key(ui, r, x, end, &s->ops->keys[i]);
    for (size_t i = 0; i < n; i++)
        if (&global[i] != help && in_footer(s, &global[i]) &&
            !has_key(s, of_panel, n_panel, global[i].keys[0]))
            x = draw_footer_key(ui, r, x, end, &global[i]);
}

static void draw_footer(struct ui *ui, int row, int cols)
{
    const struct rect r = {row, MARGIN, 1, cols - 2 * MARGIN};

    ui->n_targets = 0;
    if (ui->message[0]) {
        struct buf clean = {0};
        utf8_clean(&clean, ui->message, strlen(ui->message), false);
        draw_cut(&r, 0, 0, ST_WARN, buf_text(&clean));
        buf_release(&clean);
        return;
    }
    draw_footer_keys(ui, &r, ui_focused(ui));
}

static void draw_too_small(int rows, int cols)
{
    const struct rect r = {0, 0, rows, cols};
    const char *words = text(TXT_TOO_SMALL);
    struct utf8_line *lines;
    char size[64];
    const int n = (int)utf8_wrap(words, strlen(words), cols, cols, &lines);

    for (int i = 0; i < n; i++)
        draw_text(&r, i, 0, ST_WARN, words + lines[i].start, lines[i].end - lines[i].start);
    snprintf(size, sizeof(size), "%dx%d < %dx%d", cols, rows, UI_MIN_COLS, UI_MIN_ROWS);
    draw_str(&r, n, 0, ST_DIM, size);
    free(lines);
}

static void draw_panes(struct ui *ui, int rows, int cols)
{
    struct screen *s = ui->top;
    const bool roomy = rows >= ROOMY_ROWS + 2;
    const int h = rows - (roomy ? 2 : 1);
    const struct rect whole = {0, 0, h, cols};

    ui->split = s->side && cols >= UI_SPLIT_COLS;
    if (!ui->split) {
        ui->body = draw_pane(ui_focused(ui), &whole, true);
        return;
    }
    /* Demos print up to 60 columns: their side gets a little more. */
    const int left_w = cols * 46 / 100;
    const struct rect left = {0, 0, h, left_w};
    const struct rect right = {0, left_w + 1, h, cols - left_w - 1};
    ui->body = draw_pane(s, &left, !ui->top->side_focus);
    ui->side_body = draw_pane(s->side, &right, ui->top->side_focus);
    draw_vline(&whole, left_w);
}

static void draw_whole(struct ui *ui, int rows, int cols)
{
    term_begin_frame(false, ui->redraw_all);
    ui->redraw_all = false;
    if (rows < UI_MIN_ROWS || cols < UI_MIN_COLS) {
        ui->split = false;
        ui->n_targets = 0;
        draw_too_small(rows, cols);
    } else {
        draw_panes(ui, rows, cols);
        draw_footer(ui, rows - 1, cols);
    }
    ui->drawn.top = ui->top;
    ui->drawn.side = ui->top->side;
    ui->drawn.side_focus = ui->top->side_focus;
    ui->drawn.rows = rows;
    ui->drawn.cols = cols;
    ui->drawn.builds = ui_focused(ui)->doc.builds;
}

static bool is_dirty(const struct screen *s)
{
    return s && s->dirty;
}

/* Moving through a list is what keys do most: then only two rows and the footer are drawn. */
static bool draw_moved_focus(struct ui *ui, int rows, int cols)
{
    struct screen *s = ui_focused(ui);
    const struct rect footer = {rows - 1, 0, 1, cols};

    if (ui->redraw_all || ui->drawn.builds != s->doc.builds || ui->drawn.top != ui->top ||
        ui->drawn.side != ui->top->side || ui->drawn.side_focus != ui->top->side_focus ||
        ui->drawn.rows != rows || ui->drawn.cols != cols || is_dirty(ui->top) ||
        is_dirty(ui->top->side) || ui_panel(s) || rows < UI_MIN_ROWS || cols < UI_MIN_COLS)
        return false;
    term_begin_frame(true, false);
    if (!doc_draw_focus(&s->doc, ui->split && ui->top->side_focus ? &ui->side_body : &ui->body,
                        true))
        return false;
    draw_blank_row(&footer, 0);
    draw_footer(ui, rows - 1, cols);
    return true;
}

void ui_settle(struct ui *ui)
{
    struct screen *s = ui_focused(ui);
    int rows, cols;

    if (ui_panel(s))
        return;
    if (s->doc.cols > 0) {
        build_if_dirty(s);
        return;
    }
    term_size(&rows, &cols); /* never drawn: its size is known when the panes are */
    draw_whole(ui, rows, cols);
}

void ui_draw_frame(struct ui *ui)
{
    int rows, cols;

    term_size(&rows, &cols);
    if (!draw_moved_focus(ui, rows, cols))
        draw_whole(ui, rows, cols);
    term_flush();
}
