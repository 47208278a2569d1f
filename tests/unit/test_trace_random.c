/*
 * test_trace_random.c: random traces, the same in every run: the model is what a plain replay of
 * the events says, in whatever order and pieces they come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "trace.h"
#include "trace_check.h"

/* ---- what is written ---- */

struct item {
    int64_t ns, dur_ns;
    char ph;
    int lane, name, cat, id, number;
    double x, y;
    size_t order; /* of arrival */
};

struct recipe {
    size_t n;
    size_t lanes, ids;
    int64_t step_ns; /* 0: many at one time */
    const char *phases;
};

static const char *const cats[] = {"run", "ready", "block", "sleep", "call", "hold"};

static void roll_item(struct dice *d, const struct recipe *r, struct item *it)
{
    it->ph = r->phases[roll(d, strlen(r->phases))];
    it->lane = (int)roll(d, r->lanes);
    it->name = (int)roll(d, 5);
    it->cat = (int)roll(d, TRACE_CATS);
    it->id = (int)roll(d, r->ids);
    it->number = (int)roll(d, 1000);
    it->x = (double)roll(d, 2000) / 8 - 100;
    it->y = (double)roll(d, 2000) / 8 - 100;
    it->dur_ns = (int64_t)roll(d, 20) * (r->step_ns + 1);
}

/* With a step all times differ, so that no order depends on the arrival. */
static struct item *roll_items(struct dice *d, const struct recipe *r)
{
    struct item *items = x_array(r->n, sizeof(*items));
    int64_t now = 0;

    for (size_t i = 0; i < r->n; i++) {
        roll_item(d, r, &items[i]);
        now += r->step_ns > 0 ? 1 + (int64_t)roll(d, (size_t)r->step_ns) : (int64_t)roll(d, 2);
        items[i].ns = now;
        items[i].order = i;
    }
    return items;
}

static void put_item(struct buf *out, const struct item *it)
{
    buf_printf(out, "{\"ph\":\"%c\",\"pid\":1,\"tid\":%d,\"ts\":%lld.%03d", it->ph, it->lane,
               (long long)it->ns / 1000, (int)(it->ns % 1000));
    if (it->ph != 'E')
        buf_printf(out, ",\"name\":\"%c%d\"", it->ph, it->name);
    switch (it->ph) {
    case 'B':
        buf_printf(out, ",\"cat\":\"%s\"}\n", cats[it->cat]);
        break;
    case 'X':
        buf_printf(out, ",\"dur\":%lld.%03d,\"cat\":\"%s\"}\n", (long long)it->dur_ns / 1000,
                   (int)(it->dur_ns % 1000), cats[it->cat]);
        break;
    case 'i':
        buf_printf(out, ",\"s\":\"t\",\"args\":{\"text\":\"text %d\"}}\n", it->number);
        break;
    case 's':
        buf_printf(out, ",\"id\":%d,\"args\":{\"text\":\"message %zu\"}}\n", it->id, it->order);
        break;
    case 'f':
        buf_printf(out, ",\"bp\":\"e\",\"id\":%d}\n", it->id);
        break;
    case 'P': /* stands for C with a point */

        buf_printf(out, ",\"args\":{\"series\":\"s%d\",\"x\":%.15g,\"y\":%.15g}}\n", it->cat, it->x,
                   it->y);
        break;
    case 'C':
        buf_printf(out, ",\"args\":{\"value\":%.15g}}\n", it->x);
        break;
    case 'O':
        buf_printf(out,
                   ",\"id\":1,\"args\":{\"snapshot\":{\"name\":\"state %zu\",\"nodes\":[]}}}\n",
                   it->order);
        break;
    default:
        buf_puts(out, "}\n");
        break;
    }
}

static void put_line(struct buf *out, const struct item *it)
{
    const size_t start = out->len;

    put_item(out, it);
    if (it->ph == 'P')
        memcpy(out->text + start, "{\"ph\":\"C\"", 9);
}

/* ---- the plain replay ---- */

static const enum trace_kind kind_of[128] = {
    ['B'] = TRACE_BEGIN, ['E'] = TRACE_END,   ['i'] = TRACE_NOTE,  ['s'] = TRACE_SEND,
    ['f'] = TRACE_RECV,  ['P'] = TRACE_POINT, ['C'] = TRACE_COUNT, ['O'] = TRACE_SNAPSHOT,
};

