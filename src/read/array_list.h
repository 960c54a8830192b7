/* The arrays that lie together: the .npy members of an archive, or the .npy files of a folder. */
#ifndef NUDGE_READ_ARRAY_LIST_H
#define NUDGE_READ_ARRAY_LIST_H

#include "read/array.h"

struct array_list {
    const nudge_allocator *allocator;
    const char *path; /* of the archive or the folder */
    bool in_zip;
    struct zip zip;
    size_t count;
    struct list_entry {
        char *name;    /* without ".npy"; NULL: a member that is no array */
        char *path;    /* of a folder's file, else NULL */
        size_t member; /* of the archive */
    } * entries;       /* [count]; those of a folder in the alphabet's order */
};

/* `allocator` and `path` must outlive the list. */
nudge_status array_list_zip(struct array_list *list, const nudge_allocator *allocator, const char *path,
                            nudge_error *error);
nudge_status array_list_folder(struct array_list *list, const nudge_allocator *allocator, const char *folder,
                               nudge_error *error);
void array_list_close(struct array_list *list); /* one that is zeroed, or was not opened, allowed */

nudge_status array_list_open(const struct array_list *list, size_t i, struct array *array,
                             nudge_error *error);

/* For sentences: "x (70000 x 784 u1), y (70000 u1)", or "none". */
struct array_names {
    char text[512];
};
struct array_names array_list_names(const struct array_list *list);

#endif
