/*
 * bench_trace.c: what tracing costs a demo, traced beside untraced.
 *
 *   bench_trace [SLICES]      default 61 slices of either side
 *
 * 1. Nanoseconds per event: threads trace as fast as they can, into a pipe whose reader drains it.
 * 2. Slowdown at 100,000 events a second, all threads together: two processes do the same fixed
 *    work slice by slice, in turns; only one of them has a trace. What counts is the median of the
 *    ratios of neighbouring slices, so that a busy machine disturbs both sides alike.
 * 3. The same with every event one that leaves at once (a block span begins): no target, the price
 *    of being live.
 * Links demo.c and nothing of the tutor. Exit status 1 if a target was missed.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "demo.h"

enum {
    MAX_THREADS = 4,
    MAX_SLICES = 1001,
    EVENTS_PER_S = 100000,
    SLICE_EVENTS = 3000, /* of all threads of a slice: 30 ms */
    FLOOD_EVENTS = 400000,
    WORDS = 2048, /* the work goes over 16 KiB, which tracing may push out of the cache */
};

static const double TARGET_RATIO = 1.10;

typedef void trace_one(int lane, int i);

/* What all threads of a slice do. */
struct job {
    trace_one *trace;
    int threads, events; /* of one thread */
    long work;           /* steps between two events */
};

/* ---- the work and the events ---- */

static uint64_t step_over(uint64_t *words, long steps)
{
    uint64_t x = words[0] | 1;

    for (long i = 0; i < steps; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        words[x % WORDS] += x;
    }
    return x;
}

/* Spans, a note and a counter, none of which has to leave at once. */
static void trace_mixed(int lane, int i)
{
    switch (i % 8) {
    case 0:
    case 2:
    case 4:
        demo_begin(lane, DEMO_RUN, "handle");
        return;
    case 5:
        demo_note(lane, "ready", "fd %d", i);
        return;
    case 7:
        demo_count("syscalls", i);
        return;
    default:
        demo_end(lane);
    }
}

static void trace_blocking(int lane, int i)
{
    if (i % 2 == 0)
        demo_begin(lane, DEMO_BLOCK, "wait");
    else
        demo_end(lane);
}

static int lanes[MAX_THREADS];

struct worker {
    const struct job *job;
    int lane;
    pthread_t thread;
};

static void *work(void *arg)
{
    const struct worker *w = arg;
    uint64_t words[WORDS] = {0};

    for (int i = 0; i < w->job->events; i++) {
        step_over(words, w->job->work);
        w->job->trace(w->lane, i);
    }
    return NULL;
}

/* Seconds that a slice takes. */
static double run_slice(const struct job *job)
{
    struct worker workers[MAX_THREADS];
    const int64_t start_ns = demo_now_ns();

    for (int i = 0; i < job->threads; i++) {
        workers[i] = (struct worker){.job = job, .lane = lanes[i]};
        CHECK_PTHREAD(pthread_create(&workers[i].thread, NULL, work, &workers[i]));
    }
    for (int i = 0; i < job->threads; i++)
        CHECK_PTHREAD(pthread_join(workers[i].thread, NULL));
    return (double)(demo_now_ns() - start_ns) / 1e9;
}

/* ---- the two sides ---- */

/* A process that runs slices when told to. */
struct side {
    pid_t pid;
    int order, answer; /* our ends of its pipes */
};

static _Noreturn void serve(int order, int answer)
{
    static const struct demo_param none[] = {{0}};
    char name[] = "bench_trace";
    char *argv[] = {name, NULL};
    struct job job;

    demo_start(1, argv, "a demo that is measured", none);
    for (int i = 0; i < MAX_THREADS; i++)
        lanes[i] = demo_lane("worker");
    while (read(order, &job, sizeof(job)) == (ssize_t)sizeof(job)) {
        const double seconds = run_slice(&job);
        CHECK(write(answer, &seconds, sizeof(seconds)) == (ssize_t)sizeof(seconds));
    }
    exit(0);
}

/* Reads a pipe to its end; *fd is where to write. Made before any other pipe, so that it holds none
 * of them open. */
static pid_t start_drain(int *fd)
{
    char bytes[65536];
    int trace[2];

    CHECK_SYS(pipe(trace));
    const pid_t pid = (pid_t)CHECK_SYS(fork());
    if (pid > 0) {
        close(trace[0]);
        *fd = trace[1];
        return pid;
    }
    close(trace[1]);
    while (read(trace[0], bytes, sizeof(bytes)) > 0)
        ;
    _exit(0);
}

/* trace_fd: -1 for none. other: the side started before, whose pipes are not this one's. */
static struct side start_side(int trace_fd, const struct side *other)
{
    int order[2], answer[2];
    char number[16];

