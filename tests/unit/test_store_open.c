/*
 * test_store_open.c: opening the store, and refusing what is not ours without leaving a trace;
 * migrations and their backup; several handles and processes at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/wait.h>

#include "store_test.h"

/* ---- opening ---- */

static void a_new_database_is_private_and_durable(void **unused)
{
    (void)unused;
    char *path = folder_file(&folder, "deep/er/progress.db");
    char *dir = folder_file(&folder, "deep/er");
    struct stat st;

    struct store *s = must_open(path);
    assert_false(store_is_memory(s));
    assert_int_equal(stored_number(s, "PRAGMA user_version"), STORE_VERSION);
    assert_int_equal(stored_number(s, "PRAGMA application_id"), STORE_APPLICATION_ID);
    assert_int_equal(stored_number(s, "PRAGMA synchronous"), 2);
    assert_int_equal(stored_number(s, "PRAGMA foreign_keys"), 1);
    assert_int_equal(stored_number(s, "PRAGMA trusted_schema"), 0);
    assert_int_equal(stored_number(s, "PRAGMA busy_timeout"), 2000);
    assert_true(exists(path, "-wal"));
    store_close(s);

    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_nothing_beside(path);
    free(dir);
    free(path);
}

/* All of a database that was just made is in its -wal until the first checkpoint. */
static void a_fresh_database_is_read_while_it_is_written(void **unused)
{
    (void)unused;
    char *path = folder_file(&folder, "fresh.db");
    struct err e;

    struct store *s = must_open(path);
    add_answer(s, T0, NULL, "l/q", true);
    struct store *reader = store_open_existing(path, MIGRATIONS, &e);
    assert_non_null(reader);
    assert_int_equal(count_answers(reader), 1);
    store_close(reader);
    store_close(s);
    free(path);
}

static void memory_keeps_nothing_but_works(void **unused)
{
    (void)unused;
    struct store *s = must_open(NULL);

    assert_true(store_is_memory(s));
    add_answer(s, T0, NULL, "l/q", true);
    assert_int_equal(count_answers(s), 1);
    assert_sound(s);
    store_close(s);
    s = must_open(NULL);
    assert_int_equal(count_answers(s), 0);
    store_close(s);
    store_close(NULL);
}

static void reading_creates_nothing(void **unused)
{
    (void)unused;
    struct err e = {"old"};

    assert_null(store_open_existing(db_path, MIGRATIONS, &e));
    assert_string_equal(e.text, "");
    assert_false(exists(db_path, ""));

    write_bytes(db_path, "", 0); /* a tutor that was killed at its first breath */
    assert_null(store_open_existing(db_path, MIGRATIONS, &e));
    assert_string_equal(e.text, "");
    assert_nothing_beside(db_path);
}

static void reading_an_existing_one_cannot_write(void **unused)
{
    (void)unused;
    struct err e = {""};

    struct store *s = must_open(db_path);
    add_answer(s, T0, NULL, "l/q", true);
    store_close(s);
    s = store_open_existing(db_path, MIGRATIONS, &e);
    assert_non_null(s);
    assert_int_equal(count_answers(s), 1);
    assert_false(answer_at(s, T0, NULL, "l/q", true, &e));
    assert_says(&e, db_path);
    store_close(s);
    assert_nothing_beside(db_path);
}

static void a_database_that_was_never_finished_is_finished(void **unused)
{
    (void)unused;
    write_bytes(db_path, "", 0);
    store_close(must_open(db_path));
    assert_int_equal(unlink(db_path), 0);

    assert_int_equal(run_sql(db_path, "PRAGMA journal_mode = WAL"), SQLITE_OK);
    struct store *s = must_open(db_path);
    add_answer(s, T0, NULL, "l/q", true);
    store_close(s);
    assert_int_equal(query_number(db_path, "PRAGMA user_version"), STORE_VERSION);
}

/* ---- refusing ---- */

/* Neither way of opening changes a byte or leaves a file. */
static void assert_refused(const char *path, const char *reason)
{
    struct buf before = {0};
    struct buf after = {0};
    struct err e = {""};

    read_bytes(path, &before);
    assert_null(store_open(path, MIGRATIONS, &e));
    assert_says(&e, path);
    assert_says(&e, reason);
    e.text[0] = '\0';
    assert_null(store_open_existing(path, MIGRATIONS, &e));
    assert_says(&e, reason);
    read_bytes(path, &after);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(buf_text(&before), buf_text(&after), before.len);
    assert_nothing_beside(path);
    buf_release(&before);
    buf_release(&after);
}

