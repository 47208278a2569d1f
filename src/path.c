/*
 * path.c: where things are. See path.h.
 */
#include "path.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *path_join(const char *dir, const char *name)
{
    return xasprintf("%s/%s", dir, name);
}

static bool is_dir(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The folder of the running program, at most PATH_MAX bytes with the NUL. */
static bool program_dir(char *dir, struct err *e)
{
    char exe[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

    if (n < 0)
        return err_sys(e, "/proc/self/exe: cannot read; is /proc mounted?");
    exe[n] = '\0';
    const char *parent = dirname(exe);
    memmove(dir, parent, strlen(parent) + 1); /* never longer than exe */
    return true;
}

/* The source tree above BUILD/systutor, or above a sanitizer's BUILD/SAN/systutor; NULL if the
 * program does not stand in a build tree. The caller frees. */
static char *source_tree(const char *bin)
{
    static const char *const up[] = {"..", "../.."};

    for (size_t i = 0; i < ARRAY_LEN(up); i++) {
        char *migrations = xasprintf("%s/%s/data/migrations", bin, up[i]);
        const bool found = is_dir(migrations);
        free(migrations);
        if (found)
            return path_join(bin, up[i]);
    }
    return NULL;
}

static bool find_own_files(struct paths *p, struct err *e)
{
    char bin[PATH_MAX];

    if (!program_dir(bin, e))
        return false;
    /* PREFIX first: it may lie in the source tree, and /data/migrations may be somebody else's. */
    char *installed = path_join(bin, "../share/systutor/data/migrations");
    char *tree = is_dir(installed) ? NULL : source_tree(bin);
    free(installed);
    if (tree) {
        p->content = path_join(tree, "content");
        p->data = path_join(tree, "data");
        p->demos = path_join(bin, "demos");
    } else { /* PREFIX/bin/systutor */
        p->content = path_join(bin, "../share/systutor/content");
        p->data = path_join(bin, "../share/systutor/data");
        p->demos = path_join(bin, "../libexec/systutor/demos");
    }
    free(tree);
    if (is_dir(p->data))
        return true;
    return err_set(e, "%s: not there; install the tutor again or run it from its build tree",
                   p->data);
}

/* $NAME if it is an absolute path, else HOME/fallback; the caller frees, NULL without a HOME. */
static char *xdg_dir(const char *name, const char *fallback)
{
    const char *dir = getenv(name);
    const char *home = getenv("HOME");

    if (dir && dir[0] == '/')
        return path_join(dir, "systutor");
    if (!home || home[0] != '/')
        return NULL;
    return xasprintf("%s/%s/systutor", home, fallback);
}

static char *default_db(void)
{
    char *dir = xdg_dir("XDG_DATA_HOME", ".local/share");
    char *db = dir ? path_join(dir, "progress.db") : NULL;

    free(dir);
    return db;
}

bool path_same_dir(const char *a, const char *b)
{
    struct stat sa, sb;

    return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
           sa.st_ino == sb.st_ino;
}

bool path_init(struct paths *p, const char *content, const char *db, struct err *e)
{
    *p = (struct paths){.own_content = true};
    if (!find_own_files(p, e))
        return false;
    if (content) {
        p->own_content = path_same_dir(content, p->content);
        free(p->content);
        p->content = xstrdup(content);
    }
    p->db = db ? xstrdup(db) : default_db();
    if (!p->db)
        return err_set(e, "HOME is not set: name the progress file with --db FILE, "
                          "or --db :memory: to keep nothing");
    p->cache = xdg_dir("XDG_CACHE_HOME", ".cache");
    return true;
}

void path_release(struct paths *p)
{
    free(p->content);
    free(p->data);
    free(p->demos);
    free(p->db);
    free(p->cache);
    *p = (struct paths){0};
}

bool path_make_dirs(const char *dir, struct err *e)
{
    char *copy = xstrdup(dir);
    bool ok = true;

    for (char *at = copy + (copy[0] != '\0'); ok; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        const char saved = *at;
        *at = '\0';
        if (mkdir(copy, 0700) < 0 && errno != EEXIST)
            ok = err_sys(e, "%s: cannot make this folder", copy);
        *at = saved;
        if (saved == '\0')
            break;
    }
    free(copy);
    if (ok && !is_dir(dir))
        return err_set(e, "%s: not a folder", dir);
    return ok;
}
