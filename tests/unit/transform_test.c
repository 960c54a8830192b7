/* How columns and targets reach the network: each way to fit them, what is chosen when nobody says, missing values, and
 * that nothing but training rows is looked at. Expected numbers are worked out by hand. */
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "data/data.h"
#include "net/net.h"
#include "small.h"

static nudge_context *context;

static int set_up(void **state) {
    (void)state;
    context = small_context(1);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_context_free(context);
    return 0;
}

/* f32 rows with the target y = the first column; without NUDGE_SCALE_NONE. */
static nudge_data *rows_of(const float *values, size_t rows, size_t features) {
    float targets[64];
    nudge_rows given = NUDGE_ROWS;
    nudge_data *data = NULL;
    for (size_t r = 0; r < rows; r++) targets[r] = values[r * features];
    given.rows = rows;
    given.features = features;
    given.values = values;
    given.targets = targets;
    given.target_columns = 1;
    assert_ok(nudge_data_create(context, &given, NULL, &data, error));
    return data;
}

static nudge_transform input(const nudge_net *net, size_t i) {
    nudge_transform t = NUDGE_TRANSFORM;
    assert_true(nudge_net_input_transform(net, i, &t));
    return t;
}

static void expect(nudge_transform t, nudge_scale scale, double shift, double factor) {
    if (t.scale != scale || fabs((double)t.shift - shift) > 1e-5 * (1 + fabs(shift)) ||
        fabs((double)t.factor - factor) > 1e-5 * (1 + fabs(factor)))
        fail_msg("%s, shift %g, factor %g, expected %s, %g, %g", nudge_scale_name(t.scale), (double)t.shift,
                 (double)t.factor, nudge_scale_name(scale), shift, factor);
}

/* -- each way -- */

/* Columns 1 2 3 4 10 (mean 4, variance 10, quartiles 2 3 4), 0 1 0 1 0, and 7 7 7 7 7. */
static const float five[5][3] = {{1, 0, 7}, {2, 1, 7}, {3, 0, 7}, {4, 1, 7}, {10, 0, 7}};

static void test_each_scale(void **state) {
    (void)state;
    nudge_data *data = rows_of(five[0], 5, 3);
    nudge_net *net = small_net(context, 3, "1");
    assert_ok(nudge_net_fit(net, data, NUDGE_SCALE_AUTO, NUDGE_SCALE_AUTO, error));
    expect(input(net, 0), NUDGE_SCALE_STANDARD, 4, 1 / sqrt(10));
    expect(input(net, 1), NUDGE_SCALE_NONE, 0, 1);
    expect(input(net, 2), NUDGE_SCALE_STANDARD, 7, 0); /* says nothing, and gives 0 */
    assert_true(input(net, 0).low == 1 && input(net, 0).high == 10);
    assert_ok(nudge_net_fit(net, data, NUDGE_SCALE_STANDARD, NUDGE_SCALE_AUTO, error));
    expect(input(net, 1), NUDGE_SCALE_STANDARD, 0.4, 1 / sqrt(0.24));
    assert_ok(nudge_net_fit(net, data, NUDGE_SCALE_RANGE, NUDGE_SCALE_AUTO, error));
    expect(input(net, 0), NUDGE_SCALE_RANGE, 1, 1.0 / 9);
    assert_ok(nudge_net_fit(net, data, NUDGE_SCALE_ROBUST, NUDGE_SCALE_AUTO, error));
    expect(input(net, 0), NUDGE_SCALE_ROBUST, 3, 0.5);
    expect(input(net, 1), NUDGE_SCALE_ROBUST, 0, 1);
    assert_ok(nudge_net_fit(net, data, NUDGE_SCALE_PIXEL, NUDGE_SCALE_AUTO, error));
    expect(input(net, 0), NUDGE_SCALE_PIXEL, 0, 1.0 / 255);
    assert_ok(nudge_net_fit(net, data, NUDGE_SCALE_NONE, NUDGE_SCALE_AUTO, error));
    expect(input(net, 0), NUDGE_SCALE_NONE, 0, 1);
    expect(input(net, 2), NUDGE_SCALE_NONE, 0, 1);
    assert_ok(nudge_net_fit(net, data, NUDGE_SCALE_LOG, NUDGE_SCALE_AUTO, error));
    double mean = 0, squares = 0;
    for (size_t r = 0; r < 5; r++) {
        mean += log1p((double)five[r][0]) / 5;
        squares += log1p((double)five[r][0]) * log1p((double)five[r][0]) / 5;
    }
    assert_true(input(net, 0).log);
    expect(input(net, 0), NUDGE_SCALE_LOG, mean, 1 / sqrt(squares - mean * mean));
    nudge_net_free(net);
    nudge_data_free(data);
}

