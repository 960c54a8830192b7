/* The smallest network of the lesson, one neuron a layer, with numbers that are worked out by hand.
 *
 *     a0 -> a1 -> a2 -> a3,   z_l = w_l a_{l-1} + b_l,   a_l = σ(z_l) = 1 / (1 + e^-z_l),   C = (a3 - y)²
 *
 *     a0 = 0.5    w1 = 2     b1 = -0.5         y = 1
 *                 w2 = -1    b2 = 0.5
 *                 w3 = 1.5   b3 = 0.25
 *
 * Forward, σ' = a (1 - a):
 *
 *     z1 = 2 · 0.5 - 0.5                      = 0.5                  e^-z1 = 0.606530659713
 *     a1 = 1 / 1.606530659713                 = 0.622459331201855
 *     σ'1 = 0.622459331202 · 0.377540668798   = 0.235003712201594
 *     z2 = -0.622459331202 + 0.5              = -0.122459331201855   e^-z2 = 1.130273152289
 *     a2 = 1 / 2.130273152289                 = 0.469423368982364
 *     σ'2 = 0.469423368982 · 0.530576631018   = 0.249065069635611
 *     z3 = 1.5 · 0.469423368982 + 0.25        = 0.954135053473546    e^-z3 = 0.385145130467
 *     a3 = 1 / 1.385145130467                 = 0.721946009846994
 *     σ'3 = 0.721946009847 · 0.278053990153   = 0.200739968712998
 *     C  = (-0.278053990153)²                 = 0.077314021440008
 *
 * Backward, from the last layer to the first: δ_l = σ'_l · ∂C/∂a_l, ∂C/∂w_l = a_{l-1} δ_l, ∂C/∂b_l = δ_l,
 * ∂C/∂a_{l-1} = w_l δ_l:
 *
 *     ∂C/∂a3 = 2 · (0.721946009847 - 1)               = -0.556107980306012
 *     ∂C/∂b3 = 0.200739968713 · -0.556107980306       = -0.111633098567677
 *     ∂C/∂w3 = 0.469423368982 · -0.111633098568       = -0.052403185219579
 *     ∂C/∂a2 = 1.5 · -0.111633098568                  = -0.167449647851516
 *     ∂C/∂b2 = 0.249065069636 · -0.167449647852       = -0.041705858202596
 *     ∂C/∂w2 = 0.622459331202 · -0.041705858203       = -0.025960200603988
 *     ∂C/∂a1 = -1 · -0.041705858203                   =  0.041705858202596
 *     ∂C/∂b1 = 0.235003712202 · 0.041705858203        =  0.009801031498163
 *     ∂C/∂w1 = 0.5 · 0.009801031498                   =  0.004900515749082
 *
 * A nudge of w3 by δw changes C by ∂C/∂w3 · δw + ½ C'' δw² + .., where, with σ'' = σ' (1 - 2a),
 *
 *     σ''3 = 0.200739968713 · (1 - 1.443892019694)    = -0.089106870145
 *     C''  = a2² · 2 (σ'3² + (a3 - y) σ''3)
 *          = 0.220358299346 · 2 · (0.040296535039 + 0.024776520794)
 *          = 0.028678775833
 *
 * For δw = 0.01: the prediction is -0.000524031852, and ½ C'' δw² = 0.000001433939 must be missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "learn/cost.h"
#include "nets.h"

enum { LAYERS = 3 };

static const float input = 0.5f, target = 1;
static const float w[LAYERS] = {2, -1, 1.5f}, b[LAYERS] = {-0.5f, 0.5f, 0.25f};

static const double z[LAYERS] = {0.5, -0.122459331201854565, 0.954135053473545939};
static const double a[LAYERS] = {0.622459331201854565, 0.469423368982363959, 0.721946009846994041};
static const double cost = 0.0773140214400079346;
static const double by_w[LAYERS] = {0.00490051574908174090, -0.0259602006039875588, -0.0524031852195794120};
static const double by_b[LAYERS] = {0.00980103149816348179, -0.0417058582025964365, -0.111633098567677354};
static const double second_by_w3 = 0.0286787758332451563;

static nudge_context *context;
static nudge_net *net;

static int set_up(void **state) {
    (void)state;
    if (nudge_context_create(NULL, &context, NULL)) return -1;
    if (nudge_net_create(context, 1, "1 sigmoid, 1 sigmoid, 1 sigmoid", 1, &net, NULL)) return -1;
    for (size_t l = 1; l <= LAYERS; l++)
        if (nudge_net_set_weights(net, l, &w[l - 1], 1, NULL) ||
            nudge_net_set_biases(net, l, &b[l - 1], 1, NULL))
            return -1;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_net_free(net);
    nudge_context_free(context);
    return 0;
}

static void assert_near(const char *what, size_t layer, double found, double expected, double tolerance) {
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("%s of layer %zu is %.15g, by hand %.15g", what, layer, found, expected);
}

/* -- in double precision -- */

