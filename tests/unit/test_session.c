/*
 * test_session.c: quizzes being taken, over a small pack and a store in memory: what is asked, what
 * is kept when it is left, what a retry takes, and that an answer is given or not given, nothing
 * between.
 */
#include "packs.h"

#include <math.h>

#include "session.h"
#include "store/store_impl.h"
#include "turns.h"

#define MIGRATIONS "data/migrations"

enum { PIPES = 6, ALL = 7 /* questions */, MAX_ITEMS = 16 };

static const int64_t T0 = INT64_C(1700000000000), DAY = INT64_C(86400000);

/* Answers to the questions of the pack: right, wrong, and the score of the wrong one. */
static const struct {
    const char *item, *right, *wrong;
    double score;
} answers[ALL] = {
    {"pipes/order", "0", "1", 0},           {"pipes/many", "0,1", "0", 0.5},
    {"pipes/size", "64", "4.5", 0},         {"pipes/errno", "eagain", "EINTR", 0},
    {"pipes/steps", "0,1,2", "1,2,0", 0.5}, {"pipes/prints", "1 2", "2 1", 0},
    {"signals/q", "yes", "no", 0},
};

static struct {
    char *root;
    struct content *content;
    struct store *store;
} world;

static void refresh(void)
{
    bool changed;
    size_t done, total;

    while (!content_refresh(world.content, -1, &changed, &done, &total))
        ;
}

static int make_world(void **unused)
{
    (void)unused;
    struct err e = {""};

    world.root = pack_make();
    world.content = content_open(world.root, NULL, &e);
    world.store = store_open(NULL, MIGRATIONS, &e);
    if (!world.content || !world.store)
        fail_msg("%s", e.text);
    refresh();
    return 0;
}

static int end_world(void **unused)
{
    (void)unused;
    store_close(world.store);
    content_free(world.content);
    pack_remove(world.root);
    return 0;
}

static size_t answer_of(const char *item)
{
    for (size_t i = 0; i < ALL; i++)
        if (strcmp(answers[i].item, item) == 0)
            return i;
    fail_msg("%s is not in the pack", item);
    return 0;
}

static size_t find(const struct session *s, const char *item)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->items[i].item, item) == 0)
            return i;
    fail_msg("%s is not asked", item);
    return 0;
}

static bool asks(const struct session *s, const char *item)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->items[i].item, item) == 0)
            return true;
    return false;
}

static struct session *begin(const struct session_plan *plan)
{
    struct err e = {""};
    struct session *s = session_begin(world.content, world.store, T0, plan, &e);

    if (!s)
        fail_msg("%s", e.text);
    return s;
}

static void expect_no_session(const struct session_plan *plan, int64_t now_ms)
{
    struct err e = {""};

    assert_null(session_begin(world.content, world.store, now_ms, plan, &e));
    assert_true(e.text[0] != '\0');
}

static void give(struct session *s, size_t i, bool right)
{
    const size_t a = answer_of(s->items[i].item);
    struct err e = {""};

    if (!session_answer(s, T0, i, right ? answers[a].right : answers[a].wrong, 1500, &e))
        fail_msg("%s", e.text);
}

static int count_answers(void)
{
    struct store_totals t;

    assert_true(store_totals(world.store, &t, NULL));
    return t.answers;
}

static bool is_open(const char *kind, const char *topic)
{
    struct store_session open;
    const bool yes = store_session_open_find(world.store, kind, topic, &open);

    if (yes)
        store_session_release(&open);
    return yes;
}

