/*
 * co-trace: k coroutines in one thread, made with ucontext, and every transfer of control.
 *
 * Each coroutine has a stack of its own. In the asymmetric form it yields to the scheduler, which
 * resumes the next; in the symmetric form it hands over to the next one itself. Control moves in
 * transfer(), and through uc_link when a coroutine's function returns; nowhere else.
 *
 * Proved:
 *   order-fixed     the steps come in turns, in the same order in each of 101 runs
 *   one-thread      all steps run in one kernel thread, the only one of the process
 *   own-stack       a yield 3 calls deep leaves its frames in the coroutine's stack, intact
 *   to-whom         a yield costs 2 transfers by way of the scheduler, or 1 directly
 *   atomic-between  read and write without a yield between them: no update lost
 *   yield-splits    a yield between read and write: of each k updates only one survives
 *
 * Usage: co-trace [k=K] [steps=N] [transfer=asymmetric|symmetric]
 * Source: makecontext(3), getcontext(3); WG21 P0913R0 for the two forms of transfer.
 */
#define _GNU_SOURCE 1
#include "demo.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    MAX_K = 4,
    MAX_STEPS = 4,
    ORDER_BYTES = 3 * MAX_K * MAX_STEPS + 1, /* "A1 B1 A2 ..." */
    DEPTH = 3,                               /* calls from a coroutine's function to its yield */
    RERUNS = 100,
    ROUNDS = 1000, /* updates of each coroutine, not traced */
    STACK_BYTES = 128 * 1024,
    REGION_BYTES = 4 * 1024 * 1024, /* a stack and the guard below it: so far apart that valgrind
                                       takes a switch for a switch, not for a growing stack */
};

static const char *const FORMS[] = {"asymmetric", "symmetric", NULL};

static const struct demo_param PARAMS[] = {
    {"k", "coroutines", 2, MAX_K, 2, NULL},
    {"steps", "steps of each, with a yield between two", 2, MAX_STEPS, 3, NULL},
    {"transfer", "a yield goes to the scheduler, or directly to the next", 0, 0, 0, FORMS},
    {NULL, NULL, 0, 0, 0, NULL},
};

struct co {
    ucontext_t context;
    void (*body)(struct co *self);
    char *stack; /* its lowest byte */
    char name[12];
    int lane;
    bool started, done;
};

static struct co scheduler = {.name = "scheduler", .started = true}, coroutines[MAX_K];
static int k, steps;
static bool symmetric, traced;
static struct co *running;   /* who has control */
static struct co *last;      /* the coroutine that had it last */
static int transfers, drawn; /* of this run; of all runs that are traced */
static struct {
    const char *name;
    int id;
} arrow; /* on its way */

/* ---- transfers ---- */

static void depart(const struct co *from, const struct co *to, const char *why)
{
    transfers++;
    if (!traced)
        return;
    arrow.name = why;
    arrow.id = demo_send_text(from->lane, why, "%s %s.\n%s %s.", from->name,
                              from->done ? "returns" : "stops here; its stack stays as it is",
                              to->name, to->started ? "goes on where it stopped" : "starts");
    demo_end(from->lane);
}

static void arrive(struct co *self)
{
    running = self;
    if (self != &scheduler)
        last = self;
    if (!traced)
        return;
    demo_recv(self->lane, arrow.name, arrow.id);
    demo_begin(self->lane, DEMO_RUN, "run");
}

/* Returns when somebody transfers control back to from. */
static void transfer(struct co *from, struct co *to, const char *why)
{
    depart(from, to, why);
    running = to;
    CHECK_SYS(swapcontext(&from->context, &to->context));
    arrive(from);
}

/* The next coroutine in turn that has not finished; NULL if there is none. */
static struct co *next_of(const struct co *co)
{
    for (int i = 1; i <= k; i++) {
        struct co *next = &coroutines[(co - coroutines + i) % k];
        if (!next->done)
            return next;
    }
    return NULL;
}

static void yield(struct co *self)
{
    struct co *next = symmetric ? next_of(self) : &scheduler;

    if (next != self)
        transfer(self, next, symmetric ? "transfer" : "yield");
}

/* Where a coroutine starts. When this function returns, uc_link gives control to the scheduler. */
static void entry(void)
{
    struct co *self = running;

    self->started = true;
    arrive(self);
    self->body(self);
    self->done = true;
    if (traced)
        demo_note(self->lane, "finished", "uc_link: the scheduler");
    depart(self, &scheduler, "done");
}

static void prepare(struct co *co, void (*body)(struct co *))
{
    co->body = body;
    co->started = co->done = false;
    CHECK_SYS(getcontext(&co->context));
    co->context.uc_stack.ss_sp = co->stack;
    co->context.uc_stack.ss_size = STACK_BYTES;
    co->context.uc_link = &scheduler.context;
    makecontext(&co->context, entry, 0);
}

/* Runs k coroutines to their end, in turn; part is its name in the trace, NULL for no trace. With
 * symmetric transfers the scheduler gets control back only when a coroutine has finished. */
