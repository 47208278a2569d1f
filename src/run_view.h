/*
 * run_view.h: a run of a demo in a doc that is being built: its state, its output, its verdicts.
 */
#ifndef RUN_VIEW_H
#define RUN_VIEW_H

#include "buf.h"
#include "content/content.h"
#include "doc.h"
#include "run.h"

/* All borrowed; the doc must be drawn before the run is freed. */
struct run_view {
    const struct lesson *lesson;
    const struct demo *demo;
    const struct run *run;
};

/* How many claims hold, to stand behind how the run ended: "; 3 of 4 claims hold". */
void run_view_add_verdicts(const struct run_view *v, struct buf *words);

void run_view_build_state(const struct run_view *v, struct doc *d);
void run_view_build_output(const struct run_view *v, struct doc *d);
void run_view_build_verdicts(const struct run_view *v, struct doc *d);
/* What its lens reports, nothing without one; lines about a place in the source are the focus items
 * first_focus and up. */
void run_view_build_report(const struct run_view *v, struct doc *d, int first_focus);
/* The line of the source that such an item is about, 0 for none. */
int run_view_report_line(const struct run_view *v, int item);

#endif
