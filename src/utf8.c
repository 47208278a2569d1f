/*
 * utf8.c: validity, columns, clusters, line breaks and harmless bytes, on libunistring.
 *
 * Most text here is ASCII or Chinese, so ASCII never reaches the Unicode tables. Nothing keeps
 * state and everything is linear in the text. See utf8.h.
 */
#include "utf8.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unigbrk.h>
#include <unilbrk.h>
#include <uninorm.h>
#include <unistr.h>
#include <uniwidth.h>

enum { TAB_COLS = 8, ZERO_WIDTH_JOINER = 0x200D };

static bool is_ascii(char c)
{
    return (unsigned char)c < 0x80;
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           !is_ascii(c);
}

static const uint8_t *bytes_of(const char *s)
{
    return (const uint8_t *)s;
}

bool utf8_valid(const char *s, size_t n)
{
    return n == 0 || !u8_check(bytes_of(s), n);
}

/* Reads the character at s (n > 0 bytes are left); returns its length, 0 if it is not UTF-8. */
static size_t decode(const char *s, size_t n, ucs4_t *c)
{
    const int len = u8_mbtoucr(c, bytes_of(s), n);

    return len > 0 ? (size_t)len : 0;
}

static bool is_pictograph(ucs4_t c)
{
    return uc_is_property_extended_pictographic(c);
}

static bool is_regional_indicator(ucs4_t c)
{
    return c >= 0x1F1E6 && c <= 0x1F1FF;
}

/* Whether what starts at next belongs to the emoji or the flag before it. libunistring's
 * u8_grapheme_next looks at pairs of characters only; rules GB11 to GB13 of UAX #29 need more. */
static bool emoji_goes_on(const char *s, const char *next, const char *end)
{
    ucs4_t first;
    ucs4_t last;
    ucs4_t after;

    if (next >= end || !decode(s, (size_t)(end - s), &first) ||
        !decode(next, (size_t)(end - next), &after))
        return false;
    u8_prev(&last, bytes_of(next), bytes_of(s));
    if (last == ZERO_WIDTH_JOINER)
        return is_pictograph(first) && is_pictograph(after);
    return is_regional_indicator(first) && is_regional_indicator(after) && next - s == 4;
}

size_t utf8_cluster(const char *s, size_t n)
{
    ucs4_t c;

    if (is_ascii(s[0]) && (n == 1 || (is_ascii(s[1]) && s[0] != '\r')))
        return 1;
    if (!decode(s, n, &c))
        return 1;
    const char *end = s + n;
    const char *next = s;
    do
        next = (const char *)u8_grapheme_next(bytes_of(next), bytes_of(end));
    while (emoji_goes_on(s, next, end));
    /* A bad byte may look like a part of the cluster; it is one of its own. */
    const uint8_t *bad = u8_check(bytes_of(s), (size_t)(next - s));
    return bad ? (size_t)((const char *)bad - s) : (size_t)(next - s);
}

/* Columns of the character at s, and its length. */
static int char_cols(const char *s, size_t n, size_t *len)
{
    ucs4_t c;

    if (is_ascii(s[0])) {
        *len = 1;
        return s[0] >= ' ' && s[0] != 0x7f;
    }
    *len = decode(s, n, &c);
    if (*len == 0) {
        *len = 1;
        return 1;
    }
    return int_max(uc_width(c, "UTF-8"), 0);
}

int utf8_cols(const char *s, size_t n)
{
    size_t cols = 0;
    size_t len;

    for (size_t i = 0; i < n; i += len)
        cols += (size_t)char_cols(s + i, n - i, &len);
    return (int)size_min(cols, INT_MAX);
}

int utf8_cols_str(const char *s)
{
    return utf8_cols(s, strlen(s));
}

size_t utf8_fit(const char *s, size_t n, int cols)
{
    size_t i = 0;
    int left = cols;

    while (i < n) {
        const size_t len = utf8_cluster(s + i, n - i);
        left -= utf8_cols(s + i, len);
        if (left < 0)
            break;
        i += len;
    }
    return i;
}

