/* A text table's bytes in memory as a source of bytes (table/csv_table.h): in a block of exactly their size, and handed on
 * in small pieces, so that a reader that looks behind them is found. */
#ifndef NUDGE_TESTS_SUPPORT_BYTES_H
#define NUDGE_TESTS_SUPPORT_BYTES_H

#include "table/csv_table.h"

#include <stdlib.h>
#include <string.h>

struct bytes_source {
    struct byte_source source;
    unsigned char *bytes;
    size_t size, at;
};

static nudge_status bytes_read(struct byte_source *base, void *bytes, size_t count, size_t *got,
                               nudge_error *error) {
    struct bytes_source *source = (struct bytes_source *)base;
    (void)error;
    *got = source->size - source->at < count ? source->size - source->at : count;
    if (*got) memcpy(bytes, source->bytes + source->at, *got);
    source->at += *got;
    return NUDGE_OK;
}

static nudge_status bytes_rewind(struct byte_source *base, nudge_error *error) {
    (void)error;
    ((struct bytes_source *)base)->at = 0;
    return NUDGE_OK;
}

static void bytes_close(struct byte_source *base) {
    free(((struct bytes_source *)base)->bytes);
    free(base);
}

static struct byte_source *bytes_source(const void *bytes, size_t size) {
    struct bytes_source *source = malloc(sizeof *source);
    source->source = (struct byte_source){bytes_read, bytes_rewind, NULL, bytes_close};
    source->bytes = malloc(size ? size : 1);
    if (size) memcpy(source->bytes, bytes, size);
    source->size = size;
    source->at = 0;
    return &source->source;
}

#endif
