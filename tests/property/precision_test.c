/* f32 beside f64: every z, a, C_0, δ and gradient of the f32 plan, at every CPU level, lies within a bound
 * that is derived (bounds.h), not chosen: from the lengths of the sums, the absolute values of their terms
 * and 4 ULP for each elementary function. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "bounds.h"
#include "levels.h"

/* -- a network -- */

struct subject {
    const struct net_made *made;
    struct plan *exact, *plan;                /* f64, f32 */
    struct row_bound *rows[DUAL_MOST_LAYERS]; /* [rows], layer by layer */
    double *cost;                             /* [rows] */
};

static double worst_share, worst_bound;

/* Beside the exact number. `scale` is the largest of its kind: a bound that reaches it would say nothing. */
static void compare(const struct subject *subject, const char *what, size_t layer, double found, double exact,
                    double bound, double scale) {
    const struct net_case *given = subject->made->given;
    double error = fabs(found - exact);
    bound *= SECOND_ORDER;
    if (!(error <= bound + 1e-13 * scale)) /* f64 has errors, too */
        fail_msg("\"%s\" with %zu inputs, cost %s, %zu rows, CPU level %s: %s of layer %zu is %.9g, exactly "
                 "%.17g: error "
                 "%.3g, at most %.3g was allowed",
                 nudge_net_text(subject->made->net), given->shape.inputs, costs[given->cost].name,
                 given->shape.rows, nudge_context_cpu_level(subject->plan->context), what, layer, found,
                 exact, error, bound);
    if (bound > 0 && error / bound > worst_share) worst_share = error / bound;
    if (scale > 0 && bound / scale > worst_bound) worst_bound = bound / scale;
}

/* Number j of row r in a step's buffer y or d. */
static double number(const struct plan *plan, const struct plan_step *step, const void *buffer, size_t r,
                     size_t j) {
    return plan_get(plan, buffer, r * step->output_stride + j);
}

/* What the row's layer l reads, and its error. */
static double input_of(const struct subject *subject, size_t l, size_t r, size_t k, double *error) {
    if (l > 1) {
        *error = subject->rows[l - 2][r].e_a[k];
        return subject->rows[l - 2][r].a[k];
    }
    *error = 0;
    return subject->made->x[r * subject->made->given->shape.inputs + k];
}

static void bound_forward(struct subject *subject, size_t l, size_t r) {
    struct row_bound *row = &subject->rows[l - 1][r];
    const struct dual_layer *layer = &subject->made->dual.layer[l - 1];
    const struct net_op *activation = net_activation(subject->made->net, l);
    const struct plan_step *dense = plan_dense(subject->exact, l), *step = plan_activation(subject->exact, l);
    row->count = layer->outputs;
    for (size_t j = 0; j < layer->outputs; j++) {
        double size = fabs(layer->b[j]), passed = 0;
        for (size_t k = 0; k < layer->inputs; k++) {
            double e_x, x = input_of(subject, l, r, k, &e_x), w = fabs(layer->w[j * layer->inputs + k]);
            size += w * (fabs(x) + e_x);
            passed += w * e_x;
        }
        row->e_z[j] = gamma_of(layer->inputs + 1) * size + passed;
        row->z[j] = number(subject->exact, dense, dense->y, r, j);
        row->a[j] = number(subject->exact, step, step->y, r, j);
        if (activation->op->kink) assert_true(fabs(row->z[j]) > row->e_z[j]);
    }
    struct op_bound bound = bound_of(activation);
    if (activation->op->by_row)
        softmax_forward(row);
    else
        each_forward(row, &bound);
}

static void bound_cost(struct subject *subject, size_t r) {
    const struct net_case *given = subject->made->given;
    struct row_bound *row = &subject->rows[given->shape.layers - 1][r];
    const double *y = subject->made->y + r * row->count;
    struct cost_terms terms = cost_bound_of(costs[given->cost].name)(row, y, given->delta);
    subject->cost[r] = terms.error + gamma_of(row->count) * terms.size;
}

/* ∂C_0/∂a of the last layer, exactly. */
static void exact_cost_slope(const struct subject *subject, struct row_bound *row, const double *y) {
    for (size_t j = 0; j < row->count; j++) {
        struct dual a[DUAL_MOST_NEURONS];
        for (size_t k = 0; k < row->count; k++) a[k] = (struct dual){row->a[k], k == j, k == j};
        row->d[j] = subject->made->dual.cost(a, y, row->count, subject->made->dual.delta).d;
    }
}

