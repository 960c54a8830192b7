/* See fann.h. */
#include "table/fann.h"

#include "base/memory.h"
#include "base/show.h"
#include "base/status.h"
#include "base/text.h"
#include "table/text_lines.h"

#include <string.h>

struct fann {
    struct table_reader reader; /* first: a pointer to it is one to all of this */
    nudge_allocator allocator;
    struct shown_text name;
    struct text_lines lines;
    char *text; /* the line that words are taken from; NULL: none yet, or no more */
    size_t length, at;
    uint64_t pairs, inputs, outputs; /* of the first line */
    uint64_t pair;                   /* how many were given */
    bool classes;                    /* the outputs are one column */
    enum fann_outputs outputs_are;
    bool unlabelled;                /* outputs may name no class */
    struct table_heading *headings; /* [reader.columns] */
    struct cell *cells;             /* [reader.columns] */
    struct text_number place;       /* the class's text */
};

/* -- numbers -- */

static bool is_space(char c) {
    return text_is_blank(c) || c == '\v' || c == '\f' || c == '\n' || c == '\r';
}

/* The next word, which stands at fann->at when it is taken. *word NULL: there is none. */
static nudge_status take_word(struct fann *fann, const char **word, size_t *length, nudge_error *error) {
    *word = NULL;
    for (;;) {
        while (fann->text && fann->at < fann->length && is_space(fann->text[fann->at])) fann->at++;
        if (fann->text && fann->at < fann->length) break;
        nudge_status status = text_lines_next(&fann->lines, &fann->text, &fann->length, error);
        fann->at = 0;
        if (status) fann->text = NULL;
        if (status || !fann->text) return status;
    }
    *word = fann->text + fann->at;
    for (*length = 0; fann->at < fann->length && !is_space(fann->text[fann->at]); fann->at++) ++*length;
    return NUDGE_OK;
}

static nudge_status refuse_word(const struct fann *fann, const char *word, size_t length,
                                const char *expected, nudge_error *error) {
    return text_lines_place(&fann->lines, (size_t)(word - fann->text), error,
                            error_set(error, NUDGE_BAD_INPUT, "found '%s', expected %s",
                                      shown_start(word, length).text, expected));
}

static uint64_t announced(const struct fann *fann) {
    return fann->pairs * (fann->inputs + fann->outputs);
}

/* "12 numbers: pairs (4) x (inputs (2) + outputs (1))", for sentences. */
struct announcement {
    char text[160];
};

static struct announcement announcement(const struct fann *fann) {
    struct announcement out;
    text_append(out.text, sizeof out.text, 0, "%llu numbers: pairs (%llu) x (inputs (%llu) + outputs (%llu))",
                (unsigned long long)announced(fann), (unsigned long long)fann->pairs,
                (unsigned long long)fann->inputs, (unsigned long long)fann->outputs);
    return out;
}

/* The number after `before` others. */
static nudge_status take_number(struct fann *fann, uint64_t before, double *number, nudge_error *error) {
    const char *word;
    size_t length;
    nudge_status status = take_word(fann, &word, &length, error);
    if (status) return status;
    if (!word)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: ends after %llu numbers, expected, by its first line, %s", fann->reader.name,
                         (unsigned long long)before, announcement(fann).text);
    if (text_is_number(word, length, number)) return NUDGE_OK;
    return refuse_word(fann, word, length, "a finite number", error);
}

static nudge_status expect_end(struct fann *fann, nudge_error *error) {
    const char *word;
    size_t length;
    nudge_status status = take_word(fann, &word, &length, error);
    if (status || !word) return status;
    return text_lines_place(&fann->lines, (size_t)(word - fann->text), error,
                            error_set(error, NUDGE_BAD_INPUT,
                                      "found '%s', expected the end: by its first line the file has %s",
                                      shown_start(word, length).text, announcement(fann).text));
}

/* -- the first line -- */

static bool is_count(const char *word, size_t length, uint64_t *count) {
    const char *end = text_parse_count(word, UINT64_MAX, count);
    return end && end == word + length;
}

