/* tanh: a' = 1 - a² = (1 - a)(1 + a). */
#include "base/real.h"
#include "net/ops.h"

static void tanh_forward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict a = call->y;
    for (size_t i = 0; i < call->elements; i++) a[i] = real_tanh(z[i]);
}

static void tanh_backward(const struct op_call *call) {
    const real *restrict a = call->y;
    real *restrict d = call->d;
    for (size_t i = 0; i < call->elements; i++) d[i] *= (1 - a[i]) * (1 + a[i]);
}

extern const struct op_kernel VARIANT(op_tanh);
const struct op_kernel VARIANT(op_tanh) = {.forward = tanh_forward, .backward = tanh_backward};
