/*
 * test_check.c: each thing `systutor check` knows to find: a table of changes to a sound pack, each
 * with the finding it has to give, and whether the lesson can still be opened. And the schemas for
 * editors, held against the fields that the loader knows.
 */
#include "packs.h"

#include <cjson/cJSON.h>

#include "content/content.h"
#include "content/load.h"

/* ---- findings ---- */

struct list {
    struct buf text; /* "path|field|words\n" each */
    size_t n;
};

static void collect(void *user, const char *path, const char *field, const char *words)
{
    struct list *list = user;

    buf_printf(&list->text, "%s|%s|%s\n", path, field, words);
    list->n++;
}

static struct list check_pack_at(const char *root)
{
    struct list list = {0};
    const size_t n = content_check(root, collect, &list);

    assert_int_equal(n, list.n);
    return list;
}

/* Whether a finding has this path and field, and words that contain these. */
static bool has_finding(const struct list *list, const char *path, const char *field,
                        const char *words)
{
    char *start = xasprintf("%s|%s|", path, field);
    bool found = false;

    for (const char *line = buf_text(&list->text); *line && !found;) {
        const char *end = strchr(line, '\n');
        if (strncmp(line, start, strlen(start)) == 0)
            found = memmem(line, (size_t)(end - line), words, strlen(words));
        line = end + 1;
    }
    free(start);
    return found;
}

static void expect(const struct list *list, const char *path, const char *field, const char *words)
{
    if (!has_finding(list, path, field, words))
        fail_msg("no finding \"%s: %s: %s\" in:\n%s", path, field, words, buf_text(&list->text));
}

static void expect_in(const char *root, const char *path, const char *field, const char *words)
{
    struct list list = check_pack_at(root);

    expect(&list, path, field, words);
    buf_release(&list.text);
}

/* ---- one change each ---- */

enum outcome { OPENS, BREAKS };

/* In the lesson's folder: old, which is there once in the file, becomes new. */
struct change {
    const char *file, *old, *new;
    enum outcome outcome;
    const char *found_in; /* NULL: file */
    const char *field, *words;
};

#define L  "lesson.json"
#define Q  "quiz.json"
#define EN "en.md"
#define ZH "zh.md"

#define COMPARE(param, values)                                                                     \
    "\"limit_s\": 5, \"compare\": {\"param\": \"" param "\", \"values\": [" values "]}"

