/* What serves a first training well, by the kind of data: one table, for the command and for programs. Invariant: what is
 * suggested depends on the data alone, and of them on their shape, on whether columns have two values, and on whether
 * they are pixels. */
#include "base/status.h"
#include "base/struct_size.h"
#include "base/text.h"
#include "data/data.h"
#include "learn/step.h"

#include <string.h>

/* Epochs follow from the number of examples to be seen. */
struct kind {
    const char *hidden, *activation;
    nudge_init init; /* of that activation */
    nudge_optimizer optimizer;
    double learning_rate, momentum;
    nudge_schedule schedule;
    size_t batch_size;
    double examples; /* seen in all */
    size_t least_epochs, most_epochs;
    size_t patience; /* with validation rows, drawn where there are none; 0: never stops early */
};

#define PLAIN NUDGE_INIT_DEFAULT, NUDGE_OPTIMIZER_SGD
static const struct kind images = {"128", "relu", PLAIN, 0.1, 0, NUDGE_SCHEDULE_CONSTANT,
                                   10,    200e3,  5,     100, 0};
static const struct kind built_in_classes = {"16,16", "relu", PLAIN, 0.1, 0, NUDGE_SCHEDULE_CONSTANT,
                                             10,      100e3,  10,    200, 0};
static const struct kind built_in_numbers = {"16,16", "gelu", PLAIN, 0.02, 0.9, NUDGE_SCHEDULE_CONSTANT,
                                             10,      20e3,   10,    200,  0};

/* Measured by bench/own_data.py. Few rows are soon known by heart: a fixed number of steps, the last ones small, does
 * better than giving a tenth of them away to say when to stop. Weights smaller than relu's usual ones learn less of what
 * is chance; much smaller ones bend at the edges of the data, and relu is to go on in straight lines where no row was. */
#define OF_TABLES(init) "128", "relu", init, NUDGE_OPTIMIZER_ADAM
#define OF_CLASSES OF_TABLES(NUDGE_INIT_XAVIER_NORMAL)
#define OF_NUMBERS OF_TABLES(NUDGE_INIT_LECUN_NORMAL)
#define FIXED NUDGE_SCHEDULE_COSINE, 32, 40e3, 20, 1250, 0
#define STOPPED NUDGE_SCHEDULE_CONSTANT, 32, 3e6, 10, 100, 20
enum table_kind { CLASSES, NUMBERS };
static const struct kind tables[] = {{OF_CLASSES, 0.001, 0, FIXED}, {OF_NUMBERS, 0.001, 0, FIXED}};
static const struct kind large_tables[] = {{OF_CLASSES, 0.001, 0, STOPPED}, {OF_NUMBERS, 0.001, 0, STOPPED}};
/* Nothing else can come than what is there, and to know it by heart is right. */
static const struct kind truth_table = {OF_CLASSES, 0.01, 0, NUDGE_SCHEDULE_COSINE, 32, 48e3, 20, 1500, 0};

enum { MANY_FEATURES = 64, LARGE_ROWS = 2000 };

/* -- which kind -- */

/* Columns of two values each, and at least half of the rows that there can be. */
static bool is_truth_table(const nudge_data *data) {
    enum { MOST_FEATURES = 16 };
    float row[MOST_FEATURES], first[MOST_FEATURES], other[MOST_FEATURES];
    size_t features = data->features, rows = nudge_data_rows(data, NUDGE_PART_TRAIN);
    if (features > MOST_FEATURES || 2 * rows < (size_t)1 << features) return false;
    for (size_t r = 0; r < rows; r++) {
        if (nudge_data_row(data, NUDGE_PART_TRAIN, r, row, NULL, NULL)) return false;
        for (size_t i = 0; i < features; i++) {
            if (r == 0) first[i] = other[i] = row[i];
            if (first[i] == other[i]) other[i] = row[i];
            if (row[i] != first[i] && row[i] != other[i]) return false;
        }
    }
    return true;
}

