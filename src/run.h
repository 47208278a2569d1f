/*
 * run.h: one run of a demo: its program with chosen parameters, its output, its verdicts.
 *
 * Output is kept as lines that are harmless for a terminal, up to a limit; what is over it is
 * counted, thrown away and said. Nothing here blocks, and nothing of the run outlives it.
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"
#include "content/content.h"
#include "proc.h"
#include "trace.h"

enum {
    RUN_MAX_OUTPUT = 256 * 1024, /* bytes kept */
    RUN_MAX_LINES = 4000,        /* lines kept */
    RUN_MAX_LINE = 1000,         /* bytes of one line; a longer one is broken */
};

enum run_state {
    RUN_RUNNING,
    RUN_OK,      /* ended by itself, every claim got its verdict, none failed */
    RUN_FAILED,  /* a verdict failed, or one is missing, or the exit status was not 0 */
    RUN_CRASHED, /* killed by a signal of its own */
    RUN_STOPPED, /* by the learner */
    RUN_LIMIT,   /* by its time limit */
};

struct run;

struct run_hooks {
    void (*changed)(void *user); /* output or a verdict has come, or the state changed */
    void (*ended)(void *user);   /* once, after the last `changed` */
    void *user;
};

/* program: path of the compiled demo. values: one for each parameter. trace_fd: where the raw
 * trace is copied to as well, -1 for nowhere. demo must outlive the run. NULL and the reason if it
 * cannot be started. */
struct run *run_start(struct procs *ps, const struct demo *demo, const char *program,
                      const long *values, int trace_fd, const struct run_hooks *hooks,
                      struct err *e);
void run_stop(struct run *r);
void run_free(struct run *r); /* stops it first; NULL is fine */

enum run_state run_state(const struct run *r);
/* "running", "ok", "failed", "crashed", "stopped", "limit": as stored and printed in JSON. */
const char *run_state_name(enum run_state s);
/* Exit status, or the signal of RUN_CRASHED. */
int run_code(const struct run *r);
int64_t run_elapsed_ms(const struct run *r);

size_t run_lines(const struct run *r);
const char *run_line(const struct run *r, size_t i);
/* Bytes of output thrown away because of the limits. */
uint64_t run_dropped(const struct run *r);

/* errno of the copy of the trace that failed (the rest of it was not copied), 0 if none did. */
int run_trace_error(const struct run *r);

const struct trace *run_trace(const struct run *r);

/* "a=1 b=lt" for the parameters of a run; the caller frees. */
char *run_args_text(const struct demo *demo, const long *values);

/* Which choice of the prediction the verdict decided: -1 when it is missing, inconclusive, or
 * matches none. */
int predict_outcome(const struct predict *p, const struct trace *t);

#endif
