/*
 * trace_check.h: what must hold of any settled trace, whatever it was made of: every query is
 * answered as a plain replay of the events, one after the other, answers it.
 *
 * Only the interface in trace.h is used, so that the tests and the fuzzer share it. What does not
 * hold ends the program with the line that says so (BUG).
 */
#ifndef TRACE_CHECK_H
#define TRACE_CHECK_H

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "trace.h"
#include "utf8.h"

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            BUG("does not hold: %s", #condition);                                                  \
    } while (0)

/* ---- chance, the same in every run ---- */

struct dice {
    uint64_t state; /* not 0 */
};

/* xorshift64* */
static inline size_t roll(struct dice *d, size_t below)
{
    d->state ^= d->state >> 12;
    d->state ^= d->state << 25;
    d->state ^= d->state >> 27;
    return (size_t)((d->state * 0x2545f4914f6cdd1d) >> 32) % below;
}

/* ---- stacks ---- */

/* The spans that are open in a lane: the events that began them. */
struct open_spans {
    size_t *begins;
    size_t n, cap;
};

struct replay {
    const struct trace *t;
    size_t n_lanes;
    struct open_spans *lanes;
    size_t *span_end;  /* by event: of a BEGIN its END, TRACE_NONE: not ended */
    size_t *innermost; /* by event: of a BEGIN or END the BEGIN of what is innermost after it */
};

static inline void open_span(struct open_spans *s, size_t begin)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 8;
        s->begins = x_resize(s->begins, s->cap, sizeof(*s->begins));
    }
    s->begins[s->n++] = begin;
}

static inline size_t shown_depth(const struct open_spans *s)
{
    return size_min(s->n, TRACE_MAX_DEPTH);
}

static inline void replay_event(struct replay *r, size_t i)
{
    const struct trace_event *e = trace_event(r->t, i);
    struct open_spans *s = &r->lanes[e->lane];

    if (e->kind == TRACE_BEGIN) {
        open_span(s, i);
    } else if (e->kind == TRACE_END && s->n > 0) {
        const struct trace_event *begin = trace_event(r->t, s->begins[--s->n]);
        r->span_end[s->begins[s->n]] = i;
        MUST(e->name == begin->name && e->cat == begin->cat);
    } else if (e->kind == TRACE_END) {
        MUST(strcmp(trace_word(r->t, e->name), "") == 0);
    }
    r->innermost[i] = s->n > 0 ? s->begins[shown_depth(s) - 1] : TRACE_NONE;
}

/* All events are replayed; ends are known then. */
static inline void replay_all(struct replay *r, const struct trace *t)
{
    const size_t n = trace_count(t);

    *r = (struct replay){.t = t, .n_lanes = trace_lanes(t)};
    r->lanes = x_array(r->n_lanes + 1, sizeof(*r->lanes));
    r->span_end = x_array(n + 1, sizeof(*r->span_end));
    r->innermost = x_array(n + 1, sizeof(*r->innermost));
    for (size_t i = 0; i < n; i++)
        r->span_end[i] = TRACE_NONE;
    for (size_t i = 0; i < n; i++)
        replay_event(r, i);
}

static inline void replay_free(struct replay *r)
{
    for (size_t i = 0; i < r->n_lanes; i++)
        free(r->lanes[i].begins);
    free(r->lanes);
    free(r->span_end);
    free(r->innermost);
}

static inline void check_span(const struct replay *r, const struct trace_span *s, size_t begin,
                              size_t depth)
{
    const struct trace_event *e = trace_event(r->t, begin);
    const size_t end = r->span_end[begin];

    MUST(s->begin == begin && s->begin_ns == e->ts_ns && s->name == e->name && s->cat == e->cat);
    MUST(s->end == end && s->depth == depth);
    MUST(s->end_ns == (end == TRACE_NONE ? INT64_MAX : trace_event(r->t, end)->ts_ns));
}

/* now: replayed up to the moment at. */
static inline void check_stack(const struct replay *all, const struct replay *now, unsigned lane,
                               size_t at)
{
    struct trace_span spans[TRACE_MAX_DEPTH];
    const struct open_spans *s = &now->lanes[lane];
    const size_t n = trace_stack(all->t, lane, at, spans, TRACE_MAX_DEPTH);

    MUST(n == shown_depth(s));
    for (size_t i = 0; i < n; i++)
        check_span(all, &spans[i], s->begins[i], i);
    if (n > 1) {
        struct trace_span outermost;
        MUST(trace_stack(all->t, lane, at, &outermost, 1) == n);
        MUST(outermost.begin == spans[0].begin);
    }
}

