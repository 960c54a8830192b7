/* The first layer of a small network on many inputs, as images are. Each thread has some of the inputs: it
 * gathers them from the data, multiplies them with their weights, and later nudges these weights, which so
 * never leave its cache. Threads meet twice a step, where the sums over parts become z, and where δ is there.
 * Invariant: parts are those of dense_forward, added up in its order; the number of threads cannot change a
 * bit. */
#include "net/walk_inputs.h"

#include "base/parallel.h"

/* Multiplications from which handing over costs less than it brings. */
static const double WORK_WORTH_SHARING = 1e5;

struct input_walk {
    struct plan *plan;
    size_t rows;
    const struct walk_batch *batch;
};

bool walk_goes_by_inputs(const struct plan *plan, size_t rows) {
    const struct net_op *link = plan->steps[0].link;
    return plan->part_sums &&
           (double)link->inputs * (double)link->outputs * (double)rows >= WORK_WORTH_SHARING;
}

/* Where the sums over a part go: part 0 begins z. */
static void *sums_of_part(const struct plan *plan, size_t part) {
    const struct plan_step *step = &plan->steps[0];
    size_t bytes = plan->capacity * step->output_stride * plan->verbs->element_size;
    return part == 0 ? step->y : plan->part_sums + (part - 1) * bytes;
}

/* Every part has rows of its own, as wide as all, although it fills its inputs alone: side by side in one
 * row, caches would read ahead from what another thread is about to write. */
static void *x_of_part(const struct plan *plan, size_t part) {
    size_t bytes = plan->capacity * plan->input_stride * plan->verbs->element_size;
    return part == 0 || !plan->x_by_parts ? plan->x : plan->part_x + (part - 1) * bytes;
}

const void *walk_inputs_x(const struct plan *plan, size_t input) {
    size_t part = 0;
    if (!plan->x_by_parts) return plan_dense(plan, 1)->x;
    while (input >= dense_part_begin(plan->net->inputs, part + 1)) part++;
    return x_of_part(plan, part);
}

static void part_forward(void *argument, size_t part, unsigned worker) {
    (void)worker;
    const struct input_walk *walk = argument;
    const struct plan *plan = walk->plan;
    const struct plan_step *step = &plan->steps[0];
    size_t inputs = step->link->inputs;
    void *x = x_of_part(plan, part);
    if (walk->batch)
        walk->batch->gather(walk->batch->argument, plan, x, 0, walk->rows, dense_part_begin(inputs, part),
                            dense_part_begin(inputs, part + 1));
    struct dense_shape shape = {inputs, step->link->outputs, step->input_stride, step->output_stride};
    const unsigned char *parameters = plan->parameters;
    plan->verbs->dense_forward_part(&shape, walk->rows, sums_of_part(plan, part), x,
                                    parameters + step->link->place[DENSE_WEIGHT] * plan->verbs->element_size,
                                    parameters + step->link->place[DENSE_BIAS] * plan->verbs->element_size,
                                    part);
}

void walk_inputs(struct plan *plan, size_t rows, const struct walk_batch *batch) {
    struct input_walk walk = {plan, rows, batch};
    plan->x_by_parts = batch != NULL;
    workers_run(plan->context->workers, dense_parts(plan->net->inputs), part_forward, &walk);
}

void walk_inputs_sum(const struct plan *plan, size_t first, size_t rows) {
    const struct plan_step *step = &plan->steps[0];
    size_t offset = first * step->output_stride * plan->verbs->element_size;
    for (size_t part = 1; part < dense_parts(step->link->inputs); part++)
        plan->verbs->add((unsigned char *)step->y + offset,
                         (const unsigned char *)sums_of_part(plan, part) + offset,
                         rows * step->output_stride);
}
