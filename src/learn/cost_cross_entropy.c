/* cross-entropy with a softmax output: C_0 = -Σ_j y_j ln a_j. Computed from z, as Σ_j y_j (m + ln Σ_k e^(z_k
 * - m) - z_j) with m = max z, which cannot overflow or reach ln 0. Together with softmax the derivative is
 * ∂C_0/∂z_j = a_j Σ_k y_k - y_j; the targets of a class sum to 1. */
#include "base/real.h"
#include "learn/cost.h"

static void forward(const struct cost_call *call) {
    real *restrict each = call->each;
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict z = (const real *)call->z + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real sum = 0;
        real largest = z[0], exponentials = 0;
        for (size_t j = 1; j < call->outputs; j++) largest = z[j] > largest ? z[j] : largest;
        for (size_t j = 0; j < call->outputs; j++) exponentials += real_exp(z[j] - largest);
        real normaliser = largest + real_log(exponentials);
        for (size_t j = 0; j < call->outputs; j++) sum += y[j] * (normaliser - z[j]);
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
