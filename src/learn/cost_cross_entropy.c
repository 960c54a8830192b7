/* cross-entropy with a softmax output: C_0 = -Σ_j y_j ln a_j. Computed from z, as Σ_j y_j ((m - z_j) + ln(1 +
 * rest)) with m = max z and rest the sum of e^(z_k - m) over the others: nothing overflows, and a cost near 0
 * keeps its digits. Together with softmax the derivative is ∂C_0/∂z_j = a_j Σ_k y_k - y_j; the targets of a
 * class sum to 1. */
#include "base/real.h"
#include "learn/cost.h"

static void forward(const struct cost_call *call) {
    real *restrict each = call->each;
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict z = (const real *)call->z + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        size_t top = 0;
        real rest = 0, sum = 0;
        for (size_t j = 1; j < call->outputs; j++) top = z[j] > z[top] ? j : top;
        for (size_t j = 0; j < call->outputs; j++) rest += j == top ? 0 : real_exp(z[j] - z[top]);
        real normaliser = real_log1p(rest);
        for (size_t j = 0; j < call->outputs; j++)
            sum += y[j] != 0 ? y[j] * ((z[top] - z[j]) + normaliser) : 0;
        each[r] = sum;
    }
}

static void backward(const struct cost_call *call) {
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real *restrict d = (real *)call->d + r * call->stride;
        real total = 0;
        for (size_t j = 0; j < call->outputs; j++) total += y[j];
        for (size_t j = 0; j < call->outputs; j++) d[j] = a[j] * total - y[j];
    }
}

extern const struct cost_kernel VARIANT(cost_cross_entropy);
const struct cost_kernel VARIANT(cost_cross_entropy) = {forward, backward};
