/*
 * test_trace_export.c: a kept run is what the Chrome Trace Event Format asks for: every begin has
 * its end in its lane, arrows pair up, times never fall, each phase has its fields; for made-up
 * traces, for broken ones, and for every demo that is shipped. What is read back is what was kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "trace_export.h"

enum { MAX_FILE = 64 * 1024 * 1024, MAX_TID = 1100, MAX_ARROWS = 100000 };

static char *dir, *path; /* of the file that is written */

static int make_dir(void **unused)
{
    (void)unused;
    dir = xstrdup("/tmp/systutor-export-XXXXXX");
    assert_non_null(mkdtemp(dir));
    path = xasprintf("%s/trace.json", dir);
    return 0;
}

static int remove_dir(void **unused)
{
    (void)unused;
    unlink(path);
    rmdir(dir);
    free(path);
    free(dir);
    return 0;
}

/* ---- the format ---- */

struct format {
    double last_ts[MAX_TID];
    int depth[MAX_TID];
    signed char arrows[MAX_ARROWS]; /* by id: 1 sent, 2 received */
};

static const cJSON *member(const cJSON *o, const char *name)
{
    const cJSON *m = cJSON_GetObjectItemCaseSensitive(o, name);

    if (!m)
        fail_msg("%s is missing: %s", name, cJSON_PrintUnformatted(o));
    return m;
}

static void is_text(const cJSON *o, const char *name)
{
    assert_true(cJSON_IsString(member(o, name)));
}

static void check_args(const cJSON *e, char ph)
{
    const cJSON *args = cJSON_GetObjectItemCaseSensitive(e, "args");

    if (args)
        assert_true(cJSON_IsObject(args));
    if (ph == 'M')
        is_text(args, "name");
    if (ph == 'C') { /* a counter's tracks are numbers */
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(args, "value");
        assert_true(value ? cJSON_IsNumber(value) : cJSON_IsNumber(member(args, "x")));
    }
    if (ph == 'O') {
        is_text(e, "id");
        assert_true(cJSON_IsArray(member(member(args, "snapshot"), "nodes")));
    }
    if (ph == 'i')
        assert_non_null(strstr("gpt", member(e, "s")->valuestring));
}

static void check_arrow(struct format *f, const cJSON *e, char ph)
{
    const int id = member(e, "id")->valueint;

    assert_in_range(id, 1, MAX_ARROWS - 1);
    is_text(e, "cat");
    if (ph == 's') {
        assert_int_equal(f->arrows[id], 0); /* an id is used once */
        f->arrows[id] = 1;
    } else {
        assert_int_equal(f->arrows[id], 1);
        assert_string_equal(member(e, "bp")->valuestring, "e");
        f->arrows[id] = 2;
    }
}

static void check_event(struct format *f, const cJSON *e)
{
    assert_true(cJSON_IsObject(e));
    const char *ph = member(e, "ph")->valuestring;
    const int tid = member(e, "tid")->valueint;
    const double ts = member(e, "ts")->valuedouble;

    assert_int_equal(strlen(ph), 1);
    assert_non_null(strchr("MBEisfCO", *ph));
    assert_int_equal(member(e, "pid")->valueint, 1);
    assert_in_range(tid, 1, MAX_TID - 1);
    assert_true(isfinite(ts) && ts >= 0);
    if (*ph != 'M') {
        assert_true(ts >= f->last_ts[tid]);
        f->last_ts[tid] = ts;
    }
    if (*ph != 'E')
        is_text(e, "name");
    f->depth[tid] += *ph == 'B' ? 1 : *ph == 'E' ? -1 : 0;
    assert_true(f->depth[tid] >= 0);
    if (*ph == 's' || *ph == 'f')
        check_arrow(f, e, *ph);
    check_args(e, *ph);
}

static cJSON *read_file(void)
{
    struct buf text = {0};
    struct err e;

    if (!buf_read_file(&text, path, MAX_FILE, &e))
        fail_msg("%s", e.text);
    cJSON *all = cJSON_Parse(buf_text(&text));
    assert_true(cJSON_IsArray(all));
    buf_release(&text);
    return all;
}

