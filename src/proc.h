/*
 * proc.h: child processes whose output is watched and that always go away.
 *
 * A child gets its own process group, an empty standard input, one pipe for its standard output
 * and error, and, if asked for, others for its trace (SYSTUTOR_TRACE_FD) and for the report of a
 * tool that runs it. It is over when all pipes are at end of file *and* it has been reaped; a
 * grandchild that holds a pipe open is given a short grace and then killed with the whole group.
 * The tutor is a subreaper, so what the child leaves behind falls to us and is killed too. Nothing
 * here blocks. A child may use 120 s of CPU and write files of 64 MiB. When the tutor itself is
 * killed with SIGKILL, the child goes with it, but not what the child has forked.
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

enum proc_stream { PROC_OUT, PROC_TRACE, PROC_REPORT, PROC_STREAMS };

enum {
    PROC_TRACE_FD = 3,
    /* A tool cannot close it for the program it runs: so it is far above the descriptors that a
     * demo opens and talks about. */
    PROC_REPORT_FD = 250,
};

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
    const char *const *env;  /* NAME=value, in place of the tutor's; NULL-terminated, NULL: none */
    int64_t limit_ms;        /* wall time */
    bool trace;
    bool report;          /* PROC_REPORT_FD is a pipe as well */
    bool fixed_addresses; /* no address space randomization, if the kernel lets us */
    /* For a tool that runs the demo: when it is to end, its children get this signal, and it has
     * last_words_ms to tell of it and end by itself. 0: all are killed at once. */
    int last_signal;
    int64_t last_words_ms;
    /* At most 64 KiB of one pipe in a turn of the loop. */
    void (*on_data)(void *user, enum proc_stream stream, const char *bytes, size_t n);
    /* Last call; the proc is freed when it returns. */
    void (*on_end)(void *user, enum proc_end end, int code);
    void *user;
};

/* Makes the tutor a subreaper. loop must outlive it. procs_free abandons what still runs. */
struct procs *procs_new(struct loop *l);
void procs_free(struct procs *ps);
struct loop *procs_loop(const struct procs *ps);

/* Path of a program: name if it has a slash, else the first that $PATH has. The caller frees; NULL
 * if there is none. */
char *proc_find(const char *name);

/* NULL and the reason if the program cannot be started (a missing or broken file included).
 * spec is copied; its strings are needed during the call only. */
struct proc *proc_start(struct procs *ps, const struct proc_spec *spec, struct err *e);

/* Kills the whole group now; on_end follows from the loop, within 100 ms. With last words it takes
 * as long as they may; a second call cuts them short. */
void proc_stop(struct proc *p);

/* What it was started for is over: it has at most ms left, and ends with PROC_TIME_LIMIT then.
 * false if it is being ended already. */
bool proc_hurry(struct proc *p, int64_t ms);

/* The inode of the pipe of its trace, by which other tools name it; 0 without a trace. */
uint64_t proc_trace_inode(const struct proc *p);

/* Same, and waits for the end; no callback is called any more. For leaving a screen. */
void proc_abandon(struct proc *p);

#endif
