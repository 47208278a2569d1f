/*
 * test_store_kill.c: kill -9 at any instant. A child writes to one growing database and says
 * through a pipe what the store has acknowledged; it is killed at a random moment, 200 times.
 * Each time every acknowledged answer, position, run and session must be there, and the database
 * sound. $SYSTUTOR_KILL_SEED replaces the seed of the moments.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "store_test.h"

enum { ROUNDS = 200, SESSION_ITEMS = 12, MAX_DELAY_US = 12000 };

/* What a child says: one write of a pipe, so never in part. n is the number of the step. */
enum ack_kind { ACK_ANSWER, ACK_POSITION, ACK_RUN, ACK_SESSION };

struct ack {
    enum ack_kind kind;
    int round, n;
    char session[37];
};

/* What was acknowledged over all rounds. */
struct ledger {
    int answers, last_page, runs;
    char session[37]; /* the last one started in this round, "" for none */
    int session_answers;
};

static uint64_t random_state;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* ---- the child ---- */

static void say(int fd, enum ack_kind kind, int round, int n, const char *session)
{
    struct ack ack = {.kind = kind, .round = round, .n = n};

    snprintf(ack.session, sizeof(ack.session), "%s", session);
    if (write(fd, &ack, sizeof(ack)) != sizeof(ack))
        _exit(3);
}

static void must(bool ok, const struct err *e)
{
    if (!ok)
        die("child: %s", e->text);
}

static void item_name(char out[32], int round, int n)
{
    snprintf(out, 32, "round-%d/q%d", round, n);
}

static struct store_id begin_session(struct store *s, int round, int first)
{
    char names[SESSION_ITEMS][32];
    const char *items[SESSION_ITEMS];
    struct store_id id;
    struct err e = {""};

    for (int i = 0; i < SESSION_ITEMS; i++) {
        item_name(names[i], round, first + i);
        items[i] = names[i];
    }
    must(store_session_start(s, T0 + round, "lesson", "kill", 1, items, SESSION_ITEMS, &id, &e),
         &e);
    return id;
}

static void add_run(struct store *s, int round, int n)
{
    char measured[32];
    struct err e = {""};

    snprintf(measured, sizeof(measured), "%d/%d", round, n);
    const struct store_verdict v = {"C1", "pass", measured, "x > 0"};
    const struct store_run r = {"lesson", "demo", "", "ok", -1, &v, 1};
    must(store_run_add(s, T0 + round, &r, &e), &e);
}

/* Until killed. */
static _Noreturn void write_for_ever(const char *path, int round, int fd)
{
    struct store *s = must_open(path);
    struct store_id session = {""};
    struct err e = {""};

    for (int n = 0;; n++) {
        char item[32];
        if (n % SESSION_ITEMS == 0) {
            session = begin_session(s, round, n);
            say(fd, ACK_SESSION, round, n, session.text);
        }
        item_name(item, round, n);
        must(answer_at(s, T0 + round, session.text, item, n % 3 != 0, &e), &e);
        say(fd, ACK_ANSWER, round, n, "");
        if (n % 4 == 0) {
            must(store_position_set(s, T0 + round, "kill", round * 1000 + n, &e), &e);
            say(fd, ACK_POSITION, round, n, "");
            add_run(s, round, n);
            say(fd, ACK_RUN, round, n, "");
        }
    }
}

/* ---- the parent ---- */

static void take_ack(struct ledger *ledger, const struct ack *ack, int round)
{
    assert_int_equal(ack->round, round);
    switch (ack->kind) {
    case ACK_ANSWER:
        ledger->answers++;
        ledger->session_answers++;
        break;
    case ACK_POSITION:
        ledger->last_page = round * 1000 + ack->n;
        break;
    case ACK_RUN:
        ledger->runs++;
        break;
    case ACK_SESSION:
        memcpy(ledger->session, ack->session, sizeof(ledger->session));
        ledger->session_answers = 0;
        break;
    }
}