static const struct change CHANGES[] = {
    /* JSON itself */
    {L, "\"minutes\": 12,", "\"minutes\": 12", BREAKS, NULL, "line 5, column 3", "not valid JSON"},
    {L, "}}\n}\n", "}}\n}\nx", BREAKS, NULL, "line 34, column 1", "not valid JSON"},
    {L, "\"Pipes\"", "\"Pi\xff\x70\x65s\"", BREAKS, NULL, "line 2, column 22", "not UTF-8"},
    {L, "\"Pipes\"", "\"Pi\npes\"", BREAKS, NULL, "line 2, column 22", "write it as \\n"},
    {L, "\"Pipes\"", "\"Pi\\u0000pes\"", BREAKS, NULL, "line 2, column 22", "NUL"},
    {L, "\"Pipes\"", "\"Pi\\u001bpes\"", BREAKS, NULL, "title.en", "control character"},
    {L, "\"Pipes\"", "\"Pi\\u202epes\"", BREAKS, NULL, "title.en", "control character"},
    {L, "\"Pipes\"", "\"Pi\\ud800pes\"", BREAKS, NULL, "line 2, column 22", "not valid JSON"},
    {L, "\"minutes\": 12,", "\"minutes\": 12, \"minutes\": 13,", BREAKS, NULL, "minutes",
     "given twice"},
    {L, "\"minutes\": 12,", "\"minutes\": 12, \"minuets\": 13,", BREAKS, NULL, "minuets",
     "did you mean \"minutes\""},
    {L, "\"minutes\": 12,", "\"minutes\": 12, \"zzz\": 13,", BREAKS, NULL, "zzz",
     "known here: $schema, title"},
    {L, "\"minutes\": 12,", "\"minutes\": 12, \"a\\u001bb\": 13,", BREAKS, NULL, "[\"a^[b\"]",
     "unknown field"},
    /* types and ranges */
    {L, "\"minutes\": 12,", "", BREAKS, NULL, "minutes", "missing"},
    {L, "\"minutes\": 12,", "\"minutes\": \"12\",", BREAKS, NULL, "minutes", "from 1 to 600"},
    {L, "\"minutes\": 12,", "\"minutes\": 1.5,", BREAKS, NULL, "minutes", "whole number"},
    {L, "\"minutes\": 12,", "\"minutes\": 0,", BREAKS, NULL, "minutes", "from 1 to 600"},
    {L, "[\"signals\"]", "{}", BREAKS, NULL, "prerequisites", "needs to be a list"},
    {L, "[\"signals\"]", "[\"signals\", \"signals\"]", BREAKS, NULL, "prerequisites[1]", "earlier"},
    {L, "[\"signals\"]", "[\"Sig nals\"]", BREAKS, NULL, "prerequisites[0]", "is no id"},
    {L, "{\"en\": \"Pipes\", \"zh\": \"管道\"}", "7", BREAKS, NULL, "title",
     "needs to be a string"},
    {L, "{\"en\": \"Pipes\", \"zh\": \"管道\"}", "{}", BREAKS, NULL, "title", "neither en nor zh"},
    {L, "\"zh\": \"管道\"", "\"fr\": \"x\"", BREAKS, NULL, "title.fr", "unknown field"},
    /* translations, empty strings */
    {L, "{\"en\": \"Pipes\", \"zh\": \"管道\"}", "{\"en\": \"Pipes\"}", OPENS, NULL, "title.zh",
     "missing translation"},
    {L, "{\"en\": \"Pipes\", \"zh\": \"管道\"}", "\"All about the pipes\"", OPENS, NULL, "title",
     "not translated"},
    {L, "\"zh\": \"管道\"", "\"zh\": \" \"", OPENS, NULL, "title.zh", "empty"},
    {Q, "\"KiB\"", "\"\"", OPENS, NULL, "questions[2].unit", "empty"},
    /* claims */
    {L, "\"id\": \"capacity\"", "\"id\": \"Capacity\"", BREAKS, NULL, "claims[1].id", "is no id"},
    {L, "\"id\": \"capacity\"", "\"id\": \"fifo-order\"", BREAKS, NULL, "claims[1].id", "earlier"},
    {L, "[{\"title\": {\"en\": \"pipe(7)\", \"zh\": \"pipe(7)\"}}]", "[]", OPENS, NULL,
     "claims[1].sources", "needs a source"},
    {L, "\"https://man7.org", "\"ftp://man7.org", OPENS, NULL, "claims[0].sources[0].url",
     "https://"},
    {L, "\"demo\": \"pipe-fill\"", "\"demo\": \"pipe-fil\"", BREAKS, NULL, "claims[0].demo",
     "did you mean \"pipe-fill\""},
    {L, ",\n     \"demo\": \"pipe-fill\"", "", OPENS, NULL, "claims[0].demo",
     "pipe-fill gives a verdict"},
    {L, "[{\"title\": {\"en\": \"pipe(7)\", \"zh\": \"pipe(7)\"}}]}",
     "[{\"title\": \"pipe(7)\"}], \"demo\": \"pipe-fill\"}", OPENS, NULL, "claims[1].demo",
     "do not list \"capacity\""},
    {EN, "```claim capacity\nA pipe is finite.\n```\n", "", BREAKS, ZH, "line 20",
     "en.md has the block \"quiz order\" in this place"},
    /* demos and parameters */
    {L, "\"name\": \"pipe-fill\"", "\"name\": \"pipe-full\"", BREAKS, NULL, "demos[0].name",
     "no file pipe-full.c"},
    {L, "[\"fifo-order\"], \"limit_s\"", "[\"fifo-ordre\"], \"limit_s\"", BREAKS, NULL,
     "demos[0].claims[0]", "did you mean \"fifo-order\""},
    {L, "[\"fifo-order\"], \"limit_s\"", "[\"fifo-order\", \"fifo-order\"], \"limit_s\"", BREAKS,
     NULL, "demos[0].claims[1]", "earlier"},
    {L, "\"limit_s\": 5", "\"limit_s\": 61", BREAKS, NULL, "demos[0].limit_s", "from 1 to 60"},
    {L, "\"default\": 4}", "\"default\": 65}", BREAKS, NULL, "demos[0].params[0].default",
     "from 1 to 64"},
    {L, "\"max\": 64", "\"max\": 0", BREAKS, NULL, "demos[0].params[0].max", "less than min"},
    {L, "\"default\": \"spin\"", "\"default\": \"spun\"", BREAKS, NULL,
     "demos[0].params[1].default", "block, spin"},
    {L, "[\"block\", \"spin\"]", "[\"spin\", \"spin\"]", BREAKS, NULL,
     "demos[0].params[1].choices[1]", "earlier"},
    {L, "[\"block\", \"spin\"]", "[\"a b\", \"spin\"]", BREAKS, NULL,
     "demos[0].params[1].choices[0]", "without blanks"},
    {L, "\"kind\": \"flag\", \"default\": 0", "\"kind\": \"flag\", \"default\": 2", BREAKS, NULL,
     "demos[0].params[2].default", "from 0 to 1"},
    {L, "\"kind\": \"flag\"", "\"kind\": \"bool\"", BREAKS, NULL, "demos[0].params[2].kind",
     "int, choice, flag"},
    {L, "\"kind\": \"flag\"", "\"kind\": \"flag\", \"min\": 0", BREAKS, NULL,
     "demos[0].params[2].min", "unknown field"},
    {L, "\"name\": \"drain\"", "\"name\": \"mode\"", BREAKS, NULL, "demos[0].params[2].name",
     "earlier"},
    {L, "\"name\": \"drain\"", "\"name\": \"Drain it\"", BREAKS, NULL, "demos[0].params[2].name",
     "a-z, 0-9, _ and -"},
    {L, "\"limit_s\": 5", "\"limit_s\": 5, \"view\": \"graf\"", BREAKS, NULL, "demos[0].view",
     "timeline, sequence, graph, plot"},
    {L, "\"limit_s\": 5", "\"limit_s\": 5, \"view\": \"graph\"", OPENS, NULL, NULL, NULL},
    {L, "\"limit_s\": 5", COMPARE("mode", "\"block\", \"spin\""), OPENS, NULL, NULL, NULL},
    {L, "\"limit_s\": 5", COMPARE("n", "1, 64"), OPENS, NULL, NULL, NULL},
    {L, "\"limit_s\": 5", COMPARE("mod", "\"block\", \"spin\""), BREAKS, NULL,
     "demos[0].compare.param", "did you mean \"mode\""},
    {L, "\"limit_s\": 5", COMPARE("mode", "\"block\""), BREAKS, NULL, "demos[0].compare.values",
     "needs 2, has 1"},
    {L, "\"limit_s\": 5", COMPARE("n", "1, 65"), BREAKS, NULL, "demos[0].compare.values[1]",
     "from 1 to 64"},
    /* predictions */
    {L, "{\"n\": 16, ", "{\"m\": 16, ", BREAKS, NULL, "demos[0].predict.with.m",
     "no such parameter, did you mean \"n\""},
    {L, "{\"n\": 16, ", "{\"n\": 65, ", BREAKS, NULL, "demos[0].predict.with.n", "from 1 to 64"},
    {L, "\"mode\": \"block\"}", "\"mode\": \"blok\"}", BREAKS, NULL, "demos[0].predict.with.mode",
     "block, spin"},
    {L, "{\"n\": 16, ", "{\"n\": 16, \"n\": 17, ", BREAKS, NULL, "demos[0].predict.with.n",
     "given twice"},
    {L, "\"claim\": \"fifo-order\"", "\"claim\": \"capacity\"", BREAKS, NULL,
     "demos[0].predict.claim", "gives no verdict"},
    {L, "[8, null]", "[7, null]", OPENS, NULL, "demos[0].predict.choices[2]",
     "overlaps with choices[1]"},
    {L, "[8, null]", "[9, null]", OPENS, NULL, "demos[0].predict.choices", "from 8 to 9"},
    {L, "[8, null]", "[8, 10]", OPENS, NULL, "demos[0].predict.choices", "from 10 on"},
    {L, "[null, 2]", "[0, 2]", OPENS, NULL, "demos[0].predict.choices", "below 0"},
    {L, "[2, 8]", "[8, 2]", BREAKS, NULL, "demos[0].predict.choices[1].range", "less than"},
    {L, "[2, 8]", "[2]", BREAKS, NULL, "demos[0].predict.choices[1].range", "needs 2, has 1"},
    {L, "[2, 8]", "[2, \"8\"]", BREAKS, NULL, "demos[0].predict.choices[1].range[1]", "a number"},
    {L, "[2, 8]", "[2, 1e999]", BREAKS, NULL, "demos[0].predict.choices[1].range[1]",
     "out of range"},
    {L, "\"range\": [2, 8]", "\"range\": [2, 8], \"is\": \"x\"", BREAKS, NULL,
     "demos[0].predict.choices[1]", "either range or is"},
    {L, ",\n       \"why\": {\"en\": \"It counts.\", \"zh\": \"数一数。\"}", "", OPENS, NULL,
     "demos[0].predict.why", "missing"},
    /* pages */
    {EN, "# What it is\n", "Hello\n# What it is\n", BREAKS, NULL, "line 1", "before"},
    {EN, "# What it is\n", "\xef\xbb\xbf# What it is\n", OPENS, NULL, NULL, NULL},
    {L, "{\n  \"title\"", "\xef\xbb\xbf{\n  \"title\"", OPENS, NULL, NULL, NULL},
    {EN, "A pipe is a", "A \xff pipe is a", BREAKS, NULL, "line 3", "not UTF-8"},
    {EN, "A pipe is a", "A \x1b pipe is a", BREAKS, NULL, "line 3", "control character"},
    {ZH, "# 看一看\n", "", BREAKS, NULL, "", "has 1 pages, en.md has 2"},
    {ZH, "管道是字节的队列。\n\n```claim fifo-order\n先进先出。\n```\n\n```c\nint fds[2];\n```\n",
     "", BREAKS, NULL, "line 1", "0 live blocks, in en.md it has 1"},
    {ZH, "```quiz order", "```quiz size", BREAKS, NULL, "line 23", "\"quiz order\" in this place"},
    {ZH, "n=8", "n=9", BREAKS, NULL, "line 17", "\"demo pipe-fill n=8 mode=spin\""},
    {EN, "```quiz order", "```quiz ordre", BREAKS, NULL, "line 23",
     "no question \"ordre\" in this lesson, did you mean \"order\""},
    {EN, "```claim capacity", "```claim capacities", BREAKS, NULL, "line 20",
     "no claim \"capacities\""},
    {EN, "```demo pipe-fill", "```demo pipe-fil", BREAKS, NULL, "line 17", "no demo \"pipe-fil\""},
    {EN, "n=8", "n=80", BREAKS, NULL, "line 17", "from 1 to 64"},
    {EN, "n=8", "k=8", BREAKS, NULL, "line 17", "no parameter \"k\""},
    {EN, "```predict pipe-fill", "```predict pipe-fill n=1", BREAKS, NULL, "line 14",
     "only demo and at blocks"},
    {EN, "```quiz order", "```at pipe-fill full n=8", BREAKS, ZH, "line 23",
     "en.md has the block \"at pipe-fill full n=8\" in this place"},
    {EN, "```demo pipe-fill n=8", "```at pipe-fill", BREAKS, NULL, "line 17", "the name of a note"},
    {EN, "```demo pipe-fill n=8", "```at pipe-fill full:0 n=8", BREAKS, NULL, "line 17",
     "a number from 1"},
    {EN, "```demo pipe-fill n=8", "```at pipe-fill full:2x n=8", BREAKS, NULL, "line 17",
     "a number from 1"},
    {EN, "```demo pipe-fill n=8", "```at pipe-fill full n=80", BREAKS, NULL, "line 17",
     "from 1 to 64"},
    {EN, "```demo pipe-fill", "```at pipe-fil full", BREAKS, NULL, "line 17",
     "no demo \"pipe-fil\""},
    {EN, "int fds[2];", "int fds[2]; /* 345678901234567890123456789012345678901234567890123456 */",
     OPENS, NULL, "line 10", "72 columns"},
    {EN, "int fds[2];", "\tint fds[2]; /* 5678901234567890123456789012345678901234567890 */", OPENS,
     NULL, "line 10", "72 columns"},
    {ZH, "管道是字节的队列。\n", "A pipe is a queue of bytes.\n", OPENS, NULL, NULL, NULL},
    /* questions */
    {Q, "\"kind\": \"choice\"", "\"kind\": \"chioce\"", BREAKS, NULL, "questions[0].kind",
     "choice, multi, number"},
    {Q, "\"kind\": \"choice\", ", "", BREAKS, NULL, "questions[0].kind", "missing"},
    {Q, "\"id\": \"many\"", "\"id\": \"order\"", BREAKS, NULL, "questions[1].id", "earlier"},
    {Q, "\"id\": \"many\", ", "", BREAKS, NULL, "questions[1].id", "missing"},
    {Q, "\"claim\": \"capacity\",\n   \"text\": {\"en\": \"Which calls",
     "\"claim\": \"capcity\",\n   \"text\": {\"en\": \"Which calls", BREAKS, NULL,
     "questions[1].claim", "did you mean \"capacity\""},
    {Q, "\"meaning\": 2", "\"meaning\": 0", BREAKS, NULL, "questions[0].meaning", "from 1"},
    {Q, "\"code\": \"write(fd, buf, 2);", "\"cod\": \"write(fd, buf, 2);", BREAKS, NULL,
     "questions[0].cod", "did you mean \"code\""},
    {Q, "write(fd, buf, 2);",
     "write(fd, buf, 2);                                                     x", OPENS, NULL,
     "questions[0].code", "line 1 has 72 columns"},
    {Q, "\"zh\": \"最早的\"}, \"right\": true}", "\"zh\": \"最早的\"}, \"why\": " WHY "}", BREAKS,
     NULL, "questions[0].choices", "exactly one right choice, has 0"},
    {Q, "\"zh\": \"最晚的那个\"}, ", "\"zh\": \"最晚的那个\"}, \"right\": true, ", BREAKS, NULL,
     "questions[0].choices", "exactly one right choice, has 2"},
    {Q, "{\"text\": {\"en\": \"the oldest\", \"zh\": \"最早的\"}, \"right\": true},", "", BREAKS,
     NULL, "questions[0].choices", "needs 2 to 8, has 1"},
    {Q, "\"zh\": \"最晚的那个\"}, \"why\": " WHY "}", "\"zh\": \"最晚的那个\"}}", OPENS, NULL,
     "questions[0].choices[1].why", "missing"},
    {Q, "\"read\", \"right\": true, \"why\": " WHY "}", "\"read\", \"right\": true}", OPENS, NULL,
     "questions[1].choices[0].why", "missing"},
    {Q, "\"close\", \"right\": false", "\"close\", \"right\": 0", BREAKS, NULL,
     "questions[1].choices[2].right", "true or false"},
    {Q, "{\"text\": \"close\",", "{\"text\": \"Read \",", OPENS, NULL, "questions[1].choices[2]",
     "the same as choices[0]"},
    {Q, "Which calls wait?", "Which calls do NOT wait?", OPENS, NULL, "questions[1].text",
     "turn it round"},
    {Q, "Which calls wait?", "Which of these does not wait?", OPENS, NULL, "questions[1].text",
     "turn it round"},
    {Q, "哪些调用会等待？", "错误的是哪些？", OPENS, NULL, "questions[1].text", "turn it round"},
    {Q, "{\"text\": \"close\",", "{\"text\": \"All of the above\",", OPENS, NULL,
     "questions[1].choices[2]", "all of the above"},
    {Q, "\"zh\": \"最晚的那个\"", "\"zh\": \"以上皆非\"", OPENS, NULL, "questions[0].choices[1]",
     "以上皆非"},
    {Q, "\"value\": 64", "\"value\": 1e400", BREAKS, NULL, "questions[2].value", "out of range"},
    {Q, "\"value\": 64", "\"value\": \"64\"", BREAKS, NULL, "questions[2].value", "a number"},
    {Q, "\"tolerance\": 0.5", "\"tolerance\": -1", BREAKS, NULL, "questions[2].tolerance",
     "0 or more"},
    {Q, "\"tolerance\": 0.5", "\"tolerance\": 0.5, \"factor\": 2", BREAKS, NULL,
     "questions[2].factor", "not both"},
    {Q, "\"tolerance\": 0.5", "\"factor\": 1", BREAKS, NULL, "questions[2].factor", "more than 1"},
    {Q, "\"value\": 64, \"tolerance\": 0.5", "\"value\": -64, \"factor\": 2", BREAKS, NULL,
     "questions[2].factor", "a value above 0"},
    {Q, "\"value\": 4.5", "\"value\": 64.4", OPENS, NULL, "questions[2].wrong[0]",
     "accepted as right"},
    {Q, "[{\"value\": 4.5, \"why\": " WHY "}]", "[]", OPENS, NULL, "questions[2].wrong",
     "at least one"},
    {Q, "{\"value\": 4.5, \"why\": " WHY "}", "{\"value\": 4.5}", OPENS, NULL,
     "questions[2].wrong[0].why", "missing"},
    {Q, "[\"EAGAIN\", \"EWOULDBLOCK\"]", "[]", BREAKS, NULL, "questions[3].accept",
     "needs 1 to 20, has 0"},
    {Q, "\"EWOULDBLOCK\"", "\"eagain\"", OPENS, NULL, "questions[3].accept[1]",
     "the same as accept[0]"},
    {Q, "\"EINTR\"", "\"ewouldblock\"", OPENS, NULL, "questions[3].wrong[0]", "accepted as right"},
    {Q, "[\"pipe\", \"fork\", ", "[\"pipe\", ", BREAKS, NULL, "questions[4].items",
     "needs 3 to 8, has 2"},
    {Q, "[\"pipe\", \"fork\", ", "[\"fork\", \"fork\", ", OPENS, NULL, "questions[4].items[1]",
     "the same as items[0]"},
    {Q, "\"q-print.c\"", "\"q-other.c\"", BREAKS, NULL, "questions[5].program", "cannot open"},
    {Q, "\"q-print.c\"", "\"../30-signals/x.c\"", BREAKS, NULL, "questions[5].program",
     "a file beside"},
    {Q, "\"2 1\\n\"", "\"1 2  \\n\\n\"", OPENS, NULL, "questions[5].wrong[0]", "accepted as right"},
    {Q, ", \"key\": \"1 2\\n\"", "", BREAKS, NULL, "questions[5].key", "missing"},
    {"q-print.c", "return 0;", "return 0; // \x1b", BREAKS, Q, "questions[5].program",
     "control characters"},
    {"q-print.c", "return 0;",
     "return 0; /* 8901234567890123456789012345678901234567890123456789 */", OPENS, Q,
     "questions[5].program", "line 3 has 72 columns"},
    {"q-print.c", "return 0;\n",
     "return 0;\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", OPENS, Q,
     "questions[5].program", "33 lines"},
};

