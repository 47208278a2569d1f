/* Two contexts and main: who prints when? */
#include <stdio.h>
#include <ucontext.h>

static ucontext_t m, a, b;
static char stack[2][65536];

static void f(void)
{
    printf("1");
    swapcontext(&a, &b);
    printf("2");
}
static void g(void)
{
    printf("3");
    swapcontext(&b, &a);
    printf("4");
}
int main(void)
{
    getcontext(&a), getcontext(&b);
    a.uc_stack = (stack_t){.ss_sp = stack[0], .ss_size = 65536};
    b.uc_stack = (stack_t){.ss_sp = stack[1], .ss_size = 65536};
    a.uc_link = &b, b.uc_link = &m;
    makecontext(&a, f, 0), makecontext(&b, g, 0);
    swapcontext(&m, &a);
    printf("5\n");
    return 0;
}
