/*
 * cmd_trace.c: `trace FILE [FILE]`: a run that was kept with `demo run --trace`. On a terminal main
 * opens the trace screen; here are its events as lines, for a pipe or a screen reader, and a
 * summary for programs.
 *
 * A line is: time, lane, kind, name, text, tabs between; time in ms.
 * --json: {"title", "events", "end_ms", "lanes": [name], "counters": {name: last value},
 * "verdicts": [{"claim", "result", "measured", "rule"}], "thinned", "bad_lines", "unbalanced"}.
 */
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
        printf("%.6f\t%s\t%s\t%s\t", (double)e->ts_ns / 1e6, trace_lane_name(t, e->lane),
               kind_name(e), trace_word(t, e->name));
        print_text(trace_event_text(t, i));
        putchar('\n');
    }
}

static void print_summary(const struct trace *t)
{
    cJSON *root = json_out_new();
    const struct trace_health *h = trace_health(t);
    size_t n;
    const struct trace_verdict *verdicts = trace_verdicts(t, &n);

    json_out_string(root, "title", trace_title(t));
    json_out_number(root, "events", (double)trace_count(t));
    json_out_number(root, "end_ms", (double)trace_end_ns(t) / 1e6);
    cJSON *lanes = json_out_array(root, "lanes");
    for (unsigned i = 0; i < trace_lanes(t); i++)
        json_out_string(lanes, NULL, trace_lane_name(t, i));
    cJSON *counters = json_out_object(root, "counters");
    for (size_t i = 0; i < trace_counters(t); i++)
        json_out_number(counters, trace_word(t, trace_counter_name(t, i)),
                        trace_counter_at(t, i, trace_count(t) - 1));
    cJSON *list = json_out_array(root, "verdicts");
    for (size_t i = 0; i < n; i++) {
        cJSON *o = json_out_object(list, NULL);
        json_out_string(o, "claim", verdicts[i].claim);
        json_out_string(o, "result", trace_result_name(verdicts[i].result));
        json_out_string(o, "measured", verdicts[i].measured);
        json_out_string(o, "rule", verdicts[i].rule);
    }
    json_out_number(root, "thinned", (double)h->thinned);
    json_out_number(root, "bad_lines", (double)h->bad_lines);
    json_out_number(root, "unbalanced", (double)h->unbalanced);
    json_out_print(root);
}

static int run(struct app *app, int argc, char **argv)
{
    bool json = false, plain = false;
    const struct cmd_option options[] = {{"--json", &json, NULL}, {"--plain", &plain, NULL}};
    struct err e;

    (void)app;
    if (!cmd_options(&trace_command, &argc, argv, options, ARRAY_LEN(options)))
        return 2;
    if (argc < 2)
        return cmd_usage(&trace_command, "needs a file that `demo run --trace` has written");
    if (argc > 2)
        return cmd_usage(&trace_command, "compares two files on a terminal only");
    struct trace *t = trace_load(argv[1], &e);
    if (!t)
        return cmd_fail("%s", e.text);
    if (json)
        print_summary(t);
    else
        print_events(t);
    trace_free(t);
    return 0;
}

const struct command trace_command = {
    .name = "trace",
    .usage = "trace FILE [FILE]\n"
             "trace [--plain | --json] FILE",
    .summary = "Look at a run kept by `demo run --trace`, or at two beside each other.",
    .run = run,
};
