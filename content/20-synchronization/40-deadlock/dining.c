/*
 * dining: philosophers, forks and four policies: who eats, and who waits for whom.
 *
 * A fork is a real mutex, and a philosopher who waits for one sleeps in it. Who holds and who waits
 * is written down under a lock of its own, the table, so that each picture of the wait-for graph
 * is one that has been. At the gate all have gone for their first fork before any goes for its
 * second: that makes the naive policy deadlock every time. A sleeper looks up now and then whether
 * the dinner has been declared over, so that every run ends.
 *
 * Proved:
 *   four-conditions  all four and nobody finishes, or fewer and everybody does
 *   wait-cycle       a cycle in the wait-for graph if and only if the dinner stands still
 *   seen-outside     futex addresses and owner words give the same cycle (policy=naive)
 *   lock-order       forks taken in one order: no cycle, all finish (policy=ordered)
 *   one-seat-less    n-1 seats: no cycle, all finish (policy=waiter)
 *   try-livelock     nobody waits with a fork in hand; in lockstep nobody eats (policy=try)
 *   self-deadlock    one mutex is enough: EDEADLK if it checks, else an endless wait
 *
 * Usage: dining [n=N] [policy=naive|ordered|waiter|try] [meals=N] [rounds=N]
 * Source: pthread_mutex_lock(3p), proc(5). The cycle is found as rt_mutex_adjust_prio_chain() in
 * Linux's kernel/locking/rtmutex.c does it: from thread to lock to owner, until one comes back.
 */
#include "demo.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_N = 7,
    NOBODY = -1,
    STEP_NS = 10000000,  /* between two philosophers who do the same */
    EAT_NS = 20000000,   /* a meal */
    SLICE_NS = 50000000, /* how long a sleeper sleeps before it looks up */
    RELOCK_NS = 20000000,
    STILL_NS = 60000000, /* how long a deadlock is watched */
    PATIENCE_S = 4,      /* a dinner that takes longer is declared over */
};

enum policy { NAIVE, ORDERED, WAITER, TRY };

static const char *const POLICIES[] = {"naive", "ordered", "waiter", "try", NULL};

static const struct demo_param PARAMS[] = {
    {"n", "philosophers, and as many forks", 2, MAX_N, 4, NULL},
    {"policy", "how they take their forks", 0, 0, NAIVE, POLICIES},
    {"meals", "meals of each", 1, 3, 2, NULL},
    {"rounds", "rounds in which all act at once (try)", 1, 5, 3, NULL},
    {NULL, NULL, 0, 0, 0, NULL},
};

/* The lock itself, and what is written down about it. */
struct fork {
    pthread_mutex_t mutex;
    int holder;
    int wanted; /* how many wait for it */
    int arrow;  /* handed on and not yet received; 0 for none */
};

struct philosopher {
    pthread_t thread;
    pid_t tid;
    int lane;
    int first, second;  /* forks, in the order in which they are taken */
    int n_held, waits;  /* waits: the fork waited for */
    bool eats, arrived; /* arrived: at the gate */
    bool at_door, seated;
    int eaten, waited, retried;
};

/* All is guarded by the table, but the mutexes of the forks and over. */
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER; /* gate, seats, deadlock, the end */
static struct fork forks[MAX_N];
static struct philosopher all[MAX_N];
static int n, meals, rounds;
static enum policy policy;
static atomic_bool over;

static struct {
    int arrived; /* at the gate, in all rounds together */
    int seated, most_seated, seat_arrow;
    int finished, begun, eaten, waited, retried; /* begun, eaten: meals */
    int hungry_retries;                          /* before the first meal has begun */
    int found_taken, hold_and_wait;
    int takes; /* forks taken; it does not change while all stand still */
    int cycle_length;
    char cycle[MAX_N * 8]; /* "p0 -> p1 -> p0" */
} seen;

static void lock_table(void)
{
    CHECK_PTHREAD(pthread_mutex_lock(&table));
}

static void unlock_table(void)
{
    CHECK_PTHREAD(pthread_mutex_unlock(&table));
}

static void wake_all(void)
{
    CHECK_PTHREAD(pthread_cond_broadcast(&changed));
}

static void wait_for_change(void)
{
    CHECK_PTHREAD(pthread_cond_wait(&changed, &table));
}

/* An absolute time for the calls that take CLOCK_REALTIME. */
static struct timespec from_now(int64_t ns)
{
    struct timespec ts;

