/*
 * json.h: reading JSON with messages that say where: "quiz.json: questions[3].choices: needs ...".
 *
 * json_read parses a file; a cursor (struct json, passed by value) walks it. Accessors never
 * fail: what is missing or of the wrong type is reported to the findings, and a harmless value
 * comes back. Strings are copied to the arena and stay when the document is freed. The only file
 * of content/ that sees cJSON is json.c.
 */
#ifndef CONTENT_JSON_H
#define CONTENT_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "content/findings.h"
#include "text.h"

struct cJSON;

struct json_doc {
    struct cJSON *root;
    const char *shown; /* path for messages, relative to the pack; borrowed */
    struct arena *mem; /* takes the strings; borrowed */
    struct findings *found;
};

/* A place in a document. up points to the cursor it was reached from, which must outlive it. */
struct json {
    const struct json_doc *doc;
    const struct json *up;
    const char *key;          /* of a member; NULL for the root and for items of a list */
    size_t at;                /* index among its siblings */
    size_t n;                 /* of a json_list or json_map: how many items may be walked */
    const struct cJSON *node; /* NULL: nothing there, already reported if it had to be */
};

/* Parses the file at path. False, with a finding, if it cannot be read or is not JSON, not clean
 * UTF-8, or nested deeper than 64. json_free in any case. */
bool json_read(struct json_doc *doc, const char *path);

/* The same for text in memory; text[n] must be NUL. */
bool json_parse(struct json_doc *doc, const char *text, size_t n);
void json_free(struct json_doc *doc);
struct json json_root(const struct json_doc *doc);

/* A finding about this place. */
void json_bad(const struct json *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void json_lint(const struct json *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Whether j is an object; fields (NULL-terminated) are all it may have, NULL for anything: others
 * and repeated ones are findings. */
bool json_object(const struct json *j, const char *const *fields);

/* A member; json_must reports when it is not there. */
struct json json_must(const struct json *j, const char *key);
struct json json_may(const struct json *j, const char *key);

/* Lists of min to max items; objects used as maps, of at most max members. Walk with
 *     for (struct json i = json_first(&list); i.node; i = json_next(&i)) */
struct json json_list(struct json j, size_t min, size_t max);
struct json json_map(struct json j, size_t max);
struct json json_first(const struct json *list);
struct json json_next(const struct json *item);

bool json_is_number(const struct json *j);
bool json_is_string(const struct json *j);
bool json_is_null(const struct json *j);

/* Values. Text is never NULL, at most max bytes, and LINT when empty; an id is [a-z0-9-], at most
 * CONTENT_MAX_SLUG bytes. */
const char *json_text(struct json j, size_t max);
const char *json_id(struct json j);
long json_whole(struct json j, long min, long max, long otherwise);
double json_number(struct json j, double otherwise);
bool json_bool(struct json j, bool otherwise);

/* The index of a string in the NULL-terminated words, -1 with a finding when it is none. */
int json_word(struct json j, const char *const *words);

/* {"en": ..., "zh": ...} or a plain string for both. A missing language is LINT and takes the
 * words of the other. json_prose also reports plain strings that look like prose. */
struct bitext json_both(struct json j, size_t max);
struct bitext json_prose(struct json j, size_t max);

/* [a-z0-9-], 1 to CONTENT_MAX_SLUG bytes. */
bool id_valid(const char *id);

#endif
