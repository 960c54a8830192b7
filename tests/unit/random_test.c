/* Random numbers: base/random.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"

#include <math.h>
#include <string.h>

enum { DRAWS = 1 << 20 };

static struct random_stream stream_of(uint64_t seed) {
    return random_stream_make(seed, RANDOM_GENERATE, 0, 0, 0);
}

/* The known answers for philox4x32 with 10 rounds that Salmon et al. publish with Random123. The last case's
 * counter and key are the hexadecimal digits of pi. */
static void philox_gives_the_published_vectors(void **state) {
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], output[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t output[4];
        philox4x32_10(output, cases[i].counter, cases[i].key);
        assert_memory_equal(output, cases[i].output, sizeof output);
    }
}

/* Two blocks of a stream are the bijection at the counter that random.h draws, block 0 then block 1. */
static void a_stream_is_philox_at_its_counter(void **state) {
    (void)state;
    struct random_stream stream = random_stream_make(0x0123456789abcdef, RANDOM_SHUFFLE, 3, 5, 7);
    const uint32_t key[2] = {0x89abcdef, 0x01234567};
    for (uint32_t block = 0; block < 2; block++) {
        const uint32_t counter[4] = {block, 7, 5, (uint32_t)RANDOM_SHUFFLE << 16 | 3};
        uint32_t expected[4];
        philox4x32_10(expected, counter, key);
        for (int i = 0; i < 4; i++) assert_int_equal(random_u32(&stream), expected[i]);
    }
}

static void each_part_of_the_name_makes_another_stream(void **state) {
    (void)state;
    struct random_stream streams[] = {
        random_stream_make(1, RANDOM_INIT, 0, 0, 0),          random_stream_make(2, RANDOM_INIT, 0, 0, 0),
        random_stream_make(1ull << 32, RANDOM_INIT, 0, 0, 0), random_stream_make(1, RANDOM_SHUFFLE, 0, 0, 0),
        random_stream_make(1, RANDOM_INIT, 1, 0, 0),          random_stream_make(1, RANDOM_INIT, 0, 1, 0),
        random_stream_make(1, RANDOM_INIT, 0, 0, 1),
    };
    enum { COUNT = sizeof streams / sizeof streams[0] };
    uint32_t first[COUNT];
    for (int i = 0; i < COUNT; i++) first[i] = random_u32(&streams[i]);
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < i; j++) assert_int_not_equal(first[i], first[j]);
}

/* Moments of U[0, 1): mean 1/2, variance 1/12. With n draws the mean's deviation is sqrt(1/12n), the
 * variance's sqrt(1/180n); five of them are allowed. The draws are fixed, so this passes always or never. */
static void uniform_is_uniform(void **state) {
    (void)state;
    struct random_stream stream = stream_of(11);
    double sum = 0, squares = 0;
    size_t sixteenths[16] = {0};
    for (int i = 0; i < DRAWS; i++) {
        float u = random_uniform(&stream);
        assert_true(u >= 0 && u < 1);
        assert_true(u * 0x1p24f == floorf(u * 0x1p24f));
        sum += u;
        squares += (u - 0.5) * (u - 0.5);
        sixteenths[(size_t)(u * 16)]++;
    }
    assert_true(fabs(sum / DRAWS - 0.5) < 5 * sqrt(1.0 / (12.0 * DRAWS)));
    assert_true(fabs(squares / DRAWS - 1.0 / 12) < 5 * sqrt(1.0 / (180.0 * DRAWS)));
    double deviation = sqrt(DRAWS * (1.0 / 16) * (15.0 / 16));
    for (int i = 0; i < 16; i++) assert_true(fabs((double)sixteenths[i] - DRAWS / 16.0) < 5 * deviation);
}

static void between_stays_between(void **state) {
    (void)state;
    struct random_stream stream = stream_of(12);
    float least = 9, most = -9;
    for (int i = 0; i < 100000; i++) {
        float x = random_between(&stream, -2, 3);
        least = x < least ? x : least;
        most = x > most ? x : most;
    }
    assert_true(least >= -2 && least < -1.99f);
    assert_true(most < 3 && most > 2.99f);
}

/* Each of `limit` values comes up n / limit times, within five standard deviations. */
static void check_below(uint32_t limit) {
    struct random_stream stream = stream_of(13 + limit);
    size_t counts[100] = {0};
    for (int i = 0; i < DRAWS; i++) {
        uint32_t value = random_below(&stream, limit);
        assert_true(value < limit);
        counts[value]++;
    }
    double share = 1.0 / limit, deviation = sqrt(DRAWS * share * (1 - share));
    for (uint32_t i = 0; i < limit; i++)
        assert_true(fabs((double)counts[i] - DRAWS * share) <= 5 * deviation);
}

static void below_reaches_every_value_alike(void **state) {
    (void)state;
    static const uint32_t limits[] = {1, 2, 3, 7, 10, 64, 100};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) check_below(limits[i]);
}

/* With limit = 3 * 2^30, a plain product of 32 bits would give multiples of 3 in half of the draws; without
 * bias each residue has a third. Rejection happens here in a quarter of the draws, so its path is well
 * trodden. */
static void below_has_no_bias_at_large_limits(void **state) {
    (void)state;
    const uint32_t limit = 3u << 30;
    struct random_stream stream = stream_of(14);
    size_t residues[3] = {0};
    for (int i = 0; i < DRAWS; i++) {
        uint32_t value = random_below(&stream, limit);
        assert_true(value < limit);
        residues[value % 3]++;
    }
    double deviation = sqrt(DRAWS * (1.0 / 3) * (2.0 / 3));
    for (int i = 0; i < 3; i++) assert_true(fabs((double)residues[i] - DRAWS / 3.0) < 5 * deviation);
}

/* Moments of N(0, 1): mean 0, variance 1, third moment 0, fourth 3; the deviations of their estimates are
 * sqrt(1/n), sqrt(2/n), sqrt(15/n), sqrt(96/n). |x| <= sqrt(-2 ln 2^-24) = 5.768. */
static void normal_is_normal(void **state) {
    (void)state;
    struct random_stream stream = stream_of(15);
    double sums[5] = {0};
    size_t within_one = 0;
    for (int i = 0; i < DRAWS; i++) {
        double x = random_normal(&stream);
        assert_true(fabs(x) < 5.8);
        sums[1] += x;
        sums[2] += x * x;
        sums[3] += x * x * x;
        sums[4] += x * x * x * x;
        within_one += fabs(x) < 1;
    }
    assert_true(fabs(sums[1] / DRAWS) < 5 * sqrt(1.0 / DRAWS));
    assert_true(fabs(sums[2] / DRAWS - 1) < 5 * sqrt(2.0 / DRAWS));
    assert_true(fabs(sums[3] / DRAWS) < 5 * sqrt(15.0 / DRAWS));
    assert_true(fabs(sums[4] / DRAWS - 3) < 5 * sqrt(96.0 / DRAWS));
    double share = erf(sqrt(0.5));
    assert_true(fabs((double)within_one - DRAWS * share) < 5 * sqrt(DRAWS * share * (1 - share)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_vectors),
        cmocka_unit_test(a_stream_is_philox_at_its_counter),
        cmocka_unit_test(each_part_of_the_name_makes_another_stream),
        cmocka_unit_test(uniform_is_uniform),
        cmocka_unit_test(between_stays_between),
        cmocka_unit_test(below_reaches_every_value_alike),
        cmocka_unit_test(below_has_no_bias_at_large_limits),
        cmocka_unit_test(normal_is_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
