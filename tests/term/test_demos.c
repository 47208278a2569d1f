/*
 * test_demos.c: demos that behave badly, run in the real tutor: whatever they do, the screen stays
 * whole, keys are answered, and nothing of them is left behind. The programs are in tests/bad.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base.h"
#include "pty.h"
#include "tutor.h"

/* A stop has 100 ms by contract; a shared machine is given this much more. */
enum { STOP_MS = 1000 };

struct stage {
    struct tree *tree;
    struct vt *vt;
    char mark[64]; /* in the environment of the tutor and of all it starts */
};

/* Opens the demo of a tree's lesson. */
static struct stage open_demo(struct tree *t, const char *slug)
{
    struct stage s = {.tree = t};

    snprintf(s.mark, sizeof(s.mark), "%s", tutor_mark());
    s.vt = tutor_start(&(struct tutor_spec){
        .tree = t, .lang = "en", .words = {slug}, .env = {s.mark}, .record = true});
    vt_wait(s.vt, "The page of");
    vt_keys(s.vt, "d");
    vt_wait(s.vt, "What will it do?");
    return s;
}

/* Opens the demo of a new lesson and runs it. */
static struct stage run_demo(const char *program, const char *how, int limit_s)
{
    struct tree *t = tree_new(NULL);

    tree_demo_lesson(t, program, program, how, limit_s);
    struct stage s = open_demo(t, program);
    vt_keys(s.vt, "1");
    vt_wait(s.vt, "Kept.");
    vt_keys(s.vt, "r");
    return s;
}

/* The tutor is alone again, answers keys, and ends well. */
static void close_stage(struct stage *s)
{
    tutor_wait_marked(s->vt, s->mark, 1);
    vt_keys(s->vt, "?");
    vt_wait(s->vt, "Everywhere");
    vt_keys(s->vt, "q");
    vt_wait_gone(s->vt, "Everywhere");
    vt_keys(s->vt, "qqq");
    vt_assert_exit(s->vt, 0);
    vt_assert_restored(s->vt);
    tutor_wait_marked(NULL, s->mark, 0);
    vt_free(s->vt);
    tree_free(s->tree);
}

/* ---- that do not start ---- */

static void a_missing_program_is_an_error(void **state)
{
    (void)state;
    struct tree *t = tree_new(NULL);

    tree_demo_lesson(t, "gone", NULL, "x", 5);
    struct stage s = open_demo(t, "gone");
    vt_keys(s.vt, "1");
    vt_wait(s.vt, "Kept.");
    vt_keys(s.vt, "r");
    vt_wait(s.vt, "cannot start");
    close_stage(&s);
}

static void a_program_that_cannot_be_executed_is_an_error(void **state)
{
    (void)state;
    struct tree *t = tree_new(NULL);

    tree_demo_lesson(t, "ends", "ends", "fail", 5);
    assert_int_equal(chmod(tree_path(t, "build/demos/ends/ends"), 0644), 0);
    tree_demo_lesson(t, "text", NULL, "x", 5);
    tree_write(t, "build/demos/text/text", "this is no program\n");
    assert_int_equal(chmod(tree_path(t, "build/demos/text/text"), 0755), 0);
    static const char *const slugs[] = {"ends", "text"};
    for (size_t i = 0; i < ARRAY_LEN(slugs); i++) {
        struct stage s = open_demo(t, slugs[i]);
        vt_keys(s.vt, "1");
        vt_wait(s.vt, "Kept.");
        vt_keys(s.vt, "r");
        vt_wait(s.vt, "cannot start");
        vt_keys(s.vt, "qqq");
        vt_assert_exit(s.vt, 0);
        tutor_wait_marked(NULL, s.mark, 0);
        vt_free(s.vt);
    }
    tree_free(t);
}

/* ---- that end badly ---- */

static void a_crash_is_told_with_its_signal(void **state)
{
    (void)state;
    struct stage s = run_demo("crash", "x", 5);

    vt_wait(s.vt, "crashed: signal 11");
    vt_wait(s.vt, "about to crash");
    vt_wait(s.vt, "gave no verdict");
    close_stage(&s);
}

static void a_failed_verdict_is_told(void **state)
{
    (void)state;
    struct stage s = run_demo("ends", "fail", 5);

    vt_wait(s.vt, "ended with exit status 1");
    vt_wait(s.vt, "to end: fail");
    vt_wait(s.vt, "✗ It holds.");
    vt_wait(s.vt, "measured once; rule: as it was told");
    close_stage(&s);
}

