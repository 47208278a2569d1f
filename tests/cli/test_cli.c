/*
 * test_cli.c: the commands as a script or a screen reader meets them: the real program with pipes.
 *
 * tests/cli/pack is a small pack with every kind of question and one demo; tests of `demo run` use
 * the tutor's own content, which alone is run. Transcripts are held against tests/cli/golden;
 * GENERATE=1 rewrites them.
 */
#include "cli.h"

#include <cjson/cJSON.h>
#include <glob.h>

#define NOW       "--now", "2026-11-23T08:30:00"
#define SEED      "--seed", "5"
#define PACK      "--content", "tests/cli/pack"
#define MS_OF_NOW 1795422600000

/* ---- JSON ---- */

static cJSON *parse(const struct cli *r)
{
    cJSON *root = cJSON_Parse(r->out);

    if (!root)
        fail_msg("no JSON:\n%s\nstderr: %s", r->out, r->err);
    return root;
}

/* "name:kind" words: s string, n number, b bool, a array, o object, t {"en","zh"}; a capital letter
 * may also be null. The object has these members and no others. */
static void expect_fields(const cJSON *object, const char *fields)
{
    char *copy = strdup(fields), *rest = copy;
    int n = 0;

    assert_true(cJSON_IsObject(object));
    for (char *word; (word = strsep(&rest, " ")); n++) {
        char *colon = strchr(word, ':');
        *colon = '\0';
        const cJSON *m = cJSON_GetObjectItemCaseSensitive(object, word);
        const char kind = colon[1];
        const bool ok = (strchr("sS", kind) && cJSON_IsString(m)) ||
                        (strchr("nN", kind) && cJSON_IsNumber(m)) ||
                        (kind == 'b' && cJSON_IsBool(m)) || (kind == 'a' && cJSON_IsArray(m)) ||
                        (kind == 'o' && cJSON_IsObject(m)) ||
                        (strchr("tT", kind) && cJSON_IsString(cJSON_GetObjectItem(m, "en")) &&
                         cJSON_IsString(cJSON_GetObjectItem(m, "zh"))) ||
                        (strchr("SNT", kind) && cJSON_IsNull(m));
        if (!ok)
            fail_msg("\"%s\" is not of kind %c in %s", word, kind, cJSON_Print(object));
    }
    if (cJSON_GetArraySize(object) != n)
        fail_msg("%d members, not %d: %s", cJSON_GetArraySize(object), n, cJSON_Print(object));
    free(copy);
}

static const cJSON *member(const cJSON *object, const char *name)
{
    const cJSON *m = cJSON_GetObjectItemCaseSensitive(object, name);

    assert_non_null(m);
    return m;
}

static const cJSON *first_of(const cJSON *object, const char *name)
{
    const cJSON *m = cJSON_GetArrayItem(member(object, name), 0);

    assert_non_null(m);
    return m;
}

static void is_number(const cJSON *object, const char *name, double value)
{
    assert_true(cJSON_GetNumberValue(member(object, name)) == value);
}

static void is_text(const cJSON *object, const char *name, const char *value)
{
    assert_string_equal(cJSON_GetStringValue(member(object, name)), value);
}

/* ---- golden transcripts ---- */

static void expect_golden(const char *name, const char *text)
{
    char path[256];

    snprintf(path, sizeof(path), "tests/cli/golden/%s", name);
    if (getenv("GENERATE")) {
        write_file(path, text);
        return;
    }
    char *expected = read_file(path);
    assert_non_null(expected);
    assert_string_equal(text, expected);
    free(expected);
}

/* ---- lessons ---- */

static void lessons_are_listed_with_their_progress(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "lessons", PACK, NULL);
    expect_status(&r, 0);
    assert_string_equal(r.out, "Basics (basics)\n"
                               "  pipes               Pipes\n"
                               "                      pages 0 of 2, questions answered 0 of 6, "
                               "right 0\n");
    cli(&r, "", "lessons", PACK, "--lang", "zh", NULL);
    expect_has(r.out, "基础 (basics)\n");
    cli_release(&r);
}

static void lessons_as_json_have_the_documented_fields(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "lessons", "--json", PACK, NULL);
    expect_status(&r, 0);
    cJSON *root = parse(&r);
    expect_fields(root, "tracks:a");
    const cJSON *track = first_of(root, "tracks");
    expect_fields(track, "track:s title:t lessons:a");
    const cJSON *lesson = first_of(track, "lessons");
    expect_fields(lesson, "lesson:s title:t minutes:n pages:n pages_seen:n questions:n answered:n "
                          "right:n due:n demos:n broken:S");
    is_text(lesson, "lesson", "pipes");
    is_number(lesson, "questions", 6);
    cJSON_Delete(root);
    cli_release(&r);
}

static void asking_for_lessons_makes_no_database(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "lessons", PACK, NULL);
    cli(&r, "", "stats", PACK, NULL);
    expect_status(&r, 0);
    assert_int_equal(access(home_path(".local"), F_OK), -1);
    cli_release(&r);
}

