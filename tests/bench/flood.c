/*
 * flood.c: how fast keys are answered while a demo writes as fast as it can. See flood.h.
 *
 * The tutor runs the demos of its own content only, so this makes it a build tree: a copy of the
 * program, a link to its data, one lesson, and a "compiled" demo that is a script around yes(1).
 * The key that is timed shows the demo's source and hides it again. Its frame counts from the
 * first chunk after which a row near the end of the screen shows a line of the source (or does
 * not): under a flood the screen is never at rest.
 */
#include "flood.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "frames.h"

enum {
    MAX_PROGRAM = 256 * 1024 * 1024,
    A_TURN = 20,  /* keys under flood, then as many without */
    PAUSE_MS = 20 /* between keys: longer than a frame at 60 a second */
};

/* In every line of the demo's source, and looked for near the end of the screen, which is painted
 * last. */
static const char in_source[] = "int flood_line_";
enum { SOURCE_ROW = FRAMES_ROWS - 5 };

static const char *const folders[] = {"build",        "build/demos",          "build/demos/flood",
                                      "content",      "content/lib",          "content/include",
                                      "content/10-t", "content/10-t/10-flood"};

struct file {
    const char *name, *text;
    mode_t mode;
};

static const struct file files[] = {
    {"build/demos/flood/flood", "#!/bin/sh\nexec yes 'the flood comes in and in and in'\n", 0755},
    {"content/10-t/track.json", "{\"title\": \"Flood\"}\n", 0644},
    {"content/10-t/10-flood/en.md",
     "# Flood\n\nA demo that writes without end.\n\n```claim endless\nIt does not end.\n```\n\n"
     "```predict flood\nDoes it end?\n```\n\n```demo flood\nRun it.\n```\n",
     0644},
    {"content/10-t/10-flood/zh.md",
     "# Flood\n\nA demo that writes without end.\n\n```claim endless\nIt does not end.\n```\n\n"
     "```predict flood\nDoes it end?\n```\n\n```demo flood\nRun it.\n```\n",
     0644},
    {"content/10-t/10-flood/quiz.json",
     "{\"questions\": [{\"id\": \"q\", \"kind\": \"choice\", \"claim\": \"endless\", "
     "\"meaning\": 1, \"text\": \"Does yes(1) end?\", \"why\": \"It loops.\", \"choices\": "
     "[{\"text\": \"no\", \"right\": true}, {\"text\": \"yes\", \"why\": \"It loops.\"}]}]}\n",
     0644},
    {"content/10-t/10-flood/lesson.json",
     "{\"title\": \"Flood\", \"objective\": \"Bear it.\", \"minutes\": 1, \"prerequisites\": [],\n"
     "\"claims\": [{\"id\": \"endless\", \"text\": \"It does not end.\", \"demo\": \"flood\",\n"
     "\"sources\": [{\"title\": \"yes(1)\", \"where\": \"DESCRIPTION\", "
     "\"url\": \"https://man7.org/linux/man-pages/man1/yes.1.html\", "
     "\"version\": \"coreutils 9.1\"}]}],\n"
     "\"demos\": [{\"name\": \"flood\", \"title\": \"Flood\", \"summary\": \"Writes without "
     "end.\",\n"
     "\"claims\": [\"endless\"], \"limit_s\": 60, \"params\": [],\n"
     "\"predict\": {\"text\": \"Does it end?\", \"with\": {}, \"claim\": \"endless\", "
     "\"choices\": [{\"text\": \"yes\", \"is\": \"yes\"}, {\"text\": \"no\", \"is\": \"no\"}], "
     "\"why\": \"It loops.\"}}], \"labels\": {}}\n",
     0644},
};

/* ---- the tree ---- */

static bool write_file(const char *dir, const char *name, const struct buf *text, mode_t mode,
                       struct err *e)
{
    char *path = xasprintf("%s/%s", dir, name);
    const bool ok = buf_write_file(text, path, e) &&
                    (chmod(path, mode) == 0 || err_sys(e, "%s: cannot change its mode", path));

    free(path);
    return ok;
}

