/* Memory that runs out in the core: for every call the first allocation fails, then the second, and so on
 * until the call succeeds (as Lua tests itself). Every failure is told as such, leaves nothing behind, and
 * leaves nets, data and the outputs as they were or at least whole: the same call succeeds afterwards with
 * the result it always has. */
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "small.h"

static struct accounts accounts;
static nudge_context *context;

static int set_up(void **state) {
    (void)state;
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_context_free(context);
    return accounts.live_blocks || accounts.live_bytes ? -1 : 0;
}

/* One call on what `argument` points to; what it makes is freed by `undo` (NULL: nothing) when it
 * succeeded. */
typedef nudge_status call(void *argument, nudge_error *error);
typedef void undo(void *argument);

/* Returns the number of allocations that the call makes, all of which have failed once. */
static size_t fail_each(call *run, undo *back, void *argument) {
    size_t blocks = accounts.live_blocks, bytes = accounts.live_bytes;
    for (size_t n = 1;; n++) {
        nudge_error e = {0};
        accounts.allocations = 0;
        accounts.fail_at = n;
        nudge_status status = run(argument, &e);
        accounts.fail_at = 0;
        if (status == NUDGE_OK) {
            if (back) back(argument);
            assert_int_equal(accounts.live_blocks, blocks);
            assert_int_equal(accounts.live_bytes, bytes);
            assert_int_equal(accounts.allocations, n - 1);
            return n - 1;
        }
        expect_error(status, NUDGE_NO_MEMORY, &e, "not enough memory", NULL);
        assert_int_equal(accounts.live_blocks, blocks);
        assert_int_equal(accounts.live_bytes, bytes);
    }
}

/* -- making -- */

struct made {
    const char *name;
    nudge_context *own;
    nudge_data *data;
    nudge_net *net, *copy;
    nudge_predictor *predictor;
    nudge_trainer *trainer;
    nudge_train_options options;
};

static nudge_status make_context(void *argument, nudge_error *error) {
    struct made *made = argument;
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    options.threads = 3;
    options.allocator = counting_allocator(&accounts);
    made->own = NULL;
    nudge_status status = nudge_context_create(&options, &made->own, error);
    assert_true(!made->own == (status != NUDGE_OK));
    return status;
}
static void free_context(void *argument) {
    nudge_context_free(((struct made *)argument)->own);
}

static nudge_status make_data(void *argument, nudge_error *error) {
    struct made *made = argument;
    static const float values[] = {1, 2, 3, 4};
    static const int32_t labels[] = {0, 1};
    nudge_rows rows = NUDGE_ROWS;
    rows.rows = rows.features = rows.classes = 2;
    rows.values = values;
    rows.labels = labels;
    made->data = NULL;
    nudge_status status = nudge_data_create(context, &rows, &rows, &made->data, error);
    assert_true(!made->data == (status != NUDGE_OK));
    return status;
}
static nudge_status generate_data(void *argument, nudge_error *error) {
    struct made *made = argument;
    made->data = NULL;
    nudge_status status = nudge_data_generate(context, made->name, 1, &made->data, error);
    assert_true(!made->data == (status != NUDGE_OK));
    return status;
}
static void free_data(void *argument) {
    nudge_data_free(((struct made *)argument)->data);
}

static nudge_status make_net(void *argument, nudge_error *error) {
    struct made *made = argument;
    made->net = NULL;
    nudge_status status = nudge_net_create(context, 3, "7 tanh, 2 softmax", 1, &made->net, error);
    assert_true(!made->net == (status != NUDGE_OK));
    return status;
}
static void free_net(void *argument) {
    nudge_net_free(((struct made *)argument)->net);
}

static nudge_status clone_net(void *argument, nudge_error *error) {
    struct made *made = argument;
    made->copy = NULL;
    nudge_status status = nudge_net_clone(context, made->net, &made->copy, error);
    assert_true(!made->copy == (status != NUDGE_OK));
    return status;
}
static void free_copy(void *argument) {
    nudge_net_free(((struct made *)argument)->copy);
}

