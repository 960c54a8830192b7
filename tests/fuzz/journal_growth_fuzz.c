/* Fuzzes the blocks of a journal that grows: an input is what stands behind a journal of one step. The digest of each block
 * that the input could have is set right before it is loaded, so that the checks behind it are reached. What is loaded is the
 * one step or more, can be read and saved, and is taken up by a training, or refused, in a sentence. */
#define _GNU_SOURCE
#include "fuzz/sealed.h"

#include <nudge_insight.h>

enum { HEAD = 32, DIGEST = 32, STEPS = 12 };

static const char text[] = "2, batch-norm, tanh, 1";

static nudge_data *the_data(void) {
    static const float values[] = {0, 0.25f, 0.5f, 1}, targets[] = {1, 0.5f, 0.25f, 0};
    nudge_data *data = NULL;
    nudge_rows rows = NUDGE_ROWS;
    rows.rows = 4, rows.features = 1, rows.values = values, rows.targets = targets, rows.target_columns = 1;
    require(!nudge_data_create(the_context(), &rows, NULL, &data, NULL), "there are data");
    return data;
}

/* Cuts the file off after some steps, each of which is a block, as the checkpoint before each says. */
struct cut {
    const char *name;
    size_t steps, left, size;
    uint8_t *bytes;
};

static void on_saved(void *user, const nudge_progress *progress, const nudge_error *error) {
    struct cut *cut = user;
    (void)progress;
    require(!error, "it is saved");
    if (++cut->steps != cut->left) return;
    FILE *file = fopen(cut->name, "rb");
    require(file != NULL, "the file is there");
    cut->size = fread(cut->bytes, 1, FUZZ_ROOM, file);
    fclose(file);
}

static nudge_train_options options_of(nudge_journal *journal, nudge_checkpoint *checkpoint) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.momentum = 0.9;
    options.batch_size = 2;
    options.epochs = STEPS / 2;
    options.journal = journal;
    options.checkpoint = checkpoint;
    return options;
}

static bool stop(void *user, const nudge_progress *progress) {
    (void)user;
    (void)progress;
    return false;
}

static nudge_status train(nudge_journal *journal, nudge_checkpoint *checkpoint, bool one_step,
                          nudge_error *error) {
    nudge_net *net = NULL;
    nudge_data *data = the_data();
    nudge_train_options options = options_of(journal, checkpoint);
    if (one_step) options.on_step = stop;
    require(!nudge_net_create(the_context(), 1, text, 1, &net, NULL), "there is a net");
    nudge_status status = nudge_train(the_context(), net, data, &options, NULL, error);
    nudge_net_free(net);
    nudge_data_free(data);
    return status;
}

static void remove_all(const char *name) {
    char file[96];
    unlink(name);
    for (int g = 1; g <= 2; g++) {
        snprintf(file, sizeof file, "%s.checkpoint-%d", name, g);
        unlink(file);
    }
}

/* The file as it is after so many steps. */
static size_t file_after(size_t steps, uint8_t bytes[FUZZ_ROOM]) {
    char name[64];
    make_name(name);
    struct cut cut = {name, 0, steps, 0, bytes};
    nudge_checkpoint_options saving = NUDGE_CHECKPOINT_OPTIONS;
    nudge_checkpoint *checkpoint = NULL;
    nudge_journal *journal = NULL;
    saving.every_steps = 1;
    saving.on_saved = on_saved;
    saving.user = &cut;
    require(!nudge_checkpoint_create(the_context(), name, &saving, &checkpoint, NULL),
            "there is a checkpoint");
    require(!nudge_journal_create(the_context(), NULL, &journal, NULL), "there is a journal");
    require(!nudge_journal_grow(journal, name, false, NULL), "it grows");
    require(!train(journal, checkpoint, false, NULL), "it is trained");
    nudge_journal_free(journal);
    nudge_checkpoint_free(checkpoint);
    remove_all(name);
    require(cut.size > 0 && cut.size < FUZZ_ROOM, "it has room");
    return cut.size;
}

static size_t first_part(const uint8_t **bytes) {
    static uint8_t kept[FUZZ_ROOM];
    static size_t size;
    if (!size) size = file_after(1, kept);
    *bytes = kept;
    return size;
}

