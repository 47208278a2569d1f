/*
 * test_search.c: what is found in a small pack, where it is said to be, and in which language.
 */
#include "packs.h"

#include "content/content.h"
#include "search.h"

static struct {
    char *root;
    struct content *content;
    struct search *search;
} world;

static void refresh(void)
{
    bool changed;
    size_t done, total;

    while (!content_refresh(world.content, -1, &changed, &done, &total))
        ;
}

static void load_all(void)
{
    while (search_load_step(world.search))
        ;
}

static int make_world(void **unused)
{
    (void)unused;
    struct err e = {""};

    world.root = pack_make();
    world.content = content_open(world.root, NULL, &e);
    if (!world.content)
        fail_msg("%s", e.text);
    refresh();
    world.search = search_new(world.content);
    return 0;
}

static int end_world(void **unused)
{
    (void)unused;
    text_set_lang(LANG_EN);
    search_free(world.search);
    content_free(world.content);
    pack_remove(world.root);
    return 0;
}

static size_t count(const char *query)
{
    size_t n;

    search_find(world.search, query, 1000, &n);
    return n;
}

/* The only hit of a query. */
static const struct search_hit *only(const char *query)
{
    size_t n;
    const struct search_hit *hits = search_find(world.search, query, 1000, &n);

    if (n != 1)
        fail_msg("\"%s\" has %zu hits", query, n);
    return hits;
}

static void expect_hit(const char *query, enum search_kind kind, const char *name, int page,
                       const char *line)
{
    const struct search_hit *hit = only(query);

    assert_string_equal(search_kind_name(hit->kind), search_kind_name(kind));
    assert_string_equal(hit->lesson, "pipes");
    assert_string_equal(hit->title.in[LANG_EN], "Pipes");
    assert_string_equal(hit->title.in[LANG_ZH], "管道");
    assert_string_equal(hit->name, name);
    assert_int_equal(hit->page, page);
    assert_string_equal(hit->line, line);
}

static void every_part_of_a_lesson_is_searched(void **unused)
{
    (void)unused;
    load_all();
    expect_hit("keeps", SEARCH_LESSON, "", 0, "Say what a pipe keeps.");
    expect_hit("queue of bytes", SEARCH_PAGE, "", 0, "A pipe is a queue of bytes.");
    expect_hit("See it", SEARCH_PAGE, "", 1, "See it");
    expect_hit("int fds[2]", SEARCH_PAGE, "", 0, "int fds[2];");
    expect_hit("until it is full", SEARCH_DEMO, "pipe-fill", 0,
               "pipe-fill: Writes until it is full.");
    expect_hit("64 KiB", SEARCH_CLAIM, "capacity", 1, "A pipe holds 64 KiB.");
    expect_hit("which errno", SEARCH_QUESTION, "errno", 0, "Which errno?");
}

/* A claim leads to the page that states it in a fence. */
static void a_claim_leads_to_the_page_that_states_it(void **unused)
{
    (void)unused;
    size_t n;

    load_all();
    const struct search_hit *hits = search_find(world.search, "leave in order", 10, &n);
    size_t claims = 0;
    for (size_t i = 0; i < n; i++) {
        if (hits[i].kind != SEARCH_CLAIM)
            continue;
        claims++;
        assert_int_equal(hits[i].page, 0);
        assert_string_equal(hits[i].name, "fifo-order");
    }
    assert_int_equal(claims, 1);
    assert_int_equal(only("64 kib")->page, 1);
}

static void words_may_be_anywhere_in_the_line(void **unused)
{
    (void)unused;
    load_all();
    assert_int_equal(count("bytes queue"), 1);
    assert_int_equal(count("queu byt"), 1);      /* parts of words */
    assert_int_equal(count("queue signals"), 0); /* all of them */
    assert_int_equal(count("nowhere"), 0);
}

static void case_width_and_blanks_do_not_matter(void **unused)
{
    (void)unused;
    load_all();
    assert_int_equal(count("QUEUE"), 1);
    assert_int_equal(count("ＱＵＥＵＥ"), 1);
    assert_int_equal(count("  queue \t of "), 1);
    assert_int_equal(count("queue　of"), 1);
}

static void an_empty_query_finds_nothing(void **unused)
{
    (void)unused;
    load_all();
    assert_int_equal(count(""), 0);
    assert_int_equal(count("  \t"), 0);
    assert_int_equal(count("　"), 0);
}

/* A name finds all that bears it, though the words in it are not in the line. */
static void identifiers_are_found_as_they_are(void **unused)
{
    (void)unused;
    size_t n;

    load_all();
    const struct search_hit *hits = search_find(world.search, "capacity", 10, &n);
    assert_int_equal(n, 1);
    assert_int_equal(hits[0].kind, SEARCH_CLAIM);
    assert_string_equal(only("Prints")->name, "prints");
    text_set_lang(LANG_ZH);
    load_all();
    assert_string_equal(only("capacity")->name, "capacity");
    assert_string_equal(only("pipe-fill")->name, "pipe-fill");
}

