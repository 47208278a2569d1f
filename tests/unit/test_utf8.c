/*
 * test_utf8.c: columns, clusters, line breaks and harmless bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "utf8.h"

static void validity_follows_rfc_3629(void **state)
{
    static const struct {
        const char *bytes;
        bool valid;
    } rows[] = {
        {"", true},
        {"plain", true},
        {"中文，é, 👍", true},
        {"\xf4\x8f\xbf\xbf", true},  /* U+10FFFF, the last one */
        {"\xf4\x90\x80\x80", false}, /* beyond it */
        {"\xc0\xaf", false},         /* overlong '/' */
        {"\xe0\x80\xaf", false},
        {"\xed\xa0\x80", false}, /* a surrogate */
        {"\xe4\xb8", false},     /* cut short */
        {"a\x80", false},
        {"\xff", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(utf8_valid(rows[i].bytes, strlen(rows[i].bytes)), rows[i].valid);
    assert_true(utf8_valid("a\0b", 3));
}

static void clusters_are_what_a_reader_calls_a_character(void **state)
{
    static const struct {
        const char *text;
        size_t len;
    } rows[] = {
        {"ab", 1},
        {"中文", 3},
        {"e\u0301x", 3},            /* letter and accent */
        {"\r\nx", 2},               /* CR LF */
        {"👨\u200d👩\u200d👧x", 18},   /* a family */
        {"👍🏽x", 8},           /* skin tone */
        {"🇨🇳🇺🇸", 8},                /* one flag of two */
        {"🇨x", 4},                  /* half a flag */
        {"a\u200d👧", 4},            /* joined to a letter: not an emoji */
        {"\u1112\u1161\u11abx", 9}, /* Hangul of three letters */
        {"\xff\x80", 1},            /* not UTF-8 */
        {"\xe4\xb8", 1},            /* cut short */
        {"e\u0301\xff", 3},         /* a bad byte is no part of it */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(utf8_cluster(rows[i].text, strlen(rows[i].text)), rows[i].len);
}

static void columns_are_terminal_cells(void **state)
{
    static const struct {
        const char *text;
        int cols;
    } rows[] = {
        {"", 0},         {"epoll_wait(2)", 13}, {"中文", 4},
        {"，。「」", 8}, {"ｆｄ", 4},           {"e\u0301", 1},
        {"é", 1},        {"“quoted”", 8},       {"─│", 2},
        {"👍", 2},        {"a\u200bb", 2},       {"한국", 4},
        {"…—", 2},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(utf8_cols_str(rows[i].text), rows[i].cols);
    assert_int_equal(utf8_cols("中文", 3), 2);
}

/* ncurses measures with wcwidth(); where both languages live, it must agree. */
static void columns_agree_with_the_c_library(void **state)
{
    static const struct {
        uint32_t from, to;
    } ranges[] = {
        {0x20, 0x7e},     {0xa0, 0xac},     {0xae, 0x17f},    {0x2010, 0x2027}, {0x2190, 0x21ff},
        {0x2500, 0x259f}, {0x2800, 0x28ff}, {0x3000, 0x303e}, {0x4e00, 0x9ffc}, {0xff01, 0xff60},
    };

    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        skip();
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        for (uint32_t c = ranges[i].from; c <= ranges[i].to; c++) {
            struct buf b = {0};
            utf8_put(&b, c);
            if (utf8_cols(b.text, b.len) != wcwidth((wchar_t)c))
                fail_msg("U+%04X: %d columns, not %d", (unsigned)c, utf8_cols(b.text, b.len),
                         wcwidth((wchar_t)c));
            buf_release(&b);
        }
    }
    setlocale(LC_CTYPE, "C");
}

static void fit_takes_whole_clusters(void **state)
{
    (void)state;
    assert_int_equal(utf8_fit("abc", 3, 2), 2);
    assert_int_equal(utf8_fit("abc", 3, 10), 3);
    assert_int_equal(utf8_fit("abc", 3, 0), 0);
    assert_int_equal(utf8_fit("abc", 3, -1), 0);
    assert_int_equal(utf8_fit("中文", 6, 3), 3); /* half a character does not fit */
    assert_int_equal(utf8_fit("ae\u0301x", 5, 2), 4);
    assert_int_equal(utf8_fit("", 0, 5), 0);
}

static void clean_shows_what_would_do_harm(void **state)
{
    static const struct {
        const char *raw, *clean;
    } rows[] = {
        {"plain 中文", "plain 中文"},
        {"\033[2J", "^[[2J"},
        {"a\rb\a", "a^Mb^G"},
        {"\x7f", "^?"},
        {"\xc2\x9b"
         "31m",
         "\\x9b31m"},                                 /* C1: CSI in one character */
        {"\u202Eevil\u2066", "<U+202E>evil<U+2066>"}, /* bidirectional controls */
        {"\u200F\u061C", "<U+200F><U+061C>"},
        {"a\u2028b", "a<U+2028>b"}, /* breaks the line elsewhere */
        {"\xff\xe4\xb8!", "\\xff\\xe4\\xb8!"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
        {"\tx", "        x"},
        {"ab\tx", "ab      x"},
        {"中文\tx\ty", "中文    x       y"},
        {"12345678\tx", "12345678        x"},
        {"", ""},
    };
    struct buf out = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        buf_clear(&out);
        utf8_clean(&out, rows[i].raw, strlen(rows[i].raw), false);
        assert_string_equal(buf_text(&out), rows[i].clean);
    }
    buf_clear(&out);
    utf8_clean(&out, "a\0b", 3, false);
    assert_string_equal(out.text, "a^@b");
    buf_release(&out);
}

static void clean_keeps_newlines_on_request(void **state)
{
    struct buf out = {0};

    (void)state;
    utf8_clean(&out, "abc\n\tx", 6, true);
    assert_string_equal(out.text, "abc\n        x");
    buf_clear(&out);
    utf8_clean(&out, "abc\n\tx", 6, false);
    assert_string_equal(out.text, "abc^J   x");
    buf_release(&out);
}

static void clean_counts_tabs_from_its_own_start(void **state)
{
    struct buf out = {0};

    (void)state;
    buf_puts(&out, "prompt: ");
    utf8_clean(&out, "a\tb", 3, true);
    assert_string_equal(out.text, "prompt: a       b");
    buf_release(&out);
}

/* Each tab needs the column it starts at; counting from the start of the line takes minutes. */
static void many_tabs_take_no_time(void **state)
{
    struct buf tabs = {0};
    struct buf out = {0};

    (void)state;
    for (int i = 0; i < 100 * 1000; i++)
        buf_putc(&tabs, '\t');
    alarm(10);
    utf8_clean(&out, tabs.text, tabs.len, false);
    alarm(0);
    assert_int_equal(out.len, 8 * tabs.len);
    buf_release(&tabs);
    buf_release(&out);
}

static void every_byte_can_be_cleaned(void **state)
{
    struct buf out = {0};

    (void)state;
    for (int a = 0; a < 256; a++) {
        for (int b = 0; b < 256; b++) {
            const char pair[2] = {(char)a, (char)b};
            buf_clear(&out);
            utf8_clean(&out, pair, 2, false);
            assert_true(utf8_valid(out.text, out.len));
            for (size_t i = 0; i < out.len; i++)
                assert_true((unsigned char)out.text[i] >= ' ' && out.text[i] != 0x7f);
        }
    }
    buf_release(&out);
}

/* The lines of a text, joined by '|'. */
static char *wrapped(const char *text, int first_cols, int cols)
{
    struct utf8_line *lines;
    struct buf out = {0};
    const size_t n = utf8_wrap(text, strlen(text), first_cols, cols, &lines);

    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_putc(&out, '|');
        buf_add(&out, text + lines[i].start, lines[i].end - lines[i].start);
    }
    free(lines);
    return buf_take(&out);
}

