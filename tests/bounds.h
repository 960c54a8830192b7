/* How far a number that was computed in f32 may be from the exact one: bounds derived from how it is
 * computed.
 *
 * Let u = 2^-24 and γ_n = n u / (1 - n u). A sum of n products in f32, whatever its order, is off by at
 * most γ_n Σ|terms| (Higham 2002, §3.1); one more for a bias to begin with. Elementary functions are within
 * 4 ULP, that is 8u of their value. An error e of what a function is given passes through it times its
 * Lipschitz constant L. With hats for f32, and |x̂| <= |x| + e_x throughout:
 *
 *   z = Σ w x + b        e_z = γ_{n+1} (Σ |w| (|x| + e_x) + |b|) + Σ |w| e_x
 *   a = σ(z)             e_a = L e_z + u [K (|a| + L e_z) + Z (|z| + e_z)]        K, Z: roundings inside σ
 *   s = σ'(z)            e_s = L' e_z + A e_a (1 + e_a) + u [C + D (|z| + e_z) + S (|s| + L' e_z + A e_a)]
 *   δ = s d              e_δ = |s| e_d + (|d| + e_d) e_s + u (|s| + e_s) (|d| + e_d)
 *   d = wᵀ δ             e_d = γ_m Σ |w| (|δ| + e_δ) + Σ |w| e_δ
 *   ∂C/∂w = Σ δ x        γ_r Σ (|δ| + e_δ) (|x| + e_x) + Σ (|δ| e_x + e_δ |x| + e_δ e_x)
 *
 * L, L' are the largest slopes of σ and σ'; A that of σ' as computed from a. What is of the order of u² in
 * K .. S is covered by SECOND_ORDER. Invariant: the tables have a row for each op and cost; one that is
 * missing fails the test. */
#ifndef NUDGE_TESTS_BOUNDS_H
#define NUDGE_TESTS_BOUNDS_H

#include "nets.h"

#define U 0x1p-24
#define SECOND_ORDER 1.001

static inline double gamma_of(size_t n) {
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
 *   lecun      A tanh(S z): c · f c ·, the first two of z;
 *              (S/A)(A-a)(A+a): each bracket off by 3uA, and six for S, A and products
 *   leaky      c ·; c                     elu        c f ·; c f · beside δ's own      selu  the same
 *   gelu       Φ: ½ erf(c ·), erf off by 8u + sup|x erf'| 2u, then +: 5.6u;
 *              σ' = Φ + z φ(z) with φ off by (10 + z²/2) u, sup|zφ| = 0.242, sup|z³φ| = 0.463
 *   silu       f ·; 1-s off by 9u, times z; then · + ·                               softplus  f; f
 *   softsign   + /; + / · */
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
    {"softsign", false, 1, 2, 0, 2, 0, 0, 0, 5},
    {"softmax", false, 0, 0, 0, 0, 0, 0, 0, 0}, /* by its row: softmax_forward, softmax_backward */
};

