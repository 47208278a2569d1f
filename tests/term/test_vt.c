/*
 * test_vt.c: tests of the terminal that the other tests look through.
 *
 * The programs are shell one-liners. That an assertion of vt.h does fail, and says what a reader
 * needs, is tested by running this program itself in a vt: `test_vt --failing NAME` runs one test
 * that must fail.
 */
#include "vt.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "buf.h"
#include "pty.h"

static struct vt *start_wide_shell(const char *script, int cols)
{
    const char *const argv[] = {"sh", "-c", script, NULL};

    return vt_start(&(struct vt_spec){.argv = argv, .cols = cols, .record = true});
}

static struct vt *start_shell(const char *script)
{
    return start_wide_shell(script, 80);
}

/* Shows what it is sent, in the notation of cat -vT, after setting the terminal's modes. */
static struct vt *start_echo(const char *modes)
{
    char *script = xasprintf("stty raw -echo; printf '%s'; echo ready; exec cat -vT", modes);
    struct vt *vt = start_wide_shell(script, 200);

    free(script);
    vt_wait(vt, "ready");
    return vt;
}

static void a_text_is_found_where_it_stands(void **state)
{
    (void)state;
    struct vt *vt = start_shell("printf 'one\\n  two  three  \\n'; read -r x");
    int row;
    int col;

    vt_wait(vt, "two  three  ");
    assert_true(vt_find(vt, "three", &row, &col));
    assert_int_equal(row, 1);
    assert_int_equal(col, 7);
    assert_false(vt_find(vt, "four", NULL, NULL));
    assert_string_equal(vt_row(vt, 0), "one");
    assert_string_equal(vt_row(vt, 1), "  two  three");
    assert_string_equal(vt_row(vt, 23), "");
    assert_memory_equal(vt_screen(vt), "one\n  two  three\n\n", 18);
    vt_free(vt);
}

static void wide_characters_come_once_and_take_two_columns(void **state)
{
    (void)state;
    struct vt *vt = start_shell("printf '\\033[44m中文\\033[m e\\314\\201 end'; read -r x");
    int row;
    int col;

    vt_wait(vt, "end");
    assert_string_equal(vt_row(vt, 0), "中文 e\314\201 end");
    assert_true(vt_find(vt, "end", &row, &col));
    assert_int_equal(col, 7);
    assert_int_equal(vt_cell(vt, 0, 0).width, 2);
    assert_int_equal(vt_cell(vt, 0, 0).code, 0x4e2d);
    assert_int_equal(vt_cell(vt, 0, 1).width, 0);
    assert_int_equal(vt_cell(vt, 0, 3).bg, 4);
    assert_string_equal(vt_cell(vt, 0, 2).text, "文");
    assert_string_equal(vt_cell(vt, 0, 5).text, "e\314\201");
    vt_free(vt);
}

static void cells_have_attributes_and_colours(void **state)
{
    (void)state;
    struct vt *vt = start_shell("printf '\\033[1mB\\033[0;7mR\\033[0;3;4;9mU\\033[0;31;48;5;200mC"
                                "\\033[0;38;2;1;2;3mT\\033[0mP'; read -r x");

    vt_wait(vt, "BRUCTP");
    assert_true(vt_cell(vt, 0, 0).bold);
    assert_false(vt_cell(vt, 0, 0).reverse);
    assert_true(vt_cell(vt, 0, 1).reverse);
    assert_false(vt_cell(vt, 0, 1).bold);
    assert_true(vt_cell(vt, 0, 2).underline && vt_cell(vt, 0, 2).italic);
    assert_true(vt_cell(vt, 0, 2).strike);
    assert_int_equal(vt_cell(vt, 0, 3).fg, 1);
    assert_int_equal(vt_cell(vt, 0, 3).bg, 200);
    assert_int_equal(vt_cell(vt, 0, 4).fg, VT_RGB | 0x010203);
    assert_int_equal(vt_cell(vt, 0, 5).fg, VT_DEFAULT);
    assert_int_equal(vt_cell(vt, 0, 5).bg, VT_DEFAULT);
    assert_string_equal(vt_cell(vt, 99, 99).text, " ");
    vt_free(vt);
}

