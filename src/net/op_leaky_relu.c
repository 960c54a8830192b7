/* leaky-relu: a = z for z > 0, else s z; a' = 1 or s (Maas, Hannun, Ng 2013). At the kink z = 0: s. */
#include "base/real.h"
#include "net/ops.h"

static void leaky_relu_forward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict a = call->y;
    const real s = (real)call->values[0];
    for (size_t i = 0; i < call->elements; i++) a[i] = z[i] > 0 ? z[i] : s * z[i];
}

static void leaky_relu_backward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict d = call->d;
    const real s = (real)call->values[0];
    for (size_t i = 0; i < call->elements; i++) d[i] = z[i] > 0 ? d[i] : s * d[i];
}

extern const struct op_kernel VARIANT(op_leaky_relu);
const struct op_kernel VARIANT(op_leaky_relu) = {.forward = leaky_relu_forward,
                                                 .backward = leaky_relu_backward};
