/*
 * screen_help.c: the keys of the screen below, and of all screens, from their tables.
 */
#include <stdlib.h>

#include "ui.h"
#include "utf8.h"
#include "view/panel.h"
#include "view/view.h"

enum { KEY_COLS = 12 };

static void help_title(const struct screen *s, struct buf *left, struct buf *right)
{
    (void)s;
    (void)right;
    buf_puts(left, text(TXT_HELP_TITLE));
}

static void build_row(struct screen *s, const struct key_row *row)
{
    const char *shown = term_is_ascii() && row->shown_ascii ? row->shown_ascii : row->shown;
    struct buf key = {0};

    buf_puts(&key, shown);
    for (int i = utf8_cols_str(shown); i < KEY_COLS; i++)
        buf_putc(&key, ' ');
    doc_item(&s->doc, 2, ST_ACCENT, buf_text(&key), ST_TEXT, text(row->label), DOC_NO_FOCUS);
    buf_release(&key);
}

/* What the fills of a picture stand for. */
static void build_fills(struct screen *s)
{
    static const enum text_id words[TRACE_CATS] = {
        [TRACE_RUN] = TXT_FILL_RUN,     [TRACE_READY] = TXT_FILL_READY,
        [TRACE_BLOCK] = TXT_FILL_BLOCK, [TRACE_SLEEP] = TXT_FILL_SLEEP,
        [TRACE_CALL] = TXT_FILL_CALL,   [TRACE_HOLD] = TXT_FILL_HOLD,
    };

    doc_blank(&s->doc);
    doc_text(&s->doc, 0, ST_STRONG, text(TXT_HELP_FILLS));
    for (int i = 0; i < TRACE_CATS; i++) {
        const enum trace_cat cat = (enum trace_cat)i;
        char *fill =
            xasprintf("%s%s%s  ", view_cat_fill(cat), view_cat_fill(cat), view_cat_fill(cat));
        doc_item(&s->doc, 2, view_cat_style(cat), fill, ST_TEXT, text(words[i]), DOC_NO_FOCUS);
        free(fill);
    }
}

static void build_rows(struct screen *s, enum text_id heading, const struct key_row *rows, size_t n)
{
    doc_text(&s->doc, 0, ST_STRONG, text(heading));
    for (size_t i = 0; i < n; i++)
        build_row(s, &rows[i]);
    doc_blank(&s->doc);
}

static void help_build(struct screen *s)
{
    const struct screen *below = ui_below(s);
    size_t n;
    const struct key_row *global = ui_global_keys(&n);

    const bool picture = below && ui_panel(below);
    size_t n_panel;
    const struct key_row *panel = panel_keys(&n_panel);

    if (picture)
        build_rows(s, TXT_HELP_PICTURE, panel, n_panel);
    if (below && below->ops->n_keys > 0)
        build_rows(s, TXT_HELP_HERE, below->ops->keys, below->ops->n_keys);
    doc_text(&s->doc, 0, ST_STRONG, text(TXT_HELP_EVERYWHERE));
    for (size_t i = 0; i < n; i++)
        if (!below || !global[i].when || global[i].when(below))
            build_row(s, &global[i]);
    doc_blank(&s->doc);
    doc_text(&s->doc, 0, ST_STRONG, text(TXT_HELP_SIGNS));
    doc_item(&s->doc, 2, ST_GOOD, term_glyph(GLYPH_GOOD), ST_TEXT, text(TXT_SIGN_GOOD),
             DOC_NO_FOCUS);
    doc_item(&s->doc, 2, ST_WARN, term_glyph(GLYPH_UNSURE), ST_TEXT, text(TXT_SIGN_UNSURE),
             DOC_NO_FOCUS);
    doc_item(&s->doc, 2, ST_BAD, term_glyph(GLYPH_BAD), ST_TEXT, text(TXT_SIGN_BAD), DOC_NO_FOCUS);
    doc_item(&s->doc, 2, ST_DIM, term_glyph(GLYPH_TODO), ST_TEXT, text(TXT_SIGN_TODO),
             DOC_NO_FOCUS);
    if (picture)
        build_fills(s);
}

const struct screen_ops help_screen = {
    .name = "help",
    .title = help_title,
    .build = help_build,
};
