/*
 * term.c: curses started and stopped, keys and mouse. See term.h; draw.c draws.
 *
 * The crash handlers may only use write and tcsetattr (async-signal-safe), so the strings that
 * give the terminal back are fetched from terminfo at the start.
 */
#include "term.h"

#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "term_impl.h"

static struct {
    SCREEN *screen;
    WINDOW *keys; /* a pad: reading keys from it never refreshes the screen by itself */
    struct termios saved;
    bool have_saved, running, color, ascii;
    char give_back[256]; /* what a crash writes */
    size_t give_back_len;
} term;

/* SIGSTKSZ is no constant any more; this is ample for a handler that calls two functions. */
static char crash_stack[16 * 1024];

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static void on_crash(int signo)
{
    if (term.running) {
        if (write(STDOUT_FILENO, term.give_back, term.give_back_len) < 0)
            _exit(128 + signo);
        if (term.have_saved)
            tcsetattr(STDIN_FILENO, TCSANOW, &term.saved);
    }
    raise(signo); /* the default action: SA_RESETHAND */
}

static void catch_crashes(void)
{
    const stack_t stack = {.ss_sp = crash_stack, .ss_size = sizeof(crash_stack)};
    struct sigaction sa = {.sa_handler = on_crash};

    sa.sa_flags = (int)(SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
    sigemptyset(&sa.sa_mask);
    sigaltstack(&stack, NULL);
    for (size_t i = 0; i < ARRAY_LEN(crash_signals); i++)
        sigaction(crash_signals[i], &sa, NULL);
}

static void add_capability(const char *name)
{
    const char *s = tigetstr(name);

    if (!s || (intptr_t)s == -1) /* it is no string capability */
        return;
    const size_t n = strlen(s);
    if (term.give_back_len + n > sizeof(term.give_back))
        return;
    memcpy(term.give_back + term.give_back_len, s, n);
    term.give_back_len += n;
}

static void prepare_give_back(void)
{
    static const char mouse_off[] = "\033[?1006l\033[?1000l\033[?1002l\033[?1003l";

    term.give_back_len = 0;
    if (has_mouse()) {
        memcpy(term.give_back, mouse_off, sizeof(mouse_off) - 1);
        term.give_back_len = sizeof(mouse_off) - 1;
    }
    add_capability("sgr0");
    add_capability("cnorm");
    add_capability("rmkx");
    add_capability("rmcup");
}

/* Every press and release: wget_wch goes on reading, and blocks, after an event that is not asked
 * for. */
#define BUTTON(n)  (NCURSES_MOUSE_MASK((n), NCURSES_BUTTON_PRESSED | NCURSES_BUTTON_RELEASED))
#define MOUSE_MASK (BUTTON(1) | BUTTON(2) | BUTTON(3) | BUTTON(4) | BUTTON(5))

/* Ctrl-S would stop the terminal's output, and the loop with it in its next write: no signal would
 * be taken until Ctrl-Q. curses has no call for this flag; def_prog_mode makes it one of its own.
 */
static void no_flow_control(void)
{
    struct termios t;

    if (tcgetattr(STDIN_FILENO, &t) < 0)
        return;
    t.c_iflag &= ~(tcflag_t)IXON;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
    def_prog_mode();
}

static void set_modes(void)
{
    cbreak();
    noecho();
    nonl();
    no_flow_control();
    curs_set(0);
    set_escdelay(25);
    mouseinterval(0); /* a press is a click at once: nothing waits for a second one */
    mousemask(MOUSE_MASK, NULL);
}

bool term_start(const struct term_options *opt, struct err *e)
{
    const char *name = getenv("TERM");

    term.have_saved = tcgetattr(STDIN_FILENO, &term.saved) == 0;
    term.screen = name && name[0] ? newterm(NULL, stdout, stdin) : NULL;
    if (!term.screen)
        return err_set(e,
                       "terminal type \"%s\" is unknown: set TERM, for example to xterm-256color",
                       name ? name : "");
    set_modes();
    term.keys = newpad(1, 1);
    if (!term.keys)
        die("out of memory for the keyboard");
    nodelay(term.keys, TRUE);
    keypad(term.keys, TRUE);
    term.color = opt->color && has_colors();
    term.ascii = opt->ascii;
    draw_init_styles(term.color);
    prepare_give_back();
    term.running = true;
    die_set_restore(term_stop);
    catch_crashes();
    return true;
}

void term_stop(void)
{
    if (!term.running)
        return;
    term.running = false;
    die_set_restore(NULL);
    endwin();
    delwin(term.keys);
    delscreen(term.screen);
    term.keys = NULL;
    term.screen = NULL;
    for (size_t i = 0; i < ARRAY_LEN(crash_signals); i++)
        signal(crash_signals[i], SIG_DFL);
}

/* SIGTSTP with its default action, as the terminal would send it: the kernel ignores it where no
 * shell could ever continue us (an orphaned process group), which it would not do for SIGSTOP. */
static void stop_here(void)
{
    struct sigaction ours, plain = {.sa_handler = SIG_DFL};
    sigset_t tstp, mask;

    sigemptyset(&plain.sa_mask);
    sigemptyset(&tstp);
    sigaddset(&tstp, SIGTSTP);
    sigaction(SIGTSTP, &plain, &ours);
    raise(SIGTSTP); /* blocked, so it waits for the next line */
    sigprocmask(SIG_UNBLOCK, &tstp, &mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGTSTP, &ours, NULL);
}

void term_suspend(void)
{
    def_prog_mode();
    endwin();
    stop_here();
    reset_prog_mode();
    term_resize();
}

void term_resize(void)
{
    struct winsize ws;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 0 && ws.ws_col > 0)
        resizeterm(ws.ws_row, ws.ws_col);
    clearok(curscr, TRUE);
}

