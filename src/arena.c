/*
 * arena.c: a list of blocks, the newest in front; an allocation takes the next free bytes of the
 * newest, or opens a new block. See arena.h.
 */
#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

enum { BLOCK_BYTES = 8 * 1024 };

struct arena_block {
    struct arena_block *older;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

static size_t align_up(size_t n)
{
    const size_t a = alignof(max_align_t);

    if (n > SIZE_MAX - a)
        die("out of memory (%zu bytes)", n);
    return (n + a - 1) / a * a;
}

static void open_block(struct arena *a, size_t least)
{
    const size_t size = size_max(least, BLOCK_BYTES);

    if (size > SIZE_MAX - sizeof(struct arena_block))
        die("out of memory (%zu bytes)", least);
    struct arena_block *b = x_array(1, sizeof(*b) + size);
    b->older = a->newest;
    b->size = size;
    a->newest = b;
    a->used = 0;
}

void *arena_alloc(struct arena *a, size_t size)
{
    const size_t need = align_up(size ? size : 1);

    if (!a->newest || a->newest->size - a->used < need)
        open_block(a, need);
    void *p = a->newest->bytes + a->used;
    a->used += need;
    return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size)
        die("out of memory (%zu items of %zu bytes)", n, size);
    return arena_alloc(a, n * size);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *p = arena_alloc(a, n + 1);

    memcpy(p, s, n);
    p[n] = '\0';
    return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    const int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        BUG("bad format \"%s\"", fmt);
    char *p = arena_alloc(a, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return p;
}

void arena_free(struct arena *a)
{
    struct arena_block *b = a->newest;

    while (b) {
        struct arena_block *older = b->older;
        free(b);
        b = older;
    }
    *a = (struct arena){0};
}
