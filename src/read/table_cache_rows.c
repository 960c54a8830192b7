/* See table_cache_rows.h. Cells are read into the end of the room for their inputs and spread from there, so that reading
 * needs no memory, and many threads may read at once. */
#include "read/table_cache_rows.h"

#include "base/status.h"
#include "read/record.h"
#include "table/table_inputs.h"

#include <stdatomic.h>
#include <string.h>
#include <zlib.h>

enum { BLOCK_BYTES = 256 << 10, PIECE = 2048 /* cells */ };

/* What both sources share. */
struct rows_file {
    const nudge_allocator *allocator;
    char *path;
    struct file_reader file;
    uint64_t position; /* of the first row */
    size_t width, features, rows[2];
    const struct column **columns; /* [width] */
    struct table_run *runs;        /* [width] */
    size_t run_count;
    uint32_t *sums;        /* [blocks] */
    atomic_uchar *checked; /* [blocks] */
    size_t blocks, users;
};

struct rows_source {
    struct data_source source; /* the first member */
    struct rows_file *file;
    bool test;
};

size_t table_cache_block_rows(size_t width) {
    size_t row = width * sizeof(float);
    return row < BLOCK_BYTES ? BLOCK_BYTES / row : 1;
}

/* -- cells -- */

static nudge_status read_bytes(const struct rows_file *rows, uint64_t position, void *bytes, size_t count,
                               nudge_error *error) {
    size_t got;
    nudge_status status = file_reader_read_at(&rows->file, position, bytes, count, &got, error);
    if (status || got == count) return status;
    return error_set(error, NUDGE_BAD_INPUT, "%s: has become shorter: no byte at %llu",
                     shown(rows->path).text, (unsigned long long)(position + got));
}

static void to_host_order(float *cells, size_t count) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &cells[i], sizeof bits);
        bits = __builtin_bswap32(bits);
        memcpy(&cells[i], &bits, sizeof bits);
    }
#else
    (void)cells, (void)count;
#endif
}

/* Cells first .. first+count-1 of the file's. */
static nudge_status read_cells(const struct rows_file *rows, uint64_t first, float *cells, size_t count,
                               nudge_error *error) {
    nudge_status status =
        read_bytes(rows, rows->position + first * sizeof(float), cells, count * sizeof *cells, error);
    if (!status) to_host_order(cells, count);
    return status;
}

static nudge_status refuse_cell(const struct rows_file *rows, uint64_t row, size_t cell, nudge_error *error) {
    return error_set(error, NUDGE_BAD_INPUT,
                     "%s: row %llu, column \"%s\" has what it cannot have: the file is damaged, remove it",
                     shown(rows->path).text, (unsigned long long)row, shown(rows->columns[cell]->name).text);
}

/* Numbers must be finite or missing, categories known. */
static nudge_status check_row(const struct rows_file *rows, uint64_t row, const float *cells,
                              nudge_error *error) {
    for (size_t i = 0; i < rows->run_count; i++) {
        const struct table_run *run = &rows->runs[i];
        bool fits = true;
        for (size_t k = run->cell; k < run->cell + run->count; k++)
            fits &= run->column ? table_cell_fits(run->column, cells[k])
                                : cells[k] != cells[k] || cells[k] - cells[k] == 0;
        for (size_t k = run->cell; !fits && k < run->cell + run->count; k++)
            if (!table_cell_fits(rows->columns[k], cells[k])) return refuse_cell(rows, row, k, error);
    }
    return NUDGE_OK;
}

/* -- sums -- */

/* Block `block` of a part, whose rows begin at file row `begin`. */
static nudge_status check_sum(const struct rows_file *rows, size_t place, uint64_t first, size_t count,
                              nudge_error *error) {
    unsigned char bytes[PIECE * sizeof(float)];
    uint64_t position = rows->position + first * rows->width * sizeof(float);
    size_t left = count * rows->width * sizeof(float);
    uLong sum = crc32(0, NULL, 0);
    while (left > 0) {
        size_t piece = left < sizeof bytes ? left : sizeof bytes;
        nudge_status status = read_bytes(rows, position, bytes, piece, error);
        if (status) return status;
        sum = crc32(sum, bytes, (uInt)piece);
        position += piece;
        left -= piece;
    }
    if (sum != rows->sums[place])
        return error_set(error, NUDGE_BAD_INPUT, "%s: rows %llu to %llu are damaged, by their sum",
                         shown(rows->path).text, (unsigned long long)first,
                         (unsigned long long)(first + count - 1));
    atomic_store(&rows->checked[place], 1);
    return NUDGE_OK;
}

