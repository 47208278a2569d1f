/*
 * test_demolib.c: tests of content/lib/demo.c, the library of the demos.
 *
 * Each test runs a small demo, a function here, in a forked child: with its own arguments, its
 * stdout and stderr in memory files, and its trace, if it has one, in a pipe that is read to the
 * end. The trace is then parsed with cJSON, line by line. Stands alone: links demo.c and nothing
 * else of the project.
 */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unistr.h>

#include "demo.h"

enum { MAX_ARGS = 8, FIRST_FD = 3, DEADLINE_MS = 20000 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = true }; /* its runtime does not stand clone(2) with CLONE_VM */
#else
enum { SANITIZED = false };
#endif

/* How the trace reaches the demo. */
enum trace {
    UNTRACED,
    TRACED,
    TRACED_NONBLOCKING,
    READER_GONE,
    READER_LEAVES,
    READER_COUNTS, /* the notes called "note", and keeps nothing */
    BAD_FD,
    READ_ONLY_FD
};

static struct run {
    int status; /* of waitpid */
    char out[64 * 1024], err[4096];
    char trace[2 * 1024 * 1024];
    int writes;        /* that brought the trace */
    int notes, others; /* events, of READER_COUNTS */
    cJSON *events;
} run;

typedef int demo_main(int argc, char **argv);

static const char *const modes[] = {"lt", "et", NULL};
static const struct demo_param params[] = {
    {"n", "how many", .min = -2, .max = 64, .def = 4},
    {"mode", "which way", .choices = modes, .def = 1},
    {0},
};

static void start(int argc, char **argv)
{
    demo_start(argc, argv, "a demo of demos", params);
}

/* ---- looking at events ---- */

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

    return text ? text : "(none)";
}

static double number_of(const cJSON *object, const char *key)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, key);

    assert_true(cJSON_IsNumber(number));
    return number->valuedouble;
}

static const cJSON *args_of(const cJSON *event)
{
    return cJSON_GetObjectItemCaseSensitive(event, "args");
}

/* ---- running a demo ---- */

static void become_demo(demo_main *demo, enum trace how, char **argv, int argc, const int fds[4])
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    for (int sig = 1; !SANITIZED && sig < NSIG; sig++) /* cmocka catches some */
        signal(sig, SIG_DFL);
    if (how != UNTRACED)
        setenv("SYSTUTOR_TRACE_FD", how == BAD_FD ? "banana" : "3", 1);
    /* Clear of the numbers they go to. */
    const int out = fcntl(fds[0], F_DUPFD, 100), err = fcntl(fds[1], F_DUPFD, 100);
    const int trace = fcntl(how == READ_ONLY_FD ? fds[2] : fds[3], F_DUPFD, 100);
    if (how == TRACED_NONBLOCKING)
        fcntl(trace, F_SETFL, O_NONBLOCK);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    dup2(trace, FIRST_FD);
    close_range(how == UNTRACED ? FIRST_FD : FIRST_FD + 1, UINT_MAX, 0);
    exit(demo(argc, argv)); /* as from main */
}

static void read_file(int fd, char *text, size_t size)
{
    const ssize_t n = pread(fd, text, size - 1, 0);

    assert_true(n >= 0);
    text[n] = '\0';
    close(fd);
}

/* Reads until every writer has closed the pipe. It is one of packets: each write(2) is seen, and
 * must be of whole lines. */
static void read_trace(int fd)
{
    size_t len = 0;
    ssize_t n;

    run.writes = 0;
    do {
        assert_int_equal(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, DEADLINE_MS), 1);
        n = read(fd, run.trace + len, sizeof(run.trace) - 1 - len);
        assert_true(n >= 0);
        len += (size_t)n;
        assert_true(len + PIPE_BUF < sizeof(run.trace));
        assert_true(n == 0 || run.trace[len - 1] == '\n');
        run.writes += n > 0;
    } while (n > 0);
    run.trace[len] = '\0';
    close(fd);
}

/* Reads a trace of any length: notes called "note" must have the texts 0, 1, 2 and so on. */
static void count_notes(int fd)
{
    char bytes[PIPE_BUF + 1];
    ssize_t n;

    run.notes = run.others = 0;
    while ((n = read(fd, bytes, PIPE_BUF)) > 0) {
        bytes[n] = '\0';
        assert_int_equal(bytes[n - 1], '\n');
        for (char *line = bytes, *end; *line; line = end + 1) {
            end = strchr(line, '\n');
            cJSON *event = cJSON_ParseWithLength(line, (size_t)(end - line));
            assert_true(cJSON_IsObject(event));
            if (strcmp(text_of(event, "name"), "note") == 0)
                assert_int_equal(atoi(text_of(args_of(event), "text")), run.notes++);
            else
                run.others++;
            cJSON_Delete(event);
        }
    }
    close(fd);
}

/* Until its writers are asleep: for a while no byte more has come. */
static void wait_until_full(int fd)
{
    int bytes = 0, before = -1;

    for (int ms = 0, still = 0; still < 50 && ms < DEADLINE_MS; ms++) {
        poll(NULL, 0, 1);
        assert_int_equal(ioctl(fd, FIONREAD, &bytes), 0);
        still = bytes == before && bytes > 32 * 1024 ? still + 1 : 0;
        before = bytes;
    }
}

/* Each line whole, at most PIPE_BUF bytes, UTF-8 without control bytes, and one JSON object. */
static void parse_trace(void)
{
    cJSON_Delete(run.events);
    run.events = cJSON_CreateArray();
    for (char *line = run.trace, *end; *line; line = end + 1) {
        end = line + strcspn(line, "\n");
        assert_int_equal(*end, '\n');
        assert_true(end - line + 1 <= PIPE_BUF);
        *end = '\0';
        assert_null(u8_check((const uint8_t *)line, (size_t)(end - line)));
        for (const char *p = line; p < end; p++)
            assert_false((unsigned char)*p < 0x20 || *p == 0x7F);
        cJSON *event = cJSON_ParseWithOpts(line, NULL, true);
        if (!cJSON_IsObject(event))
            fail_msg("not a JSON object: %s", line);
        cJSON_AddItemToArray(run.events, event);
    }
}

/* Appending, since a memfd has no lock on its offset: write(2) of two threads could overlap. */
static int open_capture(const char *name)
{
    const int fd = memfd_create(name, MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
    return fd;
}

static void run_demo(demo_main *demo, enum trace how, const char *const args[])
{
    char *argv[MAX_ARGS + 2] = {(char *)"demo"};
    int argc = 1, pipe_fds[2];

    run.trace[0] = '\0';
    for (; args[argc - 1]; argc++)
        argv[argc] = (char *)args[argc - 1];
    const int out = open_capture("out"), err = open_capture("err");
    const int packets = how == READER_LEAVES ? 0 : O_DIRECT;
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC | packets), 0);
    fflush(NULL);           /* or the child's exit() writes it too */
    if (how == READER_GONE) /* in both processes, before the first write */
        close(pipe_fds[0]);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        become_demo(demo, how, argv, argc, (const int[]){out, err, pipe_fds[0], pipe_fds[1]});
    }
    close(pipe_fds[1]);
    if (how == READER_LEAVES)
        wait_until_full(pipe_fds[0]);
    if (how == READER_LEAVES)
        close(pipe_fds[0]);
    else if (how == READER_COUNTS)
        count_notes(pipe_fds[0]);
    else if (how != READER_GONE)
        read_trace(pipe_fds[0]);
    assert_int_equal(waitpid(pid, &run.status, 0), pid);
    read_file(out, run.out, sizeof(run.out));
    read_file(err, run.err, sizeof(run.err));
    parse_trace();
}

/* Runs a demo with arguments; NULL for none. */
#define RUN(demo, how, ...) run_demo(demo, how, (const char *const[]){__VA_ARGS__, NULL})

static void assert_exit(int status)
{
    if (!WIFEXITED(run.status) || WEXITSTATUS(run.status) != status)
        fail_msg("wait status %#x, not exit %d; stderr: %s", (unsigned)run.status, status, run.err);
}

/* The demo found a mistake in itself and said which. */
static void assert_bug(const char *message)
{
    assert_true(WIFSIGNALED(run.status));
    assert_int_equal(WTERMSIG(run.status), SIGABRT);
    assert_string_equal(run.err, message);
}

static int count_events(const char *ph, const char *name)
{
    const cJSON *event;
    int n = 0;

    cJSON_ArrayForEach(event, run.events) n +=
        strcmp(text_of(event, "ph"), ph) == 0 && strcmp(text_of(event, "name"), name) == 0;
    return n;
}

/* The one event of this kind and name. */
static const cJSON *the_event(const char *ph, const char *name)
{
    const cJSON *event;

    assert_int_equal(count_events(ph, name), 1);
    cJSON_ArrayForEach(event,
                       run.events) if (strcmp(text_of(event, "ph"), ph) == 0 &&
                                       strcmp(text_of(event, "name"), name) == 0) return event;
    return NULL;
}

/* ---- parameters ---- */

static int say_params(int argc, char **argv)
{
    start(argc, argv);
    demo_say("%ld %s", demo_int("n"), demo_choice("mode"));
    return demo_finish();
}

