/* The source that the tutor shows; what runs in its place is tests/bad/talks.c. */
#include <stdio.h>

int main(void)
{
    puts("the talk ends");
    return 0;
}
