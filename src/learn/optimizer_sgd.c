/* sgd: w <- w - η g; with momentum: v <- μ v - η g, w <- w + v (Polyak 1964). */
#include "base/real.h"
#include "learn/optimizer.h"

static void sgd_update(const struct optimizer_call *call) {
    real *restrict w = call->w, *restrict v = call->states[0];
    const real *restrict g = call->g;
    const real step = (real)(call->rate * call->scale), momentum = (real)call->options->momentum;
    if (!v) {
        for (size_t i = 0; i < call->count; i++) w[i] -= step * g[i];
        return;
    }
    for (size_t i = 0; i < call->count; i++) {
        v[i] = momentum * v[i] - step * g[i];
        w[i] += v[i];
    }
}

extern const struct optimizer_kernel VARIANT(optimizer_sgd);
const struct optimizer_kernel VARIANT(optimizer_sgd) = {sgd_update, NULL};