static void test_params_have_defaults_and_are_set_by_name(void **state)
{
    (void)state;
    RUN(say_params, UNTRACED, NULL);
    assert_exit(0);
    assert_string_equal(run.out, "4 et\n");
    RUN(say_params, UNTRACED, "mode=lt", "n=64");
    assert_string_equal(run.out, "64 lt\n");
    RUN(say_params, UNTRACED, "n=-2");
    assert_string_equal(run.out, "-2 et\n");
    RUN(say_params, UNTRACED, "n=5", "n=6");
    assert_string_equal(run.out, "6 et\n");
}

static void test_bad_arguments_exit_2_and_say_what_is_legal(void **state)
{
    static const char *const numbers[] = {
        "n=65", "n=-3",  "n=",    "n=1x", "n= 1",
        "n=+1", "n=0x1", "n=1.5", "n",    "n=99999999999999999999"};
    static const char *const choices[] = {"mode=xt", "mode=", "mode=l", "mode=lt ", "mode"};
    static const char *const unknown[] = {"m=1", "nn=1", "", "=", "--nope", "-h", "N=1"};
    char expected[256];

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        RUN(say_params, UNTRACED, numbers[i]);
        assert_exit(2);
        snprintf(expected, sizeof(expected), "demo: %s: needs n=-2..64\n", numbers[i]);
        assert_string_equal(run.err, expected);
        assert_string_equal(run.out, "");
    }
    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        RUN(say_params, UNTRACED, choices[i]);
        assert_exit(2);
        snprintf(expected, sizeof(expected), "demo: %s: needs mode=lt|et\n", choices[i]);
        assert_string_equal(run.err, expected);
    }
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        RUN(say_params, UNTRACED, unknown[i]);
        assert_exit(2);
        snprintf(expected, sizeof(expected), "demo: %s: no such parameter (see --help)\n",
                 unknown[i]);
        assert_string_equal(run.err, expected);
    }
}

static int say_any_number(int argc, char **argv)
{
    static const struct demo_param any[] = {{"n", "h", .min = LONG_MIN, .max = LONG_MAX}, {0}};

    demo_start(argc, argv, "s", any);
    demo_say("%ld", demo_int("n"));
    return 0;
}

static void test_number_too_large_for_a_long_is_refused(void **state)
{
    (void)state;
    RUN(say_any_number, UNTRACED, "n=-9223372036854775808");
    assert_exit(0);
    assert_string_equal(run.out, "-9223372036854775808\n");
    RUN(say_any_number, UNTRACED, "n=9223372036854775808");
    assert_exit(2);
}

static void test_help_tells_people_and_params_tells_programs(void **state)
{
    (void)state;
    RUN(say_params, TRACED, "--help");
    assert_exit(0);
    assert_non_null(strstr(run.out, "usage: "));
    assert_non_null(strstr(run.out, "a demo of demos\n"
                                    "  n=-2..64 (default 4)\n      how many\n"
                                    "  mode=lt|et (default et)\n      which way\n"));
    RUN(say_params, TRACED, "--params");
    assert_exit(0);
    assert_string_equal(run.out, "n\tint\t4\t-2\t64\nmode\tchoice\tet\tlt,et\n");
    assert_string_equal(run.trace, "");
}

static int ask_unknown(int argc, char **argv)
{
    start(argc, argv);
    return (int)demo_int("m");
}

static int ask_wrong_kind(int argc, char **argv)
{
    start(argc, argv);
    return demo_choice("n")[0];
}

static int bad_number_default(int argc, char **argv)
{
    demo_start(argc, argv, "s",
               (const struct demo_param[]){{"n", "h", .min = 1, .max = 2, .def = 3}, {0}});
    return 0;
}

static int bad_choice_default(int argc, char **argv)
{
    demo_start(argc, argv, "s",
               (const struct demo_param[]){{"m", "h", .choices = modes, .def = 2}, {0}});
    return 0;
}

static int start_twice(int argc, char **argv)
{
    start(argc, argv);
    start(argc, argv);
    return 0;
}

static int never_start(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return demo_lane("a");
}

static void test_mistakes_of_a_demo_abort_it(void **state)
{
    (void)state;
    RUN(ask_unknown, UNTRACED, NULL);
    assert_bug("demo: bug: no number parameter is called m\n");
    RUN(ask_wrong_kind, UNTRACED, NULL);
    assert_bug("demo: bug: no choice parameter is called n\n");
    RUN(bad_number_default, UNTRACED, NULL);
    assert_bug("demo: bug: parameter n: its default is not one of its values\n");
    RUN(bad_choice_default, UNTRACED, NULL);
    assert_bug("demo: bug: parameter m: its default is not one of its values\n");
    RUN(start_twice, UNTRACED, NULL);
    assert_bug("demo: bug: demo_start is called twice\n");
    RUN(never_start, UNTRACED, NULL);
    assert_bug("demo: bug: call demo_start first\n");
}

/* ---- output, time ---- */

static int say_long(int argc, char **argv)
{
    char text[3000] = "";

    start(argc, argv);
    demo_say("short %d", 1);
    memset(text, 'x', sizeof(text) - 1);
    demo_say("%s", text);
    return 0;
}

static void test_say_cuts_a_line_at_1_kib(void **state)
{
    (void)state;
    RUN(say_long, UNTRACED, NULL);
    assert_exit(0);
    assert_int_equal(strncmp(run.out, "short 1\nxxx", 11), 0);
    assert_int_equal(strlen(run.out), strlen("short 1\n") + 1024);
    assert_int_equal(strcspn(run.out + 8, "\n"), 1023);
}

static int say_to_full_disk(int argc, char **argv)
{
    start(argc, argv);
    CHECK_SYS(dup2((int)CHECK_SYS(open("/dev/full", O_WRONLY)), STDOUT_FILENO));
    demo_say("lost");
    return 0;
}

static void test_lost_output_is_an_error(void **state)
{
    (void)state;
    RUN(say_to_full_disk, UNTRACED, NULL);
    assert_exit(3);
    assert_string_equal(run.err, "demo: cannot write to standard output: ENOSPC\n");
}

static void ignore(int signo)
{
    (void)signo;
}

static int sleep_through_signals(int argc, char **argv)
{
    const struct sigaction action = {.sa_handler = ignore};
    const struct itimerval every_ms = {{0, 1000}, {0, 1000}};

    start(argc, argv);
    CHECK_SYS(sigaction(SIGALRM, &action, NULL));
    CHECK_SYS(setitimer(ITIMER_REAL, &every_ms, NULL));
    const int64_t before = demo_now_ns();
    demo_sleep_ns(20000000);
    CHECK(demo_now_ns() - before >= 20000000);
    demo_sleep_ns(0);
    demo_sleep_ns(-1);
    return 0;
}

static void test_sleep_is_whole_under_signals(void **state)
{
    (void)state;
    RUN(sleep_through_signals, UNTRACED, NULL);
    assert_exit(0);
}

/* ---- trace ---- */

static int trace_everything(int argc, char **argv)
{
    start(argc, argv);
    const int lane = demo_lane("worker");
    CHECK(lane == 1);
    demo_begin(0, DEMO_RUN, "a");
    demo_begin(lane, DEMO_READY, "b");
    demo_begin(0, DEMO_BLOCK, "c");
    demo_begin(0, DEMO_SLEEP, "d");
    demo_begin(0, DEMO_CALL, "e");
    demo_begin(0, DEMO_HOLD, "f");
    demo_end(lane);
    demo_note(lane, "plain", "%s is %d", "it", 7);
    demo_note(0, "bare", NULL);
    demo_recv(lane, "wake", demo_send(0, "wake"));
    demo_recv(lane, "get", demo_send_text(0, "get", "GET %s\n\tHost: \"a\"\n", "/"));
    demo_point("curve", "poll", 0.5, -3e9);
    demo_count("syscalls", 41);
    demo_count("load", -0.125);
    demo_snap_begin("fds");
    demo_snap_edge("p1", "f1", "3");
    demo_snap_node("p1", "parent", "pid=1 fds=2");
    demo_snap_node("f1", "file", "");
    demo_snap_list("ready", (const char *const[]){"p1", "f1"}, 2);
    demo_snap_list("empty", NULL, 0);
    demo_snap_end();
    return demo_finish();
}

