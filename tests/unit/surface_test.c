/* The cost surface and its planes: every point is the cost of the network that stands there, whatever the number of
 * threads and portions; principal components find the plane that points lie in. */
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "small.h"

#include <math.h>

enum { FEATURES = 3, CLASSES = 3, COLUMNS = 5, LINES = 4, MOST = 64, SNAPSHOTS = 7 };

static nudge_context *context;

static int set_up(void **state) {
    (void)state;
    context = small_context(2);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_context_free(context);
    return 0;
}

/* A plane through the net's own parameters. */
struct plane {
    float origin[MOST], across[MOST], up[MOST];
    double costs[LINES * COLUMNS];
};

static nudge_surface_options plane_options(const nudge_net *net, struct plane *plane) {
    nudge_surface_options options = NUDGE_SURFACE_OPTIONS;
    size_t count = nudge_net_parameters(net);
    assert_true(count <= MOST);
    assert_ok(nudge_net_get_parameters(net, plane->origin, count, error));
    assert_ok(nudge_plane_random(net, 3, plane->across, plane->up, count, error));
    options.origin = plane->origin;
    options.across = plane->across;
    options.up = plane->up;
    options.count = count;
    options.columns = COLUMNS;
    options.lines = LINES;
    options.y_high = 0.5;
    return options;
}

static nudge_surface_result surface(nudge_context *with, const nudge_net *net, const nudge_data *data,
                                    const nudge_surface_options *options, struct plane *plane) {
    nudge_surface_result result = NUDGE_SURFACE_RESULT;
    result.costs = plane->costs;
    assert_ok(nudge_surface(with, net, data, NUDGE_PART_TRAIN, options, &result, error));
    return result;
}

/* The cost of the network that stands at a point, in double precision; its parameters are rounded to f32. */
static double cost_there(const nudge_net *net, const nudge_data *data, const struct plane *plane, double x,
                         double y) {
    float parameters[MOST];
    size_t count = nudge_net_parameters(net);
    nudge_net *moved = NULL;
    nudge_gradient_result result = NUDGE_GRADIENT_RESULT;
    for (size_t i = 0; i < count; i++)
        parameters[i] =
            (float)((double)plane->origin[i] + x * (double)plane->across[i] + y * (double)plane->up[i]);
    assert_ok(nudge_net_clone(context, net, &moved, error));
    assert_ok(nudge_net_set_parameters(moved, parameters, count, error));
    assert_ok(nudge_gradient(context, moved, data, NUDGE_PART_TRAIN, NULL, &result, error));
    nudge_net_free(moved);
    return result.cost;
}

static void check_surface(const char *text, size_t rows) {
    nudge_data *data = small_data(context, rows, 0, FEATURES, CLASSES, 0);
    nudge_net *net = small_net(context, FEATURES, text);
    static struct plane plane, again;
    nudge_surface_options options = plane_options(net, &plane);
    nudge_surface_result result = surface(context, net, data, &options, &plane);
    assert_int_equal(result.rows, rows);
    assert_true(result.checked == 9 && result.error > 0 && result.error < 1e-5);
    for (size_t i = 0; i < LINES * COLUMNS; i++) {
        double x = -1 + 2.0 * (double)(i % COLUMNS) / (COLUMNS - 1),
               y = -1 + 1.5 * (double)(i / COLUMNS) / (LINES - 1);
        double expected = cost_there(net, data, &plane, x, y);
        if (!(fabs(plane.costs[i] - expected) <= 1e-5 * expected))
            fail_msg("\"%s\" at (%g, %g): %.9g, expected %.9g", text, x, y, plane.costs[i], expected);
    }
    nudge_context *alone = small_context(1);
    options = plane_options(net, &again);
    surface(alone, net, data, &options, &again);
    assert_memory_equal(plane.costs, again.costs, sizeof plane.costs);
    nudge_context_free(alone);
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_points_are_the_costs_there(void **state) {
    (void)state;
    check_surface("4 tanh, 3 softmax", 50);
    check_surface("3 softmax", 50);
    check_surface("4 sigmoid, 4 relu, 3 softmax", 1300); /* two portions */
}

static void test_first_rows_only(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 60, 0, FEATURES, CLASSES, 0), *few;
    nudge_net *net = small_net(context, FEATURES, "4 tanh, 3 softmax");
    static struct plane plane, of_few;
    nudge_surface_options options = plane_options(net, &plane);
    options.rows = 20;
    assert_int_equal(surface(context, net, data, &options, &plane).rows, 20);
    /* the same 20 rows alone */
    float features[20 * FEATURES];
    int32_t labels[20];
    nudge_rows rows = NUDGE_ROWS;
    for (size_t r = 0; r < 20; r++) {
        assert_ok(nudge_data_row(data, NUDGE_PART_TRAIN, r, features + r * FEATURES, NULL, error));
        labels[r] = nudge_data_label(data, NUDGE_PART_TRAIN, r);
    }
    rows.rows = 20, rows.features = FEATURES, rows.values = features, rows.labels = labels,
    rows.classes = CLASSES;
    assert_ok(nudge_data_create(context, &rows, NULL, &few, error));
    options = plane_options(net, &of_few);
    surface(context, net, few, &options, &of_few);
    assert_memory_equal(plane.costs, of_few.costs, sizeof plane.costs);
    nudge_data_free(few);
    nudge_data_free(data);
    nudge_net_free(net);
}