static void a_broken_lesson_is_listed_with_its_reason_and_the_quiz_says_it_too(void **unused)
{
    struct cli r = {0};

    (void)unused;
    copy_tree("tests/cli/pack", home_path("pack"));
    edit_file(home_path("pack/10-basics/20-pipes/quiz.json"), "\"id\": \"size\"", "\"id\": 7");
    cli(&r, "", "lessons", "--content", home_path("pack"), NULL);
    expect_status(&r, 0);
    expect_has(r.out, "broken: ");
    expect_has(r.out, "quiz.json: questions[2].id");
    cli(&r, "", "lessons", "--json", "--content", home_path("pack"), NULL);
    cJSON *root = parse(&r);
    assert_true(cJSON_IsString(member(first_of(first_of(root, "tracks"), "lessons"), "broken")));
    cJSON_Delete(root);
    cli(&r, "", "quiz", "pipes", "--content", home_path("pack"), NULL);
    expect_status(&r, 1);
    expect_has(r.err, "questions[2].id");
    cli_release(&r);
}

/* ---- wrong usage ---- */

static void wrong_words_are_refused_and_the_nearest_is_named(void **unused)
{
    static const struct {
        const char *args[6];
        const char *words;
    } cases[] = {
        {{"lessns"}, "did you mean \"lessons\""},
        {{"lessons", "--jsn"}, "did you mean \"--json\""},
        {{"lessons", "extra"}, "takes no \"extra\""},
        {{"quiz", "pipe"}, "did you mean \"pipes\""},
        {{"quiz", "basic"}, "did you mean \"basics\""},
        {{"quiz", "-n", "0"}, "needs a number from 1"},
        {{"quiz", "-n"}, "-n needs a value"},
        {{"demo"}, "needs list, show or run"},
        {{"demo", "rnu"}, "did you mean \"run\""},
        {{"demo", "run"}, "needs the name of a demo"},
        {{"demo", "show", "taly"}, "did you mean \"tally\""},
        {{"demo", "show", "tally", "n=1"}, "name of a demo only"},
        {{"demo", "list", "x"}, "list takes --json only"},
        {{"demo", "run", "tally", "m=1"}, "no parameter \"m\""},
        {{"demo", "run", "tally", "n=65"}, "from 1 to 64"},
        {{"demo", "run", "tally", "way=onc"}, "once, each"},
        {{"demo", "run", "tally", "--lens", "starce"}, "did you mean \"strace\""},
        {{"demo", "run", "tally", "--lens"}, "--lens needs a value"},
        {{"demo", "show", "tally", "--lens", "gdb"}, "name of a demo only"},
        {{"demo", "list", "--lens", "gdb"}, "list takes --json only"},
        {{"stats", "x"}, "takes no \"x\""},
        {{"search"}, "needs a word"},
        {{"search", "-n", "many", "x"}, "-n needs a number"},
        {{"check", "a", "b"}, "takes one folder"},
        {{"doctor", "--rebild"}, "did you mean \"--rebuild\""},
    };
    struct cli r = {0};

    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *const *a = cases[i].args;
        cli(&r, "", PACK, a[0], a[1], a[2], a[3], a[4], NULL);
        expect_status(&r, 2);
        assert_string_equal(r.out, "");
        expect_has(r.err, cases[i].words);
    }
    cli_release(&r);
}

static void what_was_typed_is_never_printed_raw(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "quiz", "\033]0;x\a\xff", PACK, NULL);
    expect_status(&r, 2);
    expect_lacks(r.err, "\033");
    expect_lacks(r.err, "\xff");
    cli(&r, "\033[2Jx\n\xff\n1\n1\n1\n1\n1\n1\n", "quiz", PACK, SEED, NULL);
    expect_lacks(r.out, "\033");
    expect_lacks(r.out, "\xff");
    cli(&r, "", "search", "\033[2J", "--json", PACK, NULL);
    expect_lacks(r.out, "\033");
    cli_release(&r);
}

static void output_that_cannot_be_written_is_a_failure(void **unused)
{
    struct cli r = {0};
    char command[512];

    (void)unused;
    snprintf(command, sizeof(command), "%s lessons --content tests/cli/pack >/dev/full", tutor());
    cli_run(&r, "", (char *[]){(char *)"/bin/sh", (char *)"-c", command, NULL});
    expect_status(&r, 1);
    expect_has(r.err, "cannot write");
    cli_release(&r);
}

/* ---- quiz ---- */

/* In turn: wrong, right, partly right and unreadable answers; see golden/quiz-en.txt. */
static const char answers[] = "ba 2\n"
                              "\n"
                              "EPIPE\n"
                              "many\n"
                              "64\n"
                              "9\n"
                              "c\n"
                              "1\n"
                              "1 2 3\n"
                              "3 1 4 2\n";

static void a_quiz_reads_as_lines_in_both_languages(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, answers, "quiz", "pipes", "--plain", PACK, SEED, NOW, NULL);
    expect_golden("quiz-en.txt", r.out);
    expect_golden("quiz-en.err", r.err);
    cli(&r, answers, "quiz", "pipes", PACK, SEED, NOW, "--lang", "zh", "--db", home_path("zh.db"),
        NULL);
    expect_golden("quiz-zh.txt", r.out);
    expect_golden("quiz-zh.err", r.err);
    cli_release(&r);
}

/* The order of questions and choices is that of the seed; "1" is an answer to each in the end. */
static const char ones[] =
    "1\n1 2 3 4\n1\n1 2 3 4\n1\n1 2 3 4\n1\n1 2 3 4\n1\n1 2 3 4\n1\n1 2 3 4\n"
    "1\n1 2 3 4\n";

