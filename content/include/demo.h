/*
 * demo.h: the small library that every demo includes.
 *
 * A demo is a C program that stands alone: cc -Icontent/include demo.c content/lib/demo.c -pthread
 * It reads its parameters as name=value, checks every call, prints what it does, and closes with
 * one verdict for each claim it proves. With SYSTUTOR_TRACE_FD set to an open descriptor it also
 * writes a trace there: one JSON object a line, Chrome Trace Event Format. Every function may be
 * called from any thread, and from forked children; those that trace also from signal handlers.
 *
 * Lines of the trace are buffered, a buffer a thread, and leave several in one write(2) of at most
 * PIPE_BUF bytes: lines are whole, never mix, and those of one thread come in order (those of a
 * signal handler may come before the line it interrupted). An event is written at once
 *   - when it is the thread's first in a millisecond, so that a slow demo is seen live;
 *   - when it names a lane, begins a block or sleep span, sends, or is a verdict.
 * The others go with the next one that leaves, or does not fit; with any thread's next event when
 * they are 5 ms old; and before fork, at the end of the thread, demo_flush, demo_finish, exit, and
 * a failed check. A crash (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT) writes them too, unless the
 * demo has a handler of its own for it. A child that is killed, execs or calls _exit leaves its
 * lines to the first process, which writes them in the same ways.
 *
 * So lines are lost only when the first process dies of another signal (SIGKILL, SIGTERM), execs,
 * or calls _exit without demo_finish or demo_flush. Then of each thread those after its last write
 * are gone: less than PIPE_BUF bytes, all begun within 5 ms before the thread's last event; none of
 * a thread that is slow or blocks in its span. A process killed in the middle of a write(2) to a
 * full pipe loses what it was writing; one that outlives the first process, what its _exit leaves.
 */
#ifndef DEMO_H
#define DEMO_H

#include <stdbool.h>
#include <stdint.h>

/* One parameter. choices == NULL: a whole number in [min, max], def the default.
 * choices != NULL: one of a NULL-terminated list, def the index of the default. A flag is the
 * whole number 0..1. A list of parameters ends with a row whose name is NULL. */
struct demo_param {
    const char *name;
    const char *help; /* one line of English for --help */
    long min, max, def;
    const char *const *choices;
};

/* Parses argv, answers --help and --params, starts the clock and the trace. Unknown or
 * out-of-range parameters: a message on stderr and exit 2. The params table must stay valid. */
void demo_start(int argc, char **argv, const char *summary, const struct demo_param *params);

/* Value of a parameter; asking for one that is not in the table aborts. */
long demo_int(const char *name);
const char *demo_choice(const char *name);

/* Prints one line (the newline is added) with a single write(2). Longer than 1 KiB is cut. */
void demo_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Nanoseconds since demo_start, CLOCK_MONOTONIC. */
int64_t demo_now_ns(void);

/* Sleeps for ns, through signals, against CLOCK_MONOTONIC. */
void demo_sleep_ns(int64_t ns);

/* Names a new lane; returns its id, 1 and up. At most 1000. The main lane, 0, always exists. */
int demo_lane(const char *name);

enum demo_cat { DEMO_RUN, DEMO_READY, DEMO_BLOCK, DEMO_SLEEP, DEMO_CALL, DEMO_HOLD };

/* A span in a lane; spans nest. name is a short English id that lesson.json may translate. */
void demo_begin(int lane, enum demo_cat cat, const char *name);
void demo_end(int lane);

/* A note at this moment in a lane: a short English id, and free text ("" for none). */
void demo_note(int lane, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* An arrow between lanes, a message or a wake-up: demo_send returns its id, demo_recv ends it. */
int demo_send(int lane, const char *name);
void demo_recv(int lane, const char *name, int id);

/* The same for a message with content worth reading: text as formatted, its newlines kept. Longer
 * than 2 KiB, or than 3000 bytes once escaped, it is cut between two characters ("cut":true). */
int demo_send_text(int lane, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A point (x, y) of the series of a plot. */
void demo_point(const char *plot, const char *series, double x, double y);

/* What a counter says from this moment on. */
void demo_count(const char *counter, double value);

/* Writes what is buffered: the lines of all threads of this process; in the first, of all. */
void demo_flush(void);

/* A graph at this moment: begin, any number of nodes, edges and lists, end. One thread at a time.
 * fields is "key=value key=value", "" for none. Cut (with "cut":true) at PIPE_BUF. */
void demo_snap_begin(const char *name);
void demo_snap_node(const char *id, const char *label, const char *fields);
void demo_snap_edge(const char *from, const char *to, const char *label);
void demo_snap_list(const char *name, const char *const *ids, int n);
void demo_snap_end(void);

enum demo_result { DEMO_FAIL, DEMO_PASS, DEMO_INCONCLUSIVE };

/* The verdict on a claim of the lesson: what was measured, and the rule it was held against in
 * words ("the child's write is seen by the parent"). The number form prints measured with unit
 * ("" for a bare number or ratio); the word form takes a short lower-case word ("yes", "EAGAIN").
 * Without a trace they are printed. */
void demo_verdict(const char *claim, enum demo_result result, double measured, const char *unit,
                  const char *rule);
void demo_verdict_word(const char *claim, enum demo_result result, const char *measured,
                       const char *rule);

/* Exit status for main: 0 if no verdict of this process failed, 1 if one did. Flushes. */
int demo_finish(void);

/* Checked calls. CHECK_SYS: a call that returns -1 and sets errno; CHECK_PTHREAD: one that
 * returns an error number; CHECK: a condition that must hold. On failure: file, line, the
 * expression and the errno by name on stderr, then _exit(3). */
#define CHECK_SYS(call)     demo_check_sys((call), #call, __FILE__, __LINE__)
#define CHECK_PTHREAD(call) demo_check_pthread((call), #call, __FILE__, __LINE__)
#define CHECK(cond)         demo_check((cond), #cond, __FILE__, __LINE__)
long demo_check_sys(long result, const char *what, const char *file, int line);
void demo_check_pthread(int error, const char *what, const char *file, int line);
void demo_check(bool ok, const char *what, const char *file, int line);

/* fork() whose child is killed when this process dies, so that no demo leaves children behind. */
int demo_fork(void);

/* errno by its name, "EAGAIN"; "errno 512" for one without a name. Borrowed, static. */
const char *demo_errno_name(int error);

#endif
