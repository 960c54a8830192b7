/* See nudge_diagnose in nudge.h. One walk over some rows fills a struct examination; each kind of finding is a function
 * of it and a row of the table below, the gravest first. Invariant: nothing is found in a net that learns well. */
#include "base/show.h"
#include "base/status.h"
#include "base/struct_size.h"
#include "base/text.h"
#include "learn/step.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 1024, MOST_BYTES = 64 << 20, SENTENCE = 256 };

struct layer_look {
    size_t neurons;
    const char *activation;
    double dead;      /* relu: share of neurons that are 0 for every row */
    double saturated; /* sigmoid, tanh: share of (row, neuron) whose slope is below 1/50 of the largest */
    double delta;     /* √ mean δ² */
    bool alike;       /* all its weights are one number */
};

/* How rows of one part are answered. */
struct part_look {
    size_t rows;
    double accuracy, largest_class; /* of these rows */
    double r_squared;               /* the mean of the targets' */
    double low, high;               /* of the targets as the net sees them */
};

struct examination {
    nudge_context *context;
    const nudge_net *net;
    const nudge_data *data;
    const nudge_train_options *training;
    const nudge_train_result *result;
    bool diverged;
    struct part_look train, test;
    struct layer_look *layers; /* [L + 1], from 1 */
    double largest_input;      /* |x'| as the net sees it, */
    size_t largest_column;     /* and of which input */
    size_t *class_rows;        /* [classes] of the whole training part */
    float *numbers;            /* room for what a trainer has */
    size_t numbers_room;
};

/* -- looking -- */

static nudge_status read_layer(const struct examination *e, const nudge_trainer *trainer,
                               nudge_quantity quantity, size_t l, size_t count, nudge_error *error) {
    return nudge_trainer_read(trainer, quantity, l, e->numbers, count, error);
}

static void look_at_activations(struct layer_look *look, const float *a, size_t rows) {
    size_t dead = 0, saturated = 0;
    bool sigmoid = strcmp(look->activation, "sigmoid") == 0, tangent = strcmp(look->activation, "tanh") == 0;
    for (size_t j = 0; j < look->neurons; j++) {
        bool moves = false;
        for (size_t r = 0; r < rows; r++) {
            float x = a[r * look->neurons + j];
            moves |= x != 0;
            /* slopes a (1 - a) <= 1/4, 1 - a² <= 1 */
            saturated += (sigmoid && x * (1 - x) < 0.005f) || (tangent && 1 - x * x < 0.02f);
        }
        dead += !moves;
    }
    look->dead = strcmp(look->activation, "relu") == 0 ? (double)dead / (double)look->neurons : 0;
    look->saturated = (double)saturated / ((double)look->neurons * (double)rows);
}

static void look_at_inputs(struct examination *e, size_t rows) {
    size_t inputs = e->net->inputs;
    for (size_t i = 0; i < rows * inputs; i++) {
        double size = fabs((double)e->numbers[i]);
        if (size > e->largest_input) {
            e->largest_input = size;
            e->largest_column = i % inputs;
        }
    }
}

/* Accuracy, or R²; targets as the net sees them stand in the plan. */
static void look_at_answers(const struct examination *e, const nudge_trainer *trainer,
                            struct part_look *look) {
    size_t outputs = e->net->outputs, rows = trainer->rows, right = 0;
    const struct plan *plan = trainer->plan;
    const float *a = plan_last(plan)->y, *y = plan->targets;
    look->rows = rows;
    look->low = INFINITY;
    look->high = -INFINITY;
    for (size_t j = 0; j < outputs; j++) {
        double sum = 0, squares = 0, errors = 0;
        for (size_t r = 0; r < rows; r++) {
            double target = (double)y[r * plan->output_stride + j],
                   miss = (double)a[r * plan->output_stride + j] - target;
            sum += target;
            squares += target * target;
            errors += miss * miss;
            look->low = target < look->low ? target : look->low;
            look->high = target > look->high ? target : look->high;
        }
        double spread = squares - sum * sum / (double)rows;
        look->r_squared += (spread > 0 ? 1 - errors / spread : 0) / (double)outputs;
        double share = sum / (double)rows; /* of class j, where there are classes */
        if (e->data->classes && outputs == 1 && share < 0.5) share = 1 - share;
        if (share > look->largest_class) look->largest_class = share;
    }
    for (size_t r = 0; r < rows; r++) right += batch_answer(plan, a, r) == batch_answer(plan, y, r);
    look->accuracy = (double)right / (double)rows;
}

