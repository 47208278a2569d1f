/*
 * graph.c: the states of a graph, one snapshot after another: nodes with fields, edges, lists. See
 * view.h.
 *
 * Lists are rows of names at the top; nodes are boxes in a grid, each in its place for the whole
 * run, which is the order in which the snapshots name them. A box says its fields and where its
 * edges lead; lines are drawn only for the selected node and between nodes marked bad, so that
 * they can be followed. What changed since the snapshot before is marked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "utf8.h"
#include "view/view.h"

enum {
    HEAD = 1,        /* row of the step's caption */
    MAX_NODES = 200, /* places of the grid */
    LEAST_BOX = 12,  /* columns inside a box */
    MOST_BOX = 26,
    GAP_X = 3, /* between boxes: room for lines */
    GAP_Y = 2,
    MAX_ROWS = 12,        /* inside a box */
    MOST_QUIET_EDGES = 8, /* drawn beside those of the selected node */
    MAX_READ = 1000,      /* snapshots that are looked through for nodes */
    LEAST_GRID = 1,       /* rows left to the boxes, however many lists there are */
};

/* The place of every node of the run, by its id, and the room it needs: the most that it has to say
 * in any snapshot, so that no box moves. It grows as snapshots are read, in their order. */
struct view_places {
    char *ids[MAX_NODES];
    int rows[MAX_NODES];
    int cols; /* of the widest */
    size_t n;
    size_t read; /* snapshots read so far */
};

struct layout {
    int n_lists;            /* that there is room for */
    struct rect grid;       /* where boxes stand, below caption and lists */
    int box_w;              /* with borders */
    int across;             /* boxes in a row */
    int top[MAX_NODES + 1]; /* of each row of boxes, and behind the last; a row ends with a gap */
    int n_rows;
};

/* Lines between boxes: for each cell of the grid in which directions they leave it. */
enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

struct lines {
    int h, w;
    unsigned char *dirs;  /* h times w */
    unsigned char *style; /* of each cell */
};

/* ---- places ---- */

void view_places_free(struct view_places *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n; i++)
        free(p->ids[i]);
    free(p);
}

static size_t place_of(const struct view_places *p, const char *id)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->ids[i], id) == 0)
            return i;
    return TRACE_NONE;
}

/* Rows of a node's text: its fields and its edges. */
static int node_rows(const struct trace_graph *g, size_t node)
{
    int rows = 0;

    for (size_t i = 0; i < g->nodes[node].n_fields; i++)
        rows += strcmp(g->nodes[node].fields[i].key, "mark") != 0;
    for (size_t i = 0; i < g->n_edges; i++)
        rows += g->edges[i].from == node;
    return int_min(rows, MAX_ROWS);
}

static int edge_cols(const struct view *v, const struct trace_graph *g, const struct trace_edge *e)
{
    const int label = e->label[0] ? 1 + utf8_cols_str(view_text(v, e->label)) : 0;

    return 2 + utf8_cols_str(view_text(v, g->nodes[e->to].label)) + label;
}

static int text_cols(const struct view *v, const struct trace_graph *g)
{
    int w = LEAST_BOX;

    for (size_t i = 0; i < g->n_nodes; i++) {
        const struct trace_node *n = &g->nodes[i];
        w = int_max(w, utf8_cols_str(view_text(v, n->label)) + 2);
        for (size_t k = 0; k < n->n_fields; k++)
            if (strcmp(n->fields[k].key, "mark") != 0)
                w = int_max(w, utf8_cols_str(view_text(v, n->fields[k].key)) + 2 +
                                   utf8_cols_str(view_text(v, n->fields[k].value)));
    }
    for (size_t i = 0; i < g->n_edges; i++)
        w = int_max(w, edge_cols(v, g, &g->edges[i]));
    return int_min(w, MOST_BOX);
}

