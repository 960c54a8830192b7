/* Data sets larger than the memory they may take: the same bits as in memory, whatever is done with them;
 * files that shrink while they are read; sets that cannot be had so. */
#define _GNU_SOURCE
#include <nudge_insight.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 70,000 rows of 40 bytes or numbers are 2.8 MB or 11.2 MB; what is read ahead takes 1.9 MB or 6.3 MB. */
enum { ROWS = 70000, TEST_ROWS = 3001, FEATURES = 40, CLASSES = 3, U8_LIMIT = 2300000, F32_LIMIT = 7000000 };

static struct accounts accounts;

static nudge_context_options options_with(size_t memory, unsigned threads) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    options.threads = threads;
    options.data_memory = memory;
    options.engine = NUDGE_ENGINE_PORTABLE;
    options.allocator = counting_allocator(&accounts);
    return options;
}

static nudge_context *context_with(size_t memory, unsigned threads) {
    nudge_context_options options = options_with(memory, threads);
    nudge_context *context = NULL;
    assert_int_equal(nudge_context_create(&options, &context, NULL), NUDGE_OK);
    return context;
}

/* -- the files -- */

static uint32_t mixed(size_t row, size_t column) {
    uint64_t x = row * 0x9E3779B97F4A7C15u + column * 0xD1B54A32D192ED03u + 1;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    return (uint32_t)(x ^ x >> 27) >> 3;
}

/* Rows that a network can learn: the class shows in every third value. */
static void put_part(const char *folder, const char *part, size_t rows, bool f32) {
    nudge_context *context = context_with(0, 1);
    size_t count = rows * FEATURES;
    uint8_t *bytes = malloc(count);
    float *numbers = malloc(count * sizeof *numbers);
    int32_t *labels = malloc(rows * sizeof *labels);
    assert_true(bytes && numbers && labels);
    for (size_t r = 0; r < rows; r++) {
        labels[r] = (int32_t)(mixed(r, 1000) % CLASSES);
        for (size_t i = 0; i < FEATURES; i++) {
            bytes[r * FEATURES + i] =
                (uint8_t)(mixed(r, i) % 200 + (i % CLASSES == (size_t)labels[r] ? 50 : 0));
            numbers[r * FEATURES + i] = 0.004f * (float)bytes[r * FEATURES + i] + 0.1f;
        }
    }
    nudge_rows given = NUDGE_ROWS;
    nudge_data *data = NULL;
    given.type = f32 ? NUDGE_TYPE_F32 : NUDGE_TYPE_U8;
    given.values = f32 ? (const void *)numbers : bytes;
    given.rows = rows;
    given.features = FEATURES;
    given.classes = CLASSES;
    given.labels = labels;
    assert_int_equal(nudge_data_create(context, &given, NULL, &data, NULL), NUDGE_OK);
    assert_int_equal(nudge_data_write_idx(data, "made", NULL), NUDGE_OK);
    nudge_data_free(data);
    nudge_context_free(context);
    free(bytes);
    free(numbers);
    free(labels);
    static const char *const roles[][2] = {{"features-idx2-ubyte", "features-idx2-float"},
                                           {"labels-idx1-ubyte", "labels-idx1-ubyte"}};
    mkdir(folder, 0777);
    for (size_t i = 0; i < 2; i++) {
        char from[100], to[100];
        snprintf(from, sizeof from, "made/train-%s", roles[i][f32]);
        snprintf(to, sizeof to, "%s/%s-%s", folder, part, roles[i][f32]);
        assert_int_equal(rename(from, to), 0);
    }
    assert_int_equal(rmdir("made"), 0);
}

static int set_up(void **state) {
    accounts = (struct accounts){0};
    if (enter_scratch(state)) return -1;
    put_part("u8", "train", ROWS, false);
    put_part("u8", "t10k", TEST_ROWS, false);
    put_part("f32", "train", ROWS, true);
    put_part("tested", "train", TEST_ROWS, false);
    put_part("tested", "t10k", ROWS, false);
    return 0;
}

static int tear_down(void **state) {
    return leave_scratch(state) || accounts.live_blocks || accounts.live_bytes ? -1 : 0;
}

static nudge_data *opened(nudge_context *context, const char *name, double validation) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    if (nudge_data_open(context, name, NULL, &data, &error)) fail_msg("%s", error.message);
    if (validation > 0) assert_int_equal(nudge_data_split(data, validation, 3, NULL), NUDGE_OK);
    return data;
}

