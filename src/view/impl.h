/*
 * impl.h: what panel.c (traces, cursor, playing), panel_draw.c and panel_keys.c share; nobody else
 * includes it.
 */
#ifndef VIEW_IMPL_H
#define VIEW_IMPL_H

#include "buf.h"
#include "view/panel.h"
#include "view/view.h"

enum {
    PANEL_VIEWS = 4,
    PANEL_MAX_SPEED = 6,   /* powers of two, faster and slower */
    PANEL_LEAST_COLS = 20, /* of a view */
};

/* In the order of their keys. */
extern const struct view_ops *const panel_views[PANEL_VIEWS];

struct panel {
    struct screen *owner;
    const struct lesson *lesson;
    const struct view_ops *shown;
    bool chosen; /* the view was asked for: it stays, also while it has nothing to show */

    struct view view[2]; /* [1].trace NULL: no comparison */
    char *name[2];
    size_t front; /* the one with the cursor */
    struct rect place[2], tabs_at;
    bool live, follow;

    struct timer *tick; /* NULL: not playing */
    int64_t last_ms;
    int speed; /* power of two */

    bool typing;
    struct buf words; /* that are searched for */
    char *caption;    /* of the moment, NULL for none */
};

static inline struct view *front(struct panel *p)
{
    return &p->view[p->front];
}

/* ---- panel.c ---- */

/* Takes in what has come of the traces since the last call: before each frame, before each key that
 * asks the trace. */
void panel_catch_up(struct panel *p);
/* The cursor to an event, TRACE_NONE for before the first; to the end of the story. */
void panel_go(struct panel *p, size_t at);
void panel_go_to_end(struct panel *p);
/* To the nearest event in this direction, 1 or -1, that is of one of the kinds and in this lane
 * (-1: any); says so if there is none. */
void panel_step(struct panel *p, int direction, unsigned kinds, int lane);
/* The other run goes where the time of the front one is. */
void panel_follow_front(struct panel *p);
void panel_play(struct panel *p); /* or pause */
void panel_stop_playing(struct panel *p);
/* How much faster than it ran it plays. */
double panel_speed(const struct panel *p);

/* ---- panel_draw.c ---- */

/* Columns of a tab, with what stands behind it; 0: it is not drawn. */
int panel_tab_cols(const struct panel *p, size_t i);

#endif
