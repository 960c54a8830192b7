/* See plan.h, where the block is drawn; carve_plan() below is that drawing in code. */
#include "net/plan.h"

#include <string.h>

/* Inputs of one share of a weight gradient: a multiple of every tile height (1, 2, 3, 6, 8, 12), so that few
 * shares have a short tile; the share's numbers stay in the nearest cache until the update. */
enum { NUMBERS_PER_TASK = 3840 };

static size_t largest_stride(const nudge_net *net) {
    size_t largest = 0;
    for (size_t l = 1; l <= net->layers; l++) {
        size_t stride = row_stride(net_dense(net, l)->outputs);
        if (stride > largest) largest = stride;
    }
    return largest;
}

/* A layer's tasks: w [outputs][inputs] in pieces of P = weight_panel(outputs) rows and 3840 / P inputs. A layer of 784 inputs
 * and 128 outputs has P = 64, so 2 panels, and pieces of 60 inputs within each of the 4 parts, of 192 or 208:
 * 4 * 2 * 4 = 32 tasks. Input by input as the parts of its forward sums are: a thread that takes neighbouring
 * tasks takes the weights that it multiplied with. `task` NULL: counts alone. */
static size_t layer_tasks(struct plan_task *task, size_t step, size_t inputs, size_t outputs) {
    size_t count = 0, run = NUMBERS_PER_TASK / weight_panel(outputs);
    for (size_t part = 0; part < dense_parts(inputs); part++)
        for (size_t output = 0; output < outputs; output += weight_panel(outputs)) {
            size_t end = dense_part_begin(inputs, part + 1);
            for (size_t first = dense_part_begin(inputs, part); first < end; first += run, count++)
                if (task)
                    task[count] = (struct plan_task){.step = step,
                                                     .output = output,
                                                     .first = first,
                                                     .last = end - first < run ? end : first + run};
        }
    return count;
}

/* By layers: so many panels of outputs and of rows' columns (inputs) that what a task reads stays in a core's cache
 * while all of these meet all of those; fewer panels of outputs where there would not be enough to share out. */
static size_t panel_tasks(struct plan_task *task, size_t step, size_t inputs, size_t outputs,
                          size_t threads) {
    enum { RUN = 4 * PLAN_PANEL, MOST_PANELS = 4, TASKS_PER_THREAD = 4 };
    size_t count = 0, panel = weight_panel(outputs), group = MOST_PANELS * panel,
           runs = (inputs + RUN - 1) / RUN;
    while (group > panel && (outputs + group - 1) / group * runs < TASKS_PER_THREAD * threads) group /= 2;
    for (size_t output = 0; output < outputs; output += group)
        for (size_t first = 0; first < inputs; first += RUN, count++)
            if (task)
                task[count] =
                    (struct plan_task){.step = step,
                                       .output = output,
                                       .first = first,
                                       .last = inputs - first < RUN ? inputs : first + RUN,
                                       .end_output = outputs - output < group ? outputs : output + group};
    return count;
}

/* An op without tensors has no gradients. */
static size_t step_tasks(struct plan_task *task, const struct plan *plan, size_t step,
                         const struct net_op *link) {
    if (link->op->kind != OP_DENSE) {
        if (link->op->tensor_count && task) *task = (struct plan_task){.step = step};
        return link->op->tensor_count > 0;
    }
    return plan->schedule == BY_LAYERS
               ? panel_tasks(task, step, link->inputs, link->outputs, workers_count(plan->context->workers))
               : layer_tasks(task, step, link->inputs, link->outputs);
}

/* -- phases -- */

/* What a tile of any shape can do, as far as it goes. */
static bool goes_on(const struct plan *plan, size_t s) {
    const struct plan_step *step = &plan->steps[s];
    return !plan_is_dense(step) && !step->link->op->by_row && !plan_mixes_rows(plan, step);
}

static enum phase_cut cut_of(const struct plan *plan, size_t s) {
    const struct plan_step *step = &plan->steps[s];
    return plan_is_dense(step) ? CUT_TILES : plan_mixes_rows(plan, step) ? CUT_COLUMNS : CUT_ROWS;
}

