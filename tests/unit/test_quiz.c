/*
 * test_quiz.c: which responses are answers, how they are graded, how choices are shuffled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "quiz.h"

#define SAME(s)                                                                                    \
    {                                                                                              \
        {                                                                                          \
            s, s                                                                                   \
        }                                                                                          \
    }

/* ---- one question of each kind ---- */

static struct option choices[] = {
    {.text = {{"oldest", "最早"}}, .right = false},
    {.text = {{"newest", "最晚"}}, .right = true},
    {.text = {{"any", "任意"}}, .right = false},
};
static struct option marks[] = {
    {.text = SAME("read"), .right = true},   {.text = SAME("write"), .right = true},
    {.text = SAME("close"), .right = false}, {.text = SAME("accept"), .right = true},
    {.text = SAME("dup"), .right = false},
};
static struct option items[] = {
    {.text = SAME("socket")},
    {.text = SAME("bind")},
    {.text = SAME("listen")},
    {.text = {{"accept it", "接受"}}},
};
static struct option wrong_numbers[] = {
    {.text = SAME("4.5")}, {.text = SAME("1e3")}, {.text = SAME("64.2")}};
static struct option wrong_words[] = {{.text = SAME("EINTR")}, {.text = {{"busy", "忙"}}}};
static struct option wrong_prints[] = {{.text = SAME("2 1\n")}};
static const char *const accepted[] = {"EAGAIN", "would block"};
static const char *const printed[] = {"1 2\n3\n\n"};

static const struct question choice = {
    .id = "choice", .kind = Q_CHOICE, .options = choices, .n_options = ARRAY_LEN(choices)};
static const struct question multi = {
    .id = "multi", .kind = Q_MULTI, .options = marks, .n_options = ARRAY_LEN(marks)};
static const struct question order = {
    .id = "order", .kind = Q_ORDER, .options = items, .n_options = ARRAY_LEN(items)};
static const struct question number = {.id = "number",
                                       .kind = Q_NUMBER,
                                       .value = 64,
                                       .tolerance = 0.5,
                                       .unit = {{"KiB", "千字节"}},
                                       .wrong = wrong_numbers,
                                       .n_wrong = ARRAY_LEN(wrong_numbers)};
static const struct question word = {.id = "word",
                                     .kind = Q_TEXT,
                                     .accept = accepted,
                                     .n_accept = ARRAY_LEN(accepted),
                                     .wrong = wrong_words,
                                     .n_wrong = ARRAY_LEN(wrong_words)};
static const struct question output = {.id = "output",
                                       .kind = Q_OUTPUT,
                                       .accept = printed,
                                       .n_accept = ARRAY_LEN(printed),
                                       .wrong = wrong_prints,
                                       .n_wrong = ARRAY_LEN(wrong_prints)};

/* ---- responses ---- */

