/*
 * vt_input.c: keys, mouse and size as a terminal hands them to the program. See vt.h.
 *
 * Everything goes through vt->input, which also carries the terminal's answers to the program's
 * questions, so that bytes keep their order; vt_until sends it while it waits.
 */
#include "vt.h"

#include <string.h>

#include "vt_impl.h"

static bool input_taken(struct vt *vt, void *arg)
{
    (void)arg;
    return vt->input.len == 0;
}

static void deliver(struct vt *vt, const char *file, int line)
{
    if (vt->exited)
        vt_fail_at(vt, file, line, "input for a program that has ended");
    if (!vt_until(vt, input_taken, NULL, vt_limit_ms()))
        vt_fail_at(vt, file, line, "the program does not read its input");
}

struct key_name {
    const char *name;
    VTermKey key;
};

static const struct key_name key_names[] = {
    {"Enter", VTERM_KEY_ENTER},
    {"Tab", VTERM_KEY_TAB},
    {"Esc", VTERM_KEY_ESCAPE},
    {"BS", VTERM_KEY_BACKSPACE},
    {"Up", VTERM_KEY_UP},
    {"Down", VTERM_KEY_DOWN},
    {"Left", VTERM_KEY_LEFT},
    {"Right", VTERM_KEY_RIGHT},
    {"Home", VTERM_KEY_HOME},
    {"End", VTERM_KEY_END},
    {"PgUp", VTERM_KEY_PAGEUP},
    {"PgDn", VTERM_KEY_PAGEDOWN},
    {"Ins", VTERM_KEY_INS},
    {"Del", VTERM_KEY_DEL},
    {"F1", VTERM_KEY_FUNCTION(1)},
    {"F2", VTERM_KEY_FUNCTION(2)},
    {"F3", VTERM_KEY_FUNCTION(3)},
    {"F4", VTERM_KEY_FUNCTION(4)},
    {"F5", VTERM_KEY_FUNCTION(5)},
    {"F6", VTERM_KEY_FUNCTION(6)},
    {"F7", VTERM_KEY_FUNCTION(7)},
    {"F8", VTERM_KEY_FUNCTION(8)},
    {"F9", VTERM_KEY_FUNCTION(9)},
    {"F10", VTERM_KEY_FUNCTION(10)},
    {"F11", VTERM_KEY_FUNCTION(11)},
    {"F12", VTERM_KEY_FUNCTION(12)},
};

/* A character as a keyboard sends it: Ctrl clears the upper bits (and makes DEL of '?', as xterm
 * does), Alt puts ESC before. libvterm would send some of these in a newer encoding. */
static void press_char(struct vt *vt, const char *c, size_t n, unsigned mods)
{
    if (mods & VTERM_MOD_ALT)
        buf_putc(&vt->input, '\033');
    if ((mods & VTERM_MOD_CTRL) && n == 1)
        buf_putc(&vt->input, (char)(*c == '?' ? 0x7f : *c & 0x1f));
    else
        buf_add(&vt->input, c, n);
}

/* name: what stands between '<' and '>', n bytes. */
static bool press_named(struct vt *vt, const char *name, size_t n)
{
    unsigned mods = 0;

    while (n > 2 && name[1] == '-' && strchr("CMS", name[0])) {
        mods |= name[0] == 'C' ? VTERM_MOD_CTRL : name[0] == 'M' ? VTERM_MOD_ALT : VTERM_MOD_SHIFT;
        name += 2;
        n -= 2;
    }
    for (size_t i = 0; i < ARRAY_LEN(key_names); i++) {
        if (strlen(key_names[i].name) == n && memcmp(key_names[i].name, name, n) == 0) {
            vterm_keyboard_key(vt->term, key_names[i].key, mods);
            return true;
        }
    }
    if (n == 5 && memcmp(name, "Space", n) == 0)
        press_char(vt, " ", 1, mods);
    else if (n == 2 && memcmp(name, "lt", n) == 0)
        press_char(vt, "<", 1, mods);
    else if (n == 1 && (mods & (VTERM_MOD_CTRL | VTERM_MOD_ALT)))
        press_char(vt, name, n, mods);
    else
        return false;
    return true;
}

/* Presses what stands at keys, a byte of text or a named key; what is behind it, or NULL. */
static const char *press_next(struct vt *vt, const char *keys)
{
    if (*keys != '<') {
        buf_putc(&vt->input, *keys);
        return keys + 1;
    }
    /* From the third byte on: "<C->>" is Ctrl and '>'. */
    const char *end = keys[1] ? strchr(keys + 2, '>') : NULL;
    if (!end)
        return NULL;
    if (end[-1] == '-' && end[1] == '>')
        end++;
    return press_named(vt, keys + 1, (size_t)(end - keys - 1)) ? end + 1 : NULL;
}

void vt_keys_at(struct vt *vt, const char *keys, const char *file, int line)
{
    const char *at = keys;

    while (at && *at)
        at = press_next(vt, at);
    if (!at)
        vt_fail_at(vt, file, line, "\"%s\" has an unknown key; <lt> is the sign '<'", keys);
    deliver(vt, file, line);
}

static bool mouse_is_on(struct vt *vt, void *arg)
{
    (void)arg;
    return vt->mouse_on;
}

static void point_at(struct vt *vt, int row, int col, const char *file, int line)
{
    if (!vt_until(vt, mouse_is_on, NULL, vt_limit_ms()))
        vt_fail_at(vt, file, line, "the program did not switch the mouse on");
    vterm_mouse_move(vt->term, row, col, VTERM_MOD_NONE);
}

void vt_click_at(struct vt *vt, int row, int col, const char *file, int line)
{
    point_at(vt, row, col, file, line);
    vterm_mouse_button(vt->term, 1, true, VTERM_MOD_NONE);
    vterm_mouse_button(vt->term, 1, false, VTERM_MOD_NONE);
    deliver(vt, file, line);
}

/* The wheel is buttons 4 and 5, which are pressed and never released. */
void vt_wheel_at(struct vt *vt, int row, int col, bool up, const char *file, int line)
{
    point_at(vt, row, col, file, line);
    vterm_mouse_button(vt->term, up ? 4 : 5, true, VTERM_MOD_NONE);
    deliver(vt, file, line);
}