/* The store refuses every write from now on, or no more. */
static void set_read_only(bool yes)
{
    const char *sql = yes ? "PRAGMA query_only = 1" : "PRAGMA query_only = 0";

    assert_int_equal(sqlite3_exec(world.store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static const struct session_plan lesson_plan = {
    .kind = "lesson", .topic = "pipes", .seed = 5, .resume = true};

/* ---- what is asked ---- */

static void assert_each_once(const struct session *s)
{
    for (size_t i = 0; i < s->n; i++) {
        assert_int_equal(find(s, s->items[i].item), i);
        const struct session_item *it = &s->items[i];
        char *item = xasprintf("%s/%s", it->lesson->slug, it->q->id);
        assert_string_equal(it->item, item);
        assert_null(it->response);
        free(item);
    }
    assert_int_equal(s->at, 0);
}

static void a_lesson_asks_all_its_questions_once(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);

    assert_int_equal(s->n, PIPES);
    assert_each_once(s);
    assert_false(s->resumed);
    for (size_t i = 0; i < PIPES; i++)
        assert_true(asks(s, answers[i].item));
    session_free(s);
    session_free(NULL);
}

static void the_store_knows_what_is_asked(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);
    struct store_session open;

    assert_true(store_session_open_find(world.store, "lesson", "pipes", &open));
    assert_string_equal(open.id, s->id.text);
    assert_int_equal(open.seed, 5);
    assert_int_equal(open.n_items, s->n);
    for (size_t i = 0; i < s->n; i++)
        assert_string_equal(open.items[i], s->items[i].item);
    store_session_release(&open);
    session_free(s);
}

static void take_order(const struct session *s, const char **order)
{
    for (size_t i = 0; i < s->n; i++)
        order[i] = answers[answer_of(s->items[i].item)].item;
}

static void the_order_depends_on_the_seed_only(void **unused)
{
    (void)unused;
    const char *first[MAX_ITEMS] = {NULL}, *order[MAX_ITEMS] = {NULL};
    int different = 0;

    for (uint64_t seed = 1; seed < 20; seed++) {
        for (int again = 0; again < 2; again++) {
            struct session *s =
                begin(&(struct session_plan){.kind = "mixed", .topic = "", .seed = seed});
            take_order(s, again ? order : first);
            session_free(s);
        }
        assert_memory_equal(first, order, sizeof(first));
        struct session *s =
            begin(&(struct session_plan){.kind = "mixed", .topic = "", .seed = seed + 1});
        take_order(s, order);
        different += memcmp(first, order, sizeof(first)) != 0;
        session_free(s);
    }
    assert_true(different >= 18);
}

static size_t count_asked(const char *const *topics, size_t n_topics, size_t max)
{
    struct session *s = begin(&(struct session_plan){
        .kind = "mixed", .topic = "", .topics = topics, .n_topics = n_topics, .max = max});
    const size_t n = s->n;

    assert_each_once(s);
    session_free(s);
    return n;
}

static void a_mixed_quiz_takes_lessons_and_tracks(void **unused)
{
    (void)unused;
    static const char *const one[] = {"signals"}, *const track[] = {"basics"},
                             *const both[] = {"pipes", "basics", "pipes"},
                             *const partly[] = {"nothing", "pipes"}, *const none[] = {"nothing"};

    assert_int_equal(count_asked(NULL, 0, 0), ALL);
    assert_int_equal(count_asked(one, 1, 0), 1);
    assert_int_equal(count_asked(track, 1, 0), ALL);
    assert_int_equal(count_asked(both, 3, 0), ALL);
    assert_int_equal(count_asked(partly, 2, 0), PIPES);
    expect_no_session(
        &(struct session_plan){.kind = "mixed", .topic = "", .topics = none, .n_topics = 1}, T0);
}

static void a_mixed_quiz_has_a_largest_size(void **unused)
{
    (void)unused;
    bool asked[ALL] = {false};

    assert_int_equal(count_asked(NULL, 0, 3), 3);
    assert_int_equal(count_asked(NULL, 0, ALL), ALL);
    assert_int_equal(count_asked(NULL, 0, 100), ALL);
    /* Which ones is a matter of the seed: in the end all. */
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct session *s =
            begin(&(struct session_plan){.kind = "mixed", .topic = "", .max = 2, .seed = seed});
        for (size_t i = 0; i < s->n; i++)
            asked[answer_of(s->items[i].item)] = true;
        session_free(s);
    }
    for (size_t i = 0; i < ALL; i++)
        assert_true(asked[i]);
}