static void keys_arrive_as_a_terminal_sends_them(void **state)
{
    (void)state;
    struct vt *vt = start_echo("");

    vt_keys(vt, "aZ<lt><Space>/<Enter><Tab><BS><Esc>|");
    vt_wait(vt, "aZ< /^M^I^?^[|");
    vt_keys(vt, "<Up><Down><Right><Left><Home><End>|");
    vt_wait(vt, "^[[A^[[B^[[C^[[D^[[H^[[F|");
    vt_keys(vt, "<PgUp><PgDn><Ins><Del><F1><F5><F12>|");
    vt_wait(vt, "^[[5~^[[6~^[[2~^[[3~^[OP^[[15~^[[24~|");
    vt_keys(vt, "<C-c><C-z><C-i><C-\\><C-?><M-x><M-C-b><C-Space><C->>|");
    vt_wait(vt, "^C^Z^I^\\^?^[x^[^B^@^^|");
    vt_keys(vt, "<S-Tab><C-Right><S-F5>|");
    vt_wait(vt, "^[[Z^[[1;5C^[[15;2~|");
    vt_free(vt);
}

static void cursor_keys_follow_the_mode_the_program_set(void **state)
{
    (void)state;
    struct vt *vt = start_echo("\\033[?1h");

    vt_keys(vt, "<Up><Down><Home>|");
    vt_wait(vt, "^[OA^[OB^[OH|");
    vt_free(vt);
}

static void other_languages_can_be_typed(void **state)
{
    (void)state;
    struct vt *vt = start_shell("stty raw -echo; echo ready; exec cat");

    vt_wait(vt, "ready");
    vt_keys(vt, "线程é");
    vt_wait(vt, "线程é");
    vt_free(vt);
}

static void the_mouse_speaks_sgr_when_asked(void **state)
{
    (void)state;
    struct vt *vt = start_echo("\\033[?1000h\\033[?1006h");

    vt_click(vt, 2, 4);
    vt_wait(vt, "^[[<0;5;3M^[[<0;5;3m");
    vt_wheel(vt, 2, 4, true);
    vt_wheel(vt, 0, 100 - 21, false);
    vt_wait(vt, "^[[<64;5;3M^[[<65;80;1M");
    vt_free(vt);
}

static void the_mouse_speaks_x10_otherwise(void **state)
{
    (void)state;
    struct vt *vt = start_echo("\\033[?1000h");

    vt_click(vt, 2, 4);
    vt_wait(vt, "^[[M %#^[[M#%#");
    vt_wheel(vt, 2, 4, true);
    vt_wait(vt, "^[[M`%#");
    vt_free(vt);
}

static void a_text_that_leaves_is_waited_for(void **state)
{
    (void)state;
    struct vt *vt = start_shell("printf old; read -r x; printf '\\033[H\\033[2Jnew'; read -r x");

    vt_wait(vt, "old");
    vt_keys(vt, "<Enter>");
    vt_wait_gone(vt, "old");
    vt_wait(vt, "new");
    assert_false(vt_sees(vt, "old", 0));
    vt_free(vt);
}

static void text_that_was_never_there_is_not_seen(void **state)
{
    (void)state;
    struct vt *vt = start_shell("printf here; read -r x");

    assert_true(vt_sees(vt, "here", 10000));
    assert_false(vt_sees(vt, "elsewhere", 20));
    vt_free(vt);
}

static void a_new_size_reaches_the_program(void **state)
{
    (void)state;
    struct vt *vt = start_shell("trap 'stty size' WINCH; stty size; sleep 1000 & "
                                "while :; do wait; done");
    int rows;
    int cols;

    vt_wait(vt, "24 80");
    vt_resize(vt, 12, 40);
    vt_wait(vt, "12 40");
    vt_size(vt, &rows, &cols);
    assert_int_equal(rows, 12);
    assert_int_equal(cols, 40);
    vt_resize(vt, 50, 200);
    vt_wait(vt, "50 200");
    vt_free(vt);
}

static void the_alternate_screen_survives_resizing(void **state)
{
    (void)state;
    struct vt *vt = start_shell("printf 'main\\033[?1049h\\033[Halt'; read -r x;"
                                "printf '\\033[?1049l'; read -r x");

    vt_wait(vt, "alt");
    assert_true(vt_altscreen(vt));
    vt_resize(vt, 5, 20);
    vt_resize(vt, 60, 150);
    vt_resize(vt, 24, 80);
    assert_true(vt_sees(vt, "alt", 0));
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "main");
    assert_false(vt_altscreen(vt));
    vt_free(vt);
}

