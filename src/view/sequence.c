/*
 * sequence.c: lanes as columns, messages as arrows from top to bottom, notes between them. See
 * view.h.
 *
 * One row a message or note, around the last one at the cursor; what is still to come is dim. The
 * text of that one, if it has any, stands in a pane below.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"
#include "view/view.h"

enum {
    ROWS = 1u << TRACE_SEND | 1u << TRACE_NOTE | 1u << TRACE_VERDICT,
    TALKS = 1u << TRACE_SEND | 1u << TRACE_RECV | 1u << TRACE_NOTE,
    HEAD = 1,       /* row of the lanes' names */
    TIME_W = 10,    /* columns of the times, where there is room */
    LEAST_COL = 15, /* columns of a lane */
    MAX_ROWS = 300,
};

struct layout {
    struct rect rows;  /* messages and notes */
    struct rect names; /* above them */
    struct rect pane;  /* text of the selected one; h 0: none */
    unsigned lanes[TRACE_MAX_LANES];
    unsigned n;
    int time_w, col_w;
};

/* ---- where things are ---- */

/* The last message or note at the moment, TRACE_NONE if there is none yet. */
static size_t selected(const struct view *v)
{
    if (v->at == TRACE_NONE)
        return TRACE_NONE;
    if (ROWS & 1u << trace_event(v->trace, v->at)->kind)
        return v->at;
    return trace_step(v->trace, v->at, -1, ROWS, -1);
}

static int text_lines(const char *text, int cols)
{
    struct utf8_line *lines;
    const size_t n = utf8_wrap(text, strlen(text), cols, cols, &lines);

    free(lines);
    return text[0] ? (int)n : 0;
}

/* The place of a lane among the columns, l->n if it has none. */
static unsigned place_of(const struct layout *l, unsigned lane)
{
    unsigned i = 0;

    while (i < l->n && l->lanes[i] != lane)
        i++;
    return i;
}

/* The first lane in view: from where keys have put it only as far that the lanes of the selected
 * one are in view, so that a step back shows what was there. Where the keys were pressed it stays.
 */
static unsigned left_for(const struct view *v, const struct layout *l, size_t at, unsigned fit)
{
    unsigned left = v->sequence_anchor;

    if (at == v->sequence_at || at == TRACE_NONE)
        return left;
    const size_t k = trace_arrow_of(v->trace, at);
    unsigned first = place_of(l, trace_event(v->trace, at)->lane), last = first;
    if (k != TRACE_NONE) {
        const unsigned to = place_of(l, trace_arrow(v->trace, k).to);
        first = to < first ? to : first;
        last = to > last ? to : last;
    }
    if (last < l->n && last >= left + fit)
        left = last - fit + 1;
    return first < left ? first : left; /* of lanes too far apart, the left one */
}

static void lay_out_lanes(struct view *v, struct layout *l, size_t at, int w)
{
    const unsigned lanes = (unsigned)trace_lanes(v->trace);

    for (unsigned i = 0; i < lanes; i++)
        if (trace_lane_kinds(v->trace, i) & TALKS)
            l->lanes[l->n++] = i;
    l->time_w = w >= 70 ? TIME_W : 0;
    const unsigned fit = (unsigned)int_max(1, (w - l->time_w) / LEAST_COL);
    v->sequence_most = l->n > fit ? l->n - fit : 0;
    v->sequence_left = (unsigned)size_min(left_for(v, l, at, fit), v->sequence_most);
    l->col_w = (w - l->time_w) / (int)size_min(fit, size_max(l->n, 1));
}

static struct layout lay_out(struct view *v, const struct rect *r)
{
    const size_t at = selected(v);
    /* A verdict is told in the learner's words below the picture. */
    const bool told = at == TRACE_NONE || trace_event(v->trace, at)->kind == TRACE_VERDICT;
    const char *words = told ? "" : trace_event_text(v->trace, at);
    struct layout l = {0};
    const int most = v->sequence_whole ? r->h - 3 : r->h * 2 / 5;
    const int pane = int_clamp(text_lines(words, r->w - 2), 0, int_max(0, most));

    l.names = (struct rect){r->y, r->x, 1, r->w};
    l.rows = (struct rect){r->y + HEAD, r->x, r->h - HEAD - pane - (pane > 0), r->w};
    l.pane = (struct rect){r->y + r->h - pane, r->x, pane, r->w};
    lay_out_lanes(v, &l, at, r->w);
    return l;
}

/* Column of the line of the lane at a place, -1 if it is not in view. */
static int col_at(const struct view *v, const struct layout *l, unsigned place)
{
    if (place < v->sequence_left || place >= l->n)
        return -1;
    const int col = l->time_w + (int)(place - v->sequence_left) * l->col_w + l->col_w / 2;
    return col < l->rows.w ? col : -1;
}

