/* Fuzzes the reader of files with a table's rows: any bytes are a whole set or a sentence. Then the same bytes with their
 * sums set right, as no mutation would find them: what rows say is checked behind these. A set's rows are finite numbers,
 * or missing, or one category; read in pieces they are the same; all memory is given back, and is in proportion. */
#define _GNU_SOURCE
#include "data/data.h"
#include "fuzz/sealed.h"
#include "read/table_cache.h"
#include "read/table_cache_file.h"
#include "read/table_cache_rows.h"

#include <zlib.h>

/* -- memory, counted -- */

static size_t live, peak;

static void *count_allocate(void *user, size_t bytes) {
    (void)user;
    live += bytes;
    if (live > peak) peak = live;
    return aligned_alloc(64, (bytes + 63) / 64 * 64);
}

static void count_release(void *user, void *memory, size_t bytes) {
    (void)user;
    live -= bytes;
    free(memory);
}

static const nudge_allocator allocator = {count_allocate, count_release, NULL};

static nudge_context *counted_context(void) {
    static nudge_context *context;
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    options.threads = 1;
    options.data_memory = (size_t)1 << 30;
    options.allocator = allocator;
    if (!context) require(!nudge_context_create(&options, &context, NULL), "there is a context");
    return context;
}

/* -- sums -- */

/* Where rows are, as the header says it. */
struct layout {
    size_t rows_at, rows[2], width;
};

static bool find_layout(const uint8_t *bytes, size_t size, struct layout *layout) {
    struct columns *columns = NULL;
    if (size < CACHE_START) return false;
    size_t header = (size_t)little_endian(bytes + 16, 8);
    if (header > size - CACHE_START) return false;
    struct record_reader reader = {bytes + CACHE_START, header, false};
    record_take(&reader, (size_t)record_take_number(&reader, reader.left));
    for (uint64_t i = record_take_number(&reader, TABLE_CACHE_SOURCES); i > 0; i--) record_take(&reader, 48);
    require(!table_cache_take_columns(&reader, &allocator, &columns, NULL), "there is memory");
    layout->rows_at = size_round_up(CACHE_START + header, CACHE_ALIGNMENT);
    layout->width = table_cache_width(columns);
    columns_free(columns);
    record_take(&reader, 16);
    for (size_t i = 0; i < 2; i++) {
        layout->rows[i] = (size_t)record_take_number(&reader, size);
        record_take(&reader, 16);
    }
    return !reader.bad && layout->width > 0;
}

static void put_sum(uint8_t *to, const uint8_t *bytes, size_t count) {
    put_little_endian(to, CACHE_SUM, crc32(crc32(0, NULL, 0), bytes, (uInt)count));
}

static void set_sums_right(uint8_t *bytes, size_t size) {
    struct layout layout;
    if (!find_layout(bytes, size, &layout)) return;
    put_little_endian(bytes + 24, 8, 0);
    put_sum(bytes + 24, bytes + CACHE_START, (size_t)little_endian(bytes + 16, 8));
    size_t row = layout.width * sizeof(float), block = table_cache_block_rows(layout.width),
           at = layout.rows_at, trailer = at + (layout.rows[0] + layout.rows[1]) * row, sum = trailer;
    if (trailer > size || size - trailer < CACHE_SUM) return;
    for (size_t part = 0; part < 2; part++)
        for (size_t r = 0; r < layout.rows[part]; r += block) {
            size_t rows = layout.rows[part] - r < block ? layout.rows[part] - r : block;
            if (size - sum < CACHE_SUM) return;
            put_sum(bytes + sum, bytes + at, rows * row);
            at += rows * row;
            sum += CACHE_SUM;
        }
    put_sum(bytes + size - CACHE_SUM, bytes + trailer, size - CACHE_SUM - trailer);
}

/* -- a set -- */

static bool same(float a, float b) {
    return a == b || (a != a && b != b);
}

static void check_row(const nudge_data *data, const float *row) {
    for (size_t c = 0; c < data->columns->count; c++) {
        const struct column *column = &data->columns->items[c];
        const float *inputs = row + column->first;
        float sum = 0;
        for (size_t i = 0; i < column->inputs; i++) sum += inputs[i];
        if (column->inputs == 0) continue;
        if (column->kind == NUDGE_COLUMN_CATEGORY)
            require(sum == 0 || sum == 1, "a category is one of them, or none");
        else
            require(inputs[0] != inputs[0] || inputs[0] - inputs[0] == 0, "a number is finite or missing");
        if (column->flag) require(inputs[1] == (inputs[0] != inputs[0]), "its flag says so");
    }
}

