/* Opening a table's cache file: see table_cache.h. Nothing is believed: sizes are held against the file's, sums against the
 * bytes, and what the rows say is checked where they are read. */
#include "base/context.h"
#include "base/file.h"
#include "base/status.h"
#include "data/feed.h"
#include "read/table_cache.h"
#include "read/table_cache_file.h"
#include "read/table_cache_rows.h"

#include <string.h>
#include <zlib.h>

struct opening {
    nudge_context *context;
    const char *path, *name;
    const struct table_cache_key *key;
    size_t limit;
    enum table_cache_found found;
    struct file_reader file;
    unsigned char *header; /* [header_size] */
    size_t header_size;
    struct columns *columns;
    bool unlabelled, weights[2];
    double test_share;
    size_t rows[2], id_bytes[2], width;
    const char *remarks; /* in the header */
    size_t remark_count;
    uint64_t rows_at, trailer_at; /* bytes of the file */
    uint32_t *sums;
    size_t blocks;
    uLong sum; /* of the trailer so far */
    nudge_data *data;
    nudge_error *error;
};

/* The file is damaged: what follows is the sentence. */
#define damaged(opening, ...)                                                                                \
    ((opening)->found = TABLE_CACHE_DAMAGED, error_set((opening)->error, NUDGE_BAD_INPUT, __VA_ARGS__))

static nudge_status refuse_cache(struct opening *opening, const char *what) {
    return damaged(opening, "%s: %s", shown(opening->path).text, what);
}

/* -- the start and the header -- */

bool table_cache_is_foreign(const char *path) {
    struct file_reader file;
    char start[sizeof CACHE_MAGIC - 1];
    size_t got = 0;
    if (!file_exists(path)) return false;
    if (file_reader_open(&file, path, NULL)) return true;
    bool read = !file_reader_read(&file, start, sizeof start, &got, NULL);
    file_reader_close(&file);
    return !read || (got > 0 && (got < sizeof start || memcmp(start, CACHE_MAGIC, sizeof start) != 0));
}

static nudge_status read_exactly(struct opening *opening, void *bytes, size_t count) {
    size_t got;
    nudge_status status = file_reader_read(&opening->file, bytes, count, &got, opening->error);
    if (status || got == count) return status;
    return refuse_cache(opening, "is cut short");
}

static nudge_status read_header(struct opening *opening) {
    unsigned char start[CACHE_START];
    nudge_status status = read_exactly(opening, start, sizeof start);
    if (status) return status;
    uint64_t size = little_endian(start + 16, 8), sum = little_endian(start + 24, 8);
    if (memcmp(start, CACHE_MAGIC, sizeof CACHE_MAGIC - 1) != 0)
        return refuse_cache(opening, "begins otherwise");
    if (opening->file.size < CACHE_START || size > opening->file.size - CACHE_START)
        return refuse_cache(opening, "is cut short");
    opening->header_size = (size_t)size;
    opening->header = memory_get(&opening->context->allocator, opening->header_size);
    if (!opening->header) return error_no_memory(opening->error, opening->header_size, opening->name);
    status = read_exactly(opening, opening->header, opening->header_size);
    if (!status && crc32_z(crc32(0, NULL, 0), opening->header, opening->header_size) != sum)
        return refuse_cache(opening, "its header is damaged, by its sum");
    return status;
}

/* The key is the same, and the sources are: by size and time, or, where only the time differs, by their bytes. */
static nudge_status check_key(struct opening *opening, struct record_reader *reader) {
    const struct table_cache_key *key = opening->key;
    size_t size = (size_t)record_take_number(reader, reader->left);
    const void *bytes = record_take(reader, size);
    size_t count = (size_t)record_take_number(reader, TABLE_CACHE_SOURCES);
    bool same = !key || (bytes && size == key->bytes.used && memcmp(bytes, key->bytes.bytes, size) == 0 &&
                         key->count == count);
    for (size_t i = 0; i < count; i++) {
        uint64_t length = record_take_number(reader, UINT64_MAX),
                 changed = record_take_number(reader, UINT64_MAX);
        const unsigned char *digest = record_take(reader, SHA256_DIGEST_SIZE);
        same = same && digest && (!key || length == key->sources[i].size);
        if (!key || !same || changed == key->sources[i].changed) continue;
        unsigned char now[SHA256_DIGEST_SIZE];
        nudge_status status = table_cache_digest(key->sources[i].path, NULL, now, opening->error);
        if (status) return status;
        same = memcmp(now, digest, sizeof now) == 0;
    }
    if (!same) opening->found = TABLE_CACHE_NONE;
    return NUDGE_OK;
}

