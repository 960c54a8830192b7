/* FANN's training data (fann_train_on_file's), as a table_reader:
 *
 *     4 2 1       pairs, inputs, outputs
 *     0 1         the inputs of a pair
 *     1           its outputs
 *     ..
 *
 * Only blanks and the ends of lines are between numbers, any of them. The columns are the inputs and the outputs; but
 * outputs that name a class become one column, "class": of several outputs the one that has the larger of two values, where
 * every pair has it once ("0", "1", ..: which one it is); of one output 0 and 1, or -1 and 1 ("0" and "1"). Invariant:
 * memory is a few dozen bytes for each column, once as many numbers are counted, and one line. */
#ifndef NUDGE_TABLE_FANN_H
#define NUDGE_TABLE_FANN_H

#include "table/table.h"
#include "table/text_source.h"

/* Takes over the source, also when it fails, and reads it once. `options` may be NULL; with options->regression outputs stay
 * numbers.
 * Errors: NUDGE_BAD_INPUT naming what was found and expected: a first line that is not three whole numbers above 0, fewer or
 * more numbers than it announces, what is not a finite number, more than COLUMNS_MOST columns. */
nudge_status fann_open(const nudge_allocator *allocator, struct text_source *source,
                       const nudge_data_options *options, struct table_reader **reader, nudge_error *error);

/* The same for a table whose outputs are known from another one: where they are a class, each pair's must name one, or may be
 * missing (`unlabelled`). */
enum fann_outputs { FANN_AS_THEY_LOOK = 0, FANN_CLASS, FANN_NUMBERS };
nudge_status fann_open_as(const nudge_allocator *allocator, struct text_source *source,
                          enum fann_outputs outputs, bool unlabelled, struct table_reader **reader,
                          nudge_error *error);

/* What these first bytes of a text (all, or TEXT_LOOK) look like: three whole numbers alone in the first line, then numbers
 * alone, as they announce, and not three in every line: that is a table of three columns. */
bool fann_looks_like(const char *bytes, size_t size);

#endif
