/*
 * build_messages.h: what a compiler has said, as messages. Part of build.h.
 */
#ifndef BUILD_MESSAGES_H
#define BUILD_MESSAGES_H

#include "build.h"

/* All zero is empty. */
struct messages {
    struct build_message *at;
    size_t n; /* at most BUILD_MAX_MESSAGES */
};

/* Adds those that are in the compiler's words. */
void messages_read(struct messages *m, const char *said);

/* Adds an error of no place. */
void messages_add_error(struct messages *m, const char *words);

/* A failure has a message that says why: if there is no error yet, the first line that the compiler
 * said, or these words, become one. */
void messages_explain(struct messages *m, const char *said, const char *words);

void messages_release(struct messages *m);

#endif
