/*
 * test_lens_perf.c: what `perf stat -x;` of perf 6.1 has written. Nothing runs here: see
 * test_lens_run.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>

#include "lenses.h"

static const char counters[] = "78.96;msec;task-clock;78957837;100.00;0.771;CPUs utilized\n"
                               "25;;context-switches;78957837;100.00;316.625;/sec\n"
                               "84;;page-faults;78957837;100.00;1.064;K/sec\n"
                               "<not supported>;;instructions;0;100.00;;\n"
                               "<not counted>;;cycles;0;100.00;;\n";

static void counters_are_lines_and_counters(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_PERF, counters);
    assert_report(&s, "0|task-clock: 78.96 ms\n"
                      "0|context-switches: 25\n"
                      "0|page-faults: 84\n"
                      "0|instructions: not supported on this machine\n"
                      "0|cycles: not counted, as the counter was never free\n");
    assert_int_equal(trace_counters(s.trace), 3);
    assert_string_equal(trace_word(s.trace, trace_counter_name(s.trace, 2)), "page-faults");
    assert_true(trace_counter_at(s.trace, 2, trace_count(s.trace) - 1) == 84);
    assert_true(trace_end_ns(s.trace) == INT64_C(1000000000)); /* when the demo ended */
    assert_sound_trace(&s);
    look_away(&s);
}

static void what_is_counted_in_user_mode_only_is_said(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_PERF, "84;;page-faults:u;78957837;100.00;1.064;K/sec\n");
    assert_report(&s, "0|page-faults (user mode only): 84\n");
    assert_in_trace(&s, "\"name\":\"page-faults\",\"args\":{\"value\":84}");
    look_away(&s);
}

static void other_lines_are_passed_over(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_PERF, "# started on Mon\n\n;;;\n84\n84;;\nwords\ninf;;no-number;\n");
    assert_report(&s, "0|no-number: not supported on this machine\n");
    assert_string_equal(buf_text(&s.text), "");
    look_away(&s);
}

/* The counters begin a line of their own, even where the demo was killed inside of one. */
static void half_a_line_of_the_demo_costs_no_counter(void **unused)
{
    (void)unused;
    struct seen s;

    look(&s, LENS_PERF);
    lens_reader_trace(s.reader, "{\"ph\":", 6);
    say(&s, counters);
    lens_reader_finish(s.reader, 1);
    trace_settle(s.trace);
    assert_int_equal(trace_counters(s.trace), 3);
    assert_int_equal(trace_health(s.trace)->bad_lines, 1);
    look_away(&s);
}

static void the_line_about_a_signal_is_the_tool_s(void **unused)
{
    (void)unused;
    static const struct {
        const char *line;
        int signo;
    } rows[] = {
        {"./demo: Segmentation fault", SIGSEGV},
        {"./demo: Killed", SIGKILL},
        {"./demo: Aborted", SIGABRT},
        {"./demo: Aborted ", 0},
        {"./demo: something else", 0},
        {"./demo", 0},
        {"demo: Killed", 0},
        {"Killed", 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct seen s;
        look(&s, LENS_PERF);
        assert_int_equal(lens_reader_is_end(s.reader, rows[i].line), rows[i].signo != 0);
        const struct lens_end end = lens_reader_end(s.reader);
        assert_int_equal(end.known, rows[i].signo != 0);
        assert_int_equal(end.code, rows[i].signo);
        look_away(&s);
    }
}

static void bent_counters_break_nothing(void **unused)
{
    (void)unused;
    survive(LENS_PERF, counters, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_are_lines_and_counters),
        cmocka_unit_test(what_is_counted_in_user_mode_only_is_said),
        cmocka_unit_test(other_lines_are_passed_over),
        cmocka_unit_test(half_a_line_of_the_demo_costs_no_counter),
        cmocka_unit_test(the_line_about_a_signal_is_the_tool_s),
        cmocka_unit_test(bent_counters_break_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
