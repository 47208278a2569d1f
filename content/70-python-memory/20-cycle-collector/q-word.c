/* _gc_prev of one object while its collection runs. */
#include <stdio.h>

int main(void)
{
    const unsigned long collecting = 2, one = 1 << 2;
    unsigned long prev = 3 * one | collecting; /* update_refs */

    prev -= one; /* visit_decref */
    prev -= one; /* visit_decref */
    printf("%lu %lu\n", prev >> 2, prev & 3);
    prev -= one; /* visit_decref */
    printf("%lu %lu\n", prev >> 2, prev & 3);
    return 0;
}
