/*
 * test_trace_scan.c: a trace's two readers of lines agree: whatever the scanner reads, the JSON
 * parser reads the same; and the scanner reads what demo.c writes, for it is there to be fast.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/impl.h"
#include "trace_check.h"

/* As demo.c writes them. */
static const char *const of_demos[] = {
    "{\"ph\":\"B\",\"pid\":1,\"tid\":0,\"ts\":83.071,\"name\":\"epoll_wait\",\"cat\":\"call\"}",
    "{\"ph\":\"E\",\"pid\":1,\"tid\":12,\"ts\":86.722}",
    "{\"ph\":\"i\",\"pid\":1,\"tid\":3,\"ts\":0.000,\"name\":\"n\",\"s\":\"t\",\"args\":{\"text\":"
    "\"fd 5 is readable\"}}",
    "{\"ph\":\"i\",\"pid\":1,\"tid\":3,\"ts\":0.001,\"name\":\"\",\"s\":\"t\",\"args\":{\"text\":"
    "\"\"}}",
    "{\"ph\":\"s\",\"pid\":1,\"tid\":1,\"ts\":999999999999.999,\"name\":\"\xe5\xa4\x9a\",\"id\":7}",
    "{\"ph\":\"s\",\"pid\":1,\"tid\":1,\"ts\":5.5,\"name\":\"m\",\"id\":8,\"args\":{\"text\":\"GET "
    "/\"}}",
    "{\"ph\":\"f\",\"pid\":1,\"tid\":2,\"ts\":6.100,\"name\":\"m\",\"bp\":\"e\",\"id\":8}",
    "{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":771.962,\"name\":\"memory-mb\",\"args\":{\"series\":"
    "\"vmsize\",\"x\":11,\"y\":88.04296875}}",
    "{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":771.962,\"name\":\"p\",\"args\":{\"series\":"
    "\"s\",\"x\":-0.125,\"y\":-0}}",
    "{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":7,\"name\":\"syscalls\",\"args\":{\"value\":"
    "123456.789012345}}",
};

/* Sound as well, but not of the shapes above. */
static const char *const of_others[] = {
    "{\"ph\":\"M\",\"pid\":1,\"tid\":0,\"ts\":17.882,\"name\":\"thread_name\",\"args\":{\"name\":"
    "\"main\"}}",
    "{\"ph\": \"E\", \"pid\": 1, \"tid\": 12, \"ts\": 86.722}",
    "{\"pid\":1,\"tid\":12,\"ts\":86.722,\"ph\":\"E\"}",
    "{\"ph\":\"E\",\"pid\":1,\"tid\":12,\"ts\":1e3}",
    "{\"ph\":\"E\",\"pid\":1,\"tid\":12,\"ts\":1000000000000000}",
    "{\"ph\":\"E\",\"pid\":1,\"tid\":12,\"ts\":0.12345}",
    "{\"ph\":\"E\",\"pid\":1,\"tid\":-12,\"ts\":1}",
    "{\"ph\":\"i\",\"pid\":1,\"tid\":3,\"ts\":1,\"name\":\"n\",\"s\":\"t\",\"args\":{\"text\":\"a\\"
    "nb\"}}",
    "{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":7,\"name\":\"c\",\"args\":{\"value\":1e-05}}",
    "{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":7,\"name\":\"c\",\"args\":{\"value\":"
    "1234567890123456}}",
};

static void assert_same_text(struct slice a, struct slice b)
{
    assert_int_equal(a.s == NULL, b.s == NULL);
    assert_int_equal(a.n, b.n);
    if (a.n > 0)
        assert_memory_equal(a.s, b.s, a.n);
}

static void assert_same_line(const struct line *a, const struct line *b)
{
    assert_int_equal(a->ph, b->ph);
    assert_int_equal(a->has, b->has);
    assert_int_equal(a->ts_ns, b->ts_ns);
    assert_int_equal(a->dur_ns, b->dur_ns);
    assert_int_equal(a->pid, b->pid);
    assert_int_equal(a->tid, b->tid);
    assert_int_equal(a->id, b->id);
    assert_same_text(a->id_text, b->id_text);
    assert_same_text(a->name, b->name);
    assert_same_text(a->cat, b->cat);
    assert_same_text(a->arg, b->arg);
    assert_memory_equal(&a->x, &b->x, sizeof(a->x)); /* to the last bit */
    assert_memory_equal(&a->y, &b->y, sizeof(a->y));
    assert_same_text(a->raw, b->raw);
}

