/*
 * loop.h: the one event loop: descriptors, signals, timers and child processes on one epoll.
 *
 * One thread. Signals arrive through a signalfd, timers through one timerfd, children through
 * pidfds. A turn is: before_wait (draw), wait, signals, ready descriptors, due timers. A callback
 * may add and remove anything, itself included. Every watch and timer names its owner;
 * loop_drop_owner removes all that an owner still has before its state is freed.
 */
#ifndef LOOP_H
#define LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base.h"

struct loop;
struct watch;
struct timer;

typedef void watch_fn(void *user, uint32_t events);
typedef void timer_fn(void *user);
typedef void signal_fn(void *user, int signo);

/* NULL and the reason if the kernel refuses a descriptor. */
struct loop *loop_new(struct err *e);

/* Restores the signal mask that loop_new found. All watches must be gone: leaks are a BUG. */
void loop_free(struct loop *l);

/* Blocks the signals of the set and hands them to fn from inside the loop. Call once. */
bool loop_signals(struct loop *l, const sigset_t *set, signal_fn *fn, void *user, struct err *e);

/* Calls fn with EPOLL* events whenever fd is ready (level-triggered). fd stays the caller's and
 * must outlive the watch. */
struct watch *loop_watch(struct loop *l, const void *owner, int fd, uint32_t events, watch_fn *fn,
                         void *user, struct err *e);
void loop_unwatch(struct loop *l, struct watch *w);

/* Calls fn once, delay_ms from now or later; the timer is gone when fn is called. */
struct timer *loop_after(struct loop *l, const void *owner, int64_t delay_ms, timer_fn *fn,
                         void *user);
void loop_cancel(struct loop *l, struct timer *t); /* NULL is fine */

void loop_drop_owner(struct loop *l, const void *owner);

/* Runs turns until loop_stop. before_wait is called at the start of each turn and returns how
 * long the turn may wait at most, in ms: -1 for ever, 0 to look and go on. */
typedef int before_wait_fn(void *user);
void loop_run(struct loop *l, before_wait_fn *before_wait, void *user);
void loop_stop(struct loop *l);

/* One turn waiting at most wait_ms, for tools and tests that have no screen. */
void loop_turn(struct loop *l, int wait_ms);

/* CLOCK_MONOTONIC in ms. */
int64_t loop_now_ms(void);

#endif
