/* The gradients, ∂C/∂w[j][k] = Σ_r δ[r][j] a[r][k] and ∂C/∂b[j] = Σ_r δ[r][j], which sum over all rows:
 * shared out by weight, or by layers one layer after the other, so that a thread
 * has the outputs that it computed, too; and what becomes of them.
 * Invariant: a sum's order does not depend on the threads. */
#include "net/walk.h"

#include "base/parallel.h"
#include "net/walk_inputs.h"
#include "net/walk_tile.h"

#include <string.h>

/* What a weight costs that another thread has changed, in multiplications: its numbers come from that one's
 * cache. */
static const double WORK_TO_MOVE = 16;

double walk_work(const struct plan *plan, double products, size_t rows) {
    return products * ((double)rows - (plan->use != PLAN_PREDICT ? WORK_TO_MOVE : 0));
}

/* -- running state -- */

static void walk_settle_step(struct plan *plan, const struct plan_step *step, size_t rows) {
    struct op_call call = walk_call(plan, step, 0, rows);
    for (size_t t = 0; t < step->link->op->tensor_count; t++)
        call.into[t] = (unsigned char *)plan->parameters + step->link->place[t] * plan->verbs->element_size;
    if (step->kernel->settle) step->kernel->settle(&call);
}

void walk_settle(struct plan *plan, size_t rows) {
    for (size_t s = 0; s < plan->step_count; s++) walk_settle_step(plan, &plan->steps[s], rows);
}

/* -- gradients -- */

struct gradients {
    struct plan *plan;
    size_t first_task; /* of those that are shared out */
    size_t rows;
    bool accumulate;
    const struct walk_update *update;
    bool sums, updates; /* what is done now */
};

static void *gradients_at(const struct plan *plan, size_t place) {
    return (unsigned char *)plan->gradients + place * plan->verbs->element_size;
}

/* Where a share's weights lie in the block of parameters. */
static size_t place_of_weights(const struct plan *plan, const struct plan_task *task) {
    const struct net_op *link = plan->steps[task->step].link;
    return link->place[DENSE_WEIGHT] + task->output * lane_round_up(link->inputs) +
           task->first * weight_panel(link->outputs);
}

static void sum_gradients(const struct gradients *walk, const struct plan_task *task, void *dw) {
    struct plan *plan = walk->plan;
    const struct plan_step *step = &plan->steps[task->step];
    const struct net_op *link = step->link;
    struct dense_shape shape = {link->inputs, link->outputs, step->input_stride, step->output_stride};
    size_t element = plan->verbs->element_size;
    if (task->first == 0)
        plan->verbs->dense_backward_biases(&shape, walk->rows, gradients_at(plan, link->place[DENSE_BIAS]),
                                           step->d, task->output, walk->accumulate);
    if (plan->bf16) {
        tile_weights_bf16(plan, walk->rows, task, dw, walk->accumulate);
        return;
    }
    const unsigned char *x = link->layer > 1 ? step->x : walk_inputs_x(plan, task->first), *d = step->d;
    plan->verbs->dense_backward_weights(&shape, walk->rows, dw, d + task->output * element,
                                        step->output_stride, x + task->first * element, step->input_stride,
                                        task->output, task->last - task->first, walk->accumulate);
}

static void update_share(const struct gradients *walk, const struct plan_task *task, const void *dw) {
    const struct plan *plan = walk->plan;
    const struct net_op *link = plan->steps[task->step].link;
    const struct walk_update *update = walk->update;
    size_t panel = weight_panel(link->outputs), rest = lane_round_up(link->outputs) - task->output;
    size_t biases = link->place[DENSE_BIAS] + task->output;
    update->update(update->argument, NUDGE_ROLE_WEIGHT, dw, place_of_weights(plan, task),
                   (task->last - task->first) * panel);
    if (task->first == 0)
        update->update(update->argument, NUDGE_ROLE_BIAS, gradients_at(plan, biases), biases,
                       rest < panel ? rest : panel);
    if (plan->bf16) plan_load_bf16_share(plan, task);
}

/* An op's own tensors that are not dense's: their gradients, and the update; or what its running state becomes. */
static void walk_op(const struct gradients *walk, const struct plan_step *step) {
    struct plan *plan = walk->plan;
    const struct net_op *link = step->link;
    struct op_call call = walk_call(plan, step, 0, walk->rows);
    for (size_t t = 0; t < link->op->tensor_count; t++) call.into[t] = gradients_at(plan, link->place[t]);
    call.accumulate = walk->accumulate;
    if (walk->sums) step->kernel->gradients(&call);
    for (size_t t = 0; walk->updates && t < link->op->tensor_count; t++)
        if (link->op->tensors[t].role != NUDGE_ROLE_STATE)
            walk->update->update(walk->update->argument, link->op->tensors[t].role, call.into[t],
                                 link->place[t], lane_round_up(link->outputs));
    if (walk->updates) walk_settle_step(plan, step, walk->rows);
}

