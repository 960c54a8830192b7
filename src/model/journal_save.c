/* Saving a journal. As with a model, its bytes are walked through twice: for the digest, and to write them. */
#include "base/file.h"
#include "base/status.h"
#include "base/text.h"
#include "model/header.h"
#include "model/journal.h"
#include "model/json_memory.h"

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

static json_t *metadata_of(const struct nudge_journal *journal) {
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
        header_put_text(metadata, "precision", journal->precision) &&
        header_put_text(metadata, "file_digest", HEADER_NO_DIGEST);
    if (fits) return metadata;
    json_decref(metadata);
    return NULL;
}

static nudge_status make_header(struct header *header, const struct nudge_journal *journal,
                                const struct journal_tensors *tensors, nudge_error *error) {
    struct json_memory memory;
    json_memory_begin(&memory, &journal->context->allocator);
    json_t *root = json_object(), *metadata = metadata_of(journal);
    bool fits = root && metadata && json_object_set(root, "__metadata__", metadata) == 0;
    uint64_t offset = 0;
    for (size_t i = 0; fits && i < tensors->count; i++)
        fits =
            header_put_tensor(root, tensors->items[i].name, tensors->items[i].dtype, tensors->items[i].shape,
                              tensors->items[i].dimensions, tensors->items[i].bytes, &offset);
    nudge_status status = fits ? header_print(header, root, &journal->context->allocator, error)
                               : error_no_memory(error, HEADER_ALIGNMENT, "the journal's header");
    json_decref(metadata);
    json_decref(root);
    json_memory_end(&memory);
    return status;
}

/* -- the bytes: into the hash, or into the file -- */

struct sink {
    struct sha256_ctx hash;
    nudge_file *writer; /* NULL: into the hash */
};

static nudge_status take_bytes(struct sink *sink, const unsigned char *bytes, size_t count,
                               nudge_error *error) {
    if (sink->writer) return nudge_file_write(sink->writer, bytes, count, error);
    sha256_update(&sink->hash, count, bytes);
    return NUDGE_OK;
}

static nudge_status walk(const struct header *header, const struct journal_tensors *tensors,
                         struct sink *sink, nudge_error *error) {
    unsigned char bytes[8192];
    nudge_status status = take_bytes(sink, header->bytes, header->size, error);
    for (size_t i = 0; i < tensors->count; i++) {
        const unsigned char *numbers = tensors->items[i].numbers;
        size_t element = tensors->items[i].element, left = (size_t)tensors->items[i].bytes / element, count;
        for (; !status && left > 0; left -= count, numbers += count * element) {
            count = left < sizeof bytes / element ? left : sizeof bytes / element;
            journal_to_bytes(numbers, element, count, bytes);
            status = take_bytes(sink, bytes, count * element, error);
        }
    }
    return status;
}

static void set_digest(struct header *header, const struct journal_tensors *tensors) {
    char hex[DIGEST_DIGITS + 1];
    struct sink sink = {.writer = NULL};
    sha256_init(&sink.hash);
    walk(header, tensors, &sink, NULL);
    digest_hex(&sink.hash, hex);
    memcpy(header->digest, hex, DIGEST_DIGITS);
}

static nudge_status write_file(const struct nudge_journal *journal, const struct header *header,
                               const struct journal_tensors *tensors, const char *path, nudge_error *error) {
    struct sink sink = {.writer = NULL};
    nudge_status status = nudge_file_create(journal->context, path, &sink.writer, error);
    if (status) return status;
    status = walk(header, tensors, &sink, error);
    if (!status) return nudge_file_commit(sink.writer, error);
    nudge_file_abandon(sink.writer);
    return status;
}

nudge_status nudge_journal_save(const nudge_journal *journal, const char *path, nudge_error *error) {
    if (missing(error, journal, path)) return NUDGE_BAD_ARGUMENT;
    struct journal_tensors tensors;
    struct header header = {0};
    if (!journal->net) return error_set(error, NUDGE_BAD_ARGUMENT, "the journal has no training in it yet");
    nudge_status status = header_check_net(journal->net, error);
    journal_tensors_of(journal, journal->net->parameter_count, journal->net->state_count,
                       &tensors); /* they are in memory: their sizes fit */
    if (!status) status = make_header(&header, journal, &tensors, error);
    if (status) return error_in_file(error, status, path);
    set_digest(&header, &tensors);
    status = write_file(journal, &header, &tensors, path, error);
    header_release(&header, &journal->context->allocator);
    return status;
}
