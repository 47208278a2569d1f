/*
 * layout.c: the tree of a document as lines of at most so many columns.
 *
 * A recursive walk, as deep as parse.c let the tree become. Runs point into the tree or into the
 * arena `laid_out`, which lives until the next layout. See layout.h.
 */
#include "markdown/layout.h"

#include <stdlib.h>
#include <string.h>

#include "highlight.h"

enum {
    MIN_COLS = 10,
    MAX_COLS = 1000,
    MAX_CODE_RUNS = 256, /* in a line of highlighted code; the last one takes the rest */
    CODE_INDENT = 2,
    GLUE_COLS = 24, /* inline code up to here is not broken, if it fits in a line */
};

static const char spaces[] = "                                                                ";

/* Lines */

void lay_push(struct layout *l, const char *first, const char *rest, int cols, enum md_style style)
{
    struct margin *m = &l->margins[l->n_margins];

    if (l->n_margins == MAX_MARGINS)
        BUG("more than %d margins", MAX_MARGINS);
    l->n_margins++;
    if (text_cols(l) - cols < MIN_TEXT_COLS)
        cols = 0;
    *m = (struct margin){first, rest, cols, style};
    l->margin_cols += cols;
}

void lay_pop(struct layout *l)
{
    l->margin_cols -= l->margins[--l->n_margins].cols;
}

void lay_run(struct layout *l, const char *text, size_t len, enum md_style style)
{
    if (len == 0)
        return;
    if (l->n_runs > 0) {
        struct md_run *last = &l->runs[l->n_runs - 1];
        if (last->style == style && last->text + last->len == text) {
            last->len += len;
            return;
        }
    }
    if (l->n_runs == l->cap_runs) {
        l->cap_runs = l->cap_runs ? l->cap_runs * 2 : 16;
        l->runs = x_resize(l->runs, l->cap_runs, sizeof(*l->runs));
    }
    l->runs[l->n_runs++] = (struct md_run){text, len, style};
}

/* Blanks in front of everything else are the line's indent. */
void lay_blanks(struct layout *l, int n)
{
    const int most = (int)sizeof(spaces) - 1;

    if (l->n_runs == 0) {
        l->indent += n;
        return;
    }
    for (; n > 0; n -= most)
        lay_run(l, spaces, (size_t)int_min(n, most), MD_TEXT);
}

void lay_bar(struct layout *l, int n)
{
    const char *character = l->ascii ? "-" : "─";

    if (!l->bar) {
        struct buf bar = {0};
        for (int i = 0; i < l->cols; i++)
            buf_puts(&bar, character);
        l->bar = arena_strndup(&l->doc->laid_out, bar.text, bar.len);
        buf_release(&bar);
    }
    lay_run(l, l->bar, (size_t)n * strlen(character), MD_RULE);
}

/* The first line of an item takes its bullet along; after that it is as wide a blank. */
static void add_margin(struct layout *l, struct margin *m)
{
    const char *text = m->first ? m->first : m->rest;

    m->first = NULL;
    if (m->cols == 0)
        return;
    if (!text) {
        lay_blanks(l, m->cols);
        return;
    }
    const size_t blanks = strspn(text, " ");
    lay_blanks(l, (int)blanks);
    lay_run(l, text + blanks, strlen(text + blanks), m->style);
}

void lay_begin(struct layout *l)
{
    l->n_runs = 0;
    l->indent = 0;
    for (size_t i = 0; i < l->n_margins; i++)
        add_margin(l, &l->margins[i]);
}

static struct md_line *new_line(struct layout *l)
{
    struct md_doc *doc = l->doc;

    if (doc->n_lines == doc->cap_lines) {
        doc->cap_lines = doc->cap_lines ? doc->cap_lines * 2 : 64;
        doc->lines = x_resize(doc->lines, doc->cap_lines, sizeof(*doc->lines));
    }
    struct md_line *line = &doc->lines[doc->n_lines++];
    *line = (struct md_line){.live = -1};
    return line;
}

/* Blanks at the end, which only margins leave there, show nothing. */
static void trim_runs(struct layout *l)
{
    while (l->n_runs > 0) {
        struct md_run *last = &l->runs[l->n_runs - 1];
        while (last->len > 0 && last->text[last->len - 1] == ' ')
            last->len--;
        if (last->len > 0)
            return;
        l->n_runs--;
    }
}

void lay_end(struct layout *l)
{
    struct md_line *line = new_line(l);

    trim_runs(l);
    if (l->n_runs == 0)
        return;
    struct md_run *runs = arena_array(&l->doc->laid_out, l->n_runs, sizeof(*runs));
    memcpy(runs, l->runs, l->n_runs * sizeof(*runs));
    line->runs = runs;
    line->n = l->n_runs;
    line->indent = l->indent;
}

void lay_gap(struct layout *l)
{
    lay_begin(l);
    lay_end(l);
}

/* Text */

