/* Prediction: the activations that training sees, in portions, without allocating, by several threads on
 * one net. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "alike.h"
#include "small.h"

#include <pthread.h>

enum { ROWS = 23, INPUTS = 3, OUTPUTS = 4 };

static const char *const text = "17 relu, 33 tanh, 4 softmax";
static struct accounts accounts;
static nudge_context *context;
static nudge_net *net;
static float x[ROWS * INPUTS];

static int set_up(void **state) {
    (void)state;
    uint32_t random = 4;
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    net = small_net(context, INPUTS, text);
    for (size_t i = 0; i < ROWS * INPUTS; i++) x[i] = 4 * small_random(&random) - 2;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_net_free(net);
    nudge_context_free(context);
    return accounts.live_blocks ? -1 : 0;
}

static void predict(size_t capacity, size_t rows, float *outputs) {
    nudge_predictor *predictor = NULL;
    assert_ok(nudge_predictor_create(context, net, capacity, NULL, 0, &predictor, error));
    assert_ok(nudge_predict(predictor, x, rows, outputs, error));
    nudge_predictor_free(predictor);
    nudge_predictor_free(NULL);
}

static void test_outputs_are_the_activations_of_training(void **state) {
    (void)state;
    float outputs[ROWS * OUTPUTS], activations[ROWS * OUTPUTS], targets[ROWS * OUTPUTS] = {0};
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_trainer *trainer = NULL;
    options.batch_size = ROWS;
    assert_ok(set_alike(net, -0.5f, 1.5f, error));
    assert_ok(nudge_trainer_create(context, net, &options, NULL, 0, &trainer, error));
    assert_ok(nudge_trainer_batch(trainer, x, targets, ROWS, error));
    assert_ok(nudge_trainer_forward(trainer, NULL, error));
    assert_ok(nudge_trainer_read(trainer, NUDGE_ACTIVATION, 3, activations, ROWS * OUTPUTS, error));
    nudge_trainer_free(trainer);
    predict(ROWS, ROWS, outputs);
    assert_memory_equal(outputs, activations, sizeof outputs);
}

static void test_portions_do_not_show(void **state) {
    (void)state;
    static const size_t capacities[] = {1, 2, 7, 16, 22, 100};
    float expected[ROWS * OUTPUTS], outputs[ROWS * OUTPUTS];
    predict(ROWS, ROWS, expected);
    for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++) {
        memset(outputs, 0, sizeof outputs);
        predict(capacities[i], ROWS, outputs);
        assert_memory_equal(outputs, expected, sizeof outputs);
    }
}

static void test_no_rows(void **state) {
    (void)state;
    float output = 7;
    predict(3, 0, &output);
    assert_true(output == 7);
}

static void test_predictor_follows_the_net(void **state) {
    (void)state;
    nudge_predictor *predictor = NULL;
    float before[OUTPUTS], after[OUTPUTS];
    assert_ok(nudge_predictor_create(context, net, 1, NULL, 0, &predictor, error));
    assert_ok(nudge_predict(predictor, x, 1, before, error));
    assert_ok(nudge_net_initialise(net, NUDGE_INIT_DEFAULT, 0, 2, error));
    assert_ok(nudge_predict(predictor, x, 1, after, error));
    assert_memory_not_equal(before, after, sizeof before);
    nudge_predictor_free(predictor);
}

static void test_predicting_allocates_nothing(void **state) {
    (void)state;
    nudge_predictor *predictor = NULL;
    float outputs[ROWS * OUTPUTS];
    assert_ok(nudge_predictor_create(context, net, 5, NULL, 0, &predictor, error));
    size_t allocations = accounts.allocations;
    for (size_t i = 0; i < 10; i++) assert_ok(nudge_predict(predictor, x, ROWS, outputs, error));
    assert_int_equal(accounts.allocations, allocations);
    nudge_predictor_free(predictor);
}

/* -- threads -- */

struct worker {
    const nudge_net *net;
    float outputs[ROWS * OUTPUTS];
    nudge_status status;
};

/* A context and a predictor of its own; the net belongs to all. */
static void *work(void *argument) {
    struct worker *worker = argument;
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *own = NULL;
    nudge_predictor *predictor = NULL;
    options.threads = 2;
    worker->status = nudge_context_create(&options, &own, NULL);
    if (!worker->status)
        worker->status = nudge_predictor_create(own, worker->net, 4, NULL, 0, &predictor, NULL);
    for (size_t i = 0; !worker->status && i < 50; i++)
        worker->status = nudge_predict(predictor, x, ROWS, worker->outputs, NULL);
    nudge_predictor_free(predictor);
    nudge_context_free(own);
    return NULL;
}

