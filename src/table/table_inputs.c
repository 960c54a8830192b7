/* See table_inputs.h. */
#include "table/table_inputs.h"

#include <string.h>

size_t table_runs(const struct columns *columns, const size_t *kept, size_t count, struct table_run *runs) {
    size_t made = 0;
    for (size_t k = 0; k < count; k++) {
        const struct column *column = &columns->items[kept ? kept[k] : k];
        bool plain = column->kind == NUDGE_COLUMN_NUMBER && !column->flag;
        struct table_run *last = made ? &runs[made - 1] : NULL;
        if (column->inputs == 0) continue;
        if (plain && last && !last->column && last->cell + last->count == k &&
            last->first + last->count == column->first)
            last->count++;
        else
            runs[made++] = (struct table_run){k, column->first, 1, plain ? NULL : column};
    }
    return made;
}

void table_expand_some(const struct column *column, float cell, size_t from, size_t to, float *inputs) {
    bool number = column->kind == NUDGE_COLUMN_NUMBER;
    for (size_t i = from; i < to; i++)
        inputs[i - from] = number ? (i == 0 ? cell : (float)(cell != cell)) /* its flag */
                                  : (float)(cell >= 0 && (size_t)cell == i);
}

static void expand_feature(const struct column *column, float cell, float *inputs) {
    if (column->kind == NUDGE_COLUMN_NUMBER) {
        inputs[0] = cell;
        if (column->flag) inputs[1] = cell != cell;
        return;
    }
    memset(inputs, 0, column->inputs * sizeof *inputs);
    if (cell >= 0 && (size_t)cell < column->inputs) inputs[(size_t)cell] = 1;
}

void table_expand(const struct table_run *runs, size_t count, const float *cells, float *inputs) {
    for (size_t i = 0; i < count; i++) {
        const struct table_run *run = &runs[i];
        if (run->column)
            expand_feature(run->column, cells[run->cell], inputs + run->first);
        else
            memmove(inputs + run->first, cells + run->cell, run->count * sizeof *inputs);
    }
}

bool table_cell_fits(const struct column *column, float cell) {
    if (column->kind == NUDGE_COLUMN_NUMBER) return cell != cell || cell - cell == 0;
    return cell >= -1 && cell < (float)column->category_count && cell == (float)(int)cell;
}
