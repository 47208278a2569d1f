/*
 * panel.c: the pictures of a run: its traces, where the cursor is, playing. See panel.h; what is
 * drawn is in panel_draw.c, the keys in panel_keys.c.
 */
#include "view/panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop.h"
#include "utf8.h"
#include "view/impl.h"

enum {
    FRAME_MS = 40,      /* of playing */
    MAX_FRAME_MS = 250, /* what took longer was no playing */
    PLAY_MS = 10000,    /* that a run takes to play at first */
};

const struct view_ops *const panel_views[PANEL_VIEWS] = {&timeline_view, &sequence_view,
                                                         &graph_view, &plot_view};

/* ---- making ---- */

static const struct view_ops *view_by_name(const char *name)
{
    for (size_t i = 0; name && i < ARRAY_LEN(panel_views); i++)
        if (strcmp(panel_views[i]->name, name) == 0)
            return panel_views[i];
    return NULL;
}

struct panel *panel_new(struct screen *owner, const struct lesson *lesson, const char *view)
{
    struct panel *p = x_array(1, sizeof(*p));

    p->owner = owner;
    p->lesson = lesson;
    p->shown = view_by_name(view);
    p->chosen = p->shown != NULL;
    if (!p->shown)
        p->shown = &timeline_view;
    return p;
}

void panel_stop_playing(struct panel *p)
{
    loop_cancel(p->owner->app->loop, p->tick);
    p->tick = NULL;
}

void panel_free(struct panel *p)
{
    if (!p)
        return;
    panel_stop_playing(p);
    for (size_t i = 0; i < 2; i++) {
        free(p->name[i]);
        view_places_free(p->view[i].places);
    }
    buf_release(&p->words);
    free(p->caption);
    free(p);
}

/* ---- the traces ---- */

/* When the last thing that is no verdict happens: what a demo does to judge is not drawn. */
static int64_t story_end_ns(const struct trace *t)
{
    const unsigned told = ~(1u << TRACE_VERDICT | 1u << TRACE_COUNT);
    size_t last = trace_count(t) - 1; /* TRACE_NONE: there is none */

    if (last != TRACE_NONE && !(told & 1u << trace_event(t, last)->kind))
        last = trace_step(t, last, -1, told, -1);
    return last == TRACE_NONE ? trace_end_ns(t) : trace_event(t, last)->ts_ns;
}

static int64_t ns_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Events that came late may stand before the cursor's now; those of one time keep their order. */
static void settle_view(struct view *v)
{
    struct trace *t = v->trace;
    const bool on_event = v->at != TRACE_NONE && trace_event(t, v->at)->ts_ns == v->now_ns;
    /* TRACE_NONE + 1 is the first event. */
    const size_t nth = on_event ? v->at - (trace_at(t, v->now_ns - 1) + 1) : 0;

    trace_settle(t);
    if (on_event)
        v->at = trace_at(t, v->now_ns - 1) + 1 + nth;
    else if (v->at != TRACE_NONE)
        v->at = trace_at(t, v->now_ns);
}

/* Both runs have one axis, as long as the longer of them. */
static void settle(struct panel *p)
{
    int64_t end_ns = 0, story_ns = 0;

    for (size_t i = 0; i < 2; i++) {
        if (!p->view[i].trace)
            continue;
        settle_view(&p->view[i]);
        end_ns = ns_max(end_ns, trace_end_ns(p->view[i].trace));
        story_ns = ns_max(story_ns, story_end_ns(p->view[i].trace));
    }
    for (size_t i = 0; i < 2; i++) {
        struct view *v = &p->view[i];
        const bool grew = v->story_ns != story_ns;
        v->end_ns = end_ns;
        v->story_ns = story_ns;
        if (v->fitted && grew) {
            view_fit(v);
            view_show_now(v);
        }
    }
}

/* The plot of the same name, on the same kinds of axes if they were chosen. */
static void follow_plot(const struct view *a, struct view *b)
{
    if (a->plot >= trace_plots(a->trace))
        return;
    const char *name = trace_word(a->trace, trace_plot_name(a->trace, a->plot));
    for (size_t i = 0; i < trace_plots(b->trace); i++)
        if (strcmp(trace_word(b->trace, trace_plot_name(b->trace, i)), name) == 0)
            b->plot = i;
    b->log_chosen = a->log_chosen;
    if (a->log_chosen) {
        b->log_x = a->log_x;
        b->log_y = a->log_y;
    }
}

/* The other run goes where the time of the front one is. */
void panel_follow_front(struct panel *p)
{
    const struct view *a = front(p);
    struct view *b = &p->view[!p->front];

    if (!b->trace)
        return;
    follow_plot(a, b);
    b->now_ns = a->now_ns;
    b->from_ns = a->from_ns;
    b->anchor_ns = a->anchor_ns;
    b->to_ns = a->to_ns;
    const bool before = a->at == TRACE_NONE && a->now_ns == 0;
    b->at = before ? TRACE_NONE : trace_at(b->trace, a->now_ns);
}

void panel_go_to_end(struct panel *p)
{
    struct view *v = front(p);

    view_go(v, trace_at(v->trace, v->story_ns));
    v->now_ns = v->story_ns;
    view_show_now(v);
}