    CHECK_SYS(clock_gettime(CLOCK_REALTIME, &ts));
    ns += ts.tv_nsec;
    ts.tv_sec += ns / 1000000000;
    ts.tv_nsec = ns % 1000000000;
    return ts;
}

/* ---- the wait-for graph ---- */

/* For whom philosopher p waits: for the holder of the fork it sleeps on. */
static int waits_for(int p)
{
    return all[p].waits == NOBODY ? NOBODY : forks[all[p].waits].holder;
}

/* Length of the cycle that p is on, 0 for none. Nobody waits for two, so there is one way to go. */
static int cycle_of(int p, int (*next)(int))
{
    int at = next(p), length = 1;

    for (; at != NOBODY && at != p && length <= n; length++)
        at = next(at);
    return at == p ? length : 0;
}

static const char *mark_of(int p)
{
    if (p == NOBODY)
        return "";
    if (cycle_of(p, waits_for) > 0)
        return " mark=bad";
    if (all[p].eats)
        return " mark=good";
    return all[p].waits != NOBODY || all[p].at_door ? " mark=warn" : "";
}

/* Which forks p holds: "f0", "f0,f1" or "-". */
static const char *held_by(int p, char *text, size_t size)
{
    size_t used = 0;

    snprintf(text, size, "-");
    for (int f = 0; f < n; f++)
        if (forks[f].holder == p)
            used += (size_t)snprintf(text + used, size - used, used ? ",f%d" : "f%d", f);
    return text;
}

static void draw_philosopher(int p)
{
    char id[8], fork[8], held[32], fields[64];

    snprintf(id, sizeof(id), "p%d", p);
    snprintf(fork, sizeof(fork), "f%d", all[p].waits);
    snprintf(fields, sizeof(fields), "holds=%s%s", held_by(p, held, sizeof(held)), mark_of(p));
    demo_snap_node(id, id, fields);
    if (all[p].waits != NOBODY)
        demo_snap_edge(id, fork, "awaited");
}

static void draw_fork(int f)
{
    char id[8], holder[8];

    snprintf(id, sizeof(id), "f%d", f);
    snprintf(holder, sizeof(holder), "p%d", forks[f].holder);
    demo_snap_node(id, id, mark_of(forks[f].holder));
    if (forks[f].holder != NOBODY)
        demo_snap_edge(id, holder, "holder");
}

static void draw_seats(bool at_door)
{
    char ids[MAX_N][8];
    const char *list[MAX_N];
    int count = 0;

    for (int p = 0; p < n; p++) {
        snprintf(ids[p], sizeof(ids[p]), "p%d", p);
        if (at_door ? all[p].at_door : all[p].seated)
            list[count++] = ids[p];
    }
    demo_snap_list(at_door ? "at-the-door" : "seated", list, count);
}

/* The graph as it is now. With a note it can be found again by its name. */
static void draw(const char *name, int lane, const char *note)
{
    demo_snap_begin(name);
    for (int p = 0; p < n; p++) { /* a fork stands between the two who use it */
        draw_philosopher(p);
        draw_fork((p + 1) % n);
    }
    if (policy == WAITER) {
        draw_seats(false);
        draw_seats(true);
    }
    demo_snap_end();
    if (note)
        demo_note(lane, name, "%s", note);
}

/* Called when p has begun to wait, the only moment at which a cycle can close. */
static void look_for_cycle(int p)
{
    const int length = cycle_of(p, waits_for);
    int at = 0; /* the lowest on the cycle, where its name begins */
    size_t used = 0;

    if (length == 0 || seen.cycle_length > 0)
        return;
    while (cycle_of(at, waits_for) == 0)
        at++;
    seen.cycle_length = length;
    for (int i = 0; i <= length; i++, at = waits_for(at))
        used += (size_t)snprintf(seen.cycle + used, sizeof(seen.cycle) - used,
                                 i > 0 ? " -> p%d" : "p%d", at);
    draw("deadlock", 0, seen.cycle);
    wake_all();
}

/* ---- the gate, and the seats ---- */

/* At the gate are those who hold their first fork, and those who have begun to wait. */
static void arrive(struct philosopher *p)
{
    if (p->arrived)
        return;
    p->arrived = true;
    if (++seen.arrived == n)
        draw("gate", 0, "all have gone for their first fork");
    wake_all();
}

/* Waits at the gate for all others, for the k-th time. */
static void meet(struct philosopher *p, int k)
{
    lock_table();
    p->arrived = false;
    arrive(p);
    while (seen.arrived < k * n && !over)
        wait_for_change();
    unlock_table();
}

