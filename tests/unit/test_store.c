/*
 * test_store.c: events and what is derived from them: positions, sessions, cards, demos,
 * statistics; rebuild and verify. Opening, faults and kills have files of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "fsrs.h"
#include "store_test.h"
#include "utf8.h"

/* ---- events ---- */

static void events_cannot_be_changed_or_deleted(void **unused)
{
    (void)unused;
    struct store *s = must_open(db_path);

    add_answer(s, T0, NULL, "l/q", true);
    store_close(s);
    assert_int_equal(run_sql(db_path, "UPDATE event SET item = 'l/x'"), SQLITE_CONSTRAINT);
    assert_int_equal(run_sql(db_path, "DELETE FROM event"), SQLITE_CONSTRAINT);
    assert_int_equal(run_sql(db_path, "INSERT OR REPLACE INTO event"
                                      " SELECT id, 0, kind, item, payload FROM event"),
                     SQLITE_CONSTRAINT);
    assert_int_equal(run_sql(db_path, "INSERT INTO event VALUES (x'00', 0, 'k', 'i', '{}')"),
                     SQLITE_CONSTRAINT);
    assert_int_equal(query_number(db_path, "SELECT at_ms FROM event"), T0);
}

static void ids_are_uuid_v7_in_order_whatever_the_clock_does(void **unused)
{
    (void)unused;
    struct uuid last = uuid_next(NULL, T0);
    char text[UUID_TEXT];

    for (int i = 0; i < 20000; i++) {
        const int64_t now = i < 10000 ? T0 : i < 15000 ? T0 - DAY : T0 + i;
        const struct uuid u = uuid_next(&last, now);
        assert_true(memcmp(u.bytes, last.bytes, sizeof(u.bytes)) > 0);
        assert_int_equal(u.bytes[6] >> 4, 7);
        assert_int_equal(u.bytes[8] >> 6, 2);
        last = u;
    }
    uuid_format(&last, text);
    assert_int_equal(strlen(text), 36);
    const struct uuid first = uuid_next(NULL, INT64_C(0x0123456789ab));
    uuid_format(&first, text);
    assert_memory_equal(text, "01234567-89ab-7", 15);
    const struct uuid a = uuid_next(NULL, -5);
    const struct uuid b = uuid_next(NULL, INT64_MAX);
    assert_int_equal(a.bytes[0] | a.bytes[5], 0);
    assert_int_equal(b.bytes[0] & b.bytes[5], 0xff);
}

static void uuids_are_read_as_they_are_written_and_only_so(void **unused)
{
    (void)unused;
    static const char *const bad[] = {
        "",
        "0",
        "01234567-89ab-7cde-8123-456789abcde",
        "01234567-89ab-7cde-8123-456789abcdef0",
        "0123456789ab-7cde-8123-456789abcdef",
        "01234567-89ab-7cde-8123-456789abcdeg",
        "01234567 89ab 7cde 8123 456789abcdef",
    };
    struct uuid in;
    struct uuid out;
    char text[UUID_TEXT];

    in = uuid_next(NULL, T0);
    uuid_format(&in, text);
    assert_true(uuid_parse(text, &out));
    assert_memory_equal(&in, &out, sizeof(in));
    assert_true(uuid_parse("01234567-89AB-7CDE-8123-456789ABCDEF", &out));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(uuid_parse(bad[i], &out));
}

/* ---- positions ---- */

static void the_last_position_is_the_last_set_even_if_the_clock_went_back(void **unused)
{
    (void)unused;
    struct store *s = must_open(db_path);
    char *lesson = NULL;
    int page = -1;

    assert_false(store_last_position(s, &lesson, &page));
    assert_int_equal(store_position(s, "one"), -1);
    set_position(s, T0, "one", 4);
    set_position(s, T0, "two", 1);
    set_position(s, T0 - DAY, "one", 2);
    assert_true(store_last_position(s, &lesson, &page));
    assert_string_equal(lesson, "one");
    assert_int_equal(page, 2);
    free(lesson);
    assert_int_equal(store_position(s, "two"), 1);
    assert_int_equal(stored_number(s, "SELECT pages_seen FROM position WHERE lesson = 'one'"), 5);
    assert_sound(s);
    store_close(s);
    s = must_open(db_path);
    assert_int_equal(store_position(s, "one"), 2);
    store_close(s);
}

