/*
 * upkeep.c: derived rows made anew and compared, the file's integrity, settings.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_impl.h"

bool store_rebuild(struct store *s, struct err *e)
{
    return store_begin(s, e) && store_end(s, derive_all(s, e), e);
}

/* ---- verify ---- */

static const struct {
    const char *name, *rows; /* all columns, in the order of the primary key */
} derived[] = {
    {"position", "SELECT * FROM position ORDER BY lesson"},
    {"session", "SELECT * FROM session ORDER BY id"},
    {"session_item", "SELECT * FROM session_item ORDER BY session, item"},
    {"card", "SELECT * FROM card ORDER BY lesson, question"},
    {"demo", "SELECT * FROM demo ORDER BY demo"},
    {"verdict", "SELECT * FROM verdict ORDER BY lesson, claim"},
};

/* FNV-1a, 64 bits. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t hash_value(uint64_t hash, sqlite3_stmt *st, int column)
{
    const int type = sqlite3_column_type(st, column);

    hash = hash_bytes(hash, &type, sizeof(type));
    if (type == SQLITE_INTEGER) {
        const int64_t v = sqlite3_column_int64(st, column);
        return hash_bytes(hash, &v, sizeof(v));
    }
    if (type == SQLITE_FLOAT) {
        const double v = sqlite3_column_double(st, column);
        return hash_bytes(hash, &v, sizeof(v));
    }
    const void *bytes = sqlite3_column_blob(st, column);
    const int n = sqlite3_column_bytes(st, column);
    hash = hash_bytes(hash, &n, sizeof(n));
    return hash_bytes(hash, bytes, bytes ? (size_t)n : 0);
}

static bool hash_rows(struct store *s, const char *sql, uint64_t *hash, struct err *e)
{
    sqlite3_stmt *st = NULL;

    *hash = UINT64_C(0xcbf29ce484222325);
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(st); i++)
            *hash = hash_value(*hash, st, i);
        rc = SQLITE_OK;
    }
    const bool ok = rc == SQLITE_DONE || store_error(s, rc, e);
    sqlite3_finalize(st);
    return ok;
}

static bool hash_derived(struct store *s, uint64_t hashes[ARRAY_LEN(derived)], struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(derived); i++)
        if (!hash_rows(s, derived[i].rows, &hashes[i], e))
            return false;
    return true;
}

/* Rebuilds inside a transaction that the caller rolls back. */
static bool compare_with_rebuild(struct store *s, struct err *e)
{
    uint64_t before[ARRAY_LEN(derived)];
    uint64_t after[ARRAY_LEN(derived)];

    if (!hash_derived(s, before, e) || !derive_all(s, e) || !hash_derived(s, after, e))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(derived); i++)
        if (before[i] != after[i])
            return err_set(e, "%s: table %s differs from its events, run systutor doctor --rebuild",
                           store_name(s), derived[i].name);
    return true;
}

/* The answer may be of two lines, the first a mere heading. */
static bool report_damage(struct store *s, const char *answer, struct err *e)
{
    const char *newline = strchr(answer, '\n');
    const char *finding = newline ? newline + 1 : answer;

    return err_set(e, "%s: damaged (%.*s), move it away or put a backup in its place",
                   store_name(s), (int)strcspn(finding, "\n"), finding);
}

static bool check_integrity(struct store *s, struct err *e)
{
    struct query q = query_open(s, SQL_INTEGRITY);
    bool ok = false;

    if (query_next(&q)) {
        const char *answer = query_str(&q, 0);
        ok = strcmp(answer, "ok") == 0 || report_damage(s, answer, e);
    }
    return query_close(&q, e) && ok;
}

bool store_verify(struct store *s, struct err *e)
{
    if (!check_integrity(s, e) || !store_begin(s, e))
        return false;
    const bool ok = compare_with_rebuild(s, e);
    store_end(s, false, NULL);
    return ok;
}

/* ---- settings ---- */

char *store_setting(struct store *s, const char *name)
{
    struct query q = query_open(s, SQL_SETTING_READ);

    query_text(&q, name);
    char *value = query_next(&q) ? xstrdup(query_str(&q, 0)) : NULL;
    if (query_close(&q, NULL))
        return value;
    free(value);
    return NULL;
}

static bool write_setting(struct store *s, const char *name, const char *value, struct err *e)
{
    struct query q = query_open(s, value ? SQL_SETTING_WRITE : SQL_SETTING_DELETE);

    query_text(&q, name);
    if (value)
        query_text(&q, value);
    return query_run(&q, e);
}

bool store_setting_set(struct store *s, const char *name, const char *value, struct err *e)
{
    return store_begin(s, e) && store_end(s, write_setting(s, name, value, e), e);
}
