/*
 * share-matrix.c: what a new task shares with its maker, one clone(2) flag at a time.
 *
 * Six fixed sets of flags, from none (a fork) to all (a thread), and the set you choose, "yours".
 * Each child changes its memory, descriptors, directory, umask, handlers, signal mask, nice
 * value, CPU affinity and user ID; then the parent looks at its own. A change that the parent
 * sees was made to something shared.
 * Proves: sharing is chosen resource by resource. Thread ID, signal mask and affinity, and on
 * Linux also the nice value and the user ID, stay with each task whatever the flags.
 * Sources: clone(2), pthreads(7), getpriority(2) BUGS, nptl(7), credentials(7).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo.h"

enum row { MEMORY, FD_TABLE, CWD, UMASK, HANDLERS, PID, TID, SIGMASK, NICE, AFFINITY, UID, ROWS };
enum cell { UNKNOWN, OWN, SHARED };
enum { FORK, VM, FILES, FS, SIGHAND, THREAD, YOURS, COLUMNS };
enum { STACK_BYTES = 64 * 1024, CHILD_UID = 65534 };

/* The flag that makes a row shared; 0 where none of the five does. */
static const struct {
    const char *name;
    int flag;
} row_def[ROWS] = {
    [MEMORY] = {"memory", CLONE_VM},
    [FD_TABLE] = {"fd-table", CLONE_FILES},
    [CWD] = {"cwd", CLONE_FS},
    [UMASK] = {"umask", CLONE_FS},
    [HANDLERS] = {"handlers", CLONE_SIGHAND},
    [PID] = {"pid", CLONE_THREAD},
    [TID] = {"tid", 0},
    [SIGMASK] = {"sigmask", 0},
    [NICE] = {"nice", 0},
    [AFFINITY] = {"affinity", 0},
    [UID] = {"uid", 0},
};
static const char *const cell_name[] = {"n/a", "own", "shared"};

struct column {
    const char *name;
    int flags;
    int error; /* errno of a refused clone, 0 when the child ran */
    int fd;    /* the number the child's descriptor got */
    enum cell cell[ROWS];
};

/* Lives on a MAP_SHARED page, so that it crosses over under any flags. */
static struct report {
    atomic_int running; /* the child's tid, until the kernel clears it */
    pid_t pid, tid;
    int fd;
    int cpu;         /* the child moves to this one; -1: there is no other to leave */
    bool done[ROWS]; /* which changes the child managed to make */
} * report;

static atomic_int cell_in_memory;

/* Runs in the child, which has no TLS of its own (no CLONE_SETTLS): with CLONE_VM its errno is
 * its parent's. So nothing but thin wrappers of system calls here: no stdio, malloc or demo_*.
 * The parent sleeps meanwhile. setresuid() is called raw, its wrapper would tell other threads. */
static int change_everything(void *unused)
{
    (void)unused;
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t usr2;
    cpu_set_t one_cpu;

    report->pid = (pid_t)syscall(SYS_getpid);
    report->tid = (pid_t)syscall(SYS_gettid);
    report->done[PID] = report->done[TID] = true;
    atomic_store(&cell_in_memory, 1);
    report->done[MEMORY] = true;
    report->fd = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
    report->done[FD_TABLE] = report->fd >= 0;
    report->done[CWD] = chdir("/proc") == 0;
    umask(077);
    report->done[UMASK] = true;
    report->done[HANDLERS] = sigaction(SIGUSR1, &ignore, NULL) == 0;
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    report->done[SIGMASK] = sigprocmask(SIG_BLOCK, &usr2, NULL) == 0;

    const int nice_before = getpriority(PRIO_PROCESS, 0);
    report->done[NICE] = nice_before < 19 && setpriority(PRIO_PROCESS, 0, nice_before + 1) == 0;
    if (report->cpu >= 0) {
        CPU_ZERO(&one_cpu);
        CPU_SET((size_t)report->cpu, &one_cpu);
        report->done[AFFINITY] = sched_setaffinity(0, sizeof one_cpu, &one_cpu) == 0;
    }
    const long uid_before = syscall(SYS_geteuid);
    syscall(SYS_setresuid, (uid_t)-1, (uid_t)CHILD_UID, (uid_t)-1); /* EPERM without CAP_SETUID */
    report->done[UID] = syscall(SYS_geteuid) != uid_before;
    return 0;
}

