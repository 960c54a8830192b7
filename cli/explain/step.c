/* nudge explain --at: one step of a training, made again from its journal: its mini-batch, the gradient over it, what
 * moved; and of one parameter which rows moved it. */
#include "cli/explain/explain.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/pictures.h"
#include "cli/tell/safe.h"
#include "cli/tell/table.h"
#include "cli/tell/terminal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct number_text number(double value) {
    return number_short(value, 5);
}

/* -- the step, made again -- */

struct taken {
    struct explain_step *step;
    size_t before, parameters;
    nudge_status status;
};

static bool take_net(void *user, size_t step, const nudge_net *net) {
    struct taken *taken = user;
    float *to = step == taken->before ? taken->step->before : taken->step->after;
    taken->status = nudge_net_get_parameters(net, to, taken->parameters, NULL);
    return taken->status == NUDGE_OK;
}

static bool make(struct explain_step *step, size_t parameters) {
    step->rows = calloc(step->training.batch_size, sizeof *step->rows);
    step->before = calloc(parameters, sizeof *step->before);
    step->after = calloc(parameters, sizeof *step->after);
    step->mean = calloc(parameters, sizeof *step->mean);
    step->each = calloc(step->training.batch_size, sizeof *step->each);
    return step->rows && step->before && step->after && step->mean && step->each;
}

void explain_free_step(struct explain_step *step) {
    free(step->rows);
    free(step->before);
    free(step->after);
    free(step->mean);
    free(step->each);
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
    struct taken taken = {step, explain->at - 1, parameters, NUDGE_OK};
    step->place.indices = step->rows;
    if (nudge_journal_place(journal, explain->at, &step->place, &error) ||
        nudge_journal_replay(explain->opened.context, journal, explain->opened.data, explain->at - 1,
                             explain->at, take_net, &taken, &error) ||
        nudge_net_set_parameters(explain->opened.net, step->before, parameters, &error))
        return say_error(&error, SAY_READING);
    explain->part = NUDGE_PART_TRAIN;
    explain->index = step->rows[0];
    return EXIT_DONE;
}

/* -- gradient and cost over the mini-batch -- */

static int take_gradient(struct explain *explain, struct explain_step *step) {
    nudge_gradient_options options = NUDGE_GRADIENT_OPTIONS;
    nudge_gradient_result before = NUDGE_GRADIENT_RESULT, after = NUDGE_GRADIENT_RESULT;
    nudge_net *later = NULL;
    nudge_error error;
    const struct opened *opened = &explain->opened;
    options.indices = step->rows;
    options.rows = step->place.rows;
    options.training = true;
    options.seed = step->training.seed;
    options.step = explain->at;
    nudge_status status = nudge_net_clone(opened->context, opened->net, &later, &error);
    if (!status) status = nudge_net_set_parameters(later, step->after, nudge_net_parameters(later), &error);
    if (!status)
        status =
            nudge_gradient(opened->context, later, opened->data, explain->part, &options, &after, &error);
    nudge_net_free(later);
    options.parameter = explain->parameter_text ? &explain->parameter : NULL;
    before.mean = step->mean;
    before.each = explain->parameter_text ? step->each : NULL;
    if (!status)
        status = nudge_gradient(opened->context, opened->net, opened->data, explain->part, &options, &before,
                                &error);
    step->cost = before.cost;
    step->cost_after = after.cost;
    return status ? say_error(&error, SAY_RUNNING) : EXIT_DONE;
}

/* -- the step, for people -- */

static void print_head(const struct explain *explain, const struct explain_step *step) {
    table_text("step %s of %s: epoch %zu, step %s of %s; a mini-batch of %zu row%s\n",
               number_count(explain->at).text, number_count(step->summary.steps).text, step->place.epoch,
               number_count(step->place.step).text, number_count(step->summary.epoch_steps).text,
               step->place.rows, step->place.rows == 1 ? "" : "s");
    table_text("%s, learning rate η = %s", nudge_optimizer_name(step->training.optimizer),
               number(step->place.learning_rate).text);
    if (step->training.optimizer != NUDGE_OPTIMIZER_ADAM && step->training.momentum > 0)
        table_text(", momentum %s", number_exact(step->training.momentum).text);
    table_text("\nC over the mini-batch, %s: %s before the step, %s after it\n",
               nudge_cost_name(explain->cost), number(step->cost).text, number(step->cost_after).text);
    if (net_mode(explain->opened.net))
        table_text("Costs and gradients are as in training%s; single rows are told as in prediction\n",
                   strstr(nudge_net_text(explain->opened.net), "dropout") ? ", with what this step dropped"
                                                                          : "");
    if (step->training.l1 > 0 || step->training.l2 > 0)
        table_text("The penalty of the weights is in neither C nor ∂C/∂p\n");
}

