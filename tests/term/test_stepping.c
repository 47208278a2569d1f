/*
 * test_stepping.c: keys and mouse in the pictures of a kept run: stepping, jumping, zooming,
 * finding, playing, choosing views.
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
#include "look.h"

static void leave(struct vt *vt, struct tree *t)
{
    vt_free(vt);
    tree_free(t);
}

/* ---- stepping ---- */

/* How many stops each view has on its way through a file: the kinds of events it steps to. */
static const struct way {
    const char *file;
    char view;
    int stops;
} ways[] = {
    {"lanes.json", '1', 38},    {"lanes.json", '2', 13},    {"messages.json", '1', 21},
    {"messages.json", '2', 21}, {"snapshots.json", '1', 8}, {"snapshots.json", '3', 8},
    {"plots.json", '1', 59},    {"plots.json", '4', 59},    {"level.json", '1', 46},
    {"level.json", '3', 7},     {"level.json", '4', 7},     {"broken.json", '1', 14},
};

/* Steps to the end and back to the start: each screen is the one that was seen on the way there. */
static void walk(struct tree *t, const struct way *w, const char *on, const char *back)
{
    enum { MOST = 100 };
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {w->file}}, w->view);
    char *screens[MOST];
    int at = 0;

    look_move(vt, on); /* so that its lane is selected */
    look_move(vt, back);

    for (int i = 0; i < w->stops; i++) {
        screens[i] = look_screen(vt);
        const int next = look_move(vt, on);
        assert_true(next > at);
        at = next;
    }
    for (int i = w->stops - 1; i >= 0; i--) {
        look_move(vt, back);
        look_wait_screen(vt, screens[i]);
        free(screens[i]);
    }
    assert_int_equal(look_position(vt), 0);
    vt_free(vt);
}

static void each_step_back_shows_what_was_there(void **state)
{
    (void)state;
    struct tree *t = look_tree();

    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        walk(t, &ways[i], i % 2 ? "l" : "<Right>", i % 2 ? "h" : "<Left>");
    tree_free(t);
}

static void a_step_beyond_the_ends_goes_nowhere(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}}, '1');

    vt_keys(vt, "hh<Left>l");
    look_wait_at(vt, 1);
    vt_keys(vt, "/lock-is<Enter>");
    look_wait_at(vt, 38);
    vt_keys(vt, "ll<Right>h");
    look_wait_at(vt, 37);
    leave(vt, t);
}

static void keys_jump_to_notes_and_verdicts(void **state)
{
    (void)state;
    static const int stops[] = {11, 22, 33, 36, 37, 38};
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}}, '1');

    for (size_t i = 0; i < ARRAY_LEN(stops); i++)
        assert_int_equal(look_move(vt, "n"), stops[i]);
    vt_keys(vt, "n");
    vt_wait(vt, "no more of them in that direction");
    for (size_t i = ARRAY_LEN(stops) - 1; i-- > 0;)
        assert_int_equal(look_move(vt, "N"), stops[i]);
    vt_keys(vt, "N");
    vt_wait(vt, "no more of them in that direction");
    assert_int_equal(look_move(vt, "V"), 36);
    vt_wait(vt, "✓ 400 us: reader-wakes");
    assert_int_equal(look_move(vt, "V"), 37);
    vt_wait(vt, "✗ no: disk-is-fast");
    assert_int_equal(look_move(vt, "V"), 38);
    vt_wait(vt, "? 2: lock-is-free");
    assert_int_equal(look_move(vt, "V"), 36); /* round to the first one */
    leave(vt, t);
}

static void a_run_without_verdicts_says_so(void **state)
{
    (void)state;
    struct tree *t = look_tree();

    tree_write(t, "one.json", "{\"ph\":\"B\",\"name\":\"work\",\"ts\":1,\"pid\":1,\"tid\":1}\n");
    struct vt *vt = look_start(&(struct look){.tree = t, .files = {"one.json"}});
    vt_wait(vt, "1/1");
    vt_keys(vt, "V");
    vt_wait(vt, "no more of them");
    leave(vt, t);
}

