/* What is decided when a table's rows are there: the target's classes, each row's part, what is missing, and which
 * categories a column has. See table_reading.h. */
#include "table/table_reading.h"

#include "base/random.h"
#include "base/show.h"
#include "base/status.h"
#include "base/text.h"

#include <string.h>

enum { MOST_GUESSED_CLASSES = 50, ROWS_PER_CLASS = 5, WHOLE_F32 = 1 << 24 };

static struct column *column_of(const struct reading *reading, const struct table_slot *slot) {
    return &reading->table->columns->items[slot->column];
}

static bool counts_in_training(const struct reading *reading, size_t row) {
    return reading->table->parts[row] == NUDGE_PART_TRAIN;
}

/* -- texts that are no categories -- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* 2024-01-31, 31.12.2024, 12/31/2024 and the like, alone or before a time. */
static bool is_date(const char *text) {
    size_t digits[3] = {0}, group = 0;
    char mark = 0;
    for (; *text; text++) {
        if (is_digit(*text)) {
            digits[group]++;
        } else if (digits[group] && group < 2 && (*text == '-' || *text == '.' || *text == '/') &&
                   (!mark || mark == *text)) {
            mark = *text;
            group++;
        } else {
            break;
        }
    }
    bool year_first = digits[0] == 4 && digits[1] <= 2 && digits[2] <= 2,
         year_last = digits[0] <= 2 && digits[1] <= 2 && (digits[2] == 4 || digits[2] == 2);
    if (group != 2 || !digits[2] || !(year_first || year_last)) return false;
    return !*text || *text == ' ' || *text == 'T';
}

/* 3,5 or -1.234,5 */
static bool is_comma_number(const char *text) {
    size_t commas = 0, digits = 0;
    if (*text == '-') text++;
    for (; is_digit(*text) || *text == '.' || (*text == ',' && !commas); text++) {
        commas += *text == ',';
        digits += is_digit(*text);
    }
    return !*text && digits > 0 && commas == 1;
}

static bool is_infinite(const char *text) {
    if (*text == '-' || *text == '+') text++;
    return table_same_word(text, strlen(text), "inf") || table_same_word(text, strlen(text), "infinity");
}

static bool is_number(const char *text) {
    double number;
    const char *end = text_parse_number(text, &number);
    return end && !*end;
}

/* Whether `is` holds for all of a column's texts, numbers and gaps aside, and for one at least. */
static bool all_are(const struct words *words, bool (*is)(const char *text)) {
    size_t times = 0;
    for (size_t w = 0; w < words->count; w++) {
        const char *text = words->texts[w];
        bool fits = is(text);
        times += fits;
        if (!fits && !is_number(text) && strcmp(text, "missing") != 0 && *text) return false;
    }
    return times > 0;
}

nudge_status table_check_texts(const struct reading *reading, const struct table_slot *slot, bool many) {
    const char *file = reading->reader->name;
    struct shown_text name = shown(column_of(reading, slot)->name),
                      example = shown(slot->words.count ? slot->words.texts[0] : "");
    if (!slot->target && !slot->asked && all_are(&slot->words, is_date))
        return error_set(
            reading->error, NUDGE_BAD_INPUT,
            "%s: the column \"%s\" has dates (\"%s\"), which are no categories: turn them into numbers, or "
            "--ignore %s",
            file, name.text, example.text, name.text);
    if (!slot->asked && all_are(&slot->words, is_comma_number))
        return error_set(reading->error, NUDGE_BAD_INPUT,
                         "%s: the column \"%s\" has numbers with a decimal comma (\"%s\"), expected a point",
                         file, name.text, example.text);
    if (!slot->asked && all_are(&slot->words, is_infinite))
        return error_set(
            reading->error, NUDGE_BAD_INPUT,
            "%s: the column \"%s\" has infinite numbers (the first at %s %llu), expected finite ones", file,
            name.text, reading->reader->row_word, (unsigned long long)slot->text_line);
    if (many && slot->target)
        return error_set(reading->error, NUDGE_BAD_INPUT,
                         "%s: the target \"%s\" has more than %d different texts (\"%s\" ..)", file,
                         name.text, TABLE_MOST_CLASSES, example.text);
    if (many)
        return error_set(
            reading->error, NUDGE_BAD_INPUT,
            "%s: the column \"%s\" has more than %d different texts (\"%s\" ..), too many for categories: "
            "--ignore %s, or --id %s if it names the rows",
            file, name.text, reading->options->rare ? TABLE_MOST_RARE : COLUMNS_MOST_CATEGORIES, example.text,
            name.text, name.text);
    return NUDGE_OK;
}

