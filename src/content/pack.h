/*
 * pack.h: the folders of a pack: which names are tracks and lessons, their order, what changed.
 *
 * A pack is two levels deep, so links that lead in circles cannot trap a walk. Names are
 * NUMBER-SLUG; names that begin with '.' or look like an editor's backup are as good as not there.
 */
#ifndef CONTENT_PACK_H
#define CONTENT_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"

enum { PACK_MAX_ENTRIES = 10000 }; /* names read of one folder; more is an error */

enum pack_type {
    PACK_FOLDER,
    PACK_FILE,    /* a regular file */
    PACK_OTHER,   /* FIFO, socket, device */
    PACK_UNKNOWN, /* stat fails: a link in a circle or to nowhere */
};

struct pack_name {
    char *name;
    enum pack_type type;
    bool numbered;    /* NUMBER-SLUG */
    const char *slug; /* inside name, when numbered */
};

struct pack_list {
    struct pack_name *names; /* numbered ones first, by number, then by name */
    size_t n;
};

/* Lists a folder. False, with the list empty, if it cannot be read. pack_release in any case. */
bool pack_list(struct pack_list *list, const char *dir, struct err *e);
void pack_release(struct pack_list *list);

/* Splits NUMBER-SLUG; NULL if name has not this form. The slug lies inside name. */
const char *pack_slug(const char *name, long *number);

/* Order of two numbered paths of the same depth, part by part. */
int pack_compare(const char *a, const char *b);

/* A fingerprint of the names, sizes and times of a folder and its files; it differs when any of
 * them does. 0 when it cannot be trusted to: the folder is unreadable, or something in it changed
 * less than two seconds ago, so that one more change could leave the same times and sizes. */
uint64_t pack_fingerprint(const char *dir);

#endif
