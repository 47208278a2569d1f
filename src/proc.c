/*
 * proc.c: starting, watching and ending child processes. See proc.h.
 *
 * The order of an end matters. The leader is left a zombie (WNOWAIT) until its pipes are at end of
 * file or the grace is over, so that its group id cannot be given to strangers; then the group is
 * killed, then the leader reaped, then whatever fell to us as a subreaper is killed and reaped.
 */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/personality.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "path.h"

enum {
    READ_A_TURN = 64 * 1024,
    GRACE_MS = 50,        /* for a grandchild that holds a pipe after the leader is gone */
    STRAYS_WAIT_MS = 100, /* how long killed strays are waited for */
    MAX_CHILDREN = 256,   /* of one process, looked at in one go */
    CPU_LIMIT_S = 120,
    FILE_LIMIT = 64 * 1024 * 1024, /* bytes of any one file it writes */
};

struct pipe_end {
    int fd;
    struct watch *watch;
};

struct proc {
    struct proc *next;
    struct procs *all;
    struct proc_spec spec;
    pid_t pid;
    int pidfd;
    struct watch *pid_watch;
    struct pipe_end in[PROC_STREAMS];
    struct timer *limit, *grace;
    bool exited; /* a zombie, not yet reaped */
    bool ended_by_us;
    bool in_last_words;
    bool over; /* nothing more is waited for: no new grace */
    enum proc_end why;
};

struct procs {
    struct loop *loop;
    struct proc *first;
};

struct procs *procs_new(struct loop *l)
{
    struct procs *ps = x_array(1, sizeof(*ps));

    ps->loop = l;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return ps;
}

