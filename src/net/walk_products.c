/* The walks of large networks, by products that the engine has prepared. Each thread takes its share of the
 * rows all the way forward and all the way back, then its part of every layer's gradients: threads meet twice
 * a step. Invariant: products compute whole shares, and gradients sum over all rows that the plan holds. Rows
 * that a batch does not have are there as zeros in x, a and δ, so that they add nothing. */
#include "net/walk_products.h"

#include "engine/product.h"

#include <string.h>

bool walk_goes_by_products(const struct plan *plan, size_t rows) {
    return plan->prepared && (plan->bf16 || plan->use == PLAN_TRAIN || rows * 4 >= plan->capacity);
}

static const struct product_verbs *products_of(const struct plan *plan) {
    return plan->context->engine->products;
}

static void *scratch_of(const struct plan *plan, unsigned worker) {
    return plan->product_memory + worker * plan->product_bytes;
}

/* -- rows that are not there -- */

static void clear_rows(const struct plan *plan, void *numbers, uint16_t *copy, size_t stride, size_t first) {
    size_t rows = plan->room - first;
    memset((float *)numbers + first * stride, 0, rows * stride * sizeof(float));
    if (copy) memset(copy + first * stride, 0, rows * stride * sizeof *copy);
}

static size_t size_of_d(const struct plan_step *step) {
    return step->bf16 ? sizeof(uint16_t) : sizeof(float);
}

/* Row `row` of one part of d. */
static unsigned char *part_of_d(const struct plan *plan, const struct plan_step *step, size_t part,
                                size_t row) {
    size_t begin = product_part_begin(step->link->outputs, step->parts, part),
           width = product_part_begin(step->link->outputs, step->parts, part + 1) - begin;
    return (unsigned char *)step->d_parts + (begin * plan->room + width * row) * size_of_d(step);
}

static void clear_parts(const struct plan *plan, const struct plan_step *step, size_t first) {
    for (size_t part = 0; step->d_parts && part < step->parts; part++) {
        unsigned char *from = part_of_d(plan, step, part, first);
        memset(from, 0, (size_t)(part_of_d(plan, step, part, plan->room) - from));
    }
}

void walk_products_begin(struct plan *plan, size_t rows) {
    plan_load_bf16(plan);
    if (plan->use == PLAN_PREDICT || rows == plan->room) return;
    clear_rows(plan, plan->x, NULL, plan->input_stride, rows);
    for (size_t s = 0; s < plan->step_count; s++) {
        const struct plan_step *step = &plan->steps[s];
        clear_rows(plan, step->y, NULL, step->output_stride, rows);
        if (step->link->op->kind != OP_DENSE) continue;
        clear_rows(plan, step->d, step->d16, step->output_stride, rows);
        if (step->x16)
            memset(step->x16 + rows * step->input_stride, 0,
                   (plan->room - rows) * step->input_stride * sizeof *step->x16);
        clear_parts(plan, step, rows);
    }
}

/* -- rows -- */

static void product_forward(const struct plan *plan, const struct plan_step *step, const struct op_call *call,
                            size_t first, unsigned worker) {
    const void *x = step->bf16 ? step->x16 + first * step->input_stride : call->x;
    products_of(plan)->forward(step->product, worker, scratch_of(plan, worker), call->y, x);
}

/* Sums of the next product run over padding, too: there it must be zero. */
static void clear_padding(const struct op_call *call) {
    float *y = call->y;
    size_t padding = call->output_stride - call->outputs;
    for (size_t r = 0; padding > 0 && r < call->rows; r++)
        memset(y + r * call->output_stride + call->outputs, 0, padding * sizeof *y);
}

void walk_products_forward(const struct plan *plan, size_t first, size_t rows, unsigned worker,
                           const struct walk_batch *batch, const struct walk_cost *cost) {
    if (batch) batch->gather(batch->argument, plan, plan->x, first, rows, 0, plan->net->inputs);
    for (size_t s = 0; s < plan->step_count; s++) {
        const struct plan_step *step = &plan->steps[s];
        struct op_call call = walk_call(plan, step, first, rows);
        if (step->product) {
            if (step->bf16)
                plan->verbs->convert_to_bf16(step->x16 + first * step->input_stride, call.x,
                                             rows * step->input_stride);
            product_forward(plan, step, &call, first, worker);
        } else {
            step->kernel->forward(&call);
            clear_padding(&call);
        }
    }
    if (cost) cost->forward(plan, cost->cost, first, rows);
}

/* δ as the products read it. */
static void put_d(const struct plan *plan, const struct plan_step *step, size_t first, size_t rows) {
    size_t stride = step->output_stride, size = size_of_d(step);
    const float *d = (const float *)step->d + first * stride;
    if (step->bf16) plan->verbs->convert_to_bf16(step->d16 + first * stride, d, rows * stride);
    const unsigned char *from = step->bf16 ? (unsigned char *)(step->d16 + first * stride) : (const void *)d;
    for (size_t part = 0; step->d_parts && part < step->parts; part++) {
        unsigned char *to = part_of_d(plan, step, part, first);
        size_t begin = product_part_begin(step->link->outputs, step->parts, part) * size,
               width = product_part_begin(step->link->outputs, step->parts, part + 1) * size - begin;
        for (size_t r = 0; r < rows; r++) memcpy(to + r * width, from + r * stride * size + begin, width);
    }
}

void walk_products_backward(const struct plan *plan, size_t first, size_t rows, unsigned worker,
                            const struct walk_cost *cost) {
    cost->backward(plan, cost->cost, first, rows);
    for (size_t s = plan->step_count; s-- > 0;) {
        const struct plan_step *step = &plan->steps[s];
        bool last = s + 1 == plan->step_count;
        size_t at = first * step->output_stride;
        if (!step->product) {
            struct op_call call = walk_call(plan, step, first, rows);
            call.d = (float *)step->d + at;
            if (!last || !cost->fused) step->kernel->backward(&call);
            put_d(plan, step - 1, first, rows);
        } else if (s > 0) {
            const void *d = step->bf16 ? (const void *)(step->d16 + at) : (const float *)step->d + at;
            products_of(plan)->backward_data(step->product, worker, scratch_of(plan, worker),
                                             (float *)step[-1].d + first * step->input_stride, d);
        }
    }
}

/* -- gradients -- */

void walk_products_gradients(const struct plan *plan, const struct plan_share *share, unsigned worker,
                             float *dw, float *db) {
    const struct plan_step *step = &plan->steps[share->step];
    const void *whole = step->bf16 ? step->d16 : step->d, *x = step->bf16 ? step->x16 : step->x;
    const void *d = step->d_parts ? part_of_d(plan, step, share->part, 0) : whole;
    products_of(plan)->backward_weights(step->product, worker, share->part, scratch_of(plan, worker), dw, db,
                                        d, x);
}
