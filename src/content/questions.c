/*
 * questions.c: quiz.json. One table row a kind of question: its fields and how to read them.
 *
 * Every question is kept, also one that is wrong, so that indexes agree with the file. See load.h.
 */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "content/load.h"

#define COMMON_FIELDS "id", "kind", "claim", "meaning", "text", "code", "why"

static const char *const QUIZ_FIELDS[] = {"$schema", "questions", NULL};
static const char *const CHOICE_FIELDS[] = {COMMON_FIELDS, "choices", NULL};
static const char *const NUMBER_FIELDS[] = {COMMON_FIELDS, "value", "tolerance", "factor",
                                            "unit",        "wrong", NULL};
static const char *const TEXT_FIELDS[] = {COMMON_FIELDS, "accept", "wrong", NULL};
static const char *const ORDER_FIELDS[] = {COMMON_FIELDS, "items", NULL};
static const char *const OUTPUT_FIELDS[] = {"id",  "kind",    "claim", "meaning", "text",
                                            "why", "program", "key",   "wrong",   NULL};
static const char *const OPTION_FIELDS[] = {"text", "right", "why", NULL};
static const char *const WRONG_FIELDS[] = {"value", "why", NULL};

enum { MAX_PROGRAM_NAME = 80 }; /* bytes */

static struct bitext none(void)
{
    return (struct bitext){{"", ""}};
}

/* A number as a learner would type it, whatever the locale's decimal point. */
static const char *number_text(struct arena *mem, double v)
{
    char *s = arena_printf(mem, "%.15g", v);
    const char *point = localeconv()->decimal_point;
    char *at = strcmp(point, ".") != 0 ? strstr(s, point) : NULL;

    if (at) {
        *at = '.';
        memmove(at + 1, at + strlen(point), strlen(at + strlen(point)) + 1);
    }
    return s;
}

/* ---- choice, multi ---- */

static void read_option(const struct json *j, bool every_why, struct option *o)
{
    o->text = o->why = none();
    if (!json_object(j, OPTION_FIELDS))
        return;
    o->text = json_both(json_must(j, "text"), MAX_TEXT);
    o->right = json_bool(json_may(j, "right"), false);
    const struct json why = json_may(j, "why");
    o->why = json_prose(why, MAX_TEXT);
    if (!why.node && (every_why || !o->right))
        json_lint(&why, "missing: say why this choice is %s", o->right ? "right" : "wrong");
}

static void read_choices(struct loading *ld, const struct json *j, struct question *q)
{
    const struct json list = json_list(json_must(j, "choices"), 2, CONTENT_MAX_CHOICES);
    size_t right = 0;

    q->options = arena_array(&ld->l->mem, list.n, sizeof(*q->options));
    for (struct json i = json_first(&list); i.node; i = json_next(&i)) {
        struct option *o = &q->options[q->n_options++];
        read_option(&i, q->kind == Q_MULTI, o);
        right += o->right;
    }
    if (!list.node)
        return;
    if (q->kind == Q_CHOICE && right != 1)
        json_bad(&list, "needs exactly one right choice, has %zu", right);
    if (q->kind == Q_MULTI && right == 0)
        json_bad(&list, "needs a right choice, has none");
}

/* ---- known wrong answers ---- */

static const char *read_wrong_value(struct arena *mem, enum question_kind kind, struct json j)
{
    if (kind == Q_NUMBER)
        return j.node ? number_text(mem, json_number(j, 0)) : "";
    return json_text(j, MAX_TEXT);
}

