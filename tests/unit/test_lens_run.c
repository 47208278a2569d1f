/*
 * test_lens_run.c: runs through the real tools: what the programs of tests/bad do is seen by the
 * right lens, they end as they would without it, and nothing of them or of the tool stays. A tool
 * that is not here, or is refused, is said, and its tests are skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>

#include "build.h"
#include "run.h"
#include "turns.h"

static struct {
    char *dir; /* of all tests: what one has compiled, the others need not */
    struct loop *loop;
    struct procs *procs;
    struct paths paths;
    char *source, *program; /* of the demo in hand */
    int fds;
} world;

static const char *root(void)
{
    const char *src = getenv("SYSTUTOR_SRC");

    return src ? src : ".";
}

static int make_dir(void **unused)
{
    (void)unused;
    const char *tmp = getenv("TMPDIR");

    world.dir = xasprintf("%s/systutor-lens.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    return mkdtemp(world.dir) ? 0 : -1;
}

static int make_world(void **unused)
{
    (void)unused;
    world.fds = count_fds();
    world.loop = new_loop();
    world.procs = procs_new(world.loop);
    world.paths = (struct paths){.content = path_join(root(), "content"),
                                 .data = path_join(root(), "data"),
                                 .cache = path_join(world.dir, "cache")};
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static int remove_dir(void **unused)
{
    (void)unused;
    const int failed = nftw(world.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);

    free(world.dir);
    return failed;
}

static int end_world(void **unused)
{
    (void)unused;
    procs_free(world.procs);
    loop_free(world.loop);
    free(world.paths.content);
    free(world.paths.data);
    free(world.paths.cache);
    free(world.source);
    free(world.program);
    world.source = world.program = NULL;
    assert_no_children();
    assert_int_equal(count_fds(), world.fds);
    return 0;
}

/* ---- demos ---- */

struct made {
    bool done;
    enum build_end end;
};

static void note_built(void *user, enum build_end end)
{
    struct made *m = user;

    m->done = true;
    m->end = end;
}

/* Compiles a program of tests/bad for debuggers: the Makefile's have no lines. */
static void prepare(const char *name)
{
    static const char *const flags[] = {"-g", "-O1", "-D_GNU_SOURCE", "-pthread", NULL};
    struct made made = {0};
    struct err e = {""};

    free(world.source);
    free(world.program);
    world.source = xasprintf("%s/tests/bad/%s.c", root(), name);
    const struct build_spec spec = {.paths = &world.paths,
                                    .source = world.source,
                                    .flags = flags,
                                    .done = note_built,
                                    .user = &made};
    struct build *b = build_start(world.procs, &spec, &e);
    if (!b)
        fail_msg("%s", e.text);
    turn_until(world.loop, &made.done);
    assert_int_equal(made.end, BUILD_OK);
    world.program = xstrdup(build_program(b));
    build_free(b);
}

/* Says what is missing for a lens, and skips the test then. */
static void need(enum lens l)
{
    char *why = lens_missing(l);

    if (!why)
        return;
    print_message("%s: %s\n", lens_name(l), why);
    free(why);
    skip();
}

static const char *const holds[] = {"it-holds"}, *const lands[] = {"coin-lands"};
static const char *const ways[] = {"fail", "three", "late"};
static struct param how[] = {
    {.name = "how", .kind = PARAM_CHOICE, .max = 2, .choices = ways, .n_choices = 3}};

static const struct demo plain = {.name = "plain", .limit_s = 60};
static const struct demo that_holds = {
    .name = "holds", .limit_s = 60, .claims = holds, .n_claims = 1};
static const struct demo that_lands = {
    .name = "lands", .limit_s = 60, .claims = lands, .n_claims = 1};
static const struct demo that_ends = {
    .name = "ends", .limit_s = 60, .claims = holds, .n_claims = 1, .params = how, .n_params = 1};

/* ---- runs ---- */

struct watched {
    struct run *run;
    int ended;
    bool over;
};

static void note_change(void *user)
{
    const struct watched *w = user;

    assert_false(w->over);
}

static void note_end(void *user)
{
    struct watched *w = user;

    w->ended++;
    w->over = true;
}

static void start_with(struct watched *w, const struct demo *demo, enum lens l, const long *values)
{
    const struct run_spec spec = {.demo = demo,
                                  .program = world.program,
                                  .source = world.source,
                                  .values = values,
                                  .lens = l,
                                  .paths = &world.paths,
                                  .hooks = {note_change, note_end, w}};
    struct err e = {""};

    *w = (struct watched){0};
    w->run = run_start(world.procs, &spec, &e);
    if (!w->run)
        fail_msg("%s", e.text);
    assert_int_equal(run_lens(w->run), l);
}

static void start(struct watched *w, const struct demo *demo, enum lens l, const char *name)
{
    need(l);
    prepare(name);
    start_with(w, demo, l, NULL);
}

static void print_report(const struct run *r)
{
    size_t n;
    const struct lens_line *lines = run_report(r, &n);

    for (size_t i = 0; i < run_lines(r); i++)
        print_message("> %s\n", run_line(r, i));
    for (size_t i = 0; i < n; i++)
        print_message("%d|%s\n", lines[i].line, lines[i].text);
}

static bool has_line(const struct run *r, const char *words)
{
    for (size_t i = 0; i < run_lines(r); i++)
        if (strstr(run_line(r, i), words))
            return true;
    return false;
}

/* A compiler without the library of a sanitizer. */
static void skip_without_library(const struct watched *w)
{
    size_t n;
    const struct lens_line *lines = run_report(w->run, &n);

    if (run_state(w->run) != RUN_UNBUILT || n == 0)
        return;
    print_message("%s: %s\n", lens_name(run_lens(w->run)), lines[0].text);
    run_free(w->run);
    skip();
}

static void finish(struct watched *w, enum run_state state, int code)
{
    turn_until(world.loop, &w->over);
    skip_without_library(w);
    trace_settle(run_trace(w->run));
    assert_int_equal(w->ended, 1);
    if (run_state(w->run) == state && (state == RUN_STOPPED || run_code(w->run) == code))
        return;
    print_report(w->run);
    fail_msg("%s, %d", run_state_name(run_state(w->run)), run_code(w->run));
}

static void wait_for_line(const struct watched *w, const char *words)
{
    const int64_t until_ms = loop_now_ms() + PATIENCE_MS;

    while (!has_line(w->run, words)) {
        if (w->over || loop_now_ms() > until_ms) {
            print_report(w->run);
            fail_msg("no line has \"%s\"", words);
        }
        loop_turn(world.loop, 100);
    }
}

/* A line of the report with these words about this line of the source; -1 for any. */
static void expect_report(const struct watched *w, int line, const char *words)
{
    size_t n;
    const struct lens_line *lines = run_report(w->run, &n);

    for (size_t i = 0; i < n; i++)
        if (strstr(lines[i].text, words) && (line < 0 || lines[i].line == line))
            return;
    print_report(w->run);
    fail_msg("no \"%s\" about line %d", words, line);
}

/* The line of the source that has these words, the nth of them. */
static int line_of(const char *words, int nth)
{
    struct buf b = {0};
    int line = 1;

    assert_true(buf_read_file(&b, world.source, 1 << 20, NULL));
    const char *at = buf_text(&b);
    for (const char *found = at; nth > 0; nth--) {
        found = strstr(found, words);
        assert_non_null(found);
        for (; at < found; at++)
            line += *at == '\n';
        found++;
    }
    buf_release(&b);
    return line;
}

/* ---- strace ---- */

static void strace_shows_a_crash(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &plain, LENS_STRACE, "crash");
    finish(&w, RUN_CRASHED, SIGSEGV);
    const struct trace *t = run_trace(w.run);
    assert_true(has_line(w.run, "about to crash"));
    assert_string_equal(trace_lane_name(t, 0), "main");
    assert_true(trace_find(t, TRACE_BEGIN, "execve", 1) != TRACE_NONE);
    assert_true(trace_find(t, TRACE_BEGIN, "write", 1) != TRACE_NONE);
    assert_true(trace_find(t, TRACE_NOTE, "SIGSEGV", 1) != TRACE_NONE);
    const size_t end = trace_find(t, TRACE_NOTE, "end", 1);
    assert_true(end != TRACE_NONE);
    assert_string_equal(trace_event_text(t, end), "killed by SIGSEGV");
    assert_int_equal(trace_health(t)->bad_lines + trace_health(t)->unbalanced, 0);
    expect_report(&w, 0, "system calls: ");
    expect_report(&w, 0, "execve: 1");
    run_free(w.run);
}

static void strace_keeps_the_verdicts(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &that_lands, LENS_STRACE, "behaves");
    finish(&w, RUN_OK, 0);
    assert_true(has_line(w.run, "throw 3 shows heads"));
    assert_string_equal(trace_verdict(run_trace(w.run), "coin-lands")->measured, "heads");
    assert_int_equal(trace_find(run_trace(w.run), TRACE_VERDICT, "coin-lands", 2), TRACE_NONE);
    run_free(w.run);
}

