/* Model files: nudge_net_save, nudge_net_load, nudge_net_digest. Nets come back to the bit, the same net
 * gives the same bytes, and a checker of its own (support/models.c) holds the file against the rules of
 * safetensors. What is wrong with a file is in model_hostile_test.c. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alike.h"
#include "support/files.h"
#include "support/models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct accounts accounts;
static nudge_context *context;

static int set_up(void **state) {
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    return enter_scratch(state);
}

static int tear_down(void **state) {
    nudge_context_free(context);
    return leave_scratch(state) || accounts.live_blocks || accounts.live_bytes ? -1 : 0;
}

/* -- there and back -- */

static void a_net_comes_back_to_the_bit(void **state) {
    (void)state;
    nudge_net *net = small_net(context);
    save_net(net, "model.nudge");
    nudge_net *back = load_net(context, "model.nudge");
    expect_same_nets(net, back);
    nudge_net_free(net);
    nudge_net_free(back);
}

/* Shapes around the sizes in which parameters pass through: rows longer and shorter than a portion, tails. */
static void nets_of_all_shapes_come_back(void **state) {
    (void)state;
    static const struct {
        size_t inputs;
        const char *text;
    } shapes[] = {{1, "1"},    {784, "30 sigmoid, 10 sigmoid"}, {17, "33 leaky-relu 0.1, 16, 15 elu 2.5"},
                  {5000, "3"}, {2048, "1, 2049 relu"},          {2, "2100, 1 sigmoid"}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        nudge_net *net = net_of(context, shapes[i].inputs, shapes[i].text);
        save_net(net, "model.nudge");
        nudge_net *back = load_net(context, "model.nudge");
        expect_same_nets(net, back);
        assert_true(first_transform(back).factor != first_transform(back).factor);
        assert_null(nudge_net_label(back, 0));
        nudge_net_free(net);
        nudge_net_free(back);
    }
}

static void the_same_net_gives_the_same_bytes(void **state) {
    (void)state;
    nudge_net *net = small_net(context), *again = small_net(context);
    save_net(net, "one");
    save_net(again, "two");
    expect_same_files("one", "two");
    nudge_net *back = load_net(context, "one");
    save_net(back, "one"); /* over itself */
    expect_same_files("one", "two");
    assert_int_equal(count_entries("."), 2);
    nudge_net_free(net);
    nudge_net_free(again);
    nudge_net_free(back);
}

/* -- the file against the rules -- */

static void the_file_is_safetensors(void **state) {
    (void)state;
    nudge_net *net = small_net(context);
    save_net(net, "model.nudge");
    size_t count;
    unsigned char *bytes = get_file("model.nudge", &count);
    json_t *root = check_safetensors(bytes, count);
    const unsigned char *data = bytes + 8 + header_length(bytes);
    assert_memory_equal(
        data, "\0\0\0\x80\x01\0\0\0\xff\xff\x7f\x80\xff\xff\x7f\x7f\xcd\xcc\xcc\x3d\0\0\x80\xbf", 24);
    assert_int_equal(json_array_size(json_object_get(json_object_get(root, "layers.1.weight"), "shape")), 2);
    assert_int_equal(json_array_size(json_object_get(json_object_get(root, "layers.2.bias"), "shape")), 1);
    assert_string_equal(metadata_text(root, "format"), "nudge");
    assert_string_equal(metadata_text(root, "format_version"), "1");
    assert_string_equal(metadata_text(root, "nudge_version"), nudge_version());
    assert_string_equal(metadata_text(root, "network"), nudge_net_text(net));
    assert_string_equal(metadata_text(root, "inputs"), "3");
    assert_string_equal(metadata_text(root, "preprocessing"), "shift -0x1p-1, scale 0x1.010102p-8");
    assert_string_equal(metadata_text(root, "labels"), "[\"a \\\"quoted\\\" one, \\\\\",\"Größe 零\"]");
    assert_string_equal(metadata_text(root, "cost"), "cross-entropy");
    assert_string_equal(metadata_text(root, "note.about"), "cross-entropy");
    json_decref(root);
    free(bytes);
    nudge_net_free(net);
}

