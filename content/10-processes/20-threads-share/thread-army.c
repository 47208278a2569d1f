/*
 * thread-army.c: what many thread stacks cost in address space, and what they cost in memory.
 *
 * Starts n threads with stacks of the given size, each of which touches part of its stack and then
 * sleeps, and compares the growth of the address space (VmSize) with the growth of the memory in
 * use (RSS). Another thread, made with default attributes, reports the size of its stack.
 * Proves: a stack is reserved when the thread is made and committed page by page as it is
 * touched; the default size is the soft RLIMIT_STACK.
 * Sources: pthread_create(3) NOTES, pthreads(7), proc(5) statm and smaps_rollup, prctl(2).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "demo.h"

enum {
    MAX_THREADS = 1000,
    POINTS = 20,    /* of the plot */
    FEW_THREADS = 8 /* fewer than this and other memory decides */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int present; /* threads that have touched their stacks; under lock */
static bool over;   /* time to leave; under lock */
static size_t touch_bytes;

struct memory {
    double size_kb, rss_kb;
};

/* The first number that follows label in a file of /proc; label "" means at its start. */
static double proc_number(const char *path, const char *label)
{
    char text[4096];
    const int fd = (int)CHECK_SYS(open(path, O_RDONLY | O_CLOEXEC));
    const ssize_t n = CHECK_SYS(read(fd, text, sizeof text - 1));

    CHECK_SYS(close(fd));
    text[n] = '\0';
    const char *at = strstr(text, label);
    double number = 0;
    CHECK(at != NULL && sscanf(at + strlen(label), "%lf", &number) == 1);
    return number;
}

/* The RSS of statm may lag (proc(5) calls it inaccurate), that of smaps_rollup does not. */
static struct memory memory_now(void)
{
    return (struct memory){
        .size_kb = proc_number("/proc/self/statm", "") * (double)sysconf(_SC_PAGESIZE) / 1024,
        .rss_kb = proc_number("/proc/self/smaps_rollup", "Rss:"),
    };
}

/* Not inlined, so that the array is gone again while the thread sleeps. Unlike memset(),
 * explicit_bzero() is never optimized away. */
static __attribute__((noinline)) void touch_stack(size_t bytes)
{
    char frame[bytes + 1];

    explicit_bzero(frame, sizeof frame);
}

static void stay_until_over(void)
{
    CHECK_PTHREAD(pthread_mutex_lock(&lock));
    present++;
    CHECK_PTHREAD(pthread_cond_broadcast(&changed));
    while (!over)
        CHECK_PTHREAD(pthread_cond_wait(&changed, &lock));
    CHECK_PTHREAD(pthread_mutex_unlock(&lock));
}

static void *soldier(void *unused)
{
    touch_stack(touch_bytes);
    stay_until_over();
    return unused;
}

/* Stays as well: the stack of an ended thread would be handed to the first soldier. */
static void *scout(void *stack_bytes)
{
    pthread_attr_t attr;

    CHECK_PTHREAD(pthread_getattr_np(pthread_self(), &attr));
    CHECK_PTHREAD(pthread_attr_getstacksize(&attr, stack_bytes));
    CHECK_PTHREAD(pthread_attr_destroy(&attr));
    stay_until_over();
    return NULL;
}

static void wait_for_present(int threads)
{
    CHECK_PTHREAD(pthread_mutex_lock(&lock));
    while (present < threads)
        CHECK_PTHREAD(pthread_cond_wait(&changed, &lock));
    CHECK_PTHREAD(pthread_mutex_unlock(&lock));
}

static void dismiss(pthread_t *id, int threads)
{
    CHECK_PTHREAD(pthread_mutex_lock(&lock));
    over = true;
    CHECK_PTHREAD(pthread_cond_broadcast(&changed));
    CHECK_PTHREAD(pthread_mutex_unlock(&lock));
    for (int i = 0; i < threads; i++)
        CHECK_PTHREAD(pthread_join(id[i], NULL));
}

static void plot(int threads, const struct memory *start)
{
    const struct memory now = memory_now();

    demo_point("memory-mb", "vmsize", threads, (now.size_kb - start->size_kb) / 1024);
    demo_point("memory-mb", "rss", threads, (now.rss_kb - start->rss_kb) / 1024);
}

