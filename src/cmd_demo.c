/*
 * cmd_demo.c: `demo list|show|run`: the demos of all lessons, the source of one, a run of one.
 *
 * `run` prints the demo's lines as they come and its verdicts at the end, and keeps the run in the
 * store. --trace FILE also keeps the trace, as one JSON array (Chrome Trace Event Format). --lens L
 * runs it through a lens (lens.h) and prints what that reports; such a run is not kept, nor held
 * against a prediction: the tool changes what is measured.
 *
 * list --json: {"demos": [{"demo", "lesson", "title", "summary", "limit_s", "claims": [id],
 * "params": [{"name", "label", "kind", "min", "max", "choices", "default"}]}]}.
 * run --json: {"demo", "lesson", "args", "status", "code", "elapsed_ms", "output": [line],
 * "truncated_bytes", "verdicts": [{"claim", "text", "result", "measured", "number", "rule"}],
 * "predicted", "lens", "report": [{"text", "line"}]}.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cmd.h"
#include "cmd_args.h"
#include "cmd_out.h"
#include "content/content.h"
#include "json_out.h"
#include "lens.h"
#include "run.h"
#include "run_record.h"
#include "store/store.h"
#include "text.h"
#include "tool.h"
#include "trace_export.h"
#include "utf8.h"

/* ---- list ---- */

static void add_param(cJSON *list, const struct param *p)
{
    static const char *const kinds[] = {
        [PARAM_INT] = "int", [PARAM_CHOICE] = "choice", [PARAM_FLAG] = "flag"};
    cJSON *o = json_out_object(list, NULL);

    json_out_string(o, "name", p->name);
    json_out_bitext(o, "label", &p->label);
    json_out_string(o, "kind", kinds[p->kind]);
    if (p->kind != PARAM_CHOICE) {
        json_out_number(o, "min", (double)p->min);
        json_out_number(o, "max", (double)p->max);
        json_out_number(o, "default", (double)p->def);
        return;
    }
    cJSON *choices = json_out_array(o, "choices");
    for (size_t i = 0; i < p->n_choices; i++)
        json_out_string(choices, NULL, p->choices[i]);
    json_out_string(o, "default", p->choices[p->def]);
}

static void add_demo(cJSON *list, const struct lesson *l, const struct demo *d)
{
    cJSON *o = json_out_object(list, NULL);

    json_out_string(o, "demo", d->name);
    json_out_string(o, "lesson", l->slug);
    json_out_bitext(o, "title", &d->title);
    json_out_bitext(o, "summary", &d->summary);
    json_out_number(o, "limit_s", d->limit_s);
    cJSON *claims = json_out_array(o, "claims");
    for (size_t i = 0; i < d->n_claims; i++)
        json_out_string(claims, NULL, d->claims[i]);
    cJSON *params = json_out_array(o, "params");
    for (size_t i = 0; i < d->n_params; i++)
        add_param(params, &d->params[i]);
}

/* "n=1..64 mode=lt|et", each with its default. */
static void print_params(const struct demo *d)
{
    struct buf words = {0};

    for (size_t i = 0; i < d->n_params; i++) {
        const struct param *p = &d->params[i];
        char def[64];
        buf_printf(&words, "%s%s=", i ? "  " : "", p->name);
        for (size_t k = 0; p->kind == PARAM_CHOICE && k < p->n_choices; k++)
            buf_printf(&words, "%s%s", k ? "|" : "", p->choices[k]);
        if (p->kind != PARAM_CHOICE)
            buf_printf(&words, "%ld..%ld", p->min, p->max);
        buf_printf(&words, " (%s)", param_format(p, p->def, def, sizeof(def)));
    }
    if (words.len > 0)
        out_line("    ", buf_text(&words));
    buf_release(&words);
}

static void print_demo(const struct lesson *l, const struct demo *d)
{
    char *name = xasprintf("%s (%s)", d->name, l->slug);

    out_line("", name);
    out_markdown("    ", text_of(&d->summary));
    print_params(d);
    free(name);
}

/* Demos of lessons that cannot be loaded are left out: `lessons` says why. */
static int list(struct app *app, bool json)
{
    cJSON *root = json_out_new();
    cJSON *all = json_out_array(root, "demos");
    size_t n;
    const struct lesson_info *infos = content_lessons(app->content, &n);

    for (size_t i = 0; i < n; i++) {
        struct lesson *l = infos[i].broken ? NULL : lesson_load(&infos[i], NULL);
        for (size_t k = 0; l && k < l->n_demos; k++) {
            if (json)
                add_demo(all, l, &l->demos[k]);
            else
                print_demo(l, &l->demos[k]);
        }
        lesson_free(l);
    }
    if (json)
        json_out_print(root);
    else
        cJSON_Delete(root);
    return 0;
}

/* ---- show ---- */

