/* See models.h. */
#include "support/models.h"
#include "alike.h"

#include "support/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- nets -- */

float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

nudge_net *net_of(nudge_context *context, size_t inputs, const char *text) {
    nudge_net *net = NULL;
    nudge_error error = {0};
    if (nudge_net_create(context, inputs, text, 1, &net, &error)) fail_msg("%s", error.message);
    return net;
}

nudge_net *small_net(nudge_context *context) {
    nudge_net *net = net_of(context, 3, "2 sigmoid, 2 softmax");
    const float weights[] = {-0.0f, float_of(1), float_of(0x807FFFFF), float_of(0x7F7FFFFF), 0.1f, -1};
    const float biases[] = {float_of(0x00800000), 1e-30f};
    assert_int_equal(nudge_net_set_weights(net, 1, weights, 6, NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_biases(net, 2, biases, 2, NULL), NUDGE_OK);
    assert_int_equal(set_alike(net, -0.5f, 1.0f / 255, NULL), NUDGE_OK);
    const char *labels[] = {"a \"quoted\" one, \\", "Größe 零"};
    assert_int_equal(nudge_net_set_labels(net, labels, 2, NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_note(net, "about", "cross-entropy", NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_note(net, "data", "\"file_digest\":\"x\" } { \\ é", NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_note(net, "file_digest", "a note of that name", NULL), NUDGE_OK);
    return net;
}

void save_net(const nudge_net *net, const char *path) {
    nudge_error error = {0};
    if (nudge_net_save(net, path, &error)) fail_msg("%s", error.message);
}

nudge_net *load_net(nudge_context *context, const char *path) {
    nudge_net *net = NULL;
    nudge_error error = {0};
    if (nudge_net_load(context, path, &net, &error)) fail_msg("%s", error.message);
    return net;
}

void expect_same_nets(const nudge_net *a, const nudge_net *b) {
    assert_string_equal(nudge_net_text(a), nudge_net_text(b));
    assert_int_equal(nudge_net_inputs(a), nudge_net_inputs(b));
    nudge_layer layer = NUDGE_LAYER;
    for (size_t l = 1; nudge_net_layer(a, l, &layer); l++) {
        size_t count = layer.inputs * layer.outputs;
        float *x = malloc(count * sizeof *x), *y = malloc(count * sizeof *y);
        assert_int_equal(nudge_net_get_weights(a, l, x, count, NULL), NUDGE_OK);
        assert_int_equal(nudge_net_get_weights(b, l, y, count, NULL), NUDGE_OK);
        assert_memory_equal(x, y, count * sizeof *x);
        assert_int_equal(nudge_net_get_biases(a, l, x, layer.outputs, NULL), NUDGE_OK);
        assert_int_equal(nudge_net_get_biases(b, l, y, layer.outputs, NULL), NUDGE_OK);
        assert_memory_equal(x, y, layer.outputs * sizeof *x);
        free(x);
        free(y);
    }
    nudge_transform p = NUDGE_TRANSFORM, q = NUDGE_TRANSFORM;
    bool (*const get[])(const nudge_net *, size_t, nudge_transform *) = {nudge_net_input_transform,
                                                                         nudge_net_target_transform};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; get[k](a, i, &p) || get[k](b, i, &q); i++) {
            assert_true(get[k](a, i, &p) && get[k](b, i, &q));
            assert_memory_equal(&p.shift, &q.shift, sizeof p.shift);
            assert_memory_equal(&p.factor, &q.factor, sizeof p.factor);
            assert_true(p.fill == q.fill && p.log == q.log && p.scale == q.scale);
            assert_true((p.low == q.low && p.high == q.high) || (p.low != p.low && q.low != q.low));
        }
    for (size_t i = 0; nudge_net_label(a, i) || nudge_net_label(b, i); i++)
        assert_string_equal(nudge_net_label(a, i), nudge_net_label(b, i));
    const char *key, *value, *other;
    for (size_t i = 0; (key = nudge_net_note_at(a, i, &value)) || nudge_net_note_at(b, i, NULL); i++) {
        assert_string_equal(key, nudge_net_note_at(b, i, &other));
        assert_string_equal(value, other);
    }
}

void expect_same_files(const char *a, const char *b) {
    size_t m, n;
    unsigned char *x = get_file(a, &m), *y = get_file(b, &n);
    assert_int_equal(m, n);
    assert_memory_equal(x, y, m);
    free(x);
    free(y);
}

/* -- model files -- */

uint64_t header_length(const unsigned char *bytes) {
    uint64_t length = 0;
    for (int i = 7; i >= 0; i--) length = length << 8 | bytes[i];
    return length;
}

json_t *check_safetensors(const unsigned char *bytes, size_t count) {
    uint64_t length = header_length(bytes);
    assert_true(length + 8 <= count);
    assert_int_equal((length + 8) % 64, 0);
    assert_int_equal(bytes[8], '{');
    const char *key;
    json_t *root = json_loadb((const char *)bytes + 8, length, JSON_REJECT_DUPLICATES, NULL), *entry, *text;
    assert_non_null(root);
    json_int_t end = 0;
    json_object_foreach(root, key, entry) {
        if (strcmp(key, "__metadata__") == 0) {
            const char *name;
            json_object_foreach(entry, name, text) assert_true(json_is_string(text));
            continue;
        }
        json_int_t size = 4;
        size_t i;
        json_t *dimension, *offsets = json_object_get(entry, "data_offsets");
        assert_string_equal(json_string_value(json_object_get(entry, "dtype")), "F32");
        json_array_foreach(json_object_get(entry, "shape"), i, dimension) size *=
            json_integer_value(dimension);
        assert_int_equal(json_object_size(entry), 3);
        assert_int_equal(json_array_size(offsets), 2);
        assert_int_equal(json_integer_value(json_array_get(offsets, 0)), end);
        end += size;
        assert_int_equal(json_integer_value(json_array_get(offsets, 1)), end);
    }
    assert_int_equal((uint64_t)end + 8 + length, count);
    return root;
}

void hex_of(char hex[65], const unsigned char *bytes, size_t count) {
    struct sha256_ctx hash;
    unsigned char digest[32];
    sha256_init(&hash);
    sha256_update(&hash, count, bytes);
    sha256_digest(&hash, 32, digest);
    for (int i = 0; i < 32; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

const char *metadata_text(const json_t *root, const char *key) {
    return json_string_value(json_object_get(json_object_get(root, "__metadata__"), key));
}
