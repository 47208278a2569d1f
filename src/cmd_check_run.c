/*
 * cmd_check_run.c: proves a content pack by compiling and running it. See cmd_check_run.h.
 */
#include "cmd_check_run.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "build.h"
#include "cmd_check_impl.h"
#include "content/findings.h"
#include "path.h"
#include "utf8.h"

enum {
    COMPILE_LIMIT_MS = 60 * 1000,
    OUTPUT_LIMIT_MS = 5 * 1000, /* of an output question's program: systutor-content(5) */
};

/* ---- saying ---- */

static bool show_rewritten(void)
{
    return isatty(STDERR_FILENO);
}

static void clear_progress(void)
{
    if (show_rewritten())
        fputs("\r\033[K", stderr);
}

static void say_progress(struct proof *p)
{
    const char *end = show_rewritten() ? "" : "\n";
    struct buf clean = {0};

    utf8_clean(&clean, p->rel, strlen(p->rel), false);
    clear_progress();
    fprintf(stderr, "%zu/%zu %s%s", ++p->done, p->total, buf_text(&clean), end);
    fflush(stderr);
    buf_release(&clean);
}

void proof_finding(struct proof *p, const char *fmt, ...)
{
    char *words;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&words, fmt, ap) < 0)
        die("out of memory");
    va_end(ap);
    clear_progress();
    p->report(p->user, p->rel, "", words);
    p->findings++;
    free(words);
}

/* Everything the compiler said, for the author; the finding has one line of it. */
static void show_output(const struct buf *out)
{
    struct buf clean = {0};

    utf8_clean(&clean, buf_text(out), out->len, true);
    clear_progress();
    fputs(buf_text(&clean), stderr);
    buf_release(&clean);
}

/* A path of the pack without the folder of the pack before it. */
static const char *relative(const struct proof *p, const char *path)
{
    const char *root = content_root(p->content);
    const size_t n = strlen(root);

    return strncmp(path, root, n) == 0 && path[n] == '/' ? path + n + 1 : path;
}

/* ---- running a tool ---- */

/* Runs argv to its end. false if it could not be started or a signal came: there is no result. */
bool proof_run_tool(struct proof *p, const char *const *argv, int64_t limit_ms,
                    struct tool_result *r)
{
    struct err e;

    if (!tool_run(p->app, argv, p->dir, limit_ms, r, &e)) {
        proof_finding(p, "%s", e.text);
        return false;
    }
    if (r->end != PROC_STOPPED)
        return true;
    p->interrupted = true;
    tool_result_release(r);
    return false;
}

const char *proof_end_words(const struct tool_result *r, char words[64])
{
    switch (r->end) {
    case PROC_TIME_LIMIT:
        return "runs longer than its time limit";
    case PROC_SIGNALED:
        snprintf(words, 64, "is killed by signal %d", r->code);
        return words;
    default:
        snprintf(words, 64, "ends with exit status %d", r->code);
        return words;
    }
}

/* ---- compiling ---- */

static const char *const demo_flags[] = {
    "-std=gnu11", "-Wall", "-Wextra",  "-Wshadow", "-Wconversion", "-Wstrict-prototypes", "-Werror",
    "-O2",        "-g",    "-pthread", NULL};
static const char *const output_flags[] = {"-std=gnu11", "-pthread"};

/* The line that says what is wrong, or the first. The caller frees. */
static char *compiler_complaint(const char *out)
{
    const char *at = strstr(out, "error:");

    if (!at)
        at = strstr(out, "warning:");
    if (!at)
        at = out;
    return xstrndup(at, strcspn(at, "\n"));
}

static bool compile(struct proof *p, const struct argv *a)
{
    struct tool_result r;

    if (!proof_run_tool(p, a->word, COMPILE_LIMIT_MS, &r))
        return false;
    const bool ok = tool_succeeded(&r);
    if (!ok) {
        char *complaint = compiler_complaint(buf_text(&r.out));
        show_output(&r.out);
        proof_finding(p, "does not compile: %s", complaint);
        free(complaint);
    }
    tool_result_release(&r);
    return ok;
}

