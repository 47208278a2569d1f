/*
 * timeline.c: lanes and spans over time. See view.h.
 *
 * Each lane is a row of one column a slice of time: what it did for most of the slice, as a fill
 * that tells the category, with the span's name on it where there is room. Notes and arrows stand
 * in the row below, where there is one. At the bottom the whole run, and the window's place in it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"
#include "view/view.h"

enum {
    MAX_COLS = 1000,  /* of the chart */
    MAX_ARROWS = 200, /* drawn in one frame */
    MAX_NOTES = 2000, /* of all lanes; of more only where they are */
    MIN_LABEL = 3,    /* columns of a bar that its name is written on */
    TICK_COLS = 11,   /* between two ticks of the axis, at least */
    MEASURED = 64,    /* lanes whose names make the width of all */
};

/* Where things are in the rectangle. */
struct layout {
    struct rect chart; /* axis, lanes and overview, right of the lanes' names */
    int names_w;
    int head, foot;  /* rows of the axis and of the overview */
    int lane_h;      /* rows a lane takes: 2 with a row for notes and arrows, else 1 */
    unsigned n_rows; /* lanes that there is room for */
    unsigned lanes[TRACE_MAX_LANES], n_lanes; /* those that have something to draw, ascending */
};

/* ---- where things are ---- */

/* A lane that has only verdicts, counts or points is nobody in this picture. */
static void find_lanes(const struct view *v, struct layout *l)
{
    const unsigned drawn =
        1u << TRACE_BEGIN | 1u << TRACE_SEND | 1u << TRACE_RECV | 1u << TRACE_NOTE;
    const unsigned lanes = (unsigned)trace_lanes(v->trace);

    for (unsigned i = 0; i < lanes; i++)
        if (trace_lane_kinds(v->trace, i) & drawn)
            l->lanes[l->n_lanes++] = i;
    for (unsigned i = 0; l->n_lanes == 0 && i < lanes; i++)
        l->lanes[l->n_lanes++] = i;
}

