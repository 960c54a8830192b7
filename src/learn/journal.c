/* See journal.h. Invariant: room for one snapshot is left until the end, so that the last step always has its own;
 * what is full is thinned out to every second one. */
#include "learn/journal.h"

#include "base/clock.h"
#include "base/status.h"
#include "base/struct_size.h"
#include "learn/fields.h"

#include <math.h>
#include <nudge_insight.h>
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

static void release_arrays(const struct nudge_journal *journal) {
    const nudge_allocator *allocator = &journal->context->allocator;
    memory_release(allocator, journal->at, journal->room * sizeof *journal->at);
    memory_release(allocator, journal->next_cost, journal->room * sizeof *journal->next_cost);
    memory_release(allocator, journal->snapshots, journal->room * snapshot_bytes(journal));
    memory_release(allocator, journal->states, journal->room * state_bytes(journal));
    memory_release(allocator, journal->records,
                   journal->record_room * journal->figures * sizeof *journal->records);
    memory_release(allocator, journal->present, journal->figures * sizeof *journal->present);
}

void journal_empty(struct nudge_journal *journal) {
    if (journal->writer) journal->writer->close(journal);
    if (journal->net) {
        release_arrays(journal);
        nudge_net_free(journal->net);
    }
    *journal = (struct nudge_journal){.context = journal->context,
                                      .options = journal->options,
                                      .anew = true,
                                      .writer = journal->writer,
                                      .path = journal->path};
}

void nudge_journal_free(nudge_journal *journal) {
    if (!journal) return;
    nudge_allocator allocator = journal->context->allocator;
    journal_empty(journal);
    memory_release_text(&allocator, journal->path);
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

/* How many snapshots and records there can be, and at which distance snapshots begin. */
struct sizes {
    size_t every, room, record_room;
};

static nudge_status choose_sizes(const struct nudge_journal *journal, const struct epoch *run,
                                 struct sizes *sizes, nudge_error *error) {
    const nudge_journal_options *options = &journal->options;
    size_t most = options->bytes / snapshot_bytes(journal), steps;
    if (most < LEAST_SNAPSHOTS)
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "journal: a snapshot takes %zu bytes and all may take %zu, expected room for at least %d",
            snapshot_bytes(journal), options->bytes, LEAST_SNAPSHOTS);
    if (!size_multiply(&steps, run->options.epochs, run->steps)) steps = SIZE_MAX;
    sizes->every = options->every ? options->every : 1;
    if (!options->every && options->every_epochs &&
        !size_multiply(&sizes->every, options->every_epochs, run->steps))
        sizes->every = SIZE_MAX;
    if (!options->every && !options->every_epochs) most = least(most, MOST_EVEN_SNAPSHOTS);
    size_t expected = steps / sizes->every; /* and the start, the end, and one for the end to come */
    sizes->room = expected < most ? least(expected + 3, most) : most;
    most = least(MOST_RECORDS, MOST_RECORD_BYTES / (sizeof(float) * (1 + journal->net->layers)));
    sizes->record_room = (least(steps, most) + 1) / 2 * 2;
    return NUDGE_OK;
}

static void take_snapshot(struct nudge_journal *journal, const struct epoch *run);

static nudge_train_options training_of(const struct epoch *run) {
    nudge_train_options training = run->options;
    training.on_step = training.on_epoch = NULL;
    training.user = NULL;
    training.journal = NULL;
    training.checkpoint = NULL;
    training.class_weight = NULL; /* the net notes what it came to */
    return training;
}

static nudge_status begin_anew(struct nudge_journal *journal, const struct epoch *run, nudge_error *error) {
    struct sizes sizes;
    nudge_status status = nudge_net_clone(journal->context, run->net, &journal->net, error);
    if (status) return status;
    journal->training = training_of(run);
    journal->engine = nudge_context_engine(run->context);
    journal->precision = nudge_context_precision(run->context);
    journal->rows = run->rows;
    journal->epoch_steps = run->steps;
    journal->vectors = 1 + optimizer_states(&run->options);
    status = choose_sizes(journal, run, &sizes, error);
    if (status) return status;
    journal->every = sizes.every;
    journal->room = sizes.room;
    journal->record_room = sizes.record_room;
    journal->span = 1;
    status = journal_allocate(journal, error);
    if (!status) take_snapshot(journal, run);
    if (!status && journal->count == 0)
        status = error_set(error, NUDGE_BAD_ARGUMENT, "journal: the network's parameters are not finite");
    return status;
}

/* -- taken up -- */

