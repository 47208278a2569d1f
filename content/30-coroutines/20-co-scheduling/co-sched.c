/*
 * co-sched: n coroutines in one thread, over a loop of epoll_wait; each takes three steps and
 * waits ms milliseconds after each of them.
 *
 * A wait is cooperative: the coroutine arms its timerfd, parks, and yields to the loop, which
 * resumes it when epoll reports the timer. Or it is blocking: the coroutine calls nanosleep, and
 * yields to the loop afterwards. Both are run; mode says which one is drawn, the other is shorter.
 * Then two coroutines spend from one account, with and without an await after the check.
 *
 * Proved:
 *   one-blocks-all  blocking waits add up: the run takes at least the sum of them all
 *   waits-overlap   cooperative waits overlap: the run takes about one n-th of their sum
 *   await-parks     each await ends by way of the loop, after its own timer expired
 *   yield-race      with an await between check and payment one thread pays twice
 *
 * Usage: co-sched [n=N] [ms=MS] [mode=blocking|coop]
 * Source: epoll(7), timerfd_create(2), makecontext(3); PEP 3156 for the shape of the loop.
 */
#include "demo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    MIN_N = 3,
    MAX_N = 8,
    STEPS = 3,
    STACK_BYTES = 128 * 1024,
    MS = 1000000,      /* nanoseconds */
    NOT_DRAWN_MS = 10, /* waits of the run that is not drawn */
    AUDIT_MS = 5,
    BALANCE = 100,
    PRICE = 80,
};

static const char *const MODES[] = {"blocking", "coop", NULL};

static const struct demo_param PARAMS[] = {
    {"n", "coroutines", MIN_N, MAX_N, 4, NULL},
    {"ms", "milliseconds of each wait", 10, 60, 40, NULL},
    {"mode", "the run that is drawn: waits that block, or that park", 0, 0, 1, MODES},
    {NULL, NULL, 0, 0, 0, NULL},
};

struct co {
    ucontext_t context;
    void (*body)(struct co *self);
    char *stack; /* its lowest byte */
    struct co *next_ready;
    int timer; /* descriptor of its timerfd, watched by epoll */
    int lane, wake_arrow;
};

static struct co coroutines[MAX_N];
static int n, wait_ms, epfd, loop_lane;
static bool traced, counted, blocking;

static struct {
    ucontext_t context;
    struct co *first_ready, *last_ready; /* the queue of those who may run */
    struct co *running;
    int parked;
} loop;

static struct {
    int waiting, most_waiting; /* coroutines inside a wait */
    int awaits, strays;        /* strays: resumed, but the own timer had not expired */
    int wakeups, blocked;
} count;

static void begin(int lane, enum demo_cat cat, const char *name)
{
    if (traced)
        demo_begin(lane, cat, name);
}

static void end(int lane)
{
    if (traced)
        demo_end(lane);
}

static void count_one(const char *counter, int *value)
{
    ++*value;
    if (traced && counted)
        demo_count(counter, *value);
}

/* ---- the loop ---- */

static void make_ready(struct co *co)
{
    co->next_ready = NULL;
    if (loop.first_ready)
        loop.last_ready->next_ready = co;
    else
        loop.first_ready = co;
    loop.last_ready = co;
    begin(co->lane, DEMO_READY, "ready");
}

static void yield(struct co *self)
{
    CHECK_SYS(swapcontext(&self->context, &loop.context));
    begin(self->lane, DEMO_RUN, "run");
}

static void resume(struct co *co)
{
    end(co->lane); /* ready */
    if (traced && co->wake_arrow)
        demo_recv(co->lane, "wake", co->wake_arrow);
    co->wake_arrow = 0;
    loop.running = co;
    CHECK_SYS(swapcontext(&loop.context, &co->context));
}

static void run_ready(void)
{
    while (loop.first_ready) {
        struct co *co = loop.first_ready;
        loop.first_ready = co->next_ready;
        resume(co);
    }
}