static void read_wrong(struct loading *ld, const struct json *j, struct question *q)
{
    const struct json may = json_may(j, "wrong");
    const struct json list = json_list(may, 0, MAX_WRONG);

    q->wrong = arena_array(&ld->l->mem, list.n, sizeof(*q->wrong));
    for (struct json i = json_first(&list); i.node; i = json_next(&i)) {
        struct option *o = &q->wrong[q->n_wrong++];
        o->text = o->why = none();
        if (!json_object(&i, WRONG_FIELDS))
            continue;
        o->text.in[LANG_EN] = o->text.in[LANG_ZH] =
            read_wrong_value(&ld->l->mem, q->kind, json_must(&i, "value"));
        const struct json why = json_may(&i, "why");
        o->why = json_prose(why, MAX_TEXT);
        if (!why.node)
            json_lint(&why, "missing: say why this answer is wrong");
    }
    if (q->n_wrong == 0)
        json_lint(&may, "needs at least one known wrong answer and why");
}

/* ---- number ---- */

static void read_number(struct loading *ld, const struct json *j, struct question *q)
{
    const struct json tolerance = json_may(j, "tolerance"), factor = json_may(j, "factor");

    q->value = json_number(json_must(j, "value"), 0);
    q->tolerance = json_number(tolerance, 0);
    q->factor = json_number(factor, 0);
    q->unit = json_both(json_may(j, "unit"), MAX_LINE);
    read_wrong(ld, j, q);
    if (q->tolerance < 0)
        json_bad(&tolerance, "needs to be 0 or more");
    if (factor.node && tolerance.node)
        json_bad(&factor, "give tolerance or factor, not both");
    if (factor.node && q->factor <= 1)
        json_bad(&factor, "needs to be more than 1");
    if (factor.node && q->value <= 0)
        json_bad(&factor, "makes sense only for a value above 0");
}

/* ---- text, order ---- */

static void read_text(struct loading *ld, const struct json *j, struct question *q)
{
    const struct json list = json_list(json_must(j, "accept"), 1, MAX_ACCEPT);
    const char **accept = arena_array(&ld->l->mem, list.n, sizeof(*accept));

    for (struct json i = json_first(&list); i.node; i = json_next(&i))
        accept[q->n_accept++] = json_text(i, MAX_LINE);
    q->accept = accept;
    read_wrong(ld, j, q);
}

static void read_order(struct loading *ld, const struct json *j, struct question *q)
{
    const struct json list = json_list(json_must(j, "items"), 3, CONTENT_MAX_CHOICES);

    q->options = arena_array(&ld->l->mem, list.n, sizeof(*q->options));
    for (struct json i = json_first(&list); i.node; i = json_next(&i)) {
        struct option *o = &q->options[q->n_options++];
        o->text = json_both(i, MAX_TEXT);
        o->why = none();
    }
}

/* ---- output ---- */

/* A plain file name, so that a pack cannot show files from elsewhere. */
static bool program_name_valid(const char *name)
{
    const size_t n = strlen(name);
    const char *const letters = "abcdefghijklmnopqrstuvwxyz0123456789-_";

    return n > 2 && n <= MAX_PROGRAM_NAME && strcmp(name + n - 2, ".c") == 0 &&
           strspn(name, letters) == n - 2;
}

static const char *read_program_text(struct loading *ld, const struct json *j, const char *path)
{
    struct buf bytes = {0};
    struct err e;
    const char *code = "";

    if (!buf_read_file(&bytes, path, MAX_CODE, &e))
        json_bad(j, "%s", err_reason(&e, path));
    else if (text_bad_at(buf_text(&bytes), bytes.len, false) < bytes.len)
        json_bad(j, "the program is not UTF-8, or holds control characters");
    else
        code = arena_strndup(&ld->l->mem, buf_text(&bytes), bytes.len);
    buf_release(&bytes);
    return code;
}

static void read_output(struct loading *ld, const struct json *j, struct question *q)
{
    const struct json program = json_must(j, "program");
    const char *name = json_text(program, MAX_LINE);
    const char **accept = arena_array(&ld->l->mem, 1, sizeof(*accept));

    accept[0] = json_text(json_must(j, "key"), MAX_TEXT);
    q->accept = accept;
    q->n_accept = 1;
    read_wrong(ld, j, q);
    if (!*name)
        return;
    if (!program_name_valid(name)) {
        json_bad(&program, "needs to be the name of a file beside, like q-name.c");
        return;
    }
    q->program = lesson_path(ld, name);
    q->code = read_program_text(ld, &program, q->program);
}