static void nonsense_is_refused(void **unused)
{
    (void)unused;
    static const char *const items[] = {"", "l", "l/", "/q"};
    struct store *s = must_open(NULL);
    struct err e = {""};

    assert_false(store_position_set(s, T0, "l", -1, &e));
    assert_false(store_predict_add(s, T0, "d", -1, &e));
    for (size_t i = 0; i < ARRAY_LEN(items); i++) {
        assert_false(answer_at(s, T0, NULL, items[i], true, &e));
        assert_says(&e, "not an item");
    }
    struct store_answer a = {.item = "l/q", .kind = "multi", .response = ""};
    a.score = 1.5;
    assert_false(store_answer_add(s, T0, &a, &e));
    a.score = NAN;
    assert_false(store_answer_add(s, T0, &a, &e));
    a.score = 0;
    a.elapsed_ms = -1;
    assert_false(store_answer_add(s, T0, &a, &e));
    assert_false(store_position_set(s, -1, "l", 0, &e)); /* before 1970 */
    assert_int_equal(stored_number(s, "SELECT count(*) FROM event"), 0);
    store_close(s);
}

/* ---- sessions ---- */

static void a_session_is_resumed_where_it_was_left(void **unused)
{
    (void)unused;
    static const char *const items[] = {"l/b", "l/a", "l/\"quoted\"", "l/\xe4\xb8\xad\xe6\x96\x87",
                                        "l/line\nbreak"};
    struct store_id id = {""};
    struct store_session open;
    struct err e = {""};

    struct store *s = must_open(db_path);
    assert_false(store_session_open_find(s, "lesson", "l", &open));
    assert_true(
        store_session_start(s, T0, "lesson", "l", UINT64_MAX, items, ARRAY_LEN(items), &id, &e));
    add_answer(s, T0, id.text, "l/b", true);
    add_answer(s, T0, id.text, "l/\xe4\xb8\xad\xe6\x96\x87", false);
    store_close(s);

    s = must_open(db_path);
    assert_false(store_session_open_find(s, "lesson", "other", &open));
    assert_false(store_session_open_find(s, "mixed", "l", &open));
    assert_true(store_session_open_find(s, "lesson", "l", &open));
    assert_string_equal(open.id, id.text);
    assert_string_equal(open.kind, "lesson");
    assert_string_equal(open.topic, "l");
    assert_true(open.seed == UINT64_MAX);
    assert_int_equal(open.n_items, ARRAY_LEN(items));
    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        assert_string_equal(open.items[i], items[i]);
    assert_string_equal(open.responses[0], "1");
    assert_null(open.responses[1]);
    assert_string_equal(open.responses[3], "0");
    store_session_release(&open);
    assert_sound(s);
    store_close(s);
}

static void the_newest_open_session_is_found_and_an_ended_one_is_not(void **unused)
{
    (void)unused;
    static const char *const items[] = {"l/a", "l/b"};
    struct store_session open;
    struct err e = {""};

    struct store *s = must_open(NULL);
    const struct store_id first = start(s, T0, "mixed", NULL, items, 2);
    const struct store_id second = start(s, T0, "mixed", NULL, items, 2);
    assert_true(store_session_open_find(s, "mixed", "", &open));
    assert_string_equal(open.id, second.text);
    store_session_release(&open);

    assert_true(store_session_end(s, T0 + 1, second.text, true, &e));
    assert_true(store_session_open_find(s, "mixed", NULL, &open));
    assert_string_equal(open.id, first.text);
    store_session_release(&open);
    assert_true(store_session_end(s, T0 + 2, first.text, false, &e));
    assert_false(store_session_open_find(s, "mixed", "", &open));

    assert_false(store_session_end(s, T0 + 3, first.text, true, &e));
    assert_says(&e, "ended already");
    assert_false(store_session_end(s, T0, "01234567-89ab-7cde-8123-456789abcdef", true, &e));
    assert_says(&e, "no such quiz session");
    assert_false(store_session_end(s, T0, "nonsense", true, &e));
    assert_says(&e, "nonsense");
    assert_int_equal(stored_number(s, "SELECT finished FROM session ORDER BY id LIMIT 1"), 0);
    assert_sound(s);
    store_close(s);
}

