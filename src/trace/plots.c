/*
 * plots.c: what the model answers about plots, counters, and which snapshot holds. See trace.h.
 */
#include "trace/impl.h"

size_t trace_plots(const struct trace *t)
{
    return t->n_plots;
}

static const struct plot *plot_at(const struct trace *t, size_t plot)
{
    if (plot >= t->n_plots)
        BUG("plot %zu of %zu", plot, t->n_plots);
    return &t->plots[plot];
}

uint32_t trace_plot_name(const struct trace *t, size_t plot)
{
    return plot_at(t, plot)->name;
}

size_t trace_series(const struct trace *t, size_t plot)
{
    return plot_at(t, plot)->n;
}

static const struct series *series_at(const struct trace *t, size_t plot, size_t series)
{
    const struct plot *p = plot_at(t, plot);

    if (series >= p->n)
        BUG("series %zu of %zu", series, p->n);
    return &p->series[series];
}

uint32_t trace_series_name(const struct trace *t, size_t plot, size_t series)
{
    return series_at(t, plot, series)->name;
}

const struct trace_point *trace_points(const struct trace *t, size_t plot, size_t series, size_t at,
                                       size_t *n)
{
    const struct series *s = series_at(t, plot, series);
    const uint32_t now = happened(t, at);
    size_t lo = 0;
    size_t hi = s->n;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (s->points[mid].event < now)
            lo = mid + 1;
        else
            hi = mid;
    }
    *n = lo;
    return s->points;
}

struct trace_bounds trace_plot_bounds(const struct trace *t, size_t plot)
{
    return plot_at(t, plot)->bounds;
}

size_t trace_counters(const struct trace *t)
{
    return t->n_counters;
}

static const struct counter *counter_at(const struct trace *t, size_t counter)
{
    if (counter >= t->n_counters)
        BUG("counter %zu of %zu", counter, t->n_counters);
    return &t->counters[counter];
}

uint32_t trace_counter_name(const struct trace *t, size_t counter)
{
    return counter_at(t, counter)->name;
}

double trace_counter_at(const struct trace *t, size_t counter, size_t at)
{
    const struct list *events = &counter_at(t, counter)->events;
    const uint32_t n = list_below(events, happened(t, at));

    return n > 0 ? t->values[t->events[events->at[n - 1]].ref] : 0;
}

/* ---- snapshots ---- */

size_t trace_snapshots(const struct trace *t)
{
    return t->kinds[TRACE_SNAPSHOT].n;
}

size_t trace_snapshot_at(const struct trace *t, size_t at)
{
    const uint32_t n = list_below(&t->kinds[TRACE_SNAPSHOT], happened(t, at));

    return n > 0 ? n - 1 : TRACE_NONE;
}
