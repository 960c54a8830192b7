/* Ops between the products, batch-norm and dropout: their gradients beside differences, in training and in prediction;
 * the same bits whatever threads and portions; masks and statistics beside plain C; files and replays. */
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/random.h"
#include "levels.h"
#include "nets.h"
#include "small.h"

#include <math.h>

static const char *const texts[] = {
    "17, batch-norm, tanh, 3",
    "20 tanh, dropout 0.3, 9, batch-norm, sigmoid, dropout 0.5, 4 softmax",
    "dropout 0.25, 33 gelu, batch-norm 0.01 0.5, 70, batch-norm, silu, 2",
    "5 softmax, batch-norm, dropout 0.1, 6, batch-norm, softmax, 3 sigmoid",
    "65, batch-norm, 65, batch-norm, 3, batch-norm, tanh",
    "256, batch-norm, tanh, dropout 0.2, 2", /* rows that are further apart than their neurons: row_stride */
};
enum { TEXTS = sizeof texts / sizeof *texts, INPUTS = 21 };

/* Scales, shifts and running statistics that are not what they begin as. */
static nudge_net *drawn_net(nudge_context *context, const char *text) {
    nudge_net *net = small_net(context, INPUTS, text);
    uint64_t state = 11;
    for (size_t t = 0; t < net->tensor_count; t++)
        for (size_t i = 0; i < net->tensors[t].count && net->tensors[t].number > DENSE_WEIGHT; i++)
            net->parameters[tensor_place(&net->tensors[t], i)] =
                (float)nets_between(&state, tensor_is_state(&net->tensors[t]) ? 0.5 : -1, 1.5);
    return net;
}

static struct plan *loaded_plan(nudge_context *context, const nudge_net *net, enum real_type precision,
                                enum plan_use use, size_t rows) {
    size_t bytes = plan_memory(context, net, precision, use, rows);
    struct plan *plan = plan_make(context, net, precision, use, rows, nets_allocate(bytes, 1));
    uint64_t state = 5;
    plan->seed = 77;
    plan->step = 3;
    for (size_t r = 0; r < rows; r++) {
        for (size_t k = 0; k < net->inputs; k++)
            plan_set(plan, plan->x, r * plan->input_stride + k, nets_between(&state, -1, 1));
        for (size_t j = 0; j < net->outputs; j++)
            plan_set(plan, plan->targets, r * plan->output_stride + j, nets_between(&state, 0, 1));
    }
    return plan;
}

/* -- gradients -- */

static double mean_cost(struct plan *plan, size_t rows, const struct walk_cost *cost) {
    double sum = 0;
    walk_forward(plan, rows, NULL, cost);
    for (size_t r = 0; r < rows; r++) sum += plan_get(plan, plan->each, r);
    return sum;
}

static double quotient(struct plan *plan, size_t rows, const struct walk_cost *cost, double *parameter,
                       double h) {
    double p = *parameter;
    *parameter = p + h;
    double above = mean_cost(plan, rows, cost);
    *parameter = p - h;
    double below = mean_cost(plan, rows, cost);
    *parameter = p;
    return (above - below) / (2 * h);
}

static void check_gradients(const char *text, enum plan_use use, size_t rows) {
    nudge_context *context = small_context(1);
    nudge_net *net = drawn_net(context, text);
    struct plan *plan = loaded_plan(context, net, REAL_F64, use, rows);
    struct chosen_cost chosen = {&costs[NUDGE_COST_QUADRATIC], 1};
    struct walk_cost cost = cost_for_walk(&chosen);
    walk_both(plan, rows, &cost, false);
    double *gradients = nets_allocate(net->block_count, sizeof *gradients), largest = 0;
    memcpy(gradients, plan->gradients, net->block_count * sizeof *gradients);
    for (size_t i = 0; i < net->block_count; i++) largest = fmax(largest, fabs(gradients[i]));
    assert_true(largest > 1e-3);
    for (size_t t = 0; t < net->tensor_count; t++)
        for (size_t i = 0; i < net->tensors[t].count; i += 1 + net->tensors[t].count / 40) {
            size_t at = tensor_place(&net->tensors[t], i);
            double *parameter = (double *)plan->parameters + at, h = 1e-4;
            if (tensor_is_state(&net->tensors[t])) {
                assert_true(gradients[at] == 0);
                continue;
            }
            double difference = (4 * quotient(plan, rows, &cost, parameter, h / 2) -
                                 quotient(plan, rows, &cost, parameter, h)) /
                                3; /* Richardson 1911 */
            if (!(fabs(gradients[at] - difference) <= 1e-7 * fmax(largest, 1)))
                fail_msg("\"%s\", %zu rows, %s: layer %zu, %s [%zu]: %.12g, expected %.12g", text, rows,
                         use == PLAN_TRAIN ? "training" : "prediction", net->tensors[t].layer,
                         net->tensors[t].is->name, i, gradients[at], difference);
        }
    /* On top of what is there: twice as much. */
    walk_both(plan, rows, &cost, true);
    for (size_t i = 0; i < net->block_count; i++)
        assert_true(fabs(((double *)plan->gradients)[i] - 2 * gradients[i]) <= 1e-12 * largest);
    free(gradients);
    free(plan);
    nudge_net_free(net);
    nudge_context_free(context);
}

