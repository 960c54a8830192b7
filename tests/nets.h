/* Networks with a batch for tests of the arithmetic: every size, op and cost can be asked for, and numbers
 * are drawn so that no z of an op with a kink comes near 0 and no residual near a kink of its cost.
 * Invariant: parameters, features and targets are f32 numbers, so that the library's net, its plans of both
 * precisions and the reference (dual.h) begin with the same values. */
#ifndef NUDGE_TESTS_NETS_H
#define NUDGE_TESTS_NETS_H

#include "dual.h"
#include "learn/cost.h"
#include "net/walk.h"

#include <stdio.h>
#include <stdlib.h>

/* No z of an op with a kink, and no residual, is nearer to a kink than this. */
#define NETS_MARGIN 0.04

struct net_shape {
    size_t rows, inputs, layers, outputs[DUAL_MOST_LAYERS];
};

struct net_case {
    struct net_shape shape;
    const struct op *activation[DUAL_MOST_LAYERS];
    double value[DUAL_MOST_LAYERS];
    nudge_cost cost;
    double delta;
    uint64_t seed;
};

struct net_made {
    const struct net_case *given;
    nudge_net *net;
    struct dual_net dual; /* the same network for the reference */
    double *x, *y;        /* [rows][inputs], [rows][outputs] */
    struct chosen_cost chosen;
};

/* -- random numbers of the tests' own (Steele, Lea, Flood 2014: SplitMix64) -- */

