/*
 * text.h: the tutor's own words in each language. The table is text.def; a row without a
 * translation does not compile. The current language is one of the three globals of the program.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>

enum lang { LANG_EN, LANG_ZH, LANG_COUNT };

enum text_id {
#define TEXT(id, en, zh) TXT_##id,
#include "text.def"
#undef TEXT
    TXT_COUNT
};

/* A string in each language; both are never NULL where the struct is filled. */
struct bitext {
    const char *in[LANG_COUNT];
};

void text_set_lang(enum lang lang);
enum lang text_lang(void);

/* "en" or "zh"; and back: false if the name is neither (zh_CN.UTF-8 and the like are zh). */
const char *text_lang_name(enum lang lang);
bool text_lang_parse(const char *name, enum lang *lang);

/* The words of an id in the current language; borrowed, for ever. */
const char *text(enum text_id id);

/* The current language's side of b; borrowed from b. */
const char *text_of(const struct bitext *b);

#endif