static void answers_belong_to_their_session(void **unused)
{
    (void)unused;
    static const char *const items[] = {"l/a", "l/b"};
    static const char *const twice[] = {"l/a", "l/b", "l/a"};
    struct store_id id;
    struct store_session open;
    struct err e = {""};

    struct store *s = must_open(NULL);
    assert_false(store_session_start(s, T0, "mixed", "", 1, twice, 3, &id, &e));
    assert_says(&e, "l/a");
    id = start(s, T0, "mixed", "", items, 2);
    assert_false(answer_at(s, T0, id.text, "l/c", true, &e));
    assert_says(&e, "l/c");
    assert_false(answer_at(s, T0, "01234567-89ab-7cde-8123-456789abcdef", "l/a", true, &e));
    assert_false(answer_at(s, T0, "x", "l/a", true, &e));
    assert_int_equal(count_answers(s), 0);

    add_answer(s, T0, id.text, "l/a", false);
    add_answer(s, T0, id.text, "l/a", true); /* the last one counts */
    assert_true(store_session_open_find(s, "mixed", "", &open));
    assert_string_equal(open.responses[0], "1");
    store_session_release(&open);
    assert_true(store_session_end(s, T0, id.text, true, &e));
    add_answer(s, T0, id.text, "l/b", true); /* ended elsewhere meanwhile: saved all the same */
    assert_int_equal(count_answers(s), 3);
    assert_sound(s);

    id = start(s, T0, "review", "", NULL, 0);
    assert_true(store_session_open_find(s, "review", "", &open));
    assert_int_equal(open.n_items, 0);
    store_session_release(&open);
    store_close(s);
}

/* ---- cards ---- */

static void a_card_moves_by_fsrs(void **unused)
{
    (void)unused;
    static const struct {
        double days;
        bool right;
    } steps[] = {{0, true}, {0.5, true}, {3, true}, {9.9, false}, {1, true}, {40, true}};
    struct fsrs_state want = {0};
    int64_t now = T0;

    struct store *s = must_open(NULL);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        now += (int64_t)(steps[i].days * (double)DAY);
        add_answer(s, now, NULL, "l/q", steps[i].right);
        want = fsrs_review(fsrs_default_weights, &want, floor(steps[i].days),
                           steps[i].right ? FSRS_GOOD : FSRS_AGAIN);
        assert_true(stored_real(s, "SELECT stability FROM card") == want.stability);
        assert_true(stored_real(s, "SELECT difficulty FROM card") == want.difficulty);
        assert_int_equal(stored_number(s, "SELECT due_ms FROM card"),
                         now + fsrs_interval_days(fsrs_default_weights, &want, 0.9) * DAY);
    }
    assert_int_equal(stored_number(s, "SELECT reps FROM card"), 6);
    assert_int_equal(stored_number(s, "SELECT lapses FROM card"), 1);
    assert_int_equal(stored_number(s, "SELECT grade FROM card"), FSRS_GOOD);
    assert_int_equal(stored_number(s, "SELECT algorithm FROM card"), FSRS_VERSION);
    add_answer(s, T0, NULL, "l/q", true); /* the clock went back: as if on the same day */
    assert_sound(s);
    store_close(s);
}