/* d of layer l from δ of layer l+1. */
static void bound_wishes(struct subject *subject, size_t l, size_t r) {
    struct row_bound *row = &subject->rows[l - 1][r], *above = &subject->rows[l][r];
    const struct dual_layer *layer = &subject->made->dual.layer[l];
    for (size_t k = 0; k < row->count; k++) {
        double size = 0, passed = 0;
        row->d[k] = 0;
        for (size_t j = 0; j < above->count; j++) {
            double w = layer->w[j * layer->inputs + k];
            row->d[k] += w * above->delta[j];
            size += fabs(w) * (fabs(above->delta[j]) + above->e_delta[j]);
            passed += fabs(w) * above->e_delta[j];
        }
        row->e_d[k] = gamma_of(above->count) * size + passed;
    }
}

static void bound_backward(struct subject *subject, size_t l, size_t r) {
    struct row_bound *row = &subject->rows[l - 1][r];
    const struct net_op *activation = net_activation(subject->made->net, l);
    const struct plan_step *dense = plan_dense(subject->exact, l);
    bool last = l == subject->made->dual.layers;
    for (size_t j = 0; j < row->count; j++) row->delta[j] = number(subject->exact, dense, dense->d, r, j);
    if (last && subject->made->chosen.cost->output) { /* fused: d is δ */
        memcpy(row->e_delta, row->e_d, sizeof row->e_d);
        return;
    }
    if (last)
        exact_cost_slope(subject, row, subject->made->y + r * row->count);
    else
        bound_wishes(subject, l, r);
    struct op_bound bound = bound_of(activation);
    if (activation->op->by_row)
        softmax_backward(row);
    else
        each_backward(row, &bound, activation);
}

/* -- comparing -- */

static void compare_buffer(const struct subject *subject, const char *what, size_t l,
                           const struct plan_step *found, const void *numbers, size_t exact_at,
                           size_t bound_at) {
    double scale = 0;
    for (size_t r = 0; r < subject->made->given->shape.rows; r++)
        for (size_t j = 0; j < found->link->outputs; j++) {
            const double *row = (const double *)((const char *)&subject->rows[l - 1][r] + exact_at);
            scale = fabs(row[j]) > scale ? fabs(row[j]) : scale;
        }
    for (size_t r = 0; r < subject->made->given->shape.rows; r++)
        for (size_t j = 0; j < found->link->outputs; j++) {
            const char *row = (const char *)&subject->rows[l - 1][r];
            compare(subject, what, l, number(subject->plan, found, numbers, r, j),
                    ((const double *)(row + exact_at))[j], ((const double *)(row + bound_at))[j], scale);
        }
}

static void compare_layer(const struct subject *subject, size_t l) {
    const struct plan_step *dense = plan_dense(subject->plan, l),
                           *activation = plan_activation(subject->plan, l);
    compare_buffer(subject, "z", l, dense, dense->y, offsetof(struct row_bound, z),
                   offsetof(struct row_bound, e_z));
    compare_buffer(subject, "a", l, activation, activation->y, offsetof(struct row_bound, a),
                   offsetof(struct row_bound, e_a));
    compare_buffer(subject, "δ", l, dense, dense->d, offsetof(struct row_bound, delta),
                   offsetof(struct row_bound, e_delta));
}

static double largest_gradient(const struct subject *subject) {
    const double *gradients = subject->exact->gradients;
    double most = 0;
    for (size_t i = 0; i < subject->made->net->block_count; i++)
        most = fabs(gradients[i]) > most ? fabs(gradients[i]) : most;
    return most;
}

/* A weight's gradient is Σ_r δ_j x_k; a bias's the same with x = 1. */
static void compare_gradient(const struct subject *subject, size_t l, size_t j, size_t k, bool bias) {
    const struct net_op *dense = net_dense(subject->made->net, l);
    size_t rows = subject->made->given->shape.rows;
    size_t place = bias ? dense->place[DENSE_BIAS] + j
                        : dense->place[DENSE_WEIGHT] + weight_index(dense->outputs, dense->inputs, j, k);
    double size = 0, passed = 0;
    for (size_t r = 0; r < rows; r++) {
        double e_x = 0, x = bias ? 1 : input_of(subject, l, r, k, &e_x);
        double delta = fabs(subject->rows[l - 1][r].delta[j]), e_delta = subject->rows[l - 1][r].e_delta[j];
        size += (delta + e_delta) * (fabs(x) + e_x);
        passed += delta * e_x + e_delta * fabs(x) + e_delta * e_x;
    }
    compare(subject, bias ? "∂C/∂b" : "∂C/∂w", l, plan_get(subject->plan, subject->plan->gradients, place),
            plan_get(subject->exact, subject->exact->gradients, place), gamma_of(rows) * size + passed,
            largest_gradient(subject));
}

