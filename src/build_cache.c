/*
 * build_cache.c: the folder of compiled programs. See build_cache.h.
 */
#include "build_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
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

/* ---- the folder ---- */

void cache_remove_folder(const char *dir)
{
    DIR *d = opendir(dir);

    if (!d)
        return;
    for (const struct dirent *entry; (entry = readdir(d));)
        unlinkat(dirfd(d), entry->d_name, 0);
    closedir(d);
    rmdir(dir);
}

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

static void forget_oldest(const char *dir, struct cached *all, size_t n)
{
    if (n <= BUILD_KEPT)
        return;
    qsort(all, n, sizeof(*all), newest_first);
    for (size_t i = BUILD_KEPT; i < n; i++) {
        char *program = path_join(dir, all[i].name);
        char *log = xasprintf("%s.log", program);
        unlink(program);
        unlink(log);
        free(program);
        free(log);
    }
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
        if (strncmp(entry->d_name, "tmp-", 4) == 0 && time(NULL) - st.st_mtim.tv_sec > STALE_S) {
            char *path = path_join(dir, entry->d_name);
            cache_remove_folder(path);
            free(path);
        }
        if (!is_hash(entry->d_name))
            continue;
        if (n % 64 == 0)
            all = x_resize(all, n + 64, sizeof(*all));
        all[n].used_s = st.st_mtim.tv_sec;
        memcpy(all[n++].name, entry->d_name, HASH_CHARS + 1);
    }
    closedir(d);
    forget_oldest(dir, all, n);
    free(all);
}

/* A file without bytes is what a crash of the machine may leave. */
bool cache_has(const char *program)
{
    struct stat st;

    return stat(program, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
           access(program, X_OK) == 0;
}
