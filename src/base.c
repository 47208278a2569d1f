/*
 * base.c: fatal ends, memory that cannot fail, expected errors. See base.h for the contract.
 */
#include "base.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void (*restore_hook)(void);

void die_set_restore(void (*restore)(void))
{
    restore_hook = restore;
}

/* The hook runs at most once: a failure inside it must not come back here for ever. */
static void run_restore_hook(void)
{
    void (*hook)(void) = restore_hook;

    restore_hook = NULL;
    if (hook)
        hook();
}

bool err_set(struct err *e, const char *fmt, ...)
{
    if (!e)
        return false;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof(e->text), fmt, ap);
    va_end(ap);
    return false;
}

bool err_sys(struct err *e, const char *fmt, ...)
{
    const int saved = errno;

    if (!e)
        return false;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof(e->text), fmt, ap);
    va_end(ap);
    const size_t n = strlen(e->text);
    snprintf(e->text + n, sizeof(e->text) - n, ": %s", strerror(saved));
    return false;
}

void die(const char *fmt, ...)
{
    va_list ap;

    run_restore_hook();
    fputs("systutor: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
    va_list ap;

    run_restore_hook();
    fprintf(stderr, "systutor: bug at %s:%d: ", file, line);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}

void *xmalloc(size_t size)
{
    void *p = malloc(size ? size : 1);

    if (!p)
        die("out of memory (%zu bytes)", size);
    return p;
}

void *x_array(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);

    if (!p)
        die("out of memory (%zu items of %zu bytes)", n, size);
    return p;
}

void *x_resize(void *old, size_t n, size_t size)
{
    void *p = reallocarray(old, n ? n : 1, size ? size : 1);

    if (!p)
        die("out of memory (%zu items of %zu bytes)", n, size);
    return p;
}

char *xstrndup(const char *s, size_t n)
{
    char *p = xmalloc(n + 1);

    memcpy(p, s, n);
    p[n] = '\0';
    return p;
}

char *xstrdup(const char *s)
{
    return xstrndup(s, strlen(s));
}

char *xasprintf(const char *fmt, ...)
{
    char *p = NULL;
    va_list ap;

    va_start(ap, fmt);
    const int n = vasprintf(&p, fmt, ap);
    va_end(ap);
    if (n < 0)
        die("out of memory formatting a string");
    return p;
}
