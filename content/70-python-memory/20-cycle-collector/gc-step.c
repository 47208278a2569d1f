/*
 * gc-step: CPython's cycle collector, one visit at a time.
 *
 * A model in C of deduce_unreachable() and of what it calls, under their own names: each object
 * begins with CPython's two words of list links, and they hold gc_refs and the flags while a
 * collection runs, as they do since 3.8. After each visit to a container and each move the trace
 * gets a picture. Then the garbage is cleared away, the survivors are collected again, and all of
 * it is compared with an oracle that knows where the references from outside come from.
 *
 * Proved:
 *   external-refs      after subtract_refs, gc_refs is the number of references from outside
 *   zero-is-tentative  objects with gc_refs 0 are reached all the same; the rest is the garbage
 *   no-roots           a collection of 4096 objects takes no more stack than one of 16
 *   order-reverses     what had to be moved in the first collection stays in the second
 *   containers-only    what is no container is visited, and neither counted nor listed
 *
 * Usage: gc-step [graph=docs|chain|ring|random] [nodes=N] [seed=N] [seeds=N]
 * Source: Modules/gcmodule.c of CPython v3.11.2; the graph "docs" is the example of
 * InternalDocs/garbage_collector.md. Finalizers, weak references and generations are left out.
 */
#include "demo.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_NODES = 12,
    MAX_REFS = MAX_NODES + 4,
    LINE = 128,
    FEW = 16, /* how many objects are collected to compare the stack that it takes */
    MANY = 4096,
};

static const char *const LETTERS[MAX_NODES] = {"A", "B", "C", "D", "E", "F",
                                               "G", "H", "I", "J", "K", "L"};
static const char *const GRAPHS[] = {"docs", "chain", "ring", "random", NULL};

static const struct demo_param PARAMS[] = {
    {"graph", "which objects refer to which", 0, 0, 0, GRAPHS},
    {"nodes", "containers in chain, ring and random", 2, MAX_NODES, 6, NULL},
    {"seed", "of the first random graph", 1, 1000000, 1, NULL},
    {"seeds", "random graphs, one a seed; only a single one shows its steps", 1, 1000, 1, NULL},
    {NULL, NULL, 0, 0, 0, NULL},
};

/* The lowest bit of _gc_next, the lowest two of _gc_prev, and where gc_refs begins. */
enum { NEXT_MASK_UNREACHABLE = 1, PREV_MASK_COLLECTING = 2, PREV_FLAGS = 3, PREV_SHIFT = 2 };

struct object {
    uintptr_t _gc_next, _gc_prev; /* CPython's PyGC_Head; the head of a list has nothing else */
    const char *name;
    bool is_gc; /* a container; others have no PyGC_Head in CPython */
    int refcnt, n_refs;
    struct object *refs[MAX_REFS];
    int held;       /* references from outside; the collector does not look here */
    int shown_refs; /* gc_refs as last seen: the picture keeps it when the word is a link again */
};

/* What happens to lie in front of an int, where a container has its two words: looked at as those,
 * it would be a candidate with gc_refs 5. */
enum { BEFORE_INT = 5 << PREV_SHIFT | PREV_MASK_COLLECTING };

static struct object objects[MANY], young, unreachable;
static struct object outside = {.name = "outside", .is_gc = true},
                     number = {.name = "int", ._gc_prev = BEFORE_INT};
static int n_objects, lane;

/* Which collection runs, and how far it has come; steps are drawn of a single graph only. */
static enum { PROBE, FIRST, SECOND } pass;
static enum { IDLE, COUNTING, MOVING } phase;
static struct {
    const struct object *from; /* the object being traversed */
    int ref;                   /* which of its references is followed */
} now;
static bool single;

/* What is measured, over all graphs of the run. */
static struct {
    int subtracted, wrong_refs, zeros, garbage, wrong_garbage, number_refs, number_visits;
    int visits, moves, moves_first, moves_again; /* moves of all; of survivors, each time */
} seen;
static uintptr_t deepest; /* frame of a traversal; the stack grows down */

/* ---- the two words ---- */

static struct object *gc_next(const struct object *op)
{
    return (struct object *)(op->_gc_next & ~(uintptr_t)NEXT_MASK_UNREACHABLE);
}

static struct object *gc_prev(const struct object *op)
{
    return (struct object *)(op->_gc_prev & ~(uintptr_t)PREV_FLAGS);
}

