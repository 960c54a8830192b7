/* A file as a source of text, plain or .gz; or a pipe ("/dev/stdin"), whose bytes stay in memory, so that it can be read
 * again. */
#ifndef NUDGE_READ_TEXT_FILE_H
#define NUDGE_READ_TEXT_FILE_H

#include "table/text_source.h"

/* A file is opened again by each rewind. A pipe is read to its end here.
 * Errors: NUDGE_BAD_INPUT where there is nothing to read, or gzip data come through a pipe; NUDGE_IO, NUDGE_NO_MEMORY. */
nudge_status text_file_open(const nudge_allocator *allocator, const char *path, struct text_source **source,
                            nudge_error *error);

#endif
