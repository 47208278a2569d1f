/*
 * test_lens_strace.c: what strace 6.1 has written, as lines, as a trace, as a summary. Nothing runs
 * here: see test_lens_run.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>

#include "lens/strace_line.h"
#include "lens/syscall.h"
#include "lenses.h"

/* ---- one line ---- */

static void assert_piece(struct piece p, const char *expected, const char *line)
{
    if (!piece_is(p, expected))
        fail_msg("\"%.*s\" is not \"%s\" in: %s", (int)p.n, p.s, expected, line);
}

static void calls_are_taken_apart(void **unused)
{
    (void)unused;
    static const struct {
        const char *line;
        enum strace_kind kind;
        const char *name, *args, *result, *error;
        int64_t took_ns;
    } rows[] = {
        {"20469 1795424478.899173897 close(3</etc/ld.so.cache>) = 0 <0.000003291>", STRACE_CALL,
         "close", "3</etc/ld.so.cache>", "0", "", 3291},
        {"20469 1795424478.899173897 brk(NULL)    = 0x5615bd7bc000 <0.000003192>", STRACE_CALL,
         "brk", "NULL", "0x5615bd7bc000", "", 3192},
        {"20469 1795424478.899403462 read(4<pipe:[12]>, 0x7ffc22127a4c, 1) = -1 EAGAIN (Resource "
         "temporarily unavailable) <0.000051487>",
         STRACE_CALL, "read", "4<pipe:[12]>, 0x7ffc22127a4c, 1",
         "-1 EAGAIN (Resource temporarily unavailable)", "EAGAIN", 51487},
        {"20469 1795424479.906710507 pause()      = ? ERESTARTNOHAND (To be restarted if no "
         "handler) <1.000004088>",
         STRACE_CALL, "pause", "", "? ERESTARTNOHAND (To be restarted if no handler)",
         "ERESTARTNOHAND", 1000004088},
        {"20469 1795424478.899173897 fcntl(3</tmp/a>, F_GETFL) = 0x8002 (flags "
         "O_RDWR|O_LARGEFILE) <0.000049724>",
         STRACE_CALL, "fcntl", "3</tmp/a>, F_GETFL", "0x8002 (flags O_RDWR|O_LARGEFILE)", "",
         49724},
        {"20495 1795424479.971079657 exit_group(0) = ?", STRACE_CALL, "exit_group", "0", "?", "",
         -1},
        {"20469 1795424480.071801248 poll([{fd=4<pipe:[12]>, events=POLLIN}], 1, 100) = 0 "
         "(Timeout) <0.100167484>",
         STRACE_CALL, "poll", "[{fd=4<pipe:[12]>, events=POLLIN}], 1, 100", "0 (Timeout)", "",
         100167484},
        {"20469 1795424480.172047836 wait4(20497, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, "
         "NULL) = 20497 <0.000015254>",
         STRACE_CALL, "wait4", "20497, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL", "20497",
         "", 15254},
        {"7 1795424478.905267812 restart_syscall(<... resuming interrupted clock_nanosleep ...>) = "
         "0 <0.001006057>",
         STRACE_CALL, "restart_syscall", "<... resuming interrupted clock_nanosleep ...>", "0", "",
         1006057},
        {"7 1795424478.905267812 capset({version=3, pid=0}, {effective=1<<CAP_KILL, "
         "permitted=1<<CAP_KILL, inheritable=0}) = 0 <0.000000001>",
         STRACE_CALL, "capset",
         "{version=3, pid=0}, {effective=1<<CAP_KILL, permitted=1<<CAP_KILL, inheritable=0}", "0",
         "", 1},
        /* names and data that look like the end of a call */
        {"20469 1795424478.898764757 openat(AT_FDCWD</home/me>, \"/home/me/a\\\"b)> <c = 1 "
         "<0.5>\\n\\33[31m\", O_RDWR|O_CREAT, 0600) = 3</home/me/a\\\"b)\\76 \\74c = 1 "
         "\\0740.5\\76\\n\\33[31m> <0.000098494>",
         STRACE_CALL, "openat",
         "AT_FDCWD</home/me>, \"/home/me/a\\\"b)> <c = 1 <0.5>\\n\\33[31m\", O_RDWR|O_CREAT, 0600",
         "3</home/me/a\\\"b)\\76 \\74c = 1 \\0740.5\\76\\n\\33[31m>", "", 98494},
        {"20469 1795424478.898931018 write(3</home/me/a\\\"b)\\76 \\74c>, \"x\\\"y\\\\z) = 3 "
         "<0.1>\\n\\33\\0\", 19) = 19 <0.000062690>",
         STRACE_CALL, "write",
         "3</home/me/a\\\"b)\\76 \\74c>, \"x\\\"y\\\\z) = 3 <0.1>\\n\\33\\0\", 19", "19", "",
         62690},
        {"20469 1795424478.898764757 write(1<pipe:[9]>, \"...\"..., 4096 <unfinished ...>",
         STRACE_UNFINISHED, "write", "1<pipe:[9]>, \"...\"..., 4096", "", "", -1},
        {"20469 1795424480.172503887 pause( <unfinished ...>", STRACE_UNFINISHED, "pause", "", "",
         "", -1},
        {"20470 1795424478.905239984 restart_syscall(<... resuming interrupted clock_nanosleep "
         "...> <unfinished ...>",
         STRACE_UNFINISHED, "restart_syscall", "<... resuming interrupted clock_nanosleep ...>", "",
         "", -1},
        {"20469 1795424478.904940073 <... clock_nanosleep resumed>NULL) = 0 <0.005117514>",
         STRACE_RESUMED, "clock_nanosleep", "NULL", "0", "", 5117514},
        {"20469 1795424479.971596933 <... clone resumed>, child_tidptr=0x7fdc09499a10) = 20497 "
         "<0.000198466>",
         STRACE_RESUMED, "clone", ", child_tidptr=0x7fdc09499a10", "20497", "", 198466},
        {"20470 1795424478.906336496 <... restart_syscall resumed>) = ?", STRACE_RESUMED,
         "restart_syscall", "", "?", "", -1},
        {"20470 1795424478.906336496 <... read resumed> <unfinished ...>) = ?", STRACE_RESUMED,
         "read", "", "?", "", -1},
        {"20470 1795424478.905038865 <... clock_nanosleep resumed>NULL) = ? "
         "ERESTART_RESTARTBLOCK (Interrupted by signal) <0.002636987>",
         STRACE_RESUMED, "clock_nanosleep", "NULL",
         "? ERESTART_RESTARTBLOCK (Interrupted by signal)", "ERESTART_RESTARTBLOCK", 2636987},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strace_line l;
        if (!strace_line_read(rows[i].line, &l))
            fail_msg("not read: %s", rows[i].line);
        assert_int_equal(l.kind, rows[i].kind);
        assert_piece(l.name, rows[i].name, rows[i].line);
        assert_piece(l.args, rows[i].args, rows[i].line);
        assert_piece(l.result, rows[i].result, rows[i].line);
        assert_piece(l.error, rows[i].error, rows[i].line);
        assert_true(l.took_ns == rows[i].took_ns);
        assert_int_equal(l.tid, strtol(rows[i].line, NULL, 10));
    }
}

