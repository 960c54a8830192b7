/* nudge, insight: what shows why. To be read after nudge.h, whose conventions hold:
 *
 *   1  checking gradients
 *   2  explaining an example, and gradients of many
 *   3  the cost surface
 *   4  the journal of a training
 */
#ifndef NUDGE_INSIGHT_H
#define NUDGE_INSIGHT_H

#include <nudge.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 1  CHECKING GRADIENTS
 * ---------------------
 * Compares backpropagation with central differences D(h) = (C(p+h) - C(p-h)) / 2h, in double precision. Where
 * one is further off than the tolerance, a second is taken and the error of order h² removed:
 * (4 D(h/2) - D(h)) / 3 (Richardson 1911). */

/* One parameter's derivative by both. */
typedef struct nudge_comparison {
    size_t struct_size; /* how much of it this library fills in */
    nudge_parameter parameter;
    double backpropagation, difference; /* ∂C/∂p by each */
    double error; /* |backpropagation - difference| / largest |gradient| (or C/1000, or 1e-5, if more) */
    bool kink;    /* a kink of relu or the like lies between p-h and p+h: left out, error says nothing */
} nudge_comparison;

typedef struct nudge_check_options {
    size_t struct_size;
    size_t rows;       /* the first so many rows of the part; any number: large batches go in portions */
    size_t parameters; /* how many are compared, chosen with `seed` over all layers; 0: every one */
    uint64_t seed;
    double tolerance; /* on the error */
    double step; /* h = step max(1, |p|), 1e-12 to 1; 0: 1e-5, which balances the formula's error, ~h², with
                    rounding's, ~1e-16 C / h */
    /* Called for every parameter, layer by layer. Returning false stops: NUDGE_OK, with result.stopped. */
    bool (*on_compared)(void *user, const nudge_comparison *comparison);
    void *user;
} nudge_check_options;

#define NUDGE_CHECK_OPTIONS                                                                                  \
    {                                                                                                        \
        .struct_size = sizeof(nudge_check_options), .rows = 8, .parameters = 1000, .seed = 1,                \
        .tolerance = 1e-6                                                                                    \
    }

typedef struct nudge_check_result {
    size_t struct_size;
    bool passed;     /* error <= tolerance */
    size_t compared; /* parameters */
    size_t kinks;    /* left out */
    double error;    /* the largest: see nudge_comparison */
    double largest_gradient;
    /* the worst parameter: */
    nudge_parameter parameter;          /* where the error is largest */
    double backpropagation, difference; /* ∂C/∂p by each */
    double step;                        /* that was taken */
    bool stopped;                       /* by on_compared */
} nudge_check_result;

#define NUDGE_CHECK_RESULT                                                                                   \
    { .struct_size = sizeof(nudge_check_result) }

NUDGE_API nudge_status nudge_check(nudge_context *context, const nudge_net *net, const nudge_data *data,
                                   nudge_part part, const nudge_check_options *options,
                                   nudge_check_result *result, nudge_error *error);

/* 2  EXPLAINING AN EXAMPLE, AND GRADIENTS OF MANY
 * ------------------------------------------------
 * The numbers of backpropagation on one example, in double precision, on the net's real parameters:
 *
 *     nudge_explanation_create(context, net, &explanation, &error);
 *     nudge_explanation_row(explanation, data, NUDGE_PART_TEST, 7, &error);
 *     nudge_explanation_read(explanation, NUDGE_DELTA, 2, delta, 10, &error);
 *
 * What a neuron "wishes" is -∂C_0/∂a: up where that is positive, down where it is negative, and how much. */

typedef struct nudge_explanation nudge_explanation;

/* `net` must outlive it, and keep its cost. */
NUDGE_API nudge_status nudge_explanation_create(nudge_context *context, const nudge_net *net,
                                                nudge_explanation **explanation, nudge_error *error);
NUDGE_API void nudge_explanation_free(nudge_explanation *explanation);

/* Walks forward and backward for one row of a part, with the parameters that the net has now. Allocates
 * nothing. */