static int show(const struct demo *d)
{
    struct buf source = {0}, clean = {0};
    struct err e;

    if (!buf_read_file(&source, d->path, CONTENT_MAX_FILE, &e))
        return cmd_fail("%s", e.text);
    utf8_clean(&clean, buf_text(&source), source.len, true);
    fwrite(buf_text(&clean), 1, clean.len, stdout);
    buf_release(&source);
    buf_release(&clean);
    return 0;
}

/* ---- run ---- */

struct job {
    struct app *app;
    struct store *store; /* NULL: the run is not kept */
    const struct lesson *lesson;
    const struct demo *demo;
    long values[CONTENT_MAX_PARAMS];
    bool json;
    enum lens lens;
    const char *trace; /* where it is to be kept; NULL: not asked for */
    struct run *run;
    size_t printed; /* lines of output */
    bool ended;
    enum outcome predicted;
    int choice; /* that was predicted, -1 none */
};

/* Lines go out as they come. With a reader that has gone there is nobody to run for. */
static void on_changed(void *user)
{
    struct job *j = user;

    if (j->json || !j->run)
        return;
    while (j->printed < run_lines(j->run))
        puts(run_line(j->run, j->printed++));
    if (fflush(stdout) != 0)
        run_stop(j->run);
}

static void on_ended(void *user)
{
    struct job *j = user;

    j->ended = true;
}

/* Holds an open prediction against the verdict, if this was the run it was about. */
static enum outcome decide(struct job *j)
{
    int measured;

    j->choice = j->store ? store_predict_open(j->store, j->demo->name) : -1;
    if (j->choice < 0 || (size_t)j->choice >= j->demo->predict.n_choices ||
        !predict_is_about(j->demo, j->values))
        return OUTCOME_NONE;
    return predict_decide(j->demo, j->run, j->choice, &measured);
}

static void keep(const struct job *j)
{
    struct err e;

    if (!run_record(j->store, app_now_ms(j->app), j->lesson, j->demo, j->values, j->run,
                    j->predicted, &e))
        cmd_fail("the run is not kept: %s", e.text);
}

static void add_verdict(cJSON *list, const struct lesson *l, const struct trace_verdict *v)
{
    const struct claim *c = lesson_claim(l, v->claim);
    cJSON *o = json_out_object(list, NULL);

    json_out_string(o, "claim", v->claim);
    if (c)
        json_out_bitext(o, "text", &c->text);
    else
        json_out_string(o, "text", NULL);
    json_out_string(o, "result", trace_result_name(v->result));
    json_out_string(o, "measured", v->measured);
    if (v->is_number)
        json_out_number(o, "number", v->number);
    else
        json_out_string(o, "number", NULL);
    json_out_string(o, "rule", v->rule);
}

static void add_report(cJSON *root, const struct job *j)
{
    size_t n;
    const struct lens_line *lines = run_report(j->run, &n);

    json_out_string(root, "lens", j->lens == LENS_NONE ? NULL : lens_name(j->lens));
    cJSON *list = json_out_array(root, "report");
    for (size_t i = 0; i < n; i++) {
        cJSON *o = json_out_object(list, NULL);
        json_out_string(o, "text", lines[i].text);
        if (lines[i].line > 0)
            json_out_number(o, "line", lines[i].line);
        else
            json_out_string(o, "line", NULL);
    }
}

static void print_json(const struct job *j)
{
    static const char *const outcomes[] = {"wrong", "right", "undecided"};
    cJSON *root = json_out_new();
    char *args = run_args_text(j->demo, j->values);
    size_t n;
    const struct trace_verdict *verdicts = trace_verdicts(run_trace(j->run), &n);

    json_out_string(root, "demo", j->demo->name);
    json_out_string(root, "lesson", j->lesson->slug);
    json_out_string(root, "args", args);
    json_out_string(root, "status", run_state_name(run_state(j->run)));
    json_out_number(root, "code", run_code(j->run));
    json_out_number(root, "elapsed_ms", (double)run_elapsed_ms(j->run));
    cJSON *output = json_out_array(root, "output");
    for (size_t i = 0; i < run_lines(j->run); i++)
        json_out_string(output, NULL, run_line(j->run, i));
    json_out_number(root, "truncated_bytes", (double)run_dropped(j->run));
    cJSON *list = json_out_array(root, "verdicts");
    for (size_t i = 0; i < n; i++)
        add_verdict(list, j->lesson, &verdicts[i]);
    json_out_string(root, "predicted", j->predicted < 0 ? NULL : outcomes[j->predicted]);
    add_report(root, j);
    json_out_print(root);
    free(args);
}

