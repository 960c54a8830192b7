/* The proof that the gradients are right: backpropagation in double precision, for every op and every cost
 * it can meet, beside two other ways to the same numbers:
 *
 *   dual numbers  the derivative of the formulas themselves (dual.h), exact but for rounding: within 1e-12
 *   differences   (C(p - 2h) - 8 C(p - h) + 8 C(p + h) - C(p + 2h)) / 12h of the library's own C: 1e-7
 *
 * The error is the largest difference within one tensor, divided by the largest gradient of the whole
 * network. What no path of the network leads to must be exactly 0. An op or cost that the reference does
 * not know fails the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "levels.h"
#include "nets.h"

/* Differences of order 4: the formula is off by h⁴/30 · C⁽⁵⁾, with h = 1e-3 some 1e-13 times a derivative
 * of order 1 to 1e3; rounding adds about 18 · 1e-16 · C / 12h, some 1e-13 times C. Both leave room below
 * 1e-7 times the largest gradient, which is not below 1e-3 here (asserted). */
#define STEP 1e-3
#define LEAST_GRADIENT 1e-3
#define NOTHING 1e-12 /* a gradient that is this small is 0, but for rounding */
#define DUAL_LIMIT 1e-12
#define DIFFERENCE_LIMIT 1e-7

/* 1, odd numbers, and what stands beside a panel's 16 and a tile's 6 and 12, in nets of one to four

 * layers. */
