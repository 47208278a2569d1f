/*
 * findings.c: collecting what is wrong with a pack, and wording it harmlessly. See findings.h.
 */
#include "content/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

void findings_put(struct findings *f, enum weight w, const char *path, const char *field,
                  const char *words)
{
    if (w == LINT && !f->lint)
        return;
    f->fatal += w == FATAL;
    f->total++;
    f->report(f->user, path, field, words);
}

void findings_add(struct findings *f, enum weight w, const char *path, const char *field,
                  const char *fmt, ...)
{
    char words[FINDING_MAX];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    findings_put(f, w, path, field, words);
}

bool findings_full(const struct findings *f)
{
    return !f->lint && f->fatal > 0;
}

void findings_first(void *user, const char *path, const char *field, const char *words)
{
    struct err *e = user;

    if (!e || e->text[0])
        return;
    const char *gap = *field ? ": " : "";
    err_set(e, "%s: %s%s%s", path, field, gap, words);
}

enum { MAX_WORD = 64 };

/* Wagner-Fischer with three rows: adjacent transpositions look two rows back. */
static size_t distance(const char *a, size_t la, const char *b, size_t lb)
{
    size_t rows[3][MAX_WORD + 1];

    for (size_t j = 0; j <= lb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t *row = rows[i % 3];
        const size_t *up = rows[(i + 2) % 3];
        const size_t *up2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            const size_t swap = a[i - 1] != b[j - 1];
            row[j] = size_min(size_min(up[j] + 1, row[j - 1] + 1), up[j - 1] + swap);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = size_min(row[j], up2[j - 2] + 1);
        }
    }
    return rows[la % 3][lb];
}

const char *nearest_word(const char *word, const char *const *words, size_t n)
{
    const size_t len = strlen(word);
    const char *best = NULL;
    size_t best_distance = size_max(len / 3, 1) + 1;

    if (len == 0 || len > MAX_WORD)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const size_t other = strlen(words[i]);
        if (other == 0 || other > MAX_WORD)
            continue;
        const size_t d = distance(word, len, words[i], other);
        if (d < best_distance) {
            best_distance = d;
            best = words[i];
        }
    }
    return best;
}

const char *shown(char out[SHOWN_MAX], const char *text)
{
    struct buf clean = {0};
    const size_t n = strnlen(text, SHOWN_MAX);

    utf8_clean(&clean, text, n, false);
    const size_t fits = size_min(utf8_fit(buf_text(&clean), clean.len, 40), SHOWN_MAX - 4);
    const char *more = fits < clean.len ? "..." : "";
    snprintf(out, SHOWN_MAX, "%.*s%s", (int)fits, buf_text(&clean), more);
    buf_release(&clean);
    return out;
}

const char *err_reason(const struct err *e, const char *path)
{
    const size_t n = strlen(path);

    if (strncmp(e->text, path, n) == 0 && strncmp(e->text + n, ": ", 2) == 0)
        return e->text + n + 2;
    return e->text;
}

/* C0 but newline and tab, DEL, C1 (U+0080..9F), and the bidirectional controls, which would make
 * a terminal show something else than what is there (U+200E/F, U+202A..E, U+2066..9). */
static bool is_control(const unsigned char *s, size_t left)
{
    if (s[0] < 0x20)
        return s[0] != '\n' && s[0] != '\t';
    if (s[0] == 0x7f)
        return true;
    if (s[0] == 0xc2 && left > 1)
        return s[1] < 0xa0;
    if (s[0] == 0xe2 && left > 2 && s[1] == 0x80)
        return s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xaa && s[2] <= 0xae);
    return s[0] == 0xe2 && left > 2 && s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9;
}

/* The first byte that is not UTF-8; character by character, as this is only for messages. */
static size_t invalid_at(const char *text, size_t n)
{
    size_t good = 0;

    while (good < n) {
        size_t len = 1;
        while (len < 4 && good + len < n && ((unsigned char)text[good + len] & 0xc0) == 0x80)
            len++;
        if (!utf8_valid(text + good, len))
            return good;
        good += len;
    }
    return n;
}

size_t text_bad_at(const char *text, size_t n, bool carriage_return)
{
    const unsigned char *s = (const unsigned char *)text;
    const size_t valid = utf8_valid(text, n) ? n : invalid_at(text, n);

    for (size_t i = 0; i < valid; i++)
        if (is_control(s + i, valid - i) && !(carriage_return && s[i] == '\r'))
            return i;
    return valid;
}
