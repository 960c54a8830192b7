/* Forward-mode derivatives with dual numbers (Clifford 1873): the second opinion on backpropagation.
 *
 * A dual number is v + d ε with ε² = 0. Where one parameter is p + 1 ε and everything else is constant, the
 * formula of the cost, computed as it is written, gives C + (∂C/∂p) ε. Invariant: nothing here comes from
 * the library, neither its headers nor its way of computing: weights are canonical [outputs][inputs],
 * examples go through one at a time, and every derivative follows from the rules for + · / exp ln tanh erf
 * and |x| alone. */
#ifndef NUDGE_TESTS_DUAL_H
#define NUDGE_TESTS_DUAL_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* `reached`: a path of factors that are not 0 leads here from the parameter. Without one d is 0 in every
 * way to compute it; with one it may still cancel to 0 or to a rounding error. */
struct dual {
    double v, d;
    bool reached;
};

/* -- arithmetic -- */

static inline struct dual dual_constant(double v) {
    return (struct dual){v, 0, false};
}
static inline struct dual dual_add(struct dual a, struct dual b) {
    return (struct dual){a.v + b.v, a.d + b.d, a.reached || b.reached};
}
static inline struct dual dual_subtract(struct dual a, struct dual b) {
    return (struct dual){a.v - b.v, a.d - b.d, a.reached || b.reached};
}
static inline struct dual dual_multiply(struct dual a, struct dual b) {
    bool reached = (a.reached && b.v != 0) || (b.reached && a.v != 0);
    return (struct dual){a.v * b.v, a.d * b.v + a.v * b.d, reached};
}
static inline struct dual dual_scale(double factor, struct dual a) {
    return (struct dual){factor * a.v, factor * a.d, a.reached && factor != 0};
}
static inline struct dual dual_divide(struct dual a, struct dual b) {
    double d = (a.d * b.v - a.v * b.d) / (b.v * b.v);
    return (struct dual){a.v / b.v, d, a.reached || (b.reached && a.v != 0)};
}
static inline struct dual dual_exp(struct dual a) {
    return (struct dual){exp(a.v), exp(a.v) * a.d, a.reached};
}
static inline struct dual dual_log(struct dual a) {
    return (struct dual){log(a.v), a.d / a.v, a.reached};
}
static inline struct dual dual_tanh(struct dual a) {
    return (struct dual){tanh(a.v), a.d / (cosh(a.v) * cosh(a.v)), a.reached};
}
static inline struct dual dual_erf(struct dual a) {
    return (struct dual){erf(a.v), 2 / sqrt(acos(-1)) * exp(-a.v * a.v) * a.d, a.reached};
}
/* 0 at the kink. */
static inline struct dual dual_abs(struct dual a) {
    return (struct dual){fabs(a.v), a.v > 0 ? a.d : a.v < 0 ? -a.d : 0, a.reached && a.v != 0};
}

/* -- activations, from their formulas -- */

typedef void dual_activation(struct dual *a, const struct dual *z, size_t count, double value);

static inline void dual_identity(struct dual *a, const struct dual *z, size_t count, double value) {
    (void)value;
    for (size_t j = 0; j < count; j++) a[j] = z[j];
}

static inline struct dual dual_logistic(struct dual z) {
    struct dual one = dual_constant(1);
    return dual_divide(one, dual_add(one, dual_exp(dual_scale(-1, z))));
}

static inline void dual_sigmoid(struct dual *a, const struct dual *z, size_t count, double value) {
    (void)value;
    for (size_t j = 0; j < count; j++) a[j] = dual_logistic(z[j]);
}

static inline void dual_tanh_each(struct dual *a, const struct dual *z, size_t count, double value) {
    (void)value;
    for (size_t j = 0; j < count; j++) a[j] = dual_tanh(z[j]);
}

static inline void dual_lecun_tanh(struct dual *a, const struct dual *z, size_t count, double value) {
    (void)value;
    for (size_t j = 0; j < count; j++) a[j] = dual_scale(1.7159, dual_tanh(dual_scale(2.0 / 3.0, z[j])));
}

/* z for z > 0, else s z; so the derivative at 0 is the one from below. Below, too, for those that follow. */
static inline void dual_leaky_relu(struct dual *a, const struct dual *z, size_t count, double s) {
    for (size_t j = 0; j < count; j++) a[j] = z[j].v > 0 ? z[j] : dual_scale(s, z[j]);
}

