/*
 * test_content.c: opening a pack: what is loaded, the order of lessons, hostile packs, the cache
 * and noticing changes, parameters of demos. What check finds is in test_check.c.
 */
#include "packs.h"

#include <math.h>
#include <time.h>

#include "content/cache.h"
#include "content/content.h"
#include "content/findings.h"
#include "content/pack.h"

/* Nothing here may hang; a FIFO that is opened for reading would. */
enum { DEADLINE_S = 120 };

static struct content *open_pack(const char *root, const char *cache)
{
    struct err e = {{0}};
    struct content *c = content_open(root, cache, &e);

    if (!c)
        fail_msg("%s", e.text);
    return c;
}

/* To the end; whether the index changed. */
static bool refresh(struct content *c)
{
    bool changed;
    size_t done, total, n;

    assert_true(content_refresh(c, -1, &changed, &done, &total));
    content_lessons(c, &n);
    assert_int_equal(done, total);
    assert_int_equal(total, n);
    return changed;
}

static struct content *open_fresh(const char *root)
{
    struct content *c = open_pack(root, NULL);

    refresh(c);
    return c;
}

static struct lesson *load(const struct content *c, const char *slug)
{
    struct err e = {{0}};
    const struct lesson_info *info = content_find(c, slug);

    assert_non_null(info);
    struct lesson *l = lesson_load(info, &e);
    if (!l)
        fail_msg("%s", e.text);
    return l;
}

static void assert_both(const struct bitext *b, const char *en, const char *zh)
{
    assert_string_equal(b->in[LANG_EN], en);
    assert_string_equal(b->in[LANG_ZH], zh);
}

/* ---- what is loaded ---- */

static void the_index_knows_what_home_shows(void **state)
{
    (void)state;
    char *root = pack_make();
    struct content *c = open_pack(root, NULL);
    size_t n;

    content_lessons(c, &n);
    assert_int_equal(n, 0);
    assert_true(refresh(c));
    assert_false(refresh(c));
    const struct lesson_info *lessons = content_lessons(c, &n);
    assert_int_equal(n, 2);
    assert_string_equal(lessons[0].slug, "pipes");
    assert_string_equal(lessons[0].track, "basics");
    assert_both(&lessons[0].track_title, "Basics", "基础");
    assert_both(&lessons[0].title, "Pipes", "管道");
    assert_int_equal(lessons[0].pages, 2);
    assert_int_equal(lessons[0].questions, 6);
    assert_int_equal(lessons[0].demos, 1);
    assert_int_equal(lessons[0].minutes, 12);
    assert_null(lessons[0].broken);
    assert_string_equal(lessons[1].slug, "signals");
    assert_ptr_equal(content_find(c, "signals"), &lessons[1]);
    assert_null(content_find(c, "none"));
    content_free(c);
    pack_remove(root);
}

static void a_lesson_is_loaded_whole(void **state)
{
    (void)state;
    char *root = pack_make();
    struct content *c = open_fresh(root);
    struct lesson *l = load(c, "pipes");

    assert_string_equal(l->slug, "pipes");
    assert_both(&l->objective, "Say what a pipe keeps.", "说出管道保存什么。");
    assert_int_equal(l->n_prerequisites, 1);
    assert_string_equal(l->prerequisites[0], "signals");
    const struct claim *claim = lesson_claim(l, "fifo-order");
    assert_int_equal(claim->n_sources, 1);
    assert_both(&claim->sources[0].title, "pipe(7)", "pipe(7)");
    assert_string_equal(claim->sources[0].where, "DESCRIPTION");
    assert_string_equal(claim->sources[0].version, "6.03");
    assert_string_equal(claim->demo, "pipe-fill");
    assert_null(lesson_claim(l, "capacity")->demo);
    assert_string_equal(lesson_claim(l, "capacity")->sources[0].url, "");
    assert_null(lesson_claim(l, "none"));
    assert_int_equal(l->n_labels, 1);
    assert_string_equal(l->labels[0].name, "child");
    assert_both(&l->labels[0].text, "child", "子进程");
    assert_int_equal(l->n_pages, 2);
    assert_both(&l->pages[0].title, "What it is", "是什么");
    assert_int_equal(strncmp(l->pages[1].md.in[LANG_EN], "# See it\n", 9), 0);
    assert_string_equal(l->pages[1].md.in[LANG_ZH], strstr(PAGES_ZH, "# 看一看"));
    lesson_free(l);
    content_free(c);
    pack_remove(root);
}