/* -- a target of whole numbers -- */

struct values {
    float *items; /* [most], sorted */
    size_t count, most;
};

/* False: one value too many. */
static bool add_value(struct values *values, float value) {
    size_t low = 0, high = values->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (values->items[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < values->count && values->items[low] == value) return true;
    if (values->count == values->most) return false;
    memmove(&values->items[low + 1], &values->items[low], (values->count - low) * sizeof value);
    values->items[low] = value;
    values->count++;
    return true;
}

static bool is_whole(float value) {
    return value > -WHOLE_F32 && value < WHOLE_F32 && (float)(int32_t)value == value;
}

/* All values of the only target; false when one is not whole, or there are too many. */
static bool collect_values(const struct table *table, struct values *values) {
    for (size_t r = 0; r < table->rows; r++) {
        float value = table->goals[r];
        if (table_is_missing(value)) continue;
        if (!is_whole(value) || !add_value(values, value + 0.0f)) return false;
    }
    return true;
}

static nudge_status name_classes(struct reading *reading, const struct table_slot *slot,
                                 const struct values *values) {
    struct words names = words_begin(&reading->table->allocator);
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && i < values->count; i++) {
        struct text_number text = table_number_text((double)values->items[i]);
        size_t word;
        status = words_take(&names, text.text, strlen(text.text), &word, reading->error);
    }
    if (!status)
        status = columns_categories(reading->table->columns, slot->column, (const char *const *)names.texts,
                                    names.count, reading->error);
    words_release(&names);
    return status;
}

static nudge_status make_classes(struct reading *reading, size_t k, bool told, struct values *values) {
    struct table *table = reading->table;
    struct table_slot *slot = &reading->slots[k];
    bool whole = collect_values(table, values);
    size_t labelled = table->rows - (reading->options->unlabelled ? table->without_target : 0);
    if (told && !whole)
        return error_set(reading->error, NUDGE_BAD_INPUT,
                         "%s: labels that are not whole numbers, or more than %d", reading->reader->name,
                         TABLE_MOST_CLASSES);
    if (!whole || values->count == 0 || (!told && labelled / values->count < ROWS_PER_CLASS)) return NUDGE_OK;
    for (size_t r = 0; r < table->rows; r++) {
        float *cell = &table->goals[r];
        if (table_is_missing(*cell)) continue;
        size_t class = 0, high = values->count;
        while (class < high) {
            size_t middle = (class + high) / 2;
            if (values->items[middle] < *cell)
                class = middle + 1;
            else
                high = middle;
        }
        *cell = (float)class;
    }
    column_of(reading, slot)->kind = NUDGE_COLUMN_CATEGORY;
    return name_classes(reading, slot, values);
}

static nudge_status find_classes(struct reading *reading) {
    struct table *table = reading->table;
    size_t k = 0;
    while (k < table->kept && !reading->slots[k].target) k++;
    if (table->targets != 1 || reading->options->regression) return NUDGE_OK;
    const struct table_slot *slot = &reading->slots[k];
    if (slot->known) return NUDGE_OK;
    int says = (int)reading->reader->headings[slot->source].says;
    if (slot->as == SLOT_CATEGORY || slot->asked || says == HEADING_TARGET_NUMBER) return NUDGE_OK;
    bool told = says == HEADING_TARGET_CLASS;
    struct values values = {.most = told ? TABLE_MOST_CLASSES : MOST_GUESSED_CLASSES};
    values.items = memory_get(&table->allocator, values.most * sizeof *values.items);
    if (!values.items)
        return error_no_memory(reading->error, values.most * sizeof *values.items, "a table's classes");
    nudge_status status = make_classes(reading, k, told, &values);
    memory_release(&table->allocator, values.items, values.most * sizeof *values.items);
    return status;
}