static void wrapping_is_as_a_reader_expects(void **state)
{
    static const struct {
        int first, cols;
        const char *text, *lines;
    } rows[] = {
        {10, 10, "", ""},
        {10, 10, "one two three", "one two|three"},
        {3, 10, "one two three", "one|two three"},
        {7, 7, "one two", "one two"},
        {7, 7, "one two   three", "one two|three"}, /* blanks at the break are gone */
        {10, 10, "one\n\ntwo\n", "one||two|"},
        {10, 10, "  indented text", "  indented|text"},
        {4, 4, "abcdefghij", "abcd|efgh|ij"}, /* a word too long */
        {6, 6, "a abcdefghij", "a|abcdef|ghij"},
        {9, 9, "flag -Wall is on", "flag|-Wall is|on"},
        {8, 8, "use --help now", "use|--help|now"},
        {6, 6, "see e.g. x", "see|e.g. x"},
        {5, 5, "the I/O path", "the|I/O|path"},
        {10, 10, "in /proc/self/fd", "in /proc/|self/fd"},
        {9, 9, "on the wake-up", "on the|wake-up"},
        {8, 8, "edge-triggered", "edge-|triggere|d"},
        {4, 4, "a b\u00a0c d", "a|b\u00a0c|d"}, /* no-break space */
        {2, 2, "👨\u200d👩", "👨\u200d|👩"},        /* a cluster wider than the line */
        {1, 1, "中文", "中|文"},                /* what cannot fit is shown all the same */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *lines = wrapped(rows[i].text, rows[i].first, rows[i].cols);
        assert_string_equal(lines, rows[i].lines);
        free(lines);
    }
}

