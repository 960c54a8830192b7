/* See csv_table.h. Rows of plain cells, which are nearly all, are read straight from their bytes (plain_row); what is
 * unusual (quotes, blanks around a cell, a line's end that is no newline) goes through csv_next, which alone refuses. */
#include "table/csv_table.h"

#include "base/show.h"
#include "base/status.h"
#include "base/text.h"
#include "table/words.h"

#include <string.h>

enum {
    PIECE = 1 << 20,       /* bytes read at once */
    FIRST_PIECE = 1 << 12, /* of a small table */
    PADDING = 16,          /* bytes behind the text that may be looked at */
    LOOK_ROWS = 1000,      /* that the header is guessed from */
    SHORT_DIGITS = 15      /* whole numbers of so many digits are exact in f64 */
};

struct csv_table {
    struct table_reader reader; /* the first member: a reader is one of these */
    nudge_allocator allocator;
    struct byte_source *source;
    struct shown_text name;
    struct csv csv;
    char *buffer;             /* [room + PADDING] */
    size_t room, at, filled;  /* buffer[at .. filled-1] is not taken yet */
    bool ended;               /* nothing follows behind it */
    struct csv_field *fields; /* [field_room] */
    size_t field_room;
    struct cell *cells; /* [columns] */
    struct table_heading *headings;
    struct words names;
    bool has_names;
    uint64_t first_line; /* of the first record */
};

/* -- single cells -- */

bool csv_is_missing(const char *text, size_t length) {
    static const char *const texts[] = {"NA", "N/A", "nan", "NaN", "NULL", "null", "None", "?", "-"};
    if (length == 0) return true;
    if (*text != 'N' && *text != 'n' && *text != '?' && *text != '-')
        return false; /* most are told at once */
    for (size_t i = 0; length <= 4 && i < sizeof texts / sizeof *texts; i++)
        if (strlen(texts[i]) == length && memcmp(texts[i], text, length) == 0) return true;
    return false;
}

/* Finite without libm: the exponent of infinities and NaNs is all ones. */
static bool is_finite(double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return (bits >> 52 & 0x7FF) != 0x7FF;
}

bool csv_number(const char *text, size_t length, double *number) {
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool fits = (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
        if (!fits) return false;
    }
    return length > 0 && text_parse_number(text, number) == text + length && is_finite(*number);
}

static struct cell cell_of(const struct csv_field *field) {
    struct cell cell = {.quoted = field->quoted, .text = field->text, .length = field->length};
    if (!field->quoted && csv_is_missing(field->text, field->length))
        cell.kind = CELL_MISSING;
    else if (csv_number(field->text, field->length, &cell.number))
        cell.kind = CELL_NUMBER;
    return cell;
}

/* -- rows of plain cells -- */

static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
static const double f64_powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* The digits at `at`, at most eight, at once; returns how many there are. What follows a buffer's text is no digit. */
static inline unsigned eight_digits(const char *at, uint64_t *value) {
    const uint64_t ones = 0x0101010101010101u;
    uint64_t word;
    memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    word ^= '0' * ones;
    uint64_t other = ((word + 0x76 * ones) | word) & 0x80 * ones; /* a high bit in each byte that is none */
    unsigned count = other ? (unsigned)__builtin_ctzll(other) / 8 : 8;
    if (count == 0) return 0;
    word <<= 64 - 8 * count;
    word = word * 10 + (word >> 8); /* pairs */
    *value = ((word & 0x000000FF000000FFu) * (100 + (1000000ull << 32)) +
              (word >> 16 & 0x000000FF000000FFu) * (1 + (10000ull << 32))) >>
             32;
    return count;
}

/* All digits at `at`, behind those that *value has; where they end. Of more than 16 the value is not right: who asks
 * counts them. */
static inline const char *take_digits(const char *at, uint64_t *value) {
    uint64_t part = 0;
    unsigned count = 8;
    for (int i = 0; i < 3 && count == 8; i++) {
        count = eight_digits(at, &part);
        if (count) *value = *value * powers[count] + part;
        at += count;
    }
    return at;
}

/* A number of at most 15 digits without an exponent: as text_parse_number reads it, with one rounding. Returns where it
 * ends; NULL: it is another text. */
