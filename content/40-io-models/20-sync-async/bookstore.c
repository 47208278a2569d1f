/*
 * bookstore: one book is ordered in six ways. Who waits for it, and who carries it to the desk?
 *
 * The caller is the main thread, its desk a buffer. The shop's counter is a socket in the kernel;
 * a supplier (a thread) puts a message, the book, there a while after the order. Measured:
 *   waiting   voluntary context switches, and pages of another book that the caller read meanwhile
 *   at word   whether the book lies on the desk when the caller learns that there is news
 *   copier    the rchar counts of the caller's thread and of the whole process in /proc: bytes
 *             that a read call of the caller fetched, of another thread, or of nobody
 *
 * Proved:
 *   two-phases          the desk is empty until the supplier delivers, and full at the end
 *   readiness-no-copy   mux, sigio: at the word the desk is empty, the caller's own read fills it
 *   completion-full     aio, uring: ordering returns before the delivery; at the word it is full
 *   four-quadrants      sync or async, asleep or working: each act is where it belongs, all four
 *   who-copies          the caller, with aio a helper thread, with io_uring no read call at all
 *   aio-helper-thread   aio_read starts a thread in this process, and that thread reads
 *
 * Usage: bookstore [model=all|block|spin|mux|sigio|aio|uring|uring-wait] [delay_ms=N]
 * Source: Stevens, UNP 6.2; aio(7), io_uring(7), fcntl(2) F_SETSIG, proc(5) /proc/pid/io.
 * Links: -lrt
 */
#define _GNU_SOURCE
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "demo.h"

enum {
    CALLER = 0,           /* its lane */
    BOOK_BYTES = 1 << 16, /* far more than all other reads of a run together */
    RING_BYTES = 4096,    /* rings of one entry: each of the two mappings is one page */
    PAGE_NS = 100000,
    ASK_NS = 30000000, /* spin: work between two asks */
};

enum copier { UNKNOWN, BY_CALLER, BY_HELPER, BY_KERNEL, COPIERS };

/* One order, from the call to the book on the desk. */
struct act {
    const struct model *model;
    sem_t ordered;
    int fd;                /* the caller's side of the counter */
    int supplier;          /* the other side */
    int word_fd;           /* epoll or io_uring descriptor, -1 for none */
    atomic_int news;       /* the arrow of the wake-up, 0 for none */
    atomic_bool delivered; /* about to be, or done */
    bool desk_was_clear;   /* just before the delivery */
    /* measured by the caller */
    bool early;        /* ordering returned before the delivery */
    bool full_at_word; /* the book was on the desk when the word came */
    bool intact;       /* the whole book is on the desk in the end */
    int refused;       /* errno of a service that is not to be had, 0 for none */
    int new_threads;   /* appeared in this process while ordering */
    enum copier copier;
    size_t own; /* bytes that the caller's own reads returned */
    long pages, wakeups, calls;
};

struct model {
    const char *name;
    bool async;  /* the order is a read that somebody else carries out */
    bool told;   /* news of the book comes apart from the end of the caller's read */
    bool asleep; /* the caller sleeps until then */
    void (*run)(struct act *a);
};

static const char OWN_IO[] = "/proc/thread-self/io", ALL_IO[] = "/proc/self/io";
static int way_lane, kernel_lane, shop_lane, helper_lane;
static char desk[BOOK_BYTES];
static char book[BOOK_BYTES];
static atomic_bool rang; /* set by the signal handler */

static long voluntary_switches(void)
{
    struct rusage usage;

    CHECK_SYS(getrusage(RUSAGE_THREAD, &usage));
    return usage.ru_nvcsw;
}

/* The kernel writes there unseen. What the supplier sees comes before its delivery, and so before
 * any read can end; ThreadSanitizer does not know of that order. */
__attribute__((no_sanitize("thread"))) static bool desk_is_full(void)
{
    return *(volatile char *)&desk[BOOK_BYTES - 1] != 0;
}

