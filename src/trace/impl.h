/*
 * impl.h: what the files of src/trace/ share and nobody else sees.
 *
 * A line's way: feed.c cuts the bytes into lines; scan.c reads those of the shape that demo.c
 * writes, parse.c (cJSON) all others, into a struct line; intake.c holds it against the limits and
 * makes events of it, which wait in `pending` (clean.c keeps its strings, keys.c knows its lane and
 * message, verdict.c keeps the verdicts). trace_settle (order.c) puts what waits into the order of
 * time and has model.c apply each event to the indexes. An event that comes late is put in by
 * undoing all that stand behind its place, the newest first, and applying them again: every index
 * is a list that only changes at its end. query.c, cells.c, arrows.c, plots.c and graph.c answer.
 */
#ifndef TRACE_IMPL_H
#define TRACE_IMPL_H

#include "arena.h"
#include "buf.h"
#include "trace.h"
#include "trace/list.h"
#include "trace/strings.h"

struct cJSON;

#define NONE UINT32_MAX /* no event, span, arrow, string */

enum {
    MAX_LINE = 64 * 1024, /* bytes; a longer line is bad */
    MAX_VERDICTS = 64,
    MAX_PLOTS = 16,
    MAX_SERIES = 16, /* of a plot */
    MAX_COUNTERS = 64,
    LATENESS = 65536, /* an event may come after so many later ones, and still find its place */
    SNAPSHOTS_KEPT = 4,
};

/* Two words that are always there. */
enum { WORD_EMPTY, WORD_OTHER };

/* ---- a line ---- */

struct slice {
    const char *s; /* NULL: not there */
    size_t n;
};

/* What a line has. */
enum {
    HAS_TS = 1,
    HAS_DUR = 2,
    HAS_PID = 4,
    HAS_TID = 8,
    HAS_NAME = 16,
    HAS_ID = 32,
    HAS_POINT = 64,  /* args {series, x, y} */
    HAS_VALUE = 128, /* args {value} */
    HAS_SNAPSHOT = 256,
};

/* What a line says; its strings are borrowed and raw. */
struct line {
    char ph;
    unsigned has;
    int64_t ts_ns, dur_ns, pid, tid;
    int64_t id;           /* of an arrow, if it is a number, */
    struct slice id_text; /* or if it is a string */
    struct slice name, cat;
    struct slice arg;         /* of i and s args.text, of M args.name, of C args.series */
    double x, y;              /* of C: a point, or a counter's value in x */
    const struct cJSON *args; /* only from line_parse */
    struct slice raw;         /* the whole line */
};

/* Reads a line if it is exactly of a shape that demo.c writes, without any escape. */
bool line_scan(const char *s, size_t n, struct line *l);
/* Reads any line. *root is to be deleted after the line's strings have been used, in any case.
 * False: no JSON object, or a field of the wrong type. */
bool line_parse(const char *s, size_t n, struct line *l, struct cJSON **root);

/* ---- the model ---- */

/* Firsts (a begin, a send) whose seconds (an end, a receive) have not come yet. */
struct pair {
    uint32_t open;    /* kept: their seconds have room reserved */
    uint32_t dropped; /* not kept: nor will their seconds be */
};

/* The times of up to LANE_BLOCK stretches of a lane, by category. A stretch goes from one edge
 * (begin or end) to the next; it is of the innermost span's category. */
enum { LANE_BLOCK = 32 };

/* What lies before a block of stretches. */
struct lane_mark {
    int64_t took[TRACE_CATS];
    uint32_t begins;
};

/* The longest of some stretches, the first of the longest. */
struct best {
    int64_t length;
    uint32_t begin; /* the event that began the span which is innermost there; NONE: no stretch */
};

/* In a block of stretches, or in LANE_BLOCK blocks of the level below. */
struct lane_peak {
    struct best of[TRACE_CATS];
};

struct lane_peaks {
    struct lane_peak *at;
    uint32_t n, cap;
};

enum { LANE_LEVELS = 3 };

_Static_assert((uint64_t)LANE_BLOCK *LANE_BLOCK *LANE_BLOCK *LANE_BLOCK >= TRACE_MAX_EVENTS,
               "the topmost level is no longer than a block");

/* The first process of a trace is the one meant where none is named. */
struct lane_key {
    int64_t is_other, pid, tid; /* pid: of another process, else 0 */
};

struct lane {
    uint32_t name; /* a word */
    struct pair spans;
    unsigned kinds; /* of its events, a bit each; never undone, as all are applied again */
    uint32_t top;   /* innermost open span */
    uint32_t depth; /* how many are open */
    struct list edges, notes, rest;
    uint8_t *cats; /* beside edges: category of the stretch that follows; TRACE_CATS: none */
    uint32_t cap_cats;
    struct lane_mark *marks; /* of the blocks whose first edge is there */
    uint32_t n_marks, cap_marks;
    struct lane_peaks peaks[LANE_LEVELS]; /* of the blocks whose stretches are all over */
};

/* A span is numbered by its BEGIN among all BEGINs. Beyond TRACE_MAX_DEPTH it is not shown: parent
 * is then an index of `deep`. */
struct span {
    uint32_t end; /* event; NONE: not ended */
    uint32_t parent;
};

struct deep {
    uint32_t parent;
    uint32_t shown; /* innermost of those around it that are shown */
};

/* An arrow is numbered by its SEND among all SENDs. */
struct arrow {
    uint32_t recv;  /* event; NONE: has not arrived */
    uint32_t below; /* sent before it with the same id and not arrived when it was sent */
};

/* What arrows with one id share. */
struct flow {
    struct pair arrows;
    uint32_t newest; /* sent and not arrived */
};

