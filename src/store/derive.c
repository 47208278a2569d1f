/*
 * derive.c: rows from events: the one place that knows what an event means, live and on rebuild.
 *
 * Everything is read back from the payload as stored, never from what the writer had in hand, so
 * that a rebuild cannot come out otherwise (a number loses digits on its way through JSON).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fsrs.h"
#include "store/store_impl.h"

static const double RETENTION = 0.9;
static const int64_t DAY_MS = 24LL * 3600 * 1000;

bool item_split(const char *item, char **lesson, const char **question)
{
    const char *slash = strchr(item, '/');

    if (!slash || slash == item || slash[1] == '\0')
        return false;
    *lesson = xstrndup(item, (size_t)(slash - item));
    *question = slash + 1;
    return true;
}

static bool bad_event(const struct store *s, const struct event *ev, struct err *e)
{
    char id[UUID_TEXT];

    uuid_format(&ev->id, id);
    return err_set(e, "%s: event %s of kind \"%s\" makes no sense, restore a backup", store_name(s),
                   id, ev->kind);
}

static struct query parse(struct store *s, enum sql sql, const struct event *ev)
{
    struct query q = query_open(s, sql);

    query_text(&q, ev->payload);
    return q;
}

/* ---- answers ---- */

struct answer {
    bool in_session;
    struct uuid session;
    const char *response;
    int meaning;
    bool right;
    double score;
    int64_t elapsed_ms;
};

struct card {
    int meaning;
    struct fsrs_state memory;
    int64_t due_ms, last_ms, first_ms, time_ms;
    int64_t answers, rights, reps, lapses;
    enum fsrs_grade grade;
};

static bool read_card(struct store *s, const char *lesson, const char *question, struct card *c,
                      struct err *e)
{
    struct query q = query_open(s, SQL_CARD_READ);

    *c = (struct card){0};
    query_text(&q, lesson);
    query_text(&q, question);
    if (query_next(&q))
        *c = (struct card){
            .meaning = query_int32(&q, 0),
            .memory = {sqlite3_column_double(q.st, 1), sqlite3_column_double(q.st, 2)},
            .last_ms = query_int64(&q, 3),
            .reps = query_int64(&q, 4),
            .lapses = query_int64(&q, 5),
            .answers = query_int64(&q, 6),
            .rights = query_int64(&q, 7),
            .time_ms = query_int64(&q, 8),
            .first_ms = query_int64(&q, 9),
        };
    return query_close(&q, e);
}

/* What was learned of a question with another meaning says nothing about this one; the totals are
 * about the learner and stay. */
static void forget_older_meaning(struct card *c, int meaning)
{
    if (c->answers == 0 || c->meaning != meaning) {
        c->memory = (struct fsrs_state){0};
        c->reps = c->lapses = 0;
    }
    c->meaning = meaning;
}

static void review_card(struct card *c, const struct answer *a, int64_t at_ms)
{
    forget_older_meaning(c, a->meaning);
    const int64_t since_ms = c->reps > 0 && at_ms > c->last_ms ? at_ms - c->last_ms : 0;
    const double days = floor((double)since_ms / (double)DAY_MS);

    c->grade = a->right ? FSRS_GOOD : FSRS_AGAIN;
    c->memory = fsrs_review(fsrs_default_weights, &c->memory, days, c->grade);
    const int interval = fsrs_interval_days(fsrs_default_weights, &c->memory, RETENTION);
    c->due_ms = at_ms + interval * DAY_MS;
    if (c->reps > 0 && !a->right)
        c->lapses++;
    c->reps++;
    c->first_ms = c->answers == 0 || at_ms < c->first_ms ? at_ms : c->first_ms;
    c->last_ms = at_ms;
    c->answers++;
    c->rights += a->right;
    c->time_ms += a->elapsed_ms;
}

