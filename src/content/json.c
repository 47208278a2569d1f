/*
 * json.c: cursors over a cJSON tree that report with path and field. See json.h.
 *
 * cJSON is lenient and terse: it lets NUL, bad UTF-8, repeated members and infinities through and
 * does not say what was wrong. A scan before the parse (scan_text) and the accessors make up.
 */
#include "content/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"

/* cJSON frees recursively and stops parsing at 1000 levels; lessons need 7. */
enum {
    MAX_DEPTH = 64,
    MAX_UNKNOWN = 20, /* unknown fields of one object that are reported */
};

_Static_assert(MAX_DEPTH < CJSON_NESTING_LIMIT, "the scan must refuse what cJSON would");

/* ---- places and findings ---- */

static void add_key(struct buf *out, const char *key)
{
    const bool plain = key[strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789_-$")] == '\0';

    if (plain && *key) {
        buf_printf(out, "%s%.60s", out->len > 0 ? "." : "", key);
        return;
    }
    char clean[SHOWN_MAX];
    buf_printf(out, "[\"%s\"]", shown(clean, key));
}

static void add_place(struct buf *out, const struct json *j)
{
    if (!j->up)
        return;
    add_place(out, j->up);
    if (j->key)
        add_key(out, j->key);
    else
        buf_printf(out, "[%zu]", j->at);
}

static void report(const struct json *j, enum weight w, const char *words)
{
    struct buf place = {0};

    add_place(&place, j);
    findings_put(j->doc->found, w, j->doc->shown, buf_text(&place), words);
    buf_release(&place);
}

void json_bad(const struct json *j, const char *fmt, ...)
{
    char words[FINDING_MAX];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    report(j, FATAL, words);
}

void json_lint(const struct json *j, const char *fmt, ...)
{
    char words[FINDING_MAX];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    report(j, LINT, words);
}

/* ---- parsing ---- */

/* Reports against the place in the text: "line 3, column 14", both from 1, columns in
 * characters. */
static bool bad_text(const struct json_doc *doc, const char *text, size_t at, const char *words)
{
    size_t line = 1, column = 1;
    char place[64];

    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
            column++;
        }
    }
    snprintf(place, sizeof(place), "line %zu, column %zu", line, column);
    findings_add(doc->found, FATAL, doc->shown, place, "%s", words);
    return false;
}

static const char *control_words(const char *text, size_t at, bool in_string)
{
    const unsigned char c = (unsigned char)text[at];

    if (c >= 0x80)
        return "not UTF-8, or a control character";
    if (in_string)
        return "a control character in a string, write it as \\n or \\t";
    return "a control character";
}

/* What cJSON would let through or not explain. */
static bool scan_text(const struct json_doc *doc, const char *text, size_t n)
{
    bool in_string = false;
    int depth = 0;
    const size_t bad = text_bad_at(text, n, true);

    for (size_t i = 0; i < n; i++) {
        const char c = text[i];
        if (i == bad)
            return bad_text(doc, text, i, control_words(text, i, in_string));
        if (in_string && (c == '\n' || c == '\t' || c == '\r'))
            return bad_text(doc, text, i, control_words(text, i, true));
        if (in_string && c == '\\' && n - i > 5 && memcmp(text + i, "\\u0000", 6) == 0)
            return bad_text(doc, text, i, "a NUL character in a string");
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '[') && ++depth > MAX_DEPTH)
            return bad_text(doc, text, i, "nested too deep");
        else if (!in_string && (c == '}' || c == ']'))
            depth--;
    }
    return true;
}

bool json_parse(struct json_doc *doc, const char *text, size_t n)
{
    const char *end = NULL;

    doc->root = NULL;
    if (!scan_text(doc, text, n))
        return false;
    doc->root = cJSON_ParseWithLengthOpts(text, n + 1, &end, true);
    if (doc->root)
        return true;
    const size_t at = end >= text ? size_min((size_t)(end - text), n) : 0;
    return bad_text(doc, text, at, "not valid JSON");
}

bool json_read(struct json_doc *doc, const char *path)
{
    struct buf bytes = {0};
    struct err e;

    doc->root = NULL;
    bool ok = buf_read_file(&bytes, path, CONTENT_MAX_FILE, &e);
    if (!ok)
        findings_add(doc->found, FATAL, doc->shown, "", "%s", err_reason(&e, path));
    else
        ok = json_parse(doc, buf_text(&bytes), bytes.len);
    buf_release(&bytes);
    return ok;
}

void json_free(struct json_doc *doc)
{
    cJSON_Delete(doc->root);
    doc->root = NULL;
}

struct json json_root(const struct json_doc *doc)
{
    return (struct json){.doc = doc, .node = doc->root};
}

/* ---- objects ---- */

