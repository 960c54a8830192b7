/* Networks: what they are made of, parameters in and out in canonical order, copies, labels, notes,
 * preprocessing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "alike.h"
#include "engine/engine.h"
#include "net/net.h"
#include "small.h"

#include <stdio.h>

static struct accounts accounts;
static nudge_context *context;

static int set_up(void **state) {
    (void)state;
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    return 0;
}

/* Nothing may be left. */
static int tear_down(void **state) {
    (void)state;
    nudge_context_free(context);
    return accounts.live_blocks || accounts.live_bytes ? -1 : 0;
}

/* -- what it is -- */

static void test_describes_itself(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 7, "30 sigmoid,4 leaky_relu");
    nudge_layer layer = NUDGE_LAYER;
    assert_string_equal(nudge_net_text(net), "30 sigmoid, 4 leaky-relu 0.01");
    assert_int_equal(nudge_net_inputs(net), 7);
    assert_int_equal(nudge_net_outputs(net), 4);
    assert_int_equal(nudge_net_layers(net), 2);
    assert_int_equal(nudge_net_parameters(net), 7 * 30 + 30 + 30 * 4 + 4);
    assert_true(nudge_net_layer(net, 2, &layer));
    assert_int_equal(layer.inputs, 30);
    assert_int_equal(layer.outputs, 4);
    assert_string_equal(layer.activation, "leaky-relu");
    assert_true(layer.activation_value == 0.01);
    assert_false(nudge_net_layer(net, 0, &layer));
    assert_false(nudge_net_layer(net, 3, &layer));
    nudge_net_free(net);
}

static void test_ops_have_names_and_formulas(void **state) {
    (void)state;
    const char *formula;
    size_t count = 0;
    for (const char *name; (name = nudge_op_name(count, &formula)); count++) {
        assert_true(strlen(name) > 0 && strlen(formula) > 0);
        for (size_t before = 0; before < count; before++)
            assert_string_not_equal(name, nudge_op_name(before, NULL));
    }
    assert_string_equal(nudge_op_name(0, NULL), "dense");
    assert_true(count >= 13);
}

/* -- parameters -- */

/* 70 outputs of 3 inputs: more than a panel. What is set comes back, and stands in its panel. */
static void test_parameters_are_canonical_outside(void **state) {
    (void)state;
    enum { INPUTS = 3, OUTPUTS = 70, WEIGHTS = INPUTS * OUTPUTS };
    nudge_net *net = small_net(context, INPUTS, "70 tanh, 2");
    float weights[WEIGHTS], biases[OUTPUTS], back[WEIGHTS];
    for (size_t i = 0; i < WEIGHTS; i++) weights[i] = (float)i + 0.5f;
    for (size_t j = 0; j < OUTPUTS; j++) biases[j] = -(float)j;
    assert_ok(nudge_net_set_weights(net, 1, weights, WEIGHTS, error));
    assert_ok(nudge_net_set_biases(net, 1, biases, OUTPUTS, error));
    assert_ok(nudge_net_get_weights(net, 1, back, WEIGHTS, error));
    assert_memory_equal(back, weights, sizeof weights);
    assert_ok(nudge_net_get_biases(net, 1, back, OUTPUTS, error));
    assert_memory_equal(back, biases, sizeof biases);
    const float *block = net->parameters + net_dense(net, 1)->place[DENSE_WEIGHT];
    assert_true(block[weight_index(OUTPUTS, INPUTS, 67, 2)] == weights[67 * INPUTS + 2]);
    assert_true(block[weight_index(OUTPUTS, INPUTS, 0, 1)] == weights[1]);
    nudge_net_free(net);
}

/* The second layer's biases of 2 neurons fill 2 places of 16; all others are 0 whatever was written. */
static void test_padding_is_zero(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 3, "70 tanh, 2");
    float *ones = malloc(net->block_count * sizeof *ones);
    assert_non_null(ones);
    for (size_t i = 0; i < net->block_count; i++) ones[i] = 1;
    for (size_t l = 1; l <= 2; l++) {
        nudge_layer layer = NUDGE_LAYER;
        nudge_net_layer(net, l, &layer);
        assert_ok(nudge_net_set_weights(net, l, ones, layer.inputs * layer.outputs, error));
        assert_ok(nudge_net_set_biases(net, l, ones, layer.outputs, error));
    }
    size_t set = 0;
    for (size_t i = 0; i < net->block_count; i++) set += net->parameters[i] == 1;
    assert_int_equal(set, nudge_net_parameters(net));
    for (size_t i = 0; i < net->block_count; i++)
        assert_true(net->parameters[i] == 1 || net->parameters[i] == 0);
    free(ones);
    nudge_net_free(net);
}

