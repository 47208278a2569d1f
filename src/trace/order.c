/*
 * order.c: puts the events that wait into the order of time. See impl.h.
 *
 * Equal times keep the order of arrival, but for complete spans (X), whose lines programs write
 * when the span is over, an outer one after the inner ones: at one moment their ends stand first
 * and their begins last, the longer before the shorter, so that they nest.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/impl.h"

enum rank { RANK_END, RANK_ANY, RANK_BEGIN, RANK_MOMENT };

/* Of X its duration, else -1. */
static int64_t duration_of(const struct trace *t, const struct trace_event *e)
{
    const bool edge = e->kind == TRACE_BEGIN || e->kind == TRACE_END;

    return edge && e->ref != NONE ? t->durations[e->ref] : -1;
}

static enum rank rank_of(const struct trace_event *e, int64_t duration)
{
    if (duration <= 0)
        return duration < 0 ? RANK_ANY : RANK_MOMENT;
    return e->kind == TRACE_END ? RANK_END : RANK_BEGIN;
}

/* Whether a must stand before b, although it came later. */
static bool is_before(const struct trace *t, const struct trace_event *a,
                      const struct trace_event *b)
{
    if (a->ts_ns != b->ts_ns)
        return a->ts_ns < b->ts_ns;
    const int64_t long_a = duration_of(t, a);
    const int64_t long_b = duration_of(t, b);
    const enum rank rank_a = rank_of(a, long_a);
    const enum rank rank_b = rank_of(b, long_b);
    return rank_a != rank_b ? rank_a < rank_b : rank_a == RANK_BEGIN && long_a > long_b;
}

/* Where e belongs among the sorted events [lo, hi): behind those that stay before it. */
static size_t place_of(const struct trace *t, const struct trace_event *events, size_t lo,
                       size_t hi, const struct trace_event *e)
{
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (is_before(t, e, &events[mid]))
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

/* Merges a[from, mid) and a[mid, n), both sorted, stably. spare has room for mid - from. */
static void merge(const struct trace *t, struct trace_event *a, size_t from, size_t mid, size_t n,
                  struct trace_event *spare)
{
    const size_t n_spare = mid - from;
    size_t left = 0;
    size_t right = mid;

    memcpy(spare, a + from, n_spare * sizeof(*a));
    for (size_t to = from; left < n_spare; to++) {
        if (right < n && is_before(t, &a[right], &spare[left]))
            a[to] = a[right++];
        else
            a[to] = spare[left++];
    }
}

static void insertion_sort(const struct trace *t, struct trace_event *a, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const struct trace_event e = a[i];
        size_t to = i;
        for (; to > 0 && is_before(t, &e, &a[to - 1]); to--)
            a[to] = a[to - 1];
        a[to] = e;
    }
}

/* A merge sort that costs little where the order is right already. spare has room for n / 2. */
static void sort(const struct trace *t, struct trace_event *a, size_t n, struct trace_event *spare)
{
    enum { SHORT = 16 };
    const size_t mid = n / 2;

    if (n <= SHORT) {
        insertion_sort(t, a, n);
        return;
    }
    sort(t, a, mid, spare);
    sort(t, a + mid, n - mid, spare);
    const size_t from = place_of(t, a, 0, mid, &a[mid]);
    if (from < mid)
        merge(t, a, from, mid, n, spare);
}

static bool is_sorted(const struct trace *t, const struct trace_event *a, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (is_before(t, &a[i], &a[i - 1]))
            return false;
    return true;
}

static void sort_pending(struct trace *t)
{
    if (is_sorted(t, t->pending, t->n_pending))
        return;
    struct trace_event *spare = x_resize(NULL, t->n_pending / 2 + 1, sizeof(*spare));
    sort(t, t->pending, t->n_pending, spare);
    free(spare);
}

/* What belongs before the last LATENESS events gets the time of the one before them. */
static void hold_back_late(struct trace *t)
{
    if (t->n <= LATENESS)
        return;
    const struct trace_event *before = &t->events[t->n - LATENESS - 1];
    for (size_t i = 0; i < t->n_pending && is_before(t, &t->pending[i], before); i++) {
        t->health.late += t->pending[i].ts_ns < before->ts_ns;
        t->pending[i].ts_ns = before->ts_ns;
    }
}

/* Puts the sorted pending events behind the others and merges them from `from` on. */
static void merge_pending(struct trace *t, size_t from)
{
    const size_t n = t->n;

    if (n == 0) { /* as when a file is read: nothing to copy */
        free(t->events);
        t->events = t->pending;
        t->n = t->n_pending;
        t->cap = t->cap_pending;
        t->pending = NULL;
        t->n_pending = t->cap_pending = 0;
        return;
    }
    t->events = make_room(t->events, &t->cap, n + t->n_pending, sizeof(*t->events));
    memcpy(t->events + n, t->pending, t->n_pending * sizeof(*t->events));
    t->n += t->n_pending;
    t->n_pending = 0;
    if (from == n)
        return;
    struct trace_event *spare = x_resize(NULL, n - from, sizeof(*spare));
    merge(t, t->events, from, n, t->n, spare);
    free(spare);
}

void trace_settle(struct trace *t)
{
    if (t->n_pending == 0)
        return;
    sort_pending(t);
    hold_back_late(t);
    const size_t from = place_of(t, t->events, 0, t->n, &t->pending[0]);
    for (size_t i = t->n; i > from; i--)
        model_undo(t, (uint32_t)i - 1);
    merge_pending(t, from);
    for (size_t i = from; i < t->n; i++)
        model_apply(t, (uint32_t)i);
}
