/*
 * cmd_trace.c: `trace FILE [FILE]`: a run that was kept with `demo run --trace`, or two compared.
 * On a terminal main opens the trace screen; here are its events as lines, for a pipe or a screen
 * reader, and a summary for programs.
 *
 * A line is: time in ms, lane, kind, name, text; of two runs: counter, its last value in each. Tabs
 * between.
 * --json: {"runs": [{"title", "events", "end_ms", "lanes": [name], "counters": {name: last value},
 * "verdicts": [{"claim", "result", "measured", "rule"}], "thinned", "bad_lines", "unbalanced"}]}.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "cmd_args.h"
#include "json_out.h"
#include "trace.h"

static const char *kind_name(const struct trace_event *e)
{
    static const char *const kinds[TRACE_KINDS] = {
        [TRACE_BEGIN] = "begin",     [TRACE_END] = "end",     [TRACE_NOTE] = "note",
        [TRACE_VERDICT] = "verdict", [TRACE_SEND] = "send",   [TRACE_RECV] = "receive",
        [TRACE_POINT] = "point",     [TRACE_COUNT] = "count", [TRACE_SNAPSHOT] = "snapshot",
    };
    static const char *const cats[TRACE_CATS] = {
        [TRACE_RUN] = "run",     [TRACE_READY] = "ready", [TRACE_BLOCK] = "block",
        [TRACE_SLEEP] = "sleep", [TRACE_CALL] = "call",   [TRACE_HOLD] = "hold",
    };

    return e->kind == TRACE_BEGIN ? cats[e->cat] : kinds[e->kind];
}

/* Further lines of a text are folded into the first: an event is a line. */
static void print_text(const char *words)
{
    for (; *words; words++)
        fputs(*words == '\n' ? " | " : (const char[]){*words, '\0'}, stdout);
}

static void print_events(const struct trace *t)
{
    for (size_t i = 0; i < trace_count(t); i++) {
        const struct trace_event *e = trace_event(t, i);
        printf("%" PRId64 ".%06d\t%s\t%s\t%s\t", e->ts_ns / 1000000, (int)(e->ts_ns % 1000000),
               trace_lane_name(t, e->lane), kind_name(e), trace_word(t, e->name));
        print_text(trace_event_text(t, i));
        double values[2];
        const size_t n = trace_event_values(t, i, values);
        for (size_t k = 0; k < n; k++)
            printf("%s%.15g", k == 0 ? "" : " ", values[k]);
        putchar('\n');
    }
}

/* ---- two runs ---- */

/* Its last value; false if the run does not count that. */
static bool counter_last(const struct trace *t, const char *name, double *value)
{
    for (size_t i = 0; i < trace_counters(t); i++) {
        if (strcmp(trace_word(t, trace_counter_name(t, i)), name) != 0)
            continue;
        *value = trace_counter_at(t, i, trace_count(t) - 1);
        return true;
    }
    return false;
}

static void print_value(const struct trace *t, const char *name)
{
    double value;

    if (counter_last(t, name, &value))
        printf("\t%.15g", value);
    else
        fputs("\t-", stdout);
}

static void print_counter(const struct trace *a, const struct trace *b, const char *name)
{
    fputs(name, stdout);
    print_value(a, name);
    print_value(b, name);
    putchar('\n');
}

/* What both have counted, side by side, and how long they took. */
static void print_both(const struct trace *a, const struct trace *b)
{
    double unused;

    printf("end_ms\t%.6f\t%.6f\n", (double)trace_end_ns(a) / 1e6, (double)trace_end_ns(b) / 1e6);
    for (size_t i = 0; i < trace_counters(a); i++)
        print_counter(a, b, trace_word(a, trace_counter_name(a, i)));
    for (size_t i = 0; i < trace_counters(b); i++) {
        const char *name = trace_word(b, trace_counter_name(b, i));
        if (!counter_last(a, name, &unused))
            print_counter(a, b, name);
    }
}

/* ---- as JSON ---- */

static void add_verdicts(cJSON *o, const struct trace *t)
{
    size_t n;
    const struct trace_verdict *verdicts = trace_verdicts(t, &n);
    cJSON *list = json_out_array(o, "verdicts");

    for (size_t i = 0; i < n; i++) {
        cJSON *v = json_out_object(list, NULL);
        json_out_string(v, "claim", verdicts[i].claim);
        json_out_string(v, "result", trace_result_name(verdicts[i].result));
        json_out_string(v, "measured", verdicts[i].measured);
        json_out_string(v, "rule", verdicts[i].rule);
    }
}

static void add_run(cJSON *list, const struct trace *t)
{
    const struct trace_health *h = trace_health(t);
    cJSON *o = json_out_object(list, NULL);

    json_out_string(o, "title", trace_title(t));
    json_out_number(o, "events", (double)trace_count(t));
    json_out_number(o, "end_ms", (double)trace_end_ns(t) / 1e6);
    cJSON *lanes = json_out_array(o, "lanes");
    for (unsigned i = 0; i < trace_lanes(t); i++)
        json_out_string(lanes, NULL, trace_lane_name(t, i));
    cJSON *counters = json_out_object(o, "counters");
    for (size_t i = 0; i < trace_counters(t); i++)
        json_out_number(counters, trace_word(t, trace_counter_name(t, i)),
                        trace_counter_at(t, i, trace_count(t) - 1));
    add_verdicts(o, t);
    json_out_number(o, "thinned", (double)h->thinned);
    json_out_number(o, "bad_lines", (double)h->bad_lines);
    json_out_number(o, "unbalanced", (double)h->unbalanced);
}

/* ---- the command ---- */

enum { MAX_FILES = 2 };

static void print(struct trace *const *t, int n, bool json)
{
    if (!json) {
        if (n == 1)
            print_events(t[0]);
        else
            print_both(t[0], t[1]);
        return;
    }
    cJSON *root = json_out_new();
    cJSON *runs = json_out_array(root, "runs");
    for (int i = 0; i < n; i++)
        add_run(runs, t[i]);
    json_out_print(root);
}

static int run(struct app *app, int argc, char **argv)
{
    bool json = false, plain = false;
    const struct cmd_option options[] = {{"--json", &json, NULL}, {"--plain", &plain, NULL}};
    struct trace *t[MAX_FILES] = {NULL};
    struct err e;
    int n = 0;

    (void)app;
    if (!cmd_options(&trace_command, &argc, argv, options, ARRAY_LEN(options)))
        return 2;
    if (argc < 2 || argc > MAX_FILES + 1)
        return cmd_usage(&trace_command,
                         "needs a file that `demo run --trace` has written, or two");
    while (n < argc - 1 && (t[n] = trace_load(argv[n + 1], &e)))
        n++;
    const bool ok = n == argc - 1;
    if (ok)
        print(t, n, json);
    for (int i = 0; i < n; i++)
        trace_free(t[i]);
    return ok ? 0 : cmd_fail("%s", e.text);
}

const struct command trace_command = {
    .name = "trace",
    .usage = "trace FILE [FILE] [--plain | --json]",
    .summary = "Look at a run kept by `demo run --trace`, or at two beside each other.",
    .run = run,
};
