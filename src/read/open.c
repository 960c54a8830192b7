/* Data sets by their names: built-in, known, or a path. Two tables: another known set is a row of known_sets,
 * another file format is a row of formats, another kind of folder a row of folders; a format of tables is one of
 * table_formats (read/table_format.c). */
#define _GNU_SOURCE /* stpncpy */
#include "base/file.h"
#include "base/status.h"
#include "base/struct_size.h"
#include "data/data.h"
#include "net/net.h"
#include "read/idx_names.h"
#include "read/idx_set.h"
#include "read/image.h"
#include "read/image_set.h"
#include "read/npy_set.h"
#include "read/table_format.h"
#include "read/table_set.h"

#include <stdlib.h>
#include <string.h>

/* A set that is looked up in the user's folders. */
static const struct known_set {
    const char *name;
    const char *files; /* what must lie in its folder */
} known_sets[] = {
    {"mnist", "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
              "t10k-labels-idx1-ubyte, plain or .gz"},
};

static nudge_status open_idx(nudge_context *context, const char *path, const char *name,
                             const nudge_data_options *options, nudge_data **data, nudge_error *error) {
    return idx_file_open(context, path, name, options, data, error);
}

static const struct columns *known_columns(const nudge_data_options *options) {
    return options->net ? options->net->columns : NULL;
}

static nudge_status open_table(nudge_context *context, const char *path, const char *name,
                               const nudge_data_options *options, nudge_data **data, nudge_error *error) {
    return table_set_open(context, path, name, options, known_columns(options), data, error);
}

/* A file format, told by the file's ending. */
static const struct format {
    const char *endings; /* for a sentence */
    bool (*claims)(const char *file_name);
    nudge_status (*open)(nudge_context *context, const char *path, const char *name,
                         const nudge_data_options *options, nudge_data **data, nudge_error *error);
} formats[] = {
    {"IDX (-idx3-ubyte, .idx and the like, plain or .gz)", idx_name_claims, open_idx},
    {table_format_endings, table_format_claims, open_table},
    {"NumPy's archives (.npz)", npz_name_claims, npz_file_open},
    {"NumPy's arrays (.npy, plain or .gz)", npy_name_claims, npy_file_open},
};

enum { KNOWN_SETS = sizeof known_sets / sizeof *known_sets, FORMATS = sizeof formats / sizeof *formats };

/* -- lists for sentences -- */

struct list {
    char text[768];
    size_t used;
};

static void list_add(struct list *list, const char *before, const char *item) {
    size_t room = sizeof list->text - 1 - list->used;
    size_t length = strlen(before) + strlen(item);
    if (length > room) return;
    stpcpy(stpcpy(list->text + list->used, before), item);
    list->used += length;
}

static struct list known_words(void) {
    struct list words = {{0}, 0};
    const char *name;
    for (size_t i = 0; (name = nudge_data_builtin(i, NULL)); i++) list_add(&words, i ? ", " : "", name);
    for (size_t i = 0; i < KNOWN_SETS; i++)
        list_add(&words, i + 1 < KNOWN_SETS ? ", " : " or ", known_sets[i].name);
    return words;
}

/* -- built-in sets -- */

/* "digits", or "digits:60000/10000": what comes before the colon. */
static bool is_builtin(const char *name) {
    size_t length = strcspn(name, ":");
    const char *builtin;
    for (size_t i = 0; (builtin = nudge_data_builtin(i, NULL)); i++)
        if (strlen(builtin) == length && strncmp(builtin, name, length) == 0) return true;
    return false;
}

/* -- known sets -- */

/* Where the search for a set stands. */
struct search {
    nudge_context *context;
    const struct known_set *set;
    const nudge_data_options *options;
    struct list looked; /* for the sentence when there is none */
    nudge_data **data;
    nudge_error *error;
    bool found;
};

/* Takes over `folder`; NULL: there was no memory for its name. */
static nudge_status look_in(struct search *search, char *folder) {
    const nudge_allocator *allocator = &search->context->allocator;
    if (!folder) return error_no_memory(search->error, strlen(search->set->name) + 1, "a folder's name");
    nudge_status status = idx_folder_holds(&search->found, allocator, folder, search->error);
    if (!status && search->found)
        status = idx_folder_open(search->context, folder, search->set->name, search->options, search->data,
                                 search->error);
    list_add(&search->looked, search->looked.used ? ", " : "", shown(folder).text);
    memory_release_text(allocator, folder);
    return status;
}

/* The variable's value when it is set and says something. */
static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* ${XDG_CACHE_HOME:-$HOME/.cache}/nudge/NAME. The first must be absolute, says the XDG base directory
 * specification. */
static nudge_status look_in_cache(struct search *search) {
    const nudge_allocator *allocator = &search->context->allocator;
    const char *cache = environment("XDG_CACHE_HOME"), *home = environment("HOME");
    bool given = cache && *cache == '/';
    if (!given && !home) return NUDGE_OK;
    char *nudge = file_path_join(allocator, given ? cache : home, given ? "nudge" : ".cache/nudge");
    char *folder = nudge ? file_path_join(allocator, nudge, search->set->name) : NULL;
    memory_release_text(allocator, nudge);
    return look_in(search, folder);
}

