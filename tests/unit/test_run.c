/*
 * test_run.c: one run of a demo: its lines and their limits, its state, its verdicts, and what the
 * learner predicted. The demos are shell scripts in a folder of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <sys/stat.h>

#include "run.h"
#include "turns.h"

/* A run under way, and the calls of its hooks. */
struct watched {
    struct run *run;
    int changed, ended;
    int changed_at_end; /* calls of changed before ended */
    bool over;
};

static struct {
    struct loop *loop;
    struct procs *procs;
    char *dir, *program;
    int fds;
} world;

static int make_world(void **unused)
{
    (void)unused;
    const char *tmp = getenv("TMPDIR");

    world.fds = count_fds();
    world.loop = new_loop();
    world.procs = procs_new(world.loop);
    world.dir = xasprintf("%s/systutor-run.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(world.dir));
    world.program = xasprintf("%s/demo", world.dir);
    return 0;
}

static int end_world(void **unused)
{
    (void)unused;
    procs_free(world.procs);
    loop_free(world.loop);
    unlink(world.program);
    rmdir(world.dir);
    free(world.program);
    free(world.dir);
    assert_no_children();
    assert_int_equal(count_fds(), world.fds);
    return 0;
}

static void note_change(void *user)
{
    struct watched *w = user;

    assert_false(w->over);
    w->changed++;
}

static void note_end(void *user)
{
    struct watched *w = user;

    w->ended++;
    w->changed_at_end = w->changed;
    w->over = true;
}

static void write_script(const char *body)
{
    FILE *f = fopen(world.program, "we");

    assert_non_null(f);
    assert_true(fprintf(f, "#!/bin/sh\n%s\n", body) > 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(world.program, 0700), 0);
}

static const struct demo no_claims = {.name = "none", .limit_s = 60};

static const char *const two_names[] = {"one", "two"};
static const struct demo two_claims = {
    .name = "two", .limit_s = 60, .claims = two_names, .n_claims = 2};

static void start_with(struct watched *w, const struct demo *demo, const char *body,
                       const long *values)
{
    const struct run_spec spec = {.demo = demo,
                                  .program = world.program,
                                  .values = values,
                                  .hooks = {note_change, note_end, w}};
    struct err e = {""};

    *w = (struct watched){0};
    write_script(body);
    w->run = run_start(world.procs, &spec, &e);
    if (!w->run)
        fail_msg("%s", e.text);
}

static void start(struct watched *w, const struct demo *demo, const char *body)
{
    start_with(w, demo, body, NULL);
}

static void finish(struct watched *w, enum run_state state, int code)
{
    turn_until(world.loop, &w->over);
    assert_string_equal(run_state_name(run_state(w->run)), run_state_name(state));
    assert_int_equal(run_code(w->run), code);
    assert_int_equal(w->ended, 1);
    assert_true(w->changed_at_end > 0);
}

/* ---- states ---- */

#define VERDICT(claim, result, measured)                                                           \
    "echo '{\"ph\":\"i\",\"cat\":\"verdict\",\"name\":\"" claim                                    \
    "\",\"args\":{\"result\":\"" result "\",\"measured\":" measured ",\"rule\":\"r\"}}' >&3\n"

static void a_run_is_ok_when_it_ends_well_and_no_verdict_failed(void **unused)
{
    (void)unused;
    static const struct {
        const char *body;
        enum run_state state;
        int code;
    } rows[] = {
        {VERDICT("one", "pass", "1") VERDICT("two", "pass", "2"), RUN_OK, 0},
        {VERDICT("one", "pass", "1") VERDICT("two", "inconclusive", "2"), RUN_OK, 0},
        {VERDICT("one", "pass", "1") VERDICT("two", "fail", "2"), RUN_FAILED, 0},
        {VERDICT("one", "pass", "1") VERDICT("other", "pass", "2"), RUN_FAILED, 0},
        {VERDICT("two", "fail", "1") VERDICT("two", "pass", "1") VERDICT("one", "pass", "1"),
         RUN_OK, 0},
        {VERDICT("one", "pass", "1") VERDICT("two", "pass", "2") "exit 3", RUN_FAILED, 3},
        {"true", RUN_FAILED, 0},
        {VERDICT("one", "pass", "1") VERDICT("two", "pass", "2") "kill -ABRT $$", RUN_CRASHED,
         SIGABRT},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct watched w;
        start(&w, &two_claims, rows[i].body);
        assert_int_equal(run_state(w.run), RUN_RUNNING);
        finish(&w, rows[i].state, rows[i].code);
        run_free(w.run);
    }
}

static void a_demo_without_claims_needs_no_verdict(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &no_claims, "true");
    finish(&w, RUN_OK, 0);
    run_free(w.run);
    start(&w, &no_claims, VERDICT("other", "fail", "1"));
    finish(&w, RUN_OK, 0);
    run_free(w.run);
}

