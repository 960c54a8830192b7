/* nesterov: v <- μ v - η g, w <- w + μ v - η g (Nesterov 1983, in the form of Sutskever et al. 2013 with w at
 * the point where the gradient is taken). Without momentum it is plain gradient descent. */
#include "base/real.h"
#include "learn/optimizer.h"

static void nesterov_update(const struct optimizer_call *call) {
    real *restrict w = call->w, *restrict v = call->states[0];
    const real *restrict g = call->g;
    const real step = (real)(call->rate * call->scale), momentum = (real)call->options->momentum;
    if (!v) {
        for (size_t i = 0; i < call->count; i++) w[i] -= step * g[i];
        return;
    }
    for (size_t i = 0; i < call->count; i++) {
        v[i] = momentum * v[i] - step * g[i];
        w[i] += momentum * v[i] - step * g[i];
    }
}

extern const struct optimizer_kernel VARIANT(optimizer_nesterov);
const struct optimizer_kernel VARIANT(optimizer_nesterov) = {nesterov_update, NULL};
