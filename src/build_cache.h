/*
 * build_cache.h: the folder of compiled programs, and the names they have in it. Part of build.h.
 *
 * It holds HASH (a program), HASH.log (what the compiler said of it, if anything) and tmp-XXXXXX (a
 * folder for one compilation: its TMPDIR, so that a compiler that is killed leaves its files
 * there).
 */
#ifndef BUILD_CACHE_H
#define BUILD_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"
#include "compiler.h"

/* FNV-1a, twice with other beginnings: 128 bits are enough not to meet twice by chance. */
struct hash {
    uint64_t a, b;
};

void hash_init(struct hash *h);
void hash_text(struct hash *h, const char *s);
/* A file's path, which is in the program for debuggers, and what is in it. */
bool hash_file(struct hash *h, const char *path, struct err *e);
/* A compiler that was replaced is another one. */
bool hash_compiler(struct hash *h, const struct compiler *cc, struct err *e);
/* 32 characters; the caller frees. */
char *hash_name(const struct hash *h);

/* Whether the program is there, whole. */
bool cache_has(const char *program);

/* Notes that the folder of a program is used now. */
void cache_touch(const char *folder);

/* Renames work, a finished folder with the program, to folder; what is broken there gives way. If
 * another tutor was faster, its folder stays, and work too. */
bool cache_put(const char *work, const char *folder, const char *program, struct err *e);

/* Removes what has not been used for the longest time, and what killed tutors have left. */
void cache_prune(const char *dir);

/* Removes a folder of files. */
void cache_remove(const char *folder);

#endif
