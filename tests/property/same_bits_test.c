/* A whole network in f32: the same bits at every CPU level, with any number of threads, in one batch or in
 * portions; and what a batch means: its gradient is the mean of its rows' gradients. Padding is zero and
 * stays so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/parallel.h"
#include "learn/step.h"
#include "levels.h"
#include "nets.h"

#include <stdio.h>

static struct net_case case_of(struct net_shape shape, size_t first_op, size_t output, nudge_cost cost) {
    struct net_case given = {.shape = shape, .cost = cost, .delta = 0.75, .seed = first_op};
    for (size_t l = 0; l < shape.layers; l++) {
        size_t op = l + 1 == shape.layers ? output : 1 + (first_op + 4 * l) % (op_activation_end() - 1);
        given.activation[l] = &ops[op];
        given.value[l] = ops[op].values[0].usual;
    }
    return given;
}

/* -- everything that a walk leaves behind, as one run of numbers -- */

struct record {
    float *numbers;
    size_t count, room;
};

static void record_put(struct record *record, const float *numbers, size_t count) {
    if (record->count + count > record->room) {
        record->room = 2 * (record->count + count);
        record->numbers = realloc(record->numbers, record->room * sizeof *numbers);
        assert_non_null(record->numbers);
    }
    memcpy(record->numbers + record->count, numbers, count * sizeof *numbers);
    record->count += count;
}

/* z, a, δ and C_0 of the rows, without padding. */
static void record_rows(struct record *record, const struct plan *plan, size_t rows) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t s = 0; s < plan->step_count; s++) {
            const struct plan_step *step = &plan->steps[s];
            record_put(record, (const float *)step->y + r * step->output_stride, step->link->outputs);
            record_put(record, (const float *)step->d + r * step->output_stride, step->link->outputs);
        }
        record_put(record, (const float *)plan->each + r, 1);
    }
}

static void record_gradients(struct record *record, const struct plan *plan) {
    record_put(record, plan->gradients, plan->net->block_count);
}

static void assert_same(const struct record *found, const struct record *expected, const char *when) {
    assert_int_equal(found->count, expected->count);
    for (size_t i = 0; i < found->count; i++)
        if (memcmp(&found->numbers[i], &expected->numbers[i], sizeof(float)))
            fail_msg("%s: number %zu of %zu is %a, expected %a", when, i, found->count,
                     (double)found->numbers[i], (double)expected->numbers[i]);
}

/* One walk over all rows. */
static struct record record_of(nudge_context *context, const struct net_made *made) {
    size_t rows = made->given->shape.rows;
    struct plan *plan = nets_plan(context, made->net, REAL_F32, rows);
    struct walk_cost cost = cost_for_walk(&made->chosen);
    struct record record = {0};
    nets_load(plan, made, 0, rows);
    walk_both(plan, rows, &cost, false);
    record_rows(&record, plan, rows);
    record_gradients(&record, plan);
    free(plan);
    return record;
}

/* -- CPU levels and threads -- */

static void check_threads(const struct net_case *given) {
    static const unsigned threads[] = {1, 2, 3, 5};
    struct net_made made = nets_make(level_contexts[0], given);
    for (size_t level = 0; level < level_count; level++) {
        struct record expected = record_of(level_lowest(level), &made);
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            char when[100];
            nudge_context *context = level_with_threads(level, threads[t]);
            struct record found = record_of(context, &made);
            snprintf(when, sizeof when, "engine %s, level %s, %u threads", nudge_context_engine(context),
                     nudge_context_cpu_level(context), threads[t]);
            assert_same(&found, &expected, when);
            free(found.numbers);
            nudge_context_free(context);
        }
        free(expected.numbers);
    }
    nets_free(&made);
}

