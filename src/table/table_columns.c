/* What a table's columns are: by what was asked for, what the format says, or what is known from a net. See
 * table_reading.h. */
#include "table/table_reading.h"

#include "base/show.h"
#include "base/status.h"
#include "base/text.h"

#include <string.h>

/* -- columns by their names -- */

struct name_list {
    char text[400];
};

/* The columns there are, for sentences; cut where there are many. */
static struct name_list columns_there_are(const struct reading *reading) {
    struct name_list list = {{0}};
    size_t used = 0, count = reading->reader->columns;
    for (size_t c = 0; c < count; c++) {
        struct shown_text name = shown(reading->table->columns->items[c].name);
        if (used + strlen(name.text) + 12 > sizeof list.text) {
            text_append(list.text, sizeof list.text, used, ", ..");
            break;
        }
        used = text_append(list.text, sizeof list.text, used, "%s%s", c ? ", " : "", name.text);
    }
    return list;
}

static nudge_status index_names(struct reading *reading) {
    const struct table_reader *reader = reading->reader;
    reading->named = memory_get(&reading->table->allocator, reader->columns * sizeof *reading->named);
    if (!reading->named)
        return error_no_memory(reading->error, reader->columns * sizeof *reading->named, reader->name);
    for (size_t c = 0; c < reader->columns; c++) {
        struct text_number place = table_number_text((double)(c + 1));
        const char *name = reader->headings[c].name ? reader->headings[c].name : place.text;
        size_t word, before = reading->names.count;
        nudge_status status = words_take(&reading->names, name, strlen(name), &word, reading->error);
        if (status) return status;
        if (word == before) reading->named[word] = c;
    }
    return NUDGE_OK;
}

size_t table_find_name(const struct reading *reading, const char *name, size_t length) {
    size_t word = words_find(&reading->names, name, length);
    return word < reading->names.count ? reading->named[word] : (size_t)TABLE_NOWHERE;
}

/* Of this name, or at this place, from 1. */
static size_t find_column(const struct reading *reading, const char *name, size_t length) {
    size_t column = table_find_name(reading, name, length);
    char digits[24] = {0};
    uint64_t place;
    if (column != (size_t)TABLE_NOWHERE || length >= sizeof digits) return column;
    memcpy(digits, name, length);
    const char *end = text_parse_count(digits, reading->reader->columns, &place);
    return end == digits + length && place > 0 ? (size_t)place - 1 : (size_t)TABLE_NOWHERE;
}

/* -- lists of columns -- */

bool table_next_item(const char **list, const char **item, size_t *length) {
    const char *at = *list;
    if (!at) return false;
    size_t all = strcspn(at, ",");
    *list = at[all] ? at + all + 1 : NULL;
    while (all > 0 && *at == ' ') at++, all--;
    while (all > 0 && at[all - 1] == ' ') all--;
    *item = at;
    *length = all;
    return true;
}

nudge_status table_find_item(const struct reading *reading, const char *item, size_t length, const char *what,
                             size_t *column) {
    *column = find_column(reading, item, length);
    if (*column != (size_t)TABLE_NOWHERE) return NUDGE_OK;
    return error_set(reading->error, NUDGE_BAD_ARGUMENT, "%s: no column \"%s\" (%s); the columns are %s",
                     reading->reader->name, shown_start(item, length).text, what,
                     columns_there_are(reading).text);
}

static const char *role_name(nudge_column_role role) {
    static const char *const names[] = {"a feature", "a target", "an id", "a weight", "the split", "ignored"};
    return names[role];
}

static nudge_status set_role(struct reading *reading, size_t column, nudge_column_role role) {
    struct column *c = &reading->table->columns->items[column];
    if (c->role != NUDGE_COLUMN_FEATURE && c->role != role)
        return error_set(reading->error, NUDGE_BAD_ARGUMENT,
                         "%s: the column \"%s\" is to be %s and %s, expected one", reading->reader->name,
                         shown(c->name).text, role_name(c->role), role_name(role));
    c->role = role;
    return NUDGE_OK;
}

static nudge_status set_roles(struct reading *reading, const char *list, nudge_column_role role,
                              const char *what) {
    const char *item;
    size_t length, column;
    while (table_next_item(&list, &item, &length)) {
        nudge_status status = table_find_item(reading, item, length, what, &column);
        if (!status) status = set_role(reading, column, role);
        if (status) return status;
    }
    return NUDGE_OK;
}

static nudge_status set_single(struct reading *reading, const char *name, nudge_column_role role,
                               const char *what, size_t *column) {
    if (!name) return NUDGE_OK;
    nudge_status status = table_find_item(reading, name, strlen(name), what, column);
    return status ? status : set_role(reading, *column, role);
}