static void test_every_event_has_its_chrome_form(void **state)
{
    static const char *const spans[][2] = {{"a", "run"},   {"b", "ready"}, {"c", "block"},
                                           {"d", "sleep"}, {"e", "call"},  {"f", "hold"}};

    (void)state;
    RUN(trace_everything, TRACED, NULL);
    assert_exit(0);
    assert_string_equal(run.out, "");
    assert_int_equal(count_events("M", "thread_name"), 2);
    assert_string_equal(text_of(args_of(cJSON_GetArrayItem(run.events, 0)), "name"), "main");
    assert_string_equal(text_of(args_of(cJSON_GetArrayItem(run.events, 1)), "name"), "worker");
    assert_int_equal((int)number_of(cJSON_GetArrayItem(run.events, 1), "tid"), 1);
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
        assert_string_equal(text_of(the_event("B", spans[i][0]), "cat"), spans[i][1]);
    assert_int_equal((int)number_of(the_event("B", "b"), "tid"), 1);
    assert_int_equal((int)number_of(the_event("E", "(none)"), "tid"), 1);
    const cJSON *note = the_event("i", "plain");
    assert_string_equal(text_of(note, "s"), "t");
    assert_string_equal(text_of(args_of(note), "text"), "it is 7");
    assert_string_equal(text_of(args_of(the_event("i", "bare")), "text"), "");
    const cJSON *recv = the_event("f", "wake");
    assert_string_equal(text_of(recv, "bp"), "e");
    assert_true(number_of(recv, "id") == number_of(the_event("s", "wake"), "id"));
    const cJSON *get = the_event("s", "get");
    assert_true(number_of(the_event("f", "get"), "id") == number_of(get, "id"));
    assert_string_equal(text_of(args_of(get), "text"), "GET /\n\tHost: \"a\"\n");
    assert_null(cJSON_GetObjectItem(args_of(get), "cut"));
    assert_true(number_of(args_of(the_event("C", "syscalls")), "value") == 41);
    assert_true(number_of(args_of(the_event("C", "load")), "value") == -0.125);
    const cJSON *point = args_of(the_event("C", "curve"));
    assert_string_equal(text_of(point, "series"), "poll");
    assert_true(number_of(point, "x") == 0.5 && number_of(point, "y") == -3e9);
}

static void test_snapshot_holds_nodes_edges_and_lists(void **state)
{
    (void)state;
    RUN(trace_everything, TRACED, NULL);
    const cJSON *event = the_event("O", "fds");
    assert_int_equal((int)number_of(event, "id"), 1);
    const cJSON *snapshot = cJSON_GetObjectItemCaseSensitive(args_of(event), "snapshot");
    char *text = cJSON_PrintUnformatted(snapshot);
    assert_string_equal(text, "{\"name\":\"fds\","
                              "\"nodes\":[{\"id\":\"p1\",\"label\":\"parent\",\"fields\":\"pid=1 "
                              "fds=2\"},{\"id\":\"f1\",\"label\":\"file\",\"fields\":\"\"}],"
                              "\"edges\":[{\"from\":\"p1\",\"to\":\"f1\",\"label\":\"3\"}],"
                              "\"lists\":[{\"name\":\"ready\",\"ids\":[\"p1\",\"f1\"]},"
                              "{\"name\":\"empty\",\"ids\":[]}]}");
    cJSON_free(text);
}

static int trace_big_snapshots(int argc, char **argv)
{
    static const char *ids[2000];
    char fields[700];

    start(argc, argv);
    for (int i = 0; i < 2000; i++)
        ids[i] = "0123456789";
    demo_snap_begin("many-nodes");
    for (int i = 0; i < 500; i++)
        demo_snap_node("node", "label", "k=v");
    demo_snap_end();
    memset(fields, 'x', sizeof(fields) - 1);
    fields[sizeof(fields) - 1] = '\0';
    demo_snap_begin("big-nodes");
    for (int i = 0; i < 6; i++)
        demo_snap_node("node", "label", fields);
    demo_snap_edge("a", "b", "fits");
    demo_snap_end();
    demo_snap_begin("long-list");
    demo_snap_node("node", "label", "k=v");
    demo_snap_list("l", ids, 2000);
    demo_snap_end();
    return 0;
}

static const cJSON *part_of(const char *snap, const char *part)
{
    return cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(args_of(the_event("O", snap)), "snapshot"), part);
}

static void test_big_snapshot_is_cut_to_what_came_first(void **state)
{
    (void)state;
    RUN(trace_big_snapshots, TRACED, NULL);
    assert_exit(0);
    const int nodes = cJSON_GetArraySize(part_of("many-nodes", "nodes"));
    assert_true(nodes > 50 && nodes < 500);
    assert_true(cJSON_IsTrue(part_of("many-nodes", "cut")));
    assert_int_equal(cJSON_GetArraySize(part_of("big-nodes", "nodes")), 5);
    assert_int_equal(cJSON_GetArraySize(part_of("big-nodes", "edges")), 0);
    assert_true(cJSON_IsTrue(part_of("big-nodes", "cut")));
    assert_int_equal(cJSON_GetArraySize(part_of("long-list", "nodes")), 1);
    assert_int_equal(cJSON_GetArraySize(part_of("long-list", "lists")), 0);
    assert_true(cJSON_IsTrue(part_of("long-list", "cut")));
}

static const char *const hostile[][2] = {
    {"quote \" slash \\ percent %n", "quote \" slash \\ percent %n"},
    {"\x01\x1f\x7f\t\r\nend", "\x01\x1f\x7f\t\r\nend"},
    {"中文 \xF0\x9F\x98\x80", "中文 \xF0\x9F\x98\x80"},
    {"bad \xFF\xC0\xAF.", "bad \uFFFD\uFFFD\uFFFD."},
    {"cut \xE4\xB8", "cut \uFFFD\uFFFD"},
    {"overlong \xE0\x80\x80.", "overlong \uFFFD\uFFFD\uFFFD."},
    {"overlong \xF0\x80\x80\x80.", "overlong \uFFFD\uFFFD\uFFFD\uFFFD."},
    {"surrogate \xED\xA0\x80.", "surrogate \uFFFD\uFFFD\uFFFD."},
    {"too large \xF4\x90\x80\x80\xF5\x80\x80\x80.",
     "too large \uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD."},
    {"},\"args\":{}}\n{\"ph\":\"M\"}", "},\"args\":{}}\n{\"ph\":\"M\"}"},
};

enum { N_HOSTILE = sizeof(hostile) / sizeof(hostile[0]) };

static int trace_hostile(int argc, char **argv)
{
    start(argc, argv);
    for (int i = 0; i < N_HOSTILE; i++)
        demo_note(0, hostile[i][0], "%s", hostile[i][0]);
    return 0;
}

static void test_hostile_strings_come_through_escaped(void **state)
{
    (void)state;
    RUN(trace_hostile, TRACED, NULL);
    assert_exit(0);
    assert_int_equal(cJSON_GetArraySize(run.events), 1 + N_HOSTILE);
    for (int i = 0; i < N_HOSTILE; i++) {
        const cJSON *event = cJSON_GetArrayItem(run.events, 1 + i);
        assert_string_equal(text_of(event, "name"), hostile[i][1]);
        assert_string_equal(text_of(args_of(event), "text"), hostile[i][1]);
    }
}

static int trace_long_strings(int argc, char **argv)
{
    static const char *const units[] = {"\x01", "\"", "x", "\xFF", "\xF0\x9F\x98\x80"};
    char text[6000];

    start(argc, argv);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        text[0] = (char)('0' + i);
        text[1] = '\0';
        for (size_t n = 1; n < sizeof(text) - 5; n += strlen(units[i]))
            snprintf(text + n, sizeof(text) - n, "%s", units[i]);
        CHECK(demo_lane(text) > 0);
        demo_begin(0, DEMO_RUN, text);
        demo_note(0, text, "%s", text);
        demo_point(text, text, 1e-300 / 3, -1e300 / 3);
        demo_snap_begin(text);
        demo_snap_node("id", "l", "k=v");
        demo_snap_node(text, text, text);
        demo_snap_end();
        demo_verdict_word(text, DEMO_PASS, text, text);
    }
    return demo_finish();
}

static void test_long_strings_are_cut_and_every_line_stays_whole(void **state)
{
    const cJSON *event;

    (void)state;
    RUN(trace_long_strings, TRACED, NULL);
    assert_exit(0);
    assert_int_equal(cJSON_GetArraySize(run.events), 1 + 5 * 6);
    cJSON_ArrayForEach(event, run.events) if (strcmp(text_of(event, "ph"), "O") == 0)
        assert_int_equal(cJSON_GetArraySize(part_of(text_of(event, "name"), "nodes")), 1);
}

static int trace_long_messages(int argc, char **argv)
{
    char chinese[4096] = "", lines[4096];

    start(argc, argv);
    for (int i = 0; i < 4; i++) {
        memset(chinese, 'x', (size_t)i);
        for (size_t n = (size_t)i; n < sizeof(chinese) - 4; n += 3)
            memcpy(chinese + n, "中", 4);
        demo_send_text(0, "chinese", "%s", chinese);
    }
    memset(lines, '\n', sizeof(lines));
    lines[2048] = '\0';
    demo_send_text(0, "lines", "%s", lines);
    memset(lines, 'x', sizeof(lines));
    lines[2048] = '\0';
    demo_send_text(0, "whole", "%s", lines);
    demo_send_text(0, "whole", "%s", "");
    demo_send_text(0, "bad", "%s", "\xE4\xB8");
    return 0;
}

