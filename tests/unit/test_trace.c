/*
 * test_trace.c: traces as demos write them, and as a broken or hostile program may write them: what
 * is read, what is counted as bad, and that neither depends on how the bytes come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "trace.h"

enum { LINE_LIMIT = 64 * 1024 };

static struct trace *read_text(const char *text)
{
    struct trace *t = trace_new();

    trace_feed(t, text, strlen(text));
    return t;
}

/* A verdict line; args is what stands between the braces. The caller frees. */
static char *verdict_line(const char *claim, const char *args)
{
    return xasprintf("{\"ph\":\"i\",\"cat\":\"verdict\",\"name\":\"%s\",\"ts\":1.5,\"pid\":7,"
                     "\"tid\":7,\"s\":\"g\",\"args\":{%s}}\n",
                     claim, args);
}

static struct trace *read_verdict(const char *args)
{
    char *line = verdict_line("one", args);
    struct trace *t = read_text(line);

    free(line);
    return t;
}

static size_t count_verdicts(const struct trace *t)
{
    size_t n;

    trace_verdicts(t, &n);
    return n;
}

/* ---- verdicts ---- */

static void a_verdict_has_a_result_a_value_and_a_rule(void **unused)
{
    (void)unused;
    static const struct {
        const char *args;
        enum trace_result result;
        const char *measured;
        bool is_number;
        double number;
    } rows[] = {
        {"\"result\":\"pass\",\"measured\":1.5,\"rule\":\"r\"", TRACE_PASS, "1.5", true, 1.5},
        {"\"result\":\"fail\",\"measured\":-2,\"rule\":\"r\"", TRACE_FAIL, "-2", true, -2},
        {"\"result\":\"inconclusive\",\"measured\":0,\"rule\":\"r\"", TRACE_INCONCLUSIVE, "0", true,
         0},
        {"\"result\":\"pass\",\"measured\":12.34567,\"unit\":\"ms\",\"rule\":\"r\"", TRACE_PASS,
         "12.35 ms", true, 12.34567},
        {"\"result\":\"pass\",\"measured\":3,\"unit\":\"\",\"rule\":\"r\"", TRACE_PASS, "3", true,
         3},
        {"\"result\":\"pass\",\"measured\":3,\"unit\":7,\"rule\":\"r\"", TRACE_PASS, "3", true, 3},
        {"\"result\":\"pass\",\"measured\":1e308,\"rule\":\"r\"", TRACE_PASS, "1e+308", true,
         1e308},
        {"\"result\":\"pass\",\"measured\":1e-320,\"rule\":\"r\"", TRACE_PASS, "1e-320", true,
         1e-320},
        {"\"result\":\"pass\",\"measured\":\"yes\",\"rule\":\"r\"", TRACE_PASS, "yes", false, 0},
        {"\"result\":\"pass\",\"measured\":\"\",\"rule\":\"r\"", TRACE_PASS, "", false, 0},
        {"\"result\":\"pass\",\"measured\":\"12\",\"rule\":\"r\"", TRACE_PASS, "12", false, 0},
        {"\"rule\":\"r\",\"more\":[{}],\"measured\":\"\\u591a\",\"result\":\"pass\"", TRACE_PASS,
         "多", false, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct trace *t = read_verdict(rows[i].args);
        const struct trace_verdict *v = trace_verdict(t, "one");
        if (!v)
            fail_msg("no verdict of {%s}", rows[i].args);
        assert_int_equal(v->result, rows[i].result);
        assert_string_equal(v->measured, rows[i].measured);
        assert_int_equal(v->is_number, rows[i].is_number);
        assert_true(v->number == rows[i].number);
        assert_string_equal(v->claim, "one");
        assert_string_equal(v->rule, "r");
        assert_int_equal(trace_health(t)->events, 1);
        assert_int_equal(trace_health(t)->bad_lines, 0);
        trace_free(t);
    }
}

static void add_verdict(struct trace *t, const char *claim, const char *result)
{
    char *args = xasprintf("\"result\":\"%s\",\"measured\":\"%s\",\"rule\":\"%s of %s\"", result,
                           result, result, claim);
    char *line = verdict_line(claim, args);

    trace_feed(t, line, strlen(line));
    free(line);
    free(args);
}

static void a_later_verdict_replaces_the_earlier(void **unused)
{
    (void)unused;
    struct trace *t = trace_new();
    size_t n;

    assert_null(trace_verdict(t, "one"));
    add_verdict(t, "one", "fail");
    add_verdict(t, "two", "pass");
    add_verdict(t, "one", "pass");
    const struct trace_verdict *all = trace_verdicts(t, &n);
    assert_int_equal(n, 2);
    assert_ptr_equal(trace_verdict(t, "one"), &all[0]);
    assert_ptr_equal(trace_verdict(t, "two"), &all[1]);
    assert_int_equal(all[0].result, TRACE_PASS);
    assert_string_equal(all[0].measured, "pass");
    assert_string_equal(all[0].rule, "pass of one");
    assert_string_equal(all[1].rule, "pass of two");
    assert_null(trace_verdict(t, "On"));
    assert_int_equal(trace_health(t)->events, 3);
    trace_free(t);
}

static void verdicts_are_kept_up_to_a_number(void **unused)
{
    (void)unused;
    enum { MANY = 1000, KEPT = 64 };
    struct trace *t = trace_new();
    char claim[32];

    for (int i = 0; i < MANY; i++) {
        snprintf(claim, sizeof(claim), "claim-%d", i);
        add_verdict(t, claim, "pass");
    }
    assert_int_equal(count_verdicts(t), KEPT);
    assert_int_equal(trace_health(t)->bad_lines, 0);
    assert_int_equal(trace_health(t)->events, MANY);
    assert_int_equal(trace_health(t)->thinned, MANY - KEPT);
    add_verdict(t, "claim-63", "fail"); /* one that is kept can still change */
    assert_int_equal(trace_verdict(t, "claim-63")->result, TRACE_FAIL);
    trace_free(t);
}

static void results_have_names(void **unused)
{
    (void)unused;
    assert_string_equal(trace_result_name(TRACE_PASS), "pass");
    assert_string_equal(trace_result_name(TRACE_FAIL), "fail");
    assert_string_equal(trace_result_name(TRACE_INCONCLUSIVE), "inconclusive");
}

/* It cannot be put in order, but it must not be lost. */
static void a_verdict_without_a_time_is_one_but_no_event(void **unused)
{
    (void)unused;
    struct trace *t = read_text(
        "{\"ph\":\"i\",\"cat\":\"verdict\",\"name\":\"one\",\"args\":{\"result\":\"pass\","
        "\"measured\":1,\"rule\":\"r\"}}\n");

    trace_settle(t);
    assert_non_null(trace_verdict(t, "one"));
    assert_int_equal(trace_health(t)->events, 1);
    assert_int_equal(trace_count(t), 0);
    trace_free(t);
}

static void a_verdict_is_an_event_as_well(void **unused)
{
    (void)unused;
    struct trace *t = read_verdict("\"result\":\"fail\",\"measured\":12,\"unit\":\"ms\","
                                   "\"rule\":\"r\"");

    assert_int_equal(trace_count(t), 0); /* not settled yet */
    assert_non_null(trace_verdict(t, "one"));
    trace_settle(t);
    assert_int_equal(trace_count(t), 1);
    assert_int_equal(trace_event(t, 0)->kind, TRACE_VERDICT);
    assert_int_equal(trace_event(t, 0)->ts_ns, 1500);
    assert_string_equal(trace_word(t, trace_event(t, 0)->name), "one");
    assert_string_equal(trace_event_text(t, 0), "fail: 12 ms");
    trace_free(t);
}

/* ---- events that are no verdicts ---- */

static void every_phase_of_the_format_is_an_event(void **unused)
{
    (void)unused;
    static const struct {
        const char *line;
        size_t events; /* of the model */
    } rows[] = {
        {"{\"ph\":\"M\",\"name\":\"thread_name\",\"args\":{\"name\":\"x\"}}\n", 0},
        {"{\"ph\":\"M\",\"name\":\"process_name\",\"args\":{\"name\":\"x\"}}\n", 0},
        {"{\"ph\":\"M\",\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":1}}\n", 0},
        {"{\"ph\":\"B\",\"ts\":1,\"name\":\"x\"}\n", 1},
        {"{\"ph\":\"E\",\"ts\":1}\n", 1},
        {"{\"ph\":\"X\",\"ts\":1,\"dur\":2,\"name\":\"x\"}\n", 2},
        {"{\"ph\":\"i\",\"ts\":1,\"name\":\"x\"}\n", 1},
        {"{\"ph\":\"s\",\"ts\":1,\"id\":1,\"name\":\"x\"}\n", 1},
        {"{\"ph\":\"s\",\"ts\":1,\"id\":\"0x1\",\"name\":\"x\"}\n", 1},
        {"{\"ph\":\"t\",\"ts\":1,\"id\":1,\"name\":\"x\"}\n", 0},
        {"{\"ph\":\"f\",\"ts\":1,\"id\":1,\"name\":\"x\"}\n", 1},
        {"{\"ph\":\"C\",\"ts\":1,\"name\":\"x\",\"args\":{\"value\":1}}\n", 1},
        {"{\"ph\":\"C\",\"ts\":1,\"name\":\"x\",\"args\":{\"series\":\"s\",\"x\":1,\"y\":2}}\n", 1},
        {"{\"ph\":\"O\",\"ts\":1,\"name\":\"x\",\"args\":{\"snapshot\":{}}}\n", 1},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct trace *t = read_text(rows[i].line);
        trace_settle(t);
        if (trace_health(t)->events != 1 || trace_count(t) != rows[i].events)
            fail_msg("%zu lines, %zu events of %s", trace_health(t)->events, trace_count(t),
                     rows[i].line);
        assert_int_equal(trace_health(t)->bad_lines, 0);
        assert_int_equal(trace_health(t)->thinned, 0);
        assert_int_equal(count_verdicts(t), 0);
        trace_free(t);
    }
}

