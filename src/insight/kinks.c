/* See kinks.h. */
#include "insight/kinks.h"

/* Which side of 0 every argument of a kinked function lies on, as one number (FNV-1a): if it differs between
 * p - h and p + h, the difference quotient straddles a kink and says nothing about the derivative. */
static uint64_t mix_sides(uint64_t hash, const double *values, size_t rows, size_t columns, size_t stride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < columns; j++) {
            double value = values[r * stride + j];
            hash = (hash ^ (uint64_t)((value > 0) - (value < 0) + 1)) * 0x100000001B3u;
        }
    return hash;
}

/* The same for a - y and the place `kink`. */
static uint64_t mix_residuals(uint64_t hash, const struct plan *plan, size_t rows, double kink) {
    const struct plan_step *last = plan_last(plan);
    const double *a = last->y, *y = plan->targets;
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < last->link->outputs; j++) {
            double beyond = a[r * last->output_stride + j] - y[r * last->output_stride + j] - kink;
            hash = mix_sides(hash, &beyond, 1, 1, 1);
        }
    return hash;
}

uint64_t kink_pattern(const struct plan *plan, const struct chosen_cost *chosen, size_t rows) {
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t s = 0; s < plan->step_count; s++) {
        const struct plan_step *step = &plan->steps[s];
        if (step->link->op->kink)
            hash = mix_sides(hash, step->x, rows, step->link->inputs, step->input_stride);
    }
    if (chosen->cost->kink) hash = mix_residuals(hash, plan, rows, 0);
    if (chosen->cost != &costs[NUDGE_COST_HUBER]) return hash;
    /* Its slope has corners at r = ±d: a difference across one is off by h, not h². */
    hash = mix_residuals(hash, plan, rows, chosen->delta);
    return mix_residuals(hash, plan, rows, -chosen->delta);
}