static void keys_step_through_one_lane(void **state)
{
    (void)state;
    static const int of_disk[] = {19, 26, 27, 29}; /* fsync, ask arrives, its end, done */
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}}, '1');

    vt_keys(vt, "jjj");
    vt_wait(vt, "❯ disk");
    vt_keys(vt, "j"); /* there is none below */
    for (size_t i = 0; i < ARRAY_LEN(of_disk); i++)
        assert_int_equal(look_move(vt, "."), of_disk[i]);
    vt_keys(vt, ".");
    vt_wait(vt, "no more of them");
    for (size_t i = ARRAY_LEN(of_disk) - 1; i-- > 0;)
        assert_int_equal(look_move(vt, ","), of_disk[i]);
    vt_keys(vt, ",");
    vt_wait(vt, "no more of them");
    vt_keys(vt, "kkkk");
    vt_wait(vt, "❯ main");
    leave(vt, t);
}

/* ---- the window of time ---- */

static void the_window_zooms_pans_and_fits(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}}, '1');

    vt_keys(vt, "/edge<Enter>");
    look_wait_at(vt, 22);
    char *whole = look_screen(vt);
    vt_keys(vt, "+++");
    vt_wait(vt, "5000 us");
    vt_wait(vt, "edge");
    vt_keys(vt, "<PgDn><PgDn>");
    vt_wait(vt, "6000 us");
    vt_wait_gone(vt, "5000 us");
    vt_keys(vt, "<PgUp><PgUp>");
    vt_wait(vt, "5000 us");
    vt_keys(vt, "0");
    look_wait_screen(vt, whole);
    vt_keys(vt, "=-");
    vt_wait(vt, " 8 ms");
    for (int i = 0; i < 40; i++) /* as far as it goes, in and out */
        vt_keys(vt, "+");
    vt_wait(vt, " ns");
    look_wait_at(vt, 22);
    for (int i = 0; i < 40; i++)
        vt_keys(vt, "-<PgUp>");
    vt_wait(vt, " 8 ms");
    vt_keys(vt, "0");
    look_wait_screen(vt, whole);
    free(whole);
    leave(vt, t);
}

static void the_ends_are_one_key_away(void **state)
{
    (void)state;
    static const char *const first[] = {"g", "<Home>"}, *const last[] = {"G", "<End>"};
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}}, '1');

    for (size_t i = 0; i < ARRAY_LEN(first); i++) {
        vt_keys(vt, last[i]);
        look_wait_at(vt, 35); /* of the story: what comes after it are verdicts */
        vt_keys(vt, first[i]);
        look_wait_at(vt, 0);
        vt_wait(vt, "before the first event");
    }
    leave(vt, t);
}

/* ---- views ---- */

static void digits_choose_the_view(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"level.json"}}, '1');

    vt_keys(vt, "/read 2<Enter>");
    vt_wait(vt, "snapshot: after read 2");
    const int at = look_position(vt);
    vt_wait(vt, "❯ reader");
    vt_keys(vt, "2");
    vt_wait(vt, "bytes ──");
    vt_keys(vt, "3");
    vt_wait(vt, "ready list");
    vt_keys(vt, "4");
    vt_wait(vt, "bytes over time");
    vt_keys(vt, "1");
    vt_wait(vt, "❯ reader");
    look_wait_at(vt, at); /* one cursor serves them all */
    leave(vt, t);
}

static void a_view_with_nothing_to_show_says_so(void **state)
{
    (void)state;
    static const char *const keys[] = {"2", "3", "4"};
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"snapshots.json"}}, '3');

    vt_keys(vt, "l");
    vt_wait(vt, "empty");
    vt_keys(vt, "2");
    vt_wait(vt, "This run has nothing for this view.");
    vt_keys(vt, "4");
    vt_wait(vt, "This run has nothing for this view.");
    vt_free(vt);
    vt = look_at(&(struct look){.tree = t, .files = {"plots.json"}}, '4');
    for (size_t i = 0; i < ARRAY_LEN(keys) - 1; i++) {
        vt_keys(vt, keys[i]);
        vt_wait(vt, "This run has nothing for this view.");
    }
    vt_keys(vt, "<Up><Down>fao<lt>>.,nN");
    vt_keys(vt, "1");
    vt_wait(vt, "❯ main");
    leave(vt, t);
}

static void before_the_first_snapshot_the_graph_says_so(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"level.json"}}, '3');

    vt_wait(vt, "No snapshot yet at this moment.");
    vt_keys(vt, "jk<lt>>l");
    vt_wait(vt, "after read 1");
    leave(vt, t);
}

