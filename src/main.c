/*
 * main.c: reads the command line, builds the app, runs it, tears it down in reverse order.
 */
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "content/content.h"
#include "loop.h"
#include "options.h"
#include "proc.h"
#include "session.h"
#include "store/store.h"
#include "term.h"
#include "ui.h"

#define SCREEN(name) extern const struct screen_ops name##_screen;
#include "screens.def"
#undef SCREEN

static const struct screen_ops *const screens[] = {
#define SCREEN(name) &name##_screen,
#include "screens.def"
#undef SCREEN
    NULL};

/* ---- building and tearing down ---- */

/* Once: what looked a name up before the tutor starts has opened it already. */
static bool open_content(struct app *app, struct err *e)
{
    if (app->content)
        return true;
    char *cache = app->paths.cache && path_make_dirs(app->paths.cache, NULL)
                      ? path_join(app->paths.cache, "index")
                      : NULL;

    app->content = content_open(app->paths.content, cache, e);
    free(cache);
    return app->content != NULL;
}

static void refresh_content(struct app *app)
{
    bool changed;
    size_t done, total;

    content_refresh(app->content, -1, &changed, &done, &total);
}

static char *migrations_dir(const struct app *app)
{
    return path_join(app->paths.data, "migrations");
}

static bool db_is_memory(const struct app *app)
{
    return strcmp(app->paths.db, ":memory:") == 0;
}

static bool open_store(struct app *app, struct err *e)
{
    char *migrations = migrations_dir(app);

    app->store = store_open(db_is_memory(app) ? NULL : app->paths.db, migrations, e);
    free(migrations);
    return app->store != NULL;
}

static bool open_store_to_read(struct app *app, struct err *e)
{
    char *migrations = migrations_dir(app);

    e->text[0] = '\0';
    if (!db_is_memory(app))
        app->store = store_open_existing(app->paths.db, migrations, e);
    if (!app->store && e->text[0] == '\0')
        app->store = store_open(NULL, migrations, e);
    free(migrations);
    return app->store != NULL;
}

static void app_release(struct app *app)
{
    ui_free(app->ui);
    term_stop();
    procs_free(app->procs);
    store_close(app->store);
    content_free(app->content);
    loop_free(app->loop);
    path_release(&app->paths);
}

/* The language chosen in the tutor is kept with the progress; NULL if none was. A command that has
 * no store of its own looks into it for this only. */
static char *kept_language(struct app *app)
{
    struct err e;

    if (app->store)
        return store_setting(app->store, "lang");
    if (!open_store_to_read(app, &e))
        return NULL;
    char *kept = store_setting(app->store, "lang");
    store_close(app->store);
    app->store = NULL;
    return kept;
}

static enum lang locale_language(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    enum lang lang = LANG_EN;

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *v = getenv(names[i]);
        if (v && v[0]) {
            text_lang_parse(v, &lang);
            break;
        }
    }
    return lang;
}

/* --lang, else what was chosen in the tutor, else the locale, else English. */
static void choose_language(struct app *app)
{
    enum lang lang;

    if (app->opt.lang_given)
        return;
    char *kept = kept_language(app);
    if (!kept || !text_lang_parse(kept, &lang))
        lang = locale_language();
    free(kept);
    text_set_lang(lang);
}

/* ---- commands ---- */

static void on_command_signal(void *user, int signo)
{
    struct app *app = user;

    (void)signo;
    loop_stop(app->loop);
}

static bool watch_signals(struct app *app, signal_fn *fn, struct err *e)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaddset(&set, signals[i]);
    return loop_signals(app->loop, &set, fn, app, e);
}

static bool prepare(struct app *app, unsigned needs, struct err *e)
{
    if ((needs & CMD_CONTENT) && !open_content(app, e))
        return false;
    if (needs & CMD_CONTENT)
        refresh_content(app);
    if ((needs & CMD_STORE) && !open_store(app, e))
        return false;
    if ((needs & CMD_STORE_READ) && !open_store_to_read(app, e))
        return false;
    if (!(needs & CMD_PROCS))
        return true;
    app->loop = loop_new(e);
    if (!app->loop || !watch_signals(app, on_command_signal, e))
        return false;
    app->procs = procs_new(app->loop);
    return true;
}