static inline void dual_relu(struct dual *a, const struct dual *z, size_t count, double value) {
    (void)value;
    for (size_t j = 0; j < count; j++) a[j] = z[j].v > 0 ? z[j] : dual_constant(0);
}

static inline void dual_elu(struct dual *a, const struct dual *z, size_t count, double alpha) {
    for (size_t j = 0; j < count; j++)
        a[j] = z[j].v > 0 ? z[j] : dual_scale(alpha, dual_subtract(dual_exp(z[j]), dual_constant(1)));
}

/* λ and α to the digits of the paper's appendix. */
static inline void dual_selu(struct dual *a, const struct dual *z, size_t count, double value) {
    (void)value;
    dual_elu(a, z, count, 1.6732632423543772848170429916717);
    for (size_t j = 0; j < count; j++) a[j] = dual_scale(1.0507009873554804934193349852946, a[j]);
}

static inline void dual_gelu(struct dual *a, const struct dual *z, size_t count, double value) {
    (void)value;
    for (size_t j = 0; j < count; j++) {
        struct dual error = dual_erf(dual_scale(1 / sqrt(2), z[j]));
        a[j] = dual_multiply(z[j], dual_scale(0.5, dual_add(dual_constant(1), error)));
    }
}

static inline void dual_silu(struct dual *a, const struct dual *z, size_t count, double value) {
    (void)value;
    for (size_t j = 0; j < count; j++) a[j] = dual_multiply(z[j], dual_logistic(z[j]));
}

static inline void dual_softplus(struct dual *a, const struct dual *z, size_t count, double value) {
    (void)value;
    for (size_t j = 0; j < count; j++) a[j] = dual_log(dual_add(dual_constant(1), dual_exp(z[j])));
}

static inline void dual_softsign(struct dual *a, const struct dual *z, size_t count, double value) {
    (void)value;
    for (size_t j = 0; j < count; j++)
        a[j] = dual_divide(z[j], dual_add(dual_constant(1), dual_scale(z[j].v < 0 ? -1 : 1, z[j])));
}

static inline void dual_softmax(struct dual *a, const struct dual *z, size_t count, double value) {
    (void)value;
    struct dual sum = dual_constant(0);
    for (size_t j = 0; j < count; j++) sum = dual_add(sum, dual_exp(z[j]));
    for (size_t j = 0; j < count; j++) a[j] = dual_divide(dual_exp(z[j]), sum);
}

static const struct {
    const char *name;
    dual_activation *function;
} dual_activations[] = {
    {"identity", dual_identity}, {"sigmoid", dual_sigmoid},
    {"tanh", dual_tanh_each},    {"lecun-tanh", dual_lecun_tanh},
    {"relu", dual_relu},         {"leaky-relu", dual_leaky_relu},
    {"elu", dual_elu},           {"selu", dual_selu},
    {"gelu", dual_gelu},         {"silu", dual_silu},
    {"softplus", dual_softplus}, {"softsign", dual_softsign},
    {"softmax", dual_softmax},
};

/* NULL when the reference does not know it. */
static inline dual_activation *dual_find_activation(const char *name) {
    for (size_t i = 0; i < sizeof dual_activations / sizeof *dual_activations; i++)
        if (strcmp(dual_activations[i].name, name) == 0) return dual_activations[i].function;
    return NULL;
}

/* -- costs of one example, from their formulas -- */

typedef struct dual dual_cost(const struct dual *a, const double *y, size_t count, double delta);

static inline struct dual dual_quadratic(const struct dual *a, const double *y, size_t count, double delta) {
    (void)delta;
    struct dual sum = dual_constant(0);
    for (size_t j = 0; j < count; j++) {
        struct dual r = dual_subtract(a[j], dual_constant(y[j]));
        sum = dual_add(sum, dual_multiply(r, r));
    }
    return sum;
}

static inline struct dual dual_absolute(const struct dual *a, const double *y, size_t count, double delta) {
    (void)delta;
    struct dual sum = dual_constant(0);
    for (size_t j = 0; j < count; j++)
        sum = dual_add(sum, dual_abs(dual_subtract(a[j], dual_constant(y[j]))));
    return sum;
}

static inline struct dual dual_huber(const struct dual *a, const double *y, size_t count, double delta) {
    struct dual sum = dual_constant(0);
    for (size_t j = 0; j < count; j++) {
        struct dual r = dual_subtract(a[j], dual_constant(y[j]));
        struct dual inside = dual_scale(0.5, dual_multiply(r, r));
        struct dual outside = dual_scale(delta, dual_subtract(dual_abs(r), dual_constant(0.5 * delta)));
        sum = dual_add(sum, fabs(r.v) <= delta ? inside : outside);
    }
    return sum;
}