static bool copy_program(const char *build, const char *dir, struct err *e)
{
    char *from = xasprintf("%s/systutor", build);
    struct buf bytes = {0};
    const bool ok = buf_read_file(&bytes, from, MAX_PROGRAM, e) &&
                    write_file(dir, "build/systutor", &bytes, 0755, e);

    buf_release(&bytes);
    free(from);
    return ok;
}

static bool link_data(const char *build, const char *dir, struct err *e)
{
    char *from = xasprintf("%s/../data", build);
    char *target = realpath(from, NULL);
    char *to = xasprintf("%s/data", dir);
    const bool ok = (target && symlink(target, to) == 0) || err_sys(e, "%s: cannot link", from);

    free(to);
    free(target);
    free(from);
    return ok;
}

static bool make_folder(const char *dir, const char *name, struct err *e)
{
    char *path = xasprintf("%s/%s", dir, name);
    const bool ok = mkdir(path, 0755) == 0 || err_sys(e, "%s: cannot make", path);

    free(path);
    return ok;
}

/* Longer than a screen, so that it fills one wherever it is scrolled to. */
static bool write_source(const char *dir, struct err *e)
{
    struct buf text = {0};

    for (int i = 1; i <= 2 * FRAMES_ROWS; i++)
        buf_printf(&text, "%s%d;\n", in_source, i);
    const bool ok = write_file(dir, "content/10-t/10-flood/flood.c", &text, 0644, e);
    buf_release(&text);
    return ok;
}

static bool make_tree(const char *build, const char *dir, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        if (!make_folder(dir, folders[i], e))
            return false;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct buf text = {0};
        buf_puts(&text, files[i].text);
        const bool ok = write_file(dir, files[i].name, &text, files[i].mode, e);
        buf_release(&text);
        if (!ok)
            return false;
    }
    return write_source(dir, e) && copy_program(build, dir, e) && link_data(build, dir, e);
}

/* ---- the keys ---- */

/* A step on the way to the screen that is measured: a key, and what shows that it was taken. */
struct way {
    const char *keys, *shows;
};

/* From the lesson's page: open the demo, predict. */
static const struct way way_in[] = {{"d", "1 ○ yes"}, {"2", "2 ● no"}};

/* Until all the output that is kept has come, and the rest is being thrown away. */
static const struct way start_it[] = {{"r", "x stop"}, {"", "output truncated"}};

static const struct way stop_it[] = {{"x", "r run"}, {"", "stopped by you"}};

/* Shows the source and hides it, in turns; n is even. */
static bool toggle_source(struct frames *f, int64_t *ns, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        frames_pass(f, PAUSE_MS);
        if (!frames_until(f, "s", in_source, SOURCE_ROW, i % 2 == 0, &ns[i], e))
            return false;
    }
    return true;
}

static bool take_all_ways(struct frames *f, const struct way *w, size_t n, struct err *e)
{
    int64_t ns;

    for (size_t i = 0; i < n; i++)
        if (!frames_until(f, w[i].keys, w[i].shows, FRAMES_ANY_ROW, true, &ns, e))
            return false;
    return true;
}

static bool one_turn(struct frames *f, struct flood_times *t, size_t at, size_t n, struct err *e)
{
    return take_all_ways(f, start_it, ARRAY_LEN(start_it), e) &&
           toggle_source(f, t->flooded + at, n, e) &&
           take_all_ways(f, stop_it, ARRAY_LEN(stop_it), e) && toggle_source(f, t->idle + at, n, e);
}

bool flood_measure(const char *build, const char *dir, struct flood_times *t, struct err *e)
{
    if (!make_tree(build, dir, e))
        return false;
    char *program = xasprintf("%s/build/systutor", dir);
    const char *const argv[] = {program, "flood", NULL};
    struct frames *f = frames_start(argv, dir, e);
    int64_t ns;
    bool ok = f && frames_first(f, &ns, e) && take_all_ways(f, way_in, ARRAY_LEN(way_in), e);

    for (size_t at = 0; ok && at < t->n; at += A_TURN)
        ok = one_turn(f, t, at, size_min(A_TURN, t->n - at), e);
    frames_stop(f);
    free(program);
    return ok;
}
