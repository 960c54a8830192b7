/* See journal.h. Invariant: room for one snapshot is left until the end, so that the last step always has its own;
 * what is full is thinned out to every second one. */
#include "learn/journal.h"

#include "base/status.h"
#include "base/struct_size.h"
#include "data/order.h"
#include "learn/schedule.h"

#include <math.h>
#include <string.h>

enum {
    LEAST_SNAPSHOTS = 3,
    MOST_EVEN_SNAPSHOTS = 256, /* when nobody said how many */
    MOST_RECORDS = 65536,
    MOST_RECORD_BYTES = 16 << 20,
};

/* -- making -- */

nudge_status nudge_journal_create(nudge_context *context, const nudge_journal_options *options,
                                  nudge_journal **journal, nudge_error *error) {
    if (missing(error, context, journal)) return NUDGE_BAD_ARGUMENT;
    nudge_journal_options chosen = NUDGE_JOURNAL_OPTIONS;
    if (options && !options_take(&chosen, sizeof chosen, options))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "journal options: struct_size is not set; begin with NUDGE_JOURNAL_OPTIONS");
    nudge_journal *made = memory_get_zeroed(&context->allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "the journal");
    made->context = context;
    made->options = chosen;
    *journal = made;
    return NUDGE_OK;
}

static size_t snapshot_bytes(const struct nudge_journal *journal) {
    return journal->vectors * journal->net->parameter_count * sizeof(float);
}

static size_t state_bytes(const struct nudge_journal *journal) {
    return journal->net->state_count * sizeof(float);
}

/* Back to a journal without a training. */
static void empty(struct nudge_journal *journal) {
    const nudge_allocator *allocator = &journal->context->allocator;
    if (journal->net) {
        memory_release(allocator, journal->at, journal->room * sizeof *journal->at);
        memory_release(allocator, journal->next_cost, journal->room * sizeof *journal->next_cost);
        memory_release(allocator, journal->snapshots, journal->room * snapshot_bytes(journal));
        memory_release(allocator, journal->states, journal->room * state_bytes(journal));
        memory_release(allocator, journal->records,
                       journal->record_room * journal->figures * sizeof *journal->records);
        memory_release(allocator, journal->present, journal->figures * sizeof *journal->present);
        nudge_net_free(journal->net);
    }
    *journal = (struct nudge_journal){.context = journal->context, .options = journal->options};
}

void nudge_journal_free(nudge_journal *journal) {
    if (!journal) return;
    nudge_allocator allocator = journal->context->allocator;
    empty(journal);
    memory_release(&allocator, journal, sizeof *journal);
}

nudge_status journal_allocate(struct nudge_journal *journal, nudge_error *error) {
    const nudge_allocator *allocator = &journal->context->allocator;
    size_t bytes = 0;
    journal->figures = 1 + journal->net->layers;
    bool fits = size_multiply(&bytes, journal->room, snapshot_bytes(journal));
    if (fits) {
        journal->at = memory_get(allocator, journal->room * sizeof *journal->at);
        journal->next_cost = memory_get(allocator, journal->room * sizeof *journal->next_cost);
        journal->snapshots = memory_get(allocator, bytes);
        if (state_bytes(journal))
            journal->states = memory_get(allocator, journal->room * state_bytes(journal));
        journal->records =
            memory_get(allocator, journal->record_room * journal->figures * sizeof *journal->records);
        journal->present = memory_get_zeroed(allocator, journal->figures * sizeof *journal->present);
    }
    if (journal->at && journal->next_cost && journal->snapshots &&
        (journal->states || !state_bytes(journal)) && journal->records && journal->present)
        return NUDGE_OK;
    return error_no_memory(error, fits ? bytes : SIZE_MAX, "the journal");
}

