/* See header.h: what writing and reading share. */
#define _GNU_SOURCE /* stpcpy */
#include "model/header.h"

#include "base/text.h"

#include <string.h>

void header_release(struct header *header, const nudge_allocator *allocator) {
    memory_release(allocator, header->bytes, header->size);
    *header = (struct header){0};
}

/* A file_digest's, or the size's of grows_after. */
static bool is_digits(const unsigned char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!(bytes[i] >= '0' && bytes[i] <= '9') && !(bytes[i] >= 'a' && bytes[i] <= 'f')) return false;
    return true;
}

/* The `count` digits that follow the only occurrence of `key`; NULL: there are none, or several. */
/* Behind the key, "file_digest":" say, in the bytes as they stand: the digest is that of the file with zeros there, so its
 * place must be known to the byte. NULL: nowhere, or at several places. */
static unsigned char *find_digits(const struct header *header, const char *key, size_t count) {
    size_t length = strlen(key), found = 0;
    unsigned char *digits = NULL;
    for (size_t i = HEADER_LENGTH_SIZE; i + length + count < header->size; i++) {
        unsigned char *here = header->bytes + i + length;
        if (header->bytes[i] != '"' || memcmp(header->bytes + i, key, length)) continue;
        found++;
        if (is_digits(here, count) && here[count] == '"') digits = here;
    }
    return found == 1 ? digits : NULL;
}

void header_find_digits(struct header *header) {
    header->digest = find_digits(header, "\"file_digest\":\"", DIGEST_DIGITS);
    header->grows = find_digits(header, "\"grows_after\":\"", strlen(HEADER_NO_SIZE));
}

uint64_t header_end(const struct header *header) {
    char digits[sizeof HEADER_NO_SIZE] = {0};
    uint64_t end = 0;
    if (!header->grows) return UINT64_MAX;
    memcpy(digits, header->grows, sizeof digits - 1);
    const char *after = text_parse_count(digits, INT64_MAX, &end);
    return after && !*after && end > header->size ? end : header->size;
}

struct tensor_name tensor_name(const struct net_tensor *tensor) {
    struct tensor_name name;
    char *to = stpcpy(stpcpy(name.text, "layers."), text_number((double)tensor->layer, 17).text);
    stpcpy(stpcpy(to, "."), tensor->is->name);
    return name;
}