static void a_demo_is_loaded_with_parameters_and_prediction(void **state)
{
    (void)state;
    char *root = pack_make();
    struct content *c = open_fresh(root);
    struct lesson *l = load(c, "pipes");
    const struct demo *d = lesson_demo(l, "pipe-fill");

    assert_int_equal(d->limit_s, 5);
    assert_int_equal(access(d->path, R_OK), 0);
    assert_int_equal(d->n_params, 3);
    assert_int_equal(d->params[0].kind, PARAM_INT);
    assert_int_equal(d->params[0].max, 64);
    assert_int_equal(d->params[1].kind, PARAM_CHOICE);
    assert_int_equal(d->params[1].def, 1);
    assert_string_equal(d->params[1].choices[0], "block");
    assert_int_equal(d->params[2].kind, PARAM_FLAG);
    assert_int_equal(d->params[2].max, 1);
    assert_both(&d->params[2].label, "drain", "drain");
    const struct predict *p = &d->predict;
    assert_int_equal(p->with[0], 16);
    assert_int_equal(p->with[1], 0);
    assert_int_equal(p->with[2], 0);
    assert_string_equal(p->claim, "fifo-order");
    assert_int_equal(p->n_choices, 3);
    assert_true(p->choices[0].lo == -HUGE_VAL && p->choices[0].hi == 2);
    assert_true(p->choices[2].lo == 8 && p->choices[2].hi == HUGE_VAL);
    assert_null(p->choices[0].is);
    lesson_free(l);
    content_free(c);
    pack_remove(root);
}

static void questions_of_every_kind_are_loaded(void **state)
{
    (void)state;
    char *root = pack_make();
    struct content *c = open_fresh(root);
    struct lesson *l = load(c, "pipes");
    const struct question *q = lesson_question(l, "order");

    assert_int_equal(q->kind, Q_CHOICE);
    assert_int_equal(q->meaning, 2);
    assert_string_equal(q->code, "write(fd, buf, 2);\n");
    assert_true(q->options[0].right && !q->options[1].right);
    assert_both(&q->options[0].why, "", "");
    assert_both(&q->options[1].why, "That is how it is.", "就是这样。");
    q = lesson_question(l, "many");
    assert_int_equal(q->kind, Q_MULTI);
    assert_int_equal(q->meaning, 1);
    assert_int_equal(q->n_options, 3);
    q = lesson_question(l, "size");
    assert_int_equal(q->kind, Q_NUMBER);
    assert_true(q->value == 64 && q->tolerance == 0.5 && q->factor == 0);
    assert_both(&q->unit, "KiB", "KiB");
    assert_string_equal(q->wrong[0].text.in[LANG_EN], "4.5");
    q = lesson_question(l, "errno");
    assert_int_equal(q->kind, Q_TEXT);
    assert_int_equal(q->n_accept, 2);
    assert_string_equal(q->accept[1], "EWOULDBLOCK");
    q = lesson_question(l, "steps");
    assert_int_equal(q->kind, Q_ORDER);
    assert_both(&q->options[2].text, "close it", "关闭");
    q = lesson_question(l, "prints");
    assert_int_equal(q->kind, Q_OUTPUT);
    assert_string_equal(q->accept[0], "1 2\n");
    assert_string_equal(q->code, "int main(void)\n{\n    return 0;\n}\n");
    assert_int_equal(access(q->program, R_OK), 0);
    assert_null(lesson_question(l, "none"));
    lesson_free(l);
    content_free(c);
    pack_remove(root);
}

static void lessons_are_in_order_of_their_numbers(void **state)
{
    (void)state;
    char *root = pack_dir();
    static const char *const TRACKS[] = {"100-last", "9-first", "20-b", "20-a", "backup", ".git"};
    static const char *const LESSONS[] = {"9-first/100-c", "9-first/20-b", "9-first/3-a",
                                          "20-b/1-e",      "20-a/1-d",     "100-last/1-f",
                                          "backup/1-x",    "9-first/30-q~"};
    static const char *const ORDER[] = {"a", "b", "c", "d", "e", "f"};
    size_t n;

    for (size_t i = 0; i < ARRAY_LEN(TRACKS); i++)
        make_dir(root, TRACKS[i]);
    for (size_t i = 0; i < ARRAY_LEN(LESSONS); i++)
        write_other(root, LESSONS[i]);
    struct content *c = open_fresh(root);
    const struct lesson_info *lessons = content_lessons(c, &n);
    assert_int_equal(n, ARRAY_LEN(ORDER));
    for (size_t i = 0; i < n; i++)
        assert_string_equal(lessons[i].slug, ORDER[i]);
    /* No track.json: the slug stands in, the lessons open. */
    assert_both(&lessons[0].track_title, "first", "first");
    assert_null(lessons[0].broken);
    content_free(c);
    pack_remove(root);
}