static void compare_costs(const struct subject *subject) {
    size_t rows = subject->made->given->shape.rows;
    for (size_t r = 0; r < rows; r++) {
        double exact = plan_get(subject->exact, subject->exact->each, r);
        compare(subject, "C_0", subject->made->dual.layers, plan_get(subject->plan, subject->plan->each, r),
                exact, subject->cost[r], fabs(exact));
    }
}

static void compare_all(const struct subject *subject) {
    compare_costs(subject);
    for (size_t l = 1; l <= subject->made->dual.layers; l++) {
        const struct net_op *dense = net_dense(subject->made->net, l);
        compare_layer(subject, l);
        for (size_t j = 0; j < dense->outputs; j++) {
            compare_gradient(subject, l, j, 0, true);
            for (size_t k = 0; k < dense->inputs; k++) compare_gradient(subject, l, j, k, false);
        }
    }
}

static void bound_all(struct subject *subject) {
    size_t rows = subject->made->given->shape.rows, layers = subject->made->dual.layers;
    subject->cost = nets_allocate(rows, sizeof *subject->cost);
    for (size_t l = 1; l <= layers; l++)
        subject->rows[l - 1] = nets_allocate(rows, sizeof *subject->rows[l - 1]);
    for (size_t r = 0; r < rows; r++) {
        for (size_t l = 1; l <= layers; l++) bound_forward(subject, l, r);
        bound_cost(subject, r);
        for (size_t l = layers; l >= 1; l--) bound_backward(subject, l, r);
    }
}

/* -- every op, every cost, every level -- */

static struct plan *plan_run(nudge_context *context, const struct net_made *made, enum real_type precision) {
    size_t rows = made->given->shape.rows;
    struct plan *plan = nets_plan(context, made->net, precision, rows);
    struct walk_cost cost = cost_for_walk(&made->chosen);
    nets_load(plan, made, 0, rows);
    walk_both(plan, rows, &cost, false);
    return plan;
}

static void check_case(const struct net_case *given) {
    struct net_made made = nets_make(level_contexts[0], given);
    struct subject subject = {.made = &made, .exact = plan_run(level_contexts[0], &made, REAL_F64)};
    bound_all(&subject);
    for (size_t level = 0; level < level_count; level++) {
        subject.plan = plan_run(level_contexts[level], &made, REAL_F32);
        compare_all(&subject);
        free(subject.plan);
    }
    for (size_t l = 0; l < made.dual.layers; l++) free(subject.rows[l]);
    free(subject.cost);
    free(subject.exact);
    nets_free(&made);
}

static const struct net_shape shapes[] = {
    {1, 1, 1, {1}},           {7, 33, 1, {3}},           {33, 64, 2, {64, 16}},
    {17, 15, 3, {33, 2, 17}}, {3, 7, 4, {16, 3, 15, 7}}, {2, 3, 2, {1, 33}},
};

static void check_shape(const struct net_shape *shape, size_t output, nudge_cost cost, size_t turn) {
    static const double values[] = {0.25, 1.75, 0.1};
    struct net_case given = {.shape = *shape, .cost = cost, .delta = 0.75, .seed = 77 + turn};
    for (size_t l = 0; l < shape->layers; l++) {
        size_t op = l + 1 == shape->layers ? output : 1 + (turn + 5 * l) % (op_activation_end() - 1);
        given.activation[l] = &ops[op];
        given.value[l] = ops[op].value_count ? values[turn % 3] : 0;
    }
    check_case(&given);
}

static void test_f32_stays_within_its_bounds(void **state) {
    (void)state;
    size_t turn = 0;
    for (size_t output = 1; output < op_activation_end(); output++)
        for (size_t cost = 1; cost < cost_count; cost++)
            for (size_t s = 0;
                 nets_can_meet(&ops[output], &costs[cost]) && s < sizeof shapes / sizeof *shapes; s++)
                check_shape(&shapes[s], output, (nudge_cost)cost, turn++);
    assert_true(worst_bound < 0.01); /* else they would say little */
    print_message("errors reach %.0f %% of their bounds at most; the bounds reach %.1e of the largest number "
                  "of a kind\n",
                  100 * worst_share, worst_bound);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f32_stays_within_its_bounds),
    };
    return cmocka_run_group_tests(tests, levels_open, levels_close);
}
