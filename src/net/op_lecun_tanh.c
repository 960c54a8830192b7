/* lecun-tanh: a = A tanh(S z), a' = (S / A)(A - a)(A + a). A = 1.7159 and S = 2/3 make σ(±1) = ±1 and keep
 * the second derivative largest there (LeCun, Bottou, Orr, Müller 1998, "Efficient BackProp"). */
#include "base/real.h"
#include "net/ops.h"

static const real A = REAL(1.7159), S = REAL(2) / REAL(3);

static void lecun_tanh_forward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict a = call->y;
    for (size_t i = 0; i < call->elements; i++) a[i] = A * real_tanh(S * z[i]);
}

static void lecun_tanh_backward(const struct op_call *call) {
    const real *restrict a = call->y;
    real *restrict d = call->d;
    for (size_t i = 0; i < call->elements; i++) d[i] *= (S / A) * ((A - a[i]) * (A + a[i]));
}

extern const struct op_kernel VARIANT(op_lecun_tanh);
const struct op_kernel VARIANT(op_lecun_tanh) = {.forward = lecun_tanh_forward,
                                                 .backward = lecun_tanh_backward};
