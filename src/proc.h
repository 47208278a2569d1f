/*
 * proc.h: child processes whose output is watched and that always go away.
 *
 * A child gets its own process group, an empty standard input, one pipe for its standard output
 * and error, and, if asked for, another for its trace (SYSTUTOR_TRACE_FD). It is over when both
 * pipes are at end of file *and* it has been reaped; a grandchild that holds a pipe open is
 * given a short grace and then killed with the whole group. The tutor is a subreaper, so what the
 * child leaves behind falls to us and is killed too. Nothing here blocks. A child may use 120 s of
 * CPU and write files of 64 MiB. When the tutor itself is killed with SIGKILL, the child goes with
 * it, but not what the child has forked.
 */
#ifndef PROC_H
#define PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"
#include "loop.h"

struct proc;
struct procs; /* all children of the tutor; one of these */

enum proc_stream { PROC_OUT, PROC_TRACE, PROC_STREAMS };

/* Why it is over. */
enum proc_end {
    PROC_EXITED,     /* by itself: code is the exit status */
    PROC_SIGNALED,   /* by a signal of its own: code is its number */
    PROC_STOPPED,    /* by proc_stop */
    PROC_TIME_LIMIT, /* killed after limit_ms */
};

struct proc_spec {
    const char *const *argv; /* argv[0] is the path; NULL-terminated */
    const char *cwd;         /* NULL: the tutor's */
    int64_t limit_ms;        /* wall time */
    bool trace;
    /* At most 64 KiB of one pipe in a turn of the loop. */
    void (*on_data)(void *user, enum proc_stream stream, const char *bytes, size_t n);
    /* Last call; the proc is freed when it returns. */
    void (*on_end)(void *user, enum proc_end end, int code);
    void *user;
};

/* Makes the tutor a subreaper. loop must outlive it. procs_free abandons what still runs. */
struct procs *procs_new(struct loop *l);
void procs_free(struct procs *ps);

/* NULL and the reason if the program cannot be started (a missing or broken file included).
 * spec is copied; its strings are needed during the call only. */
struct proc *proc_start(struct procs *ps, const struct proc_spec *spec, struct err *e);

/* Kills the whole group now; on_end follows from the loop, within 100 ms. */
void proc_stop(struct proc *p);

/* Same, and waits for the end; no callback is called any more. For leaving a screen. */
void proc_abandon(struct proc *p);

#endif
