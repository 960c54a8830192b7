/* f32 beside f64: every z, a, C_0, δ and gradient of the f32 plan, at every CPU level, lies within a bound that is
 * derived here, not chosen.
 *
 * Let u = 2^-24 and γ_n = n u / (1 - n u). A sum of n products in f32, whatever its order, is off by at most
 * γ_n Σ|terms| (Higham 2002, §3.1); one more for a bias to begin with. Elementary functions are within 4 ULP, that is
 * 8u of their value. An error e of what a function is given passes through it times its Lipschitz constant L. With
 * hats for f32, and |x̂| <= |x| + e_x throughout:
 *
 *   z = Σ w x + b        e_z = γ_{n+1} (Σ |w| (|x| + e_x) + |b|) + Σ |w| e_x
 *   a = σ(z)             e_a = L e_z + u [K (|a| + L e_z) + Z (|z| + e_z)]        K, Z: roundings inside σ
 *   s = σ'(z)            e_s = L' e_z + A e_a (1 + e_a) + u [C + D (|z| + e_z) + S (|s| + L' e_z + A e_a)]
 *   δ = s d              e_δ = |s| e_d + (|d| + e_d) e_s + u (|s| + e_s) (|d| + e_d)
 *   d = wᵀ δ             e_d = γ_m Σ |w| (|δ| + e_δ) + Σ |w| e_δ
 *   ∂C/∂w = Σ δ x        γ_r Σ (|δ| + e_δ) (|x| + e_x) + Σ (|δ| e_x + e_δ |x| + e_δ e_x)
 *
 * L, L' are the largest slopes of σ and σ'; A that of σ' as computed from a. What is of the order of u² in K .. S is
 * covered by SECOND_ORDER. The table below has the constants; an op that is missing in it fails the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "nets.h"

static const double U = 0x1p-24, SECOND_ORDER = 1.001;

static double gamma_of(size_t n) {
    return (double)n * U / (1 - (double)n * U);
}

/* -- ops -- */

struct op_bound {
    const char *name;
    bool by_value; /* L is max(1, value) and L' is L' times the value */
    double L, K, Z, slope_L, A, C, D, S;
};

/* Where the roundings are: f a function (8), c a rounded constant (1), · and + one operation (1) each.
 *   sigmoid    f; a(1-a): + ·             tanh       f; (1-a)(1+a): + + ·
 *   lecun      A tanh(S z): c · f c ·, the first two of z; (S/A)(A-a)(A+a): each bracket off by 3uA, six S, A, ·
 *   leaky      c ·; c                     elu        c f ·; c f · beside δ's own      selu  the same
 *   gelu       Φ: ½ erf(c ·), erf off by 8u + sup|x erf'| 2u, then +: 5.6u; σ' = Φ + z φ(z) with φ off by (10 + z²/2) u
 *              and sup|zφ| = 0.242, sup|z³φ| = 0.463: 5.6 + 2.9 + 2 + ..
 *   silu       f ·; 1-s off by 9u, times z; then · + ·                               softplus  f; f */
static const struct op_bound op_bounds[] = {
    {"identity", false, 1, 0, 0, 0, 0, 0, 0, 0},
    {"sigmoid", false, 0.25, 8, 0, 0, 1, 0, 0, 3},
    {"tanh", false, 1, 8, 0, 0, 2, 0, 0, 4},
    {"lecun-tanh", false, 1.144, 10.1, 2.41, 0, 1.334, 14, 0, 6},
    {"relu", false, 1, 0, 0, 0, 0, 0, 0, 0},
    {"leaky-relu", true, 1, 2, 0, 0, 0, 0, 0, 1},
    {"elu", true, 1, 10, 0, 1, 0, 0, 0, 11},
    {"selu", false, 1.7581, 10, 0, 1.7581, 0, 0, 0, 11},
    {"gelu", false, 1.13, 1, 5.6, 0.8, 0, 11, 0, 1},
    {"silu", false, 1.1, 9, 0, 0.5, 0, 14, 10.2, 0},
    {"softplus", false, 1, 8, 0, 0.25, 0, 0, 0, 8},
    {"softmax", false, 0, 0, 0, 0, 0, 0, 0, 0}, /* by its row: softmax_forward, softmax_backward */
};

