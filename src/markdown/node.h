/*
 * node.h: a parsed document as a tree, and what the files of this folder need of each other.
 *
 *   markdown.c  the document as a whole
 *   parse.c     md4c's events into a tree of nodes; links into sources
 *   inline.c    text of one paragraph, heading or cell: blanks, styles, entities
 *   layout.c    nodes into lines; table.c those of tables
 *   split.c     a lesson's file into pages
 *
 * Everything a tree holds lives in the arena of its document.
 */
#ifndef MARKDOWN_NODE_H
#define MARKDOWN_NODE_H

#include <md4c.h>
#include <string.h>

#include "arena.h"
#include "buf.h"
#include "markdown.h"

enum node_kind {
    NODE_ROOT,
    NODE_QUOTE,
    NODE_ASIDE,
    NODE_LIST, /* of items */
    NODE_ITEM,
    NODE_RULE,
    NODE_HEADING, /* has text, as have paragraphs, code and cells */
    NODE_PARAGRAPH,
    NODE_CODE,
    NODE_TABLE, /* of rows, the first one is the header */
    NODE_ROW,   /* of cells */
    NODE_CELL,
    NODE_LIVE,
};

/* The style of a text from the span before up to byte end. MD_TEXT is what the block around it
 * makes of it. */
struct span {
    size_t end;
    enum md_style style;
};

struct node {
    enum node_kind kind;
    struct node *parent, *next, *first, *last;
    const char *text; /* clean; '\n' is a hard break */
    size_t len;
    const struct span *spans;
    size_t n_spans;
    union {
        struct {
            bool tight, ordered;
            unsigned start; /* number of the first item */
            char delimiter; /* behind the number */
        } list;
        struct {
            unsigned level;
            bool found;    /* whether source is known: not if the heading is empty */
            size_t source; /* byte of the document where its text starts */
        } heading;
        struct {
            bool c; /* to be highlighted */
        } code;
        struct {
            MD_ALIGN align;
        } cell;
        size_t live; /* index of the live block */
    } u;
};

/* Where a link leads. */
struct source {
    const char *text, *url;
};

struct md_doc {
    struct arena mem; /* the tree, the sources, the live blocks' strings */
    struct node root;
    bool plain; /* given up as Markdown */
    struct source *sources;
    size_t n_sources;
    struct md_live_block *live;
    size_t n_live;

    struct arena laid_out; /* what the lines point to, if not to the tree */
    struct md_line *lines;
    size_t n_lines, cap_lines;
};

/* The text of a node while it is put together. All zero is empty; inline_reset keeps its memory. */
struct inline_text {
    struct buf text;
    struct span *spans;
    size_t n_spans, cap_spans;
    int strong, emph; /* how many of them are open */
    bool code;
    bool newline; /* of the source, not yet known to be a blank or nothing */
    enum md_style newline_style;
    size_t words_end; /* bytes of text before link marks */
};

void inline_reset(struct inline_text *in);
void inline_release(struct inline_text *in);

/* What md4c reports as text: raw bytes, cleaned here; runs of blanks become one. */
void inline_add(struct inline_text *in, const char *s, size_t n);
void inline_add_code(struct inline_text *in, const char *s, size_t n);
void inline_newline(struct inline_text *in);
void inline_hard_break(struct inline_text *in);
void inline_add_mark(struct inline_text *in, size_t number);

/* The characters an entity such as "&amp;" or "&#x4e2d;" stands for; itself if unknown. */
void inline_entity(struct buf *out, const char *s, size_t n);

/* Moves the text into a node. */
void inline_finish(struct inline_text *in, struct arena *mem, struct node *node);

/* Appends text without the marks of its links. */
void node_words(const struct node *node, struct buf *out);

/* Makes the tree of an empty document; false, with the tree half made, if it was given up. */
bool parse_document(struct md_doc *doc, const char *text, size_t n);

/* Length of the byte order mark some editors put in front. */
static inline size_t bom_len(const char *s, size_t n)
{
    return n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

#endif