static void test_making_objects(void **state) {
    (void)state;
    struct made made = {.name = "moons:30/10"};
    const char *labels[] = {"a", "b"};
    assert_true(fail_each(make_context, free_context, &made) >= 2);
    assert_true(fail_each(make_data, free_data, &made) >= 5);
    assert_true(fail_each(generate_data, free_data, &made) >= 5);
    made.name = "chain";
    assert_true(fail_each(generate_data, free_data, &made) >= 5);
    assert_true(fail_each(make_net, free_net, &made) >= 4);
    made.net = small_net(context, 3, "7 tanh, 2 softmax");
    assert_ok(nudge_net_set_labels(made.net, labels, 2, error));
    assert_ok(nudge_net_set_note(made.net, "one", "1", error));
    assert_ok(nudge_net_set_note(made.net, "two", "2", error));
    assert_true(fail_each(clone_net, free_copy, &made) >= 10);
    nudge_net_free(made.net);
}

static nudge_status make_predictor(void *argument, nudge_error *error) {
    struct made *made = argument;
    return nudge_predictor_create(context, made->net, 5, NULL, 0, &made->predictor, error);
}
static void free_predictor(void *argument) {
    nudge_predictor_free(((struct made *)argument)->predictor);
}
static nudge_status make_trainer(void *argument, nudge_error *error) {
    struct made *made = argument;
    return nudge_trainer_create(context, made->net, &made->options, NULL, 0, &made->trainer, error);
}
static void free_trainer(void *argument) {
    nudge_trainer_free(((struct made *)argument)->trainer);
}

static void test_making_plans(void **state) {
    (void)state;
    struct made made = {.options = NUDGE_TRAIN_OPTIONS, .net = small_net(context, 3, "7 tanh, 2 softmax")};
    made.options.momentum = 0.9;
    assert_int_equal(fail_each(make_predictor, free_predictor, &made), 1);
    assert_int_equal(fail_each(make_trainer, free_trainer, &made), 1);
    nudge_net_free(made.net);
}

/* -- changing -- */

static nudge_status split(void *argument, nudge_error *error) {
    struct made *made = argument;
    size_t rows = nudge_data_rows(made->data, NUDGE_PART_TRAIN);
    nudge_status status = nudge_data_split(made->data, 0.25, 1, error);
    if (status) {
        assert_int_equal(nudge_data_rows(made->data, NUDGE_PART_TRAIN), rows);
        assert_int_equal(nudge_data_rows(made->data, NUDGE_PART_VALIDATION), 0);
    }
    return status;
}
/* The parts go with the data. */
static nudge_status generate_and_split(void *argument, nudge_error *error) {
    struct made *made = argument;
    nudge_status status = generate_data(made, error);
    if (status) return status;
    status = split(made, error);
    if (status) free_data(made);
    return status;
}

static void test_splitting(void **state) {
    (void)state;
    struct made made = {.name = "moons:40/0"};
    assert_true(fail_each(generate_and_split, free_data, &made) >= 5);
}

static const char *const old_labels[] = {"old", "older"}, *const new_labels[] = {"new", "newer"};

static nudge_status label(void *argument, nudge_error *error) {
    struct made *made = argument;
    nudge_status status = nudge_net_set_labels(made->net, new_labels, 2, error);
    assert_string_equal(nudge_net_label(made->net, 0), status ? "old" : "new");
    return status;
}
static void label_back(void *argument) {
    assert_ok(nudge_net_set_labels(((struct made *)argument)->net, old_labels, 2, error));
}

/* The note grows by a key and shrinks again: the block of notes is another size, so the accounts need a
 * fresh net. */
static nudge_status note(void *argument, nudge_error *error) {
    struct made *made = argument;
    nudge_status status = clone_net(made, error);
    if (status) return status;
    status = nudge_net_set_note(made->copy, "new", "value", error);
    if (!status) status = nudge_net_set_note(made->copy, "key", "changed", error);
    if (!status) return status;
    const char *new_value = nudge_net_note(made->copy, "new");
    assert_string_equal(nudge_net_note(made->copy, "key"), "value");
    assert_true(!new_value || strcmp(new_value, "value") == 0);
    free_copy(made);
    return status;
}

