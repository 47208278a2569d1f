/*
 * highlight.c: a lexer for C that never fails and covers every byte. See highlight.h.
 *
 * A loop over tokens: comments first, as they win everywhere, then strings, numbers, words.
 * Inside a preprocessor directive what is neither comment nor string takes the directive's style.
 * Nothing is allocated; runs point into the caller's line.
 */
#include "highlight.h"

#include <string.h>

#include "base.h"

static const char *const keywords[] = {
    "NULL",     "_Alignas", "_Alignof", "_Atomic", "_Generic",       "_Noreturn",
    "__asm__",  "alignas",  "alignof",  "asm",     "_Static_assert", "_Thread_local",
    "auto",     "break",    "case",     "const",   "__attribute__",  "static_assert",
    "continue", "default",  "do",       "else",    "enum",           "extern",
    "false",    "for",      "goto",     "if",      "inline",         "noreturn",
    "register", "restrict", "return",   "sizeof",  "static",         "struct",
    "switch",   "true",     "typedef",  "typeof",  "thread_local",   "union",
    "volatile", "while",    "__thread",
};

/* Besides everything that ends in _t. */
static const char *const types[] = {
    "DIR", "FILE", "_Bool", "_Complex", "bool",    "char",     "double",  "float", "fd_set",
    "int", "long", "short", "signed",   "jmp_buf", "unsigned", "va_list", "void",
};

/* The line being split and the runs made of it so far. */
struct lexer {
    struct hl_state *st;
    const char *s;
    size_t n;
    struct md_run *runs;
    size_t n_runs, max;
};

