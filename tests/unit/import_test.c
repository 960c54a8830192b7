/* nudge_net_import: what other programs write comes in to the last bit, and what does not fit is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"
#include "support/foreign.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define T FOREIGN_TENSOR

static struct accounts accounts;
static nudge_context *context;
static char remarks[1024];
static float numbers[256];

static void on_remark(void *user, const char *sentence) {
    (void)user;
    strncat(remarks, sentence, sizeof remarks - strlen(remarks) - 2);
    strcat(remarks, "\n");
}

static int set_up(void **state) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    accounts = (struct accounts){0};
    options.threads = 1;
    options.allocator = counting_allocator(&accounts);
    options.on_remark = on_remark;
    remarks[0] = 0;
    for (size_t i = 0; i < 256; i++) numbers[i] = (float)i / 8 - 3;
    return nudge_context_create(&options, &context, NULL) || enter_scratch(state);
}

static int tear_down(void **state) {
    nudge_context_free(context);
    return leave_scratch(state) || accounts.live_blocks || accounts.live_bytes ? -1 : 0;
}

static void put(const char *json, const void *bytes, size_t count) {
    static unsigned char file[1 << 16];
    put_file("x", file, make_foreign(file, json, bytes, count));
}

static nudge_net *import(const char *map) {
    nudge_net *net = NULL;
    nudge_error error = {0};
    if (nudge_net_import(context, "x", map, &net, &error)) fail_msg("%s", error.message);
    assert_true(nudge_import_is(context, "x"));
    return net;
}

static void expect_tensor(const nudge_net *net, size_t i, const float *expected, size_t count) {
    float found[64];
    nudge_error error = {0};
    if (nudge_net_get_tensor(net, i, found, count, &error)) fail_msg("%s", error.message);
    assert_memory_equal(found, expected, count * sizeof *found);
}

static void refuses(const char *json, size_t bytes, const char *map, const char *fact) {
    nudge_net *net = NULL;
    nudge_error error = {0};
    size_t blocks = accounts.live_blocks;
    put(json, numbers, bytes);
    nudge_status status = nudge_net_import(context, "x", map, &net, &error);
    expect_error(status, map && !*map ? NUDGE_BAD_ARGUMENT : NUDGE_BAD_INPUT, &error, "x: ", fact, NULL);
    assert_null(net);
    assert_int_equal(accounts.live_blocks, blocks);
}

/* -- what comes in -- */

/* Weights [outputs][inputs], in the order of the layers' numbers, not of the file's names or places. */
static void a_sequence(void **state) {
    (void)state;
    put("{\"__metadata__\":{\"format\":\"pt\"}," T("10.bias", "F32", "1", 0, 4) "," T(
            "10.weight", "F32", "1,2", 4, 12) "," T("2.bias", "F32", "2", 12, 20) "," T("2.weight", "F32",
                                                                                        "2,3", 20, 44) "}   ",
        numbers, 44);
    nudge_net *net = import(NULL);
    assert_string_equal(nudge_net_text(net), "2 identity, 1 identity");
    assert_int_equal(nudge_net_inputs(net), 3);
    expect_tensor(net, 0, numbers + 5, 6);
    expect_tensor(net, 1, numbers + 3, 2);
    expect_tensor(net, 2, numbers + 1, 2);
    expect_tensor(net, 3, numbers, 1);
    assert_string_equal(remarks, "");
    nudge_net_free(net);
}

static void a_prefix_and_no_bias(void **state) {
    (void)state;
    static const float none[1] = {0};
    put("{" T("net.0.weight", "F32", "1,2", 0, 8) "}", numbers, 8);
    nudge_net *net = import(NULL);
    expect_tensor(net, 0, numbers, 2);
    expect_tensor(net, 1, none, 1);
    assert_string_equal(remarks, "x: 1 of 1 layers have no biases: they begin with 0\n");
    nudge_net_free(net);
}

