/*
 * trace_export.c: a run as a file. See trace_export.h.
 *
 * Lanes are threads 1 and up of process 1. What the format has no place for stands in args, where a
 * viewer shows it.
 */
#include "trace_export.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

static const char *const cats[TRACE_CATS] = {
    [TRACE_RUN] = "run",     [TRACE_READY] = "ready", [TRACE_BLOCK] = "block",
    [TRACE_SLEEP] = "sleep", [TRACE_CALL] = "call",   [TRACE_HOLD] = "hold",
};

/* The strings of a trace are clean: there is little to escape. */
static void put_string(FILE *f, const char *s)
{
    putc('"', f);
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            fprintf(f, "\\%c", *s);
        else if ((unsigned char)*s < 0x20)
            fprintf(f, "\\u%04x", (unsigned)(unsigned char)*s);
        else
            putc(*s, f);
    }
    putc('"', f);
}

/* What all events have but their args; the line is ended by the caller. */
static void put_head(FILE *f, const char *ph, unsigned lane, int64_t ts_ns, const char *name)
{
    fprintf(f, ",\n{\"ph\":\"%s\",\"pid\":1,\"tid\":%u,\"ts\":%lld.%03d", ph, lane + 1,
            (long long)ts_ns / 1000, (int)(ts_ns % 1000));
    if (name) {
        fputs(",\"name\":", f);
        put_string(f, name);
    }
}

static void put_meta(FILE *f, const char *what, unsigned lane, const char *name)
{
    put_head(f, "M", lane, 0, what);
    fputs(",\"args\":{\"name\":", f);
    put_string(f, name);
    fputs("}}", f);
}

static void put_text(FILE *f, const char *rest, const char *words)
{
    fprintf(f, "%s,\"args\":{\"text\":", rest);
    put_string(f, words);
    fputs("}}", f);
}

/* measured as the demo gave it: a number with its unit, or a word. */
static void put_verdict(FILE *f, const struct trace_verdict *v)
{
    const char *unit = v->is_number ? strchr(v->measured, ' ') : NULL;

    fprintf(f, ",\"s\":\"g\",\"cat\":\"verdict\",\"args\":{\"result\":\"%s\",\"measured\":",
            trace_result_name(v->result));
    if (v->is_number)
        fprintf(f, "%.17g,\"unit\":", v->number);
    else
        put_string(f, v->measured);
    if (v->is_number)
        put_string(f, unit ? unit + 1 : "");
    fputs(",\"rule\":", f);
    put_string(f, v->rule);
    fputs("}}", f);
}

/* A message that nobody got has no second end: viewers would pair it with another. */
static void put_arrow_end(FILE *f, const struct trace *t, size_t i, const struct trace_event *e)
{
    const size_t k = trace_arrow_of(t, i);
    const char *name = trace_word(t, e->name);

    if (k == TRACE_NONE) /* received, and never sent */
        return;
    if (trace_arrow(t, k).recv == TRACE_NONE) {
        put_head(f, "i", e->lane, e->ts_ns, name);
        put_text(f, ",\"s\":\"t\",\"cat\":\"lost\"", trace_event_text(t, i));
        return;
    }
    put_head(f, e->kind == TRACE_SEND ? "s" : "f", e->lane, e->ts_ns, name);
    fprintf(f, ",\"cat\":\"message\",\"id\":%zu%s", k + 1,
            e->kind == TRACE_SEND ? "" : ",\"bp\":\"e\"");
    if (e->kind == TRACE_SEND)
        put_text(f, "", trace_event_text(t, i));
    else
        putc('}', f);
}

/* ---- snapshots ---- */

static void add_strings(cJSON *o, const char *const *names, const char *const *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cJSON_AddStringToObject(o, names[i], values[i]);
}

static cJSON *add_object(cJSON *list)
{
    cJSON *o = cJSON_CreateObject();

    cJSON_AddItemToArray(list, o);
    return o;
}

static void add_node(cJSON *list, const struct trace_node *n)
{
    const char *const names[] = {"id", "label"}, *const values[] = {n->id, n->label};
    cJSON *o = add_object(list);
    struct buf fields = {0}; /* as a demo writes them: "key=value key=value" */

    add_strings(o, names, values, ARRAY_LEN(names));
    for (size_t i = 0; i < n->n_fields; i++)
        buf_printf(&fields, "%s%s=%s", i ? " " : "", n->fields[i].key, n->fields[i].value);
    cJSON_AddStringToObject(o, "fields", buf_text(&fields));
    buf_release(&fields);
}