/* Makes up to n threads; a limit may end it sooner. Returns how many there are. */
static int raise_army(pthread_t *id, int n, size_t stack_bytes, const struct memory *start)
{
    pthread_attr_t attr;
    int made = 0;

    CHECK_PTHREAD(pthread_attr_init(&attr));
    CHECK_PTHREAD(pthread_attr_setstacksize(&attr, stack_bytes));
    demo_begin(0, DEMO_CALL, "create");
    while (made < n) {
        const int error = pthread_create(&id[made], &attr, soldier, NULL);
        if (error != 0) {
            demo_say("thread %d refused: %s", made + 1, demo_errno_name(error));
            break;
        }
        made++;
        if (made % (n / POINTS + 1) == 0 || made == n) {
            wait_for_present(1 + made);
            plot(made, start);
        }
    }
    wait_for_present(1 + made);
    demo_end(0);
    CHECK_PTHREAD(pthread_attr_destroy(&attr));
    return made;
}

/* The guard page may or may not be counted in, so the rule leaves some room. */
static void judge_default(size_t bytes)
{
    struct rlimit limit;

    CHECK_SYS(getrlimit(RLIMIT_STACK, &limit));
    demo_say("default stack %zu KB", bytes / 1024);
    if (limit.rlim_cur == RLIM_INFINITY) {
        demo_verdict("default-stack", DEMO_INCONCLUSIVE, (double)bytes / 1024, "KB",
                     "RLIMIT_STACK is unlimited, so the architecture's value is used");
        return;
    }
    const double ratio = (double)bytes / (double)limit.rlim_cur;
    demo_say("soft RLIMIT_STACK %llu KB", (unsigned long long)limit.rlim_cur / 1024);
    demo_verdict("default-stack", ratio > 0.9 && ratio < 1.1 ? DEMO_PASS : DEMO_FAIL, ratio,
                 "of the limit", "the default stack is as large as the soft RLIMIT_STACK");
}

/* Frames and TLS of a thread stay well below this, even with a sanitizer at work. */
static double overhead_kb(void)
{
    return 240 + 4 * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static void judge_army(int threads, double stack_kb, double touch_kb, double size_kb, double rss_kb)
{
    const double percent = size_kb > 0 ? 100 * rss_kb / size_kb : 0;
    const bool reserved = size_kb >= 0.99 * threads * stack_kb;
    const bool committed_touched = rss_kb < threads * (touch_kb + overhead_kb());

    if (threads < FEW_THREADS) {
        demo_verdict("stack-lazy", DEMO_INCONCLUSIVE, percent, "%",
                     "too few threads to tell their stacks from everything else");
        return;
    }
    if (stack_kb < 2 * (touch_kb + overhead_kb())) {
        demo_verdict("stack-lazy", DEMO_INCONCLUSIVE, percent, "%",
                     "too little of each stack is left alone to tell touched from reserved");
        return;
    }
    demo_verdict("stack-lazy", reserved && committed_touched ? DEMO_PASS : DEMO_FAIL, percent, "%",
                 "VmSize grew by whole stacks, RSS by what was touched: RSS as part of VmSize");
}

int main(int argc, char **argv)
{
    static const struct demo_param params[] = {
        {"n", "threads", 1, MAX_THREADS, 200, NULL},
        {"stack", "size of each stack, KB", 256, 65536, 8192, NULL},
        {"touch", "how much of its stack each thread touches, KB", 0, 192, 0, NULL},
        {0},
    };
    demo_start(argc, argv, "address space and memory of many thread stacks", params);

    static pthread_t id[MAX_THREADS];
    pthread_t scout_id;
    size_t default_bytes = 0;
    const int n = (int)demo_int("n");
    const size_t stack_bytes = (size_t)demo_int("stack") * 1024;

    touch_bytes = (size_t)demo_int("touch") * 1024;
    /* A huge page under a stack would be committed whole at the first touch. */
    CHECK_SYS(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
    CHECK_PTHREAD(pthread_create(&scout_id, NULL, scout, &default_bytes));
    wait_for_present(1);

    const struct memory start = memory_now();
    plot(0, &start);
    const int made = raise_army(id, n, stack_bytes, &start);
    const struct memory end = memory_now();
    dismiss(id, made);
    CHECK_PTHREAD(pthread_join(scout_id, NULL));

    const double size_kb = end.size_kb - start.size_kb, rss_kb = end.rss_kb - start.rss_kb;
    demo_say("%s", "");
    demo_say("threads %d, each %ld KB of stack, %ld KB touched", made, demo_int("stack"),
             demo_int("touch"));
    demo_say("         total growth    each thread");
    demo_say("VmSize  %10.0f KB  %10.0f KB", size_kb, made ? size_kb / made : 0);
    demo_say("RSS     %10.0f KB  %10.1f KB", rss_kb, made ? rss_kb / made : 0);
    judge_default(default_bytes);
    judge_army(made, (double)demo_int("stack"), (double)demo_int("touch"), size_kb, rss_kb);
    return demo_finish();
}
