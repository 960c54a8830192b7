/* See table_set.h. Tables are read one after the other, the first says what the columns are; then their rows are written
 * out as the network's inputs. */
#include "read/table_set.h"

#include "base/file.h"
#include "base/status.h"
#include "base/text.h"
#include "data/table.h"
#include "read/table_format.h"

#include <dirent.h>
#include <string.h>

enum { MOST_TABLES = 3, MOST_COLUMN_REMARKS = 8 };

/* The tables that make a set; the first says what the columns are. */
struct table_set {
    nudge_context *context;
    const nudge_data_options *options;
    struct {
        const char *path;
        struct table *table;
        int part; /* of all its rows; -1: each has its own */
    } items[MOST_TABLES];
    size_t count;
    nudge_data *data;
    unsigned char *validation; /* [data->train.rows] */
    nudge_error *error;
};

/* -- reading tables -- */

static nudge_status read_table(struct table_set *set, const char *path, int part,
                               const nudge_data_options *options, const struct columns *given) {
    struct table_reader *reader = NULL;
    nudge_status status =
        table_format_open(&set->context->allocator, path, options, given, &reader, set->error);
    if (status) return status;
    set->items[set->count].path = path;
    set->items[set->count].part = part;
    status = table_read(&set->context->allocator, reader, options, given, &set->items[set->count].table,
                        set->error);
    reader->close(reader);
    if (!status) set->count++;
    return status;
}

/* A file of one part: columns are those of the first table, which alone may be divided. */
static nudge_status read_part(struct table_set *set, const char *path, nudge_part part) {
    nudge_data_options options = *set->options;
    struct columns *given = NULL;
    const struct table *first = set->items[0].table;
    if (!path) return NUDGE_OK;
    for (size_t r = 0; r < first->rows; r++)
        if (first->parts[r] == part)
            return error_set(set->error, NUDGE_BAD_ARGUMENT,
                             "%s: the %s part is a file, and some of %s, too: expected one", shown(path).text,
                             data_part_name(part), shown(set->items[0].path).text);
    nudge_status status = columns_copy(&set->context->allocator, first->columns, &given, set->error);
    if (status) return status;
    for (size_t c = 0; c < given->count; c++)
        if (given->items[c].role == NUDGE_COLUMN_SPLIT) given->items[c].role = NUDGE_COLUMN_IGNORED;
    options.split = options.id = options.weight = NULL;
    options.test_split = options.validation_split = 0;
    status = read_table(set, path, (int)part, &options, given);
    columns_free(given);
    return status;
}

static nudge_status read_tables(struct table_set *set, const char *path, const struct columns *given) {
    nudge_status status = read_table(set, path, -1, set->options, given);
    if (!status) status = read_part(set, set->options->validation_file, NUDGE_PART_VALIDATION);
    if (!status) status = read_part(set, set->options->test_file, NUDGE_PART_TEST);
    return status;
}

/* -- room -- */

static nudge_part part_of(const struct table_set *set, size_t item, size_t row) {
    int part = set->items[item].part;
    return part >= 0 ? (nudge_part)part : (nudge_part)set->items[item].table->parts[row];
}

static size_t rows_in(const struct table_set *set, bool test) {
    size_t rows = 0;
    for (size_t i = 0; i < set->count; i++)
        for (size_t r = 0; r < set->items[i].table->rows; r++)
            rows += (part_of(set, i, r) == NUDGE_PART_TEST) == test;
    return rows;
}

static struct data_shape shape_of(const struct columns *columns) {
    struct data_shape shape = {.type = NUDGE_TYPE_F32, .features = columns->inputs};
    for (size_t c = 0; c < columns->count; c++) {
        const struct column *column = &columns->items[c];
        if (column->role != NUDGE_COLUMN_TARGET) continue;
        if (column->kind == NUDGE_COLUMN_CATEGORY)
            shape.classes = column->category_count;
        else
            shape.target_columns++;
    }
    return shape;
}

