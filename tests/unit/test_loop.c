/*
 * test_loop.c: the event loop: descriptors, timers and signals, and everything that a callback may
 * do to them while a turn is going on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/epoll.h>

#include "turns.h"

/* One end of a pipe under watch, and what its callback has seen. */
struct listener {
    struct loop *loop;
    int fds[2];
    struct watch *watch;
    int calls;
    uint32_t events;                 /* of the last call */
    void (*then)(struct listener *); /* what the callback does besides, NULL for nothing */
    void *arg;
};

static void on_ready(void *user, uint32_t events)
{
    struct listener *li = user;

    li->calls++;
    li->events = events;
    if (li->then)
        li->then(li);
}

/* A pipe with a byte in it, watched. */
static void listen_ready(struct listener *li, struct loop *l, const void *owner)
{
    struct err e = {""};

    *li = (struct listener){.loop = l};
    assert_int_equal(pipe2(li->fds, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(write(li->fds[1], "x", 1), 1);
    li->watch = loop_watch(l, owner, li->fds[0], EPOLLIN, on_ready, li, &e);
    if (!li->watch)
        fail_msg("%s", e.text);
}

static void unlisten(struct listener *li)
{
    loop_unwatch(li->loop, li->watch); /* NULL is fine */
    close(li->fds[0]);
    close(li->fds[1]);
}

static void read_byte(struct listener *li)
{
    char byte;

    assert_int_equal(read(li->fds[0], &byte, 1), 1);
}

static void unwatch_itself(struct listener *li)
{
    loop_unwatch(li->loop, li->watch);
    li->watch = NULL;
}

/* ---- descriptors ---- */

static void a_ready_descriptor_is_reported_until_it_is_read(void **unused)
{
    (void)unused;
    struct loop *l = new_loop();
    struct listener li;

    listen_ready(&li, l, NULL);
    loop_turn(l, -1);
    loop_turn(l, -1);
    assert_int_equal(li.calls, 2);
    assert_int_equal(li.events, EPOLLIN);
    read_byte(&li);
    loop_turn(l, 0);
    assert_int_equal(li.calls, 2);
    unlisten(&li);
    loop_free(l);
}

static void a_hang_up_is_reported(void **unused)
{
    (void)unused;
    struct loop *l = new_loop();
    struct listener li;

    listen_ready(&li, l, NULL);
    read_byte(&li);
    close(li.fds[1]);
    loop_turn(l, -1);
    assert_int_equal(li.calls, 1);
    assert_int_equal(li.events, EPOLLHUP);
    li.fds[1] = dup(li.fds[0]);
    unlisten(&li);
    loop_free(l);
}

static void an_unwatched_descriptor_is_silent_and_open(void **unused)
{
    (void)unused;
    struct loop *l = new_loop();
    struct listener li;

    listen_ready(&li, l, NULL);
    unwatch_itself(&li);
    loop_turn(l, 0);
    assert_int_equal(li.calls, 0);
    read_byte(&li);
    unlisten(&li);
    loop_free(l);
}

/* epoll keeps the registration as long as any copy of the descriptor is open. */
static void a_copy_of_an_unwatched_descriptor_is_silent(void **unused)
{
    (void)unused;
    struct loop *l = new_loop();
    struct listener li;

    listen_ready(&li, l, NULL);
    const int copy = dup(li.fds[0]);
    assert_true(copy >= 0);
    unwatch_itself(&li);
    close(li.fds[0]);
    const int64_t start_ms = loop_now_ms();
    loop_turn(l, 25);
    assert_true(loop_now_ms() - start_ms >= 24); /* nor does it wake the loop */
    assert_int_equal(li.calls, 0);
    li.fds[0] = copy;
    unlisten(&li);
    loop_free(l);
}

static void what_cannot_be_watched_is_refused_by_name(void **unused)
{
    (void)unused;
    struct loop *l = new_loop();
    struct listener li;
    struct err e = {""};
    const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    assert_null(loop_watch(l, NULL, 12345, EPOLLIN, on_ready, NULL, &e));
    assert_non_null(strstr(e.text, "12345"));
    assert_null(loop_watch(l, NULL, file, EPOLLIN, on_ready, NULL, &e));
    listen_ready(&li, l, NULL);
    assert_null(loop_watch(l, NULL, li.fds[0], EPOLLIN, on_ready, &li, NULL));
    unlisten(&li);
    close(file);
    loop_free(l);
}

static void a_watch_may_remove_itself(void **unused)
{
    (void)unused;
    struct loop *l = new_loop();
    struct listener li;

    listen_ready(&li, l, NULL);
    li.then = unwatch_itself;
    loop_turn(l, -1);
    loop_turn(l, 0);
    assert_int_equal(li.calls, 1);
    unlisten(&li);
    loop_free(l);
}

enum { CROWD = 6, LONG_QUEUE = 40 /* more than one batch of events */ };

static int sum_calls(const struct listener *all, size_t n)
{
    int sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += all[i].calls;
    return sum;
}

static void unwatch_all_others(struct listener *li)
{
    struct listener *all = li->arg;

    for (size_t i = 0; i < CROWD; i++)
        if (&all[i] != li)
            unwatch_itself(&all[i]);
}

static void a_watch_removed_by_another_of_the_same_batch_is_not_called(void **unused)
{
    (void)unused;
    struct loop *l = new_loop();
    struct listener all[CROWD];

    for (size_t i = 0; i < CROWD; i++) {
        listen_ready(&all[i], l, NULL);
        all[i].then = unwatch_all_others;
        all[i].arg = all;
    }
    loop_turn(l, -1);
    assert_int_equal(sum_calls(all, CROWD), 1);
    for (size_t i = 0; i < CROWD; i++)
        unlisten(&all[i]);
    loop_free(l);
}

/* Two that are ready, and a quiet pipe that takes the number of the one that is called second. */
struct duel {
    struct listener a, b, quiet;
};

static void put_the_quiet_one_in_place_of_the_other(struct listener *li)
{
    struct duel *d = li->arg;
    struct listener *other = li == &d->a ? &d->b : &d->a;
    struct err e = {""};

    unwatch_itself(other);
    assert_int_equal(pipe2(d->quiet.fds, O_CLOEXEC), 0);
    assert_int_equal(dup2(d->quiet.fds[0], other->fds[0]), other->fds[0]);
    d->quiet.loop = li->loop;
    d->quiet.watch = loop_watch(li->loop, NULL, other->fds[0], EPOLLIN, on_ready, &d->quiet, &e);
    assert_non_null(d->quiet.watch);
    li->then = NULL;
}

static void a_stale_event_does_not_reach_the_new_owner_of_a_number(void **unused)
{
    (void)unused;
    struct loop *l = new_loop();
    struct duel d = {0};

    listen_ready(&d.a, l, NULL);
    listen_ready(&d.b, l, NULL);
    d.a.then = d.b.then = put_the_quiet_one_in_place_of_the_other;
    d.a.arg = d.b.arg = &d;
    loop_turn(l, -1);
    assert_int_equal(d.a.calls + d.b.calls, 1);
    assert_int_equal(d.quiet.calls, 0);
    unlisten(&d.quiet);
    unlisten(&d.a);
    unlisten(&d.b);
    loop_free(l);
}

static void nobody_starves_in_a_long_queue(void **unused)
{
    (void)unused;
    struct loop *l = new_loop();
    struct listener all[LONG_QUEUE];

    for (size_t i = 0; i < LONG_QUEUE; i++)
        listen_ready(&all[i], l, NULL);
    for (int turn = 0; turn < 4; turn++) /* they all stay ready all the time */
        loop_turn(l, -1);
    for (size_t i = 0; i < LONG_QUEUE; i++) {
        assert_true(all[i].calls > 0);
        unlisten(&all[i]);
    }
    loop_free(l);
}

/* ---- owners ---- */

static void count_call(void *user)
{
    ++*(int *)user;
}

static void drop_owner(struct listener *li)
{
    loop_drop_owner(li->loop, li->arg);
    li->watch = NULL;
}

static void dropping_an_owner_removes_all_it_has_and_nothing_else(void **unused)
{
    (void)unused;
    struct loop *l = new_loop();
    struct listener gone[3], stays;
    const int owner = 0, other = 0;
    int gone_timers = 0, stay_timers = 0;

    for (size_t i = 0; i < ARRAY_LEN(gone); i++) {
        listen_ready(&gone[i], l, &owner);
        loop_after(l, &owner, 0, count_call, &gone_timers);
    }
    listen_ready(&stays, l, &other);
    loop_after(l, &other, 0, count_call, &stay_timers);
    loop_drop_owner(l, &owner);
    while (stay_timers == 0)
        loop_turn(l, -1);
    assert_int_equal(sum_calls(gone, ARRAY_LEN(gone)), 0);
    assert_int_equal(gone_timers, 0);
    assert_true(stays.calls > 0);
    for (size_t i = 0; i < ARRAY_LEN(gone); i++) {
        gone[i].watch = NULL;
        unlisten(&gone[i]);
    }
    unlisten(&stays);
    loop_free(l);
}

static void an_owner_may_be_dropped_by_one_of_its_own_callbacks(void **unused)
{
    (void)unused;
    struct loop *l = new_loop();
    struct listener all[CROWD];
    const int owner = 0;
    int timers = 0;

    for (size_t i = 0; i < CROWD; i++) {
        listen_ready(&all[i], l, &owner);
        all[i].then = drop_owner;
        all[i].arg = (void *)&owner;
        loop_after(l, &owner, 0, count_call, &timers);
    }
    loop_turn(l, -1);
    assert_int_equal(sum_calls(all, CROWD), 1);
    loop_turn(l, 5);
    assert_int_equal(timers, 0);
    for (size_t i = 0; i < CROWD; i++) {
        all[i].watch = NULL;
        unlisten(&all[i]);
    }
    loop_free(l);
}

/* ---- timers ---- */

struct alarm_clock {
    struct loop *loop;
    char rung[32]; /* names in the order in which they rang */
    size_t n;
    struct timer *victim; /* "c" cancels it */
    int snoozes;          /* "s" sets itself anew so often; "w" works for a while */
    int64_t set_ms;
    bool done;
};

/* What a timer is given: its name and the clock. */
struct bell {
    struct alarm_clock *clock;
    char name;
};

static void ring(void *user)
{
    const struct bell *b = user;
    struct alarm_clock *c = b->clock;

    assert_true(c->n < sizeof(c->rung) - 1);
    c->rung[c->n++] = b->name;
    switch (b->name) {
    case 'c':
        loop_cancel(c->loop, c->victim);
        break;
    case 'd':
        loop_drop_owner(c->loop, c);
        break;
    case 's':
        if (c->snoozes-- > 0)
            loop_after(c->loop, c, 0, ring, user);
        else
            c->done = true;
        break;
    case 'w':
        for (const int64_t start_ms = loop_now_ms(); loop_now_ms() <= start_ms + 1;)
            ;
        break;
    case '!':
        c->done = true;
        break;
    default:
        break;
    }
}

static void timers_ring_in_the_order_of_their_times(void **unused)
{
    (void)unused;
    struct alarm_clock c = {.loop = new_loop()};
    struct bell bells[] = {{&c, '!'}, {&c, '1'}, {&c, '4'}, {&c, '2'}, {&c, '3'}, {&c, '5'}};
    static const int64_t delay_ms[] = {30, 0, 20, 10, 10, 20};

    for (size_t i = 0; i < ARRAY_LEN(bells); i++)
        loop_after(c.loop, &c, delay_ms[i], ring, &bells[i]);
    turn_until(c.loop, &c.done);
    assert_string_equal(c.rung, "12345!");
    loop_free(c.loop);
}

static void a_timer_never_rings_early(void **unused)
{
    (void)unused;
    for (int64_t delay_ms = 0; delay_ms < 20; delay_ms++) {
        struct alarm_clock c = {.loop = new_loop()};
        struct bell bell = {&c, '!'};
        const int64_t start_ms = loop_now_ms();
        loop_after(c.loop, &c, delay_ms, ring, &bell);
        turn_until(c.loop, &c.done);
        assert_true(loop_now_ms() - start_ms >= delay_ms);
        loop_free(c.loop);
    }
}

/* The turns wait without end: only a timerfd set anew wakes them in time. */
static void a_nearer_timer_that_is_set_later_rings_first(void **unused)
{
    (void)unused;
    struct alarm_clock c = {.loop = new_loop()};
    struct bell far = {&c, 'f'}, near = {&c, '!'};

    struct timer *t = loop_after(c.loop, &c, 3600 * 1000, ring, &far);
    loop_turn(c.loop, 0);
    loop_after(c.loop, &c, 1, ring, &near);
    while (!c.done)
        loop_turn(c.loop, -1);
    assert_string_equal(c.rung, "!");
    loop_cancel(c.loop, t);
    loop_free(c.loop);
}

static void a_cancelled_timer_neither_rings_nor_wakes(void **unused)
{
    (void)unused;
    struct alarm_clock c = {.loop = new_loop()};
    struct bell bell = {&c, 'x'};

    struct timer *t = loop_after(c.loop, &c, 2, ring, &bell);
    loop_turn(c.loop, 0);
    loop_cancel(c.loop, t);
    loop_cancel(c.loop, NULL);
    const int64_t start_ms = loop_now_ms();
    loop_turn(c.loop, 25);
    assert_true(loop_now_ms() - start_ms >= 24);
    assert_int_equal(c.n, 0);
    loop_free(c.loop);
}

static void a_timer_may_cancel_one_that_is_due_with_it(void **unused)
{
    (void)unused;
    struct alarm_clock c = {.loop = new_loop()};
    struct bell canceller = {&c, 'c'}, victim = {&c, 'v'}, last = {&c, '!'};

    loop_after(c.loop, &c, 0, ring, &canceller);
    c.victim = loop_after(c.loop, &c, 0, ring, &victim);
    loop_after(c.loop, &c, 0, ring, &last);
    turn_until(c.loop, &c.done);
    assert_string_equal(c.rung, "c!");
    loop_free(c.loop);
}

static void a_timer_may_drop_its_own_owner(void **unused)
{
    (void)unused;
    struct alarm_clock c = {.loop = new_loop()};
    struct bell dropper = {&c, 'd'}, victim = {&c, 'v'}, stranger = {&c, '!'};

    loop_after(c.loop, &c, 0, ring, &dropper);
    loop_after(c.loop, &c, 0, ring, &victim);
    loop_after(c.loop, NULL, 0, ring, &stranger);
    turn_until(c.loop, &c.done);
    assert_string_equal(c.rung, "d!");
    loop_free(c.loop);
}

/* Work that takes long is followed by a look at the keys; and what is still due then wakes the loop
 * at once, though the timerfd has gone off for it already. */
static void a_slow_timer_does_not_keep_the_others_nor_the_loop(void **unused)
{
    (void)unused;
    struct alarm_clock c = {.loop = new_loop()};
    struct bell slow = {&c, 'w'}, last = {&c, '!'};
    const int64_t start_ms = loop_now_ms();

    do { /* until both are due in the same millisecond */
        loop_drop_owner(c.loop, &c);
        c.set_ms = loop_now_ms();
        loop_after(c.loop, &c, 5, ring, &slow);
        loop_after(c.loop, &c, 5, ring, &last);
    } while (loop_now_ms() != c.set_ms);
    while (c.n == 0)
        loop_turn(c.loop, -1);
    assert_string_equal(c.rung, "w");
    loop_turn(c.loop, PATIENCE_MS);
    assert_string_equal(c.rung, "w!");
    assert_true(loop_now_ms() - start_ms < PATIENCE_MS / 2);
    loop_free(c.loop);
}

static void a_timer_that_sets_itself_anew_rings_again(void **unused)
{
    (void)unused;
    struct alarm_clock c = {.loop = new_loop(), .snoozes = 20};
    struct bell bell = {&c, 's'};

    loop_after(c.loop, &c, 0, ring, &bell);
    turn_until(c.loop, &c.done);
    assert_int_equal(c.n, 21);
    loop_free(c.loop);
}

static void set_anew(void *user)
{
    loop_after(user, NULL, 0, set_anew, user);
}

static void a_timer_for_now_and_ever_starves_no_descriptor(void **unused)
{
    (void)unused;
    struct loop *l = new_loop();
    struct listener li;

    listen_ready(&li, l, NULL);
    loop_after(l, NULL, 0, set_anew, l);
    for (int i = 0; i < 5; i++)
        loop_turn(l, -1);
    assert_int_equal(li.calls, 5);
    loop_drop_owner(l, NULL);
    li.watch = NULL;
    unlisten(&li);
    loop_free(l);
}

/* ---- signals ---- */

struct signals_seen {
    struct loop *loop;
    int n[65];
    bool stop;
};

static void on_signal(void *user, int signo)
{
    struct signals_seen *seen = user;

    seen->n[signo]++;
    if (seen->stop)
        loop_stop(seen->loop);
}

static void take_usr_signals(struct signals_seen *seen)
{
    struct err e = {""};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    if (!loop_signals(seen->loop, &set, on_signal, seen, &e))
        fail_msg("%s", e.text);
}

static void a_signal_comes_from_inside_the_loop(void **unused)
{
    (void)unused;
    struct signals_seen seen = {.loop = new_loop()};

    take_usr_signals(&seen);
    raise(SIGUSR1);
    raise(SIGUSR2);
    raise(SIGUSR2); /* pending already: one of both is enough to know */
    assert_int_equal(seen.n[SIGUSR1] + seen.n[SIGUSR2], 0);
    loop_turn(seen.loop, -1);
    assert_int_equal(seen.n[SIGUSR1], 1);
    assert_int_equal(seen.n[SIGUSR2], 1);
    raise(SIGUSR1);
    loop_turn(seen.loop, -1);
    assert_int_equal(seen.n[SIGUSR1], 2);
    loop_turn(seen.loop, 0);
    assert_int_equal(seen.n[SIGUSR1] + seen.n[SIGUSR2], 3);
    loop_free(seen.loop);
}

static bool is_blocked(int signo)
{
    sigset_t mask;

    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
    return sigismember(&mask, signo) == 1;
}

static void the_end_of_the_loop_restores_the_mask(void **unused)
{
    (void)unused;
    sigset_t usr2, old;

    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    assert_int_equal(sigprocmask(SIG_BLOCK, &usr2, &old), 0);
    struct signals_seen seen = {.loop = new_loop()};
    take_usr_signals(&seen);
    assert_true(is_blocked(SIGUSR1) && is_blocked(SIGUSR2));
    loop_free(seen.loop);
    assert_false(is_blocked(SIGUSR1));
    assert_true(is_blocked(SIGUSR2)); /* as it was found */
    assert_int_equal(sigprocmask(SIG_SETMASK, &old, NULL), 0);
}

/* ---- running and stopping ---- */

struct turns {
    struct loop *loop;
    int before_wait; /* calls */
    int stop_at;     /* the call that stops the loop */
    int wait_ms;
};

static int before_wait(void *user)
{
    struct turns *t = user;

    if (++t->before_wait == t->stop_at)
        loop_stop(t->loop);
    return t->wait_ms;
}

static void each_turn_starts_with_before_wait(void **unused)
{
    (void)unused;
    struct turns t = {.loop = new_loop(), .stop_at = 5};

    loop_run(t.loop, before_wait, &t);
    assert_int_equal(t.before_wait, 5);
    loop_run(t.loop, before_wait, &(struct turns){.loop = t.loop, .stop_at = 2}); /* once more */
    loop_free(t.loop);
}

static void a_stop_before_the_wait_does_not_wait(void **unused)
{
    (void)unused;
    struct turns t = {.loop = new_loop(), .stop_at = 1, .wait_ms = -1};

    loop_run(t.loop, before_wait, &t); /* nothing would ever wake it */
    assert_int_equal(t.before_wait, 1);
    loop_free(t.loop);
}

static void stop_the_loop(void *user)
{
    loop_stop(user);
}

static void a_callback_stops_the_loop(void **unused)
{
    (void)unused;
    struct turns t = {.loop = new_loop(), .wait_ms = -1};

    loop_after(t.loop, NULL, 1, stop_the_loop, t.loop);
    loop_run(t.loop, before_wait, &t);
    assert_true(t.before_wait > 0);
    struct signals_seen seen = {.loop = t.loop, .stop = true};
    take_usr_signals(&seen);
    raise(SIGUSR1);
    loop_run(t.loop, before_wait, &t);
    assert_int_equal(seen.n[SIGUSR1], 1);
    loop_free(t.loop);
}

static void a_turn_waits_as_long_as_it_was_told(void **unused)
{
    (void)unused;
    struct turns t = {.loop = new_loop(), .stop_at = 3, .wait_ms = 10};
    const int64_t start_ms = loop_now_ms();

    loop_run(t.loop, before_wait, &t); /* two turns */
    assert_true(loop_now_ms() - start_ms >= 18);
    loop_free(t.loop);
}

/* ---- what the kernel refuses, what is left behind ---- */

static void a_refused_descriptor_is_an_error_and_leaks_nothing(void **unused)
{
    (void)unused;
    const int fds = count_fds();
    const rlim_t first_free = (rlim_t)next_fd();
    struct err e;

    for (rlim_t allowed = 0; allowed < 2; allowed++) { /* an epoll instance, a timerfd */
        e.text[0] = '\0';
        const rlim_t old = limit_fds(first_free + allowed);
        struct loop *l = loop_new(&e);
        limit_fds(old);
        assert_null(l);
        assert_non_null(strstr(e.text, "cannot make"));
    }
    assert_int_equal(count_fds(), fds);
    struct loop *l = new_loop();
    sigset_t none;
    sigemptyset(&none);
    e.text[0] = '\0';
    const rlim_t old = limit_fds(first_free + 2);
    const bool ok = loop_signals(l, &none, on_signal, NULL, &e);
    limit_fds(old);
    assert_false(ok);
    assert_non_null(strstr(e.text, "signalfd"));
    loop_free(l);
    assert_int_equal(count_fds(), fds);
}

static void nothing_is_left_open_and_nothing_is_inherited(void **unused)
{
    (void)unused;
    const int fds = count_fds();
    struct signals_seen seen = {.loop = new_loop()};

    take_usr_signals(&seen);
    assert_int_equal(count_fds(), fds + 3);
    for (int fd = STDERR_FILENO + 1; fd < 1024; fd++) {
        const int flags = fcntl(fd, F_GETFD);
        assert_true(flags < 0 || (flags & FD_CLOEXEC));
    }
    loop_free(seen.loop);
    loop_free(NULL);
    assert_int_equal(count_fds(), fds);
}

static void leave_a_watch(void)
{
    struct listener li;

    listen_ready(&li, new_loop(), NULL);
    loop_free(li.loop);
}

static void leave_a_timer(void)
{
    struct loop *l = new_loop();
    int calls = 0;

    loop_after(l, NULL, 1000, count_call, &calls);
    loop_free(l);
}

/* The timer is gone when its function is called. */
static struct timer *own_timer;

static void cancel_itself(void *user)
{
    loop_cancel(user, own_timer);
}

static void cancel_what_has_rung(void)
{
    struct loop *l = new_loop();

    own_timer = loop_after(l, NULL, 0, cancel_itself, l);
    for (;;)
        loop_turn(l, -1);
}

static void what_nobody_dropped_is_a_bug(void **unused)
{
    (void)unused;
    assert_bug(leave_a_watch, "nobody dropped");
    assert_bug(leave_a_timer, "nobody dropped");
    assert_bug(cancel_what_has_rung, "a timer that is not set");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ready_descriptor_is_reported_until_it_is_read),
        cmocka_unit_test(a_hang_up_is_reported),
        cmocka_unit_test(an_unwatched_descriptor_is_silent_and_open),
        cmocka_unit_test(a_copy_of_an_unwatched_descriptor_is_silent),
        cmocka_unit_test(what_cannot_be_watched_is_refused_by_name),
        cmocka_unit_test(a_watch_may_remove_itself),
        cmocka_unit_test(a_watch_removed_by_another_of_the_same_batch_is_not_called),
        cmocka_unit_test(a_stale_event_does_not_reach_the_new_owner_of_a_number),
        cmocka_unit_test(nobody_starves_in_a_long_queue),
        cmocka_unit_test(dropping_an_owner_removes_all_it_has_and_nothing_else),
        cmocka_unit_test(an_owner_may_be_dropped_by_one_of_its_own_callbacks),
        cmocka_unit_test(timers_ring_in_the_order_of_their_times),
        cmocka_unit_test(a_timer_never_rings_early),
        cmocka_unit_test(a_nearer_timer_that_is_set_later_rings_first),
        cmocka_unit_test(a_cancelled_timer_neither_rings_nor_wakes),
        cmocka_unit_test(a_timer_may_cancel_one_that_is_due_with_it),
        cmocka_unit_test(a_timer_may_drop_its_own_owner),
        cmocka_unit_test(a_slow_timer_does_not_keep_the_others_nor_the_loop),
        cmocka_unit_test(a_timer_that_sets_itself_anew_rings_again),
        cmocka_unit_test(a_timer_for_now_and_ever_starves_no_descriptor),
        cmocka_unit_test(a_signal_comes_from_inside_the_loop),
        cmocka_unit_test(the_end_of_the_loop_restores_the_mask),
        cmocka_unit_test(each_turn_starts_with_before_wait),
        cmocka_unit_test(a_stop_before_the_wait_does_not_wait),
        cmocka_unit_test(a_callback_stops_the_loop),
        cmocka_unit_test(a_turn_waits_as_long_as_it_was_told),
        cmocka_unit_test(a_refused_descriptor_is_an_error_and_leaks_nothing),
        cmocka_unit_test(nothing_is_left_open_and_nothing_is_inherited),
        cmocka_unit_test(what_nobody_dropped_is_a_bug),
    };

    keep_inherited_fds();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