static void add_places(const struct view *v, struct view_places *p, const struct trace_graph *g)
{
    for (size_t i = 0; i < g->n_nodes; i++) {
        size_t place = place_of(p, g->nodes[i].id);
        if (place == TRACE_NONE && p->n == MAX_NODES)
            continue;
        if (place == TRACE_NONE)
            p->ids[place = p->n++] = xstrdup(g->nodes[i].id);
        p->rows[place] = int_max(p->rows[place], node_rows(g, i));
    }
    p->cols = int_max(p->cols, text_cols(v, g));
}

/* Reads the snapshots that have come since the last frame, and the one that is shown (TRACE_NONE:
 * none). A snapshot that came late may be passed over: its nodes get their places when it is shown.
 */
static void find_places(struct view *v, size_t shown)
{
    if (!v->places)
        v->places = x_array(1, sizeof(*v->places));
    struct view_places *p = v->places;

    for (; p->read < trace_snapshots(v->trace) && p->read < MAX_READ; p->read++)
        add_places(v, p, trace_snapshot(v->trace, p->read));
    if (shown != TRACE_NONE)
        add_places(v, p, trace_snapshot(v->trace, shown));
}

static const struct trace_node *node_by_id(const struct trace_graph *g, const char *id)
{
    for (size_t i = 0; g && i < g->n_nodes; i++)
        if (strcmp(g->nodes[i].id, id) == 0)
            return &g->nodes[i];
    return NULL;
}

/* ---- fields and changes ---- */

static const char *field_value(const struct trace_node *n, const char *key)
{
    for (size_t i = 0; n && i < n->n_fields; i++)
        if (strcmp(n->fields[i].key, key) == 0)
            return n->fields[i].value;
    return NULL;
}

static bool is_mark(const struct trace_node *n, const char *mark)
{
    const char *value = field_value(n, "mark");

    return value && strcmp(value, mark) == 0;
}

/* How a node that the demo marked is told from the others, by more than colour. */
static const struct mark {
    const char *name;
    enum style style;
    enum glyph glyph;
} marks[] = {
    {"good", ST_GOOD, GLYPH_GOOD},
    {"bad", ST_BAD, GLYPH_BAD},
    {"warn", ST_WARN, GLYPH_WARN},
    {"accent", ST_ACCENT, GLYPH_FULL},
};