static void another_meaning_starts_the_card_anew(void **unused)
{
    (void)unused;
    struct store_answer a = {.item = "l/q",
                             .meaning = 1,
                             .kind = "choice",
                             .response = "0",
                             .right = true,
                             .score = 1,
                             .elapsed_ms = 1000};
    struct fsrs_state none = {0};
    struct store_totals t;
    struct err e = {""};

    struct store *s = must_open(NULL);
    for (int i = 0; i < 5; i++)
        assert_true(store_answer_add(s, T0 + 30 * DAY * i, &a, &e));
    assert_true(stored_real(s, "SELECT stability FROM card") > 30);
    a.meaning = 2;
    assert_true(store_answer_add(s, T0 + 200 * DAY, &a, &e));
    const struct fsrs_state first = fsrs_review(fsrs_default_weights, &none, 0, FSRS_GOOD);
    assert_true(stored_real(s, "SELECT stability FROM card") == first.stability);
    assert_int_equal(stored_number(s, "SELECT reps FROM card"), 1);
    assert_int_equal(stored_number(s, "SELECT meaning FROM card"), 2);
    assert_true(store_totals(s, &t, &e));
    assert_int_equal(t.answers, 6); /* what the learner did is not forgotten */
    assert_int_equal(t.items, 1);
    assert_sound(s);
    store_close(s);
}

static void see_due(void *user, const char *item, int64_t due_ms)
{
    (void)due_ms;
    buf_printf(user, "%s ", item);
}

static void due_items_come_most_overdue_first(void **unused)
{
    (void)unused;
    struct buf seen = {0};
    struct err e = {""};

    struct store *s = must_open(NULL);
    add_answer(s, T0 + 2 * DAY, NULL, "l/late", false); /* again: due a day later */
    add_answer(s, T0 + 1 * DAY, NULL, "l/soon", false);
    add_answer(s, T0, NULL, "m/first", false);
    add_answer(s, T0, NULL, "m/well", true);
    assert_true(store_due_each(s, T0 + DAY - 1, 10, see_due, &seen, &e));
    assert_string_equal(buf_text(&seen), "");
    assert_true(store_due_each(s, T0 + DAY, 10, see_due, &seen, &e));
    assert_string_equal(buf_text(&seen), "m/first ");
    buf_clear(&seen);
    assert_true(store_due_each(s, T0 + 365 * DAY, SIZE_MAX, see_due, &seen, &e));
    assert_string_equal(buf_text(&seen), "m/first l/soon m/well l/late ");
    buf_clear(&seen);
    assert_true(store_due_each(s, T0 + 365 * DAY, 2, see_due, &seen, &e));
    assert_string_equal(buf_text(&seen), "m/first l/soon ");
    buf_release(&seen);
    store_close(s);
}

static void see_progress(void *user, const struct store_progress *p)
{
    buf_printf(user, "%s:%d,%d,%d,%d ", p->lesson, p->pages_seen, p->answered, p->right, p->due);
}

static void progress_is_by_lesson(void **unused)
{
    (void)unused;
    struct buf seen = {0};
    struct err e = {""};

    struct store *s = must_open(NULL);
    assert_true(store_progress_each(s, T0, see_progress, &seen, &e));
    assert_string_equal(buf_text(&seen), "");
    set_position(s, T0, "read", 6);
    set_position(s, T0, "both", 0);
    add_answer(s, T0, NULL, "both/a", true);
    add_answer(s, T0, NULL, "both/a", false);
    add_answer(s, T0, NULL, "both/b", true);
    add_answer(s, T0, NULL, "quiz/a/slash", false);
    assert_true(store_progress_each(s, T0 + DAY, see_progress, &seen, &e));
    assert_string_equal(buf_text(&seen), "both:1,2,1,1 quiz:0,1,0,1 read:7,0,0,0 ");
    buf_release(&seen);
    store_close(s);
}

/* ---- demos ---- */

static void add_run(struct store *s, int64_t now_ms, const char *demo, int predicted,
                    const char *result, const char *measured)
{
    const struct store_verdict v[] = {{"A2-1", result, measured, "x > 1"},
                                      {"A2-2", "inconclusive", NULL, NULL}};
    const struct store_run r = {.lesson = "threads",
                                .demo = demo,
                                .args = "n=2",
                                .status = "ok",
                                .predicted = predicted,
                                .verdicts = v,
                                .n_verdicts = ARRAY_LEN(v)};
    struct err e = {""};

    if (!store_run_add(s, now_ms, &r, &e))
        fail_msg("%s", e.text);
}

