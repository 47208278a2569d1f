/*
 * tool.h: a program run to its end by a command that has no screen: a compiler, a question's
 * program. The loop turns meanwhile, so that a signal still ends it.
 */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "app.h"
#include "base.h"
#include "buf.h"
#include "proc.h"

enum { TOOL_MAX_OUTPUT = 64 * 1024 }; /* bytes kept; more is dropped */

struct tool_result {
    enum proc_end end; /* PROC_STOPPED: a signal has ended the wait */
    int code;
    struct buf out; /* standard output and error, raw */
    bool truncated;
};

/* Runs argv (argv[0] is a path) for at most limit_ms. true when it was started; the result is the
 * caller's to release. Otherwise the reason. */
bool tool_run(const struct app *app, const char *const *argv, const char *cwd, int64_t limit_ms,
              struct tool_result *r, struct err *e);
void tool_result_release(struct tool_result *r);

/* Whether it ended by itself with exit status 0. */
bool tool_succeeded(const struct tool_result *r);

/* Turns the loop until *done; false if a signal came first. */
bool tool_wait(struct loop *l, const bool *done);

#endif
