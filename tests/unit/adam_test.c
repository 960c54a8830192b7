/* adam against the paper's formulas (Kingma and Ba 2015, algorithm 1), in f32 within bounds that follow from
 * how it is computed, in f64 by hand; at the ends of the range; over parts of the blocks; in a trainer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include <float.h>

#include "learn/optimizer.h"
#include "levels.h"
#include "small.h"

enum { COUNT = 77 };

static const struct optimizer *const adam = &optimizers[NUDGE_OPTIMIZER_ADAM];

static const nudge_train_options usual_constants = NUDGE_TRAIN_OPTIONS;

/* The library's usual constants; w, g and the state are the caller's. */
static struct optimizer_call call_for(size_t count, void *w, const void *g, void *m, void *v) {
    return (struct optimizer_call){.count = count,
                                   .w = w,
                                   .g = g,
                                   .states = {m, v},
                                   .scale = 1,
                                   .rate = 0.001,
                                   .options = &usual_constants};
}

static void step(const nudge_context *context, enum real_type precision, struct optimizer_call *call) {
    call->step++;
    optimizer_prepare(context, adam, precision, call);
    optimizer_update(context, adam, precision, call, NUDGE_ROLE_BIAS, 0, call->count);
}

/* -- the paper's algorithm, in f64 -- */

struct moments {
    double m, v, absolute; /* absolute: m if every gradient were positive */
};

/* Returns the step's share of η: m̂ / (√v̂ + ε). *sure gets the same for `absolute`. */
static double paper(struct moments *of, double g, const struct optimizer_call *call, double *sure) {
    double t = (double)call->step, c1 = 1 - pow(call->options->beta1, t),
           c2 = 1 - pow(call->options->beta2, t);
    of->m = call->options->beta1 * of->m + (1 - call->options->beta1) * g;
    of->absolute = call->options->beta1 * of->absolute + (1 - call->options->beta1) * fabs(g);
    of->v = call->options->beta2 * of->v + (1 - call->options->beta2) * g * g;
    double below = sqrt(of->v / c2) + call->options->epsilon;
    *sure = of->absolute / c1 / below;
    return of->m / c1 / below;
}

/* u = 2^-24, γ_n = n u / (1 - n u). The gradient of step t-k reaches m by a constant and a product on
 * entering, then at each step a constant, a product and a sum: at most 3t + 2 roundings, so m is off by
 * γ_{3t+2} times the sum of its terms' sizes. v, whose terms are never negative, is off by a factor within
 * γ_{3t+3} (one product more), and so, halved, is √v, with one rounding of its own; ε_t and the sum with it:
 * two. η_t, its product, the division: three. All in all the step is off by γ_{6t+10} of what it would be if
 * no terms cancelled; and subtracting it rounds w once. */
static void check_against_paper(const nudge_context *context, struct optimizer_call constants) {
    float w[COUNT], m[COUNT] = {0}, v[COUNT] = {0}, g[COUNT];
    double exact[COUNT], error[COUNT] = {0};
    struct moments moments[COUNT] = {{0, 0, 0}};
    uint32_t random = 5;
    for (size_t i = 0; i < COUNT; i++) exact[i] = (double)(w[i] = small_random(&random) - 0.5f);
    struct optimizer_call call = constants;
    call.count = COUNT, call.w = w, call.g = g, call.states[0] = m, call.states[1] = v;
    for (int t = 1; t <= 20; t++) {
        call.rate = constants.rate / t;
        for (size_t i = 0; i < COUNT; i++)
            g[i] = (small_random(&random) - 0.5f) * (float)pow(10, (double)(i % 9) - 6);
        step(context, REAL_F32, &call);
        double n = 6 * t + 10, gamma = n * 0x1p-24 / (1 - n * 0x1p-24);
        for (size_t i = 0; i < COUNT; i++) {
            double sure;
            exact[i] -= call.rate * paper(&moments[i], (double)g[i] * call.scale, &call, &sure);
            error[i] += gamma * call.rate * sure;
            error[i] += 0x1p-24 * (fabs(exact[i]) + error[i]);
            if (!(fabs((double)w[i] - exact[i]) <= error[i]))
                fail_msg("step %d, element %zu: %.9g, expected %.9g +- %.2g", t, i, (double)w[i], exact[i],
                         error[i]);
        }
    }
}

static void test_f32_is_the_paper_within_rounding(void **state) {
    (void)state;
    struct optimizer_call usual = call_for(0, NULL, NULL, NULL, NULL), other = usual;
    nudge_train_options constants = usual_constants;
    constants.beta1 = 0.5, constants.beta2 = 0.75, constants.epsilon = 0.01;
    other.rate = 0.05, other.scale = 1.0 / 7, other.options = &constants;
    for (size_t level = 0; level < level_count; level++) {
        check_against_paper(level_contexts[level], usual);
        check_against_paper(level_contexts[level], other);
    }
}

