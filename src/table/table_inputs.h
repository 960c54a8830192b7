/* From a table's cells to a network's inputs: a number is copied, with a flag beside it where its column has one; a category
 * becomes an input for each that there are, 1 for its own.
 * Invariant: inputs stand in the order of their cells, and a cell has one at least: so cells that lie at the end of the room
 * for their inputs are never written over before they are read. */
#ifndef NUDGE_TABLE_TABLE_INPUTS_H
#define NUDGE_TABLE_TABLE_INPUTS_H

#include "data/columns.h"

/* Features side by side: numbers without flags, which are copied, or one of another kind. */
struct table_run {
    size_t cell, first, count;   /* which cells, and the first of their inputs */
    const struct column *column; /* NULL: numbers */
};

/* Of cells that stand for the columns kept[0 .. count-1] (NULL: 0, 1, ..); those that become no input are passed over.
 * runs[count]; returns how many there are. The columns must outlive them. */
size_t table_runs(const struct columns *columns, const size_t *kept, size_t count, struct table_run *runs);

/* All inputs of a row. */
void table_expand(const struct table_run *runs, size_t count, const float *cells, float *inputs);

/* Inputs from .. to-1 of the column's own, of its cell. */
void table_expand_some(const struct column *column, float cell, size_t from, size_t to, float *inputs);

/* Whether the column may have the cell: a number that is finite or missing, a category's place, or -1. */
bool table_cell_fits(const struct column *column, float cell);

#endif