/* By rows there is one phase. By layers every product, every op that looks at whole rows and every op that mixes rows
 * begins one; what works on single numbers goes on with the tile:
 *
 *     gather | z1 a1 | z2 normalised | a2 | .. | z_L | a_L, cost, δ_L | d_{L-1} δ_{L-1} | .. | δ_1
 */
static void fill_phases(struct plan *plan) {
    struct plan_phase *phase = plan->phases;
    size_t s = 0, count = plan->step_count, first = plan->layer_begin[1];
    bool back = plan->use != PLAN_PREDICT;
    if (plan->schedule == BY_ROWS) {
        *phase = (struct plan_phase){CUT_ROWS, true, true, 0, count, back ? count : 0, back ? first + 1 : 0};
        plan->phase_count = 1;
        return;
    }
    while (s < count && goes_on(plan, s)) s++; /* layer 0 */
    *phase++ = (struct plan_phase){.gathers = true, .forward = 0, .forward_end = s};
    for (size_t begin; s < count;) {
        begin = s++;
        while (s < count && goes_on(plan, s)) s++;
        *phase++ = (struct plan_phase){.cut = cut_of(plan, begin), .forward = begin, .forward_end = s};
    }
    /* The cost goes with the last rows. */
    if (phase[-1].cut != CUT_ROWS) *phase++ = (struct plan_phase){.forward = count, .forward_end = count};
    phase[-1].costs = true;
    for (size_t begin = count; back && begin > first + 1; begin = s) {
        for (s = begin - 1; s > first + 1 && goes_on(plan, s - 1);) s--;
        if (begin < count) *phase++ = (struct plan_phase){.cut = cut_of(plan, begin - 1)};
        phase[-1].backward = begin;
        phase[-1].backward_end = s;
    }
    plan->phase_count = (size_t)(phase - plan->phases);
}

/* -- buffers -- */

/* The first op from place i of the chain on that the plan runs; op_count when there is none. */
static size_t next_op(const struct plan *plan, size_t i) {
    while (i < plan->net->op_count && !plan_trains(plan) && plan->net->ops[i].op->only_training) i++;
    return i;
}

static void *carve_rows(struct arena *arena, const struct plan *plan, size_t stride) {
    return arena_carve(arena, plan->room, stride * plan->verbs->element_size);
}

/* Every op's output. What can work in place does so where nobody looks. Else with gradients each has its own buffer; a
 * layer's ops share one d, as all but the dense one turn it in place. In prediction the hidden layers take turns in two
 * buffers: there row r begins at r * pitch, the same for all layers, although the rows of one thread's share follow each
 * other at the layer's own stride. So threads that are at different layers stay out of each other's rows. By layers no two
 * are, but one tile's output must not go where another still reads what the layer's product reads: a third buffer. */
