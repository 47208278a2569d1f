/*
 * test_store_faults.c: the Nth thing that can fail fails, for every N: opening, reading, writing,
 * syncing and deleting a file, mapping shared memory, allocating; and the power goes at the Nth
 * write, truncation or sync. Afterwards every acknowledged answer is there and the database is
 * sound.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include "faulty.h"
#include "store_test.h"

/* ---- the scenario ---- */

enum { ANSWERS = 6, OLD_ANSWERS = 3 };

/* What the store said it had done. */
struct acks {
    bool answers[ANSWERS];
    bool position, run, setting, session, ended;
    int refused; /* calls that failed */
    int fd;      /* of a pipe that gets a byte for each answer; -1 for none */
};

/* A refusal must say why, in one line that names the file. */
static bool noted(struct acks *acks, bool ok, const struct err *e)
{
    if (!ok) {
        acks->refused++;
        if (!strstr(e->text, db_path) || strchr(e->text, '\n'))
            die("bad message after a fault: \"%s\"", e->text);
    }
    return ok;
}

static void item_name(char out[16], int i)
{
    snprintf(out, 16, "l/q%d", i);
}

static void give_answers(struct store *s, const struct store_id *session, struct acks *acks)
{
    for (int i = 0; i < ANSWERS; i++) {
        struct err e = {""};
        char item[16];
        item_name(item, i);
        acks->answers[i] = noted(
            acks, answer_at(s, T0 + i, acks->session ? session->text : NULL, item, i % 2, &e), &e);
        const char byte = (char)i;
        if (acks->answers[i] && acks->fd >= 0 && write(acks->fd, &byte, 1) != 1)
            _exit(9);
    }
}

static void use_store(struct store *s, struct acks *acks)
{
    static const char *const items[ANSWERS] = {"l/q0", "l/q1", "l/q2", "l/q3", "l/q4", "l/q5"};
    const struct store_verdict verdict = {"C1", "pass", "1", "x > 0"};
    const struct store_run run = {"l", "demo", "", "ok", -1, &verdict, 1};
    struct store_id session = {""};
    struct err e = {""};

    acks->session =
        noted(acks, store_session_start(s, T0, "lesson", "l", 1, items, ANSWERS, &session, &e), &e);
    give_answers(s, &session, acks);
    acks->position = noted(acks, store_position_set(s, T0, "l", 4, &e), &e);
    acks->run = noted(acks, store_run_add(s, T0, &run, &e), &e);
    acks->setting = noted(acks, store_setting_set(s, "lang", "zh", &e), &e);
    acks->ended =
        acks->session && noted(acks, store_session_end(s, T0, session.text, true, &e), &e);
    free(store_setting(s, "lang"));
}

static void scenario(struct acks *acks)
{
    struct err e = {""};
    struct store *s = store_open(db_path, MIGRATIONS, &e);

    if (!noted(acks, s != NULL, &e))
        return;
    use_store(s, acks);
    store_close(s);
}

static void only_open(struct acks *acks)
{
    struct err e = {""};
    struct store *s = store_open(db_path, MIGRATIONS, &e);

    noted(acks, s != NULL, &e);
    store_close(s);
}

static void check_answers(struct store *s, const bool answers[ANSWERS], const char *what, int nth)
{
    for (int i = 0; i < ANSWERS; i++) {
        char sql[128];
        sqlite3_stmt *st = NULL;
        snprintf(sql, sizeof(sql),
                 "SELECT count(*) FROM event WHERE kind = 'answer' AND item = 'l/q%d'", i);
        assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(st), SQLITE_ROW);
        const int n = sqlite3_column_int(st, 0);
        sqlite3_finalize(st);
        if (n > 1 || (answers[i] && n == 0))
            fail_msg("%s, %d: answer %d was %sacknowledged and is there %d times", what, nth, i,
                     answers[i] ? "" : "not ", n);
    }
}

/* With a handle of its own, after the fault. */
static void check_after(const struct acks *acks, const char *what, int nth)
{
    struct err e = {""};
    struct store *s = store_open(db_path, MIGRATIONS, &e);

    if (!s) {
        fail_msg("%s, %d: cannot open again: %s", what, nth, e.text);
        return;
    }
    if (!store_verify(s, &e))
        fail_msg("%s, %d: %s", what, nth, e.text);
    check_answers(s, acks->answers, what, nth);
    assert_true(!acks->position || store_position(s, "l") == 4);
    char *lang = store_setting(s, "lang");
    assert_true(!acks->setting || (lang && strcmp(lang, "zh") == 0));
    free(lang);
    if (!answer_at(s, T0 + DAY, NULL, "l/after", true, &e))
        fail_msg("%s, %d: cannot go on: %s", what, nth, e.text);
    store_close(s);
}

