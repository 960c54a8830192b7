/* nudge explain --all: from one example to all rows of the part: one parameter's gradient for each of them,
 * and the gradient of the whole network. */
#include "cli/explain/explain.h"
#include "cli/signals.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/progress.h"
#include "cli/tell/safe.h"
#include "cli/tell/table.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

/* Four digits are enough to see it. */
static struct number_text number(double value) {
    return number_short(value, 4);
}

/* -- walking -- */

struct walked {
    double begun;
    bool live, drawn;
};

static bool show_walked(void *user, size_t done, size_t all) {
    struct walked *walked = user;
    if (walked->live && (walked->drawn || progress_clock() - walked->begun > 0.3)) {
        fprintf(stderr, "\r%s of %s rows", number_count(done).text, number_count(all).text);
        if (done == all) fputs("\r\033[K", stderr);
        fflush(stderr);
        walked->drawn = true;
    }
    return signals_caught() == 0;
}

static nudge_gradient_options options_for(struct walked *walked) {
    nudge_gradient_options options = NUDGE_GRADIENT_OPTIONS;
    options.on_rows = show_walked;
    options.user = walked;
    return options;
}

/* C over all rows with the parameter as it would be; NaN where the walk was stopped. */
static nudge_status cost_at(const struct explain *explain, nudge_net *net, double value,
                            struct walked *walked, double *cost, nudge_error *error) {
    nudge_gradient_options options = options_for(walked);
    nudge_gradient_result result = NUDGE_GRADIENT_RESULT;
    nudge_status status = nudge_net_set_parameter(net, &explain->parameter, (float)value, error);
    if (!status)
        status = nudge_gradient(explain->opened.context, net, explain->opened.data, explain->part, &options,
                                &result, error);
    *cost = result.stopped ? NAN : result.cost;
    return status;
}

/* The parameter is a number of f32: it moves by what lies between two of them. */
static int nudge_all(const struct explain *explain, struct explain_many *many, struct walked *walked) {
    size_t index = 0;
    nudge_net *net = NULL;
    nudge_error error;
    double value = explain_value(explain, &explain->parameter), by = explain->by;
    nudge_status status = nudge_net_parameter_index(explain->opened.net, &explain->parameter, &index, &error);
    if (!status) status = nudge_net_clone(explain->opened.context, explain->opened.net, &net, &error);
    for (size_t i = 0; i < EXPLAIN_SIZES && !status; i++, by /= 10) {
        many->by[i] = (double)(float)(value + by) - value;
        many->predicted[i] = many->mean[index] * many->by[i];
        status = cost_at(explain, net, value + by, walked, &many->measured[i], &error);
        many->measured[i] -= many->result.cost;
    }
    nudge_net_free(net);
    return status ? say_error(&error, SAY_RUNNING) : EXIT_DONE;
}

void explain_free_many(struct explain_many *many) {
    free(many->mean);
    free(many->each);
    free(many->sorted);
}

int explain_walk_all(struct explain *explain, struct explain_many *many) {
    struct walked walked = {progress_clock(), terminal_is(stderr), false};
    nudge_gradient_options options = options_for(&walked);
    size_t rows = nudge_data_rows(explain->opened.data, explain->part);
    bool one = explain->parameter_text;
    nudge_error error;
    many->mean = calloc(nudge_net_parameters(explain->opened.net), sizeof *many->mean);
    many->each = one ? calloc(rows, sizeof *many->each) : NULL;
    many->sorted = one ? calloc(rows, sizeof *many->sorted) : NULL;
    if (!many->mean || (one && (!many->each || !many->sorted)))
        return say_failure("not enough memory: for the gradients of %s rows", number_count(rows).text);
    options.parameter = one ? &explain->parameter : NULL;
    many->result.mean = many->mean;
    many->result.each = many->each;
    if (nudge_gradient(explain->opened.context, explain->opened.net, explain->opened.data, explain->part,
                       &options, &many->result, &error))
        return say_error(&error, SAY_RUNNING);
    if (many->result.stopped)
        return say_failure("stopped after %s of %s rows: nothing is shown",
                           number_count(many->result.rows).text, number_count(rows).text);
    if (!one) return EXIT_DONE;
    memcpy(many->sorted, many->each, rows * sizeof *many->sorted);
    qsort(many->sorted, rows, sizeof *many->sorted, number_compare);
    return nudge_all(explain, many, &walked);
}

/* -- one parameter, row by row -- */

static void print_spread(const double *sorted, size_t rows) {
    static const double shares[] = {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};
    static const int widths[] = {11, 11, 11, 11, 11, 11, 11};
    struct number_text texts[7];
    for (size_t i = 0; i < 7; i++) texts[i] = number(sorted[(size_t)(shares[i] * (double)(rows - 1) + 0.5)]);
    TABLE_HEAD(widths, "least", "5 %", "25 %", "median", "75 %", "95 %", "most");
    TABLE_ROW(widths, texts[0].text, texts[1].text, texts[2].text, texts[3].text, texts[4].text,
              texts[5].text, texts[6].text);
}

/* Those that push it most one way. */
struct pushers {
    const struct explain *explain;
    const double *each;
};

static size_t pusher(void *user, size_t i) {
    const struct pushers *pushers = user;
    return pushers->explain->room.chosen[i];
}

