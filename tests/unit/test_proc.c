/*
 * test_proc.c: child processes: how they end, what they get, and that nothing of them stays,
 * whatever they do against it.
 *
 * Children are /bin/sh where that will do; else this program itself with a role to play, see
 * roles[]. Every role ends by itself after ROLE_S seconds, so that a broken promise fails a test
 * and does not hang it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "proc.h"
#include "turns.h"

enum {
    ROLE_S = 4,
    SOON_MS = 2000,       /* far more than an end may take, far less than ROLE_S */
    LONG_MS = 600 * 1000, /* a time limit that never matters */
    PATTERN_BYTES = 600 * 1000,
    KEPT_BYTES = 1000 * 1000, /* of a flood */
};

static char self[PATH_MAX]; /* this program */

/* ---- roles ---- */

static _Noreturn void stay(void)
{
    for (;;)
        pause();
}

static _Noreturn void flood(void)
{
    char bytes[4096];

    signal(SIGPIPE, SIG_IGN);
    memset(bytes, 'y', sizeof(bytes));
    while (write(STDOUT_FILENO, bytes, sizeof(bytes)) > 0)
        ;
    stay();
}

/* Forks a child that leaves for a session of its own, says "pid N" and goes on with then; returns
 * in the parent when that has been said. */
static void spawn_away(void (*then)(void))
{
    char byte;
    int told[2];

    if (pipe(told) < 0)
        _exit(9);
    const pid_t pid = fork();
    if (pid == 0) {
        alarm(ROLE_S);
        setsid();
        dprintf(STDOUT_FILENO, "pid %d\n", (int)getpid());
        close(told[0]);
        close(told[1]);
        then();
        _exit(0);
    }
    close(told[1]);
    if (pid < 0 || read(told[0], &byte, 1) != 0)
        _exit(9);
}

static void play_leave_a_session(void)
{
    spawn_away(stay);
    _exit(3);
}

static void play_leave_a_flood(void)
{
    spawn_away(flood);
    _exit(3);
}

static void play_flood_beside_me(void)
{
    spawn_away(flood);
    stay();
}

static void spawn_one_more(void)
{
    spawn_away(stay);
    stay();
}

static void spawn_two_more(void)
{
    spawn_away(spawn_one_more);
    stay();
}

/* A chain of four sessions, each the child of the one before. */
static void play_leave_a_chain(void)
{
    spawn_away(spawn_two_more);
    spawn_away(stay);
    stay();
}

static void play_leave_the_group(void)
{
    if (setpgid(0, getpgid(getppid())) < 0)
        _exit(9);
    dprintf(STDOUT_FILENO, "left\n");
    stay();
}

static char pattern(size_t i)
{
    return (char)('a' + (i * 7 + i / 251) % 26);
}

static void write_pattern(int fd, size_t from, size_t n)
{
    char bytes[1000];

    for (size_t i = 0; i < n; i++)
        bytes[i] = pattern(from + i);
    if (write(fd, bytes, n) != (ssize_t)n)
        _exit(9);
}

/* The same long pattern on both pipes, in turns. */
static void play_fill_both(void)
{
    for (size_t at = 0; at < PATTERN_BYTES; at += 1000) {
        write_pattern(STDOUT_FILENO, at, 1000);
        write_pattern(3, at, 1000);
    }
    _exit(0);
}

static void print_fds(void)
{
    char *line = xstrdup("fds");

    for (int fd = 0; fd < 64; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            continue;
        char *longer = xasprintf("%s %d", line, fd);
        free(line);
        line = longer;
    }
    puts(line);
    free(line);
}

/* What a child finds when it starts. */
static void play_tell_facts(void)
{
    char cwd[PATH_MAX];
    sigset_t mask;
    struct rlimit core;
    struct stat in, null;

    print_fds();
    sigprocmask(SIG_BLOCK, NULL, &mask);
    getrlimit(RLIMIT_CORE, &core);
    printf("blocked %d\n", sigismember(&mask, SIGTERM) + sigismember(&mask, SIGUSR1));
    printf("sigpipe %s\n", signal(SIGPIPE, SIG_DFL) == SIG_DFL ? "default" : "other");
    printf("sigint %s\n", signal(SIGINT, SIG_DFL) == SIG_DFL ? "default" : "other");
    printf("core %d\n", (int)core.rlim_max);
    printf("own group %d\n", getpgrp() == getpid());
    printf("stdin null %d\n",
           fstat(0, &in) == 0 && stat("/dev/null", &null) == 0 && in.st_rdev == null.st_rdev);
    printf("cwd %s\n", getcwd(cwd, sizeof(cwd)));
    const char *trace = getenv("SYSTUTOR_TRACE_FD");
    printf("trace %s\n", trace ? trace : "none");
    const char *kept = getenv("SYSTUTOR_TEST_KEPT");
    printf("kept %s\n", kept ? kept : "none");
}

/* A tool that runs a program: it says how that ended, and then, if it is asked to be slow, does not
 * end itself. */
static void run_a_child(bool slow)
{
    int status;
    const pid_t pid = fork();

    if (pid < 0)
        _exit(9);
    if (pid == 0) {
        alarm(ROLE_S);
        stay();
    }
    dprintf(STDOUT_FILENO, "pid %d\n", (int)pid);
    if (waitpid(pid, &status, WUNTRACED) != pid)
        _exit(9);
    dprintf(STDOUT_FILENO, WIFSTOPPED(status) ? "held by %d\n" : "killed by %d\n",
            WIFSTOPPED(status) ? WSTOPSIG(status) : WTERMSIG(status));
    if (slow)
        stay();
    _exit(6);
}

static void play_a_tool(void)
{
    run_a_child(false);
}