static void seal_blocks(uint8_t *bytes, size_t size) {
    while (size >= HEAD + DIGEST) {
        uint64_t length = 0;
        struct sha256_ctx hash;
        for (size_t i = 8; i-- > 0;) length = length << 8 | bytes[i];
        if (length < HEAD + DIGEST || length > size) return;
        sha256_init(&hash);
        sha256_update(&hash, (size_t)length - DIGEST, bytes);
        sha256_digest(&hash, DIGEST, bytes + length - DIGEST);
        bytes += length;
        size -= (size_t)length;
    }
}

static void read_all(const nudge_journal *journal) {
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    float numbers[64];
    size_t step = 0, parameters = nudge_net_parameters(nudge_journal_net(journal));
    require(!nudge_journal_describe(journal, &summary, NULL), "it describes itself");
    require(summary.unfinished && summary.steps >= 1 && summary.steps <= STEPS,
            "it is the first step or more");
    for (size_t i = 0; i < summary.snapshots; i++)
        require(!nudge_journal_snapshot(journal, i, &step, numbers, parameters, NULL),
                "it has its snapshots");
    require(step <= summary.steps, "no snapshot is of a step that was not made");
    for (size_t i = 0; i < summary.records; i++) {
        nudge_journal_record record = NUDGE_JOURNAL_RECORD;
        require(!nudge_journal_read(journal, i, &record, NULL), "it has its records");
        require(record.last <= summary.steps, "none is of a step that was not made");
    }
}

static char taken[64]; /* the name of a checkpoint of the first step, made once */

static void remove_taken(void) {
    remove_all(taken);
}

static void make_taken(void) {
    nudge_checkpoint *checkpoint = NULL;
    make_name(taken);
    atexit(remove_taken);
    require(!nudge_checkpoint_create(the_context(), taken, NULL, &checkpoint, NULL), "there is a checkpoint");
    require(!train(NULL, checkpoint, true, NULL), "it is trained");
    nudge_checkpoint_free(checkpoint);
}

static void take_up(const char *journal_file) {
    char end[96];
    nudge_checkpoint *checkpoint = NULL;
    nudge_journal *journal = NULL;
    nudge_error error = {0};
    if (!taken[0]) make_taken();
    require(!nudge_checkpoint_load(the_context(), taken, false, NULL, &checkpoint, NULL), "it is there");
    nudge_journal_options few = NUDGE_JOURNAL_OPTIONS;
    few.bytes = 4 * 2 * 11 * sizeof(float); /* what is taken up has to be thinned out */
    require(!nudge_journal_create(the_context(), &few, &journal, NULL), "there is a journal");
    require(!nudge_journal_grow(journal, journal_file, true, NULL), "what was loaded is loaded again");
    nudge_status status = train(journal, checkpoint, false, &error);
    require(error.code == status && !status == !error.message[0], "a failure has its sentence");
    nudge_journal_free(journal);
    nudge_checkpoint_free(checkpoint);
    snprintf(end, sizeof end, "%s.checkpoint-2", taken);
    unlink(end);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    const uint8_t *first;
    size_t before = first_part(&first);
    char path[64], again[64];
    uint8_t *all = malloc(before + size + 1);
    require(all != NULL, "there is memory");
    memcpy(all, first, before);
    memcpy(all + before, bytes, size);
    seal_blocks(all + before, size);
    int descriptor = make_file(all, before + size, path);
    free(all);
    nudge_journal *journal = NULL;
    nudge_error error = {0};
    nudge_status status = nudge_journal_load(the_context(), path, &journal, &error);
    require(error.code == status && !status == !error.message[0], "a failure has its sentence");
    require(!status == (journal != NULL), "a failure gives no journal");
    if (journal) read_all(journal);
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++) sum += bytes[i];
    if (journal && sum % 32 == 0) { /* not always: it waits for the disk */
        make_name(again);
        require(!nudge_journal_save(journal, again, NULL), "what was loaded can be saved");
        nudge_journal_free(journal);
        require(!nudge_journal_load(the_context(), again, &journal, NULL), "what was saved can be loaded");
        take_up(path);
        unlink(again);
    }
    nudge_journal_free(journal);
    close(descriptor);
    return 0;
}

/* -- seeds: the blocks of one to all steps -- */

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    const uint8_t *first;
    static uint8_t whole[FUZZ_ROOM];
    size_t before = first_part(&first);
    if (i >= STEPS - 1) return 0;
    size_t size = file_after(i + 2, whole) - before;
    memcpy(bytes, whole + before, size);
    return size;
}
