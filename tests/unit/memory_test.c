/* Memory: checked sizes, the arena, and the caller's allocator, which every object goes through and back. */
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/memory.h"
#include "small.h"

/* -- sizes -- */

static void test_sizes_do_not_wrap(void **state) {
    (void)state;
    size_t result = 5;
    assert_true(size_multiply(&result, SIZE_MAX / 3, 3) && result == SIZE_MAX / 3 * 3);
    assert_false(size_multiply(&result, SIZE_MAX / 3 + 1, 3));
    assert_true(size_multiply(&result, 0, SIZE_MAX) && result == 0);
    assert_true(size_add(&result, SIZE_MAX - 1, 1) && result == SIZE_MAX);
    assert_false(size_add(&result, SIZE_MAX, 1));
}

static void test_round_up(void **state) {
    (void)state;
    assert_int_equal(size_round_up(0, 64), 0);
    assert_int_equal(size_round_up(1, 64), 64);
    assert_int_equal(size_round_up(64, 64), 64);
    assert_int_equal(size_round_up(65, 64), 128);
    assert_true(size_round_up(SIZE_MAX, 64) == SIZE_MAX - 63);
    assert_true(size_round_up(SIZE_MAX - 64, 64) == SIZE_MAX - 63);
    assert_true(size_round_up(SIZE_MAX - 10, 64) % 64 == 0);
}

/* -- the arena -- */

/* The same carving twice: first it measures, then it gives places. */
static void *carve(struct arena *arena, void *pieces[3]) {
    pieces[0] = arena_carve(arena, 1, 3);
    pieces[1] = arena_carve(arena, 10, 8);
    pieces[2] = arena_carve(arena, 0, 8);
    return arena_carve(arena, 1, 1);
}

static void test_arena_measures_what_it_gives(void **state) {
    (void)state;
    void *pieces[3];
    struct arena measure = {0};
    assert_null(carve(&measure, pieces));
    assert_false(measure.overflow);
    assert_int_equal(measure.used, 64 + 128 + 0 + 64);
    unsigned char *block = aligned_alloc(64, measure.used);
    assert_non_null(block);
    struct arena arena = {.block = block};
    assert_ptr_equal(carve(&arena, pieces), block + 192);
    assert_int_equal(arena.used, measure.used);
    assert_ptr_equal(pieces[0], block);
    assert_ptr_equal(pieces[1], block + 64);
    assert_ptr_equal(pieces[2], block + 192);
    free(block);
}

static void test_arena_tells_overflow(void **state) {
    (void)state;
    static const size_t counts[] = {SIZE_MAX, SIZE_MAX / 8 + 1, SIZE_MAX / 16 + 1};
    for (size_t i = 0; i < 3; i++) {
        struct arena arena = {0};
        assert_null(arena_carve(&arena, counts[i], 8));
        assert_true(arena.overflow);
        arena_carve(&arena, 1, 1);
        assert_true(arena.overflow);
    }
    struct arena arena = {0};
    arena_carve(&arena, SIZE_MAX / 2 - 64, 1);
    assert_false(arena.overflow);
    arena_carve(&arena, 128, 1);
    assert_true(arena.overflow);
}

/* Four arrays of a step, wherever the first one lies: none at a place of a page where another one is. */
static void test_arena_carves_beside(void **state) {
    (void)state;
    enum { COUNT = 1024 }; /* floats: a page */
    float *parameters = aligned_alloc(64, 2 * COUNT * sizeof *parameters);
    assert_non_null(parameters);
    for (size_t start = 0; start < COUNT; start += 16) {
        unsigned char *pieces[3], *block = NULL;
        size_t needed = 0;
        for (int filling = 0; filling < 2; filling++) {
            struct arena arena = {.block = block};
            arena_carve(&arena, 3, 1);
            for (unsigned i = 0; i < 3; i++)
                pieces[i] = arena_carve_beside(&arena, COUNT, sizeof(float), parameters + start, 1 + i);
            assert_false(arena.overflow);
            if (filling) assert_int_equal(arena.used, needed);
            needed = arena.used;
            if (!filling) block = aligned_alloc(64, needed);
            assert_non_null(block);
        }
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(((uintptr_t)pieces[i] - (uintptr_t)(parameters + start)) % 4096, 1024 * (i + 1));
            assert_true(pieces[i] >= (i ? pieces[i - 1] + 4096 : block + 64));
        }
        assert_true(pieces[2] + 4096 <= block + needed);
        free(block);
    }
    free(parameters);
}