static void the_cursor_is_known(void **state)
{
    (void)state;
    struct vt *vt = start_shell("stty -echo; printf '\\033[3;5Hx\\033[?25l'; read -r x;"
                                "printf '\\033[?25h.'; read -r x");
    int row;
    int col;

    vt_wait(vt, "x");
    vt_cursor(vt, &row, &col);
    assert_int_equal(row, 2);
    assert_int_equal(col, 5);
    assert_false(vt_cursor_visible(vt));
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "x.");
    assert_true(vt_cursor_visible(vt));
    vt_free(vt);
}

static void the_exit_status_is_handed_over(void **state)
{
    (void)state;
    int status;

    struct vt *vt = start_shell("printf last-words; exit 7");
    vt_assert_exit(vt, 7);
    assert_true(vt_sees(vt, "last-words", 0));
    vt_free(vt);

    vt = start_shell("printf ready; exec sleep 1000");
    vt_wait(vt, "ready");
    vt_signal(vt, SIGTERM);
    vt_wait_exit(vt, &status);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    vt_free(vt);
}

static void all_output_before_the_end_is_on_the_screen(void **state)
{
    (void)state;
    struct vt *vt = start_shell("i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done");

    vt_assert_exit(vt, 0);
    assert_true(vt_sees(vt, "line 4999", 0));
    vt_free(vt);
}

static void output_bytes_are_counted_and_recorded(void **state)
{
    (void)state;
    struct vt *vt = start_shell("stty -echo; printf 'a\\033[1mb'; read -r x; printf c; read -r x");
    size_t n;

    vt_wait(vt, "ab");
    assert_int_equal(vt_output_bytes(vt), 6);
    assert_memory_equal(vt_recorded(vt, &n), "a\033[1mb", 6);
    assert_int_equal(n, 6);
    vt_record_clear(vt);
    vt_keys(vt, "<Enter>");
    vt_wait(vt, "abc");
    assert_string_equal(vt_recorded(vt, NULL), "c");
    assert_int_equal(vt_output_bytes(vt), 7);
    vt_free(vt);
}

static void a_flood_does_not_hide_the_text_behind_it(void **state)
{
    (void)state;
    struct vt *vt = start_shell("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo after;"
                                "read -r x");

    vt_wait(vt, "after");
    assert_true(vt_output_bytes(vt) >= 3000000);
    vt_free(vt);
}

static void the_environment_is_clean(void **state)
{
    (void)state;
    const char *const argv[] = {"sh", "-c",
                                "env | cut -d= -f1 | sort | tr '\\n' ' '; echo $LANG $A", NULL};
    const char *const extra[] = {"LANG=zh_CN.UTF-8", "A=b", "XDG_CACHE_HOME", NULL};

    setenv("SYSTUTOR_LEAK", "1", 1);
    struct vt *vt = vt_start(&(struct vt_spec){.argv = argv, .cols = 200, .env = extra});
    vt_assert_exit(vt, 0);
    assert_true(vt_sees(vt, "zh_CN.UTF-8 b", 0));
    assert_true(vt_sees(vt, "HOME LANG", 0));
    assert_true(vt_sees(vt, "XDG_DATA_HOME", 0));
    assert_false(vt_sees(vt, "XDG_CACHE_HOME", 0));
    assert_false(vt_sees(vt, "SYSTUTOR_LEAK", 0));
    vt_free(vt);
    unsetenv("SYSTUTOR_LEAK");
}

static void descriptors_do_not_leak_in(void **state)
{
    (void)state;
    const int fd = dup(1);
    struct vt *vt = start_shell("ls /proc/self/fd | tr '\\n' ' '; echo done");

    vt_assert_exit(vt, 0);
    assert_true(vt_sees(vt, "0 1 2 3 done", 0)); /* 3: what ls reads the directory through */
    vt_free(vt);
    close(fd);
}

