/*
 * plot.c: points and series on two axes, in braille. See view.h.
 *
 * The axes span all points of the plot from the start, so that nothing moves while the points come.
 * An axis is logarithmic when its values are positive and differ by more than LOG_RATIO, unless the
 * learner has chosen. Each series has a letter, which stands at its end: colour is not the only
 * sign. Without Unicode its line is made of that letter, drawn one to a cell.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"
#include "view/view.h"

enum {
    LEFT = 8,         /* columns of the labels of the y axis */
    HEAD = 2,         /* legend, and a blank row */
    FOOT = 2,         /* x axis and its labels */
    MAX_W = 300,      /* columns of the chart */
    MAX_H = 120,      /* rows */
    MAX_DRAWN = 2000, /* points of a series; of more only every nth is drawn */
    DOTS_X = 2,       /* of a braille cell */
    DOTS_Y = 4,
};

static const double LOG_RATIO = 50;

struct axis {
    double lo, hi; /* of the logarithms, when it is logarithmic */
    bool log;
    int dots;
};

struct chart {
    struct rect r; /* inside the axes */
    struct axis x, y;
    /* Which dots of a cell are set, and by which series. */
    unsigned char dots[MAX_H][MAX_W], series[MAX_H][MAX_W];
};

/* ---- axes ---- */

static struct axis make_axis(double lo, double hi, bool log, int dots)
{
    struct axis a = {log ? log10(lo) : lo, log ? log10(hi) : hi, log, dots};

    if (!log && a.lo > 0 && a.lo < a.hi / 2)
        a.lo = 0; /* a bar that starts at nothing does not exaggerate */
    if (!(a.hi - a.lo > 0)) {
        a.lo -= 1;
        a.hi += 1;
    }
    const double air = (a.hi - a.lo) / 40;
    a.lo -= a.lo == 0 ? 0 : air;
    a.hi += air;
    return a;
}

/* The dot of a value, from the low end. */
static int dot_of(const struct axis *a, double value)
{
    const double v = a->log ? log10(value) : value;

    return (int)fmin(a->dots - 1, fmax(0, (v - a->lo) / (a->hi - a->lo) * a->dots));
}

static bool may_log(double lo)
{
    return lo > 0;
}

static void choose_axes(struct view *v, const struct trace_bounds *b)
{
    if (!v->log_chosen) {
        v->log_x = may_log(b->x_min) && b->x_max > b->x_min * LOG_RATIO;
        v->log_y = may_log(b->y_min) && b->y_max > b->y_min * LOG_RATIO;
    }
}

static void lay_out(struct view *v, const struct rect *r, struct chart *c)
{
    const struct trace_bounds b = trace_plot_bounds(v->trace, v->plot);

    choose_axes(v, &b);
    memset(c, 0, sizeof(*c));
    c->r = (struct rect){r->y + HEAD, r->x + LEFT, int_clamp(r->h - HEAD - FOOT, 1, MAX_H),
                         int_clamp(r->w - LEFT - 1, 1, MAX_W)};
    c->x = make_axis(b.x_min, b.x_max, v->log_x && may_log(b.x_min), c->r.w * DOTS_X);
    c->y = make_axis(b.y_min, b.y_max, v->log_y && may_log(b.y_min), c->r.h * DOTS_Y);
}

/* "1.5k", "20M": at most six columns. */
static void format_value(double value, char *out, size_t size)
{
    static const struct {
        double unit;
        const char *name;
    } units[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}};
    size_t u = 0;

    while (u + 1 < ARRAY_LEN(units) && fabs(value) < units[u].unit)
        u++;
    if (u > 0 && fabs(value) >= 999.5 * units[u].unit) /* it would be rounded to a thousand */
        u--;
    snprintf(out, size, "%.3g%s", value / units[u].unit, units[u].name);
}

/* Values to label, at most max, low end first. */
static size_t find_ticks(const struct axis *a, double *out, size_t max)
{
    const double span = a->hi - a->lo;
    double step = pow(10, floor(log10(span / (double)max)));
    size_t n = 0;

    if (a->log)
        step = fmax(1, ceil(span / (double)max));
    else if (span / step > (double)max * 5)
        step *= 10;
    else if (span / step > (double)max * 2)
        step *= 5;
    else if (span / step > (double)max)
        step *= 2;
    for (double t = ceil(a->lo / step) * step; t <= a->hi && n < max; t += step)
        out[n++] = a->log ? pow(10, t) : fabs(t) < step / 1000 ? 0 : t;
    return n;
}

