/* cross-entropy with a softmax output: C_0 = -Σ_j y_j ln a_j. Computed from z, as Σ_j y_j ((m - z_j) + ln(1 +
 * rest)) with m = max z and rest the sum of e^(z_k - m) over the others: nothing overflows, and a cost near 0
 * keeps its digits. Together with softmax the derivative is ∂C_0/∂z_j = a_j Σ_k y_k - y_j; the targets of a
 * class sum to 1. */
#include "base/real.h"
#include "learn/cost.h"

/* Σ_k e^(z_k - z_top) over the others, in order; the powers by whole vectors, padding too. */
static real sum_of_others(const real *restrict z, size_t outputs, size_t top) {
    real power[LANE], sum = 0;
    for (size_t first = 0; first < outputs; first += LANE) {
        size_t count = outputs - first < LANE ? outputs - first : LANE;
        for (size_t j = 0; j < LANE; j++) power[j] = real_exp(z[first + j] - z[top]);
        for (size_t j = 0; j < count; j++) sum += first + j == top ? 0 : power[j];
    }
    return sum;
}

static void cross_entropy_forward(const struct cost_call *call) {
    real *restrict each = call->each;
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict z = (const real *)call->z + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        size_t top = 0;
        real sum = 0;
        for (size_t j = 1; j < call->outputs; j++) top = z[j] > z[top] ? j : top;
        real normaliser = real_log1p(sum_of_others(z, call->outputs, top));
        for (size_t j = 0; j < call->outputs; j++)
            sum += y[j] != 0 ? y[j] * ((z[top] - z[j]) + normaliser) : 0;
        each[r] = sum;
    }
}

static void cross_entropy_backward(const struct cost_call *call) {
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real *restrict d = (real *)call->d + r * call->stride;
        real total = 0;
        for (size_t j = 0; j < call->outputs; j++) total += y[j];
        for (size_t j = 0; j < call->outputs; j++) d[j] = a[j] * total - y[j];
    }
}

/* ∂C_0/∂a_j = -y_j / a_j: the cost sees only what is asked for; that the others shall go down comes from
 * softmax, whose outputs share 1. */
static void cross_entropy_parts(const struct cost_call *call) {
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        const real *restrict z = (const real *)call->z + r * call->stride;
        real *restrict part = (real *)call->parts + r * call->stride;
        real *restrict d = (real *)call->d + r * call->stride;
        size_t top = 0;
        for (size_t j = 1; j < call->outputs; j++) top = z[j] > z[top] ? j : top;
        real normaliser = real_log1p(sum_of_others(z, call->outputs, top));
        for (size_t j = 0; j < call->outputs; j++) {
            part[j] = y[j] != 0 ? y[j] * ((z[top] - z[j]) + normaliser) : 0;
            d[j] = y[j] != 0 ? -y[j] / a[j] : 0;
        }
    }
}

extern const struct cost_kernel VARIANT(cost_cross_entropy);
const struct cost_kernel VARIANT(cost_cross_entropy) = {cross_entropy_forward, cross_entropy_backward,
                                                        cross_entropy_parts};
