/* softsign: a = z / (1 + |z|), a' = 1 / (1 + |z|)² (Elliott 1993; FANN calls it elliot-symmetric). Like tanh from -1 to 1,
 * but without an exponential, and its ends are reached more slowly. */
#include "base/real.h"
#include "net/ops.h"

static void softsign_forward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict a = call->y;
    for (size_t i = 0; i < call->elements; i++) a[i] = z[i] / (1 + real_abs(z[i]));
}

static void softsign_backward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict d = call->d;
    for (size_t i = 0; i < call->elements; i++) {
        real share = 1 / (1 + real_abs(z[i]));
        d[i] *= share * share;
    }
}

extern const struct op_kernel VARIANT(op_softsign);
const struct op_kernel VARIANT(op_softsign) = {.forward = softsign_forward, .backward = softsign_backward};
