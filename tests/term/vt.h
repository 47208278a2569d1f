/*
 * vt.h: a terminal in a test: a real program in a real pty, libvterm as the terminal before it.
 *
 *     struct vt *vt = vt_start(&(struct vt_spec){.argv = argv, .rows = 24, .cols = 80});
 *     vt_wait(vt, "Lessons");  vt_keys(vt, "jj<Enter>");  vt_golden(vt, "lesson-80x24");
 *     vt_free(vt);
 *
 * Whatever goes wrong prints the screen and fails the running cmocka test at the caller's line.
 * A failed test leaves by longjmp, so give vt_teardown to cmocka as well: it frees what is left.
 * Rows and columns count from 0. A `const char *` returned is borrowed, until the next call of the
 * same function for the same vt. Wait for state: nothing here sleeps.
 */
#ifndef VT_H
#define VT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct vt;

struct vt_spec {
    const char *const *argv; /* ended by NULL; argv[0] is looked up in PATH */
    int rows, cols;          /* 0: 24 and 80 */
    const char *const *env;  /* NULL or ended by NULL: "NAME=value" sets, "NAME" removes */
    const char *home;        /* NULL: a fresh one, removed by vt_free; else used and kept */
    const char *cwd;         /* NULL: the test's */
    bool record;             /* keep all output bytes for vt_recorded */
};

/* What one cell shows. Colours: VT_DEFAULT, 0 to 255 of the palette, or VT_RGB | 0xrrggbb. */
enum { VT_DEFAULT = -1, VT_RGB = 1 << 24 };

struct vt_cell {
    char
        text[32]; /* one character with its combining marks, UTF-8; " " when empty; "" if width 0 */
    uint32_t code; /* its first code point; 0 when empty */
    int width;     /* 1 or 2; 0 for the right half of a wide character */
    bool bold, underline, italic, reverse, strike;
    int fg, bg;
};

/* Takes a const struct vt_spec *. Starts the program as the leader of its own session, in an
 * environment that holds nothing but PATH, HOME, XDG_*, TZ=UTC, LANG=C.UTF-8, TERM=xterm-256color
 * and the sanitizers' options. Ctrl-Z stops only programs below a shell with job control (the
 * kernel never stops an orphaned process group from the keyboard): start `sh -i` and type the
 * program's name to test that. */
#define vt_start(...) vt_start_at(__VA_ARGS__, __FILE__, __LINE__)

/* Kills the program's process group, closes the terminal, removes a home it made. NULL is fine. */
void vt_free(struct vt *vt);

/* For cmocka's teardown: frees every vt that is still there. Returns 0. */
int vt_teardown(void **state);

const char *vt_home(const struct vt *vt);
pid_t vt_pid(const struct vt *vt);

/* ---- input ---- */

/* Types text as UTF-8 bytes; <Name> is a key, with the prefixes C- (Ctrl), M- (Alt), S- (Shift):
 *     Enter Tab Esc BS Space lt Up Down Left Right Home End PgUp PgDn Ins Del F1 to F12
 *     and, after C- or M-, any one character: <C-z> <M-x> <S-Tab> <C-Right>
 * <lt> is the sign '<'. Cursor keys are sent as the program asked for (terminfo smkx), so wait for
 * its first screen. After <Esc>, wait for its effect: Esc and a key at once are Alt and that key.
 */
#define vt_keys(vt, keys) vt_keys_at((vt), (keys), __FILE__, __LINE__)

/* Press and release of the left button; one notch of the wheel. Waits until the program has
 * switched the mouse on, and speaks the protocol it chose (SGR or X10). */
#define vt_click(vt, row, col)     vt_click_at((vt), (row), (col), __FILE__, __LINE__)
#define vt_wheel(vt, row, col, up) vt_wheel_at((vt), (row), (col), (up), __FILE__, __LINE__)

/* The kernel sends SIGWINCH to the foreground process group. */
void vt_resize(struct vt *vt, int rows, int cols);

/* To the program itself, not to its process group. */
void vt_signal(struct vt *vt, int sig);

/* Closes the terminal under the program: SIGHUP. Only vt_wait_exit, the screen as it was last
 * and vt_free are of use afterwards. */
void vt_hang_up(struct vt *vt);

/* ---- waiting: up to 10 s, or $VT_LIMIT_S ---- */

/* Until text stands in one row of the screen, or in none. */
#define vt_wait(vt, text)      vt_wait_at((vt), (text), true, __FILE__, __LINE__)
#define vt_wait_gone(vt, text) vt_wait_at((vt), (text), false, __FILE__, __LINE__)

