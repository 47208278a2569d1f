/*
 * short-write.c: a non-blocking write takes what fits, and the rest stays with the caller.
 *
 * Usage: short-write [sndbuf=BYTES] [size=BYTES] [drain=BYTES] [via=dup|child|self]
 *                    [writer=loop|naive]
 * A stream socket pair is a tank: one end pours size bytes in, the other lets drain bytes out each
 * time the tank is full. O_NONBLOCK is set through a duplicate, or by a child, never on the
 * descriptor that is written to (unless via=self). writer=naive calls write once and trusts it.
 *
 * Proves: nonblock-on-description  open(2) "Open file descriptions", fcntl(2) F_SETFL, dup(2)
 *         partial-and-eagain       write(2) RETURN VALUE and EAGAIN, socket(7)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo.h"

enum {
    SAID_LINES = 20,   /* table lines on the screen; the counters go on */
    DRAWN_ROUNDS = 60, /* rounds in the trace */
    BAR = 20,
    CHUNK = 65536,
    MAX_SIZE = 8 << 20,
};

/* What is sent: each byte depends on its place, so that a shift or a gap changes the checksum. */
static unsigned char water[MAX_SIZE];

struct tank {
    int in, out; /* the writer's end and the reader's */
    int writer, reader;
    size_t size, drain;
    size_t poured, taken;
    uint64_t taken_sum;
    ssize_t first; /* what the first write returned, -1 for EAGAIN */
    int calls, shorts, full, rounds, said;
};

static const char *const vias[] = {"dup", "child", "self", NULL};
static const char *const writers[] = {"loop", "naive", NULL};
static const struct demo_param params[] = {
    {"sndbuf", "send buffer to ask for, in bytes; 0: leave it", 0, 1 << 20, 0, NULL},
    {"size", "bytes to write", 1, MAX_SIZE, 4 << 20, NULL},
    {"drain", "bytes the reader takes when the tank is full", 16384, 1 << 20, 131072, NULL},
    {"via", "who sets O_NONBLOCK", 0, 0, 0, vias},
    {"writer", "loop: send the rest; naive: write once", 0, 0, 0, writers},
    {NULL, NULL, 0, 0, 0, NULL},
};

/* FNV-1a, 64 bits: enough to see a byte lost, doubled or out of order. */
static uint64_t checksum(uint64_t sum, const unsigned char *data, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sum = (sum ^ data[i]) * 0x100000001b3u;
    }
    return sum;
}

static const uint64_t FNV_START = 0xcbf29ce484222325u;

static bool drawn(const struct tank *t)
{
    return t->rounds < DRAWN_ROUNDS;
}

/* One line of the table: what happened, and how full the tank is now. */
static void say_level(struct tank *t, const char *what)
{
    const size_t full = t->first > 0 ? (size_t)t->first : 1;
    size_t marks = (t->poured - t->taken) * BAR / full;
    char bar[BAR + 1];

    if (drawn(t)) {
        demo_point("tank", "in flight", (double)demo_now_ns() / 1e6,
                   (double)(t->poured - t->taken));
    }
    if (t->said++ >= SAID_LINES) {
        return;
    }
    marks = marks > BAR ? BAR : marks;
    memset(bar, '.', BAR);
    memset(bar, '#', marks);
    bar[BAR] = '\0';
    demo_say("%s [%s]", what, bar);
}

static void say_write(struct tank *t, size_t asked, ssize_t got)
{
    char what[64], result[24];

    snprintf(result, sizeof(result), "%zd", got);
    snprintf(what, sizeof(what), "write %8zu -> %7s", asked, got < 0 ? "EAGAIN" : result);
    say_level(t, what);
}

/* Sets O_NONBLOCK and, to compare, FD_CLOEXEC: the first is a status flag of the open file
 * description, the second belongs to the one descriptor. */
