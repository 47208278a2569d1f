/*
 * faulty.h: a disk and an allocator for SQLite that fail when told to, and a disk whose power can
 * be cut.
 *
 * A VFS that wraps the default one counts operations and fails the Nth of a kind, or all from the
 * Nth on. For the power cut it also remembers what was written and not yet synced; at the cut it
 * takes that back, all of it or a random part, and ends the process. For one test file.
 */
#ifndef FAULTY_H
#define FAULTY_H

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"

/* ---- what fails, and when ---- */

enum fault {
    FAULT_OPEN,
    FAULT_READ,
    FAULT_WRITE,
    FAULT_FULL,
    FAULT_SYNC,
    FAULT_DELETE,
    FAULT_SHM,
    FAULT_ALLOC,
    FAULT_POWER,
    FAULT_KINDS
};

static const struct {
    const char *name;
    int rc;
} faults[FAULT_KINDS] = {
    [FAULT_OPEN] = {"open", SQLITE_CANTOPEN},
    [FAULT_READ] = {"read", SQLITE_IOERR_READ},
    [FAULT_WRITE] = {"write", SQLITE_IOERR_WRITE},
    [FAULT_FULL] = {"disk full", SQLITE_FULL},
    [FAULT_SYNC] = {"sync", SQLITE_IOERR_FSYNC},
    [FAULT_DELETE] = {"delete", SQLITE_IOERR_DELETE},
    [FAULT_SHM] = {"shared memory", SQLITE_IOERR_SHMMAP},
    [FAULT_ALLOC] = {"allocation", SQLITE_NOMEM},
    [FAULT_POWER] = {"power", SQLITE_IOERR},
};

static struct {
    bool armed;
    bool forever; /* from the Nth on, not only the Nth */
    enum fault kind;
    int countdown; /* fires when it falls to 0 */
    int fired;
} plan;

static inline void arm(enum fault kind, int nth, bool forever)
{
    plan.kind = kind;
    plan.countdown = nth;
    plan.forever = forever;
    plan.fired = 0;
    plan.armed = true;
}

static inline void disarm(void)
{
    plan.armed = false;
}

static inline bool fails(enum fault kind)
{
    if (!plan.armed || plan.kind != kind)
        return false;
    if (plan.countdown > 0)
        plan.countdown--;
    if (plan.countdown > 0 || (plan.fired && !plan.forever))
        return false;
    plan.fired++;
    return true;
}

/* ---- the disk's memory: what was written and not synced ---- */

struct unsynced {
    struct unsynced *older;
    char *path;
    int64_t at;
    size_t n;
    bool is_truncate; /* to `at` */
    char *after;      /* n bytes that were written, NULL for a truncation */
    char *before;     /* what was there, n_before bytes */
    size_t n_before;
    int64_t size_before;
};

static struct unsynced *newest;
static bool remembering;
static uint64_t cut_seed; /* 0: all that is unsynced is lost */

static inline void forget(struct unsynced *u)
{
    free(u->path);
    free(u->after);
    free(u->before);
    free(u);
}

static inline void forget_path(const char *path)
{
    struct unsynced **link = &newest;

    while (*link) {
        struct unsynced *u = *link;
        if (strcmp(u->path, path) == 0) {
            *link = u->older;
            forget(u);
        } else {
            link = &u->older;
        }
    }
}

/* Reads by another descriptor; the locks this drops are dropped in a child that will die. */
static inline void remember(const char *path, int64_t at, const void *bytes, size_t n,
                            bool is_truncate)
{
    struct unsynced *u = x_array(1, sizeof(*u));
    const int fd = open(path, O_RDONLY);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        die("%s: %s", path, strerror(errno));
    u->path = xstrdup(path);
    u->at = at;
    u->n = n;
    u->is_truncate = is_truncate;
    u->after = is_truncate ? NULL : xstrndup(bytes, n);
    u->size_before = st.st_size;
    const int64_t there = st.st_size > at ? st.st_size - at : 0;
    u->n_before = is_truncate ? (size_t)there : size_min(n, (size_t)there);
    u->before = x_array(u->n_before, 1);
    if (pread(fd, u->before, u->n_before, at) != (ssize_t)u->n_before)
        die("%s: short read", path);
    close(fd);
    u->older = newest;
    newest = u;
}

static inline void must_write(int fd, const char *bytes, size_t n, int64_t at)
{
    if (fd < 0 || pwrite(fd, bytes, n, at) != (ssize_t)n)
        die("cannot turn time back: %s", strerror(errno));
}

static inline void take_back(const struct unsynced *u)
{
    const int fd = open(u->path, O_WRONLY);

    must_write(fd, u->before, u->n_before, u->at);
    if (ftruncate(fd, u->size_before) < 0)
        die("%s: %s", u->path, strerror(errno));
    close(fd);
}

static inline void do_again(const struct unsynced *u)
{
    const int fd = open(u->path, O_WRONLY);

    if (!u->is_truncate)
        must_write(fd, u->after, u->n, u->at);
    else if (ftruncate(fd, u->at) < 0)
        die("%s: %s", u->path, strerror(errno));
    close(fd);
}

static inline uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* A disk may have written any part of what was not synced, in any order. */
static inline void do_some_again(const struct unsynced *u, uint64_t *x)
{
    if (!u)
        return;
    do_some_again(u->older, x);
    if (next_random(x) & 1)
        do_again(u);
}