struct series {
    uint32_t name;
    struct trace_point *points;
    size_t n, cap;
};

struct plot {
    uint32_t name;
    bool drawn;                 /* some point has been applied */
    struct trace_bounds bounds; /* never undone: what is undone is applied again */
    size_t n;
    struct series series[MAX_SERIES];
};

struct counter {
    uint32_t name;
    struct list events;
};

struct kept_graph {
    uint32_t text; /* of texts: its line; NONE: this place is free */
    uint64_t used; /* when last asked for */
    struct arena mem;
    struct trace_graph graph;
};

/* Of each event: ref and link are
 *   BEGIN      of X: its duration in durations, else NONE;   its span
 *   END        the same;                                     its span, NONE: ends none
 *   NOTE, VERDICT, SNAPSHOT   its text;                      -
 *   SEND       its flow;                                     its text
 *   RECV       its flow;                                     its arrow, NONE: nobody sent it
 *   POINT      x in values, y behind it;                     -   (cat: plot and series)
 *   COUNT      the value in values;                          -   (cat: the counter) */
struct trace {
    struct buf line;   /* the piece of a line that has come so far */
    bool skip_to_next; /* the line is too long: drop it up to its newline */
    struct trace_health health;

    struct trace_verdict verdicts[MAX_VERDICTS];
    size_t n_verdicts;

    /* intake: only grows */
    uint32_t title;   /* a word */
    struct buf clean; /* scratch */
    struct strings words, texts;
    struct strings lane_keys, flow_keys; /* number of a key: index of lanes, of flows */
    int64_t first_pid;
    bool has_first_pid;
    struct lane_key last_key; /* the lane asked for last */
    uint32_t last_lane;       /* NONE: none yet */
    struct flow *flows;
    size_t cap_flows;
    double *values;
    size_t n_values, cap_values;
    int64_t *durations;
    size_t n_durations, cap_durations;
    struct trace_event *pending;
    size_t n_pending, cap_pending;
    size_t kept, reserved; /* events, and room for their seconds */

    /* in order */
    struct trace_event *events;
    size_t n, cap;
    struct list kinds[TRACE_KINDS];
    struct lane *lanes;
    size_t n_lanes, cap_lanes;
    struct span *spans;
    size_t cap_spans;
    uint8_t *depths; /* beside spans; TRACE_MAX_DEPTH: not shown */
    size_t cap_depths;
    struct deep *deep;
    size_t n_deep, cap_deep;
    struct arrow *arrows;
    size_t cap_arrows;
    struct list arrived; /* the RECVs that have an arrow */
    struct list *named;  /* events of one kind and name; */
    size_t n_named, cap_named;
    uint32_t (*named_at)[TRACE_KINDS]; /* by word: index of named plus 1, 0: none yet */
    size_t n_named_at;
    struct plot *plots;
    size_t n_plots;
    struct counter counters[MAX_COUNTERS];
    size_t n_counters;
    struct kept_graph graphs[SNAPSHOTS_KEPT];
    uint64_t graph_clock;
};

/* Makes room for n items of an array that has room for *cap. */
void *make_room(void *items, size_t *cap, size_t n, size_t size);

/* intake.c. False: the line is bad. */
bool take_line(struct trace *t, const struct line *l);

/* clean.c. As shown: made harmless, at most max bytes, whole characters. Holds until the next call.
 */
struct slice clean_text(struct buf *scratch, struct slice raw, size_t max, bool keep_newlines);
/* The number of the string among words, among texts; what is over a limit is counted as thinned,
 * and is WORD_OTHER, or the empty text. */
uint32_t keep_word(struct trace *t, struct slice raw);
uint32_t keep_text(struct trace *t, struct slice raw);

/* keys.c. The line's lane, which is made if there is none; NONE if there are too many. */
uint32_t lane_of(struct trace *t, const struct line *l);
struct lane_key key_of(struct trace *t, const struct line *l);
/* What the line's id stands for, and its number; NULL if there are too many. */
struct flow *flow_of(struct trace *t, const struct line *l, uint32_t *flow);

/* verdict.c. verdict_read: false if args hold no verdict; verdict_keep takes v over, false if there
 * are too many. */
bool verdict_read(struct slice claim, const struct cJSON *args, struct trace_verdict *v);
bool verdict_keep(struct trace *t, struct trace_verdict *v);
void verdict_release(struct trace_verdict *v);

/* parse.c. NULL if it is no string. */
const char *string_of(const struct cJSON *object, const char *name);

/* model.c. Event i has just been put behind the others, or is the last and about to be moved. */
void model_apply(struct trace *t, uint32_t i);
void model_undo(struct trace *t, uint32_t i);
/* Of an edge of a lane: the span that is innermost after it, of those shown; NONE for none. */
uint32_t model_innermost(const struct trace *t, const struct trace_event *edge);
/* The span of those shown that is around this one. */
uint32_t model_outer(const struct trace *t, uint32_t span);

static inline const struct trace_event *begin_of(const struct trace *t, uint32_t span)
{
    return &t->events[t->kinds[TRACE_BEGIN].at[span]];
}

/* cells.c: the edge is the lane's last. */
void cells_push(struct trace *t, struct lane *lane);
void cells_pop(struct lane *lane);

/* query.c: how many events have happened at the moment, and stand before ts_ns. */
uint32_t happened(const struct trace *t, size_t at);
uint32_t events_before(const struct trace *t, int64_t ts_ns);
uint32_t events_before_near(const struct trace *t, int64_t ts_ns, uint32_t hint);

/* graph.c */
void graphs_release(struct trace *t);

#endif