static void test_gradients_meet_differences(void **state) {
    (void)state;
    for (size_t t = 0; t < TEXTS; t++)
        for (size_t rows = 5; rows < 90; rows += 67) {
            check_gradients(texts[t], PLAN_TRAIN, rows);
            check_gradients(texts[t], PLAN_EXPLAIN, rows);
        }
}

/* -- bits -- */

/* Everything that a step leaves behind. */
static uint64_t digest_of(nudge_context *context, const char *text, size_t rows) {
    nudge_net *net = drawn_net(context, text);
    struct plan *plan = loaded_plan(context, net, REAL_F32, PLAN_TRAIN, rows);
    struct chosen_cost chosen = {&costs[NUDGE_COST_QUADRATIC], 1};
    struct walk_cost cost = cost_for_walk(&chosen);
    walk_both(plan, rows, &cost, false);
    walk_settle(plan, rows);
    uint64_t digest = small_digest_floats(SMALL_DIGEST, plan->gradients, net->block_count);
    digest = small_digest_floats(digest, net->parameters, net->block_count);
    for (size_t s = 0; s < plan->step_count; s++)
        for (size_t r = 0; r < rows; r++) {
            const struct plan_step *step = &plan->steps[s];
            digest =
                small_digest_floats(digest, (float *)step->y + r * step->output_stride, step->link->outputs);
            if (step->d)
                digest = small_digest_floats(digest, (float *)step->d + r * step->output_stride,
                                             step->link->outputs);
        }
    free(plan);
    nudge_net_free(net);
    return digest;
}

static void test_threads_and_levels_do_not_change_a_bit(void **state) {
    (void)state;
    for (size_t t = 0; t < TEXTS; t++)
        for (size_t rows = 3; rows < 300; rows += 200)
            for (size_t level = 0; level < level_count; level++) {
                uint64_t expected = digest_of(level_lowest(level), texts[t], rows);
                for (unsigned threads = 1; threads <= 3; threads++) {
                    nudge_context *context = level_with_threads(level, threads);
                    assert_true(digest_of(context, texts[t], rows) == expected);
                    nudge_context_free(context);
                }
            }
}

/* -- dropout -- */

/* Two 16-bit numbers from every 32 of the stream of (seed, layer, step, row). */
static void draw_mask(uint64_t seed, uint64_t step, uint32_t layer, uint32_t row, double p, size_t count,
                      bool *kept) {
    struct random_stream stream = random_stream_make(seed, RANDOM_DROPOUT, layer, (uint32_t)step, row);
    for (size_t j = 0; j < count; j += 2) {
        uint32_t number = random_u32(&stream);
        kept[j] = (number & 0xFFFF) >= (uint32_t)(p * 65536);
        if (j + 1 < count) kept[j + 1] = number >> 16 >= (uint32_t)(p * 65536);
    }
}