/* -- parts -- */

/* How many of a class's rows are still to come, and of these, how many go where. */
struct draw {
    uint32_t rows, test, validation;
};

/* Classes in the order in which the rows have them first: it is the same whether they are guessed or known. */
struct draws {
    struct draw *items; /* [room], by class */
    uint32_t *order;    /* [count] */
    size_t count, room;
};

/* The class of a row, 0 for a regression; `classes` where it is missing. */
static size_t class_of(const struct table *table, size_t classes, size_t row) {
    float cell = classes ? table->goals[row] : 0;
    return table_is_missing(cell) || cell < 0 ? classes : (size_t)cell;
}

/* Adds `share` of the rows to the part that lies at `part` in a draw: class by class, such that the sum is right all the
 * way, then what is left over where there is room. A row of each class at least stays for training. */
static void share_rows(struct draws *draws, double share, size_t part) {
    double rows = 0, given = 0;
    for (size_t pass = 0; share > 0 && pass < 2; pass++)
        for (size_t i = 0; i < draws->count; i++) {
            struct draw *draw = &draws->items[draws->order[i]];
            uint32_t spare = draw->rows - 1 - draw->test - draw->validation,
                     *to = (uint32_t *)((char *)draw + part);
            if (pass == 0) rows += draw->rows;
            double wanted = rows * share - given + 0.5;
            uint32_t more = wanted < 1 ? 0 : wanted > spare ? spare : (uint32_t)wanted;
            *to += more;
            given += more;
        }
}

/* As in nudge_data_split (Fan, Muller and Rezucha 1962), class by class at once. */
static void draw_rows(struct table *table, struct draws *draws, uint64_t seed) {
    struct random_stream stream = random_stream_make(seed, RANDOM_SPLIT, 1, 0, 0);
    for (size_t r = 0; r < table->rows; r++) {
        struct draw *draw = &draws->items[class_of(table, draws->room - 1, r)];
        uint32_t drawn = random_below(&stream, draw->rows--);
        if (drawn < draw->test) {
            draw->test--;
            table->parts[r] = NUDGE_PART_TEST;
        } else if (drawn - draw->test < draw->validation) {
            draw->validation--;
            table->parts[r] = NUDGE_PART_VALIDATION;
        }
    }
}

/* A share below 0 is a wish: it is drawn where nothing else says what to test with, and there are rows enough. */
static double test_share(const struct reading *reading) {
    enum { FEW_ROWS = 40 };
    double share = reading->options->test_split;
    bool parts = reading->split != (size_t)TABLE_NOWHERE || reading->options->test_file ||
                 (reading->given && !reading->options->new_targets);
    return share >= 0 ? share : parts || reading->table->rows < FEW_ROWS ? 0 : -share;
}

static nudge_status check_shares(const struct reading *reading) {
    double test = test_share(reading), validation = reading->options->validation_split;
    const char *file = reading->reader->name;
    if (!(test >= 0 && test < 1) || !(validation >= 0 && validation < 1) || test + validation >= 1)
        return error_set(
            reading->error, NUDGE_BAD_ARGUMENT,
            "%s: shares of %s for test and %s for validation, expected from 0 on and less than 1 together",
            file, text_number(test, 6).text, text_number(validation, 6).text);
    if (reading->split != (size_t)TABLE_NOWHERE && (test > 0 || validation > 0) && !reading->given)
        return error_set(reading->error, NUDGE_BAD_ARGUMENT,
                         "%s: parts both by a column and drawn, expected one of them", file);
    return NUDGE_OK;
}

static nudge_status check_drawn(const struct reading *reading, const struct draws *draws) {
    const nudge_data_options *options = reading->options;
    size_t test = 0, validation = 0;
    for (size_t i = 0; i < draws->room; i++) {
        test += draws->items[i].test;
        validation += draws->items[i].validation;
    }
    bool no_test = options->test_split > 0 && test == 0;
    if (!no_test && !(options->validation_split > 0 && validation == 0)) return NUDGE_OK;
    return error_set(reading->error, NUDGE_BAD_INPUT, "%s: too few rows (%zu) for a %s part of %s of them",
                     reading->reader->name, reading->table->rows, no_test ? "test" : "validation",
                     text_number(no_test ? options->test_split : options->validation_split, 6).text);
}