static void add_run(struct lexer *lx, size_t start, size_t end, enum md_style style)
{
    const size_t n = lx->n_runs;

    if (start == end)
        return;
    if (n > 0 && (lx->runs[n - 1].style == style || n == lx->max)) {
        lx->runs[n - 1].len += end - start;
        return;
    }
    lx->runs[lx->n_runs++] =
        (struct md_run){.text = lx->s + start, .len = end - start, .style = style};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters of an identifier; bytes beyond ASCII belong to universal characters. */
static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static bool starts_with(const struct lexer *lx, size_t i, const char *what)
{
    const size_t len = strlen(what);

    return lx->n - i >= len && memcmp(lx->s + i, what, len) == 0;
}

static bool is_one_of(const char *const *words, size_t n_words, const char *s, size_t n)
{
    for (size_t i = 0; i < n_words; i++) {
        if (strlen(words[i]) == n && memcmp(words[i], s, n) == 0)
            return true;
    }
    return false;
}

/* A backslash at the very end joins the next line to this one. */
static bool goes_on(const struct lexer *lx)
{
    return lx->n > 0 && lx->s[lx->n - 1] == '\\';
}

/* The end of a block comment whose text starts at i. */
static size_t skip_comment(struct lexer *lx, size_t i)
{
    const char *end = lx->n - i >= 2 ? memmem(lx->s + i, lx->n - i, "*/", 2) : NULL;

    lx->st->in_comment = !end;
    return end ? (size_t)(end - lx->s) + 2 : lx->n;
}

/* The end of a string or character constant whose text, behind the quote, starts at i. */
static size_t skip_string(struct lexer *lx, size_t i, char quote)
{
    for (; i < lx->n; i++) {
        if (lx->s[i] == quote)
            return i + 1;
        if (lx->s[i] == '\\' && i + 1 == lx->n)
            lx->st->in_string = quote;
        if (lx->s[i] == '\\')
            i++;
    }
    return lx->n;
}

/* A preprocessing number (C11 6.4.8): suffixes, dots and signed exponents included. */
static size_t skip_number(const struct lexer *lx, size_t i)
{
    for (i++; i < lx->n; i++) {
        const char c = lx->s[i];
        const char before = (char)(lx->s[i - 1] | 0x20);
        const bool exponent = (c == '+' || c == '-') && (before == 'e' || before == 'p');
        if (!is_word(c) && c != '.' && !exponent)
            break;
    }
    return i;
}

static size_t skip_word(const struct lexer *lx, size_t i)
{
    while (i < lx->n && is_word(lx->s[i]))
        i++;
    return i;
}

static enum md_style word_style(const char *s, size_t n)
{
    if (is_one_of(keywords, ARRAY_LEN(keywords), s, n))
        return MD_SRC_KEYWORD;
    if (is_one_of(types, ARRAY_LEN(types), s, n) || (n > 2 && memcmp(s + n - 2, "_t", 2) == 0))
        return MD_SRC_TYPE;
    return MD_SRC_TEXT;
}

/* Whether s is the prefix of a wide or Unicode string. */
static bool is_encoding(const char *s, size_t n)
{
    static const char *const encodings[] = {"L", "U", "u", "u8"};

    return is_one_of(encodings, ARRAY_LEN(encodings), s, n);
}

static size_t lex_word(struct lexer *lx, size_t i, enum md_style *style)
{
    const size_t end = skip_word(lx, i);
    const char quote = lx->s[end < lx->n ? end : i];

    if ((quote == '"' || quote == '\'') && is_encoding(lx->s + i, end - i)) {
        *style = MD_SRC_STRING;
        return skip_string(lx, end + 1, quote);
    }
    *style = word_style(lx->s + i, end - i);
    return end;
}

/* The end of the token at i, and its style outside a directive. */
static size_t lex_token(struct lexer *lx, size_t i, enum md_style *style)
{
    const char c = lx->s[i];

    if (starts_with(lx, i, "/*")) {
        *style = MD_SRC_COMMENT;
        return skip_comment(lx, i + 2);
    }
    if (starts_with(lx, i, "//")) {
        *style = MD_SRC_COMMENT;
        lx->st->in_line_comment = goes_on(lx);
        return lx->n;
    }
    if (c == '"' || c == '\'') {
        *style = MD_SRC_STRING;
        return skip_string(lx, i + 1, c);
    }
    if (is_digit(c) || (c == '.' && i + 1 < lx->n && is_digit(lx->s[i + 1]))) {
        *style = MD_SRC_NUMBER;
        return skip_number(lx, i);
    }
    if (is_word(c))
        return lex_word(lx, i, style);
    *style = MD_SRC_TEXT;
    return i + 1;
}

static size_t skip_blanks(const struct lexer *lx, size_t i)
{
    while (i < lx->n && is_blank(lx->s[i]))
        i++;
    return i;
}

/* The end of the file in "#include <file>", whose start goes to *start; *start is the end of the
 * line if this is no such line. */
static size_t include_file(const struct lexer *lx, size_t hash, size_t *start)
{
    const size_t word = skip_blanks(lx, hash + 1);
    const char *end = NULL;

    if (starts_with(lx, word, "include")) {
        *start = skip_blanks(lx, word + strlen("include"));
        if (*start < lx->n && lx->s[*start] == '<')
            end = memchr(lx->s + *start, '>', lx->n - *start);
    }
    if (!end)
        *start = lx->n;
    return end ? (size_t)(end - lx->s) + 1 : lx->n;
}

/* What the line before left open: the rest of a comment or of a string. */
static size_t lex_open_token(struct lexer *lx)
{
    size_t end = 0;

    if (lx->st->in_comment) {
        end = skip_comment(lx, 0);
        add_run(lx, 0, end, MD_SRC_COMMENT);
    } else if (lx->st->in_line_comment) {
        end = lx->n;
        lx->st->in_line_comment = goes_on(lx);
        add_run(lx, 0, end, MD_SRC_COMMENT);
    } else if (lx->st->in_string) {
        const char quote = lx->st->in_string;
        lx->st->in_string = '\0';
        end = skip_string(lx, 0, quote);
        add_run(lx, 0, end, MD_SRC_STRING);
    }
    return end;
}

size_t hl_c_line(struct hl_state *st, const char *line, size_t n, struct md_run *runs, size_t max)
{
    struct lexer lx = {.st = st, .s = line, .n = n, .runs = runs, .max = max};
    bool bare = !st->in_string && !st->in_preproc; /* only blanks and comments so far */
    size_t file = n;
    size_t file_end = n;

    if (max == 0)
        BUG("no room for runs");
    for (size_t i = lex_open_token(&lx), end; i < n; i = end) {
        enum md_style style = MD_SRC_STRING;
        if (bare && line[i] == '#') {
            st->in_preproc = true;
            file_end = include_file(&lx, i, &file);
        }
        end = i == file ? file_end : lex_token(&lx, i, &style);
        bare = bare && (style == MD_SRC_COMMENT || is_blank(line[i]));
        if (st->in_preproc && style != MD_SRC_COMMENT && style != MD_SRC_STRING)
            style = MD_SRC_PREPROC;
        add_run(&lx, i, end, style);
    }
    st->in_preproc = st->in_preproc && (goes_on(&lx) || st->in_comment);
    return lx.n_runs;
}
