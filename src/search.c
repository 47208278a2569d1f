/*
 * search.c: words looked up in all lessons. See search.h.
 *
 * What is loaded is a flat list of lines with where they stand. A query walks the list: with 36
 * lessons that is some 5,000 lines, which is far below a frame.
 */
#include "search.h"

#include <stdlib.h>
#include <string.h>

#include "markdown.h"
#include "utf8.h"

struct line {
    struct search_hit hit;
    char *folded;
};

struct search {
    const struct content *content;
    size_t next; /* the lesson to load next */
    struct line *lines;
    size_t n, cap;
    struct arena mem;
    struct search_hit *hits; /* of the last query */
    enum lang lang;          /* the lines are of this language */
};

const char *search_kind_name(enum search_kind k)
{
    static const char *const names[] = {[SEARCH_LESSON] = "lesson",
                                        [SEARCH_PAGE] = "page",
                                        [SEARCH_DEMO] = "demo",
                                        [SEARCH_CLAIM] = "claim",
                                        [SEARCH_QUESTION] = "question"};

    return names[k];
}

struct search *search_new(const struct content *c)
{
    struct search *s = x_array(1, sizeof(*s));

    s->content = c;
    s->lang = text_lang();
    return s;
}

static void forget(struct search *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->lines[i].folded);
    free(s->lines);
    s->lines = NULL;
    s->n = s->cap = s->next = 0;
    arena_free(&s->mem);
}

void search_free(struct search *s)
{
    if (!s)
        return;
    forget(s);
    free(s->hits);
    free(s);
}

/* ---- loading ---- */

static void add_line(struct search *s, struct search_hit hit, const char *words, size_t n)
{
    if (n == 0)
        return;
    if (s->n == s->cap) {
        s->cap = size_max(256, s->cap * 2);
        s->lines = x_resize(s->lines, s->cap, sizeof(*s->lines));
    }
    hit.line = arena_strndup(&s->mem, words, n);
    s->lines[s->n++] = (struct line){.hit = hit, .folded = utf8_fold(hit.line)};
}

static void add_words(struct search *s, struct search_hit hit, const char *words)
{
    while (*words) {
        const size_t n = strcspn(words, "\n");
        add_line(s, hit, words, n);
        words += n + (words[n] == '\n');
    }
}

static void add_page(struct search *s, struct search_hit hit, const char *md)
{
    struct md_doc *doc = md_new(md, strlen(md));
    char *plain = md_plain(doc);

    add_words(s, hit, plain);
    free(plain);
    md_free(doc);
}

static void add_lesson(struct search *s, const struct lesson *l)
{
    struct search_hit hit = {.kind = SEARCH_LESSON, .name = ""};

    hit.lesson = arena_strdup(&s->mem, l->slug);
    for (int i = 0; i < LANG_COUNT; i++)
        hit.title.in[i] = arena_strdup(&s->mem, l->title.in[i]);
    add_words(s, hit, text_of(&hit.title));
    add_words(s, hit, text_of(&l->objective));
    for (size_t i = 0; i < l->n_demos; i++) {
        hit.kind = SEARCH_DEMO;
        hit.name = arena_strdup(&s->mem, l->demos[i].name);
        char *words = xasprintf("%s: %s", hit.name, text_of(&l->demos[i].summary));
        add_words(s, hit, words);
        free(words);
    }
    hit.name = "";
    for (size_t i = 0; i < l->n_pages; i++) {
        hit.kind = SEARCH_PAGE;
        hit.page = (int)i;
        add_page(s, hit, text_of(&l->pages[i].md));
    }
    for (size_t i = 0; i < l->n_claims; i++) {
        hit.kind = SEARCH_CLAIM;
        hit.name = arena_strdup(&s->mem, l->claims[i].id);
        hit.page = lesson_claim_page(l, l->claims[i].id);
        add_words(s, hit, text_of(&l->claims[i].text));
    }
    hit.page = 0;
    for (size_t i = 0; i < l->n_questions; i++) {
        hit.kind = SEARCH_QUESTION;
        hit.name = arena_strdup(&s->mem, l->questions[i].id);
        add_words(s, hit, text_of(&l->questions[i].text));
    }
}

bool search_load_step(struct search *s)
{
    size_t n;
    const struct lesson_info *all = content_lessons(s->content, &n);

    if (s->lang != text_lang()) { /* all over again in the other language */
        forget(s);
        s->lang = text_lang();
    }
    if (s->next >= n)
        return false;
    struct lesson *l = all[s->next].broken ? NULL : lesson_load(&all[s->next], NULL);
    s->next++;
    if (l)
        add_lesson(s, l);
    lesson_free(l);
    return s->next < n;
}

/* ---- finding ---- */

/* Whether folded has every word of the folded query (words are parted by single spaces). */
static bool has_all_words(const char *folded, const char *query)
{
    char word[128];

    while (*query) {
        const size_t n = strcspn(query, " ");
        if (n >= sizeof(word))
            return false;
        memcpy(word, query, n);
        word[n] = '\0';
        if (!strstr(folded, word))
            return false;
        query += n + (query[n] == ' ');
    }
    return true;
}

/* Lessons by their titles and objectives come first: they are what is looked for most. */
static void add_hits(struct search *s, const char *query, bool lessons, size_t max, size_t *n)
{
    for (size_t i = 0; i < s->n && *n < max; i++) {
        const struct line *l = &s->lines[i];
        if ((l->hit.kind == SEARCH_LESSON) != lessons)
            continue;
        if (has_all_words(l->folded, query) || (l->hit.name[0] && strcmp(l->hit.name, query) == 0))
            s->hits[(*n)++] = l->hit;
    }
}

const struct search_hit *search_find(struct search *s, const char *query, size_t max, size_t *n)
{
    char *folded = utf8_fold(query);

    *n = 0;
    free(s->hits);
    s->hits = x_array(max, sizeof(*s->hits));
    if (folded[0]) {
        add_hits(s, folded, true, max, n);
        add_hits(s, folded, false, max, n);
    }
    free(folded);
    return s->hits;
}