/* Threads of this process and two more: the links of a directory with a subdirectory for each. */
static int count_threads(void)
{
    struct stat task;

    return stat("/proc/self/task", &task) < 0 ? 0 : (int)task.st_nlink;
}

/* What read calls have fetched so far, by one of the files /proc/.../io; -1 if it does not say. */
static long long rchar_of(const char *file)
{
    FILE *f = fopen(file, "re");
    long long rchar;

    if (!f)
        return -1;
    const bool found = fscanf(f, "rchar: %lld", &rchar) == 1;
    CHECK(fclose(f) == 0);
    return found ? rchar : -1;
}

struct reads {
    long long caller, process;
};

/* Who fetched the book between two counts. To read a count is a read itself, of much less than a
 * book; so the caller's count grows in any case, where the kernel counts at all. */
static enum copier who_copied(struct reads from, struct reads to)
{
    const long long caller = to.caller - from.caller;
    const long long others = to.process - from.process - caller;

    if (from.caller < 0 || caller <= 0)
        return UNKNOWN;
    if (caller >= BOOK_BYTES)
        return BY_CALLER;
    return others >= BOOK_BYTES ? BY_HELPER : BY_KERNEL;
}

/* ---- what the caller does ---- */

/* Work that needs no system call: the clock is read without one. */
static void read_page(struct act *a)
{
    const int64_t end_ns = demo_now_ns() + PAGE_NS;

    while (demo_now_ns() < end_ns)
        continue;
    a->pages++;
}

/* From now on the delay counts. */
static void place_order(struct act *a, const char *how)
{
    demo_note(CALLER, "order", "%s: %s", a->model->name, how);
    CHECK_SYS(sem_post(&a->ordered));
}

/* News has reached the caller: is the book on its desk? */
static void word(struct act *a, const char *how)
{
    char text[80];

    a->full_at_word = desk_is_full();
    if (atomic_load(&a->news) != 0)
        demo_recv(CALLER, "news", atomic_load(&a->news));
    snprintf(text, sizeof(text), "%s: desk %s", how, a->full_at_word ? "FULL" : "EMPTY");
    demo_note(CALLER, "word", "%s", text);
}

/* A read of the caller's own; the copying is done inside it. False for EAGAIN. */
static bool own_read(struct act *a, enum demo_cat cat)
{
    demo_begin(CALLER, cat, "read");
    const ssize_t n = read(a->fd, desk, BOOK_BYTES);
    demo_end(CALLER);
    CHECK(n > 0 || (n < 0 && errno == EAGAIN));
    a->calls++;
    a->own += n > 0 ? (size_t)n : 0;
    return n > 0;
}

/* The end of readiness: go and get it. */
static void fetch(struct act *a)
{
    demo_end(kernel_lane);
    demo_begin(kernel_lane, DEMO_CALL, "copying");
    CHECK(own_read(a, DEMO_CALL));
}

static void run_block(struct act *a)
{
    place_order(a, "read, asleep in the call");
    CHECK(own_read(a, DEMO_BLOCK));
    word(a, "read returned");
}

static void run_spin(struct act *a)
{
    place_order(a, "read, EAGAIN, work, and ask again");
    while (!own_read(a, DEMO_CALL)) {
        demo_note(CALLER, "not-yet", "EAGAIN");
        demo_begin(CALLER, DEMO_RUN, "work");
        for (const int64_t end_ns = demo_now_ns() + ASK_NS; demo_now_ns() < end_ns;)
            read_page(a);
        demo_end(CALLER);
    }
    word(a, "read returned");
}

static void run_mux(struct act *a)
{
    struct epoll_event event;

    place_order(a, "epoll_wait, asleep");
    demo_begin(CALLER, DEMO_BLOCK, "epoll_wait");
    CHECK(CHECK_SYS(epoll_wait(a->word_fd, &event, 1, -1)) == 1);
    demo_end(CALLER);
    a->calls++;
    word(a, "epoll: readable");
    fetch(a);
}