/* -- the same bits -- */

struct trained {
    char digest[65];
    nudge_train_result result;
};

struct how {
    const char *name;
    size_t memory, batch;
    unsigned threads;
    double validation;
    bool shuffle, limited; /* whether the training part must stay in its file */
    const char *net;       /* NULL: a small one */
};

static struct trained train_in(nudge_context *context, struct how how) {
    nudge_data *data = opened(context, how.name, how.validation);
    nudge_net *net = NULL;
    struct trained trained = {.result = NUDGE_TRAIN_RESULT};
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_error error = {0};
    const char *layers = how.net ? how.net : "9 tanh, 3 softmax";
    assert_int_equal(nudge_data_in_memory(data, NUDGE_PART_TRAIN), !how.limited);
    assert_int_equal(nudge_net_create(context, FEATURES, layers, 1, &net, NULL), NUDGE_OK);
    options.batch_size = how.batch;
    options.epochs = how.net ? 1 : 2;
    options.shuffle = how.shuffle;
    if (nudge_train(context, net, data, &options, &trained.result, &error)) fail_msg("%s", error.message);
    nudge_net_digest(net, trained.digest);
    nudge_net_free(net);
    nudge_data_free(data);
    return trained;
}

static struct trained train(struct how how) {
    nudge_context *context = context_with(how.memory, how.threads);
    struct trained trained = train_in(context, how);
    nudge_context_free(context);
    return trained;
}

static bool same_number(double a, double b) {
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static void expect_same_training(struct trained a, struct trained b, const char *what, size_t i) {
    if (strcmp(a.digest, b.digest)) fail_msg("%s %zu", what, i);
    assert_true(same_number(a.result.train_cost, b.result.train_cost));
    assert_true(same_number(a.result.validation_cost, b.result.validation_cost));
    assert_true(same_number(a.result.test_cost, b.result.test_cost));
}

static void test_training_has_the_same_bits(void **state) {
    (void)state;
    static const struct how limited[] = {
        {"./u8", U8_LIMIT, 10, 1, 0, true, true, NULL},
        {"./u8", U8_LIMIT, 32, 2, 0.1, true, true, NULL},
        {"./u8", U8_LIMIT, 100, 2, 0.5, false, true, NULL},
        {"./u8", U8_LIMIT, 1000, 2, 0, true, true, NULL},
        {"./u8", U8_LIMIT, 40000, 1, 0.25, true, true, NULL},
        {"./u8", U8_LIMIT, 0, 2, 0, true, true, NULL},
        {"./f32", F32_LIMIT, 33, 2, 0.1, true, true, NULL},
    };
    for (size_t i = 0; i < sizeof limited / sizeof *limited; i++) {
        struct how in_memory = limited[i];
        in_memory.memory = 100000000;
        in_memory.limited = false;
        struct trained a = train(limited[i]), b = train(in_memory);
        expect_same_training(a, b, "case", i);
        bool many_steps = limited[i].batch > 0 && limited[i].batch <= 1000;
        assert_true(!many_steps || a.result.train_accuracy > 0.9); /* they did learn */
    }
}

/* The test part alone stays in its file where that is enough: it is read once an epoch, and in order. */
static void test_a_test_part_in_its_file(void **state) {
    (void)state;
    nudge_context *contexts[2] = {context_with(700000, 2), context_with(100000000, 2)};
    struct trained trained[2];
    for (size_t j = 0; j < 2; j++) {
        nudge_data *data = opened(contexts[j], "./tested", 0);
        assert_int_equal(nudge_data_in_memory(data, NUDGE_PART_TEST), j == 1);
        nudge_data_free(data);
        trained[j] = train_in(contexts[j], (struct how){"./tested", 0, 10, 0, 0.1, true, false, NULL});
        nudge_context_free(contexts[j]);
    }
    expect_same_training(trained[0], trained[1], "test part", 0);
}

/* Networks that go layer by layer: large ones, in bf16 (where the CPU has it) any; a mini-batch in several portions. */
static void expect_layers_the_same(nudge_precision precision, const char *net) {
    struct trained trained[2];
    for (size_t j = 0; j < 2; j++) {
        nudge_context_options options = options_with(j ? 100000000 : U8_LIMIT, 2);
        nudge_context *context = NULL;
        options.engine = NUDGE_ENGINE_AUTO;
        options.precision = precision;
        nudge_status status = nudge_context_create(&options, &context, NULL);
        if (status == NUDGE_UNSUPPORTED && precision == NUDGE_PRECISION_BF16) skip();
        assert_int_equal(status, NUDGE_OK);
        trained[j] = train_in(context, (struct how){"./u8", 0, 1000, 0, 0.1, true, j == 0, net});
        nudge_context_free(context);
    }
    expect_same_training(trained[0], trained[1], "layer by layer", 0);
}

static void test_layer_by_layer_have_the_same_bits(void **state) {
    (void)state;
    expect_layers_the_same(NUDGE_PRECISION_F32, "128 relu, 256 relu, 3 softmax");
}

static void test_layer_by_layer_in_bf16_have_the_same_bits(void **state) {
    (void)state;
    expect_layers_the_same(NUDGE_PRECISION_BF16, "64 relu, 3 softmax");
}

/* Numbers of every type, with targets that are numbers. */
static void test_every_type_has_the_same_bits(void **state) {
    (void)state;
    static const struct {
        unsigned char code;
        size_t size;
    } types[] = {{0x09, 1}, {0x0B, 2}, {0x0C, 4}, {0x0D, 4}, {0x0E, 8}};
    enum { TARGETS = 2 };
    unsigned char *bytes = malloc(ROWS * FEATURES * sizeof(double));
    assert_non_null(bytes);
    mkdir("typed", 0777);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        bool real = types[i].code >= 0x0D;
        size_t size = types[i].size;
        for (size_t k = 0; k < ROWS * FEATURES * size; k++) bytes[k] = (unsigned char)mixed(k, i);
        for (size_t k = 0; k < ROWS * FEATURES && (real || size == 4); k++) {
            bytes[k * size] = (unsigned char)(real ? 0x3F : 0); /* reals below 2; integers below 2^16 */
            bytes[k * size + 1] = (unsigned char)(real ? 0x80 | bytes[k * size + 1] >> 4 : 0);
        }
        put_idx("typed/train-features", types[i].code, 2, (uint32_t[]){ROWS, FEATURES}, bytes,
                ROWS * FEATURES * size);
        for (size_t k = 0; k < ROWS * TARGETS; k++)
            memcpy(bytes + 4 * k, k % 3 ? "\x3F\0\0\0" : "\xBE\0\0\0", 4);
        put_idx("typed/train-labels", 0x0D, 2, (uint32_t[]){ROWS, TARGETS}, bytes, ROWS * TARGETS * 4);
        struct trained trained[2];
        for (size_t j = 0; j < 2; j++)
            trained[j] = train((struct how){"./typed", j ? 100000000 : F32_LIMIT, 100, 2, 0.1, true, j == 0,
                                            "4 tanh, 2 identity"});
        expect_same_training(trained[0], trained[1], "type", i);
    }
    free(bytes);
}