static const struct net_shape shapes[] = {
    {1, 1, 1, {1}},
    {7, 2, 1, {3}},
    {2, 16, 1, {33}},
    {33, 3, 1, {2}},
    {3, 7, 2, {15, 2}},
    {2, 16, 2, {16, 7}},
    {1, 15, 2, {17, 3}},
    {7, 33, 2, {2, 17}},
    {3, 17, 2, {33, 1}},
    {15, 2, 3, {7, 3, 16}},
    {16, 3, 3, {1, 2, 1}},
    {17, 7, 4, {3, 17, 2, 15}},
    {33, 1, 4, {2, 15, 7, 16}},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static double worst_dual, worst_difference;

/* -- the reference's answers -- */

/* `zero`: no path leads there, so that it must be exactly 0. */
struct answer {
    double value;
    bool zero;
};

struct answers {
    struct answer *w[DUAL_MOST_LAYERS], *b[DUAL_MOST_LAYERS]; /* ∂C/∂w, ∂C/∂b: means over the rows */
    struct answer *z[DUAL_MOST_LAYERS], *a[DUAL_MOST_LAYERS]; /* [rows][outputs] */
    struct answer *delta[DUAL_MOST_LAYERS];                   /* ∂C_0/∂z of each row's own cost */
    struct answer *each;
    double largest_gradient, largest_delta;
};

static void remember_largest(double *largest, double value) {
    if (fabs(value) > *largest) *largest = fabs(value);
}

static struct dual example(struct dual_trace *trace, const struct net_made *made, size_t row,
                           const struct dual_seed *seed) {
    const struct net_shape *shape = &made->given->shape;
    return dual_example(trace, &made->dual, made->x + row * shape->inputs,
                        made->y + row * shape->outputs[shape->layers - 1], seed);
}

static void answer_weight(struct answers *answers, const struct net_made *made, size_t l, size_t j,
                          size_t k) {
    const struct dual_layer *layer = &made->dual.layer[l];
    size_t rows = made->given->shape.rows;
    struct answer *gradient = &answers->w[l][j * layer->inputs + k];
    struct dual_seed weight = {l + 1, false, j, k};
    struct dual_trace trace;
    gradient->zero = true;
    for (size_t r = 0; r < rows; r++) {
        struct dual cost = example(&trace, made, r, &weight);
        gradient->value += cost.d / (double)rows;
        gradient->zero &= !cost.reached;
    }
    remember_largest(&answers->largest_gradient, gradient->value);
}

/* A nudge of b_j nudges z_j of every row by as much: the derivatives of the rows' own costs are their δ. */
static void answer_bias(struct answers *answers, const struct net_made *made, size_t l, size_t j) {
    size_t rows = made->given->shape.rows, outputs = made->dual.layer[l].outputs;
    struct answer *gradient = &answers->b[l][j];
    struct dual_seed bias = {l + 1, true, j, 0};
    struct dual_trace trace;
    gradient->zero = true;
    for (size_t r = 0; r < rows; r++) {
        struct dual cost = example(&trace, made, r, &bias);
        answers->delta[l][r * outputs + j] = (struct answer){cost.d, !cost.reached};
        gradient->value += cost.d / (double)rows;
        gradient->zero &= !cost.reached;
        remember_largest(&answers->largest_delta, cost.d);
    }
    remember_largest(&answers->largest_gradient, gradient->value);
}

static void answer_forward(struct answers *answers, const struct net_made *made) {
    const struct net_shape *shape = &made->given->shape;
    struct dual_trace trace;
    struct dual_seed none = {0};
    for (size_t r = 0; r < shape->rows; r++) {
        answers->each[r].value = example(&trace, made, r, &none).v;
        for (size_t l = 0; l < shape->layers; l++)
            for (size_t j = 0; j < shape->outputs[l]; j++) {
                answers->z[l][r * shape->outputs[l] + j].value = trace.z[l][j].v;
                answers->a[l][r * shape->outputs[l] + j].value = trace.a[l][j].v;
            }
    }
}

static struct answers answers_make(const struct net_made *made) {
    const struct net_shape *shape = &made->given->shape;
    struct answers answers = {.each = nets_allocate(shape->rows, sizeof(struct answer))};
    for (size_t l = 0; l < shape->layers; l++) {
        const struct dual_layer *layer = &made->dual.layer[l];
        answers.w[l] = nets_allocate(layer->inputs * layer->outputs, sizeof(struct answer));
        answers.b[l] = nets_allocate(layer->outputs, sizeof(struct answer));
        answers.z[l] = nets_allocate(shape->rows * layer->outputs, sizeof(struct answer));
        answers.a[l] = nets_allocate(shape->rows * layer->outputs, sizeof(struct answer));
        answers.delta[l] = nets_allocate(shape->rows * layer->outputs, sizeof(struct answer));
    }
    answer_forward(&answers, made);
    for (size_t l = 0; l < shape->layers; l++)
        for (size_t j = 0; j < shape->outputs[l]; j++) {
            answer_bias(&answers, made, l, j);
            for (size_t k = 0; k < made->dual.layer[l].inputs; k++) answer_weight(&answers, made, l, j, k);
        }
    return answers;
}

static void answers_free(struct answers *answers, size_t layers) {
    for (size_t l = 0; l < layers; l++) {
        free(answers->w[l]);
        free(answers->b[l]);
        free(answers->z[l]);
        free(answers->a[l]);
        free(answers->delta[l]);
    }
    free(answers->each);
}

/* -- comparing -- */

struct subject {
    const struct net_made *made;
    struct plan *plan; /* f64 */
    struct walk_cost cost;
    const struct answers *answers;
};

static void fail_at(const struct subject *subject, const char *what, size_t layer, size_t place, double found,
                    double expected) {
    const struct net_case *given = subject->made->given;
    fail_msg(
        "\"%s\" with %zu inputs, cost %s, %zu rows: %s of layer %zu, place %zu, is %.17g, expected %.17g",
        nudge_net_text(subject->made->net), given->shape.inputs, costs[given->cost].name, given->shape.rows,
        what, layer, place, found, expected);
}

/* `found` has rows `stride` apart. */
static void compare_rows(const struct subject *subject, const char *what, size_t layer, const double *found,
                         const struct answer *expected, size_t rows, size_t columns, size_t stride,
                         double largest) {
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < columns; j++) {
            const struct answer *should = &expected[r * columns + j];
            double is = found[r * stride + j];
            double error = fabs(is - should->value) / (largest > NOTHING ? largest : 1);
            remember_largest(&worst_dual, error);
            if (!(error <= DUAL_LIMIT) || (should->zero && is != 0))
                fail_at(subject, what, layer, r * columns + j, is, should->value);
        }
}