/* Whether the scanner reads it; if so the parser must read the same. */
static bool both_read(const char *s, size_t n)
{
    struct line scanned, parsed;
    cJSON *root = NULL;

    if (!line_scan(s, n, &scanned))
        return false;
    const bool sound = line_parse(s, n, &parsed, &root);
    if (!sound)
        fail_msg("only the scanner reads %.*s", (int)n, s);
    assert_same_line(&scanned, &parsed);
    cJSON_Delete(root);
    return true;
}

static void lines_of_demos_are_scanned(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < ARRAY_LEN(of_demos); i++)
        if (!both_read(of_demos[i], strlen(of_demos[i])))
            fail_msg("is not scanned: %s", of_demos[i]);
}

static void other_lines_are_left_to_the_parser(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < ARRAY_LEN(of_others); i++) {
        struct line l;
        cJSON *root = NULL;
        assert_false(line_scan(of_others[i], strlen(of_others[i]), &l));
        assert_true(line_parse(of_others[i], strlen(of_others[i]), &l, &root));
        cJSON_Delete(root);
    }
}

/* Scanning looks at no byte behind the line: each is in memory of its own size. */
static void truncated_lines_are_not_scanned(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < ARRAY_LEN(of_demos); i++) {
        for (size_t n = 0; n < strlen(of_demos[i]); n++) {
            char *s = xmalloc(n + (n == 0));
            memcpy(s, of_demos[i], n);
            assert_false(both_read(s, n));
            free(s);
        }
    }
}

/* ---- random changes ---- */

static const char bytes[] = "0123456789.-+eE\"\\{}[]:, \tn\x01\x7f\x80\xff"
                            "phidtsnameargsvaluexy";

static size_t change(struct dice *d, char *s, size_t n)
{
    const size_t at = roll(d, n);

    switch (roll(d, 3)) {
    case 0:
        s[at] = bytes[roll(d, sizeof(bytes) - 1)];
        return n;
    case 1:
        memmove(s + at, s + at + 1, n - at - 1);
        return n - 1;
    default:
        memmove(s + at + 1, s + at, n - at);
        s[at] = bytes[roll(d, sizeof(bytes) - 1)];
        return n + 1;
    }
}

static void changed_lines_are_read_alike_or_left_to_the_parser(void **unused)
{
    (void)unused;
    struct dice d = {20};
    size_t scanned = 0;

    for (int i = 0; i < 300000; i++) {
        char s[512];
        const char *line = of_demos[roll(&d, ARRAY_LEN(of_demos))];
        size_t n = strlen(line);
        memcpy(s, line, n);
        for (size_t k = 1 + roll(&d, 3); k > 0; k--)
            n = change(&d, s, n);
        scanned += both_read(s, n);
    }
    assert_in_range(scanned, 10000, 290000); /* else this tests nothing */
}

static void random_numbers_are_read_alike(void **unused)
{
    (void)unused;
    struct dice d = {30};
    size_t scanned = 0;

    for (int i = 0; i < 100000; i++) {
        char number[3][32], line[256];
        for (int k = 0; k < 3; k++) {
            const size_t whole = roll(&d, 14), decimals = roll(&d, 6);
            size_t n = 0;
            if (k > 0 && roll(&d, 2))
                number[k][n++] = '-';
            for (size_t j = 0; j <= whole; j++)
                number[k][n++] = (char)('0' + roll(&d, 10));
            if (decimals > 0)
                number[k][n++] = '.';
            for (size_t j = 0; j < decimals; j++)
                number[k][n++] = (char)('0' + roll(&d, 10));
            number[k][n] = '\0';
        }
        snprintf(line, sizeof(line),
                 "{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":%s,\"name\":\"p\",\"args\":{\"series\":"
                 "\"s\",\"x\":%s,\"y\":%s}}",
                 number[0], number[1], number[2]);
        scanned += both_read(line, strlen(line));
    }
    assert_in_range(scanned, 10000, 99999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_demos_are_scanned),
        cmocka_unit_test(other_lines_are_left_to_the_parser),
        cmocka_unit_test(truncated_lines_are_not_scanned),
        cmocka_unit_test(changed_lines_are_read_alike_or_left_to_the_parser),
        cmocka_unit_test(random_numbers_are_read_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
