/*
 * sanitizer.c: the lenses of the compiler: ThreadSanitizer, and AddressSanitizer together with
 * UndefinedBehaviorSanitizer. The demo is compiled anew with them; data/lens/report_fd.c has them
 * write on a descriptor of their own, after the line "@started".
 *
 * The report keeps what a report of theirs says but addresses, process ids and shadow bytes: its
 * kind first, then who did what, with the frames of each stack. See lens.h.
 */
#include <stdlib.h>
#include <string.h>

#include "lens/impl.h"
#include "proc.h"

_Static_assert(PROC_REPORT_FD == 250, "as the flags have it");

struct sanitizer {
    bool started;
    size_t found; /* reports */
    size_t head;  /* the line of the report in hand: its source line is that of its first frame */
    bool in_dump; /* of shadow bytes, to the end of the report */
    int skip;     /* lines of a note of UndefinedBehaviorSanitizer */
};

/* ---- how it is started ---- */

static char *missing(void)
{
    struct compiler cc = {0};
    struct err e;
    char *why = compiler_find(&cc, &e) ? NULL : xstrdup(e.text);

    compiler_release(&cc);
    return why;
}

static void plan_common(struct lens_plan *p, const struct paths *paths)
{
    p->helper = path_join(paths->data, "lens/report_fd.c");
    p->report = true;
}

/* Its memory lies at fixed places, which randomized addresses may hit. The demo keeps its exit
 * status; a child forked beside other threads may start some. */
static void plan_tsan(struct lens_plan *p, const struct paths *paths)
{
    static const char *const flags[] = {
        "-std=gnu11",      "-g", "-O1", "-fno-omit-frame-pointer", "-pthread", "-fsanitize=thread",
        "-DREPORT_FD=250", NULL};
    static const char *const env[] = {
        "TSAN_OPTIONS=exitcode=0:color=never:die_after_fork=0:second_deadlock_stack=1", NULL};

    plan_common(p, paths);
    p->flags = flags;
    p->env = env;
    p->fixed_addresses = true;
}

static void plan_asan(struct lens_plan *p, const struct paths *paths)
{
    static const char *const flags[] = {"-std=gnu11",
                                        "-g",
                                        "-O1",
                                        "-fno-omit-frame-pointer",
                                        "-pthread",
                                        "-fsanitize=address,undefined",
                                        "-DREPORT_FD=250",
                                        NULL};
    static const char *const env[] = {"ASAN_OPTIONS=color=never:detect_leaks=1",
                                      "UBSAN_OPTIONS=color=never:print_stacktrace=0",
                                      "LSAN_OPTIONS=color=never", NULL};

    plan_common(p, paths);
    p->flags = flags;
    p->env = env;
}

/* ---- lines ---- */

/* Behind "==123==", where a line begins with it. */
static const char *skip_pid(const char *s)
{
    const char *end = s + 2;

    if (!starts_with(s, "=="))
        return s;
    end += strspn(end, "0123456789");
    return end > s + 2 && starts_with(end, "==") ? end + 2 : s;
}

static const char *blank_or_end(const char *s)
{
    return s + strcspn(s, " ");
}

/* A word that is an address, or has one in it: "0x7f..", "[0x60..,0x61..)", "(race+0x40)". */
static bool has_address(struct piece word)
{
    return memmem(word.s, word.n, "0x", 2) != NULL;
}

static bool leads_to_address(const char *word)
{
    const char *end = blank_or_end(word);
    const struct piece p = piece_of(word, end),
                       next = piece_of(end + (*end == ' '), blank_or_end(end + (*end == ' ')));

    return (piece_is(p, "at") || piece_is(p, "address")) && has_address(next);
}

/* The words without their addresses; the indent stays. */
static void add_words(struct lens_reader *r, const char *s)
{
    struct buf words = {0};
    const char *at = s + strspn(s, " ");
    bool first = true;

    buf_add(&words, s, (size_t)(at - s));
    for (const char *end; *at; at = end + strspn(end, " ")) {
        end = blank_or_end(at);
        if (has_address(piece_of(at, end)) || leads_to_address(at))
            continue;
        buf_puts(&words, first ? "" : " ");
        buf_add(&words, at, (size_t)(end - at));
        first = false;
    }
    if (!first)
        lens_add(r, 0, "%s", buf_text(&words));
    buf_release(&words);
}

static void begin_report(struct lens_reader *r, struct piece kind, int at_line)
{
    struct sanitizer *st = r->state;

    st->found++;
    st->in_dump = false;
    st->head = lens_add(r, at_line, "%.*s", (int)kind.n, kind.s);
}

/* "ThreadSanitizer: data race (pid=7)", "AddressSanitizer: SEGV on unknown address ..." */
static void take_head(struct lens_reader *r, const char *s)
{
    static const char *const stops[] = {" (pid=", " on "};
    const char *colon = strstr(s, ": ");
    const char *kind = colon ? colon + 2 : s, *end = kind + strlen(kind);

    for (size_t i = 0; i < ARRAY_LEN(stops); i++) {
        const char *stop = strstr(kind, stops[i]);
        if (stop && stop < end)
            end = stop;
    }
    begin_report(r, piece_of(kind, end), 0);
}