/* What the net sees of a row, in f32 and in f64. */
static void test_the_net_sees_the_scaled_row(void **state) {
    (void)state;
    static const float values[4][2] = {{-3, 1e6f}, {0, 2e6f}, {5, 1e6f}, {100, 4e6f}};
    nudge_data *data = rows_of(values[0], 4, 2);
    for (nudge_scale scale = NUDGE_SCALE_AUTO; nudge_scale_name(scale); scale++) {
        nudge_net *net = small_net(context, 2, "1");
        nudge_trainer *trainer = NULL;
        nudge_explanation *explanation = NULL;
        size_t indices[4] = {0, 1, 2, 3};
        float a[8];
        double exact[2];
        assert_ok(nudge_net_fit(net, data, scale, NUDGE_SCALE_AUTO, error));
        assert_ok(nudge_trainer_create(context, net, NULL, NULL, 0, &trainer, error));
        assert_ok(nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, indices, 4, error));
        assert_ok(nudge_trainer_forward(trainer, NULL, error));
        assert_ok(nudge_trainer_read(trainer, NUDGE_ACTIVATION, 0, a, 8, error));
        assert_ok(nudge_explanation_create(context, net, &explanation, error));
        for (size_t r = 0; r < 4; r++) {
            assert_ok(nudge_explanation_row(explanation, data, NUDGE_PART_TRAIN, r, error));
            assert_ok(nudge_explanation_read(explanation, NUDGE_ACTIVATION, 0, exact, 2, error));
            for (size_t i = 0; i < 2; i++) {
                nudge_transform t = input(net, i);
                double x = (double)values[r][i], g = t.log ? copysign(log1p(fabs(x)), x) : x;
                double seen = (g - (double)t.shift) * (double)t.factor;
                assert_true(fabs(exact[i] - seen) <= 1e-12 * (1 + fabs(seen)));
                assert_true(fabs((double)a[r * 2 + i] - seen) <=
                            2e-6 * (1 + fabs((g + (double)t.shift) * (double)t.factor)));
            }
        }
        nudge_explanation_free(explanation);
        nudge_trainer_free(trainer);
        nudge_net_free(net);
    }
    nudge_data_free(data);
}

/* -- what is chosen -- */

static nudge_scale chosen(nudge_type type, const void *values, size_t rows, size_t features, size_t height) {
    int32_t labels[64] = {0};
    nudge_rows given = NUDGE_ROWS;
    nudge_data *data = NULL;
    given.rows = rows;
    given.features = features;
    given.type = type;
    given.values = values;
    given.labels = labels;
    given.classes = 2;
    given.height = height;
    given.width = height ? features / height : 0;
    assert_ok(nudge_data_create(context, &given, NULL, &data, error));
    nudge_net *net = small_net(context, features, "2 softmax");
    assert_ok(nudge_net_fit(net, data, NUDGE_SCALE_AUTO, NUDGE_SCALE_AUTO, error));
    nudge_scale scale = input(net, 0).scale;
    nudge_net_free(net);
    nudge_data_free(data);
    return scale;
}

static void test_pixels_are_told_from_numbers(void **state) {
    (void)state;
    uint8_t bytes[2 * 100], bits[8] = {0, 1, 1, 0, 1, 0, 0, 1}, dark[8] = {0, 16, 3, 4, 9, 12, 1, 0};
    float floats[2 * 100], shares[8] = {0, 0.5f, 1, 0.25f, 0, 0, 1, 0.75f};
    for (size_t i = 0; i < 200; i++) floats[i] = bytes[i] = (uint8_t)(i * 37 % 256);
    bytes[1] = 255;
    floats[1] = 255;
    assert_int_equal(chosen(NUDGE_TYPE_U8, bytes, 2, 100, 10), NUDGE_SCALE_PIXEL);
    assert_int_equal(chosen(NUDGE_TYPE_F32, floats, 2, 100, 10), NUDGE_SCALE_PIXEL);
    assert_int_equal(chosen(NUDGE_TYPE_U8, bytes, 2, 100, 0),
                     NUDGE_SCALE_PIXEL); /* a table of 100 such columns */
    assert_int_equal(chosen(NUDGE_TYPE_F32, floats, 2, 100, 0), NUDGE_SCALE_PIXEL);
    assert_int_equal(chosen(NUDGE_TYPE_U8, bytes, 4, 50, 0), NUDGE_SCALE_STANDARD); /* of 50: numbers */
    floats[2] = 0.5f;
    assert_int_equal(chosen(NUDGE_TYPE_F32, floats, 2, 100, 0), NUDGE_SCALE_STANDARD);
    assert_int_equal(chosen(NUDGE_TYPE_U8, bits, 2, 4, 2), NUDGE_SCALE_NONE);
    assert_int_equal(chosen(NUDGE_TYPE_U8, bits, 2, 4, 0), NUDGE_SCALE_NONE);
    assert_int_equal(chosen(NUDGE_TYPE_U8, dark, 2, 4, 2), NUDGE_SCALE_STANDARD);
    assert_int_equal(chosen(NUDGE_TYPE_F32, shares, 2, 4, 2), NUDGE_SCALE_NONE);
}

