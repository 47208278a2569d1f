/*
 * lt-et: the scenario of epoll(7): a write of 2 KiB, a read of less, and a second epoll_wait.
 *
 * Usage: lt-et [mode=lt|et|oneshot] [chunk=BYTES] [writes=N]
 * A writer sends writes times 2048 bytes into a socket. The reader does one read of chunk bytes
 * for each event and waits again, with a timeout, never for ever; when a wait brings nothing, the
 * writer goes on. At the end the reader re-arms (oneshot) and reads until EAGAIN. The chosen mode
 * is drawn; the two others run after it, undrawn, for the table and the verdicts.
 *
 * Proves: partial-read  epoll(7) "Level-triggered and edge-triggered"
 *         new-data      epoll(7) Questions and answers; EPOLLONESHOT paragraph
 *         drain-advice  epoll(7): nonblocking descriptors are a suggestion, not checked
 *         oneshot-mod   epoll_ctl(2) EPOLLONESHOT
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "demo.h"

enum {
    WRITE_SIZE = 2048,
    LEAD_MS = 20,        /* so that the drawn reader sleeps when the write comes */
    HANDLE_MS = 15,      /* what the drawn reader does with the bytes of one read */
    DRAWN_WAIT_MS = 150, /* how long the drawn reader waits for an event */
    QUICK_WAIT_MS = 10,
    SLEPT_MS = 20, /* a read longer than this has slept */
};

enum mode { LT, ET, ONESHOT, MODES };

static const char *const mode_names[] = {"lt", "et", "oneshot", NULL};
static const unsigned mode_flags[] = {EPOLLIN, EPOLLIN | EPOLLET, EPOLLIN | EPOLLONESHOT};

static const struct demo_param params[] = {
    {"mode", "how the socket is registered, in the run that is drawn", 0, 0, LT, mode_names},
    {"chunk", "bytes to read for each event", 512, WRITE_SIZE, 1024, NULL},
    {"writes", "writes of 2048 bytes", 1, 4, 2, NULL},
    {NULL, NULL, 0, 0, 0, NULL},
};

/* What one run of the script saw. */
struct result {
    int first, second; /* events after write 1 and after write 2 */
    int rest;          /* bytes of write 1 unread when write 2 came */
    int left;          /* bytes unread when all waits were over */
    bool after_mod;    /* EPOLL_CTL_MOD brought an event */
    int waits, events, reads, eagain, syscalls;
};

struct script {
    enum mode mode;
    bool drawn;
    int epfd, in, out, chunk, writes;
    int unread;      /* as the trace shows it; under lock */
    atomic_int done; /* writes that have returned */
    pthread_mutex_t lock;
    sem_t go; /* posted for each write */
    struct result seen;
};

static int writer_lane, socket_lane, reader_lane;

/* A line of the drawn run's log. */
static void say(const struct script *s, const char *who, const char *what)
{
    if (s->drawn)
        demo_say("%5d  %-7s %-31s %5d", (int)(demo_now_ns() / 1000000), who, what, s->unread);
}

static void note(const struct script *s, int lane, const char *name)
{
    if (s->drawn)
        demo_note(lane, name, "%d bytes unread", s->unread);
}

/* Under lock: the socket holds other bytes than before. */
static void set_unread(struct script *s, int unread)
{
    const double ms = (double)demo_now_ns() / 1e6;
    const int before = s->unread;

    s->unread = unread;
    if (!s->drawn)
        return;
    if (before > 0)
        demo_end(socket_lane);
    if (unread > 0)
        demo_begin(socket_lane, DEMO_HOLD, "unread");
    demo_point("unread", "socket", ms, before);
    demo_point("unread", "socket", ms, unread);
}

static void *writer(void *arg)
{
    static const char data[WRITE_SIZE];
    struct script *s = arg;

    for (int i = 0; i < s->writes; i++) {
        int arrow = 0;

        CHECK_SYS(sem_wait(&s->go));
        if (s->drawn)
            demo_sleep_ns(INT64_C(1000000) * LEAD_MS);
        CHECK_PTHREAD(pthread_mutex_lock(&s->lock));
        if (s->drawn) {
            demo_begin(writer_lane, DEMO_CALL, "write");
            arrow = demo_send(writer_lane, "write");
        }
        CHECK(write(s->out, data, WRITE_SIZE) == WRITE_SIZE);
        s->done++;
        set_unread(s, s->unread + WRITE_SIZE);
        if (s->drawn) {
            demo_recv(socket_lane, "write", arrow);
            demo_end(writer_lane);
        }
        say(s, "writer", "write 2048");
        CHECK_PTHREAD(pthread_mutex_unlock(&s->lock));
    }
    return NULL;
}

/* Waits until there is an event, or nothing was reported in a whole timeout that began when the
 * first upto writes were in the socket. A slow writer cannot be mistaken for silence. */