static void carve_steps(struct plan *plan, struct arena *arena) {
    const nudge_net *net = plan->net;
    size_t pitch = largest_stride(net), s = 0;
    bool by_rows = plan->schedule == BY_ROWS, predict = plan->use == PLAN_PREDICT;
    size_t turn_count = by_rows ? 2 : 3, turn = turn_count,
           read = turn_count; /* of x, of the product's: plan->x */
    void *turns[3] = {NULL, NULL, NULL}, *d = NULL;
    for (size_t i = 0; predict && i < turn_count; i++) turns[i] = carve_rows(arena, plan, pitch);
    struct plan_step step = {
        .y = plan->x, .output_stride = plan->input_stride, .output_pitch = plan->input_stride};
    for (size_t i = next_op(plan, 0), next; i < net->op_count; i = next, s++) {
        const struct net_op *link = &net->ops[i];
        next = next_op(plan, i + 1);
        bool takes_turns = predict && link->layer < net->layers,
             in_place = link->op->in_place && (predict || plan->use == PLAN_LEARN);
        step = (struct plan_step){.link = link,
                                  .x = step.y,
                                  .input_stride = step.output_stride,
                                  .input_pitch = step.output_pitch,
                                  .output_stride = row_stride(link->outputs)};
        step.kernel = link->op->kernels[plan->precision][plan->context->cpu_level - NUDGE_CPU_BASE];
        step.output_pitch = takes_turns && by_rows ? pitch : step.output_stride;
        if (link->op->kind == OP_DENSE) read = turn;
        if (in_place) {
            step.y = (void *)step.x;
            step.output_pitch = step.input_pitch;
        } else if (takes_turns) {
            size_t x = turn;
            for (turn = 0; turn == x || (turn == read && !by_rows);) turn++;
            step.y = turns[turn];
        } else {
            step.y = carve_rows(arena, plan, step.output_stride);
        }
        if (!predict && link->op->kind == OP_DENSE) d = carve_rows(arena, plan, step.output_stride);
        if (!predict && link->op->kept)
            step.kept = arena_carve(arena, link->op->kept, step.output_stride * plan->verbs->element_size);
        step.d = d;
        if (!plan->steps) continue;
        if (s == 0 || plan->steps[s - 1].link->layer < link->layer)
            for (size_t l = s == 0 ? 0 : plan->steps[s - 1].link->layer + 1; l <= link->layer; l++)
                plan->layer_begin[l] = s;
        plan->steps[s] = step;
    }
    if (plan->steps) plan->layer_begin[net->layers + 1] = s;
}

static uint16_t *carve_16(struct arena *arena, size_t rows, size_t columns) {
    return arena_carve(arena, rows, columns * sizeof(uint16_t));
}

/* Elements of a weight's pairs; SIZE_MAX when they do not fit. */
static size_t bf16_weight_elements(const struct net_op *link) {
    size_t elements;
    bool fits = size_multiply(&elements, size_round_up(link->outputs, weight_panel(link->outputs)),
                              bf16_round_up(link->inputs));
    return fits ? elements : SIZE_MAX;
}

/* Of a layer of K inputs and N outputs, in bf16: w in pairs of inputs, x [rows][K], and in training x [K][rows] for the
 * gradients' sums over rows, d [rows][N], and d in pairs of rows. */
static void carve_bf16(struct plan *plan, struct arena *arena) {
    for (size_t l = 1; plan->bf16 && l <= plan->net->layers; l++) {
        const struct net_op *link = net_dense(plan->net, l);
        bool train = plan->use != PLAN_PREDICT;
        uint16_t *w = carve_16(arena, bf16_weight_elements(link), 1);
        uint16_t *x = carve_16(arena, plan->room, bf16_round_up(link->inputs));
        uint16_t *columns = train ? carve_16(arena, lane_round_up(link->inputs), plan->room) : NULL;
        uint16_t *d = train ? carve_16(arena, plan->room, bf16_round_up(link->outputs)) : NULL;
        uint16_t *pairs =
            train ? carve_16(arena, plan->room, size_round_up(link->outputs, PLAN_PANEL)) : NULL;
        if (!plan->steps) continue;
        struct plan_step *step = &plan->steps[plan->layer_begin[l]];
        step->w16 = w;
        step->x16 = x;
        step->x16_columns = columns;
        step->d16 = d;
        step->d16_pairs = pairs;
    }
}

/* Whether threads share out the first layer's inputs: where most of the work is there, and the sums of parts
 * are small beside the weights. */
static bool inputs_worth_sharing(const struct plan *plan) {
    const struct net_op *first = net_dense(plan->net, 1);
    return plan->use != PLAN_PREDICT && plan->schedule == BY_ROWS && plan->net->ops[0].op->kind == OP_DENSE &&
           workers_count(plan->context->workers) > 1 && dense_parts(first->inputs) > 1 &&
           (double)first->inputs * (double)first->outputs >= 0.5 * plan->products_per_row &&
           plan->capacity * (dense_parts(first->inputs) - 1) <= first->inputs;
}

