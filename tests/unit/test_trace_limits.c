/*
 * test_trace_limits.c: traces of hostile or broken programs: what is over a limit is thinned with
 * its counterpart and counted, never silently, and the model stays whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "trace.h"
#include "trace_check.h"
#include "trace_lines.h"

enum { FEED_BYTES = 1 << 16 };

/* Feeds the lines once there are enough of them, so that no test holds them all. */
static void pass_on(struct trace *t, struct buf *lines)
{
    if (lines->len < FEED_BYTES)
        return;
    trace_feed(t, lines->text, lines->len);
    buf_clear(lines);
}

/* What is left over is fed, and all is settled. */
static void finish(struct trace *t, struct buf *lines)
{
    feed_lines(t, lines);
    buf_release(lines);
    assert_int_equal(trace_health(t)->bad_lines, 0);
    check_events(t);
}

static size_t count_kind(const struct trace *t, enum trace_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < trace_count(t); i++)
        n += trace_event(t, i)->kind == kind;
    return n;
}

/* ---- lanes ---- */

static void a_hundred_thousand_lanes(void **unused)
{
    (void)unused;
    enum { MANY = 100000 };
    struct trace *t = trace_new();
    struct buf lines = {0};

    for (int lane = 0; lane < MANY; lane++) {
        put_begin(&lines, lane, 10 * lane, "x", "run");
        put_end(&lines, lane, 10 * lane + 5);
        pass_on(t, &lines);
    }
    finish(t, &lines);
    assert_int_equal(trace_lanes(t), TRACE_MAX_LANES);
    assert_int_equal(trace_count(t), 2 * TRACE_MAX_LANES);
    assert_int_equal(trace_health(t)->events, 2 * MANY);
    assert_int_equal(trace_health(t)->thinned, 2 * (MANY - TRACE_MAX_LANES));
    assert_int_equal(trace_health(t)->unbalanced, 0);
    trace_free(t);
}

/* demo.h allows a thousand beside the main one. */
static void all_lanes_of_a_demo_are_kept(void **unused)
{
    (void)unused;
    struct trace *t = trace_new();
    struct buf lines = {0};

    for (int lane = 0; lane <= 1000; lane++)
        put_note(&lines, lane, lane, "x", "");
    finish(t, &lines);
    assert_int_equal(trace_lanes(t), 1001);
    assert_int_equal(trace_health(t)->thinned, 0);
    trace_free(t);
}

static void an_arrow_from_a_lane_too_many_is_left_out_with_its_arrival(void **unused)
{
    (void)unused;
    struct trace *t = trace_new();
    struct buf lines = {0};

    for (int lane = 0; lane < TRACE_MAX_LANES; lane++)
        put_note(&lines, lane, lane, "x", "");
    put_send(&lines, 5000, 2000, "from too many", 1);
    put_recv(&lines, 1, 2001, "from too many", 1);
    put_send(&lines, 1, 2002, "to too many", 2);
    put_recv(&lines, 5000, 2003, "to too many", 2);
    put_send(&lines, 1, 2004, "sound", 1);
    put_recv(&lines, 2, 2005, "sound", 1);
    finish(t, &lines);
    assert_int_equal(trace_health(t)->thinned, 3);
    assert_int_equal(trace_health(t)->unbalanced, 0);
    assert_int_equal(trace_arrows(t), 2);
    assert_true(trace_arrow(t, 0).recv == TRACE_NONE && trace_arrow(t, 1).recv != TRACE_NONE);
    trace_free(t);
}

/* ---- events ---- */