static bool lesson_opens(const char *root, const char *slug)
{
    struct content *c = content_open(root, NULL, NULL);
    struct err e = {{0}};
    bool changed;
    size_t done, total;

    assert_non_null(c);
    assert_true(content_refresh(c, -1, &changed, &done, &total));
    const struct lesson_info *info = content_find(c, slug);
    assert_non_null(info);
    struct lesson *l = lesson_load(info, &e);
    /* The index and the loader are of one mind, and give the same reason. */
    assert_int_equal(l == NULL, info->broken != NULL);
    if (info->broken)
        assert_string_equal(info->broken, e.text);
    const bool opens = l;
    lesson_free(l);
    content_free(c);
    return opens;
}

/* Says what is not as it should be, so that one run shows all rows that are wrong. */
static bool one_change(const struct change *c)
{
    char *root = pack_make();
    char *file = pack_path(LESSON_DIR, c->file);
    char *where = pack_path(LESSON_DIR, c->found_in ? c->found_in : c->file);
    bool ok = true;

    pack_edit(root, file, c->old, c->new);
    struct list list = check_pack_at(root);
    if (c->field ? !has_finding(&list, where, c->field, c->words) : list.n != 0) {
        print_error("%s: \"%s\": expected \"%s: %s\", found:\n%s", c->file, c->new,
                    c->field ? c->field : "nothing", c->field ? c->words : "",
                    buf_text(&list.text));
        ok = false;
    }
    if (lesson_opens(root, "pipes") != (c->outcome == OPENS)) {
        print_error("%s: \"%s\": the lesson %s\n", c->file, c->new,
                    c->outcome == OPENS ? "does not open" : "opens");
        ok = false;
    }
    ok &= lesson_opens(root, "signals");
    buf_release(&list.text);
    free(file);
    free(where);
    pack_remove(root);
    return ok;
}

