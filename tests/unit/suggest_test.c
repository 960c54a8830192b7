/* What is suggested for a first training: by the kind of data, and that it works; that nudge_train without options takes
 * it. The command's tests (cli/train, cli/tables) see the same table through it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include <string.h>

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

static nudge_suggestion suggestion_of(const nudge_data *data) {
    nudge_suggestion suggestion = NUDGE_SUGGESTION;
    assert_ok(nudge_suggest(data, &suggestion, error));
    assert_int_equal(suggestion.struct_size, sizeof suggestion);
    return suggestion;
}

/* What is suggested is a network that can be made and trained, and that learns the set. */
static nudge_train_result train_suggested(nudge_data *data, const nudge_suggestion *suggestion) {
    nudge_net *net = small_net(context, nudge_data_features(data), suggestion->net);
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    assert_ok(nudge_net_initialise(net, suggestion->init, 0, 1, error));
    assert_ok(nudge_train(context, net, data, &suggestion->training, &result, error));
    nudge_net_free(net);
    return result;
}

static void test_built_in_sets(void **state) {
    (void)state;
    static const struct {
        const char *set, *net;
        size_t epochs;
    } sets[] = {
        {"digits:600/100", "128 relu, 10 softmax", 100}, /* 333 would be needed, and 100 are the most */
        {"xor", "16 relu, 16 relu, 2 softmax", 200},
        {"chain", "16 gelu, 16 gelu, 1 identity", 200}};
    for (size_t i = 0; i < 3; i++) {
        nudge_data *data = NULL;
        assert_ok(nudge_data_generate(context, sets[i].set, 1, &data, error));
        nudge_suggestion suggestion = suggestion_of(data);
        assert_string_equal(suggestion.net, sets[i].net);
        assert_int_equal(suggestion.training.epochs, sets[i].epochs);
        assert_int_equal(suggestion.training.optimizer, NUDGE_OPTIMIZER_SGD);
        if (i == 1) assert_true(train_suggested(data, &suggestion).test_accuracy == 1);
        nudge_data_free(data);
    }
}

static void test_tables(void **state) {
    (void)state;
    static float values[2000 * 5], targets[2000 * 2];
    uint32_t random = 3;
    nudge_data *few = small_data(context, 300, 50, 5, 3, 0), *many = NULL;
    nudge_rows rows = NUDGE_ROWS;
    for (size_t i = 0; i < 2000 * 5; i++) values[i] = small_random(&random);
    for (size_t i = 0; i < 2000 * 2; i++) targets[i] = small_random(&random);
    rows.rows = 2000, rows.features = 5, rows.values = values, rows.targets = targets,
    rows.target_columns = 2;
    assert_ok(nudge_data_create(context, &rows, NULL, &many, error));
    nudge_suggestion suggestion = suggestion_of(few);
    assert_string_equal(suggestion.net, "128 relu, 3 softmax");
    assert_int_equal(suggestion.init, NUDGE_INIT_XAVIER_NORMAL);
    assert_int_equal(suggestion.training.optimizer, NUDGE_OPTIMIZER_ADAM);
    assert_int_equal(suggestion.training.schedule, NUDGE_SCHEDULE_COSINE);
    assert_int_equal(suggestion.training.epochs, 134); /* 40,000 examples in 300 rows */
    assert_true(suggestion.validation_split == 0 && suggestion.training.patience == 0);
    suggestion = suggestion_of(many);
    assert_string_equal(suggestion.net, "128 relu, 2 identity");
    assert_int_equal(suggestion.init, NUDGE_INIT_LECUN_NORMAL);
    assert_true(suggestion.validation_split == 0.1);
    assert_int_equal(suggestion.training.patience, 0); /* nothing to stop by yet */
    assert_ok(nudge_data_split(many, suggestion.validation_split, 1, error));
    suggestion = suggestion_of(many);
    assert_true(suggestion.validation_split == 0);
    assert_int_equal(suggestion.training.patience, 20);
    nudge_data_free(few);
    nudge_data_free(many);
}

static nudge_data *table(const float *values, size_t count, size_t features, const int32_t *labels) {
    nudge_rows rows = NUDGE_ROWS;
    nudge_data *data = NULL;
    rows.rows = count, rows.features = features, rows.values = values, rows.labels = labels, rows.classes = 2;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    return data;
}

static void test_truth_tables_and_pixels(void **state) {
    (void)state;
    static const float bits[8] = {0, 0, 0, 1, 1, 0, 1, 1};
    static const int32_t labels[64] = {0, 1, 1, 0};
    static float pixels[64 * 64];
    nudge_data *data = table(bits, 4, 2, labels);
    nudge_suggestion suggestion = suggestion_of(data);
    assert_int_equal(suggestion.training.epochs, 1500);
    assert_int_equal(suggestion.training.batch_size, 4);
    assert_true(train_suggested(data, &suggestion).train_accuracy == 1);
    nudge_data_free(data);
    for (size_t i = 0; i < 64 * 64; i++) pixels[i] = (float)(i * 37 % 256);
    data = table(pixels, 64, 64, labels);
    assert_int_equal(suggestion_of(data).training.optimizer, NUDGE_OPTIMIZER_SGD);
    nudge_data_free(data);
    pixels[64 * 64 - 1] += 0.5f;
    data = table(pixels, 64, 64, labels);
    assert_int_equal(suggestion_of(data).training.optimizer, NUDGE_OPTIMIZER_ADAM);
    nudge_data_free(data);
}

static void test_training_without_options_takes_it(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 300, 50, 5, 3, 0);
    nudge_suggestion suggestion = suggestion_of(data);
    nudge_net *a = small_net(context, 5, suggestion.net), *b = small_net(context, 5, suggestion.net);
    assert_ok(nudge_train(context, a, data, NULL, NULL, error));
    assert_ok(nudge_train(context, b, data, &suggestion.training, NULL, error));
    assert_digest(small_digest_net(a), small_digest_net(b), "without options");
    nudge_net_free(a);
    nudge_net_free(b);
    nudge_data_free(data);
}

static void test_refused(void **state) {
    (void)state;
    nudge_suggestion suggestion = NUDGE_SUGGESTION;
    nudge_error e = {0};
    nudge_data *data = small_data(context, 10, 0, 5, 3, 0);
    suggestion.struct_size = 0;
    expect_error(nudge_suggest(data, &suggestion, &e), NUDGE_BAD_ARGUMENT, &e, "struct_size",
                 "NUDGE_SUGGESTION", NULL);
    nudge_data_free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_built_in_sets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tables, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_truth_tables_and_pixels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_training_without_options_takes_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
