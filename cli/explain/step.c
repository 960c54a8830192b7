/* nudge explain --at: one step of a training, made again from its journal: its mini-batch, the gradient over it, what
 * moved; of one parameter which rows moved it; and of one row (--index), in the mini-batch or not, its part. */
#include "cli/explain/explain.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/safe.h"
#include "cli/tell/table.h"
#include "cli/tell/words.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

static struct number_text number(double value) {
    return number_short(value, 5);
}

/* -- the step, made again -- */

struct taken {
    struct explain_step *step;
    nudge_context *context;
    nudge_net *net; /* before */
    size_t before, parameters;
    nudge_status status;
    nudge_error *error;
};

static bool take_net(void *user, size_t step, const nudge_net *net) {
    struct taken *taken = user;
    bool before = step == taken->before;
    nudge_net **clone =
        before ? &taken->net : &taken->step->later; /* with running state, which batch-norm has */
    taken->status = nudge_net_get_parameters(net, before ? taken->step->before : taken->step->after,
                                             taken->parameters, taken->error);
    if (!taken->status) taken->status = nudge_net_clone(taken->context, net, clone, taken->error);
    return taken->status == NUDGE_OK;
}

static bool make(struct explain_step *step, size_t parameters) {
    step->moved = calloc(parameters, sizeof *step->moved);
    step->rows = calloc(step->training.batch_size, sizeof *step->rows);
    step->before = calloc(parameters, sizeof *step->before);
    step->after = calloc(parameters, sizeof *step->after);
    step->mean = calloc(parameters, sizeof *step->mean);
    step->each = calloc(step->training.batch_size, sizeof *step->each);
    return step->moved && step->rows && step->before && step->after && step->mean && step->each;
}

void explain_free_step(struct explain_step *step) {
    free(step->rows);
    free(step->before);
    free(step->after);
    free(step->mean);
    free(step->each);
    free(step->moved);
    nudge_net_free(step->later);
    nudge_explanation_free(step->beside);
}

int explain_open_step(struct explain *explain, struct explain_step *step) {
    const nudge_journal *journal = explain->opened.journal;
    nudge_error error;
    if (!journal)
        return say_usage("--at: %s is a model; expected a journal, which nudge train --journal keeps",
                         explain->options.operands[0]);
    size_t parameters = nudge_net_parameters(explain->opened.net);
    step->training = (nudge_train_options)NUDGE_TRAIN_OPTIONS;
    if (explain->opened.step_given)
        return say_usage("%s and --at contradict each other: expected one step",
                         explain->options.operands[0]);
    step->place = (nudge_journal_step)NUDGE_JOURNAL_STEP;
    if (nudge_journal_describe(journal, &step->summary, &error) ||
        nudge_journal_training(journal, &step->training, &error))
        return say_error(&error, SAY_RUNNING);
    if (explain->at > step->summary.steps)
        return say_usage("--at: found %zu, expected 1 to %zu, the steps that were made", explain->at,
                         step->summary.steps);
    if (nudge_data_rows(explain->opened.data, NUDGE_PART_TRAIN) != step->summary.rows)
        return say_usage(
            "%s has %zu training rows, but the journal is of a training on %zu: give --val-split, --seed "
            "and --data-seed as they were then",
            nudge_data_name(explain->opened.data), nudge_data_rows(explain->opened.data, NUDGE_PART_TRAIN),
            step->summary.rows);
    if (!make(step, parameters)) return say_failure("not enough memory: for a step");
    struct taken taken = {step, explain->opened.context, NULL, explain->at - 1, parameters, NUDGE_OK, &error};
    step->place.indices = step->rows;
    nudge_status status = nudge_journal_place(journal, explain->at, &step->place, &error);
    if (!status)
        status = nudge_journal_replay(explain->opened.context, journal, explain->opened.data, explain->at - 1,
                                      explain->at, take_net, &taken, &error);
    if (!status) status = taken.status;
    if (status) {
        nudge_net_free(taken.net);
        return say_error(&error, SAY_READING);
    }
    nudge_net_free(explain->opened.net);
    explain->opened.net = taken.net;
    for (size_t i = 0; i < parameters; i++) step->moved[i] = (double)step->after[i] - (double)step->before[i];
    explain->part = NUDGE_PART_TRAIN;
    if (!explain->row_of_step) explain->index = step->rows[0];
    return EXIT_DONE;
}

/* -- gradient and cost over the mini-batch -- */

