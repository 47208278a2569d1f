/*
 * migrate.c: the schema's steps, NNN-name.sql files, and the copy made before taking them.
 *
 * Everything happens in one transaction: another process sees the old schema or the new one, and a
 * crash leaves the old one. The copy is path.backup-vN, N the version it holds; it replaces an
 * older copy of the same version, which held a part of the same append-only log.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "path.h"
#include "store/store_impl.h"

enum { MAX_MIGRATION = 1 << 20 }; /* bytes of one file */

static bool read_pragma(struct store *s, const char *sql, int *value, struct err *e)
{
    sqlite3_stmt *st = NULL;

    int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW)
        *value = sqlite3_column_int(st, 0);
    const bool ok = rc == SQLITE_ROW || store_error(s, rc, e);
    sqlite3_finalize(st);
    return ok;
}

bool store_read_version(struct store *s, int *application_id, int *version, struct err *e)
{
    return read_pragma(s, "PRAGMA application_id", application_id, e) &&
           read_pragma(s, "PRAGMA user_version", version, e);
}

/* ---- backup ---- */

static bool sync_folder(const char *path, struct err *e)
{
    char *copy = xstrdup(path);
    const int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = fd >= 0 && fsync(fd) == 0;

    if (!ok)
        err_sys(e, "%s: cannot sync its folder", path);
    if (fd >= 0)
        close(fd);
    free(copy);
    return ok;
}

/* A new, empty file that nobody else can read: a learner's answers are private. */
static bool make_private_file(const char *path, struct err *e)
{
    if (unlink(path) < 0 && errno != ENOENT)
        return err_sys(e, "%s: cannot remove", path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(e, "%s: cannot create", path);
    close(fd);
    return true;
}

/* SQLite syncs the copy before sqlite3_backup_finish returns. */
static int copy_pages(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");

    if (!copy)
        return sqlite3_errcode(to);
    sqlite3_backup_step(copy, -1);
    return sqlite3_backup_finish(copy);
}

/* Read by a connection of its own, because a handle that is in a write transaction, and so keeps
 * all others from writing, cannot be copied from. */
static int copy_database(const char *from_path, const char *to_path)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    sqlite3 *from = NULL;
    sqlite3 *to = NULL;

    int rc = sqlite3_open_v2(from_path, &from, flags, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_open_v2(to_path, &to, flags, NULL);
    if (rc == SQLITE_OK)
        rc = copy_pages(from, to);
    sqlite3_close(from);
    const int closed = sqlite3_close(to);
    return rc == SQLITE_OK ? closed : rc;
}

static bool write_backup(struct store *s, const char *temporary, const char *path, struct err *e)
{
    if (!make_private_file(temporary, e))
        return false;
    const int rc = copy_database(s->path, temporary);
    if (rc != SQLITE_OK)
        err_set(e, "%s: cannot be written (%s), free some space and try again", path,
                sqlite3_errstr(rc));
    else if (rename(temporary, path) < 0)
        err_sys(e, "%s: cannot be put in place", path);
    else
        return sync_folder(path, e);
    unlink(temporary);
    return false;
}

static bool back_up(struct store *s, int version, struct err *e)
{
    char *path = xasprintf("%s.backup-v%d", s->path, version);
    char *temporary = xasprintf("%s.new", path);
    const bool ok = write_backup(s, temporary, path, e);

    free(temporary);
    free(path);
    return ok;
}

/* ---- migrations ---- */

static bool is_migration(const char *name, int number)
{
    char prefix[16];
    const size_t n = strlen(name);

    const int digits = snprintf(prefix, sizeof(prefix), "%03d-", number);
    return strncmp(name, prefix, (size_t)digits) == 0 && n > 4 && strcmp(name + n - 4, ".sql") == 0;
}

/* The path of migration `number`, NULL and the reason if it is not there. The caller frees. */
static char *find_migration(const char *folder, int number, struct err *e)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    char *found = NULL;

    if (!dir) {
        err_sys(e, "%s: cannot open, install systutor again", folder);
        return NULL;
    }
    while (!found && (entry = readdir(dir)))
        if (is_migration(entry->d_name, number))
            found = path_join(folder, entry->d_name);
    closedir(dir);
    if (!found)
        err_set(e, "%s: lacks migration %03d, install systutor again", folder, number);
    return found;
}

static bool run_migration(struct store *s, const char *file, int number, struct err *e)
{
    struct buf sql = {0};
    struct err why = {""};
    char version[64];

    snprintf(version, sizeof(version), "PRAGMA user_version = %d", number);
    bool ok = buf_read_file(&sql, file, MAX_MIGRATION, e);
    if (ok && !(store_exec(s, buf_text(&sql), &why) && store_exec(s, version, &why)))
        ok = err_set(e, "%s: %s", file, why.text);
    buf_release(&sql);
    return ok;
}

static bool run_migrations(struct store *s, const char *folder, int from, int target, struct err *e)
{
    for (int number = from + 1; number <= target; number++) {
        char *file = find_migration(folder, number, e);
        const bool ok = file && run_migration(s, file, number, e);
        free(file);
        if (!ok)
            return false;
    }
    return true;
}

static bool mark_ours(struct store *s, struct err *e)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "PRAGMA application_id = %d", STORE_APPLICATION_ID);
    return store_exec(s, sql, e);
}

/* Inside the transaction. Derived rows are made anew whatever the steps did to their tables. */
static bool migrate_inside(struct store *s, const char *folder, int target, struct err *e)
{
    int application_id = 0;
    int version = 0;

    if (!store_read_version(s, &application_id, &version, e))
        return false;
    if (version == target)
        return true; /* another process was quicker */
    if (version > target)
        return err_set(e, "%s: made by a newer systutor (version %d, this one knows %d), update it",
                       store_name(s), version, target);
    const bool fresh = application_id == 0;
    if (!fresh && s->path && !back_up(s, version, e))
        return false;
    if (!mark_ours(s, e) || !run_migrations(s, folder, version, target, e))
        return false;
    return fresh || derive_all(s, e);
}

bool store_migrate(struct store *s, const char *migrations, int target, struct err *e)
{
    return query_once(s, SQL_BEGIN, e) && store_end(s, migrate_inside(s, migrations, target, e), e);
}
