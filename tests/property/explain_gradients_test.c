/* What an explanation tells is what backpropagation does, on random networks of 1 to 4 layers with every op
 * and every cost:
 *
 *   the same     every δ and gradient has the same bits as the f64 plan's walk over the same example; that the
 *                f32 numbers of training lie within derived bounds of these: property/precision_test.c
 *   the ledger   the sum over the paths, taken apart from the walk, is the walk's δ, within 1e-12 of it or
 *                within what rounding may do to a sum whose terms cancel
 *   the nudge    measured - predicted is of second order: a quarter when the nudge is halved, where it is
 *                larger than rounding and no kink lies between
 *
 * and the trainer, which users train with, gives the same δ up to f32's rounding. */
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "levels.h"
#include "nets.h"
#include "small.h"

enum { CASES = 60, MOST = DUAL_MOST_NEURONS * DUAL_MOST_NEURONS };

struct subject {
    const struct net_made *made;
    nudge_explanation *explanation;
    struct plan *plan; /* the walk to compare with */
    float features[DUAL_MOST_NEURONS], targets[DUAL_MOST_NEURONS];
};

static double worst_ledger, least_ratio = 4, most_ratio = 4;
static size_t ratios, op_seen[32], cost_seen[32];

static size_t neurons(const struct subject *subject, size_t l) {
    const struct net_shape *shape = &subject->made->given->shape;
    return l == 0 ? shape->inputs : shape->outputs[l - 1];
}

static void fail_at(const struct subject *subject, const char *what, size_t l, size_t j, double found,
                    double expected) {
    fail_msg("\"%s\", cost %s: %s of layer %zu, neuron %zu: %.17g, expected %.17g",
             nudge_net_text(subject->made->net), costs[subject->made->given->cost].name, what, l, j, found,
             expected);
}

static void read(const struct subject *subject, nudge_quantity quantity, size_t l, double *values,
                 size_t count) {
    assert_ok(nudge_explanation_read(subject->explanation, quantity, l, values, count, error));
}

/* -- the same as the walk -- */

static void compare_with(const struct subject *subject, const char *what, nudge_quantity quantity, size_t l,
                         const void *buffer) {
    double values[DUAL_MOST_NEURONS];
    read(subject, quantity, l, values, neurons(subject, l));
    for (size_t j = 0; j < neurons(subject, l); j++)
        if (values[j] != ((const double *)buffer)[j])
            fail_at(subject, what, l, j, values[j], ((const double *)buffer)[j]);
}

static void compare_weight_gradients(const struct subject *subject, size_t l) {
    static double values[MOST];
    const struct net_op *dense = net_dense(subject->made->net, l);
    const double *gradients = subject->plan->gradients;
    read(subject, NUDGE_WEIGHT_GRADIENT, l, values, dense->outputs * dense->inputs);
    for (size_t j = 0; j < dense->outputs; j++)
        for (size_t k = 0; k < dense->inputs; k++) {
            double walk =
                gradients[dense->place[DENSE_WEIGHT] + weight_index(dense->outputs, dense->inputs, j, k)];
            if (values[j * dense->inputs + k] != walk)
                fail_at(subject, "∂C_0/∂w", l, j, values[j * dense->inputs + k], walk);
        }
    compare_with(subject, "∂C_0/∂b", NUDGE_BIAS_GRADIENT, l, gradients + dense->place[DENSE_BIAS]);
}

static void compare_walk(const struct subject *subject) {
    const struct plan *plan = subject->plan;
    double cost, parts[DUAL_MOST_NEURONS], sum = 0;
    size_t layers = subject->made->given->shape.layers;
    compare_with(subject, "a", NUDGE_ACTIVATION, 0, plan->x);
    for (size_t l = 1; l <= layers; l++) {
        compare_with(subject, "z", NUDGE_WEIGHTED_SUM, l, plan_dense(plan, l)->y);
        compare_with(subject, "a", NUDGE_ACTIVATION, l, plan_activation(plan, l)->y);
        compare_with(subject, "δ", NUDGE_DELTA, l, plan_dense(plan, l)->d);
        compare_weight_gradients(subject, l);
    }
    read(subject, NUDGE_COST_EACH, 0, &cost, 1);
    assert_true(cost == *(const double *)plan->each);
    read(subject, NUDGE_COST_BY_OUTPUT, 0, parts, neurons(subject, layers));
    for (size_t j = 0; j < neurons(subject, layers); j++) sum += parts[j];
    if (!(fabs(sum - cost) <= 1e-14 * cost)) fail_at(subject, "the parts of C_0", layers, 0, sum, cost);
}

/* f32's u is 6e-8: some hundred roundings of numbers of the size of the largest δ. Tighter bounds, derived op by
 * op, are in property/precision_test.c; this is to see that it is the same δ. */
