/* See libsvm.h. */
#include "table/libsvm.h"

#include "base/memory.h"
#include "base/show.h"
#include "base/status.h"
#include "base/text.h"
#include "table/text_lines.h"

#include <string.h>

enum { MOST_FEATURES = COLUMNS_MOST - 1, NAME_SIZE = 8 /* "1048575" and its 0 */ };

struct libsvm {
    struct table_reader reader; /* first: a pointer to it is one to all of this */
    nudge_allocator allocator;
    struct shown_text name;
    struct text_lines lines;
    uint64_t features;
    bool given;                     /* the features: by the options */
    struct table_heading *headings; /* [1 + features] */
    struct cell *cells;             /* [1 + features] */
    char (*names)[NAME_SIZE];       /* [features] */
};

/* -- a line -- */

/* A line on its way into cells (NULL: it is only checked). */
struct scan {
    struct libsvm *libsvm;
    char *text;
    size_t at, end; /* text[end]: the line's end, or its comment */
    uint64_t index; /* the largest so far: that of the last pair */
    nudge_error *error;
};

static nudge_status refuse_line(const struct scan *scan, size_t at, nudge_status code) {
    return text_lines_place(&scan->libsvm->lines, at, scan->error, code);
}

/* The next word's bytes, 0 at the end; scan->at is its beginning. */
static size_t find_word(struct scan *scan) {
    while (scan->at < scan->end && text_is_blank(scan->text[scan->at])) scan->at++;
    size_t length = 0;
    while (scan->at + length < scan->end && !text_is_blank(scan->text[scan->at + length])) length++;
    return length;
}

static nudge_status take_label(struct scan *scan, struct cell *cells) {
    size_t length = find_word(scan), at = scan->at;
    const char *word = scan->text + at;
    double label;
    scan->at += length;
    if (text_is_number(word, length, &label)) {
        if (cells) cells[0] = (struct cell){.kind = CELL_NUMBER, .number = label};
        return NUDGE_OK;
    }
    struct shown_text found = shown_start(word, length);
    if (memchr(word, ',', length))
        return refuse_line(
            scan, at,
            error_set(scan->error, NUDGE_BAD_INPUT,
                      "found the labels '%s', expected one label: rows with several are not read",
                      found.text));
    return refuse_line(
        scan, at,
        error_set(scan->error, NUDGE_BAD_INPUT, "found '%s', expected a label, a number", found.text));
}

static nudge_status check_index(const struct scan *scan, uint64_t index) {
    const struct libsvm *libsvm = scan->libsvm;
    unsigned long long found = index;
    if (index == 0)
        return refuse_line(scan, scan->at,
                           error_set(scan->error, NUDGE_BAD_INPUT,
                                     "found the index 0, expected indices that are counted from 1"));
    if (index <= scan->index)
        return refuse_line(scan, scan->at,
                           error_set(scan->error, NUDGE_BAD_INPUT,
                                     "found the index %llu after %llu, expected ascending indices", found,
                                     (unsigned long long)scan->index));
    if (index > libsvm->features)
        return refuse_line(
            scan, scan->at,
            error_set(scan->error, NUDGE_BAD_INPUT, "found the index %llu, expected at most %llu%s", found,
                      (unsigned long long)libsvm->features, libsvm->given ? ", the number of features" : ""));
    return NUDGE_OK;
}

/* index:value, word [length] at scan->at. */
static nudge_status take_pair(struct scan *scan, size_t length, struct cell *cells) {
    const char *word = scan->text + scan->at, *colon = memchr(word, ':', length);
    uint64_t index = 0;
    const char *end = colon ? text_parse_count(word, UINT64_MAX, &index) : NULL;
    if (!end || end != colon)
        return refuse_line(scan, scan->at,
                           error_set(scan->error, NUDGE_BAD_INPUT, "found '%s', expected index:value",
                                     shown_start(word, length).text));
    nudge_status status = check_index(scan, index);
    if (status) return status;
    size_t before = (size_t)(colon - word) + 1;
    double value;
    if (!text_is_number(colon + 1, length - before, &value))
        return refuse_line(scan, scan->at + before,
                           error_set(scan->error, NUDGE_BAD_INPUT, "found '%s', expected a finite number",
                                     shown_start(colon + 1, length - before).text));
    if (cells) cells[index].number = value;
    scan->index = index;
    return NUDGE_OK;
}