static void a_sound_pack_has_no_findings(void **state)
{
    (void)state;
    char *root = pack_make();
    struct list list = check_pack_at(root);

    assert_string_equal(buf_text(&list.text), "");
    assert_int_equal(list.n, 0);
    assert_true(lesson_opens(root, "pipes"));
    assert_true(lesson_opens(root, "signals"));
    pack_remove(root);
}

static void every_change_gives_its_finding(void **state)
{
    (void)state;
    bool ok = true;

    for (size_t i = 0; i < ARRAY_LEN(CHANGES); i++)
        ok &= one_change(&CHANGES[i]);
    assert_true(ok);
}

/* ---- more than one place ---- */

static void edit_both_pages(const char *root, const char *old, const char *zh_old, const char *new)
{
    pack_edit(root, LESSON_DIR "/en.md", old, new);
    pack_edit(root, LESSON_DIR "/zh.md", zh_old, new);
}

static void claims_need_a_block_and_a_question(void **state)
{
    (void)state;
    char *root = pack_make();

    edit_both_pages(root, "```claim capacity\nA pipe is finite.\n```\n",
                    "```claim capacity\n容量有限。\n```\n", "");
    expect_in(root, LESSON_DIR "/lesson.json", "claims[1]", "no page has the block \"claim");
    pack_edit(root, LESSON_DIR "/lesson.json", "\"id\": \"capacity\"", "\"id\": \"size\"");
    expect_in(root, LESSON_DIR "/lesson.json", "claims[1]", "no question tests \"size\"");
    pack_remove(root);
}

