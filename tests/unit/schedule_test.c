/* The learning rate over a training: the formulas of nudge_schedule, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "learn/schedule.h"
#include "learn/trainer.h"
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

/* All schedules at every step, bit for bit. */
static void test_rates_are_pinned(void **state) {
    (void)state;
    uint64_t digest = SMALL_DIGEST;
    for (int schedule = NUDGE_SCHEDULE_CONSTANT; schedule <= NUDGE_SCHEDULE_COSINE; schedule++) {
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
    assert_digest(digest, 0x76DDA6F5455D154B, "rates");
}

static void test_names(void **state) {
    (void)state;
    nudge_schedule schedule;
    nudge_error e = {0};
    for (int i = NUDGE_SCHEDULE_CONSTANT; i <= NUDGE_SCHEDULE_COSINE; i++) {
        assert_ok(nudge_schedule_from_name(nudge_schedule_name((nudge_schedule)i), &schedule, error));
        assert_int_equal(schedule, i);
    }
    assert_null(nudge_schedule_name((nudge_schedule)(NUDGE_SCHEDULE_COSINE + 1)));
    expect_error(nudge_schedule_from_name("linear", &schedule, &e), NUDGE_BAD_ARGUMENT, &e, "\"linear\"",
                 "cosine", NULL);
}

static void refuse(nudge_schedule schedule, double decay, size_t decay_epochs, const char *expected) {
    nudge_train_options options = options_for(schedule, decay, decay_epochs), taken;
    nudge_error e = {0};
    expect_error(trainer_options(&taken, &options, &e), NUDGE_BAD_ARGUMENT, &e, expected, "expected", NULL);
}

static void test_options_are_checked(void **state) {
    (void)state;
    refuse(NUDGE_SCHEDULE_STEP, 0, 1, "step schedule: decay 0");
    refuse(NUDGE_SCHEDULE_STEP, 0.5, 0, "decay_epochs 0");
    refuse(NUDGE_SCHEDULE_EXPONENTIAL, 1.5, 1, "exponential schedule: decay 1.5");
    refuse(NUDGE_SCHEDULE_EXPONENTIAL, (double)NAN, 1, "decay nan");
    refuse(NUDGE_SCHEDULE_COSINE, -0.1, 1, "cosine schedule: decay -0.1");
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
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_rates_are_pinned),
        cmocka_unit_test(test_options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
