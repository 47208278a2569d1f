/*
 * test_terminal.c: the tutor and its terminal: each screen as agreed on (golden), at any size, in
 * poor terminals, stopped and resumed, and given back whatever ends the tutor.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base.h"
#include "tutor.h"

/* ---- the screens and the way to each, the same in both languages ---- */

struct step {
    const char *keys; /* NULL: the end */
    const char *wait; /* comes up then; with '-' before it: is gone then */
};

static const struct scene {
    const char *name;
    const char *words[2];
    const char *wait;
    struct step steps[6];
} scenes[] = {
    {"home", {NULL}, "0/6", {{0}}},
    {"page", {"kinds"}, "1/3", {{0}}},
    {"live", {"kinds"}, "1/3", {{"n", "2/3"}}},
    {"demo", {"kinds"}, "1/3", {{"n", "2/3"}, {"d", "-2/3"}}},
    {"predicted", {"kinds"}, "1/3", {{"n", "2/3"}, {"d", "-2/3"}, {"2", "●"}}},
    {"source", {"kinds"}, "1/3", {{"n", "2/3"}, {"d", "-2/3"}, {"s", "coin.c"}}},
    {"question", {"quiz", "kinds"}, "1/6", {{0}}},
    {"feedback", {"quiz", "kinds"}, "1/6", {{"6", "> 6"}, {"<Enter>", "✗"}}},
    {"score", {"quiz", "reading"}, "1/1", {{"1", "●"}, {"<Enter>", "✓"}, {"<Enter>", "%"}}},
    {"stats",
     {"quiz", "reading"},
     "1/1",
     {{"1", "●"}, {"<Enter>", "✓"}, {"<Esc>", "0/6"}, {"s", "%"}}},
    {"search", {NULL}, "0/6", {{"/", "-0/6"}, {"coin", "/ coin"}}},
    {"help", {NULL}, "0/6", {{"?", "-0/6"}}},
};

static void wait_for(struct vt *vt, const char *what)
{
    if (what[0] == '-')
        vt_wait_gone(vt, what + 1);
    else
        vt_wait(vt, what);
}

static struct vt *go_to_scene(const struct scene *sc, struct tutor_spec spec)
{
    memcpy(spec.words, sc->words, sizeof(sc->words));
    struct vt *vt = tutor_start(&spec);

    vt_wait(vt, sc->wait);
    for (size_t i = 0; i < ARRAY_LEN(sc->steps) && sc->steps[i].keys; i++) {
        vt_keys(vt, sc->steps[i].keys);
        wait_for(vt, sc->steps[i].wait);
    }
    return vt;
}

static const struct scene *scene(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(scenes); i++)
        if (strcmp(scenes[i].name, name) == 0)
            return &scenes[i];
    fail_msg("no scene is called %s", name);
    abort();
}

/* ---- as agreed on ---- */

static void hold_against_golden(const struct scene *sc, struct tutor_spec spec)
{
    char *name = xasprintf("%s-%s-%dx%d", sc->name, spec.lang, spec.cols, spec.rows);
    struct vt *vt = go_to_scene(sc, spec);

    vt_golden(vt, name);
    vt_free(vt);
    free(name);
}

static void each_screen_is_as_agreed(const char *lang, int cols, int rows)
{
    struct tree *t = tree_pack();

    for (size_t i = 0; i < ARRAY_LEN(scenes); i++)
        hold_against_golden(
            &scenes[i], (struct tutor_spec){.tree = t, .lang = lang, .cols = cols, .rows = rows});
    tree_free(t);
}

static void screens_in_english_are_as_agreed(void **state)
{
    (void)state;
    each_screen_is_as_agreed("en", 80, 24);
}

static void screens_in_chinese_are_as_agreed(void **state)
{
    (void)state;
    each_screen_is_as_agreed("zh", 80, 24);
}

static void small_screens_in_english_are_as_agreed(void **state)
{
    (void)state;
    each_screen_is_as_agreed("en", 40, 12);
}

static void small_screens_in_chinese_are_as_agreed(void **state)
{
    (void)state;
    each_screen_is_as_agreed("zh", 40, 12);
}

static void wide_screens_are_as_agreed(void **state)
{
    (void)state;
    static const char *const langs[] = {"en", "zh"};
    struct tree *t = tree_pack();

    for (size_t i = 0; i < ARRAY_LEN(langs); i++)
        hold_against_golden(
            scene("live"),
            (struct tutor_spec){.tree = t, .lang = langs[i], .cols = 120, .rows = 40});
    tree_free(t);
}