/* The waiter lets n-1 sit down. False: the dinner is over. */
static bool sit_down(struct philosopher *p)
{
    lock_table();
    if (seen.seated == n - 1) {
        p->at_door = true;
        p->waited++;
        demo_count("waits", ++seen.waited);
        demo_begin(p->lane, DEMO_BLOCK, "door");
        draw("door", p->lane, "n-1 are seated, and the last chair stays empty");
        arrive(p);
        while (seen.seated == n - 1 && !over)
            wait_for_change();
        demo_end(p->lane);
        p->at_door = false;
        if (seen.seat_arrow)
            demo_recv(p->lane, "seat", seen.seat_arrow);
        seen.seat_arrow = 0;
    }
    p->seated = !over;
    seen.seated += p->seated;
    if (seen.seated > seen.most_seated)
        seen.most_seated = seen.seated;
    unlock_table();
    return p->seated;
}

/* With the table locked. A seat is handed on to one of those at the door. */
static void get_up(struct philosopher *p)
{
    p->seated = false;
    seen.seated--;
    for (int i = 0; i < n; i++)
        if (all[i].at_door && !seen.seat_arrow)
            seen.seat_arrow = demo_send(p->lane, "seat");
    wake_all();
}

/* ---- forks ---- */

static int index_of(const struct philosopher *p)
{
    return (int)(p - all);
}

/* Writes down, with the table locked, that p has got the fork. */
static void note_taken(struct philosopher *p, int f)
{
    if (p->n_held++ == 0)
        demo_begin(p->lane, DEMO_HOLD, "one-fork");
    seen.takes++;
    forks[f].holder = index_of(p);
    if (forks[f].arrow)
        demo_recv(p->lane, "fork", forks[f].arrow);
    forks[f].arrow = 0;
    p->eats = p->n_held == 2;
    seen.begun += p->eats;
    draw(p->eats ? "eats" : "takes", p->lane, NULL);
}

/* Takes the fork if it is free. */
static bool try_take(struct philosopher *p, int f)
{
    int error;

    lock_table();
    error = pthread_mutex_trylock(&forks[f].mutex);
    CHECK(error == 0 || error == EBUSY);
    if (error == 0)
        note_taken(p, f);
    else
        seen.found_taken++;
    unlock_table();
    return error == 0;
}

static void begin_wait(struct philosopher *p, int f)
{
    lock_table();
    p->waits = f;
    p->waited++;
    forks[f].wanted++;
    seen.hold_and_wait += p->n_held > 0;
    demo_count("waits", ++seen.waited);
    demo_begin(p->lane, DEMO_BLOCK, p->n_held > 0 ? "waits-holding" : "waits-empty");
    draw("waits", p->lane, NULL);
    look_for_cycle(index_of(p));
    arrive(p);
    unlock_table();
}

/* Sleeps in the mutex. It wakes up in time to see the end; false if that came first. */
static bool sleep_for(struct philosopher *p, int f)
{
    int error = ETIMEDOUT;

    while (error == ETIMEDOUT && !over) {
        const struct timespec until = from_now(SLICE_NS);
        error = pthread_mutex_timedlock(&forks[f].mutex, &until);
    }
    CHECK(error == 0 || error == ETIMEDOUT);
    lock_table();
    p->waits = NOBODY;
    forks[f].wanted--;
    demo_end(p->lane);
    if (error == 0 && !over)
        note_taken(p, f);
    else if (error == 0)
        CHECK_PTHREAD(pthread_mutex_unlock(&forks[f].mutex));
    unlock_table();
    return error == 0 && !over;
}

static bool take(struct philosopher *p, int f)
{
    if (over)
        return false;
    if (try_take(p, f))
        return true;
    begin_wait(p, f);
    return sleep_for(p, f);
}

/* Puts back what it holds; to whom waits for it, a fork is handed on. */
static void put_back(struct philosopher *p, const char *name, const char *note)
{
    lock_table();
    for (int f = 0; f < n; f++) {
        if (forks[f].holder != index_of(p))
            continue;
        forks[f].holder = NOBODY;
        if (forks[f].wanted > 0 && !over)
            forks[f].arrow = demo_send_text(p->lane, "fork", "f%d", f);
        CHECK_PTHREAD(pthread_mutex_unlock(&forks[f].mutex));
    }
    if (p->n_held > 0)
        demo_end(p->lane);
    p->n_held = 0;
    p->eats = false;
    if (p->seated)
        get_up(p);
    if (!over) /* the last picture stays */
        draw(name, p->lane, note);
    unlock_table();
}

