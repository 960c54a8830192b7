/* See arff.h. A line's values are put together in place: each is ended by a byte 0 only when what stands behind it is
 * known. */
#include "table/arff.h"

#include "base/memory.h"
#include "base/show.h"
#include "base/status.h"
#include "base/text.h"
#include "table/text_lines.h"

#include <stdlib.h>
#include <string.h>

struct attribute {
    enum { ATTRIBUTE_NUMBER, ATTRIBUTE_LIST, ATTRIBUTE_TEXT } kind;
    char *name;
    size_t name_size;
    /* Of a list: one block with the values in the file's order, the same ones sorted, and their texts. */
    const char **values, **sorted; /* [count] */
    size_t count, block_size;
};

struct arff {
    struct table_reader reader; /* first: a pointer to it is one to all of this */
    nudge_allocator allocator;
    struct shown_text name;
    struct text_lines lines;
    struct attribute *attributes; /* [reader.columns], with room for more */
    size_t room;
    uint64_t data_line;             /* where @data stands */
    struct table_heading *headings; /* [reader.columns] */
    struct cell *cells;             /* [reader.columns] */
};

/* -- words and values of a line -- */

struct scan {
    struct arff *arff;
    char *text; /* the line, and a byte 0 */
    size_t at;
    nudge_error *error;
};

/* One value: text [length], which begins at `place`. `behind` is the byte that follows it and the blanks behind it. */
struct value {
    char *text;
    size_t length, place;
    bool quoted;
    char behind;
};

static nudge_status refuse_line(const struct scan *scan, size_t at, nudge_status code) {
    return text_lines_place(&scan->arff->lines, at, scan->error, code);
}

static nudge_status refuse_what(const struct scan *scan, size_t at, const char *what) {
    return refuse_line(scan, at, error_set(scan->error, NUDGE_BAD_INPUT, "%s", what));
}

static void skip_blanks(struct scan *scan) {
    while (text_is_blank(scan->text[scan->at])) scan->at++;
}

/* At the line's end, or at a comment. */
static bool is_over(const struct scan *scan) {
    return scan->text[scan->at] == 0 || scan->text[scan->at] == '%';
}

static bool is_one_of(char c, const char *set) {
    return c && strchr(set, c);
}

static char unescape(char c) {
    return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
}

/* '..' or "..", with escapes; scan->at is at the quote. */
static nudge_status take_quoted(struct scan *scan, struct value *value) {
    char *text = scan->text, quote = text[scan->at];
    size_t from = scan->at + 1, to = from;
    for (; text[from] != quote; from++) {
        if (text[from] == '\\' && text[from + 1])
            text[to++] = unescape(text[++from]);
        else if (text[from])
            text[to++] = text[from];
        else
            return refuse_what(scan, scan->at, "a quote that is not closed");
    }
    value->quoted = true;
    value->text = text + scan->at + 1;
    value->length = to - scan->at - 1;
    scan->at = from + 1;
    return NUDGE_OK;
}