static bool wait_event(struct script *s, int upto, bool second)
{
    const int timeout_ms = s->drawn ? DRAWN_WAIT_MS : QUICK_WAIT_MS;
    struct epoll_event event;
    bool settled;
    int got;

    if (s->drawn)
        demo_begin(reader_lane, DEMO_BLOCK, "epoll_wait");
    if (second)
        note(s, reader_lane, "second-wait");
    do {
        settled = s->done >= upto;
        got = (int)CHECK_SYS(epoll_wait(s->epfd, &event, 1, timeout_ms));
        s->seen.syscalls++;
    } while (got == 0 && !settled);
    if (s->drawn)
        demo_end(reader_lane);
    s->seen.waits++;
    s->seen.events += got;
    return got > 0;
}

/* An event brings the arrow, of new bytes or of the level; silence brings a note. */
static void show_outcome(struct script *s, bool event, bool fresh)
{
    const char *name = fresh ? "new-data" : "still-readable";

    CHECK_PTHREAD(pthread_mutex_lock(&s->lock));
    if (event && s->drawn)
        demo_recv(reader_lane, name, demo_send(socket_lane, name));
    if (event && fresh && s->unread > WRITE_SIZE)
        note(s, reader_lane, "fires-again");
    if (!event)
        note(s, reader_lane, s->unread > 0 ? "silent" : "nothing-to-report");
    say(s, "reader", event ? "epoll_wait: event" : "epoll_wait: timeout, no event");
    CHECK_PTHREAD(pthread_mutex_unlock(&s->lock));
}

/* One read; false for EAGAIN. */
static bool read_once(struct script *s, int size)
{
    char data[WRITE_SIZE], text[32];
    ssize_t got;

    CHECK_PTHREAD(pthread_mutex_lock(&s->lock));
    got = read(s->in, data, (size_t)size);
    CHECK(got > 0 || (got < 0 && errno == EAGAIN));
    s->seen.syscalls++;
    s->seen.reads++;
    s->seen.eagain += got < 0;
    if (got > 0)
        set_unread(s, s->unread - (int)got);
    note(s, reader_lane, got < 0 ? "eagain" : s->unread > 0 ? "partial-read" : "empty-now");
    snprintf(text, sizeof(text), got > 0 ? "read %d" : "read: EAGAIN", (int)got);
    say(s, "reader", text);
    CHECK_PTHREAD(pthread_mutex_unlock(&s->lock));
    return got > 0;
}

static void handle(const struct script *s)
{
    if (!s->drawn)
        return;
    demo_begin(reader_lane, DEMO_RUN, "handle");
    demo_sleep_ns(INT64_C(1000000) * HANDLE_MS);
    demo_end(reader_lane);
}

/* After write number upto: one read for each event, until a wait is silent. */
static int serve(struct script *s, int upto)
{
    int events = 0;
    bool event;

    CHECK_SYS(sem_post(&s->go));
    do {
        event = wait_event(s, upto, events == 1);
        show_outcome(s, event, events == 0);
        if (event) {
            events++;
            read_once(s, s->chunk);
            handle(s);
        }
    } while (event);
    return events;
}

static int bytes_waiting(const struct script *s)
{
    int bytes;

    CHECK_SYS(ioctl(s->in, FIONREAD, &bytes));
    return bytes;
}

/* What the one-read reader left: MOD, where it takes that, and reads until EAGAIN. */
static void clean_up(struct script *s)
{
    struct epoll_event event = {.events = mode_flags[s->mode], .data.fd = s->in};

    if (s->mode == ONESHOT) {
        note(s, reader_lane, "rearm");
        CHECK_SYS(epoll_ctl(s->epfd, EPOLL_CTL_MOD, s->in, &event));
        s->seen.syscalls++;
        say(s, "reader", "EPOLL_CTL_MOD");
        s->seen.after_mod = wait_event(s, s->writes, false);
        show_outcome(s, s->seen.after_mod, false);
    }
    if (s->seen.left > 0)
        note(s, reader_lane, "drain");
    while (read_once(s, WRITE_SIZE)) {
    }
}

static struct result run(enum mode mode, bool drawn)
{
    struct epoll_event event = {.events = mode_flags[mode]};
    struct script s = {.mode = mode,
                       .drawn = drawn,
                       .chunk = (int)demo_int("chunk"),
                       .writes = (int)demo_int("writes"),
                       .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t thread;
    int pair[2];

    CHECK_SYS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
    s.in = pair[0];
    s.out = pair[1];
    s.epfd = (int)CHECK_SYS(epoll_create1(EPOLL_CLOEXEC));
    event.data.fd = s.in;
    CHECK_SYS(epoll_ctl(s.epfd, EPOLL_CTL_ADD, s.in, &event));
    CHECK_SYS(sem_init(&s.go, 0, 0));
    CHECK_PTHREAD(pthread_create(&thread, NULL, writer, &s));

