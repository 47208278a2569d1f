/*
 * check.c: content_check, which reads a whole pack and reports everything; here what concerns
 * more than one lesson: folders, slugs, names of demos, prerequisites. See check.h.
 */
#include "content/check.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "content/pack.h"

/* What is remembered of a lesson after it has been checked. The slug has to come first: see
 * lesson_hint. */
struct seen {
    const char *slug;
    const char *rel;
    const char *const *prerequisites;
    size_t n_prerequisites;
    enum { NEW, OPEN, DONE } visit; /* for the search for circles */
    const struct seen *from;        /* who was visited before it */
};

struct seen_demo {
    const char *name;
    const char *rel;
    size_t at; /* demos[at] of its lesson */
};

struct check {
    struct findings found;
    struct arena mem;
    struct seen *lessons;
    size_t n_lessons, cap_lessons;
    bool too_many;
    struct seen_demo *demos;
    size_t n_demos, cap_demos;
};

static void *grown(void *items, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return items;
    *cap = *cap > 0 ? *cap * 2 : 32;
    return x_resize(items, *cap, size);
}

/* ---- remembering ---- */

static void remember_demos(struct check *ck, const struct lesson *l, const char *rel)
{
    for (size_t i = 0; i < l->n_demos; i++) {
        ck->demos = grown(ck->demos, ck->n_demos, &ck->cap_demos, sizeof(*ck->demos));
        ck->demos[ck->n_demos++] =
            (struct seen_demo){arena_strdup(&ck->mem, l->demos[i].name), rel, i};
    }
}

static struct seen *find_seen(const struct check *ck, const char *slug)
{
    for (size_t i = 0; i < ck->n_lessons; i++)
        if (strcmp(ck->lessons[i].slug, slug) == 0)
            return &ck->lessons[i];
    return NULL;
}

static void remember(struct check *ck, const struct lesson *l, const char *rel)
{
    const struct seen *other = find_seen(ck, l->slug);
    const char **slugs = arena_array(&ck->mem, l->n_prerequisites, sizeof(*slugs));

    if (other)
        findings_add(&ck->found, FATAL, rel, "", "the slug is taken by %s", other->rel);
    for (size_t i = 0; i < l->n_prerequisites; i++)
        slugs[i] = arena_strdup(&ck->mem, l->prerequisites[i]);
    ck->lessons = grown(ck->lessons, ck->n_lessons, &ck->cap_lessons, sizeof(*ck->lessons));
    ck->lessons[ck->n_lessons++] = (struct seen){
        .slug = arena_strdup(&ck->mem, l->slug),
        .rel = rel,
        .prerequisites = slugs,
        .n_prerequisites = l->n_prerequisites,
    };
    remember_demos(ck, l, rel);
}

/* ---- names of demos ---- */

static int compare_demos(const void *va, const void *vb)
{
    const struct seen_demo *a = va, *b = vb;
    const int by_name = strcmp(a->name, b->name);
    const int by_rel = by_name != 0 ? by_name : pack_compare(a->rel, b->rel);

    return by_rel != 0 ? by_rel : (a->at > b->at) - (a->at < b->at);
}

/* Twice in one lesson is reported where it is read. */
static void check_demo_names(struct check *ck)
{
    if (ck->n_demos > 0)
        qsort(ck->demos, ck->n_demos, sizeof(*ck->demos), compare_demos);
    for (size_t i = 1; i < ck->n_demos; i++) {
        const struct seen_demo *a = &ck->demos[i - 1], *b = &ck->demos[i];
        if (*b->name && strcmp(a->name, b->name) == 0 && a->rel != b->rel)
            findings_add(&ck->found, LINT, arena_printf(&ck->mem, "%s/lesson.json", b->rel),
                         arena_printf(&ck->mem, "demos[%zu].name", b->at),
                         "\"%s\" is the name of a demo of %s as well", b->name, a->rel);
    }
}

/* ---- prerequisites ---- */

static void report_prerequisite(struct check *ck, const struct seen *s, size_t i, const char *words)
{
    findings_add(&ck->found, LINT, arena_printf(&ck->mem, "%s/lesson.json", s->rel),
                 arena_printf(&ck->mem, "prerequisites[%zu]", i), "%s", words);
}

static void check_prerequisites(struct check *ck, const struct seen *s, const char *const *slugs)
{
    for (size_t i = 0; i < s->n_prerequisites; i++) {
        const char *slug = s->prerequisites[i];
        if (*slug == '\0' || find_seen(ck, slug))
            continue;
        const char *near = nearest_word(slug, slugs, ck->n_lessons);
        report_prerequisite(ck, s, i,
                            arena_printf(&ck->mem, "no lesson \"%s\"%s%s%s", slug,
                                         near ? ", did you mean \"" : "", near ? near : "",
                                         near ? "\"" : ""));
    }
}

/* s needs its i-th prerequisite, last, from which the visit came to s. */
static void report_circle(struct check *ck, const struct seen *s, size_t i, const struct seen *last)
{
    enum { MAX_NAMED = 12 };
    struct buf words = {0};
    int named = 0;

    buf_printf(&words, "a circle: %s", last->slug);
    for (const struct seen *x = s; x && x != last && named < MAX_NAMED; x = x->from, named++)
        buf_printf(&words, " <- %s", x->slug);
    buf_printf(&words, "%s <- %s", named == MAX_NAMED ? " <- ..." : "", last->slug);
    report_prerequisite(ck, s, i, buf_text(&words));
    buf_release(&words);
}

