/* What a file is that is not what it should be, told by its first bytes: people save a web page under a data set's name,
 * or have a pointer file where a large-file store keeps the data. */
#ifndef NUDGE_READ_KIND_H
#define NUDGE_READ_KIND_H

#include <stddef.h>

/* "looks like a web page, not data: fetch it again", to stand behind the file's name; NULL: no kind that is known here. */
const char *file_kind(const unsigned char *bytes, size_t count);

#endif
