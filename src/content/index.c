/*
 * index.c: what is known of all lessons of a pack, from the cache and from the pack itself.
 *
 * content_open takes the cache's word. content_refresh then walks the pack in steps of one folder
 * or one lesson: a lesson whose fingerprint is as before keeps its entry, any other is parsed. The
 * new index takes the place of the old one when it is complete. Strings live in content.mem or
 * the cache's blob until content_free; an entry that did not change keeps its strings, so that
 * refreshing again and again takes no memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "buf.h"
#include "content/cache.h"
#include "content/content.h"
#include "content/load.h"
#include "content/pack.h"

enum phase { IDLE, TRACKS, LESSONS };

/* A refresh on its way. */
struct refresh {
    enum phase phase;
    struct pack_list tracks;
    size_t track;       /* next track to list */
    struct index fresh; /* in LESSONS: the first `checked` are complete */
    size_t cap, checked;
};

struct content {
    char *root; /* absolute, without links */
    char *cache_path;
    bool cached;     /* the cache file holds this index */
    struct buf blob; /* the cache file, as it was read */
    struct arena mem;
    struct index index;
    struct refresh refresh;
};

struct content *content_open(const char *root, const char *cache_path, struct err *e)
{
    struct stat st;
    char *real = realpath(root, NULL);

    if (!real || stat(real, &st) < 0) {
        err_sys(e, "%s: cannot open the content folder", root);
        free(real);
        return NULL;
    }
    if (!S_ISDIR(st.st_mode)) {
        err_set(e, "%s: the content needs to be a folder", root);
        free(real);
        return NULL;
    }
    struct content *c = x_array(1, sizeof(*c));
    c->root = real;
    if (cache_path) {
        c->cache_path = xstrdup(cache_path);
        c->cached = cache_read(&c->index, &c->blob, cache_path, c->root);
    }
    return c;
}

static void end_refresh(struct refresh *r)
{
    pack_release(&r->tracks);
    index_release(&r->fresh);
    *r = (struct refresh){0};
}

void content_free(struct content *c)
{
    if (!c)
        return;
    end_refresh(&c->refresh);
    index_release(&c->index);
    buf_release(&c->blob);
    arena_free(&c->mem);
    free(c->root);
    free(c->cache_path);
    free(c);
}

const char *content_root(const struct content *c)
{
    return c->root;
}

const struct lesson_info *content_lessons(const struct content *c, size_t *n)
{
    *n = c->index.n;
    return c->index.info;
}

const struct lesson_info *content_find(const struct content *c, const char *slug)
{
    for (size_t i = 0; i < c->index.n; i++)
        if (strcmp(c->index.info[i].slug, slug) == 0)
            return &c->index.info[i];
    return NULL;
}

/* ---- comparing and keeping entries ---- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_both(const struct bitext *a, const struct bitext *b)
{
    return same_text(a->in[LANG_EN], b->in[LANG_EN]) && same_text(a->in[LANG_ZH], b->in[LANG_ZH]);
}

static bool same_info(const struct lesson_info *a, const struct lesson_info *b)
{
    return same_text(a->dir, b->dir) && same_both(&a->track_title, &b->track_title) &&
           same_both(&a->title, &b->title) && a->pages == b->pages &&
           a->questions == b->questions && a->demos == b->demos && a->minutes == b->minutes &&
           same_text(a->broken, b->broken);
}

/* The old entry of a folder; the old index is in order, unless the cache was not written by us,
 * and then the lesson is merely parsed again. */
static size_t find_old(const struct content *c, const char *dir)
{
    const size_t skip = strlen(c->root) + 1;
    size_t lo = 0, hi = c->index.n;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const char *other = c->index.info[mid].dir;
        const int order = strlen(other) > skip ? pack_compare(other + skip, dir + skip) : -1;
        if (order == 0)
            return mid;
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return c->index.n;
}

static const char *keep_text(struct content *c, const char *s, const char *old)
{
    if (!s)
        return NULL;
    return same_text(s, old) ? old : arena_strdup(&c->mem, s);
}

static struct bitext keep_both(struct content *c, const struct bitext *b, const struct bitext *old)
{
    struct bitext kept;

    for (size_t i = 0; i < LANG_COUNT; i++)
        kept.in[i] = keep_text(c, b->in[i], old ? old->in[i] : NULL);
    return kept;
}

/* Gives the strings of info, which may go away, to the content; those that are as in old are
 * shared with it (old may be NULL). */
static void keep_info(struct content *c, struct lesson_info *info, const struct lesson_info *old)
{
    static const struct lesson_info NONE;
    const struct lesson_info *o = old ? old : &NONE;

    info->slug = keep_text(c, info->slug, o->slug);
    info->dir = keep_text(c, info->dir, o->dir);
    info->track = keep_text(c, info->track, o->track);
    info->track_title = keep_both(c, &info->track_title, &o->track_title);
    info->title = keep_both(c, &info->title, &o->title);
    info->broken = keep_text(c, info->broken, o->broken);
}