/* Titles and objectives first, and each part in the order of the lessons: pipes, then signals. */
static void hits_come_in_order_up_to_a_number(void **unused)
{
    (void)unused;
    size_t n, lessons = 0;
    bool second = false;

    load_all();
    const struct search_hit *hits = search_find(world.search, "i", 1000, &n);
    assert_true(n > 10);
    while (lessons < n && hits[lessons].kind == SEARCH_LESSON)
        lessons++;
    assert_int_equal(lessons, 3); /* Pipes, Say what a pipe keeps, Signals */
    assert_string_equal(hits[0].lesson, "pipes");
    assert_string_equal(hits[2].lesson, "signals");
    for (size_t i = lessons; i < n; i++) {
        assert_int_not_equal(hits[i].kind, SEARCH_LESSON);
        second |= strcmp(hits[i].lesson, "signals") == 0;
        assert_string_equal(hits[i].lesson, second ? "signals" : "pipes");
    }
    for (size_t max = 0; max < 8; max++) {
        char *last = xstrdup(max ? search_find(world.search, "i", 1000, &n)[max - 1].line : "");
        hits = search_find(world.search, "i", max, &n);
        assert_int_equal(n, max);
        assert_string_equal(max ? hits[max - 1].line : "", last);
        free(last);
    }
}

static void the_language_decides_what_is_found(void **unused)
{
    (void)unused;
    load_all();
    assert_int_equal(count("先进先出"), 0);
    text_set_lang(LANG_ZH);
    load_all();
    assert_string_equal(only("字节的队列")->line, "管道是字节的队列。");
    assert_int_equal(count("先进先出"), 2); /* the claim, and the page that states it */
    assert_int_equal(count("queue of bytes"), 0);
    text_set_lang(LANG_EN);
    load_all();
    assert_int_equal(count("queue of bytes"), 1);
}

static void loading_goes_lesson_by_lesson(void **unused)
{
    (void)unused;
    assert_int_equal(count("pipes"), 0);
    assert_true(search_load_step(world.search)); /* pipes; signals is left */
    assert_true(count("pipes") > 0);
    assert_int_equal(count("signals"), 0);
    assert_false(search_load_step(world.search));
    assert_true(count("signals") > 0);
    assert_false(search_load_step(world.search));
    const size_t n = count("pipe");
    assert_false(search_load_step(world.search)); /* nothing is loaded twice */
    assert_int_equal(count("pipe"), n);
}

static void a_broken_lesson_does_not_hide_the_others(void **unused)
{
    (void)unused;
    write_text(world.root, LESSON_DIR "/quiz.json", "{");
    refresh();
    load_all();
    assert_int_equal(count("queue"), 0);
    assert_true(count("signals") > 0);
    search_free(NULL);
}

static void a_query_may_be_of_any_length(void **unused)
{
    (void)unused;
    char query[4000];

    load_all();
    memset(query, 'q', sizeof(query) - 1);
    query[sizeof(query) - 1] = '\0';
    assert_int_equal(count(query), 0);
    for (size_t i = 0; i + 1 < sizeof(query); i += 2)
        query[i] = ' ';
    assert_int_equal(count(query), 1); /* "q q q ...": of "queue" */
    assert_int_equal(count("\xff\xfe"), 0);
}

static void kinds_have_names(void **unused)
{
    (void)unused;
    assert_string_equal(search_kind_name(SEARCH_LESSON), "lesson");
    assert_string_equal(search_kind_name(SEARCH_PAGE), "page");
    assert_string_equal(search_kind_name(SEARCH_DEMO), "demo");
    assert_string_equal(search_kind_name(SEARCH_CLAIM), "claim");
    assert_string_equal(search_kind_name(SEARCH_QUESTION), "question");
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, make_world, end_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(every_part_of_a_lesson_is_searched),
        IN_WORLD(a_claim_leads_to_the_page_that_states_it),
        IN_WORLD(words_may_be_anywhere_in_the_line),
        IN_WORLD(case_width_and_blanks_do_not_matter),
        IN_WORLD(an_empty_query_finds_nothing),
        IN_WORLD(identifiers_are_found_as_they_are),
        IN_WORLD(hits_come_in_order_up_to_a_number),
        IN_WORLD(the_language_decides_what_is_found),
        IN_WORLD(loading_goes_lesson_by_lesson),
        IN_WORLD(a_broken_lesson_does_not_hide_the_others),
        IN_WORLD(a_query_may_be_of_any_length),
        cmocka_unit_test(kinds_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