/* The gradients of a panel of outputs and a run of inputs are still in the nearest cache when their weights are
 * updated. */
static void walk_panel(const struct gradients *walk, const struct plan_task *task, unsigned worker) {
    const struct plan *plan = walk->plan;
    if (!plan_is_dense(&plan->steps[task->step])) {
        walk_op(walk, &plan->steps[task->step]);
        return;
    }
    void *dw = gradients_at(plan, place_of_weights(plan, task));
    if (walk->update && walk->update->only_update) {
        size_t outputs = plan->steps[task->step].link->outputs, panel = weight_panel(outputs);
        dw = plan->scratch + worker * plan->scratch_bytes;
        if (lane_round_up(outputs) - task->output < panel) /* products leave the rest of this panel alone */
            memset(dw, 0, (task->last - task->first) * panel * plan->verbs->element_size);
    }
    if (walk->sums) sum_gradients(walk, task, dw);
    if (walk->updates) update_share(walk, task, dw);
}

/* By inputs: whoever had a part of the first layer's inputs has their weights now; the other layers' go with
 * part 0. */
static void walk_part(void *argument, size_t part, unsigned worker) {
    const struct gradients *walk = argument;
    const struct plan *plan = walk->plan;
    size_t first = dense_part_begin(plan->net->inputs, part),
           end = dense_part_begin(plan->net->inputs, part + 1);
    for (size_t t = 0; t < plan->task_count; t++) {
        const struct plan_task *task = &plan->tasks[t];
        if (task->step == 0 ? task->first >= first && task->first < end : part == 0)
            walk_panel(walk, task, worker);
    }
}

/* By layers a task is many: each panel of inputs with each panel of outputs. */
static void walk_task(void *argument, size_t index, unsigned worker) {
    const struct gradients *walk = argument;
    const struct plan_task *task = &walk->plan->tasks[walk->first_task + index];
    const struct plan_step *step = &walk->plan->steps[task->step];
    size_t panel = weight_panel(step->link->outputs);
    struct plan_task part = *task;
    if (walk->plan->schedule == BY_ROWS || !plan_is_dense(step)) {
        walk_panel(walk, task, worker);
        return;
    }
    if (walk->plan->bf16) walk->plan->bf16->begin();
    for (part.first = task->first; part.first < task->last; part.first = part.last) {
        part.last = task->last - part.first < PLAN_PANEL ? task->last : part.first + PLAN_PANEL;
        for (part.output = task->output; part.output < task->end_output; part.output += panel)
            walk_panel(walk, &part, worker);
    }
    if (walk->plan->bf16) walk->plan->bf16->end();
}

/* From the last layer to the first; between its gradients and its update others' may be added to a layer's. */
static void walk_each_layer(struct gradients *walk) {
    const struct plan *plan = walk->plan;
    const struct walk_update *update = walk->update;
    for (size_t t = 0, end; t < plan->task_count; t = end) {
        size_t layer = plan->steps[plan->tasks[t].step].link->layer, first, count;
        const struct net_op *dense = net_dense(plan->net, layer);
        double work = (double)walk->rows * (double)dense->inputs * (double)dense->outputs;
        for (end = t; end < plan->task_count && plan->steps[plan->tasks[end].step].link->layer == layer;)
            end++;
        walk->first_task = t;
        parallel_for(plan->context->workers, end - t, work, walk_task, walk);
        if (!update || !update->reduce) continue;
        net_layer_range(plan->net, layer, &first, &count);
        update->reduce(update->argument, layer, first, count);
        walk->sums = false;
        walk->updates = true;
        parallel_for(plan->context->workers, end - t, work, walk_task, walk);
        walk->sums = true;
        walk->updates = false;
    }
}

void walk_gradients(struct plan *plan, size_t rows, bool accumulate, const struct walk_update *update) {
    bool reduces = update && update->reduce;
    struct gradients walk = {.plan = plan,
                             .rows = rows,
                             .accumulate = accumulate,
                             .update = update,
                             .sums = true,
                             .updates = update && !reduces};
    struct workers *workers = plan->context->workers;
    workers_begin(workers, &plan->pace, 0);
    if (reduces || plan->schedule == BY_LAYERS)
        walk_each_layer(&walk);
    else if (walk_goes_by_inputs(plan, rows))
        workers_run(workers, dense_parts(plan->net->inputs), walk_part, &walk);
    else
        parallel_for(workers, plan->task_count, walk_work(plan, plan->products_per_row, rows), walk_task,
                     &walk);
    workers_end(workers, &plan->pace);
}