static void digests_are_of_the_bytes_in_the_file(void **state) {
    (void)state;
    nudge_net *net = small_net(context);
    save_net(net, "model.nudge");
    size_t count;
    unsigned char *bytes = get_file("model.nudge", &count), *data = bytes + 8 + header_length(bytes);
    json_t *root = check_safetensors(bytes, count);
    char hex[65], own[65];
    hex_of(hex, data, count - (size_t)(data - bytes));
    nudge_net_digest(net, own);
    assert_string_equal(own, hex);
    const char *stated = metadata_text(root, "file_digest");
    char *place = memmem(bytes, count, stated, 64);
    memset(place, '0', 64);
    hex_of(hex, bytes, count);
    assert_string_equal(stated, hex);
    json_decref(root);
    free(bytes);
    nudge_net_free(net);
}

static void memory_has_the_bytes_of_a_file(void **state) {
    (void)state;
    nudge_net *net = small_net(context), *again = NULL;
    nudge_error error;
    save_net(net, "model.nudge");
    size_t count, size = 0;
    unsigned char *bytes = get_file("model.nudge", &count);
    assert_int_equal(nudge_net_save_memory(net, NULL, 0, &size, &error), NUDGE_OK);
    assert_int_equal(size, count);
    unsigned char *memory = malloc(count);
    size = 0;
    memset(memory, 7, count);
    expect_error(nudge_net_save_memory(net, memory, count - 1, &size, &error), NUDGE_BAD_ARGUMENT, &error,
                 "room for", "the network takes", NULL);
    assert_int_equal(size, count);
    for (size_t i = 0; i < count; i++) assert_int_equal(memory[i], 7);
    assert_int_equal(nudge_net_save_memory(net, memory, count, &size, &error), NUDGE_OK);
    assert_memory_equal(memory, bytes, count);
    assert_int_equal(nudge_net_load_memory(context, memory, count, &again, &error), NUDGE_OK);
    char hex[65], own[65];
    nudge_net_digest(net, own);
    nudge_net_digest(again, hex);
    assert_string_equal(hex, own);
    for (size_t cut = 0; cut < count; cut += 13) {
        nudge_net *none = NULL;
        expect_error(nudge_net_load_memory(context, memory, cut, &none, &error), NUDGE_BAD_INPUT, &error,
                     "memory: ", NULL);
        assert_null(none);
    }
    free(memory);
    free(bytes);
    nudge_net_free(again);
    nudge_net_free(net);
}

/* printf '\0\0\0\0\0\0\200\77\0\0\0\300\0\0\0\0' | sha256sum */
static void a_digest_is_known(void **state) {
    (void)state;
    nudge_net *net = net_of(context, 3, "1");
    char hex[65];
    assert_int_equal(nudge_net_set_weights(net, 1, (const float[]){0, 1, -2}, 3, NULL), NUDGE_OK);
    nudge_net_digest(net, hex);
    assert_string_equal(hex, "af6e256478472996db59073ba31344741cc0e23778c81f9976c437b6969d5978");
    nudge_net_free(net);
}

