/*
 * feed.c: the life of a trace, and its lines out of bytes that come in any pieces. See trace.h.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/impl.h"

enum {
    MAX_WORD_BYTES = 8 << 20,
    MAX_FLOW_BYTES = 32 << 20,
};

void *make_room(void *items, size_t *cap, size_t n, size_t size)
{
    if (n <= *cap)
        return items;
    *cap = size_max(n, grown(*cap));
    return x_resize(items, *cap, size);
}

struct trace *trace_new(void)
{
    struct trace *t = x_array(1, sizeof(*t));

    strings_init(&t->words, TRACE_MAX_WORDS, MAX_WORD_BYTES);
    strings_init(&t->texts, TRACE_MAX_EVENTS + 1, TRACE_MAX_TEXTS);
    strings_init(&t->lane_keys, TRACE_MAX_LANES, SIZE_MAX);
    strings_init(&t->flow_keys, TRACE_MAX_EVENTS, MAX_FLOW_BYTES);
    strings_intern(&t->words, "", 0);
    strings_intern(&t->words, "...", 3);
    strings_intern(&t->texts, "", 0);
    t->last_lane = NONE;
    for (size_t i = 0; i < SNAPSHOTS_KEPT; i++)
        t->graphs[i].text = NONE;
    return t;
}

static void lane_release(struct lane *l)
{
    list_release(&l->edges);
    list_release(&l->notes);
    list_release(&l->rest);
    free(l->cats);
    free(l->marks);
    for (size_t i = 0; i < LANE_LEVELS; i++)
        free(l->peaks[i].at);
}

static void release_order(struct trace *t)
{
    for (size_t i = 0; i < t->n_lanes; i++)
        lane_release(&t->lanes[i]);
    for (size_t i = 0; i < TRACE_KINDS; i++)
        list_release(&t->kinds[i]);
    for (size_t i = 0; i < t->n_named; i++)
        list_release(&t->named[i]);
    for (size_t i = 0; i < t->n_plots; i++)
        for (size_t k = 0; k < t->plots[i].n; k++)
            free(t->plots[i].series[k].points);
    for (size_t i = 0; i < t->n_counters; i++)
        list_release(&t->counters[i].events);
    graphs_release(t);
    free(t->events);
    free(t->lanes);
    free(t->spans);
    free(t->depths);
    free(t->deep);
    free(t->arrows);
    list_release(&t->arrived);
    free(t->named);
    free(t->named_at);
    free(t->plots);
}

void trace_free(struct trace *t)
{
    if (!t)
        return;
    release_order(t);
    for (size_t i = 0; i < t->n_verdicts; i++)
        verdict_release(&t->verdicts[i]);
    strings_release(&t->words);
    strings_release(&t->texts);
    strings_release(&t->lane_keys);
    strings_release(&t->flow_keys);
    buf_release(&t->line);
    buf_release(&t->clean);
    free(t->flows);
    free(t->values);
    free(t->durations);
    free(t->pending);
    free(t);
}

const struct trace_health *trace_health(const struct trace *t)
{
    return &t->health;
}

/* ---- lines ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool read_line(struct trace *t, const char *s, size_t n)
{
    struct line l;
    struct cJSON *root = NULL;

    if (line_scan(s, n, &l))
        return take_line(t, &l);
    const bool sound = line_parse(s, n, &l, &root) && take_line(t, &l);
    cJSON_Delete(root);
    return sound;
}

static void count_line(struct trace *t, const char *s, size_t n)
{
    size_t len = n;

    while (len > 0 && is_blank(s[len - 1]))
        len--;
    if (n == 0 || (len == 1 && (s[0] == '[' || s[0] == ']')))
        return;
    if (len > 1 && s[len - 1] == ',')
        len--;
    if (read_line(t, s, len))
        t->health.events++;
    else
        t->health.bad_lines++;
}

/* A piece of a line that is not all there yet, or whose beginning came earlier. */
static void gather(struct trace *t, const char *bytes, size_t n)
{
    if (t->skip_to_next)
        return;
    if (t->line.len + n <= MAX_LINE) {
        buf_add(&t->line, bytes, n);
        return;
    }
    t->skip_to_next = true;
    t->health.bad_lines++;
    buf_clear(&t->line);
}

void trace_feed(struct trace *t, const char *bytes, size_t n)
{
    while (n > 0) {
        const char *nl = memchr(bytes, '\n', n);
        const size_t piece = nl ? (size_t)(nl - bytes) : n;
        const bool whole = nl && t->line.len == 0 && !t->skip_to_next && piece <= MAX_LINE;
        if (whole)
            count_line(t, bytes, piece);
        else
            gather(t, bytes, piece);
        if (!nl)
            return;
        if (!whole && !t->skip_to_next)
            count_line(t, t->line.text, t->line.len);
        t->skip_to_next = false;
        buf_clear(&t->line);
        bytes = nl + 1;
        n -= piece + 1;
    }
}

/* ---- files ---- */

enum { PIECE = 64 * 1024 };

static bool feed_file(struct trace *t, int fd, const char *path, struct err *e)
{
    char piece[PIECE];
    ssize_t n;

    while ((n = read(fd, piece, sizeof(piece))) != 0) {
        if (n > 0)
            trace_feed(t, piece, (size_t)n);
        else if (errno != EINTR)
            return err_sys(e, "%s: cannot read", path);
    }
    trace_feed(t, "\n", 1); /* the last line may lack its own */
    trace_settle(t);
    if (trace_count(t) > 0)
        return true;
    return err_set(
        e, "%s: holds no event of a trace (`systutor demo run NAME --trace FILE` writes one)",
        path);
}

static int open_file(const char *path, struct err *e)
{
    /* O_NONBLOCK: opening a FIFO without a writer must not hang the tutor. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0) {
        err_sys(e, "%s: cannot open", path);
        return -1;
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    err_set(e, "%s: not a regular file", path);
    close(fd);
    return -1;
}

struct trace *trace_load(const char *path, struct err *e)
{
    const int fd = open_file(path, e);

    if (fd < 0)
        return NULL;
    struct trace *t = trace_new();
    const bool ok = feed_file(t, fd, path, e);
    close(fd);
    if (ok)
        return t;
    trace_free(t);
    return NULL;
}