    CHECK_SYS(pipe(order));
    CHECK_SYS(pipe(answer));
    const struct side s = {.pid = (pid_t)CHECK_SYS(fork()), .order = order[1], .answer = answer[0]};
    if (s.pid == 0) {
        if (other) {
            close(other->order);
            close(other->answer);
        }
        close(order[1]);
        close(answer[0]);
        snprintf(number, sizeof(number), "%d", trace_fd);
        if (trace_fd >= 0)
            CHECK_SYS(setenv("SYSTUTOR_TRACE_FD", number, 1));
        serve(order[0], answer[1]);
    }
    close(order[0]);
    close(answer[1]);
    return s;
}

static void stop_side(const struct side *s)
{
    int status;

    close(s->order);
    CHECK_SYS(waitpid(s->pid, &status, 0));
    CHECK(status == 0);
    close(s->answer);
}

static double ask(const struct side *s, const struct job *job)
{
    double seconds;

    CHECK(write(s->order, job, sizeof(*job)) == (ssize_t)sizeof(*job));
    CHECK(read(s->answer, &seconds, sizeof(seconds)) == (ssize_t)sizeof(seconds));
    return seconds;
}

/* ---- numbers ---- */

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *samples, int n)
{
    qsort(samples, (size_t)n, sizeof(*samples), compare_doubles);
    return samples[n / 2];
}

static int at_once(int threads)
{
    const int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);

    return threads < cpus ? threads : cpus;
}

/* Steps that take a thread ns, the best of several tries. */
static long calibrate(const struct side *s, double ns)
{
    struct job job = {.trace = trace_mixed, .threads = 1, .events = 100, .work = 20000};
    double best = 1e9;

    for (int i = 0; i < 20; i++) {
        const double seconds = ask(s, &job);
        best = seconds < best ? seconds : best;
    }
    return (long)(ns / (best * 1e9 / (double)job.events / (double)job.work));
}

/* ---- what is measured ---- */

static void measure_flood(const struct side *traced, trace_one *trace, const char *what,
                          int threads)
{
    enum { ROUNDS = 7 };
    const struct job job = {.trace = trace, .threads = threads, .events = FLOOD_EVENTS / threads};
    double ns[ROUNDS];

    for (int i = 0; i < ROUNDS; i++)
        ns[i] = ask(traced, &job) * 1e9 * at_once(threads) / (job.events * threads);
    printf("%-8s %d thread%s %8.0f ns per event\n", what, threads, threads > 1 ? "s" : " ",
           median(ns, ROUNDS));
}

static double measure_ratio(const struct side sides[2], trace_one *trace, int threads, int slices)
{
    static double ratios[MAX_SLICES], ms[2][MAX_SLICES];
    struct job job = {.trace = trace, .threads = threads, .events = SLICE_EVENTS / threads};

    job.work = calibrate(&sides[0], 1e9 / EVENTS_PER_S * at_once(threads));
    for (int i = 0; i < slices; i++) {
        const int first = i % 2; /* in turns, too, who begins */
        ms[first][i] = ask(&sides[first], &job) * 1e3;
        ms[!first][i] = ask(&sides[!first], &job) * 1e3;
        ratios[i] = ms[1][i] / ms[0][i];
    }
    const double untraced = median(ms[0], slices), traced = median(ms[1], slices);
    const double ratio = median(ratios, slices);
    printf("%d thread%s %8.2f ms untraced, %8.2f ms traced (%.0f events/s)   ratio %.3f", threads,
           threads > 1 ? "s" : " ", untraced, traced, SLICE_EVENTS / traced * 1e3, ratio);
    return ratio;
}

int main(int argc, char **argv)
{
    static const int threads[] = {1, 2, 4};
    const int slices = argc > 1 ? atoi(argv[1]) : 61;
    int missed = 0, trace_fd;

    if (slices < 1 || slices > MAX_SLICES) {
        fprintf(stderr, "usage: bench_trace [SLICES], 1 to %d\n", MAX_SLICES);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    const pid_t drain = start_drain(&trace_fd);
    const struct side traced = start_side(trace_fd, NULL);
    close(trace_fd); /* before the other side could hold it open */
    const struct side untraced = start_side(-1, &traced);
    const struct side sides[2] = {untraced, traced};
    for (int i = 0; i < 3; i++)
        measure_flood(&traced, trace_mixed, "events", threads[i]);
    measure_flood(&traced, trace_blocking, "blocking", 1);
    for (int i = 0; i < 3; i++) {
        const double ratio = measure_ratio(sides, trace_mixed, threads[i], slices);
        const bool ok = ratio <= TARGET_RATIO;
        printf("   target %.2f   %s\n", TARGET_RATIO, ok ? "ok" : "MISSED");
        missed += !ok;
    }
    measure_ratio(sides, trace_blocking, 1, slices);
    printf("   every other event leaves at once\n");
    stop_side(&traced);
    stop_side(&untraced);
    CHECK_SYS(waitpid(drain, NULL, 0));
    return missed > 0;
}