static void print_verdict(const struct lesson *l, const struct trace_verdict *v)
{
    static const enum text_id results[] = {[TRACE_FAIL] = TXT_CMD_VERDICT_FAIL,
                                           [TRACE_PASS] = TXT_CMD_VERDICT_PASS,
                                           [TRACE_INCONCLUSIVE] = TXT_CMD_VERDICT_INCONCLUSIVE};
    const struct claim *c = lesson_claim(l, v->claim);
    struct buf words = {0};

    out_markdown(text(results[v->result]), c ? text_of(&c->text) : v->claim);
    buf_printf(&words, text(TXT_VERDICT), v->measured, v->rule);
    out_line("    ", buf_text(&words));
    buf_release(&words);
}

static void print_verdicts(const struct job *j)
{
    size_t n;
    const struct trace_verdict *verdicts = trace_verdicts(run_trace(j->run), &n);

    putchar('\n');
    for (size_t i = 0; i < n; i++)
        print_verdict(j->lesson, &verdicts[i]);
    for (size_t i = 0; i < j->demo->n_claims; i++)
        if (!trace_verdict(run_trace(j->run), j->demo->claims[i]))
            out_line(text(TXT_CMD_VERDICT_MISSING), j->demo->claims[i]);
    fflush(stdout);
}

/* With the text of each line of the source that is spoken of. */
static void print_report(const struct job *j)
{
    size_t n;
    const struct lens_line *lines = run_report(j->run, &n);

    if (j->lens == LENS_NONE)
        return;
    printf("\n%s:\n", text(lens_title(j->lens)));
    for (size_t i = 0; i < n; i++)
        if (lines[i].line > 0)
            printf("%s  [%s:%d]\n", lines[i].text, j->demo->name, lines[i].line);
        else
            puts(lines[i].text);
    fflush(stdout);
}

static void add_end(const struct job *j, struct buf *words)
{
    const double seconds = (double)run_elapsed_ms(j->run) / 1000;

    switch (run_state(j->run)) {
    case RUN_OK:
        buf_printf(words, text(TXT_RUN_OK), seconds);
        return;
    case RUN_FAILED:
        buf_printf(words, text(TXT_RUN_FAILED), run_code(j->run), seconds);
        return;
    case RUN_CRASHED:
        buf_printf(words, text(TXT_RUN_CRASHED), run_code(j->run), strsignal(run_code(j->run)),
                   seconds);
        return;
    case RUN_STOPPED:
        buf_printf(words, text(TXT_RUN_STOPPED), seconds);
        return;
    case RUN_LIMIT:
        buf_printf(words, text(TXT_RUN_LIMIT), j->demo->limit_s);
        return;
    case RUN_UNBUILT:
        buf_puts(words, text(TXT_RUN_UNBUILT));
        return;
    case RUN_BUILDING:
    case RUN_RUNNING:
        break;
    }
    BUG("demo %s is said to have ended, and runs", j->demo->name);
}

/* How it ended is no data: it goes to standard error. */
static void say_end(const struct job *j)
{
    static const enum text_id predictions[] = {TXT_PREDICTION_WRONG, TXT_PREDICTION_RIGHT,
                                               TXT_PREDICTION_UNDECIDED};
    struct buf words = {0};

    if (run_dropped(j->run) > 0) {
        buf_printf(&words, text(TXT_RUN_TRUNCATED), (double)run_dropped(j->run) / 1024);
        buf_putc(&words, '\n');
    }
    add_end(j, &words);
    fprintf(stderr, "%s\n", buf_text(&words));
    if (j->predicted >= 0) {
        struct buf choice = {0};
        utf8_clean(&choice, text_of(&j->demo->predict.choices[j->choice].text),
                   strlen(text_of(&j->demo->predict.choices[j->choice].text)), false);
        fprintf(stderr, "%s: %s\n%s\n", text(TXT_PREDICTION), buf_text(&choice),
                text(predictions[j->predicted]));
        buf_release(&choice);
    }
    buf_release(&words);
}

static int report(struct job *j)
{
    struct err e;

    j->predicted = decide(j);
    if (j->store)
        keep(j);
    if (j->json) {
        print_json(j);
    } else {
        print_verdicts(j);
        print_report(j);
        say_end(j);
    }
    if (j->trace) {
        trace_settle(run_trace(j->run));
        if (!trace_export(run_trace(j->run), j->demo->name, j->trace, &e))
            return cmd_fail("%s", e.text);
    }
    return run_state(j->run) == RUN_OK ? 0 : 1;
}

static int run_program(struct job *j, const char *program)
{
    const struct run_spec spec = {.demo = j->demo,
                                  .program = program,
                                  .values = j->values,
                                  .lens = j->lens,
                                  .paths = &j->app->paths,
                                  .hooks = {on_changed, on_ended, j}};
    struct err e;

    j->run = run_start(j->app->procs, &spec, &e);
    if (!j->run)
        return cmd_fail("%s", e.text);
    if (!tool_wait(j->app->loop, &j->ended)) {
        run_stop(j->run);
        tool_wait(j->app->loop, &j->ended);
    }
    if (!j->ended)
        return cmd_fail("%s: stopped twice, its run is not kept", j->demo->name);
    return report(j);
}

