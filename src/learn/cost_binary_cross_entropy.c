/* binary-cross-entropy with a sigmoid output: C_0 = -Σ_j [y_j ln a_j + (1 - y_j) ln(1 - a_j)]. Computed from
 * z, as Σ_j (max(z_j, 0) - y_j z_j) + ln(1 + e^-|z_j|): nothing overflows, and a cost near 0 keeps its
 * digits. Together with sigmoid's a(1 - a) the derivative is ∂C_0/∂z_j = a_j - y_j. Targets lie in 0 .. 1. */
#include "base/real.h"
#include "learn/cost.h"

static void binary_cross_entropy_forward(const struct cost_call *call) {
    real *restrict each = call->each;
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict z = (const real *)call->z + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real sum = 0;
        for (size_t j = 0; j < call->outputs; j++) {
            real positive = z[j] > 0 ? z[j] : 0; /* positive - y z is exact for y = 0 and y = 1 */
            sum += (positive - y[j] * z[j]) + real_log1p(real_exp(-real_abs(z[j])));
        }
        each[r] = sum;
    }
}

static void binary_cross_entropy_backward(const struct cost_call *call) {
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real *restrict d = (real *)call->d + r * call->stride;
        for (size_t j = 0; j < call->outputs; j++) d[j] = a[j] - y[j];
    }
}

/* ∂C_0/∂a_j = (1 - y_j) / (1 - a_j) - y_j / a_j; 1 - a is σ(-z), which keeps its digits. A term that y
 * makes 0 is 0, even beside an a that is 0 or 1. */
static void binary_cross_entropy_parts(const struct cost_call *call) {
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        const real *restrict z = (const real *)call->z + r * call->stride;
        real *restrict part = (real *)call->parts + r * call->stride;
        real *restrict d = (real *)call->d + r * call->stride;
        for (size_t j = 0; j < call->outputs; j++) {
            real positive = z[j] > 0 ? z[j] : 0;
            part[j] = (positive - y[j] * z[j]) + real_log1p(real_exp(-real_abs(z[j])));
            d[j] = (y[j] != 1 ? (1 - y[j]) / real_sigmoid(-z[j]) : 0) - (y[j] != 0 ? y[j] / a[j] : 0);
        }
    }
}

extern const struct cost_kernel VARIANT(cost_binary_cross_entropy);
const struct cost_kernel VARIANT(cost_binary_cross_entropy) = {
    binary_cross_entropy_forward, binary_cross_entropy_backward, binary_cross_entropy_parts};
