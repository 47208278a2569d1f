/*
 * query.c: what the model answers about lanes, events, steps and stacks. A moment is turned into
 * the number of events that have happened; then it is a search in a sorted list. See trace.h.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/impl.h"

uint32_t happened(const struct trace *t, size_t at)
{
    return at == TRACE_NONE ? 0 : (uint32_t)size_min(at + 1, t->n);
}

const char *trace_title(const struct trace *t)
{
    return trace_word(t, t->title);
}

size_t trace_lanes(const struct trace *t)
{
    return t->n_lanes;
}

const char *trace_lane_name(const struct trace *t, unsigned lane)
{
    return lane < t->n_lanes ? trace_word(t, t->lanes[lane].name) : "";
}

unsigned trace_lane_kinds(const struct trace *t, unsigned lane)
{
    return lane < t->n_lanes ? t->lanes[lane].kinds : 0;
}

size_t trace_count(const struct trace *t)
{
    return t->n;
}

const struct trace_event *trace_event(const struct trace *t, size_t i)
{
    if (i >= t->n)
        BUG("event %zu of %zu", i, t->n);
    return &t->events[i];
}

const char *trace_word(const struct trace *t, uint32_t name)
{
    return name < t->words.n ? strings_get(&t->words, name) : "";
}

const char *trace_event_text(const struct trace *t, size_t i)
{
    const struct trace_event *e = trace_event(t, i);

    switch ((enum trace_kind)e->kind) {
    case TRACE_NOTE:
    case TRACE_VERDICT:
        return strings_get(&t->texts, e->ref);
    case TRACE_SEND:
        return strings_get(&t->texts, e->link);
    case TRACE_RECV:
        return e->link == NONE ? "" : trace_event_text(t, t->kinds[TRACE_SEND].at[e->link]);
    default:
        return "";
    }
}

size_t trace_event_values(const struct trace *t, size_t i, double values[2])
{
    const struct trace_event *e = trace_event(t, i);
    const size_t n = e->kind == TRACE_COUNT ? 1 : e->kind == TRACE_POINT ? 2 : 0;

    for (size_t k = 0; k < n; k++)
        values[k] = t->values[e->ref + k];
    return n;
}

int64_t trace_end_ns(const struct trace *t)
{
    return t->n > 0 ? t->events[t->n - 1].ts_ns : 0;
}

/* Of those in [lo, hi). */
static uint32_t bisect(const struct trace *t, int64_t ts_ns, size_t lo, size_t hi)
{
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (t->events[mid].ts_ns < ts_ns)
            lo = mid + 1;
        else
            hi = mid;
    }
    return (uint32_t)lo;
}

uint32_t events_before(const struct trace *t, int64_t ts_ns)
{
    return bisect(t, ts_ns, 0, t->n);
}

uint32_t events_before_near(const struct trace *t, int64_t ts_ns, uint32_t hint)
{
    size_t lo = size_min(hint, t->n);
    size_t hi = lo;

    for (size_t step = 1; hi < t->n && t->events[hi].ts_ns < ts_ns; step *= 2) {
        lo = hi + 1;
        hi = size_min(hi + step, t->n);
    }
    for (size_t step = 1; lo > 0 && t->events[lo - 1].ts_ns >= ts_ns; step *= 2) {
        hi = lo - 1;
        lo -= size_min(step, lo);
    }
    return bisect(t, ts_ns, lo, hi);
}

size_t trace_at(const struct trace *t, int64_t ts_ns)
{
    const size_t n = ts_ns < INT64_MAX ? events_before(t, ts_ns + 1) : t->n;

    return n > 0 ? n - 1 : TRACE_NONE;
}

/* ---- steps ---- */

/* The nearer of two events in the direction of the step; NONE is no event. */
static uint32_t nearer(uint32_t a, uint32_t b, int step)
{
    if (a == NONE || b == NONE)
        return a == NONE ? b : a;
    return (step > 0) == (a < b) ? a : b;
}

