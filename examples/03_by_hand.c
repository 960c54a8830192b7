/* Backpropagation written by hand: a network is a few arrays, forward and backward are loops, and nothing of
 * the mathematics comes from a library but exp. Its gradients stand beside nudge's, to the last digit; then
 * the same loops learn to read digits. docs/backpropagation.md walks through it, and breaks it.
 *
 *     cc -O2 -ffp-contract=off 03_by_hand.c $(pkg-config --cflags --libs nudge) -lm -o by-hand && ./by-hand */
#include <nudge.h>
#include <nudge_insight.h>

#include <math.h>
#include <stdio.h>

/* Layer l has n[l] neurons; layer 0 is the input. w[l][j][k] leads to neuron j of layer l from neuron k of
 * layer l-1. */
enum { LAYERS = 3, NEURONS = 30, INPUTS = 784 }; /* room for so many */
static size_t layers, n[LAYERS + 1];
static double w[LAYERS + 1][NEURONS][INPUTS], b[LAYERS + 1][NEURONS];
static double a[LAYERS + 1][INPUTS], y[NEURONS]; /* activations; targets */
static double delta[LAYERS + 1][NEURONS];        /* ∂C_0/∂z, and so ∂C_0/∂b */
static double dw[LAYERS + 1][NEURONS][INPUTS];   /* ∂C_0/∂w */
static bool in_parts;                            /* see sum_in_parts */

/* 1 / (1 + e^-z), written so that the exponential never overflows. */
static double sigmoid(double z) {
    double e = exp(-fabs(z));
    return (z < 0 ? e : 1) / (1 + e);
}

static double weighted_sum(size_t l, size_t j) {
    double z = b[l][j];
    for (size_t k = 0; k < n[l - 1]; k++) z += w[l][j][k] * a[l - 1][k];
    return z;
}

/* The same terms in another order: a sum over 256 inputs or more is taken by nudge in four parts, each of
 * whole 16s, which are then added up. */
static double sum_in_parts(size_t l, size_t j) {
    double z = 0;
    for (size_t part = 0; part < 4; part++) {
        size_t begin = n[l - 1] / 16 * part / 4 * 16, end = n[l - 1] / 16 * (part + 1) / 4 * 16;
        double sum = part == 0 ? b[l][j] : 0;
        for (size_t k = begin; k < (part < 3 ? end : n[l - 1]); k++) sum += w[l][j][k] * a[l - 1][k];
        z += sum;
    }
    return z;
}

static void forward(void) {
    for (size_t l = 1; l <= layers; l++)
        for (size_t j = 0; j < n[l]; j++)
            a[l][j] = sigmoid(in_parts && n[l - 1] >= 256 ? sum_in_parts(l, j) : weighted_sum(l, j));
}

static void backward(void) {
    for (size_t l = layers; l >= 1; l--)
        for (size_t j = 0; j < n[l]; j++) {
            double dC_da = l == layers ? 2 * (a[l][j] - y[j]) : 0; /* from the cost, or */
            for (size_t i = 0; l < layers && i < n[l + 1]; i++)    /* the ledger of the layer behind */
                dC_da += w[l + 1][i][j] * delta[l + 1][i];
            delta[l][j] = dC_da * (a[l][j] * (1 - a[l][j]));
            for (size_t k = 0; k < n[l - 1]; k++) dw[l][j][k] = delta[l][j] * a[l - 1][k];
        }
}

static void descend(double rate) {
    for (size_t l = 1; l <= layers; l++)
        for (size_t j = 0; j < n[l]; j++) {
            b[l][j] -= rate * delta[l][j];
            for (size_t k = 0; k < n[l - 1]; k++) w[l][j][k] -= rate * dw[l][j][k];
        }
}

/* -- beside nudge -- */