static void set_trace(struct panel *p, size_t i, struct trace *t, const char *name)
{
    const struct view old = p->view[i];

    free(p->name[i]);
    view_places_free(old.places);
    p->name[i] = xstrdup(name);
    p->view[i] =
        (struct view){.trace = t, .lesson = p->lesson, .at = TRACE_NONE, .sequence_at = TRACE_NONE};
    p->view[i].log_x = old.log_x;
    p->view[i].log_y = old.log_y;
    p->view[i].log_chosen = old.log_chosen;
}

void panel_show(struct panel *p, struct trace *t, const char *name, bool live)
{
    panel_stop_playing(p);
    set_trace(p, 0, t, name);
    set_trace(p, 1, NULL, "");
    p->front = 0;
    p->live = p->follow = live;
    p->typing &= t != NULL;
    if (!t)
        return;
    settle(p);
    view_fit(front(p));
    panel_go_to_end(p);
}

void panel_compare(struct panel *p, struct trace *t, const char *name)
{
    panel_stop_playing(p);
    set_trace(p, 1, t, name);
    p->front = 0;
    settle(p);
    view_fit(front(p));
    panel_go_to_end(p);
    panel_follow_front(p);
}

/* Before each frame: what has come since the last one. */
void panel_catch_up(struct panel *p)
{
    struct view *v = front(p);

    settle(p);
    if (p->follow)
        panel_go_to_end(p);
    if (!p->chosen && !p->shown->has(v->trace))
        for (size_t i = 0; i < ARRAY_LEN(panel_views); i++)
            if (panel_views[i]->has(v->trace)) {
                p->shown = panel_views[i];
                break;
            }
    panel_follow_front(p);
}

void panel_changed(struct panel *p, bool live)
{
    p->live = live;
    if (!live && front(p)->trace) {
        panel_catch_up(p);
        p->follow = false;
    }
    ui_changed(p->owner);
}

/* ---- moving ---- */

void panel_set_caption(struct panel *p, char *caption)
{
    free(p->caption);
    p->caption = caption;
}

void panel_go(struct panel *p, size_t at)
{
    p->follow = false;
    panel_set_caption(p, NULL);
    panel_stop_playing(p);
    view_go(front(p), at);
    if (at != TRACE_NONE) /* the lane in which it happens */
        front(p)->lane = trace_event(front(p)->trace, at)->lane;
    panel_follow_front(p);
}

bool panel_go_to_note(struct panel *p, const char *name, size_t nth)
{
    settle(p);
    const size_t at =
        p->view[0].trace ? trace_find(p->view[0].trace, TRACE_NOTE, name, nth) : TRACE_NONE;

    if (at == TRACE_NONE)
        return false;
    p->front = 0;
    panel_go(p, at);
    ui_changed(p->owner);
    return true;
}

/* One event on or back; from the first one back to the moment before it. */
void panel_step(struct panel *p, int direction, unsigned kinds, int lane)
{
    const struct view *v = front(p);
    const size_t to = trace_step(v->trace, v->at, direction, kinds, lane);

    if (to != TRACE_NONE)
        panel_go(p, to);
    else if (direction < 0 && kinds == p->shown->steps && lane < 0)
        panel_go(p, TRACE_NONE);
    else if (kinds != p->shown->steps || lane >= 0)
        ui_say(p->owner->app, "%s", text(TXT_VIEW_NO_MORE));
}

/* ---- playing ---- */

double panel_speed(const struct panel *p)
{
    double speed = (double)p->view[p->front].story_ns / ((double)PLAY_MS * 1e6);

    for (int i = 0; i < p->speed; i++)
        speed *= 2;
    for (int i = 0; i > p->speed; i--)
        speed /= 2;
    return speed;
}

static void on_tick(void *user)
{
    struct panel *p = user;
    struct view *v = front(p);
    const int64_t now_ms = loop_now_ms();
    /* After Ctrl-Z it goes on where it was. */
    const double passed_ns = 1e6 * fmin((double)(now_ms - p->last_ms), MAX_FRAME_MS);
    const double step_ns = fmax(1, passed_ns * panel_speed(p)); /* the shortest runs end, too */

    p->tick = NULL;
    p->last_ms = now_ms;
    if (step_ns < (double)(v->story_ns - v->now_ns)) {
        v->now_ns += (int64_t)step_ns;
        p->tick = loop_after(p->owner->app->loop, p->owner, FRAME_MS, on_tick, p);
    } else {
        v->now_ns = v->story_ns;
    }
    v->at = trace_at(v->trace, v->now_ns);
    view_show_now(v);
    panel_follow_front(p);
    ui_changed(p->owner);
}

void panel_play(struct panel *p)
{
    struct view *v = front(p);

    p->follow = false;
    if (p->tick) {
        panel_stop_playing(p);
        return;
    }
    if (v->now_ns >= v->story_ns)
        panel_go(p, TRACE_NONE);
    p->last_ms = loop_now_ms();
    p->tick = loop_after(p->owner->app->loop, p->owner, FRAME_MS, on_tick, p);
}
