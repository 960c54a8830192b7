/* See table_format.h. An ending that is a format's own says what a file is; where several formats share it (.data, .txt), and
 * where it is none that is known, the first bytes say it. */
#include "read/table_format.h"

#include "base/file.h"
#include "base/status.h"
#include "read/kind.h"
#include "read/stream.h"
#include "read/table_csv.h"
#include "read/table_sqlite.h"
#include "read/text_file.h"
#include "table/arff.h"
#include "table/csv.h"
#include "table/fann.h"
#include "table/libsvm.h"
#include "table/text_lines.h"

#include <string.h>

enum { SQLITE_START = 16 /* bytes, the 0 among them */ };

/* -- readers -- */

static nudge_status open_csv(const nudge_allocator *allocator, const char *path,
                             const nudge_data_options *options, const struct columns *given,
                             struct table_reader **reader, nudge_error *error) {
    (void)given;
    return table_csv_open(allocator, path, options, reader, error);
}

static nudge_status open_sqlite(const nudge_allocator *allocator, const char *path,
                                const nudge_data_options *options, const struct columns *given,
                                struct table_reader **reader, nudge_error *error) {
    (void)given;
#ifdef NUDGE_SQLITE
    return table_sqlite_open(allocator, path, options, reader, error);
#else
    (void)allocator, (void)options, (void)reader;
    return error_set(error, NUDGE_UNSUPPORTED, "%s: cannot be read: this nudge was built without SQLite",
                     shown(path).text);
#endif
}

static bool sqlite_looks_like(const char *bytes, size_t size) {
    static const char start[SQLITE_START] = "SQLite format 3";
    return size >= SQLITE_START && memcmp(bytes, start, SQLITE_START) == 0;
}

static nudge_status open_arff(const nudge_allocator *allocator, const char *path,
                              const nudge_data_options *options, const struct columns *given,
                              struct table_reader **reader, nudge_error *error) {
    (void)given;
    struct text_source *source = NULL;
    nudge_status status = text_file_open(allocator, path, &source, error);
    return status ? status : arff_open(allocator, source, options, reader, error);
}

/* As many features as the table before has: its columns are the label and these. */
static nudge_status open_libsvm(const nudge_allocator *allocator, const char *path,
                                const nudge_data_options *options, const struct columns *given,
                                struct table_reader **reader, nudge_error *error) {
    nudge_data_options chosen = *options;
    struct text_source *source = NULL;
    if (!chosen.features && given && columns_find(given, "label", 5) == 0) chosen.features = given->count - 1;
    nudge_status status = text_file_open(allocator, path, &source, error);
    return status ? status : libsvm_open(allocator, source, &chosen, reader, error);
}

/* The outputs are what they are in the table before. */
static nudge_status open_fann(const nudge_allocator *allocator, const char *path,
                              const nudge_data_options *options, const struct columns *given,
                              struct table_reader **reader, nudge_error *error) {
    struct text_source *source = NULL;
    nudge_status status = text_file_open(allocator, path, &source, error);
    if (status) return status;
    if (!given || options->new_targets) return fann_open(allocator, source, options, reader, error);
    bool is_class = columns_find(given, "class", 5) < given->count;
    return fann_open_as(allocator, source, is_class ? FANN_CLASS : FANN_NUMBERS, options->unlabelled, reader,
                        error);
}

/* -- formats -- */

enum { MOST_ENDINGS = 4 };

/* In the order in which first bytes are asked. */
static const struct table_format {
    const char *endings[MOST_ENDINGS]; /* its own; with .gz behind it, too */
    bool (*looks_like)(const char *bytes, size_t size);
    nudge_status (*open)(const nudge_allocator *allocator, const char *path,
                         const nudge_data_options *options, const struct columns *given,
                         struct table_reader **reader, nudge_error *error);
} table_formats[] = {
    {{".sqlite", ".sqlite3", ".db"}, sqlite_looks_like, open_sqlite},
    {{".arff"}, arff_looks_like, open_arff},
    {{".fann"}, fann_looks_like, open_fann},
    {{".libsvm", ".svm", ".svmlight"}, libsvm_looks_like, open_libsvm},
    {{".csv", ".tsv", ".tab"}, NULL, open_csv}, /* the last: what is none of the others */
};

static const char *const shared_endings[] = {".txt", ".dat", ".data"};

const char table_format_endings[] = "text tables (.csv, .tsv, .tab, .txt, .dat, .data), LIBSVM (.libsvm, "
                                    ".svm, .svmlight), ARFF (.arff) and FANN "
                                    "(.fann), plain or .gz, SQLite (.sqlite, .sqlite3, .db)";

enum {
    TABLE_FORMATS = sizeof table_formats / sizeof *table_formats,
    SQLITE = 0,
    CSV = TABLE_FORMATS - 1,
    SHARED = sizeof shared_endings / sizeof *shared_endings
};

static bool ends_with(const char *name, size_t length, const char *ending) {
    size_t size = strlen(ending);
    return length > size && strncmp(name + length - size, ending, size) == 0;
}

static size_t length_unpacked(const char *name) {
    size_t length = strlen(name);
    return ends_with(name, length, ".gz") ? length - 3 : length;
}

