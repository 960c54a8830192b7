/* Initial weights: the moments that each rule promises, the same numbers everywhere, and what a number
 * depends on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "net/net.h"
#include "net/ops.h"
#include "small.h"

static nudge_context *context;

static int set_up(void **state) {
    (void)state;
    context = small_context(1);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_context_free(context);
    return 0;
}

/* -- moments -- */

enum { N = 240, M = 100, COUNT = N * M }; /* fan-in, fan-out */

struct expected {
    nudge_init init;
    double variance;
    bool uniform, biases;
};

/* Of the formulas in nudge.h; U(-a, a) has the variance a²/3. */
static const struct expected all_expected[] = {
    {NUDGE_INIT_XAVIER_NORMAL, 2.0 / (N + M), false, false},
    {NUDGE_INIT_XAVIER_UNIFORM, 2.0 / (N + M), true, false},
    {NUDGE_INIT_HE_NORMAL, 2.0 / N, false, false},
    {NUDGE_INIT_HE_UNIFORM, 2.0 / N, true, false},
    {NUDGE_INIT_LECUN_NORMAL, 1.0 / N, false, false},
    {NUDGE_INIT_LECUN_UNIFORM, 1.0 / N, true, false},
    {NUDGE_INIT_STANDARD_NORMAL, 1, false, true},
    {NUDGE_INIT_UNIFORM, 0.3 * 0.3 / 3, true, true},
};

/* Of COUNT numbers the mean is off by σ/√COUNT, the variance by σ² √((k - 1)/COUNT), k = 3 (normal) or 9/5
 * (uniform); five of those are allowed. Uniform numbers stay within ±a, and come near it; normal ones are
 * beyond 2σ for 4.55 %. */
static void assert_moments(const float *values, const struct expected *expected, const char *name) {
    double sum = 0, squares = 0, largest = 0, sigma = sqrt(expected->variance), beyond = 0;
    for (size_t i = 0; i < COUNT; i++) {
        double value = (double)values[i];
        sum += value;
        squares += value * value;
        largest = fabs(value) > largest ? fabs(value) : largest;
        beyond += fabs(value) > 2 * sigma;
    }
    double mean = sum / COUNT, variance = squares / COUNT - mean * mean;
    double mean_error = sigma / sqrt(COUNT),
           error = expected->variance * sqrt((expected->uniform ? 0.8 : 2) / COUNT);
    if (fabs(mean) > 5 * mean_error) fail_msg("%s: mean %g, expected 0", name, mean);
    if (fabs(variance - expected->variance) > 5 * error)
        fail_msg("%s: variance %g, expected %g", name, variance, expected->variance);
    if (expected->uniform) {
        double a = sqrt(3 * expected->variance);
        assert_true(largest <= a * (1 + 1e-6) && largest > 0.999 * a && beyond == 0);
    } else {
        assert_true(largest < 5.8 * sigma);
        assert_true(fabs(beyond / COUNT - 0.0455) < 5 * sqrt(0.0455 / COUNT));
    }
}

static void test_moments_of_every_rule(void **state) {
    (void)state;
    static float weights[COUNT], biases[M];
    nudge_net *net = small_net(context, N, "100");
    for (size_t i = 0; i < sizeof all_expected / sizeof *all_expected; i++) {
        const struct expected *expected = &all_expected[i];
        assert_ok(nudge_net_initialise(net, expected->init, 0.3, 7, error));
        assert_ok(nudge_net_get_weights(net, 1, weights, COUNT, error));
        assert_ok(nudge_net_get_biases(net, 1, biases, M, error));
        assert_moments(weights, expected, nudge_init_name(expected->init));
        size_t drawn = 0;
        for (size_t j = 0; j < M; j++) drawn += biases[j] != 0;
        assert_true(expected->biases ? drawn > M - 3 : drawn == 0);
    }
    assert_ok(nudge_net_initialise(net, NUDGE_INIT_ZEROS, 0, 7, error));
    for (size_t i = 0; i < net->block_count; i++) assert_true(net->parameters[i] == 0);
    nudge_net_free(net);
}

/* -- the same numbers everywhere -- */

static void test_numbers_are_pinned(void **state) {
    (void)state;
    static const uint64_t digests[] = {
        /* in the order of nudge_init */
        0x39F54286F6D1CAEE, 0x16B5F137E8EE94A6, 0xA0C246A788DBAE91, 0xC075C9EF9E6108CB, 0xD17C5FFCF4A663EF,
        0x56F8A81EF6BA06B0, 0x8865C2A459A7F627, 0x58999BDC42C8A3BD, 0x9FF4C67B9F6B9377, 0x833131947760A3E5,
    };
    nudge_net *net = small_net(context, 5, "17 relu, 3 softmax");
    for (int init = 0; nudge_init_name((nudge_init)init); init++) {
        assert_ok(nudge_net_initialise(net, (nudge_init)init, 0.3, 42, error));
        assert_digest(small_digest_net(net), digests[init], nudge_init_name((nudge_init)init));
    }
    nudge_net_free(net);
}

/* -- what a number depends on -- */

