/*
 * bench.c: the tutor's speed and size, measured beside the least that could do the same job.
 *
 *     bench BUILD_DIR [--content DIR] [--floor PROGRAM] [--quick] [--assert]
 *     bench --generate DIR LESSONS      only writes the content pack that is measured with
 *
 * Both sides run in the same kind of pty (100x30), in turns, run by run, so that a busy machine
 * disturbs both alike; what counts is the ratio. frames.h says when a frame is complete. The exit
 * status is 0 whatever was measured, unless --assert is given: then 1 if a target was missed.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base.h"
#include "flood.h"
#include "frames.h"
#include "genpack.h"
#include "pictures.h"
#include "pty.h"

/* The targets. */
static const double max_first_ratio = 1.5;
static const double max_first_ratio_large = 1.6;
static const double max_key_ratio = 1.1;
static const double max_flood_ratio = 2.0;
static const double max_peak_mib = 8.0;
static const double max_picture_ratio = 2.0;
static const double max_picture_mib = 200;

enum { LARGE = 1000, FIRST_STARTS = 5, WARM_STARTS = 2 };

struct bench {
    const char *build, *content;
    char *tutor, *floor, *dir; /* dir: temporary, everything the programs write is in it */
    size_t starts, keys;       /* how many of each side */
    int missed;                /* targets */
};

/* One of the two sides. */
struct side {
    const char *name;
    const char *argv[8];
    char *home, *db;
    double *ms; /* the samples */
    size_t n;
    long peak_kib;
};

/* ---- numbers ---- */

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The nearest-rank percentile of samples that are sorted here; n > 0. */
static double percentile(double *ms, size_t n, unsigned percent)
{
    qsort(ms, n, sizeof(*ms), compare_doubles);
    const size_t rank = (n * percent + 99) / 100;
    return ms[rank > 0 ? rank - 1 : 0];
}

static double to_ms(int64_t ns)
{
    return (double)ns / 1e6;
}

static void print_side(struct side *s)
{
    printf("  %-10s median %8.3f ms   p99 %8.3f ms\n", s->name, percentile(s->ms, s->n, 50),
           percentile(s->ms, s->n, 99));
}

static void judge(struct bench *b, const char *what, double value, const char *unit, double target)
{
    const bool met = value <= target;

    printf("  %s %.2f%s, target at most %.2f%s: %s\n", what, value, unit, target, unit,
           met ? "met" : "MISSED");
    b->missed += !met;
}

static void not_measured(struct bench *b, const struct err *e)
{
    printf("  not measured: %s\n", e->text);
    b->missed++;
}

static void print_sides(struct bench *b, struct side *floor, struct side *tutor, double target)
{
    print_side(floor);
    print_side(tutor);
    judge(b, "ratio", percentile(tutor->ms, tutor->n, 50) / percentile(floor->ms, floor->n, 50), "",
          target);
}

/* ---- sides ---- */

/* A fresh folder in b->dir; the caller frees the path. */
static char *make_dir(const struct bench *b, const char *name)
{
    char *path = xasprintf("%s/%s", b->dir, name);

    if (mkdir(path, 0700) != 0)
        die("cannot make %s: %s", path, strerror(errno));
    return path;
}

/* home: the name of a fresh folder in b->dir; n: room for so many samples. */
static void side_init(struct side *s, const struct bench *b, const char *program, const char *home,
                      size_t n)
{
    *s = (struct side){.argv = {program}, .home = make_dir(b, home)};
    s->ms = x_array(n, sizeof(*s->ms));
}

static void floor_init(struct side *s, const struct bench *b, const char *lessons, const char *name,
                       size_t n)
{
    char *home = xasprintf("%s-floor", name);

    side_init(s, b, b->floor, home, n);
    s->name = "floor";
    s->argv[1] = lessons;
    free(home);
}

static void tutor_init(struct side *s, const struct bench *b, const char *content, const char *name,
                       size_t n)
{
    side_init(s, b, b->tutor, name, n);
    s->name = "systutor";
    s->db = xasprintf("%s/progress.db", s->home);
    s->argv[1] = "--content";
    s->argv[2] = content;
    s->argv[3] = "--db";
    s->argv[4] = s->db;
}

static void side_release(struct side *s)
{
    free(s->home);
    free(s->db);
    free(s->ms);
}

/* ---- the first frame ---- */

static bool time_first_frame(struct side *s, struct err *e)
{
    struct frames *f = frames_start(s->argv, s->home, e);
    int64_t ns = 0;
    const bool ok = f && frames_first(f, &ns, e);

    if (ok) {
        const long peak = frames_peak_kib(f);
        s->peak_kib = peak > s->peak_kib ? peak : s->peak_kib;
        s->ms[s->n++] = to_ms(ns);
    } else if (f) {
        const struct err why = *e;
        err_set(e, "%s: %s", s->argv[0], why.text);
    }
    frames_stop(f);
    return ok;
}

