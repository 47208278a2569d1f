/*
 * ok-curve: what one call of select, poll and epoll_wait costs as the watched set grows.
 *
 * n eventfds are watched, n = 64, 256, 1024, ... up to nmax or RLIMIT_NOFILE. Table one: only the
 * last of them is readable. Table two: all are. Costs are CPU time per call, the median of some
 * rounds, so that time spent off the CPU on a busy machine does not count.
 *
 * Proved, as ratios inside one run, G being how many times n grew:
 *   scan-all            poll (and select, where it fits) grows by at least 0.3 G with one ready
 *   wait-follows-ready  epoll_wait grows less than 4 times over the same range
 *   all-ready-linear    with all n ready, epoll_wait grows by at least 0.3 G and less than G^1.5
 *   ctl-costs           a turn of DEL, ADD and wait costs at least 1.5 times a turn of wait
 *
 * Usage: ok-curve [nmax=N] [k=both|1|all] [rounds=N]
 * Source: epoll(7), epoll_ctl(2), poll(2), select(2); fs/eventpoll.c and fs/select.c in Linux.
 */
#include "demo.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

enum {
    FIRST_N = 64,
    STEP = 4,
    MAX_SIZES = 6,     /* 64 * 4^5 = 65536 */
    MAX_ROUNDS = 41,   /* odd, so that the median is one of them */
    SPARE_FDS = 32,    /* stdio, trace, epoll instance, what was inherited */
    ROUND_NS = 100000, /* a round repeats the call until about this much CPU time is used */
    MAX_REPEAT = 1000,
};

static const double MIN_LINEAR = 0.3, MAX_FLAT = 4, MIN_CTL = 1.5;

static const char *const K_CHOICES[] = {"both", "1", "all", NULL};

static const struct demo_param PARAMS[] = {
    {"nmax", "largest number of watched descriptors", 256, 65536, 4096, NULL},
    {"k", "how many of them are readable", 0, 0, 0, K_CHOICES},
    {"rounds", "rounds that the median is taken of", 5, MAX_ROUNDS, 21, NULL},
    {NULL, NULL, 0, 0, 0, NULL},
};

/* The watched set in the shape each of the three calls wants. The arrays have
 * room for nmax, events for one more. */
struct watch {
    int n, k, epfd, maxfd;
    int *fds;
    struct pollfd *pollfds;
    struct epoll_event *events;
    fd_set set;
};

enum method { SELECT, POLL, EPOLL, CHURN, METHODS };

/* One row of a table: median ns of a call, or -1 where it could not be made. */
struct row {
    int n;
    double ns[METHODS];
};

struct table {
    struct row rows[MAX_SIZES];
    int count;
};

static void call_select(struct watch *w)
{
    struct timeval now = {0, 0};
    fd_set ready = w->set; /* select overwrites its argument, so each call needs a fresh copy */
    CHECK(select(w->maxfd + 1, &ready, NULL, NULL, &now) == w->k);
}

static void call_poll(struct watch *w)
{
    CHECK(poll(w->pollfds, (nfds_t)w->n, 0) == w->k);
}

static void call_epoll(struct watch *w)
{
    CHECK(epoll_wait(w->epfd, w->events, w->k + 1, 0) == w->k); /* room to see one too many */
}

static void epoll_add(const struct watch *w, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    CHECK_SYS(epoll_ctl(w->epfd, EPOLL_CTL_ADD, fd, &event));
}

/* What a loop pays that registers its descriptor anew for every event. */
static void call_churn(struct watch *w)
{
    const int fd = w->fds[w->n - 1];

    CHECK_SYS(epoll_ctl(w->epfd, EPOLL_CTL_DEL, fd, NULL));
    epoll_add(w, fd);
    call_epoll(w);
}

static void (*const CALLS[METHODS])(struct watch *) = {
    [SELECT] = call_select,
    [POLL] = call_poll,
    [EPOLL] = call_epoll,
    [CHURN] = call_churn,
};
static const char *const SERIES[METHODS] = {"select", "poll", "epoll", "del-add-wait"};

