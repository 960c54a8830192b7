/* What the fuzz targets of text tables share: a table's reader is asked for everything, twice; what it gives is kept, and
 * held against what it gives for the same table written in another way. Memory is bounded by the text's size. */
#ifndef NUDGE_TESTS_FUZZ_ROWS_H
#define NUDGE_TESTS_FUZZ_ROWS_H

#include "table/table.h"
#include "table/text_lines.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef nudge_status open_table(const nudge_allocator *allocator, struct text_source *source,
                                const nudge_data_options *options, struct table_reader **reader,
                                nudge_error *error);

static void require(bool promise, const char *what) {
    if (promise) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* -- bytes that grow -- */

struct bytes {
    char *at;
    size_t used, room;
};

static void add_bytes(struct bytes *bytes, const void *more, size_t count) {
    if (bytes->room - bytes->used < count) {
        bytes->room = 2 * (bytes->room + count);
        bytes->at = realloc(bytes->at, bytes->room);
        require(bytes->at != NULL, "there is memory");
    }
    if (count) memcpy(bytes->at + bytes->used, more, count);
    bytes->used += count;
}

static void add_text(struct bytes *bytes, const char *text) {
    add_bytes(bytes, text, strlen(text));
}

static inline void add_number(struct bytes *bytes, double number) {
    char text[40];
    snprintf(text, sizeof text, "%.17g", number);
    add_text(bytes, text);
}

/* -- memory that is counted -- */

struct meter {
    size_t live, limit;
    bool refused;
};

static void *meter_allocate(void *user, size_t count) {
    struct meter *meter = user;
    if (meter->live + count > meter->limit) {
        meter->refused = true;
        return NULL;
    }
    meter->live += count;
    return malloc(count);
}

static void meter_release(void *user, void *memory, size_t count) {
    ((struct meter *)user)->live -= count;
    free(memory);
}

/* -- a table -- */

struct kept {
    struct bytes rows; /* columns and cells; numbers that are 0 are left out */
    struct bytes text; /* the table written again */
    bool opened, whole;
};

/* Writes the table again: its header (cells NULL), or a row. */
typedef void write_table(const struct table_reader *reader, const struct cell *cells, struct bytes *text);

static void keep_headings(const struct table_reader *reader, struct bytes *rows) {
    require(reader->columns > 0 && reader->columns <= COLUMNS_MOST, "there are columns");
    add_bytes(rows, &reader->columns, sizeof reader->columns);
    for (size_t i = 0; i < reader->columns; i++) {
        const struct table_heading *heading = &reader->headings[i];
        add_bytes(rows, &heading->says, sizeof heading->says);
        if (heading->name) add_bytes(rows, heading->name, strlen(heading->name) + 1);
        for (size_t k = 0; k < heading->category_count; k++)
            add_bytes(rows, heading->categories[k], strlen(heading->categories[k]) + 1);
    }
}

static void keep_cells(const struct table_reader *reader, const struct cell *cells, struct bytes *rows) {
    for (size_t i = 0; i < reader->columns; i++) {
        const struct cell *cell = &cells[i];
        if (cell->kind == CELL_NUMBER) {
            require(isfinite(cell->number), "a number is finite");
            if (cell->number == 0) continue;
        }
        add_bytes(rows, &i, sizeof i);
        add_bytes(rows, &cell->kind, sizeof cell->kind);
        if (cell->kind == CELL_NUMBER) add_bytes(rows, &cell->number, sizeof cell->number);
        if (cell->kind != CELL_TEXT) continue;
        require(strlen(cell->text) == cell->length, "a text ends where it says");
        add_bytes(rows, cell->text, cell->length + 1);
    }
    add_bytes(rows, "\n", 1);
}

/* False: a row was refused. */
static bool keep_rows(struct table_reader *reader, write_table *write, struct kept *kept) {
    keep_headings(reader, &kept->rows);
    if (write) write(reader, NULL, &kept->text);
    uint64_t last = 0, line = 0;
    for (const struct cell *cells;;) {
        nudge_error error = {0};
        nudge_status status = reader->next(reader, &cells, &line, &error);
        require(!status == !error.message[0], "a failure has its sentence");
        if (status || !cells) return !status;
        require(line >= last && line > 0, "lines go on");
        last = line;
        keep_cells(reader, cells, &kept->rows);
        if (write) write(reader, cells, &kept->text);
    }
}

/* `strict`: memory must do that is so many times the text; else there may be none. */
static struct kept read_table(open_table *open, const nudge_data_options *options, write_table *write,
                              const void *bytes, size_t size, bool strict) {
    struct kept kept = {.opened = false}, again = {.opened = false};
    struct meter meter = {.limit = 2 * TEXT_FIRST_ROOM + 256 * size};
    nudge_allocator allocator = {meter_allocate, meter_release, &meter};
    struct text_source *source;
    struct table_reader *reader = NULL;
    nudge_error error = {0};
    require(!text_source_memory(&allocator, "fuzz", bytes, size, &source, &error), "a source is made");
    nudge_status status = open(&allocator, source, options, &reader, &error);
    require(!status == !error.message[0] && !status == (reader != NULL), "a failure has its sentence");
    require(!(strict && meter.refused), "memory is bounded by the text");
    kept.opened = !status;
    if (reader) {
        kept.whole = keep_rows(reader, write, &kept);
        require(!reader->rewind(reader, &error), "it can be read again");
        require(keep_rows(reader, NULL, &again) == kept.whole && again.rows.used == kept.rows.used &&
                    memcmp(again.rows.at, kept.rows.at, kept.rows.used) == 0,
                "it is the same again");
        reader->close(reader);
    }
    require(meter.live == 0, "all memory is given back");
    free(again.rows.at);
    return kept;
}

static void release_kept(struct kept *kept) {
    free(kept->rows.at);
    free(kept->text.at);
}

/* Reads the table, and the same one written in another way. */
static inline void read_both_ways(open_table *open, const nudge_data_options *options, write_table *write,
                                  const void *bytes, size_t size, bool strict) {
    struct kept kept = read_table(open, options, write, bytes, size, strict);
    if (kept.whole) {
        struct kept again = read_table(open, options, NULL, kept.text.at, kept.text.used, false);
        require(again.whole && again.rows.used == kept.rows.used &&
                    memcmp(again.rows.at, kept.rows.at, kept.rows.used) == 0,
                "written in another way it is the same table");
        release_kept(&again);
    }
    release_kept(&kept);
}

#endif
