/*
 * build.h: a demo compiled while the tutor goes on: its source with lib/demo.c, into a program in
 * the cache that is used again as long as nothing of it has changed.
 *
 * The program is in a folder named by a hash of all that makes it: sources, demo.h, flags,
 * compiler. That is made under another name and renamed, so that it is there whole or not at all;
 * those BUILD_KEPT that were used last are kept. What the compiler says is kept with it, as
 * messages. A source may end its opening comment with " * Links: -lcrypto" for one of the libraries
 * that are allowed.
 */
#ifndef BUILD_H
#define BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "base.h"
#include "path.h"
#include "proc.h"

enum {
    BUILD_KEPT = 64,          /* programs in the cache */
    BUILD_MAX_MESSAGES = 100, /* further ones are dropped */
    BUILD_LIMIT_S = 60,
};

enum build_kind { BUILD_ERROR, BUILD_WARNING, BUILD_NOTE };

/* Strings are harmless for a terminal. */
struct build_message {
    char *file; /* as the compiler names it, "" for none */
    int line;   /* 0 for none */
    int column; /* 0 for none */
    enum build_kind kind;
    char *text;
};

enum build_end {
    BUILD_OK,
    BUILD_FAILED, /* the messages say why, one at least */
    BUILD_STOPPED,
};

struct build;

struct build_spec {
    const struct paths *paths; /* content: lib/demo.c and include/demo.h; cache */
    const char *source;
    const char *helper;       /* a second source, NULL for none */
    const char *const *flags; /* NULL-terminated */
    /* From the loop, once, also where the program was there already. The build may be freed in it.
     */
    void (*done)(void *user, enum build_end end);
    void *user;
};

/* NULL and the reason if a file cannot be read, there is no compiler, no cache. spec is copied; it
 * is needed during the call only, but for paths. */
struct build *build_start(struct procs *ps, const struct build_spec *spec, struct err *e);

/* done follows with BUILD_STOPPED, unless it ends before. */
void build_stop(struct build *b);

/* Ends it first; done is not called any more. The program stays. NULL is fine. */
void build_free(struct build *b);

/* Path of the program that BUILD_OK speaks of. */
const char *build_program(const struct build *b);

/* Errors, warnings and notes in the order of the compiler; complete when done is called. */
const struct build_message *build_messages(const struct build *b, size_t *n);

/* "error", "warning", "note". */
const char *build_kind_name(enum build_kind k);

#endif
