/*
 * open.c: opening the database, or refusing it without leaving a trace.
 *
 * SQLite opens the file without reading more than its header, and locks nothing. So the header is
 * judged first, through SQLite's own descriptor (a second one, when closed, would drop the POSIX
 * locks of every handle this process has on the file). Only a file that is ours goes on to the
 * first statement, which may make -wal and -shm files beside it.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "path.h"
#include "store/store_impl.h"

enum { BUSY_TIMEOUT_MS = 2000 };

/* How a file is opened. */
enum mode {
    MODE_WRITE,    /* made if missing */
    MODE_EXISTING, /* never made; read, or migrated and read */
    MODE_MEDIUM,   /* cannot be written, nor can its folder: a copy on a read-only medium */
};

/* ---- what a file is, by its first bytes (SQLite file format, 1.3 "The Database Header") ---- */

enum {
    HEADER_BYTES = 108, /* database header, and the header of the b-tree on page 1 */
    AT_WRITE_FORMAT = 18,
    AT_PAGES = 28,
    AT_USER_VERSION = 60,
    AT_APPLICATION_ID = 68,
    AT_CELLS = 103, /* of page 1: rows of the schema table, if it is a leaf */
    WRITE_FORMAT_WAL = 2,
};

enum file_kind { FILE_FRESH, FILE_OURS, FILE_NEWER, FILE_FOREIGN, FILE_NO_DATABASE };

struct header {
    unsigned char bytes[HEADER_BYTES];
    sqlite3_int64 file_size;
};

static uint32_t big_endian_32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int read_header(sqlite3 *db, struct header *h)
{
    sqlite3_file *file = NULL;

    memset(h, 0, sizeof(*h));
    int rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (rc == SQLITE_OK)
        rc = file->pMethods->xFileSize(file, &h->file_size);
    if (rc == SQLITE_OK)
        rc = file->pMethods->xRead(file, h->bytes, HEADER_BYTES, 0);
    return rc == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : rc;
}

/* By application id and version; a blank database is one that was never finished being made. */
static enum file_kind kind_by_ids(int64_t application_id, int64_t version, bool blank)
{
    if (application_id == STORE_APPLICATION_ID)
        return version > STORE_VERSION ? FILE_NEWER : FILE_OURS;
    if (application_id == 0 && version == 0 && blank)
        return FILE_FRESH;
    return FILE_FOREIGN;
}

static enum file_kind kind_by_header(const struct header *h)
{
    static const char magic[16] = "SQLite format 3";
    const unsigned char *b = h->bytes;

    if (h->file_size == 0)
        return FILE_FRESH;
    if (h->file_size < HEADER_BYTES || memcmp(b, magic, sizeof(magic)) != 0)
        return FILE_NO_DATABASE;
    const bool blank = big_endian_32(b + AT_PAGES) <= 1 && b[AT_CELLS] == 0 && b[AT_CELLS + 1] == 0;
    return kind_by_ids(big_endian_32(b + AT_APPLICATION_ID), big_endian_32(b + AT_USER_VERSION),
                       blank);
}

static bool refuse(const char *path, enum file_kind kind, struct err *e)
{
    switch (kind) {
    case FILE_NEWER:
        return err_set(e,
                       "%s: made by a newer systutor, it was left as it is; update systutor or "
                       "choose another file with --db",
                       path);
    case FILE_FOREIGN:
        return err_set(e,
                       "%s: a database of another program, it was left as it is; choose another "
                       "file with --db",
                       path);
    case FILE_NO_DATABASE:
        return err_set(e,
                       "%s: not a database, or damaged; it was left as it is; move it away or "
                       "choose another file with --db",
                       path);
    case FILE_FRESH:
    case FILE_OURS:
        break;
    }
    BUG("%s: refused without a reason", path);
}

/* ---- the file and its folder ---- */

static bool make_folder(const char *path, struct err *e)
{
    char *copy = xstrdup(path);
    const bool ok = path_make_dirs(dirname(copy), e);

    free(copy);
    return ok;
}