static void test_masks_are_those_of_their_streams(void **state) {
    (void)state;
    enum { ROWS = 61, NEURONS = 203 };
    nudge_context *context = small_context(2);
    nudge_net *net = small_net(context, INPUTS, "203, dropout 0.3, 2");
    struct plan *plan = loaded_plan(context, net, REAL_F32, PLAN_TRAIN, ROWS);
    bool kept[NEURONS];
    size_t dropped = 0;
    plan->step_row = 1000;
    plan->step = (uint64_t)1 << 33 | 9;
    walk_forward(plan, ROWS, NULL, NULL);
    const struct plan_step *step = plan_output(plan, 1);
    assert_string_equal(step->link->op->name, "dropout");
    for (uint32_t r = 0; r < ROWS; r++) {
        draw_mask(77, plan->step, 1, 1000 + r, 0.3, NEURONS, kept);
        for (size_t j = 0; j < NEURONS; j++) {
            float x = ((const float *)step->x)[r * step->input_stride + j],
                  y = ((const float *)step->y)[r * step->output_stride + j];
            assert_true(y == (kept[j] ? x * (float)(65536.0 / (65536 - floor(0.3 * 65536))) : 0));
            dropped += !kept[j];
        }
    }
    double expected = 0.3 * ROWS * NEURONS, deviation = sqrt(expected * 0.7);
    assert_true(fabs((double)dropped - expected) < 4 * deviation);
    /* A plan for prediction does not have the op. */
    size_t bytes = plan_memory(context, net, REAL_F32, PLAN_PREDICT, ROWS);
    struct plan *predict = plan_make(context, net, REAL_F32, PLAN_PREDICT, ROWS, nets_allocate(bytes, 1));
    assert_int_equal(predict->step_count, plan->step_count - 1);
    free(predict);
    free(plan);
    nudge_net_free(net);
    nudge_context_free(context);
}

/* A step's mask does not depend on how many rows go through the plan at once. */
static void test_portions_have_one_mask(void **state) {
    (void)state;
    nudge_context *context = small_context(1);
    nudge_net *net = small_net(context, INPUTS, "30 tanh, dropout 0.5, 2");
    struct plan *whole = loaded_plan(context, net, REAL_F32, PLAN_TRAIN, 40),
                *part = loaded_plan(context, net, REAL_F32, PLAN_TRAIN, 40);
    walk_forward(whole, 40, NULL, NULL);
    memmove(part->x, (float *)part->x + 15 * part->input_stride, 25 * part->input_stride * sizeof(float));
    part->step_row = 15;
    walk_forward(part, 25, NULL, NULL);
    assert_memory_equal(plan_last(part)->y, (float *)plan_last(whole)->y + 15 * whole->output_stride,
                        25 * whole->output_stride * sizeof(float));
    free(whole);
    free(part);
    nudge_net_free(net);
    nudge_context_free(context);
}

/* -- batch-norm -- */

static float number_of(const nudge_net *net, const char *name, size_t i) {
    for (size_t t = 0; t < net->tensor_count; t++)
        if (strcmp(net->tensors[t].is->name, name) == 0)
            return net->parameters[tensor_place(&net->tensors[t], i)];
    fail_msg("no tensor %s", name);
    return 0;
}

static void test_statistics_are_those_of_the_batch(void **state) {
    (void)state;
    enum { ROWS = 150, NEURONS = 19 };
    nudge_context *context = small_context(2);
    nudge_net *net = drawn_net(context, "19, batch-norm 0.001 0.2, tanh, 2");
    struct plan *plan = loaded_plan(context, net, REAL_F32, PLAN_TRAIN, ROWS);
    walk_forward(plan, ROWS, NULL, NULL);
    const struct plan_step *step = plan_dense(plan, 1) + 1;
    for (size_t j = 0; j < NEURONS; j++) {
        double mean = 0, variance = 0;
        const float *x = (const float *)step->x + j, *y = (const float *)step->y + j;
        for (size_t r = 0; r < ROWS; r++) mean += (double)x[r * step->input_stride] / ROWS;
        for (size_t r = 0; r < ROWS; r++) variance += pow((double)x[r * step->input_stride] - mean, 2) / ROWS;
        for (size_t r = 0; r < ROWS; r++) {
            double normal = ((double)x[r * step->input_stride] - mean) / sqrt(variance + 0.001);
            double expected = (double)number_of(net, "batch_norm.scale", j) * normal +
                              (double)number_of(net, "batch_norm.shift", j);
            assert_true(fabs((double)y[r * step->output_stride] - expected) < 2e-6 * (1 + fabs(expected)));
        }
        double old_mean = (double)number_of(net, "batch_norm.mean", j),
               old_variance = (double)number_of(net, "batch_norm.variance", j);
        if (j == 0) walk_settle(plan, ROWS);
        if (j > 0) continue;
        assert_true(fabs((double)number_of(net, "batch_norm.mean", j) - (0.8 * old_mean + 0.2 * mean)) <
                    1e-6);
        assert_true(fabs((double)number_of(net, "batch_norm.variance", j) -
                         (0.8 * old_variance + 0.2 * variance * ROWS / (ROWS - 1))) < 1e-6);
    }
    free(plan);
    nudge_net_free(net);
    nudge_context_free(context);
}

