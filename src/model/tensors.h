/* A file of named tensors: the one reader and writer of all that nudge keeps. Model, journal and checkpoint are lists of
 * such tensors behind a header (header.h), one after the other without gaps, numbers little-endian: a strict kind of
 * safetensors. They go to a file or to memory, and come from there. docs/model-file.md describes them for users.
 * Numbers pass through in portions, so that neither saving nor loading nor a digest needs a second copy. */
#ifndef NUDGE_MODEL_TENSORS_H
#define NUDGE_MODEL_TENSORS_H

#include "model/header.h"
#include "model/header_net.h"

/* One tensor, and where its numbers are: one after the other at `numbers`; or, where `net` is set, in a block like the
 * net's parameters, those of the net's tensors first .. end-1, each in canonical order. */
struct file_tensor {
    char name[48];
    const char *dtype; /* "F32", "F64" or "I64" */
    size_t dimensions;
    uint64_t shape[3];
    void *numbers;
    const nudge_net *net;
    size_t first, end;
};

/* A list of them: tensor i = 0, 1, ..; false after the last. */
struct tensors {
    bool (*at)(const void *of, size_t i, struct file_tensor *tensor);
    const void *of;
};

/* The net's own tensors; `block` is its parameters. */
struct tensors tensors_of_net(const nudge_net *net);
/* All numbers of a block like its parameters as one vector. */
struct file_tensor tensor_of_block(const nudge_net *net, const char *name, float *block);

/* -- saving -- */

/* A file of this path; or, where that is NULL, `room` bytes of memory, of which `size` are needed and, where there are so
 * many, written. */
struct tensors_target {
    const char *path;
    void *memory;
    size_t room, size;
    nudge_file *
        *grows; /* NULL, or of a path: set to the file, which stays open, and says that blocks may follow */
};

/* `metadata` makes what the header says beside tensors and file_digest, NULL: no memory; it is called between
 * json_memory_begin and _end. Sentences name the file. */
nudge_status tensors_save(nudge_context *context, const struct tensors *tensors,
                          json_t *metadata(const void *of), struct tensors_target *target,
                          nudge_error *error);

/* -- loading: open, then what the kind checks of the header, expect, make what the tensors are read into, read, close -- */

struct tensors_file {
    struct file_reader reader;
    struct header header;
    struct header_net parse;
    bool named; /* the sentence of what failed names the file */
};

/* Opens the file, or `size` bytes of memory where path is NULL, verifies its digest before anything in it is believed, and
 * reads what its header says of the net. To be closed also when it fails. Only a journal may be a file that grows. */
nudge_status tensors_open(struct tensors_file *file, const char *path, const void *memory, size_t size,
                          const char *format, nudge_context *context, nudge_error *error);
/* Whether there are so many tensors of so many bytes: before any memory is taken for them. */
nudge_status tensors_expect(const struct tensors_file *file, size_t count, uint64_t bytes);
/* Checks every tensor's name, type, shape and place, and reads its numbers, whatever they are. */
nudge_status tensors_read(struct tensors_file *file, const struct tensors *tensors);
/* Returns the status that is to be told; sentences name the file from here on. */
nudge_status tensors_close(struct tensors_file *file, nudge_status status);

/* -- a file that grows: blocks behind its tensors, each the numbers of a list of tensors, then their SHA-256 -- */

enum { TENSORS_DIGEST = SHA256_DIGEST_SIZE };

/* Behind what is written, and on the disk when it returns; else file_take_back cuts it off. */
nudge_status tensors_append(nudge_file *file, const struct tensors *tensors, nudge_error *error);
/* Whether the `bytes` bytes from `position` on, digest included, are what was written. */
nudge_status tensors_check_block(struct tensors_file *file, uint64_t position, uint64_t bytes, bool *whole);
/* Reads a block that was checked. */
nudge_status tensors_read_block(struct tensors_file *file, uint64_t position, const struct tensors *tensors);

/* -- digests -- */

/* Takes in the numbers of all of them. */
void tensors_hash(const struct tensors *tensors, struct sha256_ctx *hash);

#endif
