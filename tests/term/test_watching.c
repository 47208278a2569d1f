/*
 * test_watching.c: the picture of a demo that runs: it follows the run, is stepped through
 * afterwards, and goes to the moments that a page points at. The lesson is in tests/term/pictures;
 * tests/bad/talks.c runs as its demo, 8 events a turn and a verdict.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base.h"
#include "look.h"

struct stage {
    struct tree *tree;
    struct vt *vt;
    char *gate; /* "SYSTUTOR_TEST_GATE=...": the demo waits there; NULL: there is none */
    int gate_fd;
    char mark[64]; /* in the environment of all that was started */
};

/* ---- the stage ---- */

static void make_gate(struct stage *s)
{
    const char *path = tree_path(s->tree, "gate");

    assert_int_equal(mkfifo(path, 0600), 0);
    s->gate_fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(s->gate_fd >= 0);
    s->gate = xasprintf("SYSTUTOR_TEST_GATE=%s", path);
}

/* Lets the demo go on for so many turns. */
static void open_gate(const struct stage *s, int turns)
{
    for (int i = 0; i < turns; i++)
        assert_int_equal(write(s->gate_fd, "x", 1), 1);
}

/* The page of the lesson. */
static struct stage open_page(bool gated, const char *lang, int rows, int cols)
{
    struct stage s = {.tree = tree_new("tests/term/pictures"), .gate_fd = -1};

    tree_demo(s.tree, "talk", "talk", "talks");
    snprintf(s.mark, sizeof(s.mark), "%s", tutor_mark());
    if (gated)
        make_gate(&s);
    s.vt = tutor_start(&(struct tutor_spec){.tree = s.tree,
                                            .lang = lang,
                                            .words = {"talk"},
                                            .rows = rows,
                                            .cols = cols,
                                            .env = {s.mark, s.gate}});
    vt_wait(s.vt, " 1/1");
    return s;
}

/* The demo, as it is opened from the page. */
static struct stage open_demo(bool gated)
{
    struct stage s = open_page(gated, "en", 24, 80);

    vt_keys(s.vt, "d");
    vt_wait(s.vt, "Does it end?");
    vt_wait(s.vt, "1 ○ It ends");
    return s;
}

/* A run of the demo that has ended, seen as a picture. */
static struct stage open_picture(bool gated)
{
    struct stage s = open_demo(gated);

    if (gated)
        open_gate(&s, 4);
    vt_keys(s.vt, "1r");
    vt_wait(s.vt, "1 of 1 claims hold");
    vt_keys(s.vt, "v");
    look_wait_at(s.vt, 24);
    return s;
}

/* The tutor ends well, and nothing is left of what it has started. */
static void close_stage(struct stage *s)
{
    vt_keys(s->vt, "qqqq");
    vt_assert_exit(s->vt, 0);
    vt_assert_restored(s->vt);
    tutor_wait_marked(NULL, s->mark, 0);
    vt_free(s->vt);
    tree_free(s->tree);
    free(s->gate);
    if (s->gate_fd >= 0)
        close(s->gate_fd);
}

/* ---- on the demo's screen ---- */

static void a_run_is_seen_as_a_picture_and_left_again(void **state)
{
    (void)state;
    struct stage s = open_demo(false);

    vt_keys(s.vt, "v"); /* nothing has run yet */
    vt_wait(s.vt, "that key does nothing here");
    vt_keys(s.vt, "1r");
    vt_wait(s.vt, "See the run: 25 events (v)");
    vt_keys(s.vt, "v");
    vt_wait(s.vt, "1 Timeline");
    look_wait_at(s.vt, 24);
    vt_wait(s.vt, "a turn begins"); /* by the labels of the lesson */
    vt_keys(s.vt, "q");
    vt_wait(s.vt, "See the run: 25 events (v)");
    vt_keys(s.vt, "v");
    vt_wait(s.vt, "1 Timeline");
    vt_keys(s.vt, "v");
    vt_wait(s.vt, "You predicted what the machine measured.");
    look_click(s.vt, "See the run");
    vt_wait(s.vt, "1 Timeline");
    vt_keys(s.vt, "<Esc>");
    vt_wait(s.vt, "See the run");
    close_stage(&s);
}