static double largest_of(const struct answer *values, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) remember_largest(&largest, values[i].value);
    return largest;
}

static void compare_forward(const struct subject *subject) {
    const struct net_shape *shape = &subject->made->given->shape;
    const struct answers *answers = subject->answers;
    for (size_t l = 1; l <= shape->layers; l++) {
        size_t n = shape->outputs[l - 1];
        const struct plan_step *dense = plan_dense(subject->plan, l),
                               *activation = plan_activation(subject->plan, l);
        compare_rows(subject, "z", l, dense->y, answers->z[l - 1], shape->rows, n, dense->output_stride,
                     largest_of(answers->z[l - 1], shape->rows * n));
        compare_rows(subject, "a", l, activation->y, answers->a[l - 1], shape->rows, n,
                     activation->output_stride, largest_of(answers->a[l - 1], shape->rows * n));
    }
    compare_rows(subject, "C_0", shape->layers, subject->plan->each, answers->each, 1, shape->rows, 0,
                 largest_of(answers->each, shape->rows));
}

static void compare_deltas(const struct subject *subject) {
    const struct net_shape *shape = &subject->made->given->shape;
    for (size_t l = 1; l <= shape->layers; l++) {
        const struct plan_step *dense = plan_dense(subject->plan, l);
        compare_rows(subject, "δ", l, dense->d, subject->answers->delta[l - 1], shape->rows,
                     shape->outputs[l - 1], dense->output_stride, subject->answers->largest_delta);
    }
}

/* The plan's gradient of w^(l)[j][k] or b^(l)[j], as a mean. */
static double *parameter_place(void *block, const struct net_op *dense, bool bias, size_t j, size_t k) {
    size_t place = bias ? dense->place[DENSE_BIAS] + j
                        : dense->place[DENSE_WEIGHT] + weight_index(dense->outputs, dense->inputs, j, k);
    return (double *)block + place;
}

static void compare_gradients(const struct subject *subject) {
    const struct answers *answers = subject->answers;
    double rows = (double)subject->made->given->shape.rows;
    for (size_t l = 1; l <= subject->made->dual.layers; l++) {
        const struct net_op *dense = net_dense(subject->made->net, l);
        for (size_t j = 0; j < dense->outputs; j++) {
            double bias = *parameter_place(subject->plan->gradients, dense, true, j, 0) / rows;
            compare_rows(subject, "∂C/∂b", l, &bias, &answers->b[l - 1][j], 1, 1, 0,
                         answers->largest_gradient);
            for (size_t k = 0; k < dense->inputs; k++) {
                double weight = *parameter_place(subject->plan->gradients, dense, false, j, k) / rows;
                compare_rows(subject, "∂C/∂w", l, &weight, &answers->w[l - 1][j * dense->inputs + k], 1, 1, 0,
                             answers->largest_gradient);
            }
        }
    }
}

/* -- differences -- */

static void assert_beside_kinks(const struct subject *subject, double margin) {
    const struct net_case *given = subject->made->given;
    const struct net_shape *shape = &given->shape;
    for (size_t l = 1; l <= shape->layers; l++) {
        if (!given->activation[l - 1]->kink) continue;
        const struct plan_step *dense = plan_dense(subject->plan, l);
        const double *z = dense->y;
        const struct answer *expected = subject->answers->z[l - 1];
        for (size_t r = 0; r < shape->rows; r++)
            for (size_t j = 0; j < shape->outputs[l - 1]; j++) {
                double is = z[r * dense->output_stride + j],
                       was = expected[r * shape->outputs[l - 1] + j].value;
                if ((is > 0) != (was > 0) || fabs(is) < margin)
                    fail_at(subject, "z beside a kink", l, j, is, was);
            }
    }
}