static void a_fresh_home_is_removed_and_a_given_one_kept(void **state)
{
    (void)state;
    char *kept = pty_dir_new();
    const char *const argv[] = {"sh", "-c", "mkdir -p $HOME/a/b; : >$HOME/a/b/c; chmod 0 $HOME/a",
                                NULL};
    struct stat st;

    struct vt *vt = vt_start(&(struct vt_spec){.argv = argv});
    char *home = xstrdup(vt_home(vt));
    vt_assert_exit(vt, 0);
    assert_int_equal(stat(home, &st), 0);
    vt_free(vt);
    assert_int_equal(stat(home, &st), -1);

    vt = vt_start(&(struct vt_spec){.argv = argv, .home = kept});
    assert_string_equal(vt_home(vt), kept);
    vt_assert_exit(vt, 0);
    vt_free(vt);
    assert_int_equal(stat(kept, &st), 0);
    pty_dir_remove(kept);
    assert_int_equal(stat(kept, &st), -1);
    free(kept);
    free(home);
}

static void the_working_directory_can_be_chosen(void **state)
{
    (void)state;
    const char *const argv[] = {"pwd", NULL};
    struct vt *vt = vt_start(&(struct vt_spec){.argv = argv, .cwd = "/"});

    vt_assert_exit(vt, 0);
    assert_string_equal(vt_row(vt, 0), "/");
    vt_free(vt);
}

static void freeing_kills_the_whole_process_group(void **state)
{
    (void)state;
    struct vt *vt = start_shell("sleep 1000 & echo child $!.; wait");

    vt_wait(vt, ".");
    const pid_t leader = vt_pid(vt);
    struct pollfd child = {.events = POLLIN};
    child.fd = pidfd_open(atoi(vt_row(vt, 0) + strlen("child ")), 0);
    if (child.fd < 0 && errno == ENOSYS)
        skip(); /* below valgrind */
    assert_true(child.fd >= 0);
    assert_int_equal(poll(&child, 1, 0), 0);
    vt_free(vt);
    assert_int_equal(kill(leader, 0), -1);
    assert_int_equal(poll(&child, 1, 5000), 1);
    close(child.fd);
}

static void closing_the_terminal_hangs_up(void **state)
{
    (void)state;
    struct vt *vt = start_shell("printf ready; exec sleep 1000");
    int status;

    vt_wait(vt, "ready");
    vt_hang_up(vt);
    vt_wait_exit(vt, &status);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGHUP);
    vt_free(vt);
}

static void a_program_below_a_shell_can_be_stopped_and_resumed(void **state)
{
    (void)state;
    const char *const argv[] = {"sh", "-i", NULL};
    const char *const env[] = {"PS1=prompt> ", NULL};
    struct vt *vt = vt_start(&(struct vt_spec){.argv = argv, .env = env});

    vt_wait(vt, "prompt>");
    vt_keys(vt, "sh -c 'echo in''-front; read -r x; echo got:$x'<Enter>");
    vt_wait(vt, "in-front");
    vt_keys(vt, "<C-z>");
    vt_wait(vt, "Stopped");
    vt_keys(vt, "fg<Enter>");
    vt_keys(vt, "again<Enter>");
    vt_wait(vt, "got:again");
    vt_free(vt);
}

#define MESS "\\033[?1049h\\033[?25l\\033[?1000h\\033[?1h\\033[?2004h\\033[31;7m"
#define TIDY "\\033[?1049l\\033[?25h\\033[?1000l\\033[?1l\\033[?2004l\\033[m"

static void a_terminal_given_back_counts_as_restored(void **state)
{
    (void)state;
    struct vt *vt = start_shell("old=$(stty -g); stty raw -echo; printf '" MESS "text'; read -r x;"
                                "stty $old; printf '" TIDY "'");

    vt_wait(vt, "text");
    assert_non_null(vt_not_restored(vt));
    vt_keys(vt, "\n");
    vt_assert_restored(vt);
    vt_assert_exit(vt, 0);
    vt_assert_restored(vt);
    vt_free(vt);
}

static void each_thing_not_restored_is_named(void **state)
{
    (void)state;
    static const char *const script_and_word[][2] = {
        {"printf '\\033[?1049h'", "alternate screen"},
        {"printf '\\033[?25l'", "cursor still hidden"},
        {"printf '\\033[?1003h'", "mouse still on"},
        {"printf '\\033[?1h'", "application mode"},
        {"printf '\\033[?2004h'", "bracketed paste"},
        {"printf '\\033[7m'", "attributes"},
        {"printf '\\033[42m'", "colours"},
        {"stty -icanon", "termios"},
        {"stty -echo", "termios"},
        {"stty intr x", "termios"},
        {"printf '" MESS "'; printf '" TIDY "'", NULL},
    };

    for (size_t i = 0; i < ARRAY_LEN(script_and_word); i++) {
        const char *word = script_and_word[i][1];
        struct vt *vt = start_shell(script_and_word[i][0]);
        vt_assert_exit(vt, 0);
        const char *why = vt_not_restored(vt);
        if (word)
            assert_true(why && strstr(why, word) && !strchr(why, ',') == !strstr(word, "termios"));
        else
            assert_null(why);
        vt_free(vt);
    }
}