static void a_quiz_that_is_answered_ends_with_0_whatever_the_score(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, ones, "quiz", "pipes", PACK, SEED, NULL);
    expect_status(&r, 0);
    expect_has(r.out, " of 6 right; score ");
    expect_has(r.out, "Missed:");
    assert_string_equal(r.err, "");
    cli_release(&r);
}

static void a_quiz_goes_on_where_its_input_ended(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "1\n1 2 3 4\n", "quiz", "pipes", PACK, SEED, NOW, NULL);
    expect_status(&r, 1);
    expect_has(r.out, "Question 1 of 6");
    expect_has(r.err, " of 6 answered. The session is kept");
    cli(&r, "", "lessons", "--json", PACK, NOW, NULL);
    cJSON *root = parse(&r);
    const cJSON *lesson = first_of(first_of(root, "tracks"), "lessons");
    const int answered = (int)cJSON_GetNumberValue(member(lesson, "answered"));
    assert_in_range(answered, 1, 2);
    cJSON_Delete(root);

    char words[64];
    cli(&r, ones, "quiz", "pipes", PACK, "--seed", "99", NOW, NULL); /* its seed is kept too */
    expect_status(&r, 0);
    snprintf(words, sizeof(words), "Going on where you left: %d of 6 answered.", answered);
    expect_has(r.out, words);
    snprintf(words, sizeof(words), "Question %d of 6", answered + 1);
    expect_has(r.out, words);
    expect_lacks(r.out, "Question 1 of 6");
    cli(&r, ones, "quiz", "pipes", PACK, SEED, NOW, NULL);
    expect_has(r.out, "6 questions. Each answer is saved");
    cli_release(&r);
}

static void topics_are_found_again_in_any_order_and_a_track_is_a_topic(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "quiz", "pipes", "basics", PACK, SEED, NULL);
    expect_status(&r, 1);
    expect_has(r.out, "6 questions.");
    cli(&r, "", "quiz", "pipes", "basics", "-n", "2", PACK, SEED, NULL);
    expect_status(&r, 1);
    expect_has(r.out, "2 questions."); /* -n asks for a quiz of its own */
    cli(&r, ones, "quiz", "basics", "pipes", "basics", PACK, NULL);
    expect_status(&r, 0);
    expect_has(r.out, "Going on where you left: 0 of 6 answered.");
    cli(&r, ones, "quiz", "basics", PACK, NULL);
    expect_status(&r, 0);
    expect_has(r.out, "6 questions.");
    cli_release(&r);
}

static void a_quiz_in_memory_says_that_nothing_is_kept(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "quiz", "pipes", PACK, "--db", ":memory:", NULL);
    expect_status(&r, 1);
    expect_has(r.err, "Nothing is kept");
    cli_release(&r);
}

static void an_unusable_store_ends_the_quiz_before_it_asks(void **unused)
{
    struct cli r = {0};

    (void)unused;
    write_file(home_path("other.db"), "this is no database, and was never one");
    cli(&r, ones, "quiz", "pipes", PACK, "--db", home_path("other.db"), NULL);
    expect_status(&r, 1);
    assert_string_equal(r.out, "");
    expect_has(r.err, "other.db: not a database");
    cli_release(&r);
}

/* ---- demo ---- */

static void demos_are_listed(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "demo", "list", PACK, NULL);
    expect_status(&r, 0);
    assert_string_equal(r.out, "tally (pipes)\n"
                               "    Writes n bytes into a pipe and reads them back\n"
                               "    n=1..64 (4)  way=once|each (each)  quiet=0..1 (0)\n");
    cli(&r, "", "demo", "list", "--json", PACK, NULL);
    cJSON *root = parse(&r);
    expect_fields(root, "demos:a");
    const cJSON *demo = first_of(root, "demos");
    expect_fields(demo, "demo:s lesson:s title:t summary:t limit_s:n claims:a params:a");
    expect_fields(first_of(demo, "params"), "name:s label:t kind:s min:n max:n default:n");
    const cJSON *way = cJSON_GetArrayItem(member(demo, "params"), 1);
    expect_fields(way, "name:s label:t kind:s choices:a default:s");
    is_text(way, "default", "each");
    cJSON_Delete(root);
    cli_release(&r);
}

static void the_source_of_a_demo_is_shown(void **unused)
{
    struct cli r = {0};
    char *source = read_file("tests/cli/pack/10-basics/20-pipes/tally.c");

    (void)unused;
    cli(&r, "", "demo", "show", "tally", PACK, NULL);
    expect_status(&r, 0);
    assert_string_equal(r.out, source);
    free(source);
    cli_release(&r);
}

static void a_demo_of_another_pack_is_not_run(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "demo", "run", "tally", PACK, NULL);
    expect_status(&r, 1);
    assert_string_equal(r.out, "");
    expect_has(r.err, "tally: not run");
    cli_release(&r);
}

static void a_run_prints_its_verdicts_and_is_kept(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "demo", "run", "epoll-xray", "n=3", NOW, NULL);
    expect_status(&r, 0);
    expect_has(r.out, "epoll_create1:\n");
    expect_has(r.out, "\npass: ");
    expect_has(r.out, "; rule: ");
    expect_has(r.err, "ended after ");
    cli(&r, "", "stats", "--json", NULL);
    cJSON *root = parse(&r);
    is_number(root, "runs", 1);
    cJSON_Delete(root);
    cli_release(&r);
}