/* The format whose own ending the name has. */
static const struct table_format *format_of_ending(const char *name) {
    size_t length = length_unpacked(name);
    for (size_t i = 0; i < TABLE_FORMATS; i++)
        for (size_t e = 0; e < MOST_ENDINGS && table_formats[i].endings[e]; e++)
            if (ends_with(name, length, table_formats[i].endings[e])) return &table_formats[i];
    return NULL;
}

bool table_format_claims(const char *file_name) {
    size_t length = length_unpacked(file_name);
    if (strcmp(file_name, "-") == 0 || format_of_ending(file_name)) return true;
    for (size_t i = 0; i < SHARED; i++)
        if (ends_with(file_name, length, shared_endings[i])) return true;
    return false;
}

/* -- first bytes -- */

/* A file's first bytes, unpacked; one more may be written behind them. */
struct start {
    char *bytes; /* [TEXT_LOOK + 1] */
    size_t size;
    bool ended; /* that is all */
};

/* What cannot be read is empty: whoever opens it says why. */
static nudge_status take_start(const nudge_allocator *allocator, const char *path, struct start *start,
                               nudge_error *error) {
    struct stream stream;
    *start = (struct start){.bytes = memory_get(allocator, TEXT_LOOK + 1)};
    if (!start->bytes) return error_no_memory(error, TEXT_LOOK + 1, "a file's first bytes");
    nudge_status status = stream_open(&stream, allocator, path, error);
    if (!status) {
        status = stream_read(&stream, start->bytes, TEXT_LOOK, &start->size, error);
        stream_close(&stream);
    }
    if (status) start->size = 0;
    start->ended = start->size < TEXT_LOOK;
    return status == NUDGE_NO_MEMORY ? status : NUDGE_OK;
}

static void release_start(const nudge_allocator *allocator, struct start *start) {
    memory_release(allocator, start->bytes, TEXT_LOOK + 1);
}

static const struct table_format *format_of_start(const struct start *start) {
    for (size_t i = 0; i < CSV; i++)
        if (table_formats[i].looks_like(start->bytes, start->size)) return &table_formats[i];
    return NULL;
}

nudge_status table_format_fits(const nudge_allocator *allocator, const char *path, bool *fits,
                               const char **kind, nudge_error *error) {
    struct start start;
    *fits = false;
    *kind = NULL;
    nudge_status status = take_start(allocator, path, &start, error);
    if (!status) *kind = file_kind((const unsigned char *)start.bytes, start.size);
    if (!status && !*kind) *fits = format_of_start(&start) != NULL;
    if (!status && !*kind && !*fits)
        status = csv_look(allocator, start.bytes, start.size, start.ended, fits, error);
    release_start(allocator, &start);
    return status;
}

bool table_format_is_sqlite(const char *path) {
    struct file_reader file;
    char bytes[SQLITE_START];
    size_t got = 0;
    if (file_reader_open(&file, path, NULL)) return false;
    bool is = !file_reader_read(&file, bytes, sizeof bytes, &got, NULL) && sqlite_looks_like(bytes, got);
    file_reader_close(&file);
    return is;
}

/* *format NULL: none of those that first bytes tell. */
static nudge_status find_format_of_file(const nudge_allocator *allocator, const char *path,
                                        const struct table_format **format, nudge_error *error) {
    struct start start;
    nudge_status status = take_start(allocator, path, &start, error);
    if (!status) *format = format_of_start(&start);
    release_start(allocator, &start);
    return status;
}

/* Without an ending that is known, only what looks like a table is one. */
static nudge_status expect_fit(const nudge_allocator *allocator, const char *path, nudge_error *error) {
    const char *kind;
    bool fits;
    nudge_status status = table_format_fits(allocator, path, &fits, &kind, error);
    if (status || fits) return status;
    if (!kind) kind = file_exists(path) ? "a file of another kind" : "no such file";
    return error_set(error, NUDGE_BAD_INPUT, "%s: %s: expected a table", shown(path).text, kind);
}

static nudge_status find_format(const nudge_allocator *allocator, const char *path,
                                const struct table_format **format, nudge_error *error) {
    const char *name = file_path_name(path);
    nudge_status status = NUDGE_OK;
    *format = &table_formats[CSV];
    if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdin") == 0) return NUDGE_OK;
    *format = table_format_is_sqlite(path) ? &table_formats[SQLITE] : format_of_ending(name);
    if (!*format) status = find_format_of_file(allocator, path, format, error);
    if (!status && !*format && !table_format_claims(name)) status = expect_fit(allocator, path, error);
    if (!*format) *format = &table_formats[CSV];
    return status;
}

nudge_status table_format_open(const nudge_allocator *allocator, const char *path,
                               const nudge_data_options *options, const struct columns *given,
                               struct table_reader **reader, nudge_error *error) {
    const struct table_format *format;
    nudge_status status = find_format(allocator, path, &format, error);
    if (status) return status;
    if (format != &table_formats[SQLITE] && (options->sql || options->table))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "%s: is no SQLite file, and %s is given, which is for one", shown(path).text,
                         options->sql ? "an SQL query" : "a table's name");
    return format->open(allocator, path, options, given, reader, error);
}
