/*
 * test_trace_model.c: what the model says of small traces that can be read: lanes, spans, arrows,
 * plots, counters, snapshots, steps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "trace.h"
#include "trace_check.h"
#include "trace_lines.h"

static struct trace *trace_of_text(const char *text)
{
    struct buf lines = {0};

    buf_puts(&lines, text);
    return trace_of(&lines);
}

/* ---- lanes ---- */

static void lanes_have_the_names_that_lines_give(void **unused)
{
    (void)unused;
    struct trace *t = trace_of_text(
        "{\"ph\":\"M\",\"pid\":1,\"tid\":0,\"ts\":1,\"name\":\"process_name\",\"args\":{\"name\":"
        "\"pingpong\"}}\n"
        "{\"ph\":\"M\",\"pid\":1,\"tid\":0,\"ts\":1,\"name\":\"thread_name\",\"args\":{\"name\":"
        "\"main\"}}\n"
        "{\"ph\":\"B\",\"pid\":1,\"tid\":7,\"ts\":5,\"name\":\"x\"}\n"
        "{\"ph\":\"M\",\"pid\":1,\"tid\":3,\"name\":\"thread_name\",\"args\":{\"name\":\"worker\"}}"
        "\n{\"ph\":\"i\",\"ts\":6,\"name\":\"no lane, no process: the first\"}\n"
        "{\"ph\":\"M\",\"pid\":1,\"tid\":3,\"name\":\"thread_name\",\"args\":{\"name\":\"reader\"}}"
        "\n");

    assert_string_equal(trace_title(t), "pingpong");
    assert_int_equal(trace_lanes(t), 3);
    assert_string_equal(trace_lane_name(t, 0), "main");
    assert_string_equal(trace_lane_name(t, 1), "lane 7");
    assert_string_equal(trace_lane_name(t, 2), "reader");
    assert_int_equal(trace_lane_kinds(t, 0), 1U << TRACE_NOTE);
    assert_int_equal(trace_lane_kinds(t, 1), 1U << TRACE_BEGIN);
    assert_int_equal(trace_lane_kinds(t, 2), 0);
    assert_int_equal(trace_lane_kinds(t, 99), 0);
    assert_string_equal(trace_lane_name(t, 99), "");
    trace_free(t);
}

static void processes_have_lanes_of_their_own(void **unused)
{
    (void)unused;
    struct trace *t =
        trace_of_text("{\"ph\":\"i\",\"pid\":40,\"tid\":1,\"ts\":1,\"name\":\"a\"}\n"
                      "{\"ph\":\"i\",\"pid\":41,\"tid\":1,\"ts\":2,\"name\":\"b\"}\n"
                      "{\"ph\":\"i\",\"tid\":1,\"ts\":3,\"name\":\"c\"}\n"
                      "{\"ph\":\"M\",\"pid\":41,\"tid\":1,\"name\":\"process_name\",\"args\":"
                      "{\"name\":\"of another\"}}\n");

    assert_int_equal(trace_lanes(t), 2);
    assert_string_equal(trace_lane_name(t, 0), "lane 1");
    assert_string_equal(trace_lane_name(t, 1), "lane 41/1");
    assert_int_equal(trace_event(t, 2)->lane, 0);
    assert_string_equal(trace_title(t), "");
    trace_free(t);
}

static void an_empty_trace_has_answers(void **unused)
{
    (void)unused;
    struct trace *t = trace_new();
    bool more = true;

    trace_settle(t);
    check_model(t, 1);
    assert_int_equal(trace_count(t) + trace_lanes(t) + trace_arrows(t) + trace_plots(t), 0);
    assert_int_equal(trace_counters(t) + trace_snapshots(t), 0);
    assert_int_equal(trace_at(t, 5), TRACE_NONE);
    assert_int_equal(trace_end_ns(t), 0);
    assert_int_equal(trace_arrows_in(t, 0, 100, NULL, 0, &more), 0);
    assert_false(more);
    assert_int_equal(trace_stack(t, 0, TRACE_NONE, NULL, 0), 0);
    trace_free(t);
}

