/* Loading a net. Invariant: what is loaded is, to the bit, what was saved: the digest of the whole file is
 * verified before anything in it is believed, and the parameters' own digest after they were read. */
#include "base/file.h"
#include "base/status.h"
#include "model/header.h"
#include "model/parameters.h"

#include <string.h>

static nudge_status read_parameters(struct file_reader *file, nudge_net *net, nudge_error *error) {
    unsigned char bytes[PARAMETERS_PORTION * PARAMETER_SIZE];
    struct parameters_place place = PARAMETERS_START;
    size_t count;
    while ((count = parameters_portion(net, &place)) > 0) {
        size_t got;
        nudge_status status = file_reader_read(file, bytes, count * PARAMETER_SIZE, &got, error);
        if (status) return status;
        if (got < count * PARAMETER_SIZE)
            return error_set(error, NUDGE_BAD_INPUT, "%s: ended at byte %llu while it was read",
                             shown(file->path).text, (unsigned long long)file->position);
        parameters_put(net, &place, bytes);
    }
    return NUDGE_OK;
}

static nudge_status fill_net(struct file_reader *file, nudge_net *net, const char *parameters_digest,
                             nudge_error *error) {
    char found[DIGEST_DIGITS + 1];
    nudge_status status = read_parameters(file, net, error);
    if (status) return status;
    nudge_net_digest(net, found);
    if (strcmp(found, parameters_digest))
        return error_set(
            error, NUDGE_BAD_INPUT,
            "%s: the SHA-256 of its parameters begins with %.16s, its parameters_digest with %.16s",
            shown(file->path).text, found, shown(parameters_digest).text);
    status = parameters_check(net, NUDGE_BAD_INPUT, error);
    return status ? error_in_file(error, status, file->path) : NUDGE_OK;
}

static nudge_status load(struct file_reader *file, struct header *header, nudge_context *context,
                         nudge_net **net, nudge_error *error) {
    nudge_status status = header_check_digest(header, file, error);
    if (status) return status;
    char parameters_digest[DIGEST_DIGITS + 1];
    nudge_net *made = NULL;
    status = header_parse(header, context, file->size - header->size, &made, parameters_digest, error);
    if (status) return error_in_file(error, status, file->path);
    status = header_seek_tensors(header, file, error);
    if (!status) status = fill_net(file, made, parameters_digest, error);
    if (status) {
        nudge_net_free(made);
        return status;
    }
    *net = made;
    return NUDGE_OK;
}

nudge_status nudge_net_load(nudge_context *context, const char *path, nudge_net **net, nudge_error *error) {
    if (missing(error, context, path, net)) return NUDGE_BAD_ARGUMENT;
    struct file_reader file;
    struct header header = {0};
    nudge_status status = file_reader_open(&file, path, error);
    if (status) return status;
    status = header_read(&header, &file, &context->allocator, error);
    if (!status) status = load(&file, &header, context, net, error);
    header_release(&header, &context->allocator);
    file_reader_close(&file);
    return status;
}
