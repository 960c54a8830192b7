/* What a table's reader gives, as text, for tests. */
#ifndef NUDGE_TESTS_SUPPORT_ROWS_H
#define NUDGE_TESTS_SUPPORT_ROWS_H

#include "table/table.h"
#include "table/text_source.h"

typedef nudge_status open_table(const nudge_allocator *allocator, struct text_source *source,
                                const nudge_data_options *options, struct table_reader **reader,
                                nudge_error *error);

/* The table's columns and rows: "age:number sex:{a,b} | 1: 31 'a' | 2: ? 'b'": of each row its line and cells. Or what came
 * before an error, then "! " and its sentence. The table is called "t". Read twice, and with every allocation failing once:
 * fails the test where these differ, or memory leaks. */
void expect_rows(open_table *open, const nudge_data_options *options, const char *text, size_t size,
                 const char *expected);

#endif
