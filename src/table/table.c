/* See table.h. The rows: cells become floats as they come. Columns are numbers until a text is met; then, once the sample
 * is read, the table is read again from its beginning, so that one of numbers alone is parsed once. */
#include "table/table.h"

#include "base/finite.h"
#include "base/show.h"
#include "base/status.h"
#include "base/text.h"
#include "table/table_reading.h"

#include <string.h>

enum { CHUNK_BYTES = 256 << 10, FIRST_ROWS = 1024, FIRST_IDS = 16384 };

/* -- the table -- */

void table_free(struct table *table) {
    if (!table) return;
    nudge_allocator allocator = table->allocator;
    size_t chunk = table->chunk_rows * table->kept * sizeof(float);
    for (size_t i = 0; i < table->chunk_count; i++) memory_release(&allocator, table->chunks[i], chunk);
    memory_release(&allocator, table->chunks, table->chunk_room * sizeof *table->chunks);
    memory_release(&allocator, table->loaded, chunk);
    for (size_t k = 0; table->places && table->place_counts && k < table->kept; k++)
        memory_release(&allocator, table->places[k], table->place_counts[k] * sizeof **table->places);
    memory_release(&allocator, table->places, table->kept * sizeof *table->places);
    memory_release(&allocator, table->place_counts, table->kept * sizeof *table->place_counts);
    memory_release(&allocator, table->goal_slots, table->targets * sizeof *table->goal_slots);
    memory_release(&allocator, table->goals, table->row_room * table->targets * sizeof *table->goals);
    memory_release(&allocator, table->parts, table->row_room * sizeof *table->parts);
    memory_release(&allocator, table->weights, table->row_room * sizeof *table->weights);
    memory_release(&allocator, table->id_places, table->row_room * sizeof *table->id_places);
    memory_release(&allocator, table->ids, table->id_room);
    memory_release(&allocator, table->kept_columns, table->kept * sizeof *table->kept_columns);
    if (table->columns)
        memory_release(&allocator, table->notes, table->columns->count * sizeof *table->notes);
    columns_free(table->columns);
    memory_release(&allocator, table, sizeof *table);
}

const float *table_row_cells(const struct table *table, size_t row) {
    return table_cells(table, row);
}

/* -- rows in the spill -- */

void table_settle(const struct table *table, float *cells, size_t first, size_t count, table_tell *told,
                  void *user) {
    for (size_t r = 0; r < count; r++) {
        float *row = cells + r * table->kept;
        for (size_t t = 0; t < table->targets; t++)
            row[table->goal_slots[t]] = table->goals[(first + r) * table->targets + t];
    }
    for (size_t k = 0; table->places && k < table->kept; k++) {
        const float *places = table->places[k];
        for (size_t r = 0; places && r < count; r++) {
            float *cell = &cells[r * table->kept + k];
            size_t word = (size_t)*cell;
            *cell = places[word];
            if (*cell < 0 && told) told(user, k, word);
        }
    }
}

static nudge_status load_chunk(struct table *table, size_t row, nudge_error *error) {
    size_t bytes = table->chunk_rows * table->kept * sizeof(float);
    if (table->loaded_row == row) return NUDGE_OK;
    if (!table->loaded) table->loaded = memory_get(&table->allocator, bytes);
    if (!table->loaded) return error_no_memory(error, bytes, "a table's rows");
    table->loaded_row = SIZE_MAX;
    uint64_t position = (uint64_t)(row / table->chunk_rows) * bytes;
    nudge_status status = table->spill->read(table->spill, position, table->loaded, bytes, error);
    if (status) return status;
    if (table->settled) table_settle(table, table->loaded, row, table->chunk_rows, NULL, NULL);
    table->loaded_row = row;
    return NUDGE_OK;
}

nudge_status table_chunk(struct table *table, size_t row, float **cells, size_t *count, nudge_error *error) {
    *count = table->rows - row < table->chunk_rows ? table->rows - row : table->chunk_rows;
    if (row >= table->spilled_rows) {
        *cells = table_cells(table, row);
        return NUDGE_OK;
    }
    nudge_status status = load_chunk(table, row, error);
    *cells = table->loaded;
    return status;
}