static void test_arena_wastes_nothing_beside_the_small(void **state) {
    (void)state;
    struct arena arena = {0};
    arena_carve_beside(&arena, 1023, sizeof(float), &arena, 1);
    assert_int_equal(arena.used, 4096);
    arena_carve_beside(&arena, SIZE_MAX - 4000, 1, &arena, 1);
    assert_true(arena.overflow);
    arena = (struct arena){0};
    arena_carve_beside(&arena, SIZE_MAX / 2, 4, &arena, 1);
    assert_true(arena.overflow);
}

/* -- the allocator -- */

static void test_library_allocator(void **state) {
    (void)state;
    nudge_allocator none = {0}, allocator = memory_allocator(&none);
    static const size_t sizes[] = {0, 1, 63, 64, 65, 100000, 2 << 20, (5 << 20) + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *memory = memory_get_zeroed(&allocator, sizes[i]);
        assert_non_null(memory);
        assert_true((uintptr_t)memory % MEMORY_ALIGNMENT == 0);
        for (size_t b = 0; b < sizes[i]; b++) assert_int_equal(memory[b], 0);
        memset(memory, 1, sizes[i]);
        memory_release(&allocator, memory, sizes[i]);
    }
    memory_release(&allocator, NULL, 5);
    assert_null(memory_get(&allocator, SIZE_MAX / 2));
}

/* An allocator that looks: at alignment, at the sizes given back, at memory that was never its own. */
struct strict {
    struct {
        void *memory;
        size_t bytes;
    } blocks[1000];
    size_t count, live, allocations;
};

static void *strict_allocate(void *user, size_t bytes) {
    struct strict *strict = user;
    assert_true(bytes > 0 && strict->count < 1000);
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_non_null(memory);
    memset(memory, 0xA5, bytes); /* nobody may count on zeros */
    strict->blocks[strict->count].memory = memory;
    strict->blocks[strict->count++].bytes = bytes;
    strict->live++;
    strict->allocations++;
    return memory;
}

static void strict_release(void *user, void *memory, size_t bytes) {
    struct strict *strict = user;
    assert_non_null(memory);
    for (size_t i = strict->count; i-- > 0;) {
        if (strict->blocks[i].memory != memory) continue;
        assert_int_equal(strict->blocks[i].bytes, bytes);
        strict->blocks[i].memory = NULL;
        strict->live--;
        free(memory);
        return;
    }
    fail_msg("released what was not allocated here: %zu bytes", bytes);
}

static void use_everything(nudge_context *context) {
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_check_result check = NUDGE_CHECK_RESULT;
    nudge_evaluation evaluation = NUDGE_EVALUATION;
    nudge_data *data = NULL;
    nudge_net *net = NULL, *copy = NULL;
    nudge_predictor *predictor = NULL;
    options.epochs = 2;
    options.momentum = 0.9;
    options.patience = 1;
    assert_ok(nudge_data_generate(context, "moons:50/20", 1, &data, error));
    assert_ok(nudge_data_split(data, 0.2, 1, error));
    assert_ok(nudge_net_create(context, 2, "5 tanh, 2 softmax", 1, &net, error));
    assert_ok(nudge_train(context, net, data, &options, NULL, error));
    assert_ok(nudge_evaluate(context, net, data, NUDGE_PART_TEST, &evaluation, error));
    assert_ok(nudge_check(context, net, data, NUDGE_PART_TEST, NULL, &check, error));
    assert_ok(nudge_net_clone(context, net, &copy, error));
    assert_ok(nudge_predictor_create(context, copy, 4, NULL, 0, &predictor, error));
    nudge_predictor_free(predictor);
    nudge_net_free(copy);
    nudge_net_free(net);
    nudge_data_free(data);
}

static void test_objects_use_the_callers_allocator(void **state) {
    (void)state;
    static struct strict strict;
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *context = NULL;
    options.allocator = (nudge_allocator){strict_allocate, strict_release, &strict};
    options.threads = 2;
    assert_ok(nudge_context_create(&options, &context, error));
    use_everything(context);
    nudge_context_free(context);
    assert_int_equal(strict.live, 0);
    assert_true(strict.allocations > 20);
}

