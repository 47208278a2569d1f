/*
 * fuzz_trace.c: any bytes as the trace of a demo (libFuzzer).
 *
 * The first byte says in pieces of what size the rest is fed and how often it is settled; its top
 * bit says whether the rest is lines, or events of some bytes each from which lines are made, so
 * that orders and nestings are tried that random bytes would not find. Whatever comes: every line
 * is an event or bad, both readers of lines agree, pieces and settling make no difference, what is
 * kept is bounded and harmless, and every query answers as a plain replay does (trace_check.h).
 *
 *   make build/fuzz/fuzz_trace && build/fuzz/fuzz_trace -max_len=200000 seeds/
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "trace.h"
#include "trace/impl.h"
#include "trace_check.h"
#include "utf8.h"

enum {
    LINE_LIMIT = 64 * 1024,
    VERDICTS_LIMIT = 64,
    WORDS_LIMIT = 300,
    CHECKED = 150, /* events; a plain replay of more takes too long */
};

/* Lines that are counted: those with something in them and their newline but "[" and "]", and one
 * that is too long already. */
static bool is_counted(const char *line, size_t n)
{
    size_t len = n;

    while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t' || line[len - 1] == '\r'))
        len--;
    return n > LINE_LIMIT || (n > 0 && !(len == 1 && (line[0] == '[' || line[0] == ']')));
}

static size_t count_lines(const char *bytes, size_t n)
{
    size_t lines = 0;

    while (n > 0) {
        const char *nl = memchr(bytes, '\n', n);
        const size_t len = nl ? (size_t)(nl - bytes) : n;
        lines += nl ? is_counted(bytes, len) : len > LINE_LIMIT;
        bytes += len + (nl != NULL);
        n -= len + (nl != NULL);
    }
    return lines;
}

static void check_verdicts(const struct trace *t)
{
    size_t n;
    const struct trace_verdict *all = trace_verdicts(t, &n);

    MUST(n <= VERDICTS_LIMIT);
    MUST(n <= trace_health(t)->events);
    for (size_t i = 0; i < n; i++) {
        check_harmless(all[i].claim, false);
        check_harmless(all[i].measured, false);
        check_harmless(all[i].rule, false);
        MUST(strlen(all[i].claim) <= WORDS_LIMIT && strlen(all[i].rule) <= WORDS_LIMIT);
        MUST(strlen(trace_result_name(all[i].result)) > 0);
        MUST(!all[i].is_number || isfinite(all[i].number));
        MUST(trace_verdict(t, all[i].claim) == &all[i]);
    }
}

static void must_be_the_same(const struct trace *a, const struct trace *b)
{
    size_t na, nb;
    const struct trace_verdict *va = trace_verdicts(a, &na), *vb = trace_verdicts(b, &nb);

    MUST(memcmp(trace_health(a), trace_health(b), sizeof(struct trace_health)) == 0);
    MUST(na == nb && trace_count(a) == trace_count(b) && trace_lanes(a) == trace_lanes(b));
    for (size_t i = 0; i < na; i++) {
        MUST(strcmp(va[i].claim, vb[i].claim) == 0);
        MUST(strcmp(va[i].measured, vb[i].measured) == 0);
        MUST(va[i].result == vb[i].result);
    }
    for (size_t i = 0; i < trace_count(a); i++)
        MUST(memcmp(trace_event(a, i), trace_event(b, i), sizeof(struct trace_event)) == 0);
}

/* ---- both readers of lines ---- */

