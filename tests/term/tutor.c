/*
 * tutor.c: the tutor in a test. See tutor.h for the contract.
 */
#include "tutor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base.h"
#include "buf.h"
#include "pty.h"

enum { MAX_FILE = 64 << 20, MAX_WORDS = 20, LOOK_AGAIN_MS = 2 };

static const char a_fixed_day[] = "2026-03-01T12:00:00";

struct tree {
    struct tree *next;
    char *dir;
    char *home; /* NULL until it is asked for */
    char *path; /* what tree_path gave last */
};

static struct tree *trees; /* all of them, for tutor_teardown */

/* ---- where things are ---- */

static char *absolute(const char *path)
{
    char full[PATH_MAX];

    if (!realpath(path, full))
        fail_msg("%s: %s", path, strerror(errno));
    return xstrdup(full);
}

static const char *from_env(const char *name, const char *fallback)
{
    const char *v = getenv(name);

    return v && *v ? v : fallback;
}

char *tutor_program(void)
{
    return absolute(from_env("SYSTUTOR_BIN", "build/systutor"));
}

static char *below(const char *dir, const char *name)
{
    char *path = xasprintf("%s/%s", dir, name);
    char *full = absolute(path);

    free(path);
    return full;
}

char *tutor_bad_program(const char *name)
{
    return below(from_env("SYSTUTOR_BAD", "build/tests/bad"), name);
}

char *tutor_source(const char *path)
{
    return below(from_env("SYSTUTOR_SRC", "."), path);
}

/* ---- files ---- */

static void make_dirs_above(char *path)
{
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            fail_msg("%s: %s", path, strerror(errno));
        *at = '/';
    }
}

static void write_file(const char *path, const void *bytes, size_t n, mode_t mode)
{
    char *copy = xstrdup(path);

    make_dirs_above(copy);
    free(copy);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0 || write(fd, bytes, n) != (ssize_t)n || close(fd) < 0)
        fail_msg("%s: %s", path, strerror(errno));
}

static void copy_file(const char *from, const char *to)
{
    struct buf bytes = {0};
    struct stat st;
    struct err e;

    if (stat(from, &st) < 0 || !buf_read_file(&bytes, from, MAX_FILE, &e))
        fail_msg("%s: cannot be copied", from);
    write_file(to, bytes.text ? bytes.text : "", bytes.len, st.st_mode & 0777);
    buf_release(&bytes);
}

/* nftw takes no argument: where copy_entry copies from and to. */
static struct {
    size_t skip;
    const char *to;
} copying;

static int copy_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)at;
    char *to = xasprintf("%s%s", copying.to, path + copying.skip);
    if (kind == FTW_F)
        copy_file(path, to);
    free(to);
    return 0;
}

static void copy_folder(const char *from, const char *to)
{
    enum { DEPTH = 16 };

    copying.skip = strlen(from);
    copying.to = to;
    if (nftw(from, copy_entry, DEPTH, FTW_PHYS) < 0)
        fail_msg("%s: %s", from, strerror(errno));
}

/* ---- trees ---- */

const char *tree_path(struct tree *t, const char *path)
{
    free(t->path);
    t->path = xasprintf("%s/%s", t->dir, path);
    return t->path;
}

const char *tree_home(struct tree *t)
{
    if (t->home)
        return t->home;
    t->home = xasprintf("%s/home", t->dir);
    if (mkdir(t->home, 0700) < 0)
        fail_msg("%s: %s", t->home, strerror(errno));
    return t->home;
}

void tree_write(struct tree *t, const char *path, const char *text)
{
    write_file(tree_path(t, path), text, strlen(text), 0644);
}

void tree_copy(struct tree *t, const char *from, const char *path)
{
    copy_file(from, tree_path(t, path));
}

void tree_demo(struct tree *t, const char *lesson, const char *demo, const char *program)
{
    char *from = tutor_bad_program(program);
    char *to = xasprintf("build/demos/%s/%s", lesson, demo);

    tree_copy(t, from, to);
    free(from);
    free(to);
}