static inline struct op_bound bound_of(const struct net_op *activation) {
    for (size_t i = 0; i < sizeof op_bounds / sizeof *op_bounds; i++) {
        struct op_bound bound = op_bounds[i];
        if (strcmp(bound.name, activation->op->name)) continue;
        if (bound.by_value) {
            bound.L = activation->values[0] > 1 ? activation->values[0] : 1;
            bound.slope_L *= activation->values[0];
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

static inline void each_forward(struct row_bound *row, const struct op_bound *b) {
    for (size_t j = 0; j < row->count; j++) {
        double passed = b->L * row->e_z[j];
        row->e_a[j] =
            passed + U * (b->K * (fabs(row->a[j]) + passed) + b->Z * (fabs(row->z[j]) + row->e_z[j]));
    }
}

static inline void each_backward(struct row_bound *row, const struct op_bound *b,
                                 const struct net_op *activation) {
    dual_activation *function = dual_find_activation(activation->op->name);
    for (size_t j = 0; j < row->count; j++) {
        struct dual z = {row->z[j], 1, true}, a;
        function(&a, &z, 1, activation->values[0]);
        double s = fabs(a.d), d = fabs(row->d[j]), e_d = row->e_d[j];
        double passed = b->slope_L * row->e_z[j] + b->A * row->e_a[j] * (1 + row->e_a[j]);
        double e_s = passed + U * (b->C + b->D * (fabs(row->z[j]) + row->e_z[j]) + b->S * (s + passed));
        row->e_delta[j] = s * e_d + (d + e_d) * e_s + U * (s + e_s) * (d + e_d);
    }
}

static inline double largest(const double *values, size_t count) {
    double most = values[0];
    for (size_t j = 1; j < count; j++) most = values[j] > most ? values[j] : most;
    return most;
}

/* How far below the largest the lowest z is. */
static inline double spread(const struct row_bound *row) {
    double lowest = row->z[0], highest = largest(row->z, row->count);
    for (size_t j = 1; j < row->count; j++) lowest = row->z[j] < lowest ? row->z[j] : lowest;
    return highest - lowest;
}

/* Errors up to ε in z change a_j by a factor within e^±2ε. t = z - m is rounded once: a factor 1 + u|t|;
 * e^t: 8u; the sum of n: n u; both for numerator and sum; the division: u. */
static inline void softmax_forward(struct row_bound *row) {
    double n = (double)row->count, t = spread(row) + 2 * largest(row->e_z, row->count);
    double relative = U * (2 * (t + 8) + n + 1);
    double factor = exp(2 * largest(row->e_z, row->count)) * (1 + relative);
    for (size_t j = 0; j < row->count; j++) row->e_a[j] = row->a[j] * (factor - 1);
}

/* δ_j = a_j (d_j - Σ_k a_k d_k) */
static inline void softmax_backward(struct row_bound *row) {
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

static inline void add_term(struct cost_terms *terms, double size, double error) {
    terms->size += fabs(size) + error;
    terms->error += error;
}

static inline double residual_error(const struct row_bound *row, const double *y, size_t j) {
    return row->e_a[j] + U * (fabs(row->a[j] - y[j]) + row->e_a[j]);
}

static inline struct cost_terms quadratic_bound(struct row_bound *row, const double *y, double delta) {
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
static inline struct cost_terms absolute_bound(struct row_bound *row, const double *y, double delta) {
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
static inline struct cost_terms huber_bound(struct row_bound *row, const double *y, double delta) {
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

/* (max(z, 0) - y z) + ln(1 + e^-|z|): slopes 1 + |y| and 1 in z; roundings of y z, the difference, two
 * functions and the sum. d = a - y. */
static inline struct cost_terms binary_cross_entropy_bound(struct row_bound *row, const double *y,
                                                           double delta) {
    (void)delta;
    struct cost_terms terms = {0, 0};
    for (size_t j = 0; j < row->count; j++) {
        double z = row->z[j], passed = (2 + fabs(y[j])) * row->e_z[j], product = fabs(y[j] * z);
        double straight = fabs((z > 0 ? z : 0) - y[j] * z), e = exp(-fabs(z)), bent = log1p(e);
        double error = passed + U * (product + straight + 8 * e + 8 * bent + straight + bent + 3 * passed);
        add_term(&terms, straight + bent, error);
        row->e_d[j] = residual_error(row, y, j);
    }
    return terms;
}

/* y_j ((m - z_j) + N), N = ln(1 + rest): together they have slope 2 at most in the largest error ε of z.
 * The sum `rest` is off by a factor within 1 ± u (t + 8 + n), the logarithm by 8u of itself. d = a_j Σ y -
 * y_j. */
static inline struct cost_terms cross_entropy_bound(struct row_bound *row, const double *y, double delta) {
    (void)delta;
    struct cost_terms terms = {0, 0};
    double n = (double)row->count, m = largest(row->z, row->count), most = largest(row->e_z, row->count);
    double sum = 0, total = 0;
    for (size_t j = 0; j < row->count; j++) sum += exp(row->z[j] - m), total += y[j];
    double e_N = U * (spread(row) + 2 * most + 8 + n) + 8 * U * (log(sum) + most);
    for (size_t j = 0; j < row->count; j++) {
        double t = m - row->z[j] + log(sum), e_t = 2 * most + e_N + U * (m - row->z[j] + 2 * most);
        double product = row->a[j] * total;
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

typedef struct cost_terms cost_bound(struct row_bound *row, const double *y, double delta);

static inline cost_bound *cost_bound_of(const char *name) {
    for (size_t i = 0; i < sizeof cost_bounds / sizeof *cost_bounds; i++)
        if (strcmp(cost_bounds[i].name, name) == 0) return cost_bounds[i].bound;
    fail_msg("no error bound is known for the cost %s", name);
    return NULL;
}

#endif
