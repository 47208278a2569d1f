/*
 * fuzz_lesson.c: any bytes as lesson.json and quiz.json (libFuzzer).
 *
 * The input is lesson.json, a NUL, quiz.json. Whatever is wrong with them, what comes out must be
 * harmless: no NULL where a string is promised, values in their ranges, clean text, and reasons
 * given for what was refused. Seeds: a lesson of content/, its two files joined by a NUL.
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -std=gnu11 -D_GNU_SOURCE -Isrc
 *       tests/fuzz/fuzz_lesson.c src/content/[a-z]*.c
 * src/{base,arena,buf,utf8,highlight,quiz,text}.c src/markdown/[a-z]*.c -lcjson -lmd4c -lunistring
 * -lm -o fuzz_lesson
 *   ./fuzz_lesson -max_len=65536 seeds/
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "content/check.h"
#include "content/load.h"

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            BUG("does not hold: %s", #condition);                                                  \
    } while (0)

static void must_be_clean(const char *s)
{
    MUST(s && text_bad_at(s, strlen(s), false) == strlen(s));
}

static void must_be_clean_both(const struct bitext *b)
{
    for (size_t lang = 0; lang < LANG_COUNT; lang++)
        must_be_clean(b->in[lang]);
}

static void must_be_id(const char *id)
{
    MUST(id && (*id == '\0' || id_valid(id)));
}

static void take_finding(void *user, const char *path, const char *field, const char *words)
{
    size_t *n = user;

    must_be_clean(path);
    must_be_clean(field);
    MUST(*words);
    MUST(!strchr(words, '\x1b'));
    ++*n;
}

/* What it says comes back as the same value. */
static void check_param(const struct param *p)
{
    char out[256];
    long value = p->min - 1;

    must_be_clean(p->name);
    must_be_clean_both(&p->label);
    MUST(p->min <= p->def && p->def <= p->max);
    if (p->kind == PARAM_CHOICE && p->n_choices == 0)
        return;
    param_format(p, p->def, out, sizeof(out));
    MUST(param_parse(p, out, &value, NULL) && value == p->def);
}

static void check_demo(const struct demo *d)
{
    const struct predict *p = &d->predict;

    must_be_id(d->name);
    must_be_clean_both(&d->title);
    must_be_clean_both(&d->summary);
    MUST(d->limit_s >= 1 && d->limit_s <= 60);
    MUST(d->n_params <= CONTENT_MAX_PARAMS);
    for (size_t i = 0; i < d->n_params; i++)
        check_param(&d->params[i]);
    for (size_t i = 0; i < d->n_claims; i++)
        must_be_id(d->claims[i]);
    must_be_id(p->claim);
    must_be_clean_both(&p->text);
    must_be_clean_both(&p->why);
    for (size_t i = 0; i < p->n_choices; i++)
        must_be_clean_both(&p->choices[i].text);
}

static void check_claim(const struct claim *c)
{
    must_be_id(c->id);
    must_be_clean_both(&c->text);
    for (size_t i = 0; i < c->n_sources; i++) {
        must_be_clean_both(&c->sources[i].title);
        must_be_clean(c->sources[i].where);
        must_be_clean(c->sources[i].url);
        must_be_clean(c->sources[i].version);
    }
}

static void check_options(const struct option *options, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        must_be_clean_both(&options[i].text);
        must_be_clean_both(&options[i].why);
    }
}

static void check_question(const struct question *q)
{
    must_be_id(q->id);
    must_be_id(q->claim);
    must_be_clean(q->code);
    must_be_clean_both(&q->text);
    must_be_clean_both(&q->unit);
    must_be_clean_both(&q->why);
    MUST(q->kind < Q_KINDS);
    MUST(q->n_options <= CONTENT_MAX_CHOICES);
    check_options(q->options, q->n_options);
    check_options(q->wrong, q->n_wrong);
    for (size_t i = 0; i < q->n_accept; i++)
        must_be_clean(q->accept[i]);
}

static void check_all(const struct lesson *l)
{
    must_be_clean_both(&l->title);
    must_be_clean_both(&l->objective);
    MUST(l->n_questions <= CONTENT_MAX_QUESTIONS);
    for (size_t i = 0; i < l->n_claims; i++)
        check_claim(&l->claims[i]);
    for (size_t i = 0; i < l->n_demos; i++)
        check_demo(&l->demos[i]);
    for (size_t i = 0; i < l->n_questions; i++)
        check_question(&l->questions[i]);
    for (size_t i = 0; i < l->n_labels; i++)
        must_be_clean_both(&l->labels[i].text);
}

static void parse(struct loading *ld, const char *name, const char *text, size_t n,
                  void (*from)(struct loading *, const struct json_doc *))
{
    struct json_doc doc = {.shown = name, .mem = &ld->l->mem, .found = ld->found};
    const size_t before = ld->found->fatal;

    if (json_parse(&doc, text, n))
        from(ld, &doc);
    else
        MUST(ld->found->fatal == before + 1);
    json_free(&doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t seen = 0;
    struct findings found = {.report = take_finding, .user = &seen, .lint = true};
    struct loading ld = {.found = &found, .rel = "10-x/10-y"};
    struct lesson *l = lesson_new(&ld, "/nonexistent", "y", "x");
    char *bytes = xstrndup((const char *)data, size);
    const size_t first = strlen(bytes);
    const size_t second = size_min(first + 1, size);

    parse(&ld, "lesson.json", bytes, first, lesson_from);
    parse(&ld, "quiz.json", bytes + second, size - second, questions_from);
    check_all(l);
    check_quiz(&ld);
    check_lesson(&ld);
    MUST(seen == found.total);
    lesson_free(l);
    free(bytes);
    return 0;
}