static void a_run_as_json_has_the_documented_fields(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "demo", "run", "epoll-xray", "n=3", "--json", NULL);
    expect_status(&r, 0);
    assert_string_equal(r.err, "");
    cJSON *root = parse(&r);
    expect_fields(root, "demo:s lesson:s args:s status:s code:n elapsed_ms:n output:a "
                        "truncated_bytes:n verdicts:a predicted:S lens:S report:a");
    is_text(root, "status", "ok");
    assert_true(cJSON_IsNull(member(root, "lens")));
    assert_int_equal(cJSON_GetArraySize(member(root, "report")), 0);
    expect_has(cJSON_GetStringValue(member(root, "args")), "n=3 ");
    assert_true(cJSON_IsString(first_of(root, "output")));
    expect_fields(first_of(root, "verdicts"), "claim:s text:T result:s measured:s number:N rule:s");
    cJSON_Delete(root);
    cli_release(&r);
}

static void a_trace_is_one_array_of_events(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "demo", "run", "epoll-xray", "--trace", home_path("trace.json"), NULL);
    expect_status(&r, 0);
    char *text = read_file(home_path("trace.json"));
    assert_non_null(text);
    cJSON *events = cJSON_Parse(text);
    assert_true(cJSON_IsArray(events));
    assert_true(cJSON_GetArraySize(events) > 1);
    for (int i = 0; i < cJSON_GetArraySize(events); i++)
        assert_true(cJSON_IsString(member(cJSON_GetArrayItem(events, i), "ph")));
    cJSON_Delete(events);
    free(text);
    cli(&r, "", "demo", "run", "epoll-xray", "--trace", home_path("none/trace.json"), NULL);
    expect_status(&r, 1);
    assert_string_equal(r.out, "");
    expect_has(r.err, "none/trace.json: cannot write");
    cli_release(&r);
}

static void a_run_without_a_usable_store_still_runs(void **unused)
{
    struct cli r = {0};

    (void)unused;
    write_file(home_path("other.db"), "this is no database, and was never one");
    cli(&r, "", "demo", "run", "epoll-xray", "--db", home_path("other.db"), NULL);
    expect_status(&r, 0);
    expect_has(r.out, "\npass: ");
    expect_has(r.err, "will not be kept");
    cli_release(&r);
}

/* ---- lenses ---- */

/* Says why, and skips the test, if the doctor says that a lens does not work here. */
static void need_lens(const char *name)
{
    struct cli r = {0};
    char line[64];

    cli(&r, "", "doctor", NULL);
    snprintf(line, sizeof(line), "ok    lens      %s: ", name);
    const bool works = strstr(r.out, line) != NULL;
    if (!works)
        print_message("%s", r.out);
    cli_release(&r);
    if (!works)
        skip();
}

static void a_run_through_a_lens_prints_its_report_and_is_not_kept(void **unused)
{
    struct cli r = {0};

    (void)unused;
    need_lens("strace");
    cli(&r, "", "demo", "run", "epoll-xray", "--lens", "strace", NULL);
    expect_status(&r, 0);
    expect_has(r.out, "epoll_create1:\n");
    expect_has(r.out, "\npass: ");
    const char *report = strstr(r.out, "\nits system calls (strace):\nsystem calls: ");
    assert_non_null(report);
    expect_has(report, "\n  epoll_create1: ");
    expect_lacks(report, "\npass: ");
    cli(&r, "", "demo", "run", "epoll-xray", "--lens", "strace", "--lang", "zh", NULL);
    expect_has(r.out, "\n系统调用（strace）:\n系统调用 ");
    cli(&r, "", "stats", "--json", NULL);
    cJSON *root = parse(&r);
    is_number(root, "runs", 0);
    cJSON_Delete(root);
    cli_release(&r);
}

static void a_report_as_json_has_the_documented_fields(void **unused)
{
    struct cli r = {0};

    (void)unused;
    need_lens("gdb");
    cli(&r, "", "demo", "run", "epoll-xray", "--json", "--lens=gdb", NULL);
    expect_status(&r, 0);
    cJSON *root = parse(&r);
    is_text(root, "lens", "gdb");
    expect_fields(first_of(root, "report"), "text:s line:N");
    assert_true(cJSON_GetArraySize(member(root, "verdicts")) > 0);
    cJSON_Delete(root);
    cli_release(&r);
}

static void a_trace_has_what_the_lens_shows(void **unused)
{
    struct cli r = {0};

    (void)unused;
    need_lens("strace");
    cli(&r, "", "demo", "run", "epoll-xray", "--lens", "strace", "--trace", home_path("calls.json"),
        NULL);
    expect_status(&r, 0);
    char *text = read_file(home_path("calls.json"));
    assert_non_null(text);
    expect_has(text, "\"name\":\"epoll_create1\"");
    expect_has(text, "\"cat\":\"verdict\"");
    cJSON *events = cJSON_Parse(text);
    assert_true(cJSON_IsArray(events));
    cJSON_Delete(events);
    free(text);
    cli_release(&r);
}