void procs_free(struct procs *ps)
{
    if (!ps)
        return;
    for (struct proc *p = ps->first, *next; p; p = next) {
        next = p->next;
        proc_abandon(p);
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    free(ps);
}

struct loop *procs_loop(const struct procs *ps)
{
    return ps->loop;
}

/* ---- finding ---- */

static bool is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *proc_find(const char *name)
{
    const char *dirs = getenv("PATH");

    if (strchr(name, '/'))
        return is_program(name) ? xstrdup(name) : NULL;
    for (const char *at = dirs ? dirs : "/usr/bin:/bin"; *at;) {
        const size_t n = strcspn(at, ":");
        char *dir = n ? xstrndup(at, n) : xstrdup(".");
        char *path = path_join(dir, name);
        free(dir);
        if (is_program(path))
            return path;
        free(path);
        at += n + (at[n] == ':');
    }
    return NULL;
}

/* ---- children of a process ---- */

/* At most MAX_CHILDREN of them, of its first thread. */
static size_t children_of(pid_t parent, pid_t *out)
{
    char path[64];
    size_t n = 0;
    long pid;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    while (n < MAX_CHILDREN && fscanf(f, "%ld", &pid) == 1)
        out[n++] = (pid_t)pid;
    fclose(f);
    return n;
}

static bool is_child_of(pid_t parent, pid_t pid)
{
    pid_t all[MAX_CHILDREN];
    const size_t n = children_of(parent, all);

    for (size_t i = 0; i < n; i++)
        if (all[i] == pid)
            return true;
    return false;
}

/* Children of another process, which may reap them at any time: once the pidfd is there and the
 * child still is, the signal can hit no stranger that was given its number. */
static void signal_children(pid_t parent, int signo)
{
    pid_t all[MAX_CHILDREN];
    const size_t n = children_of(parent, all);

    for (size_t i = 0; i < n; i++) {
        const int fd = pidfd_open(all[i], 0);
        if (fd < 0)
            continue;
        if (is_child_of(parent, all[i]))
            pidfd_send_signal(fd, signo, NULL, 0);
        close(fd);
    }
}

/* ---- strays: processes that a child left behind and that are now ours ---- */

static bool is_ours(const struct procs *ps, pid_t pid)
{
    for (const struct proc *p = ps->first; p; p = p->next)
        if (p->pid == pid)
            return true;
    return false;
}

/* Kills all children that are no running proc; returns how many there were. */
static int kill_strays_once(const struct procs *ps)
{
    pid_t all[MAX_CHILDREN];
    const size_t n = children_of(getpid(), all);
    int killed = 0;

    for (size_t i = 0; i < n; i++) {
        if (is_ours(ps, all[i]))
            continue;
        kill(all[i], SIGKILL);
        waitpid(all[i], NULL, WNOHANG);
        killed++;
    }
    return killed;
}

/* A killed stray hands its own children to us in turn, hence the rounds. */
static void kill_strays(const struct procs *ps)
{
    const int64_t until_ms = loop_now_ms() + STRAYS_WAIT_MS;

    while (kill_strays_once(ps) > 0 && loop_now_ms() < until_ms)
        usleep(200);
}

/* ---- the end ---- */

static void close_stream(struct proc *p, enum proc_stream s)
{
    if (p->in[s].fd < 0)
        return;
    loop_unwatch(p->all->loop, p->in[s].watch);
    close(p->in[s].fd);
    p->in[s] = (struct pipe_end){.fd = -1};
}

static void unlink_proc(struct proc *p)
{
    struct proc **at = &p->all->first;

    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
}

/* The group, and the leader by itself, which may have gone to another group. It is not reaped yet,
 * so its id cannot be a stranger's. */
static void kill_all_of(const struct proc *p)
{
    kill(-p->pid, SIGKILL);
    kill(p->pid, SIGKILL);
}

/* Kills what is left, reaps the leader and lets go of everything but p itself. */
static int put_to_rest(struct proc *p)
{
    int status = 0;

    kill_all_of(p);
    while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
        ;
    unlink_proc(p);
    kill_strays(p->all);
    for (int s = 0; s < PROC_STREAMS; s++)
        close_stream(p, (enum proc_stream)s);
    loop_unwatch(p->all->loop, p->pid_watch);
    if (p->pidfd >= 0)
        close(p->pidfd);
    loop_cancel(p->all->loop, p->limit);
    loop_cancel(p->all->loop, p->grace);
    return status;
}

static void finish(struct proc *p)
{
    const int status = put_to_rest(p);
    enum proc_end end = PROC_EXITED;
    int code = 0;

    if (p->ended_by_us)
        end = p->why;
    else if (WIFSIGNALED(status))
        end = PROC_SIGNALED;
    if (WIFEXITED(status))
        code = WEXITSTATUS(status);
    else if (WIFSIGNALED(status))
        code = WTERMSIG(status);
    p->spec.on_end(p->spec.user, end, code);
    free(p);
}

static void finish_if_over(struct proc *p)
{
    if (!p->exited)
        return;
    for (int s = 0; s < PROC_STREAMS; s++)
        if (p->in[s].fd >= 0)
            return;
    finish(p);
}

static void on_grace(void *user)
{
    struct proc *p = user;

    p->grace = NULL;
    finish(p);
}

/* Called when the leader is a zombie. */
static void on_pidfd(void *user, uint32_t events)
{
    struct proc *p = user;

    (void)events;
    if (!p->exited) {
        p->exited = true;
        loop_unwatch(p->all->loop, p->pid_watch);
        p->pid_watch = NULL;
        p->grace = loop_after(p->all->loop, p, GRACE_MS, on_grace, p);
    }
    finish_if_over(p);
}

static void on_limit(void *user);

/* The time it has from now on. */
static void set_limit(struct proc *p, int64_t ms)
{
    loop_cancel(p->all->loop, p->limit);
    p->limit = loop_after(p->all->loop, p, ms, on_limit, p);
}

/* The first reason counts. The first call leaves a tool its last words, the second does not. */
static void end_for(struct proc *p, enum proc_end why)
{
    if (!p->ended_by_us && !p->exited) {
        p->ended_by_us = true;
        p->why = why;
    }
    if (p->spec.last_words_ms > 0 && !p->in_last_words && !p->exited) {
        p->in_last_words = true;
        signal_children(p->pid, p->spec.last_signal);
        set_limit(p, p->spec.last_words_ms);
        return;
    }
    p->over = true;
    kill_all_of(p);
}

static void on_limit(void *user)
{
    struct proc *p = user;

    p->limit = NULL;
    end_for(p, PROC_TIME_LIMIT);
}

void proc_stop(struct proc *p)
{
    end_for(p, PROC_STOPPED);
}

bool proc_hurry(struct proc *p, int64_t ms)
{
    if (p->ended_by_us)
        return false;
    p->spec.last_words_ms = 0; /* they have been said */
    set_limit(p, ms);
    return true;
}

uint64_t proc_trace_inode(const struct proc *p)
{
    struct stat st;

    return p->in[PROC_TRACE].fd >= 0 && fstat(p->in[PROC_TRACE].fd, &st) == 0 ? st.st_ino : 0;
}

void proc_abandon(struct proc *p)
{
    put_to_rest(p);
    free(p);
}

/* ---- reading ---- */

static void read_stream(struct proc *p, enum proc_stream s)
{
    char bytes[READ_A_TURN];
    const ssize_t n = read(p->in[s].fd, bytes, sizeof(bytes));

    if (n > 0) {
        /* The grace starts anew: it must not cut off what is still in the pipe. The time limit,
         * which goes on, is the end of it also for a grandchild that floods for ever. */
        if (p->grace && !p->over) {
            loop_cancel(p->all->loop, p->grace);
            p->grace = loop_after(p->all->loop, p, GRACE_MS, on_grace, p);
        }
        p->spec.on_data(p->spec.user, s, bytes, (size_t)n);
        return;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    close_stream(p, s);
    finish_if_over(p);
}

static void on_out(void *user, uint32_t events)
{
    (void)events;
    read_stream(user, PROC_OUT);
}

static void on_trace(void *user, uint32_t events)
{
    (void)events;
    read_stream(user, PROC_TRACE);
}

static void on_report(void *user, uint32_t events)
{
    (void)events;
    read_stream(user, PROC_REPORT);
}

/* ---- the start ---- */

struct plumbing {
    bool wanted[PROC_STREAMS];
    int stream[PROC_STREAMS][2];
    int failure[2]; /* errno of a failed start, closed by exec */
    char **env;
};

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void plumbing_close(struct plumbing *pl)
{
    for (int k = 0; k < 2; k++) {
        for (int s = 0; s < PROC_STREAMS; s++)
            close_end(&pl->stream[s][k]);
        close_end(&pl->failure[k]);
    }
    for (char **v = pl->env; v && *v; v++)
        free(*v);
    free(pl->env);
}

static bool has_name_of(const char *var, const char *other)
{
    const size_t n = strcspn(other, "=") + 1;

    return strncmp(var, other, n) == 0;
}

static bool is_replaced(const char *var, const struct proc_spec *spec, const char *trace)
{
    for (size_t i = 0; spec->env && spec->env[i]; i++)
        if (has_name_of(var, spec->env[i]))
            return true;
    return has_name_of(var, trace);
}

/* The environment with what is wanted in it, and with the trace descriptor or without. */
static char **make_env(const struct proc_spec *spec)
{
    char *trace = xasprintf("SYSTUTOR_TRACE_FD=%d", PROC_TRACE_FD);
    size_t n = 0, more = 0;

    while (environ[n])
        n++;
    while (spec->env && spec->env[more])
        more++;
    char **env = x_array(n + more + 2, sizeof(*env));
    n = 0;
    for (char **v = environ; *v; v++)
        if (!is_replaced(*v, spec, trace))
            env[n++] = xstrdup(*v);
    for (size_t i = 0; i < more; i++)
        env[n++] = xstrdup(spec->env[i]);
    if (spec->trace)
        env[n] = trace;
    else
        free(trace);
    return env;
}

static bool plumbing_open(struct plumbing *pl, const struct proc_spec *spec, struct err *e)
{
    *pl = (struct plumbing){.failure = {-1, -1}};
    for (int s = 0; s < PROC_STREAMS; s++)
        pl->stream[s][0] = pl->stream[s][1] = -1;
    pl->wanted[PROC_OUT] = true;
    pl->wanted[PROC_TRACE] = spec->trace;
    pl->wanted[PROC_REPORT] = spec->report;
    bool ok = pipe2(pl->failure, O_CLOEXEC) == 0;
    for (int s = 0; s < PROC_STREAMS && ok; s++)
        ok = !pl->wanted[s] || pipe2(pl->stream[s], O_CLOEXEC) == 0;
    if (!ok) {
        err_sys(e, "cannot make a pipe");
        plumbing_close(pl);
        return false;
    }
    pl->env = make_env(spec);
    return true;
}

/* dup2 keeps close-on-exec when source and target are the same descriptor: clear it by hand. */
static bool put_fd(int from, int to)
{
    if (from == to)
        return fcntl(to, F_SETFD, 0) == 0;
    return dup2(from, to) >= 0;
}

/* The hard limit as well, so that it cannot be raised again; a lower one that is there stays. */
static bool lower_limit(__rlimit_resource_t resource, rlim_t most)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) < 0)
        return false;
    if (limit.rlim_max > most)
        limit.rlim_max = most;
    if (limit.rlim_cur > limit.rlim_max)
        limit.rlim_cur = limit.rlim_max;
    return setrlimit(resource, &limit) == 0;
}