static void the_time_is_read_to_the_nanosecond(void **unused)
{
    (void)unused;
    struct strace_line l;

    assert_true(strace_line_read("7 1795424478.899173897 brk(NULL) = 0 <0.000000000>", &l));
    assert_true(l.at_ns == INT64_C(1795424478899173897));
    assert_true(l.took_ns == 0);
}

static void signals_and_ends_are_taken_apart(void **unused)
{
    (void)unused;
    static const struct {
        const char *line;
        enum strace_kind kind;
        const char *name, *args;
        int code;
    } rows[] = {
        {"20470 1795424478.905076724 --- SIGSTOP {si_signo=SIGSTOP, si_code=SI_USER, "
         "si_pid=20469, si_uid=0} ---",
         STRACE_SIGNAL, "SIGSTOP", "{si_signo=SIGSTOP, si_code=SI_USER, si_pid=20469, si_uid=0}",
         0},
        {"20470 1795424478.905100705 --- stopped by SIGSTOP ---", STRACE_REMARK, "",
         "stopped by SIGSTOP", 0},
        {"20495 1795424479.971201469 +++ exited with 0 +++", STRACE_EXITED, "", "exited with 0", 0},
        {"20495 1795424479.971201469 +++ exited with 255 +++", STRACE_EXITED, "", "exited with 255",
         255},
        {"20470 1795424478.906434530 +++ killed by SIGKILL +++", STRACE_KILLED, "SIGKILL",
         "killed by SIGKILL", 0},
        {"20470 1795424478.906434530 +++ killed by SIGSEGV (core dumped) +++", STRACE_KILLED,
         "SIGSEGV", "killed by SIGSEGV (core dumped)", 0},
        {"20469 1795424480.193468588 +++ superseded by execve in pid 20502 +++", STRACE_REMARK, "",
         "superseded by execve in pid 20502", 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strace_line l;
        if (!strace_line_read(rows[i].line, &l))
            fail_msg("not read: %s", rows[i].line);
        assert_int_equal(l.kind, rows[i].kind);
        assert_piece(l.name, rows[i].name, rows[i].line);
        assert_piece(l.args, rows[i].args, rows[i].line);
        assert_int_equal(l.code, rows[i].code);
    }
}

static void what_is_no_line_is_refused(void **unused)
{
    (void)unused;
    static const char *const lines[] = {
        "",
        "x",
        "7",
        "7 ",
        "7 1795424478",
        "7 1795424478.899173897",
        "7 1795424478.899173897 ",
        "7 1795424478.89917389 brk(NULL) = 0",
        "7 1795424478.8991738970 brk(NULL) = 0",
        "7 99999999999999999999.899173897 brk(NULL) = 0",
        "-7 1795424478.899173897 brk(NULL) = 0",
        "7 1795424478.899173897 brk",
        "7 1795424478.899173897 brk(NULL",
        "7 1795424478.899173897 brk(NULL)",
        "7 1795424478.899173897 brk(NULL) 0",
        "7 1795424478.899173897 (NULL) = 0",
        "7 1795424478.899173897 write(1, \"no end) = 0",
        "7 1795424478.899173897 <... resumed>) = 0",
        "7 1795424478.899173897 <... read resumed",
        "7 1795424478.899173897 <... read resumed> <unfinished ...>",
        "7 1795424478.899173897 ---",
        "7 1795424478.899173897 --- ---",
        "7 1795424478.899173897 --- SIGHUP {",
        "7 1795424478.899173897 +++ exited with 0",
        "strace: Process 9 attached",
    };

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct strace_line l;
        if (strace_line_read(lines[i], &l))
            fail_msg("read: %s", lines[i]);
    }
}