/* Sleeps until a timer expires, and moves its coroutine from parked to ready. */
static void wait_for_events(void)
{
    struct epoll_event events[MAX_N];
    int got;

    begin(loop_lane, DEMO_BLOCK, "epoll_wait");
    do
        got = epoll_wait(epfd, events, MAX_N, -1);
    while (got < 0 && errno == EINTR);
    CHECK_SYS(got);
    end(loop_lane);
    count_one("wakeups", &count.wakeups);
    if (traced)
        demo_note(loop_lane, "events", "%d of %d parked coroutines", got, loop.parked);
    for (int i = 0; i < got; i++) {
        struct co *co = events[i].data.ptr;
        if (traced)
            co->wake_arrow = demo_send(loop_lane, "wake");
        loop.parked--;
        end(co->lane); /* parked */
        make_ready(co);
    }
}

static void run_loop(void)
{
    while (loop.first_ready || loop.parked > 0) {
        run_ready();
        if (loop.parked > 0)
            wait_for_events();
    }
}

static void entry(void)
{
    struct co *self = loop.running;

    begin(self->lane, DEMO_RUN, "run");
    self->body(self);
    end(self->lane);
}

static void spawn(struct co *co, void (*body)(struct co *))
{
    co->body = body;
    CHECK_SYS(getcontext(&co->context));
    co->context.uc_stack.ss_sp = co->stack;
    co->context.uc_stack.ss_size = STACK_BYTES;
    co->context.uc_link = &loop.context;
    makecontext(&co->context, entry, 0);
    make_ready(co);
}

/* ---- waits ---- */

static void enter_wait(void)
{
    if (++count.waiting > count.most_waiting)
        count_one("most-waiting", &count.most_waiting);
}

/* await: arm the timer, park, and let the loop run the others until epoll reports it. */
static void await_timer(struct co *self, int64_t ns)
{
    const struct itimerspec after = {.it_value.tv_nsec = (long)ns};
    uint64_t expirations;

    CHECK_SYS(timerfd_settime(self->timer, 0, &after, NULL));
    if (traced)
        demo_note(self->lane, "parks", "on timerfd %d", self->timer);
    end(self->lane); /* run */
    begin(self->lane, DEMO_SLEEP, "parked");
    loop.parked++;
    enter_wait();
    yield(self);
    count.waiting--;
    count.awaits++;
    if (read(self->timer, &expirations, sizeof(expirations)) < 0) {
        CHECK(errno == EAGAIN);
        count.strays++;
    }
}

/* The thread sleeps, and the loop with it. Then the others get their turn. */
static void block_thread(struct co *self, int64_t ns)
{
    if (traced)
        demo_note(self->lane, "blocks", "in nanosleep, and the whole thread with it");
    begin(self->lane, DEMO_BLOCK, "nanosleep");
    count_one("blocking-calls", &count.blocked);
    enter_wait();
    demo_sleep_ns(ns);
    count.waiting--;
    end(self->lane);
    end(self->lane); /* run */
    make_ready(self);
    yield(self);
}

static void take_steps(struct co *self)
{
    for (int step = 1; step <= STEPS; step++) {
        if (blocking)
            block_thread(self, (int64_t)wait_ms * MS);
        else
            await_timer(self, (int64_t)wait_ms * MS);
    }
}

static void judge_awaits(void)
{
    const bool as_claimed = count.awaits == n * STEPS && count.strays == 0;

    demo_say("           %d awaits, %d of them ended before their timer", count.awaits,
             count.strays);
    demo_verdict("await-parks", as_claimed ? DEMO_PASS : DEMO_FAIL, count.awaits - count.strays,
                 "awaits ended after their own timer", "all 3 of each coroutine");
}

/* Runs the coroutines to their end; returns the time that took in units of the sum of all waits. */
static double run_all(bool with_blocking, int with_ms, bool with_trace)
{
    const int64_t start = demo_now_ns();
    const int sum = n * STEPS * with_ms;
    double took;

    blocking = with_blocking;
    wait_ms = with_ms;
    traced = counted = with_trace;
    memset(&count, 0, sizeof(count));
    for (int i = 0; i < n; i++)
        spawn(&coroutines[i], take_steps);
    run_loop();
    took = (double)(demo_now_ns() - start) / MS;
    traced = counted = false;
    demo_say("  %-8s waits of %2d ms, sum %4d ms: took %4.0f ms", blocking ? "blocking" : "coop",
             wait_ms, sum, took);
    demo_say("           at most %d waiting at once", count.most_waiting);
    if (!blocking)
        judge_awaits();
    return took / sum;
}

