/*
 * store.h: the learner's progress on disk, in SQLite. Only src/store/ includes sqlite3.h.
 *
 * The append-only table `event` is the truth: (id UUIDv7, at_ms, kind, item, payload JSON).
 * Everything else (positions, sessions, cards, tallies) is derived from it, in the same
 * transaction, by one function that also rebuilds it all (store_rebuild). WAL, synchronous=FULL:
 * when a writer returns true the answer is on disk. Two tutors may use one file at once (busy
 * timeout 2 s). Times are milliseconds since 1970, UTC. An item is "lesson-slug/question-id".
 * Strings in rows are borrowed and valid during the callback only; a callback may use the store,
 * but not the function that called it. Text that is not UTF-8 is stored as utf8_clean shows it. A
 * topic may be NULL, which is the same as "".
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"

struct store;

enum { STORE_VERSION = 1 }; /* schema: number of the last migration in data/migrations */

/* Opens or makes the database. path NULL: in memory, nothing is kept. migrations: the folder of
 * NNN-name.sql files. An older database is copied to path.backup-vN and migrated in a
 * transaction; a newer or damaged one is refused and left untouched. The folder of path is made
 * (mode 0700) if it is missing; the file is 0600. NULL and the reason on failure. */
struct store *store_open(const char *path, const char *migrations, struct err *e);
void store_close(struct store *s); /* NULL is fine */
bool store_is_memory(const struct store *s);

/* Opens for reading only, for commands that must not create anything: NULL with e->text[0] == 0
 * if there is no file yet. An older database is migrated all the same. A copy on a read-only medium
 * can be read. */
struct store *store_open_existing(const char *path, const char *migrations, struct err *e);

/* ---- writing: one short transaction each ---- */

/* A 36-character UUIDv7 and a NUL; ordered by time, also within a millisecond. */
struct store_id {
    char text[37];
};

/* Starts a quiz session over items (n of them, in order, none twice); kind: "lesson", "topic",
 * "mixed", "review". */
bool store_session_start(struct store *s, int64_t now_ms, const char *kind, const char *topic,
                         uint64_t seed, const char *const *items, size_t n, struct store_id *id,
                         struct err *e);
/* Ends it: finished, or abandoned. An unknown or ended session is an error. */
bool store_session_end(struct store *s, int64_t now_ms, const char *session, bool finished,
                       struct err *e);

struct store_answer {
    const char *item;     /* "lesson/question" */
    const char *session;  /* session id, NULL for none */
    int meaning;          /* version of the question's meaning */
    const char *kind;     /* question kind, "choice" */
    const char *response; /* canonical, see quiz.h */
    bool right;
    double score;       /* 0..1 */
    int64_t elapsed_ms; /* from question shown to answer given, >= 0 */
};

/* Adds an answer, moves its card by FSRS (right: good; wrong: again; a card whose meaning is
 * another starts anew; whole days of 24 hours count) and the session on: the last answer to an item
 * is the session's, also after its end. An item that the session lacks is an error. */
bool store_answer_add(struct store *s, int64_t now_ms, const struct store_answer *a, struct err *e);

/* Where the learner is: page (0 and up) of a lesson, and how many of its pages were seen. */
bool store_position_set(struct store *s, int64_t now_ms, const char *lesson, int page,
                        struct err *e);

/* A prediction before a run: choice is its index. */
bool store_predict_add(struct store *s, int64_t now_ms, const char *demo, int choice,
                       struct err *e);

/* A demo run that has ended. verdicts: n of them. predicted: -1 no prediction was open, 0 it was
 * wrong, 1 right, 2 the run did not decide it (inconclusive). */
struct store_verdict {
    const char *claim, *result, *measured, *rule;
};
struct store_run {
    const char *lesson, *demo, *args, *status; /* status: "ok", "failed", "stopped", "limit", ... */
    int predicted;
    const struct store_verdict *verdicts;
    size_t n_verdicts;
};
bool store_run_add(struct store *s, int64_t now_ms, const struct store_run *r, struct err *e);

