/* The order of the examples: a permutation, the same everywhere, another one in each epoch, and one that
 * can be followed while a file is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "data/order.h"

#include <stdlib.h>
#include <string.h>

enum { WINDOW = ORDER_BLOCK * ORDER_WINDOW };

static const size_t sizes[] = {1, 2, 3, 255, 256, 257, 1000, WINDOW - 1, WINDOW, WINDOW + 1, 40000, 60000};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* As long as `rows`; freed by the caller. */
static uint32_t *order_of(size_t rows, uint64_t seed, uint32_t epoch, bool shuffle) {
    uint32_t *order = malloc(rows * sizeof *order);
    assert_non_null(order);
    memset(order, 0xFF, rows * sizeof *order);
    order_make(order, rows, seed, epoch, shuffle);
    return order;
}

/* FNV-1a over the rows' numbers. */
static uint64_t digest_of(const uint32_t *order, size_t rows) {
    uint64_t digest = 0xCBF29CE484222325u;
    for (size_t i = 0; i < rows; i++)
        for (int byte = 0; byte < 4; byte++)
            digest = (digest ^ (order[i] >> 8 * byte & 0xFF)) * 0x100000001B3u;
    return digest;
}

static void test_every_row_comes_once(void **state) {
    (void)state;
    for (size_t n = 0; n < SIZES; n++)
        for (uint32_t epoch = 1; epoch <= 3; epoch++) {
            uint32_t *order = order_of(sizes[n], 5, epoch, true);
            unsigned char *seen = calloc(sizes[n], 1);
            assert_non_null(seen);
            for (size_t i = 0; i < sizes[n]; i++) {
                assert_true(order[i] < sizes[n]);
                assert_int_equal(seen[order[i]]++, 0);
            }
            free(seen);
            free(order);
        }
    order_make(NULL, 0, 5, 1, false);
}

static void test_without_shuffling_rows_come_as_they_are(void **state) {
    (void)state;
    uint32_t *order = order_of(1000, 5, 3, false);
    for (uint32_t i = 0; i < 1000; i++) assert_int_equal(order[i], i);
    free(order);
}

static void test_orders_are_pinned(void **state) {
    (void)state;
    static const struct {
        size_t rows;
        uint64_t seed;
        uint32_t epoch;
        uint64_t digest;
    } pinned[] = {
        {10, 1, 1, 0xD95C8E76DD2AC874},      {1000, 1, 1, 0x90FC2CB6B3F03DC5},
        {1000, 1, 2, 0x0E07914349BB4425},    {1000, 1ull << 32, 1, 0x3E7B7F8CCD6BB23D},
        {60000, 42, 30, 0x18E3FBF5C1880CB9},
    };
    for (size_t i = 0; i < sizeof pinned / sizeof *pinned; i++) {
        uint32_t *order = order_of(pinned[i].rows, pinned[i].seed, pinned[i].epoch, true);
        uint64_t digest = digest_of(order, pinned[i].rows);
        free(order);
        if (digest != pinned[i].digest)
            fail_msg("%zu rows, seed %llu, epoch %u: digest 0x%016llX, expected 0x%016llX", pinned[i].rows,
                     (unsigned long long)pinned[i].seed, pinned[i].epoch, (unsigned long long)digest,
                     (unsigned long long)pinned[i].digest);
    }
}

/* How many places have the same row in both. */
static size_t in_common(const uint32_t *a, const uint32_t *b, size_t rows) {
    size_t same = 0;
    for (size_t i = 0; i < rows; i++) same += a[i] == b[i];
    return same;
}

/* Two random orders have one place in common on average; more than 15 is less likely than 1e-13. */
static void test_epochs_and_seeds_differ(void **state) {
    (void)state;
    uint32_t *first = order_of(5000, 1, 1, true), *epoch = order_of(5000, 1, 2, true),
             *seed = order_of(5000, 2, 1, true), *same = order_of(5000, 1, 1, true),
             *sorted = order_of(5000, 1, 1, false);
    assert_true(in_common(first, epoch, 5000) < 15);
    assert_true(in_common(first, seed, 5000) < 15);
    assert_true(in_common(first, sorted, 5000) < 15);
    assert_int_equal(in_common(first, same, 5000), 5000);
    free(first);
    free(epoch);
    free(seed);
    free(same);
    free(sorted);
}

/* A window's places hold whole blocks of consecutive rows (but where the short last block falls, its
 * neighbours are cut): at most ORDER_WINDOW + 1 of them, so that a reader needs no more than those in
 * memory. */
static void test_a_window_needs_few_blocks(void **state) {
    (void)state;
    const size_t rows = 60000;
    uint32_t *order = order_of(rows, 3, 1, true);
    for (size_t first = 0; first < rows; first += WINDOW) {
        size_t count = rows - first < WINDOW ? rows - first : WINDOW, blocks = 0;
        unsigned char seen[(60000 + ORDER_BLOCK - 1) / ORDER_BLOCK] = {0};
        for (size_t i = first; i < first + count; i++) {
            blocks += !seen[order[i] / ORDER_BLOCK];
            seen[order[i] / ORDER_BLOCK] = 1;
        }
        assert_true(blocks <= ORDER_WINDOW + 1);
    }
    free(order);
}

/* Every place is as likely as any other for a given row: 2000 epochs of 100 rows, chi-squared with 99
 * degrees of freedom, whose mean is 99 and standard deviation 14.1. */
static void test_places_are_equally_likely(void **state) {
    (void)state;
    double chi_squared = 0;
    size_t counts[100] = {0};
    for (uint32_t epoch = 1; epoch <= 2000; epoch++) {
        uint32_t order[100];
        order_make(order, 100, 8, epoch, true);
        for (size_t i = 0; i < 100; i++)
            if (order[i] == 17) counts[i]++;
    }
    for (size_t i = 0; i < 100; i++) chi_squared += ((double)counts[i] - 20) * ((double)counts[i] - 20) / 20;
    assert_true(chi_squared < 99 + 5 * 14.1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_comes_once),
        cmocka_unit_test(test_without_shuffling_rows_come_as_they_are),
        cmocka_unit_test(test_orders_are_pinned),
        cmocka_unit_test(test_epochs_and_seeds_differ),
        cmocka_unit_test(test_a_window_needs_few_blocks),
        cmocka_unit_test(test_places_are_equally_likely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
