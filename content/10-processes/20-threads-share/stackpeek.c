/*
 * stackpeek.c: thread B writes into a local variable of thread A.
 *
 * Every thread notes where its local, its errno and its __thread variable live, and where it
 * sees a global. Then B takes the address of A's local and stores to it, changes errno and the
 * __thread variable under their own names, and A says what it finds.
 * Proves: a stack is private by convention, not by protection; errno and __thread variables
 * have one copy in each thread; a plain global has one for all.
 * Sources: pthreads(7), clone(2) CLONE_VM and CLONE_SETTLS, errno(3).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "demo.h"

enum { MAIN, A, B, MAX_THREADS = 9, MAX_PLACES = 4 * MAX_THREADS };
enum { A_LOCAL = 1, A_TLS = 2 };

static const char *const thread_name[MAX_THREADS] = {"main", "A", "B", "C", "D",
                                                     "E",    "F", "G", "H"};
static int global;
static __thread volatile int tls;

static struct {
    int lane;
    volatile int *local, *tls;
    int *error, *global;
} seen[MAX_THREADS];

static pthread_barrier_t addresses_noted, b_has_written, a_has_read;
static int value;
static bool write_faulted;
static int a_found_local, a_found_errno, a_found_tls;
static __thread sigjmp_buf after_fault;

static void on_fault(int sig)
{
    (void)sig;
    siglongjmp(after_fault, 1);
}

static void wait_at(pthread_barrier_t *barrier)
{
    const int error = pthread_barrier_wait(barrier);

    CHECK(error == 0 || error == PTHREAD_BARRIER_SERIAL_THREAD);
}

/* B stores through a pointer into A's stack. Were stacks protected from each other, the store
 * would end in on_fault(). */
static void b_writes(void)
{
    demo_begin(seen[B].lane, DEMO_RUN, "write");
    const int arrow = demo_send(seen[B].lane, "write");
    if (sigsetjmp(after_fault, 1) == 0)
        *seen[A].local = value;
    else
        write_faulted = true;
    demo_recv(seen[A].lane, "write", arrow);
    tls = value;
    errno = E2BIG;
    demo_end(seen[B].lane);
}

static void *thread_main(void *arg)
{
    const int me = *(const int *)arg;
    volatile int local = A_LOCAL;

    seen[me].lane = me == MAIN ? 0 : demo_lane(thread_name[me]);
    seen[me].local = &local;
    seen[me].tls = &tls;
    seen[me].error = &errno;
    seen[me].global = &global;
    tls = A_TLS;
    errno = EDOM;
    wait_at(&addresses_noted);
    if (me == B)
        b_writes();
    wait_at(&b_has_written);
    if (me == A) {
        a_found_errno = errno; /* first: anything below may change it */
        a_found_local = local;
        a_found_tls = tls;
        demo_note(seen[A].lane, "local", "%d", a_found_local);
    }
    wait_at(&a_has_read); /* no stack goes away while others look at it */
    return NULL;
}

struct place {
    const volatile void *at;
    const char *owner, *what;
};

static int by_address_down(const void *left, const void *right)
{
    const struct place *l = left, *r = right;

    return (l->at < r->at) - (l->at > r->at);
}

static void print_places(int threads)
{
    struct place places[MAX_PLACES];
    int n = 0;

    places[n++] = (struct place){&global, "all", "global"};
    for (int i = MAIN; i < threads; i++) {
        places[n++] = (struct place){seen[i].local, thread_name[i], "local"};
        places[n++] = (struct place){seen[i].error, thread_name[i], "errno"};
        places[n++] = (struct place){seen[i].tls, thread_name[i], "__thread"};
    }
    qsort(places, (size_t)n, sizeof places[0], by_address_down);
    demo_say("One address space, highest address first:");
    for (int i = 0; i < n; i++)
        demo_say("  %-16p %-5s %s", (const void *)places[i].at, places[i].owner, places[i].what);
}

static void snapshot(int threads)
{
    char id[32], fields[64];

    demo_snap_begin("stacks");
    for (int i = MAIN; i < threads; i++) {
        demo_snap_node(thread_name[i], thread_name[i], "");
        snprintf(id, sizeof id, "%s-local", thread_name[i]);
        snprintf(fields, sizeof fields, "at=%p", (const void *)seen[i].local);
        demo_snap_node(id, "local", fields);
        demo_snap_edge(thread_name[i], id, "");
    }
    demo_snap_edge("B", "A-local", "write");
    demo_snap_end();
}

static int distinct(const volatile void *const *pointers, int n)
{
    int count = 0;

    for (int i = 0; i < n; i++) {
        int first = 0;
        while (pointers[first] != pointers[i])
            first++;
        count += first == i;
    }
    return count;
}

static void judge(int threads)
{
    const volatile void *errors[MAX_THREADS];
    const volatile void *tlses[MAX_THREADS];
    const volatile void *globals[MAX_THREADS];

    for (int i = MAIN; i < threads; i++) {
        errors[i] = seen[i].error;
        tlses[i] = seen[i].tls;
        globals[i] = seen[i].global;
    }
    const int errno_copies = distinct(errors, threads);
    const bool own = errno_copies == threads && distinct(tlses, threads) == threads;
    const bool kept = a_found_errno == EDOM && a_found_tls == A_TLS;

    demo_verdict_word("stack-convention", a_found_local == value ? DEMO_PASS : DEMO_FAIL,
                      write_faulted            ? "SIGSEGV"
                      : a_found_local == value ? "new"
                                               : "old",
                      "A finds in its local the value that B stored there");
    demo_verdict("tls-own", own && kept && distinct(globals, threads) == 1 ? DEMO_PASS : DEMO_FAIL,
                 errno_copies, "copies of errno",
                 "as many errno and __thread copies as threads, one global, and A's copies kept");
}

int main(int argc, char **argv)
{
    static const struct demo_param params[] = {
        {"n", "threads beside main", 2, MAX_THREADS - 1, 3, NULL},
        {"value", "what B stores in A's local", 2, 1000000, 99, NULL},
        {0},
    };
    demo_start(argc, argv, "one thread writes into another thread's stack", params);

    static int number[MAX_THREADS] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    const int threads = (int)demo_int("n") + 1;
    const struct sigaction catch_fault = {.sa_handler = on_fault};
    pthread_t id[MAX_THREADS];

    value = (int)demo_int("value");
    CHECK_SYS(sigaction(SIGSEGV, &catch_fault, NULL));
    CHECK_SYS(sigaction(SIGBUS, &catch_fault, NULL));
    CHECK_PTHREAD(pthread_barrier_init(&addresses_noted, NULL, (unsigned)threads));
    CHECK_PTHREAD(pthread_barrier_init(&b_has_written, NULL, (unsigned)threads));
    CHECK_PTHREAD(pthread_barrier_init(&a_has_read, NULL, (unsigned)threads));
    for (int i = A; i < threads; i++)
        CHECK_PTHREAD(pthread_create(&id[i], NULL, thread_main, &number[i]));
    thread_main(&number[MAIN]);
    for (int i = A; i < threads; i++)
        CHECK_PTHREAD(pthread_join(id[i], NULL));

    print_places(threads);
    demo_say("%s", "");
    demo_say("before: A's local %d, errno %s, __thread %d", A_LOCAL, demo_errno_name(EDOM), A_TLS);
    demo_say("B: *a_local = %d; errno = E2BIG; tls = %d;", value, value);
    demo_say("after:  A's local %d, errno %s, __thread %d", a_found_local,
             demo_errno_name(a_found_errno), a_found_tls);
    snapshot(threads);
    judge(threads);
    return demo_finish();
}
