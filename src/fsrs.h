/*
 * fsrs.h: when a question should come back: FSRS-6, the Free Spaced Repetition Scheduler.
 *
 * Pure arithmetic, no clock, no store. Source: the algorithm description of the open-spaced-
 * repetition project (FSRS-6, 21 weights) and its reference implementations.
 */
#ifndef FSRS_H
#define FSRS_H

#include <stdbool.h>

enum fsrs_grade { FSRS_AGAIN = 1, FSRS_HARD, FSRS_GOOD, FSRS_EASY };

enum { FSRS_WEIGHTS = 21, FSRS_VERSION = 6 };

extern const double fsrs_default_weights[FSRS_WEIGHTS];

/* The memory of one card. stability: days until retrievability falls to 0.9, > 0. difficulty:
 * 1 (easy) to 10 (hard). All zero: never reviewed. */
struct fsrs_state {
    double stability, difficulty;
};

/* Probability of recall, 0..1, elapsed_days >= 0 after the last review of a reviewed card. */
double fsrs_retrievability(const double w[FSRS_WEIGHTS], const struct fsrs_state *s,
                           double elapsed_days);

/* The state after a review, elapsed_days after the last one (0 for the first). Less than a day is
 * a review on the same day, which has a formula of its own. */
struct fsrs_state fsrs_review(const double w[FSRS_WEIGHTS], const struct fsrs_state *s,
                              double elapsed_days, enum fsrs_grade grade);

/* Whole days, 1..36500, until retrievability falls to retention (0 < retention < 1). */
int fsrs_interval_days(const double w[FSRS_WEIGHTS], const struct fsrs_state *s, double retention);

#endif
