/*
 * test_tutor.c: a learner at the keyboard: finds a lesson, reads, searches, asks for help, changes
 * the language, comes back. The first test uses the tutor's own content; the others the small pack
 * in tests/term/pack.
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
#include "buf.h"
#include "pty.h"
#include "tutor.h"

static void leave(struct vt *vt, struct tree *t)
{
    vt_free(vt);
    tree_free(t);
}

/* ---- the newcomer ---- */

static void a_newcomer_reads_predicts_runs_and_comes_back(void **state)
{
    (void)state;
    struct tree *t = tree_new(NULL); /* for its home only */
    const struct tutor_spec spec = {.home = tree_home(t), .lang = "en", .rows = 50, .cols = 100};
    struct vt *vt = tutor_start(&spec);

    tutor_wait_selected(vt, "What threads share");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, " 1/");
    vt_keys(vt, "n");
    vt_wait(vt, "Predict first");
    assert_false(vt_find(vt, "verified here", NULL, NULL));
    vt_keys(vt, "d");
    vt_wait(vt, "share-matrix");
    vt_keys(vt, "2");
    vt_wait(vt, "Kept.");
    vt_keys(vt, "r");
    vt_wait(vt, "You predicted what the machine measured");
    vt_wait(vt, "claims hold");
    vt_keys(vt, "q");
    vt_wait(vt, "verified here, 2026-03-01");
    vt_keys(vt, "qq");
    vt_assert_exit(vt, 0);
    vt_assert_restored(vt);
    vt_free(vt);

    vt = tutor_start(&spec);
    vt_wait(vt, "Continue: What threads share, page 2 of");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "verified here, 2026-03-01");
    leave(vt, t);
}

/* ---- reading ---- */

static void pages_are_turned_by_each_of_their_keys(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = tutor_open(t, "reading");
    static const char *const keys[][2] = {
        {"n", " 2/12"},       {"<Right>", " 3/12"}, {"p", " 2/12"},
        {"l", " 3/12"},       {"<Left>", " 2/12"},  {"h", " 1/12"},
        {"<Space>", " 2/12"}, {"<PgDn>", " 3/12"},  {"<Enter>", " 4/12"}};

    vt_wait(vt, " 1/12");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        vt_keys(vt, keys[i][0]);
        vt_wait(vt, keys[i][1]);
    }
    leave(vt, t);
}

static void the_first_and_the_last_page_are_ends(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = tutor_open(t, "reading");

    vt_wait(vt, " 1/12");
    vt_keys(vt, "hhhn");
    vt_wait(vt, " 2/12");
    vt_keys(vt, "nnnnnnnnnn");
    vt_wait(vt, " 12/12");
    vt_wait(vt, "Take the quiz: 1");
    vt_keys(vt, "n");
    vt_wait(vt, "last page");
    vt_wait(vt, " 12/12");
    leave(vt, t);
}

static void a_long_page_is_scrolled_before_it_is_turned(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = tutor_open(t, "reading");

    vt_wait(vt, " 1/12");
    vt_keys(vt, "nnn");
    vt_wait(vt, "words of page 4");
    vt_keys(vt, "j");
    vt_wait_gone(vt, "Page number 4");
    vt_keys(vt, "k");
    vt_wait(vt, "Page number 4");
    vt_keys(vt, "<Down><Down><Down>");
    vt_wait_gone(vt, "words of page 4");
    vt_keys(vt, "<Up><Up><Up>");
    vt_wait(vt, "Page number 4");
    vt_keys(vt, "<Space>");
    vt_wait_gone(vt, "words of page 4");
    vt_wait(vt, " 4/12");
    vt_keys(vt, "<PgUp>");
    vt_wait(vt, "words of page 4");
    vt_keys(vt, "G");
    vt_wait(vt, "Paragraph 40");
    vt_keys(vt, "g");
    vt_wait(vt, "words of page 4");
    vt_keys(vt, "<End>");
    vt_wait(vt, "Paragraph 40");
    vt_keys(vt, "<Space>");
    vt_wait(vt, " 5/12");
    leave(vt, t);
}