/* What the parent sees of one row; only a change of this number matters. */
static long look(enum row row)
{
    char cwd[PATH_MAX];
    struct sigaction usr1;
    sigset_t blocked;
    cpu_set_t cpus;
    mode_t mask;

    switch (row) {
    case MEMORY:
        return atomic_load(&cell_in_memory);
    case FD_TABLE:
        return report->fd >= 0 && fcntl(report->fd, F_GETFD) != -1;
    case CWD:
        CHECK(getcwd(cwd, sizeof cwd) != NULL);
        return strcmp(cwd, "/") != 0;
    case UMASK:
        mask = umask(0);
        umask(mask);
        return (long)mask;
    case HANDLERS:
        CHECK_SYS(sigaction(SIGUSR1, NULL, &usr1));
        return usr1.sa_handler == SIG_IGN;
    case PID:
        return report->pid == getpid();
    case TID:
        return report->tid == gettid();
    case SIGMASK:
        CHECK_SYS(sigprocmask(SIG_SETMASK, NULL, &blocked));
        return sigismember(&blocked, SIGUSR2);
    case NICE:
        return getpriority(PRIO_PROCESS, 0);
    case AFFINITY:
        CHECK_SYS(sched_getaffinity(0, sizeof cpus, &cpus));
        return CPU_COUNT(&cpus);
    case UID:
        return (long)geteuid();
    case ROWS:
        break;
    }
    return 0;
}

/* The state every child starts from. */
static void reset(void)
{
    cpu_set_t cpus;

    if (report->fd >= 0)
        close(report->fd); /* fails with EBADF where the table was not shared */
    memset(report, 0, sizeof *report);
    report->fd = -1;
    report->cpu = -1;
    atomic_store(&cell_in_memory, 0);
    CHECK_SYS(chdir("/"));
    umask(022);
    CHECK(signal(SIGUSR1, SIG_DFL) != SIG_ERR);
    CHECK_SYS(sched_getaffinity(0, sizeof cpus, &cpus));
    for (int cpu = 0; CPU_COUNT(&cpus) > 1 && report->cpu < 0; cpu++)
        if (CPU_ISSET((size_t)cpu, &cpus))
            report->cpu = cpu;
}

/* A member of our own thread group cannot be waited for; as in pthread_join(), the kernel clears
 * the tid (CLONE_CHILD_CLEARTID) and wakes the futex. Anything else is a child for waitpid(). */
static void wait_for(int tid, int flags)
{
    int status, now;

    if (!(flags & CLONE_THREAD)) {
        CHECK_SYS(waitpid(tid, &status, 0));
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        return;
    }
    while ((now = atomic_load(&report->running)) != 0)
        if (syscall(SYS_futex, &report->running, FUTEX_WAIT, now, NULL, NULL, 0) == -1)
            CHECK(errno == EAGAIN || errno == EINTR);
}

static void run_column(struct column *column)
{
    static _Alignas(16) char stack[STACK_BYTES];
    const int bookkeeping =
        (column->flags & CLONE_THREAD) ? CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID : SIGCHLD;
    const int lane = demo_lane(column->name);
    long before[ROWS];

    reset();
    for (enum row row = 0; row < ROWS; row++)
        before[row] = look(row);

    const int made = demo_send(0, "clone");
    const int tid = clone(change_everything, stack + sizeof stack, column->flags | bookkeeping,
                          NULL, &report->running, NULL, &report->running);
    if (tid == -1) {
        column->error = errno;
        demo_note(lane, "refused", "%s", demo_errno_name(column->error));
        return;
    }
    demo_recv(lane, "clone", made);
    demo_begin(lane, DEMO_RUN, "child");
    demo_begin(0, DEMO_BLOCK, "wait");
    wait_for(tid, column->flags);
    demo_end(0);
    demo_end(lane);

    column->fd = report->fd;
    for (enum row row = 0; row < ROWS; row++) {
        if (report->done[row])
            column->cell[row] = look(row) != before[row] ? SHARED : OWN;
        demo_note(lane, row_def[row].name, "%s", cell_name[column->cell[row]]);
    }
}

