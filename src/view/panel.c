/*
 * panel.c: the pictures of a run: which view, where the cursor is, and the keys. See panel.h.
 */
#include "view/panel.h"

#include <curses.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line_edit.h"
#include "loop.h"
#include "utf8.h"
#include "view/view.h"

enum {
    FRAME_MS = 40,      /* of playing */
    MAX_FRAME_MS = 250, /* what took longer was no playing */
    PLAY_MS = 10000,    /* that a run takes to play at first */
    MAX_SPEED = 6,      /* powers of two, faster and slower */
    MAX_SEARCH = 100,   /* bytes */
    MAX_COUNTERS = 6,   /* rows of the table that compares */
    LEAST_COLS = 20,    /* of a view */
    ROOMY_ROWS = 14,    /* with a row for the stack of the selected lane */
    ROOMY_COMPARE = 30, /* rows: two views with all there is */
    SIDE_BY_SIDE = 100, /* columns: two views beside each other instead of one above the other */
    ALL_TABS = 50,      /* columns: from here on all views are named, */
    NUMBERED_TABS = 60, /* and from here on with their keys */
    LEAST_TABLE = 12,   /* rows of two views with the table of counters */
    VALUE_COLS = 18,    /* of a counter's value */
};

static const struct view_ops *const views[] = {&timeline_view, &sequence_view, &graph_view,
                                               &plot_view};

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

static struct view *front(struct panel *p)
{
    return &p->view[p->front];
}

/* ---- making ---- */

