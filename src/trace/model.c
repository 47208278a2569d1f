/*
 * model.c: what one event more, or one less, means for the indexes: spans, arrows, series,
 * counters, lists by kind, lane and name. Undo is apply backwards, step by step; it is only ever
 * asked of the last event. See impl.h.
 */
#include <math.h>
#include <string.h>

#include "trace/impl.h"

/* ---- spans ---- */

static bool is_deep(const struct trace *t, uint32_t span)
{
    return t->depths[span] >= TRACE_MAX_DEPTH;
}

uint32_t model_outer(const struct trace *t, uint32_t span)
{
    const uint32_t parent = t->spans[span].parent;

    return is_deep(t, span) ? t->deep[parent].shown : parent;
}

uint32_t model_innermost(const struct trace *t, const struct trace_event *edge)
{
    if (edge->link == NONE)
        return NONE;
    if (edge->kind == TRACE_BEGIN && !is_deep(t, edge->link))
        return edge->link;
    return model_outer(t, edge->link);
}

static void apply_begin(struct trace *t, struct trace_event *e)
{
    struct lane *lane = &t->lanes[e->lane];
    const uint32_t span = t->kinds[TRACE_BEGIN].n - 1;

    t->spans = make_room(t->spans, &t->cap_spans, (size_t)span + 1, sizeof(*t->spans));
    t->depths = make_room(t->depths, &t->cap_depths, (size_t)span + 1, sizeof(*t->depths));
    t->spans[span] = (struct span){.end = NONE, .parent = lane->top};
    t->depths[span] = (uint8_t)(lane->depth < TRACE_MAX_DEPTH ? lane->depth : TRACE_MAX_DEPTH);
    if (is_deep(t, span)) {
        const uint32_t top = lane->top;
        t->deep = make_room(t->deep, &t->cap_deep, t->n_deep + 1, sizeof(*t->deep));
        t->spans[span].parent = (uint32_t)t->n_deep;
        t->deep[t->n_deep++] =
            (struct deep){.parent = top, .shown = is_deep(t, top) ? model_outer(t, top) : top};
        t->health.thinned++;
    }
    e->link = span;
    lane->top = span;
    lane->depth++;
}

/* The one around it, shown or not. */
static uint32_t parent_of(const struct trace *t, uint32_t span)
{
    const uint32_t parent = t->spans[span].parent;

    return is_deep(t, span) ? t->deep[parent].parent : parent;
}

static void undo_begin(struct trace *t, struct trace_event *e)
{
    struct lane *lane = &t->lanes[e->lane];

    lane->depth--;
    lane->top = parent_of(t, e->link);
    if (is_deep(t, e->link)) {
        t->n_deep--;
        t->health.thinned--;
    }
    e->link = NONE;
}

static void apply_end(struct trace *t, struct trace_event *e, uint32_t i)
{
    struct lane *lane = &t->lanes[e->lane];
    const uint32_t span = lane->top;

    if (span == NONE) {
        t->health.unbalanced++;
        return;
    }
    e->link = span;
    e->name = begin_of(t, span)->name;
    e->cat = begin_of(t, span)->cat;
    t->spans[span].end = i;
    t->health.thinned += is_deep(t, span);
    lane->top = parent_of(t, span);
    lane->depth--;
}

static void undo_end(struct trace *t, struct trace_event *e)
{
    struct lane *lane = &t->lanes[e->lane];

    if (e->link == NONE) {
        t->health.unbalanced--;
        return;
    }
    t->spans[e->link].end = NONE;
    t->health.thinned -= is_deep(t, e->link);
    lane->top = e->link;
    lane->depth++;
    e->link = NONE;
    e->name = WORD_EMPTY;
    e->cat = 0;
}

/* ---- arrows ---- */

static void apply_send(struct trace *t, const struct trace_event *e)
{
    struct flow *flow = &t->flows[e->ref];
    const uint32_t arrow = t->kinds[TRACE_SEND].n - 1;

    t->arrows = make_room(t->arrows, &t->cap_arrows, (size_t)arrow + 1, sizeof(*t->arrows));
    t->arrows[arrow] = (struct arrow){.recv = NONE, .below = flow->newest};
    flow->newest = arrow;
}

static void undo_send(struct trace *t, const struct trace_event *e)
{
    t->flows[e->ref].newest = t->arrows[t->kinds[TRACE_SEND].n - 1].below;
}

/* It is the newest of its id that has not arrived. */
static void apply_recv(struct trace *t, struct trace_event *e, uint32_t i)
{
    struct flow *flow = &t->flows[e->ref];

    if (flow->newest == NONE) {
        t->health.unbalanced++;
        return;
    }
    e->link = flow->newest;
    t->arrows[e->link].recv = i;
    list_push(&t->arrived, i);
    flow->newest = t->arrows[e->link].below;
}

