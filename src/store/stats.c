/*
 * stats.c: totals and tables for the statistics, from the derived rows: the cost grows with the
 * number of questions and sessions, not with the number of answers.
 */
#include <string.h>

#include "store/store_impl.h"

/* sum() and the like over no rows are NULL, which reads as 0. */
static bool total_cards(struct store *s, struct store_totals *out, struct err *e)
{
    struct query q = query_open(s, SQL_TOTALS_CARDS);

    if (query_next(&q)) {
        out->answers = query_int32(&q, 0);
        out->right = query_int32(&q, 1);
        out->items = query_int32(&q, 2);
        out->lessons = query_int32(&q, 3);
        out->first_ms = query_int64(&q, 4);
        out->last_ms = query_int64(&q, 5);
        out->time_ms = query_int64(&q, 6);
    }
    return query_close(&q, e);
}

static bool total_sessions(struct store *s, struct store_totals *out, struct err *e)
{
    struct query q = query_open(s, SQL_TOTALS_SESSIONS);

    if (query_next(&q))
        out->sessions = query_int32(&q, 0);
    return query_close(&q, e);
}

static bool total_demos(struct store *s, struct store_totals *out, struct err *e)
{
    struct query q = query_open(s, SQL_TOTALS_DEMOS);

    if (query_next(&q)) {
        out->runs = query_int32(&q, 0);
        out->predictions = query_int32(&q, 1);
        out->predictions_right = query_int32(&q, 2);
    }
    return query_close(&q, e);
}

bool store_totals(struct store *s, struct store_totals *out, struct err *e)
{
    *out = (struct store_totals){0};
    return total_cards(s, out, e) && total_sessions(s, out, e) && total_demos(s, out, e);
}

bool store_lesson_stats_each(struct store *s, store_lesson_stat_fn *fn, void *user, struct err *e)
{
    struct query q = query_open(s, SQL_LESSON_STATS);

    while (query_next(&q)) {
        const struct store_lesson_stat r = {
            .lesson = query_str(&q, 0),
            .answers = query_int32(&q, 1),
            .right = query_int32(&q, 2),
            .score = sqlite3_column_double(q.st, 3),
            .last_ms = query_int64(&q, 4),
        };
        fn(user, &r);
    }
    return query_close(&q, e);
}

bool store_history_each(struct store *s, size_t max, store_history_fn *fn, void *user,
                        struct err *e)
{
    struct query q = query_open(s, SQL_HISTORY);

    query_int(&q, max < INT64_MAX ? (int64_t)max : INT64_MAX);
    while (query_next(&q)) {
        char id[UUID_TEXT] = "";
        struct uuid uuid;
        if (sqlite3_column_bytes(q.st, 0) == sizeof(uuid)) {
            memcpy(&uuid, sqlite3_column_blob(q.st, 0), sizeof(uuid));
            uuid_format(&uuid, id);
        }
        const struct store_history r = {
            .session = id,
            .kind = query_str(&q, 1),
            .topic = query_str(&q, 2),
            .start_ms = query_int64(&q, 3),
            .end_ms = query_int64(&q, 4),
            .items = query_int32(&q, 5),
            .answered = query_int32(&q, 6),
            .right = query_int32(&q, 7),
            .score = sqlite3_column_double(q.st, 8),
        };
        fn(user, &r);
    }
    return query_close(&q, e);
}

bool store_hard_each(struct store *s, size_t max, store_hard_fn *fn, void *user, struct err *e)
{
    struct query q = query_open(s, SQL_HARD);

    query_int(&q, max < INT64_MAX ? (int64_t)max : INT64_MAX);
    while (query_next(&q)) {
        const struct store_hard r = {
            .item = query_str(&q, 0),
            .answers = query_int32(&q, 1),
            .wrong = query_int32(&q, 2),
        };
        fn(user, &r);
    }
    return query_close(&q, e);
}
