/*
 * lesson.c: lesson.json, and a lesson as a whole: lesson_read, lesson_load, look-ups. See load.h.
 *
 * Everything lies in the lesson's arena. Items that are wrong stay in their list, so that indexes
 * agree with the file.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "content/load.h"

static const char *const LESSON_FIELDS[] = {
    "$schema", "title", "objective", "minutes", "prerequisites", "claims", "demos", "labels", NULL};
static const char *const CLAIM_FIELDS[] = {"id", "text", "sources", "demo", NULL};
static const char *const SOURCE_FIELDS[] = {"title", "where", "url", "version", NULL};
static const char *const DEMO_FIELDS[] = {"name",   "title",   "summary", "claims",  "limit_s",
                                          "params", "predict", "view",    "compare", NULL};
static const char *const COMPARE_FIELDS[] = {"param", "values", NULL};
static const char *const INT_FIELDS[] = {"name", "label", "kind", "min", "max", "default", NULL};
static const char *const WORD_FIELDS[] = {"name", "label", "kind", "choices", "default", NULL};
static const char *const FLAG_FIELDS[] = {"name", "label", "kind", "default", NULL};
static const char *const PREDICT_FIELDS[] = {"text", "with", "claim", "choices", "why", NULL};
static const char *const RANGE_FIELDS[] = {"text", "range", "is", NULL};
static const char *const VIEWS[] = {"timeline", "sequence", "graph", "plot", NULL};
static const char *const TRACK_FIELDS[] = {"$schema", "title", NULL};

enum {
    DEFAULT_LIMIT_S = 10,
    MAX_LIMIT_S = 60,
    MAX_MINUTES = 600,
    MAX_PARAM_CHOICES = 12,
    MAX_PREDICT_CHOICES = 6,
};

/* Numbers of a parameter: exact as a double, and in a long of 32 bits too. */
static const long MAX_PARAM = 2000000000;

/* ---- shared with the other readers ---- */

const char *lesson_rel(struct loading *ld, const char *file)
{
    return arena_printf(&ld->l->mem, "%s/%s", ld->rel, file);
}

const char *lesson_path(struct loading *ld, const char *file)
{
    return arena_printf(&ld->l->mem, "%s/%s", ld->l->dir, file);
}

/* Named things (claims, demos, parameters, questions) have their name as first member. */
static const char *name_at(const void *items, size_t i, size_t size)
{
    const char *name;

    memcpy(&name, (const char *)items + i * size, sizeof(name));
    return name;
}

const char *lesson_hint(struct loading *ld, const char *word, const void *items, size_t n,
                        size_t size)
{
    const char **names = arena_array(&ld->l->mem, n, sizeof(*names));

    for (size_t i = 0; i < n; i++)
        names[i] = name_at(items, i, size);
    const char *near = nearest_word(word, names, n);
    return near ? arena_printf(&ld->l->mem, ", did you mean \"%s\"", near) : "";
}

void lesson_unique(const struct json *j, const char *id, const void *items, size_t n, size_t size)
{
    for (size_t i = 0; *id && i < n; i++)
        if (strcmp(id, name_at(items, i, size)) == 0) {
            json_bad(j, "\"%s\" is the name of an earlier one as well", id);
            return;
        }
}

const char *lesson_claim_ref(struct loading *ld, struct json j)
{
    struct lesson *l = ld->l;
    const char *id = json_id(j);

    if (*id && ld->has_lesson && !lesson_claim(l, id))
        json_bad(&j, "no claim \"%s\" in this lesson%s", id,
                 lesson_hint(ld, id, l->claims, l->n_claims, sizeof(*l->claims)));
    return id;
}

/* ---- claims ---- */