NUDGE_API nudge_status nudge_explanation_row(nudge_explanation *explanation, const nudge_data *data,
                                             nudge_part part, size_t row, nudge_error *error);
/* The same for the caller's numbers: features[inputs] (as in the data), targets[outputs], finite; a
 * feature that is NaN is missing, to a net that was fitted on a table. */
NUDGE_API nudge_status nudge_explanation_numbers(nudge_explanation *explanation, const float *features,
                                                 const float *targets, nudge_error *error);

/* Copies what the walks found. `count` is the array's length and must be right: the layer's neurons;
 * NUDGE_WEIGHT_GRADIENT outputs * inputs; NUDGE_COST_EACH 1. Every gradient is of C_0, this example's cost.
 * With cross-entropy ∂C_0/∂a is infinite where the output that is asked for is exactly 0. */
NUDGE_API nudge_status nudge_explanation_read(const nudge_explanation *explanation, nudge_quantity quantity,
                                              size_t l, double *values, size_t count, nudge_error *error);

/* ∂z_j/∂a^(l)_k for one output neuron j of the last layer and all neurons k of layer l < L: what the answer
 * rests on. values[neurons of layer l]. */
NUDGE_API nudge_status nudge_explanation_influence(nudge_explanation *explanation, size_t output, size_t l,
                                                   double *values, size_t count, nudge_error *error);

/* One path by which a neuron k of layer l reaches the cost: through neuron j of layer l+1. */
typedef struct nudge_path {
    size_t neuron; /* j */
    double weight; /* w_jk^(l+1) */
    double delta;  /* δ_j^(l+1) */
    double share;  /* w_jk δ_j: what this path adds to ∂C_0/∂a_k */
} nudge_path;

/* The ledger of neuron k of layer l: ∂C_0/∂a_k as the sum over its paths, and from there δ_k. */
typedef struct nudge_ledger {
    size_t struct_size;
    nudge_path *paths; /* in: NULL or the caller's; out: the first path_count, by j */
    size_t path_count; /* in: room; out: neurons of layer l+1; 0 for the last layer, where the cost follows */
    double sum;        /* Σ_j w_jk δ_j, one after the other; of the last layer ∂C_0/∂a_k by the cost */
    double slope;      /* σ'(z_k); NaN for l = 0, which has no z */
    double others;     /* softmax: what z_k does to the cost through the other outputs; else 0 */
    double delta;      /* sum * slope + others; NaN for l = 0 */
    double walk_delta; /* δ_k as the backward walk found it, in double precision: delta up to rounding */
} nudge_ledger;

#define NUDGE_LEDGER                                                                                         \
    { .struct_size = sizeof(nudge_ledger) }

NUDGE_API nudge_status nudge_explanation_ledger(nudge_explanation *explanation, size_t l, size_t neuron,
                                                nudge_ledger *ledger, nudge_error *error);

/* One parameter changed by `by`, everything else left as it is. */
typedef struct nudge_change {
    size_t struct_size;
    double gradient;  /* ∂C_0/∂p */
    double predicted; /* ∂C_0/∂p by */
    double measured;  /* C_0(p + by) - C_0(p) */
    double rounding;  /* how much of `measured` may be rounding, to first order: twice Σ |δ_j| e_j over the
                         neurons that the change reaches, with e_j the bound on the error of z_j (Higham 2002,
                         section 3.1), and the cost's own */
    bool kink;        /* a kink of relu or the like lies between p and p + by */
} nudge_change;

#define NUDGE_CHANGE                                                                                         \
    { .struct_size = sizeof(nudge_change) }

/* The net is not changed. */
NUDGE_API nudge_status nudge_explanation_nudge(nudge_explanation *explanation,
                                               const nudge_parameter *parameter, double by,
                                               nudge_change *change, nudge_error *error);