static void only_notes_of_that_category_are_verdicts(void **unused)
{
    (void)unused;
    static const char *const lines[] = {
        "{\"ph\":\"B\",\"ts\":1,\"cat\":\"verdict\",\"name\":\"one\",\"args\":{\"result\":\"pass\","
        "\"measured\":1,\"rule\":\"r\"}}\n",
        "{\"ph\":\"i\",\"ts\":1,\"cat\":\"note\",\"name\":\"one\",\"args\":{\"result\":\"pass\","
        "\"measured\":1,\"rule\":\"r\"}}\n",
        "{\"ph\":\"i\",\"ts\":1,\"name\":\"one\"}\n",
        "{\"ph\":\"i\",\"ts\":1,\"cat\":\"\",\"name\":\"one\"}\n",
    };

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct trace *t = read_text(lines[i]);
        assert_int_equal(trace_health(t)->events, 1);
        assert_int_equal(count_verdicts(t), 0);
        trace_free(t);
    }
}

/* ---- what cannot be read ---- */

#define GOOD                                                                                       \
    "{\"ph\":\"i\",\"cat\":\"verdict\",\"name\":\"good\",\"args\":{\"result\":\"pass\","           \
    "\"measured\":1,\"rule\":\"r\"}}\n"

/* Sound but for what is changed in it. */
#define END_LINE "{\"ph\":\"E\",\"ts\":1}"

