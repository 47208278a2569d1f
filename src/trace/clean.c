/*
 * clean.c: strings of a trace as they are kept: harmless, bounded, each once. See impl.h.
 */
#include <string.h>

#include "trace/impl.h"
#include "utf8.h"

/* The first max bytes at most, whole characters if it is UTF-8. */
static size_t cut(const char *s, size_t n, size_t max)
{
    size_t end = max;

    if (n <= max)
        return n;
    while (end > 0 && end > max - 3 && ((unsigned char)s[end] & 0xc0) == 0x80)
        end--;
    return end;
}

static bool is_plain(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.s[i] < ' ' || s.s[i] > '~')
            return false;
    return true;
}

/* Messages of the Internet end their lines with CR LF: that is one end of a line, and no control
 * character to be made visible. */
static void clean_lines(struct buf *out, const char *s, size_t n)
{
    for (const char *cr; (cr = memmem(s, n, "\r\n", 2));) {
        const size_t line = (size_t)(cr - s);
        utf8_clean(out, s, line, true);
        buf_putc(out, '\n');
        s += line + 2;
        n -= line + 2;
    }
    utf8_clean(out, s, n, true);
}

struct slice clean_text(struct buf *scratch, struct slice raw, size_t max, bool keep_newlines)
{
    const struct slice some = {raw.s, cut(raw.s, raw.n, max)};

    if (is_plain(some))
        return some;
    buf_clear(scratch);
    if (keep_newlines)
        clean_lines(scratch, some.s, some.n);
    else
        utf8_clean(scratch, some.s, some.n, false);
    return (struct slice){scratch->text, cut(scratch->text, scratch->len, max)};
}

uint32_t keep_word(struct trace *t, struct slice raw)
{
    const struct slice clean = clean_text(&t->clean, raw, TRACE_MAX_WORD, false);
    const uint32_t word = strings_intern(&t->words, clean.s, clean.n);

    if (word != STRINGS_NONE)
        return word;
    t->health.thinned++;
    return WORD_OTHER;
}

/* 0, the empty text, if there is none or no room for it. */
uint32_t keep_text(struct trace *t, struct slice raw)
{
    if (!raw.s)
        return 0;
    const struct slice clean = clean_text(&t->clean, raw, TRACE_MAX_TEXT, true);
    const uint32_t text = strings_intern(&t->texts, clean.s, clean.n);
    if (text != STRINGS_NONE)
        return text;
    t->health.thinned++;
    return 0;
}
