/*
 * compiler.h: the C compiler of this machine: $CC ("ccache gcc" has two words) or cc, and the
 * command lines that begin with it.
 */
#ifndef COMPILER_H
#define COMPILER_H

#include <stdbool.h>
#include <stddef.h>

#include "base.h"
#include "buf.h"

struct compiler {
    char *path;  /* of the first word */
    char *words; /* the words, a NUL behind each and another at the end */
};

/* false, with which package brings one, if there is none. Release it in any case. */
bool compiler_find(struct compiler *c, struct err *e);
void compiler_release(struct compiler *c);

enum { ARGV_MAX = 64 };

/* A command line; the words are borrowed. word[n] is always NULL. */
struct argv {
    const char *word[ARGV_MAX];
    size_t n;
};

/* Adds one word; more than ARGV_MAX - 1 are a bug. */
void argv_add(struct argv *a, const char *word);

/* Makes a the words of $CC, then n flags. */
void compiler_argv(const struct compiler *c, struct argv *a, const char *const *flags, size_t n);

/* The libraries that the opening comment of a demo's source asks for, on a line of its own:
 * " * Links: -lcrypto". Adds the words, a NUL behind each; false with the reason if the file cannot
 * be read or asks for one that is not allowed. */
bool compiler_links(const char *path, struct buf *links, struct err *e);

/* Adds words that have a NUL behind each; they are borrowed. */
void argv_add_all(struct argv *a, const struct buf *words);

#endif
