/*
 * test_panes.c: the mouse, and text and demo side by side on a wide terminal.
 */
#include <setjmp.h>
#include <signal.h>
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

/* ---- the mouse ---- */

/* With the older mouse protocol as well as with the one of xterm. */
static const char *const mouse_terms[] = {"TERM=xterm-256color", "TERM=tmux-256color"};

static void click_on(struct vt *vt, const char *text)
{
    int row, col;

    vt_wait(vt, text);
    assert_true(vt_find(vt, text, &row, &col));
    vt_click(vt, row, col);
}

static void rows_and_footer_keys_are_clicked(void **state)
{
    (void)state;
    struct tree *t = tree_pack();

    for (size_t i = 0; i < ARRAY_LEN(mouse_terms); i++) {
        struct vt *vt = tutor_start(
            &(struct tutor_spec){.tree = t, .lang = "en", .rows = 40, .env = {mouse_terms[i]}});
        click_on(vt, "A lesson to read");
        vt_wait(vt, " 1/12");
        click_on(vt, "next page");
        vt_wait(vt, " 2/12");
        click_on(vt, "q back");
        vt_wait(vt, "Basics");
        click_on(vt, "Six kinds");
        click_on(vt, "Check yourself");
        vt_wait(vt, "PICK:");
        click_on(vt, "both sides");
        vt_wait(vt, "● both sides");
        click_on(vt, "Enter answer  ");
        vt_wait(vt, "Not right.");
        vt_free(vt);
    }
    tree_free(t);
}

static void the_wheel_scrolls(void **state)
{
    (void)state;
    struct tree *t = tree_pack();

    for (size_t i = 0; i < ARRAY_LEN(mouse_terms); i++) {
        struct vt *vt = tutor_start(&(struct tutor_spec){
            .tree = t, .lang = "en", .words = {"reading"}, .env = {mouse_terms[i]}});
        vt_wait(vt, " 1/12");
        vt_keys(vt, "nnn");
        vt_wait(vt, "Page number 4");
        vt_wheel(vt, 10, 10, false);
        vt_wait_gone(vt, "Page number 4");
        vt_wheel(vt, 10, 10, true);
        vt_wait(vt, "Page number 4");
        vt_free(vt);
    }
    tree_free(t);
}

/* The bytes of a click as a hand makes it: the release comes when the press has had its effect. */
static void a_released_button_does_not_hold_up_the_tutor(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = tutor_open(t, NULL);

    vt_wait(vt, "A lesson to read");
    vt_keys(vt, "<Esc>[<lt>0;10;7M");
    vt_wait(vt, " 1/12");
    vt_keys(vt, "<Esc>[<lt>0;10;7m");
    vt_keys(vt, "<Esc>[<lt>2;10;7M");
    vt_keys(vt, "<Esc>[<lt>2;10;7m");
    vt_wait_quiet(vt, 50); /* so that the signal most likely comes when all that has been read */
    vt_signal(vt, SIGTERM);
    vt_assert_exit(vt, 0);
    vt_assert_restored(vt);
    leave(vt, t);
}

/* ---- side by side ---- */

static struct vt *start_wide(struct tree *t)
{
    struct vt *vt = tutor_start(
        &(struct tutor_spec){.tree = t, .lang = "en", .words = {"kinds"}, .rows = 40, .cols = 120});

    vt_wait(vt, " 1/3");
    vt_keys(vt, "n");
    vt_wait(vt, "The demo below shows it.");
    vt_wait(vt, "Parameters");
    return vt;
}

static void a_wide_terminal_has_text_and_demo_side_by_side(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = start_wide(t);

    tutor_wait_selected(vt, "Predict first");
    vt_keys(vt, "<Tab>");
    tutor_wait_selected(vt, "Throw a coin");
    vt_keys(vt, "<Tab>");
    tutor_wait_selected(vt, "Heads");
    vt_keys(vt, "1r");
    vt_wait(vt, "You predicted what the machine measured.");
    vt_wait(vt, "verified here, 2026-03-01: measured heads");
    vt_keys(vt, "q");
    tutor_wait_selected(vt, "Throw a coin");
    vt_wait(vt, "throw 3 shows heads");
    vt_keys(vt, "n");
    vt_wait(vt, " 3/3");
    leave(vt, t);
}

static void the_panes_are_clicked_and_scrolled(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = start_wide(t);

    click_on(vt, "2 ○ Tails");
    vt_wait(vt, "2 ● Tails");
    click_on(vt, "❯ ▶ Run"); /* where it is in the new frame */
    vt_wait(vt, "The machine measured something else.");
    click_on(vt, "The demo below shows it.");
    vt_wait(vt, "❯ ? Predict first");
    vt_resize(vt, 40, 80); /* the pane that has the keys stays */
    vt_wait_gone(vt, "Parameters");
    vt_wait(vt, "❯ ? Predict first");
    vt_resize(vt, 40, 120);
    vt_wait(vt, "Parameters");
    click_on(vt, "Parameters");
    vt_wait_gone(vt, "❯ ? Predict first");
    vt_resize(vt, 40, 80);
    vt_wait_gone(vt, "The demo below shows it.");
    vt_wait(vt, "Parameters");
    leave(vt, t);
}

/* An argument names the tests to run, with * and ?. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(rows_and_footer_keys_are_clicked, tutor_teardown),
        cmocka_unit_test_teardown(the_wheel_scrolls, tutor_teardown),
        cmocka_unit_test_teardown(a_released_button_does_not_hold_up_the_tutor, tutor_teardown),
        cmocka_unit_test_teardown(a_wide_terminal_has_text_and_demo_side_by_side, tutor_teardown),
        cmocka_unit_test_teardown(the_panes_are_clicked_and_scrolled, tutor_teardown),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