/* NULL: it has none. */
static const struct mark *mark_of(const struct trace_node *n)
{
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (is_mark(n, marks[i].name))
            return &marks[i];
    return NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* Whether g has an edge between the nodes of these ids with this label. */
static bool has_edge(const struct trace_graph *g, const char *from, const char *to,
                     const char *label)
{
    for (size_t i = 0; g && i < g->n_edges; i++) {
        const struct trace_edge *e = &g->edges[i];
        if (strcmp(g->nodes[e->from].id, from) == 0 && strcmp(g->nodes[e->to].id, to) == 0 &&
            strcmp(e->label, label) == 0)
            return true;
    }
    return false;
}

/* ---- layout ---- */

static int box_h(const struct view *v, size_t place)
{
    return v->places->rows[place] + 2;
}

/* The height of all boxes when so many stand in a row; fills the tops. */
static int stack_rows(const struct view *v, struct layout *l, int across)
{
    const size_t n = v->places->n;
    int y = 0;

    l->across = across;
    l->n_rows = 0;
    for (size_t first = 0; first < n; first += (size_t)across) {
        int h = 0;
        for (size_t i = first; i < n && i < first + (size_t)across; i++)
            h = int_max(h, box_h(v, i));
        l->top[l->n_rows++] = y;
        y += h + GAP_Y;
    }
    l->top[l->n_rows] = y;
    return y - GAP_Y;
}

/* As near to a square as fits: that is easier to follow than a long row. */
static struct layout lay_out(const struct view *v, const struct rect *r,
                             const struct trace_graph *g)
{
    struct layout l = {.n_rows = 0};
    const int room = int_max(0, r->h - HEAD - 1 - LEAST_GRID);

    l.n_lists = (int)size_min(g->n_lists, (size_t)room);
    const int head = HEAD + l.n_lists + (l.n_lists > 0);
    l.grid = (struct rect){r->y + head, r->x, int_max(0, r->h - head), r->w};
    l.box_w = int_min(v->places->cols + 4, r->w);
    const int most = int_max(1, (r->w + GAP_X) / (l.box_w + GAP_X));
    const int n = (int)v->places->n; /* MAX_NODES at most */
    int across = 1;
    while (across < most && across * across < n)
        across++;
    while (stack_rows(v, &l, across) > l.grid.h && across < most)
        across++;
    return l;
}

/* Top left corner of a place, in rows and columns of the grid, scrolled. */
static void corner_of(const struct view *v, const struct layout *l, size_t place, int *y, int *x)
{
    *y = l->top[place / (size_t)l->across] - v->graph_top;
    *x = (int)(place % (size_t)l->across) * (l->box_w + GAP_X);
}

/* Brings the selected node into view. */
static void scroll_to_selected(struct view *v, struct layout *l)
{
    const int all = stack_rows(v, l, l->across);
    int y, x;

    v->graph_top = int_clamp(v->graph_top, 0, int_max(0, all - l->grid.h));
    if (v->graph_node >= v->places->n)
        v->graph_node = 0;
    corner_of(v, l, v->graph_node, &y, &x);
    const int h = box_h(v, v->graph_node);
    if (y < 0)
        v->graph_top += y;
    else if (y + h > l->grid.h)
        v->graph_top += int_min(y, y + h - l->grid.h);
}

/* ---- lines ---- */

static void line_step(struct lines *m, int y, int x, unsigned dirs, enum style st)
{
    if (y < 0 || y >= m->h || x < 0 || x >= m->w)
        return;
    m->dirs[y * m->w + x] |= (unsigned char)dirs;
    m->style[y * m->w + x] = (unsigned char)st;
}

static void line_across(struct lines *m, int y, int x0, int x1, enum style st)
{
    for (int x = int_min(x0, x1); x <= int_max(x0, x1); x++)
        line_step(m, y, x, (x > int_min(x0, x1) ? LEFT : 0u) | (x < int_max(x0, x1) ? RIGHT : 0u),
                  st);
}

static void line_down(struct lines *m, int x, int y0, int y1, enum style st)
{
    for (int y = int_min(y0, y1); y <= int_max(y0, y1); y++)
        line_step(m, y, x, (y > int_min(y0, y1) ? UP : 0u) | (y < int_max(y0, y1) ? DOWN : 0u), st);
}

static const char *line_glyph(unsigned dirs)
{
    static const enum glyph glyphs[16] = {
        [UP] = GLYPH_VLINE,
        [DOWN] = GLYPH_VLINE,
        [UP | DOWN] = GLYPH_VLINE,
        [LEFT] = GLYPH_HLINE,
        [RIGHT] = GLYPH_HLINE,
        [LEFT | RIGHT] = GLYPH_HLINE,
        [UP | LEFT] = GLYPH_CORNER_BR,
        [UP | RIGHT] = GLYPH_CORNER_BL,
        [DOWN | LEFT] = GLYPH_CORNER_TR,
        [DOWN | RIGHT] = GLYPH_CORNER_TL,
        [UP | DOWN | LEFT] = GLYPH_TEE_LEFT,
        [UP | DOWN | RIGHT] = GLYPH_TEE_RIGHT,
        [LEFT | RIGHT | UP] = GLYPH_TEE_UP,
        [LEFT | RIGHT | DOWN] = GLYPH_TEE_DOWN,
        [UP | DOWN | LEFT | RIGHT] = GLYPH_CROSS,
    };

    return term_glyph(glyphs[dirs]);
}

/* The way of an edge: out of one box into a gap between rows, along it, into another box. */
struct way {
    bool beside;       /* straight to the right neighbour */
    bool up, into_top; /* how it leaves and how it arrives */
    int y0, x0;        /* where it leaves its box, outside of it */
    int gap0;          /* row of the gap it turns in first */
    int side;          /* column in which it passes other rows */
    int gap1;          /* row of the gap it arrives from */
    int y1, x1;        /* where its head stands */
};

/* The first row of the gap below a row of boxes. */
static int gap_below(const struct view *v, const struct layout *l, int row)
{
    return l->top[row + 1] - GAP_Y - v->graph_top;
}

static struct way find_way(const struct view *v, const struct layout *l, size_t from, size_t to)
{
    const int row0 = (int)(from / (size_t)l->across), row1 = (int)(to / (size_t)l->across);
    int y0, x0, y1, x1;

    corner_of(v, l, from, &y0, &x0);
    corner_of(v, l, to, &y1, &x1);
    if (row0 == row1 && x0 + l->box_w + GAP_X == x1)
        return (struct way){
            .beside = true, .y0 = y0 + 1, .x0 = x0 + l->box_w, .y1 = y1 + 1, .x1 = x1 - 1};
    struct way w = {.up = row1<row0, .into_top = row1> row0};
    w.x0 = x0 + l->box_w / 2;
    w.y0 = w.up ? y0 - 1 : y0 + box_h(v, from);
    w.gap0 = w.up ? y0 - 1 : gap_below(v, l, row0);
    w.x1 = x1 + l->box_w / 2 + 1;
    w.y1 = w.into_top ? y1 - 1 : y1 + box_h(v, to);
    w.gap1 = w.into_top ? y1 - 1 : gap_below(v, l, row1);
    w.side = row0 == row1 || row1 == row0 + 1 ? w.x1 : x1 == 0 ? x1 + l->box_w + 1 : x1 - 2;
    return w;
}

static void add_line(struct lines *m, const struct way *w, enum style st)
{
    if (w->beside) {
        line_across(m, w->y0, w->x0, w->x1, st);
        return;
    }
    line_step(m, w->y0, w->x0, w->up ? DOWN : UP, st);
    line_down(m, w->x0, w->y0, w->gap0, st);
    line_across(m, w->gap0, w->x0, w->side, st);
    line_down(m, w->side, w->gap0, w->gap1, st);
    line_across(m, w->gap1, w->side, w->x1, st);
    line_down(m, w->x1, w->gap1, w->y1, st);
}

static void draw_lines(const struct layout *l, const struct lines *m)
{
    for (int y = 0; y < m->h; y++)
        for (int x = 0; x < m->w; x++)
            if (m->dirs[y * m->w + x])
                draw_str(&l->grid, y, x, (enum style)m->style[y * m->w + x],
                         line_glyph(m->dirs[y * m->w + x]));
}

static void draw_head(const struct layout *l, const struct way *w, enum style st)
{
    draw_str(&l->grid, w->y1, w->x1, st,
             term_glyph(w->beside     ? GLYPH_TO_RIGHT
                        : w->into_top ? GLYPH_TO_DOWN
                                      : GLYPH_TO_UP));
}

/* Those of the selected node, and those between two nodes that are marked bad. */
static enum style edge_style(const struct view *v, const struct trace_graph *g,
                             const struct trace_edge *e)
{
    const struct trace_node *from = &g->nodes[e->from], *to = &g->nodes[e->to];

    if (is_mark(from, "bad") && is_mark(to, "bad"))
        return ST_BAD;
    return place_of(v->places, from->id) == v->graph_node ? ST_ACCENT : ST_DIM;
}

enum pass { QUIET_LINES, STRONG_LINES, HEADS, PASSES };

/* Quiet ones are drawn where they are few enough to be told apart. */
static void draw_pass(const struct view *v, const struct layout *l, const struct trace_graph *g,
                      struct lines *m, enum pass pass)
{
    for (size_t i = 0; i < g->n_edges; i++) {
        const struct trace_edge *e = &g->edges[i];
        const enum style st = edge_style(v, g, e);
        const size_t from = place_of(v->places, g->nodes[e->from].id);
        const size_t to = place_of(v->places, g->nodes[e->to].id);
        if (from == to || from == TRACE_NONE || to == TRACE_NONE ||
            (st == ST_DIM && g->n_edges > MOST_QUIET_EDGES))
            continue;
        const struct way w = find_way(v, l, from, to);
        if (pass == HEADS)
            draw_head(l, &w, st);
        else if ((st == ST_DIM) == (pass == QUIET_LINES))
            add_line(m, &w, st);
    }
}

static void draw_edges(const struct view *v, const struct layout *l, const struct trace_graph *g)
{
    const size_t h = (size_t)l->grid.h, w = (size_t)l->grid.w;
    struct lines m = {l->grid.h, l->grid.w, x_array(h, w), x_array(h, w)};

    for (int pass = QUIET_LINES; pass < PASSES; pass++) {
        draw_pass(v, l, g, &m, (enum pass)pass);
        if (pass == STRONG_LINES)
            draw_lines(l, &m);
    }
    free(m.dirs);
    free(m.style);
}

/* ---- boxes ---- */

static void draw_frame(const struct layout *l, int y, int x, int h, enum style st)
{
    const struct rect *g = &l->grid;
    const int w = l->box_w;

    draw_fill(g, y, x, w, st, term_glyph(GLYPH_HLINE));
    draw_fill(g, y + h - 1, x, w, st, term_glyph(GLYPH_HLINE));
    for (int i = 1; i < h - 1; i++) {
        draw_fill(g, y + i, x + 1, w - 2, ST_TEXT, " ");
        draw_str(g, y + i, x, st, term_glyph(GLYPH_VLINE));
        draw_str(g, y + i, x + w - 1, st, term_glyph(GLYPH_VLINE));
    }
    draw_str(g, y, x, st, term_glyph(GLYPH_CORNER_TL));
    draw_str(g, y, x + w - 1, st, term_glyph(GLYPH_CORNER_TR));
    draw_str(g, y + h - 1, x, st, term_glyph(GLYPH_CORNER_BL));
    draw_str(g, y + h - 1, x + w - 1, st, term_glyph(GLYPH_CORNER_BR));
}

/* Where a box stands. */
struct box {
    struct rect inner; /* columns of its text; rows of the grid */
    int top, h;
};

/* A row says what it says, and by a sign that it was not so in the snapshot before. */
static void draw_field(const struct view *v, const struct rect *r, int row,
                       const struct trace_field *f, bool changed)
{
    const char *value = view_text(v, f->value);

    draw_cut(r, row, 0, ST_DIM, view_text(v, f->key));
    draw_right(r, row, changed ? ST_ACCENT : ST_TEXT, value);
    if (changed)
        draw_str(r, row, int_max(0, r->w - utf8_cols_str(value) - 2), ST_ACCENT,
                 term_glyph(GLYPH_NOTE));
}

static void draw_edge(const struct view *v, const struct rect *r, int row,
                      const struct trace_node *to, const char *label, bool changed)
{
    const enum style st = changed ? ST_ACCENT : ST_TEXT;
    int x = draw_str(r, row, 0, changed ? ST_ACCENT : ST_DIM, term_glyph(GLYPH_TO_RIGHT));

    if (changed)
        draw_str(r, row, x, ST_ACCENT, term_glyph(GLYPH_NOTE));
    x = draw_cut(r, row, x + 1, st, view_text(v, to->label));
    if (label[0] && x + 1 < r->w)
        draw_cut(r, row, x + 1, ST_DIM, view_text(v, label));
}

/* old: the snapshot before, NULL for none. */
static void draw_fields(const struct view *v, const struct box *b, const struct trace_graph *g,
                        size_t node, const struct trace_graph *old)
{
    const struct trace_node *n = &g->nodes[node], *was = node_by_id(old, n->id);
    const int end = b->top + b->h - 1;
    int row = b->top + 1;

    for (size_t i = 0; i < n->n_fields && row < end; i++) {
        const struct trace_field *f = &n->fields[i];
        if (strcmp(f->key, "mark") != 0)
            draw_field(v, &b->inner, row++, f,
                       old && !same_text(field_value(was, f->key), f->value));
    }
    for (size_t i = 0; i < g->n_edges && row < end; i++) {
        const struct trace_edge *e = &g->edges[i];
        const struct trace_node *to = &g->nodes[e->to];
        if (e->from == node)
            draw_edge(v, &b->inner, row++, to, e->label,
                      old && !has_edge(old, n->id, to->id, e->label));
    }
}

/* "> x list": the pointer of the selected node, the sign of its mark or that it is new, its name.
 */
static void draw_title(const struct view *v, const struct box *b, const struct trace_node *n,
                       bool mine, bool fresh)
{
    const struct mark *mark = mark_of(n);
    int x = 0;

    if (mine)
        draw_str(&(struct rect){b->inner.y, b->inner.x - 1, b->inner.h, 1}, b->top, 0, ST_ACCENT,
                 term_glyph(GLYPH_POINTER));
    const enum style st = mark ? mark->style : fresh ? ST_ACCENT : ST_STRONG;
    if (mark || fresh) {
        x = draw_str(&b->inner, b->top, x, st, term_glyph(mark ? mark->glyph : GLYPH_NOTE));
        x = draw_str(&b->inner, b->top, x, st, " ");
    }
    draw_cut(&b->inner, b->top, x, st, view_text(v, n->label));
}

/* False: it has no place. */
static bool draw_node(const struct view *v, const struct layout *l, const struct trace_graph *g,
                      size_t node, const struct trace_graph *old)
{
    const struct trace_node *n = &g->nodes[node];
    const size_t place = place_of(v->places, n->id);
    const struct mark *mark = mark_of(n);
    int y, x;

    if (place == TRACE_NONE)
        return false;
    corner_of(v, l, place, &y, &x);
    const struct box b = {
        .inner = {l->grid.y, l->grid.x + x + 2, l->grid.h, l->box_w - 4},
        .top = y,
        .h = box_h(v, place),
    };
    const bool mine = place == v->graph_node && v->focused;
    draw_frame(l, y, x, b.h, mine ? ST_ACCENT : mark ? mark->style : ST_DIM);
    draw_title(v, &b, n, mine, old && !node_by_id(old, n->id));
    draw_fields(v, &b, g, node, old);
    return true;
}

/* ---- lists ---- */

static bool same_list(const struct trace_graph *a, const struct trace_list *la,
                      const struct trace_graph *b, const struct trace_list *lb)
{
    if (la->n != lb->n)
        return false;
    for (size_t i = 0; i < la->n; i++)
        if (strcmp(a->nodes[la->nodes[i]].id, b->nodes[lb->nodes[i]].id) != 0)
            return false;
    return true;
}

static bool list_changed(const struct trace_graph *g, const struct trace_list *list,
                         const struct trace_graph *old)
{
    for (size_t i = 0; old && i < old->n_lists; i++)
        if (strcmp(old->lists[i].name, list->name) == 0)
            return !same_list(g, list, old, &old->lists[i]);
    return old != NULL;
}

/* "unreachable: L2 > L3 > L4" */
static void draw_list(const struct view *v, const struct rect *r, int row,
                      const struct trace_graph *g, const struct trace_list *list, bool changed)
{
    int x = draw_str(r, row, 0, changed ? ST_ACCENT : ST_DIM,
                     term_glyph(changed ? GLYPH_NOTE : GLYPH_DOT));

    x = draw_cut(r, row, x + 1, ST_STRONG, view_text(v, list->name)) + 1;
    for (size_t i = 0; i < list->n && x < r->w; i++) {
        const struct trace_node *n = &g->nodes[list->nodes[i]];
        if (i > 0)
            x = draw_str(r, row, x + 1, ST_DIM, term_glyph(GLYPH_RIGHT));
        const struct mark *mark = mark_of(n);
        x = draw_cut(r, row, x + 1, mark ? mark->style : ST_TEXT, view_text(v, n->label));
    }
    if (list->n == 0)
        draw_str(r, row, x + 1, ST_DIM, text(TXT_VIEW_EMPTY_LIST));
}

/* ---- the whole ---- */

/* That there is more above or below, which selecting a node there brings into view. */
static void draw_more(const struct view *v, const struct layout *l)
{
    const int all = l->top[l->n_rows] - GAP_Y;

    if (v->graph_top > 0)
        draw_right(&l->grid, 0, ST_ACCENT, term_glyph(GLYPH_UP));
    if (all - v->graph_top > l->grid.h)
        draw_right(&l->grid, l->grid.h - 1, ST_ACCENT, term_glyph(GLYPH_DOWN));
}

static void graph_draw(struct view *v, const struct rect *r)
{
    const size_t k = trace_snapshot_at(v->trace, v->at);
    char step[64];

    find_places(v, k);
    if (k == TRACE_NONE) {
        draw_cut(r, 0, 0, ST_DIM, text(TXT_VIEW_NO_SNAPSHOT));
        return;
    }
    const struct trace_graph *old = k > 0 ? trace_snapshot(v->trace, k - 1) : NULL;
    const struct trace_graph *g = trace_snapshot(v->trace, k);
    struct layout l = lay_out(v, r, g);
    scroll_to_selected(v, &l);
    for (int i = 0; i < l.n_lists; i++)
        draw_list(v, r, HEAD + i, g, &g->lists[i], list_changed(g, &g->lists[i], old));
    draw_edges(v, &l, g);
    bool whole = !g->cut && (size_t)l.n_lists == g->n_lists;
    for (size_t i = 0; i < g->n_nodes; i++)
        whole &= draw_node(v, &l, g, i, old);
    draw_more(v, &l);
    snprintf(step, sizeof(step), "%s%zu/%zu", whole ? "" : "! ", k + 1, trace_snapshots(v->trace));
    const struct rect name = {r->y, r->x, r->h, r->w - utf8_cols_str(step) - 1};
    draw_cut(&name, 0, 0, ST_STRONG, view_text(v, g->name));
    draw_right(r, 0, ST_DIM, step);
}

/* ---- keys ---- */

static bool graph_has(const struct trace *t)
{
    return trace_snapshots(t) > 0;
}

/* To the next node that is there at this moment. */
static void graph_move(struct view *v, int step)
{
    const size_t k = trace_snapshot_at(v->trace, v->at);
    const struct trace_graph *g = k == TRACE_NONE ? NULL : trace_snapshot(v->trace, k);
    const int n = v->places ? (int)v->places->n : 0;

    for (int i = (int)v->graph_node + step; i >= 0 && i < n; i += step) {
        if (!node_by_id(g, v->places->ids[i]))
            continue;
        v->graph_node = (size_t)i;
        return;
    }
}

static void graph_click(struct view *v, const struct rect *r, int row, int col)
{
    const size_t k = trace_snapshot_at(v->trace, v->at);

    if (k == TRACE_NONE || !v->places)
        return;
    const struct layout l = lay_out(v, r, trace_snapshot(v->trace, k));
    for (size_t i = 0; i < v->places->n; i++) {
        int y, x;
        corner_of(v, &l, i, &y, &x);
        y += l.grid.y - r->y;
        if (row >= y && row < y + box_h(v, i) && col >= x && col < x + l.box_w)
            v->graph_node = i;
    }
}

const struct view_ops graph_view = {
    .name = "graph",
    .title = TXT_VIEW_GRAPH,
    .steps = 1u << TRACE_SNAPSHOT | 1u << TRACE_NOTE | 1u << TRACE_VERDICT,
    .has = graph_has,
    .draw = graph_draw,
    .move = graph_move,
    .click = graph_click,
};