/* What rows may have beside their numbers: weights, names. */
static nudge_status make_extras(struct table_set *set, struct data_block *block, bool test) {
    const nudge_allocator *allocator = &set->context->allocator;
    bool weights = false, ids = false;
    size_t bytes = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct table *table = set->items[i].table;
        weights |= table->weights != NULL;
        for (size_t r = 0; r < table->rows; r++)
            if ((part_of(set, i, r) == NUDGE_PART_TEST) == test) {
                const char *id = table_id(table, r);
                ids |= id != NULL;
                bytes += id ? strlen(id) + 1 : 1;
            }
    }
    if (weights) block->weights = memory_get(allocator, block->rows * sizeof *block->weights);
    if (ids) block->ids = memory_get(allocator, bytes);
    if (block->ids) block->id_bytes = bytes;
    if (ids) block->id_places = memory_get(allocator, block->rows * sizeof *block->id_places);
    if ((weights && !block->weights) || (ids && (!block->ids || !block->id_places)))
        return error_no_memory(set->error, bytes, "the rows' names");
    return NUDGE_OK;
}

/* Whether rows are to be predicted: then nothing can be trained on them, or measured. */
static bool lacks_targets(const struct table_set *set) {
    bool lacks = false;
    for (size_t i = 0; set->options->unlabelled && i < set->count; i++) {
        const struct table *table = set->items[i].table;
        size_t targets = 0;
        for (size_t c = 0; c < table->columns->count; c++)
            targets += table->columns->items[c].role == NUDGE_COLUMN_TARGET;
        lacks |= table->without_target > 0 || table->targets < targets;
    }
    return lacks;
}

static nudge_status make_data(struct table_set *set, const char *name) {
    const struct columns *columns = set->items[0].table->columns;
    struct data_shape shape = shape_of(columns);
    struct data_room train = {rows_in(set, false), false}, test = {rows_in(set, true), false};
    nudge_status status =
        data_allocate(set->context, &shape, train, test, shown(name).text, &set->data, set->error);
    if (status) return status;
    set->data->test_share = set->items[0].table->test_share;
    set->data->unlabelled = lacks_targets(set);
    status = columns_copy(&set->context->allocator, columns, &set->data->columns, set->error);
    if (!status && train.rows) {
        set->validation = memory_get(&set->context->allocator, train.rows);
        if (!set->validation) status = error_no_memory(set->error, train.rows, "the validation part");
    }
    if (!status && train.rows) status = make_extras(set, &set->data->train, false);
    if (!status && test.rows) status = make_extras(set, &set->data->test, true);
    for (size_t i = 0; !status && i < set->count; i++)
        if (strcmp(set->items[i].path, "-") != 0)
            status = data_add_file(set->data, set->items[i].path, set->error);
    return status;
}

/* -- rows -- */

/* Features side by side: numbers without flags, which are copied, or one of another kind. */
struct run {
    size_t cell, first, count;
    const struct column *column; /* NULL: numbers */
};

/* runs[table->kept]; returns how many there are. */
static size_t find_runs(const struct table *table, struct run *runs) {
    size_t count = 0;
    for (size_t k = 0; k < table->kept; k++) {
        const struct column *column = &table->columns->items[table->kept_columns[k]];
        bool plain = column->kind == NUDGE_COLUMN_NUMBER && !column->flag;
        struct run *last = count ? &runs[count - 1] : NULL;
        if (column->inputs == 0) continue;
        if (plain && last && !last->column && last->cell + last->count == k &&
            last->first + last->count == column->first)
            last->count++;
        else
            runs[count++] = (struct run){k, column->first, 1, plain ? NULL : column};
    }
    return count;
}

static void write_feature(const struct column *column, float cell, float *inputs) {
    if (column->kind == NUDGE_COLUMN_NUMBER) {
        inputs[0] = cell;
        inputs[1] = cell != cell; /* its flag */
        return;
    }
    memset(inputs, 0, column->inputs * sizeof *inputs);
    if (cell >= 0) inputs[(size_t)cell] = 1;
}

/* How a table's cells become a row of the set. */
struct layout {
    struct run *runs; /* [table->kept], so many of them: */
    size_t run_count;
    size_t *targets; /* [table->columns->count], the cells of so many targets: */
    size_t target_count;
};