/* ---- compiling a demo ---- */

struct built {
    bool done;
    enum build_end end;
};

static void on_built(void *user, enum build_end end)
{
    struct built *b = user;

    *b = (struct built){true, end};
}

static const struct build_message *first_error(const struct build_message *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (m[i].kind == BUILD_ERROR)
            return &m[i];
    return m; /* one at least */
}

/* Everything the compiler said, for the author; the finding has one line of it, and is about the
 * file that the line is about if that is one of the pack. */
static void report_messages(struct proof *p, const struct build *b)
{
    size_t n;
    const struct build_message *m = build_messages(b, &n), *error = first_error(m, n);
    char *rel = p->rel;

    clear_progress();
    for (size_t i = 0; i < n; i++)
        fprintf(stderr, "%s:%d:%d: %s: %s\n", m[i].file, m[i].line, m[i].column,
                build_kind_name(m[i].kind), m[i].text);
    const char *in_pack = relative(p, error->file);
    p->lib_is_broken |= strncmp(in_pack, "lib/", 4) == 0;
    if (in_pack != error->file)
        p->rel = xstrdup(in_pack);
    proof_finding(p, "does not compile: %s: %s", build_kind_name(error->kind), error->text);
    if (p->rel != rel)
        free(p->rel);
    p->rel = rel;
}

/* Path of the compiled program; the caller frees. NULL if it does not compile, or if what all demos
 * are linked with does not, which is said once. */
static char *compile_demo(struct proof *p, const struct demo *d)
{
    struct built built = {.done = false};
    const struct build_spec spec = {.paths = &p->paths,
                                    .source = d->path,
                                    .flags = demo_flags,
                                    .done = on_built,
                                    .user = &built};
    char *program = NULL;
    struct err e;

    if (p->lib_is_broken)
        return NULL;
    struct build *b = build_start(p->app->procs, &spec, &e);
    if (!b) {
        proof_finding(p, "%s", e.text);
        return NULL;
    }
    if (!tool_wait(p->app->loop, &built.done))
        p->interrupted = true;
    else if (built.end == BUILD_OK)
        program = xstrdup(build_program(b));
    else
        report_messages(p, b);
    build_free(b);
    return program;
}

static char *compile_output(struct proof *p, const char *source)
{
    struct argv a;
    char *program = path_join(p->dir, "program");

    compiler_argv(&p->cc, &a, output_flags, ARRAY_LEN(output_flags));
    argv_add(&a, "-o");
    argv_add(&a, program);
    argv_add(&a, source);
    if (compile(p, &a))
        return program;
    free(program);
    return NULL;
}

static void check_demo(struct proof *p, const struct lesson *l, const struct demo *d)
{
    char *program = compile_demo(p, d);

    if (program)
        proof_demo(p, l, d, program);
    free(program);
}

/* ---- output questions ---- */

/* Without blanks at the ends of lines and blank lines at the end. The caller frees. */
static char *trimmed(const char *s)
{
    struct buf out = {0};

    while (*s) {
        const size_t n = strcspn(s, "\n");
        size_t keep = n;
        while (keep > 0 && strchr(" \t\r", s[keep - 1]))
            keep--;
        buf_add(&out, s, keep);
        buf_putc(&out, '\n');
        s += n + (s[n] == '\n');
    }
    while (out.len > 0 && out.text[out.len - 1] == '\n')
        out.text[--out.len] = '\0';
    return buf_take(&out);
}

static bool prints_key(struct proof *p, const struct question *q, const char *printed, int nth)
{
    char *got = trimmed(printed), *key = trimmed(q->accept[0]);
    const bool same = strcmp(got, key) == 0;
    char clean[SHOWN_MAX], clean2[SHOWN_MAX];

    if (!same)
        proof_finding(p, "run %d prints \"%s\", the key of question %s is \"%s\"", nth,
                      shown(clean, got), q->id, shown(clean2, key));
    free(got);
    free(key);
    return same;
}

