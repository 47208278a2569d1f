/*
 * ui.h: the stack of screens: frames, keys, footer, help and mouse from one key table a screen.
 *
 * A screen is one file with a struct screen_ops and one line in screens.def. It is opened by name
 * with an argument, so that screens never know each other. On a wide terminal a screen may have
 * another one at its side; on a narrow one the side takes the whole width while it has the focus.
 */
#ifndef UI_H
#define UI_H

#include <stdbool.h>
#include <stddef.h>

#include "app.h"
#include "base.h"
#include "buf.h"
#include "doc.h"
#include "term.h"
#include "text.h"

struct ui;
struct screen;
struct panel;

/* A row of a key table: what the keys do here. The footer shows the rows with in_footer whose
 * `when` holds, in order, as far as they fit; help shows them all. */
struct key_row {
    int keys[4];             /* 0-terminated if fewer; KEY_ANY_DIGIT stands for 1..9 */
    const char *shown;       /* "Enter", "←→" */
    const char *shown_ascii; /* NULL: same as shown */
    enum text_id label;
    bool in_footer;
    bool (*when)(const struct screen *s); /* NULL: always */
    void (*act)(struct screen *s, int key);
};

struct screen_ops {
    const char *name;
    size_t size;      /* of the state, zeroed before open */
    bool wide;        /* uses the whole width, not a reading column */
    bool focus_shows; /* build looks at the focus: build anew when it moves */

    /* arg is what ui_open was given ("" for none). On failure the screen does not open and the
     * reason is shown. */
    bool (*open)(struct screen *s, const char *arg, struct err *e);
    void (*close)(struct screen *s);
    void (*title)(const struct screen *s, struct buf *left, struct buf *right);
    /* Fills s->doc at s->doc.cols columns from the state; no I/O. */
    void (*build)(struct screen *s);
    /* Reads anew what other screens may have changed; called when the screen is shown again. */
    void (*refresh)(struct screen *s);
    /* Gets every key first, for typed text; true if it took it. */
    bool (*type)(struct screen *s, int key);
    /* The side is left for its owner where only one of them is in view. */
    void (*hide)(struct screen *s);
    /* Whether characters are text now, so that they are no keys of any table. */
    bool (*typing)(const struct screen *s);
    /* Called when nothing else is to do, after the frame is on the screen; true: call again. */
    bool (*idle)(struct screen *s);
    /* Something is going on that must not be closed just because a page is turned. */
    bool (*busy)(const struct screen *s);
    /* What is drawn in place of the lines (view/panel.h); NULL, or returns NULL: the lines are. */
    struct panel *(*panel)(const struct screen *s);
    /* The side is asked for by its name with an arg: true if it goes there as it is, without being
     * opened anew. */
    bool (*turn_to)(struct screen *s, const char *arg);
    const struct key_row *keys;
    size_t n_keys;
};

struct screen {
    const struct screen_ops *ops;
    struct app *app;
    struct screen *below, *side, *owner; /* owner: whose side this is */
    struct doc doc;
    bool side_focus; /* the keys go to the side */
    bool dirty;      /* the doc must be built anew */
    char *arg;
    max_align_t state[];
};

/* screens: all there are, NULL-terminated; they must outlive the ui. */
struct ui *ui_new(struct app *app, const struct screen_ops *const *screens);
void ui_free(struct ui *ui); /* closes all screens */

/* Opens a screen on top of the stack; a failure is shown as a message. */
bool ui_open(struct app *app, const char *name, const char *arg);
/* Closes a screen (and its side); closing the last one ends the tutor. */
void ui_close(struct screen *s);
/* Opens a screen at the side of s, or keeps the one there if it is the same name and arg, or if it
 * is busy and the focus was not asked for. */
bool ui_open_side(struct screen *s, const char *name, const char *arg, bool focus);
/* Gives the keys to the side (or back to its owner). */
void ui_focus_side(struct screen *s, bool side);
/* Whether the terminal is wide enough to show a side beside its owner. */
bool ui_wide(void);

/* The screen's state has changed: build and draw it before the next wait. */
void ui_changed(struct screen *s);
/* Something that other screens show has changed (a run, an answer): they all refresh. */
void ui_changed_all(struct app *app);

/* Shows one line at the bottom until the next key. */
void ui_say(struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void ui_quit(struct app *app);

/* From the loop: draws if something has changed, at most 60 frames a second unless a key was
 * pressed; returns how long to wait at most, in ms. */
int ui_before_wait(void *ui);
/* Reads and handles all keys that are waiting. */
void ui_read_keys(struct ui *ui);
void ui_redraw_all(struct ui *ui);

/* The panel that is shown in place of the screen's lines, NULL if the lines are. */
struct panel *ui_panel(const struct screen *s);

/* For the help screen: the key tables of the screen below it, and the keys of all screens. */
const struct screen *ui_below(const struct screen *s);
const struct key_row *ui_global_keys(size_t *n);

#endif
