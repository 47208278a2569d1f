/*
 * vt.c: a terminal in a test. See vt.h for the contract.
 *
 * Everything turns on step(): it sends what is queued, feeds what the program wrote to libvterm,
 * and notices the program's end. Waiting is stepping until a condition holds. All vts are on one
 * list, so that a failed test, which leaves by longjmp, leaves no process and no directory behind.
 */
#include "vt.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "vt_impl.h"

enum { NS_A_MS = 1000000, READ_SIZE = 65536 };

static struct vt *live; /* all of them, for vt_teardown */

/* ---- life ---- */

int vt_limit_ms(void)
{
    const char *s = getenv("VT_LIMIT_S");
    const int seconds = s ? atoi(s) : 0;

    return 1000 * (seconds > 0 ? seconds : 10);
}

static void on_terminal_output(const char *bytes, size_t n, void *arg)
{
    struct vt *vt = arg;

    buf_add(&vt->input, bytes, n);
}

static int on_property(VTermProp prop, VTermValue *value, void *arg)
{
    struct vt *vt = arg;

    switch (prop) {
    case VTERM_PROP_CURSORVISIBLE:
        vt->cursor_visible = value->boolean;
        break;
    case VTERM_PROP_ALTSCREEN:
        vt->altscreen = value->boolean;
        break;
    case VTERM_PROP_MOUSE:
        vt->mouse_on = value->number != VTERM_PROP_MOUSE_NONE;
        break;
    default:
        break;
    }
    return 1;
}

static void start_terminal(struct vt *vt, int rows, int cols)
{
    static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

    vt->term = vterm_new(rows, cols);
    if (!vt->term)
        die("out of memory for a terminal");
    vterm_set_utf8(vt->term, 1);
    vterm_output_set_callback(vt->term, on_terminal_output, vt);
    vt->screen = vterm_obtain_screen(vt->term);
    vterm_screen_set_callbacks(vt->screen, &callbacks, vt);
    vterm_screen_enable_altscreen(vt->screen, 1);
    vt->cursor_visible = true;
    vterm_screen_reset(vt->screen, 1);
}

static void free_all(void)
{
    while (live)
        vt_free(live);
}

static void link_live(struct vt *vt)
{
    static bool registered;

    if (!registered)
        registered = atexit(free_all) == 0;
    vt->next = live;
    live = vt;
}

struct vt *vt_start_at(const struct vt_spec *spec, const char *file, int line)
{
    struct vt *vt = x_array(1, sizeof(*vt));
    const int rows = spec->rows ? spec->rows : 24;
    const int cols = spec->cols ? spec->cols : 80;
    struct err e;

    vt->own_home = !spec->home;
    vt->home = spec->home ? xstrdup(spec->home) : pty_dir_new();
    vt->record = spec->record;
    start_terminal(vt, rows, cols);
    link_live(vt);
    char **env = pty_env_new(vt->home, spec->env);
    const struct pty_spec what = {
        .argv = spec->argv, .env = env, .cwd = spec->cwd, .rows = rows, .cols = cols};
    const bool ok = pty_spawn(&vt->pty, &what, &e);
    pty_env_free(env);
    if (!ok)
        vt_fail_at(NULL, file, line, "%s", e.text);
    return vt;
}

void vt_free(struct vt *vt)
{
    if (!vt)
        return;
    for (struct vt **at = &live; *at; at = &(*at)->next) {
        if (*at == vt) {
            *at = vt->next;
            break;
        }
    }
    pty_close(&vt->pty);
    if (vt->own_home)
        pty_dir_remove(vt->home);
    vterm_free(vt->term);
    buf_release(&vt->mode_sequence);
    buf_release(&vt->input);
    buf_release(&vt->recorded);
    buf_release(&vt->row_text);
    buf_release(&vt->screen_text);
    buf_release(&vt->reason);
    free(vt->home);
    free(vt);
}

int vt_teardown(void **state)
{
    (void)state;
    free_all();
    return 0;
}

