/* A plan is how a net runs: one precision, one engine, up to `capacity` rows at once. It is a layout (all buffers, in one
 * block of memory) and a schedule (a list of phases: plan_phase). Nothing is allocated after it is made and prepared.
 * Invariant: all buffers have rows of a stride that is a multiple of LANE; padding in d stays zero.
 *
 * The block of a plan with gradients, each piece aligned to 64 bytes (n = room, ^ = rounded up to LANE):
 *
 *   | struct plan | steps[ops] | layer_begin[] | phases[] | tasks[] |   how it runs
 *   | x [n][K^] | targets [n][M^] | each [n] | weights [n] |      a batch, its costs, and how they count
 *   | z1 [n][M1^] | a1 [n][M1^] | d1 [n][M1^] | z2 | a2 | d2 | .. every op's output, and a layer's δ, of every row
 *   | kept [OP_KEPT][M1^] | ..                                    of ops that keep something of a batch
 *   | gradients: like the net's block of parameters |             sums over the rows since the last start
 *   | parameters in f64 |                                         in f64 plans only
 *   | w1 | x1 | x1ᵀ | d1 | d1 pairs | w2 | x2 | ..                bf16 copies: see engine/bf16.h; [n~] rows
 *   | scratch, one per worker [PACKED_INPUTS][largest M^, or PLAN_PANEL] | weights packed, or a share's gradients
 *   | x [n][K^] each | sums [n][M1^] each |                       when threads share out the first layer's
 *                                                              inputs: of parts 1, 2, ..
 *
 * A plan for prediction has no d, no gradients and no scratch; the hidden layers' outputs take turns in two
 * buffers (by layers: in three):
 *
 *   | struct plan | steps | .. | x | targets | each | weights | turn 0 [n][largest M^] | turn 1 |
 *   | z_L [n][M^] | a_L [n][M^] |
 */
#ifndef NUDGE_NET_PLAN_H
#define NUDGE_NET_PLAN_H

#include "base/pace.h"
#include "engine/bf16.h"
#include "net/net.h"
#include "net/ops.h"

/* Forward alone, in prediction; with gradients, in prediction: for who looks at the net as it predicts; with gradients, in
 * training; and in training where nobody looks: z need not be left where an op can write its output in its place. */
enum plan_use { PLAN_PREDICT, PLAN_EXPLAIN, PLAN_TRAIN, PLAN_LEARN };

/* How a plan goes: a thread takes its rows all the way; or all threads go layer by layer, in tiles of rows x neurons, where
 * layers are large or rows are mixed. */
enum plan_schedule { BY_ROWS, BY_LAYERS };

/* How a phase's work is cut for threads: rows, whole; tiles of rows x neurons, where the phase begins with a product; or
 * columns, with all rows, where it begins with an op that mixes rows. */
enum phase_cut { CUT_ROWS, CUT_TILES, CUT_COLUMNS };

/* Tasks that any thread may take; all are done before the next phase begins. Each does this to its tile, if the walk goes
 * that way: gathers the batch, takes the steps forward .. forward_end - 1, finds the cost, and takes the steps
 * backward - 1 .. backward_end back. */
struct plan_phase {
    enum phase_cut cut;
    bool gathers, costs;
    size_t forward, forward_end;
    size_t backward, backward_end;
};

/* One op made ready. */
struct plan_step {
    const struct net_op *link;
    const struct op_kernel *kernel;
    const void *x; /* what it reads: the output of the step before */
    void *y, *d;   /* what it writes, and the cost's derivative by it: one buffer for all of a layer's ops */
    void *kept;    /* [op->kept][output_stride] */
    size_t input_stride, output_stride;
    size_t input_pitch,
        output_pitch; /* from row `first` of one thread's share to that of another: see carve_steps */
    /* dense, where products are in bf16: what they read instead; the pairs in panels of columns, as plan_panel_place says. */
    uint16_t *w16, *x16, *x16_columns, *d16, *d16_pairs;
};

