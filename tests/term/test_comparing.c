/*
 * test_comparing.c: two runs beside each other: kept in files, and of a demo.
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

/* ---- two runs ---- */

static void two_runs_share_the_axis_and_the_cursor(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt =
        look_at(&(struct look){.tree = t, .files = {"level.json", "edge.json"}, .rows = 40}, '1');

    vt_wait(vt, "level.json");
    vt_wait(vt, "edge.json");
    vt_keys(vt, "w"); /* the other run has the cursor: it has fewer events */
    vt_wait(vt, "/23");
    vt_keys(vt, "n");
    vt_wait(vt, "note: quiet");
    vt_wait(vt, "3.100 ms");
    vt_keys(vt, "w");
    vt_wait(vt, "/46"); /* at the same time */
    vt_wait(vt, "3.100 ms");
    leave(vt, t);
}

/* The row of a counter: name, value of the first run, value of the second. */
static bool has_counter(struct vt *vt, void *words)
{
    const char *const *want = words;
    int rows;
    char a[32], b[32];

    vt_size(vt, &rows, NULL);
    for (int row = 0; row < rows; row++) {
        const char *at = strstr(vt_row(vt, row), want[0]);
        if (at && sscanf(at + strlen(want[0]), "%31s %31s", a, b) == 2 && strcmp(a, want[1]) == 0 &&
            strcmp(b, want[2]) == 0)
            return true;
    }
    return false;
}

static void counters_are_those_at_the_cursor(void **state)
{
    (void)state;
    static const struct {
        const char *find;
        const char *rows[3][3];
    } moments[] = {
        {"read 1", {{"wakeups", "1", "1"}, {"bytes", "512", "512"}, {"missed", "-", "0"}}},
        {"read 3", {{"wakeups", "3", "2"}, {"bytes", "1536", "1024"}, {"missed", "-", "3"}}},
        {"quiet", {{"wakeups", "5", "2"}, {"bytes", "2560", "1024"}, {"missed", "-", "3"}}},
    };
    struct tree *t = look_tree();
    struct vt *vt =
        look_at(&(struct look){.tree = t, .files = {"level.json", "edge.json"}, .rows = 40}, '1');

    for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
        char *keys = xasprintf("g/%s%s<Enter>", i > 0 ? "<C-u>" : "", moments[i].find);
        vt_keys(vt, keys);
        for (size_t k = 0; k < 3; k++)
            vt_wait_until(vt, has_counter, (void *)moments[i].rows[k], moments[i].rows[k][0]);
        free(keys);
    }
    leave(vt, t);
}

static void either_run_is_clicked_and_played(void **state)
{
    (void)state;
    struct tree *t = look_tree();
    struct vt *vt = look_at(
        &(struct look){.tree = t, .files = {"level.json", "edge.json"}, .cols = 120, .rows = 40},
        '1');
    int row, col;

    assert_true(vt_find(vt, "edge.json", &row, &col));
    vt_click(vt, row + 4, col + 60); /* in its chart */
    vt_wait(vt, "/23");
    vt_keys(vt, "g}}}}}}}}<Space>");
    vt_wait(vt, "23/23");
    vt_wait_gone(vt, "▶");
    vt_keys(vt, "3");
    vt_wait(vt, "after read 2");
    vt_wait(vt, "after read 5"); /* beside each other */
    vt_keys(vt, "2w");
    vt_wait(vt, "/46");
    vt_keys(vt, "4");
    vt_wait(vt, "bytes over time");
    leave(vt, t);
}

static void a_run_is_compared_with_itself_and_with_one_of_another_demo(void **state)
{
    (void)state;
    static const char *const others[] = {"lanes.json", "plots.json", "broken.json"};
    static const char *const keys[] = {"1", "2", "3", "4"};
    struct tree *t = look_tree();

    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json", others[i]}}, '1');
        for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
            vt_keys(vt, keys[k]);
            vt_keys(vt, "jkw+-<PgDn>0lhnN.,fao<lt>>Vw");
        }
        vt_keys(vt, "1g");
        look_wait_at(vt, 0);
        vt_keys(vt, "l");
        look_wait_at(vt, 1);
        vt_free(vt);
    }
    tree_free(t);
}

/* An argument names the tests to run, with * and ?. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(two_runs_share_the_axis_and_the_cursor, tutor_teardown),
        cmocka_unit_test_teardown(counters_are_those_at_the_cursor, tutor_teardown),
        cmocka_unit_test_teardown(either_run_is_clicked_and_played, tutor_teardown),
        cmocka_unit_test_teardown(a_run_is_compared_with_itself_and_with_one_of_another_demo,
                                  tutor_teardown),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