static void a_single_question_can_be_asked(void **unused)
{
    (void)unused;
    static const char *const nothing[] = {
        "pipes/nothing", "nothing/size", "pipes", "/", "pipes/", ""};
    struct session *s = begin(&(struct session_plan){.kind = "single", .topic = "pipes/size"});

    assert_int_equal(s->n, 1);
    assert_string_equal(s->items[0].item, "pipes/size");
    session_free(s);
    for (size_t i = 0; i < ARRAY_LEN(nothing); i++)
        expect_no_session(&(struct session_plan){.kind = "single", .topic = nothing[i]}, T0);
}

static void a_broken_lesson_is_left_out(void **unused)
{
    (void)unused;
    write_text(world.root, LESSON_DIR "/lesson.json", "{");
    refresh();
    assert_int_equal(count_asked(NULL, 0, 0), 1);
    expect_no_session(&lesson_plan, T0);
}

/* ---- review ---- */

static const struct session_plan review_plan = {.kind = "review", .topic = ""};

/* Answers each question of the pack on a day of its own, the first one first. */
static void answer_all(void)
{
    for (size_t i = 0; i < ALL; i++) {
        const struct session_plan plan = {.kind = "single", .topic = answers[i].item};
        struct session *s = begin(&plan);
        struct err e = {""};
        if (!session_answer(s, T0 + (int64_t)i * DAY, 0, answers[i].wrong, 0, &e))
            fail_msg("%s", e.text);
        session_free(s);
    }
}

static void a_review_asks_what_is_due_most_overdue_first(void **unused)
{
    (void)unused;
    struct err e = {""};

    expect_no_session(&review_plan, T0 + 1000 * DAY);
    answer_all();
    expect_no_session(&review_plan, T0); /* nothing is due yet */
    struct session *s =
        session_begin(world.content, world.store, T0 + 1000 * DAY, &review_plan, &e);
    assert_non_null(s);
    assert_int_equal(s->n, ALL);
    for (size_t i = 0; i < ALL; i++)
        assert_string_equal(s->items[i].item, answers[i].item);
    session_free(s);
    struct session_plan three = review_plan;
    three.max = 3;
    s = session_begin(world.content, world.store, T0 + 1000 * DAY, &three, &e);
    assert_non_null(s);
    assert_int_equal(s->n, 3);
    session_free(s);
}

static void what_has_left_the_content_is_no_part_of_a_review(void **unused)
{
    (void)unused;
    struct session_plan two = review_plan;
    struct err e = {""};

    answer_all();
    pack_edit(world.root, LESSON_DIR "/quiz.json", "\"id\": \"many\"", "\"id\": \"many-more\"");
    pack_edit(world.root, LESSON_DIR "/quiz.json", "\"id\": \"size\"", "\"id\": \"sizes\"");
    refresh();
    two.max = 2; /* of those that are still there */
    struct session *s = session_begin(world.content, world.store, T0 + 1000 * DAY, &two, &e);
    if (!s)
        fail_msg("%s", e.text);
    assert_int_equal(s->n, 2);
    assert_string_equal(s->items[0].item, "pipes/order");
    assert_string_equal(s->items[1].item, "pipes/errno");
    session_free(s);
}

/* ---- going on ---- */

static const struct session_plan again = {
    .kind = "lesson", .topic = "pipes", .seed = 99, .resume = true};

static void a_session_that_was_left_goes_on(void **unused)
{
    (void)unused;
    const char *order[MAX_ITEMS] = {NULL}, *order_again[MAX_ITEMS] = {NULL};
    struct session *s = begin(&lesson_plan);

    const struct store_id id = s->id;
    take_order(s, order);
    give(s, 3, false);
    give(s, 0, true);
    assert_int_equal(s->at, 1);
    session_free(s);
    s = begin(&again);
    take_order(s, order_again);
    assert_true(s->resumed);
    assert_string_equal(s->id.text, id.text);
    assert_int_equal(s->seed, 5); /* so that the choices are shuffled as before */
    assert_memory_equal(order, order_again, sizeof(order));
    assert_int_equal(s->at, 1);
    for (size_t i = 0; i < s->n; i++)
        assert_int_equal(s->items[i].response != NULL, i == 0 || i == 3);
    assert_string_equal(s->items[0].response, answers[answer_of(order[0])].right);
    assert_string_equal(s->items[3].response, answers[answer_of(order[3])].wrong);
    assert_true(s->items[0].grade.right);
    assert_false(s->items[3].grade.right);
    assert_true(s->items[3].grade.score == answers[answer_of(order[3])].score);
    session_free(s);
}

