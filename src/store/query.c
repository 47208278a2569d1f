/*
 * query.c: prepared statements, transactions, and SQLite's errors as one line for a learner.
 * See store_impl.h.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "store/store_impl.h"
#include "utf8.h"

static const char *const sql_text[] = {
#define SQL(name, text) [SQL_##name] = (text),
#include "store/sql.def"
#undef SQL
};

/* ---- errors ---- */

const char *store_name(const struct store *s)
{
    return s->path ? s->path : "progress in memory";
}

/* What the file system said to SQLite, "" if nothing. */
static const char *system_reason(const struct store *s)
{
    const int saved = s->db ? sqlite3_system_errno(s->db) : 0;

    return saved ? strerror(saved) : "";
}

bool store_error(const struct store *s, int rc, struct err *e)
{
    const char *name = store_name(s);
    const char *reason = system_reason(s);
    const char *colon = *reason ? ": " : "";

    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_set(e, "%s: locked by another program, close it and try again", name);
    case SQLITE_FULL:
        return err_set(e, "%s: no space left on the disk, free some and try again", name);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return err_set(e,
                       "%s: cannot be opened for writing%s%s, check the permissions of the file "
                       "and its folder or choose another file with --db",
                       name, colon, reason);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return err_set(e,
                       "%s: damaged (%s), it was left as it is; move it away or put a backup in "
                       "its place, or choose another file with --db",
                       name, sqlite3_errstr(rc));
    case SQLITE_IOERR:
        return err_set(e, "%s: the disk failed%s%s, check it and try again", name, colon, reason);
    case SQLITE_NOMEM:
        return err_set(e, "%s: out of memory, close other programs and try again", name);
    default:
        return err_set(e, "%s: %s", name, s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc));
    }
}

/* ---- statements ---- */

struct query query_open(struct store *s, enum sql sql)
{
    sqlite3_stmt **st = &s->statements[sql];
    struct query q = {.s = s, .rc = SQLITE_OK};

    if (!*st)
        q.rc = sqlite3_prepare_v3(s->db, sql_text[sql], -1, SQLITE_PREPARE_PERSISTENT, st, NULL);
    else if (sqlite3_stmt_busy(*st))
        BUG("statement used inside itself: %s", sql_text[sql]);
    q.st = *st;
    return q;
}

static void keep_failure(struct query *q, int rc)
{
    if (q->rc == SQLITE_OK)
        q->rc = rc;
}

/* SQLITE_STATIC and SQLITE_TRANSIENT are casts of integers; only here. */
static void bind_text(struct query *q, const char *text, int n, sqlite3_destructor_type owner)
{
    keep_failure(q, sqlite3_bind_text(q->st, ++q->bound, text, n, owner));
}

void query_text(struct query *q, const char *text)
{
    if (q->rc != SQLITE_OK)
        return;
    const size_t n = text ? strlen(text) : 0;
    if (n > INT_MAX) {
        q->rc = SQLITE_TOOBIG;
        return;
    }
    if (!text || utf8_valid(text, n)) {
        bind_text(q, text, (int)n, SQLITE_STATIC);
        return;
    }
    struct buf clean = {0};
    utf8_clean(&clean, text, n, true);
    bind_text(q, buf_text(&clean), (int)clean.len, SQLITE_TRANSIENT);
    buf_release(&clean);
}

void query_bytes(struct query *q, const void *bytes, size_t n)
{
    if (q->rc == SQLITE_OK)
        keep_failure(q, sqlite3_bind_blob64(q->st, ++q->bound, bytes, n, SQLITE_STATIC));
}

void query_int(struct query *q, int64_t v)
{
    if (q->rc == SQLITE_OK)
        keep_failure(q, sqlite3_bind_int64(q->st, ++q->bound, v));
}

void query_real(struct query *q, double v)
{
    if (q->rc == SQLITE_OK)
        keep_failure(q, sqlite3_bind_double(q->st, ++q->bound, v));
}

bool query_next(struct query *q)
{
    if (q->rc != SQLITE_OK)
        return false;
    const int rc = sqlite3_step(q->st);
    if (rc == SQLITE_ROW)
        return true;
    q->rc = rc;
    return false;
}

const char *query_str(struct query *q, int column)
{
    const char *text = (const char *)sqlite3_column_text(q->st, column);

    if (!text && sqlite3_column_type(q->st, column) != SQLITE_NULL)
        keep_failure(q, SQLITE_NOMEM);
    return text ? text : "";
}

int64_t query_int64(const struct query *q, int column)
{
    return sqlite3_column_int64(q->st, column);
}

int query_int32(const struct query *q, int column)
{
    const int64_t v = query_int64(q, column);

    return v > INT_MAX ? INT_MAX : v < INT_MIN ? INT_MIN : (int)v;
}

bool query_close(struct query *q, struct err *e)
{
    const bool ok = q->rc == SQLITE_OK || q->rc == SQLITE_DONE;

    if (!ok)
        store_error(q->s, q->rc, e);
    if (q->st) { /* NULL if it could not be prepared */
        sqlite3_reset(q->st);
        sqlite3_clear_bindings(q->st);
    }
    return ok;
}

bool query_run(struct query *q, struct err *e)
{
    while (query_next(q))
        ;
    return query_close(q, e);
}

bool query_once(struct store *s, enum sql sql, struct err *e)
{
    struct query q = query_open(s, sql);

    return query_run(&q, e);
}

bool store_exec(struct store *s, const char *sql, struct err *e)
{
    const int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK || store_error(s, rc, e);
}

/* ---- transactions ---- */

static bool schema_is_ours(struct store *s, struct err *e)
{
    struct query q = query_open(s, SQL_VERSION);
    const int version = query_next(&q) ? query_int32(&q, 0) : -1;

    if (!query_close(&q, e))
        return false;
    if (version != STORE_VERSION)
        return err_set(e, "%s: changed by another version of systutor, start it again",
                       store_name(s));
    return true;
}

/* A failed statement may have rolled back already; and when memory is short even the rollback may
 * need a second try. */
static void roll_back(struct store *s)
{
    for (int tries = 0; tries < 2 && !sqlite3_get_autocommit(s->db); tries++)
        if (!query_once(s, SQL_ROLLBACK, NULL))
            store_exec(s, "ROLLBACK", NULL);
}

bool store_begin(struct store *s, struct err *e)
{
    if (!query_once(s, SQL_BEGIN, e))
        return false;
    if (schema_is_ours(s, e))
        return true;
    roll_back(s);
    return false;
}

bool store_end(struct store *s, bool ok, struct err *e)
{
    if (ok && query_once(s, SQL_COMMIT, e))
        return true;
    roll_back(s);
    return false;
}