static int by_time(const void *a, const void *b)
{
    const struct item *x = a, *y = b;

    if (x->ns != y->ns)
        return x->ns < y->ns ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static void same_event(const struct trace *t, size_t i, const struct item *it)
{
    const struct trace_event *e = trace_event(t, i);
    char name[16], lane[32], text[32] = "";

    snprintf(name, sizeof(name), "%c%d", it->ph, it->name);
    snprintf(lane, sizeof(lane), "lane %d", it->lane);
    if (it->ph == 'i')
        snprintf(text, sizeof(text), "text %d", it->number);
    if (it->ph == 's')
        snprintf(text, sizeof(text), "message %zu", it->order);
    assert_int_equal(e->ts_ns, it->ns);
    assert_int_equal(e->kind, kind_of[(int)it->ph]);
    assert_string_equal(trace_lane_name(t, e->lane), lane);
    if (it->ph != 'E')
        assert_string_equal(trace_word(t, e->name), name);
    if (it->ph != 'f')
        assert_string_equal(trace_event_text(t, i), text);
    if (it->ph == 'B')
        assert_int_equal(e->cat, it->cat);
    if (it->ph == 'O') {
        char caption[32];
        snprintf(caption, sizeof(caption), "state %zu", it->order);
        assert_string_equal(trace_snapshot((struct trace *)t, trace_snapshot_at(t, i))->name,
                            caption);
    }
}

/* The arrow of a receive is the newest of its id that has not arrived. */
static void same_arrows(const struct trace *t, const struct item *items, size_t n)
{
    bool *arrived = x_array(n, sizeof(*arrived));

    for (size_t i = 0; i < n; i++) {
        size_t sent = TRACE_NONE;
        if (items[i].ph != 'f')
            continue;
        for (size_t k = 0; k < i; k++)
            if (items[k].ph == 's' && items[k].id == items[i].id && !arrived[k])
                sent = k;
        const size_t arrow = trace_arrow_of(t, i);
        assert_int_equal(arrow == TRACE_NONE, sent == TRACE_NONE);
        if (sent == TRACE_NONE)
            continue;
        arrived[sent] = true;
        assert_int_equal(trace_arrow(t, arrow).send, sent);
        assert_int_equal(trace_arrow(t, arrow).recv, i);
    }
    free(arrived);
}

static size_t index_of_counter(const struct trace *t, int name)
{
    char word[16];

    snprintf(word, sizeof(word), "C%d", name);
    for (size_t c = 0; c < trace_counters(t); c++)
        if (strcmp(trace_word(t, trace_counter_name(t, c)), word) == 0)
            return c;
    fail_msg("no counter %s", word);
    return 0;
}

static const struct trace_point *newest_point(const struct trace *t, size_t i, int plot, int series)
{
    char p_name[16], s_name[16];

    snprintf(p_name, sizeof(p_name), "P%d", plot);
    snprintf(s_name, sizeof(s_name), "s%d", series);
    for (size_t p = 0; p < trace_plots(t); p++) {
        if (strcmp(trace_word(t, trace_plot_name(t, p)), p_name) != 0)
            continue;
        for (size_t s = 0; s < trace_series(t, p); s++) {
            size_t n;
            if (strcmp(trace_word(t, trace_series_name(t, p, s)), s_name) != 0)
                continue;
            const struct trace_point *points = trace_points(t, p, s, i, &n);
            return n > 0 ? &points[n - 1] : NULL;
        }
    }
    return NULL;
}

static void same_values(const struct trace *t, const struct item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (items[i].ph == 'C') {
            assert_true(trace_counter_at(t, index_of_counter(t, items[i].name), i) == items[i].x);
        } else if (items[i].ph == 'P') {
            const struct trace_point *p = newest_point(t, i, items[i].name, items[i].cat);
            assert_non_null(p);
            assert_true(p->event == i && p->x == items[i].x && p->y == items[i].y);
        }
    }
}

static void assert_is(const struct trace *t, struct item *items, size_t n)
{
    qsort(items, n, sizeof(*items), by_time);
    assert_int_equal(trace_count(t), n);
    for (size_t i = 0; i < n; i++)
        same_event(t, i, &items[i]);
    same_arrows(t, items, n);
    same_values(t, items, n);
}