/* C over some rows, before the step and after it. */
static nudge_status take_costs(const struct explain *explain, const struct explain_step *step,
                               const nudge_gradient_options *options, nudge_gradient_result *before,
                               double *after, nudge_error *error) {
    nudge_gradient_options plain = *options;
    nudge_gradient_result later = NUDGE_GRADIENT_RESULT;
    const struct opened *opened = &explain->opened;
    plain.parameter = NULL;
    nudge_status status =
        nudge_gradient(opened->context, step->later, opened->data, explain->part, &plain, &later, error);
    *after = later.cost;
    return status ? status
                  : nudge_gradient(opened->context, opened->net, opened->data, explain->part, options, before,
                                   error);
}

static int take_gradient(struct explain *explain, struct explain_step *step) {
    nudge_gradient_options options = NUDGE_GRADIENT_OPTIONS;
    nudge_gradient_result before = NUDGE_GRADIENT_RESULT, row = NUDGE_GRADIENT_RESULT;
    nudge_error error;
    options.indices = step->rows;
    options.rows = step->place.rows;
    options.training = true;
    options.seed = step->training.seed;
    options.step = explain->at;
    options.parameter = explain->parameter_text ? &explain->parameter : NULL;
    before.mean = step->mean;
    before.each = explain->parameter_text ? step->each : NULL;
    nudge_status status =
        nudge_explanation_create(explain->opened.context, explain->opened.net, &step->beside, &error);
    if (!status) status = take_costs(explain, step, &options, &before, &step->cost_after, &error);
    step->cost = before.cost;
    options.indices = &explain->index;
    options.rows = 1;
    options.training = false;
    options.parameter = NULL;
    if (!status && explain->row_of_step)
        status = take_costs(explain, step, &options, &row, &step->row_after, &error);
    for (size_t i = 0; !status && i < nudge_net_parameters(explain->opened.net); i++) {
        step->steepest += step->mean[i] * step->mean[i];
        step->predicted += step->mean[i] * step->moved[i];
    }
    for (size_t i = 0; i < step->place.rows; i++) step->in_batch |= step->rows[i] == explain->index;
    return status ? say_error(&error, SAY_RUNNING) : EXIT_DONE;
}

/* -- the step, for people -- */

/* What the slope promises of the step: -η‖∂C/∂p‖² where it goes straight down, else Σ ∂C/∂p times what moved. It is kept as
 * long as the cost is straight over so far; where it is not, the step was too long. */
static void print_promise(const struct explain_step *step) {
    enum { SMALL = 100 };
    double straight = -step->place.learning_rate * step->steepest, measured = step->cost_after - step->cost;
    bool plain = fabs(straight - step->predicted) <= 1e-3 * fabs(straight);
    double predicted = plain ? straight : step->predicted, off = fabs(measured - predicted);
    table_text("The slope predicts %s = %s, measured is ΔC = %s\n",
               plain ? "-η |∂C/∂p|²" : text_word("the sum of ∂C/∂p times the moves"), number(predicted).text,
               number(measured).text);
    if (off <= fabs(predicted) * 2 / 3 || fabs(predicted) < step->cost / SMALL) return;
    table_text("They are far apart: the step is too long for the cost to be straight along it.\n"
               "Where many steps are so, the learning rate is too large.\n");
}

static void print_head(const struct explain *explain, const struct explain_step *step) {
    table_text(step->place.rows == 1 ? "step %s of %s: epoch %zu, step %s of %s; a mini-batch of %zu row\n"
                                     : "step %s of %s: epoch %zu, step %s of %s; a mini-batch of %zu rows\n",
               number_count(explain->at).text, number_count(step->summary.steps).text, step->place.epoch,
               number_count(step->place.step).text, number_count(step->summary.epoch_steps).text,
               step->place.rows);
    table_text("%s, learning rate η = %s", nudge_optimizer_name(step->training.optimizer),
               number(step->place.learning_rate).text);
    if (step->training.optimizer != NUDGE_OPTIMIZER_ADAM && step->training.momentum > 0)
        table_text(", momentum %s", number_exact(step->training.momentum).text);
    table_text("\nC over the mini-batch, %s: %s before the step, %s after it\n",
               nudge_cost_name(explain->cost), number(step->cost).text, number(step->cost_after).text);
    print_promise(step);
    if (net_mode(explain->opened.net))
        table_text("Costs and gradients are as in training%s; single rows are told as in prediction\n",
                   strstr(nudge_net_text(explain->opened.net), "dropout")
                       ? text_word(", with what this step dropped")
                       : "");
    if (step->training.l1 > 0 || step->training.l2 > 0)
        table_text("The penalty of the weights is in neither C nor ∂C/∂p\n");
}

