/* Optimizers beside their formulas, one number at a time, and on a bowl whose descent is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "learn/optimizer.h"
#include "small.h"

enum { COUNT = 77 };

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

/* -- the formulas in f32, operation by operation -- */

static void reference(nudge_optimizer optimizer, float *w, float *v, float g, float step, float momentum) {
    *v = momentum * *v - step * g;
    *w += optimizer == NUDGE_OPTIMIZER_NESTEROV ? momentum * *v - step * g : *v;
}

static void check_optimizer(nudge_optimizer optimizer, double momentum) {
    float w[COUNT], v[COUNT] = {0}, g[COUNT], expected_w[COUNT], expected_v[COUNT] = {0};
    uint32_t random = 5;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.momentum = momentum;
    for (size_t i = 0; i < COUNT; i++) w[i] = expected_w[i] = small_random(&random) - 0.5f;
    for (size_t step = 0; step < 4; step++) {
        double rate = 0.1 / (double)(step + 1);
        for (size_t i = 0; i < COUNT; i++) g[i] = small_random(&random) - 0.5f;
        struct optimizer_call call = {.count = COUNT,
                                      .w = w,
                                      .g = g,
                                      .states = {momentum > 0 ? v : NULL},
                                      .scale = 1.0 / 7,
                                      .rate = rate,
                                      .options = &options};
        optimizer_update(context, &optimizers[optimizer], REAL_F32, &call, NUDGE_ROLE_BIAS, 0, call.count);
        for (size_t i = 0; i < COUNT; i++) {
            float scaled = (float)(rate * (1.0 / 7));
            if (momentum > 0)
                reference(optimizer, &expected_w[i], &expected_v[i], g[i], scaled, (float)momentum);
            else
                expected_w[i] -= scaled * g[i];
        }
        assert_memory_equal(w, expected_w, sizeof w);
        assert_memory_equal(v, expected_v, sizeof v);
    }
}

/* adam has tests of its own (adam_test.c). A new optimizer has none yet: the count reminds of it. */
static void test_formulas(void **state) {
    (void)state;
    assert_int_equal(optimizer_count, 3);
    for (size_t i = NUDGE_OPTIMIZER_SGD; i <= NUDGE_OPTIMIZER_NESTEROV; i++) {
        check_optimizer((nudge_optimizer)i, 0);
        check_optimizer((nudge_optimizer)i, 0.9);
    }
}

/* -- on the bowl ½w², whose gradient is w, in f64 -- */

static double descend(nudge_optimizer optimizer, double momentum, double rate, size_t steps) {
    double w = 1, v = 0, g;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.momentum = momentum;
    for (size_t step = 0; step < steps; step++) {
        g = 2 * w; /* of a batch of two rows: the sum; the call turns it into the mean */
        struct optimizer_call call = {.count = 1,
                                      .w = &w,
                                      .g = &g,
                                      .states = {momentum > 0 ? &v : NULL},
                                      .scale = 0.5,
                                      .rate = rate,
                                      .options = &options};
        optimizer_update(context, &optimizers[optimizer], REAL_F64, &call, NUDGE_ROLE_BIAS, 0, call.count);
    }
    return w;
}

static void test_plain_descent(void **state) {
    (void)state;
    for (size_t i = NUDGE_OPTIMIZER_SGD; i <= NUDGE_OPTIMIZER_NESTEROV; i++)
        assert_true(fabs(descend((nudge_optimizer)i, 0, 0.25, 20) - pow(0.75, 20)) < 1e-15);
}

/* Polyak: x_{k+1} = (1 + μ - η) x_k - μ x_{k-1}. */
static void test_momentum(void **state) {
    (void)state;
    double before = 1, now = 1;
    for (size_t step = 0; step < 20; step++) {
        double next = (1 + 0.9 - 0.1) * now - 0.9 * before;
        before = now;
        now = next;
    }
    assert_true(fabs(descend(NUDGE_OPTIMIZER_SGD, 0.9, 0.1, 20) - now) < 1e-14);
}

/* As Nesterov and Sutskever write it, with the gradient at θ + μ v; nudge's w is that place. */
static void test_nesterov(void **state) {
    (void)state;
    double theta = 1, v = 0;
    for (size_t step = 0; step < 20; step++) {
        v = 0.9 * v - 0.1 * (theta + 0.9 * v);
        theta += v;
    }
    assert_true(fabs(descend(NUDGE_OPTIMIZER_NESTEROV, 0.9, 0.1, 20) - (theta + 0.9 * v)) < 1e-14);
}

static void test_names(void **state) {
    (void)state;
    nudge_optimizer optimizer;
    nudge_error e = {0};
    for (size_t i = 0; i < optimizer_count; i++) {
        assert_ok(nudge_optimizer_from_name(nudge_optimizer_name((nudge_optimizer)i), &optimizer, error));
        assert_int_equal(optimizer, i);
    }
    assert_null(nudge_optimizer_name((nudge_optimizer)optimizer_count));
    expect_error(nudge_optimizer_from_name("adamw", &optimizer, &e), NUDGE_BAD_ARGUMENT, &e,
                 "optimizer \"adamw\", expected sgd, nesterov or adam", NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formulas), cmocka_unit_test(test_plain_descent),
        cmocka_unit_test(test_momentum), cmocka_unit_test(test_nesterov),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