/* "PATH:LINE:COLUMN: runtime error: words"; at: the blank before "runtime". */
static void take_undefined(struct lens_reader *r, const char *s, const char *at)
{
    struct piece file;
    int number = 0;

    if (!lens_read_place(piece_of(s, at - 1), &file, &number) || !lens_is_source(r, file))
        number = 0;
    begin_report(r, (struct piece){at + 1, strlen(at + 1)}, number);
}

/* ---- frames ---- */

/* " (race+0x1290)", perhaps with " (BuildId: ...)" behind it: cut off the end, into module. */
static struct piece cut_module(struct piece *text)
{
    struct piece module = {text->s, 0};

    while (text->n > 0 && text->s[text->n - 1] == ')') {
        const char *open = memrchr(text->s, '(', text->n);
        if (!open)
            return module;
        const struct piece inside = piece_of(open + 1, text->s + text->n - 1);
        const char *plus = memmem(inside.s, inside.n, "+0x", 3);
        if (plus)
            module = piece_of(inside.s, plus);
        else if (!starts_with(inside.s, "BuildId"))
            return module;
        text->n = (size_t)(open - text->s);
        while (text->n > 0 && text->s[text->n - 1] == ' ')
            text->n--;
    }
    return module;
}

static bool is_library(struct piece module)
{
    return module.n > 0 && memmem(module.s, module.n, ".so", 3);
}

/* "add /path/race.c:4 (race+0x1290)": the function, and where it is. */
static struct frame read_where(int number, const char *s)
{
    struct piece rest = {s, strlen(s)};
    const struct piece module = cut_module(&rest), nothing = {s, 0};
    const char *end = rest.s + rest.n;
    const char *blank = rest.n > 0 ? memchr(s, ' ', rest.n) : NULL;
    struct frame f = {.number = number,
                      .function = piece_of(s, blank ? blank : end),
                      .args = nothing,
                      .file = nothing,
                      .module = is_library(module) ? module : nothing};

    if (blank)
        lens_read_place(piece_of(blank + 1, end), &f.file, &f.line);
    if (f.function.n == 0 || piece_is(f.function, "<null>"))
        f.function = (struct piece){"?", 1};
    return f;
}

/* "#0 " or "#0 0x55.. in ", then where. */
static bool read_frame(const char *s, struct frame *f)
{
    char *end;

    if (*s++ != '#')
        return false;
    const int number = (int)strtol(s, &end, 10);
    if (end == s || *end != ' ')
        return false;
    s = end + 1;
    if (starts_with(s, "0x") && starts_with(blank_or_end(s), " in "))
        s = blank_or_end(s) + 4;
    *f = read_where(number, s);
    return true;
}

/* ---- the lens ---- */

static bool is_dropped(const char *s)
{
    static const char *const starts[] = {"SUMMARY: ", "ThreadSanitizer: reported ", "ABORTING",
                                         "=====", "HINT: "};

    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        if (starts_with(s, starts[i]))
            return true;
    return *s == '\0';
}

static void take_other(struct lens_reader *r, const char *s)
{
    struct sanitizer *st = r->state;

    if (strstr(s, ": note: ")) { /* of UndefinedBehaviorSanitizer; the bytes and a mark follow */
        st->skip = 2;
        return;
    }
    if (starts_with(s, "Shadow bytes"))
        st->in_dump = true;
    if (!st->in_dump && !is_dropped(s))
        add_words(r, s);
}

static void line(struct lens_reader *r, const char *words)
{
    struct sanitizer *st = r->state;
    const char *s = skip_pid(words);
    const char *undefined = strstr(s, " runtime error: ");
    struct frame f;

    if (st->skip > 0) {
        st->skip--;
    } else if (strcmp(s, "@started") == 0) {
        st->started = true;
    } else if (starts_with(s, "WARNING: ThreadSanitizer: ") || starts_with(s, "ERROR: ")) {
        take_head(r, strchr(s, ' ') + 1);
    } else if (undefined && undefined > s) {
        take_undefined(r, s, undefined);
    } else if (st->found > 0 && read_frame(s + strspn(s, " "), &f)) {
        lens_link(r, st->head, lens_add_frame(r, &f));
    } else {
        take_other(r, s);
    }
}

static void finish(struct lens_reader *r, int64_t elapsed_ms)
{
    const struct sanitizer *st = r->state;
    const char *name = r->ops == &lens_tsan ? "ThreadSanitizer" : "AddressSanitizer";

    (void)elapsed_ms;
    if (!st->started)
        lens_add(r, 0, text(TXT_LENS_NO_START), name);
    else if (st->found == 0)
        lens_add(r, 0, text(TXT_LENS_CLEAN), name);
}

const struct lens_ops lens_tsan = {
    .name = "tsan",
    .title = TXT_LENS_TSAN,
    .missing = missing,
    .plan = plan_tsan,
    .state_size = sizeof(struct sanitizer),
    .line = line,
    .finish = finish,
};

const struct lens_ops lens_asan = {
    .name = "asan",
    .title = TXT_LENS_ASAN,
    .missing = missing,
    .plan = plan_asan,
    .state_size = sizeof(struct sanitizer),
    .line = line,
    .finish = finish,
};
