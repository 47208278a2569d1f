/*
 * words.c: parts of a lesson as words in the current language: sources, what was measured.
 */
#include <string.h>

#include "buf.h"
#include "content/content.h"

/* The label of a name in the current language, the name itself if it has none. */
static const char *label_text(const struct lesson *l, const char *name)
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
        return xstrdup(label_text(l, measured));
    return xasprintf("%.*s %s", (int)(unit - measured), measured, label_text(l, unit + 1));
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