static void assert_residuals_beside_kinks(const struct subject *subject, double margin) {
    const struct net_case *given = subject->made->given;
    double kinks[] = {0, given->delta, -given->delta};
    size_t first = given->cost == NUDGE_COST_HUBER, count = first ? 3 : 1,
           outputs = subject->plan->net->outputs;
    const struct plan_step *last = plan_last(subject->plan);
    if (given->cost != NUDGE_COST_HUBER && !costs[given->cost].kink) return;
    for (size_t r = 0; r < given->shape.rows; r++)
        for (size_t j = 0; j < outputs; j++)
            for (size_t k = first; k < count; k++) {
                double y = subject->made->y[r * outputs + j];
                double is = ((const double *)last->y)[r * last->output_stride + j] - y;
                double was = subject->answers->a[given->shape.layers - 1][r * outputs + j].value - y;
                if ((is > kinks[k]) != (was > kinks[k]) || fabs(is - kinks[k]) < margin)
                    fail_at(subject, "residual beside a kink", given->shape.layers, j, is, was);
            }
}

static double cost_at(const struct subject *subject, double *parameter, double value) {
    size_t rows = subject->made->given->shape.rows;
    const double *each = subject->plan->each;
    double sum = 0;
    *parameter = value;
    walk_forward(subject->plan, rows, NULL, &subject->cost);
    assert_beside_kinks(subject, 0);
    assert_residuals_beside_kinks(subject, 0);
    for (size_t r = 0; r < rows; r++) sum += each[r];
    return sum / (double)rows;
}

static double central_difference(const struct subject *subject, double *parameter) {
    double p = *parameter, h = STEP;
    double far = cost_at(subject, parameter, p + 2 * h) - cost_at(subject, parameter, p - 2 * h);
    double near = cost_at(subject, parameter, p + h) - cost_at(subject, parameter, p - h);
    *parameter = p;
    return (8 * near - far) / (12 * h);
}

static void compare_difference(const struct subject *subject, size_t l, bool bias, size_t j, size_t k) {
    const struct net_op *dense = net_dense(subject->made->net, l);
    double analytic = *parameter_place(subject->plan->gradients, dense, bias, j, k);
    analytic /= (double)subject->made->given->shape.rows;
    double difference =
        central_difference(subject, parameter_place(subject->plan->parameters, dense, bias, j, k));
    double error = fabs(analytic - difference) / subject->answers->largest_gradient;
    remember_largest(&worst_difference, error);
    if (!(error <= DIFFERENCE_LIMIT))
        fail_at(subject, bias ? "∂C/∂b beside its difference" : "∂C/∂w beside its difference", l,
                bias ? j : j * dense->inputs + k, analytic, difference);
}

/* It is 1 whatever comes, so there is no gradient. */
static bool softmax_of_one(const struct subject *subject) {
    const struct net_shape *shape = &subject->made->given->shape;
    for (size_t l = 0; l < shape->layers; l++)
        if (shape->outputs[l] == 1 && subject->made->given->activation[l]->by_row) return true;
    return false;
}

static void compare_differences(const struct subject *subject) {
    assert_beside_kinks(subject, NETS_MARGIN);
    assert_residuals_beside_kinks(subject, NETS_MARGIN);
    if (subject->answers->largest_gradient <= NOTHING && softmax_of_one(subject)) return;
    if (subject->answers->largest_gradient < LEAST_GRADIENT)
        fail_at(subject, "largest gradient", 0, 0, subject->answers->largest_gradient, LEAST_GRADIENT);
    for (size_t l = 1; l <= subject->made->dual.layers; l++) {
        const struct net_op *dense = net_dense(subject->made->net, l);
        for (size_t j = 0; j < dense->outputs; j++) {
            compare_difference(subject, l, true, j, 0);
            for (size_t k = 0; k < dense->inputs; k++) compare_difference(subject, l, false, j, k);
        }
    }
}

