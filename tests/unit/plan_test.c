/* Plans: as much memory as they said and not a byte more, pieces apart and aligned, nothing allocated
 * afterwards; and a plan for prediction answers as one for training does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "learn/cost.h"
#include "nets.h"
#include "small.h"

#include <float.h>

static struct accounts accounts;
static nudge_context *context;

static int set_up(void **state) {
    (void)state;
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_context_free(context);
    return accounts.live_blocks ? -1 : 0;
}

static const struct {
    size_t inputs;
    const char *text;
} nets[] = {
    {1, "1"}, {3, "17 relu, 2 softmax"}, {16, "16 tanh, 33 elu, 1"}, {700, "5 sigmoid, 40, 3, 64 gelu"}};
enum { NETS = sizeof nets / sizeof *nets };

/* -- memory -- */

struct piece {
    const unsigned char *start;
    size_t bytes;
};

/* What several steps share is listed once, as the most that one of them has there. */
static size_t piece_add(struct piece *pieces, size_t count, const void *start, size_t bytes) {
    if (!start || !bytes) return count;
    for (size_t i = 0; i < count; i++)
        if (pieces[i].start == (const unsigned char *)start) {
            if (bytes > pieces[i].bytes) pieces[i].bytes = bytes;
            return count;
        }
    pieces[count] = (struct piece){start, bytes};
    return count + 1;
}

/* Everything that a plan has in its block. */
static size_t list_pieces(const struct plan *plan, struct piece *pieces) {
    size_t element = plan->verbs->element_size, rows = plan->capacity, n = 0;
    n = piece_add(pieces, n, plan, sizeof *plan);
    n = piece_add(pieces, n, plan->steps, plan->step_count * sizeof *plan->steps);
    n = piece_add(pieces, n, plan->tasks, plan->task_count * sizeof *plan->tasks);
    n = piece_add(pieces, n, plan->x, rows * plan->input_stride * element);
    n = piece_add(pieces, n, plan->targets, rows * plan->output_stride * element);
    n = piece_add(pieces, n, plan->each, rows * element);
    n = piece_add(pieces, n, plan->gradients, plan->net->block_count * element);
    if (plan->precision == REAL_F64)
        n = piece_add(pieces, n, plan->parameters, plan->net->block_count * element);
    n = piece_add(pieces, n, plan->scratch, plan->scratch_bytes);
    for (size_t s = 0; s < plan->step_count; s++) {
        const struct plan_step *step = &plan->steps[s];
        n = piece_add(pieces, n, step->y, rows * step->output_pitch * element);
        if (step->link->op->kind == OP_DENSE)
            n = piece_add(pieces, n, step->d, rows * step->output_stride * element);
    }
    return n;
}

static void assert_pieces_apart(const struct plan *plan, const unsigned char *block, size_t bytes) {
    struct piece pieces[64];
    size_t count = list_pieces(plan, pieces);
    for (size_t i = 0; i < count; i++) {
        assert_true((uintptr_t)pieces[i].start % MEMORY_ALIGNMENT == 0);
        assert_true(pieces[i].start >= block && pieces[i].start + pieces[i].bytes <= block + bytes);
        for (size_t j = 0; j < i; j++)
            assert_true(pieces[i].start + pieces[i].bytes <= pieces[j].start ||
                        pieces[j].start + pieces[j].bytes <= pieces[i].start);
    }
}

/* Random features and targets into every row. */
static void fill_batch(struct plan *plan, size_t rows) {
    uint32_t random = 3;
    for (size_t r = 0; r < rows; r++) {
        for (size_t k = 0; k < plan->net->inputs; k++)
            plan_set(plan, plan->x, r * plan->input_stride + k, 2 * (double)small_random(&random) - 1);
        for (size_t j = 0; j < plan->net->outputs; j++)
            plan_set(plan, plan->targets, r * plan->output_stride + j, (double)small_random(&random));
    }
}

/* The block ends in 64 guarding bytes; making and walking the plan must leave them, and what lies before
 * it, alone. */
