/* nudge explain --all: from one example to all rows of the part: one parameter's gradient for each of them,
 * and the gradient of the whole network. */
#include "cli/explain/explain.h"
#include "cli/signals.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/pictures.h"
#include "cli/tell/progress.h"
#include "cli/tell/safe.h"
#include "cli/tell/table.h"
#include "cli/tell/terminal.h"

#include <math.h>
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

int explain_walk_all(struct explain *explain, struct explain_many *many) {
    nudge_gradient_options options = NUDGE_GRADIENT_OPTIONS;
    struct walked walked = {progress_clock(), terminal_is(stderr), false};
    size_t rows = nudge_data_rows(explain->opened.data, explain->part);
    nudge_error error;
    many->mean = calloc(nudge_net_parameters(explain->opened.net), sizeof *many->mean);
    many->each = explain->parameter_text ? calloc(rows, sizeof *many->each) : NULL;
    if (!many->mean || (explain->parameter_text && !many->each))
        return say_failure("not enough memory: for the gradients of %s rows", number_count(rows).text);
    options.parameter = explain->parameter_text ? &explain->parameter : NULL;
    options.on_rows = show_walked;
    options.user = &walked;
    many->result.mean = many->mean;
    many->result.each = many->each;
    if (nudge_gradient(explain->opened.context, explain->opened.net, explain->opened.data, explain->part,
                       &options, &many->result, &error))
        return say_error(&error, SAY_RUNNING);
    if (many->result.stopped)
        return say_failure("stopped after %s of %s rows: nothing is shown",
                           number_count(many->result.rows).text, number_count(rows).text);
    return EXIT_DONE;
}

/* -- one parameter, row by row -- */

