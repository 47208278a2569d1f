/*
 * run_view.c: a run of a demo in a doc. See run_view.h.
 */
#include "run_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

static void build_heading(struct doc *d, enum text_id id)
{
    doc_blank(d);
    doc_text(d, 0, ST_STRONG, text(id));
}

static size_t count_verdicts(const struct run_view *v, enum trace_result result)
{
    size_t n = 0;

    for (size_t i = 0; i < v->demo->n_claims; i++) {
        const struct trace_verdict *r = trace_verdict(run_trace(v->run), v->demo->claims[i]);
        n += r && r->result == result;
    }
    return n;
}

void run_view_add_verdicts(const struct run_view *v, struct buf *words)
{
    const size_t undecided = count_verdicts(v, TRACE_INCONCLUSIVE);

    buf_printf(words, text(TXT_VERDICTS_HOLD), count_verdicts(v, TRACE_PASS), v->demo->n_claims);
    if (undecided > 0)
        buf_printf(words, text(TXT_VERDICTS_OPEN), undecided);
}

void run_view_build_state(const struct run_view *v, struct doc *d)
{
    const double secs = (double)run_elapsed_ms(v->run) / 1000;
    struct buf words = {0};
    enum style st = ST_DIM;

    switch (run_state(v->run)) {
    case RUN_BUILDING:
        buf_printf(&words, text(TXT_RUN_BUILDING), secs);
        st = ST_ACCENT;
        break;
    case RUN_RUNNING:
        buf_printf(&words, text(TXT_RUN_RUNNING), secs);
        st = ST_ACCENT;
        break;
    case RUN_OK:
        buf_printf(&words, text(TXT_RUN_OK), secs);
        break;
    case RUN_FAILED:
        buf_printf(&words, text(TXT_RUN_FAILED), run_code(v->run), secs);
        st = ST_BAD;
        break;
    case RUN_CRASHED:
        buf_printf(&words, text(TXT_RUN_CRASHED), run_code(v->run), strsignal(run_code(v->run)),
                   secs);
        st = ST_BAD;
        break;
    case RUN_STOPPED:
        buf_printf(&words, text(TXT_RUN_STOPPED), secs);
        st = ST_WARN;
        break;
    case RUN_LIMIT:
        buf_printf(&words, text(TXT_RUN_LIMIT), v->demo->limit_s);
        st = ST_WARN;
        break;
    case RUN_UNBUILT:
        buf_puts(&words, text(TXT_RUN_UNBUILT));
        st = ST_BAD;
        break;
    }
    if (run_state(v->run) == RUN_OK || run_state(v->run) == RUN_FAILED)
        run_view_add_verdicts(v, &words);
    doc_text(d, 2, st, buf_text(&words));
    buf_release(&words);
}

void run_view_build_output(const struct run_view *v, struct doc *d)
{
    const size_t n = run_lines(v->run);
    struct buf words = {0};

    if (n > 0)
        build_heading(d, TXT_OUTPUT);
    for (size_t i = 0; i < n; i++) {
        const char *line = run_line(v->run, i);
        struct md_run *run = arena_alloc(&d->mem, sizeof(*run));
        *run = (struct md_run){line, strlen(line), (enum md_style)ST_TEXT};
        doc_code(d, 0, run, 1);
    }
    if (run_dropped(v->run) > 0) {
        buf_printf(&words, text(TXT_RUN_TRUNCATED), (double)run_dropped(v->run) / 1024);
        doc_text(d, 2, ST_WARN, buf_text(&words));
    }
    buf_release(&words);
}

static void build_verdict(const struct run_view *v, struct doc *d, const char *id)
{
    const struct claim *c = lesson_claim(v->lesson, id);
    const struct trace_verdict *verdict = trace_verdict(run_trace(v->run), id);
    const bool over = run_is_over(v->run);
    struct buf words = {0};
    char mark[8];

    const enum glyph g = !verdict                                ? (over ? GLYPH_BAD : GLYPH_TODO)
                         : verdict->result == TRACE_PASS         ? GLYPH_GOOD
                         : verdict->result == TRACE_INCONCLUSIVE ? GLYPH_UNSURE
                                                                 : GLYPH_BAD;
    snprintf(mark, sizeof(mark), "%s ", term_glyph(g));
    doc_markdown(d, 2,
                 g == GLYPH_GOOD  ? ST_GOOD
                 : g == GLYPH_BAD ? ST_BAD
                                  : ST_WARN,
                 mark, ST_TEXT, c ? text_of(&c->text) : id, DOC_NO_FOCUS);
    if (verdict) {
        char *measured = lesson_measured_text(v->lesson, verdict->measured);
        buf_printf(&words, text(TXT_VERDICT), measured, verdict->rule);
        free(measured);
        doc_text(d, 4, ST_DIM, buf_text(&words));
    } else if (over) {
        doc_text(d, 4, ST_DIM, text(TXT_NO_VERDICT));
    }
    buf_release(&words);
}

void run_view_build_verdicts(const struct run_view *v, struct doc *d)
{
    build_heading(d, TXT_VERDICTS);
    for (size_t i = 0; i < v->demo->n_claims; i++)
        build_verdict(v, d, v->demo->claims[i]);
}

void run_view_build_report(const struct run_view *v, struct doc *d, int first_focus)
{
    size_t n;
    const struct lens_line *lines = run_report(v->run, &n);

    if (run_lens(v->run) == LENS_NONE)
        return;
    build_heading(d, lens_title(run_lens(v->run)));
    for (size_t i = 0; i < n; i++) {
        char place[24] = "";
        if (lines[i].line > 0)
            snprintf(place, sizeof(place), "%d: ", lines[i].line);
        doc_item(d, 2, ST_ACCENT, place, ST_TEXT, lines[i].text,
                 lines[i].line > 0 ? first_focus + (int)i : DOC_NO_FOCUS);
    }
}

int run_view_report_line(const struct run_view *v, int item)
{
    size_t n;
    const struct lens_line *lines = run_report(v->run, &n);

    return item >= 0 && (size_t)item < n ? lines[item].line : 0;
}
