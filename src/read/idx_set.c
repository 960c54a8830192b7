/* See idx_set.h. All headers are read and compared before anything is allocated for the rows. */
#include "read/idx_set.h"

#include "base/file.h"
#include "base/status.h"
#include "data/feed.h"
#include "read/idx.h"
#include "read/idx_names.h"
#include "read/memory_limit.h"

#include <string.h>

/* The open files, by role; those of a part that is not there stay zeroed. */
struct idx_set {
    struct idx files[IDX_ROLES];
    bool has_train, has_test;
    bool classes;    /* the targets are labels */
    bool unlabelled; /* files of targets may lack; then labels are -1 */
    bool regression; /* floats are numbers, whatever they look like */
    bool float_classes;
};

/* More labels that are stored as floats than these are numbers to be fitted. */
enum { MOST_FLOAT_CLASSES = 50 };

static void close_all(struct idx_set *set) {
    for (size_t i = 0; i < IDX_ROLES; i++) idx_close(&set->files[i]);
}

static nudge_status open_all(struct idx_set *set, const nudge_allocator *allocator,
                             const struct idx_files *files, const nudge_data_options *options,
                             nudge_error *error) {
    *set = (struct idx_set){.unlabelled = options->unlabelled,
                            .regression = options->regression,
                            .has_train = files->paths[IDX_TRAIN_FEATURES] != NULL,
                            .has_test = files->paths[IDX_TEST_FEATURES] != NULL};
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && i < IDX_ROLES; i++)
        if (files->paths[i]) status = idx_open(&set->files[i], allocator, files->paths[i], error);
    if (status) close_all(set);
    return status;
}

/* Integers are labels; floats are, too, in a file that is called "labels", where all are whole and few. */
static nudge_status find_labels(const struct idx *targets, const nudge_allocator *allocator, bool regression,
                                bool *labels, nudge_error *error) {
    struct idx again;
    *labels = targets->type->whole;
    if (*labels || regression || targets->rank != 1 || !strstr(file_path_name(targets->path), "labels"))
        return NUDGE_OK;
    nudge_status status = idx_open(&again, allocator, targets->path, error);
    if (!status) status = idx_read_whole(&again, MOST_FLOAT_CLASSES, labels, error);
    idx_close(&again);
    return status;
}

/* Both parts have labels, or none has. */
static nudge_status find_classes(struct idx_set *set, const nudge_allocator *allocator, nudge_error *error) {
    bool train = true, test = true;
    nudge_status status = NUDGE_OK;
    if (set->files[IDX_TRAIN_TARGETS].path)
        status = find_labels(&set->files[IDX_TRAIN_TARGETS], allocator, set->regression, &train, error);
    if (!status && set->files[IDX_TEST_TARGETS].path)
        status = find_labels(&set->files[IDX_TEST_TARGETS], allocator, set->regression, &test, error);
    set->classes = train && test;
    const struct idx *targets = &set->files[set->has_train ? IDX_TRAIN_TARGETS : IDX_TEST_TARGETS];
    set->float_classes = set->classes && targets->path && !targets->type->whole;
    return status;
}

/* -- do they belong together? -- */

static nudge_status check_pair(const struct idx *features, const struct idx *targets, nudge_error *error) {
    if (!targets->path) return NUDGE_OK;
    if (features->rows != targets->rows)
        return error_set(error, NUDGE_BAD_INPUT, "%s: has %zu rows, expected %zu as in %s",
                         shown(targets->path).text, targets->rows, features->rows,
                         file_path_name(features->path));
    if (targets->type->whole && targets->rank != 1)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: %s with %zu dimensions, expected 1 for labels (or f32 or f64 for "
                         "targets of a regression)",
                         shown(targets->path).text, targets->type->name, targets->rank);
    if (targets->rank > 2)
        return error_set(error, NUDGE_BAD_INPUT, "%s: targets with %zu dimensions, expected 1 or 2",
                         shown(targets->path).text, targets->rank);
    return NUDGE_OK;
}

static bool same_row_shape(const struct idx *a, const struct idx *b) {
    bool same = a->rank == b->rank;
    for (size_t i = 1; same && i < a->rank; i++) same = a->dimensions[i] == b->dimensions[i];
    return same;
}

