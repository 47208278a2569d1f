/*
 * cache.c: the index file: a version line, a head, one record a lesson, then all strings.
 *
 * Numbers are in the byte order of the machine; a head of another machine does not match. Strings
 * end in NUL and are named by their offset. Nothing read is used before it is checked. See cache.h.
 */
#include "content/cache.h"

#include <stdlib.h>
#include <string.h>

/* Raise the number with any change of the layout. (Not for stricter rules of the loader: opening
 * a lesson validates it anyway, and broken ones are parsed again at each refresh.) */
static const char VERSION_LINE[] = "systutor index 2\n";

enum { CACHE_MAX_FILE = 16 * 1024 * 1024 };

/* Offsets count from the first string. */
struct head {
    uint64_t sum;     /* of everything behind it */
    uint32_t order;   /* BYTE_ORDER_MARK */
    uint32_t lessons; /* records that follow */
    uint32_t strings; /* bytes of strings behind them */
    uint32_t root;
};

struct record {
    uint64_t print;
    uint32_t slug, dir, track;
    uint32_t track_title[LANG_COUNT], title[LANG_COUNT];
    uint32_t broken; /* offset + 1, 0 for none */
    int32_t pages, questions, demos, minutes;
};

static const uint32_t BYTE_ORDER_MARK = 0x01020304;

_Static_assert(sizeof(struct head) == 24, "the head has no holes");
_Static_assert(sizeof(struct record) == 8 + 12 * 4, "a record has no holes");

void index_release(struct index *x)
{
    free(x->info);
    free(x->print);
    *x = (struct index){0};
}

/* Each step is a bijection of h for a given word, so that one changed word always shows. */
static uint64_t sum_step(uint64_t h, uint64_t word)
{
    h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ (h >> 32);
}

static uint64_t sum_bytes(const char *bytes, size_t n)
{
    uint64_t h = n, word;
    size_t i = 0;

    for (; n - i >= sizeof(word); i += sizeof(word)) {
        memcpy(&word, bytes + i, sizeof(word));
        h = sum_step(h, word);
    }
    word = 0;
    memcpy(&word, bytes + i, n - i);
    return sum_step(h, word);
}

/* ---- reading ---- */

/* The parts of a file that passed the checks of sizes and checksum. */
struct file {
    struct head head;
    const char *records;
    const char *strings;
};

static bool file_open(struct file *f, const struct buf *blob)
{
    const size_t line = sizeof(VERSION_LINE) - 1, start = line + sizeof(f->head);

    if (blob->len < start || memcmp(blob->text, VERSION_LINE, line) != 0)
        return false;
    memcpy(&f->head, blob->text + line, sizeof(f->head));
    if (f->head.order != BYTE_ORDER_MARK || f->head.lessons > CONTENT_MAX_LESSONS)
        return false;
    const size_t records = f->head.lessons * sizeof(struct record);
    if (f->head.strings == 0 || blob->len != start + records + f->head.strings)
        return false;
    f->records = blob->text + start;
    f->strings = f->records + records;
    if (f->strings[f->head.strings - 1] != '\0')
        return false;
    const size_t summed = line + sizeof(f->head.sum);
    return sum_bytes(blob->text + summed, blob->len - summed) == f->head.sum;
}

/* A string by its offset; NULL if there is none. All end inside the blob, as its last byte is
 * NUL. */
static const char *string_at(const struct file *f, uint32_t offset)
{
    return offset < f->head.strings ? f->strings + offset : NULL;
}

static bool both_at(const struct file *f, const uint32_t *offsets, struct bitext *out)
{
    for (size_t i = 0; i < LANG_COUNT; i++)
        if (!(out->in[i] = string_at(f, offsets[i])))
            return false;
    return true;
}

static bool read_record(const struct file *f, size_t i, struct lesson_info *info, uint64_t *print)
{
    struct record r;

    memcpy(&r, f->records + i * sizeof(r), sizeof(r));
    *print = r.print;
    *info = (struct lesson_info){
        .slug = string_at(f, r.slug),
        .dir = string_at(f, r.dir),
        .track = string_at(f, r.track),
        .pages = r.pages,
        .questions = r.questions,
        .demos = r.demos,
        .minutes = r.minutes,
    };
    if (r.broken > 0 && !(info->broken = string_at(f, r.broken - 1)))
        return false;
    return info->slug && info->dir && info->track &&
           both_at(f, r.track_title, &info->track_title) && both_at(f, r.title, &info->title) &&
           r.pages >= 0 && r.questions >= 0 && r.demos >= 0 && r.minutes >= 0;
}