static void check_file(const char *title)
{
    struct format *f = x_array(1, sizeof(*f));
    cJSON *all = read_file();
    const cJSON *e;

    assert_string_equal(member(cJSON_GetArrayItem(all, 0), "name")->valuestring, "process_name");
    assert_string_equal(member(member(cJSON_GetArrayItem(all, 0), "args"), "name")->valuestring,
                        title);
    cJSON_ArrayForEach(e, all)
    {
        check_event(f, e);
    }
    for (int tid = 0; tid < MAX_TID; tid++)
        assert_int_equal(f->depth[tid], 0);
    for (int id = 0; id < MAX_ARROWS; id++)
        assert_int_not_equal(f->arrows[id], 1);
    cJSON_Delete(all);
    free(f);
}

static void keep(struct trace *t, const char *title)
{
    struct err e;

    trace_settle(t);
    if (!trace_export(t, title, path, &e))
        fail_msg("%s", e.text);
}

static struct trace *trace_of(const char *lines)
{
    struct trace *t = trace_new();

    trace_feed(t, lines, strlen(lines));
    trace_settle(t);
    return t;
}

/* ---- made-up traces ---- */

static const char whole[] =
    "{\"ph\":\"M\",\"pid\":1,\"tid\":0,\"ts\":0,\"name\":\"thread_name\",\"args\":{\"name\":\"a "
    "\\\"b\\\"\"}}\n"
    "{\"ph\":\"M\",\"pid\":1,\"tid\":5,\"ts\":0,\"name\":\"thread_name\",\"args\":{\"name\":"
    "\"\\u8bfb\\u8005\"}}\n"
    "{\"ph\":\"B\",\"pid\":1,\"tid\":0,\"ts\":1.5,\"name\":\"serve\",\"cat\":\"run\"}\n"
    "{\"ph\":\"s\",\"pid\":1,\"tid\":0,\"ts\":2,\"name\":\"ask\",\"id\":7,\"args\":{\"text\":\"GET "
    "/\\r\\nHost: x\"}}\n"
    "{\"ph\":\"f\",\"pid\":1,\"tid\":5,\"ts\":3,\"name\":\"ask\",\"bp\":\"e\",\"id\":7}\n"
    "{\"ph\":\"i\",\"pid\":1,\"tid\":5,\"ts\":3,\"name\":\"got\",\"s\":\"t\",\"args\":{\"text\":"
    "\"back\\\\slash\"}}\n"
    "{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":4,\"name\":\"cost\",\"args\":{\"series\":\"poll\","
    "\"x\":1,\"y\":2.5}}\n"
    "{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":4,\"name\":\"calls\",\"args\":{\"value\":3}}\n"
    "{\"ph\":\"O\",\"pid\":1,\"tid\":0,\"ts\":5,\"name\":\"state\",\"id\":1,\"args\":{\"snapshot\":"
    "{\"name\":\"state\","
    "\"nodes\":[{\"id\":\"n\",\"label\":\"N\",\"fields\":\"k=v "
    "mark=bad\"},{\"id\":\"m\",\"label\":\"M\",\"fields\":\"\"}],"
    "\"edges\":[{\"from\":\"n\",\"to\":\"m\",\"label\":\"next\"}],\"lists\":[{\"name\":\"all\","
    "\"ids\":[\"m\",\"n\"]}]}}}\n"
    "{\"ph\":\"E\",\"pid\":1,\"tid\":0,\"ts\":6}\n"
    "{\"ph\":\"i\",\"pid\":1,\"tid\":0,\"ts\":7,\"name\":\"claim\",\"s\":\"g\",\"cat\":\"verdict\","
    "\"args\":{\"result\":\"pass\","
    "\"measured\":12.25,\"unit\":\"ms\",\"rule\":\"less\"}}\n";

