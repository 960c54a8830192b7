/* Large layers: all threads go through the network together, one phase after the other. A phase is a list of tasks
 * that any thread may take, and ends when all are done: tiles of rows x neurons for the dense ops, each followed
 * by the activation while the tile is in the cache; shares of the rows for the batch, the cost and activations that
 * look at a whole row.
 *
 *     gather | z1 a1 | z2 a2 | .. | z_L | a_L, cost, δ_L | d_{L-1} δ_{L-1} | .. | δ_1
 *
 * So a weight is read by as few threads as there are tiles of rows, and a layer is shared among as many threads as
 * there are tiles. Invariant: an element is computed whole by one task; tiles cannot change a bit. */
#include "net/walk_layers.h"

#include "base/parallel.h"

#include <string.h>

/* Tasks that a thread should find in a phase, so that all are done at about the same time; rows below which tiles of
 * the engine's kernels are half empty, and above which a tile's inputs leave the cache. */
enum { TASKS_PER_THREAD = 4, LEAST_ROWS = 24, MOST_ROWS = 128, ROWS_MULTIPLE = 12 };

/* Numbers of x that stay in a core's cache beside a panel of weights: 1 MiB. */
enum { MOST_NUMBERS_KEPT = 1 << 18 };

struct phase {
    struct plan *plan;
    const struct walk_batch *batch;
    const struct walk_cost *cost;
    size_t rows, first_step; /* the op's, or the first op's */
    bool forward, backward;
    size_t columns, tile_columns, across; /* so many tiles side by side */
    size_t most_rows, tile_rows, blocks;  /* rows of a tile, at most and chosen; tiles one below the other */
    bool across_first; /* tiles of the same rows follow each other; else those of the same columns do */
};

static unsigned char *at(const struct plan *plan, const void *buffer, size_t element) {
    return (unsigned char *)buffer + element * plan->verbs->element_size;
}

/* Cuts rows x columns into tiles and has them computed. `work`: multiplications a row. */
static void run_phase(struct phase phase, double work, parallel_task *task) {
    struct workers *workers = phase.plan->context->workers;
    double all = work * (double)phase.rows;
    size_t threads = workers_for(workers, all), wanted = threads > 1 ? TASKS_PER_THREAD * threads : 1;
    phase.across = (phase.columns + phase.tile_columns - 1) / phase.tile_columns;
    size_t blocks = (wanted + phase.across - 1) / phase.across;
    size_t least = (phase.rows - 1) / phase.most_rows + 1;
    if (blocks > phase.rows / LEAST_ROWS) blocks = phase.rows / LEAST_ROWS;
    if (blocks < least) blocks = least;
    phase.tile_rows =
        size_round_up((phase.rows + blocks - 1) / blocks, phase.plan->bf16 ? BF16_TERMS : ROWS_MULTIPLE);
    phase.blocks = (phase.rows + phase.tile_rows - 1) / phase.tile_rows;
    parallel_for(workers, phase.across * phase.blocks, all, task, &phase);
}

struct tile {
    size_t row, rows, column, columns;
};

static struct tile tile_of(const struct phase *phase, size_t index) {
    size_t block = phase->across_first ? index / phase->across : index % phase->blocks;
    size_t column = phase->across_first ? index % phase->across : index / phase->blocks;
    struct tile tile = {.row = block * phase->tile_rows, .column = column * phase->tile_columns};
    tile.rows = phase->rows - tile.row < phase->tile_rows ? phase->rows - tile.row : phase->tile_rows;
    size_t rest = phase->columns - tile.column;
    tile.columns = rest < phase->tile_columns ? rest : phase->tile_columns;
    return tile;
}

/* An element-wise op on a tile of its outputs, padding included. */
static void run_on_tile(const struct plan *plan, const struct plan_step *step, const struct tile *tile,
                        void (*run)(const struct op_call *call)) {
    struct op_call call = walk_call(plan, step, tile->row, 1);
    size_t stride = step->output_stride, place = tile->row * stride + tile->column;
    call.elements =
        tile->column + tile->columns < step->link->outputs ? tile->columns : stride - tile->column;
    if (call.elements == stride) {
        call.rows = tile->rows;
        call.elements = tile->rows * stride;
    }
    for (size_t r = 0; r < tile->rows; r += call.rows, place += call.rows * stride) {
        call.x = at(plan, step->x, place);
        call.y = at(plan, step->y, place);
        call.d = step->d ? at(plan, step->d, place) : NULL;
        run(&call);
    }
}

