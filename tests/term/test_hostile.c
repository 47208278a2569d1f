/*
 * test_hostile.c: kept runs that are large, broken or made to do harm: keys are answered, what is
 * not shown is told, and nothing but text reaches the terminal.
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
#include "look.h"

static void leave(struct vt *vt, struct tree *t)
{
    vt_free(vt);
    tree_free(t);
}

/* ---- large ---- */

/* A file of many spans: n events in so many lanes. */
static void write_many(struct tree *t, const char *name, int n, int lanes)
{
    struct buf out = {0};

    for (int i = 0; i < lanes; i++)
        buf_printf(&out,
                   "{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":%d,"
                   "\"args\":{\"name\":\"worker %d\"}}\n",
                   i, i + 1);
    for (int i = 0; i < n; i++)
        buf_printf(&out,
                   "{\"ph\":\"%c\",\"cat\":\"run\",\"name\":\"job\",\"ts\":%d,\"pid\":1,"
                   "\"tid\":%d}\n",
                   "BE"[i % 2], i * 10, i / 2 % lanes);
    tree_write(t, name, buf_text(&out));
    buf_release(&out);
}

static void a_large_file_is_read_while_keys_are_answered(void **state)
{
    (void)state;
    struct tree *t = look_tree();

    write_many(t, "large.json", 100000, 8);
    struct vt *vt = look_start(&(struct look){.tree = t, .files = {"large.json"}, .record = true});
    vt_wait(vt, "large.json");
    vt_keys(vt, "?"); /* while it is read, or just after */
    vt_wait(vt, "Everywhere");
    vt_keys(vt, "q");
    vt_wait(vt, "100000/100000");
    assert_non_null(strstr(vt_recorded(vt, NULL), "Reading the trace"));
    vt_keys(vt, "gllll");
    look_wait_at(vt, 4);
    vt_keys(vt, "G");
    look_wait_at(vt, 100000);
    vt_keys(vt, "++++2341");
    vt_wait(vt, "❯ worker");
    vt_keys(vt, "g}}}}}}}}<Space>");
    look_wait_at(vt, 100000);
    vt_keys(vt, "g/kangaroo<Enter>"); /* goes through all of them */
    vt_wait(vt, "no event has");
    vt_keys(vt, "qq");
    vt_assert_exit(vt, 0);
    leave(vt, t);
}

static void more_lanes_than_fit_are_scrolled_and_too_many_are_told(void **state)
{
    (void)state;
    struct tree *t = look_tree();

    write_many(t, "lanes-2000.json", 8000, 2000);
    struct vt *vt = look_start(&(struct look){.tree = t, .files = {"lanes-2000.json"}});
    vt_wait(vt, "/1024");
    vt_wait(vt, "not shown: 4880 events over the limits");
    vt_keys(vt, "g");
    look_wait_at(vt, 0);
    for (int i = 0; i < 64; i++)
        vt_keys(vt, "jjjjjjjjjjjjjjjjjjjj");
    vt_wait(vt, "1014-1024/");
    vt_keys(vt, "2341l");
    look_wait_at(vt, 1);
    vt_wait(vt, "❯ worker 1 ");
    leave(vt, t);
}

/* ---- hostile ---- */

static void a_hostile_file_is_shown_harmlessly(void **state)
{
    (void)state;
    static const char *const keys[] = {"1", "2", "3", "4"};
    static const int cols[] = {80, 40, 120};
    struct tree *t = look_tree();

    for (size_t i = 0; i < ARRAY_LEN(cols); i++) {
        struct vt *vt = look_at(&(struct look){.tree = t,
                                               .files = {"broken.json"},
                                               .rows = cols[i] == 40 ? 12 : 24,
                                               .cols = cols[i],
                                               .record = true},
                                '1');
        for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
            vt_keys(vt, "g");
            look_wait_at(vt, 0);
            vt_keys(vt, keys[k]);
            vt_keys(vt, "llllllllllllllll++++<PgDn>--0f");
            vt_keys(vt, "/raw<Enter>jjjkkk<Enter><BS>nNVGaoa>>><lt><lt>");
        }
        vt_keys(vt, "1g");
        look_wait_at(vt, 0);
        look_assert_harmless(vt);
        vt_free(vt);
    }
    tree_free(t);
}

static void what_is_not_shown_is_told(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(&(struct look){.tree = t, .files = {"broken.json"}}, '1');

    vt_wait(vt, "not shown: 0 events over the limits, 11 lines that cannot be read");
    vt_keys(vt, "2");
    vt_wait(vt, "11 lines that cannot be read");
    vt_golden(vt, "picture-broken-en-80x24");
    leave(vt, t);
}

static void a_file_without_events_is_told(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_start(&(struct look){.tree = t, .files = {"empty.json"}});

    vt_wait(vt, "empty.json holds no events of a run.");
    vt_keys(vt, "12 nVG+w<Up>?");
    vt_wait(vt, "Everywhere");
    vt_keys(vt, "q");
    vt_wait(vt, "holds no events");
    vt_free(vt);
    vt = look_start(&(struct look){.tree = t, .files = {"lanes.json", "empty.json"}});
    vt_wait(vt, "empty.json holds no events of a run.");
    vt_keys(vt, "qq");
    vt_assert_exit(vt, 0);
    leave(vt, t);
}

static void a_name_of_a_file_is_harmless_too(void **state)
{
    (void)state;
    static const char name[] = "a\033]0;owned\a\033[31mx\xe2\x80\xae.json";
    struct tree *t = look_tree();
    char *from = tutor_source("tests/term/traces/lanes.json");

    tree_copy(t, from, name);
    free(from);
    struct vt *vt = look_start(&(struct look){.tree = t, .files = {name, name}, .record = true});
    vt_wait(vt, "35/38");
    vt_keys(vt, "w234l");
    vt_wait(vt, "nothing for this view");
    look_assert_harmless(vt);
    leave(vt, t);
}

static void a_file_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_start(&(struct look){.tree = t, .files = {"lanes.json", "none.json"}});

    vt_assert_exit(vt, 1);
    vt_wait(vt, "none.json: No such file or directory");
    vt_assert_restored(vt);
    vt_free(vt);
    vt = look_start(&(struct look){.tree = t, .files = {"build"}});
    vt_assert_exit(vt, 1);
    vt_wait(vt, "build: not a regular file");
    leave(vt, t);
}

/* An argument names the tests to run, with * and ?. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_large_file_is_read_while_keys_are_answered, tutor_teardown),
        cmocka_unit_test_teardown(more_lanes_than_fit_are_scrolled_and_too_many_are_told,
                                  tutor_teardown),
        cmocka_unit_test_teardown(a_hostile_file_is_shown_harmlessly, tutor_teardown),
        cmocka_unit_test_teardown(what_is_not_shown_is_told, tutor_teardown),
        cmocka_unit_test_teardown(a_file_without_events_is_told, tutor_teardown),
        cmocka_unit_test_teardown(a_name_of_a_file_is_harmless_too, tutor_teardown),
        cmocka_unit_test_teardown(a_file_that_cannot_be_read_is_an_error, tutor_teardown),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