    for (int i = 1; i <= s.writes; i++) {
        if (i == 2)
            s.seen.rest = bytes_waiting(&s);
        const int events = serve(&s, i);
        if (i == 1)
            s.seen.first = events;
        else if (i == 2)
            s.seen.second = events;
    }
    CHECK_PTHREAD(pthread_join(thread, NULL));
    s.seen.left = bytes_waiting(&s);
    clean_up(&s);
    if (drawn) {
        demo_count("syscalls", s.seen.syscalls);
        demo_count("wakeups", s.seen.events);
        demo_count("eagain", s.seen.eagain);
    }

    CHECK_SYS(sem_destroy(&s.go));
    CHECK_SYS(close(s.epfd));
    CHECK_SYS(close(s.in));
    CHECK_SYS(close(s.out));
    return s.seen;
}

static const char *outcome(bool event)
{
    return event ? "event" : "timeout";
}

/* A verdict in a word; where the parameters leave the claim untested, missing says what it needs.
 */
static void judge(const char *claim, const char *missing, bool holds, const char *measured,
                  const char *rule)
{
    if (missing)
        demo_verdict_word(claim, DEMO_INCONCLUSIVE, "untested", missing);
    else
        demo_verdict_word(claim, holds ? DEMO_PASS : DEMO_FAIL, measured, rule);
}

/* EPOLLET on a blocking descriptor: is it refused, and what does a loop that drains it meet? The
 * receive timeout is there so that the demo ends; without it the second read sleeps for ever. */
static void judge_advice(void)
{
    const struct timeval limit = {.tv_usec = 2000L * SLEPT_MS};
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    int64_t asleep_ns;
    char data[16];
    int pair[2];

    CHECK_SYS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    CHECK_SYS(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
    const int epfd = (int)CHECK_SYS(epoll_create1(EPOLL_CLOEXEC));
    const int error = epoll_ctl(epfd, EPOLL_CTL_ADD, pair[0], &event) == 0 ? 0 : errno;
    CHECK(write(pair[1], "x", 1) == 1);
    const int events = (int)CHECK_SYS(epoll_wait(epfd, &event, 1, QUICK_WAIT_MS));
    CHECK(read(pair[0], data, sizeof(data)) == 1);
    asleep_ns = demo_now_ns();
    CHECK(read(pair[0], data, sizeof(data)) == -1);
    asleep_ns = demo_now_ns() - asleep_ns;
    const bool slept = asleep_ns > INT64_C(1000000) * SLEPT_MS;

    demo_say("EPOLLET on a blocking socket: %s", error ? demo_errno_name(error) : "accepted");
    demo_say("  the read after the last byte %s", slept ? "sleeps" : "returns at once");
    judge("drain-advice", NULL, error == 0 && events == 1 && slept,
          error ? demo_errno_name(error) : "accepted",
          "blocking + EPOLLET is accepted; reading past the data sleeps");
    CHECK_SYS(close(epfd));
    CHECK_SYS(close(pair[0]));
    CHECK_SYS(close(pair[1]));
}

static void say_table(const struct result seen[MODES], int writes)
{
    demo_say("%-8s %-12s %-14s %6s %6s %6s", "", "second wait", "after write 2", "left", "waits",
             "reads");
    for (int i = 0; i < MODES; i++)
        demo_say("%-8s %-12s %-14s %6d %6d %6d", mode_names[i], outcome(seen[i].first > 1),
                 writes > 1 ? outcome(seen[i].second > 0) : "-", seen[i].left, seen[i].waits,
                 seen[i].reads);
}

static void judge_modes(const struct result seen[MODES])
{
    const struct result *lt = &seen[LT], *et = &seen[ET], *once = &seen[ONESHOT];
    const char *whole = demo_int("chunk") < WRITE_SIZE ? NULL : "take a chunk below 2048";
    const char *single = demo_int("writes") > 1 ? NULL : "needs a second write";

    judge("partial-read", whole, lt->first > 1 && et->first == 1, outcome(et->first != 1),
          "second wait after a partial read: LT event, ET timeout");
    judge("new-data", whole ? whole : single, et->rest > 0 && et->second == 1,
          outcome(et->second > 0), "ET: write 2 is reported with bytes of write 1 unread");
    judge("oneshot-mod", single, once->first == 1 && once->second == 0 && once->after_mod,
          outcome(once->second > 0), "ONESHOT: write 2 is not reported, MOD brings the event");
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
    struct result seen[MODES];
    enum mode drawn;

    demo_start(argc, argv, "level-triggered, edge-triggered and one-shot notification", params);
    drawn = chosen_mode();
    writer_lane = demo_lane("writer");
    socket_lane = demo_lane("socket");
    reader_lane = demo_lane("reader");
    demo_say("%s: one read of %ld bytes for each event", mode_names[drawn], demo_int("chunk"));
    demo_say("%5s  %-39s %5s", "ms", "", "unread");
    seen[drawn] = run(drawn, true);
    for (enum mode mode = LT; mode < MODES; mode++)
        if (mode != drawn)
            seen[mode] = run(mode, false);

    demo_say("%s", "");
    say_table(seen, (int)demo_int("writes"));
    demo_say("%s", "");
    judge_modes(seen);
    judge_advice();
    return demo_finish();
}
