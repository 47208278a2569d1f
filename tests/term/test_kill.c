/*
 * test_kill.c: the tutor is killed with SIGKILL 200 times, at random moments of reading, answering
 * and running demos, over one database. What the learner has seen acknowledged must be there
 * afterwards: each answer whose feedback was shown, the page read last (or one turn before), the
 * place in an unfinished quiz, each run that was shown as ended.
 *
 * "Random" is a fixed seed (SYSTUTOR_KILL_SEED changes it): what is done is the same every time,
 * where exactly the kill hits is up to the scheduler.
 */
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base.h"
#include "buf.h"
#include "pty.h"
#include "tutor.h"

enum { KILLS = 200, QUESTIONS = 30, PAGES = 12, MAX_ANSWERS = 2 * KILLS, DELAY_MS = 8 };

struct learner {
    struct tree *tree;
    const char *home;
    char mark[64];
    uint64_t random;

    int n_typed;             /* answers so far; number i is the text "w<i>" */
    bool seen[MAX_ANSWERS];  /* its feedback was on the screen */
    int given;               /* answers seen in the quiz under way */
    bool maybe;              /* one more was sent before the kill */
    int page, before, ahead; /* of "reading", from 1: seen last, seen before, perhaps turned to */
    int runs;                /* seen ended */
};

/* xorshift64* (Vigna 2016) */
static int pick(struct learner *l, int n)
{
    l->random ^= l->random >> 12;
    l->random ^= l->random << 25;
    l->random ^= l->random >> 27;
    return (int)((l->random * 2685821657736338717u >> 33) % (uint64_t)n);
}

/* ---- the lesson whose answers can be told apart ---- */

static void write_serial_lesson(struct tree *t)
{
    struct buf quiz = {0};

    tree_demo_lesson(t, "serial", NULL, "x", 5);
    buf_puts(&quiz, "{\"questions\":[");
    for (int i = 0; i < QUESTIONS; i++)
        buf_printf(&quiz,
                   "%s{\"id\":\"q%d\",\"kind\":\"text\",\"claim\":\"it-holds\",\"meaning\":1,"
                   "\"text\":\"Question %d?\",\"accept\":[\"right\"],"
                   "\"wrong\":[{\"value\":\"left\",\"why\":\"No.\"}],\"why\":\"Because.\"}",
                   i ? "," : "", i, i);
    buf_puts(&quiz, "]}\n");
    tree_write(t, "content/10-demos/10-serial/quiz.json", buf_text(&quiz));
    buf_release(&quiz);
}

/* ---- starting and killing ---- */

static struct vt *start(struct learner *l, const char *first, const char *second)
{
    return tutor_start(&(struct tutor_spec){.tree = l->tree,
                                            .home = l->home,
                                            .lang = "en",
                                            .words = {first, second},
                                            .env = {l->mark}});
}

static bool never(struct vt *vt, void *arg)
{
    (void)vt;
    (void)arg;
    return false;
}

static void kill_at_once(struct vt *vt)
{
    int status;

    vt_signal(vt, SIGKILL);
    vt_wait_exit(vt, &status);
    vt_free(vt);
}

/* A random moment after what was sent last. */
static void kill_soon(struct learner *l, struct vt *vt)
{
    vt_until(vt, never, NULL, pick(l, DELAY_MS));
    kill_at_once(vt);
}

/* The number before text in the first row, "5/12" or "3/30, "; -1 if text is not there. */
static int place_before(struct vt *vt, const char *text)
{
    const char *row = vt_row(vt, 0);
    const char *at = strstr(row, text);

    if (!at)
        return -1;
    while (at > row && at[-1] >= '0' && at[-1] <= '9')
        at--;
    return atoi(at);
}

static bool has_place(struct vt *vt, void *text)
{
    return place_before(vt, text) > 0;
}

static int wait_place(struct vt *vt, const char *text)
{
    char *copy = xstrdup(text);

    vt_wait_until(vt, has_place, copy, "the place is shown");
    free(copy);
    return place_before(vt, text);
}

/* ---- what a learner does until the power fails ---- */

static void turn(struct learner *l, struct vt *vt)
{
    const int step = l->page == 1 ? 1 : l->page == PAGES ? -1 : pick(l, 3) ? 1 : -1;
    char *place = xasprintf(" %d/12", l->page + step);

    vt_keys(vt, step > 0 ? "n" : "p");
    vt_wait(vt, place);
    l->before = l->page;
    l->page = l->ahead = l->page + step;
    free(place);
}

static void read_pages(struct learner *l)
{
    struct vt *vt = start(l, "reading", NULL);
    const int at = wait_place(vt, "/12");

    if (at != l->page && at != l->before && at != l->ahead)
        vt_fail_at(vt, __FILE__, __LINE__, "page %d was seen last (%d before, %d sent for)",
                   l->page, l->before, l->ahead);
    l->page = l->before = l->ahead = at;
    for (int n = pick(l, 4); n > 0; n--)
        turn(l, vt);
    if (pick(l, 2) && l->page < PAGES) {
        vt_keys(vt, "n");
        l->ahead = l->page + 1;
    }
    kill_soon(l, vt);
}