static int run_command(struct app *app, const struct command *c, int argc, char **argv)
{
    struct err e;
    int status;

    if (prepare(app, c->needs, &e)) {
        choose_language(app);
        status = c->run(app, argc, argv);
    } else {
        status = cmd_fail("%s", e.text);
    }
    app_release(app);
    errno = 0;
    const bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (!written && (errno == EPIPE || errno == 0))
        return 1; /* the reader has seen enough */
    if (!written)
        return cmd_fail("cannot write the output: %s", strerror(errno));
    return status;
}

/* ---- the tutor ---- */

static void on_ui_signal(void *user, int signo)
{
    struct app *app = user;

    switch (signo) {
    case SIGWINCH:
        term_resize();
        ui_redraw_all(app->ui);
        break;
    case SIGTSTP:
        term_suspend();
        ui_redraw_all(app->ui);
        break;
    default:
        ui_quit(app);
        break;
    }
}

static void on_stdin(void *user, uint32_t events)
{
    struct app *app = user;

    ui_read_keys(app->ui);
    if (events & (EPOLLHUP | EPOLLERR)) /* the terminal is gone */
        ui_quit(app);
}

static bool watch_terminal(struct app *app, struct err *e)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaddset(&set, signals[i]);
    return loop_signals(app->loop, &set, on_ui_signal, app, e) &&
           loop_watch(app->loop, app, STDIN_FILENO, EPOLLIN, on_stdin, app, e);
}

/* Without a store the tutor still teaches: the learner decides. */
static bool offer_no_saving(struct app *app, const struct err *why)
{
    struct err e;
    char answer[16];

    fprintf(stderr, "systutor: %s\n", why->text);
    fputs("Enter: go on without saving   q: quit > ", stderr);
    if (!fgets(answer, sizeof(answer), stdin) || answer[0] == 'q')
        return false;
    free(app->paths.db);
    app->paths.db = xstrdup(":memory:");
    return open_store(app, &e) || cmd_fail("%s", e.text) == 0;
}

static bool use_color(const struct app *app)
{
    const char *no_color = getenv("NO_COLOR");

    return !app->opt.no_color && !(no_color && no_color[0]);
}

/* screen and arg: what to open on top of home; "" for nothing. */
static int run_tutor(struct app *app, const char *screen, const char *arg)
{
    struct err e = {""};
    int status = 1;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        fputs("systutor: needs a terminal; without one try `systutor lessons`, "
              "`systutor quiz --plain` or `systutor --help`\n",
              stderr);
        app_release(app);
        return 2;
    }
    if (!open_content(app, &e)) {
        status = cmd_fail("%s", e.text);
        goto out;
    }
    if (!open_store(app, &e) && !offer_no_saving(app, &e))
        goto out;
    choose_language(app);
    app->loop = loop_new(&e);
    if (!app->loop || !watch_terminal(app, &e)) {
        status = cmd_fail("%s", e.text);
        goto out;
    }
    app->procs = procs_new(app->loop);
    const struct term_options opt = {.color = use_color(app), .ascii = app->opt.ascii};
    if (!term_start(&opt, &e)) {
        status = cmd_fail("%s", e.text);
        goto out;
    }
    app->ui = ui_new(app, screens);
    /* A file that was named is all that is looked at: leaving it ends the tutor. */
    const bool alone = strcmp(screen, "trace") == 0;
    if (!alone)
        ui_open(app, "home", "");
    if (screen[0] && !ui_open(app, screen, arg) && alone)
        ui_open(app, "home", "");
    loop_run(app->loop, ui_before_wait, app->ui);
    status = 0;
out:
    if (app->loop)
        loop_drop_owner(app->loop, app);
    app_release(app);
    return status;
}

/* A lesson named on the command line must exist. The cached index knows most; only for a name that
 * it lacks the folder is looked through. */