void lay_words(struct layout *l, const struct node *node, size_t start, size_t end, size_t *span)
{
    const size_t last = node->n_spans - 1;

    while (start < end) {
        while (*span < last && node->spans[*span].end <= start)
            ++*span;
        const struct span *s = &node->spans[*span];
        const size_t stop = *span < last ? size_min(end, s->end) : end;
        lay_run(l, node->text + start, stop - start, s->style == MD_TEXT ? l->base : s->style);
        start = stop;
    }
}

/* No break inside the words of [start, end), unless they are too long to be glued. */
static void glue_words(char *glue, const char *text, size_t start, size_t end, int cols)
{
    size_t word;

    for (size_t i = start; i < end; i += word) {
        const char *blank = memchr(text + i, ' ', end - i);
        word = blank ? (size_t)(blank - text) - i : end - i;
        if (word > 1 && utf8_cols(text + i, word) <= cols)
            memset(glue + i + 1, 1, word - 1);
        word = size_max(word, 1);
    }
}

/* Flags for utf8_wrap_glued, NULL if there is nothing to keep together; the caller frees. */
static char *find_glue(const struct node *node, int cols)
{
    char *glue = NULL;
    size_t start = 0;

    for (size_t i = 0; i < node->n_spans; i++) {
        const struct span *s = &node->spans[i];
        if (!glue && (s->style == MD_CODE || s->style == MD_SOURCE))
            glue = x_array(node->len, 1);
        if (s->style == MD_CODE)
            glue_words(glue, node->text, start, s->end, int_min(GLUE_COLS, cols));
        if (s->style == MD_SOURCE)
            memset(glue + start, 1, s->end - start);
        start = s->end;
    }
    return glue;
}

size_t lay_wrap(const struct node *node, int first_cols, int cols, struct utf8_line **lines)
{
    char *glue = find_glue(node, cols);
    const size_t n = utf8_wrap_glued(node->text, node->len, glue, first_cols, cols, lines);

    free(glue);
    return n;
}

void lay_text(struct layout *l, const struct node *node)
{
    struct utf8_line *lines;
    size_t span = 0;
    const size_t n = lay_wrap(node, text_cols(l), text_cols(l), &lines);

    for (size_t i = 0; i < n; i++) {
        lay_begin(l);
        lay_words(l, node, lines[i].start, lines[i].end, &span);
        lay_end(l);
    }
    free(lines);
}

static void lay_heading(struct layout *l, const struct node *node)
{
    static const enum md_style styles[] = {MD_H1, MD_H2, MD_H3};
    const enum md_style outside = l->base;

    l->base = styles[size_min(node->u.heading.level, ARRAY_LEN(styles)) - 1];
    lay_text(l, node);
    l->base = outside;
}

/* Code */

static void lay_code_line(struct layout *l, struct hl_state *st, const struct node *node,
                          const char *s, size_t n)
{
    struct md_run runs[MAX_CODE_RUNS];
    size_t n_runs = 1;

    runs[0] = (struct md_run){s, n, MD_SRC_TEXT};
    if (node->u.code.c)
        n_runs = hl_c_line(st, s, n, runs, ARRAY_LEN(runs));
    lay_begin(l);
    lay_blanks(l, CODE_INDENT);
    for (size_t i = 0; i < n_runs; i++)
        lay_run(l, runs[i].text, runs[i].len, runs[i].style);
    lay_end(l);
    l->doc->lines[l->doc->n_lines - 1].code = true;
}

static void lay_code(struct layout *l, const struct node *node)
{
    struct hl_state st = {0};
    const char *s = node->text;
    const char *end = s + node->len;

    for (;;) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        const char *stop = newline ? newline : end;
        lay_code_line(l, &st, node, s, (size_t)(stop - s));
        if (!newline)
            break;
        s = newline + 1;
    }
}

/* Containers */

static void lay_node(struct layout *l, const struct node *node);

static void lay_children(struct layout *l, const struct node *node, bool tight)
{
    for (const struct node *child = node->first; child; child = child->next) {
        if (child != node->first && !tight)
            lay_gap(l);
        lay_node(l, child);
    }
}

static void lay_barred(struct layout *l, const struct node *node, const char *bar,
                       enum md_style bar_style, enum md_style base)
{
    const enum md_style outside = l->base;

    l->base = base;
    lay_push(l, NULL, bar, 2, bar_style);
    lay_children(l, node, false);
    lay_pop(l);
    l->base = outside;
}

static unsigned decimal_digits(size_t n)
{
    unsigned digits = 1;

    for (; n > 9; n /= 10)
        digits++;
    return digits;
}

static size_t count_children(const struct node *node)
{
    size_t n = 0;

    for (const struct node *child = node->first; child; child = child->next)
        n++;
    return n;
}

/* An item without text, or one that starts with a live block, shows its bullet all the same. */
static void lay_item(struct layout *l, const struct node *item, const char *bullet, bool tight)
{
    lay_push(l, bullet, NULL, utf8_cols_str(bullet), MD_RULE);
    if (!item->first || item->first->kind == NODE_LIVE)
        lay_gap(l);
    lay_children(l, item, tight);
    lay_pop(l);
}