/* -- several threads, each with a context of its own, on one set -- */

struct reader {
    const nudge_data *data;
    nudge_evaluation figures;
    bool worked;
};

static void *evaluate_alone(void *argument) {
    struct reader *reader = argument;
    nudge_context *context = NULL;
    nudge_net *net = NULL;
    reader->figures = (nudge_evaluation)NUDGE_EVALUATION;
    reader->worked = !nudge_context_create(NULL, &context, NULL) &&
                     !nudge_net_create(context, FEATURES, "9 tanh, 3 softmax", 1, &net, NULL) &&
                     !nudge_evaluate(context, net, reader->data, NUDGE_PART_TRAIN, &reader->figures, NULL);
    nudge_net_free(net);
    nudge_context_free(context);
    return NULL;
}

static void test_threads_that_read_one_set(void **state) {
    (void)state;
    enum { READERS = 3 };
    nudge_context *context = context_with(U8_LIMIT, 1);
    nudge_data *data = opened(context, "./u8", 0);
    struct reader readers[READERS];
    pthread_t threads[READERS];
    size_t allocations = accounts.allocations;
    for (size_t i = 0; i < READERS; i++) {
        readers[i].data = data;
        assert_int_equal(pthread_create(&threads[i], NULL, evaluate_alone, &readers[i]), 0);
    }
    for (size_t i = 0; i < READERS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < READERS; i++) {
        assert_true(readers[i].worked);
        assert_true(same_number(readers[i].figures.cost, readers[0].figures.cost));
    }
    assert_int_equal(accounts.allocations, allocations); /* the data's context is left alone */
    nudge_data_free(data);
    nudge_context_free(context);
}

