/* softmax: a_j = e^(z_j - m) / Σ_k e^(z_k - m), m = max z: no term overflows, and the sum is at least 1
 * (Bridle 1990). Invariant: a row's padding is zero in a and in d. */
#include "base/real.h"
#include "net/ops.h"

static void softmax_forward(const struct op_call *call) {
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict z = (const real *)call->x + r * call->input_stride;
        real *restrict a = (real *)call->y + r * call->output_stride;
        real largest = z[0], sum = 0;
        for (size_t j = 1; j < call->outputs; j++) largest = z[j] > largest ? z[j] : largest;
        for (size_t j = 0; j < call->output_stride; j += LANE) /* padding, too: whole vectors */
            for (size_t i = j; i < j + LANE; i++) a[i] = real_exp(z[i] - largest);
        for (size_t j = 0; j < call->outputs; j++) sum += a[j];
        for (size_t j = 0; j < call->outputs; j++) a[j] /= sum;
        for (size_t j = call->outputs; j < call->output_stride; j++) a[j] = 0;
    }
}

/* ∂a_k/∂z_j = a_k ([j = k] - a_j), so dz_j = a_j (da_j - Σ_k a_k da_k). */
static void softmax_backward(const struct op_call *call) {
    for (size_t r = 0; r < call->rows; r++) {
        const real *restrict a = (const real *)call->y + r * call->output_stride;
        real *restrict d = (real *)call->d + r * call->output_stride;
        real along = 0;
        for (size_t k = 0; k < call->outputs; k++) along += a[k] * d[k];
        for (size_t j = 0; j < call->outputs; j++) d[j] = a[j] * (d[j] - along);
    }
}

extern const struct op_kernel VARIANT(op_softmax);
const struct op_kernel VARIANT(op_softmax) = {.forward = softmax_forward, .backward = softmax_backward};
