/*
 * test_options.c: the common options, wherever they stand in the command line, and what is said
 * about wrong ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buf.h"
#include "cmd.h"
#include "options.h"
#include "text.h"

enum { MAX_WORDS = 16 };

/* A command line taken apart, and what was printed meanwhile. */
struct taken {
    struct app_options opt;
    char *argv[MAX_WORDS + 1];
    int argc, status;
    bool go_on;
    char out[8192], err[1024];
};

/* Sends fd to a file in memory; the number of the old one. */
static int redirect(int fd)
{
    const int saved = dup(fd), file = memfd_create("output", MFD_CLOEXEC);

    assert_true(saved >= 0 && file >= 0);
    assert_true(dup2(file, fd) >= 0);
    close(file);
    return saved;
}

static void restore(int fd, int saved, char *text, size_t size)
{
    const ssize_t n = pread(fd, text, size - 1, 0);

    assert_true(n >= 0);
    text[n] = '\0';
    assert_true(dup2(saved, fd) >= 0);
    close(saved);
}

/* line: words parted by single blanks; an empty word is written as ''. */
static struct taken take(const char *line)
{
    static char words[1024];
    struct taken t = {.opt = {.now_ms = -1}, .status = -1};
    char *rest = words;

    snprintf(words, sizeof(words), "%s", line);
    t.argv[t.argc++] = (char *)"systutor";
    for (char *word; *line && (word = strsep(&rest, " ")) && t.argc < MAX_WORDS;)
        t.argv[t.argc++] = strcmp(word, "''") == 0 ? (char *)"" : word;
    fflush(stdout);
    fflush(stderr);
    const int saved_out = redirect(STDOUT_FILENO), saved_err = redirect(STDERR_FILENO);
    t.go_on = options_take(&t.opt, &t.argc, t.argv, &t.status);
    fflush(stdout);
    fflush(stderr);
    restore(STDOUT_FILENO, saved_out, t.out, sizeof(t.out));
    restore(STDERR_FILENO, saved_err, t.err, sizeof(t.err));
    return t;
}

/* The words that are left, without the program's name. */
static void expect_words(const struct taken *t, const char *wanted)
{
    struct buf words = {0};

    for (int i = 1; i < t->argc; i++)
        buf_printf(&words, "%s%s", i > 1 ? " " : "", t->argv[i]);
    assert_string_equal(buf_text(&words), wanted);
    assert_string_equal(t->argv[0], "systutor");
    assert_null(t->argv[t->argc]);
    buf_release(&words);
}

static struct taken expect_taken(const char *line, const char *words)
{
    const struct taken t = take(line);

    if (!t.go_on)
        fail_msg("\"%s\" is refused: %s", line, t.err);
    assert_int_equal(t.status, 0);
    assert_string_equal(t.out, "");
    assert_string_equal(t.err, "");
    expect_words(&t, words);
    return t;
}

static void expect_refused(const char *line, const char *says)
{
    const struct taken t = take(line);

    if (t.go_on)
        fail_msg("\"%s\" is taken", line);
    assert_int_equal(t.status, 2);
    assert_string_equal(t.out, "");
    if (!strstr(t.err, says))
        fail_msg("\"%s\": \"%s\" does not say \"%s\"", line, t.err, says);
}

/* ---- where they stand ---- */

static void options_are_taken_wherever_they_stand(void **unused)
{
    (void)unused;
    static const char *const lines[] = {"--db x.db quiz epoll",          "quiz --db x.db epoll",
                                        "quiz epoll --db x.db",          "--db=x.db quiz epoll",
                                        "quiz --db=x.db epoll",          "quiz epoll --db=x.db",
                                        "--db y.db quiz epoll --db x.db"};

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        const struct taken t = expect_taken(lines[i], "quiz epoll");
        assert_string_equal(t.opt.db, "x.db");
        assert_null(t.opt.content);
    }
}

static void without_options_all_stays_as_it_is(void **unused)
{
    (void)unused;
    const struct taken t = expect_taken("quiz epoll -n 3 --plain", "quiz epoll -n 3 --plain");

    assert_null(t.opt.db);
    assert_null(t.opt.content);
    assert_int_equal(t.opt.now_ms, -1);
    assert_false(t.opt.has_seed || t.opt.no_color || t.opt.ascii || t.opt.lang_given);
    expect_taken("", "");
}

