/*
 * test_view.c: the cursor and the window of time that all views share, and how times are written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "trace.h"
#include "view/view.h"

/* Notes at these microseconds. */
static struct trace *make_trace(const double *at_us, size_t n)
{
    struct trace *t = trace_new();

    for (size_t i = 0; i < n; i++) {
        char *line = xasprintf(
            "{\"ph\":\"i\",\"name\":\"note-%zu\",\"ts\":%.3f,\"pid\":1,\"tid\":0}\n", i, at_us[i]);
        trace_feed(t, line, strlen(line));
        free(line);
    }
    trace_settle(t);
    return t;
}

/* A view of 100 notes, one each millisecond, that has all of them in its window. */
static struct view make_view(void)
{
    enum { N = 100 };
    double at_us[N];

    for (int i = 0; i < N; i++)
        at_us[i] = i * 1000;
    struct view v = {.trace = make_trace(at_us, N), .at = TRACE_NONE};
    v.end_ns = v.story_ns = trace_end_ns(v.trace);
    view_fit(&v);
    return v;
}

static void assert_sound(const struct view *v)
{
    assert_true(v->from_ns >= 0);
    assert_true(v->from_ns < v->to_ns);
}

static bool is_in_window(const struct view *v)
{
    return v->from_ns <= v->now_ns && v->now_ns < v->to_ns;
}

/* ---- the cursor ---- */

static void going_to_an_event_goes_to_its_time(void **unused)
{
    (void)unused;
    struct view v = make_view();

    view_go(&v, 7);
    assert_int_equal(v.at, 7);
    assert_int_equal(v.now_ns, 7000000);
    view_go(&v, TRACE_NONE);
    assert_int_equal(v.at, TRACE_NONE);
    assert_int_equal(v.now_ns, 0);
    trace_free(v.trace);
}

static void the_cursor_is_always_in_the_window(void **unused)
{
    (void)unused;
    struct view v = make_view();

    for (int zoom = 0; zoom < 30; zoom++) {
        for (size_t i = 0; i < trace_count(v.trace); i++) {
            view_go(&v, i * 37 % trace_count(v.trace));
            assert_sound(&v);
            assert_true(is_in_window(&v));
        }
        view_zoom(&v, 0.5);
        assert_true(is_in_window(&v));
    }
    trace_free(v.trace);
}

static void steps_back_bring_the_windows_back(void **unused)
{
    (void)unused;
    struct view v = make_view();
    int64_t from_ns[100];

    view_zoom(&v, 0.25);
    for (size_t i = 0; i < trace_count(v.trace); i++) {
        view_go(&v, i);
        from_ns[i] = v.from_ns;
    }
    for (size_t i = trace_count(v.trace); i-- > 0;) {
        view_go(&v, i);
        assert_int_equal(v.from_ns, from_ns[i]);
    }
    trace_free(v.trace);
}

/* ---- the window ---- */

static void all_of_the_story_fits(void **unused)
{
    (void)unused;
    struct view v = make_view();

    assert_int_equal(v.from_ns, 0);
    assert_true(v.to_ns > v.story_ns);
    assert_true(v.to_ns < v.story_ns + v.story_ns / 10);
    v.story_ns = 0; /* of one event, at the start */
    view_fit(&v);
    assert_sound(&v);
    trace_free(v.trace);
}

static void zooming_keeps_what_is_under_the_cursor_where_it_is(void **unused)
{
    (void)unused;
    struct view v = make_view();

    view_go(&v, 40);
    for (int i = 0; i < 8; i++) {
        const double before = (double)(v.now_ns - v.from_ns) / (double)(v.to_ns - v.from_ns);
        const int64_t width_ns = v.to_ns - v.from_ns;
        view_zoom(&v, 0.5);
        const double after = (double)(v.now_ns - v.from_ns) / (double)(v.to_ns - v.from_ns);
        assert_true(after > before - 0.01 && after < before + 0.01);
        assert_in_range(v.to_ns - v.from_ns, width_ns / 2 - 1, width_ns / 2 + 1);
    }
    trace_free(v.trace);
}

