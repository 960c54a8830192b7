/* batch-norm: y = γ x̂ + β, x̂ = (x - μ) / √(v + ε), for each neuron with the mean μ and the variance v of the batch's rows;
 * in prediction with their running means, the op's state (Ioffe and Szegedy 2015):
 *
 *     mean <- (1 - m) mean + m μ,   variance <- (1 - m) variance + m v n / (n - 1)
 *
 * Backward, with Σ over the n rows of the batch, as μ and v depend on every x (section 3 there, gathered):
 *
 *     ∂γ = Σ dy x̂,   ∂β = Σ dy,   dx = γ / √(v + ε) (dy - ∂β / n - x̂ ∂γ / n)
 *
 * and dx = γ dy / √(variance + ε) in prediction. A tile has all rows of the batch: sums are taken by blocks of rows, in
 * their order. */
#include "base/real.h"
#include "net/ops.h"

enum { EPSILON, MOMENTUM };
enum { SCALE, SHIFT, MEAN, VARIANCE };
/* Of the batch in training, else the running ones; then the sums of backward. */
enum { KEPT_MEAN, KEPT_VARIANCE, KEPT_INVERSE, KEPT_BY_SCALE, KEPT_BY_SHIFT };

enum {
    BLOCK = 64
}; /* rows whose sum is taken before it is added to the others': rounding grows with the logarithm */

/* sum[c] = Σ_r (x_rc - shift_c), squared where wanted. */
static void sum_columns(const struct op_call *call, const real *from, size_t column, const real *shift,
                        bool squared, real sum[LANE]) {
    for (size_t c = 0; c < LANE; c++) sum[c] = 0;
    for (size_t first = 0; first < call->rows; first += BLOCK) {
        size_t end = call->rows - first < BLOCK ? call->rows : first + BLOCK;
        real part[LANE] = {0};
        for (size_t r = first; r < end; r++)
            for (size_t c = 0; c < LANE; c++) {
                real off = from[r * call->input_stride + column + c] - shift[c];
                part[c] += squared ? off * off : off;
            }
        for (size_t c = 0; c < LANE; c++) sum[c] += part[c];
    }
}

static void find_statistics(const struct op_call *call, size_t column, real mean[LANE], real variance[LANE]) {
    const real rows = (real)call->rows, nothing[LANE] = {0};
    if (!call->training) {
        for (size_t c = 0; c < LANE; c++) {
            mean[c] = ((const real *)call->tensors[MEAN])[column + c];
            variance[c] = ((const real *)call->tensors[VARIANCE])[column + c];
        }
        return;
    }
    sum_columns(call, call->x, column, nothing, false, mean);
    for (size_t c = 0; c < LANE; c++) mean[c] /= rows;
    sum_columns(call, call->x, column, mean, true, variance);
    for (size_t c = 0; c < LANE; c++) variance[c] /= rows;
}

static void batch_norm_forward(const struct op_call *call) {
    const real epsilon = (real)call->values[EPSILON];
    const real *scale = call->tensors[SCALE], *shift = call->tensors[SHIFT];
    for (size_t j = 0; j < call->columns; j += LANE) {
        real mean[LANE], variance[LANE], inverse[LANE];
        find_statistics(call, j, mean, variance);
        for (size_t c = 0; c < LANE; c++) inverse[c] = 1 / real_sqrt(variance[c] + epsilon);
        for (size_t c = 0; call->kept[0] && c < LANE; c++) {
            ((real *)call->kept[KEPT_MEAN])[j + c] = mean[c];
            ((real *)call->kept[KEPT_VARIANCE])[j + c] = variance[c];
            ((real *)call->kept[KEPT_INVERSE])[j + c] = inverse[c];
        }
        for (size_t r = 0; r < call->rows; r++) {
            const real *restrict x = (const real *)call->x + r * call->input_stride + j;
            real *restrict y = (real *)call->y + r * call->output_stride + j;
            for (size_t c = 0; c < LANE; c++)
                y[c] = scale[j + c] * ((x[c] - mean[c]) * inverse[c]) + shift[j + c];
        }
    }
}

