/*
 * panel.h: the pictures of a run on the screen: four views, one cursor in time, two runs compared.
 *
 * A screen that has a panel gives it to the ui (screen_ops.panel), which then draws it in place of
 * the screen's lines and sends it the keys of panel_keys and the mouse. While a run goes on the
 * cursor follows its end until it is moved.
 */
#ifndef PANEL_H
#define PANEL_H

#include "content/content.h"
#include "term.h"
#include "trace.h"
#include "ui.h"

struct panel;

/* owner: the screen it is drawn in; view: name of the view shown first, NULL for the first that has
 * something to show. lesson is for labels, NULL for none; both must outlive the panel. */
struct panel *panel_new(struct screen *owner, const struct lesson *lesson, const char *view);
void panel_free(struct panel *p); /* NULL is fine */

/* Shows a trace, which must outlive the panel or be replaced by another (NULL: none). name, which
 * is harmless for a terminal, says which run it is, "" for the only one. live: it is still growing.
 */
void panel_show(struct panel *p, struct trace *t, const char *name, bool live);
/* A second run beside it, on the same axis of time; NULL for none. */
void panel_compare(struct panel *p, struct trace *t, const char *name);
/* The trace has grown, or its run has ended. */
void panel_changed(struct panel *p, bool live);

/* To the nth note of that name; false, and nothing moved, if there is none (yet). */
bool panel_go_to_note(struct panel *p, const char *name, size_t nth);
/* What is said of the moment the cursor is at, until it moves; taken over, NULL for nothing. */
void panel_set_caption(struct panel *p, char *caption);

/* For the ui. Draws into r; a click or a turn of the wheel at (row, col) of the terminal; typed
 * text. */
void panel_draw(struct panel *p, const struct rect *r, bool focused);
void panel_mouse(struct panel *p, int key, int row, int col);
bool panel_is_typing(const struct panel *p);
bool panel_type(struct panel *p, int key);

const struct key_row *panel_keys(size_t *n);

#endif
