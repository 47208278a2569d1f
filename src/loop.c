/*
 * loop.c: the event loop, on the interfaces that the tutor teaches.
 *
 * Ready descriptors are reported by epoll with a pointer to their watch. A watch removed while a
 * batch of events is being handed out is only marked dead, and freed after the batch, so that a
 * later event of the same batch cannot reach freed memory (epoll(7), "stale events").
 */
#include "loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_A_TURN = 16 };

struct watch {
    struct watch *next;
    const void *owner;
    int fd;
    bool dead;
    watch_fn *fn;
    void *user;
};

struct timer {
    struct timer *next; /* ascending due_ms */
    const void *owner;
    int64_t due_ms;
    uint64_t number; /* in the order they were set */
    timer_fn *fn;
    void *user;
};

struct loop {
    int epfd, sigfd, timerfd;
    struct watch *watches, *dead;
    struct timer *timers;
    uint64_t timers_set;
    struct watch *sig_watch, *timer_watch;
    int64_t armed_ms; /* what the timerfd is set to, 0 when it is off */
    bool handing_out, stop;
    signal_fn *on_signal;
    void *signal_user;
    sigset_t old_mask;
};

int64_t loop_now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct watch *loop_watch(struct loop *l, const void *owner, int fd, uint32_t events, watch_fn *fn,
                         void *user, struct err *e)
{
    struct watch *w = x_array(1, sizeof(*w));
    struct epoll_event ev = {.events = events, .data.ptr = w};

    *w = (struct watch){.owner = owner, .fd = fd, .fn = fn, .user = user};
    if (epoll_ctl(l->epfd, EPOLL_CTL_ADD, fd, &ev) < 0) {
        err_sys(e, "cannot watch descriptor %d", fd);
        free(w);
        return NULL;
    }
    w->next = l->watches;
    l->watches = w;
    return w;
}

static void bury(struct loop *l, struct watch *w)
{
    w->dead = true;
    if (l->handing_out) {
        w->next = l->dead;
        l->dead = w;
    } else {
        free(w);
    }
}

void loop_unwatch(struct loop *l, struct watch *w)
{
    struct watch **at = &l->watches;

    if (!w)
        return;
    while (*at && *at != w)
        at = &(*at)->next;
    if (!*at)
        BUG("unwatching what is not watched");
    *at = w->next;
    /* Before the owner closes it: a descriptor that was dup'ed would stay registered. */
    epoll_ctl(l->epfd, EPOLL_CTL_DEL, w->fd, NULL);
    bury(l, w);
}

struct timer *loop_after(struct loop *l, const void *owner, int64_t delay_ms, timer_fn *fn,
                         void *user)
{
    struct timer *t = x_array(1, sizeof(*t));
    struct timer **at = &l->timers;

    *t = (struct timer){.owner = owner,
                        .due_ms = loop_now_ms() + delay_ms,
                        .number = l->timers_set++,
                        .fn = fn,
                        .user = user};
    while (*at && (*at)->due_ms <= t->due_ms)
        at = &(*at)->next;
    t->next = *at;
    *at = t;
    return t;
}

void loop_cancel(struct loop *l, struct timer *t)
{
    struct timer **at = &l->timers;

    if (!t)
        return;
    while (*at && *at != t)
        at = &(*at)->next;
    if (!*at)
        BUG("cancelling a timer that is not set");
    *at = t->next;
    free(t);
}

void loop_drop_owner(struct loop *l, const void *owner)
{
    for (struct watch *w = l->watches, *next; w; w = next) {
        next = w->next;
        if (w->owner == owner)
            loop_unwatch(l, w);
    }
    for (struct timer *t = l->timers, *next; t; t = next) {
        next = t->next;
        if (t->owner == owner)
            loop_cancel(l, t);
    }
}

static void on_timerfd(void *user, uint32_t events)
{
    struct loop *l = user;
    uint64_t expirations;

    (void)events;
    /* Only clears the readiness; which timers are due is asked of the clock. */
    if (read(l->timerfd, &expirations, sizeof(expirations)) < 0 && errno != EAGAIN)
        die("cannot read the timer: errno %d", errno);
    l->armed_ms = 0;
}