/* -- training, files, replays -- */

static nudge_train_options short_training(size_t batch) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.epochs = 3;
    options.batch_size = batch;
    options.momentum = 0.5;
    options.l1 = 1e-4;
    options.l2 = 1e-3;
    options.weight_decay = 1e-3;
    return options;
}

static uint64_t trained_digest(unsigned threads, size_t batch, const char *text, nudge_journal *journal) {
    nudge_context *context = small_context(threads);
    nudge_data *data = small_data(context, 600, 60, 6, 3, 0);
    nudge_net *net = small_net(context, 6, text);
    nudge_train_options options = short_training(batch);
    options.journal = journal;
    assert_ok(nudge_train(context, net, data, &options, NULL, error));
    uint64_t digest = small_digest_floats(SMALL_DIGEST, net->parameters, net->block_count);
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(context);
    return digest;
}

static void test_trainings_have_the_same_bits(void **state) {
    (void)state;
    static const char *const trained[] = {"80, batch-norm, relu, dropout 0.2, 3 softmax",
                                          "256, batch-norm, relu, dropout 0.2, 3 softmax",
                                          "dropout 0.1, 40 tanh, dropout 0.5, 3 softmax"};
    for (size_t t = 0; t < sizeof trained / sizeof *trained; t++)
        for (size_t batch = 50; batch <= 550; batch += 500) {
            uint64_t expected = trained_digest(1, batch, trained[t], NULL);
            for (unsigned threads = 2; threads <= 3; threads++)
                assert_true(trained_digest(threads, batch, trained[t], NULL) == expected);
        }
}

/* Step by step through the trainer: the same net as in one call. */
static void test_the_trainer_makes_the_same_steps(void **state) {
    (void)state;
    enum { ROWS = 60 };
    const char *text = "24, batch-norm, relu, dropout 0.2, 3 softmax";
    nudge_context *context = small_context(1);
    nudge_data *data = small_data(context, ROWS, 0, 6, 3, 0);
    nudge_net *one = small_net(context, 6, text), *other = small_net(context, 6, text);
    nudge_train_options options = short_training(ROWS);
    nudge_trainer *trainer = NULL;
    size_t rows[ROWS];
    options.shuffle = false;
    for (size_t r = 0; r < ROWS; r++) rows[r] = r;
    assert_ok(nudge_train(context, one, data, &options, NULL, error));
    assert_ok(nudge_trainer_create(context, other, &options, NULL, 0, &trainer, error));
    for (size_t step = 0; step < 3; step++) {
        assert_ok(nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, rows, ROWS, error));
        assert_ok(nudge_trainer_forward(trainer, NULL, error));
        assert_ok(nudge_trainer_backward(trainer, error));
        assert_ok(nudge_trainer_update(trainer, error));
    }
    assert_memory_equal(one->parameters, other->parameters, one->block_count * sizeof(float));
    nudge_trainer_free(trainer);
    nudge_net_free(one);
    nudge_net_free(other);
    nudge_data_free(data);
    nudge_context_free(context);
}

static bool keep_digest(void *user, size_t step, const nudge_net *net) {
    (void)step;
    *(uint64_t *)user = small_digest_floats(SMALL_DIGEST, net->parameters, net->block_count);
    return true;
}

