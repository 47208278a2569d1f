/*
 * test_cmd.c: what commands compute without doing anything: options, nearest words, a typed line as
 * an answer. What they do is in tests/cli.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "answer_line.h"
#include "cmd.h"
#include "cmd_args.h"

/* ---- nearest ---- */

static void a_slip_of_the_fingers_finds_the_command(void **unused)
{
    static const char *const words[] = {"lessons", "quiz", "demo", "stats", "search"};
    static const char *const pairs[][2] = {{"quzi", "quiz"},
                                           {"lesson", "lessons"},
                                           {"stat", "stats"},
                                           {"serach", "search"},
                                           {"dmo", "demo"}};

    (void)unused;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        assert_string_equal(cmd_nearest(pairs[i][0], words, ARRAY_LEN(words)), pairs[i][1]);
    assert_null(cmd_nearest("kangaroo", words, ARRAY_LEN(words)));
    assert_null(cmd_nearest("", words, ARRAY_LEN(words)));
    assert_null(cmd_nearest("quiz", words, 0));
}

static void every_command_has_a_name_a_usage_that_starts_with_it_and_a_summary(void **unused)
{
    size_t n;
    const struct command *const *all = cmd_all(&n);

    (void)unused;
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++) {
        assert_memory_equal(all[i]->usage, all[i]->name, strlen(all[i]->name));
        assert_true(all[i]->summary[0] != '\0');
        assert_non_null(all[i]->run);
    }
}

/* ---- options ---- */

struct given {
    bool json;
    const char *count, *trace;
    int argc;
    char *argv[10];
};

/* Parses the words of line, parted by single spaces, into g. */
static bool parse(struct given *g, char *line)
{
    const struct cmd_option options[] = {
        {"--json", &g->json, NULL}, {"-n", NULL, &g->count}, {"--trace", NULL, &g->trace}};

    *g = (struct given){.argv = {(char *)"demo"}, .argc = 1};
    for (char *word; (word = strsep(&line, " "));)
        g->argv[g->argc++] = word;
    return cmd_options(cmd_all(&(size_t){0})[0], &g->argc, g->argv, options, ARRAY_LEN(options));
}

static void options_may_stand_anywhere_before_two_dashes(void **unused)
{
    struct given g;

    (void)unused;
    assert_true(parse(&g, (char[]){"run --json x -n 3 k=v --trace=t.json -- --y"}));
    assert_true(g.json);
    assert_string_equal(g.count, "3");
    assert_string_equal(g.trace, "t.json");
    assert_int_equal(g.argc, 5);
    assert_string_equal(g.argv[1], "run");
    assert_string_equal(g.argv[2], "x");
    assert_string_equal(g.argv[3], "k=v");
    assert_string_equal(g.argv[4], "--y");
}

static void a_value_may_be_glued_to_a_letter_and_a_dash_is_a_word(void **unused)
{
    struct given g;

    (void)unused;
    assert_true(parse(&g, (char[]){"-n12 - --trace f"}));
    assert_string_equal(g.count, "12");
    assert_string_equal(g.trace, "f");
    assert_int_equal(g.argc, 2);
    assert_string_equal(g.argv[1], "-");
}

static void unknown_options_and_missing_values_are_refused(void **unused)
{
    struct given g;

    (void)unused;
    assert_false(parse(&g, (char[]){"--jsn"}));
    assert_false(parse(&g, (char[]){"--json=1"}));
    assert_false(parse(&g, (char[]){"x -n"}));
    assert_false(parse(&g, (char[]){"-x"}));
}

static void a_number_is_whole_and_in_its_range(void **unused)
{
    long v = 0;

    (void)unused;
    assert_true(cmd_number("17", 1, 20, &v));
    assert_int_equal(v, 17);
    assert_false(cmd_number("0", 1, 20, &v));
    assert_false(cmd_number("21", 1, 20, &v));
    assert_false(cmd_number("", 0, 20, &v));
    assert_false(cmd_number("1x", 1, 20, &v));
    assert_false(cmd_number("99999999999999999999", 1, 20, &v));
    assert_int_equal(v, 17);
}