struct chain {
    struct plan *plan;
    struct chosen_cost chosen;
    struct walk_cost cost;
};

static struct chain chain_make(void) {
    struct chain chain = {.plan = nets_plan(context, net, REAL_F64, 1)};
    assert_int_equal(nudge_net_set_cost(net, NUDGE_COST_QUADRATIC, 0, NULL), NUDGE_OK);
    chain.chosen = cost_of(net);
    plan_set(chain.plan, chain.plan->x, 0, (double)input);
    plan_set(chain.plan, chain.plan->targets, 0, (double)target);
    return chain;
}

static void test_derivatives_in_f64(void **state) {
    (void)state;
    struct chain chain = chain_make();
    chain.cost = cost_for_walk(&chain.chosen);
    walk_both(chain.plan, 1, &chain.cost, false);
    assert_near("C", LAYERS, plan_get(chain.plan, chain.plan->each, 0), cost, 1e-12);
    for (size_t l = 1; l <= LAYERS; l++) {
        const struct net_op *dense = net_dense(net, l);
        assert_near("z", l, plan_get(chain.plan, plan_dense(chain.plan, l)->y, 0), z[l - 1], 1e-12);
        assert_near("a", l, plan_get(chain.plan, plan_activation(chain.plan, l)->y, 0), a[l - 1], 1e-12);
        assert_near("δ", l, plan_get(chain.plan, plan_dense(chain.plan, l)->d, 0), by_b[l - 1], 1e-12);
        assert_near("∂C/∂w", l, plan_get(chain.plan, chain.plan->gradients, dense->place[DENSE_WEIGHT]),
                    by_w[l - 1], 1e-12);
        assert_near("∂C/∂b", l, plan_get(chain.plan, chain.plan->gradients, dense->place[DENSE_BIAS]),
                    by_b[l - 1], 1e-12);
    }
    free(chain.plan);
}

/* What is left of ΔC when w^(l) is nudged by δw and the prediction ∂C/∂w · δw is taken away. */
static double remainder_after(struct chain *chain, size_t l, double nudge) {
    double *weight = (double *)chain->plan->parameters + net_dense(net, l)->place[DENSE_WEIGHT];
    *weight = (double)w[l - 1] + nudge;
    walk_forward(chain->plan, 1, NULL, &chain->cost);
    *weight = (double)w[l - 1];
    return plan_get(chain->plan, chain->plan->each, 0) - cost - by_w[l - 1] * nudge;
}

/* The remainder is of second order: half the nudge leaves a quarter. Its third order changes that by less
 * than 1 %: δw = 0.01, and the third derivatives are about as large as the second. */
static void test_nudge_changes_the_cost_as_predicted(void **state) {
    (void)state;
    struct chain chain = chain_make();
    chain.cost = cost_for_walk(&chain.chosen);
    for (size_t l = 1; l <= LAYERS; l++) {
        double whole = remainder_after(&chain, l, 0.01), half = remainder_after(&chain, l, 0.005);
        if (!(whole / half > 3.96 && whole / half < 4.04))
            fail_msg("w^(%zu): remainders %.9g and %.9g, a quotient of %.4f, expected 4", l, whole, half,
                     whole / half);
        assert_true(fabs(whole) < 0.02 * fabs(by_w[l - 1] * 0.01));
    }
    double second = 0.5 * second_by_w3 * 0.01 * 0.01;
    assert_near("remainder", 3, remainder_after(&chain, 3, 0.01), second, 0.01 * second);
    free(chain.plan);
}

/* -- through nudge.h, in f32 -- */

/* u = 2^-24. Forward, layer by layer, with σ' <= ¼ and 4 ULP for σ: e_z <= 2u, 7.5u, 10.6u and e_a <= 5.5u,
 * 5.7u, 8.5u. Then ∂C/∂a3 is off by 19u, σ'3 by 9u, so δ3 by 0.2 · 19u + 0.56 · 9u + 2u · 0.12 < 10u; each
 * layer further down multiplies by 1.5 · ¼ at most and adds less than 2u. So everything here is within
 * 20u. */
#define F32_TOLERANCE (20 * 0x1p-24)

static double read_one(const nudge_trainer *trainer, nudge_quantity quantity, size_t l) {
    float value = NAN;
    assert_int_equal(nudge_trainer_read(trainer, quantity, l, &value, 1, NULL), NUDGE_OK);
    return (double)value;
}

