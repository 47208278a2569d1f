/*
 * turns.h: for tests on the event loop: turns until something has happened, descriptors and
 * children counted, a function run in a child of its own. Include after cmocka.h.
 *
 * Nothing sleeps: a test waits for a state, and fails when it has not come after PATIENCE_MS.
 */
#ifndef TURNS_H
#define TURNS_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "buf.h"
#include "loop.h"

enum { PATIENCE_MS = 20000 };

static inline struct loop *new_loop(void)
{
    struct err e = {""};
    struct loop *l = loop_new(&e);

    if (!l)
        fail_msg("%s", e.text);
    return l;
}

/* Turns the loop until *happened. */
static inline void turn_until(struct loop *l, const bool *happened)
{
    const int64_t end_ms = loop_now_ms() + PATIENCE_MS;

    while (!*happened) {
        if (loop_now_ms() > end_ms)
            fail_msg("still waiting after %d ms", PATIENCE_MS);
        loop_turn(l, 100);
    }
}

/* Open descriptors of this process. */
static inline int count_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = -1; /* the one that looks */

    assert_non_null(dir);
    for (const struct dirent *d; (d = readdir(dir));)
        n += d->d_name[0] != '.';
    closedir(dir);
    return n;
}

/* What this process was given and did not open itself is not passed on by its tests. */
static inline void keep_inherited_fds(void)
{
    for (int fd = STDERR_FILENO + 1; fd < 1024; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* Neither a running child nor a zombie. */
static inline void assert_no_children(void)
{
    errno = 0;
    const pid_t pid = waitpid(-1, NULL, WNOHANG | __WALL);

    if (pid != -1 || errno != ECHILD)
        fail_msg("there is still a child (waitpid says %d, errno %d)", (int)pid, errno);
}

/* The lowest number a new descriptor gets now, lowest first free. */
static inline int next_fd(void)
{
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    close(fd);
    return fd;
}

static inline rlim_t limit_fds(rlim_t n)
{
    struct rlimit old;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    const struct rlimit new = {n, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &new), 0);
    return old.rlim_cur;
}

/* Runs fn in a forked child, without a core file; its wait status. What it said on standard error
 * is added to said. */
static inline int run_in_child(void (*fn)(void), struct buf *said)
{
    const struct rlimit no_core = {0, 0};
    char bytes[512];
    int fds[2], status;
    ssize_t n;

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &no_core);
        dup2(fds[1], STDERR_FILENO);
        fn();
        _exit(0);
    }
    close(fds[1]);
    while ((n = read(fds[0], bytes, sizeof(bytes))) > 0)
        buf_add(said, bytes, (size_t)n);
    close(fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* fn must end in a BUG that says these words. */
static inline void assert_bug(void (*fn)(void), const char *words)
{
    struct buf said = {0};
    const int status = run_in_child(fn, &said);

    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT || !strstr(buf_text(&said), words))
        fail_msg("no bug that says \"%s\": status %#x, \"%s\"", words, (unsigned)status,
                 buf_text(&said));
    buf_release(&said);
}

#endif
