/*
 * cmd_check_run.h: proves a content pack by compiling and running everything in it.
 *
 * Each demo: its --params are those of lesson.json; run with its defaults and with the parameters
 * of its prediction it ends with exit status 0 and one verdict for each claim it lists, none of
 * them failing, and what the prediction turns on matches exactly one choice; the moments that pages
 * point at (`at` blocks) occur in a run with their parameters. The program of each
 * `output` question prints its key, twice.
 *
 * The programs run without a sandbox, within limits of time, output, processor time and file size.
 */
#ifndef CMD_CHECK_RUN_H
#define CMD_CHECK_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "app.h"
#include "base.h"
#include "content/content.h"

/* Reports what does not hold and counts it into *findings. Progress goes to standard error. false,
 * with the reason, if not everything could be tried: no compiler, no room, a signal. */
bool cmd_check_run(struct app *app, const char *root, content_report *report, void *user,
                   size_t *findings, struct err *e);

#endif
