/*
 * table.c: tables whose columns are fitted to the room there is.
 *
 * Columns start as wide as their longest word and grow where it saves the most lines. Where even
 * that does not fit, each row becomes a little list of "header: value". See layout.h.
 */
#include <stdlib.h>
#include <string.h>

#include "markdown/layout.h"

enum {
    SEPARATOR_COLS = 3, /* " | " */
    MAX_WORD_COLS = 16, /* a longer word may be broken to fit a column */
    MIN_WIDE_COLS = 4,  /* two Chinese characters in a row, at least */
    MAX_CELL_LINES = 5, /* a column that needs more is hopeless */
    MIN_VALUE_COLS = 12,
};

struct column {
    int cols;
    int natural; /* columns of its widest cell on one line */
    int word;    /* of its widest word */
};

/* A table being laid out. */
struct table {
    struct column *columns;
    size_t n;
};

static int widest_word(const char *s, size_t n)
{
    int widest = 0;

    for (size_t i = 0; i < n;) {
        size_t end = i;
        bool ascii = true;
        while (end < n && s[end] != ' ')
            ascii = (unsigned char)s[end++] < 0x80 && ascii;
        const int cols = utf8_cols(s + i, end - i);
        widest = int_max(widest, ascii ? cols : int_min(cols, MIN_WIDE_COLS));
        i = end + 1;
    }
    return widest;
}

static void measure_columns(struct table *t, const struct node *node)
{
    for (const struct node *row = node->first; row; row = row->next) {
        const struct node *cell = row->first;
        for (size_t i = 0; i < t->n && cell; i++, cell = cell->next) {
            struct column *c = &t->columns[i];
            c->natural = int_max(c->natural, utf8_cols(cell->text, cell->len));
            c->word = int_max(c->word, widest_word(cell->text, cell->len));
        }
    }
    for (size_t i = 0; i < t->n; i++) {
        struct column *c = &t->columns[i];
        c->natural = int_max(c->natural, 1);
        c->cols = int_clamp(c->word, 1, MAX_WORD_COLS);
    }
}

/* The column that one more column of room helps most: the one with the most lines. */
static struct column *neediest(const struct table *t)
{
    struct column *best = NULL;

    for (size_t i = 0; i < t->n; i++) {
        struct column *c = &t->columns[i];
        if (c->cols >= c->natural)
            continue;
        if (!best || (int64_t)c->natural * best->cols > (int64_t)best->natural * c->cols)
            best = c;
    }
    return best;
}

/* Gives the columns their widths; false if it is hopeless. */
static bool fit_columns(struct table *t, int cols)
{
    int left = cols - SEPARATOR_COLS * ((int)t->n - 1);

    for (size_t i = 0; i < t->n; i++)
        left -= t->columns[i].cols;
    if (left < 0)
        return false;
    for (struct column *c; left > 0 && (c = neediest(t)); left--)
        c->cols++;
    for (size_t i = 0; i < t->n; i++) {
        if (t->columns[i].natural > MAX_CELL_LINES * t->columns[i].cols)
            return false;
    }
    return true;
}

/* A cell of the row that is being laid out, wrapped. */
struct wrapped {
    const struct node *cell;
    struct utf8_line *lines;
    size_t n, span;
};

static int blanks_before(MD_ALIGN align, int room)
{
    if (align == MD_ALIGN_RIGHT)
        return room;
    return align == MD_ALIGN_CENTER ? room / 2 : 0;
}

static void add_cell_line(struct layout *l, struct wrapped *w, size_t i, int cols)
{
    if (i >= w->n) {
        lay_blanks(l, cols);
        return;
    }
    const struct utf8_line *line = &w->lines[i];
    const int room = cols - utf8_cols(w->cell->text + line->start, line->end - line->start);
    const int before = int_clamp(blanks_before(w->cell->u.cell.align, room), 0, cols);
    lay_blanks(l, before);
    lay_words(l, w->cell, line->start, line->end, &w->span);
    lay_blanks(l, int_max(room - before, 0));
}

static void add_row_line(struct layout *l, const struct table *t, struct wrapped *cells, size_t i)
{
    const char *bar = l->ascii ? " | " : " │ ";

    lay_begin(l);
    for (size_t k = 0; k < t->n; k++) {
        if (k > 0)
            lay_run(l, bar, strlen(bar), MD_RULE);
        add_cell_line(l, &cells[k], i, t->columns[k].cols);
    }
    lay_end(l);
}

/* Wraps the cells of a row; returns the number of lines it takes. */
static size_t wrap_row(const struct table *t, const struct node *row, struct wrapped *cells)
{
    const struct node *cell = row->first;
    size_t height = 1;

    for (size_t i = 0; i < t->n; i++) {
        cells[i] = (struct wrapped){.cell = cell};
        if (!cell)
            continue;
        cells[i].n = lay_wrap(cell, t->columns[i].cols, t->columns[i].cols, &cells[i].lines);
        height = size_max(height, cells[i].n);
        cell = cell->next;
    }
    return height;
}

