/* The walks: phase after phase of the plan's schedule (plan.h), each cut into tiles that threads take. By rows a thread
 * takes its rows all the way forward and all the way back, as rows do not influence each other. By layers all threads go
 * through the network together, so that a weight is read by as few of them as there are tiles of rows, and a layer is
 * shared among as many as there are tiles. The first layer of a small network may go by inputs (walk_inputs.c).
 * Gradients, which sum over all rows, come afterwards: walk_gradients.c.
 * Invariant: how a sum is taken does not depend on the threads, so their number cannot change a bit. */
#include "net/walk.h"

#include "base/parallel.h"
#include "net/walk_inputs.h"
#include "net/walk_tile.h"

/* By rows: rows in a thread's share; fewer leave the engine's tiles half empty. */
enum { LEAST_SHARE = 4 };
/* By layers: tasks that a thread should find in a phase, so that all are done at about the same time; rows below which
 * the engine's tiles are half empty, and above which a tile's inputs leave the cache. */
enum { TASKS_PER_THREAD = 4, LEAST_ROWS = 24, MOST_ROWS = 128, ROWS_MULTIPLE = 12 };
/* Numbers of x that stay in a core's cache beside a panel of weights: 1 MiB. */
enum { MOST_NUMBERS_KEPT = 1 << 18 };

struct phase {
    const struct plan_phase *is;
    struct plan *plan;
    const struct walk_batch *batch;
    const struct walk_cost *cost;
    size_t rows;
    bool forward, backward;      /* what the walk does of it */
    bool by_inputs;              /* the first layer's sums are there, in parts */
    size_t tile_columns, across; /* so many tiles side by side */
    size_t tile_rows, blocks;    /* one below the other */
    bool across_first; /* tiles of the same rows follow each other; else those of the same columns do */
};

static struct tile tile_of(const struct phase *phase, size_t index) {
    size_t block = phase->across_first ? index / phase->across : index % phase->blocks;
    size_t column = phase->across_first ? index % phase->across : index / phase->blocks;
    struct tile tile = {.row = block * phase->tile_rows,
                        .column = column * phase->tile_columns,
                        .columns = phase->tile_columns,
                        .all_rows = phase->rows};
    tile.rows = phase->rows - tile.row < phase->tile_rows ? phase->rows - tile.row : phase->tile_rows;
    return tile;
}

static void forward(const struct phase *phase, const struct tile *tile) {
    const struct plan *plan = phase->plan;
    size_t s = phase->is->forward, end = phase->is->forward_end;
    if (phase->by_inputs)
        walk_inputs_sum(plan, tile->row, tile->rows), s++;
    else if (phase->is->gathers && phase->batch)
        phase->batch->gather(phase->batch->argument, plan, plan->x, tile->row, tile->rows, 0,
                             plan->net->inputs);
    for (; s < end; s++) tile_forward(plan, s, tile);
    if (plan->bf16 && end < plan->step_count && plan_is_dense(&plan->steps[end]))
        tile_put_x(plan, &plan->steps[end], tile);
    if (phase->is->costs && phase->cost) phase->cost->forward(plan, phase->cost->cost, tile->row, tile->rows);
}

static void backward(const struct phase *phase, const struct tile *tile, unsigned worker) {
    const struct plan *plan = phase->plan;
    size_t s = phase->is->backward, end = phase->is->backward_end;
    if (phase->is->costs) {
        phase->cost->backward(plan, phase->cost->cost, tile->row, tile->rows);
        if (phase->cost->fused) s--;
    }
    while (s-- > end) tile_backward(plan, s, tile, plan->scratch + worker * plan->scratch_bytes);
    if (plan->bf16 && plan_is_dense(&plan->steps[end - 1])) tile_put_d(plan, &plan->steps[end - 1], tile);
}

static void run_tile(void *argument, size_t index, unsigned worker) {
    const struct phase *phase = argument;
    struct tile tile = tile_of(phase, index);
    if (phase->forward) forward(phase, &tile);
    if (phase->backward) backward(phase, &tile, worker);
}

/* -- how a phase is cut -- */

/* Equal shares of the rows, one a thread. What is shared must be worth it. */
static void share_rows(struct phase *phase) {
    const struct plan *plan = phase->plan;
    struct workers *workers = plan->context->workers;
    const struct net_op *first = net_dense(plan->net, 1);
    double products = plan->products_per_row;
    if (phase->by_inputs) products -= (double)first->inputs * (double)first->outputs;
    double work = walk_work(plan, products, phase->rows);
    size_t threads = workers_for(workers, work);
    phase->tile_rows = (phase->rows + threads - 1) / threads;
    if (phase->tile_rows < LEAST_SHARE) phase->tile_rows = LEAST_SHARE;
    phase->blocks = (phase->rows + phase->tile_rows - 1) / phase->tile_rows;
    parallel_for(workers, phase->blocks, work, run_tile, phase);
}