/* part_x [parts - 1][capacity][input_stride] and part_sums [parts - 1][capacity][outputs' stride]: part 0 has x and z itself. */
static void carve_parts(struct plan *plan, struct arena *arena) {
    size_t parts = dense_parts(plan->net->inputs), element = plan->verbs->element_size;
    size_t width = row_stride(net_dense(plan->net, 1)->outputs);
    plan->part_x = arena_carve(arena, parts - 1, plan->capacity * plan->input_stride * element);
    plan->part_sums = arena_carve(arena, parts - 1, plan->capacity * width * element);
}

/* `given` has what the caller chose; returns the plan in the arena's block, or NULL when the arena only
 * measures. */
static struct plan *carve_plan(struct plan given, struct arena *arena) {
    const nudge_net *net = given.net;
    size_t element = given.verbs->element_size;
    struct plan *made = arena_carve(arena, 1, sizeof *made);
    struct plan *plan = &given;
    plan->steps = arena_carve(arena, plan->step_count, sizeof *plan->steps);
    plan->layer_begin = arena_carve(arena, net->layers + 2, sizeof *plan->layer_begin);
    plan->phases = arena_carve(arena, 2 * plan->step_count + 2, sizeof *plan->phases);
    if (plan->use != PLAN_PREDICT) plan->tasks = arena_carve(arena, plan->task_count, sizeof *plan->tasks);
    plan->x = carve_rows(arena, plan, plan->input_stride);
    plan->targets = carve_rows(arena, plan, plan->output_stride);
    plan->each = arena_carve(arena, plan->capacity, element);
    plan->weights = arena_carve(arena, plan->capacity, sizeof *plan->weights);
    carve_steps(plan, arena);
    if (plan->use != PLAN_PREDICT) {
        plan->gradients = arena_carve_beside(arena, net->block_count, element, net->parameters, 1);
        size_t widest = largest_stride(net) > PLAN_PANEL ? largest_stride(net) : PLAN_PANEL;
        plan->scratch_bytes = PACKED_INPUTS * widest * element;
    }
    plan->parameters =
        plan->precision == REAL_F32 ? net->parameters : arena_carve(arena, net->block_count, element);
    carve_bf16(plan, arena);
    plan->scratch = arena_carve(arena, workers_count(plan->context->workers), plan->scratch_bytes);
    if (inputs_worth_sharing(plan)) carve_parts(plan, arena);
    if (made) fill_phases(plan);
    if (made) *made = *plan;
    return made;
}

/* -- what is chosen -- */

/* Multiplications of a batch and neurons of a layer from which on it is quicker to go layer by layer. */
static const double WORK_OF_LAYERS = 3e7;
enum { NEURONS_OF_LAYERS = 64 };

static enum plan_schedule choose_schedule(const struct plan *plan) {
    size_t widest = 0;
    for (size_t l = 1; l <= plan->net->layers; l++)
        if (net_dense(plan->net, l)->outputs > widest) widest = net_dense(plan->net, l)->outputs;
    bool large = plan->precision == REAL_F32 && widest >= NEURONS_OF_LAYERS &&
                 plan->products_per_row * (double)plan->capacity >= WORK_OF_LAYERS;
    bool mixes = plan->use != PLAN_PREDICT && net_mixes_rows(plan->net);
    return plan->bf16 || large || mixes ? BY_LAYERS : BY_ROWS;
}

static struct plan describe(const nudge_context *context, const nudge_net *net, enum real_type precision,
                            enum plan_use use, size_t capacity) {
    struct plan plan = {
        .context = (nudge_context *)context,
        .net = net,
        .verbs = engine_verbs(context, precision),
        .precision = precision,
        .use = use,
        .capacity = capacity,
        .room = capacity,
        .bf16 = precision == REAL_F32 ? context->bf16 : NULL,
        .copies = bf16_copies(context),
        .input_stride = row_stride(net->inputs),
        .output_stride = row_stride(net->outputs),
    };
    for (size_t l = 1; l <= net->layers; l++)
        plan.products_per_row += (double)net_dense(net, l)->inputs * (double)net_dense(net, l)->outputs;
    if (plan.bf16) plan.room = size_round_up(capacity, BF16_TERMS);
    plan.schedule = choose_schedule(&plan);
    for (size_t i = next_op(&plan, 0); i < net->op_count; i = next_op(&plan, i + 1)) plan.step_count++;
    for (size_t i = 0; use != PLAN_PREDICT && i < net->op_count; i++)
        plan.task_count += step_tasks(NULL, &plan, 0, &net->ops[i]);
    return plan;
}

