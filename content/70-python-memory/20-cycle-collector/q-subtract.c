/* A > B, B > A, B > C, C > C, and a variable refers to A. */
#include <stdio.h>

int main(void)
{
    const int refs[][2] = {{0, 1}, {1, 0}, {1, 2}, {2, 2}};
    int gc_refs[] = {2, 1, 2}; /* update_refs: the counts */

    /* subtract_refs */
    for (int i = 0; i < 4; i++)
        gc_refs[refs[i][1]]--;
    printf("%d %d %d\n", gc_refs[0], gc_refs[1], gc_refs[2]);
    return 0;
}
