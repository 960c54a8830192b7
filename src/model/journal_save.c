/* Saving a journal. */
#include "base/status.h"
#include "base/text.h"
#include "model/journal.h"

#include <string.h>

/* -- the header -- */

static bool put_count(json_t *metadata, const char *key, uint64_t count) {
    char text[24];
    text_append(text, sizeof text, 0, "%llu", (unsigned long long)count);
    return header_put_text(metadata, key, text);
}

static bool put_field(json_t *metadata, const struct journal_field *field,
                      const nudge_train_options *options) {
    const unsigned char *member = (const unsigned char *)options + field->place;
    char key[64];
    double number;
    size_t size;
    uint64_t seed;
    bool truth;
    int value;
    text_append(key, sizeof key, 0, "training.%s", field->key);
    switch (field->kind) {
    case JOURNAL_SIZE: return memcpy(&size, member, sizeof size), put_count(metadata, key, size);
    case JOURNAL_SEED: return memcpy(&seed, member, sizeof seed), put_count(metadata, key, seed);
    case JOURNAL_NUMBER:
        memcpy(&number, member, sizeof number);
        return header_put_text(metadata, key, text_double(number).text);
    case JOURNAL_TRUTH:
        memcpy(&truth, member, sizeof truth);
        return header_put_text(metadata, key, truth ? "true" : "false");
    case JOURNAL_NAME: break;
    }
    memcpy(&value, member, sizeof value);
    return header_put_text(metadata, key, field->name(value));
}

static json_t *metadata_of(const void *of) {
    const struct nudge_journal *journal = of;
    json_t *metadata = header_metadata(journal->net, HEADER_FORMAT_JOURNAL);
    bool fits = metadata != NULL;
    struct journal_field field;
    for (size_t i = 0; fits && journal_field_at(i, &field); i++)
        fits = put_field(metadata, &field, &journal->training);
    fits =
        fits && put_count(metadata, "rows", journal->rows) && put_count(metadata, "steps", journal->steps) &&
        put_count(metadata, "snapshots", journal->count) && put_count(metadata, "every", journal->every) &&
        put_count(metadata, "records", journal->record_count) && put_count(metadata, "span", journal->span) &&
        header_put_text(metadata, "engine", journal->engine) &&
        header_put_text(metadata, "precision", journal->precision);
    if (fits) return metadata;
    json_decref(metadata);
    return NULL;
}

nudge_status nudge_journal_save(const nudge_journal *journal, const char *path, nudge_error *error) {
    if (missing(error, journal, path)) return NUDGE_BAD_ARGUMENT;
    if (!journal->net) return error_set(error, NUDGE_BAD_ARGUMENT, "the journal has no training in it yet");
    struct tensors tensors = {journal_tensor_at, journal};
    nudge_status status = header_check_net(journal->net, error);
    if (status) return error_in_file(error, status, path);
    return tensors_save(journal->context, &tensors, metadata_of, &(struct tensors_target){.path = path},
                        error);
}