static inline uint64_t nets_random(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* An f32 number in [low, high). */
static inline double nets_between(uint64_t *state, double low, double high) {
    return (double)(float)(low + (high - low) * (double)(nets_random(state) >> 11) * 0x1p-53);
}

/* -- memory -- */

static inline void *nets_allocate(size_t count, size_t size) {
    size_t bytes = (count * size + 63) / 64 * 64;
    void *memory = aligned_alloc(64, bytes ? bytes : 64);
    assert_non_null(memory);
    memset(memory, 0, bytes);
    return memory;
}

/* A plan in memory of its own; free(plan) frees it. */
static inline struct plan *nets_plan(nudge_context *context, const nudge_net *net, enum real_type precision,
                                     size_t capacity) {
    size_t bytes = plan_memory(context, net, precision, PLAN_TRAIN, capacity);
    return plan_make(context, net, precision, PLAN_TRAIN, capacity, nets_allocate(bytes, 1));
}

/* -- parameters -- */

/* Where a bias must move z from, so that 0 lies in a gap: the gap nearest to the middle of the row's z that
 * is wide enough; without one all of them go to one side, neuron by neuron to the other. `z` is sorted
 * here. */
static inline double nets_gap(double *z, size_t rows, size_t neuron) {
    for (size_t i = 1; i < rows; i++)
        for (size_t j = i; j > 0 && z[j - 1] > z[j]; j--) {
            double swapped = z[j];
            z[j] = z[j - 1];
            z[j - 1] = swapped;
        }
    double found = neuron % 2 ? z[rows - 1] + 0.3 : z[0] - 0.3, distance = (double)rows;
    for (size_t i = 1; i < rows; i++) {
        double from_middle = fabs((double)i - (double)rows / 2);
        if (z[i] - z[i - 1] < 3 * NETS_MARGIN || from_middle >= distance) continue;
        distance = from_middle;
        found = (z[i] + z[i - 1]) / 2;
    }
    return found;
}

static inline void nets_draw_layer(struct net_made *made, size_t l, uint64_t *state) {
    const struct net_case *given = made->given;
    struct dual_layer *layer = &made->dual.layer[l - 1];
    double spread = sqrt(3.0 / (double)layer->inputs);
    size_t rows = given->shape.rows;
    struct dual_trace trace;
    struct dual_seed none = {0};
    double(*z)[DUAL_MOST_NEURONS] = nets_allocate(rows, sizeof *z);
    double *column = nets_allocate(rows, sizeof *column);
    for (size_t i = 0; i < layer->inputs * layer->outputs; i++)
        layer->w[i] = nets_between(state, -spread, spread);
    bool kink = given->activation[l - 1]->kink;
    for (size_t r = 0; kink && r < rows; r++) {
        dual_forward(&trace, &made->dual, made->x + r * given->shape.inputs, l, &none);
        for (size_t j = 0; j < layer->outputs; j++) z[r][j] = trace.z[l - 1][j].v;
    }
    for (size_t j = 0; j < layer->outputs; j++) {
        for (size_t r = 0; r < rows; r++) column[r] = z[r][j];
        layer->b[j] = kink ? (double)(float)-nets_gap(column, rows, j) : nets_between(state, -0.5, 0.5);
    }
    free(column);
    free(z);
}

/* Into the library's net, in f32. */
static inline void nets_copy_layer(struct net_made *made, size_t l) {
    const struct dual_layer *layer = &made->dual.layer[l - 1];
    size_t weights = layer->inputs * layer->outputs;
    float *numbers = nets_allocate(weights + layer->outputs, sizeof *numbers);
    for (size_t i = 0; i < weights; i++) numbers[i] = (float)layer->w[i];
    for (size_t j = 0; j < layer->outputs; j++) numbers[weights + j] = (float)layer->b[j];
    assert_int_equal(nudge_net_set_weights(made->net, l, numbers, weights, NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_biases(made->net, l, numbers + weights, layer->outputs, NULL), NUDGE_OK);
    free(numbers);
}

/* -- the batch -- */

/* An eighth of the features are exactly 0, and so is one whole column: gradients that are exactly 0

 * follow. */
static inline void nets_draw_features(struct net_made *made, uint64_t *state) {
    const struct net_shape *shape = &made->given->shape;
    for (size_t i = 0; i < shape->rows * shape->inputs; i++) {
        bool zero = nets_random(state) % 8 == 0 || (shape->inputs > 2 && i % shape->inputs == 1);
        made->x[i] = zero ? 0 : nets_between(state, -1.5, 1.5);
    }
}

/* A residual a - y: positive and negative ones take turns, as a softmax passes nothing back when all have
 * one sign and size; for huber they lie on either side of d, too. */
static inline double nets_residual(const struct net_case *given, size_t row, size_t j, uint64_t *state) {
    double sign = (row + j) % 2 ? 1 : -1;
    if (given->cost != NUDGE_COST_HUBER) return sign * nets_between(state, 0.2, 1.2);
    bool outside = nets_random(state) % 2;
    return sign * given->delta * (outside ? nets_between(state, 1.3, 2) : nets_between(state, 0.3, 0.7));
}

/* For costs that are made for classes: mostly 0 and 1, some in between; else an answer that is wrong by a
 * residual. */
static inline double nets_target(const struct net_made *made, size_t row, size_t j, double a,
                                 uint64_t *state) {
    size_t outputs = made->dual.layer[made->dual.layers - 1].outputs;
    bool soft = nets_random(state) % 4 == 0;
    if (soft && costs[made->given->cost].output) return nets_between(state, 0, 1);
    switch (made->given->cost) {
    case NUDGE_COST_BINARY_CROSS_ENTROPY: return (double)(nets_random(state) % 2);
    case NUDGE_COST_CROSS_ENTROPY: return (double)(row % outputs == j);
    default: return (double)(float)(a - nets_residual(made->given, row, j, state));
    }
}

static inline void nets_draw_targets(struct net_made *made, uint64_t *state) {
    const struct net_shape *shape = &made->given->shape;
    size_t outputs = shape->outputs[shape->layers - 1];
    struct dual_trace trace;
    struct dual_seed none = {0};
    for (size_t r = 0; r < shape->rows; r++) {
        dual_forward(&trace, &made->dual, made->x + r * shape->inputs, shape->layers, &none);
        for (size_t j = 0; j < outputs; j++)
            made->y[r * outputs + j] = nets_target(made, r, j, trace.a[shape->layers - 1][j].v, state);
    }
}

/* -- whole -- */

static inline void nets_make_layer(struct net_made *made, size_t l) {
    const struct net_case *given = made->given;
    size_t inputs = l > 1 ? given->shape.outputs[l - 2] : given->shape.inputs;
    struct dual_layer *layer = &made->dual.layer[l - 1];
    *layer = (struct dual_layer){.inputs = inputs,
                                 .outputs = given->shape.outputs[l - 1],
                                 .activation = dual_find_activation(given->activation[l - 1]->name),
                                 .value = given->value[l - 1]};
    if (!layer->activation) fail_msg("the reference does not know the op %s", given->activation[l - 1]->name);
    layer->w = nets_allocate(layer->inputs * layer->outputs, sizeof *layer->w);
    layer->b = nets_allocate(layer->outputs, sizeof *layer->b);
}

/* "3 relu, 2 leaky-relu 0.25" */
static inline void nets_text(const struct net_case *given, char *text, size_t room) {
    size_t used = 0;
    for (size_t l = 0; l < given->shape.layers; l++) {
        const struct op *op = given->activation[l];
        used += (size_t)snprintf(text + used, room - used, "%s%zu %s", l ? ", " : "", given->shape.outputs[l],
                                 op->name);
        if (op->value_count) used += (size_t)snprintf(text + used, room - used, " %.17g", given->value[l]);
    }
}

/* Fails the test when the reference does not know an op or the cost. `given` must outlive what is made. */
static inline struct net_made nets_make(nudge_context *context, const struct net_case *given) {
    const struct net_shape *shape = &given->shape;
    char text[512];
    uint64_t state = given->seed;
    struct net_made made = {.given = given, .dual = {.layers = shape->layers, .delta = given->delta}};
    assert_true(shape->inputs <= DUAL_MOST_NEURONS);
    for (size_t l = 0; l < shape->layers; l++) assert_true(shape->outputs[l] <= DUAL_MOST_NEURONS);
    nets_text(given, text, sizeof text);
    assert_int_equal(nudge_net_create(context, shape->inputs, text, 1, &made.net, NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_cost(made.net, given->cost, given->delta, NULL), NUDGE_OK);
    made.chosen = cost_of(made.net);
    made.dual.cost = dual_find_cost(costs[given->cost].name);
    if (!made.dual.cost) fail_msg("the reference does not know the cost %s", costs[given->cost].name);
    made.x = nets_allocate(shape->rows * shape->inputs, sizeof *made.x);
    made.y = nets_allocate(shape->rows * shape->outputs[shape->layers - 1], sizeof *made.y);
    nets_draw_features(&made, &state);
    for (size_t l = 1; l <= shape->layers; l++) {
        nets_make_layer(&made, l);
        nets_draw_layer(&made, l, &state);
        nets_copy_layer(&made, l);
    }
    nets_draw_targets(&made, &state);
    return made;
}

static inline void nets_free(struct net_made *made) {
    for (size_t l = 0; l < made->dual.layers; l++) {
        free(made->dual.layer[l].w);
        free(made->dual.layer[l].b);
    }
    free(made->x);
    free(made->y);
    nudge_net_free(made->net);
}

/* Rows first .. first+rows-1 of the batch into the plan's rows from 0 on. */
static inline void nets_load(struct plan *plan, const struct net_made *made, size_t first, size_t rows) {
    size_t inputs = plan->net->inputs, outputs = plan->net->outputs;
    for (size_t r = 0; r < rows; r++) {
        const double *x = made->x + (first + r) * inputs, *y = made->y + (first + r) * outputs;
        for (size_t k = 0; k < inputs; k++) plan_set(plan, plan->x, r * plan->input_stride + k, x[k]);
        for (size_t j = 0; j < outputs; j++) plan_set(plan, plan->targets, r * plan->output_stride + j, y[j]);
    }
}

/* -- which costs an output can have -- */

static inline bool nets_can_meet(const struct op *output, const struct cost *cost) {
    return cost->kernels[0][0] && (!cost->output || strcmp(cost->output, output->name) == 0);
}

#endif
