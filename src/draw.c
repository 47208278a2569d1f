/*
 * draw.c: styled text inside rectangles, on curses' standard screen. See term.h.
 *
 * One accent colour (cyan); green, red and yellow only for verdicts and warnings; everything else
 * is the terminal's own foreground, bold or dim. Without colour the same is told by bold,
 * underline, reverse and the signs themselves.
 */
#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "term.h"
#include "term_impl.h"
#include "utf8.h"

enum { PAIR_ACCENT = 1, PAIR_GOOD, PAIR_BAD, PAIR_WARN, PAIR_QUIET, PAIR_BLUE, PAIR_MAGENTA };

static struct {
    attr_t attr;
    short pair;
} styles[ST_COUNT];

static struct {
    int y, x;
} cursor = {-1, -1};

static void init_pairs(void)
{
    start_color();
    const short bg = use_default_colors() == OK ? -1 : COLOR_BLACK;
    /* Bright black is readable grey where there are 16 colours; else dim must do. */
    const short quiet = COLORS >= 16 ? 8 : COLOR_WHITE;

    init_pair(PAIR_ACCENT, COLOR_CYAN, bg);
    init_pair(PAIR_GOOD, COLOR_GREEN, bg);
    init_pair(PAIR_BAD, COLOR_RED, bg);
    init_pair(PAIR_WARN, COLOR_YELLOW, bg);
    init_pair(PAIR_QUIET, quiet, bg);
    init_pair(PAIR_BLUE, COLOR_BLUE, bg);
    init_pair(PAIR_MAGENTA, COLOR_MAGENTA, bg);
}

void draw_init_styles(bool color)
{
    static const struct {
        enum style style;
        attr_t plain; /* without colour */
        attr_t attr;  /* with colour */
        short pair;
    } table[] = {
        {ST_STRONG, A_BOLD, A_BOLD, 0},
        {(enum style)MD_EMPH, A_UNDERLINE, A_UNDERLINE, 0},
        {(enum style)MD_CODE, A_BOLD, A_NORMAL, PAIR_ACCENT},
        {(enum style)MD_H1, A_BOLD, A_BOLD, 0},
        {(enum style)MD_H2, A_BOLD, A_BOLD, 0},
        {(enum style)MD_H3, A_UNDERLINE, A_UNDERLINE, 0},
        {(enum style)MD_QUOTE, A_NORMAL, A_NORMAL, 0},
        {(enum style)MD_RULE, A_DIM, A_NORMAL, PAIR_QUIET},
        {(enum style)MD_SOURCE, A_DIM, A_NORMAL, PAIR_QUIET},
        {(enum style)MD_ASIDE, A_NORMAL, A_NORMAL, 0},
        {(enum style)MD_SRC_KEYWORD, A_BOLD, A_BOLD, 0},
        {(enum style)MD_SRC_TYPE, A_NORMAL, A_NORMAL, PAIR_ACCENT},
        {(enum style)MD_SRC_STRING, A_NORMAL, A_NORMAL, PAIR_GOOD},
        {(enum style)MD_SRC_NUMBER, A_NORMAL, A_NORMAL, PAIR_GOOD},
        {(enum style)MD_SRC_COMMENT, A_DIM, A_NORMAL, PAIR_QUIET},
        {(enum style)MD_SRC_PREPROC, A_NORMAL, A_NORMAL, PAIR_WARN},
        {ST_DIM, A_DIM, A_NORMAL, PAIR_QUIET},
        {ST_TITLE, A_BOLD, A_BOLD, 0},
        {ST_ACCENT, A_BOLD, A_NORMAL, PAIR_ACCENT},
        {ST_SELECTED, A_BOLD, A_BOLD, PAIR_ACCENT},
        {ST_GOOD, A_BOLD, A_NORMAL, PAIR_GOOD},
        {ST_BAD, A_BOLD | A_UNDERLINE, A_NORMAL, PAIR_BAD},
        {ST_WARN, A_BOLD, A_NORMAL, PAIR_WARN},
        {ST_BAR, A_DIM, A_NORMAL, PAIR_QUIET},
        {ST_CURSOR, A_REVERSE, A_REVERSE, 0},
        {ST_CAT_RUN, A_NORMAL, A_NORMAL, PAIR_GOOD},
        {ST_CAT_RUN_LABEL, A_REVERSE, A_REVERSE, PAIR_GOOD},
        {ST_CAT_READY, A_NORMAL, A_NORMAL, PAIR_WARN},
        {ST_CAT_BLOCK, A_NORMAL, A_NORMAL, PAIR_MAGENTA},
        {ST_CAT_SLEEP, A_DIM, A_NORMAL, PAIR_QUIET},
        {ST_CAT_CALL, A_NORMAL, A_NORMAL, PAIR_ACCENT},
        {ST_CAT_CALL_LABEL, A_REVERSE, A_REVERSE, PAIR_ACCENT},
        {ST_CAT_HOLD, A_NORMAL, A_NORMAL, PAIR_BLUE},
        {ST_SERIES, A_NORMAL, A_NORMAL, PAIR_ACCENT},
        {ST_SERIES_2, A_NORMAL, A_NORMAL, PAIR_WARN},
        {ST_SERIES_3, A_NORMAL, A_NORMAL, PAIR_GOOD},
        {ST_SERIES_4, A_NORMAL, A_NORMAL, PAIR_MAGENTA},
    };

    if (color)
        init_pairs();
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        styles[table[i].style].attr = color ? table[i].attr : table[i].plain;
        styles[table[i].style].pair = color ? table[i].pair : 0;
    }
}