/* ---- poor terminals ---- */

static void ascii_drawing_is_as_agreed(void **state)
{
    (void)state;
    static const char *const names[] = {"home", "page", "predicted"};
    static const char *const envs[] = {"LANG=C", "LC_ALL=C", "LC_CTYPE=POSIX"};
    struct tree *t = tree_pack();

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct scene *sc = scene(names[i]);
        char *name = xasprintf("%s-ascii", names[i]);
        struct scene by_option = *sc;
        if (sc->words[0])
            by_option.words[1] = "--ascii";
        else
            by_option.words[0] = "--ascii";
        for (size_t k = 0; k < ARRAY_LEN(by_option.steps); k++)
            if (by_option.steps[k].wait && strcmp(by_option.steps[k].wait, "●") == 0)
                by_option.steps[k].wait = "Kept.";
        struct vt *vt = go_to_scene(&by_option, (struct tutor_spec){.tree = t, .lang = "en"});
        vt_golden(vt, name);
        vt_free(vt);
        by_option.words[sc->words[0] ? 1 : 0] = NULL;
        vt = go_to_scene(
            &by_option, (struct tutor_spec){.tree = t, .lang = "en", .env = {envs[i], "LANGUAGE"}});
        vt_golden(vt, name);
        vt_free(vt);
        free(name);
    }
    tree_free(t);
}

/* A lesson whose words are ASCII is drawn with nothing but ASCII. */
static void ascii_drawing_sends_only_ascii(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = tutor_start(&(struct tutor_spec){
        .tree = t, .lang = "en", .words = {"reading", "--ascii"}, .record = true});
    size_t n;

    vt_wait(vt, " 1/12");
    vt_keys(vt, "nnn");
    vt_wait(vt, "Paragraph 1 ");
    vt_keys(vt, "t");
    vt_wait(vt, "TURN:");
    vt_keys(vt, "1<Enter>");
    vt_wait(vt, "Enter next");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "%");
    vt_keys(vt, "?");
    vt_wait(vt, "On this screen");
    const char *out = vt_recorded(vt, &n);
    for (size_t i = 0; i < n; i++) {
        if (out[i] & 0x80)
            vt_fail_at(vt, __FILE__, __LINE__, "not ASCII: \"%.40s\"", out + i);
    }
    vt_free(vt);
    tree_free(t);
}

static bool has_colour(struct vt *vt)
{
    int rows, cols;

    vt_size(vt, &rows, &cols);
    for (int row = 0; row < rows; row++) {
        for (int col = 0; col < cols; col++) {
            const struct vt_cell c = vt_cell(vt, row, col);
            if (c.fg != VT_DEFAULT || c.bg != VT_DEFAULT)
                return true;
        }
    }
    return false;
}

static void colours_can_be_switched_off(void **state)
{
    (void)state;
    struct tree *t = tree_pack();

    for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
        struct vt *vt = go_to_scene(
            &scenes[i], (struct tutor_spec){.tree = t, .lang = "en", .env = {"NO_COLOR=1"}});
        char *name = xasprintf("%s-en-80x24", scenes[i].name);
        vt_golden(vt, name); /* the words and signs are the same */
        assert_false(has_colour(vt));
        vt_free(vt);
        free(name);
    }
    struct vt *vt = tutor_start(&(struct tutor_spec){.tree = t, .words = {"--no-color"}});
    vt_wait(vt, "0/6");
    assert_false(has_colour(vt));
    vt_free(vt);
    vt = tutor_start(&(struct tutor_spec){.tree = t, .env = {"NO_COLOR="}}); /* empty: not set */
    vt_wait(vt, "0/6");
    assert_true(has_colour(vt));
    vt_free(vt);
    tree_free(t);
}

static void older_terminals_will_do(void **state)
{
    (void)state;
    static const char *const terms[] = {"TERM=vt100", "TERM=linux", "TERM=screen", "TERM=xterm"};
    struct tree *t = tree_pack();

    for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
        struct vt *vt = go_to_scene(
            scene("live"), (struct tutor_spec){.tree = t, .lang = "en", .env = {terms[i]}});
        vt_golden(vt, "live-en-80x24");
        vt_keys(vt, "qq");
        vt_assert_exit(vt, 0);
        vt_assert_restored(vt);
        vt_free(vt);
    }
    tree_free(t);
}

