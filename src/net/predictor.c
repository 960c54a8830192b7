/* Prediction: a net and a plan for forward alone. Invariant: nudge_predict allocates nothing and changes
 * nothing but the predictor's own plan, so that threads with a predictor (and context) each can share one
 * net. */
#include "base/status.h"
#include "net/rows.h"

#include <string.h>

struct nudge_predictor {
    nudge_context *context;
    const nudge_net *net;
    struct plan *plan;
    void *owned; /* the block, when it is ours */
    size_t bytes;
};

/* | struct nudge_predictor | plan | */
static size_t memory_needed(const nudge_context *context, const nudge_net *net, size_t rows, void *block,
                            void **plan_place) {
    struct arena arena = {.block = block};
    arena_carve(&arena, 1, sizeof(struct nudge_predictor));
    *plan_place = arena_carve(&arena, plan_memory(context, net, REAL_F32, PLAN_PREDICT, rows), 1);
    return arena.overflow ? SIZE_MAX : arena.used;
}

/* What the plan takes at once of so many rows: equal portions whose activations stay in the caches from layer
 * to layer. */
static size_t portion_of(size_t rows) {
    enum { MOST_ROWS = 256 };
    size_t portions = rows / MOST_ROWS + (rows % MOST_ROWS != 0);
    return rows / portions + (rows % portions != 0);
}

static nudge_status check_rows(size_t rows, nudge_error *error) {
    return rows ? NUDGE_OK
                : error_set(error, NUDGE_BAD_ARGUMENT, "predictor for 0 rows, expected at least 1");
}

nudge_status nudge_predictor_memory(const nudge_context *context, const nudge_net *net, size_t rows,
                                    size_t *bytes, nudge_error *error) {
    if (missing(error, context, net, bytes)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_rows(rows, error);
    if (status) return status;
    void *place;
    size_t needed = memory_needed(context, net, portion_of(rows), NULL, &place);
    if (needed == SIZE_MAX) return error_set(error, NUDGE_NO_MEMORY, "a predictor does not fit in memory");
    *bytes = needed;
    return NUDGE_OK;
}

nudge_status nudge_predictor_create(nudge_context *context, const nudge_net *net, size_t rows, void *memory,
                                    size_t bytes, nudge_predictor **predictor, nudge_error *error) {
    if (missing(error, context, net, predictor)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_rows(rows, error);
    if (status) return status;
    void *plan_place, *owned = NULL;
    size_t portion = portion_of(rows), needed = memory_needed(context, net, portion, NULL, &plan_place);
    if (memory && ((uintptr_t)memory % MEMORY_ALIGNMENT || bytes < needed))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "predictor: %zu bytes of memory, expected %zu aligned to %d", bytes, needed,
                         MEMORY_ALIGNMENT);
    if (!memory && needed < SIZE_MAX) memory = owned = memory_get(&context->allocator, needed);
    if (!memory) return error_no_memory(error, needed, "the predictor");
    memory_needed(context, net, portion, memory, &plan_place);
    nudge_predictor *made = memory;
    *made = (nudge_predictor){context, net, NULL, owned, needed};
    made->plan = plan_make(context, net, REAL_F32, PLAN_PREDICT, portion, plan_place);
    *predictor = made;
    return NUDGE_OK;
}

void nudge_predictor_free(nudge_predictor *predictor) {
    if (!predictor || !predictor->owned) return;
    nudge_allocator allocator = predictor->context->allocator;
    memory_release(&allocator, predictor->owned, predictor->bytes);
}

static void predict_portion(struct plan *plan, const float *features, size_t rows, float *outputs) {
    size_t count = plan->net->outputs;
    struct row_source source = {.features = features, .rows = rows};
    walk_forward(plan, rows, &(struct walk_batch){rows_inputs, &source}, NULL);
    for (size_t r = 0; r < rows; r++) {
        memcpy(outputs + r * count, (const float *)plan_last(plan)->y + r * plan->output_stride,
               count * sizeof *outputs);
        transform_undo(&plan->net->targets_transform, outputs + r * count);
    }
}

nudge_status nudge_predict(nudge_predictor *predictor, const float *features, size_t rows, float *outputs,
                           nudge_error *error) {
    if (missing(error, predictor, features, outputs)) return NUDGE_BAD_ARGUMENT;
    struct plan *plan = predictor->plan;
    for (size_t first = 0; first < rows; first += plan->capacity) {
        size_t portion = rows - first < plan->capacity ? rows - first : plan->capacity;
        predict_portion(plan, features + first * predictor->net->inputs, portion,
                        outputs + first * predictor->net->outputs);
    }
    return NUDGE_OK;
}