static void print_grid(const struct column *columns)
{
    char line[80];
    int used = snprintf(line, sizeof line, "%-9s", "");

    for (int c = 0; c < COLUMNS; c++)
        used += snprintf(line + used, sizeof line - (size_t)used, "%7s", columns[c].name);
    demo_say("%s", line);
    for (enum row row = 0; row < ROWS; row++) {
        used = snprintf(line, sizeof line, "%-9s", row_def[row].name);
        for (int c = 0; c < COLUMNS; c++) {
            const char *word = columns[c].error ? demo_errno_name(columns[c].error)
                                                : cell_name[columns[c].cell[row]];
            used += snprintf(line + used, sizeof line - (size_t)used, "%7s", word);
        }
        demo_say("%s", line);
    }
}

/* One node for what is shared, two for what each has of its own. */
static void snapshot(const struct column *column)
{
    char id[32];

    demo_snap_begin("yours");
    demo_snap_node("parent", "parent", "");
    demo_snap_node("child", "child", "");
    for (enum row row = 0; row < ROWS; row++) {
        const char *name = row_def[row].name;
        if (column->cell[row] == UNKNOWN)
            continue;
        demo_snap_node(name, name, "");
        demo_snap_edge("parent", name, "");
        if (column->cell[row] == OWN) {
            snprintf(id, sizeof id, "child-%s", name);
            demo_snap_node(id, name, "");
            demo_snap_edge("child", id, "");
        } else {
            demo_snap_edge("child", name, "");
        }
    }
    demo_snap_end();
}

static int chosen_flags(void)
{
    return (demo_int("vm") ? CLONE_VM : 0) | (demo_int("files") ? CLONE_FILES : 0) |
           (demo_int("fs") ? CLONE_FS : 0) | (demo_int("sighand") ? CLONE_SIGHAND : 0) |
           (demo_int("thread") ? CLONE_THREAD : 0);
}

static void judge_flags(const struct column *columns)
{
    int wrong = 0, unknown = 0, ran = 0;

    for (int c = 0; c < COLUMNS; c++) {
        if (columns[c].error)
            continue;
        ran++;
        for (enum row row = MEMORY; row <= PID; row++) {
            const enum cell want = (columns[c].flags & row_def[row].flag) ? SHARED : OWN;
            unknown += columns[c].cell[row] == UNKNOWN;
            wrong += columns[c].cell[row] != UNKNOWN && columns[c].cell[row] != want;
        }
    }
    demo_verdict("one-task-type",
                 wrong                    ? DEMO_FAIL
                 : unknown || ran < YOURS ? DEMO_INCONCLUSIVE
                                          : DEMO_PASS,
                 wrong, "wrong cells",
                 "memory to pid: shared where that row's flag is set, own where it is clear");
}

static void judge_fd(const struct column *yours)
{
    const bool shared = yours->cell[FD_TABLE] == SHARED;
    const bool expected = (yours->flags & CLONE_FILES) != 0;

    if (yours->error || yours->cell[FD_TABLE] == UNKNOWN) {
        demo_verdict_word("fd-table", DEMO_INCONCLUSIVE, "none",
                          "these flags are refused, so no child opened anything");
        return;
    }
    demo_verdict_word("fd-table", shared == expected ? DEMO_PASS : DEMO_FAIL,
                      shared ? "open" : "EBADF",
                      expected ? "with CLONE_FILES the child's descriptor is open in the parent"
                               : "without CLONE_FILES the parent gets EBADF, even with CLONE_VM");
}

/* Two sets that break a rule each; a set that is accepted anyway runs to its end and fails. */
static void judge_rules(void)
{
    struct column alone[] = {{.name = "sighand-alone", .flags = CLONE_SIGHAND},
                             {.name = "thread-vm", .flags = CLONE_THREAD | CLONE_VM}};

    for (int i = 0; i < 2; i++)
        run_column(&alone[i]);
    const bool refused = alone[0].error == EINVAL && alone[1].error == EINVAL;
    const int error = alone[0].error == EINVAL ? alone[1].error : alone[0].error;
    demo_say("SIGHAND without VM: %s; THREAD without SIGHAND: %s",
             alone[0].error ? demo_errno_name(alone[0].error) : "ran",
             alone[1].error ? demo_errno_name(alone[1].error) : "ran");
    demo_verdict_word("flag-rules", refused ? DEMO_PASS : DEMO_FAIL,
                      error ? demo_errno_name(error) : "accepted",
                      "SIGHAND without VM, and THREAD without SIGHAND, are refused with EINVAL");
}