static nudge_status look_at_layers(struct examination *e, nudge_trainer *trainer, nudge_error *error) {
    size_t rows = trainer->rows;
    nudge_status status = read_layer(e, trainer, NUDGE_ACTIVATION, 0, rows * e->net->inputs, error);
    if (!status) look_at_inputs(e, rows);
    if (!status) status = nudge_trainer_backward(trainer, error);
    for (size_t l = 1; !status && l <= e->net->layers; l++) {
        struct layer_look *look = &e->layers[l];
        nudge_layer layer = NUDGE_LAYER;
        nudge_net_layer(e->net, l, &layer);
        *look = (struct layer_look){.neurons = layer.outputs, .activation = layer.activation};
        status = read_layer(e, trainer, NUDGE_ACTIVATION, l, rows * layer.outputs, error);
        if (!status) look_at_activations(look, e->numbers, rows);
        if (!status) status = read_layer(e, trainer, NUDGE_DELTA, l, rows * layer.outputs, error);
        for (size_t i = 0; !status && i < rows * layer.outputs; i++)
            look->delta += (double)e->numbers[i] * (double)e->numbers[i] / (double)(rows * layer.outputs);
        look->delta = sqrt(look->delta);
        const struct net_op *dense = net_dense(e->net, l);
        look->alike = layer.inputs * layer.outputs > 1;
        for (size_t o = 0; o < layer.outputs && look->alike; o++)
            for (size_t i = 0; i < layer.inputs && look->alike; i++)
                look->alike = e->net->parameters[dense->place[DENSE_WEIGHT] +
                                                 weight_index(layer.outputs, layer.inputs, o, i)] ==
                              e->net->parameters[dense->place[DENSE_WEIGHT]];
    }
    return status;
}

/* Rows evenly over the part. */
static nudge_status look_at_part(struct examination *e, nudge_trainer *trainer, nudge_part part, size_t most,
                                 struct part_look *look, nudge_error *error) {
    size_t indices[MOST_ROWS], all = nudge_data_rows(e->data, part), rows = all < most ? all : most;
    if (rows == 0) return NUDGE_OK;
    for (size_t r = 0; r < rows; r++) indices[r] = (size_t)((double)r * ((double)all / (double)rows));
    nudge_status status = trainer_take_rows(trainer, e->data, part, indices, rows, error);
    if (!status) status = nudge_trainer_forward(trainer, NULL, error);
    if (!status) look_at_answers(e, trainer, look);
    if (!status && part == NUDGE_PART_TRAIN) status = look_at_layers(e, trainer, error);
    return status;
}

static nudge_status examine(struct examination *e, nudge_error *error) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_trainer *trainer = NULL;
    size_t widest = e->net->inputs, most = MOST_ROWS, bytes;
    for (size_t l = 1; l <= e->net->layers; l++)
        if (net_dense(e->net, l)->outputs > widest) widest = net_dense(e->net, l)->outputs;
    while (most > 1 && (!size_multiply(&bytes, most * sizeof(float), widest) || bytes > MOST_BYTES))
        most /= 2;
    options.batch_size = most;
    e->numbers_room = most * widest * sizeof(float);
    e->numbers = memory_get(&e->context->allocator, e->numbers_room);
    if (!e->numbers) return error_no_memory(error, e->numbers_room, "an examination");
    nudge_net *net =
        (nudge_net *)(uintptr_t)e->net; /* the trainer changes it in update alone, which is not called */
    options.prediction = true;
    nudge_status status = nudge_trainer_create(e->context, net, &options, NULL, 0, &trainer, error);
    if (!status) status = look_at_part(e, trainer, NUDGE_PART_TRAIN, most, &e->train, error);
    if (!status) status = look_at_part(e, trainer, NUDGE_PART_TEST, most, &e->test, error);
    nudge_trainer_free(trainer);
    const struct data_part *part = &e->data->parts[NUDGE_PART_TRAIN];
    for (size_t r = 0; e->class_rows && r < part->rows; r++)
        e->class_rows[part->block->labels[data_part_row(part, r)]]++;
    return status;
}

/* -- finding: each returns whether it applies, and writes what is wrong and what to try -- */

#define SAY(...) text_append(finding->sentence, SENTENCE, 0, __VA_ARGS__)
#define ADVISE(...) text_append(finding->advice, SENTENCE, 0, __VA_ARGS__)

static struct text_number percent(double share) {
    return text_number(100 * share, 3);
}

static double rate_of(const struct examination *e) {
    return e->training ? e->training->learning_rate : 0;
}

