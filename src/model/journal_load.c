/* Loading a journal. Invariant: what is loaded is, to the bit, what was saved, and holds together: sizes against the
 * file before memory is taken, options as nudge_train would have them, steps in their order. */
#include "base/status.h"
#include "base/text.h"
#include "model/journal.h"
#include "model/journal_growth.h"
#include "model/training_text.h"

#include <nudge_insight.h>
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

/* The sums of a last record that is not whole. Files from before there were any have none: they cannot be taken up. */
static nudge_status read_rest(const struct tensors_file *file, struct nudge_journal *journal) {
    nudge_status status = NUDGE_OK;
    bool there = json_object_get(file->parse.metadata, journal_rest_key(0).text) || journal->unfinished;
    journal->present_steps = there ? journal->steps % journal->span : 0;
    for (size_t f = 0; !status && journal->present_steps > 0 && f < journal->figures; f++)
        status = header_net_number(&file->parse, journal_rest_key(f).text, &journal->present[f]);
    return status;
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
    if (journal->engine && journal->precision && holds_together(journal)) return NUDGE_OK;
    return error_set(
        parse->error, NUDGE_BAD_INPUT,
        "what its header says of the training does not hold together: engine, precision, rows, steps, "
        "snapshots or records");
}

/* From the start on, each later than the one before, all numbers finite and such as a net may have. */
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
        journal_put(journal, i, journal->net); /* so that the net ends as the last one has it */
        nudge_status status = parameters_check(journal->net, NUDGE_BAD_INPUT, error);
        if (status) return status;
    }
    return NUDGE_OK;
}

static nudge_status read_journal(struct tensors_file *file, struct nudge_journal *journal) {
    nudge_error *error = file->parse.error;
    size_t tensors;
    uint64_t parameters, state, bytes;
    struct growth growth = {0};
    nudge_status status = read_sizes(&file->parse, journal);
    if (status) return status;
    journal->unfinished = file->header.grows != NULL;
    header_net_count(&file->parse, &tensors, &parameters, &state);
    if (!journal_bytes(journal, parameters, state, &tensors, &bytes)) bytes = UINT64_MAX;
    status = tensors_expect(file, tensors, bytes);
    if (!status && journal->unfinished) status = growth_find(&growth, file, journal, parameters, state);
    journal->room = journal->count + growth.snapshots;
    journal->record_room = journal->record_count + growth.records + 1; /* and one that is not whole */
    if (!status) status = header_net_make(&file->parse, &journal->net);
    if (!status) status = journal_allocate(journal, error);
    if (status) return status;
    struct tensors list = {journal_tensor_at, journal};
    status = tensors_read(file, &list);
    if (!status) status = read_rest(file, journal);
    if (!status) status = growth_read(&growth, file, journal);
    if (!status && !holds_together(journal))
        status = error_set(error, NUDGE_BAD_INPUT, "it has more steps than the training could have made");
    return status ? status : check_snapshots(journal, error);
}

/* Who kills a training wants to know how far its journal goes; who looks on, too. */
static void remark_unfinished(const struct nudge_journal *journal, const struct file_reader *file) {
    const nudge_context *context = journal->context;
    char sentence[1024];
    if (!journal->unfinished || !context->on_remark) return;
    text_append(sentence, sizeof sentence, 0, "%s: %s step %zu: its training %s", shown(file->path).text,
                file_is_locked(file) ? "so far, the journal goes to" : "the journal ends at", journal->steps,
                file_is_locked(file) ? "still goes on" : "was killed");
    context->on_remark(context->user, sentence);
}

nudge_status journal_load(struct nudge_journal *journal, const char *path, bool remark, nudge_error *error) {
    struct tensors_file file;
    journal_empty(journal);
    nudge_status status = tensors_open(&file, path, NULL, 0, HEADER_FORMAT_JOURNAL, journal->context, error);
    if (!status) status = read_journal(&file, journal);
    if (!status && remark) remark_unfinished(journal, &file.reader);
    journal->ended = true;
    status = tensors_close(&file, status);
    if (status) journal_empty(journal);
    return status;
}

nudge_status nudge_journal_load(nudge_context *context, const char *path, nudge_journal **journal,
                                nudge_error *error) {
    if (missing(error, context, path, journal)) return NUDGE_BAD_ARGUMENT;
    nudge_journal *made;
    nudge_status status = nudge_journal_create(context, NULL, &made, error);
    if (status) return status;
    status = journal_load(made, path, true, error);
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
