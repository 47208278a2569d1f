/*
 * cells.c: what a lane does in slices of time. See impl.h.
 *
 * A lane's time is cut by its edges (begins and ends) into stretches, in each of which one span is
 * innermost. A mark at every LANE_BLOCK-th edge says what the stretches before it took, by
 * category; peaks say which is the longest of each category in a block, and in a block of blocks.
 * So a slice costs a search for its ends, some stretches at its ends, and some peaks between.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/impl.h"

enum { NO_CAT = TRACE_CATS };

static int64_t edge_ns(const struct trace *t, const struct lane *lane, uint32_t edge)
{
    return t->events[lane->edges.at[edge]].ts_ns;
}

/* ---- the index ---- */

/* Counts the time and begins of the stretches [from, to), all of which are over. */
static void add_stretches(const struct trace *t, const struct lane *lane, uint32_t from,
                          uint32_t to, struct lane_mark *sum)
{
    int64_t took[TRACE_CATS + 1] = {0}; /* the last: in no span */

    for (uint32_t i = from; i < to; i++) {
        took[lane->cats[i]] += edge_ns(t, lane, i + 1) - edge_ns(t, lane, i);
        sum->begins += t->events[lane->edges.at[i]].kind == TRACE_BEGIN;
    }
    for (int c = 0; c < TRACE_CATS; c++)
        sum->took[c] += took[c];
}

static const struct best no_best = {.length = -1, .begin = NONE};

/* The first of the longest stays. */
static void consider(struct best *b, const struct best *other)
{
    if (other->length > b->length)
        *b = *other;
}

/* The event that began the span which is innermost in a stretch; the lane is in a span there. */
static uint32_t begin_at(const struct trace *t, const struct lane *lane, uint32_t edge)
{
    const uint32_t span = model_innermost(t, &t->events[lane->edges.at[edge]]);

    return t->kinds[TRACE_BEGIN].at[span];
}

static void consider_stretch(const struct trace *t, const struct lane *lane, uint32_t edge,
                             int64_t length, struct best *best)
{
    if (length > best->length)
        *best = (struct best){length, begin_at(t, lane, edge)};
}

static int64_t stretch_ns(const struct trace *t, const struct lane *lane, uint32_t edge)
{
    return edge_ns(t, lane, edge + 1) - edge_ns(t, lane, edge);
}

static struct lane_peak *push_peak(struct lane_peaks *level)
{
    if (level->n == level->cap) {
        level->cap = (uint32_t)grown(level->cap);
        level->at = x_resize(level->at, level->cap, sizeof(*level->at));
    }
    struct lane_peak *p = &level->at[level->n++];
    for (int c = 0; c < TRACE_CATS; c++)
        p->of[c] = no_best;
    return p;
}

/* The block of LANE_BLOCK stretches that ends with the newest edge is complete, and with it
 * perhaps some of the levels above. */
static void push_peaks(const struct trace *t, struct lane *lane)
{
    const uint32_t from = lane->peaks[0].n * LANE_BLOCK;
    struct lane_peak *p = push_peak(&lane->peaks[0]);

    for (uint32_t i = from; i < from + LANE_BLOCK; i++)
        if (lane->cats[i] != NO_CAT)
            consider_stretch(t, lane, i, stretch_ns(t, lane, i), &p->of[lane->cats[i]]);
    for (int level = 1; level < LANE_LEVELS; level++) {
        const struct lane_peaks *below = &lane->peaks[level - 1];
        if (below->n % LANE_BLOCK != 0)
            return;
        p = push_peak(&lane->peaks[level]);
        for (uint32_t i = below->n - LANE_BLOCK; i < below->n; i++)
            for (int c = 0; c < TRACE_CATS; c++)
                consider(&p->of[c], &below->at[i].of[c]);
    }
}

static void push_mark(const struct trace *t, struct lane *lane, uint32_t edge)
{
    struct lane_mark mark = {0};

    if (edge > 0) {
        mark = lane->marks[lane->n_marks - 1];
        add_stretches(t, lane, edge - LANE_BLOCK, edge, &mark);
        push_peaks(t, lane);
    }
    if (lane->n_marks == lane->cap_marks) {
        lane->cap_marks = (uint32_t)grown(lane->cap_marks);
        lane->marks = x_resize(lane->marks, lane->cap_marks, sizeof(*lane->marks));
    }
    lane->marks[lane->n_marks++] = mark;
}

