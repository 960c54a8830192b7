/* The text form of a network: what it means, how it is printed, and errors that point at the word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "net/spec.h"
#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 16, OPS = 4 * ROOM };

/* Parses what must be right. */
static size_t parse_ops(const char *text, struct spec_op *chain) {
    nudge_error error = {0};
    size_t count = 0, counted = 0;
    nudge_status status = spec_parse(text, NULL, &counted, &error);
    if (status) fail_msg("\"%s\": %s", text, error.message);
    assert_true(counted <= OPS);
    assert_int_equal(spec_parse(text, chain, &count, &error), NUDGE_OK);
    assert_int_equal(count, counted);
    return count;
}

/* Of a text whose layers have an activation and nothing else. */
struct layer {
    size_t neurons;
    const struct op *activation;
    double value;
};

static size_t parse(const char *text, struct layer *layers) {
    struct spec_op chain[OPS];
    size_t count = parse_ops(text, chain);
    assert_int_equal(count % 2, 0);
    for (size_t l = 0; l < count / 2; l++) {
        const struct spec_op *dense = &chain[2 * l], *activation = dense + 1;
        assert_ptr_equal(dense->op, op_dense);
        assert_int_equal(activation->op->kind, OP_ACTIVATION);
        assert_true(dense->layer == l + 1 && activation->layer == l + 1);
        layers[l] = (struct layer){dense->neurons, activation->op, activation->values[0]};
    }
    return count / 2;
}

static size_t print(const struct layer *layers, size_t count, char *text, size_t room) {
    struct spec_op chain[OPS];
    for (size_t l = 0; l < count; l++) {
        chain[2 * l] = (struct spec_op){.op = op_dense, .layer = l + 1, .neurons = layers[l].neurons};
        chain[2 * l + 1] =
            (struct spec_op){.op = layers[l].activation, .layer = l + 1, .values = {layers[l].value}};
    }
    return spec_print(chain, 2 * count, text, room);
}

/* -- what texts mean -- */

static void assert_layer(const struct layer *layer, size_t neurons, const char *activation, double value) {
    assert_int_equal(layer->neurons, neurons);
    assert_string_equal(layer->activation->name, activation);
    assert_true(layer->value == value);
}

static void test_layers_are_read(void **state) {
    (void)state;
    struct layer layers[ROOM];
    assert_int_equal(parse("30 sigmoid, 64 leaky-relu 0.1, 7 elu, 10 softmax", layers), 4);
    assert_layer(&layers[0], 30, "sigmoid", 0);
    assert_layer(&layers[1], 64, "leaky-relu", 0.1);
    assert_layer(&layers[2], 7, "elu", 1);
    assert_layer(&layers[3], 10, "softmax", 0);
}

static void test_activation_and_value_may_be_left_out(void **state) {
    (void)state;
    struct layer layers[ROOM];
    assert_int_equal(parse("5, 4 leaky-relu, 3", layers), 3);
    assert_layer(&layers[0], 5, "identity", 0);
    assert_layer(&layers[1], 4, "leaky-relu", 0.01);
    assert_layer(&layers[2], 3, "identity", 0);
}

static void test_blanks_and_underscores_do_not_matter(void **state) {
    (void)state;
    struct layer layers[ROOM];
    assert_int_equal(parse("  5\tleaky_relu  1e-2 ,4 lecun_tanh\n,\n3  ", layers), 3);
    assert_layer(&layers[0], 5, "leaky-relu", 0.01);
    assert_layer(&layers[1], 4, "lecun-tanh", 0);
    assert_layer(&layers[2], 3, "identity", 0);
}

static void test_limits_are_within(void **state) {
    (void)state;
    struct layer layers[ROOM];
    parse("16777216 leaky-relu 1000000, 1 elu 0", layers);
    assert_layer(&layers[0], SPEC_MOST_NEURONS, "leaky-relu", 1e6);
    assert_layer(&layers[1], 1, "elu", 0);
}

static void assert_op(const struct spec_op *op, const char *name, size_t layer, double value) {
    assert_string_equal(op->op->name, name);
    assert_int_equal(op->layer, layer);
    assert_true(op->values[0] == value);
}

