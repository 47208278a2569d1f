/*
 * epoll-xray: the interest list and the ready list of one epoll instance, step by step.
 *
 * The interest list is read from /proc/self/fdinfo/EPFD: one line for each entry, in tree order.
 * The ready list is read by a level-triggered epoll_wait with room for everything, which reports
 * each entry and puts it back at the tail, so that the order is as before.
 *
 * Proved:
 *   interest-persists  without any epoll_ctl, a second wait reports the same; the list stays
 *   key-file-fd        ADD twice is EEXIST, a dup is a second entry, one write readies both
 *   ready-order        a wait reports in the order in which the descriptors became ready
 *   ready-rotates      waits with less room than ready entries take turns through all of them
 *   events-copied      an unwritable buffer is EFAULT, mmap is ENODEV, no event is lost
 *
 * Usage: epoll-xray [n=N] [order=mixed|down|up] [max=N]
 * Source: epoll(7), epoll_ctl(2), epoll_wait(2), proc(5); fs/eventpoll.c in Linux.
 */
#include "demo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    MAX_N = 16,
    MAX_ENTRIES = MAX_N + 1, /* and the dup */
    MIN_N = 3,               /* with two, some order always looks like another */
};

static const char *const ORDERS[] = {"mixed", "down", "up", NULL};

static const struct demo_param PARAMS[] = {
    {"n", "descriptors to watch", MIN_N, MAX_N, 4, NULL},
    {"order", "order in which they are made readable", 0, 0, 0, ORDERS},
    {"max", "room for events in the waits that take turns", 1, MAX_N, 1, NULL},
    {NULL, NULL, 0, 0, 0, NULL},
};

/* A line "tfd: 5 events: 19 ..." of fdinfo. */
struct entry {
    int fd;
    unsigned events;
};

/* File descriptor numbers in the order in which they were listed, reported or made ready. */
struct fd_list {
    int fd[MAX_ENTRIES];
    int count;
};

static int epfd;
static bool fdinfo_works; /* false where /proc does not show the interest list */

static bool same(const struct fd_list *a, const struct fd_list *b)
{
    return a->count == b->count && memcmp(a->fd, b->fd, (size_t)a->count * sizeof(a->fd[0])) == 0;
}

static bool contains(const struct fd_list *list, int fd)
{
    for (int i = 0; i < list->count; i++)
        if (list->fd[i] == fd)
            return true;
    return false;
}

static const char *as_text(const struct fd_list *list, char *text, size_t size)
{
    size_t used = 0;

    snprintf(text, size, "none");
    for (int i = 0; i < list->count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, i > 0 ? " %d" : "%d", list->fd[i]);
    return text;
}

/* Number of entries in the interest list; 0 if /proc cannot be read. */
static int read_interest(struct entry entries[MAX_ENTRIES])
{
    char path[64], line[256];
    int count = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", epfd);
    file = fopen(path, "re");
    if (!file)
        return 0;
    while (count < MAX_ENTRIES && fgets(line, sizeof(line), file))
        if (sscanf(line, "tfd: %d events: %x", &entries[count].fd, &entries[count].events) == 2)
            count++;
    CHECK(fclose(file) == 0);
    return count;
}

static void interest_fds(struct fd_list *list)
{
    struct entry entries[MAX_ENTRIES];

    list->count = read_interest(entries);
    for (int i = 0; i < list->count; i++)
        list->fd[i] = entries[i].fd;
}

/* Waits without blocking and appends what is reported to list; returns how many that were. */
static int wait_into(struct fd_list *list, int max)
{
    struct epoll_event events[MAX_ENTRIES];
    int got;

    demo_begin(0, DEMO_CALL, "epoll_wait");
    got = (int)CHECK_SYS(epoll_wait(epfd, events, max, 0));
    demo_end(0);
    for (int i = 0; i < got; i++) {
        CHECK(list->count < MAX_ENTRIES);
        list->fd[list->count++] = events[i].data.fd;
    }
    return got;
}