static bool same_text(struct slice a, struct slice b)
{
    return a.n == b.n && (a.s == NULL) == (b.s == NULL) && (a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
}

static void readers_must_agree(const char *s, size_t n)
{
    struct line a, b;
    cJSON *root = NULL;

    if (!line_scan(s, n, &a))
        return;
    MUST(line_parse(s, n, &b, &root));
    MUST(a.ph == b.ph && a.has == b.has && a.ts_ns == b.ts_ns && a.dur_ns == b.dur_ns);
    MUST(a.pid == b.pid && a.tid == b.tid && a.id == b.id);
    MUST(same_text(a.id_text, b.id_text) && same_text(a.name, b.name));
    MUST(same_text(a.cat, b.cat) && same_text(a.arg, b.arg) && same_text(a.raw, b.raw));
    MUST(memcmp(&a.x, &b.x, sizeof(a.x)) == 0 && memcmp(&a.y, &b.y, sizeof(a.y)) == 0);
    cJSON_Delete(root);
}

static void compare_readers(const char *bytes, size_t n)
{
    const char *nl;

    for (; n > 0 && (nl = memchr(bytes, '\n', n)) != NULL; bytes = nl + 1) {
        const size_t len = (size_t)(nl - bytes);
        readers_must_agree(bytes, len);
        n -= len + 1;
    }
}

/* ---- lines made of some bytes each ---- */

enum { EVENT_BYTES = 5 };

static void put_event(struct buf *out, const uint8_t *b, int64_t *ns)
{
    static const char phases[] = "BEBEXisfsfCPOt";
    static const char *const cats[] = {"run", "ready", "block", "sleep", "call", "hold"};
    const char ph = phases[b[0] % (sizeof(phases) - 1)];

    *ns += (int8_t)b[1] * (b[2] & 64 ? 1000 : 1); /* back as well as forth */
    *ns = *ns < 0 ? 0 : *ns;
    buf_printf(out, "{\"ph\":\"%c\",\"pid\":%d,\"tid\":%d,\"ts\":%lld.%03d,\"name\":\"%c\"",
               ph == 'P' ? 'C' : ph, b[2] & 128 ? 2 : 1, b[2] % 4, (long long)*ns / 1000,
               (int)(*ns % 1000), 'a' + b[3] % 8);
    buf_printf(out, ",\"cat\":\"%s\",\"id\":%d", cats[b[4] % 6], b[4] % 5);
    if (ph == 'X')
        buf_printf(out, ",\"dur\":%d.%03d", (b[4] & 64 ? b[4] : 0), b[3]);
    if (ph == 'O')
        buf_printf(out, ",\"args\":{\"snapshot\":{\"nodes\":[{\"id\":\"%d\"}]}}", b[4]);
    else if (ph == 'P')
        buf_printf(out, ",\"args\":{\"series\":\"%d\",\"x\":%d,\"y\":%d}", b[4] % 3, b[3], b[4]);
    else if (ph == 'C')
        buf_printf(out, ",\"args\":{\"value\":%d}", b[4]);
    else if (ph == 'i' || ph == 's')
        buf_printf(out, ",\"args\":{\"text\":\"%d\"}", b[4]);
    buf_puts(out, "}\n");
}

static void put_events(struct buf *out, const uint8_t *data, size_t size)
{
    int64_t ns = 1000;

    for (size_t i = 0; i + EVENT_BYTES <= size; i += EVENT_BYTES)
        put_event(out, data + i, &ns);
}

/* ---- */

static void check_lines(const char *bytes, size_t n, size_t piece, size_t settle_every)
{
    struct trace *whole = trace_new(), *pieces = trace_new();
    size_t fed = 0;

    trace_feed(whole, bytes, n);
    trace_settle(whole);
    for (size_t at = 0; at < n; at += piece) {
        trace_feed(pieces, bytes + at, size_min(piece, n - at));
        if (settle_every > 0 && ++fed % settle_every == 0)
            trace_settle(pieces);
    }
    trace_settle(pieces);
    const struct trace_health *h = trace_health(whole);
    MUST(h->events + h->bad_lines == count_lines(bytes, n));
    MUST(h->late == 0);
    check_verdicts(whole);
    must_be_the_same(whole, pieces);
    if (trace_count(pieces) <= CHECKED)
        check_model(pieces, n);
    else
        check_events(pieces);
    trace_free(whole);
    trace_free(pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf lines = {0};

    if (size == 0)
        return 0;
    const size_t piece = 1 + (size_t)(data[0] % 16) * (data[0] % 16) * 8;
    const size_t settle_every = (data[0] >> 4) % 8;
    if (data[0] & 128)
        put_events(&lines, data + 1, size - 1);
    else
        buf_add(&lines, data + 1, size - 1);
    compare_readers(buf_text(&lines), lines.len);
    check_lines(buf_text(&lines), lines.len, piece, settle_every);
    buf_release(&lines);
    return 0;
}
