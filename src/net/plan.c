/* See plan.h, where the block is drawn; carve() below is that drawing in code. */
#include "net/plan.h"

#include "base/status.h"
#include "base/text.h"
#include "engine/product.h"

#include <string.h>

/* Inputs of one share of a weight gradient: a multiple of every tile height (1, 2, 3, 6, 8, 12), so that few
 * shares have a short tile; the share's 4096 numbers or so stay in the nearest cache until the update. */
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

/* A layer's tasks, input by input as the parts of its forward sums are: a thread that takes neighbouring
 * tasks takes the weights that it multiplied with. `task` NULL: counts alone. */
static size_t layer_tasks(struct plan_task *task, size_t step, size_t inputs, size_t outputs) {
    size_t count = 0, run = inputs_per_task(outputs);
    for (size_t part = 0; part < dense_parts(inputs); part++)
        for (size_t output = 0; output < outputs; output += weight_panel(outputs)) {
            size_t end = dense_part_begin(inputs, part + 1);
            for (size_t first = dense_part_begin(inputs, part); first < end; first += run, count++)
                if (task)
                    task[count] =
                        (struct plan_task){step, output, first, end - first < run ? end : first + run};
        }
    return count;
}

/* By layers: a panel of outputs and so many inputs that there is enough to share out; `panels` of rows end where they
 * do. */
static size_t panel_tasks(struct plan_task *task, size_t step, size_t inputs, size_t outputs) {
    enum { RUN = 4 * PLAN_PANEL };
    size_t count = 0;
    for (size_t output = 0; output < outputs; output += weight_panel(outputs))
        for (size_t first = 0; first < inputs; first += RUN, count++)
            if (task)
                task[count] =
                    (struct plan_task){step, output, first, inputs - first < RUN ? inputs : first + RUN};
    return count;
}

static size_t step_tasks(struct plan_task *task, enum plan_schedule schedule, size_t step, size_t inputs,
                         size_t outputs) {
    return schedule == BY_LAYERS ? panel_tasks(task, step, inputs, outputs)
                                 : layer_tasks(task, step, inputs, outputs);
}

static size_t count_tasks(const struct plan *plan) {
    size_t count = 0;
    for (size_t l = 1; plan->use == PLAN_TRAIN && l <= plan->net->layers; l++) {
        const struct net_op *dense = net_dense(plan->net, l);
        count += step_tasks(NULL, plan->schedule, 0, dense->inputs, dense->outputs);
    }
    return count;
}

/* From the last layer to the first. */
static void fill_tasks(struct plan *plan) {
    struct plan_task *task = plan->tasks;
    for (size_t s = plan->step_count; s-- > 0;) {
        const struct net_op *link = plan->steps[s].link;
        if (link->op->kind == OP_DENSE)
            task += step_tasks(task, plan->schedule, s, link->inputs, link->outputs);
    }
}

static void *carve_rows(struct arena *arena, const struct plan *plan, size_t stride) {
    return arena_carve(arena, plan->room, stride * plan->verbs->element_size);
}

/* Every op's output. In training each has its own buffer, and d beside it; an activation shares d with its
 * dense op, as it works in place. In prediction the hidden layers take turns in two buffers: there row r
 * begins at r * pitch, the same for all layers, although the rows of one thread's share follow each other at
 * the layer's own stride. So threads that are at different layers stay out of each other's rows. By layers no two
 * are, but one tile's a must not go where another still reads the a of the layer before: these take turns in two
 * buffers, z is always in a third. */
static void carve_steps(struct plan *plan, struct arena *arena) {
    size_t pitch = largest_stride(plan->net);
    bool by_rows = plan->schedule == BY_ROWS;
    void *turns[3] = {NULL, NULL, NULL}, *d = NULL;
    if (plan->use == PLAN_PREDICT)
        for (int i = 0; i < (by_rows ? 2 : 3); i++) turns[i] = carve_rows(arena, plan, pitch);
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
        size_t turn = by_rows ? s % 2 : link->op->kind == OP_DENSE ? 2 : link->layer % 2;
        step.kernel = link->op->kernels[plan->precision][plan->context->cpu_level - NUDGE_CPU_BASE];
        step.output_pitch = takes_turns && by_rows ? pitch : step.output_stride;
        step.y = takes_turns ? turns[turn] : carve_rows(arena, plan, step.output_stride);
        if (plan->use == PLAN_TRAIN && link->op->kind == OP_DENSE)
            d = carve_rows(arena, plan, step.output_stride);
        step.d = d;
        if (plan->steps) plan->steps[s] = step;
    }
}

