/*
 * trace.c: reads the trace of a demo line by line. See trace.h.
 */
#include "trace.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "utf8.h"

enum {
    MAX_LINE = 64 * 1024, /* bytes; a longer line is bad */
    MAX_VERDICTS = 64,
    MAX_WORDS = 300, /* bytes of any string that is kept */
};

struct trace {
    struct buf line;   /* the piece of a line that has come so far */
    bool skip_to_next; /* the line is too long: drop it up to its newline */
    struct trace_verdict verdicts[MAX_VERDICTS];
    size_t n_verdicts;
    size_t events, bad;
};

struct trace *trace_new(void)
{
    return x_array(1, sizeof(struct trace));
}

static void verdict_release(struct trace_verdict *v)
{
    free(v->claim);
    free(v->measured);
    free(v->rule);
    *v = (struct trace_verdict){0};
}

void trace_free(struct trace *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->n_verdicts; i++)
        verdict_release(&t->verdicts[i]);
    buf_release(&t->line);
    free(t);
}

const char *trace_result_name(enum trace_result r)
{
    static const char *const names[] = {
        [TRACE_FAIL] = "fail", [TRACE_PASS] = "pass", [TRACE_INCONCLUSIVE] = "inconclusive"};

    return names[r];
}

/* Made harmless, and cut between characters. */
static char *clean_words(const char *s)
{
    const size_t len = strlen(s);
    size_t n = size_min(len, MAX_WORDS);
    struct buf out = {0};

    while (n < len && n > MAX_WORDS - 3 && (s[n] & 0xc0) == 0x80)
        n--;
    utf8_clean(&out, s, n, false);
    return buf_take(&out);
}

static bool result_parse(const char *name, enum trace_result *r)
{
    for (int i = TRACE_FAIL; i <= TRACE_INCONCLUSIVE; i++) {
        if (strcmp(name, trace_result_name((enum trace_result)i)) == 0) {
            *r = (enum trace_result)i;
            return true;
        }
    }
    return false;
}

static const char *string_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* A number with its unit, or a word; false if args holds neither. */
static bool read_measured(const cJSON *args, struct trace_verdict *v)
{
    const cJSON *measured = cJSON_GetObjectItemCaseSensitive(args, "measured");
    const char *unit = string_of(args, "unit");

    if (cJSON_IsString(measured)) {
        v->measured = clean_words(measured->valuestring);
        return true;
    }
    if (!cJSON_IsNumber(measured) || !isfinite(measured->valuedouble))
        return false;
    v->is_number = true;
    v->number = measured->valuedouble;
    /* Four digits are enough for a ratio; a count is shown as it is, not as 2.193e+05. */
    const double size = fabs(v->number);
    const bool count = size < 1e15 && (v->number == floor(v->number) || size >= 1000);
    char *text = xasprintf(count ? "%.0f%s%.40s" : "%.4g%s%.40s", v->number,
                           unit && unit[0] ? " " : "", unit ? unit : "");
    v->measured = clean_words(text);
    free(text);
    return true;
}

/* Takes v over; false if there are too many. */
static bool keep_verdict(struct trace *t, struct trace_verdict *v)
{
    for (size_t i = 0; i < t->n_verdicts; i++) {
        if (strcmp(t->verdicts[i].claim, v->claim) == 0) {
            verdict_release(&t->verdicts[i]);
            t->verdicts[i] = *v;
            return true;
        }
    }
    if (t->n_verdicts < MAX_VERDICTS) {
        t->verdicts[t->n_verdicts++] = *v;
        return true;
    }
    verdict_release(v);
    return false;
}

static bool read_verdict(struct trace *t, const cJSON *event)
{
    const cJSON *args = cJSON_GetObjectItemCaseSensitive(event, "args");
    const char *claim = string_of(event, "name");
    const char *result = string_of(args, "result");
    const char *rule = string_of(args, "rule");
    struct trace_verdict v = {0};

    if (!claim || !result || !rule || !result_parse(result, &v.result) || !read_measured(args, &v))
        return false;
    v.claim = clean_words(claim);
    v.rule = clean_words(rule);
    return keep_verdict(t, &v);
}

static bool read_event(struct trace *t, const cJSON *event)
{
    const char *ph = string_of(event, "ph");
    const char *cat = string_of(event, "cat");

    if (!ph || !ph[0] || !strchr("MBEXisfCO", ph[0]) || ph[1])
        return false;
    if (ph[0] == 'i' && cat && strcmp(cat, "verdict") == 0)
        return read_verdict(t, event);
    return true;
}

static void read_line(struct trace *t, const char *line, size_t n)
{
    const char *end = line;

    if (n == 0)
        return;
    cJSON *event = cJSON_ParseWithLengthOpts(line, n, &end, false);
    end += strspn(end, " \t\r"); /* the line ends with a NUL */
    if (cJSON_IsObject(event) && end == line + n && read_event(t, event))
        t->events++;
    else
        t->bad++;
    cJSON_Delete(event);
}

void trace_feed(struct trace *t, const char *bytes, size_t n)
{
    while (n > 0) {
        const char *nl = memchr(bytes, '\n', n);
        const size_t piece = nl ? (size_t)(nl - bytes) : n;
        if (!t->skip_to_next && t->line.len + piece <= MAX_LINE) {
            buf_add(&t->line, bytes, piece);
        } else if (!t->skip_to_next) {
            t->skip_to_next = true;
            t->bad++;
            buf_clear(&t->line);
        }
        if (!nl)
            return;
        if (!t->skip_to_next)
            read_line(t, buf_text(&t->line), t->line.len);
        t->skip_to_next = false;
        buf_clear(&t->line);
        bytes = nl + 1;
        n -= piece + 1;
    }
}

const struct trace_verdict *trace_verdicts(const struct trace *t, size_t *n)
{
    *n = t->n_verdicts;
    return t->verdicts;
}

const struct trace_verdict *trace_verdict(const struct trace *t, const char *claim)
{
    for (size_t i = 0; i < t->n_verdicts; i++)
        if (strcmp(t->verdicts[i].claim, claim) == 0)
            return &t->verdicts[i];
    return NULL;
}

size_t trace_events(const struct trace *t)
{
    return t->events;
}

size_t trace_bad_lines(const struct trace *t)
{
    return t->bad;
}