static void test_message_is_cut_between_characters(void **state)
{
    const cJSON *event;

    (void)state;
    RUN(trace_long_messages, TRACED, NULL);
    assert_exit(0);
    assert_int_equal(count_events("s", "chinese"), 4);
    assert_int_equal(count_events("s", "whole"), 2);
    cJSON_ArrayForEach(event, run.events)
    {
        const char *name = text_of(event, "name"), *text = text_of(args_of(event), "text");
        const bool cut = cJSON_IsTrue(cJSON_GetObjectItem(args_of(event), "cut"));
        if (strcmp(text_of(event, "ph"), "s") != 0)
            continue;
        assert_int_equal(cut, strcmp(name, "chinese") == 0 || strcmp(name, "lines") == 0);
        if (strcmp(name, "chinese") == 0)
            assert_true(strlen(text) > 2040 && !strstr(text, "\uFFFD"));
    }
    assert_int_equal(strlen(text_of(args_of(the_event("s", "lines")), "text")), 1500);
    assert_string_equal(text_of(args_of(the_event("s", "bad")), "text"), "\uFFFD\uFFFD");
}

enum { WORKERS = 4, CHILDREN = 3, ROUNDS = 100 };

static void *chatter(void *name)
{
    const int lane = demo_lane(name);

    for (int i = 0; i < ROUNDS; i++) {
        errno = ENOTTY; /* a full pipe must not show in it */
        const int id = demo_send(lane, "arrow");
        demo_note(lane, "note", "%0100d", i);
        CHECK(errno == ENOTTY);
        demo_recv(lane, "arrow", id);
        if (i % 10 == 0)
            demo_say("%s %0100d", (const char *)name, i);
    }
    return NULL;
}

static void chatter_in_threads(void)
{
    static char name[] = "thread";
    pthread_t threads[WORKERS];

    for (int i = 0; i < WORKERS; i++)
        CHECK_PTHREAD(pthread_create(&threads[i], NULL, chatter, name));
    for (int i = 0; i < WORKERS; i++)
        CHECK_PTHREAD(pthread_join(threads[i], NULL));
}

static int chatter_everywhere(int argc, char **argv)
{
    int status;

    start(argc, argv);
    for (int i = 0; i < CHILDREN; i++) {
        if (CHECK_SYS(demo_fork()) == 0) {
            chatter_in_threads();
            _exit(0);
        }
    }
    chatter_in_threads();
    for (int i = 0; i < CHILDREN; i++) {
        CHECK_SYS(wait(&status));
        CHECK(status == 0);
    }
    return demo_finish();
}

/* The texts of the notes of each lane are 0, 1, 2 and so on, in this order. */
static void assert_notes_in_order(int lanes, int each)
{
    int *next = calloc((size_t)lanes + 1, sizeof(*next));
    const cJSON *event;

    assert_non_null(next);
    cJSON_ArrayForEach(event, run.events)
    {
        if (strcmp(text_of(event, "name"), "note") != 0)
            continue;
        const int lane = (int)number_of(event, "tid");
        assert_true(lane >= 1 && lane <= lanes);
        assert_int_equal(atoi(text_of(args_of(event), "text")), next[lane]++);
    }
    for (int lane = 1; lane <= lanes; lane++)
        assert_int_equal(next[lane], each);
    free(next);
}

static void assert_ids_unique(const char *ph, const char *name, const char *key, int n)
{
    bool *seen = calloc((size_t)n + 1, sizeof(*seen));
    const cJSON *event;

    assert_non_null(seen);
    assert_int_equal(count_events(ph, name), n);
    cJSON_ArrayForEach(event, run.events)
    {
        if (strcmp(text_of(event, "ph"), ph) != 0 || strcmp(text_of(event, "name"), name) != 0)
            continue;
        const int id = (int)number_of(event, key);
        assert_true(id >= 0 && id <= n);
        assert_false(seen[id]);
        seen[id] = true;
    }
    free(seen);
}

static void assert_chatter_is_whole(void)
{
    enum { LANES = WORKERS * (CHILDREN + 1) };
    int lines = 0;

    assert_exit(0);
    assert_int_equal(count_events("i", "note"), LANES * ROUNDS);
    assert_ids_unique("M", "thread_name", "tid", LANES + 1);
    assert_ids_unique("s", "arrow", "id", LANES * ROUNDS);
    assert_ids_unique("f", "arrow", "id", LANES * ROUNDS);
    assert_notes_in_order(LANES, ROUNDS);
    for (const char *p = run.out; *p; p = strchr(p, '\n') + 1, lines++)
        assert_int_equal(strcspn(p, "\n"), strlen("thread ") + 100);
    assert_int_equal(lines, LANES * ROUNDS / 10);
}

static void test_threads_and_children_write_whole_lines_and_unique_ids(void **state)
{
    (void)state;
    RUN(chatter_everywhere, TRACED, NULL);
    assert_chatter_is_whole();
}

static void test_full_nonblocking_pipe_loses_no_line(void **state)
{
    (void)state;
    RUN(chatter_everywhere, TRACED_NONBLOCKING, NULL);
    assert_chatter_is_whole();
}

static int trace_in_turns(int argc, char **argv)
{
    start(argc, argv);
    demo_note(0, "first", NULL);
    if (CHECK_SYS(demo_fork()) == 0) {
        demo_note(0, "second", NULL);
        _exit(0);
    }
    CHECK_SYS(wait(NULL));
    demo_note(0, "third", NULL);
    return 0;
}

static void test_parent_and_child_share_one_clock(void **state)
{
    (void)state;
    RUN(trace_in_turns, TRACED, NULL);
    assert_exit(0);
    const double first = number_of(the_event("i", "first"), "ts");
    const double second = number_of(the_event("i", "second"), "ts");
    const double third = number_of(the_event("i", "third"), "ts");
    assert_true(0 <= first && first < second && second < third);
}

static int too_many_lanes(int argc, char **argv)
{
    start(argc, argv);
    for (int i = 1; i <= 1000; i++)
        CHECK(demo_lane("lane") == i);
    return demo_lane("one more");
}

static int no_such_lane(int argc, char **argv)
{
    start(argc, argv);
    demo_end(1);
    return 0;
}

static int infinite_point(int argc, char **argv)
{
    start(argc, argv);
    demo_point("p", "s", 1, HUGE_VAL);
    return 0;
}

static int nested_snapshots(int argc, char **argv)
{
    start(argc, argv);
    demo_snap_begin("a");
    demo_snap_begin("b");
    return 0;
}

static int loose_node(int argc, char **argv)
{
    start(argc, argv);
    demo_snap_node("a", "b", "");
    return 0;
}

static void test_mistakes_in_tracing_abort(void **state)
{
    (void)state;
    RUN(too_many_lanes, UNTRACED, NULL);
    assert_bug("demo: bug: more than 1000 lanes\n");
    RUN(no_such_lane, UNTRACED, NULL);
    assert_bug("demo: bug: no lane has the id 1\n");
    RUN(infinite_point, UNTRACED, NULL);
    assert_bug("demo: bug: plot p: (1, inf) is not a point\n");
    RUN(nested_snapshots, UNTRACED, NULL);
    assert_bug("demo: bug: snapshot b begins inside another\n");
    RUN(loose_node, UNTRACED, NULL);
    assert_bug("demo: bug: call demo_snap_begin first\n");
}

/* ---- the trace's descriptor ---- */

static int look_at_descriptors(int argc, char **argv)
{
    start(argc, argv);
    CHECK(getenv("SYSTUTOR_TRACE_FD") == NULL);
    CHECK(CHECK_SYS(open("/dev/null", O_RDONLY | O_CLOEXEC)) == FIRST_FD);
    for (int fd = FIRST_FD; fd < 2048; fd++) {
        const int flags = fcntl(fd, F_GETFD);
        CHECK(flags < 0 || (flags & FD_CLOEXEC));
    }
    return 0;
}

static int start_with_few_descriptors(int argc, char **argv)
{
    struct rlimit limit;

    CHECK_SYS(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = 64;
    CHECK_SYS(setrlimit(RLIMIT_NOFILE, &limit));
    return look_at_descriptors(argc, argv);
}

static void test_traced_demo_sees_the_descriptors_of_an_untraced_one(void **state)
{
    (void)state;
    RUN(look_at_descriptors, UNTRACED, NULL);
    assert_exit(0);
    RUN(look_at_descriptors, TRACED, NULL);
    assert_exit(0);
    RUN(start_with_few_descriptors, TRACED, NULL);
    assert_exit(0);
    assert_int_equal(count_events("M", "thread_name"), 1);
}

static void test_bad_trace_descriptor_exits_2(void **state)
{
    (void)state;
    RUN(say_params, BAD_FD, NULL);
    assert_exit(2);
    assert_string_equal(run.err,
                        "demo: SYSTUTOR_TRACE_FD=banana: not a descriptor open for writing\n");
    RUN(say_params, READ_ONLY_FD, NULL);
    assert_exit(2);
    assert_string_equal(run.err, "demo: SYSTUTOR_TRACE_FD=3: not a descriptor open for writing\n");
}

static int trace_to_nobody(int argc, char **argv)
{
    sigset_t set;

    start(argc, argv); /* with SIGPIPE at its default: this would kill */
    demo_note(0, "lost", NULL);
    CHECK_SYS(sigpending(&set));
    CHECK(sigismember(&set, SIGPIPE) == 0);
    CHECK_PTHREAD(pthread_sigmask(SIG_BLOCK, NULL, &set));
    CHECK(sigismember(&set, SIGPIPE) == 0);
    demo_verdict("survives", DEMO_PASS, 1, "", "no SIGPIPE");
    return demo_finish();
}

static void test_tracing_stops_quietly_when_the_reader_is_gone(void **state)
{
    (void)state;
    RUN(trace_to_nobody, READER_GONE, NULL);
    assert_exit(0);
    assert_string_equal(run.err, "");
    /* A verdict that the trace does not take is not lost. */
    assert_string_equal(run.out, "PASS survives: measured 1 (rule: no SIGPIPE)\n");
}

static void test_reader_may_leave_many_sleeping_writers(void **state)
{
    (void)state;
    RUN(chatter_everywhere, READER_LEAVES, NULL);
    assert_exit(0);
}

static int keep_own_sigpipe(int argc, char **argv)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    CHECK_PTHREAD(pthread_sigmask(SIG_BLOCK, &set, NULL));
    CHECK_SYS(raise(SIGPIPE));
    start(argc, argv); /* the first line already finds no reader */
    CHECK_SYS(sigpending(&set));
    CHECK(sigismember(&set, SIGPIPE) == 1);
    CHECK_PTHREAD(pthread_sigmask(SIG_BLOCK, NULL, &set));
    CHECK(sigismember(&set, SIGPIPE) == 1);
    return 0;
}

