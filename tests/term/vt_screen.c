/*
 * vt_screen.c: what the terminal shows, and whether it is as a shell wants it. See vt.h.
 */
#include "vt.h"

#include <stdint.h>
#include <string.h>

#include "vt_impl.h"

void vt_size(const struct vt *vt, int *rows, int *cols)
{
    vterm_get_size(vt->term, rows, cols);
}

static int color_of(const VTermColor *c)
{
    if (VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c))
        return VT_DEFAULT;
    if (VTERM_COLOR_IS_INDEXED(c))
        return c->indexed.idx;
    return VT_RGB | c->rgb.red << 16 | c->rgb.green << 8 | c->rgb.blue;
}

/* libvterm marks the cell right of a wide character with this. */
static const uint32_t right_half = UINT32_MAX;

struct vt_cell vt_cell(const struct vt *vt, int row, int col)
{
    struct vt_cell out = {.text = " ", .width = 1, .fg = VT_DEFAULT, .bg = VT_DEFAULT};
    VTermScreenCell cell;
    int rows;
    int cols;

    vt_size(vt, &rows, &cols);
    if (row < 0 || col < 0 || row >= rows || col >= cols)
        return out;
    vterm_screen_get_cell(vt->screen, (VTermPos){row, col}, &cell);
    if (cell.chars[0] == right_half && col > 0) {
        /* libvterm leaves its attributes as they were: it looks like its left half. */
        out = vt_cell(vt, row, col - 1);
        out.code = 0;
        out.width = 0;
        out.text[0] = '\0';
        return out;
    }
    out.width = cell.width;
    out.bold = cell.attrs.bold;
    out.underline = cell.attrs.underline != 0;
    out.italic = cell.attrs.italic;
    out.reverse = cell.attrs.reverse;
    out.strike = cell.attrs.strike;
    out.fg = color_of(&cell.fg);
    out.bg = color_of(&cell.bg);
    if (cell.chars[0] == 0)
        return out;
    out.code = cell.chars[0];
    const VTermRect place = {row, row + 1, col, col + 1};
    const size_t n = vterm_screen_get_text(vt->screen, out.text, sizeof(out.text) - 1, place);
    out.text[size_min(n, sizeof(out.text) - 1)] = '\0';
    return out;
}

/* The row in full, blanks at the end included, into vt->row_text. */
static const char *full_row(struct vt *vt, int row)
{
    int rows;
    int cols;

    vt_size(vt, &rows, &cols);
    buf_clear(&vt->row_text);
    for (int col = 0; col < cols; col++) {
        const struct vt_cell cell = vt_cell(vt, row, col);
        if (cell.width > 0)
            buf_puts(&vt->row_text, cell.text);
    }
    return buf_text(&vt->row_text);
}

const char *vt_row(struct vt *vt, int row)
{
    full_row(vt, row);
    size_t n = vt->row_text.len;
    while (n > 0 && vt->row_text.text[n - 1] == ' ')
        n--;
    vt->row_text.len = n;
    vt->row_text.text[n] = '\0';
    return vt->row_text.text;
}

const char *vt_screen(struct vt *vt)
{
    int rows;
    int cols;

    vt_size(vt, &rows, &cols);
    buf_clear(&vt->screen_text);
    for (int row = 0; row < rows; row++) {
        buf_puts(&vt->screen_text, vt_row(vt, row));
        buf_putc(&vt->screen_text, '\n');
    }
    return buf_text(&vt->screen_text);
}

/* The column where byte `offset` of the full row stands. */
static int column_of(const struct vt *vt, int row, size_t offset)
{
    size_t bytes = 0;
    int col = 0;

    for (;; col++) {
        const struct vt_cell cell = vt_cell(vt, row, col);
        if (cell.width == 0)
            continue;
        bytes += strlen(cell.text);
        if (bytes > offset)
            return col;
    }
}

bool vt_find(struct vt *vt, const char *text, int *row, int *col)
{
    int rows;
    int cols;

    vt_size(vt, &rows, &cols);
    for (int r = 0; r < rows; r++) {
        const char *line = full_row(vt, r);
        const char *at = strstr(line, text);
        if (!at)
            continue;
        if (row)
            *row = r;
        if (col)
            *col = column_of(vt, r, (size_t)(at - line));
        return true;
    }
    return false;
}

