/*
 * search.h: words looked up in all lessons: titles, pages, demos, claims and questions.
 *
 * Texts are folded (utf8_fold) as they are loaded, so that case and full-width forms do not
 * matter. A line matches if it contains every word of the query. Loading goes in steps of one
 * lesson, so that a screen can stay alive meanwhile.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "content/content.h"

enum search_kind { SEARCH_LESSON, SEARCH_PAGE, SEARCH_DEMO, SEARCH_CLAIM, SEARCH_QUESTION };

struct search_hit {
    enum search_kind kind;
    const char *lesson;  /* slug */
    struct bitext title; /* of the lesson */
    int page;            /* SEARCH_PAGE: 0 and up; SEARCH_CLAIM: the page that states it */
    const char *name;    /* demo, claim or question id, "" else */
    const char *line;    /* the clean line that matched, unfolded */
};

struct search;

struct search *search_new(const struct content *c);
void search_free(struct search *s);

/* Loads one more lesson; false when all are loaded. */
bool search_load_step(struct search *s);

/* Hits in what is loaded, titles first, then in the order of the lessons, in the current language
 * and in English identifiers, at most max. Borrowed until the next call. An empty query has none.
 */
const struct search_hit *search_find(struct search *s, const char *query, size_t max, size_t *n);

/* "lesson", "page", "demo", "claim", "question". */
const char *search_kind_name(enum search_kind k);

#endif
