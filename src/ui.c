/*
 * ui.c: the stack of screens and the keys that reach them. See ui.h; frame.c draws them.
 */
#include "ui.h"

#include <curses.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "loop.h"
#include "store/store.h"
#include "ui_impl.h"
#include "view/panel.h"

enum { FRAME_MS = 16 };

/* ---- opening and closing ---- */

static const struct screen_ops *find_screen(const struct ui *ui, const char *name)
{
    for (size_t i = 0; ui->screens[i]; i++)
        if (strcmp(ui->screens[i]->name, name) == 0)
            return ui->screens[i];
    BUG("no screen is called \"%s\"", name);
}

static void free_screen(struct screen *s)
{
    if (!s)
        return;
    free_screen(s->side);
    if (s->ops->close)
        s->ops->close(s);
    loop_drop_owner(s->app->loop, s);
    doc_release(&s->doc);
    free(s->arg);
    free(s);
}

static struct screen *make_screen(struct app *app, const char *name, const char *arg)
{
    const struct screen_ops *ops = find_screen(app->ui, name);
    struct screen *s = x_array(1, sizeof(*s) + ops->size);
    struct err e = {""};

    s->ops = ops;
    s->app = app;
    s->arg = xstrdup(arg);
    s->dirty = true;
    if (!ops->open || ops->open(s, arg, &e))
        return s;
    /* What did not open is not closed: open has cleaned up after itself. */
    loop_drop_owner(app->loop, s);
    free(s->arg);
    free(s);
    ui_say(app, "%s", e.text);
    return NULL;
}

bool ui_open(struct app *app, const char *name, const char *arg)
{
    struct ui *ui = app->ui;
    struct screen *s = make_screen(app, name, arg);

    if (!s)
        return false;
    s->below = ui->top;
    ui->top = s;
    ui->need_frame = true;
    return true;
}

static void refresh_screen(struct screen *s)
{
    s->dirty = true;
    if (s->ops->refresh)
        s->ops->refresh(s);
    if (s->side)
        refresh_screen(s->side);
}

static void close_side(struct screen *side)
{
    struct screen *owner = side->owner;

    owner->side = NULL;
    owner->side_focus = false;
    free_screen(side);
    refresh_screen(owner);
}

static void pop(struct ui *ui, struct screen *s)
{
    while (ui->top != s) { /* what stands on it goes first */
        struct screen *above = ui->top;
        ui->top = above->below;
        free_screen(above);
    }
    ui->top = s->below;
    free_screen(s);
}

void ui_close(struct screen *s)
{
    struct ui *ui = s->app->ui;

    ui->need_frame = true;
    if (s->owner) {
        close_side(s);
        return;
    }
    pop(ui, s);
    if (ui->top)
        refresh_screen(ui->top);
    else
        loop_stop(ui->app->loop);
}

bool ui_open_side(struct screen *s, const char *name, const char *arg, bool focus)
{
    struct ui *ui = s->app->ui;

    /* Also where arg is the one it was opened with: it may have gone elsewhere since. */
    const bool same = s->side && strcmp(s->side->ops->name, name) == 0 &&
                      ((s->side->ops->turn_to && s->side->ops->turn_to(s->side, arg)) ||
                       strcmp(s->side->arg, arg) == 0);
    const bool busy = s->side && s->side->ops->busy && s->side->ops->busy(s->side);
    if (!same && (focus || !busy)) {
        struct screen *side = make_screen(s->app, name, arg);
        if (!side)
            return false;
        free_screen(s->side);
        s->side = side;
        side->owner = s;
    }
    s->side_focus = focus || (same && s->side_focus);
    ui->need_frame = true;
    return true;
}

void ui_focus_side(struct screen *s, bool side)
{
    s->side_focus = side && s->side;
    s->app->ui->need_frame = true;
}

struct panel *ui_panel(const struct screen *s)
{
    return s->ops->panel ? s->ops->panel(s) : NULL;
}

/* ---- what changed ---- */

