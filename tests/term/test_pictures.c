/*
 * test_pictures.c: the pictures of kept runs as agreed on (golden): each view at any size, in both
 * languages, without colour and in ASCII.
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

/* ---- the views as agreed on ---- */

static const struct scene {
    const char *name;
    const char *files[2];
    char view;
    const char *find; /* words that the moment is found by */
    const char *more; /* keys pressed there; NULL: none */
    int at;
} scenes[] = {
    {"timeline", {"lanes.json"}, '1', "wake", NULL, 12},
    {"verdicts", {"lanes.json"}, '1', "lock-is", NULL, 38},
    {"sequence", {"messages.json"}, '2', "push", NULL, 15},
    {"message", {"messages.json"}, '2', "line of the page", NULL, 14},
    {"graph", {"snapshots.json"}, '3', "a new one", NULL, 6},
    {"plot", {"plots.json"}, '4', "epoll-is", NULL, 59},
    {"linear", {"plots.json"}, '4', "drift", "o", 47},
    {"compared", {"level.json", "edge.json"}, '1', "quiet", NULL, 45},
    {"compared-graphs", {"level.json", "edge.json"}, '3', "read 3", NULL, 26},
};

static const struct scene *scene(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(scenes); i++)
        if (strcmp(scenes[i].name, name) == 0)
            return &scenes[i];
    fail_msg("no scene is called %s", name);
    abort();
}

static struct vt *go_to_scene(const struct scene *sc, struct look l)
{
    memcpy(l.files, sc->files, sizeof(sc->files));
    struct vt *vt = look_at(&l, sc->view);
    char *keys = xasprintf("/%s<Enter>%s", sc->find, sc->more ? sc->more : "");

    vt_keys(vt, keys);
    look_wait_at(vt, sc->at);
    free(keys);
    return vt;
}

static void each_view_is_as_agreed(const char *lang, int cols, int rows)
{
    struct tree *t = look_tree();

    for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
        char *name = xasprintf("picture-%s-%s-%dx%d", scenes[i].name, lang, cols, rows);
        struct vt *vt = go_to_scene(
            &scenes[i], (struct look){.tree = t, .lang = lang, .rows = rows, .cols = cols});
        vt_golden(vt, name);
        vt_free(vt);
        free(name);
    }
    tree_free(t);
}

static void views_in_english_are_as_agreed(void **state)
{
    (void)state;
    each_view_is_as_agreed("en", 80, 24);
}

static void views_in_chinese_are_as_agreed(void **state)
{
    (void)state;
    each_view_is_as_agreed("zh", 80, 24);
}

static void wide_views_in_english_are_as_agreed(void **state)
{
    (void)state;
    each_view_is_as_agreed("en", 120, 40);
}

static void wide_views_in_chinese_are_as_agreed(void **state)
{
    (void)state;
    each_view_is_as_agreed("zh", 120, 40);
}

static void small_views_are_as_agreed(void **state)
{
    (void)state;
    each_view_is_as_agreed("en", 40, 12);
}

static bool has_colour(struct vt *vt)
{
    int rows, cols;

    vt_size(vt, &rows, &cols);
    for (int i = 0; i < rows * cols; i++) {
        const struct vt_cell c = vt_cell(vt, i / cols, i % cols);
        if (c.fg != VT_DEFAULT || c.bg != VT_DEFAULT)
            return true;
    }
    return false;
}

static void without_colour_the_signs_are_the_same(void **state)
{
    (void)state;
    struct tree *t = look_tree();

    for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
        char *name = xasprintf("picture-%s-en-80x24", scenes[i].name);
        struct vt *vt = go_to_scene(&scenes[i], (struct look){.tree = t, .env = {"NO_COLOR=1"}});
        vt_golden(vt, name);
        assert_false(has_colour(vt));
        vt_free(vt);
        free(name);
    }
    tree_free(t);
}

/* All bytes that were ever sent, from the first frame on. */
static void assert_ascii_only(struct vt *vt)
{
    size_t n;
    const char *out = vt_recorded(vt, &n);

    for (size_t i = 0; i < n; i++)
        if (out[i] & 0x80)
            vt_fail_at(vt, __FILE__, __LINE__, "not ASCII: \"%.40s\"", out + i);
}

static void ascii_views_are_as_agreed(void **state)
{
    (void)state;
    static const char *const names[] = {
        "timeline", "verdicts", "plot",
        "linear",   "compared", "compared-graphs"}; /* no word in them needs more */
    struct tree *t = look_tree();

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char *name = xasprintf("picture-%s-ascii", names[i]);
        struct vt *vt = go_to_scene(scene(names[i]),
                                    (struct look){.tree = t, .option = "--ascii", .record = true});
        vt_golden(vt, name);
        assert_ascii_only(vt);
        vt_free(vt);
        free(name);
    }
    tree_free(t);
}

/* ---- any size ---- */

static void each_view_can_be_resized(void **state)
{
    (void)state;
    static const struct {
        int rows, cols;
    } sizes[] = {{100, 300}, {12, 40}, {11, 39},  {40, 120}, {13, 41},
                 {60, 59},   {1, 2},   {12, 300}, {100, 40}, {24, 80}};
    struct tree *t = look_tree();

    for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
        struct vt *vt = go_to_scene(&scenes[i], (struct look){.tree = t});
        char *before = look_screen(vt);
        for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
            vt_resize(vt, sizes[k].rows, sizes[k].cols);
            if (sizes[k].rows >= 12)
                vt_wait_gone(vt, "Please make the window");
            else if (sizes[k].rows > 1)
                vt_wait(vt, "Please make the window larger");
        }
        look_wait_screen(vt, before);
        free(before);
        vt_free(vt);
    }
    tree_free(t);
}

/* An argument names the tests to run, with * and ?. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(views_in_english_are_as_agreed, tutor_teardown),
        cmocka_unit_test_teardown(views_in_chinese_are_as_agreed, tutor_teardown),
        cmocka_unit_test_teardown(wide_views_in_english_are_as_agreed, tutor_teardown),
        cmocka_unit_test_teardown(wide_views_in_chinese_are_as_agreed, tutor_teardown),
        cmocka_unit_test_teardown(small_views_are_as_agreed, tutor_teardown),
        cmocka_unit_test_teardown(without_colour_the_signs_are_the_same, tutor_teardown),
        cmocka_unit_test_teardown(ascii_views_are_as_agreed, tutor_teardown),
        cmocka_unit_test_teardown(each_view_can_be_resized, tutor_teardown),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
