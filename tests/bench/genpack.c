/*
 * genpack.c: a content pack as large as wanted. See genpack.h.
 *
 * The words come from fixed lists by a small random generator with a fixed seed: nobody learns
 * from these lessons, but their files are as long and as various as real ones, which is what the
 * time to read them depends on.
 */
#include "genpack.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"

enum { CLAIMS = 5, PAGES = 6, CHOICES = 4 };

struct both {
    const char *en, *zh;
};

static const struct both subjects[] = {
    {"A thread of the same process", "同一进程的线程"},
    {"A descriptor passed by fork", "经由 fork 传下去的描述符"},
    {"The ready list of an epoll instance", "epoll 实例的就绪链表"},
    {"A pipe whose reader is gone", "读端已关闭的管道"},
    {"A lock with one waiter", "只有一个等待者的锁"},
    {"A mapped page that was never touched", "从未访问过的映射页"},
    {"The accept queue of a socket", "套接字的 accept 队列"},
    {"A signal that is blocked", "被屏蔽的信号"},
    {"A coroutine that awaits a future", "等待 future 的协程"},
    {"An object with a reference cycle", "处在引用环中的对象"},
};

static const struct both predicates[] = {
    {"is woken once for each change of state", "每次状态变化只被唤醒一次"},
    {"keeps its offset in the open file description", "把偏移量保存在打开文件描述中"},
    {"costs as much as the events that are ready", "开销只与就绪的事件数有关"},
    {"fails with EAGAIN when nothing can be done now", "此刻无法完成时以 EAGAIN 失败"},
    {"is copied only when one side writes to it", "只有一方写入时才被复制"},
    {"runs until it gives up the processor itself", "一直运行到它自己让出处理器"},
    {"survives as long as somebody refers to it", "只要有人引用它就不会消失"},
    {"is inherited across exec unless marked", "除非作了标记，否则会被 exec 继承"},
};

/* In both languages each is longer than the one before: the first of any choice is the right
 * answer, so that length gives nothing away. */
static const struct both answers[] = {
    {"It waits", "它会等待"},
    {"It returns 0", "它会返回零值"},
    {"It is refused", "它会被内核拒绝"},
    {"It starts anew", "它会从头开始执行"},
    {"It runs to its end", "它会一直运行到结束"},
    {"It is queued at once", "它会立即被放进队列里"},
    {"It goes to all waiters", "它会被交给所有的等待者"},
    {"It is lost without a word", "它会在没有提示时直接丢失"},
};

struct pack {
    uint32_t seed;
    struct buf text; /* of the file that is being written */
    char *dir;       /* of the lesson */
    int lesson;
};

/* Numerical Recipes' linear congruential generator; its upper bits are good enough for words. */
static size_t pick(struct pack *p, size_t n)
{
    p->seed = p->seed * 1664525U + 1013904223U;
    return (p->seed >> 8) % n;
}

static bool make_dir(const char *path, struct err *e)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return true;
    return err_sys(e, "%s: cannot make it", path);
}

/* Writes p->text and empties it. No fsync: nothing here has to survive a power cut. */
static bool write_file(struct pack *p, const char *dir, const char *name, struct err *e)
{
    char *path = xasprintf("%s/%s", dir, name);
    FILE *f = fopen(path, "we");
    bool ok = f && fwrite(p->text.text, 1, p->text.len, f) == p->text.len;

    if (f && fclose(f) != 0)
        ok = false;
    if (!ok)
        err_sys(e, "%s: cannot write", path);
    buf_clear(&p->text);
    free(path);
    return ok;
}

static void put_both(struct pack *p, const char *key, const char *en, const char *zh)
{
    buf_printf(&p->text, "\"%s\": {\"en\": \"%s\", \"zh\": \"%s\"}", key, en, zh);
}

static void put_sentence(struct pack *p, const char *key)
{
    const struct both *s = &subjects[pick(p, ARRAY_LEN(subjects))];
    const struct both *v = &predicates[pick(p, ARRAY_LEN(predicates))];

    buf_printf(&p->text, "\"%s\": {\"en\": \"%s %s.\", \"zh\": \"%s%s。\"}", key, s->en, v->en,
               s->zh, v->zh);
}

