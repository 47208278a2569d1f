/* overrun.c: reads behind the end of a block of memory. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    int *block = calloc(10, sizeof(*block));
    const volatile size_t behind = 10;

    if (!block)
        return 1;
    puts("about to read");
    fflush(stdout);
    const int read = block[behind];
    free(block);
    return read == 1;
}
