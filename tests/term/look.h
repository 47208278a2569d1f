/*
 * look.h: kept runs looked at in a test: `systutor trace` with the files of tests/term/traces.
 *
 *     struct tree *t = look_tree();
 *     struct vt *vt = look_at(&(struct look){.tree = t, .files = {"lanes.json"}}, '1');
 *     look_move(vt, "n");
 *
 * The tree lends its files and is the caller's, as is the vt. Events count from 1; 0 is the moment
 * before the first one.
 */
#ifndef LOOK_H
#define LOOK_H

#include "tutor.h"

struct look {
    struct tree *tree;
    const char *files[2]; /* below the tree, in which the tutor is started */
    const char *option;   /* NULL: none */
    const char *lang;     /* NULL: en */
    int rows, cols;
    const char *env[2];
    bool record;
};

/* A tree without lessons, with all files of tests/term/traces. */
struct tree *look_tree(void);

struct vt *look_start(const struct look *l);

/* The same, with the first file read, before its first event, in the view of this digit. */
struct vt *look_at(const struct look *l, char view);

/* Where the cursor is: the event before the slash in "12/38" at the end of the tabs; -1: nowhere.
 */
int look_position(struct vt *vt);

#define look_wait_at(vt, at) look_wait_at_at((vt), (at), __FILE__, __LINE__)
void look_wait_at_at(struct vt *vt, int at, const char *file, int line);

/* Presses keys, waits until the cursor is elsewhere, and returns where. */
#define look_move(vt, keys) look_move_at((vt), (keys), __FILE__, __LINE__)
int look_move_at(struct vt *vt, const char *keys, const char *file, int line);

/* The screen once the tutor sleeps and all that it has written is there. The caller frees. */
char *look_screen(struct vt *vt);

/* Waits until the screen is this one. */
#define look_wait_screen(vt, screen) look_wait_screen_at((vt), (screen), __FILE__, __LINE__)
void look_wait_screen_at(struct vt *vt, const char *screen, const char *file, int line);

/* Clicks on the first place of a text, once it is there. */
#define look_click(vt, text) look_click_at((vt), (text), __FILE__, __LINE__)
void look_click_at(struct vt *vt, const char *text, const char *file, int line);

/* Fails if any byte that was recorded could do harm: none of the sequences that the hostile files
 * hold, no control of the upper half, nothing that turns the direction of writing. */
#define look_assert_harmless(vt) look_assert_harmless_at((vt), __FILE__, __LINE__)
void look_assert_harmless_at(struct vt *vt, const char *file, int line);

#endif