static void a_folder_that_is_none_is_refused(void **state)
{
    (void)state;
    char *root = pack_make();
    char *none = pack_path(root, "none"), *file = pack_path(root, "10-basics/track.json");
    struct err e = {{0}};

    assert_null(content_open(none, NULL, &e));
    assert_non_null(strstr(e.text, "No such file"));
    assert_null(content_open(file, NULL, &e));
    assert_non_null(strstr(e.text, "needs to be a folder"));
    free(none);
    free(file);
    pack_remove(root);
}

/* ---- hostile packs ---- */

/* The lesson is broken for this reason; the others open as if it were not there. */
static void expect_broken(const char *root, const char *slug, const char *path, const char *words)
{
    struct content *c = open_fresh(root);
    const struct lesson_info *info = content_find(c, slug);
    struct err e = {{0}};

    assert_non_null(info);
    const char *broken = info->broken ? info->broken : "nothing";
    if (strncmp(broken, path, strlen(path)) != 0 || !strstr(broken, words))
        fail_msg("broken for \"%s\", expected \"%s: %s\"", broken, path, words);
    assert_both(&info->title, slug, slug);
    assert_null(lesson_load(info, &e));
    assert_string_equal(e.text, broken);
    lesson_free(load(c, "signals"));
    content_free(c);
    assert_true(content_check(root, findings_first, NULL) > 0);
}

static void replace_with_fifo(const char *root, const char *rel)
{
    char *path = pack_path(root, rel);

    remove_file(root, rel);
    assert_int_equal(mkfifo(path, 0600), 0);
    free(path);
}

static void replace_with_link(const char *root, const char *rel, const char *target)
{
    char *path = pack_path(root, rel);

    if (unlink(path) < 0)
        assert_int_equal(errno, ENOENT);
    assert_int_equal(symlink(target, path), 0);
    free(path);
}

static void replace_with_sparse(const char *root, const char *rel)
{
    char *path = pack_path(root, rel);

    assert_int_equal(truncate(path, 100L << 20), 0);
    free(path);
}

static void replace_with_depth(const char *root, const char *rel)
{
    struct buf deep = {0};

    for (int i = 0; i < 10000; i++)
        buf_puts(&deep, "{\"a\":[");
    write_text(root, rel, buf_text(&deep));
    buf_release(&deep);
}

static void files_that_are_no_files_break_one_lesson(void **state)
{
    (void)state;
    static const char *const FILES[] = {"lesson.json", "quiz.json", "en.md", "zh.md", "q-print.c"};

    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        char *root = pack_make();
        char *rel = pack_path(LESSON_DIR, FILES[i]);
        const char *named = strcmp(FILES[i], "q-print.c") == 0 ? LESSON_DIR "/quiz.json" : rel;
        replace_with_fifo(root, rel);
        expect_broken(root, "pipes", named, "not a regular file");
        remove_file(root, rel);
        make_dir(root, rel);
        expect_broken(root, "pipes", named, "not a regular file");
        char *path = pack_path(root, rel);
        assert_int_equal(rmdir(path), 0);
        replace_with_link(root, rel, FILES[i]);
        expect_broken(root, "pipes", named, "Too many levels of symbolic links");
        write_text(root, "10-basics/x", "");
        replace_with_link(root, rel, "../x");
        replace_with_sparse(root, "10-basics/x");
        expect_broken(root, "pipes", named, "larger than");
        free(path);
        free(rel);
        pack_remove(root);
    }
}

static void a_demo_needs_a_source_that_is_a_file(void **state)
{
    (void)state;
    char *root = pack_make();

    replace_with_fifo(root, LESSON_DIR "/pipe-fill.c");
    expect_broken(root, "pipes", LESSON_DIR "/lesson.json", "there is no file pipe-fill.c");
    pack_remove(root);
}

static void json_that_is_none_breaks_one_lesson(void **state)
{
    (void)state;
    static const char NUL[] = "{\"title\": \"a\0b\"}";
    char *root = pack_make();
    const char *const file = LESSON_DIR "/lesson.json";

    replace_with_depth(root, file);
    expect_broken(root, "pipes", file, "line 1, column 193: nested too deep");
    write_text(root, file, "");
    expect_broken(root, "pipes", file, "line 1, column 1: not valid JSON");
    write_text(root, file, "[]");
    expect_broken(root, "pipes", file, "needs to be an object");
    write_bytes(root, file, NUL, sizeof(NUL) - 1);
    expect_broken(root, "pipes", file, "line 1, column 13: a control character");
    write_text(root, file, "{\"title\": \"\xed\xa0\x80\"}");
    expect_broken(root, "pipes", file, "line 1, column 12: not UTF-8");
    pack_remove(root);
}

