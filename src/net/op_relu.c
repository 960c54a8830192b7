/* relu: a = max(z, 0), a' = 1 for z > 0, else 0 (Nair and Hinton 2010). At the kink z = 0 the derivative from
 * below: 0. */
#include "base/real.h"
#include "net/ops.h"

static void forward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict a = call->y;
    for (size_t i = 0; i < call->elements; i++) a[i] = z[i] < 0 ? 0 : z[i]; /* NaN stays NaN */
}

static void backward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict d = call->d;
    for (size_t i = 0; i < call->elements; i++) d[i] = z[i] > 0 ? d[i] : 0;
}

extern const struct op_kernel VARIANT(op_relu);
const struct op_kernel VARIANT(op_relu) = {.forward = forward, .backward = backward};