static void take_sizes(struct opening *opening, struct record_reader *reader) {
    uint64_t most = opening->file.size;
    opening->unlabelled = record_take_number(reader, 1) != 0;
    opening->test_share = record_take_share(reader);
    for (size_t i = 0; i < 2; i++) {
        opening->rows[i] = (size_t)record_take_number(reader, most < UINT32_MAX ? most : UINT32_MAX);
        opening->weights[i] = record_take_number(reader, 1) != 0;
        opening->id_bytes[i] = (size_t)record_take_number(reader, most);
    }
    opening->remark_count = (size_t)record_take_number(reader, reader->left / 9);
    opening->remarks = (const char *)reader->at;
    for (size_t i = 0; i < opening->remark_count; i++) record_take_text(reader);
}

/* Columns that a set can have. */
static bool columns_fit(const struct columns *columns) {
    struct data_shape shape = table_cache_shape(columns);
    bool fits = columns->inputs > 0;
    for (size_t c = 0; c < columns->count; c++) {
        const struct column *column = &columns->items[c];
        if (column->role == NUDGE_COLUMN_TARGET && column->kind == NUDGE_COLUMN_CATEGORY)
            fits &= column->category_count > 0 && shape.target_columns == 0;
    }
    return fits && (shape.classes > 0 || shape.target_columns > 0);
}

/* *size += rows * each; false: no file is so large. */
static bool add_size(uint64_t *size, uint64_t rows, uint64_t each) {
    uint64_t bytes;
    return !__builtin_mul_overflow(rows, each, &bytes) && !__builtin_add_overflow(*size, bytes, size);
}

/* The file has the bytes that its header says, no more and no less. */
static bool has_size(struct opening *opening) {
    struct data_shape shape = table_cache_shape(opening->columns);
    uint64_t size = size_round_up(CACHE_START + opening->header_size, CACHE_ALIGNMENT);
    uint64_t row = opening->width * sizeof(float), target = 4 * (shape.classes ? 1 : shape.target_columns);
    bool fits = opening->rows[0] + opening->rows[1] > 0;
    opening->rows_at = size;
    for (size_t i = 0; i < 2; i++) fits = fits && add_size(&size, opening->rows[i], row);
    opening->trailer_at = size;
    for (size_t i = 0; fits && i < 2; i++) {
        opening->blocks += table_cache_blocks(opening->rows[i], opening->width);
        fits = add_size(&size, opening->rows[i], target + (opening->weights[i] ? 4 : 0)) &&
               add_size(&size, opening->id_bytes[i], 1);
    }
    return fits && add_size(&size, opening->blocks, CACHE_SUM) && add_size(&size, opening->rows[0], 1) &&
           add_size(&size, 1, CACHE_SUM) && size == opening->file.size;
}

static nudge_status take_header(struct opening *opening) {
    struct record_reader reader = {opening->header, opening->header_size, false};
    nudge_status status = check_key(opening, &reader);
    if (status || opening->found == TABLE_CACHE_NONE) return status;
    status =
        table_cache_take_columns(&reader, &opening->context->allocator, &opening->columns, opening->error);
    if (status) return status;
    take_sizes(opening, &reader);
    if (reader.bad || reader.left > 0 || !columns_fit(opening->columns))
        return refuse_cache(opening, "its header is not as nudge writes it");
    opening->width = table_cache_width(opening->columns);
    if (!has_size(opening)) return refuse_cache(opening, "has not the size that its header says");
    uint64_t features = 0;
    if (opening->limit == 0) return NUDGE_OK;
    if (add_size(&features, (uint64_t)opening->rows[0] + opening->rows[1], opening->columns->inputs * 4) &&
        features <= opening->limit) {
        opening->found = TABLE_CACHE_SMALL;
        return NUDGE_OK;
    }
    return table_cache_check_limit(opening->rows[0], opening->rows[1], opening->columns->inputs,
                                   opening->limit, opening->name, opening->error);
}