/* -- a table that is new -- */

static nudge_status name_columns(struct reading *reading) {
    const struct table_reader *reader = reading->reader;
    struct columns *columns = reading->table->columns;
    nudge_status status = NUDGE_OK;
    for (size_t c = 0; !status && c < reader->columns; c++) {
        struct text_number place = table_number_text((double)(c + 1));
        const char *name = reader->headings[c].name ? reader->headings[c].name : place.text;
        if (!utf8_is(name))
            return error_set(reading->error, NUDGE_BAD_INPUT,
                             "%s: the name of column %zu, \"%s\", is not UTF-8; files of other encodings are "
                             "made so by iconv",
                             reading->reader->name, c + 1, shown(name).text);
        status = columns_name(columns, c, name, strlen(name), reading->error);
    }
    return status;
}

/* The one column that is called so, whatever the case; count: none, or several. */
static size_t only_column(const struct columns *columns, const char *word) {
    size_t found = columns->count, times = 0;
    for (size_t c = 0; c < columns->count; c++)
        if (columns->items[c].role == NUDGE_COLUMN_FEATURE &&
            table_same_word(columns->items[c].name, strlen(columns->items[c].name), word)) {
            found = c;
            times++;
        }
    return times == 1 ? found : columns->count;
}

static nudge_status guess_target(struct reading *reading) {
    static const char *const words[] = {"label", "target", "class", "y"};
    struct columns *columns = reading->table->columns;
    size_t told = 0;
    for (size_t c = 0; c < columns->count; c++) {
        int says = (int)reading->reader->headings[c].says;
        bool target = says == HEADING_TARGET_NUMBER || says == HEADING_TARGET_CLASS;
        if (target && columns->items[c].role == NUDGE_COLUMN_FEATURE) {
            columns->items[c].role = NUDGE_COLUMN_TARGET;
            told++;
        }
    }
    if (told) return NUDGE_OK;
    size_t found = columns->count;
    for (size_t i = 0; found == columns->count && i < sizeof words / sizeof *words; i++)
        found = only_column(columns, words[i]);
    reading->table->target_found = found < columns->count ? TABLE_TARGET_NAMED : TABLE_TARGET_LAST;
    for (size_t c = columns->count; found == columns->count && c-- > 0;)
        if (columns->items[c].role == NUDGE_COLUMN_FEATURE) found = c;
    if (found == columns->count)
        return error_set(reading->error, NUDGE_BAD_INPUT, "%s: no column is left for the target",
                         reading->reader->name);
    columns->items[found].role = NUDGE_COLUMN_TARGET;
    return NUDGE_OK;
}

/* Weight, id and split stand once; what is ignored may be one of many. */
static nudge_status choose_roles(struct reading *reading) {
    const nudge_data_options *options = reading->options;
    nudge_status status = set_roles(reading, options->ignore, NUDGE_COLUMN_IGNORED, "to be ignored");
    if (!status) status = set_single(reading, options->id, NUDGE_COLUMN_ID, "the id", &reading->id);
    if (!status)
        status = set_single(reading, options->weight, NUDGE_COLUMN_WEIGHT, "the weight", &reading->weight);
    if (!status)
        status = set_single(reading, options->split, NUDGE_COLUMN_SPLIT, "the split", &reading->split);
    if (!status) status = set_roles(reading, options->target, NUDGE_COLUMN_TARGET, "the target");
    if (!status && !options->target) status = guess_target(reading);
    return status;
}

static struct table_slot *slot_of(struct reading *reading, size_t column) {
    for (size_t k = 0; k < reading->table->kept; k++)
        if (reading->slots[k].column == column) return &reading->slots[k];
    return NULL;
}

static nudge_status ask_kinds(struct reading *reading, const char *list, int as, const char *what) {
    const char *item;
    size_t length, column;
    while (table_next_item(&list, &item, &length)) {
        nudge_status status = table_find_item(reading, item, length, what, &column);
        if (status) return status;
        struct table_slot *slot = slot_of(reading, column);
        if (!slot) continue;
        if (slot->asked && (int)slot->as != as)
            return error_set(reading->error, NUDGE_BAD_ARGUMENT,
                             "%s: the column \"%s\" is to be numeric and categorical, expected one of them",
                             reading->reader->name, shown_start(item, length).text);
        slot->as = (unsigned)as;
        slot->asked = true;
    }
    return NUDGE_OK;
}

