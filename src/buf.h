/*
 * buf.h: a growing byte buffer that is always a valid C string as well.
 *
 * Embed it; all zero is empty and owns nothing. text is never NULL after the first append;
 * buf_text() is never NULL. buf_release frees; buf_take gives the bytes to the caller.
 */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base.h"

struct buf {
    char *text;
    size_t len; /* bytes, without the closing NUL */
    size_t cap;
};

void buf_release(struct buf *b);
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Drops the first n bytes (n <= len). */
void buf_consume(struct buf *b, size_t n);

/* The caller owns and frees the result (never NULL); b is empty afterwards. */
char *buf_take(struct buf *b);

static inline const char *buf_text(const struct buf *b)
{
    return b->text ? b->text : "";
}

/* Appends a whole regular file of at most max bytes. Anything else (a FIFO, a directory, larger
 * than max, no permission) is an error that names the path; opening never blocks. */
bool buf_read_file(struct buf *b, const char *path, size_t max, struct err *e);

/* Replaces path atomically: a temporary file beside it, fsync, rename. */
bool buf_write_file(const struct buf *b, const char *path, struct err *e);

#endif
