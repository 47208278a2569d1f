/*
 * trace.h: a run as its demo reports it (Chrome Trace Event Format, one JSON object a line), and
 * the questions the pictures ask of it.
 *
 * A trace is data from a program that may be broken or hostile: it is bounded, every string is
 * made harmless (utf8_clean), and what cannot be read is counted and passed over. Verdicts are
 * there as soon as their line is read; everything else after the next trace_settle, which puts the
 * events in order of time. Queries never look at more than the answer's size times the logarithm of
 * the trace's length, save where said.
 *
 * A moment is an event's index: the state there is that after the event. Index and pointers hold
 * until the next trace_settle; TRACE_NONE is no event, the moment before the first one.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"

#define TRACE_NONE SIZE_MAX

enum {
    TRACE_MAX_EVENTS = 1 << 20, /* kept, with room for the end of every begin and the receive of
                                 * every send; later ones are thinned, and counted */
    TRACE_MAX_LANES = 1024,     /* events of further ones are thinned as well */
    TRACE_MAX_TEXT = 4000,      /* bytes of a note's or a message's text */
    TRACE_MAX_TEXTS = 32 << 20, /* of all of them and of snapshots; then texts are "" */
    TRACE_MAX_WORD = 300,       /* bytes of any other string */
    TRACE_MAX_WORDS = 1 << 16,  /* different ones; any further one reads "..." */
    TRACE_MAX_DEPTH = 64,       /* of nested spans; deeper ones are events, but in no stack */
};

struct trace;

struct trace *trace_new(void);
void trace_free(struct trace *t); /* NULL is fine */

/* Takes any bytes; lines may come in pieces. A line may be one of a JSON array as `demo run
 * --trace` writes it: "[", "]" and a comma at the end are passed over. */
void trace_feed(struct trace *t, const char *bytes, size_t n);

/* Brings order into what has been fed since the last call. Cheap when nothing has. */
void trace_settle(struct trace *t);

/* Reads a file that `demo run --trace` has written, and settles. NULL, with the reason, if it
 * cannot be read or holds no event at all. */
struct trace *trace_load(const char *path, struct err *e);

/* ---- verdicts ---- */

enum trace_result { TRACE_FAIL, TRACE_PASS, TRACE_INCONCLUSIVE };

struct trace_verdict {
    char *claim;
    enum trace_result result;
    char *measured; /* as shown: "1.02", "yes", "12 ms" */
    bool is_number;
    double number; /* when is_number */
    char *rule;
};

/* In order of arrival; a later verdict on the same claim replaces the earlier. Borrowed. */
const struct trace_verdict *trace_verdicts(const struct trace *t, size_t *n);
const struct trace_verdict *trace_verdict(const struct trace *t, const char *claim);

/* "pass", "fail", "inconclusive". */
const char *trace_result_name(enum trace_result r);

/* ---- what was read ---- */

struct trace_health {
    size_t events;     /* lines read as an event */
    size_t bad_lines;  /* no JSON object, no known phase, a field missing or of the wrong type */
    size_t unbalanced; /* ends without a begin, arrows received that nobody sent */
    size_t thinned;    /* sound, but over a limit above: left out, or cut */
    size_t late; /* came after 65536 later ones were settled: stand later than they happened */
};

const struct trace_health *trace_health(const struct trace *t);

/* The name of its program (process_name), "" if it does not say. */
const char *trace_title(const struct trace *t);

/* ---- lanes and events ---- */

/* In the order in which their lines came: the numbers of lanes, plots and counters never change,
 * and there may be one whose first event waits to be settled. */
size_t trace_lanes(const struct trace *t);
/* "lane 7", or "lane 4711/7" for one of another process than the first, if it has no name. */
const char *trace_lane_name(const struct trace *t, unsigned lane);
/* The kinds of events it has: a bit 1 << kind each. */
unsigned trace_lane_kinds(const struct trace *t, unsigned lane);

enum trace_kind {
    TRACE_BEGIN,
    TRACE_END,
    TRACE_NOTE,
    TRACE_VERDICT,
    TRACE_SEND, /* an arrow leaves */
    TRACE_RECV, /* and arrives */
    TRACE_POINT,
    TRACE_COUNT,
    TRACE_SNAPSHOT,
    TRACE_KINDS
};

enum trace_cat {
    TRACE_RUN,
    TRACE_READY,
    TRACE_BLOCK,
    TRACE_SLEEP,
    TRACE_CALL,
    TRACE_HOLD,
    TRACE_CATS,
};

struct trace_event {
    int64_t ts_ns; /* 0 and up, as its line says; never falls from one to the next */
    uint32_t name; /* for trace_word; an END has its span's name, "" if it ends none */
    uint16_t lane;
    uint8_t kind;       /* enum trace_kind */
    uint8_t cat;        /* enum trace_cat, of BEGIN and END */
    uint32_t ref, link; /* of the model: which span, arrow, text, point, snapshot */
};

size_t trace_count(const struct trace *t);
const struct trace_event *trace_event(const struct trace *t, size_t i);
const char *trace_word(const struct trace *t, uint32_t name);
/* Of a note, a message (SEND and RECV), a verdict ("pass: 12 ms"); "" for none. */
const char *trace_event_text(const struct trace *t, size_t i);
/* The numbers of an event: the value of a COUNT, x and y of a POINT. Returns how many. */
size_t trace_event_values(const struct trace *t, size_t i, double values[2]);
/* Time of the last event; 0 for an empty trace. */
int64_t trace_end_ns(const struct trace *t);
/* The last event at or before ts_ns, TRACE_NONE if there is none. */
size_t trace_at(const struct trace *t, int64_t ts_ns);