static nudge_status take_count(struct fann *fann, const char *what, uint64_t *count, nudge_error *error) {
    const char *word;
    size_t length;
    nudge_status status = take_word(fann, &word, &length, error);
    if (status) return status;
    if (!word)
        return error_set(
            error, NUDGE_BAD_INPUT,
            "%s: ends within its first line, expected three whole numbers: pairs, inputs, outputs",
            fann->reader.name);
    return is_count(word, length, count) && *count > 0 ? NUDGE_OK
                                                       : refuse_word(fann, word, length, what, error);
}

static nudge_status take_counts(struct fann *fann, nudge_error *error) {
    nudge_status status =
        take_count(fann, "the number of pairs, a whole number above 0", &fann->pairs, error);
    if (!status)
        status = take_count(fann, "the number of inputs, a whole number above 0", &fann->inputs, error);
    if (!status)
        status = take_count(fann, "the number of outputs, a whole number above 0", &fann->outputs, error);
    if (status) return status;
    uint64_t columns, numbers;
    bool fits = !__builtin_add_overflow(fann->inputs, fann->outputs, &columns) && columns <= COLUMNS_MOST;
    if (fits && !__builtin_mul_overflow(columns, fann->pairs, &numbers)) return NUDGE_OK;
    return error_set(error, NUDGE_BAD_INPUT,
                     "%s: line 1: found %llu pairs of %llu inputs and %llu outputs, expected at most %d "
                     "inputs and outputs, and fewer pairs than 2^64 numbers have",
                     fann->reader.name, (unsigned long long)fann->pairs, (unsigned long long)fann->inputs,
                     (unsigned long long)fann->outputs, COLUMNS_MOST);
}

/* -- do the outputs name a class? -- */

/* What the first pass learns: the first two values that outputs have, and whether in every pair one output alone has it. */
struct survey {
    double values[2];
    size_t seen;   /* of the two */
    bool other;    /* there was a third */
    bool alone[2]; /* no pair so far in which not exactly one output has the value */
    uint64_t in_pair[2];
};

static void survey_output(struct survey *survey, double output) {
    size_t which = 0;
    while (which < survey->seen && survey->values[which] != output) which++;
    if (which == 2) {
        survey->other = true;
        return;
    }
    if (which == survey->seen) survey->values[survey->seen++] = output;
    survey->in_pair[which]++;
}

static bool is_all_of(const struct survey *survey, double low, double high) {
    for (size_t i = 0; i < survey->seen; i++)
        if (survey->values[i] != low && survey->values[i] != high) return false;
    return true;
}

/* Two values in a single pair could be any numbers: there they must be the usual ones. Which class it is, the largest output
 * says, or the only one that is 1. */
static void decide(struct fann *fann, const struct survey *survey) {
    bool usual = is_all_of(survey, 0, 1) || is_all_of(survey, -1, 1);
    if (survey->other || (!usual && (fann->outputs == 1 || fann->pairs == 1))) return;
    fann->classes = fann->outputs == 1;
    if (fann->classes || survey->seen < 2) return;
    fann->classes = survey->alone[survey->values[1] > survey->values[0]];
}

/* The whole text once: are the numbers there, and what are the outputs? */
static nudge_status survey_text(struct fann *fann, nudge_error *error) {
    struct survey survey = {.alone = {true, true}};
    uint64_t before = 0;
    double number;
    nudge_status status = take_counts(fann, error);
    for (uint64_t pair = 0; !status && pair < fann->pairs; pair++) {
        for (uint64_t i = 0; !status && i < fann->inputs + fann->outputs; i++) {
            status = take_number(fann, before++, &number, error);
            if (!status && i >= fann->inputs) survey_output(&survey, number);
        }
        for (size_t i = 0; i < 2; i++) {
            survey.alone[i] &= survey.in_pair[i] == 1;
            survey.in_pair[i] = 0;
        }
    }
    if (!status) status = expect_end(fann, error);
    if (!status && fann->outputs_are == FANN_AS_THEY_LOOK) decide(fann, &survey);
    fann->classes |= fann->outputs_are == FANN_CLASS;
    return status;
}

/* -- the reader -- */

