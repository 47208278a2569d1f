/*
 * test_lens_gdb.c: what gdb 13 has logged under data/lens/stacks.gdb. Nothing runs here: see
 * test_lens_run.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>

#include "lenses.h"

static const char crash[] =
    "[Thread debugging using libthread_db enabled]\n"
    "Using host libthread_db library \"/lib/x86_64-linux-gnu/libthread_db.so.1\".\n"
    "\n"
    "Program received signal SIGSEGV, Segmentation fault.\n"
    "__pthread_kill_implementation (threadid=<optimized out>, signo=11, no_tid=0) at "
    "./nptl/./nptl/pthread_kill.c:44\n"
    "44\t./nptl/./nptl/pthread_kill.c: No such file or directory.\n"
    "\n"
    "Thread 1 (Thread 0x7ffff7dd0740 (LWP 21044) \"demo\"):\n"
    "#0  __pthread_kill_implementation (threadid=<optimized out>, signo=11, no_tid=0) at "
    "./nptl/./nptl/pthread_kill.c:44\n"
    "#1  raise () from /lib/x86_64-linux-gnu/libc.so.6\n"
    "#2  main () at content/50-x/20-y/demo.c:9\n"
    "\n"
    "Program terminated with signal SIGSEGV, Segmentation fault.\n"
    "The program no longer exists.\n"
    "@signal 11\n";

static void a_crash_is_told_with_its_stack(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_GDB, crash);
    assert_report(&s, "9|received SIGSEGV\n"
                      "9|thread 1 \"demo\", LWP 21044\n"
                      "0|  #0 __pthread_kill_implementation (pthread_kill.c)\n"
                      "0|  #1 raise (libc.so.6)\n"
                      "9|  #2 main () at demo.c:9\n");
    const struct lens_end end = lens_reader_end(s.reader);
    assert_true(end.known && end.signaled);
    assert_int_equal(end.code, SIGSEGV);
    look_away(&s);
}

static void every_thread_is_shown_where_it_is_held(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_GDB,
        "Thread 2 \"demo\" received signal SIGSTOP, Stopped (signal).\n"
        "[Switching to Thread 0x7ffff7dcf6c0 (LWP 21119)]\n"
        "futex_wait (private=0, expected=2, futex_word=<b>) at futex-internal.h:146\n"
        "\n"
        "Thread 1 (Thread 0x7ffff7dd0740 (LWP 21116) \"demo\"):\n"
        "#0  futex_wait (private=0, expected=2, futex_word=<b>) at "
        "./nptl/../sysdeps/nptl/futex-internal.h:146\n"
        "#1  main () at 20-y/demo.c:12\n"
        "\n"
        "Thread 2 (Thread 0x7ffff7dcf6c0 (LWP 21119)):\n"
        "#0  two (arg=<optimized out>) at 20-y/demo.c:8\n"
        "#1  start_thread (arg=<optimized out>) at ./nptl/./nptl/pthread_create.c:442\n"
        "#2  clone3 () at ./misc/../sysdeps/unix/sysv/linux/x86_64/clone3.S:81\n"
        "[Inferior 1 (process 21116) killed]\n");
    assert_report(&s, "8|held where it was:\n"
                      "12|thread 1 \"demo\", LWP 21116\n"
                      "0|  #0 futex_wait (futex-internal.h)\n"
                      "12|  #1 main () at demo.c:12\n"
                      "8|thread 2, LWP 21119\n"
                      "8|  #0 two (arg=<optimized out>) at demo.c:8\n"
                      "0|  #1 start_thread (pthread_create.c)\n"
                      "0|  #2 clone3 (clone3.S)\n");
    assert_false(lens_reader_end(s.reader).known);
    look_away(&s);
}

/* Arguments may hold what looks like the end of a frame. */
static void frames_are_read_whatever_their_arguments(void **unused)
{
    (void)unused;
    static const struct {
        const char *frame, *line;
    } rows[] = {
        {"#0  f (s=\"x) at y.c:9\") at 20-y/demo.c:7",
         "7|  #0 f (s=\"x) at y.c:9\") at demo.c:7\n"},
        {"#12 f (c=41 ')') at 20-y/demo.c:7", "7|  #12 f (c=41 ')') at demo.c:7\n"},
        {"#0  f (c=39 '\\'', s=\"\\\"\") at 20-y/demo.c:7",
         "7|  #0 f (c=39 '\\'', s=\"\\\"\") at demo.c:7\n"},
        {"#0  f (g=(void (*)(int)) 0x1) at 20-y/demo.c:7",
         "7|  #0 f (g=(void (*)(int)) 0x1) at demo.c:7\n"},
        {"#0  <signal handler called>", "0|  #0 <signal handler called>\n"},
        {"#0  ?? ()", "0|  #0 ??\n"},
        {"#0  ?? () from /lib/libc.so.6", "0|  #0 ?? (libc.so.6)\n"},
        {"#0  main () at /home/me/lib/demo.c:7", "0|  #0 main (demo.c)\n"},
        {"#0  f (s=\"no end) at 20-y/demo.c:7", "0|  #0 f\n"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *log = xasprintf("Program received signal SIGABRT, Aborted.\n"
                              "Thread 1 (Thread 0x7f (LWP 7) \"demo\"):\n%s\n",
                              rows[i].frame);
        struct seen s;
        see(&s, LENS_GDB, log);
        assert_in_report(&s, rows[i].line);
        look_away(&s);
        free(log);
    }
}

static void an_exit_status_is_told(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_GDB, "[Inferior 1 (process 21079) exited with code 03]\n@exited 3\n");
    assert_report(&s, "0|no crash and no hang: there is no stack to show\n");
    const struct lens_end end = lens_reader_end(s.reader);
    assert_true(end.known && !end.signaled);
    assert_int_equal(end.code, 3);
    look_away(&s);
}

/* The demo handles it: gdb lets it go on. */
static void a_signal_that_is_handled_is_no_end(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_GDB,
        "Program received signal SIGSEGV, Segmentation fault.\n"
        "Thread 1 (Thread 0x7f (LWP 7) \"demo\"):\n"
        "#0  poke () at 20-y/demo.c:7\n"
        "[Inferior 1 (process 7) exited normally]\n"
        "@exited 0\n");
    assert_report(&s, "7|received SIGSEGV\n"
                      "7|thread 1 \"demo\", LWP 7\n"
                      "7|  #0 poke () at demo.c:7\n");
    assert_int_equal(lens_reader_end(s.reader).code, 0);
    look_away(&s);
}

static void bent_logs_break_nothing(void **unused)
{
    (void)unused;
    survive(LENS_GDB, crash, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_is_told_with_its_stack),
        cmocka_unit_test(every_thread_is_shown_where_it_is_held),
        cmocka_unit_test(frames_are_read_whatever_their_arguments),
        cmocka_unit_test(an_exit_status_is_told),
        cmocka_unit_test(a_signal_that_is_handled_is_no_end),
        cmocka_unit_test(bent_logs_break_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
