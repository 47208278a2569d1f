/*
 * packs.h: small content packs in a temporary folder, for the tests of the loader and of check.
 *
 * pack_make writes a sound pack of two lessons, 10-basics/20-pipes (every kind of question, a demo
 * with every kind of parameter) and 10-basics/30-signals; pack_edit changes one place of one file.
 * Paths are relative to the pack. Anything that fails here fails the test.
 */
#ifndef PACKS_H
#define PACKS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "buf.h"

#define LESSON_DIR "10-basics/20-pipes"
#define OTHER_DIR  "10-basics/30-signals"

static const char LESSON_JSON[] =
    "{\n"
    "  \"title\": {\"en\": \"Pipes\", \"zh\": \"管道\"},\n"
    "  \"objective\": {\"en\": \"Say what a pipe keeps.\", \"zh\": \"说出管道保存什么。\"},\n"
    "  \"minutes\": 12,\n"
    "  \"prerequisites\": [\"signals\"],\n"
    "  \"claims\": [\n"
    "    {\"id\": \"fifo-order\", \"text\": {\"en\": \"Bytes leave in order.\", \"zh\": "
    "\"先进先出。\"},\n"
    "     \"sources\": [{\"title\": \"pipe(7)\", \"where\": \"DESCRIPTION\",\n"
    "       \"url\": \"https://man7.org/linux/man-pages/man7/pipe.7.html\", \"version\": "
    "\"6.03\"}],\n"
    "     \"demo\": \"pipe-fill\"},\n"
    "    {\"id\": \"capacity\", \"text\": {\"en\": \"A pipe holds 64 KiB.\", \"zh\": "
    "\"容量有限。\"},\n"
    "     \"sources\": [{\"title\": {\"en\": \"pipe(7)\", \"zh\": \"pipe(7)\"}}]}\n"
    "  ],\n"
    "  \"demos\": [\n"
    "    {\"name\": \"pipe-fill\", \"title\": {\"en\": \"Fill it\", \"zh\": \"填满\"},\n"
    "     \"summary\": {\"en\": \"Writes until it is full.\", \"zh\": \"一直写到满。\"},\n"
    "     \"claims\": [\"fifo-order\"], \"limit_s\": 5,\n"
    "     \"params\": [\n"
    "       {\"name\": \"n\", \"label\": {\"en\": \"count\", \"zh\": \"个数\"}, \"kind\": "
    "\"int\",\n"
    "        \"min\": 1, \"max\": 64, \"default\": 4},\n"
    "       {\"name\": \"mode\", \"label\": {\"en\": \"mode\", \"zh\": \"模式\"}, \"kind\": "
    "\"choice\",\n"
    "        \"choices\": [\"block\", \"spin\"], \"default\": \"spin\"},\n"
    "       {\"name\": \"drain\", \"label\": \"drain\", \"kind\": \"flag\", \"default\": 0}\n"
    "     ],\n"
    "     \"predict\": {\"text\": {\"en\": \"How many?\", \"zh\": \"多少？\"},\n"
    "       \"with\": {\"n\": 16, \"mode\": \"block\"}, \"claim\": \"fifo-order\",\n"
    "       \"choices\": [{\"text\": \"< 2\", \"range\": [null, 2]},\n"
    "                   {\"text\": \"2..8\", \"range\": [2, 8]},\n"
    "                   {\"text\": \">= 8\", \"range\": [8, null]}],\n"
    "       \"why\": {\"en\": \"It counts.\", \"zh\": \"数一数。\"}}}\n"
    "  ],\n"
    "  \"labels\": {\"child\": {\"en\": \"child\", \"zh\": \"子进程\"}}\n"
    "}\n";

#define WHY "{\"en\": \"That is how it is.\", \"zh\": \"就是这样。\"}"

