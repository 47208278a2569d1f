#include <stdio.h>

enum { N = 5 };

/* The lower number first. */
static int first_fork(int philosopher)
{
    int left = philosopher, right = (philosopher + 1) % N;

    return left < right ? left : right;
}

int main(void)
{
    for (int p = 0; p < N; p++)
        printf("%d ", first_fork(p));
    printf("\n");
}
