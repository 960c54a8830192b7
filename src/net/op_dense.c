/* dense: z_j = Σ_k w_jk x_k + b_j. Invariant: padding of z and of dx is written too (bias and weights there
 * are zero). */
#include "base/real.h"
#include "net/ops.h"

static struct dense_shape shape_of(const struct op_call *call) {
    return (struct dense_shape){call->inputs, call->outputs, call->input_stride, call->output_stride};
}

static void dense_forward(const struct op_call *call) {
    struct dense_shape shape = shape_of(call);
    call->engine->dense_forward(&shape, call->rows, call->y, call->x, call->tensors[DENSE_WEIGHT],
                                call->tensors[DENSE_BIAS], 0, call->outputs); /* Z = X Wᵀ + b */
}

/* The wishes for the layer before: ∂C_0/∂x_k = Σ_j w_jk δ_j. The gradients of w and b sum over all rows of
 * the batch: walk.c has them computed when every row is back. */
static void dense_backward(const struct op_call *call) {
    struct dense_shape shape = shape_of(call);
    call->engine->dense_backward_data(&shape, call->rows, call->dx, call->d, call->tensors[DENSE_WEIGHT], 0,
                                      call->inputs, call->scratch); /* dX = dZ W */
}

extern const struct op_kernel VARIANT(op_dense_kernel);
const struct op_kernel VARIANT(op_dense_kernel) = {.forward = dense_forward, .backward = dense_backward};