static void run_sigio(struct act *a)
{
    place_order(a, "work until the signal");
    demo_begin(CALLER, DEMO_RUN, "work");
    do
        read_page(a);
    while (!atomic_load(&rang));
    demo_end(CALLER);
    word(a, "signal: readable");
    fetch(a);
}

static void run_aio(struct act *a)
{
    /* static: it belongs to the operation until that has ended */
    static struct aiocb order;
    const int threads = count_threads();

    order = (struct aiocb){.aio_fildes = a->fd, .aio_buf = desk, .aio_nbytes = BOOK_BYTES};
    place_order(a, "aio_read, then work");
    CHECK_SYS(aio_read(&order));
    a->calls++;
    a->early = !atomic_load(&a->delivered);
    a->new_threads = count_threads() - threads;
    if (a->new_threads > 0)
        demo_begin(helper_lane, DEMO_BLOCK, "read");

    demo_begin(CALLER, DEMO_RUN, "work");
    while (aio_error(&order) == EINPROGRESS)
        read_page(a);
    demo_end(CALLER);
    if (a->new_threads > 0)
        demo_end(helper_lane);
    word(a, "aio: done");
    CHECK(aio_error(&order) == 0 && aio_return(&order) == BOOK_BYTES);
}

/* ---- io_uring without liburing: one entry in, one entry out ---- */

static struct {
    void *rings;
    struct io_uring_sqe *entry; /* to submit */
    struct io_uring_params p;
} ring;

static unsigned *ring_field(unsigned offset)
{
    return (unsigned *)(void *)((char *)ring.rings + offset);
}

/* Returns the descriptor, or -1 with errno: before Linux 5.6 there is no IORING_OP_READ. The
 * mappings go with the process. */
static int ring_open(void)
{
    memset(&ring, 0, sizeof(ring));
    const int fd = (int)syscall(SYS_io_uring_setup, 1, &ring.p);
    if (fd < 0)
        return -1;
    if (!(ring.p.features & IORING_FEAT_RW_CUR_POS)) {
        CHECK_SYS(close(fd));
        errno = ENOSYS;
        return -1;
    }
    ring.rings = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQ_RING);
    ring.entry = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES);
    CHECK(ring.rings != MAP_FAILED && ring.entry != MAP_FAILED);
    return fd;
}

/* Puts a read of the book into the submission ring; the kernel takes it from there. */
static void ring_submit(const struct act *a)
{
    unsigned *tail = ring_field(ring.p.sq_off.tail);

    *ring.entry = (struct io_uring_sqe){
        .opcode = IORING_OP_READ, .fd = a->fd, .addr = (uintptr_t)desk, .len = BOOK_BYTES};
    *ring_field(ring.p.sq_off.array) = 0;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    CHECK(CHECK_SYS(syscall(SYS_io_uring_enter, a->word_fd, 1, 0, 0, NULL, 0)) == 1);
}

/* Looks into the completion ring, no system call; true and *result if an entry is there. */
static bool ring_result(int *result)
{
    const unsigned head = *ring_field(ring.p.cq_off.head);
    const struct io_uring_cqe *done = (const void *)((const char *)ring.rings + ring.p.cq_off.cqes);

    if (__atomic_load_n(ring_field(ring.p.cq_off.tail), __ATOMIC_ACQUIRE) == head)
        return false;
    *result = done[head & *ring_field(ring.p.cq_off.ring_mask)].res;
    return true;
}