/* All that can be asked of a set, one by one. */
static void test_everything_else_has_the_same_bits(void **state) {
    (void)state;
    static const char *const names[] = {"./u8", "./f32"};
    for (size_t i = 0; i < 2; i++) {
        nudge_context *contexts[2] = {context_with(i ? F32_LIMIT : U8_LIMIT, 2), context_with(100000000, 2)};
        nudge_check_result checks[2] = {NUDGE_CHECK_RESULT, NUDGE_CHECK_RESULT};
        nudge_evaluation figures[2] = {NUDGE_EVALUATION, NUDGE_EVALUATION};
        uint64_t confusion[2][CLASSES * CLASSES];
        double costs[2];
        float rows[2][FEATURES], targets[2][CLASSES];
        for (size_t j = 0; j < 2; j++) {
            nudge_data *data = opened(contexts[j], names[i], 0.1);
            nudge_net *net = NULL;
            nudge_trainer *trainer = NULL;
            nudge_train_options options = NUDGE_TRAIN_OPTIONS;
            size_t indices[] = {62999, 0, 17, 40000, 17};
            assert_int_equal(nudge_data_in_memory(data, NUDGE_PART_TRAIN), j == 1);
            assert_int_equal(nudge_data_in_memory(data, NUDGE_PART_VALIDATION), j == 1);
            assert_int_equal(nudge_net_create(contexts[j], FEATURES, "9 tanh, 3 softmax", 1, &net, NULL),
                             NUDGE_OK);
            assert_int_equal(nudge_check(contexts[j], net, data, NUDGE_PART_TRAIN, NULL, &checks[j], NULL),
                             NUDGE_OK);
            figures[j].confusion = confusion[j];
            assert_int_equal(nudge_evaluate(contexts[j], net, data, NUDGE_PART_VALIDATION, &figures[j], NULL),
                             NUDGE_OK);
            assert_int_equal(nudge_data_row(data, NUDGE_PART_VALIDATION, 6999, rows[j], targets[j], NULL),
                             NUDGE_OK);
            options.batch_size = 5;
            assert_int_equal(nudge_trainer_create(contexts[j], net, &options, NULL, 0, &trainer, NULL),
                             NUDGE_OK);
            assert_int_equal(nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, indices, 5, NULL), NUDGE_OK);
            assert_int_equal(nudge_trainer_forward(trainer, &costs[j], NULL), NUDGE_OK);
            nudge_trainer_free(trainer);
            nudge_net_free(net);
            nudge_data_free(data);
        }
        assert_true(same_number(checks[0].error, checks[1].error) && checks[0].passed);
        assert_true(same_number(figures[0].cost, figures[1].cost));
        assert_true(same_number(figures[0].accuracy, figures[1].accuracy));
        assert_memory_equal(confusion[0], confusion[1], sizeof confusion[0]);
        assert_memory_equal(rows[0], rows[1], sizeof rows[0]);
        assert_memory_equal(targets[0], targets[1], sizeof targets[0]);
        assert_true(same_number(costs[0], costs[1]));
        nudge_context_free(contexts[0]);
        nudge_context_free(contexts[1]);
    }
}

static void expect_same_file(const char *a, const char *b) {
    size_t counts[2];
    unsigned char *bytes[2] = {get_file(a, &counts[0]), get_file(b, &counts[1])};
    assert_int_equal(counts[0], counts[1]);
    assert_memory_equal(bytes[0], bytes[1], counts[0]);
    free(bytes[0]);
    free(bytes[1]);
}

static void test_writing_what_is_not_in_memory(void **state) {
    (void)state;
    static const char *const names[][2] = {{"./u8", "train-features-idx2-ubyte"},
                                           {"./f32", "train-features-idx2-float"}};
    for (size_t i = 0; i < 2; i++) {
        nudge_context *context = context_with(i ? F32_LIMIT : U8_LIMIT, 1);
        nudge_data *data = opened(context, names[i][0], 0);
        char paths[2][100];
        assert_int_equal(nudge_data_write_idx(data, "copy", NULL), NUDGE_OK);
        snprintf(paths[0], sizeof paths[0], "%s/%s", names[i][0], names[i][1]);
        snprintf(paths[1], sizeof paths[1], "copy/%s", names[i][1]);
        expect_same_file(paths[0], paths[1]);
        if (i == 0) assert_int_equal(system("rm -r copy"), 0);
        nudge_data_free(data);
        nudge_context_free(context);
    }
}

/* -- memory -- */

