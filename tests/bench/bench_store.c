/*
 * bench_store.c: what the store costs, against bare SQLite, both sides in one run.
 *
 *   bench_store [ANSWERS [ITEMS]]      default 2000 answers saved, 5000 items
 *
 * 1. Opening an existing database, and what home asks of it.
 * 2. An answer saved, against a prepared INSERT of the same bytes into one table, autocommit, WAL,
 *    synchronous=FULL, same folder; one and the other in turns, medians.
 * 3. Reading with ITEMS questions and many answers: home, the next card, the statistics; rebuild.
 * The folder is $TMPDIR or /tmp; migrations: data/migrations.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "store/store.h"

#define MIGRATIONS "data/migrations"

static const double TARGET_RATIO = 1.2;
static const double TARGET_OPEN_MS = 0.6;
static const int64_t START_MS = INT64_C(1700000000000);

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *samples, size_t n)
{
    qsort(samples, n, sizeof(*samples), compare_doubles);
    return samples[n / 2];
}

static double mean(const double *samples, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += samples[i];
    return sum / (double)n;
}

static void must(bool ok, const struct err *e)
{
    if (!ok)
        die("%s", e->text);
}

static void must_sqlite(sqlite3 *db, int rc)
{
    if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW)
        die("sqlite: %s", sqlite3_errmsg(db));
}

static struct store *open_store(const char *path)
{
    struct err e = {""};
    struct store *s = store_open(path, MIGRATIONS, &e);

    if (!s)
        die("%s", e.text);
    return s;
}

static void item_name(char out[64], size_t i)
{
    snprintf(out, 64, "lesson-%03zu/question-%02zu", i / 15, i % 15);
}

/* ---- an answer, bare ---- */

struct bare {
    sqlite3 *db;
    sqlite3_stmt *insert;
};

