/*
 * eintr-zoo.c: which sleeping calls SA_RESTART restarts, and which fail with EINTR all the same.
 *
 * Usage: eintr-zoo [call=all|NAME] [restart=both|off|on]
 * For each call a thread goes to sleep in it; once /proc shows it asleep it gets a signal whose
 * handler was installed with or without SA_RESTART. The call either returns EINTR, or the thread is
 * seen asleep again after the handler ran: then what it waits for is given to it, and it must
 * return as if nothing had happened. No outcome depends on how long anything takes.
 *
 * Proves: restart-depends-on-call  signal(7) "Interruption of system calls"
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "demo.h"

enum { LOOK_NS = 200000, MAX_LOOKS = 10000, LONG_S = 30 };

/* What the calls sleep on; made anew for each cell of the table. */
struct stage {
    int pipe[2];
    int pair[2];
    int listener;
    int client;
    int epoll;
    pid_t child;
    sem_t sem;
};

/* ---- the calls, each asleep until its release ---- */

static long sleep_read(struct stage *s)
{
    char byte;

    return read(s->pipe[0], &byte, 1);
}

static void wake_pipe(struct stage *s)
{
    CHECK(write(s->pipe[1], "x", 1) == 1);
}

static long sleep_write(struct stage *s)
{
    return write(s->pair[0], "x", 1);
}

static void wake_write(struct stage *s)
{
    char buf[65536];

    while (recv(s->pair[1], buf, sizeof(buf), MSG_DONTWAIT) > 0) {
    }
}

static long sleep_accept(struct stage *s)
{
    const int fd = accept(s->listener, NULL, NULL);

    return fd < 0 ? -1 : close(fd) + 1;
}

static void wake_accept(struct stage *s)
{
    struct sockaddr_in addr;
    socklen_t len = sizeof(addr);

    CHECK_SYS(getsockname(s->listener, (struct sockaddr *)&addr, &len));
    CHECK_SYS(connect(s->client, (struct sockaddr *)&addr, len));
}

static long sleep_waitpid(struct stage *s)
{
    return waitpid(s->child, NULL, 0) == s->child ? 1 : -1;
}

static void wake_waitpid(struct stage *s)
{
    CHECK_SYS(kill(s->child, SIGKILL));
}

static long sleep_sem(struct stage *s)
{
    return sem_wait(&s->sem) == 0 ? 1 : -1;
}

static void wake_sem(struct stage *s)
{
    CHECK_SYS(sem_post(&s->sem));
}

static long sleep_recv_timeout(struct stage *s)
{
    char byte;

    return recv(s->pair[0], &byte, 1, 0);
}

static void wake_recv(struct stage *s)
{
    CHECK(write(s->pair[1], "x", 1) == 1);
}

static long sleep_poll(struct stage *s)
{
    struct pollfd p = {.fd = s->pipe[0], .events = POLLIN};

    return poll(&p, 1, -1);
}

static long sleep_select(struct stage *s)
{
    fd_set set;

    FD_ZERO(&set);
    FD_SET(s->pipe[0], &set);
    return select(s->pipe[0] + 1, &set, NULL, NULL, NULL);
}

static long sleep_epoll(struct stage *s)
{
    struct epoll_event event;

    return epoll_wait(s->epoll, &event, 1, -1);
}

static long sleep_nanosleep(struct stage *s)
{
    const struct timespec limit = {.tv_sec = LONG_S};

    (void)s;
    return nanosleep(&limit, NULL) == 0 ? 1 : -1;
}

/* restarts: what signal(7) says of the call under SA_RESTART. wake == NULL: nothing but a signal
 * can end it early. */
static const struct animal {
    const char *name;
    bool restarts;
    long (*sleep)(struct stage *s);
    void (*wake)(struct stage *s);
} zoo[] = {
    {"read", true, sleep_read, wake_pipe},
    {"write", true, sleep_write, wake_write},
    {"accept", true, sleep_accept, wake_accept},
    {"waitpid", true, sleep_waitpid, wake_waitpid},
    {"sem_wait", true, sleep_sem, wake_sem},
    {"recv-timeout", false, sleep_recv_timeout, wake_recv},
    {"poll", false, sleep_poll, wake_pipe},
    {"select", false, sleep_select, wake_pipe},
    {"epoll_wait", false, sleep_epoll, wake_pipe},
    {"nanosleep", false, sleep_nanosleep, NULL},
};
enum { ANIMALS = sizeof(zoo) / sizeof(zoo[0]) };

