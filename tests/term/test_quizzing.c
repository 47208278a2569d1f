/*
 * test_quizzing.c: a learner takes quizzes: each kind of question answered by its keys, right and
 * wrong, feedback, score, the missed ones again, leaving and going on, reviews, statistics.
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
#include "pty.h"
#include "tutor.h"

static struct vt *start_quiz(struct tree *t, const char *home)
{
    struct vt *vt = tutor_start(&(struct tutor_spec){
        .tree = t, .home = home, .lang = "en", .rows = 40, .words = {"quiz", "kinds"}});

    vt_wait(vt, "/6, ");
    return vt;
}

static void leave(struct vt *vt, struct tree *t)
{
    vt_free(vt);
    tree_free(t);
}

/* ---- answering whatever is asked ---- */

enum { N_QUESTIONS = 6 };

/* How each question is answered. An item in braces is pressed by the digit before that text. */
static const struct script {
    const char *name;
    const char *right, *wrong, *reason; /* reason: what the feedback to wrong says */
} scripts[N_QUESTIONS] = {
    {"PICK:", "{one side}", "{both sides}", "face away from each other"},
    {"MARK:", "{heads}{tails}", "{the mint}", "where coins are made"},
    {"COUNT:", "8", "6", "Throws multiply"},
    {"NAME:", "sigint", "SIGTERM", "sent by kill(1)"},
    {"SORT:", "{take the}{throw the}{read the}", "{read the}{throw the}{take the}",
     "throw the coin"},
    {"PRINT:", "1 4 9", "1 4 9 16", "ends before four"},
};

/* The digit before an option. */
static void press_option(struct vt *vt, const char *text)
{
    int row;

    vt_wait(vt, text);
    vt_find(vt, text, &row, NULL);
    const char *line = vt_row(vt, row);
    const char digit[2] = {line[strcspn(line, "123456789")], '\0'};
    assert_int_not_equal(digit[0], '\0');
    vt_keys(vt, digit);
}

static void type_answer(struct vt *vt, const char *keys)
{
    while (*keys == '{') {
        const size_t n = strcspn(keys, "}");
        char *text = xstrndup(keys + 1, n - 1);
        press_option(vt, text);
        free(text);
        keys += n + 1;
    }
    vt_keys(vt, keys);
    vt_keys(vt, "<Enter>");
}

/* A frame may be seen half drawn: the footer, which comes last, must be that of a question, and
 * nothing of a list of questions may be left. */
static bool asks_something(struct vt *vt, void *out)
{
    const struct script *found = NULL;

    if (!vt_find(vt, "Enter answer  ", NULL, NULL))
        return false;
    for (size_t i = 0; i < N_QUESTIONS; i++) {
        if (!vt_find(vt, scripts[i].name, NULL, NULL))
            continue;
        if (found)
            return false;
        found = &scripts[i];
    }
    *(const struct script **)out = found;
    return found != NULL;
}

static const struct script *asked(struct vt *vt)
{
    const struct script *s = NULL;

    vt_wait_until(vt, asks_something, &s, "a question is asked");
    return s;
}

/* From feedback to the next question or to the score. */
static void go_on(struct vt *vt)
{
    vt_wait(vt, "Enter next");
    vt_keys(vt, "<Enter>");
    vt_wait_gone(vt, "Enter next");
}

static void answer_right(struct vt *vt)
{
    type_answer(vt, asked(vt)->right);
    vt_wait(vt, "Right.");
    go_on(vt);
}

static void answer_wrong(struct vt *vt)
{
    const struct script *s = asked(vt);

    type_answer(vt, s->wrong);
    vt_wait(vt, "Not right.");
    vt_wait(vt, s->reason);
    go_on(vt);
}

/* Goes on, answering the others right, until this one is asked. */
static void go_to_question(struct vt *vt, const char *name)
{
    while (strcmp(asked(vt)->name, name) != 0)
        answer_right(vt);
}

/* ---- a whole quiz ---- */

static void all_kinds_are_answered_right(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = start_quiz(t, NULL);

    for (int i = 0; i < N_QUESTIONS; i++)
        answer_right(vt);
    vt_wait(vt, "6 of 6 right");
    vt_wait(vt, "All right.");
    vt_keys(vt, "r"); /* nothing was missed: no effect */
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "6/6 right");
    leave(vt, t);
}

static void wrong_answers_are_explained_and_asked_again(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = start_quiz(t, NULL);

    for (int i = 0; i < N_QUESTIONS; i++)
        answer_wrong(vt);
    vt_wait(vt, "0 of 6 right");
    vt_wait(vt, "Missed:");
    for (size_t i = 0; i < N_QUESTIONS; i++)
        vt_wait(vt, scripts[i].name);
    vt_keys(vt, "r");
    vt_wait(vt, "1/6, 0 right");
    for (int i = 0; i < N_QUESTIONS - 1; i++)
        answer_right(vt);
    answer_wrong(vt);
    vt_wait(vt, "5 of 6 right");
    vt_keys(vt, "r");
    vt_wait(vt, "1/1, 0 right");
    answer_right(vt);
    vt_wait(vt, "1 of 1 right");
    vt_keys(vt, "q");
    vt_wait(vt, "6/6 right");
    leave(vt, t);
}

