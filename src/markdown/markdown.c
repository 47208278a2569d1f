/*
 * markdown.c: a document's life, its live blocks and its plain text. See markdown.h.
 *
 * What parse.c gives up is kept as one block of code, so that no text is lost by it.
 */
#include <stdlib.h>
#include <string.h>

#include "markdown/node.h"
#include "utf8.h"

/* The whole text as it is, as one block of code. */
static void be_plain(struct md_doc *doc, const char *s, size_t n)
{
    struct node *node;

    free(doc->live);
    arena_free(&doc->mem);
    *doc = (struct md_doc){.plain = true, .root = {.text = ""}};
    node = arena_alloc(&doc->mem, sizeof(*node));
    node->kind = NODE_CODE;
    node->parent = &doc->root;
    struct buf clean = {0};
    utf8_clean(&clean, s, n, true);
    node->len = clean.len;
    node->text = arena_strndup(&doc->mem, buf_text(&clean), clean.len);
    buf_release(&clean);
    doc->root.first = node;
    doc->root.last = node;
}

struct md_doc *md_new(const char *text, size_t n)
{
    const size_t bom = bom_len(text, n);
    struct md_doc *doc = x_array(1, sizeof(*doc));

    doc->root.text = "";
    if (!parse_document(doc, text + bom, n - bom))
        be_plain(doc, text + bom, n - bom);
    return doc;
}

void md_free(struct md_doc *doc)
{
    if (!doc)
        return;
    arena_free(&doc->mem);
    arena_free(&doc->laid_out);
    free(doc->live);
    free(doc->lines);
    free(doc);
}

const struct md_live_block *md_live(const struct md_doc *doc, size_t *n)
{
    *n = doc->n_live;
    return doc->live;
}

/* What a node and those inside it say, a line for each block and each row. parse.c bounds how
 * deep they nest, and so the recursion here. */
static void add_plain(const struct md_doc *doc, const struct node *node, struct buf *out)
{
    if (node->kind == NODE_LIVE) {
        buf_puts(out, doc->live[node->u.live].body);
    } else if (node->first) {
        for (const struct node *child = node->first; child; child = child->next)
            add_plain(doc, child, out);
    } else {
        node_words(node, out);
    }
    if (node->kind == NODE_CELL)
        buf_putc(out, ' ');
    else if (out->len > 0 && out->text[out->len - 1] != '\n')
        buf_putc(out, '\n');
}

char *md_plain(const struct md_doc *doc)
{
    struct buf out = {0};

    add_plain(doc, &doc->root, &out);
    return buf_take(&out);
}
