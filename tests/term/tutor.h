/*
 * tutor.h: the tutor in a test: started in a terminal or as a command, in a build tree of its own.
 *
 *     struct tree *t = tree_new("tests/term/pack");  tree_demo(t, "kinds", "coin", "behaves");
 *     struct vt *vt = tutor_start(&(struct tutor_spec){.tree = t, .words = {"kinds"}});
 *
 * Time, seed and zone are fixed, the home is empty. A tree is owned by the caller; all trees that
 * are left when a test fails are removed by tutor_teardown, which also does vt_teardown's work.
 */
#ifndef TUTOR_H
#define TUTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "vt.h"

/* What $SYSTUTOR_BIN, $SYSTUTOR_BAD and $SYSTUTOR_SRC name, as absolute paths; the caller frees. */
char *tutor_program(void);
char *tutor_bad_program(const char *name);
char *tutor_source(const char *path);

int tutor_teardown(void **state);

/* ---- a build tree: T/build/systutor, T/data, T/content, T/build/demos/LESSON/DEMO ---- */

struct tree;

/* content: a folder of the source tree to copy, NULL for an empty one. */
struct tree *tree_new(const char *content);
void tree_free(struct tree *t);

/* The pack in tests/term/pack, with tests/bad/behaves.c as its demo "coin". */
struct tree *tree_pack(void);

/* A home that goes with the tree, for several starts by one learner; owned by the tree. */
const char *tree_home(struct tree *t);

/* A path in the tree; borrowed until the next call. */
const char *tree_path(struct tree *t, const char *path);

/* Writes a file below T, with the folders above it. */
void tree_write(struct tree *t, const char *path, const char *text);
void tree_copy(struct tree *t, const char *from, const char *path);

/* The program of tests/bad that is to run as this demo. */
void tree_demo(struct tree *t, const char *lesson, const char *demo, const char *program);

/* Writes a lesson of one page whose demo has the lesson's name: claim "it-holds", a parameter
 * how= with this one value, limit_s seconds to run. program: of tests/bad, NULL for none. */
void tree_demo_lesson(struct tree *t, const char *slug, const char *program, const char *how,
                      int limit_s);

/* ---- the tutor ---- */

struct tutor_spec {
    struct tree *tree; /* NULL: $SYSTUTOR_BIN with its own content */
    const char *words[8];
    const char *lang; /* NULL: no --lang */
    const char *now;  /* NULL: a fixed day */
    int rows, cols;
    const char *env[4];
    const char *home; /* NULL: a fresh one that goes with the vt */
    bool record;
};

/* Takes a const struct tutor_spec *. */
#define tutor_start(...) tutor_start_at(__VA_ARGS__, __FILE__, __LINE__)
struct vt *tutor_start_at(const struct tutor_spec *spec, const char *file, int line);

/* The tutor in English over this tree, opened at a lesson, NULL for home. */
#define tutor_open(t, lesson) tutor_open_at((t), (lesson), __FILE__, __LINE__)
struct vt *tutor_open_at(struct tree *t, const char *lesson, const char *file, int line);

/* Waits until the row with the pointer holds this text. */
#define tutor_wait_selected(vt, text) tutor_wait_selected_at((vt), (text), __FILE__, __LINE__)
void tutor_wait_selected_at(struct vt *vt, const char *text, const char *file, int line);

/* Runs a command to its end without a terminal: its output, to be freed; *status as of waitpid. */
char *tutor_command(const struct tutor_spec *spec, int *status);

/* ---- processes ---- */

/* A variable "NAME=value" that no other process has, for tutor_spec.env; borrowed, until the next
 * call. tutor_marked counts the processes that were started with it and are no zombies. */
const char *tutor_mark(void);
int tutor_marked(const char *mark);

/* Waits until as many are there; with a vt (NULL for none) its output is read meanwhile. */
#define tutor_wait_marked(vt, mark, n) tutor_wait_marked_at((vt), (mark), (n), __FILE__, __LINE__)
void tutor_wait_marked_at(struct vt *vt, const char *mark, int n, const char *file, int line);

#endif