static const char lesson_form[] =
    "{\"title\":\"%s\",\"objective\":\"Run it.\",\"minutes\":1,\"prerequisites\":[],"
    "\"claims\":[{\"id\":\"it-holds\",\"text\":\"It holds.\",\"sources\":[{\"title\":\"proof\"}],"
    "\"demo\":\"%s\"}],"
    "\"demos\":[{\"name\":\"%s\",\"title\":\"The demo %s\",\"summary\":\"It is run.\","
    "\"claims\":[\"it-holds\"],\"limit_s\":%d,"
    "\"params\":[{\"name\":\"how\",\"label\":\"how\",\"kind\":\"choice\",\"choices\":[\"%s\","
    "\"else\"],"
    "\"default\":\"%s\"}],"
    "\"predict\":{\"text\":\"What will it do?\",\"with\":{},\"claim\":\"it-holds\","
    "\"choices\":[{\"text\":\"well\",\"is\":\"yes\"},{\"text\":\"ill\",\"is\":\"no\"}],"
    "\"why\":\"It did.\"}}]}\n";

static const char quiz_form[] =
    "{\"questions\":[{\"id\":\"q\",\"kind\":\"text\",\"claim\":\"it-holds\",\"meaning\":1,"
    "\"text\":\"Does %s hold?\",\"accept\":[\"yes\"],"
    "\"wrong\":[{\"value\":\"no\",\"why\":\"It does.\"}],\"why\":\"It does.\"}]}\n";

static const char page_form[] = "# The page of %s\n\n```predict %s\nPredict.\n```\n"
                                "```demo %s\nRun it.\n```\n```claim it-holds\nIt holds.\n```\n";

/* Takes over the text. */
static void write_lesson_file(struct tree *t, const char *slug, const char *file, char *text)
{
    char *path = xasprintf("content/10-demos/10-%s/%s", slug, file);

    tree_write(t, path, text);
    free(path);
    free(text);
}

void tree_demo_lesson(struct tree *t, const char *slug, const char *program, const char *how,
                      int limit_s)
{
    char *source = xasprintf("%s.c", slug);

    tree_write(t, "content/10-demos/track.json", "{\"title\": \"Demos\"}\n");
    write_lesson_file(t, slug, "lesson.json",
                      xasprintf(lesson_form, slug, slug, slug, slug, limit_s, how, how));
    write_lesson_file(t, slug, "quiz.json", xasprintf(quiz_form, slug));
    write_lesson_file(t, slug, "en.md", xasprintf(page_form, slug, slug, slug));
    write_lesson_file(t, slug, "zh.md", xasprintf(page_form, slug, slug, slug));
    write_lesson_file(t, slug, source, xasprintf("/* %s */\n", slug));
    free(source);
    if (program)
        tree_demo(t, slug, slug, program);
}

struct tree *tree_new(const char *content)
{
    struct tree *t = x_array(1, sizeof(*t));
    char *program = tutor_program();
    char *data = tutor_source("data");

    t->dir = pty_dir_new();
    t->next = trees;
    trees = t;
    tree_copy(t, program, "build/systutor");
    copy_folder(data, tree_path(t, "data"));
    if (content) {
        char *from = tutor_source(content);
        copy_folder(from, tree_path(t, "content"));
        free(from);
    } else if (mkdir(tree_path(t, "content"), 0755) < 0) {
        fail_msg("%s: %s", t->path, strerror(errno));
    }
    free(program);
    free(data);
    return t;
}

void tree_free(struct tree *t)
{
    struct tree **at = &trees;

    if (!t)
        return;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    pty_dir_remove(t->dir);
    free(t->dir);
    free(t->home);
    free(t->path);
    free(t);
}

struct tree *tree_pack(void)
{
    struct tree *t = tree_new("tests/term/pack");

    tree_demo(t, "kinds", "coin", "behaves");
    return t;
}

int tutor_teardown(void **state)
{
    vt_teardown(state);
    while (trees)
        tree_free(trees);
    return 0;
}

/* ---- the tutor ---- */

/* The words of the command line; the first is to be freed. */
static char *make_argv(const struct tutor_spec *spec, const char *argv[MAX_WORDS])
{
    char *program = spec->tree ? xstrdup(tree_path(spec->tree, "build/systutor")) : tutor_program();
    int n = 0;

    argv[n++] = program;
    argv[n++] = "--now";
    argv[n++] = spec->now ? spec->now : a_fixed_day;
    argv[n++] = "--seed";
    argv[n++] = "7";
    if (spec->lang) {
        argv[n++] = "--lang";
        argv[n++] = spec->lang;
    }
    for (size_t i = 0; i < ARRAY_LEN(spec->words) && spec->words[i]; i++)
        argv[n++] = spec->words[i];
    argv[n] = NULL;
    return program;
}

struct vt *tutor_start_at(const struct tutor_spec *spec, const char *file, int line)
{
    const char *argv[MAX_WORDS];
    const char *env[ARRAY_LEN(spec->env) + 1] = {NULL};
    char *program = make_argv(spec, argv);