static struct shown_text input_name(const struct examination *e, size_t input) {
    const struct columns *columns = e->net->columns;
    size_t c = columns ? columns_of_input(columns, input) : 0;
    if (columns && c < columns->count) return shown(columns->items[c].name);
    return shown(text_number((double)input, 9).text);
}

static bool find_divergence(const struct examination *e, nudge_finding *finding) {
    if (!e->diverged) return false;
    double targets = fmax(fabs(e->train.low), fabs(e->train.high));
    finding->figure = rate_of(e);
    if (e->largest_input > 100) {
        SAY("training diverged: input %s reaches %s, where about 1 is usual",
            input_name(e, e->largest_column).text, text_number(e->largest_input, 3).text);
        ADVISE("scale the columns: --scale standard");
    } else if (!e->data->classes && targets > 100) {
        SAY("training diverged: targets reach %s, where about 1 is usual", text_number(targets, 3).text);
        ADVISE("scale the targets: --target-scale standard, with a linear output");
    } else {
        SAY("training diverged: each step with the learning rate %s goes further than it came from",
            text_number(rate_of(e), 3).text);
        ADVISE("take a smaller one: --lr %s", text_number(rate_of(e) / 10, 4).text);
    }
    return true;
}

static bool find_one_class(const struct examination *e, nudge_finding *finding) {
    size_t with = 0, only = 0;
    for (size_t c = 0; e->class_rows && c < e->data->classes; c++)
        if (e->class_rows[c]) {
            with++;
            only = c;
        }
    if (!e->class_rows || with != 1) return false;
    finding->figure = (double)only;
    SAY("all training rows are of one class, %zu: there is nothing to tell apart", only);
    ADVISE("give rows of the other classes, or another --target");
    return true;
}

static bool find_constant(const struct examination *e, nudge_finding *finding) {
    if (e->data->classes || e->train.rows < 2 || e->train.low < e->train.high) return false;
    finding->figure = e->train.low;
    SAY("all targets of the training rows are the same number: there is nothing to learn");
    ADVISE("give rows with other targets, or another --target");
    return true;
}

static bool find_alike(const struct examination *e, nudge_finding *finding) {
    for (size_t l = 1; l <= e->net->layers; l++)
        if (e->layers[l].alike) {
            finding->figure = (double)l;
            SAY("all weights of layer %zu are the same number: its neurons learn the same, and stay alike",
                l);
            ADVISE("begin with random weights: leave --init zeros out");
            return true;
        }
    return false;
}

static bool find_unreachable(const struct examination *e, nudge_finding *finding) {
    const char *last = e->layers[e->net->layers].activation;
    double low = -INFINITY, high = INFINITY;
    if (strcmp(last, "sigmoid") == 0 || strcmp(last, "softmax") == 0) low = 0, high = 1;
    if (strcmp(last, "tanh") == 0) low = -1, high = 1;
    if (strcmp(last, "relu") == 0 || strcmp(last, "softplus") == 0) low = 0;
    const double rounding = 1e-5; /* of scaled targets */
    bool reached = e->train.low >= low - rounding && e->train.high <= high + rounding;
    if (e->data->classes || e->train.rows == 0 || reached) return false;
    finding->figure = e->train.low < low ? e->train.low : e->train.high;
    SAY("the output's %s reaches from %s to %s, but targets go from %s to %s", last, text_number(low, 3).text,
        text_number(high, 3).text, text_number(e->train.low, 4).text, text_number(e->train.high, 4).text);
    ADVISE("a linear output reaches them: --output identity; or --target-scale range");
    return true;
}

static bool find_unscaled(const struct examination *e, nudge_finding *finding) {
    if (e->diverged) return false;
    double targets = e->data->classes ? 0 : fmax(fabs(e->train.low), fabs(e->train.high));
    if (targets > 100 && targets >= e->largest_input) {
        finding->figure = targets;
        SAY("targets reach %s, where about 1 is usual: steps of the usual size go much too far or not far "
            "enough",
            text_number(targets, 3).text);
        ADVISE("scale the targets: --target-scale standard, with a linear output");
        return true;
    }
    if (e->largest_input <= 100) return false;
    finding->figure = e->largest_input;
    SAY("input %s reaches %s, where about 1 is usual: its weights learn much faster than the others",
        input_name(e, e->largest_column).text, text_number(e->largest_input, 3).text);
    ADVISE("scale the columns: --scale standard, or --scale log1p for one over many powers of ten");
    return true;
}