static void a_sanitizer_is_built_into_the_cache_once(void **unused)
{
    struct cli r = {0};
    glob_t made;

    (void)unused;
    need_lens("asan");
    for (int i = 0; i < 2; i++) {
        cli(&r, "", "demo", "run", "epoll-xray", "--lens", "asan", NULL);
        expect_status(&r, 0);
        expect_has(r.out, "\npass: ");
        expect_has(r.out, "\nits memory errors (AddressSanitizer):\n");
        assert_int_equal(glob(home_path(".cache/systutor/build/*"), 0, NULL, &made), 0);
        assert_int_equal(made.gl_pathc, 1);
        globfree(&made);
    }
    cli_release(&r);
}

static void a_lens_that_is_missing_is_named_with_its_package(void **unused)
{
    struct cli r = {0};
    char *path = strdup(getenv("PATH"));

    (void)unused;
    setenv("PATH", home, 1);
    cli(&r, "", "demo", "run", "epoll-xray", "--lens", "strace", NULL);
    expect_status(&r, 1);
    assert_string_equal(r.out, "");
    expect_has(r.err, "strace is not here; install the package strace");
    cli(&r, "", "doctor", NULL);
    expect_has(r.out, "warn  lens      strace: strace is not here; install the package strace\n");
    expect_has(r.out, "warn  lens      perf: perf is not here; install the package linux-perf\n");
    expect_has(r.out, "warn  lens      gdb: gdb is not here; install the package gdb\n");
    expect_has(r.out, "warn  lens      tsan: cc: no such compiler; install the package gcc");
    setenv("PATH", path, 1);
    free(path);
    cli_release(&r);
}

/* ---- kept runs: the files of tests/term/traces ---- */

#define TRACE(name) "tests/term/traces/" name

/* Every line has its time and four tabs; nothing else in it is a control byte. */
static void expect_event_lines(const char *out, int n)
{
    for (; *out; n--) {
        const size_t len = strcspn(out, "\n");
        int tabs = 0;
        assert_in_range(out[0], '0', '9');
        for (size_t i = 0; i < len; i++) {
            tabs += out[i] == '\t';
            assert_true(out[i] == '\t' || (unsigned char)out[i] >= ' ');
            assert_int_not_equal(out[i], 0x7f);
        }
        assert_int_equal(tabs, 4);
        out += len + 1;
    }
    assert_int_equal(n, 0);
}

static void a_kept_run_reads_as_lines(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "trace", TRACE("lanes.json"), NULL);
    expect_status(&r, 0);
    assert_string_equal(r.err, "");
    expect_golden("trace.txt", r.out);
    cli(&r, "", "trace", "--plain", TRACE("lanes.json"), NULL);
    expect_golden("trace.txt", r.out);
    cli(&r, "", "trace", TRACE("messages.json"), "--plain", NULL);
    expect_event_lines(r.out, 21);
    expect_has(r.out, "\tserver\tsend\t200 OK\tHTTP/1.1 200 OK | Content-Type: text/plain | ");
    expect_has(r.out, " | 40: a line of the page, with some words in it\n");
    cli_release(&r);
}

static void two_kept_runs_are_compared_in_lines(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "trace", TRACE("level.json"), TRACE("edge.json"), NULL);
    expect_status(&r, 0);
    assert_string_equal(r.out, "end_ms\t6.300000\t3.300000\n"
                               "wakeups\t5\t2\n"
                               "bytes\t2560\t1024\n"
                               "missed\t-\t3\n");
    cli_release(&r);
}

static void a_kept_run_as_json_has_the_documented_fields(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "trace", TRACE("level.json"), TRACE("edge.json"), "--json", NULL);
    expect_status(&r, 0);
    cJSON *root = parse(&r);
    expect_fields(root, "runs:a");
    assert_int_equal(cJSON_GetArraySize(member(root, "runs")), 2);
    const cJSON *run = first_of(root, "runs");
    expect_fields(run, "title:s events:n end_ms:n lanes:a counters:o verdicts:a thinned:n "
                       "bad_lines:n unbalanced:n");
    is_text(run, "title", "compare");
    is_number(run, "events", 46);
    is_number(run, "end_ms", 6.3);
    assert_int_equal(cJSON_GetArraySize(member(run, "lanes")), 2);
    assert_string_equal(cJSON_GetStringValue(first_of(run, "lanes")), "reader");
    is_number(member(run, "counters"), "bytes", 2560);
    expect_fields(first_of(run, "verdicts"), "claim:s result:s measured:s rule:s");
    is_text(first_of(run, "verdicts"), "result", "pass");
    is_number(run, "bad_lines", 0);
    is_text(first_of(cJSON_GetArrayItem(member(root, "runs"), 1), "verdicts"), "result", "fail");
    cJSON_Delete(root);
    cli_release(&r);
}

static void a_hostile_run_is_printed_harmlessly(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "trace", TRACE("broken.json"), NULL);
    expect_status(&r, 0);
    expect_event_lines(r.out, 14);
    assert_null(strstr(r.out, "\xe2\x80\xae")); /* right to left */
    cli(&r, "", "trace", TRACE("broken.json"), "--json", NULL);
    expect_status(&r, 0);
    cJSON *root = parse(&r);
    is_number(first_of(root, "runs"), "bad_lines", 11);
    is_number(first_of(root, "runs"), "unbalanced", 2);
    assert_null(strchr(r.out, '\033'));
    cJSON_Delete(root);
    cli_release(&r);
}

