/*
 * source_view.c: a C source file in a doc. See source_view.h.
 */
#include "source_view.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "content/content.h"
#include "highlight.h"
#include "utf8.h"

enum {
    MAX_SOURCE_LINE = 400, /* bytes shown */
    MAX_RUNS = 64,         /* of one highlighted line */
};

struct source_line {
    struct md_run *runs;
    size_t n;
};

struct source_view {
    struct source_line *lines;
    size_t n;
    char *error; /* NULL: the file was read */
    struct arena mem;
};

static void add_source_line(struct source_view *v, struct hl_state *st, const char *line, size_t n)
{
    struct md_run runs[MAX_RUNS];
    struct buf clean = {0};

    utf8_clean(&clean, line, size_min(n, MAX_SOURCE_LINE), false);
    const char *kept = arena_strndup(&v->mem, buf_text(&clean), clean.len);
    const size_t n_runs = hl_c_line(st, kept, clean.len, runs, MAX_RUNS);
    buf_release(&clean);
    struct source_line *l = &v->lines[v->n++];
    l->n = n_runs + 1;
    l->runs = arena_array(&v->mem, l->n, sizeof(*l->runs));
    char *number = arena_printf(&v->mem, "%4zu  ", v->n);
    l->runs[0] = (struct md_run){number, strlen(number), (enum md_style)ST_DIM};
    memcpy(l->runs + 1, runs, n_runs * sizeof(*runs));
}

static void load(struct source_view *v, const char *path)
{
    struct buf file = {0};
    struct hl_state st = {0};
    struct err e;
    size_t lines = 1;

    if (!buf_read_file(&file, path, CONTENT_MAX_FILE, &e)) {
        v->error = xstrdup(e.text);
        return;
    }
    for (size_t i = 0; i < file.len; i++)
        lines += file.text[i] == '\n';
    v->lines = x_array(lines, sizeof(*v->lines));
    for (const char *at = buf_text(&file), *end = at + file.len; at < end;) {
        const char *nl = memchr(at, '\n', (size_t)(end - at));
        const size_t n = nl ? (size_t)(nl - at) : (size_t)(end - at);
        add_source_line(v, &st, at, n);
        at += n + 1;
    }
    buf_release(&file);
}

struct source_view *source_view_new(const char *path)
{
    struct source_view *v = x_array(1, sizeof(*v));

    load(v, path);
    return v;
}

void source_view_free(struct source_view *v)
{
    if (!v)
        return;
    free(v->lines);
    free(v->error);
    arena_free(&v->mem);
    free(v);
}

void source_view_build(const struct source_view *v, struct doc *d)
{
    if (v->error)
        doc_text(d, 0, ST_BAD, v->error);
    for (size_t i = 0; i < v->n; i++)
        doc_code(d, 0, v->lines[i].runs, v->lines[i].n);
}