static void a_session_without_an_answer_goes_on_too(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);

    const struct store_id id = s->id;
    session_free(s);
    s = begin(&again);
    assert_true(s->resumed);
    assert_string_equal(s->id.text, id.text);
    session_free(s);
}

static void only_the_same_kind_and_topic_goes_on(void **unused)
{
    (void)unused;
    static const struct session_plan others[] = {
        {.kind = "lesson", .topic = "signals", .resume = true},
        {.kind = "mixed", .topic = "pipes", .resume = true},
        {.kind = "lesson", .topic = "pipes", .resume = false},
    };

    session_free(begin(&lesson_plan));
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        struct session *s = begin(&others[i]);
        assert_false(s->resumed);
        session_free(s);
    }
}

static void a_session_ends_with_its_last_answer(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);

    for (size_t i = 0; i < s->n; i++) {
        assert_true(is_open("lesson", "pipes"));
        assert_int_equal(s->at, i);
        give(s, i, i % 2);
    }
    assert_int_equal(s->at, s->n);
    assert_false(is_open("lesson", "pipes"));
    session_free(s);
    s = begin(&again);
    assert_false(s->resumed);
    assert_int_equal(s->seed, 99);
    session_free(s);
}

static void questions_that_vanished_are_left_out(void **unused)
{
    (void)unused;
    const char *order[MAX_ITEMS] = {NULL};
    struct session *s = begin(&lesson_plan);
    size_t at = 0;

    take_order(s, order);
    give(s, find(s, "pipes/size"), false);
    give(s, find(s, "pipes/errno"), true);
    session_free(s);
    pack_edit(world.root, LESSON_DIR "/quiz.json", "\"id\": \"size\"", "\"id\": \"sizes\"");
    pack_edit(world.root, LESSON_DIR "/quiz.json", "\"id\": \"steps\"", "\"id\": \"step\"");
    refresh();
    s = begin(&again);
    assert_true(s->resumed);
    assert_int_equal(s->n, PIPES - 2);
    for (size_t i = 0; i < PIPES; i++) {
        if (strcmp(order[i], "pipes/size") == 0 || strcmp(order[i], "pipes/steps") == 0)
            continue;
        assert_string_equal(s->items[at].item, order[i]);
        assert_int_equal(s->items[at].response != NULL, strcmp(order[i], "pipes/errno") == 0);
        at++;
    }
    for (size_t i = 0; i < s->n; i++)
        if (!s->items[i].response)
            give(s, i, true);
    assert_false(is_open("lesson", "pipes"));
    session_free(s);
}

static void an_answer_that_makes_no_sense_any_more_is_asked_again(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);
    struct err e = {""};

    const size_t many = find(s, "pipes/many");
    assert_true(session_answer(s, T0, many, "0,2", 0, &e));
    session_free(s);
    pack_edit(world.root, LESSON_DIR "/quiz.json",
              ",\n               {\"text\": \"close\", \"right\": false, \"why\": " WHY "}", "");
    refresh();
    s = begin(&again);
    assert_true(s->resumed);
    assert_null(s->items[many].response);
    session_free(s);
}

static void a_session_of_which_nothing_is_left_is_closed(void **unused)
{
    (void)unused;
    const struct session_plan signals = {.kind = "lesson", .topic = "signals", .resume = true};

    session_free(begin(&signals));
    pack_edit(world.root, OTHER_DIR "/quiz.json", "\"id\": \"q\"", "\"id\": \"other\"");
    refresh();
    struct session *s = begin(&signals);
    assert_false(s->resumed);
    assert_string_equal(s->items[0].item, "signals/other");
    session_free(s);
    write_text(world.root, OTHER_DIR "/lesson.json", "{");
    refresh();
    expect_no_session(&signals, T0);
    assert_false(is_open("lesson", "signals"));
}

/* ---- answering ---- */