static void demos_need_predict_then_demo(void **state)
{
    (void)state;
    char *root = pack_make();
    const char *const field = "demos[0]";

    edit_both_pages(root, "```predict pipe-fill\nPredict first.\n```\n",
                    "```predict pipe-fill\n先预测。\n```\n", "");
    expect_in(root, LESSON_DIR "/lesson.json", field, "no page has the block \"predict");
    edit_both_pages(root, "```claim capacity", "```claim capacity",
                    "```predict pipe-fill\nPredict.\n```\n```claim capacity");
    expect_in(root, LESSON_DIR "/lesson.json", field, "needs to come before");
    edit_both_pages(root, "```demo pipe-fill n=8 mode=spin\nRun it.\n```\n",
                    "```demo pipe-fill n=8 mode=spin\n运行。\n```\n", "");
    expect_in(root, LESSON_DIR "/lesson.json", field, "no page has the block \"demo");
    pack_remove(root);
}

static void words_of_a_prediction_must_differ(void **state)
{
    (void)state;
    char *root = pack_make();
    const char *const file = LESSON_DIR "/lesson.json";

    pack_edit(root, file, "\"range\": [null, 2]", "\"is\": \"EAGAIN\"");
    pack_edit(root, file, "\"range\": [2, 8]", "\"is\": \"EAGAIN\"");
    expect_in(root, file, "demos[0].predict.choices[1]", "overlaps with choices[0]");
    pack_remove(root);
}