static void a_golden_screen_is_written_and_then_matched(void **state)
{
    (void)state;
    char *dir = pty_dir_new();
    char *made = xasprintf("mkdir -p %s/tests/term", dir);
    char *path = xasprintf("%s/tests/term/golden/two.txt", dir);
    struct buf file = {0};
    struct err e;

    assert_int_equal(system(made), 0);
    setenv("SYSTUTOR_SRC", dir, 1);
    struct vt *vt = start_shell("printf 'a\\n b'; read -r x; printf '\\033[H c'; read -r x");
    vt_wait(vt, "b");
    setenv("GENERATE", "1", 1);
    vt_golden(vt, "two");
    unsetenv("GENERATE");
    assert_true(buf_read_file(&file, path, 1000, &e));
    assert_memory_equal(buf_text(&file), "a\n b\n\n", 6);
    assert_int_equal(file.len, strlen("a\n b\n") + 22);
    vt_golden(vt, "two");
    vt_free(vt);
    unsetenv("SYSTUTOR_SRC");
    buf_release(&file);
    pty_dir_remove(dir);
    free(path);
    free(made);
    free(dir);
}

static void a_golden_screen_is_waited_for(void **state)
{
    (void)state;
    char *dir = pty_dir_new();
    char *script = xasprintf("mkdir -p %s/tests/term/golden; cd %s/tests/term/golden;"
                             "(echo late; yes '' | head -n 23) >late.txt",
                             dir, dir);

    assert_int_equal(system(script), 0);
    setenv("SYSTUTOR_SRC", dir, 1);
    struct vt *vt = start_shell("printf early; sleep 0.3; printf '\\rlate \\033[J'; read -r x");
    vt_wait(vt, "early");
    vt_golden(vt, "late");
    vt_free(vt);
    unsetenv("SYSTUTOR_SRC");
    pty_dir_remove(dir);
    free(script);
    free(dir);
}

static void a_picture_keeps_text_colours_and_columns(void **state)
{
    (void)state;
    char *dir = pty_dir_new();
    char *path = xasprintf("%s/screen.svg", dir);
    struct buf svg = {0};
    struct err e;
    struct vt *vt = start_shell("printf '<a&\"b>\\033[1;38;2;18;52;86mbold\\033[m中│▌⠿ \\033[7mrev"
                                "\\033[m\\033[?25lend'; read -r x");

    vt_wait(vt, "end");
    vt_svg(vt, path, "one & two");
    assert_true(buf_read_file(&svg, path, 1 << 20, &e));
    const char *s = buf_text(&svg);
    assert_memory_equal(s, "<svg xmlns=", 11);
    assert_non_null(strstr(s, ">one &amp; two</title>"));
    assert_non_null(strstr(s, "textLength=\"54\">&lt;a&amp;&quot;b&gt;</text>"));
    assert_non_null(strstr(s, "fill=\"#123456\" font-weight=\"bold\" textLength=\"36\">bold<"));
    assert_non_null(strstr(s, "x=\"111\" y=\"56\" fill=\"#d5d8df\" text-anchor=\"middle\">中<"));
    assert_null(strstr(s, "│"));
    assert_null(strstr(s, "▌"));
    assert_null(strstr(s, "⠿"));
    assert_non_null(strstr(s, "fill=\"#16181d\" textLength=\"27\">rev<"));
    assert_string_equal(s + strlen(s) - 7, "</svg>\n");
    vt_free(vt);
    buf_release(&svg);
    pty_dir_remove(dir);
    free(path);
    free(dir);
}

/* ---- assertions that fail ---- */

static void failing_start(void **state)
{
    (void)state;
    const char *const argv[] = {"no-such-program", NULL};

    vt_start(&(struct vt_spec){.argv = argv});
}