static void judge_kept_apart(const struct column *thread)
{
    static const enum row apart[] = {TID, SIGMASK, AFFINITY};
    int shared = 0;

    for (int i = 0; i < 3; i++)
        shared += thread->cell[apart[i]] == SHARED;
    const bool tried = thread->cell[TID] != UNKNOWN && thread->cell[SIGMASK] != UNKNOWN;
    demo_verdict("kept-apart",
                 shared  ? DEMO_FAIL
                 : tried ? DEMO_PASS
                         : DEMO_INCONCLUSIVE,
                 shared, "shared",
                 "under all five flags, tid and signal mask (and affinity, with 2 CPUs) are own");
}

static void judge_row(const char *claim, const struct column *thread, enum row row,
                      const char *rule, const char *why_not)
{
    const enum cell cell = thread->cell[row];
    const enum demo_result result = cell == UNKNOWN ? DEMO_INCONCLUSIVE
                                    : cell == OWN   ? DEMO_PASS
                                                    : DEMO_FAIL;
    demo_verdict_word(claim, result, cell_name[cell], cell == UNKNOWN ? why_not : rule);
}

static void explain(const struct column *yours)
{
    demo_say("%s", "");
    if (!yours->error) {
        demo_say("yours: the child opened descriptor %d", yours->fd);
        demo_say("       parent: fcntl(%d, F_GETFD): %s", yours->fd,
                 yours->cell[FD_TABLE] == SHARED ? "open" : "EBADF");
        return;
    }
    demo_say("yours was refused with %s:", demo_errno_name(yours->error));
    if ((yours->flags & CLONE_THREAD) && !(yours->flags & CLONE_SIGHAND))
        demo_say("  a thread group has one handler table: thread needs sighand");
    if ((yours->flags & CLONE_SIGHAND) && !(yours->flags & CLONE_VM))
        demo_say("  a handler is an address in memory: sighand needs vm");
}

int main(int argc, char **argv)
{
    static const struct demo_param params[] = {
        {"vm", "CLONE_VM: one address space", 0, 1, 1, NULL},
        {"files", "CLONE_FILES: one descriptor table", 0, 1, 0, NULL},
        {"fs", "CLONE_FS: one directory, root and umask", 0, 1, 0, NULL},
        {"sighand", "CLONE_SIGHAND: one table of handlers (needs vm)", 0, 1, 0, NULL},
        {"thread", "CLONE_THREAD: one thread group (needs sighand)", 0, 1, 0, NULL},
        {0},
    };
    demo_start(argc, argv, "what each clone flag makes a new task share", params);

    struct column columns[COLUMNS] = {
        [FORK] = {.name = "fork"},
        [VM] = {.name = "vm", .flags = CLONE_VM},
        [FILES] = {.name = "files", .flags = CLONE_FILES},
        [FS] = {.name = "fs", .flags = CLONE_FS},
        [SIGHAND] = {.name = "vm+sig", .flags = CLONE_VM | CLONE_SIGHAND},
        [THREAD] = {.name = "thread",
                    .flags = CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD},
        [YOURS] = {.name = "yours", .flags = chosen_flags()},
    };
    report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(report != MAP_FAILED);
    report->fd = -1;

    for (int c = 0; c < COLUMNS; c++)
        run_column(&columns[c]);
    demo_say("Did the parent see the change its child made?");
    print_grid(columns);
    explain(&columns[YOURS]);
    snapshot(&columns[YOURS]);

    judge_flags(columns);
    judge_fd(&columns[YOURS]);
    judge_rules();
    judge_kept_apart(&columns[THREAD]);
    judge_row("nice-per-thread", &columns[THREAD], NICE,
              "a thread raised its nice value and its maker's stayed",
              "already at nice 19, which cannot be raised");
    judge_row("creds-per-thread", &columns[THREAD], UID,
              "a raw setresuid() in a thread left its maker's user ID alone",
              "needs the right to change user IDs (CAP_SETUID)");
    return demo_finish();
}
