/* gelu: a = z Φ(z), a' = Φ(z) + z φ(z), with Φ(z) = ½ (1 + erf(z/√2)) and φ(z) = e^(-z²/2) / √2π (Hendrycks,
 * Gimpel 2016). The exact form, not the one with tanh. */
#include "base/real.h"
#include "net/ops.h"

static const real HALF = REAL(0.5), SQRT_HALF = REAL(0.70710678118654752440084436210485);
static const real INVERSE_SQRT_2PI = REAL(0.39894228040143267793994605993438);

static void gelu_forward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict a = call->y;
    for (size_t i = 0; i < call->elements; i++) a[i] = z[i] * (HALF + HALF * real_erf(z[i] * SQRT_HALF));
}

static void gelu_backward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict d = call->d;
    for (size_t i = 0; i < call->elements; i++) {
        real cumulative = HALF + HALF * real_erf(z[i] * SQRT_HALF);
        real density = real_exp(-HALF * (z[i] * z[i])) * INVERSE_SQRT_2PI;
        d[i] *= cumulative + z[i] * density;
    }
}

extern const struct op_kernel VARIANT(op_gelu);
const struct op_kernel VARIANT(op_gelu) = {.forward = gelu_forward, .backward = gelu_backward};
