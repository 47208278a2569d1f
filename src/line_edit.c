/*
 * line_edit.c: one line of typed text in a doc. See line_edit.h.
 */
#include "line_edit.h"

#include <curses.h>
#include <string.h>

#include "utf8.h"

static void drop_last(struct buf *text)
{
    size_t last = 0;

    for (size_t at = 0; at < text->len;) {
        last = at;
        at += utf8_cluster(text->text + at, text->len - at);
    }
    text->len = last;
    if (text->text)
        text->text[last] = '\0';
}

bool line_edit_key(struct buf *text, size_t max, int key)
{
    char bytes[5];

    if (key == KEY_BACKSPACE)
        drop_last(text);
    else if (key == 'U' - '@')
        buf_clear(text);
    else if (!term_key_text(key, bytes))
        return false;
    else if (text->len + sizeof(bytes) < max)
        buf_puts(text, bytes);
    return true;
}

void line_edit_build(struct doc *d, int indent, const char *prompt, const struct buf *text,
                     const char *suffix)
{
    const int before = indent + utf8_cols_str(prompt);
    const int room = int_max(2, d->cols - before - utf8_cols_str(suffix) - 1);
    struct buf clean = {0};

    utf8_clean(&clean, buf_text(text), text->len, false);
    const char *at = buf_text(&clean);
    while (utf8_cols_str(at) > room)
        at += utf8_cluster(at, strlen(at));
    doc_run(d, ST_ACCENT, prompt);
    doc_run(d, ST_STRONG, at);
    d->cursor_line = (int)d->n;
    d->cursor_col = before + utf8_cols_str(at);
    doc_run(d, ST_DIM, suffix);
    doc_end_line(d, indent, DOC_NO_FOCUS);
    buf_release(&clean);
}
