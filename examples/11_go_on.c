/* A training that may be ended at any moment: it is cut short here in the middle of an epoch, goes on from its
 * checkpoint with another network object, and comes to the bits of one that was never interrupted.
 *
 *     cc 11_go_on.c $(pkg-config --cflags --libs nudge) -o go-on && ./go-on */
#include <nudge.h>

#include <stdio.h>
#include <string.h>

/* Called between steps. */
static void print_saved(void *user, const nudge_progress *progress, const nudge_error *error) {
    (void)user;
    if (error)
        fprintf(stderr, "not saved: %s\n", error->message); /* the training goes on all the same */
    else
        printf("  saved in epoch %zu, after step %zu of %zu\n", progress->epoch, progress->step,
               progress->steps);
}

/* Ends the training in the middle of an epoch, as Ctrl-C might. */
static bool cut_short(void *user, const nudge_progress *progress) {
    (void)user;
    return progress->epoch < 3 || progress->step < 37;
}

static nudge_train_options usual_options(void) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.optimizer = NUDGE_OPTIMIZER_ADAM;
    options.learning_rate = 0.005;
    options.epochs = 5;
    return options;
}

/* Trains from the beginning, or goes on from a checkpoint, and tells the digest of all parameters. */
static nudge_status train(nudge_context *context, const nudge_data *data, nudge_train_options options,
                          char digest[65], nudge_error *error) {
    nudge_net *net = NULL;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    nudge_status status =
        nudge_net_create(context, 2, "16, batch-norm, relu, dropout 0.1, 2 softmax", 1, &net, error);
    if (!status) status = nudge_train(context, net, data, &options, &result, error);
    if (!status) {
        nudge_net_digest(net, digest);
        printf("%zu epochs%s, test cost %.4f, digest %.16s..\n", result.epochs,
               result.stopped ? ", cut short" : "", result.test_cost, digest);
    }
    nudge_net_free(net);
    return status;
}

/* What the checkpoint knows of the training, before it goes on: the network as it was, its place, and the note. */
static nudge_status print_checkpoint(nudge_context *context, const nudge_checkpoint *checkpoint,
                                     const nudge_data *data, nudge_error *error) {
    size_t epoch = 0, step = 0;
    nudge_evaluation figures = NUDGE_EVALUATION;
    const nudge_net *net = nudge_checkpoint_net(checkpoint);
    nudge_status status = nudge_evaluate(context, net, data, NUDGE_PART_TEST, &figures, error);
    if (status) return status;
    nudge_checkpoint_place(checkpoint, &epoch, &step);
    printf("\"%s\" stands in epoch %zu after step %zu, with test cost %.4f\n",
           nudge_checkpoint_note(checkpoint), epoch, step, figures.cost);
    return NUDGE_OK;
}

int main(void) {
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_data *data = NULL;
    nudge_checkpoint *first = NULL, *second = NULL;
    nudge_train_options options = usual_options();
    nudge_checkpoint_options saving = NUDGE_CHECKPOINT_OPTIONS;
    char whole[65] = "", interrupted[65] = "", resumed[65] = "";
    saving.every_steps = 150;
    saving.note = "moons, the first try";
    saving.on_saved = print_saved;

    nudge_status status = nudge_context_create(NULL, &context, &error);
    if (!status) status = nudge_data_generate(context, "moons", 1, &data, &error);
    if (!status) status = train(context, data, options, whole, &error);

    if (!status) status = nudge_checkpoint_create(context, "moons.nudge", &saving, &first, &error);
    options.checkpoint = first;
    options.on_step = cut_short;
    if (!status) status = train(context, data, options, interrupted, &error);

    /* In another process: moons.nudge.checkpoint-1 and -2 are all that is left. */
    options = usual_options();
    if (!status) status = nudge_checkpoint_load(context, "moons.nudge", false, &saving, &second, &error);
    if (!status) status = print_checkpoint(context, second, data, &error);
    options.checkpoint = second;
    if (!status) status = train(context, data, options, resumed, &error);
    if (status) fprintf(stderr, "%s\n", error.message);
    nudge_checkpoint_free(second);
    nudge_checkpoint_free(first);
    nudge_data_free(data);
    nudge_context_free(context);
    return status || strcmp(whole, resumed) != 0 || strcmp(whole, interrupted) == 0;
}
