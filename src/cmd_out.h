/*
 * cmd_out.h: lines for people on standard output, harmless for a terminal whatever they quote.
 */
#ifndef CMD_OUT_H
#define CMD_OUT_H

#include <stdint.h>

/* Prints head, then words made harmless, each line after the first indented by as many columns as
 * the first one's words are; then a newline. head is ours and printed as it is. */
void out_line(const char *head, const char *words);

/* The same for Markdown of the content: marks taken away, one line a block. */
void out_markdown(const char *head, const char *md);

/* Every line of some code, indented by 4 columns. */
void out_code(const char *code);

/* The words made harmless, then blanks up to cols columns. */
void out_padded(const char *words, int cols);

/* "2026-11-23 08:30" in local time, "-" for 0. */
enum { OUT_TIME_SIZE = 32 };
const char *out_time(int64_t ms, char buf[OUT_TIME_SIZE]);

#endif