static const char *error_text(int error)
{
    return error == 0 ? "ok" : demo_errno_name(error);
}

/* Returns 0 or the errno. */
static int ctl(int op, int fd, unsigned events)
{
    static const char *const names[] = {
        [EPOLL_CTL_ADD] = "ADD", [EPOLL_CTL_MOD] = "MOD", [EPOLL_CTL_DEL] = "DEL"};
    struct epoll_event event = {.events = events, .data.fd = fd};
    const int error = epoll_ctl(epfd, op, fd, &event) == 0 ? 0 : errno;

    demo_note(0, "epoll_ctl", "%s fd %d: %s", names[op], fd, error_text(error));
    return error;
}

/* Draws both lists as they are now. Which open file description an entry refers to is not in
 * fdinfo; the only duplicate is made here, so its original is known. */
static void snapshot(const char *step, int dup_fd, int dup_of)
{
    struct entry entries[MAX_ENTRIES];
    struct fd_list ready = {.count = 0};
    char ids[MAX_ENTRIES][16], ready_ids[MAX_ENTRIES][16];
    const char *interest_list[MAX_ENTRIES], *ready_list[MAX_ENTRIES];
    const int count = read_interest(entries);

    wait_into(&ready, MAX_ENTRIES);
    demo_snap_begin(step);
    demo_snap_node("epoll", "epoll", "");
    for (int i = 0; i < count; i++) {
        const int fd = entries[i].fd;
        const int file = fd == dup_fd ? dup_of : fd;
        char label[24], file_id[16], fields[48];

        snprintf(ids[i], sizeof(ids[i]), "fd%d", fd);
        snprintf(label, sizeof(label), "fd %d", fd);
        snprintf(file_id, sizeof(file_id), "file%d", file);
        snprintf(fields, sizeof(fields), "events=%x ready=%d", entries[i].events,
                 contains(&ready, fd));
        interest_list[i] = ids[i];
        demo_snap_node(ids[i], label, fields);
        demo_snap_edge("epoll", ids[i], "");
        if (file == fd)
            demo_snap_node(file_id, "file", "");
        demo_snap_edge(ids[i], file_id, "");
    }
    for (int i = 0; i < ready.count; i++) {
        snprintf(ready_ids[i], sizeof(ready_ids[i]), "fd%d", ready.fd[i]);
        ready_list[i] = ready_ids[i];
    }
    demo_snap_list("interest", interest_list, count);
    demo_snap_list("ready", ready_list, ready.count);
    demo_snap_end();
}

static void say_step(const char *what)
{
    struct fd_list interest, ready = {.count = 0};
    char a[128], b[128];

    interest_fds(&interest);
    wait_into(&ready, MAX_ENTRIES);
    demo_say("%s", what);
    demo_say("  interest: %s", as_text(&interest, a, sizeof(a)));
    demo_say("  ready:    %s", as_text(&ready, b, sizeof(b)));
}

static void signal_fd(int fd)
{
    const uint64_t one = 1;
    CHECK_SYS(write(fd, &one, sizeof(one)));
}

static void drain_fd(int fd)
{
    uint64_t value;
    CHECK_SYS(read(fd, &value, sizeof(value)));
}

static enum demo_result pass_if(bool ok)
{
    return ok ? DEMO_PASS : DEMO_FAIL;
}

/* For what can only be seen in fdinfo. */
static enum demo_result pass_if_shown(bool ok)
{
    return fdinfo_works ? pass_if(ok) : DEMO_INCONCLUSIVE;
}

static const char *rule_if_shown(const char *rule)
{
    return fdinfo_works ? rule : "needs the tfd lines of /proc/self/fdinfo";
}

static unsigned mask_of(int fd)
{
    struct entry entries[MAX_ENTRIES];
    const int count = read_interest(entries);

    for (int i = 0; i < count; i++)
        if (entries[i].fd == fd)
            return entries[i].events;
    return 0;
}