const char *term_glyph(enum glyph g)
{
    static const char *const glyphs[GLYPH_COUNT][2] = {
        [GLYPH_POINTER] = {"❯", ">"},   [GLYPH_TODO] = {"○", "."},
        [GLYPH_PART] = {"◐", "~"},      [GLYPH_DONE] = {"●", "*"},
        [GLYPH_GOOD] = {"✓", "+"},      [GLYPH_BAD] = {"✗", "x"},
        [GLYPH_UNSURE] = {"?", "?"},    [GLYPH_RUN] = {"▶", "="},
        [GLYPH_THUMB] = {"┃", "|"},     [GLYPH_DOT] = {"·", "-"},
        [GLYPH_ON] = {"■", "x"},        [GLYPH_OFF] = {"□", "_"},
        [GLYPH_RADIO_ON] = {"●", "*"},  [GLYPH_RADIO_OFF] = {"○", "o"},
        [GLYPH_LEFT] = {"‹", "<"},      [GLYPH_RIGHT] = {"›", ">"},
        [GLYPH_UP] = {"↑", "^"},        [GLYPH_DOWN] = {"↓", "v"},
        [GLYPH_FULL] = {"█", "#"},      [GLYPH_EMPTY] = {"░", "."},
        [GLYPH_WARN] = {"!", "!"},      [GLYPH_MORE] = {"…", "~"},
        [GLYPH_NOTE] = {"◆", "*"},      [GLYPH_HLINE] = {"─", "-"},
        [GLYPH_VLINE] = {"│", "|"},     [GLYPH_CROSS] = {"┼", "+"},
        [GLYPH_TO_LEFT] = {"◄", "<"},   [GLYPH_TO_RIGHT] = {"►", ">"},
        [GLYPH_TO_UP] = {"▲", "^"},     [GLYPH_TO_DOWN] = {"▼", "v"},
        [GLYPH_CORNER_TL] = {"┌", "+"}, [GLYPH_CORNER_TR] = {"┐", "+"},
        [GLYPH_CORNER_BL] = {"└", "+"}, [GLYPH_CORNER_BR] = {"┘", "+"},
        [GLYPH_TEE_DOWN] = {"┬", "+"},  [GLYPH_TEE_UP] = {"┴", "+"},
        [GLYPH_TEE_RIGHT] = {"├", "+"}, [GLYPH_TEE_LEFT] = {"┤", "+"},
        [GLYPH_PLAY] = {"▶", ">"},      [GLYPH_PAUSE] = {"❚", "|"},
    };

    return glyphs[g][term_is_ascii()];
}

