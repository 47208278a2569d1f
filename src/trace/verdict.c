/*
 * verdict.c: what a demo says about its claims. The table owns its strings. See trace.h.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trace/impl.h"

const char *trace_result_name(enum trace_result r)
{
    static const char *const names[] = {
        [TRACE_FAIL] = "fail", [TRACE_PASS] = "pass", [TRACE_INCONCLUSIVE] = "inconclusive"};

    return names[r];
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

static char *clean_words(struct slice raw)
{
    struct buf scratch = {0};
    const struct slice clean = clean_text(&scratch, raw, TRACE_MAX_WORD, false);
    char *words = xstrndup(clean.s, clean.n);

    buf_release(&scratch);
    return words;
}

static char *clean_string(const char *s)
{
    return clean_words((struct slice){s, strlen(s)});
}

/* A number with its unit, or a word; false if args holds neither. */
static bool read_measured(const cJSON *args, struct trace_verdict *v)
{
    const cJSON *measured = cJSON_GetObjectItemCaseSensitive(args, "measured");
    const char *unit = string_of(args, "unit");

    if (cJSON_IsString(measured)) {
        v->measured = clean_string(measured->valuestring);
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
    v->measured = clean_string(text);
    free(text);
    return true;
}

bool verdict_read(struct slice claim, const struct cJSON *args, struct trace_verdict *v)
{
    const char *result = string_of(args, "result");
    const char *rule = string_of(args, "rule");

    *v = (struct trace_verdict){0};
    if (!claim.s || !result || !rule || !result_parse(result, &v->result) ||
        !read_measured(args, v))
        return false;
    v->claim = clean_words(claim);
    v->rule = clean_string(rule);
    return true;
}

void verdict_release(struct trace_verdict *v)
{
    free(v->claim);
    free(v->measured);
    free(v->rule);
    *v = (struct trace_verdict){0};
}

bool verdict_keep(struct trace *t, struct trace_verdict *v)
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
