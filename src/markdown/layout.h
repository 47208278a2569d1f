/*
 * layout.h: putting lines together, for layout.c and table.c.
 *
 * A line is begun, filled with runs and ended. What containers put in front of their lines (bars,
 * bullets, blanks) is kept as a stack of margins.
 */
#ifndef MARKDOWN_LAYOUT_H
#define MARKDOWN_LAYOUT_H

#include "markdown/node.h"
#include "utf8.h"

enum {
    MIN_TEXT_COLS = 6, /* a margin that would leave less for the text is left out */
    MAX_MARGINS = 40,  /* two for each of parse.c's levels, and some */
};

/* In front of the lines of a container: first once, then rest; or as many blanks, if NULL. */
struct margin {
    const char *first, *rest;
    int cols;
    enum md_style style;
};

struct layout {
    struct md_doc *doc;
    int cols;
    bool ascii;
    enum md_style base; /* what MD_TEXT is, here */
    struct margin margins[MAX_MARGINS];
    size_t n_margins;
    int margin_cols;
    const char *bar; /* a rule of cols columns, made when first needed */
    int indent;      /* of the line being filled */
    struct md_run *runs;
    size_t n_runs, cap_runs;
};

/* Columns for text between the margins. */
static inline int text_cols(const struct layout *l)
{
    return l->cols - l->margin_cols;
}

void lay_push(struct layout *l, const char *first, const char *rest, int cols, enum md_style style);
void lay_pop(struct layout *l);

void lay_begin(struct layout *l);
/* text must live as long as the layout: in an arena of the document, or static. */
void lay_run(struct layout *l, const char *text, size_t len, enum md_style style);
void lay_blanks(struct layout *l, int n);
/* n columns (at most l->cols) of a horizontal rule. */
void lay_bar(struct layout *l, int n);
/* Bytes [start, end) of a node's text, with its styles; *span says where the search for the
 * first style may start, and moves on. */
void lay_words(struct layout *l, const struct node *node, size_t start, size_t end, size_t *span);
void lay_end(struct layout *l);

/* A line with nothing but the margins. */
void lay_gap(struct layout *l);

/* utf8_wrap that keeps link marks and short pieces of code in one piece. */
size_t lay_wrap(const struct node *node, int first_cols, int cols, struct utf8_line **lines);

/* Paragraphs and the like. */
void lay_text(struct layout *l, const struct node *node);
void lay_table(struct layout *l, const struct node *node);

#endif