static nudge_status check_parts(const struct idx_set *set, nudge_error *error) {
    const struct idx *features = &set->files[IDX_TRAIN_FEATURES], *targets = &set->files[IDX_TRAIN_TARGETS];
    const struct idx *test_features = &set->files[IDX_TEST_FEATURES],
                     *test_targets = &set->files[IDX_TEST_TARGETS];
    if (!same_row_shape(test_features, features))
        return error_set(error, NUDGE_BAD_INPUT, "%s: rows of %s, expected %s as in %s",
                         shown(test_features->path).text, idx_row_shape(test_features).text,
                         idx_row_shape(features).text, file_path_name(features->path));
    if ((test_features->type->code == IDX_U8) != (features->type->code == IDX_U8))
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: elements of %s, but %s has %s: expected u8 in both or in none",
                         shown(test_features->path).text, test_features->type->name,
                         file_path_name(features->path), features->type->name);
    if (!test_targets->path || !targets->path) return NUDGE_OK;
    if (!set->classes && test_targets->type->whole != targets->type->whole)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: elements of %s, but %s has %s: expected labels in both or numbers "
                         "in both",
                         shown(test_targets->path).text, test_targets->type->name,
                         file_path_name(targets->path), targets->type->name);
    if (test_targets->columns != targets->columns)
        return error_set(error, NUDGE_BAD_INPUT, "%s: %zu target columns, expected %zu as in %s",
                         shown(test_targets->path).text, test_targets->columns, targets->columns,
                         file_path_name(targets->path));
    return NUDGE_OK;
}

static nudge_status check_set(const struct idx_set *set, nudge_error *error) {
    nudge_status status = NUDGE_OK;
    if (set->has_train)
        status = check_pair(&set->files[IDX_TRAIN_FEATURES], &set->files[IDX_TRAIN_TARGETS], error);
    if (!status && set->has_test)
        status = check_pair(&set->files[IDX_TEST_FEATURES], &set->files[IDX_TEST_TARGETS], error);
    return !status && set->has_train && set->has_test ? check_parts(set, error) : status;
}

/* Three dimensions are images [row][y][x], and four of which the last is 1, as some write them; others are flattened, as
 * channels mean nothing to a dense layer. For classes, their number stands in later, when all labels are known. */
static struct data_shape shape_of(const struct idx_set *set) {
    const struct idx
        *features = &set->files[set->has_train ? IDX_TRAIN_FEATURES : IDX_TEST_FEATURES],
        *targets = &set->files[set->files[IDX_TRAIN_TARGETS].path ? IDX_TRAIN_TARGETS : IDX_TEST_TARGETS];
    bool grey = features->rank == 4 && features->dimensions[3] == 1;
    bool image = features->rank == 3 || grey, classes = set->classes;
    return (struct data_shape){
        .type = features->type->code == IDX_U8 ? NUDGE_TYPE_U8 : NUDGE_TYPE_F32,
        .features = features->columns,
        .classes = classes ? 2 : 0,
        .target_columns = classes ? 0 : targets->columns,
        .height = image ? features->dimensions[1] : 0,
        .width = image ? features->dimensions[2] : 0,
    };
}

/* -- does it fit? -- */

/* Bytes that a part's features take in memory: idx_open has seen to it that this fits in a size_t. */
static size_t feature_bytes(const struct idx *features, const struct data_shape *shape) {
    return features->rows * shape->features * data_value_size(shape->type);
}

static nudge_status refuse_gzip(const struct idx *features, const char *name, size_t bytes, size_t limit,
                                nudge_error *error) {
    return error_set(
        error, NUDGE_BAD_INPUT,
        "%s: its features take %zu bytes, data may take %zu: rows can be read from the file as they are "
        "needed if it is plain, so unpack it first (gunzip -k %s)",
        name, bytes, limit, shown(features->path).text);
}

static size_t sum_of(size_t a, size_t b) {
    size_t sum;
    return size_add(&sum, a, b) ? sum : SIZE_MAX;
}

/* Decides which parts stay in their files when not all of them fit: the test part alone if that is enough and
 * it is not compressed, as it is read once an epoch and in order; else the training part, and the test part,
 * too, if it does not fit beside the rows that are read ahead. */
