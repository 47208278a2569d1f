/*
 * vt_golden.c: the screen against the one that was agreed on, kept in tests/term/golden/.
 *
 * A file there is what vt_screen gives: all rows, without blanks at their ends. To accept a new
 * look, run the tests once with GENERATE=1 and review the change like any other.
 */
#include "vt.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "buf.h"
#include "pty.h"

enum {
    MAX_GOLDEN = 1 << 20,
    SETTLE_MS = 300,  /* quiet before a file is written: a person reviews it anyway */
    GIVE_UP_MS = 2000 /* quiet before a screen that differs is final */
};

static char *golden_dir(void)
{
    const char *src = getenv("SYSTUTOR_SRC");

    return xasprintf("%s/tests/term/golden", src && *src ? src : ".");
}

static bool generating(void)
{
    const char *s = getenv("GENERATE");

    return s && strcmp(s, "1") == 0;
}

static bool has_more_output(struct vt *vt, void *seen)
{
    return vt_output_bytes(vt) != *(size_t *)seen;
}

/* Lets output come in until the screen is as expected or nothing comes any more. */
static bool becomes(struct vt *vt, const char *expected)
{
    const int64_t end = pty_now_ns() + (int64_t)vt_limit_ms() * 1000000;

    while (strcmp(vt_screen(vt), expected) != 0) {
        size_t seen = vt_output_bytes(vt);
        if (!vt_until(vt, has_more_output, &seen, GIVE_UP_MS) || pty_now_ns() > end)
            return strcmp(vt_screen(vt), expected) == 0;
    }
    return true;
}

/* The next line of *text without its '\n', as a length; moves *text behind it. */
static size_t next_line(const char **text, const char **line)
{
    const size_t n = strcspn(*text, "\n");

    *line = *text;
    *text += n + ((*text)[n] == '\n');
    return n;
}

static void print_diff(const char *expected, const char *got)
{
    for (int row = 0; *expected || *got; row++) {
        const char *a;
        const char *b;
        const size_t a_len = next_line(&expected, &a);
        const size_t b_len = next_line(&got, &b);
        if (a_len == b_len && memcmp(a, b, a_len) == 0)
            continue;
        print_error("row %2d expected |%.*s\n", row, (int)a_len, a);
        print_error("            got |%.*s\n", (int)b_len, b);
    }
}

static void generate(struct vt *vt, const char *dir, const char *path, const char *file, int line)
{
    struct buf screen = {0};
    struct err e;

    vt_wait_quiet(vt, SETTLE_MS);
    if (mkdir(dir, 0777) < 0 && errno != EEXIST)
        vt_fail_at(vt, file, line, "cannot make %s: %s", dir, strerror(errno));
    buf_puts(&screen, vt_screen(vt));
    const bool ok = buf_write_file(&screen, path, &e);
    buf_release(&screen);
    if (!ok)
        vt_fail_at(vt, file, line, "%s", e.text);
}

static void compare(struct vt *vt, const char *path, const char *file, int line)
{
    struct buf expected = {0};
    struct err e;

    if (!buf_read_file(&expected, path, MAX_GOLDEN, &e))
        vt_fail_at(vt, file, line, "%s; run the tests with GENERATE=1 to make it", e.text);
    const bool same = becomes(vt, buf_text(&expected));
    if (!same)
        print_diff(buf_text(&expected), vt_screen(vt));
    buf_release(&expected);
    if (!same)
        vt_fail_at(vt, file, line, "the screen differs from %s; GENERATE=1 accepts it", path);
}

void vt_golden_at(struct vt *vt, const char *name, const char *file, int line)
{
    char *dir = golden_dir();
    char *path = xasprintf("%s/%s.txt", dir, name);

    if (generating())
        generate(vt, dir, path, file, line);
    else
        compare(vt, path, file, line);
    free(path);
    free(dir);
}