void ui_changed(struct screen *s)
{
    s->dirty = true;
    s->app->ui->need_frame = true;
}

void ui_changed_all(struct app *app)
{
    for (struct screen *s = app->ui->top; s; s = s->below)
        refresh_screen(s);
    app->ui->need_frame = true;
}

void ui_redraw_all(struct ui *ui)
{
    for (struct screen *s = ui->top; s; s = s->below) {
        s->dirty = true;
        if (s->side)
            s->side->dirty = true;
    }
    ui->need_frame = true;
    ui->redraw_all = true;
}

void ui_say(struct app *app, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(app->ui->message, sizeof(app->ui->message), fmt, ap);
    va_end(ap);
    app->ui->need_frame = true;
}

void ui_quit(struct app *app)
{
    loop_stop(app->loop);
}

struct ui *ui_new(struct app *app, const struct screen_ops *const *screens)
{
    struct ui *ui = x_array(1, sizeof(*ui));

    ui->app = app;
    ui->screens = screens;
    ui->need_frame = true;
    return ui;
}

void ui_free(struct ui *ui)
{
    if (!ui)
        return;
    while (ui->top)
        pop(ui, ui->top);
    free(ui);
}

struct screen *ui_focused(const struct ui *ui)
{
    return ui->top->side && ui->top->side_focus ? ui->top->side : ui->top;
}

const struct screen *ui_below(const struct screen *s)
{
    const struct screen *below = s->below;

    return below && below->side && s->app->ui->help_for_side ? below->side : below;
}

/* ---- keys of every screen ---- */

/* A side stays with its owner, to be looked at again; only what it is doing may have to end. */
static void act_back(struct screen *s, int key)
{
    (void)key;
    if (!s->owner) {
        ui_close(s);
        return;
    }
    if (!s->app->ui->split && s->ops->hide)
        s->ops->hide(s);
    ui_focus_side(s->owner, false);
}

static void act_help(struct screen *s, int key)
{
    struct ui *ui = s->app->ui;

    (void)key;
    if (strcmp(s->ops->name, "help") == 0)
        return;
    ui->help_for_side = s->owner != NULL;
    ui_open(s->app, "help", "");
}

static void act_search(struct screen *s, int key)
{
    (void)key;
    if (strcmp(s->ops->name, "search") != 0)
        ui_open(s->app, "search", "");
}

static void act_language(struct screen *s, int key)
{
    const enum lang lang = text_lang() == LANG_EN ? LANG_ZH : LANG_EN;
    struct err e;

    (void)key;
    text_set_lang(lang);
    ui_changed_all(s->app);
    if (!store_setting_set(s->app->store, "lang", text_lang_name(lang), &e))
        ui_say(s->app, "%s", e.text);
}

static void act_redraw(struct screen *s, int key)
{
    (void)key;
    ui_redraw_all(s->app->ui);
}

static bool has_other_pane(const struct screen *s)
{
    return s->owner || s->side;
}

/* Tab goes through the items of a pane, then to the other pane, then round. */
static void act_tab(struct screen *s, int key)
{
    const int step = key == KEY_BTAB ? -1 : 1;

    if (!ui_panel(s) && doc_step_focus(&s->doc, step))
        return;
    if (has_other_pane(s)) {
        ui_focus_side(s->owner ? s->owner : s, !s->owner);
        s = ui_focused(s->app->ui);
    }
    doc_set_focus(&s->doc, step > 0 ? 0 : 1 << 20);
    ui_changed(s);
}

static bool is_typing(const struct screen *s)
{
    return (s->ops->typing && s->ops->typing(s)) || (ui_panel(s) && panel_is_typing(ui_panel(s)));
}

static bool is_not_typing(const struct screen *s)
{
    return !is_typing(s);
}

/* The other language's own name, unless the terminal could not show it. */
static bool language_in_unicode(const struct screen *s)
{
    return !is_typing(s) && !(term_is_ascii() && text_lang() == LANG_EN);
}

