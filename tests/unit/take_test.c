/* nudge_net_take: which layers fit, what goes with them, and that nothing else changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "small.h"

enum { MOST = 512, ROWS = 8 };

static nudge_context *context;
static nudge_taken taken[8];

static int set_up(void **state) {
    (void)state;
    context = small_context(1);
    memset(taken, 0x7F, sizeof taken);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_context_free(context);
    return 0;
}

/* A net whose parameters, and running state, are all different numbers that no other seed draws. */
static nudge_net *drawn(size_t inputs, const char *text, uint64_t seed) {
    nudge_net *net = NULL;
    float numbers[MOST];
    nudge_tensor tensor = NUDGE_TENSOR;
    assert_ok(nudge_net_create(context, inputs, text, seed, &net, error));
    for (size_t i = 0; nudge_net_tensor(net, i, &tensor); i++) {
        assert_true(tensor.count <= MOST);
        for (size_t k = 0; k < tensor.count; k++) numbers[k] = (float)(seed * 1000 + i * 100 + k) / 4096;
        assert_ok(nudge_net_set_tensor(net, i, numbers, tensor.count, error));
    }
    return net;
}

static void expect_layer(const nudge_net *net, const nudge_net *same_as, size_t l) {
    float a[MOST], b[MOST];
    nudge_tensor tensor = NUDGE_TENSOR, other = NUDGE_TENSOR;
    size_t j = 0;
    for (size_t i = 0; nudge_net_tensor(net, i, &tensor); i++) {
        if (tensor.layer != l) continue;
        do assert_true(nudge_net_tensor(same_as, j, &other));
        while (other.layer != l && ++j);
        assert_ok(nudge_net_get_tensor(net, i, a, tensor.count, error));
        assert_ok(nudge_net_get_tensor(same_as, j++, b, tensor.count, error));
        assert_memory_equal(a, b, tensor.count * sizeof *a);
    }
}

static void predict(const nudge_net *net, const float *features, float *outputs) {
    nudge_predictor *predictor = NULL;
    assert_ok(nudge_predictor_create(context, net, ROWS, NULL, 0, &predictor, error));
    assert_ok(nudge_predict(predictor, features, ROWS, outputs, error));
    nudge_predictor_free(predictor);
}

/* All of it, into a net with another activation's text: answers of the same text are the same bits. */
static void all_layers(void **state) {
    (void)state;
    nudge_net *from = drawn(3, "dropout 0.1, 70 relu, 5, batch-norm, tanh, 4 softmax", 1),
              *net = drawn(3, "70 relu, 5, batch-norm, tanh, 4 softmax", 2);
    float features[ROWS * 3], a[ROWS * 4], b[ROWS * 4];
    for (size_t i = 0; i < ROWS * 3; i++) features[i] = (float)i / 7 - 1;
    predict(from, features, a);
    predict(net, features, b);
    assert_memory_not_equal(a, b, sizeof a);
    assert_ok(nudge_net_take(net, from, NUDGE_EVERY, taken, error));
    for (size_t l = 1; l <= 3; l++) {
        assert_int_equal(taken[l - 1], NUDGE_TAKEN);
        expect_layer(net, from, l);
    }
    predict(net, features, b);
    assert_memory_equal(a, b, sizeof a);
    assert_null(nudge_net_label(net, 0));
    nudge_net_free(from);
    nudge_net_free(net);
}