static void wide_json_is_read_in_good_time(void **state)
{
    (void)state;
    char *root = pack_make();
    struct buf wide = {0};

    buf_puts(&wide, "{\"questions\": [");
    while (wide.len < CONTENT_MAX_FILE - 16)
        buf_puts(&wide, "{},");
    buf_puts(&wide, "{}]}");
    write_text(root, LESSON_DIR "/quiz.json", buf_text(&wide));
    expect_broken(root, "pipes", LESSON_DIR "/quiz.json", "questions: needs 1 to 500");
    buf_clear(&wide);
    buf_puts(&wide, "{");
    for (int i = 0; wide.len < CONTENT_MAX_FILE - 32; i++)
        buf_printf(&wide, "\"field-%d\":0,", i);
    buf_puts(&wide, "\"x\":0}");
    write_text(root, LESSON_DIR "/quiz.json", buf_text(&wide));
    expect_broken(root, "pipes", LESSON_DIR "/quiz.json", "unknown field");
    buf_release(&wide);
    pack_remove(root);
}

static void folders_that_are_none_break_at_most_one_lesson(void **state)
{
    (void)state;
    char *root = pack_make();
    char *fifo = pack_path(root, "10-basics/40-fifo");
    size_t n;

    replace_with_link(root, "10-basics/50-loop", "50-loop");
    expect_broken(root, "loop", "10-basics/50-loop/lesson.json", "Too many levels");
    replace_with_link(root, "10-basics/60-up", "..");
    expect_broken(root, "up", "10-basics/60-up/lesson.json", "No such file");
    make_dir(root, "10-basics/70-empty");
    expect_broken(root, "empty", "10-basics/70-empty/lesson.json", "No such file");
    /* Not even broken lessons: */
    assert_int_equal(mkfifo(fifo, 0600), 0);
    write_text(root, "10-basics/41-file", "");
    replace_with_link(root, "20-loop", "20-loop");
    struct content *c = open_fresh(root);
    content_lessons(c, &n);
    assert_int_equal(n, 5);
    content_free(c);
    free(fifo);
    pack_remove(root);
}

static void an_unreadable_folder_breaks_one_lesson(void **state)
{
    (void)state;
    char *root = pack_make();
    char *dir = pack_path(root, LESSON_DIR);

    assert_int_equal(chmod(dir, 0), 0);
    /* Root reads it all the same. */
    if (access(dir, R_OK) < 0)
        expect_broken(root, "pipes", LESSON_DIR "/lesson.json", "Permission denied");
    assert_int_equal(chmod(dir, 0700), 0);
    free(dir);
    pack_remove(root);
}

static void the_second_lesson_of_a_slug_is_broken(void **state)
{
    (void)state;
    char *root = pack_make();
    size_t n;

    make_dir(root, "20-more");
    write_other(root, "20-more/10-pipes");
    struct content *c = open_fresh(root);
    const struct lesson_info *lessons = content_lessons(c, &n);
    assert_int_equal(n, 3);
    assert_null(lessons[0].broken);
    assert_string_equal(lessons[2].broken,
                        "20-more/10-pipes: the slug is taken by 10-basics/20-pipes");
    assert_ptr_equal(content_find(c, "pipes"), &lessons[0]);
    assert_false(refresh(c));
    rename_file(root, LESSON_DIR, "10-basics/20-tubes");
    assert_true(refresh(c));
    assert_null(content_find(c, "pipes")->broken);
    assert_null(content_find(c, "tubes")->broken);
    content_free(c);
    pack_remove(root);
}

/* ---- the cache ---- */

static void assert_same_index(const struct content *a, const struct content *b)
{
    size_t n, m;
    const struct lesson_info *x = content_lessons(a, &n), *y = content_lessons(b, &m);

    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(x[i].slug, y[i].slug);
        assert_string_equal(x[i].dir, y[i].dir);
        assert_string_equal(x[i].track, y[i].track);
        for (size_t lang = 0; lang < LANG_COUNT; lang++) {
            assert_string_equal(x[i].track_title.in[lang], y[i].track_title.in[lang]);
            assert_string_equal(x[i].title.in[lang], y[i].title.in[lang]);
        }
        assert_int_equal(x[i].pages, y[i].pages);
        assert_int_equal(x[i].questions, y[i].questions);
        assert_int_equal(x[i].demos, y[i].demos);
        assert_int_equal(x[i].minutes, y[i].minutes);
        assert_int_equal(x[i].broken == NULL, y[i].broken == NULL);
        if (x[i].broken)
            assert_string_equal(x[i].broken, y[i].broken);
    }
}