static void a_map(void **state) {
    (void)state;
    static const char json[] =
        "{" T("a.weight", "F32", "2,1", 0, 8) "," T("b.weight", "F32", "3,2", 8, 32) "," T(
            "a.bias", "F32", "2", 32, 40) "," T("b.bias", "F32", "3", 40, 52) "," T("k.weight", "F32",
                                                                                    "1,1,3,3", 52, 88) "}";
    put(json, numbers, 88);
    nudge_net *net = import("a, b");
    assert_string_equal(nudge_net_text(net), "2 identity, 3 identity");
    expect_tensor(net, 1, numbers + 8, 2);
    expect_tensor(net, 2, numbers + 2, 6);
    assert_string_equal(remarks, "x: 1 of 5 tensors are not in the map, and left out\n");
    nudge_net_free(net);
    refuses(json, 88, NULL, "tensor a.weight: expected the weights and biases of linear layers with numbers");
    refuses(json, 88, "b,a",
            "tensor a.weight: found 1 inputs, expected 3, as b.weight before it has outputs");
    refuses(json, 88, "a,c", "there is no tensor c.weight; those with weights are called a, b, k");
    refuses(json, 88, "a,k", "tensor k.weight: found the shape [1,1,3,3]");
    refuses(json, 88, "", "the map has an empty name");
}

/* y = γ (x - mean) / √(variance + ε) + β */
static void a_normalisation(void **state) {
    (void)state;
    static const float file[] = {/* weight */ 2,
                                 -1,
                                 /* scale */ 3,
                                 0.5f,
                                 /* shift */ 1,
                                 -2,
                                 /* mean */ 0.25f,
                                 4,
                                 /* variance */ 4,
                                 0.25f,
                                 /* the next weight */ 1,
                                 1,
                                 /* and its bias */ 0.5f,
                                 0,
                                 0};
    float x = 1.5f, y = 0;
    put("{" T("0.weight", "F32", "2,1", 0, 8) "," T("1.weight", "F32", "2", 8, 16) "," T(
            "1.bias", "F32", "2", 16, 24) "," T("1.running_mean", "F32", "2", 24,
                                                32) "," T("1.running_var", "F32", "2", 32,
                                                          40) "," T("1.num_batches_tracked", "I64", "", 52,
                                                                    60) "," T("3.weight", "F32", "1,2", 40,
                                                                              48) "," T("3.bias", "F32", "1",
                                                                                        48, 52) "}",
        file, sizeof file);
    nudge_net *net = import(NULL);
    nudge_predictor *predictor = NULL;
    assert_string_equal(nudge_net_text(net), "2, batch-norm, identity, 1 identity");
    assert_int_equal(nudge_predictor_create(context, net, 1, NULL, 0, &predictor, NULL), NUDGE_OK);
    assert_int_equal(nudge_predict(predictor, &x, 1, &y, NULL), NUDGE_OK);
    double a = 3 * (3.0 - 0.25) / sqrt(4 + 1e-5) + 1, b = 0.5 * (-1.5 - 4) / sqrt(0.25 + 1e-5) - 2;
    assert_true(fabs((double)y - (a + b + 0.5)) < 1e-5);
    assert_string_equal(remarks, "x: 1 of 2 layers have no biases: they begin with 0\n");
    nudge_predictor_free(predictor);
    nudge_net_free(net);
}

