/*
 * race.c: two threads add to one counter without a lock. No sanitizer needs luck to see that:
 * nothing orders the two, whenever they run.
 */
#include <pthread.h>
#include <stdio.h>

static int counter;

static void *add(void *arg)
{
    counter++; /* the race */
    return arg;
}

int main(void)
{
    pthread_t threads[2];

    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, add, NULL) != 0)
            return 1;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    puts("both have added");
    return 0;
}