static void compare_trainer(const struct subject *subject) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_trainer *trainer = NULL;
    float trained[DUAL_MOST_NEURONS];
    double delta[DUAL_MOST_NEURONS], largest = 0;
    options.batch_size = 1;
    assert_ok(
        nudge_trainer_create(level_contexts[0], subject->made->net, &options, NULL, 0, &trainer, error));
    assert_ok(nudge_trainer_batch(trainer, subject->features, subject->targets, 1, error));
    assert_ok(nudge_trainer_forward(trainer, NULL, error));
    assert_ok(nudge_trainer_backward(trainer, error));
    for (size_t l = subject->made->given->shape.layers; l >= 1; l--) {
        size_t count = neurons(subject, l);
        assert_ok(nudge_trainer_read(trainer, NUDGE_DELTA, l, trained, count, error));
        read(subject, NUDGE_DELTA, l, delta, count);
        for (size_t j = 0; j < count; j++) largest = fabs(delta[j]) > largest ? fabs(delta[j]) : largest;
        for (size_t j = 0; j < count; j++)
            if (!(fabs((double)trained[j] - delta[j]) <= 1e-5 * largest + 1e-30))
                fail_at(subject, "the trainer's δ", l, j, (double)trained[j], delta[j]);
    }
    nudge_trainer_free(trainer);
}

/* -- the ledger -- */

/* The paths are the weights and δ of the layer after; `terms` gets Σ |share|. */
static void check_paths(const struct subject *subject, size_t l, size_t k, const nudge_ledger *ledger,
                        double *terms) {
    double delta[DUAL_MOST_NEURONS], wish[DUAL_MOST_NEURONS];
    *terms = 0;
    read(subject, NUDGE_DELTA, l + 1, delta, neurons(subject, l + 1));
    read(subject, NUDGE_ACTIVATION_GRADIENT, l, wish, neurons(subject, l));
    assert_int_equal(ledger->path_count, neurons(subject, l + 1));
    for (size_t j = 0; j < ledger->path_count; j++) {
        const nudge_path *path = &ledger->paths[j];
        double w = subject->made->dual.layer[l].w[j * neurons(subject, l) + k];
        if (path->neuron != j || path->weight != w || path->delta != delta[j] || path->share != w * delta[j])
            fail_at(subject, "a path", l, k, path->share, w * delta[j]);
        *terms += fabs(path->share);
    }
    double rounding = ((double)ledger->path_count + 1) * 0x1p-52 * *terms;
    if (!(fabs(ledger->sum - wish[k]) <= rounding)) fail_at(subject, "Σ w δ", l, k, ledger->sum, wish[k]);
}

/* In softmax the two parts of δ are as large as the wishes of all outputs, weighted by their shares. */
static double softmax_terms(const struct subject *subject, size_t l) {
    double wish[DUAL_MOST_NEURONS], a[DUAL_MOST_NEURONS], terms = 0;
    read(subject, NUDGE_ACTIVATION_GRADIENT, l, wish, neurons(subject, l));
    read(subject, NUDGE_ACTIVATION, l, a, neurons(subject, l));
    for (size_t j = 0; j < neurons(subject, l); j++) terms += fabs(wish[j] * a[j]);
    return terms;
}

static void check_ledger(const struct subject *subject, size_t l, size_t k) {
    nudge_path paths[DUAL_MOST_NEURONS];
    nudge_ledger ledger = NUDGE_LEDGER;
    size_t layers = subject->made->given->shape.layers;
    double terms = 0;
    ledger.paths = paths;
    ledger.path_count = DUAL_MOST_NEURONS;
    assert_ok(nudge_explanation_ledger(subject->explanation, l, k, &ledger, error));
    if (l < layers) check_paths(subject, l, k, &ledger, &terms);
    if (l == 0) {
        assert_true(ledger.slope != ledger.slope && ledger.delta != ledger.delta);
        return;
    }
    double off = fabs(ledger.delta - ledger.walk_delta), size = fabs(ledger.walk_delta);
    bool by_row = net_activation(subject->made->net, l)->op->by_row;
    double bound = terms * fabs(ledger.slope) + (by_row ? softmax_terms(subject, l) : 0);
    bound *= ((double)neurons(subject, l) + (double)ledger.path_count + 4) * 0x1p-52;
    if (!(off <= 1e-12 * size) && !(off <= bound))
        fail_at(subject, "the ledger's δ", l, k, ledger.delta, ledger.walk_delta);
    if (size > 0 && off / size > worst_ledger) worst_ledger = off / size;
}

/* -- the nudge -- */

static nudge_change nudge_by(const struct subject *subject, const nudge_parameter *parameter, double by) {
    nudge_change change = NUDGE_CHANGE;
    assert_ok(nudge_explanation_nudge(subject->explanation, parameter, by, &change, error));
    return change;
}

/* The smallest nudge whose error of prediction stands far above rounding. There halving it must leave a quarter;
 * the third order, which spoils that, is small as the nudge is. */