nudge_status table_row_at(struct table *table, size_t row, const float **cells, nudge_error *error) {
    if (row >= table->spilled_rows) {
        *cells = table_cells(table, row);
        return NUDGE_OK;
    }
    size_t first = row - row % table->chunk_rows;
    nudge_status status = load_chunk(table, first, error);
    if (!status) *cells = table->loaded + (row - first) * table->kept;
    return status;
}

const char *table_id(const struct table *table, size_t row) {
    return table->ids ? table->ids + table->id_places[row] : NULL;
}

/* A block that is `used` bytes full, twice as large or larger. */
static nudge_status enlarge(const nudge_allocator *allocator, void **block, size_t used, size_t old,
                            size_t new, nudge_error *error) {
    void *larger = memory_get(allocator, new);
    if (!larger) return error_no_memory(error, new, "a table's rows");
    if (used) memcpy(larger, *block, used);
    memory_release(allocator, *block, old);
    *block = larger;
    return NUDGE_OK;
}

static nudge_status room_for_rows(struct reading *reading) {
    struct table *table = reading->table;
    size_t more = table->row_room ? 2 * table->row_room : FIRST_ROWS;
    if (table->rows >= UINT32_MAX / 2)
        return error_set(reading->error, NUDGE_BAD_INPUT, "%s: more than %u rows", reading->reader->name,
                         UINT32_MAX / 2);
    bool has_weights = reading->weight != (size_t)TABLE_NOWHERE,
         has_ids = reading->id != (size_t)TABLE_NOWHERE;
    /* All of one size, or none: the old blocks go when all new ones are there. */
    unsigned char *parts = memory_get(&table->allocator, more * sizeof *parts);
    float *weights = has_weights ? memory_get(&table->allocator, more * sizeof *weights) : NULL;
    size_t *places = has_ids ? memory_get(&table->allocator, more * sizeof *places) : NULL;
    size_t goal = table->targets * sizeof(float);
    float *goals = goal ? memory_get(&table->allocator, more * goal) : NULL;
    if (!parts || (has_weights && !weights) || (has_ids && !places) || (goal && !goals)) {
        memory_release(&table->allocator, goals, more * goal);
        memory_release(&table->allocator, parts, more * sizeof *parts);
        memory_release(&table->allocator, weights, more * sizeof *weights);
        memory_release(&table->allocator, places, more * sizeof *places);
        return error_no_memory(reading->error, more * sizeof *places, "a table's rows");
    }
    if (table->rows) memcpy(parts, table->parts, table->rows * sizeof *parts);
    if (table->rows && weights) memcpy(weights, table->weights, table->rows * sizeof *weights);
    if (table->rows && places) memcpy(places, table->id_places, table->rows * sizeof *places);
    if (table->rows && goals) memcpy(goals, table->goals, table->rows * goal);
    memory_release(&table->allocator, table->parts, table->row_room * sizeof *parts);
    memory_release(&table->allocator, table->weights, table->row_room * sizeof *weights);
    memory_release(&table->allocator, table->id_places, table->row_room * sizeof *places);
    memory_release(&table->allocator, table->goals, table->row_room * goal);
    table->goals = goals;
    table->parts = parts;
    table->weights = weights;
    table->id_places = places;
    table->row_room = more;
    return NUDGE_OK;
}

/* The chunks go to the spill; one stays, for the rows that follow. */
static nudge_status spill_chunks(struct reading *reading) {
    struct table *table = reading->table;
    size_t bytes = table->chunk_rows * table->kept * sizeof(float);
    table->spilling = true;
    for (size_t i = 0; table->spill->write && i < table->chunk_count; i++) {
        nudge_status status = table->spill->write(table->spill, table->chunks[i], bytes, reading->error);
        if (status) return status;
    }
    table->spilled_rows += table->chunk_count * table->chunk_rows;
    while (table->chunk_count > 1)
        memory_release(&table->allocator, table->chunks[--table->chunk_count], bytes);
    return NUDGE_OK;
}