static void a_million_begins_without_ends(void **unused)
{
    (void)unused;
    enum { MANY = 1000000 };
    struct trace *t = trace_new();
    struct buf lines = {0};
    struct trace_span spans[TRACE_MAX_DEPTH];

    for (int i = 0; i < MANY; i++) {
        put_begin(&lines, 1, i, "x", "run");
        pass_on(t, &lines);
    }
    finish(t, &lines);
    const size_t kept = trace_count(t);
    assert_int_equal(kept, TRACE_MAX_EVENTS / 2); /* each has room for its end */
    assert_int_equal(trace_health(t)->thinned, MANY - kept + kept - TRACE_MAX_DEPTH);
    assert_int_equal(trace_stack(t, 0, kept - 1, spans, TRACE_MAX_DEPTH), TRACE_MAX_DEPTH);
    assert_int_equal(spans[TRACE_MAX_DEPTH - 1].begin, TRACE_MAX_DEPTH - 1);
    /* Their ends: those of the begins that were left out come first, and are left out. */
    for (int i = 0; i < MANY; i++) {
        put_end(&lines, 1, MANY + i);
        pass_on(t, &lines);
    }
    finish(t, &lines);
    assert_int_equal(trace_count(t), TRACE_MAX_EVENTS);
    assert_int_equal(trace_health(t)->unbalanced, 0);
    assert_int_equal(trace_stack(t, 0, trace_count(t) - 1, spans, TRACE_MAX_DEPTH), 0);
    assert_int_equal(trace_stack(t, 0, trace_count(t) - 2, spans, TRACE_MAX_DEPTH), 1);
    trace_free(t);
}

/* Every kept begin has its end, every kept send its receive, in whatever lane. */
static void more_events_than_are_kept_stay_balanced(void **unused)
{
    (void)unused;
    enum { MANY = 700000 };
    struct trace *t = trace_new();
    struct buf lines = {0};
    struct trace_span span;

    for (int i = 0; i < MANY; i++) {
        const long long ns = 100LL * i;
        put_begin(&lines, i % 7, ns, "x", "run");
        put_send(&lines, i % 7, ns + 1, "m", i);
        if (i >= 3) {
            put_recv(&lines, i % 5, ns + 2, "m", i - 3);
            put_end(&lines, (i - 3) % 7, ns + 3);
        }
        pass_on(t, &lines);
    }
    finish(t, &lines);
    assert_in_range(trace_count(t), TRACE_MAX_EVENTS - 20, TRACE_MAX_EVENTS);
    assert_int_equal(trace_health(t)->unbalanced, 0);
    assert_int_equal(trace_health(t)->thinned + trace_count(t), trace_health(t)->events);
    assert_in_range(count_kind(t, TRACE_BEGIN) - count_kind(t, TRACE_END), 0, 3);
    for (unsigned lane = 0; lane < trace_lanes(t); lane++)
        assert_in_range(trace_stack(t, lane, trace_count(t) - 1, &span, 1), 0, 1);
    size_t open = 0;
    for (size_t k = 0; k < trace_arrows(t); k++)
        open += trace_arrow(t, k).recv == TRACE_NONE;
    assert_in_range(open, 0, 3);
    trace_free(t);
}

/* An end belongs to the begin that was left out, not to the kept one around it. */
static void the_end_of_a_begin_that_was_left_out_is_left_out(void **unused)
{
    (void)unused;
    struct trace *t = trace_new();
    struct buf lines = {0};
    struct trace_span span;

    put_begin(&lines, 1, 0, "outer", "run");
    put_send(&lines, 1, 1, "m", 1);
    for (int i = 0; i < TRACE_MAX_EVENTS; i++) {
        put_note(&lines, 0, 10 + i, "n", "");
        pass_on(t, &lines);
    }
    put_begin(&lines, 1, 2000001, "inner", "call");
    put_send(&lines, 1, 2000002, "m", 1);
    put_recv(&lines, 2, 2000003, "m", 1);
    put_end(&lines, 1, 2000004);
    put_end(&lines, 1, 2000005);
    put_recv(&lines, 2, 2000006, "m", 1);
    finish(t, &lines);
    assert_int_equal(trace_count(t), TRACE_MAX_EVENTS);
    assert_int_equal(trace_health(t)->unbalanced, 0);
    assert_int_equal(trace_stack(t, 0, 0, &span, 1), 1);
    assert_int_equal(span.end_ns, 2000005);
    assert_int_equal(trace_arrow(t, 0).recv_ns, 2000006);
    trace_free(t);
}

