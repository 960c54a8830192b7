/* See table_sqlite.h. One transaction is open from the beginning to the end, so that what others write meanwhile is not seen.
 * Invariant: the statement is one that only reads, and it has as many columns as when it was made. */
#include "read/table_sqlite.h"

#include "base/file.h"
#include "base/library.h"
#include "base/status.h"
#include "base/text.h"
#include "table/words.h"

#include <sqlite3.h>
#include <string.h>

/* The library's functions that are called here: see base/library.h. */
#define SQLITE_CALLS(CALL)                                                                                   \
    CALL(bind_text)                                                                                          \
    CALL(busy_timeout)                                                                                       \
    CALL(close)                                                                                              \
    CALL(column_bytes) CALL(column_count) CALL(column_double) CALL(column_int64) CALL(column_name)           \
        CALL(column_text) CALL(column_type) CALL(data_count) CALL(db_config) CALL(errcode) CALL(errmsg)      \
            CALL(errstr) CALL(exec) CALL(finalize) CALL(free) CALL(limit) CALL(mprintf) CALL(open_v2)        \
                CALL(prepare_v2) CALL(reset) CALL(step) CALL(stmt_readonly)
#define MEMBER(name) __typeof__(sqlite3_##name) *name;
#define NAME(name) "sqlite3_" #name,
static struct { SQLITE_CALLS(MEMBER) } lib;
static const char *const names[] = {SQLITE_CALLS(NAME)};
static struct library library = {NUDGE_SQLITE, names, sizeof names / sizeof *names, &lib, 0};

enum {
    MOST_BYTES = 64 << 20, /* of a row */
    BUSY_MILLISECONDS = 2000,
    HEADER = 100,      /* bytes of a file's */
    WRITE_VERSION = 18 /* where it says who may write: 2, with a write-ahead log */
};

struct sqlite_table {
    struct table_reader reader; /* the first member: a reader is one of these */
    nudge_allocator allocator;
    struct shown_text name;
    sqlite3 *database;
    sqlite3_stmt *statement;
    struct words names;
    struct table_heading *headings; /* [reader.columns] */
    struct cell *cells;             /* [reader.columns] */
    uint64_t row;                   /* the one that was given, from 1 */
};

/* -- errors -- */

/* What SQLite says of its last call, as a sentence. */
static nudge_status refuse_call(const struct sqlite_table *table, int code, nudge_error *error) {
    nudge_status status = NUDGE_BAD_INPUT;
    switch (code & 0xFF) {
    case SQLITE_NOMEM: return error_no_memory(error, 0, table->name.text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY: status = NUDGE_IO; break;
    default: break;
    }
    const char *said = table->database ? lib.errmsg(table->database) : lib.errstr(code);
    return error_set(error, status, "%s: SQLite says: %s", table->name.text, shown(said).text);
}

/* -- opening -- */

/* A file that keeps a write-ahead log, but has none now: SQLite would make one to read it. */
static bool wants_log(const nudge_allocator *allocator, const char *path) {
    struct file_reader file;
    unsigned char header[HEADER] = {0};
    size_t got = 0, length = strlen(path);
    if (file_reader_open(&file, path, NULL)) return false;
    nudge_status status = file_reader_read(&file, header, sizeof header, &got, NULL);
    file_reader_close(&file);
    if (status || header[WRITE_VERSION] != 2) return false;
    char *log = memory_get(allocator, length + 5);
    if (!log) return false;
    memcpy(log, path, length);
    memcpy(log + length, "-wal", 5);
    bool there = file_exists(log);
    memory_release(allocator, log, length + 5);
    return !there;
}

/* "file:PATH?mode=ro", the path's bytes that mean something there as %XX. The caller releases [*room]. */
static char *make_address(const nudge_allocator *allocator, const char *path, size_t *room) {
    static const char digits[] = "0123456789ABCDEF";
    const char *before = path[0] == '/' ? "file://" : "file:./";
    const char *behind = wants_log(allocator, path) ? "?mode=ro&immutable=1" : "?mode=ro";
    *room = strlen(before) + 3 * strlen(path) + strlen(behind) + 1;
    char *address = memory_get(allocator, *room), *to = address;
    if (!address) return NULL;
    memcpy(to, before, strlen(before));
    to += strlen(before);
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        bool escape = c == '%' || c == '?' || c == '#';
        *to++ = escape ? '%' : *path;
        if (escape) *to++ = digits[c >> 4];
        if (escape) *to++ = digits[c & 15];
    }
    memcpy(to, behind, strlen(behind) + 1);
    return address;
}