void cells_push(struct trace *t, struct lane *lane)
{
    const uint32_t edge = lane->edges.n - 1;
    const uint32_t span = model_innermost(t, &t->events[lane->edges.at[edge]]);

    if (edge >= lane->cap_cats) {
        lane->cap_cats = lane->edges.cap;
        lane->cats = x_resize(lane->cats, lane->cap_cats, sizeof(*lane->cats));
    }
    lane->cats[edge] = span == NONE ? NO_CAT : begin_of(t, span)->cat;
    if (edge % LANE_BLOCK == 0)
        push_mark(t, lane, edge);
}

void cells_pop(struct lane *lane)
{
    const uint32_t edge = lane->edges.n - 1;

    if (edge % LANE_BLOCK != 0)
        return;
    lane->n_marks--;
    if (edge == 0)
        return;
    lane->peaks[0].n--;
    for (int level = 1; level < LANE_LEVELS; level++)
        lane->peaks[level].n = lane->peaks[level - 1].n / LANE_BLOCK;
}

/* ---- slices ---- */

/* What lies before a moment in time. */
struct bound {
    int64_t ts_ns;
    uint32_t events, edges, notes;
    struct lane_mark sum;
};

/* hint: where it may be about. */
static struct bound bound_at(const struct trace *t, const struct lane *lane, int64_t ts_ns,
                             const struct bound *hint)
{
    const uint32_t events = events_before_near(t, ts_ns, hint->events);
    struct bound b = {
        .ts_ns = ts_ns,
        .events = events,
        .edges = list_below_near(&lane->edges, events, hint->edges),
        .notes = list_below_near(&lane->notes, events, hint->notes),
    };

    if (b.edges == 0)
        return b;
    const uint32_t last = b.edges - 1;
    const uint32_t block = last / LANE_BLOCK;
    b.sum = lane->marks[block];
    add_stretches(t, lane, block * LANE_BLOCK, last, &b.sum);
    if (lane->cats[last] != NO_CAT)
        b.sum.took[lane->cats[last]] += ts_ns - edge_ns(t, lane, last);
    b.sum.begins += t->events[lane->edges.at[last]].kind == TRACE_BEGIN;
    return b;
}

/* What longest looks for. */
struct search {
    const struct trace *t;
    const struct lane *lane;
    int cat;
    struct best best;
};

static void look_at_stretches(struct search *s, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (s->lane->cats[i] == s->cat)
            consider_stretch(s->t, s->lane, i, stretch_ns(s->t, s->lane, i), &s->best);
}

static void look_at_peaks(struct search *s, int level, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        consider(&s->best, &s->lane->peaks[level].at[i].of[s->cat]);
}

/* Peaks [from, to) of a level, in the order of time, by whole blocks of the level above. */
static void look_at_level(struct search *s, int level, uint32_t from, uint32_t to)
{
    const uint32_t first = (from + LANE_BLOCK - 1) / LANE_BLOCK;
    const uint32_t end = to / LANE_BLOCK;

    if (level == LANE_LEVELS - 1 || first >= end) {
        look_at_peaks(s, level, from, to);
        return;
    }
    look_at_peaks(s, level, from, first * LANE_BLOCK);
    look_at_level(s, level + 1, first, end);
    look_at_peaks(s, level, end * LANE_BLOCK, to);
}

/* Stretches [from, to), all of which are over. */
static void look_at_all(struct search *s, uint32_t from, uint32_t to)
{
    const uint32_t first = (from + LANE_BLOCK - 1) / LANE_BLOCK;
    const uint32_t end = to / LANE_BLOCK;

    if (first >= end) {
        look_at_stretches(s, from, to);
        return;
    }
    look_at_stretches(s, from, first * LANE_BLOCK);
    look_at_level(s, 0, first, end);
    look_at_stretches(s, end * LANE_BLOCK, to);
}

