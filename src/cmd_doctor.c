/*
 * cmd_doctor.c: `doctor`: what works here: terminal, compiler, lenses, sandbox, store, content,
 * limits.
 *
 * One line each: ok, warn or fail, the subject, what was found and what to do. Exit status 1 if
 * any line says fail. Nothing is made; a store of an older version is brought up to date, with its
 * backup, as the tutor would. --rebuild drops what is derived in the store and makes it anew from
 * the events.
 */
#include <fcntl.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termcap.h>
#include <unistd.h>

#include "buf.h"
#include "cmd.h"
#include "cmd_args.h"
#include "cmd_out.h"
#include "compiler.h"
#include "content/content.h"
#include "lens.h"
#include "store/store.h"
#include "text.h"
#include "tool.h"

enum {
    TOOL_LIMIT_MS = 5000,
    LEAST_ROWS = 12,
    LEAST_COLS = 40,
    FULL_CURVE_FILES = 16500, /* descriptors the largest demo opens */
};

enum level { OK, WARN, FAIL, LEVELS };

struct doctor {
    struct app *app;
    bool failed;
};

static __attribute__((format(printf, 4, 5))) void say(struct doctor *d, enum level level,
                                                      const char *subject, const char *fmt, ...)
{
    static const char *const names[LEVELS] = {"ok", "warn", "fail"};
    char head[32];
    char *words;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&words, fmt, ap) < 0)
        die("out of memory");
    va_end(ap);
    snprintf(head, sizeof(head), "%-5s %-9s ", names[level], subject);
    out_line(head, words);
    d->failed |= level == FAIL;
    free(words);
}

/* ---- terminal ---- */

static void check_size(struct doctor *d)
{
    struct winsize size;

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
        say(d, WARN, "terminal", "%s", text(TXT_CMD_NO_TERMINAL));
    else if (size.ws_row < LEAST_ROWS || size.ws_col < LEAST_COLS)
        say(d, WARN, "terminal", text(TXT_CMD_SMALL), (int)size.ws_col, (int)size.ws_row,
            LEAST_COLS, LEAST_ROWS);
    else
        say(d, OK, "terminal", text(TXT_CMD_SIZE), (int)size.ws_col, (int)size.ws_row);
}

static void check_terminal(struct doctor *d)
{
    const char *term = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    char colors[] = "Co";

    if (!term || !term[0])
        say(d, FAIL, "terminal", "%s", text(TXT_CMD_NO_TERM));
    else if (tgetent(NULL, term) != 1)
        say(d, FAIL, "terminal", text(TXT_CMD_UNKNOWN_TERM), term);
    else if (no_color && no_color[0])
        say(d, OK, "terminal", text(TXT_CMD_NO_COLOR), term);
    else
        say(d, OK, "terminal", text(TXT_CMD_COLORS), term, int_max(tgetnum(colors), 0));
    check_size(d);
}

/* The locale as the environment has it: main falls back to C.UTF-8 and draws ASCII. */
static void check_locale(struct doctor *d)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *value = "";

    for (size_t i = 0; i < ARRAY_LEN(names) && !value[0]; i++) {
        const char *v = getenv(names[i]);
        value = v ? v : "";
    }
    if (!d->app->opt.ascii && strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        say(d, OK, "locale", "%s, UTF-8", value);
    else
        say(d, WARN, "locale", text(TXT_CMD_NO_UTF8), value);
}

/* ---- programs ---- */

/* Runs the program at path with args (NULL-terminated, without its name); its first line of
 * output, NULL if it fails. The caller frees. */
static char *first_line(const struct doctor *d, const char *path, const char *const *args)
{
    struct argv argv = {.n = 0};
    struct tool_result r;
    char *line = NULL;

    argv_add(&argv, path);
    for (size_t i = 0; args[i]; i++)
        argv_add(&argv, args[i]);
    if (!tool_run(d->app, argv.word, NULL, TOOL_LIMIT_MS, &r, NULL))
        return NULL;
    if (tool_succeeded(&r))
        line = xstrndup(buf_text(&r.out), strcspn(buf_text(&r.out), "\n"));
    tool_result_release(&r);
    return line;
}

