/* What a journal tells: see journal.h. */
#include "base/status.h"
#include "base/struct_size.h"
#include "data/order.h"
#include "learn/journal.h"
#include "learn/schedule.h"

#include <nudge_insight.h>
#include <string.h>

static nudge_status check_begun(const struct nudge_journal *journal, nudge_error *error) {
    return journal->net ? NUDGE_OK
                        : error_set(error, NUDGE_BAD_ARGUMENT, "the journal has no training in it yet");
}

const nudge_net *nudge_journal_net(const nudge_journal *journal) {
    return journal->net;
}

nudge_status nudge_journal_describe(const nudge_journal *journal, nudge_journal_summary *summary,
                                    nudge_error *error) {
    if (missing(error, journal, summary)) return NUDGE_BAD_ARGUMENT;
    nudge_journal_summary filled = NUDGE_JOURNAL_SUMMARY;
    nudge_status status = check_begun(journal, error);
    if (status) return status;
    filled.rows = journal->rows;
    filled.epoch_steps = journal->epoch_steps;
    filled.steps = journal->steps;
    filled.snapshots = journal->count;
    filled.every = journal->every;
    filled.records = journal->record_count;
    filled.span = journal->span;
    filled.engine = journal->engine;
    filled.precision = journal->precision;
    filled.unfinished = journal->unfinished;
    if (!options_give(summary, &filled, sizeof filled))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "journal summary: struct_size is not set; begin with NUDGE_JOURNAL_SUMMARY");
    return NUDGE_OK;
}

nudge_status nudge_journal_training(const nudge_journal *journal, nudge_train_options *options,
                                    nudge_error *error) {
    if (missing(error, journal, options)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_begun(journal, error);
    if (status) return status;
    if (!options_give(options, &journal->training, sizeof journal->training))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "training options: struct_size is not set; begin with NUDGE_TRAIN_OPTIONS");
    return NUDGE_OK;
}

nudge_status nudge_journal_restore(const nudge_journal *journal, size_t i, nudge_net *net,
                                   nudge_error *error) {
    if (missing(error, journal, net)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_begun(journal, error);
    if (status) return status;
    if (i >= journal->count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "snapshot %zu, expected 0 to %zu", i, journal->count - 1);
    if (net->inputs != journal->net->inputs || strcmp(net->text, journal->net->text))
        return error_set(error, NUDGE_BAD_ARGUMENT, "the journal is of another network");
    journal_put(journal, i, net);
    return NUDGE_OK;
}

nudge_status nudge_journal_snapshot(const nudge_journal *journal, size_t i, size_t *step, float *parameters,
                                    size_t count, nudge_error *error) {
    if (missing(error, journal)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_begun(journal, error);
    if (status) return status;
    if (i >= journal->count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "snapshot %zu, expected 0 to %zu", i, journal->count - 1);
    if (parameters && count != journal->net->parameter_count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "room for %zu parameters, expected %zu", count,
                         journal->net->parameter_count);
    if (step) *step = (size_t)journal->at[i];
    if (parameters) memcpy(parameters, journal_snapshot(journal, i), count * sizeof *parameters);
    return NUDGE_OK;
}

nudge_status nudge_journal_read(const nudge_journal *journal, size_t i, nudge_journal_record *record,
                                nudge_error *error) {
    if (missing(error, journal, record)) return NUDGE_BAD_ARGUMENT;
    nudge_journal_record filled = NUDGE_JOURNAL_RECORD;
    nudge_status status = check_begun(journal, error);
    if (status) return status;
    if (!options_take(&filled, sizeof filled, record))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "journal record: struct_size is not set; begin with NUDGE_JOURNAL_RECORD");
    if (i >= journal->record_count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "record %zu, but the journal has %zu", i,
                         journal->record_count);
    const float *figures = journal->records + i * journal->figures;
    filled.first = i * journal->span + 1;
    filled.last = i + 1 < journal->record_count ? (i + 1) * journal->span : journal->steps;
    filled.cost = (double)figures[0];
    for (size_t l = 1; filled.norms && l < journal->figures; l++) filled.norms[l - 1] = (double)figures[l];
    options_give(record, &filled, sizeof filled);
    return NUDGE_OK;
}

nudge_status nudge_journal_place(const nudge_journal *journal, size_t step, nudge_journal_step *place,
                                 nudge_error *error) {
    if (missing(error, journal, place)) return NUDGE_BAD_ARGUMENT;
    nudge_journal_step filled = NUDGE_JOURNAL_STEP;
    nudge_status status = check_begun(journal, error);
    if (status) return status;
    if (!options_take(&filled, sizeof filled, place))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "journal step: struct_size is not set; begin with NUDGE_JOURNAL_STEP");
    if (step < 1 || step > journal->steps)
        return error_set(error, NUDGE_BAD_ARGUMENT, "step %zu, expected 1 to %zu, which were made", step,
                         journal->steps);
    filled.epoch = (step - 1) / journal->epoch_steps + 1;
    filled.step = (step - 1) % journal->epoch_steps + 1;
    filled.learning_rate = schedule_rate(&journal->training, filled.epoch, filled.step, journal->epoch_steps);
    size_t first = (filled.step - 1) * journal->training.batch_size, left = journal->rows - first;
    filled.rows = left < journal->training.batch_size ? left : journal->training.batch_size;
    if (filled.indices) {
        const nudge_allocator *allocator = &journal->context->allocator;
        size_t bytes = journal->rows * sizeof(uint32_t);
        uint32_t *order = memory_get(allocator, bytes);
        if (!order) return error_no_memory(error, bytes, "the order of the rows");
        order_make(order, journal->rows, journal->training.seed, (uint32_t)filled.epoch,
                   journal->training.shuffle);
        for (size_t i = 0; i < filled.rows; i++) filled.indices[i] = order[first + i];
        memory_release(allocator, order, bytes);
    }
    options_give(place, &filled, sizeof filled);
    return NUDGE_OK;
}
