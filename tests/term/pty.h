/*
 * pty.h: a program in a pseudo-terminal of its own, in a clean environment and an empty home.
 *
 * The one place where tests and benches start a program on a terminal. pty_spawn gives the
 * program its own session with the pty as controlling terminal; the caller owns the struct pty and
 * ends it with pty_close. Nothing of the caller leaks in: no descriptors, signal settings or
 * variables other than those listed at pty_env_new.
 */
#ifndef PTY_H
#define PTY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#include "base.h"

struct pty_spec {
    const char *const *argv; /* argv[0] is looked up in PATH */
    char *const *env;        /* from pty_env_new */
    const char *cwd;         /* NULL: the caller's */
    int rows, cols;
};

struct pty {
    pid_t pid;              /* also its process group and session; 0 for none */
    int pidfd;              /* readable when the program has ended; -1 if the system has none */
    bool ended;             /* pty_ended has said so */
    int master;             /* non-blocking; -1 once hung up */
    int slave;              /* kept open, so that the terminal's state outlives the program */
    int64_t start_ns;       /* pty_now_ns just before the fork */
    struct termios initial; /* as the program found the terminal: canonical, echoing, UTF-8 */
};

/* Returns when exec has succeeded; a program that cannot be run is an error that names it. */
bool pty_spawn(struct pty *p, const struct pty_spec *spec, struct err *e);

/* Whether the program has ended; fills *status (as of waitpid) if so. It is not reaped before
 * pty_close, so that its process group cannot be taken for another one. */
bool pty_ended(struct pty *p, int *status);

/* Waits up to limit_ms for input on the master, room for output there (if want_out) or the end of
 * the program; false when none came. May return early for no reason. */
bool pty_poll(const struct pty *p, bool want_out, int limit_ms);

/* Takes the terminal away, as closing a terminal window does: SIGHUP to the session. */
void pty_hang_up(struct pty *p);

/* Kills the program's process group, reaps the program, closes everything. Safe to call twice. */
void pty_close(struct pty *p);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t pty_now_ns(void);

/* PATH and the sanitizers' options from the caller; HOME and XDG_* in home; TZ=UTC, LANG=C.UTF-8,
 * TERM=xterm-256color. Then extra (NULL for none, else ended by NULL): "NAME=value" sets, "NAME"
 * removes. Free with pty_env_free. */
char **pty_env_new(const char *home, const char *const *extra);
void pty_env_free(char **env);

/* A fresh directory below $TMPDIR; the caller frees the name. Dies if there can be none. */
char *pty_dir_new(void);

/* Removes a directory and all that is in it; follows no link. */
void pty_dir_remove(const char *path);

#endif