static void all_options_at_once(void **unused)
{
    (void)unused;
    const struct taken t = expect_taken(
        "--content dir --no-color demo --seed=7 run --now 5 x --ascii --lang zh k=v --db :memory:",
        "demo run x k=v");

    assert_string_equal(t.opt.content, "dir");
    assert_string_equal(t.opt.db, ":memory:");
    assert_int_equal(t.opt.seed, 7);
    assert_true(t.opt.has_seed && t.opt.no_color && t.opt.ascii && t.opt.lang_given);
    assert_int_equal(t.opt.now_ms, 5000);
    assert_int_equal(text_lang(), LANG_ZH);
    text_set_lang(LANG_EN);
}

static void a_value_may_look_like_anything(void **unused)
{
    (void)unused;
    struct taken t = expect_taken("--db=a=b quiz", "quiz");

    assert_string_equal(t.opt.db, "a=b");
    t = expect_taken("--db --help quiz", "quiz");
    assert_string_equal(t.opt.db, "--help");
    t = expect_taken("--content -- quiz", "quiz");
    assert_string_equal(t.opt.content, "--");
}

static void options_end_at_two_dashes(void **unused)
{
    (void)unused;
    /* The command sees them, and takes its own options up to there only. */
    struct taken t = expect_taken("search -- --db x.db", "search -- --db x.db");
    assert_null(t.opt.db);
    t = expect_taken("search --db y.db -- --help", "search -- --help");
    assert_string_equal(t.opt.db, "y.db");
    expect_taken("search -- -n", "search -- -n");
    expect_taken("-- pipes", "pipes");
    expect_taken("-- -pipes", "-pipes"); /* a lesson's name, if there is one */
    expect_taken("--", "");
}

/* ---- wrong ones ---- */

static void an_unknown_option_is_refused(void **unused)
{
    (void)unused;
    static const char *const lines[] = {
        "--nothing",   "-x",        "--dbx", "--dbx=1",
        "--no-colour", "--ascii=1", "-n 3",  "--seed 1 --nothing quiz"};

    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        expect_refused(lines[i], "unknown option");
    expect_refused("--nothing", "--nothing");
    expect_refused("--nothing", "--help");
    /* behind a command it is the command's */
    expect_taken("quiz --nothing", "quiz --nothing");
    expect_taken("quiz --dbx", "quiz --dbx");
}

static void a_value_that_is_missing_or_wrong_is_refused(void **unused)
{
    (void)unused;
    static const struct {
        const char *line, *says;
    } rows[] = {
        {"--db", "--db needs FILE"},        {"quiz --db", "--db needs FILE"},
        {"--db=", "--db needs FILE"},       {"--db ''", "--db needs FILE"},
        {"--content", "--content needs"},   {"--content=", "--content needs"},
        {"--lang", "--lang needs"},         {"--lang de", "--lang needs"},
        {"--lang=", "--lang needs"},        {"--seed", "--seed needs"},
        {"--seed x", "--seed needs"},       {"--now", "--now needs"},
        {"--now yesterday", "--now needs"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect_refused(rows[i].line, rows[i].says);
}

/* ---- values ---- */

static void a_seed_is_any_64_bit_number(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        uint64_t seed;
    } good[] = {{"0", 0}, {"1", 1}, {"0017", 17}, {"18446744073709551615", UINT64_MAX}};
    static const char *const bad[] = {
        "''", "-1", "+1", "1.5", "0x10", "1e3", "12a", "seed", "18446744073709551616"};

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        char *line = xasprintf("--seed %s", good[i].text);
        const struct taken t = expect_taken(line, "");
        assert_true(t.opt.has_seed && t.opt.seed == good[i].seed);
        free(line);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char *line = xasprintf("--seed %s", bad[i]);
        expect_refused(line, "--seed needs");
        free(line);
    }
}

