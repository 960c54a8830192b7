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

bool journal_tensors_of(const struct nudge_journal *journal, uint64_t parameters, uint64_t state,
                        struct journal_tensors *tensors) {
    const struct journal_tensor all[JOURNAL_TENSORS] = {
        {"snapshots.step", "I64", 8, 1, {journal->count}, 0, journal->at},
        {"snapshots.next_cost", "F64", 8, 1, {journal->count}, 0, journal->next_cost},
        {"snapshots", "F32", 4, 3, {journal->count, journal->vectors, parameters}, 0, journal->snapshots},
        {"records", "F32", 4, 2, {journal->record_count, journal->figures}, 0, journal->records},
        {"snapshots.state", "F32", 4, 2, {journal->count, state}, 0, journal->states},
    };
    uint64_t sum = 0;
    tensors->count = state > 0 ? JOURNAL_TENSORS : JOURNAL_TENSORS - 1;
    memcpy(tensors->items, all, sizeof all);
    for (size_t i = 0; i < tensors->count; i++) {
        struct journal_tensor *tensor = &tensors->items[i];
        tensor->bytes = tensor->element;
        for (size_t d = 0; d < tensor->dimensions; d++)
            if (__builtin_mul_overflow(tensor->bytes, tensor->shape[d], &tensor->bytes)) return false;
        if (__builtin_add_overflow(sum, tensor->bytes, &sum)) return false;
    }
    return sum <= INT64_MAX;
}

/* -- their bytes -- */

void journal_to_bytes(const void *numbers, size_t element, size_t count, unsigned char *bytes) {
    const unsigned char *from = numbers;
    for (size_t i = 0; i < count; i++) {
        uint64_t wide = 0;
        uint32_t narrow = 0;
        if (element == sizeof wide)
            memcpy(&wide, from + i * element, sizeof wide);
        else
            memcpy(&narrow, from + i * element, sizeof narrow), wide = narrow;
        for (size_t b = 0; b < element; b++) bytes[i * element + b] = (unsigned char)(wide >> (8 * b));
    }
}

void journal_from_bytes(void *numbers, size_t element, size_t count, const unsigned char *bytes) {
    unsigned char *to = numbers;
    for (size_t i = 0; i < count; i++) {
        uint64_t wide = 0;
        for (size_t b = 0; b < element; b++) wide |= (uint64_t)bytes[i * element + b] << (8 * b);
        uint32_t narrow = (uint32_t)wide;
        if (element == sizeof wide)
            memcpy(to + i * element, &wide, sizeof wide);
        else
            memcpy(to + i * element, &narrow, sizeof narrow);
    }
}
