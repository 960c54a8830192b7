/* The walks layer by layer, as large networks take them: a product of the whole batch, in which all threads
 * work on one layer's weights, then the ops after it, shared out by rows. Invariant: products always compute
 * as many rows as the plan holds. Rows that the batch does not have are there as zeros in x and in δ, so that
 * they add nothing. */
#include "net/walk_layers.h"

#include "base/parallel.h"
#include "engine/product.h"

#include <string.h>

/* Rows of a share: few enough to balance, many enough to be worth a call. */
enum { LEAST_SHARE = 8 };

/* What an element of an activation's passes or of the batch costs, in multiplications: for the decision how
 * many threads are worth it. */
static const double WORK_PER_ELEMENT = 24, WORK_PER_INPUT = 8;

enum { FORWARD = 1, BACKWARD = 2 };

struct layer_walk {
    struct plan *plan;
    size_t rows, share;
    const struct walk_batch *batch;
    const struct walk_cost *cost;
    size_t s; /* the activation that is next */
    int directions;
};

bool walk_goes_by_layers(const struct plan *plan, size_t rows) {
    return plan->by_layers && (plan->bf16 || plan->use == PLAN_TRAIN || rows * 4 >= plan->capacity);
}

/* Row `row` of a buffer of the plan's numbers, or of its bf16 copies. */
static void *row_of(const void *buffer, size_t row, size_t stride) {
    return (float *)buffer + row * stride;
}
static uint16_t *row16_of(uint16_t *buffer, size_t row, size_t stride) {
    return buffer + row * stride;
}

/* -- the ops between two products -- */

static void to_bf16(const struct plan *plan, uint16_t *copy, const void *numbers, size_t stride, size_t first,
                    size_t rows) {
    plan->verbs->convert_to_bf16(row16_of(copy, first, stride), row_of(numbers, first, stride),
                                 rows * stride);
}

static void forward_share(const struct layer_walk *walk, size_t first, size_t rows) {
    struct plan *plan = walk->plan;
    const struct plan_step *step = &plan->steps[walk->s];
    struct op_call call = walk_call(plan, step, first, rows);
    step->kernel->forward(&call);
    /* Sums of the next product run over padding, too: there it must be zero. */
    size_t width = step->link->outputs, stride = step->output_stride;
    for (size_t r = first; width < stride && r < first + rows; r++)
        memset((float *)row_of(step->y, r, stride) + width, 0, (stride - width) * sizeof(float));
    if (plan->bf16 && walk->s + 1 < plan->step_count)
        to_bf16(plan, step[1].x16, step->y, step->output_stride, first, rows);
}

static void backward_share(const struct layer_walk *walk, size_t first, size_t rows) {
    struct plan *plan = walk->plan;
    const struct plan_step *step = &plan->steps[walk->s];
    bool last = walk->s + 1 == plan->step_count;
    if (last) walk->cost->backward(plan, walk->cost->cost, first, rows);
    if (!last || !walk->cost->fused) {
        struct op_call call = walk_call(plan, step, first, rows);
        call.d = row_of(step->d, first, step->output_stride);
        step->kernel->backward(&call);
    }
    if (plan->bf16) to_bf16(plan, step[-1].d16, step->d, step->output_stride, first, rows);
}

static void between_products(void *argument, size_t index, unsigned worker) {
    (void)worker;
    const struct layer_walk *walk = argument;
    size_t first = index * walk->share, rest = walk->rows - first;
    size_t rows = rest < walk->share ? rest : walk->share;
    if (walk->directions & FORWARD) forward_share(walk, first, rows);
    if ((walk->directions & FORWARD) && walk->s + 1 == walk->plan->step_count && walk->cost)
        walk->cost->forward(walk->plan, walk->cost->cost, first, rows);
    if (walk->directions & BACKWARD) backward_share(walk, first, rows);
}

/* The activation after a product, in shares of rows. */
static void run_between(struct layer_walk *walk, size_t s, int directions) {
    struct workers *workers = walk->plan->context->workers;
    size_t threads = workers_count(workers);
    walk->s = s;
    walk->directions = directions;
    walk->share = (walk->rows + threads - 1) / threads;
    if (walk->share < LEAST_SHARE) walk->share = LEAST_SHARE;
    double work = WORK_PER_ELEMENT * (double)walk->rows * (double)walk->plan->steps[s].output_stride;
    parallel_for_team(workers, (walk->rows + walk->share - 1) / walk->share, work, between_products, walk);
}

static void input_share(void *argument, size_t index, unsigned worker) {
    (void)worker;
    const struct layer_walk *walk = argument;
    struct plan *plan = walk->plan;
    size_t first = index * walk->share, rest = walk->rows - first;
    size_t rows = rest < walk->share ? rest : walk->share;
    if (walk->batch)
        walk->batch->gather(walk->batch->argument, plan, plan->x, first, rows, 0, plan->net->inputs);
    if (plan->bf16) to_bf16(plan, plan->steps[0].x16, plan->x, plan->input_stride, first, rows);
}

/* The batch, and its copy in bf16. */
static void run_input(struct layer_walk *walk) {
    struct plan *plan = walk->plan;
    if (!walk->batch && !plan->bf16) return;
    size_t threads = workers_count(plan->context->workers);
    walk->share = (walk->rows + threads - 1) / threads;
    double work = WORK_PER_INPUT * (double)walk->rows * (double)plan->input_stride;
    parallel_for_team(plan->context->workers, (walk->rows + walk->share - 1) / walk->share, work, input_share,
                      walk);
}

/* -- rows that are not there -- */

static void clear_rows(const struct plan *plan, void *numbers, uint16_t *copy, size_t stride, size_t first) {
    size_t rows = plan->capacity - first;
    if (rows == 0) return;
    memset(row_of(numbers, first, stride), 0, rows * stride * sizeof(float));
    if (plan->bf16) memset(row16_of(copy, first, stride), 0, rows * stride * sizeof(uint16_t));
}

/* -- the walks -- */

static void walk_forward_layers(struct layer_walk *walk, bool backward) {
    struct plan *plan = walk->plan;
    const struct product_verbs *products = plan->context->engine->products;
    clear_rows(plan, plan->x, plan->steps[0].x16, plan->input_stride, walk->rows);
    plan_load_bf16(plan);
    run_input(walk);
    for (size_t s = 0; s < plan->step_count; s += 2) {
        products->forward(plan->steps[s].product);
        bool last = s + 2 == plan->step_count;
        run_between(walk, s + 1, last && backward ? FORWARD | BACKWARD : FORWARD);
    }
}

void walk_layers(struct plan *plan, size_t rows, const struct walk_batch *batch, const struct walk_cost *cost,
                 bool forward, bool backward) {
    struct layer_walk walk = {.plan = plan, .rows = rows, .batch = batch, .cost = cost};
    size_t last = plan->step_count - 1;
    if (forward)
        walk_forward_layers(&walk, backward);
    else
        run_between(&walk, last, BACKWARD);
    if (!backward) return;
    clear_rows(plan, plan->steps[last].d, plan->steps[last - 1].d16, plan->output_stride, rows);
    walk.rows = plan->capacity; /* zeros stay zeros */
    for (size_t s = last - 1; s > 0; s -= 2) {
        plan->context->engine->products->backward_data(plan->steps[s].product);
        run_between(&walk, s - 1, BACKWARD);
    }
}

void walk_layer_gradients(struct plan *plan, size_t s, void *dw, void *db) {
    plan->context->engine->products->backward_weights(plan->steps[s].product, dw, db);
}