/* ---- time ---- */

static void times_are_nanoseconds_in_order_and_the_same_ones_as_they_came(void **unused)
{
    (void)unused;
    struct buf lines = {0};

    put_note(&lines, 0, 2001, "third", "");
    put_note(&lines, 0, 1500, "first", "");
    put_note(&lines, 0, 2000, "second", "");
    put_note(&lines, 0, 2001, "fourth", "");
    buf_puts(&lines, "{\"ph\":\"i\",\"ts\":2.0014,\"name\":\"fifth\"}\n"
                     "{\"ph\":\"i\",\"ts\":4e15,\"name\":\"last\"}\n"
                     "{\"ph\":\"i\",\"ts\":0,\"name\":\"zeroth\"}\n");
    struct trace *t = trace_of(&lines);
    static const char *const names[] = {"zeroth", "first", "second", "third",
                                        "fourth", "fifth", "last"};
    static const int64_t times[] = {0, 1500, 2000, 2001, 2001, 2001, INT64_C(4000000000000000000)};
    assert_int_equal(trace_count(t), ARRAY_LEN(names));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_string_equal(trace_word(t, trace_event(t, i)->name), names[i]);
        assert_int_equal(trace_event(t, i)->ts_ns, times[i]);
    }
    assert_int_equal(trace_at(t, 2000), 2);
    assert_int_equal(trace_at(t, 2001), 5);
    check_model(t, 2);
    trace_free(t);
}

/* ---- spans ---- */

static void spans_nest(void **unused)
{
    (void)unused;
    struct buf lines = {0};
    struct trace_span spans[4];

    put_begin(&lines, 1, 1000, "outer", "run");
    put_begin(&lines, 2, 1500, "elsewhere", "hold");
    put_begin(&lines, 1, 2000, "inner", "call");
    put_end(&lines, 1, 3000);
    put_end(&lines, 1, 4000);
    struct trace *t = trace_of(&lines);
    assert_int_equal(trace_stack(t, 0, 2, spans, 4), 2);
    assert_string_equal(trace_word(t, spans[0].name), "outer");
    assert_string_equal(trace_word(t, spans[1].name), "inner");
    assert_true(spans[0].begin == 0 && spans[0].end == 4 && spans[0].end_ns == 4000);
    assert_true(spans[1].begin == 2 && spans[1].end == 3 && spans[1].begin_ns == 2000);
    assert_true(spans[0].cat == TRACE_RUN && spans[1].cat == TRACE_CALL);
    assert_true(spans[0].depth == 0 && spans[1].depth == 1);
    assert_int_equal(trace_stack(t, 0, 3, spans, 4), 1);
    assert_int_equal(trace_stack(t, 0, 4, spans, 4), 0);
    assert_int_equal(trace_stack(t, 1, 4, spans, 4), 1);
    assert_true(spans[0].end == TRACE_NONE && spans[0].end_ns == INT64_MAX);
    assert_string_equal(trace_word(t, trace_event(t, 3)->name), "inner");
    assert_int_equal(trace_event(t, 3)->cat, TRACE_CALL);
    assert_int_equal(trace_stack(t, 7, 4, spans, 4), 0);
    trace_free(t);
}

static void an_end_without_a_begin_is_counted_until_the_begin_comes(void **unused)
{
    (void)unused;
    struct buf lines = {0};
    struct trace *t = trace_new();

    put_end(&lines, 1, 5000);
    feed_lines(t, &lines);
    assert_int_equal(trace_health(t)->unbalanced, 1);
    assert_string_equal(trace_word(t, trace_event(t, 0)->name), "");
    put_begin(&lines, 1, 1000, "late", "run");
    feed_lines(t, &lines);
    assert_int_equal(trace_health(t)->unbalanced, 0);
    assert_string_equal(trace_word(t, trace_event(t, 1)->name), "late");
    assert_int_equal(trace_find(t, TRACE_END, "late", 1), 1);
    assert_int_equal(trace_find(t, TRACE_END, "", 1), TRACE_NONE);
    trace_free(t);
    buf_release(&lines);
}

