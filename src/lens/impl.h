/*
 * impl.h: what the files of src/lens/ share and nobody else sees: a lens as a row of a table, the
 * reader that all lenses fill, frames of a stack.
 *
 * A lens is one file with one lens_ops. Its line() is given what the tool writes, line by line,
 * raw; it adds to the report with the functions below, which bound and clean what they are given.
 */
#ifndef LENS_IMPL_H
#define LENS_IMPL_H

#include "buf.h"
#include "lens.h"

#define LENS_NO_LINE SIZE_MAX

enum { LENS_MAX_RAW = 16 * 1024 }; /* bytes of a line of a tool; the rest of a longer one is cut */

struct lens_ops {
    const char *name;
    enum text_id title;
    char *(*missing)(void);
    /* Everything of the plan but env and flags that are constant. */
    void (*plan)(struct lens_plan *p, const struct paths *paths);
    size_t state_size; /* of what it keeps in reader->state, zeroed; 0: nothing */
    void (*release)(void *state);
    void (*line)(struct lens_reader *r, const char *line);
    void (*drained)(struct lens_reader *r); /* no more bytes for now */
    /* A line of the demo's own trace that is a verdict: the others are not shown. NULL: all of the
     * demo's trace is. */
    void (*verdict)(struct lens_reader *r, const char *line);
    bool (*is_end)(struct lens_reader *r, const char *line);
    void (*finish)(struct lens_reader *r, int64_t elapsed_ms);
};

extern const struct lens_ops lens_strace, lens_tsan, lens_asan, lens_perf, lens_gdb;

struct lens_reader {
    const struct lens_ops *ops; /* NULL: LENS_NONE */
    struct lens_spec spec;
    char *source, *program; /* program: made harmless */
    uint64_t hidden_pipe;   /* 0: none */
    struct lens_end end;
    void *state;

    struct buf report, trace; /* the part of a line that has come */
    bool in_trace_line;       /* what was passed on last did not end with a newline */
    struct lens_line *lines;
    size_t n, more;
};

/* A part of a line, borrowed. */
struct piece {
    const char *s;
    size_t n;
};

static inline struct piece piece_of(const char *from, const char *to)
{
    return (struct piece){from, (size_t)(to - from)};
}

bool piece_is(struct piece p, const char *word);

/* Whether s begins with words. */
bool starts_with(const char *s, const char *words);

/* Adds a line to the report; its index, LENS_NO_LINE if there is no room. */
size_t lens_add(struct lens_reader *r, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Gives a line of the report its source line, unless it has one. LENS_NO_LINE is fine. */
void lens_link(struct lens_reader *r, size_t index, int line);

/* A frame of a stack: where it is may be known as a file with a line, or only as a module. */
struct frame {
    int number;
    struct piece function, args; /* args: "" for none, else with its brackets */
    struct piece file, module;   /* paths, "" for none */
    int line;
};

/* Whether this file is the demo's source: the same name, in a folder of the same name, as a demo
 * may have been built from another place than it is installed to. */
bool lens_is_source(const struct lens_reader *r, struct piece file);

/* Adds it: the demo's own with its line, others in short. Returns that line, 0 for others. */
int lens_add_frame(struct lens_reader *r, const struct frame *f);

/* Reads "PATH:LINE" or "PATH:LINE:COLUMN" into file and line; false if it is no such thing. */
bool lens_read_place(struct piece text, struct piece *file, int *line);

/* Appends a JSON string, cut to at most max bytes of s. */
void lens_json(struct buf *out, const char *s, size_t n, size_t max);

/* Passes trace on. */
void lens_emit(struct lens_reader *r, const struct buf *lines);

/* ---- what is there of a tool ---- */

/* NULL if the program is found and, where it traces, may do so. Else why not; the caller frees. */
char *lens_tool_missing(const char *program, const char *package, bool traces);

#endif