/* The first step moves every weight by η |g| / (|g| + ε) against its gradient, however large that is. In f64
 * the second can be written down, too. */
static void test_first_steps_by_hand(void **state) {
    (void)state;
    double w[3] = {1, 1, 1}, g[3] = {1e-6, -0.5, 3e4}, m[3] = {0}, v[3] = {0}, second[3] = {-4, 0.25, 0};
    struct optimizer_call call = call_for(3, w, g, m, v);
    step(level_contexts[0], REAL_F64, &call);
    for (size_t i = 0; i < 3; i++)
        assert_true(fabs(w[i] - (1 - 0.001 * g[i] / (fabs(g[i]) + 1e-8))) <= 1e-15);
    double before[3] = {w[0], w[1], w[2]};
    call.g = second;
    step(level_contexts[0], REAL_F64, &call);
    for (size_t i = 0; i < 3; i++) {
        double mean = (0.9 * 0.1 * g[i] + 0.1 * second[i]) / (1 - 0.9 * 0.9);
        double square = (0.999 * 0.001 * g[i] * g[i] + 0.001 * second[i] * second[i]) / (1 - 0.999 * 0.999);
        assert_true(fabs(w[i] - (before[i] - 0.001 * mean / (sqrt(square) + 1e-8))) <= 1e-14);
    }
}

/* -- the ends of the range -- */

static void test_no_gradient_no_step(void **state) {
    (void)state;
    for (size_t level = 0; level < level_count; level++) {
        float w[COUNT] = {0.25f}, g[COUNT] = {0}, m[COUNT] = {0}, v[COUNT] = {0}, none[COUNT] = {0};
        struct optimizer_call call = call_for(COUNT, w, g, m, v);
        nudge_train_options constants = usual_constants;
        call.options = &constants;
        constants.epsilon = 1e-12; /* the least allowed */
        for (int t = 0; t < 3; t++) step(level_contexts[level], REAL_F32, &call);
        assert_true(w[0] == 0.25f);
        assert_memory_equal(w + 1, none, (COUNT - 1) * sizeof(float));
        assert_memory_equal(m, none, sizeof m);
        assert_memory_equal(v, none, sizeof v);
    }
}

/* Squares of more than about 1e19 do not fit in f32: such a weight stands still, and nothing becomes NaN. */
static void test_huge_gradients(void **state) {
    (void)state;
    for (size_t level = 0; level < level_count; level++) {
        float w[COUNT], g[COUNT], m[COUNT] = {0}, v[COUNT] = {0};
        for (size_t i = 0; i < COUNT; i++) {
            w[i] = 1;
            g[i] = (i & 1 ? -1.0f : 1.0f) * (i % 3 == 0 ? 1e18f : i % 3 == 1 ? 1e30f : FLT_MAX);
        }
        struct optimizer_call call = call_for(COUNT, w, g, m, v);
        for (int t = 0; t < 3; t++) step(level_contexts[level], REAL_F32, &call);
        for (size_t i = 0; i < COUNT; i++) {
            double expected = i % 3 ? 1 : i & 1 ? 1.003 : 0.997;
            assert_true(fabs((double)w[i] - expected) <= 1e-6);
        }
    }
}

/* Moments of gradients that are 0 from some step on become 0 themselves, and never denormal. */
static void test_moments_end_at_zero(void **state) {
    (void)state;
    for (size_t level = 0; level < level_count; level++) {
        float w[COUNT], g[COUNT], m[COUNT] = {0}, v[COUNT] = {0};
        for (size_t i = 0; i < COUNT; i++) w[i] = 1, g[i] = (float)i * 1e-16f;
        struct optimizer_call call = call_for(COUNT, w, g, m, v);
        step(level_contexts[level], REAL_F32, &call);
        memset(g, 0, sizeof g);
        nudge_train_options constants = usual_constants;
        constants.beta2 = 0.9;
        call.options = &constants;
        for (int t = 0; t < 600; t++) {
            step(level_contexts[level], REAL_F32, &call);
            for (size_t i = 0; i < COUNT; i++) {
                assert_true(m[i] == 0 || m[i] >= FLT_MIN);
                assert_true(v[i] == 0 || v[i] >= FLT_MIN);
            }
        }
        for (size_t i = 0; i < COUNT; i++) assert_true(m[i] == 0 && v[i] == 0);
    }
}

/* -- parts of the blocks -- */

