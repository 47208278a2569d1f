/*
 * predict_view.h: a prediction in a doc that is being built: the question, and how it turned out.
 */
#ifndef PREDICT_VIEW_H
#define PREDICT_VIEW_H

#include "content/content.h"
#include "doc.h"
#include "run_record.h"

struct predict_view {
    const struct demo *demo;
    bool open;            /* still to be made: the choices can be focused */
    bool about_other_run; /* it was made, but this run has other parameters */
    int predicted;        /* the choice made, -1 none */
    int measured;         /* the choice the run decided, -1 none */
    enum outcome outcome;
};

/* The choices are the focus items first_focus and up. */
void predict_view_build_question(const struct predict_view *v, struct doc *d, int first_focus);
void predict_view_build_outcome(const struct predict_view *v, struct doc *d);

#endif
