/*
 * build.c: a demo compiled into the cache. See build.h.
 */
#include "build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "build_cache.h"
#include "build_messages.h"
#include "compiler.h"

enum {
    MAX_SAID = 64 * 1024, /* bytes of the compiler's words kept */
};

struct build {
    struct procs *procs;
    struct build_spec spec;
    char *source, *helper, **flags; /* copies for spec */
    struct compiler cc;
    char *demo_source, *demo_header, *include_flag;
    struct buf links; /* words, a NUL behind each */

    char *dir;                      /* the cache */
    char *folder, *program;         /* in it */
    char *work, *made, *tmpdir_var; /* work: this compilation's folder, NULL: none */
    struct proc *proc;
    struct timer *timer; /* the program was there: done is called from the loop */
    struct buf said;
    struct messages messages;
};

/* ---- the name ---- */

/* Of all that makes the program. The caller frees; NULL if a file cannot be read. */
static char *name_of(const struct build *b, struct err *e)
{
    struct hash h;

    hash_init(&h);
    for (size_t i = 0; b->flags[i]; i++)
        hash_text(&h, b->flags[i]);
    if (!hash_compiler(&h, &b->cc, e) || !hash_file(&h, b->source, e) ||
        (b->helper && !hash_file(&h, b->helper, e)) || !hash_file(&h, b->demo_source, e) ||
        !hash_file(&h, b->demo_header, e))
        return NULL;
    return hash_name(&h);
}

/* ---- the end ---- */

static void leave_work(struct build *b)
{
    if (!b->work)
        return;
    cache_remove(b->work);
    free(b->work);
    b->work = NULL;
}

/* Whether what was compiled is what was hashed: a source may be saved anew meanwhile. */
static bool is_unchanged(const struct build *b)
{
    char *name = name_of(b, NULL);
    const bool same = name && strcmp(b->folder + strlen(b->dir) + 1, name) == 0;

    free(name);
    return same;
}

static bool write_log(const struct build *b, struct err *e)
{
    char *log = path_join(b->work, ".log");
    const bool ok = buf_write_file(&b->said, log, e);

    free(log);
    return ok;
}

static bool keep(struct build *b, struct err *e)
{
    if (!is_unchanged(b))
        return err_set(e, "%s: changed while it was compiled; try again", b->source);
    if ((b->said.len > 0 && !write_log(b, e)) || !cache_put(b->work, b->folder, b->program, e))
        return false;
    cache_prune(b->dir);
    return true;
}

static void on_data(void *user, enum proc_stream stream, const char *bytes, size_t n)
{
    struct build *b = user;

    (void)stream;
    buf_add(&b->said, bytes, size_min(n, MAX_SAID - b->said.len));
}

static enum build_end settle(struct build *b, enum proc_end end, int code)
{
    struct err e = {""};

    messages_read(&b->messages, buf_text(&b->said));
    if (end == PROC_STOPPED)
        return BUILD_STOPPED;
    if (end == PROC_EXITED && code == 0) {
        if (keep(b, &e))
            return BUILD_OK;
        messages_add_error(&b->messages, e.text);
        return BUILD_FAILED;
    }
    if (end == PROC_TIME_LIMIT)
        err_set(&e, "%s: does not compile within %d s", b->source, BUILD_LIMIT_S);
    else
        err_set(&e, "%s: the compiler ends with %s %d", b->source,
                end == PROC_SIGNALED ? "signal" : "exit status", code);
    messages_explain(&b->messages, buf_text(&b->said), e.text);
    return BUILD_FAILED;
}

static void on_end(void *user, enum proc_end end, int code)
{
    struct build *b = user;

    b->proc = NULL;
    const enum build_end how = settle(b, end, code);
    leave_work(b);
    b->spec.done(b->spec.user, how);
}

static void on_cached(void *user)
{
    struct build *b = user;

    b->timer = NULL;
    b->spec.done(b->spec.user, BUILD_OK);
}

static void on_stopped(void *user)
{
    struct build *b = user;

    b->timer = NULL;
    b->spec.done(b->spec.user, BUILD_STOPPED);
}

/* ---- the start ---- */

static bool make_work(struct build *b, struct err *e)
{
    if (!path_make_dirs(b->dir, e))
        return false;
    b->work = path_join(b->dir, "tmp-XXXXXX");
    if (!mkdtemp(b->work)) {
        err_sys(e, "%s: cannot make this folder", b->work);
        free(b->work);
        b->work = NULL;
        return false;
    }
    b->made = path_join(b->work, b->program + strlen(b->folder) + 1);
    b->tmpdir_var = xasprintf("TMPDIR=%s", b->work);
    return true;
}

