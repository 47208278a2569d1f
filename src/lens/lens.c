/*
 * lens.c: the lenses by name, and what all readers share: lines, the report, frames. See lens.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lens/impl.h"
#include "place.h"
#include "utf8.h"

static const struct lens_ops *const table[LENS_COUNT] = {
    [LENS_STRACE] = &lens_strace, [LENS_TSAN] = &lens_tsan, [LENS_ASAN] = &lens_asan,
    [LENS_PERF] = &lens_perf,     [LENS_GDB] = &lens_gdb,
};

const char *lens_name(enum lens l)
{
    return table[l] ? table[l]->name : "none";
}

bool lens_parse(const char *name, enum lens *l)
{
    for (int i = LENS_NONE; i < LENS_COUNT; i++) {
        if (strcmp(lens_name((enum lens)i), name) != 0)
            continue;
        *l = (enum lens)i;
        return true;
    }
    return false;
}

enum text_id lens_title(enum lens l)
{
    return table[l] ? table[l]->title : TXT_LENS_NONE;
}

char *lens_missing(enum lens l)
{
    return table[l] ? table[l]->missing() : NULL;
}

/* ---- plans ---- */

bool lens_plan_init(struct lens_plan *p, enum lens l, const struct paths *paths, struct err *e)
{
    char *why = lens_missing(l);

    *p = (struct lens_plan){0};
    if (why) {
        err_set(e, "%s", why);
        free(why);
        return false;
    }
    if (table[l])
        table[l]->plan(p, paths);
    return true;
}

void lens_plan_release(struct lens_plan *p)
{
    for (size_t i = 0; i < ARRAY_LEN(p->held); i++)
        free(p->held[i]);
    free(p->helper);
    *p = (struct lens_plan){0};
}

/* ---- readers ---- */

struct lens_reader *lens_reader_new(const struct lens_spec *spec)
{
    struct lens_reader *r = x_array(1, sizeof(*r));
    struct buf program = {0};

    r->ops = table[spec->lens];
    r->spec = *spec;
    r->source = xstrdup(spec->source ? spec->source : "");
    utf8_clean(&program, spec->program, strlen(spec->program), false);
    r->program = buf_take(&program);
    if (r->ops && r->ops->state_size > 0)
        r->state = x_array(1, r->ops->state_size);
    return r;
}

void lens_reader_free(struct lens_reader *r)
{
    if (!r)
        return;
    if (r->ops && r->ops->release)
        r->ops->release(r->state);
    for (size_t i = 0; i < r->n; i++)
        free(r->lines[i].text);
    free(r->lines);
    free(r->state);
    free(r->source);
    free(r->program);
    buf_release(&r->report);
    buf_release(&r->trace);
    free(r);
}

void lens_reader_hide_pipe(struct lens_reader *r, uint64_t inode)
{
    r->hidden_pipe = inode;
}

struct lens_end lens_reader_end(const struct lens_reader *r)
{
    return r->end;
}

/* Calls take for each whole line. */
static void take_lines(struct lens_reader *r, struct buf *part, const char *bytes, size_t n,
                       void (*take)(struct lens_reader *r, const char *line))
{
    while (n > 0) {
        const char *nl = memchr(bytes, '\n', n);
        const size_t piece = nl ? (size_t)(nl - bytes) : n;
        buf_add(part, bytes, size_min(piece, LENS_MAX_RAW - part->len));
        if (!nl)
            return;
        take(r, buf_text(part));
        buf_clear(part);
        bytes += piece + 1;
        n -= piece + 1;
    }
}

void lens_reader_report(struct lens_reader *r, const char *bytes, size_t n)
{
    if (!r->ops)
        return;
    take_lines(r, &r->report, bytes, n, r->ops->line);
    if (r->ops->drained)
        r->ops->drained(r);
}

static void emit(struct lens_reader *r, const char *bytes, size_t n)
{
    if (n == 0)
        return;
    r->in_trace_line = bytes[n - 1] != '\n';
    r->spec.trace(r->spec.user, bytes, n);
}

void lens_emit(struct lens_reader *r, const struct buf *lines)
{
    if (r->in_trace_line)
        emit(r, "\n", 1);
    emit(r, buf_text(lines), lines->len);
}

static void take_verdict(struct lens_reader *r, const char *line)
{
    if (strstr(line, "\"cat\":\"verdict\""))
        r->ops->verdict(r, line);
}

void lens_reader_trace(struct lens_reader *r, const char *bytes, size_t n)
{
    if (r->ops && r->ops->verdict)
        take_lines(r, &r->trace, bytes, n, take_verdict);
    else
        emit(r, bytes, n);
}

bool lens_reader_is_end(struct lens_reader *r, const char *line)
{
    return r->ops && r->ops->is_end && r->ops->is_end(r, line);
}