static void pages_need_a_body_and_a_translation(void **state)
{
    (void)state;
    char *root = pack_make();

    pack_edit(root, OTHER_DIR "/zh.md", "文字。", "Text.");
    expect_in(root, OTHER_DIR "/zh.md", "line 1", "not translated");
    write_text(root, OTHER_DIR "/en.md", "# One\n\n```claim one\nx\n```\n\n# Two\n\n");
    write_text(root, OTHER_DIR "/zh.md", "\n# 一\n\n```claim one\ny\n```\n\n# 二\n\n一。\n");
    expect_in(root, OTHER_DIR "/en.md", "line 7", "nothing below the heading");
    pack_remove(root);
}

static void a_language_may_be_missing_but_not_both(void **state)
{
    (void)state;
    char *root = pack_make();

    remove_file(root, LESSON_DIR "/zh.md");
    expect_in(root, LESSON_DIR "/zh.md", "", "missing translation");
    assert_true(lesson_opens(root, "pipes"));
    remove_file(root, LESSON_DIR "/en.md");
    expect_in(root, LESSON_DIR "/en.md", "", "missing");
    assert_false(lesson_opens(root, "pipes"));
    pack_remove(root);
}

/* Six choice questions; in `longest` of them the right one is the longest, in English. */
static void write_choices(const char *root, size_t longest)
{
    struct buf quiz = {0};

    buf_puts(&quiz, "{\"questions\": [");
    for (size_t i = 0; i < 6; i++)
        buf_printf(
            &quiz,
            "%s{\"id\": \"q%zu\", \"kind\": \"choice\", \"claim\": \"one\", \"text\": \"x?\","
            "\"choices\": [{\"text\": {\"en\": \"%s\", \"zh\": \"是\"}, \"right\": true},"
            "{\"text\": {\"en\": \"four\", \"zh\": \"不是\"}, \"why\": \"y\"}], \"why\": \"z\"}",
            i > 0 ? "," : "", i, i < longest ? "fives" : "4444");
    buf_puts(&quiz, "]}");
    write_text(root, OTHER_DIR "/quiz.json", buf_text(&quiz));
    buf_release(&quiz);
}

static void the_right_choice_may_be_longest_in_a_third(void **state)
{
    (void)state;
    char *root = pack_make();

    write_choices(root, 2);
    struct list list = check_pack_at(root);
    assert_string_equal(buf_text(&list.text), "");
    write_choices(root, 3);
    expect_in(root, OTHER_DIR "/quiz.json", "questions",
              "the longest in 3 of 6 questions in en, at most 2 may be: q0, q1, q2");
    pack_edit(root, OTHER_DIR "/quiz.json", "{\"id\": \"q5\"", "{\"id\": \"q6\"");
    pack_remove(root);
}

