/* Training in one call: that it is the steps by hand, bit for bit; schedules and orders; callbacks; what
 * the result says; what it leaves in the net. Stopping early and divergence: see endings_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "alike.h"
#include "data/order.h"
#include "learn/schedule.h"
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

static nudge_train_result train_in(nudge_context *computing, nudge_net *net, const nudge_data *data,
                                   const nudge_train_options *options) {
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    assert_ok(nudge_train(computing, net, data, options, &result, error));
    return result;
}

static nudge_train_result train(nudge_net *net, const nudge_data *data, const nudge_train_options *options) {
    return train_in(context, net, data, options);
}

/* -- one call beside steps by hand -- */

/* The same training through the step-by-step calls. */
static void train_by_hand(nudge_net *net, const nudge_data *data, nudge_train_options options) {
    nudge_trainer *trainer = NULL;
    size_t rows = nudge_data_rows(data, NUDGE_PART_TRAIN);
    size_t batch = options.batch_size ? options.batch_size : rows, steps = (rows + batch - 1) / batch;
    uint32_t order[SMALL_MOST];
    size_t indices[SMALL_MOST];
    options.batch_size = batch;
    if (options.learning_rate == 0) options.learning_rate = nudge_optimizer_learning_rate(options.optimizer);
    assert_ok(nudge_trainer_create(context, net, &options, NULL, 0, &trainer, error));
    for (size_t epoch = 1; epoch <= options.epochs; epoch++) {
        order_make(order, rows, options.seed, (uint32_t)epoch, options.shuffle);
        for (size_t r = 0; r < rows; r++) indices[r] = order[r];
        for (size_t step = 1; step <= steps; step++) {
            size_t first = (step - 1) * batch, count = rows - first < batch ? rows - first : batch;
            double rate = schedule_rate(&options, epoch, step, steps);
            assert_ok(nudge_trainer_set_learning_rate(trainer, rate, error));
            assert_ok(nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, indices + first, count, error));
            assert_ok(nudge_trainer_forward(trainer, NULL, error));
            assert_ok(nudge_trainer_backward(trainer, error));
            assert_ok(nudge_trainer_update(trainer, error));
        }
    }
    nudge_trainer_free(trainer);
}

static void compare_with_hand(const char *text, const nudge_data *data, nudge_train_options options) {
    nudge_net *once = small_net(context, nudge_data_features(data), text), *by_hand = NULL;
    if (nudge_net_outputs(once) == 2 && !nudge_data_classes(data))
        assert_ok(nudge_net_set_cost(once, NUDGE_COST_HUBER, 0.3, error));
    assert_ok(nudge_net_clone(context, once, &by_hand, error));
    uint64_t before = small_digest_net(once);
    train(once, data, &options);
    train_by_hand(by_hand, data, options);
    assert_true(small_digest_net(once) != before);
    assert_digest(small_digest_net(once), small_digest_net(by_hand), text);
    nudge_net_free(once);
    nudge_net_free(by_hand);
}

static void test_full_batch_is_steps_by_hand(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 40, 0, 3, 2, 0);
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.batch_size = 0;
    options.epochs = 5;
    options.shuffle = false;
    compare_with_hand("7 tanh, 2 softmax", data, options);
    nudge_data_free(data);
}

/* A batch of 600 goes through the plan in portions of 256; by hand it does not. */
static void test_large_batches_are_portions_of_one_step(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 1300, 0, 3, 3, 0);
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.batch_size = 600;
    options.epochs = 2;
    compare_with_hand("17 relu, 3 softmax", data, options);
    nudge_data_free(data);
}