/* The lines of complete spans come when they are over, so the outer one last. */
static void complete_spans_nest_at_one_moment(void **unused)
{
    (void)unused;
    struct trace *t =
        trace_of_text("{\"ph\":\"X\",\"ts\":1,\"dur\":0,\"name\":\"moment\",\"cat\":\"call\"}\n"
                      "{\"ph\":\"X\",\"ts\":1,\"dur\":4,\"name\":\"inner\",\"cat\":\"hold\"}\n"
                      "{\"ph\":\"X\",\"ts\":1,\"dur\":9,\"name\":\"outer\",\"cat\":\"run\"}\n"
                      "{\"ph\":\"X\",\"ts\":10,\"dur\":1,\"name\":\"next\",\"cat\":\"run\"}\n"
                      "{\"ph\":\"i\",\"ts\":1,\"name\":\"note\"}\n");
    static const char *const names[] = {"note",  "outer", "inner", "moment", "moment",
                                        "inner", "outer", "next",  "next"};

    assert_int_equal(trace_count(t), ARRAY_LEN(names));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_string_equal(trace_word(t, trace_event(t, i)->name), names[i]);
    assert_int_equal(trace_health(t)->unbalanced, 0);
    trace_free(t);
}

static void unknown_categories_are_run(void **unused)
{
    (void)unused;
    struct trace *t = trace_of_text("{\"ph\":\"B\",\"ts\":1,\"name\":\"x\",\"cat\":\"ready\"}\n"
                                    "{\"ph\":\"B\",\"ts\":2,\"name\":\"x\",\"cat\":\"devtools\"}\n"
                                    "{\"ph\":\"B\",\"ts\":3,\"name\":\"x\",\"cat\":\"\"}\n"
                                    "{\"ph\":\"B\",\"ts\":4,\"name\":\"x\"}\n");
    static const enum trace_cat want[] = {TRACE_READY, TRACE_RUN, TRACE_RUN, TRACE_RUN};

    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_int_equal(trace_event(t, i)->cat, want[i]);
    trace_free(t);
}

/* ---- cells ---- */

static void a_cell_shows_what_took_most_of_it(void **unused)
{
    (void)unused;
    struct buf lines = {0};
    struct trace_cell c[4];

    /* 0..1000: run "a" 100, call 4 x 50, block 150, nothing 550; then hold for ever. */
    put_begin(&lines, 1, 0, "a", "run");
    put_end(&lines, 1, 100);
    for (int i = 0; i < 4; i++) {
        put_begin(&lines, 1, 100 + i * 50, i == 2 ? "long-read" : "read", "call");
        put_end(&lines, 1, 150 + i * 50 - (i != 2));
    }
    put_begin(&lines, 1, 300, "wait", "block");
    put_note(&lines, 1, 310, "n", "");
    put_end(&lines, 1, 450);
    put_begin(&lines, 1, 1000, "lock", "hold");
    struct trace *t = trace_of(&lines);
    trace_cells(t, 0, 0, 1000, 1, c);
    assert_true(c[0].busy && c[0].begins && c[0].changes == 12 && c[0].notes == 1);
    assert_int_equal(c[0].cat, TRACE_CALL);                     /* together most */
    assert_string_equal(trace_word(t, c[0].name), "long-read"); /* the longest of them */
    trace_cells(t, 0, 0, 2000, 4, c);
    assert_true(c[0].cat == TRACE_CALL && c[0].busy);
    assert_true(!c[1].busy && !c[1].begins && c[1].changes == 0);
    assert_true(c[2].busy && c[2].begins && c[2].cat == TRACE_HOLD && c[2].changes == 1);
    assert_true(c[3].busy && !c[3].begins && c[3].cat == TRACE_HOLD && c[3].changes == 0);
    trace_cells(t, 0, 310, 312, 4, c); /* half a nanosecond each */
    for (int i = 0; i < 4; i++)
        assert_true(c[i].busy && c[i].cat == TRACE_BLOCK);
    trace_cells(t, 7, 0, 1000, 4, c); /* no such lane */
    assert_false(c[0].busy);
    trace_free(t);
}

