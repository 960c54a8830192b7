/* Powers with the same bits everywhere: by multiplication in a fixed order, where libm promises none. */
#ifndef NUDGE_BASE_POWER_H
#define NUDGE_BASE_POWER_H

#include <stdint.h>

/* x^n by squaring. */
static inline double power(double x, uint64_t n) {
    double result = 1;
    for (; n; n >>= 1, x *= x)
        if (n & 1) result *= x;
    return result;
}

#endif
