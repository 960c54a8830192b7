/* See table_set.h. Tables are read one after the other, the first says what the columns are; then their rows are written
 * out as the network's inputs, or, where these are more than data may take in memory, into a file that is then the set's
 * source (table_cache.h). */
#include "read/table_set.h"

#include "base/background.h"
#include "base/file.h"
#include "base/status.h"
#include "base/text.h"
#include "read/memory_limit.h"
#include "read/table_cache.h"
#include "read/table_format.h"
#include "read/table_spill.h"
#include "table/table.h"
#include "table/table_inputs.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

enum { MOST_TABLES = 3, MOST_COLUMN_REMARKS = 8 };

/* The tables that make a set; the first says what the columns are. */
struct table_set {
    nudge_context *context;
    const nudge_data_options *options;
    struct {
        const char *path;
        struct table *table;
        struct table_spill_file spill;
        int part; /* of all its rows; -1: each has its own */
    } items[MOST_TABLES];
    size_t count;
    size_t limit;                      /* bytes that features may take in memory */
    struct table_cache_key key;        /* of the file for rows that do not fit */
    char *cache;                       /* its path; NULL: there is none */
    bool stays;                        /* it is of use another time */
    struct table_cache_writer *writer; /* rows go there; NULL: into data */
    nudge_data *data;
    unsigned char *validation; /* [data->train.rows] */
    nudge_error *error;
};

/* -- reading tables -- */

/* What memory has room for beside the tables that are there. */
static size_t room_left(const struct table_set *set) {
    size_t left = set->limit;
    for (size_t i = 0; i < set->count; i++) {
        const struct table *table = set->items[i].table;
        size_t bytes = (table->rows - table->spilled_rows) * (table->kept - table->targets) * sizeof(float);
        left -= bytes < left ? bytes : left;
    }
    return left;
}

/* How rows could be kept in a file, where they are not. */
static const char *cache_hint(const struct table_set *set) {
    return set->options->no_cache ? "without --no-cache" : "with --cache FILE, or $HOME set,";
}

static nudge_status read_table(struct table_set *set, const char *path, int part,
                               const nudge_data_options *options, const struct columns *given) {
    struct table_reader *reader = NULL;
    const nudge_allocator *allocator = &set->context->allocator;
    nudge_status status = table_format_open(allocator, path, options, given, &reader, set->error);
    if (status) return status;
    struct table_spill_file *spill = &set->items[set->count].spill;
    table_spill_begin(spill, allocator, set->options->no_cache ? NULL : set->cache,
                      set->options->cache == NULL, room_left(set), cache_hint(set));
    set->items[set->count].path = path;
    set->items[set->count].part = part;
    status = table_read_large(allocator, reader, options, given, &spill->spill, &set->items[set->count].table,
                              set->error);
    reader->close(reader);
    if (status)
        table_spill_end(spill);
    else
        set->count++;
    return status;
}

static void release_tables(struct table_set *set) {
    for (size_t i = 0; i < set->count; i++) {
        table_free(set->items[i].table);
        table_spill_end(&set->items[i].spill);
    }
    set->count = 0;
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
    options.new_targets = false;
    options.test_split = options.validation_split = 0;
    status = read_table(set, path, (int)part, &options, given);
    columns_free(given);
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

static nudge_status make_data(struct table_set *set, const char *name, bool in_source) {
    const struct columns *columns = set->items[0].table->columns;
    struct data_shape shape = table_cache_shape(columns);
    struct data_room train = {rows_in(set, false), in_source}, test = {rows_in(set, true), in_source};
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
    return status;
}

static nudge_status add_files(struct table_set *set) {
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && i < set->key.count; i++)
        if (strcmp(set->key.sources[i].path, "-") != 0)
            status = data_add_file(set->data, set->key.sources[i].path, set->error);
    return status;
}

/* -- rows -- */

/* How a table's cells become a row of the set. */
struct layout {
    struct table_run *runs; /* [table->kept], so many of them: */
    size_t run_count;
    size_t *targets; /* [table->columns->count], the cells of so many targets: */
    size_t target_count;
    float *kept; /* [table->kept], cells for the file */
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
    memory_release(&table->allocator, layout->kept, table->kept * sizeof *layout->kept);
}

