/*
 * json_out.c: the --json output of commands. See json_out.h.
 */
#include "json_out.h"

#include <stdio.h>
#include <string.h>

#include "base.h"
#include "buf.h"
#include "utf8.h"

/* Adds what cJSON has just made; cJSON gives NULL for no memory only. */
static cJSON *add(cJSON *parent, const char *name, cJSON *item)
{
    const bool added = item && (name ? cJSON_AddItemToObject(parent, name, item)
                                     : cJSON_AddItemToArray(parent, item));

    if (!added)
        die("out of memory");
    return item;
}

cJSON *json_out_new(void)
{
    cJSON *o = cJSON_CreateObject();

    if (!o)
        die("out of memory");
    return o;
}

cJSON *json_out_object(cJSON *parent, const char *name)
{
    return add(parent, name, cJSON_CreateObject());
}

cJSON *json_out_array(cJSON *parent, const char *name)
{
    return add(parent, name, cJSON_CreateArray());
}

void json_out_string(cJSON *parent, const char *name, const char *s)
{
    struct buf clean = {0};

    if (s)
        utf8_clean(&clean, s, strlen(s), true);
    add(parent, name, s ? cJSON_CreateString(buf_text(&clean)) : cJSON_CreateNull());
    buf_release(&clean);
}

void json_out_number(cJSON *parent, const char *name, double v)
{
    add(parent, name, cJSON_CreateNumber(v));
}

void json_out_bool(cJSON *parent, const char *name, bool v)
{
    add(parent, name, cJSON_CreateBool(v));
}

void json_out_bitext(cJSON *parent, const char *name, const struct bitext *b)
{
    cJSON *o = json_out_object(parent, name);

    for (int lang = 0; lang < LANG_COUNT; lang++)
        json_out_string(o, text_lang_name((enum lang)lang), b->in[lang]);
}

void json_out_time(cJSON *parent, const char *name, int64_t ms)
{
    add(parent, name, ms ? cJSON_CreateNumber((double)ms) : cJSON_CreateNull());
}

void json_out_print(cJSON *root)
{
    char *words = cJSON_Print(root);

    if (words)
        puts(words);
    else
        die("out of memory");
    cJSON_free(words);
    cJSON_Delete(root);
}