static void gc_set_prev(struct object *op, const struct object *prev)
{
    op->_gc_prev = (op->_gc_prev & PREV_FLAGS) | (uintptr_t)prev;
}

static int gc_get_refs(const struct object *op)
{
    return (int)(op->_gc_prev >> PREV_SHIFT);
}

static void gc_set_refs(struct object *op, int refs)
{
    op->_gc_prev = (op->_gc_prev & PREV_FLAGS) | (uintptr_t)refs << PREV_SHIFT;
    op->shown_refs = refs;
}

static void gc_list_init(struct object *list)
{
    list->_gc_next = list->_gc_prev = (uintptr_t)list;
}

/* flag: that of the list's members in _gc_next. */
static void gc_list_append(struct object *op, struct object *list, uintptr_t flag)
{
    struct object *last = gc_prev(list);

    last->_gc_next = (uintptr_t)op | flag;
    gc_set_prev(op, last);
    op->_gc_next = (uintptr_t)list | flag;
    list->_gc_prev = (uintptr_t)op;
}

/* ---- output and pictures ---- */

static __attribute__((format(printf, 2, 3))) void add(char text[LINE], const char *fmt, ...)
{
    const size_t used = strlen(text);
    va_list ap;

    va_start(ap, fmt);
    const int n = vsnprintf(text + used, LINE - used, fmt, ap);
    va_end(ap);
    CHECK(n >= 0 && (size_t)n < LINE - used);
}

static bool drawn(void)
{
    return single && pass != PROBE;
}

static void say_objects(void)
{
    for (const struct object *op = gc_next(&young); op != &young; op = gc_next(op)) {
        char refs[LINE] = "";
        for (int k = 0; k < op->n_refs; k++)
            add(refs, " %s", op->refs[k]->name);
        demo_say("object %s refcount=%d outside=%d refs:%s", op->name, op->refcnt, op->held, refs);
    }
}

static void say_list(const char *key, const struct object *list)
{
    char text[LINE] = "";

    for (const struct object *op = gc_next(list); op != list; op = gc_next(op))
        add(text, " %s", op->name);
    demo_say("%s%s", key, text);
}

static void draw_object(const struct object *op)
{
    const bool collecting = op->_gc_prev & PREV_MASK_COLLECTING,
               bad = op->_gc_next & NEXT_MASK_UNREACHABLE;
    char fields[LINE] = "";

    add(fields, "refcount=%d", op->refcnt);
    if (phase != IDLE)
        add(fields, " gc_refs=%d flags=%s%s%s", op->shown_refs, collecting ? "C" : "",
            bad ? "U" : "", collecting || bad ? "" : "-");
    if (op == now.from)
        add(fields, " mark=accent");
    else if (bad)
        add(fields, " mark=bad");
    else if (phase == MOVING && (!collecting || op->shown_refs > 0))
        add(fields, " mark=good");
    demo_snap_node(op->name, op->name, fields);
}

static void draw_list(const char *name, const struct object *list)
{
    const char *ids[MAX_NODES];
    int n = 0;

    for (const struct object *op = gc_next(list); op != list && n < MAX_NODES; op = gc_next(op))
        ids[n++] = op->name;
    demo_snap_list(name, ids, n);
}

/* The graph as it is now; under the name of the step, which is also said when an object made it. */
static void draw(const char *step, const struct object *op)
{
    if (!drawn())
        return;
    if (op && pass == FIRST && phase == MOVING)
        demo_say("  %-3s%s", op->name, step);
    demo_snap_begin(step);
    demo_snap_node("outside", "outside", "");
    for (int i = 0; i < n_objects; i++)
        if (objects[i].refcnt > 0)
            draw_object(&objects[i]);
    for (int i = 0; i < n_objects; i++) {
        const struct object *from = &objects[i];
        for (int k = 0; k < from->held; k++)
            demo_snap_edge("outside", from->name, "");
        for (int k = 0; k < from->n_refs; k++)
            if (from->refs[k] != &number)
                demo_snap_edge(from->name, from->refs[k]->name,
                               from == now.from && k == now.ref ? "visit" : "");
    }
    draw_list("young", &young);
    draw_list("unreachable", &unreachable);
    demo_snap_end();
}

/* A turning point: besides, a note by which the picture is found again. */
static void mark(const char *step, const struct object *op)
{
    draw(step, op);
    if (drawn())
        demo_note(lane, step, "%s", op ? op->name : "");
}

