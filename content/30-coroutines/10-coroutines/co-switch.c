/*
 * co-switch: two ways to switch stacks, ucontext's swapcontext and a bare switch of registers:
 * what the kernel has to do with them, and what they cost.
 *
 * A context has a signal mask, and only the kernel can change the mask of a thread. So a coroutine
 * blocks SIGUSR1, sends it to its own thread, where it stays pending, and switches away: if the
 * signal arrives at that moment, the switch has been in the kernel.
 *
 * Proved:
 *   swap-mask    the signal arrives in swapcontext; in a bare switch it stays pending
 *   bare-switch  swapcontext takes several times as long as a bare switch
 *
 * Usage: co-switch [switches=N]
 * Source: getcontext(3), makecontext(3); glibc's swapcontext.S; minicoro's _mco_switch.
 */
#define _GNU_SOURCE 1
#include "demo.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    STACK_BYTES = 128 * 1024,
    BATCHES = 9, /* the fastest counts: the others were disturbed */
    BAR = 30,    /* columns */
};

static const struct demo_param PARAMS[] = {
    {"switches", "switches there and back in each batch", 1000, 50000, 10000, NULL},
    {NULL, NULL, 0, 0, 0, NULL},
};

static char *stack;                  /* of the coroutine, its lowest byte */
static ucontext_t caller, coroutine; /* for swapcontext */
static void *caller_sp, *co_sp;      /* for the bare switch: the stack pointer of who waits */
static int co_lane;

static void by_ucontext_enter(void)
{
    CHECK_SYS(swapcontext(&caller, &coroutine));
}

static void by_ucontext_leave(void)
{
    CHECK_SYS(swapcontext(&coroutine, &caller));
}

/* The next enter() calls body in the coroutine's stack. It must not return. */
static void by_ucontext_start(void (*body)(void))
{
    CHECK_SYS(getcontext(&coroutine));
    coroutine.uc_stack.ss_sp = stack;
    coroutine.uc_stack.ss_size = STACK_BYTES;
    coroutine.uc_link = NULL;
    makecontext(&coroutine, body, 0);
}

/* void bare_switch(void **save, void *sp): pushes the registers that a function must preserve,
 * stores the stack pointer in *save, makes sp the stack pointer, and pops the same from there. */
#if defined(__x86_64__)
enum { HAVE_BARE = 1, FRAME_WORDS = 8, RETURN_WORD = 6 }; /* word 7 aligns, as the ABI demands */
__asm__(".text\n"
        ".type bare_switch, @function\n"
        "bare_switch:\n"
        "    push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15\n"
        "    mov %rsp, (%rdi)\n"
        "    mov %rsi, %rsp\n"
        "    pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp\n"
        "    pop %rcx\n"
        "    jmp *%rcx\n" /* ret would be mispredicted: it goes elsewhere than it was called from */
        ".size bare_switch, . - bare_switch\n");
#elif defined(__aarch64__)
enum { HAVE_BARE = 1, FRAME_WORDS = 20, RETURN_WORD = 11 };
__asm__(".text\n"
        ".type bare_switch, %function\n"
        "bare_switch:\n"
        "    sub sp, sp, #160\n"
        "    stp x19, x20, [sp];        stp x21, x22, [sp, #16]\n"
        "    stp x23, x24, [sp, #32];   stp x25, x26, [sp, #48]\n"
        "    stp x27, x28, [sp, #64];   stp x29, x30, [sp, #80]\n"
        "    stp d8, d9, [sp, #96];     stp d10, d11, [sp, #112]\n"
        "    stp d12, d13, [sp, #128];  stp d14, d15, [sp, #144]\n"
        "    mov x9, sp\n"
        "    str x9, [x0]\n"
        "    mov sp, x1\n"
        "    ldp x19, x20, [sp];        ldp x21, x22, [sp, #16]\n"
        "    ldp x23, x24, [sp, #32];   ldp x25, x26, [sp, #48]\n"
        "    ldp x27, x28, [sp, #64];   ldp x29, x30, [sp, #80]\n"
        "    ldp d8, d9, [sp, #96];     ldp d10, d11, [sp, #112]\n"
        "    ldp d12, d13, [sp, #128];  ldp d14, d15, [sp, #144]\n"
        "    add sp, sp, #160\n"
        "    ret\n"
        ".size bare_switch, . - bare_switch\n");
#else
enum { HAVE_BARE = 0, FRAME_WORDS = 1, RETURN_WORD = 0 };
__asm__(".text\nbare_switch:\n"); /* never called */
#endif
void bare_switch(void **save, void *sp) __asm__("bare_switch");

static void by_hand_enter(void)
{
    bare_switch(&caller_sp, co_sp);
}

static void by_hand_leave(void)
{
    bare_switch(&co_sp, caller_sp);
}

/* Lays out the stack as if body were about to be returned to. */
static void by_hand_start(void (*body)(void))
{
    void **frame = (void **)(void *)(stack + STACK_BYTES) - FRAME_WORDS;

    memset(frame, 0, FRAME_WORDS * sizeof(*frame));
    memcpy(&frame[RETURN_WORD], &body, sizeof(body));
    co_sp = frame;
}