/* One layer after the other does not fit: each is left, and the others are taken. */
static void other_shapes(void **state) {
    (void)state;
    static const struct {
        size_t inputs;
        const char *text;
        size_t layers;
        nudge_taken expected[4];
    } cases[] = {
        {3, "6 tanh, 5 relu, 4 softmax", NUDGE_EVERY, {NUDGE_TAKEN, NUDGE_TAKEN, NUDGE_TAKEN}},
        {3, "6 relu, 5 relu, 2 softmax", NUDGE_EVERY, {NUDGE_TAKEN, NUDGE_TAKEN, NUDGE_TAKEN_NOT_SHAPE}},
        {9, "6 relu, 5 relu, 4", NUDGE_EVERY, {NUDGE_TAKEN_NOT_SHAPE, NUDGE_TAKEN, NUDGE_TAKEN}},
        {3, "6 relu, 7 relu, 4", NUDGE_EVERY, {NUDGE_TAKEN, NUDGE_TAKEN_NOT_SHAPE, NUDGE_TAKEN_NOT_SHAPE}},
        {3, "6 relu, 5 relu, 4", 2, {NUDGE_TAKEN, NUDGE_TAKEN, NUDGE_TAKEN_NOT_ASKED}},
        {3, "6, batch-norm, relu, 5 relu, 4", NUDGE_EVERY, {NUDGE_TAKEN_NOT_SHAPE, NUDGE_TAKEN, NUDGE_TAKEN}},
        /* An output layer is no hidden one, though it has the shape. */
        {3, "6 relu, 5", NUDGE_EVERY, {NUDGE_TAKEN, NUDGE_TAKEN_NOT_SHAPE}},
        {3,
         "6 relu, 5 relu, 4 relu, 4",
         NUDGE_EVERY,
         {NUDGE_TAKEN, NUDGE_TAKEN, NUDGE_TAKEN_NOT_SHAPE, NUDGE_TAKEN_NOT_THERE}},
    };
    nudge_net *from = drawn(3, "6 relu, 5 relu, 4 softmax", 1);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        nudge_net *net = drawn(cases[c].inputs, cases[c].text, 2),
                  *before = drawn(cases[c].inputs, cases[c].text, 2);
        assert_ok(nudge_net_take(net, from, cases[c].layers, taken, error));
        for (size_t l = 1; l <= nudge_net_layers(net); l++) {
            assert_int_equal(taken[l - 1], cases[c].expected[l - 1]);
            expect_layer(net, taken[l - 1] == NUDGE_TAKEN ? from : before, l);
        }
        nudge_net_free(net);
        nudge_net_free(before);
    }
    nudge_net_free(from);
}

static void nothing_fits(void **state) {
    (void)state;
    nudge_error failure = {0};
    nudge_net *from = drawn(3, "6 relu, 4 softmax", 1), *net = drawn(2, "5 relu, 4 softmax", 2),
              *before = drawn(2, "5 relu, 4 softmax", 2);
    assert_int_equal(nudge_net_take(net, from, NUDGE_EVERY, taken, &failure), NUDGE_BAD_ARGUMENT);
    assert_non_null(strstr(failure.message, "\"3 -> 6 relu, 4 softmax\" fits \"2 -> 5 relu, 4 softmax\""));
    assert_int_equal(taken[0], 0x7F7F7F7F);
    assert_int_equal(nudge_net_take(from, from, 0, NULL, &failure), NUDGE_BAD_ARGUMENT);
    for (size_t l = 1; l <= 2; l++) expect_layer(net, before, l);
    nudge_net_free(from);
    nudge_net_free(net);
    nudge_net_free(before);
}

/* Outputs go by their classes' names: the same classes in another order give the same answers in that order. */
static void labels_in_another_order(void **state) {
    (void)state;
    nudge_net *from = drawn(3, "6 tanh, 4, batch-norm, softmax", 1),
              *net = drawn(3, "6 tanh, 4, batch-norm, softmax", 2);
    static const char *const there[] = {"ant", "bee", "cat", "dog"}, *const here[] = {"dog", "ant", "cat",
                                                                                      "bee"};
    static const size_t place[] = {3, 0, 2, 1};
    float features[ROWS * 3], a[ROWS * 4], b[ROWS * 4];
    for (size_t i = 0; i < ROWS * 3; i++) features[i] = (float)i / 9 - 1;
    assert_ok(nudge_net_set_labels(from, there, 4, error));
    assert_ok(nudge_net_set_labels(net, here, 4, error));
    assert_ok(nudge_net_take(net, from, NUDGE_EVERY, taken, error));
    assert_int_equal(taken[0], NUDGE_TAKEN);
    assert_int_equal(taken[1], NUDGE_TAKEN_BY_LABEL);
    assert_string_equal(nudge_net_label(net, 0), "dog");
    predict(from, features, a);
    predict(net, features, b);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t c = 0; c < 4; c++) /* softmax's sum is in another order */
            assert_true(fabsf(b[r * 4 + c] - a[r * 4 + place[c]]) <= 1e-6f);
    nudge_net_free(from);
    nudge_net_free(net);
}