/* Neither on the net's other sizes nor on where it is stored: the wide net's weights have more panels. */
static void test_numbers_depend_on_their_place_alone(void **state) {
    (void)state;
    enum { SMALL_IN = 3, SMALL_OUT = 5, LARGE_IN = 20, LARGE_OUT = 40 };
    static float small[SMALL_IN * SMALL_OUT], large[LARGE_IN * LARGE_OUT];
    nudge_net *a = small_net(context, SMALL_IN, "5"), *b = small_net(context, LARGE_IN, "40, 3");
    assert_ok(nudge_net_initialise(a, NUDGE_INIT_STANDARD_NORMAL, 0, 9, error));
    assert_ok(nudge_net_initialise(b, NUDGE_INIT_STANDARD_NORMAL, 0, 9, error));
    assert_ok(nudge_net_get_weights(a, 1, small, SMALL_IN * SMALL_OUT, error));
    assert_ok(nudge_net_get_weights(b, 1, large, LARGE_IN * LARGE_OUT, error));
    for (size_t o = 0; o < SMALL_OUT; o++)
        for (size_t i = 0; i < SMALL_IN; i++) assert_true(small[o * SMALL_IN + i] == large[o * LARGE_IN + i]);
    nudge_net_free(a);
    nudge_net_free(b);
}

static void test_seeds_and_layers_differ(void **state) {
    (void)state;
    float first[64], second[64];
    nudge_net *net = small_net(context, 8, "8, 8");
    assert_ok(nudge_net_get_weights(net, 1, first, 64, error));
    assert_ok(nudge_net_get_weights(net, 2, second, 64, error));
    for (size_t i = 0; i < 64; i++) assert_true(first[i] != second[i]);
    assert_ok(nudge_net_initialise(net, NUDGE_INIT_DEFAULT, 0, 1ull << 40, error));
    assert_ok(nudge_net_get_weights(net, 1, second, 64, error));
    for (size_t i = 0; i < 64; i++) assert_true(first[i] != second[i]);
    assert_ok(nudge_net_initialise(net, NUDGE_INIT_DEFAULT, 0, 1, error));
    assert_ok(nudge_net_get_weights(net, 1, second, 64, error));
    assert_memory_equal(first, second, sizeof first);
    nudge_net_free(net);
}

/* As nudge.h says: He for relu's family, LeCun for selu and LeCun's tanh, else Xavier. */
static nudge_init default_for(const char *activation) {
    static const char *const he[] = {"relu", "leaky-relu", "elu", "gelu", "silu", "softplus"};
    for (size_t i = 0; i < sizeof he / sizeof *he; i++)
        if (strcmp(activation, he[i]) == 0) return NUDGE_INIT_HE_NORMAL;
    bool lecun = strcmp(activation, "selu") == 0 || strcmp(activation, "lecun-tanh") == 0;
    return lecun ? NUDGE_INIT_LECUN_NORMAL : NUDGE_INIT_XAVIER_NORMAL;
}

static void test_default_suits_the_activation(void **state) {
    (void)state;
    for (size_t i = 1; i < op_activation_end(); i++) {
        char text[40] = "20 ";
        nudge_net *net = small_net(context, 10, strcat(text, ops[i].name));
        uint64_t drawn = small_digest_net(net);
        assert_ok(nudge_net_initialise(net, default_for(ops[i].name), 0, 1, error));
        assert_digest(drawn, small_digest_net(net), ops[i].name);
        nudge_net_free(net);
    }
}

/* -- names and errors -- */

static void test_names(void **state) {
    (void)state;
    nudge_init init;
    nudge_error e = {0};
    for (int i = NUDGE_INIT_DEFAULT; i <= NUDGE_INIT_ZEROS; i++) {
        assert_ok(nudge_init_from_name(nudge_init_name((nudge_init)i), &init, error));
        assert_int_equal(init, i);
    }
    assert_null(nudge_init_name((nudge_init)(NUDGE_INIT_ZEROS + 1)));
    expect_error(nudge_init_from_name("he", &init, &e), NUDGE_BAD_ARGUMENT, &e, "\"he\"", "he-normal",
                 "zeros", NULL);
}

static void test_bad_rules_change_nothing(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 10, "20");
    uint64_t before = small_digest_net(net);
    nudge_error e = {0};
    static const double bad[] = {0, -1, 2e6, NAN};
    for (size_t i = 0; i < 4; i++)
        expect_error(nudge_net_initialise(net, NUDGE_INIT_UNIFORM, bad[i], 1, &e), NUDGE_BAD_ARGUMENT, &e,
                     "a = ", "above 0", NULL);
    expect_error(nudge_net_initialise(net, (nudge_init)77, 1, 1, &e), NUDGE_BAD_ARGUMENT, &e, "77", NULL);
    assert_digest(small_digest_net(net), before, "after errors");
    nudge_net_free(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments_of_every_rule),
        cmocka_unit_test(test_numbers_are_pinned),
        cmocka_unit_test(test_numbers_depend_on_their_place_alone),
        cmocka_unit_test(test_seeds_and_layers_differ),
        cmocka_unit_test(test_default_suits_the_activation),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_bad_rules_change_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
