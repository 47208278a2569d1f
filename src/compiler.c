/*
 * compiler.c: the C compiler of this machine. See compiler.h.
 */
#include "compiler.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "proc.h"

enum { MAX_CC_WORDS = 16 };

static const char blanks[] = " \t";

bool compiler_find(struct compiler *c, struct err *e)
{
    const char *cc = getenv("CC");
    struct buf words = {0};

    if (!cc || cc[strspn(cc, blanks)] == '\0')
        cc = "cc";
    cc += strspn(cc, blanks);
    for (int n = 0; *cc && n < MAX_CC_WORDS; n++) {
        const size_t len = strcspn(cc, blanks);
        buf_add(&words, cc, len);
        buf_putc(&words, '\0');
        cc += len;
        cc += strspn(cc, blanks);
    }
    buf_putc(&words, '\0');
    c->words = buf_take(&words);
    c->path = proc_find(c->words);
    if (c->path)
        return true;
    return err_set(e, "%s: no such compiler; install the package gcc or name another in $CC",
                   c->words);
}

void compiler_release(struct compiler *c)
{
    free(c->path);
    free(c->words);
    *c = (struct compiler){0};
}

void argv_add(struct argv *a, const char *word)
{
    if (a->n + 1 >= ARGV_MAX)
        BUG("a command line of more than %d words", ARGV_MAX - 1);
    a->word[a->n++] = word;
    a->word[a->n] = NULL;
}

void compiler_argv(const struct compiler *c, struct argv *a, const char *const *flags, size_t n)
{
    const char *at = c->words + strlen(c->words) + 1;

    a->n = 0;
    argv_add(a, c->path);
    for (; *at; at += strlen(at) + 1)
        argv_add(a, at);
    for (size_t i = 0; i < n; i++)
        argv_add(a, flags[i]);
}
