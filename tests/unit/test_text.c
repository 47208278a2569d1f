/*
 * test_text.c: the table of the tutor's words: both languages whole, printable, and taking the same
 * arguments; and the names of languages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "base.h"
#include "text.h"
#include "turns.h"
#include "utf8.h"

static const char *const ids[] = {
#define TEXT(id, en, zh) #id,
#include "text.def"
#undef TEXT
};

static const char *in_lang(enum lang lang, size_t id)
{
    text_set_lang(lang);
    const char *s = text((enum text_id)id);
    text_set_lang(LANG_EN);
    return s;
}

/* ---- every text ---- */

static void every_id_has_words_in_both_languages(void **unused)
{
    (void)unused;
    assert_int_equal(ARRAY_LEN(ids), TXT_COUNT);
    for (size_t i = 0; i < TXT_COUNT; i++)
        for (int lang = 0; lang < LANG_COUNT; lang++)
            if (!in_lang((enum lang)lang, i) || !in_lang((enum lang)lang, i)[0])
                fail_msg("%s has no words in %s", ids[i], text_lang_name((enum lang)lang));
}

/* A character a terminal may be sent: no controls, nothing invisible that turns the direction. */
static bool is_printable(ucs4_t c)
{
    return c >= ' ' && !(c >= 0x7f && c <= 0x9f) && !(c >= 0x200b && c <= 0x200f) &&
           !(c >= 0x2028 && c <= 0x202e) && c != 0xfeff;
}

static void check_characters(const char *id, const char *s)
{
    const uint8_t *at = (const uint8_t *)s;
    ucs4_t c;

    if (!utf8_valid(s, strlen(s)))
        fail_msg("%s is no UTF-8", id);
    while ((at = u8_next(&c, at)) != NULL)
        if (!is_printable(c))
            fail_msg("%s has the character U+%04X", id, (unsigned)c);
}

static void every_text_is_printable(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < TXT_COUNT; i++)
        for (int lang = 0; lang < LANG_COUNT; lang++)
            check_characters(ids[i], in_lang((enum lang)lang, i));
}

/* English is what an ASCII terminal can show, but for a few signs; Chinese has Chinese in it or
 * nothing to translate. */
static void the_languages_are_not_swapped(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < TXT_COUNT; i++) {
        const char *en = in_lang(LANG_EN, i), *zh = in_lang(LANG_ZH, i);
        if (i == TXT_KEY_LANGUAGE) /* names the other one */
            continue;
        for (const uint8_t *at = (const uint8_t *)en; *at;) {
            ucs4_t c;
            at = u8_next(&c, at);
            if (c >= 0x2e80)
                fail_msg("%s: Chinese in English", ids[i]);
        }
        if (strcmp(en, zh) != 0 && u8_mbsnlen((const uint8_t *)zh, strlen(zh)) == strlen(zh))
            fail_msg("%s: no Chinese in \"%s\"", ids[i], zh);
    }
}

/* ---- formats ---- */

enum { MAX_ARGS = 9 };

/* What each argument of a format is: length and conversion, such as "zu", "d", "s", "f". */
struct format {
    char type[MAX_ARGS][8];
    int n;
    bool numbered, plain; /* %1$d, %d */
};

static const char *skip_any(const char *at, const char *set)
{
    return at + strspn(at, set);
}

/* Reads the conversion behind a '%'; where it ends, NULL if it is none. */
static const char *read_conversion(const char *at, struct format *f)
{
    char *digits_end;
    const long number = isdigit((unsigned char)*at) ? strtol(at, &digits_end, 10) : 0;
    const bool numbered = number > 0 && *digits_end == '$';
    const int arg = numbered ? (int)number - 1 : f->n;

    if (arg >= MAX_ARGS)
        return NULL;
    at = skip_any(numbered ? digits_end + 1 : at, "#0- +'"); /* flags */
    at = skip_any(at, "0123456789");
    if (*at == '.')
        at = skip_any(at + 1, "0123456789");
    const char *type = at;
    at = skip_any(at, "hljztL");
    if (!*at || !strchr("diouxXeEfFgGcsp", *at) || at - type > 3)
        return NULL;
    at++;
    char *slot = f->type[arg];
    if (slot[0] && strncmp(slot, type, (size_t)(at - type)) != 0)
        return NULL;
    memcpy(slot, type, (size_t)(at - type));
    slot[at - type] = '\0';
    f->numbered |= numbered;
    f->plain |= !numbered;
    f->n = int_max(f->n, arg + 1);
    return at;
}

/* false if s is no sound format. */
static bool read_format(const char *s, struct format *f)
{
    *f = (struct format){.n = 0};
    while ((s = strchr(s, '%')) != NULL) {
        s++;
        if (*s == '%') {
            s++;
            continue;
        }
        s = read_conversion(s, f);
        if (!s)
            return false;
    }
    if (f->numbered && f->plain) /* undefined */
        return false;
    for (int i = 0; i < f->n; i++) /* a gap would be read as an int */
        if (!f->type[i][0])
            return false;
    return true;
}