static void spans_that_take_no_time_are_seen(void **unused)
{
    (void)unused;
    struct buf lines = {0};
    struct trace_cell c;

    put_begin(&lines, 1, 500, "first", "sleep");
    put_begin(&lines, 1, 500, "second", "call");
    put_end(&lines, 1, 500);
    put_end(&lines, 1, 500);
    struct trace *t = trace_of(&lines);
    trace_cells(t, 0, 0, 1000, 1, &c);
    assert_true(!c.busy && c.begins && c.changes == 4 && c.cat == TRACE_SLEEP);
    assert_string_equal(trace_word(t, c.name), "first");
    trace_free(t);
}

/* ---- arrows ---- */

static void arrows_join_what_has_one_id(void **unused)
{
    (void)unused;
    struct trace *t = trace_of_text(
        "{\"ph\":\"s\",\"tid\":1,\"ts\":1,\"name\":\"ping\",\"id\":7,\"args\":{\"text\":\"GET /"
        "\\n\\nbody\",\"cut\":true}}\n"
        "{\"ph\":\"s\",\"tid\":1,\"ts\":2,\"name\":\"lost\",\"id\":\"7\"}\n"
        "{\"ph\":\"f\",\"tid\":2,\"ts\":3,\"name\":\"pong\",\"id\":7}\n"
        "{\"ph\":\"f\",\"tid\":2,\"ts\":4,\"name\":\"pong\",\"id\":7}\n");

    assert_int_equal(trace_arrows(t), 2);
    const struct trace_arrow a = trace_arrow(t, 0), b = trace_arrow(t, 1);
    assert_true(a.send == 0 && a.recv == 2 && a.from == 0 && a.to == 1);
    assert_true(a.send_ns == 1000 && a.recv_ns == 3000);
    assert_true(b.send == 1 && b.recv == TRACE_NONE && b.to == b.from && b.recv_ns == INT64_MAX);
    assert_string_equal(trace_word(t, a.name), "ping");
    assert_string_equal(trace_event_text(t, 0), "GET /\n\nbody");
    assert_string_equal(trace_event_text(t, 2), "GET /\n\nbody");
    assert_string_equal(trace_event_text(t, 3), "");
    assert_int_equal(trace_arrow_of(t, 3), TRACE_NONE);
    assert_int_equal(trace_health(t)->unbalanced, 1);
    assert_int_equal(trace_arrows_sent(t, TRACE_NONE), 0);
    assert_int_equal(trace_arrows_sent(t, 0), 1);
    assert_int_equal(trace_arrows_sent(t, 3), 2);
    trace_free(t);
}

static void arrows_in_a_window_are_those_that_leave_or_arrive_there(void **unused)
{
    (void)unused;
    struct buf lines = {0};
    size_t out[8];
    bool more;

    for (int i = 0; i < 5; i++) /* sent at 100, 200, ...; received 1000 later, the last first */
        put_send(&lines, 1, 100 + i * 100, "m", i);
    for (int i = 0; i < 5; i++)
        put_recv(&lines, 2, 1100 + i * 100, "m", 4 - i);
    struct trace *t = trace_of(&lines);
    assert_int_equal(trace_arrows_in(t, 100, 301, out, 8, &more), 3);
    assert_false(more);
    assert_int_equal(trace_arrows_in(t, 600, 1100, out, 8, &more), 0);
    assert_int_equal(trace_arrows_in(t, 500, 1301, out, 8, &more), 3);
    assert_true(out[0] == 2 && out[1] == 3 && out[2] == 4 && !more);
    assert_int_equal(trace_arrows_in(t, 500, 1301, out, 2, &more), 2);
    assert_true(more);
    assert_int_equal(trace_arrows_in(t, 0, 9999, out, 5, &more), 5);
    assert_false(more);
    assert_int_equal(trace_arrows_in(t, 0, 9999, out, 0, &more), 0);
    assert_true(more);
    assert_int_equal(trace_arrows_in(t, 9999, 0, out, 8, &more), 0);
    assert_false(more);
    trace_free(t);
}