static int open_named_lesson(struct app *app, const char *slug)
{
    struct err e;

    if (!open_content(app, &e)) {
        app_release(app);
        return cmd_fail("%s", e.text);
    }
    if (!content_find(app->content, slug))
        refresh_content(app);
    if (content_find(app->content, slug))
        return run_tutor(app, "lesson", slug);
    size_t n, n_commands;
    const struct lesson_info *all = content_lessons(app->content, &n);
    const struct command *const *commands = cmd_all(&n_commands);
    const char **words = x_array(n + n_commands, sizeof(*words));
    for (size_t i = 0; i < n; i++)
        words[i] = all[i].slug;
    for (size_t i = 0; i < n_commands; i++)
        words[n + i] = commands[i]->name;
    const char *near = cmd_nearest(slug, words, n + n_commands);
    fprintf(stderr, "systutor: no lesson or command is called \"%s\"", slug);
    if (near)
        fprintf(stderr, "; did you mean \"%s\"?", near);
    fputs("\nTry `systutor lessons` or `systutor --help`.\n", stderr);
    free(words);
    app_release(app);
    return 2;
}

/* "lesson:SLUG" or "track:SLUG", what the quiz screen is asked for; NULL if topic is neither. */
static char *quiz_topic(struct app *app, const char *topic)
{
    const char *kind = NULL;
    struct err e;
    size_t n;

    if (!open_content(app, &e))
        return NULL;
    if (!content_find(app->content, topic))
        refresh_content(app);
    const struct lesson_info *all = content_lessons(app->content, &n);
    for (size_t i = 0; i < n && !kind; i++)
        if (strcmp(all[i].slug, topic) == 0)
            kind = "lesson";
        else if (strcmp(all[i].track, topic) == 0)
            kind = "track";
    return kind ? xasprintf("%s:%s", kind, topic) : NULL;
}

/* `quiz` with at most one topic and no options is the tutor's own quiz screen on a terminal;
 * everything else, a topic that does not exist included, is the command's. */
static int run_quiz(struct app *app, const struct command *c, int argc, char **argv)
{
    const bool plain = !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || argc > 2 ||
                       (argc == 2 && argv[1][0] == '-');
    char *arg = plain ? NULL : argc == 1 ? xstrdup("mixed") : quiz_topic(app, argv[1]);

    if (!arg)
        return run_command(app, c, argc, argv);
    const int status = run_tutor(app, "quiz", arg);
    free(arg);
    return status;
}

static bool is_readable_file(const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0 || access(path, R_OK) < 0)
        return cmd_fail("%s: %s", path, strerror(errno)) == 0;
    return S_ISREG(st.st_mode) || cmd_fail("%s: not a regular file", path) == 0;
}

/* `trace` with files and no options opens them in the tutor on a terminal. */
static int run_trace_command(struct app *app, const struct command *c, int argc, char **argv)
{
    const bool files = (argc == 2 || argc == 3) && argv[1][0] != '-' && argv[argc - 1][0] != '-';

    if (!files || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return run_command(app, c, argc, argv);
    for (int i = 1; i < argc; i++)
        if (!is_readable_file(argv[i])) { /* said where it is read, not behind a screen */
            app_release(app);
            return 1;
        }
    char *arg = argc == 3 ? xasprintf("%s\n%s", argv[1], argv[2]) : xstrdup(argv[1]);
    const int status = run_tutor(app, "trace", arg);
    free(arg);
    return status;
}

/* ---- main ---- */

/* Text is UTF-8 whatever the locale says; where it says otherwise, only ASCII is drawn. */
static void set_locale(struct app_options *opt)
{
    setlocale(LC_CTYPE, ""); /* the only category used: the others would be a dozen files to open */
    if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        return;
    setlocale(LC_CTYPE, "C.UTF-8");
    opt->ascii = true;
}

/* Descriptors 0 to 2 must be something, or the database could become one of them. */
static void open_standard_fds(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    struct app app = {.opt = {.now_ms = -1}};
    struct err e;
    int status;

    open_standard_fds();
    signal(SIGPIPE, SIG_IGN);
    set_locale(&app.opt);
    if (!options_take(&app.opt, &argc, argv, &status))
        return status;
    if (!path_init(&app.paths, app.opt.content, app.opt.db, &e)) {
        path_release(&app.paths);
        return cmd_fail("%s", e.text);
    }
    if (argc < 2)
        return run_tutor(&app, "", "");
    const struct command *c = options_command(argv[1]);
    if (!c)
        return open_named_lesson(&app, argv[1]);
    if (strcmp(c->name, "quiz") == 0)
        return run_quiz(&app, c, argc - 1, argv + 1);
    if (strcmp(c->name, "trace") == 0)
        return run_trace_command(&app, c, argc - 1, argv + 1);
    return run_command(&app, c, argc - 1, argv + 1);
}
