#include <stdio.h>
#include <string.h>

#define REGISTERED "https://app.example/cb"

static int prefix(const char *uri)
{
    return strncmp(uri, REGISTERED, strlen(REGISTERED)) == 0;
}

static int exact(const char *uri)
{
    return strcmp(uri, REGISTERED) == 0;
}

int main(void)
{
    const char *const u[] = {
        "https://app.example/cb",
        "https://app.example/cb/../go?to=evil.example",
        "https://app.example.evil.example/cb",
    };

    printf("%d%d%d\n", prefix(u[0]), prefix(u[1]), prefix(u[2]));
    printf("%d%d%d\n", exact(u[0]), exact(u[1]), exact(u[2]));
    return 0;
}