static nudge_status layout_make(const struct table *table, struct layout *layout, nudge_error *error) {
    layout->runs = memory_get(&table->allocator, table->kept * sizeof *layout->runs);
    layout->targets = memory_get(&table->allocator, table->columns->count * sizeof *layout->targets);
    layout->kept = memory_get(&table->allocator, table->kept * sizeof *layout->kept);
    if (!layout->runs || !layout->targets || !layout->kept) {
        layout_release(table, layout);
        return error_no_memory(error, table->kept * sizeof *layout->runs, "a table's rows");
    }
    layout->run_count = table_runs(table->columns, table->kept_columns, table->kept, layout->runs);
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

/* Into the block's values, or into the file, in which cells stand as they are. */
static nudge_status write_features(struct table_set *set, const struct layout *layout, const float *cells,
                                   struct data_block *block, size_t row) {
    if (!set->writer) {
        float *inputs = (float *)block->values + row * set->data->features;
        table_expand(layout->runs, layout->run_count, cells, inputs);
        return NUDGE_OK;
    }
    float *to = layout->kept;
    for (size_t i = 0; i < layout->run_count; to += layout->runs[i++].count)
        memcpy(to, cells + layout->runs[i].cell, layout->runs[i].count * sizeof *to);
    return table_cache_add(set->writer, layout->kept, set->error);
}

static nudge_status write_row(struct table_set *set, struct table *table, size_t from,
                              const struct layout *layout, struct data_block *block, size_t row) {
    const float *cells;
    nudge_status status = table_row_at(table, from, &cells, set->error);
    if (status) return status;
    write_targets(set->data, table, layout, cells, block, row);
    if (block->weights) block->weights[row] = table->weights ? table->weights[from] : 1;
    return write_features(set, layout, cells, block, row);
}

/* One table's rows that are test rows, or are not; *to and *id_bytes say how full their block is. */
static nudge_status write_table(struct table_set *set, size_t item, bool test, size_t *to, size_t *id_bytes) {
    struct table *table = set->items[item].table;
    struct data_block *block = test ? &set->data->test : &set->data->train;
    struct layout layout = {0};
    nudge_status status = layout_make(table, &layout, set->error);
    if (status) return status;
    for (size_t r = 0; !status && r < table->rows; r++) {
        nudge_part part = part_of(set, item, r);
        if ((part == NUDGE_PART_TEST) != test) continue;
        if (!test) set->validation[*to] = part == NUDGE_PART_VALIDATION;
        status = write_row(set, table, r, &layout, block, *to);
        if (block->ids) write_id(table, r, block, *to, id_bytes);
        ++*to;
    }
    layout_release(table, &layout);
    return status;
}

/* In the file training and validation rows come before test rows. */
static nudge_status write_tables(struct table_set *set) {
    nudge_status status = NUDGE_OK;
    for (size_t part = 0; part < 2; part++) {
        size_t rows = part ? set->data->test.rows : set->data->train.rows, to = 0, id_bytes = 0;
        for (size_t i = 0; !status && rows > 0 && i < set->count; i++)
            status = write_table(set, i, part == 1, &to, &id_bytes);
    }
    return status;
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

static const char *stand_in(const struct columns *columns, bool unlabelled) {
    static const char *const texts[] = {[NUDGE_MISSING_AUTO] = "the mean stands in",
                                        [NUDGE_MISSING_MEAN] = "the mean stands in",
                                        [NUDGE_MISSING_MEDIAN] = "the median stands in",
                                        [NUDGE_MISSING_ZERO] = "0 stands in"};
    const char *text = (unsigned)columns->missing <= NUDGE_MISSING_ZERO ? texts[columns->missing] : NULL;
    if (!text && unlabelled) return texts[NUDGE_MISSING_MEAN]; /* rows are not dropped, but answered */
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
                        stand_in(table->columns, set->options->unlabelled),
                        column->flag ? ", and one more input says where" : "");
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

/* -- rows in a file -- */

/* The sources' digests, which a thread of its own finds while the tables are read, where they look as if they will not fit. */
struct digesting {
    struct table_cache_key *key;
    struct background *thread; /* NULL: they are found when they are needed */
};

/* One that cannot be read is asked for again later, and told then. */
static void find_digests(void *argument) {
    table_cache_key_digest(((struct digesting *)argument)->key, NULL);
}

static void begin_digests(struct table_set *set, struct digesting *digesting) {
    *digesting = (struct digesting){.key = &set->key};
    uint64_t bytes = 0;
    for (size_t i = 0; i < set->key.count; i++) bytes += set->key.sources[i].size;
    if (!set->cache || !set->stays || bytes <= set->limit) return;
    if (background_create(&set->context->allocator, &digesting->thread, NULL)) return;
    background_start(digesting->thread, find_digests, digesting);
}

static nudge_status remark_on_cache(struct table_set *set, uint64_t bytes) {
    struct remark remark;
    bool small = bytes < 1000000;
    text_append(remark.text, sizeof remark.text, 0, "rows are kept in %s, %llu %s%s", shown(set->cache).text,
                (unsigned long long)(small ? (bytes + 999) / 1000 : (bytes + 500000) / 1000000),
                small ? "KB" : "MB",
                set->stays ? ": --no-cache does without, rm removes it" : ", as long as they are needed");
    return data_add_remark(set->data, remark.text, set->error);
}

/* `damage`: what is told of the file that was there before; "". */
static nudge_status remark_on_damage(struct table_set *set, const char *damage) {
    struct remark remark;
    if (!*damage) return NUDGE_OK;
    text_append(remark.text, sizeof remark.text, 0, "%s: made anew", damage);
    return data_add_remark(set->data, remark.text, set->error);
}

/* The set whose rows are in the file: *found says whether it is there. */
static nudge_status open_cache(struct table_set *set, const char *name, enum table_cache_found *found) {
    nudge_status status = table_cache_open(set->context, set->cache, &set->key, set->limit, name, found,
                                           &set->data, set->error);
    struct table_cache_source file = {.path = set->cache};
    table_cache_look_at(set->cache, &file);
    if (!set->stays) unlink(set->cache);
    if (status || *found != TABLE_CACHE_READ) return status;
    status = remark_on_cache(set, file.size);
    if (!status) status = add_files(set);
    if (!status && set->stays) status = data_add_file(set->data, set->cache, set->error);
    return status;
}

static nudge_status write_cache(struct table_set *set, const char *name, bool given) {
    nudge_status status = make_data(set, name, true);
    if (!status) status = make_remarks(set, given);
    if (!status && !set->options->cache)
        status = table_cache_folders(&set->context->allocator, set->cache, set->error);
    if (!status) status = table_cache_key_digest(&set->key, set->error);
    if (!status) status = table_cache_create(set->cache, &set->key, set->data, &set->writer, set->error);
    if (!status) status = write_tables(set);
    if (!status && !table_cache_key_holds(&set->key))
        status = error_set(set->error, NUDGE_BAD_INPUT, "%s: changed while it was read", shown(name).text);
    if (status)
        table_cache_abandon(set->writer);
    else
        status = table_cache_commit(set->writer, set->validation, set->error);
    set->writer = NULL;
    return status;
}

static void release_data(struct table_set *set) {
    if (set->validation) memory_release(&set->context->allocator, set->validation, set->data->train.rows);
    nudge_data_free(set->data);
    set->validation = NULL;
    set->data = NULL;
}

/* Written, then opened as any other time. */
static nudge_status make_cache(struct table_set *set, const char *name, bool given, const char *damage) {
    enum table_cache_found found = TABLE_CACHE_NONE;
    const struct columns *columns = set->items[0].table->columns;
    nudge_status status = table_cache_check_limit(rows_in(set, false), rows_in(set, true), columns->inputs,
                                                  set->limit, name, set->error);
    if (!status) status = write_cache(set, name, given);
    release_data(set);
    release_tables(set);
    if (!status) status = open_cache(set, name, &found);
    if (!status && found == TABLE_CACHE_READ) return remark_on_damage(set, damage);
    if (!status && found == TABLE_CACHE_DAMAGED) return NUDGE_BAD_INPUT;
    return status ? status
                  : error_set(set->error, NUDGE_IO, "%s: was changed as soon as it was written",
                              shown(set->cache).text);
}

/* -- all of it -- */

static size_t feature_bytes(const struct table_set *set) {
    size_t rows = rows_in(set, false) + rows_in(set, true), bytes;
    bool fits = size_multiply(&bytes, rows, set->items[0].table->columns->inputs) &&
                size_multiply(&bytes, bytes, sizeof(float));
    return fits ? bytes : SIZE_MAX;
}

static nudge_status make_in_memory(struct table_set *set, const char *name, bool given) {
    nudge_status status = make_data(set, name, false);
    if (!status) status = add_files(set);
    if (!status) status = write_tables(set);
    if (!status) status = data_finish(set->data, set->error);
    if (!status && set->validation) status = data_select(set->data, set->validation, set->error);
    return status ? status : make_remarks(set, given);
}

static nudge_status make_set(struct table_set *set, const char *path, const char *name,
                             const struct columns *given) {
    enum table_cache_found found = TABLE_CACHE_NONE;
    nudge_error damage = {0}, *error = set->error;
    nudge_status status = NUDGE_OK;
    set->error = &damage;
    if (set->stays && set->cache) status = open_cache(set, name, &found);
    set->error = error;
    if (status && error) *error = damage;
    if (status || found == TABLE_CACHE_READ) return status;
    struct digesting digesting;
    begin_digests(set, &digesting);
    status = read_table(set, path, -1, set->options, given);
    if (!status) status = read_part(set, set->options->validation_file, NUDGE_PART_VALIDATION);
    if (!status) status = read_part(set, set->options->test_file, NUDGE_PART_TEST);
    if (status) atomic_store(&set->key.stop, true);
    background_free(digesting.thread); /* waits */
    if (status) return status;
    size_t bytes = feature_bytes(set);
    if (bytes <= set->limit) return make_in_memory(set, name, given && !set->options->new_targets);
    if (!set->cache)
        return error_set(set->error, NUDGE_NO_MEMORY,
                         "%s: its features take %zu bytes, data may take %zu: %s its rows are kept in a file "
                         "and read as they are needed",
                         shown(name).text, bytes, set->limit, cache_hint(set));
    return make_cache(set, name, given && !set->options->new_targets,
                      found == TABLE_CACHE_DAMAGED ? damage.message : "");
}

/* Where rows go that do not fit. Nobody's file: a pipe's, who could not be asked whether they are still the same. */
static nudge_status begin_cache(struct table_set *set, const char *path, const struct columns *given) {
    const nudge_data_options *options = set->options;
    const nudge_allocator *allocator = &set->context->allocator;
    const char *paths[MOST_TABLES] = {path};
    size_t count = 1;
    if (options->validation_file) paths[count++] = options->validation_file;
    if (options->test_file) paths[count++] = options->test_file;
    set->limit = set->context->data_memory ? set->context->data_memory : memory_limit() / 2;
    nudge_status status =
        table_cache_key_make(allocator, paths, count, options, given, &set->key, set->error);
    if (status) return status;
    set->stays = set->key.regular;
    if (options->no_cache) return NUDGE_OK;
    set->cache =
        options->cache ? memory_copy_text(allocator, options->cache) : table_cache_path(allocator, &set->key);
    return options->cache && !set->cache
               ? error_no_memory(set->error, strlen(options->cache), "a file's name")
               : NUDGE_OK;
}

nudge_status table_set_open(nudge_context *context, const char *path, const char *name,
                            const nudge_data_options *options, const struct columns *given, nudge_data **data,
                            nudge_error *error) {
    struct table_set set = {.context = context, .options = options, .error = error};
    nudge_status status = begin_cache(&set, path, given);
    if (status) {
        table_cache_key_release(&set.key);
        return status;
    }
    status = make_set(&set, path, name, given);
    if (set.validation) memory_release(&context->allocator, set.validation, set.data->train.rows);
    set.validation = NULL;
    if (status)
        release_data(&set);
    else
        *data = set.data;
    release_tables(&set);
    memory_release_text(&context->allocator, set.cache);
    table_cache_key_release(&set.key);
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