/* A file from anywhere: nothing that its own schema says is run with rights, and nothing is written. */
static nudge_status open_database(struct sqlite_table *table, const char *path, nudge_error *error) {
    size_t room;
    char *address = make_address(&table->allocator, path, &room);
    if (!address) return error_no_memory(error, strlen(path), "a file's name");
    int code = lib.open_v2(address, &table->database,
                           SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    memory_release(&table->allocator, address, room);
    if (code != SQLITE_OK) return refuse_call(table, code, error);
    lib.busy_timeout(table->database, BUSY_MILLISECONDS);
    lib.limit(table->database, SQLITE_LIMIT_LENGTH, MOST_BYTES);
    lib.db_config(table->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    lib.db_config(table->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    code =
        lib.exec(table->database, "PRAGMA mmap_size=0; PRAGMA cell_size_check=ON; BEGIN", NULL, NULL, NULL);
    return code == SQLITE_OK ? NUDGE_OK : refuse_call(table, code, error);
}

/* -- which rows -- */

static nudge_status prepare_statement(const struct sqlite_table *table, const char *sql,
                                      sqlite3_stmt **statement, const char **rest, nudge_error *error) {
    int code = lib.prepare_v2(table->database, sql, -1, statement, rest);
    return code == SQLITE_OK ? NUDGE_OK : refuse_call(table, code, error);
}

/* The tables that the file has, for sentences; cut where there are many. */
struct table_list {
    char text[400];
    size_t used, count;
    bool cut;
    char *only; /* the first one's name: SQLite's memory */
};

static void list_table(struct table_list *list, const char *name) {
    struct shown_text text = shown(name);
    if (list->count++ == 0) list->only = lib.mprintf("%s", name);
    if (list->cut) return;
    list->cut = list->used + strlen(text.text) + 8 > sizeof list->text;
    list->used = text_append(list->text, sizeof list->text, list->used, "%s%s", list->count > 1 ? ", " : "",
                             list->cut ? ".." : text.text);
}

static nudge_status list_tables(const struct sqlite_table *table, struct table_list *list,
                                nudge_error *error) {
    sqlite3_stmt *statement = NULL;
    nudge_status status =
        prepare_statement(table,
                          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
                          "'sqlite\\_%' ESCAPE '\\' ORDER BY name",
                          &statement, NULL, error);
    int code = SQLITE_DONE;
    while (!status && (code = lib.step(statement)) == SQLITE_ROW) {
        const char *name = (const char *)lib.column_text(statement, 0);
        if (name) list_table(list, name);
    }
    if (!status && code != SQLITE_DONE) status = refuse_call(table, code, error);
    lib.finalize(statement);
    if (!status && list->count && !list->only) status = error_no_memory(error, 0, "a table's name");
    return status;
}

/* *there: a table or a view has the name. */
static nudge_status look_for_table(const struct sqlite_table *table, const char *name, bool *there,
                                   nudge_error *error) {
    sqlite3_stmt *statement = NULL;
    nudge_status status = prepare_statement(
        table,
        "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE LIMIT 1",
        &statement, NULL, error);
    if (status) return status;
    int code = lib.bind_text(statement, 1, name, -1, SQLITE_STATIC);
    if (code == SQLITE_OK) code = lib.step(statement);
    *there = code == SQLITE_ROW;
    if (code != SQLITE_ROW && code != SQLITE_DONE) status = refuse_call(table, code, error);
    lib.finalize(statement);
    return status;
}

static nudge_status ask_table(struct sqlite_table *table, const char *name, nudge_error *error) {
    char *sql = lib.mprintf("SELECT * FROM main.\"%w\"", name);
    if (!sql) return error_no_memory(error, strlen(name), "a query");
    nudge_status status = prepare_statement(table, sql, &table->statement, NULL, error);
    lib.free(sql);
    return status;
}

/* The table that is called `name`; NULL: the only one. */
static nudge_status choose_table(struct sqlite_table *table, const char *name, nudge_error *error) {
    struct table_list list = {.count = 0};
    bool there = false;
    nudge_status status = list_tables(table, &list, error);
    if (!status && name) status = look_for_table(table, name, &there, error);
    const char *file = table->name.text, *tables = list.count ? list.text : "none";
    if (!status && name && !there)
        status = error_set(error, NUDGE_BAD_INPUT, "%s: no table \"%s\"; the tables are: %s", file,
                           shown(name).text, tables);
    if (!status && !name && list.count == 0)
        status = error_set(error, NUDGE_BAD_INPUT, "%s: has no table", file);
    if (!status && !name && list.count > 1)
        status = error_set(error, NUDGE_BAD_INPUT,
                           "%s: %zu tables, expected the name of one (--table), or a query (--sql); "
                           "the tables are: %s",
                           file, list.count, tables);
    if (!status) status = ask_table(table, name ? name : list.only, error);
    lib.free(list.only);
    return status;
}

/* The caller's query: a mistake in it is the caller's. */
static nudge_status prepare_query(const struct sqlite_table *table, const char *sql, sqlite3_stmt **statement,
                                  const char **rest, nudge_error *error) {
    nudge_status status = prepare_statement(table, sql, statement, rest, error);
    if (status != NUDGE_BAD_INPUT || lib.errcode(table->database) != SQLITE_ERROR) return status;
    return error_set(error, NUDGE_BAD_ARGUMENT, "%s: in the query SQLite finds: %s", table->name.text,
                     shown(lib.errmsg(table->database)).text);
}

/* Only blanks, comments and semicolons may follow. */
static nudge_status check_rest(const struct sqlite_table *table, const char *rest, nudge_error *error) {
    while (*rest) {
        sqlite3_stmt *more = NULL;
        const char *behind = rest;
        nudge_status status = prepare_query(table, rest, &more, &behind, error);
        bool is_statement = more != NULL;
        lib.finalize(more);
        if (status) return status;
        if (is_statement)
            return error_set(error, NUDGE_BAD_ARGUMENT,
                             "%s: the query is more than one statement, expected one", table->name.text);
        if (behind == rest) break;
        rest = behind;
    }
    return NUDGE_OK;
}

static nudge_status ask_query(struct sqlite_table *table, const char *sql, nudge_error *error) {
    const char *rest = sql, *file = table->name.text;
    nudge_status status = prepare_query(table, sql, &table->statement, &rest, error);
    if (status) return status;
    if (!table->statement)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s: the query is empty, expected a SELECT", file);
    status = check_rest(table, rest, error);
    if (status) return status;
    if (!lib.stmt_readonly(table->statement))
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s: the query would write, expected one that only reads",
                         file);
    if (lib.column_count(table->statement) == 0)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s: the query gives no rows, expected a SELECT", file);
    return NUDGE_OK;
}

/* -- columns -- */

static nudge_status name_column(struct sqlite_table *table, size_t c, nudge_error *error) {
    const char *name = lib.column_name(table->statement, (int)c);
    size_t word;
    if (!name) return error_no_memory(error, 0, "a column's name");
    nudge_status status = words_take(&table->names, name, strlen(name), &word, error);
    if (status || word == c) return status;
    return error_set(
        error, NUDGE_BAD_INPUT,
        "%s: the columns %zu and %zu are both called \"%s\": call one otherwise (SELECT .. AS ..)",
        table->name.text, word + 1, c + 1, shown(name).text);
}

static nudge_status make_columns(struct sqlite_table *table, nudge_error *error) {
    size_t columns = (size_t)lib.column_count(table->statement);
    table->reader.columns = columns;
    table->headings = memory_get_zeroed(&table->allocator, columns * sizeof *table->headings);
    table->cells = memory_get_zeroed(&table->allocator, columns * sizeof *table->cells);
    if (!table->headings || !table->cells)
        return error_no_memory(error, columns * sizeof *table->cells, "the columns of a table");
    nudge_status status = NUDGE_OK;
    for (size_t c = 0; !status && c < columns; c++) status = name_column(table, c, error);
    for (size_t c = 0; !status && c < columns; c++) table->headings[c].name = table->names.texts[c];
    table->reader.headings = table->headings;
    return status;
}

/* -- rows -- */

static nudge_status refuse_cell(const struct sqlite_table *table, size_t c, const char *found,
                                nudge_error *error) {
    return error_set(
        error, NUDGE_BAD_INPUT, "%s: row %llu, column \"%s\": found %s, expected a number, a text or NULL",
        table->name.text, (unsigned long long)table->row, shown(table->headings[c].name).text, found);
}

static nudge_status take_text(struct sqlite_table *table, size_t c, nudge_error *error) {
    struct cell *cell = &table->cells[c];
    const char *text = (const char *)lib.column_text(table->statement, (int)c);
    size_t length = (size_t)lib.column_bytes(table->statement, (int)c);
    if (!text) return error_no_memory(error, length, "a text");
    if (memchr(text, 0, length)) return refuse_cell(table, c, "a text with a byte 0", error);
    *cell = (struct cell){.kind = CELL_TEXT, .quoted = true, .text = text, .length = length};
    return NUDGE_OK;
}

static nudge_status take_cell(struct sqlite_table *table, size_t c, nudge_error *error) {
    struct cell *cell = &table->cells[c];
    *cell = (struct cell){.kind = CELL_NUMBER};
    switch (lib.column_type(table->statement, (int)c)) {
    case SQLITE_INTEGER: cell->number = (double)lib.column_int64(table->statement, (int)c); break;
    case SQLITE_FLOAT: cell->number = lib.column_double(table->statement, (int)c); break;
    case SQLITE_TEXT: return take_text(table, c, error);
    case SQLITE_NULL: cell->kind = CELL_MISSING; break;
    default: return refuse_cell(table, c, "bytes (a BLOB)", error);
    }
    bool finite = cell->number - cell->number == 0;
    return finite ? NUDGE_OK : refuse_cell(table, c, "an infinite number", error);
}

static nudge_status next_row(struct table_reader *reader, const struct cell **cells, uint64_t *line,
                             nudge_error *error) {
    struct sqlite_table *table = (struct sqlite_table *)reader;
    nudge_status status = NUDGE_OK;
    *cells = NULL;
    int code = lib.step(table->statement);
    if (code == SQLITE_DONE) return NUDGE_OK;
    if (code != SQLITE_ROW) return refuse_call(table, code, error);
    if ((size_t)lib.data_count(table->statement) != reader->columns)
        return error_set(error, NUDGE_IO, "%s: its columns changed while it was read", table->name.text);
    *line = ++table->row;
    for (size_t c = 0; !status && c < reader->columns; c++) status = take_cell(table, c, error);
    if (!status) *cells = table->cells;
    return status;
}

static nudge_status rewind_rows(struct table_reader *reader, nudge_error *error) {
    struct sqlite_table *table = (struct sqlite_table *)reader;
    (void)error;
    lib.reset(table->statement); /* what it returns is the last step's, and was told */
    table->row = 0;
    return NUDGE_OK;
}

static void close_rows(struct table_reader *reader) {
    struct sqlite_table *table = (struct sqlite_table *)reader;
    nudge_allocator allocator = table->allocator;
    lib.finalize(table->statement);
    lib.close(table->database);
    words_release(&table->names);
    memory_release(&allocator, table->headings, reader->columns * sizeof *table->headings);
    memory_release(&allocator, table->cells, reader->columns * sizeof *table->cells);
    memory_release(&allocator, table, sizeof *table);
}

static nudge_status begin_rows(struct sqlite_table *table, const char *path,
                               const nudge_data_options *options, nudge_error *error) {
    if (options->sql && options->table)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "%s: a query and the name of a table are given, expected one of them",
                         table->name.text);
    nudge_status status = open_database(table, path, error);
    if (status) return status;
    status =
        options->sql ? ask_query(table, options->sql, error) : choose_table(table, options->table, error);
    return status ? status : make_columns(table, error);
}

nudge_status table_sqlite_open(const nudge_allocator *allocator, const char *path,
                               const nudge_data_options *options, struct table_reader **reader,
                               nudge_error *error) {
    nudge_status status = library_load(&library, path, error);
    if (status) return status;
    struct sqlite_table *table = memory_get_zeroed(allocator, sizeof *table);
    if (!table) return error_no_memory(error, sizeof *table, "a table");
    table->allocator = *allocator;
    table->name = shown(path);
    table->names = words_begin(&table->allocator);
    table->reader = (struct table_reader){.name = table->name.text,
                                          .row_word = "row",
                                          .next = next_row,
                                          .rewind = rewind_rows,
                                          .close = close_rows};
    status = begin_rows(table, path, options, error);
    if (status)
        close_rows(&table->reader);
    else
        *reader = &table->reader;
    return status;
}