static void lay_list(struct layout *l, const struct node *list)
{
    const char *bullet = l->ascii ? "- " : "• ";
    const bool tight = list->u.list.tight;
    size_t number = list->u.list.start;
    const int digits = (int)decimal_digits(number + count_children(list) - 1);

    for (const struct node *item = list->first; item; item = item->next, number++) {
        if (item != list->first && !tight)
            lay_gap(l);
        if (list->u.list.ordered)
            bullet =
                arena_printf(&l->doc->laid_out, "%*zu%c ", digits, number, list->u.list.delimiter);
        lay_item(l, item, bullet, tight);
    }
}

static void lay_rule(struct layout *l)
{
    lay_begin(l);
    lay_bar(l, text_cols(l));
    lay_end(l);
}

static void lay_live(struct layout *l, const struct node *node)
{
    struct md_line *line = new_line(l);

    line->live = (int)node->u.live;
    line->indent = l->margin_cols;
}

static void lay_node(struct layout *l, const struct node *node)
{
    switch (node->kind) {
    case NODE_ROOT:
        lay_children(l, node, false);
        break;
    case NODE_QUOTE:
        lay_barred(l, node, l->ascii ? "| " : "│ ", MD_RULE, MD_QUOTE);
        break;
    case NODE_ASIDE:
        lay_barred(l, node, l->ascii ? "| " : "┃ ", MD_ASIDE, MD_ASIDE);
        break;
    case NODE_LIST:
        lay_list(l, node);
        break;
    case NODE_RULE:
        lay_rule(l);
        break;
    case NODE_HEADING:
        lay_heading(l, node);
        break;
    case NODE_PARAGRAPH:
        lay_text(l, node);
        break;
    case NODE_CODE:
        lay_code(l, node);
        break;
    case NODE_TABLE:
        lay_table(l, node);
        break;
    case NODE_LIVE:
        lay_live(l, node);
        break;
    case NODE_ITEM:
    case NODE_ROW:
    case NODE_CELL:
        BUG("a node of kind %d outside its list or table", (int)node->kind);
    }
}

/* The list of sources */

/* Broken anywhere, where it does not fit: all of it is glued. */
static void lay_url(struct layout *l, const char *url)
{
    const size_t n = strlen(url);
    struct utf8_line *lines;
    char *glue = xmalloc(n);

    memset(glue, 1, n);
    const size_t n_lines = utf8_wrap_glued(url, n, glue, text_cols(l), text_cols(l), &lines);
    for (size_t i = 0; i < n_lines; i++) {
        lay_begin(l);
        lay_run(l, url + lines[i].start, lines[i].end - lines[i].start, MD_SOURCE);
        lay_end(l);
    }
    free(lines);
    free(glue);
}

/* The link's text and its URL, side by side if there is room. */
static void lay_source(struct layout *l, const struct source *source)
{
    const size_t n = strlen(source->text);
    struct span all = {n, MD_TEXT};
    const struct node text = {.text = source->text, .len = n, .spans = &all, .n_spans = 1};
    const int cols = utf8_cols(source->text, n) + 2 + utf8_cols_str(source->url);

    if (n == 0) {
        lay_url(l, source->url);
    } else if (cols <= text_cols(l) && !strchr(source->text, '\n')) {
        lay_begin(l);
        lay_run(l, source->text, n, MD_TEXT);
        lay_blanks(l, 2);
        lay_run(l, source->url, strlen(source->url), MD_SOURCE);
        lay_end(l);
    } else {
        lay_text(l, &text);
        lay_url(l, source->url);
    }
}

static void lay_sources(struct layout *l, const char *title)
{
    const struct md_doc *doc = l->doc;
    const int digits = (int)decimal_digits(doc->n_sources);
    const char *own_title = arena_strdup(&l->doc->laid_out, title);

    lay_gap(l);
    lay_begin(l);
    lay_run(l, own_title, strlen(own_title), MD_H3);
    lay_end(l);
    for (size_t i = 0; i < doc->n_sources; i++) {
        const char *mark = arena_printf(&l->doc->laid_out, "[%zu] ", i + 1);
        const int pad = digits - (int)decimal_digits(i + 1);
        mark = arena_printf(&l->doc->laid_out, "%*s%s", pad, "", mark);
        lay_push(l, mark, NULL, digits + 3, MD_SOURCE);
        lay_source(l, &doc->sources[i]);
        lay_pop(l);
    }
}

const struct md_line *md_layout(struct md_doc *doc, int cols, bool ascii, const char *sources_title,
                                size_t *n)
{
    struct layout l = {
        .doc = doc,
        .cols = int_clamp(cols, MIN_COLS, MAX_COLS),
        .ascii = ascii,
        .base = MD_TEXT,
    };

    arena_free(&doc->laid_out);
    doc->n_lines = 0;
    lay_node(&l, &doc->root);
    if (doc->n_sources > 0 && sources_title)
        lay_sources(&l, sources_title);
    free(l.runs);
    *n = doc->n_lines;
    return doc->lines;
}
