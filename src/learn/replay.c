/* A training made again, from a snapshot of its journal on. */
#include "base/status.h"
#include "base/text.h"
#include "learn/journal.h"

#include <math.h>
#include <nudge_insight.h>
#include <string.h>

struct replay {
    const struct nudge_journal *journal;
    size_t snapshot; /* it begins at */
    nudge_net *net;
    struct epoch run;
    size_t first; /* the first that is shown */
    nudge_replay_callback *on_step;
    void *user;
};

/* -- where it begins -- */

static nudge_status check_data(const struct replay *replay, const nudge_data *data, size_t last,
                               nudge_error *error) {
    const struct nudge_journal *journal = replay->journal;
    size_t before = (size_t)journal->at[replay->snapshot];
    if (!data)
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "step %zu: the snapshot before it is of step %zu; what lies between can only be made again "
            "with the data",
            last, before);
    size_t rows = nudge_data_rows(data, NUDGE_PART_TRAIN);
    if (rows == journal->rows) return NUDGE_OK;
    return error_set(
        error, NUDGE_BAD_ARGUMENT,
        "%s has %zu training rows, but the journal is of a training on %zu: expected the same data, split "
        "in the same way",
        nudge_data_name(data), rows, journal->rows);
}

/* The net, and what the optimizer remembers, as they were. */
static void put_snapshot(struct replay *replay) {
    const struct nudge_journal *journal = replay->journal;
    const float *from = journal_snapshot(journal, replay->snapshot);
    nudge_trainer *trainer = replay->run.trainer;
    journal_put(journal, replay->snapshot, replay->net);
    if (!trainer) return;
    for (size_t v = 1; v < journal->vectors; v++)
        net_from_canonical(replay->net, trainer->states[v - 1], from + v * replay->net->parameter_count);
    trainer->steps = journal->at[replay->snapshot];
}

static nudge_status begin_replay(struct replay *replay, nudge_context *context, const nudge_data *data,
                                 size_t last, nudge_error *error) {
    const struct nudge_journal *journal = replay->journal;
    nudge_status status = NUDGE_OK;
    bool trains = journal->at[replay->snapshot] < last;
    if (trains) status = check_data(replay, data, last, error);
    if (!status) status = nudge_net_clone(context, journal->net, &replay->net, error);
    if (!status && trains)
        status = epoch_set(&replay->run, context, replay->net, data, &journal->training, error);
    if (!status && trains) status = epoch_make(&replay->run, error);
    if (!status) put_snapshot(replay);
    return status;
}

/* -- its steps -- */

/* Whether the first step is the one of the journal: with other data its cost is another. Another engine or
 * precision computes it with other rounding. */
static nudge_status check_cost(const struct replay *replay, nudge_error *error) {
    const struct nudge_journal *journal = replay->journal;
    const nudge_context *context = replay->net->context;
    double expected = journal->next_cost[replay->snapshot], found = replay->run.step_cost;
    bool alike = strcmp(journal->precision, nudge_context_precision(context)) == 0;
    if (!(fabs(found - expected) > (alike ? 1e-4 : 0.05) * fabs(expected) + 1e-6)) return NUDGE_OK;
    return error_set(
        error, NUDGE_BAD_ARGUMENT,
        "%s is not what the journal's training was on: the cost of its step %llu was %s, with these rows "
        "it is %s",
        nudge_data_name(replay->run.data), (unsigned long long)journal->at[replay->snapshot] + 1,
        text_number(expected, 6).text, text_number(found, 6).text);
}

static nudge_status make_step(struct replay *replay, size_t step, nudge_error *error) {
    struct epoch *run = &replay->run;
    size_t before = (size_t)replay->journal->at[replay->snapshot], epoch = (step - 1) / run->steps + 1,
           in_epoch = (step - 1) % run->steps + 1;
    bool begins = step == before + 1;
    if (begins || in_epoch == 1) epoch_begin(run, epoch);
    nudge_status status = epoch_step(run, in_epoch, error);
    return !status && begins ? check_cost(replay, error) : status;
}

static nudge_status show(struct replay *replay, size_t last, nudge_error *error) {
    for (size_t step = (size_t)replay->journal->at[replay->snapshot];; step++) {
        if (step >= replay->first && !replay->on_step(replay->user, step, replay->net)) return NUDGE_OK;
        if (step == last) return NUDGE_OK;
        nudge_status status = make_step(replay, step + 1, error);
        if (status) return status;
    }
}

nudge_status nudge_journal_replay(nudge_context *context, const nudge_journal *journal,
                                  const nudge_data *data, size_t first, size_t last,
                                  nudge_replay_callback *on_step, void *user, nudge_error *error) {
    if (missing(error, context, journal, on_step)) return NUDGE_BAD_ARGUMENT;
    if (!journal->net) return error_set(error, NUDGE_BAD_ARGUMENT, "the journal has no training in it yet");
    if (first > last || last > journal->steps)
        return error_set(error, NUDGE_BAD_ARGUMENT, "steps %zu to %zu, expected 0 to %zu, which were made",
                         first, last, journal->steps);
    size_t snapshot = 0; /* the last one that is not after the first step */
    for (size_t i = 1; i < journal->count && journal->at[i] <= first; i++) snapshot = i;
    struct replay replay = {
        .journal = journal, .snapshot = snapshot, .first = first, .on_step = on_step, .user = user};
    nudge_status status = begin_replay(&replay, context, data, last, error);
    if (!status) status = show(&replay, last, error);
    if (replay.run.net) epoch_release(&replay.run);
    nudge_net_free(replay.net);
    return status;
}
