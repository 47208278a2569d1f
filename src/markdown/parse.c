/*
 * parse.c: md4c's events into a tree of nodes, links into numbered sources, live fences into
 * live blocks.
 *
 * md4c does the hard part in linear time, with three exceptions that a hostile file could use;
 * each is met by giving up (the document is then shown as plain text):
 *   links in a paragraph of very many lines     lines x brackets <= MAX_LINK_WORK
 *   one long reference definition, used often   bytes of all URLs <= MAX_URL_BYTES
 *   a row is filled up to the header's width    cells <= MAX_CELLS
 */
#include <stdlib.h>
#include <string.h>

#include "markdown/node.h"
#include "utf8.h"

enum {
    MAX_BYTES = 4 * 1024 * 1024,
    MAX_LINK_WORK = 1000 * 1000 * 1000,
    MAX_URL_BYTES = 4 * 1024 * 1024,
    MAX_CELLS = 20 * 1000,
    MAX_LEVELS = 16, /* of quotes and lists; deeper ones are flattened */
    MAX_LINKS = 4,   /* open at once: an image in a link, and a little more */
    MAX_SOURCES = 999,
};

/* What a callback tells md4c; only what is negative ends it everywhere. */
enum { DONE = 0, GIVE_UP = -1 };

struct open_link {
    char *url;   /* clean; owned */
    size_t text; /* where in the leaf's text its text starts */
};

/* What is under construction while md4c runs. */
struct builder {
    struct md_doc *doc;
    struct buf source;
    bool in_aside;     /* source is the body of an aside: no live blocks there */
    struct node *here; /* the innermost open node that has children */
    struct node *leaf; /* the open node that has text, or NULL */
    unsigned levels;
    struct inline_text text; /* of the leaf */
    struct open_link links[MAX_LINKS];
    unsigned n_links; /* may be more than MAX_LINKS: those are not kept */
    bool in_fence;
    struct buf fence;            /* raw body of a code block */
    struct buf info;             /* its info string */
    size_t n_cells, n_url_bytes; /* see the limits above */
    bool gave_up;
};

static bool parse_blocks(struct builder *b, const char *text, size_t n);

static int give_up(struct builder *b)
{
    b->gave_up = true;
    return GIVE_UP;
}

static struct node *add_node(struct builder *b, enum node_kind kind)
{
    struct node *node = arena_alloc(&b->doc->mem, sizeof(*node));

    node->kind = kind;
    node->text = "";
    node->parent = b->here;
    if (b->here->last)
        b->here->last->next = node;
    else
        b->here->first = node;
    b->here->last = node;
    return node;
}

static struct node *open_node(struct builder *b, enum node_kind kind)
{
    b->here = add_node(b, kind);
    return b->here;
}

static void close_node(struct builder *b)
{
    b->here = b->here->parent;
}

static struct node *open_leaf(struct builder *b, enum node_kind kind)
{
    b->leaf = add_node(b, kind);
    return b->leaf;
}

static void close_leaf(struct builder *b)
{
    if (!b->leaf)
        return;
    inline_finish(&b->text, &b->doc->mem, b->leaf);
    b->leaf = NULL;
}

/* Items of tight lists have text without a paragraph around it. */
static void need_leaf(struct builder *b)
{
    if (!b->leaf)
        open_leaf(b, NODE_PARAGRAPH);
}

/* Attributes of md4c: pieces of text and entities. */
static void add_attribute(struct buf *out, const MD_ATTRIBUTE *a)
{
    if (!a->text)
        return;
    for (size_t i = 0; a->substr_offsets[i] < a->size; i++) {
        const char *s = a->text + a->substr_offsets[i];
        const size_t n = a->substr_offsets[i + 1] - a->substr_offsets[i];
        if (a->substr_types[i] == MD_TEXT_ENTITY)
            inline_entity(out, s, n);
        else
            buf_add(out, s, n);
    }
}

static char *clean_strndup(struct arena *mem, const char *s, size_t n, bool keep_newlines)
{
    struct buf clean = {0};

    utf8_clean(&clean, s, n, keep_newlines);
    char *copy = arena_strndup(mem, buf_text(&clean), clean.len);
    buf_release(&clean);
    return copy;
}

/* Links and sources */