static bool language_in_ascii(const struct screen *s)
{
    return !is_typing(s) && term_is_ascii() && text_lang() == LANG_EN;
}

static bool is_first(const struct screen *s)
{
    return !s->below && !s->owner;
}

static bool is_above(const struct screen *s)
{
    return !is_first(s) && !is_typing(s);
}

static const struct key_row global_keys[] = {
    {{'q', KEY_ESC}, "q", NULL, TXT_KEY_BACK, true, is_above, act_back},
    {{KEY_ESC}, "Esc", NULL, TXT_KEY_BACK, true, is_typing, act_back},
    {{'q'}, "q", NULL, TXT_KEY_QUIT, true, is_first, act_back},
    {{'?', KEY_F(1)}, "?", NULL, TXT_KEY_HELP, true, is_not_typing, act_help},
    {{KEY_F(1)}, "F1", NULL, TXT_KEY_HELP, true, is_typing, act_help},
    {{'/'}, "/", NULL, TXT_KEY_SEARCH, true, is_not_typing, act_search},
    {{'L'}, "L", NULL, TXT_KEY_LANGUAGE, true, language_in_unicode, act_language},
    {{'L'}, "L", NULL, TXT_KEY_LANGUAGE_ASCII, true, language_in_ascii, act_language},
    {{KEY_UP, KEY_DOWN, 'k', 'j'}, "↑↓", "jk", TXT_KEY_MOVE, false, NULL, NULL},
    {{KEY_PPAGE, KEY_NPAGE, ' '}, "PgUp PgDn", NULL, TXT_KEY_PAGE, false, NULL, NULL},
    {{'g', 'G', KEY_HOME, KEY_END}, "g G", NULL, TXT_KEY_ENDS, false, NULL, NULL},
    {{'<', '>'}, "< >", NULL, TXT_KEY_SIDEWAYS, false, NULL, NULL},
    {{'\t', KEY_BTAB}, "Tab", NULL, TXT_KEY_TAB, false, NULL, act_tab},
    {{'L' - '@'}, "Ctrl-L", NULL, TXT_KEY_REDRAW, false, NULL, act_redraw},
    {{'Z' - '@'}, "Ctrl-Z", NULL, TXT_KEY_SUSPEND, false, NULL, NULL},
    {{KEY_CLICK}, "mouse", NULL, TXT_KEY_MOUSE, false, NULL, NULL},
};

const struct key_row *ui_global_keys(size_t *n)
{
    *n = ARRAY_LEN(global_keys);
    return global_keys;
}

/* ---- dispatching ---- */

static bool row_has(const struct key_row *row, int key)
{
    for (size_t i = 0; i < ARRAY_LEN(row->keys) && row->keys[i]; i++)
        if (row->keys[i] == key || (row->keys[i] == KEY_ANY_DIGIT && key >= '1' && key <= '9'))
            return true;
    return false;
}

bool ui_row_applies(const struct screen *s, const struct key_row *row)
{
    return !row->when || row->when(s);
}

static const struct key_row *find_row(const struct screen *s, const struct key_row *rows, size_t n,
                                      int key)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].act && row_has(&rows[i], key) && ui_row_applies(s, &rows[i]))
            return &rows[i];
    return NULL;
}

/* Of the screen itself, or of the picture it shows. */
static const struct key_row *find_own_row(const struct screen *s, int key)
{
    const struct key_row *row = find_row(s, s->ops->keys, s->ops->n_keys, key);

    if (row || !ui_panel(s))
        return row;
    size_t n;
    const struct key_row *rows = panel_keys(&n);
    return find_row(s, rows, n, key);
}

/* s may be gone when this returns. */
static bool act(struct screen *s, int key)
{
    const struct key_row *row = find_own_row(s, key);

    if (!row && !ui_panel(s) && doc_key(&s->doc, key)) {
        s->dirty |= s->ops->focus_shows; /* else the lines are as they were */
        return true;
    }
    s->dirty = true;
    if (!row)
        row = find_row(s, global_keys, ARRAY_LEN(global_keys), key);
    if (!row)
        return false;
    row->act(s, key);
    return true;
}