static int compare_numbers(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_spread(const double *each, size_t rows) {
    static const double shares[] = {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};
    static const int widths[] = {12, 12, 12, 12, 12, 12, 12};
    struct number_text texts[7];
    double *sorted = calloc(rows, sizeof *sorted);
    if (!sorted) return;
    memcpy(sorted, each, rows * sizeof *sorted);
    qsort(sorted, rows, sizeof *sorted, compare_numbers);
    for (size_t i = 0; i < 7; i++) texts[i] = number(sorted[(size_t)(shares[i] * (double)(rows - 1) + 0.5)]);
    free(sorted);
    TABLE_ROW(widths, "least", "5 %", "25 %", "median", "75 %", "95 %", "most");
    TABLE_ROW(widths, texts[0].text, texts[1].text, texts[2].text, texts[3].text, texts[4].text,
              texts[5].text, texts[6].text);
}

size_t explain_choose_rows(const double *each, size_t rows, double sign, size_t most, size_t *chosen) {
    size_t used = 0;
    for (size_t r = 0; r < rows; r++) {
        size_t at = used;
        if (!(sign * each[r] > 0)) continue;
        while (at > 0 && sign * each[r] > sign * each[chosen[at - 1]]) at--;
        if (at == most) continue;
        if (used < most) used++;
        memmove(chosen + at + 1, chosen + at, (used - 1 - at) * sizeof *chosen);
        chosen[at] = r;
    }
    return used;
}

static int print_rows(struct explain *explain, const double *each, const size_t *chosen, size_t count) {
    static const int widths[] = {-12, -20, -20, 14};
    const nudge_data *data = explain->opened.data;
    TABLE_ROW(widths, "row", "target", "answer", "gradient");
    for (size_t i = 0; i < count; i++) {
        int status = answers_take(&explain->answers, data, explain->part, chosen[i], 1);
        if (status) return status;
        char target[48], answer[48];
        int32_t label = nudge_data_label(data, explain->part, chosen[i]);
        struct answer given = {0};
        if (label >= 0) given = answer_of(&explain->answers, 0);
        format_text(target, sizeof target, "%s",
                    label >= 0 ? net_class_name(explain->opened.net, (size_t)label).text
                               : number((double)explain->answers.targets[0]).text);
        format_text(answer, sizeof answer, "%s",
                    label >= 0 ? net_class_name(explain->opened.net, given.class_index).text
                               : number((double)explain->answers.outputs[0]).text);
        TABLE_ROW(widths, number_count(chosen[i]).text, target, answer, number(each[chosen[i]]).text);
    }
    return EXIT_DONE;
}

/* As many as stand side by side. */
static int print_row_images(struct explain *explain, const double *each, const size_t *chosen, size_t count) {
    struct captioned pictures[PICTURES_MOST];
    const nudge_data *data = explain->opened.data;
    size_t width, columns = pictures_columns(1), made = 0;
    nudge_data_image(data, NULL, &width);
    size_t abreast = pictures_abreast(width);
    int status = EXIT_DONE;
    for (; made < count && made < abreast && !status; made++) {
        status = answers_take(&explain->answers, data, explain->part, chosen[made], 1);
        if (!status && !pictures_take(&pictures[made].picture, data, explain->answers.features, columns))
            status = say_failure("not enough memory: for an image");
        if (status) break;
        format_text(pictures[made].caption, sizeof pictures[made].caption, "%s %zu: %s",
                    part_name(explain->part), chosen[made], number(each[chosen[made]]).text);
    }
    if (status)
        while (made > 0) picture_free(&pictures[--made].picture);
    else if (made > 0)
        pictures_print(pictures, made, shades_for(stdout));
    return status;
}

static int print_pushers(struct explain *explain, const struct explain_many *many, double sign) {
    size_t rows = many->result.rows, most = explain->top < rows ? explain->top : rows;
    size_t *chosen = calloc(most, sizeof *chosen), count = 0;
    int status = chosen ? EXIT_DONE : say_failure("not enough memory: for a list of rows");
    if (chosen) count = explain_choose_rows(many->each, rows, sign, most, chosen);
    table_text("\nPushed %s most by:\n", sign < 0 ? "up" : "down");
    if (!status && count == 0) table_text("  no row\n");
    if (!status && count > 0) status = print_rows(explain, many->each, chosen, count);
    if (!status && nudge_data_image(explain->opened.data, NULL, NULL))
        status = print_row_images(explain, many->each, chosen, count);
    free(chosen);
    return status;
}

static int print_each(struct explain *explain, const struct explain_many *many) {
    size_t rows = many->result.rows, up = 0, down = 0, index = 0;
    for (size_t r = 0; r < rows; r++) {
        up += many->each[r] < 0;
        down += many->each[r] > 0;
    }
    nudge_net_parameter_index(explain->opened.net, &explain->parameter, &index, NULL);
    double mean = many->mean[index];
    table_text("∂C_0/∂p of %s for each; their mean, ∂C/∂p, is %s: gradient descent moves it %s\n",
               parameter_name(explain->opened.net, &explain->parameter).text, number(mean).text,
               mean < 0   ? "up"
               : mean > 0 ? "down"
                          : "nowhere");
    table_text("%s rows push it up, %s down, %s neither way\n", number_count(up).text,
               number_count(down).text, number_count(rows - up - down).text);
    print_spread(many->each, rows);
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
    TABLE_ROW(widths, "tensor", "parameters", "norm", "root mean sq.", "largest", "exactly 0");
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
    size_t count = nudge_net_parameters(explain->opened.net);
    size_t most = explain->top < count ? explain->top : count, *chosen = calloc(most, sizeof *chosen);
    if (!chosen) return;
    size_t found = explain_largest(mean, count, most, chosen);
    TABLE_ROW(widths, "largest gradients", "value", "∂C/∂p", "");
    for (size_t i = 0; i < found; i++) {
        nudge_parameter parameter;
        if (nudge_net_parameter_at(explain->opened.net, chosen[i], &parameter, NULL)) continue;
        TABLE_ROW(widths, parameter_name(explain->opened.net, &parameter).text,
                  number(explain_value(explain, &parameter)).text, number(mean[chosen[i]]).text,
                  mean[chosen[i]] < 0 ? "  up" : "  down");
    }
    free(chosen);
}

int explain_print_all(struct explain *explain, const struct explain_many *many) {
    int status = EXIT_DONE;
    table_text("\nFrom one to all: the %s %s rows, C = %s, the mean of their C_0\n",
               number_count(many->result.rows).text, part_name(explain->part),
               number(many->result.cost).text);
    if (many->each) status = print_each(explain, many);
    if (status) return status;
    table_text("\nThe whole network: the mean gradient over these rows\n");
    explain_print_norms(explain, many->mean);
    print_largest(explain, many->mean);
    return EXIT_DONE;
}