/* What the format says of the slot's column. */
static nudge_status take_heading(struct reading *reading, struct table_slot *slot) {
    const struct table_heading *heading = &reading->reader->headings[slot->source];
    nudge_status status = NUDGE_OK;
    if (heading->says == HEADING_NUMBER || heading->says == HEADING_TARGET_NUMBER) slot->as = SLOT_NUMBER;
    if (heading->says == HEADING_CATEGORY) slot->as = SLOT_CATEGORY;
    if (slot->as == SLOT_CATEGORY)
        for (size_t i = 0; !status && heading->categories && i < heading->category_count; i++) {
            size_t word;
            status = words_take(&slot->words, heading->categories[i], strlen(heading->categories[i]), &word,
                                reading->error);
        }
    slot->listed_count = slot->words.count;
    return status;
}

/* Slots for the columns that are features or targets. */
static nudge_status make_slots(struct reading *reading) {
    struct table *table = reading->table;
    struct columns *columns = table->columns;
    const nudge_allocator *allocator = &table->allocator;
    size_t kept = 0;
    for (size_t c = 0; c < columns->count; c++) {
        nudge_column_role role = columns->items[c].role;
        kept += role == NUDGE_COLUMN_FEATURE || role == NUDGE_COLUMN_TARGET;
        table->targets += role == NUDGE_COLUMN_TARGET;
    }
    if (kept == table->targets)
        return error_set(reading->error, NUDGE_BAD_INPUT, "%s: no column is left for features, only \"%s\"",
                         reading->reader->name, shown(columns->items[0].name).text);
    table->kept = kept;
    table->kept_columns = memory_get_zeroed(allocator, kept * sizeof *table->kept_columns);
    reading->slots = memory_get_zeroed(allocator, kept * sizeof *reading->slots);
    if (!table->kept_columns || !reading->slots)
        return error_no_memory(reading->error, kept * sizeof *reading->slots, reading->reader->name);
    for (size_t c = 0, k = 0; c < columns->count; c++) {
        nudge_column_role role = columns->items[c].role;
        if (role != NUDGE_COLUMN_FEATURE && role != NUDGE_COLUMN_TARGET) continue;
        reading->slots[k] = (struct table_slot){
            .source = c, .column = c, .target = role == NUDGE_COLUMN_TARGET, .words = words_begin(allocator)};
        table->kept_columns[k++] = c;
    }
    return NUDGE_OK;
}

static nudge_status make_new(struct reading *reading) {
    struct table *table = reading->table;
    const nudge_data_options *options = reading->options;
    nudge_status status =
        columns_make(&table->allocator, reading->reader->columns, &table->columns, reading->error);
    if (!status) status = name_columns(reading);
    if (!status) status = choose_roles(reading);
    if (!status) status = make_slots(reading);
    for (size_t k = 0; !status && k < table->kept; k++) status = take_heading(reading, &reading->slots[k]);
    if (!status) status = ask_kinds(reading, options->categorical, SLOT_CATEGORY, "to be categorical");
    if (!status) status = ask_kinds(reading, options->numeric, SLOT_NUMBER, "to be numeric");
    if (!status) table->columns->missing = options->missing;
    return status;
}

/* -- a table whose columns are known -- */

/* A given column that the table lacks; NUDGE_OK where it may. */
static nudge_status miss_column(struct reading *reading, const struct column *column) {
    bool target = column->role == NUDGE_COLUMN_TARGET;
    if (target && reading->options->unlabelled) return NUDGE_OK;
    if (!target && column->role != NUDGE_COLUMN_FEATURE) return NUDGE_OK;
    struct name_list there = {{0}};
    size_t used = 0;
    for (size_t c = 0; c < reading->reader->columns && used + 64 < sizeof there.text; c++) {
        const char *name = reading->reader->headings[c].name;
        struct text_number place = table_number_text((double)(c + 1));
        used = text_append(there.text, sizeof there.text, used, "%s%s", c ? ", " : "",
                           shown(name ? name : place.text).text);
    }
    return error_set(
        reading->error, NUDGE_BAD_INPUT, "%s: no column \"%s\", which is %s%s; the columns are %s",
        reading->reader->name, shown(column->name).text, target ? "the target" : "a feature that is needed",
        reading->reader->headings[0].name ? "" : " (the table's first line has no names)", there.text);
}