static const struct view_ops *view_by_name(const char *name)
{
    for (size_t i = 0; name && i < ARRAY_LEN(views); i++)
        if (strcmp(views[i]->name, name) == 0)
            return views[i];
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

static void stop_playing(struct panel *p)
{
    loop_cancel(p->owner->app->loop, p->tick);
    p->tick = NULL;
}

void panel_free(struct panel *p)
{
    if (!p)
        return;
    stop_playing(p);
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
static void follow_front(struct panel *p)
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

static void go_to_end(struct panel *p)
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
    stop_playing(p);
    set_trace(p, 0, t, name);
    set_trace(p, 1, NULL, "");
    p->front = 0;
    p->live = p->follow = live;
    p->typing &= t != NULL;
    if (!t)
        return;
    settle(p);
    view_fit(front(p));
    go_to_end(p);
}

void panel_compare(struct panel *p, struct trace *t, const char *name)
{
    stop_playing(p);
    set_trace(p, 1, t, name);
    p->front = 0;
    settle(p);
    view_fit(front(p));
    go_to_end(p);
    follow_front(p);
}

/* Before each frame: what has come since the last one. */
static void catch_up(struct panel *p)
{
    struct view *v = front(p);

    settle(p);
    if (p->follow)
        go_to_end(p);
    if (!p->chosen && !p->shown->has(v->trace))
        for (size_t i = 0; i < ARRAY_LEN(views); i++)
            if (views[i]->has(v->trace)) {
                p->shown = views[i];
                break;
            }
    follow_front(p);
}

void panel_changed(struct panel *p, bool live)
{
    p->live = live;
    if (!live && front(p)->trace) {
        catch_up(p);
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

static void go(struct panel *p, size_t at)
{
    p->follow = false;
    panel_set_caption(p, NULL);
    stop_playing(p);
    view_go(front(p), at);
    if (at != TRACE_NONE) /* the lane in which it happens */
        front(p)->lane = trace_event(front(p)->trace, at)->lane;
    follow_front(p);
}

bool panel_go_to_note(struct panel *p, const char *name, size_t nth)
{
    settle(p);
    const size_t at =
        p->view[0].trace ? trace_find(p->view[0].trace, TRACE_NOTE, name, nth) : TRACE_NONE;

    if (at == TRACE_NONE)
        return false;
    p->front = 0;
    go(p, at);
    ui_changed(p->owner);
    return true;
}

/* One event on or back; from the first one back to the moment before it. */
static void step(struct panel *p, int direction, unsigned kinds, int lane)
{
    const struct view *v = front(p);
    const size_t to = trace_step(v->trace, v->at, direction, kinds, lane);

    if (to != TRACE_NONE)
        go(p, to);
    else if (direction < 0 && kinds == p->shown->steps && lane < 0)
        go(p, TRACE_NONE);
    else if (kinds != p->shown->steps || lane >= 0)
        ui_say(p->owner->app, "%s", text(TXT_VIEW_NO_MORE));
}

/* ---- playing ---- */

static double play_speed(const struct panel *p)
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
    const double step_ns = fmax(1, passed_ns * play_speed(p)); /* the shortest runs end, too */

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
    follow_front(p);
    ui_changed(p->owner);
}

static void play(struct panel *p)
{
    struct view *v = front(p);

    p->follow = false;
    if (p->tick) {
        stop_playing(p);
        return;
    }
    if (v->now_ns >= v->story_ns)
        go(p, TRACE_NONE);
    p->last_ms = loop_now_ms();
    p->tick = loop_after(p->owner->app->loop, p->owner, FRAME_MS, on_tick, p);
}

/* ---- drawing ---- */

/* Columns of a view's tab; 0: there is no room for it. */
static int tab_cols(const struct panel *p, size_t i)
{
    if (views[i] != p->shown && p->tabs_at.w < ALL_TABS)
        return 0;
    return utf8_cols_str(text(views[i]->title)) + (p->tabs_at.w >= NUMBERED_TABS ? 2 : 0);
}

static void draw_tabs(struct panel *p, const struct rect *r)
{
    int left = 0;

    p->tabs_at = (struct rect){r->y, r->x, 1, r->w};
    for (size_t i = 0; i < ARRAY_LEN(views); i++) {
        const bool here = views[i] == p->shown, has = views[i]->has(front(p)->trace);
        const int cols = tab_cols(p, i);
        char number[24];
        int x = left;
        if (cols == 0)
            continue;
        snprintf(number, sizeof(number), "%zu ", i + 1);
        if (r->w >= NUMBERED_TABS)
            x = draw_str(r, 0, x, here ? ST_ACCENT : ST_DIM, number);
        draw_str(r, 0, x, here ? ST_SELECTED : has ? ST_TEXT : ST_DIM, text(views[i]->title));
        left += cols + 2;
    }
}

static void add_state(const struct panel *p, struct buf *out)
{
    const struct view *v = &p->view[p->front];
    char time[24];

    if (p->tick)
        buf_printf(out, "%s x%.3g  ", term_glyph(GLYPH_PLAY), play_speed(p));
    else if (p->live)
        buf_printf(out, "%s  ", text(TXT_VIEW_LIVE));
    view_format_ns(v->now_ns, 0, time, sizeof(time));
    buf_printf(out, "%s  %zu/%zu", time, v->at == TRACE_NONE ? 0 : v->at + 1,
               trace_count(v->trace));
}

/* What must not be overlooked: whether all of the trace is here. */
static bool is_whole(const struct panel *p)
{
    const struct trace_health *h = trace_health(p->view[p->front].trace);

    return h->thinned == 0 && h->bad_lines == 0;
}

static void draw_head(struct panel *p, const struct rect *r)
{
    struct buf right = {0};

    draw_tabs(p, r);
    if (r->h < ROOMY_ROWS && !is_whole(p)) /* there is no row to say it in words */
        buf_printf(&right, "%s ", term_glyph(GLYPH_WARN));
    add_state(p, &right);
    const int w = utf8_cols_str(buf_text(&right));
    const struct rect at = {r->y, r->x + int_max(0, r->w - w - 1), 1, int_min(r->w, w + 1)};
    draw_blank_row(&at, 0);
    draw_right(r, 0, p->tick || p->live ? ST_ACCENT : ST_DIM, buf_text(&right));
    buf_release(&right);
}

static enum text_id kind_text(const struct trace_event *e)
{
    static const enum text_id begins[TRACE_CATS] = {
        [TRACE_RUN] = TXT_EVENT_RUN,     [TRACE_READY] = TXT_EVENT_READY,
        [TRACE_BLOCK] = TXT_EVENT_BLOCK, [TRACE_SLEEP] = TXT_EVENT_SLEEP,
        [TRACE_CALL] = TXT_EVENT_CALL,   [TRACE_HOLD] = TXT_EVENT_HOLD,
    };
    static const enum text_id kinds[TRACE_KINDS] = {
        [TRACE_BEGIN] = TXT_EVENT_RUN,         [TRACE_END] = TXT_EVENT_END,
        [TRACE_NOTE] = TXT_EVENT_NOTE,         [TRACE_VERDICT] = TXT_EVENT_VERDICT,
        [TRACE_SEND] = TXT_EVENT_SEND,         [TRACE_RECV] = TXT_EVENT_RECV,
        [TRACE_POINT] = TXT_EVENT_POINT,       [TRACE_COUNT] = TXT_EVENT_COUNT,
        [TRACE_SNAPSHOT] = TXT_EVENT_SNAPSHOT,
    };

    return e->kind == TRACE_BEGIN ? begins[e->cat] : kinds[e->kind];
}

/* "+ 12 ms: epoll_wait works through the ready list only ..." */
static void add_verdict(const struct view *v, struct buf *out)
{
    const char *id = trace_word(v->trace, trace_event(v->trace, v->at)->name);
    const struct trace_verdict *verdict = trace_verdict(v->trace, id);
    const struct claim *c = v->lesson ? lesson_claim(v->lesson, id) : NULL;

    if (verdict) {
        char *measured = v->lesson ? lesson_measured_text(v->lesson, verdict->measured)
                                   : xstrdup(verdict->measured);
        buf_printf(out, "%s %s: ", term_glyph(view_note_glyph(v, v->at)), measured);
        free(measured);
    }
    buf_puts(out, c ? text_of(&c->text) : id);
}

/* What the cursor stands on: "reader  waits: epoll_wait". */
static void draw_event(const struct panel *p, const struct rect *r, int row)
{
    const struct view *v = &p->view[p->front];
    struct buf words = {0};

    if (v->at == TRACE_NONE) {
        draw_cut(r, row, 0, ST_DIM, text(TXT_VIEW_BEFORE));
        return;
    }
    const struct trace_event *e = trace_event(v->trace, v->at);
    const char *more = trace_event_text(v->trace, v->at);
    int x = draw_cut(r, row, 0, ST_STRONG, view_lane_label(v, e->lane)) + 2;
    buf_puts(&words, text(kind_text(e)));
    if (e->kind == TRACE_VERDICT)
        add_verdict(v, &words);
    else
        buf_puts(&words, view_label(v, e->name));
    if (more[0] && e->kind != TRACE_VERDICT)
        buf_printf(&words, ": %.*s", (int)strcspn(more, "\r\n"), more);
    if (x < r->w)
        draw_cut(r, row, x, ST_TEXT, buf_text(&words));
    buf_release(&words);
}

/* The open spans of the selected lane: "reader: serve > read". */
static void draw_stack(const struct panel *p, const struct rect *r, int row)
{
    const struct view *v = &p->view[p->front];
    struct trace_span spans[TRACE_MAX_DEPTH];

    if (v->lane >= trace_lanes(v->trace))
        return;
    const size_t n = trace_stack(v->trace, v->lane, v->at, spans, ARRAY_LEN(spans));
    int x = draw_cut(r, row, 0, ST_DIM, view_lane_label(v, v->lane));
    x = draw_str(r, row, x, ST_DIM, ":");
    for (size_t i = 0; i < n && i < ARRAY_LEN(spans) && x < r->w; i++) {
        if (i > 0)
            x = draw_str(r, row, x, ST_DIM, " >");
        x = draw_str(r, row, x + 1, view_cat_style(spans[i].cat), view_cat_fill(spans[i].cat));
        x = draw_cut(r, row, x + 1, ST_TEXT, view_label(v, spans[i].name));
    }
    if (n == 0)
        draw_str(r, row, x + 1, ST_DIM, text(TXT_VIEW_NO_SPAN));
}

static void draw_health(const struct panel *p, const struct rect *r, int row)
{
    const struct trace_health *h = trace_health(p->view[p->front].trace);
    char *words = xasprintf(text(TXT_VIEW_HEALTH), h->thinned, h->bad_lines);

    draw_cut(r, row, 0, ST_WARN, words);
    free(words);
}

/* Of words that are too long the end is shown, where they are typed. */
static void draw_search(const struct panel *p, const struct rect *r, int row)
{
    const struct rect line = {r->y, r->x + 1, r->h, r->w - 1};
    const char *words = buf_text(&p->words);
    const int x = int_min(0, line.w - 1 - utf8_cols_str(words));

    draw_str(r, row, 0, ST_ACCENT, "/");
    draw_cursor(&line, row, draw_str(&line, row, x, ST_TEXT, words));
}

/* What the page says of this moment, in the last rows. */
static void draw_caption(const struct panel *p, const struct rect *r, int rows)
{
    struct utf8_line *lines;
    const int n = (int)utf8_wrap(p->caption, strlen(p->caption), r->w - 2, r->w - 2, &lines);

    draw_str(r, r->h - rows, 0, ST_WARN, term_glyph(GLYPH_NOTE));
    for (int i = 0; i < n && i < rows; i++) {
        const struct rect at = {r->y, r->x + 2, r->h, r->w - 2};
        draw_text(&at, r->h - rows + i, 0, ST_TEXT, p->caption + lines[i].start,
                  lines[i].end - lines[i].start);
    }
    if (n > rows)
        draw_right(r, r->h - 1, ST_DIM, term_glyph(GLYPH_MORE));
    free(lines);
}

/* What the cursor stands on, and below it the stack of its lane or what has to be said instead. */
static void draw_foot(const struct panel *p, const struct rect *r, bool roomy)
{
    const int last = r->h - 1;

    if (p->caption && !p->typing) {
        draw_caption(p, r, roomy ? 2 : 1);
        return;
    }
    if (roomy)
        draw_event(p, r, last - 1);
    if (p->typing)
        draw_search(p, r, last);
    else if (!roomy)
        draw_event(p, r, last);
    else if (is_whole(p))
        draw_stack(p, r, last);
    else
        draw_health(p, r, last);
}

static void draw_view(struct panel *p, size_t i, const struct rect *r)
{
    struct view *v = &p->view[i];
    struct rect body = *r;

    if (p->view[1].trace) {
        const int x = i == p->front ? draw_str(r, 0, 0, ST_ACCENT, term_glyph(GLYPH_POINTER)) : 1;
        draw_cut(r, 0, x + 1, i == p->front ? ST_SELECTED : ST_DIM, p->name[i]);
        body.y++;
        body.h--;
    }
    p->place[i] = body;
    if (body.h < 1)
        return;
    if (body.w < LEAST_COLS)
        draw_cut(&body, 0, 0, ST_DIM, text(TXT_TOO_SMALL));
    else if (p->shown->has(v->trace))
        p->shown->draw(v, &body);
    else
        draw_cut(&body, body.h / 2, 0, ST_DIM,
                 text(p->live ? TXT_VIEW_NOTHING_YET : TXT_VIEW_NOTHING));
}

/* The counters of both runs at the cursor's time, as far as there is room for them. */
static int counter_rows(const struct panel *p)
{
    const size_t a = trace_counters(p->view[0].trace), b = trace_counters(p->view[1].trace);

    return (int)size_min(size_max(a, b), MAX_COUNTERS);
}

static double counter_value(const struct view *v, const char *name, bool *has)
{
    for (size_t i = 0; i < trace_counters(v->trace); i++) {
        *has = strcmp(trace_word(v->trace, trace_counter_name(v->trace, i)), name) == 0;
        /* A demo may sum up when its story is over. */
        const size_t at = v->now_ns >= v->story_ns ? trace_count(v->trace) - 1 : v->at;
        if (*has)
            return trace_counter_at(v->trace, i, at);
    }
    *has = false;
    return 0;
}

static void draw_counters(const struct panel *p, const struct rect *r, int rows)
{
    const struct view *most =
        &p->view[trace_counters(p->view[1].trace) > trace_counters(p->view[0].trace)];
    const int w = int_min((r->w - 2) / 3, VALUE_COLS);
    const int digits = int_clamp(w - 6, 3, 10); /* sign, point and exponent have to fit as well */

    for (int k = 0; k < rows; k++) {
        const char *name = trace_word(most->trace, trace_counter_name(most->trace, (size_t)k));
        draw_cut(&(struct rect){r->y, r->x, r->h, w}, k, 0, ST_DIM, view_text(most, name));
        for (size_t i = 0; i < 2; i++) {
            const struct rect cell = {r->y, r->x + w + (int)i * (w + 2), r->h, w};
            char value[32];
            bool has;
            const double n = counter_value(&p->view[i], name, &has);
            snprintf(value, sizeof(value), "%.*g", digits, n);
            draw_right(&cell, k, i == p->front ? ST_STRONG : ST_TEXT, has ? value : "-");
        }
    }
}

static void draw_both(struct panel *p, const struct rect *r)
{
    const bool room = r->h >= LEAST_TABLE && r->w >= LEAST_COLS; /* else the pictures need it */
    const int table = room ? int_min(counter_rows(p), r->h / 4) : 0;
    const struct rect counters = {r->y + r->h - table, r->x, table, r->w};
    const struct rect body = {r->y, r->x, r->h - table - (table > 0), r->w};
    const bool beside = p->shown != &timeline_view && r->w >= SIDE_BY_SIDE;
    const int h = beside ? body.h : body.h / 2, w = beside ? body.w / 2 - 1 : body.w;

    draw_view(p, 0, &(struct rect){body.y, body.x, h, w});
    draw_view(p, 1,
              beside ? &(struct rect){body.y, body.x + body.w - w, h, w}
                     : &(struct rect){body.y + body.h - h, body.x, h, w});
    draw_counters(p, &counters, table);
}

void panel_draw(struct panel *p, const struct rect *r, bool focused)
{
    if (!front(p)->trace) {
        draw_cut(r, 0, 0, ST_DIM, text(TXT_VIEW_NO_RUN));
        return;
    }
    catch_up(p);
    for (size_t i = 0; i < 2; i++) {
        p->view[i].focused = focused && i == p->front;
        p->view[i].compact = p->view[1].trace && r->h < ROOMY_COMPARE;
    }
    const bool roomy = r->h >= ROOMY_ROWS, tight = p->view[0].compact;
    const int foot = tight && roomy ? 2 : roomy ? 3 : 1, head = roomy && !tight ? 2 : 1;
    const struct rect body = {r->y + head, r->x, r->h - head - foot, r->w};
    draw_head(p, r);
    if (p->view[1].trace)
        draw_both(p, &body);
    else
        draw_view(p, 0, &body);
    draw_foot(p, r, roomy);
}

/* ---- keys ---- */

static struct panel *panel_of(const struct screen *s)
{
    return s->ops->panel(s);
}

static void act_step(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    step(p, key == KEY_RIGHT || key == 'l' ? 1 : -1, p->shown->steps, -1);
}

static void act_lane_event(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    step(p, key == '.' ? 1 : -1, ~0u, (int)front(p)->lane);
}

static void act_note(struct screen *s, int key)
{
    step(panel_of(s), key == 'n' ? 1 : -1, 1u << TRACE_NOTE | 1u << TRACE_VERDICT, -1);
}

static void act_verdict(struct screen *s, int key)
{
    (void)key;
    struct panel *p = panel_of(s);
    const struct view *v = front(p);
    size_t to = trace_step(v->trace, v->at, 1, 1u << TRACE_VERDICT, -1);

    if (to == TRACE_NONE) /* round to the first one */
        to = trace_step(v->trace, TRACE_NONE, 1, 1u << TRACE_VERDICT, -1);
    if (to != TRACE_NONE)
        go(p, to);
    else
        ui_say(s->app, "%s", text(TXT_VIEW_NO_MORE));
}

static void act_move(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    p->shown->move(front(p), key == KEY_DOWN || key == 'j' ? 1 : -1);
    p->follow = false;
    follow_front(p);
}

static void act_play(struct screen *s, int key)
{
    (void)key;
    play(panel_of(s));
}

static void act_speed(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    p->speed = int_clamp(p->speed + (key == '}' ? 1 : -1), -MAX_SPEED, MAX_SPEED);
    ui_say(s->app, text(TXT_VIEW_SPEED), play_speed(p));
}

static void act_zoom(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    p->follow = false;
    if (key == '0')
        view_fit(front(p));
    else
        view_zoom(front(p), key == '-' ? 2 : 0.5);
    follow_front(p);
}

static void act_pan(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    p->follow = false;
    view_pan(front(p), key == KEY_NPAGE ? 0.5 : -0.5);
    follow_front(p);
}

static void act_ends(struct screen *s, int key)
{
    struct panel *p = panel_of(s);
    const struct view *v = front(p);
    const bool end = key == 'G' || key == KEY_END;
    const bool was_there = v->now_ns == v->story_ns;

    go(p, TRACE_NONE);
    if (end && was_there && !p->live && trace_count(v->trace) > 0) { /* behind the story */
        go(p, trace_count(v->trace) - 1);
    } else if (end) {
        go_to_end(p);
        p->follow = p->live;
    }
    follow_front(p);
}

static void act_view(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    p->shown = views[key - '1'];
    p->chosen = true;
}

static void act_other_run(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    (void)key;
    p->front = !p->front;
    follow_front(p);
}

static void act_search(struct screen *s, int key)
{
    (void)key;
    panel_of(s)->typing = true;
}

static void search_next(struct panel *p, int direction)
{
    const struct view *v = front(p);
    const size_t other_end = direction > 0 ? TRACE_NONE : trace_count(v->trace) - 1;
    size_t to = trace_search(v->trace, v->at, direction, buf_text(&p->words));

    if (to == TRACE_NONE) { /* round */
        to = trace_search(v->trace, other_end, direction, buf_text(&p->words));
        if (to == TRACE_NONE && direction < 0) /* the last event itself */
            to = trace_search(v->trace, v->at, 1, buf_text(&p->words));
        if (to != TRACE_NONE)
            ui_say(p->owner->app, "%s", text(TXT_VIEW_ROUND));
    }
    if (to == TRACE_NONE) {
        ui_say(p->owner->app, text(TXT_VIEW_NOT_FOUND), buf_text(&p->words));
        return;
    }
    go(p, to);
}

static void act_again(struct screen *s, int key)
{
    search_next(panel_of(s), key == '\n' ? 1 : -1);
}

static void act_view_key(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    p->shown->key(front(p), key);
}

static bool has_trace(const struct screen *s)
{
    return panel_of(s)->view[0].trace != NULL;
}

static bool is_comparing(const struct screen *s)
{
    return panel_of(s)->view[1].trace != NULL;
}

static bool has_searched(const struct screen *s)
{
    return has_trace(s) && panel_of(s)->words.len > 0;
}

static bool has_axis(const struct screen *s)
{
    return has_trace(s) && panel_of(s)->shown == &timeline_view;
}

static bool is_plot(const struct screen *s)
{
    return has_trace(s) && panel_of(s)->shown == &plot_view;
}

static bool is_sequence(const struct screen *s)
{
    return has_trace(s) && panel_of(s)->shown == &sequence_view;
}

static const struct key_row keys[] = {
    {{KEY_LEFT, KEY_RIGHT, 'h', 'l'}, "←→", "h l", TXT_KEY_STEP, true, has_trace, act_step},
    {{' '}, "Space", NULL, TXT_KEY_PLAY, true, has_trace, act_play},
    {{'1', '2', '3', '4'}, "1-4", NULL, TXT_KEY_VIEW, true, has_trace, act_view},
    {{'n', 'N'}, "n N", NULL, TXT_KEY_NOTE, true, has_trace, act_note},
    {{'+', '-', '=', '0'}, "+ - 0", NULL, TXT_KEY_ZOOM, true, has_axis, act_zoom},
    {{'a', 'o'}, "a o", NULL, TXT_KEY_AXES, true, is_plot, act_view_key},
    {{'f'}, "f", NULL, TXT_KEY_WHOLE, true, is_sequence, act_view_key},
    {{KEY_UP, KEY_DOWN, 'k', 'j'}, "↑↓", "j k", TXT_KEY_LANE, false, has_trace, act_move},
    {{'.', ','}, ". ,", NULL, TXT_KEY_LANE_EVENT, false, has_trace, act_lane_event},
    {{'V'}, "V", NULL, TXT_KEY_VERDICT, false, has_trace, act_verdict},
    {{'{', '}'}, "{ }", NULL, TXT_KEY_SPEED, false, has_trace, act_speed},
    {{KEY_PPAGE, KEY_NPAGE}, "PgUp PgDn", NULL, TXT_KEY_PAN, false, has_axis, act_pan},
    {{'g', 'G', KEY_HOME, KEY_END}, "g G", NULL, TXT_KEY_FIRST_LAST, false, has_trace, act_ends},
    {{'<', '>'}, "< >", NULL, TXT_KEY_VIEW_SIDEWAYS, false, is_sequence, act_view_key},
    {{'/'}, "/", NULL, TXT_KEY_SEARCH_EVENTS, true, has_trace, act_search},
    {{'\n', KEY_BACKSPACE}, "Enter", NULL, TXT_KEY_SEARCH_AGAIN, false, has_searched, act_again},
    {{'w'}, "w", NULL, TXT_KEY_OTHER_RUN, true, is_comparing, act_other_run},
};

const struct key_row *panel_keys(size_t *n)
{
    *n = ARRAY_LEN(keys);
    return keys;
}

/* ---- typed text ---- */

bool panel_is_typing(const struct panel *p)
{
    return p->typing;
}

bool panel_type(struct panel *p, int key)
{
    if (!p->typing)
        return false;
    if (key == KEY_ESC) {
        p->typing = false;
        buf_clear(&p->words);
    } else if (key == '\n') {
        p->typing = false;
        if (p->words.len > 0)
            search_next(p, 1);
    } else {
        line_edit_key(&p->words, MAX_SEARCH, key);
    }
    return true; /* other keys do nothing while a line is typed */
}

/* ---- mouse ---- */

static bool inside(const struct rect *r, int y, int x)
{
    return y >= r->y && y < r->y + r->h && x >= r->x && x < r->x + r->w;
}

/* The tabs as draw_tabs has placed them. */
static void click_tab(struct panel *p, int col)
{
    int left = 0;

    for (size_t i = 0; i < ARRAY_LEN(views); i++) {
        const int cols = tab_cols(p, i);
        if (col >= left && col < left + cols) {
            p->shown = views[i];
            p->chosen = true;
            return; /* where there is room for one tab only, the next one is another now */
        }
        left += cols > 0 ? cols + 2 : 0;
    }
}

void panel_mouse(struct panel *p, int key, int row, int col)
{
    if (!front(p)->trace)
        return;
    if (key == KEY_WHEEL_UP || key == KEY_WHEEL_DOWN) {
        step(p, key == KEY_WHEEL_DOWN ? 1 : -1, p->shown->steps, -1);
        return;
    }
    if (inside(&p->tabs_at, row, col)) {
        click_tab(p, col - p->tabs_at.x);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        const struct rect *r = &p->place[i];
        if (!p->view[i].trace || !p->shown->has(p->view[i].trace) || r->w < LEAST_COLS ||
            !inside(r, row, col))
            continue;
        p->front = i;
        p->follow = false;
        stop_playing(p);
        p->shown->click(&p->view[i], r, row - r->y, col - r->x);
        follow_front(p);
    }
}
