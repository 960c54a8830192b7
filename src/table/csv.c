/* See csv.h. A record is looked at twice where its bytes come in pieces: first whether it is whole, then its fields. */
#include "table/csv.h"

#include "base/status.h"

#include <string.h>

/* -- the beginning -- */

size_t csv_skip_mark(const char *bytes, size_t size, bool *wide) {
    const unsigned char *b = (const unsigned char *)bytes;
    *wide = size >= 2 && ((b[0] == 0xFF && b[1] == 0xFE) || (b[0] == 0xFE && b[1] == 0xFF));
    return size >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF ? 3 : 0;
}

static const char separators[] = {'\t', ';', '|', ','};
enum { SEPARATORS = sizeof separators, GUESS_LINES = 20 };

/* How often each separator stands in a line, outside of quotes; returns the line's bytes, 0 when it is not whole. */
static size_t count_separators(const char *bytes, size_t size, bool last, size_t counts[SEPARATORS],
                               size_t *runs) {
    bool quoted = false, blank = true;
    size_t i = 0;
    memset(counts, 0, SEPARATORS * sizeof *counts);
    *runs = 0;
    for (; i < size && (quoted || (bytes[i] != '\n' && bytes[i] != '\r')); i++) {
        bool now = bytes[i] == ' ' || bytes[i] == '\t';
        *runs += !quoted && blank && !now; /* words; a quote begins one, too */
        if (bytes[i] == '"') quoted = !quoted;
        for (size_t s = 0; !quoted && s < SEPARATORS; s++) counts[s] += bytes[i] == separators[s];
        blank = now && !quoted;
    }
    if (i == size && !last) return 0;
    return i < size ? i + 1 : i;
}

/* A separator counts where every line has as many of it; of several, the one that is there more often. Blanks count
 * where no other does: they stand in texts, too. */
char csv_guess_separator(const char *bytes, size_t size, bool last) {
    size_t first[SEPARATORS] = {0}, counts[SEPARATORS], words = 0, runs, lines = 0;
    bool agree[SEPARATORS + 1] = {true, true, true, true, true};
    for (size_t at = 0, taken; lines < GUESS_LINES && at < size; at += taken) {
        taken = count_separators(bytes + at, size - at, last, counts, &runs);
        if (taken == 0) break;
        if (runs == 0) continue;
        for (size_t s = 0; s < SEPARATORS; s++) {
            if (lines == 0) first[s] = counts[s];
            agree[s] &= counts[s] == first[s] && counts[s] > 0;
        }
        if (lines == 0) words = runs;
        agree[SEPARATORS] &= runs == words && runs > 1;
        lines++;
    }
    size_t best = SEPARATORS, most = 0;
    for (size_t s = 0; lines > 0 && s < SEPARATORS; s++)
        if (agree[s] && first[s] > most) most = first[best = s];
    if (best < SEPARATORS) return separators[best];
    return lines > 0 && agree[SEPARATORS] ? ' ' : ',';
}

struct csv csv_begin(char separator, const char *name) {
    return (struct csv){.separator = separator, .line = 1, .name = name};
}

/* -- a record -- */

static bool is_end(char c) {
    return c == '\n' || c == '\r';
}

/* Where the record's line ends: the place of its newline; `size` when there is none. Quotes hide newlines; one that opens
 * stands at a field's beginning. */
static size_t find_end(const struct csv *csv, const char *bytes, size_t size) {
    bool blanks = csv->separator == ' ', begins = true, quoted = false;
    for (size_t i = 0; i < size; i++) {
        char c = bytes[i];
        if (quoted) {
            const char *quote = memchr(bytes + i, '"', size - i);
            if (!quote) return size;
            i = (size_t)(quote - bytes);
            if (i + 1 < size && bytes[i + 1] == '"')
                i++;
            else
                quoted = false;
        } else if (is_end(c)) {
            return i;
        } else if (c == '"' && begins) {
            quoted = true;
            begins = false;
        } else {
            begins = c == csv->separator || (blanks && c == '\t') || (begins && (c == ' ' || c == '\t'));
        }
    }
    return size;
}

size_t csv_most_fields(const struct csv *csv, const char *bytes, size_t size) {
    size_t begin = 0, fields = 1;
    while (begin < size && (is_end(bytes[begin]) || (bytes[begin] == ' ' && csv->separator == ' '))) begin++;
    if (begin == size) return 0;
    size_t end = begin + find_end(csv, bytes + begin, size - begin);
    for (size_t i = begin; i < end; i++)
        fields += bytes[i] == csv->separator || (csv->separator == ' ' && bytes[i] == '\t');
    return fields;
}

/* Line and column of bytes[place], the record beginning at `line`. Columns count bytes, from 1. */
static nudge_status refuse_line(const struct csv *csv, const char *bytes, size_t place, const char *what,
                                nudge_error *error) {
    uint64_t line = csv->line;
    size_t begin = 0;
    for (size_t i = 0; i < place; i++)
        if (bytes[i] == '\n') {
            line++;
            begin = i + 1;
        }
    return error_set(error, NUDGE_BAD_INPUT, "%s: line %llu, column %zu: %s", csv->name,
                     (unsigned long long)line, place - begin + 1, what);
}

struct scan {
    const struct csv *csv;
    char *bytes;
    size_t at, end; /* of the record: bytes[end] is its newline, or behind all bytes */
    nudge_error *error;
};

