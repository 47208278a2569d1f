/*
 * lenses.h: for tests of lenses: a reader that is fed what a tool once said, and looked at: its
 * report, its trace as text and as a model. Include after cmocka.h.
 */
#ifndef LENSES_H
#define LENSES_H

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "lens.h"
#include "trace.h"

struct seen {
    struct lens_reader *reader;
    struct buf text;     /* all lines of trace */
    struct trace *trace; /* the same, read */
};

static inline void take_trace(void *user, const char *bytes, size_t n)
{
    struct seen *s = user;

    buf_add(&s->text, bytes, n);
    trace_feed(s->trace, bytes, n);
}

/* Through the lens, of a demo whose source is /home/me/50-x/20-y/demo.c and program ./demo. */
static inline void look(struct seen *s, enum lens l)
{
    const struct lens_spec spec = {.lens = l,
                                   .source = "/home/me/50-x/20-y/demo.c",
                                   .program = "./demo",
                                   .trace = take_trace,
                                   .user = s};

    *s = (struct seen){.trace = trace_new()};
    s->reader = lens_reader_new(&spec);
}

static inline void look_away(struct seen *s)
{
    lens_reader_free(s->reader);
    trace_free(s->trace);
    buf_release(&s->text);
}

static inline void say(struct seen *s, const char *text)
{
    lens_reader_report(s->reader, text, strlen(text));
}

/* The whole report at once, then its end. */
static inline void see(struct seen *s, enum lens l, const char *report)
{
    look(s, l);
    say(s, report);
    lens_reader_finish(s->reader, 1000);
    trace_settle(s->trace);
}

/* The report as text: "LINE|words" a line. The caller frees. */
static inline char *report_text(const struct seen *s)
{
    struct buf out = {0};
    size_t n;
    const struct lens_line *lines = lens_reader_lines(s->reader, &n);

    for (size_t i = 0; i < n; i++)
        buf_printf(&out, "%d|%s\n", lines[i].line, lines[i].text);
    return buf_take(&out);
}

static inline void assert_report(const struct seen *s, const char *expected)
{
    char *text = report_text(s);

    assert_string_equal(text, expected);
    free(text);
}

static inline void assert_in_report(const struct seen *s, const char *words)
{
    char *text = report_text(s);

    if (!strstr(text, words))
        fail_msg("no \"%s\" in:\n%s", words, text);
    free(text);
}

static inline void assert_in_trace(const struct seen *s, const char *words)
{
    if (!strstr(buf_text(&s->text), words))
        fail_msg("no %s in:\n%s", words, buf_text(&s->text));
}

static inline void assert_not_in_trace(const struct seen *s, const char *words)
{
    if (strstr(buf_text(&s->text), words))
        fail_msg("%s in:\n%s", words, buf_text(&s->text));
}

/* What the model finds nothing wrong with. */
static inline void assert_sound_trace(struct seen *s)
{
    trace_settle(s->trace);
    const struct trace_health *h = trace_health(s->trace);

    if (h->bad_lines || h->unbalanced || h->thinned)
        fail_msg("bad %zu, unbalanced %zu, thinned %zu:\n%s", h->bad_lines, h->unbalanced,
                 h->thinned, buf_text(&s->text));
}

/* Bytes that are anything, the same for the same seed (xorshift). */
static inline uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* The text with some of its bytes replaced, doubled or dropped, again and again, fed in pieces:
 * nothing may break, and what comes out stays within its limits and harmless. */
static inline void survive(enum lens l, const char *text, uint32_t rounds)
{
    const size_t len = strlen(text);

    for (uint32_t seed = 1; seed <= rounds; seed++) {
        uint32_t state = seed * 2654435761u;
        struct buf bent = {0};
        struct seen s;
        for (size_t i = 0; i < len; i++) {
            const uint32_t r = next_random(&state);
            if (r % 97 == 0)
                buf_putc(&bent, (char)(r >> 8));
            else if (r % 89 != 0)
                buf_putc(&bent, text[i]);
            if (r % 101 == 0)
                buf_add(&bent, text + i / 2, size_min(len - i / 2, r >> 8 & 63));
        }
        look(&s, l);
        lens_reader_hide_pipe(s.reader, 77);
        for (size_t at = 0; at < bent.len;) {
            const size_t n = size_min(bent.len - at, 1 + next_random(&state) % 700);
            lens_reader_report(s.reader, bent.text + at, n);
            at += n;
        }
        lens_reader_finish(s.reader, 5);
        size_t n;
        const struct lens_line *lines = lens_reader_lines(s.reader, &n);
        assert_in_range(n, 0, LENS_MAX_REPORT + 1);
        for (size_t i = 0; i < n; i++)
            for (const char *c = lines[i].text; *c; c++)
                assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
        trace_settle(s.trace);
        assert_int_equal(trace_health(s.trace)->bad_lines, 0);
        look_away(&s);
        buf_release(&bent);
    }
}

#endif