/* date -u -d TEXT +%s says the same. */
static void a_time_is_seconds_or_a_date(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        int64_t s;
    } good[] = {
        {"0", 0},
        {"1700000000", 1700000000},
        {"1970-01-01", 0},
        {"1970-01-02T00:00:01", 86401},
        {"2026-11-23", 1795392000},
        {"2026-11-23T08:30:00", 1795422600},
        {"2026-11-23T08:30:00Z", 1795422600},
        {"2024-02-29", 1709164800},
        {"2000-12-31T23:59:59", 978307199},
        {"253402300799", INT64_C(253402300799)},
        {"9999-12-31T23:59:59", INT64_C(253402300799)},
    };
    static const char *const bad[] = {
        "''",         "-1",          "now",         "2026-13-01",          "2026-00-10",
        "2026-11-32", "2026-11-23x", "2026-11-23T", "2026-11-23T25:00:00", "2026-11-23T08:30",
        "1969-12-31", "1.5",         "1e3",         "253402300800",        "99999999999999999999",
        "2026-11",    "11-23-2026",  "+5",          "2026-02-30",          "2025-02-29"};
    struct taken t;

    /* Whatever the local time is. */
    assert_int_equal(setenv("TZ", "Asia/Shanghai", 1), 0);
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        char *line = xasprintf("--now %s", good[i].text);
        t = expect_taken(line, "");
        if (t.opt.now_ms != good[i].s * 1000)
            fail_msg("%s is %lld ms", good[i].text, (long long)t.opt.now_ms);
        free(line);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char *line = xasprintf("--now %s", bad[i]);
        expect_refused(line, "--now needs");
        free(line);
    }
    assert_int_equal(unsetenv("TZ"), 0);
}

static void a_language_is_chosen(void **unused)
{
    (void)unused;
    struct taken t = expect_taken("--lang zh", "");

    assert_true(t.opt.lang_given);
    assert_int_equal(text_lang(), LANG_ZH);
    t = expect_taken("--lang=en", "");
    assert_int_equal(text_lang(), LANG_EN);
    t = expect_taken("--lang zh_CN.UTF-8", "");
    assert_int_equal(text_lang(), LANG_ZH);
    text_set_lang(LANG_EN);
}

/* ---- help and version ---- */

static void help_names_every_command_and_option(void **unused)
{
    (void)unused;
    static const char *const lines[] = {"--help", "-h", "quiz --help", "--db x --help"};
    static const char *const options[] = {"--content DIR", "--db FILE",  "--lang en|zh",
                                          "--seed N",      "--now TIME", "--no-color",
                                          "--ascii",       "--help",     "--version"};
    size_t n;
    const struct command *const *all = cmd_all(&n);

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        const struct taken t = take(lines[i]);
        assert_false(t.go_on);
        assert_int_equal(t.status, 0);
        assert_string_equal(t.err, "");
        for (size_t k = 0; k < ARRAY_LEN(options); k++)
            if (!strstr(t.out, options[k]))
                fail_msg("no %s in the help", options[k]);
        for (size_t k = 0; k < n; k++)
            assert_non_null(strstr(t.out, all[k]->summary));
    }
}

static void the_version_is_one_line(void **unused)
{
    (void)unused;
    const struct taken t = take("--version");

    assert_false(t.go_on);
    assert_int_equal(t.status, 0);
    assert_string_equal(t.err, "");
    assert_memory_equal(t.out, "systutor ", 9);
    assert_ptr_equal(strchr(t.out, '\n'), t.out + strlen(t.out) - 1);
}

static void commands_are_found_by_name(void **unused)
{
    (void)unused;
    size_t n;
    const struct command *const *all = cmd_all(&n);

    assert_true(n > 5);
    for (size_t i = 0; i < n; i++)
        assert_ptr_equal(options_command(all[i]->name), all[i]);
    assert_null(options_command("nothing"));
    assert_null(options_command(""));
    assert_null(options_command("qui"));
    assert_null(options_command("quizz"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_taken_wherever_they_stand),
        cmocka_unit_test(without_options_all_stays_as_it_is),
        cmocka_unit_test(all_options_at_once),
        cmocka_unit_test(a_value_may_look_like_anything),
        cmocka_unit_test(options_end_at_two_dashes),
        cmocka_unit_test(an_unknown_option_is_refused),
        cmocka_unit_test(a_value_that_is_missing_or_wrong_is_refused),
        cmocka_unit_test(a_seed_is_any_64_bit_number),
        cmocka_unit_test(a_time_is_seconds_or_a_date),
        cmocka_unit_test(a_language_is_chosen),
        cmocka_unit_test(help_names_every_command_and_option),
        cmocka_unit_test(the_version_is_one_line),
        cmocka_unit_test(commands_are_found_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
