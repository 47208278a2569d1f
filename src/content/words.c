/*
 * words.c: a lesson in the current language: sources, what was measured, where a claim stands.
 */
#include <string.h>

#include "buf.h"
#include "content/content.h"
#include "markdown.h"

const char *lesson_label(const struct lesson *l, const char *name)
{
    for (size_t i = 0; i < l->n_labels; i++)
        if (strcmp(l->labels[i].name, name) == 0)
            return text_of(&l->labels[i].text);
    return name;
}

char *lesson_measured_text(const struct lesson *l, const char *measured)
{
    const char *unit = strchr(measured, ' ');
    const bool number = measured[0] == '-' || (measured[0] >= '0' && measured[0] <= '9');

    if (!number || !unit)
        return xstrdup(lesson_label(l, measured));
    return xasprintf("%.*s %s", (int)(unit - measured), measured, lesson_label(l, unit + 1));
}

char *claim_sources_text(const struct claim *c)
{
    struct buf words = {0};

    for (size_t i = 0; i < c->n_sources; i++) {
        const struct source *src = &c->sources[i];
        buf_printf(&words, "%s%s%s%s", i ? "; " : "", text_of(&src->title),
                   src->where[0] ? ", " : "", src->where);
        if (src->version[0])
            buf_printf(&words, " (%s)", src->version);
    }
    return buf_take(&words);
}

static bool states_claim(const char *md, const char *id)
{
    if (!strstr(md, id)) /* parsing is what takes time */
        return false;
    struct md_doc *doc = md_new(md, strlen(md));
    size_t n;
    const struct md_live_block *live = md_live(doc, &n);
    bool found = false;

    for (size_t i = 0; i < n && !found; i++)
        found = live[i].kind == MD_LIVE_CLAIM && strcmp(live[i].name, id) == 0;
    md_free(doc);
    return found;
}

int lesson_claim_page(const struct lesson *l, const char *id)
{
    for (size_t i = 0; i < l->n_pages; i++)
        if (states_claim(text_of(&l->pages[i].md), id))
            return (int)i;
    return 0;
}

/* Whether the block points at this moment. */
static bool is_moment(const struct md_live_block *b, const struct demo *d, const struct moment *m,
                      const long *values)
{
    long of_block[CONTENT_MAX_PARAMS];
    struct moment here;

    if (b->kind != MD_LIVE_AT || strcmp(b->name, d->name) != 0 ||
        !moment_parse(b->args, &here, NULL) || strcmp(here.mark, m->mark) != 0 ||
        here.nth != m->nth)
        return false;
    demo_args_default(d, of_block);
    return demo_args_parse(d, here.args, of_block, NULL) && demo_args_equal(d, of_block, values);
}

char *lesson_moment_caption(const struct lesson *l, const struct demo *d, const struct moment *m,
                            const long *values)
{
    char *caption = NULL;

    for (size_t i = 0; i < l->n_pages && !caption; i++) {
        const char *md = text_of(&l->pages[i].md);
        if (!strstr(md, m->mark)) /* parsing is what takes time */
            continue;
        struct md_doc *doc = md_new(md, strlen(md));
        size_t n;
        const struct md_live_block *live = md_live(doc, &n);
        for (size_t k = 0; k < n && !caption; k++)
            if (is_moment(&live[k], d, m, values))
                caption = xstrdup(live[k].body);
        md_free(doc);
    }
    return caption;
}