static inline const char *take_number(const char *at, double *number) {
    bool negative = *at == '-';
    at += negative;
    uint64_t value = 0;
    const char *begin = at;
    at += eight_digits(at, &value);
    if (at - begin == 8) at = take_digits(at, &value);
    size_t digits = (size_t)(at - begin), point = 0;
    if (*at == '.') {
        begin = ++at;
        at = take_digits(at, &value);
        point = (size_t)(at - begin);
        digits += point;
    }
    if (digits == 0 || digits > SHORT_DIGITS) return NULL;
    double magnitude = (double)value;
    if (point) magnitude /= f64_powers[point];
    *number = negative ? -magnitude : magnitude;
    return at;
}

static inline bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static inline bool ends_cell(char c, char separator) {
    return c == separator || c == '\n' || c == '\r';
}

/* A cell in quotes without a quote or a line's end in it: behind it, its closing quote a byte 0 now; NULL: it is not so. */
static char *take_quoted(char *at, char separator, struct cell *cell) {
    char *begin = ++at;
    while (*at && *at != '"' && *at != '\n' && *at != '\r') at++;
    if (*at != '"' || !ends_cell(at[1], separator)) return NULL;
    *at = 0;
    *cell = cell_of(&(struct csv_field){begin, (size_t)(at - begin), true});
    return at + 1;
}

/* A cell that is no short number: where it ends; NULL where it is unusual, or the bytes end. */
static char *take_other(char *at, char separator, struct cell *cell) {
    char *begin = at;
    if (*at == '"') return take_quoted(at, separator, cell);
    if (is_blank(*at) && *at != separator) return NULL;
    while (*at && !ends_cell(*at, separator)) at++;
    if (!*at || (at > begin && is_blank(at[-1]))) return NULL;
    char end = *at;
    *at = 0;
    *cell = cell_of(&(struct csv_field){begin, (size_t)(at - begin), false});
    *at = end;
    return at;
}

/* The bytes as they were before `count` cells were taken. */
static void give_back(const struct cell *cells, size_t count, char separator) {
    for (size_t i = 0; i < count; i++) {
        char *end = (char *)cells[i].text + cells[i].length;
        if (cells[i].quoted) *end++ = '"';
        if (*end == 0) *end = separator;
    }
}

/* Behind the line's end; NULL when it is none, or an unusual one. */
static char *behind_line(char *at) {
    if (*at == '\r') at++;
    return *at == '\n' ? at + 1 : NULL;
}

/* Cells of up to seven digits and nothing else, each before a separator, from cell `c` on: most of many tables. Returns the
 * first cell that is another; *at stands before it. */
static inline size_t take_whole_numbers(char **at, char separator, struct cell *cells, size_t c,
                                        size_t columns) {
    char *begin = *at;
    for (; c + 1 < columns; c++) {
        uint64_t value = 0;
        unsigned count = eight_digits(begin, &value);
        if (count - 1 >= 7 || begin[count] != separator) break;
        begin[count] = 0;
        cells[c] = (struct cell){CELL_NUMBER, false, begin, count, (double)(int64_t)value};
        begin += count + 1;
    }
    *at = begin;
    return c;
}

/* A row whose cells are all plain, from its bytes, which end with a byte 0. Its length; 0: it is not so, or not whole, and
 * the bytes are as they were. */
static size_t plain_row(const struct csv_table *table, char *bytes) {
    char separator = table->csv.separator, *at = bytes;
    struct cell *cells = table->cells;
    size_t columns = table->reader.columns, c = 0;
    if (separator == ' ' || *at == '\n' || *at == '\r') return 0;
    for (;;) {
        c = take_whole_numbers(&at, separator, cells, c, columns);
        char *begin = at;
        struct cell *cell = &cells[c];
        at = (char *)take_number(at, &cell->number);
        if (at && ends_cell(*at, separator)) {
            cell->kind = CELL_NUMBER;
            cell->quoted = false;
            cell->text = begin;
            cell->length = (size_t)(at - begin);
        } else if (!(at = take_other(begin, separator, cell))) {
            break;
        }
        if (++c == columns || *at != separator) break;
        *at++ = 0;
    }
    char *behind = at && c == columns ? behind_line(at) : NULL;
    if (behind) {
        *at = 0;
        return (size_t)(behind - bytes);
    }
    give_back(cells, c, separator);
    return 0;
}

/* -- bytes -- */