static void live_blocks_are_reached_by_tab_and_opened_by_enter(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = tutor_open(t, "kinds");

    vt_wait(vt, " 1/3");
    vt_keys(vt, "<Tab>");
    tutor_wait_selected(vt, "Check yourself");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "PICK:");
    vt_keys(vt, "q");
    vt_wait(vt, "Check yourself");
    vt_keys(vt, "n");
    tutor_wait_selected(vt, "Predict first");
    vt_keys(vt, "<Tab>");
    tutor_wait_selected(vt, "Throw a coin");
    vt_keys(vt, "<S-Tab>");
    tutor_wait_selected(vt, "Predict first");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "Parameters");
    vt_keys(vt, "<Esc>");
    vt_wait(vt, " 2/3");
    vt_keys(vt, "n");
    tutor_wait_selected(vt, "Take the quiz: 6");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, " 1/6");
    leave(vt, t);
}

static void keys_typed_ahead_do_what_they_do_one_by_one(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = tutor_start(&(struct tutor_spec){.tree = t, .lang = "en", .rows = 40});

    vt_wait(vt, "Basics");
    vt_keys(vt, "<Enter><Tab><Enter>1<Enter>");
    vt_wait(vt, "Enter next");
    vt_keys(vt, "<Enter>qnn<Enter>");
    vt_wait(vt, " 1/6");
    vt_keys(vt, "<Esc>");
    vt_wait(vt, " 3/3");
    vt_keys(vt, "pd1rqnpd");
    vt_wait(vt, "Parameters");
    leave(vt, t);
}

static void reading_goes_on_at_the_last_page(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    const char *home = tree_home(t);
    const struct tutor_spec spec = {.tree = t, .home = home, .lang = "en"};
    struct vt *vt = tutor_start(&spec);

    tutor_wait_selected(vt, "Six kinds of question");
    vt_keys(vt, "<Down><Enter>");
    vt_wait(vt, " 1/12");
    vt_keys(vt, "nnnn");
    vt_wait(vt, " 5/12");
    vt_keys(vt, "q");
    vt_wait(vt, "Continue: A lesson to read, page 5 of 12");
    tutor_wait_selected(vt, "5/12 pages");
    vt_keys(vt, "q");
    vt_assert_exit(vt, 0);
    vt_free(vt);

    vt = tutor_start(&spec);
    tutor_wait_selected(vt, "Continue: A lesson to read, page 5 of 12");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "words of page 5");
    leave(vt, t);
}

/* ---- search, help, language ---- */

/* Types the query, which has this many hits, and goes down to the one of this kind. */
static void go_to_hit(struct vt *vt, const char *query, const char *found, int downs,
                      const char *kind)
{
    char *line = xasprintf("/ %s", query);

    vt_keys(vt, "/");
    vt_wait(vt, "Type words.");
    vt_keys(vt, query);
    vt_wait(vt, line);
    vt_wait(vt, found);
    for (int i = 0; i < downs; i++)
        vt_keys(vt, "<Down>");
    tutor_wait_selected(vt, kind);
    vt_keys(vt, "<Enter>");
    free(line);
}

static void back_to_home(struct vt *vt)
{
    vt_keys(vt, "<Esc>");
    vt_wait(vt, " found");
    vt_keys(vt, "<Esc>");
    vt_wait(vt, "Basics");
    vt_wait_gone(vt, " found");
}

static void search_jumps_to_each_kind_of_hit(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = tutor_open(t, NULL);

    vt_wait(vt, "Basics");
    go_to_hit(vt, "kinds of question", "1 found", 0, "lesson");
    vt_wait(vt, " 1/3");
    back_to_home(vt);
    go_to_hit(vt, "nothing is left", "1 found", 0, "page 3");
    vt_wait(vt, " 3/3");
    back_to_home(vt);
    go_to_hit(vt, "a coin is thrown; which", "1 found", 0, "demo");
    vt_wait(vt, "Parameters");
    back_to_home(vt);
    go_to_hit(vt, "lands two sides", "2 found", 1, "claim");
    vt_wait(vt, " 2/3");
    back_to_home(vt);
    go_to_hit(vt, "SORT steps", "1 found", 0, "question");
    vt_wait(vt, "SORT:");
    vt_wait(vt, " 1/1");
    leave(vt, t);
}

