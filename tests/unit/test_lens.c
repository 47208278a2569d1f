/*
 * test_lens.c: what all lenses share: their names, what is missing for them, the report and its
 * limits, the demo's own trace. The lenses themselves are in test_lens_*.c, runs through them in
 * test_lens_run.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lens/impl.h"
#include "lenses.h"
#include "proc.h"

/* ---- names ---- */

static void lenses_have_names(void **unused)
{
    (void)unused;
    static const char *const names[LENS_COUNT] = {"none", "strace", "tsan", "asan", "perf", "gdb"};

    for (int i = 0; i < LENS_COUNT; i++) {
        enum lens l = LENS_COUNT;
        assert_string_equal(lens_name((enum lens)i), names[i]);
        assert_true(lens_parse(names[i], &l));
        assert_int_equal(l, i);
        assert_true(text(lens_title((enum lens)i))[0] != '\0');
    }
}

static void what_is_no_lens_is_not_parsed(void **unused)
{
    (void)unused;
    static const char *const others[] = {"", "strac", "strace ", "STRACE", "valgrind"};
    enum lens l = LENS_GDB;

    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_false(lens_parse(others[i], &l));
    assert_int_equal(l, LENS_GDB);
}

/* ---- what is missing ---- */

static void a_tool_that_is_not_there_is_named_with_its_package(void **unused)
{
    (void)unused;
    static const struct {
        enum lens lens;
        const char *words;
    } rows[] = {{LENS_STRACE, "package strace"},
                {LENS_PERF, "package linux-perf"},
                {LENS_GDB, "package gdb"},
                {LENS_TSAN, "package gcc"},
                {LENS_ASAN, "package gcc"}};
    const char *path = getenv("PATH");
    char *old = xstrdup(path ? path : "/usr/bin:/bin");

    setenv("PATH", "/proc/nonexistent", 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct paths paths = {.data = (char *)"data"};
        struct lens_plan plan;
        struct err e = {""};
        char *why = lens_missing(rows[i].lens);
        if (!why || !strstr(why, rows[i].words))
            fail_msg("%s: \"%s\"", lens_name(rows[i].lens), why ? why : "nothing is missing");
        assert_false(lens_plan_init(&plan, rows[i].lens, &paths, &e));
        assert_string_equal(e.text, why);
        lens_plan_release(&plan);
        free(why);
    }
    setenv("PATH", old, 1);
    free(old);
}

static void without_a_lens_nothing_is_missing(void **unused)
{
    (void)unused;
    struct lens_plan plan;

    assert_null(lens_missing(LENS_NONE));
    assert_true(lens_plan_init(&plan, LENS_NONE, NULL, NULL));
    assert_int_equal(plan.tool.n, 0);
    assert_null(plan.flags);
    assert_false(plan.report);
    lens_plan_release(&plan);
}

/* A plan names what lies in the data folder, and starts a program that is there. */
static void plans_are_made_of_what_is_there(void **unused)
{
    (void)unused;
    const struct paths paths = {.data = (char *)"data"};

    for (int i = LENS_NONE + 1; i < LENS_COUNT; i++) {
        struct lens_plan plan;
        if (!lens_plan_init(&plan, (enum lens)i, &paths, NULL)) {
            print_message("%s is not here: its plan is not looked at\n", lens_name((enum lens)i));
            continue;
        }
        assert_true(plan.report);
        assert_true((plan.flags != NULL) != (plan.tool.n > 0));
        if (plan.flags) {
            assert_int_equal(access(plan.helper, R_OK), 0);
        } else {
            assert_int_equal(access(plan.tool.word[0], X_OK), 0);
            assert_null(plan.tool.word[plan.tool.n]);
            assert_int_equal(plan.last_words_ms > 0, plan.last_signal > 0);
            assert_in_range(plan.last_words_ms, 0, LENS_LAST_WORDS_MS);
        }
        lens_plan_release(&plan);
    }
}

/* ---- the demo's own trace ---- */

#define NOTE "{\"ph\":\"i\",\"pid\":1,\"tid\":0,\"ts\":1.000,\"name\":\"n\",\"s\":\"t\"}\n"
#define VERDICT                                                                                    \
    "{\"ph\":\"i\",\"pid\":1,\"tid\":0,\"ts\":2.000,\"name\":\"c\",\"s\":\"g\",\"cat\":"           \
    "\"verdict\","                                                                                 \
    "\"args\":{\"result\":\"pass\",\"measured\":1,\"unit\":\"\",\"rule\":\"r\"}}\n"

static void the_trace_of_the_demo_goes_through(void **unused)
{
    (void)unused;
    static const enum lens all[] = {LENS_NONE, LENS_TSAN, LENS_ASAN, LENS_PERF, LENS_GDB};

    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct seen s;
        look(&s, all[i]);
        lens_reader_trace(s.reader, NOTE VERDICT, strlen(NOTE VERDICT));
        lens_reader_trace(s.reader, "half", 4);
        assert_string_equal(buf_text(&s.text), NOTE VERDICT "half");
        look_away(&s);
    }
}