/* The place of a lane among those drawn: of the first one that is not before it. */
static unsigned place_of(const struct layout *l, unsigned lane)
{
    unsigned lo = 0, hi = l->n_lanes;

    while (lo < hi) {
        const unsigned mid = (lo + hi) / 2;
        if (l->lanes[mid] < lane)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Keeps the selected lane in view. */
static void scroll(struct view *v, const struct layout *l)
{
    const unsigned here = (unsigned)size_min(place_of(l, v->lane), l->n_lanes ? l->n_lanes - 1 : 0);

    if (here < v->timeline_top)
        v->timeline_top = here;
    if (here >= v->timeline_top + l->n_rows)
        v->timeline_top = here - l->n_rows + 1;
    if (v->timeline_top + l->n_rows > l->n_lanes)
        v->timeline_top = l->n_lanes > l->n_rows ? l->n_lanes - l->n_rows : 0;
}

static struct layout lay_out(struct view *v, const struct rect *r)
{
    struct layout l = {.lane_h = 2, .head = v->compact ? 1 : 2, .foot = v->compact ? 0 : 2};
    int names = 4;

    find_lanes(v, &l);
    /* Not of those in view, whose names would move the chart when they are scrolled. */
    for (unsigned i = 0; i < l.n_lanes && i < MEASURED; i++)
        names = int_max(names, utf8_cols_str(view_lane_label(v, l.lanes[i])));
    l.names_w = int_min(names, int_clamp(r->w / 4, 6, 20)) + 3;
    l.chart = (struct rect){r->y, r->x + l.names_w, r->h, int_clamp(r->w - l.names_w, 1, MAX_COLS)};
    const int room = int_max(1, r->h - l.head - l.foot);
    if ((int)l.n_lanes * 2 > room)
        l.lane_h = 1;
    l.n_rows = (unsigned)int_max(1, room / l.lane_h);
    scroll(v, &l);
    return l;
}

/* Column of a time, perhaps outside of the chart. */
static int col_of(const struct view *v, const struct layout *l, int64_t ns)
{
    const double part = (double)(ns - v->from_ns) / (double)(v->to_ns - v->from_ns);
    const double col = part * l->chart.w;

    return col < -1 ? -1 : col > l->chart.w ? l->chart.w : (int)(col < 0 ? -1 : col);
}

/* Row of a lane's bar, -1 when it is not in view. */
static int row_of(const struct view *v, const struct layout *l, unsigned lane)
{
    const unsigned place = place_of(l, lane);

    if (place == l->n_lanes || l->lanes[place] != lane || place < v->timeline_top ||
        place >= v->timeline_top + l->n_rows)
        return -1;
    return l->head + (int)(place - v->timeline_top) * l->lane_h;
}

/* ---- axis ---- */

/* 1, 2 or 5 times a power of ten, at least least_ns. */
static int64_t round_step(int64_t least_ns)
{
    int64_t step = 1;

    while (step < least_ns) {
        if (step * 2 >= least_ns)
            return step * 2;
        if (step * 5 >= least_ns)
            return step * 5;
        step *= 10;
    }
    return step;
}

static void draw_axis(const struct view *v, const struct layout *l)
{
    const int ticks = int_max(1, l->chart.w / TICK_COLS);
    const int64_t step = round_step((v->to_ns - v->from_ns) / ticks + 1);
    int free_col = 0; /* labels are long where a short time is seen late in a run */

    if (l->head > 1)
        draw_fill(&l->chart, 1, 0, l->chart.w, (enum style)MD_RULE, term_glyph(GLYPH_HLINE));
    for (int64_t ns = (v->from_ns + step - 1) / step * step; ns < v->to_ns; ns += step) {
        char words[24];
        const int col = col_of(v, l, ns);
        view_format_ns(ns, step, words, sizeof(words));
        if (col >= free_col && col + utf8_cols_str(words) <= l->chart.w)
            free_col = draw_str(&l->chart, 0, col, ST_DIM, words) + 1;
        if (l->head > 1)
            draw_str(&l->chart, 1, col, (enum style)MD_RULE, term_glyph(GLYPH_TEE_DOWN));
    }
}

/* ---- lanes ---- */

static bool same_bar(const struct trace_cell *a, const struct trace_cell *b)
{
    return a->busy == b->busy && (!a->busy || (a->cat == b->cat && a->name == b->name));
}

static void draw_bar(const struct view *v, const struct layout *l, int row, int from, int to,
                     const struct trace_cell *c)
{
    const int w = to - from;

    if (!c->busy)
        return;
    draw_fill(&l->chart, row, from, w, view_cat_style(c->cat), view_cat_fill(c->cat));
    if (w < MIN_LABEL + 1)
        return;
    /* Behind the place of a mark; whole, or with an ellipsis after some letters. */
    const char *name = view_label(v, c->name);
    const struct rect room = {l->chart.y, l->chart.x + from + 1, l->chart.h,
                              int_min(w - 1, l->chart.w - from - 1)};
    if (utf8_cols_str(name) <= room.w || room.w > MIN_LABEL)
        draw_cut(&room, row, 0, view_cat_label_style(c->cat), name);
}

static void draw_bars(const struct view *v, const struct layout *l, int row,
                      const struct trace_cell *cells)
{
    int from = 0;

    for (int col = 1; col <= l->chart.w; col++) {
        if (col < l->chart.w && same_bar(&cells[from], &cells[col]) && !cells[col].begins)
            continue;
        draw_bar(v, l, row, from, col, &cells[from]);
        from = col;
    }
}

/* Where there are many, only where; their names come back with zooming in. */
static void draw_many_notes(const struct layout *l, int row, const struct trace_cell *cells)
{
    for (int col = 0, end; col < l->chart.w; col = end + 1) {
        for (end = col; end < l->chart.w && cells[end].notes > 0; end++)
            ;
        draw_fill(&l->chart, row, col, end - col, ST_WARN, term_glyph(GLYPH_NOTE));
    }
}

/* The notes and verdicts of the window, of all lanes: to ask for those of one lane is slow. */
struct notes {
    bool found; /* they have been looked for */
    bool more;
    size_t n;
    size_t at[MAX_NOTES]; /* events */
};

/* When a lane needs them first. */
static void find_notes(const struct view *v, struct notes *all)
{
    const unsigned kinds = 1u << TRACE_NOTE | 1u << TRACE_VERDICT;

    if (all->found)
        return;
    all->found = true;
    all->n = 0;
    size_t i = trace_step(v->trace, trace_at(v->trace, v->from_ns - 1), 1, kinds, -1);
    for (; i != TRACE_NONE && trace_event(v->trace, i)->ts_ns < v->to_ns && all->n < MAX_NOTES;
         i = trace_step(v->trace, i, 1, kinds, -1))
        all->at[all->n++] = i;
    all->more = i != TRACE_NONE && trace_event(v->trace, i)->ts_ns < v->to_ns;
}

/* From the k-th on, the first one of a lane; n for none. */
static size_t next_note(const struct view *v, const struct notes *all, size_t k, unsigned lane)
{
    while (k < all->n && trace_event(v->trace, all->at[k])->lane != lane)
        k++;
    return k;
}

/* Notes with their names, as long as there is room up to the next one. */
static void draw_few_notes(const struct view *v, const struct layout *l, unsigned lane, int row,
                           const struct notes *all)
{
    for (size_t k = next_note(v, all, 0, lane), next; k < all->n; k = next) {
        next = next_note(v, all, k + 1, lane);
        const struct trace_event *e = trace_event(v->trace, all->at[k]);
        const int64_t end_ns =
            next < all->n ? trace_event(v->trace, all->at[next])->ts_ns : v->to_ns;
        const int col = col_of(v, l, e->ts_ns), end = col_of(v, l, end_ns);
        const enum glyph g = view_note_glyph(v, all->at[k]);
        const char *name = view_label(v, e->name);
        draw_str(&l->chart, row, col, view_note_style(g), term_glyph(g));
        if (l->lane_h > 1 && e->kind == TRACE_NOTE && col + 2 + utf8_cols_str(name) < end)
            draw_str(&l->chart, row, col + 2, ST_DIM, name);
    }
}

static void draw_notes(const struct view *v, const struct layout *l, unsigned lane,
                       const struct trace_cell *cells, struct notes *all)
{
    const int row = row_of(v, l, lane) + l->lane_h - 1;
    unsigned notes = 0;

    for (int col = 0; col < l->chart.w; col++)
        notes += cells[col].notes;
    if (notes == 0)
        return;
    const bool few = notes <= (unsigned)l->chart.w;
    if (few)
        find_notes(v, all);
    if (few && !all->more)
        draw_few_notes(v, l, lane, row, all);
    else
        draw_many_notes(l, row, cells);
}

static void draw_name(const struct view *v, const struct rect *r, const struct layout *l,
                      unsigned lane, int row)
{
    const bool selected = lane == v->lane;
    const struct rect names = {r->y, r->x, r->h, l->names_w - 1};

    if (selected)
        draw_str(&names, row, 0, ST_ACCENT, term_glyph(GLYPH_POINTER));
    draw_cut(&names, row, 2, selected && v->focused ? ST_SELECTED : ST_TEXT,
             view_lane_label(v, lane));
}

/* ---- arrows ---- */

static void draw_arrow(const struct view *v, const struct layout *l, const struct trace_arrow *a,
                       enum style st)
{
    const int from = row_of(v, l, a->from), to = row_of(v, l, a->to);
    const int col = col_of(v, l, a->recv_ns), start = col_of(v, l, a->send_ns);

    if (a->recv == TRACE_NONE || from == to || to < 0 || col < 0 || col >= l->chart.w)
        return;
    const bool down = from < to;
    const int step = down ? 1 : -1;
    if (from >= 0 && l->lane_h > 1) {
        const int turn = down ? from + 1 : from - 1; /* the row of notes beside the sender */
        if (start >= 0 && start < col) {
            draw_fill(&l->chart, turn, start, col - start, st, term_glyph(GLYPH_HLINE));
            draw_str(&l->chart, turn, start, st,
                     term_glyph(down ? GLYPH_CORNER_BL : GLYPH_CORNER_TL));
            draw_str(&l->chart, turn, col, st,
                     term_glyph(down ? GLYPH_CORNER_TR : GLYPH_CORNER_BR));
        }
        for (int y = turn + (start < col ? step : 0); y != to; y += step)
            draw_str(&l->chart, y, col, st, term_glyph(GLYPH_VLINE));
    }
    draw_str(&l->chart, to, col, st, term_glyph(down ? GLYPH_TO_DOWN : GLYPH_TO_UP));
}

static void draw_arrows(const struct view *v, const struct layout *l)
{
    size_t found[MAX_ARROWS];
    bool more;
    const size_t n =
        trace_arrows_in(v->trace, v->from_ns, v->to_ns, found, ARRAY_LEN(found), &more);
    const struct trace_event *here = v->at == TRACE_NONE ? NULL : trace_event(v->trace, v->at);
    const size_t mine = here && (here->kind == TRACE_SEND || here->kind == TRACE_RECV)
                            ? trace_arrow_of(v->trace, v->at)
                            : TRACE_NONE;

    /* Too many to tell them apart: only the one at the cursor. */
    for (size_t i = 0; !more && i < n; i++) {
        const struct trace_arrow a = trace_arrow(v->trace, found[i]);
        draw_arrow(v, l, &a, ST_DIM);
    }
    if (mine != TRACE_NONE) {
        const struct trace_arrow a = trace_arrow(v->trace, mine);
        draw_arrow(v, l, &a, ST_ACCENT);
    }
}

/* ---- the whole ---- */

/* The cursor's column: a line where nothing else is, which notes and arrows are drawn over, ... */
static void draw_cursor_line(const struct view *v, const struct layout *l)
{
    const int col = col_of(v, l, v->now_ns);
    const int rows = (int)size_min(l->n_lanes - v->timeline_top, l->n_rows) * l->lane_h;

    if (col < 0 || col >= l->chart.w)
        return;
    draw_str(&l->chart, l->head - 1, col, ST_ACCENT, term_glyph(GLYPH_TO_DOWN));
    for (int y = l->head; y < l->head + rows; y++)
        draw_str(&l->chart, y, col, ST_ACCENT, term_glyph(GLYPH_VLINE));
}

/* ... and a mark on each bar, whose sign stays. */
static void mark_cursor(const struct view *v, const struct layout *l, int row,
                        const struct trace_cell *cells)
{
    const int col = col_of(v, l, v->now_ns);

    if (col >= 0 && col < l->chart.w && cells[col].busy)
        draw_restyle(&l->chart, row, col, 1, ST_CURSOR);
}

static void draw_lanes(const struct view *v, const struct rect *r, const struct layout *l)
{
    const size_t w = (size_t)l->chart.w;
    const unsigned end = (unsigned)size_min(l->n_lanes, v->timeline_top + l->n_rows);
    struct trace_cell *cells = x_array(w * l->n_rows, sizeof(*cells));

    for (unsigned i = v->timeline_top; i < end; i++) {
        const unsigned lane = l->lanes[i];
        struct trace_cell *row = &cells[w * (i - v->timeline_top)];
        draw_name(v, r, l, lane, row_of(v, l, lane));
        trace_cells(v->trace, lane, v->from_ns, v->to_ns, w, row);
        draw_bars(v, l, row_of(v, l, lane), row);
    }
    draw_arrows(v, l);
    struct notes all = {.found = false};
    for (unsigned i = v->timeline_top; i < end; i++) {
        struct trace_cell *row = &cells[w * (i - v->timeline_top)];
        draw_notes(v, l, l->lanes[i], row, &all);
        mark_cursor(v, l, row_of(v, l, l->lanes[i]), row);
    }
    free(cells);
}

static bool has_overview(const struct layout *l)
{
    return l->foot > 0 && l->chart.h > l->head + l->foot;
}

/* All of the run in one row: where something happens, where the window is, where the cursor. */
static void draw_overview(const struct view *v, const struct layout *l)
{
    const int row = l->chart.h - 1;
    const double end = (double)v->end_ns + 1;
    size_t before = TRACE_NONE; /* the last event before the column */

    if (!has_overview(l))
        return;
    for (int col = 0; col < l->chart.w; col++) {
        const int64_t from_ns = (int64_t)(end * col / l->chart.w);
        const int64_t to_ns = (int64_t)(end * (col + 1) / l->chart.w);
        const size_t last = trace_at(v->trace, to_ns - 1);
        const bool busy = last != before;
        before = last;
        const bool inside = to_ns > v->from_ns && from_ns < v->to_ns;
        const bool here = v->now_ns >= from_ns && v->now_ns < to_ns;
        draw_fill(&l->chart, row, col, 1,
                  here     ? ST_CURSOR
                  : inside ? ST_ACCENT
                           : ST_DIM,
                  busy ? term_glyph(inside ? GLYPH_FULL : GLYPH_EMPTY)
                       : term_glyph(inside ? GLYPH_HLINE : GLYPH_DOT));
    }
}

static void timeline_draw(struct view *v, const struct rect *r)
{
    const struct layout l = lay_out(v, r);
    char more[24];

    draw_axis(v, &l);
    draw_cursor_line(v, &l);
    draw_lanes(v, r, &l);
    draw_overview(v, &l);
    if (l.n_lanes > l.n_rows) {
        const struct rect names = {r->y, r->x, r->h, l.names_w - 1};
        snprintf(more, sizeof(more), "%u-%u/%u", v->timeline_top + 1, v->timeline_top + l.n_rows,
                 l.n_lanes);
        draw_cut(&names, 0, 0, ST_DIM, more);
    }
}

static bool timeline_has(const struct trace *t)
{
    return trace_count(t) > 0;
}

static void timeline_move(struct view *v, int step)
{
    struct layout l = {.n_lanes = 0};

    find_lanes(v, &l);
    const int to = (int)place_of(&l, v->lane) + step;
    if (to >= 0 && to < (int)l.n_lanes)
        v->lane = l.lanes[to];
}

/* To the last event at or before the place, of any lane; the lane that was meant is selected. */
static void timeline_click(struct view *v, const struct rect *r, int row, int col)
{
    const struct layout l = lay_out(v, r);
    const unsigned place =
        v->timeline_top + (unsigned)int_max(0, row - l.head) / (unsigned)l.lane_h;
    const bool overview = has_overview(&l) && row == l.chart.h - 1;
    const double part = fmin(1, (col - l.names_w + 0.999) / l.chart.w);

    if (!overview && row >= l.head && place < size_min(l.n_lanes, v->timeline_top + l.n_rows))
        v->lane = l.lanes[place];
    if (col < l.names_w)
        return;
    const int64_t ns = overview ? (int64_t)(part * (double)v->end_ns)
                                : v->from_ns + (int64_t)(part * (double)(v->to_ns - v->from_ns));
    view_go(v, trace_at(v->trace, ns));
}

const struct view_ops timeline_view = {
    .name = "timeline",
    .title = TXT_VIEW_TIMELINE,
    .steps = ~0u,
    .has = timeline_has,
    .draw = timeline_draw,
    .move = timeline_move,
    .click = timeline_click,
};
