/* See table_cache_key.h. */
#define _GNU_SOURCE /* realpath */
#include "read/table_cache_key.h"

#include "base/file.h"
#include "base/status.h"
#include "base/text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Another one: what was kept by an older nudge is read anew. */
enum { READING_VERSION = 1, DIGEST_PIECE = 32 * 1024, MOST_NAME = 100 };

/* -- the sources -- */

bool table_cache_look_at(const char *path, struct table_cache_source *source) {
    struct stat status;
    if (strcmp(path, "-") == 0 || stat(path, &status) || !S_ISREG(status.st_mode)) return false;
    source->size = (uint64_t)status.st_size;
    source->changed = (uint64_t)status.st_mtim.tv_sec * 1000000000u + (uint64_t)status.st_mtim.tv_nsec;
    return true;
}

bool table_cache_key_holds(const struct table_cache_key *key) {
    for (size_t i = 0; key->regular && i < key->count; i++) {
        struct table_cache_source now = key->sources[i];
        if (!table_cache_look_at(now.path, &now) || now.size != key->sources[i].size ||
            now.changed != key->sources[i].changed)
            return false;
    }
    return true;
}

nudge_status table_cache_digest(const char *path, const atomic_bool *stop,
                                unsigned char digest[SHA256_DIGEST_SIZE], nudge_error *error) {
    struct file_reader file;
    struct sha256_ctx hash;
    unsigned char bytes[DIGEST_PIECE];
    size_t got = DIGEST_PIECE;
    nudge_status status = file_reader_open(&file, path, error);
    if (status) return status;
    sha256_init(&hash);
    while (!status && got == DIGEST_PIECE && !(stop && atomic_load(stop))) {
        status = file_reader_read(&file, bytes, DIGEST_PIECE, &got, error);
        if (!status) sha256_update(&hash, got, bytes);
    }
    sha256_digest(&hash, SHA256_DIGEST_SIZE, digest);
    file_reader_close(&file);
    return status;
}

nudge_status table_cache_key_digest(struct table_cache_key *key, nudge_error *error) {
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && key->regular && i < key->count; i++) {
        struct table_cache_source *source = &key->sources[i];
        if (!source->digested) status = table_cache_digest(source->path, &key->stop, source->digest, error);
        source->digested = !status && !atomic_load(&key->stop);
    }
    return status;
}

/* -- columns -- */

void table_cache_put_columns(struct record *record, const struct columns *columns) {
    record_number(record, columns->count);
    record_number(record, columns->missing);
    for (size_t c = 0; c < columns->count; c++) {
        const struct column *column = &columns->items[c];
        record_text(record, column->name);
        record_number(record, column->role);
        record_number(record, column->kind);
        record_number(record, column->flag);
        record_number(record, column->category_count);
        for (size_t i = 0; i < column->category_count; i++) record_text(record, column->categories[i]);
    }
}

static nudge_status take_column(struct record_reader *reader, struct columns *columns, size_t c,
                                nudge_error *error) {
    struct column *column = &columns->items[c];
    const char *name = record_take_text(reader);
    column->role = (nudge_column_role)record_take_number(reader, NUDGE_COLUMN_IGNORED);
    column->kind = (nudge_column_kind)record_take_number(reader, NUDGE_COLUMN_CATEGORY);
    column->flag = record_take_number(reader, column->kind == NUDGE_COLUMN_NUMBER) != 0;
    size_t count = (size_t)record_take_number(reader, reader->left / 9); /* so long is a text at least */
    nudge_status status = columns_name(columns, c, name, strlen(name), error);
    const char **texts = memory_get(&columns->allocator, count * sizeof *texts);
    if (!status && !texts) status = error_no_memory(error, count * sizeof *texts, "a column's categories");
    for (size_t i = 0; !status && i < count; i++) texts[i] = record_take_text(reader);
    if (!status) status = columns_categories(columns, c, texts, reader->bad ? 0 : count, error);
    memory_release(&columns->allocator, texts, count * sizeof *texts);
    return status;
}

nudge_status table_cache_take_columns(struct record_reader *reader, const nudge_allocator *allocator,
                                      struct columns **columns, nudge_error *error) {
    enum { LEAST_COLUMN = 41 }; /* bytes: a text and four numbers */
    size_t count = (size_t)record_take_number(reader, reader->left / LEAST_COLUMN);
    nudge_missing missing = (nudge_missing)record_take_number(reader, NUDGE_MISSING_DROP);
    nudge_status status = columns_make(allocator, count, columns, error);
    if (status) return status;
    (*columns)->missing = missing;
    for (size_t c = 0; !status && c < count; c++) status = take_column(reader, *columns, c, error);
    if (status) {
        columns_free(*columns);
        *columns = NULL;
        return status;
    }
    columns_number(*columns);
    return NUDGE_OK;
}

/* -- the key -- */

