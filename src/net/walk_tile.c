/* What is done to one tile, rows x neurons of a layer: forward x [rows][inputs] and w give z and a [rows][outputs]; backward
 * d [rows][outputs] and w give the d [rows][inputs] of the layer before. Of a product a tile has some of the neurons that are
 * written and all that are read. In bf16 a tile's outputs are also copied for the products that will read them.
 * Invariant: an element is computed whole by one task; tiles cannot change a bit. */
#include "net/walk_tile.h"

#include <string.h>

static unsigned char *at(const struct plan *plan, const void *buffer, size_t element) {
    return (unsigned char *)buffer + element * plan->verbs->element_size;
}

/* Columns of the tile in rows of so many neurons. */
static size_t columns_of(const struct tile *tile, size_t neurons) {
    return tile->columns < neurons - tile->column ? tile->columns : neurons - tile->column;
}

struct op_call walk_call(const struct plan *plan, const struct plan_step *step, size_t first, size_t rows) {
    const struct net_op *link = step->link;
    struct op_call call; /* without zeros for what only some ops have: they took 4 % of predicting one row */
    call.engine = plan->verbs;
    call.rows = rows;
    call.columns = step->output_stride;
    call.inputs = link->inputs;
    call.outputs = link->outputs;
    call.input_stride = step->input_stride;
    call.output_stride = step->output_stride;
    call.elements = rows * step->output_stride;
    call.first_row = plan->step_row + first;
    call.first_column = 0;
    call.layer = link->layer;
    call.values = link->values;
    call.training = plan_trains(plan);
    call.seed = plan->seed;
    call.step = plan->step;
    call.x = at(plan, step->x, first * step->input_pitch);
    call.y = at(plan, step->y, first * step->output_pitch);
    call.d = step->d ? at(plan, step->d, first * step->output_stride) : NULL;
    call.dx = call.scratch = call.kept[0] = NULL;
    call.accumulate = false;
    for (size_t t = 0; t < link->op->tensor_count; t++)
        call.tensors[t] = at(plan, plan->parameters, link->place[t]);
    for (size_t k = 0; step->kept && k < link->op->kept; k++)
        call.kept[k] = at(plan, step->kept, k * step->output_stride);
    return call;
}

/* Any op but dense, on a tile of its outputs, padding included. */
static void run_op(const struct plan *plan, const struct plan_step *step, const struct tile *tile,
                   void (*run)(const struct op_call *call)) {
    struct op_call call = walk_call(plan, step, tile->row, tile->rows);
    size_t columns = columns_of(tile, call.outputs), row = call.output_stride * plan->verbs->element_size;
    bool activation = step->link->op->kind == OP_ACTIVATION;
    if (tile->column + columns == call.outputs)
        columns = (activation ? call.output_stride : lane_round_up(call.outputs)) - tile->column;
    call.columns = columns;
    call.elements = tile->rows * columns;
    call.first_column = tile->column;
    call.x = at(plan, call.x, tile->column);
    call.y = at(plan, call.y, tile->column);
    if (call.d) call.d = at(plan, call.d, tile->column);
    for (size_t t = 0; t < step->link->op->tensor_count; t++)
        call.tensors[t] = at(plan, call.tensors[t], tile->column);
    for (size_t k = 0; call.kept[0] && k < step->link->op->kept; k++)
        call.kept[k] = at(plan, call.kept[k], tile->column);
    if (columns == call.output_stride || !activation) {
        run(&call);
        return;
    }
    /* An activation takes numbers without a gap. */
    call.rows = 1;
    call.elements = columns;
    for (size_t r = 0; r < tile->rows; r++) {
        run(&call);
        call.x = (const unsigned char *)call.x + row;
        call.y = (unsigned char *)call.y + row;
        if (call.d) call.d = (unsigned char *)call.d + row;
    }
}

/* -- copies of a tile for the products that will read it -- */

/* Rows from the last one of the batch up to whole BF16_TERMS: sums of gradients run over them. */
static size_t rows_beyond(const struct tile *tile) {
    size_t end = tile->row + tile->rows;
    return end == tile->all_rows ? bf16_round_up(end) - size_round_up(end, 2) : 0;
}