static void failing_wait(void **state)
{
    (void)state;
    vt_wait(start_shell("printf what-is-there; read -r x"), "what-is-not");
}

static void failing_wait_after_exit(void **state)
{
    (void)state;
    vt_wait(start_shell("printf farewell; exit 3"), "what-is-not");
}

static void failing_wait_gone(void **state)
{
    (void)state;
    vt_wait_gone(start_echo(""), "ready");
}

static void failing_wait_exit(void **state)
{
    (void)state;
    int status;

    vt_wait_exit(start_shell("read -r x"), &status);
}

static void failing_assert_exit(void **state)
{
    (void)state;
    vt_assert_exit(start_shell("exit 3"), 0);
}

static void failing_key(void **state)
{
    (void)state;
    vt_keys(start_echo(""), "a<Dwon>");
}

static void failing_key_after_exit(void **state)
{
    (void)state;
    struct vt *vt = start_shell("exit 0");

    vt_assert_exit(vt, 0);
    vt_keys(vt, "a");
}

static void failing_click(void **state)
{
    (void)state;
    vt_click(start_echo(""), 1, 1);
}

static void failing_restored(void **state)
{
    (void)state;
    struct vt *vt = start_shell("printf '\\033[?25l'");

    vt_assert_exit(vt, 0);
    vt_assert_restored(vt);
}

static void failing_golden(void **state)
{
    (void)state;
    struct vt *vt = start_shell("printf 'same\\nother'; read -r x");
    const char *dir = vt_home(vt);
    char *script = xasprintf("mkdir -p %s/tests/term/golden; cd %s/tests/term/golden;"
                             "(echo same; yes agreed | head -n 1; yes '' | head -n 22) >g.txt",
                             dir, dir);

    assert_int_equal(system(script), 0);
    free(script);
    setenv("SYSTUTOR_SRC", dir, 1);
    vt_golden(vt, "g");
}

static void failing_golden_that_is_missing(void **state)
{
    (void)state;
    struct vt *vt = start_shell("printf x; read -r x");

    setenv("SYSTUTOR_SRC", vt_home(vt), 1);
    vt_golden(vt, "never-made");
}

struct failing {
    const char *name;
    CMUnitTestFunction run;
    const char *says[3]; /* all of it must be in its output */
};

static const struct failing failing[] = {
    {"start", failing_start, {"cannot run no-such-program: No such file"}},
    {"wait", failing_wait, {"\"what-is-not\" did not come up", "|what-is-there", "cursor shown"}},
    {"exited", failing_wait_after_exit, {"(the program has ended)", "|farewell"}},
    {"gone", failing_wait_gone, {"\"ready\" did not leave the screen"}},
    {"exit", failing_wait_exit, {"the program did not end"}},
    {"status", failing_assert_exit, {"exit status 0 expected, got 3"}},
    {"key", failing_key, {"\"a<Dwon>\" has an unknown key"}},
    {"late-key", failing_key_after_exit, {"input for a program that has ended"}},
    {"click", failing_click, {"did not switch the mouse on"}},
    {"restored", failing_restored, {"not restored: cursor still hidden"}},
    {"golden",
     failing_golden,
     {"row  1 expected |agreed", "got |other", "the screen differs from"}},
    {"no-golden", failing_golden_that_is_missing, {"never-made.txt", "GENERATE=1"}},
};

static int run_failing(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(failing); i++) {
        if (strcmp(failing[i].name, name) != 0)
            continue;
        const struct CMUnitTest tests[] = {
            {failing[i].name, failing[i].run, NULL, vt_teardown, NULL},
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
    }
    fprintf(stderr, "no test %s\n", name);
    return 2;
}

/* This program's file, by its own name: below valgrind, /proc/self/exe opens valgrind's. */
static char self[PATH_MAX];

static bool find_self(void)
{
    const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

    return n > 0 && n < (ssize_t)sizeof(self) - 1;
}

static void what_fails_says_where_and_shows_the_screen(void **state)
{
    (void)state;
    const char *const env[] = {"VT_LIMIT_S=1", NULL};

    for (size_t i = 0; i < ARRAY_LEN(failing); i++) {
        const char *const argv[] = {self, "--failing", failing[i].name, NULL};
        struct vt *vt =
            vt_start(&(struct vt_spec){.argv = argv, .rows = 80, .cols = 160, .env = env});
        vt_assert_exit(vt, 1);
        for (size_t k = 0; k < ARRAY_LEN(failing[i].says) && failing[i].says[k]; k++)
            vt_wait(vt, failing[i].says[k]);
        vt_wait(vt, "test_vt.c:");
        vt_free(vt);
    }
}