static void run_all(void (*body)(struct co *), const char *part)
{
    traced = part != NULL;
    transfers = 0;
    if (traced)
        demo_note(scheduler.lane, part, "%d coroutines", k);
    for (int i = 0; i < k; i++)
        prepare(&coroutines[i], body);
    if (traced)
        demo_begin(scheduler.lane, DEMO_RUN, "run");
    last = &coroutines[k - 1];
    for (struct co *next; (next = next_of(last));)
        transfer(&scheduler, next, "resume");
    if (!traced)
        return;
    demo_end(scheduler.lane);
    drawn += transfers;
    demo_count("transfers", drawn);
}

/* ---- steps, and the stacks below them ---- */

static struct {
    char order[ORDER_BYTES]; /* of the run under way */
    pid_t thread;
    int steps, strays; /* strays: steps in another thread than the first */
    int tasks;         /* kernel threads of this process while all coroutines exist */
    int yields, kept;  /* kept: frames found in place and unchanged after a yield */
} seen;

static bool in_own_stack(const struct co *self, const void *frame)
{
    const char *address = frame;

    return address >= self->stack && address < self->stack + STACK_BYTES;
}

static int mark_of(const struct co *self, int step, int depth)
{
    return self->lane * 100 + step * 10 + depth;
}

/* Yields from depth calls further down. Each of the calls has a local variable to lose. */
static __attribute__((noinline)) void yield_deep(struct co *self, int depth, int step)
{
    volatile int local = mark_of(self, step, depth);

    if (depth > 0) {
        yield_deep(self, depth - 1, step);
    } else {
        yield(self);
        seen.yields++;
    }
    if (local == mark_of(self, step, depth) && in_own_stack(self, __builtin_frame_address(0)))
        seen.kept++;
}

/* Kernel threads of this process, 0 if /proc does not say. */
static int count_tasks(void)
{
    DIR *dir = opendir("/proc/self/task");
    int tasks = 0;

    if (!dir)
        return 0;
    for (const struct dirent *task; (task = readdir(dir));)
        tasks += task->d_name[0] != '.';
    CHECK_SYS(closedir(dir));
    return tasks;
}

static void take_steps(struct co *self)
{
    for (int step = 1; step <= steps; step++) {
        const int index = (int)(self - coroutines);
        const char id[] = {(char)('a' + index), (char)('0' + step), '\0'}; /* for the trace */
        const size_t used = strlen(seen.order);

        if (seen.steps++ == 0)
            seen.thread = gettid();
        seen.strays += gettid() != seen.thread;
        if (traced && step == 2) /* all have begun, none has finished */
            seen.tasks = count_tasks();
        snprintf(seen.order + used, sizeof(seen.order) - used, used ? " %c%d" : "%c%d", 'A' + index,
                 step);
        if (traced)
            demo_note(self->lane, id, "step %d of %s", step, self->name);
        if (step == steps)
            return;
        yield_deep(self, DEPTH, step);
        if (traced)
            demo_note(self->lane, "back", "from a yield %d calls deep; locals intact", DEPTH);
    }
}

/* Returns how many transfers the run took; the order is in seen.order. */
static int run_steps(bool direct, const char *part)
{
    symmetric = direct;
    seen.order[0] = '\0';
    run_all(take_steps, part);
    return transfers;
}

/* The order of turns, A1 B1 A2 B2, or of one coroutine after the other, A1 A2 B1 B2. */
static bool is_order(const char *order, bool turns)
{
    char expected[ORDER_BYTES] = "", *end = expected;

    for (int i = 0; i < k * steps; i++)
        end += sprintf(end, i ? " %c%d" : "%c%d", 'A' + (turns ? i % k : i / steps),
                       (turns ? i / k : i % steps) + 1);
    return strcmp(order, expected) == 0;
}

static void judge_order(const char *first, bool same)
{
    const char *measured = !same                    ? "varies"
                           : is_order(first, true)  ? "in turns"
                           : is_order(first, false) ? "one by one"
                                                    : "other";

    demo_say("%d more runs, both forms: %s", RERUNS, same ? "the same order" : "other orders");
    demo_verdict_word("order-fixed", same && is_order(first, true) ? DEMO_PASS : DEMO_FAIL,
                      measured, "in turns, and the same in all 101 runs");
}

/* A run takes 2 transfers for each coroutine, to start and to end it; the rest are yields. */
static void judge_forms(int by_scheduler, int direct)
{
    const int yields = k * (steps - 1), ends = 2 * k;
    const bool as_claimed = by_scheduler == ends + 2 * yields && direct == ends + yields;

    demo_say("%d yields: asymmetric %d transfers, symmetric %d", yields, by_scheduler, direct);
    demo_verdict("to-whom", as_claimed ? DEMO_PASS : DEMO_FAIL,
                 (double)(by_scheduler - ends) / yields, "transfers for each yield",
                 "2 by way of the scheduler, and 1 directly");
}

