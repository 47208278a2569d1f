/*
 * read.c: where the learner is and what comes next, from the derived rows.
 */
#include <stdlib.h>
#include <string.h>

#include "store/store_impl.h"

bool store_last_position(struct store *s, char **lesson, int *page)
{
    struct query q = query_open(s, SQL_POSITION_LAST);
    const bool some = query_next(&q);

    if (some) {
        *lesson = xstrdup(query_str(&q, 0));
        *page = query_int32(&q, 1);
    }
    const bool ok = query_close(&q, NULL);
    if (some && !ok)
        free(*lesson);
    return some && ok;
}

int store_position(struct store *s, const char *lesson)
{
    struct query q = query_open(s, SQL_POSITION_READ);

    query_text(&q, lesson);
    const int page = query_next(&q) ? query_int32(&q, 0) : -1;
    return query_close(&q, NULL) ? page : -1;
}

bool store_progress_each(struct store *s, int64_t now_ms, store_progress_fn *fn, void *user,
                         struct err *e)
{
    struct query q = query_open(s, SQL_PROGRESS);

    query_int(&q, now_ms);
    while (query_next(&q)) {
        const struct store_progress p = {
            .lesson = query_str(&q, 0),
            .pages_seen = query_int32(&q, 1),
            .answered = query_int32(&q, 2),
            .right = query_int32(&q, 3),
            .due = query_int32(&q, 4),
        };
        fn(user, &p);
    }
    return query_close(&q, e);
}

bool store_due_each(struct store *s, int64_t now_ms, size_t max, store_item_fn *fn, void *user,
                    struct err *e)
{
    struct query q = query_open(s, SQL_DUE);

    query_int(&q, now_ms);
    query_int(&q, max < INT64_MAX ? (int64_t)max : INT64_MAX);
    while (query_next(&q))
        fn(user, query_str(&q, 0), query_int64(&q, 1));
    return query_close(&q, e);
}

/* ---- sessions ---- */

static bool find_open(struct store *s, const char *kind, const char *topic, struct uuid *id,
                      uint64_t *seed)
{
    struct query q = query_open(s, SQL_SESSION_OPEN);
    bool found = false;

    query_text(&q, kind);
    query_text(&q, topic);
    if (query_next(&q) && sqlite3_column_bytes(q.st, 0) == sizeof(*id)) {
        memcpy(id, sqlite3_column_blob(q.st, 0), sizeof(*id));
        *seed = strtoull(query_str(&q, 1), NULL, 10);
        found = true;
    }
    return query_close(&q, NULL) && found;
}

static void add_item(struct store_session *out, size_t *cap, struct query *q)
{
    if (out->n_items == *cap) {
        *cap = *cap ? *cap * 2 : 16;
        out->items = x_resize(out->items, *cap, sizeof(*out->items));
        out->responses = x_resize(out->responses, *cap, sizeof(*out->responses));
    }
    const bool answered = sqlite3_column_type(q->st, 1) != SQLITE_NULL;
    out->items[out->n_items] = xstrdup(query_str(q, 0));
    out->responses[out->n_items] = answered ? xstrdup(query_str(q, 1)) : NULL;
    out->n_items++;
}

static bool read_items(struct store *s, const struct uuid *id, struct store_session *out)
{
    struct query q = query_open(s, SQL_SESSION_ITEMS);
    size_t cap = 0;

    query_bytes(&q, id, sizeof(*id));
    while (query_next(&q))
        add_item(out, &cap, &q);
    return query_close(&q, NULL);
}

bool store_session_open_find(struct store *s, const char *kind, const char *topic,
                             struct store_session *out)
{
    const char *about = topic ? topic : "";
    char text[UUID_TEXT];
    struct uuid id;

    *out = (struct store_session){0};
    if (!find_open(s, kind, about, &id, &out->seed))
        return false;
    uuid_format(&id, text);
    out->id = xstrdup(text);
    out->kind = xstrdup(kind);
    out->topic = xstrdup(about);
    if (read_items(s, &id, out))
        return true;
    store_session_release(out);
    return false;
}

void store_session_release(struct store_session *ss)
{
    for (size_t i = 0; i < ss->n_items; i++) {
        free(ss->items[i]);
        free(ss->responses[i]);
    }
    free(ss->items);
    free(ss->responses);
    free(ss->id);
    free(ss->kind);
    free(ss->topic);
    *ss = (struct store_session){0};
}

/* ---- demos ---- */

int store_predict_open(struct store *s, const char *demo)
{
    struct query q = query_open(s, SQL_PREDICT_OPEN);

    query_text(&q, demo);
    const int choice = query_next(&q) ? query_int32(&q, 0) : -1;
    return query_close(&q, NULL) ? choice : -1;
}

/* Cuts between characters, never inside one. */
static void copy_text(char *out, size_t size, const char *text)
{
    size_t n = size_min(strlen(text), size - 1);

    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    memcpy(out, text, n);
    out[n] = '\0';
}

bool store_verdict_last(struct store *s, const char *lesson, const char *claim,
                        struct store_seen *out)
{
    struct query q = query_open(s, SQL_VERDICT_LAST);

    query_text(&q, lesson);
    query_text(&q, claim);
    const bool found = query_next(&q);
    if (found) {
        copy_text(out->result, sizeof(out->result), query_str(&q, 0));
        copy_text(out->measured, sizeof(out->measured), query_str(&q, 1));
        out->at_ms = query_int64(&q, 2);
    }
    return query_close(&q, NULL) && found;
}
