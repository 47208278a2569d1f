/*
 * lens.h: a demo seen through a real tool: strace, a sanitizer of the compiler, perf, gdb.
 *
 * A lens says how a demo is started (lens_plan) and reads what the tool says of it (lens_reader):
 * lines of a report, each with the line of the demo's source it is about, and for some lenses lines
 * of trace. Reading is pure: no files, no processes. What a tool says may be shaped by the demo: it
 * is bounded and made harmless. run.c brings the two together.
 */
#ifndef LENS_H
#define LENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"
#include "compiler.h"
#include "path.h"
#include "text.h"

enum lens {
    LENS_NONE,
    LENS_STRACE, /* system calls, in place of the demo's own lanes */
    LENS_TSAN,   /* ThreadSanitizer */
    LENS_ASAN,   /* AddressSanitizer and UndefinedBehaviorSanitizer */
    LENS_PERF,   /* perf stat */
    LENS_GDB,    /* stacks of all threads at a crash, at the time limit, at a stop */
    LENS_COUNT
};

enum {
    LENS_MAX_REPORT = 400, /* lines kept; how many more there were is the last one */
    LENS_MAX_TEXT = 500,   /* bytes of a line, before it is made harmless */
    LENS_LAST_WORDS_MS = 4000,
};

/* "none", "strace", "tsan", "asan", "perf", "gdb"; and back: false if no lens is called so. */
const char *lens_name(enum lens l);
bool lens_parse(const char *name, enum lens *l);

/* What one sees through it. */
enum text_id lens_title(enum lens l);

/* Why it does not work on this machine, with what to do: which package brings the tool, what is
 * refused here. NULL if nothing is known against it (that a compiler has its sanitizer library is
 * only known when it is used). The caller frees. Looks at files: not for every frame. */
char *lens_missing(enum lens l);

/* ---- how it is started ---- */

struct lens_plan {
    struct argv tool;         /* what stands before the demo's own words; often nothing */
    const char *const *env;   /* as proc_spec has it */
    const char *const *flags; /* the demo is compiled anew with these; NULL: as it was built */
    char *helper;             /* and with this source beside it */
    bool report;              /* the tool says what it has to say on PROC_REPORT_FD */
    bool fixed_addresses;     /* these three as proc_spec has them */
    int last_signal;
    int64_t last_words_ms;
    char *held[2]; /* words of tool */
};

/* false with the reason if lens_missing has one. Release it in any case. */
bool lens_plan_init(struct lens_plan *p, enum lens l, const struct paths *paths, struct err *e);
void lens_plan_release(struct lens_plan *p);

/* ---- what it says ---- */

struct lens_line {
    char *text; /* one line, harmless */
    int line;   /* of the demo's source, 0 for none */
};

/* How the demo has ended, where the end of the tool does not tell. */
struct lens_end {
    bool known;
    bool signaled;
    int code; /* exit status, or the signal */
};

struct lens_reader;

struct lens_spec {
    enum lens lens;
    const char *source;  /* path of the demo's source, NULL: not known */
    const char *program; /* its argv[0] */
    /* Lines of trace, whole ones; never NULL. */
    void (*trace)(void *user, const char *bytes, size_t n);
    void *user;
};

/* The strings are copied. */
struct lens_reader *lens_reader_new(const struct lens_spec *spec);
void lens_reader_free(struct lens_reader *r); /* NULL is fine */

/* Calls on the pipe with this inode are the demo's trace, and not shown. */
void lens_reader_hide_pipe(struct lens_reader *r, uint64_t inode);

/* Bytes of the tool's report and of the demo's own trace, as they come. */
void lens_reader_report(struct lens_reader *r, const char *bytes, size_t n);
void lens_reader_trace(struct lens_reader *r, const char *bytes, size_t n);

/* Whether the last line of the demo's output is the tool's, about the demo's end. */
bool lens_reader_is_end(struct lens_reader *r, const char *line);

/* Nothing more will come. elapsed_ms: since the demo was started. */
void lens_reader_finish(struct lens_reader *r, int64_t elapsed_ms);

struct lens_end lens_reader_end(const struct lens_reader *r);

/* Adds a line of our own; or a compiler's message about a place: "error: words". */
void lens_reader_say(struct lens_reader *r, int line, const char *words);
void lens_reader_say_at(struct lens_reader *r, const char *file, int line, const char *kind,
                        const char *words);

/* Until the next call but this one. */
const struct lens_line *lens_reader_lines(const struct lens_reader *r, size_t *n);

#endif