static const char *const bad_lines[] = {
    /* no JSON, no object */
    "nonsense\n",
    " \n",
    "\r\n",
    ",\n",
    "[[\n",
    "[,\n",
    "{\n",
    "}\n",
    "{}\n",
    "[]\n",
    "[" END_LINE "]\n",
    "null\n",
    "\"ph\"\n",
    "17\n",
    "NaN\n",
    "\"\\ud800\"\n",
    "{\"ph\":\"E\",\"ts\":1\n",
    "{\"ph\":\"E\",\"ts\":1,}\n",
    "{'ph':'E','ts':1}\n",
    END_LINE " " END_LINE "\n",
    END_LINE END_LINE "\n",
    END_LINE "x\n",
    END_LINE ",,\n",
    "\xff\xfe" END_LINE "\n",
    /* no phase that is known */
    "{\"ts\":1}\n",
    "{\"ph\":7,\"ts\":1}\n",
    "{\"ph\":null,\"ts\":1}\n",
    "{\"ph\":\"\",\"ts\":1}\n",
    "{\"ph\":\"Z\",\"ts\":1}\n",
    "{\"ph\":\"e\",\"ts\":1}\n",
    "{\"ph\":\"EE\",\"ts\":1}\n",
    "{\"PH\":\"E\",\"ts\":1}\n",
    "{\"ph\":{\"ph\":\"E\"},\"ts\":1}\n",
    /* no time */
    "{\"ph\":\"E\"}\n",
    "{\"ph\":\"E\",\"ts\":\"1\"}\n",
    "{\"ph\":\"E\",\"ts\":null}\n",
    "{\"ph\":\"E\",\"ts\":[1]}\n",
    "{\"ph\":\"E\",\"ts\":true}\n",
    "{\"ph\":\"E\",\"ts\":NaN}\n",
    "{\"ph\":\"E\",\"ts\":-1}\n",
    "{\"ph\":\"E\",\"ts\":-0.001}\n",
    "{\"ph\":\"E\",\"ts\":4.1e15}\n",
    "{\"ph\":\"E\",\"ts\":1e300}\n",
    "{\"ph\":\"E\",\"ts\":1e999}\n",
    /* fields of the wrong type */
    "{\"ph\":\"E\",\"ts\":1,\"pid\":\"1\"}\n",
    "{\"ph\":\"E\",\"ts\":1,\"pid\":1.5}\n",
    "{\"ph\":\"E\",\"ts\":1,\"tid\":null}\n",
    "{\"ph\":\"E\",\"ts\":1,\"tid\":1e17}\n",
    "{\"ph\":\"E\",\"ts\":1,\"tid\":-1e300}\n",
    "{\"ph\":\"B\",\"ts\":1,\"name\":7}\n",
    "{\"ph\":\"B\",\"ts\":1,\"name\":\"x\",\"cat\":7}\n",
    "{\"ph\":\"X\",\"ts\":1,\"name\":\"x\",\"dur\":\"1\"}\n",
    "{\"ph\":\"X\",\"ts\":1,\"name\":\"x\",\"dur\":-1}\n",
    "{\"ph\":\"X\",\"ts\":1,\"name\":\"x\",\"dur\":1e16}\n",
    "{\"ph\":\"s\",\"ts\":1,\"name\":\"x\",\"id\":1.5}\n",
    "{\"ph\":\"s\",\"ts\":1,\"name\":\"x\",\"id\":[]}\n",
    "{\"ph\":\"s\",\"ts\":1,\"name\":\"x\",\"id\":1,\"args\":{\"text\":7}}\n",
    "{\"ph\":\"i\",\"ts\":1,\"name\":\"x\",\"args\":{\"text\":7}}\n",
    "{\"ph\":\"M\",\"name\":\"thread_name\",\"args\":{\"name\":7}}\n",
    "{\"ph\":\"C\",\"ts\":1,\"name\":\"x\",\"args\":{\"value\":\"1\"}}\n",
    "{\"ph\":\"C\",\"ts\":1,\"name\":\"x\",\"args\":{\"value\":1e999}}\n",
    "{\"ph\":\"C\",\"ts\":1,\"name\":\"x\",\"args\":{\"series\":7,\"x\":1,\"y\":1}}\n",
    "{\"ph\":\"C\",\"ts\":1,\"name\":\"x\",\"args\":{\"series\":\"s\",\"x\":null,\"y\":1}}\n",
    "{\"ph\":\"C\",\"ts\":1,\"name\":\"x\",\"args\":{\"series\":\"s\",\"x\":1,\"y\":-1e999}}\n",
    "{\"ph\":\"O\",\"ts\":1,\"name\":\"x\",\"args\":{\"snapshot\":[]}}\n",
    /* a field missing */
    "{\"ph\":\"B\",\"ts\":1}\n",
    "{\"ph\":\"i\",\"ts\":1}\n",
    "{\"ph\":\"M\"}\n",
    "{\"ph\":\"M\",\"name\":\"thread_name\"}\n",
    "{\"ph\":\"M\",\"name\":\"process_name\",\"args\":{}}\n",
    "{\"ph\":\"X\",\"ts\":1,\"name\":\"x\"}\n",
    "{\"ph\":\"X\",\"ts\":1,\"dur\":1}\n",
    "{\"ph\":\"s\",\"ts\":1,\"name\":\"x\"}\n",
    "{\"ph\":\"f\",\"ts\":1,\"name\":\"x\"}\n",
    "{\"ph\":\"C\",\"ts\":1,\"args\":{\"value\":1}}\n",
    "{\"ph\":\"C\",\"ts\":1,\"name\":\"x\"}\n",
    "{\"ph\":\"C\",\"ts\":1,\"name\":\"x\",\"args\":{\"series\":\"s\",\"x\":1}}\n",
    "{\"ph\":\"C\",\"ts\":1,\"name\":\"x\",\"args\":{\"x\":1,\"y\":1}}\n",
    "{\"ph\":\"O\",\"ts\":1,\"name\":\"x\",\"args\":{}}\n",
    "{\"ph\":\"O\",\"ts\":1,\"args\":{\"snapshot\":{}}}\n",
    /* no verdict that is whole */
    "{\"ph\":\"i\",\"ts\":1,\"cat\":\"verdict\"}\n",
    "{\"ph\":\"i\",\"ts\":1,\"cat\":\"verdict\",\"name\":\"one\"}\n",
    "{\"ph\":\"i\",\"ts\":1,\"cat\":\"verdict\",\"name\":\"one\",\"args\":[]}\n",
    "{\"ph\":\"i\",\"ts\":1,\"cat\":\"verdict\",\"name\":\"one\",\"args\":\"pass\"}\n",
};