static void preprocessing_is_exact(void **state) {
    (void)state;
    static const struct {
        uint32_t shift, scale;
        const char *text;
    } cases[] = {
        {0x00000000, 0x3F800000, "shift 0x0p+0, scale 0x1p+0"},
        {0x80000000, 0x00000001, "shift -0x0p+0, scale 0x1p-149"},
        {0x7F7FFFFF, 0x807FFFFF, "shift 0x1.fffffep+127, scale -0x1.fffffcp-127"},
        {0x42FE0000, 0x00800000, "shift 0x1.fcp+6, scale 0x1p-126"},
        {0x3DCCCCCD, 0x00400000, "shift 0x1.99999ap-4, scale 0x1p-127"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nudge_net *net = net_of(context, 1, "1");
        size_t count;
        assert_int_equal(set_alike(net, float_of(cases[i].shift), float_of(cases[i].scale), NULL), NUDGE_OK);
        save_net(net, "model.nudge");
        unsigned char *bytes = get_file("model.nudge", &count);
        json_t *root = check_safetensors(bytes, count);
        assert_string_equal(metadata_text(root, "preprocessing"), cases[i].text);
        json_decref(root);
        free(bytes);
        nudge_net *back = load_net(context, "model.nudge");
        nudge_transform p = first_transform(back);
        assert_memory_equal(&p.shift, &cases[i].shift, 4);
        assert_memory_equal(&p.factor, &cases[i].scale, 4);
        nudge_net_free(net);
        nudge_net_free(back);
    }
}

/* -- saving -- */

static void expect_save_refused(const nudge_net *net, const char *path, nudge_status expected,
                                const char *fact) {
    nudge_error error = {0};
    size_t before = count_entries(".");
    expect_error(nudge_net_save(net, path, &error), expected, &error, path, fact, NULL);
    assert_int_equal(count_entries("."), before);
}

static void what_cannot_be_saved_is_refused(void **state) {
    (void)state;
    nudge_net *net = small_net(context);
    const float nan[6] = {1, 2, 3, 4, float_of(0x7FC00000), 6}, fine[6] = {0};
    assert_int_equal(nudge_net_set_weights(net, 1, nan, 6, NULL), NUDGE_OK);
    expect_save_refused(net, "x", NUDGE_BAD_ARGUMENT,
                        "layer 1: weight [1][1] is nan, expected a finite number");
    assert_int_equal(nudge_net_set_weights(net, 1, fine, 6, NULL), NUDGE_OK);
    static const char *const bad[] = {"\xff",
                                      "\xc3",
                                      "a\xc0\x80",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xc3x",
                                      "\xe2\x82"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *labels[] = {"fine", bad[i]};
        assert_int_equal(nudge_net_set_labels(net, labels, 2, NULL), NUDGE_OK);
        expect_save_refused(net, "x", NUDGE_BAD_ARGUMENT, "label 1 is not UTF-8");
    }
    const char *labels[] = {"\xf0\x9f\x90\x98", "\xed\x9f\xbf\xef\xbf\xbd\xf4\x8f\xbf\xbf"};
    assert_int_equal(nudge_net_set_labels(net, labels, 2, NULL), NUDGE_OK);
    save_net(net, "x");
    nudge_net_free(load_net(context, "x"));
    assert_int_equal(nudge_net_set_note(net, "data", "\xff", NULL), NUDGE_OK);
    expect_save_refused(net, "x", NUDGE_BAD_ARGUMENT, "note \"data\" is not UTF-8");
    assert_int_equal(nudge_net_set_note(net, "data", "x", NULL), NUDGE_OK);
    expect_save_refused(net, "none/x", NUDGE_IO, "no such folder");
    expect_save_refused(net, ".", NUDGE_IO, "is a folder");
    expect_save_refused(net, "/dev/full", NUDGE_IO, "no space left");
    for (int i = 0; i < 1000; i++) {
        char key[16];
        snprintf(key, sizeof key, "n%d", i);
        assert_int_equal(nudge_net_set_note(net, key, "x", NULL), NUDGE_OK);
    }
    expect_save_refused(net, "x", NUDGE_BAD_ARGUMENT, "1003 notes, expected at most 1000");
    nudge_net_free(net);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Fitted scalings of every kind come back: columns of one value, alike or not, and ranges that differ. */
static void fitted_scalings_come_back(void **state) {
    (void)state;
    static const float tables[3][4][2] = {{{5, 5}, {5, 5}, {5, 5}, {5, 5}},
                                          {{1, 100}, {2, 200}, {3, 300}, {4, 400}},
                                          {{0, 0}, {1, 1}, {0, 1}, {1, 0}}};
    static const float targets[4] = {1e6f, 2e6f, 3e6f, 5e6f};
    for (size_t t = 0; t < 3; t++)
        for (nudge_scale scale = NUDGE_SCALE_AUTO; nudge_scale_name(scale); scale++) {
            nudge_rows rows = NUDGE_ROWS;
            nudge_data *data = NULL;
            nudge_net *net = net_of(context, 2, "1");
            rows.rows = 4;
            rows.features = 2;
            rows.values = tables[t];
            rows.targets = targets;
            rows.target_columns = 1;
            assert_int_equal(nudge_data_create(context, &rows, NULL, &data, NULL), NUDGE_OK);
            assert_int_equal(nudge_net_fit(net, data, scale, NUDGE_SCALE_AUTO, NULL), NUDGE_OK);
            save_net(net, "model.nudge");
            nudge_net *back = load_net(context, "model.nudge");
            expect_same_nets(net, back);
            nudge_net_free(net);
            nudge_net_free(back);
            nudge_data_free(data);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_net_comes_back_to_the_bit),
        TEST(nets_of_all_shapes_come_back),
        TEST(the_same_net_gives_the_same_bytes),
        TEST(the_file_is_safetensors),
        TEST(digests_are_of_the_bytes_in_the_file),
        TEST(memory_has_the_bytes_of_a_file),
        TEST(a_digest_is_known),
        TEST(preprocessing_is_exact),
        TEST(fitted_scalings_come_back),
        TEST(what_cannot_be_saved_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