static void draw_axes(const struct rect *r, const struct chart *c)
{
    double ticks[16];
    char words[32];
    const int bottom = HEAD + c->r.h;
    size_t n = find_ticks(&c->y, ticks, (size_t)int_clamp(c->r.h / 3, 2, 8));

    for (int y = 0; y < c->r.h; y++)
        draw_str(r, HEAD + y, LEFT - 1, ST_DIM, term_glyph(GLYPH_VLINE));
    for (size_t i = 0; i < n; i++) {
        const int row = c->r.h - 1 - dot_of(&c->y, ticks[i]) / DOTS_Y;
        format_value(ticks[i], words, sizeof(words));
        draw_right(&(struct rect){r->y, r->x, r->h, LEFT - 2}, HEAD + row, ST_DIM, words);
        draw_str(r, HEAD + row, LEFT - 1, ST_DIM, term_glyph(GLYPH_TEE_LEFT));
    }
    draw_str(r, bottom, LEFT - 1, ST_DIM, term_glyph(GLYPH_CORNER_BL));
    draw_fill(r, bottom, LEFT, c->r.w, ST_DIM, term_glyph(GLYPH_HLINE));
    n = find_ticks(&c->x, ticks, (size_t)int_clamp(c->r.w / 10, 2, 12));
    for (size_t i = 0; i < n; i++) {
        const int col = LEFT + dot_of(&c->x, ticks[i]) / DOTS_X;
        format_value(ticks[i], words, sizeof(words));
        draw_str(r, bottom, col, ST_DIM, term_glyph(GLYPH_TEE_DOWN));
        if (col + (int)strlen(words) <= r->w)
            draw_str(r, bottom + 1, col, ST_DIM, words);
    }
    if (c->x.log || c->y.log)
        draw_str(r, bottom + 1, 0, ST_DIM,
                 c->x.log && c->y.log ? "log log"
                 : c->x.log           ? "log x"
                                      : "log y");
}

/* ---- points ---- */

static void set_dot(struct chart *c, int x, int y, size_t series)
{
    static const unsigned char bits[DOTS_Y][DOTS_X] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    const int from_top = c->y.dots - 1 - y;

    c->dots[from_top / DOTS_Y][x / DOTS_X] |= bits[from_top % DOTS_Y][x % DOTS_X];
    c->series[from_top / DOTS_Y][x / DOTS_X] = (unsigned char)series;
}

/* Bresenham's line. */
static void set_line(struct chart *c, int x0, int y0, int x1, int y1, size_t series)
{
    const int dx = abs(x1 - x0), dy = -abs(y1 - y0);
    const int sx = x0 < x1 ? 1 : -1, sy = y0 < y1 ? 1 : -1;
    int error = dx + dy;

    for (;;) {
        set_dot(c, x0, y0, series);
        if (x0 == x1 && y0 == y1)
            return;
        const int twice = 2 * error;
        if (twice >= dy) {
            error += dy;
            x0 += sx;
        }
        if (twice <= dx) {
            error += dx;
            y0 += sy;
        }
    }
}

static void set_series(const struct view *v, struct chart *c, size_t series)
{
    size_t all, n;
    const struct trace_point *p =
        trace_points(v->trace, v->plot, series, trace_count(v->trace) - 1, &all);
    trace_points(v->trace, v->plot, series, v->at, &n);
    const size_t stride = all / MAX_DRAWN + 1; /* the same at every moment: no dot comes and goes */
    int x0 = -1, y0 = -1;

    for (size_t i = 0; i < n; i += stride) {
        const int x = dot_of(&c->x, p[i].x), y = dot_of(&c->y, p[i].y);
        if (x0 >= 0 && x >= x0) /* a series that starts over is a new line */
            set_line(c, x0, y0, x, y, series);
        set_dot(c, x, y, series);
        x0 = x;
        y0 = y;
    }
}

static enum style series_style(size_t series)
{
    return (enum style)(ST_SERIES + (int)(series % 4));
}

static const char *series_mark(size_t series)
{
    static const char *const marks[] = {"*", "o", "+", "x", "#", "@", "%", "&"};

    return marks[series % ARRAY_LEN(marks)];
}

static void draw_cells(const struct chart *c)
{
    for (int y = 0; y < c->r.h; y++) {
        for (int x = 0; x < c->r.w; x++) {
            const unsigned char dots = c->dots[y][x];
            const size_t series = c->series[y][x];
            /* U+2800 and the dots. */
            const char braille[] = {(char)0xe2, (char)(0xa0 | dots >> 6),
                                    (char)(0x80 | (dots & 0x3f)), '\0'};
            if (dots)
                draw_fill(&c->r, y, x, 1, series_style(series),
                          term_is_ascii() ? series_mark(series) : braille);
        }
    }
}

static void draw_mark(const struct chart *c, const struct trace_point *p, enum style st,
                      const char *mark)
{
    draw_str(&c->r, c->r.h - 1 - dot_of(&c->y, p->y) / DOTS_Y, dot_of(&c->x, p->x) / DOTS_X, st,
             mark);
}

/* The letter of each series at its last point. */
static void draw_ends(const struct view *v, const struct chart *c)
{
    for (size_t i = 0; i < trace_series(v->trace, v->plot); i++) {
        size_t n;
        const struct trace_point *p = trace_points(v->trace, v->plot, i, v->at, &n);
        if (n > 0)
            draw_mark(c, &p[n - 1], series_style(i), series_mark(i));
    }
}