/* Until the program has ended and all its output is on the screen; *status is as of waitpid. */
#define vt_wait_exit(vt, status) vt_wait_exit_at((vt), (status), __FILE__, __LINE__)

/* vt_wait_exit, and it must have exited with this code. */
#define vt_assert_exit(vt, code) vt_assert_exit_at((vt), (code), __FILE__, __LINE__)

/* Until cond holds; what names it in the message. For states that are more than a text. */
typedef bool vt_cond(struct vt *vt, void *arg);
#define vt_wait_until(vt, cond, arg, what)                                                         \
    vt_wait_until_at((vt), (cond), (arg), (what), __FILE__, __LINE__)

/* The same without failing: whether cond held, or text came up, within limit_ms (0: looks at what
 * is there by now). */
bool vt_until(struct vt *vt, vt_cond *cond, void *arg, int limit_ms);
bool vt_sees(struct vt *vt, const char *text, int limit_ms);
int vt_limit_ms(void);

/* Best effort, the last resort: until nothing has come for quiet_ms. A busy machine can make any
 * pause longer than that, so never assert something that only this made true. */
void vt_wait_quiet(struct vt *vt, int quiet_ms);

/* ---- the screen ---- */

/* A row, or all rows each ended by '\n', without blanks at the end; wide characters once. */
const char *vt_row(struct vt *vt, int row);
const char *vt_screen(struct vt *vt);

/* The first place of text, from the top; row and col may be NULL. */
bool vt_find(struct vt *vt, const char *text, int *row, int *col);

/* A place outside of the screen is a blank cell. */
struct vt_cell vt_cell(const struct vt *vt, int row, int col);

void vt_size(const struct vt *vt, int *rows, int *cols);
void vt_cursor(const struct vt *vt, int *row, int *col);
bool vt_cursor_visible(const struct vt *vt);
bool vt_altscreen(const struct vt *vt);
bool vt_mouse_on(const struct vt *vt);

/* NULL when the terminal is as a shell wants it: main screen, cursor shown, mouse, application
 * cursor keys and bracketed paste off, attributes reset, termios as at the start. Else says what
 * is not. The assertion waits for it while the program (or the shell above it) still runs. */
const char *vt_not_restored(struct vt *vt);
#define vt_assert_restored(vt) vt_assert_restored_at((vt), __FILE__, __LINE__)

/* The screen is that of $SYSTUTOR_SRC/tests/term/golden/NAME.txt ($SYSTUTOR_SRC: the current
 * directory). Waits for it as long as output keeps coming, then fails with the rows that differ.
 * With GENERATE=1 in the environment, writes the file instead once the output is quiet. */
#define vt_golden(vt, name) vt_golden_at((vt), (name), __FILE__, __LINE__)

/* Writes the screen as a picture, on a dark ground in a plain window frame with this title. */
#define vt_svg(vt, path, title) vt_svg_at((vt), (path), (title), __FILE__, __LINE__)

/* ---- the bytes ---- */

/* All output so far; what was recorded since the start or the last clear (n may be NULL). */
size_t vt_output_bytes(const struct vt *vt);
const char *vt_recorded(const struct vt *vt, size_t *n);
void vt_record_clear(struct vt *vt);

/* ---- behind the macros ---- */

struct vt *vt_start_at(const struct vt_spec *spec, const char *file, int line);
void vt_keys_at(struct vt *vt, const char *keys, const char *file, int line);
void vt_click_at(struct vt *vt, int row, int col, const char *file, int line);
void vt_wheel_at(struct vt *vt, int row, int col, bool up, const char *file, int line);
void vt_wait_at(struct vt *vt, const char *text, bool there, const char *file, int line);
void vt_wait_exit_at(struct vt *vt, int *status, const char *file, int line);
void vt_assert_exit_at(struct vt *vt, int code, const char *file, int line);
void vt_wait_until_at(struct vt *vt, vt_cond *cond, void *arg, const char *what, const char *file,
                      int line);
void vt_assert_restored_at(struct vt *vt, const char *file, int line);
void vt_golden_at(struct vt *vt, const char *name, const char *file, int line);
void vt_svg_at(struct vt *vt, const char *path, const char *title, const char *file, int line);

/* Prints the message and the screen (vt may be NULL), fails the test at file and line. */
_Noreturn void vt_fail_at(struct vt *vt, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