static void without_a_lens_there_is_no_report(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_NONE, "anything\nat all\n");
    assert_report(&s, "");
    assert_false(lens_reader_end(s.reader).known);
    assert_false(lens_reader_is_end(s.reader, "./demo: Killed"));
    look_away(&s);
}

/* ---- the report ---- */

static void a_report_is_bounded(void **unused)
{
    (void)unused;
    struct seen s;
    size_t n;

    look(&s, LENS_GDB);
    for (int i = 0; i < LENS_MAX_REPORT + 7; i++)
        lens_add(s.reader, i, "line %d", i);
    lens_reader_finish(s.reader, 0);
    const struct lens_line *lines = lens_reader_lines(s.reader, &n);
    assert_int_equal(n, LENS_MAX_REPORT + 1);
    assert_string_equal(lines[7].text, "line 7");
    assert_int_equal(lines[7].line, 7);
    assert_string_equal(lines[n - 1].text, "... lines of the report that are not kept: 8");
    look_away(&s);
}

static void a_line_is_bounded_and_harmless(void **unused)
{
    (void)unused;
    char *much = xmalloc(3 * LENS_MAX_TEXT);
    struct seen s;
    size_t n;

    memset(much, 'x', 3 * LENS_MAX_TEXT - 1);
    much[3 * LENS_MAX_TEXT - 1] = '\0';
    look(&s, LENS_GDB);
    lens_add(s.reader, 0, "%s", much);
    lens_add(s.reader, 0, "a\033[2Jb\n\xff");
    const struct lens_line *lines = lens_reader_lines(s.reader, &n);
    assert_int_equal(strlen(lines[0].text), LENS_MAX_TEXT);
    assert_string_equal(lines[1].text, "a^[[2Jb^J\\xff");
    look_away(&s);
    free(much);
}

static void messages_of_a_compiler_are_linked_to_the_source(void **unused)
{
    (void)unused;
    struct seen s;

    look(&s, LENS_TSAN);
    lens_reader_say_at(s.reader, "/home/me/50-x/20-y/demo.c", 7, "error", "no such thing");
    lens_reader_say_at(s.reader, "/usr/include/stdio.h", 8, "note", "declared here");
    lens_reader_say_at(s.reader, "", 0, "error", "cannot find -ltsan");
    assert_report(&s, "7|error: no such thing\n"
                      "0|stdio.h:8: note: declared here\n"
                      "0|error: cannot find -ltsan\n");
    look_away(&s);
}

/* ---- the demo's source ---- */

static void the_source_is_known_by_its_name_and_folder(void **unused)
{
    (void)unused;
    static const struct {
        const char *file;
        bool is;
    } rows[] = {
        {"/home/me/50-x/20-y/demo.c", true},
        {"content/50-x/20-y/demo.c", true}, /* as it was built */
        {"20-y/demo.c", true},
        {"demo.c", true},
        {"/opt/20-y/demo.c", true},
        {"/opt/lib/demo.c", false}, /* of the library */
        {"lib/demo.c", false},
        {"/demo.c", true}, /* in no folder that has a name */
        {"/home/me/50-x/20-y/other.c", false},
        {"/home/me/50-x/20-y/xdemo.c", false},
        {"", false},
    };
    struct seen s;

    look(&s, LENS_GDB);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (lens_is_source(s.reader, (struct piece){rows[i].file, strlen(rows[i].file)}) !=
            rows[i].is)
            fail_msg("row %zu: %s", i, rows[i].file);
    look_away(&s);
}

/* ---- JSON ---- */

static void strings_become_json(void **unused)
{
    (void)unused;
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"", "\"\""},           {"plain", "\"plain\""},  {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\033[m", "\"^[[m\""}, {"\xff", "\"\\\\xff\""}, {"\345\244\232", "\"\345\244\232\""},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out = {0};
        lens_json(&out, rows[i].from, strlen(rows[i].from), 100);
        assert_string_equal(buf_text(&out), rows[i].to);
        buf_release(&out);
    }
    struct buf cut = {0};
    lens_json(&cut, "abcdef", 6, 3);
    assert_string_equal(buf_text(&cut), "\"abc\"");
    buf_release(&cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lenses_have_names),
        cmocka_unit_test(what_is_no_lens_is_not_parsed),
        cmocka_unit_test(a_tool_that_is_not_there_is_named_with_its_package),
        cmocka_unit_test(without_a_lens_nothing_is_missing),
        cmocka_unit_test(plans_are_made_of_what_is_there),
        cmocka_unit_test(the_trace_of_the_demo_goes_through),
        cmocka_unit_test(without_a_lens_there_is_no_report),
        cmocka_unit_test(a_report_is_bounded),
        cmocka_unit_test(a_line_is_bounded_and_harmless),
        cmocka_unit_test(messages_of_a_compiler_are_linked_to_the_source),
        cmocka_unit_test(the_source_is_known_by_its_name_and_folder),
        cmocka_unit_test(strings_become_json),
    };

    unsetenv("CC");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
