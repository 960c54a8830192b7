/* The journal of a training: which step moved a weight most, which rows that step had, and what the network answered
 * before and after it, though only some of the steps were kept.
 *
 *     cc 10_journal.c $(pkg-config --cflags --libs nudge) -lm -o journal && ./journal */
#include <nudge.h>
#include <nudge_insight.h>

#include <math.h>
#include <stdio.h>

static const nudge_parameter watched = {.layer = 2, .output = 0, .input = 0}; /* w(2)[0][0] */

/* Trains with a journal, and saves it. */
static nudge_status record(nudge_context *context, const nudge_data *data, nudge_net *net,
                           nudge_error *error) {
    nudge_journal *journal = NULL;
    nudge_journal_options keeping = NUDGE_JOURNAL_OPTIONS;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    keeping.every = 50; /* a snapshot after every so many steps; what lies in between is trained again */
    options.momentum = 0.9;
    options.epochs = 4;
    nudge_status status = nudge_journal_create(context, &keeping, &journal, error);
    /* From the first step on it is in the file, should the process be killed. */
    if (!status) status = nudge_journal_grow(journal, "moons.journal", false, error);
    options.journal = journal;
    if (!status) status = nudge_train(context, net, data, &options, NULL, error);
    if (!status) status = nudge_journal_save(journal, "moons.journal", error);
    nudge_journal_free(journal);
    return status;
}

/* Cost, and length of each layer's gradient, at some of the steps. */
static nudge_status print_records(const nudge_journal *journal, nudge_error *error) {
    double norms[2];
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    nudge_train_options how = NUDGE_TRAIN_OPTIONS;
    nudge_journal_record record = NUDGE_JOURNAL_RECORD;
    record.norms = norms;
    nudge_status status = nudge_journal_describe(journal, &summary, error);
    if (!status) status = nudge_journal_training(journal, &how, error);
    if (status) return status;
    printf("%s by %s, momentum %g, %zu rows a step: %zu steps on %s in %s, %zu snapshots\n",
           nudge_net_text(nudge_journal_net(journal)), nudge_optimizer_name(how.optimizer), how.momentum,
           how.batch_size, summary.steps, summary.engine, summary.precision, summary.snapshots);
    for (size_t i = 0; i < summary.records && !status; i += summary.records / 8 + 1) {
        status = nudge_journal_read(journal, i, &record, error);
        if (!status)
            printf("  step %4zu: cost %.4f, gradients %.4f %.4f\n", record.first, record.cost, norms[0],
                   norms[1]);
    }
    return status;
}

/* What the replay is asked to find. */
struct search {
    float last;  /* the weight after the step before */
    size_t step; /* that moved it most */
    float most;  /* by how much */
    nudge_status status;
};

/* Told of the network after every step. */
static bool watch(void *user, size_t step, const nudge_net *net) {
    struct search *search = user;
    float number = 0;
    search->status = nudge_net_get_parameter(net, &watched, &number, NULL);
    if (step > 0 && fabsf(number - search->last) > fabsf(search->most)) {
        search->step = step;
        search->most = number - search->last;
    }
    search->last = number;
    return search->status == NUDGE_OK; /* false ends the replay */
}

/* The rows of the step's mini-batch. */
static nudge_status print_place(const nudge_journal *journal, const nudge_data *data, size_t step,
                                nudge_error *error) {
    size_t rows[10]; /* the batch size */
    nudge_journal_step place = NUDGE_JOURNAL_STEP;
    place.indices = rows;
    nudge_status status = nudge_journal_place(journal, step, &place, error);
    if (status) return status;
    printf("  step %zu of epoch %zu, learning rate %g, rows", place.step, place.epoch, place.learning_rate);
    for (size_t r = 0; r < place.rows; r++)
        printf(" %zu (class %d)%s", rows[r], (int)nudge_data_label(data, NUDGE_PART_TRAIN, rows[r]),
               r + 1 < place.rows ? "," : "\n");
    return NUDGE_OK;
}

/* The first snapshots, each as a network, and how well it did then. */
static nudge_status look_back(nudge_context *context, const nudge_journal *journal, const nudge_data *data,
                              nudge_error *error) {
    nudge_net *then = NULL;
    nudge_status status = nudge_net_clone(context, nudge_journal_net(journal), &then, error);
    for (size_t i = 0; i < 4 && !status; i++) {
        size_t step = 0;
        nudge_evaluation figures = NUDGE_EVALUATION;
        status = nudge_journal_snapshot(journal, i, &step, NULL, 0, error);
        if (!status) status = nudge_journal_restore(journal, i, then, error);
        if (!status) status = nudge_evaluate(context, then, data, NUDGE_PART_TEST, &figures, error);
        if (!status) printf("  after step %3zu: %.1f %% of the test rows\n", step, 100 * figures.accuracy);
    }
    nudge_net_free(then);
    return status;
}

int main(void) {
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_journal *journal = NULL;
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    struct search search = {0};
    float last = 0;

    nudge_status status = nudge_context_create(NULL, &context, &error);
    if (!status) status = nudge_data_generate(context, "moons", 1, &data, &error);
    if (!status) status = nudge_net_create(context, 2, "8 tanh, 2 softmax", 1, &net, &error);
    if (!status) status = record(context, data, net, &error);

    /* Later: the file is all that is needed, and the data for the steps that are trained again. */
    bool is_journal = nudge_journal_is(context, "moons.journal");
    if (!status) status = nudge_journal_load(context, "moons.journal", &journal, &error);
    if (!status) status = print_records(journal, &error);
    if (!status) status = look_back(context, journal, data, &error);
    if (!status) status = nudge_journal_describe(journal, &summary, &error);
    if (!status)
        status = nudge_journal_replay(context, journal, data, 0, summary.steps, watch, &search, &error);
    if (!status) printf("w(2)[0][0] was moved most, by %.4f, in\n", (double)search.most);
    if (!status) status = print_place(journal, data, search.step, &error);
    if (!status) status = nudge_net_get_parameter(net, &watched, &last, &error);
    if (status) fprintf(stderr, "%s\n", error.message);
    nudge_journal_free(journal);
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(context);
    return status || !is_journal || summary.unfinished || search.status ||
           search.last != last; /* the replay ends where the training did */
}