static void carve_bf16(struct plan *plan, struct arena *arena) {
    for (size_t s = 0; plan->bf16 && s < plan->step_count; s++) {
        const struct net_op *link = &plan->net->ops[s];
        if (link->op->kind != OP_DENSE) continue;
        size_t inputs = lane_round_up(link->inputs), outputs = lane_round_up(link->outputs);
        uint16_t *x = arena_carve(arena, plan->room, inputs * sizeof *x), *d = NULL;
        if (plan->use == PLAN_TRAIN) d = arena_carve(arena, plan->room, outputs * sizeof *d);
        uint16_t *w = arena_carve(arena, bf16_weight_elements(link->outputs, link->inputs), sizeof *w);
        if (!plan->steps) continue;
        plan->steps[s].x16 = x;
        plan->steps[s].d16 = d;
        plan->steps[s].w16 = w;
    }
}

static void carve_panels(struct plan *plan, struct arena *arena) {
    bool wanted = plan->schedule == BY_LAYERS && plan->use == PLAN_TRAIN;
    for (size_t s = 0; wanted && s < plan->step_count; s++) {
        const struct net_op *link = &plan->net->ops[s];
        if (link->op->kind != OP_DENSE) continue;
        void *x = carve_rows(arena, plan, size_round_up(link->inputs, PLAN_PANEL));
        void *d = carve_rows(arena, plan, size_round_up(link->outputs, PLAN_PANEL));
        if (!plan->steps) continue;
        plan->steps[s].x_panels = x;
        plan->steps[s].d_panels = d;
    }
}

/* Parts of a layer's outputs whose gradients are products of their own: one a thread. */
static size_t parts_of(const struct plan *plan, size_t outputs) {
    size_t most = product_most_parts(outputs);
    return plan->threads < most ? plan->threads : most;
}

static void carve_shares(struct plan *plan, struct arena *arena) {
    plan->shares = arena_carve(arena, plan->share_count, sizeof *plan->shares);
    for (size_t s = 0; plan->share_count > 0 && s < plan->step_count; s++) {
        const struct net_op *link = &plan->net->ops[s];
        if (link->op->kind != OP_DENSE) continue;
        size_t parts = parts_of(plan, link->outputs);
        void *d = NULL;
        if (parts > 1) d = arena_carve(arena, plan->room, lane_round_up(link->outputs) * sizeof(float));
        if (!plan->steps) continue;
        plan->steps[s].parts = parts;
        plan->steps[s].d_parts = d;
    }
}

/* Part by part, each with as many shares, although some are empty: so workers_run gives a thread one part of
 * all layers. */
static void fill_shares(struct plan *plan) {
    struct plan_share *share = plan->shares;
    for (size_t part = 0; part < plan->threads; part++)
        for (size_t s = 0; plan->share_count > 0 && s < plan->step_count; s++) {
            size_t parts = plan->steps[s].parts, outputs = plan->steps[s].link->outputs;
            if (plan->steps[s].link->op->kind != OP_DENSE) continue;
            *share = (struct plan_share){.step = s, .part = part};
            if (part < parts) {
                share->first_output = product_part_begin(outputs, parts, part);
                share->last_output = product_part_begin(outputs, parts, part + 1);
            }
            share++;
        }
}

/* Whether threads share out the first layer's inputs: where most of the work is there, and the sums of parts
 * are small beside the weights. */
static bool inputs_worth_sharing(const struct plan *plan) {
    const struct net_op *first = net_dense(plan->net, 1);
    return plan->use == PLAN_TRAIN && plan->schedule == BY_ROWS &&
           workers_count(plan->context->workers) > 1 && dense_parts(first->inputs) > 1 &&
           (double)first->inputs * (double)first->outputs >= 0.5 * plan->products_per_row &&
           plan->capacity * (dense_parts(first->inputs) - 1) <= first->inputs;
}

static void carve_parts(struct plan *plan, struct arena *arena) {
    size_t parts = dense_parts(plan->net->inputs), element = plan->verbs->element_size;
    size_t width = lane_round_up(net_dense(plan->net, 1)->outputs);
    plan->part_x = arena_carve(arena, parts - 1, plan->capacity * plan->input_stride * element);
    plan->part_sums = arena_carve(arena, parts - 1, plan->capacity * width * element);
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
    plan->weights = arena_carve(arena, plan->capacity, sizeof *plan->weights);
    carve_steps(plan, arena);
    if (plan->use == PLAN_TRAIN) {
        plan->gradients = arena_carve_beside(arena, net->block_count, element, net->parameters, 1);
        plan->scratch_bytes = size_round_up(PACKED_INPUTS * largest_stride(net) * element, MEMORY_ALIGNMENT);
    }
    plan->parameters =
        plan->precision == PRECISION_F32 ? net->parameters : arena_carve(arena, net->block_count, element);
    carve_panels(plan, arena);
    carve_bf16(plan, arena);
    carve_shares(plan, arena);
    plan->scratch = arena_carve(arena, workers_count(plan->context->workers), plan->scratch_bytes);
    if (inputs_worth_sharing(plan)) carve_parts(plan, arena);
    if (made) *made = *plan;
    return made;
}

