/* The journal of a training: snapshots and records, in memory that is taken when the training begins. Its file, which may be
 * written as it goes, is model/journal_*.c's. */
#ifndef NUDGE_LEARN_JOURNAL_H
#define NUDGE_LEARN_JOURNAL_H

#include "learn/epoch.h"

#include <nudge_insight.h>

struct nudge_journal;

/* How a journal goes into its file while the training goes on: core knows no files. */
struct journal_writer {
    nudge_status (*write)(struct nudge_journal *journal, nudge_error *error); /* all that is new */
    void (*close)(
        struct nudge_journal *journal); /* and the next write is of the whole journal; allowed at any time */
};

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
    /* As the last step left it: the record that is not whole is one, and there may be a snapshot at no multiple of `every`. */
    bool ended;
    bool unfinished;                     /* it was read from a file that was still growing */
    const struct journal_writer *writer; /* NULL: it stays in memory */
    char *path;                          /* of the file; NULL: no writer */
    nudge_file *file;                    /* that grows; NULL: none yet */
    size_t written_steps, written_count; /* steps and snapshots that are in it */
    bool anew;                           /* it is written whole: what is in the file was thinned out since */
    double due;                          /* when it is written next, by the clock */
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

/* Back to a journal without a training. */
void journal_empty(struct nudge_journal *journal);

/* `from` 0: begins anew, with the run's start; on failure the journal is without a training. Else the run goes on after so
 * many steps, and the journal with it; it may reach further already: the steps up to there will have the same bits. */
nudge_status journal_begin(struct nudge_journal *journal, const struct epoch *run, uint64_t from,
                           nudge_error *error);
/* After each of the run's steps. */
void journal_step(struct nudge_journal *journal, const struct epoch *run);
/* After the last one, whatever ended it. */
void journal_end(struct nudge_journal *journal, const struct epoch *run);

/* Makes of the steps of the record that is not whole a record, for who looks at the journal now; and back. */
void journal_close_record(struct nudge_journal *journal);
void journal_open_record(struct nudge_journal *journal);

/* Into the file, where there is one, what is not in it yet. That it cannot be is told by on_written. */
void journal_write(struct nudge_journal *journal);

#endif
