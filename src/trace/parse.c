/*
 * parse.c: any line of a trace, through cJSON. Of a name that stands twice the first counts; what
 * is not known is passed over. See impl.h.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "trace/impl.h"

/* Microseconds; in nanoseconds it leaves room for a duration as long to be added. */
static const double max_us = 4e15;
/* Whole numbers up to it are exact. */
static const double max_whole = 9007199254740992;

const char *string_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* The readers of one field: false if it is there and of the wrong type. */

static bool read_string(const cJSON *object, const char *name, struct slice *v)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    if (!item)
        return true;
    if (!cJSON_IsString(item))
        return false;
    *v = (struct slice){item->valuestring, strlen(item->valuestring)};
    return true;
}

static bool read_time(const cJSON *object, const char *name, unsigned *has, unsigned bit,
                      int64_t *ns)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    if (!item)
        return true;
    const double us = cJSON_IsNumber(item) ? item->valuedouble : -1;
    if (!(us >= 0 && us <= max_us)) /* nor NaN */
        return false;
    *has |= bit;
    *ns = llround(us * 1000);
    return true;
}

static bool read_whole(const cJSON *object, const char *name, unsigned *has, unsigned bit,
                       int64_t *v)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    if (!item)
        return true;
    if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) <= max_whole) ||
        item->valuedouble != floor(item->valuedouble))
        return false;
    *has |= bit;
    *v = (int64_t)item->valuedouble;
    return true;
}

static bool read_id(const cJSON *object, struct line *l)
{
    if (!cJSON_IsString(cJSON_GetObjectItemCaseSensitive(object, "id")))
        return read_whole(object, "id", &l->has, HAS_ID, &l->id);
    l->has |= HAS_ID;
    return read_string(object, "id", &l->id_text);
}

static bool read_value(const cJSON *object, const char *name, unsigned *has, unsigned bit,
                       double *v)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    if (!item)
        return true;
    if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble))
        return false;
    *has |= bit;
    *v = item->valuedouble;
    return true;
}

/* args of C: {value}, or {series, x, y}. */
static bool read_count(struct line *l)
{
    enum { X = 1, Y = 2 };
    unsigned both = 0;

    if (!read_value(l->args, "value", &l->has, HAS_VALUE, &l->x))
        return false;
    if (l->has & HAS_VALUE)
        return true;
    if (!read_string(l->args, "series", &l->arg) || !read_value(l->args, "x", &both, X, &l->x) ||
        !read_value(l->args, "y", &both, Y, &l->y))
        return false;
    if (l->arg.s && both == (X | Y))
        l->has |= HAS_POINT;
    return true;
}

static bool read_args(struct line *l)
{
    switch (l->ph) {
    case 'M':
        return read_string(l->args, "name", &l->arg);
    case 'i':
    case 's':
        return read_string(l->args, "text", &l->arg);
    case 'C':
        return read_count(l);
    case 'O':
        if (cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(l->args, "snapshot")))
            l->has |= HAS_SNAPSHOT;
        return true;
    default:
        return true;
    }
}

static bool read_fields(const cJSON *object, struct line *l)
{
    const char *ph = string_of(object, "ph");

    if (!ph || !ph[0] || ph[1])
        return false;
    l->ph = ph[0];
    l->args = cJSON_GetObjectItemCaseSensitive(object, "args");
    if (!read_time(object, "ts", &l->has, HAS_TS, &l->ts_ns) ||
        !read_time(object, "dur", &l->has, HAS_DUR, &l->dur_ns) ||
        !read_whole(object, "pid", &l->has, HAS_PID, &l->pid) ||
        !read_whole(object, "tid", &l->has, HAS_TID, &l->tid) ||
        !read_string(object, "name", &l->name) || !read_string(object, "cat", &l->cat) ||
        !read_id(object, l))
        return false;
    l->has |= l->name.s ? HAS_NAME : 0;
    return read_args(l);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

bool line_parse(const char *s, size_t n, struct line *l, struct cJSON **root)
{
    const char *end = s;

    *l = (struct line){.raw = {s, n}};
    *root = cJSON_ParseWithLengthOpts(s, n, &end, false);
    if (!cJSON_IsObject(*root))
        return false;
    while (end < s + n && is_blank(*end))
        end++;
    return end == s + n && read_fields(*root, l);
}