static void zooming_ends_where_nothing_more_can_be_seen(void **unused)
{
    (void)unused;
    struct view v = make_view();
    const int64_t all_ns = v.to_ns;

    view_go(&v, 40);
    for (int i = 0; i < 100; i++)
        view_zoom(&v, 0.5);
    assert_sound(&v);
    assert_true(v.to_ns - v.from_ns >= 10);
    assert_true(is_in_window(&v));
    for (int i = 0; i < 100; i++)
        view_zoom(&v, 2);
    assert_int_equal(v.from_ns, 0);
    assert_int_equal(v.to_ns, all_ns);
    trace_free(v.trace);
}

static void zooming_away_from_the_cursor_keeps_the_middle_where_it_is(void **unused)
{
    (void)unused;
    struct view v = make_view();

    view_zoom(&v, 0.1);
    view_pan(&v, 4);
    assert_false(is_in_window(&v));
    const int64_t middle_ns = v.from_ns + (v.to_ns - v.from_ns) / 2;
    view_zoom(&v, 0.5);
    assert_in_range(v.from_ns + (v.to_ns - v.from_ns) / 2, middle_ns - 2, middle_ns + 2);
    trace_free(v.trace);
}

static void panning_stays_within_the_run(void **unused)
{
    (void)unused;
    struct view v = make_view();

    view_zoom(&v, 0.1);
    const int64_t width_ns = v.to_ns - v.from_ns;
    view_pan(&v, 0.5);
    assert_int_equal(v.from_ns, width_ns / 2);
    for (int i = 0; i < 100; i++)
        view_pan(&v, 0.5);
    assert_int_equal(v.to_ns - v.from_ns, width_ns);
    assert_true(v.to_ns > v.end_ns && v.from_ns < v.end_ns);
    for (int i = 0; i < 100; i++)
        view_pan(&v, -0.5);
    assert_int_equal(v.from_ns, 0);
    assert_int_equal(v.to_ns, width_ns);
    trace_free(v.trace);
}

/* A hostile program may say that it took a hundred years. */
static void the_longest_run_there_is_can_be_looked_at(void **unused)
{
    (void)unused;
    static const double at_us[] = {0, 1, 4e15}; /* a span of that length may end at twice as much */
    struct view v = {.trace = make_trace(at_us, ARRAY_LEN(at_us)), .at = TRACE_NONE};

    v.end_ns = v.story_ns = trace_end_ns(v.trace);
    assert_int_equal(v.end_ns, 4000000000000000000);
    view_fit(&v);
    assert_sound(&v);
    for (size_t i = 0; i < 3; i++) {
        view_go(&v, i);
        for (int k = 0; k < 80; k++) {
            view_zoom(&v, k < 40 ? 0.5 : 2);
            view_pan(&v, k % 2 ? 0.5 : -0.5);
            assert_sound(&v);
        }
        view_show_now(&v);
        assert_true(is_in_window(&v));
    }
    trace_free(v.trace);
}

/* ---- words ---- */

static void times_are_written_in_their_unit(void **unused)
{
    (void)unused;
    static const struct {
        int64_t ns, step_ns;
        const char *words;
    } rows[] = {
        {0, 0, "0 ms"},
        {1, 0, "1 ns"},
        {999, 0, "999 ns"},
        {1000, 0, "1.000 us"},
        {1500, 0, "1.500 us"},
        {12340, 0, "12.34 us"},
        {123456, 0, "123.5 us"},
        {5200000, 0, "5.200 ms"},
        {1000000000, 0, "1.000 s"},
        {61000000000, 0, "61.00 s"},
        {0, 2000000, "0 ms"},
        {2000000, 2000000, "2 ms"},
        {10000000, 2000000, "10 ms"},
        {1500000, 500000, "1500 us"},
        {3, 1, "3 ns"},
        {3000000000, 1000000000, "3 s"},
    };
    char words[24];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        view_format_ns(rows[i].ns, rows[i].step_ns, words, sizeof(words));
        assert_string_equal(words, rows[i].words);
    }
}