static void an_unknown_terminal_is_an_error(void **state)
{
    (void)state;
    static const char *const terms[] = {"TERM=no-such-terminal", "TERM=", "TERM"};

    for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
        struct vt *vt = tutor_start(&(struct tutor_spec){.env = {terms[i]}, .cols = 120});
        vt_assert_exit(vt, 1);
        vt_wait(vt, "is unknown: set TERM");
        vt_assert_restored(vt);
        vt_free(vt);
    }
}

static void without_a_terminal_it_says_so(void **state)
{
    (void)state;
    static const char *const words[][2] = {{NULL}, {"epoll"}, {"--lang", "zh"}};
    int status;

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct tutor_spec spec = {.home = "/nonexistent"};
        memcpy(spec.words, words[i], sizeof(words[i]));
        char *out = tutor_command(&spec, &status);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 2);
        assert_non_null(strstr(out, "systutor: needs a terminal"));
        free(out);
    }
}

/* ---- any size ---- */

static const struct size {
    int rows, cols;
} sizes[] = {{100, 300}, {12, 40}, {11, 40}, {12, 39}, {11, 39}, {40, 120}, {40, 119}, {1, 2},
             {1, 300},   {100, 2}, {2, 2},   {24, 80}, {12, 40}, {60, 121}, {5, 20},   {24, 80}};

static bool is_same_screen(struct vt *vt, void *screen)
{
    return strcmp(vt_screen(vt), screen) == 0;
}

static void each_screen_can_be_resized_step_by_step(void **state)
{
    (void)state;
    struct tree *t = tree_pack();

    for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
        struct vt *vt = go_to_scene(&scenes[i], (struct tutor_spec){.tree = t, .lang = "en"});
        vt_wait_quiet(vt, 50); /* what was waited for came with the last frame, most likely */
        char *before = xstrdup(vt_screen(vt));
        for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
            const bool too_small = sizes[k].rows < 12 || sizes[k].cols < 40;
            vt_resize(vt, sizes[k].rows, sizes[k].cols);
            if (too_small && sizes[k].rows > 1 && sizes[k].cols >= 39)
                vt_wait(vt, "Please make the window larger");
            else if (!too_small)
                vt_wait_gone(vt, "Please make the window");
        }
        vt_wait_until(vt, is_same_screen, before, "the screen is as it was before");
        free(before);
        vt_free(vt);
    }
    tree_free(t);
}

static void a_storm_of_sizes_is_lived_through(void **state)
{
    (void)state;
    struct tree *t = tree_pack();

    for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
        struct vt *vt = go_to_scene(&scenes[i], (struct tutor_spec){.tree = t, .lang = "zh"});
        vt_wait_quiet(vt, 50);
        char *before = xstrdup(vt_screen(vt));
        for (size_t k = 0; k < 10 * ARRAY_LEN(sizes); k++)
            vt_resize(vt, sizes[k % ARRAY_LEN(sizes)].rows, sizes[k % ARRAY_LEN(sizes)].cols);
        vt_wait_until(vt, is_same_screen, before, "the screen is as it was before");
        free(before);
        vt_free(vt);
    }
    tree_free(t);
}

/* Without wide characters: libvterm 0.1.4 cannot hold one in a single column. */
static void a_window_of_one_cell_is_lived_through(void **state)
{
    (void)state;
    static const char *const keys[] = {"", "<Enter>", "<Enter>", "t", "?", "q", "<Esc>", "/page"};
    static const struct size tiny[] = {{1, 1}, {24, 80}, {1, 300}, {100, 1}, {2, 1}, {24, 80}};
    struct tree *t = tree_pack();
    struct vt *vt =
        tutor_start(&(struct tutor_spec){.tree = t, .lang = "en", .words = {"reading", "--ascii"}});

    vt_wait(vt, " 1/12");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        vt_keys(vt, keys[i]);
        for (size_t k = 0; k < ARRAY_LEN(tiny); k++)
            vt_resize(vt, tiny[k].rows, tiny[k].cols);
        vt_keys(vt, i % 2 ? "" : "<C-l>");
    }
    vt_wait(vt, "/ page");
    vt_wait(vt, "A lesson to read");
    vt_free(vt);
    tree_free(t);
}