static nudge_status check_same(const struct nudge_journal *journal, const struct epoch *run, uint64_t from,
                               nudge_error *error) {
    const nudge_net *before = journal->net, *now = run->net;
    nudge_train_options training = training_of(run);
    struct training_field field;
    size_t most;
    if (!before)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "journal: has no training in it, expected that of the training that goes on");
    if (journal->present_steps != journal->steps % journal->span)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "the journal is of an earlier nudge, and cannot be taken up");
    if (strcmp(before->text, now->text) || before->inputs != now->inputs || journal->rows != run->rows)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "the journal is of another training: of \"%s\" on %zu rows, expected \"%s\" on %zu",
                         before->text, journal->rows, now->text, run->rows);
    const struct chosen_cost cost_before = cost_of(before), cost = cost_of(now);
    if (cost_before.cost != cost.cost || cost_before.delta != cost.delta)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "the journal is of another training: the cost was \"%s\", and is \"%s\" now",
                         cost_before.cost->name, cost.cost->name);
    if (strcmp(journal->engine, nudge_context_engine(run->context)) ||
        strcmp(journal->precision, nudge_context_precision(run->context)))
        return error_set(error, NUDGE_BAD_ARGUMENT, "the journal is of a training with the engine %s in %s",
                         journal->engine, journal->precision);
    if (training_fields_differ(&journal->training, &training, &field))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "the journal is of another training: %s was \"%s\", and is \"%s\" now", field.key,
                         training_field_text(&field, &journal->training).text,
                         training_field_text(&field, &training).text);
    if (journal->steps < from)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "the journal ends at step %zu, but the training goes on from step %llu",
                         journal->steps, (unsigned long long)from);
    if (size_multiply(&most, run->options.epochs, run->steps) && journal->steps > most)
        return error_set(error, NUDGE_BAD_ARGUMENT, "the journal has %zu steps, but %zu epochs are %zu",
                         journal->steps, run->options.epochs, most);
    return NUDGE_OK;
}

/* The same in arrays of another size. */
static nudge_status resize(struct nudge_journal *journal, const struct sizes *sizes, nudge_error *error) {
    struct nudge_journal old = *journal;
    journal->room = sizes->room;
    journal->record_room = sizes->record_room;
    journal->at = NULL;
    journal->next_cost = NULL;
    journal->snapshots = journal->states = journal->records = NULL;
    journal->present = NULL;
    nudge_status status = journal_allocate(journal, error);
    if (status) {
        release_arrays(journal);
        *journal = old;
        return status;
    }
    memcpy(journal->at, old.at, old.count * sizeof *old.at);
    memcpy(journal->next_cost, old.next_cost, old.count * sizeof *old.next_cost);
    memcpy(journal->snapshots, old.snapshots, old.count * snapshot_bytes(journal));
    if (old.states) memcpy(journal->states, old.states, old.count * state_bytes(journal));
    memcpy(journal->records, old.records, old.record_count * old.figures * sizeof *old.records);
    memcpy(journal->present, old.present, old.figures * sizeof *old.present);
    release_arrays(&old);
    return NUDGE_OK;
}

static void make_room(struct nudge_journal *journal, size_t room);
static void reopen(struct nudge_journal *journal);

/* Whether distances that begin with `first` and are doubled come to `every`. */
static bool comes_to(size_t first, size_t every) {
    size_t times = every / first;
    return every % first == 0 && (times & (times - 1)) == 0;
}

static nudge_status take_up(struct nudge_journal *journal, const struct epoch *run, uint64_t from,
                            nudge_error *error) {
    struct sizes sizes;
    nudge_net *net;
    nudge_status status = check_same(journal, run, from, error);
    if (!status) status = choose_sizes(journal, run, &sizes, error);
    if (status) return status;
    if (!comes_to(sizes.every, journal->every) || journal->record_count > sizes.record_room)
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "the journal has a snapshot every %zu steps and %zu records, which every %zu steps does "
            "not come to",
            journal->every, journal->record_count, sizes.every);
    bool at_end = journal->at[journal->count - 1] == journal->steps;
    if (journal->count + !at_end > sizes.room) { /* it was kept with more */
        reopen(journal);
        make_room(journal, sizes.room);
    }
    status = resize(journal, &sizes, error);
    if (!status) status = nudge_net_clone(journal->context, run->net, &net, error);
    if (status) return status;
    nudge_net_free(journal->net);
    journal->net = net;
    journal->training = training_of(run); /* epochs may have grown */
    journal->written_steps = journal->steps;
    journal->written_count = journal->count;
    journal->anew = true;
    return NUDGE_OK;
}

