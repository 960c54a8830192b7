/* Saving a net. The file is walked through twice: once for its digest, which stands in its header, once to
 * write it. */
#include "base/file.h"
#include "base/status.h"
#include "model/header.h"
#include "model/parameters.h"

#include <string.h>

/* file_digest: the whole file's digest, computed while its own digits are zeros. */
static void set_digest(struct header *header, const nudge_net *net) {
    char hex[DIGEST_DIGITS + 1];
    struct sha256_ctx hash;
    sha256_init(&hash);
    sha256_update(&hash, header->size, header->bytes);
    digest_parameters(&hash, net);
    digest_hex(&hash, hex);
    memcpy(header->digest, hex, DIGEST_DIGITS);
}

static nudge_status write_all(nudge_file *writer, const struct header *header, const nudge_net *net,
                              nudge_error *error) {
    unsigned char bytes[PARAMETERS_PORTION * PARAMETER_SIZE];
    struct parameters_place place = PARAMETERS_START;
    size_t count;
    nudge_status status = nudge_file_write(writer, header->bytes, header->size, error);
    while (!status && (count = parameters_get(net, &place, bytes)) > 0)
        status = nudge_file_write(writer, bytes, count * PARAMETER_SIZE, error);
    return status;
}

nudge_status nudge_net_save(const nudge_net *net, const char *path, nudge_error *error) {
    if (missing(error, net, path)) return NUDGE_BAD_ARGUMENT;
    const nudge_allocator *allocator = &net->context->allocator;
    struct header header;
    nudge_status status = header_make(&header, net, error);
    if (status) return error_in_file(error, status, path);
    set_digest(&header, net);
    nudge_file *writer;
    status = nudge_file_create(net->context, path, &writer, error);
    if (!status) {
        status = write_all(writer, &header, net, error);
        if (status)
            nudge_file_abandon(writer);
        else
            status = nudge_file_commit(writer, error);
    }
    header_release(&header, allocator);
    return status;
}
