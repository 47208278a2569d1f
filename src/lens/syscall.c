/*
 * syscall.c: what is known of a system call by its name and its arguments. See syscall.h.
 */
#include "lens/syscall.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Whether word is one of the list, which has a blank before and behind each. */
static bool is_among(const char *word, const char *list)
{
    const size_t n = strlen(word);

    for (const char *at = list; (at = strstr(at, word)); at += n)
        if (at[-1] == ' ' && at[n] == ' ')
            return true;
    return false;
}

/* Calls that let a thread wait for something else than the disk's cache; two of them only as some
 * of their operations. */
static bool may_wait(const char *name, const char *args)
{
    static const char names[] =
        " accept accept4 close connect epoll_pwait epoll_pwait2 epoll_wait fdatasync flock fsync "
        "futex_waitv io_getevents io_pgetevents io_uring_enter mq_timedreceive mq_timedsend msgrcv "
        "msgsnd open openat pause poll ppoll preadv2 pselect6 pwritev2 read readv recvfrom "
        "recvmmsg recvmsg restart_syscall rt_sigsuspend rt_sigtimedwait select semop semtimedop "
        "sendfile sendmmsg sendmsg sendto splice tee vfork vmsplice wait4 waitid write writev ";

    if (strcmp(name, "futex") == 0)
        return strstr(args, "FUTEX_WAIT") || strstr(args, "FUTEX_LOCK_PI");
    if (strcmp(name, "fcntl") == 0)
        return strstr(args, "SETLKW");
    return is_among(name, names);
}

const char *syscall_category(const char *name, const char *args, int64_t took_ns)
{
    if (strcmp(name, "clock_nanosleep") == 0 || strcmp(name, "nanosleep") == 0)
        return "sleep";
    return took_ns >= SYSCALL_BLOCKED_NS && may_wait(name, args) ? "block" : "call";
}

enum syscall_child syscall_child(const char *name, const char *args)
{
    if (starts_with(name, "clone"))
        return strstr(args, "CLONE_THREAD") ? SYSCALL_THREAD : SYSCALL_PROCESS;
    return is_among(name, " fork vfork ") ? SYSCALL_PROCESS : SYSCALL_NO_CHILD;
}

bool syscall_is_on_pipe(const char *args, uint64_t inode)
{
    char *end;

    if (inode == 0 || strtol(args, &end, 10) < 0 || end == args || !starts_with(end, "<pipe:["))
        return false;
    return strtoull(end + 7, &end, 10) == inode && starts_with(end, "]>");
}

int syscall_signal(struct piece name)
{
    for (int i = 1; i < NSIG; i++) {
        const char *abbreviation = sigabbrev_np(i);
        if (abbreviation && starts_with(name.s, "SIG") &&
            piece_is((struct piece){name.s + 3, name.n - 3}, abbreviation))
            return i;
    }
    return 0;
}