static nudge_status open_known(nudge_context *context, const struct known_set *set,
                               const nudge_data_options *options, nudge_data **data, nudge_error *error) {
    struct search search = {.context = context, .set = set, .options = options, .data = data, .error = error};
    const char *folder = environment("NUDGE_DATA");
    nudge_status status = NUDGE_OK;
    if (folder) status = look_in(&search, file_path_join(&context->allocator, folder, set->name));
    if (folder && !status && !search.found)
        status = look_in(&search, memory_copy_text(&context->allocator, folder));
    if (!status && !search.found) status = look_in_cache(&search);
    if (status || search.found) return status;
    return error_set(error, NUDGE_BAD_INPUT,
                     "%s: not found in %s%s; put %s into one of these folders, or give the path of the "
                     "folder that has them",
                     set->name, search.looked.used ? search.looked.text : "any folder",
                     folder ? "" : " ($NUDGE_DATA is not set)", set->files);
}

/* -- paths -- */

static nudge_status open_idx_folder(nudge_context *context, const char *path, const char *name,
                                    const nudge_data_options *options, nudge_data **data,
                                    nudge_error *error) {
    return idx_folder_open(context, path, name, options, data, error);
}

static nudge_status open_table_folder(nudge_context *context, const char *path, const char *name,
                                      const nudge_data_options *options, nudge_data **data,
                                      nudge_error *error) {
    return table_folder_open(context, path, name, options, known_columns(options), data, error);
}

static nudge_status holds_tables(bool *holds, const nudge_allocator *allocator, const char *folder,
                                 nudge_error *error) {
    (void)allocator, (void)error;
    *holds = table_folder_holds(folder);
    return NUDGE_OK;
}

/* What a folder may hold, the first that it does counts. */
static const struct folder {
    nudge_status (*holds)(bool *holds, const nudge_allocator *allocator, const char *folder,
                          nudge_error *error);
    nudge_status (*open)(nudge_context *context, const char *path, const char *name,
                         const nudge_data_options *options, nudge_data **data, nudge_error *error);
} folders[] = {
    {idx_folder_holds, open_idx_folder},
    {holds_tables, open_table_folder},
    {npy_folder_holds, npy_folder_open},
    {image_folder_holds, image_folder_open},
};

/* A folder with none of them is told what IDX files are called. */
static nudge_status open_folder(nudge_context *context, const char *path, const nudge_data_options *options,
                                nudge_data **data, nudge_error *error) {
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        bool holds;
        nudge_status status = folders[i].holds(&holds, &context->allocator, path, error);
        if (status) return status;
        if (holds) return folders[i].open(context, path, path, options, data, error);
    }
    return idx_folder_open(context, path, path, options, data, error);
}

static nudge_status open_path(nudge_context *context, const char *path, const nudge_data_options *options,
                              nudge_data **data, nudge_error *error) {
    if (file_is_folder(path)) return open_folder(context, path, options, data, error);
    if (table_format_is_sqlite(path)) return open_table(context, path, path, options, data, error);
    bool image = false;
    if (file_exists(path) && !image_file_is(&image, path, NULL) && image)
        return image_file_open(context, path, path, options, data, error);
    for (size_t i = 0; i < FORMATS; i++)
        if (formats[i].claims(file_path_name(path)))
            return formats[i].open(context, path, path, options, data, error);
    const char *kind;
    bool fits;
    nudge_status status = table_format_fits(&context->allocator, path, &fits, &kind, error);
    if (status) return status;
    if (fits) return open_table(context, path, path, options, data, error);
    if (kind) return error_set(error, NUDGE_BAD_INPUT, "%s: %s", shown(path).text, kind);
    struct list endings = {{0}, 0};
    for (size_t i = 0; i < FORMATS; i++) list_add(&endings, i ? ", " : "", formats[i].endings);
    return error_set(
        error, NUDGE_BAD_INPUT,
        "%s: %s; nudge reads folders with IDX files, train.csv, .npy files or a folder of images for each "
        "class, by their ending files: %s; and whatever looks like a table",
        shown(path).text, file_exists(path) ? "a file of another kind" : "no such file or folder",
        endings.text);
}

static bool is_path(const char *name) {
    if (strpbrk(name, "/.")) return true;
    for (size_t i = 0; i < FORMATS; i++)
        if (formats[i].claims(name)) return true;
    return false;
}

nudge_status nudge_data_open(nudge_context *context, const char *name, const nudge_data_options *options,
                             nudge_data **data, nudge_error *error) {
    if (missing(error, context, name, data)) return NUDGE_BAD_ARGUMENT;
    nudge_data_options chosen = NUDGE_DATA_OPTIONS;
    if (options && !options_take(&chosen, sizeof chosen, options))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "data options: struct_size is not set; begin with NUDGE_DATA_OPTIONS");
    if (is_builtin(name)) return nudge_data_generate(context, name, chosen.seed, data, error);
    for (size_t i = 0; i < KNOWN_SETS; i++)
        if (strcmp(known_sets[i].name, name) == 0)
            return open_known(context, &known_sets[i], &chosen, data, error);
    if (is_path(name)) return open_path(context, name, &chosen, data, error);
    bool here = *name && file_exists(name);
    return error_set(error, NUDGE_BAD_INPUT, "\"%s\": no data set of this name; expected %s, or a path%s%s%s",
                     shown(name).text, known_words().text,
                     here ? ": for the one in this folder write ./" : "", here ? shown(name).text : "",
                     here ? "" : " with a slash or an ending");
}