/* From one to all: the gradient over many rows, and of one parameter for each of them. */
typedef struct nudge_gradient_options {
    size_t struct_size;
    const size_t *indices;            /* which rows of the part; NULL: the first ones */
    size_t rows;                      /* how many; 0: all */
    const nudge_parameter *parameter; /* whose gradient `each` gets; NULL: none */
    /* Called now and then. Returning false stops: NUDGE_OK, with result.stopped. */
    bool (*on_rows)(void *user, size_t done, size_t all);
    void *user;
    /* false: as the net predicts. true: as in step `step` = 1, 2, .. of a training with this seed, whose mini-batch the
     * rows are: with its dropout, and statistics over these rows. */
    bool training;
    uint64_t seed, step;
} nudge_gradient_options;

#define NUDGE_GRADIENT_OPTIONS                                                                               \
    { .struct_size = sizeof(nudge_gradient_options) }

typedef struct nudge_gradient_result {
    size_t struct_size;
    double *mean; /* in: NULL or the caller's [nudge_net_parameters()]; out: ∂C/∂p, canonical order */
    double *each; /* in: NULL or the caller's [rows]; out: ∂C_0/∂p of `parameter`, row by row */
    size_t rows;  /* that were walked */
    double cost;  /* C: the mean of C_0 over them */
    bool stopped; /* by on_rows: `mean` is left as it was, `each` has the first `rows` */
} nudge_gradient_result;

#define NUDGE_GRADIENT_RESULT                                                                                \
    { .struct_size = sizeof(nudge_gradient_result) }

NUDGE_API nudge_status nudge_gradient(nudge_context *context, const nudge_net *net, const nudge_data *data,
                                      nudge_part part, const nudge_gradient_options *options,
                                      nudge_gradient_result *result, nudge_error *error);

/* 3  THE COST SURFACE
 * --------------------
 * The cost C over a plane through parameter space: at (x, y) the parameters are origin + x across + y up,
 * vectors in canonical order [nudge_net_parameters()]. */

/* The plane that lies best among `count` points of paths, 3 to 4096, each [parameters]: their mean is the
 * origin, the two directions, of length 1, are their first principal components (Pearson 1901). explained
 * (may be NULL): which share of the points' spread each of them has; 0, and the direction is 0, where the
 * points lie on a line. */
NUDGE_API nudge_status nudge_plane_pca(nudge_context *context, const float *const *paths, size_t count,
                                       size_t parameters, float *origin, float *across, float *up,
                                       double explained[2], nudge_error *error);

/* Two random directions, each neuron's weights as long as the net's own, biases 0: "filter-normalised", so
 * that the scale of a layer does not show (Li et al. 2018). `count` is the vectors' length, nudge_net_parameters(). */
NUDGE_API nudge_status nudge_plane_random(const nudge_net *net, uint64_t seed, float *across, float *up,
                                          size_t count, nudge_error *error);

typedef struct nudge_surface_options {
    size_t struct_size;
    size_t rows;                       /* the first so many of the part; 0: all */
    const float *origin, *across, *up; /* [count] each, */
    size_t count;                      /* which is nudge_net_parameters() */
    double x_low, x_high, y_low, y_high;
    size_t columns, lines; /* points along x and y, 2 to 4096; the first and last stand on the ends */
    /* Called now and then. Returning false stops: NUDGE_OK, with result.stopped. */
    bool (*on_points)(void *user, size_t done, size_t all);
    void *user;
} nudge_surface_options;

#define NUDGE_SURFACE_OPTIONS                                                                                \
    {                                                                                                        \
        .struct_size = sizeof(nudge_surface_options), .x_low = -1, .x_high = 1, .y_low = -1, .y_high = 1,    \
        .columns = 51, .lines = 51                                                                           \
    }

typedef struct nudge_surface_result {
    size_t struct_size;
    double *costs; /* in: the caller's [lines][columns]; out: C, the first line at y_low */
    size_t rows;
    size_t checked; /* points that were computed again, from the beginning and in double precision */
    double error;   /* the largest relative difference there */
    bool stopped;   /* by on_points: `costs` are left as they were */
} nudge_surface_result;

#define NUDGE_SURFACE_RESULT                                                                                 \
    { .struct_size = sizeof(nudge_surface_result) }

/* `net` says what the network is; its own parameters are not used, and not changed. The same bits on any
 * number of threads. */
