/*
 * write.c: events, each in a short transaction together with the rows derived from it.
 *
 * A payload is made by SQLite's own JSON functions before the transaction starts. The id is made
 * inside it and sorts after every other in the file: so the order of ids is the order in which
 * events happened to the file, whatever clocks did, and a rebuild repeats it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "store/store_impl.h"

/* Steps a SELECT of one JSON text, and closes it. NULL on failure; the caller frees. */
static char *take_json(struct query *q, struct err *e)
{
    char *json = NULL;

    if (query_next(q))
        json = xstrdup(query_str(q, 0));
    if (query_close(q, e))
        return json;
    free(json);
    return NULL;
}

static bool next_id(struct store *s, int64_t now_ms, struct uuid *id, struct err *e)
{
    struct query q = query_open(s, SQL_EVENT_LAST_ID);
    struct uuid last;
    bool some = false;

    if (query_next(&q) && sqlite3_column_bytes(q.st, 0) == sizeof(last)) {
        memcpy(&last, sqlite3_column_blob(q.st, 0), sizeof(last));
        some = true;
    }
    *id = uuid_next(some ? &last : NULL, now_ms);
    return query_close(&q, e);
}

static bool insert_event(struct store *s, const struct event *ev, struct err *e)
{
    struct query q = query_open(s, SQL_EVENT_INSERT);

    query_bytes(&q, &ev->id, sizeof(ev->id));
    query_int(&q, ev->at_ms);
    query_text(&q, ev->kind);
    query_text(&q, ev->item);
    query_text(&q, ev->payload);
    return query_run(&q, e);
}

/* Inside a transaction: gives ev its id, stores it, derives. */
static bool add_event(struct store *s, struct event *ev, struct err *e)
{
    return next_id(s, ev->at_ms, &ev->id, e) && insert_event(s, ev, e) && derive_event(s, ev, e);
}

/* The whole transaction. Frees payload; NULL is a failure that e tells already. id may be NULL. */
static bool save_event(struct store *s, int64_t now_ms, const char *kind, const char *item,
                       char *payload, struct uuid *id, struct err *e)
{
    if (!payload)
        return false;
    struct event ev = {.at_ms = now_ms, .kind = kind, .item = item, .payload = payload};
    const bool ok = store_begin(s, e) && store_end(s, add_event(s, &ev, e), e);
    free(payload);
    if (ok && id)
        *id = ev.id;
    return ok;
}

/* ---- sessions ---- */

static bool append_json_text(struct store *s, struct buf *out, const char *text, struct err *e)
{
    struct query q = query_open(s, SQL_JSON_TEXT);

    query_text(&q, text);
    char *json = take_json(&q, e);
    if (!json)
        return false;
    buf_puts(out, json);
    free(json);
    return true;
}

