/* Small contexts, data sets and nets for tests of what is built on the arithmetic, and digests to compare
 * them by. Every function fails the running test when it cannot do its work. */
#ifndef NUDGE_TESTS_SMALL_H
#define NUDGE_TESTS_SMALL_H

#include <nudge.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/files.h"

/* For calls that must succeed. */
#define assert_ok(call)                                                                                      \
    do {                                                                                                     \
        nudge_error small_error = {0};                                                                       \
        nudge_error *error = &small_error;                                                                   \
        nudge_status small_status = (call);                                                                  \
        if (small_status) fail_msg("%s: status %d: %s", #call, small_status, error->message);                \
    } while (0)

static inline nudge_context *small_context(unsigned threads) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *context = NULL;
    options.threads = threads;
    assert_ok(nudge_context_create(&options, &context, error));
    return context;
}

static inline nudge_net *small_net(nudge_context *context, size_t inputs, const char *text) {
    nudge_net *net = NULL;
    assert_ok(nudge_net_create(context, inputs, text, 1, &net, error));
    return net;
}

/* In [0, 1), the same everywhere. */
static inline float small_random(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) * 0x1p-24f;
}

/* -- data -- */

enum { SMALL_MOST = 4096 };

/* Random rows whose first feature tells the class, or (classes 0) whose target columns are sums of
 * features. */
static inline nudge_data *small_data(nudge_context *context, size_t rows, size_t test_rows, size_t features,
                                     size_t classes, size_t columns) {
    static float values[SMALL_MOST], targets[SMALL_MOST];
    static int32_t labels[SMALL_MOST];
    nudge_rows parts[2] = {NUDGE_ROWS, NUDGE_ROWS};
    nudge_data *data = NULL;
    uint32_t random = 1;
    size_t all = rows + test_rows;
    assert_true(all * features <= SMALL_MOST && all * (columns ? columns : 1) <= SMALL_MOST);
    for (size_t i = 0; i < all * features; i++) values[i] = 2 * small_random(&random) - 1;
    for (size_t r = 0; r < all; r++) {
        labels[r] = classes ? (int32_t)((values[r * features] + 1) / 2 * (float)classes) : 0;
        for (size_t j = 0; j < columns; j++)
            targets[r * columns + j] =
                0.5f * values[r * features] + 0.25f * values[r * features + j % features];
    }
    for (size_t p = 0; p < 2; p++) {
        size_t first = p ? rows : 0;
        parts[p].rows = p ? test_rows : rows;
        parts[p].features = features;
        parts[p].scale = NUDGE_SCALE_NONE;
        parts[p].values = values + first * features;
        parts[p].labels = classes ? labels + first : NULL;
        parts[p].classes = classes;
        parts[p].targets = classes ? NULL : targets + first * columns;
        parts[p].target_columns = classes ? 0 : columns;
    }
    assert_ok(nudge_data_create(context, &parts[0], test_rows ? &parts[1] : NULL, &data, error));
    return data;
}

/* -- digests: FNV-1a, 64 bits -- */

#define SMALL_DIGEST 0xCBF29CE484222325u

static inline uint64_t small_digest_bytes(uint64_t digest, const void *bytes, size_t count) {
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < count; i++) digest = (digest ^ byte[i]) * 0x100000001B3u;
    return digest;
}

/* The numbers' bits, the lowest byte first on every machine. */
static inline uint64_t small_digest_floats(uint64_t digest, const float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        unsigned char bytes[] = {(unsigned char)bits, (unsigned char)(bits >> 8), (unsigned char)(bits >> 16),
                                 (unsigned char)(bits >> 24)};
        digest = small_digest_bytes(digest, bytes, sizeof bytes);
    }
    return digest;
}

/* All parameters in canonical order. */
static inline uint64_t small_digest_net(const nudge_net *net) {
    uint64_t digest = SMALL_DIGEST;
    for (size_t l = 1; l <= nudge_net_layers(net); l++) {
        nudge_layer layer = NUDGE_LAYER;
        assert_true(nudge_net_layer(net, l, &layer));
        size_t count = layer.inputs * layer.outputs;
        float *numbers = malloc((count + layer.outputs) * sizeof *numbers);
        assert_non_null(numbers);
        assert_ok(nudge_net_get_weights(net, l, numbers, count, error));
        assert_ok(nudge_net_get_biases(net, l, numbers + count, layer.outputs, error));
        digest = small_digest_floats(digest, numbers, count + layer.outputs);
        free(numbers);
    }
    return digest;
}

static inline uint64_t small_digest_data(const nudge_data *data) {
    uint64_t digest = SMALL_DIGEST;
    size_t features = nudge_data_features(data), targets = nudge_data_targets(data);
    float *numbers = malloc((features + targets) * sizeof *numbers);
    assert_non_null(numbers);
    for (int part = NUDGE_PART_TRAIN; part <= NUDGE_PART_TEST; part++)
        for (size_t r = 0; r < nudge_data_rows(data, (nudge_part)part); r++) {
            assert_ok(nudge_data_row(data, (nudge_part)part, r, numbers, numbers + features, error));
            digest = small_digest_floats(digest, numbers, features + targets);
        }
    free(numbers);
    return digest;
}

static inline void assert_digest(uint64_t found, uint64_t expected, const char *what) {
    if (found != expected)
        fail_msg("%s: digest 0x%016llX, expected 0x%016llX", what, (unsigned long long)found,
                 (unsigned long long)expected);
}

#endif
