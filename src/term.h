/*
 * term.h: the terminal: curses started and stopped, keys and mouse read, styled text drawn.
 *
 * There is one terminal, so its state lives in term.c. It is given back however the tutor ends:
 * term_stop, die() and BUG() (restore hook), or a crash (signal handlers). Nothing here calls
 * doupdate but term_flush, which only the loop calls.
 */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base.h"
#include "markdown.h"

struct term_options {
    bool color; /* false: NO_COLOR, --no-color */
    bool ascii; /* false: box drawing, arrows and blocks as well */
};

/* Takes the terminal over. Fails, naming TERM, if curses does not know it. */
bool term_start(const struct term_options *opt, struct err *e);
void term_stop(void);

/* Gives the terminal back, stops the process as Ctrl-Z does, and takes it again afterwards. */
void term_suspend(void);

/* Reads the new size after SIGWINCH. */
void term_resize(void);
void term_size(int *rows, int *cols);
bool term_is_ascii(void);

/* ---- keys ---- */

/* Keys are ASCII and control codes as they are, curses' KEY_* for special ones, and these. */
enum {
    KEY_ESC = 27,
    KEY_CLICK = 0x10000,
    KEY_WHEEL_UP,
    KEY_WHEEL_DOWN,
    KEY_ANY_DIGIT,         /* for key tables: 1 to 9 */
    KEY_TYPED = 0x1000000, /* plus the code point of a character beyond ASCII */
};

struct term_key {
    int key;
    int row, col; /* of KEY_CLICK and the wheel */
};

/* The next key that has been pressed; false if none is waiting. Never blocks. */
bool term_next_key(struct term_key *k);

/* The character a key types as UTF-8 (at most 4 bytes and a NUL); false for others. */
bool term_key_text(int key, char out[5]);

/* ---- drawing ---- */

struct rect {
    int y, x, h, w;
};

/* Markdown's styles are the first ones, so that their lines are drawn as they are. */
enum style {
    ST_TEXT = MD_TEXT,
    ST_STRONG = MD_STRONG,
    ST_DIM = MD_STYLE_COUNT, /* less important */
    ST_TITLE,                /* of a screen */
    ST_ACCENT,               /* the one accent: what to press, what is live */
    ST_SELECTED,
    ST_GOOD,
    ST_BAD,
    ST_WARN,
    ST_BAR,     /* footer */
    ST_CURSOR,  /* of a picture: the moment */
    ST_CAT_RUN, /* the categories of spans, and words on the solid ones */
    ST_CAT_RUN_LABEL,
    ST_CAT_READY,
    ST_CAT_BLOCK,
    ST_CAT_SLEEP,
    ST_CAT_CALL,
    ST_CAT_CALL_LABEL,
    ST_CAT_HOLD,
    ST_SERIES, /* of a plot; with the next three */
    ST_SERIES_2,
    ST_SERIES_3,
    ST_SERIES_4,
    ST_COUNT,
};

enum glyph {
    GLYPH_POINTER, /* before the selected line */
    GLYPH_TODO,
    GLYPH_PART,
    GLYPH_DONE,
    GLYPH_GOOD,
    GLYPH_BAD,
    GLYPH_UNSURE,
    GLYPH_RUN,
    GLYPH_THUMB, /* of the scroll bar */
    GLYPH_DOT,
    GLYPH_ON,
    GLYPH_OFF,
    GLYPH_RADIO_ON,
    GLYPH_RADIO_OFF,
    GLYPH_LEFT,
    GLYPH_RIGHT,
    GLYPH_UP,
    GLYPH_DOWN,
    GLYPH_FULL,
    GLYPH_EMPTY,
    GLYPH_WARN,
    GLYPH_MORE, /* in place of what was cut off */
    GLYPH_NOTE, /* something happened */
    GLYPH_HLINE,
    GLYPH_VLINE,
    GLYPH_CROSS, /* of two lines */
    GLYPH_TO_LEFT,
    GLYPH_TO_RIGHT,
    GLYPH_TO_UP,
    GLYPH_TO_DOWN,
    GLYPH_CORNER_TL,
    GLYPH_CORNER_TR,
    GLYPH_CORNER_BL,
    GLYPH_CORNER_BR,
    GLYPH_TEE_DOWN, /* a horizontal line with one that goes down */
    GLYPH_TEE_UP,
    GLYPH_TEE_RIGHT,
    GLYPH_TEE_LEFT,
    GLYPH_PLAY,
    GLYPH_PAUSE,
    GLYPH_COUNT,
};

/* As UTF-8 or, in an ASCII terminal, as ASCII; one column wide. */
const char *term_glyph(enum glyph g);

/* Draws clean text at (y, x) inside r, cut at r's right edge; x may be negative, then the first
 * columns are cut as well. Returns the column behind it. */
int draw_text(const struct rect *r, int y, int x, enum style st, const char *s, size_t n);
int draw_str(const struct rect *r, int y, int x, enum style st, const char *s);
/* The same, with an ellipsis at the right edge if it does not fit. */
int draw_cut(const struct rect *r, int y, int x, enum style st, const char *s);
/* From the right edge of r. */
void draw_right(const struct rect *r, int y, enum style st, const char *s);
void draw_blank_row(const struct rect *r, int y);
void draw_hline(const struct rect *r, int y);
void draw_vline(const struct rect *r, int x);

/* n times a glyph of one column. */
void draw_fill(const struct rect *r, int y, int x, int n, enum style st, const char *glyph);
/* Changes how n columns look that have been drawn; what they say stays. */
void draw_restyle(const struct rect *r, int y, int x, int n, enum style st);

/* Shows the cursor at (y, x) of r when the frame is flushed; hidden otherwise. */
void draw_cursor(const struct rect *r, int y, int x);

/* Starts a frame: on an empty screen, or over the last one (keep) to change some rows of it.
 * redraw_all: sends also what the terminal may have garbled. */
void term_begin_frame(bool keep, bool redraw_all);
void term_flush(void);

#endif
