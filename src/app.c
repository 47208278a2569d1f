/*
 * app.c: what the app gives to everybody: the time, seeds, where a demo's program is.
 */
#include "app.h"

#include <sys/random.h>
#include <time.h>

#include "text.h"

int64_t app_now_ms(const struct app *app)
{
    struct timespec ts;

    if (app->opt.now_ms >= 0)
        return app->opt.now_ms;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

uint64_t app_seed(const struct app *app)
{
    uint64_t seed;

    if (app->opt.has_seed)
        return app->opt.seed;
    if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
        seed = (uint64_t)app_now_ms(app);
    return seed;
}

char *app_demo_program(const struct app *app, const char *lesson, const char *demo, struct err *e)
{
    if (app->paths.own_content)
        return xasprintf("%s/%s/%s", app->paths.demos, lesson, demo);
    err_set(e, text(TXT_FOREIGN_DEMO), demo);
    return NULL;
}
