/*
 * view.c: the cursor, the window of time and the words that all views share. See view.h.
 */
#include "view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MIN_WINDOW_NS = 100 };

/* ---- window and cursor ---- */

/* The window keeps its width and stays within the trace, as far as it fits. */
static void move_window(struct view *v, int64_t from_ns, int64_t width_ns)
{
    const int64_t last_ns = v->end_ns + v->end_ns / 40 + MIN_WINDOW_NS - width_ns;

    if (from_ns > last_ns) /* not a sum with from_ns: times go up to 8e18 */
        from_ns = last_ns;
    if (from_ns < 0)
        from_ns = 0;
    v->from_ns = from_ns;
    v->to_ns = from_ns + width_ns;
}

/* The pages of time are numbered from where the window was put last: which one is shown follows
 * from the cursor alone, so that a step back shows what was there before the step on. */
void view_show_now(struct view *v)
{
    const int64_t width_ns = v->to_ns - v->from_ns;
    const int64_t far_ns = v->now_ns - v->anchor_ns;
    const int64_t page = far_ns / width_ns - (far_ns % width_ns < 0);

    move_window(v, v->anchor_ns + page * width_ns, width_ns);
}

void view_go(struct view *v, size_t at)
{
    v->at = at;
    v->now_ns = at == TRACE_NONE ? 0 : trace_event(v->trace, at)->ts_ns;
    view_show_now(v);
}

void view_fit(struct view *v)
{
    /* A little air at the right, so that the last event does not stick to the edge. */
    v->fitted = true;
    v->anchor_ns = v->from_ns = 0;
    v->to_ns = v->story_ns + v->story_ns / 40 + MIN_WINDOW_NS;
}

void view_zoom(struct view *v, double factor)
{
    const double end = (double)v->end_ns;
    const double width = (double)(v->to_ns - v->from_ns);
    const double wanted = fmax(MIN_WINDOW_NS, fmin(width * factor, end + end / 40 + MIN_WINDOW_NS));
    /* What stands under the cursor stays where it is; else what stands in the middle. */
    const bool seen = v->from_ns <= v->now_ns && v->now_ns < v->to_ns;
    const int64_t fixed_ns = seen ? v->now_ns : v->from_ns + (v->to_ns - v->from_ns) / 2;
    const double part = (double)(fixed_ns - v->from_ns) / width;

    v->fitted = false;
    move_window(v, fixed_ns - (int64_t)(part * wanted), (int64_t)wanted);
    v->anchor_ns = v->from_ns;
}

void view_pan(struct view *v, double part)
{
    const int64_t width_ns = v->to_ns - v->from_ns;

    v->fitted = false;
    move_window(v, v->from_ns + (int64_t)((double)width_ns * part), width_ns);
    v->anchor_ns = v->from_ns;
}

/* ---- words ---- */

const char *view_text(const struct view *v, const char *name)
{
    return v->lesson ? lesson_label(v->lesson, name) : name;
}

const char *view_label(const struct view *v, uint32_t word)
{
    return view_text(v, trace_word(v->trace, word));
}

const char *view_lane_label(const struct view *v, unsigned lane)
{
    return view_text(v, trace_lane_name(v->trace, lane));
}

void view_format_ns(int64_t ns, int64_t step_ns, char *out, size_t size)
{
    static const struct {
        double ns;
        const char *name;
    } units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
    const double scale = fabs((double)(step_ns > 0 ? step_ns : ns));
    size_t u = 0;

    while (u + 1 < ARRAY_LEN(units) && scale < units[u].ns)
        u++;
    if (u > 0 && scale >= 999.95 * units[u].ns) /* it would be rounded to a thousand */
        u--;
    const double value = (double)ns / units[u].ns;
    int digits = step_ns > 0 ? 0 : value < 10 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0;
    if (u + 1 == ARRAY_LEN(units))
        digits = 0;
    snprintf(out, size, "%.*f %s", digits, value, ns == 0 ? "ms" : units[u].name);
}

/* ---- categories ---- */

/* Solid is work, a thin line is waiting: so the bars read without colour. */
static const struct {
    const char *fill[2]; /* UTF-8, ASCII */
    enum style style, label;
} cats[TRACE_CATS] = {
    [TRACE_RUN] = {{"█", "#"}, ST_CAT_RUN, ST_CAT_RUN_LABEL},
    [TRACE_READY] = {{"░", ":"}, ST_CAT_READY, ST_CAT_READY},
    [TRACE_BLOCK] = {{"─", "-"}, ST_CAT_BLOCK, ST_CAT_BLOCK},
    [TRACE_SLEEP] = {{"·", "."}, ST_CAT_SLEEP, ST_CAT_SLEEP},
    [TRACE_CALL] = {{"▓", "="}, ST_CAT_CALL, ST_CAT_CALL_LABEL},
    [TRACE_HOLD] = {{"▒", "%"}, ST_CAT_HOLD, ST_CAT_HOLD},
};

const char *view_cat_fill(enum trace_cat cat)
{
    return cats[cat].fill[term_is_ascii()];
}

enum style view_cat_style(enum trace_cat cat)
{
    return cats[cat].style;
}

enum style view_cat_label_style(enum trace_cat cat)
{
    return cats[cat].label;
}

/* ---- notes ---- */

enum glyph view_note_glyph(const struct view *v, size_t event)
{
    const struct trace_event *e = trace_event(v->trace, event);

    if (e->kind != TRACE_VERDICT)
        return GLYPH_NOTE;
    const struct trace_verdict *verdict = trace_verdict(v->trace, trace_word(v->trace, e->name));
    return !verdict || verdict->result == TRACE_INCONCLUSIVE ? GLYPH_UNSURE
           : verdict->result == TRACE_PASS                   ? GLYPH_GOOD
                                                             : GLYPH_BAD;
}

enum style view_note_style(enum glyph g)
{
    return g == GLYPH_GOOD ? ST_GOOD : g == GLYPH_BAD ? ST_BAD : ST_WARN;
}
