/*
 * flood.h: how fast keys are answered while a demo writes as fast as it can.
 */
#ifndef FLOOD_H
#define FLOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"

/* One number for each key, n of each kind, in nanoseconds. */
struct flood_times {
    int64_t *flooded, *idle; /* the caller's, room for n */
    size_t n;
};

/* Runs the tutor of a build folder on a lesson of its own, written into dir (empty), whose demo
 * floods. Fills both arrays: the same keys on the same screen, with the same output above, while
 * the demo runs and after it was stopped, in turns. */
bool flood_measure(const char *build, const char *dir, struct flood_times *t, struct err *e);

#endif
