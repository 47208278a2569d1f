/*
 * cmd_check.c: `check`: what is wrong with a content pack, one finding a line: "path: field:
 * words". With --run everything in it is compiled and run as well.
 *
 * Exit status 1 if there is a finding or not everything could be tried.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "cmd_args.h"
#include "cmd_check_run.h"
#include "cmd_out.h"
#include "content/content.h"
#include "path.h"

static void print_finding(void *user, const char *path, const char *field, const char *words)
{
    char *line =
        xasprintf("%s%s%s%s%s", path, path[0] ? ": " : "", field, field[0] ? ": " : "", words);

    (void)user;
    out_line("", line);
    fflush(stdout);
    free(line);
}

static bool is_own(const struct app *app, const char *root)
{
    return app->paths.own_content && path_same_dir(root, app->paths.content);
}

/* 1 if root is no folder that can be read, after having said so. */
static int check_folder(const char *root)
{
    struct err e;
    struct content *c = content_open(root, NULL, &e);

    content_free(c);
    return c ? 0 : cmd_fail("%s", e.text);
}

static int check(struct app *app, const char *root, bool with_run)
{
    struct err e;
    bool complete = true;
    size_t n = content_check(root, print_finding, NULL);

    if (with_run && !is_own(app, root))
        cmd_fail("%s: its programs run with your rights, without a sandbox: only for packs that "
                 "you trust",
                 root);
    if (with_run && !cmd_check_run(app, root, print_finding, NULL, &n, &e)) {
        cmd_fail("%s", e.text);
        complete = false;
    }
    if (n == 0 && complete)
        fprintf(stderr, "nothing is wrong\n");
    else if (n > 0)
        fprintf(stderr, "%zu finding%s\n", n, n == 1 ? "" : "s");
    return n == 0 && complete ? 0 : 1;
}

static int run(struct app *app, int argc, char **argv)
{
    bool with_run = false;
    const struct cmd_option options[] = {{"--run", &with_run, NULL}};

    if (!cmd_options(&check_command, &argc, argv, options, ARRAY_LEN(options)))
        return 2;
    if (argc > 2)
        return cmd_usage(&check_command, "takes one folder, not \"%s\" as well", argv[2]);
    const char *root = argc == 2 ? argv[1] : app->paths.content;
    const int status = check_folder(root);
    return status ? status : check(app, root, with_run);
}

const struct command check_command = {
    .name = "check",
    .usage = "check [DIR] [--run]",
    .summary = "lint a content folder; --run compiles and proves it",
    .needs = CMD_PROCS,
    .run = run,
};