/* A pack with its cache written; one of its lessons is broken. */
static char *make_cached(char **cache, struct content **c)
{
    char *root = pack_make();

    make_dir(root, "10-basics/40-broken");
    *cache = pack_path(root, ".index");
    *c = open_pack(root, *cache);
    assert_true(refresh(*c));
    assert_int_equal(access(*cache, R_OK), 0);
    return root;
}

static void the_first_frame_needs_only_the_cache(void **state)
{
    (void)state;
    char *cache;
    struct content *c;
    char *root = make_cached(&cache, &c);

    /* The lessons are out of reach: what is known comes from the cache. */
    rename_file(root, "10-basics", ".away");
    struct content *again = open_pack(root, cache);
    assert_same_index(c, again);
    assert_true(refresh(again));
    size_t n;
    content_lessons(again, &n);
    assert_int_equal(n, 0);
    content_free(again);
    content_free(c);
    free(cache);
    pack_remove(root);
}

static void a_cache_of_another_pack_is_none(void **state)
{
    (void)state;
    char *cache;
    struct content *c;
    char *root = make_cached(&cache, &c), *other = pack_make();
    size_t n;

    struct content *o = open_pack(other, cache);
    content_lessons(o, &n);
    assert_int_equal(n, 0);
    content_free(o);
    content_free(c);
    free(cache);
    pack_remove(root);
    pack_remove(other);
}

static void read_bytes(struct buf *b, const char *path)
{
    struct err e = {{0}};

    buf_clear(b);
    if (!buf_read_file(b, path, 1 << 20, &e))
        fail_msg("%s", e.text);
}

/* Opens with these bytes as the cache: nothing is known, or everything is as it was. */
static void try_cache(const char *root, const char *cache, const struct buf *bytes,
                      const struct content *sound)
{
    size_t n;

    write_bytes("", cache, buf_text(bytes), bytes->len);
    struct content *c = open_pack(root, cache);
    content_lessons(c, &n);
    if (n > 0)
        assert_same_index(sound, c);
    content_free(c);
}

static void a_damaged_cache_is_never_misread(void **state)
{
    (void)state;
    static const unsigned char FLIPS[] = {0x01, 0x80, 0xff};
    char *cache;
    struct content *c;
    char *root = make_cached(&cache, &c);
    struct buf sound = {0}, bytes = {0};

    read_bytes(&sound, cache);
    for (size_t i = 0; i < sound.len; i++)
        for (size_t k = 0; k < ARRAY_LEN(FLIPS); k++) {
            buf_clear(&bytes);
            buf_add(&bytes, sound.text, sound.len);
            bytes.text[i] = (char)((unsigned char)bytes.text[i] ^ FLIPS[k]);
            try_cache(root, cache, &bytes, c);
        }
    for (size_t len = 0; len < sound.len; len++) {
        buf_clear(&bytes);
        buf_add(&bytes, sound.text, len);
        try_cache(root, cache, &bytes, c);
    }
    buf_clear(&bytes);
    buf_add(&bytes, sound.text, sound.len);
    buf_putc(&bytes, '\0');
    try_cache(root, cache, &bytes, c);
    /* And it is written anew. */
    struct content *again = open_pack(root, cache);
    assert_true(refresh(again));
    content_free(again);
    again = open_pack(root, cache);
    assert_same_index(c, again);
    content_free(again);
    buf_release(&sound);
    buf_release(&bytes);
    content_free(c);
    free(cache);
    pack_remove(root);
}

static void a_cache_that_cannot_be_written_is_no_error(void **state)
{
    (void)state;
    char *root = pack_make();
    char *cache = pack_path(root, "no/such/folder/index");
    struct content *c = open_pack(root, cache);

    assert_true(refresh(c));
    assert_non_null(content_find(c, "pipes"));
    assert_false(refresh(c));
    content_free(c);
    free(cache);
    pack_remove(root);
}

/* ---- noticing changes ---- */

/* Waits until a folder's times are old enough to be trusted: see pack_fingerprint. */
static uint64_t settled_print(const char *dir)
{
    const struct timespec pause = {.tv_nsec = 50000000};
    uint64_t print;

    while ((print = pack_fingerprint(dir)) == 0)
        nanosleep(&pause, NULL);
    return print;
}

static void set_times(const char *root, const char *rel, time_t mtime)
{
    char *path = pack_path(root, rel);
    const struct timespec times[2] = {{.tv_sec = mtime}, {.tv_sec = mtime}};

    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    free(path);
}