static void files_nobody_refers_to_are_found(void **state)
{
    (void)state;
    char *root = pack_make();

    write_text(root, LESSON_DIR "/old-demo.c", "");
    write_text(root, LESSON_DIR "/lost.h", "");
    write_text(root, LESSON_DIR "/used.h", "#  include \"deep.h\"\n#include <lost.h>\n");
    write_text(root, LESSON_DIR "/deep.h", "#include \"again.h\"\n#include \"deep.h\"\n");
    write_text(root, LESSON_DIR "/again.h", "");
    write_text(root, LESSON_DIR "/en.md~", "");
    write_text(root, LESSON_DIR "/.hidden", "");
    make_dir(root, LESSON_DIR "/folder");
    write_text(root, "10-basics/notes.txt", "");
    write_text(root, "10-basics/README.md", "");
    write_text(root, "stray", "");
    pack_edit(root, LESSON_DIR "/pipe-fill.c", "int main", "#include \"used.h\"\nint main");
    struct list list = check_pack_at(root);
    expect(&list, LESSON_DIR "/old-demo.c", "", "nothing refers");
    expect(&list, LESSON_DIR "/lost.h", "", "nothing refers");
    expect(&list, LESSON_DIR "/folder", "", "nothing refers");
    expect(&list, "10-basics/notes.txt", "", "nothing refers");
    expect(&list, "stray", "", "nothing refers");
    assert_int_equal(list.n, 5);
    buf_release(&list.text);
    pack_remove(root);
}

static void folders_need_a_number_and_a_slug(void **state)
{
    (void)state;
    char *root = pack_make();

    make_dir(root, "basics");
    make_dir(root, "include");
    make_dir(root, "lib");
    make_dir(root, "10-basics/20-Pipes");
    make_dir(root, "10-basics/pipes");
    write_text(root, "10-basics/40-file", "");
    struct list list = check_pack_at(root);
    expect(&list, "basics", "", "a track needs a name like");
    expect(&list, "10-basics/20-Pipes", "", "a lesson needs a name like");
    expect(&list, "10-basics/pipes", "", "a lesson needs a name like");
    expect(&list, "10-basics/40-file", "", "needs to be a folder");
    assert_int_equal(list.n, 4);
    buf_release(&list.text);
    pack_remove(root);
}

static void names_are_unique_in_the_pack(void **state)
{
    (void)state;
    char *root = pack_make();

    make_dir(root, "20-more");
    write_text(root, "20-more/track.json", "{\"title\": \"More\"}");
    write_other(root, "20-more/10-signals");
    make_dir(root, "30-more");
    write_text(root, "30-more/track.json", "{\"title\": \"More\"}");
    pack_edit(root, OTHER_DIR "/lesson.json", "\"signal(7)\"}]}]",
              "\"signal(7)\"}], \"demo\": \"pipe-fill\"}],\n"
              "\"demos\": [{\"name\": \"pipe-fill\", \"title\": \"x\", \"summary\": \"x\",\n"
              "\"claims\": [\"one\"], \"predict\": {\"text\": \"x\", \"with\": {},\n"
              "\"claim\": \"one\", \"choices\": [{\"text\": \"x\", \"is\": \"a\"},\n"
              "{\"text\": \"y\", \"is\": \"b\"}], \"why\": \"x\"}}]");
    write_text(root, OTHER_DIR "/pipe-fill.c", "");
    struct list list = check_pack_at(root);
    expect(&list, "20-more/10-signals", "", "the slug is taken by 10-basics/30-signals");
    expect(&list, "30-more", "", "the slug is taken by 20-more");
    expect(&list, OTHER_DIR "/lesson.json", "demos[0].name",
           "\"pipe-fill\" is the name of a demo of 10-basics/20-pipes as well");
    buf_release(&list.text);
    pack_remove(root);
}

static void prerequisites_exist_and_make_no_circle(void **state)
{
    (void)state;
    char *root = pack_make();

    pack_edit(root, OTHER_DIR "/lesson.json", "\"prerequisites\": []",
              "\"prerequisites\": [\"pipes\", \"signal\", \"signals\"]");
    struct list list = check_pack_at(root);
    expect(&list, OTHER_DIR "/lesson.json", "prerequisites[0]", "pipes <- signals <- pipes");
    expect(&list, OTHER_DIR "/lesson.json", "prerequisites[1]",
           "no lesson \"signal\", did you mean \"signals\"");
    expect(&list, OTHER_DIR "/lesson.json", "prerequisites[2]", "signals <- signals");
    assert_int_equal(list.n, 3);
    buf_release(&list.text);
    pack_remove(root);
}

static void a_track_needs_its_title(void **state)
{
    (void)state;
    char *root = pack_make();

    write_text(root, "10-basics/track.json", "{\"titel\": \"x\"}");
    struct list list = check_pack_at(root);
    expect(&list, "10-basics/track.json", "title", "missing");
    expect(&list, "10-basics/track.json", "titel", "did you mean \"title\"");
    buf_release(&list.text);
    remove_file(root, "10-basics/track.json");
    expect_in(root, "10-basics/track.json", "", "No such file");
    assert_true(lesson_opens(root, "pipes"));
    pack_remove(root);
}