/* Ten rows do not divide 47: the last batch of an epoch is shorter. All schedules and optimizers. */
static void test_mini_batches_are_steps_by_hand(void **state) {
    (void)state;
    nudge_data *classes = small_data(context, 47, 0, 3, 2, 0), *numbers = small_data(context, 47, 0, 3, 0, 2);
    for (int schedule = NUDGE_SCHEDULE_CONSTANT; schedule <= NUDGE_SCHEDULE_ONE_CYCLE; schedule++)
        for (int optimizer = 0; nudge_optimizer_name((nudge_optimizer)optimizer); optimizer++) {
            nudge_train_options options = NUDGE_TRAIN_OPTIONS;
            options.schedule = (nudge_schedule)schedule;
            options.decay_epochs = 2;
            options.optimizer = (nudge_optimizer)optimizer;
            options.momentum = schedule % 2 && optimizer != NUDGE_OPTIMIZER_ADAM ? 0.9 : 0;
            options.epochs = 4;
            options.seed = 10 + (uint64_t)schedule;
            compare_with_hand("7 sigmoid, 1 sigmoid", classes, options);
            options.batch_size = 1;
            compare_with_hand("5 selu, 2", numbers, options);
        }
    nudge_data_free(classes);
    nudge_data_free(numbers);
}

/* 784 · 64 products a row: in batches of 100 sharing pays. The context that computes is not the net's. */
static void test_threads_do_not_show(void **state) {
    (void)state;
    uint64_t first = 0;
    nudge_data *data = NULL;
    assert_ok(nudge_data_generate(context, "digits:300/50", 1, &data, error));
    for (unsigned threads = 1; threads <= 3; threads++) {
        nudge_context *own = small_context(threads);
        nudge_net *net = small_net(context, 784, "64 sigmoid, 10 softmax");
        nudge_train_options options = NUDGE_TRAIN_OPTIONS;
        options.batch_size = 100;
        options.epochs = 2;
        options.momentum = 0.5;
        nudge_train_result result = train_in(own, net, data, &options);
        uint64_t digest =
            small_digest_bytes(small_digest_net(net), &result.test_cost, sizeof result.test_cost);
        if (threads == 1) first = digest;
        assert_digest(digest, first, "threads");
        nudge_net_free(net);
        nudge_context_free(own);
    }
    nudge_data_free(data);
}

/* -- it learns -- */

static double accuracy_after(const char *set, const char *text, double rate, size_t epochs) {
    nudge_data *data = NULL;
    assert_ok(nudge_data_generate(context, set, 1, &data, error));
    nudge_net *net = small_net(context, nudge_data_features(data), text);
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.epochs = epochs;
    options.learning_rate = rate;
    options.momentum = 0.9;
    nudge_train_result result = train(net, data, &options);
    nudge_net_free(net);
    nudge_data_free(data);
    return result.test_accuracy;
}

static void test_learns(void **state) {
    (void)state;
    assert_true(accuracy_after("xor", "8 tanh, 2 softmax", 0.2, 300) == 1);
    assert_true(accuracy_after("moons", "16 tanh, 2 softmax", 0.1, 40) > 0.98);
    assert_true(accuracy_after("circles", "16 relu, 1 sigmoid", 0.05, 40) >
                0.98); /* one output, two classes */
}

/* -- result and progress -- */

/* What the callbacks saw. */
struct witness {
    nudge_progress last;
    size_t steps, epochs, stop_at_step, stop_at_epoch;
    double last_rate;
};

static bool see_step(void *user, const nudge_progress *progress) {
    struct witness *witness = user;
    witness->steps++;
    assert_int_equal(progress->step, (witness->steps - 1) % progress->steps + 1);
    assert_int_equal(progress->epoch, (witness->steps - 1) / progress->steps + 1);
    assert_true(isfinite(progress->train_cost) && progress->train_accuracy >= 0 &&
                progress->train_accuracy <= 1);
    assert_true(isnan(progress->validation_cost) && isnan(progress->test_cost));
    witness->last_rate = progress->learning_rate;
    return witness->steps != witness->stop_at_step;
}

static bool see_epoch(void *user, const nudge_progress *progress) {
    struct witness *witness = user;
    witness->epochs++;
    assert_int_equal(progress->epoch, witness->epochs);
    assert_int_equal(progress->step, progress->steps);
    witness->last = *progress;
    return witness->epochs != witness->stop_at_epoch;
}