static void put_options(struct record *record, const nudge_data_options *options) {
    const char *const texts[] = {options->target,  options->ignore, options->id,
                                 options->weight,  options->split,  options->categorical,
                                 options->numeric, options->sql,    options->table};
    bool drawn = options->test_split != 0 || options->validation_split != 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) record_text(record, texts[i]);
    record_number(record, (uint64_t)options->unlabelled | (uint64_t)options->new_targets << 1);
    record_number(record, options->regression);
    record_number(record, options->missing);
    record_number(record, options->missing_flag);
    record_number(record, options->rare);
    record_number(record, (uint64_t)(int64_t)options->header);
    record_number(record, options->features);
    record_number(record, drawn ? options->seed : 0);
    record_share(record, options->test_split);
    record_share(record, options->validation_split);
    record_number(record, options->validation_file != NULL);
    record_number(record, options->test_file != NULL);
}

/* SQLite keeps what was written last in a file of its own: then the size and time of the table's say nothing. */
static bool has_journal(const char *path) {
    char journal[PATH_MAX];
    struct stat status;
    size_t length = text_append(journal, sizeof journal, 0, "%s-wal", path);
    return length < sizeof journal && stat(journal, &status) == 0 && status.st_size > 0;
}

/* No other key is this one: of two processes that read their pipes none takes the other's rows. */
static void put_unique(struct record *record) {
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    record_number(record, (uint64_t)getpid());
    record_number(record, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
    record_number(record, (uint64_t)(uintptr_t)record);
}

nudge_status table_cache_key_make(const nudge_allocator *allocator, const char *const *paths, size_t count,
                                  const nudge_data_options *options, const struct columns *given,
                                  struct table_cache_key *key, nudge_error *error) {
    char absolute[PATH_MAX];
    *key = (struct table_cache_key){.count = count, .regular = true, .bytes = record_begin(allocator)};
    record_number(&key->bytes, READING_VERSION);
    for (size_t i = 0; i < count; i++) {
        key->sources[i].path = paths[i];
        key->regular &= table_cache_look_at(paths[i], &key->sources[i]) && !has_journal(paths[i]);
        record_text(&key->bytes, realpath(paths[i], absolute) ? absolute : paths[i]);
    }
    if (!key->regular) put_unique(&key->bytes);
    put_options(&key->bytes, options);
    record_number(&key->bytes, given != NULL);
    if (given) table_cache_put_columns(&key->bytes, given);
    if (!key->bytes.failed) return NUDGE_OK;
    size_t bytes = key->bytes.used;
    table_cache_key_release(key);
    return error_no_memory(error, bytes, "a table's options");
}

void table_cache_key_release(struct table_cache_key *key) {
    record_release(&key->bytes);
}

/* -- where it lies -- */

/* The first must be absolute, says the XDG base directory specification. */
static char *cache_folder(const nudge_allocator *allocator) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    bool given = cache && *cache == '/';
    if (!given && !(home && *home)) return NULL;
    return file_path_join(allocator, given ? cache : home, given ? "nudge/tables" : ".cache/nudge/tables");
}

/* NAME-<16 digits>.nudge-rows */
static void write_name(const struct table_cache_key *key, char name[MOST_NAME + 40]) {
    unsigned char digest[SHA256_DIGEST_SIZE];
    struct sha256_ctx hash;
    const char *path = strcmp(key->sources[0].path, "-") == 0 ? "stdin" : key->sources[0].path;
    const char *file = file_path_name(path);
    size_t length = strlen(file) < MOST_NAME ? strlen(file) : MOST_NAME;
    sha256_init(&hash);
    sha256_update(&hash, key->bytes.used, key->bytes.bytes);
    sha256_digest(&hash, sizeof digest, digest);
    memcpy(name, file, length);
    name[length++] = '-';
    for (size_t i = 0; i < 16; i++)
        name[length++] = "0123456789abcdef"[digest[i / 2] >> (i % 2 ? 0 : 4) & 15];
    memcpy(name + length, ".nudge-rows", sizeof ".nudge-rows");
}

char *table_cache_path(const nudge_allocator *allocator, const struct table_cache_key *key) {
    char name[MOST_NAME + 40], *folder = cache_folder(allocator);
    write_name(key, name);
    char *path = folder ? file_path_join(allocator, folder, name) : NULL;
    memory_release_text(allocator, folder);
    return path;
}

static nudge_status make_folder(const nudge_allocator *allocator, const char *folder, nudge_error *error) {
    bool made;
    if (file_is_folder(folder)) return NUDGE_OK;
    char *parent = file_path_folder(allocator, folder);
    if (!parent) return error_no_memory(error, strlen(folder), "a folder's name");
    nudge_status status = strcmp(parent, folder) == 0 ? NUDGE_OK : make_folder(allocator, parent, error);
    memory_release_text(allocator, parent);
    return status ? status : file_folder_make(allocator, folder, &made, error);
}

nudge_status table_cache_folders(const nudge_allocator *allocator, const char *path, nudge_error *error) {
    char *folder = file_path_folder(allocator, path);
    if (!folder) return error_no_memory(error, strlen(path), "a folder's name");
    nudge_status status = make_folder(allocator, folder, error);
    memory_release_text(allocator, folder);
    return status;
}
