/*
 * intake.c: from a line to the events that wait to be put in order; what is over a limit is left
 * out here, with its counterpart, and counted. See impl.h.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/impl.h"

static bool is_name(struct slice s, const char *name)
{
    return s.n == strlen(name) && memcmp(s.s, name, s.n) == 0;
}

static enum trace_cat cat_of(struct slice name)
{
    static const char *const names[TRACE_CATS] = {
        [TRACE_RUN] = "run",     [TRACE_READY] = "ready", [TRACE_BLOCK] = "block",
        [TRACE_SLEEP] = "sleep", [TRACE_CALL] = "call",   [TRACE_HOLD] = "hold",
    };

    for (int i = 0; i < TRACE_CATS; i++)
        if (is_name(name, names[i]))
            return (enum trace_cat)i;
    return TRACE_RUN;
}

/* ---- limits ---- */

static bool leave_out(struct trace *t)
{
    t->health.thinned++;
    return false;
}

/* Whether there is room for n more events. */
static bool admit(struct trace *t, size_t n)
{
    if (t->kept + t->reserved + n > TRACE_MAX_EVENTS)
        return leave_out(t);
    t->kept += n;
    return true;
}

/* A begin or a send is kept only with room for its counterpart. */
static bool admit_first(struct trace *t, struct pair *p)
{
    if (t->kept + t->reserved + 2 > TRACE_MAX_EVENTS) {
        p->dropped++;
        return leave_out(t);
    }
    t->kept++;
    t->reserved++;
    p->open++;
    return true;
}

/* Those that were left out are the newest: once there is no room there never is again. */
static bool admit_second(struct trace *t, struct pair *p)
{
    if (p->dropped > 0) {
        p->dropped--;
        return leave_out(t);
    }
    if (p->open == 0)
        return admit(t, 1);
    p->open--;
    t->reserved--;
    t->kept++;
    return true;
}

/* ---- events ---- */

static struct trace_event *add(struct trace *t, const struct line *l, enum trace_kind kind,
                               uint32_t lane)
{
    t->pending = make_room(t->pending, &t->cap_pending, t->n_pending + 1, sizeof(*t->pending));
    struct trace_event *e = &t->pending[t->n_pending++];
    *e = (struct trace_event){.ts_ns = l->ts_ns,
                              .kind = (uint8_t)kind,
                              .lane = (uint16_t)lane,
                              .ref = NONE,
                              .link = NONE};
    return e;
}

static void add_begin(struct trace *t, const struct line *l, uint32_t lane)
{
    struct trace_event *e = add(t, l, TRACE_BEGIN, lane);

    e->name = keep_word(t, l->name);
    e->cat = (uint8_t)cat_of(l->cat);
}

static void take_begin(struct trace *t, const struct line *l, uint32_t lane)
{
    if (admit_first(t, &t->lanes[lane].spans))
        add_begin(t, l, lane);
}

static void take_end(struct trace *t, const struct line *l, uint32_t lane)
{
    if (admit_second(t, &t->lanes[lane].spans))
        add(t, l, TRACE_END, lane);
}

static void take_complete(struct trace *t, const struct line *l, uint32_t lane)
{
    struct line end = *l;

    if (!admit(t, 2))
        return;
    t->durations =
        make_room(t->durations, &t->cap_durations, t->n_durations + 1, sizeof(*t->durations));
    t->durations[t->n_durations] = l->dur_ns;
    end.ts_ns += l->dur_ns;
    add_begin(t, l, lane);
    add(t, &end, TRACE_END, lane);
    t->pending[t->n_pending - 1].ref = t->pending[t->n_pending - 2].ref =
        (uint32_t)t->n_durations++;
}

static bool take_verdict(struct trace *t, const struct line *l, uint32_t lane)
{
    struct trace_verdict v;

    if (!verdict_read(l->name, l->args, &v))
        return false;
    char *text = xasprintf("%s: %s", trace_result_name(v.result), v.measured);
    if (!verdict_keep(t, &v))
        t->health.thinned++;
    if ((l->has & HAS_TS) && lane != NONE && admit(t, 1)) {
        struct trace_event *e = add(t, l, TRACE_VERDICT, lane);
        e->name = keep_word(t, l->name);
        e->ref = keep_text(t, (struct slice){text, strlen(text)});
    }
    free(text);
    return true;
}

static void take_note(struct trace *t, const struct line *l, uint32_t lane)
{
    if (!admit(t, 1))
        return;
    struct trace_event *e = add(t, l, TRACE_NOTE, lane);
    e->name = keep_word(t, l->name);
    e->ref = keep_text(t, l->arg);
}

static void take_send(struct trace *t, const struct line *l, uint32_t lane)
{
    uint32_t flow;
    struct flow *f = flow_of(t, l, &flow);

    if (!f) {
        leave_out(t);
    } else if (lane == NONE) {
        f->arrows.dropped++;
        leave_out(t);
    } else if (admit_first(t, &f->arrows)) {
        struct trace_event *e = add(t, l, TRACE_SEND, lane);
        e->name = keep_word(t, l->name);
        e->ref = flow;
        e->link = keep_text(t, l->arg);
    }
}

static void take_recv(struct trace *t, const struct line *l, uint32_t lane)
{
    uint32_t flow;
    struct flow *f = flow_of(t, l, &flow);

    if (!f || lane == NONE) {
        leave_out(t);
    } else if (admit_second(t, &f->arrows)) {
        struct trace_event *e = add(t, l, TRACE_RECV, lane);
        e->name = keep_word(t, l->name);
        e->ref = flow;
    }
}