static size_t count_words(const char *const *words)
{
    size_t n = 0;

    while (words[n])
        n++;
    return n;
}

static int index_of(const char *const *words, const char *word)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

static void add_words(struct buf *out, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        buf_printf(out, "%s%s", i > 0 ? ", " : "", words[i]);
}

static void report_unknown(const struct json *member, const char *const *fields)
{
    const char *near = nearest_word(member->key, fields, count_words(fields));
    struct buf all = {0};

    if (near) {
        json_bad(member, "unknown field, did you mean \"%s\"", near);
        return;
    }
    add_words(&all, fields);
    json_bad(member, "unknown field, known here: %s", buf_text(&all));
    buf_release(&all);
}

bool json_object(const struct json *j, const char *const *fields)
{
    uint64_t seen = 0;
    int unknown = 0;

    if (!j->node)
        return false;
    if (!cJSON_IsObject(j->node)) {
        json_bad(j, "needs to be an object");
        return false;
    }
    if (!fields)
        return true;
    if (count_words(fields) > 64)
        BUG("more than 64 fields");
    for (const cJSON *m = j->node->child; m && unknown < MAX_UNKNOWN; m = m->next) {
        const struct json member = {.doc = j->doc, .up = j, .key = m->string, .node = m};
        const int i = index_of(fields, m->string);
        if (i < 0) {
            report_unknown(&member, fields);
            unknown++;
        } else if (seen & (UINT64_C(1) << i)) {
            json_bad(&member, "given twice");
        } else {
            seen |= UINT64_C(1) << i;
        }
    }
    return true;
}

static struct json find_member(const struct json *j, const char *key)
{
    struct json m = {.doc = j->doc, .up = j, .key = key};

    if (!cJSON_IsObject(j->node))
        return m;
    for (const cJSON *c = j->node->child; c; c = c->next)
        if (strcmp(c->string, key) == 0) {
            m.node = c;
            return m;
        }
    return m;
}

struct json json_may(const struct json *j, const char *key)
{
    return find_member(j, key);
}

struct json json_must(const struct json *j, const char *key)
{
    const struct json m = find_member(j, key);

    if (!m.node && j->node)
        json_bad(&m, "missing");
    return m;
}

/* ---- lists and maps ---- */

static struct json counted(struct json j, bool right_type, const char *type, size_t min, size_t max)
{
    if (!j.node)
        return j;
    if (!right_type) {
        json_bad(&j, "needs to be %s", type);
        j.node = NULL;
        return j;
    }
    size_t n = 0;
    for (const cJSON *c = j.node->child; c; c = c->next)
        n++;
    if (n < min && min == max)
        json_bad(&j, "needs %zu, has %zu", min, n);
    else if (n < min || n > max)
        json_bad(&j, "needs %zu to %zu, has %zu", min, max, n);
    j.n = size_min(n, max);
    return j;
}

struct json json_list(struct json j, size_t min, size_t max)
{
    return counted(j, cJSON_IsArray(j.node), "a list", min, max);
}

/* Whether a member before m has the same name. */
static bool is_repeated(const cJSON *map, const cJSON *m)
{
    for (const cJSON *c = map->child; c != m; c = c->next)
        if (strcmp(c->string, m->string) == 0)
            return true;
    return false;
}

struct json json_map(struct json j, size_t max)
{
    const struct json map = counted(j, cJSON_IsObject(j.node), "an object", 0, max);

    for (struct json i = json_first(&map); i.node; i = json_next(&i)) {
        const char *name = i.node->string;
        if (is_repeated(map.node, i.node))
            json_bad(&i, "given twice");
        if (text_bad_at(name, strlen(name), false) < strlen(name))
            json_bad(&i, "a control character in the name");
    }
    return map;
}

static struct json nth(const struct json *list, const cJSON *node, size_t at)
{
    const bool in_map = cJSON_IsObject(list->node);

    return (struct json){
        .doc = list->doc,
        .up = list,
        .key = node && in_map ? node->string : NULL,
        .at = at,
        .node = node,
    };
}

struct json json_first(const struct json *list)
{
    return nth(list, list->node && list->n > 0 ? list->node->child : NULL, 0);
}

struct json json_next(const struct json *item)
{
    const bool more = item->at + 1 < item->up->n;

    return nth(item->up, more ? item->node->next : NULL, item->at + 1);
}

/* ---- values ---- */

bool json_is_number(const struct json *j)
{
    return cJSON_IsNumber(j->node);
}

bool json_is_string(const struct json *j)
{
    return cJSON_IsString(j->node);
}

bool json_is_null(const struct json *j)
{
    return cJSON_IsNull(j->node);
}