/* -- copies of a tile for the products that will read it -- */

static void put_in_panels(const struct plan *plan, void *panels, const void *from, size_t stride,
                          const struct tile *tile) {
    for (size_t column = tile->column; panels && column < tile->column + tile->columns;
         column += PLAN_PANEL) {
        size_t rest = stride - column, width = rest < PLAN_PANEL ? rest : PLAN_PANEL;
        for (size_t r = tile->row; r < tile->row + tile->rows; r++)
            memcpy(at(plan, panels, plan_panel_place(plan, column, r)), at(plan, from, r * stride + column),
                   width * plan->verbs->element_size);
    }
}

/* Rows from the last one of the batch up to whole BF16_TERMS: sums of gradients run over them. */
static size_t rows_beyond(const struct phase *phase, const struct tile *tile) {
    size_t end = tile->row + tile->rows;
    return end == phase->rows ? bf16_round_up(end) - size_round_up(end, 2) : 0;
}

/* What the dense op `step` reads as x. */
static void put_x(const struct phase *phase, const struct plan_step *step, const struct tile *tile) {
    const struct plan *plan = phase->plan;
    size_t stride = step->input_stride, beyond = rows_beyond(phase, tile);
    put_in_panels(plan, step->x_panels, step->x, stride, tile);
    if (!plan->bf16) return;
    size_t count = lane_round_up(tile->columns), wide = bf16_round_up(step->link->inputs);
    const float *x = (const float *)step->x + tile->row * stride + tile->column;
    plan->copies->rows(step->x16 + tile->row * wide + tile->column, wide, x, stride, tile->rows, count);
    if (!step->x16_columns) return;
    uint16_t *columns = step->x16_columns + tile->column * plan->room + tile->row;
    plan->copies->columns(columns, plan->room, x, stride, tile->rows, count);
    for (size_t i = 0; beyond > 0 && i < count; i++)
        memset(columns + i * plan->room + size_round_up(tile->rows, 2), 0, beyond * sizeof *columns);
    /* Padding must not reach the gradients. */
    for (size_t i = tile->column; i < tile->column + count; i++)
        if (i >= step->link->inputs)
            memset(step->x16_columns + i * plan->room + tile->row, 0, tile->rows * sizeof *columns);
}

/* What it reads as d. */
static void put_d(const struct phase *phase, const struct plan_step *step, const struct tile *tile) {
    const struct plan *plan = phase->plan;
    size_t stride = step->output_stride, beyond = rows_beyond(phase, tile);
    put_in_panels(plan, step->d_panels, step->d, stride, tile);
    if (!plan->bf16) return;
    size_t end = lane_round_up(tile->column + tile->columns), wide = bf16_round_up(step->link->outputs);
    const float *d = (const float *)step->d + tile->row * stride;
    plan->copies->rows(step->d16 + tile->row * wide + tile->column, wide, d + tile->column, stride,
                       tile->rows, end - tile->column);
    for (size_t column = tile->column; column < end; column += PLAN_PANEL) {
        size_t width = end - column < PLAN_PANEL ? end - column : PLAN_PANEL;
        uint16_t *pairs = step->d16_pairs + plan_panel_place(plan, column, tile->row);
        plan->copies->pairs(pairs, PLAN_PANEL, d + column, stride, tile->rows, width);
        memset(pairs + size_round_up(tile->rows, 2) * PLAN_PANEL, 0, beyond * PLAN_PANEL * sizeof *pairs);
    }
}

/* -- products of a tile -- */

static void multiply_forward(const struct plan *plan, const struct plan_step *step, const struct tile *tile) {
    struct op_call call = walk_call(plan, step, tile->row, tile->rows);
    size_t end = tile->column + tile->columns, panel = weight_panel(call.outputs);
    if (!plan->bf16) {
        struct dense_shape shape = {call.inputs, call.outputs, call.input_stride, call.output_stride};
        plan->verbs->dense_forward(&shape, call.rows, call.y, call.x, call.w, call.b, tile->column, end);
        return;
    }
    size_t terms = bf16_round_up(call.inputs);
    for (size_t o = tile->column; o < end; o += panel)
        plan->bf16->product(&(struct bf16_product){
            .c = (float *)call.y + o,
            .c_stride = call.output_stride,
            .a = step->x16 + tile->row * terms,
            .a_stride = terms,
            .b = step->w16 + o * terms,
            .panel = panel,
            .rows = call.rows,
            .columns = call.output_stride - o < panel ? call.output_stride - o : panel,
            .terms = terms,
            .start = BF16_ROW,
            .row = (const float *)call.b + o,
        });
}

