/*
 * app.h: what the tutor owns, built in main and passed down.
 */
#ifndef APP_H
#define APP_H

#include <stdbool.h>
#include <stdint.h>

#include "path.h"

struct app_options {
    const char *content; /* --content DIR, NULL: our own */
    const char *db;      /* --db FILE, NULL: the default */
    int64_t now_ms;      /* --now TIME, -1: the clock */
    uint64_t seed;       /* --seed N */
    bool has_seed;
    bool no_color, ascii;
    bool lang_given;
};

struct app {
    struct app_options opt;
    struct paths paths;
    struct loop *loop;
    struct procs *procs;
    struct store *store;
    struct content *content;
    struct ui *ui; /* NULL in commands that have no screen */
};

/* Milliseconds since 1970: the clock, or what --now fixed. */
int64_t app_now_ms(const struct app *app);

/* --seed, or a new random number at each call. */
uint64_t app_seed(const struct app *app);

/* Path of the compiled demo; the caller frees. NULL, with the reason, for a demo of another
 * content folder than our own, which is not run without a sandbox. */
char *app_demo_program(const struct app *app, const char *lesson, const char *demo, struct err *e);

#endif
