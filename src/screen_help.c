/*
 * screen_help.c: the keys of the screen below, and of all screens, from their tables.
 */
#include "ui.h"
#include "utf8.h"

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

static void help_build(struct screen *s)
{
    const struct screen *below = ui_below(s);
    size_t n;
    const struct key_row *global = ui_global_keys(&n);

    if (below && below->ops->n_keys > 0) {
        doc_text(&s->doc, 0, ST_STRONG, text(TXT_HELP_HERE));
        for (size_t i = 0; i < below->ops->n_keys; i++)
            build_row(s, &below->ops->keys[i]);
        doc_blank(&s->doc);
    }
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
}

const struct screen_ops help_screen = {
    .name = "help",
    .title = help_title,
    .build = help_build,
};
