/* The learning rate over a training: the formulas of nudge_schedule, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "learn/schedule.h"
#include "learn/step.h"
#include "small.h"

enum { EPOCHS = 40, STEPS = 25 };

static nudge_train_options options_for(nudge_schedule schedule, double decay, size_t decay_epochs) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.learning_rate = 0.5;
    options.schedule = schedule;
    options.decay = decay;
    options.decay_epochs = decay_epochs;
    options.epochs = EPOCHS;
    return options;
}

/* Powers are made by at most 2 log2(n) multiplications: within 12 · 2^-53 here. */
static void assert_rate(const nudge_train_options *options, size_t epoch, size_t step, double expected,
                        double relative) {
    double rate = schedule_rate(options, epoch, step, STEPS);
    if (!(fabs(rate - expected) <= relative * fabs(expected)))
        fail_msg("%s at epoch %zu, step %zu: %.17g, expected %.17g", nudge_schedule_name(options->schedule),
                 epoch, step, rate, expected);
}

static void test_constant(void **state) {
    (void)state;
    nudge_train_options options = options_for(NUDGE_SCHEDULE_CONSTANT, 0.1, 1);
    assert_rate(&options, 1, 1, 0.5, 0);
    assert_rate(&options, EPOCHS, STEPS, 0.5, 0);
}

static void test_step(void **state) {
    (void)state;
    nudge_train_options options = options_for(NUDGE_SCHEDULE_STEP, 0.25, 10);
    assert_rate(&options, 1, 1, 0.5, 0);
    assert_rate(&options, 10, STEPS, 0.5, 0);
    assert_rate(&options, 11, 1, 0.125, 0);
    assert_rate(&options, 20, STEPS, 0.125, 0);
    assert_rate(&options, 31, 1, 0.5 / 64, 0);
}

static void test_exponential(void **state) {
    (void)state;
    nudge_train_options options = options_for(NUDGE_SCHEDULE_EXPONENTIAL, 0.9, 0);
    for (size_t epoch = 1; epoch <= EPOCHS; epoch++)
        assert_rate(&options, epoch, STEPS, 0.5 * pow(0.9, (double)epoch - 1), 12 * 0x1p-53);
}

/* Step s of S in all. The cosine is taken in f32: its argument, up to π, is rounded twice, which moves it
 * by 2^-23 π. */
static void test_cosine(void **state) {
    (void)state;
    nudge_train_options options = options_for(NUDGE_SCHEDULE_COSINE, 0.1, 0);
    double before = INFINITY;
    for (size_t epoch = 1; epoch <= EPOCHS; epoch++)
        for (size_t step = 1; step <= STEPS; step++) {
            double done = (double)((epoch - 1) * STEPS + step - 1) / (EPOCHS * STEPS);
            double expected = 0.5 * (0.1 + 0.9 * 0.5 * (1 + cos(acos(-1) * done)));
            double rate = schedule_rate(&options, epoch, step, STEPS);
            assert_true(fabs(rate - expected) <= 0.5 * 0x1p-21);
            assert_true(rate <= before && rate >= 0.05);
            before = rate;
        }
    assert_rate(&options, 1, 1, 0.5, 0);
    options.decay = 0;
    assert_true(schedule_rate(&options, EPOCHS, STEPS, STEPS) > 0);
}

static nudge_train_options one_cycle(double warmup, double decay) {
    nudge_train_options options = options_for(NUDGE_SCHEDULE_ONE_CYCLE, decay, 0);
    options.warmup = warmup;
    return options;
}

/* Of 1000 steps the first 300 rise to η, which the 301st has; the last is one part of 700 above the end. At
 * most five roundings; at the end their difference from 1 is a tenth of what is rounded. */
static void test_one_cycle(void **state) {
    (void)state;
    nudge_train_options options = one_cycle(0.3, 0.1);
    assert_rate(&options, 1, 1, 0.5 / 301, 5 * 0x1p-53);
    assert_rate(&options, 6, 1, 0.5 * 126 / 301, 5 * 0x1p-53);
    assert_rate(&options, 12, 25, 0.5 * 300 / 301, 5 * 0x1p-53);
    assert_rate(&options, 13, 1, 0.5, 0);
    assert_rate(&options, 13, 2, 0.5 * (1 - 0.9 / 700), 5 * 0x1p-53);
    assert_rate(&options, EPOCHS, STEPS, 0.5 * (1 - 0.9 * 699 / 700), 50 * 0x1p-53);
}

/* Without a rise it begins at η; down to 0 no step is lost. With decay 1 it is a warm-up alone. However long
 * the rise, η is reached. A share of less than a step is none. */