static int die_of_own_sigpipe(int argc, char **argv)
{
    int fds[2];

    start(argc, argv);
    CHECK_SYS(pipe(fds));
    CHECK_SYS(close(fds[0]));
    demo_note(0, "before", NULL);
    CHECK_SYS(write(fds[1], "x", 1));
    return 0;
}

static int die_of_sigpipe_on_stdout(int argc, char **argv)
{
    int fds[2];

    start(argc, argv);
    CHECK_SYS(pipe(fds));
    CHECK_SYS(close(fds[0]));
    CHECK_SYS(dup2(fds[1], STDOUT_FILENO));
    demo_say("to nobody");
    return 0;
}

static void test_sigpipe_of_the_demo_itself_is_left_alone(void **state)
{
    (void)state;
    RUN(keep_own_sigpipe, READER_GONE, NULL);
    assert_exit(0);
    RUN(die_of_own_sigpipe, READER_GONE, NULL);
    assert_true(WIFSIGNALED(run.status) && WTERMSIG(run.status) == SIGPIPE);
    RUN(die_of_sigpipe_on_stdout, TRACED, NULL);
    assert_true(WIFSIGNALED(run.status) && WTERMSIG(run.status) == SIGPIPE);
}

static void *trace_while_cancelled(void *reached)
{
    CHECK_PTHREAD(pthread_cancel(pthread_self()));
    errno = ENOTTY;
    demo_note(0, "n", "text");
    demo_say("said");
    *(bool *)reached = errno == ENOTTY;
    pthread_testcancel();
    *(bool *)reached = false;
    return NULL;
}

static int cancel_a_tracer(int argc, char **argv)
{
    bool reached = false;
    pthread_t thread;
    void *result;

    start(argc, argv);
    CHECK_PTHREAD(pthread_create(&thread, NULL, trace_while_cancelled, &reached));
    CHECK_PTHREAD(pthread_join(thread, &result));
    CHECK(result == PTHREAD_CANCELED);
    CHECK(reached);
    return 0;
}

static void test_tracing_keeps_errno_and_is_no_cancellation_point(void **state)
{
    (void)state;
    RUN(cancel_a_tracer, TRACED, NULL);
    assert_exit(0);
    assert_string_equal(run.out, "said\n");
    the_event("i", "n");
}

/* ---- buffers: when lines leave ---- */

/* In these the demo is its own reader, so that it sees which lines have left at a moment. */
static struct {
    int fd;
    char text[256 * 1024];
    size_t len;
} seen;

static void start_and_read(int argc, char **argv)
{
    char number[16];
    int fds[2];

    CHECK_SYS(pipe2(fds, O_NONBLOCK));
    CHECK_SYS(fcntl(fds[1], F_SETFL, 0));
    CHECK_SYS(fcntl(fds[1], F_SETPIPE_SZ, 1024 * 1024));
    snprintf(number, sizeof(number), "%d", fds[1]);
    CHECK_SYS(setenv("SYSTUTOR_TRACE_FD", number, 1));
    seen.fd = fds[0];
    start(argc, argv);
}

/* How many lines with this name have left; 1 for no name. */
static int left(const char *name)
{
    char wanted[64];
    ssize_t n;
    int count = 0;

    while ((n = read(seen.fd, seen.text + seen.len, sizeof(seen.text) - 1 - seen.len)) > 0)
        seen.len += (size_t)n;
    CHECK(seen.len < sizeof(seen.text) - 1);
    if (*name == '\0')
        return 1;
    seen.text[seen.len] = '\0';
    snprintf(wanted, sizeof(wanted), "\"name\":\"%s\"", name);
    for (const char *p = seen.text; (p = strstr(p, wanted)); p++)
        count++;
    return count;
}

/* Leaves a line in this thread's buffer. On a busy machine the thread may stand still before it
 * for so long that the line leaves at once; then it is tried again, under another name. */
static const char *hold_back(void)
{
    static _Thread_local char name[32];
    static atomic_int tries;

    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "held-%d", ++tries);
        demo_note(0, "first", NULL);
        demo_note(0, name, NULL);
        if (left(name) == 0)
            return name;
    }
    CHECK(!"no line is ever held back");
    return name;
}

static int hold_and_let_go(int argc, char **argv)
{
    const char *name;

    start_and_read(argc, argv);
    demo_sleep_ns(2000000);
    demo_note(0, "slow", NULL);
    CHECK(left("slow") == 1);
    demo_sleep_ns(2000000);
    demo_end(0); /* whatever it is */
    demo_sleep_ns(2000000);
    demo_point("slow-point", "s", 1, 2);
    CHECK(left("slow-point") == 1);

    name = hold_back();
    demo_begin(0, DEMO_BLOCK, "wait");
    CHECK(left(name) == 1 && left("wait") == 1);
    name = hold_back();
    demo_begin(0, DEMO_SLEEP, "sleep");
    CHECK(left(name) == 1 && left("sleep") == 1);
    name = hold_back();
    demo_send(0, "arrow");
    CHECK(left(name) == 1 && left("arrow") == 1);
    name = hold_back();
    demo_send_text(0, "text", "content");
    CHECK(left(name) == 1 && left("text") == 1);
    name = hold_back();
    demo_lane("lane");
    CHECK(left(name) == 1);
    name = hold_back();
    demo_verdict("claim", DEMO_PASS, 1, "", "rule");
    CHECK(left(name) == 1 && left("claim") == 1);
    name = hold_back();
    demo_verdict_word("word", DEMO_PASS, "yes", "rule");
    CHECK(left(name) == 1 && left("word") == 1);
    name = hold_back();
    const pid_t pid = (pid_t)CHECK_SYS(demo_fork());
    if (pid == 0)
        _exit(0);
    CHECK(left(name) == 1);
    CHECK_SYS(waitpid(pid, NULL, 0));
    name = hold_back();
    demo_flush();
    CHECK(left(name) == 1);
    name = hold_back();
    CHECK(demo_finish() == 0);
    CHECK(left(name) == 1);
    return 0;
}

static void test_an_event_leaves_at_once_when_it_must(void **state)
{
    (void)state;
    RUN(hold_and_let_go, UNTRACED, NULL);
    assert_exit(0);
}

static int trace_a_burst(int argc, char **argv)
{
    start(argc, argv);
    for (int i = 0; i < 5000; i++) {
        demo_begin(0, DEMO_RUN, "step");
        demo_end(0);
    }
    return 0;
}

static void test_a_burst_takes_few_writes(void **state)
{
    (void)state;
    RUN(trace_a_burst, TRACED, NULL);
    assert_exit(0);
    assert_int_equal(count_events("B", "step"), 5000);
    assert_true(run.writes < 1000); /* 157 when nothing disturbs it */
}

/* Three lines a millisecond fill a buffer in 20 ms. */
static int trace_at_middle_speed(int argc, char **argv)
{
    char name[32], oldest[32] = "";
    int64_t oldest_ns = 0;

    start_and_read(argc, argv);
    for (int i = 0; i < 300; i++) {
        const int64_t now_ns = demo_now_ns();
        snprintf(name, sizeof(name), "middle-%d", i);
        demo_note(0, name, NULL);
        if (left(oldest)) {
            snprintf(oldest, sizeof(oldest), "%s", left(name) ? "" : name);
            oldest_ns = demo_now_ns();
        }
        CHECK(*oldest == '\0' || now_ns - oldest_ns <= 5000000);
        while (demo_now_ns() - now_ns < 300000)
            ;
    }
    return 0;
}

static void test_no_line_grows_old_in_a_busy_thread(void **state)
{
    (void)state;
    RUN(trace_at_middle_speed, UNTRACED, NULL);
    assert_exit(0);
}

static pthread_barrier_t barrier;

static void *hold_back_and_wait(void *name)
{
    *(const char **)name = hold_back();
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return NULL;
}