nudge_status table_cache_check_limit(size_t train_rows, size_t test_rows, size_t features, size_t limit,
                                     const char *name, nudge_error *error) {
    size_t row = features * sizeof(float), most = test_rows > train_rows ? test_rows : train_rows,
           order = feed_memory(most, row, FEED_WINDOW_IN_ORDER),
           ahead = feed_memory(train_rows, row, FEED_WINDOW_SHUFFLED), both;
    if (!size_add(&both, order, train_rows ? ahead : 0)) both = SIZE_MAX;
    if (both <= limit) return NUDGE_OK;
    return error_set(
        error, NUDGE_NO_MEMORY,
        "%s: data may take %zu bytes, expected at least %zu to read its rows from a file as they are "
        "needed",
        shown(name).text, limit, both);
}

/* -- the trailer -- */

static nudge_status read_trailer(struct opening *opening, void *bytes, size_t count) {
    nudge_status status = read_exactly(opening, bytes, count);
    if (!status) opening->sum = crc32_z(opening->sum, bytes, count);
    return status;
}

static nudge_status read_words(struct opening *opening, void *words, size_t count) {
    nudge_status status = read_trailer(opening, words, 4 * count);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (size_t i = 0; i < count; i++) {
        uint32_t word = (uint32_t)little_endian((unsigned char *)words + 4 * i, 4);
        memcpy((char *)words + 4 * i, &word, sizeof word);
    }
#endif
    return status;
}

/* Names are as many as rows. */
static bool place_ids(struct data_block *block) {
    size_t row = 0;
    for (size_t i = 0, begin = 0; i < block->id_bytes; i++) {
        if (block->ids[i]) continue;
        if (row == block->rows) return false;
        block->id_places[row++] = begin;
        begin = i + 1;
    }
    return row == block->rows && block->ids[block->id_bytes - 1] == 0;
}

static nudge_status read_ids(struct opening *opening, struct data_block *block, size_t bytes) {
    const nudge_allocator *allocator = &opening->context->allocator;
    block->ids = memory_get(allocator, bytes);
    if (block->ids) block->id_bytes = bytes;
    block->id_places = memory_get(allocator, block->rows * sizeof *block->id_places);
    if (!block->ids || !block->id_places) return error_no_memory(opening->error, bytes, "the rows' names");
    nudge_status status = read_trailer(opening, block->ids, bytes);
    return status || place_ids(block) ? status
                                      : refuse_cache(opening, "its rows' names are not as many as its rows");
}

static nudge_status read_block(struct opening *opening, size_t part) {
    nudge_data *data = opening->data;
    struct data_block *block = part ? &data->test : &data->train;
    if (block->rows == 0) return NUDGE_OK;
    nudge_status status = block->labels
                              ? read_words(opening, block->labels, block->rows)
                              : read_words(opening, block->targets, block->rows * data->target_columns);
    if (!status && opening->weights[part]) {
        size_t bytes = block->rows * sizeof *block->weights;
        block->weights = memory_get(&opening->context->allocator, bytes);
        if (!block->weights) return error_no_memory(opening->error, bytes, "the rows' weights");
        status = read_words(opening, block->weights, block->rows);
        for (size_t i = 0; !status && i < block->rows; i++)
            if (!(block->weights[i] >= 0 && block->weights[i] - block->weights[i] == 0))
                return refuse_cache(opening, "has a weight that is none");
    }
    if (!status && opening->id_bytes[part]) status = read_ids(opening, block, opening->id_bytes[part]);
    return status;
}

static nudge_status check_trailer(struct opening *opening) {
    unsigned char sum[CACHE_SUM];
    nudge_status status = read_exactly(opening, sum, sizeof sum);
    if (!status && little_endian(sum, sizeof sum) != opening->sum)
        return refuse_cache(opening, "its end is damaged, by its sum");
    return status;
}

/* -- the set -- */

