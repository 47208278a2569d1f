/*
 * check_quiz.c: rules of good questions that a program can hold them against. See check.h.
 */
#include "content/check.h"

#include <ctype.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quiz.h"
#include "utf8.h"

enum {
    ENOUGH_CHOICES = 6, /* questions from which on the longest answer is counted */
    FIELD_MAX = 80,
};

static const char FILE_NAME[] = "quiz.json";

/* Whose field it is: "questions[3].choices[1]". */
static const char *field_of(char out[FIELD_MAX], size_t question, const char *part, size_t i)
{
    snprintf(out, FIELD_MAX, "questions[%zu].%s[%zu]", question, part, i);
    return out;
}

/* ---- stems and choices ---- */

static const char *const EMPTY_CHOICES[] = {
    "all of the above", "none of the above", "以上都对",   "以上都不对", "以上皆是",
    "以上皆非",         "以上都是",          "以上都不是", "以上全对",
};

static const char *const NEGATIVE_STEMS[] = {
    "不正确的是", "不对的是", "错误的是", "不属于", "哪个不", "哪一个不", "哪项不", "哪一项不",
};

/* Whole words in capitals, and "which of the following is not" in its usual forms. */
static const char NEGATIVE_WORDS[] = "(^|[^A-Za-z0-9_])(NOT|EXCEPT)([^A-Za-z0-9_]|$)";
static const char NEGATIVE_QUESTION[] =
    "(^|[^a-z])which (one |of these |of the following |of them )?([a-z]+ ){0,2}"
    "(is|are|does|do|did|can|will|was|were)( not|n't|n’t) ";

static bool matches(const char *pattern, int flags, const char *text)
{
    regex_t re;

    if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB | flags) != 0)
        BUG("bad pattern %s", pattern);
    const bool found = regexec(&re, text, 0, NULL, 0) == 0;
    regfree(&re);
    return found;
}

static const char *find_any(const char *text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcasestr(text, words[i]))
            return words[i];
    return NULL;
}

static void check_text(struct loading *ld, const char *field, const struct bitext *b)
{
    for (size_t lang = 0; lang < LANG_COUNT; lang++) {
        const char *empty = find_any(b->in[lang], EMPTY_CHOICES, ARRAY_LEN(EMPTY_CHOICES));
        if (empty)
            check_report(ld, FILE_NAME, field, "\"%s\": say what is meant", empty);
    }
}

static void check_stem(struct loading *ld, size_t at, const struct question *q)
{
    char field[FIELD_MAX];
    const char *en = q->text.in[LANG_EN], *zh = q->text.in[LANG_ZH];
    const char *negative = find_any(zh, NEGATIVE_STEMS, ARRAY_LEN(NEGATIVE_STEMS));

    snprintf(field, sizeof(field), "questions[%zu].text", at);
    if (matches(NEGATIVE_WORDS, 0, en) || matches(NEGATIVE_QUESTION, REG_ICASE, en))
        check_report(ld, FILE_NAME, field, "asks for what is not so: turn it round");
    else if (negative)
        check_report(ld, FILE_NAME, field, "\"%s\" asks for what is not so: turn it round",
                     negative);
    check_text(ld, field, &q->text);
}

/* ---- the same thing twice ---- */

static bool same_folded(const char *a, const char *b)
{
    char *fa = utf8_fold(a), *fb = utf8_fold(b);
    const bool same = *fa && strcmp(fa, fb) == 0;

    free(fa);
    free(fb);
    return same;
}

static bool same_option(const struct option *a, const struct option *b)
{
    for (size_t lang = 0; lang < LANG_COUNT; lang++)
        if (same_folded(a->text.in[lang], b->text.in[lang]))
            return true;
    return false;
}

static void check_repeats(struct loading *ld, size_t at, const char *part,
                          const struct option *options, size_t n)
{
    char field[FIELD_MAX];

    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (same_option(&options[i], &options[k])) {
                check_report(ld, FILE_NAME, field_of(field, at, part, i), "the same as %s[%zu]",
                             part, k);
                break;
            }
}