static bool stop(void *user, size_t done, size_t all) {
    (void)user;
    return done >= all;
}

static void test_stopping_leaves_the_costs(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 50, 0, FEATURES, CLASSES, 0);
    nudge_net *net = small_net(context, FEATURES, "4 tanh, 3 softmax");
    static struct plane plane;
    nudge_surface_options options = plane_options(net, &plane);
    options.on_points = stop;
    plane.costs[0] = 77;
    assert_true(surface(context, net, data, &options, &plane).stopped);
    assert_true(plane.costs[0] == 77);
    nudge_net_free(net);
    nudge_data_free(data);
}

/* -- planes -- */

/* Points o + s_i a + t_i u with orthogonal a and u of different lengths. */
static void test_components_find_the_plane(void **state) {
    (void)state;
    float points[SNAPSHOTS][MOST], origin[MOST], across[MOST], up[MOST];
    const float *paths[SNAPSHOTS];
    double explained[2], length[2] = {0, 0}, dot = 0;
    for (size_t i = 0; i < SNAPSHOTS; i++) {
        double s = (double)i - 3, t = (double)((i * 3) % SNAPSHOTS) - 3;
        for (size_t k = 0; k < MOST; k++)
            points[i][k] = (float)(0.25 * (double)k + s * (k % 2 ? 4 : 0) + t * (k % 2 ? 0 : 1));
        paths[i] = points[i];
    }
    assert_ok(nudge_plane_pca(context, paths, SNAPSHOTS, MOST, origin, across, up, explained, error));
    assert_true(fabs(explained[0] + explained[1] - 1) < 1e-12 && explained[0] > explained[1] &&
                explained[1] > 0);
    for (size_t k = 0; k < MOST; k++) {
        length[0] += (double)across[k] * (double)across[k];
        length[1] += (double)up[k] * (double)up[k];
        dot += (double)across[k] * (double)up[k];
    }
    assert_true(fabs(length[0] - 1) < 1e-6 && fabs(length[1] - 1) < 1e-6 && fabs(dot) < 1e-6);
    for (size_t i = 0; i < SNAPSHOTS; i++) { /* every point lies in the plane */
        double x = 0, y = 0;
        for (size_t k = 0; k < MOST; k++) {
            x += ((double)points[i][k] - (double)origin[k]) * (double)across[k];
            y += ((double)points[i][k] - (double)origin[k]) * (double)up[k];
        }
        for (size_t k = 0; k < MOST; k++)
            assert_true(fabs((double)origin[k] + x * (double)across[k] + y * (double)up[k] -
                             (double)points[i][k]) < 1e-4);
    }
}