/* The number of an URL, 1 and up; text names it if it is new. 0 if there are too many. */
static size_t source_number(struct md_doc *doc, const char *url, const char *text, size_t n)
{
    for (size_t i = 0; i < doc->n_sources; i++) {
        if (strcmp(doc->sources[i].url, url) == 0)
            return i + 1;
    }
    if (doc->n_sources == MAX_SOURCES)
        return 0;
    if (!doc->sources)
        doc->sources = arena_array(&doc->mem, MAX_SOURCES, sizeof(*doc->sources));
    doc->sources[doc->n_sources++] = (struct source){
        .text = arena_strndup(&doc->mem, text, n),
        .url = arena_strdup(&doc->mem, url),
    };
    return doc->n_sources;
}

static int open_link(struct builder *b, const MD_ATTRIBUTE *url)
{
    struct buf raw = {0};
    struct buf clean = {0};

    need_leaf(b);
    b->n_url_bytes += url->size;
    if (b->n_url_bytes > MAX_URL_BYTES)
        return give_up(b);
    if (b->n_links++ >= MAX_LINKS)
        return DONE;
    add_attribute(&raw, url);
    utf8_clean(&clean, buf_text(&raw), raw.len, false);
    buf_release(&raw);
    b->links[b->n_links - 1] = (struct open_link){buf_take(&clean), b->text.text.len};
    return DONE;
}

/* A link whose text is its URL (an autolink) needs no mark: there is nothing more to say. */
static void close_link(struct builder *b)
{
    if (b->n_links-- > MAX_LINKS)
        return;
    struct open_link *link = &b->links[b->n_links];
    const char *text = buf_text(&b->text.text) + link->text;
    const size_t blanks = strspn(text, " "); /* a line break of the source before the link */
    text += blanks;
    const size_t n = b->text.text.len - link->text - blanks;
    const bool autolink = strlen(link->url) == n && memcmp(link->url, text, n) == 0;
    if (link->url[0] && !autolink) {
        const size_t number = source_number(b->doc, link->url, text, n);
        if (number > 0)
            inline_add_mark(&b->text, number);
    }
    free(link->url);
    link->url = NULL;
}

/* Fences */

static const struct {
    const char *name;
    enum md_live kind;
} live_kinds[] = {
    {"demo", MD_LIVE_DEMO}, {"predict", MD_LIVE_PREDICT}, {"claim", MD_LIVE_CLAIM},
    {"quiz", MD_LIVE_QUIZ}, {"at", MD_LIVE_AT},
};

static bool is_word(const char *word, size_t n, const char *what)
{
    return strlen(what) == n && memcmp(word, what, n) == 0;
}

/* Takes the first word off *s; returns its length, 0 if there is none. */
static size_t take_word(const char **s, const char **word)
{
    *s += strspn(*s, " \t");
    *word = *s;
    const size_t n = strcspn(*s, " \t");
    *s += n;
    *s += strspn(*s, " \t");
    return n;
}

static enum md_live live_kind(const char *word, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(live_kinds); i++) {
        if (is_word(word, n, live_kinds[i].name))
            return live_kinds[i].kind;
    }
    return MD_LIVE_NONE;
}

static void add_live(struct builder *b, enum md_live kind, const char *words)
{
    struct md_doc *doc = b->doc;
    const char *name;
    const size_t n = take_word(&words, &name);

    /* A power of two is full: double. */
    if ((doc->n_live & (doc->n_live - 1)) == 0)
        doc->live = x_resize(doc->live, doc->n_live ? doc->n_live * 2 : 1, sizeof(*doc->live));
    add_node(b, NODE_LIVE)->u.live = doc->n_live;
    doc->live[doc->n_live++] = (struct md_live_block){
        .kind = kind,
        .name = clean_strndup(&doc->mem, name, n, false),
        .args = clean_strndup(&doc->mem, words, strlen(words), false),
        .body = clean_strndup(&doc->mem, buf_text(&b->fence), b->fence.len, true),
    };
}

/* The body of an aside is Markdown again; b->in_aside keeps this from going any deeper. */
static int add_aside(struct builder *b)
{
    struct builder inner = {
        .doc = b->doc,
        .in_aside = true,
        .here = add_node(b, NODE_ASIDE),
        .levels = b->levels + 1,
        .n_cells = b->n_cells,
        .n_url_bytes = b->n_url_bytes,
    };
    const bool ok = parse_blocks(&inner, buf_text(&b->fence), b->fence.len);
    b->n_cells = inner.n_cells;
    b->n_url_bytes = inner.n_url_bytes;
    return ok ? DONE : give_up(b);
}

