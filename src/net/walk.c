/* Forward and backward through the chain; large networks go layer by layer (walk_layers.c), the first layer of a small network may go by inputs (walk_inputs.c). Rows are shared out
 * among threads; each thread takes its rows all the way forward and all the way back, as rows do not
 * influence each other. Then the weight gradients, which sum over all rows, are shared out by weight.
 * Invariant: how a sum is taken does not depend on the threads, so their number cannot change a bit. */
#include "net/walk.h"

#include "base/parallel.h"
#include "net/walk_inputs.h"
#include "net/walk_layers.h"

enum { LEAST_ROWS = 4 }; /* in a thread's share: fewer leave the tiles half empty */

/* What a weight costs that another thread has changed, in multiplications: its numbers come from that one's
 * cache. */
static const double WORK_TO_MOVE = 16;

enum { FORWARD = 1, BACKWARD = 2 };

struct walk {
    struct plan *plan;
    size_t rows, share;
    int directions;
    bool by_inputs; /* the first layer's sums are there, in parts */
    const struct walk_batch *batch;
    const struct walk_cost *cost;
};

/* Where the rows from `first` on begin in a buffer. */
static void *row_of(const struct plan *plan, const void *buffer, size_t first, size_t pitch) {
    return (unsigned char *)buffer + first * pitch * plan->verbs->element_size;
}

static const void *parameter_at(const struct plan *plan, size_t place) {
    return (const unsigned char *)plan->parameters + place * plan->verbs->element_size;
}