static void play_a_slow_tool(void)
{
    run_a_child(true);
}

static void play_tell_personality(void)
{
    printf("fixed %d\n", (personality(0xffffffff) & ADDR_NO_RANDOMIZE) != 0);
}

static const struct {
    const char *name;
    void (*play)(void);
} roles[] = {
    {"leave-a-session", play_leave_a_session}, {"leave-a-flood", play_leave_a_flood},
    {"flood-beside-me", play_flood_beside_me}, {"leave-a-chain", play_leave_a_chain},
    {"leave-the-group", play_leave_the_group}, {"fill-both", play_fill_both},
    {"tell-facts", play_tell_facts},           {"a-tool", play_a_tool},
    {"a-slow-tool", play_a_slow_tool},         {"tell-personality", play_tell_personality},
};

static int play(const char *name)
{
    alarm(ROLE_S);
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if (strcmp(roles[i].name, name) == 0)
            roles[i].play();
    return fflush(stdout) == 0 ? 0 : 9;
}

/* ---- a child and what has come of it ---- */

struct child {
    struct proc *proc;
    struct buf bytes[PROC_STREAMS];
    int pieces;     /* calls of on_data */
    size_t largest; /* of them */
    bool ended;
    enum proc_end end;
    int code;
    int ends;                         /* calls of on_end */
    void (*on_piece)(struct child *); /* what on_data does besides */
    void (*at_end)(struct child *);   /* what on_end does besides */
    void *arg;
};

static struct {
    struct loop *loop;
    struct procs *procs;
    int fds;
    char *dir, *script; /* for what cannot be started */
} world;

static int make_world(void **unused)
{
    (void)unused;
    world.fds = count_fds();
    world.loop = new_loop();
    world.procs = procs_new(world.loop);
    return 0;
}

/* The second half of every test: nothing stays. */
static int end_world(void **unused)
{
    (void)unused;
    procs_free(world.procs);
    loop_free(world.loop);
    assert_no_children();
    assert_int_equal(count_fds(), world.fds);
    return 0;
}

static void take_piece(void *user, enum proc_stream stream, const char *bytes, size_t n)
{
    struct child *c = user;

    assert_false(c->ended);
    if (c->bytes[stream].len < KEPT_BYTES)
        buf_add(&c->bytes[stream], bytes, n);
    c->pieces++;
    c->largest = size_max(c->largest, n);
    if (c->on_piece)
        c->on_piece(c);
}

static void take_end(void *user, enum proc_end end, int code)
{
    struct child *c = user;

    c->ended = true;
    c->end = end;
    c->code = code;
    c->ends++;
    c->proc = NULL;
    if (c->at_end)
        c->at_end(c);
}

static bool try_start(struct child *c, const char *const *argv, const struct proc_spec *wanted,
                      struct err *e)
{
    struct proc_spec spec = *wanted;

    spec.argv = argv;
    spec.limit_ms = spec.limit_ms ? spec.limit_ms : LONG_MS;
    spec.on_data = take_piece;
    spec.on_end = take_end;
    spec.user = c;
    c->proc = proc_start(world.procs, &spec, e);
    return c->proc != NULL;
}

static void start(struct child *c, const char *const *argv, const struct proc_spec *wanted)
{
    struct err e = {""};

    if (!try_start(c, argv, wanted, &e))
        fail_msg("%s", e.text);
}

static void start_sh(struct child *c, const char *script, const struct proc_spec *wanted)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};

    start(c, argv, wanted);
}

static void start_role(struct child *c, const char *role, const struct proc_spec *wanted)
{
    const char *const argv[] = {self, role, NULL};

    start(c, argv, wanted);
}

static const struct proc_spec plain = {.trace = false};
static const struct proc_spec traced = {.trace = true};

static const char *out_of(const struct child *c)
{
    return buf_text(&c->bytes[PROC_OUT]);
}

static void forget(struct child *c)
{
    for (int s = 0; s < PROC_STREAMS; s++)
        buf_release(&c->bytes[s]);
}

/* Waits for the end, which is this one. */
static void expect_end(struct child *c, enum proc_end end, int code)
{
    turn_until(world.loop, &c->ended);
    assert_int_equal(c->end, end);
    assert_int_equal(c->code, code);
    assert_int_equal(c->ends, 1);
}

static void wait_for_output(const struct child *c, const char *words)
{
    const int64_t until_ms = loop_now_ms() + PATIENCE_MS;

    while (!strstr(out_of(c), words)) {
        if (c->ended || loop_now_ms() > until_ms)
            fail_msg("no \"%s\" in \"%s\"", words, out_of(c));
        loop_turn(world.loop, 100);
    }
}

/* ---- ends ---- */

static void an_exit_status_is_told(void **unused)
{
    (void)unused;
    static const struct {
        const char *script;
        int code;
    } rows[] = {{"exit 0", 0}, {"exit 7", 7}, {"exit 255", 255}, {"exec true", 0}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct child c = {0};
        start_sh(&c, rows[i].script, &plain);
        expect_end(&c, PROC_EXITED, rows[i].code);
    }
}

static void a_signal_of_its_own_is_told(void **unused)
{
    (void)unused;
    static const struct {
        const char *script;
        int signo;
    } rows[] = {{"kill -TERM $$", SIGTERM},
                {"kill -KILL $$", SIGKILL},
                {"kill -ABRT $$", SIGABRT},
                {"kill -PIPE $$", SIGPIPE}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct child c = {0};
        start_sh(&c, rows[i].script, &plain);
        expect_end(&c, PROC_SIGNALED, rows[i].signo);
    }
}