/* The ends of the pipes in their places. The sources are moved above the targets first: any of them
 * may sit in a target's place. */
static bool connect_pipes(const struct plumbing *pl, int *failure)
{
    static const int targets[PROC_STREAMS] = {STDOUT_FILENO, PROC_TRACE_FD, PROC_REPORT_FD};
    const int above = pl->wanted[PROC_REPORT] ? PROC_REPORT_FD + 1 : 10;
    int from[PROC_STREAMS];

    for (int s = 0; s < PROC_STREAMS; s++)
        from[s] = pl->wanted[s] ? fcntl(pl->stream[s][1], F_DUPFD_CLOEXEC, above) : -1;
    const int high = fcntl(pl->failure[1], F_DUPFD_CLOEXEC, above);
    if (high >= 0)
        *failure = high;
    const int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    bool ok = null_fd >= 0 && put_fd(null_fd, STDIN_FILENO);
    for (int s = 0; s < PROC_STREAMS && ok; s++)
        ok = !pl->wanted[s] || put_fd(from[s], targets[s]);
    return ok && put_fd(STDOUT_FILENO, STDERR_FILENO);
}

/* Runs in the forked child: only async-signal-safe calls, and no way back. */
static _Noreturn void become(const struct proc_spec *spec, const struct plumbing *pl, pid_t parent)
{
    static const int defaults[] = {SIGPIPE, SIGINT,  SIGTERM,  SIGHUP,  SIGQUIT, SIGTSTP,
                                   SIGTTIN, SIGTTOU, SIGWINCH, SIGCONT, SIGCHLD};
    int failure = pl->failure[1];
    sigset_t none;

    sigemptyset(&none);
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
        signal(defaults[i], SIG_DFL);
    if (spec->fixed_addresses)
        personality(ADDR_NO_RANDOMIZE);
    const bool ready = connect_pipes(pl, &failure) && setpgid(0, 0) == 0 &&
                       prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
                       lower_limit(RLIMIT_CORE, 0) && lower_limit(RLIMIT_CPU, CPU_LIMIT_S) &&
                       lower_limit(RLIMIT_FSIZE, FILE_LIMIT) &&
                       (!spec->cwd || chdir(spec->cwd) == 0) &&
                       sigprocmask(SIG_SETMASK, &none, NULL) == 0;
    if (ready)
        execve(spec->argv[0], (char *const *)spec->argv, pl->env);
    const int error = errno;
    if (write(failure, &error, sizeof(error)) < 0)
        _exit(126);
    _exit(127);
}