/* -- what is chosen -- */

/* Multiplications of a batch and neurons of a layer from which on it is quicker to go layer by layer. */
static const double WORK_OF_LAYERS = 3e7;
enum { NEURONS_OF_LAYERS = 64 };

static bool is_large(const struct plan *plan) {
    size_t widest = 0;
    for (size_t l = 1; l <= plan->net->layers; l++)
        if (net_dense(plan->net, l)->outputs > widest) widest = net_dense(plan->net, l)->outputs;
    return plan->precision == PRECISION_F32 && widest >= NEURONS_OF_LAYERS &&
           plan->products_per_row * (double)plan->capacity >= WORK_OF_LAYERS;
}

static bool worth_preparing(const struct plan *plan) {
    return plan->context->engine->products && (plan->bf16 || is_large(plan));
}

/* How products share out the rows: not in fewer than this, which would leave their tiles half empty. */
enum { LEAST_SHARE_ROWS = 16 };

static void choose_shares(struct plan *plan) {
    plan->room = plan->capacity;
    if (!worth_preparing(plan)) return;
    plan->threads = workers_for(plan->context->workers, plan->products_per_row * (double)plan->capacity);
    size_t shares =
        plan->capacity / LEAST_SHARE_ROWS < plan->threads ? plan->capacity / LEAST_SHARE_ROWS : plan->threads;
    if (shares < 1) shares = 1;
    plan->share_rows = plan->capacity / shares + (plan->capacity % shares != 0);
    if (!size_multiply(&plan->room, shares, plan->share_rows)) plan->room = SIZE_MAX;
    if (plan->use == PLAN_TRAIN) plan->share_count = plan->threads * plan->net->layers;
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
        .bf16 = precision == PRECISION_F32 && context->precision == NUDGE_PRECISION_BF16,
        .step_count = net->op_count,
        .input_stride = lane_round_up(net->inputs),
        .output_stride = lane_round_up(net->outputs),
    };
    for (size_t l = 1; l <= net->layers; l++)
        plan.products_per_row += (double)net_dense(net, l)->inputs * (double)net_dense(net, l)->outputs;
    choose_shares(&plan);
    if (plan.threads == 0 && is_large(&plan)) plan.schedule = BY_LAYERS;
    plan.task_count = count_tasks(&plan);
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
    fill_shares(plan);
    plan_load_parameters(plan);
    return plan;
}

void plan_load_parameters(struct plan *plan) {
    if (plan->precision == PRECISION_F32) return;
    double *to = plan->parameters;
    for (size_t i = 0; i < plan->net->block_count; i++) to[i] = (double)plan->net->parameters[i];
}

/* -- prepared products -- */

static nudge_status create_product(struct plan *plan, size_t s, bool bf16, nudge_error *error) {
    struct plan_step *step = &plan->steps[s];
    const struct net_op *link = step->link;
    float *parameters = plan->parameters;
    bool train = plan->use == PLAN_TRAIN;
    struct product_request request = {
        .share = plan->share_rows,
        .rows = plan->capacity,
        .inputs = link->inputs,
        .outputs = link->outputs,
        .parts = train ? step->parts : 1,
        .workers = plan->threads,
        .bf16 = bf16,
        .train = train,
        .data = train && s > 0,
        .w = bf16 ? (const void *)step->w16 : parameters + link->weight,
        .b = parameters + link->bias,
    };
    step->bf16 = bf16;
    return plan->context->engine->products->create(&plan->context->allocator, &request, &step->product,
                                                   error);
}

static nudge_status prepare_step(struct plan *plan, size_t s, nudge_error *error) {
    struct plan_step *step = &plan->steps[s];
    const struct product_verbs *verbs = plan->context->engine->products;
    size_t parts = step->parts;
    nudge_status status = create_product(plan, s, plan->bf16, error);
    /* oneDNN on AMX lays out parts of a single panel in another way. Fewer, larger ones cost threads, but no
     * bit changes. */
    while (status == NUDGE_UNSUPPORTED && plan->bf16 && step->parts > 1) {
        step->parts--;
        status = create_product(plan, s, true, error);
    }
    if (status == NUDGE_UNSUPPORTED && plan->bf16) {
        step->parts = parts;
        status = create_product(plan, s, false, error);
    }
    if (status) return status;
    if (step->parts == 1) step->d_parts = NULL;
    step->w16_inputs = verbs->weight_inputs(step->product);
    size_t bytes = size_round_up(verbs->scratch_bytes(step->product), MEMORY_ALIGNMENT);
    if (bytes > plan->product_bytes) plan->product_bytes = bytes;
    return NUDGE_OK;
}