/* The longest stretch of category c in the slice, cut by its ends. */
static struct best longest(const struct trace *t, const struct lane *lane, int c,
                           const struct bound *from, const struct bound *to)
{
    const bool is_one = to->edges == from->edges; /* one stretch covers the slice */
    struct search s = {.t = t, .lane = lane, .cat = c, .best = no_best};

    if (from->edges > 0 && lane->cats[from->edges - 1] == c) {
        const int64_t end = is_one ? to->ts_ns : edge_ns(t, lane, from->edges);
        consider_stretch(t, lane, from->edges - 1, end - from->ts_ns, &s.best);
    }
    if (is_one)
        return s.best;
    const uint32_t last = to->edges - 1;
    look_at_all(&s, from->edges, last);
    if (lane->cats[last] == c)
        consider_stretch(t, lane, last, to->ts_ns - edge_ns(t, lane, last), &s.best);
    return s.best;
}

/* The lane's first begin after n others. There is one. */
static uint32_t begin_after(const struct trace *t, const struct lane *lane, uint32_t n)
{
    uint32_t lo = 0;
    uint32_t hi = lane->n_marks;

    while (hi - lo > 1) { /* the block is in [lo, hi) */
        const uint32_t mid = lo + (hi - lo) / 2;
        if (lane->marks[mid].begins <= n)
            lo = mid;
        else
            hi = mid;
    }
    uint32_t left = n - lane->marks[lo].begins;
    uint32_t edge = lo * LANE_BLOCK;
    while (t->events[lane->edges.at[edge]].kind != TRACE_BEGIN || left-- > 0)
        edge++;
    return lane->edges.at[edge];
}

static void show_span(const struct trace *t, uint32_t begin, struct trace_cell *cell)
{
    cell->cat = (enum trace_cat)t->events[begin].cat;
    cell->name = t->events[begin].name;
}

static void fill_cell(const struct trace *t, const struct lane *lane, const struct bound *from,
                      const struct bound *to, struct trace_cell *cell)
{
    int64_t most = 0;
    int cat = NO_CAT;

    for (int c = 0; c < TRACE_CATS; c++) {
        const int64_t took = to->sum.took[c] - from->sum.took[c];
        if (took > most) {
            most = took;
            cat = c;
        }
    }
    *cell = (struct trace_cell){
        .busy = most > 0,
        .begins = to->sum.begins > from->sum.begins,
        .changes = to->edges - from->edges,
        .notes = to->notes - from->notes,
    };
    uint32_t begin = NONE;
    if (cell->busy)
        begin = longest(t, lane, cat, from, to).begin;
    else if (cell->begins)
        begin = begin_after(t, lane, from->sum.begins); /* spans that take no time */
    if (begin != NONE)
        show_span(t, begin, cell);
}

/* A slice thinner than a nanosecond: the state at that moment. */
static void fill_moment(const struct trace *t, const struct lane *lane, int64_t ts_ns,
                        struct trace_cell *cell)
{
    const uint32_t events = ts_ns < INT64_MAX ? events_before(t, ts_ns + 1) : (uint32_t)t->n;
    const uint32_t edges = list_below(&lane->edges, events);

    *cell = (struct trace_cell){.busy = edges > 0 && lane->cats[edges - 1] != NO_CAT};
    if (cell->busy)
        show_span(t, begin_at(t, lane, edges - 1), cell);
}

static int64_t cut_at(int64_t from_ns, int64_t to_ns, size_t i, size_t n)
{
    const __int128 width = (__int128)to_ns - from_ns;

    return (int64_t)(from_ns + width * (__int128)i / (__int128)n);
}

void trace_cells(const struct trace *t, unsigned lane, int64_t from_ns, int64_t to_ns, size_t n,
                 struct trace_cell *out)
{
    if (lane >= t->n_lanes || to_ns < from_ns) {
        memset(out, 0, n * sizeof(*out));
        return;
    }
    const struct lane *l = &t->lanes[lane];
    const uint32_t before = events_before(t, from_ns);
    const struct bound first = {.events = before,
                                .edges = list_below(&l->edges, before),
                                .notes = list_below(&l->notes, before)};
    struct bound from = bound_at(t, l, from_ns, &first);
    struct bound hint = from;
    for (size_t i = 0; i < n; i++) {
        const struct bound to = bound_at(t, l, cut_at(from_ns, to_ns, i + 1, n), &hint);
        hint.events = to.events + (to.events - from.events);
        hint.edges = to.edges + (to.edges - from.edges);
        hint.notes = to.notes + (to.notes - from.notes);
        if (to.ts_ns > from.ts_ns)
            fill_cell(t, l, &from, &to, &out[i]);
        else
            fill_moment(t, l, from.ts_ns, &out[i]);
        from = to;
    }
}