/* Whether the rows are more than memory may hold. */
static bool too_large(const struct table *table) {
    size_t row = (table->kept - table->targets) * sizeof(float);
    return table->spill && table->rows > table->spill->limit / row;
}

/* A chunk is a small piece of what memory may hold, too. */
static size_t rows_of_chunk(const struct table *table, size_t row) {
    size_t bytes = CHUNK_BYTES;
    if (table->spill && table->spill->limit / 4 < bytes) bytes = table->spill->limit / 4;
    return row < bytes ? bytes / row : 1;
}

/* Where the next row's cells go. */
static nudge_status room_for_cells(struct reading *reading) {
    struct table *table = reading->table;
    size_t row = table->kept * sizeof(float);
    if (!table->chunk_rows) table->chunk_rows = rows_of_chunk(table, row);
    if ((table->rows - table->spilled_rows) / table->chunk_rows < table->chunk_count) return NUDGE_OK;
    if (table->spilling || too_large(table)) return spill_chunks(reading);
    if (table->chunk_count == table->chunk_room) {
        size_t more = table->chunk_room ? 2 * table->chunk_room : 16;
        nudge_status status =
            enlarge(&table->allocator, (void **)&table->chunks, table->chunk_count * sizeof *table->chunks,
                    table->chunk_room * sizeof *table->chunks, more * sizeof *table->chunks, reading->error);
        if (status) return status;
        table->chunk_room = more;
    }
    float *chunk = memory_get(&table->allocator, table->chunk_rows * row);
    if (!chunk) return error_no_memory(reading->error, table->chunk_rows * row, "a table's rows");
    table->chunks[table->chunk_count++] = chunk;
    return NUDGE_OK;
}

/* -- cells -- */

struct text_number table_number_text(double number) {
    struct text_number out = {{0}};
    int64_t whole = number > -1e15 && number < 1e15 ? (int64_t)number : 0;
    if ((double)whole != number) return text_double(number);
    text_append(out.text, sizeof out.text, 0, "%lld", (long long)whole);
    return out;
}

bool table_same_word(const char *text, size_t length, const char *word) {
    size_t i = 0;
    for (; i < length && word[i]; i++) {
        char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 'a' - 'A') : text[i];
        if (c != word[i]) return false;
    }
    return i == length && !word[i];
}

/* "FILE: line 7, column "age"", to stand before what is wrong there. */
struct place_text {
    char text[640];
};
static struct place_text place_of(const struct reading *reading, uint64_t line, size_t source) {
    struct place_text place;
    const char *name = reading->reader->headings[source].name;
    struct text_number number = table_number_text((double)(source + 1));
    text_append(place.text, sizeof place.text, 0, "%s: %s %llu, column \"%s\"", reading->reader->name,
                reading->reader->row_word, (unsigned long long)line, shown(name ? name : number.text).text);
    return place;
}

/* What stands in the cell, for sentences. */
static struct shown_text found_in(const struct cell *cell) {
    struct shown_text missing = {"nothing"};
    if (cell->kind == CELL_MISSING) return missing;
    if (cell->text) return shown_start(cell->text, cell->length);
    struct text_number number = table_number_text(cell->number);
    return shown_start(number.text, strlen(number.text));
}

static nudge_status refuse_text(const struct reading *reading, const struct table_slot *slot,
                                const struct cell *cell, uint64_t line) {
    struct shown_text name = shown(reading->table->columns->items[slot->column].name);
    bool hint = !slot->known && !(slot->target && reading->options->regression);
    return error_set(reading->error, NUDGE_BAD_INPUT, "%s: found \"%s\", expected a number%s%s%s",
                     place_of(reading, line, slot->source).text, found_in(cell).text,
                     hint ? " as before (if these are categories: --categorical " : "", hint ? name.text : "",
                     hint ? ")" : "");
}

static void note_unknown(struct table_note *note, const char *text, size_t length, uint64_t line) {
    if (note->unknown++ == 0) {
        show_text(note->example, sizeof note->example, text, length);
        note->unknown_line = line;
    }
}