/* -- beginning -- */

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* How many snapshots and records there can be, and at which distance they begin. */
static nudge_status choose_sizes(struct nudge_journal *journal, const struct epoch *run, nudge_error *error) {
    const nudge_journal_options *options = &journal->options;
    size_t most = options->bytes / snapshot_bytes(journal), steps;
    if (most < LEAST_SNAPSHOTS)
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "journal: a snapshot takes %zu bytes and all may take %zu, expected room for at least %d",
            snapshot_bytes(journal), options->bytes, LEAST_SNAPSHOTS);
    if (!size_multiply(&steps, run->options.epochs, run->steps)) steps = SIZE_MAX;
    journal->every = options->every ? options->every : 1;
    if (!options->every && options->every_epochs &&
        !size_multiply(&journal->every, options->every_epochs, run->steps))
        journal->every = SIZE_MAX;
    if (!options->every && !options->every_epochs) most = least(most, MOST_EVEN_SNAPSHOTS);
    size_t expected = steps / journal->every; /* and the start, the end, and one for the end to come */
    journal->room = expected < most ? least(expected + 3, most) : most;
    journal->span = 1;
    most = least(MOST_RECORDS, MOST_RECORD_BYTES / (sizeof(float) * (1 + journal->net->layers)));
    journal->record_room = (least(steps, most) + 1) / 2 * 2;
    return NUDGE_OK;
}

static void take_snapshot(struct nudge_journal *journal, const struct epoch *run);

nudge_status journal_begin(struct nudge_journal *journal, const struct epoch *run, nudge_error *error) {
    empty(journal);
    if (run->options.reduce)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "journal: steps whose gradients are reduced elsewhere cannot be made again");
    nudge_status status = nudge_net_clone(journal->context, run->net, &journal->net, error);
    if (status) return status;
    journal->training = run->options;
    journal->training.on_step = journal->training.on_epoch = NULL;
    journal->training.user = NULL;
    journal->training.journal = NULL;
    journal->training.checkpoint = NULL;
    journal->training.class_weight = NULL; /* the net notes what it came to */
    journal->engine = nudge_context_engine(run->context);
    journal->precision = nudge_context_precision(run->context);
    journal->rows = run->rows;
    journal->epoch_steps = run->steps;
    journal->vectors = 1 + optimizer_states(&run->options);
    status = choose_sizes(journal, run, error);
    if (!status) status = journal_allocate(journal, error);
    if (!status) take_snapshot(journal, run);
    if (!status && journal->count == 0)
        status = error_set(error, NUDGE_BAD_ARGUMENT, "journal: the network's parameters are not finite");
    if (status) empty(journal);
    return status;
}

/* -- snapshots -- */

static bool is_finite(const float *numbers, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (numbers[i] - numbers[i] != 0) return false;
    return true;
}

/* Keeps what stands at a multiple of the distance. */
static void thin_out(struct nudge_journal *journal) {
    size_t kept = 0;
    journal->every = journal->every > SIZE_MAX / 2 ? SIZE_MAX : 2 * journal->every;
    for (size_t i = 0; i < journal->count; i++) {
        if (journal->at[i] % journal->every != 0) continue;
        journal->at[kept] = journal->at[i];
        journal->next_cost[kept] = journal->next_cost[i];
        memmove(journal_snapshot(journal, kept), journal_snapshot(journal, i), snapshot_bytes(journal));
        if (journal->states)
            memmove(journal_state(journal, kept), journal_state(journal, i), state_bytes(journal));
        kept++;
    }
    journal->count = kept;
}

/* Numbers that are not finite are no snapshot: the one before is the last that is good. */
static void take_snapshot(struct nudge_journal *journal, const struct epoch *run) {
    size_t parameters = journal->net->parameter_count;
    float *to = journal_snapshot(journal, journal->count);
    net_to_canonical(run->net, run->net->parameters, to);
    for (size_t v = 1; v < journal->vectors; v++)
        net_to_canonical(run->net, run->trainer->states[v - 1], to + v * parameters);
    if (!is_finite(to, journal->vectors * parameters)) return;
    if (journal->states) {
        net_state_to_canonical(run->net, journal_state(journal, journal->count));
        if (!is_finite(journal_state(journal, journal->count), run->net->state_count)) return;
    }
    journal->at[journal->count] = journal->steps;
    journal->next_cost[journal->count++] = __builtin_nan("");
}

void journal_put(const struct nudge_journal *journal, size_t i, nudge_net *net) {
    net_from_canonical(net, net->parameters, journal_snapshot(journal, i));
    if (journal->states) net_state_from_canonical(net, journal_state(journal, i));
    net->version++;
}

