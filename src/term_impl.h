/*
 * term_impl.h: between term.c and draw.c only.
 */
#ifndef TERM_IMPL_H
#define TERM_IMPL_H

#include <stdbool.h>

void draw_init_styles(bool color);

#endif