static void all_is_reported_not_only_the_first(void **state)
{
    (void)state;
    char *root = pack_make();

    pack_edit(root, LESSON_DIR "/lesson.json", "\"minutes\": 12", "\"minutes\": 0");
    pack_edit(root, LESSON_DIR "/lesson.json", "\"limit_s\": 5", "\"limit_s\": 0");
    pack_edit(root, LESSON_DIR "/quiz.json", "\"meaning\": 2", "\"meaning\": 0");
    pack_edit(root, LESSON_DIR "/quiz.json", "\"value\": 4.5", "\"value\": \"x\"");
    pack_edit(root, LESSON_DIR "/zh.md", "n=8", "n=9");
    write_text(root, LESSON_DIR "/stray", "");
    struct list list = check_pack_at(root);
    expect(&list, LESSON_DIR "/lesson.json", "minutes", "");
    expect(&list, LESSON_DIR "/lesson.json", "demos[0].limit_s", "");
    expect(&list, LESSON_DIR "/quiz.json", "questions[0].meaning", "");
    expect(&list, LESSON_DIR "/quiz.json", "questions[2].wrong[0].value", "");
    expect(&list, LESSON_DIR "/zh.md", "line 17", "");
    expect(&list, LESSON_DIR "/stray", "", "");
    buf_release(&list.text);
    pack_remove(root);
}

static void a_pack_that_is_none_is_said_so(void **state)
{
    (void)state;
    char *root = pack_dir();
    char *none = pack_path(root, "none");
    struct list list = check_pack_at(none);

    assert_int_equal(list.n, 1);
    expect(&list, "", "", "No such file");
    buf_release(&list.text);
    expect_in(root, "", "", "no lessons");
    free(none);
    pack_remove(root);
}

/* ---- the schemas ---- */

static cJSON *read_schema(const char *name)
{
    const char *source = getenv("SYSTUTOR_SOURCE");
    char *path = xasprintf("%s/data/schema/%s.schema.json", source ? source : ".", name);
    struct buf bytes = {0};
    struct err e = {{0}};

    if (!buf_read_file(&bytes, path, 1 << 20, &e))
        fail_msg("%s", e.text);
    cJSON *schema = cJSON_Parse(buf_text(&bytes));
    assert_non_null(schema);
    buf_release(&bytes);
    free(path);
    return schema;
}

static bool has_word(const char *const *words, const char *word)
{
    for (; *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

static void compare_shape(const char *name, const cJSON *object, const char *const *fields)
{
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(object, "properties");
    const cJSON *more = cJSON_GetObjectItemCaseSensitive(object, "additionalProperties");
    const cJSON *p;

    if (!properties || !cJSON_IsFalse(more))
        fail_msg("%s: needs properties, and no others", name);
    cJSON_ArrayForEach(p, properties) if (!has_word(fields, p->string))
        fail_msg("%s: the loader does not know \"%s\"", name, p->string);
    for (; *fields; fields++)
        if (!cJSON_HasObjectItem(properties, *fields))
            fail_msg("%s: the schema does not know \"%s\"", name, *fields);
}

/* The first shape is the file itself, the others are its definitions of the same name. */
static void compare_shapes(const char *file, const struct shape *shapes, size_t n)
{
    cJSON *schema = read_schema(file);
    const cJSON *defs = cJSON_GetObjectItemCaseSensitive(schema, "$defs");

    compare_shape(file, schema, shapes[0].fields);
    for (size_t i = 1; i < n; i++) {
        const cJSON *def = cJSON_GetObjectItemCaseSensitive(defs, shapes[i].name);
        if (!def)
            fail_msg("%s: the schema has no \"%s\"", file, shapes[i].name);
        compare_shape(shapes[i].name, def, shapes[i].fields);
    }
    cJSON_Delete(schema);
}

static void schemas_and_loader_know_the_same_fields(void **state)
{
    (void)state;
    size_t n;
    const struct shape *shapes = lesson_shapes(&n);

    compare_shapes("lesson", shapes, n);
    shapes = quiz_shapes(&n);
    compare_shapes("quiz", shapes, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_pack_has_no_findings),
        cmocka_unit_test(every_change_gives_its_finding),
        cmocka_unit_test(claims_need_a_block_and_a_question),
        cmocka_unit_test(demos_need_predict_then_demo),
        cmocka_unit_test(words_of_a_prediction_must_differ),
        cmocka_unit_test(pages_need_a_body_and_a_translation),
        cmocka_unit_test(a_language_may_be_missing_but_not_both),
        cmocka_unit_test(the_right_choice_may_be_longest_in_a_third),
        cmocka_unit_test(files_nobody_refers_to_are_found),
        cmocka_unit_test(folders_need_a_number_and_a_slug),
        cmocka_unit_test(names_are_unique_in_the_pack),
        cmocka_unit_test(prerequisites_exist_and_make_no_circle),
        cmocka_unit_test(a_track_needs_its_title),
        cmocka_unit_test(all_is_reported_not_only_the_first),
        cmocka_unit_test(a_pack_that_is_none_is_said_so),
        cmocka_unit_test(schemas_and_loader_know_the_same_fields),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