static struct op_bound bound_of(const struct net_op *activation) {
    for (size_t i = 0; i < sizeof op_bounds / sizeof *op_bounds; i++) {
        struct op_bound bound = op_bounds[i];
        if (strcmp(bound.name, activation->op->name)) continue;
        if (bound.by_value) {
            bound.L = activation->value > 1 ? activation->value : 1;
            bound.slope_L *= activation->value;
        }
        return bound;
    }
    fail_msg("no error bound is known for the op %s", activation->op->name);
    return op_bounds[0];
}

/* One layer of one row: the exact numbers and how far the f32 ones may be from them. */
struct row_bound {
    size_t count;
    double z[DUAL_MOST_NEURONS], a[DUAL_MOST_NEURONS], d[DUAL_MOST_NEURONS], delta[DUAL_MOST_NEURONS];
    double e_z[DUAL_MOST_NEURONS], e_a[DUAL_MOST_NEURONS], e_d[DUAL_MOST_NEURONS], e_delta[DUAL_MOST_NEURONS];
};

static void each_forward(struct row_bound *row, const struct op_bound *b) {
    for (size_t j = 0; j < row->count; j++) {
        double passed = b->L * row->e_z[j];
        row->e_a[j] = passed + U * (b->K * (fabs(row->a[j]) + passed) + b->Z * (fabs(row->z[j]) + row->e_z[j]));
    }
}

static void each_backward(struct row_bound *row, const struct op_bound *b, const struct net_op *activation) {
    dual_activation *function = dual_find_activation(activation->op->name);
    for (size_t j = 0; j < row->count; j++) {
        struct dual z = {row->z[j], 1, true}, a;
        function(&a, &z, 1, activation->value);
        double s = fabs(a.d), d = fabs(row->d[j]), e_d = row->e_d[j];
        double passed = b->slope_L * row->e_z[j] + b->A * row->e_a[j] * (1 + row->e_a[j]);
        double e_s = passed + U * (b->C + b->D * (fabs(row->z[j]) + row->e_z[j]) + b->S * (s + passed));
        row->e_delta[j] = s * e_d + (d + e_d) * e_s + U * (s + e_s) * (d + e_d);
    }
}

static double largest(const double *values, size_t count) {
    double most = values[0];
    for (size_t j = 1; j < count; j++) most = values[j] > most ? values[j] : most;
    return most;
}

/* How far below the largest the lowest z is. */
static double spread(const struct row_bound *row) {
    double lowest = row->z[0], highest = largest(row->z, row->count);
    for (size_t j = 1; j < row->count; j++) lowest = row->z[j] < lowest ? row->z[j] : lowest;
    return highest - lowest;
}

/* Errors up to ε in z change a_j by a factor within e^±2ε. t = z - m is rounded once: a factor 1 + u|t|; e^t: 8u; the
 * sum of n: n u; both for numerator and sum; the division: u. */
static void softmax_forward(struct row_bound *row) {
    double n = (double)row->count, t = spread(row) + 2 * largest(row->e_z, row->count);
    double relative = U * (2 * (t + 8) + n + 1);
    double factor = exp(2 * largest(row->e_z, row->count)) * (1 + relative);
    for (size_t j = 0; j < row->count; j++) row->e_a[j] = row->a[j] * (factor - 1);
}

/* δ_j = a_j (d_j - Σ_k a_k d_k) */
static void softmax_backward(struct row_bound *row) {
    double along = 0, e_along = 0, size = 0;
    for (size_t k = 0; k < row->count; k++) {
        double a = row->a[k] + row->e_a[k], d = fabs(row->d[k]) + row->e_d[k];
        along += row->a[k] * row->d[k];
        size += a * d;
        e_along += a * d - row->a[k] * fabs(row->d[k]);
    }
    e_along += gamma_of(row->count) * size;
    for (size_t j = 0; j < row->count; j++) {
        double r = fabs(row->d[j] - along), e_r = row->e_d[j] + e_along;
        e_r += U * (r + e_r);
        row->e_delta[j] = (row->a[j] + row->e_a[j]) * (r + e_r) * (1 + U) - row->a[j] * r;
    }
}