static void check_memory(const nudge_net *net, enum real_type precision, enum plan_use use, size_t capacity) {
    enum { GUARD = 64, MARK = 0xA5 };
    size_t bytes = plan_memory(context, net, precision, use, capacity);
    unsigned char *memory = nets_allocate(bytes + 2 * GUARD, 1);
    struct chosen_cost chosen = {&costs[NUDGE_COST_QUADRATIC], 1};
    struct walk_cost cost = cost_for_walk(&chosen);
    memset(memory, MARK, bytes + 2 * GUARD);
    size_t allocations = accounts.allocations;
    struct plan *plan = plan_make(context, net, precision, use, capacity, memory + GUARD);
    assert_true((void *)plan == memory + GUARD);
    assert_pieces_apart(plan, memory + GUARD, bytes);
    fill_batch(plan, capacity);
    for (size_t s = 0; s < plan->step_count; s++) {
        const struct plan_step *step = &plan->steps[s];
        bool looks = use == PLAN_TRAIN || use == PLAN_EXPLAIN || !step->link->op->in_place;
        assert_true((step->y != step->x) == looks);
    }
    if (use != PLAN_PREDICT)
        walk_both(plan, capacity, &cost, false);
    else
        walk_forward(plan, capacity, NULL, &cost);
    assert_int_equal(accounts.allocations, allocations);
    for (size_t i = 0; i < GUARD; i++) assert_true(memory[i] == MARK && memory[GUARD + bytes + i] == MARK);
    free(memory);
}

static void test_memory_is_what_was_said(void **state) {
    (void)state;
    static const size_t capacities[] = {1, 2, 7, 64};
    for (size_t n = 0; n < NETS; n++) {
        nudge_net *net = small_net(context, nets[n].inputs, nets[n].text);
        for (size_t c = 0; c < 4; c++)
            for (int precision = 0; precision < REAL_TYPES; precision++) {
                for (int use = PLAN_PREDICT; use <= PLAN_LEARN; use++)
                    check_memory(net, (enum real_type)precision, (enum plan_use)use, capacities[c]);
            }
        nudge_net_free(net);
    }
}

static void check_impossible_capacities(const char *text) {
    nudge_net *net = small_net(context, 700, text);
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    size_t bytes = 7;
    nudge_error e = {0};
    static const size_t capacities[] = {SIZE_MAX, SIZE_MAX / 4, SIZE_MAX / 4000, SIZE_MAX / 2 / 704 / 4};
    for (size_t i = 0; i < 4; i++) {
        assert_true(plan_memory(context, net, REAL_F32, PLAN_TRAIN, capacities[i]) == SIZE_MAX);
        options.batch_size = capacities[i];
        expect_error(nudge_trainer_memory(net->context, net, &options, &bytes, &e), NUDGE_NO_MEMORY, &e,
                     "does not fit", NULL);
        assert_int_equal(bytes, 7);
    }
    nudge_net_free(net);
}

static void test_impossible_capacities(void **state) {
    (void)state;
    check_impossible_capacities("5, 3");
    check_impossible_capacities("64 relu, 3"); /* wide enough for products, whose shares round up */
}

/* Predictors take any number of rows in portions: 256 rows' memory is the most. */
static void test_predictors_stay_small(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 700, "5, 3");
    static const size_t rows[] = {257, 1000, 10000, SIZE_MAX / 4000, SIZE_MAX};
    size_t few, most, many;
    assert_ok(nudge_predictor_memory(net->context, net, 10, &few, error));
    assert_ok(nudge_predictor_memory(net->context, net, 256, &most, error));
    assert_true(few < most);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_ok(nudge_predictor_memory(net->context, net, rows[i], &many, error));
        assert_true(many > most / 3 && many <= most);
    }
    nudge_net_free(net);
}

/* -- parameters -- */

static void test_f32_plan_uses_the_net_itself(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 3, "17 relu, 2");
    struct plan *plan = nets_plan(context, net, REAL_F32, 1);
    assert_ptr_equal(plan->parameters, net->parameters);
    free(plan);
    nudge_net_free(net);
}

static void test_f64_plan_copies_the_net(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 3, "17 relu, 2");
    struct plan *plan = nets_plan(context, net, REAL_F64, 1);
    for (size_t i = 0; i < net->block_count; i++)
        assert_true(plan_get(plan, plan->parameters, i) == (double)net->parameters[i]);
    assert_ok(nudge_net_initialise(net, NUDGE_INIT_STANDARD_NORMAL, 0, 2, error));
    plan_load_parameters(plan);
    for (size_t i = 0; i < net->block_count; i++)
        assert_true(plan_get(plan, plan->parameters, i) == (double)net->parameters[i]);
    free(plan);
    nudge_net_free(net);
}

