/* Rows that are read ahead of their use: every row at its place, whatever the order, the part and the sizes;
 * sources that fail; beginning anew. Meant to run under ThreadSanitizer, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/status.h"
#include "data/feed.h"
#include "support/files.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static struct accounts accounts;
static nudge_context *context;

static int set_up(void **state) {
    (void)state;
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_context_free(context);
    return accounts.live_blocks || accounts.live_bytes ? -1 : 0;
}

/* -- a source whose values say where they come from -- */

struct numbers {
    struct data_source source;
    size_t values;
    atomic_size_t fails_from; /* reads that reach this value fail */
    bool closed;
};

static uint8_t value_at(size_t place) {
    return (uint8_t)(place * 2654435761u >> 13);
}

static nudge_status read_numbers(const struct data_source *source, size_t first, size_t count, void *values,
                                 nudge_error *error) {
    const struct numbers *numbers = (const struct numbers *)source;
    assert_true(count > 0 && first + count <= numbers->values);
    if (first + count > atomic_load(&numbers->fails_from))
        return error_set(error, NUDGE_IO, "planted: value %zu", first);
    for (size_t i = 0; i < count; i++) ((uint8_t *)values)[i] = value_at(first + i);
    return NUDGE_OK;
}

static void close_numbers(struct data_source *source) {
    ((struct numbers *)source)->closed = true;
}

/* `rows` training rows from the source, labels 0 and 1 in turn. */
static nudge_data *data_of(struct numbers *numbers, size_t rows, size_t features) {
    struct data_shape shape = {NUDGE_TYPE_U8, features, 2, 0, 0, 0};
    nudge_data *data = NULL;
    *numbers = (struct numbers){.source = {read_numbers, close_numbers}, .values = rows * features};
    atomic_store(&numbers->fails_from, SIZE_MAX);
    assert_int_equal(data_allocate(context, &shape, (struct data_room){rows, true},
                                   (struct data_room){0, false}, "numbers", &data, NULL),
                     NUDGE_OK);
    data->train.source = &numbers->source;
    for (size_t r = 0; r < rows; r++) data->train.labels[r] = (int32_t)(r % 2);
    assert_int_equal(data_finish(data, NULL), NUDGE_OK);
    return data;
}

/* -- every row at its place -- */

static void expect_row(const struct feed *feed, const nudge_data *data, nudge_part part, size_t row,
                       size_t place) {
    const unsigned char *values = feed_row(feed, place);
    size_t at = data_part_row(&data->parts[part], row);
    for (size_t i = 0; i < data->features; i++)
        if (values[i] != value_at(at * data->features + i)) fail_msg("place %zu, value %zu", place, i);
}

/* All rows in steps of `step`. */
static void walk(struct feed *feed, const nudge_data *data, nudge_part part, const uint32_t *order,
                 size_t step) {
    size_t all = nudge_data_rows(data, part);
    nudge_error error = {0};
    feed_start(feed, part, order);
    for (size_t first = 0; first < all; first += step) {
        size_t rows = all - first < step ? all - first : step;
        assert_int_equal(feed_rows(feed, first, rows, &error), NUDGE_OK);
        for (size_t r = 0; r < rows; r++)
            expect_row(feed, data, part, order ? order[first + r] : first + r, first + r);
    }
}

static void check_part(const nudge_data *data, nudge_part part, size_t window) {
    size_t rows = nudge_data_rows(data, part);
    uint32_t *order = malloc(rows * sizeof *order);
    struct feed *feed = NULL;
    assert_non_null(order);
    assert_int_equal(feed_make(&data->context->allocator, data, window, &feed, NULL), NUDGE_OK);
    assert_non_null(feed);
    size_t most = window < rows ? window : rows,
           steps[] = {1, most < 3 ? most : 3, most > 1 ? most - 1 : 1, most};
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        walk(feed, data, part, NULL, steps[s]);
        for (uint32_t epoch = 1; epoch <= 2; epoch++) {
            order_make(order, rows, 5, epoch, true);
            walk(feed, data, part, order, steps[s]);
        }
    }
    feed_free(feed);
    free(order);
}

static void test_every_row_at_its_place(void **state) {
    (void)state;
    static const size_t rows[] = {1, 2, 7, 64, 65, 129, 1000}, features[] = {1, 5, 784},
                        windows[] = {1, 8, 64, 4096};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (size_t f = 0; f < sizeof features / sizeof *features; f++)
            for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
                struct numbers numbers;
                nudge_data *data = data_of(&numbers, rows[r], features[f]);
                check_part(data, NUDGE_PART_TRAIN, windows[w]);
                if (rows[r] > 2) {
                    assert_int_equal(nudge_data_split(data, 0.3, 9, NULL), NUDGE_OK);
                    check_part(data, NUDGE_PART_TRAIN, windows[w]);
                    check_part(data, NUDGE_PART_VALIDATION, windows[w]);
                }
                nudge_data_free(data);
                assert_true(numbers.closed);
            }
}