/* 33·64 + 64·48 + 48·17 multiplications a row: at 421 rows, 2.5e6 of them, sharing pays. */
static void test_levels_and_threads(void **state) {
    (void)state;
    struct net_shape large = {421, 33, 3, {64, 48, 17}}, small = {7, 3, 3, {15, 2, 3}};
    for (size_t op = 1; op < op_activation_end(); op++) {
        size_t output = 1 + (op + 6) % (op_activation_end() - 1), cost = NUDGE_COST_QUADRATIC + op % 3;
        struct net_case given = case_of(op % 4 ? small : large, op, output, (nudge_cost)cost);
        check_threads(&given);
    }
    struct net_case given =
        case_of(large, 1, (size_t)(op_find("softmax", 7) - ops), NUDGE_COST_CROSS_ENTROPY);
    check_threads(&given);
    given = case_of(large, 2, (size_t)(op_find("sigmoid", 7) - ops), NUDGE_COST_BINARY_CROSS_ENTROPY);
    check_threads(&given);
}

/* -- first layers that threads share out by inputs -- */

struct kept_batch {
    const float *x; /* rows as wide as the plan's */
};

static void gather_kept(const void *argument, const struct plan *plan, void *x, size_t first, size_t rows,
                        size_t first_input, size_t end_input) {
    const struct kept_batch *batch = argument;
    for (size_t r = first; r < first + rows; r++)
        for (size_t k = first_input; k < end_input; k++)
            ((float *)x)[r * plan->input_stride + k] = batch->x[r * plan->input_stride + k];
}

struct descent {
    float *w;
};

static void descend(const void *argument, nudge_role role, const void *gradients, size_t first,
                    size_t count) {
    (void)role;
    const struct descent *descent = argument;
    for (size_t i = 0; i < count; i++) descent->w[first + i] -= 0.01f * ((const float *)gradients)[i];
}

/* Steps as a training takes them: a batch that is gathered on the way and the update with its gradients. The
 * last batch is in plan->x already, the one before it short. */
static struct record record_of_training(nudge_context *context, const struct net_case *given) {
    struct net_made made = nets_make(context, given);
    size_t rows = given->shape.rows;
    struct plan *plan = nets_plan(context, made.net, REAL_F32, rows);
    struct walk_cost cost = cost_for_walk(&made.chosen);
    struct record record = {0};
    nets_load(plan, &made, 0, rows);
    float *x = nets_allocate(rows * plan->input_stride, sizeof *x);
    memcpy(x, plan->x, rows * plan->input_stride * sizeof *x);
    struct descent descent = {plan->parameters};
    assert_true((plan->part_sums != NULL) == (workers_count(context->workers) > 1));
    for (int step = 0; step < 4; step++) {
        size_t present = step == 2 ? 2 : rows;
        for (size_t i = 0; step < 3 && i < rows * plan->input_stride; i++)
            ((float *)plan->x)[i] = i % plan->input_stride < given->shape.inputs ? NAN : 0;
        if (step == 3) memcpy(plan->x, x, rows * plan->input_stride * sizeof *x);
        walk_deltas(plan, present,
                    step == 3 ? NULL : &(struct walk_batch){gather_kept, &(struct kept_batch){x}}, &cost);
        walk_gradients(plan, present, false, &(struct walk_update){.update = descend, .argument = &descent});
        record_rows(&record, plan, present);
        record_gradients(&record, plan);
        record_put(&record, plan->parameters, made.net->block_count);
    }
    free(x);
    free(plan);
    nets_free(&made);
    return record;
}

/* 300 · 30 multiplications a row: at 24 rows, 2.2e5 of them, sharing inputs pays. */
static void test_sharing_inputs(void **state) {
    (void)state;
    struct net_case given = case_of((struct net_shape){24, 300, 3, {30, 20, 3}}, 1, 1, NUDGE_COST_QUADRATIC);
    for (size_t level = 0; level < level_count; level++) {
        struct record expected = record_of_training(level_lowest(level), &given);
        for (unsigned threads = 1; threads <= 6; threads++) {
            char when[100];
            nudge_context *context = level_with_threads(level, threads);
            struct record found = record_of_training(context, &given);
            snprintf(when, sizeof when, "by inputs, engine %s, level %s, %u threads",
                     nudge_context_engine(context), nudge_context_cpu_level(context), threads);
            assert_same(&found, &expected, when);
            free(found.numbers);
            nudge_context_free(context);
        }
        for (size_t i = 0; i < expected.count; i++) assert_true(isfinite(expected.numbers[i]));
        free(expected.numbers);
    }
}

