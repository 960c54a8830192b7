/* Philox 4x32-10 and the distributions drawn from it. Invariant: every function's result depends on the
 * stream's key and counter alone, with the same bits on every machine. */
#include "base/random.h"

#include "base/elementary.h"

enum { ROUNDS = 10 };

static void philox_round(uint32_t c[4], const uint32_t key[2]) {
    uint64_t product0 = (uint64_t)0xD2511F53u * c[0];
    uint64_t product1 = (uint64_t)0xCD9E8D57u * c[2];
    uint32_t high0 = (uint32_t)(product0 >> 32), low0 = (uint32_t)product0;
    uint32_t high1 = (uint32_t)(product1 >> 32), low1 = (uint32_t)product1;
    uint32_t c1 = c[1], c3 = c[3];
    c[0] = high1 ^ c1 ^ key[0];
    c[1] = low1;
    c[2] = high0 ^ c3 ^ key[1];
    c[3] = low0;
}

void philox4x32_10(uint32_t output[4], const uint32_t counter[4], const uint32_t key[2]) {
    uint32_t k[2] = {key[0], key[1]};
    for (int i = 0; i < 4; i++) output[i] = counter[i];
    for (int round = 0; round < ROUNDS; round++) {
        philox_round(output, k);
        k[0] += 0x9E3779B9u; /* Weyl sequence: golden ratio ... */
        k[1] += 0xBB67AE85u; /* ... and sqrt(3) - 1 */
    }
}

struct random_stream random_stream_make(uint64_t seed, enum random_purpose purpose, uint32_t layer,
                                        uint32_t when, uint32_t which) {
    struct random_stream stream = {
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .counter = {0, which, when, (uint32_t)purpose << 16 | (layer & 0xFFFFu)},
        .used = 4,
    };
    return stream;
}

uint32_t random_u32(struct random_stream *stream) {
    if (stream->used == 4) {
        philox4x32_10(stream->output, stream->counter, stream->key);
        stream->counter[0]++;
        stream->used = 0;
    }
    return stream->output[stream->used++];
}

float random_uniform(struct random_stream *stream) {
    return (float)(random_u32(stream) >> 8) * 0x1p-24f;
}

float random_between(struct random_stream *stream, float low, float high) {
    return low + (high - low) * random_uniform(stream);
}

uint32_t random_below(struct random_stream *stream, uint32_t limit) {
    uint64_t product = (uint64_t)random_u32(stream) * limit;
    if ((uint32_t)product < limit) {
        /* 2^32 mod limit values of the low half would favour some results: draw again on those. */
        uint32_t threshold = (0u - limit) % limit;
        while ((uint32_t)product < threshold) product = (uint64_t)random_u32(stream) * limit;
    }
    return (uint32_t)(product >> 32);
}

float random_normal(struct random_stream *stream) {
    /* u1 in (0, 1]: the logarithm stays finite. The sine half is not kept: streams stay stateless. */
    float u1 = (float)((random_u32(stream) >> 8) + 1) * 0x1p-24f;
    float u2 = random_uniform(stream);
    return __builtin_sqrtf(-2.0f * f32_log(u1)) * f32_cos(6.28318530717958647692f * u2);
}