/* The blocks of the part's rows first .. first+count-1, those that were not checked before. */
static nudge_status check_blocks(const struct rows_file *rows, bool test, size_t first, size_t count,
                                 nudge_error *error) {
    size_t block_rows = table_cache_block_rows(rows->width), all = rows->rows[test],
           before = test ? table_cache_blocks(rows->rows[0], rows->width) : 0;
    for (size_t b = first / block_rows; b <= (first + count - 1) / block_rows; b++) {
        if (atomic_load(&rows->checked[before + b])) continue;
        size_t begin = b * block_rows, rest = all - begin;
        nudge_status status = check_sum(rows, before + b, (test ? rows->rows[0] : 0) + (uint64_t)begin,
                                        rest < block_rows ? rest : block_rows, error);
        if (status) return status;
    }
    return NUDGE_OK;
}

/* -- inputs -- */

static nudge_status read_rows(const struct rows_file *rows, uint64_t row, size_t count, float *values,
                              nudge_error *error) {
    float *cells = values + count * (rows->features - rows->width);
    nudge_status status = read_cells(rows, row * rows->width, cells, count * rows->width, error);
    for (size_t r = 0; !status && r < count; r++) {
        status = check_row(rows, row + r, cells + r * rows->width, error);
        if (!status)
            table_expand(rows->runs, rows->run_count, cells + r * rows->width, values + r * rows->features);
    }
    return status;
}

