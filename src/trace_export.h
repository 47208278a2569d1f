/*
 * trace_export.h: a run as a file that Perfetto, chrome://tracing and `systutor trace` open.
 *
 * The file is one JSON array in the Chrome Trace Event Format, an event a line, in the order of
 * time: every begin has its end (a span that was open when the run was over ends with it, and says
 * so), every arrow its two ends (a message that nobody got is a note), all strings are sound.
 */
#ifndef TRACE_EXPORT_H
#define TRACE_EXPORT_H

#include <stdbool.h>

#include "base.h"
#include "trace.h"

/* Writes t, which is settled, to path; title is the program's name. */
bool trace_export(struct trace *t, const char *title, const char *path, struct err *e);

#endif
