/*
 * test_panel.c: the pictures on a screen in memory: the cursor while a run goes on, playing,
 * clicks, and that nothing is drawn outside of the room there is.
 */
#include <curses.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app.h"
#include "base.h"
#include "loop.h"
#include "trace.h"
#include "ui_impl.h"
#include "view/panel.h"

enum { HEIGHT = 30, WIDTH = 90, ROW_BYTES = 4 * WIDTH + 1, PLAY_LIMIT_MS = 5000 };

static const struct rect whole = {0, 0, HEIGHT, WIDTH};

/* ---- a screen that shows a panel ---- */

struct stand {
    struct app app;
    struct panel *panel;
    struct trace *trace;
};

static struct stand stand;

static struct panel *the_panel(const struct screen *s)
{
    (void)s;
    return stand.panel;
}

static int set_up(void **state)
{
    static const struct screen_ops ops = {.name = "test", .panel = the_panel};
    static const struct screen_ops *const screens[] = {&ops, NULL};
    struct err e;

    (void)state;
    stand = (struct stand){.trace = trace_new()};
    stand.app.loop = loop_new(&e);
    stand.app.ui = ui_new(&stand.app, screens);
    if (!stand.app.loop || !ui_open(&stand.app, "test", ""))
        return -1;
    stand.panel = panel_new(ui_focused(stand.app.ui), NULL, NULL);
    erase();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    panel_free(stand.panel);
    ui_free(stand.app.ui);
    loop_free(stand.app.loop);
    trace_free(stand.trace);
    return 0;
}

static void feed(struct trace *t, const char *line)
{
    trace_feed(t, line, strlen(line));
    trace_feed(t, "\n", 1);
}

static void feed_note(const char *name, double at_us)
{
    char *line =
        xasprintf("{\"ph\":\"i\",\"name\":\"%s\",\"ts\":%.3f,\"pid\":1,\"tid\":0}", name, at_us);

    feed(stand.trace, line);
    free(line);
}

static void press(int key)
{
    struct screen *s = ui_focused(stand.app.ui);
    size_t n;
    const struct key_row *rows = panel_keys(&n);

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < ARRAY_LEN(rows[i].keys) && rows[i].keys[k]; k++)
            if (rows[i].keys[k] == key && ui_row_applies(s, &rows[i])) {
                rows[i].act(s, key);
                return;
            }
    fail_msg("no key %d", key);
}

static bool row_has(int row, const char *words)
{
    char text[ROW_BYTES];

    mvinnstr(row, 0, text, ROW_BYTES - 1);
    return strstr(text, words) != NULL;
}

static void draw(void)
{
    erase();
    panel_draw(stand.panel, &whole, true);
}

/* "3/5": the third of five events. */
static void assert_at(const char *place)
{
    char text[ROW_BYTES];

    draw();
    mvinnstr(0, 0, text, ROW_BYTES - 1);
    if (!row_has(0, place))
        fail_msg("not at %s: %s", place, text);
}

/* ---- the cursor while the run goes on ---- */

static void events_of_one_time_can_be_stepped_through_while_the_run_goes_on(void **state)
{
    (void)state;
    feed_note("a", 5);
    feed_note("b", 5);
    feed_note("c", 5);
    panel_show(stand.panel, stand.trace, "", true);
    assert_at(" 3/3");
    press(KEY_LEFT);
    assert_at(" 2/3");
    press(KEY_LEFT);
    assert_at(" 1/3");
    press(KEY_LEFT);
    assert_at(" 0/3");
    press(KEY_RIGHT);
    assert_at(" 1/3");
}