/* More than two windows of training, and rows larger than what is read at once. */
static void test_true_windows(void **state) {
    (void)state;
    struct numbers numbers;
    nudge_data *data = data_of(&numbers, 3 * FEED_WINDOW_SHUFFLED + 100, 3);
    check_part(data, NUDGE_PART_TRAIN, FEED_WINDOW_SHUFFLED);
    nudge_data_free(data);
    data = data_of(&numbers, 40, 300000);
    check_part(data, NUDGE_PART_TRAIN, 7);
    nudge_data_free(data);
}

/* -- beginning anew, sources that fail -- */

static void test_stopping_anywhere(void **state) {
    (void)state;
    struct numbers numbers;
    nudge_data *data = data_of(&numbers, 1000, 4);
    for (size_t stop = 0; stop <= 1000; stop += 50) {
        struct feed *feed = NULL;
        assert_int_equal(feed_make(&data->context->allocator, data, 100, &feed, NULL), NUDGE_OK);
        feed_start(feed, NUDGE_PART_TRAIN, NULL);
        for (size_t first = 0; first < stop; first += 10)
            assert_int_equal(feed_rows(feed, first, 10, NULL), NUDGE_OK);
        feed_stop(feed);
        feed_stop(feed);
        walk(feed, data, NUDGE_PART_TRAIN, NULL, 30);
        feed_start(feed, NUDGE_PART_TRAIN, NULL);
        feed_free(feed);
    }
    feed_free(NULL);
    nudge_data_free(data);
}

static void test_a_source_fails(void **state) {
    (void)state;
    struct numbers numbers;
    nudge_data *data = data_of(&numbers, 1000, 4);
    struct feed *feed = NULL;
    assert_int_equal(feed_make(&data->context->allocator, data, 100, &feed, NULL), NUDGE_OK);
    for (size_t fails_from = 0; fails_from < 4000; fails_from += 330) {
        nudge_error error = {0};
        nudge_status status = NUDGE_OK;
        size_t first = 0;
        atomic_store(&numbers.fails_from, fails_from);
        feed_start(feed, NUDGE_PART_TRAIN, NULL);
        for (; !status && first < 1000; first += 10) {
            status = feed_rows(feed, first, 10, &error);
            for (size_t r = 0; !status && r < 10; r++)
                expect_row(feed, data, NUDGE_PART_TRAIN, first + r, first + r);
        }
        expect_error(status, NUDGE_IO, &error, "planted", NULL);
        assert_int_equal(first - 10, fails_from / 400 * 100); /* the window that cannot be filled */
        assert_int_equal(feed_rows(feed, first - 10, 10, &error), NUDGE_IO); /* asked again */
        feed_stop(feed);
        atomic_store(&numbers.fails_from, SIZE_MAX);
        walk(feed, data, NUDGE_PART_TRAIN, NULL, 10);
    }
    feed_free(feed);
    nudge_data_free(data);
}

static void test_nothing_to_read(void **state) {
    (void)state;
    nudge_data *data = NULL;
    struct feed *feed = (struct feed *)&feed;
    assert_int_equal(nudge_data_generate(context, "xor", 1, &data, NULL), NUDGE_OK);
    assert_true(nudge_data_in_memory(data, NUDGE_PART_TRAIN));
    assert_int_equal(feed_make(&data->context->allocator, data, 100, &feed, NULL), NUDGE_OK);
    assert_null(feed);
    nudge_data_free(data);
}

static void test_memory(void **state) {
    (void)state;
    assert_true(feed_memory(1000, SIZE_MAX / 4, 100) == SIZE_MAX);
    assert_true(feed_memory(1000, 50, 100) >= 2 * 100 * 50);
    assert_true(feed_memory(10, 50, 100) < feed_memory(1000, 50, 100));
    struct numbers numbers;
    nudge_data *data = data_of(&numbers, 100, 4);
    for (size_t n = 1;; n++) {
        struct feed *feed = NULL;
        nudge_error error = {0};
        accounts.allocations = 0;
        accounts.fail_at = n;
        nudge_status status = feed_make(&data->context->allocator, data, 10, &feed, &error);
        accounts.fail_at = 0;
        assert_true((feed != NULL) == (status == NUDGE_OK));
        feed_free(feed);
        if (!status) break;
        expect_error(status, NUDGE_NO_MEMORY, &error, "not enough memory", NULL);
    }
    nudge_data_free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_row_at_its_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_true_windows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stopping_anywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_source_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_to_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