static void a_newer_database_is_refused_untouched(void **unused)
{
    (void)unused;
    char sql[64];

    struct store *s = must_open(db_path);
    add_answer(s, T0, NULL, "l/q", true);
    store_close(s);
    snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", STORE_VERSION + 1);
    assert_int_equal(run_sql(db_path, sql), SQLITE_OK);
    assert_refused(db_path, "newer systutor");
}

static void a_newer_version_that_is_only_in_the_wal_is_refused_untouched(void **unused)
{
    (void)unused;
    char *killed = folder_file(&folder, "killed.db");
    char *wal = folder_file(&folder, "progress.db-wal");
    char *killed_wal = folder_file(&folder, "killed.db-wal");
    struct buf before = {0};
    struct buf after = {0};
    struct err e = {""};

    struct store *s = must_open(db_path);
    sqlite3_exec(s->db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    sqlite3_exec(s->db, "PRAGMA user_version = 77", NULL, NULL, NULL);
    copy_file(db_path, killed);
    copy_file(wal, killed_wal);
    store_close(s);
    read_bytes(killed, &before);
    read_bytes(killed_wal, &before);

    assert_null(store_open(killed, MIGRATIONS, &e));
    assert_says(&e, "newer systutor");
    read_bytes(killed, &after);
    read_bytes(killed_wal, &after);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(buf_text(&before), buf_text(&after), before.len);
    buf_release(&before);
    buf_release(&after);
    free(killed_wal);
    free(wal);
    free(killed);
}

static void a_database_of_another_program_is_refused_untouched(void **unused)
{
    (void)unused;
    assert_int_equal(run_sql(db_path, "CREATE TABLE theirs (x)"), SQLITE_OK);
    assert_refused(db_path, "another program");
    assert_int_equal(run_sql(db_path, "PRAGMA journal_mode = WAL"), SQLITE_OK);
    assert_refused(db_path, "another program");
    assert_int_equal(run_sql(db_path, "PRAGMA application_id = 1234"), SQLITE_OK);
    assert_refused(db_path, "another program");
}

static void a_file_that_is_no_database_is_refused_untouched(void **unused)
{
    (void)unused;
    unsigned char noise[8192];

    write_bytes(db_path, "x", 1);
    assert_refused(db_path, "not a database");
    write_bytes(db_path, "SQLite format 3", 16);
    assert_refused(db_path, "not a database");
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (unsigned char)(i * 167 >> 3);
    write_bytes(db_path, noise, sizeof(noise));
    assert_refused(db_path, "not a database");
    memset(noise, 0, sizeof(noise));
    write_bytes(db_path, noise, sizeof(noise));
    assert_refused(db_path, "not a database");
}

static void a_damaged_database_is_refused_untouched(void **unused)
{
    (void)unused;
    struct buf bytes = {0};

    struct store *s = must_open(db_path);
    for (int i = 0; i < 100; i++)
        add_answer(s, T0 + i, NULL, "l/q", true);
    store_close(s);
    read_bytes(db_path, &bytes);
    write_bytes(db_path, bytes.text, bytes.len - 5000); /* cut off */
    assert_refused(db_path, "damaged");
    memset(bytes.text + 100, 0x5a, 3996); /* the schema */
    write_bytes(db_path, bytes.text, bytes.len);
    assert_refused(db_path, "damaged");
    buf_release(&bytes);
}

static void what_is_no_file_is_refused_at_once(void **unused)
{
    (void)unused;
    char *inside = folder_file(&folder, "progress.db/x.db");
    struct err e = {""};

    assert_int_equal(mkfifo(db_path, 0600), 0);
    assert_null(store_open(db_path, MIGRATIONS, &e));
    assert_says(&e, "not a regular file");
    assert_null(store_open_existing(db_path, MIGRATIONS, &e));
    assert_says(&e, "not a regular file");
    assert_int_equal(unlink(db_path), 0);

    assert_null(store_open(folder.path, MIGRATIONS, &e));
    assert_says(&e, "not a regular file");

    write_bytes(db_path, "x", 1);
    assert_null(store_open(inside, MIGRATIONS, &e));
    assert_says(&e, inside);
    free(inside);
}

static void a_missing_migration_is_named_and_nothing_made(void **unused)
{
    (void)unused;
    struct err e = {""};

    assert_null(store_open(db_path, folder.path, &e));
    assert_says(&e, "lacks migration 001");
    assert_null(store_open(db_path, "/nonexistent", &e));
    assert_says(&e, "/nonexistent");
    assert_null(store_open_existing(db_path, MIGRATIONS, &e)); /* still as good as none */
    assert_string_equal(e.text, "");
    store_close(must_open(db_path));
}

/* Runs check in a child that is not root, which permissions do not stop. 0 if all is as it should
 * be, else the number of the check that failed. */
static int as_nobody(int (*check)(void))
{
    const pid_t child = fork();

    if (child == 0) {
        if (getuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
            _exit(99);
        _exit(check());
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int check_unwritable_folder(void)
{
    struct err e = {""};

    if (store_open(db_path, MIGRATIONS, &e))
        return 1;
    return strstr(e.text, db_path) && strstr(e.text, "Permission denied") ? 0 : 2;
}

static int check_unwritable_file(void)
{
    struct err e = {""};

    if (store_open(db_path, MIGRATIONS, &e))
        return 1;
    if (!strstr(e.text, db_path) || !strstr(e.text, "permissions"))
        return 2;
    struct store *s = store_open_existing(db_path, MIGRATIONS, &e);
    if (!s)
        return 3;
    struct store_totals t;
    if (!store_totals(s, &t, &e) || t.answers != 1)
        return 4;
    if (answer_at(s, T0, NULL, "l/q", true, &e))
        return 5;
    store_close(s);
    return exists(db_path, "-wal") || exists(db_path, "-shm") ? 6 : 0;
}

static void without_permission_it_says_so_and_can_still_read(void **unused)
{
    (void)unused;
    assert_int_equal(chmod(folder.path, 0555), 0);
    assert_int_equal(as_nobody(check_unwritable_folder), 0);

    assert_int_equal(chmod(folder.path, 0755), 0);
    struct store *s = must_open(db_path);
    add_answer(s, T0, NULL, "l/q", true);
    store_close(s);
    assert_int_equal(chmod(db_path, 0444), 0);
    assert_int_equal(as_nobody(check_unwritable_file), 0);
    assert_int_equal(chmod(folder.path, 0555), 0);
    assert_int_equal(as_nobody(check_unwritable_file), 0);
    assert_int_equal(chmod(folder.path, 0755), 0);
}

static void odd_characters_in_the_path_are_fine(void **unused)
{
    (void)unused;
    char *odd = folder_file(&folder, "a%20b?c#d&mode=memory.db");

    struct store *s = must_open(odd);
    add_answer(s, T0, NULL, "l/q", true);
    store_close(s);
    assert_int_equal(chmod(odd, 0444), 0);
    char *kept = db_path;
    db_path = odd;
    assert_int_equal(chmod(folder.path, 0755), 0);
    assert_int_equal(as_nobody(check_unwritable_file), 0);
    db_path = kept;
    free(odd);
}

/* ---- migrations ---- */

/* A folder of migrations: the real first one, and the given ones as 002 and on. */
static char *make_migrations(const char *const *more, size_t n)
{
    char *dir = folder_file(&folder, "migrations");
    char *first = xasprintf("%s/001-initial.sql", dir);

    assert_true(mkdir(dir, 0700) == 0 || errno == EEXIST);
    copy_file(MIGRATIONS "/001-initial.sql", first);
    for (size_t i = 0; i < n; i++) {
        char *file = xasprintf("%s/%03zu-step.sql", dir, i + 2);
        write_bytes(file, more[i], strlen(more[i]));
        free(file);
    }
    free(first);
    return dir;
}

static void make_version_1(void)
{
    struct store *s = must_open(db_path);

    add_answer(s, T0, NULL, "l/q", true);
    add_answer(s, T0 + DAY, NULL, "l/r", false);
    set_position(s, T0, "l", 3);
    store_close(s);
}

static void an_older_database_is_copied_and_migrated(void **unused)
{
    (void)unused;
    static const char *const steps[] = {
        "CREATE TABLE extra (x INTEGER) STRICT; DELETE FROM card;",
        "ALTER TABLE card ADD COLUMN ease REAL; INSERT INTO extra VALUES (42);",
    };
    char *dir = make_migrations(steps, ARRAY_LEN(steps));
    char *backup = folder_file(&folder, "progress.db.backup-v1");
    struct err e = {""};
    struct stat st;

    make_version_1();
    struct store *s = must_open(db_path);
    assert_true(store_migrate(s, dir, 3, &e));
    assert_int_equal(stored_number(s, "PRAGMA user_version"), 3);
    assert_int_equal(stored_number(s, "SELECT x FROM extra"), 42);
    assert_int_equal(count_answers(s), 2); /* derived anew */
    assert_int_equal(store_position(s, "l"), 3);
    store_close(s);

    assert_int_equal(stat(backup, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_false(exists(backup, ".new"));
    assert_nothing_beside(backup);
    s = must_open(backup); /* a database of version 1, whole */
    assert_int_equal(count_answers(s), 2);
    assert_sound(s);
    store_close(s);
    assert_refused(db_path, "newer systutor");
    free(backup);
    free(dir);
}

static void a_migration_that_fails_changes_nothing(void **unused)
{
    (void)unused;
    static const char *const steps[] = {
        "DELETE FROM card; CREATE TABLE extra (x INTEGER);",
        "CREATE TABLE extra (x INTEGER);", /* there already */
    };
    char *dir = make_migrations(steps, ARRAY_LEN(steps));
    struct err e = {""};

    make_version_1();
    struct store *s = must_open(db_path);
    assert_false(store_migrate(s, dir, 3, &e));
    assert_says(&e, "003-step.sql");
    assert_int_equal(stored_number(s, "PRAGMA user_version"), 1);
    assert_int_equal(count_answers(s), 2);
    add_answer(s, T0 + 2 * DAY, NULL, "l/q", true);
    store_close(s);
    s = must_open(db_path);
    assert_int_equal(count_answers(s), 3);
    assert_sound(s);
    store_close(s);
    free(dir);
}

static void without_a_backup_there_is_no_migration(void **unused)
{
    (void)unused;
    static const char *const steps[] = {"CREATE TABLE extra (x INTEGER);"};
    char *dir = make_migrations(steps, ARRAY_LEN(steps));
    char *in_the_way = folder_file(&folder, "progress.db.backup-v1");
    struct err e = {""};

    make_version_1();
    assert_int_equal(mkdir(in_the_way, 0700), 0);
    struct store *s = must_open(db_path);
    assert_false(store_migrate(s, dir, 2, &e));
    assert_says(&e, in_the_way);
    assert_int_equal(stored_number(s, "PRAGMA user_version"), 1);
    assert_false(exists(in_the_way, ".new"));
    store_close(s);

    assert_int_equal(rmdir(in_the_way), 0);
    s = must_open(db_path);
    assert_true(store_migrate(s, dir, 2, &e));
    assert_true(store_migrate(s, dir, 2, &e)); /* done already: nothing to do */
    store_close(s);
    free(in_the_way);
    free(dir);
}

static void an_unfinished_version_of_ours_is_migrated_on_opening(void **unused)
{
    (void)unused;
    char sql[128];

    snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; CREATE TABLE old (x);",
             STORE_APPLICATION_ID);
    assert_int_equal(run_sql(db_path, sql), SQLITE_OK);
    struct store *s = must_open(db_path);
    add_answer(s, T0, NULL, "l/q", true);
    store_close(s);
    assert_true(exists(db_path, ".backup-v0"));
    assert_int_equal(query_number(db_path, "PRAGMA user_version"), STORE_VERSION);
}

/* ---- more than one at once ---- */

static void two_handles_share_one_file(void **unused)
{
    (void)unused;
    struct store *a = must_open(db_path);
    struct store *b = must_open(db_path);

    for (int i = 0; i < 50; i++) {
        add_answer(i % 2 ? a : b, T0 + i, NULL, i % 3 ? "l/q" : "l/r", i % 5 != 0);
        assert_int_equal(count_answers(i % 2 ? b : a), i + 1);
    }
    store_close(a);
    add_answer(b, T0 + DAY, NULL, "l/q", true);
    assert_int_equal(count_answers(b), 51);
    assert_sound(b);
    store_close(b);
    assert_nothing_beside(db_path);
}

static void open_and_answer(int i)
{
    struct err e = {""};
    char item[32];

    struct store *s = must_open(db_path);
    snprintf(item, sizeof(item), "lesson/q%d", i);
    for (int k = 0; k < 10; k++)
        if (!answer_at(s, T0 + k, NULL, item, true, &e))
            die("%s", e.text);
    store_close(s);
    _exit(0);
}

static void many_processes_may_make_one_database_at_once(void **unused)
{
    (void)unused;
    enum { PROCESSES = 8 };

    for (int i = 0; i < PROCESSES; i++) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            open_and_answer(i);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    struct store *s = must_open(db_path);
    assert_int_equal(count_answers(s), PROCESSES * 10);
    assert_sound(s);
    store_close(s);
    assert_false(exists(db_path, ".backup-v0"));
}

static void a_lock_that_stays_is_an_error_and_nothing_is_half_done(void **unused)
{
    (void)unused;
    sqlite3 *other = NULL;
    struct err e = {""};

    struct store *s = must_open(db_path);
    add_answer(s, T0, NULL, "l/q", true);
    assert_int_equal(sqlite3_open(db_path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_busy_timeout(s->db, 50); /* the 2 s are set, see above; no need to wait for them */
    assert_false(answer_at(s, T0 + 1, NULL, "l/q", true, &e));
    assert_says(&e, db_path);
    assert_says(&e, "locked by another program");
    assert_int_equal(count_answers(s), 1); /* reading goes on */
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    add_answer(s, T0 + 1, NULL, "l/q", true);
    assert_sound(s);
    store_close(s);
}

static void a_newer_tutor_that_migrates_meanwhile_stops_this_one(void **unused)
{
    (void)unused;
    struct err e = {""};

    struct store *s = must_open(db_path);
    add_answer(s, T0, NULL, "l/q", true);
    assert_int_equal(run_sql(db_path, "CREATE TABLE more (x); PRAGMA user_version = 2;"),
                     SQLITE_OK);
    assert_false(answer_at(s, T0 + 1, NULL, "l/q", true, &e));
    assert_says(&e, "another version");
    assert_false(store_position_set(s, T0, "l", 1, &e));
    store_close(s);
    assert_int_equal(query_number(db_path, "SELECT count(*) FROM event"), 1);
}

static void a_full_disk_fails_the_answer_as_a_whole(void **unused)
{
    (void)unused;
    struct err e = {""};
    int saved = 0;

    struct store *s = must_open(db_path);
    sqlite3_exec(s->db, "PRAGMA max_page_count = 20", NULL, NULL, NULL);
    while (saved < 10000 && answer_at(s, T0 + saved, NULL, "l/q", true, &e))
        saved++;
    assert_in_range(saved, 1, 9999);
    assert_says(&e, db_path);
    assert_says(&e, "no space left");
    assert_int_equal(count_answers(s), saved);
    assert_int_equal(stored_number(s, "SELECT count(*) FROM event"), saved);
    assert_sound(s);
    sqlite3_exec(s->db, "PRAGMA max_page_count = 10000", NULL, NULL, NULL);
    add_answer(s, T0 + DAY, NULL, "l/q", true);
    assert_int_equal(count_answers(s), saved + 1);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_new_database_is_private_and_durable),
        IN_FOLDER(a_fresh_database_is_read_while_it_is_written),
        IN_FOLDER(memory_keeps_nothing_but_works),
        IN_FOLDER(reading_creates_nothing),
        IN_FOLDER(reading_an_existing_one_cannot_write),
        IN_FOLDER(a_database_that_was_never_finished_is_finished),
        IN_FOLDER(a_newer_database_is_refused_untouched),
        IN_FOLDER(a_newer_version_that_is_only_in_the_wal_is_refused_untouched),
        IN_FOLDER(a_database_of_another_program_is_refused_untouched),
        IN_FOLDER(a_file_that_is_no_database_is_refused_untouched),
        IN_FOLDER(a_damaged_database_is_refused_untouched),
        IN_FOLDER(what_is_no_file_is_refused_at_once),
        IN_FOLDER(a_missing_migration_is_named_and_nothing_made),
        IN_FOLDER(without_permission_it_says_so_and_can_still_read),
        IN_FOLDER(odd_characters_in_the_path_are_fine),
        IN_FOLDER(an_older_database_is_copied_and_migrated),
        IN_FOLDER(a_migration_that_fails_changes_nothing),
        IN_FOLDER(without_a_backup_there_is_no_migration),
        IN_FOLDER(an_unfinished_version_of_ours_is_migrated_on_opening),
        IN_FOLDER(two_handles_share_one_file),
        IN_FOLDER(many_processes_may_make_one_database_at_once),
        IN_FOLDER(a_lock_that_stays_is_an_error_and_nothing_is_half_done),
        IN_FOLDER(a_newer_tutor_that_migrates_meanwhile_stops_this_one),
        IN_FOLDER(a_full_disk_fails_the_answer_as_a_whole),
    };
    return cmocka_run_group_tests_name("store, opening", tests, NULL, NULL);
}