static inline struct dual dual_binary_cross_entropy(const struct dual *a, const double *y, size_t count,
                                                    double delta) {
    (void)delta;
    struct dual sum = dual_constant(0);
    for (size_t j = 0; j < count; j++) {
        struct dual is = dual_scale(y[j], dual_log(a[j]));
        struct dual is_not = dual_scale(1 - y[j], dual_log(dual_subtract(dual_constant(1), a[j])));
        sum = dual_subtract(sum, dual_add(is, is_not));
    }
    return sum;
}

static inline struct dual dual_cross_entropy(const struct dual *a, const double *y, size_t count,
                                             double delta) {
    (void)delta;
    struct dual sum = dual_constant(0);
    for (size_t j = 0; j < count; j++) sum = dual_subtract(sum, dual_scale(y[j], dual_log(a[j])));
    return sum;
}

static const struct {
    const char *name;
    dual_cost *function;
} dual_costs[] = {
    {"quadratic", dual_quadratic},
    {"absolute", dual_absolute},
    {"huber", dual_huber},
    {"binary-cross-entropy", dual_binary_cross_entropy},
    {"cross-entropy", dual_cross_entropy},
};

static inline dual_cost *dual_find_cost(const char *name) {
    for (size_t i = 0; i < sizeof dual_costs / sizeof *dual_costs; i++)
        if (strcmp(dual_costs[i].name, name) == 0) return dual_costs[i].function;
    return NULL;
}

/* -- a network -- */

enum { DUAL_MOST_LAYERS = 4, DUAL_MOST_NEURONS = 320 };

struct dual_layer {
    size_t inputs, outputs;
    double *w, *b; /* [outputs][inputs], [outputs] */
    dual_activation *activation;
    double value;
};

struct dual_net {
    size_t layers;
    struct dual_layer layer[DUAL_MOST_LAYERS]; /* layer l of the lesson is layer[l - 1] */
    dual_cost *cost;
    double delta;
};

/* The parameter that is p + 1 ε: w^(layer)[output][input], or b^(layer)[output]. Layer 0: none. */
struct dual_seed {
    size_t layer;
    bool bias;
    size_t output, input;
};

/* What one example leaves behind. */
struct dual_trace {
    struct dual z[DUAL_MOST_LAYERS][DUAL_MOST_NEURONS], a[DUAL_MOST_LAYERS][DUAL_MOST_NEURONS];
};

/* dense: z_j = Σ_k w_jk a_k + b_j. */
static inline void dual_dense(struct dual *z, const struct dual_layer *layer, const struct dual *a,
                              const struct dual_seed *seed) {
    for (size_t j = 0; j < layer->outputs; j++) {
        const double *w = layer->w + j * layer->inputs;
        z[j] = dual_constant(layer->b[j]);
        for (size_t k = 0; k < layer->inputs; k++) z[j] = dual_add(z[j], dual_scale(w[k], a[k]));
    }
    if (!seed) return;
    struct dual *nudged = &z[seed->output];
    nudged->d += seed->bias ? 1 : a[seed->input].v;
    nudged->reached = nudged->d != 0;
}

/* Every z and a of one example, up to layer `last`. */
static inline void dual_forward(struct dual_trace *trace, const struct dual_net *net, const double *x,
                                size_t last, const struct dual_seed *seed) {
    struct dual input[DUAL_MOST_NEURONS];
    for (size_t k = 0; k < net->layer[0].inputs; k++) input[k] = dual_constant(x[k]);
    for (size_t l = 1; l <= last; l++) {
        const struct dual_layer *layer = &net->layer[l - 1];
        dual_dense(trace->z[l - 1], layer, l > 1 ? trace->a[l - 2] : input, seed->layer == l ? seed : NULL);
        layer->activation(trace->a[l - 1], trace->z[l - 1], layer->outputs, layer->value);
    }
}

/* C_0 of one example, and its derivative by the seed. */
static inline struct dual dual_example(struct dual_trace *trace, const struct dual_net *net, const double *x,
                                       const double *y, const struct dual_seed *seed) {
    dual_forward(trace, net, x, net->layers, seed);
    return net->cost(trace->a[net->layers - 1], y, net->layer[net->layers - 1].outputs, net->delta);
}

#endif
