/*
 * test_build.c: a demo compiled into the cache: once for each content, with the compiler's
 * messages, stopped and abandoned at any time. Most compilers here are scripts that do as they are
 * told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <sys/stat.h>
#include <time.h>

#include "build.h"
#include "place.h"
#include "turns.h"

static struct {
    struct loop *loop;
    struct procs *procs;
    struct paths paths;
    char *dir, *source;
    char *old_cc; /* NULL: none was named */
    int fds;
} world;

/* ---- files ---- */

static char *in_world(const char *name)
{
    return path_join(world.dir, name);
}

static void put(const char *name, const char *text, mode_t mode)
{
    char *path = in_world(name);
    FILE *f = fopen(path, "we");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
    free(path);
}

static void make_dir(const char *name)
{
    char *path = in_world(name);

    assert_int_equal(mkdir(path, 0700), 0);
    free(path);
}

/* Names in a folder that begin with these characters. */
static size_t count_names(const char *folder, const char *start)
{
    char *path = in_world(folder);
    DIR *d = opendir(path);
    size_t n = 0;

    free(path);
    for (const struct dirent *e; d && (e = readdir(d));)
        n += e->d_name[0] != '.' && strncmp(e->d_name, start, strlen(start)) == 0;
    if (d)
        closedir(d);
    return n;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

/* ---- the world ---- */

/* Says what is in the file "said" and ends as "status" says; each call is a line of "calls". */
static const char obedient[] = "#!/bin/sh\n"
                               "dir=$(dirname \"$0\")\n"
                               "echo \"$@\" >>\"$dir/calls\"\n"
                               "while [ \"$1\" != -o ]; do shift; done\n"
                               "printf '#!/bin/sh\\necho built\\n' >\"$2\"\n"
                               "chmod +x \"$2\"\n"
                               "cat \"$dir/said\"\n"
                               "exit $(cat \"$dir/status\")\n";

static int make_world(void **unused)
{
    (void)unused;
    const char *tmp = getenv("TMPDIR"), *cc = getenv("CC");

    world.fds = count_fds();
    world.loop = new_loop();
    world.procs = procs_new(world.loop);
    world.dir = xasprintf("%s/systutor-build.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(world.dir));
    make_dir("content");
    make_dir("content/lib");
    make_dir("content/include");
    put("content/lib/demo.c", "library\n", 0600);
    put("content/include/demo.h", "header\n", 0600);
    put("source.c", "source\n", 0600);
    put("helper.c", "helper\n", 0600);
    put("cc", obedient, 0700);
    put("said", "", 0600);
    put("status", "0", 0600);
    world.paths = (struct paths){.content = in_world("content"), .cache = in_world("cache")};
    world.source = in_world("source.c");
    world.old_cc = cc ? xstrdup(cc) : NULL;
    char *script = in_world("cc");
    setenv("CC", script, 1);
    free(script);
    return 0;
}

static int end_world(void **unused)
{
    (void)unused;
    procs_free(world.procs);
    loop_free(world.loop);
    assert_int_equal(count_names("cache/build", "tmp-"), 0);
    assert_int_equal(nftw(world.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    if (world.old_cc)
        setenv("CC", world.old_cc, 1);
    else
        unsetenv("CC");
    free(world.old_cc);
    free(world.paths.content);
    free(world.paths.cache);
    free(world.source);
    free(world.dir);
    assert_no_children();
    assert_int_equal(count_fds(), world.fds);
    return 0;
}

/* ---- a build ---- */

struct made {
    struct build *build;
    bool done, frees; /* frees: in the call of done */
    enum build_end end;
};

static void note_done(void *user, enum build_end end)
{
    struct made *m = user;

    assert_false(m->done);
    m->done = true;
    m->end = end;
    if (m->frees)
        build_free(m->build);
}

static const char *const plain_flags[] = {"-O1", NULL};

static bool try_build(struct made *m, const struct build_spec *wanted, struct err *e)
{
    struct build_spec spec = *wanted;

    spec.paths = spec.paths ? spec.paths : &world.paths;
    spec.source = spec.source ? spec.source : world.source;
    spec.flags = spec.flags ? spec.flags : plain_flags;
    spec.done = note_done;
    spec.user = m;
    *m = (struct made){.frees = m->frees};
    m->build = build_start(world.procs, &spec, e);
    return m->build != NULL;
}

static void begin(struct made *m, const struct build_spec *wanted)
{
    struct err e = {""};

    if (!try_build(m, wanted, &e))
        fail_msg("%s", e.text);
    assert_false(m->done); /* only from the loop */
}

static const struct build_spec usual = {.helper = NULL};

/* To its end; the caller frees the build. */
static void build(struct made *m, const struct build_spec *wanted, enum build_end end)
{
    begin(m, wanted);
    turn_until(world.loop, &m->done);
    assert_int_equal(m->end, end);
}

static void build_ok(const struct build_spec *wanted)
{
    struct made m = {0};

    build(&m, wanted, BUILD_OK);
    assert_int_equal(access(build_program(m.build), X_OK), 0);
    build_free(m.build);
}

static size_t calls(void)
{
    struct buf b = {0};
    char *path = in_world("calls");
    size_t n = 0;

    if (buf_read_file(&b, path, 1 << 20, NULL))
        for (const char *s = buf_text(&b); *s; s++)
            n += *s == '\n';
    buf_release(&b);
    free(path);
    return n;
}

/* ---- once for each content ---- */

static void what_has_not_changed_is_compiled_once(void **unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++) {
        build_ok(&usual);
        assert_int_equal(calls(), 1);
    }
    assert_int_equal(count_names("cache/build", ""), 1);
}

static void what_has_changed_is_compiled_anew(void **unused)
{
    (void)unused;
    static const char *const other_flags[] = {"-O2", NULL}, *const more_flags[] = {"-O1", "-g",
                                                                                   NULL};
    char *helper = in_world("helper.c"), *copy = in_world("copy.c");
    const struct build_spec with_flags = {.flags = other_flags}, with_more = {.flags = more_flags};
    const struct build_spec helped = {.helper = helper}, moved = {.source = copy};
    size_t n = 1;

    build_ok(&usual);
    build_ok(&with_flags);
    assert_int_equal(calls(), ++n);
    build_ok(&with_more);
    assert_int_equal(calls(), ++n);
    build_ok(&helped);
    assert_int_equal(calls(), ++n);
    put("helper.c", "other helper\n", 0600);
    build_ok(&helped);
    assert_int_equal(calls(), ++n);
    put("copy.c", "source\n", 0600); /* its name is in the program */
    build_ok(&moved);
    assert_int_equal(calls(), ++n);
    put("source.c", "other source\n", 0600);
    build_ok(&usual);
    assert_int_equal(calls(), ++n);
    put("content/lib/demo.c", "other library\n", 0600);
    build_ok(&usual);
    assert_int_equal(calls(), ++n);
    put("content/include/demo.h", "other header\n", 0600);
    build_ok(&usual);
    assert_int_equal(calls(), ++n);
    char *longer = xasprintf("%s# another compiler\n", obedient);
    put("cc", longer, 0700);
    build_ok(&usual);
    assert_int_equal(calls(), ++n);
    free(longer);
    free(helper);
    free(copy);
}

static void what_was_is_there_again(void **unused)
{
    (void)unused;
    build_ok(&usual);
    put("source.c", "other source\n", 0600);
    build_ok(&usual);
    put("source.c", "source\n", 0600);
    build_ok(&usual);
    assert_int_equal(calls(), 2);
}

/* Its name is what it calls itself, and what debuggers call it. */
static void a_program_has_the_name_of_its_source(void **unused)
{
    (void)unused;
    static const struct {
        const char *source, *name;
    } rows[] = {{"source.c", "/source"}, {"plain", "/plain"}, {".c", "/.c"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made m = {0};
        char *source = in_world(rows[i].source);
        put(rows[i].source, "x\n", 0600);
        build(&m, &(struct build_spec){.source = source}, BUILD_OK);
        assert_string_equal(strrchr(build_program(m.build), '/'), rows[i].name);
        build_free(m.build);
        free(source);
    }
}

static void an_empty_file_is_no_program(void **unused)
{
    (void)unused;
    struct made m = {0};

    build(&m, &usual, BUILD_OK);
    assert_int_equal(truncate(build_program(m.build), 0), 0);
    build_free(m.build);
    build_ok(&usual);
    assert_int_equal(calls(), 2);
}

/* It has made the same program meanwhile. */
static void another_tutor_may_be_faster(void **unused)
{
    (void)unused;
    struct made first = {0}, second = {0};

    begin(&first, &usual);
    begin(&second, &usual);
    turn_until(world.loop, &first.done);
    turn_until(world.loop, &second.done);
    assert_int_equal(first.end, BUILD_OK);
    assert_int_equal(second.end, BUILD_OK);
    assert_int_equal(calls(), 2);
    assert_int_equal(count_names("cache/build", ""), 1);
    assert_string_equal(build_program(first.build), build_program(second.build));
    assert_int_equal(access(build_program(second.build), X_OK), 0);
    build_free(first.build);
    build_free(second.build);
}

/* ---- messages ---- */

struct expected {
    const char *file;
    int line, column;
    enum build_kind kind;
    const char *text;
};

static void assert_message(const struct build_message *m, const struct expected *e)
{
    assert_string_equal(m->file, e->file);
    assert_int_equal(m->line, e->line);
    assert_int_equal(m->column, e->column);
    assert_string_equal(build_kind_name(m->kind), build_kind_name(e->kind));
    assert_string_equal(m->text, e->text);
}

static void the_compiler_s_words_become_messages(void **unused)
{
    (void)unused;
    static const struct expected expected[] = {
        {"/a/source.c", 5, 12, BUILD_WARNING, "unused variable 'x' [-Wunused-variable]"},
        {"/a/source.c", 7, 3, BUILD_ERROR, "expected ';' before '}' token"},
        {"/a/b:c/source.c", 2, 10, BUILD_ERROR, "nothing.h: No such file or directory"},
        {"/usr/include/stdio.h", 356, 12, BUILD_NOTE, "declared here: see error: none"},
        {"/a/source.c", 9, 0, BUILD_ERROR, "undefined reference to `f'"},
        {"", 0, 0, BUILD_ERROR, "undefined reference to `g'"},
        {"", 0, 0, BUILD_ERROR, "cannot find -ltsan: No such file or directory"},
        {"", 0, 0, BUILD_ERROR, "ld returned 1 exit status"},
    };
    struct made m = {0};
    size_t n;

    put("status", "1", 0600);
    put("said",
        "/a/source.c: In function 'main':\n"
        "/a/source.c:5:12: warning: unused variable 'x' [-Wunused-variable]\n"
        "    5 |     int x; /* error: no message */\n"
        "      |         ^\n"
        "/a/source.c:7:3: error: expected ';' before '}' token\n"
        "/a/b:c/source.c:2:10: fatal error: nothing.h: No such file or directory\n"
        "In file included from /a/source.c:1:\n"
        "/usr/include/stdio.h:356:12: note: declared here: see error: none\n"
        "/usr/bin/ld: /tmp/ccX.o: in function `main':\n"
        "/a/source.c:9: undefined reference to `f'\n"
        "source.c:(.text+0x5): undefined reference to `g'\n"
        "/usr/bin/ld: cannot find -ltsan: No such file or directory\n"
        "collect2: error: ld returned 1 exit status\n",
        0600);
    build(&m, &usual, BUILD_FAILED);
    const struct build_message *all = build_messages(m.build, &n);
    assert_int_equal(n, ARRAY_LEN(expected));
    for (size_t i = 0; i < n; i++)
        assert_message(&all[i], &expected[i]);
    build_free(m.build);
}

static void a_warning_is_told_each_time(void **unused)
{
    (void)unused;
    static const struct expected warning = {"/a/source.c", 5, 12, BUILD_WARNING, "careful"};
    size_t n;

    put("said", "/a/source.c:5:12: warning: careful\n", 0600);
    for (int i = 0; i < 2; i++) {
        struct made m = {0};
        build(&m, &usual, BUILD_OK);
        const struct build_message *all = build_messages(m.build, &n);
        assert_int_equal(n, 1);
        assert_message(&all[0], &warning);
        build_free(m.build);
    }
    assert_int_equal(calls(), 1);
}

static void a_failure_always_says_why(void **unused)
{
    (void)unused;
    static const struct {
        const char *said, *words;
    } rows[] = {
        {"", "the compiler ends with exit status 4"},
        {"\n\n", "the compiler ends with exit status 4"},
        {"something is wrong\nvery wrong\n", "something is wrong"},
        {"/a/s.c:1:1: warning: only a warning\n", "/a/s.c:1:1: warning: only a warning"},
    };

    put("status", "4", 0600);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made m = {0};
        size_t n;
        put("said", rows[i].said, 0600);
        build(&m, &usual, BUILD_FAILED);
        const struct build_message *all = build_messages(m.build, &n);
        assert_true(n > 0);
        assert_int_equal(all[n - 1].kind, BUILD_ERROR);
        assert_non_null(strstr(all[n - 1].text, rows[i].words));
        build_free(m.build);
    }
    assert_int_equal(calls(), ARRAY_LEN(rows)); /* a failure is not kept */
    assert_int_equal(count_names("cache/build", ""), 0);
}

static void messages_are_bounded_and_harmless(void **unused)
{
    (void)unused;
    struct buf said = {0};
    struct made m = {0};
    size_t n;

    buf_puts(&said, "/a/\033[m.c:1:1: error: \033[31mred\033[m\n");
    for (int i = 0; i < BUILD_MAX_MESSAGES + 10; i++)
        buf_puts(&said, "/a/s.c:1:1: note: one of many\n");
    put("said", buf_text(&said), 0600);
    put("status", "1", 0600);
    build(&m, &usual, BUILD_FAILED);
    const struct build_message *all = build_messages(m.build, &n);
    assert_int_equal(n, BUILD_MAX_MESSAGES);
    assert_string_equal(all[0].file, "/a/^[[m.c");
    assert_string_equal(all[0].text, "^[[31mred^[[m");
    build_free(m.build);
    buf_release(&said);
}

static void a_place_is_read_from_the_right(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        size_t path; /* 0: no place */
        int line, column;
    } rows[] = {
        {"a.c:5", 3, 5, 0},
        {"a.c:5:12", 3, 5, 12},
        {"a:1:2:3", 3, 2, 3},
        {"/a b/c:d.c:7", 10, 7, 0},
        {"a.c", 0, 0, 0},
        {"a.c:", 0, 0, 0},
        {":5", 0, 0, 0},
        {"5", 0, 0, 0},
        {"", 0, 0, 0},
        {"a.c:x5", 0, 0, 0},
        {"a.c:5x", 0, 0, 0},
        {"a.c:999999999", 3, 999999999, 0},
        {"a.c:1234567890", 0, 0, 0},
        {"a::5", 2, 5, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct place p;
        const bool is = place_read(rows[i].text, strlen(rows[i].text), &p);
        if (is != (rows[i].path > 0) || (is && (p.path != rows[i].path || p.line != rows[i].line ||
                                                p.column != rows[i].column)))
            fail_msg("\"%s\": %d, path %zu, %d:%d", rows[i].text, is, p.path, p.line, p.column);
    }
}

/* ---- libraries ---- */

static void a_source_may_ask_for_libraries(void **unused)
{
    (void)unused;
    struct buf b = {0};
    char *path = in_world("calls");

    put("source.c", "/*\n * x\n * Links:  -lm -lcrypto\n */\n", 0600);
    build_ok(&usual);
    assert_true(buf_read_file(&b, path, 1 << 20, NULL));
    assert_non_null(strstr(buf_text(&b), "lib/demo.c -lm -lcrypto\n"));
    buf_release(&b);
    free(path);
}

static void other_libraries_are_refused(void **unused)
{
    (void)unused;
    static const char *const sources[] = {
        "/*\n * Links: -lcurl\n */\n",
        "/*\n * Links: -lm -Wl,-rpath=/\n */\n",
        "/*\n * Links: -lm -lm -lm -lm -lm -lm -lm -lm -lm\n */\n",
    };

    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        struct made m = {0};
        struct err e = {""};
        put("source.c", sources[i], 0600);
        assert_false(try_build(&m, &usual, &e));
        assert_non_null(strstr(e.text, "Links: only"));
    }
    put("source.c", "/* x */\n * Links: -lcurl\n", 0600); /* behind the opening comment */
    build_ok(&usual);
}

/* ---- ends ---- */

#define SLOW                                                                                       \
    "#!/bin/sh\necho x >\"$TMPDIR/left\"\necho x >\"$(dirname \"$0\")/began\"\nexec sleep 60\n"

static void wait_for_file(const char *name)
{
    char *path = in_world(name);
    const int64_t until_ms = loop_now_ms() + PATIENCE_MS;

    while (access(path, F_OK) < 0) {
        assert_true(loop_now_ms() < until_ms);
        loop_turn(world.loop, 10);
    }
    free(path);
}

static void a_build_can_be_stopped(void **unused)
{
    (void)unused;
    struct made m = {0};

    put("cc", SLOW, 0700);
    begin(&m, &usual);
    wait_for_file("began");
    build_stop(m.build);
    turn_until(world.loop, &m.done);
    assert_int_equal(m.end, BUILD_STOPPED);
    build_stop(m.build); /* nothing to do any more */
    assert_int_equal(count_names("cache/build", ""), 0);
    build_free(m.build);
}

static void a_build_of_what_is_there_can_be_stopped(void **unused)
{
    (void)unused;
    struct made m = {0};

    build_ok(&usual);
    begin(&m, &usual);
    build_stop(m.build);
    turn_until(world.loop, &m.done);
    assert_int_equal(m.end, BUILD_STOPPED);
    build_free(m.build);
    build_ok(&usual); /* and is there still */
    assert_int_equal(calls(), 1);
}

static void a_build_that_is_freed_calls_nobody(void **unused)
{
    (void)unused;
    struct made m = {0};

    build_ok(&usual);
    begin(&m, &usual); /* there already */
    build_free(m.build);
    put("cc", SLOW, 0700);
    begin(&m, &usual);
    wait_for_file("began");
    build_free(m.build);
    build_free(NULL);
    assert_no_children();
    loop_turn(world.loop, 0);
    assert_false(m.done);
    assert_int_equal(count_names("cache/build", "tmp-"), 0);
}

static void a_build_may_be_freed_when_it_is_done(void **unused)
{
    (void)unused;
    for (int i = 0; i < 2; i++) {
        struct made m = {.frees = true};
        begin(&m, &usual);
        turn_until(world.loop, &m.done);
        assert_int_equal(m.end, BUILD_OK);
    }
}

static void a_source_that_changes_meanwhile_is_not_mixed_up(void **unused)
{
    (void)unused;
    struct made m = {0};
    size_t n;
    char *script =
        xasprintf("#!/bin/sh\necho changed >%s\n%s", world.source, strchr(obedient, '\n') + 1);

    put("cc", script, 0700);
    build(&m, &usual, BUILD_FAILED);
    const struct build_message *all = build_messages(m.build, &n);
    assert_int_equal(n, 1);
    assert_non_null(strstr(all[0].text, "changed while it was compiled"));
    build_free(m.build);
    assert_int_equal(count_names("cache/build", ""), 0);
    free(script);
}

static void what_cannot_begin_is_an_error(void **unused)
{
    (void)unused;
    const struct paths nowhere = {.content = world.paths.content};
    const struct paths no_library = {.content = (char *)"/proc/nonexistent",
                                     .cache = world.paths.cache};
    const struct paths no_room = {.content = world.paths.content,
                                  .cache = (char *)"/proc/nonexistent"};
    const struct {
        struct build_spec spec;
        const char *words;
    } rows[] = {
        {{.paths = &nowhere}, "XDG_CACHE_HOME"},
        {{.paths = &no_library}, "lib/demo.c: cannot open"},
        {{.paths = &no_room}, "/proc/nonexistent"},
        {{.source = "/proc/nonexistent/x.c"}, "x.c: cannot open"},
        {{.helper = "/proc/nonexistent/h.c"}, "h.c: cannot open"},
    };
    struct made m = {0};
    struct err e;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        e = (struct err){""};
        assert_false(try_build(&m, &rows[i].spec, &e));
        if (!strstr(e.text, rows[i].words))
            fail_msg("row %zu: %s", i, e.text);
    }
    setenv("CC", "/proc/nonexistent/cc", 1);
    assert_false(try_build(&m, &usual, &e));
    assert_non_null(strstr(e.text, "no such compiler"));
}

/* ---- the cache ---- */

static void set_age(const char *name, time_t age_s)
{
    const struct timespec then = {.tv_sec = time(NULL) - age_s};
    const struct timespec times[2] = {then, then};
    char *path = in_world(name);

    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    free(path);
}

/* Folders called 00..00 and up; the higher the number, the older. */
static void fill_cache(int n)
{
    for (int i = 0; i < n; i++) {
        char *name = xasprintf("cache/build/%032x", i), *program = path_join(name, "source");
        make_dir(name);
        put(program, "x", 0700);
        set_age(name, i + 10);
        free(name);
        free(program);
    }
}

static bool is_there(const char *name)
{
    char *path = in_world(name);
    const bool yes = access(path, F_OK) == 0;

    free(path);
    return yes;
}

static void the_cache_keeps_what_was_used_last(void **unused)
{
    (void)unused;
    build_ok(&usual);
    fill_cache(BUILD_KEPT + 5);
    set_age("cache/build/00000000000000000000000000000044", 0); /* the oldest, used just now */
    put("source.c", "other source\n", 0600);
    build_ok(&usual);
    /* With this program and the first one there are 7 too many. */
    assert_true(is_there("cache/build/00000000000000000000000000000044"));
    assert_true(is_there("cache/build/0000000000000000000000000000003c"));
    assert_false(is_there("cache/build/0000000000000000000000000000003d"));
    build_ok(&usual);
    assert_int_equal(calls(), 2);
}

static void what_a_killed_tutor_left_is_removed_after_a_day(void **unused)
{
    (void)unused;
    build_ok(&usual);
    make_dir("cache/build/tmp-old123");
    put("cache/build/tmp-old123/ccX.o", "x", 0600);
    set_age("cache/build/tmp-old123", 25 * 3600);
    make_dir("cache/build/tmp-new123");
    put("cache/build/strange", "x", 0600);
    set_age("cache/build/strange", 25 * 3600);
    put("source.c", "other source\n", 0600);
    build_ok(&usual);
    assert_false(is_there("cache/build/tmp-old123"));
    assert_true(is_there("cache/build/tmp-new123")); /* somebody may be at work in it */
    assert_true(is_there("cache/build/strange"));
    char *path = in_world("cache/build/tmp-new123");
    assert_int_equal(rmdir(path), 0);
    free(path);
}

/* ---- a real compiler ---- */

static bool have_compiler(void)
{
    if (world.old_cc)
        setenv("CC", world.old_cc, 1);
    else
        unsetenv("CC");
    char *path = proc_find(world.old_cc ? world.old_cc : "cc");
    const bool yes = path != NULL;

    free(path);
    if (!yes)
        print_message("no compiler is called so: not tried\n");
    return yes;
}

static void a_real_program_is_built(void **unused)
{
    (void)unused;
    struct made m = {0};
    size_t n;

    if (!have_compiler())
        skip();
    put("content/lib/demo.c", "#include \"demo.h\"\nint demo(void) { return 42; }\n", 0600);
    put("content/include/demo.h", "int demo(void);\n", 0600);
    put("source.c",
        "#include <demo.h>\nint main(void)\n{\n    int x;\n    return demo() == 42 ? 0 : 1;\n}\n",
        0600);
    static const char *const flags[] = {"-Wall", "-O1", NULL};
    build(&m, &(struct build_spec){.flags = flags}, BUILD_OK);
    const struct build_message *all = build_messages(m.build, &n);
    assert_int_equal(n, 1);
    assert_string_equal(all[0].file, world.source);
    assert_int_equal(all[0].line, 4);
    assert_int_equal(all[0].kind, BUILD_WARNING);
    assert_int_equal(access(build_program(m.build), X_OK), 0);
    build_free(m.build);
}

static void a_real_error_has_its_place(void **unused)
{
    (void)unused;
    struct made m = {0};
    size_t n;

    if (!have_compiler())
        skip();
    put("content/lib/demo.c", "int demo;\n", 0600);
    put("source.c", "int main(void)\n{\n    return nothing;\n}\n", 0600);
    build(&m, &usual, BUILD_FAILED);
    const struct build_message *all = build_messages(m.build, &n);
    assert_true(n > 0);
    assert_string_equal(all[0].file, world.source);
    assert_int_equal(all[0].line, 3);
    assert_int_equal(all[0].column, 12);
    assert_int_equal(all[0].kind, BUILD_ERROR);
    build_free(m.build);
    put("source.c", "int other(void);\nint main(void)\n{\n    return other();\n}\n", 0600);
    build(&m, &usual, BUILD_FAILED); /* it does not link */
    all = build_messages(m.build, &n);
    assert_non_null(strstr(all[0].text, "undefined reference"));
    build_free(m.build);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, make_world, end_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(what_has_not_changed_is_compiled_once),
        IN_WORLD(what_has_changed_is_compiled_anew),
        IN_WORLD(what_was_is_there_again),
        IN_WORLD(a_program_has_the_name_of_its_source),
        IN_WORLD(an_empty_file_is_no_program),
        IN_WORLD(another_tutor_may_be_faster),
        IN_WORLD(the_compiler_s_words_become_messages),
        IN_WORLD(a_warning_is_told_each_time),
        IN_WORLD(a_failure_always_says_why),
        IN_WORLD(messages_are_bounded_and_harmless),
        cmocka_unit_test(a_place_is_read_from_the_right),
        IN_WORLD(a_source_may_ask_for_libraries),
        IN_WORLD(other_libraries_are_refused),
        IN_WORLD(a_build_can_be_stopped),
        IN_WORLD(a_build_of_what_is_there_can_be_stopped),
        IN_WORLD(a_build_that_is_freed_calls_nobody),
        IN_WORLD(a_build_may_be_freed_when_it_is_done),
        IN_WORLD(a_source_that_changes_meanwhile_is_not_mixed_up),
        IN_WORLD(what_cannot_begin_is_an_error),
        IN_WORLD(the_cache_keeps_what_was_used_last),
        IN_WORLD(what_a_killed_tutor_left_is_removed_after_a_day),
        IN_WORLD(a_real_program_is_built),
        IN_WORLD(a_real_error_has_its_place),
    };

    keep_inherited_fds();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