static void multiply_backward(const struct plan *plan, const struct plan_step *step, const struct tile *tile,
                              void *scratch) {
    struct op_call call = walk_call(plan, step, tile->row, tile->rows);
    void *d = at(plan, step->d, tile->row * step->output_stride),
         *dx = at(plan, step[-1].d, tile->row * step->input_stride);
    if (!plan->bf16) {
        struct dense_shape shape = {call.inputs, call.outputs, call.input_stride, call.output_stride};
        plan->verbs->dense_backward_data(&shape, call.rows, dx, d, call.w, tile->column,
                                         tile->column + tile->columns, scratch);
        return;
    }
    size_t terms = bf16_round_up(call.outputs), outputs = lane_round_up(call.outputs),
           panel = weight_panel(call.outputs), count = lane_round_up(tile->columns);
    uint16_t *packed = scratch;
    for (size_t o = 0; o < outputs; o += panel)
        plan->copies->pairs_of_columns(packed + o * PLAN_PANEL, PLAN_PANEL,
                                       (const float *)call.w + o * lane_round_up(call.inputs) +
                                           tile->column * panel,
                                       panel, count, outputs - o < panel ? outputs - o : panel);
    memset(packed + outputs * PLAN_PANEL, 0, (terms - outputs) * PLAN_PANEL * sizeof *packed);
    plan->bf16->product(&(struct bf16_product){
        .c = (float *)dx + tile->column,
        .c_stride = call.input_stride,
        .a = step->d16 + tile->row * terms,
        .a_stride = terms,
        .b = packed,
        .panel = PLAN_PANEL,
        .rows = call.rows,
        .columns = count,
        .terms = terms,
    });
}

void walk_layers_weights(const struct plan *plan, size_t rows, const struct plan_task *task, void *dw,
                         bool accumulate) {
    const struct plan_step *step = &plan->steps[task->step];
    const struct net_op *link = step->link;
    size_t panel = weight_panel(link->outputs), column = task->output % PLAN_PANEL;
    if (!plan->bf16) {
        struct dense_shape shape = {link->inputs, link->outputs, step->input_stride, step->output_stride};
        plan->verbs->dense_backward_weights(
            &shape, rows, dw, at(plan, step->d_panels, plan_panel_place(plan, task->output, 0) + column),
            PLAN_PANEL, at(plan, step->x_panels, plan_panel_place(plan, task->first, 0)), PLAN_PANEL,
            task->output, task->first, task->last, accumulate);
        return;
    }
    size_t rest = step->output_stride - task->output;
    plan->bf16->product(&(struct bf16_product){
        .c = (float *)dw + task->output * lane_round_up(link->inputs) + task->first * panel,
        .c_stride = panel,
        .a = step->x16_columns + task->first * plan->room,
        .a_stride = plan->room,
        .b = step->d16_pairs + plan_panel_place(plan, task->output, 0) + 2 * column,
        .panel = PLAN_PANEL,
        .rows = task->last - task->first,
        .columns = rest < panel ? rest : panel,
        .terms = bf16_round_up(rows),
        .start = accumulate ? BF16_C : BF16_ZERO,
    });
}

static bool is_element_wise(const struct plan_step *step) {
    return step->link->op->kind == OP_ACTIVATION && !step->link->op->by_row;
}

/* -- tasks -- */

static void gather(void *argument, size_t index, unsigned worker) {
    (void)worker;
    const struct phase *phase = argument;
    const struct plan *plan = phase->plan;
    struct tile tile = tile_of(phase, index);
    if (phase->batch)
        phase->batch->gather(phase->batch->argument, plan, plan->x, tile.row, tile.rows, 0,
                             plan->net->inputs);
    put_x(phase, &plan->steps[0], &tile);
}

/* z of a tile; and a, where that needs nothing else. */
static void dense_forward(void *argument, size_t index, unsigned worker) {
    (void)worker;
    const struct phase *phase = argument;
    const struct plan *plan = phase->plan;
    const struct plan_step *step = &plan->steps[phase->first_step], *next = step + 1;
    struct tile tile = tile_of(phase, index);
    multiply_forward(plan, step, &tile);
    if (!is_element_wise(next)) return;
    run_on_tile(plan, next, &tile, next->kernel->forward);
    if (next->link->layer < plan->net->layers) put_x(phase, next + 1, &tile);
}

