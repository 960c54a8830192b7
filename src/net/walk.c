/* Forward and backward through the chain. Rows are shared out among threads; each thread takes its rows all
 * the way forward and all the way back, as rows do not influence each other. Then the weight gradients, which
 * sum over all rows, are shared out by weight. Invariant: no sum is ever split between threads, so their
 * number cannot change a bit. */
#include "net/walk.h"

#include "base/parallel.h"

enum { LEAST_ROWS = 4 }; /* in a thread's share: fewer leave the tiles half empty */

enum { FORWARD = 1, BACKWARD = 2 };

struct walk {
    struct plan *plan;
    size_t rows, share;
    int directions;
    const struct walk_cost *cost;
    bool accumulate;
};

/* Where the rows from `first` on begin in a buffer. */
static void *row_of(const struct plan *plan, const void *buffer, size_t first, size_t pitch) {
    return (unsigned char *)buffer + first * pitch * plan->verbs->element_size;
}

static const void *parameter_at(const struct plan *plan, size_t place) {
    return (const unsigned char *)plan->parameters + place * plan->verbs->element_size;
}

static struct op_call call_for(const struct plan *plan, const struct plan_step *step, size_t first,
                               size_t rows) {
    const struct net_op *link = step->link;
    return (struct op_call){
        .engine = plan->verbs,
        .rows = rows,
        .inputs = link->inputs,
        .outputs = link->outputs,
        .input_stride = step->input_stride,
        .output_stride = step->output_stride,
        .elements = rows * step->output_stride,
        .value = link->value,
        .x = row_of(plan, step->x, first, step->input_pitch),
        .y = row_of(plan, step->y, first, step->output_pitch),
        .w = parameter_at(plan, link->weight),
        .b = parameter_at(plan, link->bias),
    };
}

static void rows_forward(struct walk *walk, size_t first, size_t rows) {
    struct plan *plan = walk->plan;
    for (size_t s = 0; s < plan->step_count; s++) {
        struct op_call call = call_for(plan, &plan->steps[s], first, rows);
        plan->steps[s].kernel->forward(&call);
    }
    if (walk->cost) walk->cost->forward(plan, walk->cost->cost, first, rows);
}

/* Step 0 is the first layer's dense op: nothing before it wants its wishes. */
static void rows_backward(struct walk *walk, size_t first, size_t rows, unsigned worker) {
    struct plan *plan = walk->plan;
    walk->cost->backward(plan, walk->cost->cost, first, rows);
    size_t end = plan->step_count - (walk->cost->fused ? 1 : 0);
    for (size_t s = end; s-- > 1;) {
        const struct plan_step *step = &plan->steps[s];
        struct op_call call = call_for(plan, step, first, rows);
        call.d = row_of(plan, step->d, first, step->output_stride);
        call.dx = row_of(plan, plan->steps[s - 1].d, first, step->input_stride);
        call.scratch = plan->scratch + worker * plan->scratch_bytes;
        step->kernel->backward(&call);
    }
}

static void walk_rows(void *argument, size_t index, unsigned worker) {
    struct walk *walk = argument;
    size_t first = index * walk->share;
    size_t rows = walk->rows - first < walk->share ? walk->rows - first : walk->share;
    if (walk->directions & FORWARD) rows_forward(walk, first, rows);
    if (walk->directions & BACKWARD) rows_backward(walk, first, rows, worker);
}

static void walk_weights(void *argument, size_t index, unsigned worker) {
    (void)worker;
    struct walk *walk = argument;
    struct plan *plan = walk->plan;
    const struct plan_task *task = &plan->tasks[index];
    const struct plan_step *step = &plan->steps[task->step];
    const struct net_op *link = step->link;
    struct dense_shape shape = {link->inputs, link->outputs, step->input_stride, step->output_stride};
    unsigned char *gradients = plan->gradients;
    plan->verbs->dense_backward_weights(&shape, walk->rows,
                                        gradients + link->weight * plan->verbs->element_size,
                                        gradients + link->bias * plan->verbs->element_size, step->d, step->x,
                                        task->output, task->first, task->last, walk->accumulate);
}

static void run(struct walk *walk) {
    struct plan *plan = walk->plan;
    struct workers *workers = plan->context->workers;
    size_t threads = workers_count(workers);
    double work = plan->products_per_row * (double)walk->rows;
    walk->share = (walk->rows + threads - 1) / threads;
    if (walk->share < LEAST_ROWS) walk->share = LEAST_ROWS;
    parallel_for(workers, (walk->rows + walk->share - 1) / walk->share, work, walk_rows, walk);
    if (walk->directions & BACKWARD) parallel_for(workers, plan->task_count, work, walk_weights, walk);
}

void walk_forward(struct plan *plan, size_t rows, const struct walk_cost *cost) {
    run(&(struct walk){.plan = plan, .rows = rows, .directions = FORWARD, .cost = cost});
}

void walk_backward(struct plan *plan, size_t rows, const struct walk_cost *cost, bool accumulate) {
    run(&(struct walk){
        .plan = plan, .rows = rows, .directions = BACKWARD, .cost = cost, .accumulate = accumulate});
}

void walk_both(struct plan *plan, size_t rows, const struct walk_cost *cost, bool accumulate) {
    run(&(struct walk){.plan = plan,
                       .rows = rows,
                       .directions = FORWARD | BACKWARD,
                       .cost = cost,
                       .accumulate = accumulate});
}

size_t walk_first_not_finite(const struct plan *plan, size_t rows) {
    for (size_t s = 0; s < plan->step_count; s++) {
        const struct plan_step *step = &plan->steps[s];
        for (size_t r = 0; r < rows; r++)
            for (size_t j = 0; j < step->link->outputs; j++) {
                double value = plan_get(plan, step->y, r * step->output_stride + j);
                if (value - value != 0) return step->link->layer;
            }
    }
    return 0;
}