/* ---- ways to come ---- */

/* Feeds the items as they stand, in pieces of random size, settling now and then. */
static struct trace *feed(struct dice *d, const struct item *items, size_t n, size_t settle_every)
{
    struct trace *t = trace_new();
    struct buf out = {0};

    for (size_t i = 0; i < n; i++)
        put_line(&out, &items[i]);
    for (size_t at = 0; at < out.len;) {
        const size_t piece = size_min(1 + roll(d, 400), out.len - at);
        trace_feed(t, out.text + at, piece);
        at += piece;
        if (settle_every > 0 && roll(d, settle_every) == 0)
            trace_settle(t);
    }
    trace_settle(t);
    buf_release(&out);
    return t;
}

/* Each item moves by at most `most` places. */
static void disturb(struct dice *d, struct item *items, size_t n, size_t most)
{
    for (size_t i = 0; i + 1 < n; i++) {
        const size_t k = i + roll(d, size_min(most, n - 1 - i) + 1);
        const struct item it = items[i];
        items[i] = items[k];
        items[k] = it;
    }
}

static const struct recipe recipes[] = {
    {300, 3, 20, 5000, "BEBEifsPCO"}, /* some of everything */
    {300, 2, 3, 0, "BEBEifsPCO"},     /* many at one time */
    {400, 1, 1, 900, "BBE"},          /* deep */
    {300, 2, 4, 900, "BEEsff"},       /* more seconds than firsts */
    {400, 1, 1, 40, "BE"},            /* begins and ends only */
    {3000, 1, 1, 300, "BE"},          /* several blocks of them, and levels of blocks */
    {2000, 2, 40, 100, "sfsfi"},
    {100, 2, 10, 2000000000, "BEBEifsC"}, /* seconds apart */
};

static void the_model_is_what_a_plain_replay_says(void **unused)
{
    (void)unused;
    for (size_t k = 0; k < ARRAY_LEN(recipes); k++) {
        for (uint64_t seed = 1; seed <= (recipes[k].n > 1000 ? 2 : 12); seed++) {
            struct dice d = {seed * 77 + k + 1};
            struct item *items = roll_items(&d, &recipes[k]);
            struct trace *t = feed(&d, items, recipes[k].n, seed % 3 ? seed % 3 * 20 : 0);
            assert_int_equal(trace_health(t)->bad_lines, 0);
            assert_int_equal(trace_health(t)->late, 0);
            assert_is(t, items, recipes[k].n);
            check_model(t, seed);
            trace_free(t);
            free(items);
        }
    }
}

static void the_order_of_arrival_matters_only_at_one_time(void **unused)
{
    (void)unused;
    static const size_t distances[] = {1, 3, 30, 10000};

    for (size_t k = 0; k < ARRAY_LEN(recipes); k++) {
        for (size_t far = 0; far < ARRAY_LEN(distances); far++) {
            struct dice d = {1000 * far + k + 1};
            struct item *items = roll_items(&d, &recipes[k]);
            disturb(&d, items, recipes[k].n, distances[far]);
            for (size_t i = 0; i < recipes[k].n; i++)
                items[i].order = i; /* those at one time stay as they came */
            struct trace *t = feed(&d, items, recipes[k].n, far % 2 ? 2 : 9);
            assert_int_equal(trace_health(t)->late, 0);
            assert_is(t, items, recipes[k].n);
            check_model(t, far);
            trace_free(t);
            free(items);
        }
    }
}

