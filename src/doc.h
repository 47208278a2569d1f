/*
 * doc.h: the one widget: a scrolling column of styled lines, some of which can be focused.
 *
 * A screen builds it whenever its state or its width has changed; drawing, scrolling, focus and
 * the mouse are the same everywhere. A focus item is a number >= 0 that the screen gives to one
 * line or to several that belong together; they are numbered in ascending order, down the page.
 */
#ifndef DOC_H
#define DOC_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "markdown.h"
#include "term.h"

enum { DOC_NO_FOCUS = -1 };

struct doc_line {
    const struct md_run *runs;
    size_t n;
    int indent; /* columns */
    int focus;
    bool code; /* may be wider than the doc */
    bool stub; /* has no runs yet: made when it is first drawn */
};

/* Embed it; all zero is an empty doc. cols and rows are set by the frame that shows it. */
struct doc {
    int cols, rows;
    struct doc_line *lines;
    size_t n;
    int scroll;  /* first line shown */
    int hscroll; /* columns code is moved to the left */
    int focus;
    struct {
        int scroll, hscroll, focus;
    } drawn;                     /* as the last frame has it */
    bool follow;                 /* keep the last line in view while lines are added */
    bool show_focus;             /* once: the focused item into view at the next build */
    bool show_cursor;            /* once: bring the line where text is typed into view */
    int top_focus;               /* once: this item to the top at the next build; 0 for none */
    int cursor_line, cursor_col; /* where text is typed; line -1 for nowhere */

    /* Makes the line of a stub: adds one line to d, with doc_row or the like. */
    void (*fill)(struct doc *d, void *user, int focus);
    void *fill_user;

    unsigned builds; /* how many times it was built */
    size_t cap;
    struct arena mem; /* runs and texts of this build */
    struct md_run *pending;
    size_t n_pending, cap_pending;
};

void doc_release(struct doc *d);

/* Starts building anew; scroll and focus stay. */
void doc_begin(struct doc *d);

/* Text is copied. It must be clean (utf8_clean), which content and run output are. */
void doc_run(struct doc *d, enum style st, const char *text);
void doc_end_line(struct doc *d, int indent, int focus);

/* A wrapped paragraph: prefix in its own style in front, further lines hanging under the text. */
void doc_item(struct doc *d, int indent, enum style prefix_style, const char *prefix, enum style st,
              const char *text, int focus);
void doc_text(struct doc *d, int indent, enum style st, const char *text);
void doc_blank(struct doc *d);

/* Words with inline Markdown (code, emphasis; paragraphs, fences), laid out behind a prefix; plain
 * text takes the style st. */
void doc_markdown(struct doc *d, int indent, enum style prefix_style, const char *prefix,
                  enum style st, const char *md, int focus);

/* A row of a list: left at the left, cut to fit, right at the right edge. */
void doc_row(struct doc *d, int indent, enum style mark_style, const char *mark, enum style st,
             const char *left, enum style right_style, const char *right, int focus);

/* A line that d->fill makes when it comes into view: for lists of a thousand lines. */
void doc_stub(struct doc *d, int focus);

/* Lines of Markdown, shifted by indent; their runs are borrowed until the next doc_begin. */
void doc_md(struct doc *d, int indent, const struct md_line *lines, size_t n);

/* A line of C source (clean, no newline) with its highlighting; runs are borrowed until the next
 * doc_begin. */
void doc_code(struct doc *d, int indent, const struct md_run *runs, size_t n);

/* Ends the build: scroll and focus are brought back into range; DOC_NO_FOCUS stays. */
void doc_end(struct doc *d);

void doc_draw(struct doc *d, const struct rect *r, bool focused);

/* Draws only the rows whose focus has changed since the last doc_draw into the same r, which must
 * still be on the screen. false, and nothing drawn, if the lines have moved. */
bool doc_draw_focus(struct doc *d, const struct rect *r, bool focused);

/* Moves by a navigation key (arrows, jk, page keys, space, g G, Home End, < >, the wheel). false
 * if the key is none of these or nothing could move. */
bool doc_key(struct doc *d, int key);

/* Focus of the line shown in row, DOC_NO_FOCUS if none. */
int doc_focus_at(const struct doc *d, int row);
void doc_set_focus(struct doc *d, int focus);

/* To the next (+1) or previous (-1) focus item, scrolled into view; false at the end. */
bool doc_step_focus(struct doc *d, int step);
void doc_top(struct doc *d);
bool doc_at_end(const struct doc *d);

#endif