/* A class that a net does not know cannot be right or wrong. */
static nudge_status refuse_class(const struct reading *reading, const struct table_slot *slot,
                                 const struct cell *cell, uint64_t line) {
    const struct words *words = &slot->words;
    return error_set(reading->error, NUDGE_BAD_INPUT,
                     "%s: found the class \"%s\", expected one of the %zu that are known (\"%s\" to \"%s\")",
                     place_of(reading, line, slot->source).text, found_in(cell).text, words->count,
                     words->count ? shown(words->texts[0]).text : "",
                     words->count ? shown(words->texts[words->count - 1]).text : "");
}

static nudge_status known_category(struct reading *reading, const struct table_slot *slot,
                                   const struct cell *cell, const char *text, size_t length, uint64_t line,
                                   float *out) {
    size_t word = words_find(&slot->words, text, length);
    if (word == slot->words.count && slot->target && cell->kind == CELL_NUMBER) { /* 3.0 for the class 3 */
        struct text_number number = table_number_text((double)(float)cell->number);
        word = words_find(&slot->words, number.text, strlen(number.text));
    }
    if (word == slot->words.count) word = slot->rare;
    *out = word < slot->words.count ? (float)word : -1;
    if (*out >= 0) return NUDGE_OK;
    if (slot->target && !reading->options->unlabelled) {
        reading->strange = cell; /* refused if the row is kept */
        reading->strange_slot = slot;
    }
    if (!reading->strange) note_unknown(&reading->table->notes[slot->column], text, length, line);
    if (slot->target) *out = __builtin_nanf("");
    return NUDGE_OK;
}

/* What cannot be kept in a model is refused before anything is learnt. */
static nudge_status check_text(const struct reading *reading, const struct table_slot *slot, const char *text,
                               size_t length, uint64_t line) {
    enum { MOST_LABEL = 4096 };
    bool control = false;
    for (size_t i = 0; slot->target && i < length; i++)
        control |= (unsigned char)text[i] < 0x20 || text[i] == 0x7F;
    const char *wrong = !utf8_is(text) ? "is not UTF-8; files of other encodings are made so by iconv"
                        : control      ? "has control characters, expected a class's name"
                        : slot->target && length > MOST_LABEL ? "is too long for a class's name"
                                                              : NULL;
    return wrong
               ? error_set(reading->error, NUDGE_BAD_INPUT, "%s: \"%s\" %s",
                           place_of(reading, line, slot->source).text, shown_start(text, length).text, wrong)
               : NUDGE_OK;
}

static nudge_status new_category(const struct reading *reading, struct table_slot *slot, const char *text,
                                 size_t length, uint64_t line, float *out) {
    size_t word, most = slot->target             ? TABLE_MOST_CLASSES
                        : reading->options->rare ? TABLE_MOST_RARE
                                                 : COLUMNS_MOST_CATEGORIES;
    size_t before = slot->words.count;
    nudge_status status = words_take(&slot->words, text, length, &word, reading->error);
    if (!status && slot->words.count > before)
        status = check_text(reading, slot, slot->words.texts[word], length, line);
    if (!status && slot->words.count > most) return table_check_texts(reading, slot, true);
    *out = (float)word;
    return status;
}

/* A lone minus is a gap, but among classes such as + and - it is one of them. */
static bool is_minus_class(const struct table_slot *slot, const struct cell *cell) {
    if (!slot->target || !cell->text || cell->length != 1 || *cell->text != '-') return false;
    return !slot->known || words_find(&slot->words, "-", 1) < slot->words.count;
}