static bool tell_pusher(void *user, size_t i, struct explain_row *row) {
    const struct pushers *pushers = user;
    row->cells[0] = number(pushers->each[pusher(user, i)]);
    for (size_t c = 1; c < 4; c++) row->cells[c].text[0] = 0;
    format_text(row->caption, sizeof row->caption, text_word("row %zu: %s"), row->index, row->cells[0].text);
    return true;
}

static int print_pushers(const struct explain *explain, const struct explain_many *many, double sign) {
    struct pushers pushers = {explain, many->each};
    struct explain_rows rows = {
        .headings = {"∂C_0/∂p", "", "", ""}, .index = pusher, .take = tell_pusher, .user = &pushers};
    rows.count = explain_choose_rows(many->each, many->result.rows, sign,
                                     explain_most(explain, many->result.rows), explain->room.chosen);
    table_text(sign < 0 ? "\nPushed up most by:\n" : "\nPushed down most by:\n");
    if (rows.count > 0) return explain_print_rows(explain, &rows);
    table_text("  no row\n");
    return EXIT_DONE;
}

/* Predicted and measured, over all rows. */
static void print_nudges(const struct explain_many *many) {
    static const int widths[] = {-12, 17, 17, 13};
    table_text("\nNudged, over all these rows: the change of C predicted beside the one measured\n");
    TABLE_HEAD(widths, "by", "predicted ΔC", "measured ΔC", "difference");
    for (size_t i = 0; i < EXPLAIN_SIZES; i++) {
        char difference[32];
        format_text(difference, sizeof difference, "%.2e", many->measured[i] - many->predicted[i]);
        TABLE_ROW(widths, number_short(many->by[i], 3).text, number_short(many->predicted[i], 7).text,
                  number_short(many->measured[i], 7).text, difference);
    }
}

static int print_each(const struct explain *explain, const struct explain_many *many) {
    size_t rows = many->result.rows, up = 0, down = 0, index = 0;
    for (size_t r = 0; r < rows; r++) {
        up += many->each[r] < 0;
        down += many->each[r] > 0;
    }
    nudge_net_parameter_index(explain->opened.net, &explain->parameter, &index, NULL);
    double mean = many->mean[index];
    table_text("∂C_0/∂p of %s for each. Their mean, ∂C/∂p, is %s:\ngradient descent moves it %s\n",
               parameter_name(explain->opened.net, &explain->parameter).text, number(mean).text,
               text_word(mean < 0   ? "up"
                         : mean > 0 ? "down"
                                    : "nowhere"));
    table_text("%s rows push it up, %s down, %s neither way\n", number_count(up).text,
               number_count(down).text, number_count(rows - up - down).text);
    print_spread(many->sorted, rows);
    print_nudges(many);
    int status = print_pushers(explain, many, -1);
    return status ? status : print_pushers(explain, many, 1);
}

/* -- the whole network -- */

static void print_tensor(const char *name, const double *gradient, size_t count) {
    static const int widths[] = {-10, 12, 14, 14, 14, 12};
    double squares = 0, largest = 0;
    size_t zeros = 0;
    for (size_t i = 0; i < count; i++) {
        squares += gradient[i] * gradient[i];
        largest = fabs(gradient[i]) > largest ? fabs(gradient[i]) : largest;
        zeros += gradient[i] == 0;
    }
    TABLE_ROW(widths, name, number_count(count).text, number(sqrt(squares)).text,
              number(sqrt(squares / (double)count)).text, number(largest).text, number_count(zeros).text);
}

void explain_print_norms(const struct explain *explain, const double *mean) {
    static const int widths[] = {-10, 12, 14, 14, 14, 12};
    TABLE_HEAD(widths, "tensor", "parameters", "norm", "root mean sq.", "largest", "exactly 0");
    for (size_t l = 1; l <= explain->last; l++) {
        size_t weights = explain->layers[l].neurons * explain->layers[l - 1].neurons;
        char name[24];
        format_text(name, sizeof name, "w(%zu)", l);
        print_tensor(name, mean, weights);
        format_text(name, sizeof name, "b(%zu)", l);
        print_tensor(name, mean + weights, explain->layers[l].neurons);
        mean += weights + explain->layers[l].neurons;
    }
}

static void print_largest(const struct explain *explain, const double *mean) {
    static const int widths[] = {-20, 14, 14, -6};
    size_t count = nudge_net_parameters(explain->opened.net), *chosen = explain->room.chosen;
    size_t found = explain_largest(mean, count, explain_most(explain, count), chosen);
    TABLE_HEAD(widths, "largest gradients", "value", "∂C/∂p", "");
    for (size_t i = 0; i < found; i++) {
        nudge_parameter parameter;
        if (nudge_net_parameter_at(explain->opened.net, chosen[i], &parameter, NULL)) continue;
        TABLE_ROW(widths, parameter_name(explain->opened.net, &parameter).text,
                  number(explain_value(explain, &parameter)).text, number(mean[chosen[i]]).text,
                  text_word(mean[chosen[i]] < 0 ? "  up" : "  down"));
    }
}

int explain_print_all(const struct explain *explain, const struct explain_many *many) {
    int status = EXIT_DONE;
    table_text("\nFrom one to all: the %s %s rows, C = %s, the mean of their C_0\n",
               number_count(many->result.rows).text, text_word(part_name(explain->part)),
               number(many->result.cost).text);
    if (many->each) status = print_each(explain, many);
    if (status) return status;
    table_text("\nThe whole network: the mean gradient over these rows\n");
    explain_print_norms(explain, many->mean);
    print_largest(explain, many->mean);
    return EXIT_DONE;
}