static void lay_row(struct layout *l, const struct table *t, const struct node *row)
{
    struct wrapped *cells = x_array(t->n, sizeof(*cells));
    const size_t height = wrap_row(t, row, cells);

    for (size_t i = 0; i < height; i++)
        add_row_line(l, t, cells, i);
    for (size_t i = 0; i < t->n; i++)
        free(cells[i].lines);
    free(cells);
}

static void lay_table_rule(struct layout *l, const struct table *t)
{
    const char *cross = l->ascii ? "-+-" : "─┼─";

    lay_begin(l);
    for (size_t i = 0; i < t->n; i++) {
        if (i > 0)
            lay_run(l, cross, strlen(cross), MD_RULE);
        lay_bar(l, t->columns[i].cols);
    }
    lay_end(l);
}

/* Whether a first cell takes several lines: then only a rule shows where a row ends. */
static bool is_ruled(const struct table *t, const struct node *node)
{
    for (const struct node *row = node->first->next; row; row = row->next) {
        if (utf8_cols(row->first->text, row->first->len) > t->columns[0].cols)
            return true;
    }
    return false;
}

static void lay_header(struct layout *l, const struct table *t, const struct node *row)
{
    const enum md_style outside = l->base;

    l->base = MD_STRONG;
    lay_row(l, t, row);
    l->base = outside;
}

static void lay_grid(struct layout *l, const struct table *t, const struct node *node)
{
    const bool ruled = is_ruled(t, node);

    lay_header(l, t, node->first);
    lay_table_rule(l, t);
    for (const struct node *row = node->first->next; row; row = row->next) {
        lay_row(l, t, row);
        if (ruled && row->next)
            lay_table_rule(l, t);
    }
}

/* Hopeless widths: a row as "header: value" */

struct key {
    const char *text;
    int cols;
};

/* The header's words and a colon. They are cut where they leave neither half a line nor
 * MIN_VALUE_COLS to what comes behind them. */
static struct key make_key(struct layout *l, const struct node *header)
{
    struct buf words = {0};

    node_words(header, &words);
    const int most = int_max(text_cols(l) / 2, text_cols(l) - MIN_VALUE_COLS) - 2;
    const size_t fit = utf8_fit(buf_text(&words), words.len, most);
    const char *cut = fit == words.len ? "" : l->ascii ? "~" : "…";
    const char *text = arena_printf(&l->doc->laid_out, "%.*s%s:", (int)fit, buf_text(&words), cut);
    buf_release(&words);
    return (struct key){text, utf8_cols_str(text)};
}

static void lay_field(struct layout *l, const struct key *key, const struct node *cell)
{
    const int first_cols = text_cols(l) - key->cols - 1;
    struct utf8_line *lines;
    size_t span = 0;

    lay_begin(l);
    lay_run(l, key->text, strlen(key->text), MD_STRONG);
    lay_blanks(l, 1);
    lay_push(l, NULL, NULL, 2, MD_TEXT); /* for the lines behind the first */
    const size_t n = lay_wrap(cell, first_cols, text_cols(l), &lines);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            lay_begin(l);
        lay_words(l, cell, lines[i].start, lines[i].end, &span);
        lay_end(l);
    }
    lay_pop(l);
    free(lines);
}

static void lay_record(struct layout *l, const struct key *keys, const struct node *row)
{
    size_t i = 0;

    for (const struct node *cell = row->first; cell; cell = cell->next, i++) {
        if (cell->len > 0)
            lay_field(l, &keys[i], cell);
    }
}

static void lay_records(struct layout *l, const struct node *node, size_t n)
{
    const struct node *headers = node->first;
    struct key *keys = x_array(n, sizeof(*keys));
    size_t i = 0;

    for (const struct node *header = headers->first; header; header = header->next) {
        keys[i++] = make_key(l, header);
        if (!headers->next)
            lay_text(l, header);
    }
    for (const struct node *row = headers->next; row; row = row->next) {
        if (row != headers->next)
            lay_gap(l);
        lay_record(l, keys, row);
    }
    free(keys);
}

static size_t count_cells(const struct node *row)
{
    size_t n = 0;

    for (const struct node *cell = row->first; cell; cell = cell->next)
        n++;
    return n;
}

void lay_table(struct layout *l, const struct node *node)
{
    const size_t n = count_cells(node->first);
    struct table t = {.columns = x_array(n, sizeof(*t.columns)), .n = n};

    measure_columns(&t, node);
    if (fit_columns(&t, text_cols(l)))
        lay_grid(l, &t, node);
    else
        lay_records(l, node, n);
    free(t.columns);
}