/* CPU time, not wall time: no call here sleeps, so what is left out is only other people's work. */
static double cpu_ns(void)
{
    struct timespec t;
    CHECK_SYS(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t));
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double time_calls(struct watch *w, void (*call)(struct watch *), int repeat)
{
    const double start = cpu_ns();

    for (int i = 0; i < repeat; i++)
        call(w);
    return (cpu_ns() - start) / repeat;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_ns(struct watch *w, void (*call)(struct watch *), int rounds)
{
    double ns[MAX_ROUNDS] = {0};
    int repeat;

    call(w); /* warms the caches and lets epoll drop what is no longer ready */
    repeat = (int)(ROUND_NS / (time_calls(w, call, 1) + 1));
    if (repeat < 1)
        repeat = 1;
    if (repeat > MAX_REPEAT)
        repeat = MAX_REPEAT;
    for (int i = 0; i < rounds; i++)
        ns[i] = time_calls(w, call, repeat);
    qsort(ns, (size_t)rounds, sizeof(ns[0]), by_value);
    return ns[rounds / 2];
}

/* Raises the soft limit to the hard one; returns how many descriptors may be watched. */
static int raise_limit(int wanted)
{
    struct rlimit limit;
    long room;

    CHECK_SYS(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max;
    CHECK_SYS(setrlimit(RLIMIT_NOFILE, &limit));
    room = limit.rlim_cur > 1000000 ? 1000000 : (long)limit.rlim_cur - SPARE_FDS;
    if (room >= wanted)
        return wanted;
    demo_say("limited: RLIMIT_NOFILE leaves room for %ld, not %d", room, wanted);
    demo_note(0, "limited", "RLIMIT_NOFILE leaves room for %ld", room);
    return (int)room;
}

static void watch_open(struct watch *w, int nmax)
{
    const size_t room = (size_t)nmax;

    w->fds = malloc(room * sizeof(w->fds[0]));
    w->pollfds = malloc(room * sizeof(w->pollfds[0]));
    w->events = malloc((room + 1) * sizeof(w->events[0]));
    CHECK(w->fds && w->pollfds && w->events);
    w->epfd = (int)CHECK_SYS(epoll_create1(EPOLL_CLOEXEC));
    FD_ZERO(&w->set);
}

static void watch_grow(struct watch *w, int n)
{
    for (; w->n < n; w->n++) {
        const int fd = (int)CHECK_SYS(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));

        w->fds[w->n] = fd;
        w->pollfds[w->n] = (struct pollfd){.fd = fd, .events = POLLIN};
        if (fd < FD_SETSIZE)
            FD_SET(fd, &w->set);
        if (fd > w->maxfd)
            w->maxfd = fd;
        epoll_add(w, fd);
    }
}

/* Makes the last k eventfds readable, or none of them again. */
static void watch_signal(struct watch *w, int k, bool on)
{
    uint64_t value = 1;

    for (int i = w->n - k; i < w->n; i++) {
        if (on)
            CHECK_SYS(write(w->fds[i], &value, sizeof(value)));
        else
            CHECK_SYS(read(w->fds[i], &value, sizeof(value)));
    }
    w->k = on ? k : 0;
}

static void watch_close(struct watch *w)
{
    for (int i = 0; i < w->n; i++)
        CHECK_SYS(close(w->fds[i]));
    CHECK_SYS(close(w->epfd));
    free(w->fds);
    free(w->pollfds);
    free(w->events);
}

static void say_row(const struct row *row)
{
    char cell[METHODS][16];

    for (int m = 0; m < METHODS; m++) {
        if (row->ns[m] < 0)
            snprintf(cell[m], sizeof(cell[m]), "-");
        else
            snprintf(cell[m], sizeof(cell[m]), "%.0f", row->ns[m]);
    }
    demo_say("%6d %10s %10s %10s %12s", row->n, cell[SELECT], cell[POLL], cell[EPOLL], cell[CHURN]);
}

/* Fills a table: the same calls at every size, with one or with all descriptors readable. */
static void measure(struct table *table, int nmax, bool all, int rounds)
{
    const char *const plot = all ? "all-ready" : "one-ready";
    struct watch w = {.maxfd = -1};

    watch_open(&w, nmax);
    demo_say(" ");
    demo_say("%s readable: CPU ns per call", all ? "all n" : "1 of n");
    demo_say("%6s %10s %10s %10s %12s", "n", "select", "poll", "epoll_wait", "del+add+wait");
    demo_begin(0, DEMO_RUN, plot);
    for (int n = FIRST_N; n <= nmax && table->count < MAX_SIZES; n *= STEP) {
        struct row *const row = &table->rows[table->count++];

        watch_grow(&w, n);
        watch_signal(&w, all ? n : 1, true);
        row->n = n;
        for (int m = 0; m < METHODS; m++) {
            row->ns[m] = -1;
            if (m == SELECT && w.maxfd >= FD_SETSIZE)
                continue; /* an fd_set has no bit for this number */
            row->ns[m] = median_ns(&w, CALLS[m], rounds);
            demo_point(plot, SERIES[m], n, row->ns[m]);
        }
        watch_signal(&w, w.k, false);
        say_row(row);
    }
    demo_end(0);
    watch_close(&w);
}

/* How many times a column grew from the first row to the last one that has it; *n_growth gets the
 * same for n. 1 and 1 when the table has fewer than two such rows. */
static double growth(const struct table *table, enum method m, double *n_growth)
{
    int last = 0;

    for (int i = 1; i < table->count; i++)
        if (table->rows[i].ns[m] > 0)
            last = i;
    *n_growth = 1;
    if (last == 0)
        return 1;
    *n_growth = (double)table->rows[last].n / table->rows[0].n;
    return table->rows[last].ns[m] / table->rows[0].ns[m];
}

static enum demo_result pass_if(bool ok)
{
    return ok ? DEMO_PASS : DEMO_FAIL;
}

static void judge_one_ready(const struct table *one)
{
    const char *const why = "needs k=1 or both, and room for 256 descriptors";
    double n_grew, n_select;
    const double select_grew = growth(one, SELECT, &n_select);
    const double poll_grew = growth(one, POLL, &n_grew);
    const double epoll_grew = growth(one, EPOLL, &n_grew);
    const struct row *const last = &one->rows[one->count > 0 ? one->count - 1 : 0];

    if (one->count < 2) {
        demo_verdict("scan-all", DEMO_INCONCLUSIVE, 0, "times", why);
        demo_verdict("wait-follows-ready", DEMO_INCONCLUSIVE, 0, "times", why);
        demo_verdict("ctl-costs", DEMO_INCONCLUSIVE, 0, "times", why);
        return;
    }
    demo_say("n grew %.0f times; poll %.1f, epoll_wait %.1f", n_grew, poll_grew, epoll_grew);
    /* select stops at fd 1023: judged over its own, shorter range, and only where it has one. */
    demo_verdict("scan-all",
                 pass_if(poll_grew >= MIN_LINEAR * n_grew &&
                         (n_select < 2 || select_grew >= MIN_LINEAR * n_select)),
                 poll_grew, "times", "poll and select grow at least 0.3 times as much as n");
    demo_verdict("wait-follows-ready", pass_if(epoll_grew < MAX_FLAT), epoll_grew, "times",
                 "with one ready, epoll_wait grows less than 4 times over all n");
    demo_verdict("ctl-costs", pass_if(last->ns[CHURN] >= MIN_CTL * last->ns[EPOLL]),
                 last->ns[CHURN] / last->ns[EPOLL], "times",
                 "DEL, ADD and wait cost at least 1.5 times wait alone");
}

static void judge_all_ready(const struct table *all)
{
    double n_grew;
    const double grew = growth(all, EPOLL, &n_grew);

    if (all->count < 2) {
        demo_verdict("all-ready-linear", DEMO_INCONCLUSIVE, 0, "times",
                     "needs k=all or both, and room for 256 descriptors");
        return;
    }
    demo_say("n grew %.0f times; epoll_wait, all ready, %.1f", n_grew, grew);
    demo_verdict("all-ready-linear",
                 pass_if(grew >= MIN_LINEAR * n_grew && grew * grew < n_grew * n_grew * n_grew),
                 grew, "times", "all n ready: epoll_wait grows at least 0.3 n, less than n^1.5");
}

int main(int argc, char **argv)
{
    struct table one = {.count = 0}, all = {.count = 0};
    const char *k;
    int nmax, rounds;

    demo_start(argc, argv, "cost of select, poll and epoll_wait as the watched set grows", PARAMS);
    k = demo_choice("k");
    rounds = (int)demo_int("rounds");
    nmax = raise_limit((int)demo_int("nmax"));

    if (strcmp(k, "all") != 0)
        measure(&one, nmax, false, rounds);
    if (strcmp(k, "1") != 0)
        measure(&all, nmax, true, rounds);
    demo_say(" ");
    judge_one_ready(&one);
    judge_all_ready(&all);
    return demo_finish();
}