/* Waits for the exec: the pipe is at end of file then, or holds an errno. */
static bool started(int failure_fd, int *error)
{
    ssize_t n;

    do
        n = read(failure_fd, error, sizeof(*error));
    while (n < 0 && errno == EINTR);
    return n != (ssize_t)sizeof(*error);
}

static bool watch_stream(struct proc *p, enum proc_stream s, int *fd, watch_fn *fn, struct err *e)
{
    if (fcntl(*fd, F_SETFL, O_NONBLOCK) < 0)
        return err_sys(e, "cannot set up a pipe");
    struct watch *w = loop_watch(p->all->loop, p, *fd, EPOLLIN, fn, p, e);
    if (!w)
        return false;
    p->in[s] = (struct pipe_end){.fd = *fd, .watch = w};
    *fd = -1; /* ours now */
    return true;
}

static bool watch_all(struct proc *p, struct plumbing *pl, struct err *e)
{
    static watch_fn *const fns[PROC_STREAMS] = {on_out, on_trace, on_report};

    p->pidfd = pidfd_open(p->pid, 0);
    if (p->pidfd < 0)
        return err_sys(e, "cannot open a pidfd");
    p->pid_watch = loop_watch(p->all->loop, p, p->pidfd, EPOLLIN, on_pidfd, p, e);
    bool ok = p->pid_watch != NULL;
    for (int s = 0; s < PROC_STREAMS && ok; s++)
        ok = !pl->wanted[s] || watch_stream(p, (enum proc_stream)s, &pl->stream[s][0], fns[s], e);
    return ok;
}

struct proc *proc_start(struct procs *ps, const struct proc_spec *spec, struct err *e)
{
    struct plumbing pl;
    int error = 0;

    if (!plumbing_open(&pl, spec, e))
        return NULL;
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0)
        become(spec, &pl, parent);
    if (pid < 0) {
        err_sys(e, "%s: cannot fork", spec->argv[0]);
        plumbing_close(&pl);
        return NULL;
    }
    for (int s = 0; s < PROC_STREAMS; s++)
        close_end(&pl.stream[s][1]);
    close_end(&pl.failure[1]);
    if (!started(pl.failure[0], &error)) {
        waitpid(pid, NULL, 0);
        errno = error;
        err_sys(e, "%s: cannot start", spec->argv[0]);
        plumbing_close(&pl);
        return NULL;
    }
    struct proc *p = x_array(1, sizeof(*p));
    *p = (struct proc){.all = ps, .spec = *spec, .pid = pid, .pidfd = -1, .next = ps->first};
    for (int s = 0; s < PROC_STREAMS; s++)
        p->in[s].fd = -1;
    p->spec.env = NULL; /* like argv, the caller's */
    ps->first = p;
    const bool watched = watch_all(p, &pl, e);
    plumbing_close(&pl);
    if (!watched) {
        proc_abandon(p);
        return NULL;
    }
    set_limit(p, spec->limit_ms);
    return p;
}