/* The point of the cursor: the last one of this plot at the moment. */
static bool point_here(const struct view *v, size_t *series, struct trace_point *point)
{
    bool found = false;

    for (size_t i = 0; i < trace_series(v->trace, v->plot); i++) {
        size_t n;
        const struct trace_point *p = trace_points(v->trace, v->plot, i, v->at, &n);
        if (n == 0 || (found && p[n - 1].event < point->event))
            continue;
        *series = i;
        *point = p[n - 1];
        found = true;
    }
    return found;
}

static void draw_point(const struct view *v, const struct rect *r, const struct chart *c)
{
    struct trace_point p;
    size_t series;
    char x[32], y[32];

    if (!point_here(v, &series, &p))
        return;
    draw_mark(c, &p, ST_ACCENT, term_glyph(GLYPH_NOTE));
    format_value(p.x, x, sizeof(x));
    format_value(p.y, y, sizeof(y));
    char *words =
        xasprintf("%s: %s, %s", view_label(v, trace_series_name(v->trace, v->plot, series)), x, y);
    draw_right(r, HEAD - 1, ST_ACCENT, words);
    free(words);
}

static void draw_legend(const struct view *v, const struct rect *r)
{
    int x = draw_cut(r, 0, 0, ST_STRONG, view_label(v, trace_plot_name(v->trace, v->plot))) + 3;

    for (size_t i = 0; i < trace_series(v->trace, v->plot) && x < r->w; i++) {
        x = draw_str(r, 0, x, series_style(i), series_mark(i));
        x = draw_cut(r, 0, x + 1, ST_TEXT, view_label(v, trace_series_name(v->trace, v->plot, i))) +
            3;
    }
    if (trace_plots(v->trace) > 1) {
        char which[32];
        snprintf(which, sizeof(which), "%zu/%zu (o)", v->plot + 1, trace_plots(v->trace));
        draw_str(r, 1, 0, ST_DIM, which);
    }
}

static void plot_draw(struct view *v, const struct rect *r)
{
    if (r->h < HEAD + FOOT + 2 || r->w < LEFT + 10) {
        draw_cut(r, 0, 0, ST_DIM, text(TXT_TOO_SMALL));
        return;
    }
    struct chart *c = xmalloc(sizeof(*c)); /* too large for a stack frame */
    lay_out(v, r, c);
    for (size_t i = 0; i < trace_series(v->trace, v->plot); i++)
        set_series(v, c, i);
    draw_legend(v, r);
    draw_axes(r, c);
    draw_cells(c);
    draw_ends(v, c);
    draw_point(v, r, c);
    free(c);
}

/* ---- keys ---- */

static bool plot_has(const struct trace *t)
{
    return trace_plots(t) > 0;
}

static void plot_move(struct view *v, int step)
{
    const size_t to = trace_step(v->trace, v->at, step, 1u << TRACE_POINT, -1);

    if (to != TRACE_NONE)
        view_go(v, to);
}

/* o: the next plot. a: both axes as chosen, then each combination of linear and logarithmic. */
static void plot_key(struct view *v, int key)
{
    if (key == 'o') {
        v->plot = (v->plot + 1) % size_max(1, trace_plots(v->trace));
        return;
    }
    v->log_chosen = true;
    v->log_x = !v->log_x;
    if (!v->log_x)
        v->log_y = !v->log_y;
}

/* To the point that is nearest to the place, of those there are at all. */
static void plot_click(struct view *v, const struct rect *r, int row, int col)
{
    struct chart *c = xmalloc(sizeof(*c));
    const size_t last = trace_count(v->trace) - 1;
    int best = -1;
    size_t at = TRACE_NONE;

    lay_out(v, r, c);
    for (size_t i = 0; i < trace_series(v->trace, v->plot); i++) {
        size_t n;
        const struct trace_point *p = trace_points(v->trace, v->plot, i, last, &n);
        for (size_t k = 0; k < n; k += n / MAX_DRAWN + 1) {
            const int x = LEFT + dot_of(&c->x, p[k].x) / DOTS_X;
            const int y = HEAD + c->r.h - 1 - dot_of(&c->y, p[k].y) / DOTS_Y;
            const int far = abs(x - col) + 2 * abs(y - row);
            if (best < 0 || far < best) {
                best = far;
                at = p[k].event;
            }
        }
    }
    free(c);
    if (at != TRACE_NONE)
        view_go(v, at);
}

const struct view_ops plot_view = {
    .name = "plot",
    .title = TXT_VIEW_PLOT,
    .steps = 1u << TRACE_POINT | 1u << TRACE_NOTE | 1u << TRACE_VERDICT,
    .has = plot_has,
    .draw = plot_draw,
    .move = plot_move,
    .key = plot_key,
    .click = plot_click,
};
