/*
 * split.c: a lesson's file into pages, at its top-level "# headings".
 *
 * The tree knows which headings are at the top level and where their text is; the rest of this
 * file finds the line around it. See markdown.h.
 */
#include <stdlib.h>
#include <string.h>

#include "markdown/node.h"

static size_t line_start(const char *text, size_t at)
{
    while (at > 0 && text[at - 1] != '\n' && text[at - 1] != '\r')
        at--;
    return at;
}

static size_t line_number(const char *text, size_t at)
{
    size_t line = 1;

    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n');
    return line;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Whether the level-1 heading whose text is at byte `at` is written with '#' and not underlined
 * with
 * '='; only the former starts a page. */
static bool is_hashed(const char *text, size_t n, size_t at)
{
    const size_t start = line_start(text, at);
    const size_t hash = start + strspn(text + start, " ");

    return text[hash] == '#' && (hash + 1 == n || is_blank(text[hash + 1]));
}

static void add_page(struct md_page **pages, size_t *n_pages, const struct node *heading,
                     size_t start)
{
    struct buf title = {0};

    node_words(heading, &title);
    *pages = x_resize(*pages, *n_pages + 1, sizeof(**pages));
    (*pages)[(*n_pages)++] = (struct md_page){.title = buf_take(&title), .start = start};
}

/* text must be what doc was made of. */
static bool find_pages(const struct md_doc *doc, const char *text, size_t n, struct md_page **pages,
                       size_t *n_pages, struct err *e)
{
    size_t last = 0; /* where the page before starts */

    for (const struct node *node = doc->root.first; node; node = node->next) {
        if (node->kind != NODE_HEADING || node->u.heading.level != 1)
            continue;
        if (!node->u.heading.found)
            return err_set(e, "a \"# heading\" below line %zu has no text; give the page a title",
                           line_number(text, last));
        const size_t at = node->u.heading.source;
        if (!is_hashed(text, n, at))
            continue;
        last = line_start(text, at);
        add_page(pages, n_pages, node, last);
    }
    return true;
}

static bool starts_with_heading(const char *text, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        if (!is_blank(text[i]))
            return err_set(e, "line %zu: text before the first \"# heading\"; move it below one",
                           line_number(text, i));
    }
    return true;
}

bool md_split(const char *text, size_t n, struct md_page **pages, size_t *n_pages, struct err *e)
{
    const size_t bom = bom_len(text, n);
    bool ok = false;

    *pages = NULL;
    *n_pages = 0;
    struct md_doc *doc = md_new(text + bom, n - bom);
    if (doc->plain)
        err_set(e, "too complex to be split into pages; make the file shorter");
    else if (find_pages(doc, text + bom, n - bom, pages, n_pages, e))
        ok = starts_with_heading(text + bom, *n_pages > 0 ? (*pages)[0].start : n - bom, e);
    md_free(doc);
    if (!ok) {
        md_pages_free(*pages, *n_pages);
        *pages = NULL;
        *n_pages = 0;
        return false;
    }
    for (size_t i = 0; i < *n_pages; i++) {
        struct md_page *page = &(*pages)[i];
        page->start += bom;
        page->end = i + 1 < *n_pages ? (*pages)[i + 1].start + bom : n;
    }
    return true;
}

void md_pages_free(struct md_page *pages, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(pages[i].title);
    free(pages);
}
