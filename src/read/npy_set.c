/* See npy_set.h. All headers are read and compared before anything is allocated for the rows; targets are read before
 * features, as they decide what the set is. */
#define _GNU_SOURCE /* mempcpy */
#include "read/npy_set.h"

#include "base/file.h"
#include "base/status.h"
#include "read/array_list.h"
#include "read/memory_limit.h"
#include "read/npy_names.h"
#include "read/npy_targets.h"

#include <string.h>

/* The open arrays of a set, by role; `there` tells which. */
struct npy_set {
    nudge_context *context;
    bool regression;
    struct array arrays[NPY_ROLES];
    bool there[NPY_ROLES];
    bool labels[NPY_ROLES];            /* its name says labels */
    struct targets targets[NPY_PARTS]; /* their values belong to the set */
    /* A single array whose last column is the target: all of it, read at once. */
    bool is_table;
    double *table; /* [rows][columns] */
};

static struct array *features_of(struct npy_set *set, enum npy_part part) {
    return &set->arrays[2 * part];
}
static struct array *targets_of(struct npy_set *set, enum npy_part part) {
    return &set->arrays[2 * part + 1];
}
static bool has_part(const struct npy_set *set, enum npy_part part) {
    return set->there[2 * part];
}

static size_t table_bytes(const struct npy *npy) {
    return npy->rows * npy->columns * sizeof(double); /* fits, says npy.h */
}

static size_t target_bytes(const struct targets *targets) {
    return targets->rows * targets->columns * sizeof *targets->values;
}

static void release_set(struct npy_set *set) {
    const nudge_allocator *allocator = &set->context->allocator;
    for (size_t part = 0; part < NPY_PARTS; part++)
        memory_release(allocator, set->targets[part].values, target_bytes(&set->targets[part]));
    if (set->table) memory_release(allocator, set->table, table_bytes(&set->arrays[0].npy));
    for (size_t i = 0; i < NPY_ROLES; i++)
        if (set->there[i]) array_close(&set->arrays[i]);
}

/* -- do they belong together? -- */

static nudge_status check_pair(struct npy_set *set, enum npy_part part, nudge_error *error) {
    const struct array *features = features_of(set, part), *targets = targets_of(set, part);
    if (features->npy.rows != targets->npy.rows)
        return error_set(error, NUDGE_BAD_INPUT, "%s: has %zu rows, expected %zu as in %s", targets->name,
                         targets->npy.rows, features->npy.rows, features->name);
    if (targets->npy.rank > 2)
        return error_set(error, NUDGE_BAD_INPUT, "%s: %s, expected labels or targets of 1 or 2 dimensions",
                         targets->name, npy_shape(&targets->npy).text);
    return NUDGE_OK;
}

static bool same_row_shape(const struct npy *a, const struct npy *b) {
    bool same = a->rank == b->rank;
    for (size_t i = 1; same && i < a->rank; i++) same = a->dimensions[i] == b->dimensions[i];
    return same;
}

/* The part against the set's first one. */
static nudge_status check_alike(struct npy_set *set, enum npy_part first, enum npy_part part,
                                nudge_error *error) {
    const struct array *a = features_of(set, first), *b = features_of(set, part);
    if (!same_row_shape(&a->npy, &b->npy))
        return error_set(error, NUDGE_BAD_INPUT, "%s: rows of %s, expected %s as in %s", b->name,
                         npy_row_shape(&b->npy).text, npy_row_shape(&a->npy).text, a->name);
    if (npy_is_bytes(&a->npy) != npy_is_bytes(&b->npy))
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: elements of %s, but %s has %s: expected u1 in both or in none", b->name,
                         b->npy.type, a->name, a->npy.type);
    return NUDGE_OK;
}

static enum npy_part first_part(const struct npy_set *set) {
    return has_part(set, NPY_TRAIN) ? NPY_TRAIN : NPY_TEST;
}

