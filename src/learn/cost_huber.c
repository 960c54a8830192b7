/* huber: with r = a_j - y_j, C_0 = Σ_j ½r² for |r| <= d, else d (|r| - ½d); ∂C_0/∂a_j = r held within -d .. d
 * (Huber 1964). The derivative is continuous. */
#include "base/real.h"
#include "learn/cost.h"

static const real HALF = REAL(0.5);

static void huber_forward(const struct cost_call *call) {
    const real limit = (real)call->delta;
    real *restrict each = call->each;
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real sum = 0;
        for (size_t j = 0; j < call->outputs; j++) {
            real size = real_abs(a[j] - y[j]);
            sum += size <= limit ? HALF * (size * size) : limit * (size - HALF * limit);
        }
        each[r] = sum;
    }
}

static void huber_backward(const struct cost_call *call) {
    const real limit = (real)call->delta;
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real *restrict d = (real *)call->d + r * call->stride;
        for (size_t j = 0; j < call->outputs; j++) {
            real error = a[j] - y[j];
            d[j] = error > limit ? limit : error < -limit ? -limit : error;
        }
    }
}

static void huber_parts(const struct cost_call *call) {
    const real limit = (real)call->delta;
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->a + r * call->stride;
        const real *restrict y = (const real *)call->y + r * call->stride;
        real *restrict part = (real *)call->parts + r * call->stride;
        real *restrict d = (real *)call->d + r * call->stride;
        for (size_t j = 0; j < call->outputs; j++) {
            real error = a[j] - y[j], size = real_abs(error);
            part[j] = size <= limit ? HALF * (size * size) : limit * (size - HALF * limit);
            d[j] = error > limit ? limit : error < -limit ? -limit : error;
        }
    }
}

extern const struct cost_kernel VARIANT(cost_huber);
const struct cost_kernel VARIANT(cost_huber) = {huber_forward, huber_backward, huber_parts};
