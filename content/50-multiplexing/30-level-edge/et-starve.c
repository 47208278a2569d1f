/*
 * et-starve: how long quiet descriptors wait while a hot one is read.
 *
 * Usage: et-starve [policy=drain|budget|lt] [quiet=N] [budget=READS] [kib=KIB]
 * A pipe is filled with up to kib KiB, some others get one byte each, and then one thread serves
 * them through one epoll instance, 16 bytes a read, by one of three policies:
 *   drain   edge-triggered, each reported descriptor is read until EAGAIN
 *   budget  edge-triggered, a ready list of the program's own; each turn at most budget reads
 *   lt      level-triggered, one read for each event
 * The chosen policy is drawn (its first turns one by one); the two others run after it, undrawn,
 * for the table and the verdicts.
 *
 * Proves: drain-starves  epoll(7) "Starvation (edge-triggered)"
 *         budget-bounds  the remedy given there: a ready list in the program
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "demo.h"

enum {
    MAX_QUIET = 6,
    MAX_PIPES = MAX_QUIET + 1,
    HOT = 0,         /* its index; it becomes ready first */
    READ_SIZE = 16,  /* small, so that the pipe holds many reads */
    DRAWN_TURNS = 4, /* turns of the hot pipe drawn one by one; the others are one span */
};

enum policy { DRAIN, BUDGET, LEVEL, POLICIES };

static const char *const policy_names[] = {"drain", "budget", "lt", NULL};

static const struct demo_param params[] = {
    {"policy", "how ready descriptors are served, in the run that is drawn", 0, 0, DRAIN,
     policy_names},
    {"quiet", "pipes with one byte each", 1, MAX_QUIET, 3, NULL},
    {"budget", "reads in one turn, at most (policy budget)", 1, 4096, 256, NULL},
    {"kib", "KiB to put into the hot pipe, as far as it takes them", 64, 1024, 1024, NULL},
    {NULL, NULL, 0, 0, 0, NULL},
};

/* What one run saw. */
struct result {
    int hot_reads;    /* reads of the hot pipe that brought bytes, in the whole run */
    int before_quiet; /* of them, before the last quiet pipe got its first read */
    int64_t quiet_ns; /* from the first epoll_wait to then */
    int waits, eagain, syscalls;
    int filled, left; /* bytes of the hot pipe */
};

struct server {
    enum policy policy;
    bool drawn;
    int epfd, pipes, budget;
    int in[MAX_PIPES], out[MAX_PIPES];
    int queue[MAX_PIPES], queued; /* the program's own ready list: indexes, first to last */
    int served;                   /* quiet pipes that had their first read */
    int hot_turns;
    int64_t start_ns;
    struct result seen;
};

static int loop_lane, lanes[MAX_PIPES];

/* The first turns are drawn one by one; what follows is the same again and again. */
static bool draws(const struct server *s)
{
    return s->drawn && s->hot_turns <= DRAWN_TURNS;
}

/* Bytes that went in until the pipe was full or limit was reached. */
static int fill(int fd, int limit)
{
    static const char data[4096];
    int filled = 0;
    ssize_t done = 0;

    while (filled < limit && (done = write(fd, data, sizeof(data))) > 0)
        filled += (int)done;
    CHECK(done > 0 || errno == EAGAIN);
    return filled;
}

