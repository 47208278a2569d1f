/*
 * test_base.c: fatal ends, arenas, buffers, and files in and out of buffers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "base.h"
#include "buf.h"

/* Under AddressSanitizer an allocation that is too large must fail as it does without. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* Volatile, so that the compiler does not warn of what is meant here. */
static volatile size_t huge = SIZE_MAX / 2;

/* Fatal ends: each runs in a child of its own */

struct child_end {
    int status;
    char said[512];
};

static struct child_end run_child(void (*body)(void))
{
    struct child_end end = {0};
    int fds[2];
    size_t n = 0;

    assert_int_equal(pipe(fds), 0);
    fflush(NULL);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL); /* cmocka catches it */
        dup2(fds[1], STDERR_FILENO);
        close(fds[0]);
        close(fds[1]);
        body();
        _exit(99);
    }
    close(fds[1]);
    for (ssize_t got; (got = read(fds[0], end.said + n, sizeof(end.said) - 1 - n)) > 0;)
        n += (size_t)got;
    close(fds[0]);
    assert_int_equal(waitpid(pid, &end.status, 0), pid);
    return end;
}

static void say_restored(void)
{
    fputs("[restored]", stderr);
}

static void die_with_hook(void)
{
    die_set_restore(say_restored);
    die("%s: no %s", "tty", "terminal");
}

static void die_without_hook(void)
{
    die_set_restore(NULL);
    die("out of luck");
}

static void fail_in_hook(void)
{
    die("the hook failed as well");
}

static void die_twice(void)
{
    die_set_restore(fail_in_hook);
    die("first");
}

static void break_promise(void)
{
    die_set_restore(say_restored);
    BUG("%d is not %d", 1, 2);
}

static void ask_too_much(void)
{
    xmalloc(huge);
}

static void ask_too_many(void)
{
    x_array(huge, 4);
}

static void grow_too_much(void)
{
    x_resize(NULL, huge, 4);
}

static void overflow_arena(void)
{
    struct arena a = {0};

    arena_array(&a, huge, 4);
}

static void overflow_arena_alignment(void)
{
    struct arena a = {0};

    arena_alloc(&a, huge * 2 + 1);
}

static void consume_too_much(void)
{
    struct buf b = {0};

    buf_puts(&b, "ab");
    buf_consume(&b, 3);
}

static void assert_dies(void (*body)(void), const char *said)
{
    const struct child_end end = run_child(body);

    assert_true(WIFEXITED(end.status));
    assert_int_equal(WEXITSTATUS(end.status), 1);
    assert_string_equal(end.said, said);
}

static void assert_is_bug(void (*body)(void), const char *said)
{
    const struct child_end end = run_child(body);

    assert_true(WIFSIGNALED(end.status));
    assert_int_equal(WTERMSIG(end.status), SIGABRT);
    assert_non_null(strstr(end.said, "systutor: bug at "));
    assert_non_null(strstr(end.said, said));
}

static void die_restores_the_terminal_says_why_and_exits_1(void **state)
{
    (void)state;
    assert_dies(die_with_hook, "[restored]systutor: tty: no terminal\n");
    assert_dies(die_without_hook, "systutor: out of luck\n");
}

static void die_in_the_hook_does_not_loop(void **state)
{
    (void)state;
    assert_dies(die_twice, "systutor: the hook failed as well\n");
}

static void bug_restores_the_terminal_names_the_place_and_aborts(void **state)
{
    (void)state;
    assert_is_bug(break_promise, "1 is not 2\n");
    assert_is_bug(break_promise, "[restored]systutor: bug at ");
    assert_is_bug(break_promise, "test_base.c:");
}

static void no_memory_is_the_end(void **state)
{
    static void (*const bodies[])(void) = {ask_too_much, ask_too_many, grow_too_much,
                                           overflow_arena, overflow_arena_alignment};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        const struct child_end end = run_child(bodies[i]);
        assert_true(WIFEXITED(end.status));
        assert_int_equal(WEXITSTATUS(end.status), 1);
        assert_non_null(strstr(end.said, "systutor: out of memory ("));
    }
}

/* Expected errors */