static void keys_in_a_window_that_is_too_small_do_no_harm(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = go_to_scene(scene("home"), (struct tutor_spec){.tree = t, .lang = "en"});

    vt_resize(vt, 5, 30);
    vt_wait(vt, "Please make the window larger");
    vt_keys(vt, "<Enter>nd?q/x<Esc>jk<Tab>q");
    vt_resize(vt, 24, 80);
    vt_wait_gone(vt, "Please make");
    vt_resize(vt, 2, 39);
    vt_wait(vt, "Please make the window larger");
    vt_keys(vt, "qqqq");
    vt_assert_exit(vt, 0);
    vt_assert_restored(vt);
    vt_free(vt);
    tree_free(t);
}

/* ---- stopped and resumed ---- */

static void ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    const char *const argv[] = {"sh", "-i", NULL};
    const char *const env[] = {"PS1=prompt> ", NULL};
    struct vt *vt = vt_start(&(struct vt_spec){.argv = argv, .env = env});
    char *command = xasprintf("%s --lang en kinds<Enter>", tree_path(t, "build/systutor"));

    vt_wait(vt, "prompt>");
    vt_keys(vt, command);
    vt_wait(vt, " 1/3");
    vt_keys(vt, "n");
    vt_wait(vt, " 2/3");
    for (int i = 0; i < 3; i++) {
        vt_keys(vt, "<C-z>");
        vt_wait(vt, "Stopped");
        vt_assert_restored(vt);
        vt_resize(vt, 24 + i, 80);
        vt_keys(vt, "fg<Enter>");
        vt_wait(vt, " 2/3");
        vt_wait_gone(vt, "Stopped");
        assert_true(vt_altscreen(vt));
    }
    vt_keys(vt, "n");
    vt_wait(vt, " 3/3");
    vt_keys(vt, "qq");
    vt_wait_gone(vt, " 3/3");
    vt_wait(vt, "prompt>");
    vt_assert_restored(vt);
    vt_free(vt);
    free(command);
    tree_free(t);
}

/* Nobody could resume it: as for every program in an orphaned process group, nothing happens. */
static void ctrl_z_without_job_control_does_nothing(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = go_to_scene(scene("page"), (struct tutor_spec){.tree = t, .lang = "en"});

    vt_keys(vt, "<C-z>");
    vt_keys(vt, "n");
    vt_wait(vt, " 2/3");
    vt_free(vt);
    tree_free(t);
}

static bool is_stopped(struct vt *vt, void *arg)
{
    siginfo_t info = {.si_pid = 0};

    (void)arg;
    return waitid(P_PID, (id_t)vt_pid(vt), &info, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid != 0;
}

static bool wait_stopped(struct vt *vt)
{
    for (int i = 0; i < vt_limit_ms() && !is_stopped(vt, NULL); i++)
        vt_until(vt, is_stopped, NULL, 1);
    return is_stopped(vt, NULL);
}

static void sigstop_and_sigcont_bring_the_screen_back(void **state)
{
    (void)state;
    struct tree *t = tree_pack();
    struct vt *vt = go_to_scene(scene("page"), (struct tutor_spec){.tree = t, .lang = "en"});

    vt_signal(vt, SIGSTOP);
    assert_true(wait_stopped(vt));
    vt_resize(vt, 30, 100);
    vt_signal(vt, SIGCONT);
    vt_keys(vt, "n");
    vt_wait(vt, " 2/3");
    vt_free(vt);
    tree_free(t);
}

/* ---- however it ends ---- */

static void each_polite_signal_ends_it_well(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
    struct tree *t = tree_pack();

    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        struct vt *vt = go_to_scene(scene("page"), (struct tutor_spec){.tree = t, .lang = "en"});
        vt_signal(vt, signals[i]);
        vt_assert_exit(vt, 0);
        vt_assert_restored(vt);
        vt_free(vt);
    }
    tree_free(t);
}

static void keys_that_end_programs_end_it_well(void **state)
{
    (void)state;
    static const char *const keys[] = {"q", "<C-c>", "<C-\\>"};
    struct tree *t = tree_pack();

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct vt *vt = go_to_scene(scene("home"), (struct tutor_spec){.tree = t, .lang = "en"});
        vt_keys(vt, keys[i]);
        vt_assert_exit(vt, 0);
        vt_assert_restored(vt);
        vt_free(vt);
    }
    tree_free(t);
}

