/*
 * session.h: a quiz being taken: which questions, in which order, what was answered.
 *
 * Ties content, quiz and store together for the quiz screen and for `quiz --plain`. An answer is
 * on disk when session_answer returns true. A session that was left is found again by
 * session_begin: same questions, same order, answers kept.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "content/content.h"
#include "quiz.h"
#include "store/store.h"

enum { SESSION_MIXED = 10 }; /* questions of a mixed quiz, if nobody says how many */

struct session_item {
    const struct lesson *lesson;
    const struct question *q;
    char *item;     /* "lesson/question" */
    char *response; /* NULL: not answered yet */
    struct grade grade;
};

struct session {
    struct store *store;
    struct store_id id;
    uint64_t seed;
    struct session_item *items;
    size_t n;
    size_t at;    /* the first item that is not answered; n when all are */
    bool resumed; /* found again, with answers or without */
    bool unsaved; /* the learner chose to go on although nothing can be saved any more */
    struct lesson **lessons;
    size_t n_lessons;
};

/* What to ask. kind "lesson": all questions of the lesson `topic`. "mixed": questions of all
 * lessons whose slug or track is among topics (none: all). "review": what is due. "single":
 * the one item `topic`. max 0: no limit. */
struct session_plan {
    const char *kind;
    const char *topic; /* key under which a session is found again; "" for none */
    const char *const *topics;
    size_t n_topics;
    size_t max;
    uint64_t seed;
    bool resume;          /* go on with an open session of this kind and topic if there is one */
    bool unsaved_will_do; /* begin also when the store refuses: unsaved, with the reason in e */
};

/* NULL and the reason if there is nothing to ask or the store refuses. */
struct session *session_begin(const struct content *c, struct store *store, int64_t now_ms,
                              const struct session_plan *plan, struct err *e);

/* A new session over the items of this one whose answer was not right; it takes over what it needs
 * and frees the old one. NULL, and the old one stays, if nothing was missed or the store refuses.
 */
struct session *session_retry(struct session *old, int64_t now_ms, uint64_t seed, struct err *e);
void session_free(struct session *s);

/* Grades and stores the answer to item i (not answered yet); ends the session in the store after
 * the last one. false and the reason if the response is not valid or cannot be stored: then
 * nothing has changed. An unsaved session is only graded. */
bool session_answer(struct session *s, int64_t now_ms, size_t i, const char *response,
                    int64_t elapsed_ms, struct err *e);

/* How many are answered, how many right, and the mean score of the answered (0 if none). */
struct session_score {
    size_t answered, right;
    double mean;
};
struct session_score session_score(const struct session *s);

#endif
