/* nudge explain: the smallest change of the input that changes the answer. Of images the inputs that argue most for the
 * answer are erased together, one more at a time; of tables one column at a time is moved, a quarter of a deviation after
 * the other, within what training saw; where none does it alone, up to three by a deviation each, the one that does most
 * first. Nothing is guessed: the network is asked each time, many rows at once. */
#include "cli/explain/explain.h"
#include "cli/tell/safe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_COLUMNS = 256, /* of more the inputs are erased, as pixels are */
    QUARTERS = 4,       /* of a deviation, the size of a step */
    STEPS = 4 * QUARTERS
};

/* -- one input of a row -- */

/* The feature's column in the net's table; false: it has no names. */
static bool column_of(const struct explain *explain, size_t input, nudge_column *column) {
    for (size_t c = 0; nudge_net_columns(explain->opened.net, c, column); c++)
        if (column->role == NUDGE_COLUMN_FEATURE && input >= column->first &&
            input - column->first < column->inputs)
            return true;
    return false;
}

void explain_set_input(const struct explain *explain, float *row, size_t input, float value) {
    nudge_column column = NUDGE_COLUMN;
    if (column_of(explain, input, &column)) memset(row + column.first, 0, column.inputs * sizeof *row);
    row[input] = value;
}

/* -- asking -- */

/* Rows that are asked together; what each of them is. */
struct asked {
    const struct explain *explain;
    struct explain_flip *flip;
    size_t rows;
    struct change {
        size_t count, input; /* erased; or set */
        float value;
    } changes[EXPLAIN_MOST_ERASED];
    double distance; /* of a regression's answer from its target: the least so far */
    size_t fixed;    /* columns that stay as they are set, */
    bool greedy;     /* while the next is looked for that does most: */
    double best;     /* how far it is beyond what is answered now */
};

static bool is_regression(const struct explain *explain) {
    return explain->label < 0;
}

/* In deviations of the targets, squared. */
static double distance_of(const struct explain *explain, const float *outputs) {
    double sum = 0;
    for (size_t j = 0; j < explain->others->count; j++) {
        nudge_transform t = NUDGE_TRANSFORM;
        nudge_net_target_transform(explain->opened.net, j, &t);
        double off = (double)(outputs[j] - explain->answers.targets[j]) * (double)t.factor;
        sum += off * off;
    }
    return sum;
}

/* Right again, or, where the answer was right, another. */
static bool is_wanted(const struct explain *explain, size_t answer) {
    bool was_right = explain->label == (int32_t)explain->answer_class;
    return was_right ? answer != explain->answer_class : explain->label == (int32_t)answer;
}

/* How far the wanted answer is before the one that is given now: above 0 where it is given. */
static double lead_of(const struct explain *explain, const float *outputs) {
    size_t count = explain->others->count, given = explain->answer_class;
    bool was_right = explain->label == (int32_t)given;
    if (count == 1) return given ? -(double)outputs[0] : (double)outputs[0];
    double wanted = -INFINITY, others = -INFINITY;
    for (size_t j = 0; j < count; j++) {
        double output = (double)outputs[j];
        if (was_right ? j != given : j == (size_t)explain->label)
            wanted = output > wanted ? output : wanted;
        else
            others = output > others ? output : others;
    }
    return wanted - others;
}

static void keep(struct asked *asked, size_t r, size_t answer) {
    const struct answers *others = asked->explain->others;
    struct explain_flip *flip = asked->flip;
    const struct change *change = &asked->changes[r];
    flip->answer = answer;
    flip->output =
        (double)others
            ->outputs[r * others->count + (is_regression(asked->explain) || others->count == 1 ? 0 : answer)];
    flip->count = change->count;
    if (flip->erases) return;
    flip->sets[asked->fixed] = (struct explain_set){change->input, change->value};
    flip->set_count = asked->fixed + 1;
}