/* An activation that looks at the whole row; in the last layer also the cost, and what follows from it. */
static void whole_rows(void *argument, size_t index, unsigned worker) {
    (void)worker;
    const struct phase *phase = argument;
    const struct plan *plan = phase->plan;
    const struct plan_step *step = &plan->steps[phase->first_step];
    struct tile tile = tile_of(phase, index);
    struct op_call call = walk_call(plan, step, tile.row, tile.rows);
    bool last = step->link->layer == plan->net->layers;
    call.d = step->d ? at(plan, step->d, tile.row * step->output_stride) : NULL;
    if (phase->forward) {
        if (!is_element_wise(step)) step->kernel->forward(&call);
        if (!last)
            put_x(phase, step + 1, &tile);
        else if (phase->cost)
            phase->cost->forward(plan, phase->cost->cost, tile.row, tile.rows);
    }
    if (!phase->backward) return;
    if (last) phase->cost->backward(plan, phase->cost->cost, tile.row, tile.rows);
    if (!last || !phase->cost->fused) step->kernel->backward(&call);
    put_d(phase, step - 1, &tile);
}

/* d of a tile of the layer's inputs, and δ of the layer before. */
static void dense_backward(void *argument, size_t index, unsigned worker) {
    const struct phase *phase = argument;
    const struct plan *plan = phase->plan;
    const struct plan_step *step = &plan->steps[phase->first_step], *before = step - 1;
    struct tile tile = tile_of(phase, index);
    multiply_backward(plan, step, &tile, plan->scratch + worker * plan->scratch_bytes);
    if (!is_element_wise(before)) return;
    run_on_tile(plan, before, &tile, before->kernel->backward);
    put_d(phase, before - 1, &tile);
}

/* -- phases -- */

/* Shares of the rows, for `neurons` of each. Their work is a guess that only decides whether threads are woken. */
static void run_rows(struct phase phase, size_t neurons, parallel_task *task) {
    phase.columns = phase.tile_columns = lane_round_up(neurons);
    phase.most_rows = MOST_ROWS;
    run_phase(phase, 8 * (double)neurons, task);
}

static double products_of(const struct plan_step *step) {
    return (double)step->link->inputs * (double)step->link->outputs;
}

/* A task reads its rows of x and the weights of its outputs. Where all rows together are too much for a core's cache,
 * the rows of one tile are kept there, else the weights. */
static void run_forward(struct phase phase, const struct plan_step *step) {
    phase.columns = step->link->outputs;
    phase.tile_columns = PLAN_PANEL;
    phase.most_rows = MOST_ROWS;
    phase.across_first = step->link->inputs > MOST_NUMBERS_KEPT / phase.rows;
    run_phase(phase, products_of(step), dense_forward);
}

/* Every task packs the weights of its inputs: the fewer rows, the more often. */
static void run_backward(struct phase phase, const struct plan_step *step) {
    phase.columns = step->link->inputs;
    phase.tile_columns = PLAN_PANEL;
    phase.most_rows = SIZE_MAX;
    run_phase(phase, products_of(step), dense_backward);
}

void walk_layers(struct plan *plan, size_t rows, const struct walk_batch *batch, const struct walk_cost *cost,
                 bool forward, bool backward) {
    struct phase phase = {.plan = plan, .batch = batch, .cost = cost, .rows = rows, .forward = forward};
    size_t last = plan->step_count - 1;
    if (rows == 0) return;
    if (forward) run_rows(phase, plan->net->inputs, gather);
    for (size_t s = 0; forward && s < last; s++) {
        const struct plan_step *step = &plan->steps[s];
        phase.first_step = s;
        if (step->link->op->kind == OP_DENSE)
            run_forward(phase, step);
        else if (!is_element_wise(step))
            run_rows(phase, step->link->outputs, whole_rows);
    }
    phase.first_step = last;
    phase.backward = backward;
    run_rows(phase, plan->net->outputs, whole_rows);
    phase.forward = false;
    for (size_t s = last; backward && s-- > 1;) {
        const struct plan_step *step = &plan->steps[s];
        phase.first_step = s;
        if (step->link->op->kind == OP_DENSE)
            run_backward(phase, step);
        else if (!is_element_wise(step))
            run_rows(phase, step->link->outputs, whole_rows);
    }
}
