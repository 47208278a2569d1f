/*
 * feedback.h: what a learner is told after an answer: right or not, why each choice is, and where
 * that is written.
 */
#ifndef FEEDBACK_H
#define FEEDBACK_H

#include "doc.h"
#include "session.h"

/* Right, wrong or partly right: one line and a blank one, to stand above the question. */
void feedback_build_head(struct doc *d, const struct session_item *it);

/* Adds the feedback on an answered item to a doc that is being built. perm[place] is the index of
 * the choice that was shown at that place. */
void feedback_build(struct doc *d, const struct session_item *it, const size_t *perm);

#endif