/* ---- plots and counters ---- */

static void plots_have_series_of_points(void **unused)
{
    (void)unused;
    struct buf lines = {0};
    size_t n;

    put_point(&lines, 100, "memory", "rss", 1, 20);
    put_point(&lines, 300, "memory", "rss", 3, -5);
    put_point(&lines, 200, "memory", "vm", 2.5, 1e300);
    put_point(&lines, 400, "time", "rss", 7, 7);
    struct trace *t = trace_of(&lines);
    assert_int_equal(trace_plots(t), 2);
    assert_string_equal(trace_word(t, trace_plot_name(t, 0)), "memory");
    assert_int_equal(trace_series(t, 0), 2);
    assert_string_equal(trace_word(t, trace_series_name(t, 0, 1)), "vm");
    const struct trace_point *p = trace_points(t, 0, 0, 1, &n);
    assert_true(n == 1 && p[0].x == 1 && p[0].y == 20 && p[0].event == 0);
    p = trace_points(t, 0, 0, 2, &n);
    assert_true(n == 2 && p[1].x == 3 && p[1].y == -5 && p[1].event == 2);
    const struct trace_bounds b = trace_plot_bounds(t, 0);
    assert_true(b.x_min == 1 && b.x_max == 3 && b.y_min == -5 && b.y_max == 1e300);
    const struct trace_bounds one = trace_plot_bounds(t, 1);
    assert_true(one.x_min == 7 && one.x_max == 7 && one.y_min == 7 && one.y_max == 7);
    trace_free(t);
}

static void counters_hold_their_value(void **unused)
{
    (void)unused;
    struct buf lines = {0};

    put_note(&lines, 0, 50, "before", "");
    put_count(&lines, 100, "syscalls", 1);
    put_count(&lines, 200, "wakeups", 2.5);
    put_count(&lines, 300, "syscalls", -4);
    struct trace *t = trace_of(&lines);
    assert_int_equal(trace_counters(t), 2);
    assert_string_equal(trace_word(t, trace_counter_name(t, 1)), "wakeups");
    static const double want[][2] = {{0, 0}, {1, 0}, {1, 2.5}, {-4, 2.5}};
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        for (size_t c = 0; c < 2; c++)
            assert_true(trace_counter_at(t, c, i) == want[i][c]);
    assert_true(trace_counter_at(t, 0, TRACE_NONE) == 0);
    assert_true(trace_counter_at(t, 0, 1000) == -4);
    trace_free(t);
}

/* ---- steps ---- */

static void steps_go_to_the_next_of_a_kind_and_lane(void **unused)
{
    (void)unused;
    struct buf lines = {0};

    put_begin(&lines, 1, 100, "a", "run");
    put_note(&lines, 2, 200, "n", "one");
    put_send(&lines, 1, 300, "s", 1);
    put_note(&lines, 1, 400, "n", "two");
    put_end(&lines, 1, 500);
    struct trace *t = trace_of(&lines);
    assert_int_equal(trace_step(t, TRACE_NONE, 1, ~0U, -1), 0);
    assert_int_equal(trace_step(t, TRACE_NONE, -1, ~0U, -1), TRACE_NONE);
    assert_int_equal(trace_step(t, 0, -1, ~0U, -1), TRACE_NONE);
    assert_int_equal(trace_step(t, 4, 1, ~0U, -1), TRACE_NONE);
    assert_int_equal(trace_step(t, 0, 1, 1U << TRACE_NOTE, -1), 1);
    assert_int_equal(trace_step(t, 1, 1, 1U << TRACE_NOTE, -1), 3);
    assert_int_equal(trace_step(t, 3, -1, 1U << TRACE_NOTE, -1), 1);
    assert_int_equal(trace_step(t, 1, -1, 1U << TRACE_NOTE, -1), TRACE_NONE);
    assert_int_equal(trace_step(t, 0, 1, ~0U, 0), 2);
    assert_int_equal(trace_step(t, 2, -1, ~0U, 0), 0);
    assert_int_equal(trace_step(t, 0, 1, 1U << TRACE_NOTE | 1U << TRACE_END, 0), 3);
    assert_int_equal(trace_step(t, 0, 1, 1U << TRACE_POINT, 0), TRACE_NONE);
    assert_int_equal(trace_step(t, 0, 1, ~0U, 9), TRACE_NONE);
    trace_free(t);
}

