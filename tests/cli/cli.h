/*
 * cli.h: runs the real program with pipes for standard input, output and error, in a HOME of its
 * own, and keeps what it said. For test_cli.c.
 *
 * cli(&r, input, "quiz", "--plain", NULL) fills r; the next call with the same r frees the old.
 * Anything that fails here fails the test; a program that takes more than a minute ends it.
 */
#ifndef CLI_H
#define CLI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLI_MAX_ARGS = 24, CLI_LIMIT_S = 60 };

struct cli {
    char *out, *err; /* NUL-terminated */
    int status;      /* exit status; -signal if it was killed */
};

static char home[] = "/tmp/systutor-cli-XXXXXX"; /* made anew for each test */

/* ---- files ---- */

static inline char *home_path(const char *name)
{
    static char path[4][512];
    static unsigned next;
    char *p = path[next++ % 4];

    snprintf(p, sizeof(path[0]), "%s/%s", home, name);
    return p;
}

static inline char *read_file(const char *path)
{
    FILE *f = fopen(path, "r");
    size_t n = 0;
    char *text = NULL;

    if (!f)
        return NULL;
    for (;;) {
        text = realloc(text, n + 4097);
        assert_non_null(text);
        const size_t got = fread(text + n, 1, 4096, f);
        n += got;
        text[n] = '\0';
        if (got == 0)
            break;
    }
    fclose(f);
    return text;
}

static inline void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

/* Replaces the one place where `from` stands in a file. */
static inline void edit_file(const char *path, const char *from, const char *to)
{
    char *old = read_file(path);
    assert_non_null(old);
    char *at = strstr(old, from);
    const size_t size = strlen(old) + strlen(to) + 1;
    char *fresh = malloc(size);

    assert_non_null(at);
    assert_null(strstr(at + 1, from));
    snprintf(fresh, size, "%.*s%s%s", (int)(at - old), old, to, at + strlen(from));
    write_file(path, fresh);
    free(fresh);
    free(old);
}

static size_t copy_skip; /* bytes of the source folder's path */
static const char *copy_to;

static inline int copy_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    char to[1024];

    (void)st;
    (void)ftw;
    snprintf(to, sizeof(to), "%s%s", copy_to, path + copy_skip);
    if (flag == FTW_D)
        return mkdir(to, 0700) < 0 && errno != EEXIST;
    char *text = read_file(path);
    write_file(to, text);
    free(text);
    return 0;
}

static inline void copy_tree(const char *from, const char *to)
{
    copy_skip = strlen(from);
    copy_to = to;
    assert_int_equal(nftw(from, copy_one, 16, FTW_PHYS), 0);
}

static inline int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

/* ---- each test: a HOME, an environment that says nothing ---- */

static inline int cli_setup(void **state)
{
    static const char *const unwanted[] = {"XDG_DATA_HOME", "XDG_CACHE_HOME", "LC_ALL", "LC_CTYPE",
                                           "LC_MESSAGES",   "NO_COLOR",       "CC"};

    (void)state;
    strcpy(home + sizeof(home) - 7, "XXXXXX");
    if (!mkdtemp(home))
        return -1;
    for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
        unsetenv(unwanted[i]);
    setenv("HOME", home, 1);
    setenv("LANG", "C.UTF-8", 1);
    setenv("TERM", "xterm-256color", 1);
    setenv("TZ", "UTC", 1);
    return 0;
}

static inline int cli_teardown(void **state)
{
    (void)state;
    return nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- running ---- */

static inline const char *tutor(void)
{
    const char *bin = getenv("SYSTUTOR_BIN");

    return bin ? bin : "build/systutor";
}

static inline void append(char **text, size_t *n, const char *bytes, size_t more)
{
    *text = realloc(*text, *n + more + 1);
    assert_non_null(*text);
    memcpy(*text + *n, bytes, more);
    *n += more;
    (*text)[*n] = '\0';
}

/* Reads both pipes to their ends. */
static inline void collect_output(struct cli *r, int out, int err)
{
    struct pollfd fds[2] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};
    char **const texts[2] = {&r->out, &r->err};
    size_t sizes[2] = {0};
    char bytes[4096];

    append(&r->out, &sizes[0], "", 0);
    append(&r->err, &sizes[1], "", 0);
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        assert_true(poll(fds, 2, -1) > 0);
        for (int i = 0; i < 2; i++) {
            if (fds[i].fd < 0 || !fds[i].revents)
                continue;
            const ssize_t n = read(fds[i].fd, bytes, sizeof(bytes));
            if (n > 0) {
                append(texts[i], &sizes[i], bytes, (size_t)n);
            } else {
                close(fds[i].fd);
                fds[i].fd = -1;
            }
        }
    }
}

static inline _Noreturn void become_tutor(char **argv, const int in[2], const int out[2],
                                          const int err[2])
{
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    alarm(CLI_LIMIT_S); /* kept across exec */
    execv(argv[0], argv);
    _exit(127);
}

static inline void cli_run(struct cli *r, const char *input, char **argv)
{
    int in[2], out[2], err[2], status;

    free(r->out);
    free(r->err);
    *r = (struct cli){0};
    assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC) | pipe2(err, O_CLOEXEC), 0);
    assert_int_equal(write(in[1], input, strlen(input)),
                     strlen(input)); /* less than a pipe holds */
    close(in[1]);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        become_tutor(argv, in, out, err);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    collect_output(r, out[0], err[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    r->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline void cli(struct cli *r, const char *input, ...)
{
    char *argv[CLI_MAX_ARGS] = {(char *)tutor()};
    va_list ap;
    int n = 1;

    va_start(ap, input);
    while ((argv[n] = va_arg(ap, char *)))
        assert_true(++n < CLI_MAX_ARGS);
    va_end(ap);
    cli_run(r, input, argv);
}

static inline void cli_release(struct cli *r)
{
    free(r->out);
    free(r->err);
    *r = (struct cli){0};
}

/* ---- looking ---- */

static inline void expect_status(const struct cli *r, int status)
{
    if (r->status != status)
        fail_msg("exit status %d, not %d\nstdout: %s\nstderr: %s", r->status, status, r->out,
                 r->err);
}

static inline void expect_has(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("no \"%s\" in:\n%s", words, text);
}

static inline void expect_lacks(const char *text, const char *words)
{
    if (strstr(text, words))
        fail_msg("\"%s\" in:\n%s", words, text);
}

#endif
