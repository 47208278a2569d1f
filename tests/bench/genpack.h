/*
 * genpack.h: a content pack as large as wanted, for measuring what size costs.
 */
#ifndef GENPACK_H
#define GENPACK_H

#include <stdbool.h>

#include "base.h"

enum { GENPACK_QUESTIONS = 15, GENPACK_A_TRACK = 50 /* lessons */ };

/* Writes lessons (1 to 5000) into dir, an empty folder: valid, in both languages, without demos,
 * GENPACK_QUESTIONS questions each. The same call writes the same bytes. */
bool genpack_write(const char *dir, int lessons, struct err *e);

#endif