static void words_are_found_in_names_and_texts(void **unused)
{
    (void)unused;
    struct buf lines = {0};

    put_note(&lines, 1, 100, "second-wait", "nothing");
    put_note(&lines, 1, 200, "x", "the Second time");
    put_begin(&lines, 1, 300, "read", "call");
    put_end(&lines, 1, 400);
    put_note(&lines, 1, 500, "second-wait", "");
    struct trace *t = trace_of(&lines);
    assert_int_equal(trace_search(t, TRACE_NONE, 1, "SECOND"), 0);
    assert_int_equal(trace_search(t, 0, 1, "second"), 1);
    assert_int_equal(trace_search(t, 1, 1, "second"), 4);
    assert_int_equal(trace_search(t, 4, 1, "second"), TRACE_NONE);
    assert_int_equal(trace_search(t, 4, -1, "second"), 1);
    assert_int_equal(trace_search(t, 0, -1, "second"), TRACE_NONE);
    assert_int_equal(trace_search(t, TRACE_NONE, -1, "second"), TRACE_NONE);
    assert_int_equal(trace_search(t, 2, 1, "read"), 3);
    assert_int_equal(trace_find(t, TRACE_NOTE, "second-wait", 1), 0);
    assert_int_equal(trace_find(t, TRACE_NOTE, "second-wait", 2), 4);
    assert_int_equal(trace_find(t, TRACE_NOTE, "second-wait", 3), TRACE_NONE);
    assert_int_equal(trace_find(t, TRACE_NOTE, "second", 1), TRACE_NONE);
    assert_int_equal(trace_find(t, TRACE_SEND, "second-wait", 1), TRACE_NONE);
    assert_int_equal(trace_find(t, TRACE_END, "read", 1), 3);
    trace_free(t);
}

/* ---- snapshots ---- */

static const char graph_parts[] =
    "\"nodes\":[{\"id\":\"a\",\"label\":\"A\",\"fields\":\"refs=2 mark=bad alone x=a=b\"},"
    "{\"id\":\"b\"},{\"label\":\"no id\"},{\"id\":7},17,{\"id\":\"a\",\"label\":\"again\"},"
    "{\"id\":\"c\\u001b\",\"label\":\"\\u001b[2J\",\"fields\":\"  \"}],"
    "\"edges\":[{\"from\":\"a\",\"to\":\"b\",\"label\":\"next\"},{\"from\":\"b\",\"to\":\"nobody\"}"
    ","
    "{\"from\":\"c\\u001b\",\"to\":\"a\"},{\"to\":\"a\"},[]],"
    "\"lists\":[{\"name\":\"young\",\"ids\":[\"b\",\"c\",\"a\",1]},{\"name\":\"empty\",\"ids\":[]},"
    "{\"ids\":[\"a\"]},{\"name\":\"none\"}],\"cut\":true";