static bool find_dead(const struct examination *e, nudge_finding *finding) {
    for (size_t l = 1; l <= e->net->layers; l++)
        if (e->layers[l].dead > 0.5 && e->layers[l].neurons > 1) {
            finding->figure = e->layers[l].dead;
            SAY("%s %% of the relu neurons of layer %zu answer 0 to every row, and can no longer learn",
                percent(e->layers[l].dead).text, l);
            ADVISE("a smaller learning rate%s%s, or --activation leaky-relu", rate_of(e) > 0 ? ", --lr " : "",
                   rate_of(e) > 0 ? text_number(rate_of(e) / 10, 4).text : "");
            return true;
        }
    return false;
}

static bool find_saturated(const struct examination *e, nudge_finding *finding) {
    for (size_t l = 1; l < e->net->layers; l++)
        if (e->layers[l].saturated > 0.8) {
            finding->figure = e->layers[l].saturated;
            SAY("%s %% of layer %zu's %s stand at their ends, where the slope is almost 0 and little is "
                "learnt",
                percent(e->layers[l].saturated).text, l, e->layers[l].activation);
            /* xavier-normal is what such layers begin with where nobody asks for another start. */
            const char *init = nudge_net_note(e->net, "init");
            bool large = init && strcmp(init, "default") && strcmp(init, "xavier-normal"),
                 rate = rate_of(e) > 0;
            ADVISE("%s%s%s%sscaled columns, or --activation relu",
                   rate ? "a smaller learning rate (--lr " : "",
                   rate ? text_number(rate_of(e) / 10, 4).text : "", rate ? "), " : "",
                   large ? "smaller weights at the beginning (--init xavier-normal), " : "");
            return true;
        }
    return false;
}

static bool find_vanishing(const struct examination *e, nudge_finding *finding) {
    double last = e->layers[e->net->layers].delta, first = e->layers[1].delta;
    if (e->net->layers < 3 || !(last > 1e-12) || !(first < last / 500)) return false;
    char sizes[96];
    size_t used = 0;
    for (size_t l = 1; l <= e->net->layers && used < sizeof sizes - 12; l++)
        used = text_append(sizes, sizeof sizes, used, l > 1 ? ", %s" : "%s",
                           text_number(e->layers[l].delta, 1).text);
    finding->figure = first / last;
    SAY("gradients get lost on their way: from the first layer to the last the sizes of delta are %s", sizes);
    ADVISE("fewer layers, or --activation relu, whose slope is 1 where it answers");
    return true;
}

/* No better than always the same answer: within what chance does in so many rows. */
static bool find_no_better(const struct examination *e, nudge_finding *finding) {
    const struct part_look *look = &e->train;
    if (look->rows < 10 || e->diverged) return false;
    if (e->data->classes) {
        double chance = sqrt(look->largest_class * (1 - look->largest_class) / (double)look->rows);
        if (look->largest_class >= 1 || look->accuracy > look->largest_class + chance) return false;
        finding->figure = look->accuracy;
        SAY("the network answers %s %% of the training rows, always the most frequent class %s %%: it has "
            "learnt nothing",
            percent(look->accuracy).text, percent(look->largest_class).text);
    } else {
        if (look->r_squared > 2.0 / sqrt((double)look->rows) || look->r_squared > 0.2) return false;
        finding->figure = look->r_squared;
        SAY("on the training rows R squared is %s: no better than always answering the mean",
            text_number(look->r_squared, 2).text);
    }
    ADVISE("more epochs (--epochs), another learning rate (--lr), --optimizer adam, or a larger --hidden; is "
           "the target "
           "in the columns at all?");
    return true;
}

static bool find_overfit(const struct examination *e, nudge_finding *finding) {
    const struct part_look *train = &e->train, *test = &e->test;
    if (test->rows < 20 || train->rows < 20) return false;
    bool good = e->data->classes ? train->accuracy > train->largest_class : train->r_squared > 0.3;
    double fall = e->data->classes ? train->accuracy - test->accuracy : train->r_squared - test->r_squared;
    double chance = e->data->classes ? 3 * sqrt(0.25 / (double)test->rows) : 0.1;
    if (!good || fall < 0.1 || fall < chance) return false;
    finding->figure = fall;
    if (e->data->classes)
        SAY("%s %% of the training rows are answered right, but %s %% of the test rows: it knows the rows by "
            "heart",
            percent(train->accuracy).text, percent(test->accuracy).text);
    else
        SAY("R squared is %s on the training rows, but %s on the test rows: it knows the rows by heart",
            text_number(train->r_squared, 3).text, text_number(test->r_squared, 3).text);
    ADVISE("stop in time (--val-split 0.1 --patience 10), a smaller --hidden, or more rows");
    return true;
}

