/*
 * vt_impl.h: what the vt*.c files share and no test needs: the inside of struct vt.
 */
#ifndef VT_IMPL_H
#define VT_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <vterm.h>

#include "buf.h"
#include "pty.h"
#include "vt.h"

struct vt {
    struct vt *next;
    struct pty pty;
    VTerm *term;
    VTermScreen *screen; /* owned by term */
    char *home;
    bool own_home;
    bool exited; /* and all its output has been read */
    int status;
    bool cursor_visible, altscreen, mouse_on;
    bool record;
    size_t output_bytes;
    struct buf input;         /* keys and the terminal's answers, not yet taken by the program */
    struct buf mode_sequence; /* private mode sequence that is not complete yet */
    struct buf recorded, row_text, screen_text, reason;
};

#endif