static void a_response_has_the_form_of_its_kind(void **unused)
{
    (void)unused;
    static const struct {
        const struct question *q;
        const char *response;
        bool valid;
    } rows[] = {
        {&choice, "0", true},
        {&choice, "2", true},
        {&choice, "3", false},
        {&choice, "", false},
        {&choice, "0,1", false},
        {&choice, "-1", false},
        {&choice, "+1", false},
        {&choice, " 1", false},
        {&choice, "1 ", false},
        {&choice, "1,", false},
        {&choice, "a", false},
        {&choice, "18446744073709551616", false},
        {&choice, "18446744073709551617", false},
        {&multi, "", true}, /* none is an answer */
        {&multi, "4", true},
        {&multi, "0,1,2,3,4", true},
        {&multi, "0,2,4", true},
        {&multi, "2,0", false}, /* ascending */
        {&multi, "1,1", false},
        {&multi, "5", false},
        {&multi, "0,", false},
        {&multi, ",0", false},
        {&multi, "0,,1", false},
        {&multi, "0 1", false},
        {&multi, "0, 1", false},
        {&order, "0,1,2,3", true},
        {&order, "3,2,1,0", true},
        {&order, "0,1,2", false},
        {&order, "0,1,2,2", false},
        {&order, "0,1,2,3,4", false},
        {&order, "0,1,2,4", false},
        {&order, "", false},
        {&number, "64", true},
        {&number, " 64 ", true},
        {&number, "-0.5", true},
        {&number, "+1e3", true},
        {&number, ".5", true},
        {&number, "６４．５", true}, /* fullwidth */
        {&number, "－１", true},
        {&number, "", false},
        {&number, " ", false},
        {&number, "64 KiB", false},
        {&number, "1,000", false},
        {&number, "6 4", false},
        {&number, "sixty", false},
        {&number, "nan", false},
        {&number, "inf", false},
        {&number, "1e999", false},
        {&word, "anything", true},
        {&word, " x ", true},
        {&word, "多", true},
        {&word, "", false},
        {&word, " \t\n", false},
        {&word, "　", false}, /* a fullwidth blank */
        {&output, "1", true},
        {&output, "\n1\n", true},
        {&output, "", false},
        {&output, "\n \n", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = {""};
        if (quiz_response_valid(rows[i].q, rows[i].response, &e) != rows[i].valid)
            fail_msg("%s \"%s\" is %s", rows[i].q->id, rows[i].response,
                     rows[i].valid ? "valid" : "not valid");
        assert_int_equal(e.text[0] == '\0', rows[i].valid);
        assert_int_equal(quiz_response_valid(rows[i].q, rows[i].response, NULL), rows[i].valid);
    }
}

static void a_response_has_a_largest_size(void **unused)
{
    (void)unused;
    char long_word[QUIZ_MAX_RESPONSE + 1];

    memset(long_word, 'x', sizeof(long_word));
    long_word[QUIZ_MAX_RESPONSE] = '\0';
    assert_false(quiz_response_valid(&word, long_word, NULL));
    long_word[QUIZ_MAX_RESPONSE - 1] = '\0';
    assert_true(quiz_response_valid(&word, long_word, NULL));
    assert_true(quiz_response_valid(&output, long_word, NULL));
}

/* ---- grading ---- */

/* A response, whether it is right, its score and which known wrong answer it is. */
struct graded {
    const char *response;
    bool right;
    double score;
    int known;
};

static void check_grades(const struct question *q, const struct graded *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!quiz_response_valid(q, rows[i].response, NULL))
            fail_msg("%s \"%s\" is not valid", q->id, rows[i].response);
        const struct grade g = quiz_grade(q, rows[i].response);
        if (g.right != rows[i].right || fabs(g.score - rows[i].score) > 1e-9 ||
            g.known != rows[i].known)
            fail_msg("%s \"%s\": right %d, score %g, known %d; wanted %d, %g, %d", q->id,
                     rows[i].response, g.right, g.score, g.known, rows[i].right, rows[i].score,
                     rows[i].known);
    }
}

static void one_choice_is_right(void **unused)
{
    (void)unused;
    static const struct graded rows[] = {
        {"0", false, 0, -1}, {"1", true, 1, -1}, {"2", false, 0, -1}};

    check_grades(&choice, rows, ARRAY_LEN(rows));
}

static void several_choices_give_part_of_the_score(void **unused)
{
    (void)unused;
    static const struct graded rows[] = {
        {"0,1,3", true, 1, -1},
        {"0,1", false, 2 / 3.0, -1},
        {"3", false, 1 / 3.0, -1},
        {"0,1,2,3", false, 2 / 3.0, -1},   /* three hits, one miss */
        {"0,1,2,3,4", false, 1 / 3.0, -1}, /* all is no answer */
        {"0,2", false, 0, -1},
        {"2,4", false, 0, -1}, /* never below 0 */
        {"", false, 0, -1},
    };

    check_grades(&multi, rows, ARRAY_LEN(rows));
}

static void neighbours_in_order_give_part_of_the_score(void **unused)
{
    (void)unused;
    /* Three pairs of neighbours. */
    static const struct graded rows[] = {
        {"0,1,2,3", true, 1, -1},        {"1,2,3,0", false, 2 / 3.0, -1},
        {"0,1,3,2", false, 1 / 3.0, -1}, {"2,3,0,1", false, 2 / 3.0, -1},
        {"3,2,1,0", false, 0, -1},       {"0,2,1,3", false, 0, -1},
        {"3,0,1,2", false, 2 / 3.0, -1}, {"1,0,3,2", false, 0, -1},
    };

    check_grades(&order, rows, ARRAY_LEN(rows));
}