static nudge_status take_category(struct reading *reading, struct table_slot *slot, const struct cell *cell,
                                  uint64_t line, float *out) {
    struct text_number number;
    const char *text = cell->text;
    size_t length = cell->length;
    /* An empty text in quotes is a class only where the known classes have one. */
    bool empty = slot->known && cell->kind == CELL_TEXT && length == 0 &&
                 words_find(&slot->words, "", 0) == slot->words.count;
    bool is_missing = cell->kind == CELL_MISSING && !is_minus_class(slot, cell);
    if (slot->target && (is_missing || empty)) {
        *out = __builtin_nanf("");
        return NUDGE_OK;
    }
    if (is_missing) {
        text = "missing";
        length = strlen(text);
    } else if (!text) {
        number = table_number_text(cell->number);
        text = number.text;
        length = strlen(text);
    }
    return slot->known ? known_category(reading, slot, cell, text, length, line, out)
                       : new_category(reading, slot, text, length, line, out);
}

/* A cell that is no number of a column of numbers, or of one that may be. */
static nudge_status take_gap(const struct reading *reading, struct table_slot *slot, const struct cell *cell,
                             uint64_t line, float *out) {
    *out = __builtin_nanf("");
    if (cell->kind == CELL_MISSING || cell->length == 0) {
        slot->blanks++;
        return NUDGE_OK;
    }
    if (slot->as == SLOT_NUMBER) return refuse_text(reading, slot, cell, line);
    if (slot->text_count++ == 0) {
        slot->text_line = line;
        show_text(slot->text_example, sizeof slot->text_example, cell->text, cell->length);
    }
    slot->texts = true;
    return NUDGE_OK;
}

/* A cell that is no plain number of a column of such. */
static nudge_status take_unusual(struct reading *reading, size_t k, const struct cell *cell, uint64_t line,
                                 float *out, bool *gaps) {
    struct table_slot *slot = &reading->slots[k];
    if (slot->as == SLOT_CATEGORY) {
        nudge_status status = take_category(reading, slot, cell, line, out);
        *gaps |= slot->target && !status && table_is_missing(*out);
        return status;
    }
    if (cell->kind == CELL_NUMBER)
        return error_set(reading->error, NUDGE_BAD_INPUT, "%s: found %s, expected a number that f32 can hold",
                         place_of(reading, line, slot->source).text, found_in(cell).text);
    *gaps = true;
    return take_gap(reading, slot, cell, line, out);
}

static nudge_status take_cells(struct reading *reading, const struct cell *cells, uint64_t line, float *row,
                               bool *gaps) {
    nudge_status status = NUDGE_OK;
    size_t kept = reading->table->kept;
    const uint32_t *sources = reading->sources;
    for (size_t k = 0; !status && k < kept; k++) {
        const struct cell *cell = &cells[sources[k] & ~SOURCE_CATEGORY];
        float number = (float)cell->number;
        if (cell->kind == CELL_NUMBER && !(sources[k] & SOURCE_CATEGORY) && finite_f32(number))
            row[k] = number;
        else
            status = take_unusual(reading, k, cell, line, &row[k], gaps);
    }
    return status;
}

/* -- what is no feature -- */

static nudge_status take_weight(struct reading *reading, const struct cell *cell, uint64_t line) {
    float weight = cell->kind == CELL_NUMBER ? (float)cell->number : -1;
    if (!(weight >= 0) || !finite_f32(weight))
        return error_set(reading->error, NUDGE_BAD_INPUT,
                         "%s: found %s, expected a weight, a number from 0 on",
                         place_of(reading, line, reading->weight).text, found_in(cell).text);
    reading->table->weights[reading->table->rows] = weight;
    return NUDGE_OK;
}

static nudge_status take_part(struct reading *reading, const struct cell *cell, uint64_t line) {
    static const struct {
        const char *word;
        nudge_part part;
    } words[] = {{"train", NUDGE_PART_TRAIN},    {"training", NUDGE_PART_TRAIN},
                 {"val", NUDGE_PART_VALIDATION}, {"valid", NUDGE_PART_VALIDATION},
                 {"test", NUDGE_PART_TEST},      {"validation", NUDGE_PART_VALIDATION}};
    unsigned char *part = &reading->table->parts[reading->table->rows];
    *part = NUDGE_PART_TRAIN;
    if (reading->split == (size_t)TABLE_NOWHERE) return NUDGE_OK;
    if (cell->kind == CELL_NUMBER && (cell->number == 0 || cell->number == 1 || cell->number == 2)) {
        *part = (unsigned char)cell->number;
        return NUDGE_OK;
    }
    for (size_t i = 0; cell->kind == CELL_TEXT && i < sizeof words / sizeof *words; i++)
        if (table_same_word(cell->text, cell->length, words[i].word)) {
            *part = (unsigned char)words[i].part;
            return NUDGE_OK;
        }
    return error_set(reading->error, NUDGE_BAD_INPUT,
                     "%s: found \"%s\", expected train, val or test, or 0, 1 or 2",
                     place_of(reading, line, reading->split).text, found_in(cell).text);
}