/* ---- what a call is ---- */

static void a_call_that_waited_blocks(void **unused)
{
    (void)unused;
    static const struct {
        const char *name, *args;
        int64_t took_ns;
        const char *category;
    } rows[] = {
        {"read", "3", SYSCALL_BLOCKED_NS, "block"},
        {"read", "3", SYSCALL_BLOCKED_NS - 1, "call"},
        {"mmap", "NULL", SYSCALL_BLOCKED_NS, "call"}, /* it never waits: it was not let run */
        {"epoll_wait", "3", SYSCALL_BLOCKED_NS, "block"},
        {"accept", "3", SYSCALL_BLOCKED_NS, "block"},
        {"accept4", "3", SYSCALL_BLOCKED_NS, "block"},
        {"writev", "3", SYSCALL_BLOCKED_NS, "block"},
        {"wait", "3", SYSCALL_BLOCKED_NS, "call"}, /* a part of wait4 */
        {"futex", "0x1, FUTEX_WAIT_PRIVATE, 0, NULL", SYSCALL_BLOCKED_NS, "block"},
        {"futex", "0x1, FUTEX_WAKE_PRIVATE, 1", SYSCALL_BLOCKED_NS, "call"},
        {"fcntl", "3, F_SETLKW, {}", SYSCALL_BLOCKED_NS, "block"},
        {"fcntl", "3, F_OFD_SETLKW, {}", SYSCALL_BLOCKED_NS, "block"},
        {"fcntl", "3, F_SETLK, {}", SYSCALL_BLOCKED_NS, "call"},
        {"clock_nanosleep", "CLOCK_REALTIME", 0, "sleep"},
        {"nanosleep", "", SYSCALL_BLOCKED_NS, "sleep"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(syscall_category(rows[i].name, rows[i].args, rows[i].took_ns),
                            rows[i].category);
}

static void calls_that_make_a_child_are_known(void **unused)
{
    (void)unused;
    assert_int_equal(syscall_child("clone3", "{flags=CLONE_VM|CLONE_THREAD|CLONE_SETTLS}"),
                     SYSCALL_THREAD);
    assert_int_equal(syscall_child("clone", "child_stack=NULL, flags=SIGCHLD"), SYSCALL_PROCESS);
    assert_int_equal(syscall_child("vfork", ""), SYSCALL_PROCESS);
    assert_int_equal(syscall_child("fork", ""), SYSCALL_PROCESS);
    assert_int_equal(syscall_child("read", "3"), SYSCALL_NO_CHILD);
}

static void the_pipe_of_the_trace_is_known(void **unused)
{
    (void)unused;
    assert_true(syscall_is_on_pipe("1000<pipe:[77]>, \"{\"..., 90", 77));
    assert_true(syscall_is_on_pipe("3<pipe:[77]>", 77));
    assert_false(syscall_is_on_pipe("3<pipe:[778]>", 77));
    assert_false(syscall_is_on_pipe("3<pipe:[7]>", 77));
    assert_false(syscall_is_on_pipe("3<socket:[77]>", 77));
    assert_false(syscall_is_on_pipe("3", 77));
    assert_false(syscall_is_on_pipe("", 77));
    assert_false(syscall_is_on_pipe("<pipe:[77]>", 77));
    assert_false(syscall_is_on_pipe("3<pipe:[0]>", 0));
}

static void signals_have_numbers(void **unused)
{
    (void)unused;
    assert_int_equal(syscall_signal((struct piece){"SIGKILL +++", 7}), SIGKILL);
    assert_int_equal(syscall_signal((struct piece){"SIGSEGV", 7}), SIGSEGV);
    assert_int_equal(syscall_signal((struct piece){"SIGRT_3", 7}), 0);
    assert_int_equal(syscall_signal((struct piece){"KILL", 4}), 0);
    assert_int_equal(syscall_signal((struct piece){"", 0}), 0);
}

/* ---- the trace ---- */

#define EXEC                                                                                       \
    "7 1000.000000000 execve(\"./demo\", [\"./demo\"], 0x7ffe /* 3 vars */) = 0 <0.000200000>\n"

static void a_call_is_a_span_with_a_note(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_STRACE,
        EXEC "7 1000.001000000 read(3</a>, \"x\\ny\", 10) = 3 <0.000012345>\n"
             "7 1000.002000000 read(3</a>, \"\", 10) = 0 <0.700000000>\n"
             "7 1000.800000000 clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=0}, NULL) = 0 "
             "<0.000100000>\n");
    assert_string_equal(trace_lane_name(s.trace, 0), "main");
    assert_in_trace(&s, "{\"ph\":\"X\",\"pid\":1,\"tid\":0,\"ts\":0.000,\"dur\":200.000,"
                        "\"name\":\"execve\",\"cat\":\"call\"}\n");
    assert_in_trace(&s, "\"ts\":1000.000,\"dur\":12.345,\"name\":\"read\",\"cat\":\"call\"}\n");
    assert_in_trace(&s, "\"ts\":1000.000,\"name\":\"read\",\"s\":\"t\",\"args\":{\"text\":"
                        "\"(3</a>, \\\"x\\\\ny\\\", 10) = 3\"}}\n");
    assert_in_trace(&s, "\"dur\":700000.000,\"name\":\"read\",\"cat\":\"block\"}\n");
    assert_in_trace(&s, "\"name\":\"clock_nanosleep\",\"cat\":\"sleep\"}\n");
    assert_sound_trace(&s);
    look_away(&s);
}

static void calls_and_errors_are_counted(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_STRACE,
        EXEC "7 1000.001000000 read(3, 0x1, 1) = -1 EAGAIN (Resource temporarily unavailable) "
             "<0.000001000>\n"
             "7 1000.002000000 read(3, 0x1, 1) = -1 EAGAIN (Resource temporarily unavailable) "
             "<0.000001000>\n"
             "7 1000.003000000 pause() = ? ERESTARTNOHAND (To be restarted) <0.000001000>\n");
    assert_int_equal(trace_counters(s.trace), 3);
    assert_string_equal(trace_word(s.trace, trace_counter_name(s.trace, 0)), "syscalls");
    assert_string_equal(trace_word(s.trace, trace_counter_name(s.trace, 1)), "EAGAIN");
    const size_t last = trace_count(s.trace) - 1;
    assert_true(trace_counter_at(s.trace, 0, last) == 4);
    assert_true(trace_counter_at(s.trace, 1, last) == 2);
    assert_true(trace_counter_at(s.trace, 2, last) == 1);
    assert_sound_trace(&s);
    look_away(&s);
}