static void test_parameters_have_right_places_only(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 3, "4, 2");
    float numbers[12] = {0};
    nudge_error e = {0};
    expect_error(nudge_net_get_weights(net, 0, numbers, 12, &e), NUDGE_BAD_ARGUMENT, &e, "layer 0", "1 to 2",
                 NULL);
    expect_error(nudge_net_set_biases(net, 3, numbers, 2, &e), NUDGE_BAD_ARGUMENT, &e, "layer 3", "1 to 2",
                 NULL);
    expect_error(nudge_net_set_weights(net, 1, numbers, 11, &e), NUDGE_BAD_ARGUMENT, &e, "11 weights", "12",
                 NULL);
    expect_error(nudge_net_get_biases(net, 1, numbers, 5, &e), NUDGE_BAD_ARGUMENT, &e, "5 biases", "4", NULL);
    nudge_net_free(net);
}

/* -- making -- */

static void *refuse_large(void *user, size_t bytes) {
    (void)user;
    return bytes > 1 << 26 ? NULL : aligned_alloc(64, (bytes + 63) / 64 * 64);
}

static void release(void *user, void *memory, size_t bytes) {
    (void)user;
    (void)bytes;
    free(memory);
}

static void test_sizes_have_limits(void **state) {
    (void)state;
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *small = NULL;
    nudge_net *net = NULL;
    nudge_error e = {0};
    options.allocator = (nudge_allocator){refuse_large, release, NULL};
    assert_ok(nudge_context_create(&options, &small, error));
    expect_error(nudge_net_create(small, 0, "3", 1, &net, &e), NUDGE_BAD_ARGUMENT, &e, "0 inputs", NULL);
    expect_error(nudge_net_create(small, (1 << 24) + 1, "3", 1, &net, &e), NUDGE_BAD_ARGUMENT, &e,
                 "16777217 inputs", NULL);
    expect_error(nudge_net_create(small, 3, "3 relo", 1, &net, &e), NUDGE_BAD_ARGUMENT, &e, "relo", NULL);
    expect_error(nudge_net_create(small, 1 << 24, "16777216", 1, &net, &e), NUDGE_NO_MEMORY, &e,
                 "not enough memory", "parameters", NULL);
    assert_null(net);
    nudge_context_free(small);
}

static void test_clone_is_equal_and_apart(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 3, "18 elu 0.3, 2 softmax"), *copy = NULL;
    const char *labels[] = {"cat", "dog"};
    assert_ok(nudge_net_set_labels(net, labels, 2, error));
    assert_ok(nudge_net_set_note(net, "data", "pets", error));
    assert_ok(set_alike(net, 1, 0.5f, error));
    assert_ok(nudge_net_clone(net->context, net, &copy, error));
    assert_string_equal(nudge_net_text(copy), nudge_net_text(net));
    assert_digest(small_digest_net(copy), small_digest_net(net), "clone");
    assert_string_equal(nudge_net_label(copy, 1), "dog");
    assert_string_equal(nudge_net_note(copy, "data"), "pets");
    assert_true(first_transform(copy).factor == 0.5f);
    uint64_t before = small_digest_net(copy);
    assert_ok(nudge_net_initialise(net, NUDGE_INIT_ZEROS, 0, 1, error));
    assert_ok(nudge_net_set_note(net, "data", "others", error));
    nudge_net_free(net);
    assert_digest(small_digest_net(copy), before, "clone after the original is gone");
    assert_string_equal(nudge_net_note(copy, "data"), "pets");
    nudge_net_free(copy);
    nudge_net_free(NULL);
}

/* -- what it carries -- */