static void type_answer(struct learner *l, struct vt *vt)
{
    char *keys = xasprintf("w%d<Enter>", l->n_typed++);

    vt_keys(vt, keys);
    free(keys);
}

static void answer(struct learner *l, struct vt *vt)
{
    const int i = l->n_typed;
    char *place = xasprintf("%d/30, ", l->given + 1);

    vt_wait(vt, place);
    type_answer(l, vt);
    vt_wait(vt, "Not right.");
    l->seen[i] = true;
    l->given++;
    vt_wait(vt, "Enter next");
    vt_keys(vt, "<Enter>");
    vt_wait_gone(vt, "Not right.");
    free(place);
}

static void take_quiz(struct learner *l)
{
    struct vt *vt = start(l, "quiz", "serial");
    const int given = wait_place(vt, "/30, ") - 1;

    if (l->given + l->maybe == QUESTIONS && given == 0)
        l->given = 0; /* that one was finished: this is another */
    else if (given != l->given && given != l->given + l->maybe)
        vt_fail_at(vt, __FILE__, __LINE__, "%d answers were seen, %d are there", l->given, given);
    l->given = given;
    l->maybe = false;
    for (int n = pick(l, 3); n > 0 && l->given < QUESTIONS; n--)
        answer(l, vt);
    if (l->given < QUESTIONS && pick(l, 4)) {
        type_answer(l, vt);
        l->maybe = true;
    }
    kill_soon(l, vt);
}

static void run_a_demo(struct learner *l)
{
    struct vt *vt = start(l, "kinds", NULL);

    wait_place(vt, "/3");
    vt_keys(vt, "/a coin is thrown; which");
    vt_wait(vt, "1 found");
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "Parameters");
    vt_keys(vt, "r");
    vt_wait(vt, "predict first");
    vt_keys(vt, "r");
    if (pick(l, 2)) {
        vt_wait(vt, "1 of 1 claims hold");
        l->runs++;
    }
    kill_soon(l, vt);
}

static void only_start(struct learner *l)
{
    kill_soon(l, start(l, NULL, NULL));
}

/* ---- afterwards ---- */

static int count_of(sqlite3 *db, const char *sql, const char *text)
{
    sqlite3_stmt *stmt;

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    if (text)
        assert_int_equal(sqlite3_bind_text(stmt, 1, text, -1, SQLITE_TRANSIENT), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    const int n = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

static int count_answers(const struct learner *l, sqlite3 *db)
{
    int all = 0;

    for (int i = 0; i < l->n_typed; i++) {
        char *text = xasprintf("w%d", i);
        const int n = count_of(db,
                               "SELECT count(*) FROM event WHERE kind = 'answer' AND "
                               "json_extract(payload, '$.response') = ?",
                               text);
        if (n > 1 || (l->seen[i] && n == 0))
            fail_msg("answer %s is there %d times, %s", text, n,
                     l->seen[i] ? "its feedback was seen" : "its feedback was not seen");
        all += n;
        free(text);
    }
    return all;
}

static void check_database(const struct learner *l)
{
    char *path = xasprintf("%s/.local/share/systutor/progress.db", l->home);
    sqlite3 *db;

    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(
        count_of(db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'",
                 NULL),
        1);
    const int answers = count_answers(l, db);
    assert_int_equal(answers,
                     count_of(db, "SELECT count(*) FROM event WHERE kind = 'answer'", NULL));
    assert_in_range(count_of(db, "SELECT count(*) FROM event WHERE kind = 'run'", NULL), l->runs,
                    KILLS);
    print_message("%d answers, %d runs seen\n", answers, l->runs);
    sqlite3_close(db);
    free(path);
}

/* The tutor's own opinion: sound, and what is derived equals what the events say. */
static void check_with_doctor(const struct learner *l)
{
    int status;
    char *out = tutor_command(
        &(struct tutor_spec){.tree = l->tree, .home = l->home, .lang = "en", .words = {"doctor"}},
        &status);

    if (!strstr(out, "sound: "))
        fail_msg("doctor says: %s", out);
    free(out);
}

static void nothing_acknowledged_is_lost_in_200_kills(void **state)
{
    (void)state;
    const char *seed = getenv("SYSTUTOR_KILL_SEED");
    struct tree *t = tree_pack();
    struct learner l = {.tree = t,
                        .home = tree_home(t),
                        .random = seed ? strtoull(seed, NULL, 10) | 1 : 20260301,
                        .page = 1,
                        .before = 1,
                        .ahead = 1};

    snprintf(l.mark, sizeof(l.mark), "%s", tutor_mark());
    write_serial_lesson(t);
    for (int i = 0; i < KILLS; i++) {
        const int what = pick(&l, 20);
        if (what < 8)
            take_quiz(&l);
        else if (what < 14)
            read_pages(&l);
        else if (what < 18)
            run_a_demo(&l);
        else
            only_start(&l);
    }
    tutor_wait_marked(NULL, l.mark, 0);
    check_database(&l);
    check_with_doctor(&l);
    tree_free(t);
}

/* An argument names the tests to run, with * and ?. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(nothing_acknowledged_is_lost_in_200_kills, tutor_teardown),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