static void an_answer_is_graded_and_stored(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);
    struct store_totals t;

    for (size_t i = 0; i < s->n; i++) {
        const bool right = i % 2 == 0;
        give(s, i, right);
        const struct session_item *it = &s->items[i];
        const size_t a = answer_of(it->item);
        assert_string_equal(it->response, right ? answers[a].right : answers[a].wrong);
        assert_int_equal(it->grade.right, right);
        assert_true(it->grade.score == (right ? 1 : answers[a].score));
        assert_int_equal(count_answers(), i + 1);
    }
    assert_true(store_totals(world.store, &t, NULL));
    assert_int_equal(t.right, (PIPES + 1) / 2);
    assert_int_equal(t.items, PIPES);
    assert_int_equal(t.time_ms, PIPES * 1500);
    session_free(s);
}

static void a_clock_that_went_back_costs_no_time(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);
    struct store_totals t;
    struct err e = {""};

    assert_true(session_answer(s, T0, find(s, "pipes/size"), "64", -5000, &e));
    assert_true(store_totals(world.store, &t, NULL));
    assert_int_equal(t.time_ms, 0);
    session_free(s);
}

static void assert_unanswered(const struct session *s, size_t i)
{
    assert_null(s->items[i].response);
    assert_int_equal(s->at, 0);
    assert_int_equal(count_answers(), 0);
    assert_int_equal(session_score(s).answered, 0);
}

static void an_invalid_response_changes_nothing(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);
    struct err e = {""};

    const size_t i = find(s, "pipes/size");
    assert_false(session_answer(s, T0, i, "many", 0, &e));
    assert_true(e.text[0] != '\0');
    assert_unanswered(s, i);
    give(s, i, true);
    session_free(s);
}

static void an_answer_that_cannot_be_stored_is_not_given(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);
    struct err e = {""};

    const size_t i = find(s, "pipes/size");
    set_read_only(true);
    assert_false(session_answer(s, T0, i, "64", 0, &e));
    assert_true(e.text[0] != '\0');
    assert_unanswered(s, i);
    set_read_only(false);
    give(s, i, true);
    assert_int_equal(count_answers(), 1);
    session_free(s);
}

static void an_unsaved_session_is_only_graded(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);

    set_read_only(true);
    s->unsaved = true;
    for (size_t i = 0; i < s->n; i++)
        give(s, i, true);
    assert_int_equal(s->at, s->n);
    assert_int_equal(session_score(s).right, PIPES);
    assert_int_equal(count_answers(), 0);
    set_read_only(false);
    session_free(s);
}

static void a_session_that_cannot_be_stored_does_not_begin(void **unused)
{
    (void)unused;
    set_read_only(true);
    expect_no_session(&lesson_plan, T0);
    set_read_only(false);
    assert_false(is_open("lesson", "pipes"));
}

static void answer_twice(void)
{
    struct session *s = begin(&lesson_plan);

    give(s, 0, true);
    give(s, 0, true);
}

static void answering_twice_is_a_bug(void **unused)
{
    (void)unused;
    assert_bug(answer_twice, "answered twice");
}

static void the_score_is_of_what_was_answered(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);

    struct session_score sc = session_score(s);
    assert_int_equal(sc.answered + sc.right, 0);
    assert_true(sc.mean == 0);
    give(s, find(s, "pipes/many"), false); /* 0.5 */
    give(s, find(s, "pipes/size"), true);
    give(s, find(s, "pipes/errno"), false);
    sc = session_score(s);
    assert_int_equal(sc.answered, 3);
    assert_int_equal(sc.right, 1);
    assert_true(fabs(sc.mean - 0.5) < 1e-9);
    session_free(s);
}

/* ---- retrying ---- */

static void a_retry_asks_what_was_missed(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);
    struct err e = {""};

    const struct store_id id = s->id;
    give(s, find(s, "pipes/many"), false); /* partly right is missed */
    give(s, find(s, "pipes/size"), true);
    give(s, find(s, "pipes/errno"), false);
    s = session_retry(s, T0 + 1000, 8, &e);
    if (!s)
        fail_msg("%s", e.text);
    assert_string_not_equal(s->id.text, id.text);
    assert_int_equal(s->n, 2);
    assert_each_once(s);
    assert_true(asks(s, "pipes/many") && asks(s, "pipes/errno"));
    assert_int_equal(s->seed, 8);
    assert_false(s->resumed);
    /* What the items borrow is still there. */
    assert_string_equal(s->items[find(s, "pipes/errno")].q->accept[0], "EAGAIN");
    give(s, 0, false);
    give(s, 1, true);
    s = session_retry(s, T0 + 2000, 9, &e);
    assert_non_null(s);
    assert_int_equal(s->n, 1);
    give(s, 0, true);
    assert_int_equal(count_answers(), 6);
    session_free(s);
}