static void remove_database(void)
{
    static const char *const suffixes[] = {"",         "-wal",       "-shm",
                                           "-journal", ".backup-v1", ".backup-v1.new"};

    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        char *path = xasprintf("%s%s", db_path, suffixes[i]);
        unlink(path);
        free(path);
    }
}

static void make_template(const char *path)
{
    struct err e = {""};
    struct store *s = must_open(path);

    for (int i = 0; i < OLD_ANSWERS; i++)
        assert_true(answer_at(s, T0 - DAY, NULL, "old/q", true, &e));
    store_close(s);
}

/* A database with a past: made once in a test, then copied. */
static void make_existing(void)
{
    char *template = folder_file(&folder, "template.db");

    if (!exists(template, ""))
        make_template(template);
    copy_file(template, db_path);
    free(template);
}

/* How often the scenario was refused something, over all N. */
static int fail_every(enum fault kind, bool forever, bool existing, void (*act)(struct acks *acks))
{
    int refused = 0;

    for (int nth = 1;; nth++) {
        struct acks acks = {.fd = -1};
        remove_database();
        if (existing)
            make_existing();
        arm(kind, nth, forever);
        act(&acks);
        disarm();
        check_after(&acks, faults[kind].name, nth);
        refused += acks.refused;
        if (!plan.fired) {
            assert_int_equal(acks.refused, 0);
            assert_true(nth > 1); /* it did fail at least once */
            return refused;
        }
    }
}

static void fail_everywhere(enum fault kind)
{
    for (int variant = 0; variant < 4; variant++)
        assert_true(fail_every(kind, variant & 1, variant & 2, scenario) > 0);
}

static void every_open_may_fail(void **unused)
{
    (void)unused;
    fail_everywhere(FAULT_OPEN);
}

static void every_read_may_fail(void **unused)
{
    (void)unused;
    fail_everywhere(FAULT_READ);
}

static void every_write_may_fail(void **unused)
{
    (void)unused;
    fail_everywhere(FAULT_WRITE);
}

static void the_disk_may_be_full_at_every_write(void **unused)
{
    (void)unused;
    fail_everywhere(FAULT_FULL);
}

static void every_sync_may_fail(void **unused)
{
    (void)unused;
    fail_everywhere(FAULT_SYNC);
}

static void every_mapping_may_fail(void **unused)
{
    (void)unused;
    fail_everywhere(FAULT_SHM);
}

/* Files are deleted in the making and at the end only, where SQLite may shrug it off. */
static void every_deletion_may_fail(void **unused)
{
    (void)unused;
    for (int variant = 0; variant < 2; variant++) {
        fail_every(FAULT_DELETE, variant, false, scenario);
        fail_every(FAULT_DELETE, variant, true, scenario);
    }
}

static void every_allocation_may_fail(void **unused)
{
    (void)unused;
    assert_true(fail_every(FAULT_ALLOC, false, true, scenario) > 0);
    assert_true(fail_every(FAULT_ALLOC, true, false, only_open) > 0);
}

/* A failed answer is not to be seen by the handle that failed, either. */
static void a_failed_answer_leaves_no_rows_behind(void **unused)
{
    (void)unused;
    static const enum fault kinds[] = {FAULT_WRITE, FAULT_FULL, FAULT_SYNC, FAULT_ALLOC};

    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        remove_database();
        make_existing();
        struct store *s = must_open(db_path);
        struct err e = {""};
        int saved = OLD_ANSWERS;
        bool ok = false;
        for (int nth = 1; !ok; nth++) {
            arm(kinds[k], nth, false);
            ok = answer_at(s, T0 + nth, NULL, "l/q", true, &e);
            disarm();
            saved += ok;
            assert_int_equal(count_answers(s), saved);
            assert_true(nth < 500);
        }
        if (!store_verify(s, &e))
            fail_msg("%s: %s", faults[kinds[k]].name, e.text);
        store_close(s);
    }
}

/* ---- migrations ---- */

static char *migrations_to_2(void)
{
    char *dir = folder_file(&folder, "migrations");
    char *first = xasprintf("%s/001-initial.sql", dir);
    char *second = xasprintf("%s/002-more.sql", dir);
    static const char sql[] = "CREATE TABLE more (x INTEGER); INSERT INTO more VALUES (1);"
                              "ALTER TABLE position ADD COLUMN y TEXT;";

    assert_int_equal(mkdir(dir, 0700), 0);
    copy_file(MIGRATIONS "/001-initial.sql", first);
    write_bytes(second, sql, strlen(sql));
    free(first);
    free(second);
    return dir;
}