static void check_compiler(struct doctor *d)
{
    static const char *const args[] = {"--version", NULL};
    struct compiler cc = {0};
    struct err e;
    char *version = compiler_find(&cc, &e) ? first_line(d, cc.path, args) : NULL;

    if (version)
        say(d, OK, "compiler", "%s: %s", cc.path, version);
    else
        say(d, WARN, "compiler", text(TXT_CMD_NO_COMPILER), cc.words);
    free(version);
    compiler_release(&cc);
}

/* ---- lenses ---- */

/* Links nothing at all with the library of a sanitizer, which may not be installed. */
static bool links_with(const struct doctor *d, const char *sanitizer)
{
    static const char *const flags[] = {"-shared", "-fPIC", "-x", "c", "/dev/null", "-o"};
    const char *tmp = getenv("TMPDIR");
    char *path = xasprintf("%s/systutor-doctor-XXXXXX", tmp && tmp[0] == '/' ? tmp : "/tmp");
    struct compiler cc = {0};
    struct argv argv;
    struct tool_result r;
    const int fd = mkostemp(path, O_CLOEXEC);
    bool ok = false;

    if (fd >= 0 && compiler_find(&cc, NULL)) {
        compiler_argv(&cc, &argv, flags, ARRAY_LEN(flags));
        argv_add(&argv, path);
        argv_add(&argv, sanitizer);
        if (tool_run(d->app, argv.word, NULL, TOOL_LIMIT_MS, &r, NULL)) {
            ok = tool_succeeded(&r);
            tool_result_release(&r);
        }
    }
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
    compiler_release(&cc);
    free(path);
    return ok;
}

static void check_lens(struct doctor *d, enum lens l)
{
    static const char *const sanitizers[LENS_COUNT] = {
        [LENS_TSAN] = "-fsanitize=thread", [LENS_ASAN] = "-fsanitize=address,undefined"};
    char *why = lens_missing(l);

    if (why)
        say(d, WARN, "lens", "%s: %s", lens_name(l), why);
    else if (sanitizers[l] && !links_with(d, sanitizers[l]))
        say(d, WARN, "lens", text(TXT_LENS_NO_LIBRARY), lens_name(l));
    else
        say(d, OK, "lens", "%s: %s", lens_name(l), text(lens_title(l)));
    free(why);
}

static void check_lenses(struct doctor *d)
{
    for (int l = LENS_NONE + 1; l < LENS_COUNT; l++)
        check_lens(d, (enum lens)l);
}

/* ---- the sandbox ---- */

/* A user namespace is what an unprivileged sandbox begins with. */
static void check_sandbox(struct doctor *d)
{
    static const char *const args[] = {"--user", "--map-root-user", "true", NULL};
    char *unshare = proc_find("unshare");
    char *out = unshare ? first_line(d, unshare, args) : NULL;

    if (out)
        say(d, OK, "sandbox", "%s %s", text(TXT_CMD_NAMESPACES), text(TXT_CMD_NO_EDITED));
    else if (unshare)
        say(d, WARN, "sandbox", "%s %s", text(TXT_CMD_NO_NAMESPACES), text(TXT_CMD_NO_EDITED));
    else
        say(d, WARN, "sandbox", "%s %s", text(TXT_CMD_NO_UNSHARE), text(TXT_CMD_NO_EDITED));
    free(unshare);
    free(out);
}

/* ---- store ---- */

static void check_counts(struct doctor *d, struct store *s)
{
    struct store_totals t;
    struct err e;

    if (!store_verify(s, &e) || !store_totals(s, &t, &e))
        say(d, FAIL, "store", "%s", e.text);
    else
        say(d, OK, "store", text(TXT_CMD_STORE_SOUND), t.answers, t.sessions, t.runs);
}

static void check_size_of(struct doctor *d, const char *db)
{
    struct stat st;

    if (stat(db, &st) == 0)
        say(d, OK, "store", text(TXT_CMD_STORE_SIZE), db, (long long)((st.st_size + 1023) / 1024));
}

static void rebuild(struct doctor *d, struct store *s)
{
    struct err e;

    if (store_rebuild(s, &e))
        say(d, OK, "store", "%s", text(TXT_CMD_REBUILT));
    else
        say(d, FAIL, "store", "%s", e.text);
}

/* Opened for writing, as a rebuild and the comparison with one need, but not made. */
static struct store *open_store(const struct doctor *d, struct err *e)
{
    const char *db = d->app->paths.db;
    char *migrations = path_join(d->app->paths.data, "migrations");
    struct store *s = store_open_existing(db, migrations, e);