static void single_events_are_kept_up_to_the_limit(void **unused)
{
    (void)unused;
    struct trace *t = trace_new();
    struct buf lines = {0};

    for (int i = 0; i < TRACE_MAX_EVENTS + 1000; i++) {
        put_note(&lines, 0, i, "n", "always the same");
        pass_on(t, &lines);
    }
    put_head(&lines, 'X', 0, 5);
    buf_puts(&lines, ",\"dur\":1,\"name\":\"x\"}\n");
    put_point(&lines, 1, "p", "s", 1, 1);
    put_count(&lines, 1, "c", 1);
    put_snapshot(&lines, 1, "s", "\"nodes\":[]");
    finish(t, &lines);
    assert_int_equal(trace_count(t), TRACE_MAX_EVENTS);
    assert_int_equal(trace_health(t)->thinned, 1004);
    /* A verdict is never lost. */
    buf_puts(&lines,
             "{\"ph\":\"i\",\"cat\":\"verdict\",\"ts\":1,\"name\":\"one\",\"args\":{\"result\":"
             "\"pass\",\"measured\":1,\"rule\":\"r\"}}\n");
    finish(t, &lines);
    assert_non_null(trace_verdict(t, "one"));
    assert_int_equal(trace_count(t), TRACE_MAX_EVENTS);
    trace_free(t);
}

/* ---- depth ---- */

static void deeper_spans_are_events_but_in_no_stack(void **unused)
{
    (void)unused;
    enum { DEEP = 200 };
    struct trace *t = trace_new();
    struct buf lines = {0};
    struct trace_span spans[TRACE_MAX_DEPTH];
    char name[16];

    for (int i = 0; i < DEEP; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        put_begin(&lines, 0, i, name, i % 2 ? "call" : "run");
    }
    for (int i = 0; i < DEEP; i++)
        put_end(&lines, 0, DEEP + i);
    finish(t, &lines);
    assert_int_equal(trace_count(t), 2 * DEEP);
    assert_int_equal(trace_health(t)->thinned, 2 * (DEEP - TRACE_MAX_DEPTH));
    for (size_t i = 0; i < DEEP; i++) {
        const size_t open = size_min(i + 1, TRACE_MAX_DEPTH);
        assert_int_equal(trace_stack(t, 0, i, spans, TRACE_MAX_DEPTH), open);
        assert_int_equal(spans[open - 1].begin, open - 1);
        snprintf(name, sizeof(name), "s%zu", i); /* the first end is that of the last begin */
        assert_string_equal(trace_word(t, trace_event(t, 2 * DEEP - 1 - i)->name), name);
    }
    check_model(t, 5);
    /* One that comes late inside: everything behind it moves one deeper. */
    put_begin(&lines, 0, 10, "late", "hold");
    finish(t, &lines);
    assert_int_equal(trace_health(t)->thinned, 2 * (DEEP + 1 - TRACE_MAX_DEPTH));
    check_model(t, 6);
    trace_free(t);
}

/* ---- strings ---- */

static void words_beyond_the_limit_read_dots(void **unused)
{
    (void)unused;
    enum { MORE = TRACE_MAX_WORDS + 1000 };
    struct trace *t = trace_new();
    struct buf lines = {0};
    char name[32];

    for (int i = 0; i < MORE; i++) {
        snprintf(name, sizeof(name), "name-%d", i);
        put_begin(&lines, 0, 2 * i, name, "run");
        put_end(&lines, 0, 2 * i + 1);
        pass_on(t, &lines);
    }
    finish(t, &lines);
    assert_int_equal(trace_count(t), 2 * MORE);
    assert_in_range(trace_health(t)->thinned, 1000, 1010);
    assert_int_equal(trace_find(t, TRACE_BEGIN, "name-7", 1), 14);
    assert_int_equal(trace_find(t, TRACE_BEGIN, name, 1), TRACE_NONE);
    assert_string_equal(trace_word(t, trace_event(t, 2 * MORE - 1)->name), "...");
    trace_free(t);
}

