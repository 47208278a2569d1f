/*
 * trace_lines.h: traces for tests, written line by line. Times are nanoseconds.
 */
#ifndef TRACE_LINES_H
#define TRACE_LINES_H

#include <string.h>

#include "buf.h"
#include "trace.h"

/* The beginning of every line, without its closing brace. */
static inline void put_head(struct buf *out, char ph, int tid, long long ns)
{
    buf_printf(out, "{\"ph\":\"%c\",\"pid\":1,\"tid\":%d,\"ts\":%lld.%03d", ph, tid, ns / 1000,
               (int)(ns % 1000));
}

static inline void put_begin(struct buf *out, int tid, long long ns, const char *name,
                             const char *cat)
{
    put_head(out, 'B', tid, ns);
    buf_printf(out, ",\"name\":\"%s\",\"cat\":\"%s\"}\n", name, cat);
}

static inline void put_end(struct buf *out, int tid, long long ns)
{
    put_head(out, 'E', tid, ns);
    buf_puts(out, "}\n");
}

static inline void put_note(struct buf *out, int tid, long long ns, const char *name,
                            const char *text)
{
    put_head(out, 'i', tid, ns);
    buf_printf(out, ",\"name\":\"%s\",\"s\":\"t\",\"args\":{\"text\":\"%s\"}}\n", name, text);
}

static inline void put_send(struct buf *out, int tid, long long ns, const char *name, int id)
{
    put_head(out, 's', tid, ns);
    buf_printf(out, ",\"name\":\"%s\",\"id\":%d}\n", name, id);
}

static inline void put_recv(struct buf *out, int tid, long long ns, const char *name, int id)
{
    put_head(out, 'f', tid, ns);
    buf_printf(out, ",\"name\":\"%s\",\"bp\":\"e\",\"id\":%d}\n", name, id);
}

static inline void put_point(struct buf *out, long long ns, const char *plot, const char *series,
                             double x, double y)
{
    put_head(out, 'C', 0, ns);
    buf_printf(out, ",\"name\":\"%s\",\"args\":{\"series\":\"%s\",\"x\":%.15g,\"y\":%.15g}}\n",
               plot, series, x, y);
}

static inline void put_count(struct buf *out, long long ns, const char *counter, double value)
{
    put_head(out, 'C', 0, ns);
    buf_printf(out, ",\"name\":\"%s\",\"args\":{\"value\":%.15g}}\n", counter, value);
}

/* parts: JSON, "\"nodes\":[...],...". */
static inline void put_snapshot(struct buf *out, long long ns, const char *name, const char *parts)
{
    put_head(out, 'O', 0, ns);
    buf_printf(out, ",\"name\":\"%s\",\"id\":1,\"args\":{\"snapshot\":{\"name\":\"%s\",%s}}}\n",
               name, name, parts);
}

/* Feeds what has been written, and forgets it. */
static inline void feed_lines(struct trace *t, struct buf *lines)
{
    trace_feed(t, buf_text(lines), lines->len);
    trace_settle(t);
    buf_clear(lines);
}

/* The whole text as a settled trace; lines is released. */
static inline struct trace *trace_of(struct buf *lines)
{
    struct trace *t = trace_new();

    feed_lines(t, lines);
    buf_release(lines);
    return t;
}

#endif