static void a_run_can_be_stopped(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &no_claims, "echo on; exec sleep 60");
    while (run_lines(w.run) == 0)
        loop_turn(world.loop, 100);
    run_stop(w.run);
    finish(&w, RUN_STOPPED, SIGKILL);
    run_stop(w.run); /* nothing to do any more */
    assert_int_equal(run_state(w.run), RUN_STOPPED);
    run_free(w.run);
}

static void a_run_ends_at_its_limit(void **unused)
{
    (void)unused;
    const struct demo at_once = {.name = "limit", .limit_s = 0};
    struct watched w;

    start(&w, &at_once, "exec sleep 60");
    finish(&w, RUN_LIMIT, SIGKILL);
    run_free(w.run);
}

static void a_run_that_is_freed_calls_nobody(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &no_claims, "echo on; exec sleep 60");
    while (run_lines(w.run) == 0)
        loop_turn(world.loop, 100);
    const int changed = w.changed;
    run_free(w.run);
    run_free(NULL);
    assert_no_children();
    loop_turn(world.loop, 0);
    assert_int_equal(w.changed, changed);
    assert_int_equal(w.ended, 0);
}

static void its_time_stands_still_at_the_end(void **unused)
{
    (void)unused;
    struct watched w;
    const int64_t start_ms = loop_now_ms();

    start(&w, &no_claims, "sleep 0.05");
    assert_in_range(run_elapsed_ms(w.run), 0, PATIENCE_MS);
    finish(&w, RUN_OK, 0);
    const int64_t took_ms = run_elapsed_ms(w.run);
    assert_in_range(took_ms, 50, loop_now_ms() - start_ms);
    while (loop_now_ms() - start_ms <= took_ms + 1)
        loop_turn(world.loop, 1);
    assert_int_equal(run_elapsed_ms(w.run), took_ms);
    run_free(w.run);
}

static void what_cannot_be_started_is_an_error(void **unused)
{
    (void)unused;
    struct watched w = {0};
    const struct run_spec spec = {.demo = &no_claims,
                                  .program = "/proc/nonexistent/demo",
                                  .hooks = {note_change, note_end, &w}};
    struct err e = {""};

    assert_null(run_start(world.procs, &spec, &e));
    assert_non_null(strstr(e.text, "/proc/nonexistent/demo"));
    assert_int_equal(w.changed + w.ended, 0);
}

static void states_have_names(void **unused)
{
    (void)unused;
    assert_string_equal(run_state_name(RUN_RUNNING), "running");
    assert_string_equal(run_state_name(RUN_OK), "ok");
    assert_string_equal(run_state_name(RUN_FAILED), "failed");
    assert_string_equal(run_state_name(RUN_CRASHED), "crashed");
    assert_string_equal(run_state_name(RUN_STOPPED), "stopped");
    assert_string_equal(run_state_name(RUN_LIMIT), "limit");
    assert_string_equal(run_state_name(RUN_BUILDING), "building");
    assert_string_equal(run_state_name(RUN_UNBUILT), "unbuilt");
}

/* ---- lines ---- */

/* Runs body to its end; its lines joined with '|'. The caller frees. */
static char *lines_of(const char *body, uint64_t dropped)
{
    struct buf all = {0};
    struct watched w;

    start(&w, &no_claims, body);
    finish(&w, RUN_OK, 0);
    for (size_t i = 0; i < run_lines(w.run); i++)
        buf_printf(&all, "%s%s", i ? "|" : "", run_line(w.run, i));
    assert_int_equal(run_dropped(w.run), dropped);
    run_free(w.run);
    return buf_take(&all);
}

static void output_is_kept_as_clean_lines(void **unused)
{
    (void)unused;
    static const struct {
        const char *body, *lines;
    } rows[] = {
        {"true", ""},
        {"echo one; echo; echo three", "one||three"},
        {"printf 'no newline'", "no newline"},
        {"printf 'one\\nlast'", "one|last"},
        {"printf '\\n'", ""},
        {"printf '\\n\\nx'", "||x"},
        {"echo out; echo err >&2", "out|err"},
        {"printf 'a\\033[2Jb\\n'", "a^[[2Jb"},
        {"printf 'a\\tb\\n'", "a       b"},
        {"printf 'a\\000b\\177\\n'", "a^@b^?"},
        {"printf '\\377\\n'", "\\xff"},
        {"printf '\\345\\244\\232\\n'", "多"},
        {"printf 'in '; sleep 0.01; printf 'pieces\\n'", "in pieces"},
        /* one character, in two pieces */
        {"printf '\\345\\244'; sleep 0.01; printf '\\232\\n'", "多"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *lines = lines_of(rows[i].body, 0);
        assert_string_equal(lines, rows[i].lines);
        free(lines);
    }
}

static void assert_x_lines(const char *lines, const size_t *lengths, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(strspn(lines, "x"), lengths[i]);
        lines += lengths[i];
        assert_int_equal(*lines, i + 1 < n ? '|' : '\0');
        lines += *lines != '\0';
    }
}