/* Bytes of the largest share's gradients, its biases behind the weights. */
static size_t largest_share(const struct plan *plan) {
    size_t largest = 0;
    for (size_t i = 0; i < plan->share_count; i++) {
        const struct plan_share *share = &plan->shares[i];
        const struct net_op *link = plan->steps[share->step].link;
        size_t outputs = share->last_output - share->first_output,
               rows = size_round_up(outputs, weight_panel(link->outputs)),
               bytes = (rows * lane_round_up(link->inputs) + outputs) * sizeof(float);
        if (bytes > largest) largest = bytes;
    }
    return size_round_up(largest, MEMORY_ALIGNMENT);
}

static nudge_status get_product_memory(struct plan *plan, bool portions, nudge_error *error) {
    plan->portion_bytes = portions ? largest_share(plan) : 0;
    size_t bytes = plan->threads * (plan->product_bytes + plan->portion_bytes);
    if (bytes == 0) return NUDGE_OK;
    plan->product_memory = memory_get(&plan->context->allocator, bytes);
    return plan->product_memory ? NUDGE_OK : error_no_memory(error, bytes, "the products' scratch memory");
}

/* Which layers of a bf16 plan are multiplied in f32, if any are. */
static void remark_f32(const struct plan *plan) {
    char layers[256], sentence[1024];
    size_t used = 0, count = 0;
    for (size_t l = 1; l <= plan->net->layers; l++)
        if (!plan->prepared || !plan_dense(plan, l)->bf16) {
            used = text_append(layers, sizeof layers, used, "%s%zu", count ? ", " : "", l);
            count++;
        }
    if (count == 0 || !plan->context->on_remark) return;
    if (used >= sizeof layers) text_append(layers, sizeof layers, 0, "1 to %zu", plan->net->layers);
    text_append(sentence, sizeof sentence, 0,
                "precision bf16: the engine has nothing in bf16 for layer%s %s of %zu -> %s on this "
                "CPU: multiplied in f32",
                count > 1 ? "s" : "", layers, plan->net->inputs, plan->net->text);
    plan->context->on_remark(plan->context->user, sentence);
}

nudge_status plan_prepare(struct plan *plan, bool portions, nudge_error *error) {
    if (plan->threads == 0) return NUDGE_OK;
    nudge_error reason = {0};
    nudge_status status = NUDGE_OK;
    for (size_t s = 0; !status && s < plan->step_count; s++)
        if (plan->steps[s].link->op->kind == OP_DENSE) status = prepare_step(plan, s, &reason);
    fill_shares(plan);
    if (!status) status = get_product_memory(plan, portions, &reason);
    plan->prepared = !status;
    plan->version = plan->net->version - 1;
    if (status) plan_release(plan);
    if (plan->bf16 && (!status || status == NUDGE_UNSUPPORTED)) remark_f32(plan);
    if (!status || status == NUDGE_UNSUPPORTED) return NUDGE_OK;
    return error_set(error, status, "%s: %s", plan->net->text, reason.message);
}

void plan_release(struct plan *plan) {
    if (!plan) return;
    memory_release(&plan->context->allocator, plan->product_memory,
                   plan->threads * (plan->product_bytes + plan->portion_bytes));
    plan->product_memory = NULL;
    plan->prepared = false;
    for (size_t s = 0; s < plan->step_count; s++) {
        plan->steps[s].bf16 = false;
        if (!plan->steps[s].product) continue;
        plan->context->engine->products->release(plan->steps[s].product);
        plan->steps[s].product = NULL;
    }
}

void plan_load_bf16_share(const struct plan *plan, const struct plan_task *task) {
    const struct plan_step *step = &plan->steps[task->step];
    const struct net_op *link = step->link;
    if (!step->bf16) return;
    size_t panel = weight_panel(link->outputs);
    const float *w = (const float *)plan->parameters + link->weight;
    plan->verbs->pair_to_bf16(step->w16 + task->output * step->w16_inputs + task->first * panel,
                              w + task->output * lane_round_up(link->inputs) + task->first * panel,
                              task->last - task->first, panel);
}

void plan_load_bf16(struct plan *plan) {
    if (!plan->bf16 || plan->version == plan->net->version) return;
    plan->version = plan->net->version;
    for (size_t s = 0; s < plan->step_count; s++) {
        const struct net_op *link = plan->steps[s].link;
        if (link->op->kind != OP_DENSE) continue;
        for (size_t output = 0; output < link->outputs; output += weight_panel(link->outputs))
            plan_load_bf16_share(plan, &(struct plan_task){s, output, 0, link->inputs});
    }
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
