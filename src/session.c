/*
 * session.c: a quiz being taken. See session.h.
 */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void session_free(struct session *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++) {
        free(s->items[i].item);
        free(s->items[i].response);
    }
    for (size_t i = 0; i < s->n_lessons; i++)
        lesson_free(s->lessons[i]);
    free(s->items);
    free(s->lessons);
    free(s);
}

/* ---- collecting the questions ---- */

/* A lesson of the session, loaded once; NULL if it is gone or broken. */
static const struct lesson *session_lesson(struct session *s, const struct content *c,
                                           const char *slug)
{
    for (size_t i = 0; i < s->n_lessons; i++)
        if (strcmp(s->lessons[i]->slug, slug) == 0)
            return s->lessons[i];
    const struct lesson_info *info = content_find(c, slug);
    struct lesson *l = info && !info->broken ? lesson_load(info, NULL) : NULL;
    if (!l)
        return NULL;
    s->lessons = x_resize(s->lessons, s->n_lessons + 1, sizeof(struct lesson *));
    s->lessons[s->n_lessons++] = l;
    return l;
}

static void add_item(struct session *s, const struct lesson *l, const struct question *q)
{
    s->items = x_resize(s->items, s->n + 1, sizeof(*s->items));
    s->items[s->n++] =
        (struct session_item){.lesson = l, .q = q, .item = xasprintf("%s/%s", l->slug, q->id)};
}

static void add_lesson(struct session *s, const struct content *c, const char *slug)
{
    const struct lesson *l = session_lesson(s, c, slug);

    for (size_t i = 0; l && i < l->n_questions; i++)
        add_item(s, l, &l->questions[i]);
}

/* Adds "lesson/question" if both still exist: what has left the content is not asked again. */
static void add_stored(struct session *s, const struct content *c, const char *item)
{
    const char *slash = strchr(item, '/');

    if (!slash)
        return;
    char *slug = xstrndup(item, (size_t)(slash - item));
    const struct lesson *l = session_lesson(s, c, slug);
    const struct question *q = l ? lesson_question(l, slash + 1) : NULL;
    if (q)
        add_item(s, l, q);
    free(slug);
}

struct due_list {
    struct session *s;
    const struct content *c;
    size_t max; /* 0: no limit */
};

static void add_due(void *user, const char *item, int64_t due_ms)
{
    const struct due_list *d = user;

    (void)due_ms;
    if (!d->max || d->s->n < d->max)
        add_stored(d->s, d->c, item);
}

static bool wanted(const struct session_plan *plan, const struct lesson_info *info)
{
    if (info->broken)
        return false;
    for (size_t i = 0; i < plan->n_topics; i++)
        if (strcmp(plan->topics[i], info->slug) == 0 || strcmp(plan->topics[i], info->track) == 0)
            return true;
    return plan->n_topics == 0;
}

static void shuffle_items(struct session *s, size_t max)
{
    size_t *perm = x_array(s->n, sizeof(*perm));
    struct session_item *shuffled = x_array(s->n, sizeof(*shuffled));

    quiz_shuffle(s->seed, "items", s->n, perm);
    for (size_t i = 0; i < s->n; i++)
        shuffled[i] = s->items[perm[i]];
    for (size_t i = max; max && i < s->n; i++)
        free(shuffled[i].item);
    if (max)
        s->n = size_min(s->n, max);
    free(perm);
    free(s->items);
    s->items = shuffled;
}

static bool collect(struct session *s, const struct content *c, int64_t now_ms,
                    const struct session_plan *plan, struct err *e)
{
    if (strcmp(plan->kind, "review") == 0) {
        struct due_list d = {s, c, plan->max};
        return store_due_each(s->store, now_ms, INT32_MAX, add_due, &d, e);
    }
    if (strcmp(plan->kind, "single") == 0) {
        add_stored(s, c, plan->topic);
        return true;
    }
    if (strcmp(plan->kind, "lesson") == 0) {
        add_lesson(s, c, plan->topic);
    } else {
        size_t n;
        const struct lesson_info *all = content_lessons(c, &n);
        for (size_t i = 0; i < n; i++)
            if (wanted(plan, &all[i]))
                add_lesson(s, c, all[i].slug);
    }
    shuffle_items(s, plan->max);
    return true;
}

/* ---- beginning ---- */

static bool store_begin(struct session *s, int64_t now_ms, const char *kind, const char *topic,
                        struct err *e)
{
    const char **items = x_array(s->n, sizeof(*items));

    for (size_t i = 0; i < s->n; i++)
        items[i] = s->items[i].item;
    const bool ok =
        store_session_start(s->store, now_ms, kind, topic, s->seed, items, s->n, &s->id, e);
    free(items);
    return ok;
}

static void skip_answered(struct session *s)
{
    while (s->at < s->n && s->items[s->at].response)
        s->at++;
}

