/*
 * fuzz_markdown.c: any bytes as Markdown, as C source and as text to wrap (libFuzzer).
 *
 * The first byte gives the columns, the rest is the text. What must hold for every text is checked
 * here: lines fit, runs are clean, nothing that was written gets lost, pages cover their file.
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -std=gnu11 -D_GNU_SOURCE -Isrc
 *       tests/fuzz/fuzz_markdown.c src/{base,arena,buf,utf8,highlight}.c src/markdown/[a-z]*.c
 *       -lmd4c -lunistring -o fuzz_markdown && ./fuzz_markdown -max_len=4096
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "highlight.h"
#include "markdown.h"
#include "utf8.h"

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            BUG("does not hold: %s", #condition);                                                  \
    } while (0)

static bool is_clean(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
            return false;
    }
    return utf8_valid(s, n);
}

static void check_line(const struct md_line *line, int cols, size_t n_live)
{
    int used = line->indent;

    MUST(line->live < 0 || ((size_t)line->live < n_live && line->n == 0));
    for (size_t i = 0; i < line->n; i++) {
        const struct md_run *run = &line->runs[i];
        MUST(run->len > 0);
        MUST(run->style < MD_STYLE_COUNT);
        MUST(is_clean(run->text, run->len));
        used += utf8_cols(run->text, run->len);
    }
    MUST(line->code || line->live >= 0 || used <= cols);
}

/* Everything but blanks, one line after the other. */
static void add_visible(struct buf *out, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] != ' ' && s[i] != '\n')
            buf_putc(out, s[i]);
    }
}

static bool is_subsequence(const struct buf *part, const struct buf *whole)
{
    size_t k = 0;

    for (size_t i = 0; i < whole->len && k < part->len; i++)
        k += whole->text[i] == part->text[k];
    return k == part->len;
}

/* The layout shows all words of the document in their order. Not so where a table may be, whose
 * cells stand side by side, nor where live blocks are, which the caller shows. */
static void check_words(const struct md_doc *doc, const struct md_line *lines, size_t n)
{
    struct buf shown = {0};
    struct buf written = {0};
    char *plain = md_plain(doc);

    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < lines[i].n; k++)
            add_visible(&shown, lines[i].runs[k].text, lines[i].runs[k].len);
    }
    add_visible(&written, plain, strlen(plain));
    MUST(is_subsequence(&written, &shown));
    buf_release(&shown);
    buf_release(&written);
    free(plain);
}

static void check_layout(const char *text, size_t n, int cols)
{
    size_t n_live;
    size_t n_lines;
    struct md_doc *doc = md_new(text, n);

    md_live(doc, &n_live);
    for (int ascii = 0; ascii < 2; ascii++) {
        const struct md_line *lines = md_layout(doc, cols, ascii, "Sources", &n_lines);
        for (size_t i = 0; i < n_lines; i++)
            check_line(&lines[i], int_max(cols, 10), n_live);
        if (n_live == 0 && !memchr(text, '|', n))
            check_words(doc, lines, n_lines);
    }
    md_free(doc);
}

static void check_pages(const char *text, size_t n)
{
    struct md_page *pages;
    size_t n_pages;
    struct err e = {.text = ""};

    if (!md_split(text, n, &pages, &n_pages, &e)) {
        MUST(e.text[0] != '\0');
        return;
    }
    for (size_t i = 0; i < n_pages; i++) {
        MUST(is_clean(pages[i].title, strlen(pages[i].title)));
        MUST(pages[i].start < pages[i].end);
        MUST(pages[i].end == (i + 1 < n_pages ? pages[i + 1].start : n));
    }
    md_pages_free(pages, n_pages);
}

static void check_wrap(const struct buf *clean, int cols)
{
    struct utf8_line *lines;
    size_t at = 0;
    const char *text = buf_text(clean);
    const size_t n = utf8_wrap(text, clean->len, cols, cols, &lines);

    MUST(n >= 1);
    for (size_t i = 0; i < n; i++) {
        const struct utf8_line *line = &lines[i];
        MUST(at <= line->start && line->start <= line->end && line->end <= clean->len);
        for (; at < line->start; at++)
            MUST(text[at] == ' ' || text[at] == '\n');
        MUST(utf8_cols(text + line->start, line->end - line->start) <= cols);
        at = line->end;
    }
    free(lines);
}

static void check_highlight(const struct buf *clean)
{
    struct hl_state st = {0};
    struct md_run runs[8];
    const char *s = buf_text(clean);
    const char *end = s + clean->len;

    while (s < end) {
        const char *stop = memchr(s, '\n', (size_t)(end - s));
        stop = stop ? stop : end;
        const size_t n = hl_c_line(&st, s, (size_t)(stop - s), runs, ARRAY_LEN(runs));
        for (size_t i = 0; i < n; i++) {
            MUST(runs[i].text == s && runs[i].len > 0);
            s += runs[i].len;
        }
        MUST(s == stop);
        s += stop < end;
    }
}

static void check_fold(const char *text, size_t n)
{
    char *copy = xstrndup(text, n);
    char *folded = utf8_fold(copy);

    MUST(utf8_valid(folded, strlen(folded)));
    free(folded);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const int cols = data[0];
    const char *text = (const char *)data + 1;
    const size_t n = size - 1;
    struct buf clean = {0};

    check_layout(text, n, cols);
    check_pages(text, n);
    check_fold(text, n);
    utf8_clean(&clean, text, n, true);
    check_wrap(&clean, int_max(cols, 2));
    check_highlight(&clean);
    buf_release(&clean);
    return 0;
}
