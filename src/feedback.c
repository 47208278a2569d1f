/*
 * feedback.c: what a learner is told after an answer. See feedback.h.
 */
#include "feedback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "text.h"

static bool was_chosen(const char *response, size_t index)
{
    /* One digit an index: there are at most 8 options. */
    for (const char *at = response; *at; at++)
        if (*at == (char)('0' + index))
            return true;
    return false;
}

/* st: the reason for the learner's own mistake is not dimmed. */
static void build_reason(struct doc *d, enum style st, const struct bitext *why)
{
    if (text_of(why) && text_of(why)[0])
        doc_markdown(d, 7, ST_TEXT, "", st, text_of(why), DOC_NO_FOCUS);
}

/* Each choice with its mark: right, wrongly chosen, or rightly left alone, and why. */
/* What was marked and what is right: a choice of one by the pointer, of several by its box. */
static void choice_mark(const struct question *q, bool mine, bool right, char *out, size_t size)
{
    const char *verdict = right ? term_glyph(GLYPH_GOOD) : mine ? term_glyph(GLYPH_BAD) : " ";
    const char *marked = mine ? term_glyph(GLYPH_POINTER) : " ";

    if (q->kind == Q_MULTI)
        marked = term_glyph(mine ? GLYPH_ON : GLYPH_OFF);
    snprintf(out, size, "%s %s ", marked, verdict);
}

static void build_choices(struct doc *d, const struct session_item *it, const size_t *perm)
{
    for (size_t place = 0; place < it->q->n_options; place++) {
        const size_t index = perm[place];
        const struct option *o = &it->q->options[index];
        const bool mine = was_chosen(it->response, index);
        const enum style st = o->right ? ST_GOOD : mine ? ST_BAD : ST_DIM;
        char mark[32];
        choice_mark(it->q, mine, o->right, mark, sizeof(mark));
        doc_markdown(d, 1, st, mark, ST_TEXT, text_of(&o->text), DOC_NO_FOCUS);
        build_reason(d, mine && !o->right ? ST_TEXT : ST_DIM, &o->why);
    }
}

static void build_lines(struct doc *d, enum text_id head, enum style st, const char *lines)
{
    doc_text(d, 2, ST_DIM, text(head));
    for (const char *at = lines; *at;) {
        const size_t n = strcspn(at, "\n");
        char *line = xstrndup(at, n);
        doc_item(d, 4, st, "", st, line, DOC_NO_FOCUS);
        free(line);
        at += n + (at[n] == '\n');
    }
}

static void build_typed(struct doc *d, const struct session_item *it)
{
    char *mine = quiz_response_text(it->q, it->response);
    char *right = quiz_answer_text(it->q);

    build_lines(d, TXT_YOUR_ANSWER, it->grade.right ? ST_GOOD : ST_BAD, mine);
    if (it->grade.known >= 0)
        build_reason(d, ST_TEXT, &it->q->wrong[it->grade.known].why);
    if (!it->grade.right) {
        doc_blank(d);
        build_lines(d, TXT_RIGHT_ANSWER, ST_GOOD, right);
    }
    free(mine);
    free(right);
}

static void build_source(struct doc *d, const struct session_item *it)
{
    const struct claim *c = lesson_claim(it->lesson, it->q->claim);

    if (!c || c->n_sources == 0)
        return;
    char *words = claim_sources_text(c);
    doc_blank(d);
    doc_item(d, 2, ST_DIM, text(TXT_SOURCE), ST_DIM, words, DOC_NO_FOCUS);
    free(words);
}

void feedback_build_head(struct doc *d, const struct session_item *it)
{
    const struct grade *g = &it->grade;
    const bool part = !g->right && g->score > 0;
    struct buf head = {0};

    buf_printf(&head, "%s ", term_glyph(g->right ? GLYPH_GOOD : GLYPH_BAD));
    if (part)
        buf_printf(&head, text(TXT_ANSWER_PARTLY), g->score * 100);
    else
        buf_puts(&head, text(g->right ? TXT_ANSWER_RIGHT : TXT_ANSWER_WRONG));
    doc_text(d, 0, g->right ? ST_GOOD : part ? ST_WARN : ST_BAD, buf_text(&head));
    doc_blank(d);
    buf_release(&head);
}

void feedback_build(struct doc *d, const struct session_item *it, const size_t *perm)
{
    if (it->q->kind == Q_CHOICE || it->q->kind == Q_MULTI)
        build_choices(d, it, perm);
    else
        build_typed(d, it);
    doc_blank(d);
    doc_markdown(d, 2, ST_TEXT, "", ST_TEXT, text_of(&it->q->why), DOC_NO_FOCUS);
    build_source(d, it);
}