static void the_cursor_stays_on_its_event_when_others_come_late(void **state)
{
    (void)state;
    feed_note("a", 1);
    feed_note("b", 5);
    feed_note("c", 5);
    feed_note("d", 9);
    panel_show(stand.panel, stand.trace, "", true);
    press(KEY_LEFT);
    assert_at(" 3/4");
    feed_note("late", 2);
    assert_at(" 4/5");
    assert_true(row_has(HEIGHT - 2, "note: c"));
    feed_note("later", 3);
    panel_changed(stand.panel, false); /* also at the end of the run */
    assert_at(" 5/6");
    assert_true(row_has(HEIGHT - 2, "note: c"));
}

static void a_window_that_was_chosen_stays_while_the_run_goes_on(void **state)
{
    (void)state;
    enum { AXIS = 2 };
    char before[ROW_BYTES], after[ROW_BYTES];

    feed_note("a", 0);
    feed_note("b", 1000);
    panel_show(stand.panel, stand.trace, "", true);
    press('g');
    press('+');
    draw();
    mvinnstr(AXIS, 0, before, ROW_BYTES - 1);
    assert_non_null(strstr(before, "us"));
    feed_note("c", 50000);
    draw();
    mvinnstr(AXIS, 0, after, ROW_BYTES - 1);
    assert_string_equal(after, before);
    press('0'); /* and grows again with the run */
    draw();
    assert_true(row_has(AXIS, "40 ms"));
}

static void the_last_event_is_part_of_the_story(void **state)
{
    (void)state;
    feed_note("first", 1);
    feed_note("last", 1000);
    panel_show(stand.panel, stand.trace, "", false);
    assert_at("1.000 ms  2/2");
}

/* ---- playing ---- */

static bool is_playing(void)
{
    draw();
    return row_has(0, " x");
}

static void the_shortest_run_is_played_to_its_end(void **state)
{
    (void)state;
    const int64_t limit_ms = loop_now_ms() + PLAY_LIMIT_MS;

    feed_note("a", 0.001);
    feed_note("b", 0.003);
    panel_show(stand.panel, stand.trace, "", false);
    press(' ');
    assert_true(is_playing());
    while (is_playing() && loop_now_ms() < limit_ms)
        loop_turn(stand.app.loop, 100);
    assert_false(is_playing());
    assert_at("3 ns  2/2");
}

static void nothing_plays_on_when_the_panel_is_freed(void **state)
{
    (void)state;
    feed_note("a", 0);
    feed_note("b", 5e6);
    panel_show(stand.panel, stand.trace, "", false);
    press(' ');
    assert_true(is_playing());
    panel_free(stand.panel);
    stand.panel = NULL;
    loop_turn(stand.app.loop, 100); /* a timer that was left would use what has been freed */
}

/* ---- any trace, any room ---- */

static const char *const everything[] = {
    "{\"ph\":\"B\",\"ts\":1,\"pid\":1,\"tid\":0,\"name\":\"wait\",\"cat\":\"block\"}",
    "{\"ph\":\"s\",\"ts\":2,\"pid\":1,\"tid\":1,\"name\":\"wake\",\"id\":1,\"args\":{\"text\":"
    "\"a long message of more than one line, and then of some more lines\"}}",
    "{\"ph\":\"f\",\"ts\":3,\"pid\":1,\"tid\":0,\"name\":\"wake\",\"id\":1}",
    "{\"ph\":\"E\",\"ts\":4,\"pid\":1,\"tid\":0}",
    "{\"ph\":\"C\",\"ts\":5,\"pid\":1,\"tid\":0,\"name\":\"load\",\"args\":{\"series\":\"a\","
    "\"x\":1,\"y\":10}}",
    "{\"ph\":\"C\",\"ts\":6,\"pid\":1,\"tid\":0,\"name\":\"load\",\"args\":{\"series\":\"a\","
    "\"x\":2,\"y\":20}}",
    "{\"ph\":\"C\",\"ts\":6,\"pid\":1,\"tid\":0,\"name\":\"calls\",\"args\":{\"value\":123456}}",
    "{\"ph\":\"O\",\"ts\":7,\"pid\":1,\"tid\":0,\"name\":\"s\",\"id\":\"g\",\"args\":{\"snapshot\":"
    "{\"name\":\"a step\",\"nodes\":[{\"id\":\"a\",\"label\":\"节点\",\"fields\":\"refs=1 "
    "mark=bad\"},{\"id\":\"b\",\"label\":\"b\",\"fields\":\"refs=2\"},{\"id\":\"c\"},{\"id\":"
    "\"d\"}],\"edges\":[{\"from\":\"a\",\"to\":\"b\"},{\"from\":\"d\",\"to\":\"a\"}],\"lists\":["
    "{\"name\":\"all\",\"ids\":[\"a\",\"b\"]},{\"name\":\"none\",\"ids\":[]}]}}}",
};

