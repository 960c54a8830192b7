/* Built-in data sets. Invariant: row i of a set is a function of (name, seed, part, i) alone (xor aside,
 * which has four rows), with the same bits everywhere. */
#include "base/elementary.h"
#include "base/names.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "builtin/digits.h"
#include "data/data.h"

#include <string.h>

static const float PI = 3.14159265358979323846f;

/* Writes one row's features (f32, or u8 for digits) and its label or targets. */
typedef void row_maker(struct data_block *block, size_t row, uint64_t seed, uint32_t part);

struct builtin {
    const char *name, *summary;
    struct data_shape shape;
    size_t train_rows, test_rows;
    bool fixed_size;
    row_maker *make;
};

static struct random_stream stream_of(uint64_t seed, uint32_t part, size_t row) {
    return random_stream_make(seed, RANDOM_GENERATE, part, 0, (uint32_t)row);
}

static void put_point(struct data_block *block, size_t row, float x, float y, int32_t label) {
    float *values = block->values;
    values[2 * row] = x;
    values[2 * row + 1] = y;
    block->labels[row] = label;
}

static void make_digit(struct data_block *block, size_t row, uint64_t seed, uint32_t part) {
    uint8_t *image = (uint8_t *)block->values + row * DIGITS_PIXELS;
    block->labels[row] = digits_draw(image, seed, part, (uint32_t)row);
}

static void make_xor(struct data_block *block, size_t row, uint64_t seed, uint32_t part) {
    (void)seed;
    (void)part;
    size_t a = row >> 1 & 1, b = row & 1;
    put_point(block, row, (float)a, (float)b, (int32_t)(a ^ b));
}

/* Two arms, r from 0 to 1 over 1.75 turns, half a turn apart (after Lang and Witbrock 1988), with a little
 * noise. */
static void make_spiral(struct data_block *block, size_t row, uint64_t seed, uint32_t part) {
    struct random_stream stream = stream_of(seed, part, row);
    int32_t arm = (int32_t)(row & 1);
    float r = random_between(&stream, 0.05f, 1.0f);
    float angle = 3.5f * PI * r + PI * (float)arm;
    float x = r * f32_cos(angle) + 0.015f * random_normal(&stream);
    float y = r * f32_sin(angle) + 0.015f * random_normal(&stream);
    put_point(block, row, x, y, arm);
}

/* Two half circles that reach into each other. */
static void make_moons(struct data_block *block, size_t row, uint64_t seed, uint32_t part) {
    struct random_stream stream = stream_of(seed, part, row);
    int32_t moon = (int32_t)(row & 1);
    float angle = PI * random_uniform(&stream);
    float x = moon ? 1.0f - f32_cos(angle) : f32_cos(angle);
    float y = moon ? 0.5f - f32_sin(angle) : f32_sin(angle);
    /* In statements of their own: the order of arguments is the compiler's. */
    x += 0.1f * random_normal(&stream);
    y += 0.1f * random_normal(&stream);
    put_point(block, row, x, y, moon);
}

/* A disc's edge inside another's: radii 1 and ½. */
static void make_circles(struct data_block *block, size_t row, uint64_t seed, uint32_t part) {
    struct random_stream stream = stream_of(seed, part, row);
    int32_t inner = (int32_t)(row & 1);
    float angle = 2.0f * PI * random_uniform(&stream);
    float radius = (inner ? 0.5f : 1.0f) + 0.06f * random_normal(&stream);
    put_point(block, row, radius * f32_cos(angle), radius * f32_sin(angle), inner);
}

/* One input x in [0, 1), one target: a smooth step that a chain of single neurons can follow. */
static void make_chain(struct data_block *block, size_t row, uint64_t seed, uint32_t part) {
    struct random_stream stream = stream_of(seed, part, row);
    float x = random_uniform(&stream);
    ((float *)block->values)[row] = x;
    block->targets[row] = f32_sigmoid(6.0f * x - 3.0f);
}

#define PLANE                                                                                                \
    { NUDGE_TYPE_F32, 2, 2, 0, 0, 0 }

