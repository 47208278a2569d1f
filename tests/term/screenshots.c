/*
 * screenshots.c: the pictures of the README, taken of the real tutor: screenshots OUTDIR
 *
 * Makes home.svg, lesson.svg, timeline.svg, graph.svg, sequence.svg, quiz.svg and zh.svg (100x30)
 * and demo.svg (120x36, text and demo side by side). Some progress is made first, by keys. Time and
 * seed are fixed; what the demo measures is of this machine. A cmocka program, because the terminal
 * harness is for such.
 */
#include <errno.h>
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

enum { COLS = 100, ROWS = 30, WIDE_COLS = 120, WIDE_ROWS = 36 };

static const char *outdir;
static char *home; /* one learner's, for all pictures */

static struct vt *start(const char *lang, int cols, int rows, const char *first, const char *second)
{
    return tutor_start(&(struct tutor_spec){
        .home = home, .lang = lang, .cols = cols, .rows = rows, .words = {first, second}});
}

static void take(struct vt *vt, const char *name)
{
    char *path = xasprintf("%s/%s.svg", outdir, name);

    vt_wait_quiet(vt, 300);
    vt_svg(vt, path, "systutor");
    free(path);
}

/* Any answer will do: a number where there is a line to type in, the first of the choices where one
 * is right, else all there is to choose. */
static void answer_somehow(struct vt *vt)
{
    vt_wait(vt, "Enter answer  ");
    if (vt_find(vt, "    > ", NULL, NULL))
        vt_keys(vt, "7<Enter>");
    else
        vt_keys(vt, vt_find(vt, "One is right", NULL, NULL) ? "1<Enter>" : "12345678<Enter>");
    vt_wait(vt, "Enter next");
    vt_keys(vt, "<Enter>");
    vt_wait_gone(vt, "Enter next");
}

static void answer_some(const char *lesson, int n)
{
    struct vt *vt = start("en", COLS, ROWS, "quiz", lesson);

    for (int i = 0; i < n; i++)
        answer_somehow(vt);
    vt_free(vt);
}

static void read_some(const char *lesson, int pages)
{
    struct vt *vt = start("en", COLS, ROWS, lesson, NULL);

    vt_wait(vt, " 1/");
    for (int i = 1; i < pages; i++) {
        char *place = xasprintf(" %d/", i + 1);
        vt_keys(vt, "n");
        vt_wait(vt, place);
        free(place);
    }
    vt_free(vt);
}

static void of_the_demo(void **state)
{
    (void)state;
    struct vt *vt = start("en", WIDE_COLS, WIDE_ROWS, "threads-share", NULL);

    vt_wait(vt, " 1/");
    vt_keys(vt, "n");
    vt_wait(vt, " 2/");
    vt_wait(vt, "1 ○ ");
    vt_keys(vt, "d");
    vt_wait(vt, "1-9 predict");
    vt_keys(vt, "2");
    vt_wait(vt, "Kept.");
    vt_keys(vt, "r");
    vt_wait(vt, "claims hold");
    take(vt, "demo");
    vt_free(vt);
}

/* A run of the lesson's demo, in the view of this key, some steps before its end. */
static void picture(const char *lesson, int pages, const char *view, int back, const char *name)
{
    struct vt *vt = start("en", COLS, ROWS, lesson, NULL);

    vt_wait(vt, " 1/");
    for (int i = 1; i < pages; i++)
        vt_keys(vt, "n");
    vt_keys(vt, "d");
    vt_wait(vt, "1-9 predict");
    vt_keys(vt, "1r");
    vt_wait(vt, "claims hold");
    vt_keys(vt, "v");
    vt_wait(vt, "1 Timeline");
    vt_keys(vt, view);
    for (int i = 0; i < back; i++)
        vt_keys(vt, "h");
    take(vt, name);
    vt_free(vt);
}

static void of_a_timeline(void **state)
{
    (void)state;
    picture("co-scheduling", 2, "1", 20, "timeline");
}

static void of_a_graph(void **state)
{
    (void)state;
    picture("deadlock", 2, "3", 8, "graph");
}

static void of_a_sequence(void **state)
{
    (void)state;
    picture("oauth-flow", 2, "2", 12, "sequence");
}

static void of_the_lesson(void **state)
{
    (void)state;
    struct vt *vt = start("en", COLS, ROWS, "epoll", NULL);

    vt_wait(vt, " 1/");
    vt_keys(vt, "n");
    vt_wait(vt, " 2/");
    take(vt, "lesson");
    vt_free(vt);
}

static void of_a_quiz(void **state)
{
    (void)state;
    struct vt *vt = start("en", COLS, ROWS, "quiz", "epoll");

    vt_wait(vt, "Enter answer  ");
    while (!vt_find(vt, "One is right", NULL, NULL)) { /* a choice shows best what feedback is */
        answer_somehow(vt);
        vt_wait(vt, "Enter answer  ");
    }
    vt_keys(vt, "2<Enter>");
    vt_wait(vt, "Enter next");
    take(vt, "quiz");
    vt_free(vt);
}

static void of_chinese(void **state)
{
    (void)state;
    struct vt *vt = start("zh", COLS, ROWS, "epoll", NULL);

    vt_wait(vt, " 2/");
    take(vt, "zh");
    vt_free(vt);
}

static void of_home(void **state)
{
    (void)state;
    read_some("blocking", 6);
    answer_some("threads-share", 16);
    struct vt *vt = start("en", COLS, ROWS, NULL, NULL);
    vt_wait(vt, "Continue");
    take(vt, "home");
    vt_free(vt);
}

static int make_home(void **state)
{
    (void)state;
    home = pty_dir_new();
    return 0;
}

static int remove_home(void **state)
{
    (void)state;
    pty_dir_remove(home);
    free(home);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest pictures[] = {
        cmocka_unit_test_teardown(of_the_demo, tutor_teardown),
        cmocka_unit_test_teardown(of_the_lesson, tutor_teardown),
        cmocka_unit_test_teardown(of_a_timeline, tutor_teardown),
        cmocka_unit_test_teardown(of_a_graph, tutor_teardown),
        cmocka_unit_test_teardown(of_a_sequence, tutor_teardown),
        cmocka_unit_test_teardown(of_a_quiz, tutor_teardown),
        cmocka_unit_test_teardown(of_chinese, tutor_teardown),
        cmocka_unit_test_teardown(of_home, tutor_teardown),
    };

    if (argc != 2) {
        fputs("usage: screenshots OUTDIR\n", stderr);
        return 2;
    }
    outdir = argv[1];
    if (mkdir(outdir, 0755) < 0 && errno != EEXIST) {
        fprintf(stderr, "screenshots: %s: %s\n", outdir, strerror(errno));
        return 1;
    }
    return cmocka_run_group_tests(pictures, make_home, remove_home);
}