static void a_line_that_is_too_long_is_broken(void **unused)
{
    (void)unused;
    static const struct {
        const char *format; /* of printf: x so many columns wide, then the end */
        size_t lengths[4], n;
    } rows[] = {
        {"%999s\\n", {999}, 1},         {"%1000s\\n", {1000}, 1}, /* not too long */
        {"%1000s", {1000}, 1},          {"%1001s\\n", {1000, 1}, 2},
        {"%2000s\\n", {1000, 1000}, 2}, {"%2500s\\n", {1000, 1000, 500}, 3},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *body = xasprintf("printf '%s' '' | tr ' ' x", rows[i].format);
        char *lines = lines_of(body, 0);
        assert_x_lines(lines, rows[i].lengths, rows[i].n);
        free(lines);
        free(body);
    }
}

static void a_line_is_not_broken_inside_a_character(void **unused)
{
    (void)unused;
    /* 400 characters of three bytes: byte 1000 is the first of one. */
    char *lines = lines_of("printf '%400s\\n' '' | sed 's/ /多/g'", 0);
    size_t n = 0;

    for (const char *at = lines; *at; at += *at == '|' ? 1 : 3) {
        if (*at == '|')
            continue;
        assert_memory_equal(at, "多", 3);
        n++;
    }
    assert_int_equal(n, 400);
    free(lines);
}

/* Feeds the run and counts what it says it kept. */
static void expect_kept(const char *body, size_t lines, uint64_t dropped)
{
    struct watched w;

    start(&w, &no_claims, body);
    finish(&w, RUN_OK, 0);
    assert_int_equal(run_lines(w.run), lines);
    assert_int_equal(run_dropped(w.run), dropped);
    run_free(w.run);
}

static void lines_over_the_limit_are_counted_and_dropped(void **unused)
{
    (void)unused;
    expect_kept("yes x | head -n 4000", RUN_MAX_LINES, 0);
    expect_kept("yes x | head -n 4001", RUN_MAX_LINES, 2);
    expect_kept("yes x | head -n 5000", RUN_MAX_LINES, 2000);
    expect_kept("yes x | head -n 4000; printf 'the rest'", RUN_MAX_LINES, 8);
}

static void bytes_over_the_limit_are_counted_and_dropped(void **unused)
{
    (void)unused;
    /* 263 lines of 999 bytes and a newline are the first that fill 256 KiB. */
    const size_t kept = RUN_MAX_OUTPUT / 999 + 1;

    expect_kept("yes \"$(printf '%999s' '')\" | head -n 1000", kept, (1000 - kept) * 1000);
    expect_kept("yes '' | head -n 100; head -c 2000000 /dev/zero | tr '\\0' x",
                100 + RUN_MAX_OUTPUT / RUN_MAX_LINE + 1,
                2000000 - (RUN_MAX_OUTPUT / RUN_MAX_LINE + 1) * RUN_MAX_LINE);
}

/* What is dropped is not read for nothing: the verdict behind a flood still counts. */
static void a_verdict_behind_a_flood_counts(void **unused)
{
    (void)unused;
    struct watched w;

    start(&w, &two_claims,
          "head -c 3000000 /dev/zero\n" VERDICT("one", "pass", "1") VERDICT("two", "pass", "1"));
    finish(&w, RUN_OK, 0);
    run_free(w.run);
}

/* ---- parameters ---- */

static const char *const triggers[] = {"lt", "et"};
static struct param params[] = {
    {.name = "n", .kind = PARAM_INT, .min = -10, .max = 100, .def = 4},
    {.name = "mode", .kind = PARAM_CHOICE, .max = 1, .choices = triggers, .n_choices = 2},
    {.name = "drain", .kind = PARAM_FLAG, .max = 1},
};
static const struct demo with_params = {
    .name = "with", .limit_s = 60, .params = params, .n_params = ARRAY_LEN(params)};

static void parameters_are_given_as_words(void **unused)
{
    (void)unused;
    static const long values[] = {-7, 1, 0};
    char *text = run_args_text(&with_params, values), *none = run_args_text(&no_claims, NULL);
    struct watched w;

    assert_string_equal(text, "n=-7 mode=et drain=0");
    assert_string_equal(none, "");
    start_with(&w, &with_params, "for a; do echo \"<$a>\"; done", values);
    finish(&w, RUN_OK, 0);
    assert_int_equal(run_lines(w.run), 3);
    assert_string_equal(run_line(w.run, 0), "<n=-7>");
    assert_string_equal(run_line(w.run, 1), "<mode=et>");
    assert_string_equal(run_line(w.run, 2), "<drain=0>");
    run_free(w.run);
    free(text);
    free(none);
}