static void a_stop_ends_it(void **unused)
{
    (void)unused;
    struct child c = {0};

    start_sh(&c, "echo here; exec sleep 60", &plain);
    wait_for_output(&c, "here");
    proc_stop(c.proc);
    proc_stop(c.proc);     /* once more does no harm */
    assert_false(c.ended); /* it follows from the loop */
    expect_end(&c, PROC_STOPPED, SIGKILL);
    assert_string_equal(out_of(&c), "here\n");
    forget(&c);
}

static void a_stop_that_comes_at_once_ends_it(void **unused)
{
    (void)unused;
    struct child c = {0};

    start_sh(&c, "exec sleep 60", &plain);
    proc_stop(c.proc);
    expect_end(&c, PROC_STOPPED, SIGKILL);
}

static void the_time_limit_ends_it(void **unused)
{
    (void)unused;
    struct child c = {0};
    const int64_t start_ms = loop_now_ms();

    start_sh(&c, "exec sleep 60", &(struct proc_spec){.limit_ms = 40});
    expect_end(&c, PROC_TIME_LIMIT, SIGKILL);
    assert_in_range(loop_now_ms() - start_ms, 40, SOON_MS);
}

static void stop_child(void *user)
{
    struct child *c = user;

    if (c->proc)
        proc_stop(c->proc);
}

/* The limit and a stop fall due at the same moment, the limit first. */
static void the_first_reason_to_end_it_is_told(void **unused)
{
    (void)unused;
    struct child limited = {0}, stopped = {0};

    start_sh(&limited, "exec sleep 60", &(struct proc_spec){.limit_ms = 1});
    loop_after(world.loop, &limited, 1, stop_child, &limited);
    for (const int64_t start_ms = loop_now_ms(); loop_now_ms() <= start_ms + 2;)
        ;
    expect_end(&limited, PROC_TIME_LIMIT, SIGKILL);
    loop_drop_owner(world.loop, &limited);
    start_sh(&stopped, "exec sleep 60", &(struct proc_spec){.limit_ms = 1});
    proc_stop(stopped.proc);
    expect_end(&stopped, PROC_STOPPED, SIGKILL);
}

static void a_stopped_process_is_killed(void **unused)
{
    (void)unused;
    struct child stopped = {0}, limited = {0};

    start_sh(&stopped, "echo on; kill -STOP $$; echo off", &plain);
    wait_for_output(&stopped, "on");
    proc_stop(stopped.proc);
    expect_end(&stopped, PROC_STOPPED, SIGKILL);
    assert_string_equal(out_of(&stopped), "on\n");
    start_sh(&limited, "kill -STOP $$; exit 1", &(struct proc_spec){.limit_ms = 60});
    expect_end(&limited, PROC_TIME_LIMIT, SIGKILL);
    forget(&stopped);
}

static void a_program_deaf_to_signals_is_killed(void **unused)
{
    (void)unused;
    struct child c = {0};

    start_sh(&c, "trap '' TERM INT HUP QUIT; echo deaf; while :; do sleep 60; done", &plain);
    wait_for_output(&c, "deaf");
    proc_stop(c.proc);
    expect_end(&c, PROC_STOPPED, SIGKILL);
    forget(&c);
}

/* ---- what comes out ---- */

static void assert_pattern(const struct buf *b)
{
    assert_int_equal(b->len, PATTERN_BYTES);
    for (size_t i = 0; i < b->len; i++)
        if (b->text[i] != pattern(i))
            fail_msg("byte %zu is %d and not %d", i, b->text[i], pattern(i));
}

static void every_byte_of_both_pipes_comes_in_order(void **unused)
{
    (void)unused;
    struct child c = {0};

    start_role(&c, "fill-both", &traced);
    while (!c.ended) {
        const int before = c.pieces;
        loop_turn(world.loop, 100);
        assert_true(c.pieces - before <= 2); /* one of each pipe in a turn */
    }
    expect_end(&c, PROC_EXITED, 0);
    assert_pattern(&c.bytes[PROC_OUT]);
    assert_pattern(&c.bytes[PROC_TRACE]);
    assert_in_range(c.largest, 1, 64 * 1024);
    forget(&c);
}

static void output_error_and_trace_go_to_their_places(void **unused)
{
    (void)unused;
    struct child c = {0};

    start_sh(&c, "echo one; echo two >&2; echo three >&3; echo four", &traced);
    expect_end(&c, PROC_EXITED, 0);
    assert_string_equal(out_of(&c), "one\ntwo\nfour\n");
    assert_string_equal(buf_text(&c.bytes[PROC_TRACE]), "three\n");
    forget(&c);
}

/* A pipe that it closes is no end; an end without a closed pipe is none either. */
static void closed_pipes_are_no_end(void **unused)
{
    (void)unused;
    struct child c = {0};

    start_sh(&c, "echo on; exec >&- 2>&- 3>&-; sleep 0.05; exit 4", &traced);
    expect_end(&c, PROC_EXITED, 4);
    assert_string_equal(out_of(&c), "on\n");
    forget(&c);
}

static void what_is_in_the_pipe_at_the_end_is_read(void **unused)
{
    (void)unused;
    struct child c = {0};

    start_sh(&c, "echo last words; kill -KILL $$", &plain);
    expect_end(&c, PROC_SIGNALED, SIGKILL);
    assert_string_equal(out_of(&c), "last words\n");
    forget(&c);
}

/* ---- what a child gets ---- */

static void assert_fact(const struct child *c, const char *line)
{
    char *whole = xasprintf("\n%s\n", out_of(c));
    char *wanted = xasprintf("\n%s\n", line);

    if (!strstr(whole, wanted))
        fail_msg("no \"%s\" in:\n%s", line, out_of(c));
    free(whole);
    free(wanted);
}

