/*
 * quiz.h: asking and grading, without a screen. Pure: no clock, no store, no terminal.
 *
 * A response is a short string in a canonical form that does not depend on how the choices were
 * shuffled, so it can be stored, scripted and graded again:
 *   choice  index of the choice in the file, "2"      multi   indexes, ascending, "0,2" ("" none)
 *   order   item indexes in the given order, "1,0,2"  number, text, output  what was typed
 */
#ifndef QUIZ_H
#define QUIZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "content/content.h"

enum { QUIZ_MAX_RESPONSE = 1024 }; /* bytes, with the NUL */

struct grade {
    bool right;   /* fully */
    double score; /* 0..1; between only for multi and order, see quiz_grade */
    int known;    /* index into q->wrong of the known wrong answer given, -1 for none */
};

/* Whether response is in the form its kind asks for; says what is wrong if not. */
bool quiz_response_valid(const struct question *q, const char *response, struct err *e);

/* Grades a valid response. multi: (right ones chosen - wrong ones chosen) / right ones, at least
 * 0. order: share of neighbouring pairs in the right order. text: compared folded (utf8_fold);
 * output: any run of blanks and line ends counts as one space. */
struct grade quiz_grade(const struct question *q, const char *response);

/* The right answer as words in the current language (for order: one line an item); the caller
 * frees. And a canonical response as words. */
char *quiz_answer_text(const struct question *q);
char *quiz_response_text(const struct question *q, const char *response);

/* A permutation of 0..n-1 that depends on seed and the question's id only. */
void quiz_shuffle(uint64_t seed, const char *id, size_t n, size_t *perm);

/* The same for the options of a question: items to order never come in the right order. */
void quiz_shuffle_options(uint64_t seed, const struct question *q, size_t *perm);

/* A pseudo-random stream (splitmix64; Steele, Lea and Flood 2014): advances *state. */
uint64_t quiz_random(uint64_t *state);

#endif
