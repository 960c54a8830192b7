/* See rows.h. */
#include "support/rows.h"

#include "base/text.h"
#include "support/files.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka.h wants the two above */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 16384 };

static void add_heading(char *out, const struct table_heading *heading) {
    static const char *const says[] = {"", ":number", ":category", ":target", ":class"};
    char *to = out + strlen(out);
    to += sprintf(to, "%s%s", heading->name ? heading->name : "_",
                  heading->says == HEADING_CATEGORY ? "" : says[heading->says]);
    assert_true(!heading->categories == (heading->says != HEADING_CATEGORY));
    for (size_t i = 0; i < heading->category_count; i++)
        to += sprintf(to, "%s%s", i ? "," : ":{", heading->categories[i]);
    sprintf(to, "%s ", heading->category_count ? "}" : "");
}

static void add_cell(char *out, const struct cell *cell) {
    char *to = out + strlen(out);
    if (cell->kind == CELL_NUMBER)
        sprintf(to, " %s", text_double(cell->number).text);
    else if (cell->kind == CELL_MISSING)
        sprintf(to, " ?");
    else {
        assert_int_equal(cell->text[cell->length], 0);
        assert_int_equal(strlen(cell->text), cell->length);
        sprintf(to, cell->quoted ? " \"%s\"" : " '%s'", cell->text);
    }
}

static nudge_status add_rows(struct table_reader *reader, char *out, nudge_error *error) {
    const struct cell *cells;
    uint64_t line = 0;
    assert_string_equal(reader->name, "t");
    assert_string_equal(reader->row_word, "line");
    for (size_t i = 0; i < reader->columns; i++) add_heading(out, &reader->headings[i]);
    for (;;) {
        nudge_status status = reader->next(reader, &cells, &line, error);
        if (status || !cells) return status;
        sprintf(out + strlen(out), "| %llu:", (unsigned long long)line);
        for (size_t i = 0; i < reader->columns; i++) add_cell(out, &cells[i]);
        strcat(out, " ");
        assert_true(strlen(out) < ROOM / 2);
    }
}

/* Into out [ROOM], twice where it can be read twice. */
static nudge_status rows_of(open_table *open, const nudge_data_options *options,
                            const nudge_allocator *allocator, const char *text, size_t size, char *out) {
    nudge_error error = {0};
    struct text_source *source;
    struct table_reader *reader = NULL;
    out[0] = 0;
    nudge_status status = text_source_memory(allocator, "t", text, size, &source, &error);
    if (!status) status = open(allocator, source, options, &reader, &error);
    if (!status) status = add_rows(reader, out, &error);
    if (reader && status != NUDGE_NO_MEMORY) {
        char *again = calloc(1, ROOM);
        nudge_error same = {0};
        const struct cell *cells;
        uint64_t line;
        assert_non_null(again);
        assert_int_equal(reader->rewind(reader, &same), NUDGE_OK);
        reader->next(reader, &cells, &line, &same); /* and back again, from within the table */
        same.message[0] = 0;
        assert_int_equal(reader->rewind(reader, &same), NUDGE_OK);
        assert_int_equal(add_rows(reader, again, &same), status);
        assert_string_equal(again, out);
        assert_string_equal(same.message, error.message);
        free(again);
    }
    if (status) sprintf(out + strlen(out), "! %s", error.message);
    if (reader) reader->close(reader);
    size_t length = strlen(out);
    if (length > 0 && out[length - 1] == ' ') out[length - 1] = 0;
    return status;
}

void expect_rows(open_table *open, const nudge_data_options *options, const char *text, size_t size,
                 const char *expected) {
    char *out = malloc(ROOM), *bytes = malloc(size ? size : 1); /* exactly: a step beyond it is seen */
    assert_true(out && bytes);
    if (size) memcpy(bytes, text, size);
    struct accounts accounts = {0};
    nudge_allocator allocator = counting_allocator(&accounts);
    rows_of(open, options, &allocator, bytes, size, out);
    if (strcmp(out, expected)) fail_msg("'%s':\n  '%s', expected\n  '%s'", text, out, expected);
    assert_int_equal(accounts.live_blocks, 0);
    assert_int_equal(accounts.live_bytes, 0);
    size_t needed = accounts.allocations;
    for (size_t fail_at = 1; fail_at <= needed; fail_at++) {
        accounts = (struct accounts){.fail_at = fail_at};
        assert_int_equal(rows_of(open, options, &allocator, bytes, size, out), NUDGE_NO_MEMORY);
        assert_int_equal(accounts.live_blocks, 0);
        assert_int_equal(accounts.live_bytes, 0);
    }
    free(out);
    free(bytes);
}