/* The outputs of a pair as its class: which one is the largest; or whether the only one is 1. */
static nudge_status take_class(struct fann *fann, uint64_t before, nudge_error *error) {
    uint64_t place = 0;
    double high = 0, number = 0;
    bool is_class = true;
    for (uint64_t i = 0; i < fann->outputs; i++) {
        nudge_status status = take_number(fann, before + i, &number, error);
        if (status) return status;
        if (i > 0 && number == high) is_class = false;
        if (i > 0 && number <= high) continue;
        high = number;
        place = i;
        is_class = true;
    }
    if (fann->outputs == 1) {
        is_class = number == 0 || number == 1 || number == -1;
        place = number == 1;
    }
    if (!is_class && !fann->unlabelled)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: line %llu: the outputs name no class, expected %s, as in the first table",
                         fann->reader.name, (unsigned long long)fann->lines.line,
                         fann->outputs == 1 ? "0 and 1, or -1 and 1" : "one that is larger than the others");
    fann->place = text_number((double)place, 10); /* below 2^20: exact */
    fann->cells[fann->inputs] = (struct cell){.kind = is_class ? CELL_TEXT : CELL_MISSING,
                                              .text = fann->place.text,
                                              .length = strlen(fann->place.text)};
    return NUDGE_OK;
}

static nudge_status read_pair(struct table_reader *reader, const struct cell **cells, uint64_t *line,
                              nudge_error *error) {
    struct fann *fann = (struct fann *)reader;
    *cells = NULL;
    if (fann->pair == fann->pairs) return NUDGE_OK;
    uint64_t before = fann->pair * (fann->inputs + fann->outputs);
    size_t numbers = (size_t)(fann->classes ? fann->inputs : fann->inputs + fann->outputs);
    for (size_t i = 0; i < numbers; i++) {
        nudge_status status = take_number(fann, before + i, &fann->cells[i].number, error);
        if (status) return status;
        if (i == 0) *line = fann->lines.line;
    }
    nudge_status status = fann->classes ? take_class(fann, before + numbers, error) : NUDGE_OK;
    if (status) return status;
    fann->pair++;
    *cells = fann->cells;
    return NUDGE_OK;
}

static nudge_status rewind_pairs(struct table_reader *reader, nudge_error *error) {
    struct fann *fann = (struct fann *)reader;
    const char *word;
    size_t length;
    fann->text = NULL;
    fann->pair = 0;
    nudge_status status = text_lines_rewind(&fann->lines, error);
    for (size_t i = 0; !status && i < 3; i++) status = take_word(fann, &word, &length, error);
    return status;
}

static void close_pairs(struct table_reader *reader) {
    struct fann *fann = (struct fann *)reader;
    nudge_allocator allocator = fann->allocator;
    size_t columns = fann->reader.columns;
    memory_release(&allocator, fann->headings, columns * sizeof *fann->headings);
    memory_release(&allocator, fann->cells, columns * sizeof *fann->cells);
    text_lines_end(&fann->lines);
    memory_release(&allocator, fann, sizeof *fann);
}

static nudge_status make_columns(struct fann *fann, nudge_error *error) {
    size_t columns = (size_t)(fann->inputs + (fann->classes ? 1 : fann->outputs));
    fann->reader.columns = columns;
    fann->headings = memory_get_zeroed(&fann->allocator, columns * sizeof *fann->headings);
    fann->cells = memory_get_zeroed(&fann->allocator, columns * sizeof *fann->cells);
    if (!fann->headings || !fann->cells)
        return error_no_memory(error, columns * sizeof *fann->cells, "the columns of a table");
    fann->reader.headings = fann->headings;
    for (size_t i = 0; i < columns; i++) {
        fann->headings[i].says = i < fann->inputs ? HEADING_NUMBER : HEADING_TARGET_NUMBER;
        fann->cells[i] = (struct cell){.kind = CELL_NUMBER};
    }
    if (fann->classes)
        fann->headings[fann->inputs] = (struct table_heading){.name = "class", .says = HEADING_TARGET_CLASS};
    return NUDGE_OK;
}