static void read_source(const struct json *j, struct source *s)
{
    s->title = (struct bitext){{"", ""}};
    s->where = s->url = s->version = "";
    if (!json_object(j, SOURCE_FIELDS))
        return;
    const struct json url = json_may(j, "url");
    s->title = json_both(json_must(j, "title"), MAX_LINE);
    s->where = json_text(json_may(j, "where"), MAX_LINE);
    s->url = json_text(url, MAX_TEXT);
    s->version = json_text(json_may(j, "version"), MAX_LINE);
    if (*s->url && strncmp(s->url, "https://", 8) != 0 && strncmp(s->url, "http://", 7) != 0)
        json_lint(&url, "needs to begin with https://");
}

static void read_claim(struct loading *ld, const struct json *j, struct claim *c)
{
    const struct lesson *l = ld->l;

    c->id = "";
    c->text = (struct bitext){{"", ""}};
    if (!json_object(j, CLAIM_FIELDS))
        return;
    const struct json id = json_must(j, "id");
    c->id = json_id(id);
    lesson_unique(&id, c->id, l->claims, (size_t)(c - l->claims), sizeof(*c));
    c->text = json_prose(json_must(j, "text"), MAX_TEXT);
    const struct json may = json_may(j, "sources");
    const struct json list = json_list(may, 0, MAX_SOURCES);
    struct source *sources = arena_array(&ld->l->mem, list.n, sizeof(*sources));
    for (struct json i = json_first(&list); i.node; i = json_next(&i))
        read_source(&i, &sources[c->n_sources++]);
    c->sources = sources;
    if (c->n_sources == 0)
        json_lint(&may, "a claim needs a source");
    const char *demo = json_id(json_may(j, "demo"));
    c->demo = *demo ? demo : NULL;
}

static void read_claims(struct loading *ld, const struct json *root)
{
    struct lesson *l = ld->l;
    const struct json list = json_list(json_must(root, "claims"), 1, MAX_CLAIMS);

    l->claims = arena_array(&l->mem, list.n, sizeof(*l->claims));
    for (struct json i = json_first(&list); i.node; i = json_next(&i))
        read_claim(ld, &i, &l->claims[l->n_claims++]);
}

/* Demos are read after claims, so that they can be held against them; this is the way back. */
static void check_claim_demos(struct loading *ld, const struct json *root)
{
    const struct lesson *l = ld->l;
    const struct json list = json_list(json_may(root, "claims"), 0, MAX_CLAIMS);

    for (struct json i = json_first(&list); i.node; i = json_next(&i)) {
        const struct claim *c = &l->claims[i.at];
        if (!c->demo || lesson_demo(l, c->demo))
            continue;
        const struct json demo = json_may(&i, "demo");
        json_bad(&demo, "no demo \"%s\" in this lesson%s", c->demo,
                 lesson_hint(ld, c->demo, l->demos, l->n_demos, sizeof(*l->demos)));
    }
}

/* ---- parameters ---- */

static void read_int(struct loading *ld, const struct json *j, struct param *p)
{
    (void)ld;
    const struct json max = json_must(j, "max");
    p->min = json_whole(json_must(j, "min"), -MAX_PARAM, MAX_PARAM, 0);
    p->max = json_whole(max, -MAX_PARAM, MAX_PARAM, MAX_PARAM);
    if (p->max < p->min) {
        json_bad(&max, "less than min");
        p->max = p->min;
    }
    p->def = json_whole(json_must(j, "default"), p->min, p->max, p->min);
}

static void read_word_choices(struct loading *ld, const struct json *j, struct param *p)
{
    const struct json list = json_list(json_must(j, "choices"), 2, MAX_PARAM_CHOICES);
    /* One place more: json_word wants the list ended by NULL. */
    const char **choices = arena_array(&ld->l->mem, list.n + 1, sizeof(*choices));

    for (struct json i = json_first(&list); i.node; i = json_next(&i)) {
        const char *word = json_text(i, MAX_LINE);
        if (word[strcspn(word, " \t\n=\"")] != '\0')
            json_bad(&i, "needs to be a word without blanks, = and quotes");
        lesson_unique(&i, word, choices, p->n_choices, sizeof(*choices));
        choices[p->n_choices++] = word;
    }
    p->choices = choices;
}