/* A target that the table lacks has the cell `table->kept`. */
static void find_targets(const struct table *table, struct layout *layout) {
    const struct columns *columns = table->columns;
    layout->target_count = 0;
    for (size_t c = 0, k = 0; c < columns->count; c++) {
        bool kept = k < table->kept && table->kept_columns[k] == c;
        if (columns->items[c].role == NUDGE_COLUMN_TARGET)
            layout->targets[layout->target_count++] = kept ? k : table->kept;
        k += kept;
    }
}

static void layout_release(const struct table *table, struct layout *layout) {
    memory_release(&table->allocator, layout->runs, table->kept * sizeof *layout->runs);
    memory_release(&table->allocator, layout->targets, table->columns->count * sizeof *layout->targets);
}

static nudge_status layout_make(const struct table *table, struct layout *layout, nudge_error *error) {
    layout->runs = memory_get(&table->allocator, table->kept * sizeof *layout->runs);
    layout->targets = memory_get(&table->allocator, table->columns->count * sizeof *layout->targets);
    if (!layout->runs || !layout->targets) {
        layout_release(table, layout);
        return error_no_memory(error, table->kept * sizeof *layout->runs, "a table's rows");
    }
    layout->run_count = find_runs(table, layout->runs);
    find_targets(table, layout);
    return NUDGE_OK;
}

static void write_targets(const nudge_data *data, const struct table *table, const struct layout *layout,
                          const float *cells, struct data_block *block, size_t row) {
    for (size_t j = 0; j < layout->target_count; j++) {
        size_t k = layout->targets[j];
        float cell = k < table->kept ? cells[k] : __builtin_nanf("");
        if (data->classes)
            block->labels[row] = cell >= 0 ? (int32_t)cell : -1;
        else
            block->targets[row * data->target_columns + j] = cell;
    }
}

static void write_id(const struct table *table, size_t from, struct data_block *block, size_t row,
                     size_t *id_bytes) {
    const char *id = table_id(table, from) ? table_id(table, from) : "";
    size_t length = strlen(id) + 1;
    memcpy(block->ids + *id_bytes, id, length);
    block->id_places[row] = *id_bytes;
    *id_bytes += length;
}

static void write_row(const nudge_data *data, const struct table *table, size_t from,
                      const struct layout *layout, struct data_block *block, size_t row) {
    const float *cells = table_row_cells(table, from);
    float *inputs = (float *)block->values + row * data->features;
    for (size_t i = 0; i < layout->run_count; i++) {
        const struct run *run = &layout->runs[i];
        if (run->column)
            write_feature(run->column, cells[run->cell], inputs + run->first);
        else
            memcpy(inputs + run->first, cells + run->cell, run->count * sizeof *inputs);
    }
    write_targets(data, table, layout, cells, block, row);
    if (block->weights) block->weights[row] = table->weights ? table->weights[from] : 1;
}

/* Of one table; `to` and `id_bytes` say how full the blocks are, training and test. */
static nudge_status write_table(struct table_set *set, size_t item, size_t to[2], size_t id_bytes[2]) {
    nudge_data *data = set->data;
    const struct table *table = set->items[item].table;
    struct layout layout = {0};
    nudge_status status = layout_make(table, &layout, set->error);
    if (status) return status;
    for (size_t r = 0; r < table->rows; r++) {
        nudge_part part = part_of(set, item, r);
        bool test = part == NUDGE_PART_TEST;
        struct data_block *block = test ? &data->test : &data->train;
        if (!test) set->validation[to[0]] = part == NUDGE_PART_VALIDATION;
        write_row(data, table, r, &layout, block, to[test]);
        if (block->ids) write_id(table, r, block, to[test], &id_bytes[test]);
        to[test]++;
    }
    layout_release(table, &layout);
    return NUDGE_OK;
}

/* -- remarks -- */

struct remark {
    char text[512];
};