static void messages_are_gone_through_and_read_whole(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"messages.json"}}, '2');

    vt_keys(vt, "j");
    vt_wait(vt, "Accept-Language: zh-CN, 中文 first");
    vt_keys(vt, "j");
    vt_wait(vt, "proxy  note: cache-miss");
    vt_keys(vt, "k");
    vt_wait(vt, "Accept-Language");
    vt_keys(vt, "/a line of<Enter>");
    vt_wait(vt, " 2: a line of the page");
    vt_wait(vt, "more lines: f");
    assert_false(vt_find(vt, " 8: a line of the page", NULL, NULL));
    vt_keys(vt, "f");
    vt_wait(vt, " 8: a line of the page");
    vt_resize(vt, 60, 80);
    vt_wait(vt, "40: a line of the page");
    vt_resize(vt, 24, 80);
    vt_wait_gone(vt, "40: a line of the page");
    vt_keys(vt, "f");
    vt_wait_gone(vt, " 8: a line of the page");
    leave(vt, t);
}

static void lanes_beside_the_window_are_scrolled_to(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"messages.json"}, .cols = 60}, '2');

    vt_wait(vt, "GET / ··");
    vt_wait_gone(vt, "clock");
    vt_keys(vt, ">>");
    vt_wait(vt, "clock");
    char *last = look_screen(vt);
    vt_keys(vt, ">"); /* it goes no further */
    look_wait_screen(vt, last);
    vt_keys(vt, "<lt>");
    vt_wait_gone(vt, "clock");
    vt_keys(vt, "<lt><lt><lt>>>");
    look_wait_screen(vt, last);
    free(last);
    leave(vt, t);
}

static void nodes_are_selected_and_their_edges_drawn(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt =
        look_at(&(struct look){.tree = t, .files = {"snapshots.json"}, .rows = 40}, '3');

    vt_keys(vt, "/three<Enter>");
    vt_wait(vt, "three objects");
    char *first = look_screen(vt);
    vt_keys(vt, "j");
    vt_keys(vt, "jjj");
    vt_keys(vt, "kkk");
    look_wait_screen(vt, first);
    free(first);
    leave(vt, t);
}

static void axes_are_changed_and_plots_gone_through(void **state)
{
    (void)state;
    static const char *const axes[] = {NULL, "log x", "log y", "log log"};
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"plots.json"}}, '4');

    vt_wait(vt, "log log");
    for (size_t i = 0; i < ARRAY_LEN(axes); i++) {
        vt_keys(vt, "a");
        if (axes[i])
            vt_wait(vt, axes[i]);
        else
            vt_wait_gone(vt, "log ");
    }
    vt_keys(vt, "o");
    vt_wait(vt, "2/4 (o)");
    vt_keys(vt, "o");
    vt_wait(vt, "drift");
    vt_wait_gone(vt, "log"); /* nothing below zero has a logarithm, whatever was chosen */
    vt_keys(vt, "o");
    vt_wait(vt, "4/4 (o)");
    vt_keys(vt, "G");
    vt_wait(vt, "only: 7, 7");
    vt_keys(vt, "o");
    vt_wait(vt, "1/4 (o)");
    vt_wait(vt, "epoll: 10k, 6");
    leave(vt, t);
}

/* ---- finding ---- */

static void events_are_found_by_their_words(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}}, '1');

    vt_keys(vt, "/FULL");
    vt_wait(vt, "/FULL");
    vt_keys(vt, "<Enter>");
    look_wait_at(vt, 11);
    assert_int_equal(look_move(vt, "<Enter>"), 33);
    assert_int_equal(look_move(vt, "<BS>"), 11);
    vt_keys(vt, "/"); /* a text of a note; the last words are still there */
    vt_wait(vt, "/FULL");
    vt_keys(vt, "<BS><BS><BS><BS>65536<Enter>");
    vt_wait(vt, "the pipe holds 65536 bytes");
    leave(vt, t);
}

static void a_search_from_the_end_begins_anew_at_the_start(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}}, '1');

    vt_keys(vt, "G");
    look_wait_at(vt, 35);
    vt_keys(vt, "/nanosleep<Enter>");
    look_wait_at(vt, 3);
    assert_int_equal(look_move(vt, "<BS>"), 6);
    leave(vt, t);
}

