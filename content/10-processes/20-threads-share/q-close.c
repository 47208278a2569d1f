#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int p[2];

static void *close_it(void *unused)
{
    close(p[1]);
    return unused;
}

int main(void)
{
    pthread_t t;

    if (pipe(p) == -1)
        return 1;
    if (fork() == 0) {
        close_it(NULL);
        _exit(0);
    }
    wait(NULL);
    printf("%d ", (int)write(p[1], "x", 1));
    pthread_create(&t, NULL, close_it, NULL);
    pthread_join(t, NULL);
    printf("%d\n", (int)write(p[1], "x", 1));
    return 0;
}