/* MOD changes an entry in place. ERR and HUP are in every mask: the kernel adds them. */
static void show_mask(int fd)
{
    const unsigned added = mask_of(fd);

    CHECK(ctl(EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLPRI) == 0);
    demo_say("fdinfo, fd %d: events %x, after MOD to IN|PRI %x", fd, added, mask_of(fd));
    snapshot("modified", -1, -1);
    CHECK(ctl(EPOLL_CTL_MOD, fd, EPOLLIN) == 0);
}

static void show_key(const struct fd_list *fds)
{
    struct entry entries[MAX_ENTRIES];
    struct fd_list ready = {.count = 0};
    const int fd = fds->fd[0];
    const int copy = (int)CHECK_SYS(dup(fd));
    const int again = ctl(EPOLL_CTL_ADD, fd, EPOLLIN);
    const int other = ctl(EPOLL_CTL_ADD, copy, EPOLLIN);
    const int count = read_interest(entries);

    demo_say("ADD fd %d again: %s", fd, error_text(again));
    demo_say("ADD fd %d, a dup of fd %d: %s", copy, fd, error_text(other));
    signal_fd(fd);
    wait_into(&ready, MAX_ENTRIES);
    say_step("one write to their common eventfd:");
    snapshot("dup", copy, fd);
    demo_verdict_word(
        "key-file-fd",
        pass_if_shown(again == EEXIST && other == 0 && count == fds->count + 1 &&
                      ready.count == 2 && contains(&ready, fd) && contains(&ready, copy)),
        error_text(again),
        rule_if_shown("ADD twice is EEXIST, a dup is a second entry, both get ready"));
    drain_fd(fd);
    if (other == 0)
        CHECK(ctl(EPOLL_CTL_DEL, copy, 0) == 0);
    CHECK_SYS(close(copy));
    say_step("read it, DEL and close the dup:");
    snapshot("dup-gone", -1, -1);
}

/* The order in which to make the descriptors readable. "mixed" counts down from the middle and
 * around, and starts elsewhere if that happens to be the order of the tree: it is to differ from
 * both other orders that a list of descriptors could come in. */
static void choose_order(const struct fd_list *fds, const char *name, struct fd_list *order)
{
    const int n = fds->count;
    const bool mixed = strcmp(name, "mixed") == 0;
    int first = mixed ? n / 2 : n - 1;
    struct fd_list tree;

    *order = *fds;
    if (strcmp(name, "up") == 0)
        return;
    interest_fds(&tree);
    do {
        for (int i = 0; i < n; i++)
            order->fd[i] = fds->fd[(first - i + n) % n];
    } while (mixed && same(order, &tree) && first-- > 0);
}

static void judge_order(const struct fd_list *fds, const struct fd_list *order,
                        const struct fd_list *reported)
{
    struct fd_list tree;

    interest_fds(&tree);
    if (same(order, fds) || same(order, &tree)) {
        demo_verdict_word("ready-order", DEMO_INCONCLUSIVE, "same",
                          "made ready in the order of the list: take order=mixed");
        return;
    }
    demo_verdict_word("ready-order", pass_if(same(reported, order)),
                      same(reported, order)   ? "ready-order"
                      : same(reported, fds)   ? "number-order"
                      : same(reported, &tree) ? "tree-order"
                                              : "other",
                      "a wait reports in the order in which they became ready");
}

static void show_ready(const struct fd_list *fds, const char *order_name)
{
    struct fd_list order, before, after, first = {.count = 0}, second = {.count = 0};
    char text[128];

    choose_order(fds, order_name, &order);
    demo_say("make them readable, in this order:");
    demo_say("          %s", as_text(&order, text, sizeof(text)));
    for (int i = 0; i < order.count; i++)
        signal_fd(order.fd[i]);

    interest_fds(&before);
    wait_into(&first, MAX_ENTRIES);
    demo_say("  wait 1: %s", as_text(&first, text, sizeof(text)));
    wait_into(&second, MAX_ENTRIES);
    demo_say("  wait 2: %s", as_text(&second, text, sizeof(text)));
    interest_fds(&after);
    snapshot("all-ready", -1, -1);

    judge_order(fds, &order, &first);
    demo_verdict("interest-persists",
                 pass_if_shown(second.count == fds->count && same(&first, &second) &&
                               before.count == fds->count && same(&before, &after)),
                 second.count, "events",
                 rule_if_shown("no epoll_ctl since wait 1, and wait 2 reports all n again"));
}