int draw_text(const struct rect *r, int y, int x, enum style st, const char *s, size_t n)
{
    if (y < 0 || y >= r->h || n == 0)
        return x;
    if (x < 0) {
        const size_t cut = utf8_fit(s, n, -x);
        const int cols = utf8_cols(s, cut);
        s += cut;
        n -= cut;
        x += cols;
        if (x < 0 && n > 0) { /* a wide character straddles the edge: a blank for its half */
            const size_t wide = utf8_cluster(s, n);
            x += utf8_cols(s, wide);
            s += wide;
            n -= wide;
        }
    }
    if (x >= r->w || n == 0)
        return x;
    int cols = utf8_cols(s, n);
    size_t fit = n;
    if (x + cols > r->w) {
        fit = utf8_fit(s, n, r->w - x);
        cols = utf8_cols(s, fit);
    }
    attr_set(styles[st].attr, styles[st].pair, NULL);
    mvaddnstr(r->y + y, r->x + x, s, (int)fit);
    attr_set(A_NORMAL, 0, NULL);
    return x + cols;
}

int draw_str(const struct rect *r, int y, int x, enum style st, const char *s)
{
    return draw_text(r, y, x, st, s, strlen(s));
}

int draw_cut(const struct rect *r, int y, int x, enum style st, const char *s)
{
    if (x + utf8_cols_str(s) <= r->w)
        return draw_str(r, y, x, st, s);
    x = draw_text(r, y, x, st, s, utf8_fit(s, strlen(s), int_max(0, r->w - x - 1)));
    return draw_str(r, y, x, st, term_glyph(GLYPH_MORE));
}

void draw_right(const struct rect *r, int y, enum style st, const char *s)
{
    draw_str(r, y, int_max(0, r->w - utf8_cols_str(s)), st, s);
}

void draw_blank_row(const struct rect *r, int y)
{
    mvhline(r->y + y, r->x, ' ', r->w);
}

void draw_hline(const struct rect *r, int y)
{
    cchar_t line;
    wchar_t wide[2] = {term_is_ascii() ? L'-' : L'─', L'\0'};

    setcchar(&line, wide, styles[MD_RULE].attr, styles[MD_RULE].pair, NULL);
    mvhline_set(r->y + y, r->x, &line, r->w);
}

void draw_vline(const struct rect *r, int x)
{
    cchar_t line;
    wchar_t wide[2] = {term_is_ascii() ? L'|' : L'│', L'\0'};

    setcchar(&line, wide, styles[MD_RULE].attr, styles[MD_RULE].pair, NULL);
    mvvline_set(r->y, r->x + x, &line, r->h);
}

void draw_fill(const struct rect *r, int y, int x, int n, enum style st, const char *glyph)
{
    wchar_t wide[2] = {L'\0', L'\0'};
    cchar_t cell;

    if (x < 0) {
        n += x;
        x = 0;
    }
    n = int_min(n, r->w - x);
    if (y < 0 || y >= r->h || n <= 0 || mbtowc(&wide[0], glyph, strlen(glyph)) <= 0)
        return;
    setcchar(&cell, wide, styles[st].attr, styles[st].pair, NULL);
    mvhline_set(r->y + y, r->x + x, &cell, n);
}

void draw_restyle(const struct rect *r, int y, int x, int n, enum style st)
{
    if (y < 0 || y >= r->h || x < 0 || x + n > r->w)
        return;
    mvchgat(r->y + y, r->x + x, n, styles[st].attr, styles[st].pair, NULL);
}

void draw_cursor(const struct rect *r, int y, int x)
{
    if (y < 0 || y >= r->h || x < 0 || x >= r->w)
        return;
    cursor.y = r->y + y;
    cursor.x = r->x + x;
}

void term_begin_frame(bool keep, bool redraw_all)
{
    cursor.y = cursor.x = -1;
    if (redraw_all)
        clearok(curscr, TRUE);
    if (!keep)
        werase(stdscr);
}

void term_flush(void)
{
    if (cursor.y >= 0) {
        curs_set(1);
        move(cursor.y, cursor.x);
    } else {
        curs_set(0);
    }
    wnoutrefresh(stdscr);
    doupdate();
}
