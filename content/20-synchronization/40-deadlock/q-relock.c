#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>

typedef int lock_fn(pthread_mutex_t *);

static const char *twice(int type, lock_fn *again)
{
    pthread_mutexattr_t attr;
    pthread_mutex_t m;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, type);
    pthread_mutex_init(&m, &attr);
    pthread_mutex_lock(&m);
    return strerrorname_np(again(&m)); /* 0: "0" */
}

int main(void)
{
    const char *checked, *counted, *tried;

    checked = twice(PTHREAD_MUTEX_ERRORCHECK, pthread_mutex_lock);
    counted = twice(PTHREAD_MUTEX_RECURSIVE, pthread_mutex_lock);
    tried = twice(PTHREAD_MUTEX_NORMAL, pthread_mutex_trylock);
    printf("%s %s %s\n", checked, counted, tried);
}