static _Noreturn void cut_power(void)
{
    uint64_t x = cut_seed;

    for (const struct unsynced *u = newest; u; u = u->older)
        take_back(u);
    if (x)
        do_some_again(newest, &x);
    _exit(0);
}

static inline void step_towards_power_cut(void)
{
    if (fails(FAULT_POWER))
        cut_power();
}

/* ---- the VFS ---- */

static sqlite3_vfs *real_vfs;

struct faulty_file {
    sqlite3_file base;
    char *path;
    sqlite3_file *real;
};

static inline sqlite3_file *real_of(sqlite3_file *f)
{
    return ((struct faulty_file *)f)->real;
}

static const char *path_of(sqlite3_file *f)
{
    return ((struct faulty_file *)f)->path;
}

static inline int faulty_close(sqlite3_file *f)
{
    struct faulty_file *ff = (struct faulty_file *)f;
    const int rc = ff->real->pMethods->xClose(ff->real);

    free(ff->path);
    return rc;
}

static inline int faulty_read(sqlite3_file *f, void *out, int n, sqlite3_int64 at)
{
    if (fails(FAULT_READ))
        return faults[FAULT_READ].rc;
    return real_of(f)->pMethods->xRead(real_of(f), out, n, at);
}

static inline int faulty_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
    if (fails(FAULT_WRITE))
        return faults[FAULT_WRITE].rc;
    if (fails(FAULT_FULL)) { /* half of it still fitted */
        real_of(f)->pMethods->xWrite(real_of(f), bytes, n / 2, at);
        return faults[FAULT_FULL].rc;
    }
    step_towards_power_cut();
    if (remembering && path_of(f))
        remember(path_of(f), at, bytes, (size_t)n, false);
    return real_of(f)->pMethods->xWrite(real_of(f), bytes, n, at);
}

static inline int faulty_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    step_towards_power_cut();
    if (remembering && path_of(f))
        remember(path_of(f), size, NULL, 0, true);
    return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static inline int faulty_sync(sqlite3_file *f, int flags)
{
    if (fails(FAULT_SYNC))
        return faults[FAULT_SYNC].rc;
    step_towards_power_cut();
    if (remembering && path_of(f))
        forget_path(path_of(f));
    return real_of(f)->pMethods->xSync(real_of(f), flags);
}

static inline int faulty_size(sqlite3_file *f, sqlite3_int64 *out)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), out);
}

static inline int faulty_lock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xLock(real_of(f), level);
}

static inline int faulty_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static inline int faulty_check_lock(sqlite3_file *f, int *out)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static inline int faulty_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static inline int faulty_sector_size(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static inline int faulty_characteristics(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static inline int faulty_shm_map(sqlite3_file *f, int page, int size, int extend,
                                 void volatile **out)
{
    if (fails(FAULT_SHM))
        return faults[FAULT_SHM].rc;
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, out);
}

static inline int faulty_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static inline void faulty_shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static inline int faulty_shm_unmap(sqlite3_file *f, int delete)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), delete);
}

static const sqlite3_io_methods faulty_methods = {
    .iVersion = 2,
    .xClose = faulty_close,
    .xRead = faulty_read,
    .xWrite = faulty_write,
    .xTruncate = faulty_truncate,
    .xSync = faulty_sync,
    .xFileSize = faulty_size,
    .xLock = faulty_lock,
    .xUnlock = faulty_unlock,
    .xCheckReservedLock = faulty_check_lock,
    .xFileControl = faulty_control,
    .xSectorSize = faulty_sector_size,
    .xDeviceCharacteristics = faulty_characteristics,
    .xShmMap = faulty_shm_map,
    .xShmLock = faulty_shm_lock,
    .xShmBarrier = faulty_shm_barrier,
    .xShmUnmap = faulty_shm_unmap,
};

static inline int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags,
                              int *out)
{
    struct faulty_file *ff = (struct faulty_file *)f;

    (void)vfs;
    ff->base.pMethods = NULL;
    if (fails(FAULT_OPEN))
        return faults[FAULT_OPEN].rc;
    ff->real = (sqlite3_file *)(ff + 1);
    const int rc = real_vfs->xOpen(real_vfs, name, ff->real, flags, out);
    if (rc != SQLITE_OK)
        return rc;
    ff->path = name ? xstrdup(name) : NULL;
    ff->base.pMethods = &faulty_methods;
    return SQLITE_OK;
}

static inline int faulty_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    (void)vfs;
    if (fails(FAULT_DELETE))
        return faults[FAULT_DELETE].rc;
    if (remembering)
        forget_path(name);
    return real_vfs->xDelete(real_vfs, name, sync_dir);
}

static inline void install_vfs(void)
{
    static sqlite3_vfs vfs;

    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "faulty";
    vfs.szOsFile = (int)sizeof(struct faulty_file) + real_vfs->szOsFile;
    vfs.xOpen = faulty_open;
    vfs.xDelete = faulty_delete;
    sqlite3_vfs_register(&vfs, 1);
}

/* ---- the allocator ---- */

static sqlite3_mem_methods real_memory;

static inline void *faulty_malloc(int n)
{
    return fails(FAULT_ALLOC) ? NULL : real_memory.xMalloc(n);
}

static inline void *faulty_realloc(void *p, int n)
{
    return fails(FAULT_ALLOC) ? NULL : real_memory.xRealloc(p, n);
}

static inline void install_allocator(void)
{
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
    sqlite3_mem_methods faulty = real_memory;
    faulty.xMalloc = faulty_malloc;
    faulty.xRealloc = faulty_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &faulty);
}

#endif