/* Words were checked when they were written, and the sum tells whether they still are what was
 * written: to check a thousand lessons again would cost a quarter of the first frame. */
static bool read_index(struct index *x, const struct buf *blob, const char *root)
{
    struct file f;

    if (!file_open(&f, blob))
        return false;
    const char *of_root = string_at(&f, f.head.root);
    if (!of_root || strcmp(of_root, root) != 0)
        return false;
    x->n = f.head.lessons;
    x->info = x_array(x->n, sizeof(*x->info));
    x->print = x_array(x->n, sizeof(*x->print));
    for (size_t i = 0; i < x->n; i++)
        if (!read_record(&f, i, &x->info[i], &x->print[i]))
            return false;
    return true;
}

bool cache_read(struct index *x, struct buf *blob, const char *path, const char *root)
{
    *x = (struct index){0};
    *blob = (struct buf){0};
    if (buf_read_file(blob, path, CACHE_MAX_FILE, NULL) && read_index(x, blob, root))
        return true;
    index_release(x);
    buf_release(blob);
    return false;
}

/* ---- writing ---- */

/* Adds a string, or finds it if it is the same one as in the record before. */
static uint32_t put_string(struct buf *strings, const char *s, const char *before, uint32_t at)
{
    if (before && strcmp(s, before) == 0)
        return at;
    const size_t offset = strings->len;
    if (offset > CACHE_MAX_FILE)
        BUG("index of more than %d bytes", CACHE_MAX_FILE);
    buf_add(strings, s, strlen(s) + 1);
    return (uint32_t)offset;
}

static void put_both(struct buf *strings, const struct bitext *b, const struct bitext *before,
                     uint32_t *at)
{
    for (size_t i = 0; i < LANG_COUNT; i++)
        at[i] = put_string(strings, b->in[i], before ? before->in[i] : NULL, at[i]);
}

/* r holds the record before, whose track is most likely the same. */
static void make_record(const struct index *x, size_t i, struct buf *strings, struct record *r)
{
    const struct lesson_info *info = &x->info[i];
    const struct lesson_info *before = i > 0 ? &x->info[i - 1] : NULL;

    r->print = x->print[i];
    r->slug = put_string(strings, info->slug, NULL, 0);
    r->dir = put_string(strings, info->dir, NULL, 0);
    r->track = put_string(strings, info->track, before ? before->track : NULL, r->track);
    put_both(strings, &info->track_title, before ? &before->track_title : NULL, r->track_title);
    put_both(strings, &info->title, NULL, r->title);
    r->broken = info->broken ? put_string(strings, info->broken, NULL, 0) + 1 : 0;
    r->pages = info->pages;
    r->questions = info->questions;
    r->demos = info->demos;
    r->minutes = info->minutes;
}

bool cache_write(const struct index *x, const char *path, const char *root, struct err *e)
{
    struct buf out = {0}, records = {0}, strings = {0};
    struct record r = {0};

    const uint32_t of_root = put_string(&strings, root, NULL, 0);
    for (size_t i = 0; i < x->n; i++) {
        make_record(x, i, &strings, &r);
        buf_add(&records, &r, sizeof(r));
    }
    struct head head = {
        .order = BYTE_ORDER_MARK,
        .lessons = (uint32_t)x->n,
        .strings = (uint32_t)strings.len,
        .root = of_root,
    };
    buf_puts(&out, VERSION_LINE);
    const size_t at = out.len;
    buf_add(&out, &head, sizeof(head));
    buf_add(&out, buf_text(&records), records.len);
    buf_add(&out, buf_text(&strings), strings.len);
    const size_t summed = at + sizeof(head.sum);
    head.sum = sum_bytes(out.text + summed, out.len - summed);
    memcpy(out.text + at, &head.sum, sizeof(head.sum));
    const bool ok = buf_write_file(&out, path, e);
    buf_release(&out);
    buf_release(&records);
    buf_release(&strings);
    return ok;
}