static void chinese_wraps_between_characters(void **state)
{
    static const struct {
        int cols;
        const char *text, *lines;
    } rows[] = {
        {6, "内核维护就绪链表", "内核维|护就绪|链表"},
        {7, "内核维护就绪链表", "内核维|护就绪|链表"},
        {6, "内核中，它维护", "内核|中，它|维护"}, /* ， opens no line */
        {6, "内核维护。", "内核维|护。"},          /* nor 。 */
        {8, "内核中（就绪）", "内核中|（就绪）"},  /* （ ends none */
        {8, "他说：“好”", "他说：|“好”"},          /* quotes are Chinese here */
        {7, "他说“好”吗", "他说|“好”吗"},
        {8, "他说“好”吗", "他说“好”|吗"},
        {9, "他说“epoll”", "他|说“epoll”"},                 /* and shared ones there */
        {11, "调用epoll_wait返回", "调用|epoll_wait|返回"}, /* words stay whole */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *lines = wrapped(rows[i].text, rows[i].cols, rows[i].cols);
        assert_string_equal(lines, rows[i].lines);
        free(lines);
    }
}

static bool starts_with_any(const char *s, size_t n, const char *const *set)
{
    for (; *set; set++) {
        if (n >= strlen(*set) && memcmp(s, *set, strlen(*set)) == 0)
            return true;
    }
    return false;
}

static bool ends_with_any(const char *s, size_t n, const char *const *set)
{
    for (; *set; set++) {
        const size_t len = strlen(*set);
        if (n >= len && memcmp(s + n - len, *set, len) == 0)
            return true;
    }
    return false;
}

static void chinese_punctuation_stays_in_its_place(void **state)
{
    static const char *const never_first[] = {"，", "。", "、", "；", "：", "？", "！",
                                              "”",  "）", "」", "》", "……", NULL};
    static const char *const never_last[] = {"（", "「", "《", "“", NULL};
    static const char text[] =
        "他问：“什么是就绪链表（ready list）？”答：“文件由它自己的唤醒放上去；《手册》里、"
        "「说明」一节中写着……不由 epoll_wait() 放！”于是（如图），大家都懂了。";

    (void)state;
    for (int cols = 12; cols <= 80; cols++) {
        struct utf8_line *lines;
        const size_t n = utf8_wrap(text, strlen(text), cols, cols, &lines);
        for (size_t i = 0; i < n; i++) {
            const char *s = text + lines[i].start;
            const size_t len = lines[i].end - lines[i].start;
            assert_false(starts_with_any(s, len, never_first));
            assert_false(ends_with_any(s, len, never_last));
            assert_true(utf8_cols(s, len) <= cols);
        }
        free(lines);
    }
}

static void glue_holds_until_it_cannot(void **state)
{
    static const char text[] = "ab cd ef";
    char glue[sizeof(text) - 1] = {0};
    struct utf8_line *lines;

    (void)state;
    glue[6] = 1; /* "cd ef" */
    size_t n = utf8_wrap_glued(text, strlen(text), glue, 6, 6, &lines);
    assert_int_equal(n, 2);
    assert_int_equal(lines[0].end, 2);
    assert_int_equal(lines[1].start, 3);
    free(lines);
    n = utf8_wrap_glued(text, strlen(text), glue, 4, 4, &lines); /* too long: broken anywhere */
    assert_int_equal(n, 3);
    free(lines);
}