static void a_search_that_finds_nothing_says_so_and_goes_nowhere(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}}, '1');

    vt_keys(vt, "/kangaroo<Enter>");
    vt_wait(vt, "no event has \"kangaroo\"");
    look_wait_at(vt, 0);
    vt_keys(vt, "/qV12 g"); /* keys of the picture are letters now */
    vt_wait(vt, "qV12 g");
    look_wait_at(vt, 0);
    vt_keys(vt, "<Esc>");
    vt_wait_gone(vt, "qV12 g");
    vt_wait(vt, "before the first event");
    vt_keys(vt, "/<Enter>"); /* nothing is not searched for */
    vt_wait(vt, "before the first event");
    vt_keys(vt, "l");
    look_wait_at(vt, 1);
    leave(vt, t);
}

/* ---- playing ---- */

static void a_run_is_played_to_its_end(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}}, '1');

    vt_keys(vt, "}}}}}}}}");
    vt_wait(vt, "times as fast as it ran");
    vt_keys(vt, "<Space>");
    look_wait_at(vt, 35); /* of the story: what comes after it are verdicts */
    vt_wait_gone(vt, "▶");
    vt_keys(vt, "<Space>"); /* from the start again */
    vt_wait(vt, "▶");
    look_wait_at(vt, 35);
    leave(vt, t);
}

static void playing_stops_when_the_cursor_is_moved(void **state)
{
    (void)state;
    static const char *const keys[] = {"<Space>", "l", "g", "n"};
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}}, '1');

    vt_keys(vt, "{{{{{{{{"); /* it would take minutes */
    vt_wait(vt, "times as fast as it ran");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        vt_keys(vt, "g<Space>");
        vt_wait(vt, "▶");
        vt_keys(vt, keys[i]);
        vt_wait_gone(vt, "▶");
    }
    leave(vt, t);
}

static void a_screen_that_is_left_plays_no_more(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}}, '1');

    vt_keys(vt, "{{{{{{<Space>");
    vt_wait(vt, "▶");
    vt_keys(vt, "?");
    vt_wait(vt, "In the picture");
    vt_keys(vt, "q");
    vt_wait(vt, "▶");
    vt_keys(vt, "qq");
    vt_assert_exit(vt, 0);
    vt_assert_restored(vt);
    leave(vt, t);
}

/* ---- the mouse ---- */

static void tabs_are_clicked(void **state)
{
    (void)state;
    static const int cols[] = {80, 56}; /* with numbers and without */
    struct tree *t = look_tree();

    for (size_t i = 0; i < ARRAY_LEN(cols); i++) {
        struct vt *vt =
            look_at(&(struct look){.tree = t, .files = {"level.json"}, .cols = cols[i]}, '1');
        vt_keys(vt, "l");
        look_wait_at(vt, 1);
        look_click(vt, "Plot");
        vt_wait(vt, "bytes over time");
        look_click(vt, "Graph");
        vt_wait(vt, "No snapshot yet");
        look_click(vt, "Sequence");
        vt_wait(vt, "· bytes ·");
        look_click(vt, "Timeline");
        vt_wait(vt, "❯ reader");
        vt_free(vt);
    }
    tree_free(t);
}

static void a_click_moves_the_cursor_and_the_wheel_steps(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}}, '1');
    int row, col, disk;

    assert_true(vt_find(vt, " 8 ms", &row, &col));
    assert_true(vt_find(vt, "disk", &disk, NULL));
    vt_click(vt, disk, col + 1);
    look_wait_at(vt, 32); /* the last event of the moment 8 ms */
    vt_wait(vt, "❯ disk");
    vt_wheel(vt, disk, col, false);
    look_wait_at(vt, 33);
    vt_wheel(vt, disk, col, true);
    look_wait_at(vt, 32);
    look_click(vt, "writer"); /* a name selects its lane and moves nothing */
    vt_wait(vt, "❯ writer");
    look_wait_at(vt, 32);
    assert_true(vt_find(vt, "main: ", &row, NULL) || vt_find(vt, "writer: ", &row, NULL));
    vt_click(vt, row - 3, 13); /* the overview: the whole run in one row */
    look_wait_at(vt, 3);
    leave(vt, t);
}