/* -- the caller's memory -- */

static void test_predictor_in_the_callers_memory(void **state) {
    (void)state;
    struct accounts accounts = {0};
    nudge_context *context = counting_context(&accounts);
    nudge_net *net = small_net(context, 3, "17 tanh, 2");
    nudge_predictor *predictor = NULL;
    nudge_error e = {0};
    size_t bytes = 0;
    float x[3] = {1, 2, 3}, y[2];
    assert_ok(nudge_predictor_memory(context, net, 5, &bytes, error));
    unsigned char *memory = aligned_alloc(64, bytes + 64);
    assert_non_null(memory);
    memset(memory, 0xA5, bytes + 64);
    size_t allocations = accounts.allocations;
    expect_error(nudge_predictor_create(context, net, 5, memory, bytes - 1, &predictor, &e),
                 NUDGE_BAD_ARGUMENT, &e, "bytes of memory", "aligned to 64", NULL);
    expect_error(nudge_predictor_create(context, net, 5, memory + 8, bytes, &predictor, &e),
                 NUDGE_BAD_ARGUMENT, &e, "aligned to 64", NULL);
    assert_ok(nudge_predictor_create(context, net, 5, memory, bytes, &predictor, error));
    assert_ok(nudge_predict(predictor, x, 1, y, error));
    nudge_predictor_free(predictor);
    for (size_t i = 0; i < 64; i++) assert_int_equal(memory[bytes + i], 0xA5);
    assert_int_equal(accounts.allocations, allocations);
    free(memory);
    nudge_net_free(net);
    nudge_context_free(context);
}

static void test_trainer_in_the_callers_memory(void **state) {
    (void)state;
    struct accounts accounts = {0};
    nudge_context *context = counting_context(&accounts);
    nudge_net *net = small_net(context, 3, "17 tanh, 2");
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_trainer *trainer = NULL;
    nudge_error e = {0};
    size_t plain = 0, bytes = 0;
    float x[3] = {1, 2, 3}, y[2] = {0, 1};
    assert_ok(nudge_trainer_memory(context, net, &options, &plain, error));
    options.momentum = 0.9;
    assert_ok(nudge_trainer_memory(context, net, &options, &bytes, error));
    assert_true(bytes > plain); /* the velocity */
    nudge_train_options adam = NUDGE_TRAIN_OPTIONS;
    size_t adam_bytes = 0;
    adam.optimizer = NUDGE_OPTIMIZER_ADAM;
    assert_ok(nudge_trainer_memory(context, net, &adam, &adam_bytes, error));
    assert_int_equal(adam_bytes - plain, 2 * (bytes - plain)); /* two blocks where momentum keeps one */
    unsigned char *memory = aligned_alloc(64, bytes + 64);
    assert_non_null(memory);
    memset(memory, 0xA5, bytes + 64);
    size_t allocations = accounts.allocations;
    expect_error(nudge_trainer_create(context, net, &options, memory, plain, &trainer, &e),
                 NUDGE_BAD_ARGUMENT, &e, "bytes of memory", NULL);
    assert_ok(nudge_trainer_create(context, net, &options, memory, bytes, &trainer, error));
    assert_ok(nudge_trainer_batch(trainer, x, y, 1, error));
    assert_ok(nudge_trainer_forward(trainer, NULL, error));
    assert_ok(nudge_trainer_backward(trainer, error));
    assert_ok(nudge_trainer_update(trainer, error));
    nudge_trainer_free(trainer);
    for (size_t i = 0; i < 64; i++) assert_int_equal(memory[bytes + i], 0xA5);
    assert_int_equal(accounts.allocations, allocations);
    free(memory);
    nudge_net_free(net);
    nudge_context_free(context);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_do_not_wrap),
        cmocka_unit_test(test_round_up),
        cmocka_unit_test(test_arena_measures_what_it_gives),
        cmocka_unit_test(test_arena_tells_overflow),
        cmocka_unit_test(test_arena_carves_beside),
        cmocka_unit_test(test_arena_wastes_nothing_beside_the_small),
        cmocka_unit_test(test_library_allocator),
        cmocka_unit_test(test_objects_use_the_callers_allocator),
        cmocka_unit_test(test_predictor_in_the_callers_memory),
        cmocka_unit_test(test_trainer_in_the_callers_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