static void feed_everything(struct trace *t)
{
    for (size_t i = 0; i < ARRAY_LEN(everything); i++)
        feed(t, everything[i]);
}

/* Draws it into r on a screen full of '~', of which those outside of r must be left. */
static void assert_stays_inside(const struct rect *r)
{
    const struct rect *w = &whole;
    char line[WIDTH + 1];

    memset(line, '~', WIDTH);
    line[WIDTH] = '\0';
    for (int y = 0; y < w->h; y++)
        mvaddnstr(y, 0, line, WIDTH);
    panel_draw(stand.panel, r, true);
    for (int y = 0; y < w->h; y++)
        for (int x = 0; x < w->w; x++)
            if ((y < r->y || y >= r->y + r->h || x < r->x || x >= r->x + r->w) &&
                (mvinch(y, x) & A_CHARTEXT) != '~')
                fail_msg("%dx%d is drawn at %d, %d", r->w, r->h, x - r->x, y - r->y);
}

static void assert_all_sizes_stay_inside(void)
{
    for (char view = '1'; view <= '4'; view++) {
        press(view);
        if (view == '2')
            press('f');
        for (int h = 1; h < HEIGHT - 4; h++)
            for (int w = 1; w < WIDTH - 4; w += w < 12 ? 1 : 7)
                assert_stays_inside(&(struct rect){2, 2, h, w});
    }
}

static void nothing_is_drawn_outside_of_its_room(void **state)
{
    (void)state;
    feed_everything(stand.trace);
    panel_show(stand.panel, stand.trace, "", false);
    assert_all_sizes_stay_inside();
    panel_type(stand.panel, 0);
    press('/');
    for (int i = 0; i < 60; i++)
        panel_type(stand.panel, 'a' + i % 26);
    for (int w = 1; w < WIDTH - 4; w++)
        assert_stays_inside(&(struct rect){2, 2, 20, w});
    panel_type(stand.panel, KEY_ESC);
}

static void two_runs_are_drawn_in_their_room(void **state)
{
    (void)state;
    struct trace *other = trace_new();

    feed_everything(stand.trace);
    feed_everything(other);
    panel_show(stand.panel, stand.trace, "one", false);
    panel_compare(stand.panel, other, "two");
    assert_all_sizes_stay_inside();
    panel_show(stand.panel, NULL, "", false);
    trace_free(other);
}

static void both_counters_are_seen_on_the_narrowest_terminal(void **state)
{
    (void)state;
    struct trace *other = trace_new();
    bool seen = false;

    feed_everything(stand.trace);
    feed(other, "{\"ph\":\"C\",\"ts\":6,\"pid\":1,\"tid\":0,\"name\":\"calls\",\"args\":{\"value\":"
                "7}}");
    panel_show(stand.panel, stand.trace, "one", false);
    panel_compare(stand.panel, other, "two");
    erase();
    panel_draw(stand.panel, &(struct rect){0, 0, 20, 36}, true);
    for (int row = 0; row < 20; row++)
        seen |= row_has(row, "calls") && row_has(row, "1.2346e+05") && row_has(row, " 7");
    assert_true(seen);
    panel_show(stand.panel, NULL, "", false);
    trace_free(other);
}