static nudge_status remark_on_target(struct table_set *set, const struct column *column) {
    static const char *const found[] = {"", " (by its name)", " (the last column)"};
    struct remark remark;
    struct shown_text name = shown(column->name);
    const char *how = found[set->items[0].table->target_found];
    if (column->kind == NUDGE_COLUMN_CATEGORY)
        text_append(remark.text, sizeof remark.text, 0, "target: %s%s: %zu classes", name.text, how,
                    column->category_count);
    else
        text_append(remark.text, sizeof remark.text, 0, "target: %s%s: numbers", name.text, how);
    return data_add_remark(set->data, remark.text, set->error);
}

static const char *stand_in(const struct columns *columns) {
    static const char *const texts[] = {[NUDGE_MISSING_AUTO] = "the mean stands in",
                                        [NUDGE_MISSING_MEAN] = "the mean stands in",
                                        [NUDGE_MISSING_MEDIAN] = "the median stands in",
                                        [NUDGE_MISSING_ZERO] = "0 stands in"};
    const char *text = (unsigned)columns->missing <= NUDGE_MISSING_ZERO ? texts[columns->missing] : NULL;
    return text ? text : "none is left";
}

/* Of one column of one table; *said counts. `file`: which table, "" for the first. */
static nudge_status remark_on_column(struct table_set *set, const struct table *table, size_t c,
                                     const char *file, size_t *said) {
    const struct column *column = &table->columns->items[c];
    const struct table_note *note = &table->notes[c];
    struct shown_text name = shown(column->name);
    struct remark remark;
    nudge_status status = NUDGE_OK;
    if (note->missing && (*said)++ < MOST_COLUMN_REMARKS) {
        size_t used = text_append(remark.text, sizeof remark.text, 0, "%s%s: ", file, name.text);
        if (column->role == NUDGE_COLUMN_IGNORED)
            text_append(remark.text, sizeof remark.text, used, "no training row has a number: left out");
        else
            text_append(remark.text, sizeof remark.text, used, "%llu of %zu values %s missing: %s%s",
                        (unsigned long long)note->missing, table->rows, note->missing == 1 ? "is" : "are",
                        stand_in(table->columns), column->flag ? ", and one more input says where" : "");
        status = data_add_remark(set->data, remark.text, set->error);
    }
    if (!status && note->unknown && (*said)++ < MOST_COLUMN_REMARKS) {
        text_append(
            remark.text, sizeof remark.text, 0,
            "%s%s: %llu value%s that no training row has (the first: \"%s\"): none of its inputs is 1 there",
            file, name.text, (unsigned long long)note->unknown, note->unknown == 1 ? "" : "s", note->example);
        status = data_add_remark(set->data, remark.text, set->error);
    }
    return status;
}

static nudge_status remark_on_rows(struct table_set *set, const struct table *table, const char *file) {
    struct remark remark;
    nudge_status status = NUDGE_OK;
    if (table->without_target) {
        text_append(remark.text, sizeof remark.text, 0, "%s%zu row%s no target: %s", file,
                    table->without_target, table->without_target == 1 ? " has" : "s have",
                    set->options->unlabelled ? "to be predicted" : "left out");
        status = data_add_remark(set->data, remark.text, set->error);
    }
    if (!status && table->dropped) {
        text_append(remark.text, sizeof remark.text, 0, "%s%zu row%s a missing number: left out", file,
                    table->dropped, table->dropped == 1 ? " has" : "s have");
        status = data_add_remark(set->data, remark.text, set->error);
    }
    return status;
}

static nudge_status remark_on_table(struct table_set *set, size_t i) {
    const struct table *table = set->items[i].table;
    char file[232] = {0};
    size_t said = 0;
    if (i > 0) text_append(file, sizeof file, 0, "%s: ", shown(file_path_name(set->items[i].path)).text);
    nudge_status status = remark_on_rows(set, table, file);
    for (size_t c = 0; !status && c < table->columns->count; c++)
        status = remark_on_column(set, table, c, file, &said);
    if (status || said <= MOST_COLUMN_REMARKS) return status;
    struct remark remark;
    text_append(remark.text, sizeof remark.text, 0, "%s%zu more column%s missing or unknown values", file,
                said - MOST_COLUMN_REMARKS, said - MOST_COLUMN_REMARKS == 1 ? " has" : "s have");
    return data_add_remark(set->data, remark.text, set->error);
}