const char *vt_home(const struct vt *vt)
{
    return vt->home;
}

pid_t vt_pid(const struct vt *vt)
{
    return vt->pty.pid;
}

/* ---- stepping and waiting ---- */

static void send_input(struct vt *vt)
{
    while (vt->input.len > 0) {
        const ssize_t n = write(vt->pty.master, vt->input.text, vt->input.len);
        if (n <= 0)
            return;
        buf_consume(&vt->input, (size_t)n);
    }
}

/* libvterm 0.1 obeys only the first of several private modes ("CSI ? 1006 ; 1000 h", which is how
 * ncurses switches the mouse on): it is given one sequence a mode. */
static void write_mode_sequence(struct vt *vt)
{
    const struct buf *seq = &vt->mode_sequence; /* "\033[?1006;1000h" */
    const char final = seq->text[seq->len - 1];

    for (size_t at = 3; at < seq->len; at++) {
        const size_t n = strcspn(seq->text + at, final == 'h' ? ";h" : ";l");
        char one[40];
        const int len = snprintf(one, sizeof(one), "\033[?%.*s%c", (int)n, seq->text + at, final);
        vterm_input_write(vt->term, one, (size_t)len);
        at += n;
    }
}

/* A private sequence is kept back until its last byte has come, everything else goes through. */
static void give_to_terminal(struct vt *vt, const char *bytes, size_t n)
{
    static const char start[] = "\033[?";
    struct buf *seq = &vt->mode_sequence;

    for (size_t i = 0; i < n; i++) {
        const char c = bytes[i];
        const bool fits = seq->len < 3 ? c == start[seq->len] : strchr("0123456789;hl", c) && c;
        if (seq->len == 0 && !fits) {
            vterm_input_write(vt->term, &c, 1);
            continue;
        }
        buf_add(seq, &c, 1);
        if (fits && c != 'h' && c != 'l' && seq->len < 30)
            continue;
        if (fits && (c == 'h' || c == 'l'))
            write_mode_sequence(vt);
        else
            vterm_input_write(vt->term, seq->text, seq->len);
        buf_clear(seq);
    }
}

static bool take_output(struct vt *vt)
{
    static char bytes[READ_SIZE];
    const ssize_t n = read(vt->pty.master, bytes, sizeof(bytes));

    if (n <= 0)
        return false;
    vt->output_bytes += (size_t)n;
    if (vt->record)
        buf_add(&vt->recorded, bytes, (size_t)n);
    give_to_terminal(vt, bytes, (size_t)n);
    return true;
}

/* Lets the program and the terminal talk for at most wait_ms; returns early when they have.
 * Whether anything happened. */
static bool step(struct vt *vt, int wait_ms)
{
    if (!vt->exited)
        pty_poll(&vt->pty, vt->input.len > 0, wait_ms);
    send_input(vt);
    if (take_output(vt))
        return true;
    if (vt->exited || !pty_ended(&vt->pty, &vt->status))
        return false;
    /* What it wrote last may have come between the read and the end. */
    while (take_output(vt))
        ;
    vt->exited = true;
    return true;
}

bool vt_until(struct vt *vt, vt_cond *cond, void *arg, int limit_ms)
{
    const int64_t end = pty_now_ns() + (int64_t)limit_ms * NS_A_MS;

    for (;;) {
        if (cond(vt, arg))
            return true;
        const int64_t left = (end - pty_now_ns()) / NS_A_MS;
        if (!step(vt, left > 0 ? (int)left : 0) && (left <= 0 || vt->exited))
            return cond(vt, arg);
    }
}

static void print_screen(struct vt *vt)
{
    int rows;
    int cols;

    vt_size(vt, &rows, &cols);
    print_error("+-- screen %dx%d, cursor %s, %s screen\n", cols, rows,
                vt->cursor_visible ? "shown" : "hidden", vt->altscreen ? "alternate" : "main");
    for (int row = 0; row < rows; row++)
        print_error("|%s\n", vt_row(vt, row));
    print_error("+--\n");
}