static void undo_recv(struct trace *t, struct trace_event *e)
{
    if (e->link == NONE) {
        t->health.unbalanced--;
        return;
    }
    list_pop(&t->arrived);
    t->arrows[e->link].recv = NONE;
    t->flows[e->ref].newest = e->link;
    e->link = NONE;
}

/* ---- points ---- */

static struct series *series_of(struct trace *t, const struct trace_event *e)
{
    return &t->plots[e->cat / MAX_SERIES].series[e->cat % MAX_SERIES];
}

static void widen(struct plot *plot, double x, double y)
{
    struct trace_bounds *b = &plot->bounds;

    if (!plot->drawn)
        *b = (struct trace_bounds){x, x, y, y};
    plot->drawn = true;
    b->x_min = fmin(b->x_min, x);
    b->x_max = fmax(b->x_max, x);
    b->y_min = fmin(b->y_min, y);
    b->y_max = fmax(b->y_max, y);
}

static void apply_point(struct trace *t, const struct trace_event *e, uint32_t i)
{
    struct series *s = series_of(t, e);
    const double x = t->values[e->ref];
    const double y = t->values[e->ref + 1];

    s->points = make_room(s->points, &s->cap, s->n + 1, sizeof(*s->points));
    s->points[s->n++] = (struct trace_point){.event = i, .x = x, .y = y};
    widen(&t->plots[e->cat / MAX_SERIES], x, y);
}

/* ---- lists ---- */

/* Of events with one kind and name. */
static struct list *named_list(struct trace *t, const struct trace_event *e)
{
    if (e->name >= t->n_named_at) {
        const size_t n =
            size_min(size_max((size_t)e->name + 1, 2 * t->n_named_at), TRACE_MAX_WORDS);
        t->named_at = x_resize(t->named_at, n, sizeof(*t->named_at));
        memset(t->named_at + t->n_named_at, 0, (n - t->n_named_at) * sizeof(*t->named_at));
        t->n_named_at = n;
    }
    uint32_t *at = &t->named_at[e->name][e->kind];
    if (*at == 0) {
        t->named = make_room(t->named, &t->cap_named, t->n_named + 1, sizeof(*t->named));
        t->named[t->n_named++] = (struct list){0};
        *at = (uint32_t)t->n_named;
    }
    return &t->named[*at - 1];
}

static struct list *lane_list(struct lane *lane, enum trace_kind kind)
{
    if (kind == TRACE_BEGIN || kind == TRACE_END)
        return &lane->edges;
    return kind == TRACE_NOTE || kind == TRACE_VERDICT ? &lane->notes : &lane->rest;
}

static void apply_kind(struct trace *t, struct trace_event *e, uint32_t i)
{
    switch ((enum trace_kind)e->kind) {
    case TRACE_BEGIN:
        apply_begin(t, e);
        break;
    case TRACE_END:
        apply_end(t, e, i);
        break;
    case TRACE_SEND:
        apply_send(t, e);
        break;
    case TRACE_RECV:
        apply_recv(t, e, i);
        break;
    case TRACE_POINT:
        apply_point(t, e, i);
        break;
    case TRACE_COUNT:
        list_push(&t->counters[e->cat].events, i);
        break;
    default:
        break;
    }
}

void model_apply(struct trace *t, uint32_t i)
{
    struct trace_event *e = &t->events[i];
    struct lane *lane = &t->lanes[e->lane];
    struct list *in_lane = lane_list(lane, (enum trace_kind)e->kind);

    lane->kinds |= 1U << e->kind;
    list_push(&t->kinds[e->kind], i);
    apply_kind(t, e, i);
    list_push(named_list(t, e), i);
    list_push(in_lane, i);
    if (in_lane == &lane->edges)
        cells_push(t, lane);
}

static void undo_kind(struct trace *t, struct trace_event *e)
{
    switch ((enum trace_kind)e->kind) {
    case TRACE_BEGIN:
        undo_begin(t, e);
        break;
    case TRACE_END:
        undo_end(t, e);
        break;
    case TRACE_SEND:
        undo_send(t, e);
        break;
    case TRACE_RECV:
        undo_recv(t, e);
        break;
    case TRACE_POINT:
        series_of(t, e)->n--;
        break;
    case TRACE_COUNT:
        list_pop(&t->counters[e->cat].events);
        break;
    default:
        break;
    }
}

void model_undo(struct trace *t, uint32_t i)
{
    struct trace_event *e = &t->events[i];
    struct lane *lane = &t->lanes[e->lane];
    struct list *in_lane = lane_list(lane, (enum trace_kind)e->kind);

    if (in_lane == &lane->edges)
        cells_pop(lane);
    list_pop(in_lane);
    list_pop(named_list(t, e));
    undo_kind(t, e);
    list_pop(&t->kinds[e->kind]);
}