/* A field in quotes, which begins at `at`; as it stands there, its doubled quotes still two. */
static nudge_status take_quoted(struct scan *scan, struct csv_field *field) {
    const char *bytes = scan->bytes;
    size_t open = scan->at, at = open + 1;
    for (;; at += 2) {
        const char *quote = at < scan->end ? memchr(bytes + at, '"', scan->end - at) : NULL;
        if (!quote) return refuse_line(scan->csv, bytes, open, "a quote that is not closed", scan->error);
        at = (size_t)(quote - bytes);
        if (at + 1 >= scan->end || bytes[at + 1] != '"') break;
    }
    *field = (struct csv_field){bytes + open + 1, at - open - 1, true};
    scan->at = at + 1;
    return NUDGE_OK;
}

/* In place: "" becomes ", and a byte 0 ends the text. */
static void finish_field(struct csv_field *field) {
    char *text = (char *)field->text;
    const char *quote = field->quoted ? memchr(text, '"', field->length) : NULL;
    size_t to = quote ? (size_t)(quote - text) : field->length;
    for (size_t from = to; quote && from < field->length; from++) {
        text[to++] = text[from];
        if (text[from] == '"') from++;
    }
    field->length = to;
    text[to] = 0;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* Blanks around a field are not part of it, unless they stand in its quotes. */
static nudge_status take_field(struct scan *scan, struct csv_field *field) {
    char *bytes = scan->bytes, separator = scan->csv->separator;
    bool blanks = separator == ' ';
    while (scan->at < scan->end && is_blank(bytes[scan->at]) && bytes[scan->at] != separator) scan->at++;
    if (scan->at < scan->end && bytes[scan->at] == '"') {
        nudge_status status = take_quoted(scan, field);
        if (status) return status;
        size_t behind = scan->at;
        while (scan->at < scan->end && is_blank(bytes[scan->at]) && bytes[scan->at] != separator) scan->at++;
        bool ends = scan->at == scan->end || bytes[scan->at] == separator || (blanks && scan->at > behind);
        if (!ends)
            return refuse_line(scan->csv, bytes, scan->at,
                               "something behind a closing quote, expected the next field", scan->error);
        return NUDGE_OK;
    }
    size_t begin = scan->at;
    while (scan->at < scan->end && bytes[scan->at] != separator && !(blanks && bytes[scan->at] == '\t'))
        scan->at++;
    size_t length = scan->at - begin;
    while (length > 0 && is_blank(bytes[begin + length - 1])) length--;
    *field = (struct csv_field){bytes + begin, length, false};
    return NUDGE_OK;
}

/* Past the separator behind a field. False: that was the last one. */
static bool step_over(struct scan *scan) {
    if (scan->csv->separator == ' ') {
        while (scan->at < scan->end && is_blank(scan->bytes[scan->at])) scan->at++;
        return scan->at < scan->end;
    }
    if (scan->at == scan->end) return false;
    scan->at++;
    return true;
}

static nudge_status take_record(struct scan *scan, struct csv_field *fields, size_t room, size_t *count) {
    const char *zero = memchr(scan->bytes, 0, scan->end);
    if (zero)
        return refuse_line(scan->csv, scan->bytes, (size_t)(zero - scan->bytes), "a byte 0, expected text",
                           scan->error);
    if (scan->csv->separator == ' ')
        while (scan->at < scan->end && is_blank(scan->bytes[scan->at])) scan->at++;
    do {
        if (*count == room)
            return refuse_line(scan->csv, scan->bytes, scan->at, "more fields than the lines before have",
                               scan->error);
        nudge_status status = take_field(scan, &fields[*count]);
        if (status) return status;
        (*count)++;
    } while (step_over(scan));
    /* Only now, when all are found: the byte behind a field is its separator, and sentences count the bytes as given. */
    for (size_t i = 0; i < *count; i++) finish_field(&fields[i]);
    return NUDGE_OK;
}

static bool is_empty(const char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (!is_blank(bytes[i])) return false;
    return true;
}

nudge_status csv_next(struct csv *csv, char *bytes, size_t size, bool last, struct csv_field *fields,
                      size_t room, size_t *count, size_t *taken, nudge_error *error) {
    *count = *taken = 0;
    while (*taken < size) {
        char *begin = bytes + *taken;
        size_t left = size - *taken, end = find_end(csv, begin, left), whole = end;
        if (end == left && !last) return NUDGE_OK; /* more may follow */
        if (whole < left && begin[whole] == '\r') whole++;
        if (whole == left && whole > end && !last) return NUDGE_OK; /* is it \r\n? */
        if (whole < left && begin[whole] == '\n') whole++;
        if (is_empty(begin, end) && !(csv->separator == '\t' && end > 0)) {
            csv->line += 1;
            *taken += whole;
            continue;
        }
        struct scan scan = {csv, begin, 0, end, error};
        uint64_t lines = 0;
        for (const char *at = begin; (at = memchr(at, '\n', (size_t)(begin + whole - at))); at++) lines++;
        nudge_status status = take_record(&scan, fields, room, count);
        if (status) {
            *count = 0;
            return status;
        }
        csv->at_line = csv->line;
        csv->line += lines ? lines : 1;
        csv->records++;
        *taken += whole;
        return NUDGE_OK;
    }
    return NUDGE_OK;
}