/* One share of the gradients: of dense, a panel of outputs, or by layers some, and a run of inputs; of other ops, all. */
struct plan_task {
    size_t step, output, first, last; /* the panel that begins at `output` */
    size_t end_output;                /* where the panel after the last one begins */
};

struct plan {
    nudge_context *context;
    const nudge_net *net;
    const struct engine_verbs *verbs;
    enum real_type precision;
    enum plan_use use;
    enum plan_schedule schedule;
    size_t capacity;
    size_t room; /* rows of the buffers: the capacity; in bf16 rounded up to BF16_TERMS */
    size_t step_count, phase_count, task_count;
    struct plan_step *steps;
    size_t *layer_begin; /* [layers + 2] the steps of layer l are layer_begin[l] .. layer_begin[l + 1] - 1 */
    struct plan_phase *phases;
    struct plan_task *tasks;
    void *x, *targets, *each;
    float *weights; /* [capacity] how much each row counts in the cost, when `weighted` */
    bool weighted;
    /* What is drawn, as for dropout, is drawn for this step of this seed, where the batch begins with this row of it. */
    uint64_t seed, step;
    size_t step_row;
    size_t input_stride, output_stride;
    void *gradients;                /* like net->parameters */
    void *parameters;               /* net->parameters itself in f32 */
    struct pace pace;               /* of the walks */
    const struct bf16_kernel *bf16; /* NULL: products are in f32 */
    const struct bf16_copies *copies;
    uint64_t version;                  /* the net's, when w16 were made */
    unsigned char *part_x, *part_sums; /* of the first layer's parts 1, 2, ..; NULL: see walk_inputs.c */
    bool x_by_parts;                   /* where the present batch is */
    unsigned char *scratch;
    size_t scratch_bytes;    /* of one worker */
    double products_per_row; /* w times a, in one forward */
};

/* What a plan would take; SIZE_MAX when that does not fit in a size_t. */
size_t plan_memory(const nudge_context *context, const nudge_net *net, enum real_type precision,
                   enum plan_use use, size_t capacity);

/* Makes a plan in `memory` (aligned to 64, plan_memory() bytes). The plan needs no freeing of its own. */
struct plan *plan_make(nudge_context *context, const nudge_net *net, enum real_type precision,
                       enum plan_use use, size_t capacity, void *memory);

/* Copies the net's parameters into an f64 plan; an f32 plan always uses the net's own. */
void plan_load_parameters(struct plan *plan);
/* Brings the bf16 copies of the weights up to date: all of them, if the net has changed; or a task's
 * share. */
void plan_load_bf16(struct plan *plan);
void plan_load_bf16_share(const struct plan *plan, const struct plan_task *task);

/* Columns of a tile, and of a panel of d16_pairs; where the pair of rows `row`, row + 1 (`row` is even) of the panel with
 * column `column` begins there, in elements. */
enum { PLAN_PANEL = 64 };
static inline size_t plan_panel_place(const struct plan *plan, size_t column, size_t row) {
    return (column / PLAN_PANEL * plan->room + row) * PLAN_PANEL;
}

/* Element i of a buffer of the plan's precision. */
double plan_get(const struct plan *plan, const void *buffer, size_t i);
void plan_set(const struct plan *plan, void *buffer, size_t i, double value);

/* The steps of layer l's dense op, of its activation, and of its last op, whose y is the layer's output. */
const struct plan_step *plan_dense(const struct plan *plan, size_t l);
const struct plan_step *plan_activation(const struct plan *plan, size_t l);
const struct plan_step *plan_output(const struct plan *plan, size_t l);
const struct plan_step *plan_last(const struct plan *plan);

static inline bool plan_trains(const struct plan *plan) {
    return plan->use >= PLAN_TRAIN;
}
static inline bool plan_is_dense(const struct plan_step *step) {
    return step->link->op->kind == OP_DENSE;
}
/* Whether the step needs all rows of the batch at once. */
static inline bool plan_mixes_rows(const struct plan *plan, const struct plan_step *step) {
    return plan->use != PLAN_PREDICT && step->link->op->mixes_rows;
}

#endif
