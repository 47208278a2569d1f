/*
 * run.h: one run of a demo: its program with chosen parameters, its output, its verdicts; plain or
 * through a lens, with what the lens has to report.
 *
 * Output is kept as lines that are harmless for a terminal, up to a limit; what is over it is
 * counted, thrown away and said. Nothing here blocks, and nothing of the run outlives it. A lens
 * changes what a demo measures: its verdicts tell of this run, not of the machine.
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"
#include "content/content.h"
#include "lens.h"
#include "path.h"
#include "proc.h"
#include "trace.h"

enum {
    RUN_MAX_OUTPUT = 256 * 1024, /* bytes kept */
    RUN_MAX_LINES = 4000,        /* lines kept */
    RUN_MAX_LINE = 1000,         /* bytes of one line; a longer one is broken */
};

enum run_state {
    RUN_BUILDING, /* compiled anew for its lens */
    RUN_RUNNING,
    RUN_OK,      /* ended by itself, every claim got its verdict, none failed */
    RUN_FAILED,  /* a verdict failed, or one is missing, or the exit status was not 0 */
    RUN_CRASHED, /* killed by a signal of its own */
    RUN_STOPPED, /* by the learner */
    RUN_LIMIT,   /* by its time limit */
    RUN_UNBUILT, /* it did not compile for its lens: the report says why */
};

struct run;

struct run_hooks {
    void (*changed)(void *user); /* output or a verdict has come, or the state changed */
    void (*ended)(void *user);   /* once, after the last `changed` */
    void *user;
};

struct run_spec {
    const struct demo *demo; /* must outlive the run */
    const char *program;     /* path of the compiled demo */
    const char *source;      /* that it was compiled from; NULL: the demo's own */
    const long *values;      /* one for each parameter */
    enum lens lens;
    const struct paths *paths; /* for a lens; must outlive the run */
    struct run_hooks hooks;
};

/* NULL and the reason if it cannot be started. */
struct run *run_start(struct procs *ps, const struct run_spec *spec, struct err *e);
/* Some lenses have it say last words: it takes up to LENS_LAST_WORDS_MS then, unless it is called
 * again. */
void run_stop(struct run *r);
void run_free(struct run *r); /* stops it first; NULL is fine */

enum run_state run_state(const struct run *r);
/* Neither building nor running. */
bool run_is_over(const struct run *r);
/* "building", "running", "ok", "failed", "crashed", "stopped", "limit", "unbuilt": as stored and
 * printed in JSON. */
const char *run_state_name(enum run_state s);
/* Exit status, or the signal of RUN_CRASHED. */
int run_code(const struct run *r);
int64_t run_elapsed_ms(const struct run *r);

size_t run_lines(const struct run *r);
const char *run_line(const struct run *r, size_t i);
/* Bytes of output thrown away because of the limits. */
uint64_t run_dropped(const struct run *r);

enum lens run_lens(const struct run *r);
/* What the lens reports; it grows while the run goes on. Until the loop turns again. */
const struct lens_line *run_report(const struct run *r, size_t *n);

/* Borrowed; it grows while the run goes on. */
struct trace *run_trace(const struct run *r);

/* "a=1 b=lt" for the parameters of a run; the caller frees. */
char *run_args_text(const struct demo *demo, const long *values);

/* Which choice of the prediction the verdict decided: -1 when it is missing, inconclusive, or
 * matches none. */
int predict_outcome(const struct predict *p, const struct trace *t);

#endif
