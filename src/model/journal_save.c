/* Saving a journal, whole or as the beginning of a file that grows. What a replay must know stands in its header: how it was
 * trained, and with which engine and precision, as others round otherwise. */
#include "base/status.h"
#include "base/text.h"
#include "model/journal.h"
#include "model/training_text.h"

#include <nudge_insight.h>

static json_t *metadata_of(const void *of) {
    const struct nudge_journal *journal = of;
    json_t *metadata = header_metadata(journal->net, HEADER_FORMAT_JOURNAL);
    bool fits = metadata && training_put(metadata, &journal->training);
    fits = fits && header_put_count(metadata, "rows", journal->rows) &&
           header_put_count(metadata, "steps", journal->steps) &&
           header_put_count(metadata, "snapshots", journal->count) &&
           header_put_count(metadata, "every", journal->every) &&
           header_put_count(metadata, "records", journal->record_count) &&
           header_put_count(metadata, "span", journal->span) &&
           header_put_text(metadata, "engine", journal->engine) &&
           header_put_text(metadata, "precision", journal->precision);
    for (size_t f = 0; fits && journal->present_steps > 0 && f < journal->figures; f++)
        fits = header_put_text(metadata, journal_rest_key(f).text, text_double(journal->present[f]).text);
    if (fits) return metadata;
    json_decref(metadata);
    return NULL;
}

nudge_status journal_save(const struct nudge_journal *journal, const char *path, nudge_file **grows,
                          nudge_error *error) {
    struct tensors tensors = {journal_tensor_at, journal};
    nudge_status status = header_check_net(journal->net, error);
    if (status) return error_in_file(error, status, path);
    return tensors_save(journal->context, &tensors, metadata_of,
                        &(struct tensors_target){.path = path, .grows = grows}, error);
}

nudge_status nudge_journal_save(const nudge_journal *journal, const char *path, nudge_error *error) {
    if (missing(error, journal, path)) return NUDGE_BAD_ARGUMENT;
    if (!journal->net) return error_set(error, NUDGE_BAD_ARGUMENT, "the journal has no training in it yet");
    return journal_save(journal, path, NULL, error);
}