/* -- costs: the bound of C_0, and of d: ∂C_0/∂a, or ∂C_0/∂z when fused -- */

struct cost_terms {
    double size, error; /* Σ |terms|, Σ of their errors */
};

static void add_term(struct cost_terms *terms, double size, double error) {
    terms->size += fabs(size) + error;
    terms->error += error;
}

static double residual_error(const struct row_bound *row, const double *y, size_t j) {
    return row->e_a[j] + U * (fabs(row->a[j] - y[j]) + row->e_a[j]);
}

static struct cost_terms quadratic_bound(struct row_bound *row, const double *y, double delta) {
    (void)delta;
    struct cost_terms terms = {0, 0};
    for (size_t j = 0; j < row->count; j++) {
        double r = fabs(row->a[j] - y[j]), e = residual_error(row, y, j);
        add_term(&terms, r * r, (r + e) * (r + e) * (1 + U) - r * r);
        row->e_d[j] = 2 * e;
    }
    return terms;
}

/* The signs agree: residuals stay away from 0. */
static struct cost_terms absolute_bound(struct row_bound *row, const double *y, double delta) {
    (void)delta;
    struct cost_terms terms = {0, 0};
    for (size_t j = 0; j < row->count; j++) {
        double r = fabs(row->a[j] - y[j]), e = residual_error(row, y, j);
        assert_true(r > e);
        add_term(&terms, r, e);
        row->e_d[j] = 0;
    }
    return terms;
}

/* d is an f32 number here. Inside ½r², two more roundings; outside d (|r| - ½d), two. */
static struct cost_terms huber_bound(struct row_bound *row, const double *y, double delta) {
    struct cost_terms terms = {0, 0};
    for (size_t j = 0; j < row->count; j++) {
        double r = fabs(row->a[j] - y[j]), e = residual_error(row, y, j);
        double inside = 0.5 * ((r + e) * (r + e) * (1 + U) - r * r), outside = delta * (e + 2 * U * (r + e));
        assert_true(fabs(r - delta) > e);
        add_term(&terms, r < delta ? 0.5 * r * r : delta * (r - 0.5 * delta), r < delta ? inside : outside);
        row->e_d[j] = e;
    }
    return terms;
}

/* softplus(z) - y z, each with its slope and rounding; d = a - y. */
static struct cost_terms binary_cross_entropy_bound(struct row_bound *row, const double *y, double delta) {
    (void)delta;
    struct cost_terms terms = {0, 0};
    for (size_t j = 0; j < row->count; j++) {
        double z = row->z[j], e_z = row->e_z[j], softplus = log1p(exp(z)), product = fabs(y[j] * z);
        double error = e_z + 8 * U * (softplus + e_z) + fabs(y[j]) * e_z + U * (product + fabs(y[j]) * e_z);
        add_term(&terms, softplus - y[j] * z, error + U * (fabs(softplus - y[j] * z) + error));
        row->e_d[j] = residual_error(row, y, j);
    }
    return terms;
}

/* y_j (N - z_j), N = m + ln Σ e^(z - m): errors ε of z move N by ε at most; the sum is off by a factor within
 * 1 ± u (t + 8 + n); the logarithm by 8u of itself. d = a_j Σ y - y_j. */