/* Three children in sessions of their own, or without a parent; all of them deaf. */
static void strace_can_be_stopped_and_leaves_nobody(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &plain, LENS_STRACE, "hang");
    wait_for_line(&w, "all four hang");
    const int64_t start_ms = loop_now_ms();
    run_stop(w.run);
    finish(&w, RUN_STOPPED, 0);
    assert_true(loop_now_ms() - start_ms < PATIENCE_MS / 2);
    assert_no_children();
    const struct trace *t = run_trace(w.run);
    assert_true(trace_lanes(t) >= 4);
    assert_true(trace_find(t, TRACE_NOTE, "clone", 3) != TRACE_NONE);
    run_free(w.run);
}

/* strace itself would wait for the two that the demo leaves behind. */
static void strace_ends_with_the_demo(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &that_holds, LENS_STRACE, "leaves");
    finish(&w, RUN_OK, 0);
    assert_no_children();
    run_free(w.run);
}

static void strace_tells_the_exit_status(void **unused)
{
    (void)unused;
    static const long three[] = {1};
    struct watched w;

    need(LENS_STRACE);
    prepare("ends");
    start_with(&w, &that_ends, LENS_STRACE, three);
    finish(&w, RUN_FAILED, 3);
    assert_true(has_line(w.run, "to end: three"));
    run_free(w.run);
}