/* ---- check, then act ---- */

static int balance, payments;

static void pay(const struct co *self)
{
    balance -= PRICE;
    payments++;
    if (traced)
        demo_note(self->lane, balance < 0 ? "overdraw" : "pay", "pays %d, balance %d", PRICE,
                  balance);
}

static bool check(const struct co *self)
{
    if (traced)
        demo_note(self->lane, "check", "balance %d, price %d", balance, PRICE);
    return balance >= PRICE;
}

static void audit_between(struct co *self)
{
    if (!check(self))
        return;
    await_timer(self, (int64_t)AUDIT_MS * MS);
    pay(self);
}

static void audit_before(struct co *self)
{
    await_timer(self, (int64_t)AUDIT_MS * MS);
    if (check(self))
        pay(self);
}

/* Two coroutines spend from one account; returns what is left. */
static int spend(void (*body)(struct co *), const char *name, bool with_trace)
{
    traced = with_trace;
    if (traced)
        demo_note(loop_lane, name, "balance %d, two payments of %d", BALANCE, PRICE);
    balance = BALANCE;
    payments = 0;
    for (int i = 0; i < 2; i++)
        spawn(&coroutines[i], body);
    run_loop();
    traced = false;
    demo_say("  %-19s %d paid, %4d left", name, payments, balance);
    return balance;
}

static void show_account(void)
{
    int between, before;

    demo_say("%d on the account, two coroutines want %d each:", BALANCE, PRICE);
    between = spend(audit_between, "check-await-pay", true);
    before = spend(audit_before, "await-check-pay", false);
    demo_verdict_word("yield-race", between < 0 && before >= 0 ? DEMO_PASS : DEMO_FAIL,
                      between < 0 ? "overdrawn" : "covered",
                      "overdrawn with an await after the check, not with it before");
}

/* Each in units of the sum of the waits. */
static void judge_waits(double blocked, double parked)
{
    const double faster = 1 / parked;

    demo_verdict("one-blocks-all", blocked >= 1 ? DEMO_PASS : DEMO_FAIL, blocked,
                 "times the sum of the waits", "1 or more: none of them overlap");
    demo_verdict("waits-overlap",
                 faster >= (n + 1) / 2.0 ? DEMO_PASS
                 : faster < 1.3          ? DEMO_FAIL
                                         : DEMO_INCONCLUSIVE,
                 faster, "times as fast", "(n + 1) / 2 or more; below 1.3 it is refuted");
}

static void make_coroutines(void)
{
    epfd = (int)CHECK_SYS(epoll_create1(EPOLL_CLOEXEC));
    loop_lane = demo_lane("loop");
    for (int i = 0; i < n; i++) {
        struct co *co = &coroutines[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = co};
        const char name[] = {'c', 'o', '-', (char)('a' + i), '\0'};

        co->lane = demo_lane(name);
        co->stack =
            mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK((void *)co->stack != MAP_FAILED);
        co->timer = (int)CHECK_SYS(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
        CHECK_SYS(epoll_ctl(epfd, EPOLL_CTL_ADD, co->timer, &event));
    }
}

int main(int argc, char **argv)
{
    double took[2]; /* by waits that park, by waits that block */
    bool drawn;

    demo_start(argc, argv, "coroutines over epoll: waits that park, waits that block", PARAMS);
    n = (int)demo_int("n");
    drawn = strcmp(demo_choice("mode"), "blocking") == 0;
    make_coroutines();
    demo_say("%d coroutines, %d waits each:", n, STEPS);
    took[drawn] = run_all(drawn, (int)demo_int("ms"), true);
    show_account();
    demo_say("the other way, not drawn:");
    took[!drawn] = run_all(!drawn, NOT_DRAWN_MS, false);
    judge_waits(took[true], took[false]);
    for (int i = 0; i < n; i++) {
        CHECK_SYS(close(coroutines[i].timer));
        CHECK_SYS(munmap(coroutines[i].stack, STACK_BYTES));
    }
    CHECK_SYS(close(epfd));
    return demo_finish();
}
