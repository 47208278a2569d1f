/*
 * strings.h: strings stored once each in blocks that never move, numbered from 0 in the order of
 * their coming.
 *
 * Any bytes are a string here; one has at most STRINGS_LONGEST of them. What is over the limits
 * given is not stored (STRINGS_NONE). The hash is keyed at random, so that nobody can prepare
 * strings that collide. Embed it; strings_init first, strings_release frees all.
 */
#ifndef TRACE_STRINGS_H
#define TRACE_STRINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRINGS_NONE UINT32_MAX

enum { STRINGS_LONGEST = 128 * 1024 };

struct strings_slot {
    uint32_t hash;
    uint32_t id; /* STRINGS_NONE: free */
};

struct strings {
    char **blocks;
    size_t n_blocks, cap_blocks, used; /* used: bytes of the newest block */
    uint32_t *at;                      /* where string i is: block and offset */
    size_t n, cap;
    struct strings_slot *slots; /* a power of two of them */
    size_t n_slots, n_taken;
    size_t max_n, max_bytes, bytes;
    uint64_t key[2];
};

void strings_init(struct strings *s, size_t max_n, size_t max_bytes);
void strings_release(struct strings *s);

/* The number of the string, which is stored if it is new. */
uint32_t strings_intern(struct strings *s, const char *bytes, size_t n);
/* Stores it without looking whether it is there already; strings_find may not find it. */
uint32_t strings_add(struct strings *s, const char *bytes, size_t n);
/* STRINGS_NONE if it is not there. */
uint32_t strings_find(const struct strings *s, const char *bytes, size_t n);

/* The string with a NUL behind it; stays where it is until strings_release. */
const char *strings_get(const struct strings *s, uint32_t id);
size_t strings_len(const struct strings *s, uint32_t id);

#endif