static void enter(const char *function)
{
    if (drawn())
        demo_begin(lane, DEMO_RUN, function);
}

static void leave(void)
{
    if (drawn())
        demo_end(lane);
}

/* ---- the collector: it sees the lists and the objects in them, and nothing else ---- */

/* Called for an object to which another refers. */
typedef void visitproc(struct object *op, struct object *arg);

/* Not inlined: its frame shows how deep the stack is. */
static __attribute__((noinline)) void tp_traverse(const struct object *from, visitproc *visit,
                                                  struct object *arg)
{
    const uintptr_t frame = (uintptr_t)__builtin_frame_address(0);

    if (frame < deepest)
        deepest = frame;
    now.from = from;
    for (now.ref = 0; now.ref < from->n_refs; now.ref++) {
        visit(from->refs[now.ref], arg);
        seen.visits++;
        seen.number_visits += from->refs[now.ref] == &number;
    }
    now.from = NULL;
}

static void update_refs(struct object *containers)
{
    for (struct object *op = gc_next(containers); op != containers; op = gc_next(op)) {
        CHECK(op->refcnt > 0); /* else reference counting would have freed it */
        op->_gc_prev = PREV_MASK_COLLECTING;
        gc_set_refs(op, op->refcnt);
    }
}

static void visit_decref(struct object *op, struct object *unused)
{
    (void)unused;
    if (!op->is_gc)
        return;
    if (op->_gc_prev & PREV_MASK_COLLECTING) {
        gc_set_refs(op, gc_get_refs(op) - 1);
        seen.subtracted++;
        draw("decref", op);
    } else {
        draw("unchanged", op);
    }
}

static void subtract_refs(struct object *containers)
{
    for (struct object *op = gc_next(containers); op != containers; op = gc_next(op))
        tp_traverse(op, visit_decref, NULL);
}

static void visit_reachable(struct object *op, struct object *reachable)
{
    if (!op->is_gc)
        return;
    const bool collecting = op->_gc_prev & PREV_MASK_COLLECTING; /* else no candidate, or done */
    if (collecting && op->_gc_next & NEXT_MASK_UNREACHABLE) {
        gc_prev(op)->_gc_next = op->_gc_next; /* with the flag, which all others there have */
        gc_set_prev(gc_next(op), gc_prev(op));
        gc_list_append(op, reachable, 0);
        gc_set_refs(op, 1);
        seen.moves++;
        mark("pulled-back", op);
    } else if (collecting && gc_get_refs(op) == 0) {
        gc_set_refs(op, 1);
        draw("set-to-1", op);
    } else {
        draw("unchanged", op);
    }
}

static void move_unreachable(struct object *from, struct object *to)
{
    struct object *prev = from, *op = gc_next(from); /* only _gc_next links in from, by now */

    for (; op != from; op = gc_next(prev)) {
        if (gc_get_refs(op) == 0) {
            prev->_gc_next = op->_gc_next;
            gc_list_append(op, to, NEXT_MASK_UNREACHABLE);
            seen.moves++;
            mark("tentative", op);
            continue;
        }
        tp_traverse(op, visit_reachable, from);
        gc_set_prev(op, prev); /* the word is a link again */
        op->_gc_prev &= ~(uintptr_t)PREV_MASK_COLLECTING;
        prev = op;
        draw("scanned", op);
    }
    from->_gc_prev = (uintptr_t)prev;
    to->_gc_next &= ~(uintptr_t)NEXT_MASK_UNREACHABLE; /* the list's own head has none */
}

/* What gc_refs has come to, held against what the builder of the graph knows. */
static void judge_refs(const struct object *containers)
{
    for (struct object *op = gc_next(containers); op != containers; op = gc_next(op)) {
        seen.wrong_refs += gc_get_refs(op) != op->held;
        seen.zeros += pass == FIRST && gc_get_refs(op) == 0;
    }
}

static void deduce_unreachable(struct object *base, struct object *found)
{
    gc_list_init(found);
    phase = COUNTING;
    enter("update_refs");
    update_refs(base);
    mark("copy", NULL);
    leave();
    enter("subtract_refs");
    subtract_refs(base);
    judge_refs(base);
    mark("subtracted", NULL);
    leave();
    phase = MOVING;
    enter("move_unreachable");
    move_unreachable(base, found);
    leave();
}

