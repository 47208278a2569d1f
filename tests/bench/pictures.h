/*
 * pictures.h: how fast a key is answered in the pictures of a long run, beside a short one.
 */
#ifndef PICTURES_H
#define PICTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"

enum { PICTURES_SHORT = 1000, PICTURES_LONG = 1000000 }; /* events */

/* One number for each key, n of each run, in nanoseconds. */
struct picture_times {
    int64_t *of_short, *of_long; /* the caller's, room for n */
    size_t n;
    int64_t loaded_ns; /* from the start to the picture of the long run */
    long peak_kib;     /* of the tutor with the long run */
};

/* Writes both runs into dir (empty) and opens each in a tutor of its own. The same keys go to both
 * in turns: steps, and the other views. */
bool pictures_measure(const char *build, const char *dir, struct picture_times *t, struct err *e);

#endif