static void test_files_and_replays(void **state) {
    (void)state;
    const char *text = "24, batch-norm, relu, dropout 0.2, 3 softmax";
    nudge_context *context = small_context(1);
    nudge_data *data = small_data(context, 600, 60, 6, 3, 0);
    nudge_net *net = small_net(context, 6, text), *again = NULL;
    nudge_journal *journal = NULL, *loaded = NULL;
    nudge_train_options options = short_training(50);
    uint64_t digest, replayed;
    assert_ok(nudge_journal_create(context, NULL, &journal, error));
    options.journal = journal;
    assert_ok(nudge_train(context, net, data, &options, NULL, error));
    assert_ok(nudge_net_save(net, "net.nudge", error));
    assert_ok(nudge_net_load(context, "net.nudge", &again, error));
    assert_string_equal(nudge_net_text(again), text);
    assert_memory_equal(net->parameters, again->parameters, net->block_count * sizeof(float));
    assert_ok(nudge_journal_save(journal, "net.journal", error));
    assert_ok(nudge_journal_load(context, "net.journal", &loaded, error));
    digest = small_digest_floats(SMALL_DIGEST, net->parameters, net->block_count);
    for (size_t first = 0; first < 36; first += 7) {
        assert_ok(nudge_journal_replay(context, loaded, data, first, 36, keep_digest, &replayed, error));
        assert_true(replayed == digest);
    }
    nudge_journal_free(journal);
    nudge_journal_free(loaded);
    nudge_net_free(net);
    nudge_net_free(again);
    nudge_data_free(data);
    nudge_context_free(context);
}

/* -- penalties -- */

/* One step of plain descent beside the formulas; biases, scales and shifts are left alone. */
static void test_penalties_are_of_weights_alone(void **state) {
    (void)state;
    enum { ROWS = 10 };
    nudge_context *context = small_context(1);
    nudge_data *data = small_data(context, ROWS, 0, 6, 3, 0);
    nudge_net *plain = small_net(context, 6, "70, batch-norm, tanh, 3 softmax"), *start = NULL, *net = NULL;
    assert_ok(nudge_net_clone(context, plain, &start, error));
    assert_ok(nudge_net_clone(context, plain, &net, error));
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    options.epochs = 1;
    options.batch_size = ROWS;
    options.learning_rate = 0.5;
    assert_ok(nudge_train(context, plain, data, &options, &result, error));
    assert_true(result.penalty == 0);
    options.l1 = 0.01;
    options.l2 = 0.1;
    options.weight_decay = 0.2;
    assert_ok(nudge_train(context, net, data, &options, &result, error));
    double sizes = 0, squares = 0;
    for (size_t t = 0; t < net->tensor_count; t++)
        for (size_t i = 0; i < net->tensors[t].count; i++) {
            size_t at = tensor_place(&net->tensors[t], i);
            double before = (double)start->parameters[at], after = (double)net->parameters[at],
                   expected = (double)plain->parameters[at];
            if (net->tensors[t].is->role == NUDGE_ROLE_WEIGHT) {
                double sign = before > 0 ? 1 : -1;
                expected -= 0.5 * (0.1 * before + 0.01 * sign) + 0.5 * 0.2 * before;
                sizes += fabs(after);
                squares += after * after;
            }
            if (!(fabs(after - expected) < 1e-6))
                fail_msg("%s %zu: %.9g, expected %.9g", net->tensors[t].is->name, i, after, expected);
        }
    double penalty = 0.01 * sizes + 0.05 * squares;
    assert_true(fabs(result.penalty - penalty) < 1e-9 * penalty);
    nudge_net_free(plain);
    nudge_net_free(start);
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(context);
}

/* -- reducing -- */

struct reduced {
    size_t next, calls, rows;
    float factor;
};

static void reduce(void *user, size_t layer, float *gradients, size_t count, size_t rows) {
    struct reduced *reduced = user;
    assert_int_equal(layer, reduced->next);
    reduced->next = layer > 1 ? layer - 1 : 3;
    reduced->calls++;
    reduced->rows = rows;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += fabs((double)gradients[i]);
        gradients[i] *= reduced->factor;
    }
    assert_true(sum > 0);
}

/* A hook that leaves gradients alone changes no bit; one that doubles them is twice the learning rate. In portions, by
 * rows and by layers, with any number of threads, and step by step. */
