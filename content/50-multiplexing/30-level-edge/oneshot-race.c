/*
 * oneshot-race: several threads wait on one epoll instance that watches one socket.
 *
 * Usage: oneshot-race [mode=lt|et|oneshot] [workers=N]
 * A message is two bytes, a head and a tail. A worker that gets an event reads a head, is held at
 * a gate, then reads a tail, and goes on until EAGAIN; in mode oneshot it then re-arms the socket.
 * The sender sends the first message, and while its reader is held the others, one a worker: does
 * another worker come in? Then it opens the gate. The chosen mode is drawn; the two others run
 * after it, undrawn, for the table and the verdict.
 *
 * Proves: oneshot-one-handler  epoll(7) "Level-triggered and edge-triggered", epoll_ctl(2)
 *         EPOLLONESHOT
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "demo.h"

enum {
    MAX_WORKERS = 4,
    TAIL = 0x80, /* message k is the bytes k and k | TAIL */
    QUIT = 1,    /* data of the eventfd's events; the socket's is 0 */
    STEP_MS = 30,
    PATIENCE_MS = 3000, /* for what is to happen; it ends when it does */
    SILENCE_MS = 120,   /* for what the kernel is not to report, drawn */
    QUICK_SILENCE_MS = 30,
};

enum mode { LT, ET, ONESHOT, MODES };

static const char *const mode_names[] = {"lt", "et", "oneshot", NULL};
static const unsigned mode_flags[] = {EPOLLIN, EPOLLIN | EPOLLET, EPOLLIN | EPOLLONESHOT};

static const struct demo_param params[] = {
    {"mode", "how the socket is registered, in the run that is drawn", 0, 0, ET, mode_names},
    {"workers", "threads that wait, and messages", 2, MAX_WORKERS, 2, NULL},
    {NULL, NULL, 0, 0, 0, NULL},
};

/* Shared by the sender and the workers of one run; all below lock is under it. */
struct race {
    enum mode mode;
    bool drawn;
    int epfd, in, out, quit, workers;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool gate_open;
    int inside, most_inside; /* workers that read something and are not done */
    int bytes, whole, torn, events;
    int sent;                    /* messages */
    int arrows[MAX_WORKERS + 1]; /* by message, 0 once it has arrived */
};

struct worker {
    struct race *race;
    int lane;
};

static int sender_lane, worker_lanes[MAX_WORKERS];

static void lock(struct race *r)
{
    CHECK_PTHREAD(pthread_mutex_lock(&r->lock));
}

static void unlock(struct race *r)
{
    CHECK_PTHREAD(pthread_mutex_unlock(&r->lock));
}

/* Under lock: message k has come to this worker, by its event or, without one, by a read. */
static void receive(const struct worker *w, int k)
{
    struct race *r = w->race;

    if (r->arrows[k] != 0)
        demo_recv(w->lane, "message", r->arrows[k]);
    r->arrows[k] = 0;
}

/* One byte, or -1 for EAGAIN. */
static int read_byte(const struct worker *w)
{
    struct race *r = w->race;
    unsigned char byte;
    const ssize_t got = read(r->in, &byte, 1);

    CHECK(got == 1 || (got < 0 && errno == EAGAIN));
    if (got < 0)
        return -1;
    CHECK((byte & ~TAIL) <= MAX_WORKERS);
    lock(r);
    r->bytes++;
    receive(w, byte & ~TAIL);
    CHECK_PTHREAD(pthread_cond_broadcast(&r->changed));
    unlock(r);
    return byte;
}

static void enter(const struct worker *w)
{
    struct race *r = w->race;

    lock(r);
    if (++r->inside > r->most_inside)
        r->most_inside = r->inside;
    if (r->drawn) {
        demo_begin(w->lane, DEMO_RUN, "handler");
        if (r->inside > 1)
            demo_note(w->lane, "overlap", "%d handlers on one socket", r->inside);
    }
    CHECK_PTHREAD(pthread_cond_broadcast(&r->changed));
    while (!r->gate_open)
        CHECK_PTHREAD(pthread_cond_wait(&r->changed, &r->lock));
    unlock(r);
}

static void leave(const struct worker *w)
{
    struct race *r = w->race;

    lock(r);
    r->inside--;
    if (r->drawn)
        demo_end(w->lane);
    unlock(r);
}