/* ---- lesson.json ---- */

static void put_claim(struct pack *p, int i)
{
    buf_printf(&p->text, "    {\"id\": \"claim-%d\", ", i + 1);
    put_sentence(p, "text");
    buf_printf(&p->text,
               ",\n     \"sources\": [{\"title\": \"epoll(7)\", \"where\": \"DESCRIPTION\", "
               "\"url\": \"https://man7.org/linux/man-pages/man7/epoll.7.html\", "
               "\"version\": \"man-pages 6.03\"}]}%s\n",
               i + 1 < CLAIMS ? "," : "");
}

static bool write_lesson(struct pack *p, struct err *e)
{
    char en[64];
    char zh[64];

    snprintf(en, sizeof(en), "Generated lesson %d", p->lesson);
    snprintf(zh, sizeof(zh), "生成的课程 %d", p->lesson);
    buf_puts(&p->text, "{\n  ");
    put_both(p, "title", en, zh);
    buf_puts(&p->text, ",\n  ");
    put_sentence(p, "objective");
    buf_puts(&p->text, ",\n  \"minutes\": 20,\n  \"prerequisites\": [");
    if (p->lesson > 1)
        buf_printf(&p->text, "\"gen-%04d\"", p->lesson - 1);
    buf_puts(&p->text, "],\n  \"claims\": [\n");
    for (int i = 0; i < CLAIMS; i++)
        put_claim(p, i);
    buf_puts(&p->text, "  ],\n  \"demos\": [],\n  \"labels\": {}\n}\n");
    return write_file(p, p->dir, "lesson.json", e);
}

/* ---- en.md and zh.md ---- */

static void put_paragraph(struct pack *p, bool zh)
{
    for (int i = 0; i < 4; i++) {
        const struct both *s = &subjects[pick(p, ARRAY_LEN(subjects))];
        const struct both *v = &predicates[pick(p, ARRAY_LEN(predicates))];
        buf_printf(&p->text, zh ? "%s%s。\n" : "%s %s.\n", zh ? s->zh : s->en, zh ? v->zh : v->en);
    }
    buf_putc(&p->text, '\n');
}

static bool write_pages(struct pack *p, bool zh, struct err *e)
{
    for (int page = 1; page <= PAGES; page++) {
        buf_printf(&p->text, zh ? "# 第 %d 页\n\n" : "# Page %d\n\n", page);
        put_paragraph(p, zh);
        if (page <= CLAIMS)
            buf_printf(&p->text, "```claim claim-%d\n%s\n```\n\n", page,
                       zh ? "本页的论断。" : "What this page claims.");
        buf_puts(&p->text, "| call | result |\n|------|--------|\n| `read` | 0 |\n\n"
                           "```c\nwhile ((n = read(fd, buf, sizeof(buf))) > 0)\n"
                           "    total += n;\n```\n\n");
        put_paragraph(p, zh);
        buf_printf(&p->text, "```quiz q-%d\n%s\n```\n\n", page,
                   zh ? "检查一下自己。" : "Check yourself.");
    }
    return write_file(p, p->dir, zh ? "zh.md" : "en.md", e);
}

/* ---- quiz.json ---- */

static void put_choice(struct pack *p, const struct both *answer, bool right, bool with_why)
{
    buf_puts(&p->text, "      {");
    put_both(p, "text", answer->en, answer->zh);
    if (right)
        buf_puts(&p->text, ", \"right\": true");
    if (with_why) {
        buf_puts(&p->text, ", ");
        put_sentence(p, "why");
    }
    buf_putc(&p->text, '}');
}

/* One right choice of four, or (multi) two; in the order of the list, to be shuffled on screen. */
static void put_choices(struct pack *p, bool multi)
{
    const size_t first = pick(p, ARRAY_LEN(answers) - CHOICES + 1);

    buf_puts(&p->text, "     \"choices\": [\n");
    for (size_t i = 0; i < CHOICES; i++) {
        const bool right = i == 0 || (multi && i == 1);
        put_choice(p, &answers[first + i], right, multi || !right);
        buf_puts(&p->text, i + 1 < CHOICES ? ",\n" : "],\n");
    }
}