/* Numbers that the types have exactly, and the ends of them. */
static void other_types(void **state) {
    (void)state;
    static const float expected[] = {1, -2.5f, 65504, 0x1p-24f, -0x3FFp-24f, 0x1p-14f, 0, 0.333251953125f};
    static const uint16_t half[] = {0x3C00, 0xC100, 0x7BFF, 0x0001, 0x83FF, 0x0400, 0x0000, 0x3555};
    static const uint16_t brain[] = {0x3F80, 0xC020, 0x477F, 0x3380, 0xB87F, 0x3880, 0x0000, 0x3EAB};
    static const double wide[] = {1, -2.5, 65504, 0x1p-24, -0x3FFp-24, 0x1p-14, 0, 0.333251953125};
    unsigned char bytes[64];
    for (size_t i = 0; i < 8; i++)
        bytes[2 * i] = (unsigned char)half[i], bytes[2 * i + 1] = (unsigned char)(half[i] >> 8);
    put("{" T("0.weight", "F16", "8,1", 0, 16) "}", bytes, 16);
    nudge_net *net = import(NULL);
    expect_tensor(net, 0, expected, 8);
    assert_non_null(strstr(remarks, "1 of 1 layers are F16, and f32 here"));
    nudge_net_free(net);
    for (size_t i = 0; i < 8; i++) {
        uint64_t bits;
        memcpy(&bits, &wide[i], sizeof bits);
        for (size_t b = 0; b < 8; b++) bytes[8 * i + b] = (unsigned char)(bits >> 8 * b);
    }
    put("{" T("0.weight", "F64", "8,1", 0, 64) "}", bytes, 64);
    net = import(NULL);
    expect_tensor(net, 0, expected, 8);
    nudge_net_free(net);
    for (size_t i = 0; i < 8; i++)
        bytes[2 * i] = (unsigned char)brain[i], bytes[2 * i + 1] = (unsigned char)(brain[i] >> 8);
    put("{" T("0.weight", "BF16", "1,8", 0, 16) "}", bytes, 16);
    net = import(NULL);
    float found[8];
    assert_int_equal(nudge_net_get_tensor(net, 0, found, 8, NULL), NUDGE_OK);
    for (size_t i = 0; i < 8; i++) assert_true(fabsf(found[i] - expected[i]) <= 0x1p-8f * fabsf(expected[i]));
    nudge_net_free(net);
}

/* -- what is refused -- */