void term_size(int *rows, int *cols)
{
    getmaxyx(stdscr, *rows, *cols);
}

bool term_is_ascii(void)
{
    return term.ascii;
}

/* ---- keys ---- */

/* One press of a batch; ncurses hands a batch out newest first. */
static struct {
    struct term_key key[16];
    size_t n;
} clicks;

static int key_of(mmask_t state)
{
    if (state & BUTTON4_PRESSED)
        return KEY_WHEEL_UP;
    if (state & BUTTON5_PRESSED)
        return KEY_WHEEL_DOWN;
    return state & BUTTON1_PRESSED ? KEY_CLICK : 0;
}

static void read_mouse(void)
{
    MEVENT m;

    while (getmouse(&m) == OK) {
        const int key = key_of(m.bstate);
        if (key && clicks.n < ARRAY_LEN(clicks.key))
            clicks.key[clicks.n++] = (struct term_key){.key = key, .row = m.y, .col = m.x};
    }
}

static bool next_click(struct term_key *k)
{
    if (clicks.n == 0)
        return false;
    *k = clicks.key[--clicks.n];
    return true;
}

bool term_next_key(struct term_key *k)
{
    for (;;) {
        wint_t c;
        if (next_click(k))
            return true;
        const int kind = wget_wch(term.keys, &c);
        *k = (struct term_key){0};
        if (kind == ERR)
            return false;
        if (kind == KEY_CODE_YES && c == KEY_RESIZE)
            continue; /* resizeterm says so; term_resize has done it */
        if (kind == KEY_CODE_YES && c == KEY_MOUSE) {
            read_mouse();
            continue;
        }
        if (kind == KEY_CODE_YES)
            k->key = (int)c;
        else
            k->key = c < 128 ? (int)c : KEY_TYPED + (int)c;
        if (k->key == '\r' || k->key == KEY_ENTER)
            k->key = '\n';
        if (k->key == 127 || k->key == '\b')
            k->key = KEY_BACKSPACE;
        return true;
    }
}

bool term_key_text(int key, char out[5])
{
    mbstate_t st = {0};
    char bytes[16]; /* MB_CUR_MAX is at most 16 */

    const bool ascii = key >= ' ' && key < 127;
    if (!ascii && key <= KEY_TYPED)
        return false;
    const size_t n = wcrtomb(bytes, (wchar_t)(ascii ? key : key - KEY_TYPED), &st);
    if (n > 4) /* an error is (size_t)-1 */
        return false;
    memcpy(out, bytes, n);
    out[n] = '\0';
    return true;
}