/* SQLite would make the file readable for everybody. It gives -wal and -shm the same mode. */
static bool make_file(const char *path, struct err *e)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);

    if (fd < 0)
        return errno == EEXIST ||
               err_sys(e, "%s: cannot create, choose another file with --db", path);
    close(fd);
    return true;
}

/* A FIFO would block for ever, a device would do worse. A missing file is fine here. */
static bool check_regular(const char *path, struct err *e)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return errno == ENOENT || err_sys(e, "%s: cannot open", path);
    if (!S_ISREG(st.st_mode))
        return err_set(e, "%s: not a regular file, choose another file with --db", path);
    /* SQLite takes a file of one byte for an empty one, and would write over it. */
    return st.st_size != 1 || refuse(path, FILE_NO_DATABASE, e);
}

static bool prepare_file(const char *path, enum mode mode, struct err *e)
{
    if (!check_regular(path, e))
        return false;
    if (mode != MODE_WRITE || access(path, F_OK) == 0)
        return true;
    return make_folder(path, e) && make_file(path, e);
}

static bool folder_is_writable(const char *path)
{
    char *copy = xstrdup(path);
    const bool yes = access(dirname(copy), W_OK) == 0;

    free(copy);
    return yes;
}

/* Of a tutor that runs, or was killed: all there is may be in it, the schema too. */
static bool has_wal(const char *path)
{
    struct stat st;
    char *wal = xasprintf("%s-wal", path);
    const bool yes = stat(wal, &st) == 0 && st.st_size > 0;

    free(wal);
    return yes;
}

/* "immutable" reads without any lock or -shm file; wrong if a -wal holds the newest pages. */
static bool is_medium(const char *path)
{
    return (access(path, W_OK) < 0 || !folder_is_writable(path)) && !has_wal(path);
}

static char *immutable_uri(const char *path)
{
    struct buf uri = {0};

    buf_puts(&uri, "file:");
    for (const char *p = path; *p; p++)
        if (strchr("?#%", *p))
            buf_printf(&uri, "%%%02x", (unsigned)(unsigned char)*p);
        else
            buf_putc(&uri, *p);
    buf_puts(&uri, "?immutable=1");
    return buf_take(&uri);
}

/* ---- opening ---- */

/* Without its own account of memory, SQLite need not take a lock for each allocation. Refused,
 * which is no harm, once SQLite is in use. */