static nudge_status check_set(struct npy_set *set, nudge_error *error) {
    enum npy_part first = first_part(set);
    nudge_status status = NUDGE_OK;
    for (enum npy_part part = NPY_TRAIN; !status && part < NPY_PARTS && !set->is_table; part++) {
        if (!has_part(set, part)) continue;
        status = check_pair(set, part, error);
        if (!status && part != first) status = check_alike(set, first, part, error);
    }
    return status;
}

/* -- does it fit? -- */

static bool add_bytes(size_t *sum, size_t rows, size_t columns, size_t size) {
    size_t bytes;
    return size_multiply(&bytes, rows, columns) && size_multiply(&bytes, bytes, size) &&
           size_add(sum, *sum, bytes);
}

/* All that will be asked for, targets as they are read first. */
static nudge_status check_memory(struct npy_set *set, const char *name, nudge_error *error) {
    size_t limit = set->context->data_memory ? set->context->data_memory : memory_limit() / 2, all = 0;
    bool fits = true;
    for (enum npy_part part = NPY_TRAIN; part < NPY_PARTS; part++) {
        if (!has_part(set, part)) continue;
        const struct npy *x = &features_of(set, part)->npy, *y = &targets_of(set, part)->npy;
        fits = fits && add_bytes(&all, x->rows, x->columns, npy_is_bytes(x) ? 1 : sizeof(float)) &&
               add_bytes(&all, y->rows, set->is_table ? 0 : y->columns, sizeof(double) + sizeof(float)) &&
               add_bytes(&all, x->rows, set->is_table ? x->columns : 0, sizeof(double));
    }
    if (fits && all <= limit) return NUDGE_OK;
    return error_set(
        error, NUDGE_NO_MEMORY,
        "%s: its arrays take %zu bytes in memory, data may take %zu: expected fewer rows, or IDX "
        "files, whose rows can be read as they are needed",
        name, fits ? all : SIZE_MAX, limit);
}

/* -- targets -- */

static nudge_status read_targets(struct npy_set *set, enum npy_part part, nudge_error *error) {
    struct array *array = targets_of(set, part);
    struct targets *targets = &set->targets[part];
    targets->rows = array->npy.rows;
    targets->columns = array->npy.columns;
    targets->values = memory_get(&set->context->allocator, target_bytes(targets));
    if (!targets->values) return error_no_memory(error, target_bytes(targets), array->name);
    nudge_status status = array_read_f64(array, targets->values, error);
    if (status || set->regression) return status;
    return targets_tell(targets, &array->npy, set->labels[2 * part + 1], false, array->name, error);
}

/* Reads the table; its last column becomes the targets. */
static nudge_status read_table(struct npy_set *set, nudge_error *error) {
    struct array *array = &set->arrays[0];
    const struct npy *npy = &array->npy;
    struct targets *targets = &set->targets[NPY_TRAIN];
    targets->rows = npy->rows;
    targets->columns = 1;
    set->table = memory_get(&set->context->allocator, table_bytes(npy));
    targets->values = memory_get(&set->context->allocator, target_bytes(targets));
    if (!set->table || !targets->values) return error_no_memory(error, table_bytes(npy), array->name);
    nudge_status status = array_read_f64(array, set->table, error);
    if (status) return status;
    for (size_t r = 0; r < npy->rows; r++) targets->values[r] = set->table[(r + 1) * npy->columns - 1];
    return set->regression ? NUDGE_OK : targets_tell(targets, npy, true, true, array->name, error);
}

/* All parts have classes, or all have numbers: what only looks like classes becomes numbers beside numbers. */
static nudge_status agree(struct npy_set *set, bool *classes, nudge_error *error) {
    enum npy_part first = first_part(set), numbers = NPY_PARTS;
    for (enum npy_part part = NPY_TRAIN; part < NPY_PARTS; part++)
        if (has_part(set, part) && set->targets[part].kind == TARGETS_NUMBERS) numbers = part;
    *classes = numbers == NPY_PARTS;
    for (enum npy_part part = NPY_TRAIN; part < NPY_PARTS && !*classes; part++) {
        if (!has_part(set, part)) continue;
        if (set->targets[part].kind == TARGETS_CLASSES)
            return error_set(error, NUDGE_BAD_INPUT,
                             "%s: elements of %s, but %s has %s: expected labels in both or numbers in both",
                             targets_of(set, part)->name, targets_of(set, part)->npy.type,
                             targets_of(set, numbers)->name, targets_of(set, numbers)->npy.type);
        if (set->targets[part].columns != set->targets[first].columns)
            return error_set(error, NUDGE_BAD_INPUT, "%s: %zu target columns, expected %zu as in %s",
                             targets_of(set, part)->name, set->targets[part].columns,
                             set->targets[first].columns, targets_of(set, first)->name);
    }
    return NUDGE_OK;
}