static void a_run_that_cannot_be_read_is_named_with_its_reason(void **unused)
{
    static const struct {
        const char *words[4];
        int status;
        const char *err;
    } cases[] = {
        {{"trace"}, 2, "needs a file that `demo run --trace` has written"},
        {{"trace", "a", "b", "c"}, 2, "usage: systutor trace FILE [FILE]"},
        {{"trace", "--jsn", "a"}, 2, "did you mean \"--json\""},
        {{"trace", "none.json"}, 1, "none.json: cannot open: No such file or directory\n"},
        {{"trace", "tests"}, 1, "tests: not a regular file\n"},
        {{"trace", TRACE("empty.json")}, 1, "empty.json: holds no event of a trace"},
        {{"trace", TRACE("lanes.json"), "none.json"}, 1, "none.json: cannot open"},
    };
    struct cli r = {0};

    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *const *w = cases[i].words;
        cli(&r, "", w[0], w[1], w[1] ? w[2] : NULL, w[1] && w[2] ? w[3] : NULL, NULL);
        expect_status(&r, cases[i].status);
        assert_string_equal(r.out, "");
        expect_has(r.err, cases[i].err);
    }
    cli_release(&r);
}

/* ---- stats ---- */

static void stats_have_the_documented_fields(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, ones, "quiz", "pipes", PACK, SEED, NOW, NULL);
    cli(&r, "", "stats", "--json", PACK, NOW, NULL);
    expect_status(&r, 0);
    cJSON *root = parse(&r);
    expect_fields(root, "answers:n right:n items:n lessons:n sessions:n runs:n predictions:n "
                        "predictions_right:n first_ms:N last_ms:N time_ms:n by_track:a by_lesson:a "
                        "hard:a history:a");
    is_number(root, "answers", 6);
    is_number(root, "first_ms", MS_OF_NOW);
    expect_fields(first_of(root, "by_track"), "track:s title:t answers:n right:n score:n");
    const cJSON *lesson = first_of(root, "by_lesson");
    expect_fields(lesson, "lesson:s track:S title:T answers:n right:n score:n last_ms:N");
    is_number(lesson, "last_ms", MS_OF_NOW);
    expect_fields(first_of(root, "hard"), "item:s answers:n wrong:n");
    const cJSON *session = first_of(root, "history");
    expect_fields(session,
                  "session:s kind:s topic:s start_ms:n end_ms:N items:n answered:n right:n "
                  "score:n");
    is_text(session, "topic", "pipes");
    cJSON_Delete(root);

    cli(&r, "", "stats", PACK, NOW, NULL);
    expect_status(&r, 0);
    expect_has(r.out, "6 answers, ");
    expect_has(r.out, "\n  Basics ");
    expect_has(r.out, "\n    Pipes ");
    expect_has(r.out, "  2026-11-23 08:30  ");
    cli_release(&r);
}

static void stats_keep_what_has_left_the_content(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, ones, "quiz", "pipes", PACK, SEED, NOW, NULL);
    cli(&r, "", "stats", "--json", NULL);
    cJSON *root = parse(&r);
    const cJSON *lesson = first_of(root, "by_lesson");
    is_text(lesson, "lesson", "pipes");
    assert_true(cJSON_IsNull(member(lesson, "track")));
    assert_true(cJSON_IsNull(member(lesson, "title")));
    assert_int_equal(cJSON_GetArraySize(member(root, "by_track")), 0);
    cJSON_Delete(root);
    cli(&r, "", "stats", NULL);
    expect_has(r.out, "\n    pipes ");
    cli_release(&r);
}

/* ---- search ---- */

static void search_finds_lines_and_says_where(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "search", "QUEUE", "bytes", PACK, NULL);
    expect_status(&r, 0);
    assert_string_equal(r.out, "pipes, page 1: A pipe is a queue of bytes.\n");
    cli(&r, "", "search", "queue", "--json", PACK, NULL);
    cJSON *root = parse(&r);
    expect_fields(root, "query:s hits:a more:b");
    expect_fields(first_of(root, "hits"), "kind:s lesson:s title:t page:N name:S line:s");
    is_number(first_of(root, "hits"), "page", 1);
    cJSON_Delete(root);
    cli_release(&r);
}

static void search_stops_at_n_and_fails_without_a_hit(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "search", "pipe", "-n1", PACK, NULL);
    expect_status(&r, 0);
    assert_ptr_equal(strchr(r.out, '\n') + 1, r.out + strlen(r.out));
    expect_has(r.err, "more than these 1");
    cli(&r, "", "search", "kangaroo", PACK, NULL);
    expect_status(&r, 1);
    assert_string_equal(r.out, "");
    cli(&r, "", "search", "kangaroo", "--json", PACK, NULL);
    expect_status(&r, 1);
    cJSON *root = parse(&r);
    assert_int_equal(cJSON_GetArraySize(member(root, "hits")), 0);
    assert_true(cJSON_IsFalse(member(root, "more")));
    cJSON_Delete(root);
    cli_release(&r);
}

/* ---- check ---- */

static const char quiz_file[] = "pack/10-basics/20-pipes/quiz.json";
static const char demo_file[] = "pack/10-basics/20-pipes/tally.c";
static const char output_file[] = "pack/10-basics/20-pipes/q-print.c";

