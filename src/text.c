/*
 * text.c: the table of text.def and the current language. See text.h.
 */
#include "text.h"

#include <string.h>

#include "base.h"

static const struct bitext table[TXT_COUNT] = {
#define TEXT(id, en, zh) [TXT_##id] = {{en, zh}},
#include "text.def"
#undef TEXT
};

static enum lang current_lang = LANG_EN;

void text_set_lang(enum lang lang)
{
    current_lang = lang;
}

enum lang text_lang(void)
{
    return current_lang;
}

const char *text_lang_name(enum lang lang)
{
    return lang == LANG_ZH ? "zh" : "en";
}

bool text_lang_parse(const char *name, enum lang *lang)
{
    static const char stop[] = "_-.@";

    if (strncmp(name, "zh", 2) == 0 && (name[2] == '\0' || strchr(stop, name[2])))
        *lang = LANG_ZH;
    else if (strncmp(name, "en", 2) == 0 && (name[2] == '\0' || strchr(stop, name[2])))
        *lang = LANG_EN;
    else
        return false;
    return true;
}

const char *text(enum text_id id)
{
    if ((unsigned)id >= TXT_COUNT)
        BUG("text id %d", (int)id);
    return table[id].in[current_lang];
}

const char *text_of(const struct bitext *b)
{
    return b->in[current_lang];
}