/* -- targets -- */

static void test_targets_are_learnt_scaled_and_answered_in_their_units(void **state) {
    (void)state;
    float x[20], y[20], outputs[20];
    for (size_t r = 0; r < 20; r++) {
        x[r] = (float)r;
        y[r] = 250000 + 1000 * (float)r;
    }
    nudge_rows rows = NUDGE_ROWS;
    rows.rows = 20, rows.features = rows.target_columns = 1, rows.values = x, rows.targets = y;
    nudge_data *data = NULL;
    nudge_net *net = small_net(context, 1, "1");
    nudge_predictor *predictor = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_transform t = NUDGE_TRANSFORM;
    assert_ok(nudge_data_create(context, &rows, NULL, &data, error));
    options.epochs = 200;
    options.learning_rate = 0.05;
    assert_ok(nudge_train(context, net, data, &options, NULL, error));
    assert_true(nudge_net_target_transform(net, 0, &t));
    expect(t, NUDGE_SCALE_STANDARD, 259500, 1 / sqrt(33.25e6));
    assert_ok(nudge_predictor_create(context, net, 20, NULL, 0, &predictor, error));
    assert_ok(nudge_predict(predictor, x, 20, outputs, error));
    for (size_t r = 0; r < 20; r++) assert_true(fabsf(outputs[r] - y[r]) < 1);
    nudge_predictor_free(predictor);
    nudge_net_free(net);
    static const char *const bounded[] = {"1 sigmoid", "1 tanh", "1 relu", "1 softplus"};
    for (size_t i = 0; i < 4; i++) { /* they could not reach what lies around 0 */
        net = small_net(context, 1, bounded[i]);
        assert_ok(nudge_net_fit(net, data, NUDGE_SCALE_AUTO, NUDGE_SCALE_AUTO, error));
        assert_false(nudge_net_target_transform(net, 0, &t));
        assert_ok(nudge_net_fit(net, data, NUDGE_SCALE_AUTO, NUDGE_SCALE_RANGE, error));
        assert_true(nudge_net_target_transform(net, 0, &t) && t.shift == 250000);
        nudge_net_free(net);
    }
    nudge_data_free(data);
}