/* Begin and end that come together are judged by their time; a call that is still open when there
 * is nothing more to read has been seen to wait. */
static void an_unfinished_call_is_shown_when_it_waits(void **unused)
{
    (void)unused;
    static const char begin[] = EXEC "7 1000.001000000 read(3<pipe:[5]>,  <unfinished ...>\n";
    static const char end[] = "7 1000.002500000 <... read resumed>\"a\", 1) = 1 <0.000010000>\n";
    struct seen whole, parts;

    look(&whole, LENS_STRACE);
    char *both = xasprintf("%s%s", begin, end);
    say(&whole, both);
    assert_in_trace(&whole, "{\"ph\":\"X\",\"pid\":1,\"tid\":0,\"ts\":1000.000,\"dur\":1500.000,"
                            "\"name\":\"read\",\"cat\":\"block\"}\n");
    assert_in_trace(&whole, "\"(3<pipe:[5]>, \\\"a\\\", 1) = 1\"");
    assert_sound_trace(&whole);
    look_away(&whole);
    free(both);

    look(&parts, LENS_STRACE);
    say(&parts, begin);
    assert_in_trace(&parts, "{\"ph\":\"B\",\"pid\":1,\"tid\":0,\"ts\":1000.000,"
                            "\"name\":\"read\",\"cat\":\"block\"}\n");
    say(&parts, end);
    assert_in_trace(&parts, "{\"ph\":\"E\",\"pid\":1,\"tid\":0,\"ts\":2500.000}\n");
    assert_in_trace(&parts, "\"ts\":2500.000,\"name\":\"read\",\"s\":\"t\",\"args\":{\"text\":"
                            "\"(3<pipe:[5]>, \\\"a\\\", 1) = 1\"}}\n");
    assert_sound_trace(&parts);
    look_away(&parts);
}

