/* A trainer's state as bytes: who goes on from it makes the steps of one that never stopped, bit for bit; and nothing but
 * a whole state of the same kind of trainer is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "small.h"

enum { ROWS = 40, FEATURES = 3, BATCH = 8, ROOM = 1 << 16 };

static nudge_context *context;
static nudge_data *data;
static unsigned char bytes[ROOM];

static int set_up(void **state) {
    (void)state;
    context = small_context(1);
    data = small_data(context, ROWS, 0, FEATURES, 2, 0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    nudge_data_free(data);
    nudge_context_free(context);
    return 0;
}

static nudge_trainer *trainer_for(nudge_net *net, const nudge_train_options *options) {
    nudge_trainer *trainer = NULL;
    assert_ok(nudge_trainer_create(context, net, options, NULL, 0, &trainer, error));
    return trainer;
}

static void make_steps(nudge_trainer *trainer, size_t first, size_t count) {
    for (size_t s = first; s < first + count; s++) {
        size_t rows[BATCH];
        for (size_t r = 0; r < BATCH; r++) rows[r] = (s * BATCH + r * 3) % ROWS;
        assert_ok(nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, rows, BATCH, error));
        assert_ok(nudge_trainer_forward(trainer, NULL, error));
        assert_ok(nudge_trainer_backward(trainer, error));
        assert_ok(nudge_trainer_update(trainer, error));
    }
}

static size_t save(const nudge_trainer *trainer) {
    size_t size = 0, told = 0;
    nudge_error e = {0};
    assert_ok(nudge_trainer_save_memory(trainer, NULL, 0, &told, error));
    expect_error(nudge_trainer_save_memory(trainer, bytes, told - 1, &size, &e), NUDGE_BAD_ARGUMENT, &e,
                 "room for", "takes", NULL);
    assert_ok(nudge_trainer_save_memory(trainer, bytes, ROOM, &size, error));
    assert_int_equal(size, told);
    return size;
}

static const char *const texts[] = {"7 tanh, 2 softmax",
                                    "dropout 0.2, 9, batch-norm, relu, dropout 0.5, 2 softmax"};

static nudge_train_options options_of(nudge_optimizer optimizer, bool momentum) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    options.optimizer = optimizer;
    options.batch_size = BATCH;
    options.momentum = momentum ? 0.9 : 0;
    options.l2 = 1e-3;
    return options;
}

static void test_goes_on_with_the_same_bits(void **state) {
    (void)state;
    for (size_t t = 0; t < 2; t++)
        for (int optimizer = 0; nudge_optimizer_name((nudge_optimizer)optimizer); optimizer++)
            for (int momentum = 0; momentum < 2 - (optimizer == NUDGE_OPTIMIZER_ADAM); momentum++) {
                nudge_train_options options = options_of((nudge_optimizer)optimizer, momentum);
                nudge_net *whole = small_net(context, FEATURES, texts[t]), *begun = NULL,
                          *taken = small_net(context, FEATURES, texts[t]);
                assert_ok(nudge_net_clone(context, whole, &begun, error));
                assert_ok(nudge_net_initialise(taken, NUDGE_INIT_DEFAULT, 0, 99, error));
                nudge_trainer *a = trainer_for(whole, &options), *b = trainer_for(begun, &options),
                              *c = trainer_for(taken, &options);
                make_steps(a, 0, 7);
                make_steps(b, 0, 4);
                size_t size = save(b);
                make_steps(c, 5, 2); /* what it had before does not show */
                assert_ok(nudge_trainer_load_memory(c, bytes, size, error));
                make_steps(c, 4, 3);
                assert_digest(small_digest_net(taken), small_digest_net(whole), texts[t]);
                size_t again = save(a);
                unsigned char *first = malloc(again);
                assert_non_null(first);
                memcpy(first, bytes, again);
                assert_int_equal(save(c), again);
                assert_memory_equal(first, bytes, again);
                free(first);
                nudge_trainer_free(a);
                nudge_trainer_free(b);
                nudge_trainer_free(c);
                nudge_net_free(whole);
                nudge_net_free(begun);
                nudge_net_free(taken);
            }
}

static void test_nothing_else_is_taken(void **state) {
    (void)state;
    nudge_train_options adam = options_of(NUDGE_OPTIMIZER_ADAM, false),
                        sgd = options_of(NUDGE_OPTIMIZER_SGD, false),
                        heavy = options_of(NUDGE_OPTIMIZER_SGD, true);
    nudge_net *net = small_net(context, FEATURES, texts[0]),
              *other = small_net(context, FEATURES, "8 tanh, 2 softmax");
    nudge_trainer *trainer = trainer_for(net, &heavy), *of_adam = trainer_for(net, &adam),
                  *plain = trainer_for(net, &sgd), *wider = trainer_for(other, &heavy);
    nudge_error e = {0};
    make_steps(trainer, 0, 3);
    size_t size = save(trainer);
    uint64_t before = small_digest_net(net), others = small_digest_net(other);
    expect_error(nudge_trainer_load_memory(of_adam, bytes, size, &e), NUDGE_BAD_ARGUMENT, &e,
                 "optimizer sgd with momentum 0.9", "adam", NULL);
    expect_error(nudge_trainer_load_memory(plain, bytes, size, &e), NUDGE_BAD_ARGUMENT, &e, "momentum 0.9",
                 "sgd with 0", NULL);
    expect_error(nudge_trainer_load_memory(wider, bytes, size, &e), NUDGE_BAD_ARGUMENT, &e,
                 "\"7 tanh, 2 softmax\"", "\"8 tanh, 2 softmax\"", NULL);
    for (size_t cut = 0; cut < size; cut += 1 + cut / 16)
        assert_int_equal(nudge_trainer_load_memory(trainer, bytes, cut, &e), NUDGE_BAD_INPUT);
    for (size_t i = 0; i < size; i += 37) {
        bytes[i] ^= 4;
        assert_int_equal(nudge_trainer_load_memory(trainer, bytes, size, &e), NUDGE_BAD_INPUT);
        bytes[i] ^= 4;
    }
    assert_digest(small_digest_net(net), before, "after refusals");
    assert_digest(small_digest_net(other), others, "after refusals");
    /* A model is none, nor the other way round. */
    nudge_net *none = NULL;
    expect_error(nudge_net_load_memory(context, bytes, size, &none, &e), NUDGE_BAD_INPUT, &e,
                 "a trainer's state", NULL);
    assert_ok(nudge_net_save_memory(net, bytes, ROOM, &size, error));
    expect_error(nudge_trainer_load_memory(trainer, bytes, size, &e), NUDGE_BAD_INPUT, &e, "is a model",
                 NULL);
    nudge_trainer_free(trainer);
    nudge_trainer_free(of_adam);
    nudge_trainer_free(plain);
    nudge_trainer_free(wider);
    nudge_net_free(net);
    nudge_net_free(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_goes_on_with_the_same_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_else_is_taken, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