/* -- every op, every cost, every shape -- */

static void check_case(nudge_context *context, const struct net_case *given) {
    struct net_made made = nets_make(context, given);
    struct answers answers = answers_make(&made);
    struct plan *plan = nets_plan(context, made.net, REAL_F64, given->shape.rows);
    struct subject subject = {&made, plan, cost_for_walk(&made.chosen), &answers};
    nets_load(plan, &made, 0, given->shape.rows);
    walk_both(plan, given->shape.rows, &subject.cost, false);
    compare_forward(&subject);
    compare_deltas(&subject);
    compare_gradients(&subject);
    compare_differences(&subject);
    free(plan);
    answers_free(&answers, given->shape.layers);
    nets_free(&made);
}

/* The op's usual number, and one that is not. */
static double value_for(const struct op *op, size_t turn) {
    static const double others[] = {0.25, 1.75, 0};
    return !op->value_count ? 0 : turn % 2 ? others[turn / 2 % 3] : op->values[0].usual;
}

/* Below the output, the ops follow each other in turn, beginning with `hidden`. */
static void check_shape(const struct net_shape *shape, size_t hidden, size_t output, nudge_cost cost,
                        size_t turn) {
    struct net_case given = {.shape = *shape, .cost = cost, .delta = 0.75, .seed = turn};
    for (size_t l = 0; l < shape->layers; l++) {
        size_t op = l + 1 == shape->layers ? output : 1 + (hidden - 1 + 5 * l) % (op_activation_end() - 1);
        given.activation[l] = &ops[op];
        given.value[l] = value_for(&ops[op], turn + l);
    }
    check_case(level_contexts[turn % level_count], &given);
}

/* All shapes, with hidden layers of ops in turn; then every op as the hidden layer. The CPU levels take
 * turns. */
static void check_output_and_cost(size_t output, nudge_cost cost) {
    static const struct net_shape for_hidden = {5, 3, 2, {7, 3}};
    size_t turn = 100 * output + cost;
    for (size_t i = 0; i < SHAPES; i++, turn++)
        check_shape(&shapes[i], 1 + turn % (op_activation_end() - 1), output, cost, turn);
    for (size_t hidden = 1; hidden < op_activation_end(); hidden++, turn++)
        check_shape(&for_hidden, hidden, output, cost, turn);
}

static void test_every_op_with_every_cost(void **state) {
    (void)state;
    for (size_t output = 0; output < op_activation_end(); output++)
        for (size_t cost = 0; cost < cost_count; cost++)
            if (ops[output].kind == OP_ACTIVATION && nets_can_meet(&ops[output], &costs[cost]))
                check_output_and_cost(output, (nudge_cost)cost);
    print_message("largest error against dual numbers %.1e, against differences %.1e\n", worst_dual,
                  worst_difference);
}

/* -- the tables -- */

/* Dense is in every net; each other row must be known to the reference, and nothing else be known to it. */
static void test_reference_knows_every_row(void **state) {
    (void)state;
    size_t known_ops = 1, known_costs = 1;
    assert_string_equal(ops[0].name, "dense");
    assert_string_equal(costs[0].name, "auto");
    for (size_t i = 1; i < op_activation_end(); i++, known_ops++)
        if (!dual_find_activation(ops[i].name))
            fail_msg("dual.h does not know the op %s: add its formula", ops[i].name);
    for (size_t i = 1; i < cost_count; i++, known_costs++)
        if (!dual_find_cost(costs[i].name))
            fail_msg("dual.h does not know the cost %s: add its formula", costs[i].name);
    assert_int_equal(known_ops, 1 + sizeof dual_activations / sizeof *dual_activations);
    assert_int_equal(known_costs, 1 + sizeof dual_costs / sizeof *dual_costs);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_knows_every_row),
        cmocka_unit_test(test_every_op_with_every_cost),
    };
    return cmocka_run_group_tests(tests, levels_open, levels_close);
}