/* args of a verdict that are no verdict. */
static const char *const bad_args[] = {
    "",
    "\"measured\":1,\"rule\":\"r\"",
    "\"result\":\"pass\",\"rule\":\"r\"",
    "\"result\":\"pass\",\"measured\":1",
    "\"result\":\"passed\",\"measured\":1,\"rule\":\"r\"",
    "\"result\":\"PASS\",\"measured\":1,\"rule\":\"r\"",
    "\"result\":\"\",\"measured\":1,\"rule\":\"r\"",
    "\"result\":true,\"measured\":1,\"rule\":\"r\"",
    "\"result\":\"pass\",\"measured\":1,\"rule\":7",
    "\"result\":\"pass\",\"measured\":null,\"rule\":\"r\"",
    "\"result\":\"pass\",\"measured\":true,\"rule\":\"r\"",
    "\"result\":\"pass\",\"measured\":[1],\"rule\":\"r\"",
    "\"result\":\"pass\",\"measured\":{},\"rule\":\"r\"",
    "\"result\":\"pass\",\"measured\":1e999,\"rule\":\"r\"",
    "\"result\":\"pass\",\"measured\":-1e999,\"rule\":\"r\"",
    "\"result\":\"pass\",\"measured\":NaN,\"rule\":\"r\"",
    "\"result\":\"pass\",\"measured\":Infinity,\"rule\":\"r\"",
    "\"result\":\"pass\",\"measured\":0x10p,\"rule\":\"r\"",
};