nudge_status fann_open_as(const nudge_allocator *allocator, struct text_source *source,
                          enum fann_outputs outputs, bool unlabelled, struct table_reader **reader,
                          nudge_error *error) {
    struct fann *fann = memory_get_zeroed(allocator, sizeof *fann);
    if (!fann) {
        source->close(source);
        return error_no_memory(error, sizeof *fann, "a table's reader");
    }
    fann->allocator = *allocator;
    fann->name = shown(source->name);
    fann->lines = text_lines_begin(allocator, source);
    fann->reader = (struct table_reader){.name = fann->name.text,
                                         .row_word = "line",
                                         .next = read_pair,
                                         .rewind = rewind_pairs,
                                         .close = close_pairs};
    fann->outputs_are = outputs;
    fann->unlabelled = unlabelled;
    nudge_status status = survey_text(fann, error);
    if (!status) status = make_columns(fann, error);
    if (!status) status = rewind_pairs(&fann->reader, error);
    if (status)
        close_pairs(&fann->reader);
    else
        *reader = &fann->reader;
    return status;
}

nudge_status fann_open(const nudge_allocator *allocator, struct text_source *source,
                       const nudge_data_options *options, struct table_reader **reader, nudge_error *error) {
    bool regression = options && options->regression;
    return fann_open_as(allocator, source, regression ? FANN_NUMBERS : FANN_AS_THEY_LOOK,
                        options && options->unlabelled, reader, error);
}

/* -- looking at a beginning -- */

/* What stands in the text, line by line; empty lines aside. */
struct look {
    uint64_t counts[3]; /* of the first line */
    size_t lines;
    uint64_t second, third; /* how many numbers */
    uint64_t numbers;       /* behind the first line */
    bool ragged;            /* not all lines have three */
};

/* The next word in line[*at .. length-1]; its length, 0 when there is none. */
static size_t look_word(const char *line, size_t length, size_t *at) {
    while (*at < length && is_space(line[*at])) ++*at;
    size_t word = 0;
    while (*at + word < length && !is_space(line[*at + word])) word++;
    return word;
}

static bool looks_count(const char *word, size_t length, uint64_t *count) {
    char copy[TEXT_LOOK_NUMBER + 1];
    if (length > TEXT_LOOK_NUMBER) return false;
    memcpy(copy, word, length);
    copy[length] = 0;
    return is_count(copy, length, count) && *count > 0;
}

/* False: the line has something else than numbers. */
static bool look_line(struct look *look, const char *line, size_t length) {
    uint64_t count = 0;
    for (size_t at = 0, word; (word = look_word(line, length, &at)) > 0; at += word, count++) {
        bool first = look->lines == 0;
        if (first && (count == 3 || !looks_count(line + at, word, &look->counts[count]))) return false;
        if (!first && !text_looks_number(line + at, word)) return false;
    }
    if (count == 0) return true;
    if (look->lines == 0 && count < 3) return false;
    if (look->lines == 1) look->second = count;
    if (look->lines == 2) look->third = count;
    if (look->lines > 0) look->numbers += count;
    look->ragged |= count != 3;
    look->lines++;
    return true;
}

bool fann_looks_like(const char *bytes, size_t size) {
    size_t whole = text_whole_lines(bytes, size), at = 0, length;
    const char *line;
    struct look look = {.lines = 0};
    while (text_take_line(bytes, whole, &at, &line, &length))
        if (!look_line(&look, line, length)) return false;
    uint64_t columns, announced;
    if (look.lines == 0 || __builtin_add_overflow(look.counts[1], look.counts[2], &columns) ||
        __builtin_mul_overflow(columns, look.counts[0], &announced))
        return false;
    bool cut =
        size >= TEXT_LOOK; /* the second line may be longer than that: numbers have less than 32 bytes */
    if (look.lines == 1) return cut && look.counts[1] >= TEXT_LOOK / 32;
    bool fits = cut ? look.numbers <= announced : look.numbers == announced;
    bool in_lines = look.second == look.counts[1] && look.third == look.counts[2];
    return in_lines ? look.ragged || (!cut && fits) : look.ragged && fits;
}