static void test_ops_between_are_read(void **state) {
    (void)state;
    struct spec_op chain[OPS];
    assert_int_equal(
        parse_ops("dropout 0.2, 512, batch-norm, relu, dropout, 64 tanh, batch_norm 1e-3 0.01, 10 softmax",
                  chain),
        10);
    assert_op(&chain[0], "dropout", 0, 0.2);
    assert_op(&chain[1], "dense", 1, 0);
    assert_op(&chain[2], "batch-norm", 1, 1e-5);
    assert_true(chain[2].values[1] == 0.1);
    assert_op(&chain[3], "relu", 1, 0);
    assert_op(&chain[4], "dropout", 1, 0.5);
    assert_op(&chain[6], "tanh", 2, 0);
    assert_op(&chain[7], "batch-norm", 2, 1e-3);
    assert_true(chain[7].values[1] == 0.01);
    assert_op(&chain[9], "softmax", 3, 0);
    /* a layer without an activation: identity, right behind the number */
    assert_int_equal(parse_ops("5, batch-norm, dropout 0.1, 3, relu", chain), 6);
    assert_op(&chain[1], "identity", 1, 0);
    assert_op(&chain[2], "batch-norm", 1, 1e-5);
    assert_op(&chain[5], "relu", 2, 0);
}

/* -- printing -- */

static void assert_printed(const char *text, const char *expected) {
    struct spec_op chain[OPS];
    char printed[300];
    size_t count = parse_ops(text, chain), length = spec_print(chain, count, printed, sizeof printed);
    assert_string_equal(printed, expected);
    assert_int_equal(length, strlen(expected));
}

static void test_standard_form(void **state) {
    (void)state;
    assert_printed("5,4  leaky_relu,3 elu 2.50", "5 identity, 4 leaky-relu 0.01, 3 elu 2.5");
    assert_printed("0030 relu", "30 relu");
    assert_printed("dropout .5,5, batch_norm ,relu,dropout 0.20, 3",
                   "dropout, 5, batch-norm, relu, dropout 0.2, 3 identity");
    assert_printed("5 relu, batch-norm 1e-3, 4, batch-norm 1e-5 0.5, 3 tanh",
                   "5 relu, batch-norm 0.001, 4 identity, batch-norm 1e-05 0.5, 3 tanh");
}

/* Every activation, numbers that need all their digits, layers in any order. */
static void test_printed_text_is_read_as_the_same(void **state) {
    (void)state;
    static const double values[] = {0.1, 1.0 / 3, 1e-300, 123456.789, 0, 1e6};
    struct layer layers[ROOM], again[ROOM];
    uint32_t random = 1;
    for (int round = 0; round < 500; round++) {
        char text[1000];
        size_t count = 1 + (size_t)round % ROOM;
        for (size_t l = 0; l < count; l++) {
            random = random * 1664525 + 1013904223;
            const struct op *op = &ops[1 + (random >> 8) % (op_activation_end() - 1)];
            layers[l] = (struct layer){1 + (random >> 12) % SPEC_MOST_NEURONS, op,
                                       op->value_count ? values[(random >> 16) % 6] : 0};
        }
        print(layers, count, text, sizeof text);
        assert_int_equal(parse(text, again), count);
        for (size_t l = 0; l < count; l++)
            assert_layer(&again[l], layers[l].neurons, layers[l].activation->name, layers[l].value);
    }
}

static void test_print_measures_and_cuts(void **state) {
    (void)state;
    struct layer layers[ROOM];
    char text[12] = "untouched";
    size_t count = parse("30 sigmoid, 10 softmax", layers);
    assert_int_equal(print(layers, count, NULL, 0), strlen("30 sigmoid, 10 softmax"));
    assert_int_equal(print(layers, count, text, sizeof text), strlen("30 sigmoid, 10 softmax"));
    assert_string_equal(text, "30 sigmoid,");
}

/* -- errors -- */