static void no_time_of_a_day_takes_more_than_its_columns(void **unused)
{
    (void)unused;
    enum { COLS = 12 };
    char words[24];

    for (int64_t ns = 1; ns <= 86400000000000; ns = ns * 3 / 2 + 1) {
        view_format_ns(ns, 0, words, sizeof(words));
        assert_in_range(strlen(words), 4, COLS);
        view_format_ns(ns - 1, 0, words, sizeof(words));
        assert_in_range(strlen(words), 4, COLS);
    }
}

static void rounding_does_not_write_a_thousand_of_a_unit(void **unused)
{
    (void)unused;
    static const int64_t below[] = {999999, 999960, 999999999, 999960000};
    char words[24];

    for (size_t i = 0; i < ARRAY_LEN(below); i++) {
        view_format_ns(below[i], 0, words, sizeof(words));
        assert_null(strstr(words, "1000"));
    }
}

static void without_a_lesson_a_name_is_its_label(void **unused)
{
    (void)unused;
    struct view v = make_view();

    assert_string_equal(view_text(&v, "epoll_wait"), "epoll_wait");
    assert_string_equal(view_label(&v, trace_event(v.trace, 3)->name), "note-3");
    assert_string_equal(view_lane_label(&v, 0), "lane 0");
    trace_free(v.trace);
}

/* ---- signs ---- */

static void a_verdict_has_the_sign_of_its_result(void **unused)
{
    (void)unused;
    static const struct {
        const char *result;
        enum glyph glyph;
        enum style style;
    } rows[] = {{"pass", GLYPH_GOOD, ST_GOOD},
                {"fail", GLYPH_BAD, ST_BAD},
                {"inconclusive", GLYPH_UNSURE, ST_WARN}};
    struct view v = {.trace = trace_new()};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *line = xasprintf("{\"ph\":\"i\",\"cat\":\"verdict\",\"name\":\"%s\",\"ts\":%zu,"
                               "\"pid\":1,\"tid\":0,\"args\":{\"result\":\"%s\",\"measured\":1,"
                               "\"rule\":\"r\"}}\n",
                               rows[i].result, i, rows[i].result);
        trace_feed(v.trace, line, strlen(line));
        free(line);
    }
    static const char note[] =
        "{\"ph\":\"i\",\"name\":\"pass\",\"ts\":9,\"pid\":1,\"tid\":0}\n"; /* a note, by that name
                                                                            */
    trace_feed(v.trace, note, sizeof(note) - 1);
    trace_settle(v.trace);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(view_note_glyph(&v, i), rows[i].glyph);
        assert_int_equal(view_note_style(rows[i].glyph), rows[i].style);
    }
    assert_int_equal(view_note_glyph(&v, ARRAY_LEN(rows)), GLYPH_NOTE);
    trace_free(v.trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(going_to_an_event_goes_to_its_time),
        cmocka_unit_test(the_cursor_is_always_in_the_window),
        cmocka_unit_test(steps_back_bring_the_windows_back),
        cmocka_unit_test(all_of_the_story_fits),
        cmocka_unit_test(zooming_keeps_what_is_under_the_cursor_where_it_is),
        cmocka_unit_test(zooming_ends_where_nothing_more_can_be_seen),
        cmocka_unit_test(zooming_away_from_the_cursor_keeps_the_middle_where_it_is),
        cmocka_unit_test(panning_stays_within_the_run),
        cmocka_unit_test(the_longest_run_there_is_can_be_looked_at),
        cmocka_unit_test(times_are_written_in_their_unit),
        cmocka_unit_test(no_time_of_a_day_takes_more_than_its_columns),
        cmocka_unit_test(rounding_does_not_write_a_thousand_of_a_unit),
        cmocka_unit_test(without_a_lesson_a_name_is_its_label),
        cmocka_unit_test(a_verdict_has_the_sign_of_its_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
