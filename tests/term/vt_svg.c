/*
 * vt_svg.c: the screen as a picture, for the README. See vt_svg in vt.h.
 *
 * Every character is tied to its cell, so that the columns hold with whatever fonts the reader
 * has: a run of ASCII gets the width of its cells, any other character is centred on its own.
 * Lines, blocks and Braille are drawn, as terminals do, since fonts leave gaps between cells.
 */
#include "vt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"

enum {
    CELL_W = 9, /* pixels; the advance of most monospace fonts at FONT_PX */
    CELL_H = 19,
    FONT_PX = 15,
    BASELINE = 14, /* from the top of a cell */
    PAD = 12,
    TITLE_H = 30,
    COLOR_FG = 0xd5d8df,
    COLOR_BG = 0x16181d,
    COLOR_BAR = 0x22252c,
    COLOR_EDGE = 0x3a3f4a,
    COLOR_TITLE = 0x9aa1ad,
};

static const int palette16[16] = {
    0x2a2e37, 0xe06c75, 0x98c379, 0xd9b36c, 0x6ba4e7, 0xc58fe0, 0x5fb8c2, 0xc3c8d1,
    0x6f7683, 0xf0868e, 0xb2db94, 0xf0cd86, 0x8cbcf5, 0xd9aaf0, 0x7fd1da, 0xf2f4f7,
};

/* A cell's look after defaults and reverse video are resolved. */
struct look {
    int fg, bg; /* 0xrrggbb */
    bool bold, italic, underline, strike;
};

/* The 256 colours as xterm has them: 16, a cube of 6x6x6, 24 greys. */
static int palette256(int i)
{
    static const int level[6] = {0, 95, 135, 175, 215, 255};

    if (i < 16)
        return palette16[i];
    if (i >= 232)
        return (8 + 10 * (i - 232)) * 0x010101;
    i -= 16;
    return level[i / 36] << 16 | level[i / 6 % 6] << 8 | level[i % 6];
}

static int rgb(int color, int by_default)
{
    if (color == VT_DEFAULT)
        return by_default;
    return color & VT_RGB ? color & 0xffffff : palette256(color);
}

static struct look look_of(const struct vt_cell *cell)
{
    const int fg = rgb(cell->fg, COLOR_FG);
    const int bg = rgb(cell->bg, COLOR_BG);

    return (struct look){
        .fg = cell->reverse ? bg : fg,
        .bg = cell->reverse ? fg : bg,
        .bold = cell->bold,
        .italic = cell->italic,
        .underline = cell->underline,
        .strike = cell->strike,
    };
}

static bool same_look(const struct look *a, const struct look *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->bold == b->bold && a->italic == b->italic &&
           a->underline == b->underline && a->strike == b->strike;
}

static void put_escaped(struct buf *svg, const char *s)
{
    for (; *s; s++) {
        switch (*s) {
        case '&':
            buf_puts(svg, "&amp;");
            break;
        case '<':
            buf_puts(svg, "&lt;");
            break;
        case '>':
            buf_puts(svg, "&gt;");
            break;
        case '"':
            buf_puts(svg, "&quot;");
            break;
        default:
            buf_putc(svg, *s);
        }
    }
}

static void put_rect(struct buf *svg, double x, double y, double w, double h, int color,
                     double opacity)
{
    buf_printf(svg, "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"#%06x\"", x, y, w, h,
               (unsigned)color);
    if (opacity < 1)
        buf_printf(svg, " opacity=\"%g\"", opacity);
    buf_puts(svg, "/>\n");
}

/* ---- characters that are drawn ---- */

/* The arms of a line character, in thickness: up, right, down, left. */
struct line_char {
    uint32_t code;
    uint8_t arm[4];
};

static const struct line_char line_chars[] = {
    {0x2500, {0, 1, 0, 1}}, {0x2501, {0, 2, 0, 2}}, {0x2502, {1, 0, 1, 0}}, {0x2503, {2, 0, 2, 0}},
    {0x250c, {0, 1, 1, 0}}, {0x250f, {0, 2, 2, 0}}, {0x2510, {0, 0, 1, 1}}, {0x2513, {0, 0, 2, 2}},
    {0x2514, {1, 1, 0, 0}}, {0x2517, {2, 2, 0, 0}}, {0x2518, {1, 0, 0, 1}}, {0x251b, {2, 0, 0, 2}},
    {0x251c, {1, 1, 1, 0}}, {0x2523, {2, 2, 2, 0}}, {0x2524, {1, 0, 1, 1}}, {0x252b, {2, 0, 2, 2}},
    {0x252c, {0, 1, 1, 1}}, {0x2533, {0, 2, 2, 2}}, {0x2534, {1, 1, 0, 1}}, {0x253b, {2, 2, 0, 2}},
    {0x253c, {1, 1, 1, 1}}, {0x254b, {2, 2, 2, 2}}, {0x256d, {0, 1, 1, 0}}, {0x256e, {0, 0, 1, 1}},
    {0x256f, {1, 0, 0, 1}}, {0x2570, {1, 1, 0, 0}}, {0x2574, {0, 0, 0, 1}}, {0x2575, {1, 0, 0, 0}},
    {0x2576, {0, 1, 0, 0}}, {0x2577, {0, 0, 1, 0}}, {0x2578, {0, 0, 0, 2}}, {0x2579, {2, 0, 0, 0}},
    {0x257a, {0, 2, 0, 0}}, {0x257b, {0, 0, 2, 0}},
};