/* tp_clear of each drops its references; with the last one an object is gone. */
static void delete_garbage(struct object *collectable)
{
    for (struct object *op = gc_next(collectable); op != collectable; op = gc_next(op))
        while (op->n_refs > 0)
            op->refs[--op->n_refs]->refcnt--;
    gc_list_init(collectable);
}

/* ---- the graphs ---- */

static void refer(int from, struct object *to)
{
    struct object *op = &objects[from];

    CHECK(op->n_refs < MAX_REFS);
    op->refs[op->n_refs++] = to;
    to->refcnt++;
}

static void hold(int i)
{
    objects[i].held++;
    objects[i].refcnt++;
}

/* n containers that refer to nothing yet; order: that of the list young, NULL for 0 to n-1. */
static void create(int n, const char *const *names, const int *order)
{
    outside.refcnt = number.refcnt = 1;
    n_objects = n;
    phase = IDLE;
    gc_list_init(&young);
    gc_list_init(&unreachable);
    for (int i = 0; i < n; i++)
        objects[i] = (struct object){.name = i < MAX_NODES ? names[i] : "", .is_gc = true};
    for (int i = 0; i < n; i++)
        gc_list_append(&objects[order ? order[i] : i], &young, 0);
}

/* 0 to below, the next of a sequence: splitmix64. */
static int pick(uint64_t *state, int below)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (int)((z ^ z >> 31) % (uint64_t)below);
}

/* Up to two references from each, now and then one to an object outside; a quarter are held, some
 * of them twice. An object without any reference would not be there: it gets one. */
static void build_random(int n, uint64_t seed)
{
    for (int i = 0; i < n; i++) {
        for (int k = pick(&seed, 3); k > 0; k--)
            refer(i, pick(&seed, 10) == 0 ? &outside : &objects[pick(&seed, n)]);
        for (int k = pick(&seed, 12); k < 3; k += 2)
            hold(i);
    }
    for (int i = 0; i < n; i++)
        if (objects[i].refcnt == 0)
            refer(pick(&seed, n), &objects[i]);
}

/* docs: three links in a ring, one of them held by a variable, and one that refers to itself, in
 * the order in which InternalDocs has the collector come to them. chain: A <- B <- C ..., the last
 * of which is held. ring: A -> B -> C ... -> A, held by nobody. */
static void build(const char *graph, int n, long seed)
{
    static const char *const LINKS[] = {"L1", "L2", "L3", "L4"};
    static const int ORDER[] = {2, 3, 0, 1};
    const bool docs = strcmp(graph, "docs") == 0, ring = strcmp(graph, "ring") == 0;

    create(docs ? 4 : n, docs ? LINKS : LETTERS, docs ? ORDER : NULL);
    if (docs || ring)
        for (int i = 0, size = docs ? 3 : n; i < size; i++)
            refer(i, &objects[(i + 1) % size]);
    if (docs) {
        refer(3, &objects[3]);
        hold(0);
    } else if (strcmp(graph, "chain") == 0) {
        for (int i = 1; i < n; i++)
            refer(i, &objects[i - 1]);
        hold(n - 1);
    } else if (!ring) {
        build_random(n, (uint64_t)seed);
    }
}

/* Besides, two of them refer to a number. */
static void build_and_say(const char *graph, int n, long seed)
{
    build(graph, n, seed);
    refer(0, &number);
    refer(n_objects - 1, &number);
    seen.number_refs += 2;
    demo_say("graph %s", graph);
    if (strcmp(graph, "random") == 0)
        demo_say("nodes=%d seed=%ld", n, seed);
    say_objects();
}

/* The oracle: starts from what is held outside and follows the references; no way is longer than
 * there are objects. */
static void reach(bool reached[MAX_NODES])
{
    for (int i = 0; i < n_objects; i++)
        reached[i] = objects[i].held > 0;
    for (int round = 0; round < n_objects; round++)
        for (int i = 0; i < n_objects; i++)
            for (int k = 0; reached[i] && k < objects[i].n_refs; k++)
                if (objects[i].refs[k] != &outside && objects[i].refs[k] != &number)
                    reached[objects[i].refs[k] - objects] = true;
}