static void the_picture_is_where_it_was_left(void **state)
{
    (void)state;
    struct stage s = open_picture(false);

    vt_keys(s.vt, "2gjj");
    vt_wait(s.vt, "asker  sends ask: what now?");
    const int at = look_position(s.vt);
    vt_keys(s.vt, "qv");
    vt_wait(s.vt, "asker  sends ask: what now?");
    look_wait_at(s.vt, at);
    vt_keys(s.vt, "q");
    vt_wait(s.vt, "See the run");
    vt_keys(s.vt, "s");
    vt_wait(s.vt, "close the source");
    vt_keys(s.vt, "q");
    vt_wait(s.vt, "See the run");
    vt_keys(s.vt, "v");
    look_wait_at(s.vt, at);
    close_stage(&s);
}

static void keys_of_the_picture_do_not_predict_or_change_parameters(void **state)
{
    (void)state;
    struct stage s = open_demo(false);

    vt_keys(s.vt, "rr"); /* without a prediction */
    vt_wait(s.vt, "1 of 1 claims hold");
    vt_keys(s.vt, "kv");
    vt_wait(s.vt, "1 Timeline");
    vt_keys(s.vt, "3");
    vt_wait(s.vt, "done so far");
    vt_keys(s.vt, "2");
    vt_wait(s.vt, "ask");
    vt_keys(s.vt, "lhhh<Left>q");
    vt_wait(s.vt, "‹ 3 ›");
    close_stage(&s);
}

/* ---- while it runs ---- */

static void a_picture_follows_the_run_until_it_is_moved(void **state)
{
    (void)state;
    struct stage s = open_picture(true);

    vt_keys(s.vt, "r"); /* again, in the picture */
    vt_wait(s.vt, "live");
    open_gate(&s, 1);
    look_wait_at(s.vt, 8);
    open_gate(&s, 1);
    look_wait_at(s.vt, 16);
    vt_keys(s.vt, "h"); /* it stays there now */
    look_wait_at(s.vt, 15);
    open_gate(&s, 1);
    vt_wait(s.vt, "15/24");
    vt_wait(s.vt, "live");
    vt_keys(s.vt, "G");
    look_wait_at(s.vt, 24);
    open_gate(&s, 1);
    vt_wait_gone(s.vt, "live");
    vt_wait(s.vt, "24/25");
    vt_keys(s.vt, "V");
    vt_wait(s.vt, "✓ yes: A talk of so many turns ends.");
    vt_keys(s.vt, "q");
    vt_wait(s.vt, "1 of 1 claims hold");
    close_stage(&s);
}

static void each_view_follows_the_run(void **state)
{
    (void)state;
    static const char *const views[][2] = {
        {"2", "what now?"}, {"3", "work done"}, {"4", "progress"}};
    struct stage s = open_picture(true);

    for (size_t i = 0; i < ARRAY_LEN(views); i++) {
        vt_keys(s.vt, views[i][0]);
        vt_keys(s.vt, "r");
        vt_wait(s.vt, "live");
        if (i > 0) /* a message's text is not the state */
            vt_wait_gone(s.vt, views[i][1]);
        open_gate(&s, 1);
        vt_wait(s.vt, "/8");
        open_gate(&s, 3);
        vt_wait_gone(s.vt, "live");
        vt_wait(s.vt, views[i][1]);
    }
    close_stage(&s);
}