/* A bad line is counted, and the lines before and behind it are read. */
static void expect_bad(const char *line)
{
    char *text = xasprintf(GOOD "%s" END_LINE "\n", line);
    struct trace *t = read_text(text);

    if (trace_health(t)->bad_lines != 1 || trace_health(t)->events != 2 || count_verdicts(t) != 1)
        fail_msg("%zu bad, %zu events, %zu verdicts with the line %s", trace_health(t)->bad_lines,
                 trace_health(t)->events, count_verdicts(t), line);
    trace_free(t);
    free(text);
}

static void a_bad_line_is_counted_and_survived(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < ARRAY_LEN(bad_lines); i++)
        expect_bad(bad_lines[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad_args); i++) {
        char *line = verdict_line("one", bad_args[i]);
        expect_bad(line);
        free(line);
    }
}

/* A line cut anywhere is bad, wherever that is. */
static void a_truncated_line_is_bad(void **unused)
{
    (void)unused;
    static const char whole[] = GOOD;

    for (size_t n = 1; n < sizeof(whole) - 2; n++) {
        char *line = xasprintf("%.*s\n", (int)n, whole);
        expect_bad(line);
        free(line);
    }
}

/* As in the file that `demo run --trace` writes. */
static void the_lines_of_an_array_are_read(void **unused)
{
    (void)unused;
    struct trace *t = read_text("[\n" END_LINE ",\n" END_LINE ", \r\n" END_LINE "\n]\n[ \r\n");

    assert_int_equal(trace_health(t)->events, 3);
    assert_int_equal(trace_health(t)->bad_lines, 0);
    trace_free(t);
}