static bool write_card(struct store *s, const char *lesson, const char *question,
                       const struct card *c, const struct answer *a, struct err *e)
{
    struct query q = query_open(s, c->answers > 1 ? SQL_CARD_UPDATE : SQL_CARD_INSERT);

    query_text(&q, lesson);
    query_text(&q, question);
    query_int(&q, c->due_ms);
    query_int(&q, a->right);
    query_real(&q, a->score);
    query_int(&q, c->last_ms);
    query_int(&q, c->answers);
    query_int(&q, c->rights);
    query_int(&q, c->time_ms);
    query_int(&q, c->first_ms);
    query_int(&q, c->meaning);
    query_int(&q, FSRS_VERSION);
    query_real(&q, c->memory.stability);
    query_real(&q, c->memory.difficulty);
    query_int(&q, c->grade);
    query_int(&q, c->reps);
    query_int(&q, c->lapses);
    return query_run(&q, e);
}

/* The last answer of a session to an item is the one that counts. An item the session lacks is
 * fine here: the events of a session may come from elsewhere in part. */
static bool move_session(struct store *s, const char *item, const struct answer *a, struct err *e)
{
    struct query q = query_open(s, SQL_SESSION_ITEM_ANSWER);

    query_bytes(&q, &a->session, sizeof(a->session));
    query_text(&q, item);
    query_text(&q, a->response);
    query_int(&q, a->right);
    query_real(&q, a->score);
    return query_run(&q, e);
}

static bool apply_answer(struct store *s, const struct event *ev, const struct answer *a,
                         struct err *e)
{
    const char *question;
    char *lesson;
    struct card card;

    if (!item_split(ev->item, &lesson, &question))
        return bad_event(s, ev, e);
    bool ok = read_card(s, lesson, question, &card, e);
    if (ok) {
        review_card(&card, a, ev->at_ms);
        ok = write_card(s, lesson, question, &card, a, e);
    }
    free(lesson);
    return ok && (!a->in_session || move_session(s, ev->item, a, e));
}

/* A question left open overnight was not thought about all night: a day at most counts. */
static int64_t time_spent(int64_t elapsed_ms)
{
    return elapsed_ms < 0 ? 0 : elapsed_ms < DAY_MS ? elapsed_ms : DAY_MS;
}

static bool derive_answer(struct store *s, const struct event *ev, struct err *e)
{
    struct query q = parse(s, SQL_PARSE_ANSWER, ev);
    struct answer a;
    bool ok = false;

    if (query_next(&q)) {
        a.in_session = uuid_parse(query_str(&q, 0), &a.session);
        a.meaning = query_int32(&q, 1);
        a.response = query_str(&q, 2);
        a.right = query_int64(&q, 3) != 0;
        a.score = sqlite3_column_double(q.st, 4);
        a.elapsed_ms = time_spent(query_int64(&q, 5));
        ok = q.rc == SQLITE_OK && apply_answer(s, ev, &a, e);
    }
    return query_close(&q, e) && ok;
}

/* ---- sessions ---- */

static bool insert_session_items(struct store *s, const struct event *ev, struct err *e)
{
    struct query q = query_open(s, SQL_SESSION_ITEMS_INSERT);

    query_bytes(&q, &ev->id, sizeof(ev->id));
    query_text(&q, ev->payload);
    return query_run(&q, e);
}

static bool derive_session_start(struct store *s, const struct event *ev, struct err *e)
{
    struct query in = parse(s, SQL_PARSE_SESSION_START, ev);
    bool ok = false;

    if (query_next(&in)) {
        struct query out = query_open(s, SQL_SESSION_INSERT);
        query_bytes(&out, &ev->id, sizeof(ev->id));
        query_text(&out, query_str(&in, 0));
        query_text(&out, query_str(&in, 1));
        query_text(&out, query_str(&in, 2));
        query_int(&out, ev->at_ms);
        ok = query_run(&out, e);
    }
    return query_close(&in, e) && ok && insert_session_items(s, ev, e);
}