static void arguments_that_came_in_two_parts_are_joined(void **unused)
{
    (void)unused;
    static const struct {
        const char *begin, *end, *text;
    } rows[] = {
        {"clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>",
         "<... clone resumed>, child_tidptr=0x1) = 8 <0.000001000>",
         "(child_stack=NULL, flags=SIGCHLD, child_tidptr=0x1) = 8"},
        {"rt_sigprocmask(SIG_SETMASK, [],  <unfinished ...>",
         "<... rt_sigprocmask resumed>NULL, 8) = 0 <0.000001000>",
         "(SIG_SETMASK, [], NULL, 8) = 0"},
        {"clone3({flags=CLONE_THREAD} <unfinished ...>",
         "<... clone3 resumed> => {parent_tid=[8]}, 88) = 8 <0.000001000>",
         "({flags=CLONE_THREAD} => {parent_tid=[8]}, 88) = 8"},
        {"pause( <unfinished ...>", "<... pause resumed>) = ?", "() = ?"},
        {"read(3 <unfinished ...>", "<... read resumed> <unfinished ...>) = ?", "(3) = ?"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *report =
            xasprintf("7 1000.000000000 %s\n7 1000.000100000 %s\n", rows[i].begin, rows[i].end);
        char *expected = xasprintf("\"text\":\"%s\"}", rows[i].text);
        struct seen s;
        see(&s, LENS_STRACE, report);
        assert_in_trace(&s, expected);
        look_away(&s);
        free(expected);
        free(report);
    }
}

static void each_thread_has_a_lane(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_STRACE,
        EXEC
        /* a thread, whose first call is written before its maker returns */
        "7 1000.001000000 clone3({flags=CLONE_VM|CLONE_THREAD} <unfinished ...>\n"
        "8 1000.001100000 set_robust_list(0x1, 24 <unfinished ...>\n"
        "7 1000.001200000 <... clone3 resumed> => {parent_tid=[8]}, 88) = 8 <0.000200000>\n"
        "8 1000.001300000 <... set_robust_list resumed>) = 0 <0.000200000>\n"
        /* a child, whose maker returns first */
        "8 1000.002000000 clone(child_stack=NULL, flags=SIGCHLD, child_tidptr=0x1) = 9 "
        "<0.000100000>\n"
        "9 1000.003000000 getppid() = 7 <0.000001000>\n"
        /* one that failed makes none */
        "9 1000.004000000 clone(child_stack=NULL, flags=SIGCHLD) = -1 EAGAIN (x) <0.000001000>\n"
        "9 1000.005000000 +++ exited with 0 +++\n");
    assert_int_equal(trace_lanes(s.trace), 3);
    assert_string_equal(trace_lane_name(s.trace, 0), "main");
    assert_string_equal(trace_lane_name(s.trace, 1), "thread 8");
    assert_string_equal(trace_lane_name(s.trace, 2), "process 9");
    assert_in_trace(&s, "\"tid\":2,\"ts\":3000.000,\"dur\":1.000,\"name\":\"getppid\"");
    assert_sound_trace(&s);
    look_away(&s);
}

static void signals_ends_and_stops_are_notes(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_STRACE,
        EXEC "7 1000.001000000 --- SIGUSR1 {si_signo=SIGUSR1, si_pid=7} ---\n"
             "7 1000.002000000 --- stopped by SIGSTOP ---\n"
             "7 1000.003000000 +++ exited with 3 +++\n");
    assert_in_trace(&s, "\"name\":\"SIGUSR1\",\"s\":\"t\",\"args\":{\"text\":"
                        "\"{si_signo=SIGUSR1, si_pid=7}\"}}\n");
    assert_in_trace(&s, "\"name\":\"strace\",\"s\":\"t\",\"args\":{\"text\":"
                        "\"stopped by SIGSTOP\"}}\n");
    assert_in_trace(&s, "\"name\":\"end\",\"s\":\"t\",\"args\":{\"text\":\"exited with 3\"}}\n");
    assert_sound_trace(&s);
    look_away(&s);
}