static void an_inconclusive_verdict_decides_nothing(void **state)
{
    (void)state;
    struct stage s = run_demo("ends", "unsure", 5);

    vt_wait(s.vt, "did not decide it");
    vt_wait(s.vt, "? It holds.");
    close_stage(&s);
}

static void a_missing_verdict_is_told(void **state)
{
    (void)state;
    struct stage s = run_demo("ends", "none", 5);

    vt_wait(s.vt, "gave no verdict");
    vt_wait(s.vt, "✗ It holds.");
    close_stage(&s);
}

static void an_exit_status_is_told(void **state)
{
    (void)state;
    struct stage s = run_demo("ends", "three", 5);

    vt_wait(s.vt, "ended with exit status 3");
    vt_wait(s.vt, "✓ It holds.");
    close_stage(&s);
}

static void a_long_output_can_be_read(void **state)
{
    (void)state;
    struct stage s = run_demo("ends", "late", 5);

    vt_wait(s.vt, "1 of 1 claims hold");
    vt_keys(s.vt, "G");
    vt_wait(s.vt, "line 99 of a long output");
    vt_wait(s.vt, "✓ It holds.");
    close_stage(&s);
}

/* ---- that do not end ---- */

/* After keys, only the tutor is left, in the time a stop may take. */
static void stop_with(struct stage *s, const char *keys)
{
    const int64_t start = pty_now_ns();

    vt_keys(s->vt, keys);
    tutor_wait_marked(s->vt, s->mark, 1);
    assert_in_range((pty_now_ns() - start) / 1000000, 0, STOP_MS);
}

static void a_hanging_family_is_stopped_by_one_key(void **state)
{
    (void)state;
    struct stage s = run_demo("hang", "x", 60);

    vt_wait(s.vt, "all four hang");
    tutor_wait_marked(s.vt, s.mark, 5);
    stop_with(&s, "x");
    vt_wait(s.vt, "stopped by you");
    vt_keys(s.vt, "r");
    vt_wait(s.vt, "all four hang");
    stop_with(&s, "<Enter>");
    vt_wait(s.vt, "stopped by you");
    close_stage(&s);
}

static void a_hanging_family_goes_with_its_screen(void **state)
{
    (void)state;
    struct stage s = run_demo("hang", "x", 60);

    vt_wait(s.vt, "all four hang");
    stop_with(&s, "q");
    vt_wait(s.vt, "The page of");
    close_stage(&s);
}

static void a_hanging_family_goes_with_the_tutor(void **state)
{
    (void)state;
    struct stage s = run_demo("hang", "x", 60);

    vt_wait(s.vt, "all four hang");
    vt_keys(s.vt, "qqq");
    vt_assert_exit(s.vt, 0);
    tutor_wait_marked(NULL, s.mark, 0);
    vt_free(s.vt);
    tree_free(s.tree);
}

static void the_time_limit_ends_it(void **state)
{
    (void)state;
    struct stage s = run_demo("hang", "x", 1);

    vt_wait(s.vt, "longer than its limit of 1 s");
    close_stage(&s);
}

static void closed_pipes_do_not_end_it_but_the_limit_does(void **state)
{
    (void)state;
    struct stage s = run_demo("closes", "x", 1);

    vt_wait(s.vt, "closing all pipes");
    vt_wait(s.vt, "running");
    vt_wait(s.vt, "longer than its limit of 1 s");
    close_stage(&s);
}

static void children_left_behind_are_gone_with_the_run(void **state)
{
    (void)state;
    struct stage s = run_demo("leaves", "x", 60);

    vt_wait(s.vt, "1 of 1 claims hold");
    vt_wait(s.vt, "two are left behind");
    close_stage(&s);
}

/* ---- that say too much ---- */

static void a_flood_is_cut_and_keys_are_answered_in_it(void **state)
{
    (void)state;
    struct stage s = run_demo("flood", "x", 60);

    vt_wait(s.vt, "truncated");
    vt_keys(s.vt, "?");
    vt_wait(s.vt, "Everywhere");
    vt_keys(s.vt, "q");
    vt_wait_gone(s.vt, "Everywhere");
    vt_keys(s.vt, "g");
    vt_wait(s.vt, "What will it do?");
    vt_resize(s.vt, 40, 130);
    vt_wait(s.vt, "The page of");
    vt_resize(s.vt, 24, 80);
    vt_wait_gone(s.vt, "The page of");
    stop_with(&s, "x");
    vt_wait(s.vt, "stopped by you");
    vt_keys(s.vt, "G");
    vt_wait(s.vt, "truncated");
    close_stage(&s);
}

