/*
 * buf.c: a growing byte buffer, and whole files in and out of it. See buf.h.
 */
#include "buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void reserve(struct buf *b, size_t more)
{
    if (more > SIZE_MAX - b->len - 1)
        die("out of memory (%zu bytes more)", more);
    const size_t need = b->len + more + 1;
    if (need <= b->cap)
        return;
    size_t cap = b->cap ? b->cap : 64;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    b->text = x_resize(b->text, cap, 1);
    b->cap = cap;
}

void buf_release(struct buf *b)
{
    free(b->text);
    *b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    if (b->text)
        b->text[0] = '\0';
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
    reserve(b, n);
    if (n > 0)
        memcpy(b->text + b->len, bytes, n);
    b->len += n;
    b->text[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    const int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        BUG("bad format \"%s\"", fmt);
    reserve(b, (size_t)n);
    va_start(ap, fmt);
    vsnprintf(b->text + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
}

void buf_consume(struct buf *b, size_t n)
{
    if (n > b->len)
        BUG("consuming %zu of %zu bytes", n, b->len);
    if (n == 0)
        return;
    b->len -= n;
    memmove(b->text, b->text + n, b->len);
    b->text[b->len] = '\0';
}

char *buf_take(struct buf *b)
{
    reserve(b, 0);
    b->text[b->len] = '\0';
    char *text = b->text;
    *b = (struct buf){0};
    return text;
}

enum { READ_BYTES = 64 * 1024 };

static bool read_all(struct buf *b, int fd, size_t max, const char *path, struct err *e)
{
    const size_t start = b->len;

    for (;;) {
        reserve(b, READ_BYTES);
        const ssize_t n = read(fd, b->text + b->len, READ_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, "%s: cannot read", path);
        if (n == 0)
            break;
        b->len += (size_t)n;
        if (b->len - start > max)
            return err_set(e, "%s: larger than %zu bytes", path, max);
    }
    b->text[b->len] = '\0';
    return true;
}

bool buf_read_file(struct buf *b, const char *path, size_t max, struct err *e)
{
    struct stat st;
    bool ok = false;

    /* O_NONBLOCK: opening a FIFO without a writer must not hang the tutor. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return err_sys(e, "%s: cannot open", path);
    const size_t start = b->len;
    if (fstat(fd, &st) < 0)
        err_sys(e, "%s: cannot stat", path);
    else if (!S_ISREG(st.st_mode))
        err_set(e, "%s: not a regular file", path);
    else if (st.st_size > 0 && (size_t)st.st_size > max)
        err_set(e, "%s: larger than %zu bytes", path, max);
    else
        ok = read_all(b, fd, max, path, e);
    close(fd);
    if (!ok && b->text) {
        b->len = start;
        b->text[start] = '\0';
    }
    return ok;
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        const ssize_t w = write(fd, p, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return false;
        p += w;
        n -= (size_t)w;
    }
    return true;
}

bool buf_write_file(const struct buf *b, const char *path, struct err *e)
{
    char *tmp = xasprintf("%s.XXXXXX", path);
    bool ok = false;

    const int fd = mkostemp(tmp, O_CLOEXEC);
    if (fd < 0) {
        err_sys(e, "%s: cannot create", path);
        free(tmp);
        return false;
    }
    const bool written = write_all(fd, buf_text(b), b->len) && fsync(fd) == 0;
    if (close(fd) < 0 || !written)
        err_sys(e, "%s: cannot write", path);
    else if (rename(tmp, path) < 0)
        err_sys(e, "%s: cannot replace", path);
    else
        ok = true;
    if (!ok)
        unlink(tmp);
    free(tmp);
    return ok;
}
