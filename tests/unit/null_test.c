/* NULL where the header does not allow it: every function that returns a status says which pointer it is, and
 * does nothing. tests/architecture/tree.sh sees to it that no function is forgotten. */
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "small.h"

static nudge_error error;
static char nothing[64];
static void *const any = nothing; /* is not looked into: the NULL is found before */

static bool on_step(void *user, size_t step, const nudge_net *net) {
    (void)user;
    (void)step;
    (void)net;
    return true;
}

static void expect(nudge_status status, const char *sentence) {
    assert_int_equal(status, NUDGE_BAD_ARGUMENT);
    assert_string_equal(error.message, sentence);
    error = (nudge_error){0};
}

static void every_function_tells(void **state) {
    (void)state;
    expect(nudge_context_create(any, NULL, &error), "nudge_context_create: context is NULL");
    expect(nudge_data_create(NULL, any, any, any, &error), "nudge_data_create: context is NULL");
    expect(nudge_data_create(any, NULL, any, any, &error), "nudge_data_create: train is NULL");
    expect(nudge_data_create(any, any, any, NULL, &error), "nudge_data_create: data is NULL");
    expect(nudge_data_generate(NULL, any, 1, any, &error), "nudge_data_generate: context is NULL");
    expect(nudge_data_generate(any, NULL, 1, any, &error), "nudge_data_generate: name is NULL");
    expect(nudge_data_generate(any, any, 1, NULL, &error), "nudge_data_generate: data is NULL");
    expect(nudge_data_open(NULL, any, NULL, any, &error), "nudge_data_open: context is NULL");
    expect(nudge_data_open(any, NULL, NULL, any, &error), "nudge_data_open: name is NULL");
    expect(nudge_data_open(any, any, NULL, NULL, &error), "nudge_data_open: data is NULL");
    expect(nudge_image_read(NULL, any, NULL, 1, 1, any, &error), "nudge_image_read: context is NULL");
    expect(nudge_image_read(any, NULL, NULL, 1, 1, any, &error), "nudge_image_read: path is NULL");
    expect(nudge_image_read(any, any, NULL, 1, 1, NULL, &error), "nudge_image_read: pixels is NULL");
    expect(nudge_data_write_idx(NULL, any, &error), "nudge_data_write_idx: data is NULL");
    expect(nudge_data_write_idx(any, NULL, &error), "nudge_data_write_idx: folder is NULL");
    expect(nudge_data_write_npz(NULL, any, &error), "nudge_data_write_npz: data is NULL");
    expect(nudge_data_write_npz(any, NULL, &error), "nudge_data_write_npz: path is NULL");
    expect(nudge_data_write_csv(NULL, any, NULL, &error), "nudge_data_write_csv: data is NULL");
    expect(nudge_data_write_csv(any, NULL, NULL, &error), "nudge_data_write_csv: path is NULL");
    expect(nudge_data_split(NULL, 1, 1, &error), "nudge_data_split: data is NULL");
    expect(nudge_data_fold(NULL, any, 2, 0, 1, any, &error), "nudge_data_fold: context is NULL");
    expect(nudge_data_fold(any, NULL, 2, 0, 1, any, &error), "nudge_data_fold: data is NULL");
    expect(nudge_data_fold(any, any, 2, 0, 1, NULL, &error), "nudge_data_fold: part is NULL");
    expect(nudge_data_row(NULL, 1, 1, any, any, &error), "nudge_data_row: data is NULL");
    expect(nudge_init_from_name(NULL, any, &error), "nudge_init_from_name: name is NULL");
    expect(nudge_init_from_name(any, NULL, &error), "nudge_init_from_name: init is NULL");
    expect(nudge_net_create(NULL, 1, any, 1, any, &error), "nudge_net_create: context is NULL");
    expect(nudge_net_create(any, 1, NULL, 1, any, &error), "nudge_net_create: text is NULL");
    expect(nudge_net_create(any, 1, any, 1, NULL, &error), "nudge_net_create: net is NULL");
    expect(nudge_net_initialise(NULL, 1, 1, 1, &error), "nudge_net_initialise: net is NULL");
    expect(nudge_net_clone(NULL, any, any, &error), "nudge_net_clone: context is NULL");
    expect(nudge_net_clone(any, NULL, any, &error), "nudge_net_clone: net is NULL");
    expect(nudge_net_clone(any, any, NULL, &error), "nudge_net_clone: copy is NULL");
    expect(nudge_net_get_weights(NULL, 1, any, 1, &error), "nudge_net_get_weights: net is NULL");
    expect(nudge_net_get_weights(any, 1, NULL, 1, &error), "nudge_net_get_weights: weights is NULL");
    expect(nudge_net_set_weights(NULL, 1, any, 1, &error), "nudge_net_set_weights: net is NULL");
    expect(nudge_net_set_weights(any, 1, NULL, 1, &error), "nudge_net_set_weights: weights is NULL");
    expect(nudge_net_get_biases(NULL, 1, any, 1, &error), "nudge_net_get_biases: net is NULL");
    expect(nudge_net_get_biases(any, 1, NULL, 1, &error), "nudge_net_get_biases: biases is NULL");
    expect(nudge_net_set_biases(NULL, 1, any, 1, &error), "nudge_net_set_biases: net is NULL");
    expect(nudge_net_set_biases(any, 1, NULL, 1, &error), "nudge_net_set_biases: biases is NULL");
    expect(nudge_net_get_parameters(NULL, any, 1, &error), "nudge_net_get_parameters: net is NULL");
    expect(nudge_net_get_parameters(any, NULL, 1, &error), "nudge_net_get_parameters: parameters is NULL");
    expect(nudge_net_set_parameters(NULL, any, 1, &error), "nudge_net_set_parameters: net is NULL");
    expect(nudge_net_set_parameters(any, NULL, 1, &error), "nudge_net_set_parameters: parameters is NULL");
    expect(nudge_net_parameter_index(NULL, any, any, &error), "nudge_net_parameter_index: net is NULL");
    expect(nudge_net_parameter_index(any, NULL, any, &error), "nudge_net_parameter_index: parameter is NULL");
    expect(nudge_net_parameter_index(any, any, NULL, &error), "nudge_net_parameter_index: index is NULL");
    expect(nudge_net_get_tensor(NULL, 0, any, 1, &error), "nudge_net_get_tensor: net is NULL");
    expect(nudge_net_get_tensor(any, 0, NULL, 1, &error), "nudge_net_get_tensor: numbers is NULL");
    expect(nudge_net_set_tensor(NULL, 0, any, 1, &error), "nudge_net_set_tensor: net is NULL");
    expect(nudge_net_set_tensor(any, 0, NULL, 1, &error), "nudge_net_set_tensor: numbers is NULL");
    expect(nudge_net_get_parameter(NULL, any, any, &error), "nudge_net_get_parameter: net is NULL");
    expect(nudge_net_get_parameter(any, NULL, any, &error), "nudge_net_get_parameter: parameter is NULL");
    expect(nudge_net_get_parameter(any, any, NULL, &error), "nudge_net_get_parameter: number is NULL");
    expect(nudge_net_set_parameter(NULL, any, 1, &error), "nudge_net_set_parameter: net is NULL");
    expect(nudge_net_set_parameter(any, NULL, 1, &error), "nudge_net_set_parameter: parameter is NULL");
    expect(nudge_net_parameter_at(NULL, 1, any, &error), "nudge_net_parameter_at: net is NULL");
    expect(nudge_net_parameter_at(any, 1, NULL, &error), "nudge_net_parameter_at: parameter is NULL");
    expect(nudge_net_set_input_transform(NULL, 0, any, &error), "nudge_net_set_input_transform: net is NULL");
    expect(nudge_net_set_input_transform(any, 0, NULL, &error),
           "nudge_net_set_input_transform: transform is NULL");
    expect(nudge_net_set_target_transform(NULL, 0, any, &error),
           "nudge_net_set_target_transform: net is NULL");
    expect(nudge_net_set_target_transform(any, 0, NULL, &error),
           "nudge_net_set_target_transform: transform is NULL");
    expect(nudge_net_fit(NULL, any, 0, 0, &error), "nudge_net_fit: net is NULL");
    expect(nudge_net_fit(any, NULL, 0, 0, &error), "nudge_net_fit: data is NULL");
    expect(nudge_net_import(NULL, any, NULL, any, &error), "nudge_net_import: context is NULL");
    expect(nudge_net_import(any, NULL, NULL, any, &error), "nudge_net_import: path is NULL");
    expect(nudge_net_import(any, any, NULL, NULL, &error), "nudge_net_import: net is NULL");
    expect(nudge_net_take(NULL, any, 0, NULL, &error), "nudge_net_take: net is NULL");
    expect(nudge_net_take(any, NULL, 0, NULL, &error), "nudge_net_take: from is NULL");
    expect(nudge_metric_from_name(NULL, any, &error), "nudge_metric_from_name: name is NULL");
    expect(nudge_metric_from_name(any, NULL, &error), "nudge_metric_from_name: metric is NULL");
    expect(nudge_scale_from_name(NULL, any, &error), "nudge_scale_from_name: name is NULL");
    expect(nudge_scale_from_name(any, NULL, &error), "nudge_scale_from_name: scale is NULL");
    expect(nudge_net_set_labels(NULL, any, 1, &error), "nudge_net_set_labels: net is NULL");
    expect(nudge_net_set_note(NULL, any, any, &error), "nudge_net_set_note: net is NULL");
    expect(nudge_net_set_note(any, NULL, any, &error), "nudge_net_set_note: key is NULL");
    expect(nudge_net_set_note(any, any, NULL, &error), "nudge_net_set_note: value is NULL");
    expect(nudge_cost_from_name(NULL, any, &error), "nudge_cost_from_name: name is NULL");
    expect(nudge_cost_from_name(any, NULL, &error), "nudge_cost_from_name: cost is NULL");
    expect(nudge_optimizer_from_name(NULL, any, &error), "nudge_optimizer_from_name: name is NULL");
    expect(nudge_optimizer_from_name(any, NULL, &error), "nudge_optimizer_from_name: optimizer is NULL");
    expect(nudge_schedule_from_name(NULL, any, &error), "nudge_schedule_from_name: name is NULL");
    expect(nudge_schedule_from_name(any, NULL, &error), "nudge_schedule_from_name: schedule is NULL");
    expect(nudge_suggest(NULL, any, &error), "nudge_suggest: data is NULL");
    expect(nudge_suggest(any, NULL, &error), "nudge_suggest: suggestion is NULL");
    expect(nudge_train(NULL, any, any, any, any, &error), "nudge_train: context is NULL");
    expect(nudge_train(any, NULL, any, any, any, &error), "nudge_train: net is NULL");
    expect(nudge_train(any, any, NULL, any, any, &error), "nudge_train: data is NULL");
    expect(nudge_net_set_cost(NULL, NUDGE_COST_AUTO, 1, &error), "nudge_net_set_cost: net is NULL");
    expect(nudge_predictor_memory(NULL, any, 1, any, &error), "nudge_predictor_memory: context is NULL");
    expect(nudge_predictor_memory(any, NULL, 1, any, &error), "nudge_predictor_memory: net is NULL");
    expect(nudge_predictor_memory(any, any, 1, NULL, &error), "nudge_predictor_memory: bytes is NULL");
    expect(nudge_predictor_create(NULL, any, 1, any, 1, any, &error),
           "nudge_predictor_create: context is NULL");
    expect(nudge_predictor_create(any, NULL, 1, any, 1, any, &error), "nudge_predictor_create: net is NULL");
    expect(nudge_predictor_create(any, any, 1, any, 1, NULL, &error),
           "nudge_predictor_create: predictor is NULL");
    expect(nudge_predict(NULL, any, 1, any, &error), "nudge_predict: predictor is NULL");
    expect(nudge_predict(any, NULL, 1, any, &error), "nudge_predict: features is NULL");
    expect(nudge_predict(any, any, 1, NULL, &error), "nudge_predict: outputs is NULL");
    expect(nudge_evaluate(NULL, any, any, 1, any, &error), "nudge_evaluate: context is NULL");
    expect(nudge_evaluate(any, NULL, any, 1, any, &error), "nudge_evaluate: net is NULL");
    expect(nudge_evaluate(any, any, NULL, 1, any, &error), "nudge_evaluate: data is NULL");
    expect(nudge_evaluate(any, any, any, 1, NULL, &error), "nudge_evaluate: evaluation is NULL");
    expect(nudge_cross_validate(NULL, any, any, any, &error), "nudge_cross_validate: context is NULL");
    expect(nudge_cross_validate(any, NULL, any, any, &error), "nudge_cross_validate: data is NULL");
    expect(nudge_cross_validate(any, any, NULL, any, &error), "nudge_cross_validate: options is NULL");
    expect(nudge_cross_validate(any, any, any, NULL, &error), "nudge_cross_validate: result is NULL");
    expect(nudge_checkpoint_create(NULL, any, any, any, &error), "nudge_checkpoint_create: context is NULL");
    expect(nudge_checkpoint_create(any, NULL, any, any, &error), "nudge_checkpoint_create: path is NULL");
    expect(nudge_checkpoint_create(any, any, any, NULL, &error),
           "nudge_checkpoint_create: checkpoint is NULL");
    expect(nudge_checkpoint_load(NULL, any, false, any, any, &error),
           "nudge_checkpoint_load: context is NULL");
    expect(nudge_checkpoint_load(any, NULL, false, any, any, &error), "nudge_checkpoint_load: path is NULL");
    expect(nudge_checkpoint_load(any, any, false, any, NULL, &error),
           "nudge_checkpoint_load: checkpoint is NULL");
    expect(nudge_net_save(NULL, any, &error), "nudge_net_save: net is NULL");
    expect(nudge_net_save(any, NULL, &error), "nudge_net_save: path is NULL");
    expect(nudge_net_save_memory(NULL, any, 0, any, &error), "nudge_net_save_memory: net is NULL");
    expect(nudge_net_save_memory(any, any, 0, NULL, &error), "nudge_net_save_memory: size is NULL");
    expect(nudge_net_load_memory(NULL, any, 0, any, &error), "nudge_net_load_memory: context is NULL");
    expect(nudge_net_load_memory(any, NULL, 0, any, &error), "nudge_net_load_memory: memory is NULL");
    expect(nudge_net_load_memory(any, any, 0, NULL, &error), "nudge_net_load_memory: net is NULL");
    expect(nudge_net_load(NULL, any, any, &error), "nudge_net_load: context is NULL");
    expect(nudge_net_load(any, NULL, any, &error), "nudge_net_load: path is NULL");
    expect(nudge_net_load(any, any, NULL, &error), "nudge_net_load: net is NULL");
    expect(nudge_trainer_memory(NULL, any, any, any, &error), "nudge_trainer_memory: context is NULL");
    expect(nudge_trainer_memory(any, NULL, any, any, &error), "nudge_trainer_memory: net is NULL");
    expect(nudge_trainer_memory(any, any, any, NULL, &error), "nudge_trainer_memory: bytes is NULL");
    expect(nudge_trainer_create(NULL, any, any, any, 1, any, &error),
           "nudge_trainer_create: context is NULL");
    expect(nudge_trainer_create(any, NULL, any, any, 1, any, &error), "nudge_trainer_create: net is NULL");
    expect(nudge_trainer_create(any, any, any, any, 1, NULL, &error),
           "nudge_trainer_create: trainer is NULL");
    expect(nudge_trainer_batch(NULL, any, any, 1, &error), "nudge_trainer_batch: trainer is NULL");
    expect(nudge_trainer_batch(any, NULL, any, 1, &error), "nudge_trainer_batch: features is NULL");
    expect(nudge_trainer_batch(any, any, NULL, 1, &error), "nudge_trainer_batch: targets is NULL");
    expect(nudge_trainer_rows(NULL, any, 1, any, 1, &error), "nudge_trainer_rows: trainer is NULL");
    expect(nudge_trainer_rows(any, NULL, 1, any, 1, &error), "nudge_trainer_rows: data is NULL");
    expect(nudge_trainer_rows(any, any, 1, NULL, 1, &error), "nudge_trainer_rows: indices is NULL");
    expect(nudge_trainer_forward(NULL, any, &error), "nudge_trainer_forward: trainer is NULL");
    expect(nudge_trainer_backward(NULL, &error), "nudge_trainer_backward: trainer is NULL");
    expect(nudge_trainer_update(NULL, &error), "nudge_trainer_update: trainer is NULL");
    expect(nudge_trainer_set_learning_rate(NULL, 1, &error),
           "nudge_trainer_set_learning_rate: trainer is NULL");
    expect(nudge_trainer_save_memory(NULL, any, 1, any, &error),
           "nudge_trainer_save_memory: trainer is NULL");
    expect(nudge_trainer_save_memory(any, any, 1, NULL, &error), "nudge_trainer_save_memory: size is NULL");
    expect(nudge_trainer_load_memory(NULL, any, 1, &error), "nudge_trainer_load_memory: trainer is NULL");
    expect(nudge_trainer_load_memory(any, NULL, 1, &error), "nudge_trainer_load_memory: memory is NULL");
    expect(nudge_trainer_read(NULL, 1, 1, any, 1, &error), "nudge_trainer_read: trainer is NULL");
    expect(nudge_trainer_read(any, 1, 1, NULL, 1, &error), "nudge_trainer_read: values is NULL");
    expect(nudge_diagnose(NULL, any, any, NULL, NULL, false, any, 1, any, &error),
           "nudge_diagnose: context is NULL");
    expect(nudge_diagnose(any, NULL, any, NULL, NULL, false, any, 1, any, &error),
           "nudge_diagnose: net is NULL");
    expect(nudge_diagnose(any, any, NULL, NULL, NULL, false, any, 1, any, &error),
           "nudge_diagnose: data is NULL");
    expect(nudge_diagnose(any, any, any, NULL, NULL, false, NULL, 1, any, &error),
           "nudge_diagnose: findings is NULL");
    expect(nudge_diagnose(any, any, any, NULL, NULL, false, any, 1, NULL, &error),
           "nudge_diagnose: count is NULL");
    expect(nudge_survey_create(NULL, any, any, &error), "nudge_survey_create: context is NULL");
    expect(nudge_survey_create(any, NULL, any, &error), "nudge_survey_create: data is NULL");
    expect(nudge_survey_create(any, any, NULL, &error), "nudge_survey_create: survey is NULL");
    expect(nudge_check(NULL, any, any, 1, any, any, &error), "nudge_check: context is NULL");
    expect(nudge_check(any, NULL, any, 1, any, any, &error), "nudge_check: net is NULL");
    expect(nudge_check(any, any, NULL, 1, any, any, &error), "nudge_check: data is NULL");
    expect(nudge_check(any, any, any, 1, any, NULL, &error), "nudge_check: result is NULL");
    expect(nudge_explanation_create(NULL, any, any, &error), "nudge_explanation_create: context is NULL");
    expect(nudge_explanation_create(any, NULL, any, &error), "nudge_explanation_create: net is NULL");
    expect(nudge_explanation_create(any, any, NULL, &error), "nudge_explanation_create: explanation is NULL");
    expect(nudge_explanation_row(NULL, any, 1, 1, &error), "nudge_explanation_row: explanation is NULL");
    expect(nudge_explanation_row(any, NULL, 1, 1, &error), "nudge_explanation_row: data is NULL");
    expect(nudge_explanation_numbers(NULL, any, any, &error),
           "nudge_explanation_numbers: explanation is NULL");
    expect(nudge_explanation_numbers(any, NULL, any, &error), "nudge_explanation_numbers: features is NULL");
    expect(nudge_explanation_numbers(any, any, NULL, &error), "nudge_explanation_numbers: targets is NULL");
    expect(nudge_explanation_read(NULL, 1, 1, any, 1, &error), "nudge_explanation_read: explanation is NULL");
    expect(nudge_explanation_read(any, 1, 1, NULL, 1, &error), "nudge_explanation_read: values is NULL");
    expect(nudge_explanation_influence(NULL, 1, 1, any, 1, &error),
           "nudge_explanation_influence: explanation is NULL");
    expect(nudge_explanation_influence(any, 1, 1, NULL, 1, &error),
           "nudge_explanation_influence: values is NULL");
    expect(nudge_explanation_ledger(NULL, 1, 1, any, &error),
           "nudge_explanation_ledger: explanation is NULL");
    expect(nudge_explanation_ledger(any, 1, 1, NULL, &error), "nudge_explanation_ledger: ledger is NULL");
    expect(nudge_explanation_nudge(NULL, any, 1, any, &error),
           "nudge_explanation_nudge: explanation is NULL");
    expect(nudge_explanation_nudge(any, NULL, 1, any, &error), "nudge_explanation_nudge: parameter is NULL");
    expect(nudge_explanation_nudge(any, any, 1, NULL, &error), "nudge_explanation_nudge: change is NULL");
    expect(nudge_gradient(NULL, any, any, 1, any, any, &error), "nudge_gradient: context is NULL");
    expect(nudge_gradient(any, NULL, any, 1, any, any, &error), "nudge_gradient: net is NULL");
    expect(nudge_gradient(any, any, NULL, 1, any, any, &error), "nudge_gradient: data is NULL");
    expect(nudge_gradient(any, any, any, 1, any, NULL, &error), "nudge_gradient: result is NULL");
    expect(nudge_plane_random(NULL, 1, any, any, 1, &error), "nudge_plane_random: net is NULL");
    expect(nudge_plane_random(any, 1, NULL, any, 1, &error), "nudge_plane_random: across is NULL");
    expect(nudge_plane_random(any, 1, any, NULL, 1, &error), "nudge_plane_random: up is NULL");
    expect(nudge_plane_pca(NULL, any, 1, 1, any, any, any, any, &error), "nudge_plane_pca: context is NULL");
    expect(nudge_plane_pca(any, NULL, 1, 1, any, any, any, any, &error), "nudge_plane_pca: paths is NULL");
    expect(nudge_plane_pca(any, any, 1, 1, NULL, any, any, any, &error), "nudge_plane_pca: origin is NULL");
    expect(nudge_plane_pca(any, any, 1, 1, any, NULL, any, any, &error), "nudge_plane_pca: across is NULL");
    expect(nudge_plane_pca(any, any, 1, 1, any, any, NULL, any, &error), "nudge_plane_pca: up is NULL");
    expect(nudge_surface(NULL, any, any, 1, any, any, &error), "nudge_surface: context is NULL");
    expect(nudge_surface(any, NULL, any, 1, any, any, &error), "nudge_surface: net is NULL");
    expect(nudge_surface(any, any, NULL, 1, any, any, &error), "nudge_surface: data is NULL");
    expect(nudge_surface(any, any, any, 1, NULL, any, &error), "nudge_surface: options is NULL");
    expect(nudge_surface(any, any, any, 1, any, NULL, &error), "nudge_surface: result is NULL");
    expect(nudge_file_create(any, NULL, any, &error), "nudge_file_create: path is NULL");
    expect(nudge_file_create(any, any, NULL, &error), "nudge_file_create: file is NULL");
    expect(nudge_file_write(NULL, any, 1, &error), "nudge_file_write: file is NULL");
    expect(nudge_file_write(any, NULL, 1, &error), "nudge_file_write: bytes is NULL");
    expect(nudge_file_commit(NULL, &error), "nudge_file_commit: file is NULL");
    expect(nudge_journal_create(NULL, any, any, &error), "nudge_journal_create: context is NULL");
    expect(nudge_journal_create(any, any, NULL, &error), "nudge_journal_create: journal is NULL");
    expect(nudge_journal_grow(NULL, any, false, &error), "nudge_journal_grow: journal is NULL");
    expect(nudge_journal_grow(any, NULL, false, &error), "nudge_journal_grow: path is NULL");
    expect(nudge_journal_save(NULL, any, &error), "nudge_journal_save: journal is NULL");
    expect(nudge_journal_save(any, NULL, &error), "nudge_journal_save: path is NULL");
    expect(nudge_journal_load(NULL, any, any, &error), "nudge_journal_load: context is NULL");
    expect(nudge_journal_load(any, NULL, any, &error), "nudge_journal_load: path is NULL");
    expect(nudge_journal_load(any, any, NULL, &error), "nudge_journal_load: journal is NULL");
    expect(nudge_journal_describe(NULL, any, &error), "nudge_journal_describe: journal is NULL");
    expect(nudge_journal_describe(any, NULL, &error), "nudge_journal_describe: summary is NULL");
    expect(nudge_journal_training(NULL, any, &error), "nudge_journal_training: journal is NULL");
    expect(nudge_journal_training(any, NULL, &error), "nudge_journal_training: options is NULL");
    expect(nudge_journal_restore(NULL, 0, any, &error), "nudge_journal_restore: journal is NULL");
    expect(nudge_journal_restore(any, 0, NULL, &error), "nudge_journal_restore: net is NULL");
    expect(nudge_journal_snapshot(NULL, 1, any, any, 1, &error), "nudge_journal_snapshot: journal is NULL");
    expect(nudge_journal_read(NULL, 1, any, &error), "nudge_journal_read: journal is NULL");
    expect(nudge_journal_read(any, 1, NULL, &error), "nudge_journal_read: record is NULL");
    expect(nudge_journal_place(NULL, 1, any, &error), "nudge_journal_place: journal is NULL");
    expect(nudge_journal_place(any, 1, NULL, &error), "nudge_journal_place: place is NULL");
    expect(nudge_journal_replay(NULL, any, any, 1, 1, on_step, any, &error),
           "nudge_journal_replay: context is NULL");
    expect(nudge_journal_replay(any, NULL, any, 1, 1, on_step, any, &error),
           "nudge_journal_replay: journal is NULL");
    expect(nudge_journal_replay(any, any, any, 1, 1, NULL, any, &error),
           "nudge_journal_replay: on_step is NULL");
}