static void print_movers(const struct explain *explain, const struct explain_step *step) {
    static const int widths[] = {-16, 12, 12, 12, 12, 12};
    size_t count = nudge_net_parameters(explain->opened.net), *chosen = explain->room.chosen;
    size_t found = explain_largest(step->moved, count, explain_most(explain, count), chosen);
    table_text("\nWhat moved most\n");
    TABLE_HEAD(widths, "parameter", "before", "after", "moved by", "∂C/∂p", "-η ∂C/∂p");
    for (size_t i = 0; i < found; i++) {
        nudge_parameter parameter;
        size_t at = chosen[i];
        if (nudge_net_parameter_at(explain->opened.net, at, &parameter, NULL)) continue;
        TABLE_ROW(widths, parameter_name(explain->opened.net, &parameter).text,
                  number((double)step->before[at]).text, number((double)step->after[at]).text,
                  number(step->moved[at]).text, number(step->mean[at]).text,
                  number(-step->place.learning_rate * step->mean[at]).text);
    }
}

/* -- one parameter in the step -- */

static const char *direction(double moved) {
    return text_word(moved > 0 ? "up" : moved < 0 ? "down" : "nowhere");
}

/* What is not -η ∂C/∂p. */
static const char *rest_said(const nudge_train_options *training) {
    if (training->optimizer == NUDGE_OPTIMIZER_ADAM) return text_word("Adam's smoothing and scaling");
    return text_word(training->momentum > 0 ? "the momentum of steps before" : "rounding");
}

static void print_parameter(const struct explain *explain, const struct explain_step *step, size_t index) {
    static const int widths[] = {-44, 14};
    double moved = step->moved[index];
    double own = -step->place.learning_rate * step->mean[index];
    char name[96];
    table_text("\n%s went %s, from %s to %s\n", parameter_name(explain->opened.net, &explain->parameter).text,
               direction(moved), number((double)step->before[index]).text,
               number((double)step->after[index]).text);
    TABLE_ROW(widths, text_word("it moved by"), number(moved).text);
    TABLE_ROW(widths, text_word("∂C/∂p, the mean of the rows' gradients"), number(step->mean[index]).text);
    TABLE_ROW(widths, "-η ∂C/∂p", number(own).text);
    if (explain->parameter.tensor == 0 && (step->training.l1 > 0 || step->training.l2 > 0)) {
        double w = (double)step->before[index], sign = (w > 0) - (w < 0);
        double penalty = -step->place.learning_rate * (step->training.l1 * sign + step->training.l2 * w);
        TABLE_ROW(widths, text_word("-η times the penalty's gradient"), number(penalty).text);
        own += penalty;
    }
    if (explain->parameter.tensor == 0 && step->training.weight_decay > 0) {
        double decay = -step->place.learning_rate * step->training.weight_decay * (double)step->before[index];
        TABLE_ROW(widths, text_word("-η λ w, the weight decay"), number(decay).text);
        own += decay;
    }
    format_text(name, sizeof name, text_word("the rest: %s"), rest_said(&step->training));
    TABLE_ROW(widths, name, number_short(moved - own, 2).text);
}

/* The row's gradient and its factors; ∂C_0/∂p = a δ, for a bias δ alone. */
struct factors {
    double a, delta;
};

static nudge_status take_factors(const struct explain *explain, const struct explain_step *step, size_t row,
                                 struct factors *factors, nudge_error *error) {
    const nudge_parameter *p = &explain->parameter;
    double *numbers = explain->room.values;
    nudge_status status =
        nudge_explanation_row(step->beside, explain->opened.data, explain->part, row, error);
    if (!status)
        status = nudge_explanation_read(step->beside, NUDGE_DELTA, p->layer, numbers,
                                        explain->layers[p->layer].neurons, error);
    if (status) return status;
    *factors = (struct factors){1, numbers[p->output]};
    if (p->tensor) return NUDGE_OK;
    status = nudge_explanation_read(step->beside, NUDGE_ACTIVATION, p->layer - 1, numbers,
                                    explain->layers[p->layer - 1].neurons, error);
    factors->a = numbers[p->input];
    return status;
}

struct telling {
    const struct explain *explain;
    const struct explain_step *step;
    const size_t *chosen; /* NULL: the row that was asked for */
};