/* A table whose rows are images: whole numbers from 0 to 255 in many columns, some of them bright. The first rows tell. */
static bool is_table_of_pixels(const nudge_data *data) {
    enum { LOOK = 100, MOST_COLOUR = 255, BRIGHT = 128 };
    size_t features = data->features, rows = nudge_data_rows(data, NUDGE_PART_TRAIN);
    const nudge_allocator *allocator = &data->context->allocator;
    float *row = features >= MANY_FEATURES ? memory_get(allocator, features * sizeof *row) : NULL;
    bool pixels = row != NULL, bright = false;
    for (size_t r = 0; pixels && r < rows && r < LOOK; r++) {
        pixels = !nudge_data_row(data, NUDGE_PART_TRAIN, r, row, NULL, NULL);
        for (size_t i = 0; pixels && i < features; i++) {
            pixels = row[i] >= 0 && row[i] <= MOST_COLOUR && (float)(int)row[i] == row[i];
            bright |= row[i] >= BRIGHT;
        }
    }
    memory_release(allocator, row, features * sizeof *row);
    return pixels && bright;
}

static size_t rows_to_learn(const nudge_data *data) {
    return nudge_data_rows(data, NUDGE_PART_TRAIN) + nudge_data_rows(data, NUDGE_PART_VALIDATION);
}

/* So many features of bytes, or of so many rows, are pixels as a rule, or as much work as they. */
static bool is_like_images(const nudge_data *data) {
    bool many = data->type == NUDGE_TYPE_U8 || rows_to_learn(data) >= LARGE_ROWS;
    return data->height || (many && data->features >= MANY_FEATURES);
}

static const struct kind *kind_of(const nudge_data *data, bool pixels) {
    if (data->classes && (pixels || is_like_images(data))) return &images;
    if (data->generated) return data->classes ? &built_in_classes : &built_in_numbers;
    if (is_truth_table(data)) return &truth_table;
    enum table_kind kind = data->classes ? CLASSES : NUMBERS;
    return rows_to_learn(data) >= LARGE_ROWS ? &large_tables[kind] : &tables[kind];
}

/* -- what serves it -- */

/* Full batches of few rows are steps, too. */
static size_t epochs_for(const struct kind *kind, size_t rows) {
    size_t of_each = rows > kind->batch_size ? rows : kind->batch_size,
           epochs = ((size_t)kind->examples + of_each - 1) / of_each;
    if (epochs < kind->least_epochs) return kind->least_epochs;
    return epochs > kind->most_epochs ? kind->most_epochs : epochs;
}

/* "16 relu, 16 relu, 10 softmax" */
static void put_network(char *text, size_t room, const struct kind *kind, const nudge_data *data) {
    size_t used = 0;
    for (const char *at = kind->hidden; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        used = text_append(text, room, used, "%.*s %s, ", (int)strcspn(at, ","), at, kind->activation);
    text_append(text, room, used, "%zu %s", nudge_data_targets(data), data->classes ? "softmax" : "identity");
}

nudge_status nudge_suggest(const nudge_data *data, nudge_suggestion *suggestion, nudge_error *error) {
    if (missing(error, data, suggestion)) return NUDGE_BAD_ARGUMENT;
    nudge_suggestion filled = NUDGE_SUGGESTION;
    const size_t rows = nudge_data_rows(data, NUDGE_PART_TRAIN);
    if (!options_take(&filled, sizeof filled, suggestion))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "suggestion: struct_size is not set; begin with NUDGE_SUGGESTION");
    const bool pixels = data->height || is_table_of_pixels(data);
    const struct kind *kind = kind_of(data, pixels);
    const bool validates = nudge_data_rows(data, NUDGE_PART_VALIDATION) > 0;
    put_network(filled.net, sizeof filled.net, kind, data);
    filled.hidden = kind->hidden;
    filled.activation = kind->activation;
    filled.init = kind->init;
    filled.pixels = pixels;
    filled.validation_split = kind->patience && !validates ? 0.1 : 0;
    nudge_train_options *training = &filled.training;
    *training = (nudge_train_options)NUDGE_TRAIN_OPTIONS;
    training->optimizer = kind->optimizer;
    training->learning_rate = kind->learning_rate;
    training->momentum = kind->momentum;
    training->schedule = kind->schedule;
    training->decay = kind->schedule == NUDGE_SCHEDULE_CONSTANT ? 1 : 0;
    training->batch_size = rows && rows < kind->batch_size ? rows : kind->batch_size;
    training->epochs = epochs_for(kind, rows);
    training->patience = validates ? kind->patience : 0;
    options_give(suggestion, &filled, sizeof filled);
    return NUDGE_OK;
}
