/*
 * cache.h: the index of a pack as a file, so that the first frame needs not look at the pack.
 *
 * One read, bounds-checked, covered by a checksum: a file that is damaged, of another version,
 * machine or pack is no cache. Strings of an index that was read lie in its blob.
 */
#ifndef CONTENT_CACHE_H
#define CONTENT_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"
#include "buf.h"
#include "content/content.h"

/* All lessons of a pack, in order. print[i] is the fingerprint of info[i]'s folder when it was
 * parsed (see pack.h), 0: parse again. */
struct index {
    struct lesson_info *info;
    uint64_t *print;
    size_t n;
};

void index_release(struct index *x);

/* Reads the index of the pack at root. blob takes the bytes and must live as long as the strings.
 * False when there is none that can be used; x and blob are empty then. */
bool cache_read(struct index *x, struct buf *blob, const char *path, const char *root);

bool cache_write(const struct index *x, const char *path, const char *root, struct err *e);

#endif
