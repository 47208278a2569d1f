/*
 * keys.c: which lane a line is of, and which messages belong together. Both are numbered in the
 * order of their coming, through their keys. See impl.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "trace/impl.h"

static uint32_t lane_name(struct trace *t, const struct lane_key *key)
{
    char name[64];

    if (key->is_other)
        snprintf(name, sizeof(name), "lane %" PRId64 "/%" PRId64, key->pid, key->tid);
    else
        snprintf(name, sizeof(name), "lane %" PRId64, key->tid);
    return keep_word(t, (struct slice){name, strlen(name)});
}

struct lane_key key_of(struct trace *t, const struct line *l)
{
    if ((l->has & HAS_PID) && !t->has_first_pid) {
        t->has_first_pid = true;
        t->first_pid = l->pid;
    }
    const bool is_other = (l->has & HAS_PID) && l->pid != t->first_pid;
    return (struct lane_key){.is_other = is_other, .pid = is_other ? l->pid : 0, .tid = l->tid};
}

/* NONE if there are too many. */
uint32_t lane_of(struct trace *t, const struct line *l)
{
    const struct lane_key key = key_of(t, l);

    if (t->last_lane != NONE && memcmp(&key, &t->last_key, sizeof(key)) == 0)
        return t->last_lane;
    const uint32_t lane = strings_intern(&t->lane_keys, (const char *)&key, sizeof(key));
    if (lane == STRINGS_NONE)
        return NONE;
    if (lane == t->n_lanes) {
        t->lanes = make_room(t->lanes, &t->cap_lanes, t->n_lanes + 1, sizeof(*t->lanes));
        t->lanes[t->n_lanes++] = (struct lane){.name = lane_name(t, &key), .top = NONE};
    }
    t->last_key = key;
    t->last_lane = lane;
    return lane;
}

/* NULL if there are too many ids. */
struct flow *flow_of(struct trace *t, const struct line *l, uint32_t *flow)
{
    char key[1 + TRACE_MAX_WORD];
    size_t n = sizeof(l->id);

    if (l->id_text.s) {
        key[0] = 's';
        n = size_min(l->id_text.n, TRACE_MAX_WORD);
        memcpy(key + 1, l->id_text.s, n);
    } else {
        key[0] = 'n';
        memcpy(key + 1, &l->id, n);
    }
    const size_t before = t->flow_keys.n;
    *flow = strings_intern(&t->flow_keys, key, n + 1);
    if (*flow == STRINGS_NONE)
        return NULL;
    t->flows = make_room(t->flows, &t->cap_flows, t->flow_keys.n, sizeof(*t->flows));
    if (t->flow_keys.n > before)
        t->flows[*flow] = (struct flow){.newest = NONE};
    return &t->flows[*flow];
}
