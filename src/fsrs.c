/*
 * fsrs.c: FSRS-6, as the open-spaced-repetition project describes it ("The Algorithm" in the
 * wiki of fsrs4anki) and as ts-fsrs computes it with short-term scheduling on and fuzz off.
 *
 * The forgetting curve is R(t, S) = (1 + factor * t / S) ^ decay, decay = -w[20], with the factor
 * that makes R(S, S) = 0.9. The reference rounds each intermediate result to eight decimals; so
 * does this, because the errors would otherwise grow over a long history and move intervals.
 */
#include "fsrs.h"

#include <math.h>

#include "base.h"

static const double STABILITY_MIN = 0.001;
static const double STABILITY_MAX = 36500;
static const double INTERVAL_MAX = 36500;
static const double FIRST_STABILITY_MIN = 0.1;

const double fsrs_default_weights[FSRS_WEIGHTS] = {
    0.212,  1.2931, 2.3065, 8.2956, /* first stability for again, hard, good, easy */
    6.4133, 0.8334,                 /* first difficulty */
    3.0194, 0.001,                  /* difficulty: step, mean reversion */
    1.8722, 0.1666, 0.796,          /* stability after recall */
    1.4835, 0.0614, 0.2629, 1.6483, /* stability after forgetting */
    0.6014, 1.8729,                 /* hard penalty, easy bonus */
    0.5425, 0.0912, 0.0658,         /* stability after a review on the same day */
    0.1542,                         /* decay of the forgetting curve */
};

static double round8(double x)
{
    return floor(x * 1e8 + 0.5) / 1e8;
}

static double clamp(double x, double lo, double hi)
{
    return fmin(fmax(x, lo), hi);
}

static double clamp_stability(double s)
{
    return clamp(s, STABILITY_MIN, STABILITY_MAX);
}

/* -2 for again to 1 for easy. An enum may be unsigned: subtract as double. */
static double above_good(enum fsrs_grade grade)
{
    return (double)grade - FSRS_GOOD;
}

static double curve_decay(const double w[FSRS_WEIGHTS])
{
    return -w[20];
}

static double curve_factor(const double w[FSRS_WEIGHTS])
{
    return round8(expm1(log(0.9) / curve_decay(w)));
}

double fsrs_retrievability(const double w[FSRS_WEIGHTS], const struct fsrs_state *s,
                           double elapsed_days)
{
    const double x = curve_factor(w) * fmax(elapsed_days, 0) / clamp_stability(s->stability);

    return round8(pow(1 + x, curve_decay(w)));
}

static double first_difficulty(const double w[FSRS_WEIGHTS], enum fsrs_grade grade)
{
    return round8(w[4] - exp(((double)grade - FSRS_AGAIN) * w[5]) + 1);
}

static struct fsrs_state first_state(const double w[FSRS_WEIGHTS], enum fsrs_grade grade)
{
    return (struct fsrs_state){
        .stability = fmax(w[grade - FSRS_AGAIN], FIRST_STABILITY_MIN),
        .difficulty = clamp(first_difficulty(w, grade), 1, 10),
    };
}

/* Linear damping (the harder a card, the smaller the step), then a pull towards "easy". */
static double next_difficulty(const double w[FSRS_WEIGHTS], double d, enum fsrs_grade grade)
{
    const double step = -w[6] * above_good(grade);
    const double damped = d + round8(step * (10 - d) / 9);
    const double reverted = round8(w[7] * first_difficulty(w, FSRS_EASY) + (1 - w[7]) * damped);

    return clamp(reverted, 1, 10);
}

static double stability_after_recall(const double w[FSRS_WEIGHTS], const struct fsrs_state *s,
                                     double r, enum fsrs_grade grade)
{
    const double hard_penalty = grade == FSRS_HARD ? w[15] : 1;
    const double easy_bonus = grade == FSRS_EASY ? w[16] : 1;
    const double growth = exp(w[8]) * (11 - s->difficulty) * pow(s->stability, -w[9]) *
                          expm1((1 - r) * w[10]) * hard_penalty * easy_bonus;

    return round8(clamp_stability(s->stability * (1 + growth)));
}

/* Never more than a same-day "again" would leave. */
static double stability_after_lapse(const double w[FSRS_WEIGHTS], const struct fsrs_state *s,
                                    double r)
{
    const double forgotten = w[11] * pow(s->difficulty, -w[12]) *
                             (pow(s->stability + 1, w[13]) - 1) * exp((1 - r) * w[14]);
    const double limit = round8(s->stability / exp(w[17] * w[18]));

    return clamp(limit, STABILITY_MIN, round8(clamp_stability(forgotten)));
}

/* A review on the day of the last one: only "again" may lower the stability. */
static double stability_same_day(const double w[FSRS_WEIGHTS], const struct fsrs_state *s,
                                 enum fsrs_grade grade)
{
    const double growth = pow(s->stability, -w[19]) * exp(w[17] * (above_good(grade) + w[18]));
    const double allowed = grade == FSRS_AGAIN ? growth : fmax(growth, 1);

    return round8(clamp_stability(s->stability * allowed));
}

struct fsrs_state fsrs_review(const double w[FSRS_WEIGHTS], const struct fsrs_state *s,
                              double elapsed_days, enum fsrs_grade grade)
{
    if (grade < FSRS_AGAIN || grade > FSRS_EASY)
        BUG("grade %d", (int)grade);
    if (!(s->stability > 0))
        return first_state(w, grade);

    const struct fsrs_state old = {
        .stability = clamp_stability(s->stability),
        .difficulty = clamp(s->difficulty, 1, 10),
    };
    const double r = fsrs_retrievability(w, &old, elapsed_days);
    struct fsrs_state next = {.difficulty = next_difficulty(w, old.difficulty, grade)};
    if (elapsed_days < 1)
        next.stability = stability_same_day(w, &old, grade);
    else if (grade == FSRS_AGAIN)
        next.stability = stability_after_lapse(w, &old, r);
    else
        next.stability = stability_after_recall(w, &old, r, grade);
    return next;
}

int fsrs_interval_days(const double w[FSRS_WEIGHTS], const struct fsrs_state *s, double retention)
{
    if (!(retention > 0 && retention < 1))
        BUG("retention %g", retention);
    const double modifier = round8((pow(retention, 1 / curve_decay(w)) - 1) / curve_factor(w));
    const double days = floor(s->stability * modifier + 0.5);

    return (int)clamp(days, 1, INTERVAL_MAX);
}