static int col_of(const struct view *v, const struct layout *l, unsigned lane)
{
    return col_at(v, l, place_of(l, lane));
}

/* Fills rows with the events around the selected one; returns how many, and which one that is. */
static size_t find_rows(const struct view *v, const struct layout *l, size_t *events, int *mine)
{
    const size_t max = (size_t)int_clamp(l->rows.h, 1, MAX_ROWS), at = selected(v);
    size_t above = 0, n = 0, first = at;

    *mine = -1;
    for (; first != TRACE_NONE && above < max * 2 / 3; above++) {
        const size_t earlier = trace_step(v->trace, first, -1, ROWS, -1);
        if (earlier == TRACE_NONE)
            break;
        first = earlier;
    }
    if (first == TRACE_NONE)
        first = trace_step(v->trace, TRACE_NONE, 1, ROWS, -1);
    for (size_t i = first; i != TRACE_NONE && n < max; i = trace_step(v->trace, i, 1, ROWS, -1)) {
        if (i == at)
            *mine = (int)n;
        events[n++] = i;
    }
    return n;
}

/* ---- drawing ---- */

static void draw_names(const struct view *v, const struct layout *l)
{
    for (unsigned i = v->sequence_left; i < l->n; i++) {
        const char *name = view_lane_label(v, l->lanes[i]);
        const int col = col_at(v, l, i), w = int_min(utf8_cols_str(name), l->col_w - 1);
        if (col < 0)
            return;
        const struct rect at = {l->names.y, l->names.x + int_max(0, col - w / 2), 1, w};
        draw_cut(&at, 0, 0, l->lanes[i] == v->lane ? ST_SELECTED : ST_STRONG, name);
    }
}

static void draw_lifelines(const struct view *v, const struct layout *l, int row)
{
    int col;

    for (unsigned i = v->sequence_left; (col = col_at(v, l, i)) >= 0; i++)
        draw_str(&l->rows, row, col, ST_DIM, term_glyph(GLYPH_VLINE));
}

/* A label on n columns of a line from x on, in its middle. */
static void draw_label(const struct layout *l, int row, int x, int n, enum style st,
                       const char *label)
{
    const int w = int_min(utf8_cols_str(label), n - 4);
    const struct rect at = {l->rows.y, l->rows.x + x + (n - w) / 2, l->rows.h, w};

    if (w < 2)
        return;
    draw_cut(&at, row, 0, st, label);
    draw_str(&l->rows, row, x + (n - w) / 2 - 1, st, " ");
    draw_str(&l->rows, row, x + (n - w) / 2 + w, st, " ");
}

static void draw_message(const struct view *v, const struct layout *l, int row, size_t event,
                         enum style st)
{
    const struct trace_arrow a = trace_arrow(v->trace, trace_arrow_of(v->trace, event));
    const bool flies = a.recv == TRACE_NONE || v->at == TRACE_NONE || a.recv > v->at;
    int from = col_of(v, l, a.from), to = col_of(v, l, a.to);
    const char *label = view_label(v, a.name);

    if (from < 0 && to < 0)
        return;
    if (a.recv == TRACE_NONE || from == to) { /* nobody got it, or it came back to its sender */
        draw_str(&l->rows, row, from, st, term_glyph(a.recv == TRACE_NONE ? GLYPH_BAD : GLYPH_DOT));
        draw_cut(&l->rows, row, from + 2, st, label);
        return;
    }
    from = from < 0 ? (a.from < a.to ? l->time_w : l->rows.w - 1) : from;
    to = to < 0 ? (a.to < a.from ? l->time_w : l->rows.w - 1) : to;
    const int left = int_min(from, to) + 1, n = abs(to - from) - 1;
    draw_fill(&l->rows, row, left, n, st, term_glyph(flies ? GLYPH_DOT : GLYPH_HLINE));
    draw_label(l, row, left, n, st, label);
    draw_str(&l->rows, row, to > from ? to - 1 : to + 1, st,
             term_glyph(to > from ? GLYPH_TO_RIGHT : GLYPH_TO_LEFT));
}

static void draw_note(const struct view *v, const struct layout *l, int row, size_t event,
                      enum style st)
{
    const struct trace_event *e = trace_event(v->trace, event);
    const char *label = view_label(v, e->name);
    const int w = utf8_cols_str(label) + 2;
    int col = col_of(v, l, e->lane);

    if (col < 0 || e->kind == TRACE_VERDICT)
        col = l->time_w;
    if (col + w > l->rows.w)
        col = int_max(l->time_w, l->rows.w - w);
    const enum glyph g = view_note_glyph(v, event);
    col = draw_str(&l->rows, row, col, st == ST_DIM ? ST_DIM : view_note_style(g), term_glyph(g));
    draw_cut(&l->rows, row, draw_str(&l->rows, row, col, st, " "), st, label);
}