/* ---- answers ---- */

/* Four options, the second and the fourth right; on the screen they stand as 2, 0, 3, 1. */
static const size_t perm[] = {2, 0, 3, 1};
static struct option four[] = {
    {.right = false}, {.right = true}, {.right = false}, {.right = true}};

static void expect_answer(enum question_kind kind, const char *line, const char *response)
{
    const struct question q = {.kind = kind, .options = four, .n_options = ARRAY_LEN(four)};
    struct buf out = {0};

    const bool is_answer = answer_line_parse(&q, perm, line, &out);
    if (is_answer != (response != NULL))
        fail_msg("\"%s\" is %s answer", line, is_answer ? "an" : "no");
    if (response)
        assert_string_equal(buf_text(&out), response);
    buf_release(&out);
}

static void a_choice_is_a_digit_or_a_letter_of_its_place(void **unused)
{
    (void)unused;
    expect_answer(Q_CHOICE, "1", "2");
    expect_answer(Q_CHOICE, " 4 ", "1");
    expect_answer(Q_CHOICE, "b", "0");
    expect_answer(Q_CHOICE, "C", "3");
    expect_answer(Q_CHOICE, "2.", "0");
    expect_answer(Q_CHOICE, "３", "3"); /* full-width */
}

static void what_names_no_single_choice_is_no_answer(void **unused)
{
    static const char *const lines[] = {"", "  ", "0", "5", "e", "1 2", "12", "one", "1x", "\x1b"};

    (void)unused;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        expect_answer(Q_CHOICE, lines[i], NULL);
}

static void several_choices_are_a_set_in_the_order_of_the_file(void **unused)
{
    (void)unused;
    expect_answer(Q_MULTI, "4,3", "1,3");
    expect_answer(Q_MULTI, "34", "1,3");
    expect_answer(Q_MULTI, "d c", "1,3");
    expect_answer(Q_MULTI, "1，2", "0,2");
    expect_answer(Q_MULTI, "1、2", "0,2");
    expect_answer(Q_MULTI, "2", "0");
    expect_answer(Q_MULTI, "", NULL);
    expect_answer(Q_MULTI, "1,1", NULL);
    expect_answer(Q_MULTI, "1,5", NULL);
}

static void an_order_names_every_item_once(void **unused)
{
    (void)unused;
    expect_answer(Q_ORDER, "2 4 1 3", "0,1,2,3");
    expect_answer(Q_ORDER, "2413", "0,1,2,3");
    expect_answer(Q_ORDER, "1,2,3,4", "2,0,3,1");
    expect_answer(Q_ORDER, "1 2 3", NULL);
    expect_answer(Q_ORDER, "1 2 3 3", NULL);
    expect_answer(Q_ORDER, "1 2 3 4 1", NULL);
}

static void numbers_and_words_are_taken_as_they_are(void **unused)
{
    (void)unused;
    expect_answer(Q_NUMBER, "1e3", "1e3");
    expect_answer(Q_NUMBER, "many", NULL);
    expect_answer(Q_NUMBER, "", NULL);
    expect_answer(Q_TEXT, "EAGAIN", "EAGAIN");
    expect_answer(Q_TEXT, "   ", NULL);
    expect_answer(Q_OUTPUT, "1 2", "1 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_of_the_fingers_finds_the_command),
        cmocka_unit_test(every_command_has_a_name_a_usage_that_starts_with_it_and_a_summary),
        cmocka_unit_test(options_may_stand_anywhere_before_two_dashes),
        cmocka_unit_test(a_value_may_be_glued_to_a_letter_and_a_dash_is_a_word),
        cmocka_unit_test(unknown_options_and_missing_values_are_refused),
        cmocka_unit_test(a_number_is_whole_and_in_its_range),
        cmocka_unit_test(a_choice_is_a_digit_or_a_letter_of_its_place),
        cmocka_unit_test(what_names_no_single_choice_is_no_answer),
        cmocka_unit_test(several_choices_are_a_set_in_the_order_of_the_file),
        cmocka_unit_test(an_order_names_every_item_once),
        cmocka_unit_test(numbers_and_words_are_taken_as_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
