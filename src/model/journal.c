/* See journal.h. A journal of nudge train xor --hidden 2 --epochs 2, of 12 parameters and 2 steps, as the file has it:
 *
 *     snapshots.step       I64 [3]         0, 1, 2: after which steps; 0 is the beginning
 *     snapshots.next_cost  F64 [3]         of the mini-batch that comes next
 *     snapshots            F32 [3][1][12]  the parameters; with momentum or Adam also its states, [3][2][12] or [3][3][12]
 *     records              F32 [2][3]      the cost, and the length of the gradient of each of the 2 layers
 *     snapshots.state                      running statistics of batch-norm: no layer has some here */
#include "model/journal.h"

#include "base/text.h"

#include <string.h>

bool journal_tensor_at(const void *of, size_t i, struct file_tensor *tensor) {
    const struct nudge_journal *journal = of;
    const nudge_net *net = journal->net;
    const struct file_tensor all[] = {
        {"snapshots.step", "I64", 1, {journal->count}, .numbers = journal->at},
        {"snapshots.next_cost", "F64", 1, {journal->count}, .numbers = journal->next_cost},
        {"snapshots",
         "F32",
         3,
         {journal->count, journal->vectors, net->parameter_count},
         .numbers = journal->snapshots},
        {"records", "F32", 2, {journal->record_count, journal->figures}, .numbers = journal->records},
        {"snapshots.state", "F32", 2, {journal->count, net->state_count}, .numbers = journal->states},
    };
    size_t count = sizeof all / sizeof *all - (net->state_count == 0);
    if (i < count) *tensor = all[i];
    return i < count;
}

bool journal_bytes(const struct nudge_journal *journal, uint64_t parameters, uint64_t state, size_t *tensors,
                   uint64_t *bytes) {
    uint64_t snapshot, snapshots, records;
    *tensors = state > 0 ? 5 : 4;
    bool too_large =
        __builtin_mul_overflow(parameters, journal->vectors, &snapshot) ||
        __builtin_add_overflow(snapshot, state + 4, &snapshot) || /* step and cost are as 4 F32 */
        __builtin_mul_overflow(snapshot, journal->count, &snapshots) ||
        __builtin_mul_overflow((uint64_t)journal->record_count, journal->figures, &records) ||
        __builtin_add_overflow(snapshots, records, &records) || __builtin_mul_overflow(records, 4, bytes);
    return !too_large && *bytes <= INT64_MAX;
}

bool journal_block_at(const void *of, size_t i, struct file_tensor *tensor) {
    const struct journal_block *block = of;
    const struct nudge_journal *journal = block->journal;
    const nudge_net *net = journal->net;
    uint64_t snapshots = block->head[BLOCK_SNAPSHOTS], records = block->head[BLOCK_RECORDS];
    const struct file_tensor all[] = {
        {"head", "I64", 1, {BLOCK_HEAD}, .numbers = (void *)block->head},
        {"next_cost", "F64", 1, {1 + snapshots}, .numbers = journal->next_cost + block->snapshots - 1},
        {"step", "I64", 1, {snapshots}, .numbers = journal->at + block->snapshots},
        {"snapshots",
         "F32",
         3,
         {snapshots, journal->vectors, net->parameter_count},
         .numbers = journal_snapshot(journal, block->snapshots)},
        {"records",
         "F32",
         2,
         {records, journal->figures},
         .numbers = journal->records + block->records * journal->figures},
        {"rest", "F64", 1, {journal->figures}, .numbers = journal->present},
        {"state", "F32", 2, {snapshots, net->state_count}, .numbers = journal->states},
    };
    size_t count = sizeof all / sizeof *all - (net->state_count == 0);
    if (i < count) *tensor = all[i];
    if (i + 1 == sizeof all / sizeof *all && i < count)
        tensor->numbers = journal_state(journal, block->snapshots);
    return i < count;
}

bool journal_block_bytes(const struct journal_block *block, uint64_t parameters, uint64_t state,
                         uint64_t *bytes) {
    struct nudge_journal added = *block->journal; /* the same numbers as in a file of what it adds */
    size_t tensors;
    added.count = (size_t)block->head[BLOCK_SNAPSHOTS];
    added.record_count = (size_t)block->head[BLOCK_RECORDS];
    if (added.count != block->head[BLOCK_SNAPSHOTS] || added.record_count != block->head[BLOCK_RECORDS] ||
        !journal_bytes(&added, parameters, state, &tensors, bytes))
        return false;
    uint64_t more = sizeof(uint64_t) * BLOCK_HEAD + sizeof(double) * (1 + added.figures) + TENSORS_DIGEST;
    *bytes += more; /* both are far from 2^63 */
    return true;
}

struct rest_key journal_rest_key(size_t f) {
    struct rest_key key;
    text_append(key.text, sizeof key.text, 0, "rest.%zu", f);
    return key;
}