/* Ends that end nothing and arrows that nobody sent are events too: trace_health counts them.
 *
 * The nearest event after (step 1) or before (-1) the moment `at` that is of one of the kinds (a
 * bit 1 << kind each; ~0u for all) and in this lane (-1: any); TRACE_NONE if there is none. With a
 * lane and kinds it may look at all events of the lane. */
size_t trace_step(const struct trace *t, size_t at, int step, unsigned kinds, int lane);
/* The same for an event whose name or text contains words, case folded for ASCII; goes through all
 * events if need be. */
size_t trace_search(const struct trace *t, size_t at, int step, const char *words);
/* The nth (1 and up) event of this kind with this name, TRACE_NONE if there is none. */
size_t trace_find(const struct trace *t, enum trace_kind kind, const char *name, size_t nth);

/* ---- spans ---- */

struct trace_span {
    int64_t begin_ns, end_ns; /* end_ns INT64_MAX: not ended */
    size_t begin, end;        /* events; end TRACE_NONE: not ended */
    uint32_t name;
    enum trace_cat cat;
    unsigned depth; /* 0 is the outermost */
};

/* The spans that are open in a lane at the moment `at`, outermost first, at most max. Returns how
 * many there are, at most TRACE_MAX_DEPTH. */
size_t trace_stack(const struct trace *t, unsigned lane, size_t at, struct trace_span *out,
                   size_t max);

/* What a lane does in a slice of time. */
struct trace_cell {
    bool busy;          /* in a span for some of it */
    enum trace_cat cat; /* the one that innermost spans are of for most of that time */
    uint32_t name;      /* of the span of it that is innermost for longest at a stretch */
    bool begins;        /* some span begins in it */
    unsigned changes;   /* begins and ends in it */
    unsigned notes;     /* notes and verdicts in it */
};

/* Cuts [from_ns, to_ns) into n slices; one thinner than a nanosecond is the state at its moment. A
 * span that has not ended lasts for ever. Where no span takes any time, but one begins and ends at
 * a moment in the slice, cat and name are those of the first, and busy is false. */
void trace_cells(const struct trace *t, unsigned lane, int64_t from_ns, int64_t to_ns, size_t n,
                 struct trace_cell *out);

/* Whether an END ends a span that is shown: it may come without its begin. */
bool trace_ends_span(const struct trace *t, size_t event);

/* ---- arrows ---- */

struct trace_arrow {
    int64_t send_ns, recv_ns; /* recv_ns INT64_MAX: has not arrived */
    size_t send, recv;        /* events; recv TRACE_NONE: has not arrived */
    uint16_t from, to;        /* lanes; to == from while it has not arrived */
    uint32_t name;
};

/* In the order of sending. */
size_t trace_arrows(const struct trace *t);
struct trace_arrow trace_arrow(const struct trace *t, size_t k);
/* Of a SEND or RECV event; TRACE_NONE for a RECV that nobody sent, and for other kinds. */
size_t trace_arrow_of(const struct trace *t, size_t event);
/* How many have been sent at the moment `at`. */
size_t trace_arrows_sent(const struct trace *t, size_t at);
/* Those that leave or arrive in [from_ns, to_ns), in the order of sending, at most max of them;
 * *more when there are others. A RECV belongs to the newest SEND of its id that has not arrived. */
size_t trace_arrows_in(const struct trace *t, int64_t from_ns, int64_t to_ns, size_t *out,
                       size_t max, bool *more);

/* ---- plots and counters ---- */

struct trace_point {
    size_t event;
    double x, y; /* finite */
};

/* Names of plots and series are words. At most 16 plots of 16 series. */
size_t trace_plots(const struct trace *t);
uint32_t trace_plot_name(const struct trace *t, size_t plot);
size_t trace_series(const struct trace *t, size_t plot);
uint32_t trace_series_name(const struct trace *t, size_t plot, size_t series);
/* The points of a series at the moment `at`, in the order of time. */
const struct trace_point *trace_points(const struct trace *t, size_t plot, size_t series, size_t at,
                                       size_t *n);

/* The least and the largest value of all points of a plot; both 0 if it has none. */
struct trace_bounds {
    double x_min, x_max, y_min, y_max;
};
struct trace_bounds trace_plot_bounds(const struct trace *t, size_t plot);

/* At most 64 counters. */
size_t trace_counters(const struct trace *t);
uint32_t trace_counter_name(const struct trace *t, size_t counter);
/* Its value at the moment `at`; 0 before its first event. */
double trace_counter_at(const struct trace *t, size_t counter, size_t at);

/* ---- snapshots: the states of one graph ---- */

struct trace_field {
    const char *key, *value;
};

struct trace_node {
    const char *id, *label;
    const struct trace_field *fields;
    size_t n_fields;
};

struct trace_edge {
    size_t from, to; /* nodes of the same graph */
    const char *label;
};

struct trace_list {
    const char *name;
    const size_t *nodes;
    size_t n;
};

struct trace_graph {
    size_t event;
    const char *name; /* the step's caption */
    const struct trace_node *nodes;
    size_t n_nodes;
    const struct trace_edge *edges; /* those whose ends are nodes */
    size_t n_edges;
    const struct trace_list *lists;
    size_t n_lists;
    bool cut; /* the demo had more than fitted its line */
};

size_t trace_snapshots(const struct trace *t);
/* Which snapshot holds at the moment `at`: the last one up to it, TRACE_NONE if there is none. */
size_t trace_snapshot_at(const struct trace *t, size_t at);
/* Parsed when asked for; the last four asked for stay, so that steps can be compared. */
const struct trace_graph *trace_snapshot(struct trace *t, size_t k);

#endif