static void run_uring(struct act *a)
{
    const bool asleep = a->model->asleep;
    int result = 0;

    place_order(a, asleep ? "io_uring, then asleep" : "io_uring, then work");
    ring_submit(a);
    a->calls++;
    a->early = !atomic_load(&a->delivered);

    demo_begin(CALLER, asleep ? DEMO_BLOCK : DEMO_RUN, asleep ? "wait-cqe" : "work");
    while (!ring_result(&result)) {
        if (!asleep) {
            read_page(a);
            continue;
        }
        CHECK(syscall(SYS_io_uring_enter, a->word_fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) >= 0 ||
              errno == EINTR);
        a->calls++;
    }
    demo_end(CALLER);
    CHECK(result == BOOK_BYTES);
    word(a, "io_uring: done");
}

/* Six ways, and io_uring once more with a caller that sleeps: the fourth quadrant. */
static const struct model models[] = {
    {"block", false, false, true, run_block},    {"spin", false, false, false, run_spin},
    {"mux", false, true, true, run_mux},         {"sigio", false, true, false, run_sigio},
    {"aio", true, true, false, run_aio},         {"uring", true, true, false, run_uring},
    {"uring-wait", true, true, true, run_uring},
};
enum { MODELS = sizeof(models) / sizeof(models[0]) };

static const char *const model_names[] = {"all", "block", "spin",       "mux", "sigio",
                                          "aio", "uring", "uring-wait", NULL};
static const struct demo_param params[] = {
    {"model", "how the book is ordered", 0, 0, 0, model_names},
    {"delay_ms", "from the order to the delivery", 50, 400, 120, NULL},
    {NULL, NULL, 0, 0, 0, NULL},
};

/* Where a read waits in the kernel already, the copying begins with the delivery; elsewhere the
 * book then lies on the counter until somebody reads. All is told before the write, so that nobody
 * can end it before it has begun. */
static void *supply(void *arg)
{
    struct act *a = arg;
    const bool read_waits = a->model->async || a->model->run == run_block;
    int arrow;

    while (sem_wait(&a->ordered) < 0)
        CHECK(errno == EINTR);
    demo_begin(shop_lane, DEMO_SLEEP, "on-its-way");
    demo_sleep_ns(demo_int("delay_ms") * 1000000);
    demo_end(shop_lane);

    arrow = demo_send(shop_lane, "delivery");
    a->desk_was_clear = !desk_is_full();
    demo_end(kernel_lane);
    demo_begin(kernel_lane, read_waits ? DEMO_CALL : DEMO_READY,
               read_waits ? "copying" : "data-ready");
    demo_recv(kernel_lane, "delivery", arrow);
    if (a->model->run != run_spin)
        atomic_store(&a->news, demo_send(kernel_lane, "news"));
    atomic_store(&a->delivered, true);
    CHECK(write(a->supplier, book, BOOK_BYTES) == BOOK_BYTES);
    return NULL;
}

/* ---- one act ---- */

static void on_ring(int sig)
{
    (void)sig;
    atomic_store(&rang, true);
}

/* The kernel is to send a signal to this thread whenever the counter gets ready. */
static void prepare_sigio(const struct act *a)
{
    const struct f_owner_ex me = {.type = F_OWNER_TID, .pid = gettid()};
    const struct sigaction action = {.sa_handler = on_ring, .sa_flags = SA_RESTART};

    CHECK_SYS(sigaction(SIGRTMIN, &action, NULL));
    CHECK_SYS(fcntl(a->fd, F_SETOWN_EX, &me));
    CHECK_SYS(fcntl(a->fd, F_SETSIG, SIGRTMIN));
    CHECK_SYS(fcntl(a->fd, F_SETFL, O_ASYNC | O_NONBLOCK));
}