static bool inside(const struct rect *r, int y, int x)
{
    return y >= r->y && y < r->y + r->h && x >= r->x && x < r->x + r->w;
}

static void click_footer(struct ui *ui, int col)
{
    for (size_t i = 0; i < ui->n_targets; i++) {
        const struct footer_target *t = &ui->targets[i];
        if (col < t->from || col >= t->to)
            continue;
        struct screen *s = ui_focused(ui);
        s->dirty = true;
        if (ui_row_applies(s, t->row)) /* as it did when it was drawn */
            t->row->act(s, t->row->keys[0]);
        return;
    }
}

static void click_body(struct ui *ui, const struct term_key *k)
{
    const bool in_side = ui->split && inside(&ui->side_body, k->row, k->col);
    const struct rect *body = in_side ? &ui->side_body : &ui->body;

    if (!inside(body, k->row, k->col))
        return;
    if (ui->split)
        ui_focus_side(ui->top, in_side);
    struct screen *s = ui_focused(ui);
    if (ui_panel(s)) {
        s->dirty = true;
        panel_mouse(ui_panel(s), k->key, k->row, k->col);
        return;
    }
    if (k->key != KEY_CLICK) {
        act(s, k->key);
        return;
    }
    const int focus = doc_focus_at(&s->doc, k->row - body->y);
    if (focus < 0)
        return;
    doc_set_focus(&s->doc, focus);
    const bool own = find_row(s, s->ops->keys, s->ops->n_keys, KEY_CLICK) != NULL;
    act(s, own ? KEY_CLICK : '\n');
}

static void handle(struct ui *ui, const struct term_key *k)
{
    int rows, cols;

    ui->need_frame = ui->key_pressed = true;
    ui->message[0] = '\0';
    term_size(&rows, &cols);
    if (k->key == KEY_CLICK && k->row == rows - 1) {
        click_footer(ui, k->col);
        return;
    }
    if (k->key == KEY_CLICK || k->key == KEY_WHEEL_UP || k->key == KEY_WHEEL_DOWN) {
        click_body(ui, k);
        return;
    }
    struct screen *s = ui_focused(ui);
    ui_settle(ui); /* keys typed ahead see what a frame would have shown */
    if (ui_panel(s) && panel_type(ui_panel(s), k->key)) {
        s->dirty = true;
        return;
    }
    if (s->ops->type && s->ops->type(s, k->key)) {
        s->dirty = true;
        return;
    }
    if (!act(s, k->key) && k->key < KEY_CLICK)
        ui_say(ui->app, "%s", text(TXT_NO_SUCH_KEY));
}

void ui_read_keys(struct ui *ui)
{
    struct term_key k;

    while (ui->top && term_next_key(&k))
        handle(ui, &k);
}

/* ---- frames ---- */

static bool run_idle(struct ui *ui)
{
    bool again = false;

    for (struct screen *s = ui->top; s; s = s->below) {
        if (s->side && s->side->ops->idle)
            again |= s->side->ops->idle(s->side);
        if (s->ops->idle)
            again |= s->ops->idle(s);
    }
    return again;
}

int ui_before_wait(void *user)
{
    struct ui *ui = user;

    if (!ui->top)
        return 0;
    if (ui->need_frame) {
        const int64_t since_ms = loop_now_ms() - ui->last_frame_ms;
        /* A key is answered at once; what a program prints may wait for the next frame. */
        if (!ui->key_pressed && since_ms < FRAME_MS)
            return (int)(FRAME_MS - since_ms);
        ui_draw_frame(ui);
        ui->last_frame_ms = loop_now_ms();
        ui->need_frame = ui->key_pressed = false;
    }
    return run_idle(ui) || ui->need_frame ? 0 : -1;
}

bool ui_wide(void)
{
    int rows, cols;

    term_size(&rows, &cols);
    return cols >= UI_SPLIT_COLS;
}