static void test_corners_of_one_cycle(void **state) {
    (void)state;
    nudge_train_options options = one_cycle(0, 0);
    assert_rate(&options, 1, 1, 0.5, 0);
    assert_rate(&options, EPOCHS, STEPS, 0.5 / 1000, 1000 * 0x1p-53); /* 1 - 999/1000 */
    options = one_cycle(0.05, 1);
    assert_rate(&options, 1, 1, 0.5 / 51, 5 * 0x1p-53);
    assert_rate(&options, 3, 1, 0.5, 0);
    assert_rate(&options, EPOCHS, STEPS, 0.5, 0);
    options = one_cycle(0.9999, 0);
    assert_rate(&options, EPOCHS, STEPS, 0.5, 0);
    options = one_cycle(0.3, 0);
    options.epochs = 1;
    assert_true(schedule_rate(&options, 1, 1, 1) == 0.5);
    options = one_cycle(1 - 0x1p-53, 0);
    for (size_t steps = 1; steps <= STEPS; steps++) {
        double rate = schedule_rate(&options, EPOCHS, steps, steps);
        assert_true(rate > 0 && rate <= 0.5);
    }
}

/* All schedules at every step, bit for bit. */
static void test_rates_are_pinned(void **state) {
    (void)state;
    uint64_t digest = SMALL_DIGEST;
    for (int schedule = NUDGE_SCHEDULE_CONSTANT; schedule <= NUDGE_SCHEDULE_ONE_CYCLE; schedule++) {
        nudge_train_options options = options_for((nudge_schedule)schedule, 0.7, 3);
        for (size_t epoch = 1; epoch <= EPOCHS; epoch++)
            for (size_t step = 1; step <= STEPS; step++) {
                uint64_t bits;
                double rate = schedule_rate(&options, epoch, step, STEPS);
                memcpy(&bits, &rate, sizeof bits);
                for (int byte = 0; byte < 8; byte++)
                    digest =
                        small_digest_bytes(digest, &(unsigned char){(unsigned char)(bits >> 8 * byte)}, 1);
            }
    }
    assert_digest(digest, 0x8752553621F0E570, "rates");
}

static void test_names(void **state) {
    (void)state;
    nudge_schedule schedule;
    nudge_error e = {0};
    for (int i = NUDGE_SCHEDULE_CONSTANT; i <= NUDGE_SCHEDULE_ONE_CYCLE; i++) {
        assert_ok(nudge_schedule_from_name(nudge_schedule_name((nudge_schedule)i), &schedule, error));
        assert_int_equal(schedule, i);
    }
    assert_null(nudge_schedule_name((nudge_schedule)(NUDGE_SCHEDULE_ONE_CYCLE + 1)));
    expect_error(nudge_schedule_from_name("linear", &schedule, &e), NUDGE_BAD_ARGUMENT, &e, "\"linear\"",
                 "expected constant, step, exponential, cosine or one-cycle", NULL);
}

static void refuse(nudge_schedule schedule, double decay, size_t decay_epochs, const char *expected) {
    nudge_train_options options = options_for(schedule, decay, decay_epochs), taken;
    nudge_error e = {0};
    expect_error(step_options(&taken, &options, &e), NUDGE_BAD_ARGUMENT, &e, expected, "expected", NULL);
}

static void test_options_are_checked(void **state) {
    (void)state;
    refuse(NUDGE_SCHEDULE_STEP, 0, 1, "step schedule: decay 0");
    refuse(NUDGE_SCHEDULE_STEP, 0.5, 0, "decay_epochs 0");
    refuse(NUDGE_SCHEDULE_EXPONENTIAL, 1.5, 1, "exponential schedule: decay 1.5");
    refuse(NUDGE_SCHEDULE_EXPONENTIAL, (double)NAN, 1, "decay nan");
    refuse(NUDGE_SCHEDULE_COSINE, -0.1, 1, "cosine schedule: decay -0.1");
    refuse(NUDGE_SCHEDULE_ONE_CYCLE, 1.1, 1, "one-cycle schedule: decay 1.1");
    static const double warmups[] = {-0.1, 1, (double)NAN};
    for (size_t i = 0; i < 3; i++) {
        nudge_train_options wrong = one_cycle(warmups[i], 0.1), taken;
        nudge_error e = {0};
        expect_error(step_options(&taken, &wrong, &e), NUDGE_BAD_ARGUMENT, &e,
                     "one-cycle schedule: warmup", "expected 0 or more and below 1", NULL);
    }
    refuse((nudge_schedule)9, 0.5, 1, "schedule 9");
    nudge_train_options options = options_for(NUDGE_SCHEDULE_COSINE, 0, 0);
    assert_ok(schedule_check(&options, error));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_step),
        cmocka_unit_test(test_exponential),
        cmocka_unit_test(test_cosine),
        cmocka_unit_test(test_one_cycle),
        cmocka_unit_test(test_corners_of_one_cycle),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_rates_are_pinned),
        cmocka_unit_test(test_options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
