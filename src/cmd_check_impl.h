/*
 * cmd_check_impl.h: what cmd_check_run.c and cmd_check_demo.c share: the state of one proof of a
 * pack. Nobody else includes it.
 */
#ifndef CMD_CHECK_IMPL_H
#define CMD_CHECK_IMPL_H

#include "cmd_check_run.h"
#include "compiler.h"
#include "content/content.h"
#include "tool.h"

struct proof {
    struct app *app;
    struct content *content;
    content_report *report;
    void *user;
    size_t findings;
    bool interrupted; /* by a signal: nothing more is tried */
    char *dir;        /* temporary, removed at the end */
    struct compiler cc;
    struct paths paths; /* the app's, with the content of the pack; that alone is owned */
    bool lib_is_broken; /* what all demos are linked with does not compile */
    char *rel;          /* the program in hand, relative to the pack */
    size_t done, total; /* programs */
};

/* Reports words on the program in hand. */
void proof_finding(struct proof *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Runs argv to its end in the temporary folder. false if it could not be started, which is
 * reported, or a signal came: then there is no result to release. */
bool proof_run_tool(struct proof *p, const char *const *argv, int64_t limit_ms,
                    struct tool_result *r);

/* "is killed by signal 11"; in words or a constant. */
const char *proof_end_words(const struct tool_result *r, char words[64]);

/* Holds the compiled demo against its lesson: parameters, then a run with its defaults, one with
 * those of its prediction, and one for each moment that a page points at, where they differ. */
void proof_demo(struct proof *p, const struct lesson *l, const struct demo *d, const char *program);

#endif