/* A step over any ranges, in any order, has the bits of the step over the whole. */
static void test_ranges(void **state) {
    (void)state;
    static const size_t ends[] = {0, 1, 17, 18, 50, COUNT};
    float w[2][COUNT], g[COUNT], m[2][COUNT] = {{0}, {0}}, v[2][COUNT] = {{0}, {0}};
    uint32_t random = 3;
    for (size_t i = 0; i < COUNT; i++) w[0][i] = w[1][i] = small_random(&random);
    for (size_t t = 1; t <= 4; t++) {
        for (size_t i = 0; i < COUNT; i++) g[i] = small_random(&random) - 0.5f;
        struct optimizer_call whole = call_for(COUNT, w[0], g, m[0], v[0]);
        struct optimizer_call parts = call_for(COUNT, w[1], g, m[1], v[1]);
        whole.step = parts.step = t - 1;
        step(level_contexts[level_count - 1], REAL_F32, &whole);
        parts.step = t;
        optimizer_prepare(level_contexts[0], adam, REAL_F32, &parts);
        for (size_t p = sizeof ends / sizeof *ends - 1; p > 0; p--) {
            struct optimizer_call part =
                optimizer_range(&parts, sizeof(float), ends[p - 1], ends[p] - ends[p - 1]);
            optimizer_update(level_contexts[0], adam, REAL_F32, &part, NUDGE_ROLE_BIAS, 0, part.count);
        }
        assert_memory_equal(w[0], w[1], sizeof w[0]);
        assert_memory_equal(m[0], m[1], sizeof m[0]);
        assert_memory_equal(v[0], v[1], sizeof v[0]);
    }
}

/* -- in a trainer -- */

static void one_update(nudge_trainer *trainer) {
    float x[3] = {1, -2, 0.5f}, y[2] = {0.2f, 0.9f};
    assert_ok(nudge_trainer_batch(trainer, x, y, 1, error));
    assert_ok(nudge_trainer_forward(trainer, NULL, error));
    assert_ok(nudge_trainer_backward(trainer, error));
    assert_ok(nudge_trainer_update(trainer, error));
}

/* Each trainer's first step is a first step: t and the moments are its own. A learning rate that is not given
 * is adam's. */
static void test_each_trainer_begins_anew(void **state) {
    (void)state;
    nudge_net *net = small_net(level_contexts[0], 3, "2");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.optimizer = NUDGE_OPTIMIZER_ADAM;
    options.batch_size = 1;
    for (int turn = 0; turn < 3; turn++) {
        nudge_trainer *trainer = NULL;
        float before[6], after[6], g[6];
        assert_ok(nudge_trainer_create(level_contexts[0], net, &options, NULL, 0, &trainer, error));
        assert_ok(nudge_net_get_weights(net, 1, before, 6, error));
        one_update(trainer);
        assert_ok(nudge_net_get_weights(net, 1, after, 6, error));
        assert_ok(nudge_trainer_read(trainer, NUDGE_WEIGHT_GRADIENT, 1, g, 6, error));
        for (size_t i = 0; i < 6; i++)
            assert_true(fabs((double)(after[i] - before[i]) + (g[i] > 0 ? 0.001 : -0.001)) <= 1e-6);
        one_update(trainer); /* its state is not the next one's */
        nudge_trainer_free(trainer);
    }
    nudge_net_free(net);
}

static void test_learning_rates_of_the_optimizers(void **state) {
    (void)state;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    assert_true(options.learning_rate == 0);
    assert_true(nudge_optimizer_learning_rate(NUDGE_OPTIMIZER_SGD) == 0.1);
    assert_true(nudge_optimizer_learning_rate(NUDGE_OPTIMIZER_NESTEROV) == 0.1);
    assert_true(nudge_optimizer_learning_rate(NUDGE_OPTIMIZER_ADAM) == 0.001);
    for (size_t i = 0; i < optimizer_count; i++) {
        nudge_train_options given = options;
        given.optimizer = (nudge_optimizer)i;
        assert_ok(optimizer_options(&given, error));
        assert_true(given.learning_rate == nudge_optimizer_learning_rate((nudge_optimizer)i));
        given.learning_rate = 0.25;
        assert_ok(optimizer_options(&given, error));
        assert_true(given.learning_rate == 0.25);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f32_is_the_paper_within_rounding),
        cmocka_unit_test(test_first_steps_by_hand),
        cmocka_unit_test(test_no_gradient_no_step),
        cmocka_unit_test(test_huge_gradients),
        cmocka_unit_test(test_moments_end_at_zero),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_each_trainer_begins_anew),
        cmocka_unit_test(test_learning_rates_of_the_optimizers),
    };
    return cmocka_run_group_tests(tests, levels_open, levels_close);
}
