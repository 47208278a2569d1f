/*
 * bench_model.c: what the trace model costs: reading and ordering, memory, and each query at four
 * sizes of trace.
 *
 *   bench_model [EVENTS [LANES]]      the largest trace, default 1000000 events in 8 lanes
 *
 * The traces are lines as demo.c writes them, of many threads whose lines come in batches and so a
 * little late. A row shows the time of one query, asked at a moment that wanders as a cursor does
 * and jumps now and then, and how it grows from the smallest to the largest trace; the last column
 * is the largest with each moment far from the one before, when nothing is in the caches.
 * trace_search is left out: it looks at all events.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "buf.h"
#include "trace.h"

static const double TARGET_RATE = 500e3;    /* events a second */
static const double TARGET_GROWTH = 3;      /* of a query, from 1e3 to 1e6 events */
static const double TARGET_MIB = 60;        /* of a million events */
static const size_t FEED_BYTES = 64 * 1024; /* as much as the loop takes from a pipe at once */

enum { SIZES = 4, MAX_LANES = 1000, BATCH = 16, MAX_ARROWS = 100 };
enum { SLICES = 100, FEW_SLICES = 10 }; /* of a window: columns of a wide and of a tiny picture */

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static size_t resident_bytes(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    size_t pages = 0;

    if (!f || fscanf(f, "%*s %zu", &pages) != 1)
        die("/proc/self/statm: cannot read");
    fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static uint64_t state = 1;

/* xorshift64*, so that every run measures the same traces. */
static size_t random_below(size_t n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (size_t)((state * 0x2545f4914f6cdd1d) >> 32) % n;
}

/* ---- a trace ---- */

static const char *const span_names[] = {"epoll_wait", "handle-request", "read",       "write",
                                         "parse-json", "queue-push",     "lock-store", "sleep"};
static const char *const cats[] = {"run", "ready", "block", "sleep", "call", "hold"};

struct thread {
    struct buf lines; /* not written yet */
    size_t n_lines;
    int depth;
};

struct generator {
    struct thread threads[MAX_LANES];
    size_t lanes;
    int64_t ns;
    int newest_arrow, received;
};

static void put_head(struct generator *g, size_t lane, char ph)
{
    buf_printf(&g->threads[lane].lines, "{\"ph\":\"%c\",\"pid\":1,\"tid\":%zu,\"ts\":%lld.%03d", ph,
               lane, (long long)g->ns / 1000, (int)(g->ns % 1000));
}

/* Begins twice as often as not while the stack is low. */
static void put_edge(struct generator *g, size_t lane)
{
    struct thread *th = &g->threads[lane];
    const bool begin = th->depth == 0 || (th->depth < 6 && random_below(2) == 0);

    put_head(g, lane, begin ? 'B' : 'E');
    th->depth += begin ? 1 : -1;
    if (begin)
        buf_printf(&th->lines,
                   ",\"name\":\"%s-for-the-connection-of-client-%zu\",\"cat\":\"%s\"}\n",
                   span_names[random_below(ARRAY_LEN(span_names))], random_below(20),
                   cats[random_below(ARRAY_LEN(cats))]);
    else
        buf_puts(&th->lines, "}\n");
}

static void put_event(struct generator *g, size_t lane)
{
    struct buf *to = &g->threads[lane].lines;
    const size_t dice = random_below(100);

    if (dice < 70) {
        put_edge(g, lane);
    } else if (dice < 80) {
        put_head(g, lane, 'i');
        buf_printf(
            to,
            ",\"name\":\"readable\",\"s\":\"t\",\"args\":{\"text\":\"fd %zu has %zu bytes to "
            "read\"}}\n",
            random_below(100), random_below(4096));
    } else if (dice < 87 || (dice < 94 && g->received == g->newest_arrow)) {
        put_head(g, lane, 's');
        buf_printf(to,
                   ",\"name\":\"request\",\"id\":%d,\"args\":{\"text\":\"GET /page/%zu HTTP/1.1"
                   "\\u000d\\nHost: localhost\\u000d\\nAccept: */*\\u000d\\n\\u000d\\n\"}}\n",
                   ++g->newest_arrow, random_below(1000));
    } else if (dice < 94) {
        put_head(g, lane, 'f');
        buf_printf(to, ",\"name\":\"request\",\"bp\":\"e\",\"id\":%d}\n", ++g->received);
    } else if (dice < 97) {
        put_head(g, lane, 'C');
        buf_printf(
            to, ",\"name\":\"latency\",\"args\":{\"series\":\"p%zu\",\"x\":%.15g,\"y\":%.15g}}\n",
            random_below(4), (double)g->ns / 1e6, (double)random_below(100000) / 1e3);
    } else {
        put_head(g, lane, 'C');
        buf_printf(to, ",\"name\":\"syscalls-%zu\",\"args\":{\"value\":%zu}}\n", random_below(4),
                   random_below(1000000));
    }
}

/* Appends the next line or lines to out; each thread writes BATCH lines at a time. Returns how many
 * lines that is. */
static size_t generate(struct generator *g, struct buf *out)
{
    const size_t lane = random_below(g->lanes);
    struct thread *th = &g->threads[lane];

    g->ns += 100 + (int64_t)random_below(2000);
    put_event(g, lane);
    if (++th->n_lines < BATCH)
        return 0;
    buf_add(out, th->lines.text, th->lines.len);
    buf_clear(&th->lines);
    th->n_lines = 0;
    return BATCH;
}

struct made {
    struct trace *t;
    double ns, line_bytes, live_ns; /* ns: settled once. live_ns: after every FEED_BYTES */
    size_t bytes;                   /* of memory, resident */
};

/* Feeds the same trace again and again would measure the caches: each call makes a new one. */
static struct trace *make_trace(size_t events, size_t lanes, bool live, double *ns, size_t *bytes)
{
    struct generator *g = x_array(1, sizeof(*g));
    struct trace *t = trace_new();
    struct buf out = {0};

    g->lanes = lanes;
    *ns = 0;
    *bytes = 0;
    for (size_t n = 0; n < events;) {
        n += generate(g, &out);
        if (out.len < FEED_BYTES && n < events)
            continue;
        const double start = now_ns();
        trace_feed(t, out.text, out.len);
        if (live)
            trace_settle(t);
        *ns += now_ns() - start;
        *bytes += out.len;
        buf_clear(&out);
    }
    const double start = now_ns();
    trace_settle(t);
    *ns += now_ns() - start;
    if (trace_count(t) < events || trace_health(t)->bad_lines > 0 || trace_health(t)->late > 0)
        die("the trace has %zu events of %zu, %zu bad, %zu late", trace_count(t), events,
            trace_health(t)->bad_lines, trace_health(t)->late);
    for (size_t i = 0; i < lanes; i++)
        buf_release(&g->threads[i].lines);
    buf_release(&out);
    free(g);
    return t;
}

/* ---- queries ---- */

static size_t sink; /* so that no query is optimized away */

/* The moment asked about: it jumps every so many queries, and else moves by a few events. */
static size_t moment, queries_at_moment, queries_between_jumps;

static size_t next_moment(const struct trace *t)
{
    const size_t n = trace_count(t);

    moment = moment + random_below(7) + n - 3;
    if (queries_at_moment++ % queries_between_jumps == 0)
        moment = random_below(n);
    moment %= n;
    return moment;
}

static int64_t next_ns(const struct trace *t)
{
    return trace_event(t, next_moment(t))->ts_ns;
}

static unsigned random_lane(const struct trace *t)
{
    return (unsigned)random_below(trace_lanes(t));
}

static void ask_at(struct trace *t)
{
    sink += trace_at(t, next_ns(t));
}

static void ask_step(struct trace *t)
{
    sink += trace_step(t, next_moment(t), random_below(2) ? 1 : -1, 1U << TRACE_NOTE, -1);
}

static void ask_step_lane(struct trace *t)
{
    sink += trace_step(t, next_moment(t), random_below(2) ? 1 : -1, ~0U, (int)random_lane(t));
}

static void ask_find(struct trace *t)
{
    sink += trace_find(t, TRACE_NOTE, "readable", 1 + next_moment(t) / 20);
}

static void ask_stack(struct trace *t)
{
    struct trace_span spans[TRACE_MAX_DEPTH];

    sink += trace_stack(t, random_lane(t), next_moment(t), spans, ARRAY_LEN(spans));
}

static void ask_cells(struct trace *t, int64_t from, int64_t to, size_t n)
{
    struct trace_cell cells[SLICES];

    trace_cells(t, random_lane(t), from, to, n, cells);
    sink += cells[random_below(n)].changes;
}

/* The larger the trace, the more there is in a slice. In the smallest 100 of them are empty but for
 * their ends, so that their growth says nothing: there it is the time that counts. */
static void ask_cells_all(struct trace *t)
{
    ask_cells(t, 0, trace_end_ns(t), SLICES);
}

static void ask_few_cells(struct trace *t)
{
    ask_cells(t, 0, trace_end_ns(t), FEW_SLICES);
}

static void ask_cells_part(struct trace *t)
{
    const int64_t from = next_ns(t);

    ask_cells(t, from, from + 1000000, SLICES);
}

static void ask_arrow_of(struct trace *t)
{
    const size_t sent = trace_arrows_sent(t, next_moment(t));

    sink += trace_arrow_of(t, trace_arrow(t, sent > 0 ? sent - 1 : 0).send);
}

static void ask_arrows_in(struct trace *t)
{
    size_t arrows[MAX_ARROWS];
    bool more;
    const int64_t from = next_ns(t);

    sink += trace_arrows_in(t, from, from + 100000, arrows, MAX_ARROWS, &more);
}

static void ask_counter(struct trace *t)
{
    sink += (size_t)trace_counter_at(t, random_below(trace_counters(t)), next_moment(t));
}

static void ask_points(struct trace *t)
{
    size_t n;

    trace_points(t, 0, random_below(trace_series(t, 0)), next_moment(t), &n);
    sink += n;
}

static const struct query {
    const char *name;
    void (*ask)(struct trace *t);
    int times;     /* in one measurement */
    double max_ns; /* 0: it is the growth that has a target */
} queries[] = {
    {"trace_at", ask_at, 20000, 0},
    {"trace_step, a kind", ask_step, 20000, 0},
    {"trace_step, a lane", ask_step_lane, 20000, 0},
    {"trace_find", ask_find, 20000, 0},
    {"trace_stack", ask_stack, 20000, 0},
    {"trace_cells, 10 of all", ask_few_cells, 2000, 0},
    {"trace_cells, 100 of all", ask_cells_all, 200, SLICES * 1000.0},
    {"trace_cells, 100 of 1 ms", ask_cells_part, 200, 0},
    {"trace_arrow_of", ask_arrow_of, 20000, 0},
    {"trace_arrows_in 0.1 ms", ask_arrows_in, 20000, 0},
    {"trace_counter_at", ask_counter, 20000, 0},
    {"trace_points", ask_points, 20000, 0},
};

enum { COLD = 1, WARM = 256 };

/* The least of some measurements: what else runs on the machine only adds. */
static double measure(const struct query *q, struct trace *t, size_t between_jumps)
{
    double least = 0;

    queries_between_jumps = between_jumps;
    for (int round = 0; round < 7; round++) {
        const double start = now_ns();
        for (int i = 0; i < q->times; i++)
            q->ask(t);
        const double ns = (now_ns() - start) / q->times;
        least = round == 0 || ns < least ? ns : least;
    }
    return least;
}

static void bench_queries(struct trace *const traces[SIZES])
{
    printf("\n%-26s", "one query, ns");
    for (int k = 0; k < SIZES; k++)
        printf(" %8zu", trace_count(traces[k]));
    printf("   growth            cold\n");
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        double ns[SIZES];
        printf("%-26s", queries[i].name);
        for (int k = 0; k < SIZES; k++) {
            ns[k] = measure(&queries[i], traces[k], WARM);
            printf(" %8.0f", ns[k]);
        }
        const double growth = ns[SIZES - 1] / ns[0];
        const bool ok =
            queries[i].max_ns > 0 ? ns[SIZES - 1] <= queries[i].max_ns : growth <= TARGET_GROWTH;
        printf("   %6.2f   %-6s %8.0f\n", growth, ok ? "ok" : "MISSED",
               measure(&queries[i], traces[SIZES - 1], COLD));
    }
}

