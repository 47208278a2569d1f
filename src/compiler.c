/*
 * compiler.c: the C compiler of this machine. See compiler.h.
 */
#include "compiler.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "proc.h"

enum {
    MAX_CC_WORDS = 16,
    MAX_LINKS = 8,
    MAX_SOURCE = 1024 * 1024, /* bytes */
};

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

/* ---- libraries ---- */

static bool is_allowed(const char *word, size_t n)
{
    static const char *const allowed[] = {"-lcrypto", "-lm", "-lrt"};

    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        if (strlen(allowed[i]) == n && memcmp(allowed[i], word, n) == 0)
            return true;
    return false;
}

/* The line after its mark, in the opening comment; "" if there is none. */
static const char *links_line(const char *source)
{
    static const char mark[] = "\n * Links:";
    const char *close = strstr(source, "*/"), *at = strstr(source, mark);

    return at && (!close || at < close) ? at + sizeof(mark) - 1 : "";
}

bool compiler_links(const char *path, struct buf *links, struct err *e)
{
    struct buf source = {0};
    bool ok = buf_read_file(&source, path, MAX_SOURCE, e);
    const char *at = ok ? links_line(buf_text(&source)) : "";

    at += strspn(at, blanks);
    for (int words = 0; ok && *at && *at != '\n'; words++) {
        const size_t n = strcspn(at, " \t\r\n");
        ok = (is_allowed(at, n) && words < MAX_LINKS) ||
             err_set(e, "%s: Links: only -lcrypto, -lm and -lrt", path);
        buf_add(links, at, n);
        buf_putc(links, '\0');
        at += n;
        at += strspn(at, " \t\r");
    }
    buf_release(&source);
    return ok;
}

void argv_add_all(struct argv *a, const struct buf *words)
{
    const char *end = buf_text(words) + words->len;

    for (const char *at = buf_text(words); at < end; at += strlen(at) + 1)
        argv_add(a, at);
}