struct op_call walk_call(const struct plan *plan, const struct plan_step *step, size_t first, size_t rows) {
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
    if (walk->by_inputs)
        walk_inputs_sum(plan, first, rows);
    else if (walk->batch)
        walk->batch->gather(walk->batch->argument, plan, plan->x, first, rows, 0, plan->net->inputs);
    for (size_t s = walk->by_inputs ? 1 : 0; s < plan->step_count; s++) {
        struct op_call call = walk_call(plan, &plan->steps[s], first, rows);
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
        struct op_call call = walk_call(plan, step, first, rows);
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

/* What there is to share among threads when each row takes so many multiplications. */
static double shared_work(const struct plan *plan, double products, size_t rows) {
    return products * ((double)rows - (plan->use == PLAN_TRAIN ? WORK_TO_MOVE : 0));
}

static void share_out_rows(struct walk *walk) {
    struct workers *workers = walk->plan->context->workers;
    const struct net_op *first = net_dense(walk->plan->net, 1);
    double products = walk->plan->products_per_row;
    if (walk->by_inputs) products -= (double)first->inputs * (double)first->outputs;
    double work = shared_work(walk->plan, products, walk->rows);
    size_t threads = workers_for(workers, work);
    walk->share = (walk->rows + threads - 1) / threads;
    if (walk->share < LEAST_ROWS) walk->share = LEAST_ROWS;
    parallel_for(workers, (walk->rows + walk->share - 1) / walk->share, work, walk_rows, walk);
}

/* -- gradients -- */

struct gradients {
    struct plan *plan;
    size_t first_task; /* of those that are shared out */
    size_t rows;
    bool accumulate;
    const struct walk_update *update;
};

static void sum_gradients(const struct gradients *walk, const struct plan_task *task) {
    struct plan *plan = walk->plan;
    const struct plan_step *step = &plan->steps[task->step];
    const struct net_op *link = step->link;
    struct dense_shape shape = {link->inputs, link->outputs, step->input_stride, step->output_stride};
    size_t element = plan->verbs->element_size;
    unsigned char *dw = (unsigned char *)plan->gradients + link->weight * element;
    if (task->first == 0)
        plan->verbs->dense_backward_biases(&shape, walk->rows,
                                           (unsigned char *)plan->gradients + link->bias * element, step->d,
                                           task->output, walk->accumulate);
    if (plan->schedule == BY_LAYERS) {
        walk_layers_weights(plan, walk->rows, task, dw, walk->accumulate);
        return;
    }
    const unsigned char *x = task->step > 0 ? step->x : walk_inputs_x(plan, task->first), *d = step->d;
    plan->verbs->dense_backward_weights(&shape, walk->rows, dw, d + task->output * element,
                                        step->output_stride, x + task->first * element, step->input_stride,
                                        task->output, task->first, task->last, walk->accumulate);
}

static void update_share(const struct gradients *walk, const struct plan_task *task) {
    const struct net_op *link = walk->plan->steps[task->step].link;
    const struct walk_update *update = walk->update;
    size_t panel = weight_panel(link->outputs), rest = lane_round_up(link->outputs) - task->output;
    update->update(update->argument,
                   link->weight + task->output * lane_round_up(link->inputs) + task->first * panel,
                   (task->last - task->first) * panel);
    if (task->first == 0)
        update->update(update->argument, link->bias + task->output, rest < panel ? rest : panel);
    if (walk->plan->bf16) plan_load_bf16_share(walk->plan, task);
}

/* The gradients of a panel of outputs and a run of inputs are still in the nearest cache when their weights are
 * updated. */
static void walk_panel(const struct gradients *walk, const struct plan_task *task) {
    sum_gradients(walk, task);
    if (walk->update) update_share(walk, task);
}

static void walk_share(void *argument, size_t index, unsigned worker) {
    (void)worker;
    const struct gradients *walk = argument;
    walk_panel(walk, &walk->plan->tasks[index]);
}

/* By inputs: whoever had a part of the first layer's inputs has their weights now; the other layers' go with
 * part 0. */
static void walk_part(void *argument, size_t part, unsigned worker) {
    (void)worker;
    const struct gradients *walk = argument;
    const struct plan *plan = walk->plan;
    size_t first = dense_part_begin(plan->net->inputs, part),
           end = dense_part_begin(plan->net->inputs, part + 1);
    for (size_t t = 0; t < plan->task_count; t++) {
        const struct plan_task *task = &plan->tasks[t];
        if (task->step == 0 ? task->first >= first && task->first < end : part == 0) walk_panel(walk, task);
    }
}

/* By layers: each panel of inputs with each panel of outputs. */
static void walk_panels(void *argument, size_t index, unsigned worker) {
    (void)worker;
    const struct gradients *walk = argument;
    const struct plan_task *task = &walk->plan->tasks[walk->first_task + index];
    size_t panel = weight_panel(walk->plan->steps[task->step].link->outputs);
    struct plan_task part = *task;
    for (part.first = task->first; part.first < task->last; part.first = part.last) {
        part.last = task->last - part.first < PLAN_PANEL ? task->last : part.first + PLAN_PANEL;
        for (part.output = task->output; part.output < task->end_output; part.output += panel)
            walk_panel(walk, &part);
    }
}

/* One layer after the other, so that a thread has the outputs that it computed, too. */
static void layers_gradients(struct gradients *walk) {
    const struct plan *plan = walk->plan;
    for (size_t t = 0, end; t < plan->task_count; t = end) {
        const struct net_op *link = plan->steps[plan->tasks[t].step].link;
        for (end = t + 1; end < plan->task_count && plan->tasks[end].step == plan->tasks[t].step;) end++;
        walk->first_task = t;
        parallel_for(plan->context->workers, end - t,
                     (double)walk->rows * (double)link->inputs * (double)link->outputs, walk_panels, walk);
    }
}

void walk_gradients(struct plan *plan, size_t rows, bool accumulate, const struct walk_update *update) {
    struct gradients walk = {.plan = plan, .rows = rows, .accumulate = accumulate, .update = update};
    double work = shared_work(plan, plan->products_per_row, rows);
    struct workers *workers = plan->context->workers;
    workers_begin(workers, &plan->pace, 0);
    if (walk_goes_by_inputs(plan, rows))
        workers_run(workers, dense_parts(plan->net->inputs), walk_part, &walk);
    else if (plan->schedule == BY_ROWS)
        parallel_for(workers, plan->task_count, work, walk_share, &walk);
    else
        layers_gradients(&walk);
    workers_end(workers, &plan->pace);
}

/* -- the walks -- */

static void run(struct plan *plan, size_t rows, const struct walk_batch *batch, const struct walk_cost *cost,
                int directions) {
    if (directions & FORWARD) plan->x_by_parts = false;
    struct walk walk = {.plan = plan, .rows = rows, .directions = directions, .batch = batch, .cost = cost};
    walk.by_inputs = (directions & FORWARD) && walk_goes_by_inputs(plan, rows);
    workers_begin(plan->context->workers, &plan->pace, directions & FORWARD ? rows : 0);
    plan_load_bf16(plan);
    if (walk.by_inputs) walk_inputs(plan, rows, batch);
    if (plan->schedule == BY_LAYERS)
        walk_layers(plan, rows, batch, cost, directions & FORWARD, directions & BACKWARD);
    else
        share_out_rows(&walk);
    workers_end(plan->context->workers, &plan->pace);
}

void walk_forward(struct plan *plan, size_t rows, const struct walk_batch *batch,
                  const struct walk_cost *cost) {
    run(plan, rows, batch, cost, FORWARD);
}

void walk_deltas(struct plan *plan, size_t rows, const struct walk_batch *batch,
                 const struct walk_cost *cost) {
    run(plan, rows, batch, cost, FORWARD | BACKWARD);
}

void walk_backward(struct plan *plan, size_t rows, const struct walk_cost *cost, bool accumulate) {
    run(plan, rows, NULL, cost, BACKWARD);
    walk_gradients(plan, rows, accumulate, NULL);
}

void walk_both(struct plan *plan, size_t rows, const struct walk_cost *cost, bool accumulate) {
    walk_deltas(plan, rows, NULL, cost);
    walk_gradients(plan, rows, accumulate, NULL);
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