/* Waits with too little room, until n events were reported, and again: the two rounds must be the
 * ready list, in its order. */
static void show_rotation(int n, int max)
{
    struct fd_list start = {.count = 0}, rounds[2] = {{.count = 0}, {.count = 0}};
    char text[128];
    bool rotates;

    wait_into(&start, MAX_ENTRIES);
    demo_say("waits with room for %d, until %d events:", max, n);
    for (int round = 0; round < 2; round++) {
        for (int left = n, got = 1; left > 0 && got > 0; left -= got)
            got = wait_into(&rounds[round], max < left ? max : left);
        demo_say("          %s", as_text(&rounds[round], text, sizeof(text)));
    }
    rotates = same(&rounds[0], &start) && same(&rounds[1], &start);
    snapshot("rotated", -1, -1);
    if (max >= n) {
        demo_verdict_word("ready-rotates", DEMO_INCONCLUSIVE, "room",
                          "room for all n at once: take max smaller than n");
        return;
    }
    demo_verdict_word("ready-rotates", pass_if(rotates), rotates ? "yes" : "no",
                      "each is reported once before any is reported again");
}

/* Events are written into the caller's memory, so memory that cannot be written is an error. */
static void show_copy(int n)
{
    const size_t size = sizeof(struct epoll_event) * MAX_ENTRIES;
    struct fd_list ready = {.count = 0};
    struct epoll_event *readonly;
    int wait_error, map_error;
    void *map;

    readonly = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(readonly != MAP_FAILED);
    wait_error = epoll_wait(epfd, readonly, MAX_ENTRIES, 0) >= 0 ? 0 : errno;
    map = mmap(NULL, size, PROT_READ, MAP_SHARED, epfd, 0);
    map_error = map != MAP_FAILED ? 0 : errno;
    wait_into(&ready, MAX_ENTRIES);

    demo_say("wait into read-only memory: %s", error_text(wait_error));
    demo_say("mmap of the epoll descriptor: %s", error_text(map_error));
    demo_say("wait into good memory: %d events", ready.count);
    demo_verdict_word(
        "events-copied", pass_if(wait_error == EFAULT && map_error == ENODEV && ready.count == n),
        error_text(wait_error), "read-only buffer EFAULT, mmap ENODEV, and no event lost");
    CHECK_SYS(munmap(readonly, size));
    if (map != MAP_FAILED)
        CHECK_SYS(munmap(map, size));
}

int main(int argc, char **argv)
{
    struct fd_list fds = {.count = 0};
    int n;

    demo_start(argc, argv, "the interest list and the ready list of an epoll instance", PARAMS);
    n = (int)demo_int("n");
    epfd = (int)CHECK_SYS(epoll_create1(EPOLL_CLOEXEC));
    say_step("epoll_create1:");
    snapshot("empty", -1, -1);

    for (; fds.count < n; fds.count++) {
        fds.fd[fds.count] = (int)CHECK_SYS(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        CHECK(ctl(EPOLL_CTL_ADD, fds.fd[fds.count], EPOLLIN) == 0);
    }
    fdinfo_works = mask_of(fds.fd[0]) != 0;
    say_step("ADD for each eventfd:");
    snapshot("added", -1, -1);

    show_mask(fds.fd[0]);
    show_key(&fds);
    show_ready(&fds, demo_choice("order"));
    show_rotation(n, (int)demo_int("max"));
    show_copy(n);

    for (int i = 0; i < n; i++)
        CHECK_SYS(close(fds.fd[i]));
    interest_fds(&fds);
    demo_say("close them all: %d entries left", fds.count);
    snapshot("closed", -1, -1);
    CHECK_SYS(close(epfd));
    return demo_finish();
}