static void what_does_not_fit_is_named(void **state) {
    (void)state;
    static const struct {
        const char *json, *fact;
    } cases[] = {
        {"{}", "has no tensors"},
        {"{\"__metadata__\":{\"format\":\"pt\"}}", "has no tensors"},
        {"[]", "its header is not a JSON object"},
        {"{ ", "is not JSON at byte"},
        {"{\"0.weight\":7}", "tensor 0.weight: found dtype \"none\""},
        {"{" T("0.weight", "I32", "1,1", 0, 4) "}", "found dtype \"I32\", expected F32, F64, F16 or BF16"},
        {"{" T("0.weight", "F32", "1,1", 0, 8) "}",
         "found the data_offsets [0,8], expected two that are 4 bytes"},
        {"{" T("0.weight", "F32", "1,1", 8, 4) "}", "found the data_offsets [8,4]"},
        {"{" T("0.weight", "F32", "1,1", 0, 4.0) "}", "found the data_offsets none"},
        {"{" T("0.weight", "F32", "1,1", 64, 68) "}", "ends at byte 68 of the tensors, but the file has 64"},
        {"{" T("0.weight", "F32", "16777216,16777216", 0, 1125899906842624) "}",
         "ends at byte 1125899906842624"},
        {"{" T("0.weight", "F32", "16777217,1", 0, 67108868) "}", "found the shape [16777217,1]"},
        {"{" T("0.weight", "F32", "0,1", 0, 0) "}", "found the shape [0,1]"},
        {"{" T("0.weight", "F32", "-1,1", 0, 4) "}", "found the shape none"},
        {"{" T("0.weight", "F32", "2,3,4,5,6", 0, 4) "}", "found the shape [2,3,4,5] and more"},
        {"{" T("0.weight", "F32", "2,1", 0, 8) "," T("0.bias", "F32", "3", 0, 12) "}",
         "tensor 0.bias: found 3 numbers, expected 2, as 0.weight has outputs"},
        {"{" T("0.weight", "F32", "2,1", 0, 8) "," T("2.weight", "F32", "1,3", 0, 12) "}",
         "tensor 2.weight: found 3 inputs, expected 2, as 0.weight before it has outputs"},
        {"{" T("0.bias", "F32", "2", 0, 8) "}", "tensor 0.bias: expected the weights and biases"},
        {"{" T("0.weight", "F32", "1,1", 0, 4) "," T("00.weight", "F32", "1,1", 0, 4) "}",
         "tensor 00.weight: expected"},
        {"{" T("a.0.weight", "F32", "1,1", 0, 4) "," T("b.1.weight", "F32", "1,1", 0, 4) "}",
         "tensor b.1.weight: expected"},
        {"{" T("weight", "F32", "1,1", 0, 4) "}", "tensor weight: expected"},
        {"{" T("0.running_mean", "F32", "1", 0, 4) "," T("0.weight", "F32", "1,1", 0, 4) "}",
         "tensor 0.running_mean: expected"},
        {"{" T("0.weight", "F32", "1", 0, 4) "," T("0.bias", "F32", "1", 0, 4) "}",
         "there is no tensor 0.running_mean, which a batch normalisation has"},
        {"{" T("0.weight", "F32", "1", 0, 4) "," T("0.bias", "F32", "1", 0, 4) "," T(
             "0.running_mean", "F32", "1", 0, 4) "," T("0.running_var", "F32", "1", 0, 4) "}",
         "expected a linear layer first"},
        {"{\"__metadata__\":{\"format\":\"nudge\"}}", "is a file of nudge"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) refuses(cases[c].json, 64, NULL, cases[c].fact);
    numbers[1] = INFINITY;
    refuses("{" T("0.weight", "F32", "1,2", 0, 8) "}", 8, NULL, "layer 1: weight [0][1] is inf");
}

/* Every piece of a file is refused, and nothing is left behind. */
static void every_truncation_is_refused(void **state) {
    (void)state;
    static const char json[] = "{" T("0.weight", "F32", "2,1", 0, 8) "," T("0.bias", "F32", "2", 8, 16) "}";
    unsigned char file[256];
    size_t size = make_foreign(file, json, numbers, 16);
    for (size_t length = 0; length < size; length++) {
        nudge_net *net = NULL;
        nudge_error error = {0};
        put_file("x", file, length);
        assert_int_equal(nudge_net_import(context, "x", NULL, &net, &error), NUDGE_BAD_INPUT);
        assert_null(net);
        assert_int_equal(nudge_import_is(context, "x"), length >= 8 + strlen(json));
    }
}

/* What torch.save writes is told by its first bytes, and Python's line that makes safetensors of it. */
static void pickles_are_recognised(void **state) {
    (void)state;
    static const struct {
        const char *name, *bytes;
        size_t count;
        bool pickle;
    } cases[] = {
        {"a.pth", "PK\3\4\0\0\x08\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\x12\0archive/data.pkl", 46,
         true},
        {"a.pt", "\x80\2\x8A\nl\xFC\x9C\x46\xF9 j\xA8P\x19.", 15, true},
        {"a.npz", "PK\3\4\0\0\x08\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0x.npy", 35, false},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        nudge_net *net = NULL;
        nudge_error error = {0};
        put_file(cases[c].name, cases[c].bytes, cases[c].count);
        assert_int_equal(nudge_net_load(context, cases[c].name, &net, &error), NUDGE_BAD_INPUT);
        assert_int_equal(strstr(error.message, "a file of PyTorch's torch.save") != NULL, cases[c].pickle);
        assert_int_equal(strstr(error.message, "\"a.safetensors\")") != NULL, cases[c].pickle);
        assert_false(nudge_import_is(context, cases[c].name));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_sequence),
        TEST(a_prefix_and_no_bias),
        TEST(a_map),
        TEST(a_normalisation),
        TEST(other_types),
        TEST(what_does_not_fit_is_named),
        TEST(every_truncation_is_refused),
        TEST(pickles_are_recognised),
    };
    return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