static nudge_trainer *trainer_of_chain(void) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_trainer *trainer = NULL;
    assert_int_equal(nudge_net_set_cost(net, NUDGE_COST_QUADRATIC, 0, NULL), NUDGE_OK);
    options.learning_rate = 0.25;
    options.batch_size = 1;
    assert_int_equal(nudge_trainer_create(context, net, &options, NULL, 0, &trainer, NULL), NUDGE_OK);
    assert_int_equal(nudge_trainer_batch(trainer, &input, &target, 1, NULL), NUDGE_OK);
    return trainer;
}

static void test_derivatives_through_the_trainer(void **state) {
    (void)state;
    nudge_trainer *trainer = trainer_of_chain();
    double c = 0;
    assert_int_equal(nudge_trainer_forward(trainer, &c, NULL), NUDGE_OK);
    assert_near("C", LAYERS, c, cost, F32_TOLERANCE);
    assert_near("C_0", LAYERS, read_one(trainer, NUDGE_COST_EACH, 0), cost, F32_TOLERANCE);
    assert_near("a", 0, read_one(trainer, NUDGE_ACTIVATION, 0), (double)input, 0);
    assert_int_equal(nudge_trainer_backward(trainer, NULL), NUDGE_OK);
    for (size_t l = 1; l <= LAYERS; l++) {
        assert_near("z", l, read_one(trainer, NUDGE_WEIGHTED_SUM, l), z[l - 1], F32_TOLERANCE);
        assert_near("a", l, read_one(trainer, NUDGE_ACTIVATION, l), a[l - 1], F32_TOLERANCE);
        assert_near("δ", l, read_one(trainer, NUDGE_DELTA, l), by_b[l - 1], F32_TOLERANCE);
        assert_near("∂C/∂w", l, read_one(trainer, NUDGE_WEIGHT_GRADIENT, l), by_w[l - 1], F32_TOLERANCE);
        assert_near("∂C/∂b", l, read_one(trainer, NUDGE_BIAS_GRADIENT, l), by_b[l - 1], F32_TOLERANCE);
    }
    nudge_trainer_free(trainer);
}

/* w <- w - η ∂C/∂w with η = ¼; one more rounding of numbers below 2. */
static void test_step_goes_downhill(void **state) {
    (void)state;
    nudge_trainer *trainer = trainer_of_chain();
    double before = 0, after = 0;
    assert_int_equal(nudge_trainer_forward(trainer, &before, NULL), NUDGE_OK);
    assert_int_equal(nudge_trainer_backward(trainer, NULL), NUDGE_OK);
    assert_int_equal(nudge_trainer_update(trainer, NULL), NUDGE_OK);
    for (size_t l = 1; l <= LAYERS; l++) {
        float weight = 0, bias = 0;
        assert_int_equal(nudge_net_get_weights(net, l, &weight, 1, NULL), NUDGE_OK);
        assert_int_equal(nudge_net_get_biases(net, l, &bias, 1, NULL), NUDGE_OK);
        assert_near("new w", l, (double)weight, (double)w[l - 1] - 0.25 * by_w[l - 1], F32_TOLERANCE);
        assert_near("new b", l, (double)bias, (double)b[l - 1] - 0.25 * by_b[l - 1], F32_TOLERANCE);
    }
    assert_int_equal(nudge_trainer_forward(trainer, &after, NULL), NUDGE_OK);
    assert_true(after < before);
    nudge_trainer_free(trainer);
}

/* A nudge of every weight in turn, as the user would make it. ΔC is a difference of two costs, each off by
 * 20u. */
static void test_nudge_through_the_trainer(void **state) {
    (void)state;
    nudge_trainer *trainer = trainer_of_chain();
    for (size_t l = 1; l <= LAYERS; l++) {
        float nudged = w[l - 1] + 0.01f;
        double c = 0, nudge = (double)nudged - (double)w[l - 1];
        assert_int_equal(nudge_net_set_weights(net, l, &nudged, 1, NULL), NUDGE_OK);
        assert_int_equal(nudge_trainer_forward(trainer, &c, NULL), NUDGE_OK);
        assert_int_equal(nudge_net_set_weights(net, l, &w[l - 1], 1, NULL), NUDGE_OK);
        assert_near("ΔC", l, c - cost, by_w[l - 1] * nudge, 1.5e-6 + 2 * F32_TOLERANCE);
    }
    nudge_trainer_free(trainer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_derivatives_in_f64, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nudge_changes_the_cost_as_predicted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_derivatives_through_the_trainer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_step_goes_downhill, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nudge_through_the_trainer, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