static void err_set_fills_and_returns_false(void **state)
{
    struct err e;

    (void)state;
    assert_false(err_set(&e, "%s: needs %d", "x.json", 2));
    assert_string_equal(e.text, "x.json: needs 2");
    assert_false(err_set(NULL, "nobody listens"));
}

static void err_sys_adds_the_reason_and_keeps_errno_out_of_it(void **state)
{
    struct err e;

    (void)state;
    errno = ENOENT;
    assert_false(err_sys(&e, "%s: cannot open", "x"));
    assert_string_equal(e.text, "x: cannot open: No such file or directory");
    assert_false(err_sys(NULL, "nobody listens"));
}

static void a_long_error_is_cut_not_overrun(void **state)
{
    struct err e;
    char name[1000];

    (void)state;
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    err_set(&e, "%s", name);
    assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
    errno = ENOENT;
    err_sys(&e, "%s", name);
    assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
}

static void strings_are_copied(void **state)
{
    char *a = xstrdup("abc");
    char *b = xstrndup("abcdef", 2);
    char *c = xasprintf("%s-%d", "x", 7);

    (void)state;
    assert_string_equal(a, "abc");
    assert_string_equal(b, "ab");
    assert_string_equal(c, "x-7");
    free(a);
    free(b);
    free(c);
}

static void nothing_can_be_allocated(void **state)
{
    char *none = xmalloc(0);
    int *array = x_array(0, sizeof(*array));

    (void)state;
    assert_non_null(none);
    assert_non_null(array);
    array = x_resize(array, 0, sizeof(*array));
    assert_non_null(array);
    free(none);
    free(array);
}

static void arrays_start_as_zeros_and_keep_their_items(void **state)
{
    int *array = x_array(4, sizeof(*array));

    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(array[i], 0);
        array[i] = i;
    }
    array = x_resize(array, 1000, sizeof(*array));
    for (int i = 0; i < 4; i++)
        assert_int_equal(array[i], i);
    free(array);
}

static void small_numbers_compare(void **state)
{
    (void)state;
    assert_int_equal(size_min(1, 2), 1);
    assert_int_equal(size_max(1, 2), 2);
    assert_int_equal(int_min(-1, 2), -1);
    assert_int_equal(int_max(-1, 2), 2);
    assert_int_equal(int_clamp(5, 1, 3), 3);
    assert_int_equal(int_clamp(-5, 1, 3), 1);
    assert_int_equal(int_clamp(2, 1, 3), 2);
}

/* Arenas */

static void arena_memory_is_zeroed_aligned_and_apart(void **state)
{
    struct arena a = {0};
    unsigned char *last = NULL;

    (void)state;
    for (size_t size = 0; size < 300; size++) {
        unsigned char *p = arena_alloc(&a, size);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xAA, size);
        assert_ptr_not_equal(p, last);
        last = p;
    }
    arena_free(&a);
    assert_null(a.newest);
    assert_string_equal(arena_strdup(&a, "used again"), "used again");
    arena_free(&a);
    arena_free(&a);
}

static void arena_takes_what_is_larger_than_a_block(void **state)
{
    struct arena a = {0};
    const size_t size = 1024 * 1024;

    (void)state;
    char *small = arena_strdup(&a, "small");
    char *large = arena_array(&a, size, 1);
    memset(large, 'x', size);
    char *after = arena_strdup(&a, "after");
    assert_string_equal(small, "small");
    assert_string_equal(after, "after");
    assert_int_equal(large[size - 1], 'x');
    arena_free(&a);
}

static void arena_formats_and_cuts_strings(void **state)
{
    struct arena a = {0};

    (void)state;
    assert_string_equal(arena_printf(&a, "%d of %s", 3, "many"), "3 of many");
    assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
    assert_string_equal(arena_strndup(&a, "", 0), "");
    arena_free(&a);
}

/* Buffers */

static void buf_is_a_string_at_every_step(void **state)
{
    struct buf b = {0};

    (void)state;
    assert_string_equal(buf_text(&b), "");
    buf_puts(&b, "ab");
    buf_putc(&b, 'c');
    buf_add(&b, "def", 2);
    buf_printf(&b, "%d", 42);
    assert_string_equal(b.text, "abcde42");
    assert_int_equal(b.len, 7);
    buf_consume(&b, 3);
    assert_string_equal(b.text, "de42");
    buf_consume(&b, 4);
    assert_string_equal(b.text, "");
    buf_puts(&b, "again");
    buf_clear(&b);
    assert_string_equal(b.text, "");
    assert_int_equal(b.len, 0);
    buf_release(&b);
    assert_null(b.text);
    buf_release(&b);
}