static const char *const calls[] = {"all",     "read",       "write",        "accept",
                                    "waitpid", "sem_wait",   "recv-timeout", "poll",
                                    "select",  "epoll_wait", "nanosleep",    NULL};
static const char *const restarts[] = {"both", "off", "on", NULL};
static const struct demo_param params[] = {
    {"call", "the call to sleep in", 0, 0, 0, calls},
    {"restart", "install the handler with SA_RESTART", 0, 0, 0, restarts},
    {NULL, NULL, 0, 0, 0, NULL},
};

/* ---- the stage ---- */

static pid_t sleeping_child(void)
{
    const pid_t child = demo_fork();

    if (child == 0) {
        for (;;) {
            pause();
        }
    }
    return child;
}

/* A send buffer with no room left, so that the next write sleeps. */
static void fill(int fd)
{
    static const char water[65536];

    while (send(fd, water, sizeof(water), MSG_DONTWAIT) > 0) {
    }
    CHECK(errno == EAGAIN);
}

/* SO_RCVTIMEO puts a time limit on receiving: such a call is never restarted. */
static void limit_receiving(int fd)
{
    const struct timeval limit = {.tv_sec = LONG_S};

    CHECK_SYS(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
}

static void stage_init(struct stage *s, const struct animal *a)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    CHECK_SYS(pipe(s->pipe));
    CHECK_SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, s->pair));
    s->listener = (int)CHECK_SYS(socket(AF_INET, SOCK_STREAM, 0));
    CHECK_SYS(bind(s->listener, (struct sockaddr *)&addr, sizeof(addr)));
    CHECK_SYS(listen(s->listener, 1));
    s->client = (int)CHECK_SYS(socket(AF_INET, SOCK_STREAM, 0));
    s->epoll = (int)CHECK_SYS(epoll_create1(0));
    CHECK_SYS(epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->pipe[0], &event));
    CHECK_SYS(sem_init(&s->sem, 0, 0));
    s->child = a->sleep == sleep_waitpid ? sleeping_child() : 0;
    if (a->sleep == sleep_write) {
        fill(s->pair[0]);
    }
    if (a->sleep == sleep_recv_timeout) {
        limit_receiving(s->pair[0]);
    }
}

static void stage_release(struct stage *s)
{
    const int fds[] = {s->pipe[0],  s->pipe[1], s->pair[0], s->pair[1],
                       s->listener, s->client,  s->epoll};

    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        CHECK_SYS(close(fds[i]));
    }
    CHECK_SYS(sem_destroy(&s->sem));
    if (s->child > 0 && waitpid(s->child, NULL, WNOHANG) == 0) {
        CHECK_SYS(kill(s->child, SIGKILL));
        CHECK_SYS(waitpid(s->child, NULL, 0));
    }
}

/* ---- the sleeper and the one who wakes it ---- */

struct sleeper {
    const struct animal *animal;
    struct stage stage;
    int lane;
    atomic_int tid; /* set when the next thing the thread does is the call */
    atomic_bool done;
    long result;
    int error;
};

static atomic_int handled;

static void on_signal(int sig)
{
    (void)sig;
    atomic_fetch_add(&handled, 1);
}

static void *sleeper_main(void *arg)
{
    struct sleeper *s = arg;

    demo_begin(s->lane, DEMO_BLOCK, s->animal->name);
    atomic_store(&s->tid, gettid());
    s->result = s->animal->sleep(&s->stage);
    s->error = s->result < 0 ? errno : 0;
    atomic_store(&s->done, true);
    demo_end(s->lane);
    return NULL;
}

/* The state letter of a thread, field 3 of its stat; the name before it may hold blanks. */
static char state_of(int tid)
{
    char path[64], text[512];

    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return '?';
    }
    const ssize_t n = read(fd, text, sizeof(text) - 1);
    CHECK_SYS(close(fd));
    text[n > 0 ? n : 0] = '\0';
    const char *paren = strrchr(text, ')');
    if (paren == NULL || paren[1] != ' ') {
        return '?';
    }
    return paren[2];
}

/* Waits until the thread sleeps in its call (true) or has left it (false). done is read after the
 * state: a thread that slept and was not done then was asleep in the call. */
static bool asleep(const struct sleeper *s)
{
    for (int looks = 0;; looks++) {
        const int tid = atomic_load(&s->tid);
        const bool sleeps = tid != 0 && state_of(tid) == 'S';
        if (atomic_load(&s->done)) {
            return false;
        }
        if (sleeps) {
            return true;
        }
        CHECK(looks < MAX_LOOKS);
        demo_sleep_ns(LOOK_NS);
    }
}