/* Depth first: a lesson that is still open needs itself. */
static void visit(struct check *ck, struct seen *s, const struct seen *from)
{
    s->visit = OPEN;
    s->from = from;
    for (size_t i = 0; i < s->n_prerequisites; i++) {
        struct seen *next = find_seen(ck, s->prerequisites[i]);
        if (next && next->visit == OPEN)
            report_circle(ck, s, i, next);
        else if (next && next->visit == NEW)
            visit(ck, next, s);
    }
    s->visit = DONE;
}

/* ---- folders ---- */

static bool is_note(const struct pack_name *name)
{
    return name->type == PACK_FILE &&
           (strncmp(name->name, "README", 6) == 0 || strncmp(name->name, "LICENSE", 7) == 0);
}

static void check_one(struct check *ck, const char *dir, const char *rel, const char *slug,
                      const char *track)
{
    struct loading ld = {.found = &ck->found, .rel = rel};

    if (ck->n_lessons == CONTENT_MAX_LESSONS) {
        ck->too_many = true;
        return;
    }
    struct lesson *l = lesson_read(&ld, dir, slug, track);

    check_lesson(&ld);
    check_quiz(&ld);
    remember(ck, l, rel);
    lesson_free(l);
}

/* A name in a folder of tracks or lessons; true if it is to be gone into. */
static bool check_name(struct check *ck, const struct pack_name *name, const char *rel,
                       const char *what)
{
    struct findings *f = &ck->found;

    if (!name->numbered && name->type == PACK_FOLDER)
        findings_add(f, LINT, rel, "",
                     "ignored: a %s needs a name like 20-epoll, at most 6 digits, -, and 1 to %d "
                     "of a-z, 0-9 and -",
                     what, CONTENT_MAX_SLUG);
    else if (!name->numbered)
        findings_add(f, LINT, rel, "", "nothing refers to it");
    else if (name->type == PACK_UNKNOWN)
        findings_add(f, FATAL, rel, "", "a link that leads nowhere, or in a circle");
    else if (name->type != PACK_FOLDER)
        findings_add(f, LINT, rel, "", "ignored: a %s needs to be a folder", what);
    return name->numbered && name->type == PACK_FOLDER;
}

static const char *join(struct check *ck, const char *dir, const char *name)
{
    return arena_printf(&ck->mem, "%s/%s", dir, name);
}

static void check_track(struct check *ck, const char *dir, const struct pack_name *track)
{
    struct pack_list list;
    char clean[SHOWN_MAX];
    struct err e;

    if (!pack_list(&list, dir, &e)) {
        findings_add(&ck->found, FATAL, track->name, "", "%s", err_reason(&e, dir));
        return;
    }
    track_read(&ck->mem, &ck->found, dir, track->name, track->slug);
    for (size_t i = 0; i < list.n; i++) {
        const struct pack_name *name = &list.names[i];
        if (strcmp(name->name, "track.json") == 0 || is_note(name))
            continue;
        const char *rel = join(ck, track->name, shown(clean, name->name));
        if (check_name(ck, name, rel, "lesson"))
            check_one(ck, join(ck, dir, name->name), rel, name->slug, track->slug);
    }
    pack_release(&list);
}

static void check_track_slug(struct check *ck, const struct pack_list *list, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        const struct pack_name *other = &list->names[i];
        if (other->numbered && strcmp(other->slug, list->names[at].slug) == 0)
            findings_add(&ck->found, LINT, list->names[at].name, "", "the slug is taken by %s",
                         other->name);
    }
}

static bool is_library(const struct pack_name *name)
{
    return name->type == PACK_FOLDER &&
           (strcmp(name->name, "include") == 0 || strcmp(name->name, "lib") == 0);
}

static bool check_root(struct check *ck, const char *root)
{
    struct pack_list list;
    char clean[SHOWN_MAX];
    struct err e;

    if (!pack_list(&list, root, &e)) {
        findings_add(&ck->found, FATAL, "", "", "%s", e.text);
        return false;
    }
    for (size_t i = 0; i < list.n; i++) {
        const struct pack_name *name = &list.names[i];
        if (is_library(name) || is_note(name))
            continue;
        if (!check_name(ck, name, shown(clean, name->name), "track"))
            continue;
        check_track_slug(ck, &list, i);
        check_track(ck, join(ck, root, name->name), name);
    }
    pack_release(&list);
    return true;
}

static void check_pack(struct check *ck)
{
    const char **slugs = arena_array(&ck->mem, ck->n_lessons, sizeof(*slugs));

    if (ck->n_lessons == 0)
        findings_add(&ck->found, LINT, "", "",
                     "no lessons: they are in folders like 50-multiplexing/20-epoll");
    if (ck->too_many)
        findings_add(&ck->found, FATAL, "", "", "more than %d lessons, the others are ignored",
                     CONTENT_MAX_LESSONS);
    for (size_t i = 0; i < ck->n_lessons; i++)
        slugs[i] = ck->lessons[i].slug;
    for (size_t i = 0; i < ck->n_lessons; i++)
        check_prerequisites(ck, &ck->lessons[i], slugs);
    for (size_t i = 0; i < ck->n_lessons; i++)
        if (ck->lessons[i].visit == NEW)
            visit(ck, &ck->lessons[i], NULL);
    check_demo_names(ck);
}

size_t content_check(const char *root, content_report *report, void *user)
{
    struct check ck = {.found = {.report = report, .user = user, .lint = true}};

    if (check_root(&ck, root))
        check_pack(&ck);
    free(ck.lessons);
    free(ck.demos);
    arena_free(&ck.mem);
    return ck.found.total;
}
