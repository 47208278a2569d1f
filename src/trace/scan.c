/*
 * scan.c: reads the lines that demo.c writes, byte for byte of the shape it writes them in, many
 * times as fast as a JSON parser.
 *
 * It gives up on anything else, be it an escape, a blank or a number of many digits: line_parse
 * reads that line. What it does read it reads as line_parse would; the tests hold them together.
 */
#include <string.h>

#include "trace/impl.h"

enum {
    MAX_DIGITS = 15, /* so many are exact in a double */
    TS_DIGITS = 12,  /* of whole microseconds, so that nanoseconds are exact as well */
};

struct scan {
    const char *at, *end;
};

#define EAT(s, literal) eat(s, literal, sizeof(literal) - 1)

static inline bool eat(struct scan *s, const char *literal, size_t n)
{
    if ((size_t)(s->end - s->at) < n || memcmp(s->at, literal, n) != 0)
        return false;
    s->at += n;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits, 1 to max of them, behind those of *v. Returns how many, 0 for too many. */
static size_t scan_digits(struct scan *s, size_t max, int64_t *v)
{
    size_t n = 0;

    while (s->at < s->end && is_digit(*s->at)) {
        if (++n > max)
            return 0;
        *v = 10 * *v + (*s->at++ - '0');
    }
    return n;
}

static bool scan_int(struct scan *s, int64_t *v)
{
    *v = 0;
    return scan_digits(s, MAX_DIGITS, v) > 0;
}

static bool scan_ts(struct scan *s, int64_t *ns)
{
    static const int64_t scale[] = {1000, 100, 10, 1};
    size_t decimals = 0;

    *ns = 0;
    if (scan_digits(s, TS_DIGITS, ns) == 0)
        return false;
    if (EAT(s, ".") && (decimals = scan_digits(s, 3, ns)) == 0)
        return false;
    *ns *= scale[decimals];
    return true;
}

/* A number without exponent: the quotient of two exact doubles is what strtod says as well. */
static bool scan_double(struct scan *s, double *v)
{
    static const double scale[MAX_DIGITS + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const bool minus = EAT(s, "-");
    int64_t digits = 0;
    size_t decimals = 0;

    const size_t whole = scan_digits(s, MAX_DIGITS, &digits);
    if (whole == 0)
        return false;
    if (EAT(s, ".")) {
        decimals = scan_digits(s, MAX_DIGITS - whole, &digits);
        if (decimals == 0)
            return false;
    }
    const double size = (double)digits / scale[decimals];
    *v = minus ? -size : size;
    return true;
}

static bool scan_string(struct scan *s, struct slice *v)
{
    if (!EAT(s, "\""))
        return false;
    const char *p = s->at;
    while (p < s->end && *p != '"') {
        if ((unsigned char)*p < ' ' || *p == '\\')
            return false;
        p++;
    }
    if (p == s->end)
        return false;
    *v = (struct slice){s->at, (size_t)(p - s->at)};
    s->at = p + 1;
    return true;
}

/* ---- what follows the name ---- */

static bool scan_begin(struct scan *s, struct line *l)
{
    return EAT(s, ",\"cat\":") && scan_string(s, &l->cat) && EAT(s, "}");
}

static bool scan_end(struct scan *s, struct line *l)
{
    (void)l;
    return EAT(s, "}");
}

static bool scan_note(struct scan *s, struct line *l)
{
    return EAT(s, ",\"s\":\"t\",\"args\":{\"text\":") && scan_string(s, &l->arg) && EAT(s, "}}");
}

static bool scan_send(struct scan *s, struct line *l)
{
    if (!EAT(s, ",\"id\":") || !scan_int(s, &l->id))
        return false;
    l->has |= HAS_ID;
    return EAT(s, "}") ||
           (EAT(s, ",\"args\":{\"text\":") && scan_string(s, &l->arg) && EAT(s, "}}"));
}

static bool scan_recv(struct scan *s, struct line *l)
{
    l->has |= HAS_ID;
    return EAT(s, ",\"bp\":\"e\",\"id\":") && scan_int(s, &l->id) && EAT(s, "}");
}

static bool scan_count(struct scan *s, struct line *l)
{
    if (!EAT(s, ",\"args\":{"))
        return false;
    if (EAT(s, "\"value\":")) {
        l->has |= HAS_VALUE;
        return scan_double(s, &l->x) && EAT(s, "}}");
    }
    l->has |= HAS_POINT;
    return EAT(s, "\"series\":") && scan_string(s, &l->arg) && EAT(s, ",\"x\":") &&
           scan_double(s, &l->x) && EAT(s, ",\"y\":") && scan_double(s, &l->y) && EAT(s, "}}");
}

static const struct {
    char ph;
    bool named;
    bool (*rest)(struct scan *s, struct line *l);
} shapes[] = {
    {'B', true, scan_begin}, {'E', false, scan_end}, {'i', true, scan_note},
    {'s', true, scan_send},  {'f', true, scan_recv}, {'C', true, scan_count},
};

static bool scan_rest(struct scan *s, struct line *l)
{
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        if (l->ph != shapes[i].ph)
            continue;
        if (shapes[i].named && (!EAT(s, ",\"name\":") || !scan_string(s, &l->name)))
            return false;
        l->has |= shapes[i].named ? HAS_NAME : 0;
        return shapes[i].rest(s, l) && s->at == s->end;
    }
    return false;
}

bool line_scan(const char *s, size_t n, struct line *l)
{
    struct scan scan = {s, s + n};

    *l = (struct line){.has = HAS_TS | HAS_PID | HAS_TID, .raw = {s, n}};
    if (!EAT(&scan, "{\"ph\":\"") || scan.at == scan.end)
        return false;
    l->ph = *scan.at++;
    return EAT(&scan, "\",\"pid\":") && scan_int(&scan, &l->pid) && EAT(&scan, ",\"tid\":") &&
           scan_int(&scan, &l->tid) && EAT(&scan, ",\"ts\":") && scan_ts(&scan, &l->ts_ns) &&
           scan_rest(&scan, l);
}
