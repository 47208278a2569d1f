/*
 * path.h: where things are: the tutor's own files, and the learner's (XDG base directories).
 */
#ifndef PATH_H
#define PATH_H

#include <stdbool.h>

#include "base.h"

/* All owned by the struct; path_release frees. */
struct paths {
    char *content;    /* lessons: build tree or PREFIX/share/systutor/content */
    char *data;       /* migrations */
    char *demos;      /* compiled demos: LESSON/NAME */
    char *db;         /* $XDG_DATA_HOME/systutor/progress.db */
    char *cache;      /* $XDG_CACHE_HOME/systutor */
    bool own_content; /* content is the one that was built with this program */
};

/* Finds the tutor's files from where the running program is: BUILD/systutor in a build tree (the
 * source tree is the folder above), PREFIX/bin/systutor when installed. content and db, if not
 * NULL, replace the defaults. A relative or empty XDG variable is ignored, as the XDG base
 * directory specification says. */
bool path_init(struct paths *p, const char *content, const char *db, struct err *e);
void path_release(struct paths *p);

/* dir/name; the caller frees. */
char *path_join(const char *dir, const char *name);

/* Whether both name the same existing folder: its identity, not its spelling, decides. */
bool path_same_dir(const char *a, const char *b);

/* Makes a folder and those above it, mode 0700. */
bool path_make_dirs(const char *dir, struct err *e);

#endif
