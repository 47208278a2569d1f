/*
 * run_record.c: a run that has ended, held against its prediction and kept. See run_record.h.
 */
#include "run_record.h"

#include <stdlib.h>

bool predict_is_about(const struct demo *demo, const long *values)
{
    for (size_t i = 0; i < demo->n_params; i++)
        if (values[i] != demo->predict.with[i])
            return false;
    return true;
}

enum outcome predict_decide(const struct demo *demo, const struct run *run, int choice,
                            int *measured)
{
    *measured = predict_outcome(&demo->predict, run_trace(run));
    if (*measured < 0)
        return OUTCOME_UNDECIDED;
    return *measured == choice ? OUTCOME_RIGHT : OUTCOME_WRONG;
}

bool run_record(struct store *store, int64_t now_ms, const struct lesson *lesson,
                const struct demo *demo, const long *values, const struct run *run,
                enum outcome outcome, struct err *e)
{
    size_t n;
    const struct trace_verdict *verdicts = trace_verdicts(run_trace(run), &n);
    struct store_verdict *rows = x_array(n, sizeof(*rows));
    char *args = run_args_text(demo, values);

    for (size_t i = 0; i < n; i++)
        rows[i] = (struct store_verdict){.claim = verdicts[i].claim,
                                         .result = trace_result_name(verdicts[i].result),
                                         .measured = verdicts[i].measured,
                                         .rule = verdicts[i].rule};
    const struct store_run r = {.lesson = lesson->slug,
                                .demo = demo->name,
                                .args = args,
                                .status = run_state_name(run_state(run)),
                                .predicted = (int)outcome,
                                .verdicts = rows,
                                .n_verdicts = n};
    const bool ok = store_run_add(store, now_ms, &r, e);
    free(args);
    free(rows);
    return ok;
}