NUDGE_API nudge_status nudge_surface(nudge_context *context, const nudge_net *net, const nudge_data *data,
                                     nudge_part part, const nudge_surface_options *options,
                                     nudge_surface_result *result, nudge_error *error);

/* 4  THE JOURNAL OF A TRAINING
 * -----------------------------
 * What a training was like while it went on: the parameters (and the optimizer's state) at some of its
 * steps, and cost and gradient norms at all of them. As a training is a function of its start, data and
 * options, every step in between can be made again: so it can be asked of any step what moved a weight.
 *
 *     nudge_journal_create(context, NULL, &journal, &error);
 *     nudge_journal_grow(journal, "run.journal", false, &error); (may be left out)
 *     options.journal = journal;
 *     nudge_train(context, net, data, &options, NULL, &error);
 *     nudge_journal_save(journal, "run.journal", &error);
 *
 * Steps count from 1 over all epochs; step 0 is the start. */

typedef struct nudge_journal_options {
    size_t struct_size;
    size_t every;        /* a snapshot after every so many steps; 0: as many as fit, evenly, 256 at most */
    size_t every_epochs; /* or, when `every` is 0, after every so many epochs */
    size_t bytes;        /* for all of them, three at least; when they are full every second one is dropped
                            and the distance is doubled */
    /* Of a journal that grows, nudge_journal_grow: NULL, or called after each time that it was written: up to which step it
     * is in the file; error NULL, or why it could not be written on. The training goes on in any case. */
    void (*on_written)(void *user, size_t step, const nudge_error *error);
    void *user;
} nudge_journal_options;

#define NUDGE_JOURNAL_OPTIONS                                                                                \
    { .struct_size = sizeof(nudge_journal_options), .bytes = (size_t)64 << 20 }

/* An empty one, for nudge_train: all its memory is taken when a training begins, which begins the journal anew; one that goes
 * on from a checkpoint needs the journal of the same training. `options` may be NULL. */
NUDGE_API nudge_status nudge_journal_create(nudge_context *context, const nudge_journal_options *options,
                                            nudge_journal **journal, nudge_error *error);
NUDGE_API void nudge_journal_free(nudge_journal *journal);

/* Has it written to this file while nudge_train goes on: at the first step, every second from then on (less often where the
 * disk is slow: a hundredth of the time at most), and before every checkpoint. The file can be read at any moment, also after
 * the process was killed: then it ends with what was written last (summary.unfinished). An older file of the name is replaced
 * at the first step. nudge_journal_save, to the same path, ends it. A device or a stream does not grow: there only
 * nudge_journal_save writes.
 * `go_on`: for a training that goes on from a checkpoint (nudge.h, section 6): the journal first takes up what the file has, and
 * nudge_train refuses it unless it is of the same training and reaches to the checkpoint. What it comes to is the same, to the
 * byte, as without a break. `every` and `bytes` are expected to be as they were.
 * Errors: of nudge_journal_load. */
NUDGE_API nudge_status nudge_journal_grow(nudge_journal *journal, const char *path, bool go_on,
                                          nudge_error *error);

/* A journal file is a valid safetensors file; docs/model-file.md describes it. Written as a model is:
 * durably, and the same training gives the same bytes. Errors: NUDGE_BAD_ARGUMENT for a journal without a
 * training. */
NUDGE_API nudge_status nudge_journal_save(const nudge_journal *journal, const char *path, nudge_error *error);
/* Errors: NUDGE_BAD_INPUT for a file that is not a whole, untouched journal, or the beginning of one whose training was
 * killed, or still goes on: that is a remark (nudge.h, section 3). */
NUDGE_API nudge_status nudge_journal_load(nudge_context *context, const char *path, nudge_journal **journal,
                                          nudge_error *error);

/* Whether the file says that it is a journal. Nothing else of it is looked at. */
NUDGE_API bool nudge_journal_is(nudge_context *context, const char *path);

