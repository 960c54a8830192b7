/* A table whose features are known from a net, and whose targets are its own (nudge_data_options.new_targets): the list of
 * its columns. Invariant: features are those that are known, in their order; targets stand behind all others. */
#include "base/show.h"
#include "base/status.h"
#include "base/text.h"
#include "table/table_reading.h"

#include <string.h>

struct targets {
    const struct reading *reading;
    size_t *items; /* [count], the reader's columns */
    size_t count;
};

/* A column's name, or its place where it has none. */
struct column_name {
    struct text_number place;
    const char *given;
};
static struct column_name name_of(const struct reading *reading, size_t source) {
    return (struct column_name){table_number_text((double)(source + 1)),
                                reading->reader->headings[source].name};
}
static const char *name_text(const struct column_name *name) {
    return name->given ? name->given : name->place.text;
}

/* What is known of the column; NULL: nothing, or that it is a target. */
static const struct column *known(const struct reading *reading, size_t source) {
    struct column_name name = name_of(reading, source);
    size_t c = columns_find(reading->given, name_text(&name), strlen(name_text(&name)));
    const struct column *column = c < reading->given->count ? &reading->given->items[c] : NULL;
    return column && column->role != NUDGE_COLUMN_TARGET ? column : NULL;
}

static bool is_taken(const struct targets *targets, size_t source) {
    for (size_t i = 0; i < targets->count; i++)
        if (targets->items[i] == source) return true;
    return false;
}

static void add(struct targets *targets, size_t source) {
    if (!is_taken(targets, source)) targets->items[targets->count++] = source;
}

/* -- which they are -- */

static nudge_status take_asked(struct targets *targets) {
    const struct reading *reading = targets->reading;
    const char *list = reading->options->target, *item;
    size_t length, source;
    while (table_next_item(&list, &item, &length)) {
        nudge_status status = table_find_item(reading, item, length, "the target", &source);
        if (status) return status;
        const struct column *column = known(reading, source);
        if (column && column->role == NUDGE_COLUMN_FEATURE)
            return error_set(reading->error, NUDGE_BAD_ARGUMENT,
                             "%s: the column \"%s\" is to be the target, but is a feature of the network",
                             reading->reader->name, shown(column->name).text);
        add(targets, source);
    }
    return NUDGE_OK;
}

/* Those that the net has, where all are there. */
static void take_same(struct targets *targets) {
    const struct columns *given = targets->reading->given;
    for (size_t c = 0; c < given->count; c++) {
        const char *name = given->items[c].name;
        if (given->items[c].role != NUDGE_COLUMN_TARGET) continue;
        size_t source = table_find_name(targets->reading, name, strlen(name));
        if (source == (size_t)TABLE_NOWHERE) {
            targets->count = 0;
            return;
        }
        add(targets, source);
    }
}

static void take_told(struct targets *targets) {
    for (size_t c = 0; c < targets->reading->reader->columns; c++) {
        int says = (int)targets->reading->reader->headings[c].says;
        if (says == HEADING_TARGET_NUMBER || says == HEADING_TARGET_CLASS) add(targets, c);
    }
}

/* Among the columns of which nothing is known: one that is called so, or the last. */
static void guess(struct targets *targets) {
    static const char *const words[] = {"label", "target", "class", "y"};
    const struct reading *reading = targets->reading;
    size_t last = reading->reader->columns;
    for (size_t w = 0; targets->count == 0 && w < sizeof words / sizeof *words; w++)
        for (size_t c = 0; targets->count == 0 && c < reading->reader->columns; c++) {
            struct column_name name = name_of(reading, c);
            bool called = table_same_word(name_text(&name), strlen(name_text(&name)), words[w]);
            if (called && !known(reading, c)) add(targets, c);
        }
    reading->table->target_found = targets->count ? TABLE_TARGET_NAMED : TABLE_TARGET_LAST;
    for (size_t c = 0; c < reading->reader->columns; c++)
        if (!known(reading, c)) last = c;
    if (targets->count == 0 && last < reading->reader->columns) add(targets, last);
}

static nudge_status find_targets(struct targets *targets) {
    nudge_status status = take_asked(targets);
    if (!status && targets->count == 0) take_same(targets);
    if (!status && targets->count == 0) take_told(targets);
    if (!status && targets->count == 0) guess(targets);
    if (status || targets->count) return status;
    return error_set(targets->reading->error, NUDGE_BAD_INPUT,
                     "%s: no column is left for the target: all are the network's features",
                     targets->reading->reader->name);
}

/* -- the list -- */

/* Beside the old targets, all but columns that are targets now. */
static bool stays(const struct targets *targets, const struct column *column) {
    if (column->role == NUDGE_COLUMN_TARGET) return false;
    size_t source = table_find_name(targets->reading, column->name, strlen(column->name));
    return source == (size_t)TABLE_NOWHERE || !is_taken(targets, source);
}

static nudge_status copy_column(struct columns *to, size_t at, const struct column *from,
                                nudge_error *error) {
    struct column *column = &to->items[at];
    column->role = from->role;
    column->kind = from->kind;
    column->flag = from->flag;
    nudge_status status = columns_name(to, at, from->name, strlen(from->name), error);
    if (status) return status;
    return columns_categories(to, at, (const char *const *)from->categories, from->category_count, error);
}

static nudge_status make_list(const struct targets *targets, struct columns **columns) {
    const struct reading *reading = targets->reading;
    const struct columns *given = reading->given;
    size_t count = targets->count, at = 0;
    for (size_t c = 0; c < given->count; c++) count += stays(targets, &given->items[c]);
    nudge_status status = columns_make(&reading->table->allocator, count, columns, reading->error);
    if (status) return status;
    (*columns)->missing = given->missing;
    for (size_t c = 0; !status && c < given->count; c++)
        if (stays(targets, &given->items[c]))
            status = copy_column(*columns, at++, &given->items[c], reading->error);
    for (size_t i = 0; !status && i < targets->count; i++, at++) {
        struct column_name name = name_of(reading, targets->items[i]);
        (*columns)->items[at].role = NUDGE_COLUMN_TARGET;
        status = columns_name(*columns, at, name_text(&name), strlen(name_text(&name)), reading->error);
    }
    return status;
}

nudge_status table_columns_with_new_targets(struct reading *reading) {
    const nudge_allocator *allocator = &reading->table->allocator;
    size_t bytes = reading->reader->columns * sizeof(size_t);
    struct targets targets = {.reading = reading, .items = memory_get(allocator, bytes)};
    if (!targets.items) return error_no_memory(reading->error, bytes, reading->reader->name);
    nudge_status status = find_targets(&targets);
    if (!status) status = make_list(&targets, &reading->table->columns);
    memory_release(allocator, targets.items, bytes);
    return status;
}