static void messages_and_points_are_clicked(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"messages.json"}}, '2');
    int row, col;

    look_click(vt, "SELECT");
    vt_wait(vt, "server  sends SELECT");
    look_click(vt, "full-scan");
    vt_wait(vt, "512 rows were looked at");
    vt_wheel(vt, 10, 20, false);
    vt_wait(vt, "store  sends rows");
    vt_free(vt);
    vt = look_at(&(struct look){.tree = t, .files = {"plots.json"}}, '4');
    vt_keys(vt, "G");
    vt_wait(vt, "epoll: 10k, 6");
    vt_wait(vt, "◆");
    assert_true(vt_find(vt, "◆", &row, &col));
    vt_keys(vt, "g");
    vt_wait(vt, "before the first event");
    vt_click(vt, row, col); /* points that are still to come can be clicked too */
    vt_wait(vt, "epoll: 10k, 6");
    look_wait_at(vt, 22);
    leave(vt, t);
}

static void nodes_are_clicked(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt =
        look_at(&(struct look){.tree = t, .files = {"snapshots.json"}, .rows = 40}, '3');
    int row, col;

    vt_keys(vt, "/three<Enter>");
    vt_wait(vt, "three objects");
    char *first = look_screen(vt);
    assert_true(vt_find(vt, "◆ tuple", &row, &col));
    vt_click(vt, row + 1, col + 1);
    vt_keys(vt, "kk"); /* tuple, dict, list */
    look_wait_screen(vt, first);
    free(first);
    leave(vt, t);
}

/* ---- help ---- */

static void help_lists_the_keys_of_the_picture(void **state)
{
    (void)state;
    static const char *const lines[] = {"In the picture", "←→          step", "Space       play",
                                        "n N         note", "g G         to the start"};
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}, .rows = 60}, '1');

    vt_keys(vt, "?");
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        vt_wait(vt, lines[i]);
    vt_wait(vt, "███  runs");
    vt_keys(vt, "q");
    vt_wait(vt, "❯ main");
    leave(vt, t);
}

/* An argument names the tests to run, with * and ?. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(each_step_back_shows_what_was_there, tutor_teardown),
        cmocka_unit_test_teardown(a_step_beyond_the_ends_goes_nowhere, tutor_teardown),
        cmocka_unit_test_teardown(keys_jump_to_notes_and_verdicts, tutor_teardown),
        cmocka_unit_test_teardown(a_run_without_verdicts_says_so, tutor_teardown),
        cmocka_unit_test_teardown(keys_step_through_one_lane, tutor_teardown),
        cmocka_unit_test_teardown(the_window_zooms_pans_and_fits, tutor_teardown),
        cmocka_unit_test_teardown(the_ends_are_one_key_away, tutor_teardown),
        cmocka_unit_test_teardown(digits_choose_the_view, tutor_teardown),
        cmocka_unit_test_teardown(a_view_with_nothing_to_show_says_so, tutor_teardown),
        cmocka_unit_test_teardown(before_the_first_snapshot_the_graph_says_so, tutor_teardown),
        cmocka_unit_test_teardown(messages_are_gone_through_and_read_whole, tutor_teardown),
        cmocka_unit_test_teardown(lanes_beside_the_window_are_scrolled_to, tutor_teardown),
        cmocka_unit_test_teardown(nodes_are_selected_and_their_edges_drawn, tutor_teardown),
        cmocka_unit_test_teardown(axes_are_changed_and_plots_gone_through, tutor_teardown),
        cmocka_unit_test_teardown(events_are_found_by_their_words, tutor_teardown),
        cmocka_unit_test_teardown(a_search_from_the_end_begins_anew_at_the_start, tutor_teardown),
        cmocka_unit_test_teardown(a_search_that_finds_nothing_says_so_and_goes_nowhere,
                                  tutor_teardown),
        cmocka_unit_test_teardown(a_run_is_played_to_its_end, tutor_teardown),
        cmocka_unit_test_teardown(playing_stops_when_the_cursor_is_moved, tutor_teardown),
        cmocka_unit_test_teardown(a_screen_that_is_left_plays_no_more, tutor_teardown),
        cmocka_unit_test_teardown(tabs_are_clicked, tutor_teardown),
        cmocka_unit_test_teardown(a_click_moves_the_cursor_and_the_wheel_steps, tutor_teardown),
        cmocka_unit_test_teardown(messages_and_points_are_clicked, tutor_teardown),
        cmocka_unit_test_teardown(nodes_are_clicked, tutor_teardown),
        cmocka_unit_test_teardown(help_lists_the_keys_of_the_picture, tutor_teardown),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