/* -- prediction beside training -- */

/* The outputs and costs of `rows` rows in the plan for prediction are, bit for bit, those of the one for
 * training. The hidden layers' buffers are shared there, also among threads that are at different layers. */
static void compare_uses(nudge_engine engine, unsigned threads, size_t inputs, const char *text,
                         size_t rows) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *own = NULL;
    options.engine = engine;
    options.threads = threads;
    if (nudge_context_create(&options, &own, NULL) == NUDGE_UNSUPPORTED) return;
    nudge_net *net = small_net(own, inputs, text);
    struct chosen_cost chosen = {&costs[NUDGE_COST_QUADRATIC], 1};
    struct walk_cost cost = cost_for_walk(&chosen);
    struct plan *train = nets_plan(own, net, REAL_F32, rows);
    size_t bytes = plan_memory(own, net, REAL_F32, PLAN_PREDICT, rows);
    struct plan *predict = plan_make(own, net, REAL_F32, PLAN_PREDICT, rows, nets_allocate(bytes, 1));
    fill_batch(train, rows);
    fill_batch(predict, rows);
    walk_both(train, rows, &cost, false);
    walk_forward(predict, rows, NULL, &cost);
    assert_memory_equal(plan_last(predict)->y, plan_last(train)->y,
                        rows * train->output_stride * sizeof(float));
    assert_memory_equal(predict->each, train->each, rows * sizeof(float));
    free(train);
    free(predict);
    nudge_net_free(net);
    nudge_context_free(own);
}

static void test_prediction_answers_as_training(void **state) {
    (void)state;
    for (size_t n = 0; n < NETS; n++)
        for (size_t rows = 1; rows <= 20; rows++)
            compare_uses(NUDGE_ENGINE_PORTABLE, 1, nets[n].inputs, nets[n].text, rows);
    for (unsigned threads = 1; threads <= 5; threads++) {
        compare_uses(NUDGE_ENGINE_PORTABLE, threads, 40, "17 tanh, 90 relu, 3 sigmoid, 120 gelu, 5 softmax",
                     700);
        /* layer by layer */
        for (int engine = NUDGE_ENGINE_PORTABLE; engine <= NUDGE_ENGINE_NATIVE; engine++) {
            compare_uses((nudge_engine)engine, threads, 300, "200 relu, 1 tanh, 200 relu, 10", 500);
            compare_uses((nudge_engine)engine, threads, 200, "200 relu, 200 softmax, 200 tanh, 200 relu, 10",
                         300);
        }
    }
}

/* Two buffers in turn instead of three a layer. */
static void test_prediction_takes_less(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 40, "64 tanh, 64 tanh, 64 tanh, 64 tanh, 5");
    size_t train = plan_memory(context, net, REAL_F32, PLAN_TRAIN, 1000);
    assert_true(plan_memory(context, net, REAL_F32, PLAN_PREDICT, 1000) < train / 3);
    nudge_net_free(net);
}

/* -- what is not finite -- */

static void test_first_layer_that_is_not_finite(void **state) {
    (void)state;
    nudge_net *net = small_net(context, 2, "3, 2, 2");
    struct plan *plan = nets_plan(context, net, REAL_F32, 4);
    fill_batch(plan, 4);
    walk_forward(plan, 4, NULL, NULL);
    assert_int_equal(walk_first_not_finite(plan, 4), 0);
    net->parameters[net_dense(net, 2)->place[DENSE_BIAS]] = FLT_MAX;
    net->parameters[net_dense(net, 3)->place[DENSE_WEIGHT]] = 2;
    walk_forward(plan, 4, NULL, NULL);
    assert_int_equal(walk_first_not_finite(plan, 4), 3);
    plan_set(plan, plan->x, 2 * plan->input_stride, (double)NAN);
    walk_forward(plan, 4, NULL, NULL);
    assert_int_equal(walk_first_not_finite(plan, 4), 1);
    assert_int_equal(walk_first_not_finite(plan, 2), 3);
    free(plan);
    nudge_net_free(net);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_memory_is_what_was_said), TEST(test_impossible_capacities),
        TEST(test_predictors_stay_small),   TEST(test_f32_plan_uses_the_net_itself),
        TEST(test_f64_plan_copies_the_net), TEST(test_prediction_answers_as_training),
        TEST(test_prediction_takes_less),   TEST(test_first_layer_that_is_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