/* What the dense op `step` reads as x. */
void tile_put_x(const struct plan *plan, const struct plan_step *step, const struct tile *tile) {
    size_t stride = step->input_stride, beyond = rows_beyond(tile);
    size_t count = lane_round_up(columns_of(tile, step->link->inputs)),
           wide = bf16_round_up(step->link->inputs);
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
void tile_put_d(const struct plan *plan, const struct plan_step *step, const struct tile *tile) {
    size_t stride = step->output_stride, beyond = rows_beyond(tile);
    size_t end = lane_round_up(tile->column + columns_of(tile, step->link->outputs)),
           wide = bf16_round_up(step->link->outputs);
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
    size_t end = tile->column + columns_of(tile, call.outputs), panel = weight_panel(call.outputs);
    if (!plan->bf16) {
        struct dense_shape shape = {call.inputs, call.outputs, call.input_stride, call.output_stride};
        plan->verbs->dense_forward(&shape, call.rows, call.y, call.x, call.tensors[DENSE_WEIGHT],
                                   call.tensors[DENSE_BIAS], tile->column, end);
        return;
    }
    size_t terms = bf16_round_up(call.inputs), outputs = lane_round_up(call.outputs);
    plan->bf16->begin();
    for (size_t o = tile->column; o < end; o += panel)
        plan->bf16->product(&(struct bf16_product){
            .c = (float *)call.y + o,
            .c_stride = call.output_stride,
            .a = step->x16 + tile->row * terms,
            .a_stride = terms,
            .b = step->w16 + o * terms,
            .panel = panel,
            .rows = call.rows,
            .columns = outputs - o < panel ? outputs - o : panel,
            .terms = terms,
            .start = BF16_ROW,
            .row = (const float *)call.tensors[DENSE_BIAS] + o,
        });
    plan->bf16->end();
}

static void multiply_backward(const struct plan *plan, const struct plan_step *step, const struct tile *tile,
                              void *scratch) {
    struct op_call call = walk_call(plan, step, tile->row, tile->rows);
    const void *w = call.tensors[DENSE_WEIGHT];
    void *d = call.d, *dx = at(plan, step[-1].d, tile->row * step->input_stride);
    if (!plan->bf16) {
        struct dense_shape shape = {call.inputs, call.outputs, call.input_stride, call.output_stride};
        plan->verbs->dense_backward_data(&shape, call.rows, dx, d, w, tile->column,
                                         tile->column + columns_of(tile, call.inputs), scratch);
        return;
    }
    size_t terms = bf16_round_up(call.outputs), outputs = lane_round_up(call.outputs),
           panel = weight_panel(call.outputs), count = lane_round_up(columns_of(tile, call.inputs));
    uint16_t *packed = scratch;
    for (size_t o = 0; o < outputs; o += panel)
        plan->copies->turn(packed + o * PLAN_PANEL, PLAN_PANEL,
                           step->w16 + o * bf16_round_up(call.inputs) + tile->column * panel, panel, count,
                           outputs - o < panel ? outputs - o : panel);
    memset(packed + outputs * PLAN_PANEL, 0, (terms - outputs) * PLAN_PANEL * sizeof *packed);
    plan->bf16->begin();
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
    plan->bf16->end();
}

void tile_weights_bf16(const struct plan *plan, size_t rows, const struct plan_task *task, void *dw,
                       bool accumulate) {
    const struct plan_step *step = &plan->steps[task->step];
    size_t panel = weight_panel(step->link->outputs),
           rest = lane_round_up(step->link->outputs) - task->output;
    plan->bf16->product(&(struct bf16_product){
        .c = dw,
        .c_stride = panel,
        .a = step->x16_columns + task->first * plan->room,
        .a_stride = plan->room,
        .b = step->d16_pairs + plan_panel_place(plan, task->output, 0) + 2 * (task->output % PLAN_PANEL),
        .panel = PLAN_PANEL,
        .rows = task->last - task->first,
        .columns = rest < panel ? rest : panel,
        .terms = bf16_round_up(rows),
        .start = accumulate ? BF16_C : BF16_ZERO,
    });
}

void tile_forward(const struct plan *plan, size_t s, const struct tile *tile) {
    const struct plan_step *step = &plan->steps[s];
    if (plan_is_dense(step))
        multiply_forward(plan, step, tile);
    else
        run_op(plan, step, tile, step->kernel->forward);
}

void tile_backward(const struct plan *plan, size_t s, const struct tile *tile, void *scratch) {
    const struct plan_step *step = &plan->steps[s];
    if (plan_is_dense(step))
        multiply_backward(plan, step, tile, scratch);
    else
        run_op(plan, step, tile, step->kernel->backward);
}