static nudge_status place_parts(const struct idx_set *set, const struct data_shape *shape, const char *name,
                                size_t limit, struct data_room rooms[2], nudge_error *error) {
    const struct idx *train = &set->files[IDX_TRAIN_FEATURES], *test = &set->files[IDX_TEST_FEATURES];
    size_t train_bytes = feature_bytes(train, shape),
           test_bytes = set->has_test ? feature_bytes(test, shape) : 0;
    size_t row = shape->features * data_value_size(shape->type),
           most = test->rows > train->rows ? test->rows : train->rows;
    size_t all = sum_of(train_bytes, test_bytes), in_order = feed_memory(most, row, FEED_WINDOW_IN_ORDER);
    size_t ahead = sum_of(feed_memory(train->rows, row, FEED_WINDOW_SHUFFLED), in_order);
    if (all <= limit) return NUDGE_OK;
    if (!set->has_train && test->stream.gzip) return refuse_gzip(test, name, all, limit, error);
    rooms[1].in_source = set->has_test && !test->stream.gzip && sum_of(train_bytes, in_order) <= limit;
    rooms[0].in_source = !rooms[1].in_source;
    if (rooms[0].in_source && ahead > limit)
        return error_set(
            error, NUDGE_NO_MEMORY,
            "%s: its features take %zu bytes, data may take %zu: expected at least %zu to read its rows from "
            "the file as they are needed",
            name, all, limit, ahead);
    if (rooms[0].in_source) rooms[1].in_source = set->has_test && sum_of(ahead, test_bytes) > limit;
    if (rooms[0].in_source && train->stream.gzip) return refuse_gzip(train, name, all, limit, error);
    if (rooms[1].in_source && test->stream.gzip) return refuse_gzip(test, name, all, limit, error);
    return NUDGE_OK;
}

/* -- reading -- */

static nudge_status read_block(const nudge_data *data, struct data_block *block, bool in_source,
                               struct idx *features, struct idx *targets, int32_t *largest,
                               nudge_error *error) {
    nudge_status status = NUDGE_OK;
    if (targets->path)
        status = block->labels ? idx_read_labels(targets, block->labels, largest, error)
                               : idx_read_f32(targets, block->targets, error);
    for (size_t r = 0; !targets->path && block->labels && r < block->rows; r++) block->labels[r] = -1;
    for (size_t i = 0; !targets->path && block->targets && i < block->rows * data->target_columns; i++)
        block->targets[i] = __builtin_nanf("");
    if (status) return status;
    if (in_source) return idx_source(features, &data->context->allocator, &block->source, error);
    return features->type->code == IDX_U8 ? idx_read_u8(features, block->values, error)
                                          : idx_read_f32(features, block->values, error);
}

static nudge_status read_all(struct idx_set *set, const struct data_room rooms[2], nudge_data *data,
                             nudge_error *error) {
    int32_t largest = 1;
    data->unlabelled = (set->has_train && !set->files[IDX_TRAIN_TARGETS].path) ||
                       (set->has_test && !set->files[IDX_TEST_TARGETS].path);
    nudge_status status = NUDGE_OK;
    if (set->has_train)
        status = read_block(data, &data->train, rooms[0].in_source, &set->files[IDX_TRAIN_FEATURES],
                            &set->files[IDX_TRAIN_TARGETS], &largest, error);
    if (!status && set->has_test)
        status = read_block(data, &data->test, rooms[1].in_source, &set->files[IDX_TEST_FEATURES],
                            &set->files[IDX_TEST_TARGETS], &largest, error);
    if (!status && data->classes) data->classes = (size_t)largest + 1;
    return status ? status : data_finish(data, error);
}

static nudge_status read_set(struct idx_set *set, nudge_context *context, const char *name, nudge_data **data,
                             nudge_error *error) {
    nudge_status status = find_classes(set, &context->allocator, error);
    if (!status) status = check_set(set, error);
    if (status) return status;
    struct data_shape shape = shape_of(set);
    struct data_room rooms[2] = {{set->has_train ? set->files[IDX_TRAIN_FEATURES].rows : 0, false},
                                 {set->has_test ? set->files[IDX_TEST_FEATURES].rows : 0, false}};
    nudge_data *made;
    size_t memory = context->data_memory ? context->data_memory : memory_limit() / 2;
    status = place_parts(set, &shape, shown(name).text, memory, rooms, error);
    if (status) return status;
    status = data_allocate(context, &shape, rooms[0], rooms[1], shown(name).text, &made, error);
    if (status) return status;
    for (size_t i = 0; !status && i < IDX_ROLES; i++)
        if (set->files[i].path) status = data_add_file(made, set->files[i].path, error);
    if (!status && set->float_classes)
        status = data_add_remark(
            made, "labels are floats, all whole and few: they are classes (--regression: numbers)", error);
    if (!status) status = read_all(set, rooms, made, error);
    if (status) {
        nudge_data_free(made);
        return status;
    }
    *data = made;
    return NUDGE_OK;
}

