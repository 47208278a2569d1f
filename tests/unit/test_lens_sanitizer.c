/*
 * test_lens_sanitizer.c: reports of ThreadSanitizer, AddressSanitizer, LeakSanitizer and
 * UndefinedBehaviorSanitizer, as gcc 12 and clang 14 write them. Nothing runs here: see
 * test_lens_run.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lenses.h"

#define SOURCE "/home/me/50-x/20-y/demo.c"

static const char race[] =
    "@started\n"
    "==================\n"
    "WARNING: ThreadSanitizer: data race (pid=21363)\n"
    "  Read of size 4 at 0x555d8309f064 by thread T2:\n"
    "    #0 add " SOURCE ":4 (demo+0x11e7)\n"
    "\n"
    "  Previous write of size 4 at 0x555d8309f064 by thread T1:\n"
    "    #0 add " SOURCE ":5 (demo+0x120b)\n"
    "    #1 demo_begin /home/me/lib/demo.c:90 (demo+0x12ff)\n"
    "\n"
    "  Location is global 'counter' of size 4 at 0x555d8309f064 (demo+0x4064)\n"
    "\n"
    "  Thread T2 (tid=21366, running) created by main thread at:\n"
    "    #0 pthread_create ../../../../src/libsanitizer/tsan/tsan_interceptors_posix.cpp:1001 "
    "(libtsan.so.2+0x5e686)\n"
    "    #1 main " SOURCE ":26 (demo+0x126d)\n"
    "\n"
    "SUMMARY: ThreadSanitizer: data race " SOURCE ":4 in add\n"
    "==================\n"
    "ThreadSanitizer: reported 1 warnings\n";

static void a_data_race_is_told_with_its_lines(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_TSAN, race);
    assert_report(&s, "4|data race\n"
                      "0|  Read of size 4 by thread T2:\n"
                      "4|  #0 add at demo.c:4\n"
                      "0|  Previous write of size 4 by thread T1:\n"
                      "5|  #0 add at demo.c:5\n"
                      "0|  #1 demo_begin (demo.c)\n"
                      "0|  Location is global 'counter' of size 4\n"
                      "0|  Thread T2 (tid=21366, running) created by main thread at:\n"
                      "0|  #0 pthread_create (libtsan.so.2)\n"
                      "26|  #1 main at demo.c:26\n");
    look_away(&s);
}

static void reports_are_told_one_after_the_other(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_TSAN,
        "@started\n"
        "==================\n"
        "WARNING: ThreadSanitizer: lock-order-inversion (potential deadlock) (pid=7)\n"
        "  Cycle in lock order graph: M1 (0x7b10) => M2 (0x7b20) => M1\n"
        "\n"
        "    #0 pthread_mutex_lock <null> (libtsan.so.2+0x1)\n"
        "    #1 left " SOURCE ":9 (demo+0x2) (BuildId: 12ab)\n"
        "==================\n"
        "WARNING: ThreadSanitizer: thread leak (pid=7)\n"
        "    #0 main " SOURCE ":40:7 (demo+0x3)\n"
        "ThreadSanitizer: reported 2 warnings\n");
    assert_report(&s, "9|lock-order-inversion (potential deadlock)\n"
                      "0|  Cycle in lock order graph: M1 => M2 => M1\n"
                      "0|  #0 pthread_mutex_lock (libtsan.so.2)\n"
                      "9|  #1 left at demo.c:9\n"
                      "40|thread leak\n"
                      "40|  #0 main at demo.c:40\n");
    look_away(&s);
}

static void a_crash_under_it_is_told(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_TSAN,
        "@started\n"
        "ThreadSanitizer:DEADLYSIGNAL\n"
        "==7==ERROR: ThreadSanitizer: SEGV on unknown address 0x000000000000 (pc 0x55 bp 0x0 sp "
        "0x7f T7)\n"
        "==7==The signal is caused by a WRITE memory access.\n"
        "==7==Hint: address points to the zero page.\n"
        "    #0 main " SOURCE ":3 (demo+0x1)\n"
        "==7==ABORTING\n");
    assert_report(&s, "0|ThreadSanitizer:DEADLYSIGNAL\n"
                      "3|SEGV\n"
                      "0|The signal is caused by a WRITE memory access.\n"
                      "0|Hint: address points to the zero page.\n"
                      "3|  #0 main at demo.c:3\n");
    look_away(&s);
}

static const char use_after_free[] =
    "@started\n"
    "=================================================================\n"
    "==21375==ERROR: AddressSanitizer: heap-use-after-free on address 0x604000000014 at pc "
    "0x558b7d479349 bp 0x7fffdec17c20 sp 0x7fffdec17c18\n"
    "READ of size 4 at 0x604000000014 thread T0\n"
    "    #0 0x558b7d479348 in get " SOURCE ":3\n"
    "    #1 0x558b7d479348 in main " SOURCE ":8\n"
    "    #2 0x7f3fe8c45249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58\n"
    "    #3 0x558b7d479120 in _start (/home/me/demo+0x1120)\n"
    "\n"
    "0x604000000014 is located 4 bytes inside of 40-byte region "
    "[0x604000000010,0x604000000038)\n"
    "freed by thread T0 here:\n"
    "    #0 0x7f3fe96b76a8 in __interceptor_free "
    "../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:52\n"
    "    #1 0x558b7d4792ce in main " SOURCE ":6\n"
    "\n"
    "SUMMARY: AddressSanitizer: heap-use-after-free " SOURCE ":3 in get\n"
    "Shadow bytes around the buggy address:\n"
    "  0x0c087fff7fb0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
    "=>0x0c087fff8000: fa fa[fd]fd fd fd fd fa fa fa fa fa fa fa fa fa\n"
    "Shadow byte legend (one shadow byte represents 8 application bytes):\n"
    "  Heap left redzone:       fa\n"
    "==21375==ABORTING\n";

static void a_use_after_free_is_told_with_its_lines(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_ASAN, use_after_free);
    assert_report(&s, "3|heap-use-after-free\n"
                      "0|READ of size 4 thread T0\n"
                      "3|  #0 get at demo.c:3\n"
                      "8|  #1 main at demo.c:8\n"
                      "0|  #2 __libc_start_call_main (libc_start_call_main.h)\n"
                      "0|  #3 _start\n"
                      "0|is located 4 bytes inside of 40-byte region\n"
                      "0|freed by thread T0 here:\n"
                      "0|  #0 __interceptor_free (asan_malloc_linux.cpp)\n"
                      "6|  #1 main at demo.c:6\n");
    look_away(&s);
}

static void leaks_are_told_with_their_lines(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_ASAN,
        "@started\n"
        "\n"
        "=================================================================\n"
        "==21379==ERROR: LeakSanitizer: detected memory leaks\n"
        "\n"
        "Direct leak of 40 byte(s) in 1 object(s) allocated from:\n"
        "    #0 0x7faf6a6b89cf in __interceptor_malloc ../asan_malloc_linux.cpp:69\n"
        "    #1 0x558071d81201 in main " SOURCE ":5\n"
        "\n"
        "SUMMARY: AddressSanitizer: 40 byte(s) leaked in 1 allocation(s).\n");
    assert_report(&s, "5|detected memory leaks\n"
                      "0|Direct leak of 40 byte(s) in 1 object(s) allocated from:\n"
                      "0|  #0 __interceptor_malloc (asan_malloc_linux.cpp)\n"
                      "5|  #1 main at demo.c:5\n");
    look_away(&s);
}

static void undefined_behaviour_is_told_with_its_line(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_ASAN,
        "@started\n" SOURCE ":5:61: runtime error: signed integer overflow: 1 + 2147483647 cannot "
        "be represented in type 'int'\n" SOURCE
        ":3:47: runtime error: load of address 0x604000000038 with insufficient space for an "
        "object of type 'const int'\n"
        "0x604000000038: note: pointer points here\n"
        " be be be be  00 00 00 00 00 00 00 00  00 00 00 00\n"
        "              ^ \n"
        "/home/me/lib/demo.c:9:1: runtime error: null pointer passed\n");
    assert_report(&s, "5|runtime error: signed integer overflow: 1 + 2147483647 cannot be "
                      "represented in type 'int'\n"
                      "3|runtime error: load of address 0x604000000038 with insufficient space for "
                      "an object of type 'const int'\n"
                      "0|runtime error: null pointer passed\n");
    look_away(&s);
}

static void a_path_with_blanks_is_read(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_TSAN,
        "@started\n"
        "WARNING: ThreadSanitizer: data race (pid=7)\n"
        "    #0 add /home/me/my work (new)/20-y/demo.c:4 (my demo+0x1)\n"
        "    #1 add /home/me/my work/other.c:4 (/usr/lib/lib x.so.1+0x1)\n");
    assert_report(&s, "4|data race\n"
                      "4|  #0 add at demo.c:4\n"
                      "0|  #1 add (lib x.so.1)\n");
    look_away(&s);
}

static void nothing_found_is_said(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_TSAN, "@started\n");
    assert_report(&s, "0|ThreadSanitizer found nothing in this run\n");
    look_away(&s);
    see(&s, LENS_ASAN, "@started\n");
    assert_report(&s, "0|AddressSanitizer found nothing in this run\n");
    look_away(&s);
}

/* It is not the same as nothing found. */
static void one_that_could_not_start_is_said(void **unused)
{
    (void)unused;
    struct seen s;

    see(&s, LENS_TSAN, "");
    assert_in_report(&s, "ThreadSanitizer could not start");
    look_away(&s);
}