static void test_threads_share_a_net(void **state) {
    (void)state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    float expected[ROWS * OUTPUTS];
    predict(ROWS, ROWS, expected);
    for (size_t t = 0; t < THREADS; t++) {
        workers[t].net = net;
        assert_int_equal(pthread_create(&threads[t], NULL, work, &workers[t]), 0);
    }
    for (size_t t = 0; t < THREADS; t++) assert_int_equal(pthread_join(threads[t], NULL), 0);
    for (size_t t = 0; t < THREADS; t++) {
        assert_int_equal(workers[t].status, NUDGE_OK);
        assert_memory_equal(workers[t].outputs, expected, sizeof expected);
    }
}

/* Rows shared out among the predictor's own threads: enough of them that it pays. */
static void test_threads_of_one_predictor(void **state) {
    (void)state;
    enum { MANY = 2000, WIDE = 50 };
    float *features = malloc(MANY * WIDE * sizeof *features), *outputs[2];
    uint32_t random = 8;
    assert_non_null(features);
    for (size_t i = 0; i < MANY * WIDE; i++) features[i] = small_random(&random);
    for (unsigned i = 0; i < 2; i++) {
        nudge_context *own = small_context(i ? 3 : 1);
        nudge_net *wide = small_net(own, WIDE, "40 gelu, 7 sigmoid, 40 elu, 3");
        nudge_predictor *predictor = NULL;
        outputs[i] = malloc(MANY * 3 * sizeof **outputs);
        assert_non_null(outputs[i]);
        assert_ok(nudge_predictor_create(own, wide, 900, NULL, 0, &predictor, error));
        assert_ok(nudge_predict(predictor, features, MANY, outputs[i], error));
        nudge_predictor_free(predictor);
        nudge_net_free(wide);
        nudge_context_free(own);
    }
    assert_memory_equal(outputs[0], outputs[1], MANY * 3 * sizeof **outputs);
    free(features);
    free(outputs[0]);
    free(outputs[1]);
}

/* -- answers and errors -- */

static void test_answers(void **state) {
    (void)state;
    float three[] = {0.1f, 0.7f, 0.2f}, tie[] = {0.4f, 0.4f, 0.2f}, half = 0.5f, more = 0.51f;
    assert_int_equal(nudge_answer(three, 3), 1);
    assert_int_equal(nudge_answer(tie, 3), 0); /* the first of equals */
    assert_int_equal(nudge_answer(&half, 1), 0);
    assert_int_equal(nudge_answer(&more, 1), 1);
    static const float none[] = {INFINITY, -INFINITY, NAN};
    for (size_t i = 0; i < 3; i++) { /* wherever it stands, it is no class */
        assert_true(nudge_answer(&none[i], 1) == NUDGE_NO_ANSWER);
        for (size_t j = 0; j < 3; j++) {
            float outputs[] = {0.2f, 0.3f, 0.5f};
            outputs[j] = none[i];
            assert_true(nudge_answer(outputs, 3) == NUDGE_NO_ANSWER);
        }
    }
}

static void test_errors(void **state) {
    (void)state;
    nudge_predictor *predictor = NULL;
    nudge_error e = {0};
    size_t bytes = 5;
    float outputs[OUTPUTS];
    expect_error(nudge_predictor_create(context, net, 0, NULL, 0, &predictor, &e), NUDGE_BAD_ARGUMENT, &e,
                 "0 rows", NULL);
    expect_error(nudge_predictor_memory(context, net, 0, &bytes, &e), NUDGE_BAD_ARGUMENT, &e, "0 rows", NULL);
    assert_true(!predictor && bytes == 5);
    assert_ok(nudge_predictor_create(context, net, 1, NULL, 0, &predictor, error));
    expect_error(nudge_predict(predictor, NULL, 1, outputs, &e), NUDGE_BAD_ARGUMENT, &e, "features", "NULL",
                 NULL);
    expect_error(nudge_predict(predictor, x, 1, NULL, &e), NUDGE_BAD_ARGUMENT, &e, "outputs", "NULL", NULL);
    nudge_predictor_free(predictor);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_outputs_are_the_activations_of_training),
        TEST(test_portions_do_not_show),
        TEST(test_no_rows),
        TEST(test_predictor_follows_the_net),
        TEST(test_predicting_allocates_nothing),
        TEST(test_threads_share_a_net),
        TEST(test_threads_of_one_predictor),
        TEST(test_answers),
        TEST(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
