/* See array_list.h. */
#define _GNU_SOURCE /* strnlen */
#include "read/array_list.h"

#include "base/status.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char ending[] = ".npy";
enum { ENDING = sizeof ending - 1, MOST_NAMES = 12 /* that a sentence tells */ };

/* The name without its ending; NULL in *copy: it has another one, or a byte 0. */
static nudge_status copy_stem(const nudge_allocator *allocator, const char *name, size_t length, char **copy,
                              nudge_error *error) {
    *copy = NULL;
    if (length <= ENDING || memchr(name, 0, length) || memcmp(name + length - ENDING, ending, ENDING) != 0)
        return NUDGE_OK;
    *copy = memory_get(allocator, length - ENDING + 1);
    if (!*copy) return error_no_memory(error, length, "an array's name");
    memcpy(*copy, name, length - ENDING);
    (*copy)[length - ENDING] = 0;
    return NUDGE_OK;
}

/* -- an archive -- */

nudge_status array_list_zip(struct array_list *list, const nudge_allocator *allocator, const char *path,
                            nudge_error *error) {
    *list = (struct array_list){.allocator = allocator, .path = path, .in_zip = true};
    nudge_status status = zip_open(&list->zip, allocator, path, error);
    if (!status) {
        list->entries = memory_get_zeroed(allocator, list->zip.count * sizeof *list->entries);
        if (!list->entries)
            status = error_no_memory(error, list->zip.count * sizeof *list->entries, "a list of arrays");
        else
            list->count = list->zip.count;
    }
    for (size_t i = 0; !status && i < list->count; i++) {
        const struct zip_member *member = &list->zip.members[i];
        list->entries[i].member = i;
        status = copy_stem(allocator, member->name, member->name_length, &list->entries[i].name, error);
    }
    if (status) array_list_close(list);
    return status;
}

/* -- a folder -- */

static nudge_status grow(struct array_list *list, nudge_error *error) {
    size_t size = list->count * sizeof *list->entries, larger = size + sizeof *list->entries;
    struct list_entry *entries = memory_get_zeroed(list->allocator, larger);
    if (!entries) return error_no_memory(error, larger, "a list of arrays");
    if (size) memcpy(entries, list->entries, size);
    memory_release(list->allocator, list->entries, size);
    list->entries = entries;
    list->count++;
    return NUDGE_OK;
}

static nudge_status add_file(struct array_list *list, const char *name, nudge_error *error) {
    char *stem;
    nudge_status status = copy_stem(list->allocator, name, strlen(name), &stem, error);
    if (status || !stem) return status;
    char *path = file_path_join(list->allocator, list->path, name);
    status = path ? grow(list, error) : error_no_memory(error, strlen(name), "a file's name");
    if (status) {
        memory_release_text(list->allocator, stem);
        memory_release_text(list->allocator, path);
        return status;
    }
    list->entries[list->count - 1] = (struct list_entry){stem, path, 0};
    return NUDGE_OK;
}

static int compare_entries(const void *a, const void *b) {
    return strcmp(((const struct list_entry *)a)->name, ((const struct list_entry *)b)->name);
}

nudge_status array_list_folder(struct array_list *list, const nudge_allocator *allocator, const char *folder,
                               nudge_error *error) {
    *list = (struct array_list){.allocator = allocator, .path = folder};
    DIR *listing = opendir(folder);
    nudge_status status = NUDGE_OK;
    while (listing && !status) {
        errno = 0;
        const struct dirent *entry = readdir(listing);
        if (!entry) break;
        status = add_file(list, entry->d_name, error);
    }
    if (!status && errno)
        status = error_set(error, NUDGE_IO, "%s: cannot be listed: %s", shown(folder).text,
                           file_reason(errno).text);
    if (listing) closedir(listing);
    if (status)
        array_list_close(list);
    else if (list->count)
        qsort(list->entries, list->count, sizeof *list->entries, compare_entries);
    return status;
}

/* -- both -- */

void array_list_close(struct array_list *list) {
    if (!list->allocator) return;
    for (size_t i = 0; i < list->count; i++) {
        memory_release_text(list->allocator, list->entries[i].name);
        memory_release_text(list->allocator, list->entries[i].path);
    }
    memory_release(list->allocator, list->entries, list->count * sizeof *list->entries);
    zip_close(&list->zip);
    *list = (struct array_list){0};
}

nudge_status array_list_open(const struct array_list *list, size_t i, struct array *array,
                             nudge_error *error) {
    const struct list_entry *entry = &list->entries[i];
    return list->in_zip ? array_open_member(array, &list->zip, entry->member, entry->name, error)
                        : array_open_file(array, list->allocator, entry->path, error);
}

struct array_names array_list_names(const struct array_list *list) {
    struct array_names names = {"none"};
    size_t used = 0, told = 0;
    for (size_t i = 0; i < list->count && used < sizeof names.text - 200; i++) {
        struct array array;
        if (!list->entries[i].name) continue;
        if (told == MOST_NAMES) {
            text_append(names.text, sizeof names.text, used, ", ...");
            break;
        }
        used = text_append(names.text, sizeof names.text, used, "%s%s", told++ ? ", " : "",
                           shown_start(list->entries[i].name, strnlen(list->entries[i].name, 40)).text);
        if (array_list_open(list, i, &array, NULL)) continue; /* then its name alone */
        used = text_append(names.text, sizeof names.text, used, " (%s)", npy_shape(&array.npy).text);
        array_close(&array);
    }
    return names;
}