const char *json_text(struct json j, size_t max)
{
    if (!j.node)
        return "";
    if (!cJSON_IsString(j.node)) {
        json_bad(&j, "needs to be a string");
        return "";
    }
    const char *s = j.node->valuestring;
    const size_t n = strlen(s);
    if (n > max) {
        json_bad(&j, "longer than %zu bytes", max);
        return "";
    }
    if (text_bad_at(s, n, false) < n) {
        json_bad(&j, "a control character in the string");
        return "";
    }
    if (s[strspn(s, " \t\n")] == '\0')
        json_lint(&j, "empty");
    return arena_strdup(j.doc->mem, s);
}

bool id_valid(const char *id)
{
    size_t n = 0;

    while ((id[n] >= 'a' && id[n] <= 'z') || (id[n] >= '0' && id[n] <= '9') || id[n] == '-')
        n++;
    return n > 0 && n <= CONTENT_MAX_SLUG && id[n] == '\0';
}

const char *json_id(struct json j)
{
    const bool bad = j.node && cJSON_IsString(j.node) && !id_valid(j.node->valuestring);

    if (!bad)
        return json_text(j, CONTENT_MAX_SLUG);
    char clean[SHOWN_MAX];
    json_bad(&j, "\"%s\" is no id: needs 1 to %d of a-z, 0-9 and -",
             shown(clean, j.node->valuestring), CONTENT_MAX_SLUG);
    return "";
}

double json_number(struct json j, double otherwise)
{
    if (!j.node)
        return otherwise;
    if (!cJSON_IsNumber(j.node)) {
        json_bad(&j, "needs to be a number");
        return otherwise;
    }
    if (!isfinite(j.node->valuedouble)) {
        json_bad(&j, "out of range");
        return otherwise;
    }
    return j.node->valuedouble;
}

long json_whole(struct json j, long min, long max, long otherwise)
{
    if (!j.node)
        return otherwise;
    const double v = cJSON_IsNumber(j.node) ? j.node->valuedouble : NAN;
    if (v >= (double)min && v <= (double)max && v == floor(v))
        return (long)v;
    json_bad(&j, "needs to be a whole number from %ld to %ld", min, max);
    return otherwise;
}

bool json_bool(struct json j, bool otherwise)
{
    if (!j.node)
        return otherwise;
    if (cJSON_IsBool(j.node))
        return cJSON_IsTrue(j.node);
    json_bad(&j, "needs to be true or false");
    return otherwise;
}

int json_word(struct json j, const char *const *words)
{
    struct buf all = {0};

    if (!j.node)
        return -1;
    const int i = cJSON_IsString(j.node) ? index_of(words, j.node->valuestring) : -1;
    if (i >= 0)
        return i;
    add_words(&all, words);
    json_bad(&j, "needs to be one of: %s", buf_text(&all));
    buf_release(&all);
    return -1;
}

/* ---- both languages ---- */

struct bitext json_both(struct json j, size_t max)
{
    static const char *const FIELDS[] = {"en", "zh", NULL};
    struct bitext both = {{"", ""}};

    if (!j.node)
        return both;
    if (cJSON_IsString(j.node)) {
        both.in[LANG_EN] = both.in[LANG_ZH] = json_text(j, max);
        return both;
    }
    if (!cJSON_IsObject(j.node)) {
        json_bad(&j, "needs to be a string or {\"en\": ..., \"zh\": ...}");
        return both;
    }
    json_object(&j, FIELDS);
    const struct json en = json_may(&j, "en"), zh = json_may(&j, "zh");
    if (!en.node && !zh.node)
        json_bad(&j, "has neither en nor zh");
    else if (!en.node || !zh.node)
        json_lint(en.node ? &zh : &en, "missing translation");
    both.in[LANG_EN] = json_text(en.node ? en : zh, max);
    both.in[LANG_ZH] = zh.node && en.node ? json_text(zh, max) : both.in[LANG_EN];
    return both;
}

/* At least three words of two ASCII letters and more: no identifier, number or line of code. */
static bool looks_like_prose(const char *s)
{
    int words = 0;

    while (*s) {
        const size_t n = strcspn(s, " ");
        const size_t letters = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        words += n > 1 && letters + 1 >= n;
        s += n;
        s += strspn(s, " ");
    }
    return words >= 3;
}

struct bitext json_prose(struct json j, size_t max)
{
    const struct bitext both = json_both(j, max);
    const bool same = strcmp(both.in[LANG_EN], both.in[LANG_ZH]) == 0;
    const struct json en = json_may(&j, "en"), zh = json_may(&j, "zh");
    const bool reported = cJSON_IsObject(j.node) && (!en.node || !zh.node);

    if (j.node && same && !reported && looks_like_prose(both.in[LANG_EN]))
        json_lint(&j, "not translated: the same in both languages");
    return both;
}
