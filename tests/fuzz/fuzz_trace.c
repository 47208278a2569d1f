/*
 * fuzz_trace.c: any bytes as the trace of a demo (libFuzzer).
 *
 * The first byte says in pieces of what size the rest is fed. Whatever comes, every line is an
 * event or bad, the pieces make no difference, and what is kept is bounded and harmless.
 *
 *   make build/fuzz/fuzz_trace && build/fuzz/fuzz_trace -max_len=200000 seeds/
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "trace.h"
#include "utf8.h"

enum { LINE_LIMIT = 64 * 1024, VERDICTS_LIMIT = 64, WORDS_LIMIT = 8 * 300 };

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            BUG("does not hold: %s", #condition);                                                  \
    } while (0)

/* Lines that are counted: those with something in them and their newline, and one that is too long
 * already. */
static size_t count_lines(const char *bytes, size_t n)
{
    size_t lines = 0;

    while (n > 0) {
        const char *nl = memchr(bytes, '\n', n);
        const size_t len = nl ? (size_t)(nl - bytes) : n;
        lines += nl ? len > 0 : len > LINE_LIMIT;
        bytes += len + (nl != NULL);
        n -= len + (nl != NULL);
    }
    return lines;
}

/* Cleaning it once more changes nothing. */
static void must_be_harmless(const char *words)
{
    struct buf again = {0};

    MUST(strlen(words) <= WORDS_LIMIT);
    utf8_clean(&again, words, strlen(words), false);
    MUST(strcmp(buf_text(&again), words) == 0);
    buf_release(&again);
}

static void check_verdicts(const struct trace *t)
{
    size_t n;
    const struct trace_verdict *all = trace_verdicts(t, &n);

    MUST(n <= VERDICTS_LIMIT);
    MUST(n <= trace_events(t));
    for (size_t i = 0; i < n; i++) {
        must_be_harmless(all[i].claim);
        must_be_harmless(all[i].measured);
        must_be_harmless(all[i].rule);
        MUST(strlen(trace_result_name(all[i].result)) > 0);
        MUST(!all[i].is_number || isfinite(all[i].number));
        MUST(trace_verdict(t, all[i].claim) == &all[i]);
    }
}

static void must_be_the_same(const struct trace *a, const struct trace *b)
{
    size_t na, nb;
    const struct trace_verdict *va = trace_verdicts(a, &na), *vb = trace_verdicts(b, &nb);

    MUST(trace_events(a) == trace_events(b));
    MUST(trace_bad_lines(a) == trace_bad_lines(b));
    MUST(na == nb);
    for (size_t i = 0; i < na; i++) {
        MUST(strcmp(va[i].claim, vb[i].claim) == 0);
        MUST(strcmp(va[i].measured, vb[i].measured) == 0);
        MUST(va[i].result == vb[i].result);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *bytes = (const char *)data + 1;
    const size_t n = size - 1, piece = (size_t)data[0] * data[0] + 1;
    struct trace *whole = trace_new(), *pieces = trace_new();

    trace_feed(whole, bytes, n);
    for (size_t at = 0; at < n; at += piece)
        trace_feed(pieces, bytes + at, size_min(piece, n - at));
    MUST(trace_events(whole) + trace_bad_lines(whole) == count_lines(bytes, n));
    check_verdicts(whole);
    must_be_the_same(whole, pieces);
    trace_free(whole);
    trace_free(pieces);
    return 0;
}
