/*
 * json_out.h: the --json output of commands, on cJSON.
 *
 * Objects are built with these and printed once. Strings are made harmless for a terminal, and so
 * are valid UTF-8. Running out of memory is the end (die). What a function returns belongs to the
 * object it was added to; json_out_print frees the whole.
 */
#ifndef JSON_OUT_H
#define JSON_OUT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "text.h"

cJSON *json_out_new(void);

/* A new member of parent; or of the array parent, where name is NULL. */
cJSON *json_out_object(cJSON *parent, const char *name);
cJSON *json_out_array(cJSON *parent, const char *name);

/* NULL becomes null. */
void json_out_string(cJSON *parent, const char *name, const char *s);
void json_out_number(cJSON *parent, const char *name, double v);
void json_out_bool(cJSON *parent, const char *name, bool v);

/* {"en": ..., "zh": ...} */
void json_out_bitext(cJSON *parent, const char *name, const struct bitext *b);

/* A time in milliseconds since 1970; null for 0. */
void json_out_time(cJSON *parent, const char *name, int64_t ms);

/* Prints root as one document and a newline on stdout, and frees it. */
void json_out_print(cJSON *root);

#endif
