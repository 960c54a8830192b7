/* Option structs that only grow at the end. */
#ifndef NUDGE_BASE_STRUCT_SIZE_H
#define NUDGE_BASE_STRUCT_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Lays the caller's struct, which begins with its own size, over `to`, which holds every default. A caller
 * compiled against an older header gives less: the rest stays default. False when the size cannot be one (the
 * macro was not used). */
static inline bool options_take(void *to, size_t to_size, const void *from) {
    size_t given;
    memcpy(&given, from, sizeof given);
    if (given <= sizeof given || given > 4096) return false;
    memcpy(to, from, given < to_size ? given : to_size);
    return true;
}

/* Writes a result struct back into the caller's, which may be shorter or longer; its struct_size stays. */
static inline bool options_give(void *to, const void *from, size_t from_size) {
    size_t room;
    memcpy(&room, to, sizeof room);
    if (room <= sizeof room || room > 4096) return false;
    size_t count = room < from_size ? room : from_size;
    memcpy((char *)to + sizeof room, (const char *)from + sizeof room, count - sizeof room);
    return true;
}

#endif