static void click_everywhere(void)
{
    for (int row = 0; row < HEIGHT; row++)
        for (int col = 0; col < WIDTH; col += 3) {
            panel_mouse(stand.panel, KEY_CLICK, row, col);
            panel_mouse(stand.panel, row % 2 ? KEY_WHEEL_UP : KEY_WHEEL_DOWN, row, col);
        }
}

static void a_view_that_has_nothing_can_be_clicked(void **state)
{
    (void)state;
    feed_note("only", 1);
    panel_show(stand.panel, stand.trace, "", false);
    for (char view = '1'; view <= '4'; view++) {
        press(view);
        draw();
        click_everywhere();
    }
    draw();
}

static void an_empty_trace_can_be_looked_at(void **state)
{
    (void)state;
    static const int pressed[] = {KEY_LEFT, KEY_RIGHT, 'n', 'V', 'G', 'g', '.', 'j', ' ', ' '};

    panel_show(stand.panel, stand.trace, "", true);
    for (char view = '1'; view <= '4'; view++) {
        press(view);
        for (size_t i = 0; i < ARRAY_LEN(pressed); i++) {
            press(pressed[i]);
            draw();
        }
        click_everywhere();
    }
    assert_at(" 0/0");
}

/* A hostile program may say so; sums of such times would overflow. */
static void the_longest_times_can_be_looked_at(void **state)
{
    (void)state;
    feed_everything(stand.trace);
    feed(stand.trace, "{\"ph\":\"X\",\"ts\":4e15,\"dur\":4e15,\"pid\":1,\"tid\":0,\"name\":\"x\","
                      "\"cat\":\"run\"}");
    panel_show(stand.panel, stand.trace, "", false);
    for (int i = 0; i < 70; i++) {
        press('1');
        press(i % 10 < 8 ? '+' : '-');
        press(i % 3 ? KEY_NPAGE : KEY_PPAGE);
        draw();
        click_everywhere();
    }
    press('}');
    press('g');
    press(' ');
    loop_turn(stand.app.loop, 100);
    draw();
}

/* An argument names the tests to run, with * and ?. */
int main(int argc, char **argv)
{
#define PANEL_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        PANEL_TEST(events_of_one_time_can_be_stepped_through_while_the_run_goes_on),
        PANEL_TEST(the_cursor_stays_on_its_event_when_others_come_late),
        PANEL_TEST(a_window_that_was_chosen_stays_while_the_run_goes_on),
        PANEL_TEST(the_last_event_is_part_of_the_story),
        PANEL_TEST(the_shortest_run_is_played_to_its_end),
        PANEL_TEST(nothing_plays_on_when_the_panel_is_freed),
        PANEL_TEST(nothing_is_drawn_outside_of_its_room),
        PANEL_TEST(two_runs_are_drawn_in_their_room),
        PANEL_TEST(both_counters_are_seen_on_the_narrowest_terminal),
        PANEL_TEST(a_view_that_has_nothing_can_be_clicked),
        PANEL_TEST(an_empty_trace_can_be_looked_at),
        PANEL_TEST(the_longest_times_can_be_looked_at),
    };
#undef PANEL_TEST
    char rows[16], cols[16];

    snprintf(rows, sizeof(rows), "%d", HEIGHT);
    snprintf(cols, sizeof(cols), "%d", WIDTH);
    setenv("LINES", rows, 1);
    setenv("COLUMNS", cols, 1);
    setlocale(LC_ALL, "C.UTF-8");
    FILE *nowhere = fopen("/dev/null", "r+");
    SCREEN *screen = nowhere ? newterm("xterm", nowhere, nowhere) : NULL;
    if (!screen) {
        fprintf(stderr, "no terminal in memory\n");
        return 1;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    endwin();
    delscreen(screen);
    fclose(nowhere);
    return failed;
}
