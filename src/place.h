/*
 * place.h: "PATH:LINE" or "PATH:LINE:COLUMN", as compilers, sanitizers and debuggers name a place
 * in a source.
 */
#ifndef PLACE_H
#define PLACE_H

#include <stdbool.h>
#include <stddef.h>

struct place {
    size_t path; /* bytes of the path, 1 and up */
    int line;
    int column; /* 0: not said */
};

/* Reads all n bytes; false if they are no place. */
bool place_read(const char *s, size_t n, struct place *p);

#endif