static void a_run_is_stopped_in_its_picture(void **state)
{
    (void)state;
    struct stage s = open_picture(true);

    vt_keys(s.vt, "r");
    vt_wait(s.vt, "live");
    open_gate(&s, 1);
    look_wait_at(s.vt, 8);
    vt_keys(s.vt, "x");
    vt_wait_gone(s.vt, "live");
    tutor_wait_marked(s.vt, s.mark, 1);
    vt_keys(s.vt, "ghl"); /* what there is can be looked at */
    look_wait_at(s.vt, 1);
    vt_keys(s.vt, "q");
    vt_wait(s.vt, "stopped by you");
    close_stage(&s);
}

static void a_run_that_is_left_in_its_picture_is_over(void **state)
{
    (void)state;
    struct stage s = open_picture(true);

    vt_keys(s.vt, "r");
    vt_wait(s.vt, "live");
    open_gate(&s, 1);
    look_wait_at(s.vt, 8);
    vt_keys(s.vt, "qq");
    vt_wait(s.vt, " 1/1");
    tutor_wait_marked(s.vt, s.mark, 1);
    close_stage(&s);
}

static void a_run_that_is_played_is_run_again(void **state)
{
    (void)state;
    struct stage s = open_picture(false);

    vt_keys(s.vt, "{{{{{{{{g<Space>");
    vt_wait(s.vt, "▶");
    vt_keys(s.vt, "r");
    vt_wait_gone(s.vt, "▶");
    look_wait_at(s.vt, 24);
    close_stage(&s);
}

static void help_lists_the_keys_of_the_picture_and_of_the_demo(void **state)
{
    (void)state;
    struct stage s = open_picture(false);

    vt_resize(s.vt, 70, 80);
    vt_keys(s.vt, "?");
    vt_wait(s.vt, "In the picture");
    vt_wait(s.vt, "play slower, faster");
    vt_wait(s.vt, "close the picture");
    vt_wait(s.vt, "compare two runs");
    vt_keys(s.vt, "q");
    look_wait_at(s.vt, 24);
    vt_keys(s.vt, "q?"); /* over the lines it says nothing of them */
    vt_wait(s.vt, "see the run");
    vt_wait_gone(s.vt, "In the picture");
    vt_keys(s.vt, "q");
    vt_wait(s.vt, "See the run");
    close_stage(&s);
}

/* ---- comparing ---- */

static void the_two_runs_of_the_lesson_are_compared(void **state)
{
    (void)state;
    struct stage s = open_demo(false);

    vt_resize(s.vt, 40, 80);
    vt_keys(s.vt, "1c");
    vt_wait(s.vt, "turns=1");
    vt_wait(s.vt, "turns=4");
    vt_keys(s.vt, "w");
    vt_wait(s.vt, "/33");
    vt_keys(s.vt, "G"); /* from the end of the story to what was judged */
    look_wait_at(s.vt, 33);
    vt_wait(s.vt, "turns                              1                   4");
    vt_keys(s.vt, "qr"); /* one run again is one picture */
    vt_wait(s.vt, "1 of 1 claims hold");
    vt_keys(s.vt, "v");
    vt_wait(s.vt, "/33");
    vt_wait_gone(s.vt, "turns=1");
    close_stage(&s);
}

static void comparing_can_be_stopped(void **state)
{
    (void)state;
    struct stage s = open_demo(true);

    vt_keys(s.vt, "1c");
    vt_wait(s.vt, "running");
    vt_keys(s.vt, "x");
    vt_wait(s.vt, "stopped by you");
    tutor_wait_marked(s.vt, s.mark, 1);
    vt_wait_gone(s.vt, "turns=1");
    open_gate(&s, 2 + 5); /* for the one run and for the other */
    vt_keys(s.vt, "c");   /* and begun again */
    vt_wait(s.vt, "turns=4");
    close_stage(&s);
}

/* ---- moments ---- */

/* Chooses a link of the page by its words, and follows it. */
static void follow(struct vt *vt, const char *words)
{
    look_click(vt, words);
}

