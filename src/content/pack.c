/*
 * pack.c: listing the folders of a pack and telling whether they changed. See pack.h.
 */
#include "content/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "content/findings.h"
#include "content/json.h"

enum {
    MAX_DIGITS = 6,
    SETTLED_S = 2, /* the coarsest time stamps of a file system in use (FAT) */
};

const char *pack_slug(const char *name, long *number)
{
    const size_t digits = strspn(name, "0123456789");

    if (digits == 0 || digits > MAX_DIGITS || name[digits] != '-' || !id_valid(name + digits + 1))
        return NULL;
    *number = strtol(name, NULL, 10);
    return name + digits + 1;
}

static int compare_part(const char *a, size_t la, const char *b, size_t lb)
{
    const long na = strtol(a, NULL, 10), nb = strtol(b, NULL, 10);

    if (na != nb)
        return na < nb ? -1 : 1;
    const int order = memcmp(a, b, size_min(la, lb));
    return order != 0 ? order : (la > lb) - (la < lb);
}

int pack_compare(const char *a, const char *b)
{
    for (;;) {
        const size_t la = strcspn(a, "/"), lb = strcspn(b, "/");
        const int order = compare_part(a, la, b, lb);
        if (order != 0)
            return order;
        if (!a[la] || !b[lb])
            return (a[la] != '\0') - (b[lb] != '\0');
        a += la + 1;
        b += lb + 1;
    }
}

/* ---- listing ---- */

static bool ends_with(const char *name, const char *end)
{
    const size_t n = strlen(name), m = strlen(end);

    return n >= m && strcmp(name + n - m, end) == 0;
}

static bool ignored(const char *name)
{
    return name[0] == '.' || name[0] == '#' || ends_with(name, "~") || ends_with(name, ".swp") ||
           ends_with(name, ".bak") || ends_with(name, ".orig") || ends_with(name, ".rej");
}

static enum pack_type type_of(int dir_fd, const char *name)
{
    struct stat st;

    if (fstatat(dir_fd, name, &st, 0) < 0)
        return PACK_UNKNOWN;
    if (S_ISDIR(st.st_mode))
        return PACK_FOLDER;
    return S_ISREG(st.st_mode) ? PACK_FILE : PACK_OTHER;
}

static int compare_names(const void *va, const void *vb)
{
    const struct pack_name *a = va, *b = vb;

    if (a->numbered != b->numbered)
        return a->numbered ? -1 : 1;
    return a->numbered ? pack_compare(a->name, b->name) : strcmp(a->name, b->name);
}

static void add_name(struct pack_list *list, size_t *cap, int dir_fd, const char *name)
{
    long number;

    if (list->n == *cap) {
        *cap = *cap > 0 ? *cap * 2 : 16;
        list->names = x_resize(list->names, *cap, sizeof(*list->names));
    }
    struct pack_name *p = &list->names[list->n++];
    p->name = xstrdup(name);
    p->type = type_of(dir_fd, name);
    p->slug = pack_slug(p->name, &number);
    p->numbered = p->slug;
}

bool pack_list(struct pack_list *list, const char *dir, struct err *e)
{
    size_t cap = 0;
    bool ok = true;

    *list = (struct pack_list){0};
    DIR *d = opendir(dir);
    if (!d)
        return err_sys(e, "%s: cannot open", dir);
    errno = 0;
    for (const struct dirent *entry; ok && (entry = readdir(d)); errno = 0) {
        if (list->n >= PACK_MAX_ENTRIES)
            ok = err_set(e, "%s: more than %d names", dir, PACK_MAX_ENTRIES);
        else if (!ignored(entry->d_name))
            add_name(list, &cap, dirfd(d), entry->d_name);
    }
    if (ok && errno != 0)
        ok = err_sys(e, "%s: cannot read", dir);
    closedir(d);
    if (!ok)
        pack_release(list);
    else if (list->n > 1)
        qsort(list->names, list->n, sizeof(*list->names), compare_names);
    return ok;
}

void pack_release(struct pack_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->names[i].name);
    free(list->names);
    *list = (struct pack_list){0};
}

/* ---- fingerprints ---- */

/* The finalizer of splitmix64: a bijection that spreads every bit. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t add_time(uint64_t h, struct timespec t)
{
    return mix(mix(h ^ (uint64_t)t.tv_sec) ^ (uint64_t)t.tv_nsec);
}

static uint64_t stat_print(const char *name, const struct stat *st)
{
    uint64_t h = 1;

    for (const char *c = name; *c; c++)
        h = mix(h ^ (unsigned char)*c);
    h = mix(h ^ (uint64_t)st->st_size);
    h = mix(h ^ (uint64_t)st->st_mode);
    return add_time(add_time(h, st->st_mtim), st->st_ctim);
}

static bool is_old(struct timespec t, struct timespec now)
{
    const time_t s = t.tv_sec + SETTLED_S;

    return s < now.tv_sec || (s == now.tv_sec && t.tv_nsec <= now.tv_nsec);
}

static bool settled(const struct stat *st, struct timespec now)
{
    return is_old(st->st_mtim, now) && is_old(st->st_ctim, now);
}

/* The sum of its entries' prints, so that the order of readdir does not matter; 0: not to be
 * trusted. */
static uint64_t print_entries(DIR *d, struct timespec now)
{
    struct stat st;
    uint64_t sum = 0;

    if (fstat(dirfd(d), &st) < 0 || !settled(&st, now))
        return 0;
    sum += stat_print(".", &st);
    size_t n = 0;
    for (const struct dirent *entry; (entry = readdir(d));) {
        if (ignored(entry->d_name))
            continue;
        if (++n > PACK_MAX_ENTRIES)
            return 0;
        if (fstatat(dirfd(d), entry->d_name, &st, 0) < 0 || !settled(&st, now))
            return 0;
        sum += stat_print(entry->d_name, &st);
    }
    return sum;
}

uint64_t pack_fingerprint(const char *dir)
{
    struct timespec now;
    DIR *d = opendir(dir);

    if (!d)
        return 0;
    clock_gettime(CLOCK_REALTIME, &now);
    const uint64_t print = print_entries(d, now);
    closedir(d);
    return print;
}