/* Without a store the demo still runs; that it is not kept is said. */
static struct store *open_store(const struct app *app)
{
    char *migrations = path_join(app->paths.data, "migrations");
    const bool in_memory = strcmp(app->paths.db, ":memory:") == 0;
    struct err e;
    struct store *s = store_open(in_memory ? NULL : app->paths.db, migrations, &e);

    if (!s)
        cmd_fail("the run will not be kept: %s", e.text);
    free(migrations);
    return s;
}

/* Said before the run, not after it: that its trace cannot be kept. */
static bool can_write(const char *path)
{
    FILE *f = fopen(path, "ae");

    if (!f)
        return cmd_fail("%s: cannot write the trace: %s", path, strerror(errno)) == 0;
    fclose(f);
    return true;
}

static int run_demo(struct job *j)
{
    struct err e;
    char *program = app_demo_program(j->app, j->lesson->slug, j->demo->name, &e);

    if (!program)
        return cmd_fail("%s", e.text);
    if (j->trace && !can_write(j->trace)) {
        free(program);
        return 1;
    }
    if (j->lens == LENS_NONE)
        j->store = open_store(j->app);
    const int status = run_program(j, program);
    run_free(j->run);
    store_close(j->store);
    free(program);
    return status;
}

/* ---- the command ---- */

/* The words k=v behind the name, as one text. The caller frees. */
static char *join(int argc, char **argv)
{
    struct buf out = {0};

    for (int i = 0; i < argc; i++)
        buf_printf(&out, "%s%s", i ? " " : "", argv[i]);
    return buf_take(&out);
}

static int run_with(struct job *j, int argc, char **argv)
{
    char *args = join(argc, argv);
    struct err e;

    demo_args_default(j->demo, j->values);
    const bool sound = demo_args_parse(j->demo, args, j->values, &e);
    free(args);
    return sound ? run_demo(j) : cmd_usage(&demo_command, "%s", e.text);
}

struct flags {
    bool json;
    const char *trace, *lens;
};

static int unknown_lens(const char *name)
{
    const char *names[LENS_COUNT];

    for (int i = 0; i < LENS_COUNT; i++)
        names[i] = lens_name((enum lens)i);
    return cmd_unknown(&demo_command, "lens", name, names, LENS_COUNT);
}

static int show_or_run(struct app *app, int argc, char **argv, const struct flags *flags)
{
    const bool is_show = strcmp(argv[1], "show") == 0;
    struct job j = {.app = app, .json = flags->json, .trace = flags->trace};
    struct err e;

    if (argc < 3)
        return cmd_usage(&demo_command, "%s needs the name of a demo", argv[1]);
    if (is_show && (argc > 3 || flags->json || flags->trace || flags->lens))
        return cmd_usage(&demo_command, "show takes the name of a demo only");
    if (flags->lens && !lens_parse(flags->lens, &j.lens))
        return unknown_lens(flags->lens);
    struct lesson *l = content_find_demo(app->content, argv[2], &j.demo, &e);
    if (!l)
        return cmd_usage(&demo_command, "%s", e.text);
    j.lesson = l;
    const int status = is_show ? show(j.demo) : run_with(&j, argc - 3, argv + 3);
    lesson_free(l);
    return status;
}

static int run(struct app *app, int argc, char **argv)
{
    static const char *const verbs[] = {"list", "show", "run"};
    struct flags flags = {0};
    const struct cmd_option options[] = {{"--json", &flags.json, NULL},
                                         {"--trace", NULL, &flags.trace},
                                         {"--lens", NULL, &flags.lens}};

    if (!cmd_options(&demo_command, &argc, argv, options, ARRAY_LEN(options)))
        return 2;
    if (argc < 2)
        return cmd_usage(&demo_command, "needs list, show or run");
    if (strcmp(argv[1], "show") == 0 || strcmp(argv[1], "run") == 0)
        return show_or_run(app, argc, argv, &flags);
    if (strcmp(argv[1], "list") != 0)
        return cmd_unknown(&demo_command, "subcommand", argv[1], verbs, ARRAY_LEN(verbs));
    if (argc > 2 || flags.trace || flags.lens)
        return cmd_usage(&demo_command, "list takes --json only");
    return list(app, flags.json);
}

const struct command demo_command = {
    .name = "demo",
    .usage = "demo list [--json]\n"
             "demo show NAME\n"
             "demo run NAME [k=v]... [--json] [--trace FILE] [--lens L]",
    .summary = "the demos: what there is, their source, a run",
    .needs = CMD_CONTENT | CMD_PROCS,
    .run = run,
};