/* ---- the trace ---- */

static void the_trace_is_read(void **unused)
{
    (void)unused;
    struct watched w;

    start_with(&w, &two_claims,
               VERDICT("one", "pass", "1.5") VERDICT("two", "fail", "\"no\"") "echo junk >&3",
               NULL);
    finish(&w, RUN_FAILED, 0);
    assert_string_equal(trace_verdict(run_trace(w.run), "one")->measured, "1.5");
    assert_string_equal(trace_verdict(run_trace(w.run), "two")->measured, "no");
    assert_int_equal(trace_health(run_trace(w.run))->bad_lines, 1);
    run_free(w.run);
}

/* ---- predictions ---- */

static struct predict_choice ranges[] = {
    {.lo = -HUGE_VAL, .hi = 2}, {.lo = 2, .hi = 8}, {.lo = 8, .hi = 9}, {.lo = 10, .hi = HUGE_VAL}};
static struct predict_choice words[] = {{.is = "no"}, {.is = "yes"}, {.is = "3"}};

static int outcome(struct predict_choice *choices, size_t n, const char *result,
                   const char *measured)
{
    const struct predict p = {.claim = "one", .choices = choices, .n_choices = n};
    struct trace *t = trace_new();
    char *line = xasprintf("{\"ph\":\"i\",\"cat\":\"verdict\",\"name\":\"one\",\"args\":"
                           "{\"result\":\"%s\",\"measured\":%s,\"rule\":\"r\"}}\n",
                           result, measured);

    assert_int_equal(predict_outcome(&p, t), -1); /* no verdict yet */
    trace_feed(t, line, strlen(line));
    const int i = predict_outcome(&p, t);
    trace_free(t);
    free(line);
    return i;
}

static void a_verdict_decides_the_prediction(void **unused)
{
    (void)unused;
    static const struct {
        struct predict_choice *choices;
        size_t n;
        const char *result, *measured;
        int outcome;
    } rows[] = {
        {ranges, 4, "pass", "1.99", 0},       {ranges, 4, "pass", "-1e300", 0},
        {ranges, 4, "pass", "2", 1}, /* the lower end is inside, the upper is not */
        {ranges, 4, "pass", "7.9999", 1},     {ranges, 4, "pass", "8", 2},
        {ranges, 4, "pass", "9", -1}, /* a gap */
        {ranges, 4, "pass", "10", 3},         {ranges, 4, "pass", "1e300", 3},
        {ranges, 4, "fail", "2", 1}, /* what was measured counts, not the verdict */
        {ranges, 4, "inconclusive", "2", -1}, {ranges, 4, "pass", "\"2\"", -1},
        {words, 3, "pass", "\"yes\"", 1},     {words, 3, "fail", "\"no\"", 0},
        {words, 3, "pass", "\"Yes\"", -1},    {words, 3, "pass", "\"\"", -1},
        {words, 3, "pass", "3", -1},          {words, 3, "inconclusive", "\"yes\"", -1},
        {words, 0, "pass", "\"yes\"", -1},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (outcome(rows[i].choices, rows[i].n, rows[i].result, rows[i].measured) !=
            rows[i].outcome)
            fail_msg("row %zu, measured %s: not %d", i, rows[i].measured, rows[i].outcome);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, make_world, end_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_run_is_ok_when_it_ends_well_and_no_verdict_failed),
        IN_WORLD(a_demo_without_claims_needs_no_verdict),
        IN_WORLD(a_run_can_be_stopped),
        IN_WORLD(a_run_ends_at_its_limit),
        IN_WORLD(a_run_that_is_freed_calls_nobody),
        IN_WORLD(its_time_stands_still_at_the_end),
        IN_WORLD(what_cannot_be_started_is_an_error),
        cmocka_unit_test(states_have_names),
        IN_WORLD(output_is_kept_as_clean_lines),
        IN_WORLD(a_line_that_is_too_long_is_broken),
        IN_WORLD(a_line_is_not_broken_inside_a_character),
        IN_WORLD(lines_over_the_limit_are_counted_and_dropped),
        IN_WORLD(bytes_over_the_limit_are_counted_and_dropped),
        IN_WORLD(a_verdict_behind_a_flood_counts),
        IN_WORLD(parameters_are_given_as_words),
        IN_WORLD(the_trace_is_read),
        cmocka_unit_test(a_verdict_decides_the_prediction),
    };

    keep_inherited_fds();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