/* After each event its own lane, and all lanes now and then. */
static inline void check_stacks(const struct replay *all, struct dice *d)
{
    struct replay now;
    const size_t n = trace_count(all->t);

    now = (struct replay){.t = all->t, .n_lanes = all->n_lanes};
    now.lanes = x_array(all->n_lanes + 1, sizeof(*now.lanes));
    now.span_end = x_array(n + 1, sizeof(size_t));
    now.innermost = x_array(n + 1, sizeof(size_t));
    for (size_t i = 0; i < n; i++) {
        replay_event(&now, i);
        check_stack(all, &now, trace_event(all->t, i)->lane, i);
        if (all->n_lanes > 0 && roll(d, 16) == 0)
            check_stack(all, &now, (unsigned)roll(d, all->n_lanes), i);
    }
    for (unsigned lane = 0; lane < all->n_lanes; lane++)
        MUST(trace_stack(all->t, lane, TRACE_NONE, NULL, 0) == 0);
    replay_free(&now);
}

/* ---- events ---- */

static inline void check_events(const struct trace *t)
{
    const size_t n = trace_count(t);
    int64_t before = 0;

    MUST(n <= TRACE_MAX_EVENTS && trace_lanes(t) <= TRACE_MAX_LANES);
    for (size_t i = 0; i < n; i++) {
        const struct trace_event *e = trace_event(t, i);
        MUST(e->ts_ns >= before && e->lane < trace_lanes(t) && e->kind < TRACE_KINDS);
        MUST(strlen(trace_word(t, e->name)) <= TRACE_MAX_WORD);
        MUST(strlen(trace_event_text(t, i)) <= TRACE_MAX_TEXT);
        before = e->ts_ns;
    }
    MUST(trace_end_ns(t) == before);
    for (unsigned lane = 0; lane < trace_lanes(t); lane++) {
        unsigned kinds = 0;
        for (size_t i = 0; trace_lanes(t) < 50 && i < n; i++)
            kinds |= trace_event(t, i)->lane == lane ? 1U << trace_event(t, i)->kind : 0;
        MUST(trace_lanes(t) >= 50 || trace_lane_kinds(t, lane) == kinds);
        MUST(strlen(trace_lane_name(t, lane)) <= TRACE_MAX_WORD);
    }
}

static inline void check_at(const struct trace *t, struct dice *d)
{
    const size_t n = trace_count(t);

    for (int k = 0; k < 50; k++) {
        int64_t ts = (int64_t)roll(d, SIZE_MAX >> 1);
        if (n > 0 && k % 2)
            ts = trace_event(t, roll(d, n))->ts_ns + (int64_t)roll(d, 3) - 1;
        const size_t at = trace_at(t, ts);
        MUST(at == TRACE_NONE || (at < n && trace_event(t, at)->ts_ns <= ts));
        const size_t next = at == TRACE_NONE ? 0 : at + 1;
        MUST(next == n || trace_event(t, next)->ts_ns > ts);
    }
    MUST(trace_at(t, -1) == TRACE_NONE);
    MUST(trace_at(t, INT64_MAX) == (n > 0 ? n - 1 : TRACE_NONE));
}

static inline size_t plain_step(const struct trace *t, size_t at, int step, unsigned kinds,
                                int lane)
{
    const size_t n = trace_count(t);
    size_t i = at;

    if (step < 0 && (at == TRACE_NONE || at == 0))
        return TRACE_NONE;
    for (i = step > 0 ? at + 1 : at - 1; i<n; i += step> 0 ? 1 : SIZE_MAX)
        if (kinds & 1U << trace_event(t, i)->kind &&
            (lane < 0 || trace_event(t, i)->lane == (unsigned)lane))
            return i;
    return TRACE_NONE;
}

