/*
 * store_test.h: what the tests of the store share: a folder that vanishes, files as bytes, a store
 * that must open, an answer in one line, checks. Include after cmocka.h.
 */
#ifndef STORE_TEST_H
#define STORE_TEST_H

#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "buf.h"
#include "store/store_impl.h"

#define MIGRATIONS "data/migrations"

static const int64_t T0 = INT64_C(1700000000000);
static const int64_t DAY = INT64_C(86400000);

struct folder {
    char path[256];
};

static inline void folder_make(struct folder *f)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(f->path, sizeof(f->path), "%s/systutor-test.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(f->path))
        die("%s: cannot make it", f->path);
}

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void folder_remove(struct folder *f)
{
    nftw(f->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* folder/name; the caller frees. */
static inline char *folder_file(const struct folder *f, const char *name)
{
    return xasprintf("%s/%s", f->path, name);
}

static inline bool exists(const char *path, const char *suffix)
{
    char *full = xasprintf("%s%s", path, suffix);
    const bool yes = access(full, F_OK) == 0;

    free(full);
    return yes;
}

static inline void read_bytes(const char *path, struct buf *out)
{
    struct err e = {""};

    if (!buf_read_file(out, path, 64u << 20, &e))
        die("%s", e.text);
}

static inline void write_bytes(const char *path, const void *bytes, size_t n)
{
    struct buf b = {0};
    struct err e = {""};

    buf_add(&b, bytes, n);
    if (!buf_write_file(&b, path, &e))
        die("%s", e.text);
    buf_release(&b);
}

static inline void copy_file(const char *from, const char *to)
{
    struct buf b = {0};

    read_bytes(from, &b);
    write_bytes(to, buf_text(&b), b.len);
    buf_release(&b);
}

static inline struct store *must_open(const char *path)
{
    struct err e = {""};
    struct store *s = store_open(path, MIGRATIONS, &e);

    if (!s)
        die("%s", e.text);
    return s;
}

static inline bool answer_at(struct store *s, int64_t now_ms, const char *session, const char *item,
                             bool right, struct err *e)
{
    const struct store_answer a = {.item = item,
                                   .session = session,
                                   .meaning = 1,
                                   .kind = "choice",
                                   .response = right ? "1" : "0",
                                   .right = right,
                                   .score = right,
                                   .elapsed_ms = 2000};
    return store_answer_add(s, now_ms, &a, e);
}

/* One integer out of any database, by a connection of its own. */
static inline int64_t query_number(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    int64_t v = -1;

    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK || sqlite3_step(st) != SQLITE_ROW)
        die("%s: %s", sql, sqlite3_errmsg(db));
    v = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return v;
}

/* Runs SQL by a connection of its own; the result code. */
static inline int run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return rc;
}

/* ---- inside a test ---- */

/* The folder of the running test, and a database in it. */
static struct folder folder;
static char *db_path;

static inline int make_folder(void **unused)
{
    (void)unused;
    folder_make(&folder);
    db_path = folder_file(&folder, "progress.db");
    return 0;
}

static inline int remove_folder(void **unused)
{
    (void)unused;
    free(db_path);
    folder_remove(&folder);
    return 0;
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

static inline void assert_says(const struct err *e, const char *what)
{
    if (!strstr(e->text, what))
        fail_msg("\"%s\" does not say \"%s\"", e->text, what);
    assert_null(strchr(e->text, '\n'));
}

static inline void assert_sound(struct store *s)
{
    struct err e = {""};

    if (!store_verify(s, &e))
        fail_msg("%s", e.text);
}

static inline void assert_nothing_beside(const char *path)
{
    assert_false(exists(path, "-wal"));
    assert_false(exists(path, "-shm"));
    assert_false(exists(path, "-journal"));
}

static inline int64_t stored_number(struct store *s, const char *sql)
{
    sqlite3_stmt *st = NULL;

    assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    const int64_t v = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return v;
}

static inline double stored_real(struct store *s, const char *sql)
{
    sqlite3_stmt *st = NULL;

    assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    const double v = sqlite3_column_double(st, 0);
    sqlite3_finalize(st);
    return v;
}

static inline void add_answer(struct store *s, int64_t now_ms, const char *session,
                              const char *item, bool right)
{
    struct err e = {""};

    if (!answer_at(s, now_ms, session, item, right, &e))
        fail_msg("%s", e.text);
}

static inline void set_position(struct store *s, int64_t now_ms, const char *lesson, int page)
{
    struct err e = {""};

    if (!store_position_set(s, now_ms, lesson, page, &e))
        fail_msg("%s", e.text);
}

static inline struct store_id start(struct store *s, int64_t now_ms, const char *kind,
                                    const char *topic, const char *const *items, size_t n)
{
    struct store_id id = {""};
    struct err e = {""};

    if (!store_session_start(s, now_ms, kind, topic, 7, items, n, &id, &e))
        fail_msg("%s", e.text);
    return id;
}

static inline int count_answers(struct store *s)
{
    struct store_totals t;
    struct err e = {""};

    if (!store_totals(s, &t, &e))
        fail_msg("%s", e.text);
    return t.answers;
}

#endif
