/* nudge train --json: an event a line, each as soon as it happens. */
#include "cli/open/from.h"
#include "cli/tell/json.h"
#include "cli/verbs/train.h"

#include <math.h>

void train_json_start(const struct train *train) {
    const nudge_data *data = train->opened.data;
    const nudge_net *net = train->opened.net;
    const nudge_train_options *training = &train->training;
    nudge_optimizer_parameter parameter = NUDGE_OPTIMIZER_PARAMETER;
    bool one_cycle = training->schedule == NUDGE_SCHEDULE_ONE_CYCLE;
    char name[64];
    data_short_name(data, name, sizeof name);
    json_t *line = json_object();
    json_add(line, "event", json_text("start"));
    json_add(line, "data", json_text(name));
    if (train->opened.from) json_add(line, "from", from_json(&train->opened, &train->options));
    json_add(line, "train_rows", json_count(nudge_data_rows(data, NUDGE_PART_TRAIN)));
    json_add(line, "val_rows", json_count(nudge_data_rows(data, NUDGE_PART_VALIDATION)));
    json_add(line, "test_rows", json_count(nudge_data_rows(data, NUDGE_PART_TEST)));
    json_add(line, "inputs", json_count(nudge_net_inputs(net)));
    json_add(line, "network", json_text(nudge_net_text(net)));
    json_add(line, "parameters", json_count(nudge_net_parameters(net)));
    json_add(line, "cost", json_text(nudge_cost_name(nudge_net_cost(net, NULL))));
    json_add(line, "optimizer", json_text(nudge_optimizer_name(training->optimizer)));
    json_add(line, "learning_rate", json_figure(training->learning_rate));
    for (size_t i = 0; optimizer_option(i, &parameter); i++) {
        bool takes = optimizer_takes(training->optimizer, &parameter);
        json_add(line, parameter.name, json_figure(takes ? optimizer_value_of(training, &parameter) : NAN));
    }
    json_add(line, "l1", json_figure(training->l1));
    json_add(line, "l2", json_figure(training->l2));
    json_add(line, "weight_decay", json_figure(training->weight_decay));
    json_add(line, "schedule", json_text(nudge_schedule_name(training->schedule)));
    json_add(line, "warmup", json_figure(one_cycle ? training->warmup : NAN));
    json_add(line, "batch_size", json_count(training->batch_size));
    json_add(line, "epochs", json_count(training->epochs));
    json_add(line, "seed", json_count(training->seed));
    json_add(line, "engine", json_text(nudge_context_engine(train->opened.context)));
    json_add(line, "precision", json_text(nudge_context_precision(train->opened.context)));
    json_add(line, "cpu_level", json_text(nudge_context_cpu_level(train->opened.context)));
    json_add(line, "threads", json_integer(nudge_context_threads(train->opened.context)));
    json_event(line);
}

void train_json_epoch(const nudge_progress *now) {
    json_t *line = json_object();
    json_add(line, "event", json_text("epoch"));
    json_add(line, "epoch", json_count(now->epoch));
    json_add(line, "train_cost", json_figure(now->train_cost));
    json_add(line, "train_accuracy", json_figure(now->train_accuracy));
    json_add(line, "val_cost", json_figure(now->validation_cost));
    json_add(line, "val_accuracy", json_figure(now->validation_accuracy));
    json_add(line, "test_cost", json_figure(now->test_cost));
    json_add(line, "test_accuracy", json_figure(now->test_accuracy));
    json_add(line, "penalty", json_figure(now->penalty));
    json_add(line, "learning_rate", json_figure(now->learning_rate));
    json_add(line, "seconds", json_figure(now->seconds));
    json_add(line, "samples_per_second", json_figure((double)now->rows / now->seconds));
    json_event(line);
}

void train_json_done(const struct train *train) {
    const nudge_train_result *result = &train->result;
    char digest[65];
    nudge_net_digest(train->opened.net, digest);
    json_t *line = json_object();
    json_add(line, "event", json_text("done"));
    json_add(line, "epoch", json_count(result->epochs));
    json_add(line, "best_epoch", json_count(result->best_epoch));
    json_add(line, "stopped", json_boolean(result->stopped));
    json_add(line, "stopped_early", json_boolean(result->stopped_early));
    json_add(line, "train_cost", json_figure(result->train_cost));
    json_add(line, "train_accuracy", json_figure(result->train_accuracy));
    json_add(line, "val_cost", json_figure(result->validation_cost));
    json_add(line, "val_accuracy", json_figure(result->validation_accuracy));
    json_add(line, "test_cost", json_figure(result->test_cost));
    json_add(line, "test_accuracy", json_figure(result->test_accuracy));
    json_add(line, "penalty", json_figure(result->penalty));
    json_add(line, "seconds", json_figure(result->seconds));
    json_add(line, "samples_per_second", json_figure(result->samples_per_second));
    json_add(line, "findings", findings_json(&train->findings));
    json_add(line, "digest", json_text(digest));
    json_add(line, "model", json_text(train->options.file));
    if (train->journaling.file) json_add(line, "journal", json_text(train->journaling.file));
    json_event(line);
}