/* The hot pipe becomes ready first. If its capacity cannot be raised it is hot with less. */
static void open_pipes(struct server *s)
{
    const int limit = (int)demo_int("kib") * 1024;
    struct epoll_event event = {.events = EPOLLIN | (s->policy == LEVEL ? 0 : EPOLLET)};

    s->epfd = (int)CHECK_SYS(epoll_create1(EPOLL_CLOEXEC));
    s->pipes = 1 + (int)demo_int("quiet");
    for (int i = 0; i < s->pipes; i++) {
        int ends[2];

        CHECK_SYS(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
        s->in[i] = ends[0];
        s->out[i] = ends[1];
        event.data.u32 = (uint32_t)i;
        CHECK_SYS(epoll_ctl(s->epfd, EPOLL_CTL_ADD, s->in[i], &event));
        if (i == HOT && fcntl(s->out[i], F_SETPIPE_SZ, limit) < 0)
            CHECK(errno == EPERM || errno == EBUSY || errno == ENOMEM);
        if (i == HOT)
            s->seen.filled = fill(s->out[i], limit);
        else
            CHECK(write(s->out[i], "q", 1) == 1);
        if (s->drawn)
            demo_begin(lanes[i], DEMO_READY, "waiting");
    }
}

static void close_pipes(struct server *s)
{
    for (int i = 0; i < s->pipes; i++) {
        CHECK_SYS(close(s->in[i]));
        CHECK_SYS(close(s->out[i]));
    }
    CHECK_SYS(close(s->epfd));
}

static void note_first_service(struct server *s, int i)
{
    if (i == HOT || s->served == s->pipes - 1)
        return;
    s->served++;
    s->seen.before_quiet = s->seen.hot_reads;
    s->seen.quiet_ns = demo_now_ns() - s->start_ns;
    if (s->drawn)
        demo_note(lanes[i], s->served == 1 ? "quiet-first" : "quiet-served",
                  "after %d reads of the hot pipe", s->seen.hot_reads);
}

/* At most limit reads of pipe i; false when it said EAGAIN. */
static bool read_pipe(struct server *s, int i, int limit)
{
    char data[READ_SIZE];
    ssize_t got = 1;

    for (int n = 0; n < limit && got > 0; n++) {
        got = read(s->in[i], data, sizeof(data));
        CHECK(got > 0 || (got < 0 && errno == EAGAIN));
        s->seen.syscalls++;
        if (n == 0)
            note_first_service(s, i);
        if (got < 0)
            s->seen.eagain++;
        else if (i == HOT && ++s->seen.hot_reads == s->seen.filled / READ_SIZE && s->drawn)
            demo_note(lanes[HOT], "hot-empty", "after %d reads", s->seen.hot_reads);
    }
    return got > 0;
}

/* As the demo knows, not the server: it must meet EAGAIN or a silent epoll_wait to learn it. */
static bool is_empty(const struct server *s, int i)
{
    return i != HOT || s->seen.hot_reads == s->seen.filled / READ_SIZE;
}

/* One turn of pipe i; false when it said EAGAIN. */
static bool take_turn(struct server *s, int i, int limit)
{
    bool more;

    if (draws(s)) {
        s->hot_turns += i == HOT;
        demo_end(lanes[i]);
        demo_begin(lanes[i], DEMO_RUN, draws(s) ? "served" : "more-turns");
    }
    more = read_pipe(s, i, limit);
    if (draws(s)) {
        demo_end(lanes[i]);
        demo_begin(lanes[i], is_empty(s, i) ? DEMO_SLEEP : DEMO_READY,
                   is_empty(s, i) ? "empty" : "waiting");
    }
    return more;
}

/* Number of descriptors reported. All data is there from the start, so no wait needs to sleep. */
static int wait_events(struct server *s, struct epoll_event *events)
{
    int got;

    if (draws(s))
        demo_begin(loop_lane, DEMO_CALL, "epoll_wait");
    got = (int)CHECK_SYS(epoll_wait(s->epfd, events, MAX_PIPES, 0));
    s->seen.waits++;
    s->seen.syscalls++;
    if (!draws(s))
        return got;
    demo_end(loop_lane);
    for (int i = 0; i < got; i++) {
        const int lane = lanes[events[i].data.u32];
        demo_recv(lane, "reported", demo_send(loop_lane, "reported"));
    }
    return got;
}

/* drain: until EAGAIN. lt: one read, the kernel reports again what is left. Both serve what one
 * epoll_wait reported, in its order, and need no list. */
static void serve_reported(struct server *s)
{
    const int limit = s->policy == DRAIN ? s->seen.filled : 1;
    struct epoll_event events[MAX_PIPES];
    int got;

    while ((got = wait_events(s, events)) > 0)
        for (int i = 0; i < got; i++)
            take_turn(s, (int)events[i].data.u32, limit);
}

static void enqueue(struct server *s, int i)
{
    for (int k = 0; k < s->queued; k++)
        if (s->queue[k] == i)
            return;
    s->queue[s->queued++] = i;
}

static int dequeue(struct server *s)
{
    const int i = s->queue[0];

    s->queued--;
    memmove(s->queue, s->queue + 1, (size_t)s->queued * sizeof(s->queue[0]));
    return i;
}

/* budget: an event puts a descriptor on the list, and it stays there until EAGAIN. One turn for
 * each on the list, then epoll_wait again, which may add others. */
static void serve_by_list(struct server *s)
{
    struct epoll_event events[MAX_PIPES];
    int got;

    do {
        got = wait_events(s, events);
        for (int i = 0; i < got; i++)
            enqueue(s, (int)events[i].data.u32);
        for (int n = s->queued; n > 0; n--) {
            const int i = dequeue(s);
            if (take_turn(s, i, s->budget))
                enqueue(s, i);
        }
    } while (s->queued > 0);
}

static int drain_rest(int fd)
{
    char data[4096];
    int left = 0;
    ssize_t got;

    while ((got = read(fd, data, sizeof(data))) > 0)
        left += (int)got;
    return left;
}

static struct result run(enum policy policy, bool drawn)
{
    struct server s = {.policy = policy, .drawn = drawn, .budget = (int)demo_int("budget")};

    open_pipes(&s);
    s.start_ns = demo_now_ns();
    if (policy == BUDGET)
        serve_by_list(&s);
    else
        serve_reported(&s);
    if (drawn) {
        demo_count("syscalls", s.seen.syscalls);
        demo_count("waits", s.seen.waits);
        demo_count("eagain", s.seen.eagain);
        demo_count("hot-reads", s.seen.hot_reads);
        for (int i = 0; i < s.pipes; i++)
            demo_end(lanes[i]);
    }
    s.seen.left = drain_rest(s.in[HOT]);
    CHECK(s.served == s.pipes - 1);
    close_pipes(&s);
    return s.seen;
}

static enum demo_result pass_if(bool ok)
{
    return ok ? DEMO_PASS : DEMO_FAIL;
}

static void say_table(const struct result seen[POLICIES])
{
    demo_say("%-7s %9s %9s %8s %8s %6s", "", "hot reads", "quiet", "", "", "bytes");
    demo_say("%-7s %9s %9s %8s %8s %6s", "policy", "before", "waited", "waits", "syscalls", "left");
    for (int i = 0; i < POLICIES; i++)
        demo_say("%-7s %9d %6.2f ms %8d %8d %6d", policy_names[i], seen[i].before_quiet,
                 (double)seen[i].quiet_ns / 1e6, seen[i].waits, seen[i].syscalls, seen[i].left);
}

/* Counted in reads, so that neither load nor the speed of the machine can change it. */
static void judge(const struct result seen[POLICIES], int budget)
{
    const struct result *drain = &seen[DRAIN], *fair = &seen[BUDGET];
    const int all = drain->filled / READ_SIZE;

    demo_verdict("drain-starves",
                 pass_if(drain->before_quiet == all && seen[LEVEL].before_quiet == 1),
                 drain->before_quiet, "reads",
                 "quiet pipes wait for all reads of the hot one; level-triggered: for one");
    if (budget >= all) {
        demo_verdict("budget-bounds", DEMO_INCONCLUSIVE, fair->before_quiet, "reads",
                     "the budget covers all of the hot pipe: take a smaller one");
        return;
    }
    demo_verdict("budget-bounds",
                 pass_if(fair->before_quiet == budget && fair->left == 0 &&
                         fair->hot_reads == fair->filled / READ_SIZE),
                 fair->before_quiet, "reads",
                 "quiet pipes wait for one budget, and no byte is left behind");
}

static enum policy chosen_policy(void)
{
    for (enum policy policy = DRAIN; policy < POLICIES; policy++)
        if (strcmp(demo_choice("policy"), policy_names[policy]) == 0)
            return policy;
    return DRAIN;
}

int main(int argc, char **argv)
{
    struct result seen[POLICIES];
    enum policy drawn;
    char name[16];

    demo_start(argc, argv, "a hot descriptor, quiet ones, and who has to wait", params);
    drawn = chosen_policy();
    loop_lane = demo_lane("loop");
    for (int i = 0; i <= demo_int("quiet"); i++) {
        snprintf(name, sizeof(name), i == HOT ? "hot" : "quiet-%d", i);
        lanes[i] = demo_lane(name);
    }
    seen[drawn] = run(drawn, true);
    for (enum policy policy = DRAIN; policy < POLICIES; policy++)
        if (policy != drawn)
            seen[policy] = run(policy, false);

    demo_say("the hot pipe holds %d bytes: %d reads of %d", seen[drawn].filled,
             seen[drawn].filled / READ_SIZE, READ_SIZE);
    demo_say("%ld quiet pipes hold one byte each", demo_int("quiet"));
    demo_say("%s", "");
    say_table(seen);
    demo_say("%s", "");
    judge(seen, (int)demo_int("budget"));
    return demo_finish();
}