/* ---- a philosopher ---- */

static void sleep_steps(int steps)
{
    demo_sleep_ns((int64_t)steps * STEP_NS);
}

static void give_way(struct philosopher *p)
{
    lock_table();
    p->retried++;
    seen.hungry_retries += seen.begun == 0;
    demo_count("retries", ++seen.retried);
    unlock_table();
    put_back(p, "retry", "its second fork is taken: it puts the first one back");
}

/* With one fork in hand it never sleeps: it tries, and puts back. In the first rounds all act at
 * once; after them each pauses for a time of its own. */
static bool take_or_retry(struct philosopher *p, bool at_gate)
{
    for (int round = 0; take(p, p->first); round++) {
        const bool lockstep = at_gate && round < rounds;
        if (lockstep)
            meet(p, 2 * round + 1);
        const bool got = try_take(p, p->second);
        if (lockstep)
            meet(p, 2 * round + 2);
        if (got)
            return true;
        give_way(p);
        demo_begin(p->lane, DEMO_SLEEP, "pause");
        sleep_steps(at_gate && round + 1 < rounds ? 1 : 1 + index_of(p));
        demo_end(p->lane);
    }
    return false;
}

static bool take_both(struct philosopher *p, bool at_gate)
{
    if (policy == TRY)
        return take_or_retry(p, at_gate);
    if (!take(p, p->first))
        return false;
    if (at_gate && !p->arrived) {
        meet(p, 1);
        sleep_steps(index_of(p)); /* one after the other, for the eye */
    }
    return take(p, p->second);
}

static void eat(struct philosopher *p)
{
    demo_begin(p->lane, DEMO_HOLD, "eats");
    demo_sleep_ns(EAT_NS);
    demo_end(p->lane);
    lock_table();
    p->eaten++;
    demo_count("eaten", ++seen.eaten);
    unlock_table();
}

static void *dine(void *arg)
{
    struct philosopher *p = arg;
    bool fed = true;

    lock_table(); /* main writes down all of us first */
    p->tid = (pid_t)syscall(SYS_gettid);
    unlock_table();
    for (int meal = 0; meal < meals && fed && !over; meal++) {
        demo_begin(p->lane, DEMO_RUN, "thinks");
        sleep_steps(meal == 0 ? 1 + index_of(p) : 1);
        demo_end(p->lane);
        if (policy == WAITER && !sit_down(p))
            break;
        fed = take_both(p, meal == 0);
        if (fed)
            eat(p);
        put_back(p, "puts-back", NULL);
    }
    lock_table();
    seen.finished += p->eaten == meals;
    wake_all();
    unlock_table();
    return NULL;
}

/* ---- the graph seen from outside ---- */

/* What is read there: for whom each waits, and whether this system shows it. */
static int outside[MAX_N], outside_length;
static bool outside_shown;

static int outside_next(int p)
{
    return outside[p];
}

/* The fork whose futex word thread tid sleeps on, from its system call and first argument. */
static int fork_slept_on(pid_t tid)
{
    char path[64];
    long call = -1;
    unsigned long address = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", (int)tid);
    file = fopen(path, "re");
    if (!file)
        return NOBODY;
    if (fscanf(file, "%ld %lx", &call, &address) == 2)
        outside_shown = true;
    CHECK(fclose(file) == 0);
    for (int f = 0; f < n && call == SYS_futex; f++)
        if (address >= (uintptr_t)&forks[f].mutex && address < (uintptr_t)(&forks[f].mutex + 1))
            return f;
    return NOBODY;
}

/* The philosopher whose thread id stands in the mutex as its owner: a field of glibc's. */
static int owner_of(int f)
{
#ifdef __GLIBC__
    const pid_t tid = __atomic_load_n(&forks[f].mutex.__data.__owner, __ATOMIC_RELAXED);

    for (int p = 0; p < n; p++)
        if (all[p].tid == tid)
            return p;
#else
    outside_shown = false;
    (void)f;
#endif
    return NOBODY;
}