static const char *byte_name(int byte, char text[16])
{
    if (byte < 0)
        snprintf(text, 16, "nothing");
    else
        snprintf(text, 16, "%s %d", byte < TAIL ? "head" : "tail", byte & ~TAIL);
    return text;
}

/* Two bytes that the worker takes for one message: are they? */
static void judge_pair(const struct worker *w, int head, int tail)
{
    struct race *r = w->race;
    const bool whole = head < TAIL && tail == (head | TAIL);
    char first[16], second[16];

    lock(r);
    r->whole += whole;
    r->torn += !whole;
    if (r->drawn) {
        byte_name(head, first);
        byte_name(tail, second);
        demo_note(w->lane, whole ? "whole" : "torn", "%s, %s", first, second);
        demo_say("%5d  worker %d: %s, %s%s", (int)(demo_now_ns() / 1000000),
                 w->lane - worker_lanes[0] + 1, first, second, whole ? "" : "   TORN");
    }
    unlock(r);
}

/* Until EAGAIN, as a good reader of an edge-triggered descriptor does. */
static void handle(const struct worker *w)
{
    int head = read_byte(w);

    if (head < 0)
        return;
    enter(w);
    while (head >= 0) {
        judge_pair(w, head, read_byte(w));
        head = read_byte(w);
    }
    leave(w);
}

static void rearm(const struct worker *w)
{
    struct race *r = w->race;
    struct epoll_event event = {.events = mode_flags[r->mode]};

    if (r->drawn)
        demo_note(w->lane, "rearm", "EPOLL_CTL_MOD");
    CHECK_SYS(epoll_ctl(r->epfd, EPOLL_CTL_MOD, r->in, &event));
}

static bool wait_event(const struct worker *w)
{
    struct race *r = w->race;
    struct epoll_event event;

    if (r->drawn)
        demo_begin(w->lane, DEMO_BLOCK, "epoll_wait");
    CHECK(epoll_wait(r->epfd, &event, 1, -1) == 1);
    if (r->drawn)
        demo_end(w->lane);
    if (event.data.u32 == QUIT)
        return false;
    lock(r);
    r->events++;
    receive(w, r->sent);
    unlock(r);
    return true;
}

static void *work(void *arg)
{
    const struct worker *w = arg;

    while (wait_event(w)) {
        handle(w);
        if (w->race->mode == ONESHOT)
            rearm(w);
    }
    return NULL;
}

static void send_message(struct race *r, int k)
{
    const unsigned char message[2] = {(unsigned char)k, (unsigned char)(k | TAIL)};

    lock(r);
    r->sent = k;
    if (r->drawn) {
        r->arrows[k] = demo_send(sender_lane, "message");
        demo_say("%5d  sender: message %d", (int)(demo_now_ns() / 1000000), k);
    }
    unlock(r);
    CHECK(write(r->out, message, sizeof(message)) == sizeof(message));
}

/* Until so many are inside and so many bytes were read, or it took too long. */
static void await(struct race *r, int inside, int bytes, int timeout_ms)
{
    struct timespec end;
    int error = 0;

    CHECK_SYS(clock_gettime(CLOCK_REALTIME, &end));
    end.tv_sec += timeout_ms / 1000;
    end.tv_nsec += timeout_ms % 1000 * 1000000L;
    if (end.tv_nsec >= 1000000000L) {
        end.tv_nsec -= 1000000000L;
        end.tv_sec++;
    }
    lock(r);
    while ((r->inside < inside || r->bytes < bytes) && error == 0)
        error = pthread_cond_timedwait(&r->changed, &r->lock, &end);
    unlock(r);
    CHECK(error == 0 || error == ETIMEDOUT);
}

static void open_gate(struct race *r)
{
    lock(r);
    r->gate_open = true;
    if (r->drawn) {
        demo_note(sender_lane, "gate", "%d inside", r->inside);
        demo_say("%5d  inside the handler: %d", (int)(demo_now_ns() / 1000000), r->inside);
    }
    CHECK_PTHREAD(pthread_cond_broadcast(&r->changed));
    unlock(r);
}

/* Message 1, and when its reader is held the others. Under ONESHOT the kernel is not to report
 * them, and no wait is long enough to see that something never comes; so that one is short. */