/* ---- kinds ---- */

static void a_choice_is_made_by_arrows_letters_and_digits(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = start_quiz(t, NULL);

    go_to_question(vt, "PICK:");
    vt_keys(vt, "<Enter>"); /* nothing is chosen yet */
    vt_wait(vt, "choose one first");
    vt_keys(vt, "<Down>");
    vt_wait(vt, "❯ 1  ● ");
    vt_keys(vt, "<Down>");
    vt_wait(vt, "❯ 2  ● ");
    vt_keys(vt, "c");
    vt_wait(vt, "❯ 3  ● ");
    vt_keys(vt, "k");
    vt_wait(vt, "❯ 2  ● ");
    vt_keys(vt, "1");
    vt_wait(vt, "❯ 1  ● ");
    vt_keys(vt, "9");
    vt_wait(vt, "❯ 1  ● ");
    leave(vt, t);
}

static void part_of_the_marks_is_partly_right(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = start_quiz(t, NULL);

    go_to_question(vt, "MARK:");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "mark at least one choice first");
    vt_keys(vt, "<Down><Space>");
    vt_wait(vt, "1  ■ ");
    vt_keys(vt, "a");
    vt_wait(vt, "1  □ ");
    press_option(vt, "tails");
    vt_wait(vt, "■ tails");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "Partly right: 50%.");
    vt_wait(vt, "It shows the head.");
    leave(vt, t);
}

static void an_order_is_picked_and_taken_back(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = start_quiz(t, NULL);

    go_to_question(vt, "SORT:");
    press_option(vt, "read the");
    vt_wait(vt, "[1] read the");
    press_option(vt, "take the");
    vt_wait(vt, "[2] take the");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "put all items in order first");
    vt_keys(vt, "<BS><BS>");
    vt_wait(vt, "[ ] read the");
    press_option(vt, "take the");
    vt_wait(vt, "[1] take the");
    press_option(vt, "read the");
    press_option(vt, "throw the");
    vt_wait(vt, "[3] throw the");
    vt_keys(vt, "<Enter>");
    vt_wait_gone(vt, "[3]");
    vt_wait(vt, "It must fly before it lands.");
    leave(vt, t);
}

static void a_typed_answer_is_corrected_and_must_be_valid(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = start_quiz(t, NULL);

    go_to_question(vt, "COUNT:");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "type an answer first");
    vt_keys(vt, "many");
    vt_wait(vt, "> many");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "no number");
    vt_keys(vt, "<C-u>7<BS>8.0");
    vt_wait(vt, "> 8.0");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "Right.");
    go_on(vt);
    go_to_question(vt, "NAME:");
    vt_keys(vt, "中文q?/L");
    vt_wait(vt, "> 中文q?/L");
    vt_keys(vt, "<BS><BS><BS><BS><BS><BS>int");
    vt_wait(vt, "> int");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "Right.");
    leave(vt, t);
}

static void feedback_leads_to_the_page_and_to_the_proof(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = start_quiz(t, NULL);

    go_to_question(vt, "COUNT:");
    type_answer(vt, "1");
    vt_wait(vt, "Not right.");
    vt_wait(vt, "A book about coins");
    vt_keys(vt, "p");
    vt_wait(vt, "The demo below shows it.");
    vt_keys(vt, "q");
    vt_wait(vt, "Not right.");
    vt_keys(vt, "d");
    vt_wait(vt, "Parameters");
    vt_keys(vt, "<Esc>");
    vt_wait(vt, "Not right.");
    leave(vt, t);
}

/* ---- leaving and coming back ---- */

static void an_unfinished_quiz_goes_on_where_it_was_left(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    const char *home = tree_home(t);
    struct vt *vt = start_quiz(t, home);
    const struct script *third;

    answer_right(vt);
    answer_wrong(vt);
    third = asked(vt);
    vt_keys(vt, "<Esc>");
    vt_wait(vt, "1/6 right");
    vt_keys(vt, "q");
    vt_assert_exit(vt, 0);
    vt_free(vt);

    vt = start_quiz(t, home);
    vt_wait(vt, "3/6, 1 right");
    vt_wait(vt, "going on where you left: 2 of 6");
    vt_keys(vt, "<F1>"); /* a key takes the message away */
    vt_wait(vt, "Everywhere");
    vt_keys(vt, "<Esc>");
    assert_ptr_equal(asked(vt), third);
    for (int i = 2; i < N_QUESTIONS; i++)
        answer_right(vt);
    vt_wait(vt, "5 of 6 right");
    vt_keys(vt, "q");
    vt_wait(vt, "5/6 right");
    leave(vt, t);
}

