/*
 * test_fsrs.c: FSRS-6 against 200 sequences of a reference implementation, and the properties a
 * schedule must have whatever the weights. The vectors: $SYSTUTOR_VECTORS, else
 * tests/vectors/fsrs6.json.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>

#include "base.h"
#include "buf.h"
#include "fsrs.h"

static const double *const W = fsrs_default_weights;

static double number(const cJSON *object, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, name);

    if (!cJSON_IsNumber(v))
        fail_msg("the vectors lack the number \"%s\"", name);
    return v->valuedouble;
}

static cJSON *load_vectors(void)
{
    const char *env = getenv("SYSTUTOR_VECTORS");
    const char *path = env && *env ? env : "tests/vectors/fsrs6.json";
    struct buf text = {0};
    struct err e = {""};

    if (!buf_read_file(&text, path, 16u << 20, &e))
        fail_msg("%s", e.text);
    cJSON *root = cJSON_ParseWithLength(buf_text(&text), text.len);
    assert_non_null(root);
    buf_release(&text);
    return root;
}

static void weights_are_those_of_the_reference(void **unused)
{
    (void)unused;
    cJSON *root = load_vectors();
    const cJSON *weights = cJSON_GetObjectItemCaseSensitive(root, "weights");

    assert_int_equal(cJSON_GetArraySize(weights), FSRS_WEIGHTS);
    for (int i = 0; i < FSRS_WEIGHTS; i++)
        assert_true(cJSON_GetArrayItem(weights, i)->valuedouble == W[i]);
    cJSON_Delete(root);
}

static void check_near(double got, double want, const char *what, int sequence, int step)
{
    if (!(fabs(got - want) <= 1e-6))
        fail_msg("sequence %d, step %d: %s is %.9f, the reference says %.9f", sequence, step, what,
                 got, want);
}

static void check_sequence(const cJSON *sequence, int index)
{
    const double retention = number(sequence, "retention");
    const cJSON *steps = cJSON_GetObjectItemCaseSensitive(sequence, "steps");
    struct fsrs_state state = {0};
    const cJSON *step;
    int i = 0;

    assert_true(cJSON_GetArraySize(steps) > 0);
    cJSON_ArrayForEach(step, steps)
    {
        const double elapsed = number(step, "elapsed_days");
        const cJSON *r = cJSON_GetObjectItemCaseSensitive(step, "retrievability");
        if (cJSON_IsNumber(r))
            check_near(fsrs_retrievability(W, &state, elapsed), r->valuedouble, "retrievability",
                       index, i);
        state = fsrs_review(W, &state, elapsed, (enum fsrs_grade)number(step, "grade"));
        check_near(state.stability, number(step, "stability"), "stability", index, i);
        check_near(state.difficulty, number(step, "difficulty"), "difficulty", index, i);
        assert_int_equal(fsrs_interval_days(W, &state, retention), (int)number(step, "interval"));
        i++;
    }
}

static void every_sequence_matches_the_reference(void **unused)
{
    (void)unused;
    cJSON *root = load_vectors();
    const cJSON *sequences = cJSON_GetObjectItemCaseSensitive(root, "sequences");
    const cJSON *sequence;
    int i = 0;

    assert_int_equal(cJSON_GetArraySize(sequences), 200);
    cJSON_ArrayForEach(sequence, sequences) check_sequence(sequence, i++);
    cJSON_Delete(root);
}

/* ---- properties, over states reached by random histories ---- */

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

static enum fsrs_grade random_grade(uint64_t *x)
{
    return (enum fsrs_grade)(1 + next_random(x) % 4);
}

static struct fsrs_state random_state(uint64_t *x)
{
    struct fsrs_state s = {0};
    const size_t reviews = 1 + next_random(x) % 12;

    for (size_t i = 0; i < reviews; i++)
        s = fsrs_review(W, &s, (double)(next_random(x) % 400), random_grade(x));
    return s;
}

static void states_stay_in_range(void **unused)
{
    (void)unused;
    uint64_t x = 42;

    for (int i = 0; i < 5000; i++) {
        const struct fsrs_state s = random_state(&x);
        assert_true(s.stability >= 0.001 && s.stability <= 36500);
        assert_true(s.difficulty >= 1 && s.difficulty <= 10);
    }
}

static void retrievability_falls_from_one_with_time(void **unused)
{
    (void)unused;
    uint64_t x = 43;

    for (int i = 0; i < 2000; i++) {
        const struct fsrs_state s = random_state(&x);
        double before = fsrs_retrievability(W, &s, 0);
        assert_true(before == 1);
        for (int day = 1; day < 1000; day = day * 2 + 1) {
            const double r = fsrs_retrievability(W, &s, day);
            assert_true(r > 0 && r < before);
            before = r;
        }
        assert_true(fabs(fsrs_retrievability(W, &s, s.stability) - 0.9) < 1e-6);
    }
}

