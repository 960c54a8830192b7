/* Saving a net, into a file or into memory. Invariant: the same net gives the same bytes, whatever machine, time or number
 * of threads; so files can be compared with cmp, and a digest names a network. */
#include "base/status.h"
#include "model/tensors.h"

static json_t *metadata_of(const void *net) {
    return header_metadata(net, HEADER_FORMAT);
}

static nudge_status save(const nudge_net *net, struct tensors_target *target, nudge_error *error) {
    struct tensors tensors = tensors_of_net(net);
    nudge_status status = header_check_net(net, error);
    if (status) return target->path ? error_in_file(error, status, target->path) : status;
    return tensors_save(net->context, &tensors, metadata_of, target, error);
}

nudge_status nudge_net_save(const nudge_net *net, const char *path, nudge_error *error) {
    if (missing(error, net, path)) return NUDGE_BAD_ARGUMENT;
    return save(net, &(struct tensors_target){.path = path}, error);
}

nudge_status nudge_net_save_memory(const nudge_net *net, void *memory, size_t room, size_t *size,
                                   nudge_error *error) {
    if (missing(error, net, size)) return NUDGE_BAD_ARGUMENT;
    struct tensors_target target = {.memory = memory, .room = room};
    nudge_status status = save(net, &target, error);
    if (status) return status;
    *size = target.size;
    if (!memory || target.size <= room) return NUDGE_OK;
    return error_set(error, NUDGE_BAD_ARGUMENT, "room for %zu bytes, but the network takes %zu", room,
                     target.size);
}