/* Each object must be in the one list in which it belongs. */
static void judge_lists(void)
{
    bool reached[MAX_NODES];
    int missing = n_objects;

    reach(reached);
    for (struct object *op = gc_next(&young); op != &young; op = gc_next(op), missing--)
        seen.wrong_garbage += !reached[op - objects];
    for (struct object *op = gc_next(&unreachable); op != &unreachable; op = gc_next(op)) {
        seen.wrong_garbage += reached[op - objects];
        seen.garbage++;
        missing--;
    }
    seen.wrong_garbage += missing != 0;
}

static void collect_twice(void)
{
    int moves = seen.moves, garbage = seen.garbage;

    pass = FIRST;
    draw("tracked", NULL);
    deduce_unreachable(&young, &unreachable);
    judge_lists();
    seen.moves_first += seen.moves - moves - (seen.garbage - garbage);
    say_list("garbage:", &unreachable);
    say_list("survivors:", &young);
    mark("garbage", NULL);

    pass = SECOND;
    delete_garbage(&unreachable);
    phase = IDLE;
    draw("deleted", NULL);
    moves = seen.moves;
    deduce_unreachable(&young, &unreachable);
    seen.moves_again += seen.moves - moves;
    mark("settled", NULL);
}

/* Bytes of stack that the collection of a chain takes, in which every visit pulls one back. */
static long stack_of(int n)
{
    const uintptr_t top = (uintptr_t)__builtin_frame_address(0);

    build("chain", n, 0);
    deepest = top;
    deduce_unreachable(&young, &unreachable);
    return (long)(top - deepest);
}

/* ---- verdicts ---- */

/* Where all is right, but these graphs do not show it, why_not says so. */
static void judge_words(const char *claim, bool ok, int first, int second, const char *rule,
                        const char *why_not)
{
    char measured[LINE] = "";

    add(measured, "%d-%d", first, second);
    demo_verdict_word(claim,
                      !ok       ? DEMO_FAIL
                      : why_not ? DEMO_INCONCLUSIVE
                                : DEMO_PASS,
                      measured, ok && why_not ? why_not : rule);
}

static void judge_all(long extra_stack)
{
    const bool exact = seen.wrong_garbage == 0 && seen.garbage <= seen.zeros;
    const bool skipped = number._gc_next == 0 && number._gc_prev == BEFORE_INT &&
                         seen.number_visits >= seen.number_refs;
    const bool none = seen.wrong_refs == 0 && seen.subtracted == 0;

    demo_verdict("external-refs",
                 seen.wrong_refs > 0 ? DEMO_FAIL
                 : none              ? DEMO_INCONCLUSIVE
                                     : DEMO_PASS,
                 seen.wrong_refs, "differ",
                 none ? "no container refers to another: nothing to subtract"
                      : "no gc_refs differs from the number of references from outside");
    judge_words("zero-is-tentative", exact, seen.zeros, seen.garbage,
                "with gc_refs 0 - garbage: fewer, and those the oracle cannot reach",
                seen.garbage < seen.zeros ? NULL : "all with gc_refs 0 are garbage: take chain");
    judge_words("order-reverses", seen.moves_again == 0, seen.moves_first, seen.moves_again,
                "moves of survivors, first - second collection: some, then none",
                seen.moves_first > 0 ? NULL : "no survivor had to be moved: take graph=chain");
    demo_verdict("containers-only", skipped ? DEMO_PASS : DEMO_FAIL, seen.number_visits, "visits",
                 "the int is visited, and never written or listed");
    demo_verdict("no-roots", exact && extra_stack < MANY ? DEMO_PASS : DEMO_FAIL,
                 (double)extra_stack, "bytes",
                 "stack for 4096 objects less that for 16: under 1 each; garbage right");
}

int main(int argc, char **argv)
{
    demo_start(argc, argv, "CPython's cycle collector, one visit at a time", PARAMS);
    const char *graph = demo_choice("graph");
    const long graphs = strcmp(graph, "random") == 0 ? demo_int("seeds") : 1;
    const long few = stack_of(FEW), extra_stack = stack_of(MANY) - few;

    memset(&seen, 0, sizeof(seen));
    single = graphs == 1;
    lane = demo_lane("collector");
    for (long i = 0; i < graphs; i++) {
        build_and_say(graph, (int)demo_int("nodes"), demo_int("seed") + i);
        collect_twice();
    }
    demo_count("visits", seen.visits);
    demo_count("moves", seen.moves);
    demo_say("moves of survivors: %d, collected again: %d", seen.moves_first, seen.moves_again);
    judge_all(extra_stack);
    return demo_finish();
}