typedef struct nudge_journal_summary {
    size_t struct_size;
    size_t rows, epoch_steps; /* of the training part; of an epoch */
    size_t steps;             /* that were made */
    size_t snapshots, every;  /* at steps 0, every, 2 every, .., and the last */
    size_t records, span;     /* of cost and norms; each stands for `span` steps, the last for what is left */
    const char *engine, *precision; /* that trained: names as in nudge.h, section 3 */
    /* Loaded from a file that still grew: its last snapshot may be of an earlier step than its last. */
    bool unfinished;
} nudge_journal_summary;

#define NUDGE_JOURNAL_SUMMARY                                                                                \
    { .struct_size = sizeof(nudge_journal_summary) }

NUDGE_API nudge_status nudge_journal_describe(const nudge_journal *journal, nudge_journal_summary *summary,
                                              nudge_error *error);
/* What was trained: network, labels, transforms, notes; the parameters are those of the last snapshot.
 * Belongs to the journal. NULL before a training. */
NUDGE_API const nudge_net *nudge_journal_net(const nudge_journal *journal);
/* How: the options that nudge_train got, batch_size as it was in effect; without callbacks and journal. */
NUDGE_API nudge_status nudge_journal_training(const nudge_journal *journal, nudge_train_options *options,
                                              nudge_error *error);

/* Snapshot i's parameters, and its ops' running state, into a net of the same network. */
NUDGE_API nudge_status nudge_journal_restore(const nudge_journal *journal, size_t i, nudge_net *net,
                                             nudge_error *error);

/* Snapshot i = 0, 1, ..: which step it was taken after, and the parameters, canonical order
 * [nudge_net_parameters()]; either may be NULL. */
NUDGE_API nudge_status nudge_journal_snapshot(const nudge_journal *journal, size_t i, size_t *step,
                                              float *parameters, size_t count, nudge_error *error);

/* Record i = 0, 1, ..: means over the steps `first` .. `last`. */
typedef struct nudge_journal_record {
    size_t struct_size;
    size_t first, last;
    double cost;   /* of the mini-batch, before its update */
    double *norms; /* in: NULL or the caller's [layers]; out: the length of each layer's ∂C/∂(w, b) */
} nudge_journal_record;

#define NUDGE_JOURNAL_RECORD                                                                                 \
    { .struct_size = sizeof(nudge_journal_record) }

NUDGE_API nudge_status nudge_journal_read(const nudge_journal *journal, size_t i,
                                          nudge_journal_record *record, nudge_error *error);

/* One step's place: epoch, learning rate, and which rows of the training part its mini-batch had. */
typedef struct nudge_journal_step {
    size_t struct_size;
    size_t epoch, step; /* within the epoch, from 1 */
    double learning_rate;
    size_t *indices; /* in: NULL or the caller's [the journal's batch_size]; out: the rows, in their order */
    size_t rows;     /* how many: the last mini-batch of an epoch may be smaller */
} nudge_journal_step;

#define NUDGE_JOURNAL_STEP                                                                                   \
    { .struct_size = sizeof(nudge_journal_step) }

/* `step` = 1 .. steps that were made. */
NUDGE_API nudge_status nudge_journal_place(const nudge_journal *journal, size_t step,
                                           nudge_journal_step *place, nudge_error *error);

/* Called with the net as it was after `step` steps, which belongs to the replay. Returning false ends it. */
typedef bool nudge_replay_callback(void *user, size_t step, const nudge_net *net);

/* Shows the net after steps first, first + 1, .., last, 0 <= first <= last <= steps that were made. What is
 * not a snapshot is trained again from the nearest one before it: on the engine that trained with the same
 * bits. `data`: what was trained on, split in the same way; may be NULL when a snapshot has all that is asked
 * for. Errors: NUDGE_BAD_ARGUMENT when the data have other sizes, or when the cost of a step that is trained
 * again is not what the journal says: then they are other data. */
NUDGE_API nudge_status nudge_journal_replay(nudge_context *context, const nudge_journal *journal,
                                            const nudge_data *data, size_t first, size_t last,
                                            nudge_replay_callback *on_step, void *user, nudge_error *error);

#ifdef __cplusplus
}
#endif

#endif
