/* absolute: C_0 = Σ_j |a_j - y_j|, ∂C_0/∂a_j = the sign of a_j - y_j, and 0 at the kink a_j = y_j. */
#include "base/real.h"
#include "learn/cost.h"

static void absolute_forward(const struct cost_call *call) {
    real *restrict each = call->each;
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real sum = 0;
        for (size_t j = 0; j < call->outputs; j++) sum += real_abs(a[j] - y[j]);
        each[r] = sum;
    }
}

static void absolute_backward(const struct cost_call *call) {
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real *restrict d = (real *)call->d + r * call->stride;
        for (size_t j = 0; j < call->outputs; j++) d[j] = (real)((a[j] > y[j]) - (a[j] < y[j]));
    }
}

static void absolute_parts(const struct cost_call *call) {
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real *restrict part = (real *)call->parts + r * call->stride;
        real *restrict d = (real *)call->d + r * call->stride;
        for (size_t j = 0; j < call->outputs; j++) {
            part[j] = real_abs(a[j] - y[j]);
            d[j] = (real)((a[j] > y[j]) - (a[j] < y[j]));
        }
    }
}

extern const struct cost_kernel VARIANT(cost_absolute);
const struct cost_kernel VARIANT(cost_absolute) = {absolute_forward, absolute_backward, absolute_parts};