/* A line that has no end is no line: the tool was killed while it wrote it. */
void lens_reader_finish(struct lens_reader *r, int64_t elapsed_ms)
{
    if (r->ops && r->ops->finish)
        r->ops->finish(r, elapsed_ms);
    if (r->more == 0)
        return;
    struct buf words = {0};
    buf_printf(&words, text(TXT_LENS_MORE), r->more);
    lens_reader_say(r, 0, buf_text(&words));
    buf_release(&words);
}

/* ---- the report ---- */

static size_t append(struct lens_reader *r, int line, const char *words, size_t n)
{
    struct buf clean = {0};

    utf8_clean(&clean, words, n, false);
    if (r->n % 64 == 0)
        r->lines = x_resize(r->lines, r->n + 64, sizeof(*r->lines));
    r->lines[r->n] = (struct lens_line){buf_take(&clean), line};
    return r->n++;
}

size_t lens_add(struct lens_reader *r, int line, const char *fmt, ...)
{
    char words[LENS_MAX_TEXT + 1];
    va_list ap;

    if (r->n >= LENS_MAX_REPORT) {
        r->more++;
        return LENS_NO_LINE;
    }
    va_start(ap, fmt);
    vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    return append(r, line, words, strlen(words));
}

void lens_reader_say(struct lens_reader *r, int line, const char *words)
{
    append(r, line, words, size_min(strlen(words), LENS_MAX_TEXT));
}

void lens_link(struct lens_reader *r, size_t index, int line)
{
    if (index < r->n && r->lines[index].line == 0)
        r->lines[index].line = line;
}

const struct lens_line *lens_reader_lines(const struct lens_reader *r, size_t *n)
{
    *n = r->n;
    return r->lines;
}

/* ---- pieces ---- */

bool piece_is(struct piece p, const char *word)
{
    return strlen(word) == p.n && memcmp(p.s, word, p.n) == 0;
}

bool starts_with(const char *s, const char *words)
{
    return strncmp(s, words, strlen(words)) == 0;
}

void lens_json(struct buf *out, const char *s, size_t n, size_t max)
{
    struct buf clean = {0};

    utf8_clean(&clean, s, size_min(n, max), false);
    buf_putc(out, '"');
    for (size_t i = 0; i < clean.len; i++) {
        if (clean.text[i] == '"' || clean.text[i] == '\\')
            buf_putc(out, '\\');
        buf_putc(out, clean.text[i]);
    }
    buf_putc(out, '"');
    buf_release(&clean);
}

/* ---- frames ---- */

bool lens_read_place(struct piece text, struct piece *file, int *line)
{
    struct place p;

    if (!place_read(text.s, text.n, &p))
        return false;
    *file = (struct piece){text.s, p.path};
    *line = p.line;
    return true;
}

/* The last name of a path. */
static struct piece base_of(struct piece path)
{
    const char *slash = path.n ? memrchr(path.s, '/', path.n) : NULL;

    return slash ? piece_of(slash + 1, path.s + path.n) : path;
}

/* The name of the folder it is in; "" if the path does not say. */
static struct piece folder_of(struct piece path)
{
    const struct piece base = base_of(path);

    return base.n == path.n ? (struct piece){path.s, 0} : base_of(piece_of(path.s, base.s - 1));
}

static bool same(struct piece a, struct piece b)
{
    return a.n == b.n && memcmp(a.s, b.s, a.n) == 0;
}

bool lens_is_source(const struct lens_reader *r, struct piece file)
{
    const struct piece source = {r->source, strlen(r->source)};
    const struct piece a = folder_of(file), b = folder_of(source);

    return file.n > 0 && same(base_of(file), base_of(source)) &&
           (a.n == 0 || b.n == 0 || same(a, b));
}

int lens_add_frame(struct lens_reader *r, const struct frame *f)
{
    const struct piece where = base_of(f->module.n > 0 ? f->module : f->file);

    if (lens_is_source(r, f->file)) {
        const struct piece base = base_of(f->file);
        lens_add(r, f->line, "  #%d %.*s%s%.*s at %.*s:%d", f->number, (int)f->function.n,
                 f->function.s, f->args.n > 0 ? " " : "", (int)f->args.n, f->args.s, (int)base.n,
                 base.s, f->line);
        return f->line;
    }
    if (where.n > 0)
        lens_add(r, 0, "  #%d %.*s (%.*s)", f->number, (int)f->function.n, f->function.s,
                 (int)where.n, where.s);
    else
        lens_add(r, 0, "  #%d %.*s", f->number, (int)f->function.n, f->function.s);
    return 0;
}

void lens_reader_say_at(struct lens_reader *r, const char *file, int line, const char *kind,
                        const char *words)
{
    const struct piece path = {file, strlen(file)}, base = base_of(path);

    if (path.n == 0)
        lens_add(r, 0, "%s: %s", kind, words);
    else if (lens_is_source(r, path))
        lens_add(r, line, "%s: %s", kind, words);
    else
        lens_add(r, 0, "%.*s:%d: %s: %s", (int)base.n, base.s, line, kind, words);
}
