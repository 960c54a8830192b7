/* Fuzzes the reader of a trainer's state: any bytes are taken as a whole or refused, and a refusal leaves the trainer as it
 * was. Digests are set right before (sealed.h). After what was taken a step can be made, and its state saved. */
#define _GNU_SOURCE
#include "fuzz/sealed.h"

enum { SEEDS = 4, SAVED = 1 << 14 };

static nudge_trainer *trainer_of(size_t i, nudge_net **net) {
    static const char *const texts[SEEDS] = {"2 sigmoid, 1", "2 sigmoid, 1", "2 sigmoid, 1",
                                             "3, batch-norm, relu, dropout 0.5, 1"};
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_trainer *trainer = NULL;
    options.optimizer = i < 2 ? NUDGE_OPTIMIZER_SGD : NUDGE_OPTIMIZER_ADAM;
    options.momentum = i == 1 ? 0.5 : 0;
    options.batch_size = 2;
    require(!nudge_net_create(the_context(), 1, texts[i], i, net, NULL), "there is a net");
    require(!nudge_trainer_create(the_context(), *net, &options, NULL, 0, &trainer, NULL),
            "there is a trainer");
    return trainer;
}

static bool make_step(nudge_trainer *trainer) {
    static const float x[2] = {0.5f, -1}, y[2] = {1, 0};
    require(!nudge_trainer_batch(trainer, x, y, 2, NULL), "it takes a batch");
    return !nudge_trainer_forward(trainer, NULL, NULL) && !nudge_trainer_backward(trainer, NULL) &&
           !nudge_trainer_update(trainer, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    uint8_t *sealed = malloc(size + 1);
    require(sealed != NULL, "there is memory");
    memcpy(sealed, bytes, size);
    seal(sealed, size);
    /* What is of another kind of trainer goes to the next; all else is the same for each. */
    nudge_status status = NUDGE_BAD_ARGUMENT;
    for (size_t i = 0; status == NUDGE_BAD_ARGUMENT && i < SEEDS; i++) {
        nudge_net *net = NULL;
        nudge_trainer *trainer = trainer_of(i, &net);
        nudge_error error = {0};
        char before[65], after[65], saved[SAVED];
        size_t length;
        nudge_net_digest(net, before);
        status = nudge_trainer_load_memory(trainer, sealed, size, &error);
        require(error.code == status && !status == !error.message[0], "a failure has its sentence");
        nudge_net_digest(net, after);
        require(!status || strcmp(before, after) == 0, "a failure changes nothing");
        if (!status && make_step(trainer)) { /* which may have brought numbers that are not finite */
            nudge_status kept = nudge_trainer_save_memory(trainer, saved, SAVED, &length, NULL);
            require(kept == NUDGE_BAD_ARGUMENT || (!kept && length <= SAVED),
                    "its state is saved or refused");
        }
        nudge_trainer_free(trainer);
        nudge_net_free(net);
    }
    free(sealed);
    return 0;
}

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    if (i >= SEEDS) return 0;
    nudge_net *net = NULL;
    nudge_trainer *trainer = trainer_of(i, &net);
    size_t size;
    require(make_step(trainer) && make_step(trainer), "it makes steps");
    require(!nudge_trainer_save_memory(trainer, bytes, FUZZ_ROOM, &size, NULL), "its state fits");
    nudge_trainer_free(trainer);
    nudge_net_free(net);
    return size;
}