static void read_word(struct loading *ld, const struct json *j, struct param *p)
{
    read_word_choices(ld, j, p);
    p->max = p->n_choices > 0 ? (long)p->n_choices - 1 : 0;
    const struct json def = json_must(j, "default");
    const int i = p->n_choices > 0 ? json_word(def, p->choices) : -1;
    p->def = i < 0 ? 0 : i;
}

static void read_flag(struct loading *ld, const struct json *j, struct param *p)
{
    (void)ld;
    p->max = 1;
    p->def = json_whole(json_must(j, "default"), 0, 1, 0);
}

static const struct {
    const char *name;
    const char *const *fields;
    void (*read)(struct loading *ld, const struct json *j, struct param *p);
} PARAM_KINDS[] = {
    [PARAM_INT] = {"int", INT_FIELDS, read_int},
    [PARAM_CHOICE] = {"choice", WORD_FIELDS, read_word},
    [PARAM_FLAG] = {"flag", FLAG_FIELDS, read_flag},
};

/* As ids, and '_' as in the C names they stand for. */
static const char *read_param_name(struct json j)
{
    const char *name = json_text(j, CONTENT_MAX_SLUG);

    if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0')
        return name;
    json_bad(&j, "needs to be of a-z, 0-9, _ and -");
    return "";
}

static void read_param(struct loading *ld, const struct json *j, struct demo *d, struct param *p)
{
    const char *names[ARRAY_LEN(PARAM_KINDS) + 1] = {NULL};

    p->name = "";
    p->label = (struct bitext){{"", ""}};
    for (size_t i = 0; i < ARRAY_LEN(PARAM_KINDS); i++)
        names[i] = PARAM_KINDS[i].name;
    const int kind = json_object(j, NULL) ? json_word(json_must(j, "kind"), names) : -1;
    if (kind < 0)
        return;
    p->kind = (enum param_kind)kind;
    json_object(j, PARAM_KINDS[kind].fields);
    const struct json name = json_must(j, "name");
    p->name = read_param_name(name);
    lesson_unique(&name, p->name, d->params, (size_t)(p - d->params), sizeof(*p));
    p->label = json_both(json_must(j, "label"), MAX_LINE);
    PARAM_KINDS[kind].read(ld, j, p);
}

static void read_params(struct loading *ld, const struct json *j, struct demo *d)
{
    const struct json list = json_list(json_may(j, "params"), 0, CONTENT_MAX_PARAMS);

    d->params = arena_array(&ld->l->mem, list.n, sizeof(*d->params));
    for (struct json i = json_first(&list); i.node; i = json_next(&i))
        read_param(ld, &i, d, &d->params[d->n_params++]);
}

/* ---- predictions ---- */

static void read_with_value(const struct json *j, const struct param *p, long *value)
{
    if (p->kind != PARAM_CHOICE) {
        *value = json_whole(*j, p->min, p->max, p->def);
        return;
    }
    const int i = p->n_choices > 0 ? json_word(*j, p->choices) : -1;
    *value = i < 0 ? p->def : i;
}

static const struct param *find_param(const struct demo *d, const char *name)
{
    for (size_t i = 0; i < d->n_params; i++)
        if (strcmp(d->params[i].name, name) == 0)
            return &d->params[i];
    return NULL;
}

static void read_with(struct loading *ld, const struct json *j, struct demo *d)
{
    const struct json map = json_map(json_must(j, "with"), CONTENT_MAX_PARAMS);

    demo_args_default(d, d->predict.with);
    for (struct json i = json_first(&map); i.node; i = json_next(&i)) {
        const struct param *p = find_param(d, i.key);
        if (p)
            read_with_value(&i, p, &d->predict.with[p - d->params]);
        else
            json_bad(&i, "no such parameter%s",
                     lesson_hint(ld, i.key, d->params, d->n_params, sizeof(*d->params)));
    }
}

static double read_bound(const struct json *j, double open)
{
    return json_is_null(j) ? open : json_number(*j, open);
}

