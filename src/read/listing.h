/* What a folder holds, by name. Invariant: the order does not depend on the system: names are in order of their bytes. */
#ifndef NUDGE_READ_LISTING_H
#define NUDGE_READ_LISTING_H

#include "base/memory.h"

struct listing {
    char **names; /* [room], of which count are there */
    size_t count, room;
};

/* All names but "." and "..". On failure nothing is left to release.
 * Errors: NUDGE_IO when the folder cannot be listed. */
nudge_status listing_read(struct listing *listing, const nudge_allocator *allocator, const char *folder,
                          nudge_error *error);
/* Puts a copy of the name behind the others. */
nudge_status listing_add(struct listing *listing, const nudge_allocator *allocator, const char *name,
                         nudge_error *error);
bool listing_find(const struct listing *listing, const char *name, size_t *place);
void listing_release(struct listing *listing,
                     const nudge_allocator *allocator); /* one that is zeroed allowed */

#endif
