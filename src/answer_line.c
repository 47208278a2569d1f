/*
 * answer_line.c: a typed line as the answer to a question. See answer_line.h.
 */
#include "answer_line.h"

#include <stdlib.h>
#include <string.h>

#include "quiz.h"
#include "utf8.h"

/* The ideographic comma, which folding leaves alone, separates in Chinese as a comma does. */
static const char ideographic_comma[] = "\xe3\x80\x81";

/* Place named by the character, 0 and up; n_options or more if it names none. */
static size_t place_of(char c)
{
    if (c >= '1' && c <= '9')
        return (size_t)(c - '1');
    if (c >= 'a' && c <= 'z')
        return (size_t)(c - 'a');
    return CONTENT_MAX_CHOICES;
}

/* Places in the order they were typed, each of them once; their number, -1 if the line is no such
 * list. */
static int parse_places(const char *line, size_t n_options, size_t *places)
{
    const size_t comma = sizeof(ideographic_comma) - 1;
    bool seen[CONTENT_MAX_CHOICES] = {false};
    char *folded = utf8_fold(line);
    int n = 0;

    for (const char *at = folded; *at && n >= 0; at++) {
        if (strchr(" ,;.", *at))
            continue;
        if (strncmp(at, ideographic_comma, comma) == 0) {
            at += comma - 1;
            continue;
        }
        const size_t place = place_of(*at);
        if (place >= n_options || seen[place]) {
            n = -1;
            break;
        }
        seen[place] = true;
        places[n++] = place;
    }
    free(folded);
    return n;
}

static int compare_sizes(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

static bool parse_choices(const struct question *q, const size_t *perm, const char *line,
                          struct buf *out)
{
    size_t places[CONTENT_MAX_CHOICES], indexes[CONTENT_MAX_CHOICES];
    const int n = parse_places(line, q->n_options, places);

    if (n <= 0)
        return false;
    for (int i = 0; i < n; i++)
        indexes[i] = perm[places[i]];
    if (q->kind == Q_MULTI)
        qsort(indexes, (size_t)n, sizeof(*indexes), compare_sizes);
    for (int i = 0; i < n; i++)
        buf_printf(out, "%s%zu", i ? "," : "", indexes[i]);
    return true;
}

bool answer_line_parse(const struct question *q, const size_t *perm, const char *line,
                       struct buf *out)
{
    const bool is_list = question_is_list(q);

    if (is_list && !parse_choices(q, perm, line, out))
        return false;
    if (!is_list)
        buf_puts(out, line);
    return quiz_response_valid(q, buf_text(out), NULL);
}