static size_t row_told(void *user, size_t i) {
    const struct telling *telling = user;
    return telling->chosen ? telling->step->rows[telling->chosen[i]] : telling->explain->index;
}

static bool tell_row(void *user, size_t i, struct explain_row *row) {
    const struct telling *telling = user;
    const struct explain_step *step = telling->step;
    struct factors factors;
    nudge_error error;
    bool adam = step->training.optimizer == NUDGE_OPTIMIZER_ADAM; /* which does not move by -η ∂C/∂p */
    if (take_factors(telling->explain, step, row->index, &factors, &error))
        return say_error(&error, SAY_RUNNING) == EXIT_DONE;
    double gradient = telling->chosen ? step->each[telling->chosen[i]] : factors.a * factors.delta;
    row->cells[0] = number(factors.a);
    if (telling->explain->parameter.tensor) row->cells[0].text[0] = 0;
    row->cells[1] = number(factors.delta);
    row->cells[2] = number(gradient);
    row->cells[3] = number((adam ? 1 : -step->place.learning_rate) * gradient / (double)step->place.rows);
    format_text(row->caption, sizeof row->caption, text_word("row %zu: %s"), row->index,
                text_word(gradient < 0   ? "up"
                          : gradient > 0 ? "down"
                                         : "neither way"));
    return true;
}

/* Whose a and whose δ it is. */
static void print_legend(const struct explain *explain) {
    const nudge_parameter *p = &explain->parameter;
    if (!p->tensor)
        table_text(p->layer > 1 ? "a is of neuron %s of layer %zu, " : "a is of input %s of layer %zu, ",
                   explain_neuron(explain, p->layer - 1, p->input).text, p->layer - 1);
    table_text("δ of neuron %s of layer %zu\n", explain_neuron(explain, p->layer, p->output).text, p->layer);
}

static int print_told(const struct explain *explain, const struct explain_step *step, const size_t *chosen,
                      size_t count) {
    struct telling telling = {explain, step, chosen};
    bool bias = explain->parameter.tensor == 1, adam = step->training.optimizer == NUDGE_OPTIMIZER_ADAM;
    struct explain_rows rows = {
        count,
        {bias ? "" : "a", "δ", bias ? "∂C_0/∂b" : "∂C_0/∂w", adam ? "of the mean" : "moves it by"},
        row_told,
        tell_row,
        &telling};
    print_legend(explain);
    return explain_print_rows(explain, &rows);
}

/* Those that push most come first. */
static int print_rows(const struct explain *explain, const struct explain_step *step) {
    size_t rows = step->place.rows, up = 0, down = 0, most = rows <= 2 * explain->top ? rows : explain->top;
    size_t *chosen = explain->room.chosen, count = explain_largest(step->each, rows, most, chosen);
    for (size_t i = 0; i < rows; i++) up += step->each[i]<0, down += step->each[i]> 0;
    table_text("\nOf its %zu rows %zu push it up, %zu down, %zu neither way", rows, up, down,
               rows - up - down);
    table_text(count < rows ? "; the strongest %zu:\n" : ":\n", count);
    int status = print_told(explain, step, chosen, count);
    if (status) return status;
    /* Where its a and δ come from: the network before the step, on that row. */
    const nudge_parameter *p = &explain->parameter;
    table_text("Why a row moves it:\n  nudge explain %s@%zu %s --part train --index %zu \\\n  --layer %zu "
               "--neuron %zu\n",
               safe(explain->options.operands[0]).text, explain->at - 1,
               safe(explain->options.operands[1]).text, step->rows[chosen[0]], p->layer, p->output);
    return EXIT_DONE;
}

/* -- one row in the step -- */

static int print_row_of_step(const struct explain *explain, const struct explain_step *step) {
    table_text("\nRow %zu is %s: C_0 = %s before the step, %s after\n", explain->index,
               text_word(step->in_batch ? "in its mini-batch" : "not in its mini-batch"),
               number(explain->cost_of_example).text, number(step->row_after).text);
    if (!explain->parameter_text) {
        putchar('\n');
        return explain_print(explain);
    }
    table_text(step->in_batch ? "What it adds to the move:\n"
                              : "What it would have added, as one row more of so many:\n");
    return print_told(explain, step, NULL, 1);
}

/* -- for programs -- */