static void a_number_is_right_within_its_tolerance(void **unused)
{
    (void)unused;
    static const struct graded rows[] = {
        {"64", true, 1, -1},       {"64.2", true, 1, -1}, /* right is right */
        {"64.5", true, 1, -1},     {"63.5", true, 1, -1}, {"64.51", false, 0, -1},
        {"63.49", false, 0, -1},   {"-64", false, 0, -1}, {"6.4e1", true, 1, -1},
        {"６４．０", true, 1, -1}, {"4.5", false, 0, 0},  {"4.50", false, 0, 0},
        {"4.51", false, 0, -1},    {"1000", false, 0, 1}, {"0", false, 0, -1},
    };

    check_grades(&number, rows, ARRAY_LEN(rows));
}

static bool number_right(double value, double tolerance, double factor, const char *response)
{
    const struct question q = {
        .id = "n", .kind = Q_NUMBER, .value = value, .tolerance = tolerance, .factor = factor};
    const struct grade g = quiz_grade(&q, response);

    assert_true(g.score == (g.right ? 1 : 0));
    return g.right;
}

static void an_exact_number_is_exact(void **unused)
{
    (void)unused;
    assert_true(number_right(14, 0, 0, "14"));
    assert_true(number_right(14, 0, 0, "14.0"));
    assert_false(number_right(14, 0, 0, "14.01"));
    assert_true(number_right(0, 0, 0, "0"));
    assert_true(number_right(0, 0, 0, "-0"));
    assert_false(number_right(0, 0, 0, "0.001"));
    assert_true(number_right(0.1, 0, 0, "0.1"));
}

/* 1.6 - 1.5 is more than 0.1 in binary: the learner need not know. */
static void the_ends_of_a_tolerance_are_inside(void **unused)
{
    (void)unused;
    for (int value = 0; value < 100; value++) {
        for (int tolerance = 1; tolerance < 10; tolerance++) {
            char low[32], high[32], outside[32];
            snprintf(low, sizeof(low), "%.1f", (value - tolerance) / 10.0);
            snprintf(high, sizeof(high), "%.1f", (value + tolerance) / 10.0);
            snprintf(outside, sizeof(outside), "%.3f", (value + tolerance) / 10.0 + 0.001);
            assert_true(number_right(value / 10.0, tolerance / 10.0, 0, low));
            assert_true(number_right(value / 10.0, tolerance / 10.0, 0, high));
            assert_false(number_right(value / 10.0, tolerance / 10.0, 0, outside));
        }
    }
}

static void a_number_is_right_within_its_factor(void **unused)
{
    (void)unused;
    assert_true(number_right(100, 0, 2, "200"));
    assert_true(number_right(100, 0, 2, "50"));
    assert_false(number_right(100, 0, 2, "201"));
    assert_false(number_right(100, 0, 2, "49.9"));
    assert_false(number_right(100, 0, 2, "-100"));
    assert_false(number_right(100, 0, 2, "0"));
    assert_true(number_right(-8, 0, 2, "-16"));
    assert_false(number_right(-8, 0, 2, "8"));
}

static void the_ends_of_a_factor_are_inside(void **unused)
{
    (void)unused;
    for (int value = 1; value < 100; value++) {
        for (int factor = 11; factor < 40; factor++) {
            char high[32], outside[32];
            snprintf(high, sizeof(high), "%.2f", value * factor / 100.0);
            snprintf(outside, sizeof(outside), "%.5f", value * factor / 100.0 * 1.001);
            if (!number_right(value / 10.0, 0, factor / 10.0, high))
                fail_msg("%g is not within a factor of %g of %s", value / 10.0, factor / 10.0,
                         high);
            assert_false(number_right(value / 10.0, 0, factor / 10.0, outside));
        }
    }
}

static void words_are_compared_without_case_blanks_and_width(void **unused)
{
    (void)unused;
    static const struct graded rows[] = {
        {"EAGAIN", true, 1, -1},       {"eagain", true, 1, -1},
        {" EAgain\t", true, 1, -1},    {"ＥＡＧＡＩＮ", true, 1, -1},
        {"Would  Block", true, 1, -1}, {"would　block", true, 1, -1},
        {"wouldblock", false, 0, -1},  {"EAGAIN.", false, 0, -1},
        {"eintr", false, 0, 0},        {"ＥＩＮＴＲ ", false, 0, 0},
        {"Busy", false, 0, 1},         {"忙", false, 0, 1}, /* known in either language */
        {"very busy", false, 0, -1},   {"\xff", false, 0, -1},
    };

    check_grades(&word, rows, ARRAY_LEN(rows));
}