static inline void check_steps(const struct trace *t, struct dice *d)
{
    const size_t n = trace_count(t);

    for (int k = 0; k < 200; k++) {
        const size_t at = roll(d, 10) == 0 || n == 0 ? TRACE_NONE : roll(d, n);
        const int step = roll(d, 2) ? 1 : -1;
        const unsigned kinds = roll(d, 3) ? (unsigned)roll(d, 1U << TRACE_KINDS) : ~0U;
        const int lane = (int)roll(d, trace_lanes(t) + 1) - 1;
        const size_t next = trace_step(t, at, step, kinds, lane);
        MUST(next == plain_step(t, at, step, kinds, lane));
        /* There and back again, from an event that is itself one of those stepped through. */
        if (next != TRACE_NONE && at != TRACE_NONE && kinds & 1U << trace_event(t, at)->kind &&
            (lane < 0 || trace_event(t, at)->lane == (unsigned)lane))
            MUST(trace_step(t, next, -step, kinds, lane) == at);
    }
    MUST(trace_step(t, TRACE_NONE, 1, ~0U, (int)trace_lanes(t)) == TRACE_NONE);
}

static inline void check_finding(const struct trace *t, struct dice *d)
{
    const size_t n = trace_count(t);

    for (int k = 0; k < 20 && n > 0; k++) {
        const size_t i = roll(d, n);
        const struct trace_event *e = trace_event(t, i);
        const char *name = trace_word(t, e->name);
        size_t nth = 0, all = 0;
        for (size_t j = 0; j < n; j++) {
            const struct trace_event *other = trace_event(t, j);
            const bool same = other->kind == e->kind && other->name == e->name;
            nth += same && j <= i;
            all += same;
        }
        MUST(trace_find(t, (enum trace_kind)e->kind, name, nth) == i);
        MUST(trace_find(t, (enum trace_kind)e->kind, name, all + 1) == TRACE_NONE);
        MUST(trace_find(t, (enum trace_kind)e->kind, name, 0) == TRACE_NONE);
        if (name[0] && i > 0) {
            const size_t found = trace_search(t, i - 1, 1, name);
            MUST(found == i);
            const size_t before = trace_search(t, i, -1, name);
            MUST(before == TRACE_NONE || before < i);
        }
    }
    MUST(trace_search(t, TRACE_NONE, 1, "") == TRACE_NONE);
    MUST(trace_find(t, TRACE_NOTE, "no such name in any test", 1) == TRACE_NONE);
}

/* ---- cells ---- */

/* A stretch of a lane: from one begin or end to the next. */
struct stretch {
    int64_t from, to;
    size_t innermost; /* BEGIN; TRACE_NONE: in no span */
};

static inline size_t stretches_of(const struct replay *r, unsigned lane, struct stretch *out)
{
    size_t n = 0;

    for (size_t i = 0; i < trace_count(r->t); i++) {
        const struct trace_event *e = trace_event(r->t, i);
        if (e->lane != lane || (e->kind != TRACE_BEGIN && e->kind != TRACE_END))
            continue;
        if (n > 0)
            out[n - 1].to = e->ts_ns;
        out[n++] = (struct stretch){e->ts_ns, INT64_MAX, r->innermost[i]};
    }
    return n;
}

static inline void show(const struct trace *t, size_t begin, struct trace_cell *cell)
{
    cell->cat = (enum trace_cat)trace_event(t, begin)->cat;
    cell->name = trace_event(t, begin)->name;
}

static inline void count_in_slice(const struct trace *t, unsigned lane, int64_t from, int64_t to,
                                  struct trace_cell *cell)
{
    for (size_t i = 0; i < trace_count(t); i++) {
        const struct trace_event *e = trace_event(t, i);
        if (e->lane != lane || e->ts_ns < from || e->ts_ns >= to)
            continue;
        cell->changes += e->kind == TRACE_BEGIN || e->kind == TRACE_END;
        cell->notes += e->kind == TRACE_NOTE || e->kind == TRACE_VERDICT;
        if (e->kind == TRACE_BEGIN && !cell->begins) {
            cell->begins = true;
            show(t, i, cell); /* in case that no span takes any time */
        }
    }
}

static inline int64_t overlap(const struct stretch *s, int64_t from, int64_t to)
{
    const int64_t lo = s->from > from ? s->from : from;
    const int64_t hi = s->to < to ? s->to : to;

    return hi > lo ? hi - lo : 0;
}

