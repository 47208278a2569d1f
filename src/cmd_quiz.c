/*
 * cmd_quiz.c: `quiz --plain`: questions and answers as lines, for pipes and screen readers.
 *
 * An answer is on disk before its verdict is printed. What is typed is read by answer_line.c. At
 * the end of input the session stays open, and the same command goes on with it. (On a terminal,
 * without --plain, main opens the quiz screen instead.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer_line.h"
#include "buf.h"
#include "cmd.h"
#include "cmd_args.h"
#include "cmd_out.h"
#include "loop.h"
#include "quiz.h"
#include "session.h"
#include "text.h"

enum { MAX_QUESTIONS = 100000 };

/* ---- asking ---- */

static void print_question(const struct session *s, const struct session_item *it,
                           const size_t *perm)
{
    const struct question *q = it->q;
    struct buf head = {0};

    buf_printf(&head, text(TXT_CMD_QUESTION), s->at + 1, s->n);
    out_line("\n", buf_text(&head));
    buf_release(&head);
    out_markdown("", text_of(&q->text));
    if (q->code[0])
        out_code(q->code);
    for (size_t i = 0; question_is_list(q) && i < q->n_options; i++) {
        char mark[32];
        snprintf(mark, sizeof(mark), "  %zu. ", i + 1);
        out_markdown(mark, text_of(&q->options[perm[i]].text));
    }
}

static void print_prompt(const struct question *q, enum text_id format)
{
    static const enum text_id needs[Q_KINDS] = {
        [Q_CHOICE] = TXT_CMD_NEED_CHOICE, [Q_MULTI] = TXT_CMD_NEED_MULTI,
        [Q_NUMBER] = TXT_CMD_NEED_NUMBER, [Q_TEXT] = TXT_CMD_NEED_TEXT,
        [Q_ORDER] = TXT_CMD_NEED_ORDER,   [Q_OUTPUT] = TXT_CMD_NEED_OUTPUT};
    const char *unit = q->kind == Q_NUMBER && text_of(&q->unit) ? text_of(&q->unit) : "";
    struct buf need = {0}, line = {0};

    buf_puts(&need, text(needs[q->kind]));
    if (unit[0])
        buf_printf(&need, text(TXT_CMD_NEED_UNIT), unit);
    buf_printf(&line, text(format), buf_text(&need));
    out_line("", buf_text(&line));
    fflush(stdout);
    buf_release(&need);
    buf_release(&line);
}

/* One line of standard input, without its end; what is over the longest answer is dropped. false
 * at the end of input. */
static bool read_line(struct buf *line)
{
    int c;

    buf_clear(line);
    while ((c = getchar()) != EOF && c != '\n')
        if (line->len < QUIZ_MAX_RESPONSE && c != '\0' && c != '\r')
            buf_putc(line, (char)c);
    return c != EOF || line->len > 0;
}

/* Asks until a line is an answer; false at the end of input. */
static bool read_response(const struct question *q, const size_t *perm, struct buf *response)
{
    struct buf line = {0};
    bool found = false;

    print_prompt(q, TXT_CMD_PROMPT);
    while (!found && read_line(&line)) {
        buf_clear(response);
        found = answer_line_parse(q, perm, buf_text(&line), response);
        if (!found)
            print_prompt(q, TXT_CMD_PROMPT_AGAIN);
    }
    buf_release(&line);
    return found;
}

/* ---- what an answer was worth ---- */

static bool was_chosen(const char *response, size_t index)
{
    /* One digit an index: there are at most 8 options. */
    return strchr(response, (char)('0' + index)) != NULL;
}

static void print_choices(const struct session_item *it, const size_t *perm)
{
    for (size_t place = 0; place < it->q->n_options; place++) {
        const struct option *o = &it->q->options[perm[place]];
        const char *mine = was_chosen(it->response, perm[place]) ? text(TXT_CMD_MARK_MINE) : "";
        const char *truth = text(o->right ? TXT_CMD_MARK_RIGHT : TXT_CMD_MARK_WRONG);
        char *head = xasprintf("  %zu. [%s%s] ", place + 1, truth, mine);
        out_markdown(head, text_of(&o->text));
        if (text_of(&o->why)[0])
            out_markdown("     ", text_of(&o->why));
        free(head);
    }
}

