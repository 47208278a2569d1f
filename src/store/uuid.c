/*
 * uuid.c: making, writing and reading UUIDv7. See uuid.h.
 */
#include "store/uuid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base.h"

static const uint64_t MS_MAX = (UINT64_C(1) << 48) - 1;
enum { COUNTER_MAX = 0xfff, COUNTER_START_MAX = 0x7ff };

/* Small requests are never cut short once the pool is ready; a signal may come before that. */
static void fill_random(void *out, size_t n)
{
    while (getrandom(out, n, 0) != (ssize_t)n)
        if (errno != EINTR)
            die("no random numbers: %s", strerror(errno));
}

static uint64_t clamp_ms(int64_t now_ms)
{
    if (now_ms < 0)
        return 0;
    return (uint64_t)now_ms < MS_MAX ? (uint64_t)now_ms : MS_MAX;
}

static uint64_t uuid_ms(const struct uuid *u)
{
    uint64_t ms = 0;

    for (int i = 0; i < 6; i++)
        ms = ms << 8 | u->bytes[i];
    return ms;
}

static unsigned uuid_counter(const struct uuid *u)
{
    return (u->bytes[6] & 0x0fu) << 8 | u->bytes[7];
}

struct uuid uuid_next(const struct uuid *last, int64_t now_ms)
{
    unsigned char random[10];
    struct uuid u;

    fill_random(random, sizeof(random));
    uint64_t ms = clamp_ms(now_ms);
    unsigned counter = (random[8] | (unsigned)random[9] << 8) & COUNTER_START_MAX;
    if (last && uuid_ms(last) >= ms) {
        ms = uuid_ms(last);
        counter = uuid_counter(last) + 1;
        if (counter > COUNTER_MAX && ms < MS_MAX) {
            ms++;
            counter = 0;
        }
    }
    for (int i = 0; i < 6; i++)
        u.bytes[i] = (unsigned char)(ms >> (40 - 8 * i));
    u.bytes[6] = (unsigned char)(0x70 | counter >> 8);
    u.bytes[7] = (unsigned char)counter;
    memcpy(u.bytes + 8, random, 8);
    u.bytes[8] = (unsigned char)(0x80 | (u.bytes[8] & 0x3f));
    return u;
}

static bool dash_before(int byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void uuid_format(const struct uuid *u, char out[UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    char *p = out;

    for (int i = 0; i < 16; i++) {
        if (dash_before(i))
            *p++ = '-';
        *p++ = digits[u->bytes[i] >> 4];
        *p++ = digits[u->bytes[i] & 15];
    }
    *p = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool uuid_parse(const char *text, struct uuid *out)
{
    const char *p = text;

    for (int i = 0; i < 16; i++) {
        if (dash_before(i) && *p++ != '-')
            return false;
        const int high = hex_value(p[0]);
        const int low = high < 0 ? -1 : hex_value(p[1]);
        if (low < 0)
            return false;
        out->bytes[i] = (unsigned char)(high << 4 | low);
        p += 2;
    }
    return *p == '\0';
}
