/* LIBSVM's tables (SVMlight's, too), as a table_reader:
 *
 *     +1 1:0.5 3:-2 # a comment
 *     -1 qid:4 2:1e-3
 *
 * A line is a row: its label, then the features that are not 0, each with its index, counted from 1, ascending. The first
 * column is the label, "label"; then come the features "1", "2", .. Invariant: memory is a few dozen bytes for each feature,
 * and one line. */
#ifndef NUDGE_TABLE_LIBSVM_H
#define NUDGE_TABLE_LIBSVM_H

#include "table/table.h"
#include "table/text_source.h"

/* Takes over the source, also when it fails. `options` NULL or options->features 0: as many features as the largest index,
 * for which the text is read once.
 * Errors: NUDGE_BAD_INPUT naming line and column, also from the reader's `next`: several labels in a row, an index that is
 * 0, not above the one before or above the features, a value that is not a finite number, more than COLUMNS_MOST
 * columns. */
nudge_status libsvm_open(const nudge_allocator *allocator, struct text_source *source,
                         const nudge_data_options *options, struct table_reader **reader, nudge_error *error);

/* What these first bytes of a text (all, or TEXT_LOOK) look like. One pair in each line is not enough, unless its value has a
 * decimal point: 12:30 is a time. */
bool libsvm_looks_like(const char *bytes, size_t size);

#endif