static void direct(struct race *r)
{
    const int silence_ms = r->drawn ? SILENCE_MS : QUICK_SILENCE_MS;

    for (int k = 1; k <= r->workers; k++) {
        if (r->drawn)
            demo_sleep_ns(INT64_C(1000000) * STEP_MS);
        send_message(r, k);
        await(r, k, 0, k > 1 && r->mode == ONESHOT ? silence_ms : PATIENCE_MS);
    }
    if (r->drawn)
        demo_sleep_ns(INT64_C(1000000) * STEP_MS);
    open_gate(r);
    await(r, 0, 2 * r->workers, PATIENCE_MS);
}

static void open_files(struct race *r)
{
    struct epoll_event event = {.events = mode_flags[r->mode]};
    int pair[2];

    CHECK_SYS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
    r->in = pair[0];
    r->out = pair[1];
    r->epfd = (int)CHECK_SYS(epoll_create1(EPOLL_CLOEXEC));
    CHECK_SYS(epoll_ctl(r->epfd, EPOLL_CTL_ADD, r->in, &event));
    r->quit = (int)CHECK_SYS(eventfd(0, EFD_CLOEXEC));
    event = (struct epoll_event){.events = EPOLLIN, .data.u32 = QUIT};
    CHECK_SYS(epoll_ctl(r->epfd, EPOLL_CTL_ADD, r->quit, &event));
}

static void run(struct race *r)
{
    struct worker workers[MAX_WORKERS];
    pthread_t threads[MAX_WORKERS];
    const uint64_t one = 1;

    open_files(r);
    for (int i = 0; i < r->workers; i++) {
        workers[i] = (struct worker){.race = r, .lane = worker_lanes[i]};
        CHECK_PTHREAD(pthread_create(&threads[i], NULL, work, &workers[i]));
    }
    direct(r);
    CHECK(write(r->quit, &one, sizeof(one)) == sizeof(one));
    for (int i = 0; i < r->workers; i++)
        CHECK_PTHREAD(pthread_join(threads[i], NULL));
    if (r->drawn) {
        demo_count("wakeups", r->events);
        demo_count("torn", r->torn);
    }
    CHECK_SYS(close(r->quit));
    CHECK_SYS(close(r->epfd));
    CHECK_SYS(close(r->in));
    CHECK_SYS(close(r->out));
}

static void judge(const struct race races[MODES])
{
    const struct race *lt = &races[LT], *et = &races[ET], *once = &races[ONESHOT];
    const bool overlap = lt->most_inside > 1 && et->most_inside > 1;
    const bool alone = once->most_inside == 1 && once->torn == 0 && once->whole == once->workers;

    demo_verdict("oneshot-one-handler", overlap && alone ? DEMO_PASS : DEMO_FAIL, et->most_inside,
                 "threads", "LT, ET: several in the handler; ONESHOT: one, all messages whole");
}

static enum mode chosen_mode(void)
{
    for (enum mode mode = LT; mode < MODES; mode++)
        if (strcmp(demo_choice("mode"), mode_names[mode]) == 0)
            return mode;
    return LT;
}

int main(int argc, char **argv)
{
    struct race races[MODES];
    enum mode drawn;
    char name[16];

    demo_start(argc, argv, "threads that share an epoll instance and a socket", params);
    drawn = chosen_mode();
    sender_lane = demo_lane("sender");
    for (int i = 0; i < demo_int("workers"); i++) {
        snprintf(name, sizeof(name), "worker-%d", i + 1);
        worker_lanes[i] = demo_lane(name);
    }
    demo_say("%s, %ld workers on one epoll instance", mode_names[drawn], demo_int("workers"));
    for (int i = 0; i < MODES; i++) {
        const enum mode mode = (enum mode)(((int)drawn + i) % MODES);

        races[mode] = (struct race){.mode = mode,
                                    .drawn = i == 0,
                                    .workers = (int)demo_int("workers"),
                                    .lock = PTHREAD_MUTEX_INITIALIZER,
                                    .changed = PTHREAD_COND_INITIALIZER};
        run(&races[mode]);
    }

    demo_say("%s", "");
    demo_say("%-8s %18s %15s", "", "handlers at once", "messages whole");
    for (int i = 0; i < MODES; i++)
        demo_say("%-8s %18d %10d of %d", mode_names[i], races[i].most_inside, races[i].whole,
                 races[i].workers);
    demo_say("%s", "");
    judge(races);
    return demo_finish();
}
