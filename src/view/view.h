/*
 * view.h: one trace as it is looked at, and the four ways to draw it.
 *
 * A view is a file with a struct view_ops. All of them share the struct view: the trace, the one
 * cursor in time, the window. Drawing reads the trace and writes the screen; it changes of the view
 * only what it has to scroll to keep the cursor in sight. Keys and clicks move the cursor; what is
 * common to all views (stepping, playing, searching, zoom) is in panel.c.
 */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "content/content.h"
#include "term.h"
#include "text.h"
#include "trace.h"

struct view_places;

struct view {
    struct trace *trace;         /* borrowed, settled */
    const struct lesson *lesson; /* for labels; NULL for none */
    size_t at;                   /* the moment: what is drawn is the state after this event */
    int64_t now_ns;              /* its time, or between it and the next one while playing */
    int64_t end_ns;              /* of the trace; when two are compared, of the longer */
    int64_t story_ns;            /* of the last event but verdicts: how far the first window goes */
    int64_t from_ns, to_ns;      /* window of time, from_ns < to_ns */
    bool fitted;                 /* the window is all of the story, however long that grows */
    int64_t anchor_ns;           /* where the window began when it was last put somewhere */
    unsigned lane;               /* selected */
    bool focused;                /* the keys go here */
    bool compact;                /* every row counts */

    unsigned timeline_top;    /* first lane in view */
    unsigned sequence_left;   /* the same there, as drawn last, */
    unsigned sequence_most;   /* and the last lane that may be it */
    unsigned sequence_anchor; /* where keys have put it, */
    size_t sequence_at;       /* and at which message or note; TRACE_NONE: nowhere */
    size_t sequence_text;     /* the event whose text is read, and from which line on */
    int sequence_line, sequence_page;
    bool sequence_more;         /* there are lines below */
    bool sequence_whole;        /* the message's text may take the whole height */
    size_t graph_node;          /* selected */
    int graph_top;              /* rows scrolled away */
    struct view_places *places; /* of the graph's nodes; NULL: not looked at yet; owned */
    size_t plot;                /* which plot */
    bool log_x, log_y;
    bool log_chosen; /* by the learner; else the plot chooses by its points */
};

struct view_ops {
    const char *name; /* "timeline", as in lesson.json */
    enum text_id title;
    unsigned steps; /* kinds of events that a step goes to: a bit 1 << kind each */
    /* Whether the trace has anything for this view. */
    bool (*has)(const struct trace *t);
    void (*draw)(struct view *v, const struct rect *r);
    /* Up (-1) and down (1): the next lane, message, node, series. */
    void (*move)(struct view *v, int step);
    /* A key of this view alone: panel.c has them in its table. NULL if there are none. */
    void (*key)(struct view *v, int key);
    /* A click at (row, col) of the r it was drawn into: moves cursor or selection. */
    void (*click)(struct view *v, const struct rect *r, int row, int col);
};

/* Frees what a view has found out about its trace; NULL is fine. */
void view_places_free(struct view_places *p);

extern const struct view_ops timeline_view, sequence_view, graph_view, plot_view;

/* Moves the cursor to an event (TRACE_NONE: before the first), and the window so that it shows it.
 */
void view_go(struct view *v, size_t at);
/* The window so that it shows now_ns. */
void view_show_now(struct view *v);
/* All of the story into the window. */
void view_fit(struct view *v);
/* Zooms by factor (< 1: closer) around the cursor. */
void view_zoom(struct view *v, double factor);
/* Moves the window by part of its width. */
void view_pan(struct view *v, double part);

/* Label of a name of the trace, in the current language; borrowed. */
const char *view_label(const struct view *v, uint32_t word);
const char *view_lane_label(const struct view *v, unsigned lane);
/* The label of any text of the trace. */
const char *view_text(const struct view *v, const char *name);

/* "12.3 ms", "4 us" in at most 12 columns; step_ns says how fine it has to be (0: four digits). */
void view_format_ns(int64_t ns, int64_t step_ns, char *out, size_t size);

/* How a category is drawn: as a fill of one column, and the style of it and of words on it. */
const char *view_cat_fill(enum trace_cat cat);
enum style view_cat_style(enum trace_cat cat);
enum style view_cat_label_style(enum trace_cat cat);

/* The sign of a note or a verdict, and its style. */
enum glyph view_note_glyph(const struct view *v, size_t event);
enum style view_note_style(enum glyph g);

#endif
