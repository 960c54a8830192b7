/* relu: a = max(z, 0), a' = 1 for z > 0, else 0 (Nair and Hinton 2010). At the kink z = 0 the derivative from
 * below: 0. */
#include "base/real.h"
#include "net/ops.h"

/* In place this is a loop of its own: `restrict` would not be true. */
static void relu_forward(const struct op_call *call) {
    if (call->x == call->y) {
        real *a = call->y;
        for (size_t i = 0; i < call->elements; i++) a[i] = a[i] < 0 ? 0 : a[i];
        return;
    }
    const real *restrict z = call->x;
    real *restrict a = call->y;
    for (size_t i = 0; i < call->elements; i++) a[i] = z[i] < 0 ? 0 : z[i]; /* NaN stays NaN */
}

/* a > 0 where z > 0. */
static void relu_backward(const struct op_call *call) {
    const real *restrict a = call->y;
    real *restrict d = call->d;
    for (size_t i = 0; i < call->elements; i++) d[i] = a[i] > 0 ? d[i] : 0;
}

extern const struct op_kernel VARIANT(op_relu);
const struct op_kernel VARIANT(op_relu) = {.forward = relu_forward, .backward = relu_backward};