/* Starts in homes that the tutor has never seen: no database, no cache. */
static bool print_very_first(struct bench *b, const char *content, const char *name, struct err *e)
{
    double ms[FIRST_STARTS];

    for (size_t i = 0; i < FIRST_STARTS; i++) {
        struct side s;
        char *home = xasprintf("%s-first-%zu", name, i);
        tutor_init(&s, b, content, home, 1);
        const bool ok = time_first_frame(&s, e);
        ms[i] = s.ms[0];
        side_release(&s);
        free(home);
        if (!ok)
            return false;
    }
    printf("  the very first start, nothing cached: median %.3f ms\n",
           percentile(ms, FIRST_STARTS, 50));
    return true;
}

/* The index of a large pack takes a while, and ends with the program: a command that waits for it
 * makes it for all that come after. */
static void make_index(const struct side *s)
{
    char *line = xasprintf("HOME=%s '%s' lessons --content '%s' --db '%s' >/dev/null 2>&1", s->home,
                           s->argv[0], s->argv[2], s->db);

    if (system(line) != 0)
        fprintf(stderr, "bench: the index was not made: %s\n", line);
    free(line);
}

static bool warm_up(struct side *s, struct err *e)
{
    if (s->db)
        make_index(s);
    for (int i = 0; i < WARM_STARTS; i++) {
        if (!time_first_frame(s, e))
            return false;
        s->n = 0;
    }
    s->peak_kib = 0;
    return true;
}

/* Each side goes first in every other round. */
static bool time_first_frames(struct side *a, struct side *b, size_t rounds, struct err *e)
{
    for (size_t i = 0; i < rounds; i++) {
        struct side *first = i % 2 ? b : a;
        struct side *second = i % 2 ? a : b;
        if (!time_first_frame(first, e) || !time_first_frame(second, e))
            return false;
    }
    return true;
}

static void measure_first_frame(struct bench *b, const char *title, const char *content,
                                const char *name, const char *lessons, double target, bool memory)
{
    struct side floor;
    struct side tutor;
    struct err e;

    printf("\nfirst frame, %s (%zu starts each)\n", title, b->starts);
    floor_init(&floor, b, lessons, name, b->starts);
    tutor_init(&tutor, b, content, name, b->starts + WARM_STARTS);
    const bool ok = print_very_first(b, content, name, &e) && warm_up(&tutor, &e) &&
                    time_first_frames(&floor, &tutor, b->starts, &e);
    if (ok)
        print_sides(b, &floor, &tutor, target);
    else
        not_measured(b, &e);
    if (ok && memory) {
        printf("\npeak memory at home, %s\n  %-10s %.2f MiB\n", title, floor.name,
               (double)floor.peak_kib / 1024);
        judge(b, "systutor  ", (double)tutor.peak_kib / 1024, " MiB", max_peak_mib);
    }
    side_release(&floor);
    side_release(&tutor);
}

/* ---- a key ---- */

static bool time_key(struct frames *f, struct side *s, size_t i, struct err *e)
{
    /* Down and Up in application mode, which both programs have switched on. */
    const char *key = i % 2 ? "\033OA" : "\033OB";
    int64_t ns;

    if (!frames_key(f, key, &ns, e))
        return false;
    s->ms[s->n++] = to_ms(ns);
    return true;
}

static bool time_keys(struct side *floor, struct side *tutor, size_t keys, struct err *e)
{
    struct frames *a = frames_start(floor->argv, floor->home, e);
    struct frames *b = a ? frames_start(tutor->argv, tutor->home, e) : NULL;
    int64_t ns;
    bool ok = b && frames_first(a, &ns, e) && frames_first(b, &ns, e);

    for (size_t i = 0; ok && i < keys; i++)
        ok = time_key(a, floor, i, e) && time_key(b, tutor, i, e);
    frames_stop(a);
    frames_stop(b);
    return ok;
}

static void measure_keys(struct bench *b, const char *title, const char *content, const char *name,
                         const char *lessons)
{
    struct side floor;
    struct side tutor;
    struct err e;

    printf("\nkey to complete frame, Down and Up on the list, %s (%zu keys each)\n", title,
           b->keys);
    floor_init(&floor, b, lessons, name, b->keys);
    tutor_init(&tutor, b, content, name, b->keys);
    if (warm_up(&tutor, &e) && time_keys(&floor, &tutor, b->keys, &e))
        print_sides(b, &floor, &tutor, max_key_ratio);
    else
        not_measured(b, &e);
    side_release(&floor);
    side_release(&tutor);
}

/* ---- a key while a demo floods ---- */

static void print_flood(struct bench *b, const struct flood_times *t)
{
    struct side idle = {.name = "idle", .ms = x_array(t->n, sizeof(double)), .n = t->n};
    struct side flooded = {.name = "flooded", .ms = x_array(t->n, sizeof(double)), .n = t->n};

    for (size_t i = 0; i < t->n; i++) {
        idle.ms[i] = to_ms(t->idle[i]);
        flooded.ms[i] = to_ms(t->flooded[i]);
    }
    print_side(&idle);
    print_side(&flooded);
    judge(b, "ratio of p99", percentile(flooded.ms, t->n, 99) / percentile(idle.ms, t->n, 99), "",
          max_flood_ratio);
    side_release(&idle);
    side_release(&flooded);
}

