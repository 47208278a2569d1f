/*
 * screen_trace.c: the pictures of one or two runs that were kept in files (demo run --trace).
 *
 * Files are read a piece at a time while nothing else is to do, so that keys are answered also
 * during a large one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop.h"
#include "ui.h"
#include "utf8.h"
#include "view/panel.h"

enum {
    MAX_FILES = 2,
    PIECE = 64 * 1024,
    TURN_MS = 10, /* of reading at a time */
};

struct file {
    char *path, *shown; /* shown: harmless for a terminal */
    int fd;             /* -1: read to its end */
    off_t size, done;
    struct trace *trace;
};

struct trace_view {
    struct file files[MAX_FILES];
    size_t n, reading; /* reading == n: all are read */
    struct lesson *lesson;
    struct panel *panel; /* NULL while files are read */
    struct buf why_not;  /* it has no events: said in place of the pictures */
};

static struct trace_view *view_of(const struct screen *s)
{
    return (struct trace_view *)s->state;
}

/* ---- opening: paths, a newline between two ---- */

static bool open_file(struct file *f, const char *path, size_t n, struct err *e)
{
    struct stat st;
    struct buf clean = {0};

    f->path = xstrndup(path, n);
    utf8_clean(&clean, f->path, n, false);
    f->shown = buf_take(&clean);
    f->fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (f->fd < 0 || fstat(f->fd, &st) < 0)
        return err_sys(e, "%s", f->path);
    if (!S_ISREG(st.st_mode))
        return err_set(e, "%s: not a regular file", f->path);
    f->size = st.st_size;
    f->trace = trace_new();
    return true;
}

static void trace_close(struct screen *s)
{
    struct trace_view *v = view_of(s);

    panel_free(v->panel);
    for (size_t i = 0; i < MAX_FILES; i++) {
        struct file *f = &v->files[i];
        if (f->fd >= 0)
            close(f->fd);
        trace_free(f->trace);
        free(f->path);
        free(f->shown);
    }
    lesson_free(v->lesson);
    buf_release(&v->why_not);
}

static bool trace_open(struct screen *s, const char *arg, struct err *e)
{
    struct trace_view *v = view_of(s);

    for (size_t i = 0; i < MAX_FILES; i++)
        v->files[i].fd = -1;
    while (v->n < MAX_FILES && *arg) {
        const size_t len = strcspn(arg, "\n");
        if (!open_file(&v->files[v->n++], arg, len, e)) {
            trace_close(s);
            return false;
        }
        arg += len + (arg[len] == '\n');
    }
    return true;
}

/* ---- reading ---- */

/* Labels come from the lesson whose demo the trace says it is of. */
static void find_lesson(struct screen *s)
{
    struct trace_view *v = view_of(s);
    const char *demo = trace_title(v->files[0].trace);
    const struct demo *found;
    struct err e;

    if (demo[0])
        v->lesson = content_find_demo(s->app->content, demo, &found, &e);
}

static void all_read(struct screen *s)
{
    struct trace_view *v = view_of(s);

    for (size_t i = 0; i < v->n; i++) {
        trace_settle(v->files[i].trace);
        if (trace_count(v->files[i].trace) > 0)
            continue;
        buf_printf(&v->why_not, text(TXT_TRACE_NO_EVENTS), v->files[i].shown);
        return;
    }
    find_lesson(s);
    v->panel = panel_new(s, v->lesson, NULL);
    panel_show(v->panel, v->files[0].trace, v->files[0].shown, false);
    if (v->n > 1)
        panel_compare(v->panel, v->files[1].trace, v->files[1].shown);
}

/* One piece of the file that is being read; true at its end or when it cannot be read on. */
static bool read_piece(struct screen *s, struct file *f)
{
    char piece[PIECE];
    const ssize_t n = read(f->fd, piece, sizeof(piece));

    if (n > 0) {
        trace_feed(f->trace, piece, (size_t)n);
        f->done += n;
        return false;
    }
    if (n < 0)
        ui_say(s->app, "%s: %s", f->path, strerror(errno));
    trace_feed(f->trace, "\n", 1);
    close(f->fd);
    f->fd = -1;
    return true;
}

static bool trace_idle(struct screen *s)
{
    struct trace_view *v = view_of(s);
    const int64_t until_ms = loop_now_ms() + TURN_MS;

    if (v->reading == v->n)
        return false;
    while (v->reading < v->n && loop_now_ms() < until_ms)
        v->reading += read_piece(s, &v->files[v->reading]);
    if (v->reading == v->n)
        all_read(s);
    ui_changed(s);
    return v->reading < v->n;
}

/* ---- drawing ---- */

static void trace_screen_title(const struct screen *s, struct buf *left, struct buf *right)
{
    const struct trace_view *v = view_of(s);
    const char *title = v->reading == v->n ? trace_title(v->files[0].trace) : "";

    buf_puts(left, v->files[0].shown);
    if (title[0])
        buf_printf(right, "%s", title);
}

static void trace_build(struct screen *s)
{
    const struct trace_view *v = view_of(s);
    struct buf words = {0};

    if (v->reading == v->n) {
        doc_text(&s->doc, 0, ST_WARN, buf_text(&v->why_not));
        return;
    }
    const struct file *f = &v->files[v->reading];
    buf_printf(&words, text(TXT_TRACE_READING),
               f->size > 0 ? (int)(100 * (double)f->done / (double)f->size) : 0);
    doc_text(&s->doc, 0, ST_DIM, buf_text(&words));
    buf_release(&words);
}

static struct panel *trace_panel(const struct screen *s)
{
    return view_of(s)->panel;
}

const struct screen_ops trace_screen = {
    .name = "trace",
    .size = sizeof(struct trace_view),
    .open = trace_open,
    .close = trace_close,
    .title = trace_screen_title,
    .build = trace_build,
    .idle = trace_idle,
    .panel = trace_panel,
};
