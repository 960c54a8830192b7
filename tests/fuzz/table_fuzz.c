/* Fuzzes tables of text: any bytes, with any options, are a whole table or a sentence. A table's cells are finite numbers,
 * NaN where one is missing, or places of categories, which are sorted and differ; read again by its own columns it is the
 * same table, and where its rows are not kept in memory; and the reader's cells are csv_next's fields. All memory is given
 * back, and it is in proportion to the bytes. */
#include "fuzz/fuzz.h"
#include "support/bytes.h"
#include "table/table.h"
#include "table/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(bool promise, const char *what) {
    if (promise) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

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

/* -- what is read -- */

static nudge_data_options options_of(const uint8_t bytes[3]) {
    static const char *const columns[] = {NULL, "1", "2", "a", "b", "c", "1,2", "3"};
    nudge_data_options options = NUDGE_DATA_OPTIONS;
    options.header = bytes[0] % 4 == 3 ? 0 : bytes[0] % 4 - 1;
    options.missing = (nudge_missing)(bytes[0] / 4 % 6);
    options.missing_flag = bytes[0] & 32;
    options.unlabelled = bytes[0] & 64;
    options.regression = bytes[0] & 128;
    options.target = columns[bytes[1] % 8];
    options.id = columns[bytes[1] / 8 % 4];
    options.categorical = columns[bytes[1] / 32];
    options.rare = bytes[2] % 4;
    options.test_split = bytes[2] / 4 % 4 * 0.2;
    options.split = columns[bytes[2] / 16 % 4];
    options.weight = columns[bytes[2] / 64];
    return options;
}

/* -- rows that are not in memory -- */

struct memory_spill {
    struct table_spill spill;
    unsigned char *bytes;
    size_t used;
};

static nudge_status spill_write(struct table_spill *base, const void *bytes, size_t count,
                                nudge_error *error) {
    struct memory_spill *spill = (struct memory_spill *)base;
    (void)error;
    spill->bytes = realloc(spill->bytes, spill->used + count);
    require(spill->bytes != NULL, "there is memory");
    memcpy(spill->bytes + spill->used, bytes, count);
    spill->used += count;
    return NUDGE_OK;
}

static nudge_status spill_read(struct table_spill *base, uint64_t position, void *bytes, size_t count,
                               nudge_error *error) {
    struct memory_spill *spill = (struct memory_spill *)base;
    (void)error;
    require(position <= spill->used && count <= spill->used - position, "what is read was written");
    memcpy(bytes, spill->bytes + position, count);
    return NUDGE_OK;
}

static nudge_status spill_restart(struct table_spill *base, nudge_error *error) {
    (void)error;
    ((struct memory_spill *)base)->used = 0;
    return NUDGE_OK;
}

static void check_spilled(const uint8_t *bytes, size_t size, const nudge_data_options *options,
                          const struct columns *given, const struct table *table, size_t limit) {
    struct memory_spill spill = {.spill = {limit, "", spill_write, spill_read, spill_restart}};
    struct table_reader *reader = NULL;
    struct table *other = NULL;
    const float *cells;
    nudge_error error = {0};
    require(!csv_table_open(&allocator, bytes_source(bytes, size), "fuzz", options->header, &reader, &error),
            "a table is opened again");
    nudge_status status = table_read_large(&allocator, reader, options, given, &spill.spill, &other, &error);
    reader->close(reader);
    require(!status == (table != NULL), "a spill changes nothing");
    for (size_t r = 0; table && r < table->rows; r++) {
        require(!table_row_at(other, r, &cells, &error), "a row is there");
        require(memcmp(cells, table_row_cells(table, r), table->kept * sizeof *cells) == 0, "the same cells");
    }
    if (table) {
        size_t notes = table->columns->count * sizeof *table->notes;
        require(table->rows == other->rows && memcmp(table->parts, other->parts, table->rows) == 0,
                "the same parts");
        require(table->columns->inputs == other->columns->inputs, "the same columns");
        require(memcmp(table->notes, other->notes, notes) == 0, "the same notes");
    }
    table_free(other);
    free(spill.bytes);
}

static struct table *read_table(const uint8_t *bytes, size_t size, const nudge_data_options *options,
                                const struct columns *given) {
    struct table_reader *reader = NULL;
    struct table *table = NULL;
    nudge_error error = {0};
    nudge_status status =
        csv_table_open(&allocator, bytes_source(bytes, size), "fuzz", options->header, &reader, &error);
    if (!status) {
        status = table_read(&allocator, reader, options, given, &table, &error);
        reader->close(reader);
    }
    require(!status == !error.message[0], "a failure has its sentence");
    require(!status == (table != NULL), "a table is whole, or is not");
    require(!given || table, error.message[0] ? error.message : "a table reads by its own columns");
    return table;
}

static void check_columns(const struct columns *columns) {
    size_t inputs = 0;
    for (size_t c = 0; c < columns->count; c++) {
        const struct column *column = &columns->items[c];
        require(column->name != NULL, "a column has a name");
        require(columns_find(columns, column->name, strlen(column->name)) == c, "names differ");
        for (size_t i = 1; column->role == NUDGE_COLUMN_FEATURE && i < column->category_count; i++)
            require(words_compare(column->categories[i - 1], column->categories[i]) < 0,
                    "categories are sorted");
        inputs += column->inputs;
    }
    require(inputs == columns->inputs && inputs > 0, "inputs are counted");
}