static nudge_status grow_buffer(struct csv_table *table, nudge_error *error) {
    size_t room = table->room ? 4 * table->room : FIRST_PIECE;
    char *buffer = memory_get(&table->allocator, room + PADDING);
    if (!buffer) return error_no_memory(error, room + PADDING, table->name.text);
    if (table->buffer) memcpy(buffer, table->buffer, table->filled);
    memory_release(&table->allocator, table->buffer, table->room + PADDING);
    table->buffer = buffer;
    table->room = room;
    return NUDGE_OK;
}

/* More bytes behind those that are left. */
static nudge_status refill(struct csv_table *table, nudge_error *error) {
    size_t left = table->filled - table->at, got = 0;
    if (left) memmove(table->buffer, table->buffer + table->at, left);
    table->at = 0;
    table->filled = left;
    if (left >= CSV_MOST_RECORD)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: line %llu: more than %d bytes, expected a line of a table", table->name.text,
                         (unsigned long long)table->csv.line, CSV_MOST_RECORD);
    nudge_status status = left == table->room ? grow_buffer(table, error) : NUDGE_OK;
    if (!status)
        status = table->source->read(table->source, table->buffer + left, table->room - left, &got, error);
    if (status) return status;
    table->filled += got;
    table->ended = table->filled < table->room;
    memset(table->buffer + table->filled, 0, PADDING);
    return NUDGE_OK;
}

/* -- records -- */

/* The next record in the buffer, whole; *count 0: the table's end. */
static nudge_status take_record(struct csv_table *table, size_t *count, nudge_error *error) {
    for (;;) {
        size_t taken = 0;
        nudge_status status = csv_next(&table->csv, table->buffer + table->at, table->filled - table->at,
                                       table->ended, table->fields, table->field_room, count, &taken, error);
        table->at += taken;
        if (status || *count || table->ended) return status;
        status = refill(table, error);
        if (status) return status;
    }
}

static nudge_status next_row(struct table_reader *reader, const struct cell **cells, uint64_t *line,
                             nudge_error *error) {
    struct csv_table *table = (struct csv_table *)reader;
    size_t taken = plain_row(table, table->buffer + table->at), count = 0;
    if (table->csv.records == (uint64_t)TABLE_SAMPLE + table->has_names && table->source->forget)
        table->source->forget(table->source);
    *cells = table->cells;
    if (taken) {
        table->at += taken;
        table->csv.records++;
        *line = table->csv.line++;
        return NUDGE_OK;
    }
    nudge_status status = take_record(table, &count, error);
    if (status) return status;
    *line = table->csv.at_line;
    if (count == 0) {
        *cells = NULL;
        return NUDGE_OK;
    }
    if (count != reader->columns)
        return error_set(error, NUDGE_BAD_INPUT, "%s: line %llu: %zu field%s, expected %zu as in line %llu",
                         table->name.text, (unsigned long long)*line, count, count == 1 ? "" : "s",
                         reader->columns, (unsigned long long)table->first_line);
    for (size_t c = 0; c < count; c++) table->cells[c] = cell_of(&table->fields[c]);
    return NUDGE_OK;
}

/* -- the beginning -- */

/* The first bytes are there; behind the byte order mark. */
static nudge_status begin_bytes(struct csv_table *table, nudge_error *error) {
    table->at = table->filled = 0;
    table->ended = false;
    nudge_status status = NUDGE_OK;
    do status = refill(table, error);
    while (!status && !table->ended && table->room < PIECE);
    if (status) return status;
    bool wide;
    table->at = csv_skip_mark(table->buffer, table->filled, &wide);
    if (wide)
        return error_set(error, NUDGE_BAD_INPUT, "%s: UTF-16 text, expected UTF-8: save it as UTF-8",
                         table->name.text);
    if (!table->csv.separator)
        table->csv.separator =
            csv_guess_separator(table->buffer + table->at, table->filled - table->at, table->ended);
    table->csv = csv_begin(table->csv.separator, table->name.text);
    return NUDGE_OK;
}

static nudge_status rewind_table(struct table_reader *reader, nudge_error *error) {
    struct csv_table *table = (struct csv_table *)reader;
    size_t count = 0;
    nudge_status status = table->source->rewind(table->source, error);
    if (!status) status = begin_bytes(table, error);
    if (!status && table->has_names) status = take_record(table, &count, error);
    return status;
}