static nudge_status draw_parts(struct reading *reading, size_t classes) {
    struct table *table = reading->table;
    const nudge_data_options *options = reading->options;
    struct draws draws = {.room = classes + 1};
    nudge_status status = NUDGE_OK;
    draws.items = memory_get_zeroed(&table->allocator, draws.room * sizeof *draws.items);
    draws.order = memory_get(&table->allocator, draws.room * sizeof *draws.order);
    if (draws.items && draws.order) {
        for (size_t r = 0; r < table->rows; r++) {
            size_t class = class_of(table, classes, r);
            if (draws.items[class].rows++ == 0) draws.order[draws.count++] = (uint32_t) class;
        }
        share_rows(&draws, test_share(reading), offsetof(struct draw, test));
        share_rows(&draws, options->validation_split, offsetof(struct draw, validation));
        status = check_drawn(reading, &draws);
        if (!status) draw_rows(table, &draws, options->seed);
        table->test_share = test_share(reading);
    } else {
        status = error_no_memory(reading->error, draws.room * sizeof *draws.items, "a table's parts");
    }
    memory_release(&table->allocator, draws.items, draws.room * sizeof *draws.items);
    memory_release(&table->allocator, draws.order, draws.room * sizeof *draws.order);
    return status;
}

static nudge_status find_parts(struct reading *reading) {
    struct table *table = reading->table;
    nudge_status status = check_shares(reading);
    bool drawn = reading->split == (size_t)TABLE_NOWHERE &&
                 (test_share(reading) > 0 || reading->options->validation_split > 0);
    if (status || !drawn) return status;
    size_t k = 0, classes = 0;
    while (k < table->kept && !reading->slots[k].target) k++;
    if (k < table->kept && table->targets == 1) {
        const struct table_slot *slot = &reading->slots[k];
        classes = slot->as == SLOT_CATEGORY ? slot->words.count : column_of(reading, slot)->category_count;
    }
    return draw_parts(reading, classes);
}

/* -- what is missing -- */

static nudge_status refuse_missing(const struct reading *reading, const struct column *column,
                                   const struct table_note *note) {
    return error_set(
        reading->error, NUDGE_BAD_INPUT,
        "%s: the column \"%s\" has %llu missing number%s, the first in %s %llu, expected none (--missing "
        "mean, median, zero or drop says what to do)",
        reading->reader->name, shown(column->name).text, (unsigned long long)note->missing,
        note->missing == 1 ? "" : "s", reading->reader->row_word, (unsigned long long)note->missing_line);
}

/* -- what columns have, counted -- */

/* One column: what its rows have, and which of its categories are chosen. Arrays by words, in the order in which they were
 * met. */
struct choice {
    struct reading *reading;
    size_t k, missing;  /* numbers of training rows that are */
    uint64_t *rows;     /* training rows; of a target all */
    uint32_t *order;    /* words that are categories, sorted */
    float *places;      /* each word's place among the categories; -1 */
    size_t count, room; /* categories */
    bool rare;          /* there is one more, or it is one of them: "rare" */
};

static nudge_status check_missing(const struct reading *reading) {
    for (size_t k = 0; k < reading->table->kept; k++) {
        const struct table_slot *slot = &reading->slots[k];
        const struct table_note *note = &reading->table->notes[slot->column];
        if (!slot->target && note->missing && reading->missing == NUDGE_MISSING_REFUSE)
            return refuse_missing(reading, column_of(reading, slot), note);
    }
    return NUDGE_OK;
}

/* Whether something of the column must be counted. */
static bool is_counted(const struct reading *reading, size_t k) {
    const struct table_slot *slot = &reading->slots[k];
    return !slot->target && !slot->known &&
           (slot->as == SLOT_CATEGORY || reading->table->notes[slot->column].missing > 0);
}

static void count_cell(struct choice *choice, float cell) {
    if (table_is_missing(cell))
        choice->missing++;
    else if (choice->rows)
        choice->rows[(size_t)cell]++;
}