/* The first of the list from `first` on, or the last before it, that is of one of the kinds. */
static uint32_t step_in(const struct trace *t, const struct list *l, uint32_t first, int step,
                        unsigned kinds)
{
    uint32_t k = list_below(l, first);

    if (step < 0)
        k--; /* 0: to the largest number, which is in no list */
    for (; k<l->n; k += step> 0 ? 1 : UINT32_MAX)
        if (kinds & 1U << t->events[l->at[k]].kind)
            return l->at[k];
    return NONE;
}

size_t trace_step(const struct trace *t, size_t at, int step, unsigned kinds, int lane)
{
    /* Forward from the first event not happened; back from those before the last happened. */
    const uint32_t now = happened(t, at);
    const uint32_t first = step > 0 || now == 0 ? now : now - 1;
    uint32_t best = NONE;

    if (lane >= 0 && (size_t)lane < t->n_lanes) {
        const struct lane *l = &t->lanes[lane];
        best = nearer(step_in(t, &l->edges, first, step, kinds),
                      step_in(t, &l->notes, first, step, kinds), step);
        best = nearer(best, step_in(t, &l->rest, first, step, kinds), step);
    } else if (lane < 0) {
        for (unsigned k = 0; k < TRACE_KINDS; k++)
            if (kinds & 1U << k)
                best = nearer(best, step_in(t, &t->kinds[k], first, step, kinds), step);
    }
    return best == NONE ? TRACE_NONE : best;
}

/* Whether a word contains the words looked for, remembered in seen: 0 not known, 1 no, 2 yes. */
static bool word_matches(const struct trace *t, uint32_t word, const char *words, char *seen)
{
    if (!seen[word])
        seen[word] = strcasestr(trace_word(t, word), words) ? 2 : 1;
    return seen[word] == 2;
}

size_t trace_search(const struct trace *t, size_t at, int step, const char *words)
{
    const uint32_t now = happened(t, at);
    size_t i = step > 0 ? now : (size_t)now - 2; /* before the first: beyond the last */
    size_t found = TRACE_NONE;

    if (!words[0])
        return TRACE_NONE;
    char *seen = x_array(t->words.n, 1);
    for (; found == TRACE_NONE && i<t->n; i += step> 0 ? 1 : SIZE_MAX)
        if (word_matches(t, t->events[i].name, words, seen) ||
            strcasestr(trace_event_text(t, i), words))
            found = i;
    free(seen);
    return found;
}

size_t trace_find(const struct trace *t, enum trace_kind kind, const char *name, size_t nth)
{
    const uint32_t word = strings_find(&t->words, name, strlen(name));

    if (word == STRINGS_NONE || word >= t->n_named_at || t->named_at[word][kind] == 0)
        return TRACE_NONE;
    const struct list *l = &t->named[t->named_at[word][kind] - 1];
    return nth >= 1 && nth <= l->n ? l->at[nth - 1] : TRACE_NONE;
}

/* ---- spans ---- */

bool trace_ends_span(const struct trace *t, size_t event)
{
    const struct trace_event *e = trace_event(t, event);

    return e->kind == TRACE_END && e->link != NONE;
}

static struct trace_span span_at(const struct trace *t, uint32_t k)
{
    const uint32_t begin = t->kinds[TRACE_BEGIN].at[k];
    const uint32_t end = t->spans[k].end;

    return (struct trace_span){
        .begin_ns = t->events[begin].ts_ns,
        .end_ns = end == NONE ? INT64_MAX : t->events[end].ts_ns,
        .begin = begin,
        .end = end == NONE ? TRACE_NONE : end,
        .name = t->events[begin].name,
        .cat = (enum trace_cat)t->events[begin].cat,
        .depth = t->depths[k],
    };
}

size_t trace_stack(const struct trace *t, unsigned lane, size_t at, struct trace_span *out,
                   size_t max)
{
    if (lane >= t->n_lanes)
        return 0;
    const struct list *edges = &t->lanes[lane].edges;
    const uint32_t n = list_below(edges, happened(t, at));
    uint32_t span = n > 0 ? model_innermost(t, &t->events[edges->at[n - 1]]) : NONE;
    const size_t open = span == NONE ? 0 : (size_t)t->depths[span] + 1;
    for (size_t depth = open; depth > 0; depth--) {
        if (depth <= max)
            out[depth - 1] = span_at(t, span);
        span = model_outer(t, span);
    }
    return open;
}