    memcpy(env, spec->env, sizeof(spec->env));
    const struct vt_spec what = {.argv = argv,
                                 .rows = spec->rows,
                                 .cols = spec->cols,
                                 .env = env,
                                 .home = spec->home,
                                 .record = spec->record};
    struct vt *vt = vt_start_at(&what, file, line);
    free(program);
    return vt;
}

struct vt *tutor_open_at(struct tree *t, const char *lesson, const char *file, int line)
{
    return tutor_start_at(&(struct tutor_spec){.tree = t, .lang = "en", .words = {lesson}}, file,
                          line);
}

static bool is_selected(struct vt *vt, void *text)
{
    int rows;

    vt_size(vt, &rows, NULL);
    for (int row = 0; row < rows; row++) {
        const char *line = vt_row(vt, row);
        if (strstr(line, "❯") && strstr(line, text))
            return true;
    }
    return false;
}

void tutor_wait_selected_at(struct vt *vt, const char *text, const char *file, int line)
{
    char *copy = xstrdup(text);
    const bool ok = vt_until(vt, is_selected, copy, vt_limit_ms());

    free(copy);
    if (!ok)
        vt_fail_at(vt, file, line, "\"%s\" is not selected", text);
}

static void take_all(int fd, struct buf *out)
{
    char bytes[4096];
    ssize_t n;

    while ((n = read(fd, bytes, sizeof(bytes))) > 0)
        buf_add(out, bytes, (size_t)n);
    close(fd);
}

char *tutor_command(const struct tutor_spec *spec, int *status)
{
    const char *argv[MAX_WORDS];
    const char *extra[ARRAY_LEN(spec->env) + 1] = {NULL};
    struct buf out = {0};
    int ends[2];
    char *program = make_argv(spec, argv);

    memcpy(extra, spec->env, sizeof(spec->env));
    char **env = pty_env_new(spec->home, extra);
    if (pipe2(ends, O_CLOEXEC) < 0)
        fail_msg("cannot make a pipe: %s", strerror(errno));
    const pid_t pid = fork();
    if (pid == 0) {
        const int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (dup2(null_fd, 0) == 0 && dup2(ends[1], 1) == 1 && dup2(ends[1], 2) == 2)
            execve(program, (char *const *)argv, env);
        _exit(127);
    }
    close(ends[1]);
    take_all(ends[0], &out);
    if (pid < 0 || waitpid(pid, status, 0) != pid)
        fail_msg("cannot run %s: %s", program, strerror(errno));
    pty_env_free(env);
    free(program);
    return buf_take(&out);
}

/* ---- processes ---- */

const char *tutor_mark(void)
{
    static char mark[64];
    static int n;

    snprintf(mark, sizeof(mark), "SYSTUTOR_TEST_MARK=%d-%d", (int)getpid(), ++n);
    return mark;
}

/* Whether the process was started with this variable. A zombie's environment is empty. */
static bool has_mark(const char *pid, const char *mark)
{
    char path[64];
    struct buf env = {0};
    bool found = false;

    snprintf(path, sizeof(path), "/proc/%.20s/environ", pid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    take_all(fd, &env);
    const char *const end = buf_text(&env) + env.len;
    for (const char *at = buf_text(&env); at < end && !found; at += strlen(at) + 1)
        found = strcmp(at, mark) == 0;
    buf_release(&env);
    return found;
}

int tutor_marked(const char *mark)
{
    DIR *proc = opendir("/proc");
    const struct dirent *entry;
    int n = 0;

    if (!proc)
        fail_msg("/proc: %s", strerror(errno));
    while ((entry = readdir(proc)))
        n += entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && has_mark(entry->d_name, mark);
    closedir(proc);
    return n;
}

static bool never(struct vt *vt, void *arg)
{
    (void)vt;
    (void)arg;
    return false;
}

void tutor_wait_marked_at(struct vt *vt, const char *mark, int n, const char *file, int line)
{
    const int64_t end = pty_now_ns() + (int64_t)vt_limit_ms() * 1000000;
    int got;

    while ((got = tutor_marked(mark)) != n) {
        if (pty_now_ns() > end)
            vt_fail_at(vt, file, line, "%d processes expected, %d are there", n, got);
        if (vt)
            vt_until(vt, never, NULL, LOOK_AGAIN_MS);
        else
            usleep(LOOK_AGAIN_MS * 1000);
    }
}
