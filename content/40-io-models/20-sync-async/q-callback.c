/* It takes a callback. Is it asynchronous? */
#include <stdio.h>

static void got(int value)
{
    printf("got %d, ", value);
}

static void fetch(int key, void (*callback)(int value))
{
    callback(key * key);
    printf("fetched, ");
}

int main(void)
{
    fetch(3, got);
    printf("next\n");
    return 0;
}