static void what_may_be_null(void **state) {
    (void)state;
    nudge_context *context = NULL;
    const char *const labels[] = {"no", NULL};
    assert_int_equal(nudge_context_create(NULL, &context, NULL), NUDGE_OK);
    nudge_net *net = small_net(context, 2, "3 tanh, 2 softmax");
    assert_int_equal(nudge_net_set_labels(net, NULL, 2, &error), NUDGE_BAD_ARGUMENT);
    assert_string_equal(error.message, "label 0 is NULL");
    assert_int_equal(nudge_net_set_labels(net, labels, 2, &error), NUDGE_BAD_ARGUMENT);
    assert_string_equal(error.message, "label 1 is NULL");
    assert_int_equal(nudge_net_set_labels(net, NULL, 0, NULL), NUDGE_OK);
    assert_true(nudge_answer(NULL, 3) == NUDGE_NO_ANSWER);
    assert_int_equal(nudge_text_show(NULL, NULL, 0), 0);
    nudge_net_free(net);
    nudge_context_free(context);
    nudge_net_free(NULL);
    nudge_data_free(NULL);
    nudge_predictor_free(NULL);
    nudge_trainer_free(NULL);
    nudge_explanation_free(NULL);
    nudge_journal_free(NULL);
    nudge_context_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_tells),
        cmocka_unit_test(what_may_be_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