static void arm_timerfd(struct loop *l)
{
    const int64_t due_ms = l->timers ? l->timers->due_ms : 0;

    if (due_ms == l->armed_ms)
        return;
    const struct itimerspec its = {
        .it_value = {.tv_sec = due_ms / 1000, .tv_nsec = due_ms % 1000 * 1000000}};
    if (timerfd_settime(l->timerfd, TFD_TIMER_ABSTIME, &its, NULL) < 0)
        die("cannot set the timer: errno %d", errno);
    l->armed_ms = due_ms;
}

static void run_due_timers(struct loop *l)
{
    const int64_t now_ms = loop_now_ms();
    const uint64_t first_new = l->timers_set;

    /* One set by a callback for "now" waits for the next turn: keys are not starved. It stands
     * behind all that were due before it. */
    while (l->timers && l->timers->due_ms <= now_ms && l->timers->number < first_new && !l->stop) {
        const struct timer t = *l->timers;
        free(l->timers);
        l->timers = t.next;
        t.fn(t.user);
        if (loop_now_ms() > now_ms) /* it took its time: look at the keys first */
            break;
    }
}

static void on_signalfd(void *user, uint32_t events)
{
    struct loop *l = user;
    struct signalfd_siginfo si;

    (void)events;
    while (read(l->sigfd, &si, sizeof(si)) == (ssize_t)sizeof(si))
        l->on_signal(l->signal_user, (int)si.ssi_signo);
}

bool loop_signals(struct loop *l, const sigset_t *set, signal_fn *fn, void *user, struct err *e)
{
    if (sigprocmask(SIG_BLOCK, set, NULL) < 0)
        return err_sys(e, "cannot block signals");
    l->on_signal = fn;
    l->signal_user = user;
    l->sigfd = signalfd(-1, set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (l->sigfd < 0)
        return err_sys(e, "cannot make a signalfd");
    l->sig_watch = loop_watch(l, l, l->sigfd, EPOLLIN, on_signalfd, l, e);
    return l->sig_watch != NULL;
}

struct loop *loop_new(struct err *e)
{
    struct loop *l = x_array(1, sizeof(*l));

    sigprocmask(SIG_BLOCK, NULL, &l->old_mask);
    l->sigfd = -1;
    l->timerfd = -1;
    l->epfd = epoll_create1(EPOLL_CLOEXEC);
    if (l->epfd < 0) {
        err_sys(e, "cannot make an epoll instance");
        goto fail;
    }
    l->timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (l->timerfd < 0) {
        err_sys(e, "cannot make a timerfd");
        goto fail;
    }
    l->timer_watch = loop_watch(l, l, l->timerfd, EPOLLIN, on_timerfd, l, e);
    if (!l->timer_watch)
        goto fail;
    return l;
fail:
    loop_free(l);
    return NULL;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    loop_drop_owner(l, l);
    if (l->watches || l->timers)
        BUG("the loop ends with a watch or a timer that nobody dropped");
    if (l->sigfd >= 0)
        close(l->sigfd);
    if (l->timerfd >= 0)
        close(l->timerfd);
    if (l->epfd >= 0)
        close(l->epfd);
    sigprocmask(SIG_SETMASK, &l->old_mask, NULL);
    free(l);
}

static void free_dead(struct loop *l)
{
    while (l->dead) {
        struct watch *next = l->dead->next;
        free(l->dead);
        l->dead = next;
    }
}

void loop_turn(struct loop *l, int wait_ms)
{
    struct epoll_event events[EVENTS_A_TURN];

    arm_timerfd(l);
    const int n = epoll_wait(l->epfd, events, EVENTS_A_TURN, wait_ms);
    if (n < 0 && errno != EINTR)
        die("cannot wait for events: errno %d", errno);
    l->handing_out = true;
    for (int i = 0; i < n; i++) {
        const struct watch *w = events[i].data.ptr;
        if (!w->dead)
            w->fn(w->user, events[i].events);
    }
    l->handing_out = false;
    free_dead(l);
    run_due_timers(l);
}

void loop_run(struct loop *l, before_wait_fn *before_wait, void *user)
{
    l->stop = false;
    do { /* either call may stop it */
        const int wait_ms = before_wait(user);
        if (l->stop)
            break;
        loop_turn(l, wait_ms);
    } while (!l->stop);
}

void loop_stop(struct loop *l)
{
    l->stop = true;
}