static bool draw_line_char(struct buf *svg, uint32_t code, double x, double y, int color)
{
    const double cx = x + CELL_W / 2.0;
    const double cy = y + CELL_H / 2.0;
    const double edge[4][2] = {{cx, y}, {x + CELL_W, cy}, {cx, y + CELL_H}, {x, cy}};

    for (size_t i = 0; i < ARRAY_LEN(line_chars); i++) {
        if (line_chars[i].code != code)
            continue;
        for (size_t k = 0; k < 4; k++) {
            if (line_chars[i].arm[k] > 0)
                buf_printf(svg, "<path d=\"M%g %gL%g %g\" stroke=\"#%06x\" stroke-width=\"%g\"/>\n",
                           cx, cy, edge[k][0], edge[k][1], (unsigned)color,
                           line_chars[i].arm[k] * 1.2);
        }
        return true;
    }
    return false;
}

/* U+2580 to U+2595: eighths from below, from the left, halves and shades. */
static bool draw_block(struct buf *svg, uint32_t code, double x, double y, int color)
{
    if (code < 0x2580 || code > 0x2595)
        return false;
    const double w = CELL_W;
    const double h = CELL_H;
    if (code == 0x2580)
        put_rect(svg, x, y, w, h / 2, color, 1);
    else if (code <= 0x2588)
        put_rect(svg, x, y + h * (0x2588 - code) / 8, w, h * (code - 0x2580) / 8, color, 1);
    else if (code <= 0x258f)
        put_rect(svg, x, y, w * (0x2590 - code) / 8, h, color, 1);
    else if (code == 0x2590)
        put_rect(svg, x + w / 2, y, w / 2, h, color, 1);
    else if (code <= 0x2593)
        put_rect(svg, x, y, w, h, color, (code - 0x2590) / 4.0);
    else if (code == 0x2594)
        put_rect(svg, x, y, w, h / 8, color, 1);
    else
        put_rect(svg, x + w * 7 / 8, y, w / 8, h, color, 1);
    return true;
}

/* U+2800 to U+28FF: the low byte has a bit for each dot, in the order of the Braille dot numbers.
 */
static bool draw_braille(struct buf *svg, uint32_t code, double x, double y, int color)
{
    static const int place[8][2] = {{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}};

    if (code < 0x2800 || code > 0x28ff)
        return false;
    for (int bit = 0; bit < 8; bit++) {
        if (code & 1U << bit)
            buf_printf(svg, "<circle cx=\"%g\" cy=\"%g\" r=\"1.4\" fill=\"#%06x\"/>\n",
                       x + CELL_W * (0.25 + 0.5 * place[bit][0]),
                       y + CELL_H * (0.125 + 0.25 * place[bit][1]), (unsigned)color);
    }
    return true;
}

/* ---- text ---- */

static void open_text(struct buf *svg, double x, double y, const struct look *look)
{
    buf_printf(svg, "<text x=\"%g\" y=\"%g\" fill=\"#%06x\"", x, y + BASELINE, (unsigned)look->fg);
    if (look->bold)
        buf_puts(svg, " font-weight=\"bold\"");
    if (look->italic)
        buf_puts(svg, " font-style=\"italic\"");
}

static void draw_char(struct buf *svg, const struct vt_cell *cell, double x, double y,
                      const struct look *look)
{
    if (draw_line_char(svg, cell->code, x, y, look->fg) ||
        draw_block(svg, cell->code, x, y, look->fg) ||
        draw_braille(svg, cell->code, x, y, look->fg))
        return;
    open_text(svg, x + CELL_W * cell->width / 2.0, y, look);
    buf_puts(svg, " text-anchor=\"middle\">");
    put_escaped(svg, cell->text);
    buf_puts(svg, "</text>\n");
}

static bool is_ascii(const struct vt_cell *cell)
{
    return cell->width == 1 && cell->code < 0x80;
}

