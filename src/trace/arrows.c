/*
 * arrows.c: what the model answers about messages. See trace.h.
 */
#include <stdlib.h>

#include "trace/impl.h"

size_t trace_arrows(const struct trace *t)
{
    return t->kinds[TRACE_SEND].n;
}

struct trace_arrow trace_arrow(const struct trace *t, size_t k)
{
    if (k >= trace_arrows(t))
        BUG("arrow %zu of %zu", k, trace_arrows(t));
    const uint32_t send = t->kinds[TRACE_SEND].at[k];
    const uint32_t recv = t->arrows[k].recv;
    const struct trace_event *from = &t->events[send];
    const struct trace_event *to = recv == NONE ? from : &t->events[recv];
    return (struct trace_arrow){
        .send_ns = from->ts_ns,
        .recv_ns = recv == NONE ? INT64_MAX : to->ts_ns,
        .send = send,
        .recv = recv == NONE ? TRACE_NONE : recv,
        .from = from->lane,
        .to = to->lane,
        .name = from->name,
    };
}

size_t trace_arrow_of(const struct trace *t, size_t event)
{
    const struct trace_event *e = trace_event(t, event);

    if (e->kind == TRACE_SEND)
        return list_below(&t->kinds[TRACE_SEND], (uint32_t)event);
    return e->kind == TRACE_RECV && e->link != NONE ? e->link : TRACE_NONE;
}

size_t trace_arrows_sent(const struct trace *t, size_t at)
{
    return list_below(&t->kinds[TRACE_SEND], happened(t, at));
}

static int compare_sizes(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a;
    const size_t y = *(const size_t *)b;

    return (x > y) - (x < y);
}

size_t trace_arrows_in(const struct trace *t, int64_t from_ns, int64_t to_ns, size_t *out,
                       size_t max, bool *more)
{
    const struct list *sends = &t->kinds[TRACE_SEND];
    const uint32_t from = events_before(t, from_ns);
    const uint32_t to = events_before(t, to_ns);
    const uint32_t first_sent = list_below(sends, from);
    const uint32_t end_sent = list_below(sends, to);
    const uint32_t first = list_below(&t->arrived, from);
    const uint32_t end = list_below_near(&t->arrived, to > from ? to : from, first);
    size_t n = 0;

    /* Each that arrives is one of the answer, sent before or within: max are enough to look at. */
    *more = end - first > max;
    for (uint32_t k = first; k < end && k - first < max; k++) {
        const uint32_t arrow = t->events[t->arrived.at[k]].link;
        if (arrow < first_sent)
            out[n++] = arrow;
    }
    if (n > 1)
        qsort(out, n, sizeof(*out), compare_sizes);
    for (uint32_t arrow = first_sent; arrow < end_sent; arrow++) {
        if (n == max) {
            *more = true;
            break;
        }
        out[n++] = arrow;
    }
    return n;
}