static struct cost_terms cross_entropy_bound(struct row_bound *row, const double *y, double delta) {
    (void)delta;
    struct cost_terms terms = {0, 0};
    double n = (double)row->count, m = largest(row->z, row->count), most = largest(row->e_z, row->count);
    double sum = 0, total = 0;
    for (size_t j = 0; j < row->count; j++) sum += exp(row->z[j] - m), total += y[j];
    double N = m + log(sum);
    double e_N = most + U * (spread(row) + 2 * most + 8 + n) + 8 * U * log(sum) + U * (fabs(N) + most);
    for (size_t j = 0; j < row->count; j++) {
        double t = fabs(N - row->z[j]), e_t = e_N + row->e_z[j], product = row->a[j] * total;
        e_t += U * (t + e_t);
        add_term(&terms, y[j] * t, y[j] * (e_t + U * (t + e_t)));
        double e = row->e_a[j] * total + (row->a[j] + row->e_a[j]) * total * (gamma_of(row->count) + U);
        row->e_d[j] = e + U * (fabs(product - y[j]) + e);
    }
    return terms;
}

static const struct {
    const char *name;
    struct cost_terms (*bound)(struct row_bound *row, const double *y, double delta);
} cost_bounds[] = {
    {"quadratic", quadratic_bound},
    {"absolute", absolute_bound},
    {"huber", huber_bound},
    {"binary-cross-entropy", binary_cross_entropy_bound},
    {"cross-entropy", cross_entropy_bound},
};

/* -- a network -- */

struct subject {
    const struct net_made *made;
    struct plan *exact, *plan;              /* f64, f32 */
    struct row_bound *rows[DUAL_MOST_LAYERS]; /* [rows], layer by layer */
    double *cost;                           /* [rows] */
};

static double worst_share, worst_bound;

/* Beside the exact number. `scale` is the largest of its kind: a bound that reaches it would say nothing. */
static void compare(const struct subject *subject, const char *what, size_t layer, double found, double exact,
                    double bound, double scale) {
    const struct net_case *given = subject->made->given;
    double error = fabs(found - exact);
    bound *= SECOND_ORDER;
    if (!(error <= bound + 1e-13 * scale)) /* f64 has errors, too */
        fail_msg("\"%s\" with %zu inputs, cost %s, %zu rows, CPU level %s: %s of layer %zu is %.9g, exactly %.17g: error "
                 "%.3g, at most %.3g was allowed",
                 nudge_net_text(subject->made->net), given->shape.inputs, costs[given->cost].name, given->shape.rows,
                 nudge_context_cpu_level(subject->plan->context), what, layer, found, exact, error, bound);
    if (bound > 0 && error / bound > worst_share) worst_share = error / bound;
    if (scale > 0 && bound / scale > worst_bound) worst_bound = bound / scale;
}

