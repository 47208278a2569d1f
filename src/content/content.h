/*
 * content.h: what a learner reads, answers and runs, as loaded from a content folder.
 *
 * Two levels. The index knows of all lessons what the home screen shows; it comes from a cache
 * file in the blink of an eye and is brought up to date in small steps. A lesson is parsed when it
 * is opened. Everything is validated when loaded: a broken lesson keeps its place in the index with
 * the path and the reason, and the others still open. Content is immutable and lends its strings:
 * index strings live until content_free (also across refreshes), a lesson's until lesson_free.
 */
#ifndef CONTENT_H
#define CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "base.h"
#include "text.h"

/* Limits that keep a hostile pack harmless; systutor-content(5) states them. */
enum {
    CONTENT_MAX_FILE = 1024 * 1024, /* bytes of any one file */
    CONTENT_MAX_LESSONS = 5000,
    CONTENT_MAX_QUESTIONS = 500, /* in a lesson */
    CONTENT_MAX_CHOICES = 8,
    CONTENT_MAX_SLUG = 40,
    CONTENT_MAX_PAGES = 100,
    CONTENT_MAX_PARAMS = 12,
};

/* A lesson as the index knows it. */
struct lesson_info {
    const char *slug;  /* stable key, unique in the pack */
    const char *dir;   /* path of its folder */
    const char *track; /* slug of its track */
    struct bitext track_title;
    struct bitext title; /* the slug, when broken */
    int pages;
    int questions;
    int demos;
    int minutes;        /* reading time the author gives */
    const char *broken; /* NULL, or "path: field: reason" */
};

struct content;

/* Opens the folder and reads the cached index if there is one (cache_path, NULL for no cache).
 * Does no other work: call content_refresh. Fails if root is no readable folder. */
struct content *content_open(const char *root, const char *cache_path, struct err *e);
void content_free(struct content *c);

/* Brings the index up to date with the folder, for at most budget_ms (< 0: to the end). Returns
 * true when all is done; then the cache has been rewritten if anything differed (failing to write
 * it is no error). *changed is set when the index differs from what it was before the call.
 * done/total tell the progress while it goes on. */
bool content_refresh(struct content *c, int budget_ms, bool *changed, size_t *done, size_t *total);

const char *content_root(const struct content *c);

/* Lessons in order: by track folder, then by lesson folder. Valid until the next refresh. */
const struct lesson_info *content_lessons(const struct content *c, size_t *n);
const struct lesson_info *content_find(const struct content *c, const char *slug);

/* ---- a lesson ---- */

struct source {
    struct bitext title; /* "epoll(7)" */
    const char *where;   /* "DESCRIPTION", "" for none */
    const char *url;     /* "" for none */
    const char *version; /* "man-pages 6.03", "" for none */
};

struct claim {
    const char *id;
    struct bitext text;
    const struct source *sources;
    size_t n_sources;
    const char *demo; /* name of the demo that proves it, NULL for none */
};

enum param_kind { PARAM_INT, PARAM_CHOICE, PARAM_FLAG };

struct param {
    const char *name;
    struct bitext label;
    enum param_kind kind;
    long min, max, def;         /* def is an index for PARAM_CHOICE; a flag is 0..1 */
    const char *const *choices; /* PARAM_CHOICE */
    size_t n_choices;
};

/* One way a prediction can turn out: a word, or a number in [lo, hi). */
struct predict_choice {
    struct bitext text;
    const char *is; /* NULL: a range */
    double lo, hi;  /* +-HUGE_VAL for open ends */
};

struct predict {
    struct bitext text;
    long *with;        /* value of each parameter of the demo, by its place in params */
    const char *claim; /* whose verdict's measured value decides */
    struct predict_choice *choices;
    size_t n_choices;
    struct bitext why;
};

struct demo {
    const char *name;
    struct bitext title, summary;
    const char *path; /* of its source */
    int limit_s;
    const char *const *claims;
    size_t n_claims;
    struct param *params;
    size_t n_params;
    struct predict predict;
    const char *view; /* name of the picture of its runs that is shown first */
    /* The two runs that are compared at first: they differ in this parameter; n_params: none. */
    size_t compare_param;
    long compare_values[2];
};

enum question_kind { Q_CHOICE, Q_MULTI, Q_NUMBER, Q_TEXT, Q_ORDER, Q_OUTPUT, Q_KINDS };

/* A choice, an item to order, or a known wrong answer (then text is what was answered). */
struct option {
    struct bitext text;
    bool right;
    struct bitext why; /* in[] are "" where none is needed */
};