/* Runs the steps again, untraced, in both forms; order is that of the traced run. */
static void judge_steps(const char *order)
{
    const bool form = symmetric;
    int taken[2]; /* transfers: by way of the scheduler, directly */
    bool same = true;

    for (int run = 0; run < RERUNS; run++) {
        taken[run % 2] = run_steps(run % 2, NULL);
        same = same && strcmp(seen.order, order) == 0;
    }
    symmetric = form;
    judge_order(order, same);
    judge_forms(taken[false], taken[true]);
}

static void judge_thread(void)
{
    const bool one = seen.tasks <= 1 && seen.strays == 0;

    demo_say("%d steps in %s; entries in /proc/self/task: %d", seen.steps,
             seen.strays ? "several threads" : "one thread", seen.tasks);
    demo_verdict_word("one-thread",
                      seen.tasks == 0 ? DEMO_INCONCLUSIVE
                      : one           ? DEMO_PASS
                                      : DEMO_FAIL,
                      one ? "one" : "several",
                      seen.tasks ? "one thread ID in all steps, one entry in /proc/self/task"
                                 : "needs /proc/self/task");
}

static void judge_stacks(void)
{
    const int frames = seen.yields * (DEPTH + 1);
    const bool kept = seen.kept == frames;

    demo_say("%d yields, %d calls deep: %d of %d frames intact", seen.yields, DEPTH, seen.kept,
             frames);
    demo_verdict_word("own-stack", kept ? DEMO_PASS : DEMO_FAIL, kept ? "kept" : "lost",
                      "after a yield all frames are in the coroutine's own stack, unchanged");
}

/* ---- a shared counter ---- */

static volatile int counter;
static int rounds; /* updates that each coroutine makes */

static void add_at_once(struct co *self)
{
    for (int round = 0; round < rounds; round++) {
        const int value = counter;
        counter = value + 1;
        if (traced)
            demo_note(self->lane, "updated", "read %d, wrote %d", value, value + 1);
        yield(self);
    }
}

static void add_across_yield(struct co *self)
{
    for (int round = 0; round < rounds; round++) {
        const int value = counter;
        if (traced)
            demo_note(self->lane, "read", "reads %d, then yields", value);
        yield(self);
        const int found = counter;
        counter = value + 1;
        if (traced)
            demo_note(self->lane, found == value ? "wrote" : "lost-update", "finds %d, writes %d",
                      found, value + 1);
    }
}

/* How many of the updates are lost, if each coroutine makes n. */
static int race(void (*body)(struct co *), int n, const char *part)
{
    rounds = n;
    counter = 0;
    run_all(body, part);
    return k * n - counter;
}

static void judge_races(void)
{
    const int all = k * ROUNDS;
    int lost = race(add_at_once, ROUNDS, NULL);

    demo_say("read, write, yield: %d of %d updates lost", lost, all);
    demo_verdict("atomic-between", lost == 0 ? DEMO_PASS : DEMO_FAIL, lost, "lost updates",
                 "none: between two yields no sibling runs");
    lost = race(add_across_yield, ROUNDS, NULL);
    demo_say("read, yield, write: %d of %d updates lost", lost, all);
    demo_verdict("yield-splits", lost * k == all * (k - 1) ? DEMO_PASS : DEMO_FAIL,
                 100.0 * lost / all, "% lost", "of each k updates only one survives");
}

static void make_coroutines(void)
{
    scheduler.lane = demo_lane(scheduler.name);
    for (int i = 0; i < k; i++) {
        struct co *co = &coroutines[i];
        char *region =
            mmap(NULL, REGION_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        CHECK((void *)region != MAP_FAILED);
        co->stack = region + REGION_BYTES - STACK_BYTES;
        CHECK_SYS(mprotect(co->stack, STACK_BYTES, PROT_READ | PROT_WRITE));
        snprintf(co->name, sizeof(co->name), "co-%c", 'a' + i);
        co->lane = demo_lane(co->name);
    }
}

int main(int argc, char **argv)
{
    char order[ORDER_BYTES];
    const char *form;
    bool direct;

    demo_start(argc, argv, "k coroutines in one thread, and every transfer of control", PARAMS);
    k = (int)demo_int("k");
    steps = (int)demo_int("steps");
    form = demo_choice("transfer");
    direct = strcmp(form, "symmetric") == 0;
    make_coroutines();

    run_steps(direct, "steps");
    memcpy(order, seen.order, sizeof(order));
    demo_say("%d coroutines, %d steps each, %s transfers:", k, steps, form);
    demo_say("  %s   (%d transfers)", order, transfers);
    race(add_at_once, 1, "at-once");
    race(add_across_yield, 1, "across-yield");

    judge_steps(order);
    judge_thread();
    judge_stacks();
    judge_races();
    for (int i = 0; i < k; i++)
        CHECK_SYS(munmap(coroutines[i].stack + STACK_BYTES - REGION_BYTES, REGION_BYTES));
    return demo_finish();
}
