/* elu: a = z for z > 0, else α (e^z - 1); a' = 1 or α e^z = a + α (Clevert, Unterthiner, Hochreiter 2015). At
 * z = 0: α. The negative side is computed from min(z, 0): e^z must not overflow where it is not wanted. */
#include "base/real.h"
#include "net/ops.h"

static void elu_forward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict a = call->y;
    const real alpha = (real)call->values[0];
    for (size_t i = 0; i < call->elements; i++)
        a[i] = z[i] > 0 ? z[i] : alpha * real_expm1(z[i] > 0 ? 0 : z[i]); /* NaN stays NaN */
}

static void elu_backward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict d = call->d;
    const real alpha = (real)call->values[0];
    for (size_t i = 0; i < call->elements; i++)
        d[i] = z[i] > 0 ? d[i] : d[i] * alpha * real_exp(z[i] < 0 ? z[i] : 0);
}

extern const struct op_kernel VARIANT(op_elu);
const struct op_kernel VARIANT(op_elu) = {.forward = elu_forward, .backward = elu_backward};
