/*
 * hang.c: does not end, and does what it can not to be ended: it ignores the polite signals, and
 * so do its child in the same group, a child in a session of its own, and a grandchild whose
 * parent is gone. "all four hang" is printed when all of them are there.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void ignore_all(void)
{
    static const int polite[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP, SIGCONT};

    for (size_t i = 0; i < sizeof(polite) / sizeof(*polite); i++)
        signal(polite[i], SIG_IGN);
}

static _Noreturn void stay(int ready)
{
    if (write(ready, "", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

static void in_child(int ready, int new_session, int fork_again)
{
    if (fork() != 0)
        return;
    if (new_session)
        setsid();
    if (fork_again && fork() != 0)
        _exit(0);
    stay(ready);
}

int main(void)
{
    int ready[2];
    char byte;

    ignore_all();
    if (pipe(ready) < 0)
        return 1;
    in_child(ready[1], 0, 0);
    in_child(ready[1], 1, 0);
    in_child(ready[1], 1, 1);
    for (int i = 0; i < 3; i++)
        if (read(ready[0], &byte, 1) != 1)
            return 1;
    puts("all four hang");
    fflush(stdout);
    for (;;)
        pause();
}