/* A net that was fitted takes another's layers, transforms and labels; into a fresh one each time. */
static nudge_status take(void *argument, nudge_error *error) {
    struct made *made = argument;
    nudge_transform own = NUDGE_TRANSFORM;
    nudge_status status = make_net(made, error);
    if (status) return status;
    size_t allowed = accounts.fail_at, allocations = accounts.allocations;
    accounts.fail_at = 0;
    assert_int_equal(nudge_net_set_input_transform(made->net, NUDGE_EVERY, &own, NULL), NUDGE_OK);
    uint64_t before = small_digest_net(made->net);
    accounts.fail_at = allowed;
    accounts.allocations = allocations;
    status = nudge_net_take(made->net, made->copy, NUDGE_EVERY, NULL, error);
    if (!status) return status;
    assert_digest(small_digest_net(made->net), before, "a net that took nothing");
    assert_true(nudge_net_input_transform(made->net, 0, &own) && own.shift == 0);
    assert_false(nudge_net_target_transform(made->net, 0, &own));
    free_net(made);
    return status;
}

static void test_taking(void **state) {
    (void)state;
    struct made made = {.copy = small_net(context, 3, "7 tanh, 2 softmax")};
    nudge_transform t = NUDGE_TRANSFORM;
    t.shift = 5;
    assert_ok(nudge_net_set_labels(made.copy, old_labels, 2, error));
    assert_ok(nudge_net_set_input_transform(made.copy, NUDGE_EVERY, &t, error));
    assert_ok(nudge_net_set_target_transform(made.copy, NUDGE_EVERY, &t, error));
    assert_true(fail_each(take, free_net, &made) >= 9);
    free_copy(&made);
}

static void test_labels_and_notes(void **state) {
    (void)state;
    struct made made = {.net = small_net(context, 3, "2 softmax")};
    label_back(&made);
    size_t blocks = accounts.live_blocks;
    for (size_t n = 1;; n++) { /* the labels' lengths differ: only the number of blocks is the same */
        nudge_error e = {0};
        accounts.allocations = 0;
        accounts.fail_at = n;
        nudge_status status = label(&made, &e);
        accounts.fail_at = 0;
        assert_int_equal(accounts.live_blocks, blocks);
        if (status == NUDGE_OK) break;
        expect_error(status, NUDGE_NO_MEMORY, &e, "not enough memory", NULL);
    }
    assert_ok(nudge_net_set_note(made.net, "key", "value", error));
    assert_true(fail_each(note, free_copy, &made) >= 9);
    nudge_net_free(made.net);
}

/* -- working -- */

static nudge_status train(void *argument, nudge_error *error) {
    struct made *made = argument;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    uint64_t before = small_digest_net(made->net);
    nudge_status status = clone_net(made, error);
    if (status) return status;
    status = nudge_train(context, made->copy, made->data, &made->options, &result, error);
    if (!status) {
        assert_int_equal(result.epochs, 2);
        return status;
    }
    assert_digest(small_digest_net(made->copy), before, "a net whose training did not begin");
    assert_int_equal(result.epochs, 0);
    free_copy(made);
    return status;
}

static nudge_status evaluate(void *argument, nudge_error *error) {
    struct made *made = argument;
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    return nudge_evaluate(context, made->net, made->data, NUDGE_PART_TEST, &evaluation, error);
}

static nudge_status check(void *argument, nudge_error *error) {
    struct made *made = argument;
    nudge_check_result result = NUDGE_CHECK_RESULT;
    return nudge_check(context, made->net, made->data, NUDGE_PART_TEST, NULL, &result, error);
}

static nudge_status gradient(void *argument, nudge_error *error) {
    struct made *made = argument;
    nudge_gradient_result result = NUDGE_GRADIENT_RESULT;
    return nudge_gradient(context, made->net, made->data, NUDGE_PART_TEST, NULL, &result, error);
}

static nudge_status explain(void *argument, nudge_error *error) {
    struct made *made = argument;
    nudge_explanation *explanation = NULL;
    nudge_status status = nudge_explanation_create(context, made->net, &explanation, error);
    if (!status) status = nudge_explanation_row(explanation, made->data, NUDGE_PART_TEST, 0, error);
    nudge_explanation_free(explanation);
    return status;
}

static nudge_status surface(void *argument, nudge_error *error) {
    struct made *made = argument;
    static float plane[3][44];
    static double costs[6];
    nudge_surface_options options = NUDGE_SURFACE_OPTIONS;
    nudge_surface_result result = NUDGE_SURFACE_RESULT;
    options.origin = plane[0], options.across = plane[1], options.up = plane[2];
    options.count = nudge_net_parameters(made->net);
    options.columns = 3, options.lines = 2;
    result.costs = costs;
    nudge_plane_random(made->net, 1, plane[1], plane[2], options.count, NULL);
    return nudge_surface(context, made->net, made->data, NUDGE_PART_TRAIN, &options, &result, error);
}