static void assert_error(const char *text, const char *place, const char *found, const char *expected) {
    nudge_error error = {0};
    size_t count = 99;
    nudge_status status = spec_parse(text, NULL, &count, &error);
    expect_error(status, NUDGE_BAD_ARGUMENT, &error, place, found, expected, NULL);
    assert_int_equal(count, 99);
}

static void test_errors_point_at_the_word(void **state) {
    (void)state;
    assert_error("", "column 1:", "found nothing", "a number of neurons, 1 to 16777216");
    assert_error("  ", "column 3:", "found nothing", "a number of neurons");
    assert_error("30 sigmoid,", "column 12:", "found nothing", "a number of neurons");
    assert_error("30,,10", "column 4:", "found nothing", "a number of neurons");
    assert_error("sigmoid", "column 1:", "\"sigmoid\"", "a number of neurons");
    assert_error("0 relu", "column 1:", "\"0\"", "1 to 16777216");
    assert_error("-3 relu", "column 1:", "\"-3\"", "a number of neurons");
    assert_error("3.5 relu", "column 1:", "\"3.5\"", "a number of neurons");
    assert_error("16777217", "column 1:", "\"16777217\"", "1 to 16777216");
    assert_error("99999999999999999999999", "column 1:", "\"99999999999999999999999\"", "1 to 16777216");
    assert_error("30 sigmoyd, 10", "column 4:", "\"sigmoyd\"", "an activation: identity, sigmoid, tanh");
    assert_error("30 sigmoid, 10 dense", "column 16:", "\"dense\"", "an activation: identity");
    assert_error("30 Relu", "column 4:", "\"Relu\"", "an activation");
    assert_error("30 relu 0.1", "column 9:", "\"0.1\"", "takes no number");
    assert_error("30 leaky-relu x", "column 15:", "\"x\"", "a number from 0 to 1000000");
    assert_error("30 leaky-relu 0.1x", "column 15:", "\"0.1x\"", "a number from 0 to 1000000");
    assert_error("30 leaky-relu -1", "column 15:", "\"-1\"", "a number from 0 to 1000000");
    assert_error("30 elu 1000001", "column 8:", "\"1000001\"", "a number from 0 to 1000000");
    assert_error("30 elu nan", "column 8:", "\"nan\"", "a number from 0 to 1000000");
    assert_error("30 elu 1 1", "column 10:", "\"1\"", "a comma or the end");
    assert_error("30\trelu\n,\n10\nx", "column 14:", "\"x\"", "an activation");
}

static void test_long_words_and_texts_are_cut(void **state) {
    (void)state;
    char text[3000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    assert_error(text, "column 1:", "...", "a number of neurons");
    memcpy(text, "30 ", 3);
    assert_error(text, "column 4:", "...", "softmax");
}

static void test_limits_are_kept(void **state) {
    (void)state;
    char *text = calloc(SPEC_MOST_LENGTH + 2, 1);
    assert_non_null(text);
    for (size_t l = 0; l < SPEC_MOST_LAYERS; l++) memcpy(text + 2 * l, l ? ",1" : " 1", 2);
    size_t count = 0;
    assert_int_equal(spec_parse(text, NULL, &count, NULL), NUDGE_OK);
    assert_int_equal(count, 2 * SPEC_MOST_LAYERS); /* each with identity */
    memcpy(text + 2 * SPEC_MOST_LAYERS, ",1", 2);
    assert_error(text, "column 2002:", "\"1\"", "at most 1000 layers");
    memset(text, ' ', SPEC_MOST_LENGTH + 1);
    assert_error(text, "65537 characters", "network text", "at most 65536");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layers_are_read),
        cmocka_unit_test(test_activation_and_value_may_be_left_out),
        cmocka_unit_test(test_blanks_and_underscores_do_not_matter),
        cmocka_unit_test(test_limits_are_within),
        cmocka_unit_test(test_ops_between_are_read), cmocka_unit_test(test_standard_form),
        cmocka_unit_test(test_printed_text_is_read_as_the_same),
        cmocka_unit_test(test_print_measures_and_cuts),
        cmocka_unit_test(test_errors_point_at_the_word),
        cmocka_unit_test(test_long_words_and_texts_are_cut),
        cmocka_unit_test(test_limits_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