static void set_flags(int fd)
{
    const long flags = CHECK_SYS(fcntl(fd, F_GETFL));

    CHECK_SYS(fcntl(fd, F_SETFL, (int)flags | O_NONBLOCK));
    CHECK_SYS(fcntl(fd, F_SETFD, FD_CLOEXEC));
}

static void set_flags_via(const char *via, int fd)
{
    if (strcmp(via, "self") == 0) {
        set_flags(fd);
        return;
    }
    if (strcmp(via, "dup") == 0) {
        const int twin = (int)CHECK_SYS(dup(fd));
        set_flags(twin);
        CHECK_SYS(close(twin));
        return;
    }
    const int child = demo_fork();
    if (child == 0) {
        set_flags(fd);
        _exit(0);
    }
    int status = 0;
    CHECK_SYS(waitpid(child, &status, 0));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

struct flags {
    bool nonblock, cloexec;
};

static struct flags flags_seen(int fd)
{
    const struct flags f = {
        .nonblock = (CHECK_SYS(fcntl(fd, F_GETFL)) & O_NONBLOCK) != 0,
        .cloexec = (CHECK_SYS(fcntl(fd, F_GETFD)) & FD_CLOEXEC) != 0,
    };
    demo_say("  O_NONBLOCK %s   FD_CLOEXEC %s", f.nonblock ? "set" : "clear",
             f.cloexec ? "set" : "clear");
    return f;
}

static void judge_flags(const char *via, struct flags f)
{
    if (strcmp(via, "self") == 0) {
        demo_verdict_word("nonblock-on-description", DEMO_INCONCLUSIVE, "self",
                          "needs a second descriptor to set it through (via=dup or via=child)");
        return;
    }
    demo_verdict_word("nonblock-on-description", f.nonblock && !f.cloexec ? DEMO_PASS : DEMO_FAIL,
                      f.nonblock ? "shared" : "separate",
                      "O_NONBLOCK set elsewhere is seen here, FD_CLOEXEC is not");
}

/* One write of all that is left. False if nothing more can go in for now. */
static bool pour_once(struct tank *t)
{
    const size_t asked = t->size - t->poured;
    const bool draw = drawn(t);

    if (draw) {
        demo_begin(t->writer, DEMO_CALL, "write");
    }
    const ssize_t got = write(t->in, water + t->poured, asked);
    CHECK(got >= 0 || errno == EAGAIN);
    if (draw) {
        demo_end(t->writer);
    }
    if (t->calls++ == 0) {
        t->first = got;
    }
    if (got < 0) {
        t->full++;
        if (draw) {
            demo_note(t->writer, "EAGAIN", "%zu bytes left to send", asked);
        }
    } else {
        t->poured += (size_t)got;
        t->shorts += (size_t)got < asked;
    }
    say_write(t, asked, got);
    return got >= 0 && t->poured < t->size;
}

/* The reader takes at most limit bytes; returns false at end of file. MSG_DONTWAIT makes this one
 * call non-blocking: the reader's end is another open file description, and still blocking. */
static bool let_out(struct tank *t, size_t limit)
{
    unsigned char buf[CHUNK];
    size_t left = limit;

    while (left > 0) {
        const ssize_t got = recv(t->out, buf, left < CHUNK ? left : CHUNK, MSG_DONTWAIT);
        CHECK(got >= 0 || errno == EAGAIN);
        if (got == 0) {
            return false;
        }
        if (got < 0) {
            break;
        }
        t->taken_sum = checksum(t->taken_sum, buf, (size_t)got);
        t->taken += (size_t)got;
        left -= (size_t)got;
    }
    return true;
}

static void drain_some(struct tank *t)
{
    const size_t before = t->taken;
    const bool draw = drawn(t);
    char what[64];
    int arrow = 0;

    if (draw) {
        arrow = demo_send(t->writer, "bytes");
        demo_begin(t->reader, DEMO_CALL, "read");
        demo_recv(t->reader, "bytes", arrow);
    }
    CHECK(let_out(t, t->drain));
    if (draw) {
        demo_end(t->reader);
    }
    snprintf(what, sizeof(what), "   reader takes %11zu", t->taken - before);
    say_level(t, what);
    t->rounds++;
}

static void run(struct tank *t, bool naive)
{
    while (t->poured < t->size) {
        while (pour_once(t) && !naive) {
        }
        if (naive) {
            break;
        }
        if (t->poured < t->size) {
            drain_some(t);
        }
    }
    CHECK_SYS(shutdown(t->in, SHUT_WR));
    while (let_out(t, CHUNK)) {
    }
    if (t->said > SAID_LINES) {
        demo_say("  ... %d more lines like these", t->said - SAID_LINES);
    }
}

/* What arrived is the first due bytes of what was sent. */
static bool arrived(const struct tank *t, size_t due)
{
    return t->taken == due && t->taken_sum == checksum(FNV_START, water, due);
}

static void judge(const struct tank *t, bool naive)
{
    const size_t due = naive && t->first > 0 ? (size_t)t->first : t->size;
    const bool same = arrived(t, due);

    if (t->first == (ssize_t)t->size && same) {
        demo_verdict("partial-and-eagain", DEMO_INCONCLUSIVE, (double)t->first, "bytes",
                     "all of it fitted at once: raise size or lower sndbuf");
        return;
    }
    const bool ok = same && t->first > 0 && t->shorts > 0 && (naive || t->full > 0);
    demo_verdict("partial-and-eagain", ok ? DEMO_PASS : DEMO_FAIL, (double)t->first, "bytes",
                 naive ? "the first write is short, and only what it counted arrives"
                       : "first a short count, then EAGAIN; with the rest sent later, all arrives");
}

static void say_sums(const struct tank *t)
{
    demo_say("%d writes: %d short, %d EAGAIN", t->calls, t->shorts, t->full);
    demo_say("sent %zu, arrived %zu: %s", t->size, t->taken,
             arrived(t, t->size) ? "checksum agrees" : "NOT THE SAME");
    if (t->taken < t->size) {
        demo_say("%zu bytes were lost in silence", t->size - t->taken);
    }
}

static void open_tank(struct tank *t, int sndbuf)
{
    socklen_t len = sizeof(sndbuf);
    int pair[2];

    CHECK_SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    t->in = pair[0];
    t->out = pair[1];
    if (sndbuf > 0) {
        CHECK_SYS(setsockopt(t->in, SOL_SOCKET, SO_SNDBUF, &sndbuf, len));
    }
    CHECK_SYS(getsockopt(t->in, SOL_SOCKET, SO_SNDBUF, &sndbuf, &len));
    for (size_t i = 0; i < t->size; i++) {
        water[i] = (unsigned char)((i * 2654435761u) >> 13);
    }
    demo_say("socket pair, send buffer %d, to send %zu bytes", sndbuf, t->size);
}

int main(int argc, char **argv)
{
    struct tank t = {.taken_sum = FNV_START};

    demo_start(argc, argv, "A non-blocking write takes what fits", params);
    const char *via = demo_choice("via");
    const bool naive = strcmp(demo_choice("writer"), "naive") == 0;
    t.size = (size_t)demo_int("size");
    t.drain = (size_t)demo_int("drain");
    t.writer = demo_lane("writer");
    t.reader = demo_lane("reader");
    open_tank(&t, (int)demo_int("sndbuf"));
    demo_say("flags set by %s; seen on the writer's own descriptor:", via);
    set_flags_via(via, t.in);
    const struct flags flags = flags_seen(t.in);
    if (flags.nonblock) {
        run(&t, naive);
        say_sums(&t);
    }
    judge_flags(via, flags);
    if (flags.nonblock) {
        judge(&t, naive);
    } else {
        demo_verdict("partial-and-eagain", DEMO_INCONCLUSIVE, 0, "bytes",
                     "the writer's descriptor is still blocking: a write would sleep");
    }
    return demo_finish();
}