static void expect_facts(const struct proc_spec *spec, const char *const *lines, size_t n)
{
    struct child c = {0};

    start_role(&c, "tell-facts", spec);
    expect_end(&c, PROC_EXITED, 0);
    for (size_t i = 0; i < n; i++)
        assert_fact(&c, lines[i]);
    forget(&c);
}

static void a_child_starts_clean(void **unused)
{
    (void)unused;
    static const char *const facts[] = {"fds 0 1 2",      "blocked 0", "sigpipe default",
                                        "sigint default", "core 0",    "own group 1",
                                        "stdin null 1",   "trace none"};
    struct child other = {0};
    sigset_t set, old;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    assert_int_equal(sigprocmask(SIG_BLOCK, &set, &old), 0);
    void (*const pipe_action)(int) = signal(SIGPIPE, SIG_IGN);
    void (*const int_action)(int) = signal(SIGINT, SIG_IGN);
    start_sh(&other, "exec sleep 60", &traced); /* whose pipes are nobody else's */
    expect_facts(&plain, facts, ARRAY_LEN(facts));
    proc_abandon(other.proc);
    signal(SIGPIPE, pipe_action);
    signal(SIGINT, int_action);
    assert_int_equal(sigprocmask(SIG_SETMASK, &old, NULL), 0);
}

static void a_trace_descriptor_is_there_when_asked_for(void **unused)
{
    (void)unused;
    static const char *const without[] = {"trace none", "fds 0 1 2"};
    static const char *const with[] = {"trace 3", "fds 0 1 2 3"};

    assert_int_equal(setenv("SYSTUTOR_TRACE_FD", "17", 1),
                     0); /* the tutor's own is not passed on */
    expect_facts(&plain, without, ARRAY_LEN(without));
    expect_facts(&traced, with, ARRAY_LEN(with));
    assert_int_equal(unsetenv("SYSTUTOR_TRACE_FD"), 0);
    expect_facts(&plain, without, ARRAY_LEN(without));
    expect_facts(&traced, with, ARRAY_LEN(with));
}

static void the_environment_is_passed_on(void **unused)
{
    (void)unused;
    static const char *const facts[] = {"kept as it is = \"x\""};

    assert_int_equal(setenv("SYSTUTOR_TEST_KEPT", "as it is = \"x\"", 1), 0);
    expect_facts(&plain, facts, ARRAY_LEN(facts));
    expect_facts(&traced, facts, ARRAY_LEN(facts));
    assert_int_equal(unsetenv("SYSTUTOR_TEST_KEPT"), 0);
}

static void it_starts_in_the_folder_asked_for(void **unused)
{
    (void)unused;
    char here[PATH_MAX];
    assert_non_null(getcwd(here, sizeof(here)));
    char *as_here = xasprintf("cwd %s", here);
    const char *const other[] = {"cwd /"}, *const own[] = {as_here};

    expect_facts(&(struct proc_spec){.cwd = "/"}, other, 1);
    expect_facts(&plain, own, 1);
    free(as_here);
}

/* A tutor whose first descriptors are free: the pipes get just the numbers that their ends are to
 * have in the child, or that others are to have. */
static void start_with_low_pipes(void)
{
    struct child c = {0}, none = {0};
    struct err e = {""};

    while (open("/dev/null", O_RDONLY | O_CLOEXEC) < 10)
        ;
    world.loop = loop_new(NULL);
    world.procs = procs_new(world.loop);
    for (int fd = 0; fd < 6; fd++)
        close(fd);
    const char *const argv[] = {"/bin/sh", "-c", "cat; echo out; echo trace >&3; exit 5", NULL};
    if (!try_start(&c, argv, &traced, NULL))
        _exit(1);
    while (!c.ended)
        loop_turn(world.loop, 100);
    if (c.end != PROC_EXITED || c.code != 5)
        _exit(2);
    if (strcmp(out_of(&c), "out\n") != 0 || strcmp(buf_text(&c.bytes[PROC_TRACE]), "trace\n") != 0)
        _exit(3);
    const char *const missing[] = {"/proc/nonexistent/program", NULL};
    if (try_start(&none, missing, &traced, &e) || !strstr(e.text, strerror(ENOENT)))
        _exit(4);
    _exit(0);
}

static void the_pipes_may_have_any_numbers(void **unused)
{
    (void)unused;
    struct buf said = {0};

    assert_int_equal(run_in_child(start_with_low_pipes, &said), 0);
    buf_release(&said);
}

/* ---- what cannot be started ---- */

static void write_script(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "we");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void expect_no_start(const char *path, const char *cwd, int error)
{
    const char *const argv[] = {path, NULL};
    struct child c = {0};
    struct err e = {""};
    const int fds = count_fds();

    assert_false(try_start(&c, argv, &(struct proc_spec){.cwd = cwd, .trace = true}, &e));
    if (!strstr(e.text, path) || !strstr(e.text, strerror(error)))
        fail_msg("\"%s\" does not name %s and \"%s\"", e.text, path, strerror(error));
    assert_no_children();
    assert_int_equal(count_fds(), fds);
    loop_turn(world.loop, 0);
    assert_int_equal(c.ends + c.pieces, 0);
}