static void print_movers(const struct explain *explain, const struct explain_step *step) {
    static const int widths[] = {-20, 13, 13, 13, 13, 13};
    size_t count = nudge_net_parameters(explain->opened.net),
           most = explain->top < count ? explain->top : count;
    size_t *chosen = calloc(most, sizeof *chosen);
    double *moved = calloc(count, sizeof *moved);
    if (chosen && moved) {
        for (size_t i = 0; i < count; i++) moved[i] = (double)step->after[i] - (double)step->before[i];
        size_t found = explain_largest(moved, count, most, chosen);
        table_text("\nWhat moved most\n");
        TABLE_ROW(widths, "parameter", "before", "after", "moved by", "∂C/∂p", "-η ∂C/∂p");
        for (size_t i = 0; i < found; i++) {
            nudge_parameter parameter;
            size_t at = chosen[i];
            if (nudge_net_parameter_at(explain->opened.net, at, &parameter, NULL)) continue;
            TABLE_ROW(widths, parameter_name(explain->opened.net, &parameter).text,
                      number((double)step->before[at]).text, number((double)step->after[at]).text,
                      number(moved[at]).text, number(step->mean[at]).text,
                      number(-step->place.learning_rate * step->mean[at]).text);
        }
    }
    free(chosen);
    free(moved);
}

/* -- one parameter in the step -- */

static const char *direction(double moved) {
    return moved > 0 ? "up" : moved < 0 ? "down" : "nowhere";
}

/* What is not -η ∂C/∂p. */
static const char *rest_said(const nudge_train_options *training) {
    if (training->optimizer == NUDGE_OPTIMIZER_ADAM) return "Adam's smoothing and scaling";
    return training->momentum > 0 ? "the momentum of steps before" : "rounding";
}

static void print_parameter(const struct explain *explain, const struct explain_step *step, size_t index) {
    static const int widths[] = {-44, 14};
    double moved = (double)step->after[index] - (double)step->before[index];
    double own = -step->place.learning_rate * step->mean[index];
    char name[96];
    table_text("\n%s went %s, from %s to %s\n", parameter_name(explain->opened.net, &explain->parameter).text,
               direction(moved), number((double)step->before[index]).text,
               number((double)step->after[index]).text);
    TABLE_ROW(widths, "it moved by", number(moved).text);
    TABLE_ROW(widths, "∂C/∂p, the mean of the rows' gradients", number(step->mean[index]).text);
    TABLE_ROW(widths, "-η ∂C/∂p", number(own).text);
    if (explain->parameter.tensor == 0 && (step->training.l1 > 0 || step->training.l2 > 0)) {
        double w = (double)step->before[index], sign = (w > 0) - (w < 0);
        double penalty = -step->place.learning_rate * (step->training.l1 * sign + step->training.l2 * w);
        TABLE_ROW(widths, "-η times the penalty's gradient", number(penalty).text);
        own += penalty;
    }
    if (explain->parameter.tensor == 0 && step->training.weight_decay > 0) {
        double decay = -step->place.learning_rate * step->training.weight_decay * (double)step->before[index];
        TABLE_ROW(widths, "-η λ w, the weight decay", number(decay).text);
        own += decay;
    }
    format_text(name, sizeof name, "the rest: %s", rest_said(&step->training));
    TABLE_ROW(widths, name, number_short(moved - own, 2).text);
}

/* The row's gradient and its factors; ∂C_0/∂p = a δ, for a bias δ alone. */
struct factors {
    double a, delta;
};

static nudge_status take_factors(struct explain *explain, size_t row, struct factors *factors,
                                 nudge_error *error) {
    const nudge_parameter *p = &explain->parameter;
    struct explain_layer *layer = &explain->layers[p->layer], *below = &explain->layers[p->layer - 1];
    nudge_status status =
        nudge_explanation_row(explain->explanation, explain->opened.data, explain->part, row, error);
    if (!status)
        status = nudge_explanation_read(explain->explanation, NUDGE_DELTA, p->layer, layer->delta,
                                        layer->neurons, error);
    if (!status)
        status = nudge_explanation_read(explain->explanation, NUDGE_ACTIVATION, p->layer - 1, below->a,
                                        below->neurons, error);
    *factors = (struct factors){p->tensor ? 1 : below->a[p->input], layer->delta[p->output]};
    return status;
}

static void name_of(const struct explain *explain, bool answer, int32_t label, char *name, size_t room) {
    if (label < 0)
        format_text(
            name, room, "%s",
            number((double)(answer ? explain->answers.outputs[0] : explain->answers.targets[0])).text);
    else
        format_text(name, room, "%s",
                    net_class_name(explain->opened.net,
                                   answer ? answer_of(&explain->answers, 0).class_index : (size_t)label)
                        .text);
}