static void compose(const struct build *b, struct argv *a)
{
    size_t n = 0;

    while (b->flags[n])
        n++;
    compiler_argv(&b->cc, a, (const char *const *)b->flags, n);
    argv_add(a, b->include_flag);
    argv_add(a, "-o");
    argv_add(a, b->made);
    argv_add(a, b->source);
    if (b->helper)
        argv_add(a, b->helper);
    argv_add(a, b->demo_source);
    argv_add_all(a, &b->links);
}

static bool compile(struct build *b, struct err *e)
{
    if (!make_work(b, e))
        return false;
    const char *const env[] = {"LC_ALL=C", b->tmpdir_var, NULL};
    struct argv argv;
    compose(b, &argv);
    const struct proc_spec spec = {.argv = argv.word,
                                   .env = env,
                                   .limit_ms = (int64_t)BUILD_LIMIT_S * 1000,
                                   .on_data = on_data,
                                   .on_end = on_end,
                                   .user = b};
    b->proc = proc_start(b->procs, &spec, e);
    return b->proc != NULL;
}

static bool use_cached(struct build *b)
{
    char *log = path_join(b->folder, ".log");

    cache_touch(b->folder);
    if (!buf_read_file(&b->said, log, MAX_SAID, NULL))
        buf_clear(&b->said); /* it said nothing */
    free(log);
    messages_read(&b->messages, buf_text(&b->said));
    b->timer = loop_after(procs_loop(b->procs), b, 0, on_cached, b);
    return true;
}

static void copy_spec(struct build *b, const struct build_spec *spec)
{
    size_t n = 0;

    b->spec = *spec;
    b->source = xstrdup(spec->source);
    b->helper = spec->helper ? xstrdup(spec->helper) : NULL;
    while (spec->flags[n])
        n++;
    b->flags = x_array(n + 1, sizeof(*b->flags));
    for (size_t i = 0; i < n; i++)
        b->flags[i] = xstrdup(spec->flags[i]);
    b->demo_source = path_join(spec->paths->content, "lib/demo.c");
    b->demo_header = path_join(spec->paths->content, "include/demo.h");
    b->include_flag = xasprintf("-I%s/include", spec->paths->content);
}

/* folder/NAME for a source NAME.c: a program says its name here and there. The caller frees. */
static char *program_in(const char *folder, const char *source)
{
    const char *slash = strrchr(source, '/');
    const char *name = slash ? slash + 1 : source;
    const size_t n = strlen(name);
    const bool has_ending = n > 2 && strcmp(name + n - 2, ".c") == 0;

    return xasprintf("%s/%.*s", folder, (int)(has_ending ? n - 2 : n), name);
}

static bool start(struct build *b, struct err *e)
{
    if (!b->spec.paths->cache)
        return err_set(e, "there is no place for compiled programs: set HOME or XDG_CACHE_HOME");
    if (!compiler_find(&b->cc, e) || !compiler_links(b->source, &b->links, e))
        return false;
    char *name = name_of(b, e);
    if (!name)
        return false;
    b->dir = path_join(b->spec.paths->cache, "build");
    b->folder = path_join(b->dir, name);
    b->program = program_in(b->folder, b->source);
    free(name);
    return cache_has(b->program) ? use_cached(b) : compile(b, e);
}

struct build *build_start(struct procs *ps, const struct build_spec *spec, struct err *e)
{
    struct build *b = x_array(1, sizeof(*b));

    b->procs = ps;
    copy_spec(b, spec);
    if (start(b, e))
        return b;
    build_free(b);
    return NULL;
}

void build_stop(struct build *b)
{
    if (b->proc) {
        proc_stop(b->proc);
    } else if (b->timer) {
        loop_cancel(procs_loop(b->procs), b->timer);
        b->timer = loop_after(procs_loop(b->procs), b, 0, on_stopped, b);
    }
}

void build_free(struct build *b)
{
    if (!b)
        return;
    if (b->proc)
        proc_abandon(b->proc);
    loop_cancel(procs_loop(b->procs), b->timer);
    leave_work(b);
    for (size_t i = 0; b->flags[i]; i++)
        free(b->flags[i]);
    messages_release(&b->messages);
    free(b->flags);
    free(b->source);
    free(b->helper);
    free(b->demo_source);
    free(b->demo_header);
    free(b->include_flag);
    free(b->dir);
    free(b->folder);
    free(b->program);
    free(b->made);
    free(b->tmpdir_var);
    buf_release(&b->links);
    buf_release(&b->said);
    compiler_release(&b->cc);
    free(b);
}

/* ---- asking ---- */

const char *build_program(const struct build *b)
{
    return b->program;
}

const struct build_message *build_messages(const struct build *b, size_t *n)
{
    *n = b->messages.n;
    return b->messages.at;
}
