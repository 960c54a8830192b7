/* See journal.h. */
#include "model/journal.h"

#include <string.h>

/* -- the training's options -- */

static const char *cost_name(int value) {
    return nudge_cost_name((nudge_cost)value);
}
static const char *optimizer_name(int value) {
    return nudge_optimizer_name((nudge_optimizer)value);
}
static const char *schedule_name(int value) {
    return nudge_schedule_name((nudge_schedule)value);
}

#define FIELD(type, member) .key = #member, .kind = type, .place = offsetof(nudge_train_options, member)
#define NAMED(member) FIELD(JOURNAL_NAME, member), .name = member##_name

static const struct journal_field fields[] = {
    {NAMED(cost)},
    {FIELD(JOURNAL_NUMBER, huber_delta)},
    {NAMED(optimizer)},
    {FIELD(JOURNAL_NUMBER, learning_rate)},
    {NAMED(schedule)},
    {FIELD(JOURNAL_NUMBER, decay)},
    {FIELD(JOURNAL_SIZE, decay_epochs)},
    {FIELD(JOURNAL_SIZE, batch_size)},
    {FIELD(JOURNAL_SIZE, epochs)},
    {FIELD(JOURNAL_SEED, seed)},
    {FIELD(JOURNAL_TRUTH, shuffle)},
    {FIELD(JOURNAL_SIZE, patience)},
    {FIELD(JOURNAL_TRUTH, evaluate_test)},
    {FIELD(JOURNAL_NUMBER, warmup)},
    {FIELD(JOURNAL_NUMBER, l1), .late = true},
    {FIELD(JOURNAL_NUMBER, l2), .late = true},
    {FIELD(JOURNAL_NUMBER, weight_decay), .late = true},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* Whether another before parameter p of optimizer o is the same option. */
static bool is_repeated(size_t o, size_t p) {
    size_t place = optimizers[o].parameters[p].place;
    for (size_t other = 0; other < o; other++)
        for (size_t i = 0; i < optimizers[other].parameter_count; i++)
            if (optimizers[other].parameters[i].place == place) return true;
    return false;
}

bool journal_field_at(size_t i, struct journal_field *field) {
    if (i < FIELDS) {
        *field = fields[i];
        return true;
    }
    i -= FIELDS;
    for (size_t o = 0; o < optimizer_count; o++)
        for (size_t p = 0; p < optimizers[o].parameter_count; p++) {
            const struct optimizer_parameter *parameter = &optimizers[o].parameters[p];
            if (is_repeated(o, p) || i-- > 0) continue;
            *field = (struct journal_field){
                .key = parameter->name, .kind = JOURNAL_NUMBER, .place = parameter->place};
            return true;
        }
    return false;
}

_Static_assert(sizeof(nudge_cost) == sizeof(int) && sizeof(nudge_optimizer) == sizeof(int) &&
                   sizeof(nudge_schedule) == sizeof(int),
               "a named option is read and written as an int");

/* -- the tensors -- */

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