/* What is set up once, however many books follow. False if the system refuses a service. */
static bool open_account(struct act *a)
{
    const int room = 2 * BOOK_BYTES;
    struct epoll_event event = {.events = EPOLLIN};
    int pair[2];

    CHECK_SYS(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
    a->fd = pair[0];
    a->supplier = pair[1];
    a->word_fd = -1;
    CHECK_SYS(setsockopt(a->supplier, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)));
    CHECK_SYS(sem_init(&a->ordered, 0, 0));
    if (a->model->run == run_spin || a->model->run == run_mux)
        CHECK_SYS(fcntl(a->fd, F_SETFL, O_NONBLOCK));
    if (a->model->run == run_sigio)
        prepare_sigio(a);
    if (a->model->run == run_mux) {
        a->word_fd = (int)CHECK_SYS(epoll_create1(EPOLL_CLOEXEC));
        CHECK_SYS(epoll_ctl(a->word_fd, EPOLL_CTL_ADD, a->fd, &event));
    }
    if (a->model->run == run_uring) {
        a->word_fd = ring_open();
        a->refused = a->word_fd < 0 ? errno : 0;
    }
    return a->refused == 0;
}

static void close_account(struct act *a)
{
    CHECK_SYS(close(a->fd)); /* first, so that it hears nothing of the other end going */
    CHECK_SYS(close(a->supplier));
    if (a->word_fd >= 0)
        CHECK_SYS(close(a->word_fd));
    CHECK_SYS(sem_destroy(&a->ordered));
}

static void perform(struct act *a)
{
    const long switches = voluntary_switches();
    pthread_t supplier;

    memset(desk, 0, sizeof(desk));
    CHECK_PTHREAD(pthread_create(&supplier, NULL, supply, a));
    const struct reads before = {rchar_of(OWN_IO), rchar_of(ALL_IO)};
    demo_begin(way_lane, DEMO_HOLD, a->model->name);
    demo_begin(kernel_lane, DEMO_SLEEP, "no-data");
    a->model->run(a);
    demo_end(kernel_lane);
    demo_end(way_lane);
    a->copier = who_copied(before, (struct reads){rchar_of(OWN_IO), rchar_of(ALL_IO)});
    a->wakeups = voluntary_switches() - switches;
    CHECK_PTHREAD(pthread_join(supplier, NULL));
    a->intact = memcmp(desk, book, BOOK_BYTES) == 0;
}

static const char *const copier_names[COPIERS] = {"unknown", "caller", "helper", "kernel"};

static void show(const struct act *a)
{
    const char *at_word = a->full_at_word ? "full" : "EMPTY";

    if (a->refused != 0)
        demo_say("%-12s refused: %s", a->model->name, demo_errno_name(a->refused));
    else
        demo_say("%-12s %-8s %5ld  %-8s %-7s %5ld", a->model->name,
                 a->model->asleep ? "asleep" : "working", a->pages, a->model->told ? at_word : "-",
                 copier_names[a->copier], a->calls);
}

/* ---- verdicts ---- */

/* What one act says about a claim. */
enum outcome { NOTHING, RIGHT, WRONG, UNCLEAR, OUTCOMES };

/* A refused act takes nothing from the others here. */
static enum outcome phases(const struct act *a)
{
    if (a->refused != 0)
        return NOTHING;
    return a->desk_was_clear && a->intact ? RIGHT : WRONG;
}

static enum outcome readiness(const struct act *a)
{
    if (!a->model->told || a->model->async)
        return NOTHING;
    return !a->full_at_word && a->own == BOOK_BYTES ? RIGHT : WRONG;
}

/* uring-wait is not one way more: what it measures is in the table. */
static enum outcome completion(const struct act *a)
{
    if (!a->model->async || (a->model->run == run_uring && a->model->asleep))
        return NOTHING;
    if (a->refused != 0)
        return UNCLEAR;
    if (a->own > 0)
        return WRONG;
    return !a->early ? UNCLEAR : a->full_at_word ? RIGHT : WRONG;
}

/* Sync or async by whether the caller fetched the book itself; asleep by its thread giving up the
 * processor without a page read. Neither slept nor worked: the order came after the delivery. */
static enum outcome quadrant(const struct act *a)
{
    const bool worked = a->pages > 0;

    if (a->refused != 0)
        return UNCLEAR;
    if ((a->own == 0) != a->model->async || (worked && a->model->asleep))
        return WRONG;
    return worked || (a->model->asleep && a->wakeups > 0) ? RIGHT : UNCLEAR;
}