static void empty_lines_are_nothing(void **unused)
{
    (void)unused;
    struct trace *t = read_text("\n\n\n" GOOD "\n\n");

    assert_int_equal(trace_health(t)->events, 1);
    assert_int_equal(trace_health(t)->bad_lines, 0);
    trace_free(t);
}

/* What has no end yet may still get one. */
static void a_line_counts_when_its_newline_has_come(void **unused)
{
    (void)unused;
    struct trace *t = trace_new();

    trace_feed(t, GOOD, strlen(GOOD) - 1);
    assert_int_equal(trace_health(t)->events + trace_health(t)->bad_lines, 0);
    trace_feed(t, "\n", 1);
    assert_int_equal(trace_health(t)->events, 1);
    trace_free(t);
}

static void deep_nesting_is_survived(void **unused)
{
    (void)unused;
    static const char *const opens[] = {"[", "{\"a\":"};

    for (size_t i = 0; i < ARRAY_LEN(opens); i++) {
        struct buf b = {0};
        buf_puts(&b, "{\"ph\":\"E\",\"ts\":1,\"args\":");
        while (b.len < LINE_LIMIT / 2)
            buf_puts(&b, opens[i]);
        buf_puts(&b, "\n");
        expect_bad(buf_text(&b));
        buf_release(&b);
    }
}

/* A line of n bytes before its newline: an event with a name of x. */
static void put_line_of(struct buf *out, size_t n)
{
    static const char head[] = "{\"ph\":\"B\",\"ts\":1,\"name\":\"", tail[] = "\"}";

    buf_puts(out, head);
    for (size_t i = sizeof(head) + sizeof(tail) - 2; i < n; i++)
        buf_putc(out, 'x');
    buf_puts(out, tail);
    buf_putc(out, '\n');
}

static void a_line_may_be_64_kib_long_and_no_longer(void **unused)
{
    (void)unused;
    struct buf b = {0};

    put_line_of(&b, LINE_LIMIT);
    struct trace *t = read_text(buf_text(&b));
    assert_int_equal(trace_health(t)->events, 1);
    assert_int_equal(trace_health(t)->bad_lines, 0);
    trace_free(t);
    for (size_t n = LINE_LIMIT + 1; n < LINE_LIMIT * 8; n = n * 2 - 1) {
        buf_clear(&b);
        put_line_of(&b, n);
        expect_bad(buf_text(&b));
    }
    buf_release(&b);
}