static bool derive_session_end(struct store *s, const struct event *ev, struct err *e)
{
    struct query in = parse(s, SQL_PARSE_SESSION_END, ev);
    struct uuid session;
    bool ok = false;

    if (query_next(&in)) {
        if (uuid_parse(query_str(&in, 0), &session)) {
            struct query out = query_open(s, SQL_SESSION_END);
            query_bytes(&out, &session, sizeof(session));
            query_int(&out, ev->at_ms);
            query_int(&out, query_int64(&in, 1) != 0);
            ok = query_run(&out, e);
        } else {
            bad_event(s, ev, e);
        }
    }
    return query_close(&in, e) && ok;
}

/* ---- the rest ---- */

static bool derive_position(struct store *s, const struct event *ev, struct err *e)
{
    struct query in = parse(s, SQL_PARSE_POSITION, ev);
    bool ok = false;

    if (query_next(&in)) {
        struct query out = query_open(s, SQL_POSITION_WRITE);
        query_text(&out, ev->item);
        query_int(&out, query_int32(&in, 0));
        query_bytes(&out, &ev->id, sizeof(ev->id));
        ok = query_run(&out, e);
    }
    return query_close(&in, e) && ok;
}

static bool derive_predict(struct store *s, const struct event *ev, struct err *e)
{
    struct query in = parse(s, SQL_PARSE_PREDICT, ev);
    bool ok = false;

    if (query_next(&in)) {
        struct query out = query_open(s, SQL_DEMO_PREDICT);
        query_text(&out, ev->item);
        query_int(&out, query_int32(&in, 0));
        ok = query_run(&out, e);
    }
    return query_close(&in, e) && ok;
}

static bool write_verdicts(struct store *s, const struct event *ev, const char *lesson,
                           struct err *e)
{
    struct query q = query_open(s, SQL_VERDICTS_WRITE);

    query_text(&q, lesson);
    query_text(&q, ev->payload);
    query_int(&q, ev->at_ms);
    return query_run(&q, e);
}

static bool count_run(struct store *s, const char *demo, int predicted, struct err *e)
{
    struct query q = query_open(s, SQL_DEMO_RUN);

    query_text(&q, demo);
    query_int(&q, predicted);
    return query_run(&q, e);
}

static bool derive_run(struct store *s, const struct event *ev, struct err *e)
{
    struct query in = parse(s, SQL_PARSE_RUN, ev);
    bool ok = false;

    if (query_next(&in))
        ok = count_run(s, ev->item, query_int32(&in, 1), e) &&
             write_verdicts(s, ev, query_str(&in, 0), e);
    return query_close(&in, e) && ok;
}

/* ---- all kinds ---- */

static const struct {
    const char *kind;
    bool (*derive)(struct store *s, const struct event *ev, struct err *e);
} kinds[] = {
    {"answer", derive_answer},
    {"position", derive_position},
    {"session-start", derive_session_start},
    {"session-end", derive_session_end},
    {"predict", derive_predict},
    {"run", derive_run},
};

bool derive_event(struct store *s, const struct event *ev, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(ev->kind, kinds[i].kind) == 0)
            return kinds[i].derive(s, ev, e);
    return true;
}

static bool drop_all(struct store *s, struct err *e)
{
    return store_exec(s,
                      "DELETE FROM session_item; DELETE FROM session; DELETE FROM card;"
                      "DELETE FROM position; DELETE FROM demo; DELETE FROM verdict;",
                      e);
}

bool derive_all(struct store *s, struct err *e)
{
    if (!drop_all(s, e))
        return false;
    struct query q = query_open(s, SQL_EVENT_ALL);
    bool ok = true;
    while (ok && query_next(&q)) {
        struct event ev = {.at_ms = query_int64(&q, 1),
                           .kind = query_str(&q, 2),
                           .item = query_str(&q, 3),
                           .payload = query_str(&q, 4)};
        const void *id = sqlite3_column_blob(q.st, 0);
        if (id && sqlite3_column_bytes(q.st, 0) == sizeof(ev.id))
            memcpy(&ev.id, id, sizeof(ev.id));
        ok = derive_event(s, &ev, e);
    }
    return query_close(&q, e) && ok;
}