static nudge_status open_files(nudge_context *context, const struct idx_files *files, const char *name,
                               const nudge_data_options *options, nudge_data **data, nudge_error *error) {
    struct idx_set set;
    nudge_status status = open_all(&set, &context->allocator, files, options, error);
    if (status) return status;
    status = read_set(&set, context, name, data, error);
    close_all(&set);
    return status;
}

/* -- folders and single files -- */

static const char *const role_names[IDX_ROLES] = {"training images (train-images-idx3-ubyte or the like)",
                                                  "training labels (train-labels-idx1-ubyte or the like)",
                                                  "test images (t10k-images-idx3-ubyte or the like)",
                                                  "test labels (t10k-labels-idx1-ubyte or the like)"};

/* Of each part both files or none; one part must be there. */
static nudge_status check_complete(const struct idx_files *files, const char *folder, bool unlabelled,
                                   nudge_error *error) {
    enum idx_role missing = IDX_ROLES;
    if (unlabelled && (files->paths[IDX_TRAIN_FEATURES] || files->paths[IDX_TEST_FEATURES])) return NUDGE_OK;
    bool train = files->paths[IDX_TRAIN_FEATURES] || files->paths[IDX_TRAIN_TARGETS],
         test = files->paths[IDX_TEST_FEATURES] || files->paths[IDX_TEST_TARGETS];
    if (!files->paths[IDX_TRAIN_FEATURES] && (train || !test))
        missing = IDX_TRAIN_FEATURES;
    else if (!files->paths[IDX_TRAIN_TARGETS] && (train || !test))
        missing = IDX_TRAIN_TARGETS;
    else if (!files->paths[IDX_TEST_FEATURES] && files->paths[IDX_TEST_TARGETS])
        missing = IDX_TEST_FEATURES;
    else if (files->paths[IDX_TEST_FEATURES] && !files->paths[IDX_TEST_TARGETS])
        missing = IDX_TEST_TARGETS;
    if (missing == IDX_ROLES) return NUDGE_OK;
    return error_set(error, NUDGE_BAD_INPUT, "%s: the folder has no %s, plain or .gz", shown(folder).text,
                     role_names[missing]);
}

static bool has_any(const struct idx_files *files) {
    bool any = false;
    for (size_t i = 0; i < IDX_ROLES; i++) any |= files->paths[i] != NULL;
    return any;
}

/* The files of the folder; where it has none, of a folder "raw" in it, as some tools lay them out (MNIST/raw/). */
static nudge_status find_files(struct idx_files *files, const nudge_allocator *allocator, const char *folder,
                               nudge_error *error) {
    nudge_status status = idx_files_in(files, allocator, folder, error);
    if (status || has_any(files)) return status;
    char *raw = file_path_join(allocator, folder, "raw");
    if (!raw) return error_no_memory(error, strlen(folder) + 5, "a folder's name");
    if (file_is_folder(raw)) status = idx_files_in(files, allocator, raw, error);
    memory_release_text(allocator, raw);
    return status;
}

nudge_status idx_folder_open(nudge_context *context, const char *folder, const char *name,
                             const nudge_data_options *options, nudge_data **data, nudge_error *error) {
    struct idx_files files;
    nudge_status status = find_files(&files, &context->allocator, folder, error);
    if (status) return status;
    status = check_complete(&files, folder, options->unlabelled, error);
    if (!status) status = open_files(context, &files, name, options, data, error);
    idx_files_release(&files, &context->allocator);
    return status;
}

nudge_status idx_file_open(nudge_context *context, const char *path, const char *name,
                           const nudge_data_options *options, nudge_data **data, nudge_error *error) {
    struct idx_files files;
    nudge_status status = idx_files_for(&files, &context->allocator, path, options->unlabelled, error);
    if (status) return status;
    status = open_files(context, &files, name, options, data, error);
    idx_files_release(&files, &context->allocator);
    return status;
}

nudge_status idx_folder_holds(bool *holds, const nudge_allocator *allocator, const char *folder,
                              nudge_error *error) {
    *holds = false;
    if (!file_is_folder(folder)) return NUDGE_OK;
    struct idx_files files;
    nudge_status status = find_files(&files, allocator, folder, error);
    if (status) return status;
    *holds = has_any(&files);
    idx_files_release(&files, allocator);
    return NUDGE_OK;
}