static void texts_beyond_the_limit_are_empty(void **unused)
{
    (void)unused;
    enum { LONG = 3900, FIT = TRACE_MAX_TEXTS / LONG };
    struct trace *t = trace_new();
    struct buf lines = {0};
    char text[LONG + 1];

    memset(text, 'x', LONG);
    text[LONG] = '\0';
    for (int i = 0; i < FIT + 100; i++) {
        snprintf(text, 10, "%09d", i);
        text[9] = 'x';
        put_note(&lines, 0, i, "n", text);
        pass_on(t, &lines);
    }
    finish(t, &lines);
    assert_int_equal(trace_count(t), FIT + 100);
    assert_int_equal(trace_health(t)->thinned, 100);
    assert_int_equal(strlen(trace_event_text(t, FIT - 1)), LONG);
    assert_string_equal(trace_event_text(t, FIT), "");
    /* There is no room for a snapshot either, which is nothing without its text. */
    put_snapshot(&lines, FIT + 200, "s",
                 "\"nodes\":[{\"id\":\"a\",\"label\":\"a label that is long "
                 "enough not to fit into what is left of the memory for "
                 "texts: it takes more than two thousand bytes\"}]");
    for (int i = 0; i < 40; i++)
        put_snapshot(&lines, FIT + 200 + i, "s", "\"nodes\":[{\"id\":\"a\"}]");
    finish(t, &lines);
    assert_true(trace_snapshots(t) < 41);
    assert_int_equal(trace_health(t)->thinned, 100 + 41 - trace_snapshots(t));
    trace_free(t);
}

static void long_strings_are_cut_between_characters(void **unused)
{
    (void)unused;
    struct buf lines = {0}, text = {0}, name = {0};

    for (int i = 0; i < 5000; i++)
        buf_puts(&text, i % 2 ? "多" : "\\n");
    for (int i = 0; i < 5000; i++)
        buf_puts(&name, i ? "😀" : "x");
    put_note(&lines, 0, 1, buf_text(&name), buf_text(&text));
    struct trace *t = trace_of(&lines);
    const char *word = trace_word(t, trace_event(t, 0)->name);
    const char *shown = trace_event_text(t, 0);
    assert_true(utf8_valid(word, strlen(word)) && utf8_valid(shown, strlen(shown)));
    assert_null(strchr(word, '\\')); /* as half a character would be shown */
    assert_null(strchr(shown, '\\'));
    assert_in_range(strlen(word), TRACE_MAX_WORD - 3, TRACE_MAX_WORD);
    assert_in_range(strlen(shown), TRACE_MAX_TEXT - 3, TRACE_MAX_TEXT);
    trace_free(t);
    buf_release(&text);
    buf_release(&name);
}

static void control_bytes_become_visible(void **unused)
{
    (void)unused;
    struct buf lines = {0};

    buf_puts(
        &lines,
        "{\"ph\":\"M\",\"name\":\"thread_name\",\"args\":{\"name\":\"\\u001b[2Jm\"}}\n"
        "{\"ph\":\"M\",\"name\":\"process_name\",\"args\":{\"name\":\"p\\u202e\"}}\n"
        "{\"ph\":\"i\",\"ts\":1,\"name\":\"\x1b]0;x\x07\",\"args\":{\"text\":\"a\\nb\\u0000\xff"
        "\\u0085\\tc\"}}\n"
        "{\"ph\":\"C\",\"ts\":2,\"name\":\"\\u001b\",\"args\":{\"series\":\"\\u009b\",\"x\":1,"
        "\"y\":1}}\n"
        "{\"ph\":\"C\",\"ts\":3,\"name\":\"\\r\",\"args\":{\"value\":1}}\n");
    struct trace *t = trace_of(&lines);
    assert_int_equal(trace_health(t)->bad_lines, 0);
    assert_string_equal(trace_lane_name(t, 0), "^[[2Jm");
    assert_string_equal(trace_title(t), "p<U+202E>");
    assert_string_equal(trace_word(t, trace_event(t, 0)->name), "^[]0;x^G");
    assert_string_equal(trace_event_text(t, 0), "a\nb");
    assert_string_equal(trace_word(t, trace_plot_name(t, 0)), "^[");
    assert_string_equal(trace_word(t, trace_counter_name(t, 0)), "^M");
    check_model(t, 3);
    trace_free(t);
}