static void a_prediction_is_open_until_its_demo_has_run(void **unused)
{
    (void)unused;
    struct store_totals t;
    struct err e = {""};

    struct store *s = must_open(db_path);
    assert_int_equal(store_predict_open(s, "race"), -1);
    assert_true(store_predict_add(s, T0, "race", 2, &e));
    assert_true(store_predict_add(s, T0, "race", 0, &e)); /* thought better of it */
    store_close(s);
    s = must_open(db_path);
    assert_int_equal(store_predict_open(s, "race"), 0);
    assert_int_equal(store_predict_open(s, "other"), -1);
    add_run(s, T0, "race", 1, "pass", "7");
    assert_int_equal(store_predict_open(s, "race"), -1);
    add_run(s, T0, "race", -1, "pass", "7");
    assert_true(store_predict_add(s, T0, "race", 1, &e));
    add_run(s, T0, "race", 0, "pass", "7");
    assert_true(store_predict_add(s, T0, "race", 1, &e));
    add_run(s, T0, "race", 2, "inconclusive", "7");
    assert_true(store_totals(s, &t, &e));
    assert_int_equal(t.runs, 4);
    assert_int_equal(t.predictions, 2);
    assert_int_equal(t.predictions_right, 1);
    assert_sound(s);
    store_close(s);
}

static void the_latest_verdict_on_a_claim_is_kept(void **unused)
{
    (void)unused;
    struct store_seen seen;
    struct buf text = {0};

    struct store *s = must_open(db_path);
    assert_false(store_verdict_last(s, "threads", "A2-1", &seen));
    add_run(s, T0, "race", -1, "pass", "7 of 8");
    add_run(s, T0 + 5, "race", -1, "fail", "\"0\" of 8");
    assert_true(store_verdict_last(s, "threads", "A2-1", &seen));
    assert_string_equal(seen.result, "fail");
    assert_string_equal(seen.measured, "\"0\" of 8");
    assert_int_equal(seen.at_ms, T0 + 5);
    assert_true(store_verdict_last(s, "threads", "A2-2", &seen));
    assert_string_equal(seen.result, "inconclusive");
    assert_string_equal(seen.measured, "");
    assert_false(store_verdict_last(s, "other", "A2-1", &seen));

    buf_puts(&text, "x"); /* 1 + 3 k bytes: 63 would cut a character in two */
    for (int i = 0; i < 40; i++)
        buf_puts(&text, "\xe4\xb8\xad");
    add_run(s, T0 + 6, "race", -1, "pass", buf_text(&text));
    buf_release(&text);
    assert_true(store_verdict_last(s, "threads", "A2-1", &seen));
    assert_int_equal(strlen(seen.measured), 61);
    assert_true(utf8_valid(seen.measured, strlen(seen.measured)));
    assert_sound(s);
    store_close(s);
}

static void bytes_that_are_no_text_are_stored_as_harmless_text(void **unused)
{
    (void)unused;
    const struct store_answer a = {.item = "l/\xff\xfe",
                                   .kind = "text",
                                   .response = "\xc3(\x01",
                                   .right = true,
                                   .score = 1.0 / 3};
    struct store_seen seen;
    struct err e = {""};

    struct store *s = must_open(NULL);
    add_run(s, T0, "race", -1, "pass", "\xf0\x28\x8c\x28");
    assert_true(store_answer_add(s, T0, &a, &e));
    assert_true(store_verdict_last(s, "threads", "A2-1", &seen));
    assert_true(utf8_valid(seen.measured, strlen(seen.measured)));
    assert_int_equal(stored_number(s, "SELECT min(json_valid(payload)) FROM event"), 1);
    assert_sound(s);
    store_close(s);
}

/* ---- statistics ---- */

static void see_lesson(void *user, const struct store_lesson_stat *r)
{
    buf_printf(user, "%s:%d,%d,%.2f,%+lld ", r->lesson, r->answers, r->right, r->score,
               (long long)(r->last_ms - T0));
}

