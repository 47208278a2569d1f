/*
 * utf8.h: text as a terminal shows it: validity, columns, clusters, line breaks, harmless bytes.
 *
 * Columns are terminal cells: 0 for combining marks, 2 for East Asian wide and fullwidth and for
 * emoji, 1 else (ambiguous width counts 1). Line breaks follow UAX #14, as libunistring has it,
 * which keeps Chinese punctuation where it belongs (none opens a line that must close one).
 */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/* Whether all n bytes are well-formed UTF-8 (no surrogates, no overlong forms). */
bool utf8_valid(const char *s, size_t n);

/* Length in bytes, 1 and up, of the extended grapheme cluster at s (n > 0 bytes are left). A byte
 * that is not UTF-8 is a cluster of its own. */
size_t utf8_cluster(const char *s, size_t n);

/* Columns of n bytes of clean text (see utf8_clean). */
int utf8_cols(const char *s, size_t n);
int utf8_cols_str(const char *s);

/* The largest number of bytes of s, whole clusters, that fits in cols columns. */
size_t utf8_fit(const char *s, size_t n, int cols);

/* Appends s made harmless for a terminal: C0 and C1 controls, DEL, bidirectional controls,
 * line separators and bytes that are not UTF-8 become visible ("^[", "\x9b", "<U+202E>", "\xff");
 * tabs become spaces to the next multiple of 8 columns from the line's start; '\n' stays if
 * keep_newlines. */
void utf8_clean(struct buf *out, const char *s, size_t n, bool keep_newlines);

/* Appends the character c as UTF-8; U+FFFD if there is no such character. */
void utf8_put(struct buf *out, uint32_t c);

/* Whether a line break of the source between these two texts (either may be empty) stands for a
 * blank: not between Chinese or Japanese characters nor beside their punctuation, as in CSS Text.
 */
bool utf8_newline_is_blank(const char *before, size_t n_before, const char *after, size_t n_after);

/* One line of a wrapped text: bytes [start, end) of it, blanks at the break left out. */
struct utf8_line {
    size_t start, end;
};

/* Breaks clean text at '\n' and where UAX #14 allows, first line in first_cols columns and the
 * others in cols (both >= 1). A word that is too long is broken between clusters, a cluster that is
 * too wide between characters. Returns the number of lines, 1 and up (an empty text is one empty
 * line); *lines is the caller's to free. */
size_t utf8_wrap(const char *s, size_t n, int first_cols, int cols, struct utf8_line **lines);

/* The same, where glue (NULL, or n flags) forbids a break before the bytes it marks, as inside a
 * short piece of code. A word that is too long for a line is broken all the same. */
size_t utf8_wrap_glued(const char *s, size_t n, const char *glue, int first_cols, int cols,
                       struct utf8_line **lines);

/* Folds for comparing what a learner typed with what was meant: fullwidth forms to ASCII (NFKC),
 * case folded, runs of blanks to one space, trimmed. The caller frees. */
char *utf8_fold(const char *s);

#endif