static bool has_bytes(const char *all, size_t n, const char *bytes)
{
    return memmem(all, n, bytes, strlen(bytes)) != NULL;
}

/* Nothing of rubbish.c's sequences may be there; what curses itself sends is not among them. */
static void assert_harmless(const char *out, size_t n)
{
    static const char *const sequences[] = {
        "\033]",       "\033P",     "\033c",        "\033[5;31", "\033[2J\033[H\n",
        "\033[?1003h", "\033[3;5r", "\033(0",       "\016x",     "\a",
        "\v",          "\f",        "\xe2\x80\xae", "\xff",      "\xc0\xaf"};

    for (size_t i = 0; i < ARRAY_LEN(sequences); i++)
        assert_false(has_bytes(out, n, sequences[i]));
    for (size_t i = 1; i < n; i++) /* a C1 control: alone, or as UTF-8 */
        if ((unsigned char)out[i] >= 0x80 && (unsigned char)out[i] < 0xa0)
            assert_true((unsigned char)out[i - 1] >= 0x80 && (unsigned char)out[i - 1] != 0xc2);
}

static void rubbish_does_not_reach_the_terminal(void **state)
{
    (void)state;
    struct stage s = run_demo("rubbish", "x", 5);
    size_t n;

    vt_wait(s.vt, "1 of 1 claims hold");
    vt_keys(s.vt, "<Down><Down><Down><Down><PgDn><PgUp>");
    vt_keys(s.vt, "G");
    vt_wait(s.vt, "end of the rubbish");
    vt_wait(s.vt, "✓ It holds.");
    vt_keys(s.vt, ">>>><lt><lt><lt><lt>g");
    vt_wait(s.vt, "The demo rubbish");
    assert_true(vt_altscreen(s.vt));
    assert_false(vt_cursor_visible(s.vt));
    assert_true(vt_mouse_on(s.vt));
    const char *out = vt_recorded(s.vt, &n);
    assert_harmless(out, n);
    close_stage(&s);
}

static void a_broken_trace_is_read_as_far_as_it_is_sound(void **state)
{
    (void)state;
    struct stage s = run_demo("badtrace", "x", 20);

    vt_wait(s.vt, "1 of 1 claims hold");
    vt_wait(s.vt, "end of the trace");
    vt_wait(s.vt, "measured 42 us; rule: the sound one counts");
    close_stage(&s);
}

/* An argument names the tests to run, with * and ?. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_missing_program_is_an_error, tutor_teardown),
        cmocka_unit_test_teardown(a_program_that_cannot_be_executed_is_an_error, tutor_teardown),
        cmocka_unit_test_teardown(a_crash_is_told_with_its_signal, tutor_teardown),
        cmocka_unit_test_teardown(a_failed_verdict_is_told, tutor_teardown),
        cmocka_unit_test_teardown(an_inconclusive_verdict_decides_nothing, tutor_teardown),
        cmocka_unit_test_teardown(a_missing_verdict_is_told, tutor_teardown),
        cmocka_unit_test_teardown(an_exit_status_is_told, tutor_teardown),
        cmocka_unit_test_teardown(a_long_output_can_be_read, tutor_teardown),
        cmocka_unit_test_teardown(a_hanging_family_is_stopped_by_one_key, tutor_teardown),
        cmocka_unit_test_teardown(a_hanging_family_goes_with_its_screen, tutor_teardown),
        cmocka_unit_test_teardown(a_hanging_family_goes_with_the_tutor, tutor_teardown),
        cmocka_unit_test_teardown(the_time_limit_ends_it, tutor_teardown),
        cmocka_unit_test_teardown(closed_pipes_do_not_end_it_but_the_limit_does, tutor_teardown),
        cmocka_unit_test_teardown(children_left_behind_are_gone_with_the_run, tutor_teardown),
        cmocka_unit_test_teardown(a_flood_is_cut_and_keys_are_answered_in_it, tutor_teardown),
        cmocka_unit_test_teardown(rubbish_does_not_reach_the_terminal, tutor_teardown),
        cmocka_unit_test_teardown(a_broken_trace_is_read_as_far_as_it_is_sound, tutor_teardown),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