static void add_code(struct builder *b, const char *lang, size_t n)
{
    struct node *node = add_node(b, NODE_CODE);
    struct buf clean = {0};

    utf8_clean(&clean, buf_text(&b->fence), b->fence.len, true);
    node->text = arena_strndup(&b->doc->mem, buf_text(&clean), clean.len);
    node->len = clean.len;
    node->u.code.c = is_word(lang, n, "c");
    buf_release(&clean);
}

static void open_fence(struct builder *b, const MD_BLOCK_CODE_DETAIL *d)
{
    b->in_fence = true;
    buf_clear(&b->fence);
    buf_clear(&b->info);
    if (d->fence_char)
        add_attribute(&b->info, &d->info);
}

static int close_fence(struct builder *b)
{
    const char *words = buf_text(&b->info);
    const char *first;
    const size_t n = take_word(&words, &first);
    const enum md_live kind = live_kind(first, n);

    b->in_fence = false;
    if (b->fence.len > 0 && b->fence.text[b->fence.len - 1] == '\n')
        b->fence.text[--b->fence.len] = '\0';
    if (!b->in_aside && kind != MD_LIVE_NONE)
        add_live(b, kind, words);
    else if (!b->in_aside && is_word(first, n, "aside"))
        return add_aside(b);
    else
        add_code(b, first, n);
    return DONE;
}

/* Callbacks of md4c */

static void open_list(struct builder *b, MD_BLOCKTYPE type, void *detail)
{
    if (++b->levels > MAX_LEVELS)
        return;
    struct node *node = open_node(b, NODE_LIST);
    if (type == MD_BLOCK_OL) {
        const MD_BLOCK_OL_DETAIL *ol = detail;
        node->u.list.ordered = true;
        node->u.list.tight = ol->is_tight;
        node->u.list.start = ol->start;
        node->u.list.delimiter = ol->mark_delimiter;
    } else {
        const MD_BLOCK_UL_DETAIL *ul = detail;
        node->u.list.tight = ul->is_tight;
    }
}

static int open_cell(struct builder *b, const MD_BLOCK_TD_DETAIL *d)
{
    if (++b->n_cells > MAX_CELLS)
        return give_up(b);
    open_leaf(b, NODE_CELL)->u.cell.align = d->align;
    return DONE;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct builder *b = arg;

    close_leaf(b);
    switch (type) {
    case MD_BLOCK_QUOTE:
        if (++b->levels <= MAX_LEVELS)
            open_node(b, NODE_QUOTE);
        break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        open_list(b, type, detail);
        break;
    case MD_BLOCK_LI:
        if (b->levels <= MAX_LEVELS)
            open_node(b, NODE_ITEM);
        break;
    case MD_BLOCK_HR:
        add_node(b, NODE_RULE);
        break;
    case MD_BLOCK_H:
        open_leaf(b, NODE_HEADING)->u.heading.level = ((MD_BLOCK_H_DETAIL *)detail)->level;
        break;
    case MD_BLOCK_CODE:
        open_fence(b, detail);
        break;
    case MD_BLOCK_P:
        open_leaf(b, NODE_PARAGRAPH);
        break;
    case MD_BLOCK_TABLE:
        open_node(b, NODE_TABLE);
        break;
    case MD_BLOCK_TR:
        open_node(b, NODE_ROW);
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        return open_cell(b, detail);
    case MD_BLOCK_DOC:
    case MD_BLOCK_HTML: /* not reported: MD_FLAG_NOHTML */
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY:
        break;
    }
    return DONE;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct builder *b = arg;

    (void)detail;
    close_leaf(b);
    switch (type) {
    case MD_BLOCK_QUOTE:
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        if (b->levels-- <= MAX_LEVELS)
            close_node(b);
        break;
    case MD_BLOCK_LI:
        if (b->levels <= MAX_LEVELS)
            close_node(b);
        break;
    case MD_BLOCK_TABLE:
    case MD_BLOCK_TR:
        close_node(b);
        break;
    case MD_BLOCK_CODE:
        return close_fence(b);
    default:
        break;
    }
    return DONE;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
    struct builder *b = arg;

    need_leaf(b);
    switch (type) {
    case MD_SPAN_STRONG:
        b->text.strong++;
        break;
    case MD_SPAN_EM:
        b->text.emph++;
        break;
    case MD_SPAN_CODE:
        b->text.code = true;
        break;
    case MD_SPAN_A:
        return open_link(b, &((MD_SPAN_A_DETAIL *)detail)->href);
    case MD_SPAN_IMG:
        return open_link(b, &((MD_SPAN_IMG_DETAIL *)detail)->src);
    default:
        break;
    }
    return DONE;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
    struct builder *b = arg;

    (void)detail;
    switch (type) {
    case MD_SPAN_STRONG:
        b->text.strong--;
        break;
    case MD_SPAN_EM:
        b->text.emph--;
        break;
    case MD_SPAN_CODE:
        b->text.code = false;
        break;
    case MD_SPAN_A:
    case MD_SPAN_IMG:
        close_link(b);
        break;
    default:
        break;
    }
    return DONE;
}