static int notice_a_silent_thread(int argc, char **argv)
{
    const char *name;
    pthread_t thread;

    start_and_read(argc, argv);
    CHECK_PTHREAD(pthread_barrier_init(&barrier, NULL, 2));
    CHECK_PTHREAD(pthread_create(&thread, NULL, hold_back_and_wait, &name));
    pthread_barrier_wait(&barrier);
    CHECK(left(name) == 0);
    demo_sleep_ns(10000000);
    CHECK(left(name) == 0);
    demo_note(0, "anything", NULL);
    CHECK(left(name) == 1);
    pthread_barrier_wait(&barrier);
    CHECK_PTHREAD(pthread_join(thread, NULL));
    return 0;
}

static void test_a_silent_thread_is_noticed_by_another(void **state)
{
    (void)state;
    RUN(notice_a_silent_thread, UNTRACED, NULL);
    assert_exit(0);
}

static void *hold_back_and_end(void *name)
{
    snprintf(name, 32, "%s", hold_back());
    return NULL;
}

static int look_after_a_thread(int argc, char **argv)
{
    char name[32];
    pthread_t thread;

    start_and_read(argc, argv);
    for (int i = 0; i < 200; i++) { /* more of them than there are buffers */
        CHECK_PTHREAD(pthread_create(&thread, NULL, hold_back_and_end, name));
        CHECK_PTHREAD(pthread_join(thread, NULL));
        CHECK(left(name) == 1);
    }
    return 0;
}

static void test_lines_of_a_thread_leave_with_it(void **state)
{
    (void)state;
    RUN(look_after_a_thread, UNTRACED, NULL);
    assert_exit(0);
}

/* More threads than there are buffers, all alive at once. */
enum { CROWD = 150, CROWD_ROUNDS = 40 };

static void *be_one_of_a_crowd(void *name)
{
    const int lane = demo_lane(name);

    for (int i = 0; i < CROWD_ROUNDS; i++) {
        demo_note(lane, "note", "%0100d", i);
        if (i % 10 == 5)
            pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static int trace_in_a_crowd(int argc, char **argv)
{
    static char name[] = "one";
    pthread_attr_t attr;
    pthread_t threads[CROWD];

    start(argc, argv);
    CHECK_PTHREAD(pthread_barrier_init(&barrier, NULL, CROWD));
    CHECK_PTHREAD(pthread_attr_init(&attr));
    CHECK_PTHREAD(pthread_attr_setstacksize(&attr, 256 * 1024));
    for (int i = 0; i < CROWD; i++)
        CHECK_PTHREAD(pthread_create(&threads[i], &attr, be_one_of_a_crowd, name));
    for (int i = 0; i < CROWD; i++)
        CHECK_PTHREAD(pthread_join(threads[i], NULL));
    return 0;
}

static void test_more_threads_than_buffers_lose_nothing(void **state)
{
    (void)state;
    RUN(trace_in_a_crowd, TRACED, NULL);
    assert_exit(0);
    assert_notes_in_order(CROWD, CROWD_ROUNDS);
}

/* ---- buffers: what is not lost ---- */

enum { BURST = 40 }; /* lines that fit a buffer */

static void trace_burst(const char *name)
{
    for (int i = 0; i < BURST; i++)
        demo_note(0, name, NULL);
}

static void make_child(int argc, char **argv, void child(void))
{
    start(argc, argv);
    trace_burst("parent");
    const pid_t pid = (pid_t)CHECK_SYS(demo_fork());
    if (pid == 0)
        child();
    trace_burst("parent");
    CHECK_SYS(waitpid(pid, NULL, 0));
}

static _Noreturn void trace_and_exit(void)
{
    trace_burst("child");
    exit(0);
}

static _Noreturn void trace_and_leave(void)
{
    trace_burst("child");
    _exit(0);
}

static _Noreturn void trace_and_be_killed(void)
{
    trace_burst("child");
    raise(SIGKILL);
    abort();
}

static _Noreturn void trace_and_exec(void)
{
    trace_burst("child");
    execl("/bin/true", "true", (char *)NULL);
    abort();
}

static _Noreturn void trace_and_crash(void)
{
    trace_burst("child");
    abort();
}

static int child_exits(int argc, char **argv)
{
    make_child(argc, argv, trace_and_exit);
    return 0;
}

static int child_leaves(int argc, char **argv)
{
    make_child(argc, argv, trace_and_leave);
    return 0;
}

static int child_is_killed(int argc, char **argv)
{
    make_child(argc, argv, trace_and_be_killed);
    return 0;
}

static int child_execs(int argc, char **argv)
{
    make_child(argc, argv, trace_and_exec);
    return 0;
}

static int child_crashes(int argc, char **argv)
{
    make_child(argc, argv, trace_and_crash);
    return 0;
}

static int main_leaves_after_finish(int argc, char **argv)
{
    make_child(argc, argv, trace_and_leave);
    _exit(demo_finish());
}

static void test_lines_of_children_are_there_once(void **state)
{
    static demo_main *const demos[] = {child_exits, child_leaves,  child_is_killed,
                                       child_execs, child_crashes, main_leaves_after_finish};

    (void)state;
    for (size_t i = 0; i < sizeof(demos) / sizeof(demos[0]); i++) {
        RUN(demos[i], TRACED, NULL);
        assert_exit(0);
        assert_int_equal(count_events("i", "parent"), 2 * BURST);
        assert_int_equal(count_events("i", "child"), BURST);
    }
}

/* No handler of pthread_atfork sees these. */
static int raw_clone(int argc, char **argv)
{
    start(argc, argv);
    trace_burst("parent");
    const pid_t pid = (pid_t)CHECK_SYS(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL));
    if (pid == 0) {
        trace_burst("child");
        exit(0);
    }
    trace_burst("parent");
    CHECK_SYS(waitpid(pid, NULL, 0));
    return 0;
}

static int trace_in_the_parents_memory(void *unused)
{
    (void)unused;
    trace_burst("child");
    return 0;
}

static int make_task(int argc, char **argv, int flags)
{
    static _Alignas(16) char stack[64 * 1024];

    start(argc, argv);
    trace_burst("parent");
    const pid_t pid = (pid_t)CHECK_SYS(
        clone(trace_in_the_parents_memory, stack + sizeof(stack), flags | SIGCHLD, NULL));
    trace_burst("parent");
    CHECK_SYS(waitpid(pid, NULL, 0));
    return 0;
}

static int clone_vm(int argc, char **argv)
{
    return make_task(argc, argv, CLONE_VM);
}

static int clone_vfork(int argc, char **argv)
{
    return make_task(argc, argv, CLONE_VM | CLONE_VFORK);
}

static void test_lines_of_raw_clones_are_there_once(void **state)
{
    static demo_main *const demos[] = {raw_clone, clone_vfork, clone_vm};

    (void)state;
    for (size_t i = 0; i < (SANITIZED ? 1 : 3); i++) {
        for (int repeat = 0; repeat < 20; repeat++) {
            RUN(demos[i], TRACED, NULL);
            assert_exit(0);
            assert_int_equal(count_events("i", "parent"), 2 * BURST);
            assert_int_equal(count_events("i", "child"), BURST);
        }
    }
}

enum { VICTIMS = 100, BYSTANDER_ROUNDS = 20000 };

static _Noreturn void trace_for_ever(void)
{
    for (int i = 0;; i++)
        demo_note(0, "victim", "%d", i);
}

static void *trace_beside(void *name)
{
    const int lane = demo_lane(name);

    for (int i = 0; i < BYSTANDER_ROUNDS; i++)
        demo_note(lane, "note", "%d", i);
    return NULL;
}

static int kill_many(int argc, char **argv)
{
    static char name[] = "bystander";
    pthread_t thread;

    start(argc, argv);
    for (int i = 0; i < VICTIMS; i++) {
        const pid_t pid = (pid_t)CHECK_SYS(demo_fork());
        if (pid == 0)
            trace_for_ever();
        if (i == VICTIMS / 2)
            CHECK_PTHREAD(pthread_create(&thread, NULL, trace_beside, name));
        demo_sleep_ns(i * 20000);
        CHECK_SYS(kill(pid, SIGKILL));
        CHECK_SYS(waitpid(pid, NULL, 0));
    }
    CHECK_PTHREAD(pthread_join(thread, NULL));
    return demo_finish();
}

/* Each may be killed while it writes, or holds its buffer. */
static void test_killed_children_harm_nobody(void **state)
{
    (void)state;
    RUN(kill_many, READER_COUNTS, NULL);
    assert_exit(0);
    assert_int_equal(run.notes, BYSTANDER_ROUNDS);
}

static int exit_in_the_middle(int argc, char **argv)
{
    start(argc, argv);
    trace_burst("burst");
    exit(7);
}

static int fail_a_check(int argc, char **argv)
{
    start(argc, argv);
    trace_burst("burst");
    CHECK(argc == 5);
    return 0;
}

static void *exit_in_a_thread(void *unused)
{
    trace_burst("burst");
    exit(7);
    return unused;
}

static int exit_beside_main(int argc, char **argv)
{
    pthread_t thread;

    start(argc, argv);
    trace_burst("parent");
    CHECK_PTHREAD(pthread_create(&thread, NULL, exit_in_a_thread, NULL));
    CHECK_PTHREAD(pthread_join(thread, NULL));
    return 0;
}

static int end_main_only(int argc, char **argv)
{
    start(argc, argv);
    trace_burst("burst");
    pthread_exit(NULL);
}

static void test_no_line_is_lost_at_the_end(void **state)
{
    (void)state;
    RUN(exit_in_the_middle, TRACED, NULL);
    assert_exit(7);
    assert_int_equal(count_events("i", "burst"), BURST);
    RUN(fail_a_check, TRACED, NULL);
    assert_exit(3);
    assert_int_equal(count_events("i", "burst"), BURST);
    RUN(exit_beside_main, TRACED, NULL);
    assert_exit(7);
    assert_int_equal(count_events("i", "burst"), BURST);
    assert_int_equal(count_events("i", "parent"), BURST);
    if (SANITIZED)
        return; /* main is gone, its memory not freed: a leak, to them */
    RUN(end_main_only, TRACED, NULL);
    assert_exit(0);
    assert_int_equal(count_events("i", "burst"), BURST);
}

static void trace_at_exit(void)
{
    trace_burst("late");
}

static int trace_in_an_exit_handler(int argc, char **argv)
{
    CHECK(atexit(trace_at_exit) == 0); /* runs after that of demo_start */
    start(argc, argv);
    return 0;
}

static void test_exit_handlers_may_trace(void **state)
{
    (void)state;
    RUN(trace_in_an_exit_handler, TRACED, NULL);
    assert_exit(0);
    assert_int_equal(count_events("i", "late"), BURST);
}

/* ---- crashes ---- */

/* A sanitizer takes some of the signals before the demo starts; those are not looked at. */
static int crash_signal(int argc, char **argv)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    struct sigaction before;
    const int sig = signals[argc > 1 ? argv[1][2] - '0' : 0];

    CHECK_SYS(sigaction(sig, NULL, &before));
    start(argc, argv);
    return before.sa_handler == SIG_DFL ? sig : 0;
}