static void same_events(const struct trace *a, const struct trace *b)
{
    assert_int_equal(trace_count(a), trace_count(b));
    for (size_t i = 0; i < trace_count(a); i++) {
        const struct trace_event *x = trace_event(a, i), *y = trace_event(b, i);
        assert_int_equal(x->ts_ns, y->ts_ns);
        assert_int_equal(x->kind, y->kind);
        assert_int_equal(x->lane, y->lane);
        assert_string_equal(trace_word(a, x->name), trace_word(b, y->name));
        assert_string_equal(trace_event_text(a, i), trace_event_text(b, i));
    }
}

static void what_is_read_back_is_what_was_kept(void **unused)
{
    (void)unused;
    struct trace *t = trace_of(whole);
    struct err e;

    assert_int_equal(trace_health(t)->bad_lines, 0);
    /* The ends of lines of HTTP are ends of lines. */
    assert_string_equal(trace_event_text(t, trace_arrow(t, 0).send), "GET /\nHost: x");
    keep(t, "made-up");
    check_file("made-up");
    struct trace *back = trace_load(path, &e);
    assert_non_null(back);
    same_events(t, back);
    assert_string_equal(trace_title(back), "made-up");
    assert_string_equal(trace_lane_name(back, 0), "a \"b\"");
    assert_string_equal(trace_verdict(back, "claim")->measured, "12.25 ms");
    assert_true(trace_counter_at(back, 0, trace_count(back) - 1) == 3);
    const struct trace_graph *g = trace_snapshot(back, 0);
    assert_int_equal(g->n_nodes, 2);
    assert_string_equal(g->nodes[0].fields[1].value, "bad");
    assert_string_equal(g->edges[0].label, "next");
    assert_int_equal(g->lists[0].nodes[0], 1);
    trace_free(back);
    trace_free(t);
}

static void what_is_open_or_lost_is_closed_or_noted(void **unused)
{
    (void)unused;
    struct trace *t = trace_of(
        "{\"ph\":\"B\",\"pid\":1,\"tid\":0,\"ts\":1,\"name\":\"outer\",\"cat\":\"run\"}\n"
        "{\"ph\":\"B\",\"pid\":1,\"tid\":0,\"ts\":2,\"name\":\"inner\",\"cat\":\"block\"}\n"
        "{\"ph\":\"E\",\"pid\":1,\"tid\":3,\"ts\":3}\n"
        "{\"ph\":\"s\",\"pid\":1,\"tid\":0,\"ts\":4,\"name\":\"lost\",\"id\":1}\n"
        "{\"ph\":\"f\",\"pid\":1,\"tid\":0,\"ts\":5,\"name\":\"stray\",\"id\":2}\n"
        "{\"ph\":\"i\",\"pid\":1,\"tid\":0,\"ts\":6,\"name\":\"last\",\"s\":\"t\"}\n");

    keep(t, "open");
    check_file("open");
    trace_free(t);
}

/* Lines of threads come in batches: the file is in the order of time all the same. */
static void late_lines_are_put_in_their_place(void **unused)
{
    (void)unused;
    struct trace *t =
        trace_of("{\"ph\":\"i\",\"pid\":1,\"tid\":1,\"ts\":9,\"name\":\"late\",\"s\":\"t\"}\n"
                 "{\"ph\":\"B\",\"pid\":1,\"tid\":2,\"ts\":1,\"name\":\"early\",\"cat\":\"run\"}\n"
                 "{\"ph\":\"E\",\"pid\":1,\"tid\":2,\"ts\":3}\n"
                 "{\"ph\":\"i\",\"pid\":1,\"tid\":1,\"ts\":2,\"name\":\"between\",\"s\":\"t\"}\n");

    keep(t, "late");
    check_file("late");
    trace_free(t);
}

static void rubbish_leaves_no_trace_in_the_file(void **unused)
{
    (void)unused;
    struct trace *t = trace_of("rubbish\n{\"ph\":\"i\"\n[]\n{\"ph\":\"Z\",\"ts\":1}\n\"]\n"
                               "{\"ph\":\"i\",\"pid\":1,\"tid\":1,\"ts\":2,\"name\":\"\\u001b[2J\","
                               "\"s\":\"t\",\"args\":{\"text\":\"\\u0007\\u202e\"}}\n");
    struct buf text = {0};
    struct err e;

    keep(t, "rubbish");
    check_file("rubbish");
    assert_true(buf_read_file(&text, path, MAX_FILE, &e));
    for (size_t i = 0; i < text.len; i++)
        assert_true(text.text[i] == '\n' || (unsigned char)text.text[i] >= 0x20);
    buf_release(&text);
    trace_free(t);
}