static const char QUIZ_JSON[] =
    "{\"questions\": [\n"
    "  {\"id\": \"order\", \"kind\": \"choice\", \"claim\": \"fifo-order\", \"meaning\": 2,\n"
    "   \"text\": {\"en\": \"Which byte leaves first?\", \"zh\": \"哪个字节先出来？\"},\n"
    "   \"code\": \"write(fd, buf, 2);\\n\",\n"
    "   \"choices\": [{\"text\": {\"en\": \"the oldest\", \"zh\": \"最早的\"}, \"right\": true},\n"
    "               {\"text\": {\"en\": \"the newest one\", \"zh\": \"最晚的那个\"}, \"why\": " WHY
    "}],\n"
    "   \"why\": " WHY "},\n"
    "  {\"id\": \"many\", \"kind\": \"multi\", \"claim\": \"capacity\",\n"
    "   \"text\": {\"en\": \"Which calls wait?\", \"zh\": \"哪些调用会等待？\"},\n"
    "   \"choices\": [{\"text\": \"read\", \"right\": true, \"why\": " WHY "},\n"
    "               {\"text\": \"write\", \"right\": true, \"why\": " WHY "},\n"
    "               {\"text\": \"close\", \"right\": false, \"why\": " WHY "}],\n"
    "   \"why\": " WHY "},\n"
    "  {\"id\": \"size\", \"kind\": \"number\", \"claim\": \"capacity\",\n"
    "   \"text\": {\"en\": \"How many KiB?\", \"zh\": \"多少 KiB？\"},\n"
    "   \"value\": 64, \"tolerance\": 0.5, \"unit\": \"KiB\",\n"
    "   \"wrong\": [{\"value\": 4.5, \"why\": " WHY "}], \"why\": " WHY "},\n"
    "  {\"id\": \"errno\", \"kind\": \"text\", \"claim\": \"capacity\",\n"
    "   \"text\": {\"en\": \"Which errno?\", \"zh\": \"哪个 errno？\"},\n"
    "   \"accept\": [\"EAGAIN\", \"EWOULDBLOCK\"],\n"
    "   \"wrong\": [{\"value\": \"EINTR\", \"why\": " WHY "}], \"why\": " WHY "},\n"
    "  {\"id\": \"steps\", \"kind\": \"order\", \"claim\": \"fifo-order\",\n"
    "   \"text\": {\"en\": \"Put in order.\", \"zh\": \"排序。\"},\n"
    "   \"items\": [\"pipe\", \"fork\", {\"en\": \"close it\", \"zh\": \"关闭\"}], \"why\": " WHY
    "},\n"
    "  {\"id\": \"prints\", \"kind\": \"output\", \"claim\": \"fifo-order\",\n"
    "   \"text\": {\"en\": \"What is printed?\", \"zh\": \"输出什么？\"},\n"
    "   \"program\": \"q-print.c\", \"key\": \"1 2\\n\",\n"
    "   \"wrong\": [{\"value\": \"2 1\\n\", \"why\": " WHY "}], \"why\": " WHY "}\n"
    "]}\n";

static const char PAGES_EN[] = "# What it is\n"
                               "\n"
                               "A pipe is a queue of bytes.\n"
                               "\n"
                               "```claim fifo-order\n"
                               "Bytes leave in order.\n"
                               "```\n"
                               "\n"
                               "```c\n"
                               "int fds[2];\n"
                               "```\n"
                               "# See it\n"
                               "\n"
                               "```predict pipe-fill\n"
                               "Predict first.\n"
                               "```\n"
                               "```demo pipe-fill n=8 mode=spin\n"
                               "Run it.\n"
                               "```\n"
                               "```claim capacity\n"
                               "A pipe is finite.\n"
                               "```\n"
                               "```quiz order\n"
                               "Check yourself.\n"
                               "```\n";

static const char PAGES_ZH[] = "# 是什么\n"
                               "\n"
                               "管道是字节的队列。\n"
                               "\n"
                               "```claim fifo-order\n"
                               "先进先出。\n"
                               "```\n"
                               "\n"
                               "```c\n"
                               "int fds[2];\n"
                               "```\n"
                               "# 看一看\n"
                               "\n"
                               "```predict pipe-fill\n"
                               "先预测。\n"
                               "```\n"
                               "```demo pipe-fill n=8 mode=spin\n"
                               "运行。\n"
                               "```\n"
                               "```claim capacity\n"
                               "容量有限。\n"
                               "```\n"
                               "```quiz order\n"
                               "自测。\n"
                               "```\n";

static const char OTHER_LESSON[] =
    "{\"title\": {\"en\": \"Signals\", \"zh\": \"信号\"}, \"objective\": {\"en\": \"Say\", \"zh\": "
    "\"说\"},\n"
    " \"minutes\": 5, \"prerequisites\": [], \"claims\": [{\"id\": \"one\", \"text\": \"x\",\n"
    " \"sources\": [{\"title\": \"signal(7)\"}]}]}\n";

