/*
 * param_form.h: the parameters of a demo as rows of a doc that can be changed.
 */
#ifndef PARAM_FORM_H
#define PARAM_FORM_H

#include <stdbool.h>

#include "content/content.h"
#include "doc.h"

/* Embed it. The demo must outlive it. */
struct param_form {
    const struct demo *demo;
    long *values;    /* one for each parameter */
    int first_focus; /* of the first row; the others follow */
    int editing;     /* focus of the number being typed, DOC_NO_FOCUS for none */
    char typed[16];
};

/* All values at their defaults. */
void param_form_init(struct param_form *f, const struct demo *demo, int first_focus);
void param_form_release(struct param_form *f);

bool param_form_has(const struct param_form *f, int focus);
void param_form_build(const struct param_form *f, struct doc *d);

bool param_form_is_number(const struct param_form *f, int focus);

/* To the next or previous value of the focused row; numbers move in steps that grow with them. */
void param_form_step(struct param_form *f, int focus, int step);
/* To the next choice of the focused row; false for a number, which has too many to walk through. */
bool param_form_step_choice(struct param_form *f, int focus);

/* Digits and a sign start typing a number; Enter or any other key takes it, Esc does not. Returns
 * whether the key ends here; fills e if what was typed is not allowed. */
bool param_form_type(struct param_form *f, int focus, int key, struct err *e);

#endif
