/*
 * trace_export.h: the trace of a run as a file that other programs open.
 *
 * A demo writes one JSON object a line. Perfetto and chrome://tracing take a file that begins with
 * '{' for one object, so the file is written as one array, an event a line; lines that are no JSON
 * object are left out. Nothing is written before the run is over.
 */
#ifndef TRACE_EXPORT_H
#define TRACE_EXPORT_H

#include <stdbool.h>

#include "base.h"

struct trace_export;

/* Opens path for writing (emptied if it is there). NULL and the reason if it cannot be. */
struct trace_export *trace_export_begin(const char *path, struct err *e);
void trace_export_free(struct trace_export *x); /* NULL is fine */

/* Where the raw trace is to be written meanwhile; stays the export's. */
int trace_export_fd(const struct trace_export *x);

/* Writes the file. */
bool trace_export_end(struct trace_export *x, struct err *e);

#endif
