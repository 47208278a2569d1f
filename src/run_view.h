/*
 * run_view.h: a run of a demo in a doc that is being built: its state, its output, its verdicts.
 */
#ifndef RUN_VIEW_H
#define RUN_VIEW_H

#include "content/content.h"
#include "doc.h"
#include "run.h"

/* All borrowed; the doc must be drawn before the run is freed. */
struct run_view {
    const struct lesson *lesson;
    const struct demo *demo;
    const struct run *run;
};

void run_view_build_state(const struct run_view *v, struct doc *d);
void run_view_build_output(const struct run_view *v, struct doc *d);
void run_view_build_verdicts(const struct run_view *v, struct doc *d);

#endif
