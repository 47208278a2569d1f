/* A stackless generator, as a compiler would build it. */
#include <stdio.h>

struct gen {
    int where, i;
};

static int resume(struct gen *g)
{
    if (g->where == 1)
        goto after_yield;
    for (g->i = 1; g->i <= 3; g->i++) {
        g->where = 1;
        return g->i * 10; /* yield */
    after_yield:;
    }
    return -1;
}

int main(void)
{
    struct gen g = {0, 0}, h = {0, 0};

    printf("%d ", resume(&g));
    printf("%d ", resume(&g));
    printf("%d ", resume(&h));
    printf("%d\n", resume(&g));
    return 0;
}
