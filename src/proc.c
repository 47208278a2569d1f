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
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    READ_A_TURN = 64 * 1024,
    GRACE_MS = 50,        /* for a grandchild that holds a pipe after the leader is gone */
    STRAYS_WAIT_MS = 100, /* how long killed strays are waited for */
    TRACE_FD = 3,
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
    bool killed;
    bool over; /* nothing more is waited for: no new grace */
    enum proc_end why_killed;
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
    char path[64];
    int n = 0;
    long pid;

    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    while (fscanf(f, "%ld", &pid) == 1) {
        if (is_ours(ps, (pid_t)pid))
            continue;
        kill((pid_t)pid, SIGKILL);
        waitpid((pid_t)pid, NULL, WNOHANG);
        n++;
    }
    fclose(f);
    return n;
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

    if (p->killed)
        end = p->why_killed;
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
    if (p->exited && p->in[PROC_OUT].fd < 0 && p->in[PROC_TRACE].fd < 0)
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

static void kill_for(struct proc *p, enum proc_end why)
{
    if (!p->killed && !p->exited) {
        p->killed = true;
        p->why_killed = why;
    }
    p->over = true;
    kill_all_of(p);
}

static void on_limit(void *user)
{
    struct proc *p = user;

    p->limit = NULL;
    kill_for(p, PROC_TIME_LIMIT);
}

void proc_stop(struct proc *p)
{
    kill_for(p, PROC_STOPPED);
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

/* ---- the start ---- */

struct plumbing {
    int out[2], trace[2], report[2]; /* report: errno of a failed start, closed by exec */
    char **env;
};

static void plumbing_close(struct plumbing *pl)
{
    int *const ends[] = {pl->out, pl->trace, pl->report};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        for (int k = 0; k < 2; k++)
            if (ends[i][k] >= 0)
                close(ends[i][k]);
    for (char **v = pl->env; v && *v; v++)
        free(*v);
    free(pl->env);
}

/* The environment with the trace descriptor set or taken out. */
static char **make_env(bool trace)
{
    static const char name[] = "SYSTUTOR_TRACE_FD=";
    size_t n = 0;

    while (environ[n])
        n++;
    char **env = x_array(n + 2, sizeof(*env));
    n = 0;
    for (char **v = environ; *v; v++)
        if (strncmp(*v, name, sizeof(name) - 1) != 0)
            env[n++] = xstrdup(*v);
    if (trace)
        env[n++] = xasprintf("%s%d", name, TRACE_FD);
    return env;
}

static bool plumbing_open(struct plumbing *pl, bool trace, struct err *e)
{
    *pl = (struct plumbing){.out = {-1, -1}, .trace = {-1, -1}, .report = {-1, -1}};
    if (pipe2(pl->out, O_CLOEXEC) < 0 || pipe2(pl->report, O_CLOEXEC) < 0 ||
        (trace && pipe2(pl->trace, O_CLOEXEC) < 0)) {
        err_sys(e, "cannot make a pipe");
        plumbing_close(pl);
        return false;
    }
    pl->env = make_env(trace);
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

/* Runs in the forked child: only async-signal-safe calls, and no way back. */
static _Noreturn void become(const struct proc_spec *spec, const struct plumbing *pl, pid_t parent)
{
    static const int defaults[] = {SIGPIPE, SIGINT,  SIGTERM,  SIGHUP,  SIGQUIT, SIGTSTP,
                                   SIGTTIN, SIGTTOU, SIGWINCH, SIGCONT, SIGCHLD};
    sigset_t none;

    sigemptyset(&none);
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
        signal(defaults[i], SIG_DFL);
    const int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    /* The sources are moved above the targets first: any of them may sit in a target's place. */
    const int out = fcntl(pl->out[1], F_DUPFD_CLOEXEC, 10);
    const int trace = spec->trace ? fcntl(pl->trace[1], F_DUPFD_CLOEXEC, 10) : -1;
    const int report = fcntl(pl->report[1], F_DUPFD_CLOEXEC, 10);
    const bool ready =
        setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
        lower_limit(RLIMIT_CORE, 0) && lower_limit(RLIMIT_CPU, CPU_LIMIT_S) &&
        lower_limit(RLIMIT_FSIZE, FILE_LIMIT) && null_fd >= 0 && put_fd(null_fd, 0) &&
        put_fd(out, 1) && put_fd(out, 2) && (!spec->trace || put_fd(trace, TRACE_FD)) &&
        (!spec->cwd || chdir(spec->cwd) == 0) && sigprocmask(SIG_SETMASK, &none, NULL) == 0;
    if (ready)
        execve(spec->argv[0], (char *const *)spec->argv, pl->env);
    const int error = errno;
    if (write(report >= 0 ? report : pl->report[1], &error, sizeof(error)) < 0)
        _exit(126);
    _exit(127);
}

/* Waits for the exec: the report pipe is at end of file then, or holds an errno. */
static bool started(int report_fd, int *error)
{
    ssize_t n;

    do
        n = read(report_fd, error, sizeof(*error));
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
    p->pidfd = pidfd_open(p->pid, 0);
    if (p->pidfd < 0)
        return err_sys(e, "cannot open a pidfd");
    p->pid_watch = loop_watch(p->all->loop, p, p->pidfd, EPOLLIN, on_pidfd, p, e);
    return p->pid_watch && watch_stream(p, PROC_OUT, &pl->out[0], on_out, e) &&
           (!p->spec.trace || watch_stream(p, PROC_TRACE, &pl->trace[0], on_trace, e));
}

struct proc *proc_start(struct procs *ps, const struct proc_spec *spec, struct err *e)
{
    struct plumbing pl;
    int error = 0;

    if (!plumbing_open(&pl, spec->trace, e))
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
    close(pl.out[1]);
    close(pl.report[1]);
    pl.out[1] = pl.report[1] = -1;
    if (spec->trace) {
        close(pl.trace[1]);
        pl.trace[1] = -1;
    }
    if (!started(pl.report[0], &error)) {
        waitpid(pid, NULL, 0);
        errno = error;
        err_sys(e, "%s: cannot start", spec->argv[0]);
        plumbing_close(&pl);
        return NULL;
    }
    struct proc *p = x_array(1, sizeof(*p));
    *p = (struct proc){.all = ps, .spec = *spec, .pid = pid, .pidfd = -1, .next = ps->first};
    p->in[PROC_OUT].fd = p->in[PROC_TRACE].fd = -1;
    ps->first = p;
    const bool watched = watch_all(p, &pl, e);
    plumbing_close(&pl);
    if (!watched) {
        proc_abandon(p);
        return NULL;
    }
    p->limit = loop_after(ps->loop, p, spec->limit_ms, on_limit, p);
    return p;
}
