/* Whether a text is a table, told by its first bytes: csv_look of csv.h. */
#include "base/memory.h"
#include "base/status.h"
#include "table/csv.h"
#include "table/csv_table.h"

#include <string.h>

enum { LOOK_RECORDS = 50, LEAST_RECORDS = 2 };

/* No bytes that texts do not have; what is beyond ASCII may be of any encoding. */
static bool is_text(const char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == 0x7F || (c < ' ' && !(c >= '\t' && c <= '\r'))) return false;
    }
    return true;
}

struct look {
    size_t records, columns;
    bool numbers;
};

/* False: the record is not as the first one. */
static bool look_at(struct look *look, const struct csv_field *fields, size_t count) {
    double number;
    if (look->records++ == 0) look->columns = count;
    for (size_t c = 0; c < count; c++) look->numbers |= csv_number(fields[c].text, fields[c].length, &number);
    return count > 1 && count == look->columns;
}

/* Words of prose are apart by blanks, too: there it takes numbers. */
static bool look_at_records(struct csv *csv, char *bytes, size_t size, bool last, struct csv_field *fields,
                            size_t room) {
    struct look look = {0};
    size_t count = 0, taken = 0;
    for (size_t at = 0; look.records < LOOK_RECORDS; at += taken) {
        if (csv_next(csv, bytes + at, size - at, last, fields, room, &count, &taken, NULL)) return false;
        if (count == 0) break;
        if (!look_at(&look, fields, count)) return false;
    }
    return look.records >= LEAST_RECORDS && (look.numbers || csv->separator != ' ');
}

nudge_status csv_look(const nudge_allocator *allocator, char *bytes, size_t size, bool last, bool *is_table,
                      nudge_error *error) {
    bool wide;
    size_t mark = csv_skip_mark(bytes, size, &wide);
    *is_table = false;
    if (wide || !is_text(bytes + mark, size - mark)) return NUDGE_OK;
    struct csv csv = csv_begin(csv_guess_separator(bytes + mark, size - mark, last), "");
    size_t room = csv_most_fields(&csv, bytes + mark, size - mark);
    if (room == 0) return NUDGE_OK;
    struct csv_field *fields = memory_get(allocator, room * sizeof *fields);
    if (!fields) return error_no_memory(error, room * sizeof *fields, "a table's first lines");
    *is_table = look_at_records(&csv, bytes + mark, size - mark, last, fields, room);
    memory_release(allocator, fields, room * sizeof *fields);
    return NUDGE_OK;
}