/* Complete spans that nest, in any order: each is a span of its own name and length. */
static void complete_spans_nest_in_any_order(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct dice d = {seed};
        struct item items[64];
        size_t n = 1;
        items[0] = (struct item){.ph = 'X', .ns = 1000, .dur_ns = 1 << 12};
        while (n < ARRAY_LEN(items)) { /* a half of one that is there, perhaps as long */
            const struct item *in = &items[roll(&d, n)];
            const int64_t half = in->dur_ns / 2;
            const bool second = roll(&d, 2);
            bool taken = half == 0;
            for (size_t i = 0; i < n; i++)
                taken |= items[i].dur_ns == half && items[i].ns == in->ns + second * half;
            if (taken)
                continue;
            items[n] = (struct item){
                .ph = 'X', .ns = in->ns + second * half, .dur_ns = half, .name = (int)n};
            n++;
        }
        disturb(&d, items, n, n);
        struct trace *t = feed(&d, items, n, seed % 2 ? 3 : 0);
        assert_int_equal(trace_count(t), 2 * n);
        assert_int_equal(trace_health(t)->unbalanced, 0);
        for (size_t i = 0; i < n; i++) {
            struct trace_span spans[TRACE_MAX_DEPTH];
            char name[16];
            snprintf(name, sizeof(name), "X%d", items[i].name);
            const size_t begin = trace_find(t, TRACE_BEGIN, name, 1);
            assert_int_not_equal(begin, TRACE_NONE);
            const size_t depth = trace_stack(t, 0, begin, spans, ARRAY_LEN(spans));
            assert_int_equal(spans[depth - 1].begin, begin);
            assert_int_equal(spans[depth - 1].begin_ns, items[i].ns);
            assert_int_equal(spans[depth - 1].end_ns, items[i].ns + items[i].dur_ns);
        }
        check_model(t, seed);
        trace_free(t);
    }
}

/* What comes too late is put at the earliest place that is allowed, and everything still holds. */
static void late_events_stand_as_early_as_they_may(void **unused)
{
    (void)unused;
    enum { SETTLED = 65536 };
    struct buf out = {0};
    struct trace *t = trace_new();
    struct item it = {.ph = 'i'};

    for (size_t i = 0; i < SETTLED + 100; i++) {
        it.ns = 1000 + 10 * (int64_t)i;
        it.number = (int)(i % 1000);
        put_line(&out, &it);
    }
    trace_feed(t, out.text, out.len);
    trace_settle(t);
    buf_clear(&out);
    it = (struct item){.ph = 'i', .ns = 1000 + 10 * 100 - 5, .name = 1};
    put_line(&out, &it); /* before the last SETTLED: in time */
    trace_feed(t, out.text, out.len);
    trace_settle(t);
    assert_int_equal(trace_health(t)->late, 0);
    assert_int_equal(trace_find(t, TRACE_NOTE, "i1", 1), 100);
    buf_clear(&out);
    it = (struct item){.ph = 'i', .ns = 7, .name = 2};
    put_line(&out, &it);
    it.ns = 5;
    put_line(&out, &it);
    trace_feed(t, out.text, out.len);
    trace_settle(t);
    assert_int_equal(trace_health(t)->late, 2);
    const size_t first = trace_find(t, TRACE_NOTE, "i2", 1);
    assert_int_equal(first, 101);
    assert_int_equal(trace_find(t, TRACE_NOTE, "i2", 2), 102);
    assert_int_equal(trace_event(t, first)->ts_ns, trace_event(t, first - 1)->ts_ns);
    assert_int_equal(trace_count(t), SETTLED + 103);
    check_events(t);
    trace_free(t);
    buf_release(&out);
}

/* A file is settled once and may be in any order. */
static void a_large_trace_upside_down_is_put_in_order(void **unused)
{
    (void)unused;
    enum { MANY = 200000 };
    struct buf out = {0};
    struct trace *t = trace_new();

    for (size_t i = MANY; i > 0; i--) {
        const struct item it = {.ph = i % 2 ? 'B' : 'E', .ns = (int64_t)i, .cat = (int)(i / 2 % 6)};
        put_line(&out, &it);
    }
    trace_feed(t, out.text, out.len);
    trace_settle(t);
    assert_int_equal(trace_count(t), MANY);
    assert_int_equal(trace_health(t)->unbalanced, 0);
    assert_int_equal(trace_health(t)->late, 0);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(trace_event(t, i)->ts_ns, i + 1);
    struct replay all;
    struct dice d = {1};
    replay_all(&all, t);
    for (int k = 0; k < 3; k++)
        check_cells_of(&all, 0, (int64_t)roll(&d, MANY / 2), MANY / 2 + (int64_t)roll(&d, MANY), 4);
    replay_free(&all);
    trace_free(t);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_model_is_what_a_plain_replay_says),
        cmocka_unit_test(the_order_of_arrival_matters_only_at_one_time),
        cmocka_unit_test(complete_spans_nest_in_any_order),
        cmocka_unit_test(late_events_stand_as_early_as_they_may),
        cmocka_unit_test(a_large_trace_upside_down_is_put_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