static void see_hard(void *user, const struct store_hard *r)
{
    buf_printf(user, "%s:%d/%d ", r->item, r->wrong, r->answers);
}

static void see_history(void *user, const struct store_history *r)
{
    assert_int_equal(strlen(r->session), 36);
    buf_printf(user, "%s %s %lld-%lld %d/%d/%d %.2f; ", r->kind, r->topic,
               (long long)(r->start_ms - T0), (long long)(r->end_ms ? r->end_ms - T0 : 0), r->items,
               r->answered, r->right, r->score);
}

static void statistics_add_up(void **unused)
{
    (void)unused;
    static const char *const items[] = {"a/1", "a/2", "b/1"};
    struct buf lessons = {0};
    struct buf hard = {0};
    struct buf history = {0};
    struct store_totals t;
    struct err e = {""};

    struct store *s = must_open(NULL);
    assert_true(store_totals(s, &t, &e));
    assert_int_equal(t.answers + t.items + t.sessions + t.runs, 0);
    assert_int_equal(t.first_ms, 0);

    const struct store_id one = start(s, T0, "lesson", "a", items, 3);
    add_answer(s, T0 + 1, one.text, "a/1", true);
    add_answer(s, T0 + 2, one.text, "a/2", false);
    assert_true(store_session_end(s, T0 + 3, one.text, false, &e));
    const struct store_id two = start(s, T0 + 4, "mixed", NULL, items + 2, 1);
    add_answer(s, T0 + 5, two.text, "b/1", false);
    add_answer(s, T0 + 6, NULL, "b/1", false);
    add_answer(s, T0 + 7, NULL, "b/1", true);
    start(s, T0 + 8, "review", "", items, 1);

    assert_true(store_totals(s, &t, &e));
    assert_int_equal(t.answers, 5);
    assert_int_equal(t.right, 2);
    assert_int_equal(t.items, 3);
    assert_int_equal(t.lessons, 2);
    assert_int_equal(t.sessions, 3);
    assert_int_equal(t.first_ms, T0 + 1);
    assert_int_equal(t.last_ms, T0 + 7);
    assert_int_equal(t.time_ms, 5 * 2000);
    assert_true(store_lesson_stats_each(s, see_lesson, &lessons, &e));
    assert_string_equal(buf_text(&lessons), "a:2,1,0.50,+2 b:3,1,1.00,+7 ");
    assert_true(store_hard_each(s, 10, see_hard, &hard, &e));
    assert_string_equal(buf_text(&hard), "a/2:1/1 b/1:2/3 ");
    assert_true(store_history_each(s, 10, see_history, &history, &e));
    assert_string_equal(buf_text(&history), "review  8-0 1/0/0 0.00; mixed  4-0 1/1/0 0.00; "
                                            "lesson a 0-3 3/2/1 0.50; ");
    buf_clear(&history);
    assert_true(store_history_each(s, 1, see_history, &history, &e));
    assert_string_equal(buf_text(&history), "review  8-0 1/0/0 0.00; ");
    buf_release(&lessons);
    buf_release(&hard);
    buf_release(&history);
    assert_sound(s);
    store_close(s);
}

static void a_night_with_an_open_question_is_not_study_time(void **unused)
{
    (void)unused;
    const struct store_answer a = {
        .item = "l/q", .kind = "choice", .response = "0", .elapsed_ms = INT64_MAX};
    struct store_totals t;
    struct err e = {""};

    struct store *s = must_open(NULL);
    assert_true(store_answer_add(s, T0, &a, &e));
    assert_true(store_answer_add(s, T0, &a, &e));
    assert_true(store_totals(s, &t, &e));
    assert_int_equal(t.time_ms, 2 * DAY);
    store_close(s);
}

/* ---- upkeep ---- */

static void settings_are_kept(void **unused)
{
    (void)unused;
    struct err e = {""};

    struct store *s = must_open(db_path);
    assert_null(store_setting(s, "lang"));
    assert_true(store_setting_set(s, "lang", "en", &e));
    assert_true(store_setting_set(s, "lang", "zh", &e));
    assert_true(store_rebuild(s, &e)); /* not derived: stays */
    store_close(s);
    s = must_open(db_path);
    char *value = store_setting(s, "lang");
    assert_non_null(value);
    assert_string_equal(value, "zh");
    free(value);
    assert_true(store_setting_set(s, "lang", NULL, &e));
    assert_null(store_setting(s, "lang"));
    store_close(s);
}

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

