/*
 * build_messages.c: what a compiler has said, as messages. See build_messages.h.
 */
#include "build_messages.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "place.h"
#include "utf8.h"

enum { MAX_TEXT = 500 }; /* bytes of a message */

const char *build_kind_name(enum build_kind k)
{
    static const char *const names[] = {"error", "warning", "note"};

    return names[k];
}

static char *clean_copy(const char *s, size_t n)
{
    struct buf clean = {0};

    utf8_clean(&clean, s, size_min(n, MAX_TEXT), false);
    return buf_take(&clean);
}

static void add(struct messages *m, enum build_kind kind, const char *where, size_t n_where,
                const char *words, size_t n)
{
    struct place p;

    if (m->n == BUILD_MAX_MESSAGES)
        return;
    if (m->n % 16 == 0)
        m->at = x_resize(m->at, m->n + 16, sizeof(*m->at));
    if (!place_read(where, n_where, &p))
        p = (struct place){0};
    m->at[m->n++] = (struct build_message){.file = clean_copy(where, p.path),
                                           .line = p.line,
                                           .column = p.column,
                                           .kind = kind,
                                           .text = clean_copy(words, n)};
}

/* Where mark stands in the n bytes at s; NULL if nowhere. */
static const char *find_mark(const char *s, size_t n, const char *mark)
{
    return memmem(s, n, mark, strlen(mark));
}

/* "PLACE: error: words", "PLACE: undefined reference to `f'", "/usr/bin/ld: cannot find -lx". Other
 * lines (a function's name, the source with a mark) tell nothing that these do not. */
static void read_message(struct messages *m, const char *s, size_t n)
{
    static const struct {
        const char *mark;
        size_t before; /* bytes of the mark that do not belong to the words */
        enum build_kind kind;
    } marks[] = {
        {": fatal error: ", 15, BUILD_ERROR},      {": error: ", 9, BUILD_ERROR},
        {": warning: ", 11, BUILD_WARNING},        {": note: ", 8, BUILD_NOTE},
        {": undefined reference", 2, BUILD_ERROR}, {"ld: cannot find", 4, BUILD_ERROR},
    };
    const char *first = NULL;
    size_t which = 0;

    if (n == 0 || *s == ' ')
        return;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        const char *at = find_mark(s, n, marks[i].mark);
        if (!at || (first && at >= first))
            continue;
        first = at;
        which = i;
    }
    if (!first)
        return;
    const char *words = first + marks[which].before;
    add(m, marks[which].kind, s, (size_t)(first - s), words, n - (size_t)(words - s));
}

void messages_read(struct messages *m, const char *said)
{
    const char *s = said;

    for (size_t n; *s; s += n + (s[n] == '\n')) {
        n = strcspn(s, "\n");
        read_message(m, s, n);
    }
}

static bool has_error(const struct messages *m)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->at[i].kind == BUILD_ERROR)
            return true;
    return false;
}

static void release_one(struct build_message *one)
{
    free(one->file);
    free(one->text);
}

/* The last one makes room, if need be. */
void messages_add_error(struct messages *m, const char *words)
{
    if (m->n == BUILD_MAX_MESSAGES)
        release_one(&m->at[--m->n]);
    add(m, BUILD_ERROR, "", 0, words, strcspn(words, "\n"));
}

void messages_explain(struct messages *m, const char *said, const char *words)
{
    const bool silent = *said == '\0' || *said == '\n';

    if (!has_error(m))
        messages_add_error(m, silent ? words : said);
}

void messages_release(struct messages *m)
{
    for (size_t i = 0; i < m->n; i++)
        release_one(&m->at[i]);
    free(m->at);
    *m = (struct messages){0};
}
