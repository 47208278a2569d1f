/*
 * line_edit.h: one line of typed text in a doc: an answer, a search.
 */
#ifndef LINE_EDIT_H
#define LINE_EDIT_H

#include "buf.h"
#include "doc.h"

/* Takes a character, Backspace or Ctrl-U; false for any other key. The text stays below max bytes:
 * what does not fit is dropped. */
bool line_edit_key(struct buf *text, size_t max, int key);

/* Adds prompt, text and suffix as one line, with the cursor behind the text. Of a text that is
 * wider than the doc the end is shown. */
void line_edit_build(struct doc *d, int indent, const char *prompt, const struct buf *text,
                     const char *suffix);

#endif