/* All columns at once: rows may have to be read back. `counted` [count]: those that are. */
static nudge_status count_rows(struct reading *reading, struct choice *choices, const size_t *counted,
                               size_t count) {
    struct table *table = reading->table;
    float *cells;
    size_t rows;
    for (size_t first = 0; count > 0 && first < table->rows; first += rows) {
        nudge_status status = table_chunk(table, first, &cells, &rows, reading->error);
        if (status) return status;
        for (size_t r = 0; r < rows; r++)
            for (size_t i = 0; counts_in_training(reading, first + r) && i < count; i++)
                count_cell(&choices[counted[i]], cells[r * table->kept + counted[i]]);
    }
    for (size_t t = 0; t < table->targets; t++)
        for (size_t r = 0; choices[table->goal_slots[t]].rows && r < table->rows; r++)
            count_cell(&choices[table->goal_slots[t]], table->goals[r * table->targets + t]);
    return NUDGE_OK;
}

/* A column without any number is of no use, and has no mean. */
static void find_missing(struct reading *reading, const struct choice *choices) {
    bool flags = reading->options->missing_flag || reading->missing == NUDGE_MISSING_AUTO;
    size_t training = 0;
    for (size_t r = 0; r < reading->table->rows; r++) training += counts_in_training(reading, r);
    for (size_t k = 0; k < reading->table->kept; k++) {
        const struct table_slot *slot = &reading->slots[k];
        struct column *column = column_of(reading, slot);
        if (slot->target || slot->known || reading->table->notes[slot->column].missing == 0) continue;
        column->flag = flags && choices[k].missing > 0 && choices[k].missing < training;
        if (choices[k].missing == training) column->role = NUDGE_COLUMN_IGNORED;
    }
}

/* -- categories -- */

/* Sorts by merging: `spare` has as much room. */
static void sort_words(uint32_t *order, uint32_t *spare, size_t count, const struct words *words,
                       bool as_numbers) {
    if (count < 2) return;
    size_t half = count / 2, a = 0, b = half, to = 0;
    sort_words(order, spare, half, words, as_numbers);
    sort_words(order + half, spare, count - half, words, as_numbers);
    while (a < half && b < count) {
        const char *first = words->texts[order[a]], *second = words->texts[order[b]];
        double x = 0, y = 0;
        int compared = words_compare(first, second);
        if (as_numbers && text_parse_number(first, &x) && text_parse_number(second, &y) && x != y)
            compared = x < y ? -1 : 1;
        spare[to++] = order[compared <= 0 ? a++ : b++];
    }
    while (a < half) spare[to++] = order[a++];
    while (b < count) spare[to++] = order[b++];
    memcpy(order, spare, count * sizeof *order);
}

/* Which words are categories. */
static void choose_words(struct choice *choice) {
    const struct table_slot *slot = &choice->reading->slots[choice->k];
    size_t rare = slot->target ? 0 : choice->reading->options->rare;
    for (size_t w = 0; w < slot->words.count; w++) {
        bool listed = w < slot->listed_count;
        if (choice->rows[w] == 0 && !listed) continue;
        if (choice->rows[w] < rare && !listed)
            choice->rare = true;
        else
            choice->order[choice->count++] = (uint32_t)w;
    }
}

