/*
 * inline.c: the text of one paragraph, heading or cell, put together from md4c's pieces.
 *
 * All text passes utf8_clean on its way in. Blanks are squeezed here, except in code, and a line
 * break of the source becomes a blank or, between Chinese characters, nothing. See node.h.
 */
#include <stdlib.h>
#include <string.h>

#include "markdown/node.h"
#include "utf8.h"

void inline_reset(struct inline_text *in)
{
    buf_clear(&in->text);
    in->n_spans = 0;
    in->strong = 0;
    in->emph = 0;
    in->code = false;
    in->newline = false;
    in->words_end = 0;
}

void inline_release(struct inline_text *in)
{
    buf_release(&in->text);
    free(in->spans);
    *in = (struct inline_text){0};
}

static enum md_style style_here(const struct inline_text *in)
{
    if (in->code)
        return MD_CODE;
    if (in->strong > 0)
        return MD_STRONG;
    return in->emph > 0 ? MD_EMPH : MD_TEXT;
}

/* What was appended to the text has this style. */
static void end_span(struct inline_text *in, enum md_style style)
{
    if (in->n_spans > 0 && in->spans[in->n_spans - 1].style == style) {
        in->spans[in->n_spans - 1].end = in->text.len;
        return;
    }
    if (in->n_spans == in->cap_spans) {
        in->cap_spans = in->cap_spans ? in->cap_spans * 2 : 16;
        in->spans = x_resize(in->spans, in->cap_spans, sizeof(*in->spans));
    }
    in->spans[in->n_spans++] = (struct span){in->text.len, style};
}

/* Nothing yet, or a break before which blanks are dropped. */
static bool ends_in_blank(const struct inline_text *in)
{
    if (in->text.len == 0)
        return true;
    const char c = in->text.text[in->text.len - 1];
    return c == ' ' || c == '\n';
}

static void add_blank(struct inline_text *in, enum md_style style)
{
    if (ends_in_blank(in))
        return;
    buf_putc(&in->text, ' ');
    end_span(in, style);
}

/* Decides what the pending line break is, now that the text behind it is known. */
static void settle_newline(struct inline_text *in, const char *after, size_t n)
{
    if (!in->newline)
        return;
    in->newline = false;
    if (utf8_newline_is_blank(buf_text(&in->text), in->words_end, after, n))
        add_blank(in, in->newline_style);
}

static void add_clean(struct inline_text *in, const char *s, size_t n)
{
    settle_newline(in, s, n);
    utf8_clean(&in->text, s, n, false);
    end_span(in, style_here(in));
    in->words_end = in->text.len;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

void inline_add(struct inline_text *in, const char *s, size_t n)
{
    size_t i = 0;

    while (i < n) {
        size_t end = i;
        while (end < n && !is_blank(s[end]))
            end++;
        if (end > i)
            add_clean(in, s + i, end - i);
        i = end;
        while (i < n && is_blank(s[i]))
            i++;
        if (i > end)
            add_blank(in, style_here(in));
    }
}

void inline_add_code(struct inline_text *in, const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && !is_blank(s[end]))
            end++;
        if (end > i)
            add_clean(in, s + i, end - i);
        for (; end < n && is_blank(s[end]); end++)
            add_clean(in, " ", 1);
        i = end;
    }
}

void inline_newline(struct inline_text *in)
{
    in->newline = true;
    in->newline_style = style_here(in);
}

static void trim_end(struct inline_text *in)
{
    while (in->text.len > 0 && in->text.text[in->text.len - 1] == ' ')
        in->text.text[--in->text.len] = '\0';
    while (in->n_spans > 1 && in->spans[in->n_spans - 2].end >= in->text.len)
        in->n_spans--;
    if (in->n_spans > 0)
        in->spans[in->n_spans - 1].end = in->text.len;
}

void inline_hard_break(struct inline_text *in)
{
    trim_end(in);
    buf_putc(&in->text, '\n');
    end_span(in, MD_TEXT);
    in->words_end = in->text.len;
}

void inline_add_mark(struct inline_text *in, size_t number)
{
    buf_printf(&in->text, "[%zu]", number);
    end_span(in, MD_SOURCE);
}

/* The entities that turn up in technical prose; the others are typed as characters. */
static const struct {
    const char *name, *text;
} entities[] = {
    {"amp", "&"},       {"lt", "<"},     {"gt", ">"},    {"quot", "\""}, {"apos", "'"},
    {"nbsp", "\u00a0"}, {"copy", "©"},   {"deg", "°"},   {"times", "×"}, {"middot", "·"},
    {"ndash", "–"},     {"mdash", "—"},  {"lsquo", "‘"}, {"rsquo", "’"}, {"ldquo", "“"},
    {"rdquo", "”"},     {"hellip", "…"}, {"larr", "←"},  {"rarr", "→"},  {"le", "≤"},
    {"ge", "≥"},        {"ne", "≠"},     {"micro", "µ"},
};

/* md4c reports at most 7 digits, or 6 hexadecimal ones: no overflow. */
static void numeric_entity(struct buf *out, const char *s, size_t n)
{
    const bool hex = n > 0 && (s[0] == 'x' || s[0] == 'X');
    char digits[16];

    n = size_min(n, sizeof(digits) - 1);
    memcpy(digits, s, n);
    digits[n] = '\0';
    const unsigned long c = hex ? strtoul(digits + 1, NULL, 16) : strtoul(digits, NULL, 10);
    utf8_put(out, c == 0 || c > 0x10FFFF ? 0xFFFD : (uint32_t)c);
}

void inline_entity(struct buf *out, const char *s, size_t n)
{
    if (n > 3 && s[1] == '#') {
        numeric_entity(out, s + 2, n - 3);
        return;
    }
    for (size_t i = 0; n > 2 && i < ARRAY_LEN(entities); i++) {
        const char *name = entities[i].name;
        if (strlen(name) == n - 2 && memcmp(name, s + 1, n - 2) == 0) {
            buf_puts(out, entities[i].text);
            return;
        }
    }
    buf_add(out, s, n);
}

void inline_finish(struct inline_text *in, struct arena *mem, struct node *node)
{
    trim_end(in);
    if (in->text.len == 0)
        in->n_spans = 0;
    node->text = arena_strndup(mem, buf_text(&in->text), in->text.len);
    node->len = in->text.len;
    struct span *spans = arena_array(mem, in->n_spans, sizeof(*spans));
    if (in->n_spans > 0)
        memcpy(spans, in->spans, in->n_spans * sizeof(*spans));
    node->spans = spans;
    node->n_spans = in->n_spans;
    inline_reset(in);
}

void node_words(const struct node *node, struct buf *out)
{
    size_t start = 0;

    if (node->n_spans == 0)
        buf_add(out, node->text, node->len); /* code */
    for (size_t i = 0; i < node->n_spans; i++) {
        if (node->spans[i].style != MD_SOURCE)
            buf_add(out, node->text + start, node->spans[i].end - start);
        start = node->spans[i].end;
    }
}
