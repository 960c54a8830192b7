/* See table_cache.h. Writing. */
#include "read/table_cache.h"

#include "base/context.h"
#include "base/file.h"
#include "base/status.h"
#include "read/table_cache_file.h"
#include "read/table_cache_rows.h"

#include <string.h>
#include <zlib.h>

struct table_cache_writer {
    const nudge_allocator *allocator;
    const nudge_data *set;
    nudge_file *file;
    size_t width, block_rows;
    unsigned char *block; /* [block_rows][width], little-endian */
    size_t filled;        /* rows in it */
    size_t added;         /* rows of all */
    unsigned char *sums;  /* [blocks], little-endian, as the trailer has them */
    size_t blocks, summed;
    uLong trailer; /* its sum so far */
};

size_t table_cache_width(const struct columns *columns) {
    size_t width = 0;
    for (size_t c = 0; c < columns->count; c++) width += columns->items[c].inputs > 0;
    return width;
}

struct data_shape table_cache_shape(const struct columns *columns) {
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

/* -- the header -- */

static void put_sources(struct record *record, const struct table_cache_key *key) {
    record_number(record, key->count);
    for (size_t i = 0; i < key->count; i++) {
        record_number(record, key->sources[i].size);
        record_number(record, key->sources[i].changed);
        record_bytes(record, key->sources[i].digest, sizeof key->sources[i].digest);
    }
}

static nudge_status put_header(struct record *record, const struct table_cache_key *key,
                               const nudge_data *set, nudge_error *error) {
    const struct data_block *blocks[2] = {&set->train, &set->test};
    record_number(record, key->bytes.used);
    record_bytes(record, key->bytes.bytes, key->bytes.used);
    put_sources(record, key);
    table_cache_put_columns(record, set->columns);
    record_number(record, set->unlabelled);
    record_share(record, set->test_share);
    for (size_t i = 0; i < 2; i++) {
        record_number(record, blocks[i]->rows);
        record_number(record, blocks[i]->weights != NULL);
        record_number(record, blocks[i]->ids ? blocks[i]->id_bytes : 0);
    }
    record_number(record, set->remark_count);
    for (size_t i = 0; i < set->remark_count; i++) record_text(record, set->remarks[i]);
    return record->failed ? error_no_memory(error, record->used, "a table's file") : NUDGE_OK;
}

static nudge_status write_header(struct table_cache_writer *writer, const struct table_cache_key *key,
                                 nudge_error *error) {
    unsigned char start[CACHE_START] = CACHE_MAGIC, zeros[CACHE_ALIGNMENT] = {0};
    struct record header = record_begin(writer->allocator);
    nudge_status status = put_header(&header, key, writer->set, error);
    if (!status) {
        uLong sum = crc32_z(crc32(0, NULL, 0), header.bytes, header.used);
        put_little_endian(start + 16, 8, header.used);
        put_little_endian(start + 24, 8, sum);
        status = nudge_file_write(writer->file, start, sizeof start, error);
    }
    if (!status) status = nudge_file_write(writer->file, header.bytes, header.used, error);
    size_t end = CACHE_START + header.used, rows = size_round_up(end, CACHE_ALIGNMENT);
    if (!status) status = nudge_file_write(writer->file, zeros, rows - end, error);
    record_release(&header);
    return status;
}

/* -- rows -- */

nudge_status table_cache_create(const char *path, const struct table_cache_key *key, const nudge_data *set,
                                struct table_cache_writer **writer, nudge_error *error) {
    const nudge_allocator *allocator = &set->context->allocator;
    if (table_cache_is_foreign(path))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "%s: a file of another kind: rows are kept in one of their own", shown(path).text);
    struct table_cache_writer *made = memory_get_zeroed(allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "a table's file");
    made->allocator = allocator;
    made->set = set;
    made->width = table_cache_width(set->columns);
    made->block_rows = table_cache_block_rows(made->width);
    made->blocks =
        table_cache_blocks(set->train.rows, made->width) + table_cache_blocks(set->test.rows, made->width);
    made->trailer = crc32(0, NULL, 0);
    size_t block = made->block_rows * made->width * sizeof(float);
    made->block = memory_get(allocator, block);
    made->sums = memory_get(allocator, made->blocks * CACHE_SUM);
    nudge_status status =
        made->block && made->sums ? NUDGE_OK : error_no_memory(error, block, "a table's rows");
    if (!status) status = nudge_file_create(set->context, path, &made->file, error);
    if (!status) status = write_header(made, key, error);
    if (status)
        table_cache_abandon(made);
    else
        *writer = made;
    return status;
}

