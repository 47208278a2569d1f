/*
 * markdown.h: a page of CommonMark (with tables) as lines of styled text of a given width.
 *
 * md4c parses; this file makes blocks of them and lays them out. Pure: no terminal, no files.
 * Live blocks (a fence whose info string is demo, predict, claim, quiz, at or aside) come out as
 * blocks of their own; those but `aside` are not laid out here: the screen gives their lines.
 */
#ifndef MARKDOWN_H
#define MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "base.h"

enum md_style {
    MD_TEXT,
    MD_STRONG,
    MD_EMPH,
    MD_CODE, /* inline code */
    MD_H1,
    MD_H2,
    MD_H3,
    MD_QUOTE,
    MD_RULE,   /* rules, table borders, quote bars, bullets */
    MD_SOURCE, /* link marks and the list of sources */
    MD_ASIDE,
    MD_SRC_TEXT, /* highlighted C: see highlight.h */
    MD_SRC_KEYWORD,
    MD_SRC_TYPE,
    MD_SRC_STRING,
    MD_SRC_NUMBER,
    MD_SRC_COMMENT,
    MD_SRC_PREPROC,
    MD_STYLE_COUNT,
};

/* A run of one style inside a line. text is clean UTF-8 (utf8_clean), not NUL-terminated. */
struct md_run {
    const char *text;
    size_t len;
    enum md_style style;
};

enum md_live {
    MD_LIVE_NONE,
    MD_LIVE_DEMO,
    MD_LIVE_PREDICT,
    MD_LIVE_CLAIM,
    MD_LIVE_QUIZ,
    MD_LIVE_AT,
};

struct md_line {
    const struct md_run *runs;
    size_t n;
    int indent; /* columns before the first run */
    bool code;  /* not wrapped: may be wider than asked for, to be scrolled */
    int live;   /* index of the live block whose place this is, -1 for none */
};

/* A live block: its kind, its words: `demo NAME k=v`: name and args "k=v ..." ("" for none);
 * `at NAME MARK k=v`: args "MARK k=v". */
struct md_live_block {
    enum md_live kind;
    const char *name;
    const char *args;
    const char *body; /* clean text of the fence */
};

struct md_doc;

/* Parses n bytes of Markdown. Any bytes are accepted: what is not UTF-8 is made visible, raw HTML
 * is shown as text, nesting deeper than 16 levels is flattened. What no author writes and would
 * take more than linear time (see markdown/parse.c) is shown as plain text. Never NULL; md_free
 * frees. (The name md_parse is md4c's.) */
struct md_doc *md_new(const char *text, size_t n);
void md_free(struct md_doc *doc);

/* Live blocks in order of appearance; borrowed from the doc. */
const struct md_live_block *md_live(const struct md_doc *doc, size_t *n);

/* Lays the document out at cols columns (at least 10 are assumed); ascii avoids box drawing and
 * bullets beyond ASCII; sources_title heads the numbered list of links at the end (e.g. "Sources";
 * NULL for no list), which holds 999 at most. A live block takes one line with live >= 0 and no
 * runs: the caller replaces it. The lines belong to the doc and stay valid until the next layout or
 * md_free. */
const struct md_line *md_layout(struct md_doc *doc, int cols, bool ascii, const char *sources_title,
                                size_t *n);

/* Plain text of the document for searching, blocks separated by newlines; the caller frees. */
char *md_plain(const struct md_doc *doc);

/* One page of a lesson file: a `# heading` and what follows it up to the next. */
struct md_page {
    char *title;       /* text of the heading, clean */
    size_t start, end; /* bytes of the file, heading included */
};

/* Splits a file into pages at its top-level `# headings` (fences and indented code are no
 * headings). Text before the first heading that is not blank is an error that names the line.
 * *pages and the titles are the caller's: md_pages_free. */
bool md_split(const char *text, size_t n, struct md_page **pages, size_t *n_pages, struct err *e);
void md_pages_free(struct md_page *pages, size_t n);

#endif