static void draw_row(const struct view *v, const struct layout *l, int row, size_t event, bool mine)
{
    const struct trace_event *e = trace_event(v->trace, event);
    const bool to_come = v->at == TRACE_NONE || event > v->at;
    const enum style st = mine ? ST_ACCENT : to_come ? ST_DIM : ST_TEXT;
    char time[24];

    draw_lifelines(v, l, row);
    if (l->time_w > 0) {
        view_format_ns(e->ts_ns, 0, time, sizeof(time));
        draw_right(&(struct rect){l->rows.y, l->rows.x, l->rows.h, l->time_w - 1}, row,
                   mine ? ST_ACCENT : ST_DIM, time);
    }
    if (e->kind == TRACE_SEND)
        draw_message(v, l, row, event, st);
    else
        draw_note(v, l, row, event, st);
    if (mine)
        draw_str(&l->rows, row, 0, ST_ACCENT, term_glyph(GLYPH_POINTER));
}

static void draw_pane(struct view *v, const struct layout *l)
{
    const size_t at = selected(v);
    struct utf8_line *lines;

    if (at != v->sequence_text)
        v->sequence_line = 0;
    v->sequence_text = at;
    v->sequence_more = false;
    if (l->pane.h <= 0)
        return;
    const char *words = trace_event_text(v->trace, at);
    const int n = (int)utf8_wrap(words, strlen(words), l->pane.w - 2, l->pane.w - 2, &lines);
    draw_hline(&l->pane, -1);
    const int from =
        v->sequence_whole ? int_clamp(v->sequence_line, 0, int_max(0, n - l->pane.h)) : 0;
    for (int i = 0; from + i < n && i < l->pane.h; i++)
        draw_text(&l->pane, i, 2, ST_TEXT, words + lines[from + i].start,
                  lines[from + i].end - lines[from + i].start);
    v->sequence_line = from;
    v->sequence_page = int_max(1, l->pane.h - 1); /* the last row says how many follow */
    if (from + l->pane.h < n) {
        char more[64];
        v->sequence_more = true;
        snprintf(more, sizeof(more), text(TXT_VIEW_MORE_LINES), n - from - l->pane.h + 1);
        draw_blank_row(&l->pane, l->pane.h - 1);
        draw_str(&l->pane, l->pane.h - 1, 2, ST_DIM, more);
    }
    free(lines);
}

static void sequence_draw(struct view *v, const struct rect *r)
{
    const struct layout l = lay_out(v, r);
    size_t events[MAX_ROWS];
    int mine;
    const size_t n = find_rows(v, &l, events, &mine);

    draw_names(v, &l);
    for (size_t i = 0; i < n; i++)
        draw_row(v, &l, (int)i, events[i], (int)i == mine);
    draw_pane(v, &l);
}

/* ---- keys ---- */

static bool sequence_has(const struct trace *t)
{
    return trace_arrows(t) > 0;
}

static void sequence_move(struct view *v, int step)
{
    const size_t from = step < 0 ? selected(v) : v->at;
    const size_t to =
        step < 0 && from == TRACE_NONE ? TRACE_NONE : trace_step(v->trace, from, step, ROWS, -1);

    if (to == TRACE_NONE)
        return;
    view_go(v, to);
    v->lane = trace_event(v->trace, to)->lane;
}

static void sequence_key(struct view *v, int key)
{
    if (key == 'f') {
        if (v->sequence_whole && v->sequence_more) { /* on through it, then back to its start */
            v->sequence_line += v->sequence_page;
            return;
        }
        v->sequence_whole = !v->sequence_whole;
        v->sequence_line = 0;
        return;
    }
    const bool left = key == '<' && v->sequence_left > 0;
    const bool right = key == '>' && v->sequence_left < v->sequence_most;
    v->sequence_left += right - left; /* at once: the next key may come before the next frame */
    v->sequence_anchor = v->sequence_left;
    v->sequence_at = selected(v);
}

static void sequence_click(struct view *v, const struct rect *r, int row, int col)
{
    const struct layout l = lay_out(v, r);
    size_t events[MAX_ROWS];
    int mine;
    const size_t n = find_rows(v, &l, events, &mine);

    (void)col;
    if (row < HEAD || (size_t)(row - HEAD) >= n)
        return;
    view_go(v, events[row - HEAD]);
    v->lane = trace_event(v->trace, v->at)->lane;
}

const struct view_ops sequence_view = {
    .name = "sequence",
    .title = TXT_VIEW_SEQUENCE,
    .steps = 1u << TRACE_SEND | 1u << TRACE_RECV | 1u << TRACE_NOTE | 1u << TRACE_VERDICT,
    .has = sequence_has,
    .draw = sequence_draw,
    .move = sequence_move,
    .key = sequence_key,
    .click = sequence_click,
};