/* Index of the item of this name among n, which is made if there is room; max if there is none. */
static size_t plot_of(struct trace *t, uint32_t name)
{
    size_t i = 0;

    while (i < t->n_plots && t->plots[i].name != name)
        i++;
    if (i == t->n_plots && i < MAX_PLOTS) {
        if (!t->plots)
            t->plots = x_array(MAX_PLOTS, sizeof(*t->plots));
        t->plots[t->n_plots++].name = name;
    }
    return i;
}

static size_t series_of(struct plot *p, uint32_t name)
{
    size_t i = 0;

    while (i < p->n && p->series[i].name != name)
        i++;
    if (i == p->n && i < MAX_SERIES)
        p->series[p->n++].name = name;
    return i;
}

static size_t counter_of(struct trace *t, uint32_t name)
{
    size_t i = 0;

    while (i < t->n_counters && t->counters[i].name != name)
        i++;
    if (i == t->n_counters && i < MAX_COUNTERS)
        t->counters[t->n_counters++].name = name;
    return i;
}

/* Index of the first of n values. */
static uint32_t add_values(struct trace *t, const double *values, size_t n)
{
    const size_t at = t->n_values;

    t->values = make_room(t->values, &t->cap_values, at + n, sizeof(*t->values));
    memcpy(t->values + at, values, n * sizeof(*values));
    t->n_values += n;
    return (uint32_t)at;
}

static void take_point(struct trace *t, const struct line *l, uint32_t lane, uint32_t name)
{
    const size_t plot = plot_of(t, name);
    const size_t series =
        plot < MAX_PLOTS ? series_of(&t->plots[plot], keep_word(t, l->arg)) : MAX_SERIES;

    if (series == MAX_SERIES) {
        leave_out(t);
        return;
    }
    if (!admit(t, 1))
        return;
    struct trace_event *e = add(t, l, TRACE_POINT, lane);
    e->name = name;
    e->cat = (uint8_t)(plot * MAX_SERIES + series);
    e->ref = add_values(t, (const double[]){l->x, l->y}, 2);
}

static void take_count(struct trace *t, const struct line *l, uint32_t lane)
{
    const uint32_t name = keep_word(t, l->name);
    if (l->has & HAS_POINT) {
        take_point(t, l, lane, name);
        return;
    }
    const size_t counter = counter_of(t, name);
    if (counter == MAX_COUNTERS) {
        leave_out(t);
        return;
    }
    if (!admit(t, 1))
        return;
    struct trace_event *e = add(t, l, TRACE_COUNT, lane);
    e->name = name;
    e->cat = (uint8_t)counter;
    e->ref = add_values(t, &l->x, 1);
}

/* The whole line is kept, and read again when the snapshot is asked for. */
static void take_snapshot(struct trace *t, const struct line *l, uint32_t lane)
{
    if (!admit(t, 1))
        return;
    const uint32_t text = strings_add(&t->texts, l->raw.s, l->raw.n);
    if (text == STRINGS_NONE) {
        t->kept--;
        leave_out(t);
        return;
    }
    struct trace_event *e = add(t, l, TRACE_SNAPSHOT, lane);
    e->name = keep_word(t, l->name);
    e->ref = text;
}

/* Names; what else programs say of themselves is of no use here. */
static bool take_meta(struct trace *t, const struct line *l)
{
    const bool of_thread = is_name(l->name, "thread_name");

    if (!of_thread && !is_name(l->name, "process_name"))
        return true;
    if (!l->arg.s)
        return false;
    if (!of_thread) {
        if (!key_of(t, l).is_other)
            t->title = keep_word(t, l->arg);
        return true;
    }
    const uint32_t lane = lane_of(t, l);
    if (lane == NONE)
        leave_out(t);
    else
        t->lanes[lane].name = keep_word(t, l->arg);
    return true;
}

/* ---- by phase ---- */

static const struct phase {
    char ph;
    bool laneless;      /* is told of events whose lane is over the limit */
    unsigned all, some; /* what the line must have: all of these, some of those */
    void (*take)(struct trace *t, const struct line *l, uint32_t lane);
} phases[] = {
    {'B', false, HAS_TS | HAS_NAME, HAS_NAME, take_begin},
    {'E', false, HAS_TS, HAS_TS, take_end},
    {'X', false, HAS_TS | HAS_DUR | HAS_NAME, HAS_NAME, take_complete},
    {'i', false, HAS_TS | HAS_NAME, HAS_NAME, take_note},
    {'s', true, HAS_TS | HAS_ID | HAS_NAME, HAS_NAME, take_send},
    {'f', true, HAS_TS | HAS_ID | HAS_NAME, HAS_NAME, take_recv},
    {'C', false, HAS_TS | HAS_NAME, HAS_POINT | HAS_VALUE, take_count},
    {'O', false, HAS_TS | HAS_NAME, HAS_SNAPSHOT, take_snapshot},
};

static bool take_event(struct trace *t, const struct line *l)
{
    for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
        const struct phase *p = &phases[i];
        if (p->ph != l->ph)
            continue;
        if ((l->has & p->all) != p->all || !(l->has & p->some))
            return false;
        const uint32_t lane = lane_of(t, l);
        if (lane != NONE || p->laneless)
            p->take(t, l, lane);
        else
            leave_out(t);
        return true;
    }
    return l->ph == 't'; /* a step of an arrow; there are no others here */
}

bool take_line(struct trace *t, const struct line *l)
{
    if (l->ph == 'M')
        return l->name.s && take_meta(t, l);
    if (l->ph == 'i' && is_name(l->cat, "verdict")) /* counts even if it cannot be an event */
        return take_verdict(t, l, l->has & HAS_TS ? lane_of(t, l) : NONE);
    return take_event(t, l);
}