/* Σ dy and Σ dy x̂ of LANE columns. */
static void sum_wishes(const struct op_call *call, size_t column, const real mean[LANE],
                       const real inverse[LANE], real by_scale[LANE], real by_shift[LANE]) {
    for (size_t c = 0; c < LANE; c++) by_scale[c] = by_shift[c] = 0;
    for (size_t first = 0; first < call->rows; first += BLOCK) {
        size_t end = call->rows - first < BLOCK ? call->rows : first + BLOCK;
        real scale_part[LANE] = {0}, shift_part[LANE] = {0};
        for (size_t r = first; r < end; r++) {
            const real *x = (const real *)call->x + r * call->input_stride + column;
            const real *d = (const real *)call->d + r * call->output_stride + column;
            for (size_t c = 0; c < LANE; c++) {
                scale_part[c] += d[c] * ((x[c] - mean[c]) * inverse[c]);
                shift_part[c] += d[c];
            }
        }
        for (size_t c = 0; c < LANE; c++) {
            by_scale[c] += scale_part[c];
            by_shift[c] += shift_part[c];
        }
    }
}

static void batch_norm_backward(const struct op_call *call) {
    const real share = call->training ? 1 / (real)call->rows : 0, epsilon = (real)call->values[EPSILON];
    const real *scale = call->tensors[SCALE];
    for (size_t j = 0; j < call->columns; j += LANE) {
        real mean[LANE], inverse[LANE], by_scale[LANE] = {0}, by_shift[LANE] = {0};
        for (size_t c = 0; c < LANE; c++) {
            mean[c] = call->training ? ((const real *)call->kept[KEPT_MEAN])[j + c]
                                     : ((const real *)call->tensors[MEAN])[j + c];
            inverse[c] = call->training
                             ? ((const real *)call->kept[KEPT_INVERSE])[j + c]
                             : 1 / real_sqrt(((const real *)call->tensors[VARIANCE])[j + c] + epsilon);
        }
        if (call->kept[0]) sum_wishes(call, j, mean, inverse, by_scale, by_shift);
        for (size_t c = 0; call->kept[0] && c < LANE; c++) {
            ((real *)call->kept[KEPT_BY_SCALE])[j + c] = by_scale[c];
            ((real *)call->kept[KEPT_BY_SHIFT])[j + c] = by_shift[c];
        }
        for (size_t r = 0; r < call->rows; r++) {
            const real *restrict x = (const real *)call->x + r * call->input_stride + j;
            real *restrict d = (real *)call->d + r * call->output_stride + j;
            for (size_t c = 0; c < LANE; c++) {
                real normal = (x[c] - mean[c]) * inverse[c];
                d[c] =
                    scale[j + c] * inverse[c] * (d[c] - share * by_shift[c] - share * normal * by_scale[c]);
            }
        }
    }
}

static void gradients(const struct op_call *call) {
    const real *by_scale = call->kept[KEPT_BY_SCALE], *by_shift = call->kept[KEPT_BY_SHIFT];
    real *scale = call->into[SCALE], *shift = call->into[SHIFT];
    for (size_t j = 0; j < call->outputs; j++) {
        scale[j] = (call->accumulate ? scale[j] : 0) + by_scale[j];
        shift[j] = (call->accumulate ? shift[j] : 0) + by_shift[j];
    }
}

/* One row has no variance: it leaves the running one alone. */
static void settle(const struct op_call *call) {
    const real take = (real)call->values[MOMENTUM], keep = 1 - take, rows = (real)call->rows;
    const real *mean = call->kept[KEPT_MEAN], *variance = call->kept[KEPT_VARIANCE];
    real *running_mean = call->into[MEAN], *running_variance = call->into[VARIANCE];
    for (size_t j = 0; call->rows > 1 && j < call->outputs; j++) {
        running_mean[j] = keep * running_mean[j] + take * mean[j];
        running_variance[j] = keep * running_variance[j] + take * (variance[j] * (rows / (rows - 1)));
    }
}

extern const struct op_kernel VARIANT(op_batch_norm);
const struct op_kernel VARIANT(op_batch_norm) = {batch_norm_forward, batch_norm_backward, gradients, settle};