static void test_memory_stays_bounded(void **state) {
    (void)state;
    nudge_context *context = context_with(U8_LIMIT, 1);
    size_t before = accounts.live_bytes;
    accounts.peak_bytes = before;
    nudge_data *data = opened(context, "./u8", 0);
    size_t targets = 4 * (ROWS + TEST_ROWS), test_features = TEST_ROWS * FEATURES, buffers = 1000000;
    assert_true(accounts.peak_bytes - before < targets + test_features + buffers);
    nudge_data_free(data);
    nudge_context_free(context);
    accounts.peak_bytes = accounts.live_bytes;
    train((struct how){"./u8", U8_LIMIT, 10, 1, 0, true, true, NULL});
    assert_true(accounts.peak_bytes - accounts.live_bytes < U8_LIMIT + 8 * ROWS + 1000000);
}

/* -- what cannot be had -- */

static void expect_refused(const char *name, size_t memory, nudge_status status, const char *fact,
                           const char *more) {
    nudge_context *context = context_with(memory, 1);
    nudge_data *data = NULL;
    nudge_error error = {0};
    expect_error(nudge_data_open(context, name, NULL, &data, &error), status, &error, fact, more, NULL);
    assert_null(data);
    nudge_context_free(context);
}

static void pack(const char *path) {
    char packed[100];
    size_t count;
    unsigned char *bytes = get_file(path, &count);
    snprintf(packed, sizeof packed, "%s.gz", path);
    put_gzip(packed, bytes, count);
    free(bytes);
    unlink(path);
}

static void test_refused(void **state) {
    (void)state;
    expect_refused("./u8", 1000000, NUDGE_NO_MEMORY,
                   "./u8: its features take 2920040 bytes, data may take 1000000",
                   "to read its rows from the file");
    pack("u8/train-features-idx2-ubyte");
    expect_refused("./u8", U8_LIMIT, NUDGE_BAD_INPUT,
                   "its features take 2920040 bytes, data may take 2300000",
                   "gunzip -k ./u8/train-features-idx2-ubyte.gz");
    nudge_context *context = context_with(5000000, 1);
    nudge_data_free(opened(context, "./u8", 0));
    nudge_context_free(context);
}

/* A compressed test part cannot stay in its file, but the training part can. */
static void test_a_compressed_test_part(void **state) {
    (void)state;
    put_part("tested", "train", ROWS, false);
    for (size_t i = 0; i < 2; i++) {
        nudge_context *context = context_with(5000000, 1);
        nudge_data *data = opened(context, "./tested", 0);
        assert_int_equal(nudge_data_in_memory(data, NUDGE_PART_TRAIN), i == 0);
        assert_int_equal(nudge_data_in_memory(data, NUDGE_PART_TEST), i == 1);
        nudge_data_free(data);
        nudge_context_free(context);
        if (i == 0) pack("tested/t10k-features-idx2-ubyte");
    }
}

