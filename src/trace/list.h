/*
 * list.h: growing lists of event numbers, ascending, that are only changed at their end.
 *
 * Embed one; all zero is empty. list_release frees it.
 */
#ifndef TRACE_LIST_H
#define TRACE_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base.h"

struct list {
    uint32_t *at;
    uint32_t n, cap;
};

void list_release(struct list *l);

/* A growing array's next capacity; the smallest is 8. */
static inline size_t grown(size_t cap)
{
    return cap < 8 ? 8 : cap + cap / 2;
}

void list_push(struct list *l, uint32_t v);

static inline void list_pop(struct list *l)
{
    l->n--;
}

/* How many are less than v. The second form looks near the hint first (any number). */
uint32_t list_below(const struct list *l, uint32_t v);
uint32_t list_below_near(const struct list *l, uint32_t v, uint32_t hint);

#endif