static const struct builtin builtins[] = {
    {"digits",
     "28x28 handwriting that nudge draws itself, 10 classes",
     {NUDGE_TYPE_U8, DIGITS_PIXELS, DIGITS_CLASSES, 0, DIGITS_SIDE, DIGITS_SIDE},
     20000,
     4000,
     false,
     make_digit},
    {"xor", "the four rows of exclusive or", PLANE, 4, 4, true, make_xor},
    {"spiral", "two spirals wound around each other, 2 classes", PLANE, 1000, 1000, false, make_spiral},
    {"moons", "two half circles that interlock, 2 classes", PLANE, 1000, 1000, false, make_moons},
    {"circles", "a ring inside a ring, 2 classes", PLANE, 1000, 1000, false, make_circles},
    {"chain",
     "one input, one target: for the 1-1-1-1 network",
     {NUDGE_TYPE_F32, 1, 0, 1, 0, 0},
     100,
     100,
     false,
     make_chain},
};
enum { BUILTINS = sizeof builtins / sizeof *builtins };

const char *nudge_data_builtin(size_t i, const char **summary) {
    if (i >= BUILTINS) return NULL;
    if (summary) *summary = builtins[i].summary;
    return builtins[i].name;
}

/* "NAME", "NAME:TRAIN" (as many test rows as usual, scaled) or "NAME:TRAIN/TEST". */
static nudge_status parse_sizes(const struct builtin *set, const char *name, const char *sizes,
                                size_t rows[2], nudge_error *error) {
    uint64_t train = 0, test = 0;
    const char *end = text_parse_count(sizes, UINT32_MAX, &train);
    if (end && *end == '/') {
        end = text_parse_count(end + 1, UINT32_MAX, &test);
    } else {
        test = train * set->test_rows / set->train_rows;
    }
    if (!end || *end || train == 0)
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "data set \"%s\": sizes \"%s\", expected %s:TRAIN or %s:TRAIN/TEST with whole numbers below 2^32",
            name, sizes, set->name, set->name);
    if (set->fixed_size)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "data set \"%s\": %s has %zu rows, its size cannot be chosen", name, set->name,
                         set->train_rows);
    rows[0] = (size_t)train;
    rows[1] = (size_t)test;
    return NUDGE_OK;
}

static nudge_status find_builtin(const char *name, const struct builtin **found, size_t rows[2],
                                 nudge_error *error) {
    size_t length = strcspn(name, ":");
    for (size_t i = 0; i < BUILTINS; i++) {
        const struct builtin *set = &builtins[i];
        if (strlen(set->name) != length || memcmp(set->name, name, length)) continue;
        *found = set;
        rows[0] = set->train_rows;
        rows[1] = set->test_rows;
        return name[length] ? parse_sizes(set, name, name + length + 1, rows, error) : NUDGE_OK;
    }
    return error_set(error, NUDGE_BAD_ARGUMENT, "data set \"%s\" is not built in, expected %s", name,
                     names_text(NAMES_OF(builtins, BUILTINS)).text);
}

struct making {
    const struct builtin *set;
    nudge_data *data;
    uint64_t seed;
};

enum { ROWS_PER_TASK = 64 };

static void make_rows(void *argument, size_t index, unsigned worker) {
    (void)worker;
    const struct making *making = argument;
    size_t train = making->data->train.rows, all = train + making->data->test.rows;
    size_t last = (index + 1) * ROWS_PER_TASK < all ? (index + 1) * ROWS_PER_TASK : all;
    for (size_t i = index * ROWS_PER_TASK; i < last; i++) {
        if (i < train)
            making->set->make(&making->data->train, i, making->seed, 0);
        else
            making->set->make(&making->data->test, i - train, making->seed, 1);
    }
}

nudge_status nudge_data_generate(nudge_context *context, const char *name, uint64_t seed, nudge_data **data,
                                 nudge_error *error) {
    if (missing(error, context, name, data)) return NUDGE_BAD_ARGUMENT;
    const struct builtin *set = NULL;
    size_t rows[2] = {0, 0};
    nudge_status status = find_builtin(name, &set, rows, error);
    if (status) return status;
    nudge_data *made;
    status = data_allocate(context, &set->shape, (struct data_room){rows[0], false},
                           (struct data_room){rows[1], false}, name, &made, error);
    if (status) return status;
    if (set->shape.type == NUDGE_TYPE_F32)
        made->scale = NUDGE_SCALE_NONE; /* made to be looked at as they are */
    made->generated = true;
    struct making making = {set, made, seed};
    size_t tasks = (rows[0] + rows[1] + ROWS_PER_TASK - 1) / ROWS_PER_TASK;
    double work_per_row = 100.0 * (double)set->shape.features;
    parallel_for(context->workers, tasks, work_per_row * (double)(rows[0] + rows[1]), make_rows, &making);
    status = data_finish(made, error);
    if (status) {
        nudge_data_free(made);
        return status;
    }
    *data = made;
    return NUDGE_OK;
}