/* Numbers that are not finite are found when the set is opened, wherever they stand. */
static void test_numbers_that_are_not_finite(void **state) {
    (void)state;
    FILE *file = fopen("f32/train-features-idx2-float", "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 12 + 4 * (69999L * FEATURES + 7), SEEK_SET), 0);
    assert_int_equal(fwrite("\x7F\xC0\0\0", 4, 1, file), 1);
    assert_int_equal(fclose(file), 0);
    expect_refused("./f32", F32_LIMIT, NUDGE_BAD_INPUT, "row 69999, column 7 is nan",
                   "expected a finite number");
}

/* -- files that shrink -- */

static bool cut_it_short(void *user, const nudge_progress *progress) {
    (void)user;
    if (progress->epoch == 2 && progress->step == 100)
        assert_int_equal(truncate("u8/train-features-idx2-ubyte", 12 + 50000L * FEATURES), 0);
    return true;
}

static void test_a_file_that_shrinks(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 2; threads++) {
        nudge_context *context = context_with(U8_LIMIT, threads);
        nudge_data *data = opened(context, "./u8", 0);
        nudge_net *net = NULL, *once = NULL;
        nudge_train_options options = NUDGE_TRAIN_OPTIONS;
        nudge_error error = {0};
        char digests[2][65];
        assert_int_equal(nudge_net_create(context, FEATURES, "9 tanh, 3 softmax", 1, &net, NULL), NUDGE_OK);
        assert_int_equal(nudge_net_create(context, FEATURES, "9 tanh, 3 softmax", 1, &once, NULL), NUDGE_OK);
        options.epochs = 1;
        assert_int_equal(nudge_train(context, once, data, &options, NULL, NULL), NUDGE_OK);
        options.epochs = 3;
        options.on_step = cut_it_short;
        expect_error(nudge_train(context, net, data, &options, NULL, &error), NUDGE_BAD_INPUT, &error,
                     "train-features-idx2-ubyte: has become shorter: no byte at 2",
                     ", expected 2800012 bytes", NULL);
        nudge_net_digest(net, digests[0]); /* the last whole epoch's parameters */
        nudge_net_digest(once, digests[1]);
        assert_string_equal(digests[0], digests[1]);
        float row[FEATURES];
        assert_int_equal(nudge_data_row(data, NUDGE_PART_TRAIN, 49999, row, NULL, NULL), NUDGE_OK);
        assert_int_equal(nudge_data_row(data, NUDGE_PART_TRAIN, 50000, row, NULL, &error), NUDGE_BAD_INPUT);
        nudge_check_options check = NUDGE_CHECK_OPTIONS;
        nudge_check_result result = NUDGE_CHECK_RESULT;
        check.rows = 50001;
        assert_int_equal(nudge_check(context, net, data, NUDGE_PART_TRAIN, &check, &result, &error),
                         NUDGE_BAD_INPUT);
        nudge_trainer *trainer = NULL;
        options.batch_size = 2;
        assert_int_equal(nudge_trainer_create(context, net, &options, NULL, 0, &trainer, NULL), NUDGE_OK);
        assert_int_equal(nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, (size_t[]){1, 2}, 2, NULL),
                         NUDGE_OK);
        assert_int_equal(nudge_trainer_rows(trainer, data, NUDGE_PART_TRAIN, (size_t[]){1, 60000}, 2, &error),
                         NUDGE_BAD_INPUT);
        assert_int_equal(nudge_trainer_forward(trainer, NULL, &error), NUDGE_BAD_ARGUMENT); /* no batch */
        nudge_trainer_free(trainer);
        nudge_evaluation figures = NUDGE_EVALUATION;
        uint64_t confusion[CLASSES * CLASSES] = {7, 8, 9};
        figures.confusion = confusion;
        assert_int_equal(nudge_evaluate(context, net, data, NUDGE_PART_TRAIN, &figures, &error),
                         NUDGE_BAD_INPUT);
        assert_true(confusion[0] == 7 && confusion[1] == 8 && confusion[2] == 9 && confusion[3] == 0);
        figures.confusion = NULL;
        assert_int_equal(nudge_evaluate(context, net, data, NUDGE_PART_TEST, &figures, &error), NUDGE_OK);
        assert_int_equal(nudge_data_write_idx(data, "copy", &error), NUDGE_BAD_INPUT);
        assert_int_not_equal(access("copy", F_OK), 0);
        nudge_net_free(net);
        nudge_net_free(once);
        nudge_data_free(data);
        nudge_context_free(context);
        put_part("u8", "train", ROWS, false);
    }
}

/* -- memory that runs out -- */

static void test_allocations_fail(void **state) {
    (void)state;
    nudge_context *context = context_with(U8_LIMIT, 1);
    nudge_net *net = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    assert_int_equal(nudge_net_create(context, FEATURES, "2 tanh, 3 softmax", 1, &net, NULL), NUDGE_OK);
    options.batch_size = 5000;
    options.epochs = 1;
    size_t blocks = accounts.live_blocks;
    for (size_t n = 1;; n++) {
        nudge_error error = {0};
        nudge_data *data = NULL;
        accounts.allocations = 0;
        accounts.fail_at = n;
        nudge_status status = nudge_data_open(context, "./u8", NULL, &data, &error);
        if (!status) status = nudge_train(context, net, data, &options, NULL, &error);
        accounts.fail_at = 0;
        nudge_data_free(data);
        if (!status) {
            assert_true(n > 30);
            break;
        }
        assert_true(accounts.live_blocks <= blocks + 8); /* notes and labels of the net */
        expect_error(status, NUDGE_NO_MEMORY, &error, "not enough memory", NULL);
    }
    nudge_net_free(net);
    nudge_context_free(context);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_training_has_the_same_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_test_part_in_its_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_layer_by_layer_have_the_same_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_layer_by_layer_in_bf16_have_the_same_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_type_has_the_same_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_threads_that_read_one_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_everything_else_has_the_same_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_writing_what_is_not_in_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_memory_stays_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_compressed_test_part, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_numbers_that_are_not_finite, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_that_shrinks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_allocations_fail, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
