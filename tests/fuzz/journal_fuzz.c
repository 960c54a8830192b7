/* Fuzzes the journal's loader: any bytes are loaded or refused. The digest of an input is set right before it
 * is loaded (sealed.h). Everything in what is loaded can be read; and it is saved again as a journal that can
 * be loaded. */
#define _GNU_SOURCE
#include "fuzz/sealed.h"

#include <nudge_insight.h>

static bool look(void *user, size_t step, const nudge_net *net) {
    (void)step;
    *(size_t *)user += nudge_net_parameters(net);
    return true;
}

static void read_all(const nudge_journal *journal) {
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    const nudge_net *net = nudge_journal_net(journal);
    size_t parameters = nudge_net_parameters(net), step = 0, seen = 0;
    float *numbers = malloc(parameters * sizeof *numbers);
    double *norms = malloc(nudge_net_layers(net) * sizeof *norms);
    require(numbers && norms, "there is memory");
    require(!nudge_journal_describe(journal, &summary, NULL), "it describes itself");
    require(!nudge_journal_training(journal, &options, NULL), "it has options");
    for (size_t i = 0; i < summary.snapshots; i++)
        require(!nudge_journal_snapshot(journal, i, &step, numbers, parameters, NULL),
                "it has its snapshots");
    for (size_t i = 0; i < summary.records; i++) {
        nudge_journal_record record = NUDGE_JOURNAL_RECORD;
        record.norms = norms;
        require(!nudge_journal_read(journal, i, &record, NULL), "it has its records");
    }
    require(step <= summary.steps, "no snapshot is of a step that was not made");
    require(!nudge_journal_replay(the_context(), journal, NULL, step, step, look, &seen, NULL),
            "its last snapshot can be shown");
    require(seen == parameters, "as a net");
    if (summary.steps > 0) {
        nudge_journal_step place = NUDGE_JOURNAL_STEP;
        require(!nudge_journal_place(journal, summary.steps, &place, NULL), "its last step has a place");
        require(place.rows > 0 && place.rows <= options.batch_size, "with rows");
    }
    free(numbers);
    free(norms);
}

static void expect_round_trip(const nudge_journal *journal) {
    char name[64];
    nudge_journal *back = NULL;
    make_name(name);
    require(nudge_journal_save(journal, name, NULL) == NUDGE_OK, "what was loaded can be saved");
    require(nudge_journal_load(the_context(), name, &back, NULL) == NUDGE_OK, "what was saved can be loaded");
    unlink(name);
    nudge_journal_free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char path[64];
    int descriptor = make_sealed_file(bytes, size, path);
    nudge_journal *journal = NULL;
    nudge_error error = {0};
    nudge_status status = nudge_journal_load(the_context(), path, &journal, &error);
    require(error.code == status && !status == !error.message[0], "a failure has its sentence");
    require(!status == (journal != NULL), "a failure gives no journal");
    if (journal) {
        read_all(journal);
        expect_round_trip(journal);
    }
    nudge_journal_free(journal);
    close(descriptor);
    return 0;
}

/* -- seeds: journals of short trainings -- */

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    static const char *const texts[] = {"1", "2 sigmoid, 1", "2 tanh, 2, 1",
                                        "2, batch-norm, relu, dropout, 1"};
    static const float values[] = {0, 0.25f, 0.5f, 1}, targets[] = {1, 0.5f, 0.25f, 0};
    if (i >= 7) return 0;
    char name[64];
    nudge_net *net = NULL;
    nudge_data *data = NULL;
    nudge_journal *journal = NULL;
    nudge_rows rows = NUDGE_ROWS;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    make_name(name);
    rows.rows = 4, rows.features = 1, rows.values = values, rows.targets = targets, rows.target_columns = 1;
    options.optimizer = i < 3 ? NUDGE_OPTIMIZER_SGD : NUDGE_OPTIMIZER_ADAM;
    options.momentum = i == 1 ? 0.9 : 0;
    options.batch_size = i < 6 ? 1 + i % 3 : 2;
    options.epochs = 2;
    require(!nudge_net_create(the_context(), 1, i < 6 ? texts[i % 3] : texts[3], i, &net, NULL),
            "there is a net");
    require(!nudge_data_create(the_context(), &rows, NULL, &data, NULL), "there are data");
    require(!nudge_journal_create(the_context(), NULL, &journal, NULL), "there is a journal");
    options.journal = journal;
    require(!nudge_train(the_context(), net, data, &options, NULL, NULL), "it is trained");
    require(!nudge_journal_save(journal, name, NULL), "it can be saved");
    nudge_journal_free(journal);
    nudge_net_free(net);
    nudge_data_free(data);
    return take_file(name, bytes);
}