static enum outcome copying(const struct act *a)
{
    const enum copier due = !a->model->async           ? BY_CALLER
                            : a->model->run == run_aio ? BY_HELPER
                                                       : BY_KERNEL;

    return a->copier == UNKNOWN ? UNCLEAR : a->copier == due ? RIGHT : WRONG;
}

static enum outcome helper(const struct act *a)
{
    if (a->model->run != run_aio)
        return NOTHING;
    if (a->copier == UNKNOWN || !a->early)
        return UNCLEAR;
    return a->new_threads == 1 && a->copier == BY_HELPER ? RIGHT : WRONG;
}

static const struct claim {
    const char *id;
    enum outcome (*says)(const struct act *a);
    const char *rule;
} claims[] = {
    {"two-phases", phases, "empty desk until the delivery, and the whole book on it in the end"},
    {"readiness-no-copy", readiness, "empty desk at the word; then one own read fetches the book"},
    {"completion-full", completion, "ordered before the delivery, and a full desk at the word"},
    {"four-quadrants", quadrant, "each order is in its quadrant, and all four are seen"},
    {"who-copies", copying, "rchar grows for the caller; aio: another thread; io_uring: nobody"},
    {"aio-helper-thread", helper, "aio_read adds a thread to /proc/self/task, and that one reads"},
};

/* One act that is wrong fails a claim; one that was refused or unclear leaves it open. Measured:
 * how many acts bear it out. */
static void judge(const struct claim *claim, const struct act *acts, int n)
{
    const char *rule = claim->rule;
    enum demo_result result = DEMO_PASS;
    int of[OUTCOMES] = {0};
    unsigned seen = 0; /* quadrants, by bit */

    for (int i = 0; i < n; i++) {
        const enum outcome outcome = claim->says(&acts[i]);
        of[outcome]++;
        if (outcome == RIGHT)
            seen |= 1u << (2 * acts[i].model->async + acts[i].model->asleep);
    }
    if (of[WRONG] > 0) {
        result = DEMO_FAIL;
    } else if (of[UNCLEAR] > 0) {
        result = DEMO_INCONCLUSIVE;
        rule = "io_uring refused, rchar not counted, or the machine too busy";
    } else if (of[RIGHT] == 0 || (claim->says == quadrant && seen != 15)) {
        result = DEMO_INCONCLUSIVE;
        rule = "not to be seen in this one way: take model=all";
    }
    demo_verdict(claim->id, result, of[RIGHT], "orders", rule);
}

int main(int argc, char **argv)
{
    static struct act acts[MODELS];
    long calls = 0, wakeups = 0;
    const char *chosen;
    int n = 0;

    demo_start(argc, argv, "One book, ordered in six ways: who waits, who copies", params);
    chosen = demo_choice("model");
    memset(book, 'b', sizeof(book));
    way_lane = demo_lane("way");
    kernel_lane = demo_lane("kernel");
    shop_lane = demo_lane("supplier");
    if (strcmp(chosen, "all") == 0 || strcmp(chosen, "aio") == 0)
        helper_lane = demo_lane("helper");

    demo_say("%-12s %-8s %5s  %-8s %-7s %5s", "", "waiting", "pages", "at word", "copier", "calls");
    for (const struct model *m = models; m < models + MODELS; m++) {
        if (strcmp(chosen, "all") != 0 && strcmp(chosen, m->name) != 0)
            continue;
        acts[n].model = m;
        if (open_account(&acts[n]))
            perform(&acts[n]);
        close_account(&acts[n]);
        show(&acts[n]);
        calls += acts[n].calls;
        wakeups += acts[n++].wakeups;
    }
    demo_count("syscalls", (double)calls);
    demo_count("wakeups", (double)wakeups);
    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++)
        judge(&claims[i], acts, n);
    return demo_finish();
}