static void a_span_ends_with_its_thread(void **unused)
{
    (void)unused;
    struct seen s;

    look(&s, LENS_STRACE);
    say(&s, EXEC "7 1000.001000000 read(0,  <unfinished ...>\n");
    say(&s, "7 1000.002000000 +++ killed by SIGKILL +++\n");
    assert_in_trace(&s, "{\"ph\":\"E\",\"pid\":1,\"tid\":0,\"ts\":2000.000}\n");
    assert_sound_trace(&s);
    look_away(&s);
}

static void a_call_that_is_never_resumed_gives_way_to_the_next(void **unused)
{
    (void)unused;
    struct seen s;

    look(&s, LENS_STRACE);
    say(&s, EXEC "7 1000.001000000 execve(\"./x\",  <unfinished ...>\n");
    say(&s, "7 1000.002000000 brk(NULL) = 0x1 <0.000001000>\n"
            "7 1000.003000000 <... read resumed>) = 0 <0.000001000>\n");
    assert_in_trace(&s, "{\"ph\":\"E\",\"pid\":1,\"tid\":0,\"ts\":2000.000}\n");
    assert_not_in_trace(&s, "\"read\"");
    assert_sound_trace(&s);
    look_away(&s);
}

/* ---- the demo's own trace ---- */

/* What demo.c does around each write, to its trace (pipe 77) and to its output. */
#define GUARDED(fd, at)                                                                            \
    "7 1000." at "0000000 rt_sigprocmask(SIG_BLOCK, [PIPE], [], 8) = 0 <0.000001000>\n"            \
    "7 1000." at "1000000 rt_sigpending([], 8) = 0 <0.000001000>\n"                                \
    "7 1000." at "2000000 write(" fd ", \"{\"..., 90) = 90 <0.000001000>\n"                        \
    "7 1000." at "3000000 rt_sigprocmask(SIG_SETMASK, [], NULL, 8) = 0 <0.000001000>\n"

static void what_the_library_does_is_not_shown(void **unused)
{
    (void)unused;
    struct seen s;

    look(&s, LENS_STRACE);
    lens_reader_hide_pipe(s.reader, 77);
    say(&s, EXEC "7 1000.010000000 fcntl(3<pipe:[77]>, F_GETFL) = 0x1 <0.000001000>\n");
    say(&s, GUARDED("1000<pipe:[77]>", "10") GUARDED("1<pipe:[5]>", "20"));
    say(&s, "7 1000.300000000 rt_sigprocmask(SIG_BLOCK, [INT], [], 8) = 0 <0.000001000>\n"
            "7 1000.400000000 rt_sigprocmask(SIG_SETMASK, [], NULL, 8) = 0 <0.000001000>\n");
    lens_reader_finish(s.reader, 1);
    assert_not_in_trace(&s, "pipe:[77]");
    assert_not_in_trace(&s, "rt_sigpending");
    assert_not_in_trace(&s, "[PIPE]");
    assert_in_trace(&s, "(1<pipe:[5]>");
    assert_in_trace(&s, "(SIG_BLOCK, [INT]");
    assert_in_trace(&s, "\"ts\":400000.000,\"name\":\"rt_sigprocmask\"");
    assert_in_report(&s, "0|system calls: 4, failed: 0");
    assert_in_report(&s, "with them: 8\n");
    assert_sound_trace(&s);
    look_away(&s);
}

#define VERDICT_AT(ts)                                                                             \
    "{\"ph\":\"i\",\"pid\":1,\"tid\":0,\"ts\":" ts ",\"name\":\"claim\",\"s\":\"g\","              \
    "\"cat\":\"verdict\",\"args\":{\"result\":\"pass\",\"measured\":1,\"unit\":\"\","              \
    "\"rule\":\"r\"}}\n"