/* Where the columns stand in this table. */
static nudge_status place_given(struct reading *reading) {
    const nudge_data_options *options = reading->options;
    const struct columns *columns = reading->table->columns;
    for (size_t c = 0; c < columns->count; c++) {
        const struct column *column = &columns->items[c];
        size_t source = table_find_name(reading, column->name, strlen(column->name));
        if (source == (size_t)TABLE_NOWHERE) {
            nudge_status status = miss_column(reading, column);
            if (status) return status;
        }
        if (column->role == NUDGE_COLUMN_ID) reading->id = source;
        if (column->role == NUDGE_COLUMN_WEIGHT) reading->weight = source;
        if (column->role == NUDGE_COLUMN_SPLIT) reading->split = source;
    }
    nudge_status status = NUDGE_OK;
    if (options->id)
        status = table_find_item(reading, options->id, strlen(options->id), "the id", &reading->id);
    if (!status && options->weight)
        status = table_find_item(reading, options->weight, strlen(options->weight), "the weight",
                                 &reading->weight);
    if (!status && options->split)
        status =
            table_find_item(reading, options->split, strlen(options->split), "the split", &reading->split);
    return status;
}

static nudge_status take_given(struct table_slot *slot, const struct column *column, nudge_error *error) {
    nudge_status status = NUDGE_OK;
    slot->as = column->kind == NUDGE_COLUMN_CATEGORY ? SLOT_CATEGORY : SLOT_NUMBER;
    slot->asked = true;
    for (size_t i = 0; !status && i < column->category_count; i++) {
        size_t word;
        const char *text = column->categories[i];
        status = words_take(&slot->words, text, strlen(text), &word, error);
        if (!status && word != i)
            status = error_set(error, NUDGE_BAD_INPUT, "the column \"%s\" has the category \"%s\" twice",
                               shown(column->name).text, shown(text).text);
    }
    slot->rare = slot->target ? slot->words.count : words_find(&slot->words, "rare", 4);
    return status;
}

/* Targets that the table lacks have no slot. */
static nudge_status drop_absent(struct reading *reading) {
    struct table *table = reading->table;
    size_t present = 0, absent = 0;
    for (size_t k = 0; k < table->kept; k++) {
        const struct column *column = &table->columns->items[reading->slots[k].column];
        reading->slots[k].source = table_find_name(reading, column->name, strlen(column->name));
        absent += reading->slots[k].source == (size_t)TABLE_NOWHERE;
        present += reading->slots[k].source != (size_t)TABLE_NOWHERE;
    }
    if (!absent) return NUDGE_OK;
    struct table_slot *slots = memory_get(&table->allocator, present * sizeof *slots);
    size_t *kept = memory_get(&table->allocator, present * sizeof *kept), to = 0;
    if (!slots || !kept) {
        memory_release(&table->allocator, slots, present * sizeof *slots);
        memory_release(&table->allocator, kept, present * sizeof *kept);
        return error_no_memory(reading->error, present * sizeof *slots, reading->reader->name);
    }
    for (size_t k = 0; k < table->kept; k++)
        if (reading->slots[k].source != (size_t)TABLE_NOWHERE) {
            kept[to] = reading->slots[k].column;
            slots[to++] = reading->slots[k];
        }
    memory_release(&table->allocator, reading->slots, table->kept * sizeof *reading->slots);
    memory_release(&table->allocator, table->kept_columns, table->kept * sizeof *table->kept_columns);
    reading->slots = slots;
    table->kept_columns = kept;
    table->kept = present;
    table->targets -= absent;
    return NUDGE_OK;
}

static nudge_status make_given(struct reading *reading) {
    struct table *table = reading->table;
    bool anew = reading->options->new_targets;
    nudge_status status =
        anew ? table_columns_with_new_targets(reading)
             : columns_copy(&table->allocator, reading->given, &table->columns, reading->error);
    if (!status) status = place_given(reading);
    if (!status) status = make_slots(reading);
    if (!status) status = drop_absent(reading);
    for (size_t k = 0; !status && k < table->kept; k++) {
        struct table_slot *slot = &reading->slots[k];
        slot->known = !(anew && slot->target);
        status = slot->known ? take_given(slot, &table->columns->items[slot->column], reading->error)
                             : take_heading(reading, slot);
    }
    if (status || !anew) return status;
    status = ask_kinds(reading, reading->options->categorical, SLOT_CATEGORY, "to be categorical");
    return status ? status : ask_kinds(reading, reading->options->numeric, SLOT_NUMBER, "to be numeric");
}

nudge_status table_columns(struct reading *reading) {
    struct table *table = reading->table;
    nudge_status status = index_names(reading);
    if (!status) status = reading->given ? make_given(reading) : make_new(reading);
    if (status) return status;
    table->notes = memory_get_zeroed(&table->allocator, table->columns->count * sizeof *table->notes);
    if (!table->notes)
        return error_no_memory(reading->error, table->columns->count * sizeof *table->notes,
                               reading->reader->name);
    return NUDGE_OK;
}
