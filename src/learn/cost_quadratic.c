/* quadratic: C_0 = Σ_j (a_j - y_j)², without a factor ½, so ∂C_0/∂a_j = 2 (a_j - y_j). */
#include "base/real.h"
#include "learn/cost.h"

static void quadratic_forward(const struct cost_call *call) {
    real *restrict each = call->each;
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real sum = 0;
        for (size_t j = 0; j < call->outputs; j++) sum += (a[j] - y[j]) * (a[j] - y[j]);
        each[r] = sum;
    }
}

static void quadratic_backward(const struct cost_call *call) {
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real *restrict d = (real *)call->d + r * call->stride;
        for (size_t j = 0; j < call->outputs; j++) d[j] = 2 * (a[j] - y[j]);
    }
}

static void quadratic_parts(const struct cost_call *call) {
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real *restrict part = (real *)call->parts + r * call->stride;
        real *restrict d = (real *)call->d + r * call->stride;
        for (size_t j = 0; j < call->outputs; j++) {
            part[j] = (a[j] - y[j]) * (a[j] - y[j]);
            d[j] = 2 * (a[j] - y[j]);
        }
    }
}

extern const struct cost_kernel VARIANT(cost_quadratic);
const struct cost_kernel VARIANT(cost_quadratic) = {quadratic_forward, quadratic_backward, quadratic_parts};
