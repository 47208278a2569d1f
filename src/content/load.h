/*
 * load.h: what the files that read one lesson share (lesson.c, pages.c, questions.c, check.c).
 *
 * lesson_read always returns a lesson: everything that could be read, with "" and empty lists in
 * place of what could not, and says in the findings what was wrong. lesson_load is lesson_read
 * that insists on no FATAL finding; content_check goes on from here with the softer rules.
 */
#ifndef CONTENT_LOAD_H
#define CONTENT_LOAD_H

#include "content/content.h"
#include "content/findings.h"
#include "content/json.h"

enum {
    MAX_TEXT = 2000, /* bytes of a text in one language */
    MAX_LINE = 200,  /* of a title, a label, a word */
    MAX_CODE = 4000,
    MAX_CLAIMS = 50,
    MAX_SOURCES = 10,
    MAX_DEMOS = 30,
    MAX_PREREQUISITES = 20,
    MAX_LABELS = 300,
    MAX_WRONG = 12,
    MAX_ACCEPT = 20,
};

struct loading {
    struct lesson *l;
    struct findings *found;
    const char *rel; /* folder of the lesson, relative to the pack */
    /* Which files could be parsed: without one, references into it are not checked. */
    bool has_lesson, has_quiz, has_pages;
    bool both_sides;               /* en.md and zh.md are both there */
    size_t *page_line[LANG_COUNT]; /* first line of each page in its file; NULL: no such file */
};

/* Reads the folder l->dir into a new lesson; ld needs found and rel. Never NULL. */
struct lesson *lesson_read(struct loading *ld, const char *dir, const char *slug,
                           const char *track);

/* Its parts: an empty lesson; what is in the files; what is in documents already parsed. Questions
 * and pages refer to lesson.json, so that comes first. */
struct lesson *lesson_new(struct loading *ld, const char *dir, const char *slug, const char *track);
void lesson_from(struct loading *ld, const struct json_doc *doc);
void questions_from(struct loading *ld, const struct json_doc *doc);
void questions_read(struct loading *ld);
void pages_read(struct loading *ld);

/* "50-multiplexing/20-epoll/quiz.json", in the arena of the lesson. */
const char *lesson_rel(struct loading *ld, const char *file);
const char *lesson_path(struct loading *ld, const char *file);

/* ", did you mean \"x\"" or "". items: n structs of the given size whose first member is their
 * name; the result is in the arena. */
const char *lesson_hint(struct loading *ld, const char *word, const void *items, size_t n,
                        size_t size);

/* Reports an id that an earlier one of n items (as above) has as well. */
void lesson_unique(const struct json *j, const char *id, const void *items, size_t n, size_t size);

/* The claim id of j, which must be one of the lesson's. */
const char *lesson_claim_ref(struct loading *ld, struct json j);

/* The line, from 1, of an offset. */
size_t line_at(const char *text, size_t at);

/* The objects of lesson.json and quiz.json with the fields each may have (NULL-terminated), so
 * that the schemas can be held against them. */
struct shape {
    const char *name;
    const char *const *fields;
};
const struct shape *lesson_shapes(size_t *n);
const struct shape *quiz_shapes(size_t *n);

/* A track's track.json; the slug stands in for the title when it cannot be read. */
struct bitext track_read(struct arena *mem, struct findings *found, const char *dir,
                         const char *rel, const char *slug);

#endif
