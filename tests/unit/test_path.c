/*
 * test_path.c: where the tutor finds its own files and the learner's.
 *
 * The tutor looks around from where its program is, so this program copies itself to TREE/bin in
 * a folder of its own and runs the tests there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"

static const char TREE[] = "SYSTUTOR_TEST_TREE"; /* names the folder in the environment */

static const char *tree(void)
{
    return getenv(TREE);
}

/* TREE/name; the caller frees. */
static char *in_tree(const char *name)
{
    return path_join(tree(), name);
}

static void make_dir(const char *name)
{
    char *path = in_tree(name);
    struct err e = {""};

    if (!path_make_dirs(path, &e))
        fail_msg("%s", e.text);
    free(path);
}

static void move(const char *from, const char *to)
{
    char *a = in_tree(from), *b = in_tree(to);

    assert_int_equal(rename(a, b), 0);
    free(a);
    free(b);
}

static bool same_place(const char *path, const char *name)
{
    char *wanted = in_tree(name);
    struct stat a, b;
    const bool same = stat(path, &a) == 0 && stat(wanted, &b) == 0 && a.st_ino == b.st_ino &&
                      a.st_dev == b.st_dev;

    free(wanted);
    return same;
}

/* A clean environment for each test; NULL unsets. */
static void set_env(const char *home, const char *data_home, const char *cache_home)
{
    const char *const rows[][2] = {
        {"HOME", home}, {"XDG_DATA_HOME", data_home}, {"XDG_CACHE_HOME", cache_home}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(rows[i][1] ? setenv(rows[i][0], rows[i][1], 1) : unsetenv(rows[i][0]), 0);
}

static struct paths init(const char *content, const char *db)
{
    struct paths p;
    struct err e = {""};

    if (!path_init(&p, content, db, &e))
        fail_msg("%s", e.text);
    return p;
}

/* ---- the learner's files ---- */

static void files_of_the_learner_are_where_xdg_says(void **unused)
{
    (void)unused;
    static const struct {
        const char *home, *data_home, *cache_home, *db, *cache;
    } rows[] = {
        {"/h", NULL, NULL, "/h/.local/share/systutor/progress.db", "/h/.cache/systutor"},
        {"/h", "/d", "/c", "/d/systutor/progress.db", "/c/systutor"},
        {"/h", "/d", NULL, "/d/systutor/progress.db", "/h/.cache/systutor"},
        {NULL, "/d", "/c", "/d/systutor/progress.db", "/c/systutor"},
        {NULL, "/d", NULL, "/d/systutor/progress.db", NULL},
        /* relative and empty ones are ignored */
        {"/h", "d", "./c", "/h/.local/share/systutor/progress.db", "/h/.cache/systutor"},
        {"/h", "", "", "/h/.local/share/systutor/progress.db", "/h/.cache/systutor"},
        {"/h", "~/d", "$HOME/c", "/h/.local/share/systutor/progress.db", "/h/.cache/systutor"},
        {"", "/d", "c", "/d/systutor/progress.db", NULL},
        {"h", "/d", NULL, "/d/systutor/progress.db", NULL},
        {"/with space/家", NULL, NULL, "/with space/家/.local/share/systutor/progress.db",
         "/with space/家/.cache/systutor"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        set_env(rows[i].home, rows[i].data_home, rows[i].cache_home);
        struct paths p = init(NULL, NULL);
        assert_string_equal(p.db, rows[i].db);
        if (rows[i].cache)
            assert_string_equal(p.cache, rows[i].cache);
        else
            assert_null(p.cache);
        path_release(&p);
        assert_null(p.db);
    }
}

static void without_a_home_the_database_must_be_named(void **unused)
{
    (void)unused;
    static const char *const homes[] = {NULL, "", "relative"};
    struct paths p;

    for (size_t i = 0; i < ARRAY_LEN(homes); i++) {
        struct err e = {""};
        set_env(homes[i], "relative", NULL);
        assert_false(path_init(&p, NULL, NULL, &e));
        assert_non_null(strstr(e.text, "HOME"));
        assert_non_null(strstr(e.text, "--db"));
        path_release(&p);
        p = init(NULL, "my.db");
        assert_string_equal(p.db, "my.db");
        assert_null(p.cache);
        path_release(&p);
    }
}

static void a_database_that_is_named_is_taken(void **unused)
{
    (void)unused;
    static const char *const names[] = {":memory:", "/x/y.db", "relative.db"};

    set_env("/h", NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct paths p = init(NULL, names[i]);
        assert_string_equal(p.db, names[i]);
        assert_string_equal(p.cache, "/h/.cache/systutor");
        path_release(&p);
    }
}

/* ---- the tutor's own files ---- */

static void a_build_tree_has_them_beside_the_program(void **unused)
{
    (void)unused;
    set_env("/h", NULL, NULL);
    struct paths p = init(NULL, NULL);
    assert_true(same_place(p.content, "content"));
    assert_true(same_place(p.data, "data"));
    assert_true(same_place(p.demos, "bin/demos"));
    assert_true(p.own_content);
    path_release(&p);
}

static void an_installed_tutor_has_them_under_its_prefix(void **unused)
{
    (void)unused;
    set_env("/h", NULL, NULL);
    move("data", "share/systutor/data");
    struct paths p = init(NULL, NULL);
    assert_true(same_place(p.content, "share/systutor/content"));
    assert_true(same_place(p.data, "share/systutor/data"));
    assert_true(same_place(p.demos, "libexec/systutor/demos"));
    path_release(&p);
    move("share/systutor/data", "data");
}

static void without_its_files_the_tutor_says_what_is_missing(void **unused)
{
    (void)unused;
    struct paths p;
    struct err e = {""};

    set_env("/h", NULL, NULL);
    move("data", "elsewhere");
    assert_false(path_init(&p, NULL, NULL, &e));
    assert_non_null(strstr(e.text, "share/systutor/data"));
    assert_non_null(strstr(e.text, "install"));
    path_release(&p);
    move("elsewhere", "data");
}

static void only_its_own_content_is_its_own(void **unused)
{
    (void)unused;
    char *own = in_tree("content"), *odd = in_tree("bin/../content/"), *other = in_tree("share");
    char *link = in_tree("link");

    set_env("/h", NULL, NULL);
    assert_int_equal(symlink(own, link), 0);
    const struct {
        const char *content;
        bool own;
    } rows[] = {
        {own, true}, {odd, true}, {link, true}, {other, false}, {"/proc/nonexistent", false},
        {"/", false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct paths p = init(rows[i].content, NULL);
        assert_string_equal(p.content, rows[i].content);
        assert_int_equal(p.own_content, rows[i].own);
        path_release(&p);
    }
    assert_int_equal(unlink(link), 0);
    free(own);
    free(odd);
    free(other);
    free(link);
}

static void parts_are_joined_with_a_slash(void **unused)
{
    (void)unused;
    char *joined = path_join("/a/b", "c.d");

    assert_string_equal(joined, "/a/b/c.d");
    free(joined);
}

/* ---- folders ---- */

static bool is_dir(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void expect_made(const char *name)
{
    char *path = in_tree(name);
    struct err e = {""};

    if (!path_make_dirs(path, &e))
        fail_msg("%s", e.text);
    assert_true(is_dir(path));
    assert_true(path_make_dirs(path, NULL)); /* it is there already */
    free(path);
}

static void folders_are_made_with_those_above(void **unused)
{
    (void)unused;
    static const char *const made[] = {"made", "made/a", "made/a/b"};
    const mode_t old = umask(0);

    expect_made("made/a/b");
    umask(old);
    for (size_t i = 0; i < ARRAY_LEN(made); i++) {
        struct stat st;
        char *path = in_tree(made[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700); /* nobody else's business */
        free(path);
    }
    expect_made("made/c/");
    expect_made("made//d///e");
    expect_made("made/./f/../g");
    assert_true(path_make_dirs("/", NULL));
}

static void relative_folders_are_made_too(void **unused)
{
    (void)unused;
    char *back = getcwd(NULL, 0);

    assert_int_equal(chdir(tree()), 0);
    assert_true(path_make_dirs("relative/a", NULL));
    assert_true(is_dir("relative/a"));
    assert_true(path_make_dirs("r", NULL));
    assert_true(is_dir("r"));
    assert_int_equal(chdir(back), 0);
    free(back);
}

static void existing_folders_keep_their_mode(void **unused)
{
    (void)unused;
    struct stat st;
    char *path = in_tree("open");

    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(chmod(path, 0755), 0);
    expect_made("open/inside");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    free(path);
}

static void expect_not_made(const char *path, const char *words)
{
    struct err e = {""};

    assert_false(path_make_dirs(path, &e));
    if (!strstr(e.text, words))
        fail_msg("\"%s\" does not say \"%s\"", e.text, words);
    assert_false(path_make_dirs(path, NULL));
}

static void what_cannot_be_made_is_an_error_that_names_it(void **unused)
{
    (void)unused;
    char *file = in_tree("file"), *below = in_tree("file/a/b"), *dangling = in_tree("dangling");
    const int fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(symlink("/proc/nonexistent/target", dangling), 0);
    expect_not_made(file, "not a folder");
    expect_not_made(below, strerror(ENOTDIR));
    expect_not_made(below, file);
    expect_not_made(dangling, dangling);
    expect_not_made("/proc/systutor/a", "/proc/systutor");
    expect_not_made("", "folder");
    free(file);
    free(below);
    free(dangling);
}

/* ---- moving to a tree of our own ---- */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static int remove_tree(void **unused)
{
    (void)unused;
    return nftw(tree(), remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static int make_tree(void **unused)
{
    (void)unused;
    static const char *const dirs[] = {"data/migrations", "content", "bin/demos",
                                       "share/systutor/content", "libexec/systutor/demos"};

    for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
        make_dir(dirs[i]);
    return 0;
}

static void copy_program(const char *to)
{
    const int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    const int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
    ssize_t n = -1;

    if (in >= 0 && out >= 0)
        while ((n = sendfile(out, in, NULL, 1 << 30)) > 0)
            ;
    if (n < 0)
        die("cannot copy the test to %s", to);
    close(in);
    close(out);
}

static void move_to_a_tree(char **argv)
{
    const char *tmp = getenv("TMPDIR");
    char *dir = xasprintf("%s/systutor-path.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(dir) || setenv(TREE, dir, 1) < 0)
        die("cannot make %s", dir);
    char *bin = path_join(dir, "bin"), *program = path_join(bin, "test_path");

    if (!path_make_dirs(bin, NULL))
        die("cannot make %s", bin);
    copy_program(program);
    execv(program, argv);
    die("cannot run %s", program);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_the_learner_are_where_xdg_says),
        cmocka_unit_test(without_a_home_the_database_must_be_named),
        cmocka_unit_test(a_database_that_is_named_is_taken),
        cmocka_unit_test(a_build_tree_has_them_beside_the_program),
        cmocka_unit_test(an_installed_tutor_has_them_under_its_prefix),
        cmocka_unit_test(without_its_files_the_tutor_says_what_is_missing),
        cmocka_unit_test(only_its_own_content_is_its_own),
        cmocka_unit_test(parts_are_joined_with_a_slash),
        cmocka_unit_test(folders_are_made_with_those_above),
        cmocka_unit_test(relative_folders_are_made_too),
        cmocka_unit_test(existing_folders_keep_their_mode),
        cmocka_unit_test(what_cannot_be_made_is_an_error_that_names_it),
    };

    (void)argc;
    if (!tree())
        move_to_a_tree(argv);
    return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