static void check_cells(const struct table *table) {
    for (size_t r = 0; r < table->rows; r++) {
        require(table->parts[r] <= NUDGE_PART_TEST, "a row is of a part");
        for (size_t k = 0; k < table->kept; k++) {
            const struct column *column = &table->columns->items[table->kept_columns[k]];
            float cell = table_row_cells(table, r)[k];
            if (column->kind == NUDGE_COLUMN_NUMBER)
                require(cell != cell || cell - cell == 0, "a number is finite");
            else
                require((cell != cell && column->role == NUDGE_COLUMN_TARGET) ||
                            (cell >= -1 && cell < (float)column->category_count && cell == (float)(int)cell),
                        "a category has its place");
        }
    }
}

/* Cells of the column in both; what the first reading left out as being of no use is not in the second. */
static void check_same(const struct table *table, const struct table *again) {
    require(table->rows == again->rows, "as many rows");
    require(memcmp(table->parts, again->parts, table->rows) == 0, "the same parts");
    for (size_t k = 0; k < table->kept; k++) {
        size_t other = 0;
        while (other < again->kept && again->kept_columns[other] != table->kept_columns[k]) other++;
        for (size_t r = 0; other < again->kept && r < table->rows; r++) {
            float a = table_row_cells(table, r)[k], b = table_row_cells(again, r)[other];
            require(a == b || (a != a && b != b), "the same cells");
        }
    }
}

/* The reader's cells are the fields that csv_next finds, row by row, up to where it refuses. */
static void check_reader(const uint8_t *bytes, size_t size) {
    struct table_reader *reader = NULL;
    bool wide;
    size_t at = csv_skip_mark((const char *)bytes, size, &wide);
    if (csv_table_open(&allocator, bytes_source(bytes, size), "fuzz", -1, &reader, NULL)) return;
    char *copy = malloc(size + 1);
    struct csv_field *fields = malloc((size + 1) * sizeof *fields);
    require(copy && fields, "there is memory");
    memcpy(copy, bytes, size);
    struct csv csv = csv_begin(csv_guess_separator(copy + at, size - at, true), "fuzz");
    for (bool more = true; more;) {
        const struct cell *cells = NULL;
        uint64_t line = 0;
        size_t count = 0, taken = 0;
        bool refused =
            csv_next(&csv, copy + at, size - at, true, fields, size + 1, &count, &taken, NULL) != NUDGE_OK;
        refused |= count > 0 && count != reader->columns;
        require((reader->next(reader, &cells, &line, NULL) != NUDGE_OK) == refused, "both refuse, or none");
        more = !refused && count > 0;
        require(refused || (cells != NULL) == (count > 0), "both end, or none");
        for (size_t i = 0; more && i < count; i++)
            require(cells[i].quoted == fields[i].quoted && cells[i].length == fields[i].length &&
                        strcmp(cells[i].text, fields[i].text) == 0,
                    "the same texts");
        require(!more || line == csv.at_line, "the same line");
        at += taken;
    }
    free(fields);
    free(copy);
    reader->close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size < 3) return 0;
    nudge_data_options options = options_of(bytes);
    check_reader(bytes + 3, size - 3);
    peak = live;
    struct table *table = read_table(bytes + 3, size - 3, &options, NULL);
    require(peak < ((size_t)12 << 20) + 2048 * size, "memory is in proportion");
    if (table) {
        check_spilled(bytes + 3, size - 3, &options, NULL, table, bytes[1] % 64);
        check_columns(table->columns);
        check_cells(table);
        struct table *again = read_table(bytes + 3, size - 3, &options, table->columns);
        check_cells(again);
        check_same(table, again);
        check_spilled(bytes + 3, size - 3, &options, table->columns, again, bytes[1] % 64);
        table_free(again);
    }
    table_free(table);
    require(live == 0, "all memory is given back");
    return 0;
}

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    static const char *const texts[] = {
        "\3\0\0a,b,c\n1,2,x\n3,4,y\n",
        "\3\0\4a,b,c\n1,x,2.5\n,y,3\nNA,,4\n5,x,1e3\n6,z,-.5\n",
        "\0\0\1"
        "1;2;3\r\n\"4\";5;\"a\"\"b\"\r\n",
        "\103\3\20s,a,b\ntrain,1,2\ntest,3,4\nval,5,6\n",
        "\3\0\0d,v\n2024-01-31,1\n2024-02-01,2\n",
        "\3\0\0v,k\n1,3\n2,3\n3,3\n4,3\n5,3\n6,4\n7,4\n8,4\n9,4\n1,4\n",
        "\2\0\0\xEF\xBB\xBF"
        "5.1 3.5 setosa\n 4.9 3.0 virginica\n",
        "\203\0\2a\tb\tc\nx\t1\t2\nx\t3\t4\ny\t5\t6\n",
    };
    if (i >= sizeof texts / sizeof *texts) return 0;
    size_t length = 3 + strlen(texts[i] + 3);
    memcpy(bytes, texts[i], length);
    return length;
}