static void look(struct asked *asked, size_t r) {
    const struct explain *explain = asked->explain;
    const float *outputs = explain->others->outputs + r * explain->others->count;
    size_t answer = nudge_answer(outputs, explain->others->count);
    if (answer == NUDGE_NO_ANSWER) return;
    if (is_regression(explain)) {
        double distance = distance_of(explain, outputs);
        if (!(distance < asked->distance)) return;
        asked->distance = distance;
    } else if (asked->greedy) {
        double lead = lead_of(explain, outputs);
        if (!(lead > asked->best)) return;
        asked->best = lead;
        keep(asked, r, answer);
        return;
    } else if (!is_wanted(explain, answer) || asked->flip->found)
        return;
    asked->flip->found = true;
    keep(asked, r, answer);
}

static int ask(struct asked *asked) {
    const struct explain *explain = asked->explain;
    nudge_error error;
    if (asked->rows == 0) return EXIT_DONE;
    if (nudge_predict(explain->others->predictor, explain->others->features, asked->rows,
                      explain->others->outputs, &error))
        return say_error(&error, SAY_RUNNING);
    for (size_t r = 0; r < asked->rows; r++) look(asked, r);
    asked->rows = 0;
    return EXIT_DONE;
}

/* Room for one more row, which begins as the example, with the columns that are set already. */
static float *add(struct asked *asked, struct change change, int *status) {
    const struct explain *explain = asked->explain;
    size_t inputs = explain->others->inputs;
    if (asked->rows == explain->others->capacity || asked->rows == EXPLAIN_MOST_ERASED) *status = ask(asked);
    float *row = explain->others->features + asked->rows * inputs;
    asked->changes[asked->rows++] = change;
    memcpy(row, explain->features, inputs * sizeof *row);
    for (size_t i = 0; i < asked->fixed; i++)
        explain_set_input(explain, row, asked->flip->sets[i].input, asked->flip->sets[i].value);
    return row;
}

/* -- erasing inputs -- */

static int erase_more_and_more(struct asked *asked) {
    enum { LEAST = 3, SHARE = 20 }; /* a change of more than one input in 20 is not small */
    const struct explain *explain = asked->explain;
    struct explain_flip *flip = asked->flip;
    size_t inputs = explain->layers[0].neurons, most = inputs / SHARE;
    int status = EXIT_DONE;
    if (most < LEAST) most = inputs < LEAST ? inputs : LEAST;
    if (most > EXPLAIN_MOST_ERASED) most = EXPLAIN_MOST_ERASED;
    size_t found = explain_choose_rows(explain->shares, inputs, 1, most, flip->erased);
    for (size_t n = 1; n <= found && !status && !flip->found; n++) {
        float *row = add(asked, (struct change){.count = n}, &status);
        for (size_t i = 0; i < n; i++) row[flip->erased[i]] = explain->erased[flip->erased[i]];
    }
    if (!status && !flip->found) status = ask(asked);
    if (!flip->found) flip->count = found;
    return status;
}

/* -- moving one column -- */

static bool is_whole(double x) {
    return isfinite(x) && x == round(x);
}

/* The feature moved by so many deviations of the training rows; NaN: there is nothing to move, or training saw no such
 * value. Rounded to three digits, so that it can be said; to a whole number where the column seems to have no others. */
static float moved(const struct explain *explain, size_t input, double deviations) {
    nudge_transform t = NUDGE_TRANSFORM;
    nudge_net_input_transform(explain->opened.net, input, &t);
    double x = (double)explain->features[input], range = (double)t.high - (double)t.low;
    char text[32];
    if (isnan(x)) x = (double)t.fill;
    if (t.factor == 0) return NAN;
    bool fitted =
        t.scale == NUDGE_SCALE_STANDARD || t.scale == NUDGE_SCALE_ROBUST || t.scale == NUDGE_SCALE_LOG;
    double spread = fitted ? 1 / fabs((double)t.factor) : isnan(range) ? fmax(fabs(x), 1) / 4 : range / 4;
    double at = (t.log ? copysign(log1p(fabs(x)), x) : x) + deviations * spread;
    if (t.log) at = copysign(expm1(fabs(at)), at);
    if (is_whole(x) && is_whole((double)t.low) && is_whole((double)t.high)) at = round(at);
    if (at < (double)t.low || at > (double)t.high) return NAN;
    format_text(text, sizeof text, "%.3g", at);
    return (float)atof(text);
}

