/* Rows that are read from the caller: the same bits as rows in memory, and what happens when they cannot be had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "small.h"

enum { ROWS = 2500, FEATURES = 5, CLASSES = 3 };

static nudge_context *context;
static float numbers[ROWS * FEATURES];
static uint8_t bytes[ROWS * FEATURES];
static int32_t labels[ROWS];

/* What the callback gives, and from which call on it fails. */
struct caller {
    const void *values;
    size_t size;
    atomic_size_t calls;
    size_t fails_at; /* 0: never */
    bool spoils;     /* row 7, feature 2 is not a number */
};

static bool read_rows(void *user, size_t first, size_t count, void *values) {
    struct caller *caller = user;
    size_t call = atomic_fetch_add(&caller->calls, 1) + 1;
    if (caller->fails_at && call >= caller->fails_at) return false;
    assert_true(first + count <= (size_t)ROWS * FEATURES);
    memcpy(values, (const unsigned char *)caller->values + first * caller->size, count * caller->size);
    for (size_t i = 0; i < count && caller->spoils; i++)
        if (first + i == 7 * FEATURES + 2) ((float *)values)[i] = NAN;
    return true;
}

static int set_up(void **state) {
    (void)state;
    uint32_t random = 5;
    context = small_context(2);
    for (size_t r = 0; r < ROWS; r++) {
        labels[r] = (int32_t)(r % CLASSES);
        for (size_t i = 0; i < FEATURES; i++) {
            numbers[r * FEATURES + i] = small_random(&random) + 0.3f * (float)(i == (size_t)labels[r]);
            bytes[r * FEATURES + i] = (uint8_t)(255 * small_random(&random));
        }
    }
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_context_free(context);
    return 0;
}

static nudge_rows rows_of(nudge_type type) {
    nudge_rows rows = NUDGE_ROWS;
    rows.rows = ROWS;
    rows.features = FEATURES;
    rows.type = type;
    rows.labels = labels;
    rows.classes = CLASSES;
    return rows;
}

static struct caller caller_of(nudge_type type) {
    return (struct caller){.values = type == NUDGE_TYPE_U8 ? (const void *)bytes : numbers,
                           .size = type == NUDGE_TYPE_U8 ? 1 : sizeof(float)};
}

static nudge_data *data_of(nudge_type type, struct caller *caller) {
    nudge_rows rows = rows_of(type);
    nudge_data *data = NULL;
    if (caller) {
        rows.read = read_rows;
        rows.user = caller;
    } else
        rows.values = type == NUDGE_TYPE_U8 ? (const void *)bytes : numbers;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    assert_true(nudge_data_in_memory(data, NUDGE_PART_TRAIN) == !caller);
    assert_ok(nudge_data_split(data, 0.2, 1, error));
    return data;
}

static uint64_t trained(const nudge_data *data) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    options.epochs = 2;
    nudge_net *net = small_net(context, FEATURES, "7 tanh, 3 softmax");
    assert_ok(nudge_train(context, net, data, &options, &result, error));
    uint64_t digest = small_digest_bytes(small_digest_net(net), &result.validation_cost, sizeof(double));
    nudge_net_free(net);
    return digest;
}

static void test_the_same_bits(void **state) {
    (void)state;
    for (int type = NUDGE_TYPE_U8; type <= NUDGE_TYPE_F32; type++) {
        struct caller caller = caller_of((nudge_type)type);
        nudge_data *read = data_of((nudge_type)type, &caller), *there = data_of((nudge_type)type, NULL);
        float a[FEATURES], b[FEATURES];
        assert_ok(nudge_data_row(read, NUDGE_PART_VALIDATION, 17, a, NULL, error));
        assert_ok(nudge_data_row(there, NUDGE_PART_VALIDATION, 17, b, NULL, error));
        assert_memory_equal(a, b, sizeof a);
        assert_digest(trained(read), trained(there), "rows that are read");
        assert_true(caller.calls > 0);
        nudge_data_free(read);
        nudge_data_free(there);
    }
}

static void test_folds_read_at_once(void **state) {
    (void)state;
    struct caller caller = caller_of(NUDGE_TYPE_F32);
    nudge_data *read = data_of(NUDGE_TYPE_F32, &caller), *there = data_of(NUDGE_TYPE_F32, NULL);
    nudge_train_options training = NUDGE_TRAIN_OPTIONS;
    nudge_cross_options options = NUDGE_CROSS_OPTIONS;
    nudge_cross_result a = NUDGE_CROSS_RESULT, b = NUDGE_CROSS_RESULT;
    training.epochs = 1;
    options.net = "3 softmax";
    options.training = &training;
    options.folds = 4;
    assert_ok(nudge_cross_validate(context, read, &options, &a, error));
    assert_ok(nudge_cross_validate(context, there, &options, &b, error));
    assert_memory_equal(a.mean, b.mean, sizeof a.mean);
    nudge_data_free(read);
    nudge_data_free(there);
}

/* Every call fails once: in making the set, in fitting, training, evaluating. */
static void test_rows_that_cannot_be_had(void **state) {
    (void)state;
    size_t failures = 0, trainings = 0;
    bool done = false;
    for (size_t at = 1; !done; at++) {
        struct caller caller = caller_of(NUDGE_TYPE_F32);
        nudge_rows rows = rows_of(NUDGE_TYPE_F32);
        nudge_data *data = NULL;
        nudge_error e = {0};
        rows.read = read_rows;
        rows.user = &caller;
        caller.fails_at = at;
        nudge_status status = nudge_data_create(context, &rows, NULL, &data, &e);
        if (!status) {
            nudge_train_options options = NUDGE_TRAIN_OPTIONS;
            options.epochs = 1;
            nudge_net *net = small_net(context, FEATURES, "3 softmax");
            status = nudge_train(context, net, data, &options, NULL, &e);
            nudge_net_free(net);
            trainings++;
        } else
            assert_null(data);
        nudge_data_free(data);
        done = !status;
        if (done) continue;
        failures++;
        expect_error(status, NUDGE_IO, &e, "row", "could not be read", NULL);
    }
    assert_true(failures > trainings - 1 && trainings > 1);
}

static void test_refused(void **state) {
    (void)state;
    struct caller caller = caller_of(NUDGE_TYPE_F32);
    nudge_rows rows = rows_of(NUDGE_TYPE_F32);
    nudge_data *data = NULL;
    nudge_error e = {0};
    rows.read = read_rows;
    rows.user = &caller;
    rows.values = numbers;
    expect_error(nudge_data_create(context, &rows, NULL, &data, &e), NUDGE_BAD_ARGUMENT, &e,
                 "either values or read", NULL);
    rows.values = NULL;
    caller.spoils = true;
    expect_error(nudge_data_create(context, &rows, NULL, &data, &e), NUDGE_BAD_INPUT, &e,
                 "row 7, feature 2 is nan", NULL);
    assert_null(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_same_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_folds_read_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rows_that_cannot_be_had, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