/* ---- sanitizers ---- */

static void tsan_sees_a_race_and_its_line(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &plain, LENS_TSAN, "race");
    assert_int_equal(run_state(w.run), RUN_BUILDING);
    finish(&w, RUN_OK, 0);
    assert_true(has_line(w.run, "both have added"));
    expect_report(&w, line_of("counter++", 1), "data race");
    expect_report(&w, line_of("counter++", 1), "#0 add at race.c");
    expect_report(&w, 0, "Location is global 'counter' of size 4");
    run_free(w.run);
}

static void tsan_says_that_it_found_nothing(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &that_lands, LENS_TSAN, "behaves");
    finish(&w, RUN_OK, 0);
    assert_string_equal(trace_verdict(run_trace(w.run), "coin-lands")->measured, "heads");
    expect_report(&w, 0, "found nothing in this run");
    run_free(w.run);
}

static void asan_sees_an_overrun_and_its_line(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &plain, LENS_ASAN, "overrun");
    finish(&w, RUN_FAILED, 1);
    assert_true(has_line(w.run, "about to read"));
    assert_false(has_line(w.run, "AddressSanitizer")); /* it has a place of its own */
    expect_report(&w, line_of("block[behind]", 1), "heap-buffer-overflow");
    run_free(w.run);
}

static void a_sanitized_run_can_be_stopped(void **unused)
{
    (void)unused;
    static const enum lens both[] = {LENS_TSAN, LENS_ASAN};

    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        struct watched w;
        start(&w, &plain, both[i], "hang");
        while (run_state(w.run) == RUN_BUILDING)
            loop_turn(world.loop, 100);
        if (run_is_over(w.run))
            skip_without_library(&w);
        wait_for_line(&w, "all four hang");
        run_stop(w.run);
        finish(&w, RUN_STOPPED, 0);
        assert_no_children();
        run_free(w.run);
    }
}