static void test_labels(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 3, "3 softmax"), *one = small_net(context, 3, "1 sigmoid");
    const char *labels[] = {"a", "b b", "c"}, *bad[] = {"a", "b\n", "c"};
    nudge_error e = {0};
    assert_null(nudge_net_label(net, 0));
    assert_ok(nudge_net_set_labels(net, labels, 3, error));
    assert_string_equal(nudge_net_label(net, 1), "b b");
    assert_null(nudge_net_label(net, 3));
    expect_error(nudge_net_set_labels(net, labels, 2, &e), NUDGE_BAD_ARGUMENT, &e, "2 labels", "expected 3",
                 NULL);
    expect_error(nudge_net_set_labels(net, bad, 3, &e), NUDGE_BAD_ARGUMENT, &e, "label 1",
                 "control character", NULL);
    assert_string_equal(nudge_net_label(net, 1), "b b");
    assert_ok(nudge_net_set_labels(one, labels, 2, error)); /* one output tells two classes apart */
    assert_ok(nudge_net_set_labels(net, NULL, 0, error));
    assert_null(nudge_net_label(net, 0));
    nudge_net_free(net);
    nudge_net_free(one);
}

static void test_notes_are_in_order_of_keys(void **state) {
    (void)state;
    static const char *const keys[] = {"m", "b", "z", "a", "m2", "b"};
    nudge_net *net = small_net(context, 3, "3");
    const char *value, *before = "";
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char text[20];
        snprintf(text, sizeof text, "value %zu", i);
        assert_ok(nudge_net_set_note(net, keys[i], text, error));
    }
    size_t count = 0;
    for (const char *key; (key = nudge_net_note_at(net, count, &value)); count++, before = key)
        assert_true(strcmp(before, key) < 0);
    assert_int_equal(count, 5);
    assert_string_equal(nudge_net_note(net, "b"), "value 5"); /* the later one */
    assert_null(nudge_net_note(net, "c"));
    nudge_net_free(net);
}

static void test_notes_are_checked(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 3, "3");
    nudge_error e = {0};
    char longest[4098];
    memset(longest, 'v', sizeof longest);
    longest[4097] = 0;
    expect_error(nudge_net_set_note(net, "Upper", "x", &e), NUDGE_BAD_ARGUMENT, &e, "\"Upper\"", "lower-case",
                 NULL);
    expect_error(nudge_net_set_note(net, "", "x", &e), NUDGE_BAD_ARGUMENT, &e, "lower-case", NULL);
    expect_error(nudge_net_set_note(net, longest, "x", &e), NUDGE_BAD_ARGUMENT, &e, "lower-case", NULL);
    expect_error(nudge_net_set_note(net, "key", "a\tb", &e), NUDGE_BAD_ARGUMENT, &e, "\"key\"", "control",
                 NULL);
    expect_error(nudge_net_set_note(net, "key", longest, &e), NUDGE_BAD_ARGUMENT, &e, "\"key\"", "4096",
                 NULL);
    assert_null(nudge_net_note_at(net, 0, NULL));
    longest[4096] = 0;
    assert_ok(nudge_net_set_note(net, "key", longest, error));
    nudge_net_free(net);
}

static void test_transforms_are_checked(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 3, "3");
    nudge_error e = {0};
    nudge_transform transform = NUDGE_TRANSFORM;
    assert_false(nudge_net_input_transform(net, 0, &transform));
    expect_error(set_alike(net, NAN, 1, &e), NUDGE_BAD_ARGUMENT, &e, "nan", "finite", NULL);
    expect_error(set_alike(net, 0, INFINITY, &e), NUDGE_BAD_ARGUMENT, &e, "inf", "finite", NULL);
    expect_error(set_alike(net, 0, 0, &e), NUDGE_BAD_ARGUMENT, &e, "not 0", NULL);
    assert_false(nudge_net_input_transform(net, 0, &transform));
    assert_ok(set_alike(net, -2, 3, error));
    assert_true(nudge_net_input_transform(net, 2, &transform) && transform.shift == -2 &&
                transform.factor == 3);
    assert_false(nudge_net_input_transform(net, 3, &transform));
    expect_error(nudge_net_set_input_transform(net, 3, &transform, &e), NUDGE_BAD_ARGUMENT, &e, "input 3",
                 "0 to 2", NULL);
    transform.struct_size = 0;
    expect_error(nudge_net_set_target_transform(net, 0, &transform, &e), NUDGE_BAD_ARGUMENT, &e,
                 "NUDGE_TRANSFORM", NULL);
    nudge_net_free(net);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_describes_itself),
        TEST(test_ops_have_names_and_formulas),
        TEST(test_parameters_are_canonical_outside),
        TEST(test_padding_is_zero),
        TEST(test_parameters_have_right_places_only),
        TEST(test_sizes_have_limits),
        TEST(test_clone_is_equal_and_apart),
        TEST(test_labels),
        TEST(test_notes_are_in_order_of_keys),
        TEST(test_notes_are_checked),
        TEST(test_transforms_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