/* -- records -- */

/* The length of a layer's mean gradient; padding is 0. */
static double norm_of(const struct epoch *run, size_t layer) {
    const nudge_net *net = run->net;
    const struct plan *plan = run->trainer->plan;
    const float *gradients = plan->gradients;
    size_t first, count;
    net_layer_range(net, layer, &first, &count);
    return sqrt(plan->verbs->squares(gradients + first, count)) / (double)run->step_rows;
}

/* Two records become one, and each stands for twice as many steps. */
static void halve_records(struct nudge_journal *journal) {
    journal->record_count /= 2;
    journal->span *= 2;
    for (size_t r = 0; r < journal->record_count; r++)
        for (size_t f = 0; f < journal->figures; f++) {
            const float *two = journal->records + 2 * r * journal->figures + f;
            journal->records[r * journal->figures + f] = 0.5f * two[0] + 0.5f * two[journal->figures];
        }
}

static void put_record(struct nudge_journal *journal) {
    for (size_t f = 0; f < journal->figures; f++) {
        journal->records[journal->record_count * journal->figures + f] =
            (float)(journal->present[f] / (double)journal->present_steps);
        journal->present[f] = 0;
    }
    journal->record_count++;
    journal->present_steps = 0;
}

/* A record that is being made is not disturbed: what is full is halved before the next one begins. */
static void take_figures(struct nudge_journal *journal, const struct epoch *run) {
    if (journal->present_steps == 0 && journal->record_count == journal->record_room) halve_records(journal);
    journal->present[0] += run->step_cost;
    for (size_t l = 1; l < journal->figures; l++) journal->present[l] += norm_of(run, l);
    if (++journal->present_steps == journal->span) put_record(journal);
}

/* -- meanwhile -- */

void journal_step(struct nudge_journal *journal, const struct epoch *run) {
    size_t last = journal->count - 1;
    if (journal->at[last] == journal->steps) journal->next_cost[last] = run->step_cost;
    journal->steps++;
    take_figures(journal, run);
    if (journal->steps % journal->every != 0) return;
    if (journal->count + 1 == journal->room) thin_out(journal);
    if (journal->steps % journal->every == 0) take_snapshot(journal, run);
}

void journal_end(struct nudge_journal *journal, const struct epoch *run) {
    if (journal->present_steps > 0) put_record(journal);
    if (journal->at[journal->count - 1] != journal->steps) take_snapshot(journal, run);
    journal_put(journal, journal->count - 1, journal->net);
}

/* -- reading -- */

static nudge_status check_begun(const struct nudge_journal *journal, nudge_error *error) {
    return journal->net ? NUDGE_OK
                        : error_set(error, NUDGE_BAD_ARGUMENT, "the journal has no training in it yet");
}

const nudge_net *nudge_journal_net(const nudge_journal *journal) {
    return journal->net;
}

nudge_status nudge_journal_describe(const nudge_journal *journal, nudge_journal_summary *summary,
                                    nudge_error *error) {
    if (missing(error, journal, summary)) return NUDGE_BAD_ARGUMENT;
    nudge_journal_summary filled = NUDGE_JOURNAL_SUMMARY;
    nudge_status status = check_begun(journal, error);
    if (status) return status;
    filled.rows = journal->rows;
    filled.epoch_steps = journal->epoch_steps;
    filled.steps = journal->steps;
    filled.snapshots = journal->count;
    filled.every = journal->every;
    filled.records = journal->record_count;
    filled.span = journal->span;
    filled.engine = journal->engine;
    filled.precision = journal->precision;
    if (!options_give(summary, &filled, sizeof filled))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "journal summary: struct_size is not set; begin with NUDGE_JOURNAL_SUMMARY");
    return NUDGE_OK;
}

nudge_status nudge_journal_training(const nudge_journal *journal, nudge_train_options *options,
                                    nudge_error *error) {
    if (missing(error, journal, options)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_begun(journal, error);
    if (status) return status;
    if (!options_give(options, &journal->training, sizeof journal->training))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "training options: struct_size is not set; begin with NUDGE_TRAIN_OPTIONS");
    return NUDGE_OK;
}