size_t plan_memory(const nudge_context *context, const nudge_net *net, enum real_type precision,
                   enum plan_use use, size_t capacity) {
    struct arena arena = {0};
    carve_plan(describe(context, net, precision, use, capacity), &arena);
    return arena.overflow ? SIZE_MAX : arena.used;
}

struct plan *plan_make(nudge_context *context, const nudge_net *net, enum real_type precision,
                       enum plan_use use, size_t capacity, void *memory) {
    struct arena arena = {.block = memory};
    memset(memory, 0, plan_memory(context, net, precision, use, capacity)); /* padding begins at zero */
    struct plan *plan = carve_plan(describe(context, net, precision, use, capacity), &arena);
    struct plan_task *task = plan->tasks; /* from the last layer to the first */
    for (size_t s = plan->step_count; use != PLAN_PREDICT && s-- > 0;)
        task += step_tasks(task, plan, s, plan->steps[s].link);
    plan->version = net->version - 1;
    plan_load_parameters(plan);
    return plan;
}

void plan_load_parameters(struct plan *plan) {
    if (plan->precision == REAL_F32) return;
    double *to = plan->parameters;
    for (size_t i = 0; i < plan->net->block_count; i++) to[i] = (double)plan->net->parameters[i];
}

/* -- weights in bf16 -- */

void plan_load_bf16_share(const struct plan *plan, const struct plan_task *task) {
    const struct plan_step *step = &plan->steps[task->step];
    const struct net_op *link = step->link;
    size_t panel = weight_panel(link->outputs);
    const float *w = (const float *)plan->parameters + link->place[DENSE_WEIGHT];
    plan->copies->pairs(step->w16 + task->output * bf16_round_up(link->inputs) + task->first * panel, panel,
                        w + task->output * lane_round_up(link->inputs) + task->first * panel, panel,
                        task->last - task->first, panel);
}

void plan_load_bf16(struct plan *plan) {
    if (!plan->bf16 || plan->version == plan->net->version) return;
    plan->version = plan->net->version;
    for (size_t s = 0; s < plan->step_count; s++) {
        const struct net_op *link = plan->steps[s].link;
        if (link->op->kind != OP_DENSE) continue;
        for (size_t output = 0; output < link->outputs; output += weight_panel(link->outputs))
            plan_load_bf16_share(plan,
                                 &(struct plan_task){.step = s, .output = output, .last = link->inputs});
    }
}

double plan_get(const struct plan *plan, const void *buffer, size_t i) {
    return plan->precision == REAL_F32 ? (double)((const float *)buffer)[i] : ((const double *)buffer)[i];
}

void plan_set(const struct plan *plan, void *buffer, size_t i, double value) {
    if (plan->precision == REAL_F32)
        ((float *)buffer)[i] = (float)value;
    else
        ((double *)buffer)[i] = value;
}

const struct plan_step *plan_dense(const struct plan *plan, size_t l) {
    return &plan->steps[plan->layer_begin[l]];
}

const struct plan_step *plan_activation(const struct plan *plan, size_t l) {
    const struct plan_step *step = plan_dense(plan, l);
    while (step->link->op->kind != OP_ACTIVATION) step++;
    return step;
}

const struct plan_step *plan_output(const struct plan *plan, size_t l) {
    return &plan->steps[plan->layer_begin[l + 1] - 1];
}

const struct plan_step *plan_last(const struct plan *plan) {
    return &plan->steps[plan->step_count - 1];
}