static nudge_status take_id(struct reading *reading, const struct cell *cell) {
    struct table *table = reading->table;
    struct text_number number = {{0}};
    if (cell->kind == CELL_NUMBER && !cell->text) number = table_number_text(cell->number);
    const char *text = cell->kind == CELL_MISSING ? "" : cell->text ? cell->text : number.text;
    size_t length = cell->text && cell->kind != CELL_MISSING ? cell->length : strlen(text);
    size_t need = table->id_bytes + length + 1;
    if (need > table->id_room) {
        size_t room = table->id_room ? 2 * table->id_room : FIRST_IDS;
        if (room < need) room = 2 * need;
        nudge_status status = enlarge(&table->allocator, (void **)&table->ids, table->id_bytes,
                                      table->id_room, room, reading->error);
        if (status) return status;
        table->id_room = room;
    }
    memcpy(table->ids + table->id_bytes, text, length);
    table->ids[table->id_bytes + length] = 0;
    table->id_places[table->rows] = table->id_bytes;
    table->id_bytes = need;
    return NUDGE_OK;
}

/* -- rows -- */

static void count_missing(struct reading *reading, const float *row, uint64_t line) {
    struct table *table = reading->table;
    for (size_t k = 0; k < table->kept; k++) {
        struct table_note *note = &table->notes[reading->slots[k].column];
        if (!table_is_missing(row[k]) || reading->slots[k].target) continue;
        if (note->missing++ == 0) note->missing_line = line;
    }
}

/* Whether a row with gaps is one of the table's; counts what is missing. */
static nudge_status look_at_gaps(struct reading *reading, const float *row, uint64_t line, bool *keep) {
    struct table *table = reading->table;
    bool target = false, feature = false;
    for (size_t k = 0; k < table->kept; k++) {
        bool gap = table_is_missing(row[k]);
        target |= gap && reading->slots[k].target;
        feature |= gap && !reading->slots[k].target;
    }
    bool left_out = target && !reading->strange && !reading->options->unlabelled,
         dropped = !left_out && feature && reading->missing == NUDGE_MISSING_DROP &&
                   !(reading->given && reading->options->unlabelled); /* every row is answered */
    *keep = !left_out && !dropped;
    table->without_target += target && !reading->strange && !dropped;
    table->dropped += dropped;
    if (*keep && reading->strange)
        return refuse_class(reading, reading->strange_slot, reading->strange, line);
    if (*keep) count_missing(reading, row, line);
    return NUDGE_OK;
}

static nudge_status take_row(struct reading *reading, const struct cell *cells, uint64_t line) {
    struct table *table = reading->table;
    bool gaps = false, keep = true;
    reading->strange = NULL;
    nudge_status status = table->rows == table->row_room ? room_for_rows(reading) : NUDGE_OK;
    if (!status) status = room_for_cells(reading);
    if (status) return status;
    float *row = table_cells(table, table->rows);
    status = take_cells(reading, cells, line, row, &gaps);
    if (!status)
        status = take_part(reading, reading->split == (size_t)TABLE_NOWHERE ? cells : &cells[reading->split],
                           line);
    if (!status && table->weights) status = take_weight(reading, &cells[reading->weight], line);
    if (!status && gaps) status = look_at_gaps(reading, row, line, &keep);
    if (status || !keep) return status;
    if (reading->id != (size_t)TABLE_NOWHERE) status = take_id(reading, &cells[reading->id]);
    for (size_t t = 0; t < table->targets; t++)
        table->goals[table->rows * table->targets + t] = row[table->goal_slots[t]];
    if (!status) table->rows++;
    return status;
}