static int pick(uint64_t *x, int n)
{
    return (int)(next_random(x) % (uint64_t)n);
}

struct random_log {
    uint64_t x;
    int64_t now;
    struct store_id session;
    char items[8][48];
    size_t n_items;
};

static void random_session(struct store *s, struct random_log *log)
{
    const char *list[8];

    log->n_items = (size_t)pick(&log->x, 9);
    for (size_t i = 0; i < log->n_items; i++) {
        snprintf(log->items[i], sizeof(log->items[i]), "l%d/q%zu", pick(&log->x, 3), i);
        list[i] = log->items[i];
    }
    log->session = start(s, log->now, "lesson", pick(&log->x, 2) ? "l1" : "l2", list, log->n_items);
}

static void random_answer(struct store *s, struct random_log *log)
{
    const bool in_session = log->n_items > 0 && pick(&log->x, 2);
    char item[16];
    struct err e = {""};

    snprintf(item, sizeof(item), "l%d/q%d", pick(&log->x, 3), pick(&log->x, 9));
    const struct store_answer a = {.item = in_session ? log->items[pick(&log->x, (int)log->n_items)]
                                                      : item,
                                   .session = in_session ? log->session.text : NULL,
                                   .meaning = 1 + (pick(&log->x, 20) == 0),
                                   .kind = "multi",
                                   .response = "0,2",
                                   .right = pick(&log->x, 3) > 0,
                                   .score = (double)pick(&log->x, 1000) / 999,
                                   .elapsed_ms = pick(&log->x, 100000)};
    if (!store_answer_add(s, log->now, &a, &e))
        fail_msg("%s", e.text);
}

static void random_event(struct store *s, struct random_log *log)
{
    struct err e = {""};
    char lesson[16];

    log->now += (pick(&log->x, 4) ? 60000 : 3 * DAY) * (pick(&log->x, 10) ? 1 : -1);
    snprintf(lesson, sizeof(lesson), "l%d", pick(&log->x, 3));
    switch (pick(&log->x, 10)) {
    case 0:
        random_session(s, log);
        break;
    case 1:
        store_session_end(s, log->now, log->session.text, pick(&log->x, 2), &e);
        break;
    case 2:
        set_position(s, log->now, lesson, pick(&log->x, 12));
        break;
    case 3:
        assert_true(store_predict_add(s, log->now, lesson, pick(&log->x, 4), &e));
        break;
    case 4:
        add_run(s, log->now, lesson, pick(&log->x, 4) - 1, pick(&log->x, 2) ? "pass" : "fail", "1");
        break;
    default:
        random_answer(s, log);
    }
}

static void a_rebuild_equals_what_was_derived_live(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct random_log log = {.x = seed * UINT64_C(0x9e3779b97f4a7c15), .now = T0 + 1000 * DAY};
        struct err e = {""};
        struct store *s = must_open(NULL);

        for (int i = 0; i < 150; i++)
            random_event(s, &log);
        assert_sound(s);
        assert_true(store_rebuild(s, &e));
        assert_sound(s);
        random_event(s, &log);
        assert_sound(s);
        store_close(s);
    }
}