static void test_the_reduce_hook_has_each_layer_once(void **state) {
    (void)state;
    static const char *const reduced_nets[] = {"20 tanh, 9, batch-norm, tanh, 3 softmax",
                                               "20 tanh, 9 tanh, 3 softmax", "300 relu, 300 relu, 3 softmax"};
    for (size_t n = 0; n < 3; n++)
        for (unsigned threads = 1; threads <= 2; threads++)
            for (size_t batch = 100; batch <= 600; batch += 500) {
                nudge_context *context = small_context(threads);
                nudge_data *data = small_data(context, 600, 0, 6, 3, 0);
                nudge_net *nets[3];
                struct reduced reduced = {3, 0, 0, 1};
                for (size_t i = 0; i < 3; i++) {
                    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
                    nets[i] = small_net(context, 6, reduced_nets[n]);
                    options.epochs = 2;
                    options.batch_size = batch;
                    options.learning_rate = i == 2 ? 0.025 : 0.05;
                    if (i > 0) options.reduce = reduce;
                    options.user = &reduced;
                    reduced = (struct reduced){3, 0, 0, i == 2 ? 2 : 1};
                    assert_ok(nudge_train(context, nets[i], data, &options, NULL, error));
                    assert_int_equal(reduced.calls, i > 0 ? 3 * 2 * (600 / batch) : 0);
                    assert_memory_equal(nets[i]->parameters, nets[0]->parameters,
                                        nets[0]->block_count * sizeof(float));
                }
                assert_int_equal(reduced.rows, batch);
                for (size_t i = 0; i < 3; i++) nudge_net_free(nets[i]);
                nudge_data_free(data);
                nudge_context_free(context);
            }
}

/* -- what is refused -- */

static void test_what_cannot_be_is_refused(void **state) {
    (void)state;
    nudge_context *context = small_context(1);
    nudge_data *data = small_data(context, 30, 0, 6, 3, 0);
    nudge_net *net = small_net(context, 6, "8, batch-norm, tanh, 3 softmax");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_trainer *trainer = NULL;
    nudge_error error = {0};
    size_t row = 0;
    options.batch_size = 1;
    expect_error(nudge_train(context, net, data, &options, NULL, &error), NUDGE_BAD_ARGUMENT, &error, "1 row",
                 "at least 2", NULL);
    options.batch_size = 10;
    options.l2 = -1;
    expect_error(nudge_train(context, net, data, &options, NULL, &error), NUDGE_BAD_ARGUMENT, &error, "l2 -1",
                 NULL);
    options.l2 = 0;
    options.prediction = true;
    expect_error(nudge_train(context, net, data, &options, NULL, &error), NUDGE_BAD_ARGUMENT, &error,
                 "prediction", NULL);
    assert_int_equal(nudge_trainer_create(context, net, &options, NULL, 0, &trainer, NULL), NUDGE_OK);
    assert_int_equal(nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, &row, 1, NULL), NUDGE_OK);
    assert_int_equal(nudge_trainer_forward(trainer, NULL, NULL), NUDGE_OK);
    assert_int_equal(nudge_trainer_backward(trainer, NULL), NUDGE_OK);
    expect_error(nudge_trainer_update(trainer, &error), NUDGE_BAD_ARGUMENT, &error, "as it predicts", NULL);
    nudge_trainer_free(trainer);
    /* A variance below 0, which no file may have. */
    nudge_tensor tensor = NUDGE_TENSOR;
    size_t variance = 0;
    while (nudge_net_tensor(net, variance, &tensor) && strcmp(tensor.name, "batch_norm.variance")) variance++;
    float wrong[8] = {1, 1, -1, 1, 1, 1, 1, 1};
    assert_int_equal(nudge_net_set_tensor(net, variance, wrong, 8, NULL), NUDGE_OK);
    expect_error(nudge_net_save(net, "never.nudge", &error), NUDGE_BAD_ARGUMENT, &error,
                 "batch_norm.variance [2] is -1", "0 or more", NULL);
    expect_error(nudge_net_set_tensor(net, variance, wrong, 7, &error), NUDGE_BAD_ARGUMENT, &error,
                 "room for 7", "expected 8", NULL);
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(context);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients_meet_differences),
        cmocka_unit_test_setup_teardown(test_threads_and_levels_do_not_change_a_bit, levels_open,
                                        levels_close),
        cmocka_unit_test(test_masks_are_those_of_their_streams),
        cmocka_unit_test(test_portions_have_one_mask),
        cmocka_unit_test(test_statistics_are_those_of_the_batch),
        cmocka_unit_test(test_trainings_have_the_same_bits),
        cmocka_unit_test(test_the_trainer_makes_the_same_steps),
        cmocka_unit_test_setup_teardown(test_files_and_replays, enter_scratch, leave_scratch),
        cmocka_unit_test(test_penalties_are_of_weights_alone),
        cmocka_unit_test(test_the_reduce_hook_has_each_layer_once),
        cmocka_unit_test(test_what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
