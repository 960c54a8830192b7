/* softplus: a = ln(1 + e^z), a' = 1 / (1 + e^-z) (Dugas et al. 2001). */
#include "base/real.h"
#include "net/ops.h"

static void softplus_forward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict a = call->y;
    for (size_t i = 0; i < call->elements; i++) a[i] = real_softplus(z[i]);
}

static void softplus_backward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict d = call->d;
    for (size_t i = 0; i < call->elements; i++) d[i] *= real_sigmoid(z[i]);
}

extern const struct op_kernel VARIANT(op_softplus);
const struct op_kernel VARIANT(op_softplus) = {.forward = softplus_forward, .backward = softplus_backward};
