/*
 * build_cache.c: the folder of compiled programs. See build_cache.h.
 */
#include "build_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "build.h"
#include "path.h"

enum {
    MAX_SOURCE = 1024 * 1024,
    HASH_CHARS = 32,
    STALE_S = 24 * 3600, /* a folder so old was left by a tutor that was killed */
};

/* ---- names ---- */

void hash_init(struct hash *h)
{
    *h = (struct hash){UINT64_C(0xcbf29ce484222325), UINT64_C(0x9ae16a3b2f90404f)};
}

static void hash_bytes(struct hash *h, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < n; i++) {
        h->a = (h->a ^ p[i]) * UINT64_C(0x100000001b3);
        h->b = (h->b ^ (p[i] + 0x5bu)) * UINT64_C(0x100000001b3);
    }
}

/* With its NUL, so that "ab", "c" is not "a", "bc". */
void hash_text(struct hash *h, const char *s)
{
    hash_bytes(h, s, strlen(s) + 1);
}

bool hash_file(struct hash *h, const char *path, struct err *e)
{
    struct buf b = {0};
    const bool ok = buf_read_file(&b, path, MAX_SOURCE, e);

    if (ok) {
        hash_text(h, path);
        hash_bytes(h, &b.len, sizeof(b.len));
        hash_bytes(h, buf_text(&b), b.len);
    }
    buf_release(&b);
    return ok;
}

bool hash_compiler(struct hash *h, const struct compiler *cc, struct err *e)
{
    struct stat st;

    if (stat(cc->path, &st) < 0)
        return err_sys(e, "%s: cannot look at the compiler", cc->path);
    hash_text(h, cc->path);
    for (const char *word = cc->words; *word; word += strlen(word) + 1)
        hash_text(h, word);
    hash_bytes(h, &st.st_size, sizeof(st.st_size));
    hash_bytes(h, &st.st_mtim.tv_sec, sizeof(st.st_mtim.tv_sec));
    hash_bytes(h, &st.st_mtim.tv_nsec, sizeof(st.st_mtim.tv_nsec));
    return true;
}

char *hash_name(const struct hash *h)
{
    return xasprintf("%016" PRIx64 "%016" PRIx64, h->a, h->b);
}

/* ---- folders ---- */

void cache_remove(const char *folder)
{
    DIR *d = opendir(folder);

    if (!d)
        return;
    for (const struct dirent *entry; (entry = readdir(d));)
        unlinkat(dirfd(d), entry->d_name, 0);
    closedir(d);
    rmdir(folder);
}

/* A file without bytes is what a crash of the machine may leave. */
bool cache_has(const char *program)
{
    struct stat st;

    return stat(program, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
           access(program, X_OK) == 0;
}

void cache_touch(const char *folder)
{
    utimensat(AT_FDCWD, folder, NULL, 0);
}

bool cache_put(const char *work, const char *folder, const char *program, struct err *e)
{
    if (rename(work, folder) == 0 || cache_has(program))
        return true;
    cache_remove(folder);
    return rename(work, folder) == 0 || err_sys(e, "%s: cannot be made", folder);
}

/* ---- making room ---- */

struct cached {
    char name[HASH_CHARS + 1];
    int64_t used_s;
};

static int newest_first(const void *a, const void *b)
{
    const struct cached *x = a, *y = b;

    if (x->used_s != y->used_s)
        return x->used_s < y->used_s ? 1 : -1;
    return strcmp(x->name, y->name);
}

static bool is_hash(const char *name)
{
    return strlen(name) == HASH_CHARS && strspn(name, "0123456789abcdef") == HASH_CHARS;
}

static bool is_stale(const char *name, int64_t used_s)
{
    return strncmp(name, "tmp-", 4) == 0 && time(NULL) - used_s > STALE_S;
}

static void remove_in(const char *dir, const char *name)
{
    char *path = path_join(dir, name);

    cache_remove(path);
    free(path);
}

void cache_prune(const char *dir)
{
    DIR *d = opendir(dir);
    struct cached *all = NULL;
    size_t n = 0;

    if (!d)
        return;
    for (const struct dirent *entry; (entry = readdir(d));) {
        struct stat st;
        if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (is_stale(entry->d_name, st.st_mtim.tv_sec))
            remove_in(dir, entry->d_name);
        if (!is_hash(entry->d_name))
            continue;
        if (n % 64 == 0)
            all = x_resize(all, n + 64, sizeof(*all));
        all[n].used_s = st.st_mtim.tv_sec;
        memcpy(all[n++].name, entry->d_name, HASH_CHARS + 1);
    }
    closedir(d);
    if (n > 0)
        qsort(all, n, sizeof(*all), newest_first);
    for (size_t i = BUILD_KEPT; i < n; i++)
        remove_in(dir, all[i].name);
    free(all);
}