static int make_script(void **unused)
{
    const char *tmp = getenv("TMPDIR");

    world.dir = xasprintf("%s/systutor-proc.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(world.dir))
        return -1;
    world.script = xasprintf("%s/script", world.dir);
    return make_world(unused);
}

static int remove_script(void **unused)
{
    unlink(world.script);
    rmdir(world.dir);
    free(world.script);
    free(world.dir);
    return end_world(unused);
}

static void what_cannot_be_started_is_an_error_with_its_reason(void **unused)
{
    (void)unused;
    expect_no_start("/proc/nonexistent/program", NULL, ENOENT);
    expect_no_start(world.dir, NULL, EACCES);
    write_script(world.script, "#!/bin/sh\n", 0600);
    expect_no_start(world.script, NULL, EACCES);
    write_script(world.script, "no program at all\n", 0700);
    expect_no_start(world.script, NULL, ENOEXEC);
    write_script(world.script, "", 0700);
    expect_no_start(world.script, NULL, ENOEXEC);
    write_script(world.script, "#!/proc/nonexistent/interpreter\n", 0700);
    expect_no_start(world.script, NULL, ENOENT);
    expect_no_start("/bin/sh", "/proc/nonexistent", ENOENT);
}

/* Every number of descriptors that is too small: an error or a sound start, and no leak. */
static void a_refused_descriptor_is_an_error_and_leaks_nothing(void **unused)
{
    (void)unused;
    const char *const argv[] = {"/bin/sh", "-c", "echo on", NULL};
    int high[16]; /* so that a child may have all the descriptors it needs */
    int failures = 0;

    for (size_t i = 0; i < ARRAY_LEN(high); i++)
        high[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const rlim_t first_free = (rlim_t)next_fd();
    const int fds = count_fds();
    for (rlim_t allowed = 0; allowed < 12; allowed++) {
        struct child c = {0};
        struct err e = {""};
        const rlim_t old = limit_fds(first_free + allowed);
        const bool ok = try_start(&c, argv, &traced, &e);
        limit_fds(old);
        if (!ok) {
            failures++;
            assert_true(e.text[0] != '\0');
            assert_no_children();
        } else {
            expect_end(&c, PROC_EXITED, 0);
            assert_string_equal(out_of(&c), "on\n");
        }
        forget(&c);
        assert_int_equal(count_fds(), fds);
    }
    assert_in_range(failures, 6, 11);
    for (size_t i = 0; i < ARRAY_LEN(high); i++)
        close(high[i]);
}

/* ---- what it leaves behind ---- */

static pid_t pid_told_last(const struct child *c)
{
    const char *at = out_of(c), *last = NULL;

    while ((at = strstr(at, "pid ")) != NULL)
        last = at += 4;
    assert_non_null(last);
    return (pid_t)strtol(last, NULL, 10);
}

static void assert_gone(pid_t pid)
{
    errno = 0;
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

static void a_grandchild_that_holds_the_pipe_is_killed(void **unused)
{
    (void)unused;
    struct child c = {0};

    const int64_t start_ms = loop_now_ms();
    start_sh(&c, "sleep 60 & echo pid $!; exit 3", &plain);
    expect_end(&c, PROC_EXITED, 3);
    assert_true(loop_now_ms() - start_ms < SOON_MS);
    assert_gone(pid_told_last(&c));
    forget(&c);
}

static void a_grandchild_in_a_session_of_its_own_is_killed(void **unused)
{
    (void)unused;
    struct child c = {0};

    const int64_t start_ms = loop_now_ms();
    start_role(&c, "leave-a-session", &plain);
    expect_end(&c, PROC_EXITED, 3);
    assert_true(loop_now_ms() - start_ms < SOON_MS);
    assert_gone(pid_told_last(&c));
    forget(&c);
}

static int pids_told(const struct child *c)
{
    int n = 0;

    for (const char *at = out_of(c); (at = strstr(at, "pid ")) != NULL; at += 4)
        n++;
    return n;
}

static void a_chain_of_sessions_is_killed(void **unused)
{
    (void)unused;
    struct child c = {0};

    start_role(&c, "leave-a-chain", &plain);
    while (!c.ended && pids_told(&c) < 4)
        loop_turn(world.loop, 100);
    assert_int_equal(pids_told(&c), 4);
    const int64_t start_ms = loop_now_ms();
    proc_stop(c.proc);
    expect_end(&c, PROC_STOPPED, SIGKILL);
    assert_true(loop_now_ms() - start_ms < SOON_MS);
    assert_gone(pid_told_last(&c));
    forget(&c);
}

static void a_program_that_left_its_group_is_killed(void **unused)
{
    (void)unused;
    struct child stopped = {0}, limited = {0};

    start_role(&stopped, "leave-the-group", &plain);
    wait_for_output(&stopped, "left");
    int64_t start_ms = loop_now_ms();
    proc_stop(stopped.proc);
    expect_end(&stopped, PROC_STOPPED, SIGKILL);
    assert_true(loop_now_ms() - start_ms < SOON_MS);
    start_ms = loop_now_ms();
    start_role(&limited, "leave-the-group", &(struct proc_spec){.limit_ms = 300});
    expect_end(&limited, PROC_TIME_LIMIT, SIGKILL);
    assert_true(loop_now_ms() - start_ms < SOON_MS);
    forget(&stopped);
    forget(&limited);
}

/* Abandoning waits for the end: it must be one that comes. */
static void a_program_that_left_its_group_can_be_abandoned(void **unused)
{
    (void)unused;
    struct child c = {0};

    start_role(&c, "leave-the-group", &plain);
    wait_for_output(&c, "left");
    const int64_t start_ms = loop_now_ms();
    proc_abandon(c.proc);
    assert_true(loop_now_ms() - start_ms < SOON_MS);
    assert_int_equal(c.ends, 0);
    forget(&c);
}

static void a_flood_from_another_session_ends_with_the_limit(void **unused)
{
    (void)unused;
    struct child c = {0};

    const int64_t start_ms = loop_now_ms();
    start_role(&c, "leave-a-flood", &(struct proc_spec){.limit_ms = 300});
    expect_end(&c, PROC_EXITED, 3);
    assert_true(loop_now_ms() - start_ms < SOON_MS);
    assert_gone(pid_told_last(&c));
    forget(&c);
}

static void a_flood_from_another_session_ends_with_a_stop(void **unused)
{
    (void)unused;
    static const char *const names[] = {"leave-a-flood", "flood-beside-me"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct child c = {0};
        start_role(&c, names[i], &plain);
        wait_for_output(&c, "yyyy");
        const int64_t start_ms = loop_now_ms();
        proc_stop(c.proc);
        turn_until(world.loop, &c.ended);
        assert_true(loop_now_ms() - start_ms < SOON_MS);
        assert_gone(pid_told_last(&c));
        forget(&c);
    }
}

/* ---- abandoning ---- */

static void an_abandoned_one_is_gone_and_calls_nobody(void **unused)
{
    (void)unused;
    struct child c = {0};

    start_sh(&c, "echo on; sleep 60 & echo more; exec sleep 60", &traced);
    wait_for_output(&c, "more");
    const int pieces = c.pieces;
    proc_abandon(c.proc);
    assert_no_children();
    loop_turn(world.loop, 60);
    assert_int_equal(c.pieces, pieces);
    assert_int_equal(c.ends, 0);
    forget(&c);
}

static void abandon_arg(struct child *c)
{
    struct child *victim = c->arg;

    if (!victim->proc)
        return;
    proc_abandon(victim->proc);
    victim->proc = NULL;
}

static void a_callback_may_abandon_its_own_or_another(void **unused)
{
    (void)unused;
    struct child itself = {.on_piece = abandon_arg}, other = {0};
    struct child killer = {.on_piece = abandon_arg, .arg = &other};

    itself.arg = &itself;
    start_sh(&itself, "while :; do echo on; done", &traced);
    start_sh(&other, "while :; do echo on; done", &traced);
    start_sh(&killer, "echo on; exit 6", &traced);
    expect_end(&killer, PROC_EXITED, 6);
    while (itself.proc)
        loop_turn(world.loop, 100);
    assert_int_equal(itself.pieces, 1);
    assert_int_equal(itself.ends + other.ends, 0);
    forget(&itself);
    forget(&other);
    forget(&killer);
}

static void stop_arg(struct child *c)
{
    struct child *victim = c->arg;

    if (victim->proc)
        proc_stop(victim->proc);
}

static void a_callback_may_stop_its_own(void **unused)
{
    (void)unused;
    struct child c = {.on_piece = stop_arg};

    c.arg = &c;
    start_sh(&c, "while :; do echo on; done", &plain);
    expect_end(&c, PROC_STOPPED, SIGKILL);
    forget(&c);
}

static void start_the_next(struct child *c)
{
    struct child *next = c->arg;

    if (next)
        start_sh(next, "exit 8", &plain);
}

static void the_last_callback_may_start_another(void **unused)
{
    (void)unused;
    struct child all[4] = {{0}};

    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        all[i].at_end = start_the_next;
        all[i].arg = i + 1 < ARRAY_LEN(all) ? &all[i + 1] : NULL;
    }
    start_sh(&all[0], "exit 8", &plain);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        expect_end(&all[i], PROC_EXITED, 8);
}

/* end_world frees what runs: the checks are there. */
static void the_end_of_the_tutor_takes_all_with_it(void **unused)
{
    (void)unused;
    static struct child all[5];

    memset(all, 0, sizeof(all));
    start_sh(&all[0], "exec sleep 60", &plain);
    start_sh(&all[1], "sleep 60 & sleep 60 & exec sleep 60", &traced);
    start_sh(&all[2], "exit 0", &traced);
    start_sh(&all[3], "kill -STOP $$", &plain);
    start_role(&all[4], "leave-a-session", &traced);
    wait_for_output(&all[4], "\n");
    const pid_t away = pid_told_last(&all[4]);
    procs_free(world.procs);
    world.procs = NULL;
    assert_no_children();
    assert_gone(away);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        forget(&all[i]);
}

/* ---- a tool that runs a program ---- */

static void a_report_has_a_pipe_of_its_own(void **unused)
{
    (void)unused;
    struct child c = {0};

    start_sh(&c, "echo out; echo trace >&3; echo report >/dev/fd/250; exit 2",
             &(struct proc_spec){.trace = true, .report = true});
    expect_end(&c, PROC_EXITED, 2);
    assert_string_equal(out_of(&c), "out\n");
    assert_string_equal(buf_text(&c.bytes[PROC_TRACE]), "trace\n");
    assert_string_equal(buf_text(&c.bytes[PROC_REPORT]), "report\n");
    forget(&c);
}

/* None of the targets may be taken for a source: the tutor itself has such a descriptor. */
static void a_report_finds_its_place_whatever_is_there(void **unused)
{
    (void)unused;
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct child c = {0};

    assert_int_equal(fcntl(null, F_DUPFD_CLOEXEC, PROC_REPORT_FD), PROC_REPORT_FD);
    start_sh(&c, "echo report >/dev/fd/250", &(struct proc_spec){.report = true});
    expect_end(&c, PROC_EXITED, 0);
    assert_string_equal(buf_text(&c.bytes[PROC_REPORT]), "report\n");
    close(PROC_REPORT_FD);
    close(null);
    forget(&c);
}

static void the_pipe_of_the_trace_has_an_inode(void **unused)
{
    (void)unused;
    struct child c = {0}, none = {0};

    start_sh(&c, "readlink /proc/self/fd/3", &traced);
    char *name = xasprintf("pipe:[%llu]\n", (unsigned long long)proc_trace_inode(c.proc));
    expect_end(&c, PROC_EXITED, 0);
    assert_string_equal(out_of(&c), name);
    start_sh(&none, "true", &plain);
    assert_true(proc_trace_inode(none.proc) == 0);
    expect_end(&none, PROC_EXITED, 0);
    free(name);
    forget(&c);
}

static void variables_are_replaced_and_added(void **unused)
{
    (void)unused;
    static const char *const env[] = {"SYSTUTOR_TEST_OLD=new", "SYSTUTOR_TEST_MORE=more",
                                      "SYSTUTOR_TRACE_FD=77", NULL};
    struct child c = {0};

    setenv("SYSTUTOR_TEST_OLD", "old", 1);
    setenv("SYSTUTOR_TEST_OLDER", "kept", 1);
    start_sh(&c,
             "echo $SYSTUTOR_TEST_OLD $SYSTUTOR_TEST_OLDER $SYSTUTOR_TEST_MORE; env | grep -c OLD=",
             &(struct proc_spec){.env = env});
    expect_end(&c, PROC_EXITED, 0);
    assert_string_equal(out_of(&c), "new kept more\n1\n");
    unsetenv("SYSTUTOR_TEST_OLD");
    unsetenv("SYSTUTOR_TEST_OLDER");
    forget(&c);
}

static void addresses_can_be_fixed(void **unused)
{
    (void)unused;
    struct child c = {0}, other = {0};

    start_role(&c, "tell-personality", &(struct proc_spec){.fixed_addresses = true});
    expect_end(&c, PROC_EXITED, 0);
    if (personality(ADDR_NO_RANDOMIZE) < 0) { /* some containers refuse it */
        print_message("this machine does not let addresses be fixed\n");
        forget(&c);
        skip();
    }
    personality(0);
    assert_string_equal(out_of(&c), "fixed 1\n");
    start_role(&other, "tell-personality", &plain);
    expect_end(&other, PROC_EXITED, 0);
    assert_string_equal(out_of(&other), "fixed 0\n");
    forget(&c);
    forget(&other);
}

static void a_tool_may_tell_how_its_child_ended(void **unused)
{
    (void)unused;
    static const struct {
        int signo;
        const char *words;
    } rows[] = {{SIGKILL, "killed by 9\n"}, {SIGSTOP, "held by 19\n"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct child c = {0};
        start_role(&c, "a-tool",
                   &(struct proc_spec){.last_signal = rows[i].signo, .last_words_ms = LONG_MS});
        wait_for_output(&c, "pid");
        proc_stop(c.proc);
        expect_end(&c, PROC_STOPPED, 6); /* it has ended by itself, but was stopped */
        assert_non_null(strstr(out_of(&c), rows[i].words));
        assert_gone(pid_told_last(&c));
        forget(&c);
    }
}

static void last_words_end_the_time_limit_too(void **unused)
{
    (void)unused;
    struct child c = {0};

    start_role(
        &c, "a-tool",
        &(struct proc_spec){.limit_ms = 300, .last_signal = SIGKILL, .last_words_ms = LONG_MS});
    expect_end(&c, PROC_TIME_LIMIT, 6);
    forget(&c);
}

static void last_words_are_not_waited_for_for_ever(void **unused)
{
    (void)unused;
    struct child limited = {0}, cut = {0};
    const struct proc_spec spec = {.last_signal = SIGSTOP, .last_words_ms = 50};
    const struct proc_spec patient = {.last_signal = SIGSTOP, .last_words_ms = LONG_MS};

    start_role(&limited, "a-slow-tool", &spec);
    wait_for_output(&limited, "pid");
    proc_stop(limited.proc);
    expect_end(&limited, PROC_STOPPED, SIGKILL);
    assert_gone(pid_told_last(&limited));
    start_role(&cut, "a-slow-tool", &patient);
    wait_for_output(&cut, "pid");
    proc_stop(cut.proc);
    wait_for_output(&cut, "held");
    proc_stop(cut.proc); /* once more: no more patience */
    expect_end(&cut, PROC_STOPPED, SIGKILL);
    forget(&limited);
    forget(&cut);
}

static void a_tool_in_its_last_words_can_be_abandoned(void **unused)
{
    (void)unused;
    struct child c = {0};

    start_role(&c, "a-slow-tool",
               &(struct proc_spec){.last_signal = SIGSTOP, .last_words_ms = LONG_MS});
    wait_for_output(&c, "pid");
    proc_stop(c.proc);
    const pid_t pid = pid_told_last(&c);
    proc_abandon(c.proc);
    assert_gone(pid);
    assert_int_equal(c.ends, 0);
    forget(&c);
}

static void what_is_over_is_hurried(void **unused)
{
    (void)unused;
    struct child c = {0}, stopped = {0};

    start_sh(&c, "echo on; exec sleep 60",
             &(struct proc_spec){.last_signal = SIGKILL, .last_words_ms = LONG_MS});
    wait_for_output(&c, "on");
    assert_true(proc_hurry(c.proc, 20));
    expect_end(&c, PROC_TIME_LIMIT, SIGKILL);
    start_sh(&stopped, "echo on; exec sleep 60", &plain);
    wait_for_output(&stopped, "on");
    proc_stop(stopped.proc);
    assert_false(proc_hurry(stopped.proc, LONG_MS));
    expect_end(&stopped, PROC_STOPPED, SIGKILL);
    forget(&c);
    forget(&stopped);
}

/* ---- finding ---- */

static void programs_are_found_as_a_shell_does(void **unused)
{
    (void)unused;
    const char *path = getenv("PATH");
    char *old = xstrdup(path ? path : "/usr/bin:/bin");

    setenv("PATH", "/proc/nonexistent:/bin:/usr/bin", 1);
    char *sh = proc_find("sh"), *slash = proc_find("/bin/sh");
    assert_string_equal(sh, "/bin/sh");
    assert_string_equal(slash, "/bin/sh");
    free(sh);
    free(slash);
    assert_null(proc_find("no-such-program"));
    assert_null(proc_find("/bin/no-such-program"));
    assert_null(proc_find("/bin")); /* a folder */
    assert_null(proc_find("/proc/self/status"));
    setenv("PATH", "", 1);
    assert_null(proc_find("sh"));
    setenv("PATH", old, 1);
    free(old);
}

/* ---- many ---- */

static void many_at_once_end_each_with_its_own_status(void **unused)
{
    (void)unused;
    struct child all[24] = {{0}};

    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        char *script = xasprintf("echo number %zu; echo trace %zu >&3; exit %zu", i, i, i);
        start_sh(&all[i], script, &traced);
        free(script);
    }
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        expect_end(&all[i], PROC_EXITED, (int)i);
        char *out = xasprintf("number %zu\n", i), *trace = xasprintf("trace %zu\n", i);
        assert_string_equal(out_of(&all[i]), out);
        assert_string_equal(buf_text(&all[i].bytes[PROC_TRACE]), trace);
        free(out);
        free(trace);
        forget(&all[i]);
    }
}

static void two_hundred_in_a_row_leave_nothing(void **unused)
{
    (void)unused;
    const int fds = count_fds();

    for (int i = 0; i < 200; i++) {
        struct child c = {0};
        start_sh(&c, "echo on; echo trace >&3; exit 1", &traced);
        expect_end(&c, PROC_EXITED, 1);
        assert_int_equal(count_fds(), fds);
        forget(&c);
    }
    assert_no_children();
}

static bool is_subreaper(void)
{
    int yes = -1;

    assert_int_equal(prctl(PR_GET_CHILD_SUBREAPER, &yes), 0);
    return yes == 1;
}

static void the_tutor_reaps_orphans_as_long_as_it_has_children_to_care_for(void **unused)
{
    (void)unused;
    assert_true(is_subreaper());
    procs_free(world.procs);
    assert_false(is_subreaper());
    procs_free(NULL);
    world.procs = NULL;
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, make_world, end_world)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(an_exit_status_is_told),
        IN_WORLD(a_signal_of_its_own_is_told),
        IN_WORLD(a_stop_ends_it),
        IN_WORLD(a_stop_that_comes_at_once_ends_it),
        IN_WORLD(the_time_limit_ends_it),
        IN_WORLD(the_first_reason_to_end_it_is_told),
        IN_WORLD(a_stopped_process_is_killed),
        IN_WORLD(a_program_deaf_to_signals_is_killed),
        IN_WORLD(every_byte_of_both_pipes_comes_in_order),
        IN_WORLD(output_error_and_trace_go_to_their_places),
        IN_WORLD(closed_pipes_are_no_end),
        IN_WORLD(what_is_in_the_pipe_at_the_end_is_read),
        IN_WORLD(a_child_starts_clean),
        IN_WORLD(a_trace_descriptor_is_there_when_asked_for),
        IN_WORLD(the_environment_is_passed_on),
        IN_WORLD(it_starts_in_the_folder_asked_for),
        IN_WORLD(the_pipes_may_have_any_numbers),
        cmocka_unit_test_setup_teardown(what_cannot_be_started_is_an_error_with_its_reason,
                                        make_script, remove_script),
        IN_WORLD(a_refused_descriptor_is_an_error_and_leaks_nothing),
        IN_WORLD(a_grandchild_that_holds_the_pipe_is_killed),
        IN_WORLD(a_grandchild_in_a_session_of_its_own_is_killed),
        IN_WORLD(a_chain_of_sessions_is_killed),
        IN_WORLD(a_program_that_left_its_group_is_killed),
        IN_WORLD(a_program_that_left_its_group_can_be_abandoned),
        IN_WORLD(a_flood_from_another_session_ends_with_the_limit),
        IN_WORLD(a_flood_from_another_session_ends_with_a_stop),
        IN_WORLD(an_abandoned_one_is_gone_and_calls_nobody),
        IN_WORLD(a_callback_may_abandon_its_own_or_another),
        IN_WORLD(a_callback_may_stop_its_own),
        IN_WORLD(the_last_callback_may_start_another),
        IN_WORLD(the_end_of_the_tutor_takes_all_with_it),
        IN_WORLD(a_report_has_a_pipe_of_its_own),
        IN_WORLD(a_report_finds_its_place_whatever_is_there),
        IN_WORLD(the_pipe_of_the_trace_has_an_inode),
        IN_WORLD(variables_are_replaced_and_added),
        IN_WORLD(addresses_can_be_fixed),
        IN_WORLD(a_tool_may_tell_how_its_child_ended),
        IN_WORLD(last_words_end_the_time_limit_too),
        IN_WORLD(last_words_are_not_waited_for_for_ever),
        IN_WORLD(a_tool_in_its_last_words_can_be_abandoned),
        IN_WORLD(what_is_over_is_hurried),
        IN_WORLD(programs_are_found_as_a_shell_does),
        IN_WORLD(many_at_once_end_each_with_its_own_status),
        IN_WORLD(two_hundred_in_a_row_leave_nothing),
        IN_WORLD(the_tutor_reaps_orphans_as_long_as_it_has_children_to_care_for),
    };

    if (argc > 1)
        return play(argv[1]);
    const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (n < 0)
        return 1;
    self[n] = '\0';
    keep_inherited_fds();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
