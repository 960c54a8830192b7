/* adam (Kingma and Ba 2015): the mean g of the batch moves by its own size,
 *
 *     m <- β1 m + (1 - β1) g,  m̂ = m / (1 - β1^t)
 *     v <- β2 v + (1 - β2) g², v̂ = v / (1 - β2^t)
 *     w <- w - η m̂ / (√v̂ + ε)
 *
 * computed as the paper proposes at the end of its section 2, with both corrections in numbers of the step:
 *
 *     w <- w - η_t m / (√v + ε_t),   η_t = η √(1 - β2^t) / (1 - β1^t),   ε_t = ε √(1 - β2^t)
 *
 * which is the same but for rounding. η_t and ε_t are made in f64 and rounded once, as are (1 - β1) / rows
 * and (1 - β2) / rows², which turn the batch's sum into its mean on the way. */
#include "base/power.h"
#include "base/real.h"
#include "learn/optimizer.h"

/* What is smaller counts as 0. Where a gradient stays 0, m and v would else end as denormal numbers: these
 * never get to 0 (0.9 of four units rounds to four units), and CPUs are slow with them. */
#define TINY REAL(0x1p-120)

static void prepare(struct optimizer_call *call) {
    double root = __builtin_sqrt(1 - power(call->options->beta2, call->step));
    call->corrected_rate = call->rate * root / (1 - power(call->options->beta1, call->step));
    call->corrected_epsilon = call->options->epsilon * root;
}

static void adam_update(const struct optimizer_call *call) {
    const size_t count = call->count;
    real *restrict w = call->w, *restrict m = call->states[0], *restrict v = call->states[1];
    const real *restrict g = call->g;
    const real keep_m = (real)call->options->beta1, take_m = (real)((1 - call->options->beta1) * call->scale);
    const real keep_v = (real)call->options->beta2,
               take_v = (real)((1 - call->options->beta2) * call->scale * call->scale);
    const real rate = (real)call->corrected_rate, epsilon = (real)call->corrected_epsilon;
    for (size_t i = 0; i < count; i++) {
        real mean = keep_m * m[i] + take_m * g[i];
        real square = keep_v * v[i] + take_v * g[i] * g[i];
        m[i] = mean = real_abs(mean) < TINY ? 0 : mean;
        v[i] = square = square < TINY ? 0 : square;
        w[i] -= rate * mean / (real_sqrt(square) + epsilon);
    }
}

extern const struct optimizer_kernel VARIANT(optimizer_adam);
const struct optimizer_kernel VARIANT(optimizer_adam) = {adam_update, prepare};