/* -- rows -- */

/* Three dimensions are images [row][y][x], and four of which the last is 1; others are flattened, as channels mean nothing
 * to a dense layer. */
static struct data_shape shape_of(struct npy_set *set, bool classes) {
    enum npy_part first = first_part(set);
    const struct npy *npy = &features_of(set, first)->npy;
    bool image = npy->rank == 3 || (npy->rank == 4 && npy->dimensions[3] == 1);
    struct data_shape shape = {
        .type = npy_is_bytes(npy) ? NUDGE_TYPE_U8 : NUDGE_TYPE_F32,
        .features = npy->columns - set->is_table,
        .target_columns = classes ? 0 : set->targets[first].columns,
        .height = image ? npy->dimensions[1] : 0,
        .width = image ? npy->dimensions[2] : 0,
    };
    for (size_t part = 0; classes && part < NPY_PARTS; part++)
        if (set->targets[part].classes > shape.classes) shape.classes = set->targets[part].classes;
    return shape;
}

/* The table without its last column. */
static void copy_table(const struct npy_set *set, const nudge_data *data) {
    size_t n = data->features;
    for (size_t r = 0; r < data->train.rows; r++)
        for (size_t c = 0; c < n; c++) {
            double value = set->table[r * (n + 1) + c];
            if (data->type == NUDGE_TYPE_U8)
                ((uint8_t *)data->train.values)[r * n + c] = (uint8_t)value;
            else
                ((float *)data->train.values)[r * n + c] = (float)value;
        }
}

/* A part's rows into the block, from row `first` on. */
static nudge_status read_rows(struct npy_set *set, enum npy_part part, const nudge_data *data,
                              struct data_block *block, size_t first, nudge_error *error) {
    const struct targets *targets = &set->targets[part];
    if (data->classes)
        targets_labels(targets, block->labels + first);
    else
        targets_numbers(targets, block->targets + first * data->target_columns);
    if (set->is_table) {
        copy_table(set, data);
        return NUDGE_OK;
    }
    size_t at = first * data->features;
    return data->type == NUDGE_TYPE_U8
               ? array_read_u8(features_of(set, part), (uint8_t *)block->values + at, error)
               : array_read_f32(features_of(set, part), (float *)block->values + at, error);
}

/* The validation part is a selection of the training block: its last rows. */
static nudge_status make_validation(nudge_data *data, size_t rows, nudge_error *error) {
    size_t kept = data->train.rows - rows;
    uint32_t *selection = memory_get(&data->context->allocator, rows * sizeof *selection);
    if (!selection) return error_no_memory(error, rows * sizeof *selection, "the validation part");
    for (size_t i = 0; i < rows; i++) selection[i] = (uint32_t)(kept + i);
    data->parts[NUDGE_PART_TRAIN].rows = kept;
    data->parts[NUDGE_PART_VALIDATION] = (struct data_part){&data->train, rows, selection};
    return NUDGE_OK;
}

static nudge_status read_parts(struct npy_set *set, nudge_data *data, nudge_error *error) {
    size_t train = set->targets[NPY_TRAIN].rows, validation = set->targets[NPY_VALIDATION].rows;
    nudge_status status = NUDGE_OK;
    if (train) status = read_rows(set, NPY_TRAIN, data, &data->train, 0, error);
    if (!status && validation) status = read_rows(set, NPY_VALIDATION, data, &data->train, train, error);
    if (!status && set->targets[NPY_TEST].rows)
        status = read_rows(set, NPY_TEST, data, &data->test, 0, error);
    if (!status) status = data_finish(data, error);
    return status || !validation ? status : make_validation(data, validation, error);
}