static void own_lanes_are_not_shown_but_verdicts_are(void **unused)
{
    (void)unused;
    static const char own[] = "{\"ph\":\"M\",\"pid\":1,\"tid\":4,\"ts\":0.000,\"name\":"
                              "\"thread_name\",\"args\":{\"name\":\"own lane\"}}\n"
                              "{\"ph\":\"B\",\"pid\":1,\"tid\":4,\"ts\":1.000,\"name\":\"own\","
                              "\"cat\":\"run\"}\n" VERDICT_AT("500.250");
    struct seen s;

    look(&s, LENS_STRACE);
    lens_reader_hide_pipe(s.reader, 77);
    for (size_t i = 0; own[i]; i++) /* lines come in pieces */
        lens_reader_trace(s.reader, own + i, 1);
    assert_null(trace_verdict(s.trace, "claim")); /* when it was is not known yet */
    say(&s, EXEC "7 1000.002000000 fcntl(3<pipe:[77]>, F_GETFL) = 0x1 <0.000001000>\n");
    assert_non_null(trace_verdict(s.trace, "claim"));
    /* 2 ms after the exec the demo's clock began. */
    assert_in_trace(&s, "\"ts\":2500.250,\"name\":\"claim\"");
    lens_reader_trace(s.reader, VERDICT_AT("600.000"), strlen(VERDICT_AT("600.000")));
    assert_in_trace(&s, "\"ts\":2600.000,\"name\":\"claim\"");
    assert_not_in_trace(&s, "own");
    assert_sound_trace(&s);
    look_away(&s);
}

static void a_verdict_counts_whatever_its_time(void **unused)
{
    (void)unused;
    static const char *const times[] = {"1.000", "-5", "1e300", "null", "\"x\""};

    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        char *line = xasprintf("{\"ph\":\"i\",\"ts\":%s,\"name\":\"claim\",\"cat\":\"verdict\","
                               "\"args\":{\"result\":\"pass\",\"measured\":1,\"rule\":\"r\"}}\n",
                               times[i]);
        struct seen s;
        look(&s, LENS_STRACE);
        lens_reader_trace(s.reader, line, strlen(line));
        lens_reader_finish(s.reader, 1);
        assert_non_null(strstr(buf_text(&s.text), "\"name\":\"claim\""));
        look_away(&s);
        free(line);
    }
}

/* ---- the end ---- */

static void assert_end(const char *report, bool known, bool signaled, int code)
{
    struct seen s;

    see(&s, LENS_STRACE, report);
    const struct lens_end end = lens_reader_end(s.reader);
    assert_int_equal(end.known, known);
    if (known) {
        assert_int_equal(end.signaled, signaled);
        assert_int_equal(end.code, code);
    }
    look_away(&s);
}

static void the_end_of_the_first_process_is_the_demo_s(void **unused)
{
    (void)unused;
    assert_end(EXEC, false, false, 0);
    assert_end(EXEC "7 1000.100000000 +++ exited with 3 +++\n", true, false, 3);
    assert_end(EXEC "7 1000.100000000 +++ killed by SIGSEGV +++\n", true, true, SIGSEGV);
    assert_end(EXEC "7 1000.100000000 +++ killed by SIGRT_3 +++\n", false, false, 0);
    assert_end(EXEC "8 1000.100000000 +++ exited with 3 +++\n", false, false, 0);
    assert_end(EXEC "7 1000.100000000 +++ superseded by execve in pid 8 +++\n", false, false, 0);
}

/* ---- the summary ---- */

static void the_summary_has_the_longest_first(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_STRACE,
        EXEC "7 1000.001000000 read(3, 0x1, 1) = -1 EAGAIN (Try) <0.000001000>\n"
             "7 1000.002000000 write(3, \"\", 1) = 1 <0.001000000>\n"
             "7 1000.004000000 write(3, \"\", 1) = -1 EPIPE (Broken pipe) <0.001000000>\n"
             "7 1000.006000000 exit_group(0) = ?\n"
             "this is no line of strace\n");
    assert_report(&s, "0|system calls: 5, failed: 2, inside them: 2.201 ms\n"
                      "0|  write: 2, failed: 1, 2.000 ms\n"
                      "0|  execve: 1, failed: 0, 0.200 ms\n"
                      "0|  read: 1, failed: 1, 0.001 ms\n"
                      "0|  exit_group: 1, failed: 0, 0.000 ms\n"
                      "0|  EAGAIN: 1\n"
                      "0|  EPIPE: 1\n"
                      "0|lines of strace that cannot be read: 1\n");
    look_away(&s);
}

static void a_run_without_a_call_has_a_summary_too(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_STRACE, "");
    assert_report(&s, "0|system calls: 0, failed: 0, inside them: 0.000 ms\n");
    look_away(&s);
}

/* A line that was being written when strace was killed is none. */
static void half_a_line_is_no_line(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_STRACE, EXEC "7 1000.001000000 read(3, 0x");
    assert_in_report(&s, "system calls: 1,");
    look_away(&s);
}

/* ---- anything ---- */

