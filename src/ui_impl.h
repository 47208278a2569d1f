/*
 * ui_impl.h: what ui.c (stack and keys) and frame.c (drawing) share; nobody else includes it.
 */
#ifndef UI_IMPL_H
#define UI_IMPL_H

#include <stdint.h>

#include "ui.h"

enum { UI_MIN_ROWS = 12, UI_MIN_COLS = 40, UI_SPLIT_COLS = 120 };

/* What a click on the footer presses. */
struct footer_target {
    int from, to; /* columns */
    const struct key_row *row;
};

struct ui {
    struct app *app;
    const struct screen_ops *const *screens;
    struct screen *top;
    bool help_for_side;
    bool need_frame, key_pressed, redraw_all;
    int64_t last_frame_ms;
    char message[512];

    /* As the last frame drew it. */
    struct {
        const struct screen *top, *side;
        int rows, cols;
        bool side_focus;
        unsigned builds; /* of the focused doc */
    } drawn;
    bool split;
    struct rect body, side_body;
    struct footer_target targets[24];
    size_t n_targets;
};

struct screen *ui_focused(const struct ui *ui);
bool ui_row_applies(const struct screen *s, const struct key_row *row);
/* Builds the lines of the focused screen if they have changed, as the next frame will show them. */
void ui_settle(struct ui *ui);
void ui_draw_frame(struct ui *ui);

#endif
