/* See journal_growth.h. Invariant: a block is torn, and the journal ends before it, only if nothing can stand behind it;
 * whatever else is not as it was written is damage. That holds as a block's length follows from the counts in its head,
 * and these from the steps before: one flipped bit makes no other head that could be. */
#include "model/journal_growth.h"

#include "base/status.h"

enum { HEAD_BYTES = BLOCK_HEAD * sizeof(uint64_t) };

static nudge_status read_head(struct tensors_file *file, uint64_t position, uint64_t head[BLOCK_HEAD]) {
    unsigned char bytes[HEAD_BYTES] = {0};
    size_t got;
    file->named = true;
    nudge_status status =
        file_reader_read_at(&file->reader, position, bytes, sizeof bytes, &got, file->parse.error);
    if (status) return status;
    file->named = false;
    for (size_t i = 0; i < BLOCK_HEAD; i++) {
        head[i] = 0;
        for (size_t b = sizeof *head; b-- > 0;) head[i] = head[i] << 8 | bytes[i * sizeof *head + b];
    }
    return NUDGE_OK;
}

/* Whether such a block can follow after so many steps. */
static bool can_follow(const struct journal_block *block, uint64_t before, uint64_t parameters,
                       uint64_t state) {
    const uint64_t *head = block->head;
    uint64_t span = block->journal->span, steps = head[BLOCK_STEPS], bytes;
    if (steps < before || steps > SIZE_MAX) return false;
    return head[BLOCK_RECORDS] == steps / span - before / span &&
           head[BLOCK_SNAPSHOTS] <= steps - before + 1 &&
           journal_block_bytes(block, parameters, state, &bytes) && bytes == head[BLOCK_BYTES];
}

/* What a file system shows after a power failure where a block was to come. */
static nudge_status is_zero(struct tensors_file *file, uint64_t position, bool *zero) {
    unsigned char bytes[4096];
    size_t got = 1;
    *zero = true;
    for (; *zero && got > 0; position += got) {
        file->named = true;
        nudge_status status =
            file_reader_read_at(&file->reader, position, bytes, sizeof bytes, &got, file->parse.error);
        if (status) return status;
        file->named = false;
        for (size_t i = 0; i < got; i++) *zero &= bytes[i] == 0;
    }
    return NUDGE_OK;
}

enum found { WHOLE, TORN, DAMAGED };

/* What stands at growth->end, after `before` steps. */
static nudge_status look(const struct growth *growth, struct tensors_file *file, struct journal_block *block,
                         uint64_t before, uint64_t parameters, uint64_t state, enum found *found) {
    uint64_t left = file->reader.size - growth->end;
    bool whole = false, zero = false;
    *found = TORN;
    if (left < HEAD_BYTES) return NUDGE_OK;
    nudge_status status = read_head(file, growth->end, block->head);
    if (status) return status;
    if (!can_follow(block, before, parameters, state)) {
        status = is_zero(file, growth->end, &zero);
        *found = zero ? TORN : DAMAGED;
        return status;
    }
    if (block->head[BLOCK_BYTES] > left) return NUDGE_OK;
    status = tensors_check_block(file, growth->end, block->head[BLOCK_BYTES], &whole);
    *found = whole ? WHOLE : block->head[BLOCK_BYTES] == left ? TORN : DAMAGED;
    return status;
}

nudge_status growth_find(struct growth *growth, struct tensors_file *file, struct nudge_journal *journal,
                         uint64_t parameters, uint64_t state) {
    struct journal_block block = {.journal = journal};
    uint64_t steps = journal->steps;
    enum found found = WHOLE;
    growth->first = growth->end = header_end(&file->header);
    for (;;) {
        nudge_status status = look(growth, file, &block, steps, parameters, state, &found);
        if (status || found == TORN) return status;
        if (found == DAMAGED)
            return error_set(
                file->parse.error, NUDGE_BAD_INPUT,
                "is damaged: the block that begins at byte %llu, after step %llu, is not what was "
                "written",
                (unsigned long long)growth->end, (unsigned long long)steps);
        steps = block.head[BLOCK_STEPS];
        growth->snapshots += (size_t)block.head[BLOCK_SNAPSHOTS];
        growth->records += (size_t)block.head[BLOCK_RECORDS];
        growth->end += block.head[BLOCK_BYTES];
    }
}

/* The head was read already: it says how many numbers there are. */
static bool behind_head(const void *of, size_t i, struct file_tensor *tensor) {
    return journal_block_at(of, i + 1, tensor);
}

/* What is read now may be another file than was verified: it must fit all the same. */
static nudge_status read_block(const struct growth *growth, struct tensors_file *file,
                               struct nudge_journal *journal, uint64_t *position) {
    struct journal_block block = {
        .journal = journal, .snapshots = journal->count, .records = journal->record_count};
    nudge_status status = read_head(file, *position, block.head);
    if (status) return status;
    const uint64_t *head = block.head;
    if (head[BLOCK_SNAPSHOTS] > journal->room - journal->count ||
        head[BLOCK_RECORDS] >= journal->record_room - journal->record_count ||
        head[BLOCK_BYTES] > growth->end - *position || head[BLOCK_BYTES] < HEAD_BYTES)
        return error_set(file->parse.error, NUDGE_BAD_INPUT, "was changed while it was read, at byte %llu",
                         (unsigned long long)*position);
    struct tensors list = {behind_head, &block};
    status = tensors_read_block(file, *position + HEAD_BYTES, &list);
    journal->count += (size_t)head[BLOCK_SNAPSHOTS];
    journal->record_count += (size_t)head[BLOCK_RECORDS];
    journal->steps = (size_t)head[BLOCK_STEPS];
    journal->present_steps = journal->steps % journal->span;
    *position += head[BLOCK_BYTES];
    return status;
}

nudge_status growth_read(const struct growth *growth, struct tensors_file *file,
                         struct nudge_journal *journal) {
    nudge_status status = NUDGE_OK;
    if (growth->first == growth->end) return status;
    journal_open_record(journal);
    for (uint64_t position = growth->first; !status && position < growth->end;)
        status = read_block(growth, file, journal, &position);
    if (!status) journal_close_record(journal);
    return status;
}