static void make_pack(void)
{
    copy_tree("tests/cli/pack", home_path("pack"));
    copy_tree("content/include", home_path("pack/include"));
    copy_tree("content/lib", home_path("pack/lib"));
}

static void a_sound_pack_has_no_finding(void **unused)
{
    struct cli r = {0};

    (void)unused;
    make_pack();
    cli(&r, "", "check", home_path("pack"), NULL);
    expect_status(&r, 0);
    assert_string_equal(r.out, "");
    cli(&r, "", "check", home_path("none"), NULL);
    expect_status(&r, 1);
    expect_has(r.err, "none: cannot open");
    cli_release(&r);
}

static void a_finding_is_a_line_of_path_field_and_words(void **unused)
{
    struct cli r = {0};

    (void)unused;
    make_pack();
    edit_file(home_path(quiz_file),
              "\"claim\": \"finite\",\n      \"meaning\": 1,\n      \"text\": "
              "{\n        \"en\": \"Which",
              "\"claim\": \"infinite\",\n      \"meaning\": 1,\n      \"text\": {\n        \"en\": "
              "\"Which");
    cli(&r, "", "check", home_path("pack"), NULL);
    expect_status(&r, 1);
    assert_int_equal(strncmp(r.out, "10-basics/20-pipes/quiz.json: questions[1].claim: ", 50), 0);
    expect_has(r.err, "1 finding\n");
    cli_release(&r);
}

static void a_sound_pack_proves_itself(void **unused)
{
    struct cli r = {0};

    (void)unused;
    make_pack();
    cli(&r, "", "check", home_path("pack"), "--run", NULL);
    expect_status(&r, 0);
    assert_string_equal(r.out, "");
    expect_has(r.err, "without a sandbox");
    expect_has(r.err, "1/2 10-basics/20-pipes/tally.c\n");
    expect_has(r.err, "2/2 10-basics/20-pipes/q-print.c\n");
    cli_release(&r);
}

/* Each thing that --run holds against a program is broken once. */
static void what_a_program_does_not_keep_is_found(void **unused)
{
    static const struct {
        const char *file, *from, *to, *finding;
    } cases[] = {
        {demo_file, "\"bytes to write\", 1, 64", "\"bytes to write\", 1, 65",
         "tally.c: --params prints"},
        {demo_file, "{\"quiet\", \"print nothing\", 0, 1, 0, NULL},",
         "{\"loud\", \"\", 0, 1, 0, NULL},", "tally.c: --params does not print quiet"},
        {demo_file, "same ? DEMO_PASS", "!same ? DEMO_PASS", "verdict on fifo fails: measured 4 "},
        {demo_file, "\"fifo\"", "\"lifo\"",
         "tally.c: [n=4 way=each quiet=0] gives no verdict on fifo"},
        {demo_file, "\"fifo\"", "\"lifo\"", "gives a verdict on lifo, which"},
        {demo_file, "return demo_finish();",
         "return (int)write(1000, \"no event\\n\", 9) - 9 + demo_finish();", /* see TRACE_FD_LEAST
                                                                              */
         "writes 1 trace lines that cannot be read"},
        {demo_file, "return demo_finish();", "return 4;", "ends with exit status 4"},
        {demo_file, "return demo_finish();", "__builtin_abort();", "is killed by signal 6"},
        {demo_file, "return demo_finish();", "for (;;) pause();",
         "runs longer than its limit_s of 1"},
        {demo_file, "return demo_finish();", "return \"\";", "tally.c: does not compile: error: "},
        {"pack/lib/demo.c", "#include \"demo.h\"", "#include \"damo.h\"",
         "lib/demo.c: does not compile: "},
        {"pack/10-basics/20-pipes/lesson.json", "16,\n              17", "16.5,\n              17",
         "which matches 0 choices of its prediction"},
        {output_file, "read(p[0], got, 2)", "read(p[0], got, 1)", "q-print.c: run 1 prints \"a"},
        {output_file, "%zd\\n\", got, n", "%zd %d\\n\", got, n, getpid()",
         "the key of question prints"},
        {output_file, "return 0", "return 5", "q-print.c: ends with exit status 5"},
        {output_file, "return 0", "return x", "q-print.c: does not compile: "},
    };
    struct cli r = {0};

    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        make_pack();
        edit_file(home_path("pack/10-basics/20-pipes/lesson.json"), "\"limit_s\": 5",
                  "\"limit_s\": 1");
        edit_file(home_path(cases[i].file), cases[i].from, cases[i].to);
        cli(&r, "", "check", home_path("pack"), "--run", NULL);
        expect_status(&r, 1);
        expect_has(r.out, cases[i].finding);
    }
    cli_release(&r);
}

static void a_missing_compiler_is_named_with_its_package(void **unused)
{
    struct cli r = {0};

    (void)unused;
    make_pack();
    setenv("CC", "no-such-cc -m64", 1);
    cli(&r, "", "check", home_path("pack"), "--run", NULL);
    expect_status(&r, 1);
    expect_has(r.err, "no-such-cc: no such compiler; install the package gcc");
    cli_release(&r);
}

