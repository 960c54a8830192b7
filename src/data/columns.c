/* See columns.h. */
#include "data/columns.h"

#include "base/memory.h"
#include "base/status.h"
#include "base/struct_size.h"

#include <string.h>

nudge_status columns_make(const nudge_allocator *allocator, size_t count, struct columns **columns,
                          nudge_error *error) {
    struct columns *made = memory_get_zeroed(allocator, sizeof *made);
    size_t bytes = 0;
    bool fits = made && size_multiply(&bytes, count, sizeof *made->items);
    if (fits) made->items = memory_get_zeroed(allocator, bytes);
    if (!fits || !made->items) {
        memory_release(allocator, made, sizeof *made);
        return error_no_memory(error, bytes, "a table's columns");
    }
    made->allocator = *allocator;
    made->count = count;
    *columns = made;
    return NUDGE_OK;
}

static void release_categories(const nudge_allocator *allocator, struct column *column) {
    for (size_t i = 0; column->categories && i < column->category_count; i++)
        memory_release_text(allocator, column->categories[i]);
    memory_release(allocator, column->categories, column->category_count * sizeof *column->categories);
    column->categories = NULL;
    column->category_count = 0;
}

void columns_free(struct columns *columns) {
    if (!columns) return;
    nudge_allocator allocator = columns->allocator;
    for (size_t c = 0; c < columns->count; c++) {
        memory_release_text(&allocator, columns->items[c].name);
        release_categories(&allocator, &columns->items[c]);
    }
    memory_release(&allocator, columns->items, columns->count * sizeof *columns->items);
    memory_release(&allocator, columns, sizeof *columns);
}

nudge_status columns_name(struct columns *columns, size_t column, const char *name, size_t length,
                          nudge_error *error) {
    struct column *c = &columns->items[column];
    char *copy = memory_get(&columns->allocator, length + 1);
    if (!copy) return error_no_memory(error, length + 1, "a column's name");
    memcpy(copy, name, length);
    copy[length] = 0;
    memory_release_text(&columns->allocator, c->name);
    c->name = copy;
    return NUDGE_OK;
}

nudge_status columns_categories(struct columns *columns, size_t column, const char *const *categories,
                                size_t count, nudge_error *error) {
    struct column *c = &columns->items[column];
    release_categories(&columns->allocator, c);
    if (count == 0) return NUDGE_OK;
    c->categories = memory_get_zeroed(&columns->allocator, count * sizeof *c->categories);
    if (!c->categories) return error_no_memory(error, count * sizeof *c->categories, "a column's categories");
    c->category_count = count;
    for (size_t i = 0; i < count; i++)
        if (!(c->categories[i] = memory_copy_text(&columns->allocator, categories[i])))
            return error_no_memory(error, strlen(categories[i]) + 1, "a column's categories");
    return NUDGE_OK;
}

nudge_status columns_copy(const nudge_allocator *allocator, const struct columns *from, struct columns **copy,
                          nudge_error *error) {
    struct columns *made = NULL;
    nudge_status status = columns_make(allocator, from->count, &made, error);
    if (status) return status;
    made->inputs = from->inputs;
    made->missing = from->missing;
    for (size_t c = 0; !status && c < from->count; c++) {
        const struct column *old = &from->items[c];
        struct column *new = &made->items[c];
        *new = *old;
        new->name = NULL;
        new->categories = NULL;
        new->category_count = 0;
        status = columns_name(made, c, old->name, strlen(old->name), error);
        if (!status)
            status =
                columns_categories(made, c, (const char *const *)old->categories, old->category_count, error);
    }
    if (status)
        columns_free(made);
    else
        *copy = made;
    return status;
}

void columns_number(struct columns *columns) {
    columns->inputs = 0;
    for (size_t c = 0; c < columns->count; c++) {
        struct column *column = &columns->items[c];
        column->first = column->inputs = 0;
        if (column->role != NUDGE_COLUMN_FEATURE) continue;
        column->first = columns->inputs;
        column->inputs =
            (column->kind == NUDGE_COLUMN_CATEGORY ? column->category_count : 1) + (column->flag ? 1 : 0);
        columns->inputs += column->inputs;
    }
}

size_t columns_find(const struct columns *columns, const char *name, size_t length) {
    size_t c = 0;
    while (c < columns->count &&
           (strlen(columns->items[c].name) != length || memcmp(columns->items[c].name, name, length)))
        c++;
    return c;
}

size_t columns_of_input(const struct columns *columns, size_t input) {
    size_t c = 0;
    while (c < columns->count &&
           !(input >= columns->items[c].first && input - columns->items[c].first < columns->items[c].inputs))
        c++;
    return c;
}

bool columns_give(const struct columns *columns, size_t i, nudge_column *column) {
    if (!columns || i >= columns->count || !column) return false;
    const struct column *c = &columns->items[i];
    nudge_column filled = {sizeof filled,    c->name,   c->role, c->kind,
                           c->first,         c->inputs, c->flag, (const char *const *)c->categories,
                           c->category_count};
    return options_give(column, &filled, sizeof filled);
}
