/*
 * pty.c: a program in a pseudo-terminal of its own. See pty.h for the contract.
 */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REPORT_FD = 3, MAX_ENV = 64 };

int64_t pty_now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Ignored signals and the mask survive an exec: the program must not inherit the test's. */
static void reset_signals(void)
{
    sigset_t none;

    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: becomes the program, or writes errno to report and ends. */
static _Noreturn void become(const struct pty_spec *spec, int slave, int report)
{
    reset_signals();
    if (setsid() >= 0 && ioctl(slave, TIOCSCTTY, 0) == 0 && dup2(slave, 0) == 0 &&
        dup2(slave, 1) == 1 && dup2(slave, 2) == 2 && (!spec->cwd || chdir(spec->cwd) == 0)) {
        /* The report descriptor may already be the one wanted: dup3 refuses that, fcntl not. */
        if (report != REPORT_FD)
            report = dup3(report, REPORT_FD, O_CLOEXEC);
        if (report >= 0 && close_range(REPORT_FD + 1, ~0U, 0) == 0)
            execvpe(spec->argv[0], (char *const *)spec->argv, spec->env);
    }
    const int why = errno;
    if (report >= 0 && write(report, &why, sizeof(why)) < 0)
        _exit(126);
    _exit(127);
}

static bool open_ends(struct pty *p)
{
    char name[64];

    p->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (p->master < 0 || grantpt(p->master) < 0 || unlockpt(p->master) < 0 ||
        ptsname_r(p->master, name, sizeof(name)) != 0)
        return false;
    p->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return p->slave >= 0;
}

/* A new pty differs from a real terminal in one setting: UTF-8 aware line editing. */
static bool open_terminal(struct pty *p, const struct pty_spec *spec, struct err *e)
{
    const struct winsize size = {.ws_row = (unsigned short)spec->rows,
                                 .ws_col = (unsigned short)spec->cols};

    if (!open_ends(p))
        return err_sys(e, "cannot open a pseudo-terminal");
    if (ioctl(p->slave, TIOCSWINSZ, &size) < 0 || tcgetattr(p->slave, &p->initial) < 0)
        return err_sys(e, "cannot set up a pseudo-terminal");
    p->initial.c_iflag |= IUTF8;
    if (tcsetattr(p->slave, TCSANOW, &p->initial) < 0 || tcgetattr(p->slave, &p->initial) < 0)
        return err_sys(e, "cannot set up a pseudo-terminal");
    return true;
}

/* The report pipe closes on a successful exec; else it carries the child's errno. */
static bool await_exec(const char *program, int report, struct err *e)
{
    int why = 0;
    ssize_t n;

    do
        n = read(report, &why, sizeof(why));
    while (n < 0 && errno == EINTR);
    if (n == 0)
        return true;
    if (n == (ssize_t)sizeof(why))
        errno = why;
    return err_sys(e, "cannot run %s", program);
}

bool pty_spawn(struct pty *p, const struct pty_spec *spec, struct err *e)
{
    int report[2];

    *p = (struct pty){.master = -1, .slave = -1, .pidfd = -1};
    if (pipe2(report, O_CLOEXEC) < 0)
        return err_sys(e, "cannot make a pipe");
    bool ok = open_terminal(p, spec, e);
    if (ok) {
        p->start_ns = pty_now_ns();
        p->pid = fork();
        if (p->pid == 0)
            become(spec, p->slave, report[1]);
        if (p->pid < 0) {
            p->pid = 0;
            ok = err_sys(e, "cannot fork");
        }
    }
    close(report[1]);
    ok = ok && await_exec(spec->argv[0], report[0], e);
    close(report[0]);
    if (!ok) {
        pty_close(p);
        return false;
    }
    p->pidfd = pidfd_open(p->pid, 0);
    return true;
}

bool pty_ended(struct pty *p, int *status)
{
    siginfo_t info = {.si_pid = 0};

    if (p->pid == 0 || waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
        info.si_pid == 0)
        return false;
    p->ended = true;
    if (info.si_code == CLD_EXITED)
        *status = W_EXITCODE(info.si_status, 0);
    else
        *status = info.si_status | (info.si_code == CLD_DUMPED ? WCOREFLAG : 0);
    return true;
}

bool pty_poll(const struct pty *p, bool want_out, int limit_ms)
{
    /* poll skips negative descriptors; the pidfd of a program that has ended stays readable. */
    struct pollfd fds[2] = {
        {.fd = p->master, .events = (short)(want_out ? POLLIN | POLLOUT : POLLIN)},
        {.fd = p->ended ? -1 : p->pidfd, .events = POLLIN},
    };

    /* Without a pidfd (valgrind knows none) the end is not an event: look often. */
    if (!p->ended && p->pidfd < 0)
        limit_ms = int_min(limit_ms, 10);
    return poll(fds, 2, limit_ms) > 0;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void pty_hang_up(struct pty *p)
{
    close_fd(&p->slave);
    close_fd(&p->master);
}

void pty_close(struct pty *p)
{
    if (p->pid > 0) {
        int status;

        /* Before setsid the group does not exist yet, so the process itself is named as well. */
        kill(-p->pid, SIGKILL);
        kill(p->pid, SIGKILL);
        while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
            ;
        p->pid = 0;
    }
    close_fd(&p->pidfd);
    pty_hang_up(p);
}

static bool same_name(const char *a, const char *b)
{
    const size_t n = strcspn(a, "=");

    return n == strcspn(b, "=") && strncmp(a, b, n) == 0;
}

/* Sets, replaces or (without '=') removes one variable; takes over the string. */
static void env_put(char **env, char *entry)
{
    size_t i = 0;

    while (env[i] && !same_name(env[i], entry))
        i++;
    if (i >= MAX_ENV)
        die("more than %d variables in a test's environment", MAX_ENV);
    free(env[i]);
    env[i] = entry;
    if (strchr(entry, '='))
        return;
    size_t last = i;
    while (env[last + 1])
        last++;
    env[i] = env[last];
    env[last] = NULL;
    free(entry);
}

char **pty_env_new(const char *home, const char *const *extra)
{
    static const char *const kept[] = {"PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS",
                                       "UBSAN_OPTIONS"};
    static const char *const below_home[][2] = {
        {"HOME", ""},
        {"XDG_DATA_HOME", "/.local/share"},
        {"XDG_STATE_HOME", "/.local/state"},
        {"XDG_CONFIG_HOME", "/.config"},
        {"XDG_CACHE_HOME", "/.cache"},
        {"XDG_RUNTIME_DIR", "/.run"},
    };
    char **env = x_array(MAX_ENV + 2, sizeof(*env));

    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        if (getenv(kept[i]))
            env_put(env, xasprintf("%s=%s", kept[i], getenv(kept[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(below_home); i++)
        env_put(env, xasprintf("%s=%s%s", below_home[i][0], home, below_home[i][1]));
    env_put(env, xstrdup("TZ=UTC"));
    env_put(env, xstrdup("LANG=C.UTF-8"));
    env_put(env, xstrdup("TERM=xterm-256color"));
    for (size_t i = 0; extra && extra[i]; i++)
        env_put(env, xstrdup(extra[i]));
    return env;
}

void pty_env_free(char **env)
{
    for (size_t i = 0; env && env[i]; i++)
        free(env[i]);
    free(env);
}

char *pty_dir_new(void)
{
    const char *tmp = getenv("TMPDIR");
    char *path = xasprintf("%s/systutor-test-XXXXXX", tmp && *tmp ? tmp : P_tmpdir);

    if (!mkdtemp(path))
        die("cannot make a directory like %s: %s", path, strerror(errno));
    return path;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    (void)remove(path);
    return 0;
}

/* A directory without permissions for its owner would keep its entries: tests make such. */
static int open_up(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)at;
    if (kind != FTW_SL && S_ISDIR(st->st_mode))
        (void)chmod(path, 0700);
    return 0;
}

void pty_dir_remove(const char *path)
{
    enum { DEPTH = 16 };

    nftw(path, open_up, DEPTH, FTW_PHYS);
    nftw(path, remove_entry, DEPTH, FTW_DEPTH | FTW_PHYS);
}