/* Blanks to the next tab stop; *from is where the column of out's line was last a multiple of
 * TAB_COLS, so that many tabs cost no more than one pass. */
static void add_tab(struct buf *out, size_t *from)
{
    const int col = utf8_cols(buf_text(out) + *from, out->len - *from) % TAB_COLS;

    for (int i = col; i < TAB_COLS; i++)
        buf_putc(out, ' ');
    *from = out->len;
}

/* Characters that would turn the direction of the text around them, or end the line where only
 * '\n' may. */
static bool is_disruptive(ucs4_t c)
{
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

static void add_char(struct buf *out, const char *s, size_t len, ucs4_t c)
{
    if (c < 0x20 || c == 0x7f)
        buf_printf(out, "^%c", (int)(c ^ 0x40));
    else if (c >= 0x80 && c < 0xA0)
        buf_printf(out, "\\x%02x", (unsigned)c);
    else if (is_disruptive(c))
        buf_printf(out, "<U+%04X>", (unsigned)c);
    else
        buf_add(out, s, len);
}

static size_t printable_prefix(const char *s, size_t n)
{
    size_t i = 0;

    while (i < n && s[i] >= ' ' && s[i] < 0x7f)
        i++;
    return i;
}

void utf8_clean(struct buf *out, const char *s, size_t n, bool keep_newlines)
{
    size_t stop = out->len; /* a tab stop of the line that is being added */
    size_t i = 0;

    while (i < n) {
        const size_t plain = printable_prefix(s + i, n - i);
        buf_add(out, s + i, plain);
        i += plain;
        if (i == n)
            break;
        if (s[i] == '\t') {
            add_tab(out, &stop);
            i++;
            continue;
        }
        if (s[i] == '\n' && keep_newlines) {
            buf_putc(out, s[i++]);
            stop = out->len;
            continue;
        }
        ucs4_t c;
        const size_t len = decode(s + i, n - i, &c);
        if (len == 0)
            buf_printf(out, "\\x%02x", (unsigned)(unsigned char)s[i]);
        else
            add_char(out, s + i, len, c);
        i += size_max(len, 1);
    }
}

void utf8_put(struct buf *out, uint32_t c)
{
    uint8_t bytes[6];
    const int len = u8_uctomb(bytes, c, sizeof(bytes));

    if (len > 0)
        buf_add(out, bytes, (size_t)len);
    else
        buf_puts(out, "\xef\xbf\xbd"); /* U+FFFD */
}

/* Wide and written without blanks between words: not Hangul, not emoji. */
static bool is_cjk(ucs4_t c)
{
    const bool hangul = (c >= 0x1100 && c <= 0x11FF) || (c >= 0x3130 && c <= 0x318F) ||
                        (c >= 0xA960 && c <= 0xA97F) || (c >= 0xAC00 && c <= 0xD7FF);

    return uc_width(c, "UTF-8") == 2 && !hangul && !is_pictograph(c);
}

/* Punctuation that Chinese shares with other scripts: dash, quotes, ellipsis, middle dot. */
static bool is_shared_punctuation(ucs4_t c)
{
    return c == 0x2014 || (c >= 0x2018 && c <= 0x201D) || c == 0x2026 || c == 0x00B7;
}

bool utf8_newline_is_blank(const char *before, size_t n_before, const char *after, size_t n_after)
{
    ucs4_t a;
    ucs4_t b;

    if (n_before == 0 || n_after == 0 || !decode(after, n_after, &b) ||
        !u8_prev(&a, bytes_of(before) + n_before, bytes_of(before)))
        return true;
    if (is_cjk(a) && is_cjk(b))
        return false;
    /* Fullwidth punctuation brings its own space. */
    if ((is_cjk(a) && uc_is_punct(a)) || (is_cjk(b) && uc_is_punct(b)))
        return false;
    return !(is_cjk(a) && is_shared_punctuation(b)) && !(is_shared_punctuation(a) && is_cjk(b));
}

/* The word characters beside a hyphen or slash: how many at the end, or at the start, of n bytes;
 * more than 3 are not counted. */
static size_t word_before(const char *s, size_t n)
{
    size_t k = 0;

    while (k < 3 && k < n && is_word(s[n - 1 - k]))
        k++;
    return k;
}

static size_t word_after(const char *s, size_t n)
{
    size_t k = 0;

    while (k < 3 && k < n && is_word(s[k]))
        k++;
    return k;
}

/*
 * Breaks that libunistring's tables allow and that read badly in a text on systems:
 * "e.|g." (LB29), "-|Wall" and "--|help" (LB20a of Unicode 16, widened), "/|proc", and ends of one
 * or two letters as in "I/|O" or "wake-|up".
 */
static bool reads_badly(const char *s, size_t n, size_t i)
{
    const char before = s[i - 1];

    if (before == '.' || before == ',' || before == ':' || before == ';')
        return is_ascii(s[i]) && is_word(s[i]);
    if (before != '-' && before != '/')
        return false;
    return word_before(s, i - 1) < 3 || word_after(s + i, n - i) < 3;
}

/* The character that ends before i, 0 at the start of the text. */
static ucs4_t char_before(const char *s, size_t i)
{
    ucs4_t c;

    return u8_prev(&c, bytes_of(s) + i, bytes_of(s)) ? c : 0;
}

static ucs4_t char_at(const char *s, size_t n, size_t i)
{
    ucs4_t c;

    return i < n && decode(s + i, n - i, &c) ? c : 0;
}

static bool opens_bracket(ucs4_t c)
{
    return uc_is_general_category(c, UC_OPEN_PUNCTUATION);
}

/* Chinese shares its quotation marks with Latin, where no line breaks beside them. Among Chinese
 * characters it may: before one that opens, behind one that closes (LB19a of Unicode 16). */
static bool quotes_chinese(const char *s, size_t n, size_t i)
{
    const size_t quote_len = 3; /* U+2018 to U+201D */
    const ucs4_t before = char_before(s, i);
    const ucs4_t at = char_at(s, n, i);

    if (at == 0x2018 || at == 0x201C)
        return is_cjk(before) && !opens_bracket(before) && is_cjk(char_at(s, n, i + quote_len));
    if (before == 0x2019 || before == 0x201D)
        return is_cjk(at) && (!uc_is_punct(at) || opens_bracket(at)) &&
               is_cjk(char_before(s, i - quote_len));
    return false;
}

/* Text being wrapped and the lines found so far. */
struct wrap {
    const char *s;
    size_t n;
    const char *glue;  /* NULL, or n flags: no break before this byte */
    char *opportunity; /* n of libunistring's UC_BREAK_... */
    int cols;          /* of the line that is being filled */
    size_t start;      /* of that line */
    size_t break_at;   /* the last place in it where the next line may start; start for none */
    size_t loose, loose_end; /* a cluster that is too wide for a line: broken between characters */
    struct utf8_line *lines;
    size_t n_lines, cap;
};

static void end_line(struct wrap *w, size_t end, size_t next)
{
    if (w->n_lines == w->cap) {
        w->cap = w->cap ? w->cap * 2 : 8;
        w->lines = x_resize(w->lines, w->cap, sizeof(*w->lines));
    }
    while (end > w->start && w->s[end - 1] == ' ')
        end--;
    w->lines[w->n_lines++] = (struct utf8_line){w->start, end};
    w->start = next;
    w->break_at = next;
}

static bool may_break(const struct wrap *w, size_t i)
{
    if (w->glue && w->glue[i])
        return false;
    if (w->opportunity[i] == UC_BREAK_POSSIBLE)
        return !reads_badly(w->s, w->n, i);
    return !is_ascii(w->s[i]) && quotes_chinese(w->s, w->n, i);
}

/* Columns of what must stay together at i, and its length. */
static int unit_cols(struct wrap *w, size_t i, size_t *len)
{
    if (i < w->loose || i >= w->loose_end) {
        *len = utf8_cluster(w->s + i, w->n - i);
        const int cols = utf8_cols(w->s + i, *len);
        if (cols <= w->cols)
            return cols;
        w->loose = i;
        w->loose_end = i + *len;
    }
    return char_cols(w->s + i, w->n - i, len);
}

/* Fills the lines greedily. A line that overflows is taken back to its last opportunity; as there
 * is no other between that one and here, no character is looked at more than twice. */
static void fill_lines(struct wrap *w, int cols)
{
    int used = 0;
    bool blank = true; /* nothing but blanks in this line yet: no place for a break */
    size_t i = 0;

    while (i < w->n) {
        if (w->s[i] == '\n') {
            end_line(w, i, i + 1);
            w->cols = cols;
            used = 0;
            blank = true;
            i++;
            continue;
        }
        if (!blank && may_break(w, i))
            w->break_at = i;
        size_t len;
        const int add = unit_cols(w, i, &len);
        const bool is_space = len == 1 && w->s[i] == ' ';
        if (!is_space && used + add > w->cols && i > w->start) {
            i = w->break_at > w->start ? w->break_at : i;
            end_line(w, i, i);
            w->cols = cols;
            used = 0;
            blank = true;
            continue;
        }
        blank = blank && is_space;
        used += add; /* blanks may hang over the margin: they are trimmed */
        i += len;
    }
    end_line(w, w->n, w->n);
}

size_t utf8_wrap_glued(const char *s, size_t n, const char *glue, int first_cols, int cols,
                       struct utf8_line **lines)
{
    struct wrap w = {.s = s, .n = n, .glue = glue, .cols = first_cols};

    if (n > 0) {
        w.opportunity = xmalloc(n);
        u8_possible_linebreaks(bytes_of(s), n, "UTF-8", w.opportunity);
    }
    fill_lines(&w, cols);
    free(w.opportunity);
    *lines = w.lines;
    return w.n_lines;
}

size_t utf8_wrap(const char *s, size_t n, int first_cols, int cols, struct utf8_line **lines)
{
    return utf8_wrap_glued(s, n, NULL, first_cols, cols, lines);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Runs of blanks to one space, none at the ends; in place. */
static void squeeze_blanks(struct buf *b)
{
    size_t to = 0;

    for (size_t from = 0; from < b->len; from++) {
        if (!is_blank(b->text[from]))
            b->text[to++] = b->text[from];
        else if (to > 0 && b->text[to - 1] != ' ')
            b->text[to++] = ' ';
    }
    while (to > 0 && b->text[to - 1] == ' ')
        to--;
    b->text[to] = '\0';
    b->len = to;
}

static void fold_ascii(struct buf *out, const char *s, size_t n)
{
    buf_add(out, s, n);
    for (size_t i = 0; i < n; i++) {
        if (s[i] >= 'A' && s[i] <= 'Z')
            out->text[i] = (char)(s[i] - 'A' + 'a');
    }
}

static void fold_unicode(struct buf *out, const char *s, size_t n)
{
    size_t len;
    uint8_t *folded = u8_casefold(bytes_of(s), n, NULL, UNINORM_NFKC, NULL, &len);

    if (!folded)
        die("out of memory folding a text");
    buf_add(out, folded, len);
    free(folded);
}

static size_t ascii_prefix(const char *s, size_t n)
{
    size_t i = 0;

    while (i < n && is_ascii(s[i]))
        i++;
    return i;
}

char *utf8_fold(const char *s)
{
    const size_t n = strlen(s);
    struct buf out = {0};
    struct buf clean = {0};

    buf_puts(&out, "");
    if (ascii_prefix(s, n) == n) {
        fold_ascii(&out, s, n);
    } else if (utf8_valid(s, n)) {
        fold_unicode(&out, s, n);
    } else {
        utf8_clean(&clean, s, n, true);
        fold_unicode(&out, clean.text, clean.len);
        buf_release(&clean);
    }
    squeeze_blanks(&out);
    return buf_take(&out);
}
