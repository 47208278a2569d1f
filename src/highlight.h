/*
 * highlight.h: C source in colours, one line at a time.
 */
#ifndef HIGHLIGHT_H
#define HIGHLIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "markdown.h"

/* What is carried from one line to the next: all zero at the start of a file. */
struct hl_state {
    bool in_comment;      /* inside a block comment */
    bool in_line_comment; /* a // comment goes on after a backslash */
    bool in_preproc;      /* a directive goes on after a backslash */
    char in_string;       /* the quote of a string that goes on after a backslash, 0 for none */
};

/* Splits one line (clean text, without its newline) into runs that cover it exactly; at most max
 * (1 and up) are written, the last one then takes the rest. Returns the number of runs (0 for an
 * empty line). Preprocessor lines, comments, strings, numbers, keywords and type names (standard
 * ones and those that end in _t) are told apart. */
size_t hl_c_line(struct hl_state *st, const char *line, size_t n, struct md_run *runs, size_t max);

#endif
