/* silu: a = z s with s = 1 / (1 + e^-z); a' = s (1 + z (1 - s)) (Elfwing, Uchibe, Doya 2017; also called
 * swish). */
#include "base/real.h"
#include "net/ops.h"

static void silu_forward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict a = call->y;
    for (size_t i = 0; i < call->elements; i++) a[i] = z[i] * real_sigmoid(z[i]);
}

static void silu_backward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict d = call->d;
    for (size_t i = 0; i < call->elements; i++) {
        real s = real_sigmoid(z[i]);
        d[i] *= s * (1 + z[i] * (1 - s));
    }
}

extern const struct op_kernel VARIANT(op_silu);
const struct op_kernel VARIANT(op_silu) = {.forward = silu_forward, .backward = silu_backward};