static int crash(int argc, char **argv)
{
    const int sig = crash_signal(argc, argv);

    trace_burst("burst");
    if (sig)
        raise(sig);
    return 0;
}

static void *raise_in_thread(void *sig)
{
    trace_burst("burst");
    raise(*(const int *)sig);
    return NULL;
}

static int crash_in_a_thread(int argc, char **argv)
{
    int sig = crash_signal(argc, argv);
    pthread_t thread;

    trace_burst("parent");
    if (!sig)
        return 0;
    CHECK_PTHREAD(pthread_create(&thread, NULL, raise_in_thread, &sig));
    CHECK_PTHREAD(pthread_join(thread, NULL));
    return 0;
}

static int touch_nothing(int argc, char **argv)
{
    const int sig = crash_signal(argc, argv);

    trace_burst("burst");
    char *nothing = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(nothing != MAP_FAILED);
    if (sig)
        *(volatile char *)nothing = 1;
    return 0;
}

/* Until there is no stack. */
static __attribute__((noinline)) unsigned dig(unsigned depth)
{
    volatile char hole[4096];

    hole[depth % sizeof(hole)] = 1;
    return depth > 0 ? dig(depth - 1) + (unsigned char)hole[0] : 0;
}

static int overflow(int argc, char **argv)
{
    const int sig = crash_signal(argc, argv);

    trace_burst("burst");
    CHECK_SYS(setrlimit(RLIMIT_STACK, &(struct rlimit){256 * 1024, 256 * 1024}));
    return sig ? (int)dig(1 << 20) & 1 : 0;
}

static void *overflow_thread(void *unused)
{
    trace_burst("burst");
    return dig(1 << 20) == 5 ? unused : NULL;
}

static int overflow_in_a_thread(int argc, char **argv)
{
    const int sig = crash_signal(argc, argv);
    pthread_attr_t attr;
    pthread_t thread;

    CHECK_PTHREAD(pthread_attr_init(&attr));
    CHECK_PTHREAD(pthread_attr_setstacksize(&attr, 256 * 1024));
    if (!sig)
        return 0;
    CHECK_PTHREAD(pthread_create(&thread, &attr, overflow_thread, NULL));
    CHECK_PTHREAD(pthread_join(thread, NULL));
    return 0;
}

static void assert_crash(demo_main *demo, int sig, const char *arg)
{
    RUN(demo, TRACED, arg);
    if (WIFEXITED(run.status) && WEXITSTATUS(run.status) == 0)
        return;
    if (!WIFSIGNALED(run.status) || WTERMSIG(run.status) != sig)
        fail_msg("wait status %#x, not signal %d; stderr: %s", (unsigned)run.status, sig, run.err);
    assert_int_equal(count_events("i", "burst"), BURST);
}

static void test_a_crash_writes_what_there_is(void **state)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

    (void)state;
    for (int i = 0; i < 5; i++) {
        const char arg[] = {'n', '=', (char)('0' + i), '\0'};
        assert_crash(crash, signals[i], arg);
        assert_crash(crash_in_a_thread, signals[i], arg);
    }
    assert_crash(touch_nothing, SIGSEGV, "n=0");
    assert_crash(overflow, SIGSEGV, "n=0");
    assert_crash(overflow_in_a_thread, SIGSEGV, "n=0");
}

static int bug_after_burst(int argc, char **argv)
{
    start(argc, argv);
    trace_burst("burst");
    return (int)demo_int("m");
}

static void test_a_mistake_loses_no_line(void **state)
{
    (void)state;
    RUN(bug_after_burst, TRACED, NULL);
    assert_bug("demo: bug: no number parameter is called m\n");
    assert_int_equal(count_events("i", "burst"), BURST);
}

static int keep_own_handlers(int argc, char **argv)
{
    const struct sigaction own = {.sa_handler = ignore};
    struct sigaction now;
    stack_t stack;

    CHECK_SYS(sigaction(SIGFPE, &own, NULL));
    CHECK_SYS(sigaction(SIGILL, NULL, &now));
    const bool was_default = now.sa_handler == SIG_DFL;
    start(argc, argv);
    CHECK_SYS(sigaction(SIGFPE, NULL, &now));
    CHECK(now.sa_handler == ignore);
    CHECK_SYS(sigaction(SIGILL, NULL, &now));
    demo_say("%s", was_default && now.sa_handler == SIG_DFL ? "default" : "caught");
    CHECK_SYS(sigaltstack(NULL, &stack));
    demo_say("%s", stack.ss_flags & SS_DISABLE ? "none" : "stack");
    return 0;
}

static void test_handlers_are_set_for_a_trace_only(void **state)
{
    (void)state;
    RUN(keep_own_handlers, TRACED, NULL);
    assert_exit(0);
    assert_string_equal(run.out, "caught\nstack\n");
    RUN(keep_own_handlers, UNTRACED, NULL);
    assert_exit(0);
    if (!SANITIZED)
        assert_string_equal(run.out, "default\nnone\n");
}

/* ---- signal handlers ---- */

static volatile sig_atomic_t handled, longest_ms;

static long cpu_ms(void)
{
    struct timespec t;

    CHECK_SYS(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t));
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void trace_in_handler(int sig)
{
    const long before_ms = cpu_ms();

    demo_begin(0, sig == SIGALRM ? DEMO_RUN : DEMO_BLOCK, "handled");
    const long took_ms = cpu_ms() - before_ms;
    longest_ms = took_ms > longest_ms ? (int)took_ms : longest_ms;
    handled++;
}

static int trace_under_signals(int argc, char **argv)
{
    const struct sigaction action = {.sa_handler = trace_in_handler, .sa_flags = SA_RESTART};
    const struct itimerval often = {{0, 100}, {0, 100}};
    int n = 0;

    start(argc, argv);
    CHECK_SYS(sigaction(SIGALRM, &action, NULL));
    CHECK_SYS(setitimer(ITIMER_REAL, &often, NULL));
    for (; handled < 300; n++)
        demo_note(0, "note", "%d", n);
    CHECK_SYS(setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL));
    CHECK(longest_ms < 20); /* it has not waited for the thread it interrupted */
    demo_say("%d notes", n);
    demo_say("%d handled", (int)handled);
    return 0;
}

static void test_signal_handlers_may_trace(void **state)
{
    int notes = 0, others = 0;

    (void)state;
    RUN(trace_under_signals, READER_COUNTS, NULL);
    assert_exit(0);
    assert_int_equal(sscanf(run.out, "%d notes\n%d handled", &notes, &others), 2);
    assert_int_equal(run.notes, notes);
    assert_int_equal(run.others, 1 + others);
}

/* ---- verdicts ---- */

static int judge(int argc, char **argv)
{
    start(argc, argv);
    demo_verdict("ratio", DEMO_PASS, 10.0 / 3, "", "about three");
    demo_verdict("count", DEMO_INCONCLUSIVE, 20312000, "calls", "one CPU \"only\"");
    demo_verdict_word("word", argc > 1 ? DEMO_FAIL : DEMO_PASS, "EAGAIN", "not yet");
    return demo_finish();
}