static bool same_args(const struct format *a, const struct format *b)
{
    if (a->n != b->n)
        return false;
    for (int i = 0; i < a->n; i++)
        if (strcmp(a->type[i], b->type[i]) != 0)
            return false;
    return true;
}

static void both_languages_take_the_same_arguments(void **unused)
{
    (void)unused;
    int formats = 0;

    for (size_t i = 0; i < TXT_COUNT; i++) {
        struct format en, zh;
        if (!read_format(in_lang(LANG_EN, i), &en) || !read_format(in_lang(LANG_ZH, i), &zh))
            fail_msg("%s is no sound format: \"%s\", \"%s\"", ids[i], in_lang(LANG_EN, i),
                     in_lang(LANG_ZH, i));
        if (!same_args(&en, &zh))
            fail_msg("%s takes other arguments in Chinese: \"%s\", \"%s\"", ids[i],
                     in_lang(LANG_EN, i), in_lang(LANG_ZH, i));
        formats += en.n > 0;
    }
    assert_true(formats > 30);
}

/* The reader of formats itself. */
static void differing_formats_are_told_apart(void **unused)
{
    (void)unused;
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {"%d of %zu", "%d/%zu", true},
        {"%zu of %d", "%2$d %1$zu", true},
        {"%zu of %d", "%1$zu %2$d", true},
        {"%d of %zu", "%zu/%d", false},
        {"%d", "%zu", false},
        {"%d", "%s", false},
        {"%d", "none", false},
        {"%d %d", "%d", false},
        {"%.1f", "%.2f", true},
        {"%5d%%", "%d 100%%", true},
        {"%lld", "%ld", false},
    };
    static const char *const unsound[] = {"100% right", "%", "%q", "%1$d %d", "%2$d", "%1$d %1$s"};
    struct format a, b;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(read_format(rows[i].a, &a) && read_format(rows[i].b, &b));
        assert_int_equal(same_args(&a, &b), rows[i].same);
    }
    for (size_t i = 0; i < ARRAY_LEN(unsound); i++)
        if (read_format(unsound[i], &a))
            fail_msg("\"%s\" is taken for sound", unsound[i]);
}

/* ---- languages ---- */

static void languages_have_names(void **unused)
{
    (void)unused;
    static const struct {
        const char *name;
        int lang; /* -1: none */
    } rows[] = {
        {"en", LANG_EN},
        {"zh", LANG_ZH},
        {"zh_CN.UTF-8", LANG_ZH},
        {"zh-Hans", LANG_ZH},
        {"zh.UTF-8", LANG_ZH},
        {"zh@x", LANG_ZH},
        {"en_US.UTF-8", LANG_EN},
        {"en_GB", LANG_EN},
        {"C", -1},
        {"POSIX", -1},
        {"", -1},
        {"e", -1},
        {"eng", -1},
        {"zhong", -1},
        {"ZH", -1},
        {"de_DE.UTF-8", -1},
        {"C.UTF-8", -1},
    };

    assert_string_equal(text_lang_name(LANG_EN), "en");
    assert_string_equal(text_lang_name(LANG_ZH), "zh");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        enum lang lang = LANG_COUNT;
        const bool known = text_lang_parse(rows[i].name, &lang);
        if (known != (rows[i].lang >= 0) || (known && (int)lang != rows[i].lang))
            fail_msg("\"%s\" is %d", rows[i].name, known ? (int)lang : -1);
        assert_true(known || lang == LANG_COUNT); /* left alone */
    }
}

static void the_current_language_decides(void **unused)
{
    (void)unused;
    static const struct bitext both = {{"one", "一"}};

    assert_int_equal(text_lang(), LANG_EN);
    assert_string_equal(text(TXT_KEY_QUIT), "quit");
    assert_string_equal(text_of(&both), "one");
    text_set_lang(LANG_ZH);
    assert_int_equal(text_lang(), LANG_ZH);
    assert_string_equal(text(TXT_KEY_QUIT), "退出");
    assert_string_equal(text_of(&both), "一");
    text_set_lang(LANG_EN);
}

static void ask_for_no_text(void)
{
    text(TXT_COUNT);
}

static void an_id_that_is_none_is_a_bug(void **unused)
{
    (void)unused;
    assert_bug(ask_for_no_text, "text id");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_id_has_words_in_both_languages),
        cmocka_unit_test(every_text_is_printable),
        cmocka_unit_test(the_languages_are_not_swapped),
        cmocka_unit_test(both_languages_take_the_same_arguments),
        cmocka_unit_test(differing_formats_are_told_apart),
        cmocka_unit_test(languages_have_names),
        cmocka_unit_test(the_current_language_decides),
        cmocka_unit_test(an_id_that_is_none_is_a_bug),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