/* Reads until the end, or `most` rows. */
static nudge_status take_rows(struct reading *reading, uint64_t most, bool *end) {
    const struct cell *cells = NULL;
    uint64_t line;
    *end = false;
    for (uint64_t i = 0; i < most; i++) {
        nudge_status status = reading->reader->next(reading->reader, &cells, &line, reading->error);
        if (status) return status;
        *end = !cells;
        if (*end) return NUDGE_OK;
        status = take_row(reading, cells, line);
        if (status) return status;
    }
    return NUDGE_OK;
}

/* A few texts among many numbers are a slip, or say that something is missing: taken for categories, every number would
 * be the name of one. */
static nudge_status refuse_few_texts(const struct reading *reading, const struct table_slot *slot) {
    enum { LEAST_NUMBERS = 20, TIMES = 20 };
    const struct table *table = reading->table;
    uint64_t rows = table->rows + table->dropped + (reading->options->unlabelled ? 0 : table->without_target),
             other = slot->text_count + slot->blanks, numbers = rows > other ? rows - other : 0;
    if (slot->text_count == 0 || numbers < LEAST_NUMBERS || numbers < TIMES * slot->text_count)
        return NUDGE_OK;
    struct shown_text name = shown(table->columns->items[slot->column].name);
    return error_set(
        reading->error, NUDGE_BAD_INPUT,
        "%s: found \"%s\", but %llu of the column's first %llu cells are numbers: an empty cell says that "
        "one is missing; if these are categories: --categorical %s",
        place_of(reading, slot->text_line, slot->source).text, slot->text_example,
        (unsigned long long)numbers, (unsigned long long)rows, name.text);
}

/* The kinds that the sample says. *again: some are texts, and were read as numbers. */
static nudge_status settle_kinds(struct reading *reading, bool *again) {
    *again = false;
    for (size_t k = 0; k < reading->table->kept; k++) {
        struct table_slot *slot = &reading->slots[k];
        if (slot->as != SLOT_UNKNOWN) continue;
        nudge_status status = refuse_few_texts(reading, slot);
        if (status) return status;
        slot->as = slot->texts ? SLOT_CATEGORY : SLOT_NUMBER;
        *again |= slot->texts;
    }
    return NUDGE_OK;
}

static nudge_status begin_again(struct reading *reading) {
    struct table *table = reading->table;
    table->rows = table->id_bytes = table->dropped = table->without_target = 0;
    memset(table->notes, 0, table->columns->count * sizeof *table->notes);
    nudge_status status = NUDGE_OK;
    if (table->spilling && table->spill->write) status = table->spill->restart(table->spill, reading->error);
    table->spilling = false;
    table->spilled_rows = 0;
    if (status) return status;
    return reading->reader->rewind(reading->reader, reading->error);
}

/* Texts in a target that is to be numbers. */
static nudge_status check_targets(const struct reading *reading) {
    for (size_t k = 0; k < reading->table->kept; k++) {
        const struct table_slot *slot = &reading->slots[k];
        bool numbers = reading->table->targets > 1 || reading->options->regression;
        if (slot->target && numbers && !slot->known && slot->as == SLOT_CATEGORY)
            return error_set(reading->error, NUDGE_BAD_INPUT,
                             "%s: the target \"%s\" has texts (%s %llu), expected numbers%s",
                             reading->reader->name,
                             shown(reading->table->columns->items[slot->column].name).text,
                             reading->reader->row_word, (unsigned long long)slot->text_line,
                             reading->table->targets > 1 ? " where there are several targets" : "");
    }
    return NUDGE_OK;
}

static void set_sources(struct reading *reading) {
    for (size_t k = 0; k < reading->table->kept; k++)
        reading->sources[k] = (uint32_t)reading->slots[k].source |
                              (reading->slots[k].as == SLOT_CATEGORY ? SOURCE_CATEGORY : 0);
}

