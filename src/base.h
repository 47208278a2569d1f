/*
 * base.h: what every file needs: fatal ends, memory that cannot fail, expected errors.
 *
 * Three kinds of error. A bug in the tutor: BUG(), aborts. Cannot go on (no memory, no terminal):
 * die(), which restores the terminal, prints one line and exits 1. Anything expected (a file, the
 * database, a demo): return false and fill the caller's struct err, print nothing.
 */
#ifndef BASE_H
#define BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* What went wrong, as one line: lower case, no full stop, names the thing and the fix. */
struct err {
    char text[512];
};

/* Fills e (NULL is allowed) and returns false, so that callers can `return err_set(...)`. */
bool err_set(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* err_set with ": strerror(errno)" behind. */
bool err_sys(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Prints "systutor: ..." on stderr after the restore hook has run, and exits 1. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Same for a broken promise inside the tutor; aborts, so that a core and a debugger can tell. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug_at(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Called once by die() and BUG() before they print: gives the terminal back. NULL for none. */
void die_set_restore(void (*restore)(void));

/* Never NULL; the caller frees. x_array: n items of size bytes, overflow checked, zeroed. */
void *xmalloc(size_t size);
void *x_array(size_t n, size_t size);
void *x_resize(void *old, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static inline size_t size_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t size_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

static inline int int_min(int a, int b)
{
    return a < b ? a : b;
}

static inline int int_max(int a, int b)
{
    return a > b ? a : b;
}

static inline int int_clamp(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

#endif
