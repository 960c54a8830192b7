/* sigmoid: a = 1 / (1 + e^-z), a' = a (1 - a). */
#include "base/real.h"
#include "net/ops.h"

static void sigmoid_forward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict a = call->y;
    for (size_t i = 0; i < call->elements; i++) a[i] = real_sigmoid(z[i]);
}

static void sigmoid_backward(const struct op_call *call) {
    const real *restrict a = call->y;
    real *restrict d = call->d;
#ifdef NUDGE_PLANT_ERROR /* a wrong sign, to see that the tests find it */
    for (size_t i = 0; i < call->elements; i++) d[i] *= a[i] * (a[i] - 1);
#else
    for (size_t i = 0; i < call->elements; i++) d[i] *= a[i] * (1 - a[i]);
#endif
}

extern const struct op_kernel VARIANT(op_sigmoid);
const struct op_kernel VARIANT(op_sigmoid) = {.forward = sigmoid_forward, .backward = sigmoid_backward};