static json_t *rows_json(const struct explain *explain, const struct explain_step *step) {
    json_t *array = json_array();
    for (size_t i = 0; i < step->place.rows; i++) {
        int32_t label = nudge_data_label(explain->opened.data, explain->part, step->rows[i]);
        json_t *object = json_object();
        struct factors factors = {NAN, NAN};
        json_add(object, "row", json_integer((json_int_t)step->rows[i]));
        json_add(object, "label", label >= 0 ? json_integer(label) : json_null());
        if (explain->parameter_text) {
            if (take_factors(explain, step, step->rows[i], &factors, NULL)) json_append(array, NULL);
            json_add(object, "a", json_figure(factors.a));
            json_add(object, "delta", json_figure(factors.delta));
            json_add(object, "gradient", json_figure(step->each[i]));
        }
        json_append(array, object);
    }
    return array;
}

static json_t *row_json(const struct explain *explain, const struct explain_step *step) {
    json_t *object = json_object();
    struct factors factors = {NAN, NAN};
    json_add(object, "row", json_integer((json_int_t)explain->index));
    json_add(object, "in_batch", json_boolean(step->in_batch));
    json_add(object, "label", explain->label >= 0 ? json_integer(explain->label) : json_null());
    json_add(object, "cost_before", json_figure(explain->cost_of_example));
    json_add(object, "cost_after", json_figure(step->row_after));
    if (!explain->parameter_text) return object;
    take_factors(explain, step, explain->index, &factors, NULL);
    json_add(object, "a", json_figure(factors.a));
    json_add(object, "delta", json_figure(factors.delta));
    json_add(object, "gradient", json_figure(factors.a * factors.delta));
    return object;
}

static int print_json(const struct explain *explain, const struct explain_step *step, size_t index) {
    enum { DIGITS = 17 };
    json_t *line = json_object();
    json_add(line, "step", json_integer((json_int_t)explain->at));
    json_add(line, "epoch", json_integer((json_int_t)step->place.epoch));
    json_add(line, "step_in_epoch", json_integer((json_int_t)step->place.step));
    json_add(line, "optimizer", json_text(nudge_optimizer_name(step->training.optimizer)));
    json_add(line, "learning_rate", json_figure(step->place.learning_rate));
    json_add(line, "cost_name", json_text(nudge_cost_name(explain->cost)));
    json_add(line, "cost_before", json_figure(step->cost));
    json_add(line, "cost_after", json_figure(step->cost_after));
    json_add(line, "cost_predicted", json_figure(step->cost + step->predicted));
    json_add(line, "gradient_squared", json_figure(step->steepest));
    json_add(line, "rows", rows_json(explain, step));
    if (explain->row_of_step) json_add(line, "row_asked", row_json(explain, step));
    if (explain->parameter_text) {
        const nudge_parameter *p = &explain->parameter;
        json_t *object = json_object();
        json_add(object, "kind", json_text(p->tensor ? "bias" : "weight"));
        json_add(object, "layer", json_integer((json_int_t)p->layer));
        json_add(object, "output", json_integer((json_int_t)p->output));
        json_add(object, "input", p->tensor ? json_null() : json_integer((json_int_t)p->input));
        json_add(object, "before", json_figure((double)step->before[index]));
        json_add(object, "after", json_figure((double)step->after[index]));
        json_add(object, "gradient", json_figure(step->mean[index]));
        json_add(line, "parameter", object);
    }
    return json_line(line, stdout, DIGITS);
}

/* -- all of it -- */

static int print_step(const struct explain *explain, const struct explain_step *step, size_t index) {
    print_head(explain, step);
    if (explain->parameter_text) print_parameter(explain, step, index);
    if (explain->row_of_step) return print_row_of_step(explain, step);
    if (explain->parameter_text) return print_rows(explain, step);
    table_text("\nThe gradient over the mini-batch\n");
    explain_print_norms(explain, step->mean);
    print_movers(explain, step);
    table_text("--weight L,J,K or --bias L,J shows which rows moved one of them.\n");
    return EXIT_DONE;
}

int explain_tell_step(struct explain *explain, struct explain_step *step) {
    size_t index = 0;
    int status = take_gradient(explain, step);
    if (status) return status;
    if (explain->parameter_text)
        nudge_net_parameter_index(explain->opened.net, &explain->parameter, &index, NULL);
    const char *path = explain->options.file;
    if (explain->options.json)
        status = print_json(explain, step, index);
    else
        status = print_step(explain, step, index);
    if (status || !path) return status;
    status = explain_draw_step(explain, step);
    if (!status && !explain->options.json) table_text("\nsaved     %s\n", safe(path).text);
    return status;
}