static nudge_train_options watched(struct witness *witness) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.epochs = 4;
    options.on_step = see_step;
    options.on_epoch = see_epoch;
    options.user = witness;
    return options;
}

static double mean_cost(const nudge_net *net, const nudge_data *data, nudge_part part, double *accuracy) {
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    assert_ok(nudge_evaluate(context, net, data, part, &evaluation, error));
    *accuracy = evaluation.accuracy;
    return evaluation.cost;
}

static void test_result_is_of_the_net_as_it_is(void **state) {
    (void)state;
    struct witness witness = {0};
    nudge_data *data = small_data(context, 50, 20, 3, 2, 0);
    nudge_net *net = small_net(context, 3, "7 tanh, 2 softmax");
    nudge_train_options options = watched(&witness);
    double accuracy;
    assert_ok(nudge_data_split(data, 0.2, 1, error));
    nudge_train_result result = train(net, data, &options);
    assert_int_equal(witness.steps, 4 * 4); /* 40 rows in batches of 10 */
    assert_int_equal(witness.last.rows, 40);
    assert_int_equal(result.epochs, 4);
    assert_int_equal(result.best_epoch, 4);
    assert_false(result.stopped || result.stopped_early);
    assert_true(result.train_cost == witness.last.train_cost &&
                result.train_accuracy == witness.last.train_accuracy);
    assert_true(result.validation_cost == mean_cost(net, data, NUDGE_PART_VALIDATION, &accuracy));
    assert_true(result.validation_accuracy == accuracy);
    assert_true(result.test_cost == mean_cost(net, data, NUDGE_PART_TEST, &accuracy));
    assert_true(result.test_accuracy == accuracy && result.seconds >= 0 && result.samples_per_second >= 0);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* Without a test or validation part, and for regression, figures are NaN; so are the test's until the end
 * when it is not evaluated after every epoch. */
static void test_unknown_figures_are_nan(void **state) {
    (void)state;
    struct witness witness = {0};
    nudge_train_options options = watched(&witness);
    nudge_data *numbers = small_data(context, 40, 0, 3, 0, 2),
               *classes = small_data(context, 40, 20, 3, 2, 0);
    nudge_net *net = small_net(context, 3, "2"), *other = small_net(context, 3, "2 softmax");
    options.on_step = NULL;
    nudge_train_result result = train(net, numbers, &options);
    assert_true(isnan(result.train_accuracy) && isnan(result.validation_cost) && isnan(result.test_cost));
    assert_true(isnan(result.test_accuracy) && isfinite(result.train_cost));
    witness = (struct witness){0};
    options.evaluate_test = false;
    result = train(other, classes, &options);
    assert_true(isnan(witness.last.test_cost) && isfinite(result.test_cost) &&
                isfinite(result.test_accuracy));
    nudge_net_free(net);
    nudge_net_free(other);
    nudge_data_free(numbers);
    nudge_data_free(classes);
}

/* Two epochs and five steps by hand are what a callback leaves that stops there. */
static void test_callbacks_stop(void **state) {
    (void)state;
    struct witness witness = {.stop_at_step = 6};
    nudge_data *data = small_data(context, 40, 20, 3, 2, 0);
    nudge_net *net = small_net(context, 3, "7 tanh, 2 softmax");
    nudge_train_options options = watched(&witness);
    double accuracy;
    nudge_train_result result = train(net, data, &options);
    assert_true(result.stopped && witness.steps == 6 && witness.epochs == 1);
    assert_int_equal(result.epochs, 1);
    assert_true(result.test_cost == mean_cost(net, data, NUDGE_PART_TEST, &accuracy));
    witness = (struct witness){.stop_at_epoch = 3};
    result = train(net, data, &options);
    assert_true(result.stopped && witness.epochs == 3 && result.epochs == 3 && result.best_epoch == 3);
    witness = (struct witness){.stop_at_step = 8}; /* the last step of the second epoch: a whole one */
    result = train(net, data, &options);
    assert_true(result.stopped && witness.epochs == 2 && result.epochs == 2 && result.best_epoch == 2);
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_schedule_reaches_the_steps(void **state) {
    (void)state;
    struct witness witness = {0};
    nudge_data *data = small_data(context, 40, 0, 3, 2, 0);
    nudge_net *net = small_net(context, 3, "2 softmax");
    nudge_train_options options = watched(&witness);
    options.schedule = NUDGE_SCHEDULE_COSINE;
    options.decay = 0.1;
    options.learning_rate = 0.1;
    train(net, data, &options);
    assert_true(witness.last_rate == schedule_rate(&options, 4, 4, 4));
    nudge_net_free(net);
    nudge_data_free(data);
}

/* -- what it leaves in the net -- */

static void test_net_knows_how_it_was_trained(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 40, 0, 3, 3, 0), *numbers = small_data(context, 40, 0, 3, 0, 2);
    nudge_net *net = small_net(context, 3, "3 softmax"), *line = small_net(context, 3, "2");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    train(net, data, &options);
    assert_string_equal(nudge_net_label(net, 2), "2");
    assert_int_equal(nudge_net_cost(net, NULL), NUDGE_COST_CROSS_ENTROPY);
    assert_true(first_transform(net).factor == first_transform(net).factor);
    assert_ok(nudge_net_set_cost(line, NUDGE_COST_HUBER, 0.1, error));
    options.epochs = 1;
    train(line, numbers, &options);
    assert_null(nudge_net_label(line, 0));
    double delta = 0;
    assert_int_equal(nudge_net_cost(line, &delta), NUDGE_COST_HUBER);
    assert_true(delta == 0.1);
    nudge_net_free(net);
    nudge_net_free(line);
    nudge_data_free(data);
    nudge_data_free(numbers);
}

static void test_labels_and_transforms_are_kept(void **state) {
    (void)state;
    const char *labels[] = {"no", "yes"};
    nudge_data *data = small_data(context, 40, 0, 3, 2, 0);
    nudge_net *net = small_net(context, 3, "1 sigmoid");
    assert_ok(nudge_net_set_labels(net, labels, 2, error));
    assert_ok(set_alike(net, 0.5f, 3, error));
    train(net, data, NULL);
    assert_string_equal(nudge_net_label(net, 1), "yes");
    assert_true(first_transform(net).factor == 3);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* -- nothing is allocated while it runs -- */

struct counted {
    const struct accounts *accounts;
    size_t first, last;
};

static bool count_allocations(void *user, const nudge_progress *progress) {
    struct counted *counted = user;
    (void)progress;
    if (!counted->first) counted->first = counted->accounts->allocations;
    counted->last = counted->accounts->allocations;
    return true;
}

static void test_steps_allocate_nothing(void **state) {
    (void)state;
    struct accounts accounts = {0};
    struct counted counted = {&accounts, 0, 0};
    nudge_context *own = counting_context(&accounts);
    nudge_data *data = small_data(own, 400, 300, 3, 2, 0);
    nudge_net *net = small_net(own, 3, "7 tanh, 2 softmax");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    assert_ok(nudge_data_split(data, 0.1, 1, error));
    options.patience = 3;
    options.momentum = 0.5;
    options.on_step = options.on_epoch = count_allocations;
    options.user = &counted;
    train(net, data, &options);
    assert_true(counted.first > 0 && counted.last == counted.first);
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(own);
    assert_int_equal(accounts.live_blocks, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_batch_is_steps_by_hand),
        cmocka_unit_test(test_large_batches_are_portions_of_one_step),
        cmocka_unit_test(test_mini_batches_are_steps_by_hand),
        cmocka_unit_test(test_threads_do_not_show),
        cmocka_unit_test(test_learns),
        cmocka_unit_test(test_result_is_of_the_net_as_it_is),
        cmocka_unit_test(test_unknown_figures_are_nan),
        cmocka_unit_test(test_callbacks_stop),
        cmocka_unit_test(test_schedule_reaches_the_steps),
        cmocka_unit_test(test_net_knows_how_it_was_trained),
        cmocka_unit_test(test_labels_and_transforms_are_kept),
        cmocka_unit_test(test_steps_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
