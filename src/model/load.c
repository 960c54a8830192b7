/* Loading a net, from a file or from memory. Invariant: what is loaded is, to the bit, what was saved: the digest of the
 * whole file is verified before anything in it is believed. */
#include "base/status.h"
#include "model/tensors.h"

#include <string.h>

/* Older files have a digest of the parameters alone, too. */
static nudge_status check_parameters_digest(const struct tensors_file *file, const nudge_net *net) {
    char found[DIGEST_DIGITS + 1];
    const json_t *stated = json_object_get(file->parse.metadata, "parameters_digest");
    if (!stated) return NUDGE_OK;
    const char *text = header_net_text(&file->parse, "parameters_digest");
    nudge_net_digest(net, found);
    if (text && strcmp(found, text) == 0) return NUDGE_OK;
    return error_set(file->parse.error, NUDGE_BAD_INPUT,
                     "the SHA-256 of its parameters begins with %.16s, its parameters_digest with %.16s",
                     found, shown(text ? text : "no text").text);
}

static nudge_status read_net(struct tensors_file *file, nudge_net **net) {
    size_t tensors;
    uint64_t parameters, state;
    header_net_count(&file->parse, &tensors, &parameters, &state);
    nudge_status status = tensors_expect(file, tensors, (parameters + state) * sizeof(float));
    if (!status) status = header_net_make(&file->parse, net);
    if (status) return status;
    struct tensors list = tensors_of_net(*net);
    status = tensors_read(file, &list);
    if (!status) status = check_parameters_digest(file, *net);
    return status ? status : parameters_check(*net, NUDGE_BAD_INPUT, file->parse.error);
}

static nudge_status load(nudge_context *context, const char *path, const void *memory, size_t size,
                         nudge_net **net, nudge_error *error) {
    struct tensors_file file;
    nudge_net *made = NULL;
    nudge_status status = tensors_open(&file, path, memory, size, HEADER_FORMAT, context, error);
    if (!status) status = read_net(&file, &made);
    status = tensors_close(&file, status);
    if (status)
        nudge_net_free(made);
    else
        *net = made;
    return status;
}

nudge_status nudge_net_load(nudge_context *context, const char *path, nudge_net **net, nudge_error *error) {
    if (missing(error, context, path, net)) return NUDGE_BAD_ARGUMENT;
    return load(context, path, NULL, 0, net, error);
}

nudge_status nudge_net_load_memory(nudge_context *context, const void *memory, size_t size, nudge_net **net,
                                   nudge_error *error) {
    if (missing(error, context, memory, net)) return NUDGE_BAD_ARGUMENT;
    return load(context, NULL, memory, size, net, error);
}