static void tampering_with_derived_rows_is_found_and_repaired(void **unused)
{
    (void)unused;
    static const char *const changes[][2] = {
        {"UPDATE card SET stability = stability + 1e-9", "card"},
        {"DELETE FROM position", "position"},
        {"UPDATE session_item SET response = NULL", "session_item"},
        {"UPDATE session SET end_ms = 1", "session"},
        {"UPDATE demo SET runs = 2", "demo"},
        {"UPDATE verdict SET rule = ''", "verdict"},
        {"INSERT INTO position VALUES ('ghost', 1, 2, x'')", "position"},
    };
    static const char *const items[] = {"l/q"};
    struct err e = {""};

    struct store *s = must_open(NULL);
    const struct store_id id = start(s, T0, "lesson", "l", items, 1);
    add_answer(s, T0, id.text, "l/q", true);
    set_position(s, T0, "l", 1);
    add_run(s, T0, "race", -1, "pass", "1");
    assert_sound(s);
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        assert_int_equal(sqlite3_exec(s->db, changes[i][0], NULL, NULL, NULL), SQLITE_OK);
        assert_false(store_verify(s, &e));
        assert_says(&e, changes[i][1]);
        assert_false(store_verify(s, &e)); /* looking changed nothing */
        assert_true(store_rebuild(s, &e));
        assert_sound(s);
    }
    store_close(s);
}

static void damage_behind_the_first_page_is_found(void **unused)
{
    (void)unused;
    struct buf bytes = {0};
    struct err e = {""};

    struct store *s = must_open(db_path);
    for (int i = 0; i < 300; i++)
        add_answer(s, T0 + i, NULL, "l/q", true);
    store_close(s);
    read_bytes(db_path, &bytes);
    memset(bytes.text + bytes.len - 4096, 0x5a, 4096);
    write_bytes(db_path, bytes.text, bytes.len);
    s = store_open(db_path, MIGRATIONS, &e);
    if (s) {
        assert_false(store_verify(s, &e));
        store_close(s);
    }
    assert_says(&e, "damaged");
    assert_says(&e, db_path);
    buf_release(&bytes);
}

static void an_event_that_makes_no_sense_stops_a_rebuild_and_keeps_the_rows(void **unused)
{
    (void)unused;
    struct err e = {""};

    struct store *s = must_open(NULL);
    add_answer(s, T0, NULL, "l/q", true);
    sqlite3_exec(s->db, "INSERT INTO event VALUES (zeroblob(16), 1, 'later-kind', '', 'not json')",
                 NULL, NULL, NULL);
    assert_sound(s); /* a kind from a later version is no harm */
    sqlite3_exec(s->db,
                 "INSERT INTO event VALUES (x'ffffffffffffffffffffffffffffffff', 1, 'answer', "
                 "'no-slash', '{}')",
                 NULL, NULL, NULL);
    assert_false(store_rebuild(s, &e));
    assert_says(&e, "ffffffff-ffff-ffff-ffff-ffffffffffff");
    assert_int_equal(count_answers(s), 1);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(events_cannot_be_changed_or_deleted),
        IN_FOLDER(ids_are_uuid_v7_in_order_whatever_the_clock_does),
        IN_FOLDER(uuids_are_read_as_they_are_written_and_only_so),
        IN_FOLDER(the_last_position_is_the_last_set_even_if_the_clock_went_back),
        IN_FOLDER(nonsense_is_refused),
        IN_FOLDER(a_session_is_resumed_where_it_was_left),
        IN_FOLDER(the_newest_open_session_is_found_and_an_ended_one_is_not),
        IN_FOLDER(answers_belong_to_their_session),
        IN_FOLDER(a_card_moves_by_fsrs),
        IN_FOLDER(another_meaning_starts_the_card_anew),
        IN_FOLDER(due_items_come_most_overdue_first),
        IN_FOLDER(progress_is_by_lesson),
        IN_FOLDER(a_prediction_is_open_until_its_demo_has_run),
        IN_FOLDER(the_latest_verdict_on_a_claim_is_kept),
        IN_FOLDER(bytes_that_are_no_text_are_stored_as_harmless_text),
        IN_FOLDER(statistics_add_up),
        IN_FOLDER(a_night_with_an_open_question_is_not_study_time),
        IN_FOLDER(settings_are_kept),
        IN_FOLDER(a_rebuild_equals_what_was_derived_live),
        IN_FOLDER(tampering_with_derived_rows_is_found_and_repaired),
        IN_FOLDER(damage_behind_the_first_page_is_found),
        IN_FOLDER(an_event_that_makes_no_sense_stops_a_rebuild_and_keeps_the_rows),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
