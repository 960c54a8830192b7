/* What nudge train says to people: before the training what is going to be done, after it what it came to. */
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"
#include "cli/verbs/plan.h"
#include "cli/verbs/train.h"

#include <math.h>
#include <string.h>

/* -- before: what is going to be done -- */

void train_print_plan(const struct train *train) {
    plan_data(train->text, &train->opened);
    plan_columns(train->text, &train->opened);
    plan_from(train->text, &train->opened, &train->options);
    plan_training(train->text, &train->opened, &train->training, train->options.patience == 0,
                  train->options.verbose);
    if (train->checkpointing.resume) {
        size_t epoch, step;
        nudge_checkpoint_place(train->checkpointing.checkpoint, &epoch, &step);
        fprintf(train->text, text_word("goes on   from the checkpoint of %s: epoch %zu, step %s\n"),
                safe(train->checkpointing.resume).text, epoch, number_count(step).text);
    }
    fflush(train->text);
}

/* -- after: what it came to -- */

static void print_part(const struct train *train, const char *name, double cost, double accuracy,
                       const char *remark) {
    if (isnan(cost)) return;
    print_cell(train->text, text_word(name), -10);
    fprintf(train->text, text_word("cost %s"), number_cost(cost).text);
    if (!isnan(accuracy)) fprintf(train->text, text_word(", accuracy %s"), number_percent(accuracy, 2).text);
    fprintf(train->text, "%s\n", remark);
}

static void print_how_far(const struct train *train) {
    const nudge_train_result *result = &train->result;
    fprintf(train->text,
            result->epochs == 1 ? text_word("trained   %zu epoch in %s, %s examples a second\n")
                                : text_word("trained   %zu epochs in %s, %s examples a second\n"),
            result->epochs, number_seconds(result->seconds).text,
            number_count((uint64_t)(result->samples_per_second + 0.5)).text);
    if (result->stopped)
        fprintf(train->text, text_word("stopped   in epoch %zu of %zu, after step %zu of %zu\n"),
                train->last.epoch, train->training.epochs, train->last.step, train->last.steps);
    if (result->stopped && train->checkpointing.checkpoint && !train->checkpointing.told)
        fprintf(train->text, text_word("goes on   with nudge train --resume %s\n"),
                safe(train->checkpointing.resume ? train->checkpointing.resume : train->options.file).text);
    if (result->stopped_early)
        fprintf(train->text,
                text_word("stopped   early: validation was best in epoch %zu, whose parameters are kept\n"),
                result->best_epoch);
}

void train_print_result(const struct train *train) {
    const nudge_train_result *result = &train->result;
    bool cut_short = train->last.step < train->last.steps;
    const char *dropped =
        strstr(nudge_net_text(train->opened.net), "dropout") ? text_word(", with dropout") : "";
    char remark[96];
    snprintf(remark, sizeof remark, text_word(" (mean over the last epoch%s)"), dropped);
    if (cut_short)
        snprintf(remark, sizeof remark, text_word(" (mean over its first %s rows%s)"),
                 number_count(train->last.rows).text, dropped);
    print_how_far(train);
    print_part(train, "train", result->train_cost, result->train_accuracy, remark);
    print_part(train, "val", result->validation_cost, result->validation_accuracy, "");
    print_part(train, "test", result->test_cost, result->test_accuracy, "");
    if (train->training.l1 > 0 || train->training.l2 > 0)
        fprintf(train->text, text_word("penalty   %s, of the weights; in no cost above\n"),
                number_cost(result->penalty).text);
    if (train->options.file)
        fprintf(train->text, text_word("saved     %s\n"), safe(train->options.file).text);
    else
        fprintf(train->text, text_word("saved     nothing: -o FILE keeps the network\n"));
    findings_print(&train->findings, train->text, FINDINGS_SHOWN);
}