/* Takes up a stored session; false if nothing of it can be asked any more. */
static bool take_up(struct session *s, const struct content *c, const struct store_session *open)
{
    s->seed = open->seed;
    snprintf(s->id.text, sizeof(s->id.text), "%s", open->id);
    for (size_t i = 0; i < open->n_items; i++) {
        const size_t before = s->n;
        add_stored(s, c, open->items[i]);
        if (s->n == before || !open->responses[i])
            continue;
        struct session_item *it = &s->items[s->n - 1];
        if (!quiz_response_valid(it->q, open->responses[i], NULL))
            continue;
        it->response = xstrdup(open->responses[i]);
        it->grade = quiz_grade(it->q, it->response);
    }
    s->resumed = true;
    skip_answered(s);
    return s->at < s->n;
}

static struct session *resume(const struct content *c, struct store *store, int64_t now_ms,
                              const struct session_plan *plan)
{
    struct store_session open;

    if (!plan->resume || !store_session_open_find(store, plan->kind, plan->topic, &open))
        return NULL;
    struct session *s = x_array(1, sizeof(*s));
    s->store = store;
    if (!take_up(s, c, &open)) {
        store_session_end(store, now_ms, open.id, false, NULL);
        session_free(s);
        s = NULL;
    }
    store_session_release(&open);
    return s;
}

struct session *session_begin(const struct content *c, struct store *store, int64_t now_ms,
                              const struct session_plan *plan, struct err *e)
{
    struct session *s = resume(c, store, now_ms, plan);

    if (s)
        return s;
    s = x_array(1, sizeof(*s));
    s->store = store;
    s->seed = plan->seed;
    if (collect(s, c, now_ms, plan, e)) {
        if (s->n == 0)
            err_set(e, "%s", text(TXT_NO_QUESTIONS));
        else if (store_begin(s, now_ms, plan->kind, plan->topic, e) || plan->unsaved_will_do) {
            s->unsaved = s->id.text[0] == '\0';
            return s;
        }
    }
    session_free(s);
    return NULL;
}

/* The lessons go to the heir: its items borrow from them. */
static void inherit_lessons(struct session *heir, struct session *old)
{
    heir->lessons = old->lessons;
    heir->n_lessons = old->n_lessons;
    old->lessons = NULL;
    old->n_lessons = 0;
}

struct session *session_retry(struct session *old, int64_t now_ms, uint64_t seed, struct err *e)
{
    struct session *s = x_array(1, sizeof(*s));

    s->store = old->store;
    s->seed = seed;
    s->unsaved = old->unsaved;
    for (size_t i = 0; i < old->n; i++) {
        const struct session_item *it = &old->items[i];
        if (it->response && !it->grade.right)
            add_item(s, it->lesson, it->q);
    }
    if (s->n == 0) {
        err_set(e, "%s", text(TXT_NOTHING_MISSED));
    } else if (s->unsaved || store_begin(s, now_ms, "retry", "", e)) {
        inherit_lessons(s, old);
        session_free(old);
        return s;
    }
    session_free(s);
    return NULL;
}

/* ---- answering ---- */

static const char *const kind_names[Q_KINDS] = {
    [Q_CHOICE] = "choice", [Q_MULTI] = "multi", [Q_NUMBER] = "number",
    [Q_TEXT] = "text",     [Q_ORDER] = "order", [Q_OUTPUT] = "output"};

bool session_answer(struct session *s, int64_t now_ms, size_t i, const char *response,
                    int64_t elapsed_ms, struct err *e)
{
    struct session_item *it = &s->items[i];

    if (it->response)
        BUG("item %s is answered twice", it->item);
    if (!quiz_response_valid(it->q, response, e))
        return false;
    const struct grade g = quiz_grade(it->q, response);
    const struct store_answer a = {.item = it->item,
                                   .session = s->id.text,
                                   .meaning = it->q->meaning,
                                   .kind = kind_names[it->q->kind],
                                   .response = response,
                                   .right = g.right,
                                   .score = g.score,
                                   .elapsed_ms = elapsed_ms > 0 ? elapsed_ms : 0};
    if (!s->unsaved && !store_answer_add(s->store, now_ms, &a, e))
        return false;
    it->response = xstrdup(response);
    it->grade = g;
    skip_answered(s);
    /* The answers are safe by now; a session that cannot be closed is only found open again. */
    if (s->at == s->n && !s->unsaved)
        store_session_end(s->store, now_ms, s->id.text, true, NULL);
    return true;
}

struct session_score session_score(const struct session *s)
{
    struct session_score sc = {0};
    double sum = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (!s->items[i].response)
            continue;
        sc.answered++;
        sc.right += s->items[i].grade.right;
        sum += s->items[i].grade.score;
    }
    sc.mean = sc.answered ? sum / (double)sc.answered : 0;
    return sc;
}