/* The next value, up to one of the bytes in `stops` or the line's end. scan->at: at that byte, which is value->behind. */
static nudge_status take_value(struct scan *scan, const char *stops, struct value *value) {
    skip_blanks(scan);
    char *text = scan->text;
    *value = (struct value){.text = text + scan->at, .place = scan->at};
    if (text[scan->at] == '\'' || text[scan->at] == '"') {
        nudge_status status = take_quoted(scan, value);
        if (status) return status;
        size_t closed = scan->at;
        while (text_is_blank(text[scan->at]) && !is_one_of(text[scan->at], stops)) scan->at++;
        bool apart = scan->at > closed && text[scan->at] == '%';
        if (text[scan->at] && !apart && !is_one_of(text[scan->at], stops))
            return refuse_what(scan, scan->at, "something behind a closing quote, expected the next value");
    } else {
        for (; text[scan->at] && !is_one_of(text[scan->at], stops); scan->at++)
            if (text[scan->at] == '%' && (scan->at == value->place || text_is_blank(text[scan->at - 1])))
                break;
        value->length = scan->at - value->place;
        while (value->length > 0 && text_is_blank(value->text[value->length - 1])) value->length--;
    }
    value->behind = text[scan->at];
    value->text[value->length] = 0;
    return NUDGE_OK;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* `word` (in small letters) stands at text, as a word of its own. */
static bool begins_with(const char *text, size_t left, const char *word) {
    size_t length = strlen(word);
    if (left < length) return false;
    for (size_t i = 0; i < length; i++)
        if (lower(text[i]) != word[i]) return false;
    return left == length || is_one_of(text[length], " \t\r\n{%'\"") || text[length] == 0;
}

static bool take_word(struct scan *scan, const char *word) {
    bool there = begins_with(scan->text + scan->at, strlen(scan->text + scan->at), word);
    if (there) scan->at += strlen(word);
    return there;
}

/* The next line that is not empty, at its first word. *more false: there is none. */
static nudge_status next_line(struct arff *arff, struct scan *scan, bool *more, nudge_error *error) {
    *scan = (struct scan){.arff = arff, .error = error};
    for (;;) {
        size_t length;
        nudge_status status = text_lines_next(&arff->lines, &scan->text, &length, error);
        *more = !status && scan->text;
        if (!*more) return status;
        scan->at = 0;
        skip_blanks(scan);
        if (!is_over(scan)) return NUDGE_OK;
    }
}

/* -- the header -- */

static void release_attributes(struct arff *arff) {
    for (size_t i = 0; i < arff->reader.columns; i++) {
        struct attribute *attribute = &arff->attributes[i];
        memory_release(&arff->allocator, attribute->name, attribute->name_size);
        memory_release(&arff->allocator, attribute->values, attribute->block_size);
    }
    memory_release(&arff->allocator, arff->attributes, arff->room * sizeof *arff->attributes);
}

/* One more attribute, all zero. */
static nudge_status add_attribute(struct arff *arff, struct attribute **added, nudge_error *error) {
    size_t count = arff->reader.columns;
    if (count == COLUMNS_MOST)
        return error_set(error, NUDGE_BAD_INPUT, "more than %d attributes", COLUMNS_MOST);
    if (count == arff->room) {
        size_t room = count ? 2 * count : 16;
        struct attribute *more = memory_get(&arff->allocator, room * sizeof *more);
        if (!more) return error_no_memory(error, room * sizeof *more, "the attributes of a table");
        if (count) memcpy(more, arff->attributes, count * sizeof *more);
        memory_release(&arff->allocator, arff->attributes, arff->room * sizeof *more);
        arff->attributes = more;
        arff->room = room;
    }
    *added = &arff->attributes[count];
    **added = (struct attribute){.name = NULL};
    arff->reader.columns++;
    return NUDGE_OK;
}

static nudge_status keep_name(struct scan *scan, struct attribute *attribute, const struct value *value) {
    attribute->name = memory_get(&scan->arff->allocator, value->length + 1);
    if (!attribute->name) return error_no_memory(scan->error, value->length + 1, "an attribute's name");
    attribute->name_size = value->length + 1;
    memcpy(attribute->name, value->text, value->length + 1);
    return NUDGE_OK;
}

static int compare_values(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static nudge_status make_list(struct scan *scan, struct attribute *attribute, char **texts) {
    const char *text = scan->text + scan->at;
    size_t most = 1; /* values */
    for (size_t i = 0; text[i]; i++) most += text[i] == ',';
    size_t bytes = strlen(text) + most;              /* of their texts */
    size_t size = 2 * most * sizeof(char *) + bytes; /* a line's: far from SIZE_MAX */
    attribute->values = memory_get(&scan->arff->allocator, size);
    if (!attribute->values) return error_no_memory(scan->error, size, "the values of an attribute");
    attribute->block_size = size;
    attribute->sorted = attribute->values + most;
    *texts = (char *)(attribute->sorted + most);
    return NUDGE_OK;
}

static nudge_status sort_list(const struct scan *scan, struct attribute *attribute, size_t place) {
    memcpy(attribute->sorted, attribute->values, attribute->count * sizeof *attribute->values);
    qsort(attribute->sorted, attribute->count, sizeof *attribute->sorted, compare_values);
    for (size_t i = 1; i < attribute->count; i++)
        if (strcmp(attribute->sorted[i - 1], attribute->sorted[i]) == 0)
            return refuse_line(scan, place,
                               error_set(scan->error, NUDGE_BAD_INPUT,
                                         "the value '%s' stands twice in the list",
                                         shown(attribute->sorted[i]).text));
    return NUDGE_OK;
}

/* {a, b, 'c d'}; scan->at is behind the brace. */
static nudge_status take_list(struct scan *scan, struct attribute *attribute) {
    size_t place = scan->at - 1;
    char *texts = NULL;
    struct value value;
    nudge_status status = make_list(scan, attribute, &texts);
    for (bool more = true; !status && more;) {
        status = take_value(scan, ",}", &value);
        if (status) break;
        if (value.length == 0 && !value.quoted)
            return refuse_what(scan, value.place, "found no value, expected one of the list's");
        if (!is_one_of(value.behind, ",}")) return refuse_what(scan, place, "a list that is not closed");
        memcpy(texts, value.text, value.length + 1);
        attribute->values[attribute->count++] = texts;
        texts += value.length + 1;
        more = value.behind == ',';
        scan->at++;
    }
    attribute->kind = ATTRIBUTE_LIST;
    return status ? status : sort_list(scan, attribute, place);
}

/* A word, or in quotes; a brace ends it, too. */
static nudge_status take_name(struct scan *scan, struct attribute *attribute) {
    struct value value;
    nudge_status status = take_value(scan, " \t{", &value);
    if (status) return status;
    if (value.length == 0) return refuse_what(scan, value.place, "found no name of an attribute");
    status = keep_name(scan, attribute, &value);
    /* The byte behind may be the brace of a list, and is 0 now. */
    scan->text[scan->at] = value.behind;
    return status;
}

static nudge_status take_type(struct scan *scan, struct attribute *attribute) {
    skip_blanks(scan);
    size_t place = scan->at;
    if (scan->text[place] == '{') {
        scan->at++;
        return take_list(scan, attribute);
    }
    if (take_word(scan, "numeric") || take_word(scan, "real") || take_word(scan, "integer")) {
        attribute->kind = ATTRIBUTE_NUMBER;
        return NUDGE_OK;
    }
    attribute->kind = ATTRIBUTE_TEXT;
    if (take_word(scan, "string")) return NUDGE_OK;
    if (take_word(scan, "date")) { /* how it is written is of no use to a text */
        struct value format;
        return take_value(scan, "", &format);
    }
    if (take_word(scan, "relational"))
        return refuse_what(scan, place, "a relational attribute, a table in a table, which is not read");
    size_t length = strcspn(scan->text + place, " \t");
    return refuse_line(
        scan, place,
        error_set(scan->error, NUDGE_BAD_INPUT,
                  "found the type '%s', expected numeric, real, integer, string, date or {a, b}",
                  shown_start(scan->text + place, length).text));
}

static nudge_status expect_over(struct scan *scan) {
    skip_blanks(scan);
    if (is_over(scan)) return NUDGE_OK;
    return refuse_line(scan, scan->at,
                       error_set(scan->error, NUDGE_BAD_INPUT, "found '%s', expected the line's end",
                                 shown_start(scan->text + scan->at, strlen(scan->text + scan->at)).text));
}

static nudge_status take_attribute(struct scan *scan) {
    struct attribute *attribute = NULL;
    nudge_status status = add_attribute(scan->arff, &attribute, scan->error);
    if (status == NUDGE_BAD_INPUT) return refuse_line(scan, 0, status);
    if (!status) status = take_name(scan, attribute);
    if (!status) status = take_type(scan, attribute);
    return status ? status : expect_over(scan);
}

/* One line of the header; *data: it was the last. */
static nudge_status take_header_line(struct scan *scan, bool *data) {
    struct value name;
    if (take_word(scan, "@attribute")) return take_attribute(scan);
    if (take_word(scan, "@relation")) return take_value(scan, "", &name);
    *data = take_word(scan, "@data");
    if (*data) return expect_over(scan);
    size_t length = strcspn(scan->text + scan->at, " \t");
    return refuse_line(scan, scan->at,
                       error_set(scan->error, NUDGE_BAD_INPUT, "found '%s', expected @attribute or @data",
                                 shown_start(scan->text + scan->at, length).text));
}

static nudge_status read_header(struct arff *arff, nudge_error *error) {
    bool data = false, more;
    while (!data) {
        struct scan scan;
        nudge_status status = next_line(arff, &scan, &more, error);
        if (!status && !more)
            return error_set(error, NUDGE_BAD_INPUT, "%s: ends after line %llu, expected @data",
                             arff->reader.name, (unsigned long long)arff->lines.line);
        if (!status) status = take_header_line(&scan, &data);
        if (status) return status;
    }
    arff->data_line = arff->lines.line;
    if (arff->reader.columns > 0) return NUDGE_OK;
    return error_set(error, NUDGE_BAD_INPUT, "%s: line %llu: @data, but there is no @attribute before it",
                     arff->reader.name, (unsigned long long)arff->data_line);
}

/* -- rows -- */

/* "attribute 'sex': " in front of the sentence, and before it line and column. */
static nudge_status refuse_value(const struct scan *scan, size_t column, const struct value *value,
                                 const char *expected) {
    struct shown_text name = shown(scan->arff->attributes[column].name);
    return refuse_line(scan, value->place,
                       error_set(scan->error, NUDGE_BAD_INPUT, "attribute '%s': found '%s', expected %s",
                                 name.text, shown_start(value->text, value->length).text, expected));
}

static nudge_status check_category(const struct scan *scan, size_t column, const struct value *value) {
    const struct attribute *attribute = &scan->arff->attributes[column];
    const char *text = value->text;
    if (bsearch(&text, attribute->sorted, attribute->count, sizeof *attribute->sorted, compare_values))
        return NUDGE_OK;
    char expected[64];
    text_append(expected, sizeof expected, 0, "one of the %zu values of its list, or ?", attribute->count);
    return refuse_value(scan, column, value, expected);
}

static nudge_status set_cell(const struct scan *scan, size_t column, const struct value *value) {
    const struct attribute *attribute = &scan->arff->attributes[column];
    struct cell *cell = &scan->arff->cells[column];
    if (!value->quoted && value->length == 0) return refuse_value(scan, column, value, "a value, or ?");
    if (!value->quoted && value->length == 1 && value->text[0] == '?') {
        *cell = (struct cell){.kind = CELL_MISSING, .text = ""};
        return NUDGE_OK;
    }
    if (attribute->kind == ATTRIBUTE_NUMBER) {
        *cell = (struct cell){.kind = CELL_NUMBER};
        return text_is_number(value->text, value->length, &cell->number)
                   ? NUDGE_OK
                   : refuse_value(scan, column, value, "a finite number, or ?");
    }
    *cell = (struct cell){
        .kind = CELL_TEXT, .quoted = value->quoted, .text = value->text, .length = value->length};
    return attribute->kind == ATTRIBUTE_LIST ? check_category(scan, column, value) : NUDGE_OK;
}

/* A comma stands outside of quotes. */
static bool has_comma(const char *text) {
    char quote = 0;
    for (bool begins = true; *text; text++) {
        if (quote) {
            if (*text == '\\' && text[1])
                text++;
            else if (*text == quote)
                quote = 0;
        } else if (*text == ',') {
            return true;
        } else if (begins && (*text == '\'' || *text == '"')) {
            quote = *text;
        } else if (begins && *text == '%') {
            return false;
        }
        begins = text_is_blank(*text);
    }
    return false;
}

static nudge_status refuse_weight(const struct scan *scan) {
    return refuse_what(scan, scan->at,
                       "an instance weight in braces, which is not read; make the weights an attribute");
}

static nudge_status refuse_count(const struct scan *scan, size_t at, size_t found) {
    size_t columns = scan->arff->reader.columns;
    if (found > columns)
        return refuse_line(scan, at,
                           error_set(scan->error, NUDGE_BAD_INPUT,
                                     "more values than the %zu attributes have place for", columns));
    return refuse_line(
        scan, at, error_set(scan->error, NUDGE_BAD_INPUT, "found %zu values, expected %zu", found, columns));
}

static nudge_status take_dense(struct scan *scan) {
    size_t columns = scan->arff->reader.columns, count = 0;
    bool commas = has_comma(scan->text + scan->at), blanks = !commas && columns > 1;
    const char *stops = commas ? "," : blanks ? " \t" : "";
    for (bool more = true; more;) {
        struct value value;
        skip_blanks(scan);
        if (scan->text[scan->at] == '{') return refuse_weight(scan);
        if (blanks && is_over(scan)) break;
        nudge_status status = take_value(scan, stops, &value);
        if (status) return status;
        if (count == columns) return refuse_count(scan, value.place, count + 1);
        status = set_cell(scan, count, &value);
        if (status) return status;
        count++;
        more = is_one_of(value.behind, stops); /* the byte itself may be 0 by now */
        scan->at += more;
    }
    return count == columns ? NUDGE_OK : refuse_count(scan, scan->at, count);
}

static void set_absent(struct arff *arff) {
    for (size_t i = 0; i < arff->reader.columns; i++) {
        const struct attribute *attribute = &arff->attributes[i];
        struct cell *cell = &arff->cells[i];
        *cell = (struct cell){.kind = attribute->kind == ATTRIBUTE_NUMBER ? CELL_NUMBER : CELL_MISSING};
        if (attribute->kind == ATTRIBUTE_LIST)
            *cell = (struct cell){
                .kind = CELL_TEXT, .text = attribute->values[0], .length = strlen(attribute->values[0])};
    }
}

/* The index of a sparse value; `least`: the one before and 1, or 0. */
static nudge_status take_index(struct scan *scan, size_t least, size_t *index) {
    size_t columns = scan->arff->reader.columns, length = strcspn(scan->text + scan->at, " \t,}");
    struct shown_text found = shown_start(scan->text + scan->at, length);
    uint64_t number = 0;
    const char *end = text_parse_count(scan->text + scan->at, UINT64_MAX, &number);
    if (!end || end != scan->text + scan->at + length)
        return refuse_line(scan, scan->at,
                           error_set(scan->error, NUDGE_BAD_INPUT,
                                     "found '%s', expected an attribute's index and its value", found.text));
    if (number >= columns)
        return refuse_line(scan, scan->at,
                           error_set(scan->error, NUDGE_BAD_INPUT, "found the index %s, expected at most %zu",
                                     found.text, columns - 1));
    if (number < least)
        return refuse_line(scan, scan->at,
                           error_set(scan->error, NUDGE_BAD_INPUT,
                                     "found the index %s after %zu, expected ascending indices", found.text,
                                     least - 1));
    *index = (size_t)number;
    scan->at += length;
    return NUDGE_OK;
}

/* {0 44, 2 text}; scan->at is at the brace. */
static nudge_status take_sparse(struct scan *scan) {
    size_t place = scan->at++, least = 0, index = 0;
    set_absent(scan->arff);
    skip_blanks(scan);
    bool more = scan->text[scan->at] != '}';
    if (!more) scan->at++;
    while (more) {
        struct value value;
        skip_blanks(scan);
        if (is_over(scan)) return refuse_what(scan, place, "a row in braces that is not closed");
        nudge_status status = take_index(scan, least, &index);
        if (!status) status = take_value(scan, ",}", &value);
        if (!status) status = set_cell(scan, index, &value);
        if (status) return status;
        if (!is_one_of(value.behind, ",}"))
            return refuse_what(scan, place, "a row in braces that is not closed");
        least = index + 1;
        more = value.behind == ',';
        scan->at++;
    }
    skip_blanks(scan);
    size_t behind = scan->at;
    if (scan->text[scan->at] == ',') scan->at++;
    skip_blanks(scan);
    if (scan->text[scan->at] == '{') return refuse_weight(scan);
    scan->at = behind;
    return expect_over(scan);
}

/* -- the reader -- */

static nudge_status read_row(struct table_reader *reader, const struct cell **cells, uint64_t *line,
                             nudge_error *error) {
    struct arff *arff = (struct arff *)reader;
    struct scan scan;
    bool more;
    *cells = NULL;
    nudge_status status = next_line(arff, &scan, &more, error);
    if (status || !more) return status;
    status = scan.text[scan.at] == '{' ? take_sparse(&scan) : take_dense(&scan);
    if (status) return status;
    *cells = arff->cells;
    *line = arff->lines.line;
    return NUDGE_OK;
}

static nudge_status rewind_rows(struct table_reader *reader, nudge_error *error) {
    struct arff *arff = (struct arff *)reader;
    nudge_status status = text_lines_rewind(&arff->lines, error);
    char *text = "";
    size_t length;
    while (!status && text && arff->lines.line < arff->data_line)
        status = text_lines_next(&arff->lines, &text, &length, error);
    return status;
}

static void close_rows(struct table_reader *reader) {
    struct arff *arff = (struct arff *)reader;
    nudge_allocator allocator = arff->allocator;
    size_t columns = arff->reader.columns;
    memory_release(&allocator, arff->headings, columns * sizeof *arff->headings);
    memory_release(&allocator, arff->cells, columns * sizeof *arff->cells);
    release_attributes(arff);
    text_lines_end(&arff->lines);
    memory_release(&allocator, arff, sizeof *arff);
}

static nudge_status make_columns(struct arff *arff, nudge_error *error) {
    size_t columns = arff->reader.columns;
    arff->headings = memory_get_zeroed(&arff->allocator, columns * sizeof *arff->headings);
    arff->cells = memory_get_zeroed(&arff->allocator, columns * sizeof *arff->cells);
    if (!arff->headings || !arff->cells)
        return error_no_memory(error, columns * sizeof *arff->cells, "the columns of a table");
    for (size_t i = 0; i < columns; i++) {
        const struct attribute *attribute = &arff->attributes[i];
        arff->headings[i] = (struct table_heading){
            .name = attribute->name,
            .says = attribute->kind == ATTRIBUTE_NUMBER ? HEADING_NUMBER
                    : attribute->kind == ATTRIBUTE_LIST ? HEADING_CATEGORY
                                                        : HEADING_UNKNOWN,
            .categories = attribute->values,
            .category_count = attribute->count,
        };
    }
    arff->reader.headings = arff->headings;
    return NUDGE_OK;
}

nudge_status arff_open(const nudge_allocator *allocator, struct text_source *source,
                       const nudge_data_options *options, struct table_reader **reader, nudge_error *error) {
    (void)options;
    struct arff *arff = memory_get_zeroed(allocator, sizeof *arff);
    if (!arff) {
        source->close(source);
        return error_no_memory(error, sizeof *arff, "a table's reader");
    }
    arff->allocator = *allocator;
    arff->name = shown(source->name);
    arff->lines = text_lines_begin(allocator, source);
    arff->reader = (struct table_reader){.name = arff->name.text,
                                         .row_word = "line",
                                         .next = read_row,
                                         .rewind = rewind_rows,
                                         .close = close_rows};
    nudge_status status = read_header(arff, error);
    if (!status) status = make_columns(arff, error);
    if (status)
        close_rows(&arff->reader);
    else
        *reader = &arff->reader;
    return status;
}

/* -- looking at a beginning -- */

bool arff_looks_like(const char *bytes, size_t size) {
    size_t whole = text_whole_lines(bytes, size), at = 0, length;
    const char *line;
    while (text_take_line(bytes, whole, &at, &line, &length)) {
        while (length > 0 && text_is_blank(*line)) {
            line++;
            length--;
        }
        if (length == 0 || *line == '%') continue;
        return begins_with(line, length, "@relation") || begins_with(line, length, "@attribute");
    }
    return false;
}
