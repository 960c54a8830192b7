/* selu: a = λ z for z > 0, else λ α (e^z - 1); a' = λ or λ α e^z, with the λ and α that hold mean 0 and
 * variance 1 from layer to layer (Klambauer, Unterthiner, Mayr, Hochreiter 2017). At the kink z = 0: λ α.
 * The negative side is computed from min(z, 0), so that e^z cannot overflow where it is not wanted. */
#include "base/real.h"
#include "net/ops.h"

static const real LAMBDA = REAL(1.0507009873554804934193349852946);
static const real LAMBDA_ALPHA = REAL(1.7580993408473768599402175208123);

static void selu_forward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict a = call->y;
    for (size_t i = 0; i < call->elements; i++)
        a[i] = z[i] > 0 ? LAMBDA * z[i] : LAMBDA_ALPHA * real_expm1(z[i] > 0 ? 0 : z[i]); /* NaN stays NaN */
}

static void selu_backward(const struct op_call *call) {
    const real *restrict z = call->x;
    real *restrict d = call->d;
    for (size_t i = 0; i < call->elements; i++)
        d[i] *= z[i] > 0 ? LAMBDA : LAMBDA_ALPHA * real_exp(z[i] < 0 ? z[i] : 0);
}

extern const struct op_kernel VARIANT(op_selu);
const struct op_kernel VARIANT(op_selu) = {.forward = selu_forward, .backward = selu_backward};