/* Draws the ASCII characters from col on that look the same as one text; the column behind. */
static int draw_ascii(struct buf *svg, const struct vt *vt, int row, int col, int end, double x0,
                      double y)
{
    const struct vt_cell first = vt_cell(vt, row, col);
    const struct look look = look_of(&first);
    struct buf text = {0};
    size_t used = 0; /* without the blanks at the end */
    int blanks = 0;  /* before the text: not every renderer keeps them */
    int n = 0;

    for (; col + n < end; n++) {
        const struct vt_cell cell = vt_cell(vt, row, col + n);
        const struct look here = look_of(&cell);
        if (!is_ascii(&cell) || !same_look(&look, &here))
            break;
        if (cell.code > ' ') {
            buf_puts(&text, cell.text);
            used = text.len;
        } else if (used > 0) {
            buf_putc(&text, ' ');
        } else {
            blanks++;
        }
    }
    if (used > 0) {
        text.text[used] = '\0';
        open_text(svg, x0 + CELL_W * (col + blanks), y, &look);
        buf_printf(svg, " textLength=\"%zu\">", used * CELL_W);
        put_escaped(svg, text.text);
        buf_puts(svg, "</text>\n");
    }
    buf_release(&text);
    return col + n;
}

/* Background, underline and strike-through of the cells that share one look. */
static void draw_grounds(struct buf *svg, const struct vt *vt, int row, int cols, double x0,
                         double y)
{
    for (int col = 0; col < cols;) {
        const struct vt_cell first = vt_cell(vt, row, col);
        const struct look look = look_of(&first);
        int n = 1;
        for (; col + n < cols; n++) {
            const struct vt_cell cell = vt_cell(vt, row, col + n);
            const struct look here = look_of(&cell);
            if (!same_look(&look, &here))
                break;
        }
        const double x = x0 + CELL_W * col;
        if (look.bg != COLOR_BG)
            put_rect(svg, x, y, CELL_W * n, CELL_H, look.bg, 1);
        if (look.underline)
            put_rect(svg, x, y + BASELINE + 2, CELL_W * n, 1, look.fg, 1);
        if (look.strike)
            put_rect(svg, x, y + CELL_H / 2.0, CELL_W * n, 1, look.fg, 1);
        col += n;
    }
}

static void draw_row(struct buf *svg, const struct vt *vt, int row, int cols)
{
    const double x0 = PAD;
    const double y = TITLE_H + PAD + CELL_H * row;

    draw_grounds(svg, vt, row, cols, x0, y);
    for (int col = 0; col < cols;) {
        const struct vt_cell cell = vt_cell(vt, row, col);
        if (is_ascii(&cell)) {
            col = draw_ascii(svg, vt, row, col, cols, x0, y);
            continue;
        }
        if (cell.width > 0) {
            const struct look look = look_of(&cell);
            draw_char(svg, &cell, x0 + CELL_W * col, y, &look);
        }
        col++;
    }
}

static void draw_cursor(struct buf *svg, const struct vt *vt)
{
    int row;
    int col;

    if (!vt_cursor_visible(vt))
        return;
    vt_cursor(vt, &row, &col);
    buf_printf(svg,
               "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\" "
               "opacity=\"0.6\"/>\n",
               PAD + CELL_W * col, TITLE_H + PAD + CELL_H * row, CELL_W, CELL_H, COLOR_FG);
}

static void draw_frame(struct buf *svg, int width, int height, const char *title)
{
    buf_printf(svg,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
               "viewBox=\"0 0 %d %d\" role=\"img\">\n<title>",
               width, height, width, height);
    put_escaped(svg, title);
    buf_printf(svg,
               "</title>\n<rect x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"7\" "
               "fill=\"#%06x\" stroke=\"#%06x\"/>\n",
               width - 1, height - 1, COLOR_BG, COLOR_EDGE);
    buf_printf(svg, "<path d=\"M1 %dV8a7 7 0 0 1 7-7H%da7 7 0 0 1 7 7V%dz\" fill=\"#%06x\"/>\n",
               TITLE_H, width - 8, TITLE_H, COLOR_BAR);
    buf_printf(svg,
               "<text x=\"%d\" y=\"20\" text-anchor=\"middle\" fill=\"#%06x\" "
               "font-family=\"sans-serif\" font-size=\"13\">",
               width / 2, COLOR_TITLE);
    put_escaped(svg, title);
    buf_printf(svg,
               "</text>\n<g font-family=\"'DejaVu Sans Mono','Cascadia Mono',Menlo,Consolas,"
               "'Noto Sans Mono CJK SC','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',"
               "monospace\" font-size=\"%d\" xml:space=\"preserve\">\n",
               FONT_PX);
}

void vt_svg_at(struct vt *vt, const char *path, const char *title, const char *file, int line)
{
    struct buf svg = {0};
    struct err e;
    int rows;
    int cols;

    vt_size(vt, &rows, &cols);
    draw_frame(&svg, cols * CELL_W + 2 * PAD, TITLE_H + rows * CELL_H + 2 * PAD, title);
    for (int row = 0; row < rows; row++)
        draw_row(&svg, vt, row, cols);
    draw_cursor(&svg, vt);
    buf_puts(&svg, "</g>\n</svg>\n");
    const bool ok = buf_write_file(&svg, path, &e);
    buf_release(&svg);
    if (!ok)
        vt_fail_at(vt, file, line, "%s", e.text);
}