static const struct way {
    const char *name, *arrow;
    void (*start)(void (*body)(void));
    void (*enter)(void);
    void (*leave)(void);
} UCONTEXT = {"ucontext", "swapcontext", by_ucontext_start, by_ucontext_enter, by_ucontext_leave},
  BY_HAND = {"by-hand", "bare-switch", by_hand_start, by_hand_enter, by_hand_leave};

static const struct way *way; /* the one under test */

/* ---- a pending signal ---- */

static volatile sig_atomic_t arrived;

static void on_signal(int signal)
{
    (void)signal;
    arrived = 1;
}

static void change_mask(int how)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK_PTHREAD(pthread_sigmask(how, &set, NULL));
}

static void block_and_leave(void)
{
    demo_begin(co_lane, DEMO_RUN, "run");
    change_mask(SIG_BLOCK);
    CHECK(raise(SIGUSR1) == 0);
    CHECK(!arrived);
    demo_note(co_lane, "pending", "SIGUSR1 is blocked in this context, and sent");
    demo_end(co_lane);
    for (;;)
        way->leave();
}

/* True if the signal that is pending in the coroutine arrives as it switches away. */
static bool arrives_at_switch(const struct way *tested)
{
    bool at_switch;
    int arrow;

    way = tested;
    arrived = 0;
    way->start(block_and_leave);
    demo_begin(0, DEMO_RUN, "run");
    demo_note(0, way->name, "by %s", way->arrow);
    arrow = demo_send(0, way->arrow);
    demo_end(0);
    demo_recv(co_lane, way->arrow, arrow);
    way->enter();
    at_switch = arrived;
    arrow = demo_send(co_lane, way->arrow);
    demo_recv(0, way->arrow, arrow);
    demo_begin(0, DEMO_RUN, "run");
    demo_note(0, at_switch ? "signal-here" : "no-signal",
              at_switch ? "it arrived in the switch" : "it is pending still");
    change_mask(SIG_UNBLOCK);
    CHECK(arrived);
    demo_end(0);
    return at_switch;
}

static void show_mask(void)
{
    const struct sigaction action = {.sa_handler = on_signal};
    bool by_ucontext, by_hand = false;

    CHECK_SYS(sigaction(SIGUSR1, &action, NULL));
    demo_say("a signal is pending, blocked in the coroutine only:");
    by_ucontext = arrives_at_switch(&UCONTEXT);
    demo_say("  swapcontext away: %s", by_ucontext ? "it arrives" : "still pending");
    if (HAVE_BARE) {
        by_hand = arrives_at_switch(&BY_HAND);
        demo_say("  bare switch away: %s", by_hand ? "it arrives" : "still pending");
    }
    demo_verdict_word("swap-mask", by_ucontext && !by_hand ? DEMO_PASS : DEMO_FAIL,
                      by_ucontext ? "arrives" : "pending",
                      "it arrives in swapcontext, and not in a bare switch");
}

/* ---- costs ---- */

static void just_leave(void)
{
    for (;;)
        way->leave();
}

static __attribute__((noinline)) void do_nothing(void)
{
    __asm__ volatile("");
}

static void ask_kernel(void)
{
    syscall(SYS_getppid);
}

/* Nanoseconds for one call of work, in the fastest batch. */
static double time_calls(void (*work)(void))
{
    const long n = demo_int("switches");
    int64_t best = INT64_MAX;

    for (int batch = 0; batch < BATCHES; batch++) {
        const int64_t start = demo_now_ns();
        for (long i = 0; i < n; i++)
            work();
        const int64_t took = demo_now_ns() - start;
        best = took < best ? took : best;
    }
    return (double)best / (double)n;
}

static double time_switch(const struct way *timed)
{
    way = timed;
    way->start(just_leave);
    return time_calls(way->enter) / 2; /* there and back */
}

static void say_cost(const char *what, double ns, double longest)
{
    const int columns = (int)(BAR * ns / longest + 0.5);

    demo_say("  %-12s %8.1f  %.*s", what, ns, columns, "##############################");
}

static void show_costs(void)
{
    const double call = time_calls(do_nothing), kernel = time_calls(ask_kernel);
    const double swap = time_switch(&UCONTEXT);
    const double bare = HAVE_BARE ? time_switch(&BY_HAND) : call;
    const double longest = swap > kernel ? swap : kernel, ratio = swap / bare;

    demo_say("nanoseconds for one:");
    say_cost("call", call, longest);
    if (HAVE_BARE)
        say_cost("bare switch", bare, longest);
    say_cost("system call", kernel, longest);
    say_cost("swapcontext", swap, longest);
    if (!HAVE_BARE) {
        demo_verdict("bare-switch", DEMO_INCONCLUSIVE, ratio, "times a call",
                     "a bare switch is written here for x86-64 and aarch64 only");
        return;
    }
    demo_verdict("bare-switch",
                 ratio >= 3    ? DEMO_PASS
                 : ratio < 1.5 ? DEMO_FAIL
                               : DEMO_INCONCLUSIVE,
                 ratio, "times a bare switch", "3 times or more; below 1.5 it is refuted");
}

int main(int argc, char **argv)
{
    demo_start(argc, argv, "what the kernel has to do with a switch, and what it costs", PARAMS);
    co_lane = demo_lane("coroutine");
    stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK((void *)stack != MAP_FAILED);
    show_mask();
    show_costs();
    CHECK_SYS(munmap(stack, STACK_BYTES));
    return demo_finish();
}