/* -- portions -- */

/* The batch in portions of `portion` rows, through a plan of that capacity; gradients accumulate. */
static struct record record_in_portions(nudge_context *context, const struct net_made *made, size_t portion) {
    size_t rows = made->given->shape.rows;
    struct plan *plan = nets_plan(context, made->net, REAL_F32, portion);
    struct walk_cost cost = cost_for_walk(&made->chosen);
    struct record record = {0};
    for (size_t first = 0; first < rows; first += portion) {
        size_t count = rows - first < portion ? rows - first : portion;
        nets_load(plan, made, first, count);
        walk_forward(plan, count, NULL, &cost);
        walk_backward(plan, count, &cost, first > 0);
        record_rows(&record, plan, count);
    }
    record_gradients(&record, plan);
    free(plan);
    return record;
}

static void check_portions(const struct net_case *given, const size_t *portions, size_t count) {
    struct net_made made = nets_make(level_contexts[0], given);
    for (size_t level = 0; level < level_count; level++) {
        struct record expected = record_of(level_lowest(level), &made);
        for (size_t p = 0; p < count; p++) {
            struct record found = record_in_portions(level_contexts[level], &made, portions[p]);
            assert_same(&found, &expected, "portions");
            free(found.numbers);
        }
        free(expected.numbers);
    }
    nets_free(&made);
}

static void test_portions_give_the_same_bits(void **state) {
    (void)state;
    static const size_t portions[] = {1, 2, 3, 7, 16, 17, 33};
    struct net_shape shape = {33, 7, 3, {17, 3, 5}};
    for (size_t op = 1; op < op_activation_end(); op++) {
        struct net_case given = case_of(shape, op, op, NUDGE_COST_QUADRATIC);
        check_portions(&given, portions, sizeof portions / sizeof *portions);
    }
}

/* -- layer by layer -- */

/* 290·300 + 300·70 + 70·40 + 40·70 multiplications a row: from 265 rows on layer by layer, below by rows. */
static const struct net_shape wide = {403, 290, 4, {300, 70, 40, 70}};

static void test_layers_give_the_same_bits_as_rows(void **state) {
    (void)state;
    static const size_t portions[] = {50, 300};
    for (size_t op = 1; op < op_activation_end(); op += 6) {
        struct net_case given = case_of(wide, op, op_activation_end() - op, NUDGE_COST_QUADRATIC);
        check_portions(&given, portions, sizeof portions / sizeof *portions);
        check_threads(&given);
    }
}

/* In double precision, to the rounding of the sum. */
static void test_gradient_is_the_mean_of_the_rows(void **state) {
    (void)state;
    struct net_case given = case_of((struct net_shape){17, 3, 2, {7, 3}}, 2, 3, NUDGE_COST_QUADRATIC);
    struct net_made made = nets_make(level_contexts[0], &given);
    struct walk_cost cost = cost_for_walk(&made.chosen);
    struct plan *batch = nets_plan(level_contexts[0], made.net, REAL_F64, given.shape.rows);
    struct plan *row = nets_plan(level_contexts[0], made.net, REAL_F64, 1);
    double *sum = nets_allocate(made.net->block_count, sizeof *sum);
    nets_load(batch, &made, 0, given.shape.rows);
    walk_both(batch, given.shape.rows, &cost, false);
    for (size_t r = 0; r < given.shape.rows; r++) {
        nets_load(row, &made, r, 1);
        walk_both(row, 1, &cost, false);
        for (size_t i = 0; i < made.net->block_count; i++) sum[i] += ((double *)row->gradients)[i];
    }
    for (size_t i = 0; i < made.net->block_count; i++)
        assert_true(fabs(sum[i] - ((double *)batch->gradients)[i]) <= 17 * 0x1p-53 * 50);
    free(sum);
    free(row);
    free(batch);
    nets_free(&made);
}

/* -- padding -- */