static nudge_status components(void *argument, nudge_error *error) {
    (void)argument;
    static const float points[4][2] = {{0, 1}, {1, 2}, {3, 3}, {0, 0}};
    const float *paths[] = {points[0], points[1], points[2], points[3]};
    float plane[3][2];
    return nudge_plane_pca(context, paths, 4, 2, plane[0], plane[1], plane[2], NULL, error);
}

static bool look(void *user, size_t number, const nudge_net *net) {
    *(size_t *)user += nudge_net_parameters(net) + number;
    return true;
}

/* A journal is made and kept, and one of its steps made again. */
static nudge_status journal(void *argument, nudge_error *error) {
    struct made *made = argument;
    size_t indices[10], seen = 0;
    nudge_journal *kept = NULL;
    nudge_journal_options sparse = NUDGE_JOURNAL_OPTIONS;
    nudge_journal_step place = NUDGE_JOURNAL_STEP;
    nudge_train_options options = made->options;
    sparse.every = 3;
    place.indices = indices;
    nudge_status status = clone_net(made, error);
    if (status) return status;
    status = nudge_journal_create(context, &sparse, &kept, error);
    options.journal = kept;
    if (!status) status = nudge_train(context, made->copy, made->data, &options, NULL, error);
    if (!status) status = nudge_journal_place(kept, 2, &place, error);
    if (!status) status = nudge_journal_replay(context, kept, made->data, 1, 2, look, &seen, error);
    nudge_journal_free(kept);
    if (status) free_copy(made);
    return status;
}

static nudge_status predict(void *argument, nudge_error *error) {
    struct made *made = argument;
    float x[6] = {1, 2, 3, 4, 5, 6}, y[4];
    return nudge_predict(made->predictor, x, 2, y, error);
}

/* All that a step does, with the memory that was there before. */
static nudge_status step(void *argument, nudge_error *error) {
    struct made *made = argument;
    float x[3] = {1, 2, 3}, y[2] = {0, 1}, z[2];
    size_t index = 1;
    double cost;
    nudge_status status = nudge_trainer_batch(made->trainer, x, y, 1, error);
    if (!status) status = nudge_trainer_rows(made->trainer, made->data, NUDGE_PART_TRAIN, &index, 1, error);
    if (!status) status = nudge_trainer_forward(made->trainer, &cost, error);
    if (!status) status = nudge_trainer_backward(made->trainer, error);
    if (!status) status = nudge_trainer_read(made->trainer, NUDGE_WEIGHTED_SUM, 2, z, 2, error);
    if (!status) status = nudge_trainer_update(made->trainer, error);
    if (!status) status = nudge_net_initialise(made->net, NUDGE_INIT_DEFAULT, 0, 1, error);
    return status;
}

static nudge_status fit(void *argument, nudge_error *error) {
    struct made *made = argument;
    return nudge_net_fit(made->net, made->data, NUDGE_SCALE_ROBUST, NUDGE_SCALE_AUTO, error);
}

static void test_working(void **state) {
    (void)state;
    struct made made = {.options = NUDGE_TRAIN_OPTIONS};
    made.net = small_net(context, 3, "7 tanh, 2 softmax");
    made.data = small_data(context, 40, 20, 3, 2, 0);
    assert_ok(nudge_data_split(made.data, 0.25, 1, error));
    made.options.epochs = 2;
    made.options.patience = 5;
    made.options.momentum = 0.9;
    assert_ok(nudge_net_fit(made.net, made.data, NUDGE_SCALE_AUTO, NUDGE_SCALE_AUTO, error));
    assert_int_equal(fail_each(fit, NULL, &made), 3);
    assert_true(fail_each(train, free_copy, &made) >= 12);
    assert_int_equal(fail_each(evaluate, NULL, &made), 3); /* the plan, sums and scores of metrics */
    assert_int_equal(fail_each(check, NULL, &made), 1);
    assert_int_equal(fail_each(gradient, NULL, &made), 1);
    assert_int_equal(fail_each(explain, NULL, &made), 1);
    assert_true(fail_each(surface, NULL, &made) >= 2);
    assert_true(fail_each(components, NULL, &made) >= 1);
    assert_true(fail_each(journal, free_copy, &made) >= 30);
    assert_ok(make_predictor(&made, error));
    assert_ok(make_trainer(&made, error));
    assert_int_equal(fail_each(predict, NULL, &made), 0);
    assert_int_equal(fail_each(step, NULL, &made), 0);
    free_predictor(&made);
    free_trainer(&made);
    nudge_net_free(made.net);
    nudge_data_free(made.data);
}

