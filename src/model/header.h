/* The beginning of a model file: 8 bytes that give the header's length N, then N bytes of JSON, padded with
 * spaces so that the tensors begin at a multiple of HEADER_ALIGNMENT. docs/model-file.md describes it for
 * users. */
#ifndef NUDGE_MODEL_HEADER_H
#define NUDGE_MODEL_HEADER_H

#include "base/file.h"
#include "model/digest.h"
#include "net/net.h"

enum {
    HEADER_LENGTH_SIZE = 8,
    HEADER_ALIGNMENT = 64,
    HEADER_MOST = 16 * 1024 * 1024, /* bytes of JSON */
    HEADER_MOST_NOTES = 1000,
    HEADER_MOST_MARKS = 65536, /* { [ , : outside of texts: a layer has 23, and there are 1000 at most */
};

#define HEADER_FORMAT "nudge"
#define HEADER_FORMAT_JOURNAL "nudge-journal"
#define HEADER_FORMAT_CHECKPOINT "nudge-checkpoint"
#define HEADER_FORMAT_TRAINER "nudge-trainer"
#define HEADER_FORMAT_VERSION "1"
#define HEADER_COST "cost"
#define HEADER_COST_DELTA "cost_delta"
#define HEADER_NOTE "note." /* in front of a note's key */

/* The bytes from the file's beginning to its first tensor. */
struct header {
    unsigned char *bytes;
    size_t size;
    unsigned char
        *digest; /* where in `bytes` the digits of file_digest stand; NULL: nowhere, or at several places */
    unsigned char *grows; /* the same of grows_after, of a file that grows; NULL: the file is whole */
};

void header_release(struct header *header, const nudge_allocator *allocator);

/* Finds header->digest and grows. Inside a JSON text the quotes around the name would be escaped: what is found is a key. */
void header_find_digits(struct header *header);
/* Where the part ends whose digest file_digest is: the file's end, UINT64_MAX; of one that grows, what grows_after says. */
uint64_t header_end(const struct header *header);

/* "layers.3.weight", "layers.3.batch_norm.scale". */
struct tensor_name {
    char text[48];
};
struct tensor_name tensor_name(const struct net_tensor *tensor);

/* For who writes a file about a net: the net must be one that a file can hold; then its metadata, to which the kind's own
 * may be added, without the file_digest, which is the last; and the bytes. Where there is no memory the results are NULL or
 * false. */
nudge_status header_check_net(const nudge_net *net, nudge_error *error);
/* Refuses numbers that are not finite, with `code` and a sentence that names layer, tensor and place. */
nudge_status parameters_check(const nudge_net *net, nudge_status code, nudge_error *error);
struct json_t *header_metadata(const nudge_net *net, const char *format);
bool header_put_text(struct json_t *object, const char *key, const char *text);
bool header_put_count(struct json_t *object, const char *key, uint64_t count);
nudge_status header_print(struct header *header, const struct json_t *root, const nudge_allocator *allocator,
                          nudge_error *error);
#define HEADER_NO_SIZE "00000000000000000000"
#define HEADER_NO_DIGEST "0000000000000000000000000000000000000000000000000000000000000000"

/* Reads the header from the file's beginning, under limits. The JSON is not looked at. */
nudge_status header_read(struct header *header, struct file_reader *file, const nudge_allocator *allocator,
                         nudge_error *error);

/* Whether the file begins with a header of JSON, as long as it says, and this text stands in it (NULL: whatever does). Through
 * a small buffer: a question that cannot be answered for want of memory would be answered with no. */
bool header_has(struct file_reader *file, const char *text);

/* After header_read: compares file_digest with the digest of the whole file, or its part up to header_end. Without a
 * file_digest it is content: the parse finds what else is wrong. */
nudge_status header_check_digest(struct header *header, struct file_reader *file, nudge_error *error);
/* Back to where the tensors begin; but not without a file_digest. */
nudge_status header_seek_tensors(const struct header *header, struct file_reader *file, nudge_error *error);

#endif