static void a_report_in_pieces_is_the_same(void **unused)
{
    (void)unused;
    struct seen whole, bytes;

    see(&whole, LENS_ASAN, use_after_free);
    char *expected = report_text(&whole);
    look(&bytes, LENS_ASAN);
    for (size_t i = 0; use_after_free[i]; i++)
        lens_reader_report(bytes.reader, use_after_free + i, 1);
    lens_reader_finish(bytes.reader, 1);
    assert_report(&bytes, expected);
    free(expected);
    look_away(&whole);
    look_away(&bytes);
}

static void bent_reports_break_nothing(void **unused)
{
    (void)unused;
    survive(LENS_TSAN, race, 400);
    survive(LENS_ASAN, use_after_free, 400);
    survive(LENS_ASAN, "@started\n" SOURCE ":5:61: runtime error: x\n0x6: note: y\n\n^\n", 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_data_race_is_told_with_its_lines),
        cmocka_unit_test(reports_are_told_one_after_the_other),
        cmocka_unit_test(a_crash_under_it_is_told),
        cmocka_unit_test(a_use_after_free_is_told_with_its_lines),
        cmocka_unit_test(leaks_are_told_with_their_lines),
        cmocka_unit_test(undefined_behaviour_is_told_with_its_line),
        cmocka_unit_test(a_path_with_blanks_is_read),
        cmocka_unit_test(nothing_found_is_said),
        cmocka_unit_test(one_that_could_not_start_is_said),
        cmocka_unit_test(a_report_in_pieces_is_the_same),
        cmocka_unit_test(bent_reports_break_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