static nudge_status make_remarks(struct table_set *set, bool given) {
    const struct columns *columns = set->items[0].table->columns;
    nudge_status status = NUDGE_OK;
    for (size_t c = 0; !status && !given && c < columns->count; c++)
        if (columns->items[c].role == NUDGE_COLUMN_TARGET) status = remark_on_target(set, &columns->items[c]);
    for (size_t i = 0; !status && i < set->count; i++) status = remark_on_table(set, i);
    return status;
}

/* -- all of it -- */

static nudge_status make_set(struct table_set *set, const char *path, const char *name,
                             const struct columns *given) {
    nudge_status status = read_tables(set, path, given);
    if (!status) status = make_data(set, name);
    size_t to[2] = {0}, id_bytes[2] = {0};
    for (size_t i = 0; !status && i < set->count; i++) status = write_table(set, i, to, id_bytes);
    if (!status) status = data_finish(set->data, set->error);
    if (!status && set->validation) status = data_select(set->data, set->validation, set->error);
    return status ? status : make_remarks(set, given != NULL);
}

nudge_status table_set_open(nudge_context *context, const char *path, const char *name,
                            const nudge_data_options *options, const struct columns *given, nudge_data **data,
                            nudge_error *error) {
    struct table_set set = {.context = context, .options = options, .error = error};
    nudge_status status = make_set(&set, path, name, given);
    if (set.validation) memory_release(&context->allocator, set.validation, set.data->train.rows);
    for (size_t i = 0; i < set.count; i++) table_free(set.items[i].table);
    if (status)
        nudge_data_free(set.data);
    else
        *data = set.data;
    return status;
}

/* -- folders -- */

/* Whether the file is a table that is called `word`. */
static bool is_called(const char *file_name, const char *word) {
    size_t length = strlen(word);
    return strncmp(file_name, word, length) == 0 && file_name[length] == '.' &&
           table_format_claims(file_name);
}

/* The path of the folder's table `word`, plain or packed; NULL: there is none, or no memory. */
static char *find_table(const nudge_allocator *allocator, const char *folder, const char *word) {
    DIR *entries = opendir(folder);
    char *path = NULL;
    if (!entries) return NULL;
    for (struct dirent *entry; (entry = readdir(entries));) {
        /* Of two, the one that the alphabet has first: the plain one before the packed one. */
        if (!is_called(entry->d_name, word)) continue;
        if (path && strcmp(file_path_name(path), entry->d_name) <= 0) continue;
        memory_release_text(allocator, path);
        path = file_path_join(allocator, folder, entry->d_name);
        if (!path) break;
    }
    closedir(entries);
    return path;
}

bool table_folder_holds(const char *folder) {
    DIR *entries = opendir(folder);
    bool holds = false;
    if (!entries) return false;
    for (struct dirent *entry; !holds && (entry = readdir(entries));)
        holds = is_called(entry->d_name, "train");
    closedir(entries);
    return holds;
}

nudge_status table_folder_open(nudge_context *context, const char *folder, const char *name,
                               const nudge_data_options *options, const struct columns *given,
                               nudge_data **data, nudge_error *error) {
    const nudge_allocator *allocator = &context->allocator;
    nudge_data_options chosen = *options;
    char *train = find_table(allocator, folder, "train"), *test = find_table(allocator, folder, "test"),
         *validation = find_table(allocator, folder, "validation");
    if (!validation) validation = find_table(allocator, folder, "val");
    if (!chosen.test_file) chosen.test_file = test;
    if (!chosen.validation_file) chosen.validation_file = validation;
    nudge_status status =
        train ? table_set_open(context, train, name, &chosen, given, data, error)
              : error_set(error, NUDGE_BAD_INPUT, "%s: the folder has no table train.csv or the like",
                          shown(folder).text);
    memory_release_text(allocator, train);
    memory_release_text(allocator, test);
    memory_release_text(allocator, validation);
    return status;
}