static nudge_status end_block(struct table_cache_writer *writer, nudge_error *error) {
    size_t bytes = writer->filled * writer->width * sizeof(float);
    uLong sum = crc32_z(crc32(0, NULL, 0), writer->block, bytes);
    put_little_endian(writer->sums + writer->summed++ * CACHE_SUM, CACHE_SUM, sum);
    writer->filled = 0;
    return nudge_file_write(writer->file, writer->block, bytes, error);
}

/* Numbers of four bytes in the file's order. */
static void put_words(unsigned char *to, const void *words, size_t count) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (size_t i = 0; i < count; i++) {
        uint32_t word;
        memcpy(&word, (const char *)words + 4 * i, sizeof word);
        put_little_endian(to + 4 * i, 4, word);
    }
#else
    memcpy(to, words, 4 * count);
#endif
}

nudge_status table_cache_add(struct table_cache_writer *writer, const float *cells, nudge_error *error) {
    put_words(writer->block + writer->filled * writer->width * sizeof *cells, cells, writer->width);
    writer->filled++;
    writer->added++;
    bool full = writer->filled == writer->block_rows || writer->added == writer->set->train.rows ||
                writer->added == writer->set->train.rows + writer->set->test.rows;
    return full ? end_block(writer, error) : NUDGE_OK;
}

/* -- the trailer -- */

static nudge_status write_trailer(struct table_cache_writer *writer, const void *bytes, size_t count,
                                  nudge_error *error) {
    writer->trailer = crc32_z(writer->trailer, bytes, count);
    return nudge_file_write(writer->file, bytes, count, error);
}

static nudge_status write_words(struct table_cache_writer *writer, const void *words, size_t count,
                                nudge_error *error) {
    enum { PIECE = 4096 };
    unsigned char bytes[4 * PIECE];
    for (size_t done = 0; done < count; done += PIECE) {
        size_t piece = count - done < PIECE ? count - done : PIECE;
        put_words(bytes, (const char *)words + 4 * done, piece);
        nudge_status status = write_trailer(writer, bytes, 4 * piece, error);
        if (status) return status;
    }
    return NUDGE_OK;
}

static nudge_status write_block(struct table_cache_writer *writer, const struct data_block *block,
                                nudge_error *error) {
    size_t targets = block->rows * writer->set->target_columns;
    nudge_status status = NUDGE_OK;
    if (block->rows == 0) return NUDGE_OK;
    status = block->labels ? write_words(writer, block->labels, block->rows, error)
                           : write_words(writer, block->targets, targets, error);
    if (!status && block->weights) status = write_words(writer, block->weights, block->rows, error);
    if (!status && block->ids) status = write_trailer(writer, block->ids, block->id_bytes, error);
    return status;
}

nudge_status table_cache_commit(struct table_cache_writer *writer, const unsigned char *validation,
                                nudge_error *error) {
    const nudge_data *set = writer->set;
    unsigned char sum[CACHE_SUM];
    nudge_status status = write_trailer(writer, writer->sums, writer->blocks * CACHE_SUM, error);
    if (!status) status = write_block(writer, &set->train, error);
    if (!status) status = write_block(writer, &set->test, error);
    if (!status && set->train.rows) status = write_trailer(writer, validation, set->train.rows, error);
    put_little_endian(sum, sizeof sum, writer->trailer);
    if (!status) status = nudge_file_write(writer->file, sum, sizeof sum, error);
    if (!status) {
        status = nudge_file_commit(writer->file, error);
        writer->file = NULL;
    }
    table_cache_abandon(writer);
    return status;
}

void table_cache_abandon(struct table_cache_writer *writer) {
    if (!writer) return;
    const nudge_allocator *allocator = writer->allocator;
    nudge_file_abandon(writer->file);
    memory_release(allocator, writer->block, writer->block_rows * writer->width * sizeof(float));
    memory_release(allocator, writer->sums, writer->blocks * CACHE_SUM);
    memory_release(allocator, writer, sizeof *writer);
}