/* The categories' texts, sorted, into the column; where each word went. */
static nudge_status write_categories(struct choice *choice, const char **texts) {
    struct reading *reading = choice->reading;
    const struct table_slot *slot = &reading->slots[choice->k];
    size_t rare = choice->count;
    for (size_t i = 0; i < choice->count; i++) {
        texts[i] = slot->words.texts[choice->order[i]];
        choice->places[choice->order[i]] = (float)i;
        if (!slot->target && strcmp(texts[i], "rare") == 0) rare = i;
    }
    bool there = rare < choice->count; /* then it takes in what no training row has */
    if (choice->rare && !there) {
        for (; rare > 0 && words_compare(texts[rare - 1], "rare") > 0; rare--) {
            texts[rare] = texts[rare - 1];
            choice->places[choice->order[rare - 1]] = (float)rare;
        }
        texts[rare] = "rare";
        choice->count++;
    }
    for (size_t w = 0; (choice->rare || there) && w < slot->words.count; w++)
        if (choice->places[w] < 0) choice->places[w] = (float)rare;
    if (!slot->target && choice->count > COLUMNS_MOST_CATEGORIES)
        return error_set(
            reading->error, NUDGE_BAD_INPUT,
            "%s: the column \"%s\" has %zu categories, expected at most %d: --ignore it, or a larger --rare",
            reading->reader->name, shown(column_of(reading, slot)->name).text, choice->count,
            COLUMNS_MOST_CATEGORIES);
    column_of(reading, slot)->kind = NUDGE_COLUMN_CATEGORY;
    return columns_categories(reading->table->columns, slot->column, texts, choice->count, reading->error);
}

/* What only other parts have is counted. */
static void tell_unknown(void *user, size_t k, size_t word) {
    const struct reading *reading = user;
    const struct table_slot *slot = &reading->slots[k];
    struct table_note *note = &reading->table->notes[slot->column];
    if (note->unknown++ == 0)
        show_text(note->example, sizeof note->example, slot->words.texts[word], slot->words.lengths[word]);
}

/* Cells become places in the lists, and targets what they have become. */
static nudge_status settle_rows(struct reading *reading) {
    struct table *table = reading->table;
    float *cells;
    size_t rows;
    for (size_t first = 0; first < table->rows; first += rows) {
        nudge_status status = table_chunk(table, first, &cells, &rows, reading->error);
        if (status) return status;
        table_settle(table, cells, first, rows, tell_unknown, reading);
        table->loaded_row = SIZE_MAX;
    }
    table->settled = true;
    return NUDGE_OK;
}

/* A target's words become places at once; those of a feature when its rows are settled. */
static void keep_places(struct choice *choice) {
    struct table *table = choice->reading->table;
    if (!choice->reading->slots[choice->k].target) {
        table->places[choice->k] = choice->places;
        table->place_counts[choice->k] = choice->room;
        choice->places = NULL;
        return;
    }
    size_t t = 0;
    while (table->goal_slots[t] != choice->k) t++;
    for (size_t r = 0; r < table->rows; r++) {
        float *goal = &table->goals[r * table->targets + t];
        if (!table_is_missing(*goal)) *goal = choice->places[(size_t)*goal];
    }
}

static nudge_status choose_categories(struct choice *choice) {
    struct reading *reading = choice->reading;
    const nudge_allocator *allocator = &reading->table->allocator;
    const struct table_slot *slot = &reading->slots[choice->k];
    size_t room = choice->room;
    nudge_status status = table_check_texts(reading, slot, false);
    if (status) return status;
    choice->order = memory_get(allocator, 2 * room * sizeof *choice->order);
    choice->places = memory_get(allocator, room * sizeof *choice->places);
    const char **texts = memory_get(allocator, room * sizeof *texts);
    if (choice->order && choice->places && texts) {
        for (size_t w = 0; w < room; w++) choice->places[w] = -1;
        choose_words(choice);
        sort_words(choice->order, choice->order + room, choice->count, &slot->words,
                   slot->target && all_are(&slot->words, is_number));
        status = write_categories(choice, texts);
        if (!status) keep_places(choice);
    } else {
        status = error_no_memory(reading->error, room * sizeof *texts, "a column's categories");
    }
    memory_release(allocator, choice->order, 2 * room * sizeof *choice->order);
    memory_release(allocator, choice->places, room * sizeof *choice->places);
    memory_release(allocator, texts, room * sizeof *texts);
    choice->order = NULL;
    choice->places = NULL;
    return status;
}

