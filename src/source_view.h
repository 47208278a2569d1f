/*
 * source_view.h: a C source file in a doc: line numbers and highlighting.
 */
#ifndef SOURCE_VIEW_H
#define SOURCE_VIEW_H

#include "doc.h"

struct source_view;

/* Reads the file; never NULL: a file that cannot be read is shown as the reason. */
struct source_view *source_view_new(const char *path);
void source_view_free(struct source_view *v); /* NULL is fine */

/* Adds its lines to a doc that is being built and is drawn before v is freed. */
void source_view_build(const struct source_view *v, struct doc *d);

#endif
