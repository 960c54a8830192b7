/* See journal.h. */
#include "model/journal.h"

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