/* Room for what is counted: choices[kept], and the list of columns counted[kept]. */
static nudge_status begin_choices(struct reading *reading, struct choice *choices, size_t *counted,
                                  size_t *count) {
    struct table *table = reading->table;
    table->places = memory_get_zeroed(&table->allocator, table->kept * sizeof *table->places);
    table->place_counts = memory_get_zeroed(&table->allocator, table->kept * sizeof *table->place_counts);
    if (!table->places || !table->place_counts)
        return error_no_memory(reading->error, table->kept * sizeof *table->places, "a table's categories");
    for (size_t k = 0; k < table->kept; k++) {
        const struct table_slot *slot = &reading->slots[k];
        choices[k] = (struct choice){.reading = reading, .k = k, .room = slot->words.count + 1};
        if (is_counted(reading, k)) counted[(*count)++] = k;
        if (slot->as != SLOT_CATEGORY || slot->known) continue;
        size_t bytes = choices[k].room * sizeof *choices[k].rows;
        choices[k].rows = memory_get_zeroed(&table->allocator, bytes);
        if (!choices[k].rows) return error_no_memory(reading->error, bytes, "a table's categories");
    }
    return NUDGE_OK;
}

/* Of columns that are not known: their flags and categories. */
static nudge_status find_columns(struct reading *reading) {
    struct table *table = reading->table;
    const nudge_allocator *allocator = &table->allocator;
    struct choice *choices = memory_get_zeroed(allocator, table->kept * sizeof *choices);
    size_t *counted = memory_get(allocator, table->kept * sizeof *counted), count = 0;
    nudge_status status = choices && counted ? begin_choices(reading, choices, counted, &count)
                                             : error_no_memory(reading->error, table->kept * sizeof *choices,
                                                               "a table's categories");
    if (!status) status = count_rows(reading, choices, counted, count);
    if (!status) find_missing(reading, choices);
    for (size_t k = 0; !status && k < table->kept; k++)
        if (reading->slots[k].as == SLOT_CATEGORY && !reading->slots[k].known)
            status = choose_categories(&choices[k]);
    for (size_t k = 0; choices && k < table->kept; k++)
        memory_release(allocator, choices[k].rows, choices[k].room * sizeof *choices[k].rows);
    memory_release(allocator, counted, table->kept * sizeof *counted);
    memory_release(allocator, choices, table->kept * sizeof *choices);
    return status;
}

/* -- all of it -- */

static nudge_status check_rows(const struct reading *reading) {
    const struct table *table = reading->table;
    size_t training = 0;
    if (table->rows == 0) {
        bool some = table->without_target || table->dropped;
        return error_set(reading->error, NUDGE_BAD_INPUT, "%s: %s", reading->reader->name,
                         !some                   ? "no rows"
                         : table->without_target ? "no row has a target"
                                                 : "every row has a missing number, and was left out");
    }
    for (size_t r = 0; r < table->rows; r++) training += counts_in_training(reading, r);
    if (training == 0 && (!reading->given || reading->options->new_targets))
        return error_set(reading->error, NUDGE_BAD_INPUT, "%s: no row of the training part",
                         reading->reader->name);
    return NUDGE_OK;
}

static nudge_status check_result(const struct reading *reading) {
    const struct table *table = reading->table;
    for (size_t k = 0; k < table->kept; k++) {
        const struct column *column = column_of(reading, &reading->slots[k]);
        if (reading->slots[k].known) continue;
        if (column->role == NUDGE_COLUMN_TARGET && column->kind == NUDGE_COLUMN_CATEGORY &&
            column->category_count < 2)
            return error_set(reading->error, NUDGE_BAD_INPUT,
                             "%s: the target \"%s\" is \"%s\" in every row, expected two classes at least",
                             reading->reader->name, shown(column->name).text,
                             column->category_count ? shown(column->categories[0]).text : "");
    }
    if (table->columns->inputs == 0)
        return error_set(reading->error, NUDGE_BAD_INPUT, "%s: no feature has a value in the training part",
                         reading->reader->name);
    return NUDGE_OK;
}

nudge_status table_finish(struct reading *reading) {
    struct table *table = reading->table;
    nudge_status status = check_rows(reading);
    if (!status) status = find_classes(reading);
    if (!status) status = find_parts(reading);
    if (!status) status = check_rows(reading);
    if (!status) status = check_missing(reading);
    if (!status && (!reading->given || reading->options->new_targets)) status = find_columns(reading);
    if (!status) status = settle_rows(reading);
    if (status) return status;
    columns_number(table->columns);
    return check_result(reading);
}
