/*
 * list.c: lists of event numbers. See list.h.
 */
#include "trace/list.h"

#include <stdlib.h>

void list_release(struct list *l)
{
    free(l->at);
    *l = (struct list){0};
}

void list_push(struct list *l, uint32_t v)
{
    if (l->n == l->cap) {
        l->cap = (uint32_t)grown(l->cap);
        l->at = x_resize(l->at, l->cap, sizeof(*l->at));
    }
    l->at[l->n++] = v;
}

/* Of those in [lo, hi). */
static uint32_t bisect(const struct list *l, uint32_t v, uint32_t lo, uint32_t hi)
{
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (l->at[mid] < v)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

uint32_t list_below(const struct list *l, uint32_t v)
{
    return bisect(l, v, 0, l->n);
}

uint32_t list_below_near(const struct list *l, uint32_t v, uint32_t hint)
{
    uint32_t lo = hint < l->n ? hint : l->n;
    uint32_t hi = lo;

    for (uint32_t step = 1; hi < l->n && l->at[hi] < v; step *= 2) {
        lo = hi + 1;
        hi = l->n - hi > step ? hi + step : l->n;
    }
    for (uint32_t step = 1; lo > 0 && l->at[lo - 1] >= v; step *= 2) {
        hi = lo - 1;
        lo = lo > step ? lo - step : 0;
    }
    return bisect(l, v, lo, hi);
}