/* ---- reading ---- */

/* The lesson read last and its page; false if none (or on a failed read). lesson: the caller
 * frees. */
bool store_last_position(struct store *s, char **lesson, int *page);
/* Page of one lesson, -1 if never opened. */
int store_position(struct store *s, const char *lesson);

struct store_progress {
    const char *lesson;
    int pages_seen; /* how far: highest page + 1 */
    int answered;   /* questions answered at least once */
    int right;      /* questions whose last answer was right */
    int due;        /* cards due at now_ms */
};
typedef void store_progress_fn(void *user, const struct store_progress *p);
bool store_progress_each(struct store *s, int64_t now_ms, store_progress_fn *fn, void *user,
                         struct err *e);

/* Items due at now_ms, most overdue first, at most max. */
typedef void store_item_fn(void *user, const char *item, int64_t due_ms);
bool store_due_each(struct store *s, int64_t now_ms, size_t max, store_item_fn *fn, void *user,
                    struct err *e);

/* The newest session of this kind and topic that was started and not ended, for resuming. */
struct store_session {
    char *id, *kind, *topic; /* freed by store_session_release */
    uint64_t seed;
    char **items;
    size_t n_items;
    char **responses; /* n_items of them, NULL where not answered yet */
};
bool store_session_open_find(struct store *s, const char *kind, const char *topic,
                             struct store_session *out);
void store_session_release(struct store_session *ss);

/* The open prediction of a demo (made after its last run), -1 for none. */
int store_predict_open(struct store *s, const char *demo);

/* The latest verdict on a claim of a lesson that passed or failed, else the latest inconclusive
 * one: false if none. result: pass, fail, inconclusive. */
struct store_seen {
    char result[16];
    char measured[64];
    int64_t at_ms;
};
bool store_verdict_last(struct store *s, const char *lesson, const char *claim,
                        struct store_seen *out);

/* Totals and tables for the stats screen and command. */
struct store_totals {
    int answers, right, items, lessons, sessions, runs;
    int predictions, predictions_right; /* of those that a run decided */
    int64_t first_ms, last_ms;          /* of answers; 0 if there is none */
    int64_t time_ms;                    /* time spent answering, at most a day for each */
};
bool store_totals(struct store *s, struct store_totals *out, struct err *e);

struct store_lesson_stat {
    const char *lesson;
    int answers, right; /* all answers ever */
    double score;       /* mean score of the last answer to each item */
    int64_t last_ms;
};
typedef void store_lesson_stat_fn(void *user, const struct store_lesson_stat *r);
bool store_lesson_stats_each(struct store *s, store_lesson_stat_fn *fn, void *user, struct err *e);

struct store_history {
    const char *session, *kind, *topic;
    int64_t start_ms, end_ms; /* end 0: still open */
    int items, answered, right;
    double score; /* mean of the answered, 0 if none */
};
typedef void store_history_fn(void *user, const struct store_history *r);
/* Newest first, at most max. */
bool store_history_each(struct store *s, size_t max, store_history_fn *fn, void *user,
                        struct err *e);

/* The items answered wrong most often (last answer wrong first), at most max. */
struct store_hard {
    const char *item;
    int answers, wrong;
};
typedef void store_hard_fn(void *user, const struct store_hard *r);
bool store_hard_each(struct store *s, size_t max, store_hard_fn *fn, void *user, struct err *e);

/* ---- upkeep ---- */

/* Drops all derived tables' rows and makes them anew from the events, in one transaction. */
bool store_rebuild(struct store *s, struct err *e);

/* Whether the file is sound (PRAGMA integrity_check) and the derived rows equal a rebuild, which is
 * tried and rolled back: not for a handle of store_open_existing. */
bool store_verify(struct store *s, struct err *e);

/* A setting kept with the progress (language and the like): NULL if unset; the caller frees.
 * Setting it to NULL unsets it. */
char *store_setting(struct store *s, const char *name);
bool store_setting_set(struct store *s, const char *name, const char *value, struct err *e);

#endif