static nudge_status make_data(struct opening *opening) {
    struct data_shape shape = table_cache_shape(opening->columns);
    struct data_room train = {opening->rows[0], true}, test = {opening->rows[1], true};
    nudge_status status = data_allocate(opening->context, &shape, train, test, shown(opening->name).text,
                                        &opening->data, opening->error);
    if (status == NUDGE_BAD_INPUT) opening->found = TABLE_CACHE_DAMAGED;
    if (status) return status;
    opening->data->unlabelled = opening->unlabelled;
    opening->data->test_share = opening->test_share;
    opening->data->columns = opening->columns;
    opening->columns = NULL;
    struct record_reader remarks = {
        (const unsigned char *)opening->remarks,
        (size_t)(opening->header + opening->header_size - (const unsigned char *)opening->remarks), false};
    for (size_t i = 0; !status && i < opening->remark_count; i++)
        status = data_add_remark(opening->data, record_take_text(&remarks), opening->error);
    return status;
}

static nudge_status make_sources(struct opening *opening) {
    struct data_source *sources[2];
    uint32_t *sums = opening->sums;
    opening->sums = NULL; /* theirs */
    nudge_status status =
        table_cache_sources(&opening->context->allocator, &opening->file, opening->rows_at,
                            opening->data->columns, opening->rows, sums, sources, opening->error);
    if (status) return status;
    opening->data->train.source = sources[0];
    opening->data->test.source = sources[1];
    return NUDGE_OK;
}

/* Reads all rows; what is found wrong there is damage. */
static nudge_status finish_data(struct opening *opening, const unsigned char *validation) {
    nudge_status status = make_sources(opening);
    if (!status) {
        status = data_finish(opening->data, opening->error);
        if (status == NUDGE_BAD_INPUT) opening->found = TABLE_CACHE_DAMAGED;
    }
    if (!status && opening->rows[0]) status = data_select(opening->data, validation, opening->error);
    return status;
}

static nudge_status read_set(struct opening *opening) {
    const nudge_allocator *allocator = &opening->context->allocator;
    size_t rows = opening->rows[0];
    opening->sums = memory_get(allocator, opening->blocks * sizeof *opening->sums);
    unsigned char *validation = memory_get(allocator, rows);
    nudge_status status = opening->sums && validation
                              ? file_reader_seek(&opening->file, opening->trailer_at, opening->error)
                              : error_no_memory(opening->error, rows, "a table's parts");
    opening->sum = crc32(0, NULL, 0);
    if (!status) status = make_data(opening);
    if (!status) status = read_words(opening, opening->sums, opening->blocks);
    for (size_t i = 0; !status && i < 2; i++) status = read_block(opening, i);
    if (!status && rows) status = read_trailer(opening, validation, rows);
    if (!status) status = check_trailer(opening);
    if (!status) status = finish_data(opening, validation);
    memory_release(allocator, validation, rows);
    return status;
}

static nudge_status open_all(struct opening *opening) {
    nudge_status status = file_reader_open(&opening->file, opening->path, opening->error);
    if (status) return status;
    status = read_header(opening);
    if (!status) status = take_header(opening);
    if (!status && opening->found == TABLE_CACHE_READ) status = read_set(opening);
    file_reader_close(&opening->file);
    return status;
}

nudge_status table_cache_open(nudge_context *context, const char *path, const struct table_cache_key *key,
                              size_t limit, const char *name, enum table_cache_found *found,
                              nudge_data **data, nudge_error *error) {
    const nudge_allocator *allocator = &context->allocator;
    struct opening opening = {.context = context,
                              .path = path,
                              .name = name,
                              .key = key,
                              .limit = limit,
                              .found = TABLE_CACHE_READ,
                              .error = error};
    *found = TABLE_CACHE_NONE;
    if (!file_exists(path)) return NUDGE_OK;
    *found = TABLE_CACHE_FOREIGN;
    if (table_cache_is_foreign(path)) return NUDGE_OK;
    nudge_status status = open_all(&opening);
    columns_free(opening.columns);
    memory_release(allocator, opening.sums, opening.blocks * sizeof *opening.sums);
    memory_release(allocator, opening.header, opening.header_size);
    *found = opening.found;
    if (status || opening.found != TABLE_CACHE_READ) {
        nudge_data_free(opening.data);
        return opening.found == TABLE_CACHE_DAMAGED ? NUDGE_OK : status;
    }
    *data = opening.data;
    return NUDGE_OK;
}