static bool find_empty_classes(const struct examination *e, nudge_finding *finding) {
    size_t empty = 0, first = 0;
    for (size_t c = e->data->classes; e->class_rows && c-- > 0;)
        if (e->class_rows[c] == 0) {
            empty++;
            first = c;
        }
    if (empty == 0 || empty == e->data->classes) return false;
    finding->figure = (double)empty;
    SAY("%zu of %zu classes have no training row, the first is %zu: they are never answered", empty,
        e->data->classes, first);
    if (e->data->classes > 256 && empty > e->data->classes / 2)
        ADVISE("so many empty ones look like labels in another byte order");
    else
        ADVISE("give rows of them, or leave them out");
    return true;
}

static bool find_still_falling(const struct examination *e, nudge_finding *finding) {
    const nudge_train_result *result = e->result;
    if (!result || result->stopped || result->stopped_early || result->epochs < 2) return false;
    double before = result->earlier_cost, fall = (before - result->train_cost) / before;
    if (!(fall > 0.03) || (e->data->classes ? e->train.accuracy > 0.99 : e->train.r_squared > 0.98))
        return false;
    finding->figure = fall;
    SAY("the cost still falls: by %s %% in the last epoch", percent(fall).text);
    ADVISE("more epochs: --epochs %zu", 3 * result->epochs);
    return true;
}

static const struct {
    const char *name;
    bool (*find)(const struct examination *e, nudge_finding *finding);
} kinds[] = {
    {"diverged", find_divergence},
    {"one-class", find_one_class},
    {"constant-target", find_constant},
    {"weights-alike", find_alike},
    {"unreachable-targets", find_unreachable},
    {"unscaled", find_unscaled},
    {"no-better", find_no_better},
    {"dead-relu", find_dead},
    {"saturated", find_saturated},
    {"vanishing-gradients", find_vanishing},
    {"empty-classes", find_empty_classes},
    {"worse-on-test", find_overfit},
    {"still-falling", find_still_falling},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

const char *nudge_finding_name(size_t i) {
    return i < KINDS ? kinds[i].name : NULL;
}

/* -- the call -- */

/* The host's structs may be shorter or longer than this library's. */
static nudge_finding *finding_at(nudge_finding *findings, size_t i) {
    return (nudge_finding *)(void *)((unsigned char *)findings + i * findings->struct_size);
}

static void find_all(const struct examination *e, nudge_finding *findings, size_t room, size_t *count) {
    for (size_t k = 0; k < KINDS && *count < room; k++) {
        nudge_finding finding = NUDGE_FINDING;
        finding.name = kinds[k].name;
        if (kinds[k].find(e, &finding))
            options_give(finding_at(findings, (*count)++), &finding, sizeof finding);
    }
}

nudge_status nudge_diagnose(nudge_context *context, const nudge_net *net, const nudge_data *data,
                            const nudge_train_options *training, const nudge_train_result *result,
                            bool diverged, nudge_finding *findings, size_t room, size_t *count,
                            nudge_error *error) {
    if (missing(error, context, net, data, findings, count)) return NUDGE_BAD_ARGUMENT;
    for (size_t i = 0; i < room; i++) {
        nudge_finding taken;
        if (!options_take(&taken, sizeof taken, findings) ||
            !options_take(&taken, sizeof taken, finding_at(findings, i)))
            return error_set(error, NUDGE_BAD_ARGUMENT,
                             "finding %zu: struct_size is not set; begin with NUDGE_FINDING", i);
    }
    if (nudge_data_rows(data, NUDGE_PART_TRAIN) == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s has no train part", data->name);
    const nudge_allocator *allocator = &context->allocator;
    struct examination e = {
        .context = context, .net = net, .data = data, .training = training, .result = result};
    size_t layer_bytes = (net->layers + 1) * sizeof *e.layers,
           class_bytes = data->classes * sizeof *e.class_rows;
    nudge_status status = batch_check(net, data, error);
    if (status) return status;
    e.diverged = diverged;
    e.layers = memory_get_zeroed(allocator, layer_bytes);
    e.class_rows = data->classes ? memory_get_zeroed(allocator, class_bytes) : NULL;
    status = e.layers && (e.class_rows || !data->classes)
                 ? examine(&e, error)
                 : error_no_memory(error, layer_bytes, "an examination");
    if (!status) {
        *count = 0;
        find_all(&e, findings, room, count);
    }
    memory_release(allocator, e.layers, layer_bytes);
    memory_release(allocator, e.class_rows, class_bytes);
    memory_release(allocator, e.numbers, e.numbers_room);
    return status;
}