static void output_is_compared_without_minding_blanks(void **unused)
{
    (void)unused;
    static const struct graded rows[] = {
        {"1 2\n3\n\n", true, 1, -1},   {"1 2\n3", true, 1, -1},   {"1 2 3", true, 1, -1},
        {" 1\t2 \r\n3 ", true, 1, -1}, {"1\n2\n3", true, 1, -1},  {"12 3", false, 0, -1},
        {"1 2", false, 0, -1},         {"1 2 3 4", false, 0, -1}, {"3 2 1", false, 0, -1},
        {"2 1", false, 0, 0},          {"2\n1", false, 0, 0},     {"1 2 33", false, 0, -1},
        {"1 2 3 ", true, 1, -1},       {"1", false, 0, -1},
    };

    check_grades(&output, rows, ARRAY_LEN(rows));
    /* Case counts: it is what a program prints. */
    static const char *const key[] = {"Done\n"};
    const struct question q = {.id = "q", .kind = Q_OUTPUT, .accept = key, .n_accept = 1};
    assert_true(quiz_grade(&q, "Done").right);
    assert_false(quiz_grade(&q, "done").right);
}

/* ---- as words ---- */

static void check_words(char *text, const char *wanted)
{
    assert_string_equal(text, wanted);
    free(text);
}

static void answers_are_told_in_words(void **unused)
{
    (void)unused;
    check_words(quiz_answer_text(&choice), "newest");
    check_words(quiz_answer_text(&multi), "read\nwrite\naccept");
    check_words(quiz_answer_text(&order), "socket\nbind\nlisten\naccept it");
    check_words(quiz_answer_text(&number), "64 KiB");
    check_words(quiz_answer_text(&word), "EAGAIN");
    check_words(quiz_answer_text(&output), "1 2\n3");
    text_set_lang(LANG_ZH);
    check_words(quiz_answer_text(&choice), "最晚");
    check_words(quiz_answer_text(&order), "socket\nbind\nlisten\n接受");
    check_words(quiz_answer_text(&number), "64 千字节");
    text_set_lang(LANG_EN);
    const struct question bare = {.id = "n", .kind = Q_NUMBER, .value = 0.1, .unit = SAME("")};
    check_words(quiz_answer_text(&bare), "0.1");
    const struct question large = {.id = "n", .kind = Q_NUMBER, .value = 16777216};
    check_words(quiz_answer_text(&large), "16777216");
}

static void responses_are_told_in_words(void **unused)
{
    (void)unused;
    check_words(quiz_response_text(&choice, "2"), "any");
    check_words(quiz_response_text(&multi, "0,4"), "read\ndup");
    check_words(quiz_response_text(&multi, ""), "");
    check_words(quiz_response_text(&order, "3,0,1,2"), "accept it\nsocket\nbind\nlisten");
    check_words(quiz_response_text(&number, "12.5"), "12.5");
    check_words(quiz_response_text(&word, "多\x1b[2J"), "多^[[2J");
    check_words(quiz_response_text(&output, "1\n2"), "1\n2");
    text_set_lang(LANG_ZH);
    check_words(quiz_response_text(&choice, "2"), "任意");
    text_set_lang(LANG_EN);
}

/* Typing what the tutor says is the answer must be right. */
static void the_right_answer_is_right(void **unused)
{
    (void)unused;
    static const struct question *const typed[] = {&word, &output};

    for (size_t i = 0; i < ARRAY_LEN(typed); i++) {
        char *answer = quiz_answer_text(typed[i]);
        assert_true(quiz_grade(typed[i], answer).right);
        free(answer);
    }
    const struct question bare = {.id = "n", .kind = Q_NUMBER, .value = 1 / 3.0};
    char *answer = quiz_answer_text(&bare);
    assert_true(quiz_grade(&bare, answer).right);
    free(answer);
}

/* ---- shuffling ---- */

static void a_shuffle_is_a_permutation(void **unused)
{
    (void)unused;
    size_t perm[200];

    for (size_t n = 0; n <= ARRAY_LEN(perm); n++) {
        bool seen[ARRAY_LEN(perm)] = {false};
        quiz_shuffle(n * 7919, "id", n, perm);
        for (size_t i = 0; i < n; i++) {
            assert_true(perm[i] < n);
            assert_false(seen[perm[i]]);
            seen[perm[i]] = true;
        }
    }
}

enum { DECK = 52 };