/* The first ack, or the end, is waited for: starting a process takes its time. The delay then
 * decides where the writer is hit; every eighth child is killed while it still opens. */
static void kill_at_random(pid_t child, int fd, struct ledger *ledger, int round)
{
    const bool early = next_random() % 8 == 0;
    const long delay_us = (long)(next_random() % (early ? 1500 : MAX_DELAY_US));
    const struct timespec delay = {.tv_nsec = delay_us * 1000};
    struct ack ack;

    if (!early && read(fd, &ack, sizeof(ack)) == sizeof(ack))
        take_ack(ledger, &ack, round);
    nanosleep(&delay, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    while (read(fd, &ack, sizeof(ack)) == sizeof(ack))
        take_ack(ledger, &ack, round);
}

static void round_of_writing(const char *path, struct ledger *ledger, int round)
{
    int fds[2];
    int status = 0;

    assert_int_equal(pipe(fds), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(fds[0]);
        write_for_ever(path, round, fds[1]);
    }
    close(fds[1]);
    ledger->session[0] = '\0';
    kill_at_random(child, fds[0], ledger, round);
    close(fds[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Of the kind that was being written, one more than acknowledged may be there: it was saved, and
 * the child was killed before it could say so. The ledger then learns of it. */
static void check_count(struct store *s, const char *sql, int *acknowledged)
{
    sqlite3_stmt *st = NULL;

    assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    const int n = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    assert_in_range(n, *acknowledged, *acknowledged + 1);
    *acknowledged = n;
}

static void check_session(struct store *s, const struct ledger *ledger)
{
    struct store_session open;
    int answered = 0;

    if (!ledger->session[0])
        return;
    assert_true(store_session_open_find(s, "lesson", "kill", &open));
    if (strcmp(open.id, ledger->session) != 0) { /* a newer one, just begun */
        assert_true(strcmp(open.id, ledger->session) > 0);
        store_session_release(&open);
        return;
    }
    assert_int_equal(open.n_items, SESSION_ITEMS);
    for (size_t i = 0; i < open.n_items; i++)
        answered += open.responses[i] != NULL;
    assert_in_range(answered, ledger->session_answers, ledger->session_answers + 1);
    store_session_release(&open);
}

static void check_database(const char *path, struct ledger *ledger, bool whole)
{
    struct err e = {""};
    struct store *s = must_open(path);

    check_count(s, "SELECT count(*) FROM event WHERE kind = 'answer'", &ledger->answers);
    check_count(s, "SELECT count(*) FROM event WHERE kind = 'run'", &ledger->runs);
    assert_true(store_position(s, "kill") >= ledger->last_page);
    check_session(s, ledger);
    if (whole && !store_verify(s, &e))
        fail_msg("%s", e.text);
    store_close(s);
}

static void killed_200_times_it_keeps_every_acknowledged_answer(void **unused)
{
    (void)unused;
    struct ledger ledger = {.last_page = -1};

    for (int round = 0; round < ROUNDS; round++) {
        round_of_writing(db_path, &ledger, round);
        check_database(db_path, &ledger, round % 10 == 0);
    }
    check_database(db_path, &ledger, true);
    assert_int_equal(query_number(db_path, "SELECT count(*) FROM pragma_integrity_check"
                                           " WHERE integrity_check = 'ok'"),
                     1);
    assert_true(ledger.answers > ROUNDS);
    assert_true(ledger.runs > ROUNDS / 4);
    print_message("%d answers and %d runs acknowledged\n", ledger.answers, ledger.runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(killed_200_times_it_keeps_every_acknowledged_answer),
    };
    const char *seed = getenv("SYSTUTOR_KILL_SEED");

    random_state = seed && *seed ? strtoull(seed, NULL, 10) | 1 : 20240229;
    return cmocka_run_group_tests_name("store, killed", tests, NULL, NULL);
}
