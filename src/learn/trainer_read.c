/* Looking inside a trainer: every z, a, δ and gradient of the present batch. Invariant: reading changes
 * nothing. */
#include "base/status.h"
#include "learn/step.h"

struct view {
    const void *buffer;
    size_t rows, columns, stride; /* [rows][columns] numbers, rows `stride` apart */
    const struct net_op *weight;  /* a weight in panels instead: [outputs][inputs] */
    double scale;
};

static struct view view_of(const nudge_trainer *trainer, nudge_quantity quantity, size_t l) {
    const struct plan *plan = trainer->plan;
    const struct net_op *dense = l && l <= trainer->net->layers ? net_dense(trainer->net, l) : NULL;
    size_t element = plan->verbs->element_size;
    double mean = 1.0 / (double)trainer->rows;
    switch (quantity) {
    case NUDGE_ACTIVATION:
        if (l == 0)
            return (struct view){plan->x, trainer->rows, trainer->net->inputs, plan->input_stride, NULL, 1};
        return (struct view){plan_output(plan, l)->y,
                             trainer->rows,
                             dense->outputs,
                             plan_output(plan, l)->output_stride,
                             NULL,
                             1};
    case NUDGE_WEIGHTED_SUM:
        return (struct view){plan_dense(plan, l)->y,
                             trainer->rows,
                             dense->outputs,
                             plan_dense(plan, l)->output_stride,
                             NULL,
                             1};
    case NUDGE_DELTA:
        return (struct view){plan_dense(plan, l)->d,
                             trainer->rows,
                             dense->outputs,
                             plan_dense(plan, l)->output_stride,
                             NULL,
                             1};
    case NUDGE_WEIGHT_GRADIENT:
        return (struct view){(const unsigned char *)plan->gradients + dense->place[DENSE_WEIGHT] * element,
                             dense->outputs,
                             dense->inputs,
                             0,
                             dense,
                             mean};
    case NUDGE_BIAS_GRADIENT:
        return (struct view){(const unsigned char *)plan->gradients + dense->place[DENSE_BIAS] * element,
                             1,
                             dense->outputs,
                             0,
                             NULL,
                             mean};
    default: return (struct view){plan->each, trainer->rows, 1, 1, NULL, 1};
    }
}

static nudge_status check_reading(const nudge_trainer *trainer, nudge_quantity quantity, size_t l,
                                  nudge_error *error) {
    if ((unsigned)quantity > NUDGE_COST_EACH)
        return error_set(error, NUDGE_BAD_ARGUMENT, "quantity %d, expected 0 to %d", (int)quantity,
                         NUDGE_COST_EACH);
    size_t first = quantity == NUDGE_ACTIVATION || quantity == NUDGE_COST_EACH ? 0 : 1;
    if (quantity != NUDGE_COST_EACH && (l > trainer->net->layers || l < first))
        return error_set(error, NUDGE_BAD_ARGUMENT, "layer %zu, expected %zu to %zu", l, first,
                         trainer->net->layers);
    bool of_backward =
        quantity == NUDGE_DELTA || quantity == NUDGE_WEIGHT_GRADIENT || quantity == NUDGE_BIAS_GRADIENT;
    if (of_backward ? !trainer->gradients_valid : !trainer->forward_valid)
        return error_set(error, NUDGE_BAD_ARGUMENT, "trainer: expected %s first",
                         of_backward ? "nudge_trainer_backward" : "nudge_trainer_forward");
    return NUDGE_OK;
}

nudge_status nudge_trainer_read(const nudge_trainer *trainer, nudge_quantity quantity, size_t l,
                                float *values, size_t count, nudge_error *error) {
    if (missing(error, trainer, values)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_reading(trainer, quantity, l, error);
    if (status) return status;
    struct view view = view_of(trainer, quantity, l);
    if (count != view.rows * view.columns)
        return error_set(error, NUDGE_BAD_ARGUMENT, "room for %zu numbers, expected %zu by %zu", count,
                         view.rows, view.columns);
    for (size_t r = 0; r < view.rows; r++)
        for (size_t c = 0; c < view.columns; c++) {
            size_t at = view.weight ? weight_index(view.weight->outputs, view.weight->inputs, r, c)
                                    : r * view.stride + c;
            values[r * view.columns + c] = (float)(view.scale * plan_get(trainer->plan, view.buffer, at));
        }
    return NUDGE_OK;
}
