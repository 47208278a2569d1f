/*
 * test_highlight.c: C source in colours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "highlight.h"

static char style_letter(enum md_style style)
{
    switch (style) {
    case MD_SRC_KEYWORD:
        return 'K';
    case MD_SRC_TYPE:
        return 'Y';
    case MD_SRC_STRING:
        return 'S';
    case MD_SRC_NUMBER:
        return 'N';
    case MD_SRC_COMMENT:
        return 'C';
    case MD_SRC_PREPROC:
        return 'P';
    case MD_SRC_TEXT:
        return 't';
    default:
        fail_msg("style %d is none of source", (int)style);
        return '?';
    }
}

/* A line as one letter a byte, blanks of plain text left as they are. */
static void add_letters(struct buf *out, struct hl_state *st, const char *line, size_t n)
{
    struct md_run runs[64];
    const char *at = line;
    const size_t n_runs = hl_c_line(st, line, n, runs, ARRAY_LEN(runs));

    for (size_t i = 0; i < n_runs; i++) {
        assert_ptr_equal(runs[i].text, at); /* no gap, no overlap */
        assert_true(runs[i].len > 0);
        assert_true(i == 0 || runs[i].style != runs[i - 1].style);
        const char letter = style_letter(runs[i].style);
        for (size_t k = 0; k < runs[i].len; k++)
            buf_putc(out, letter == 't' && at[k] == ' ' ? ' ' : letter);
        at += runs[i].len;
    }
    assert_ptr_equal(at, line + n);
}

static void each_token_has_its_colour(void **state)
{
    /* clang-format off */
    static const struct {
        const char *line, *letters;
    } rows[] = {
        {"", ""},
        {"int x = 42;",
         "YYY t t NNt"},
        {"static const char *s = \"a\\\"b\";",
         "KKKKKK KKKKK YYYY tt t SSSSSSt"},
        {"return sizeof(pid_t); // done",
         "KKKKKK KKKKKKtYYYYYtt CCCCCCC"},
        {"a /* b */ c /* d */",
         "t CCCCCCC t CCCCCCC"},
        {"x = 0x1Fu + 1.5e-3 + .5 + 1'000;",
         "t t NNNNN t NNNNNN t NN t NSSSSS"},
        {"c = '\\'' + L'x' + u8\"s\" + ux",
         "t t SSSS t SSSS t SSSSS t tt"},
        {"interior int1 _t size_t t_t",
         "tttttttt tttt tt YYYYYY YYY"},
        {"a.b->c ? d : e",
         "tttttt t t t t"},
        {"1+2-3e+4",
         "NtNtNNNN"},
        {"a / b // c /* d",
         "t t t CCCCCCCCC"},
        {"\"no end",
         "SSSSSSS"},
        {"\"/* no comment */\" '//'",
         "SSSSSSSSSSSSSSSSSS SSSS"},
        {"#include <stdio.h> // io",
         "PPPPPPPPPSSSSSSSSSPCCCCC"},
        {"#include \"demo.h\"",
         "PPPPPPPPPSSSSSSSS"},
        {"  # define X 10 /* ten */",
         "  PPPPPPPPPPPPPPCCCCCCCCC"},
        {"#if A < B",
         "PPPPPPPPP"},
        {"#include <no end",
         "PPPPPPPPPPPPPPPP"},
        {"#",
         "P"},
        {"bool ok = true && p != NULL;",
         "YYYY tt t KKKK tt t tt KKKKt"},
    };
    /* clang-format on */

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct hl_state st = {0};
        struct buf letters = {0};
        add_letters(&letters, &st, rows[i].line, strlen(rows[i].line));
        assert_string_equal(buf_text(&letters), rows[i].letters);
        buf_release(&letters);
    }
}

static void letters_beyond_ascii_are_words(void **state)
{
    struct hl_state st = {0};
    struct md_run runs[4];

    (void)state;
    assert_int_equal(hl_c_line(&st, "中文_t x", 10, runs, 4), 2);
    assert_int_equal(runs[0].style, MD_SRC_TYPE);
    assert_int_equal(runs[0].len, 8);
}

static void tokens_go_on_over_lines(void **state)
{
    /* clang-format off */
    static const struct {
        const char *lines[4], *letters;
    } rows[] = {
        {{"a /* b", "c", "", "d */ e"},
         "t CCCC|C||CCCC t"},
        {{"#define X \\", "  1 \\", "  + 2", "int"},
         "PPPPPPPPPPP|PPPPP|PPPPP|YYY"},
        {{"#define X /* a", "b */ 1", "2", ""},
         "PPPPPPPPPPCCCC|CCCCPP|N|"},
        {{"// a \\", "b", "c", ""},
         "CCCCCC|C|t|"},
        {{"s = \"a\\", "b\" c", "\"d", "e"},
         "t t SSS|SS t|SS|t"},
        {{"/* a */ #define X", "1", "", ""},
         "CCCCCCC PPPPPPPPP|N||"},
    };
    /* clang-format on */

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct hl_state st = {0};
        struct buf letters = {0};
        for (size_t k = 0; k < ARRAY_LEN(rows[i].lines); k++) {
            if (k > 0)
                buf_putc(&letters, '|');
            add_letters(&letters, &st, rows[i].lines[k], strlen(rows[i].lines[k]));
        }
        assert_string_equal(letters.text, rows[i].letters);
        buf_release(&letters);
    }
}

static void the_last_run_takes_the_rest(void **state)
{
    static const char line[] = "int a = 1; /* b";
    struct md_run runs[2];
    struct hl_state st = {0};

    (void)state;
    assert_int_equal(hl_c_line(&st, line, strlen(line), runs, 2), 2);
    assert_int_equal(runs[0].len, 3);
    assert_int_equal(runs[1].len, strlen(line) - 3);
    assert_true(st.in_comment); /* what does not fit is read all the same */
    st = (struct hl_state){0};
    assert_int_equal(hl_c_line(&st, line, strlen(line), runs, 1), 1);
    assert_int_equal(runs[0].len, strlen(line));
}

/* Every sequence of up to four of these pieces, so every meeting of two tokens. */
static void any_line_is_covered_exactly(void **state)
{
    static const char *const pieces[] = {"\"", "'", "\\", "/*", "*/", "//",        "#",
                                         "a",  "1", " ",  ".",  "L",  "include <", ">"};
    const size_t n = ARRAY_LEN(pieces);
    struct hl_state st = {0};
    struct buf line = {0};
    struct buf letters = {0};

    (void)state;
    for (size_t code = 0; code < n * n * n * n; code++) {
        buf_clear(&line);
        buf_clear(&letters);
        for (size_t rest = code; rest > 0; rest /= n)
            buf_puts(&line, pieces[rest % n]);
        if (code % 7 == 0)
            st = (struct hl_state){0}; /* else what the line before left */
        add_letters(&letters, &st, buf_text(&line), line.len);
        assert_int_equal(letters.len, line.len);
    }
    buf_release(&line);
    buf_release(&letters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_token_has_its_colour),
        cmocka_unit_test(letters_beyond_ascii_are_words),
        cmocka_unit_test(tokens_go_on_over_lines),
        cmocka_unit_test(the_last_run_takes_the_rest),
        cmocka_unit_test(any_line_is_covered_exactly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