static void without_a_miss_there_is_no_retry(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);
    struct err e = {""};

    assert_null(session_retry(s, T0, 8, &e)); /* nothing answered is nothing missed */
    for (size_t i = 0; i < s->n; i++)
        give(s, i, true);
    assert_null(session_retry(s, T0, 8, &e));
    assert_true(e.text[0] != '\0');
    assert_int_equal(session_score(s).right, PIPES); /* the old one stays */
    session_free(s);
}

static void a_retry_that_cannot_be_stored_leaves_the_old_session(void **unused)
{
    (void)unused;
    struct session *s = begin(&lesson_plan);
    struct err e = {""};

    const size_t i = find(s, "pipes/size");
    give(s, i, false);
    set_read_only(true);
    assert_null(session_retry(s, T0, 8, &e));
    set_read_only(false);
    assert_string_equal(s->items[i].response, "4.5");
    assert_string_equal(s->items[i].q->id, "size");
    session_free(s);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, make_world, end_world)

static void a_full_disk_keeps_nobody_from_being_asked(void **unused)
{
    (void)unused;
    struct session_plan plan = lesson_plan;
    struct err e = {""};

    set_read_only(true);
    assert_null(session_begin(world.content, world.store, T0, &plan, &e));
    plan.unsaved_will_do = true;
    e.text[0] = '\0';
    struct session *s = session_begin(world.content, world.store, T0, &plan, &e);
    assert_non_null(s);
    assert_true(s->unsaved);
    assert_true(e.text[0] != '\0');
    set_read_only(false);
    session_free(s);
    plan.resume = false;
    s = session_begin(world.content, world.store, T0, &plan, &e);
    assert_non_null(s);
    assert_false(s->unsaved);
    session_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_full_disk_keeps_nobody_from_being_asked),
        IN_WORLD(a_lesson_asks_all_its_questions_once),
        IN_WORLD(the_store_knows_what_is_asked),
        IN_WORLD(the_order_depends_on_the_seed_only),
        IN_WORLD(a_mixed_quiz_takes_lessons_and_tracks),
        IN_WORLD(a_mixed_quiz_has_a_largest_size),
        IN_WORLD(a_single_question_can_be_asked),
        IN_WORLD(a_broken_lesson_is_left_out),
        IN_WORLD(a_review_asks_what_is_due_most_overdue_first),
        IN_WORLD(what_has_left_the_content_is_no_part_of_a_review),
        IN_WORLD(a_session_that_was_left_goes_on),
        IN_WORLD(a_session_without_an_answer_goes_on_too),
        IN_WORLD(only_the_same_kind_and_topic_goes_on),
        IN_WORLD(a_session_ends_with_its_last_answer),
        IN_WORLD(questions_that_vanished_are_left_out),
        IN_WORLD(an_answer_that_makes_no_sense_any_more_is_asked_again),
        IN_WORLD(a_session_of_which_nothing_is_left_is_closed),
        IN_WORLD(an_answer_is_graded_and_stored),
        IN_WORLD(a_clock_that_went_back_costs_no_time),
        IN_WORLD(an_invalid_response_changes_nothing),
        IN_WORLD(an_answer_that_cannot_be_stored_is_not_given),
        IN_WORLD(an_unsaved_session_is_only_graded),
        IN_WORLD(a_session_that_cannot_be_stored_does_not_begin),
        IN_WORLD(answering_twice_is_a_bug),
        IN_WORLD(the_score_is_of_what_was_answered),
        IN_WORLD(a_retry_asks_what_was_missed),
        IN_WORLD(without_a_miss_there_is_no_retry),
        IN_WORLD(a_retry_that_cannot_be_stored_leaves_the_old_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