static void a_page_leads_to_a_moment_of_the_run(void **state)
{
    (void)state;
    struct stage s = open_picture(false);

    vt_keys(s.vt, "qq");
    vt_wait(s.vt, " 1/1"); /* the words of the moment stand in its picture as well */
    follow(s.vt, "The second turn.");
    look_wait_at(s.vt, 9);               /* the run that there is serves */
    vt_wait(s.vt, "◆ The second turn."); /* what the page says of it */
    vt_keys(s.vt, "qq");
    vt_wait(s.vt, " 1/1"); /* the words of the moment stand in its picture as well */
    follow(s.vt, "The first turn.");
    look_wait_at(s.vt, 1);
    vt_keys(s.vt, "qq");
    vt_wait(s.vt, " 1/1");          /* the words of the moment stand in its picture as well */
    follow(s.vt, "The fifth turn"); /* of other parameters: it runs */
    look_wait_at(s.vt, 33);
    vt_wait(s.vt, "33/41");
    vt_keys(s.vt, "qq");
    vt_wait(s.vt, " 1/1"); /* the words of the moment stand in its picture as well */
    follow(s.vt, "A moment that never comes.");
    vt_wait(s.vt, "this run did not come to \"silence\"");
    close_stage(&s);
}

static void keys_follow_a_link_too(void **state)
{
    (void)state;
    struct stage s = open_picture(false);

    vt_keys(s.vt, "qq");
    vt_wait(s.vt, " 1/1");
    vt_keys(s.vt, "<Tab><Tab>");
    tutor_wait_selected(s.vt, "The second turn.");
    vt_keys(s.vt, "<Tab>");
    tutor_wait_selected(s.vt, "The first turn.");
    vt_keys(s.vt, "<Enter>");
    look_wait_at(s.vt, 1);
    close_stage(&s);
}

static void a_prediction_comes_before_the_moment(void **state)
{
    (void)state;
    struct stage s = open_page(false, "en", 24, 80);

    follow(s.vt, "The second turn.");
    vt_wait(s.vt, "predict first: press 1 to 2");
    vt_wait(s.vt, "1 ○ It ends");
    vt_keys(s.vt, "1");
    vt_wait(s.vt, "1 ● It ends");
    vt_keys(s.vt, "r");
    vt_wait(s.vt, "You predicted what the machine measured."); /* and not the picture */
    vt_keys(s.vt, "v");
    look_wait_at(s.vt, 9);
    close_stage(&s);
}

static void a_prediction_that_is_not_wanted_does_not_stand_in_the_way(void **state)
{
    (void)state;
    struct stage s = open_page(false, "en", 24, 80);

    follow(s.vt, "The second turn.");
    vt_wait(s.vt, "predict first: press 1 to 2");
    vt_keys(s.vt, "r");
    look_wait_at(s.vt, 9);
    close_stage(&s);
}

static void a_moment_of_another_run_waits_for_its_own_prediction(void **state)
{
    (void)state;
    struct stage s = open_page(false, "en", 24, 80);

    follow(s.vt, "The fifth turn"); /* not the run that the prediction is about */
    look_wait_at(s.vt, 33);
    close_stage(&s);
}

static void a_moment_is_shown_as_soon_as_the_run_has_come_there(void **state)
{
    (void)state;
    struct stage s = open_page(true, "en", 24, 80);

    follow(s.vt, "The fifth turn");
    vt_wait(s.vt, "running");
    open_gate(&s, 4);
    vt_wait(s.vt, "turn 4");
    open_gate(&s, 1);
    look_wait_at(s.vt, 33); /* while the run goes on */
    vt_wait(s.vt, "live");
    open_gate(&s, 1);
    vt_wait_gone(s.vt, "live");
    look_wait_at(s.vt, 33);
    close_stage(&s);
}

