/*
 * pictures.c: how fast a key is answered in the pictures of a run. See pictures.h.
 */
#include "pictures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"

enum { LANES = 8, A_ROUND = 10 }; /* events of one round of a lane */

/* Steps in the timeline, and each other view and back: all that a key may have to draw anew. */
static const char *const keys[] = {"\033OD", "\033OD", "+",      "-", "2",
                                   "\033OD", "4",      "\033OD", "1", "\033OC"};

static void write_lanes(FILE *f)
{
    for (int lane = 0; lane < LANES; lane++)
        fprintf(f,
                "{\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"ts\":0,\"name\":\"thread_name\","
                "\"args\":{\"name\":\"lane-%d\"}},\n",
                lane, lane);
}

/* A round: a span in a span, a note, a message to the next lane, a point and a count. */
static void write_round(FILE *f, long round)
{
    const int lane = (int)(round % LANES), next = (lane + 1) % LANES;
    double us = (double)round * 20;
    const char *const begin =
        "{\"ph\":\"B\",\"pid\":1,\"tid\":%d,\"ts\":%.3f,\"name\":\"%s\",\"cat\":\"%s\"},\n";
    const char *const end = "{\"ph\":\"E\",\"pid\":1,\"tid\":%d,\"ts\":%.3f},\n";

    fprintf(f, begin, lane, us++, "serve", "run");
    fprintf(f, begin, lane, us++, "read", "call");
    fprintf(f, end, lane, us++);
    fprintf(f,
            "{\"ph\":\"i\",\"pid\":1,\"tid\":%d,\"ts\":%.3f,\"name\":\"got\",\"s\":\"t\","
            "\"args\":{\"text\":\"round %ld\"}},\n",
            lane, us++, round);
    fprintf(f, "{\"ph\":\"s\",\"pid\":1,\"tid\":%d,\"ts\":%.3f,\"name\":\"wake\",\"id\":%ld},\n",
            lane, us++, round + 1);
    fprintf(f,
            "{\"ph\":\"f\",\"pid\":1,\"tid\":%d,\"ts\":%.3f,\"name\":\"wake\",\"bp\":\"e\",\"id\":%"
            "ld},\n",
            next, us++, round + 1);
    fprintf(f,
            "{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":%.3f,\"name\":\"load\",\"args\":{\"series\":"
            "\"a\","
            "\"x\":%ld,\"y\":%ld}},\n",
            us++, round, round * 7 % 100);
    fprintf(f,
            "{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":%.3f,\"name\":\"calls\",\"args\":{\"value\":%"
            "ld}},\n",
            us++, round);
    fprintf(f, end, lane, us++);
    fprintf(f,
            "{\"ph\":\"i\",\"pid\":1,\"tid\":%d,\"ts\":%.3f,\"name\":\"done\",\"s\":\"t\",\"args\":"
            "{\"text\":\"\"}}",
            lane, us);
}

static bool write_run(const char *path, long events, struct err *e)
{
    FILE *f = fopen(path, "w");

    if (!f)
        return err_sys(e, "%s", path);
    fputs("[\n", f);
    write_lanes(f);
    for (long i = 0; i < events / A_ROUND; i++) {
        if (i > 0)
            fputs(",\n", f);
        write_round(f, i);
    }
    fputs("\n]\n", f);
    const bool ok = !ferror(f);
    return fclose(f) == 0 && ok ? true : err_sys(e, "%s", path);
}

static struct frames *open_run(const char *build, const char *dir, const char *path, int64_t *ns,
                               struct err *e)
{
    char *program = xasprintf("%s/systutor", build);
    const char *const argv[] = {program, "--db", ":memory:", "trace", path, NULL};
    struct frames *f = frames_start(argv, dir, e);

    /* The tabs are there when the file has been read. */
    if (f && !frames_until(f, "", "Timeline", FRAMES_ANY_ROW, true, ns, e)) {
        frames_stop(f);
        f = NULL;
    }
    if (f)
        frames_pass(f, 300); /* its first picture */
    free(program);
    return f;
}

static bool time_keys(struct frames *a, struct frames *b, struct picture_times *t, struct err *e)
{
    for (size_t i = 0; i < t->n; i++) {
        const char *key = keys[i % ARRAY_LEN(keys)];
        if (!frames_key(a, key, &t->of_short[i], e) || !frames_key(b, key, &t->of_long[i], e))
            return false;
    }
    return true;
}

bool pictures_measure(const char *build, const char *dir, struct picture_times *t, struct err *e)
{
    char *small = xasprintf("%s/short.json", dir), *large = xasprintf("%s/long.json", dir);
    struct frames *a = NULL, *b = NULL;
    int64_t ns;
    bool ok = write_run(small, PICTURES_SHORT, e) && write_run(large, PICTURES_LONG, e);

    ok = ok && (a = open_run(build, dir, small, &ns, e)) &&
         (b = open_run(build, dir, large, &t->loaded_ns, e)) && time_keys(a, b, t, e);
    t->peak_kib = b ? frames_peak_kib(b) : -1;
    frames_stop(a);
    frames_stop(b);
    free(small);
    free(large);
    return ok;
}