/* A tutor whose demo hangs: five processes with this mark. */
static struct vt *start_hanging(struct tree *t, const char *mark)
{
    tree_demo_lesson(t, "hang", "hang", "x", 60);
    struct vt *vt = tutor_start(
        &(struct tutor_spec){.tree = t, .lang = "en", .words = {"hang"}, .env = {mark}});
    vt_wait(vt, "The page of");
    vt_keys(vt, "d");
    vt_wait(vt, "Parameters");
    vt_keys(vt, "1r");
    vt_wait(vt, "all four hang");
    tutor_wait_marked(vt, mark, 5);
    return vt;
}

static void a_crash_gives_the_terminal_back(void **state)
{
    (void)state;
    static const int signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
    struct tree *t = tree_pack();

    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        struct vt *vt = go_to_scene(scene("page"), (struct tutor_spec){.tree = t, .lang = "en"});
        int status;
        vt_signal(vt, signals[i]);
        vt_wait_exit(vt, &status);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
        vt_assert_restored(vt);
        vt_free(vt);
    }
    tree_free(t);
}

/* What ends the tutor ends the demo's whole family; but after SIGKILL (or a crash) nobody is there
 * to look for what has left the family. */
static void a_signal_ends_what_runs_as_well(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT};

    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        struct tree *t = tree_new(NULL);
        char *mark = xstrdup(tutor_mark());
        struct vt *vt = start_hanging(t, mark);
        vt_signal(vt, signals[i]);
        vt_assert_exit(vt, 0);
        vt_assert_restored(vt);
        tutor_wait_marked(NULL, mark, 0);
        vt_free(vt);
        tree_free(t);
        free(mark);
    }
}

static void a_closed_window_ends_it_and_what_runs(void **state)
{
    (void)state;
    struct tree *t = tree_new(NULL);
    char *mark = xstrdup(tutor_mark());
    struct vt *vt = start_hanging(t, mark);
    int status;

    vt_hang_up(vt);
    vt_wait_exit(vt, &status);
    tutor_wait_marked(NULL, mark, 0);
    vt_free(vt);
    tree_free(t);
    free(mark);
}

/* An argument names the tests to run, with * and ?. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(screens_in_english_are_as_agreed, tutor_teardown),
        cmocka_unit_test_teardown(screens_in_chinese_are_as_agreed, tutor_teardown),
        cmocka_unit_test_teardown(small_screens_in_english_are_as_agreed, tutor_teardown),
        cmocka_unit_test_teardown(small_screens_in_chinese_are_as_agreed, tutor_teardown),
        cmocka_unit_test_teardown(wide_screens_are_as_agreed, tutor_teardown),
        cmocka_unit_test_teardown(ascii_drawing_is_as_agreed, tutor_teardown),
        cmocka_unit_test_teardown(ascii_drawing_sends_only_ascii, tutor_teardown),
        cmocka_unit_test_teardown(colours_can_be_switched_off, tutor_teardown),
        cmocka_unit_test_teardown(older_terminals_will_do, tutor_teardown),
        cmocka_unit_test_teardown(an_unknown_terminal_is_an_error, tutor_teardown),
        cmocka_unit_test_teardown(without_a_terminal_it_says_so, tutor_teardown),
        cmocka_unit_test_teardown(each_screen_can_be_resized_step_by_step, tutor_teardown),
        cmocka_unit_test_teardown(a_storm_of_sizes_is_lived_through, tutor_teardown),
        cmocka_unit_test_teardown(a_window_of_one_cell_is_lived_through, tutor_teardown),
        cmocka_unit_test_teardown(keys_in_a_window_that_is_too_small_do_no_harm, tutor_teardown),
        cmocka_unit_test_teardown(ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back,
                                  tutor_teardown),
        cmocka_unit_test_teardown(ctrl_z_without_job_control_does_nothing, tutor_teardown),
        cmocka_unit_test_teardown(sigstop_and_sigcont_bring_the_screen_back, tutor_teardown),
        cmocka_unit_test_teardown(each_polite_signal_ends_it_well, tutor_teardown),
        cmocka_unit_test_teardown(keys_that_end_programs_end_it_well, tutor_teardown),
        cmocka_unit_test_teardown(a_crash_gives_the_terminal_back, tutor_teardown),
        cmocka_unit_test_teardown(a_signal_ends_what_runs_as_well, tutor_teardown),
        cmocka_unit_test_teardown(a_closed_window_ends_it_and_what_runs, tutor_teardown),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
