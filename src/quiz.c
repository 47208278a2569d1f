/*
 * quiz.c: asking and grading. See quiz.h.
 */
#include "quiz.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "utf8.h"

/* ---- canonical responses ---- */

/* Reads "2" or "0,2,5" into list; the number of indexes, or -1 if it is no such list, names an
 * option that does not exist, or names one twice. */
static int parse_indexes(const char *s, size_t n_options, size_t *list)
{
    bool seen[CONTENT_MAX_CHOICES] = {false};
    int n = 0;

    if (*s == '\0')
        return 0;
    for (;;) {
        char *end;
        if (!isdigit((unsigned char)*s))
            return -1;
        errno = 0;
        const unsigned long i = strtoul(s, &end, 10);
        if (errno || i >= n_options || i >= CONTENT_MAX_CHOICES || seen[i])
            return -1;
        seen[i] = true;
        list[n++] = i;
        if (*end == '\0')
            return n;
        if (*end != ',')
            return -1;
        s = end + 1;
    }
}

static bool parse_number(const char *s, double *value)
{
    char *folded = utf8_fold(s);
    char *end;

    *value = strtod(folded, &end);
    const bool ok = end != folded && *end == '\0' && isfinite(*value);
    free(folded);
    return ok;
}

static bool indexes_ascend(const size_t *list, int n)
{
    for (int i = 1; i < n; i++)
        if (list[i - 1] >= list[i])
            return false;
    return true;
}

/* Blanks of any width: a Chinese input method types U+3000. */
static bool is_blank(const char *s)
{
    char *folded = utf8_fold(s);
    const bool blank = folded[strspn(folded, " \t\r\n")] == '\0';

    free(folded);
    return blank;
}

bool quiz_response_valid(const struct question *q, const char *response, struct err *e)
{
    size_t list[CONTENT_MAX_CHOICES];
    double value;
    int n;

    if (strlen(response) >= QUIZ_MAX_RESPONSE)
        return err_set(e, "answer: longer than %d bytes", QUIZ_MAX_RESPONSE - 1);
    switch (q->kind) {
    case Q_CHOICE:
        if (parse_indexes(response, q->n_options, list) != 1)
            return err_set(e, "answer: needs one choice");
        return true;
    case Q_MULTI:
        n = parse_indexes(response, q->n_options, list);
        if (n < 0 || !indexes_ascend(list, n))
            return err_set(e, "answer: needs choices, each once");
        return true;
    case Q_ORDER:
        if (parse_indexes(response, q->n_options, list) != (int)q->n_options)
            return err_set(e, "answer: needs all %zu items, each once", q->n_options);
        return true;
    case Q_NUMBER:
        if (!parse_number(response, &value))
            return err_set(e, "answer: needs a number");
        return true;
    case Q_TEXT:
    case Q_OUTPUT:
        return !is_blank(response) || err_set(e, "answer: is empty");
    case Q_KINDS:
        break;
    }
    BUG("question kind %d", (int)q->kind);
}

/* ---- grading ---- */

/* What a program prints, compared without minding blanks: runs of them, line ends included, are
 * one space. */
static bool same_output(const char *a, const char *b)
{
    static const char blank[] = " \t\r\n";

    for (;;) {
        a += strspn(a, blank);
        b += strspn(b, blank);
        const size_t na = strcspn(a, blank), nb = strcspn(b, blank);
        if (na != nb || memcmp(a, b, na) != 0)
            return false;
        if (na == 0)
            return true;
        a += na;
        b += nb;
    }
}

static bool same_text(const char *a, const char *b)
{
    char *fa = utf8_fold(a), *fb = utf8_fold(b);
    const bool same = strcmp(fa, fb) == 0;

    free(fa);
    free(fb);
    return same;
}

/* What a decimal loses on its way through a double and back, relative. */
static const double ROUNDING = 1e-9;

static bool number_is_right(const struct question *q, double given)
{
    if (q->factor > 0) {
        const double ratio = given / q->value;
        return ratio >= (1 - ROUNDING) / q->factor && ratio <= q->factor * (1 + ROUNDING);
    }
    return fabs(given - q->value) <= q->tolerance + ROUNDING * fabs(q->value);
}

static bool matches(const struct question *q, const char *response, const char *words)
{
    double a, b;

    switch (q->kind) {
    case Q_NUMBER:
        return parse_number(response, &a) && parse_number(words, &b) &&
               fabs(a - b) <= ROUNDING * fabs(b);
    case Q_OUTPUT:
        return same_output(response, words);
    default:
        return same_text(response, words);
    }
}

static bool typed_is_right(const struct question *q, const char *response)
{
    double given;

    if (q->kind == Q_NUMBER)
        return parse_number(response, &given) && number_is_right(q, given);
    for (size_t i = 0; i < q->n_accept; i++)
        if (matches(q, response, q->accept[i]))
            return true;
    return false;
}

static struct grade grade_typed(const struct question *q, const char *response)
{
    struct grade g = {.right = typed_is_right(q, response), .known = -1};