    if (s) {
        store_close(s);
        s = store_open(db, migrations, e);
    }
    free(migrations);
    return s;
}

static void check_store(struct doctor *d, bool with_rebuild)
{
    const char *db = d->app->paths.db;
    struct err e = {""};
    struct store *s = open_store(d, &e);

    if (s) {
        check_size_of(d, db);
        if (with_rebuild)
            rebuild(d, s);
        check_counts(d, s);
    } else if (e.text[0]) {
        say(d, FAIL, "store", "%s", e.text);
    } else {
        say(d, OK, "store", text(TXT_CMD_STORE_NONE), db);
    }
    store_close(s);
}

/* ---- content ---- */

static void check_lessons(struct doctor *d, const struct content *c)
{
    size_t n, broken = 0;
    const struct lesson_info *all = content_lessons(c, &n);

    for (size_t i = 0; i < n; i++) {
        if (!all[i].broken)
            continue;
        broken++;
        say(d, WARN, "content", "%s", all[i].broken);
    }
    if (n == 0)
        say(d, FAIL, "content", "%s%s", text(TXT_CMD_NO_LESSONS), content_root(c));
    else
        say(d, broken < n ? OK : FAIL, "content", text(TXT_CMD_LESSONS), content_root(c),
            n - broken, n);
}

/* Demos that cannot be started are counted: make builds them, the package installs them. */
static void count_demos(struct doctor *d, const struct lesson *l, int *built, int *total)
{
    for (size_t i = 0; i < l->n_demos; i++) {
        char *program = app_demo_program(d->app, l->slug, l->demos[i].name, NULL);
        *built += program && access(program, X_OK) == 0;
        ++*total;
        free(program);
    }
}

static void check_demos(struct doctor *d, const struct content *c)
{
    size_t n;
    const struct lesson_info *all = content_lessons(c, &n);
    int built = 0, total = 0;

    for (size_t i = 0; i < n; i++) {
        struct lesson *l = all[i].broken ? NULL : lesson_load(&all[i], NULL);
        if (l)
            count_demos(d, l, &built, &total);
        lesson_free(l);
    }
    if (!d->app->paths.own_content)
        say(d, WARN, "demos", text(TXT_CMD_FOREIGN_DEMOS), total);
    else
        say(d, built == total ? OK : FAIL, "demos",
            text(built == total ? TXT_CMD_DEMOS_BUILT : TXT_CMD_DEMOS_MISSING), built, total);
}

static void check_content(struct doctor *d)
{
    bool changed;
    size_t done, total;
    struct err e;
    struct content *c = content_open(d->app->paths.content, NULL, &e);

    if (!c) {
        say(d, FAIL, "content", "%s", e.text);
        return;
    }
    content_refresh(c, -1, &changed, &done, &total);
    check_lessons(d, c);
    check_demos(d, c);
    content_free(c);
}

/* ---- limits ---- */

/* Demos raise the soft limit up to the hard one: that decides. */
static void check_limits(struct doctor *d)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        say(d, WARN, "limits", "%s", text(TXT_CMD_NO_LIMITS));
    else
        say(d, files.rlim_max >= FULL_CURVE_FILES ? OK : WARN, "limits",
            text(files.rlim_max >= FULL_CURVE_FILES ? TXT_CMD_FILES : TXT_CMD_FEW_FILES),
            (unsigned long long)files.rlim_cur, (unsigned long long)files.rlim_max);
}

static int run(struct app *app, int argc, char **argv)
{
    bool with_rebuild = false;
    const struct cmd_option options[] = {{"--rebuild", &with_rebuild, NULL}};
    struct doctor d = {.app = app};

    if (!cmd_options(&doctor_command, &argc, argv, options, ARRAY_LEN(options)))
        return 2;
    if (argc > 1)
        return cmd_usage(&doctor_command, "takes no \"%s\"", argv[1]);
    check_terminal(&d);
    check_locale(&d);
    check_compiler(&d);
    check_lenses(&d);
    check_sandbox(&d);
    check_store(&d, with_rebuild);
    check_content(&d);
    check_limits(&d);
    return d.failed ? 1 : 0;
}

const struct command doctor_command = {
    .name = "doctor",
    .usage = "doctor [--rebuild]",
    .summary = "what works here: terminal, compiler, lenses, store, content",
    .needs = CMD_PROCS,
    .run = run,
};
