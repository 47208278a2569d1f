/*
 * run_record.h: a run that has ended, held against its prediction and kept in the store.
 */
#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "content/content.h"
#include "run.h"
#include "store/store.h"

/* As store_run has it. */
enum outcome { OUTCOME_NONE = -1, OUTCOME_WRONG, OUTCOME_RIGHT, OUTCOME_UNDECIDED };

/* Whether these are the parameters that the demo's prediction is about. */
bool predict_is_about(const struct demo *demo, const long *values);

/* What a run with the prediction's parameters says of choice; *measured is the choice it decided,
 * -1 for none. */
enum outcome predict_decide(const struct demo *demo, const struct run *run, int choice,
                            int *measured);

/* Keeps a run that has ended, with its verdicts. */
bool run_record(struct store *store, int64_t now_ms, const struct lesson *lesson,
                const struct demo *demo, const long *values, const struct run *run,
                enum outcome outcome, struct err *e);

#endif
