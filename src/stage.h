/*
 * stage.h: a demo on its stage: its prediction, its runs one after another, the pictures of them.
 *
 * The prediction is on disk before the run starts, and is held against what the run measured. Each
 * run that ends is kept in the store, but for those seen through a lens, which tell of the tool.
 */
#ifndef STAGE_H
#define STAGE_H

#include "content/content.h"
#include "lens.h"
#include "predict_view.h"
#include "run.h"
#include "ui.h"
#include "view/panel.h"

enum stage_part { STAGE_ALONE, STAGE_FIRST, STAGE_SECOND };

/* Embed it; what is not said to be for the owner's reading only may be set by it. */
struct stage {
    struct screen *owner;
    const struct lesson *lesson;
    const struct demo *demo;
    char *program, *no_program; /* no_program: why it cannot be run */
    void (*ended)(struct screen *owner);

    bool offers;   /* a prediction may be made: this is the run that it is about */
    bool warned;   /* that it comes first has been said once */
    int predicted; /* the choice made and not yet decided or just decided, -1 none */
    int measured;  /* the choice the run decided, -1 none */
    enum outcome outcome;

    enum lens lens;           /* that the next run is seen through */
    struct run *run, *before; /* the latest one, and the one before it; NULL for none */
    long run_values[CONTENT_MAX_PARAMS], before_values[CONTENT_MAX_PARAMS];
    bool scored_run; /* this run has the parameters of the prediction */
    struct timer *tick;
    enum stage_part part; /* the latest one, where two are to be compared */

    struct panel *panel;
    bool picture;         /* it is shown in place of the lines */
    struct moment moment; /* where the picture is to go when a run with these values comes there */
    long moment_values[CONTENT_MAX_PARAMS];
    bool seeks;     /* the moment is still to come */
    bool at_moment; /* the picture of this run has been put there, and waits to be looked at */
};

/* lesson and demo must outlive it. */
void stage_init(struct stage *g, struct screen *owner, const struct lesson *lesson,
                const struct demo *demo, void (*ended)(struct screen *owner));
void stage_release(struct stage *g); /* all zero is fine */

bool stage_is_running(const struct stage *g);
bool stage_prediction_is_open(const struct stage *g);
struct predict_view stage_prediction(const struct stage *g);

/* Stores the choice; false, and why was said, if that fails. */
bool stage_predict(struct stage *g, int choice);

/* Starts a run with these values; what stands in the way is said. None must be running. */
bool stage_run(struct stage *g, const long *values);

/* The two runs that the lesson names, one after the other, from these values on; or, where it names
 * none, the last two. */
void stage_compare(struct stage *g, const long *values);
bool stage_can_compare(const struct stage *g);

/* The picture to a moment of a run with these values: of the last one if it had them and came
 * there, or may still; else of a new one, which starts now if may_run. A run with other values that
 * goes on must not be there. */
void stage_seek(struct stage *g, const struct moment *m, const long *values, bool may_run);

#endif