static void check_accept(struct loading *ld, size_t at, const struct question *q)
{
    char field[FIELD_MAX];

    for (size_t i = 1; i < q->n_accept; i++)
        for (size_t k = 0; k < i; k++)
            if (same_folded(q->accept[i], q->accept[k])) {
                check_report(ld, FILE_NAME, field_of(field, at, "accept", i),
                             "the same as accept[%zu]", k);
                break;
            }
}

/* A known wrong answer must be one the grader finds wrong. */
static void check_wrong(struct loading *ld, size_t at, const struct question *q)
{
    char field[FIELD_MAX];

    check_repeats(ld, at, "wrong", q->wrong, q->n_wrong);
    for (size_t i = 0; i < q->n_wrong; i++) {
        const char *value = q->wrong[i].text.in[LANG_EN];
        field_of(field, at, "wrong", i);
        if (!quiz_response_valid(q, value, NULL))
            check_report(ld, FILE_NAME, field, "cannot be given as an answer");
        else if (quiz_grade(q, value).right)
            check_report(ld, FILE_NAME, field, "is accepted as right");
    }
}

/* ---- the right answer gives itself away ---- */

static bool right_is_longest(const struct question *q, size_t lang)
{
    int longest[2] = {0, 0}; /* of the wrong ones, of the right one */

    for (size_t i = 0; i < q->n_options; i++) {
        const struct option *o = &q->options[i];
        longest[o->right] = int_max(longest[o->right], utf8_cols_str(o->text.in[lang]));
    }
    return longest[true] > longest[false];
}

static void check_lengths(struct loading *ld, size_t lang)
{
    const struct lesson *l = ld->l;
    size_t n = 0, longest = 0;
    struct buf ids = {0};

    for (size_t i = 0; i < l->n_questions; i++) {
        const struct question *q = &l->questions[i];
        if (q->kind != Q_CHOICE || q->n_options == 0)
            continue;
        n++;
        if (!right_is_longest(q, lang))
            continue;
        longest++;
        buf_printf(&ids, "%s%s", ids.len > 0 ? ", " : "", q->id);
    }
    if (n >= ENOUGH_CHOICES && longest * 3 > n)
        check_report(ld, FILE_NAME, "questions",
                     "the right choice is the longest in %zu of %zu questions in %s, at most %zu "
                     "may be: %s",
                     longest, n, text_lang_name((enum lang)lang), n / 3, buf_text(&ids));
    buf_release(&ids);
}

/* ---- the file ---- */

static void check_program(struct loading *ld, size_t at, const struct question *q)
{
    char field[FIELD_MAX];
    const char *part = q->kind == Q_OUTPUT ? "program" : "code";

    snprintf(field, sizeof(field), "questions[%zu].%s", at, part);
    check_code_width(ld, FILE_NAME, field, q->code);
    const size_t lines = line_at(q->code, strlen(q->code)) - 1;
    if (q->kind == Q_OUTPUT && lines > MAX_PROGRAM_LINES)
        check_report(ld, FILE_NAME, field, "the program has %zu lines, %d are allowed", lines,
                     MAX_PROGRAM_LINES);
}

static void check_question(struct loading *ld, size_t at, const struct question *q)
{
    const char *part = q->kind == Q_ORDER ? "items" : "choices";
    char field[FIELD_MAX];

    check_stem(ld, at, q);
    check_program(ld, at, q);
    check_repeats(ld, at, part, q->options, q->n_options);
    for (size_t i = 0; i < q->n_options; i++)
        check_text(ld, field_of(field, at, part, i), &q->options[i].text);
    check_accept(ld, at, q);
    if (*q->id)
        check_wrong(ld, at, q);
}

void check_quiz(struct loading *ld)
{
    for (size_t i = 0; i < ld->l->n_questions; i++)
        check_question(ld, i, &ld->l->questions[i]);
    for (size_t lang = 0; lang < LANG_COUNT; lang++)
        check_lengths(ld, lang);
}