static inline struct trace_cell plain_cell(const struct replay *r, unsigned lane,
                                           const struct stretch *all, size_t n, int64_t from,
                                           int64_t to)
{
    struct trace_cell cell = {0};
    int64_t took[TRACE_CATS] = {0};
    int64_t most = 0;

    if (from == to) { /* the state at this moment */
        for (size_t i = 0; i < n; i++) {
            const bool holds = all[i].from <= from && (i + 1 == n || all[i + 1].from > from);
            if (holds && all[i].innermost != TRACE_NONE) {
                cell.busy = true;
                show(r->t, all[i].innermost, &cell);
            }
        }
        return cell;
    }
    count_in_slice(r->t, lane, from, to, &cell);
    for (size_t i = 0; i < n; i++)
        if (all[i].innermost != TRACE_NONE)
            took[trace_event(r->t, all[i].innermost)->cat] += overlap(&all[i], from, to);
    int cat = TRACE_CATS;
    for (int c = TRACE_CATS - 1; c >= 0; c--)
        if (took[c] > 0 && (cat == TRACE_CATS || took[c] >= took[cat]))
            cat = c;
    cell.busy = cat < TRACE_CATS;
    for (size_t i = 0; cell.busy && i < n; i++) {
        const int64_t length = overlap(&all[i], from, to);
        if (all[i].innermost == TRACE_NONE || length <= most ||
            trace_event(r->t, all[i].innermost)->cat != cat)
            continue;
        most = length;
        show(r->t, all[i].innermost, &cell);
    }
    return cell;
}

static inline void check_cells_of(const struct replay *r, unsigned lane, int64_t from, int64_t to,
                                  size_t n)
{
    struct stretch *all = x_array(trace_count(r->t) + 1, sizeof(*all));
    struct trace_cell *cells = x_array(n, sizeof(*cells));
    const size_t n_stretches = stretches_of(r, lane, all);

    trace_cells(r->t, lane, from, to, n, cells);
    for (size_t i = 0; i < n; i++) {
        const __int128 width = (__int128)to - from;
        const int64_t lo = (int64_t)(from + width * (__int128)i / (__int128)n);
        const int64_t hi = (int64_t)(from + width * (__int128)(i + 1) / (__int128)n);
        const struct trace_cell want = plain_cell(r, lane, all, n_stretches, lo, hi);
        MUST(cells[i].busy == want.busy && cells[i].begins == want.begins);
        MUST(cells[i].changes == want.changes && cells[i].notes == want.notes);
        MUST(cells[i].cat == want.cat && cells[i].name == want.name);
    }
    free(cells);
    free(all);
}

static inline void check_cells(const struct replay *r, struct dice *d)
{
    const struct trace *t = r->t;
    const size_t n = trace_count(t);
    const int64_t end = trace_end_ns(t);

    if (r->n_lanes == 0)
        return;
    for (int k = 0; k < 8; k++) {
        const unsigned lane = (unsigned)roll(d, r->n_lanes);
        const size_t slices = 1 + roll(d, 12);
        const int64_t a = n > 0 ? trace_event(t, roll(d, n))->ts_ns : 0;
        const int64_t b = n > 0 ? trace_event(t, roll(d, n))->ts_ns + (int64_t)roll(d, 2) : 9;
        check_cells_of(r, lane, a < b ? a : b, a < b ? b : a, slices);
        check_cells_of(r, lane, 0, end + (int64_t)roll(d, 3), slices);
    }
    check_cells_of(r, 0, -5, INT64_MAX, 3);
    check_cells_of(r, 0, INT64_MAX, INT64_MAX, 2);
}

/* ---- arrows ---- */

static inline void check_arrow(const struct trace *t, size_t k)
{
    const struct trace_arrow a = trace_arrow(t, k);

    MUST(trace_event(t, a.send)->kind == TRACE_SEND && trace_arrow_of(t, a.send) == k);
    MUST(a.send_ns == trace_event(t, a.send)->ts_ns && a.from == trace_event(t, a.send)->lane);
    MUST(a.name == trace_event(t, a.send)->name);
    MUST(trace_arrows_sent(t, a.send) == k + 1);
    if (a.recv == TRACE_NONE) {
        MUST(a.recv_ns == INT64_MAX && a.to == a.from);
        return;
    }
    MUST(a.recv > a.send && trace_event(t, a.recv)->kind == TRACE_RECV);
    MUST(trace_arrow_of(t, a.recv) == k && a.to == trace_event(t, a.recv)->lane);
    MUST(a.recv_ns == trace_event(t, a.recv)->ts_ns);
    MUST(strcmp(trace_event_text(t, a.recv), trace_event_text(t, a.send)) == 0);
}