void vt_cursor(const struct vt *vt, int *row, int *col)
{
    VTermPos pos;

    vterm_state_get_cursorpos(vterm_obtain_state(vt->term), &pos);
    *row = pos.row;
    *col = pos.col;
}

bool vt_cursor_visible(const struct vt *vt)
{
    return vt->cursor_visible;
}

bool vt_altscreen(const struct vt *vt)
{
    return vt->altscreen;
}

bool vt_mouse_on(const struct vt *vt)
{
    return vt->mouse_on;
}

/* ---- restored ---- */

/* What the terminal would send now, without sending it. */
static bool would_send_cursor_key_csi(struct vt *vt)
{
    const struct buf kept = vt->input;

    vt->input = (struct buf){0};
    vterm_keyboard_key(vt->term, VTERM_KEY_UP, VTERM_MOD_NONE);
    const bool csi = strcmp(buf_text(&vt->input), "\033[A") == 0;
    buf_release(&vt->input);
    vt->input = kept;
    return csi;
}

static bool would_bracket_paste(struct vt *vt)
{
    const struct buf kept = vt->input;

    vt->input = (struct buf){0};
    vterm_keyboard_start_paste(vt->term);
    const bool bracketed = vt->input.len > 0;
    buf_release(&vt->input);
    vt->input = kept;
    return bracketed;
}

static bool pen_is_plain(const struct vt *vt)
{
    static const VTermAttr flags[] = {VTERM_ATTR_BOLD, VTERM_ATTR_UNDERLINE, VTERM_ATTR_REVERSE};
    const VTermState *state = vterm_obtain_state(vt->term);
    VTermValue value;

    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        value = (VTermValue){.number = 0};
        vterm_state_get_penattr(state, flags[i], &value);
        if (value.number != 0)
            return false;
    }
    vterm_state_get_penattr(state, VTERM_ATTR_FOREGROUND, &value);
    if (color_of(&value.color) != VT_DEFAULT)
        return false;
    vterm_state_get_penattr(state, VTERM_ATTR_BACKGROUND, &value);
    return color_of(&value.color) == VT_DEFAULT;
}

static bool termios_same(const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
           a->c_lflag == b->c_lflag && memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc)) == 0;
}

const char *vt_not_restored(struct vt *vt)
{
    const struct termios *was = &vt->pty.initial;
    struct termios now;

    buf_clear(&vt->reason);
    if (vt->altscreen)
        buf_puts(&vt->reason, ", still on the alternate screen");
    if (!vt->cursor_visible)
        buf_puts(&vt->reason, ", cursor still hidden");
    if (vt->mouse_on)
        buf_puts(&vt->reason, ", mouse still on");
    if (!would_send_cursor_key_csi(vt))
        buf_puts(&vt->reason, ", cursor keys still in application mode");
    if (would_bracket_paste(vt))
        buf_puts(&vt->reason, ", bracketed paste still on");
    if (!pen_is_plain(vt))
        buf_puts(&vt->reason, ", colours or attributes still set");
    if (vt->pty.slave < 0 || tcgetattr(vt->pty.slave, &now) < 0)
        buf_puts(&vt->reason, ", the terminal is gone");
    else if (!termios_same(&now, was))
        buf_printf(&vt->reason, ", termios differs: iflag %#o->%#o, oflag %#o->%#o, lflag %#o->%#o",
                   was->c_iflag, now.c_iflag, was->c_oflag, now.c_oflag, was->c_lflag, now.c_lflag);
    return vt->reason.len > 0 ? vt->reason.text + 2 : NULL;
}

static bool is_restored(struct vt *vt, void *arg)
{
    (void)arg;
    return !vt_not_restored(vt);
}

void vt_assert_restored_at(struct vt *vt, const char *file, int line)
{
    if (!vt_until(vt, is_restored, NULL, vt_limit_ms()))
        vt_fail_at(vt, file, line, "the terminal is not restored: %s", vt_not_restored(vt));
}