static void check_nudge(const struct subject *subject, const nudge_parameter *parameter) {
    double ratio = 0;
    for (double by = 0x1p-6; by > 0x1p-24; by /= 2) {
        nudge_change whole = nudge_by(subject, parameter, by), half = nudge_by(subject, parameter, by / 2);
        double error = whole.measured - whole.predicted, halved = half.measured - half.predicted;
        assert_true(whole.gradient == half.gradient);
        assert_true(fabs(whole.predicted - whole.gradient * by) <= 1e-6 * fabs(whole.predicted));
        if (!whole.kink && fabs(halved) >= 40 * half.rounding) ratio = error / halved;
    }
    if (ratio == 0) return; /* no curvature, or a kink near by */
    if (!(ratio > 3.5 && ratio < 4.5))
        fail_at(subject, parameter->tensor ? "error of a bias's nudge" : "error of a weight's nudge",
                parameter->layer, parameter->output, ratio, 4);
    least_ratio = ratio < least_ratio ? ratio : least_ratio;
    most_ratio = ratio > most_ratio ? ratio : most_ratio;
    ratios++;
}

static void check_nudges(const struct subject *subject, uint64_t seed) {
    enum { EACH_LAYER = 4 };
    for (size_t l = 1; l <= subject->made->given->shape.layers; l++)
        for (size_t i = 0; i < EACH_LAYER; i++) {
            nudge_parameter parameter = {l, nets_random(&seed) % neurons(subject, l),
                                         nets_random(&seed) % neurons(subject, l - 1), i == 0};
            check_nudge(subject, &parameter);
        }
}

/* -- networks -- */

static void explain(struct subject *subject) {
    const struct net_made *made = subject->made;
    const struct net_shape *shape = &made->given->shape;
    struct walk_cost cost = cost_for_walk(&made->chosen);
    for (size_t k = 0; k < shape->inputs; k++) subject->features[k] = (float)made->x[k];
    for (size_t j = 0; j < shape->outputs[shape->layers - 1]; j++) subject->targets[j] = (float)made->y[j];
    assert_ok(nudge_explanation_create(level_contexts[0], made->net, &subject->explanation, error));
    assert_ok(nudge_explanation_numbers(subject->explanation, subject->features, subject->targets, error));
    subject->plan = nets_plan(level_contexts[0], made->net, REAL_F64, 1);
    nets_load(subject->plan, made, 0, 1);
    walk_both(subject->plan, 1, &cost, false);
}

static void check_case(const struct net_case *given) {
    struct net_made made = nets_make(level_contexts[0], given);
    struct subject subject = {.made = &made};
    explain(&subject);
    compare_walk(&subject);
    compare_trainer(&subject);
    for (size_t l = 0; l <= given->shape.layers; l++)
        for (size_t k = 0; k < neurons(&subject, l); k++) check_ledger(&subject, l, k);
    check_nudges(&subject, given->seed);
    compare_walk(&subject); /* nudging left everything as it was */
    free(subject.plan);
    nudge_explanation_free(subject.explanation);
    nets_free(&made);
}

/* Layers, neurons and hidden ops at random; outputs and costs in turn, so that every pair comes up. */
static void random_case(size_t output, size_t cost, size_t turn) {
    struct net_case given = {.cost = (nudge_cost)cost, .delta = 0.75, .seed = 1000 + turn};
    uint64_t state = turn;
    given.shape =
        (struct net_shape){.rows = 1, .inputs = 1 + nets_random(&state) % 30, .layers = 1 + turn % 4};
    for (size_t l = 0; l < given.shape.layers; l++) {
        bool last = l + 1 == given.shape.layers;
        const struct op *op = &ops[last ? output : 1 + nets_random(&state) % (op_activation_end() - 1)];
        given.shape.outputs[l] = 1 + nets_random(&state) % 20 + op->by_row; /* a softmax of one is always 1 */
        given.activation[l] = op;
        given.value[l] = op->value_count ? op->values[0].usual : 0;
        op_seen[op - ops]++;
    }
    cost_seen[cost]++;
    check_case(&given);
}

static void test_explanations_tell_the_truth(void **state) {
    (void)state;
    size_t turn = 0;
    while (turn < CASES)
        for (size_t output = 1; output < op_activation_end(); output++)
            for (size_t cost = 1; cost < cost_count; cost++)
                if (nets_can_meet(&ops[output], &costs[cost])) random_case(output, cost, turn++);
    for (size_t i = 1; i < op_activation_end(); i++) assert_true(op_seen[i] > 0);
    for (size_t i = 1; i < cost_count; i++) assert_true(cost_seen[i] > 0);
    assert_true(ratios > 2 * turn);
    print_message("%zu networks: ledgers off by %.1e at most; %zu errors of nudges fell %.3f to %.3f times\n",
                  turn, worst_ledger, ratios, least_ratio, most_ratio);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_explanations_tell_the_truth),
    };
    return cmocka_run_group_tests(tests, levels_open, levels_close);
}