static void a_snapshot_is_a_graph(void **unused)
{
    (void)unused;
    struct buf lines = {0};

    put_snapshot(&lines, 100, "step", graph_parts);
    struct trace *t = trace_of(&lines);
    assert_int_equal(trace_snapshots(t), 1);
    const struct trace_graph *g = trace_snapshot(t, 0);
    assert_string_equal(g->name, "step");
    assert_true(g->event == 0 && g->cut && g->n_nodes == 4 && g->n_edges == 2 && g->n_lists == 2);
    assert_string_equal(g->nodes[0].label, "A");
    assert_int_equal(g->nodes[0].n_fields, 4);
    assert_string_equal(g->nodes[0].fields[1].key, "mark");
    assert_string_equal(g->nodes[0].fields[1].value, "bad");
    assert_string_equal(g->nodes[0].fields[2].key, "alone");
    assert_string_equal(g->nodes[0].fields[2].value, "");
    assert_string_equal(g->nodes[0].fields[3].value, "a=b");
    assert_string_equal(g->nodes[1].label, "b");
    assert_string_equal(g->nodes[3].id, "c^[");
    assert_string_equal(g->nodes[3].label, "^[[2J");
    assert_int_equal(g->nodes[3].n_fields, 0);
    assert_true(g->edges[0].from == 0 && g->edges[0].to == 1);
    assert_string_equal(g->edges[0].label, "next");
    assert_true(g->edges[1].from == 3 && g->edges[1].to == 0);
    assert_string_equal(g->edges[1].label, "");
    assert_string_equal(g->lists[0].name, "young");
    assert_true(g->lists[0].n == 2 && g->lists[0].nodes[0] == 1 && g->lists[0].nodes[1] == 0);
    assert_int_equal(g->lists[1].n, 0);
    trace_free(t);
}

static void a_snapshot_of_anything_is_a_graph_without_nodes(void **unused)
{
    (void)unused;
    static const char *const parts[] = {
        "\"nodes\":7",
        "\"nodes\":{\"id\":\"a\"}",
        "\"nodes\":[[[]]],\"edges\":{},\"lists\":1",
        "\"edges\":[{\"from\":\"a\",\"to\":\"a\"}]",
        "\"lists\":[{\"name\":\"l\",\"ids\":[\"a\"]}]",
    };

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct buf lines = {0};
        put_snapshot(&lines, 100, "step", parts[i]);
        struct trace *t = trace_of(&lines);
        assert_int_equal(trace_snapshots(t), 1);
        const struct trace_graph *g = trace_snapshot(t, 0);
        assert_true(g->n_nodes == 0 && g->n_edges == 0 && !g->cut);
        trace_free(t);
    }
}

static void the_last_four_graphs_stay(void **unused)
{
    (void)unused;
    struct buf lines = {0};
    const struct trace_graph *g[6];

    for (int i = 0; i < 6; i++) {
        char name[8];
        snprintf(name, sizeof(name), "s%d", i);
        put_note(&lines, 0, 50 + 100 * i, "n", "");
        put_snapshot(&lines, 100 + 100 * i, name, "\"nodes\":[{\"id\":\"a\"}]");
    }
    struct trace *t = trace_of(&lines);
    for (size_t i = 0; i < 4; i++)
        g[i] = trace_snapshot(t, i);
    for (size_t i = 0; i < 4; i++) {
        char name[8];
        snprintf(name, sizeof(name), "s%zu", i);
        assert_string_equal(g[i]->name, name);
        assert_int_equal(g[i]->event, 2 * i + 1);
    }
    assert_ptr_equal(trace_snapshot(t, 1), g[1]);
    g[4] = trace_snapshot(t, 4); /* in the place of 0, asked for longest ago */
    assert_string_equal(g[1]->name, "s1");
    assert_string_equal(g[2]->name, "s2");
    assert_string_equal(g[3]->name, "s3");
    assert_int_equal(trace_snapshot_at(t, 0), TRACE_NONE);
    assert_int_equal(trace_snapshot_at(t, 2), 0);
    assert_int_equal(trace_snapshot_at(t, 3), 1);
    /* An earlier one comes late: the numbers move, the graphs are the right ones. */
    put_snapshot(&lines, 10, "early", "\"nodes\":[]");
    feed_lines(t, &lines);
    assert_string_equal(trace_snapshot(t, 0)->name, "early");
    assert_string_equal(trace_snapshot(t, 2)->name, "s1");
    assert_int_equal(trace_snapshot(t, 2)->event, 4);
    trace_free(t);
    buf_release(&lines);
}

