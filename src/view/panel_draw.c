/*
 * panel_draw.c: the pictures of a run on the screen: tabs, one view or two, what the cursor stands
 * on. See panel.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"
#include "view/impl.h"

enum {
    MAX_COUNTERS = 6,   /* rows of the table that compares */
    ROOMY_ROWS = 14,    /* with a row for the stack of the selected lane */
    ROOMY_COMPARE = 30, /* rows: two views with all there is */
    SIDE_BY_SIDE = 100, /* columns: two views beside each other instead of one above the other */
    ALL_TABS = 50,      /* columns: from here on all views are named, */
    NUMBERED_TABS = 60, /* and from here on with their keys */
    LEAST_TABLE = 12,   /* rows of two views with the table of counters */
    VALUE_COLS = 18,    /* of a counter's value */
};

/* ---- drawing ---- */

/* Columns of a view's tab; 0: there is no room for it. */
int panel_tab_cols(const struct panel *p, size_t i)
{
    if (panel_views[i] != p->shown && p->tabs_at.w < ALL_TABS)
        return 0;
    return utf8_cols_str(text(panel_views[i]->title)) + (p->tabs_at.w >= NUMBERED_TABS ? 2 : 0);
}

static void draw_tabs(struct panel *p, const struct rect *r)
{
    int left = 0;

    p->tabs_at = (struct rect){r->y, r->x, 1, r->w};
    for (size_t i = 0; i < ARRAY_LEN(panel_views); i++) {
        const bool here = panel_views[i] == p->shown, has = panel_views[i]->has(front(p)->trace);
        const int cols = panel_tab_cols(p, i);
        char number[24];
        int x = left;
        if (cols == 0)
            continue;
        snprintf(number, sizeof(number), "%zu ", i + 1);
        if (r->w >= NUMBERED_TABS)
            x = draw_str(r, 0, x, here ? ST_ACCENT : ST_DIM, number);
        draw_str(r, 0, x, here ? ST_SELECTED : has ? ST_TEXT : ST_DIM, text(panel_views[i]->title));
        left += cols + 2;
    }
}

static void add_state(const struct panel *p, struct buf *out)
{
    const struct view *v = &p->view[p->front];
    char time[24];

    if (p->tick)
        buf_printf(out, "%s x%.3g  ", term_glyph(GLYPH_PLAY), panel_speed(p));
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
    double values[2];
    const size_t n = trace_event_values(v->trace, v->at, values);
    for (size_t i = 0; i < n; i++)
        buf_printf(&words, "%s%.6g", i == 0 ? ": " : ", ", values[i]);
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
    if (body.w < PANEL_LEAST_COLS)
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
    const bool room =
        r->h >= LEAST_TABLE && r->w >= PANEL_LEAST_COLS; /* else the pictures need it */
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
    panel_catch_up(p);
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
