/*
 * store_impl.h: what the files of src/store/ share and nobody else sees.
 *
 * query.c: statements and errors. uuid.c: event ids. migrate.c: schema and backup. open.c: opening
 * and refusing. write.c: events. derive.c: rows from events. read.c, stats.c: answers to
 * questions. upkeep.c: rebuild, verify, settings.
 */
#ifndef STORE_IMPL_H
#define STORE_IMPL_H

#include <sqlite3.h>

#include "store/store.h"
#include "store/uuid.h"

enum { STORE_APPLICATION_ID = 0x53595354 }; /* "SYST" */

/* Every statement of the store, see sql.def. */
enum sql {
#define SQL(name, text) SQL_##name,
#include "store/sql.def"
#undef SQL
    SQL_COUNT,
};

struct store {
    sqlite3 *db;
    char *path; /* NULL: in memory */
    sqlite3_stmt *statements[SQL_COUNT];
};

/* ---- query.c ---- */

/* One use of a prepared statement: open, bind in order, step, close. The first failure is kept and
 * the steps after it do nothing, so only query_close must be checked. */
struct query {
    struct store *s;
    sqlite3_stmt *st;
    int bound; /* parameters so far */
    int rc;
};

/* Prepared once and kept in s. A statement is not used again before it is closed. */
struct query query_open(struct store *s, enum sql sql);
/* The string or the bytes must stay until query_close. Text that is not UTF-8 is stored as
 * utf8_clean shows it. NULL binds NULL. */
void query_text(struct query *q, const char *text);
void query_bytes(struct query *q, const void *bytes, size_t n);
void query_int(struct query *q, int64_t v);
void query_real(struct query *q, double v);
/* Whether there is a (further) row. */
bool query_next(struct query *q);
/* Column as text, "" for NULL; borrowed until the next step. */
const char *query_str(struct query *q, int column);
int64_t query_int64(const struct query *q, int column);
int query_int32(const struct query *q, int column); /* saturates */
/* Ends the use; false and the reason if anything failed since query_open. */
bool query_close(struct query *q, struct err *e);
/* Steps to the end, and closes. */
bool query_run(struct query *q, struct err *e);
/* Runs a statement without parameters. */
bool query_once(struct store *s, enum sql sql, struct err *e);

/* How messages name it: the path, or words. */
const char *store_name(const struct store *s);
/* Fills e for an SQLite (extended) result code: names the file, says what to do; false. */
bool store_error(const struct store *s, int rc, struct err *e);
/* SQL that is run once only. */
bool store_exec(struct store *s, const char *sql, struct err *e);

/* A write transaction. begin fails after 2 s if another process keeps writing, and if a newer
 * tutor has changed the schema meanwhile. end commits if ok, else rolls back; false if not
 * committed. */
bool store_begin(struct store *s, struct err *e);
bool store_end(struct store *s, bool ok, struct err *e);

/* ---- migrate.c ---- */

/* Brings the database to version `target` by the files in folder `migrations`, after a backup if
 * it has tables, all in one transaction. Another process may have done it first. */
bool store_migrate(struct store *s, const char *migrations, int target, struct err *e);
bool store_read_version(struct store *s, int *application_id, int *version, struct err *e);

/* ---- derive.c ---- */

struct event {
    struct uuid id;
    int64_t at_ms;
    const char *kind, *item, *payload;
};

/* Changes the derived rows as the event says; inside a transaction. A kind of event that is not
 * known changes nothing. */
bool derive_event(struct store *s, const struct event *ev, struct err *e);
/* All derived rows anew, in the order of the ids; inside a transaction. */
bool derive_all(struct store *s, struct err *e);

/* Splits "lesson/question" at the first slash; false if either side is empty. The caller frees
 * *lesson; *question is inside item. */
bool item_split(const char *item, char **lesson, const char **question);

#endif