/* ---- plots and counters ---- */

static void plots_series_and_counters_beyond_the_limits_are_left_out(void **unused)
{
    (void)unused;
    struct buf lines = {0};
    char name[16];

    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof(name), "p%d", i);
        put_point(&lines, i, name, "s", i, i);
    }
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        put_point(&lines, 100 + i, "p0", name, i, i);
    }
    for (int i = 0; i < 70; i++) {
        snprintf(name, sizeof(name), "c%d", i);
        put_count(&lines, 200 + i, name, i);
    }
    struct trace *t = trace_of(&lines);
    assert_int_equal(trace_plots(t), 16);
    assert_int_equal(trace_series(t, 0), 16);
    assert_int_equal(trace_series(t, 15), 1);
    assert_int_equal(trace_counters(t), 64);
    assert_int_equal(trace_health(t)->thinned, 4 + 5 + 6);
    assert_int_equal(trace_count(t), 16 + 15 + 64);
    check_model(t, 4);
    trace_free(t);
}

/* ---- order ---- */

/* The worst that a program can do to trace_settle: time and again an event as late as is allowed.
 */
static void late_again_and_again(void **unused)
{
    (void)unused;
    enum { BEFORE = 70000, ROUNDS = 20 };
    struct trace *t = trace_new();
    struct buf lines = {0};

    for (int i = 0; i < BEFORE; i++)
        (i % 2 ? put_end(&lines, 0, 1000 + 10 * i)
               : put_begin(&lines, 0, 1000 + 10 * i, "x", "run"));
    feed_lines(t, &lines);
    for (int i = 0; i < ROUNDS; i++) {
        put_note(&lines, 0, 1000 + 10 * (BEFORE - 65000) + i, "late", "");
        feed_lines(t, &lines);
    }
    assert_int_equal(trace_health(t)->late, 0);
    assert_int_equal(trace_find(t, TRACE_NOTE, "late", 1), BEFORE - 65000 + 1);
    for (int i = 0; i < ROUNDS; i++) {
        put_note(&lines, 0, i, "too-late", "");
        feed_lines(t, &lines);
    }
    assert_int_equal(trace_health(t)->late, ROUNDS);
    assert_int_equal(trace_health(t)->unbalanced, 0);
    check_events(t);
    trace_free(t);
    buf_release(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_thousand_lanes),
        cmocka_unit_test(all_lanes_of_a_demo_are_kept),
        cmocka_unit_test(an_arrow_from_a_lane_too_many_is_left_out_with_its_arrival),
        cmocka_unit_test(a_million_begins_without_ends),
        cmocka_unit_test(more_events_than_are_kept_stay_balanced),
        cmocka_unit_test(the_end_of_a_begin_that_was_left_out_is_left_out),
        cmocka_unit_test(single_events_are_kept_up_to_the_limit),
        cmocka_unit_test(deeper_spans_are_events_but_in_no_stack),
        cmocka_unit_test(words_beyond_the_limit_read_dots),
        cmocka_unit_test(texts_beyond_the_limit_are_empty),
        cmocka_unit_test(long_strings_are_cut_between_characters),
        cmocka_unit_test(control_bytes_become_visible),
        cmocka_unit_test(plots_series_and_counters_beyond_the_limits_are_left_out),
        cmocka_unit_test(late_again_and_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