/* Number j of row r in a step's buffer y or d. */
static double number(const struct plan *plan, const struct plan_step *step, const void *buffer, size_t r, size_t j) {
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
    const char *name = costs[given->cost].name;
    for (size_t i = 0; i < sizeof cost_bounds / sizeof *cost_bounds; i++) {
        if (strcmp(cost_bounds[i].name, name)) continue;
        struct cost_terms terms = cost_bounds[i].bound(row, y, given->delta);
        subject->cost[r] = terms.error + gamma_of(row->count) * terms.size;
        return;
    }
    fail_msg("no error bound is known for the cost %s", name);
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

static void compare_buffer(const struct subject *subject, const char *what, size_t l, const struct plan_step *found,
                           const void *numbers, size_t exact_at, size_t bound_at) {
    double scale = 0;
    for (size_t r = 0; r < subject->made->given->shape.rows; r++)
        for (size_t j = 0; j < found->link->outputs; j++) {
            const double *row = (const double *)((const char *)&subject->rows[l - 1][r] + exact_at);
            scale = fabs(row[j]) > scale ? fabs(row[j]) : scale;
        }
    for (size_t r = 0; r < subject->made->given->shape.rows; r++)
        for (size_t j = 0; j < found->link->outputs; j++) {
            const char *row = (const char *)&subject->rows[l - 1][r];
            compare(subject, what, l, number(subject->plan, found, numbers, r, j), ((const double *)(row + exact_at))[j],
                    ((const double *)(row + bound_at))[j], scale);
        }
}

static void compare_layer(const struct subject *subject, size_t l) {
    const struct plan_step *dense = plan_dense(subject->plan, l), *activation = plan_activation(subject->plan, l);
    compare_buffer(subject, "z", l, dense, dense->y, offsetof(struct row_bound, z), offsetof(struct row_bound, e_z));
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
    size_t place = bias ? dense->bias + j : dense->weight + panel_weight_index(dense->inputs, j, k);
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
        compare(subject, "C_0", subject->made->dual.layers, plan_get(subject->plan, subject->plan->each, r), exact,
                subject->cost[r], fabs(exact));
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
    for (size_t l = 1; l <= layers; l++) subject->rows[l - 1] = nets_allocate(rows, sizeof *subject->rows[l - 1]);
    for (size_t r = 0; r < rows; r++) {
        for (size_t l = 1; l <= layers; l++) bound_forward(subject, l, r);
        bound_cost(subject, r);
        for (size_t l = layers; l >= 1; l--) bound_backward(subject, l, r);
    }
}

/* -- every op, every cost, every level -- */

static nudge_context *contexts[CPU_LEVELS];
static size_t levels;

static int set_up(void **state) {
    (void)state;
    for (int level = NUDGE_CPU_BASE; level <= NUDGE_CPU_V4; level++) {
        nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
        options.threads = 1;
        options.cpu_level = (nudge_cpu_level)level;
        if (nudge_context_create(&options, &contexts[levels], NULL) == NUDGE_OK) levels++;
    }
    return levels ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    for (size_t i = 0; i < levels; i++) nudge_context_free(contexts[i]);
    return 0;
}

static struct plan *plan_run(nudge_context *context, const struct net_made *made, enum precision precision) {
    size_t rows = made->given->shape.rows;
    struct plan *plan = nets_plan(context, made->net, precision, rows);
    struct walk_cost cost = cost_for_walk(&made->chosen);
    nets_load(plan, made, 0, rows);
    walk_both(plan, rows, &cost, false);
    return plan;
}

static void check_case(const struct net_case *given) {
    struct net_made made = nets_make(contexts[0], given);
    struct subject subject = {.made = &made, .exact = plan_run(contexts[0], &made, PRECISION_F64)};
    bound_all(&subject);
    for (size_t level = 0; level < levels; level++) {
        subject.plan = plan_run(contexts[level], &made, PRECISION_F32);
        compare_all(&subject);
        free(subject.plan);
    }
    for (size_t l = 0; l < made.dual.layers; l++) free(subject.rows[l]);
    free(subject.cost);
    free(subject.exact);
    nets_free(&made);
}

static const struct net_shape shapes[] = {
    {1, 1, 1, {1}},           {7, 33, 1, {3}},       {33, 64, 2, {64, 16}},
    {17, 15, 3, {33, 2, 17}}, {3, 7, 4, {16, 3, 15, 7}}, {2, 3, 2, {1, 33}},
};

static void check_shape(const struct net_shape *shape, size_t output, nudge_cost cost, size_t turn) {
    static const double values[] = {0.25, 1.75, 0.1};
    struct net_case given = {.shape = *shape, .cost = cost, .delta = 0.75, .seed = 77 + turn};
    for (size_t l = 0; l < shape->layers; l++) {
        size_t op = l + 1 == shape->layers ? output : 1 + (turn + 5 * l) % (op_count - 1);
        given.activation[l] = &ops[op];
        given.value[l] = ops[op].takes_value ? values[turn % 3] : 0;
    }
    check_case(&given);
}

static void test_f32_stays_within_its_bounds(void **state) {
    (void)state;
    size_t turn = 0;
    for (size_t output = 1; output < op_count; output++)
        for (size_t cost = 1; cost < cost_count; cost++)
            for (size_t s = 0; nets_can_meet(&ops[output], &costs[cost]) && s < sizeof shapes / sizeof *shapes; s++)
                check_shape(&shapes[s], output, (nudge_cost)cost, turn++);
    print_message("errors reach %.0f %% of their bounds at most; the bounds reach %.1e of the largest number of a kind\n",
                  100 * worst_share, worst_bound);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f32_stays_within_its_bounds),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