nudge_status journal_begin(struct nudge_journal *journal, const struct epoch *run, uint64_t from,
                           nudge_error *error) {
    if (from) return take_up(journal, run, from, error);
    journal_empty(journal);
    if (run->options.reduce)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "journal: steps whose gradients are reduced elsewhere cannot be made again");
    nudge_status status = begin_anew(journal, run, error);
    if (status) journal_empty(journal);
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
    journal->anew = true;
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

/* For the one that is left free, out of so many. A file may say what it likes: once may not be enough. */
static void make_room(struct nudge_journal *journal, size_t room) {
    while (journal->count + 1 > room) thin_out(journal);
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
    journal->anew = true;
    journal->record_count /= 2;
    journal->span *= 2;
    for (size_t r = 0; r < journal->record_count; r++)
        for (size_t f = 0; f < journal->figures; f++) {
            const float *two = journal->records + 2 * r * journal->figures + f;
            journal->records[r * journal->figures + f] = 0.5f * two[0] + 0.5f * two[journal->figures];
        }
}

static void put_record(struct nudge_journal *journal) {
    for (size_t f = 0; f < journal->figures; f++)
        journal->records[journal->record_count * journal->figures + f] =
            (float)(journal->present[f] / (double)journal->present_steps);
    journal->record_count++;
}

void journal_close_record(struct nudge_journal *journal) {
    if (journal->present_steps > 0) put_record(journal);
}

void journal_open_record(struct nudge_journal *journal) {
    if (journal->present_steps > 0) journal->record_count--;
}

/* A record that is being made is not disturbed: what is full is halved before the next one begins. */
static void take_figures(struct nudge_journal *journal, const struct epoch *run) {
    if (journal->present_steps == 0 && journal->record_count == journal->record_room) halve_records(journal);
    journal->present[0] += run->step_cost;
    for (size_t l = 1; l < journal->figures; l++) journal->present[l] += norm_of(run, l);
    if (++journal->present_steps < journal->span) return;
    put_record(journal);
    memset(journal->present, 0, journal->figures * sizeof *journal->present);
    journal->present_steps = 0;
}

/* -- meanwhile -- */

/* A journal that had ended goes on. */
static void reopen(struct nudge_journal *journal) {
    if (!journal->ended) return;
    journal->ended = journal->unfinished = false;
    journal_open_record(journal);
    if (journal->at[journal->count - 1] % journal->every != 0) journal->count--;
    make_room(journal, journal->room);
}

static void take_step(struct nudge_journal *journal, const struct epoch *run) {
    size_t last = journal->count - 1;
    if (journal->at[last] == journal->steps) journal->next_cost[last] = run->step_cost;
    journal->steps++;
    take_figures(journal, run);
    if (journal->steps % journal->every != 0) return;
    make_room(journal, journal->room - 1);
    if (journal->steps % journal->every == 0) take_snapshot(journal, run);
}

void journal_step(struct nudge_journal *journal, const struct epoch *run) {
    if (run->trainer->steps <= journal->steps) return; /* it is made again, after a break */
    reopen(journal);
    take_step(journal, run);
    if (journal->writer && clock_seconds() >= journal->due) journal_write(journal);
}

void journal_end(struct nudge_journal *journal, const struct epoch *run) {
    bool all = run->trainer->steps == journal->steps;
    if (!journal->ended) journal_close_record(journal);
    journal->ended = true;
    if (all && journal->at[journal->count - 1] != journal->steps) take_snapshot(journal, run);
    if (all) journal->unfinished = false;
    journal_put(journal, journal->count - 1, journal->net);
    if (!journal->anew) journal_write(journal); /* whole it is written by whoever saves it */
}

/* Every second, but so that it takes no more than a hundredth of the time, however slow the disk is. */
void journal_write(struct nudge_journal *journal) {
    enum { SECONDS = 1, SHARE = 100 };
    nudge_error error = {0};
    bool new = journal->steps != journal->written_steps || journal->count != journal->written_count;
    if (!journal->writer || !new || journal->steps == 0) return;
    double begin = clock_seconds();
    nudge_status status = journal->writer->write(journal, &error);
    double end = clock_seconds(), wait = SHARE * (end - begin);
    journal->due = end + (wait > SECONDS ? wait : SECONDS);
    if (!status) {
        journal->anew = false;
        journal->written_steps = journal->steps;
        journal->written_count = journal->count;
    }
    if (journal->options.on_written)
        journal->options.on_written(journal->options.user, journal->written_steps, status ? &error : NULL);
}