static bool is_query(const char *word, size_t length) {
    if (length < 5 || memcmp(word, "qid:", 4) != 0) return false;
    for (size_t i = 4; i < length; i++)
        if (word[i] < '0' || word[i] > '9') return false;
    return true;
}

static nudge_status take_row(struct scan *scan, struct cell *cells) {
    nudge_status status = take_label(scan, cells);
    size_t length;
    for (bool first = true; !status && (length = find_word(scan)) > 0; first = false) {
        if (!first || !is_query(scan->text + scan->at, length)) status = take_pair(scan, length, cells);
        scan->at += length;
    }
    return status;
}

/* The next line that has a row, and the largest index in it; *found false: there is none. */
static nudge_status next_row(struct libsvm *libsvm, struct cell *cells, bool *found, uint64_t *largest,
                             nudge_error *error) {
    *found = false;
    for (;;) {
        char *text;
        size_t length;
        nudge_status status = text_lines_next(&libsvm->lines, &text, &length, error);
        if (status || !text) return status;
        const char *comment = memchr(text, '#', length);
        struct scan scan = {.libsvm = libsvm,
                            .text = text,
                            .end = comment ? (size_t)(comment - text) : length,
                            .error = error};
        if (find_word(&scan) == 0) continue;
        status = take_row(&scan, cells);
        *found = !status;
        *largest = scan.index;
        return status;
    }
}

/* -- the reader -- */

static nudge_status read_row(struct table_reader *reader, const struct cell **cells, uint64_t *line,
                             nudge_error *error) {
    struct libsvm *libsvm = (struct libsvm *)reader;
    bool found;
    uint64_t largest;
    *cells = NULL;
    for (size_t i = 1; i <= libsvm->features; i++) libsvm->cells[i].number = 0;
    nudge_status status = next_row(libsvm, libsvm->cells, &found, &largest, error);
    if (status || !found) return status;
    *cells = libsvm->cells;
    *line = libsvm->lines.line;
    return NUDGE_OK;
}

static nudge_status rewind_rows(struct table_reader *reader, nudge_error *error) {
    return text_lines_rewind(&((struct libsvm *)reader)->lines, error);
}

static void close_rows(struct table_reader *reader) {
    struct libsvm *libsvm = (struct libsvm *)reader;
    nudge_allocator allocator = libsvm->allocator;
    size_t columns = libsvm->reader.columns;
    memory_release(&allocator, libsvm->headings, columns * sizeof *libsvm->headings);
    memory_release(&allocator, libsvm->cells, columns * sizeof *libsvm->cells);
    memory_release(&allocator, libsvm->names, columns * sizeof *libsvm->names);
    text_lines_end(&libsvm->lines);
    memory_release(&allocator, libsvm, sizeof *libsvm);
}

/* One pass over all rows. */
static nudge_status count_features(struct libsvm *libsvm, nudge_error *error) {
    uint64_t most = 0, largest = 0;
    bool found = true;
    nudge_status status = NUDGE_OK;
    libsvm->features = MOST_FEATURES;
    while (!status && found) {
        status = next_row(libsvm, NULL, &found, &largest, error);
        if (!status && found && largest > most) most = largest;
    }
    if (status) return status;
    if (most == 0)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: has no row with a feature, expected lines as '1 1:0.5 3:2'",
                         libsvm->reader.name);
    libsvm->features = most;
    return text_lines_rewind(&libsvm->lines, error);
}

static nudge_status make_columns(struct libsvm *libsvm, nudge_error *error) {
    size_t columns = (size_t)libsvm->features + 1;
    libsvm->reader.columns = columns;
    libsvm->headings = memory_get_zeroed(&libsvm->allocator, columns * sizeof *libsvm->headings);
    libsvm->cells = memory_get_zeroed(&libsvm->allocator, columns * sizeof *libsvm->cells);
    libsvm->names = memory_get_zeroed(&libsvm->allocator, columns * sizeof *libsvm->names);
    if (!libsvm->headings || !libsvm->cells || !libsvm->names)
        return error_no_memory(error, columns * sizeof *libsvm->cells, "the columns of a table");
    libsvm->reader.headings = libsvm->headings;
    libsvm->headings[0].name = "label";
    for (size_t i = 1; i < columns; i++) {
        text_append(libsvm->names[i], NAME_SIZE, 0, "%zu", i);
        libsvm->headings[i] = (struct table_heading){.name = libsvm->names[i], .says = HEADING_NUMBER};
        libsvm->cells[i] = (struct cell){.kind = CELL_NUMBER};
    }
    return NUDGE_OK;
}