/* Makes the data of an open set; `files` [count] are the paths that it came from. */
static nudge_status read_set(struct npy_set *set, const char *name, const char *const *files, size_t count,
                             nudge_data **data, nudge_error *error) {
    bool classes;
    nudge_data *made;
    nudge_status status = check_set(set, error);
    if (!status) status = check_memory(set, shown(name).text, error);
    if (!status && set->is_table) status = read_table(set, error);
    for (enum npy_part part = NPY_TRAIN; !status && !set->is_table && part < NPY_PARTS; part++)
        if (has_part(set, part)) status = read_targets(set, part, error);
    if (!status) status = agree(set, &classes, error);
    if (status) return status;
    struct data_shape shape = shape_of(set, classes);
    struct data_room train = {set->targets[NPY_TRAIN].rows + set->targets[NPY_VALIDATION].rows, false},
                     test = {set->targets[NPY_TEST].rows, false};
    status = data_allocate(set->context, &shape, train, test, shown(name).text, &made, error);
    if (status) return status;
    for (size_t i = 0; !status && i < count; i++) status = data_add_file(made, files[i], error);
    if (!status) status = read_parts(set, made, error);
    if (status)
        nudge_data_free(made);
    else
        *data = made;
    return status;
}

/* -- which array is what -- */

/* The arrays chosen, by role; NONE: there is none. */
struct choice {
    size_t entries[NPY_ROLES];
    bool named;
};
static const size_t NONE = SIZE_MAX;

static nudge_status refuse_list(const struct array_list *list, const char *what, nudge_error *error) {
    return error_set(error, NUDGE_BAD_INPUT, "%s: %s; its arrays: %s", shown(list->path).text, what,
                     array_list_names(list).text);
}

static nudge_status choose_by_names(const struct array_list *list, struct choice *choice,
                                    nudge_error *error) {
    for (size_t i = 0; i < NPY_ROLES; i++) choice->entries[i] = NONE;
    choice->named = false;
    for (size_t i = 0; i < list->count; i++) {
        enum npy_role role = list->entries[i].name ? npy_role_of(list->entries[i].name) : NPY_ROLES;
        if (role == NPY_ROLES) continue;
        size_t *entry = &choice->entries[role];
        if (*entry != NONE)
            return error_set(error, NUDGE_BAD_INPUT,
                             "%s: both %s and %s may be the %s, expected one of them; its arrays: %s",
                             shown(list->path).text, shown(list->entries[*entry].name).text,
                             shown(list->entries[i].name).text, npy_role_name(role),
                             array_list_names(list).text);
        *entry = i;
        choice->named = true;
    }
    return NUDGE_OK;
}

/* Of each part both arrays or none; validation rows only beside training rows. */
static nudge_status check_choice(const struct array_list *list, const struct choice *choice,
                                 nudge_error *error) {
    const size_t *entries = choice->entries;
    for (enum npy_role role = NPY_TRAIN_FEATURES; role < NPY_ROLES; role++) {
        enum npy_role other = role ^ 1;
        if (entries[role] == NONE || entries[other] != NONE) continue;
        return error_set(
            error, NUDGE_BAD_INPUT,
            "%s: has %s, but no %s, expected both (x and y, images and labels, x_test and y_test "
            "or the like); its arrays: %s",
            shown(list->path).text, shown(list->entries[entries[role]].name).text, npy_role_name(other),
            array_list_names(list).text);
    }
    if (entries[NPY_VALIDATION_FEATURES] != NONE && entries[NPY_TRAIN_FEATURES] == NONE)
        return refuse_list(list, "has a validation part, but no training part", error);
    return NUDGE_OK;
}

/* How many rows and dimensions an array has; 0 dimensions: its header is not what can be read. */
static void look_at(const struct array_list *list, size_t i, size_t *rank, size_t *rows) {
    struct array array;
    *rank = *rows = 0;
    if (!list->entries[i].name || array_list_open(list, i, &array, NULL)) return;
    *rank = array.npy.rank;
    *rows = array.npy.rows;
    array_close(&array);
}