static void test_verdicts_go_to_the_trace(void **state)
{
    (void)state;
    RUN(judge, TRACED, "n=1");
    assert_exit(1);
    assert_string_equal(run.out, "");
    const cJSON *event = the_event("i", "ratio");
    assert_string_equal(text_of(event, "cat"), "verdict");
    assert_string_equal(text_of(event, "s"), "g");
    assert_string_equal(text_of(args_of(event), "result"), "pass");
    assert_true(fabs(number_of(args_of(event), "measured") - 10.0 / 3) < 1e-12);
    assert_string_equal(text_of(args_of(event), "unit"), "");
    assert_string_equal(text_of(args_of(event), "rule"), "about three");
    event = the_event("i", "count");
    assert_string_equal(text_of(args_of(event), "result"), "inconclusive");
    assert_true(number_of(args_of(event), "measured") == 20312000);
    assert_string_equal(text_of(args_of(event), "unit"), "calls");
    assert_string_equal(text_of(args_of(event), "rule"), "one CPU \"only\"");
    event = the_event("i", "word");
    assert_string_equal(text_of(args_of(event), "result"), "fail");
    assert_string_equal(text_of(args_of(event), "measured"), "EAGAIN");
}

static void test_verdicts_are_printed_without_a_trace(void **state)
{
    (void)state;
    RUN(judge, UNTRACED, NULL);
    assert_exit(0);
    assert_string_equal(run.out, "PASS ratio: measured 3.333 (rule: about three)\n"
                                 "INCONCLUSIVE count: measured 20312000 calls "
                                 "(rule: one CPU \"only\")\n"
                                 "PASS word: measured EAGAIN (rule: not yet)\n");
    RUN(judge, UNTRACED, "n=1");
    assert_exit(1);
    assert_non_null(strstr(run.out, "FAIL word: measured EAGAIN (rule: not yet)\n"));
}

static int fail_in_child(int argc, char **argv)
{
    start(argc, argv);
    if (CHECK_SYS(demo_fork()) == 0) {
        demo_verdict("c", DEMO_FAIL, 0, "", "r");
        _exit(0);
    }
    CHECK_SYS(wait(NULL));
    return demo_finish();
}

static int judge_twice(int argc, char **argv)
{
    start(argc, argv);
    if (CHECK_SYS(demo_fork()) == 0) {
        demo_verdict("c", DEMO_PASS, 0, "", "r");
        _exit(0);
    }
    CHECK_SYS(wait(NULL));
    demo_verdict("c", DEMO_PASS, 0, "", "r");
    return 0;
}

static int measure_nan(int argc, char **argv)
{
    start(argc, argv);
    demo_verdict("c", DEMO_PASS, (double)NAN, "", "r");
    return 0;
}

static void test_verdicts_of_children_count_and_a_claim_has_one(void **state)
{
    (void)state;
    RUN(fail_in_child, TRACED, NULL);
    assert_exit(1);
    RUN(judge_twice, UNTRACED, NULL);
    assert_bug("demo: bug: claim c has two verdicts\n");
    RUN(measure_nan, TRACED, NULL);
    assert_bug("demo: bug: claim c: nan is not a measured value\n");
    assert_int_equal(count_events("i", "c"), 0);
}

/* ---- checks, processes ---- */

static int check_sys(int argc, char **argv)
{
    start(argc, argv);
    CHECK(CHECK_SYS(getpid()) == getpid());
    CHECK_SYS(close(-1));
    return 0;
}

static int check_pthread(int argc, char **argv)
{
    start(argc, argv);
    CHECK_PTHREAD(0);
    CHECK_PTHREAD(EBUSY);
    return 0;
}

static int check_condition(int argc, char **argv)
{
    start(argc, argv);
    CHECK(argc == 1);
    errno = ENOENT;
    CHECK(argc == 5);
    return 0;
}

static void assert_check_failed(const char *where_to_why)
{
    assert_exit(3);
    assert_int_equal(strncmp(run.err, "demo: test_demolib.c:", 21), 0);
    const char *after_line = strchr(run.err + 21, ':');
    assert_non_null(after_line);
    assert_string_equal(after_line, where_to_why);
}

static void test_failed_check_exits_3_with_place_call_and_errno(void **state)
{
    (void)state;
    RUN(check_sys, UNTRACED, NULL);
    assert_check_failed(": close(-1): EBADF (Bad file descriptor)\n");
    RUN(check_pthread, UNTRACED, NULL);
    assert_check_failed(": EBUSY: EBUSY (Device or resource busy)\n");
    RUN(check_condition, UNTRACED, NULL);
    assert_check_failed(": argc == 5: does not hold (errno is ENOENT)\n");
}

static void test_errno_has_its_name(void **state)
{
    (void)state;
    assert_string_equal(demo_errno_name(EAGAIN), "EAGAIN");
    assert_string_equal(demo_errno_name(ETIMEDOUT), "ETIMEDOUT");
    assert_string_equal(demo_errno_name(512), "errno 512");
    assert_string_equal(demo_errno_name(-1), "errno -1");
}

static int leave_a_child(int argc, char **argv)
{
    int fds[2];
    char byte;

    start(argc, argv);
    CHECK_SYS(pipe(fds));
    if (CHECK_SYS(demo_fork()) == 0) {
        CHECK_SYS(write(fds[1], "x", 1));
        for (;;)
            pause();
    }
    CHECK_SYS(read(fds[0], &byte, 1));
    return 0;
}

static void test_child_dies_with_its_demo(void **state)
{
    (void)state;
    /* The child holds the trace open: the run ends only because the child does. */
    RUN(leave_a_child, TRACED, NULL);
    assert_exit(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_params_have_defaults_and_are_set_by_name),
        cmocka_unit_test(test_bad_arguments_exit_2_and_say_what_is_legal),
        cmocka_unit_test(test_number_too_large_for_a_long_is_refused),
        cmocka_unit_test(test_help_tells_people_and_params_tells_programs),
        cmocka_unit_test(test_mistakes_of_a_demo_abort_it),
        cmocka_unit_test(test_say_cuts_a_line_at_1_kib),
        cmocka_unit_test(test_lost_output_is_an_error),
        cmocka_unit_test(test_sleep_is_whole_under_signals),
        cmocka_unit_test(test_every_event_has_its_chrome_form),
        cmocka_unit_test(test_snapshot_holds_nodes_edges_and_lists),
        cmocka_unit_test(test_big_snapshot_is_cut_to_what_came_first),
        cmocka_unit_test(test_hostile_strings_come_through_escaped),
        cmocka_unit_test(test_long_strings_are_cut_and_every_line_stays_whole),
        cmocka_unit_test(test_threads_and_children_write_whole_lines_and_unique_ids),
        cmocka_unit_test(test_full_nonblocking_pipe_loses_no_line),
        cmocka_unit_test(test_parent_and_child_share_one_clock),
        cmocka_unit_test(test_mistakes_in_tracing_abort),
        cmocka_unit_test(test_traced_demo_sees_the_descriptors_of_an_untraced_one),
        cmocka_unit_test(test_bad_trace_descriptor_exits_2),
        cmocka_unit_test(test_tracing_stops_quietly_when_the_reader_is_gone),
        cmocka_unit_test(test_reader_may_leave_many_sleeping_writers),
        cmocka_unit_test(test_sigpipe_of_the_demo_itself_is_left_alone),
        cmocka_unit_test(test_tracing_keeps_errno_and_is_no_cancellation_point),
        cmocka_unit_test(test_an_event_leaves_at_once_when_it_must),
        cmocka_unit_test(test_a_burst_takes_few_writes),
        cmocka_unit_test(test_no_line_grows_old_in_a_busy_thread),
        cmocka_unit_test(test_a_silent_thread_is_noticed_by_another),
        cmocka_unit_test(test_lines_of_a_thread_leave_with_it),
        cmocka_unit_test(test_more_threads_than_buffers_lose_nothing),
        cmocka_unit_test(test_lines_of_children_are_there_once),
        cmocka_unit_test(test_lines_of_raw_clones_are_there_once),
        cmocka_unit_test(test_killed_children_harm_nobody),
        cmocka_unit_test(test_no_line_is_lost_at_the_end),
        cmocka_unit_test(test_exit_handlers_may_trace),
        cmocka_unit_test(test_a_crash_writes_what_there_is),
        cmocka_unit_test(test_a_mistake_loses_no_line),
        cmocka_unit_test(test_handlers_are_set_for_a_trace_only),
        cmocka_unit_test(test_signal_handlers_may_trace),
        cmocka_unit_test(test_message_is_cut_between_characters),
        cmocka_unit_test(test_verdicts_go_to_the_trace),
        cmocka_unit_test(test_verdicts_are_printed_without_a_trace),
        cmocka_unit_test(test_verdicts_of_children_count_and_a_claim_has_one),
        cmocka_unit_test(test_failed_check_exits_3_with_place_call_and_errno),
        cmocka_unit_test(test_errno_has_its_name),
        cmocka_unit_test(test_child_dies_with_its_demo),
    };
    const int failed = cmocka_run_group_tests_name("demolib", tests, NULL, NULL);

    cJSON_Delete(run.events);
    return failed;
}