static void test_a_constant_target_stays_learnable(void **state) {
    (void)state;
    static const float values[3][2] = {{5, 1}, {5, 2}, {5, 3}};
    nudge_data *data = rows_of(values[0], 3, 2);
    nudge_net *net = small_net(context, 2, "1");
    nudge_transform t = NUDGE_TRANSFORM;
    assert_ok(nudge_net_fit(net, data, NUDGE_SCALE_AUTO, NUDGE_SCALE_AUTO, error));
    assert_true(nudge_net_target_transform(net, 0, &t));
    expect(t, NUDGE_SCALE_STANDARD, 5, 1);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* -- training rows alone; and huge numbers -- */

static void test_validation_rows_are_not_looked_at(void **state) {
    (void)state;
    float values[40];
    for (size_t r = 0; r < 40; r++) values[r] = (float)(r % 7);
    nudge_data *data = rows_of(values, 40, 1);
    assert_ok(nudge_data_split(data, 0.25, 3, error));
    ((float *)data->train.values)[data->parts[NUDGE_PART_VALIDATION].selection[0]] = 1e30f;
    nudge_net *net = small_net(context, 1, "1");
    assert_ok(nudge_net_fit(net, data, NUDGE_SCALE_AUTO, NUDGE_SCALE_AUTO, error));
    assert_true(input(net, 0).high == 6);
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_huge_and_tiny_numbers_stay_finite(void **state) {
    (void)state;
    static const float values[4][3] = {
        {3e38f, 1e-45f, 1e30f}, {-3e38f, 0, 1e30f}, {3e38f, 3e-45f, 1e30f}, {0, 1e-45f, 1.0000001e30f}};
    nudge_data *data = rows_of(values[0], 4, 3);
    for (nudge_scale scale = NUDGE_SCALE_AUTO; nudge_scale_name(scale); scale++) {
        nudge_net *net = small_net(context, 3, "1");
        assert_ok(nudge_net_fit(net, data, scale, NUDGE_SCALE_NONE, error));
        for (size_t i = 0; i < 3; i++) {
            nudge_transform t = input(net, i);
            assert_true(isfinite(t.shift) && isfinite(t.factor) && isfinite(t.fill));
        }
        nudge_net_free(net);
    }
    nudge_data_free(data);
}

/* -- missing values -- */

static void test_a_missing_number_counts_as_its_fill(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 2, "2");
    nudge_predictor *predictor = NULL;
    float features[4] = {NAN, 3, 10, NAN}, same[4] = {4, 3, 10, -1}, outputs[4], expected[4];
    nudge_transform t = NUDGE_TRANSFORM;
    t.shift = 1;
    t.factor = 0.5f;
    t.fill = 4;
    assert_ok(nudge_net_set_input_transform(net, 0, &t, error));
    t.fill = -1;
    t.factor = 2;
    t.log = true;
    assert_ok(nudge_net_set_input_transform(net, 1, &t, error));
    assert_ok(nudge_predictor_create(context, net, 2, NULL, 0, &predictor, error));
    assert_ok(nudge_predict(predictor, features, 2, outputs, error));
    assert_ok(nudge_predict(predictor, same, 2, expected, error));
    assert_memory_equal(outputs, expected, sizeof outputs);
    nudge_predictor_free(predictor);
    nudge_net_free(net);
}

/* -- far outside -- */

static void test_rows_out_of_range(void **state) {
    (void)state;
    nudge_data *data = rows_of(five[0], 5, 3);
    nudge_net *net = small_net(context, 3, "1"), *new = small_net(context, 3, "1");
    nudge_outlier outlier = NUDGE_OUTLIER;
    float inside[6] = {19, 1, 7, -8, 0, 7}, far[6] = {5, 0, 7, 5, 0, 7.5f};
    assert_ok(nudge_net_fit(net, data, NUDGE_SCALE_AUTO, NUDGE_SCALE_AUTO, error));
    assert_false(nudge_net_out_of_range(net, inside, 2, &outlier)); /* 1 .. 10, and one range of 9 beyond */
    assert_true(nudge_net_out_of_range(net, far, 2, &outlier));
    assert_true(outlier.row == 1 && outlier.input == 2 && outlier.value == 7.5f && outlier.high == 7);
    far[5] = NAN;
    assert_false(nudge_net_out_of_range(net, far, 2, &outlier));
    assert_false(nudge_net_out_of_range(new, far, 2, &outlier));
    nudge_net_free(net);
    nudge_net_free(new);
    nudge_data_free(data);
}

static void test_pixels_scaled_twice(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 100, "1");
    nudge_transform t = NUDGE_TRANSFORM;
    nudge_outlier outlier = NUDGE_OUTLIER;
    float pixels[100];
    t.factor = 1.0f / 255;
    t.low = 0;
    t.high = 255;
    assert_ok(nudge_net_set_input_transform(net, NUDGE_EVERY, &t, error));
    for (size_t i = 0; i < 100; i++) pixels[i] = (float)(i % 11) / 10;
    assert_true(nudge_net_out_of_range(net, pixels, 1, &outlier));
    assert_true(outlier.small && outlier.value == 1 && outlier.high == 255);
    pixels[50] = 200;
    assert_false(nudge_net_out_of_range(net, pixels, 1, &outlier));
    memset(pixels, 0, sizeof pixels);
    assert_false(nudge_net_out_of_range(net, pixels, 1, &outlier)); /* a black image is one */
    nudge_net_free(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_scale),
        cmocka_unit_test(test_the_net_sees_the_scaled_row),
        cmocka_unit_test(test_pixels_are_told_from_numbers),
        cmocka_unit_test(test_targets_are_learnt_scaled_and_answered_in_their_units),
        cmocka_unit_test(test_a_constant_target_stays_learnable),
        cmocka_unit_test(test_validation_rows_are_not_looked_at),
        cmocka_unit_test(test_huge_and_tiny_numbers_stay_finite),
        cmocka_unit_test(test_a_missing_number_counts_as_its_fill),
        cmocka_unit_test(test_rows_out_of_range),
        cmocka_unit_test(test_pixels_scaled_twice),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