/* Takes over the net's layers, weights and biases. */
static nudge_status take_net(const nudge_net *net, nudge_error *error) {
    static float numbers[NEURONS * INPUTS];
    nudge_status status = NUDGE_OK;
    layers = nudge_net_layers(net);
    n[0] = nudge_net_inputs(net);
    for (size_t l = 1; l <= layers && !status; l++) {
        nudge_layer layer = NUDGE_LAYER;
        nudge_net_layer(net, l, &layer);
        n[l] = layer.outputs;
        status = nudge_net_get_weights(net, l, numbers, n[l] * n[l - 1], error);
        for (size_t i = 0; i < n[l] * n[l - 1]; i++) w[l][i / n[l - 1]][i % n[l - 1]] = (double)numbers[i];
        if (!status) status = nudge_net_get_biases(net, l, numbers, n[l], error);
        for (size_t j = 0; j < n[l]; j++) b[l][j] = (double)numbers[j];
    }
    return status;
}

/* What is compared: the gradients of one row, for a new network with nudge's weights. */
struct trial {
    const char *title, *data, *net;
    nudge_part part;
    size_t row;
    bool in_parts; /* long sums in nudge's order */
    bool exact;    /* all bits must be the same */
    bool listed;
};

struct comparison {
    bool listed;
    size_t gradients, equal;
    double largest;   /* |nudge's gradient| */
    double off, ulps; /* the largest difference; and in units of the last digit */
};

static void compare(struct comparison *comparison, const char *name, double ours, double theirs) {
    double off = fabs(ours - theirs), ulp = nextafter(fabs(theirs), INFINITY) - fabs(theirs);
    comparison->gradients++;
    comparison->equal += ours == theirs;
    comparison->largest = fmax(comparison->largest, fabs(theirs));
    comparison->off = fmax(comparison->off, off);
    comparison->ulps = fmax(comparison->ulps, off / ulp);
    if (comparison->listed) printf("  %-10s %20.17f %20.17f\n", name, ours, theirs);
}

/* The same sums in another order differ by rounding: by far less than this share of the largest gradient. */
static void print_comparison(const struct comparison *comparison) {
    bool rounding = comparison->off < 1e-12 * comparison->largest;
    printf("  the same bits: %zu of %zu", comparison->equal, comparison->gradients);
    if (comparison->off > 0) printf("; the largest difference is %.2g, ", comparison->off);
    if (comparison->off > 0 && rounding)
        printf("%.2g units in the last place: rounding", comparison->ulps);
    else if (comparison->off > 0)
        printf("the largest gradient %.2g: WRONG", comparison->largest);
    printf("\n");
}

/* Walks forward and backward for the row that was explained, and compares. */
static nudge_status compare_all(const nudge_explanation *theirs, struct comparison *comparison,
                                nudge_error *error) {
    static double gradients[NEURONS * INPUTS];
    char name[80];
    nudge_status status = nudge_explanation_read(theirs, NUDGE_ACTIVATION, 0, a[0], n[0], error);
    if (!status) status = nudge_explanation_read(theirs, NUDGE_TARGET, 0, y, n[layers], error);
    forward();
    backward();
    for (size_t l = 1; l <= layers && !status; l++) {
        status = nudge_explanation_read(theirs, NUDGE_WEIGHT_GRADIENT, l, gradients, n[l] * n[l - 1], error);
        for (size_t i = 0; i < n[l] * n[l - 1] && !status; i++) {
            size_t j = i / n[l - 1], k = i % n[l - 1];
            snprintf(name, sizeof name, "w(%zu)[%zu][%zu]", l, j, k);
            compare(comparison, name, dw[l][j][k], gradients[i]);
        }
        if (!status) status = nudge_explanation_read(theirs, NUDGE_BIAS_GRADIENT, l, gradients, n[l], error);
        for (size_t j = 0; j < n[l] && !status; j++) {
            snprintf(name, sizeof name, "b(%zu)[%zu]", l, j);
            compare(comparison, name, delta[l][j], gradients[j]);
        }
    }
    return status;
}