static bool no_test_home(const char *dir)
{
    char *command = xasprintf("test -z \"$(ls %s)\"", dir);
    const bool empty = system(command) == 0;

    free(command);
    return empty;
}

static void a_failed_test_leaves_nothing_behind(void **state)
{
    (void)state;
    char *dir = pty_dir_new();
    char *tmpdir = xasprintf("TMPDIR=%s", dir);
    const char *const env[] = {"VT_LIMIT_S=1", tmpdir, NULL};
    const char *const argv[] = {self, "--failing", "wait", NULL};

    struct vt *vt = vt_start(&(struct vt_spec){.argv = argv, .env = env});
    vt_assert_exit(vt, 1);
    assert_true(no_test_home(dir));
    vt_free(vt);
    pty_dir_remove(dir);
    free(tmpdir);
    free(dir);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_text_is_found_where_it_stands, vt_teardown),
        cmocka_unit_test_teardown(wide_characters_come_once_and_take_two_columns, vt_teardown),
        cmocka_unit_test_teardown(cells_have_attributes_and_colours, vt_teardown),
        cmocka_unit_test_teardown(keys_arrive_as_a_terminal_sends_them, vt_teardown),
        cmocka_unit_test_teardown(cursor_keys_follow_the_mode_the_program_set, vt_teardown),
        cmocka_unit_test_teardown(other_languages_can_be_typed, vt_teardown),
        cmocka_unit_test_teardown(the_mouse_speaks_sgr_when_asked, vt_teardown),
        cmocka_unit_test_teardown(the_mouse_speaks_x10_otherwise, vt_teardown),
        cmocka_unit_test_teardown(a_text_that_leaves_is_waited_for, vt_teardown),
        cmocka_unit_test_teardown(text_that_was_never_there_is_not_seen, vt_teardown),
        cmocka_unit_test_teardown(a_new_size_reaches_the_program, vt_teardown),
        cmocka_unit_test_teardown(the_alternate_screen_survives_resizing, vt_teardown),
        cmocka_unit_test_teardown(the_cursor_is_known, vt_teardown),
        cmocka_unit_test_teardown(the_exit_status_is_handed_over, vt_teardown),
        cmocka_unit_test_teardown(all_output_before_the_end_is_on_the_screen, vt_teardown),
        cmocka_unit_test_teardown(output_bytes_are_counted_and_recorded, vt_teardown),
        cmocka_unit_test_teardown(a_flood_does_not_hide_the_text_behind_it, vt_teardown),
        cmocka_unit_test_teardown(the_environment_is_clean, vt_teardown),
        cmocka_unit_test_teardown(descriptors_do_not_leak_in, vt_teardown),
        cmocka_unit_test_teardown(a_fresh_home_is_removed_and_a_given_one_kept, vt_teardown),
        cmocka_unit_test_teardown(the_working_directory_can_be_chosen, vt_teardown),
        cmocka_unit_test_teardown(freeing_kills_the_whole_process_group, vt_teardown),
        cmocka_unit_test_teardown(closing_the_terminal_hangs_up, vt_teardown),
        cmocka_unit_test_teardown(a_program_below_a_shell_can_be_stopped_and_resumed, vt_teardown),
        cmocka_unit_test_teardown(a_terminal_given_back_counts_as_restored, vt_teardown),
        cmocka_unit_test_teardown(each_thing_not_restored_is_named, vt_teardown),
        cmocka_unit_test_teardown(a_golden_screen_is_written_and_then_matched, vt_teardown),
        cmocka_unit_test_teardown(a_golden_screen_is_waited_for, vt_teardown),
        cmocka_unit_test_teardown(a_picture_keeps_text_colours_and_columns, vt_teardown),
        cmocka_unit_test_teardown(what_fails_says_where_and_shows_the_screen, vt_teardown),
        cmocka_unit_test_teardown(a_failed_test_leaves_nothing_behind, vt_teardown),
    };

    if (argc == 3 && strcmp(argv[1], "--failing") == 0)
        return run_failing(argv[2]);
    if (!find_self())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