static void put_source(const char *text)
{
    free(world.source);
    world.source = path_join(world.dir, "broken.c");
    FILE *f = fopen(world.source, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void what_does_not_compile_says_why(void **unused)
{
    (void)unused;
    struct watched w;

    need(LENS_TSAN);
    prepare("behaves");
    put_source("int main(void)\n{\n    return nothing;\n}\n");
    start_with(&w, &plain, LENS_TSAN, NULL);
    turn_until(world.loop, &w.over);
    assert_string_equal(run_state_name(run_state(w.run)), "unbuilt");
    assert_int_equal(w.ended, 1);
    expect_report(&w, 3, "error: ");
    run_stop(w.run); /* nothing to do any more */
    run_free(w.run);
}

static void with_slow_compiler(void (*test)(struct watched *w))
{
    char *path = path_join(world.dir, "cc"), *old = getenv("CC");
    struct watched w;

    prepare("behaves");
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs("#!/bin/sh\nexec sleep 60\n", f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0700), 0);
    old = old ? xstrdup(old) : NULL;
    setenv("CC", path, 1);
    start_with(&w, &plain, LENS_ASAN, NULL);
    assert_int_equal(run_state(w.run), RUN_BUILDING);
    assert_false(run_is_over(w.run));
    test(&w);
    run_free(w.run);
    assert_no_children();
    if (old)
        setenv("CC", old, 1);
    else
        unsetenv("CC");
    free(old);
    free(path);
}

static void stop_it(struct watched *w)
{
    run_stop(w->run);
    turn_until(world.loop, &w->over);
    assert_string_equal(run_state_name(run_state(w->run)), "stopped");
    assert_int_equal(w->ended, 1);
}

static void leave_it(struct watched *w)
{
    loop_turn(world.loop, 0);
    assert_int_equal(w->ended, 0);
}

static void a_run_can_be_stopped_while_it_is_compiled(void **unused)
{
    (void)unused;
    with_slow_compiler(stop_it);
    with_slow_compiler(leave_it); /* and freed */
}

/* ---- perf ---- */

static void perf_counts(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &that_lands, LENS_PERF, "behaves");
    finish(&w, RUN_OK, 0);
    assert_non_null(trace_verdict(run_trace(w.run), "coin-lands"));
    expect_report(&w, 0, "task-clock: ");
    expect_report(&w, 0, "page-faults");
    expect_report(&w, 0, "instructions");
    assert_true(trace_counters(run_trace(w.run)) >= 2);
    assert_int_equal(trace_health(run_trace(w.run))->bad_lines, 0);
    run_free(w.run);
}

static void perf_tells_a_crash(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &plain, LENS_PERF, "crash");
    finish(&w, RUN_CRASHED, SIGSEGV);
    assert_int_equal(run_lines(w.run), 1);
    assert_string_equal(run_line(w.run, 0), "about to crash");
    run_free(w.run);
}

/* It still tells what it has counted. */
static void perf_can_be_stopped(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &plain, LENS_PERF, "hang");
    wait_for_line(&w, "all four hang");
    run_stop(w.run);
    finish(&w, RUN_STOPPED, 0);
    assert_no_children();
    run_free(w.run);
}

/* ---- gdb ---- */

static void gdb_shows_the_stack_of_a_crash(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &plain, LENS_GDB, "crash");
    finish(&w, RUN_CRASHED, SIGSEGV);
    assert_int_equal(run_lines(w.run), 1); /* gdb says nothing there */
    const int line = line_of("raise(SIGSEGV)", 1);
    expect_report(&w, line, "received SIGSEGV");
    expect_report(&w, line, "main () at crash.c");
    run_free(w.run);
}

/* Both threads block every signal that can be blocked. Which of their last lines they have come to
 * when they are held does not matter. */
static void gdb_shows_where_each_thread_hangs(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &plain, LENS_GDB, "deadlock");
    wait_for_line(&w, "deadlock");
    run_stop(w.run);
    finish(&w, RUN_STOPPED, 0);
    expect_report(&w, -1, "held where it was:");
    expect_report(&w, -1, "thread 1 \"deadlock\", LWP ");
    expect_report(&w, -1, "main () at deadlock.c");
    expect_report(&w, -1, "thread 2 \"deadlock\", LWP ");
    expect_report(&w, -1, "second (arg=");
    assert_no_children();
    run_free(w.run);
}

static void gdb_leaves_nobody_of_a_demo_that_hangs(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &plain, LENS_GDB, "hang");
    wait_for_line(&w, "all four hang");
    run_stop(w.run);
    finish(&w, RUN_STOPPED, 0);
    expect_report(&w, -1, "main () at hang.c");
    assert_no_children();
    run_free(w.run);
}