static void assert_zero(const float *numbers, size_t first, size_t end, const char *what) {
    for (size_t i = first; i < end; i++)
        if (numbers[i] != 0) fail_msg("padding of %s: place %zu is %g", what, i, (double)numbers[i]);
}

/* What lies between the neurons and the end of the panel, in a block laid out as the net's. */
static void assert_block_padding(const nudge_net *net, const float *block, const char *what) {
    for (size_t l = 1; l <= net->layers; l++) {
        const struct net_op *dense = net_dense(net, l);
        assert_zero(block, dense->place[DENSE_BIAS] + dense->outputs,
                    dense->place[DENSE_BIAS] + lane_round_up(dense->outputs), what);
        for (size_t o = 0; o < size_round_up(dense->outputs, weight_panel(dense->outputs)); o++)
            for (size_t i = 0; i < lane_round_up(dense->inputs); i++) {
                if (o < dense->outputs && i < dense->inputs) continue;
                size_t at = dense->place[DENSE_WEIGHT] + weight_index(dense->outputs, dense->inputs, o, i);
                assert_zero(block, at, at + 1, what);
            }
    }
}

static void assert_all_padding(const nudge_trainer *trainer) {
    const struct plan *plan = trainer->plan;
    assert_block_padding(trainer->net, trainer->net->parameters, "parameters");
    assert_block_padding(trainer->net, plan->gradients, "gradients");
    for (size_t i = 0; i < optimizer_states(&trainer->options); i++)
        assert_block_padding(trainer->net, trainer->states[i], "optimizer's state");
    for (size_t s = 0; s < plan->step_count; s++) {
        const struct plan_step *step = &plan->steps[s];
        for (size_t r = 0; r < plan->capacity; r++) {
            size_t row = r * step->output_stride;
            assert_zero(step->d, row + step->link->outputs, row + step->output_stride, "δ");
            for (size_t j = step->link->outputs; j < step->output_stride; j++)
                assert_true(isfinite(((const float *)step->y)[row + j]));
        }
    }
}

/* Steps of different numbers of rows, with as much state as the optimizer can have. */
static void train_some_steps(struct net_made *made, nudge_optimizer optimizer) {
    const struct net_case *given = made->given;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_trainer *trainer = NULL;
    options.optimizer = optimizer;
    options.momentum = optimizers[optimizer].parameters[0].states ? 0.9 : 0;
    options.learning_rate = 0.01;
    options.batch_size = given->shape.rows;
    assert_int_equal(
        nudge_trainer_create(level_contexts[level_count - 1], made->net, &options, NULL, 0, &trainer, NULL),
        NUDGE_OK);
    for (size_t step = 0; step < 5; step++) {
        size_t rows = step == 2 ? 1 : given->shape.rows - step;
        nets_load(trainer->plan, made, 0, rows);
        trainer->rows = rows;
        trainer->stage = STAGE_BATCH;
        assert_int_equal(nudge_trainer_forward(trainer, NULL, NULL), NUDGE_OK);
        assert_int_equal(nudge_trainer_backward(trainer, NULL), NUDGE_OK);
        assert_int_equal(nudge_trainer_update(trainer, NULL), NUDGE_OK);
        assert_all_padding(trainer);
    }
    nudge_trainer_free(trainer);
}

static void test_padding_stays_zero(void **state) {
    (void)state;
    for (size_t op = 1; op < op_activation_end(); op++) {
        struct net_case given =
            case_of((struct net_shape){17, 3, 3, {17, 2, 15}}, op, op, NUDGE_COST_QUADRATIC);
        struct net_made made = nets_make(level_contexts[0], &given);
        train_some_steps(&made, (nudge_optimizer)(op % optimizer_count)); /* each with several ops */
        nets_free(&made);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels_and_threads),
        cmocka_unit_test(test_sharing_inputs),
        cmocka_unit_test(test_portions_give_the_same_bits),
        cmocka_unit_test(test_layers_give_the_same_bits_as_rows),
        cmocka_unit_test(test_gradient_is_the_mean_of_the_rows),
        cmocka_unit_test(test_padding_stays_zero),
    };
    return cmocka_run_group_tests(tests, levels_open, levels_close);
}
