/* Two coroutines withdraw 30 each from one balance of 100. */
#include <stdio.h>
#include <ucontext.h>

static ucontext_t loop, co[2];
static char stack[2][65536];
static int balance = 100;

static void withdraw(int i)
{
    int before = balance;
    swapcontext(&co[i], &loop); /* await */
    balance = before - 30;
}
int main(void)
{
    for (int i = 0; i < 2; i++) {
        getcontext(&co[i]);
        co[i].uc_stack.ss_sp = stack[i];
        co[i].uc_stack.ss_size = sizeof(stack[i]);
        co[i].uc_link = &loop;
        makecontext(&co[i], (void (*)(void))withdraw, 1, i);
    }
    for (int turn = 0; turn < 4; turn++)
        swapcontext(&loop, &co[turn % 2]);
    printf("%d\n", balance);
    return 0;
}