    g.score = g.right ? 1 : 0;
    for (size_t i = 0; i < q->n_wrong && !g.right && g.known < 0; i++)
        if (matches(q, response, q->wrong[i].text.in[LANG_EN]) ||
            matches(q, response, q->wrong[i].text.in[LANG_ZH]))
            g.known = (int)i;
    return g;
}

static struct grade grade_multi(const struct question *q, const size_t *list, int n)
{
    int right = 0, hits = 0;

    for (size_t i = 0; i < q->n_options; i++)
        right += q->options[i].right;
    for (int i = 0; i < n; i++)
        hits += q->options[list[i]].right;
    const int misses = n - hits;
    return (struct grade){.right = hits == right && misses == 0,
                          .score = int_max(0, hits - misses) / (double)int_max(1, right),
                          .known = -1};
}

static struct grade grade_order(const size_t *list, size_t n)
{
    size_t in_order = 0, in_place = 0;

    for (size_t i = 0; i < n; i++) {
        in_place += list[i] == i;
        in_order += i > 0 && list[i - 1] + 1 == list[i];
    }
    const bool right = in_place == n; /* then all n - 1 pairs are in order; n is at least 3 */
    return (struct grade){.right = right, .score = (double)in_order / (double)(n - 1), .known = -1};
}

struct grade quiz_grade(const struct question *q, const char *response)
{
    size_t list[CONTENT_MAX_CHOICES] = {0};
    int n = 0;

    if (question_is_list(q)) {
        n = parse_indexes(response, q->n_options, list);
        if (n < 0)
            BUG("grading \"%s\", which is no valid response", response);
    }
    switch (q->kind) {
    case Q_CHOICE: {
        const bool right = n == 1 && q->options[list[0]].right;
        return (struct grade){.right = right, .score = right ? 1 : 0, .known = -1};
    }
    case Q_MULTI:
        return grade_multi(q, list, n);
    case Q_ORDER:
        return grade_order(list, q->n_options);
    default:
        return grade_typed(q, response);
    }
}

/* ---- as words ---- */

static void add_option(struct buf *out, const struct option *o)
{
    buf_printf(out, "%s%s", out->len ? "\n" : "", text_of(&o->text));
}

static const char *trimmed_unit(const struct question *q)
{
    return text_of(&q->unit) ? text_of(&q->unit) : "";
}

char *quiz_answer_text(const struct question *q)
{
    struct buf out = {0};

    switch (q->kind) {
    case Q_CHOICE:
    case Q_MULTI:
        for (size_t i = 0; i < q->n_options; i++)
            if (q->options[i].right)
                add_option(&out, &q->options[i]);
        break;
    case Q_ORDER:
        for (size_t i = 0; i < q->n_options; i++)
            add_option(&out, &q->options[i]);
        break;
    case Q_NUMBER:
        buf_printf(&out, "%.10g%s%s", q->value, trimmed_unit(q)[0] ? " " : "", trimmed_unit(q));
        break;
    default:
        buf_puts(&out, q->accept[0]);
        while (out.len > 0 && out.text[out.len - 1] == '\n')
            out.text[--out.len] = '\0';
        break;
    }
    return buf_take(&out);
}

char *quiz_response_text(const struct question *q, const char *response)
{
    size_t list[CONTENT_MAX_CHOICES] = {0};
    struct buf out = {0};

    if (!question_is_list(q)) {
        utf8_clean(&out, response, strlen(response), true);
        return buf_take(&out);
    }
    const int n = parse_indexes(response, q->n_options, list);
    for (int i = 0; i < n; i++)
        add_option(&out, &q->options[list[i]]);
    return buf_take(&out);
}

/* ---- shuffling ---- */

uint64_t quiz_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* FNV-1a (Fowler, Noll, Vo), so that each question has an order of its own. */
static uint64_t hash_id(const char *id)
{
    uint64_t h = 0xcbf29ce484222325;

    for (; *id; id++)
        h = (h ^ (unsigned char)*id) * 0x100000001b3;
    return h;
}

static bool is_identity(const size_t *perm, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (perm[i] != i)
            return false;
    return true;
}

/* Fisher-Yates. n is small: the bias of the remainder is below 2^-50. */
static void shuffle(uint64_t *state, size_t n, size_t *perm)
{
    for (size_t i = n; i > 1; i--) {
        const size_t k = (size_t)(quiz_random(state) % i);
        const size_t tmp = perm[i - 1];
        perm[i - 1] = perm[k];
        perm[k] = tmp;
    }
}

void quiz_shuffle(uint64_t seed, const char *id, size_t n, size_t *perm)
{
    uint64_t state = seed ^ hash_id(id);

    for (size_t i = 0; i < n; i++)
        perm[i] = i;
    shuffle(&state, n, perm);
}

void quiz_shuffle_options(uint64_t seed, const struct question *q, size_t *perm)
{
    uint64_t state = seed ^ hash_id(q->id);

    for (size_t i = 0; i < q->n_options; i++)
        perm[i] = i;
    do
        shuffle(&state, q->n_options, perm);
    while (q->kind == Q_ORDER && q->n_options > 1 && is_identity(perm, q->n_options));
}