/* Reads until all are found asleep, for sleepers look up now and then. */
static void look_from_outside(void)
{
    int at[MAX_N] = {0};

    for (int tries = 0, asleep = 0; tries < 300 && asleep < n; tries++) {
        asleep = 0;
        for (int p = 0; p < n; p++) {
            at[p] = fork_slept_on(all[p].tid);
            outside[p] = at[p] == NOBODY ? NOBODY : owner_of(at[p]);
            asleep += outside[p] != NOBODY;
        }
        if (asleep < n)
            demo_sleep_ns(1000000);
    }
    outside_length = cycle_of(0, outside_next);
    demo_say("from outside: /proc/self/task/*/syscall, owner words");
    for (int p = 0; p < n; p++)
        if (outside[p] != NOBODY)
            demo_say("  p%d sleeps in futex on f%d, owner p%d", p, at[p], outside[p]);
    demo_note(0, "outside", "futex addresses and owner words: a cycle of %d", outside_length);
}

/* ---- one mutex ---- */

/* Locks a mutex of this type twice: the errno of the second time. With a mutex that does not check
 * the wait would be endless, so it is given an end. */
static int relock(int type)
{
    pthread_mutexattr_t attr;
    pthread_mutex_t mutex;
    int error;

    CHECK_PTHREAD(pthread_mutexattr_init(&attr));
    CHECK_PTHREAD(pthread_mutexattr_settype(&attr, type));
    CHECK_PTHREAD(pthread_mutex_init(&mutex, &attr));
    CHECK_PTHREAD(pthread_mutex_lock(&mutex));
    demo_begin(0, DEMO_HOLD, "one-mutex");
    demo_begin(0, DEMO_BLOCK, "locks-again");
    if (type == PTHREAD_MUTEX_ERRORCHECK) {
        error = pthread_mutex_lock(&mutex);
    } else {
        const struct timespec until = from_now(RELOCK_NS);
        error = pthread_mutex_timedlock(&mutex, &until);
    }
    demo_end(0);
    demo_end(0);
    demo_note(0, "relocked", "%s: %s", type == PTHREAD_MUTEX_ERRORCHECK ? "ERRORCHECK" : "NORMAL",
              error == 0 ? "locked" : demo_errno_name(error));
    for (int held = error == 0 ? 2 : 1; held > 0; held--)
        CHECK_PTHREAD(pthread_mutex_unlock(&mutex));
    CHECK_PTHREAD(pthread_mutex_destroy(&mutex));
    CHECK_PTHREAD(pthread_mutexattr_destroy(&attr));
    return error;
}

static void judge_relock(void)
{
    const int checked = relock(PTHREAD_MUTEX_ERRORCHECK), normal = relock(PTHREAD_MUTEX_NORMAL);

    demo_say("one mutex, locked twice: ERRORCHECK %s, NORMAL %s",
             checked == 0 ? "0" : demo_errno_name(checked),
             normal == ETIMEDOUT ? "waits" : "does not wait");
    demo_verdict_word("self-deadlock",
                      checked == EDEADLK && normal == ETIMEDOUT ? DEMO_PASS : DEMO_FAIL,
                      checked == 0 ? "locked" : demo_errno_name(checked),
                      "ERRORCHECK: EDEADLK; NORMAL waits until it is given up");
}

/* ---- verdicts ---- */

/* A verdict on a claim about one policy; under the others nothing is said. */
static void judge_policy(enum policy about, const char *claim, bool ok, int measured,
                         const char *unit, const char *rule)
{
    const enum demo_result result = policy != about ? DEMO_INCONCLUSIVE
                                    : ok            ? DEMO_PASS
                                                    : DEMO_FAIL;
    char why[64];

    snprintf(why, sizeof(why), "says nothing here: take policy=%s", POLICIES[about]);
    demo_verdict(claim, result, measured, unit, policy == about ? rule : why);
}

static void judge_outside(void)
{
    if (seen.cycle_length > 0 && !outside_shown) {
        demo_verdict("seen-outside", DEMO_INCONCLUSIVE, 0, "in-cycle",
                     "needs /proc/self/task/*/syscall, and glibc's mutex");
        return;
    }
    judge_policy(NAIVE, "seen-outside", outside_length > 0 && outside_length == seen.cycle_length,
                 outside_length, "in-cycle", "futex addresses and owner words give the same cycle");
}

static void judge_conditions(bool all_fed)
{
    const bool met[] = {seen.found_taken > 0, seen.hold_and_wait > 0, seen.retried == 0,
                        seen.cycle_length > 0};
    static const char *const names[] = {"mutual exclusion", "hold and wait", "no preemption",
                                        "circular wait"};
    int count = 0;

    demo_say("conditions met in this run:");
    for (int i = 0; i < 4; i++) {
        demo_say("  %-17s%s", names[i], met[i] ? "yes" : "no");
        count += met[i];
    }
    demo_verdict("four-conditions", (count == 4) != all_fed ? DEMO_PASS : DEMO_FAIL, count,
                 "conditions", "4 and not all are fed, or fewer and all are");
}