static void a_search_is_typed_and_corrected(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = tutor_open(t, NULL);

    vt_wait(vt, "Basics");
    vt_keys(vt, "/coinsq?L");
    vt_wait(vt, "/ coinsq?L");
    vt_wait(vt, "Nothing found");
    vt_keys(vt, "<BS><BS><BS><BS>");
    vt_wait(vt, "A coin is thrown");
    vt_keys(vt, "<C-u>");
    vt_wait(vt, "Type words.");
    vt_keys(vt, "中文");
    vt_wait(vt, "/ 中文");
    vt_wait(vt, "page 2");
    vt_keys(vt, "<BS><BS>words");
    vt_wait(vt, "words of page 12");
    leave(vt, t);
}

static void help_is_made_from_the_keys_of_the_screen(void **state)
{
    (void)state;
    static const char *const there_and_words[][2] = {
        {"", "mixed quiz"},
        {"<Enter>", "read on: down, then the next page"},
        {"nd", "predict"},
        {"<Esc>t", "take it back or choose"},
    };
    struct tree *t = tree_pack();
    struct vt *vt = tutor_start(&(struct tutor_spec){.tree = t, .lang = "en", .rows = 50});

    vt_wait(vt, "Basics");
    for (size_t i = 0; i + 1 < ARRAY_LEN(there_and_words); i++) {
        vt_keys(vt, there_and_words[i][0]);
        vt_keys(vt, i % 2 ? "<F1>" : "?");
        vt_wait(vt, "On this screen");
        vt_wait(vt, "Everywhere");
        vt_wait(vt, there_and_words[i][1]);
        vt_keys(vt, "q");
        vt_wait_gone(vt, "Everywhere");
    }
    leave(vt, t);
}

static void the_language_is_switched_and_remembered(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    const char *home = tree_home(t);
    const struct tutor_spec spec = {.tree = t, .home = home};
    struct vt *vt = tutor_start(&spec);

    tutor_wait_selected(vt, "Six kinds of question");
    vt_keys(vt, "L");
    tutor_wait_selected(vt, "六种题型");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "从这一页开始");
    vt_keys(vt, "L");
    vt_wait(vt, "A page to begin with");
    vt_keys(vt, "L");
    vt_wait(vt, "从这一页开始");
    vt_keys(vt, "/硬币");
    vt_wait(vt, "抛一枚硬币");
    vt_keys(vt, "<Esc>");
    vt_wait(vt, "从这一页开始");
    vt_keys(vt, "qq");
    vt_assert_exit(vt, 0);
    vt_free(vt);

    vt = tutor_start(&spec);
    vt_wait(vt, "六种题型");
    vt_wait(vt, "继续");
    vt_free(vt);
    vt = tutor_start(&(struct tutor_spec){.tree = t, .home = home, .lang = "en"});
    vt_wait(vt, "Six kinds of question");
    leave(vt, t);
}

/* ---- when not all is well ---- */

static void a_broken_lesson_says_why_and_the_others_open(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = tutor_open(t, NULL);

    vt_wait(vt, "broken: Enter says why");
    vt_keys(vt, "G<Enter>");
    vt_wait(vt, "This lesson cannot be read");
    vt_wait(vt, "10-broken/lesson.json");
    vt_wait(vt, "minutes");
    vt_keys(vt, "ntd<Tab><Right><Enter>q");
    tutor_wait_selected(vt, "broken");
    vt_keys(vt, "g<Enter>");
    vt_wait(vt, "A page to begin with");
    leave(vt, t);
}