static int move_number(struct asked *asked, size_t input, double deviations) {
    int status = EXIT_DONE;
    float value = moved(asked->explain, input, deviations);
    if (isnan(value) || value == asked->explain->features[input]) return status;
    float *row = add(asked, (struct change){0, input, value}, &status);
    explain_set_input(asked->explain, row, input, value);
    return status;
}

/* Whether its column is set already. */
static bool is_fixed(const struct asked *asked, size_t input, const nudge_column *column) {
    for (size_t i = 0; i < asked->fixed; i++) {
        size_t set = asked->flip->sets[i].input;
        if (set == input || (column && set >= column->first && set - column->first < column->inputs))
            return true;
    }
    return false;
}

static int move_input(struct asked *asked, size_t input, size_t step) {
    const struct explain *explain = asked->explain;
    nudge_column column = NUDGE_COLUMN;
    int status = EXIT_DONE;
    bool named = column_of(explain, input, &column);
    if (is_fixed(asked, input, named ? &column : NULL)) return status;
    if (named && column.kind == NUDGE_COLUMN_CATEGORY) { /* another category is as far as a deviation */
        if (step != QUARTERS || explain->features[input] > 0) return status;
        explain_set_input(explain, add(asked, (struct change){0, input, 1}, &status), input, 1);
        return status;
    }
    if (named && input > column.first) return status; /* the flag of a missing number */
    status = move_number(asked, input, -(double)step / QUARTERS);
    return status ? status : move_number(asked, input, (double)step / QUARTERS);
}

static int move_all(struct asked *asked, size_t step) {
    int status = EXIT_DONE;
    for (size_t k = 0; k < asked->explain->layers[0].neurons && !status; k++)
        status = move_input(asked, k, step);
    return status ? status : ask(asked);
}

static int move_further_and_further(struct asked *asked) {
    int status = EXIT_DONE;
    if (is_regression(asked->explain)) return move_all(asked, QUARTERS);
    for (size_t step = 1; step <= STEPS && !status && !asked->flip->found; step++)
        status = move_all(asked, step);
    return status;
}

/* Column after column, each by a deviation or to another category, the one that does most. */
static int move_several(struct asked *asked) {
    struct explain_flip *flip = asked->flip;
    int status = EXIT_DONE;
    asked->greedy = true;
    asked->best = -INFINITY;
    for (; asked->fixed < EXPLAIN_MOST_SET && !status && !flip->found; asked->fixed = flip->set_count) {
        status = move_all(asked, QUARTERS);
        if (flip->set_count == asked->fixed) break; /* nothing does more */
        flip->found = !status && is_wanted(asked->explain, flip->answer);
    }
    return status;
}

/* -- all of it -- */

/* Of a table its features, whatever inputs they became; else the inputs. */
static size_t count_columns(const struct explain *explain) {
    nudge_column column = NUDGE_COLUMN;
    size_t features = 0, c = 0;
    for (; nudge_net_columns(explain->opened.net, c, &column); c++)
        features += column.role == NUDGE_COLUMN_FEATURE;
    return c ? features : explain->layers[0].neurons;
}

int explain_find_flip(const struct explain *explain, struct explain_flip *flip) {
    struct asked asked = {.explain = explain, .flip = flip};
    *flip = (struct explain_flip){.erases = nudge_data_image(explain->opened.data, NULL, NULL) ||
                                            count_columns(explain) > MOST_COLUMNS};
    asked.distance = distance_of(explain, explain->answers.outputs);
    if (flip->erases) return is_regression(explain) ? EXIT_DONE : erase_more_and_more(&asked);
    int status = move_further_and_further(&asked);
    return status || flip->found || is_regression(explain) ? status : move_several(&asked);
}
