/*
 * test_predicting.c: a learner at a demo that behaves: predicts, chooses parameters, runs it, and
 * sees what was measured there and on the page. tests/bad/behaves.c does as its parameters say.
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
#include "tutor.h"

static void leave(struct vt *vt, struct tree *t)
{
    vt_free(vt);
    tree_free(t);
}

/* ---- demos ---- */

static struct vt *open_coin(struct tree *t)
{
    struct vt *vt = tutor_open(t, "kinds");

    vt_wait(vt, " 1/3");
    vt_keys(vt, "n");
    vt_wait(vt, " 2/3");
    vt_keys(vt, "d");
    vt_wait(vt, "Parameters");
    return vt;
}

static void a_run_without_a_prediction_is_asked_for_twice(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = open_coin(t);

    vt_keys(vt, "r");
    vt_wait(vt, "predict first: press 1 to 3");
    vt_keys(vt, "r");
    vt_wait(vt, "1 of 1 claims hold");
    vt_wait(vt, "measured heads; rule: one side is up");
    assert_false(vt_find(vt, "The machine measured", NULL, NULL));
    assert_false(vt_find(vt, "You predicted", NULL, NULL));
    leave(vt, t);
}

static void what_is_to_be_done_next_is_in_sight(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = tutor_start(
        &(struct tutor_spec){.tree = t, .lang = "en", .words = {"kinds"}, .rows = 12, .cols = 40});

    vt_wait(vt, " 1/3");
    vt_keys(vt, "n");
    vt_wait(vt, " 2/3");
    vt_keys(vt, "d");
    vt_wait(vt, "1 ○ Heads");
    vt_keys(vt, "2");
    tutor_wait_selected(vt, "Run");
    vt_keys(vt, "r");
    vt_wait(vt, "1 of 1 claims"); /* the line goes on below */
    leave(vt, t);
}

static void a_prediction_is_held_against_what_was_measured(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = open_coin(t);

    vt_keys(vt, "2");
    vt_wait(vt, "2 ● Tails");
    vt_keys(vt, "r");
    vt_wait(vt, "The machine measured something else.");
    vt_wait(vt, "it was told to show heads");
    vt_keys(vt, "g");
    vt_wait(vt, "1 ✓ Heads");
    vt_wait(vt, "2 ✗ Tails");
    vt_keys(vt, "q");
    vt_wait(vt, "verified here, 2026-03-01: measured heads");
    vt_keys(vt, "d"); /* as it was left */
    vt_wait(vt, "2 ✗ Tails");
    vt_keys(vt, "qq");
    tutor_wait_selected(vt, "Six kinds");
    vt_keys(vt, "<Enter>d");
    vt_wait(vt, "1 ○ Heads");
    vt_keys(vt, "1r");
    vt_wait(vt, "You predicted what the machine measured.");
    vt_keys(vt, "q");
    vt_wait(vt, " 2/3");
    vt_keys(vt, "q");
    vt_wait(vt, "Continue:");
    vt_keys(vt, "s");
    vt_wait(vt, "2 demo runs; 1 of 2 predictions right");
    leave(vt, t);
}

static void a_run_with_other_parameters_does_not_decide_the_prediction(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = open_coin(t);

    vt_keys(vt, "2");
    tutor_wait_selected(vt, "Run");
    vt_keys(vt, "k<Left>");
    vt_wait(vt, "‹ 2 ›");
    vt_keys(vt, "r");
    vt_wait(vt, "1 of 1 claims hold");
    assert_false(vt_find(vt, "The machine measured", NULL, NULL));
    vt_keys(vt, "g");
    vt_wait(vt, "Kept.");
    leave(vt, t);
}

static void parameters_are_changed_by_keys(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = open_coin(t);

    vt_keys(vt, "1");
    tutor_wait_selected(vt, "Run");
    vt_keys(vt, "k");
    tutor_wait_selected(vt, "times");
    vt_keys(vt, "<Right>");
    vt_wait(vt, "‹ 4 ›");
    vt_keys(vt, "h");
    vt_wait(vt, "‹ 3 ›");
    vt_keys(vt, "k");
    tutor_wait_selected(vt, "side");
    vt_keys(vt, "<Right>");
    vt_wait(vt, "‹ tails ›");
    vt_keys(vt, "l");
    vt_wait(vt, "‹ heads ›");
    vt_keys(vt, "<Left>");
    vt_wait(vt, "‹ tails ›");
    vt_keys(vt, "<Up>");
    tutor_wait_selected(vt, "loaded     □");
    vt_keys(vt, "<Enter>");
    tutor_wait_selected(vt, "loaded     ■");
    vt_keys(vt, "<Enter>");
    tutor_wait_selected(vt, "loaded     □");
    vt_keys(vt, "r");
    vt_wait(vt, "throw 3 shows tails");
    vt_wait(vt, "measured tails");
    leave(vt, t);
}

static void numbers_are_typed_and_held_to_their_range(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = open_coin(t);

    vt_keys(vt, "1");
    tutor_wait_selected(vt, "Run");
    vt_keys(vt, "k");
    tutor_wait_selected(vt, "times");
    vt_keys(vt, "61");
    vt_wait(vt, "61_");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "times: needs a whole number from 1 to 60, not \"61\"");
    tutor_wait_selected(vt, "‹ 3 ›");
    vt_keys(vt, "-");
    vt_wait(vt, " -_");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "times: needs a whole number");
    vt_keys(vt, "55<BS>");
    vt_wait(vt, " 5_");
    vt_keys(vt, "<Esc>");
    tutor_wait_selected(vt, "‹ 3 ›");
    vt_keys(vt, "99999999999999999999<Enter>");
    vt_wait(vt, "times: needs a whole number");
    vt_keys(vt, "12r");
    vt_wait(vt, "throw 12 shows heads");
    leave(vt, t);
}

