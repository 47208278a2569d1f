/* A context without a successor. */
#include <stdio.h>
#include <ucontext.h>

static ucontext_t m, co;
static char stack[65536];

static void f(void)
{
    printf("in ");
}

int main(void)
{
    if (getcontext(&co) < 0)
        return 1;
    co.uc_stack.ss_sp = stack;
    co.uc_stack.ss_size = sizeof(stack);
    co.uc_link = NULL;
    makecontext(&co, f, 0);
    printf("start ");
    swapcontext(&m, &co);
    printf("back\n");
    return 0;
}