static void read_range(struct json j, struct predict_choice *c)
{
    const struct json list = json_list(j, 2, 2);

    c->lo = -HUGE_VAL;
    c->hi = HUGE_VAL;
    if (list.n != 2)
        return;
    const struct json lo = json_first(&list), hi = json_next(&lo);
    c->lo = read_bound(&lo, -HUGE_VAL);
    c->hi = read_bound(&hi, HUGE_VAL);
    if (c->lo >= c->hi)
        json_bad(&list, "the first number needs to be less than the second");
}

static void read_predict_choice(const struct json *j, struct predict_choice *c)
{
    c->text = (struct bitext){{"", ""}};
    if (!json_object(j, RANGE_FIELDS))
        return;
    c->text = json_both(json_must(j, "text"), MAX_TEXT);
    const struct json is = json_may(j, "is"), range = json_may(j, "range");
    if (!is.node == !range.node)
        json_bad(j, "needs either range or is");
    else if (is.node)
        c->is = json_text(is, MAX_LINE);
    else
        read_range(range, c);
}

static bool demo_has_claim(const struct demo *d, const char *id)
{
    for (size_t i = 0; i < d->n_claims; i++)
        if (strcmp(d->claims[i], id) == 0)
            return true;
    return false;
}

static void read_predict(struct loading *ld, const struct json *j, struct demo *d)
{
    struct predict *p = &d->predict;

    if (!json_object(j, PREDICT_FIELDS))
        return;
    p->text = json_prose(json_must(j, "text"), MAX_TEXT);
    read_with(ld, j, d);
    const struct json claim = json_must(j, "claim");
    p->claim = lesson_claim_ref(ld, claim);
    if (*p->claim && !demo_has_claim(d, p->claim))
        json_bad(&claim, "the demo gives no verdict on \"%s\"", p->claim);
    const struct json list = json_list(json_must(j, "choices"), 2, MAX_PREDICT_CHOICES);
    p->choices = arena_array(&ld->l->mem, list.n, sizeof(*p->choices));
    for (struct json i = json_first(&list); i.node; i = json_next(&i))
        read_predict_choice(&i, &p->choices[p->n_choices++]);
    const struct json why = json_may(j, "why");
    p->why = json_prose(why, MAX_TEXT);
    if (!why.node)
        json_lint(&why, "missing: say why the machine gave this answer");
}

/* ---- demos ---- */

static void read_demo_claims(struct loading *ld, const struct json *j, struct demo *d)
{
    const struct json list = json_list(json_must(j, "claims"), 1, MAX_CLAIMS);
    const char **claims = arena_array(&ld->l->mem, list.n, sizeof(*claims));

    for (struct json i = json_first(&list); i.node; i = json_next(&i)) {
        const char *id = lesson_claim_ref(ld, i);
        lesson_unique(&i, id, claims, d->n_claims, sizeof(*claims));
        claims[d->n_claims++] = id;
    }
    d->claims = claims;
}

static void find_source(struct loading *ld, const struct json *name, struct demo *d)
{
    struct stat st;
    const char *file = arena_printf(&ld->l->mem, "%s.c", d->name);

    d->path = lesson_path(ld, file);
    if (stat(d->path, &st) < 0 || !S_ISREG(st.st_mode))
        json_bad(name, "there is no file %s", file);
}

static void read_compare(struct loading *ld, const struct json *j, struct demo *d)
{
    if (!json_object(j, COMPARE_FIELDS))
        return;
    const struct json name = json_must(j, "param");
    const char *word = json_text(name, CONTENT_MAX_SLUG);
    const struct param *p = find_param(d, word);
    if (!p) {
        json_bad(&name, "no such parameter%s",
                 lesson_hint(ld, word, d->params, d->n_params, sizeof(*d->params)));
        return;
    }
    const struct json list = json_list(json_must(j, "values"), 2, 2);
    size_t n = 0;
    for (struct json i = json_first(&list); i.node && n < 2; i = json_next(&i))
        read_with_value(&i, p, &d->compare_values[n++]);
    if (n == 2)
        d->compare_param = (size_t)(p - d->params);
}

