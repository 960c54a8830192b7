/* The header that is read. Invariant: nothing that it says is believed before it was checked: sizes against
 * the file, shapes against the network's text, and only then is the net made. */
#include "base/status.h"
#include "model/header.h"

#include <string.h>

/* -- the bytes -- */

static uint64_t little_endian(const unsigned char *bytes) {
    uint64_t value = 0;
    for (size_t i = HEADER_LENGTH_SIZE; i-- > 0;) value = value << 8 | bytes[i];
    return value;
}

static nudge_status check_length(const struct file_reader *file, uint64_t length, nudge_error *error) {
    if (length < 2 || length > HEADER_MOST)
        return error_set(
            error, NUDGE_BAD_INPUT,
            "%s: not a model file: its first 8 bytes announce a header of %llu bytes, expected 2 to %d",
            shown(file->path).text, (unsigned long long)length, HEADER_MOST);
    if (length > file->size - HEADER_LENGTH_SIZE)
        return error_set(
            error, NUDGE_BAD_INPUT,
            "%s: has %llu bytes, but its first 8 announce a header of %llu: it is cut short, or not a "
            "model file",
            shown(file->path).text, (unsigned long long)file->size, (unsigned long long)length);
    return NUDGE_OK;
}

static nudge_status read_exactly(struct file_reader *file, void *bytes, size_t count, nudge_error *error) {
    size_t got;
    nudge_status status = file_reader_read(file, bytes, count, &got, error);
    if (!status && got < count)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: ends at byte %llu within its header, expected a model file",
                         shown(file->path).text, (unsigned long long)file->position);
    return status;
}

/* What torch.save writes: a zip archive whose first member is called NAME/data.pkl; or, before PyTorch 1.6, a pickle, as which
 * protocol 2 begins. Neither can be read without running what it says. */
static bool is_pickle(const struct file_reader *file, const unsigned char *start) {
    enum { LOOK = 256, NAME = 30 }; /* where a member's name begins */
    static const char member[] = "data.pkl";
    unsigned char bytes[LOOK];
    size_t got;
    if (start[0] == 0x80 && start[1] >= 2 && start[1] <= 5) return true;
    if (memcmp(start, "PK\3\4", 4) || file_reader_read_at(file, 0, bytes, sizeof bytes, &got, NULL))
        return false;
    for (size_t i = NAME; i + sizeof member - 1 <= got; i++)
        if (memcmp(bytes + i, member, sizeof member - 1) == 0) return true;
    return false;
}

static nudge_status refuse_pickle(const char *path, nudge_error *error) {
    struct shown_text name = shown(path), stem = name;
    char *dot = strrchr(stem.text, '.');
    if (dot && !strchr(dot, '/')) *dot = 0;
    return error_set(error, NUDGE_BAD_INPUT,
                     "%s: is a file of PyTorch's torch.save, expected safetensors, which Python makes of it: "
                     "import torch, safetensors.torch as s; s.save_file(torch.load(\"%s\", "
                     "map_location=\"cpu\", weights_only=True), \"%s.safetensors\")",
                     name.text, name.text, stem.text);
}

nudge_status header_read(struct header *header, struct file_reader *file, const nudge_allocator *allocator,
                         nudge_error *error) {
    unsigned char start[HEADER_LENGTH_SIZE];
    nudge_status status = read_exactly(file, start, sizeof start, error);
    if (!status && little_endian(start) > HEADER_MOST && is_pickle(file, start))
        return refuse_pickle(file->path, error);
    if (!status) status = check_length(file, little_endian(start), error);
    if (status) return status;
    size_t size = HEADER_LENGTH_SIZE + (size_t)little_endian(start);
    struct header made = {.bytes = memory_get(allocator, size), .size = size};
    if (!made.bytes) return error_no_memory(error, size, "the model file's header");
    memcpy(made.bytes, start, sizeof start);
    status = read_exactly(file, made.bytes + sizeof start, size - sizeof start, error);
    if (status) {
        header_release(&made, allocator);
        return status;
    }
    header_find_digits(&made);
    *header = made;
    return NUDGE_OK;
}

/* -- what a header has in it -- */

static bool find_text(struct file_reader *file, uint64_t left, const char *text) {
    unsigned char bytes[4096];
    size_t length = strlen(text), kept = 0, got = 0;
    for (; left > 0; left -= got) {
        size_t wanted = sizeof bytes - kept < left ? sizeof bytes - kept : (size_t)left;
        if (file_reader_read(file, bytes + kept, wanted, &got, NULL) || got == 0) return false;
        for (size_t i = 0; i + length <= kept + got; i++)
            if (memcmp(bytes + i, text, length) == 0) return true;
        size_t rest = kept + got < length - 1 ? kept + got : length - 1; /* may be the beginning of it */
        memmove(bytes, bytes + kept + got - rest, rest);
        kept = rest;
    }
    return false;
}

bool header_has(struct file_reader *file, const char *text) {
    unsigned char start[HEADER_LENGTH_SIZE + 1];
    size_t got;
    if (file_reader_read_at(file, 0, start, sizeof start, &got, NULL) || got < sizeof start) return false;
    uint64_t length = little_endian(start);
    bool json = start[HEADER_LENGTH_SIZE] == '{' && length >= 2 && length <= HEADER_MOST &&
                length <= file->size - HEADER_LENGTH_SIZE;
    if (!json || !text) return json;
    return !file_reader_seek(file, HEADER_LENGTH_SIZE, NULL) && find_text(file, length, text);
}

/* -- the digest -- */

/* A file cannot contain the digest of itself: it was made while 64 zeros stood in its place, so they are put back first. */
nudge_status header_check_digest(struct header *header, struct file_reader *file, nudge_error *error) {
    unsigned char bytes[8192];
    char stated[DIGEST_DIGITS + 1] = {0}, found[DIGEST_DIGITS + 1];
    struct sha256_ctx hash;
    if (!header->digest) return NUDGE_OK;
    memcpy(stated, header->digest, DIGEST_DIGITS);
    memset(header->digest, '0', DIGEST_DIGITS);
    sha256_init(&hash);
    sha256_update(&hash, header->size, header->bytes);
    uint64_t left = header_end(header) - header->size;
    for (size_t wanted = sizeof bytes, got = wanted; got == wanted && left > 0; left -= got) {
        wanted = left < sizeof bytes ? (size_t)left : sizeof bytes;
        nudge_status status = file_reader_read(file, bytes, wanted, &got, error);
        if (status) return status;
        sha256_update(&hash, got, bytes);
    }
    digest_hex(&hash, found);
    if (strcmp(stated, found) == 0) return NUDGE_OK;
    return error_set(
        error, NUDGE_BAD_INPUT,
        "%s: is damaged, changed or cut short: the SHA-256 of its %llu bytes begins with %.16s, its "
        "file_digest with %.16s",
        shown(file->path).text, (unsigned long long)file->position, found, stated);
}

nudge_status header_seek_tensors(const struct header *header, struct file_reader *file, nudge_error *error) {
    if (header->digest) return file_reader_seek(file, header->size, error);
    return error_set(error, NUDGE_BAD_INPUT, "%s: its file_digest is not 64 hexadecimal digits",
                     shown(file->path).text);
}