static void a_second_stop_cuts_gdb_short(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &plain, LENS_GDB, "hang");
    wait_for_line(&w, "all four hang");
    run_stop(w.run);
    run_stop(w.run);
    const int64_t start_ms = loop_now_ms();
    finish(&w, RUN_STOPPED, 0);
    assert_true(loop_now_ms() - start_ms < LENS_LAST_WORDS_MS);
    assert_no_children();
    run_free(w.run);
}

static void gdb_tells_the_exit_status(void **unused)
{
    (void)unused;
    static const long three[] = {1};
    struct watched w;

    need(LENS_GDB);
    prepare("ends");
    start_with(&w, &that_ends, LENS_GDB, three);
    finish(&w, RUN_FAILED, 3);
    assert_non_null(trace_verdict(run_trace(w.run), "it-holds"));
    expect_report(&w, 0, "no crash and no hang");
    run_free(w.run);
}

/* ---- all ---- */

/* Whether it got as far as its first line by then does not matter. */
static void every_lens_ends_at_the_limit(void **unused)
{
    (void)unused;
    static const struct demo short_lived = {.name = "short", .limit_s = 1};

    for (int l = LENS_NONE; l < LENS_COUNT; l++) {
        char *why = lens_missing((enum lens)l);
        struct watched w;
        if (why)
            print_message("%s: %s\n", lens_name((enum lens)l), why);
        free(why);
        if (why)
            continue;
        prepare("hang");
        start_with(&w, &short_lived, (enum lens)l, NULL);
        turn_until(world.loop, &w.over);
        if (run_state(w.run) != RUN_UNBUILT)
            assert_string_equal(run_state_name(run_state(w.run)), "limit");
        assert_no_children();
        run_free(w.run);
    }
}

static void a_run_that_is_freed_takes_its_tool_along(void **unused)
{
    (void)unused;
    static const enum lens tools[] = {LENS_STRACE, LENS_PERF, LENS_GDB};

    for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
        char *why = lens_missing(tools[i]);
        struct watched w;
        if (why)
            print_message("%s: %s\n", lens_name(tools[i]), why);
        free(why);
        if (why)
            continue;
        start(&w, &plain, tools[i], "hang");
        wait_for_line(&w, "all four hang");
        run_free(w.run);
        assert_no_children();
        assert_int_equal(w.ended, 0);
    }
}

static void a_lens_that_is_missing_is_an_error(void **unused)
{
    (void)unused;
    const char *path = getenv("PATH");
    char *old = xstrdup(path ? path : "/usr/bin:/bin");
    struct watched w = {0};
    struct err e = {""};

    prepare("behaves");
    const struct run_spec spec = {.demo = &plain,
                                  .program = world.program,
                                  .lens = LENS_STRACE,
                                  .paths = &world.paths,
                                  .hooks = {note_change, note_end, &w}};
    setenv("PATH", "/proc/nonexistent", 1);
    assert_null(run_start(world.procs, &spec, &e));
    setenv("PATH", old, 1);
    assert_non_null(strstr(e.text, "install the package strace"));
    free(old);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, make_world, end_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(strace_shows_a_crash),
        IN_WORLD(strace_keeps_the_verdicts),
        IN_WORLD(strace_can_be_stopped_and_leaves_nobody),
        IN_WORLD(strace_ends_with_the_demo),
        IN_WORLD(strace_tells_the_exit_status),
        IN_WORLD(tsan_sees_a_race_and_its_line),
        IN_WORLD(tsan_says_that_it_found_nothing),
        IN_WORLD(asan_sees_an_overrun_and_its_line),
        IN_WORLD(a_sanitized_run_can_be_stopped),
        IN_WORLD(what_does_not_compile_says_why),
        IN_WORLD(a_run_can_be_stopped_while_it_is_compiled),
        IN_WORLD(perf_counts),
        IN_WORLD(perf_tells_a_crash),
        IN_WORLD(perf_can_be_stopped),
        IN_WORLD(gdb_shows_the_stack_of_a_crash),
        IN_WORLD(gdb_shows_where_each_thread_hangs),
        IN_WORLD(gdb_leaves_nobody_of_a_demo_that_hangs),
        IN_WORLD(a_second_stop_cuts_gdb_short),
        IN_WORLD(gdb_tells_the_exit_status),
        IN_WORLD(every_lens_ends_at_the_limit),
        IN_WORLD(a_run_that_is_freed_takes_its_tool_along),
        IN_WORLD(a_lens_that_is_missing_is_an_error),
    };

    keep_inherited_fds();
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
