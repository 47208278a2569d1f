/*
 * param_form.c: the parameters of a demo as rows of a doc. See param_form.h.
 */
#include "param_form.h"

#include <ctype.h>
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

enum {
    NAME_COLS = 10,
    LABEL_COLS = 56, /* from here on there is room for the labels */
};

void param_form_init(struct param_form *f, const struct demo *demo, int first_focus)
{
    *f = (struct param_form){.demo = demo, .first_focus = first_focus, .editing = DOC_NO_FOCUS};
    f->values = x_array(demo->n_params, sizeof(*f->values));
    demo_args_default(demo, f->values);
}

void param_form_release(struct param_form *f)
{
    free(f->values);
    f->values = NULL;
}

bool param_form_has(const struct param_form *f, int focus)
{
    return focus >= f->first_focus && (size_t)(focus - f->first_focus) < f->demo->n_params;
}

static const struct param *param_at(const struct param_form *f, int focus)
{
    return &f->demo->params[focus - f->first_focus];
}

/* ---- drawing ---- */

static void add_value(struct buf *out, const struct param_form *f, int focus)
{
    const struct param *p = param_at(f, focus);
    const long value = f->values[focus - f->first_focus];
    char words[32];

    if (p->kind == PARAM_FLAG) {
        buf_puts(out, term_glyph(value ? GLYPH_ON : GLYPH_OFF));
    } else if (f->editing == focus) {
        buf_printf(out, "%s_", f->typed);
    } else {
        buf_printf(out, "%s %s %s", term_glyph(GLYPH_LEFT),
                   param_format(p, value, words, sizeof(words)), term_glyph(GLYPH_RIGHT));
    }
}

static void build_row(const struct param_form *f, struct doc *d, int focus)
{
    const struct param *p = param_at(f, focus);
    struct buf left = {0}, right = {0};

    buf_puts(&left, p->name);
    for (int i = utf8_cols_str(p->name); i < NAME_COLS + 1; i++)
        buf_putc(&left, ' ');
    add_value(&left, f, focus);
    if (d->cols >= LABEL_COLS) {
        buf_puts(&right, text_of(&p->label));
        if (p->kind == PARAM_INT)
            buf_printf(&right, " %ld..%ld", p->min, p->max);
    }
    doc_row(d, 2, ST_TEXT, "", f->editing == focus ? ST_ACCENT : ST_TEXT, buf_text(&left), ST_DIM,
            buf_text(&right), focus);
    buf_release(&left);
    buf_release(&right);
}

void param_form_build(const struct param_form *f, struct doc *d)
{
    for (size_t i = 0; i < f->demo->n_params; i++)
        build_row(f, d, f->first_focus + (int)i);
}

/* ---- changing ---- */

/* Steps grow with the value, so that 1 to 100,000 can be walked through. */
static long stepped(const struct param *p, long value, int step)
{
    long size = 1;

    while (p->max - p->min > 100 && value / size >= 20)
        size *= 10;
    const long next = value + step * size;
    return next < p->min ? p->min : next > p->max ? p->max : next;
}

void param_form_step(struct param_form *f, int focus, int step)
{
    const struct param *p = param_at(f, focus);
    long *value = &f->values[focus - f->first_focus];

    if (p->kind == PARAM_INT) {
        *value = stepped(p, *value, step);
        return;
    }
    const long n = p->kind == PARAM_FLAG ? 2 : (long)p->n_choices;
    *value = (*value + step + n) % n;
}

bool param_form_is_number(const struct param_form *f, int focus)
{
    return param_at(f, focus)->kind == PARAM_INT;
}

bool param_form_step_choice(struct param_form *f, int focus)
{
    if (param_form_is_number(f, focus))
        return false;
    param_form_step(f, focus, 1);
    return true;
}

/* false if what was typed is not allowed: the value stays. */
static bool take(struct param_form *f, struct err *e)
{
    const struct param *p = param_at(f, f->editing);
    long value;

    if (!f->typed[0])
        return true;
    if (!param_parse(p, f->typed, &value, e))
        return false;
    f->values[f->editing - f->first_focus] = value;
    return true;
}

bool param_form_type(struct param_form *f, int focus, int key, struct err *e)
{
    if (f->editing != focus) { /* a click has left the row where a number was begun */
        f->editing = DOC_NO_FOCUS;
        f->typed[0] = '\0';
    }
    const size_t n = strlen(f->typed);
    const bool digit = key < 128 && (isdigit(key) || (key == '-' && n == 0));

    if (digit && param_form_is_number(f, focus)) {
        f->editing = focus;
        if (n + 1 < sizeof(f->typed)) {
            f->typed[n] = (char)key;
            f->typed[n + 1] = '\0';
        }
        return true;
    }
    if (f->editing != focus)
        return false;
    if (key == KEY_BACKSPACE && n > 0) {
        f->typed[n - 1] = '\0';
        return true;
    }
    const bool taken = key == KEY_ESC || take(f, e);
    f->editing = DOC_NO_FOCUS;
    f->typed[0] = '\0';
    return !taken || key == KEY_ESC || key == '\n';
}