static void an_answer_is_kept_before_the_next_question(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    const char *home = tree_home(t);
    struct vt *vt = start_quiz(t, home);

    type_answer(vt, asked(vt)->right);
    vt_wait(vt, "Right.");
    vt_free(vt); /* kills it */

    vt = start_quiz(t, home);
    vt_wait(vt, "2/6, 1 right");
    leave(vt, t);
}

static void a_mixed_quiz_asks_from_all_lessons(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = tutor_start(&(struct tutor_spec){.tree = t, .lang = "en"});

    vt_wait(vt, "mixed quiz");
    vt_keys(vt, "m");
    vt_wait(vt, "1/7, 0 right");
    leave(vt, t);
}

static void what_is_due_is_reviewed(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    const char *home = tree_home(t);
    struct vt *vt = start_quiz(t, home);

    for (int i = 0; i < N_QUESTIONS; i++)
        answer_right(vt);
    vt_wait(vt, "6 of 6 right");
    vt_free(vt);

    vt = tutor_start(&(struct tutor_spec){
        .tree = t, .home = home, .lang = "en", .now = "2027-03-01", .rows = 40});
    vt_wait(vt, "Review what is due: 6");
    vt_keys(vt, "r");
    vt_wait(vt, "1/6, 0 right");
    for (int i = 0; i < N_QUESTIONS; i++)
        answer_right(vt);
    vt_wait(vt, "6 of 6 right");
    vt_keys(vt, "q");
    vt_wait(vt, "6/6 right");
    vt_wait_gone(vt, "due");
    leave(vt, t);
}

/* ---- statistics ---- */

static void statistics_tell_what_was_answered(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = start_quiz(t, NULL);
    const struct script *missed = asked(vt);

    answer_wrong(vt);
    answer_right(vt);
    vt_keys(vt, "<Esc>");
    vt_wait(vt, "mixed quiz");
    vt_keys(vt, "s");
    vt_wait(vt, "2 answers, 1 right, over 2 questions");
    vt_wait(vt, "Basics");
    vt_wait(vt, "1/2");
    vt_wait(vt, "Hardest questions");
    vt_wait(vt, "1 of 1 wrong");
    vt_wait(vt, "open: 2 of 6");
    vt_keys(vt, "<Enter>");
    assert_ptr_equal(asked(vt), missed);
    vt_wait(vt, "1/1, ");
    leave(vt, t);
}

static void the_question_of_a_page_is_asked_alone(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt =
        tutor_start(&(struct tutor_spec){.tree = t, .lang = "en", .rows = 40, .words = {"kinds"}});

    vt_wait(vt, "Check yourself");
    vt_keys(vt, "<Tab><Enter>");
    vt_wait(vt, "1/1, 0 right");
    answer_right(vt);
    vt_wait(vt, "1 of 1 right");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "Check yourself");
    leave(vt, t);
}

/* ---- two at once ---- */

static void two_tutors_share_one_store(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    const char *home = tree_home(t);
    struct vt *one = start_quiz(t, home);
    struct vt *two = tutor_start(&(struct tutor_spec){
        .tree = t, .home = home, .lang = "en", .rows = 40, .words = {"reading"}});

    vt_wait(two, " 1/12");
    answer_right(one);
    vt_keys(two, "n");
    vt_wait(two, " 2/12");
    answer_right(one);
    vt_keys(two, "q");
    vt_wait(two, "2/6 right");
    vt_wait(two, "2/12 pages");
    vt_free(one);
    leave(two, t);
}

/* An argument names the tests to run, with * and ?. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(all_kinds_are_answered_right, tutor_teardown),
        cmocka_unit_test_teardown(wrong_answers_are_explained_and_asked_again, tutor_teardown),
        cmocka_unit_test_teardown(a_choice_is_made_by_arrows_letters_and_digits, tutor_teardown),
        cmocka_unit_test_teardown(part_of_the_marks_is_partly_right, tutor_teardown),
        cmocka_unit_test_teardown(an_order_is_picked_and_taken_back, tutor_teardown),
        cmocka_unit_test_teardown(a_typed_answer_is_corrected_and_must_be_valid, tutor_teardown),
        cmocka_unit_test_teardown(feedback_leads_to_the_page_and_to_the_proof, tutor_teardown),
        cmocka_unit_test_teardown(an_unfinished_quiz_goes_on_where_it_was_left, tutor_teardown),
        cmocka_unit_test_teardown(an_answer_is_kept_before_the_next_question, tutor_teardown),
        cmocka_unit_test_teardown(a_mixed_quiz_asks_from_all_lessons, tutor_teardown),
        cmocka_unit_test_teardown(what_is_due_is_reviewed, tutor_teardown),
        cmocka_unit_test_teardown(statistics_tell_what_was_answered, tutor_teardown),
        cmocka_unit_test_teardown(the_question_of_a_page_is_asked_alone, tutor_teardown),
        cmocka_unit_test_teardown(two_tutors_share_one_store, tutor_teardown),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
