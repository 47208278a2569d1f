/*
 * answer_line.h: a typed line as the answer to a question, for `quiz --plain`.
 *
 * Choices are named by their place on the screen, as digits (1 and up) or letters (a and up):
 * "2", "b", "1,3", "1 3", "13", "ac"; full-width forms too. Order: all of them, "2 1 3" or "213".
 * Number, text and output are taken as they are. Pure.
 */
#ifndef ANSWER_LINE_H
#define ANSWER_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "content/content.h"

/* Appends the canonical response (quiz.h) to out. perm[place] is the index of the choice in the
 * file. false if the line is no answer to this question: out is then undefined. */
bool answer_line_parse(const struct question *q, const size_t *perm, const char *line,
                       struct buf *out);

#endif
