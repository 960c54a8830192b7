/* What a training needs to go on, as one enumerated list: the net's parameters with the ops' running state, the optimizer's
 * states, the last parameters that were good, the best (blocks), and struct training_state; then the options, and
 * fingerprints of the data, against which whoever goes on is compared. All else follows: the order of the rows and
 * what is dropped from seed, epoch and step, the learning rate from the options. Its files are model/checkpoint.c's. */
#ifndef NUDGE_LEARN_CHECKPOINT_H
#define NUDGE_LEARN_CHECKPOINT_H

#include "learn/epoch.h"

struct training_state {
    uint64_t steps;                    /* updates made: the optimizer's t */
    uint64_t epoch, step;              /* of the last of them */
    uint64_t ended;                    /* 1: the epoch's evaluation is done, too */
    uint64_t rows;                     /* trained on in this epoch, */
    double cost_sum, right, counted;   /* and what epoch.h sums over them */
    double earlier_cost;               /* the epoch before's; NaN: there was none */
    uint64_t best_epoch, worse_epochs; /* patience */
    double best_metric;
    uint64_t samples;              /* in whole epochs before */
    double seconds, epoch_seconds; /* spent: in these; in this one */
};

/* One of its members, for who writes and reads them. */
struct training_state_field {
    const char *key;
    bool is_count; /* a uint64_t; else a double */
    size_t place;
};
extern const struct training_state_field training_state_fields[];
extern const size_t training_state_field_count;

enum { BLOCK_PARAMETERS, BLOCK_STATE_0, BLOCK_STATE_1, BLOCK_GOOD, BLOCK_BEST, CHECKPOINT_BLOCKS };
extern const char *const checkpoint_block_names[CHECKPOINT_BLOCKS];

/* Of one part: rows, and a number that is another for other rows. */
struct fingerprint {
    uint64_t rows, hash;
};
enum { CHECKPOINT_PARTS = NUDGE_PART_TEST + 1 };

struct nudge_checkpoint {
    nudge_context *context;
    nudge_checkpoint_options options;
    char *path, *note;
    unsigned generation; /* whose file is overwritten next */
    double saved_at;     /* when the last was, by the clock */
    bool used;           /* by a training */
    bool replaces;       /* nothing of this training was saved yet: what is there is another's */
    nudge_net *net;      /* of the training that was loaded; NULL: none was */
    const nudge_net *running;
    float *owned[CHECKPOINT_BLOCKS]; /* that was loaded */
    /* What is saved, or was loaded: */
    nudge_train_options training;
    char engine[16], precision[16], bf16[16];
    struct fingerprint data[CHECKPOINT_PARTS];
    struct training_state state;
    float
        *blocks[CHECKPOINT_BLOCKS]; /* like the net's parameters, the run's or our own; NULL: there is none */
    nudge_status (*save)(struct nudge_checkpoint *checkpoint, nudge_error *error);
};

/* Which blocks a training with these options has. */
bool checkpoint_has_block(const nudge_train_options *options, size_t block);

/* Before the first step: fingerprints of the run's data, and, where a training was loaded, whether this is the same one. */
nudge_status checkpoint_begin(struct nudge_checkpoint *checkpoint, const struct epoch *run,
                              nudge_error *error);

/* Saves what is in `state` and `blocks`; that it cannot be is told by on_saved, and the training goes on. */
void checkpoint_save(struct nudge_checkpoint *checkpoint, const struct epoch *run);
/* Whether it is time to, after a step. */
bool checkpoint_is_due(const struct nudge_checkpoint *checkpoint, const struct epoch *run);

#endif