static void put_wrong(struct pack *p, const char *value)
{
    buf_printf(&p->text, "     \"wrong\": [{\"value\": %s, ", value);
    put_sentence(p, "why");
    buf_puts(&p->text, "}],\n");
}

static void put_order(struct pack *p)
{
    const size_t first = pick(p, ARRAY_LEN(answers) - CHOICES + 1);

    buf_puts(&p->text, "     \"items\": [\n");
    for (size_t i = 0; i < CHOICES; i++) {
        buf_printf(&p->text, "      {\"en\": \"%s\", \"zh\": \"%s\"}%s\n", answers[first + i].en,
                   answers[first + i].zh, i + 1 < CHOICES ? "," : "],");
    }
}

static void put_question(struct pack *p, int i)
{
    static const char *const kinds[] = {"choice", "multi", "choice", "number", "text", "order"};
    const char *kind = kinds[(size_t)i % ARRAY_LEN(kinds)];

    buf_printf(&p->text,
               "    {\"id\": \"q-%d\", \"kind\": \"%s\", \"claim\": \"claim-%d\", "
               "\"meaning\": 1,\n     ",
               i + 1, kind, i % CLAIMS + 1);
    put_sentence(p, "text");
    buf_puts(&p->text, ",\n");
    if (strcmp(kind, "choice") == 0 || strcmp(kind, "multi") == 0) {
        put_choices(p, kind[0] == 'm');
    } else if (strcmp(kind, "number") == 0) {
        buf_printf(&p->text, "     \"value\": %zu, \"tolerance\": 0,\n", 2 + pick(p, 60));
        put_wrong(p, "1");
    } else if (strcmp(kind, "text") == 0) {
        buf_puts(&p->text, "     \"accept\": [\"EAGAIN\", \"EWOULDBLOCK\"],\n");
        put_wrong(p, "\"EINTR\"");
    } else {
        put_order(p);
    }
    buf_puts(&p->text, "     ");
    put_sentence(p, "why");
    buf_printf(&p->text, "}%s\n", i + 1 < GENPACK_QUESTIONS ? "," : "");
}

static bool write_quiz(struct pack *p, struct err *e)
{
    buf_puts(&p->text, "{\"questions\": [\n");
    for (int i = 0; i < GENPACK_QUESTIONS; i++)
        put_question(p, i);
    buf_puts(&p->text, "]}\n");
    return write_file(p, p->dir, "quiz.json", e);
}

/* ---- the pack ---- */

static bool write_track(struct pack *p, const char *dir, int track, struct err *e)
{
    char en[64];
    char zh[64];

    snprintf(en, sizeof(en), "Generated track %d", track);
    snprintf(zh, sizeof(zh), "生成的专题 %d", track);
    buf_putc(&p->text, '{');
    put_both(p, "title", en, zh);
    buf_puts(&p->text, "}\n");
    return make_dir(dir, e) && write_file(p, dir, "track.json", e);
}

static bool write_one(struct pack *p, const char *root, struct err *e)
{
    const int track = 1 + (p->lesson - 1) / GENPACK_A_TRACK;
    const int place = 1 + (p->lesson - 1) % GENPACK_A_TRACK;
    char *track_dir = xasprintf("%s/%03d-track-%03d", root, track, track);

    p->dir = xasprintf("%s/%02d-gen-%04d", track_dir, place, p->lesson);
    const bool ok = (place > 1 || write_track(p, track_dir, track, e)) && make_dir(p->dir, e) &&
                    write_lesson(p, e) && write_pages(p, false, e) && write_pages(p, true, e) &&
                    write_quiz(p, e);
    free(p->dir);
    free(track_dir);
    return ok;
}

bool genpack_write(const char *dir, int lessons, struct err *e)
{
    struct pack p = {.seed = 1};
    bool ok = true;

    for (p.lesson = 1; ok && p.lesson <= lessons; p.lesson++)
        ok = write_one(&p, dir, e);
    buf_release(&p.text);
    return ok;
}