static void a_file_that_cannot_be_written_is_named(void **unused)
{
    (void)unused;
    struct trace *t = trace_of(whole);
    struct err e;

    char *nowhere = xasprintf("%s/none/trace.json", dir);
    assert_false(trace_export(t, "x", nowhere, &e));
    assert_non_null(strstr(e.text, nowhere));
    free(nowhere);
    assert_false(trace_export(t, "x", "/dev/full", &e));
    assert_non_null(strstr(e.text, "/dev/full"));
    trace_free(t);
}

/* ---- the demos that are shipped ---- */

static struct trace *run_demo(const char *program)
{
    struct trace *t = trace_new();
    char bytes[65536];
    int fds[2], status;

    assert_int_equal(pipe(fds), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char fd[16];
        snprintf(fd, sizeof(fd), "%d", fds[1]);
        close(fds[0]);
        setenv("SYSTUTOR_TRACE_FD", fd, 1);
        if (!freopen("/dev/null", "w", stdout))
            _exit(9);
        execl(program, program, NULL);
        _exit(9);
    }
    close(fds[1]);
    for (ssize_t n; (n = read(fds[0], bytes, sizeof(bytes))) > 0;)
        trace_feed(t, bytes, (size_t)n);
    close(fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("%s ends with %#x", program, (unsigned)status);
    trace_settle(t);
    return t;
}

static size_t received(const struct trace *t)
{
    size_t n = 0;

    for (size_t i = 0; i < trace_arrows(t); i++)
        n += trace_arrow(t, i).recv != TRACE_NONE;
    return n;
}

static void every_demo_can_be_kept(void **unused)
{
    (void)unused;
    const char *tutor = getenv("SYSTUTOR_BIN");
    const char *slash = tutor ? strrchr(tutor, '/') : NULL;
    char *pattern = slash ? xasprintf("%.*s/demos/*/*", (int)(slash - tutor), tutor)
                          : xstrdup("build/demos/*/*");
    glob_t demos;
    size_t seen = 0;

    if (glob(pattern, 0, NULL, &demos) != 0)
        fail_msg("%s: there are no demos", pattern);
    free(pattern);
    for (size_t i = 0; i < demos.gl_pathc; i++) {
        const char *program = demos.gl_pathv[i], *name = strrchr(program, '/') + 1;
        if (strchr(name, '.')) /* what the compiler has noted */
            continue;
        struct trace *t = run_demo(program);
        const struct trace_health *h = trace_health(t);
        struct err e;
        if (h->bad_lines > 0 || h->thinned > 0 || h->unbalanced > 0 || h->late > 0)
            fail_msg("%s: %zu bad lines, %zu thinned, %zu unbalanced, %zu late", name, h->bad_lines,
                     h->thinned, h->unbalanced, h->late);
        keep(t, name);
        check_file(name);
        struct trace *back = trace_load(path, &e);
        assert_non_null(back);
        assert_int_equal(trace_health(back)->bad_lines, 0);
        assert_int_equal(trace_arrows(back), received(t));
        assert_int_equal(trace_snapshots(back), trace_snapshots(t));
        trace_free(back);
        trace_free(t);
        seen++;
    }
    assert_true(seen >= 8);
    globfree(&demos);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_back_is_what_was_kept),
        cmocka_unit_test(what_is_open_or_lost_is_closed_or_noted),
        cmocka_unit_test(late_lines_are_put_in_their_place),
        cmocka_unit_test(rubbish_leaves_no_trace_in_the_file),
        cmocka_unit_test(a_file_that_cannot_be_written_is_named),
        cmocka_unit_test(every_demo_can_be_kept),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