static void any_change_is_noticed(void **state)
{
    (void)state;
    char *cache;
    struct content *c;
    char *root = make_cached(&cache, &c);
    const char *const file = LESSON_DIR "/lesson.json";

    /* Same size, and the same time as before. */
    set_times(root, file, 1000000000);
    refresh(c);
    pack_edit(root, file, "Pipes", "Tubes");
    set_times(root, file, 1000000000);
    assert_true(refresh(c));
    assert_string_equal(content_find(c, "pipes")->title.in[LANG_EN], "Tubes");
    pack_edit(root, LESSON_DIR "/quiz.json", "\"value\": 64", "\"value\": \"\"");
    assert_true(refresh(c));
    assert_non_null(content_find(c, "pipes")->broken);
    pack_edit(root, LESSON_DIR "/quiz.json", "\"value\": \"\"", "\"value\": 64");
    assert_true(refresh(c));
    assert_null(content_find(c, "pipes")->broken);
    remove_file(root, LESSON_DIR "/pipe-fill.c");
    assert_true(refresh(c));
    assert_non_null(strstr(content_find(c, "pipes")->broken, "no file pipe-fill.c"));
    pack_edit(root, "10-basics/track.json", "Basics", "Roots");
    assert_true(refresh(c));
    assert_string_equal(content_find(c, "signals")->track_title.in[LANG_EN], "Roots");
    write_other(root, "10-basics/15-early");
    assert_true(refresh(c));
    size_t n;
    assert_string_equal(content_lessons(c, &n)[0].slug, "early");
    assert_int_equal(n, 4);
    assert_false(refresh(c));
    struct content *again = open_pack(root, cache);
    assert_same_index(c, again);
    content_free(again);
    content_free(c);
    free(cache);
    pack_remove(root);
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void a_fingerprint_tells_any_change_of_a_folder(void **state)
{
    (void)state;
    char *root = pack_make();
    char *dir = pack_path(root, LESSON_DIR), *none = pack_path(root, "none");
    const char *const file = LESSON_DIR "/lesson.json";

    set_times(root, file, 1000000000);
    const uint64_t before = settled_print(dir);
    assert_int_equal(pack_fingerprint(dir), before);
    /* Same name, size and time; only the kernel's time of the change differs. */
    const double start = seconds();
    pack_edit(root, file, "Pipes", "Tubes");
    set_times(root, file, 1000000000);
    /* What has just changed may change once more within the same tick. */
    if (pack_fingerprint(dir) != 0)
        assert_true(seconds() - start > 1);
    assert_int_not_equal(settled_print(dir), before);
    remove_file(root, LESSON_DIR "/q-print.c");
    assert_int_equal(pack_fingerprint(dir), 0);
    assert_int_equal(pack_fingerprint(none), 0);
    free(dir);
    free(none);
    pack_remove(root);
}

/* A cache that tells something else than the pack shows who was asked. */
static void rewrite_cache(const char *cache, const char *root, const char *slug, const char *title,
                          const char *broken)
{
    struct index x;
    struct buf blob;

    assert_true(cache_read(&x, &blob, cache, root));
    for (size_t i = 0; i < x.n; i++)
        if (strcmp(x.info[i].slug, slug) == 0) {
            x.info[i].title.in[LANG_EN] = title;
            x.info[i].broken = broken;
        }
    assert_true(cache_write(&x, cache, root, NULL));
    index_release(&x);
    buf_release(&blob);
}

static void only_what_changed_or_is_broken_is_parsed_again(void **state)
{
    (void)state;
    char *cache;
    struct content *c;
    char *root = make_cached(&cache, &c);

    settled_print(content_find(c, "pipes")->dir);
    settled_print(content_find(c, "signals")->dir);
    assert_false(refresh(c));
    rewrite_cache(cache, content_root(c), "pipes", "from the cache", NULL);
    rewrite_cache(cache, content_root(c), "signals", "from the cache", "from the cache");
    struct content *again = open_pack(root, cache);
    assert_true(refresh(again));
    assert_string_equal(content_find(again, "pipes")->title.in[LANG_EN], "from the cache");
    assert_string_equal(content_find(again, "signals")->title.in[LANG_EN], "Signals");
    assert_null(content_find(again, "signals")->broken);
    write_text(root, LESSON_DIR "/new-file", "");
    assert_true(refresh(again));
    assert_string_equal(content_find(again, "pipes")->title.in[LANG_EN], "Pipes");
    content_free(again);
    content_free(c);
    free(cache);
    pack_remove(root);
}

static void strings_outlive_refreshes(void **state)
{
    (void)state;
    char *root = pack_make();
    struct content *c = open_fresh(root);
    const struct lesson_info before = *content_find(c, "pipes");

    pack_edit(root, LESSON_DIR "/lesson.json", "\"Pipes\"", "\"Tubes\"");
    assert_true(refresh(c));
    const struct lesson_info *after = content_find(c, "pipes");
    assert_string_equal(before.title.in[LANG_EN], "Pipes");
    assert_string_equal(after->title.in[LANG_EN], "Tubes");
    /* What did not change is not copied, however often. */
    assert_ptr_equal(before.dir, after->dir);
    assert_ptr_equal(before.title.in[LANG_ZH], after->title.in[LANG_ZH]);
    content_free(c);
    pack_remove(root);
}

static void a_refresh_goes_in_small_steps(void **state)
{
    (void)state;
    char *root = pack_make();
    struct content *c = open_fresh(root);
    bool changed = true, end;
    size_t done, total, n, steps = 0;

    remove_file(root, OTHER_DIR "/quiz.json");
    do {
        end = content_refresh(c, 0, &changed, &done, &total);
        assert_true(done <= total);
        assert_int_equal(changed, end);
        /* Until the end the old index stands. */
        assert_int_equal(content_find(c, "signals")->broken != NULL, end);
        steps++;
    } while (!end);
    content_lessons(c, &n);
    assert_true(steps > n);
    /* Left in the middle. */
    content_refresh(c, 0, &changed, &done, &total);
    content_refresh(c, 0, &changed, &done, &total);
    content_free(c);
    pack_remove(root);
}

static void a_pack_that_goes_away_is_remembered(void **state)
{
    (void)state;
    char *root = pack_make(), *away = xasprintf("%s.away", root);
    struct content *c = open_fresh(root);
    struct err e = {{0}};

    assert_int_equal(rename(root, away), 0);
    assert_false(refresh(c));
    assert_null(lesson_load(content_find(c, "pipes"), &e));
    assert_non_null(strstr(e.text, "No such file"));
    assert_int_equal(rename(away, root), 0);
    content_free(c);
    free(away);
    pack_remove(root);
}

/* ---- demos and parameters ---- */

static void a_demo_is_found_by_its_name(void **state)
{
    (void)state;
    char *root = pack_make();
    struct content *c = open_fresh(root);
    const struct demo *d = NULL;
    struct err e = {{0}};

    struct lesson *l = content_find_demo(c, "pipe-fill", &d, &e);
    assert_non_null(l);
    assert_string_equal(l->slug, "pipes");
    assert_ptr_equal(d, lesson_demo(l, "pipe-fill"));
    lesson_free(l);
    assert_null(content_find_demo(c, "pipe-fil", &d, &e));
    assert_string_equal(e.text, "no demo \"pipe-fil\", did you mean \"pipe-fill\"");
    assert_null(content_find_demo(c, "../x\x1b", &d, &e));
    assert_string_equal(e.text, "no demo \"../x^[\"");
    /* A program of a question is no demo. */
    assert_null(content_find_demo(c, "q-print", &d, &e));
    content_free(c);
    pack_remove(root);
}

static const struct param PARAMS[] = {
    {.name = "n", .kind = PARAM_INT, .min = -3, .max = 64, .def = 4},
    {.name = "mode",
     .kind = PARAM_CHOICE,
     .choices = (const char *const[]){"lt", "et"},
     .n_choices = 2,
     .max = 1,
     .def = 1},
    {.name = "drain", .kind = PARAM_FLAG, .min = 0, .max = 1, .def = 0},
};

static const struct demo DEMO = {
    .name = "xray", .params = (struct param *)PARAMS, .n_params = ARRAY_LEN(PARAMS)};

static void arguments_are_parsed_over_the_values(void **state)
{
    (void)state;
    long v[3];
    struct err e = {{0}};

    demo_args_default(&DEMO, v);
    assert_true(v[0] == 4 && v[1] == 1 && v[2] == 0);
    assert_true(demo_args_parse(&DEMO, "", v, &e));
    assert_true(demo_args_parse(&DEMO, "  n=-3\tmode=lt ", v, &e));
    assert_true(v[0] == -3 && v[1] == 0 && v[2] == 0);
    assert_true(demo_args_parse(&DEMO, "drain=1", v, &e));
    assert_true(v[0] == -3 && v[2] == 1);
}

static void wrong_arguments_are_named_and_change_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *args, *words;
    } ROWS[] = {
        {"n=5 n=6", "xray: n is given twice"},
        {"n=5 k=1", "xray: no parameter \"k\", did you mean \"n\""},
        {"n=5 mdoe=lt", "did you mean \"mode\""},
        {"n=5 volume=1", "xray: no parameter \"volume\", it has n, mode, drain"},
        {"n=5 mode", "xray: \"mode\" needs the form name=value"},
        {"n=65", "n: needs a whole number from -3 to 64, not \"65\""},
        {"n=", "not \"\""},
        {"n=5x", "not \"5x\""},
        {"n=0x5", "not \"0x5\""},
        {"n=5.0", "not \"5.0\""},
        {"n=99999999999999999999", "from -3 to 64"},
        {"n=5 mode=xt", "mode: needs one of lt, et, not \"xt\""},
        {"drain=2", "from 0 to 1"},
        {"n=\x1b[31m", "not \"^[[31m\""},
    };

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        long v[3] = {7, 1, 0};
        struct err e = {{0}};
        assert_false(demo_args_parse(&DEMO, ROWS[i].args, v, &e));
        if (!strstr(e.text, ROWS[i].words))
            fail_msg("\"%s\": \"%s\", expected \"%s\"", ROWS[i].args, e.text, ROWS[i].words);
        assert_true(v[0] == 7 && v[1] == 1 && v[2] == 0);
    }
}