static void test_a_line_has_one_component(void **state) {
    (void)state;
    float points[3][MOST], origin[MOST], across[MOST], up[MOST];
    const float *paths[] = {points[0], points[1], points[2]};
    double explained[2];
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < MOST; k++) points[i][k] = (float)(i * k);
    assert_ok(nudge_plane_pca(context, paths, 3, MOST, origin, across, up, explained, error));
    assert_true(explained[0] > 1 - 1e-12 && explained[1] == 0);
    for (size_t k = 0; k < MOST; k++) assert_true(up[k] == 0);
}

static void test_random_directions_are_as_long_as_the_weights(void **state) {
    (void)state;
    nudge_net *net = small_net(context, FEATURES, "4 tanh, 3 softmax");
    float across[MOST], up[MOST], own[MOST];
    size_t count = nudge_net_parameters(net);
    assert_ok(nudge_net_get_parameters(net, own, count, error));
    nudge_error e = {0};
    expect_error(nudge_plane_random(net, 1, across, up, count - 1, &e), NUDGE_BAD_ARGUMENT, &e, "expected",
                 NULL);
    assert_ok(nudge_plane_random(net, 1, across, up, count, error));
    for (size_t j = 0; j < 4; j++) {
        double drawn = 0, wanted = 0;
        for (size_t k = 0; k < FEATURES; k++) {
            drawn += pow((double)across[j * FEATURES + k], 2);
            wanted += pow((double)own[j * FEATURES + k], 2);
        }
        assert_true(fabs(drawn - wanted) <= 1e-5 * wanted && wanted > 0);
        assert_true(across[4 * FEATURES + j] == 0); /* a bias */
    }
    assert_memory_not_equal(across, up, count * sizeof *across);
    nudge_net_free(net);
}

/* -- what is refused -- */

static void test_wrong_options_are_refused(void **state) {
    (void)state;
    nudge_data *data = small_data(context, 20, 0, FEATURES, CLASSES, 0);
    nudge_net *net = small_net(context, FEATURES, "4 tanh, 3 softmax");
    static struct plane plane;
    nudge_surface_options options = plane_options(net, &plane), wrong = options;
    nudge_surface_result result = NUDGE_SURFACE_RESULT;
    nudge_error e = {0};
    float origin[MOST], across[MOST], up[MOST];
    const float *paths[] = {origin, across};
    expect_error(nudge_surface(context, net, data, NUDGE_PART_TRAIN, &options, &result, &e),
                 NUDGE_BAD_ARGUMENT, &e, "room for the costs", NULL);
    result.costs = plane.costs;
    wrong.columns = 1;
    expect_error(nudge_surface(context, net, data, NUDGE_PART_TRAIN, &wrong, &result, &e), NUDGE_BAD_ARGUMENT,
                 &e, "1 by 4 points", NULL);
    wrong = options, wrong.x_high = -2;
    expect_error(nudge_surface(context, net, data, NUDGE_PART_TRAIN, &wrong, &result, &e), NUDGE_BAD_ARGUMENT,
                 &e, "x_low < x_high", NULL);
    wrong = options, wrong.up = NULL;
    expect_error(nudge_surface(context, net, data, NUDGE_PART_TRAIN, &wrong, &result, &e), NUDGE_BAD_ARGUMENT,
                 &e, "two directions", NULL);
    expect_error(nudge_surface(context, net, data, NUDGE_PART_TEST, &options, &result, &e),
                 NUDGE_BAD_ARGUMENT, &e, "no test part", NULL);
    expect_error(nudge_plane_pca(context, paths, 2, MOST, origin, across, up, NULL, &e), NUDGE_BAD_ARGUMENT,
                 &e, "2 points", NULL);
    nudge_net_free(net);
    nudge_data_free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_points_are_the_costs_there),
        cmocka_unit_test(test_first_rows_only),
        cmocka_unit_test(test_stopping_leaves_the_costs),
        cmocka_unit_test(test_components_find_the_plane),
        cmocka_unit_test(test_a_line_has_one_component),
        cmocka_unit_test(test_random_directions_are_as_long_as_the_weights),
        cmocka_unit_test(test_wrong_options_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
