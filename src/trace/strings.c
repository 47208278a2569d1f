/*
 * strings.c: blocks of bytes, and a hash table of numbers with linear probing. A string is its
 * length, its bytes and a NUL, and lies in one block. See strings.h.
 */
#include "trace/strings.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base.h"

enum { BLOCK_BITS = 18, BLOCK_BYTES = 1 << BLOCK_BITS, FIRST_SLOTS = 64 };

_Static_assert(STRINGS_LONGEST + sizeof(uint32_t) + 1 <= BLOCK_BYTES, "a string fits a block");

void strings_init(struct strings *s, size_t max_n, size_t max_bytes)
{
    *s = (struct strings){.max_n = max_n, .max_bytes = max_bytes};
    if (getrandom(s->key, sizeof(s->key), GRND_NONBLOCK) != (ssize_t)sizeof(s->key)) {
        s->key[0] = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15;
        s->key[1] = (uint64_t)(uintptr_t)s * 0xd6e8feb86659fd93;
    }
    s->key[1] |= 1;
}

void strings_release(struct strings *s)
{
    for (size_t i = 0; i < s->n_blocks; i++)
        free(s->blocks[i]);
    free(s->blocks);
    free(s->at);
    free(s->slots);
    *s = (struct strings){0};
}

/* Both halves of the product, folded: every bit of a and b has a part in every bit of it. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    const unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t hash_of(const struct strings *s, const char *bytes, size_t n)
{
    uint64_t h = s->key[0] ^ n;
    uint64_t word;

    for (; n >= sizeof(word); bytes += sizeof(word), n -= sizeof(word)) {
        memcpy(&word, bytes, sizeof(word));
        h = fold(h ^ word, s->key[1]) + s->key[0];
    }
    word = 0;
    if (n > 0)
        memcpy(&word, bytes, n);
    h = fold(h ^ word, s->key[1]);
    return (uint32_t)(fold(h, 0x9e3779b97f4a7c15) >> 32);
}

static const char *item(const struct strings *s, uint32_t id)
{
    return s->blocks[s->at[id] >> BLOCK_BITS] + (s->at[id] & (BLOCK_BYTES - 1));
}

size_t strings_len(const struct strings *s, uint32_t id)
{
    uint32_t n;

    memcpy(&n, item(s, id), sizeof(n));
    return n;
}

const char *strings_get(const struct strings *s, uint32_t id)
{
    return item(s, id) + sizeof(uint32_t);
}

static bool is_string(const struct strings *s, uint32_t id, const char *bytes, size_t n)
{
    return strings_len(s, id) == n && (n == 0 || memcmp(strings_get(s, id), bytes, n) == 0);
}

/* Where the string is, or the free slot where it belongs. There is always a free one. */
static struct strings_slot *slot_of(const struct strings *s, uint32_t hash, const char *bytes,
                                    size_t n)
{
    size_t i = hash & (s->n_slots - 1);

    while (s->slots[i].id != STRINGS_NONE &&
           (s->slots[i].hash != hash || !is_string(s, s->slots[i].id, bytes, n)))
        i = (i + 1) & (s->n_slots - 1);
    return &s->slots[i];
}

/* Twice as many slots, so that at most half of them are taken. */
static void make_slots(struct strings *s)
{
    struct strings_slot *old = s->slots;
    const size_t n_old = s->n_slots;

    s->n_slots = n_old ? 2 * n_old : FIRST_SLOTS;
    s->slots = x_resize(NULL, s->n_slots, sizeof(*s->slots));
    memset(s->slots, 0xff, s->n_slots * sizeof(*s->slots)); /* all free */
    for (size_t k = 0; k < n_old; k++) {
        size_t i = old[k].hash & (s->n_slots - 1);
        if (old[k].id == STRINGS_NONE)
            continue;
        while (s->slots[i].id != STRINGS_NONE)
            i = (i + 1) & (s->n_slots - 1);
        s->slots[i] = old[k];
    }
    free(old);
}

static void open_block(struct strings *s)
{
    if (s->n_blocks == s->cap_blocks) {
        s->cap_blocks = s->cap_blocks ? 2 * s->cap_blocks : 4;
        s->blocks = x_resize(s->blocks, s->cap_blocks, sizeof(*s->blocks));
    }
    s->blocks[s->n_blocks++] = xmalloc(BLOCK_BYTES);
    s->used = 0;
}

uint32_t strings_add(struct strings *s, const char *bytes, size_t n)
{
    const uint32_t len = (uint32_t)n;

    if (n > STRINGS_LONGEST || s->n == s->max_n || s->bytes + n > s->max_bytes)
        return STRINGS_NONE;
    const size_t need = sizeof(len) + n + 1;
    if (s->n_blocks == 0 || BLOCK_BYTES - s->used < need)
        open_block(s);
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap + s->cap / 2 : 64;
        s->at = x_resize(s->at, s->cap, sizeof(*s->at));
    }
    char *to = s->blocks[s->n_blocks - 1] + s->used;
    memcpy(to, &len, sizeof(len));
    if (n > 0)
        memcpy(to + sizeof(len), bytes, n);
    to[sizeof(len) + n] = '\0';
    s->at[s->n] = (uint32_t)((s->n_blocks - 1) << BLOCK_BITS | s->used);
    s->used += need;
    s->bytes += n;
    return (uint32_t)s->n++;
}

uint32_t strings_intern(struct strings *s, const char *bytes, size_t n)
{
    const uint32_t hash = hash_of(s, bytes, n);

    if (2 * s->n_taken >= s->n_slots)
        make_slots(s);
    struct strings_slot *slot = slot_of(s, hash, bytes, n);
    if (slot->id != STRINGS_NONE)
        return slot->id;
    const uint32_t id = strings_add(s, bytes, n);
    if (id == STRINGS_NONE)
        return STRINGS_NONE;
    *slot = (struct strings_slot){.hash = hash, .id = id};
    s->n_taken++;
    return id;
}

uint32_t strings_find(const struct strings *s, const char *bytes, size_t n)
{
    if (s->n_slots == 0)
        return STRINGS_NONE;
    return slot_of(s, hash_of(s, bytes, n), bytes, n)->id;
}