static void intervals_grow_as_retention_is_lowered(void **unused)
{
    (void)unused;
    uint64_t x = 44;

    for (int i = 0; i < 2000; i++) {
        const struct fsrs_state s = random_state(&x);
        int before = 0;
        for (int percent = 97; percent > 50; percent -= 3) {
            const int days = fsrs_interval_days(W, &s, percent / 100.0);
            assert_in_range(days, int_max(before, 1), 36500);
            before = days;
        }
        assert_true(before > fsrs_interval_days(W, &s, 0.999) || before == 1);
    }
}

static void the_interval_is_when_retrievability_meets_retention(void **unused)
{
    (void)unused;
    uint64_t x = 45;

    for (int i = 0; i < 2000; i++) {
        const struct fsrs_state s = random_state(&x);
        const int days = fsrs_interval_days(W, &s, 0.9);
        if (days == 1)
            continue;
        assert_true(fsrs_retrievability(W, &s, days - 0.51) >= 0.9 - 1e-6);
        assert_true(fsrs_retrievability(W, &s, days + 0.51) <= 0.9 + 1e-6);
    }
}

static void a_recall_never_lowers_stability_and_a_better_grade_gives_more(void **unused)
{
    (void)unused;
    uint64_t x = 46;

    for (int i = 0; i < 5000; i++) {
        const struct fsrs_state s = random_state(&x);
        const double elapsed = (double)(next_random(&x) % 500);
        double before = s.stability;
        for (int grade = FSRS_HARD; grade <= FSRS_EASY; grade++) {
            const struct fsrs_state n = fsrs_review(W, &s, elapsed, (enum fsrs_grade)grade);
            assert_true(n.stability >= before);
            before = n.stability;
        }
        if (elapsed >= 1 && s.stability < 30000) {
            const struct fsrs_state good = fsrs_review(W, &s, elapsed, FSRS_GOOD);
            assert_true(good.stability > s.stability);
        }
    }
}

static void forgetting_lowers_stability_and_raises_difficulty(void **unused)
{
    (void)unused;
    uint64_t x = 47;

    for (int i = 0; i < 5000; i++) {
        const struct fsrs_state s = random_state(&x);
        const double elapsed = (double)(next_random(&x) % 500);
        const struct fsrs_state n = fsrs_review(W, &s, elapsed, FSRS_AGAIN);
        assert_true(n.stability <= s.stability || s.stability <= 0.001);
        assert_true(n.difficulty >= s.difficulty - 0.01);
        assert_true(n.difficulty >= fsrs_review(W, &s, elapsed, FSRS_EASY).difficulty);
    }
}

static void waiting_longer_before_a_recall_gains_more(void **unused)
{
    (void)unused;
    uint64_t x = 48;

    for (int i = 0; i < 2000; i++) {
        const struct fsrs_state s = random_state(&x);
        double before = 0;
        for (int day = 1; day < 400; day *= 2) {
            const double now = fsrs_review(W, &s, day, FSRS_GOOD).stability;
            assert_true(now >= before);
            before = now;
        }
    }
}

static void a_part_of_a_day_counts_as_the_same_day(void **unused)
{
    (void)unused;
    uint64_t x = 49;

    for (int i = 0; i < 1000; i++) {
        const struct fsrs_state s = random_state(&x);
        const enum fsrs_grade grade = random_grade(&x);
        const struct fsrs_state a = fsrs_review(W, &s, 0, grade);
        const struct fsrs_state b = fsrs_review(W, &s, 0.99, grade);
        assert_true(a.stability == b.stability && a.difficulty == b.difficulty);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_those_of_the_reference),
        cmocka_unit_test(every_sequence_matches_the_reference),
        cmocka_unit_test(states_stay_in_range),
        cmocka_unit_test(retrievability_falls_from_one_with_time),
        cmocka_unit_test(intervals_grow_as_retention_is_lowered),
        cmocka_unit_test(the_interval_is_when_retrievability_meets_retention),
        cmocka_unit_test(a_recall_never_lowers_stability_and_a_better_grade_gives_more),
        cmocka_unit_test(forgetting_lowers_stability_and_raises_difficulty),
        cmocka_unit_test(waiting_longer_before_a_recall_gains_more),
        cmocka_unit_test(a_part_of_a_day_counts_as_the_same_day),
    };
    return cmocka_run_group_tests_name("fsrs", tests, NULL, NULL);
}
