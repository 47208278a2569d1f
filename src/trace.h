/*
 * trace.h: what a running demo reports: the Chrome Trace Event Format, one JSON object a line.
 *
 * A trace is data from a program that may be broken or hostile: it is bounded, every string is
 * made harmless (utf8_clean), and what cannot be read is counted and passed over.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"

enum trace_result { TRACE_FAIL, TRACE_PASS, TRACE_INCONCLUSIVE };

struct trace_verdict {
    char *claim;
    enum trace_result result;
    char *measured; /* as shown: "1.02", "yes", "12 ms" */
    bool is_number;
    double number; /* when is_number */
    char *rule;
};

struct trace;

struct trace *trace_new(void);
void trace_free(struct trace *t);

/* Takes any bytes; lines may come in pieces. */
void trace_feed(struct trace *t, const char *bytes, size_t n);

/* In order of arrival; a later verdict on the same claim replaces the earlier. Borrowed. */
const struct trace_verdict *trace_verdicts(const struct trace *t, size_t *n);
const struct trace_verdict *trace_verdict(const struct trace *t, const char *claim);

/* Events read, and lines passed over because they could not be. */
size_t trace_events(const struct trace *t);
size_t trace_bad_lines(const struct trace *t);

/* "pass", "fail", "inconclusive". */
const char *trace_result_name(enum trace_result r);

#endif
