/* What makes weights smaller beside the cost, for those who ask: penalties l1 Σ|w| + ½ l2 Σw², whose gradient
 *
 *     l1 sign(w) + l2 w
 *
 * the optimizer gets with the cost's, and weight decay, which it does not: w <- w - η λ w before its step (Loshchilov and
 * Hutter 2019). The gradients themselves stay those of the cost: the sum goes elsewhere. */
#include "base/real.h"
#include "learn/optimizer.h"

static void gradients(const struct optimizer_call *call, void *to) {
    const real *restrict w = call->w, *restrict g = call->g;
    const real l1 = (real)(call->options->l1 / call->scale),
               l2 = (real)(call->options->l2 / call->scale); /* g is a sum over rows */
    real *restrict sum = to;
    for (size_t i = 0; i < call->count; i++) {
        real sign = (w[i] > 0 ? REAL(1) : 0) - (w[i] < 0 ? REAL(1) : 0);
        sum[i] = g[i] + (l2 * w[i] + l1 * sign);
    }
}

static void decay(const struct optimizer_call *call) {
    real *restrict w = call->w;
    const real keep = (real)(1 - call->rate * call->options->weight_decay);
    for (size_t i = 0; i < call->count; i++) w[i] *= keep;
}

extern const struct penalty_kernel VARIANT(optimizer_penalty);
const struct penalty_kernel VARIANT(optimizer_penalty) = {gradients, decay};