static void read_demo(struct loading *ld, const struct json *j, struct demo *d)
{
    const struct lesson *l = ld->l;
    const struct bitext none = {{"", ""}};

    d->name = d->path = "";
    d->title = d->summary = none;
    d->limit_s = DEFAULT_LIMIT_S;
    d->predict.claim = "";
    d->predict.text = d->predict.why = none;
    if (!json_object(j, DEMO_FIELDS))
        return;
    const struct json name = json_must(j, "name");
    d->name = json_id(name);
    lesson_unique(&name, d->name, l->demos, (size_t)(d - l->demos), sizeof(*d));
    if (*d->name)
        find_source(ld, &name, d);
    d->title = json_prose(json_must(j, "title"), MAX_LINE);
    d->summary = json_prose(json_must(j, "summary"), MAX_TEXT);
    d->limit_s = (int)json_whole(json_may(j, "limit_s"), 1, MAX_LIMIT_S, DEFAULT_LIMIT_S);
    read_demo_claims(ld, j, d);
    read_params(ld, j, d);
    d->predict.with = arena_array(&ld->l->mem, d->n_params, sizeof(*d->predict.with));
    const struct json predict = json_must(j, "predict");
    if (predict.node)
        read_predict(ld, &predict, d);
    const struct json view = json_may(j, "view");
    const int k = view.node ? json_word(view, VIEWS) : 0;
    d->view = VIEWS[k < 0 ? 0 : k];
    d->compare_param = d->n_params;
    const struct json compare = json_may(j, "compare");
    if (compare.node)
        read_compare(ld, &compare, d);
}

static void read_demos(struct loading *ld, const struct json *root)
{
    struct lesson *l = ld->l;
    const struct json list = json_list(json_may(root, "demos"), 0, MAX_DEMOS);

    l->demos = arena_array(&l->mem, list.n, sizeof(*l->demos));
    for (struct json i = json_first(&list); i.node; i = json_next(&i))
        read_demo(ld, &i, &l->demos[l->n_demos++]);
}

/* ---- lesson.json ---- */

static void read_prerequisites(struct loading *ld, const struct json *root)
{
    struct lesson *l = ld->l;
    const struct json list = json_list(json_may(root, "prerequisites"), 0, MAX_PREREQUISITES);
    const char **slugs = arena_array(&l->mem, list.n, sizeof(*slugs));

    for (struct json i = json_first(&list); i.node; i = json_next(&i)) {
        const char *slug = json_id(i);
        lesson_unique(&i, slug, slugs, l->n_prerequisites, sizeof(*slugs));
        slugs[l->n_prerequisites++] = slug;
    }
    l->prerequisites = slugs;
}

static void read_labels(struct loading *ld, const struct json *root)
{
    struct lesson *l = ld->l;
    const struct json map = json_map(json_may(root, "labels"), MAX_LABELS);

    l->labels = arena_array(&l->mem, map.n, sizeof(*l->labels));
    for (struct json i = json_first(&map); i.node; i = json_next(&i)) {
        struct label *label = &l->labels[l->n_labels++];
        label->name = arena_strdup(&l->mem, i.key);
        label->text = json_both(i, MAX_LINE);
    }
}

void lesson_from(struct loading *ld, const struct json_doc *doc)
{
    struct lesson *l = ld->l;
    const struct json root = json_root(doc);

    ld->has_lesson = json_object(&root, LESSON_FIELDS);
    l->title = json_prose(json_must(&root, "title"), MAX_LINE);
    l->objective = json_prose(json_must(&root, "objective"), MAX_TEXT);
    l->minutes = (int)json_whole(json_must(&root, "minutes"), 1, MAX_MINUTES, 1);
    read_prerequisites(ld, &root);
    read_claims(ld, &root);
    read_demos(ld, &root);
    check_claim_demos(ld, &root);
    read_labels(ld, &root);
}

