/*
 * predict_view.c: a prediction in a doc. See predict_view.h.
 */
#include "predict_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "run.h"

static enum glyph choice_glyph(const struct predict_view *v, int choice)
{
    if (choice == v->measured)
        return GLYPH_GOOD;
    if (choice != v->predicted)
        return GLYPH_RADIO_OFF;
    return v->outcome == OUTCOME_WRONG ? GLYPH_BAD : GLYPH_RADIO_ON;
}

static void build_choice(const struct predict_view *v, struct doc *d, int choice, int focus)
{
    const enum glyph g = choice_glyph(v, choice);
    const enum style st = g == GLYPH_GOOD          ? ST_GOOD
                          : g == GLYPH_BAD         ? ST_BAD
                          : choice == v->predicted ? ST_ACCENT
                                                   : ST_DIM;
    char mark[32];

    snprintf(mark, sizeof(mark), "%d %s ", choice + 1, term_glyph(g));
    doc_markdown(d, 2, st, mark, ST_TEXT, text_of(&v->demo->predict.choices[choice].text), focus);
}

void predict_view_build_question(const struct predict_view *v, struct doc *d, int first_focus)
{
    const struct predict *p = &v->demo->predict;

    if (!v->open && v->predicted < 0)
        return;
    doc_blank(d);
    doc_text(d, 0, ST_STRONG, text(TXT_PREDICTION));
    doc_markdown(d, 0, ST_TEXT, "", ST_TEXT, text_of(&p->text), DOC_NO_FOCUS);
    for (int i = 0; i < (int)p->n_choices; i++)
        build_choice(v, d, i, v->open ? first_focus + i : DOC_NO_FOCUS);
    if (v->outcome == OUTCOME_NONE && v->predicted >= 0)
        doc_text(d, 2, ST_DIM, text(TXT_PREDICTION_KEPT));
}

static void build_choice_told(const struct predict_view *v, struct doc *d, int choice)
{
    const bool truth = choice == v->measured;
    char mark[8];

    snprintf(mark, sizeof(mark), "%s ", term_glyph(truth ? GLYPH_GOOD : GLYPH_BAD));
    doc_markdown(d, 2, truth ? ST_GOOD : ST_BAD, mark, ST_TEXT,
                 text_of(&v->demo->predict.choices[choice].text), DOC_NO_FOCUS);
}

static void build_other_run(const struct predict_view *v, struct doc *d)
{
    char *args = run_args_text(v->demo, v->demo->predict.with);
    char *words = xasprintf(text(TXT_PREDICTION_OTHER), args);

    doc_blank(d);
    doc_text(d, 2, ST_WARN, words);
    free(words);
    free(args);
}

/* Stands with the run's state, so that it is in view when the run has ended. */
void predict_view_build_outcome(const struct predict_view *v, struct doc *d)
{
    if (v->about_other_run)
        build_other_run(v, d);
    if (v->outcome == OUTCOME_NONE)
        return;
    doc_blank(d);
    if (v->outcome == OUTCOME_RIGHT)
        doc_text(d, 2, ST_GOOD, text(TXT_PREDICTION_RIGHT));
    else if (v->outcome == OUTCOME_WRONG)
        doc_text(d, 2, ST_BAD, text(TXT_PREDICTION_WRONG));
    else
        doc_text(d, 2, ST_WARN, text(TXT_PREDICTION_UNDECIDED));
    if (v->outcome == OUTCOME_UNDECIDED)
        return;
    build_choice_told(v, d, v->predicted);
    if (v->measured != v->predicted)
        build_choice_told(v, d, v->measured);
    doc_markdown(d, 2, ST_TEXT, "", ST_TEXT, text_of(&v->demo->predict.why), DOC_NO_FOCUS);
}
