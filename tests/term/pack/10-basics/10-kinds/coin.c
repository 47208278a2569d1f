/* The source that the tutor shows; what runs in its place is tests/bad/behaves.c. */
#include <stdio.h>

int main(void)
{
    const char *side = "heads";

    printf("the coin shows %s\n", side);
    return 0;
}