/* The cell that input `input` comes from. */
static size_t cell_of(const struct rows_file *rows, size_t input) {
    size_t low = 0, high = rows->width - 1;
    while (low < high) {
        size_t middle = (low + high + 1) / 2;
        if (rows->columns[middle]->first <= input)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Inputs from .. to-1 of one row. */
static nudge_status read_some(const struct rows_file *rows, uint64_t row, size_t from, size_t to,
                              float *values, nudge_error *error) {
    float cells[PIECE];
    size_t cell = cell_of(rows, from), last = cell_of(rows, to - 1);
    while (cell <= last) {
        size_t count = last - cell + 1 < PIECE ? last - cell + 1 : PIECE;
        nudge_status status = read_cells(rows, row * rows->width + cell, cells, count, error);
        for (size_t i = 0; !status && i < count; i++, cell++) {
            const struct column *column = rows->columns[cell];
            size_t begin = from > column->first ? from - column->first : 0,
                   end = to - column->first < column->inputs ? to - column->first : column->inputs;
            if (!table_cell_fits(column, cells[i])) return refuse_cell(rows, row, cell, error);
            table_expand_some(column, cells[i], begin, end, values);
            values += end - begin;
        }
        if (status) return status;
    }
    return NUDGE_OK;
}

static nudge_status source_read(const struct data_source *source, size_t first, size_t count, void *values,
                                nudge_error *error) {
    const struct rows_source *part = (const struct rows_source *)source;
    const struct rows_file *rows = part->file;
    size_t features = rows->features, row = first / features, from = first % features;
    uint64_t before = part->test ? rows->rows[0] : 0;
    float *to = values;
    if (count == 0) return NUDGE_OK;
    nudge_status status =
        check_blocks(rows, part->test, row, (first + count - 1) / features - row + 1, error);
    while (!status && count > 0) {
        size_t whole = from == 0 ? count / features : 0, taken = whole * features;
        if (whole > 0) {
            status = read_rows(rows, before + row, whole, to, error);
        } else {
            taken = count < features - from ? count : features - from;
            status = read_some(rows, before + row, from, from + taken, to, error);
            whole = from + taken == features;
            from = 0;
        }
        row += whole;
        to += taken;
        count -= taken;
    }
    return status;
}

/* -- making, closing -- */

static void release_file(struct rows_file *rows) {
    const nudge_allocator *allocator = rows->allocator;
    file_reader_close(&rows->file);
    memory_release_text(allocator, rows->path);
    memory_release(allocator, rows->columns, rows->width * sizeof *rows->columns);
    memory_release(allocator, rows->runs, rows->width * sizeof *rows->runs);
    memory_release(allocator, rows->sums, rows->blocks * sizeof *rows->sums);
    memory_release(allocator, rows->checked, rows->blocks * sizeof *rows->checked);
    memory_release(allocator, rows, sizeof *rows);
}

static void source_close(struct data_source *source) {
    struct rows_source *part = (struct rows_source *)source;
    struct rows_file *rows = part->file;
    memory_release(rows->allocator, part, sizeof *part);
    if (--rows->users == 0) release_file(rows);
}

static nudge_status find_columns(struct rows_file *rows, const struct columns *columns, nudge_error *error) {
    size_t bytes = rows->width * sizeof *rows->runs, to = 0, *kept;
    rows->columns = memory_get(rows->allocator, rows->width * sizeof *rows->columns);
    rows->runs = memory_get(rows->allocator, bytes);
    kept = memory_get(rows->allocator, rows->width * sizeof *kept);
    if (!rows->columns || !rows->runs || !kept) {
        memory_release(rows->allocator, kept, rows->width * sizeof *kept);
        return error_no_memory(error, bytes, "a table's columns");
    }
    for (size_t c = 0; c < columns->count; c++) {
        if (columns->items[c].inputs == 0) continue;
        kept[to] = c;
        rows->columns[to++] = &columns->items[c];
    }
    rows->run_count = table_runs(columns, kept, rows->width, rows->runs);
    memory_release(rows->allocator, kept, rows->width * sizeof *kept);
    return NUDGE_OK;
}

static nudge_status make_source(struct rows_file *rows, bool test, struct data_source **source,
                                nudge_error *error) {
    struct rows_source *made = memory_get_zeroed(rows->allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "a table's rows");
    made->source = (struct data_source){source_read, source_close};
    made->file = rows;
    made->test = test;
    rows->users++;
    *source = &made->source;
    return NUDGE_OK;
}

nudge_status table_cache_sources(const nudge_allocator *allocator, struct file_reader *reader,
                                 uint64_t position, const struct columns *columns, const size_t rows[2],
                                 uint32_t *sums, struct data_source *sources[2], nudge_error *error) {
    size_t width = 0, blocks;
    for (size_t c = 0; c < columns->count; c++) width += columns->items[c].inputs > 0;
    blocks = table_cache_blocks(rows[0], width) + table_cache_blocks(rows[1], width);
    struct rows_file *made = memory_get_zeroed(allocator, sizeof *made);
    sources[0] = sources[1] = NULL;
    if (!made) {
        memory_release(allocator, sums, blocks * sizeof *sums);
        file_reader_close(reader);
        return error_no_memory(error, sizeof *made, "a table's rows");
    }
    *made = (struct rows_file){.allocator = allocator,
                               .path = memory_copy_text(allocator, reader->path),
                               .file = *reader,
                               .position = position,
                               .width = width,
                               .features = columns->inputs,
                               .rows = {rows[0], rows[1]},
                               .sums = sums,
                               .checked = memory_get_zeroed(allocator, blocks * sizeof(atomic_uchar)),
                               .blocks = blocks,
                               .users = 1};
    *reader = (struct file_reader){.descriptor = -1};
    made->file.path = made->path ? made->path : "";
    nudge_status status = made->path && made->checked ? find_columns(made, columns, error)
                                                      : error_no_memory(error, blocks, "a table's rows");
    for (size_t i = 0; !status && i < 2; i++)
        if (rows[i] > 0) status = make_source(made, i == 1, &sources[i], error);
    for (size_t i = 0; status && i < 2; i++) {
        if (sources[i]) source_close(sources[i]);
        sources[i] = NULL;
    }
    if (--made->users == 0) release_file(made);
    return status;
}
