/* Folds of a data set: nudge_data_fold. A fold's set is the set itself with parts of its own: blocks, columns and texts
 * are shared, and belong to the other. Invariant: over all folds of one seed every row is tested once, and every class
 * is spread such that no two folds differ by more than one of its rows, and no more in all. */
#include "data/data.h"

#include "base/random.h"
#include "base/status.h"

#include <string.h>

/* The rows of the training and validation parts, in the order of their block: both lists are. */
struct both_parts {
    const struct data_part *parts[2];
    size_t at[2];
};

static size_t next_row(struct both_parts *both) {
    const struct data_part *first = both->parts[0], *second = both->parts[1];
    size_t a = both->at[0] < first->rows ? data_part_row(first, both->at[0]) : SIZE_MAX;
    size_t b = both->at[1] < second->rows ? data_part_row(second, both->at[1]) : SIZE_MAX;
    both->at[a < b ? 0 : 1]++;
    return a < b ? a : b;
}

static struct both_parts both_of(const nudge_data *data) {
    return (struct both_parts){{&data->parts[NUDGE_PART_TRAIN], &data->parts[NUDGE_PART_VALIDATION]}, {0}};
}

struct dealing {
    const nudge_data *data;
    size_t rows, classes;
    uint32_t *starts; /* [classes + 1] where a class's rows begin in `order`; the first class has no label */
    uint32_t *order;  /* [rows] their numbers, class by class */
    uint32_t *fold;   /* [rows] */
};

static size_t class_of_row(const struct dealing *dealing, size_t row) {
    return dealing->data->classes ? (size_t)(dealing->data->train.labels[row] + 1) : 0;
}

static void order_by_class(struct dealing *dealing) {
    memset(dealing->starts, 0, (dealing->classes + 1) * sizeof *dealing->starts);
    struct both_parts both = both_of(dealing->data);
    for (size_t i = 0; i < dealing->rows; i++) dealing->starts[class_of_row(dealing, next_row(&both)) + 1]++;
    for (size_t c = 0; c < dealing->classes; c++) dealing->starts[c + 1] += dealing->starts[c];
    both = both_of(dealing->data);
    for (size_t i = 0; i < dealing->rows; i++)
        dealing->order[dealing->starts[class_of_row(dealing, next_row(&both))]++] = (uint32_t)i;
}

/* Behind order_by_class starts[c] is where class c ends. Each class is shuffled (Fisher and Yates), then all are dealt
 * out like cards, one class after the other. */
static void deal(struct dealing *dealing, size_t folds, uint64_t seed) {
    struct random_stream stream = random_stream_make(seed, RANDOM_SPLIT, 2, 0, 0);
    order_by_class(dealing);
    for (size_t c = 0, first = 0; c < dealing->classes; first = dealing->starts[c++])
        for (size_t left = dealing->starts[c] - first; left > 1; left--) {
            uint32_t *cards = dealing->order + first, drawn = random_below(&stream, (uint32_t)left);
            uint32_t card = cards[drawn];
            cards[drawn] = cards[left - 1];
            cards[left - 1] = card;
        }
    for (size_t i = 0; i < dealing->rows; i++) dealing->fold[dealing->order[i]] = (uint32_t)(i % folds);
}

static nudge_status dealing_make(struct dealing *dealing, const nudge_allocator *allocator, size_t folds,
                                 uint64_t seed, nudge_error *error) {
    size_t starts = (dealing->classes + 1) * sizeof *dealing->starts,
           list = dealing->rows * sizeof *dealing->order;
    dealing->starts = memory_get(allocator, starts);
    dealing->order = memory_get(allocator, list);
    dealing->fold = memory_get(allocator, list);
    bool whole = dealing->starts && dealing->order && dealing->fold;
    if (whole) deal(dealing, folds, seed);
    memory_release(allocator, dealing->starts, starts);
    memory_release(allocator, dealing->order, list);
    if (whole) return NUDGE_OK;
    memory_release(allocator, dealing->fold, list);
    return error_no_memory(error, starts + 2 * list, "the folds");
}

/* The rows of the other folds, and those of this one. */
static nudge_status take_parts(nudge_data *made, const struct dealing *dealing, size_t fold,
                               nudge_error *error) {
    const nudge_allocator *allocator = &made->context->allocator;
    size_t count = 0, to[2] = {0};
    for (size_t i = 0; i < dealing->rows; i++) count += dealing->fold[i] == fold;
    size_t rows[2] = {dealing->rows - count, count};
    uint32_t *lists[2];
    for (size_t k = 0; k < 2; k++) {
        lists[k] = memory_get(allocator, rows[k] * sizeof **lists);
        made->parts[k ? NUDGE_PART_TEST : NUDGE_PART_TRAIN] =
            (struct data_part){&made->train, rows[k], lists[k]};
    }
    made->parts[NUDGE_PART_VALIDATION] = (struct data_part){&made->train, 0, NULL};
    if (!lists[0] || !lists[1]) return error_no_memory(error, dealing->rows * sizeof **lists, "a fold");
    struct both_parts both = both_of(dealing->data);
    for (size_t i = 0; i < dealing->rows; i++) {
        size_t list = dealing->fold[i] == fold;
        lists[list][to[list]++] = (uint32_t)next_row(&both);
    }
    return NUDGE_OK;
}

static nudge_status check_folds(const nudge_data *data, size_t rows, size_t folds, size_t fold,
                                nudge_error *error) {
    if (folds < 2)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%zu fold%s, expected at least 2", folds,
                         folds == 1 ? "" : "s");
    if (folds > rows)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "%s: %zu folds of %zu rows, expected at most one for each row", data->name, folds,
                         rows);
    if (fold >= folds)
        return error_set(error, NUDGE_BAD_ARGUMENT, "fold %zu, expected 0 to %zu", fold, folds - 1);
    return NUDGE_OK;
}

nudge_status nudge_data_fold(nudge_context *context, const nudge_data *data, size_t folds, size_t fold,
                             uint64_t seed, nudge_data **part, nudge_error *error) {
    if (missing(error, context, data, part)) return NUDGE_BAD_ARGUMENT;
    const nudge_allocator *allocator = &context->allocator;
    struct dealing dealing = {.data = data,
                              .rows = nudge_data_rows(data, NUDGE_PART_TRAIN) +
                                      nudge_data_rows(data, NUDGE_PART_VALIDATION),
                              .classes = data->classes + 1};
    nudge_status status = check_folds(data, dealing.rows, folds, fold, error);
    if (status) return status;
    nudge_data *made = memory_get(allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, data->name);
    *made = *data;
    made->context = context;
    made->of = data;
    made->test_share = 0;
    for (size_t p = 0; p < DATA_PARTS; p++) made->parts[p] = (struct data_part){&made->train, 0, NULL};
    status = dealing_make(&dealing, allocator, folds, seed, error);
    if (!status) {
        status = take_parts(made, &dealing, fold, error);
        memory_release(allocator, dealing.fold, dealing.rows * sizeof *dealing.fold);
    }
    if (status) {
        nudge_data_free(made);
        return status;
    }
    *part = made;
    return NUDGE_OK;
}