nudge_status libsvm_open(const nudge_allocator *allocator, struct text_source *source,
                         const nudge_data_options *options, struct table_reader **reader,
                         nudge_error *error) {
    size_t features = options ? options->features : 0;
    struct libsvm *libsvm = memory_get_zeroed(allocator, sizeof *libsvm);
    if (!libsvm) {
        source->close(source);
        return error_no_memory(error, sizeof *libsvm, "a table's reader");
    }
    libsvm->allocator = *allocator;
    libsvm->name = shown(source->name);
    libsvm->lines = text_lines_begin(allocator, source);
    libsvm->reader = (struct table_reader){.name = libsvm->name.text,
                                           .row_word = "line",
                                           .next = read_row,
                                           .rewind = rewind_rows,
                                           .close = close_rows};
    libsvm->features = features;
    libsvm->given = features > 0;
    nudge_status status = NUDGE_OK;
    if (features > MOST_FEATURES)
        status = error_set(error, NUDGE_BAD_INPUT, "%s: found %zu features, expected at most %d",
                           libsvm->reader.name, features, MOST_FEATURES);
    else if (features == 0)
        status = count_features(libsvm, error);
    if (!status) status = make_columns(libsvm, error);
    if (status)
        close_rows(&libsvm->reader);
    else
        *reader = &libsvm->reader;
    return status;
}

/* -- looking at a beginning -- */

struct look {
    size_t pairs;   /* of the line that has most */
    bool has_point; /* some value has a decimal point */
};

/* Digits without a 0 in front: 08:05 is a time. The index 0 is refused later, with a sentence. */
static bool looks_index(const char *word, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (word[i] < '0' || word[i] > '9') return false;
    return length == 1 || (length > 0 && word[0] != '0');
}

static bool looks_pair(const char *word, size_t length, struct look *look) {
    const char *colon = memchr(word, ':', length);
    if (!colon || !looks_index(word, (size_t)(colon - word))) return false;
    const char *value = colon + 1;
    size_t digits = length - (size_t)(value - word);
    look->has_point |= memchr(value, '.', digits) != NULL;
    bool padded = digits > 1 && value[0] == '0' && value[1] >= '0' && value[1] <= '9';
    return !padded && text_looks_number(value, digits);
}

/* One number, or several, which are refused later, with a sentence. */
static bool looks_label(const char *word, size_t length) {
    for (size_t at = 0, part; at <= length; at += part + 1) {
        const char *comma = memchr(word + at, ',', length - at);
        part = comma ? (size_t)(comma - word) - at : length - at;
        if (!text_looks_number(word + at, part)) return false;
    }
    return true;
}

static bool looks_row(const char *line, size_t length, struct look *look) {
    const char *comment = length ? memchr(line, '#', length) : NULL;
    size_t end = comment ? (size_t)(comment - line) : length, words = 0, pairs = 0;
    for (size_t at = 0, word; at < end; at += word) {
        for (word = 0; at + word < end && !text_is_blank(line[at + word]);) word++;
        if (word == 0) {
            at++;
            continue;
        }
        bool good = words == 0                                ? looks_label(line + at, word)
                    : words == 1 && is_query(line + at, word) ? true
                                                              : looks_pair(line + at, word, look);
        if (!good) return false;
        pairs += words > 0 && !is_query(line + at, word);
        words++;
    }
    if (pairs > look->pairs) look->pairs = pairs;
    return true;
}

bool libsvm_looks_like(const char *bytes, size_t size) {
    size_t whole = text_whole_lines(bytes, size), at = 0, length;
    const char *line;
    struct look look = {0, false};
    while (text_take_line(bytes, whole, &at, &line, &length))
        if (!looks_row(line, length, &look)) return false;
    return look.pairs > 1 || (look.pairs == 1 && look.has_point);
}