void vt_fail_at(struct vt *vt, const char *file, int line, const char *fmt, ...)
{
    char message[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);
    print_error("%s%s\n", message, vt && vt->exited ? " (the program has ended)" : "");
    if (vt)
        print_screen(vt);
    _fail(file, line);
    abort(); /* _fail leaves by longjmp or exit, but does not declare it */
}

void vt_wait_until_at(struct vt *vt, vt_cond *cond, void *arg, const char *what, const char *file,
                      int line)
{
    if (!vt_until(vt, cond, arg, vt_limit_ms()))
        vt_fail_at(vt, file, line, "waited in vain until %s", what);
}

static bool text_there(struct vt *vt, void *text)
{
    return vt_find(vt, text, NULL, NULL);
}

static bool text_gone(struct vt *vt, void *text)
{
    return !vt_find(vt, text, NULL, NULL);
}

void vt_wait_at(struct vt *vt, const char *text, bool there, const char *file, int line)
{
    char *arg = xstrdup(text);
    const bool ok = vt_until(vt, there ? text_there : text_gone, arg, vt_limit_ms());

    free(arg);
    if (!ok)
        vt_fail_at(vt, file, line, "\"%s\" %s", text,
                   there ? "did not come up on the screen" : "did not leave the screen");
}

bool vt_sees(struct vt *vt, const char *text, int limit_ms)
{
    char *arg = xstrdup(text);
    const bool ok = vt_until(vt, text_there, arg, limit_ms);

    free(arg);
    return ok;
}

static bool has_exited(struct vt *vt, void *arg)
{
    (void)arg;
    return vt->exited;
}

void vt_wait_exit_at(struct vt *vt, int *status, const char *file, int line)
{
    if (!vt_until(vt, has_exited, NULL, vt_limit_ms()))
        vt_fail_at(vt, file, line, "the program did not end");
    *status = vt->status;
}

void vt_assert_exit_at(struct vt *vt, int code, const char *file, int line)
{
    int status;

    vt_wait_exit_at(vt, &status, file, line);
    if (WIFSIGNALED(status))
        vt_fail_at(vt, file, line, "exit status %d expected, but killed by %s", code,
                   strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) != code)
        vt_fail_at(vt, file, line, "exit status %d expected, got %d", code, WEXITSTATUS(status));
}

static bool has_more_output(struct vt *vt, void *seen)
{
    return vt->output_bytes != *(size_t *)seen;
}

void vt_wait_quiet(struct vt *vt, int quiet_ms)
{
    const int64_t end = pty_now_ns() + (int64_t)vt_limit_ms() * NS_A_MS;
    size_t seen;

    do
        seen = vt->output_bytes;
    while (vt_until(vt, has_more_output, &seen, quiet_ms) && pty_now_ns() < end);
}

/* ---- what happens to a terminal and a program ---- */

void vt_resize(struct vt *vt, int rows, int cols)
{
    const struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

    /* What was written for the old size is to be read at the old size; a flood does not hold up. */
    for (int i = 0; i < 16 && step(vt, 0); i++)
        ;
    vterm_set_size(vt->term, rows, cols);
    ioctl(vt->pty.master, TIOCSWINSZ, &size);
}

void vt_signal(struct vt *vt, int sig)
{
    if (!vt->exited)
        kill(vt->pty.pid, sig);
}

void vt_hang_up(struct vt *vt)
{
    pty_hang_up(&vt->pty);
    buf_clear(&vt->input);
}

/* ---- the bytes ---- */

size_t vt_output_bytes(const struct vt *vt)
{
    return vt->output_bytes;
}

const char *vt_recorded(const struct vt *vt, size_t *n)
{
    if (n)
        *n = vt->recorded.len;
    return buf_text(&vt->recorded);
}

void vt_record_clear(struct vt *vt)
{
    buf_clear(&vt->recorded);
}