static void buf_keeps_nuls_and_grows(void **state)
{
    struct buf b = {0};

    (void)state;
    for (int i = 0; i < 10000; i++)
        buf_add(&b, "a\0b", 3);
    assert_int_equal(b.len, 30000);
    assert_memory_equal(b.text + 29997, "a\0b", 4);
    buf_release(&b);
}

static void buf_take_gives_the_text_away(void **state)
{
    struct buf b = {0};

    (void)state;
    buf_puts(&b, "mine");
    char *text = buf_take(&b);
    assert_string_equal(text, "mine");
    assert_null(b.text);
    free(text);
    text = buf_take(&b); /* empty, and never NULL */
    assert_string_equal(text, "");
    free(text);
}

static void consuming_more_than_there_is_is_a_bug(void **state)
{
    (void)state;
    assert_is_bug(consume_too_much, "consuming 3 of 2 bytes");
}

/* Files: in a directory of their own, removed with everything in it */

struct files {
    char dir[256];
    char path[300];
};

static int make_dir(void **state)
{
    struct files *f = x_array(1, sizeof(*f));
    const char *tmp = getenv("TMPDIR");

    snprintf(f->dir, sizeof(f->dir), "%s/test_base.XXXXXX", tmp ? tmp : P_tmpdir);
    *state = f;
    return mkdtemp(f->dir) ? 0 : -1;
}

static const char *in_dir(struct files *f, const char *name)
{
    snprintf(f->path, sizeof(f->path), "%s/%s", f->dir, name);
    return f->path;
}

static int remove_dir(void **state)
{
    static const char *const names[] = {"file", "fifo", "link"};
    struct files *f = *state;

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        unlink(in_dir(f, names[i]));
    rmdir(in_dir(f, "dir"));
    const int rc = rmdir(f->dir); /* fails if a temporary file was left behind */
    free(f);
    return rc;
}

static void write_file(const char *path, const char *text)
{
    struct buf b = {0};
    struct err e;

    buf_puts(&b, text);
    assert_true(buf_write_file(&b, path, &e));
    buf_release(&b);
}

static void assert_cannot_read(const char *path, const char *why)
{
    struct buf b = {0};
    struct err e = {.text = ""};

    buf_puts(&b, "before");
    assert_false(buf_read_file(&b, path, 10, &e));
    assert_string_equal(b.text, "before"); /* untouched */
    assert_non_null(strstr(e.text, path));
    assert_non_null(strstr(e.text, why));
    assert_false(buf_read_file(&b, path, 10, NULL));
    buf_release(&b);
}

static void what_is_written_is_read_back(void **state)
{
    const char *path = in_dir(*state, "file");
    struct buf b = {0};
    struct err e;

    buf_add(&b, "a\0\xff\n", 4);
    assert_true(buf_write_file(&b, path, &e));
    buf_clear(&b);
    buf_puts(&b, "x");
    assert_true(buf_read_file(&b, path, 4, &e)); /* exactly max, appended */
    assert_int_equal(b.len, 5);
    assert_memory_equal(b.text, "xa\0\xff\n", 6);
    buf_release(&b);
}

static void an_empty_file_is_read(void **state)
{
    const char *path = in_dir(*state, "file");
    struct buf b = {0};
    struct err e;

    assert_true(buf_write_file(&b, path, &e));
    assert_true(buf_read_file(&b, path, 0, &e));
    assert_string_equal(buf_text(&b), "");
    buf_release(&b);
}

static void only_regular_files_of_bounded_size_are_read(void **state)
{
    struct files *f = *state;

    assert_cannot_read(in_dir(f, "missing"), "No such file or directory");
    assert_cannot_read(f->dir, "not a regular file");
    assert_cannot_read("/dev/null", "not a regular file");
    write_file(in_dir(f, "file"), "eleven char");
    assert_cannot_read(f->path, "larger than 10 bytes");
}