static bool same_shuffle(uint64_t seed_a, const char *id_a, uint64_t seed_b, const char *id_b)
{
    size_t a[DECK], b[DECK];

    quiz_shuffle(seed_a, id_a, DECK, a);
    quiz_shuffle(seed_b, id_b, DECK, b);
    return memcmp(a, b, sizeof(a)) == 0;
}

static void a_shuffle_depends_on_seed_and_id_only(void **unused)
{
    (void)unused;
    assert_true(same_shuffle(7, "epoll/edge", 7, "epoll/edge"));
    assert_true(same_shuffle(0, "", 0, ""));
    assert_true(same_shuffle(UINT64_MAX, "x", UINT64_MAX, "x"));
    assert_false(same_shuffle(7, "epoll/edge", 8, "epoll/edge"));
    assert_false(same_shuffle(7, "epoll/edge", 7, "epoll/edges"));
    assert_false(same_shuffle(7, "ab", 7, "ba"));
    assert_false(same_shuffle(0, "x", UINT64_C(1) << 63, "x"));
}

/* A session that was left before an update of the tutor goes on in the same order. The values: the
 * same algorithms (FNV-1a, splitmix64, Fisher-Yates) written down in another language. */
static void a_shuffle_is_the_same_for_ever(void **unused)
{
    (void)unused;
    static const size_t wanted[] = {4, 3, 1, 2, 5, 0, 6, 7};
    size_t perm[8];

    quiz_shuffle(42, "pipes/order", ARRAY_LEN(perm), perm);
    assert_memory_equal(perm, wanted, sizeof(wanted));
}

/* Chi-squared over where each of 4 choices comes to stand, 9 degrees of freedom: 33.7 is exceeded
 * once in 10,000 by a fair shuffle; the seeds are fixed. */
static void check_uniform(uint64_t first_seed, uint64_t seed_step, bool by_id)
{
    enum { N = 4, ROUNDS = 8000 };
    size_t count[N][N] = {{0}}, perm[N];
    double chi2 = 0;
    char id[32] = "id";

    for (uint64_t i = 0; i < ROUNDS; i++) {
        if (by_id)
            snprintf(id, sizeof(id), "question-%d", (int)i);
        quiz_shuffle(first_seed + i * seed_step, id, N, perm);
        for (size_t k = 0; k < N; k++)
            count[k][perm[k]]++;
    }
    const double expected = (double)ROUNDS / N;
    for (size_t k = 0; k < N; k++)
        for (size_t c = 0; c < N; c++)
            chi2 += pow((double)count[k][c] - expected, 2) / expected;
    if (chi2 > 33.7)
        fail_msg("chi-squared is %g", chi2);
}

static void shuffles_are_fair(void **unused)
{
    (void)unused;
    check_uniform(0, 1, false);
    check_uniform(1000, UINT64_C(1) << 40, false);
    check_uniform(5, 0, true);
}

/* The values that Rosetta Code gives for seed 1234567. */
static void the_random_numbers_are_those_of_splitmix64(void **unused)
{
    (void)unused;
    static const uint64_t wanted[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                      UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
                                      UINT64_C(16408922859458223821)};
    uint64_t state = 1234567;

    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        assert_true(quiz_random(&state) == wanted[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_response_has_the_form_of_its_kind),
        cmocka_unit_test(a_response_has_a_largest_size),
        cmocka_unit_test(one_choice_is_right),
        cmocka_unit_test(several_choices_give_part_of_the_score),
        cmocka_unit_test(neighbours_in_order_give_part_of_the_score),
        cmocka_unit_test(a_number_is_right_within_its_tolerance),
        cmocka_unit_test(an_exact_number_is_exact),
        cmocka_unit_test(the_ends_of_a_tolerance_are_inside),
        cmocka_unit_test(a_number_is_right_within_its_factor),
        cmocka_unit_test(the_ends_of_a_factor_are_inside),
        cmocka_unit_test(words_are_compared_without_case_blanks_and_width),
        cmocka_unit_test(output_is_compared_without_minding_blanks),
        cmocka_unit_test(answers_are_told_in_words),
        cmocka_unit_test(responses_are_told_in_words),
        cmocka_unit_test(the_right_answer_is_right),
        cmocka_unit_test(a_shuffle_is_a_permutation),
        cmocka_unit_test(a_shuffle_depends_on_seed_and_id_only),
        cmocka_unit_test(a_shuffle_is_the_same_for_ever),
        cmocka_unit_test(shuffles_are_fair),
        cmocka_unit_test(the_random_numbers_are_those_of_splitmix64),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