static void check_part(const nudge_data *data, nudge_part part) {
    size_t features = data->features, rows = nudge_data_rows(data, part);
    const struct data_part *p = &data->parts[part];
    float *row = malloc(2 * features * sizeof *row);
    require(row != NULL, "there is memory");
    for (size_t r = 0; r < rows && r < 64; r++) {
        size_t first = data_part_row(p, r) * features, cut = (r * 7 + 3) % features;
        require(!data_read(data, p->block, first, features, row, NULL), "a row is there");
        require(!data_read(data, p->block, first, cut, row + features, NULL) &&
                    !data_read(data, p->block, first + cut, features - cut, row + features + cut, NULL),
                "it is there in pieces");
        check_row(data, row);
        for (size_t i = 0; i < features; i++) require(same(row[i], row[features + i]), "pieces are the same");
        require(nudge_data_label(data, part, r) < (int32_t)data->classes || !data->classes, "a label is one");
        const char *id = nudge_data_id(data, part, r);
        require(!id || strlen(id) < p->block->id_bytes, "a name ends");
    }
    free(row);
}

static void open_bytes(const uint8_t *bytes, size_t size) {
    char path[64];
    int descriptor = make_file(bytes, size, path);
    nudge_context *context = counted_context();
    nudge_data *data = NULL;
    nudge_error error = {0};
    enum table_cache_found found;
    size_t before = live;
    peak = live;
    nudge_status status = table_cache_open(context, path, NULL, 0, "fuzz", &found, &data, &error);
    require(peak - before < ((size_t)1 << 20) + 512 * size, "memory is in proportion");
    require(!status, "a file is read, or is told");
    require((found == TABLE_CACHE_READ) == (data != NULL), "a set is whole, or is not");
    require(found != TABLE_CACHE_DAMAGED || error.message[0], "damage has its sentence");
    for (int part = 0; data && part < 3; part++) check_part(data, (nudge_part)part);
    nudge_data_free(data);
    close(descriptor);
    require(live == before, "all memory is given back");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    open_bytes(bytes, size);
    uint8_t *sealed = malloc(size + 1);
    require(sealed != NULL, "there is memory");
    if (size) memcpy(sealed, bytes, size);
    set_sums_right(sealed, size);
    open_bytes(sealed, size);
    free(sealed);
    return 0;
}

/* -- seeds -- */

/* The row's cells, from its inputs. */
static void add_row(struct table_cache_writer *writer, const nudge_data *data, const float *inputs) {
    float cells[16];
    size_t count = 0;
    for (size_t c = 0; c < data->columns->count; c++) {
        const struct column *column = &data->columns->items[c];
        const float *own = inputs + column->first;
        size_t place = 0;
        if (column->inputs == 0) continue;
        while (place < column->category_count && own[place] == 0) place++;
        cells[count++] = column->kind == NUDGE_COLUMN_NUMBER ? own[0]
                         : place < column->category_count    ? (float)place
                                                             : -1;
    }
    require(!table_cache_add(writer, cells, NULL), "a row is added");
}

/* The file of this table. */
static size_t write_seed(const char *text, const nudge_data_options *options, uint8_t bytes[FUZZ_ROOM]) {
    char table[64] = "/tmp/nudge-fuzz-XXXXXX.csv", name[64];
    const char *paths[] = {table};
    int descriptor = mkstemps(table, 4);
    nudge_context *context = counted_context();
    struct table_cache_key key;
    struct table_cache_writer *writer;
    nudge_data *data = NULL;
    unsigned char validation[64] = {0, 1};
    require(descriptor >= 0 && write(descriptor, text, strlen(text)) == (ssize_t)strlen(text),
            "a table is made");
    close(descriptor);
    make_name(name);
    require(!nudge_data_open(context, table, options, &data, NULL), "it is a set");
    require(!table_cache_key_make(&allocator, paths, 1, options, NULL, &key, NULL), "it has a key");
    require(!table_cache_create(name, &key, data, &writer, NULL), "a file is made");
    const struct data_block *blocks[] = {&data->train, &data->test};
    for (size_t i = 0; i < 2; i++)
        for (size_t r = 0; r < blocks[i]->rows; r++)
            add_row(writer, data, (const float *)blocks[i]->values + r * data->features);
    require(!table_cache_commit(writer, validation, NULL), "the file is whole");
    nudge_data_free(data);
    enum table_cache_found found;
    require(!table_cache_open(context, name, &key, 0, "fuzz", &found, &data, NULL) &&
                found == TABLE_CACHE_READ,
            "it is one of this key");
    table_cache_key_release(&key);
    nudge_data_free(data);
    unlink(table);
    return take_file(name, bytes);
}

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    nudge_data_options options = NUDGE_DATA_OPTIONS;
    switch (i) {
    case 0: return write_seed("a,b,k\n1,2,x\n3,,y\n5,6,x\n", &options, bytes);
    case 1:
        options.id = "n";
        options.weight = "w";
        options.split = "s";
        return write_seed(
            "n,s,w,a,c,k\np,train,1,.5,u,1.5\nq,test,2,,v,2.5\nr,train,1,7,v,3.5\nt,train,1,,u,1\n", &options,
            bytes);
    case 2:
        options.target = "y,z";
        options.missing = NUDGE_MISSING_DROP;
        return write_seed("c,d,y,z\na,b,1,2\nb,b,3,4\nc,a,5,6\nd,a,7,8\na,c,1,1\n", &options, bytes);
    default: return 0;
    }
}