static inline void check_arrows_in(const struct trace *t, int64_t from, int64_t to, size_t max)
{
    size_t *out = x_array(max + 1, sizeof(*out));
    size_t touching = 0;
    bool more = false;
    const size_t n = trace_arrows_in(t, from, to, out, max, &more);

    for (size_t k = 0; k < trace_arrows(t); k++) {
        const struct trace_arrow a = trace_arrow(t, k);
        touching += (a.send_ns >= from && a.send_ns < to) || (a.recv_ns >= from && a.recv_ns < to);
    }
    MUST(n == size_min(touching, max) && more == (touching > max));
    for (size_t i = 0; i < n; i++) {
        const struct trace_arrow a = trace_arrow(t, out[i]);
        MUST(i == 0 || out[i] > out[i - 1]);
        MUST((a.send_ns >= from && a.send_ns < to) || (a.recv_ns >= from && a.recv_ns < to));
    }
    free(out);
}

static inline void check_arrows(const struct trace *t, struct dice *d)
{
    const size_t n = trace_count(t);
    size_t sent = 0, unsent = 0;

    for (size_t i = 0; i < n; i++) {
        const struct trace_event *e = trace_event(t, i);
        sent += e->kind == TRACE_SEND;
        MUST(trace_arrows_sent(t, i) == sent);
        if (e->kind != TRACE_SEND && e->kind != TRACE_RECV)
            MUST(trace_arrow_of(t, i) == TRACE_NONE);
        if (e->kind == TRACE_RECV && trace_arrow_of(t, i) == TRACE_NONE)
            unsent++;
        else if (e->kind == TRACE_RECV)
            MUST(trace_arrow(t, trace_arrow_of(t, i)).recv == i);
    }
    MUST(trace_arrows(t) == sent && trace_arrows_sent(t, TRACE_NONE) == 0);
    MUST(unsent <= trace_health(t)->unbalanced);
    for (size_t k = 0; k < sent; k++)
        check_arrow(t, k);
    for (int k = 0; k < 10 && n > 0; k++) {
        const int64_t from = trace_event(t, roll(d, n))->ts_ns;
        const int64_t to = trace_event(t, roll(d, n))->ts_ns + (int64_t)roll(d, 2);
        check_arrows_in(t, from, to, roll(d, 8));
        check_arrows_in(t, 0, INT64_MAX, n);
    }
}

/* ---- plots, counters, snapshots ---- */

static inline void check_series(const struct trace *t, size_t plot, size_t series, struct dice *d,
                                struct trace_bounds *b)
{
    size_t n, some;
    const struct trace_point *all = trace_points(t, plot, series, SIZE_MAX - 1, &n);

    for (size_t i = 0; i < n; i++) {
        MUST(trace_event(t, all[i].event)->kind == TRACE_POINT);
        MUST(trace_event(t, all[i].event)->name == trace_plot_name(t, plot));
        MUST(i == 0 || all[i].event > all[i - 1].event);
        MUST(isfinite(all[i].x) && isfinite(all[i].y));
        b->x_min = fmin(b->x_min, all[i].x);
        b->x_max = fmax(b->x_max, all[i].x);
        b->y_min = fmin(b->y_min, all[i].y);
        b->y_max = fmax(b->y_max, all[i].y);
        trace_points(t, plot, series, all[i].event, &some);
        MUST(some == i + 1);
    }
    trace_points(t, plot, series, TRACE_NONE, &some);
    MUST(some == 0);
    if (n > 0) {
        const size_t at = roll(d, trace_count(t));
        trace_points(t, plot, series, at, &some);
        MUST(some == 0 || all[some - 1].event <= at);
        MUST(some == n || all[some].event > at);
    }
}