/* `failed` becomes true where bits differ that must not. */
static nudge_status try(nudge_context *context, const struct trial *trial, bool *failed, nudge_error *error) {
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_explanation *theirs = NULL;
    struct comparison comparison = {.listed = trial->listed};
    printf("%s\n", trial->title);
    nudge_status status = nudge_data_generate(context, trial->data, 1, &data, error);
    if (!status) status = nudge_net_create(context, nudge_data_features(data), trial->net, 1, &net, error);
    if (!status) status = nudge_net_set_cost(net, NUDGE_COST_QUADRATIC, 0, error);
    if (!status) status = nudge_explanation_create(context, net, &theirs, error);
    if (!status) status = nudge_explanation_row(theirs, data, trial->part, trial->row, error);
    if (!status) status = take_net(net, error);
    in_parts = trial->in_parts;
    if (!status) status = compare_all(theirs, &comparison, error);
    if (!status) print_comparison(&comparison);
    *failed |= trial->exact && comparison.equal < comparison.gradients;
    nudge_explanation_free(theirs);
    nudge_net_free(net);
    nudge_data_free(data);
    return status;
}

/* -- learning -- */

/* Row `row` becomes the input and the target. */
static nudge_status take_row(const nudge_data *data, nudge_part part, size_t row, nudge_error *error) {
    float pixels[INPUTS], targets[NEURONS];
    nudge_status status = nudge_data_row(data, part, row, pixels, targets, error);
    for (size_t k = 0; k < n[0] && !status; k++) a[0][k] = (double)pixels[k] / 255;
    for (size_t j = 0; j < n[layers] && !status; j++) y[j] = (double)targets[j];
    return status;
}

/* One step for each training row, then the share of the test rows that are read. */
static nudge_status learn(const nudge_data *data, double rate, double *share, nudge_error *error) {
    size_t right = 0, rows = nudge_data_rows(data, NUDGE_PART_TEST);
    nudge_status status = NUDGE_OK;
    in_parts = false;
    for (size_t row = 0; row < nudge_data_rows(data, NUDGE_PART_TRAIN) && !status; row++) {
        status = take_row(data, NUDGE_PART_TRAIN, row, error);
        forward();
        backward();
        descend(rate);
    }
    for (size_t row = 0; row < rows && !status; row++) {
        size_t answer = 0;
        status = take_row(data, NUDGE_PART_TEST, row, error);
        forward();
        for (size_t j = 1; j < n[layers]; j++)
            if (a[layers][j] > a[layers][answer]) answer = j;
        right += y[answer] == 1;
    }
    *share = (double)right / (double)rows;
    return status;
}

int main(void) {
    static const struct trial trials[] = {
        {"chain 1-1-1-1, training row 0      by hand                nudge", "chain",
         "1 sigmoid, 1 sigmoid, 1 sigmoid", NUDGE_PART_TRAIN, 0, false, true, true},
        {"digits 784-30-10, test row 1: each z in one sum", "digits", "30 sigmoid, 10 sigmoid",
         NUDGE_PART_TEST, 1, false, false, false},
        {"digits 784-30-10, test row 1: sums over 784 inputs in nudge's order", "digits",
         "30 sigmoid, 10 sigmoid", NUDGE_PART_TEST, 1, true, true, false},
    };
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_data *digits = NULL;
    bool failed = false;
    double share = 0;

    nudge_status status = nudge_context_create(NULL, &context, &error);
    for (size_t i = 0; i < sizeof trials / sizeof *trials && !status; i++)
        status = try(context, &trials[i], &failed, &error);
    if (!status) status = nudge_data_generate(context, "digits", 1, &digits, &error);
    if (!status) status = learn(digits, 0.5, &share, &error); /* the last trial's network */
    if (!status)
        printf("after a step for each of its %zu training rows it reads %.1f %% of the test rows\n",
               nudge_data_rows(digits, NUDGE_PART_TRAIN), 100 * share);
    else
        fprintf(stderr, "%s\n", error.message);
    nudge_data_free(digits);
    nudge_context_free(context);
    return status || failed || share < 0.8;
}
