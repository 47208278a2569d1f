/*
 * findings.h: where the readers of a pack put what is wrong with it.
 *
 * A reader does not stop at the first problem: it reports, takes a harmless value and goes on, so
 * that `systutor check` can show everything. FATAL makes a lesson unusable; LINT is for authors
 * and is dropped unless asked for. findings_first keeps the first as one line, for the loader.
 */
#ifndef CONTENT_FINDINGS_H
#define CONTENT_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base.h"
#include "content/content.h"

enum weight { FATAL, LINT };

enum { FINDING_MAX = 400 }; /* bytes of the words, with the NUL; longer ones are cut */

struct findings {
    content_report *report;
    void *user;
    bool lint; /* LINT is reported and counted as well */
    size_t fatal, total;
};

/* path is relative to the pack; field is a JSON path, "line N" or "". */
void findings_add(struct findings *f, enum weight w, const char *path, const char *field,
                  const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void findings_put(struct findings *f, enum weight w, const char *path, const char *field,
                  const char *words);

/* A content_report whose user is a struct err: keeps the first finding, "path: field: words". */
content_report findings_first;

/* Whether what comes now would be dropped: a loader needs only the first reason. */
bool findings_full(const struct findings *f);

/* The word of the n in words that was probably meant, NULL if none is like it. Distance: optimal
 * string alignment (Damerau-Levenshtein without overlapping edits), at most a third of the word. */
const char *nearest_word(const char *word, const char *const *words, size_t n);

/* Any bytes as a short, harmless text for a message: controls made visible, at most 40 columns.
 * Returns out. */
enum { SHOWN_MAX = 256 };
const char *shown(char out[SHOWN_MAX], const char *text);

/* What is wrong, without the path that stands before it in e. */
const char *err_reason(const struct err *e, const char *path);

/* Offset of the first byte that is not UTF-8 or starts a control character other than newline and
 * tab (and carriage return, where a file may have DOS line ends); n if there is none. */
size_t text_bad_at(const char *text, size_t n, bool carriage_return);

#endif