/* Version 1, whole, or version 2, whole, with a backup then. */
static void check_migrated(bool done, const char *what, int nth)
{
    const int64_t version = query_number(db_path, "PRAGMA user_version");

    if (version != 1 && version != 2)
        fail_msg("%s, %d: version %lld", what, nth, (long long)version);
    assert_true(!done || version == 2);
    assert_int_equal(query_number(db_path, "SELECT sum(answers) FROM card"), OLD_ANSWERS);
    assert_int_equal(query_number(db_path, "SELECT count(*) FROM event"), OLD_ANSWERS);
    if (version == 2) {
        char *backup = xasprintf("%s.backup-v1", db_path);
        assert_int_equal(query_number(backup, "SELECT count(*) FROM event"), OLD_ANSWERS);
        free(backup);
    }
}

static void a_migration_that_meets_a_fault_is_whole_or_not_at_all(void **unused)
{
    (void)unused;
    static const enum fault kinds[] = {FAULT_OPEN, FAULT_READ, FAULT_WRITE,
                                       FAULT_FULL, FAULT_SYNC, FAULT_ALLOC};
    char *dir = migrations_to_2();

    for (size_t k = 0; k < 2 * ARRAY_LEN(kinds); k++) {
        const enum fault kind = kinds[k / 2];
        plan.fired = 1;
        for (int nth = 1; plan.fired; nth++) {
            struct err e = {""};
            remove_database();
            make_existing();
            struct store *s = must_open(db_path);
            arm(kind, nth, k % 2);
            const bool done = store_migrate(s, dir, 2, &e);
            disarm();
            store_close(s);
            assert_true(done || e.text[0]);
            check_migrated(done, faults[kind].name, nth);
        }
    }
    free(dir);
}

/* ---- power ---- */

static _Noreturn void run_until_the_power_goes(int nth, uint64_t seed, int fd)
{
    struct acks acks = {.fd = fd};

    cut_seed = seed;
    remembering = true;
    arm(FAULT_POWER, nth, false);
    scenario(&acks);
    _exit(acks.refused ? 2 : 1); /* it did not go */
}

/* false if the scenario came to its end. */
static bool cut_power_at(int nth, uint64_t seed)
{
    struct acks acks = {.fd = -1};
    int pipe_fd[2];
    int status = 0;
    char byte;

    assert_int_equal(pipe(pipe_fd), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        run_until_the_power_goes(nth, seed, pipe_fd[1]);
    close(pipe_fd[1]);
    while (read(pipe_fd[0], &byte, 1) == 1)
        acks.answers[(int)byte] = true;
    close(pipe_fd[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);

    char *shm = xasprintf("%s-shm", db_path);
    unlink(shm); /* it was memory */
    free(shm);
    check_after(&acks, "power", nth);
    return WEXITSTATUS(status) == 0;
}

static void the_power_may_go_at_every_write(void **unused)
{
    (void)unused;
    for (uint64_t seed = 0; seed < 4; seed++) {
        bool existing = seed & 1;
        int nth = 0;
        do {
            remove_database();
            if (existing)
                make_existing();
            nth++;
        } while (
            cut_power_at(nth, seed < 2 ? 0 : seed * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)nth));
        assert_true(nth > 30);
    }
}

/* No disk is needed, as it is the VFS that says what is synced; memory is much quicker. */
static int set_up(void **state)
{
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
    return make_folder(state);
}

static int tear_down(void **state)
{
    disarm();
    return remove_folder(state);
}

#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MEMORY(every_open_may_fail),
        IN_MEMORY(every_read_may_fail),
        IN_MEMORY(every_write_may_fail),
        IN_MEMORY(the_disk_may_be_full_at_every_write),
        IN_MEMORY(every_sync_may_fail),
        IN_MEMORY(every_mapping_may_fail),
        IN_MEMORY(every_deletion_may_fail),
        IN_MEMORY(every_allocation_may_fail),
        IN_MEMORY(a_failed_answer_leaves_no_rows_behind),
        IN_MEMORY(a_migration_that_meets_a_fault_is_whole_or_not_at_all),
        IN_MEMORY(the_power_may_go_at_every_write),
    };
    install_allocator(); /* before anything else uses SQLite */
    install_vfs();
    return cmocka_run_group_tests_name("store faults", tests, NULL, NULL);
}