static int print_row(struct explain *explain, const struct explain_step *step, size_t i) {
    static const int widths[] = {-8, -10, -10, 11, 12, 14, 12};
    char row[24], target[48], answer[48];
    struct factors factors;
    nudge_error error;
    const nudge_data *data = explain->opened.data;
    bool adam = step->training.optimizer == NUDGE_OPTIMIZER_ADAM; /* which does not move by -η ∂C/∂p */
    if (i == SIZE_MAX) {
        bool bias = explain->parameter.tensor == 1;
        TABLE_ROW(widths, "row", "target", "answer", bias ? "" : "a", "δ", bias ? "∂C_0/∂b" : "∂C_0/∂w",
                  adam ? "of the mean" : "moves it by");
        return EXIT_DONE;
    }
    size_t index = step->rows[i];
    int32_t label = nudge_data_label(data, explain->part, index);
    int status = answers_take(&explain->answers, data, explain->part, index, 1);
    if (status) return status;
    if (take_factors(explain, index, &factors, &error)) return say_error(&error, SAY_RUNNING);
    format_text(row, sizeof row, "%zu", index);
    name_of(explain, false, label, target, sizeof target);
    name_of(explain, true, label, answer, sizeof answer);
    TABLE_ROW(
        widths, row, target, answer, explain->parameter.tensor ? "" : number(factors.a).text,
        number(factors.delta).text, number(step->each[i]).text,
        number((adam ? 1 : -step->place.learning_rate) * step->each[i] / (double)step->place.rows).text);
    return EXIT_DONE;
}

static int print_images(struct explain *explain, const struct explain_step *step, const size_t *chosen,
                        size_t count) {
    struct captioned pictures[PICTURES_MOST];
    const nudge_data *data = explain->opened.data;
    size_t width, columns = pictures_columns(1), made = 0;
    nudge_data_image(data, NULL, &width);
    size_t abreast = pictures_abreast(width);
    for (; made < count && made < abreast; made++) {
        size_t i = chosen[made];
        int status = answers_take(&explain->answers, data, explain->part, step->rows[i], 1);
        if (!status && !pictures_take(&pictures[made].picture, data, explain->answers.features, columns))
            status = say_failure("not enough memory: for an image");
        if (status) {
            while (made > 0) picture_free(&pictures[--made].picture);
            return status;
        }
        format_text(pictures[made].caption, sizeof pictures[made].caption, "%zu: %s", step->rows[i],
                    step->each[i] < 0   ? "up"
                    : step->each[i] > 0 ? "down"
                                        : "neither way");
    }
    if (made > 0) {
        putchar('\n');
        pictures_print(pictures, made, shades_for(stdout));
    }
    return EXIT_DONE;
}

/* Those that push most come first. */
static int print_rows(struct explain *explain, const struct explain_step *step) {
    size_t rows = step->place.rows, up = 0, down = 0, most = rows <= 2 * explain->top ? rows : explain->top;
    size_t *chosen = calloc(rows, sizeof *chosen);
    if (!chosen) return say_failure("not enough memory: for a list of rows");
    size_t count = explain_largest(step->each, rows, most, chosen);
    for (size_t i = 0; i < rows; i++) up += step->each[i]<0, down += step->each[i]> 0;
    table_text("\nOf its %zu rows %zu push it up, %zu down, %zu neither way", rows, up, down,
               rows - up - down);
    table_text(count < rows ? "; the strongest %zu:\n" : ":\n", count);
    int status = print_row(explain, step, SIZE_MAX);
    for (size_t i = 0; !status && i < count; i++) status = print_row(explain, step, chosen[i]);
    if (!status && nudge_data_image(explain->opened.data, NULL, NULL))
        status = print_images(explain, step, chosen, count);
    free(chosen);
    return status;
}

/* -- for programs -- */

static json_t *rows_json(struct explain *explain, const struct explain_step *step) {
    json_t *array = json_array();
    for (size_t i = 0; i < step->place.rows; i++) {
        int32_t label = nudge_data_label(explain->opened.data, explain->part, step->rows[i]);
        json_t *object = json_object();
        struct factors factors = {NAN, NAN};
        json_add(object, "row", json_integer((json_int_t)step->rows[i]));
        json_add(object, "label", label >= 0 ? json_integer(label) : json_null());
        if (explain->parameter_text) {
            take_factors(explain, step->rows[i], &factors, NULL);
            json_add(object, "a", json_figure(factors.a));
            json_add(object, "delta", json_figure(factors.delta));
            json_add(object, "gradient", json_figure(step->each[i]));
        }
        json_append(array, object);
    }
    return array;
}

static void print_json(struct explain *explain, const struct explain_step *step, size_t index) {
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
    json_add(line, "rows", rows_json(explain, step));
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
    json_line(line, stdout, DIGITS);
}

/* -- all of it -- */

int explain_tell_step(struct explain *explain, struct explain_step *step) {
    size_t index = 0;
    int status = take_gradient(explain, step);
    if (status) return status;
    if (explain->parameter_text)
        nudge_net_parameter_index(explain->opened.net, &explain->parameter, &index, NULL);
    const char *path = explain->options.file;
    if (explain->options.json) {
        print_json(explain, step, index);
        return path ? explain_draw_step(explain, step) : EXIT_DONE;
    }
    print_head(explain, step);
    if (explain->parameter_text) {
        print_parameter(explain, step, index);
        status = print_rows(explain, step);
        if (!status && path) status = explain_draw_step(explain, step);
        if (!status && path) printf("\nsaved     %s\n", safe(path).text);
        return status;
    }
    table_text("\nThe gradient over the mini-batch\n");
    explain_print_norms(explain, step->mean);
    print_movers(explain, step);
    table_text("--weight L,J,K or --bias L,J shows which rows moved one of them.\n");
    return EXIT_DONE;
}
