/*
 * endings.c: how a conversation ends: what poll, read and write say, for three ways and channels.
 *
 * Usage: endings [how=all|half|fin|rst] [transport=all|pipe|unix|tcp] [unread=BYTES]
 *   half  the peer ends its sending side and goes on reading
 *   fin   the peer has read everything and closes
 *   rst   the peer closes with two of our bytes unread: sockets are reset
 * Before each ending the peer leaves unread bytes for us. A pipe pair stands for a two-way channel.
 * TCP is loopback. Every wait is for an event poll must report; nothing is timed.
 *
 * Proves: zero-is-eof, gone-reader-sigpipe  read(2), write(2) EPIPE, pipe(7), send(2)
 *         taken-not-delivered  send(2) DESCRIPTION
 *         hup-keeps-data, half-close-writable  poll(2) POLLHUP and POLLRDHUP
 *         reset-not-eof  RFC 9293 section 3.6.1
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo.h"

enum { READS = 3, MAX_UNREAD = 999, PATIENCE_MS = 5000 };

enum how { HALF, FIN, RST, HOWS };
enum transport { PIPE, UNIX, TCP, TRANSPORTS };

static const char *const how_names[] = {"half", "fin", "rst"};
static const char *const how_texts[] = {
    "half: the peer ends its sending side only",
    "fin: the peer has read everything and closes",
    "rst: the peer closes with 2 of our bytes unread",
};
static const char *const transport_names[] = {"pipe", "unix", "tcp"};

static const char *const hows[] = {"all", "half", "fin", "rst", NULL};
static const char *const transports[] = {"all", "pipe", "unix", "tcp", NULL};
static const struct demo_param params[] = {
    {"how", "how the peer ends", 0, 0, 0, hows},
    {"transport", "over what", 0, 0, 0, transports},
    {"unread", "bytes the peer leaves for us", 0, MAX_UNREAD, 5, NULL},
    {NULL, NULL, 0, 0, 0, NULL},
};

/* Our two descriptors and the peer's; on a socket both of a side are the same one. */
struct link {
    bool socket;
    int in, out;
    int peer_in, peer_out;
    int lane;
};

/* What one ending looked like from our side. */
struct seen {
    int before;    /* errno of a read while the peer was there and silent */
    short in, out; /* revents of both descriptors after the end */
    ssize_t read[READS];
    int read_errno[READS];
    int accepted;  /* writes that succeeded */
    int epipe;     /* writes that failed with EPIPE */
    int signals;   /* SIGPIPEs that came with them */
    int quiet;     /* SIGPIPEs that came with MSG_NOSIGNAL; -1: not tried */
    bool killed;   /* a child with the default action died of it */
    bool peer_got; /* the peer read what we wrote after the end */
};

/* How many endings a claim was tried on, and how many went as it says. */
struct tally {
    int tried, kept;
};

static int peer_lane;
static struct tally eof, sigpipe, taken, hup, half, reset;
static double after_hup; /* least result of a first read after POLLHUP; if hup.tried */

static volatile sig_atomic_t sigpipes;

static void on_sigpipe(int sig)
{
    (void)sig;
    sigpipes++;
}

static void count(struct tally *t, bool kept)
{
    t->tried++;
    t->kept += kept;
}

static void set_nonblock(int fd)
{
    const long flags = CHECK_SYS(fcntl(fd, F_GETFL));

    CHECK_SYS(fcntl(fd, F_SETFL, (int)flags | O_NONBLOCK));
}

static void tcp_pair(int pair[2])
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);
    const int listener = (int)CHECK_SYS(socket(AF_INET, SOCK_STREAM, 0));

    CHECK_SYS(bind(listener, (struct sockaddr *)&addr, len));
    CHECK_SYS(getsockname(listener, (struct sockaddr *)&addr, &len));
    CHECK_SYS(listen(listener, 1));
    pair[0] = (int)CHECK_SYS(socket(AF_INET, SOCK_STREAM, 0));
    CHECK_SYS(connect(pair[0], (struct sockaddr *)&addr, len));
    pair[1] = (int)CHECK_SYS(accept(listener, NULL, NULL));
    CHECK_SYS(close(listener));
}