/* One run; false if it does not print the key, which is reported. */
static bool run_output(struct proof *p, const struct question *q, const char *program, int nth)
{
    const char *const argv[] = {program, NULL};
    struct tool_result r;
    char words[64];
    bool ok = false;

    if (!proof_run_tool(p, argv, OUTPUT_LIMIT_MS, &r))
        return false;
    if (tool_succeeded(&r))
        ok = prints_key(p, q, buf_text(&r.out), nth);
    else
        proof_finding(p, "%s", proof_end_words(&r, words));
    tool_result_release(&r);
    return ok;
}

/* Twice, as what it prints must not depend on chance. */
static void check_output(struct proof *p, const struct question *q)
{
    char *program = compile_output(p, q->program);

    if (program && run_output(p, q, program, 1))
        run_output(p, q, program, 2);
    free(program);
}

/* ---- the pack ---- */

static void begin_program(struct proof *p, const char *path)
{
    free(p->rel);
    p->rel = xstrdup(relative(p, path));
    say_progress(p);
}

static void check_lesson(struct proof *p, const struct lesson *l)
{
    for (size_t i = 0; i < l->n_demos && !p->interrupted; i++) {
        begin_program(p, l->demos[i].path);
        check_demo(p, l, &l->demos[i]);
    }
    for (size_t i = 0; i < l->n_questions && !p->interrupted; i++) {
        if (l->questions[i].kind != Q_OUTPUT)
            continue;
        begin_program(p, l->questions[i].program);
        check_output(p, &l->questions[i]);
    }
}

static size_t count_programs(const struct lesson *l)
{
    size_t n = l->n_demos;

    for (size_t i = 0; i < l->n_questions; i++)
        n += l->questions[i].kind == Q_OUTPUT;
    return n;
}

/* Broken lessons are passed over: the lint has reported them. */
static void each_lesson(struct proof *p, void (*visit)(struct proof *p, const struct lesson *l))
{
    size_t n;
    const struct lesson_info *infos = content_lessons(p->content, &n);

    for (size_t i = 0; i < n && !p->interrupted; i++) {
        struct lesson *l = infos[i].broken ? NULL : lesson_load(&infos[i], NULL);
        if (l)
            visit(p, l);
        lesson_free(l);
    }
}

static void add_programs(struct proof *p, const struct lesson *l)
{
    p->total += count_programs(l);
}

/* ---- what is needed for it ---- */

static bool make_dir(struct proof *p, struct err *e)
{
    const char *tmp = getenv("TMPDIR");

    p->dir = xasprintf("%s/systutor-check-XXXXXX", tmp && tmp[0] == '/' ? tmp : "/tmp");
    if (mkdtemp(p->dir))
        return true;
    err_sys(e, "%s: cannot make a temporary folder, name another with TMPDIR", p->dir);
    free(p->dir);
    p->dir = NULL;
    return false;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void proof_release(struct proof *p)
{
    if (p->dir)
        nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    content_free(p->content);
    free(p->dir);
    compiler_release(&p->cc);
    free(p->paths.content);
    free(p->rel);
}

static bool open_pack(struct proof *p, const char *root, struct err *e)
{
    bool changed;
    size_t done, total;

    p->content = content_open(root, NULL, e);
    if (!p->content)
        return false;
    content_refresh(p->content, -1, &changed, &done, &total);
    p->paths = p->app->paths;
    p->paths.content = xstrdup(content_root(p->content)); /* its demos go with its own library */
    return true;
}

bool cmd_check_run(struct app *app, const char *root, content_report *report, void *user,
                   size_t *findings, struct err *e)
{
    struct proof p = {.app = app, .report = report, .user = user};
    bool ok = open_pack(&p, root, e) && compiler_find(&p.cc, e) && make_dir(&p, e);

    if (ok) {
        each_lesson(&p, add_programs);
        each_lesson(&p, check_lesson);
        clear_progress();
        *findings += p.findings;
    }
    if (ok && p.interrupted)
        ok = err_set(e, "stopped by a signal: not everything was tried");
    proof_release(&p);
    return ok;
}