static void read_lesson_json(struct loading *ld)
{
    struct json_doc doc = {
        .shown = lesson_rel(ld, "lesson.json"), .mem = &ld->l->mem, .found = ld->found};

    if (json_read(&doc, lesson_path(ld, "lesson.json")))
        lesson_from(ld, &doc);
    json_free(&doc);
}

struct bitext track_read(struct arena *mem, struct findings *found, const char *dir,
                         const char *rel, const char *slug)
{
    struct json_doc doc = {
        .shown = arena_printf(mem, "%s/track.json", rel), .mem = mem, .found = found};
    struct bitext title = {{slug, slug}};

    if (json_read(&doc, arena_printf(mem, "%s/track.json", dir))) {
        const struct json root = json_root(&doc);
        json_object(&root, TRACK_FIELDS);
        const struct bitext given = json_prose(json_must(&root, "title"), MAX_LINE);
        for (size_t i = 0; i < LANG_COUNT; i++)
            if (*given.in[i])
                title.in[i] = given.in[i];
    }
    json_free(&doc);
    return title;
}

/* ---- the lesson ---- */

struct lesson *lesson_new(struct loading *ld, const char *dir, const char *slug, const char *track)
{
    struct lesson *l = x_array(1, sizeof(*l));
    const struct bitext none = {{"", ""}};

    ld->l = l;
    l->dir = arena_strdup(&l->mem, dir);
    l->slug = arena_strdup(&l->mem, slug);
    l->track = arena_strdup(&l->mem, track);
    l->title = l->objective = none;
    return l;
}

struct lesson *lesson_read(struct loading *ld, const char *dir, const char *slug, const char *track)
{
    struct lesson *l = lesson_new(ld, dir, slug, track);

    read_lesson_json(ld);
    questions_read(ld);
    pages_read(ld);
    return l;
}

/* The last two parts of a lesson's folder: its place in the pack. */
static const char *rel_of(const char *dir)
{
    const char *rel = dir + strlen(dir);

    for (int parts = 0; rel > dir; rel--)
        if (rel[-1] == '/' && ++parts == 2)
            break;
    return rel;
}

struct lesson *lesson_load(const struct lesson_info *info, struct err *e)
{
    struct err first = {{0}};
    struct findings found = {.report = findings_first, .user = &first};
    struct loading ld = {.found = &found, .rel = rel_of(info->dir)};
    struct lesson *l = lesson_read(&ld, info->dir, info->slug, info->track);

    if (found.fatal == 0)
        return l;
    err_set(e, "%s", first.text);
    lesson_free(l);
    return NULL;
}

void lesson_free(struct lesson *l)
{
    if (!l)
        return;
    arena_free(&l->mem);
    free(l);
}

const struct claim *lesson_claim(const struct lesson *l, const char *id)
{
    for (size_t i = 0; i < l->n_claims; i++)
        if (strcmp(l->claims[i].id, id) == 0)
            return &l->claims[i];
    return NULL;
}

const struct demo *lesson_demo(const struct lesson *l, const char *name)
{
    for (size_t i = 0; i < l->n_demos; i++)
        if (strcmp(l->demos[i].name, name) == 0)
            return &l->demos[i];
    return NULL;
}

const struct question *lesson_question(const struct lesson *l, const char *id)
{
    for (size_t i = 0; i < l->n_questions; i++)
        if (strcmp(l->questions[i].id, id) == 0)
            return &l->questions[i];
    return NULL;
}

const struct shape *lesson_shapes(size_t *n)
{
    static const struct shape SHAPES[] = {
        {"lesson", LESSON_FIELDS},   {"claim", CLAIM_FIELDS},     {"source", SOURCE_FIELDS},
        {"demo", DEMO_FIELDS},       {"int", INT_FIELDS},         {"choice", WORD_FIELDS},
        {"flag", FLAG_FIELDS},       {"predict", PREDICT_FIELDS}, {"outcome", RANGE_FIELDS},
        {"compare", COMPARE_FIELDS},
    };

    *n = ARRAY_LEN(SHAPES);
    return SHAPES;
}