/* splitmix64 (Steele, Lea and Flood 2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static void random_text(struct buf *b, uint64_t *seed)
{
    static const char *const pieces[] = {"word", " ",      " ",  "\n", "-",  "/",       "中", "文",
                                         "，",   "（",     "）", ".",  "é",  "e\u0301", "👍",  "I/O",
                                         "--x",  "\u200b", "…",  "12", "🇨🇳", "a_b"};

    buf_clear(b);
    for (uint64_t left = next_random(seed) % 60; left > 0; left--)
        buf_puts(b, pieces[next_random(seed) % ARRAY_LEN(pieces)]);
}

static void wrapping_loses_only_blanks_and_never_overflows(void **state)
{
    uint64_t seed = 1;
    struct buf text = {0};

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct utf8_line *lines;
        size_t at = 0;
        random_text(&text, &seed);
        const int cols = 2 + round % 30;
        const size_t n = utf8_wrap(buf_text(&text), text.len, cols, cols, &lines);
        for (size_t i = 0; i < n; i++) {
            for (; at < lines[i].start; at++)
                assert_true(text.text[at] == ' ' || text.text[at] == '\n');
            assert_true(lines[i].end >= lines[i].start);
            const char *s = buf_text(&text) + lines[i].start;
            const size_t len = lines[i].end - lines[i].start;
            assert_true(utf8_cols(s, len) <= cols);
            assert_null(memchr(s, '\n', len));
            assert_true(len == 0 || s[len - 1] != ' ');
            at = lines[i].end;
        }
        for (; at < text.len; at++)
            assert_true(text.text[at] == ' ' || text.text[at] == '\n');
        free(lines);
    }
    buf_release(&text);
}

static void source_newlines_are_blanks_except_in_chinese(void **state)
{
    static const struct {
        const char *before, *after;
        bool blank;
    } rows[] = {
        {"word", "word", true},     {"内核", "维护", false},   {"内核", "epoll", true},
        {"epoll", "内核", true},    {"内核，", "维护", false}, {"内核，", "epoll", false},
        {"epoll", "，内核", false}, {"他说：", "“好”", false}, {"“好”", "他", false},
        {"“good”", "word", true},   {"커널", "대기", true},    {"👍", "👍", true},
        {"", "word", true},         {"word", "", true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(utf8_newline_is_blank(rows[i].before, strlen(rows[i].before),
                                               rows[i].after, strlen(rows[i].after)),
                         rows[i].blank);
}

static void put_encodes_and_refuses_surrogates(void **state)
{
    struct buf b = {0};

    (void)state;
    utf8_put(&b, 'a');
    utf8_put(&b, 0x4e2d);
    utf8_put(&b, 0x1f44d);
    utf8_put(&b, 0xd800);
    utf8_put(&b, 0x110000);
    assert_string_equal(b.text, "a中👍\ufffd\ufffd");
    buf_release(&b);
}

static void folding_forgives_what_does_not_matter(void **state)
{
    static const struct {
        const char *typed, *folded;
    } rows[] = {
        {"", ""},
        {"  ", ""},
        {" EAGAIN ", "eagain"},
        {"ＥＡＧＡＩＮ", "eagain"}, /* fullwidth */
        {"write \t back\n", "write back"},
        {"（内核）", "(内核)"},      /* fullwidth punctuation */
        {"内核\u3000态", "内核 态"}, /* ideographic space */
        {"Straße", "strasse"},
        {"e\u0301", "é"},
        {"ℋ", "h"},          /* a capital only after NFKC */
        {"A\xff", "a\\xff"}, /* not UTF-8: made visible first */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *folded = utf8_fold(rows[i].typed);
        assert_string_equal(folded, rows[i].folded);
        char *again = utf8_fold(folded);
        assert_string_equal(again, folded);
        free(again);
        free(folded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(validity_follows_rfc_3629),
        cmocka_unit_test(clusters_are_what_a_reader_calls_a_character),
        cmocka_unit_test(columns_are_terminal_cells),
        cmocka_unit_test(columns_agree_with_the_c_library),
        cmocka_unit_test(fit_takes_whole_clusters),
        cmocka_unit_test(clean_shows_what_would_do_harm),
        cmocka_unit_test(clean_keeps_newlines_on_request),
        cmocka_unit_test(clean_counts_tabs_from_its_own_start),
        cmocka_unit_test(many_tabs_take_no_time),
        cmocka_unit_test(every_byte_can_be_cleaned),
        cmocka_unit_test(wrapping_is_as_a_reader_expects),
        cmocka_unit_test(chinese_wraps_between_characters),
        cmocka_unit_test(chinese_punctuation_stays_in_its_place),
        cmocka_unit_test(glue_holds_until_it_cannot),
        cmocka_unit_test(wrapping_loses_only_blanks_and_never_overflows),
        cmocka_unit_test(source_newlines_are_blanks_except_in_chinese),
        cmocka_unit_test(put_encodes_and_refuses_surrogates),
        cmocka_unit_test(folding_forgives_what_does_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