/* ---- walking the folders ---- */

static void add_lesson(struct refresh *r, const struct lesson_info *info)
{
    struct index *x = &r->fresh;

    if (x->n == r->cap) {
        r->cap = r->cap > 0 ? r->cap * 2 : 64;
        x->info = x_resize(x->info, r->cap, sizeof(*x->info));
        x->print = x_resize(x->print, r->cap, sizeof(*x->print));
    }
    x->info[x->n] = *info;
    x->print[x->n] = 0;
    x->n++;
}

/* A regular file or a FIFO is no lesson whatever its name; a link to nowhere is a broken one. */
static bool may_be_lesson(const struct pack_name *name)
{
    return name->numbered && (name->type == PACK_FOLDER || name->type == PACK_UNKNOWN);
}

static void list_track(struct content *c, const struct pack_name *track)
{
    struct findings ignored = {.report = findings_first};
    struct arena scratch = {0};
    struct pack_list lessons;
    const struct lesson_info *before = NULL;

    const char *dir = arena_printf(&scratch, "%s/%s", c->root, track->name);
    if (!may_be_lesson(track) || !pack_list(&lessons, dir, NULL)) {
        arena_free(&scratch);
        return;
    }
    const struct bitext title = track_read(&scratch, &ignored, dir, track->name, track->slug);
    for (size_t i = 0; i < lessons.n && c->refresh.fresh.n < CONTENT_MAX_LESSONS; i++) {
        const struct pack_name *name = &lessons.names[i];
        if (!may_be_lesson(name))
            continue;
        const struct bitext slug = {{name->slug, name->slug}};
        struct lesson_info info = {
            .slug = name->slug,
            .dir = arena_printf(&scratch, "%s/%s", dir, name->name),
            .track = track->slug,
            .track_title = title,
            .title = slug,
        };
        const size_t old = find_old(c, info.dir);
        keep_info(c, &info, old < c->index.n ? &c->index.info[old] : before);
        add_lesson(&c->refresh, &info);
        before = c->refresh.fresh.n > 0 ? &c->refresh.fresh.info[c->refresh.fresh.n - 1] : NULL;
    }
    pack_release(&lessons);
    arena_free(&scratch);
}

/* ---- one lesson ---- */

static void parse_lesson(struct content *c, struct lesson_info *info, const struct lesson_info *old)
{
    struct err e = {{0}};
    struct lesson *l = lesson_load(info, &e);

    if (l) {
        info->title = keep_both(c, &l->title, old ? &old->title : NULL);
        info->pages = (int)l->n_pages;
        info->questions = (int)l->n_questions;
        info->demos = (int)l->n_demos;
        info->minutes = l->minutes;
    } else {
        info->broken = keep_text(c, e.text, old ? old->broken : NULL);
    }
    lesson_free(l);
}

/* Broken lessons are parsed each time: what made them so may lie outside of their folder. */
static void check_lesson(struct content *c, size_t i)
{
    struct index *fresh = &c->refresh.fresh;
    struct lesson_info *info = &fresh->info[i];
    const size_t at = find_old(c, info->dir);
    const struct lesson_info *old = at < c->index.n ? &c->index.info[at] : NULL;

    /* Before it is parsed: what is written meanwhile must show next time. */
    fresh->print[i] = pack_fingerprint(info->dir);
    if (!old || old->broken || fresh->print[i] == 0 || fresh->print[i] != c->index.print[at]) {
        parse_lesson(c, info, old);
        return;
    }
    const struct bitext track_title = info->track_title;
    *info = *old;
    info->track_title = track_title;
}

/* ---- the end ---- */

static int compare_slugs(const void *va, const void *vb)
{
    const struct lesson_info *const *a = va, *const *b = vb;
    const int order = strcmp((*a)->slug, (*b)->slug);

    return order != 0 ? order : (*a > *b) - (*a < *b);
}

/* Of lessons with the same slug the first in order keeps it; answers are stored under it. */
static void break_doubles(struct content *c, struct index *x)
{
    struct lesson_info **by_slug = x_array(x->n, sizeof(struct lesson_info *));
    size_t first = 0;

    for (size_t i = 0; i < x->n; i++)
        by_slug[i] = &x->info[i];
    qsort(by_slug, x->n, sizeof(struct lesson_info *), compare_slugs);
    for (size_t i = 1; i < x->n; i++) {
        if (strcmp(by_slug[i]->slug, by_slug[first]->slug) != 0) {
            first = i;
            continue;
        }
        struct lesson_info *info = by_slug[i];
        const size_t at = find_old(c, info->dir);
        const char *words = by_slug[first]->dir + strlen(c->root) + 1;
        char *broken =
            xasprintf("%s: the slug is taken by %s", info->dir + strlen(c->root) + 1, words);
        info->title.in[LANG_EN] = info->title.in[LANG_ZH] = info->slug;
        info->pages = info->questions = info->demos = info->minutes = 0;
        info->broken = keep_text(c, broken, at < c->index.n ? c->index.info[at].broken : NULL);
        free(broken);
    }
    free(by_slug);
}