static void many_names_threads_and_errors_stay_within_limits(void **unused)
{
    (void)unused;
    struct seen s;
    size_t n;

    look(&s, LENS_STRACE);
    for (int i = 0; i < 6000; i++) {
        char *line = xasprintf("%d 1000.%09d call_%d(0) = -1 E%c%c%c (x) <0.000001000>\n", i + 1, i,
                               i, 'A' + i % 26, 'A' + i / 26 % 26, 'A' + i / 676);
        say(&s, line);
        free(line);
    }
    lens_reader_finish(s.reader, 1);
    lens_reader_lines(s.reader, &n);
    assert_in_range(n, 20, 100);
    trace_settle(s.trace);
    assert_int_equal(trace_health(s.trace)->bad_lines, 0);
    assert_in_range(trace_counters(s.trace), 40, 64);
    look_away(&s);
}

static void a_line_of_any_length_is_survived(void **unused)
{
    (void)unused;
    char *much = xmalloc(100001);
    struct seen s;

    memset(much, '(', 100000);
    much[100000] = '\0';
    look(&s, LENS_STRACE);
    say(&s, EXEC);
    say(&s, "7 1000.001000000 read(");
    say(&s, much);
    say(&s, ") = 0\n7 1000.002000000 getpid() = 7 <0.000001000>\n");
    lens_reader_finish(s.reader, 1);
    assert_in_report(&s, "system calls: 2,");
    assert_in_report(&s, "cannot be read: 1");
    look_away(&s);
    free(much);
}

static void bent_lines_break_nothing(void **unused)
{
    (void)unused;
    survive(LENS_STRACE,
            EXEC GUARDED("1000<pipe:[77]>", "10") GUARDED(
                "1<pipe:[5]>",
                "20") "7 1000.300000000 clone3({flags=CLONE_VM|CLONE_THREAD} <unfinished ...>\n"
                      "8 1000.310000000 set_robust_list(0x1, 24 <unfinished ...>\n"
                      "7 1000.320000000 <... clone3 resumed> => {parent_tid=[8]}, 88) = 8 "
                      "<0.000200000>\n"
                      "8 1000.330000000 <... set_robust_list resumed>) = 0 <0.000200000>\n"
                      "7 1000.400000000 openat(AT_FDCWD</a>, \"/a\\\"b)> <c = 1\", O_RDWR) = "
                      "3</a\\\"b\\76> "
                      "<0.000098494>\n"
                      "7 1000.500000000 poll([{fd=4, events=POLLIN}], 1, 100) = 0 (Timeout) <0.1>\n"
                      "8 1000.600000000 --- SIGUSR1 {si_signo=SIGUSR1, si_pid=7} ---\n"
                      "8 1000.610000000 --- stopped by SIGSTOP ---\n"
                      "8 1000.700000000 +++ killed by SIGKILL +++\n"
                      "7 1000.800000000 +++ exited with 3 +++\n",
            400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_taken_apart),
        cmocka_unit_test(the_time_is_read_to_the_nanosecond),
        cmocka_unit_test(signals_and_ends_are_taken_apart),
        cmocka_unit_test(what_is_no_line_is_refused),
        cmocka_unit_test(a_call_that_waited_blocks),
        cmocka_unit_test(calls_that_make_a_child_are_known),
        cmocka_unit_test(the_pipe_of_the_trace_is_known),
        cmocka_unit_test(signals_have_numbers),
        cmocka_unit_test(a_call_is_a_span_with_a_note),
        cmocka_unit_test(calls_and_errors_are_counted),
        cmocka_unit_test(an_unfinished_call_is_shown_when_it_waits),
        cmocka_unit_test(arguments_that_came_in_two_parts_are_joined),
        cmocka_unit_test(each_thread_has_a_lane),
        cmocka_unit_test(signals_ends_and_stops_are_notes),
        cmocka_unit_test(a_span_ends_with_its_thread),
        cmocka_unit_test(a_call_that_is_never_resumed_gives_way_to_the_next),
        cmocka_unit_test(what_the_library_does_is_not_shown),
        cmocka_unit_test(own_lanes_are_not_shown_but_verdicts_are),
        cmocka_unit_test(a_verdict_counts_whatever_its_time),
        cmocka_unit_test(the_end_of_the_first_process_is_the_demo_s),
        cmocka_unit_test(the_summary_has_the_longest_first),
        cmocka_unit_test(a_run_without_a_call_has_a_summary_too),
        cmocka_unit_test(half_a_line_is_no_line),
        cmocka_unit_test(many_names_threads_and_errors_stay_within_limits),
        cmocka_unit_test(a_line_of_any_length_is_survived),
        cmocka_unit_test(bent_lines_break_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