/* Names say nothing: the one array of two or more dimensions, and the one of one dimension with as many rows. */
static nudge_status choose_by_shapes(const struct array_list *list, struct choice *choice,
                                     nudge_error *error) {
    size_t rank, rows, wanted = 0, tables = 0, columns = 0;
    for (size_t i = 0; i < list->count; i++) {
        look_at(list, i, &rank, &rows);
        if (rank < 2) continue;
        choice->entries[NPY_TRAIN_FEATURES] = i;
        wanted = rows;
        tables++;
    }
    for (size_t i = 0; tables == 1 && i < list->count; i++) {
        look_at(list, i, &rank, &rows);
        if (rank != 1 || rows != wanted) continue;
        choice->entries[NPY_TRAIN_TARGETS] = i;
        columns++;
    }
    if (tables == 1 && columns == 1) return NUDGE_OK;
    return refuse_list(list,
                       "which arrays are features and which are labels cannot be told, expected names like x "
                       "and y, images and labels, x_train, y_train, x_test and y_test",
                       error);
}

static nudge_status open_choice(struct npy_set *set, const struct array_list *list,
                                const struct choice *choice, nudge_error *error) {
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && i < NPY_ROLES; i++) {
        if (choice->entries[i] == NONE) continue;
        status = array_list_open(list, choice->entries[i], &set->arrays[i], error);
        set->there[i] = !status;
        set->labels[i] = npy_names_labels(list->entries[choice->entries[i]].name);
    }
    return status;
}

static nudge_status read_list(struct npy_set *set, const struct array_list *list, const char *name,
                              nudge_data **data, nudge_error *error) {
    struct choice choice;
    const char *files[NPY_ROLES];
    size_t count = 0;
    nudge_status status = choose_by_names(list, &choice, error);
    if (!status)
        status = choice.named ? check_choice(list, &choice, error) : choose_by_shapes(list, &choice, error);
    if (!status) status = open_choice(set, list, &choice, error);
    for (size_t i = 0; !status && i < NPY_ROLES; i++)
        if (!list->in_zip && choice.entries[i] != NONE)
            files[count++] = list->entries[choice.entries[i]].path;
    if (list->in_zip) files[count++] = list->path;
    if (!status) status = read_set(set, name, files, count, data, error);
    release_set(set);
    return status;
}

/* -- archives and folders -- */

static bool ends_in(const char *name, const char *ending) {
    size_t length = strlen(name), wanted = strlen(ending);
    return length > wanted && strcmp(name + length - wanted, ending) == 0;
}

bool npz_name_claims(const char *name) {
    return ends_in(name, ".npz");
}

bool npy_name_claims(const char *name) {
    return ends_in(name, ".npy") || ends_in(name, ".npy.gz");
}

nudge_status npz_file_open(nudge_context *context, const char *path, const char *name,
                           const nudge_data_options *options, nudge_data **data, nudge_error *error) {
    struct npy_set set = {.context = context, .regression = options->regression};
    struct array_list list;
    nudge_status status = array_list_zip(&list, &context->allocator, path, error);
    if (status) return status;
    status = read_list(&set, &list, name, data, error);
    array_list_close(&list);
    return status;
}

nudge_status npy_folder_open(nudge_context *context, const char *folder, const char *name,
                             const nudge_data_options *options, nudge_data **data, nudge_error *error) {
    struct npy_set set = {.context = context, .regression = options->regression};
    struct array_list list;
    nudge_status status = array_list_folder(&list, &context->allocator, folder, error);
    if (status) return status;
    status = read_list(&set, &list, name, data, error);
    array_list_close(&list);
    return status;
}

nudge_status npy_folder_holds(bool *holds, const nudge_allocator *allocator, const char *folder,
                              nudge_error *error) {
    struct array_list list;
    nudge_status status = array_list_folder(&list, allocator, folder, error);
    if (status) return status;
    *holds = list.count > 0;
    array_list_close(&list);
    return NUDGE_OK;
}