nudge_status nudge_journal_restore(const nudge_journal *journal, size_t i, nudge_net *net,
                                   nudge_error *error) {
    if (missing(error, journal, net)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_begun(journal, error);
    if (status) return status;
    if (i >= journal->count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "snapshot %zu, expected 0 to %zu", i, journal->count - 1);
    if (net->inputs != journal->net->inputs || strcmp(net->text, journal->net->text))
        return error_set(error, NUDGE_BAD_ARGUMENT, "the journal is of another network");
    journal_put(journal, i, net);
    return NUDGE_OK;
}

nudge_status nudge_journal_snapshot(const nudge_journal *journal, size_t i, size_t *step, float *parameters,
                                    size_t count, nudge_error *error) {
    if (missing(error, journal)) return NUDGE_BAD_ARGUMENT;
    nudge_status status = check_begun(journal, error);
    if (status) return status;
    if (i >= journal->count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "snapshot %zu, expected 0 to %zu", i, journal->count - 1);
    if (parameters && count != journal->net->parameter_count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "room for %zu parameters, expected %zu", count,
                         journal->net->parameter_count);
    if (step) *step = (size_t)journal->at[i];
    if (parameters) memcpy(parameters, journal_snapshot(journal, i), count * sizeof *parameters);
    return NUDGE_OK;
}

nudge_status nudge_journal_read(const nudge_journal *journal, size_t i, nudge_journal_record *record,
                                nudge_error *error) {
    if (missing(error, journal, record)) return NUDGE_BAD_ARGUMENT;
    nudge_journal_record filled = NUDGE_JOURNAL_RECORD;
    nudge_status status = check_begun(journal, error);
    if (status) return status;
    if (!options_take(&filled, sizeof filled, record))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "journal record: struct_size is not set; begin with NUDGE_JOURNAL_RECORD");
    if (i >= journal->record_count)
        return error_set(error, NUDGE_BAD_ARGUMENT, "record %zu, but the journal has %zu", i,
                         journal->record_count);
    const float *figures = journal->records + i * journal->figures;
    filled.first = i * journal->span + 1;
    filled.last = i + 1 < journal->record_count ? (i + 1) * journal->span : journal->steps;
    filled.cost = (double)figures[0];
    for (size_t l = 1; filled.norms && l < journal->figures; l++) filled.norms[l - 1] = (double)figures[l];
    options_give(record, &filled, sizeof filled);
    return NUDGE_OK;
}

nudge_status nudge_journal_place(const nudge_journal *journal, size_t step, nudge_journal_step *place,
                                 nudge_error *error) {
    if (missing(error, journal, place)) return NUDGE_BAD_ARGUMENT;
    nudge_journal_step filled = NUDGE_JOURNAL_STEP;
    nudge_status status = check_begun(journal, error);
    if (status) return status;
    if (!options_take(&filled, sizeof filled, place))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "journal step: struct_size is not set; begin with NUDGE_JOURNAL_STEP");
    if (step < 1 || step > journal->steps)
        return error_set(error, NUDGE_BAD_ARGUMENT, "step %zu, expected 1 to %zu, which were made", step,
                         journal->steps);
    filled.epoch = (step - 1) / journal->epoch_steps + 1;
    filled.step = (step - 1) % journal->epoch_steps + 1;
    filled.learning_rate = schedule_rate(&journal->training, filled.epoch, filled.step, journal->epoch_steps);
    size_t first = (filled.step - 1) * journal->training.batch_size, left = journal->rows - first;
    filled.rows = least(left, journal->training.batch_size);
    if (filled.indices) {
        const nudge_allocator *allocator = &journal->context->allocator;
        size_t bytes = journal->rows * sizeof(uint32_t);
        uint32_t *order = memory_get(allocator, bytes);
        if (!order) return error_no_memory(error, bytes, "the order of the rows");
        order_make(order, journal->rows, journal->training.seed, (uint32_t)filled.epoch,
                   journal->training.shuffle);
        for (size_t i = 0; i < filled.rows; i++) filled.indices[i] = order[first + i];
        memory_release(allocator, order, bytes);
    }
    options_give(place, &filled, sizeof filled);
    return NUDGE_OK;
}