static void other_labels(void **state) {
    (void)state;
    nudge_net *from = drawn(3, "6 tanh, 2 softmax", 1), *net = drawn(3, "6 tanh, 2 softmax", 2),
              *single = drawn(3, "6 tanh, 1 sigmoid", 3), *turned = drawn(3, "6 tanh, 1 sigmoid", 4);
    static const char *const there[] = {"no", "yes"}, *const here[] = {"no", "maybe"},
                             *const back[] = {"yes", "no"};
    assert_ok(nudge_net_set_labels(from, there, 2, error));
    assert_ok(nudge_net_take(net, from, NUDGE_EVERY, NULL,
                             error)); /* without names: by place, and names come along */
    assert_string_equal(nudge_net_label(net, 1), "yes");
    assert_ok(nudge_net_set_labels(net, here, 2, error));
    assert_ok(nudge_net_take(net, from, NUDGE_EVERY, taken, error));
    assert_int_equal(taken[1], NUDGE_TAKEN_NOT_OUTPUTS);
    assert_string_equal(nudge_net_label(net, 1), "maybe");
    assert_ok(nudge_net_set_labels(single, there, 2, error));
    assert_ok(nudge_net_set_labels(turned, back, 2, error));
    assert_ok(nudge_net_take(turned, single, NUDGE_EVERY, taken, error));
    assert_int_equal(taken[1], NUDGE_TAKEN_NOT_OUTPUTS);
    nudge_net_free(from);
    nudge_net_free(net);
    nudge_net_free(single);
    nudge_net_free(turned);
}

/* The first layer brings the inputs' transforms, the last those of the targets; a net that was fitted keeps its own of what
 * is not taken. */
static void transforms(void **state) {
    (void)state;
    nudge_net *from = drawn(3, "6 relu, 2", 1), *net = drawn(3, "6 relu, 2", 2),
              *first = drawn(3, "6 relu, 1", 3), *last = drawn(4, "6 relu, 2", 4),
              *plain = drawn(3, "6 relu, 2", 5);
    nudge_transform t = NUDGE_TRANSFORM, own = NUDGE_TRANSFORM;
    t.shift = 5;
    t.factor = 2;
    own.shift = 7;
    assert_ok(nudge_net_set_input_transform(from, NUDGE_EVERY, &t, error));
    assert_ok(nudge_net_set_target_transform(from, NUDGE_EVERY, &t, error));
    nudge_net *const all[] = {net, first, last};
    for (size_t i = 0; i < 3; i++) {
        assert_ok(nudge_net_set_input_transform(all[i], NUDGE_EVERY, &own, error));
        assert_ok(nudge_net_set_target_transform(all[i], NUDGE_EVERY, &own, error));
        assert_ok(nudge_net_take(all[i], from, NUDGE_EVERY, NULL, error));
        assert_true(nudge_net_input_transform(all[i], 2, &t));
        assert_true(t.shift == (i == 2 ? 7 : 5));
        assert_true(nudge_net_target_transform(all[i], 0, &t));
        assert_true(t.shift == (i == 1 ? 7 : 5));
    }
    /* Nothing was fitted there: what is here stays. */
    assert_ok(nudge_net_take(net, plain, NUDGE_EVERY, NULL, error));
    assert_true(nudge_net_input_transform(net, 0, &t) && t.shift == 5);
    assert_true(nudge_net_target_transform(net, 0, &t) && t.shift == 5);
    /* Inputs were, targets were not: they are as they were there. */
    assert_ok(nudge_net_set_input_transform(plain, NUDGE_EVERY, &own, error));
    assert_ok(nudge_net_take(net, plain, NUDGE_EVERY, NULL, error));
    assert_true(nudge_net_input_transform(net, 0, &t) && t.shift == 7);
    assert_false(nudge_net_target_transform(net, 0, &t));
    nudge_net_free(from);
    nudge_net_free(net);
    nudge_net_free(first);
    nudge_net_free(last);
    nudge_net_free(plain);
}

/* A training that goes on begins at the cost at which the first one ended. */
static void goes_on(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 100, 0, 3, 2, 0);
    nudge_net *from = small_net(context, 3, "8 tanh, 2 softmax"), *net = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT, again = NUDGE_TRAIN_RESULT;
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    assert_ok(nudge_train(context, from, data, &options, &result, error));
    assert_ok(nudge_evaluate(context, from, data, NUDGE_PART_TRAIN, &evaluation, error));
    assert_ok(nudge_net_create(context, 3, "8 tanh, 2 softmax", 9, &net, error));
    assert_ok(nudge_net_take(net, from, NUDGE_EVERY, NULL, error));
    options.learning_rate = 1e-9;
    options.epochs = 1;
    assert_ok(nudge_train(context, net, data, &options, &again, error));
    assert_true(fabs(again.train_cost - evaluation.cost) < 1e-5);
    nudge_net_free(from);
    nudge_net_free(net);
    nudge_data_free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_layers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_shapes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_fits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(labels_in_another_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_labels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(transforms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(goes_on, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("take", tests, NULL, NULL);
}