/* What speaks for the first row being names. */
struct look {
    const struct csv_field *first;
    size_t columns, rows;
    bool number_in_first, differ, number_below, text_below;
    bool *again;          /* [columns]: the first row's text stands in the column once more */
    unsigned char *kinds; /* [columns], of the rows below: 1 numbers, 2 texts, 3 both */
};

static bool same_text(const struct csv_field *a, const struct csv_field *b) {
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

static void look_at_row(struct look *look, const struct csv_field *fields) {
    double number;
    for (size_t c = 0; c < look->columns; c++) {
        bool is = csv_number(fields[c].text, fields[c].length, &number);
        look->number_below |= is;
        if (is || !csv_is_missing(fields[c].text, fields[c].length)) look->kinds[c] |= is ? 1 : 2;
        look->again[c] |= same_text(&fields[c], &look->first[c]);
    }
    look->rows++;
}

static nudge_status look_at_first(struct look *look, const nudge_allocator *allocator, nudge_error *error) {
    struct words words = words_begin(allocator);
    double number;
    nudge_status status = NUDGE_OK;
    look->differ = true;
    for (size_t c = 0; !status && c < look->columns; c++) {
        const struct csv_field *field = &look->first[c];
        size_t word, before = words.count;
        look->number_in_first |= csv_number(field->text, field->length, &number);
        status = words_take(&words, field->text, field->length, &word, error);
        look->differ &= word == before && field->length > 0;
    }
    words_release(&words);
    return status;
}

/* A header has no number. Above numbers, that is enough; above texts its own must be different ones, and new. Years may be
 * names, too, where another name is a text that stands above nothing but numbers. */
static bool looks_like_names(const struct look *look) {
    bool fresh = false, above_numbers = false;
    double number;
    for (size_t c = 0; c < look->columns; c++) {
        const struct csv_field *field = &look->first[c];
        bool text =
            !csv_number(field->text, field->length, &number) && !csv_is_missing(field->text, field->length);
        above_numbers |= text && look->kinds[c] == 1;
        fresh |= !look->again[c];
    }
    if (above_numbers && look->differ) return true;
    if (look->number_in_first) return false;
    return look->number_below || (look->differ && fresh);
}

/* Looks at the first rows, in a copy of the bytes, as csv_next changes them. */
static nudge_status look_at_rows(struct csv_table *table, char *bytes, size_t size, struct look *look,
                                 nudge_error *error) {
    struct csv csv = table->csv;
    size_t count = 0, taken = 0, at;
    nudge_status status =
        csv_next(&csv, bytes, size, table->ended, table->fields, table->field_room, &count, &taken, error);
    if (status) return status;
    table->first_line = csv.at_line;
    look->first = table->fields;
    look->columns = count;
    look->again = memory_get_zeroed(&table->allocator, count * sizeof *look->again);
    look->kinds = memory_get_zeroed(&table->allocator, count);
    struct csv_field *below = memory_get(&table->allocator, table->field_room * sizeof *below);
    if (!look->again || !look->kinds || !below)
        status = error_no_memory(error, count * sizeof *below, table->name.text);
    if (!status) status = look_at_first(look, &table->allocator, error);
    for (at = taken; !status && look->rows < LOOK_ROWS; at += taken) {
        if (csv_next(&csv, bytes + at, size - at, table->ended, below, table->field_room, &count, &taken,
                     NULL) ||
            count != look->columns)
            break; /* the end, or what reading the rows will refuse */
        look_at_row(look, below);
    }
    memory_release(&table->allocator, below, table->field_room * sizeof *below);
    return status;
}

/* A name that no column has yet: "name", "name.2", .. */
static nudge_status take_name(struct csv_table *table, size_t column, const char *text, size_t length,
                              nudge_error *error) {
    struct text_number place = text_number((double)(column + 1), 17);
    if (length == 0) {
        text = place.text;
        length = strlen(text);
    }
    size_t room = length + 24, word, number = 2, used = length;
    char *name = memory_get(&table->allocator, room);
    if (!name) return error_no_memory(error, room, "a column's name");
    memcpy(name, text, length);
    name[length] = 0;
    while (table->names.count && words_find(&table->names, name, used) < table->names.count)
        used = text_append(name, room, length, ".%zu", number++);
    nudge_status status = words_take(&table->names, name, used, &word, error);
    if (!status) table->headings[column].name = table->names.texts[word];
    memory_release(&table->allocator, name, room);
    return status;
}

static nudge_status make_columns(struct csv_table *table, const struct look *look, int header,
                                 nudge_error *error) {
    size_t columns = look->columns;
    table->has_names = header == 1 || (header == 0 && looks_like_names(look));
    table->cells = memory_get_zeroed(&table->allocator, columns * sizeof *table->cells);
    table->headings = memory_get_zeroed(&table->allocator, columns * sizeof *table->headings);
    table->reader.columns = columns;
    if (!table->cells || !table->headings)
        return error_no_memory(error, columns * sizeof *table->cells, table->name.text);
    nudge_status status = NUDGE_OK;
    for (size_t c = 0; !status && table->has_names && c < columns; c++)
        status = take_name(table, c, look->first[c].text, look->first[c].length, error);
    table->reader.headings = table->headings;
    return status;
}

/* Room for a record of some more fields than the first: a longer one is refused with what it has. */
static nudge_status make_fields(struct csv_table *table, nudge_error *error) {
    size_t most;
    for (;;) {
        most = csv_most_fields(&table->csv, table->buffer + table->at, table->filled - table->at);
        if (table->ended || (most && memchr(table->buffer + table->at, '\n', table->filled - table->at)))
            break;
        nudge_status status = refill(table, error);
        if (status) return status;
    }
    if (most == 0)
        return error_set(error, NUDGE_BAD_INPUT, "%s: no line with text, expected a table", table->name.text);
    table->field_room = (most < CSV_MOST_FIELDS ? most : CSV_MOST_FIELDS) + 64;
    table->fields = memory_get(&table->allocator, table->field_room * sizeof *table->fields);
    if (!table->fields)
        return error_no_memory(error, table->field_room * sizeof *table->fields, table->name.text);
    return NUDGE_OK;
}

static nudge_status begin_table(struct csv_table *table, int header, nudge_error *error) {
    nudge_status status = begin_bytes(table, error);
    if (!status) status = make_fields(table, error);
    if (status) return status;
    size_t size = table->filled - table->at, count = 0;
    char *copy = memory_get(&table->allocator, size + 1);
    if (!copy) return error_no_memory(error, size + 1, table->name.text);
    memcpy(copy, table->buffer + table->at, size);
    struct look look = {0};
    status = look_at_rows(table, copy, size, &look, error);
    if (!status && look.columns == 0)
        status =
            error_set(error, NUDGE_BAD_INPUT, "%s: no line with text, expected a table", table->name.text);
    if (!status && look.columns > CSV_MOST_FIELDS)
        status = error_set(error, NUDGE_BAD_INPUT, "%s: %zu columns, expected at most %d", table->name.text,
                           look.columns, CSV_MOST_FIELDS);
    if (!status) status = make_columns(table, &look, header, error);
    memory_release(&table->allocator, look.again, look.columns * sizeof *look.again);
    memory_release(&table->allocator, look.kinds, look.columns);
    memory_release(&table->allocator, copy, size + 1);
    if (!status && table->has_names) status = take_record(table, &count, error);
    return status;
}

static void close_table(struct table_reader *reader) {
    struct csv_table *table = (struct csv_table *)reader;
    nudge_allocator allocator = table->allocator;
    table->source->close(table->source);
    words_release(&table->names);
    memory_release(&allocator, table->buffer, table->room + PADDING);
    memory_release(&allocator, table->fields, table->field_room * sizeof *table->fields);
    memory_release(&allocator, table->cells, reader->columns * sizeof *table->cells);
    memory_release(&allocator, table->headings, reader->columns * sizeof *table->headings);
    memory_release(&allocator, table, sizeof *table);
}

nudge_status csv_table_open(const nudge_allocator *allocator, struct byte_source *source, const char *name,
                            int header, struct table_reader **reader, nudge_error *error) {
    struct csv_table *table = memory_get_zeroed(allocator, sizeof *table);
    if (!table) {
        source->close(source);
        return error_no_memory(error, sizeof *table, "a table");
    }
    table->allocator = *allocator;
    table->source = source;
    table->name = shown(name);
    table->names = words_begin(&table->allocator);
    table->reader = (struct table_reader){.name = table->name.text,
                                          .row_word = "line",
                                          .next = next_row,
                                          .rewind = rewind_table,
                                          .close = close_table};
    nudge_status status = begin_table(table, header, error);
    if (status) {
        close_table(&table->reader);
        return status;
    }
    *reader = &table->reader;
    return NUDGE_OK;
}