/* md4c hands out pieces of the source itself, which tells where a heading is. */
static void note_source(struct builder *b, const char *s)
{
    const uintptr_t from = (uintptr_t)b->source.text;
    const uintptr_t at = (uintptr_t)s;

    if (!b->leaf || b->leaf->kind != NODE_HEADING || b->leaf->u.heading.found)
        return;
    if (at < from || at - from >= b->source.len)
        return;
    b->leaf->u.heading.found = true;
    b->leaf->u.heading.source = (size_t)(at - from);
}

static void add_entity(struct builder *b, const char *s, size_t n)
{
    struct buf decoded = {0};

    inline_entity(&decoded, s, n);
    inline_add(&b->text, decoded.text, decoded.len);
    buf_release(&decoded);
}

static int add_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE n, void *arg)
{
    struct builder *b = arg;

    if (b->in_fence) {
        buf_add(&b->fence, type == MD_TEXT_NULLCHAR ? "\0" : s, n);
        return DONE;
    }
    need_leaf(b);
    note_source(b, s);
    switch (type) {
    case MD_TEXT_BR:
        inline_hard_break(&b->text);
        break;
    case MD_TEXT_SOFTBR:
        inline_newline(&b->text);
        break;
    case MD_TEXT_ENTITY:
        add_entity(b, s, n);
        break;
    case MD_TEXT_NULLCHAR:
        inline_add(&b->text, "\0", 1);
        break;
    case MD_TEXT_CODE:
        inline_add_code(&b->text, s, n);
        break;
    default:
        inline_add(&b->text, s, n);
        break;
    }
    return DONE;
}

/* Runs md4c over a copy of text that ends in a newline: without one, md4c 0.4.8 looks for the rest
 * of "[a](b" behind the end. False if it was given up. */
static bool parse_blocks(struct builder *b, const char *text, size_t n)
{
    static const MD_PARSER parser = {
        .flags = MD_FLAG_TABLES | MD_FLAG_NOHTML,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = add_text,
    };

    buf_add(&b->source, text, n);
    if (n > 0 && text[n - 1] != '\n')
        buf_putc(&b->source, '\n');
    const int rc = md_parse(b->source.text, (MD_SIZE)b->source.len, &parser, b);
    close_leaf(b);
    for (unsigned i = 0; i < MAX_LINKS; i++)
        free(b->links[i].url);
    inline_release(&b->text);
    buf_release(&b->source);
    buf_release(&b->fence);
    buf_release(&b->info);
    if (rc != DONE && !b->gave_up)
        die("out of memory parsing a text");
    return rc == DONE;
}

/* Whether links in long paragraphs could take md4c too long. */
static bool is_link_bomb(const char *s, size_t n)
{
    uint64_t lines = 1;
    uint64_t brackets = 0;

    for (size_t i = 0; i < n; i++) {
        lines += s[i] == '\n' || s[i] == '\r';
        brackets += s[i] == '[' || s[i] == ']';
    }
    return lines * brackets > MAX_LINK_WORK;
}

bool parse_document(struct md_doc *doc, const char *text, size_t n)
{
    struct builder b = {.doc = doc, .here = &doc->root};

    return n <= MAX_BYTES && !is_link_bomb(text, n) && parse_blocks(&b, text, n);
}