/* `columns` side by side; `work`: multiplications a row. */
static void cut(struct phase *phase, size_t columns, size_t most_rows, double work) {
    const struct plan *plan = phase->plan;
    struct workers *workers = plan->context->workers;
    double all = work * (double)phase->rows;
    size_t threads = workers_for(workers, all), wanted = threads > 1 ? TASKS_PER_THREAD * threads : 1;
    phase->across =
        phase->tile_columns < columns ? (columns + phase->tile_columns - 1) / phase->tile_columns : 1;
    size_t blocks = (wanted + phase->across - 1) / phase->across, least = (phase->rows - 1) / most_rows + 1;
    if (blocks > phase->rows / LEAST_ROWS) blocks = phase->rows / LEAST_ROWS;
    if (blocks < least) blocks = least;
    phase->tile_rows =
        size_round_up((phase->rows + blocks - 1) / blocks, plan->bf16 ? BF16_TERMS : ROWS_MULTIPLE);
    if (phase->is->cut == CUT_COLUMNS) phase->tile_rows = phase->rows;
    phase->blocks = (phase->rows + phase->tile_rows - 1) / phase->tile_rows;
    parallel_for(workers, phase->across * phase->blocks, all, run_tile, phase);
}

/* A product's tile reads its rows and the weights of its columns. Forward, where all rows together are too much for a
 * core's cache, the rows of one tile are kept there, else the weights. Backward every tile packs its weights: the fewer
 * rows, the more often. The work of other phases is a guess that only decides whether threads are woken. */
static void run_phase(struct phase *phase) {
    const struct plan *plan = phase->plan;
    const struct plan_phase *is = phase->is;
    phase->tile_columns = SIZE_MAX;
    phase->across = 1;
    if (plan->schedule == BY_ROWS) {
        share_rows(phase);
        return;
    }
    bool is_forward = is->gathers || is->costs || is->forward < is->forward_end;
    const struct net_op *head = is->gathers || is->costs
                                    ? &plan->net->ops[0]
                                    : plan->steps[is_forward ? is->forward : is->backward - 1].link;
    size_t neurons = is->gathers ? plan->net->inputs : is->costs ? plan->net->outputs : head->outputs;
    if (is->cut != CUT_ROWS) phase->tile_columns = PLAN_PANEL;
    if (is->cut != CUT_TILES) {
        cut(phase, neurons, MOST_ROWS, 8 * (double)neurons);
        return;
    }
    phase->across_first = is_forward && head->inputs > MOST_NUMBERS_KEPT / phase->rows;
    cut(phase, is_forward ? head->outputs : head->inputs, is_forward ? MOST_ROWS : SIZE_MAX,
        (double)head->inputs * (double)head->outputs);
}

/* -- the walks -- */

static void walk(struct plan *plan, size_t rows, const struct walk_batch *batch, const struct walk_cost *cost,
                 bool forward, bool backward) {
    if (rows == 0) return;
    if (forward) plan->x_by_parts = false;
    bool by_inputs = forward && walk_goes_by_inputs(plan, rows);
    workers_begin(plan->context->workers, &plan->pace, forward ? rows : 0);
    plan_load_bf16(plan);
    if (by_inputs) walk_inputs(plan, rows, batch);
    for (size_t i = 0; i < plan->phase_count; i++) {
        const struct plan_phase *is = &plan->phases[i];
        struct phase phase = {
            .is = is, .plan = plan, .batch = batch, .cost = cost, .rows = rows, .by_inputs = by_inputs};
        phase.forward = forward && (is->gathers || is->costs || is->forward < is->forward_end);
        phase.backward = backward && (is->costs || is->backward > is->backward_end);
        if (phase.forward || phase.backward) run_phase(&phase);
    }
    workers_end(plan->context->workers, &plan->pace);
}

void walk_forward(struct plan *plan, size_t rows, const struct walk_batch *batch,
                  const struct walk_cost *cost) {
    walk(plan, rows, batch, cost, true, false);
}

void walk_deltas(struct plan *plan, size_t rows, const struct walk_batch *batch,
                 const struct walk_cost *cost) {
    walk(plan, rows, batch, cost, true, true);
}

void walk_backward(struct plan *plan, size_t rows, const struct walk_cost *cost, bool accumulate) {
    walk(plan, rows, NULL, cost, false, true);
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