static void values_are_text_and_back(void **state)
{
    (void)state;
    char out[32];
    long v = 0;

    assert_string_equal(param_format(&PARAMS[0], -3, out, sizeof(out)), "-3");
    assert_string_equal(param_format(&PARAMS[1], 1, out, sizeof(out)), "et");
    assert_string_equal(param_format(&PARAMS[2], 1, out, sizeof(out)), "1");
    assert_true(param_parse(&PARAMS[1], "et", &v, NULL));
    assert_int_equal(v, 1);
    assert_false(param_parse(&PARAMS[1], "ET", &v, NULL));
    assert_int_equal(v, 1);
}

/* ---- labels ---- */

static void expect_measured(const struct lesson *l, const char *measured, const char *wanted)
{
    char *words = lesson_measured_text(l, measured);

    assert_string_equal(words, wanted);
    free(words);
}

static void what_was_measured_is_told_in_the_learners_language(void **unused)
{
    (void)unused;
    struct label labels[] = {{"calls", {{"calls ended", "个调用返回"}}},
                             {"own", {{"own", "自己的"}}}};
    const struct lesson l = {.labels = labels, .n_labels = ARRAY_LEN(labels)};

    expect_measured(&l, "5 calls", "5 calls ended");
    text_set_lang(LANG_ZH);
    expect_measured(&l, "-5 calls", "-5 个调用返回");
    expect_measured(&l, "own", "自己的");
    expect_measured(&l, "EAGAIN", "EAGAIN");
    expect_measured(&l, "3 things", "3 things");
    expect_measured(&l, "3", "3");
    text_set_lang(LANG_EN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_measured_is_told_in_the_learners_language),
        cmocka_unit_test(the_index_knows_what_home_shows),
        cmocka_unit_test(a_lesson_is_loaded_whole),
        cmocka_unit_test(a_demo_is_loaded_with_parameters_and_prediction),
        cmocka_unit_test(questions_of_every_kind_are_loaded),
        cmocka_unit_test(lessons_are_in_order_of_their_numbers),
        cmocka_unit_test(a_folder_that_is_none_is_refused),
        cmocka_unit_test(files_that_are_no_files_break_one_lesson),
        cmocka_unit_test(a_demo_needs_a_source_that_is_a_file),
        cmocka_unit_test(json_that_is_none_breaks_one_lesson),
        cmocka_unit_test(wide_json_is_read_in_good_time),
        cmocka_unit_test(folders_that_are_none_break_at_most_one_lesson),
        cmocka_unit_test(an_unreadable_folder_breaks_one_lesson),
        cmocka_unit_test(the_second_lesson_of_a_slug_is_broken),
        cmocka_unit_test(the_first_frame_needs_only_the_cache),
        cmocka_unit_test(a_cache_of_another_pack_is_none),
        cmocka_unit_test(a_damaged_cache_is_never_misread),
        cmocka_unit_test(a_cache_that_cannot_be_written_is_no_error),
        cmocka_unit_test(any_change_is_noticed),
        cmocka_unit_test(a_fingerprint_tells_any_change_of_a_folder),
        cmocka_unit_test(only_what_changed_or_is_broken_is_parsed_again),
        cmocka_unit_test(strings_outlive_refreshes),
        cmocka_unit_test(a_refresh_goes_in_small_steps),
        cmocka_unit_test(a_pack_that_goes_away_is_remembered),
        cmocka_unit_test(a_demo_is_found_by_its_name),
        cmocka_unit_test(arguments_are_parsed_over_the_values),
        cmocka_unit_test(wrong_arguments_are_named_and_change_nothing),
        cmocka_unit_test(values_are_text_and_back),
    };

    alarm(DEADLINE_S);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