static void print_typed(const struct session_item *it)
{
    char *mine = quiz_response_text(it->q, it->response);
    char *right = quiz_answer_text(it->q);

    out_line(text(TXT_CMD_YOUR_ANSWER), mine);
    if (it->grade.known >= 0)
        out_markdown("     ", text_of(&it->q->wrong[it->grade.known].why));
    if (!it->grade.right)
        out_line(text(TXT_CMD_RIGHT_ANSWER), right);
    free(mine);
    free(right);
}

static void print_sources(const struct session_item *it)
{
    const struct claim *c = lesson_claim(it->lesson, it->q->claim);

    for (size_t i = 0; c && i < c->n_sources; i++) {
        const struct source *src = &c->sources[i];
        char *words =
            xasprintf("%s%s%s%s%s%s%s", text_of(&src->title), src->where[0] ? ", " : "", src->where,
                      src->version[0] ? ", " : "", src->version, src->url[0] ? ", " : "", src->url);
        out_line(text(TXT_CMD_SOURCE), words);
        free(words);
    }
}

static void print_verdict(const struct session_item *it, const size_t *perm)
{
    const struct grade *g = &it->grade;

    if (!g->right && g->score > 0) {
        printf(text(TXT_ANSWER_PARTLY), g->score * 100);
        putchar('\n');
    } else {
        puts(text(g->right ? TXT_ANSWER_RIGHT : TXT_ANSWER_WRONG));
    }
    if (it->q->kind == Q_CHOICE || it->q->kind == Q_MULTI)
        print_choices(it, perm);
    else
        print_typed(it);
    out_markdown(text(TXT_CMD_WHY), text_of(&it->q->why));
    print_sources(it);
}

static void print_score(const struct session *s)
{
    const struct session_score score = session_score(s);

    putchar('\n');
    printf(text(TXT_QUIZ_RESULT), score.right, score.answered, score.mean * 100);
    putchar('\n');
    if (score.right == score.answered)
        return;
    puts(text(TXT_QUIZ_MISSED));
    for (size_t i = 0; i < s->n; i++)
        if (!s->items[i].grade.right)
            out_markdown("  - ", text_of(&s->items[i].q->text));
}

/* ---- the session ---- */

static int say_unfinished(const struct app *app, const struct session *s)
{
    const struct session_score score = session_score(s);
    const bool kept = !store_is_memory(app->store);

    fprintf(stderr, text(kept ? TXT_CMD_KEPT : TXT_CMD_NOT_KEPT), score.answered, s->n);
    fputc('\n', stderr);
    return 1;
}

static int take(const struct app *app, struct session *s)
{
    size_t perm[CONTENT_MAX_CHOICES];
    struct buf response = {0};
    int status = 0;
    struct err e;

    while (status == 0 && s->at < s->n) {
        const size_t at = s->at;
        const struct session_item *it = &s->items[at];
        quiz_shuffle_options(s->seed, it->q, perm);
        print_question(s, it, perm);
        const int64_t shown_ms = loop_now_ms();
        if (!read_response(it->q, perm, &response))
            status = say_unfinished(app, s);
        else if (!session_answer(s, app_now_ms(app), at, buf_text(&response),
                                 loop_now_ms() - shown_ms, &e))
            status = cmd_fail("%s", e.text);
        else
            print_verdict(it, perm);
    }
    if (status == 0)
        print_score(s);
    buf_release(&response);
    return status;
}

static void greet(const struct session *s)
{
    const struct session_score score = session_score(s);

    if (s->resumed)
        printf(text(TXT_CMD_RESUMED), score.answered, s->n);
    else
        printf(text(TXT_CMD_BEGIN), s->n);
    putchar('\n');
}

/* ---- what to ask ---- */