/* ---- files ---- */

static char *folder;

static char *file_of(const char *name, const char *text)
{
    struct buf b = {0};
    struct err e = {""};
    char *path = xasprintf("%s/%s", folder, name);

    buf_puts(&b, text);
    assert_true(buf_write_file(&b, path, &e));
    buf_release(&b);
    return path;
}

static void a_file_is_loaded_and_settled(void **unused)
{
    (void)unused;
    struct err e = {""};
    char *path = file_of("sound", "[\n{\"ph\":\"i\",\"ts\":2,\"name\":\"b\"},\n"
                                  "{\"ph\":\"i\",\"ts\":1,\"name\":\"a\"}\n]");
    struct trace *t = trace_load(path, &e);

    assert_non_null(t);
    assert_int_equal(trace_count(t), 2);
    assert_string_equal(trace_word(t, trace_event(t, 0)->name), "a");
    assert_int_equal(trace_health(t)->bad_lines, 0);
    trace_free(t);
    unlink(path);
    free(path);
}

static void expect_no_trace(const char *path, const char *why)
{
    struct err e = {""};

    assert_null(trace_load(path, &e));
    assert_non_null(strstr(e.text, path));
    if (!strstr(e.text, why))
        fail_msg("\"%s\" says nothing of \"%s\"", e.text, why);
}

static void a_file_that_is_no_trace_is_refused_with_the_reason(void **unused)
{
    (void)unused;
    static const char *const texts[] = {
        "", "no JSON at all\n", "[\n]\n", "{\"traceEvents\":[]}",
        "{\"ph\":\"M\",\"name\":\"thread_name\",\"args\":{\"name\":\"main\"}}\n"};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        char *path = file_of("empty", texts[i]);
        expect_no_trace(path, "no event");
        unlink(path);
        free(path);
    }
    expect_no_trace(folder, "not a regular file");
    char *missing = xasprintf("%s/missing", folder);
    expect_no_trace(missing, "No such file");
    char *fifo = xasprintf("%s/fifo", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    expect_no_trace(fifo, "not a regular file"); /* and does not hang */
    unlink(fifo);
    free(fifo);
    free(missing);
}

static int make_folder(void **unused)
{
    (void)unused;
    const char *tmp = getenv("TMPDIR");

    folder = xasprintf("%s/systutor-trace.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **unused)
{
    (void)unused;
    const int failed = rmdir(folder);

    free(folder);
    return failed;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanes_have_the_names_that_lines_give),
        cmocka_unit_test(processes_have_lanes_of_their_own),
        cmocka_unit_test(an_empty_trace_has_answers),
        cmocka_unit_test(times_are_nanoseconds_in_order_and_the_same_ones_as_they_came),
        cmocka_unit_test(spans_nest),
        cmocka_unit_test(an_end_without_a_begin_is_counted_until_the_begin_comes),
        cmocka_unit_test(complete_spans_nest_at_one_moment),
        cmocka_unit_test(unknown_categories_are_run),
        cmocka_unit_test(a_cell_shows_what_took_most_of_it),
        cmocka_unit_test(spans_that_take_no_time_are_seen),
        cmocka_unit_test(arrows_join_what_has_one_id),
        cmocka_unit_test(arrows_in_a_window_are_those_that_leave_or_arrive_there),
        cmocka_unit_test(plots_have_series_of_points),
        cmocka_unit_test(counters_hold_their_value),
        cmocka_unit_test(steps_go_to_the_next_of_a_kind_and_lane),
        cmocka_unit_test(words_are_found_in_names_and_texts),
        cmocka_unit_test(a_snapshot_is_a_graph),
        cmocka_unit_test(a_snapshot_of_anything_is_a_graph_without_nodes),
        cmocka_unit_test(the_last_four_graphs_stay),
        cmocka_unit_test(a_file_is_loaded_and_settled),
        cmocka_unit_test(a_file_that_is_no_trace_is_refused_with_the_reason),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