static void nothing_is_left_in_the_temporary_folder(void **unused)
{
    struct cli r = {0};

    (void)unused;
    make_pack();
    assert_int_equal(mkdir(home_path("tmp"), 0700), 0);
    setenv("TMPDIR", home_path("tmp"), 1);
    cli(&r, "", "check", home_path("pack"), "--run", NULL);
    unsetenv("TMPDIR");
    expect_status(&r, 0);
    assert_int_equal(rmdir(home_path("tmp")), 0);
    cli_release(&r);
}

/* ---- doctor ---- */

/* Every line starts with ok, warn or fail. */
static void expect_doctor_lines(const char *out)
{
    for (const char *at = out; *at; at += strcspn(at, "\n") + 1)
        assert_true(strncmp(at, "ok ", 3) == 0 || strncmp(at, "warn ", 5) == 0 ||
                    strncmp(at, "fail ", 5) == 0);
}

static void the_doctor_finds_nothing_wrong_here(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, "", "doctor", NULL);
    expect_doctor_lines(r.out);
    expect_status(&r, 0);
    expect_has(r.out, "ok    terminal  TERM=xterm-256color, 256 colours\n");
    expect_has(r.out, "not there yet");
    expect_has(r.out, "lessons are sound\n");
    assert_int_equal(access(home_path(".local"), F_OK), -1);
    cli_release(&r);
}

static void the_doctor_names_what_is_wrong(void **unused)
{
    struct cli r = {0};

    (void)unused;
    write_file(home_path("other.db"), "this is no database, and was never one");
    setenv("TERM", "no-such-terminal", 1);
    setenv("CC", "no-such-cc", 1);
    setenv("LANG", "C", 1);
    cli(&r, "", "doctor", "--db", home_path("other.db"), "--content", home_path("none"), NULL);
    expect_doctor_lines(r.out);
    expect_status(&r, 1);
    expect_has(r.out, "fail  terminal  TERM=no-such-terminal is not known here");
    expect_has(r.out, "warn  compiler  no-such-cc does not run");
    expect_has(r.out, "warn  locale    \"C\" is not UTF-8");
    expect_has(r.out, "fail  store     ");
    expect_has(r.out, "fail  content   ");
    cli_release(&r);
}

static void the_doctor_counts_and_rebuilds_the_store(void **unused)
{
    struct cli r = {0};

    (void)unused;
    cli(&r, ones, "quiz", "pipes", PACK, SEED, NOW, NULL);
    cli(&r, "", "doctor", "--rebuild", NULL);
    expect_status(&r, 0);
    expect_has(r.out, "ok    store     made anew from its events\n");
    expect_has(r.out, "ok    store     sound: 6 answers, 1 quizzes, 0 demo runs\n");
    cli_release(&r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, cli_setup, cli_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lessons_are_listed_with_their_progress),
        TEST(lessons_as_json_have_the_documented_fields),
        TEST(asking_for_lessons_makes_no_database),
        TEST(a_broken_lesson_is_listed_with_its_reason_and_the_quiz_says_it_too),
        TEST(wrong_words_are_refused_and_the_nearest_is_named),
        TEST(what_was_typed_is_never_printed_raw),
        TEST(output_that_cannot_be_written_is_a_failure),
        TEST(a_quiz_reads_as_lines_in_both_languages),
        TEST(a_quiz_that_is_answered_ends_with_0_whatever_the_score),
        TEST(a_quiz_goes_on_where_its_input_ended),
        TEST(topics_are_found_again_in_any_order_and_a_track_is_a_topic),
        TEST(a_quiz_in_memory_says_that_nothing_is_kept),
        TEST(an_unusable_store_ends_the_quiz_before_it_asks),
        TEST(demos_are_listed),
        TEST(the_source_of_a_demo_is_shown),
        TEST(a_demo_of_another_pack_is_not_run),
        TEST(a_run_prints_its_verdicts_and_is_kept),
        TEST(a_run_as_json_has_the_documented_fields),
        TEST(a_trace_is_one_array_of_events),
        TEST(a_run_without_a_usable_store_still_runs),
        TEST(a_run_through_a_lens_prints_its_report_and_is_not_kept),
        TEST(a_report_as_json_has_the_documented_fields),
        TEST(a_trace_has_what_the_lens_shows),
        TEST(a_sanitizer_is_built_into_the_cache_once),
        TEST(a_lens_that_is_missing_is_named_with_its_package),
        TEST(a_kept_run_reads_as_lines),
        TEST(two_kept_runs_are_compared_in_lines),
        TEST(a_kept_run_as_json_has_the_documented_fields),
        TEST(a_hostile_run_is_printed_harmlessly),
        TEST(a_run_that_cannot_be_read_is_named_with_its_reason),
        TEST(stats_have_the_documented_fields),
        TEST(stats_keep_what_has_left_the_content),
        TEST(search_finds_lines_and_says_where),
        TEST(search_stops_at_n_and_fails_without_a_hit),
        TEST(a_sound_pack_has_no_finding),
        TEST(a_finding_is_a_line_of_path_field_and_words),
        TEST(a_sound_pack_proves_itself),
        TEST(what_a_program_does_not_keep_is_found),
        TEST(a_missing_compiler_is_named_with_its_package),
        TEST(nothing_is_left_in_the_temporary_folder),
        TEST(the_doctor_finds_nothing_wrong_here),
        TEST(the_doctor_names_what_is_wrong),
        TEST(the_doctor_counts_and_rebuilds_the_store),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