static void await_handler(int before)
{
    for (int looks = 0; atomic_load(&handled) == before; looks++) {
        CHECK(looks < MAX_LOOKS);
        demo_sleep_ns(LOOK_NS);
    }
}

static void install(int sig, int flags)
{
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};

    CHECK_SYS(sigaction(sig, &action, NULL));
}

/* Lets a restarted call end: by what it waits for, or by a signal without SA_RESTART. */
static void let_end(struct sleeper *s, pthread_t thread)
{
    if (s->animal->wake != NULL) {
        s->animal->wake(&s->stage);
    } else {
        CHECK_PTHREAD(pthread_kill(thread, SIGUSR2));
    }
}

/* One cell of the table: true if the call was restarted, false if it failed with EINTR. */
static bool interrupt(const struct animal *a, bool restart, int lane)
{
    struct sleeper s = {.animal = a, .lane = lane};
    pthread_t thread;

    stage_init(&s.stage, a);
    install(SIGUSR1, restart ? SA_RESTART : 0);
    CHECK_PTHREAD(pthread_create(&thread, NULL, sleeper_main, &s));
    CHECK(asleep(&s));

    const int before = atomic_load(&handled);
    const int arrow = demo_send(0, "signal");
    CHECK_PTHREAD(pthread_kill(thread, SIGUSR1));
    await_handler(before);
    demo_recv(lane, "signal", arrow);
    const bool restarted = asleep(&s);
    if (restarted) {
        demo_note(lane, "restarted", "%s sleeps again", a->name);
        let_end(&s, thread);
    }
    CHECK_PTHREAD(pthread_join(thread, NULL));
    CHECK(restarted ? s.result > 0 || a->wake == NULL : s.error == EINTR);
    if (!restarted) {
        demo_note(lane, "EINTR", "%s", a->name);
    }
    stage_release(&s.stage);
    return restarted;
}

/* ---- the table ---- */

/* What the chosen cells showed. */
struct tally {
    int cells, wrong;
    int restarted, eintr; /* with SA_RESTART */
};

static const char *cell(const struct animal *a, bool restart, struct tally *t, int lane)
{
    const bool restarted = interrupt(a, restart, lane);

    t->cells++;
    t->wrong += restarted != (restart && a->restarts);
    if (restart) {
        t->restarted += restarted;
        t->eintr += !restarted;
    }
    return restarted ? "restarted" : "EINTR";
}

static void row(const struct animal *a, const char *mode, struct tally *t)
{
    const int lane = demo_lane(a->name);
    const char *off = strcmp(mode, "on") != 0 ? cell(a, false, t, lane) : "-";
    const char *on = strcmp(mode, "off") != 0 ? cell(a, true, t, lane) : "-";

    demo_say("  %-14s %-14s %s", a->name, off, on);
}

static void judge(const struct tally *t)
{
    const double measured = t->eintr;

    if (t->wrong > 0) {
        demo_verdict("restart-depends-on-call", DEMO_FAIL, measured, "calls",
                     "each call does under SA_RESTART what signal(7) lists, and EINTR without");
    } else if (t->restarted == 0 || t->eintr == 0) {
        demo_verdict("restart-depends-on-call", DEMO_INCONCLUSIVE, measured, "calls",
                     "needs SA_RESTART on a call of each kind: take call=all");
    } else {
        demo_verdict("restart-depends-on-call", DEMO_PASS, measured, "calls",
                     "each call does under SA_RESTART what signal(7) lists, and EINTR without");
    }
}

int main(int argc, char **argv)
{
    struct tally tally = {0};

    demo_start(argc, argv, "A signal meets a sleeping call, with and without SA_RESTART", params);
    install(SIGUSR2, 0);
    demo_say("a thread sleeps in a call, a signal handler runs");
    demo_say("  %-14s %-14s %s", "call", "plain", "with SA_RESTART");
    for (int i = 0; i < ANIMALS; i++) {
        const char *chosen = demo_choice("call");
        if (strcmp(chosen, "all") == 0 || strcmp(chosen, zoo[i].name) == 0) {
            row(&zoo[i], demo_choice("restart"), &tally);
        }
    }
    demo_say("with SA_RESTART %d restarted, %d failed with EINTR", tally.restarted, tally.eintr);
    judge(&tally);
    return demo_finish();
}