/* -- one file -- */

/* The path with the word at `word` of its name replaced. */
static char *replace_word(const nudge_allocator *allocator, const char *path, struct npy_word word,
                          const char *by) {
    const char *name = file_path_name(path);
    size_t before = (size_t)(name - path) + word.at, after = before + word.length;
    char *made = memory_get(allocator, before + strlen(by) + strlen(path + after) + 1);
    if (!made) return NULL;
    char *to = mempcpy(mempcpy(made, path, before), by, strlen(by));
    memcpy(to, path + after, strlen(path + after) + 1);
    return made;
}

/* The file beside `path` that has its targets; NULL in *partner: there is none. */
static nudge_status find_partner(const nudge_allocator *allocator, const char *path, struct npy_word word,
                                 char **partner, nudge_error *error) {
    nudge_status status = NUDGE_OK;
    *partner = NULL;
    for (size_t i = 0; !status && npy_target_word(i); i++) {
        char *candidate = replace_word(allocator, path, word, npy_target_word(i));
        if (!candidate) status = error_no_memory(error, strlen(path), "a file's name");
        if (!candidate || !file_exists(candidate)) {
            memory_release_text(allocator, candidate);
        } else if (*partner) {
            status =
                error_set(error, NUDGE_BAD_INPUT,
                          "%s: both %s and %s may have its labels, expected one of them", shown(path).text,
                          shown(file_path_name(*partner)).text, shown(file_path_name(candidate)).text);
            memory_release_text(allocator, candidate);
        } else
            *partner = candidate;
    }
    if (status) {
        memory_release_text(allocator, *partner);
        *partner = NULL;
    }
    return status;
}

static nudge_status check_table(const struct array *array, bool is_targets, nudge_error *error) {
    if (is_targets)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: by its name it has labels or targets, expected the file of the features",
                         array->name);
    if (array->npy.rank != 2 || array->npy.columns < 2)
        return error_set(
            error, NUDGE_BAD_INPUT,
            "%s: %s, and no labels beside it: expected y.npy beside x.npy, NAME-labels.npy beside "
            "NAME-images.npy, or 2 dimensions, the last column being the target",
            array->name, npy_shape(&array->npy).text);
    return NUDGE_OK;
}

/* The partner's WORD stands among other words, which npy_names_labels does not know. */
static bool partner_names_labels(const char *path) {
    const char *name = file_path_name(path);
    struct npy_word word;
    char text[16] = "";
    if (npy_find_word(name, strlen(name), true, &word) && word.length < sizeof text)
        memcpy(text, name + word.at, word.length);
    return npy_names_labels(text);
}

static nudge_status open_file(struct npy_set *set, const char *path, char **partner, nudge_error *error) {
    const nudge_allocator *allocator = &set->context->allocator;
    const char *name = file_path_name(path);
    size_t stem = strlen(name) - (ends_in(name, ".gz") ? 7 : 4);
    struct npy_word word;
    nudge_status status = NUDGE_OK;
    if (npy_find_word(name, stem, false, &word)) status = find_partner(allocator, path, word, partner, error);
    if (!status) status = array_open_file(&set->arrays[0], allocator, path, error);
    set->there[0] = !status;
    if (!status && *partner) {
        status = array_open_file(&set->arrays[1], allocator, *partner, error);
        set->there[1] = !status;
        set->labels[1] = partner_names_labels(*partner);
    } else if (!status) {
        set->is_table = true;
        status = check_table(&set->arrays[0], npy_find_word(name, stem, true, &word), error);
    }
    return status;
}

nudge_status npy_file_open(nudge_context *context, const char *path, const char *name,
                           const nudge_data_options *options, nudge_data **data, nudge_error *error) {
    struct npy_set set = {.context = context, .regression = options->regression};
    char *partner = NULL;
    nudge_status status = open_file(&set, path, &partner, error);
    const char *files[2] = {path, partner};
    if (!status) status = read_set(&set, name, files, partner ? 2 : 1, data, error);
    release_set(&set);
    memory_release_text(&context->allocator, partner);
    return status;
}
