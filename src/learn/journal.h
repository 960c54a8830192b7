/* The journal of a training: snapshots and records, in memory that is taken when the training begins. Its file is
 * model/journal_*.c's. */
#ifndef NUDGE_LEARN_JOURNAL_H
#define NUDGE_LEARN_JOURNAL_H

#include "learn/epoch.h"

/* Snapshots stand at the steps 0, every, 2 every, .., and the last; each is the parameters and the optimizer's
 * states, vectors in canonical order. Records are means over `span` steps each, the last over what is left. */
struct nudge_journal {
    nudge_context *context;
    nudge_journal_options options;
    nudge_net *net;               /* NULL: no training yet */
    nudge_train_options training; /* of the run; no callbacks */
    const char *engine, *precision;
    size_t rows, epoch_steps; /* of the training part; of an epoch */
    size_t steps;             /* made */
    size_t every, count, room;
    size_t vectors;    /* of a snapshot: 1 + states */
    uint64_t *at;      /* [room] the step after which it was taken */
    double *next_cost; /* [room] of the step that followed; NaN: none did */
    float *snapshots;  /* [room][vectors][parameters] */
    float *states;     /* [room][the net's state_count] the ops' running state; NULL: they have none */
    size_t span, record_count, record_room;
    size_t figures;  /* of a record: the cost, and a norm for each layer */
    float *records;  /* [record_room][figures] */
    double *present; /* [figures] sums over the steps of the record that is not yet whole; */
    size_t present_steps;
};

/* Where snapshot i begins. */
static inline float *journal_snapshot(const struct nudge_journal *journal, size_t i) {
    return journal->snapshots + i * journal->vectors * journal->net->parameter_count;
}

static inline float *journal_state(const struct nudge_journal *journal, size_t i) {
    return journal->states + i * journal->net->state_count;
}

/* Snapshot i's parameters and state into a net like the journal's. */
void journal_put(const struct nudge_journal *journal, size_t i, nudge_net *net);

/* Memory for the journal's arrays, of which room, vectors, record_room and net are set. */
nudge_status journal_allocate(struct nudge_journal *journal, nudge_error *error);

/* Begins anew, with the run's start. On failure the journal is without a training. */
nudge_status journal_begin(struct nudge_journal *journal, const struct epoch *run, nudge_error *error);
/* After each of the run's steps. */
void journal_step(struct nudge_journal *journal, const struct epoch *run);
/* After the last one, whatever ended it. */
void journal_end(struct nudge_journal *journal, const struct epoch *run);

#endif