/* Opening a FIFO without a writer blocks, if done naively; the alarm would end the test. */
static void a_fifo_is_refused_at_once(void **state)
{
    const char *path = in_dir(*state, "fifo");

    assert_int_equal(mkfifo(path, 0600), 0);
    alarm(10);
    assert_cannot_read(path, "not a regular file");
    alarm(0);
}

static void a_file_without_permission_is_refused(void **state)
{
    const char *path = in_dir(*state, "file");

    if (geteuid() == 0)
        skip(); /* root reads everything */
    write_file(path, "secret");
    assert_int_equal(chmod(path, 0), 0);
    assert_cannot_read(path, "Permission denied");
}

/* A reader that has the old file open keeps seeing all of it: the new one is another inode. */
static void writing_replaces_in_one_step(void **state)
{
    const char *path = in_dir(*state, "file");
    char seen[16] = "";
    struct stat before;
    struct stat after;

    write_file(path, "old");
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &before), 0);
    write_file(path, "new and longer");
    assert_int_equal(read(fd, seen, sizeof(seen) - 1), 3);
    assert_string_equal(seen, "old");
    assert_int_equal(stat(path, &after), 0);
    assert_int_not_equal(before.st_ino, after.st_ino);
    assert_int_equal(after.st_size, strlen("new and longer"));
    close(fd);
}

static void a_failed_write_leaves_nothing_behind(void **state)
{
    struct files *f = *state;
    struct buf b = {0};
    struct err e = {.text = ""};

    buf_puts(&b, "text");
    assert_int_equal(mkdir(in_dir(f, "dir"), 0700), 0);
    assert_false(buf_write_file(&b, f->path, &e)); /* a directory cannot be replaced */
    assert_non_null(strstr(e.text, f->path));
    assert_non_null(strstr(e.text, "cannot replace"));
    assert_false(buf_write_file(&b, in_dir(f, "missing/file"), &e));
    assert_non_null(strstr(e.text, "cannot create"));
    buf_release(&b);
}

static void a_full_disk_keeps_the_old_file(void **state)
{
    const char *path = in_dir(*state, "file");
    const struct rlimit tight = {.rlim_cur = 4, .rlim_max = RLIM_INFINITY};
    struct rlimit old;
    struct buf b = {0};
    struct err e = {.text = ""};

    write_file(path, "old");
    buf_puts(&b, "too long");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    const bool ok = buf_write_file(&b, path, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_false(ok);
    assert_non_null(strstr(e.text, "cannot write"));
    buf_clear(&b);
    assert_true(buf_read_file(&b, path, 100, &e));
    assert_string_equal(b.text, "old");
    buf_release(&b);
}

#define file_test(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(die_restores_the_terminal_says_why_and_exits_1),
        cmocka_unit_test(die_in_the_hook_does_not_loop),
        cmocka_unit_test(bug_restores_the_terminal_names_the_place_and_aborts),
        cmocka_unit_test(no_memory_is_the_end),
        cmocka_unit_test(err_set_fills_and_returns_false),
        cmocka_unit_test(err_sys_adds_the_reason_and_keeps_errno_out_of_it),
        cmocka_unit_test(a_long_error_is_cut_not_overrun),
        cmocka_unit_test(strings_are_copied),
        cmocka_unit_test(nothing_can_be_allocated),
        cmocka_unit_test(arrays_start_as_zeros_and_keep_their_items),
        cmocka_unit_test(small_numbers_compare),
        cmocka_unit_test(arena_memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(arena_takes_what_is_larger_than_a_block),
        cmocka_unit_test(arena_formats_and_cuts_strings),
        cmocka_unit_test(buf_is_a_string_at_every_step),
        cmocka_unit_test(buf_keeps_nuls_and_grows),
        cmocka_unit_test(buf_take_gives_the_text_away),
        cmocka_unit_test(consuming_more_than_there_is_is_a_bug),
        file_test(what_is_written_is_read_back),
        file_test(an_empty_file_is_read),
        file_test(only_regular_files_of_bounded_size_are_read),
        file_test(a_fifo_is_refused_at_once),
        file_test(a_file_without_permission_is_refused),
        file_test(writing_replaces_in_one_step),
        file_test(a_failed_write_leaves_nothing_behind),
        file_test(a_full_disk_keeps_the_old_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