/* Every lesson slug and track slug; the caller frees the array. */
static const char **topic_names(const struct content *c, size_t *n)
{
    size_t n_lessons;
    const struct lesson_info *all = content_lessons(c, &n_lessons);
    const char **names = x_array(2 * n_lessons, sizeof(*names));

    *n = 0;
    for (size_t i = 0; i < n_lessons; i++)
        names[(*n)++] = all[i].slug;
    for (size_t i = 0; i < n_lessons; i++)
        if (i == 0 || strcmp(all[i].track, all[i - 1].track) != 0)
            names[(*n)++] = all[i].track;
    return names;
}

static bool contains(const char *const *words, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

/* 0, or 2 after having said which topic there is not. */
static int check_topics(const struct content *c, const char *const *topics, size_t n_topics)
{
    size_t n;
    const char **names = topic_names(c, &n);
    int status = 0;

    for (size_t i = 0; i < n_topics && status == 0; i++)
        if (!contains(names, n, topics[i]))
            status = cmd_unknown(&quiz_command, "lesson or track", topics[i], names, n);
    free(names);
    return status;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The key under which the session is found again: the topics, in whatever order they were given,
 * each once. The caller frees. */
static char *session_topic(const char **topics, size_t *n)
{
    struct buf key = {0};
    size_t kept = 0;

    qsort(topics, *n, sizeof(*topics), compare_words);
    for (size_t i = 0; i < *n; i++) {
        if (kept > 0 && strcmp(topics[kept - 1], topics[i]) == 0)
            continue;
        buf_printf(&key, "%s%s", kept ? "," : "", topics[i]);
        topics[kept++] = topics[i];
    }
    *n = kept;
    return buf_take(&key);
}

/* A single lesson is the same session as the lesson's quiz on the screen. */
static struct session_plan make_plan(const struct app *app, const char *key,
                                     const char *const *topics, size_t n, size_t max)
{
    const bool lesson = n == 1 && content_find(app->content, topics[0]);

    /* -n asks for a quiz of its own kind, which nobody goes on with. */
    return (struct session_plan){.kind = max > 0  ? "drill"
                                         : lesson ? "lesson"
                                                  : "mixed",
                                 .topic = key,
                                 .topics = topics,
                                 .n_topics = n,
                                 .max = n == 0 && max == 0 ? SESSION_MIXED : max,
                                 .seed = app_seed(app),
                                 .resume = max == 0};
}

/* Why there is nothing to ask, where a broken lesson is the cause. */
static int fail_to_begin(const struct app *app, const struct session_plan *plan,
                         const struct err *e)
{
    const struct lesson_info *info = content_find(app->content, plan->topic);

    if (info && info->broken)
        return cmd_fail("lesson %s cannot be asked: %s", info->slug, info->broken);
    return cmd_fail("%s", e->text);
}

static int quiz(const struct app *app, const char **topics, size_t n, size_t max)
{
    struct err e;
    char *key = session_topic(topics, &n);
    const struct session_plan plan = make_plan(app, key, topics, n, max);
    struct session *s = session_begin(app->content, app->store, app_now_ms(app), &plan, &e);
    int status;

    if (s) {
        greet(s);
        status = take(app, s);
        session_free(s);
    } else {
        status = fail_to_begin(app, &plan, &e);
    }
    free(key);
    return status;
}

static int run(struct app *app, int argc, char **argv)
{
    bool plain = false; /* what is left to say here: main has opened the screen otherwise */
    const char *count = NULL;
    const struct cmd_option options[] = {{"--plain", &plain, NULL}, {"-n", NULL, &count}};
    long max = 0;

    if (!cmd_options(&quiz_command, &argc, argv, options, ARRAY_LEN(options)))
        return 2;
    if (count && !cmd_number(count, 1, MAX_QUESTIONS, &max))
        return cmd_usage(&quiz_command, "-n needs a number from 1 to %d, not \"%s\"", MAX_QUESTIONS,
                         count);
    const char **topics = (const char **)argv + 1;
    const size_t n = (size_t)(argc - 1);
    const int status = check_topics(app->content, topics, n);
    return status ? status : quiz(app, topics, n, (size_t)max);
}

const struct command quiz_command = {
    .name = "quiz",
    .usage = "quiz [TOPIC]... [-n N] [--plain]",
    .summary = "questions of lessons or tracks; --plain asks in lines",
    .needs = CMD_CONTENT | CMD_STORE,
    .run = run,
};
