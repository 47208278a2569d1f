#include <pthread.h>
#include <stdio.h>

static int all;
static __thread int each;

static void *count(void *unused)
{
    all++;
    each++;
    return unused;
}

int main(void)
{
    pthread_t t;

    for (int i = 0; i < 2; i++) {
        pthread_create(&t, NULL, count, NULL);
        pthread_join(t, NULL);
    }
    count(NULL);
    printf("%d %d\n", all, each);
    return 0;
}