static struct link link_open(enum transport transport, int lane)
{
    struct link l = {.socket = transport != PIPE, .lane = lane};
    int to_us[2], to_peer[2];

    if (transport == PIPE) {
        CHECK_SYS(pipe(to_us));
        CHECK_SYS(pipe(to_peer));
        l.in = to_us[0];
        l.peer_out = to_us[1];
        l.peer_in = to_peer[0];
        l.out = to_peer[1];
    } else if (transport == UNIX) {
        CHECK_SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, to_us));
    } else {
        tcp_pair(to_us);
    }
    if (l.socket) {
        l.in = l.out = to_us[0];
        l.peer_in = l.peer_out = to_us[1];
    }
    set_nonblock(l.in);
    set_nonblock(l.out);
    return l;
}

/* ---- what was seen, in words ---- */

static void add_word(char *text, size_t size, const char *word)
{
    const size_t used = strlen(text);

    snprintf(text + used, size - used, "%s%s", used > 0 ? " " : "", word);
}

static void bits_text(char *text, size_t size, short bits)
{
    static const struct {
        short bit;
        const char *name;
    } names[] = {
        {POLLIN, "IN"}, {POLLOUT, "OUT"}, {POLLRDHUP, "RDHUP"}, {POLLHUP, "HUP"}, {POLLERR, "ERR"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (bits & names[i].bit) {
            add_word(text, size, names[i].name);
        }
    }
}

static void poll_text(char *text, size_t size, bool socket, const struct seen *s)
{
    text[0] = '\0';
    bits_text(text, size, s->in);
    if (!socket) {
        add_word(text, size, "/");
        bits_text(text, size, s->out);
    }
}

static void reads_text(char *text, size_t size, const struct seen *s)
{
    char word[24];

    text[0] = '\0';
    for (int i = 0; i < READS; i++) {
        snprintf(word, sizeof(word), "%zd", s->read[i]);
        add_word(text, size, s->read[i] < 0 ? demo_errno_name(s->read_errno[i]) : word);
    }
}

/* Waits until poll reports something on fd; POLLERR and POLLHUP are always reported. */
static void await(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    CHECK(poll(&p, 1, PATIENCE_MS) == 1);
}

static short revents(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    CHECK_SYS(poll(&p, 1, 0));
    return p.revents;
}

static void peer_ends(const struct link *l, enum how how)
{
    const int arrow = demo_send(peer_lane, how_names[how]);

    if (how == HALF && l->socket) {
        CHECK_SYS(shutdown(l->peer_out, SHUT_WR));
    } else {
        CHECK_SYS(close(l->peer_out));
    }
    if (how != HALF && !l->socket) {
        CHECK_SYS(close(l->peer_in));
    }
    if (how == RST && l->socket) {
        await(l->in, 0);
    } else {
        await(l->in, l->socket ? POLLRDHUP : 0);
    }
    demo_recv(l->lane, how_names[how], arrow);
}

static void read_all(const struct link *l, struct seen *s)
{
    char buf[MAX_UNREAD + 1];

    for (int i = 0; i < READS; i++) {
        demo_begin(l->lane, DEMO_CALL, "read");
        s->read[i] = read(l->in, buf, sizeof(buf));
        s->read_errno[i] = s->read[i] < 0 ? errno : 0;
        demo_end(l->lane);
    }
}

/* A child that has not touched the default action of SIGPIPE. */
static bool killed_by_write(int fd)
{
    int status = 0;
    const int child = demo_fork();

    if (child == 0) {
        signal(SIGPIPE, SIG_DFL);
        (void)!write(fd, "x", 1);
        _exit(0);
    }
    CHECK_SYS(waitpid(child, &status, 0));
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE;
}

static bool write_one(const struct link *l, struct seen *s)
{
    const int before = sigpipes;
    demo_begin(l->lane, DEMO_CALL, "write");
    const ssize_t got = write(l->out, "x", 1);
    CHECK(got == 1 || errno == EPIPE);
    s->accepted += got == 1;
    s->epipe += got < 0;
    s->signals += sigpipes - before;
    demo_end(l->lane);
    demo_note(l->lane, "write", "%s", got == 1 ? "1" : "EPIPE");
    return got == 1;
}

/* Writes after the end. The first write to a closed TCP peer is taken: only the peer's answer, a
 * reset, tells our kernel that nobody reads; the second one then fails. */
static void write_after(const struct link *l, enum how how, struct seen *s)
{
    char byte = 0;

    s->quiet = -1;
    if (write_one(l, s) && how == HALF) {
        await(l->peer_in, POLLIN);
        s->peer_got = read(l->peer_in, &byte, 1) == 1 && byte == 'x';
        return;
    }
    if (s->epipe == 0) {
        await(l->out, 0);
        write_one(l, s);
    }
    if (l->socket) {
        const int before = sigpipes;
        CHECK(send(l->out, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
        s->quiet = sigpipes - before;
    }
    s->killed = killed_by_write(l->out);
}

static void link_close(const struct link *l, enum how how)
{
    CHECK_SYS(close(l->in));
    if (!l->socket) {
        CHECK_SYS(close(l->out));
    }
    if (how == HALF) {
        CHECK_SYS(close(l->peer_in));
    }
}

static struct seen observe(enum transport transport, enum how how, size_t unread)
{
    static const char bytes[MAX_UNREAD];
    struct seen s = {0};
    char byte, text[64];

    snprintf(text, sizeof(text), "%s %s", transport_names[transport], how_names[how]);
    const struct link l = link_open(transport, demo_lane(text));

    s.before = read(l.in, &byte, 1) < 0 ? errno : 0;
    if (unread > 0) {
        CHECK(write(l.peer_out, bytes, unread) == (ssize_t)unread);
        await(l.in, POLLIN);
    }
    if (how == RST) {
        CHECK(write(l.out, "no", 2) == 2);
        await(l.peer_in, POLLIN);
    }
    peer_ends(&l, how);
    s.in = revents(l.in, l.socket ? POLLIN | POLLOUT | POLLRDHUP : POLLIN);
    s.out = l.socket ? s.in : revents(l.out, POLLOUT);
    poll_text(text, sizeof(text), l.socket, &s);
    demo_note(l.lane, "poll", "%s", text);
    read_all(&l, &s);
    reads_text(text, sizeof(text), &s);
    demo_note(l.lane, "read", "%s", text);
    write_after(&l, how, &s);
    link_close(&l, how);
    return s;
}

static void report(enum transport transport, const struct seen *s)
{
    const char *name = transport_names[transport];
    char bits[64], reads[64], writes[64] = "";

    poll_text(bits, sizeof(bits), transport != PIPE, s);
    reads_text(reads, sizeof(reads), s);
    if (s->accepted > 0) {
        add_word(writes, sizeof(writes), "ok");
    }
    if (s->epipe > 0) {
        add_word(writes, sizeof(writes), s->signals > 0 ? "EPIPE+SIGPIPE" : "EPIPE");
    }
    demo_say("%-4s %-20s %-16s %s", name, bits, reads, writes);
}

/* ---- what it says about the claims ---- */

/* The reads gave all unread bytes and then only what last says: 0, or a reset and then 0. */
static bool reads_are(const struct seen *s, size_t unread, int then_errno)
{
    int i = 0;

    if (unread > 0 && s->read[i++] != (ssize_t)unread) {
        return false;
    }
    if (then_errno != 0 && (s->read[i] != -1 || s->read_errno[i++] != then_errno)) {
        return false;
    }
    for (; i < READS; i++) {
        if (s->read[i] != 0) {
            return false;
        }
    }
    return true;
}

static void weigh_reads(enum transport transport, enum how how, size_t unread, const struct seen *s)
{
    const double got = (double)s->read[0];

    if (how == RST && transport != PIPE) {
        bool before_eof = false;
        for (int i = 0; i < READS && s->read[i] != 0; i++) {
            before_eof |= s->read_errno[i] == ECONNRESET;
        }
        count(&reset, before_eof);
    } else {
        count(&eof, s->before == EAGAIN && reads_are(s, unread, 0));
    }
    if (unread > 0 && (s->in & POLLHUP)) {
        after_hup = hup.tried == 0 || got < after_hup ? got : after_hup;
        count(&hup, s->read[0] == (ssize_t)unread);
    }
}

static void weigh_writes(enum transport transport, enum how how, const struct seen *s)
{
    const int want = POLLIN | POLLRDHUP | POLLOUT;

    if (how != HALF) {
        count(&sigpipe, s->epipe == 1 && s->signals == 1 && s->quiet <= 0 && s->killed);
        if (how == FIN && transport == TCP) {
            count(&taken, s->accepted == 1);
        }
    } else if (transport != PIPE) {
        count(&half, (s->in & (want | POLLHUP)) == want && s->peer_got);
    }
}

static void verdict(const char *claim, const struct tally *t, const char *kept, const char *broken,
                    const char *rule, const char *needs)
{
    if (t->tried == 0) {
        demo_verdict_word(claim, DEMO_INCONCLUSIVE, "none", needs);
    } else {
        const bool ok = t->kept == t->tried;
        demo_verdict_word(claim, ok ? DEMO_PASS : DEMO_FAIL, ok ? kept : broken, rule);
    }
}

static void verdicts(void)
{
    verdict("zero-is-eof", &eof, "eof", "other",
            "EAGAIN while the peer is silent; after its end the bytes, then 0, and 0 again",
            "a reset reports an error first: take how=half, how=fin or a pipe");
    verdict("gone-reader-sigpipe", &sigpipe, "both", "other",
            "EPIPE with one SIGPIPE; none with MSG_NOSIGNAL; the default action kills",
            "after half the peer still reads: take how=fin or how=rst");
    verdict("taken-not-delivered", &taken, "ok", "epipe",
            "the first write to a TCP peer that has closed still succeeds",
            "needs how=fin over tcp: a local channel knows at once that its reader is gone");
    if (hup.tried == 0) {
        demo_verdict("hup-keeps-data", DEMO_INCONCLUSIVE, -1, "bytes",
                     "no POLLHUP with bytes unread here: take a pipe, unread above 0");
    } else {
        demo_verdict("hup-keeps-data", hup.kept == hup.tried ? DEMO_PASS : DEMO_FAIL, after_hup,
                     "bytes", "with POLLHUP reported, a read still returns every unread byte");
    }
    verdict("half-close-writable", &half, "in+out+rdhup", "other",
            "POLLIN, POLLRDHUP and POLLOUT without POLLHUP, and the peer gets our byte",
            "needs how=half on a socket; a pipe has one direction only");
    verdict("reset-not-eof", &reset, "econnreset", "eof",
            "ECONNRESET is reported before any read returns 0",
            "needs how=rst on a socket; a pipe has no reset");
}

static bool chosen(const char *param, const char *name)
{
    const char *value = demo_choice(param);

    return strcmp(value, "all") == 0 || strcmp(value, name) == 0;
}

int main(int argc, char **argv)
{
    const struct sigaction counting = {.sa_handler = on_sigpipe};

    demo_start(argc, argv, "How a conversation ends", params);
    peer_lane = demo_lane("peer");
    CHECK_SYS(sigaction(SIGPIPE, &counting, NULL));
    const size_t unread = (size_t)demo_int("unread");

    demo_say("the peer leaves %zu unread bytes, then ends", unread);
    demo_say("%-4s %-20s %-16s %s", "", "poll reports", "three reads", "writes");
    for (enum how how = HALF; how < HOWS; how++) {
        if (!chosen("how", how_names[how])) {
            continue;
        }
        demo_say("%s", how_texts[how]);
        for (enum transport transport = PIPE; transport < TRANSPORTS; transport++) {
            if (!chosen("transport", transport_names[transport])) {
                continue;
            }
            const struct seen s = observe(transport, how, unread);
            report(transport, &s);
            weigh_reads(transport, how, unread, &s);
            weigh_writes(transport, how, &s);
        }
    }
    if (chosen("transport", transport_names[PIPE]))
        demo_say("pipe: our reading end / our writing end");
    verdicts();
    return demo_finish();
}
