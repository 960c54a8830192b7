/* Where derivatives jump, and where formulas overflow: the places that gradients_test.c stays away from. At
 * a kink of an op the derivative from below is used, at that of the absolute cost 0. Each case runs in both
 * precisions at every CPU level. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "levels.h"
#include "nets.h"

#include <float.h>

/* -- one layer of n neurons that sees z itself: w is the unit matrix, b is z, x is 0 -- */

struct layer {
    nudge_net *net;
    struct plan *plan;
    struct chosen_cost chosen;
    struct walk_cost cost;
};

static void layer_make(struct layer *layer, nudge_context *context, enum real_type precision,
                       const struct op *op, double value, nudge_cost cost, double delta, size_t neurons) {
    struct net_case given = {.shape = {1, 1, 1, {neurons}}, .activation = {op}, .value = {value}};
    char text[100];
    nets_text(&given, text, sizeof text);
    assert_int_equal(nudge_net_create(context, 1, text, 1, &layer->net, NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_cost(layer->net, cost, delta, NULL), NUDGE_OK);
    layer->chosen = cost_of(layer->net);
    layer->plan = nets_plan(context, layer->net, precision, 1);
    layer->cost = cost_for_walk(&layer->chosen);
}

static void layer_free(struct layer *layer) {
    free(layer->plan);
    nudge_net_free(layer->net);
}

static void layer_set(struct layer *layer, const double *z, const double *y) {
    const struct net_op *dense = net_dense(layer->net, 1);
    for (size_t j = 0; j < dense->outputs; j++) {
        plan_set(layer->plan, layer->plan->parameters, dense->place[DENSE_BIAS] + j, z[j]);
        plan_set(layer->plan, layer->plan->parameters,
                 dense->place[DENSE_WEIGHT] + weight_index(dense->outputs, 1, j, 0), 0);
        plan_set(layer->plan, layer->plan->targets, j, y[j]);
    }
}

static double layer_a(const struct layer *layer, size_t j) {
    return plan_get(layer->plan, plan_activation(layer->plan, 1)->y, j);
}
static double layer_delta(const struct layer *layer, size_t j) {
    return plan_get(layer->plan, plan_dense(layer->plan, 1)->d, j);
}
static double layer_cost(const struct layer *layer) {
    return plan_get(layer->plan, layer->plan->each, 0);
}

/* z -> a, and (y NULL: not asked for) C_0 and δ. */
static void layer_run(struct layer *layer, const double *z, const double *y) {
    static const double zeros[DUAL_MOST_NEURONS];
    layer_set(layer, z, y ? y : zeros);
    walk_both(layer->plan, 1, &layer->cost, false);
}

/* -- ops -- */

/* σ'(0) from below, by hand. A kinked op that is missing here fails the test. */
static double slope_below(const struct op *op, double value) {
    if (strcmp(op->name, "relu") == 0) return 0;
    if (strcmp(op->name, "leaky-relu") == 0) return value;                             /* s */
    if (strcmp(op->name, "elu") == 0) return value;                                    /* α e^0 */
    if (strcmp(op->name, "selu") == 0) return 1.0507009873554805 * 1.6732632423543772; /* λ α e^0 */
    if (strcmp(op->name, "softsign") == 0)
        return 1; /* from above, too: only its curvature jumps, from 2 to -2 */
    fail_msg("no slope at its kink is known for the op %s", op->name);
    return 0;
}

/* With y = a - 1.5 the quadratic cost asks for ∂C_0/∂a = 3, so δ = 3 σ'(0). 0 and -0 are the same place. */
static void check_kink(nudge_context *context, enum real_type precision, const struct op *op, double value) {
    static const double zeros[] = {0.0, -0.0};
    double u = precision == REAL_F64 ? 0x1p-53 : 0x1p-24;
    struct layer layer;
    layer_make(&layer, context, precision, op, value, NUDGE_COST_QUADRATIC, 1, 1);
    for (size_t i = 0; i < 2; i++) {
        double target = -1.5;
        layer_run(&layer, &zeros[i], &target);
        double expected = 3 * slope_below(op, value);
        assert_true(layer_a(&layer, 0) == 0);
        assert_true(fabs(layer_delta(&layer, 0) - expected) <= 4 * u * expected);
    }
    layer_free(&layer);
}

static void test_ops_at_their_kinks(void **state) {
    (void)state;
    for (size_t level = 0; level < level_count; level++)
        for (size_t i = 0; i < op_activation_end(); i++) {
            if (!ops[i].kink) continue;
            for (int precision = 0; precision < REAL_TYPES; precision++) {
                check_kink(level_contexts[level], (enum real_type)precision, &ops[i], ops[i].values[0].usual);
                if (ops[i].value_count)
                    check_kink(level_contexts[level], (enum real_type)precision, &ops[i], 0.625);
            }
        }
}

/* (σ(h) - σ(0)) / h */
static double slope_towards(struct layer *layer, double h) {
    double zero = 0;
    layer_run(layer, &zero, NULL);
    double at = layer_a(layer, 0);
    layer_run(layer, &h, NULL);
    return (layer_a(layer, 0) - at) / h;
}

/* ½ σ'' of one side, h its sign and size. */
static double bend_towards(struct layer *layer, double h) {
    return (slope_towards(layer, 2 * h) - slope_towards(layer, h)) / h;
}

/* The mark in the table is what gradient checks go by: with it the slopes on the two sides of 0 differ, or how they
 * change; without it they do not. h = 1e-7: the curvature of a smooth op, below 2, makes a difference of 2e-7,
 * rounding one of 1e-9. */
static void test_kinks_are_marked(void **state) {
    (void)state;
    for (size_t i = 0; i < op_activation_end(); i++) {
        if (ops[i].kind != OP_ACTIVATION) continue;
        struct layer layer;
        layer_make(&layer, level_contexts[0], REAL_F64, &ops[i], ops[i].value_count ? 0.5 : 0,
                   NUDGE_COST_QUADRATIC, 1, 1);
        double below = slope_towards(&layer, -1e-7), above = slope_towards(&layer, 1e-7);
        bool bends = fabs(bend_towards(&layer, 1e-3) - bend_towards(&layer, -1e-3)) > 0.1;
        if ((fabs(above - below) > 1e-6 || bends) != ops[i].kink)
            fail_msg("%s: slopes %.9f below and %.9f above 0, but kink is %d", ops[i].name, below, above,
                     ops[i].kink);
        layer_free(&layer);
    }
}

/* NaN must not be mistaken for a number on one side of a kink: training finds divergence by what is not
 * finite. */
static void test_nan_is_not_hidden(void **state) {
    (void)state;
    double nan = (double)NAN, target = 0;
    for (size_t level = 0; level < level_count; level++)
        for (size_t i = 0; i < op_activation_end(); i++)
            for (int precision = 0; precision < REAL_TYPES; precision++) {
                if (ops[i].kind != OP_ACTIVATION) continue;
                struct layer layer;
                layer_make(&layer, level_contexts[level], (enum real_type)precision, &ops[i],
                           ops[i].values[0].usual, NUDGE_COST_QUADRATIC, 1, 1);
                layer_run(&layer, &nan, &target);
                if (!isnan(layer_a(&layer, 0)) || !isnan(layer_cost(&layer)))
                    fail_msg("%s turns NaN into %g", ops[i].name, layer_a(&layer, 0));
                layer_free(&layer);
            }
}

/* -- costs -- */

static void test_absolute_cost_at_its_kink(void **state) {
    (void)state;
    double z[] = {0.5, 0.5, 0.5}, y[] = {0.5, 0.25, 0.75}, expected[] = {0, 1, -1};
    for (size_t level = 0; level < level_count; level++)
        for (int precision = 0; precision < REAL_TYPES; precision++) {
            struct layer layer;
            layer_make(&layer, level_contexts[level], (enum real_type)precision, op_identity, 0,
                       NUDGE_COST_ABSOLUTE, 1, 3);
            layer_run(&layer, z, y);
            for (size_t j = 0; j < 3; j++) assert_true(layer_delta(&layer, j) == expected[j]);
            assert_true(layer_cost(&layer) == 0.5);
            layer_free(&layer);
        }
}

/* As for ops: the slope of the cost in r = a - y on the two sides of r = 0. */
static void test_kinks_of_costs_are_marked(void **state) {
    (void)state;
    for (size_t i = 1; i < cost_count; i++) {
        if (costs[i].output)
            continue; /* a cost made for one output is smooth in z; its output is never exactly y */
        struct layer layer;
        double at = 0, below = -1e-7, above = 1e-7, c[3], y = 0;
        layer_make(&layer, level_contexts[0], REAL_F64, op_identity, 0, (nudge_cost)i, 1, 1);
        layer_run(&layer, &below, &y), c[0] = layer_cost(&layer);
        layer_run(&layer, &at, &y), c[1] = layer_cost(&layer);
        layer_run(&layer, &above, &y), c[2] = layer_cost(&layer);
        double jump = (c[2] - c[1]) / 1e-7 - (c[1] - c[0]) / 1e-7;
        if ((fabs(jump) > 1e-6) != costs[i].kink)
            fail_msg("%s: the slope jumps by %g at 0", costs[i].name, jump);
        layer_free(&layer);
    }
}

/* d = 0.75. Inside: C_0 = ½r², slope r. Outside: d (|r| - ½d), slope ±d. At r = d both give ½d² and d. */
static void test_huber_on_both_sides(void **state) {
    (void)state;
    double z[] = {0.5, -0.5, 0.75, -0.75, 2, -3}, y[6] = {0},
           expected[] = {0.5, -0.5, 0.75, -0.75, 0.75, -0.75};
    double cost = 2 * 0.125 + 2 * 0.28125 + 0.75 * (2 - 0.375) + 0.75 * (3 - 0.375);
    for (size_t level = 0; level < level_count; level++)
        for (int precision = 0; precision < REAL_TYPES; precision++) {
            struct layer layer;
            layer_make(&layer, level_contexts[level], (enum real_type)precision, op_identity, 0,
                       NUDGE_COST_HUBER, 0.75, 6);
            layer_run(&layer, z, y);
            for (size_t j = 0; j < 6; j++) assert_true(layer_delta(&layer, j) == expected[j]);
            assert_true(layer_cost(&layer) == cost); /* every number here is exact in f32 */
            layer_free(&layer);
        }
}

/* -- softmax and the cross-entropies far out -- */

static void check_softmax(nudge_context *context, enum real_type precision, double shift) {
    static const double z0[] = {1, -2, 0.5, 3, 0};
    double z[5], y[] = {0, 0, 1, 0, 0}, sum = 0, delta = 0, u = precision == REAL_F64 ? 0x1p-53 : 0x1p-24;
    struct layer layer;
    layer_make(&layer, context, precision, op_find("softmax", 7), 0, NUDGE_COST_QUADRATIC, 1, 5);
    for (size_t j = 0; j < 5; j++) z[j] = z0[j] + shift;
    layer_run(&layer, z, y);
    for (size_t j = 0; j < 5; j++) {
        double expected = exp(z0[j]) / (exp(1) + exp(-2) + exp(0.5) + exp(3) + exp(0));
        assert_true(fabs(layer_a(&layer, j) - expected) <= 32 * u);
        sum += layer_a(&layer, j);
        delta += layer_delta(&layer, j);
    }
    assert_true(fabs(sum - 1) <= 8 * u);    /* each a is rounded, as was the sum they were divided by */
    assert_true(fabs(delta) <= 2 * 16 * u); /* Σ_j δ_j = 0: moving all z together changes nothing */
    layer_free(&layer);
}

/* e^z alone would overflow or vanish at ±2^10; the shifts are exact in f32. */
static void test_softmax_of_any_size(void **state) {
    (void)state;
    static const double shifts[] = {0, 1024, -1024, 4096, -4096};
    for (size_t level = 0; level < level_count; level++)
        for (int precision = 0; precision < REAL_TYPES; precision++)
            for (size_t i = 0; i < 5; i++)
                check_softmax(level_contexts[level], (enum real_type)precision, shifts[i]);
}

/* Sure and wrong by z = 5000: C_0 = 5000 and δ = ±1, where ln a would be -infinity. Sure and right: both

 * 0. */
static void test_cross_entropies_of_any_size(void **state) {
    (void)state;
    double z[] = {5000, -5000}, wrong[] = {0, 1}, right[] = {1, 0};
    for (size_t level = 0; level < level_count; level++)
        for (int precision = 0; precision < REAL_TYPES; precision++)
            for (int cost = NUDGE_COST_BINARY_CROSS_ENTROPY; cost <= NUDGE_COST_CROSS_ENTROPY; cost++) {
                const char *output = costs[cost].output;
                struct layer layer;
                layer_make(&layer, level_contexts[level], (enum real_type)precision,
                           op_find(output, strlen(output)), 0, (nudge_cost)cost, 1, 2);
                layer_run(&layer, z, wrong);
                assert_true(layer_cost(&layer) == 10000);
                assert_true(layer_delta(&layer, 0) == 1 && layer_delta(&layer, 1) == -1);
                layer_run(&layer, z, right);
                assert_true(layer_cost(&layer) == 0);
                assert_true(layer_delta(&layer, 0) == 0 && layer_delta(&layer, 1) == 0);
                layer_free(&layer);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ops_at_their_kinks),        cmocka_unit_test(test_kinks_are_marked),
        cmocka_unit_test(test_nan_is_not_hidden),         cmocka_unit_test(test_absolute_cost_at_its_kink),
        cmocka_unit_test(test_kinks_of_costs_are_marked), cmocka_unit_test(test_huber_on_both_sides),
        cmocka_unit_test(test_softmax_of_any_size),       cmocka_unit_test(test_cross_entropies_of_any_size),
    };
    return cmocka_run_group_tests(tests, levels_open, levels_close);
}
