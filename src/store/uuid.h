/*
 * uuid.h: UUID version 7 (RFC 9562): time-ordered ids for events.
 *
 * 48 bits of milliseconds, 4 of version, a 12-bit counter, 2 of variant, 62 random bits. The
 * counter starts at random in its lower half in each new millisecond (RFC 9562, 6.2, method 1).
 */
#ifndef UUID_H
#define UUID_H

#include <stdbool.h>
#include <stdint.h>

struct uuid {
    unsigned char bytes[16];
};

enum { UUID_TEXT = 37 }; /* 36 characters and a NUL */

/* A new id for now_ms that sorts after *last (NULL: there is none), whatever the clock did: a full
 * counter or a clock that went back borrows from the next millisecond. */
struct uuid uuid_next(const struct uuid *last, int64_t now_ms);

void uuid_format(const struct uuid *u, char out[UUID_TEXT]);
/* Only the form that uuid_format writes, in lower or upper case. */
bool uuid_parse(const char *text, struct uuid *out);

#endif
