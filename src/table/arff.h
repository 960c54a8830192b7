/* ARFF tables (Weka's), as a table_reader:
 *
 *     % a comment
 *     @relation bills
 *     @attribute age numeric
 *     @attribute sex {female, male, 'rather not say'}
 *     @attribute note string
 *     @data
 *     31, male, ?
 *     {0 44, 2 "in arrears"}
 *
 * numeric, real and integer are numbers; a list in braces is a category; string and date are texts. A row in braces is
 * sparse: index and value, from 0, ascending; a number that is absent is 0, a category the first of its list, a text
 * missing. ? is missing. A row without a comma outside of quotes is apart by blanks. % begins a comment at a line's
 * beginning and behind a blank. Invariant: memory is the header's text with a few dozen bytes for each attribute and each value of a list, and one
 * line. */
#ifndef NUDGE_TABLE_ARFF_H
#define NUDGE_TABLE_ARFF_H

#include "table/table.h"
#include "table/text_source.h"

/* Takes over the source, also when it fails. `options` may be NULL; it has nothing for ARFF.
 * Errors: NUDGE_BAD_INPUT naming line and column, also from the reader's `next`: relational attributes, instance weights,
 * more or fewer values than attributes, a number that is not finite, a value that is not in its list. */
nudge_status arff_open(const nudge_allocator *allocator, struct text_source *source,
                       const nudge_data_options *options, struct table_reader **reader, nudge_error *error);

/* What these first bytes of a text (all, or TEXT_LOOK) look like: after comments, @relation or @attribute. */
bool arff_looks_like(const char *bytes, size_t size);

#endif
