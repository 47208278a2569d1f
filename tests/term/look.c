/*
 * look.c: kept runs looked at in a test. See look.h.
 */
#include "look.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"

/* What they are for, and how many events they have. */
static const struct {
    const char *name;
    int events;
} files[] = {
    {"lanes.json", 38},    /* spans of all categories, arrows, notes, verdicts, a lost message */
    {"messages.json", 21}, /* as of HTTP: long texts, to itself, overtaking, lost; five lanes */
    {"snapshots.json", 8}, /* lists, fields that change, marks, nodes that come and go, one cut */
    {"plots.json", 59},    /* logarithmic, linear, with negative values, of one point */
    {"level.json", 46},    /* two runs of one demo: they differ in length and in counters */
    {"edge.json", 23},
    {"broken.json", 14}, /* bad lines, control bytes in all names, numbers as large as they get */
    {"empty.json", 0},
};

/* ---- starting ---- */

struct tree *look_tree(void)
{
    struct tree *t = tree_new(NULL);

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char *path = xasprintf("tests/term/traces/%s", files[i].name);
        char *from = tutor_source(path);
        tree_copy(t, from, files[i].name);
        free(from);
        free(path);
    }
    return t;
}

struct vt *look_start(const struct look *l)
{
    enum { MAX_WORDS = 12 };
    char *program = xstrdup(tree_path(l->tree, "build/systutor"));
    const char *lang = l->lang ? l->lang : "en";
    const char *argv[MAX_WORDS] = {program, "--now", "2026-03-01T12:00:00", "--lang", lang};
    const char *env[ARRAY_LEN(l->env) + 1] = {NULL};
    size_t n = 5;

    if (l->option)
        argv[n++] = l->option;
    argv[n++] = "trace";
    for (size_t i = 0; i < ARRAY_LEN(l->files) && l->files[i]; i++)
        argv[n++] = l->files[i];
    memcpy(env, l->env, sizeof(l->env));
    const struct vt_spec spec = {.argv = argv,
                                 .rows = l->rows,
                                 .cols = l->cols,
                                 .env = env,
                                 .cwd = tree_path(l->tree, "."),
                                 .record = l->record};
    struct vt *vt = vt_start(&spec);
    free(program);
    return vt;
}

static int events_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        if (strcmp(files[i].name, name) == 0)
            return files[i].events;
    fail_msg("no file is called %s", name);
    abort();
}

struct vt *look_at(const struct look *l, char view)
{
    const char keys[] = {view, 'g', '\0'};
    struct vt *vt = look_start(l);
    char all[16];

    snprintf(all, sizeof(all), "/%d", events_of(l->files[0]));
    vt_wait(vt, all);
    vt_keys(vt, keys);
    look_wait_at(vt, 0);
    return vt;
}

/* ---- the cursor ---- */

/* "12" of a row that ends with "12/38"; -1 of any other. */
static int row_position(const char *row)
{
    const char *slash = strrchr(row, '/');

    if (!slash || !isdigit((unsigned char)slash[1]))
        return -1;
    while (slash > row && isdigit((unsigned char)slash[-1]))
        slash--;
    return isdigit((unsigned char)*slash) ? atoi(slash) : -1;
}

/* The tabs are below the title, and below its line where there is room for one. */
int look_position(struct vt *vt)
{
    const int above = row_position(vt_row(vt, 1));

    return above >= 0 ? above : row_position(vt_row(vt, 2));
}

static bool is_at(struct vt *vt, void *at)
{
    return look_position(vt) == *(int *)at;
}

void look_wait_at_at(struct vt *vt, int at, const char *file, int line)
{
    if (!vt_until(vt, is_at, &at, vt_limit_ms()))
        vt_fail_at(vt, file, line, "the cursor is at event %d, not %d", look_position(vt), at);
}

static bool is_elsewhere(struct vt *vt, void *at)
{
    const int now = look_position(vt);

    return now >= 0 && now != *(int *)at;
}

int look_move_at(struct vt *vt, const char *keys, const char *file, int line)
{
    int before = look_position(vt);

    vt_keys_at(vt, keys, file, line);
    if (!vt_until(vt, is_elsewhere, &before, vt_limit_ms()))
        vt_fail_at(vt, file, line, "\"%s\" leaves the cursor at event %d", keys, before);
    return look_position(vt);
}

/* ---- whole frames ---- */

static bool never(struct vt *vt, void *unused)
{
    (void)vt;
    (void)unused;
    return false;
}

/* A process that sleeps has drawn what it was going to draw. */
static bool is_asleep(const struct vt *vt)
{
    char path[64], state = '?';

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)vt_pid(vt));
    FILE *f = fopen(path, "r");
    if (!f || fscanf(f, "%*d %*s %c", &state) != 1)
        state = '?';
    if (f)
        fclose(f);
    return state == 'S';
}

char *look_screen(struct vt *vt)
{
    for (int i = 0; i < vt_limit_ms(); i++) {
        const bool asleep = is_asleep(vt);
        const size_t seen = vt_output_bytes(vt);
        vt_until(vt, never, NULL, 1); /* reads what there is */
        if (asleep && vt_output_bytes(vt) == seen)
            break;
    }
    return xstrdup(vt_screen(vt));
}

static bool is_screen(struct vt *vt, void *screen)
{
    return strcmp(vt_screen(vt), screen) == 0;
}

void look_wait_screen_at(struct vt *vt, const char *screen, const char *file, int line)
{
    char *copy = xstrdup(screen);
    const bool ok = vt_until(vt, is_screen, copy, vt_limit_ms());

    free(copy);
    if (!ok)
        vt_fail_at(vt, file, line, "the screen is not this one:\n%s", screen);
}

/* ---- the mouse ---- */

void look_click_at(struct vt *vt, const char *text, const char *file, int line)
{
    int row, col;

    vt_wait_at(vt, text, true, file, line);
    vt_find(vt, text, &row, &col);
    vt_click_at(vt, row, col, file, line);
}

/* ---- hostile bytes ---- */

static bool is_upper_control(const char *out, size_t i)
{
    const unsigned char c = (unsigned char)out[i], before = i > 0 ? (unsigned char)out[i - 1] : 0;

    /* As a byte alone, or as UTF-8: 0xc2 and the byte. */
    return c >= 0x80 && c < 0xa0 && (before < 0x80 || before == 0xc2);
}

void look_assert_harmless_at(struct vt *vt, const char *file, int line)
{
    static const char *const sequences[] = {"\033]", "\033[31mx", "\033[31man", "\033[2J\xff",
                                            "\a",    "\v",        "\f",         "\xff",
                                            "\xfe",  "\033P",     "\033c",      "\xe2\x80\xae"};
    size_t n;
    const char *out = vt_recorded(vt, &n);

    for (size_t i = 0; i < ARRAY_LEN(sequences); i++)
        if (memmem(out, n, sequences[i], strlen(sequences[i])))
            vt_fail_at(vt, file, line, "the sequence %zu of a file was sent", i);
    for (size_t i = 0; i < n; i++)
        if (is_upper_control(out, i))
            vt_fail_at(vt, file, line, "the control byte 0x%02x was sent", (unsigned char)out[i]);
}