/* ---- the file ---- */

static const struct {
    const char *name;
    const char *const *fields;
    void (*read)(struct loading *ld, const struct json *j, struct question *q);
} KINDS[Q_KINDS] = {
    [Q_CHOICE] = {"choice", CHOICE_FIELDS, read_choices},
    [Q_MULTI] = {"multi", CHOICE_FIELDS, read_choices},
    [Q_NUMBER] = {"number", NUMBER_FIELDS, read_number},
    [Q_TEXT] = {"text", TEXT_FIELDS, read_text},
    [Q_ORDER] = {"order", ORDER_FIELDS, read_order},
    [Q_OUTPUT] = {"output", OUTPUT_FIELDS, read_output},
};

static int read_kind(const struct json *j)
{
    const char *names[Q_KINDS + 1] = {NULL};

    for (size_t i = 0; i < Q_KINDS; i++)
        names[i] = KINDS[i].name;
    return json_word(json_must(j, "kind"), names);
}

static void read_question(struct loading *ld, const struct json *j, struct question *q)
{
    const struct lesson *l = ld->l;

    q->id = q->claim = q->code = "";
    q->meaning = 1;
    q->text = q->unit = q->why = none();
    const int kind = json_object(j, NULL) ? read_kind(j) : -1;
    if (kind < 0)
        return;
    q->kind = (enum question_kind)kind;
    json_object(j, KINDS[kind].fields);
    const struct json id = json_must(j, "id");
    q->id = json_id(id);
    lesson_unique(&id, q->id, l->questions, (size_t)(q - l->questions), sizeof(*q));
    q->claim = lesson_claim_ref(ld, json_must(j, "claim"));
    q->meaning = (int)json_whole(json_may(j, "meaning"), 1, 1000000, 1);
    q->text = json_prose(json_must(j, "text"), MAX_TEXT);
    q->code = json_text(json_may(j, "code"), MAX_CODE);
    KINDS[kind].read(ld, j, q);
    const struct json why = json_may(j, "why");
    q->why = json_prose(why, MAX_TEXT);
    if (!why.node)
        json_lint(&why, "missing: say why the right answer is right");
}

void questions_from(struct loading *ld, const struct json_doc *doc)
{
    struct lesson *l = ld->l;
    const struct json root = json_root(doc);

    json_object(&root, QUIZ_FIELDS);
    const struct json list = json_list(json_must(&root, "questions"), 1, CONTENT_MAX_QUESTIONS);
    l->questions = arena_array(&l->mem, list.n, sizeof(*l->questions));
    for (struct json i = json_first(&list); i.node; i = json_next(&i))
        read_question(ld, &i, &l->questions[l->n_questions++]);
    ld->has_quiz = list.node;
}

void questions_read(struct loading *ld)
{
    struct json_doc doc = {
        .shown = lesson_rel(ld, "quiz.json"), .mem = &ld->l->mem, .found = ld->found};

    if (json_read(&doc, lesson_path(ld, "quiz.json")))
        questions_from(ld, &doc);
    json_free(&doc);
}

const struct shape *quiz_shapes(size_t *n)
{
    static const struct shape SHAPES[] = {
        {"quiz", QUIZ_FIELDS},     {"choice", CHOICE_FIELDS}, {"multi", CHOICE_FIELDS},
        {"number", NUMBER_FIELDS}, {"text", TEXT_FIELDS},     {"order", ORDER_FIELDS},
        {"output", OUTPUT_FIELDS}, {"option", OPTION_FIELDS}, {"wrong", WRONG_FIELDS},
    };

    *n = ARRAY_LEN(SHAPES);
    return SHAPES;
}
