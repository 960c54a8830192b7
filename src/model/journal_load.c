/* Loading a journal. Invariant: what is loaded is, to the bit, what was saved, and holds together: sizes against the
 * file before memory is taken, options as nudge_train would have them, steps in their order. */
#include "base/status.h"
#include "base/text.h"
#include "model/journal.h"
#include "model/training_text.h"

#include <string.h>

static nudge_status read_size(const struct header_net *parse, const char *key, size_t *size) {
    uint64_t count = 0;
    nudge_status status = header_net_whole(parse, key, SIZE_MAX, &count);
    *size = (size_t)count;
    return status;
}

/* -- how far it went -- */

/* One of the names, which end with NULL; or NULL. */
static const char *known(const char *text, const char *const *names) {
    while (*names && (!text || strcmp(text, *names))) names++;
    return *names;
}

/* As many records as steps need, a mini-batch no larger than the rows, no more steps than were asked for. */
static bool holds_together(const struct nudge_journal *journal) {
    const nudge_train_options *training = &journal->training;
    size_t most;
    if (journal->rows == 0 || (uint64_t)journal->rows > UINT32_MAX || training->epochs == 0) return false;
    if (training->batch_size == 0 || training->batch_size > journal->rows) return false;
    if (!size_multiply(&most, journal->epoch_steps, training->epochs)) most = SIZE_MAX;
    if (journal->steps > most || journal->count == 0 || journal->every == 0 || journal->span == 0)
        return false;
    return journal->record_count == journal->steps / journal->span + (journal->steps % journal->span != 0);
}

static nudge_status read_sizes(const struct header_net *parse, struct nudge_journal *journal) {
    nudge_status status = training_take(parse, &journal->training);
    if (!status) status = read_size(parse, "rows", &journal->rows);
    if (!status) status = read_size(parse, "steps", &journal->steps);
    if (!status) status = read_size(parse, "snapshots", &journal->count);
    if (!status) status = read_size(parse, "every", &journal->every);
    if (!status) status = read_size(parse, "records", &journal->record_count);
    if (!status) status = read_size(parse, "span", &journal->span);
    if (status) return status;
    /* onednn: of journals from before native */
    static const char *const engines[] = {"portable", "native", "onednn", NULL};
    static const char *const precisions[] = {"f32", "bf16", NULL};
    journal->engine = known(header_net_text(parse, "engine"), engines);
    journal->precision = known(header_net_text(parse, "precision"), precisions);
    size_t batch = journal->training.batch_size;
    journal->epoch_steps = batch ? journal->rows / batch + (journal->rows % batch != 0) : 0;
    journal->vectors = 1 + optimizer_states(&journal->training);
    journal->figures = 1 + parse->chain[parse->op_count - 1].layer;
    journal->room = journal->count;
    journal->record_room = journal->record_count;
    if (journal->engine && journal->precision && holds_together(journal)) return NUDGE_OK;
    return error_set(
        parse->error, NUDGE_BAD_INPUT,
        "what its header says of the training does not hold together: engine, precision, rows, steps, "
        "snapshots or records");
}

/* From the start on, each later than the one before, all numbers finite. */
static nudge_status check_snapshots(const struct nudge_journal *journal, nudge_error *error) {
    size_t numbers = journal->vectors * journal->net->parameter_count;
    for (size_t i = 0; i < journal->count; i++) {
        bool in_order = i == 0 ? journal->at[0] == 0 : journal->at[i] > journal->at[i - 1];
        if (!in_order || journal->at[i] > journal->steps)
            return error_set(error, NUDGE_BAD_INPUT, "snapshot %zu is of step %llu, out of its order", i,
                             (unsigned long long)journal->at[i]);
        for (size_t k = 0; k < numbers; k++) {
            float number = journal_snapshot(journal, i)[k];
            if (number - number != 0)
                return error_set(error, NUDGE_BAD_INPUT, "snapshot %zu has a number that is not finite", i);
        }
        for (size_t k = 0; journal->states && k < journal->net->state_count; k++) {
            float number = journal_state(journal, i)[k];
            if (number - number != 0)
                return error_set(error, NUDGE_BAD_INPUT, "snapshot %zu has a number that is not finite", i);
        }
    }
    return NUDGE_OK;
}

static nudge_status read_journal(struct tensors_file *file, struct nudge_journal *journal) {
    nudge_error *error = file->parse.error;
    size_t tensors;
    uint64_t parameters, state, bytes;
    nudge_status status = read_sizes(&file->parse, journal);
    if (status) return status;
    header_net_count(&file->parse, &tensors, &parameters, &state);
    if (!journal_bytes(journal, parameters, state, &tensors, &bytes)) bytes = UINT64_MAX;
    status = tensors_expect(file, tensors, bytes);
    if (!status) status = header_net_make(&file->parse, &journal->net);
    if (!status) status = journal_allocate(journal, error);
    if (status) return status;
    struct tensors list = {journal_tensor_at, journal};
    status = tensors_read(file, &list);
    if (!status) status = check_snapshots(journal, error);
    if (!status) journal_put(journal, journal->count - 1, journal->net);
    return status;
}

nudge_status nudge_journal_load(nudge_context *context, const char *path, nudge_journal **journal,
                                nudge_error *error) {
    if (missing(error, context, path, journal)) return NUDGE_BAD_ARGUMENT;
    nudge_journal *made;
    nudge_status status = nudge_journal_create(context, NULL, &made, error);
    if (status) return status;
    struct tensors_file file;
    status = tensors_open(&file, path, NULL, 0, HEADER_FORMAT_JOURNAL, context, error);
    if (!status) status = read_journal(&file, made);
    status = tensors_close(&file, status);
    if (status)
        nudge_journal_free(made);
    else
        *journal = made;
    return status;
}

bool nudge_journal_is(nudge_context *context, const char *path) {
    struct file_reader file;
    if (!context || !path || file_reader_open(&file, path, NULL)) return false;
    bool is = header_has(&file, "\"format\":\"" HEADER_FORMAT_JOURNAL "\"");
    file_reader_close(&file);
    return is;
}
