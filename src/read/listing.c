/* See listing.h. */
#include "read/listing.h"

#include "base/file.h"
#include "base/status.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 16 };

static nudge_status make_room(struct listing *listing, const nudge_allocator *allocator, nudge_error *error) {
    size_t room = listing->room ? 2 * listing->room : FIRST_ROOM;
    char **longer = memory_get(allocator, room * sizeof *longer);
    if (!longer) return error_no_memory(error, room * sizeof *longer, "a folder's names");
    for (size_t i = 0; i < listing->count; i++) longer[i] = listing->names[i];
    memory_release(allocator, listing->names, listing->room * sizeof *listing->names);
    listing->names = longer;
    listing->room = room;
    return NUDGE_OK;
}

nudge_status listing_add(struct listing *listing, const nudge_allocator *allocator, const char *name,
                         nudge_error *error) {
    nudge_status status = NUDGE_OK;
    if (listing->count == listing->room) status = make_room(listing, allocator, error);
    if (status) return status;
    char *copy = memory_copy_text(allocator, name);
    if (!copy) return error_no_memory(error, strlen(name) + 1, "a file's name");
    listing->names[listing->count++] = copy;
    return NUDGE_OK;
}

static nudge_status refuse_listing(const char *folder, nudge_error *error) {
    return error_set(error, NUDGE_IO, "%s: cannot be listed: %s", shown(folder).text,
                     file_reason(errno).text);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

nudge_status listing_read(struct listing *listing, const nudge_allocator *allocator, const char *folder,
                          nudge_error *error) {
    *listing = (struct listing){0};
    DIR *entries = opendir(folder);
    if (!entries) return refuse_listing(folder, error);
    nudge_status status = NUDGE_OK;
    while (!status) {
        errno = 0;
        const struct dirent *entry = readdir(entries);
        if (!entry && errno) status = refuse_listing(folder, error);
        if (!entry) break;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = listing_add(listing, allocator, entry->d_name, error);
    }
    closedir(entries);
    if (status)
        listing_release(listing, allocator);
    else if (listing->count > 0)
        qsort(listing->names, listing->count, sizeof *listing->names, compare_names);
    return status;
}

bool listing_find(const struct listing *listing, const char *name, size_t *place) {
    for (*place = 0; *place < listing->count; ++*place)
        if (strcmp(listing->names[*place], name) == 0) return true;
    return false;
}

void listing_release(struct listing *listing, const nudge_allocator *allocator) {
    for (size_t i = 0; i < listing->count; i++) memory_release_text(allocator, listing->names[i]);
    memory_release(allocator, listing->names, listing->room * sizeof *listing->names);
    *listing = (struct listing){0};
}
