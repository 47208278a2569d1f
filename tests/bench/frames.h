/*
 * frames.h: a program on a terminal whose frames are timed.
 *
 * When is a frame complete? Every chunk of output is stamped when it has been read, with nothing
 * but poll and read in between. When the program is at rest (it has written nothing for a while),
 * the chunks are replayed into a terminal (libvterm), and the frame was complete with the last
 * chunk that changed what the screen shows, in text, colours and attributes. So no program gains
 * by writing in pieces or by correcting itself later, and none loses by bytes that change nothing.
 * The top row is left out: it is the title, where a program may count what it does in the
 * background after its frame is there.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base.h"

enum { FRAMES_ROWS = 30, FRAMES_COLS = 100 };

struct frames;

/* Starts argv (ended by NULL) with home as its HOME; NULL with the reason on failure. */
struct frames *frames_start(const char *const *argv, const char *home, struct err *e);

/* Ends the program with SIGTERM, or SIGKILL when that has not helped within 5 s. NULL is fine. */
void frames_stop(struct frames *f);

/* From the fork to the complete first frame. To be called once, right after frames_start. */
bool frames_first(struct frames *f, int64_t *ns, struct err *e);

/* From the write of a key's bytes to the complete frame it caused; the program is at rest before
 * and after. */
bool frames_key(struct frames *f, const char *bytes, int64_t *ns, struct err *e);

/* For a program that is never at rest: from the write of the bytes to the first chunk after which
 * text stands in this row of the screen (FRAMES_ANY_ROW: in one of them), or is gone from there.
 * Without bytes: 0 if it is so now. */
enum { FRAMES_ANY_ROW = -1 };
bool frames_until(struct frames *f, const char *bytes, const char *text, int row, bool there,
                  int64_t *ns, struct err *e);

/* Lets the program go on for ms, and takes what it writes meanwhile. */
void frames_pass(struct frames *f, int ms);

/* VmHWM of the program in KiB, -1 if it cannot be read. */
long frames_peak_kib(const struct frames *f);

#endif
