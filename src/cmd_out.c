/*
 * cmd_out.c: lines for people on standard output. See cmd_out.h.
 */
#include "cmd_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "markdown.h"
#include "utf8.h"

static void put_indented(const char *text, int indent)
{
    for (const char *at = text; *at;) {
        const size_t n = strcspn(at, "\n");
        if (at != text)
            printf("\n%*s", n > 0 ? indent : 0, "");
        fwrite(at, 1, n, stdout);
        at += n + (at[n] == '\n');
    }
    putchar('\n');
}

void out_line(const char *head, const char *words)
{
    struct buf clean = {0};

    fputs(head, stdout);
    utf8_clean(&clean, words, strlen(words), true);
    put_indented(buf_text(&clean), utf8_cols_str(head));
    buf_release(&clean);
}

void out_markdown(const char *head, const char *md)
{
    struct md_doc *doc = md_new(md, strlen(md));
    char *plain = md_plain(doc);

    out_line(head, plain);
    free(plain);
    md_free(doc);
}

void out_code(const char *code)
{
    struct buf clean = {0};

    utf8_clean(&clean, code, strlen(code), true);
    fputs("    ", stdout);
    put_indented(buf_text(&clean), 4);
    buf_release(&clean);
}

void out_padded(const char *words, int cols)
{
    struct buf clean = {0};

    utf8_clean(&clean, words, strlen(words), false);
    const int missing = cols - utf8_cols_str(buf_text(&clean));
    printf("%s%*s", buf_text(&clean), missing > 0 ? missing : 0, "");
    buf_release(&clean);
}

const char *out_time(int64_t ms, char buf[OUT_TIME_SIZE])
{
    const time_t s = (time_t)(ms / 1000);
    struct tm tm;

    if (ms <= 0 || !localtime_r(&s, &tm) || strftime(buf, OUT_TIME_SIZE, "%F %H:%M", &tm) == 0)
        snprintf(buf, OUT_TIME_SIZE, "-");
    return buf;
}