static void a_claim_that_did_not_hold_is_said_so(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = open_coin(t);

    vt_keys(vt, "1");
    tutor_wait_selected(vt, "Run");
    vt_keys(vt, "kkk");
    tutor_wait_selected(vt, "loaded     □");
    vt_keys(vt, "<Enter>");
    tutor_wait_selected(vt, "loaded     ■");
    vt_keys(vt, "r");
    vt_wait(vt, "ended with exit status 1");
    vt_wait(vt, "0 of 1 claims hold");
    vt_keys(vt, "q");
    vt_wait(vt, "did not hold here, 2026-03-01: measured heads");
    leave(vt, t);
}

static void the_source_of_a_demo_is_shown(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = open_coin(t);

    vt_keys(vt, "s");
    vt_wait(vt, "coin.c");
    vt_wait(vt, "   2  #include <stdio.h>");
    vt_keys(vt, "s");
    vt_wait(vt, "Parameters");
    leave(vt, t);
}

static void demos_of_a_foreign_folder_are_refused(void **state)
{
    (void)state;
    char *pack = tutor_source("tests/term/pack");
    struct vt *vt = tutor_start(
        &(struct tutor_spec){.lang = "en", .cols = 110, .words = {"--content", pack, "kinds"}});

    vt_wait(vt, " 1/3");
    vt_keys(vt, "n");
    vt_wait(vt, " 2/3");
    vt_keys(vt, "d");
    vt_wait(vt, "Parameters");
    vt_keys(vt, "1");
    vt_wait(vt, "Kept.");
    vt_keys(vt, "r");
    vt_wait(vt, "coin: not run: it belongs to another content folder");
    vt_keys(vt, "s");
    vt_wait(vt, "#include");
    vt_free(vt);
    free(pack);
}

static void help_over_a_demo_gives_the_demo_back(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = open_coin(t);

    vt_keys(vt, "1");
    tutor_wait_selected(vt, "Run");
    vt_keys(vt, "?");
    vt_wait(vt, "Everywhere");
    vt_keys(vt, "q");
    tutor_wait_selected(vt, "Run");
    vt_keys(vt, "/");
    vt_wait(vt, "Type words.");
    vt_keys(vt, "<Esc>");
    tutor_wait_selected(vt, "Run");
    leave(vt, t);
}

/* An argument names the tests to run, with * and ?. */
/* ---- what learners stumbled over ---- */

static void a_claim_is_not_told_before_its_prediction(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = open_coin(t);

    vt_keys(vt, "q");
    vt_wait(vt, "stated here after your prediction");
    assert_false(vt_find(vt, "lands on one of its two sides", NULL, NULL));
    vt_keys(vt, "d");
    vt_wait(vt, "1 ○ Heads");
    vt_keys(vt, "1q");
    vt_wait(vt, "lands on one of its two sides");
    leave(vt, t);
}

static void a_run_is_kept_while_the_page_is_read(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = open_coin(t);

    vt_keys(vt, "1r");
    vt_wait(vt, "1 of 1 claims hold");
    vt_keys(vt, "q");
    vt_wait(vt, " 2/3");
    vt_keys(vt, "d");
    vt_wait(vt, "1 of 1 claims hold");
    leave(vt, t);
}

static void nothing_is_predicted_once_a_run_was_seen(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = open_coin(t);

    vt_keys(vt, "rr");
    vt_wait(vt, "1 of 1 claims hold");
    vt_keys(vt, "1");
    vt_wait(vt, "that key does nothing here");
    leave(vt, t);
}

static void leaving_the_source_gives_the_demo_back(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = open_coin(t);

    vt_keys(vt, "s");
    vt_wait(vt, "close the source");
    vt_keys(vt, "q");
    vt_wait(vt, "Parameters");
    leave(vt, t);
}

/* Flow control would stop the terminal, and the loop in its next write. */
static void ctrl_s_stops_nothing(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = open_coin(t);

    vt_keys(vt, "<C-s>s");
    vt_wait(vt, "close the source");
    leave(vt, t);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_run_without_a_prediction_is_asked_for_twice, tutor_teardown),
        cmocka_unit_test_teardown(what_is_to_be_done_next_is_in_sight, tutor_teardown),
        cmocka_unit_test_teardown(a_prediction_is_held_against_what_was_measured, tutor_teardown),
        cmocka_unit_test_teardown(a_run_with_other_parameters_does_not_decide_the_prediction,
                                  tutor_teardown),
        cmocka_unit_test_teardown(parameters_are_changed_by_keys, tutor_teardown),
        cmocka_unit_test_teardown(numbers_are_typed_and_held_to_their_range, tutor_teardown),
        cmocka_unit_test_teardown(a_claim_that_did_not_hold_is_said_so, tutor_teardown),
        cmocka_unit_test_teardown(the_source_of_a_demo_is_shown, tutor_teardown),
        cmocka_unit_test_teardown(demos_of_a_foreign_folder_are_refused, tutor_teardown),
        cmocka_unit_test_teardown(help_over_a_demo_gives_the_demo_back, tutor_teardown),
        cmocka_unit_test_teardown(a_claim_is_not_told_before_its_prediction, tutor_teardown),
        cmocka_unit_test_teardown(a_run_is_kept_while_the_page_is_read, tutor_teardown),
        cmocka_unit_test_teardown(nothing_is_predicted_once_a_run_was_seen, tutor_teardown),
        cmocka_unit_test_teardown(leaving_the_source_gives_the_demo_back, tutor_teardown),
        cmocka_unit_test_teardown(ctrl_s_stops_nothing, tutor_teardown),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