static void measure_flood(struct bench *b)
{
    struct flood_times t = {.n = b->keys};
    char *dir = make_dir(b, "flood");
    struct err e;

    printf("\nkey to frame while a demo floods its output (%zu keys each)\n", b->keys);
    t.idle = x_array(t.n, sizeof(*t.idle));
    t.flooded = x_array(t.n, sizeof(*t.flooded));
    if (flood_measure(b->build, dir, &t, &e))
        print_flood(b, &t);
    else
        not_measured(b, &e);
    free(t.idle);
    free(t.flooded);
    free(dir);
}

/* ---- a key in the pictures of a run ---- */

static void print_pictures(struct bench *b, const struct picture_times *t)
{
    struct side small = {.name = "1000", .ms = x_array(t->n, sizeof(double)), .n = t->n};
    struct side large = {.name = "1000000", .ms = x_array(t->n, sizeof(double)), .n = t->n};

    for (size_t i = 0; i < t->n; i++) {
        small.ms[i] = to_ms(t->of_short[i]);
        large.ms[i] = to_ms(t->of_long[i]);
    }
    print_sides(b, &small, &large, max_picture_ratio);
    printf("  the million was read and drawn after %.2f s\n", to_ms(t->loaded_ns) / 1000);
    judge(b, "peak memory", (double)t->peak_kib / 1024, " MiB", max_picture_mib);
    side_release(&small);
    side_release(&large);
}

static void measure_pictures(struct bench *b)
{
    struct picture_times t = {.n = b->keys};
    char *dir = make_dir(b, "pictures");
    struct err e;

    printf("\nkey to frame in the pictures of a run, by its events (%zu keys each)\n", b->keys);
    t.of_short = x_array(t.n, sizeof(*t.of_short));
    t.of_long = x_array(t.n, sizeof(*t.of_long));
    if (pictures_measure(b->build, dir, &t, &e))
        print_pictures(b, &t);
    else
        not_measured(b, &e);
    free(t.of_short);
    free(t.of_long);
    free(dir);
}

/* ---- all of it ---- */

static void measure(struct bench *b)
{
    char *pack = make_dir(b, "pack");
    struct err e;

    measure_first_frame(b, "this content", b->content, "small", "3", max_first_ratio, true);
    measure_keys(b, "this content", b->content, "small-keys", "3");
    if (genpack_write(pack, LARGE, &e)) {
        measure_first_frame(b, "1000 lessons", pack, "large", "1000", max_first_ratio_large, false);
        measure_keys(b, "1000 lessons", pack, "large-keys", "1000");
    } else {
        not_measured(b, &e);
    }
    measure_flood(b);
    measure_pictures(b);
    free(pack);
}

static int usage(void)
{
    fputs("usage: bench BUILD_DIR [--content DIR] [--floor PROGRAM] [--quick] [--assert]\n"
          "       bench --generate DIR LESSONS\n",
          stderr);
    return 2;
}

static int generate(const char *dir, const char *lessons)
{
    struct err e;

    if (genpack_write(dir, atoi(lessons), &e))
        return 0;
    fprintf(stderr, "bench: %s\n", e.text);
    return 1;
}

static int run(struct bench *b, const char *floor, bool must)
{
    b->tutor = xasprintf("%s/systutor", b->build);
    b->floor = floor ? xstrdup(floor) : xasprintf("%s/floor", b->build);
    b->dir = pty_dir_new();
    setvbuf(stdout, NULL, _IOLBF, 0);
    measure(b);
    printf("\n%d target%s missed\n", b->missed, b->missed == 1 ? "" : "s");
    pty_dir_remove(b->dir);
    free(b->dir);
    free(b->floor);
    free(b->tutor);
    return must && b->missed > 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"content", required_argument, NULL, 'c'}, {"floor", required_argument, NULL, 'f'},
        {"quick", no_argument, NULL, 'q'},         {"assert", no_argument, NULL, 'a'},
        {"generate", no_argument, NULL, 'g'},      {NULL, 0, NULL, 0},
    };
    struct bench b = {.content = "content", .starts = 40, .keys = 300};
    const char *floor = NULL;
    bool must = false;
    bool only_generate = false;
    int option;

    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (option) {
        case 'c':
            b.content = optarg;
            break;
        case 'f':
            floor = optarg;
            break;
        case 'q':
            b.starts = 10;
            b.keys = 60;
            break;
        case 'a':
            must = true;
            break;
        case 'g':
            only_generate = true;
            break;
        default:
            return usage();
        }
    }
    if (argc - optind != (only_generate ? 2 : 1))
        return usage();
    b.build = argv[optind];
    return only_generate ? generate(argv[optind], argv[optind + 1]) : run(&b, floor, must);
}