static void judge_dinner(bool still)
{
    const bool all_fed = seen.finished == n, cycle = seen.cycle_length > 0;

    judge_conditions(all_fed);
    demo_verdict("wait-cycle",
                 cycle == (policy == NAIVE) && cycle == still && cycle != all_fed ? DEMO_PASS
                                                                                  : DEMO_FAIL,
                 seen.cycle_length, "in-cycle",
                 "naive: a cycle, and no fork is taken any more; else none, and all are fed");
    judge_outside();
    judge_policy(ORDERED, "lock-order", all_fed && !cycle, seen.finished, "fed",
                 "all are fed, and no wait closed a cycle");
    judge_policy(WAITER, "one-seat-less", all_fed && !cycle && seen.most_seated == n - 1,
                 seen.most_seated, "at-the-table",
                 "n-1 at most; all are fed, no wait closed a cycle");
    judge_policy(TRY, "try-livelock",
                 all_fed && seen.hold_and_wait == 0 && seen.hungry_retries >= n * rounds,
                 seen.hungry_retries, "hungry-retries",
                 "rounds x n or more before the first meal; no wait with a fork in hand");
}

/* ---- the dinner ---- */

static void set_table(void)
{
    char name[8];

    n = (int)demo_int("n");
    meals = (int)demo_int("meals");
    rounds = (int)demo_int("rounds");
    while (strcmp(demo_choice("policy"), POLICIES[policy]) != 0)
        policy++;
    for (int i = 0; i < n; i++) {
        const int left = i, right = (i + 1) % n;
        const bool turned = policy == ORDERED && right < left; /* the lower number first */
        snprintf(name, sizeof(name), "p%d", i);
        forks[i].holder = NOBODY;
        CHECK_PTHREAD(pthread_mutex_init(&forks[i].mutex, NULL));
        all[i] = (struct philosopher){.lane = demo_lane(name), .waits = NOBODY};
        all[i].first = turned ? right : left;
        all[i].second = turned ? left : right;
    }
}

/* Until all are fed, or stuck, or for long enough. */
static void wait_for_end(void)
{
    const struct timespec until = from_now(PATIENCE_S * INT64_C(1000000000));
    int error = 0;

    while (error == 0 && seen.finished < n && seen.cycle_length == 0)
        error = pthread_cond_timedwait(&changed, &table, &until);
    CHECK(error == 0 || error == ETIMEDOUT);
}

/* Looks at a deadlock from outside, and whether it lasts. */
static bool watch_deadlock(void)
{
    int takes;

    lock_table();
    takes = seen.takes;
    unlock_table();
    demo_say("deadlock: %s", seen.cycle);
    look_from_outside();
    demo_sleep_ns(STILL_NS);
    lock_table();
    takes -= seen.takes;
    unlock_table();
    return takes == 0;
}

static void say_results(void)
{
    demo_say("      eaten  waits  retries");
    for (int p = 0; p < n; p++)
        demo_say("  p%d  %5d  %5d  %7d", p, all[p].eaten, all[p].waited, all[p].retried);
}

int main(int argc, char **argv)
{
    bool stuck, still = false;

    demo_start(argc, argv, "philosophers, forks and four policies", PARAMS);
    set_table();
    demo_say("%d philosophers, policy %s, %d meals each", n, POLICIES[policy], meals);
    lock_table();
    draw("set", 0, NULL);
    demo_count("eaten", 0);
    demo_count("waits", 0);
    demo_count("retries", 0);
    for (int p = 0; p < n; p++)
        CHECK_PTHREAD(pthread_create(&all[p].thread, NULL, dine, &all[p]));
    wait_for_end();
    stuck = seen.cycle_length > 0;
    unlock_table();
    if (stuck)
        still = watch_deadlock();
    lock_table();
    over = true;
    demo_note(0, "over", "%s", seen.finished == n ? "all are fed" : "the dinner is declared over");
    wake_all();
    unlock_table();
    for (int p = 0; p < n; p++)
        CHECK_PTHREAD(pthread_join(all[p].thread, NULL));
    say_results();
    judge_relock();
    judge_dinner(still);
    for (int f = 0; f < n; f++)
        CHECK_PTHREAD(pthread_mutex_destroy(&forks[f].mutex));
    return demo_finish();
}
