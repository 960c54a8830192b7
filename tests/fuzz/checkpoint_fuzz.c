/* Fuzzes the checkpoint's loader: any bytes are loaded or refused. The digest of an input is set right before it is loaded
 * (sealed.h). What is loaded says where it stands, and a training goes on with it, or is refused in a sentence. */
#define _GNU_SOURCE
#include "fuzz/sealed.h"

static nudge_data *the_data(void) {
    static const float values[] = {0, 0.25f, 0.5f, 1}, targets[] = {1, 0.5f, 0.25f, 0};
    nudge_data *data = NULL;
    nudge_rows rows = NUDGE_ROWS;
    rows.rows = 4, rows.features = 1, rows.values = values, rows.targets = targets, rows.target_columns = 1;
    require(!nudge_data_create(the_context(), &rows, &rows, &data, NULL), "there are data");
    require(!nudge_data_split(data, 0.25, 1, NULL), "they have a validation part");
    return data;
}

/* The seeds' trainings: what is the same in all of them, and what is not. */
enum { SEEDS = 7 };
static nudge_net *net_of(size_t i) {
    static const char *const texts[] = {"1", "2 sigmoid, 1", "2 tanh, 2, 1",
                                        "2, batch-norm, relu, dropout, 1"};
    nudge_net *net = NULL;
    require(!nudge_net_create(the_context(), 1, i < 6 ? texts[i % 3] : texts[3], i, &net, NULL),
            "there is a net");
    return net;
}

static nudge_train_options options_of(size_t i) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.optimizer = i < 3 ? NUDGE_OPTIMIZER_SGD : NUDGE_OPTIMIZER_ADAM;
    options.momentum = i == 1 ? 0.9 : 0;
    options.batch_size = i < 6 ? 1 + i % 3 : 2;
    options.patience = i % 2;
    options.epochs = 2;
    return options;
}

static void go_on(nudge_checkpoint *checkpoint) {
    nudge_data *data = the_data();
    for (size_t i = 0; i < SEEDS; i++) {
        nudge_net *net = net_of(i);
        nudge_train_options options = options_of(i);
        nudge_error error = {0};
        options.epochs = 3;
        options.checkpoint = checkpoint;
        nudge_status status = nudge_train(the_context(), net, data, &options, NULL, &error);
        require(error.code == status && !status == !error.message[0], "a failure has its sentence");
        nudge_net_free(net);
        if (!status) break; /* it was this one */
    }
    nudge_data_free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char path[64], name[64], files[2][96];
    int descriptor = make_sealed_file(bytes, size, path);
    make_name(name);
    for (int g = 0; g < 2; g++) snprintf(files[g], sizeof files[g], "%s.checkpoint-%d", name, g + 1);
    require(symlink(path, files[0]) == 0, "it is the first generation");
    nudge_checkpoint *checkpoint = NULL;
    nudge_error error = {0};
    nudge_status status = nudge_checkpoint_load(the_context(), name, false, NULL, &checkpoint, &error);
    require(error.code == status && !status == !error.message[0], "a failure has its sentence");
    require(!status == (checkpoint != NULL), "a failure gives no checkpoint");
    if (checkpoint) {
        size_t epoch = 0, step = 0;
        nudge_checkpoint_place(checkpoint, &epoch, &step);
        require(epoch > 0 && step > 0, "it stands somewhere");
        require(nudge_checkpoint_net(checkpoint) != NULL, "it has its net");
        go_on(checkpoint);
    }
    nudge_checkpoint_free(checkpoint);
    for (int g = 0; g < 2; g++) unlink(files[g]);
    unlink(name);
    close(descriptor);
    return 0;
}

/* -- seeds: checkpoints of short trainings -- */

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    if (i >= SEEDS) return 0;
    char name[64], file[80];
    make_name(name);
    snprintf(file, sizeof file, "%s.checkpoint-1", name);
    nudge_net *net = net_of(i);
    nudge_data *data = the_data();
    nudge_train_options options = options_of(i);
    nudge_checkpoint_options saving = NUDGE_CHECKPOINT_OPTIONS;
    saving.note = "train \"x\"";
    require(!nudge_checkpoint_create(the_context(), name, &saving, &options.checkpoint, NULL),
            "there is a checkpoint");
    require(!nudge_train(the_context(), net, data, &options, NULL, NULL), "it is trained");
    nudge_checkpoint_free(options.checkpoint);
    nudge_net_free(net);
    nudge_data_free(data);
    unlink(name);
    return take_file(file, bytes);
}