static const char OTHER_QUIZ[] =
    "{\"questions\": [{\"id\": \"q\", \"kind\": \"text\", \"claim\": \"one\", \"text\": \"x?\",\n"
    " \"accept\": [\"yes\"], \"wrong\": [{\"value\": \"no\", \"why\": \"y\"}], \"why\": \"z\"}]}\n";

/* ---- files ---- */

static inline char *pack_path(const char *root, const char *rel)
{
    return xasprintf("%s/%s", root, rel);
}

static inline void write_bytes(const char *root, const char *rel, const void *bytes, size_t n)
{
    char *path = pack_path(root, rel);
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    free(path);
}

static inline void write_text(const char *root, const char *rel, const char *text)
{
    write_bytes(root, rel, text, strlen(text));
}

static inline void make_dir(const char *root, const char *rel)
{
    char *path = pack_path(root, rel);

    if (mkdir(path, 0700) < 0)
        assert_int_equal(errno, EEXIST);
    free(path);
}

static inline void remove_file(const char *root, const char *rel)
{
    char *path = pack_path(root, rel);

    assert_int_equal(unlink(path), 0);
    free(path);
}

static inline void rename_file(const char *root, const char *from, const char *to)
{
    char *a = pack_path(root, from), *b = pack_path(root, to);

    assert_int_equal(rename(a, b), 0);
    free(a);
    free(b);
}

/* Replaces the only place where the file has old. */
static inline void pack_edit(const char *root, const char *rel, const char *old, const char *new)
{
    char *path = pack_path(root, rel);
    struct buf bytes = {0}, out = {0};
    struct err e = {{0}};

    if (!buf_read_file(&bytes, path, 1 << 20, &e))
        fail_msg("%s", e.text);
    const char *at = strstr(buf_text(&bytes), old);
    if (!at || strstr(at + 1, old))
        fail_msg("%s: \"%s\" needs to be there once", rel, old);
    buf_add(&out, bytes.text, (size_t)(at - bytes.text));
    buf_puts(&out, new);
    buf_puts(&out, at + strlen(old));
    write_bytes(root, rel, buf_text(&out), out.len);
    buf_release(&bytes);
    buf_release(&out);
    free(path);
}

/* ---- packs ---- */

/* A new empty folder; pack_remove frees. */
static inline char *pack_dir(void)
{
    const char *tmp = getenv("TMPDIR");
    char *dir = xasprintf("%s/systutor-pack.XXXXXX", tmp && *tmp ? tmp : "/tmp");

    assert_non_null(mkdtemp(dir));
    return dir;
}

static inline void write_other(const char *root, const char *dir)
{
    static const char *const NAMES[] = {"lesson.json", "quiz.json", "en.md", "zh.md"};
    static const char *const TEXTS[] = {OTHER_LESSON, OTHER_QUIZ,
                                        "# One\n\nText.\n\n```claim one\nx\n```\n",
                                        "# 一\n\n文字。\n\n```claim one\nx\n```\n"};

    make_dir(root, dir);
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        char *rel = pack_path(dir, NAMES[i]);
        write_text(root, rel, TEXTS[i]);
        free(rel);
    }
}

static inline char *pack_make(void)
{
    char *root = pack_dir();

    make_dir(root, "10-basics");
    write_text(root, "10-basics/track.json", "{\"title\": {\"en\": \"Basics\", \"zh\": \"基础\"}}");
    make_dir(root, LESSON_DIR);
    write_text(root, LESSON_DIR "/lesson.json", LESSON_JSON);
    write_text(root, LESSON_DIR "/quiz.json", QUIZ_JSON);
    write_text(root, LESSON_DIR "/en.md", PAGES_EN);
    write_text(root, LESSON_DIR "/zh.md", PAGES_ZH);
    write_text(root, LESSON_DIR "/pipe-fill.c", "int main(void)\n{\n    return 0;\n}\n");
    write_text(root, LESSON_DIR "/q-print.c", "int main(void)\n{\n    return 0;\n}\n");
    write_other(root, OTHER_DIR);
    return root;
}

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline void pack_remove(char *root)
{
    assert_int_equal(nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(root);
}

#endif