static void an_empty_folder_is_said_to_be_empty(void **state)
{
    (void)state;
    struct tree *t = tree_new(NULL);
    struct vt *vt = tutor_open(t, NULL);

    vt_wait(vt, "There are no lessons in this folder");
    vt_wait(vt, "/content");
    vt_keys(vt, "m");
    vt_wait(vt, "no questions to ask");
    vt_keys(vt, "<Enter>tjk/word<Esc>s");
    vt_wait(vt, "No question answered yet");
    vt_keys(vt, "qq");
    vt_assert_exit(vt, 0);
    leave(vt, t);
}

static void a_missing_folder_is_an_error(void **state)
{
    (void)state;
    struct vt *vt =
        tutor_start(&(struct tutor_spec){.lang = "en", .words = {"--content", "/no/such/folder"}});

    vt_assert_exit(vt, 1);
    vt_wait(vt, "systutor: /no/such/folder");
    vt_assert_restored(vt);
    vt_free(vt);
}

static void a_damaged_store_is_left_alone_and_can_be_done_without(void **state)
{
    (void)state;
    static const char damaged[] = "this is no database, but it is somebody's file";
    struct tree *t = tree_pack();
    const char *home = tree_home(t);
    char *db = xasprintf("%s/.local/share/systutor/progress.db", home);
    struct buf after = {0};
    struct err e;

    char *command =
        xasprintf("mkdir -p %s/.local/share/systutor && printf %%s \"%s\" >%s", home, damaged, db);
    assert_int_equal(system(command), 0);
    struct vt *vt = tutor_start(&(struct tutor_spec){.tree = t, .home = home, .lang = "en"});
    vt_wait(vt, "progress.db");
    vt_wait(vt, "go on without saving");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "not saved");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "A page to begin with");
    vt_keys(vt, "qq");
    vt_assert_exit(vt, 0);
    vt_free(vt);
    vt = tutor_start(&(struct tutor_spec){.tree = t, .home = home, .lang = "en"});
    vt_wait(vt, "go on without saving");
    vt_keys(vt, "q<Enter>");
    vt_assert_exit(vt, 1);
    assert_true(buf_read_file(&after, db, 1 << 20, &e));
    assert_string_equal(buf_text(&after), damaged);
    buf_release(&after);
    leave(vt, t);
    free(command);
    free(db);
}

/* An argument names the tests to run, with * and ?. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_newcomer_reads_predicts_runs_and_comes_back, tutor_teardown),
        cmocka_unit_test_teardown(pages_are_turned_by_each_of_their_keys, tutor_teardown),
        cmocka_unit_test_teardown(the_first_and_the_last_page_are_ends, tutor_teardown),
        cmocka_unit_test_teardown(a_long_page_is_scrolled_before_it_is_turned, tutor_teardown),
        cmocka_unit_test_teardown(live_blocks_are_reached_by_tab_and_opened_by_enter,
                                  tutor_teardown),
        cmocka_unit_test_teardown(keys_typed_ahead_do_what_they_do_one_by_one, tutor_teardown),
        cmocka_unit_test_teardown(reading_goes_on_at_the_last_page, tutor_teardown),
        cmocka_unit_test_teardown(search_jumps_to_each_kind_of_hit, tutor_teardown),
        cmocka_unit_test_teardown(a_search_is_typed_and_corrected, tutor_teardown),
        cmocka_unit_test_teardown(help_is_made_from_the_keys_of_the_screen, tutor_teardown),
        cmocka_unit_test_teardown(the_language_is_switched_and_remembered, tutor_teardown),
        cmocka_unit_test_teardown(a_broken_lesson_says_why_and_the_others_open, tutor_teardown),
        cmocka_unit_test_teardown(an_empty_folder_is_said_to_be_empty, tutor_teardown),
        cmocka_unit_test_teardown(a_missing_folder_is_an_error, tutor_teardown),
        cmocka_unit_test_teardown(a_damaged_store_is_left_alone_and_can_be_done_without,
                                  tutor_teardown),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