static void bench_reading(size_t events, size_t lanes, bool live)
{
    size_t bytes;
    double ns;
    struct trace *t = make_trace(events, lanes, live, &ns, &bytes);
    const double rate = (double)trace_count(t) / (ns / 1e9);

    printf("%-26s %8.0f events/s  %6.1f MB/s  %5.1f bytes a line   target %.0f   %s\n",
           live ? "read, settled often" : "read, settled once", rate, (double)bytes / ns * 1e3,
           (double)bytes / (double)trace_count(t), TARGET_RATE,
           rate >= TARGET_RATE ? "ok" : "MISSED");
    trace_free(t);
}

int main(int argc, char **argv)
{
    const size_t events = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    const size_t lanes = argc > 2 ? strtoul(argv[2], NULL, 10) : 8;
    struct trace *traces[SIZES];
    size_t bytes;
    double ns;

    if (events < 1000 || events > TRACE_MAX_EVENTS || lanes < 1 || lanes > MAX_LANES) {
        fprintf(stderr, "usage: bench_model [EVENTS [LANES]], 1000 to %d, 1 to %d\n",
                TRACE_MAX_EVENTS, MAX_LANES);
        return 2;
    }
    /* First of all, while nothing else has been allocated. */
    const size_t before = resident_bytes();
    traces[SIZES - 1] = make_trace(events, lanes, false, &ns, &bytes);
    const size_t memory = resident_bytes() - before;
    const double mib = (double)memory / 1024 / 1024;
    const double target = TARGET_MIB * (double)events / 1e6;
    printf("%-26s %8.1f MiB, %.1f bytes an event   target %.1f   %s\n", "memory", mib,
           (double)memory / (double)trace_count(traces[SIZES - 1]), target,
           mib <= target ? "ok" : "MISSED");
    bench_reading(events, lanes, false);
    bench_reading(events, lanes, true);
    for (size_t k = SIZES - 1, n = events; k-- > 0;)
        traces[k] = make_trace(n = size_max(n / 10, 1000), lanes, false, &ns, &bytes);
    bench_queries(traces);
    for (int k = 0; k < SIZES; k++)
        trace_free(traces[k]);
    return sink == 1; /* never so */
}