static void a_line_without_end_is_one_bad_line_and_takes_no_memory(void **unused)
{
    (void)unused;
    static char piece[LINE_LIMIT];
    struct trace *t = trace_new();

    memset(piece, 'x', sizeof(piece));
    for (int i = 0; i < 1000; i++) /* 64 MiB */
        trace_feed(t, piece, sizeof(piece));
    assert_int_equal(trace_health(t)->bad_lines, 1);
    trace_feed(t, "\n" GOOD, 1 + strlen(GOOD));
    assert_int_equal(trace_health(t)->bad_lines, 1);
    assert_int_equal(trace_health(t)->events, 1);
    trace_free(t);
}

static void bytes_of_zero_are_survived(void **unused)
{
    (void)unused;
    static const char bytes[] =
        "\0\n{\"ph\":\"E\",\"ts\":1\0}\n{\"ph\0\":\"E\",\"ts\":1}\n" END_LINE "\0x\n" GOOD;
    struct trace *t = trace_new();

    trace_feed(t, bytes, sizeof(bytes) - 1);
    assert_int_equal(trace_health(t)->events + trace_health(t)->bad_lines, 5);
    assert_true(trace_health(t)->bad_lines >= 2); /* the first and the last but one */
    assert_int_equal(count_verdicts(t), 1);
    trace_free(t);
}

/* ---- words are made harmless ---- */

static void control_bytes_in_words_become_visible(void **unused)
{
    (void)unused;
    struct trace *t =
        read_text("{\"ph\":\"i\",\"cat\":\"verdict\",\"name\":\"o\\u001bne\",\"args\":{\"result\":"
                  "\"pass\",\"measured\":\"\\u0007\x80\",\"rule\":\"a\\nb\\u202e\\u0085\"}}\n"
                  "{\"ph\":\"i\",\"cat\":\"verdict\",\"name\":\"two\",\"args\":{\"result\":"
                  "\"pass\",\"measured\":2,\"unit\":\"\\u001b[2J\",\"rule\":\"\\t\"}}\n");
    size_t n;
    const struct trace_verdict *all = trace_verdicts(t, &n);

    assert_int_equal(n, 2);
    assert_string_equal(all[0].claim, "o^[ne");
    assert_string_equal(all[0].measured, "^G\\x80");
    for (size_t i = 0; i < n; i++) {
        const char *const words[] = {all[i].claim, all[i].measured, all[i].rule};
        for (size_t k = 0; k < ARRAY_LEN(words); k++)
            for (const char *at = words[k]; *at; at++)
                assert_in_range((unsigned char)*at, ' ', '~');
    }
    assert_string_equal(all[1].measured, "2 ^[[2J");
    trace_free(t);
}

static void words_are_kept_up_to_a_length(void **unused)
{
    (void)unused;
    struct buf claim = {0}, args = {0};

    for (int i = 0; i < 20000; i++)
        buf_putc(&claim, 'c');
    buf_printf(&args, "\"result\":\"pass\",\"measured\":\"%s\",\"rule\":\"%s\"", buf_text(&claim),
               buf_text(&claim));
    char *line = verdict_line(buf_text(&claim), buf_text(&args));
    struct trace *t = read_text(line);
    size_t n;
    const struct trace_verdict *all = trace_verdicts(t, &n);
    assert_int_equal(n, 1);
    assert_int_equal(strlen(all[0].claim), 300);
    assert_int_equal(strlen(all[0].measured), 300);
    assert_int_equal(strlen(all[0].rule), 300);
    trace_free(t);
    free(line);
    buf_release(&claim);
    buf_release(&args);
}

