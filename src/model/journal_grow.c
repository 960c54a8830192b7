/* A journal that is written while the training goes on. Invariant: its file is at any moment a journal that can be read, up to
 * the last block that is whole: what is written anew, at first and after every thinning out, takes the old one's place when
 * it is on the disk; all else is appended. */
#include "base/status.h"
#include "model/journal.h"

#include <nudge_insight.h>

static nudge_status append(struct nudge_journal *journal, nudge_error *error) {
    struct journal_block block = {.journal = journal,
                                  .snapshots = journal->written_count,
                                  .records = journal->written_steps / journal->span};
    block.head[BLOCK_STEPS] = journal->steps;
    block.head[BLOCK_SNAPSHOTS] = journal->count - block.snapshots;
    block.head[BLOCK_RECORDS] = journal->steps / journal->span - block.records;
    journal_block_bytes(&block, journal->net->parameter_count, journal->net->state_count,
                        &block.head[BLOCK_BYTES]);
    nudge_status status = tensors_append(journal->file, &(struct tensors){journal_block_at, &block}, error);
    if (status && !file_take_back(journal->file)) journal->anew = true; /* nothing could stand behind it */
    return status;
}

static nudge_status write_new(struct nudge_journal *journal, nudge_error *error) {
    if (journal->file && !journal->anew) return append(journal, error);
    nudge_file *file; /* as it would have ended here */
    if (!journal->ended) journal_close_record(journal);
    nudge_status status = journal_save(journal, journal->path, &file, error);
    if (!journal->ended) journal_open_record(journal);
    if (status) return status;
    nudge_file_abandon(journal->file); /* which is no more, as long as it was kept: see file_is_locked */
    journal->file = file;
    return NUDGE_OK;
}

static void close_file(struct nudge_journal *journal) {
    nudge_file_abandon(journal->file);
    journal->file = NULL;
}

nudge_status nudge_journal_grow(nudge_journal *journal, const char *path, bool go_on, nudge_error *error) {
    static const struct journal_writer writer = {write_new, close_file};
    if (missing(error, journal, path)) return NUDGE_BAD_ARGUMENT;
    const nudge_allocator *allocator = &journal->context->allocator;
    nudge_status status = go_on ? journal_load(journal, path, false, error) : NUDGE_OK;
    if (status || !file_is_regular(path)) return status;
    char *copy = memory_copy_text(allocator, path);
    if (!copy) return error_no_memory(error, sizeof *journal, "the journal's path");
    close_file(journal);
    memory_release_text(allocator, journal->path);
    journal->path = copy;
    journal->writer = &writer;
    return NUDGE_OK;
}