struct question {
    const char *id;
    enum question_kind kind;
    const char *claim;
    int meaning;
    struct bitext text;
    const char *code;       /* C shown with it, "" for none; for Q_OUTPUT the program's text */
    struct option *options; /* Q_CHOICE, Q_MULTI: choices; Q_ORDER: items in the right order */
    size_t n_options;
    struct option *wrong; /* Q_NUMBER, Q_TEXT, Q_OUTPUT: known wrong answers */
    size_t n_wrong;
    double value, tolerance, factor; /* Q_NUMBER; factor 0: use tolerance */
    struct bitext unit;
    const char *const *accept; /* Q_TEXT: what counts as right; Q_OUTPUT: the one key */
    size_t n_accept;
    const char *program; /* Q_OUTPUT: path of its source, else NULL */
    struct bitext why;   /* why the right answer is right */
};

/* Whether it is answered from a list of options, and not typed. */
static inline bool question_is_list(const struct question *q)
{
    return q->kind == Q_CHOICE || q->kind == Q_MULTI || q->kind == Q_ORDER;
}

struct page {
    struct bitext title;
    struct bitext md; /* Markdown of the page, heading included */
};

struct label {
    const char *name;
    struct bitext text;
};

struct lesson {
    const char *slug, *dir, *track;
    struct bitext title, objective;
    int minutes;
    const char *const *prerequisites;
    size_t n_prerequisites;
    struct claim *claims;
    size_t n_claims;
    struct demo *demos;
    size_t n_demos;
    struct question *questions;
    size_t n_questions;
    struct page *pages;
    size_t n_pages;
    struct label *labels;
    size_t n_labels;
    struct arena mem; /* holds all of the above */
};

/* Parses the lesson whole. NULL, with "path: field: reason", if anything in it is not sound. */
struct lesson *lesson_load(const struct lesson_info *info, struct err *e);
void lesson_free(struct lesson *l);

/* The page that states a claim, 0 and up; the first if none does. */
int lesson_claim_page(const struct lesson *l, const char *id);

/* The label of a name of a trace in the current language, the name itself if it has none. */
const char *lesson_label(const struct lesson *l, const char *name);

/* What was measured, with its word or its unit in the current language where the lesson has a label
 * for it: "own", "5 calls". The caller frees. */
char *lesson_measured_text(const struct lesson *l, const char *measured);

/* "epoll(7), NOTES (man-pages 6.03); ...": the sources of a claim as one line in the current
 * language; the caller frees. */
char *claim_sources_text(const struct claim *c);

const struct claim *lesson_claim(const struct lesson *l, const char *id);
const struct demo *lesson_demo(const struct lesson *l, const char *name);
const struct question *lesson_question(const struct lesson *l, const char *id);

/* Which lesson of the index (refreshed before) holds a demo of this name: loads lessons in turn.
 * NULL with a reason that suggests the nearest name. The caller frees the lesson; *demo borrows
 * from it. */
struct lesson *content_find_demo(const struct content *c, const char *name,
                                 const struct demo **demo, struct err *e);

/* Parses "k=v k=v" (as in a `demo` fence or on a command line) over the values in v, which has
 * demo->n_params places. Fails on an unknown or repeated name or a value out of range, and names
 * it; v is then as it was. */
bool demo_args_parse(const struct demo *d, const char *args, long *v, struct err *e);
void demo_args_default(const struct demo *d, long *v);
bool demo_args_equal(const struct demo *d, const long *a, const long *b);

/* A moment of a demo's run that a page points at: `at DEMO MARK[:N] k=v ...`. */
struct moment {
    char mark[CONTENT_MAX_SLUG + 1]; /* name of a note */
    size_t nth;                      /* which of the notes of that name, 1 and up */
    const char *args;                /* of the run: the rest of the words */
};

/* Parses "MARK[:N] k=v ..."; m->args points into words. */
bool moment_parse(const char *words, struct moment *m, struct err *e);

/* What the pages say of a moment of a run with these values, in the current language: the body of
 * its `at` block. The caller frees; NULL if no page points at it. */
char *lesson_moment_caption(const struct lesson *l, const struct demo *d, const struct moment *m,
                            const long *values);

/* Value of one parameter from its text; and back as text in a buffer the caller gives. */
bool param_parse(const struct param *p, const char *text, long *value, struct err *e);
const char *param_format(const struct param *p, long value, char *out, size_t size);

/* ---- linting (check.c) ---- */

/* One finding; path is relative to the pack, field a JSON path or "line N", either may be "". */
typedef void content_report(void *user, const char *path, const char *field, const char *words);

/* Reads the whole pack and reports everything that is wrong with it, not only the first. Returns
 * the number of findings. */
size_t content_check(const char *root, content_report *report, void *user);

#endif