static void words_are_not_cut_inside_a_character(void **unused)
{
    (void)unused;
    struct buf args = {0};

    buf_puts(&args, "\"result\":\"pass\",\"measured\":1,\"rule\":\"x");
    for (int i = 0; i < 200; i++)
        buf_puts(&args, "多");
    buf_puts(&args, "\"");
    struct trace *t = read_verdict(buf_text(&args));
    const struct trace_verdict *v = trace_verdict(t, "one");
    assert_non_null(v);
    for (const char *at = v->rule + 1; *at; at += 3)
        assert_memory_equal(at, "多", 3);
    trace_free(t);
    buf_release(&args);
}

/* ---- pieces ---- */

static void assert_same_trace(const struct trace *a, const struct trace *b)
{
    size_t na, nb;
    const struct trace_verdict *va = trace_verdicts(a, &na), *vb = trace_verdicts(b, &nb);

    assert_int_equal(trace_health(a)->events, trace_health(b)->events);
    assert_int_equal(trace_health(a)->bad_lines, trace_health(b)->bad_lines);
    assert_int_equal(na, nb);
    for (size_t i = 0; i < na; i++) {
        assert_string_equal(va[i].claim, vb[i].claim);
        assert_string_equal(va[i].measured, vb[i].measured);
        assert_string_equal(va[i].rule, vb[i].rule);
        assert_int_equal(va[i].result, vb[i].result);
        assert_int_equal(va[i].is_number, vb[i].is_number);
        assert_true(va[i].number == vb[i].number);
    }
}

static void put_everything(struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(bad_lines); i++) {
        buf_puts(out, bad_lines[i]);
        buf_puts(out, GOOD);
    }
    for (size_t n = LINE_LIMIT - 1; n <= LINE_LIMIT + 2; n++)
        put_line_of(out, n);
    buf_add(out, "{\"ph\0\"}\n\n\n", 10);
    buf_puts(out, GOOD "{\"ph\":\"E\"");
}

static void bytes_in_any_pieces_are_the_same_trace(void **unused)
{
    (void)unused;
    static const size_t sizes[] = {1, 2, 3, 7, 1000, LINE_LIMIT - 1, LINE_LIMIT, LINE_LIMIT + 1};
    struct buf b = {0};
    struct trace *whole = trace_new();

    put_everything(&b);
    trace_feed(whole, b.text, b.len);
    assert_true(trace_health(whole)->events > 30 && trace_health(whole)->bad_lines > 30);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct trace *t = trace_new();
        for (size_t at = 0; at < b.len; at += sizes[i])
            trace_feed(t, b.text + at, size_min(sizes[i], b.len - at));
        assert_same_trace(whole, t);
        trace_free(t);
    }
    trace_free(whole);
    trace_free(NULL);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_has_a_result_a_value_and_a_rule),
        cmocka_unit_test(a_later_verdict_replaces_the_earlier),
        cmocka_unit_test(verdicts_are_kept_up_to_a_number),
        cmocka_unit_test(results_have_names),
        cmocka_unit_test(a_verdict_without_a_time_is_one_but_no_event),
        cmocka_unit_test(a_verdict_is_an_event_as_well),
        cmocka_unit_test(every_phase_of_the_format_is_an_event),
        cmocka_unit_test(only_notes_of_that_category_are_verdicts),
        cmocka_unit_test(a_bad_line_is_counted_and_survived),
        cmocka_unit_test(a_truncated_line_is_bad),
        cmocka_unit_test(the_lines_of_an_array_are_read),
        cmocka_unit_test(empty_lines_are_nothing),
        cmocka_unit_test(a_line_counts_when_its_newline_has_come),
        cmocka_unit_test(deep_nesting_is_survived),
        cmocka_unit_test(a_line_may_be_64_kib_long_and_no_longer),
        cmocka_unit_test(a_line_without_end_is_one_bad_line_and_takes_no_memory),
        cmocka_unit_test(bytes_of_zero_are_survived),
        cmocka_unit_test(control_bytes_in_words_become_visible),
        cmocka_unit_test(words_are_kept_up_to_a_length),
        cmocka_unit_test(words_are_not_cut_inside_a_character),
        cmocka_unit_test(bytes_in_any_pieces_are_the_same_trace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