static inline void check_plots(const struct trace *t, struct dice *d)
{
    MUST(trace_plots(t) <= 16);
    for (size_t p = 0; p < trace_plots(t); p++) {
        struct trace_bounds b = {HUGE_VAL, -HUGE_VAL, HUGE_VAL, -HUGE_VAL};
        MUST(trace_series(t, p) <= 16);
        for (size_t s = 0; s < trace_series(t, p); s++)
            check_series(t, p, s, d, &b);
        const struct trace_bounds got = trace_plot_bounds(t, p);
        if (b.x_min <= b.x_max)
            MUST(got.x_min == b.x_min && got.x_max == b.x_max && got.y_min == b.y_min &&
                 got.y_max == b.y_max);
        else
            MUST(got.x_min == 0 && got.x_max == 0 && got.y_min == 0 && got.y_max == 0);
    }
}

/* A counter changes with its events and nowhere else. */
static inline void check_counters(const struct trace *t)
{
    MUST(trace_counters(t) <= 64);
    for (size_t c = 0; c < trace_counters(t); c++) {
        double value = 0;
        MUST(trace_counter_at(t, c, TRACE_NONE) == 0);
        for (size_t i = 0; i < trace_count(t); i++) {
            const struct trace_event *e = trace_event(t, i);
            const double now = trace_counter_at(t, c, i);
            MUST(isfinite(now));
            if (e->kind == TRACE_COUNT && e->name == trace_counter_name(t, c))
                value = now;
            MUST(now == value);
        }
    }
}

static inline void check_harmless(const char *words, bool keep_newlines)
{
    struct buf again = {0};

    utf8_clean(&again, words, strlen(words), keep_newlines);
    MUST(strcmp(buf_text(&again), words) == 0);
    buf_release(&again);
}

static inline void check_graph(const struct trace_graph *g)
{
    check_harmless(g->name, false);
    for (size_t i = 0; i < g->n_nodes; i++) {
        check_harmless(g->nodes[i].id, false);
        check_harmless(g->nodes[i].label, false);
        for (size_t k = 0; k < g->nodes[i].n_fields; k++) {
            check_harmless(g->nodes[i].fields[k].key, false);
            check_harmless(g->nodes[i].fields[k].value, false);
        }
    }
    for (size_t i = 0; i < g->n_edges; i++) {
        MUST(g->edges[i].from < g->n_nodes && g->edges[i].to < g->n_nodes);
        check_harmless(g->edges[i].label, false);
    }
    for (size_t i = 0; i < g->n_lists; i++) {
        check_harmless(g->lists[i].name, false);
        for (size_t k = 0; k < g->lists[i].n; k++)
            MUST(g->lists[i].nodes[k] < g->n_nodes);
    }
}

static inline void check_snapshots(struct trace *t)
{
    size_t seen = 0;

    MUST(trace_snapshot_at(t, TRACE_NONE) == TRACE_NONE);
    for (size_t i = 0; i < trace_count(t); i++) {
        seen += trace_event(t, i)->kind == TRACE_SNAPSHOT;
        MUST(trace_snapshot_at(t, i) == (seen > 0 ? seen - 1 : TRACE_NONE));
    }
    MUST(trace_snapshots(t) == seen);
    for (size_t k = 0; k < seen && k < 100; k++) {
        const struct trace_graph *g = trace_snapshot(t, k);
        MUST(trace_snapshot_at(t, g->event) == k);
        MUST(trace_event(t, g->event)->kind == TRACE_SNAPSHOT);
        check_graph(g);
        MUST(trace_snapshot(t, k) == g);
    }
}

static inline void check_words(const struct trace *t)
{
    check_harmless(trace_title(t), false);
    for (unsigned lane = 0; lane < trace_lanes(t); lane++)
        check_harmless(trace_lane_name(t, lane), false);
    for (size_t i = 0; i < trace_count(t); i++) {
        check_harmless(trace_word(t, trace_event(t, i)->name), false);
        check_harmless(trace_event_text(t, i), true);
    }
}

/* Everything; costs some times the square of the number of events. */
static inline void check_model(struct trace *t, uint64_t seed)
{
    struct dice d = {seed | 1};
    struct replay all;

    check_events(t);
    check_words(t);
    replay_all(&all, t);
    check_stacks(&all, &d);
    check_cells(&all, &d);
    replay_free(&all);
    check_at(t, &d);
    check_steps(t, &d);
    check_finding(t, &d);
    check_arrows(t, &d);
    check_plots(t, &d);
    check_counters(t);
    check_snapshots(t);
}

#endif
