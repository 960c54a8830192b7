/* nudge explain JOURNAL --weight: when that parameter moved, over the whole training and, where it moved
 * most, step by step. */
#include "cli/explain/explain.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/table.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>

static struct number_text number(double value) {
    return number_short(value, 5);
}

/* -- reading -- */

void explain_free_moves(struct explain_moves *moves) {
    free(moves->steps);
    free(moves->values);
    free(moves->moved);
}

int explain_read_moves(const struct explain *explain, struct explain_moves *moves) {
    const nudge_journal *journal = explain->opened.journal;
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    nudge_error error;
    size_t parameters = nudge_net_parameters(explain->opened.net), index = 0;
    nudge_status status = nudge_journal_describe(journal, &summary, &error);
    if (!status) status = nudge_net_parameter_index(explain->opened.net, &explain->parameter, &index, &error);
    if (status) return say_error(&error, SAY_RUNNING);
    float *snapshot = malloc(parameters * sizeof *snapshot);
    *moves = (struct explain_moves){summary.snapshots, calloc(summary.snapshots, sizeof *moves->steps),
                                    calloc(summary.snapshots, sizeof *moves->values),
                                    calloc(summary.snapshots, sizeof *moves->moved)};
    bool made = snapshot && moves->steps && moves->values && moves->moved;
    for (size_t i = 0; made && !status && i < moves->count; i++) {
        status = nudge_journal_snapshot(journal, i, &moves->steps[i], snapshot, parameters, &error);
        moves->values[i] = (double)snapshot[index];
        moves->moved[i] = i ? moves->values[i] - moves->values[i - 1] : 0;
    }
    free(snapshot);
    if (!made) return say_failure("not enough memory: for the journal's snapshots");
    return status ? say_error(&error, SAY_RUNNING) : EXIT_DONE;
}

/* -- step by step, between two snapshots -- */

struct traced {
    const struct explain *explain;
    size_t index, first;
    double *values;
};

static bool trace(void *user, size_t step, const nudge_net *net) {
    struct traced *traced = user;
    float number;
    nudge_status status = nudge_net_get_parameter(net, &traced->explain->parameter, &number, NULL);
    if (!status) traced->values[step - traced->first] = (double)number;
    return status == NUDGE_OK;
}

static const int step_widths[] = {12, 14, 14, 14};

static void print_step(size_t step, double before, double after) {
    char name[48];
    snprintf(name, sizeof name, "%zu", step);
    TABLE_ROW(step_widths, name, number(before).text, number(after).text, number(after - before).text);
}

/* Data that are not the training's only cost the closer look. */
static int print_closely(const struct explain *explain, size_t first, size_t last) {
    size_t count = last - first, most = explain->top < count ? explain->top : count;
    struct traced traced = {explain, 0, first, calloc(count + 1, sizeof(double))};
    double *moved = calloc(count, sizeof *moved);
    size_t *chosen = calloc(most, sizeof *chosen);
    nudge_error error;
    int status = EXIT_DONE;
    if (!traced.values || !moved || !chosen)
        status = say_failure("not enough memory: for the steps of a training");
    else if (nudge_journal_replay(explain->opened.context, explain->opened.journal, explain->opened.data,
                                  first, last, trace, &traced, &error))
        table_text("(Its single steps cannot be shown: %s)\n", error.message);
    else {
        for (size_t i = 0; i < count; i++) moved[i] = traced.values[i + 1] - traced.values[i];
        size_t found = explain_largest(moved, count, most, chosen);
        table_text("\nStep by step among the %zu steps of the first of these:\n", count);
        TABLE_HEAD(step_widths, "step", "from", "to", "moved by");
        for (size_t i = 0; i < found; i++)
            print_step(first + chosen[i] + 1, traced.values[chosen[i]], traced.values[chosen[i] + 1]);
    }
    free(traced.values);
    free(moved);
    free(chosen);
    return status;
}

/* -- all of it -- */

static int print_read(const struct explain *explain, const struct explain_moves *moves) {
    static const int widths[] = {12, 12, 14, 14, 14};
    size_t most = explain->top < moves->count ? explain->top : moves->count,
           *chosen = calloc(most, sizeof *chosen);
    size_t last = moves->count - 1;
    if (!chosen) return say_failure("not enough memory: for a list");
    size_t found = explain_largest(moves->moved, moves->count, most, chosen);
    table_text("\nOver the training: %s was %s at first, %s after step %s\n",
               parameter_name(explain->opened.net, &explain->parameter).text, number(moves->values[0]).text,
               number(moves->values[last]).text, number_count(moves->steps[last]).text);
    table_text("Where it moved most, of %s times that the journal looked:\n", number_count(last).text);
    TABLE_HEAD(widths, "from step", "to step", "from", "to", "moved by");
    for (size_t i = 0; i < found; i++) {
        size_t at = chosen[i];
        char from[24], to[24];
        if (at == 0 || moves->moved[at] == 0) continue;
        snprintf(from, sizeof from, "%zu", moves->steps[at - 1] + 1);
        snprintf(to, sizeof to, "%zu", moves->steps[at]);
        TABLE_ROW(widths, from, to, number(moves->values[at - 1]).text, number(moves->values[at]).text,
                  number(moves->moved[at]).text);
    }
    size_t at = chosen[0];
    free(chosen);
    int status = EXIT_DONE;
    if (at > 0 && moves->moved[at] != 0 && moves->steps[at] - moves->steps[at - 1] > 1)
        status = print_closely(explain, moves->steps[at - 1], moves->steps[at]);
    table_text("--at STEP shows which rows moved it.\n");
    return status;
}

int explain_print_moves(const struct explain *explain) {
    struct explain_moves moves = {0};
    int status = explain_read_moves(explain, &moves);
    if (!status) status = print_read(explain, &moves);
    explain_free_moves(&moves);
    return status;
}

json_t *explain_moves_json(const struct explain *explain) {
    struct explain_moves moves = {0};
    json_t *object = json_object(), *steps = json_array(), *values = json_array();
    bool read = !explain_read_moves(explain, &moves);
    for (size_t i = 0; read && i < moves.count; i++) {
        json_append(steps, json_integer((json_int_t)moves.steps[i]));
        json_append(values, json_figure(moves.values[i]));
    }
    json_add(object, "steps", steps);
    json_add(object, "values", values);
    explain_free_moves(&moves);
    if (read) return object;
    json_decref(object); /* what is missing makes the whole line fail */
    return NULL;
}