static void a_moment_is_gone_to_again(void **state)
{
    (void)state;
    struct stage s = open_page(false, "en", 24, 80);

    follow(s.vt, "The fifth turn");
    look_wait_at(s.vt, 33);
    vt_keys(s.vt, "g");
    look_wait_at(s.vt, 0);
    vt_keys(s.vt, "qq");
    vt_wait(s.vt, " 1/1"); /* the words of the moment stand in its picture as well */
    follow(s.vt, "The fifth turn");
    look_wait_at(s.vt, 33);
    vt_keys(s.vt, "qq");
    vt_wait(s.vt, " 1/1");
    vt_keys(s.vt, "d"); /* the demo with what it has shown */
    vt_wait(s.vt, "See the run");
    close_stage(&s);
}

/* ---- beside the page ---- */

static void the_picture_stands_beside_the_page(void **state)
{
    (void)state;
    static const struct {
        const char *lang, *link, *name;
    } pages[] = {{"en", "The fifth turn", "watching-en-120x40"},
                 {"zh", "更长对话的第五轮", "watching-zh-120x40"}};

    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        struct stage s = open_page(false, pages[i].lang, 40, 120);
        follow(s.vt, pages[i].link);
        vt_wait(s.vt, "33/41");
        vt_wait_gone(s.vt, i == 0 ? "live" : "运行中");
        vt_wait_quiet(s.vt, 100);
        vt_golden(s.vt, pages[i].name);
        vt_resize(s.vt, 24, 80);
        vt_wait_gone(s.vt, " 1/1"); /* only the picture is left */
        look_wait_at(s.vt, 33);
        vt_resize(s.vt, 40, 120);
        vt_golden(s.vt, pages[i].name);
        vt_keys(s.vt, "<Tab>"); /* the keys go to the page, the picture stays */
        vt_keys(s.vt, "<Tab>");
        vt_wait(s.vt, "33/41");
        close_stage(&s);
    }
}

/* An argument names the tests to run, with * and ?. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_run_is_seen_as_a_picture_and_left_again, tutor_teardown),
        cmocka_unit_test_teardown(the_picture_is_where_it_was_left, tutor_teardown),
        cmocka_unit_test_teardown(keys_of_the_picture_do_not_predict_or_change_parameters,
                                  tutor_teardown),
        cmocka_unit_test_teardown(a_picture_follows_the_run_until_it_is_moved, tutor_teardown),
        cmocka_unit_test_teardown(each_view_follows_the_run, tutor_teardown),
        cmocka_unit_test_teardown(a_run_is_stopped_in_its_picture, tutor_teardown),
        cmocka_unit_test_teardown(a_run_that_is_left_in_its_picture_is_over, tutor_teardown),
        cmocka_unit_test_teardown(a_run_that_is_played_is_run_again, tutor_teardown),
        cmocka_unit_test_teardown(help_lists_the_keys_of_the_picture_and_of_the_demo,
                                  tutor_teardown),
        cmocka_unit_test_teardown(the_two_runs_of_the_lesson_are_compared, tutor_teardown),
        cmocka_unit_test_teardown(comparing_can_be_stopped, tutor_teardown),
        cmocka_unit_test_teardown(a_page_leads_to_a_moment_of_the_run, tutor_teardown),
        cmocka_unit_test_teardown(keys_follow_a_link_too, tutor_teardown),
        cmocka_unit_test_teardown(a_prediction_comes_before_the_moment, tutor_teardown),
        cmocka_unit_test_teardown(a_prediction_that_is_not_wanted_does_not_stand_in_the_way,
                                  tutor_teardown),
        cmocka_unit_test_teardown(a_moment_of_another_run_waits_for_its_own_prediction,
                                  tutor_teardown),
        cmocka_unit_test_teardown(a_moment_is_shown_as_soon_as_the_run_has_come_there,
                                  tutor_teardown),
        cmocka_unit_test_teardown(a_moment_is_gone_to_again, tutor_teardown),
        cmocka_unit_test_teardown(the_picture_stands_beside_the_page, tutor_teardown),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