/* Lists the targets among the kept columns. */
static nudge_status find_goals(struct reading *reading) {
    struct table *table = reading->table;
    size_t bytes = table->targets * sizeof *table->goal_slots, to = 0;
    table->goal_slots = memory_get(&table->allocator, bytes);
    if (!table->goal_slots) return error_no_memory(reading->error, bytes, "a table's targets");
    for (size_t k = 0; k < table->kept; k++)
        if (reading->slots[k].target) table->goal_slots[to++] = k;
    return NUDGE_OK;
}

/* Of a table that nothing takes: how much it would need. Categories are those met so far, flags are not known. */
static nudge_status refuse_large(const struct reading *reading) {
    const struct table *table = reading->table;
    unsigned long long inputs = 0;
    for (size_t k = 0; k < table->kept; k++) {
        const struct table_slot *slot = &reading->slots[k];
        if (!slot->target) inputs += slot->as == SLOT_CATEGORY ? slot->words.count : 1;
    }
    return error_set(
        reading->error, NUDGE_NO_MEMORY,
        "%s: its features take about %llu bytes, data may take %zu: %s its rows are kept in a file and "
        "read as they are needed",
        reading->reader->name, inputs * table->rows * sizeof(float), table->spill->limit, table->spill->hint);
}

static nudge_status read_rows(struct reading *reading) {
    bool end = false, again = false;
    reading->sources =
        memory_get(&reading->table->allocator, reading->table->kept * sizeof *reading->sources);
    if (!reading->sources)
        return error_no_memory(reading->error, reading->table->kept * 4, "a table's columns");
    nudge_status found = find_goals(reading);
    if (found) return found;
    set_sources(reading);
    nudge_status status = take_rows(reading, TABLE_SAMPLE, &end);
    if (!status) status = settle_kinds(reading, &again);
    set_sources(reading);
    if (!status) status = check_targets(reading);
    if (!status && again) status = begin_again(reading);
    if (!status && (again || !end)) status = take_rows(reading, UINT64_MAX, &end);
    if (!status && reading->table->spilling && !reading->table->spill->write) status = refuse_large(reading);
    return status;
}

static void release_reading(struct reading *reading) {
    const nudge_allocator *allocator = &reading->table->allocator;
    for (size_t k = 0; reading->slots && k < reading->table->kept; k++)
        words_release(&reading->slots[k].words);
    memory_release(allocator, reading->sources, reading->table->kept * sizeof *reading->sources);
    memory_release(allocator, reading->slots, reading->table->kept * sizeof *reading->slots);
    memory_release(allocator, reading->named, reading->reader->columns * sizeof *reading->named);
    words_release(&reading->names);
}

nudge_status table_read(const nudge_allocator *allocator, struct table_reader *reader,
                        const nudge_data_options *options, const struct columns *given, struct table **table,
                        nudge_error *error) {
    return table_read_large(allocator, reader, options, given, NULL, table, error);
}

nudge_status table_read_large(const nudge_allocator *allocator, struct table_reader *reader,
                              const nudge_data_options *options, const struct columns *given,
                              struct table_spill *spill, struct table **table, nudge_error *error) {
    struct table *made = memory_get_zeroed(allocator, sizeof *made);
    if (!made) return error_no_memory(error, sizeof *made, "a table");
    made->allocator = *allocator;
    made->spill = spill;
    made->loaded_row = SIZE_MAX;
    struct reading reading = {.table = made,
                              .reader = reader,
                              .options = options,
                              .given = given,
                              .missing = given ? given->missing : options->missing,
                              .id = (size_t)TABLE_NOWHERE,
                              .weight = (size_t)TABLE_NOWHERE,
                              .split = (size_t)TABLE_NOWHERE,
                              .names = words_begin(&made->allocator),
                              .error = error};
    nudge_status status = table_columns(&reading);
    if (!status) status = read_rows(&reading);
    if (!status) status = table_finish(&reading);
    release_reading(&reading);
    if (status)
        table_free(made);
    else
        *table = made;
    return status;
}