/* Puts the fresh index in place. */
static void finish(struct content *c, bool *changed)
{
    struct refresh *r = &c->refresh;
    bool rewrite = r->fresh.n != c->index.n;

    break_doubles(c, &r->fresh);
    *changed = rewrite;
    for (size_t i = 0; i < r->fresh.n && !*changed; i++) {
        *changed = !same_info(&r->fresh.info[i], &c->index.info[i]);
        rewrite |= r->fresh.print[i] != c->index.print[i];
    }
    const struct index old = c->index;
    c->index = r->fresh;
    r->fresh = old;
    end_refresh(r);
    if (c->cache_path && (*changed || rewrite || !c->cached))
        c->cached = cache_write(&c->index, c->cache_path, c->root, NULL);
}

/* One folder or one lesson; true at the end. */
static bool step(struct content *c, bool *changed)
{
    struct refresh *r = &c->refresh;

    switch (r->phase) {
    case IDLE:
        /* A pack that is gone: what is known of it stays, opening a lesson will say why. */
        if (!pack_list(&r->tracks, c->root, NULL))
            return true;
        r->phase = TRACKS;
        return false;
    case TRACKS:
        if (r->track < r->tracks.n && r->fresh.n < CONTENT_MAX_LESSONS)
            list_track(c, &r->tracks.names[r->track++]);
        else
            r->phase = LESSONS;
        return false;
    case LESSONS:
        if (r->checked < r->fresh.n) {
            check_lesson(c, r->checked++);
            return false;
        }
        finish(c, changed);
        return true;
    }
    BUG("no such phase: %d", (int)r->phase);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool content_refresh(struct content *c, int budget_ms, bool *changed, size_t *done, size_t *total)
{
    const int64_t start = now_ms();
    bool end, changes = false;

    do
        end = step(c, &changes);
    while (!end && (budget_ms < 0 || now_ms() - start < budget_ms));
    const struct refresh *r = &c->refresh;
    *changed = changes;
    *total = r->phase == LESSONS ? r->fresh.n : c->index.n;
    *done = end ? *total : r->checked;
    return end;
}

/* ---- a demo by its name ---- */

/* Keeps the nearest of two names; best is the caller's to free. */
static void keep_nearest(const char *name, const struct lesson *l, char **best)
{
    const char *names[MAX_DEMOS + 1];
    size_t n = 0;

    if (*best)
        names[n++] = *best;
    for (size_t i = 0; i < l->n_demos; i++)
        names[n++] = l->demos[i].name;
    const char *near = nearest_word(name, names, n);
    if (!near || near == *best)
        return;
    free(*best);
    *best = xstrdup(near);
}

static bool has_source(const struct lesson_info *info, const char *name)
{
    char *path = xasprintf("%s/%s.c", info->dir, name);
    struct stat st;
    const bool there = stat(path, &st) == 0;

    free(path);
    return there;
}

/* Lessons without a source of this name are passed over: parsing is what costs. */
static struct lesson *find_by_source(const struct content *c, const char *name,
                                     const struct demo **demo)
{
    for (size_t i = 0; i < c->index.n; i++) {
        const struct lesson_info *info = &c->index.info[i];
        if (info->broken || !has_source(info, name))
            continue;
        struct lesson *l = lesson_load(info, NULL);
        if (l && (*demo = lesson_demo(l, name)))
            return l;
        lesson_free(l);
    }
    return NULL;
}

struct lesson *content_find_demo(const struct content *c, const char *name,
                                 const struct demo **demo, struct err *e)
{
    struct lesson *found = id_valid(name) ? find_by_source(c, name, demo) : NULL;
    char clean[SHOWN_MAX];
    char *best = NULL;

    if (found)
        return found;
    for (size_t i = 0; i < c->index.n; i++) {
        struct lesson *l = c->index.info[i].broken ? NULL : lesson_load(&c->index.info[i], NULL);
        if (l)
            keep_nearest(name, l, &best);
        lesson_free(l);
    }
    if (best)
        err_set(e, "no demo \"%s\", did you mean \"%s\"", shown(clean, name), best);
    else
        err_set(e, "no demo \"%s\"", shown(clean, name));
    free(best);
    return NULL;
}
