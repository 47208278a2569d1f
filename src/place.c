/*
 * place.c: "PATH:LINE:COLUMN". Read from the right, as a path may hold colons. See place.h.
 */
#include "place.h"

enum { MAX_DIGITS = 9 }; /* what surely fits an int */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Cuts ":123" off the end of s, if there is something before it. */
static bool cut_number(const char *s, size_t *n, int *number)
{
    size_t at = *n;
    int v = 0, tens = 1;

    while (at > 0 && is_digit(s[at - 1]) && *n - at < MAX_DIGITS) {
        v += (s[--at] - '0') * tens;
        tens = *n - at < MAX_DIGITS ? tens * 10 : tens;
    }
    if (at == *n || at < 2 || s[at - 1] != ':')
        return false;
    *number = v;
    *n = at - 1;
    return true;
}

bool place_read(const char *s, size_t n, struct place *p)
{
    int first;

    *p = (struct place){0};
    if (!cut_number(s, &n, &p->line))
        return false;
    if (cut_number(s, &n, &first)) {
        p->column = p->line;
        p->line = first;
    }
    p->path = n;
    return true;
}
