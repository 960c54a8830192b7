/* What a data set lacks: numbers and targets of tables, for formats that have no place for a gap. See data.h. */
#include "base/show.h"
#include "base/status.h"
#include "data/data.h"

struct search {
    const nudge_data *data;
    const struct data_part *part;
    size_t row, feature; /* feature: data->features is a target */
    bool found;
};

static bool lacks_target(const nudge_data *data, const struct data_block *block, size_t row) {
    if (block->labels) return block->labels[row] < 0;
    const float *targets = block->targets + row * data->target_columns;
    for (size_t j = 0; j < data->target_columns; j++)
        if (targets[j] != targets[j]) return true;
    return false;
}

static void look_at_row(void *user, const void *values) {
    struct search *search = user;
    const float *row = values;
    size_t features = search->data->features, i = 0;
    if (search->found) return;
    while (i < features && row[i] == row[i]) i++;
    search->feature = i;
    search->found = i < features ||
                    lacks_target(search->data, search->part->block, data_part_row(search->part, search->row));
    search->row += !search->found;
}

nudge_status data_refuse_gaps(const nudge_data *data, const char *format, nudge_error *error) {
    nudge_status status = NUDGE_OK;
    if (!data->columns || data->type != NUDGE_TYPE_F32) return NUDGE_OK;
    for (size_t p = 0; !status && p < DATA_PARTS; p++) {
        struct search search = {.data = data, .part = &data->parts[p]};
        if (search.part->rows == 0) continue;
        status = data_visit_rows(data, (nudge_part)p, look_at_row, &search, error);
        if (status || !search.found) continue;
        size_t c = columns_of_input(data->columns, search.feature);
        bool target = search.feature == data->features || c == data->columns->count;
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "%s: %s row %zu has nothing in the column \"%s\", and %s has no place for what is "
                         "missing: give another --missing (drop leaves such rows out), or write .csv",
                         data->name, data_part_name((nudge_part)p), search.row,
                         target ? "target" : shown(data->columns->items[c].name).text, format);
    }
    return status;
}
