/* See plan.h, where the block is drawn; carve() below is that drawing in code. */
#include "net/plan.h"

#include <string.h>

/* Inputs of one share of a weight gradient: a multiple of every tile height (1, 2, 3, 6, 8, 12), so that no share but the
 * last has a short tile; the share's 4096 numbers or so stay in the nearest cache until the update. */
static size_t inputs_per_task(size_t outputs) {
    return outputs > LANE ? 3840 / weight_panel(outputs) : 240;
}

static size_t largest_stride(const nudge_net *net) {
    size_t largest = 0;
    for (size_t l = 1; l <= net->layers; l++) {
        size_t stride = lane_round_up(net_dense(net, l)->outputs);
        if (stride > largest) largest = stride;
    }
    return largest;
}

static size_t count_tasks(const nudge_net *net) {
    size_t count = 0;
    for (size_t l = 1; l <= net->layers; l++) {
        const struct net_op *dense = net_dense(net, l);
        size_t panel = weight_panel(dense->outputs), run = inputs_per_task(dense->outputs);
        count += ((dense->outputs + panel - 1) / panel) * ((dense->inputs + run - 1) / run);
    }
    return count;
}

static void fill_tasks(struct plan *plan) {
    struct plan_task *task = plan->tasks;
    for (size_t s = 0; s < plan->step_count; s++) {
        const struct net_op *link = plan->steps[s].link;
        if (link->op->kind != OP_DENSE) continue;
        size_t panel = weight_panel(link->outputs), run = inputs_per_task(link->outputs);
        for (size_t output = 0; output < link->outputs; output += panel)
            for (size_t first = 0; first < link->inputs; first += run) {
                size_t rest = link->inputs - first;
                *task++ = (struct plan_task){s, output, first, first + (rest < run ? rest : run)};
            }
    }
}

static void *carve_rows(struct arena *arena, const struct plan *plan, size_t stride) {
    return arena_carve(arena, plan->capacity, stride * plan->verbs->element_size);
}

/* Every op's output. In training each has its own buffer, and d beside it; an activation shares d with its
 * dense op, as it works in place. In prediction the hidden layers take turns in two buffers: there row r
 * begins at r * pitch, the same for all layers, although the rows of one thread's share follow each other at
 * the layer's own stride. So threads that are at different layers stay out of each other's rows. */
static void carve_steps(struct plan *plan, struct arena *arena) {
    size_t pitch = largest_stride(plan->net);
    void *turns[2] = {NULL, NULL}, *d = NULL;
    if (plan->use == PLAN_PREDICT)
        for (int i = 0; i < 2; i++) turns[i] = carve_rows(arena, plan, pitch);
    struct plan_step step = {
        .y = plan->x, .output_stride = plan->input_stride, .output_pitch = plan->input_stride};
    for (size_t s = 0; s < plan->step_count; s++) {
        const struct net_op *link = &plan->net->ops[s];
        bool takes_turns = plan->use == PLAN_PREDICT && link->layer < plan->net->layers;
        step = (struct plan_step){.link = link,
                                  .x = step.y,
                                  .input_stride = step.output_stride,
                                  .input_pitch = step.output_pitch,
                                  .output_stride = lane_round_up(link->outputs)};
        step.kernel = link->op->kernels[plan->precision][plan->context->cpu_level - NUDGE_CPU_BASE];
        step.output_pitch = takes_turns ? pitch : step.output_stride;
        step.y = takes_turns ? turns[s % 2] : carve_rows(arena, plan, step.output_stride);
        if (plan->use == PLAN_TRAIN && link->op->kind == OP_DENSE)
            d = carve_rows(arena, plan, step.output_stride);
        step.d = d;
        if (plan->steps) plan->steps[s] = step;
    }
}

/* `given` has what the caller chose; returns the plan in the arena's block, or NULL when the arena only
 * measures. */
static struct plan *carve(struct plan given, struct arena *arena) {
    const nudge_net *net = given.net;
    size_t element = given.verbs->element_size;
    struct plan *made = arena_carve(arena, 1, sizeof *made);
    struct plan *plan = &given;
    plan->steps = arena_carve(arena, plan->step_count, sizeof *plan->steps);
    if (plan->use == PLAN_TRAIN) plan->tasks = arena_carve(arena, plan->task_count, sizeof *plan->tasks);
    plan->x = carve_rows(arena, plan, plan->input_stride);
    plan->targets = carve_rows(arena, plan, plan->output_stride);
    plan->each = arena_carve(arena, plan->capacity, element);
    carve_steps(plan, arena);
    if (plan->use == PLAN_TRAIN) {
        plan->gradients = arena_carve(arena, net->block_count, element);
        plan->scratch_bytes = size_round_up(LANE * largest_stride(net) * element, MEMORY_ALIGNMENT);
    }
    plan->parameters =
        plan->precision == PRECISION_F32 ? net->parameters : arena_carve(arena, net->block_count, element);
    plan->scratch = arena_carve(arena, workers_count(plan->context->workers), plan->scratch_bytes);
    if (made) *made = *plan;
    return made;
}

static struct plan describe(const nudge_context *context, const nudge_net *net, enum precision precision,
                            enum plan_use use, size_t capacity) {
    struct plan plan = {
        .context = (nudge_context *)context,
        .net = net,
        .verbs = engine_verbs(context, precision),
        .precision = precision,
        .use = use,
        .capacity = capacity,
        .step_count = net->op_count,
        .task_count = use == PLAN_TRAIN ? count_tasks(net) : 0,
        .input_stride = lane_round_up(net->inputs),
        .output_stride = lane_round_up(net->outputs),
    };
    for (size_t l = 1; l <= net->layers; l++)
        plan.products_per_row += (double)net_dense(net, l)->inputs * (double)net_dense(net, l)->outputs;
    return plan;
}

size_t plan_memory(const nudge_context *context, const nudge_net *net, enum precision precision,
                   enum plan_use use, size_t capacity) {
    struct arena arena = {0};
    carve(describe(context, net, precision, use, capacity), &arena);
    return arena.overflow ? SIZE_MAX : arena.used;
}

struct plan *plan_make(nudge_context *context, const nudge_net *net, enum precision precision,
                       enum plan_use use, size_t capacity, void *memory) {
    struct arena arena = {.block = memory};
    memset(memory, 0, plan_memory(context, net, precision, use, capacity)); /* padding begins at zero */
    struct plan *plan = carve(describe(context, net, precision, use, capacity), &arena);
    if (use == PLAN_TRAIN) fill_tasks(plan);
    plan_load_parameters(plan);
    return plan;
}

void plan_load_parameters(struct plan *plan) {
    if (plan->precision == PRECISION_F32) return;
    double *to = plan->parameters;
    for (size_t i = 0; i < plan->net->block_count; i++) to[i] = (double)plan->net->parameters[i];
}

double plan_get(const struct plan *plan, const void *buffer, size_t i) {
    return plan->precision == PRECISION_F32 ? (double)((const float *)buffer)[i]
                                            : ((const double *)buffer)[i];
}

void plan_set(const struct plan *plan, void *buffer, size_t i, double value) {
    if (plan->precision == PRECISION_F32)
        ((float *)buffer)[i] = (float)value;
    else
        ((double *)buffer)[i] = value;
}

const struct plan_step *plan_dense(const struct plan *plan, size_t l) {
    return &plan->steps[2 * (l - 1)];
}
const struct plan_step *plan_activation(const struct plan *plan, size_t l) {
    return &plan->steps[2 * (l - 1) + 1];
}
const struct plan_step *plan_last(const struct plan *plan) {
    return &plan->steps[plan->step_count - 1];
}