static void put_snapshot(FILE *f, const struct trace_graph *g)
{
    static const char *const edge_names[] = {"from", "to", "label"};
    cJSON *root = cJSON_CreateObject();
    cJSON *nodes = cJSON_AddArrayToObject(root, "nodes");
    cJSON *edges = cJSON_AddArrayToObject(root, "edges");
    cJSON *lists = cJSON_AddArrayToObject(root, "lists");

    cJSON_AddStringToObject(root, "name", g->name);
    for (size_t i = 0; i < g->n_nodes; i++)
        add_node(nodes, &g->nodes[i]);
    for (size_t i = 0; i < g->n_edges; i++) {
        const struct trace_edge *e = &g->edges[i];
        const char *const values[] = {g->nodes[e->from].id, g->nodes[e->to].id, e->label};
        add_strings(add_object(edges), edge_names, values, ARRAY_LEN(values));
    }
    for (size_t i = 0; i < g->n_lists; i++) {
        cJSON *list = add_object(lists), *ids = cJSON_AddArrayToObject(list, "ids");
        cJSON_AddStringToObject(list, "name", g->lists[i].name);
        for (size_t k = 0; k < g->lists[i].n; k++)
            cJSON_AddItemToArray(ids, cJSON_CreateString(g->nodes[g->lists[i].nodes[k]].id));
    }
    if (g->cut)
        cJSON_AddTrueToObject(root, "cut");
    char *text = cJSON_PrintUnformatted(root);
    fprintf(f, ",\"id\":\"1\",\"args\":{\"snapshot\":%s}}", text ? text : "{}");
    cJSON_free(text);
    cJSON_Delete(root);
}

/* ---- points and counters ---- */

/* Which series of which plot the event is a point of, by its place in the order of time. */
static void put_point(FILE *f, const struct trace *t, size_t i)
{
    for (size_t plot = 0; plot < trace_plots(t); plot++) {
        for (size_t s = 0; s < trace_series(t, plot); s++) {
            size_t n;
            const struct trace_point *p = trace_points(t, plot, s, i, &n);
            if (n == 0 || p[n - 1].event != i)
                continue;
            fputs(",\"args\":{\"series\":", f);
            put_string(f, trace_word(t, trace_series_name(t, plot, s)));
            fprintf(f, ",\"x\":%.15g,\"y\":%.15g}}", p[n - 1].x, p[n - 1].y);
            return;
        }
    }
    fputs("}", f);
}

static void put_count(FILE *f, const struct trace *t, size_t i)
{
    const uint32_t name = trace_event(t, i)->name;

    for (size_t k = 0; k < trace_counters(t); k++)
        if (trace_counter_name(t, k) == name)
            fprintf(f, ",\"args\":{\"value\":%.15g}}", trace_counter_at(t, k, i));
}

/* ---- events ---- */

static void put_event(FILE *f, struct trace *t, size_t i)
{
    const struct trace_event *e = trace_event(t, i);
    const char *name = trace_word(t, e->name);

    switch ((enum trace_kind)e->kind) {
    case TRACE_BEGIN:
        put_head(f, "B", e->lane, e->ts_ns, name);
        fprintf(f, ",\"cat\":\"%s\"}", cats[e->cat]);
        return;
    case TRACE_END:
        if (!trace_ends_span(t, i))
            return;
        put_head(f, "E", e->lane, e->ts_ns, NULL);
        putc('}', f);
        return;
    case TRACE_NOTE:
        put_head(f, "i", e->lane, e->ts_ns, name);
        put_text(f, ",\"s\":\"t\"", trace_event_text(t, i));
        return;
    case TRACE_VERDICT: {
        const struct trace_verdict *v = trace_verdict(t, name);
        if (!v)
            return;
        put_head(f, "i", e->lane, e->ts_ns, name);
        put_verdict(f, v);
        return;
    }
    case TRACE_SEND:
    case TRACE_RECV:
        put_arrow_end(f, t, i, e);
        return;
    case TRACE_POINT:
        put_head(f, "C", e->lane, e->ts_ns, name);
        put_point(f, t, i);
        return;
    case TRACE_COUNT:
        put_head(f, "C", e->lane, e->ts_ns, name);
        put_count(f, t, i);
        return;
    case TRACE_SNAPSHOT:
        put_head(f, "O", e->lane, e->ts_ns, name);
        put_snapshot(f, trace_snapshot(t, trace_snapshot_at(t, i)));
        return;
    case TRACE_KINDS:
        break;
    }
    BUG("an event of kind %d", e->kind);
}

/* Innermost first, as they must. */
static void put_open_ends(FILE *f, const struct trace *t)
{
    struct trace_span spans[TRACE_MAX_DEPTH];

    for (unsigned lane = 0; lane < trace_lanes(t); lane++) {
        size_t n = trace_stack(t, lane, trace_count(t) - 1, spans, ARRAY_LEN(spans));
        for (; n > 0; n--) {
            put_head(f, "E", lane, trace_end_ns(t), NULL);
            fputs(",\"args\":{\"open\":true}}", f);
        }
    }
}

static void put_all(FILE *f, struct trace *t, const char *title)
{
    fputs("[\n{\"ph\":\"M\",\"pid\":1,\"tid\":1,\"ts\":0,\"name\":\"process_name\",\"args\":{"
          "\"name\":",
          f);
    put_string(f, title);
    fputs("}}", f);
    for (unsigned lane = 0; lane < trace_lanes(t); lane++)
        put_meta(f, "thread_name", lane, trace_lane_name(t, lane));
    for (size_t i = 0; i < trace_count(t); i++)
        put_event(f, t, i);
    if (trace_count(t) > 0)
        put_open_ends(f, t);
    fputs("\n]\n", f);
}

bool trace_export(struct trace *t, const char *title, const char *path, struct err *e)
{
    FILE *f = fopen(path, "we");

    if (!f)
        return err_sys(e, "%s: cannot write the trace", path);
    put_all(f, t, title);
    const bool written = !ferror(f);
    const bool closed = fclose(f) == 0;
    return (written && closed) || err_sys(e, "%s: cannot write the trace", path);
}