/* -- networks that go layer by layer -- */

/* The context of the tests with another engine and precision; false where this build or machine has none. */
static bool change_engine(nudge_precision precision) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *made = NULL;
    options.engine = NUDGE_ENGINE_NATIVE;
    options.precision = precision;
    options.threads = 2;
    options.allocator = counting_allocator(&accounts);
    nudge_status status = nudge_context_create(&options, &made, NULL);
    if (status == NUDGE_UNSUPPORTED) return false;
    assert_ok(status);
    nudge_context_free(context);
    context = made;
    return true;
}

/* 784·160 + 160·10 multiplications a row: at 256 rows, 3.3e7 of them. */
static void test_large_layers(void **state) {
    (void)state;
    for (int precision = NUDGE_PRECISION_F32; precision <= NUDGE_PRECISION_BF16; precision++) {
        struct made made = {.options = NUDGE_TRAIN_OPTIONS};
        if (!change_engine((nudge_precision)precision)) continue;
        made.net = small_net(context, 784, "160 relu, 10 softmax");
        assert_ok(nudge_data_generate(context, "digits:256/256", 1, &made.data, error));
        made.options.epochs = 2;
        made.options.batch_size = 256;
        made.options.optimizer = NUDGE_OPTIMIZER_ADAM;
        made.options.learning_rate = 0.01;
        assert_true(fail_each(train, free_copy, &made) >= 12);
        assert_true(fail_each(evaluate, NULL, &made) >= 2);
        assert_true(fail_each(make_trainer, free_trainer, &made) >= 1);
        assert_true(fail_each(make_predictor, free_predictor, &made) >= 1);
        assert_ok(nudge_trainer_create(context, made.net, &made.options, NULL, 0, &made.trainer, error));
        float *x = calloc(256, 784 * sizeof *x), *y = calloc(256, 10 * sizeof *y);
        assert_true(x && y);
        for (size_t n = accounts.allocations = 0; n < 3; n++) { /* steps allocate nothing */
            assert_ok(nudge_trainer_batch(made.trainer, x, y, 256, error));
            assert_ok(nudge_trainer_forward(made.trainer, NULL, error));
            assert_ok(nudge_trainer_backward(made.trainer, error));
            assert_ok(nudge_trainer_update(made.trainer, error));
        }
        assert_int_equal(accounts.allocations, 0);
        free(x);
        free(y);
        free_trainer(&made);
        nudge_net_free(made.net);
        nudge_data_free(made.data);
    }
}

/* After every kind of failure in training the net can be trained, and comes out as one that never met a
 * failure. */
static void test_training_after_failures(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 40, 20, 3, 2, 0);
    nudge_net *net = small_net(context, 3, "7 tanh, 2 softmax"),
              *twin = small_net(context, 3, "7 tanh, 2 softmax");
    for (size_t n = 1;; n++) {
        accounts.allocations = 0;
        accounts.fail_at = n;
        nudge_status status = nudge_train(context, net, data, NULL, NULL, NULL);
        accounts.fail_at = 0;
        if (status == NUDGE_OK) break;
        assert_int_equal(status, NUDGE_NO_MEMORY);
    }
    assert_ok(nudge_train(context, twin, data, NULL, NULL, error));
    assert_digest(small_digest_net(net), small_digest_net(twin), "a net that met failures");
    assert_string_equal(nudge_net_label(net, 1), "1");
    assert_int_equal(nudge_net_cost(net, NULL), nudge_net_cost(twin, NULL));
    nudge_net_free(net);
    nudge_net_free(twin);
    nudge_data_free(data);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_making_objects),          TEST(test_making_plans), TEST(test_splitting),
        TEST(test_labels_and_notes),        TEST(test_taking),       TEST(test_working),
        TEST(test_training_after_failures), TEST(test_large_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
