/*
 * graph.c: snapshots, read from their line when they are asked for. What is not of the right type
 * is left out: a node without an id, an edge to no node. See trace.h.
 */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "trace/impl.h"

/* One graph while it is read. */
struct reading {
    struct arena *mem;
    struct buf clean;
    const struct trace_node *nodes;
    size_t *by_id; /* the nodes, sorted by id, the earlier first */
    size_t n_nodes;
};

static const char *keep(struct reading *r, struct slice raw)
{
    const struct slice clean = clean_text(&r->clean, raw, TRACE_MAX_WORD, false);

    return arena_strndup(r->mem, clean.s, clean.n);
}

static const char *keep_string(struct reading *r, const char *s)
{
    return keep(r, (struct slice){s, strlen(s)});
}

/* The items of an array, 0 if it is none. */
static size_t count_items(const cJSON *list)
{
    return cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
}

/* ---- nodes ---- */

/* "key=value key=value"; a word without = is a key. */
static void read_fields(struct reading *r, const char *all, struct trace_node *node)
{
    size_t most = 1;

    for (const char *p = all; *p; p++)
        most += *p == ' ';
    struct trace_field *fields = arena_array(r->mem, most, sizeof(*fields));
    node->fields = fields;
    for (const char *p = all; *p;) {
        const size_t n = strcspn(p, " ");
        const size_t key = size_min(strcspn(p, "="), n);
        const size_t value = size_min(key + 1, n);
        if (n > 0)
            fields[node->n_fields++] = (struct trace_field){
                .key = keep(r, (struct slice){p, key}),
                .value = keep(r, (struct slice){p + value, n - value}),
            };
        p += n + (p[n] == ' ');
    }
}

static void read_nodes(struct reading *r, const cJSON *list, struct trace_graph *g)
{
    struct trace_node *nodes = arena_array(r->mem, count_items(list), sizeof(*nodes));
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        const char *id = string_of(item, "id");
        const char *label = string_of(item, "label");
        const char *fields = string_of(item, "fields");
        if (!id)
            continue;
        struct trace_node *node = &nodes[g->n_nodes++];
        node->id = keep_string(r, id);
        node->label = label ? keep_string(r, label) : node->id;
        read_fields(r, fields ? fields : "", node);
    }
    g->nodes = r->nodes = nodes;
    r->n_nodes = g->n_nodes;
}

static int compare_nodes(const void *a, const void *b, void *nodes)
{
    const size_t i = *(const size_t *)a;
    const size_t k = *(const size_t *)b;
    const struct trace_node *all = nodes;
    const int order = strcmp(all[i].id, all[k].id);

    return order ? order : (i > k) - (i < k);
}

static void sort_nodes(struct reading *r, struct trace_node *nodes)
{
    r->by_id = arena_array(r->mem, r->n_nodes, sizeof(*r->by_id));
    for (size_t i = 0; i < r->n_nodes; i++)
        r->by_id[i] = i;
    if (r->n_nodes > 1)
        qsort_r(r->by_id, r->n_nodes, sizeof(*r->by_id), compare_nodes, nodes);
}

/* The first node of this id; false if there is none. */
static bool find_node(struct reading *r, const char *raw_id, size_t *node)
{
    size_t lo = 0;
    size_t hi = r->n_nodes;

    if (!raw_id)
        return false;
    const struct slice clean =
        clean_text(&r->clean, (struct slice){raw_id, strlen(raw_id)}, TRACE_MAX_WORD, false);
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const char *id = r->nodes[r->by_id[mid]].id;
        if (strncmp(id, clean.s, clean.n) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == r->n_nodes)
        return false;
    *node = r->by_id[lo];
    const char *id = r->nodes[*node].id;
    return strlen(id) == clean.n && memcmp(id, clean.s, clean.n) == 0;
}

/* ---- edges and lists ---- */

static void read_edges(struct reading *r, const cJSON *list, struct trace_graph *g)
{
    struct trace_edge *edges = arena_array(r->mem, count_items(list), sizeof(*edges));
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        const char *label = string_of(item, "label");
        struct trace_edge *edge = &edges[g->n_edges];
        if (!find_node(r, string_of(item, "from"), &edge->from) ||
            !find_node(r, string_of(item, "to"), &edge->to))
            continue;
        edge->label = label ? keep_string(r, label) : "";
        g->n_edges++;
    }
    g->edges = edges;
}

static void read_ids(struct reading *r, const cJSON *ids, struct trace_list *list)
{
    size_t *nodes = arena_array(r->mem, count_items(ids), sizeof(*nodes));
    const cJSON *id;

    cJSON_ArrayForEach(id, ids)
    {
        if (find_node(r, cJSON_GetStringValue(id), &nodes[list->n]))
            list->n++;
    }
    list->nodes = nodes;
}

static void read_lists(struct reading *r, const cJSON *all, struct trace_graph *g)
{
    struct trace_list *lists = arena_array(r->mem, count_items(all), sizeof(*lists));
    const cJSON *item;

    cJSON_ArrayForEach(item, all)
    {
        const char *name = string_of(item, "name");
        const cJSON *ids = cJSON_GetObjectItemCaseSensitive(item, "ids");
        if (!name || !cJSON_IsArray(ids))
            continue;
        struct trace_list *list = &lists[g->n_lists++];
        list->name = keep_string(r, name);
        read_ids(r, ids, list);
    }
    g->lists = lists;
}

/* ---- graphs ---- */

static const cJSON *array_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsArray(item) ? item : NULL;
}

static void read_graph(struct kept_graph *k, const char *line, size_t n)
{
    cJSON *root = cJSON_ParseWithLength(line, n);
    const cJSON *snapshot = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(root, "args"), "snapshot");
    const char *name = string_of(snapshot, "name");
    struct reading r = {.mem = &k->mem};

    if (!name)
        name = string_of(root, "name");
    k->graph = (struct trace_graph){
        .name = name ? keep_string(&r, name) : "",
        .cut = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(snapshot, "cut")),
    };
    read_nodes(&r, array_of(snapshot, "nodes"), &k->graph);
    sort_nodes(&r, (struct trace_node *)k->graph.nodes);
    read_edges(&r, array_of(snapshot, "edges"), &k->graph);
    read_lists(&r, array_of(snapshot, "lists"), &k->graph);
    buf_release(&r.clean);
    cJSON_Delete(root);
}

/* The place of this line's graph, or the one asked for longest ago. */
static struct kept_graph *place_for(struct trace *t, uint32_t text)
{
    struct kept_graph *oldest = &t->graphs[0];

    for (size_t i = 0; i < SNAPSHOTS_KEPT; i++) {
        if (t->graphs[i].text == text)
            return &t->graphs[i];
        if (t->graphs[i].used < oldest->used)
            oldest = &t->graphs[i];
    }
    return oldest;
}

const struct trace_graph *trace_snapshot(struct trace *t, size_t k)
{
    if (k >= trace_snapshots(t))
        BUG("snapshot %zu of %zu", k, trace_snapshots(t));
    const uint32_t event = t->kinds[TRACE_SNAPSHOT].at[k];
    const uint32_t text = t->events[event].ref;
    struct kept_graph *place = place_for(t, text);
    if (place->text != text) {
        arena_free(&place->mem);
        read_graph(place, strings_get(&t->texts, text), strings_len(&t->texts, text));
        place->text = text;
    }
    place->used = ++t->graph_clock;
    place->graph.event = event;
    return &place->graph;
}

void graphs_release(struct trace *t)
{
    for (size_t i = 0; i < SNAPSHOTS_KEPT; i++)
        arena_free(&t->graphs[i].mem);
}
