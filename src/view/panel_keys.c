/*
 * panel_keys.c: the keys of the pictures of a run, typed text and the mouse. See panel.h.
 */
#include <curses.h>
#include <string.h>

#include "line_edit.h"
#include "utf8.h"
#include "view/impl.h"

enum { MAX_SEARCH = 100 /* bytes */ };

/* ---- keys ---- */

static struct panel *panel_of(const struct screen *s)
{
    return s->ops->panel(s);
}

static void act_step(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    panel_step(p, key == KEY_RIGHT || key == 'l' ? 1 : -1, p->shown->steps, -1);
}

static void act_lane_event(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    panel_step(p, key == '.' ? 1 : -1, ~0u, (int)front(p)->lane);
}

static void act_note(struct screen *s, int key)
{
    panel_step(panel_of(s), key == 'n' ? 1 : -1, 1u << TRACE_NOTE | 1u << TRACE_VERDICT, -1);
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
        panel_go(p, to);
    else
        ui_say(s->app, "%s", text(TXT_VIEW_NO_MORE));
}

static void act_move(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    p->shown->move(front(p), key == KEY_DOWN || key == 'j' ? 1 : -1);
    p->follow = false;
    panel_follow_front(p);
}

static void act_play(struct screen *s, int key)
{
    (void)key;
    panel_play(panel_of(s));
}

static void act_speed(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    p->speed = int_clamp(p->speed + (key == '}' ? 1 : -1), -PANEL_MAX_SPEED, PANEL_MAX_SPEED);
    ui_say(s->app, text(TXT_VIEW_SPEED), panel_speed(p));
}

static void act_zoom(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    p->follow = false;
    if (key == '0')
        view_fit(front(p));
    else
        view_zoom(front(p), key == '-' ? 2 : 0.5);
    panel_follow_front(p);
}

static void act_pan(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    p->follow = false;
    view_pan(front(p), key == KEY_NPAGE ? 0.5 : -0.5);
    panel_follow_front(p);
}

static void act_ends(struct screen *s, int key)
{
    struct panel *p = panel_of(s);
    const struct view *v = front(p);
    const bool end = key == 'G' || key == KEY_END;
    const bool was_there = v->now_ns == v->story_ns;

    panel_go(p, TRACE_NONE);
    if (end && was_there && !p->live && trace_count(v->trace) > 0) { /* behind the story */
        panel_go(p, trace_count(v->trace) - 1);
    } else if (end) {
        panel_go_to_end(p);
        p->follow = p->live;
    }
    panel_follow_front(p);
}

static void act_view(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    p->shown = panel_views[key - '1'];
    p->chosen = true;
}

static void act_other_run(struct screen *s, int key)
{
    struct panel *p = panel_of(s);

    (void)key;
    p->front = !p->front;
    panel_follow_front(p);
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
    panel_go(p, to);
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

    for (size_t i = 0; i < ARRAY_LEN(panel_views); i++) {
        const int cols = panel_tab_cols(p, i);
        if (col >= left && col < left + cols) {
            p->shown = panel_views[i];
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
        panel_step(p, key == KEY_WHEEL_DOWN ? 1 : -1, p->shown->steps, -1);
        return;
    }
    if (inside(&p->tabs_at, row, col)) {
        click_tab(p, col - p->tabs_at.x);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        const struct rect *r = &p->place[i];
        if (!p->view[i].trace || !p->shown->has(p->view[i].trace) || r->w < PANEL_LEAST_COLS ||
            !inside(r, row, col))
            continue;
        p->front = i;
        p->follow = false;
        panel_stop_playing(p);
        p->shown->click(&p->view[i], r, row - r->y, col - r->x);
        panel_follow_front(p);
    }
}