static void configure_library(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int open_file(struct store *s, enum mode mode)
{
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

    configure_library();
    if (mode != MODE_MEDIUM)
        return sqlite3_open_v2(s->path, &s->db, flags | SQLITE_OPEN_READWRITE, NULL);
    char *uri = immutable_uri(s->path);
    const int rc =
        sqlite3_open_v2(uri, &s->db, flags | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    free(uri);
    return rc;
}

/* Called before the first statement. No trust in functions named by the schema of a file that may
 * have come from anywhere. */
static void configure(struct store *s)
{
    sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
}

/* Changing to WAL needs the file alone, and SQLite does not wait for that by itself. */
static bool switch_to_wal(struct store *s, struct err *e)
{
    int rc = SQLITE_BUSY;

    for (int waited_ms = 0; waited_ms <= BUSY_TIMEOUT_MS; waited_ms += 10) {
        rc = sqlite3_exec(s->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if ((rc & 0xff) != SQLITE_BUSY)
            break;
        sqlite3_sleep(10);
    }
    return rc == SQLITE_OK || store_error(s, rc, e);
}

static bool schema_is_empty(struct store *s, bool *empty, struct err *e)
{
    sqlite3_stmt *st = NULL;

    int rc = sqlite3_prepare_v2(s->db, "SELECT 1 FROM sqlite_schema LIMIT 1", -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    *empty = rc == SQLITE_DONE;
    const bool ok = rc == SQLITE_DONE || rc == SQLITE_ROW || store_error(s, rc, e);
    sqlite3_finalize(st);
    return ok;
}

/* In one read transaction: another process may be making the database right now. */
static bool read_identity(struct store *s, int *application_id, int *version, bool *empty,
                          struct err *e)
{
    if (!store_exec(s, "BEGIN", e))
        return false;
    const bool ok =
        store_read_version(s, application_id, version, e) && schema_is_empty(s, empty, e);
    return store_end(s, ok, e);
}

/* The header again, now as SQLite sees it: the newest one may be in the -wal of a tutor that was
 * killed, and that must stay as it is, too, if the file is refused. */
static bool judge_content(struct store *s, int *version, struct err *e)
{
    int application_id = 0;
    bool empty = false;

    if (!read_identity(s, &application_id, version, &empty, e))
        return false;
    const enum file_kind kind = kind_by_ids(application_id, *version, empty);
    if (kind == FILE_FRESH || kind == FILE_OURS)
        return true;
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return refuse(s->path, kind, e);
}

static bool update_schema(struct store *s, const char *migrations, enum mode mode, struct err *e)
{
    int version = 0;

    if (!judge_content(s, &version, e))
        return false;
    if (version == STORE_VERSION)
        return true;
    if (version == 0 && mode != MODE_WRITE) {
        err_set(e, "%s", ""); /* as good as no file: nothing to say */
        return false;
    }
    if (mode == MODE_MEDIUM)
        return err_set(e, "%s: made by an older systutor and cannot be written, copy it elsewhere",
                       s->path);
    return store_migrate(s, migrations, STORE_VERSION, e);
}

/* Everything up to the first statement. kind: FILE_FRESH or FILE_OURS if true. */
static bool open_and_judge(struct store *s, enum mode mode, struct header *h, enum file_kind *kind,
                           struct err *e)
{
    int rc = open_file(s, mode);
    if (rc == SQLITE_OK)
        rc = read_header(s->db, h);
    if (rc != SQLITE_OK)
        return store_error(s, rc, e);
    *kind = kind_by_header(h);
    return *kind == FILE_FRESH || *kind == FILE_OURS || refuse(s->path, *kind, e);
}

static bool set_up(struct store *s, const char *migrations, enum mode mode, const struct header *h,
                   struct err *e)
{
    configure(s);
    if (mode == MODE_WRITE && sqlite3_db_readonly(s->db, "main"))
        return store_error(s, SQLITE_READONLY, e);
    if (mode == MODE_WRITE && h->bytes[AT_WRITE_FORMAT] != WRITE_FORMAT_WAL && !switch_to_wal(s, e))
        return false;
    return store_exec(s, "PRAGMA synchronous = FULL", e) && update_schema(s, migrations, mode, e) &&
           (mode == MODE_WRITE || store_exec(s, "PRAGMA query_only = ON", e));
}

static struct store *open_path(const char *path, const char *migrations, enum mode mode,
                               struct err *e)
{
    struct store *s = x_array(1, sizeof(*s));
    struct header header;
    enum file_kind kind = FILE_FRESH;

    s->path = xstrdup(path);
    bool ok = prepare_file(path, mode, e) && open_and_judge(s, mode, &header, &kind, e);
    if (ok && mode != MODE_WRITE && kind == FILE_FRESH && !has_wal(path))
        ok = false; /* as good as no file: nothing to say */
    if (ok && set_up(s, migrations, mode, &header, e))
        return s;
    store_close(s);
    return NULL;
}

static struct store *open_memory(const char *migrations, struct err *e)
{
    struct store *s = x_array(1, sizeof(*s));

    const int rc =
        sqlite3_open_v2(":memory:", &s->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc != SQLITE_OK) {
        store_error(s, rc, e);
    } else {
        configure(s);
        if (store_migrate(s, migrations, STORE_VERSION, e))
            return s;
    }
    store_close(s);
    return NULL;
}

struct store *store_open(const char *path, const char *migrations, struct err *e)
{
    return path ? open_path(path, migrations, MODE_WRITE, e) : open_memory(migrations, e);
}

struct store *store_open_existing(const char *path, const char *migrations, struct err *e)
{
    if (e)
        e->text[0] = '\0';
    if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
        return NULL;
    return open_path(path, migrations, is_medium(path) ? MODE_MEDIUM : MODE_EXISTING, e);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(s->statements[i]);
    if (sqlite3_close(s->db) != SQLITE_OK)
        BUG("a statement outlived its store");
    free(s->path);
    free(s);
}

bool store_is_memory(const struct store *s)
{
    return !s->path;
}
