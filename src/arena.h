/*
 * arena.h: many small allocations that die together, such as all strings of one lesson.
 *
 * Memory from an arena is zeroed, aligned for any type, never freed alone, and gone with
 * arena_free. Allocation cannot fail: no memory is the end (die).
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena_block;

/* Embed it; all zero is an empty arena. */
struct arena {
    struct arena_block *newest;
    size_t used; /* bytes taken in the newest block */
};

void *arena_alloc(struct arena *a, size_t size);
void *arena_array(struct arena *a, size_t n, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Frees everything; the arena is empty and may be used again. */
void arena_free(struct arena *a);

#endif