static void bare_open(struct bare *b, const char *path)
{
    must_sqlite(NULL, sqlite3_open_v2(
                          path, &b->db,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
    must_sqlite(b->db,
                sqlite3_exec(b->db,
                             "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                             "CREATE TABLE event (id BLOB PRIMARY KEY, at_ms INTEGER, kind TEXT,"
                             " item TEXT, payload TEXT) WITHOUT ROWID;",
                             NULL, NULL, NULL));
    must_sqlite(b->db, sqlite3_prepare_v3(b->db, "INSERT INTO event VALUES (?, ?, ?, ?, ?)", -1,
                                          SQLITE_PREPARE_PERSISTENT, &b->insert, NULL));
}

static void bare_close(struct bare *b)
{
    sqlite3_finalize(b->insert);
    sqlite3_close(b->db);
}

static double bare_add(struct bare *b, int64_t i, const char *item, const char *payload)
{
    unsigned char id[16] = {0};

    for (int k = 0; k < 8; k++)
        id[k] = (unsigned char)(i >> (56 - 8 * k));
    for (int k = 8; k < 16; k++)
        id[k] = (unsigned char)random();
    const double start = now_us();
    sqlite3_bind_blob(b->insert, 1, id, sizeof(id), SQLITE_STATIC);
    sqlite3_bind_int64(b->insert, 2, START_MS + i);
    sqlite3_bind_text(b->insert, 3, "answer", -1, SQLITE_STATIC);
    sqlite3_bind_text(b->insert, 4, item, -1, SQLITE_STATIC);
    sqlite3_bind_text(b->insert, 5, payload, -1, SQLITE_STATIC);
    must_sqlite(b->db, sqlite3_step(b->insert));
    sqlite3_reset(b->insert);
    return now_us() - start;
}

/* ---- an answer, in the store ---- */

enum { SESSION_ITEMS = 20 };

static struct store_id start_session(struct store *s, int64_t now_ms, size_t first)
{
    char names[SESSION_ITEMS][64];
    const char *items[SESSION_ITEMS];
    struct store_id id;
    struct err e = {""};

    for (size_t i = 0; i < SESSION_ITEMS; i++) {
        item_name(names[i], first + i);
        items[i] = names[i];
    }
    must(store_session_start(s, now_ms, "mixed", "", 1, items, SESSION_ITEMS, &id, &e), &e);
    return id;
}

static double store_add(struct store *s, int64_t i, const char *item, const char *session)
{
    const struct store_answer a = {.item = item,
                                   .session = session,
                                   .meaning = 1,
                                   .kind = "choice",
                                   .response = "2",
                                   .right = i % 4 != 0,
                                   .score = i % 4 != 0,
                                   .elapsed_ms = 5000};
    struct err e = {""};

    const double start = now_us();
    must(store_answer_add(s, START_MS + i, &a, &e), &e);
    return now_us() - start;
}

/* The payload that the store writes for such an answer. */
static void answer_payload(char out[256], const char *session)
{
    snprintf(out, 256,
             "{\"session\":\"%s\",\"meaning\":1,\"kind\":\"choice\",\"response\":\"2\","
             "\"right\":true,\"score\":1.0,\"elapsed_ms\":5000}",
             session);
}

static void bench_answers(const char *folder, const char *store_path, size_t n, size_t items)
{
    char path[300];
    struct bare bare;
    double *bare_us = x_array(n, sizeof(*bare_us));
    double *store_us = x_array(n, sizeof(*store_us));

    snprintf(path, sizeof(path), "%s/bare.db", folder);
    struct store *s = open_store(store_path); /* first: it configures SQLite, for both */
    bare_open(&bare, path);
    struct store_id session = {""};
    size_t first = 0;
    for (size_t i = 0; i < n; i++) {
        char item[64];
        char payload[256];
        if (i % SESSION_ITEMS == 0) {
            first = (size_t)random() % (items - SESSION_ITEMS);
            session = start_session(s, START_MS + (int64_t)i, first);
        }
        item_name(item, first + i % SESSION_ITEMS);
        answer_payload(payload, session.text);
        if (i % 2) /* neither always follows the other's sync */
            bare_us[i] = bare_add(&bare, (int64_t)i, item, payload);
        store_us[i] = store_add(s, (int64_t)i, item, session.text);
        if (i % 2 == 0)
            bare_us[i] = bare_add(&bare, (int64_t)i, item, payload);
    }
    store_close(s);
    bare_close(&bare);

    const double mean_ratio = mean(store_us, n) / mean(bare_us, n);
    const double store_median = median(store_us, n);
    const double bare_median = median(bare_us, n);
    const double ratio = store_median / bare_median;
    printf("answer saved        %8.1f us   bare %8.1f us   ratio %.2f (of means %.2f)   target "
           "%.2f   %s\n",
           store_median, bare_median, ratio, mean_ratio, TARGET_RATIO,
           ratio <= TARGET_RATIO ? "ok" : "MISSED");
    free(bare_us);
    free(store_us);
}

/* ---- opening ---- */

static void count_progress(void *user, const struct store_progress *p)
{
    (void)p;
    ++*(int *)user;
}

static void bench_open(const char *path)
{
    enum { ROUNDS = 300 };
    static double open_us[ROUNDS], home_us[ROUNDS];
    struct err e = {""};

    for (size_t i = 0; i < ROUNDS; i++) {
        char *lesson = NULL;
        int page = 0;
        int lessons = 0;
        double start = now_us();
        struct store *s = open_store(path);
        open_us[i] = now_us() - start;
        start = now_us();
        if (store_last_position(s, &lesson, &page))
            free(lesson);
        must(store_progress_each(s, START_MS, count_progress, &lessons, &e), &e);
        home_us[i] = now_us() - start;
        store_close(s);
    }
    const double ms = median(open_us, ROUNDS) / 1e3;
    printf("open                %8.3f ms   target %.1f ms   %s\n", ms, TARGET_OPEN_MS,
           ms <= TARGET_OPEN_MS ? "ok" : "MISSED");
    printf("home, first reads   %8.3f ms\n", median(home_us, ROUNDS) / 1e3);
}

/* ---- many ---- */

/* Events as the store writes them, in one transaction; then the derived rows. */
static void fill(const char *path, size_t answers, size_t items)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *insert = NULL;
    struct err e = {""};

    store_close(open_store(path));
    must_sqlite(NULL, sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL));
    must_sqlite(db, sqlite3_exec(db, "BEGIN", NULL, NULL, NULL));
    must_sqlite(db, sqlite3_prepare_v2(db,
                                       "INSERT INTO event VALUES (?1, ?2, 'answer', ?3, "
                                       "json_object('session', NULL, 'meaning', 1, 'kind', "
                                       "'choice', 'response', '2', 'right', json(iif(?2 % 3, "
                                       "'true', 'false')), 'score', 1.0, 'elapsed_ms', 4000))",
                                       -1, &insert, NULL));
    for (size_t i = 0; i < answers; i++) {
        unsigned char id[16] = {0};
        char item[64];
        for (size_t k = 0; k < 8; k++)
            id[k] = (unsigned char)(i >> (56 - 8 * k));
        item_name(item, (size_t)random() % items);
        sqlite3_bind_blob(insert, 1, id, sizeof(id), SQLITE_STATIC);
        sqlite3_bind_int64(insert, 2, START_MS + (int64_t)i * 60000);
        sqlite3_bind_text(insert, 3, item, -1, SQLITE_STATIC);
        must_sqlite(db, sqlite3_step(insert));
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    must_sqlite(db, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
    sqlite3_close(db);

    struct store *s = open_store(path);
    const double start = now_us();
    must(store_rebuild(s, &e), &e);
    const double seconds = (now_us() - start) / 1e6;
    printf("rebuild             %8.0f events/s (%zu events, %zu items)\n",
           (double)answers / seconds, answers, items);
    store_close(s);
}

static void ignore_item(void *user, const char *item, int64_t due_ms)
{
    (void)item;
    (void)due_ms;
    ++*(int *)user;
}

static void ignore_lesson(void *user, const struct store_lesson_stat *r)
{
    (void)r;
    ++*(int *)user;
}

static void ignore_hard(void *user, const struct store_hard *r)
{
    (void)r;
    ++*(int *)user;
}

static void ignore_history(void *user, const struct store_history *r)
{
    (void)r;
    ++*(int *)user;
}

static void bench_reads(const char *path)
{
    enum { ROUNDS = 51 };
    static double home[ROUNDS], due[ROUNDS], stats[ROUNDS];
    const int64_t now = START_MS + INT64_C(10) * 365 * 86400 * 1000;
    struct err e = {""};

    for (size_t i = 0; i < ROUNDS; i++) {
        struct store *s = open_store(path);
        struct store_totals totals;
        int n = 0;
        double start = now_us();
        must(store_progress_each(s, now, count_progress, &n, &e), &e);
        home[i] = now_us() - start;
        start = now_us();
        must(store_due_each(s, now, 1, ignore_item, &n, &e), &e);
        due[i] = now_us() - start;
        start = now_us();
        must(store_totals(s, &totals, &e), &e);
        must(store_lesson_stats_each(s, ignore_lesson, &n, &e), &e);
        must(store_hard_each(s, 20, ignore_hard, &n, &e), &e);
        must(store_history_each(s, 50, ignore_history, &n, &e), &e);
        stats[i] = now_us() - start;
        store_close(s);
    }
    printf("home, progress      %8.3f ms   target 5 ms\n", median(home, ROUNDS) / 1e3);
    printf("next card due       %8.3f ms   target 1 ms\n", median(due, ROUNDS) / 1e3);
    printf("all statistics      %8.3f ms   target 100 ms\n", median(stats, ROUNDS) / 1e3);
}

static void remove_folder(const char *folder)
{
    static const char *const files[] = {"bare.db", "store.db", "many.db"};
    char path[300];

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        unlink(path);
    }
    rmdir(folder);
}

int main(int argc, char **argv)
{
    const size_t answers = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000;
    const size_t items = argc > 2 ? strtoul(argv[2], NULL, 10) : 5000;
    const char *tmp = getenv("TMPDIR");
    char folder[256];
    char path[300];

    if (answers < 100 || items < 100) {
        fprintf(stderr, "usage: bench_store [ANSWERS [ITEMS]], each 100 or more\n");
        return 2;
    }
    snprintf(folder, sizeof(folder), "%s/bench_store.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(folder))
        die("%s: cannot make it", folder);
    srandom(1);
    snprintf(path, sizeof(path), "%s/store.db", folder);
    bench_answers(folder, path, answers, items);
    bench_open(path);
    snprintf(path, sizeof(path), "%s/many.db", folder);
    fill(path, answers * 50, items);
    bench_reads(path);
    remove_folder(folder);
    return 0;
}