static bool json_list(struct store *s, const char *const *items, size_t n, struct buf *out,
                      struct err *e)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_putc(out, ',');
        if (!append_json_text(s, out, items[i], e))
            return false;
    }
    buf_putc(out, ']');
    return true;
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The first item that is there twice, NULL if none. */
static const char *find_twice(const char *const *items, size_t n)
{
    const char **sorted = x_array(n, sizeof(*sorted));
    const char *twice = NULL;

    for (size_t i = 0; i < n; i++)
        sorted[i] = items[i];
    qsort(sorted, n, sizeof(*sorted), compare_strings);
    for (size_t i = 1; i < n && !twice; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            twice = sorted[i];
    free(sorted);
    return twice;
}

static char *session_json(struct store *s, const char *kind, const char *topic, uint64_t seed,
                          const char *items, struct err *e)
{
    struct query q = query_open(s, SQL_JSON_SESSION_START);
    char decimal[32];

    snprintf(decimal, sizeof(decimal), "%" PRIu64, seed);
    query_text(&q, kind);
    query_text(&q, topic);
    query_text(&q, decimal);
    query_text(&q, items);
    return take_json(&q, e);
}

bool store_session_start(struct store *s, int64_t now_ms, const char *kind, const char *topic,
                         uint64_t seed, const char *const *items, size_t n, struct store_id *id,
                         struct err *e)
{
    const char *twice = find_twice(items, n);
    if (twice)
        return err_set(e, "%s: twice in one quiz, ask it once", twice);

    const char *about = topic ? topic : "";
    struct buf list = {0};
    struct uuid uuid;
    char *payload = NULL;
    if (json_list(s, items, n, &list, e))
        payload = session_json(s, kind, about, seed, buf_text(&list), e);
    buf_release(&list);
    if (!save_event(s, now_ms, "session-start", about, payload, &uuid, e))
        return false;
    uuid_format(&uuid, id->text);
    return true;
}

/* 1 open, 0 ended, -1 there is none such or the read failed (then e tells). */
static int session_state(struct store *s, const struct uuid *id, struct err *e)
{
    struct query q = query_open(s, SQL_SESSION_STATE);

    query_bytes(&q, id, sizeof(*id));
    const int state = query_next(&q) ? query_int32(&q, 0) : -1;
    if (query_close(&q, e) && state < 0)
        err_set(e, "no such quiz session, start a new one");
    return state;
}

static bool end_session(struct store *s, struct event *ev, const struct uuid *id, struct err *e)
{
    const int state = session_state(s, id, e);

    if (state == 0)
        return err_set(e, "the quiz session has ended already, start a new one");
    return state > 0 && add_event(s, ev, e);
}

bool store_session_end(struct store *s, int64_t now_ms, const char *session, bool finished,
                       struct err *e)
{
    struct uuid id;

    if (!uuid_parse(session, &id))
        return err_set(e, "\"%s\": not the id of a quiz session", session);
    struct query q = query_open(s, SQL_JSON_SESSION_END);
    query_text(&q, session);
    query_int(&q, finished);
    char *payload = take_json(&q, e);
    if (!payload)
        return false;
    struct event ev = {.at_ms = now_ms, .kind = "session-end", .item = "", .payload = payload};
    const bool ok = store_begin(s, e) && store_end(s, end_session(s, &ev, &id, e), e);
    free(payload);
    return ok;
}

/* ---- answers ---- */

static bool check_answer(const struct store_answer *a, struct err *e)
{
    const char *question;
    char *lesson;

    if (!item_split(a->item, &lesson, &question))
        return err_set(e, "\"%s\": not an item, write lesson/question", a->item);
    free(lesson);
    if (!(a->score >= 0 && a->score <= 1) || a->elapsed_ms < 0)
        return err_set(e, "%s: score %g or time %lld ms out of range", a->item, a->score,
                       (long long)a->elapsed_ms);
    return true;
}

static bool check_session(struct store *s, const struct store_answer *a, struct err *e)
{
    struct uuid session;

    if (!a->session)
        return true;
    if (!uuid_parse(a->session, &session))
        return err_set(e, "\"%s\": not the id of a quiz session", a->session);
    struct query q = query_open(s, SQL_SESSION_HAS_ITEM);
    query_bytes(&q, &session, sizeof(session));
    query_text(&q, a->item);
    const bool found = query_next(&q);
    if (!query_close(&q, e))
        return false;
    return found || err_set(e, "%s: not asked in quiz session %s", a->item, a->session);
}

static char *answer_json(struct store *s, const struct store_answer *a, struct err *e)
{
    struct query q = query_open(s, SQL_JSON_ANSWER);

    query_text(&q, a->session);
    query_int(&q, a->meaning);
    query_text(&q, a->kind);
    query_text(&q, a->response);
    query_int(&q, a->right);
    query_real(&q, a->score);
    query_int(&q, a->elapsed_ms);
    return take_json(&q, e);
}

bool store_answer_add(struct store *s, int64_t now_ms, const struct store_answer *a, struct err *e)
{
    if (!check_answer(a, e))
        return false;
    char *payload = answer_json(s, a, e);
    if (!payload)
        return false;
    struct event ev = {.at_ms = now_ms, .kind = "answer", .item = a->item, .payload = payload};
    const bool ok =
        store_begin(s, e) && store_end(s, check_session(s, a, e) && add_event(s, &ev, e), e);
    free(payload);
    return ok;
}

/* ---- reading and running ---- */

bool store_position_set(struct store *s, int64_t now_ms, const char *lesson, int page,
                        struct err *e)
{
    if (page < 0)
        return err_set(e, "%s: there is no page %d", lesson, page);
    struct query q = query_open(s, SQL_JSON_POSITION);
    query_int(&q, page);
    return save_event(s, now_ms, "position", lesson, take_json(&q, e), NULL, e);
}

bool store_predict_add(struct store *s, int64_t now_ms, const char *demo, int choice, struct err *e)
{
    if (choice < 0)
        return err_set(e, "%s: there is no choice %d", demo, choice);
    struct query q = query_open(s, SQL_JSON_PREDICT);
    query_int(&q, choice);
    return save_event(s, now_ms, "predict", demo, take_json(&q, e), NULL, e);
}

static bool json_verdicts(struct store *s, const struct store_run *r, struct buf *out,
                          struct err *e)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < r->n_verdicts; i++) {
        const struct store_verdict *v = &r->verdicts[i];
        struct query q = query_open(s, SQL_JSON_VERDICT);
        query_text(&q, v->claim);
        query_text(&q, v->result);
        query_text(&q, v->measured);
        query_text(&q, v->rule);
        char *json = take_json(&q, e);
        if (!json)
            return false;
        if (i > 0)
            buf_putc(out, ',');
        buf_puts(out, json);
        free(json);
    }
    buf_putc(out, ']');
    return true;
}

static char *run_json(struct store *s, const struct store_run *r, const char *verdicts,
                      struct err *e)
{
    struct query q = query_open(s, SQL_JSON_RUN);

    query_text(&q, r->lesson);
    query_text(&q, r->args);
    query_text(&q, r->status);
    query_int(&q, r->predicted);
    query_text(&q, verdicts);
    return take_json(&q, e);
}

bool store_run_add(struct store *s, int64_t now_ms, const struct store_run *r, struct err *e)
{
    struct buf verdicts = {0};
    char *payload = NULL;

    if (json_verdicts(s, r, &verdicts, e))
        payload = run_json(s, r, buf_text(&verdicts), e);
    buf_release(&verdicts);
    return save_event(s, now_ms, "run", r->demo, payload, NULL, e);
}
