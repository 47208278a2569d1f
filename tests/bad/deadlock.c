/*
 * deadlock.c: two threads, each with a lock that the other waits for; and all signals that can be
 * are blocked. "deadlock" is printed when each has its first lock.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

static pthread_mutex_t left = PTHREAD_MUTEX_INITIALIZER, right = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;

static void *second(void *arg)
{
    pthread_mutex_lock(&right);
    pthread_barrier_wait(&both);
    pthread_mutex_lock(&left);
    return arg;
}

int main(void)
{
    pthread_t thread;
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    pthread_barrier_init(&both, NULL, 2);
    pthread_mutex_lock(&left);
    if (pthread_create(&thread, NULL, second, NULL) != 0)
        return 1;
    pthread_barrier_wait(&both);
    puts("deadlock");
    fflush(stdout);
    pthread_mutex_lock(&right);
    return 0;
}
